//! Frames on their way from the thread that receives them to the thread that reads them: many at a time, in one piece of memory that is used again.

use crate::model::limits::{BATCH_BYTES_MAX, BATCH_FRAMES_MAX};
use crate::model::{Frame, FrameRef, LinkType, Timestamp};

/// Frames of one interface, in the order in which they came.
#[derive(Debug, Default)]
pub struct Batch {
    heads: Vec<Head>,
    bytes: Vec<u8>,
}

/// A frame without its bytes, which end in the batch at `end`, where those of the next one begin.
#[derive(Clone, Copy, Debug)]
struct Head {
    at: Timestamp,
    frame: FrameRef,
    link: LinkType,
    wire_len: u32,
    end: usize,
}

impl Batch {
    /// True when one more frame of any length would be too much.
    pub fn is_full(&self) -> bool {
        self.heads.len() >= BATCH_FRAMES_MAX || self.bytes.len() >= BATCH_BYTES_MAX
    }

    /// True when there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// How many frames are in it.
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Bytes of all frames together.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Time of the first frame.
    pub fn first(&self) -> Option<Timestamp> {
        self.heads.first().map(|head| head.at)
    }

    /// Time of the last frame.
    pub fn last(&self) -> Option<Timestamp> {
        self.heads.last().map(|head| head.at)
    }

    /// Copies a frame to the end.
    pub fn push(&mut self, frame: &Frame<'_>) {
        let Frame { at, frame, link, wire_len, bytes } = *frame;
        self.bytes.extend_from_slice(bytes);
        self.heads.push(Head { at, frame, link, wire_len, end: self.bytes.len() });
    }

    /// The frame with that number in that capture. Frames of a batch are numbered one after the other.
    pub fn find(&self, wanted: FrameRef) -> Option<Frame<'_>> {
        let first = self.heads.first()?.frame;
        let at = usize::try_from(wanted.number.checked_sub(first.number)?).ok()?;
        (first.capture == wanted.capture).then(|| self.frame(at)).flatten()
    }

    /// The frame at a position, from 0.
    pub fn frame(&self, at: usize) -> Option<Frame<'_>> {
        let Head { at: time, frame, link, wire_len, end } = *self.heads.get(at)?;
        let before = at.checked_sub(1).and_then(|before| self.heads.get(before));
        let start = before.map_or(0, |head| head.end);
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        Some(Frame { at: time, frame, link, wire_len, bytes })
    }

    /// Forgets the frames, and keeps the memory.
    pub fn clear(&mut self) {
        self.heads.clear();
        self.bytes.clear();
    }

    /// The frames, in the order in which they came.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        let starts = std::iter::once(0).chain(self.heads.iter().map(|head| head.end));
        starts.zip(&self.heads).map(|(start, head)| {
            let Head { at, frame, link, wire_len, end } = *head;
            let bytes = self.bytes.get(start..end).unwrap_or_default();
            Frame { at, frame, link, wire_len, bytes }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_as_they_went_in() {
        let mut batch = Batch::default();
        let frames: Vec<(i64, Vec<u8>)> = vec![(5, vec![1, 2, 3]), (6, vec![]), (7, vec![4])];
        for _ in 0..2 {
            batch.clear();
            for (at, bytes) in &frames {
                let frame = FrameRef { capture: 1, number: 9 };
                let (at, link) = (Timestamp(*at), LinkType::ETHERNET);
                batch.push(&Frame { at, frame, link, wire_len: 60, bytes });
            }
            let out: Vec<(i64, Vec<u8>)> =
                batch.frames().map(|frame| (frame.at.0, frame.bytes.to_vec())).collect();
            assert_eq!(out, frames);
            let second = batch.frame(1).unwrap();
            assert_eq!((second.at, second.bytes), (Timestamp(6), &[][..]));
            assert_eq!(batch.frame(2).unwrap().bytes, [4]);
            assert!(batch.frame(3).is_none());
            assert_eq!((batch.first(), batch.last()), (Some(Timestamp(5)), Some(Timestamp(7))));
        }
    }
}
