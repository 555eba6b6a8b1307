//! IP datagrams back together from their fragments (RFC 791 §3.2, RFC 8200 §4.5, RFC 5722).
//!
//! Parts that repeat bytes already held, as mirrored ports send them, are harmless. Parts whose bytes differ
//! from those held taint the datagram: it is dropped, because systems disagree on which part wins and an
//! attacker may choose. Everything is bounded: datagrams, their parts, their bytes, and how long they wait.

use crate::flow::table::Table;
use crate::flow::{Place, Sent};
use crate::model::limits::{
    DATAGRAM_BYTES_TOTAL_MAX, DATAGRAM_WAIT_SECONDS_MAX, DATAGRAMS_HELD_MAX,
    FRAGMENTS_PER_DATAGRAM_MAX,
};
use crate::model::time::NANOS_PER_SECOND;
use crate::model::{Ceiling, Counters, Scope, Timestamp};
use crate::packet::{Fragment, Net, Packet};

use std::net::IpAddr;

/// The incomplete datagrams.
pub(super) struct Fragments {
    table: Table<Name, Datagram>,
    bytes: usize,
    bytes_max: usize,
    counters: Counters,
}

/// A datagram's payload, complete.
#[derive(Debug, Default)]
pub(super) struct Whole {
    pub(super) bytes: Vec<u8>,
    pub(super) places: Vec<Place>,
    pub(super) protocol: u8,
    /// The packets that brought it, and their bytes on the wire.
    pub(super) sent: Sent,
}

#[derive(Clone, Copy, Eq, Hash, PartialEq)]
struct Name {
    source: IpAddr,
    destination: IpAddr,
    scope: Scope,
    identification: u32,
    /// IPv4 only: IPv6 names the protocol in the first part alone (RFC 8200 §4.5).
    protocol: u8,
}

struct Datagram {
    since: Timestamp,
    /// Ascending, none overlaps another.
    parts: Vec<Part>,
    /// Length of the whole payload, once the last part is here.
    length: Option<usize>,
    /// Protocol that the first part names.
    protocol: u8,
    /// The packets so far, and their bytes on the wire.
    sent: Sent,
    /// Nothing can come of it any more: complete, contradictory or too much.
    closed: bool,
}

struct Part {
    start: usize,
    bytes: Box<[u8]>,
    places: Box<[Place]>,
}

impl Fragments {
    pub(super) fn new(ceiling: Ceiling, seed: u64) -> Self {
        let table = Table::new(ceiling.of(DATAGRAMS_HELD_MAX), seed);
        let bytes_max = ceiling.of(DATAGRAM_BYTES_TOTAL_MAX);
        Self { table, bytes: 0, bytes_max, counters: Counters::default() }
    }

    pub(super) fn counters(&self) -> Counters {
        let mut counters = self.counters.clone();
        if self.table.pushed_out() > 0 {
            counters.add("ip.datagrams_pushed_out", self.table.pushed_out());
        }
        counters
    }

    /// Datagrams held, and how many can be.
    pub(super) fn fill(&self) -> (usize, usize) {
        (self.table.len(), self.table.cap())
    }

    /// Takes a fragment, whose payload came from `places`; gives the datagram when it is the one that completes it.
    pub(super) fn take(
        &mut self,
        at: Timestamp,
        packet: &Packet<'_>,
        places: &[Place],
        net: &Net,
        fragment: &Fragment,
        sent: Sent,
    ) -> Option<Whole> {
        self.counters.one("ip.fragments");
        if packet.missing > 0 {
            self.counters.one("ip.fragments_cut");
            return None;
        }
        let slot = self.datagram(at, packet, net, fragment);
        let part =
            Part { start: fragment.start, bytes: packet.payload.into(), places: places.into() };
        let (_, datagram) = self.table.get_mut(slot)?;
        if datagram.closed {
            return None;
        }
        if fragment.start == 0 {
            datagram.protocol = net.protocol;
        }
        datagram.sent.add(sent);
        let before = datagram.cost();
        let outcome = datagram.add(part, fragment.more);
        let after = datagram.cost();
        let whole = matches!(outcome, Outcome::Complete).then(|| datagram.join());
        self.bytes = self.bytes.saturating_sub(before).saturating_add(after);
        match outcome {
            Outcome::Waits => {}
            Outcome::Complete => self.counters.one("ip.datagrams_reassembled"),
            Outcome::Contradicts => self.counters.one("ip.fragments_conflict"),
            Outcome::TooMany => self.counters.one("ip.fragments_too_many"),
        }
        if !matches!(outcome, Outcome::Waits) {
            self.close(slot);
        }
        self.make_room();
        whole
    }

    /// Forgets what has waited too long.
    pub(super) fn tick(&mut self, now: Timestamp) {
        while let [Some(slot), _] = self.table.oldest() {
            match self.table.get_mut(slot) {
                Some((_, datagram)) if datagram.is_stale(now) => {
                    if !datagram.closed {
                        self.counters.one("ip.datagrams_timed_out");
                    }
                    self.remove(slot);
                }
                _ => return,
            }
        }
    }

    fn datagram(
        &mut self,
        at: Timestamp,
        packet: &Packet<'_>,
        net: &Net,
        fragment: &Fragment,
    ) -> u32 {
        let name = Name {
            source: net.source,
            destination: net.destination,
            scope: packet.scope,
            identification: fragment.identification,
            protocol: if net.source.is_ipv4() { net.protocol } else { 0 },
        };
        let found = self.table.find_or_insert(name, || Datagram::new(at));
        if let Some((_, datagram)) = found.pushed_out {
            self.bytes = self.bytes.saturating_sub(datagram.cost());
        }
        if let Some((_, datagram)) = self.table.get_mut(found.slot)
            && datagram.is_stale(at)
        {
            let fresh = std::mem::replace(datagram, Datagram::new(at));
            self.bytes = self.bytes.saturating_sub(fresh.cost());
        }
        found.slot
    }

    fn close(&mut self, slot: u32) {
        if let Some((_, datagram)) = self.table.get_mut(slot) {
            self.bytes = self.bytes.saturating_sub(datagram.cost());
            datagram.parts = Vec::new();
            datagram.closed = true;
        }
    }

    fn make_room(&mut self) {
        while self.bytes > self.bytes_max {
            let [Some(slot), _] = self.table.oldest() else { return };
            self.counters.one("ip.datagrams_pushed_out");
            self.remove(slot);
        }
    }

    fn remove(&mut self, slot: u32) {
        if let Some((_, datagram)) = self.table.remove(slot) {
            self.bytes = self.bytes.saturating_sub(datagram.cost());
        }
    }
}

enum Outcome {
    Waits,
    Complete,
    Contradicts,
    TooMany,
}

impl Datagram {
    fn new(since: Timestamp) -> Self {
        let sent = Sent::default();
        Self { since, parts: Vec::new(), length: None, protocol: 0, sent, closed: false }
    }

    fn is_stale(&self, now: Timestamp) -> bool {
        // A closed one waits for late copies of its parts only; its identification may soon name another.
        let seconds = if self.closed { 1 } else { DATAGRAM_WAIT_SECONDS_MAX };
        now.since(self.since) > seconds.saturating_mul(NANOS_PER_SECOND.unsigned_abs())
    }

    fn cost(&self) -> usize {
        self.parts.iter().fold(0, |sum, part| {
            sum.saturating_add(part.bytes.len()).saturating_add(size_of::<Part>())
        })
    }

    fn add(&mut self, part: Part, more: bool) -> Outcome {
        let end = part.start.saturating_add(part.bytes.len());
        if !more && self.length.replace(end).is_some_and(|length| length != end) {
            return Outcome::Contradicts;
        }
        if self.length.is_some_and(|length| end > length) || end > DATAGRAM_BYTES_MAX {
            return Outcome::Contradicts;
        }
        let behind = self.parts.partition_point(|held| held.start < part.start);
        if let Some(same) = self.parts.get(behind)
            && same.start == part.start
            && same.bytes == part.bytes
        {
            return Outcome::Waits;
        }
        let follower = self.parts.get(behind).map_or(usize::MAX, |next| next.start);
        let before = behind.checked_sub(1).and_then(|before| self.parts.get(before));
        let reaches = before.map_or(0, |before| before.start.saturating_add(before.bytes.len()));
        if reaches > part.start || end > follower {
            return Outcome::Contradicts;
        }
        if self.parts.len() >= FRAGMENTS_PER_DATAGRAM_MAX {
            return Outcome::TooMany;
        }
        self.parts.insert(behind, part);
        if self.is_complete() { Outcome::Complete } else { Outcome::Waits }
    }

    fn is_complete(&self) -> bool {
        let Some(length) = self.length else { return false };
        let reached = self.parts.iter().try_fold(0_usize, |end, part| {
            (part.start == end).then(|| end.saturating_add(part.bytes.len()))
        });
        reached == Some(length)
    }

    fn join(&self) -> Whole {
        let mut whole = Whole { protocol: self.protocol, sent: self.sent, ..Whole::default() };
        for part in &self.parts {
            let before = whole.bytes.len();
            let places = part.places.iter();
            whole.places.extend(
                places.map(|place| Place { start: place.start.saturating_add(before), ..*place }),
            );
            whole.bytes.extend_from_slice(&part.bytes);
        }
        whole
    }
}

/// The most that an IPv4 total length, or an IPv6 payload length, can stand for.
const DATAGRAM_BYTES_MAX: usize = 65_535;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::model::FrameRef;

    fn take(
        fragments: &mut Fragments,
        id: u32,
        start: usize,
        more: bool,
        bytes: &[u8],
    ) -> Option<Whole> {
        take_at(fragments, Timestamp(0), id, start, more, bytes)
    }

    fn take_at(
        fragments: &mut Fragments,
        at: Timestamp,
        identification: u32,
        start: usize,
        more: bool,
        bytes: &[u8],
    ) -> Option<Whole> {
        let number = start as u64 + 1;
        let frame = FrameRef { capture: 0, number };
        let fragment = Fragment { identification, start, more };
        let net = Net {
            source: [10, 0, 0, 1].into(),
            destination: [10, 0, 0, 2].into(),
            protocol: 17,
            hop_limit: 64,
            hop_limit_at: 8,
            fragment: Some(fragment),
        };
        let packet = Packet { payload: bytes, payload_at: 20, net: Some(net), ..Packet::default() };
        let places = [Place { start: 0, frame, offset: 20 }];
        let sent = Sent { packets: 1, bytes: 90, spoke: false };
        fragments.take(at, &packet, &places, &net, &fragment, sent)
    }

    #[test]
    fn any_order_gives_the_datagram_and_where_each_byte_came_from() {
        let parts: [(usize, bool, &[u8]); 3] =
            [(0, true, b"abcdefgh"), (8, true, b"ijklmnop"), (16, false, b"qr")];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut fragments = Fragments::new(Ceiling::default(), 1);
            let mut whole = None;
            for part in order {
                let (start, more, bytes) = parts[part];
                assert!(take(&mut fragments, 7, start, more, bytes).is_none() || part == order[2]);
                whole = take(&mut fragments, 8, start, more, bytes).or(whole);
            }
            let whole = whole.unwrap();
            assert_eq!((whole.bytes.as_slice(), whole.protocol), (&b"abcdefghijklmnopqr"[..], 17));
            assert_eq!((whole.sent.packets, whole.sent.bytes), (3, 270));
            let frames: Vec<_> =
                whole.places.iter().map(|p| (p.start, p.frame.number, p.offset)).collect();
            assert_eq!(frames, [(0, 1, 20), (8, 9, 20), (16, 17, 20)]);
            assert_eq!(fragments.bytes, 0);
        }
    }

    #[test]
    fn copies_of_a_fragment_change_nothing() {
        let mut fragments = Fragments::new(Ceiling::default(), 1);
        for _ in 0..2 {
            assert!(take(&mut fragments, 7, 0, true, b"abcdefgh").is_none());
        }
        assert!(take(&mut fragments, 7, 8, false, b"ij").is_some());
        assert!(take(&mut fragments, 7, 8, false, b"ij").is_none());
        assert!(take(&mut fragments, 7, 0, true, b"abcdefgh").is_none());
    }

    #[test]
    fn differing_bytes_drop_the_datagram_for_good() {
        let cases: [&[(usize, bool, &[u8])]; 4] = [
            &[(0, true, b"abcdefgh"), (0, true, b"ABCDEFGH")],
            &[(0, true, b"abcdefghijklmnop"), (8, true, b"ijklmnop")],
            &[(8, false, b"ij"), (8, false, b"ijk")],
            &[(8, false, b"ij"), (16, true, b"abcdefgh")],
        ];
        for case in cases {
            let mut fragments = Fragments::new(Ceiling::default(), 1);
            for (start, more, bytes) in case {
                assert!(take(&mut fragments, 7, *start, *more, bytes).is_none());
            }
            assert_eq!(fragments.counters().count("ip.fragments_conflict"), 1);
            assert!(take(&mut fragments, 7, 0, true, b"abcdefgh").is_none());
            assert!(take(&mut fragments, 7, 8, false, b"ij").is_none());
        }
    }

    #[test]
    fn what_waits_too_long_is_forgotten() {
        let mut fragments = Fragments::new(Ceiling::default(), 1);
        assert!(take(&mut fragments, 7, 0, true, b"abcdefgh").is_none());
        let later = Timestamp::from_parts(31, 0);
        assert!(take_at(&mut fragments, later, 7, 8, false, b"ij").is_none());
        fragments.tick(Timestamp::from_parts(62, 1));
        assert_eq!((fragments.fill().0, fragments.bytes), (0, 0));
    }

    #[test]
    fn a_flood_of_unfinished_datagrams_stays_bounded() {
        let mut fragments = Fragments::new(Ceiling::default(), 1);
        for id in 0..60_000 {
            assert!(take(&mut fragments, id, 8, true, &[0; 1_000]).is_none());
        }
        assert_eq!(fragments.fill(), (DATAGRAMS_HELD_MAX, DATAGRAMS_HELD_MAX));
        for part in 1..10_000 {
            take(&mut fragments, 99_999, part * 8, true, b"abcdefgh");
        }
        assert_eq!(fragments.counters().count("ip.fragments_too_many"), 1);
        assert!(fragments.bytes <= DATAGRAM_BYTES_TOTAL_MAX);
    }
}
