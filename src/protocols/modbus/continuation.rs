//! Whether an identification that comes in several answers came whole (Read Device Identification, 6.21: More Follows
//! and Next Object Id).

use std::collections::BTreeMap;

use crate::model::Key;
use crate::wire::Span;

/// Which streams of objects the unit gave, and whether all their answers were seen: `basic: complete`,
/// `extended: partial`. While answers are awaited, nothing is said.
pub(super) const IDENTIFICATION: Key = Key::several("modbus.identification");

/// One answer of a stream of objects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// Read device ID code: 1 basic, 2 regular, 3 extended.
    pub(super) code: u8,
    /// Identifier of its first object; `None` when it has none.
    pub(super) first: Option<u8>,
    /// Where the next answer goes on; `None` for the last.
    pub(super) next: Option<u8>,
    /// Where more follows and next object stand.
    pub(super) span: Span,
}

/// Streams that are not at their end, by unit; at most 256.
#[derive(Default)]
pub(super) struct Continuations {
    going: BTreeMap<u8, Going>,
}

#[derive(Clone, Copy)]
struct Going {
    code: u8,
    next: u8,
    whole: bool,
}

impl Continuations {
    /// Takes one answer; `asked` is the object from which the request wanted them. Gives what is known now.
    pub(super) fn took(&mut self, unit: u8, asked: Option<u8>, part: Part) -> Option<&'static str> {
        let from = asked.or(part.first)?;
        let before = self.going.remove(&unit);
        let goes_on = before.filter(|going| (going.code, going.next) == (part.code, from));
        // Whoever asks from an object that is not there is answered from the first one on.
        let whole = goes_on.map_or(from == 0 || part.first == Some(0), |going| going.whole);
        match part.next {
            Some(next) => {
                self.going.insert(unit, Going { code: part.code, next, whole });
                let left = before.filter(|_| goes_on.is_none());
                left.and_then(|going| told(going.code, false))
            }
            None => told(part.code, whole),
        }
    }

    /// Forgets all: answers are missing from the capture.
    pub(super) fn clear(&mut self) {
        self.going.clear();
    }
}

fn told(code: u8, whole: bool) -> Option<&'static str> {
    match (code, whole) {
        (1, true) => Some("basic: complete"),
        (1, false) => Some("basic: partial"),
        (2, true) => Some("regular: complete"),
        (2, false) => Some("regular: partial"),
        (3, true) => Some("extended: complete"),
        (3, false) => Some("extended: partial"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(code: u8, first: u8, next: Option<u8>) -> Part {
        Part { code, first: Some(first), next, span: Span::default() }
    }

    #[test]
    fn a_stream_is_whole_when_each_answer_goes_on_where_the_last_ended() {
        let mut streams = Continuations::default();
        assert_eq!(streams.took(1, Some(0), part(3, 0, Some(3))), None);
        assert_eq!(streams.took(1, Some(3), part(3, 3, Some(0x80))), None);
        assert_eq!(streams.took(2, Some(0), part(1, 0, None)), Some("basic: complete"));
        assert_eq!(streams.took(1, Some(0x80), part(3, 0x80, None)), Some("extended: complete"));
    }

    #[test]
    fn a_missing_answer_makes_it_partial() {
        let mut streams = Continuations::default();
        assert_eq!(streams.took(1, Some(0), part(2, 0, Some(3))), None);
        assert_eq!(streams.took(1, Some(5), part(2, 5, None)), Some("regular: partial"));
        assert_eq!(streams.took(1, Some(0), part(2, 0, Some(3))), None);
        streams.clear();
        assert_eq!(streams.took(1, Some(3), part(2, 3, None)), Some("regular: partial"));
    }

    #[test]
    fn a_stream_that_is_left_is_partial() {
        let mut streams = Continuations::default();
        assert_eq!(streams.took(1, Some(0), part(3, 0, Some(3))), None);
        assert_eq!(streams.took(1, Some(0), part(3, 0, Some(3))), Some("extended: partial"));
    }

    #[test]
    fn without_the_request_the_first_object_tells() {
        let mut streams = Continuations::default();
        assert_eq!(streams.took(1, None, part(1, 0, Some(1))), None);
        assert_eq!(streams.took(1, None, part(1, 1, None)), Some("basic: complete"));
        assert_eq!(streams.took(1, None, part(1, 1, None)), Some("basic: partial"));
    }
}
