//! Answers that came in several messages, put together (ASHRAE 135-2020, 5.4).

use std::collections::BTreeMap;

use crate::flow::{Input, Place};
use crate::model::Subject;
use crate::model::limits::{BACNET_ANSWER_BYTES_MAX, BACNET_ANSWERS_MAX};
use crate::protocols::Sink;
use crate::wire::Reader;

/// Answers of which not all parts are there yet, the oldest first.
#[derive(Default)]
pub(super) struct Segments {
    answers: Vec<Answer>,
}

/// One part of an answer.
pub(super) struct Segment<'a> {
    pub(super) source: &'a Subject,
    pub(super) invoke: u8,
    pub(super) service: u8,
    pub(super) sequence: u8,
    pub(super) is_last: bool,
}

struct Answer {
    source: Subject,
    invoke: u8,
    service: u8,
    /// Number of the last part, when that is there.
    last: Option<u8>,
    parts: BTreeMap<u8, Part>,
}

struct Part {
    bytes: Box<[u8]>,
    places: Vec<Place>,
}

/// An answer of which all parts are there.
pub(super) struct Whole {
    pub(super) service: u8,
    pub(super) bytes: Vec<u8>,
    pub(super) places: Vec<Place>,
}

impl Segments {
    /// Takes a part, and gives the whole when it was the one that was missing.
    pub(super) fn take(
        &mut self,
        segment: &Segment<'_>,
        data: &Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Option<Whole> {
        let is_its =
            |answer: &Answer| answer.source == *segment.source && answer.invoke == segment.invoke;
        let part = Part { bytes: data.peek().into(), places: places(data, input) };
        let known = self.answers.iter().position(is_its);
        let mut answer = match known.map(|at| self.answers.remove(at)) {
            // The number of the request was given out again.
            Some(known) if known.contradicts(segment, &part) => Answer::new(segment),
            Some(known) => known,
            None => Answer::new(segment),
        };
        answer.last = answer.last.or(segment.is_last.then_some(segment.sequence));
        answer.parts.entry(segment.sequence).or_insert(part);
        if answer.bytes() > BACNET_ANSWER_BYTES_MAX {
            out.count("bacnet.answers_too_long");
            return None;
        }
        if answer.is_whole() {
            if answer.is_even() {
                return Some(answer.whole());
            }
            out.count("bacnet.parts_uneven");
            return None;
        }
        if self.answers.len() >= BACNET_ANSWERS_MAX {
            out.count("bacnet.answers_over_limit");
            self.answers.remove(0);
        }
        self.answers.push(answer);
        None
    }

    /// Bytes of the parts.
    pub(super) fn kept_bytes(&self) -> usize {
        self.answers.iter().fold(0, |sum, answer| sum.saturating_add(answer.bytes()))
    }

    /// Gives them up.
    pub(super) fn forget(&mut self) {
        self.answers.clear();
    }
}

impl Answer {
    fn new(segment: &Segment<'_>) -> Self {
        let Segment { source, invoke, service, .. } = *segment;
        Self { source: source.clone(), invoke, service, last: None, parts: BTreeMap::new() }
    }

    fn contradicts(&self, segment: &Segment<'_>, part: &Part) -> bool {
        let known = self.parts.get(&segment.sequence);
        self.service != segment.service
            || known.is_some_and(|known| known.bytes != part.bytes)
            || self.last.is_some_and(|last| segment.sequence > last)
    }

    /// Parts are numbered from 0; with more than 256 the numbers begin anew, and the answer is too long anyway.
    fn is_whole(&self) -> bool {
        self.last.is_some_and(|last| self.parts.len() > usize::from(last))
    }

    /// Parts but the last are as long as they may be, all of one length: where one is shorter, the capture cut it.
    fn is_even(&self) -> bool {
        let mut lengths = self.parts.values().rev().skip(1).map(|part| part.bytes.len());
        let last_but_one = lengths.next();
        lengths.all(|length| Some(length) == last_but_one)
    }

    fn bytes(&self) -> usize {
        self.parts.values().fold(0, |sum, part| sum.saturating_add(part.bytes.len()))
    }

    fn whole(self) -> Whole {
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        for part in self.parts.into_values() {
            let start = bytes.len();
            let moved = part
                .places
                .iter()
                .map(|place| Place { start: place.start.saturating_add(start), ..*place });
            places.extend(moved);
            bytes.extend_from_slice(&part.bytes);
        }
        Whole { service: self.service, bytes, places }
    }
}

/// Where the bytes of a part came from, counted from its first.
fn places(data: &Reader<'_>, input: &Input<'_>) -> Vec<Place> {
    let (at, end) = (data.at(), data.at().saturating_add(data.left()));
    let (frame, offset) = input.locate(at);
    let first = Place { start: 0, frame, offset };
    let others = input.places.iter().filter(|place| place.start > at && place.start < end);
    let others = others.map(|place| Place { start: place.start.saturating_sub(at), ..*place });
    std::iter::once(first).chain(others).collect()
}
