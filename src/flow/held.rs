//! What one direction of a conversation holds: bytes not yet read, and segments that came too early.

use crate::flow::Place;
use crate::flow::stream::{Piece, ahead};
use crate::model::{FrameRef, Mac, Timestamp};

/// See the module.
#[derive(Default)]
pub(super) struct Held {
    /// Bytes in order that no dissector has used yet.
    pub(super) unread: Vec<u8>,
    /// Where `unread` came from.
    pub(super) places: Vec<Place>,
    /// Segments behind a hole: ascending, none overlaps another.
    pub(super) segments: Vec<Segment>,
}

/// A segment that came too early.
pub(super) struct Segment {
    /// Sequence number of the first byte.
    pub(super) start: u32,
    pub(super) bytes: Box<[u8]>,
    pub(super) places: Box<[Place]>,
    /// Bytes behind `bytes` that were on the wire but not captured.
    pub(super) missing: u32,
    /// What it acknowledges of the other side that was not seen before it.
    pub(super) after: Option<u32>,
    /// There was a hole before it.
    pub(super) early: bool,
    pub(super) at: Timestamp,
    pub(super) frame: FrameRef,
    pub(super) mac: Option<Mac>,
}

impl Segment {
    pub(super) fn copied(
        start: u32,
        piece: &Piece<'_>,
        missing: u32,
        after: Option<u32>,
        early: bool,
    ) -> Self {
        let Piece { bytes, places, at, frame, mac } = *piece;
        let (bytes, places) = (bytes.into(), places.into());
        Self { start, bytes, places, missing, after, early, at, frame, mac }
    }

    /// Sequence number behind the last byte, captured or not.
    pub(super) fn end(&self) -> u32 {
        let length = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.start.wrapping_add(length).wrapping_add(self.missing)
    }

    /// The part from one offset to another.
    fn part(&self, from: u32, to: u32) -> Self {
        let (from_at, to_at) = (at(from), at(to));
        let end = to_at.min(self.bytes.len());
        let bytes = self.bytes.get(from_at.min(end)..end).unwrap_or_default();
        let captured = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        Self {
            start: self.start.wrapping_add(from),
            bytes: bytes.into(),
            places: rebased(&self.places, from_at).into(),
            missing: to.saturating_sub(captured.max(from)),
            ..*self
        }
    }
}

impl Held {
    pub(super) fn is_empty(&self) -> bool {
        self.unread.is_empty() && self.segments.is_empty()
    }

    /// Bytes of memory, with what each piece costs beside its bytes.
    pub(super) fn cost(&self) -> usize {
        let places = self.places.capacity().saturating_mul(size_of::<Place>());
        let segments = self.segments.iter().fold(0_usize, |sum, segment| {
            sum.saturating_add(segment.bytes.len()).saturating_add(SEGMENT_COST_BYTES)
        });
        size_of::<Self>()
            .saturating_add(self.unread.capacity())
            .saturating_add(places)
            .saturating_add(segments)
    }

    /// Adds bytes behind those unread.
    pub(super) fn append(&mut self, bytes: &[u8], places: &[Place]) {
        let before = self.unread.len();
        self.places.extend(
            places
                .iter()
                .filter(|place| place.start < bytes.len())
                .map(|place| Place { start: place.start.saturating_add(before), ..*place }),
        );
        self.unread.extend_from_slice(bytes);
    }

    /// Takes back what was shown, without the bytes used.
    pub(super) fn put_back(&mut self, mut unread: Vec<u8>, places: Vec<Place>, used: usize) {
        if used > 0 {
            unread.drain(..used.min(unread.len()));
            self.places = if unread.is_empty() { Vec::new() } else { rebased(&places, used) };
        } else {
            self.places = places;
        }
        self.unread = unread;
    }

    /// Adds a segment. Bytes that are held already stay as they are; gives how many segments differ from it.
    pub(super) fn insert(&mut self, next: u32, segment: Segment) -> u64 {
        let mut conflicts = 0_u64;
        let mut parts: Vec<(u32, u32)> = Vec::new();
        let length = segment.end().wrapping_sub(segment.start);
        let mut from = 0_u32;
        for held in &self.segments {
            let start = ahead(held.start, segment.start);
            let end = ahead(held.end(), segment.start);
            if end <= 0 || u32::try_from(start).is_ok_and(|start| start >= length) {
                continue;
            }
            let start = u32::try_from(start).unwrap_or(0);
            if start > from {
                parts.push((from, start));
            }
            from = from.max(u32::try_from(end).unwrap_or(0));
            conflicts = conflicts.saturating_add(u64::from(differ(held, &segment)));
        }
        if from < length {
            parts.push((from, length));
        }
        for (from, to) in parts {
            let part = segment.part(from, to);
            let distance = part.start.wrapping_sub(next);
            let behind =
                self.segments.partition_point(|held| held.start.wrapping_sub(next) < distance);
            self.segments.insert(behind, part);
        }
        conflicts
    }
}

/// The places of what follows the first `by` bytes.
pub(super) fn rebased(places: &[Place], by: usize) -> Vec<Place> {
    let first = places.partition_point(|place| place.start <= by).saturating_sub(1);
    places.iter().skip(first).map(|place| place.moved(by)).collect()
}

impl Place {
    /// The same run, when `by` bytes before it or of it are gone.
    pub(super) fn moved(&self, by: usize) -> Self {
        let gone = u32::try_from(by.saturating_sub(self.start)).unwrap_or(u32::MAX);
        let start = self.start.saturating_sub(by);
        Self { start, frame: self.frame, offset: self.offset.saturating_add(gone) }
    }
}

/// Whether two segments hold different bytes where they overlap.
fn differ(one: &Segment, other: &Segment) -> bool {
    let from = ahead(other.start, one.start);
    let (of_one, of_other) =
        if from >= 0 { (at(from.unsigned_abs()), 0) } else { (0, at(from.unsigned_abs())) };
    let one = one.bytes.get(of_one..).unwrap_or_default();
    let other = other.bytes.get(of_other..).unwrap_or_default();
    one.iter().zip(other).any(|(one, other)| one != other)
}

fn at(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// A segment's record, its place and what the allocator adds.
const SEGMENT_COST_BYTES: usize = 160;
