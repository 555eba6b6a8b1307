//! Both directions of a TCP connection in the order in which they were spoken.
//!
//! Mirrored ports swap packets of opposite directions, and lose some. A dissector that pairs requests with answers
//! would then pair wrongly, and say a serial number of the wrong slot. Acknowledgements tell the order: a segment
//! that acknowledges bytes not yet seen was sent after them, so it waits for them. When they do not come, they are
//! told as a gap first.

use crate::flow::Audience;
use crate::flow::stream::{Desk, Piece, Side, ahead};
use crate::model::Timestamp;
use crate::packet::Tcp;

/// One connection, seen from one of its directions.
pub(super) struct Talk<'a, A: Audience> {
    pub(super) own: &'a mut Side,
    pub(super) other: &'a mut Side,
    /// Shows the bytes of `own`.
    pub(super) desk: Desk<'a, A>,
}

impl<A: Audience> Talk<'_, A> {
    /// Takes a segment of `own`, of which `missing` more bytes were on the wire but not captured.
    pub(super) fn segment(&mut self, tcp: &Tcp, piece: &Piece<'_>, missing: u32) {
        let speaks = !piece.bytes.is_empty() || missing > 0;
        if let Some(number) = tcp.acknowledged {
            self.turn();
            self.own.acknowledge(number, speaks, &mut self.desk);
            self.turn();
        }
        if speaks && !*self.desk.done {
            let start = tcp.sequence.wrapping_add(u32::from(tcp.syn));
            let after = tcp.acknowledged.filter(|number| self.other.misses(*number));
            self.own.segment(start, piece, missing, after, &mut self.desk);
            self.settle(Some(piece));
        }
    }

    /// Gives up what was awaited long enough. `patience` counts the packets until then.
    pub(super) fn give_up(&mut self, patience: &mut u8, now: Timestamp) {
        if !self.own.waits() && !self.other.waits() {
            *patience = PATIENCE_PACKETS;
            return;
        }
        if self.own.is_stuck() || self.other.is_stuck() {
            *patience = patience.saturating_sub(1);
        }
        for _ in 0..2 {
            let stuck = *patience == 0 && self.own.is_stuck();
            if stuck || self.own.is_full() || self.own.is_overdue(now) {
                self.force();
                self.settle(None);
            }
            self.turn();
        }
    }

    /// Gives up all that is awaited, and shows what is held.
    pub(super) fn flush(&mut self) {
        while !*self.desk.done {
            if self.own.waits() {
                self.force();
            } else if self.other.waits() {
                self.turn();
                self.force();
                self.turn();
            } else {
                return;
            }
            self.settle(None);
        }
    }

    /// Shows whatever no longer waits for anything. `by` is the piece of `own` that may have made it so.
    fn settle(&mut self, by: Option<&Piece<'_>>) {
        loop {
            if self.own.is_ready(self.other) {
                self.own.accept_first(by, &mut self.desk);
            } else if self.other.is_ready(self.own) {
                self.turn();
                self.own.accept_first(None, &mut self.desk);
                self.turn();
            } else {
                return;
            }
        }
    }

    /// Makes one step out of waiting: tells the gap that the first segment held of `own` waits for, be it its own
    /// or the other side's, or shows it as it is.
    fn force(&mut self) {
        let Some((start, after)) = self.own.first_held() else { return };
        let next = self.own.next();
        if ahead(start, next) > 0 {
            // What the other side said within the gap stands between its parts: a request after the first of two
            // answers that are missing is answered by the second, not by the one that follows the gap.
            let heard = self.other.first_held().and_then(|(_, after)| after);
            let part = heard.filter(|to| ahead(*to, next) > 0 && ahead(*to, start) < 0);
            self.own.gap_to(part.unwrap_or(start), &mut self.desk);
            return;
        }
        if let Some(number) = after.filter(|number| self.other.misses(*number)) {
            let held = self.other.first_held().map(|(start, _)| start);
            let to = held.filter(|start| ahead(*start, number) < 0).unwrap_or(number);
            if ahead(to, self.other.next()) > 0 {
                self.turn();
                self.own.gap_to(to, &mut self.desk);
                if held.is_none() {
                    self.own.fall_silent();
                }
                self.turn();
                return;
            }
        }
        self.own.accept_first(None, &mut self.desk);
    }

    fn turn(&mut self) {
        std::mem::swap(&mut self.own, &mut self.other);
        self.desk.direction = self.desk.direction.reversed();
    }
}

/// Packets of a connection that missing bytes may be late by. Waiting costs memory, never order.
pub(super) const PATIENCE_PACKETS: u8 = 8;
