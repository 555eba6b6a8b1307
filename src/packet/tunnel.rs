//! What IP carries beside hosts' own conversations: other packets and frames, of tunnels, overlays and remote mirrors.
//!
//! A packet in a tunnel is read as if there were no tunnel. Only its innermost headers count: addresses, hop limit and
//! VLANs of the outer ones are the transport network's, and are dropped. A tunnel that carries no Ethernet header has no
//! MAC address either. Over UDP a tunnel is believed on its port only when what it holds looks right, too; else the
//! datagram stays one.
//!
//! Read: GRE (RFC 2784, RFC 2890, routing of RFC 1701), enhanced GRE of PPTP (RFC 2637 §4.1), GRE in UDP (RFC 8086),
//! NVGRE (RFC 7637), ERSPAN types I, II and III (draft-foschiano-erspan-03), IP in IP (RFC 2003, RFC 2473, RFC 4213),
//! EtherIP (RFC 3378), MPLS in IP (RFC 4023), VXLAN (RFC 7348, and its group policy and generic protocol extensions),
//! Geneve (RFC 8926), L2TP version 2 (RFC 2661 §3.1), WCCP (draft-mclaggan-wccp-v2rev1-00 §4.12), and frames of a radio
//! that Aruba's access points send over GRE. CAPWAP and TZSP are in `wireless`.
//!
//! Skipped: L2TP version 3, whose cookie no packet tells the length of; Teredo; GTP; everything encrypted.

use crate::packet::{
    ETHER_IPV4, ETHER_IPV6, ETHER_LENGTH_MAX, ETHER_MPLS, ETHER_MPLS_UPSTREAM, Next, link, wireless,
};
use crate::wire::{Malformed, Reader};

/// What an IP protocol carries; `None` when it is no tunnel.
pub(super) fn over_ip(protocol: u8, r: &mut Reader<'_>) -> Result<Option<Next>, Malformed> {
    match protocol {
        PROTOCOL_IPV4 | PROTOCOL_IPV6 if is_ip(r) => Ok(Some(Next::Ip)),
        PROTOCOL_GRE => gre(r),
        PROTOCOL_ETHERIP if r.peek().first() == Some(&ETHERIP_VERSION_3) => {
            r.skip("EtherIP header", 2)?;
            Ok(Some(Next::Ethernet))
        }
        PROTOCOL_MPLS => Ok(Some(Next::Ether(ETHER_MPLS))),
        _ => Ok(None),
    }
}

/// True for IP protocols that carry other packets.
pub(super) fn is_likely_over_ip(protocol: u8) -> bool {
    matches!(
        protocol,
        PROTOCOL_IPV4 | PROTOCOL_IPV6 | PROTOCOL_GRE | PROTOCOL_ETHERIP | PROTOCOL_MPLS
    )
}

/// True for ports that tunnels use; others may, too.
pub(super) fn is_likely_over_udp(source: u16, destination: u16) -> bool {
    source == PORT_CAPWAP_DATA
        || matches!(
            destination,
            PORT_VXLAN
                | PORT_VXLAN_LINUX
                | PORT_VXLAN_GPE
                | PORT_GENEVE
                | PORT_GRE
                | PORT_L2TP
                | PORT_TZSP
                | PORT_CAPWAP_DATA
        )
}

/// What a UDP datagram carries; `None` when it is no tunnel, or when what it holds does not look like what such a
/// tunnel carries.
pub(super) fn over_udp(
    source: u16,
    destination: u16,
    r: &mut Reader<'_>,
) -> Result<Option<Next>, Malformed> {
    let opened = match destination {
        PORT_VXLAN | PORT_VXLAN_LINUX => vxlan(r),
        PORT_VXLAN_GPE => vxlan_generic(r),
        PORT_GENEVE => geneve(r),
        PORT_GRE => gre(r),
        PORT_L2TP => l2tp(r),
        PORT_TZSP => wireless::tzsp(r),
        PORT_CAPWAP_DATA => return wireless::capwap(r),
        _ if source == PORT_CAPWAP_DATA => return wireless::capwap(r),
        _ => return Ok(None),
    };
    let next = opened.unwrap_or(None);
    let is_sound = match next {
        Some(Next::Ethernet | Next::Mirrored(_)) => is_ethernet(r),
        Some(Next::Ip) | Some(Next::Ether(ETHER_IPV4 | ETHER_IPV6)) => is_ip(r),
        Some(Next::Ppp) => is_ppp_with_ip(r),
        _ => true,
    };
    Ok(next.filter(|_| is_sound))
}

/// True when an Ethernet header can stand here: one station sent it, and IP follows where its type says so.
pub(super) fn is_ethernet(r: &Reader<'_>) -> bool {
    let [_, _, _, _, _, _, source, _, _, _, _, _, high, low, rest @ ..] = r.peek() else {
        return false;
    };
    let version = rest.first().map(|first| first >> 4);
    let fits = match u16::from_be_bytes([*high, *low]) {
        ETHER_IPV4 => version == Some(4),
        ETHER_IPV6 => version == Some(6),
        number => number <= ETHER_LENGTH_MAX || number >= ETHER_TYPE_MIN,
    };
    source & 0x01 == 0 && fits
}

fn is_ip(r: &Reader<'_>) -> bool {
    matches!(r.peek().first().map(|first| first >> 4), Some(4 | 6))
}

fn is_ppp_with_ip(r: &Reader<'_>) -> bool {
    let mut ahead = r.clone();
    matches!(link::ppp(&mut ahead), Ok(Next::Ether(ETHER_IPV4 | ETHER_IPV6))) && is_ip(&ahead)
}

/// ```text
/// | C R K S 4 bits, recursion, flags | version 3 bits | protocol 2 | [checksum, offset 4] [key 4] [sequence 4] [routing]
/// ```
fn gre(r: &mut Reader<'_>) -> Result<Option<Next>, Malformed> {
    let flags = r.u16_be("GRE flags and version")?;
    let protocol = r.u16_be("GRE protocol type")?;
    match flags & GRE_VERSION_MASK {
        0 => {}
        1 => return enhanced_gre(flags, protocol, r),
        _ => return Ok(None),
    }
    if flags & (GRE_CHECKSUM | GRE_ROUTING) != 0 {
        r.skip("GRE checksum and offset", 4)?;
    }
    if flags & GRE_KEY != 0 {
        r.skip("GRE key", 4)?;
    }
    if flags & GRE_SEQUENCE != 0 {
        r.skip("GRE sequence number", 4)?;
    }
    if flags & GRE_ROUTING != 0 {
        while r.u16_be("GRE routing family")? != 0 {
            r.skip("GRE routing offset", 1)?;
            let length = usize::from(r.u8("GRE routing length")?);
            r.skip("GRE routing information", length)?;
        }
        r.skip("GRE routing end", 2)?;
    }
    match protocol {
        ETHER_IPV4 | ETHER_IPV6 | ETHER_MPLS | ETHER_MPLS_UPSTREAM => {
            Ok(Some(Next::Ether(protocol)))
        }
        GRE_ETHERNET => Ok(Some(Next::Ethernet)),
        GRE_PPP => Ok(Some(Next::Ppp)),
        // Type I has no header of its own, and does not number its packets.
        GRE_ERSPAN if flags & GRE_SEQUENCE == 0 => Ok(Some(Next::Ethernet)),
        GRE_ERSPAN | GRE_ERSPAN_III => erspan(r),
        GRE_WCCP => {
            // Version 2 puts a header of its own in front, which no IPv4 header looks like.
            if r.peek().first().is_some_and(|first| first >> 4 != 4) {
                r.skip("GRE redirect header", 4)?;
            }
            Ok(Some(Next::Ip))
        }
        GRE_ARUBA_FIRST..=GRE_ARUBA_LAST if wireless::is_data_frame(r) => Ok(Some(Next::Wireless)),
        _ => Ok(None),
    }
}

/// PPTP's: the key is a length and a call, and there may be an acknowledgement.
fn enhanced_gre(flags: u16, protocol: u16, r: &mut Reader<'_>) -> Result<Option<Next>, Malformed> {
    if protocol != GRE_PPP || flags & GRE_KEY == 0 {
        return Ok(None);
    }
    let length = usize::from(r.u16_be("GRE payload length")?);
    r.skip("GRE call", 2)?;
    if flags & GRE_SEQUENCE != 0 {
        r.skip("GRE sequence number", 4)?;
    }
    if flags & GRE_ACKNOWLEDGEMENT != 0 {
        r.skip("GRE acknowledgement number", 4)?;
    }
    if length == 0 {
        return Ok(None);
    }
    *r = r.sub("GRE payload", length.min(r.left()))?;
    Ok(Some(Next::Ppp))
}

/// A mirrored frame. Where the switch took the tag off, its header names the VLAN.
///
/// ```text
/// II   | version 4 bits | VLAN 12 | class 3 | En 2 | T 1 | session 10 | reserved 12 | index 20 |
/// III  | version 4 bits | VLAN 12 | class 3 | BSO 2 | T 1 | session 10 | timestamp 4
///      | group 2 | P 1 | frame type 5 | hardware 6 | D 1 | granularity 2 | O 1 | [platform 8] |
/// ```
fn erspan(r: &mut Reader<'_>) -> Result<Option<Next>, Malformed> {
    let first = r.u16_be("ERSPAN version and VLAN")?;
    let second = r.u16_be("ERSPAN class, encapsulation and session")?;
    let vlan = first & ERSPAN_VLAN_MASK;
    let encapsulation = second >> ERSPAN_ENCAPSULATION_SHIFT & 0x03;
    match first >> ERSPAN_VERSION_SHIFT {
        1 => {
            r.skip("ERSPAN index", 4)?;
            // The field means nothing when the tag is still in the frame.
            let vlan = if encapsulation == ERSPAN_TAG_PRESERVED { 0 } else { vlan };
            Ok(Some(Next::Mirrored(vlan)))
        }
        2 => {
            r.skip("ERSPAN timestamp", 4)?;
            r.skip("ERSPAN security group", 2)?;
            let kind = r.u16_be("ERSPAN frame type and flags")?;
            if kind & ERSPAN_PLATFORM != 0 {
                r.skip("ERSPAN platform subheader", 8)?;
            }
            if encapsulation == ERSPAN_BAD_FRAME {
                return Err(r.impossible("ERSPAN frame of a bad checksum"));
            }
            match kind >> ERSPAN_FRAME_TYPE_SHIFT & 0x1f {
                0 => Ok(Some(Next::Mirrored(vlan))),
                2 => Ok(Some(Next::Ip)),
                _ => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

/// ```text
/// | flags 1: G...I... | policy flags 1 | group 2 | network identifier 3 | reserved 1 |
/// ```
fn vxlan(r: &mut Reader<'_>) -> Result<Option<Next>, Malformed> {
    let [flags, _, _, _, _, _, _, reserved] = r.array("VXLAN header")?;
    let is_one = flags & !VXLAN_GROUP == VXLAN_IDENTIFIER && reserved == 0;
    Ok(is_one.then_some(Next::Ethernet))
}

/// ```text
/// | flags 1: ..vvIPBO | reserved 2 | next protocol 1 | network identifier 3 | reserved 1 |
/// ```
fn vxlan_generic(r: &mut Reader<'_>) -> Result<Option<Next>, Malformed> {
    let [flags, _, _, protocol, _, _, _, _] = r.array("VXLAN generic header")?;
    if flags & VXLAN_IDENTIFIER == 0 || flags & VXLAN_MANAGEMENT != 0 {
        return Ok(None);
    }
    Ok(match (flags & VXLAN_NEXT_PROTOCOL, protocol) {
        (0, _) | (_, 3) => Some(Next::Ethernet),
        (_, 1 | 2) => Some(Next::Ip),
        (_, 5) => Some(Next::Ether(ETHER_MPLS)),
        _ => None,
    })
}

/// ```text
/// | version 2 bits, options length 6 | O C reserved 1 | protocol 2 | network identifier 3 | reserved 1 | options |
/// ```
fn geneve(r: &mut Reader<'_>) -> Result<Option<Next>, Malformed> {
    let [first, _, high, low, _, _, _, reserved] = r.array("Geneve header")?;
    if first & !GENEVE_OPTIONS_MASK != 0 || reserved != 0 {
        return Ok(None);
    }
    let words = usize::from(first & GENEVE_OPTIONS_MASK);
    r.skip("Geneve options", words.saturating_mul(4))?;
    Ok(match u16::from_be_bytes([high, low]) {
        GRE_ETHERNET => Some(Next::Ethernet),
        number @ (ETHER_IPV4 | ETHER_IPV6) => Some(Next::Ether(number)),
        _ => None,
    })
}

/// ```text
/// | T L S O P, version 2 | [length 2] | tunnel 2 | session 2 | [Ns, Nr 4] | [offset size 2, padding] | PPP
/// ```
fn l2tp(r: &mut Reader<'_>) -> Result<Option<Next>, Malformed> {
    let flags = r.u16_be("L2TP flags and version")?;
    if flags & L2TP_CONTROL != 0 || flags & L2TP_VERSION_MASK != 2 {
        return Ok(None);
    }
    if flags & L2TP_LENGTH != 0 {
        r.skip("L2TP length", 2)?;
    }
    r.skip("L2TP tunnel and session", 4)?;
    if flags & L2TP_SEQUENCE != 0 {
        r.skip("L2TP sequence numbers", 4)?;
    }
    if flags & L2TP_OFFSET != 0 {
        let size = usize::from(r.u16_be("L2TP offset size")?);
        r.skip("L2TP offset padding", size)?;
    }
    Ok(Some(Next::Ppp))
}

const PROTOCOL_IPV4: u8 = 4;
const PROTOCOL_IPV6: u8 = 41;
const PROTOCOL_GRE: u8 = 47;
const PROTOCOL_ETHERIP: u8 = 97;
const PROTOCOL_MPLS: u8 = 137;
const ETHERIP_VERSION_3: u8 = 0x30;
const PORT_L2TP: u16 = 1_701;
const PORT_GRE: u16 = 4_754;
const PORT_VXLAN: u16 = 4_789;
const PORT_VXLAN_GPE: u16 = 4_790;
const PORT_CAPWAP_DATA: u16 = 5_247;
const PORT_GENEVE: u16 = 6_081;
/// What Linux uses unless told otherwise, and Cisco's OTV with the same header.
const PORT_VXLAN_LINUX: u16 = 8_472;
const PORT_TZSP: u16 = 37_008;
const ETHER_TYPE_MIN: u16 = 0x0600;
const GRE_VERSION_MASK: u16 = 0x0007;
const GRE_ACKNOWLEDGEMENT: u16 = 0x0080;
const GRE_SEQUENCE: u16 = 0x1000;
const GRE_KEY: u16 = 0x2000;
const GRE_ROUTING: u16 = 0x4000;
const GRE_CHECKSUM: u16 = 0x8000;
const GRE_ERSPAN_III: u16 = 0x22eb;
const GRE_ETHERNET: u16 = 0x6558;
const GRE_PPP: u16 = 0x880b;
/// One number for each tunnel between an access point and its controller.
const GRE_ARUBA_FIRST: u16 = 0x8200;
const GRE_ARUBA_LAST: u16 = 0x83ff;
const GRE_WCCP: u16 = 0x883e;
const GRE_ERSPAN: u16 = 0x88be;
const ERSPAN_VERSION_SHIFT: u32 = 12;
const ERSPAN_VLAN_MASK: u16 = 0x0fff;
const ERSPAN_ENCAPSULATION_SHIFT: u32 = 11;
const ERSPAN_TAG_PRESERVED: u16 = 3;
const ERSPAN_BAD_FRAME: u16 = 3;
const ERSPAN_FRAME_TYPE_SHIFT: u32 = 10;
const ERSPAN_PLATFORM: u16 = 0x0001;
const VXLAN_GROUP: u8 = 0x80;
const VXLAN_IDENTIFIER: u8 = 0x08;
const VXLAN_NEXT_PROTOCOL: u8 = 0x04;
const VXLAN_MANAGEMENT: u8 = 0x01;
const GENEVE_OPTIONS_MASK: u8 = 0x3f;
const L2TP_CONTROL: u16 = 0x8000;
const L2TP_LENGTH: u16 = 0x4000;
const L2TP_SEQUENCE: u16 = 0x0800;
const L2TP_OFFSET: u16 = 0x0200;
const L2TP_VERSION_MASK: u16 = 0x000f;
