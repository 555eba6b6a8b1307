//! What was heard last in one conversation, beside the conversation itself: in polling the same few facts are said with every
//! message, and to find them in the memory of all would be a wait for far memory each.
//!
//! Only for what is news once and never again, which is all but values of which one is true at a time: of those another conversation
//! may have said another one since.

use crate::engine::mark::Mark;

/// Facts that a conversation is known to have said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lately {
    /// Parts of marks; zero where nothing is known.
    parts: [u32; PLACES],
    /// What of the memory's it was true of: see [`Lately::of`].
    age: u32,
    /// Its client is known to poll.
    pub(super) polls: bool,
}

impl Lately {
    /// The same, of which nothing is left when the memory has forgotten something since: facts that are said all the time have to
    /// show there that they are.
    pub(super) fn of(self, age: u32) -> Self {
        if self.age == age { self } else { Self { age, ..Self::default() } }
    }

    /// True for what was noted and not overwritten since. Two facts look alike once in four thousand million times.
    pub(super) fn knows(&self, mark: Mark) -> bool {
        self.parts.contains(&part(mark))
    }

    /// Notes that it is known. When there is no place left it takes that of another: which one, another part of the mark says, so
    /// that of a few facts too many that come in turn most stay.
    pub(super) fn note(&mut self, mark: Mark) {
        let Mark(whole) = mark;
        let [.., place] = whole.to_le_bytes();
        let free = self.parts.iter().position(|part| *part == 0);
        if let Some(known) = self.parts.get_mut(free.unwrap_or(usize::from(place) % PLACES)) {
            *known = part(mark);
        }
    }
}

/// The part of a mark that is kept; never zero.
fn part(Mark(mark): Mark) -> u32 {
    let [a, b, c, d, ..] = mark.to_le_bytes();
    u32::from_le_bytes([a, b, c, d]) | 1
}

/// Polling says one to three facts with every message, of a few sorts.
const PLACES: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_known_until_something_was_forgotten() {
        let mut lately = Lately::default().of(1);
        assert!(!lately.knows(Mark(0)), "nothing is known at first");
        lately.note(Mark(77));
        assert!(lately.knows(Mark(77)) && !lately.knows(Mark(79)));
        assert!(lately.of(1).knows(Mark(77)) && !lately.of(2).knows(Mark(77)));
    }

    #[test]
    fn all_that_find_a_place_stay_and_what_comes_then_takes_one() {
        let mut lately = Lately::default();
        let marks = || (0..12).map(|number| Mark(number << 1));
        marks().for_each(|mark| lately.note(mark));
        assert!(marks().all(|mark| lately.knows(mark)));
        lately.note(Mark(1_000));
        assert!(lately.knows(Mark(1_000)));
        assert_eq!(marks().filter(|mark| lately.knows(*mark)).count(), 11);
    }
}
