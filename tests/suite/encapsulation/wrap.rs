//! Puts frames into whatever networks put around them.

use nameplate::model::{LinkType, Scope, Timestamp};

use crate::traffic::{Shot, packet_of};

/// One way to carry a frame.
pub(crate) struct Wrapper {
    pub(crate) name: &'static str,
    pub(crate) carries: Carries,
    /// The MAC addresses of what is inside are lost.
    pub(crate) hides_mac: bool,
    /// In which VLANs a sender is, by those it was in.
    pub(crate) scope: fn(Scope) -> Scope,
    put: fn(&Shot, Timestamp) -> (Vec<u8>, u32),
}

/// What of a frame is put in.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Carries {
    /// All of it.
    Frame,
    /// Its IP packet: other frames stay as they are, and so do tagged ones.
    Packet,
}

/// A frame carried: what stood from `moved_from` on stands `by` bytes further back.
pub(crate) struct Wrapped {
    pub(crate) shot: Shot,
    pub(crate) moved_from: u32,
    pub(crate) by: i32,
}

impl Wrapper {
    /// What to compare with: a bare IP packet where nothing else is carried.
    pub(crate) fn base(&self, shot: &Shot) -> Shot {
        match self.ip(shot).filter(|_| self.carries == Carries::Packet && self.hides_mac) {
            Some(ip) => Shot {
                link: LinkType::RAW,
                bytes: shot.bytes[ip..].to_vec(),
                wire_len: shot.wire_len - ip as u32,
                ..shot.clone()
            },
            None => shot.clone(),
        }
    }

    /// Carries a frame that [`Self::base`] gave.
    pub(crate) fn wrap(&self, base: &Shot) -> Wrapped {
        let is_raw = base.link == LinkType::RAW;
        if self.carries == Carries::Packet && !is_raw && self.ip(base).is_none() {
            return Wrapped { shot: base.clone(), moved_from: 0, by: 0 };
        }
        if self.carries == Carries::Packet && self.hides_mac && !is_raw {
            return Wrapped { shot: base.clone(), moved_from: 0, by: 0 };
        }
        let (bytes, moved_from) = (self.put)(base, base.at);
        let missing = base.wire_len - base.bytes.len() as u32;
        let wire_len = bytes.len() as u32 + missing;
        let by = ahead(&bytes, base, moved_from);
        let shot = Shot { at: base.at, link: LinkType::ETHERNET, bytes, wire_len };
        Wrapped { shot, moved_from, by }
    }

    /// Where the IP packet of an untagged Ethernet frame starts.
    fn ip(&self, shot: &Shot) -> Option<usize> {
        let is_ethernet = shot.link == LinkType::ETHERNET;
        let kind = shot.bytes.get(12..14)?;
        (is_ethernet && [[0x08, 0x00], [0x86, 0xdd]].iter().any(|ip| ip == kind)).then_some(14)
    }
}

/// How far what stood at `from` was moved: found again by its bytes, from the end, past trailers.
fn ahead(bytes: &[u8], base: &Shot, from: u32) -> i32 {
    let rest = &base.bytes[from as usize..];
    let at = (0..=bytes.len() - rest.len())
        .find(|at| bytes[*at..].starts_with(rest) && *at >= from as usize);
    at.unwrap() as i32 - from as i32
}

pub(crate) const TAG: u16 = 77;

pub(crate) const VLAN: Wrapper = Wrapper {
    name: "a VLAN",
    carries: Carries::Frame,
    hides_mac: false,
    scope: |scope| tagged(scope, TAG),
    put: |shot, _| (inserted(shot, &[0x81, 0, 0, TAG as u8]), 12),
};

pub(crate) const ERSPAN_II: Wrapper = whole("ERSPAN type II", |shot, _| {
    let gre = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 9, 0x10, 0, 0, 7, 0, 0, 0, 3];
    (over_ipv4(47, &gre, &shot.bytes), 0)
});

pub(crate) const VXLAN: Wrapper =
    whole("VXLAN", |shot, _| (over_udp(4_789, &[0x08, 0, 0, 0, 0, 0x12, 0x34, 0], &shot.bytes), 0));

pub(crate) const GRE_OVER_IPV6: Wrapper =
    whole("transparent Ethernet over GRE over IPv6", |shot, _| {
        // The option that limits encapsulation, as Linux sends it.
        let options = [47, 0, 4, 1, 4, 1, 1, 0];
        let gre = [options.as_slice(), &[0x20, 0, 0x65, 0x58, 0, 0x12, 0x34, 1]].concat();
        (over_ipv6(60, &gre, &shot.bytes), 0)
    });

pub(crate) const WRAPPERS: &[Wrapper] = &[
    VLAN,
    Wrapper {
        name: "two VLANs",
        scope: |scope| tagged(tagged(scope, TAG), 78),
        put: |shot, _| (inserted(shot, &[0x88, 0xa8, 0, 78, 0x81, 0, 0, TAG as u8]), 12),
        ..VLAN
    },
    ERSPAN_II,
    whole("ERSPAN type I", |shot, _| (over_ipv4(47, &[0, 0, 0x88, 0xbe], &shot.bytes), 0)),
    whole("ERSPAN type III", |shot, _| {
        let head = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 9, 0x20, 0, 0, 7, 1, 2, 3, 4, 0, 0, 0, 1];
        (over_ipv4(47, &[head.as_slice(), &[0xe5; 8]].concat(), &shot.bytes), 0)
    }),
    whole("transparent Ethernet over GRE", |shot, _| {
        let gre = [0xb0, 0, 0x65, 0x58, 1, 2, 0, 0, 0, 0x12, 0x34, 1, 0, 0, 0, 9];
        (over_ipv4(47, &gre, &shot.bytes), 0)
    }),
    GRE_OVER_IPV6,
    VXLAN,
    whole("Geneve with options", |shot, _| {
        let head = [0x02, 0, 0x65, 0x58, 0, 0x12, 0x34, 0, 0, 1, 0x80, 1, 1, 2, 3, 4];
        (over_udp(6_081, &head, &shot.bytes), 0)
    }),
    whole("TZSP", |shot, _| (over_udp(37_008, &[1, 0, 0, 1, 0, 10, 1, 0xd0, 1], &shot.bytes), 0)),
    whole("CAPWAP", |shot, _| (over_udp(5_247, &[0, 0x10, 0x02, 0, 0, 0, 0, 0], &shot.bytes), 0)),
    whole("an MPLS pseudowire", |shot, _| {
        let labels = [0, 1, 0, 0x40, 0, 0x12, 0x31, 0x40, 0, 0, 0, 0];
        (outer(0x8847, &[labels.as_slice(), &shot.bytes].concat()), 0)
    }),
    whole("a provider backbone", |shot, _| {
        (outer(0x88e7, &[&[0, 0, 0x12, 0x34], shot.bytes.as_slice()].concat()), 0)
    }),
    whole("VXLAN in ERSPAN in a VLAN", |shot, _| {
        let inner = over_udp(8_472, &[0x08, 0, 0, 0, 0, 0x12, 0x34, 0], &shot.bytes);
        let gre = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 9, 0x10, 0, 0, 7, 0, 0, 0, 3];
        let mut bytes = over_ipv4(47, &gre, &inner);
        bytes.splice(12..12, [0x81, 0, 0x01, 0x02]);
        (bytes, 0)
    }),
    whole("a PRP network", |shot, _| {
        let mut bytes = shot.bytes.clone();
        bytes.resize(bytes.len().max(60), 0);
        let size = (bytes.len() + 6 - 14) as u16 - if is_tagged(shot) { 4 } else { 0 };
        bytes.extend([0x12, 0x34, 0xa0 | (size >> 8) as u8, size as u8, 0x88, 0xfb]);
        (bytes, 0)
    }),
    Wrapper {
        put: |shot, _| (inserted(shot, &[0x89, 0x2f, 0x00, 0x60, 0x12, 0x34]), 12),
        ..whole("an HSR ring", |_, _| unreachable!())
    },
    Wrapper {
        put: |shot, _| {
            let mut bytes =
                inserted(shot, &[0x88, 0xe5, 0x20, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0, 1]);
            bytes.extend([0x1c; 16]);
            (bytes, 12)
        },
        ..whole("MACsec without encryption", |_, _| unreachable!())
    },
    packet("PPPoE", false, |shot, _| {
        let mut bytes = shot.bytes.clone();
        let length = (bytes.len() - 14 + 2) as u16;
        let protocol = if bytes[12] == 0x08 { [0x00, 0x21] } else { [0x00, 0x57] };
        let [high, low] = length.to_be_bytes();
        bytes.splice(12..14, [0x88, 0x64, 0x11, 0, 0, 9, high, low, protocol[0], protocol[1]]);
        (bytes, 14)
    }),
    packet("MPLS", false, |shot, _| {
        let mut bytes = shot.bytes.clone();
        bytes.splice(12..14, [0x88, 0x47, 0, 1, 0, 0x40, 0, 0x12, 0x31, 0x40]);
        (bytes, 14)
    }),
    packet("IP in IPv4", true, |shot, _| {
        (over_ipv4(if shot.bytes[0] >> 4 == 4 { 4 } else { 41 }, &[], &shot.bytes), 0)
    }),
    packet("IP in IPv6", true, |shot, _| {
        (over_ipv6(if shot.bytes[0] >> 4 == 4 { 4 } else { 41 }, &[], &shot.bytes), 0)
    }),
    packet("GRE", true, |shot, _| {
        let protocol = if shot.bytes[0] >> 4 == 4 { [0x08, 0x00] } else { [0x86, 0xdd] };
        (over_ipv4(47, &[[0, 0], protocol].concat(), &shot.bytes), 0)
    }),
    packet("PPTP", true, |shot, _| {
        let protocol = if shot.bytes[0] >> 4 == 4 { 0x21 } else { 0x57 };
        let [high, low] = (shot.bytes.len() as u16 + 1).to_be_bytes();
        let gre = [0x30, 0x81, 0x88, 0x0b, high, low, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, protocol];
        (over_ipv4(47, &gre, &shot.bytes), 0)
    }),
    packet("L2TP", true, |shot, _| {
        let protocol = if shot.bytes[0] >> 4 == 4 { 0x21 } else { 0x57 };
        (over_udp(1_701, &[0, 2, 0, 1, 0, 2, 0xff, 3, 0, protocol], &shot.bytes), 0)
    }),
    packet("IEEE 802.11 in CAPWAP", true, |shot, _| {
        let kind = if shot.bytes[0] >> 4 == 4 { [0x08, 0x00] } else { [0x86, 0xdd] };
        // Swapped frame control: QoS data to the distribution system.
        let mut head = vec![0, 0x10, 0x03, 0, 0, 0, 0, 0, 0x01, 0x88, 0, 0];
        head.extend([[2, 0, 0, 0, 0, 9], [2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]].concat());
        head.extend([0x10, 0, 0, 0, 0xaa, 0xaa, 3, 0, 0, 0, kind[0], kind[1]]);
        (over_udp(5_247, &head, &shot.bytes), 0)
    }),
];

const fn whole(name: &'static str, put: fn(&Shot, Timestamp) -> (Vec<u8>, u32)) -> Wrapper {
    Wrapper { name, carries: Carries::Frame, hides_mac: false, scope: |scope| scope, put }
}

const fn packet(
    name: &'static str,
    hides_mac: bool,
    put: fn(&Shot, Timestamp) -> (Vec<u8>, u32),
) -> Wrapper {
    Wrapper { name, carries: Carries::Packet, hides_mac, scope: |scope| scope, put }
}

pub(crate) fn is_tagged(shot: &Shot) -> bool {
    shot.bytes.get(12..14) == Some(&[0x81, 0x00])
}

/// The copy of an IP packet that a router sent on a millisecond later; `None` for what none would.
pub(crate) fn routed(shot: &Shot) -> Option<Shot> {
    let packet = packet_of(shot);
    let net = packet.net.filter(|net| net.hop_limit > 1 && shot.link == LinkType::ETHERNET)?;
    let mut bytes = shot.bytes.clone();
    bytes[..12].copy_from_slice(&[2, 0xaa, 0, 0, 0, 1, 2, 0xaa, 0, 0, 0, 2]);
    let at = net.hop_limit_at as usize;
    bytes[at] -= 1;
    if net.source.is_ipv4() {
        let sum = u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]).wrapping_add(0x0100);
        bytes[at + 2..at + 4].copy_from_slice(&sum.to_be_bytes());
    }
    Some(Shot { at: Timestamp(shot.at.0 + 1_000_000), bytes, ..shot.clone() })
}

/// Both halves of a frame whose outermost IP packet is cut in two, the second first; `None` for frames without one.
pub(crate) fn in_two(wrapped: &Wrapped, number: u32) -> Option<[Shot; 2]> {
    let bytes = &wrapped.shot.bytes;
    let (start, is_ipv6) = match bytes.get(12..14)? {
        [0x08, 0x00] => (34, false),
        [0x86, 0xdd] => (54, true),
        _ => return None,
    };
    let body = &bytes[start..];
    // No network cuts smaller: the first part shows that it is a tunnel.
    let cut = (body.len() / 2).max(40) / 8 * 8;
    if cut >= body.len() {
        return None;
    }
    let part = |from: usize, to: usize| {
        let mut head = bytes[..start].to_vec();
        if is_ipv6 {
            let next = std::mem::replace(&mut head[20], 44);
            let more = u16::from(to < body.len());
            head.extend([next, 0]);
            head.extend((from as u16 | more).to_be_bytes());
            head.extend(number.to_be_bytes());
            head[18..20].copy_from_slice(&((to - from + 8) as u16).to_be_bytes());
        } else {
            let more = if to < body.len() { 0x2000 } else { 0 };
            head[16..18].copy_from_slice(&((to - from + 20) as u16).to_be_bytes());
            head[18..20].copy_from_slice(&(number as u16).to_be_bytes());
            head[20..22].copy_from_slice(&((from / 8) as u16 | more).to_be_bytes());
        }
        head.extend(&body[from..to]);
        let wire_len = head.len() as u32;
        Shot { bytes: head, wire_len, ..wrapped.shot.clone() }
    };
    Some([part(cut, body.len()), part(0, cut)])
}

fn tagged(scope: Scope, tag: u16) -> Scope {
    match (scope.outer_vlan, scope.vlan) {
        (_, 0) => Scope { vlan: tag, ..scope },
        _ => Scope { outer_vlan: tag, ..scope },
    }
}

fn inserted(shot: &Shot, tag: &[u8]) -> Vec<u8> {
    let mut bytes = shot.bytes.clone();
    bytes.splice(12..12, tag.iter().copied());
    bytes
}

fn outer(kind: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![2, 0xcc, 0, 0, 0, 1, 2, 0xcc, 0, 0, 0, 2];
    bytes.extend(kind.to_be_bytes());
    bytes.extend(body);
    bytes
}

fn over_ipv4(protocol: u8, head: &[u8], inside: &[u8]) -> Vec<u8> {
    let total = (20 + head.len() + inside.len()) as u16;
    let mut ip = vec![0x45, 0];
    ip.extend(total.to_be_bytes());
    ip.extend([0, 1, 0, 0, 250, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    outer(0x0800, &[ip.as_slice(), head, inside].concat())
}

fn over_ipv6(next: u8, head: &[u8], inside: &[u8]) -> Vec<u8> {
    let mut ip = vec![0x60, 0, 0, 0];
    ip.extend(((head.len() + inside.len()) as u16).to_be_bytes());
    ip.extend([next, 250]);
    ip.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    ip.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    outer(0x86dd, &[ip.as_slice(), head, inside].concat())
}

fn over_udp(port: u16, head: &[u8], inside: &[u8]) -> Vec<u8> {
    let mut udp = 50_000_u16.to_be_bytes().to_vec();
    udp.extend(port.to_be_bytes());
    udp.extend(((8 + head.len() + inside.len()) as u16).to_be_bytes());
    udp.extend([0, 0]);
    udp.extend(head);
    over_ipv4(17, &udp, inside)
}
