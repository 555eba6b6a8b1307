//! Requests that wait for their answers.

use std::collections::VecDeque;

use crate::model::limits::PENDING_REQUESTS_MAX;

/// What is kept of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Request {
    /// Transaction identifier, which the answer repeats. Some clients always send 0.
    pub(super) transaction: u16,
    /// Unit identifier, which the answer repeats.
    pub(super) unit: u8,
    /// Function code.
    pub(super) function: u8,
    /// What the answer does not repeat: quantity of a read, function of UMAS, read code and object of Read Device
    /// Identification; 0 for others.
    pub(super) detail: u16,
}

/// Requests not yet answered, oldest first; at most `PENDING_REQUESTS_MAX`, then the oldest is forgotten.
#[derive(Default)]
pub(super) struct Requests {
    waiting: VecDeque<Request>,
}

impl Requests {
    /// Looks at the oldest; see [`Dissector::glance`](crate::protocols::Dissector::glance).
    pub(super) fn glance(&self) -> usize {
        self.waiting.front().map_or(0, |request| request.unit.into())
    }

    /// Remembers a request.
    pub(super) fn asked(&mut self, request: Request) {
        if self.waiting.len() >= PENDING_REQUESTS_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(request);
    }

    /// The oldest request with these identifiers that an answer fits, and true; or, when it fits none, the oldest,
    /// and false. It waits no longer. (Where all requests are numbered alike, as on serial lines, one that was never
    /// answered must not take the answer of the next.)
    pub(super) fn answered(
        &mut self,
        transaction: u16,
        unit: u8,
        function: u8,
        fits: impl Fn(u16) -> bool,
    ) -> Option<(Request, bool)> {
        let wanted = (transaction, unit, function);
        let mut oldest = None;
        for (at, request) in self.waiting.iter().enumerate() {
            if (request.transaction, request.unit, request.function) != wanted {
                continue;
            }
            if fits(request.detail) {
                return self.waiting.remove(at).map(|request| (request, true));
            }
            oldest = oldest.or(Some(at));
        }
        self.waiting.remove(oldest?).map(|request| (request, false))
    }

    /// Forgets all: bytes are missing from the capture, and what waits may have been answered in them.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(transaction: u16, detail: u16) -> Request {
        Request { transaction, unit: 1, function: 3, detail }
    }

    /// An answer that fits any request.
    fn any(_: u16) -> bool {
        true
    }

    #[test]
    fn answers_take_the_oldest_that_fits() {
        let mut requests = Requests::default();
        requests.asked(request(0, 5));
        requests.asked(request(0, 6));
        assert_eq!(requests.answered(0, 1, 4, any), None);
        assert_eq!(requests.answered(0, 2, 3, any), None);
        assert_eq!(requests.answered(0, 1, 3, any), Some((request(0, 5), true)));
        assert_eq!(requests.answered(0, 1, 3, any), Some((request(0, 6), true)));
        assert_eq!(requests.answered(0, 1, 3, any), None);
    }

    #[test]
    fn a_request_that_was_never_answered_does_not_take_the_answer_of_the_next() {
        let mut requests = Requests::default();
        requests.asked(request(0, 5));
        requests.asked(request(0, 6));
        assert_eq!(requests.answered(0, 1, 3, |d| d == 6), Some((request(0, 6), true)));
        assert_eq!(requests.answered(0, 1, 3, |d| d == 6), Some((request(0, 5), false)));
    }

    #[test]
    fn forgets_the_oldest_beyond_the_cap() {
        let mut requests = Requests::default();
        for transaction in 0..=u16::try_from(PENDING_REQUESTS_MAX).unwrap() {
            requests.asked(request(transaction, 0));
        }
        assert_eq!(requests.answered(0, 1, 3, any), None);
        assert_eq!(requests.answered(1, 1, 3, any), Some((request(1, 0), true)));
    }
}
