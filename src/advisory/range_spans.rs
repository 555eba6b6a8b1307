//! Ranges from the words of a version text.

use std::cmp::Ordering;

use crate::advisory::range::{What, is_code};
use crate::advisory::range_words::{Op, Word};
use crate::model::version::{Bound, Range, Scheme, Version};

/// What words were read to.
pub(super) struct Read {
    /// The ranges.
    pub(super) what: What,
    /// Words that no grammar knows narrow it.
    pub(super) narrowed: bool,
    /// A range ends before it begins: nobody meant to say that nothing is affected.
    pub(super) inverted: bool,
}

/// Ranges from words. `None` when no version was among them, or when what they say cannot be meant.
pub(super) fn spans(list: &[Word<'_>], scheme: Scheme) -> Option<Read> {
    // Prose has numbers too.
    const OTHER_WORDS_MAX: usize = 12;
    if list.iter().filter(|word| matches!(word, Word::Other(_))).count() > OTHER_WORDS_MAX {
        return None;
    }
    let mut reader = Spans {
        list,
        scheme,
        spans: Vec::new(),
        lower: None,
        lower_too: None,
        open: None,
        trains: false,
        narrowed: false,
    };
    let mut at = 0_usize;
    while let Some(word) = list.get(at).copied() {
        let used = match word {
            Word::Doubt => return None,
            // What follows a condition belongs to something else.
            Word::Condition => break,
            Word::All if reader.is_alone(at) => {
                return Some(Read { what: What::All, narrowed: false, inverted: false });
            }
            Word::Op(op) => reader.operator(at, op)?,
            Word::Version(text) => reader.version_word(at, text),
            Word::Between => reader.between(at),
            Word::To => reader.until(at),
            Word::Down => reader.down(at),
            Word::Up => reader.up(at),
            Word::Also(text) => reader.also(text),
            _ => 1,
        };
        at = at.saturating_add(used.max(1));
    }
    reader.finish()
}

struct Spans<'a> {
    list: &'a [Word<'a>],
    scheme: Scheme,
    spans: Vec<Range>,
    lower: Option<Bound>,
    /// The same lower end, counted in another way.
    lower_too: Option<Bound>,
    /// The operator of an upper end without a lower one: versions listed behind it may be ends of further trains.
    open: Option<Op>,
    trains: bool,
    narrowed: bool,
}

impl<'a> Spans<'a> {
    fn peek(&self, at: usize, step: usize) -> Option<Word<'a>> {
        self.list.get(at.saturating_add(step)).copied()
    }

    fn version(&self, text: &str) -> Version {
        Version::new(text.trim_matches(|c: char| matches!(c, '.' | ',' | ';' | ':')), self.scheme)
    }

    /// "all" as a member of a list, not in front of "versions < V2".
    fn is_alone(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.list.get(at));
        matches!(before, None | Some(Word::Separator))
            && matches!(self.peek(at, 1), Some(Word::Separator))
    }

    /// An operator and what it is for, with the words between and the versions behind. How many words were used.
    fn operator(&mut self, at: usize, op: Op) -> Option<usize> {
        let upper = matches!(op, Op::Below | Op::UpTo);
        let (text, mut used) = match (self.peek(at, 1), self.peek(at, 2)) {
            // "< CPCI85 V05.11": the component may look like a version itself.
            (Some(Word::Version(component)), Some(Word::Version(version)))
                if !self.version(component).is_plain() && self.version(version).is_plain() =>
            {
                (version, 3)
            }
            (Some(Word::Version(version)), _) => (version, 2),
            // "< WinCC 7.0": a component between operator and version.
            (Some(Word::Other(_)), _) => {
                let rest = self.list.iter().skip(at.saturating_add(1));
                let component = rest.take_while(|word| matches!(word, Word::Other(_))).count();
                let place = component.saturating_add(1);
                let Some(Word::Version(version)) = self.peek(at, place) else { return None };
                (version, place.saturating_add(1))
            }
            // ">= <= 2.2": two operators, of which one is lost a version.
            (Some(Word::Op(_)), _) => return None,
            // "3.0 and <".
            (None | Some(Word::Separator), _) => {
                self.turn(if upper { Op::UpTo } else { Op::From });
                return Some(1);
            }
            _ => return Some(1),
        };
        let first = self.version(text);
        self.constraint(op, text);
        if op == Op::Exactly {
            return Some(used);
        }
        // Versions behind it without an operator are the ends of further trains, or the same end counted in another way.
        while let Some(Word::Version(next)) = self.peek(at, used) {
            let version = self.version(next);
            if !upper {
                self.lower_too = Some(Bound { version, inclusive: op == Op::From });
            } else if first.is_shaped_like(&version) || next.contains('.') {
                self.further(op, version);
            } else {
                self.blur();
            }
            used = used.saturating_add(1);
        }
        // "< 9 Linux Image 2019-12-13": what is behind the words is no version of the product, but more than the 9.
        if upper && let Some(Word::Other(_)) = self.peek(at, used) {
            let rest = self.list.iter().skip(at.saturating_add(used));
            let others = rest.take_while(|word| matches!(word, Word::Other(_))).count();
            if let Some(Word::Version(_)) = self.peek(at, used.saturating_add(others)) {
                self.blur();
                used = used.saturating_add(others).saturating_add(1);
            }
        }
        Some(used)
    }

    /// The end of the last range is not quite the one written.
    fn blur(&mut self) {
        self.narrowed = true;
        if let Some(bound) = self.spans.last_mut().and_then(|range| range.to.as_mut()) {
            bound.inclusive = true;
        }
    }

    /// One more upper end for the same operator.
    fn further(&mut self, op: Op, version: Version) {
        self.trains = true;
        let to = Some(Bound { version, inclusive: op == Op::UpTo });
        self.spans.push(Range { from: self.lower_too.take(), to });
    }

    fn constraint(&mut self, op: Op, text: &str) {
        let version = self.version(text);
        self.open = None;
        match op {
            Op::Exactly => self.spans.push(Range::exactly(version)),
            Op::Above | Op::From => {
                let bound = Bound { version, inclusive: op == Op::From };
                if let Some(open) = self.lower.replace(bound) {
                    self.spans.push(Range { from: Some(open), to: None });
                }
                self.lower_too = None;
            }
            Op::Below | Op::UpTo => {
                let to = Some(Bound { version, inclusive: op == Op::UpTo });
                let from = self.lower.take();
                self.open = from.is_none().then_some(op);
                self.spans.push(Range { from, to });
            }
        }
    }

    fn one(&mut self, op: Op, text: &str, used: usize) -> usize {
        self.constraint(op, text);
        used
    }

    fn interval(&mut self, from: &str, to: &str, used: usize) -> usize {
        self.constraint(Op::From, from);
        self.constraint(Op::UpTo, to);
        used
    }

    fn version_word(&mut self, at: usize, text: &str) -> usize {
        let before = at.checked_sub(1).and_then(|at| self.list.get(at)).copied();
        match (self.peek(at, 1), self.peek(at, 2)) {
            (Some(Word::Including), _) => self.noted(text, true),
            (Some(Word::Excluding), _) => self.noted(text, false),
            // "V14 < V14 SP3" begins at V14. Otherwise what stands in front of an operator is a component: "NMC2 <= 6.9".
            (Some(Word::Op(Op::Below | Op::UpTo)), Some(Word::Version(limit))) => {
                let (from, to) = (self.version(text), self.version(limit));
                if from.is_plain() && from.compare(&to) == Some(Ordering::Less) {
                    self.constraint(Op::From, text);
                }
                1
            }
            (Some(Word::Op(_)), _) if !self.version(text).is_plain() => 1,
            (Some(Word::To), Some(Word::Op(Op::Below | Op::UpTo))) => self.one(Op::From, text, 2),
            (Some(Word::To), Some(Word::Version(to))) => self.interval(text, to, 3),
            (Some(Word::Down), _) => self.one(Op::UpTo, text, 2),
            (Some(Word::Up), _) => self.one(Op::From, text, 2),
            // An article number among versions.
            _ if is_code(text) => 1,
            // "Gemini GXL 10", "Windows 10": a number behind words that are none for "version" counts something else.
            _ if matches!(before, Some(Word::Other(_)))
                && text.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                1
            }
            _ => self.bare(text),
        }
    }

    /// "between 2.0 and 2.4". With "(including)" behind the versions these say it themselves.
    fn between(&mut self, at: usize) -> usize {
        match [1, 2, 3, 4].map(|step| self.peek(at, step)) {
            [
                Some(Word::Version(from)),
                Some(Word::Separator | Word::To),
                Some(Word::Version(to)),
                after,
            ] if !matches!(after, Some(Word::Including | Word::Excluding)) => {
                self.interval(from, to, 4)
            }
            _ => 1,
        }
    }

    /// "until 2.4", "through 2.4".
    fn until(&mut self, at: usize) -> usize {
        match self.peek(at, 1) {
            Some(Word::Version(version)) => self.one(Op::UpTo, version, 2),
            _ => 1,
        }
    }

    fn down(&mut self, at: usize) -> usize {
        match self.peek(at, 1) {
            Some(Word::Version(version)) => self.one(Op::Below, version, 2),
            _ => {
                self.turn(Op::UpTo);
                1
            }
        }
    }

    fn up(&mut self, at: usize) -> usize {
        match self.peek(at, 1) {
            Some(Word::Version(version)) => self.one(Op::From, version, 2),
            _ => {
                self.turn(Op::From);
                1
            }
        }
    }

    /// "…, 2.4, and earlier": the words are for the version before.
    fn turn(&mut self, op: Op) {
        let Some(range) = self.spans.last_mut().filter(|range| range.is_exact()) else { return };
        match op {
            Op::Below | Op::UpTo => range.from = None,
            _ => range.to = None,
        }
    }

    /// "<= 4.02C (aka 10.95.208.31)": the same end, counted in another way.
    fn also(&mut self, text: &str) -> usize {
        let version = self.version(text);
        let last = self.spans.last().and_then(|range| range.to.as_ref());
        // "< 1.2 HF6 (Build 1.2.14002.257)" counts on from 1.2: the order of the two is not known, and compares as such.
        let counts_on = last.is_some_and(|bound| bound.version.compare(&version).is_none());
        match self.open {
            Some(op) if !counts_on => self.further(op, version),
            _ => {}
        }
        1
    }

    /// "V1.2 (including) and V1.4 (excluding)".
    fn noted(&mut self, text: &str, inclusive: bool) -> usize {
        let op = match (self.lower.is_some(), inclusive) {
            (false, true) => Op::From,
            (false, false) => Op::Above,
            (true, true) => Op::UpTo,
            (true, false) => Op::Below,
        };
        self.one(op, text, 2)
    }

    fn bare(&mut self, text: &str) -> usize {
        if let Some((from, to)) = hyphen(text, self.scheme) {
            return self.interval(&from, &to, 1);
        }
        let version = self.version(text);
        let shaped = |range: &Range| {
            let last = range.to.as_ref().filter(|bound| bound.version.numbers().len() > 1);
            last.is_some_and(|bound| {
                bound.version.is_shaped_like(&version)
                    && bound.version.compare(&version) == Some(Ordering::Less)
            })
        };
        // "< 1.99, 2.20 and 2.40": further trains, when they are written alike and rise.
        match self.open {
            Some(op) if self.spans.last().is_some_and(shaped) => self.further(op, version),
            _ => {
                self.open = None;
                self.spans.push(Range::exactly(version));
            }
        }
        1
    }

    fn finish(mut self) -> Option<Read> {
        for open in [self.lower.take(), self.lower_too.take()].into_iter().flatten() {
            self.spans.push(Range { from: Some(open), to: None });
        }
        let readable = |range: &Range| {
            let ends = [&range.from, &range.to];
            ends.into_iter().flatten().all(|bound| bound.version.is_readable())
        };
        if self.spans.is_empty() || !self.spans.iter().all(readable) {
            return None;
        }
        let inverted = self.spans.iter().any(Range::is_inverted);
        Some(Read {
            what: What::Spans { spans: self.spans, trains: self.trains },
            narrowed: self.narrowed,
            inverted,
        })
    }
}

/// "20-33", "1.265B-1.285X": two versions of the same shape, the first below the second. 750-831 is an order number.
fn hyphen(text: &str, scheme: Scheme) -> Option<(String, String)> {
    let (from, to) = text.split_once('-')?;
    let plain = |side: &str| {
        let bare = side.trim_start_matches(['v', 'V', 'R']);
        let bare = if bare.contains('.') {
            bare.trim_end_matches(|c: char| c.is_ascii_alphabetic())
        } else {
            bare
        };
        !bare.is_empty() && bare.chars().all(|c| c.is_ascii_digit() || c == '.')
    };
    if !plain(from) || !plain(to) || is_code(text) {
        return None;
    }
    let (low, high) = (Version::new(from, scheme), Version::new(to, scheme));
    let rising = low.numbers().len() == high.numbers().len() && low.numbers() < high.numbers();
    rising.then(|| (from.to_owned(), to.to_owned()))
}
