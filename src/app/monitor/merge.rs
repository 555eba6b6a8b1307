//! Frames of several interfaces in order of time.
//!
//! The two directions of a tap come in over two interfaces, and an answer must not be read before its request. So a frame waits until every other interface has
//! shown that nothing older comes from it, or for a moment at most.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::capture::Batch;
use crate::model::{Frame, FrameRef, Timestamp};

/// What waits to be read, of all interfaces.
#[derive(Debug)]
pub(super) struct Merge {
    lanes: Vec<Lane>,
}

/// What waits of one interface.
#[derive(Debug, Default)]
struct Lane {
    batches: VecDeque<Batch>,
    /// The next frame of the first batch.
    next: usize,
    /// Nothing older than this comes any more.
    up_to: Timestamp,
    /// It will give nothing more.
    ended: bool,
    /// Since when its first frame waits for others.
    since: Option<Instant>,
}

impl Merge {
    /// For so many interfaces, in the order of their numbers.
    pub(super) fn new(interfaces: usize) -> Self {
        Self { lanes: (0..interfaces).map(|_| Lane::default()).collect() }
    }

    /// Takes frames of an interface.
    pub(super) fn push(&mut self, interface: usize, batch: Batch) {
        let Some(lane) = self.lanes.get_mut(interface) else { return };
        lane.up_to = lane.up_to.max(batch.last().unwrap_or_default());
        if !batch.is_empty() {
            lane.batches.push_back(batch);
        }
    }

    /// An interface gave nothing up to that time.
    pub(super) fn silent(&mut self, interface: usize, up_to: Timestamp) {
        if let Some(lane) = self.lanes.get_mut(interface) {
            lane.up_to = lane.up_to.max(up_to);
        }
    }

    /// An interface will give nothing more.
    pub(super) fn ended(&mut self, interface: usize) {
        if let Some(lane) = self.lanes.get_mut(interface) {
            lane.ended = true;
        }
    }

    /// True when nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.iter().all(|lane| lane.batches.is_empty())
    }

    /// A frame that was read, in a batch that was not yet read to its end.
    pub(super) fn find(&self, frame: FrameRef) -> Option<Frame<'_>> {
        self.lanes.iter().find_map(|lane| lane.batches.front()?.find(frame))
    }

    /// Reads the frames whose turn it is, up to the end of one batch; gives that batch back with the number of its interface once all of it is read.
    /// `None` when those that wait must wait longer.
    pub(super) fn turn(
        &mut self,
        now: Instant,
        mut read: impl FnMut(&Frame<'_>),
    ) -> Option<(usize, Batch)> {
        loop {
            let (interface, limit) = self.due(now)?;
            let lane = self.lanes.get_mut(interface)?;
            let batch = lane.batches.front()?;
            lane.since = None;
            while let Some(frame) = batch.frame(lane.next) {
                if limit.is_some_and(|limit| frame.at > limit) {
                    break;
                }
                read(&frame);
                lane.next = lane.next.saturating_add(1);
            }
            if lane.next >= batch.len() {
                lane.next = 0;
                return lane.batches.pop_front().map(|batch| (interface, batch));
            }
        }
    }

    /// The interface whose first frame is due, and up to which time its frames are; without an end where no other has anything.
    fn due(&mut self, now: Instant) -> Option<(usize, Option<Timestamp>)> {
        let heads = self.lanes.iter().enumerate().filter_map(|(at, lane)| Some((lane.head()?, at)));
        let (head, interface) = heads.min()?;
        let others = self.lanes.iter().enumerate().filter(|(at, _)| *at != interface);
        // What another has, or has shown not to have.
        let limit = others.filter_map(|(_, lane)| lane.head().or_else(|| lane.horizon())).min();
        let waits = limit.is_some_and(|limit| limit < head);
        if !waits {
            return Some((interface, limit));
        }
        let lane = self.lanes.get_mut(interface)?;
        let since = *lane.since.get_or_insert(now);
        let is_over = now.saturating_duration_since(since) >= PATIENCE;
        (is_over || lane.batches.len() >= BATCHES_WAITING_MAX).then_some((interface, None))
    }
}

impl Lane {
    fn head(&self) -> Option<Timestamp> {
        self.batches.front()?.frame(self.next).map(|frame| frame.at)
    }

    fn horizon(&self) -> Option<Timestamp> {
        (!self.ended).then_some(self.up_to)
    }
}

/// How long frames wait for an interface that shows nothing: longer than a kernel keeps a block of its ring.
const PATIENCE: Duration = Duration::from_millis(300);
/// Batches of one interface that wait for another one.
const BATCHES_WAITING_MAX: usize = 64;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::model::{FrameRef, LinkType};

    fn batch(capture: u32, times: &[i64]) -> Batch {
        let mut batch = Batch::default();
        for (at, time) in times.iter().enumerate() {
            let frame = FrameRef { capture, number: at as u64 + 1 };
            let (link, bytes) = (LinkType::ETHERNET, &[0; 60][..]);
            batch.push(&Frame { at: Timestamp(*time), frame, link, wire_len: 60, bytes });
        }
        batch
    }

    fn all(merge: &mut Merge, now: Instant) -> Vec<i64> {
        let mut times = Vec::new();
        while merge.turn(now, |frame| times.push(frame.at.0)).is_some() {}
        times
    }

    #[test]
    fn one_interface_waits_for_nobody() {
        let mut merge = Merge::new(1);
        merge.push(0, batch(0, &[5, 3, 9]));
        assert_eq!(all(&mut merge, Instant::now()), [5, 3, 9]);
        assert!(merge.is_empty());
    }

    #[test]
    fn two_directions_come_in_order_of_time() {
        let (mut merge, now) = (Merge::new(2), Instant::now());
        merge.push(0, batch(0, &[1, 4, 6]));
        assert!(all(&mut merge, now).is_empty(), "the other may still give something older");
        merge.push(1, batch(1, &[2, 5]));
        assert_eq!(all(&mut merge, now), [1, 2, 4, 5]);
        merge.silent(1, Timestamp(7));
        assert_eq!(all(&mut merge, now), [6]);
    }

    #[test]
    fn nobody_waits_for_ever() {
        let (mut merge, now) = (Merge::new(2), Instant::now());
        merge.push(0, batch(0, &[1, 4]));
        assert!(all(&mut merge, now).is_empty());
        assert_eq!(all(&mut merge, now + PATIENCE), [1, 4]);
        merge.push(0, batch(0, &[7]));
        assert!(all(&mut merge, now + PATIENCE).is_empty());
        merge.ended(1);
        assert_eq!(all(&mut merge, now + PATIENCE), [7]);
    }

    #[test]
    fn what_waits_is_bounded() {
        let (mut merge, now) = (Merge::new(2), Instant::now());
        for at in 0..1_000 {
            merge.push(0, batch(0, &[at]));
            while merge.turn(now, |_| {}).is_some() {}
            assert!(merge.lanes[0].batches.len() < BATCHES_WAITING_MAX);
        }
    }
}
