//! Headers between layer 2 and IP that etherparse does not read: MPLS labels, PPPoE sessions, HSR tags, provider
//! backbone bridges, MACsec without encryption, and the trailer that PRP puts behind everything.
//!
//! None of them ends the link: the addresses of the Ethernet header stay, as those of the host or of the last router.
//! Only an Ethernet header inside begins anew.
//!
//! Specifications: RFC 3032 §2.1, RFC 4385 §3, RFC 2516 §4, IEC 62439-3:2016 §4.1.7 and §5.7, IEEE 802.1Q-2022 §9.7,
//! IEEE 802.1AE-2018 §9.

use crate::packet::{Next, link};
use crate::wire::{Malformed, Reader};

/// A stack of labels. What lies under it is not named: the first nibble tells IP from a pseudowire, whose
/// control word starts with 0 and whose payload is taken for Ethernet.
///
/// ```text
/// | label 20 bits | class 3 | bottom of stack 1 | time to live 8 |  ...
/// ```
pub(super) fn mpls(r: &mut Reader<'_>) -> Result<Next, Malformed> {
    while r.u32_be("MPLS label")? & MPLS_BOTTOM_OF_STACK == 0 {}
    match r.peek().first().map(|first| first >> 4) {
        Some(4 | 6) => Ok(Next::Ip),
        Some(0) => {
            r.skip("pseudowire control word", 4)?;
            Ok(Next::Ethernet)
        }
        Some(_) => Ok(Next::Ethernet),
        None => Ok(Next::Other(0)),
    }
}

/// ```text
/// | version and type 1 | code 1 | session 2 | length 2 | PPP protocol 1 or 2 |
/// ```
pub(super) fn pppoe(r: &mut Reader<'_>) -> Result<Next, Malformed> {
    r.skip("PPPoE version, type and code", 2)?;
    r.skip("PPPoE session", 2)?;
    let length = usize::from(r.u16_be("PPPoE length")?).min(r.left());
    *r = r.sub("PPPoE payload", length)?;
    link::ppp_protocol(r)
}

/// ```text
/// | path 4 bits | size 12 bits | sequence 2 | type 2 |
/// ```
pub(super) fn hsr(r: &mut Reader<'_>) -> Result<Next, Malformed> {
    r.skip("HSR path and size", 2)?;
    r.skip("HSR sequence", 2)?;
    r.u16_be("Ethernet type behind an HSR tag").map(Next::Ether)
}

/// The customer's frame in a provider backbone bridge's ("MAC in MAC").
///
/// ```text
/// | priority, drop eligible, reserved 1 | service identifier 3 | customer's Ethernet header ...
/// ```
pub(super) fn backbone(r: &mut Reader<'_>) -> Result<Next, Malformed> {
    r.skip("backbone service instance tag", 4)?;
    Ok(Next::Ethernet)
}

/// MACsec that only protects integrity. What is encrypted is hidden, and counted as such.
///
/// ```text
/// | V ES SC SCB E C AN 1 | short length 1 | packet number 4 | channel 0 or 8 | type 2 | ... | check value 16 |
/// ```
pub(super) fn macsec(r: &mut Reader<'_>) -> Result<Next, Malformed> {
    let control = r.u8("MACsec control")?;
    if control & (MACSEC_ENCRYPTED | MACSEC_CHANGED) != 0 {
        return Err(r.impossible("MACsec confidentiality"));
    }
    let short = usize::from(r.u8("MACsec short length")? & MACSEC_SHORT_LENGTH_MASK);
    r.skip("MACsec packet number", 4)?;
    if control & MACSEC_CHANNEL != 0 {
        r.skip("MACsec secure channel identifier", 8)?;
    }
    let long = r.left().saturating_sub(MACSEC_CHECK_VALUE_BYTES);
    let length = if short > 0 { short.min(r.left()) } else { long };
    *r = r.sub("MACsec user data", length)?;
    r.u16_be("Ethernet type behind a MACsec tag").map(Next::Ether)
}

/// The bytes of a frame behind its Ethernet type without the redundancy control trailer that PRP puts at the end. The
/// trailer is believed when its size is that of what it ends. A tag before the type may or may not be counted.
///
/// ```text
/// ... padding | sequence 2 | LAN 4 bits | size 12 bits | 88 FB |
/// ```
pub(super) fn without_prp_trailer(body: &[u8]) -> &[u8] {
    let Some((rest, [_, _, lan_and_size, low, 0x88, 0xfb])) = body.split_last_chunk::<6>() else {
        return body;
    };
    let size = usize::from(u16::from_be_bytes([lan_and_size & 0x0f, *low]));
    let fits = size == body.len() || size == body.len().saturating_add(VLAN_TAG_BYTES);
    match lan_and_size >> 4 {
        PRP_LAN_A | PRP_LAN_B if fits => rest,
        _ => body,
    }
}

const MPLS_BOTTOM_OF_STACK: u32 = 0x0000_0100;
const MACSEC_CHANNEL: u8 = 0x20;
const MACSEC_ENCRYPTED: u8 = 0x08;
const MACSEC_CHANGED: u8 = 0x04;
const MACSEC_SHORT_LENGTH_MASK: u8 = 0x3f;
const MACSEC_CHECK_VALUE_BYTES: usize = 16;
const PRP_LAN_A: u8 = 0x0a;
const PRP_LAN_B: u8 = 0x0b;
const VLAN_TAG_BYTES: usize = 4;
