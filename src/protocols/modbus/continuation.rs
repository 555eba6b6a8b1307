//! Whether an identification that comes in several answers came whole (Read Device Identification, 6.21: More Follows
//! and Next Object Id).

use std::collections::BTreeMap;

use crate::model::Key;
use crate::wire::Span;

/// Which streams of objects the unit gave. `extended: more follows`: one answer did not hold all objects;
/// `extended: complete`: all answers were seen, one after the other. The first without the second is a partial
/// identity. (Nothing says "partial" by itself: frames that are lost must not add a fact.)
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
                told(part.code, true)
            }
            None if whole => told(part.code, false),
            None => None,
        }
    }

    /// Forgets all: answers are missing from the capture.
    pub(super) fn clear(&mut self) {
        self.going.clear();
    }
}

fn told(code: u8, more_follows: bool) -> Option<&'static str> {
    match (code, more_follows) {
        (1, true) => Some("basic: more follows"),
        (1, false) => Some("basic: complete"),
        (2, true) => Some("regular: more follows"),
        (2, false) => Some("regular: complete"),
        (3, true) => Some("extended: more follows"),
        (3, false) => Some("extended: complete"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(code: u8, first: u8, next: Option<u8>) -> Part {
        Part { code, first: Some(first), next, span: Span::default() }
    }

    const MORE: Option<&str> = Some("extended: more follows");

    #[test]
    fn a_stream_is_whole_when_each_answer_goes_on_where_the_last_ended() {
        let mut streams = Continuations::default();
        assert_eq!(streams.took(1, Some(0), part(3, 0, Some(3))), MORE);
        assert_eq!(streams.took(1, Some(3), part(3, 3, Some(0x80))), MORE);
        assert_eq!(streams.took(2, Some(0), part(1, 0, None)), Some("basic: complete"));
        assert_eq!(streams.took(1, Some(0x80), part(3, 0x80, None)), Some("extended: complete"));
    }

    #[test]
    fn without_one_of_its_answers_it_is_not() {
        let mut streams = Continuations::default();
        assert_eq!(streams.took(1, Some(0), part(3, 0, Some(3))), MORE);
        assert_eq!(streams.took(1, Some(5), part(3, 5, None)), None);
        assert_eq!(streams.took(1, Some(0), part(3, 0, Some(3))), MORE);
        streams.clear();
        assert_eq!(streams.took(1, Some(3), part(3, 3, None)), None);
        assert_eq!(streams.took(1, Some(3), part(3, 3, Some(4))), MORE);
        assert_eq!(streams.took(1, Some(4), part(3, 4, None)), None);
    }

    #[test]
    fn without_the_request_the_first_object_tells() {
        let mut streams = Continuations::default();
        assert_eq!(streams.took(1, None, part(3, 0, Some(1))), MORE);
        assert_eq!(streams.took(1, None, part(3, 1, None)), Some("extended: complete"));
        assert_eq!(streams.took(1, None, part(3, 1, None)), None);
    }
}
