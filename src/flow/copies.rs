//! Which packets are copies of one that was just seen. A mirror that watches both directions of a port, several VLANs or
//! both LANs of a redundant network shows the same packet more than once: unchanged, with another tag, or behind a
//! router with other MAC addresses and a lower hop limit. None of this is a retransmission, which has an identification,
//! a time stamp or a window of its own, and comes later.
//!
//! A copy behind a router has another hop limit; one that has not comes from the same MAC address. So the devices of
//! cloned machine cells, which may well say the same at the same time from the same IP address, stay apart.
//!
//! Compared is what no switch and no router changes: the headers from IP on without hop limit, class and checksum, and
//! the payload as far as the headers do not vouch for it. Kept is a keyed hash of 64 bits of that, because whole headers
//! would cost a cache line more per packet; among the few thousand packets remembered, two different ones alike in it are
//! met once in 10^15. A ring holds the latest
//! packets, so that what is forgotten depends on their order only, never on the key of the hash.

use crate::model::limits::{
    COPY_MILLISECONDS_MAX, COPY_SCOPES_MAX, COPY_UNNUMBERED_MILLISECONDS_MAX,
    PACKETS_REMEMBERED_MAX,
};
use crate::model::{Mac, Scope, Timestamp};
use crate::packet::{Net, Packet, Transport};

/// The packets last seen.
pub(super) struct Copies {
    ring: Box<[Seen]>,
    /// Number of the latest packet of each bucket.
    latest: Box<[u32]>,
    /// Number of the packet to come. It wraps: only distances count.
    next: u32,
    keys: [u64; 2],
}

/// What a packet is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sighting {
    /// Not seen before.
    First,
    /// Seen in the same VLAN, with this hop limit.
    Again(u8),
    /// Seen in another VLAN.
    Elsewhere(Twin),
}

/// Where else a packet was seen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Twin {
    /// The VLANs it travelled in there.
    pub(super) scope: Scope,
    /// What its hop limit was there.
    pub(super) hop_limit: u8,
}

#[derive(Clone, Copy, Default)]
struct Seen {
    fingerprint: u64,
    at: Timestamp,
    twin: Twin,
    mac: Option<Mac>,
    /// Number of the packet before it in its bucket.
    before: u32,
}

impl Copies {
    pub(super) fn new(seed: u64) -> Self {
        let length = usize::try_from(PACKETS_REMEMBERED_MAX).unwrap_or(usize::MAX);
        Self {
            ring: vec![Seen::default(); length].into(),
            latest: vec![0; length].into(),
            // Nothing is in the ring: the number 0 is too old.
            next: PACKETS_REMEMBERED_MAX.saturating_add(1),
            keys: [(seed ^ KEY_LOW) | 1, (seed.rotate_left(32) ^ KEY_HIGH) | 1],
        }
    }

    /// Takes an IP packet, whose headers stand in `bytes`.
    pub(super) fn see(
        &mut self,
        bytes: &[u8],
        packet: &Packet<'_>,
        net: &Net,
        at: Timestamp,
    ) -> Sighting {
        let Some((fingerprint, milliseconds)) = self.fingerprint(bytes, packet, net) else {
            return Sighting::First;
        };
        let window = milliseconds.saturating_mul(NANOS_PER_MILLISECOND);
        let [a, b, c, d, ..] = fingerprint.to_le_bytes();
        let bucket = place(u32::from_le_bytes([a, b, c, d]));
        let latest = self.latest.get(bucket).copied().unwrap_or(0);
        let (mut number, mut age, mut alike, mut elsewhere) = (latest, 0, 0, None);
        while alike < COPY_SCOPES_MAX {
            let older = self.next.wrapping_sub(number);
            if older <= age || older > PACKETS_REMEMBERED_MAX {
                break;
            }
            let Some(seen) = self.ring.get(place(number)) else { break };
            if seen.fingerprint == fingerprint {
                let twin = seen.twin;
                let is_copy = seen.mac == packet.source || twin.hop_limit != net.hop_limit;
                let is_recent = seen.at.0.abs_diff(at.0) <= window;
                if is_copy && is_recent {
                    if twin.scope == packet.scope {
                        return Sighting::Again(twin.hop_limit);
                    }
                    elsewhere = Some(twin);
                }
                alike = alike.saturating_add(1);
            }
            (number, age) = (seen.before, older);
        }
        let twin = Twin { scope: packet.scope, hop_limit: net.hop_limit };
        if let Some(seen) = self.ring.get_mut(place(self.next)) {
            *seen = Seen { fingerprint, at, twin, mac: packet.source, before: latest };
        }
        if let Some(latest) = self.latest.get_mut(bucket) {
            *latest = self.next;
        }
        self.next = self.next.wrapping_add(1);
        elsewhere.map_or(Sighting::First, Sighting::Elsewhere)
    }

    /// What a packet is known by, and for how many milliseconds.
    fn fingerprint(&self, bytes: &[u8], packet: &Packet<'_>, net: &Net) -> Option<(u64, u64)> {
        let (ahead, masks) = if net.source.is_ipv4() { IPV4_MASKS } else { IPV6_MASKS };
        let start = usize::try_from(net.hop_limit_at).ok()?.checked_sub(ahead)?;
        let headers = bytes.get(start..usize::try_from(packet.payload_at).ok()?)?;
        let (first, rest) = headers.split_first_chunk::<8>()?;
        let (second, rest) = rest.split_first_chunk::<8>()?;
        let mut hash = Hash { state: 0, keys: self.keys };
        let first = u64::from_be_bytes(*first) & masks[0];
        hash.pair(first, u64::from_be_bytes(*second) & masks[1]);
        hash.bytes(rest);
        let is_numbered = net.source.is_ipv4() && first & IDENTIFICATION_MASK != 0;
        let payload = packet.payload;
        let milliseconds = match packet.transport {
            // The sequence number names the bytes.
            Some(Transport::Tcp(_)) => {
                hash.bytes(payload.get(..TCP_PAYLOAD_BYTES).unwrap_or(payload));
                COPY_MILLISECONDS_MAX
            }
            _ if is_numbered => {
                hash.ends(payload);
                COPY_MILLISECONDS_MAX
            }
            _ => {
                hash.bytes(payload);
                COPY_UNNUMBERED_MILLISECONDS_MAX
            }
        };
        Some((hash.state, milliseconds))
    }
}

/// Two words at a time, by multiplying and folding.
struct Hash {
    state: u64,
    keys: [u64; 2],
}

impl Hash {
    fn pair(&mut self, first: u64, second: u64) {
        let [low, high] = self.keys;
        self.state = folded(first ^ low, second ^ high ^ self.state);
    }

    /// The length goes in with the last bytes, so that what ends in zeroes differs from what ends before them.
    fn bytes(&mut self, bytes: &[u8]) {
        let (pairs, rest) = bytes.as_chunks::<16>();
        for [a, b, c, d, e, f, g, h, rest @ ..] in pairs {
            self.pair(
                u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]),
                u64::from_le_bytes(*rest),
            );
        }
        let mut last = [0; 16];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        let [a, b, c, d, e, f, g, h, rest @ ..] = last;
        self.pair(u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes(rest));
        self.state ^= u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    }

    /// Beginning and end of what an identification names already.
    fn ends(&mut self, bytes: &[u8]) {
        if bytes.len() <= END_BYTES.saturating_mul(2) {
            return self.bytes(bytes);
        }
        if let (Some(first), Some(last)) =
            (bytes.first_chunk::<END_BYTES>(), bytes.last_chunk::<END_BYTES>())
        {
            self.bytes(first);
            self.bytes(last);
        }
    }
}

/// Both halves of a product.
fn folded(first: u64, second: u64) -> u64 {
    let product = u128::from(first).wrapping_mul(u128::from(second));
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = product.to_le_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h]) ^ u64::from_le_bytes([i, j, k, l, m, n, o, p])
}

/// Where in the ring the packet of a number is, or the bucket of a hash.
fn place(number: u32) -> usize {
    usize::try_from(number % PACKETS_REMEMBERED_MAX).unwrap_or(0)
}

const NANOS_PER_MILLISECOND: u64 = 1_000_000;
/// Bytes in front of the hop limit, and what of the first two words no router changes.
type Masks = (usize, [u64; 2]);
const IPV4_MASKS: Masks = (8, [0xff00_ffff_ffff_ffff, 0x00ff_0000_ffff_ffff]);
const IPV6_MASKS: Masks = (7, [0xf00f_ffff_ffff_ff00, u64::MAX]);
/// Of the first word of an IPv4 header.
const IDENTIFICATION_MASK: u64 = 0x0000_0000_ffff_0000;
const TCP_PAYLOAD_BYTES: usize = 16;
const END_BYTES: usize = 64;
const KEY_LOW: u64 = 0x9e37_79b9_7f4a_7c15;
const KEY_HIGH: u64 = 0xc2b2_ae3d_27d4_eb4f;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::packet::build::{frame, ip, udp};
    use crate::packet::decode;

    /// Shows a frame in a VLAN at a time in microseconds, with this much less of its hop limit.
    fn see(copies: &mut Copies, bytes: &[u8], vlan: u16, micros: i64, routed: u8) -> Sighting {
        let mut bytes = bytes.to_vec();
        bytes[22] -= routed;
        bytes[24] = bytes[24].wrapping_add(routed);
        if routed > 0 {
            bytes[6..12].fill(0x66);
        }
        let frame = frame(1, &bytes);
        let packet = decode(&frame);
        let packet = Packet { scope: Scope { vlan, ..Scope::default() }, ..packet };
        copies.see(&bytes, &packet, &packet.net.unwrap(), Timestamp(micros * 1_000))
    }

    fn twin(vlan: u16, hop_limit: u8) -> Sighting {
        Sighting::Elsewhere(Twin { scope: Scope { vlan, ..Scope::default() }, hop_limit })
    }

    #[test]
    fn the_same_packet_soon_is_a_copy_even_behind_a_router() {
        let mut copies = Copies::new(1);
        let bytes = udp((1, 1_000), (2, 502), b"hello");
        assert_eq!(see(&mut copies, &bytes, 5, 0, 0), Sighting::First);
        assert_eq!(see(&mut copies, &bytes, 5, 10, 0), Sighting::Again(64));
        assert_eq!(see(&mut copies, &bytes, 5, 20, 1), Sighting::Again(64));
        assert_eq!(see(&mut copies, &bytes, 5, 60_000, 0), Sighting::First, "too late");
    }

    #[test]
    fn a_packet_that_differs_is_no_copy() {
        let mut copies = Copies::new(1);
        let bytes = udp((1, 1_000), (2, 502), &[7; 300]);
        assert_eq!(see(&mut copies, &bytes, 0, 0, 0), Sighting::First);
        for at in (14..bytes.len()).filter(|at| ![15, 22, 24, 25].contains(at)) {
            let mut other = bytes.clone();
            other[at] ^= 1;
            // The middle of a long payload is named by the identification.
            let expected = if (42 + 64..42 + 236).contains(&at) {
                Sighting::Again(64)
            } else {
                Sighting::First
            };
            // Length fields and the version make another packet of it, or none.
            if ![14, 16, 17, 20, 21, 23, 38, 39].contains(&at) {
                assert_eq!(see(&mut copies, &other, 0, 1, 0), expected, "byte {at}");
            }
        }
    }

    #[test]
    fn without_an_identification_every_byte_counts_and_time_is_short() {
        let mut copies = Copies::new(1);
        let mut bytes = udp((1, 1_000), (2, 502), &[7; 300]);
        bytes[18..20].fill(0);
        assert_eq!(see(&mut copies, &bytes, 0, 0, 0), Sighting::First);
        assert_eq!(see(&mut copies, &bytes, 0, 4_000, 0), Sighting::Again(64));
        assert_eq!(see(&mut copies, &bytes, 0, 6_000, 0), Sighting::First);
        bytes[200] = 8;
        assert_eq!(see(&mut copies, &bytes, 0, 6_001, 0), Sighting::First);
    }

    #[test]
    fn cloned_devices_that_say_the_same_at_once_stay_apart() {
        let mut copies = Copies::new(1);
        let bytes = udp((1, 1_000), (2, 502), b"hello");
        let mut clone = bytes.clone();
        clone[11] = 9;
        assert_eq!(see(&mut copies, &bytes, 5, 0, 0), Sighting::First);
        assert_eq!(see(&mut copies, &clone, 6, 1, 0), Sighting::First);
        clone[11] = 8;
        assert_eq!(see(&mut copies, &clone, 5, 2, 0), Sighting::First);
        assert_eq!(see(&mut copies, &bytes, 7, 3, 0), twin(5, 64));
    }

    #[test]
    fn copies_in_other_vlans_name_where_the_packet_was_first() {
        let mut copies = Copies::new(1);
        let bytes = ip(1, 2, 1, b"ping");
        assert_eq!(see(&mut copies, &bytes, 5, 0, 0), Sighting::First);
        assert_eq!(see(&mut copies, &bytes, 6, 1, 1), twin(5, 64));
        assert_eq!(see(&mut copies, &bytes, 7, 2, 2), twin(5, 64));
        assert_eq!(see(&mut copies, &bytes, 6, 3, 1), Sighting::Again(63));
    }

    #[test]
    fn what_is_remembered_does_not_depend_on_the_seed() {
        let run = |seed| {
            let mut copies = Copies::new(seed);
            let mut sightings = Vec::new();
            for number in 0..30_000_u32 {
                // Some come again at once, some after many others.
                let again = if number % 3 == 0 { number / 7 } else { number };
                let bytes = udp((1, 1_000), (2, 502), &again.to_be_bytes());
                sightings.push(see(&mut copies, &bytes, (number % 5) as u16, 1, 0));
            }
            sightings
        };
        let expected = run(1);
        assert!(expected.iter().any(|sighting| *sighting != Sighting::First));
        assert!((2..6).all(|seed| run(seed) == expected));
    }

    #[test]
    fn a_packet_tagged_with_every_vlan_costs_little_each_time() {
        let mut copies = Copies::new(1);
        let bytes = ip(1, 2, 1, b"ping");
        for round in 0..20 {
            for vlan in 1..4_095 {
                assert_ne!(see(&mut copies, &bytes, vlan, round, 0), Sighting::Again(64));
            }
        }
    }
}
