//! IPv4 and IPv6 with their extension headers, TCP and UDP, read by etherparse as far as they can be read.
//!
//! What they carry of other networks is handed on.

use std::net::IpAddr;

use etherparse::{
    IpNumber, Ipv6ExtensionSlice, Ipv6ExtensionsSlice, LaxIpPayloadSlice, LaxIpSlice, LaxIpv4Slice,
    LaxIpv6Slice, TcpSlice, UdpSlice, ip_number,
};

use crate::packet::{Next, Packet, offset, tunnel};
use crate::wire::{Malformed, Reader};

/// What the IP header says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Net {
    /// Source address.
    pub source: IpAddr,
    /// Destination address.
    pub destination: IpAddr,
    /// Protocol of the payload, behind all extension headers that were read (IANA "protocol numbers").
    pub protocol: u8,
    /// Time to live, or hop limit.
    pub hop_limit: u8,
    /// Offset of the hop limit in the frame.
    pub hop_limit_at: u32,
    /// Set when the payload is a part of a datagram only.
    pub fragment: Option<Fragment>,
}

/// Which part of a datagram a fragment is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fragment {
    /// Names the datagram, together with its addresses and protocol.
    pub identification: u32,
    /// Where the part starts in the datagram's payload, in bytes.
    pub start: usize,
    /// False for the last part.
    pub more: bool,
}

/// The transport header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    /// TCP.
    Tcp(Tcp),
    /// UDP.
    Udp {
        /// Source port.
        source: u16,
        /// Destination port.
        destination: u16,
    },
}

/// What the TCP header says, as far as reassembly needs it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tcp {
    /// Source port.
    pub source: u16,
    /// Destination port.
    pub destination: u16,
    /// Sequence number of the first payload byte, or of the SYN before it.
    pub sequence: u32,
    /// The next byte that the sender expects; `None` without ACK.
    pub acknowledged: Option<u32>,
    /// The sender opens its direction.
    pub syn: bool,
    /// The sender closes its direction.
    pub fin: bool,
    /// The sender gives up the connection.
    pub rst: bool,
}

/// A transport header and what follows it.
struct Segment<'a> {
    /// The header; `None` for protocols other than TCP and UDP.
    transport: Option<Transport>,
    /// What follows it.
    payload: &'a [u8],
    /// Bytes in front of `payload`.
    header: usize,
    /// Protocol of `payload` where there is no `transport`.
    protocol: u8,
    /// Where reading stopped.
    stopped: Option<Malformed>,
}

/// Reads the IP header at the reader's position and all that is known behind it. Gives what stands in the tunnel, when
/// this is the way of one.
pub(super) fn open<'a>(
    r: &mut Reader<'a>,
    packet: &mut Packet<'a>,
) -> Result<Option<Next>, Malformed> {
    let bytes = r.peek();
    let at = r.at();
    let Ok((ip, stopped)) = LaxIpSlice::from_slice(bytes) else {
        return Err(Malformed {
            field: "IP header",
            at,
            need: IP_HEADER_BYTES_MIN,
            have: r.left(),
        });
    };
    if stopped.is_some() {
        packet.stopped =
            Some(Malformed { field: "IPv6 extension header", at, need: 0, have: r.left() });
    }
    let (mut net, header, payload, total) = match &ip {
        LaxIpSlice::Ipv4(v4) => {
            packet.ether_type = super::ETHER_IPV4;
            ipv4(v4, at)
        }
        LaxIpSlice::Ipv6(v6) => {
            packet.ether_type = super::ETHER_IPV6;
            ipv6(v6, at)
        }
    };
    let mut start = header;
    let end = header.saturating_add(payload.payload.len());
    if let LaxIpSlice::Ipv6(v6) = &ip
        && v6.is_payload_fragmented()
    {
        (net.fragment, net.protocol, start) = fragment(v6, start);
    }
    if payload.incomplete {
        packet.missing = offset(total.saturating_sub(bytes.len()));
    }
    packet.net = Some(net);
    packet.payload = bytes.get(start..end).unwrap_or_default();
    packet.payload_at = offset(at.saturating_add(start));
    if let Some(malformed) = packet.stopped.filter(|_| packet.missing > 0) {
        packet.enter_tunnel();
        return Err(malformed);
    }
    if net.fragment.is_some() || packet.stopped.is_some() {
        return Ok(None);
    }
    *r = Reader::starting_at(packet.payload, at.saturating_add(start));
    above(net.protocol, r, packet)
}

/// Reads what an IP datagram carries, which is its payload so far and stands at the reader's position.
pub(super) fn above<'a>(
    protocol: u8,
    r: &mut Reader<'a>,
    packet: &mut Packet<'a>,
) -> Result<Option<Next>, Malformed> {
    let segment = transport(protocol, packet.payload, packet.missing > 0);
    packet.transport = segment.transport;
    packet.payload = segment.payload;
    packet.payload_at = packet.payload_at.saturating_add(offset(segment.header));
    packet.stopped = segment.stopped;
    if let Some(Transport::Tcp(_)) = segment.transport {
        return Ok(None);
    }
    *r = Reader::starting_at(segment.payload, r.at().saturating_add(segment.header));
    let (inside, is_likely) = match segment.transport {
        Some(Transport::Udp { source, destination }) => (
            tunnel::over_udp(source, destination, r),
            tunnel::is_likely_over_udp(source, destination),
        ),
        // Of a datagram without its ports nothing is known.
        _ if segment.protocol == ip_number::UDP.0 => (Ok(None), true),
        _ => (tunnel::over_ip(segment.protocol, r), tunnel::is_likely_over_ip(segment.protocol)),
    };
    if packet.missing > 0 && is_likely && !matches!(inside, Ok(Some(_))) {
        packet.enter_tunnel();
        let malformed = inside.err().or(segment.stopped);
        return Err(malformed.unwrap_or(r.impossible("tunnel in a frame that is cut")));
    }
    let inside = inside?;
    if inside.is_some() {
        packet.enter_tunnel();
    }
    Ok(inside)
}

impl Packet<'_> {
    /// Forgets the headers of the network that carries what comes next, or may do so: where a frame is cut before it
    /// tells whether it is a tunnel's, its addresses may be those of the ends, which are no hosts' that talk here.
    fn enter_tunnel(&mut self) {
        let Packet { cut, ether_type, .. } = *self;
        *self = Packet { cut, ether_type, tunnelled: true, ..Packet::default() };
    }
}

/// What the headers say, how long they are, what follows them, and the length of the packet by its own account.
type Headers<'s, 'a> = (Net, usize, &'s LaxIpPayloadSlice<'a>, usize);

fn ipv4<'s, 'a>(v4: &'s LaxIpv4Slice<'a>, at: usize) -> Headers<'s, 'a> {
    let header = v4.header();
    let fragment = header.is_fragmenting_payload().then(|| Fragment {
        identification: header.identification().into(),
        start: usize::from(header.fragments_offset().value()).saturating_mul(8),
        more: header.more_fragments(),
    });
    let net = Net {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        protocol: v4.payload().ip_number.0,
        hop_limit: header.ttl(),
        hop_limit_at: offset(at.saturating_add(8)),
        fragment,
    };
    let authentication = v4.extensions().auth.map_or(0, |auth| auth.slice().len());
    let length = header.slice().len().saturating_add(authentication);
    (net, length, v4.payload(), usize::from(header.total_len()))
}

fn ipv6<'s, 'a>(v6: &'s LaxIpv6Slice<'a>, at: usize) -> Headers<'s, 'a> {
    let header = v6.header();
    let net = Net {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        protocol: v6.payload().ip_number.0,
        hop_limit: header.hop_limit(),
        hop_limit_at: offset(at.saturating_add(7)),
        fragment: None,
    };
    let length = IPV6_HEADER_BYTES.saturating_add(v6.extensions().slice().len());
    let total = usize::from(header.payload_length()).saturating_add(IPV6_HEADER_BYTES);
    (net, length, v6.payload(), total)
}

/// Reads the transport header at the start of a datagram's payload. With `cut`, less than the whole may be there.
fn transport(protocol: u8, bytes: &[u8], cut: bool) -> Segment<'_> {
    let mut segment =
        Segment { transport: None, payload: bytes, header: 0, protocol, stopped: None };
    match IpNumber(protocol) {
        ip_number::TCP => match TcpSlice::from_slice(bytes) {
            Ok(tcp) => {
                segment.transport = Some(Transport::Tcp(Tcp {
                    source: tcp.source_port(),
                    destination: tcp.destination_port(),
                    sequence: tcp.sequence_number(),
                    acknowledged: tcp.ack().then(|| tcp.acknowledgment_number()),
                    syn: tcp.syn(),
                    fin: tcp.fin(),
                    rst: tcp.rst(),
                }));
                segment.payload = tcp.payload();
                segment.header = tcp.header_slice().len();
            }
            Err(_) => segment.stopped = short("TCP header", TCP_HEADER_BYTES, bytes),
        },
        ip_number::UDP => match UdpSlice::from_slice_lax(bytes) {
            Ok(udp) => {
                segment.transport = Some(Transport::Udp {
                    source: udp.source_port(),
                    destination: udp.destination_port(),
                });
                segment.payload = udp.payload();
                segment.header = UDP_HEADER_BYTES;
                let length = usize::from(udp.length());
                if length > bytes.len() && !cut {
                    segment.stopped = short("UDP length", length, bytes);
                }
            }
            Err(_) => segment.stopped = short("UDP header", UDP_HEADER_BYTES, bytes),
        },
        // A fragmented datagram may carry further extension headers inside.
        number @ (ip_number::IPV6_DEST_OPTIONS | ip_number::IPV6_ROUTE) => {
            let (read, next, rest, stopped) = Ipv6ExtensionsSlice::from_slice_lax(number, bytes);
            let ahead = read.slice().len();
            if stopped.is_some() || read.is_empty() {
                segment.stopped = short("IPv6 extension header", 0, bytes);
            } else if !matches!(next, ip_number::IPV6_DEST_OPTIONS | ip_number::IPV6_ROUTE) {
                segment = transport(next.0, rest, cut);
                segment.header = segment.header.saturating_add(ahead);
            }
        }
        _ => {}
    }
    segment
}

/// Where the fragment header of an IPv6 packet stands, and what it says. What follows it belongs to the
/// datagram that is still in parts, even when it looks like one more extension header.
fn fragment(v6: &LaxIpv6Slice<'_>, end: usize) -> (Option<Fragment>, u8, usize) {
    let mut start = IPV6_HEADER_BYTES;
    for extension in v6.extensions().clone() {
        let length = match &extension {
            Ipv6ExtensionSlice::HopByHop(header)
            | Ipv6ExtensionSlice::Routing(header)
            | Ipv6ExtensionSlice::DestinationOptions(header) => header.slice().len(),
            Ipv6ExtensionSlice::Authentication(header) => header.slice().len(),
            Ipv6ExtensionSlice::Fragment(header) => header.slice().len(),
        };
        start = start.saturating_add(length);
        if let Ipv6ExtensionSlice::Fragment(header) = extension {
            let fragment = Fragment {
                identification: header.identification(),
                start: usize::from(header.fragment_offset().value()).saturating_mul(8),
                more: header.more_fragments(),
            };
            return (Some(fragment), header.next_header().0, start);
        }
    }
    (None, v6.payload().ip_number.0, end)
}

fn short(field: &'static str, need: usize, bytes: &[u8]) -> Option<Malformed> {
    Some(Malformed { field, at: 0, need, have: bytes.len() })
}

const IP_HEADER_BYTES_MIN: usize = 20;
const IPV6_HEADER_BYTES: usize = 40;
const TCP_HEADER_BYTES: usize = 20;
const UDP_HEADER_BYTES: usize = 8;
