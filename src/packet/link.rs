//! Layer 2: Ethernet II, IEEE 802.3 with LLC and SNAP, VLAN tags, and the link headers that captures replace it by.
//!
//! Link-layer header types as <https://www.tcpdump.org/linktypes.html> describes them.

use crate::model::{LinkType, Mac, Scope};
use crate::packet::{
    ETHER_IPV4, ETHER_IPV6, ETHER_LENGTH_MAX, ETHER_MPLS, ETHER_OLD_SERVICE_VLAN,
    ETHER_SERVICE_VLAN, ETHER_VLAN, Next, Packet, offset,
};
use crate::wire::{Malformed, Reader};

/// Reads the first header of a frame.
pub(super) fn open(
    link: LinkType,
    r: &mut Reader<'_>,
    packet: &mut Packet<'_>,
) -> Result<Next, Malformed> {
    match link {
        LinkType::ETHERNET => Ok(Next::Ethernet),
        LinkType::RAW
        | LinkType::RAW_BSD
        | LinkType::RAW_OPENBSD
        | LinkType::IPV4
        | LinkType::IPV6 => Ok(Next::Ip),
        LinkType::NULL | LinkType::LOOP => loopback(r),
        LinkType::LINUX_SLL => cooked(r, packet),
        LinkType::LINUX_SLL2 => cooked_v2(r, packet),
        LinkType::PPP | PPP_HDLC => ppp(r),
        LinkType::C_HDLC => cisco_hdlc(r),
        LinkType(_) => Err(r.impossible("link-layer type")),
    }
}

/// Tags before it, if there are any, are those of a network that carries whole frames for another.
///
/// ```text
/// | destination 6 | source 6 | type or length 2 |
/// ```
pub(super) fn ethernet(r: &mut Reader<'_>, packet: &mut Packet<'_>) -> Result<Next, Malformed> {
    packet.scope = Scope::default();
    packet.destination = Some(Mac(r.array("destination address")?));
    packet.source_at = offset(r.at());
    packet.source = Some(Mac(r.array("source address")?));
    r.u16_be("Ethernet type").map(Next::Ether)
}

/// An Ethernet header whose VLAN is told beside it; a tag of the frame itself knows better.
pub(super) fn mirrored(
    vlan: u16,
    r: &mut Reader<'_>,
    packet: &mut Packet<'_>,
) -> Result<Next, Malformed> {
    let next = ethernet(r, packet)?;
    let tag = match (next, r.peek()) {
        (
            Next::Ether(ETHER_VLAN | ETHER_SERVICE_VLAN | ETHER_OLD_SERVICE_VLAN),
            [high, low, ..],
        ) => u16::from_be_bytes([*high, *low]) & VLAN_IDENTIFIER_MASK,
        _ => 0,
    };
    if tag == 0 {
        packet.scope.vlan = vlan;
    }
    Ok(next)
}

/// One tag of a stack of any depth. The outermost identifier is the service VLAN when there are several, the
/// innermost the customer's; identifier 0 is a priority tag and names no VLAN.
pub(super) fn vlan(r: &mut Reader<'_>, packet: &mut Packet<'_>) -> Result<Next, Malformed> {
    let tag = r.u16_be("VLAN tag control information")?;
    let identifier = tag & VLAN_IDENTIFIER_MASK;
    if identifier != 0 {
        if packet.scope.outer_vlan == 0 {
            packet.scope.outer_vlan = packet.scope.vlan;
        }
        packet.scope.vlan = identifier;
    }
    r.u16_be("Ethernet type behind a VLAN tag").map(Next::Ether)
}

/// IEEE 802.2 behind a length (IEEE 802.3-2022 §3.2.6), which ends the frame: what follows is padding.
pub(super) fn llc_of_length(length: u16, r: &mut Reader<'_>) -> Result<Next, Malformed> {
    let length = usize::from(length).min(r.left());
    *r = r.sub("LLC frame", length)?;
    llc(r)
}

/// IEEE 802.2, and SNAP (IEEE 802-2014 §9) behind it.
///
/// ```text
/// | DSAP 1 | SSAP 1 | control 1 or 2 |          LLC
/// | AA | AA | 03 | OUI 3 | protocol 2 |        SNAP
/// ```
pub(super) fn llc(r: &mut Reader<'_>) -> Result<Next, Malformed> {
    let dsap = r.u8("DSAP")?;
    let _ssap = r.u8("SSAP")?;
    let control = r.u8("LLC control")?;
    if control & LLC_UNNUMBERED != LLC_UNNUMBERED {
        r.skip("LLC control", 1)?;
    }
    match dsap {
        SAP_SNAP => {
            let organisation = r.array::<3>("SNAP organisation")?;
            let protocol = r.u16_be("SNAP protocol")?;
            match organisation {
                // RFC 1042, and bridge-tunnel encapsulation (IEEE 802.1H): the protocol is an Ethernet type.
                [0, 0, 0] | [0, 0, 0xf8] if protocol > ETHER_LENGTH_MAX => {
                    Ok(Next::Ether(protocol))
                }
                // Numbers of Cisco's own (CDP is 0x2000), none of which is an Ethernet type in use.
                [0, 0, 0x0c] => Ok(Next::Other(protocol)),
                _ => Ok(Next::Other(u16::from(SAP_SNAP))),
            }
        }
        SAP_IP => Ok(Next::Ip),
        _ => Ok(Next::Other(u16::from(dsap))),
    }
}

/// The protocol number of PPP (RFC 1661 §2), one byte when its lowest bit is set.
pub(super) fn ppp_protocol(r: &mut Reader<'_>) -> Result<Next, Malformed> {
    let first = r.u8("PPP protocol")?;
    let protocol = match first & 1 {
        1 => u16::from(first),
        _ => u16::from_be_bytes([first, r.u8("PPP protocol")?]),
    };
    Ok(match protocol {
        PPP_IPV4 => Next::Ether(ETHER_IPV4),
        PPP_IPV6 => Next::Ether(ETHER_IPV6),
        PPP_MPLS => Next::Ether(ETHER_MPLS),
        // Link control and the like: nothing that names a device.
        _ => Next::Other(0),
    })
}

/// Captures of serial lines say PPP for Cisco HDLC too; its address byte is 0F or 8F.
pub(super) fn ppp(r: &mut Reader<'_>) -> Result<Next, Malformed> {
    match r.peek() {
        [0xff, 0x03, ..] => {
            r.skip("PPP address and control", 2)?;
            ppp_protocol(r)
        }
        [0x0f | 0x8f, 0x00, ..] => cisco_hdlc(r),
        _ => ppp_protocol(r),
    }
}

/// ```text
/// | address 1 | control 1 | Ethernet type 2 |
/// ```
fn cisco_hdlc(r: &mut Reader<'_>) -> Result<Next, Malformed> {
    r.skip("Cisco HDLC address and control", 2)?;
    r.u16_be("Cisco HDLC protocol").map(Next::Ether)
}

/// The family is in the byte order of the machine that captured, which the capture does not tell.
fn loopback(r: &mut Reader<'_>) -> Result<Next, Malformed> {
    let family = r.u32_le("loopback protocol family")?;
    match family.min(family.swap_bytes()) {
        // AF_INET, and AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, Darwin.
        2 | 10 | 24 | 28 | 30 => Ok(Next::Ip),
        _ => Err(r.impossible("loopback protocol family")),
    }
}

/// ```text
/// | packet type 2 | ARPHRD 2 | address length 2 | address 8 | protocol 2 |
/// ```
fn cooked(r: &mut Reader<'_>, packet: &mut Packet<'_>) -> Result<Next, Malformed> {
    r.skip("cooked packet type", 2)?;
    let hardware = r.u16_be("cooked hardware type")?;
    let length = r.u16_be("cooked address length")?;
    cooked_address(length, r, packet)?;
    let protocol = r.u16_be("cooked protocol")?;
    cooked_protocol(hardware, protocol, r)
}

/// ```text
/// | protocol 2 | reserved 2 | interface 4 | ARPHRD 2 | packet type 1 | address length 1 | address 8 |
/// ```
fn cooked_v2(r: &mut Reader<'_>, packet: &mut Packet<'_>) -> Result<Next, Malformed> {
    let protocol = r.u16_be("cooked protocol")?;
    r.skip("cooked interface", 6)?;
    let hardware = r.u16_be("cooked hardware type")?;
    r.skip("cooked packet type", 1)?;
    let length = u16::from(r.u8("cooked address length")?);
    cooked_address(length, r, packet)?;
    cooked_protocol(hardware, protocol, r)
}

fn cooked_address(
    length: u16,
    r: &mut Reader<'_>,
    packet: &mut Packet<'_>,
) -> Result<(), Malformed> {
    let at = offset(r.at());
    let [a, b, c, d, e, f, _, _] = r.array("cooked address")?;
    if length == 6 {
        packet.source_at = at;
        packet.source = Some(Mac([a, b, c, d, e, f]));
    }
    Ok(())
}

/// Below 1,536 the protocol is a number of Linux's own; some hardware types use the field for other things.
fn cooked_protocol(hardware: u16, protocol: u16, r: &Reader<'_>) -> Result<Next, Malformed> {
    match (hardware, protocol) {
        (ARPHRD_NETLINK | ARPHRD_RADIOTAP | ARPHRD_FRAD, _) => Ok(Next::Other(0)),
        (_, COOKED_LLC) => {
            let left = u16::try_from(r.left()).unwrap_or(u16::MAX).min(ETHER_LENGTH_MAX);
            Ok(Next::Ether(left))
        }
        (_, protocol) if protocol > ETHER_LENGTH_MAX => Ok(Next::Ether(protocol)),
        _ => Ok(Next::Other(0)),
    }
}

/// PPP in HDLC-like framing (RFC 1662).
const PPP_HDLC: LinkType = LinkType(50);
const VLAN_IDENTIFIER_MASK: u16 = 0x0fff;
const LLC_UNNUMBERED: u8 = 0x03;
const SAP_IP: u8 = 0x06;
const SAP_SNAP: u8 = 0xaa;
const PPP_IPV4: u16 = 0x0021;
const PPP_IPV6: u16 = 0x0057;
const PPP_MPLS: u16 = 0x0281;
const COOKED_LLC: u16 = 0x0004;
const ARPHRD_FRAD: u16 = 770;
const ARPHRD_RADIOTAP: u16 = 803;
const ARPHRD_NETLINK: u16 = 824;
