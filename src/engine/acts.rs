//! Who polls: what was asked of whom, and at how many different times.
//!
//! Scanners ask many questions once, and again what was not answered; panels, supervisory software, historians and
//! controllers ask the same few for as long as they run. A question counts once a second, so that neither copies of a
//! packet nor bursts make a poll of it, lost packets only make it count less, and their order does not matter.
//!
//! Kept are keyed hashes and counts, in two generations, as in the memo: when the young one is full, the old one is forgotten.

use std::collections::HashMap;

use crate::engine::mark::{Mark, Marked};
use crate::model::Timestamp;
use crate::model::limits::POLLS_MIN;
use crate::model::time::NANOS_PER_SECOND;

/// Questions, and at how many times each was asked.
pub(super) struct Questions {
    young: Generation,
    old: Generation,
    questions_max: usize,
    /// How many were forgotten to make room.
    pub(super) forgotten: u64,
}

type Generation = HashMap<Mark, Asked, Marked>;

/// Different seconds in which a question was asked: the first so many, in the order in which they were seen. Of each the low bits,
/// plus one: zero is none. Those of a hundred years differ.
#[derive(Clone, Copy, Default)]
struct Asked {
    seconds: [u32; POLLS_MIN],
}

impl Questions {
    /// Takes a question by its hash. True when it has now been asked in so many different seconds that its client polls;
    /// false again each time after that.
    pub(super) fn take(&mut self, question: Mark, at: Timestamp) -> bool {
        let second = at.0.div_euclid(NANOS_PER_SECOND).rem_euclid(u32::MAX.into());
        let second = u32::try_from(second).unwrap_or_default().saturating_add(1);
        if let Some(asked) = self.young.get_mut(&question) {
            return asked.again(second);
        }
        let mut asked = self.old.remove(&question).unwrap_or_default();
        let polls = asked.again(second);
        if self.young.len() >= self.questions_max / 2 {
            let forgotten = u64::try_from(self.old.len()).unwrap_or(0);
            self.forgotten = self.forgotten.saturating_add(forgotten);
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(question, asked);
        polls
    }

    pub(super) fn of(questions_max: usize) -> Self {
        Self {
            young: Generation::default(),
            old: Generation::default(),
            questions_max,
            forgotten: 0,
        }
    }
}

impl Asked {
    fn again(&mut self, second: u32) -> bool {
        if self.seconds.contains(&second) {
            return false;
        }
        let Some(free) = self.seconds.iter_mut().find(|known| **known == 0) else {
            return false;
        };
        *free = second;
        !self.seconds.contains(&0)
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::model::limits::QUESTIONS_MAX;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_parts(seconds, 0)
    }

    #[test]
    fn a_question_asked_in_enough_seconds_is_a_poll_and_told_once() {
        let mut questions = Questions::of(QUESTIONS_MAX);
        let polls: Vec<i64> =
            (0..60).filter(|second| questions.take(Mark(1), at(*second))).collect();
        assert_eq!(polls, [POLLS_MIN as i64 - 1]);
    }

    #[test]
    fn copies_and_bursts_count_once_whatever_their_order() {
        let mut questions = Questions::of(QUESTIONS_MAX);
        for second in [7, 7, 7, 7, 3, 7, 7, 4, 7, 5, 6, 3, 4, 7] {
            assert!(!questions.take(Mark(1), at(second)), "{second}");
        }
        assert!(questions.take(Mark(1), at(2)));
    }

    #[test]
    fn many_questions_asked_once_are_no_poll() {
        let mut questions = Questions::of(QUESTIONS_MAX);
        assert!((0..1_000).all(|number| !questions.take(Mark(number), at(number as i64))));
    }

    #[test]
    fn a_flood_of_questions_is_bounded_and_what_is_asked_often_stays() {
        let mut questions = Questions::of(64);
        let mut told = 0;
        for second in 0..1_000 {
            told += u64::from(questions.take(Mark(u64::MAX), at(second)));
            for number in 0..16 {
                questions.take(Mark(second as u64 * 16 + number), at(second));
                assert!(questions.young.len() + questions.old.len() <= 64);
            }
        }
        assert_eq!(told, 1);
        assert!(questions.forgotten > 15_000);
    }
}
