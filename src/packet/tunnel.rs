//! Headers between layer 2 and IP that etherparse does not read: MPLS labels, PPPoE sessions, HSR tags.
//!
//! Specifications: RFC 3032 §2.1, RFC 4385 §3, RFC 2516 §4, IEC 62439-3:2016 §5.7.

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

const MPLS_BOTTOM_OF_STACK: u32 = 0x0000_0100;
