//! Bytes that came in several pieces, put together, with the place of each piece: facts keep their proof.

use crate::flow::{Input, Place};

/// Pieces in the order in which they were sent.
#[derive(Debug, Default)]
pub(in crate::protocols) struct Gathered {
    bytes: Vec<u8>,
    places: Vec<Place>,
}

impl Gathered {
    /// Number of bytes.
    pub(in crate::protocols) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// True when it holds nothing.
    pub(in crate::protocols) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Appends the `len` bytes of `input` that begin at `at`, as far as they are there.
    pub(in crate::protocols) fn push(&mut self, input: &Input<'_>, at: usize, len: usize) {
        let end = at.saturating_add(len).min(input.bytes.len());
        let Some(piece) = input.bytes.get(at..end).filter(|piece| !piece.is_empty()) else {
            return;
        };
        let here = self.bytes.len();
        let (frame, offset) = input.locate(at);
        self.places.push(Place { start: here, frame, offset });
        for place in input.places.iter().filter(|place| place.start > at && place.start < end) {
            let start = here.saturating_add(place.start.saturating_sub(at));
            self.places.push(Place { start, ..*place });
        }
        self.bytes.extend_from_slice(piece);
    }

    /// Drops the first `len` bytes.
    pub(in crate::protocols) fn pass(&mut self, len: usize) {
        let len = len.min(self.bytes.len());
        self.bytes.drain(..len);
        // The place that the first byte left lies in stays, and begins with it.
        let covering = self.places.partition_point(|place| place.start <= len).saturating_sub(1);
        self.places.drain(..covering.min(self.places.len()));
        for place in &mut self.places {
            let passed = u32::try_from(len.saturating_sub(place.start)).unwrap_or(u32::MAX);
            place.offset = place.offset.saturating_add(passed);
            place.start = place.start.saturating_sub(len);
        }
        if self.bytes.is_empty() {
            self.clear();
        }
    }

    /// Drops all, and gives the memory back.
    pub(in crate::protocols) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Bytes of memory that it takes.
    pub(in crate::protocols) fn kept_bytes(&self) -> usize {
        let places = self.places.capacity().saturating_mul(size_of::<Place>());
        self.bytes.capacity().saturating_add(places)
    }

    /// These bytes in the place of those of `input`.
    pub(in crate::protocols) fn shown<'a>(&'a self, input: &Input<'a>) -> Input<'a> {
        Input { bytes: &self.bytes, places: &self.places, whole: false, ..*input }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::flow::{Attach, Direction, FlowKey};
    use crate::model::{FrameRef, Node};

    fn frame(number: u64) -> FrameRef {
        FrameRef { capture: 0, number }
    }

    #[test]
    fn every_byte_keeps_the_frame_and_the_offset_that_it_came_from() {
        let node = |last| Node::ip(Default::default(), [10, 0, 0, last].into());
        let (client, server) = (node(1), node(2));
        let flow = FlowKey { client, client_port: 1, server, attach: Attach::Tcp(445) };
        let places = [
            Place { start: 0, frame: frame(1), offset: 54 },
            Place { start: 10, frame: frame(2), offset: 60 },
        ];
        let input = Input {
            bytes: b"0123456789abcdefghij",
            whole: false,
            direction: Direction::ToServer,
            flow: &flow,
            at: Default::default(),
            frame: frame(2),
            mac: None,
            places: &places,
        };
        let mut gathered = Gathered::default();
        gathered.push(&input, 2, 4);
        gathered.push(&input, 8, 6);
        gathered.push(&input, 18, 9);
        let shown = gathered.shown(&input);
        assert_eq!(shown.bytes, b"234589abcdij");
        let located = |at| shown.locate(at);
        assert_eq!(located(0), (frame(1), 56));
        assert_eq!(located(4), (frame(1), 62));
        assert_eq!(located(6), (frame(2), 60));
        assert_eq!(located(11), (frame(2), 69));
        gathered.pass(7);
        let shown = gathered.shown(&input);
        assert_eq!((shown.bytes, shown.locate(0)), (&b"bcdij"[..], (frame(2), 61)));
        assert_eq!(shown.locate(3), (frame(2), 68));
        gathered.pass(100);
        assert!(gathered.is_empty());
    }
}
