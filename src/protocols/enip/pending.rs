//! Requests that wait for their replies.

use std::collections::VecDeque;

use crate::flow::Direction;
use crate::model::Timestamp;
use crate::model::limits::{
    CIP_PENDING_SERVICES_MAX, PENDING_REQUEST_SECONDS_MAX, PENDING_REQUESTS_MAX,
};
use crate::model::time::NANOS_PER_SECOND;
use crate::protocols::enip::cip::Asked;

/// What a reply repeats of its request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ticket {
    /// Unconnected: session handle and sender context. Many clients never change the context, so the order
    /// counts too.
    Unconnected(u32, [u8; 8]),
    /// Connected: the identifier that requests of the connection carry, and the sequence count.
    Connected(u32, u16),
}

/// The requests that wait, oldest first.
#[derive(Debug, Default)]
pub(super) struct Pending {
    requests: VecDeque<Request>,
    /// Sum of the weights of `requests`.
    weight: usize,
}

#[derive(Debug)]
struct Request {
    ticket: Ticket,
    direction: Direction,
    at: Timestamp,
    asked: Asked,
}

impl Pending {
    /// Looks at the oldest; see [`Dissector::glance`](crate::protocols::Dissector::glance).
    pub(super) fn glance(&self) -> usize {
        self.requests
            .front()
            .map_or(self.weight, |request| usize::from(request.direction == Direction::ToServer))
    }

    /// Remembers a request that travelled `direction`. Gives how many others were forgotten for it.
    pub(super) fn ask(
        &mut self,
        ticket: Ticket,
        direction: Direction,
        at: Timestamp,
        asked: Asked,
    ) -> usize {
        // The same request twice in a row is the copy of a mirror port, or a client that lost patience: one
        // reply answers both, and the leftover must not wait for a reply to something else.
        let last = self
            .requests
            .iter()
            .rposition(|request| request.ticket == ticket && request.direction == direction);
        if let Some(last) = last
            && self.requests.get(last).is_some_and(|request| request.asked == asked)
        {
            self.remove(last);
        }
        self.weight = self.weight.saturating_add(asked.weight());
        self.requests.push_back(Request { ticket, direction, at, asked });
        let mut forgotten = 0_usize;
        while self.requests.len() > PENDING_REQUESTS_MAX
            || (self.weight > CIP_PENDING_SERVICES_MAX && self.requests.len() > 1)
        {
            self.remove(0);
            forgotten = forgotten.saturating_add(1);
        }
        forgotten
    }

    /// Takes the request that a reply of `service`, seen at `at` and travelling `direction`, answers.
    pub(super) fn answered(
        &mut self,
        ticket: Ticket,
        direction: Direction,
        at: Timestamp,
        service: u8,
    ) -> Option<Asked> {
        self.keep(|request| at.since(request.at) <= LIFETIME_NANOSECONDS);
        let found = self.requests.iter().position(|request| {
            request.ticket == ticket
                && request.direction != direction
                && request.asked.answered_by(service)
        })?;
        let answered = self.remove(found)?;
        // Replies keep the order of requests with the same ticket: what was asked before stays unanswered.
        let mut place = 0_usize;
        self.keep(|request| {
            let before = place < found;
            place = place.saturating_add(1);
            !(before && request.ticket == ticket && request.direction == answered.direction)
        });
        Some(answered.asked)
    }

    /// Forgets all: after a gap, the next reply may answer a request that was not seen.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    fn remove(&mut self, place: usize) -> Option<Request> {
        let request = self.requests.remove(place)?;
        self.weight = self.weight.saturating_sub(request.asked.weight());
        Some(request)
    }

    fn keep(&mut self, mut wanted: impl FnMut(&Request) -> bool) {
        let weight = &mut self.weight;
        self.requests.retain(|request| {
            let keep = wanted(request);
            if !keep {
                *weight = weight.saturating_sub(request.asked.weight());
            }
            keep
        });
    }
}

const LIFETIME_NANOSECONDS: u64 =
    PENDING_REQUEST_SECONDS_MAX.saturating_mul(NANOS_PER_SECOND.unsigned_abs());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Direction::{ToClient, ToServer};
    use crate::protocols::enip::cip::{Answer, Node};

    const TICKET: Ticket = Ticket::Unconnected(1, [0; 8]);

    fn asked(services: usize) -> Asked {
        let node = Node { service: 1, route: 0, routed: false, answer: Answer::Unread };
        Asked { nodes: vec![node; services], ..Asked::default() }
    }

    #[test]
    fn a_late_reply_does_not_answer_a_request_that_timed_out() {
        for (seconds, found) in [(30, true), (31, false)] {
            let mut pending = Pending::default();
            pending.ask(TICKET, ToServer, Timestamp(0), asked(1));
            let at = Timestamp::from_parts(seconds, 0);
            assert_eq!(pending.answered(TICKET, ToClient, at, 0x81).is_some(), found);
        }
    }

    #[test]
    fn a_reply_drops_the_requests_before_its_own() {
        let mut pending = Pending::default();
        pending.ask(TICKET, ToServer, Timestamp(0), asked(1));
        let mut other = asked(2);
        other.nodes[0].service = 3;
        pending.ask(TICKET, ToServer, Timestamp(0), other);
        assert!(pending.answered(TICKET, ToClient, Timestamp(0), 0x83).is_some());
        assert!(pending.answered(TICKET, ToClient, Timestamp(0), 0x81).is_none());
        assert_eq!(pending.weight, 0);
    }

    #[test]
    fn a_reply_travels_against_its_request() {
        let mut pending = Pending::default();
        pending.ask(TICKET, ToServer, Timestamp(0), asked(1));
        assert!(pending.answered(TICKET, ToServer, Timestamp(0), 0x81).is_none());
    }

    #[test]
    fn remembered_services_are_bounded_together() {
        let mut pending = Pending::default();
        for sequence in 0..10 {
            let ticket = Ticket::Connected(1, sequence);
            pending.ask(ticket, ToServer, Timestamp(0), asked(500));
            assert!(pending.weight <= CIP_PENDING_SERVICES_MAX);
        }
        assert_eq!(pending.requests.len(), 2);
    }
}
