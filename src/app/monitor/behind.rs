//! The batches just read: a fact may rest on a frame before the one that completes it, and evidence is cut from both.

use std::collections::{BTreeSet, VecDeque};

use crate::app::config::Keep;
use crate::capture::Batch;
use crate::model::limits::{BATCHES_BEHIND_BYTES_MAX, BATCHES_BEHIND_MAX};
use crate::model::{Frame, FrameRef, Observation};

/// Batches that were read, the latest last.
#[derive(Debug, Default)]
pub(super) struct Behind {
    batches: VecDeque<(usize, Batch)>,
    bytes: usize,
    /// Frames that a fact named and that were gone already.
    gone: u64,
}

impl Behind {
    /// Takes a batch that was read; gives back, with its interface, one that nobody will ask for any more.
    pub(super) fn push(&mut self, interface: usize, batch: Batch) -> Option<(usize, Batch)> {
        self.bytes = self.bytes.saturating_add(batch.bytes());
        self.batches.push_back((interface, batch));
        if self.batches.len() <= BATCHES_BEHIND_MAX && self.bytes <= BATCHES_BEHIND_BYTES_MAX {
            return None;
        }
        let oldest = self.batches.pop_front()?;
        self.bytes = self.bytes.saturating_sub(oldest.1.bytes());
        Some(oldest)
    }

    /// The frames behind facts that are news, each once, in order.
    /// `ahead` knows frames that were read and are not here yet.
    pub(super) fn frames<'b>(
        &'b mut self,
        facts: &[Observation],
        ahead: impl Fn(FrameRef) -> Option<Frame<'b>>,
    ) -> Vec<Frame<'b>> {
        let news = facts.iter().filter(|fact| !fact.repeat);
        let wanted: BTreeSet<FrameRef> =
            news.flat_map(|fact| [fact.frame, fact.excerpt.frame]).collect();
        let mut found = Vec::with_capacity(wanted.len());
        for frame in wanted {
            let here = self.batches.iter().rev().find_map(|(_, batch)| batch.find(frame));
            match here.or_else(|| ahead(frame)) {
                Some(frame) => found.push(frame),
                None => self.gone = self.gone.saturating_add(1),
            }
        }
        found
    }

    /// Frames that a fact named and that were gone already.
    pub(super) fn gone(&self) -> u64 {
        self.gone
    }
}

/// What is kept of a frame.
pub(super) fn part<'f>(keep: Keep, frame: &Frame<'f>) -> &'f [u8] {
    match keep {
        Keep::Frames => frame.bytes,
        Keep::Headers => frame.bytes.get(..HEADER_BYTES).unwrap_or(frame.bytes),
        Keep::None => &[],
    }
}

/// Ethernet with two VLAN tags, IPv6 with an extension, TCP with its options.
const HEADER_BYTES: usize = 128;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::model::{Excerpt, Key, LinkType, Node, Scope, Subject, Timestamp, Value};

    fn batch(first: u64, count: u64) -> Batch {
        let mut batch = Batch::default();
        for number in first..first + count {
            let frame = FrameRef { capture: 4, number };
            let (at, link) = (Timestamp(0), LinkType::ETHERNET);
            batch.push(&Frame { at, frame, link, wire_len: 60, bytes: &[number as u8] });
        }
        batch
    }

    fn fact(start: u64, end: u64, repeat: bool) -> Observation {
        let at = |number| FrameRef { capture: 4, number };
        let scope = Scope { site: 0, outer_vlan: 0, vlan: 0 };
        let addr = crate::model::Addr::Ip(std::net::IpAddr::from([10, 0, 0, 1]));
        Observation {
            at: Timestamp(0),
            frame: at(end),
            subject: Subject::node(Node { scope, addr }),
            mac: None,
            key: Key::one("smb.os"),
            value: Value::Uint(1),
            excerpt: Excerpt { frame: at(start), ..Excerpt::default() },
            repeat,
        }
    }

    #[test]
    fn evidence_is_cut_from_both_ends_of_a_message() {
        let mut behind = Behind::default();
        behind.push(0, batch(1, 3));
        behind.push(0, batch(4, 3));
        let facts = [fact(2, 5, false), fact(5, 5, false), fact(1, 1, true), fact(99, 6, false)];
        let found: Vec<u64> =
            behind.frames(&facts, |_| None).iter().map(|one| one.frame.number).collect();
        assert_eq!(found, [2, 5, 6]);
        assert_eq!(behind.gone(), 1);
    }

    #[test]
    fn what_lies_behind_is_bounded_and_used_again() {
        let mut behind = Behind::default();
        let mut back = 0;
        for number in 0..BATCHES_BEHIND_MAX as u64 * 3 {
            back += usize::from(behind.push(0, batch(number, 1)).is_some());
        }
        assert_eq!(back, BATCHES_BEHIND_MAX * 2);
        assert_eq!(behind.bytes, BATCHES_BEHIND_MAX);
    }
}
