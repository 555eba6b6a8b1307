//! The transport function (IEEE 1815-2012, clause 8): one byte in front of each segment says whether it is the first or the
//! last of a fragment, and counts.

use crate::flow::{Direction, Input};
use crate::model::limits::{DNP3_FRAGMENT_BYTES_MAX, DNP3_FRAGMENTS_MAX};
use crate::protocols::Sink;
use crate::protocols::dnp3::link::Link;
use crate::protocols::shared::gathered::Gathered;

/// Fragments of which not all segments are there yet, the oldest first.
#[derive(Default)]
pub(super) struct Fragments {
    open: Vec<Open>,
}

pub(super) struct Open {
    direction: Direction,
    source: u16,
    destination: u16,
    /// Number of the segment that comes next.
    next: u8,
    gathered: Gathered,
}

/// The header in front of a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) is_first: bool,
    is_last: bool,
    number: u8,
}

impl Segment {
    pub(super) fn of(header: u8) -> Self {
        Self { is_first: header & FIRST != 0, is_last: header & LAST != 0, number: header & NUMBER }
    }
}

impl Fragments {
    /// Takes a segment, and gives the fragment when it was the last of it. Segments of a fragment whose beginning was not
    /// wanted, or not seen, are passed over.
    pub(super) fn take(
        &mut self,
        segment: Segment,
        link: &Link,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Option<Gathered> {
        let mut open = match self.end(link, input.direction) {
            _ if segment.is_first => Open {
                direction: input.direction,
                source: link.source,
                destination: link.destination,
                next: segment.number,
                gathered: Gathered::default(),
            },
            Some(open) => open,
            None => return None,
        };
        if open.next != segment.number {
            out.count("dnp3.segments_missing");
            return None;
        }
        if open.gathered.len().saturating_add(link.segment_bytes()) > DNP3_FRAGMENT_BYTES_MAX {
            out.count("dnp3.fragments_too_long");
            return None;
        }
        link.gather(input, &mut open.gathered);
        if segment.is_last {
            return Some(open.gathered);
        }
        open.next = open.next.wrapping_add(1) & NUMBER;
        if self.open.len() >= DNP3_FRAGMENTS_MAX {
            self.open.remove(0);
            out.count("dnp3.fragments_over_limit");
        }
        self.open.push(open);
        None
    }

    /// Ends what these two had begun: it goes on with this frame, or never.
    pub(super) fn end(&mut self, link: &Link, direction: Direction) -> Option<Open> {
        let at = self.open.iter().position(|open| {
            open.direction == direction
                && (open.source, open.destination) == (link.source, link.destination)
        })?;
        Some(self.open.remove(at))
    }

    /// Forgets what one side had begun.
    pub(super) fn forget(&mut self, direction: Direction) {
        self.open.retain(|open| open.direction != direction);
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.open.clear();
    }

    /// Bytes of segments that it keeps.
    pub(super) fn kept_bytes(&self) -> usize {
        self.open.iter().map(|open| open.gathered.kept_bytes()).sum()
    }
}

const LAST: u8 = 0x80;
const FIRST: u8 = 0x40;
const NUMBER: u8 = 0x3f;
