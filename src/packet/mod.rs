//! One frame into layers, stateless, never fails: what was understood is kept, and where reading stopped is told.
//!
//! Layer 2 is peeled here (`link` and `tag`), IP and its extension headers, TCP and UDP by etherparse, and what IP
//! carries of other networks here again (`tunnel` and `wireless`), until the innermost conversation is reached.
//! Checksums are not verified: captures taken on a sending host hold packets whose checksum the card fills in.
//! Ethernet padding never becomes payload, because IP says how long it is.
//!
//! Specifications: IEEE 802.3-2022 §3, IEEE 802.1Q-2022 §9, RFC 791, RFC 8200, RFC 9293, RFC 768.
//!
//! ```text
//! | link header | tags, labels, tunnels ... | IP | extension headers | TCP or UDP | payload | padding |
//!                                                                               ^ payload_at
//! ```

#[cfg(test)]
#[allow(dead_code)]
pub(crate) mod build;
mod ip;
mod link;
mod tag;
mod tunnel;
mod wireless;

pub use ip::{Fragment, Net, Tcp, Transport};

use crate::model::limits::FRAME_LAYERS_MAX;
use crate::model::{Frame, Mac, Scope};
use crate::wire::{Malformed, Reader};

/// What one frame holds; borrows its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Packet<'a> {
    /// Source MAC address; `None` where the link has none, as in a tunnel of bare IP.
    pub source: Option<Mac>,
    /// Offset of the source MAC address in the frame.
    pub source_at: u32,
    /// Destination MAC address; `None` where the link has none.
    pub destination: Option<Mac>,
    /// The VLANs it travelled in, by the tags of its innermost Ethernet header; `site` is left 0.
    pub scope: Scope,
    /// Ethernet type of what follows layer 2. A protocol behind IEEE 802.2 LLC without SNAP is named by its
    /// DSAP, a number that no Ethernet type has; 0 when nothing was understood.
    pub ether_type: u16,
    /// The IP header.
    pub net: Option<Net>,
    /// The TCP or UDP header; `None` for other protocols and for fragments.
    pub transport: Option<Transport>,
    /// Bytes of the innermost layer understood.
    pub payload: &'a [u8],
    /// Offset of `payload` in the frame.
    pub payload_at: u32,
    /// Payload bytes that were on the wire and are not in the capture.
    pub missing: u32,
    /// True in a tunnel over IP: all else is what travelled inside.
    pub tunnelled: bool,
    /// True when the snap length cut the frame.
    pub cut: bool,
    /// Where reading stopped, when it did before the innermost layer.
    pub stopped: Option<Malformed>,
}

/// Reads one frame.
pub fn decode<'a>(frame: &Frame<'a>) -> Packet<'a> {
    let held = u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX);
    let mut packet = Packet { cut: frame.wire_len > held, ..Packet::default() };
    let mut r = Reader::new(frame.bytes);
    let outcome = link::open(frame.link, &mut r, &mut packet)
        .and_then(|next| layers(next, &mut r, &mut packet));
    if let Err(malformed) = outcome {
        packet.stopped = Some(malformed);
    }
    packet
}

/// Reads the payload of an IP datagram that came in parts, of which `part` was one. Offsets count from its first byte,
/// except those of the headers of `part` itself, while there is no tunnel inside.
pub(crate) fn decode_datagram<'a>(part: &Packet<'_>, protocol: u8, bytes: &'a [u8]) -> Packet<'a> {
    let Packet { source, source_at, destination, scope, ether_type, net, cut, missing, .. } = *part;
    let mut packet = Packet {
        source,
        source_at,
        destination,
        scope,
        ether_type,
        net,
        payload: bytes,
        missing,
        cut,
        ..Packet::default()
    };
    let mut r = Reader::new(bytes);
    let outcome = ip::above(protocol, &mut r, &mut packet)
        .and_then(|next| next.map_or(Ok(()), |next| layers(next, &mut r, &mut packet)));
    if let Err(malformed) = outcome {
        packet.stopped = Some(malformed);
    }
    packet
}

/// What stands at the reader's position.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Next {
    /// What an Ethernet type names; up to 1,500 it is the length of an LLC frame.
    Ether(u16),
    /// An Ethernet header.
    Ethernet,
    /// An Ethernet header of a frame in this VLAN, whose tag may have been taken off.
    Mirrored(u16),
    /// An IEEE 802.11 header.
    Wireless,
    /// An IEEE 802.2 header, and all behind it: a frame without a length of its own.
    Llc,
    /// PPP.
    Ppp,
    /// IPv4 or IPv6; the first nibble tells.
    Ip,
    /// A payload nobody here looks into, under this number.
    Other(u16),
}

fn layers<'a>(
    mut next: Next,
    r: &mut Reader<'a>,
    packet: &mut Packet<'a>,
) -> Result<(), Malformed> {
    for _ in 0..FRAME_LAYERS_MAX {
        next = match next {
            Next::Ip => match ip::open(r, packet)? {
                Some(inside) => inside,
                None => return Ok(()),
            },
            Next::Other(number) => return payload(number, r, packet),
            Next::Ethernet => link::ethernet(r, packet)?,
            Next::Mirrored(vlan) => link::mirrored(vlan, r, packet)?,
            Next::Wireless => wireless::open(r, packet)?,
            Next::Ppp => link::ppp(r)?,
            Next::Ether(ETHER_IPV4 | ETHER_IPV6) => Next::Ip,
            Next::Ether(ETHER_VLAN | ETHER_SERVICE_VLAN | ETHER_OLD_SERVICE_VLAN) => {
                link::vlan(r, packet)?
            }
            Next::Ether(ETHER_MPLS | ETHER_MPLS_UPSTREAM) => tag::mpls(r)?,
            Next::Ether(ETHER_PPPOE_SESSION) => tag::pppoe(r)?,
            Next::Ether(ETHER_HSR) => tag::hsr(r)?,
            Next::Ether(ETHER_BACKBONE) => tag::backbone(r)?,
            Next::Ether(ETHER_MACSEC) => tag::macsec(r)?,
            Next::Ether(length) if length <= ETHER_LENGTH_MAX => link::llc_of_length(length, r)?,
            Next::Llc => link::llc(r)?,
            Next::Ether(number) => Next::Other(number),
        };
    }
    Err(r.impossible("layers in one frame"))
}

fn payload<'a>(number: u16, r: &mut Reader<'a>, packet: &mut Packet<'a>) -> Result<(), Malformed> {
    packet.ether_type = number;
    packet.payload_at = offset(r.at());
    packet.payload = match packet.cut {
        true => r.rest(),
        false => tag::without_prp_trailer(r.rest()),
    };
    Ok(())
}

/// An offset in a frame as it is kept. Frames of more than 4 GiB do not exist in any capture format.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

const ETHER_LENGTH_MAX: u16 = 1_500;
const ETHER_IPV4: u16 = 0x0800;
const ETHER_VLAN: u16 = 0x8100;
const ETHER_IPV6: u16 = 0x86dd;
const ETHER_MPLS: u16 = 0x8847;
const ETHER_MPLS_UPSTREAM: u16 = 0x8848;
const ETHER_PPPOE_SESSION: u16 = 0x8864;
const ETHER_MACSEC: u16 = 0x88e5;
const ETHER_BACKBONE: u16 = 0x88e7;
const ETHER_HSR: u16 = 0x892f;
const ETHER_SERVICE_VLAN: u16 = 0x88a8;
const ETHER_OLD_SERVICE_VLAN: u16 = 0x9100;

#[cfg(test)]
mod tests;
