//! What authors write where a version range belongs.
//!
//! ```text
//! expr      = all | pred | trains | constraint *( sep constraint ) | list | hyphen
//! all       = "*" | "vers:all/*" | "all" [what] "versions"
//! constraint= [ "vers:" scheme "/" ] op version     ; "prior to", "before", "up to"; postfix "and prior", "and later"
//! trains    = op version 2*( ("_" | " ") version )  ; the same op, each on its own train
//! hyphen    = version ("-" | "through" | "to") version
//! version   = [prefix] core *tail
//! pred      = serial | date | function state | option | model
//! ```
//!
//! What cannot be read stays text, is counted, and never clears a device. A predicate (serial number, production date,
//! option) is kept beside the range it narrows.

use crate::advisory::range_words::{Op, Word, words};
use crate::model::advisory::Stated;
use crate::model::version::{Bound, Range, Scheme, Version};

/// A version text, read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reading {
    /// The versions.
    pub what: What,
    /// What else must hold, when it is no version.
    pub narrowed: Option<Predicate>,
}

/// The versions a text stands for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// All of them.
    All,
    /// None: "No version".
    Nothing,
    /// Any of these ranges. `trains` when one operator stood before a list, so that each end holds on its own train.
    Spans {
        /// The ranges.
        spans: Vec<Range>,
        /// Whether the upper ends are one per train.
        trains: bool,
    },
    /// Order or model numbers, put in the place of a version; all versions of these.
    Models(Vec<Box<str>>),
    /// Could not be read.
    Unread,
}

/// A condition that is no version.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Predicate {
    /// A range of serial numbers.
    Serial,
    /// A production or release date.
    Date,
    /// Hardware function state or revision.
    FunctionState,
    /// An option, a module, a setting, a neighbouring software.
    Configuration,
}

impl Reading {
    /// Whether versions can be compared with it, with no condition beside.
    pub fn is_comparable(&self) -> bool {
        self.narrowed.is_none() && !matches!(self.what, What::Unread | What::Models(_))
    }

    /// Whether it was understood at all.
    pub fn is_read(&self) -> bool {
        self.what != What::Unread
    }

    fn plain(what: What) -> Self {
        Self { what, narrowed: None }
    }
}

/// Reads a version text in the order of a maker.
pub fn read(text: &str, stated: Stated, scheme: Scheme) -> Reading {
    let text = without_vers(text.trim());
    if stated == Stated::Nothing || is_all(text) {
        return Reading::plain(What::All);
    }
    let lower = text.to_lowercase();
    if lower.starts_with("no version") {
        return Reading::plain(What::Nothing);
    }
    let narrowed = predicate(&lower);
    if matches!(narrowed, Some(Predicate::Serial | Predicate::Date)) {
        return Reading { what: What::All, narrowed };
    }
    // What follows "Function State" counts states, not versions.
    let cut = lower.find("function state").or_else(|| lower.find("(fs)"));
    let spaced = spaced(cut.and_then(|at| text.get(..at)).unwrap_or(text));
    let list: Vec<Word<'_>> = words(&spaced);
    if let Some(models) = models(&list) {
        return Reading { what: What::Models(models), narrowed };
    }
    let what = spans(&list, scheme);
    let leftover = list.iter().any(|word| matches!(word, Word::Condition));
    let narrowed = narrowed.or(leftover.then_some(Predicate::Configuration));
    match what {
        Some(what) => Reading { what, narrowed },
        None if narrowed.is_some() => Reading { what: What::All, narrowed },
        None if is_all_words(&list) => Reading::plain(What::All),
        None => Reading::plain(What::Unread),
    }
}

/// Drops `vers:<scheme>/`. "vers:all/<V4" is invalid and common: the operator is what its author meant.
fn without_vers(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("vers:") else { return text };
    rest.split_once('/').map_or(rest, |(_, after)| after).trim()
}

fn is_all(text: &str) -> bool {
    let lower = text.to_lowercase();
    let bare = lower.trim_matches(|c: char| !c.is_alphanumeric() && c != '*');
    matches!(
        bare,
        "*" | ""
            | "all"
            | "all versions"
            | "all version"
            | "any"
            | "all firmware versions"
            | "all firmware"
            | "versions all"
            | "all affected versions"
            | "all products"
            | "all models"
    )
}

fn is_all_words(list: &[Word<'_>]) -> bool {
    matches!(list.first(), Some(Word::All))
}

/// The condition a text names. Its words are looked for in the whole text: authors put it anywhere.
fn predicate(lower: &str) -> Option<Predicate> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let has = |word: &str| lower.contains(word);
    let word =
        |wanted: &str| lower.split(|c: char| !c.is_alphanumeric()).any(|word| word == wanted);
    if has("serial") || has("lqn") {
        return Some(Predicate::Serial);
    }
    if has("production")
        || has("manufactured")
        || has("shipped between")
        || MONTHS.iter().any(|month| word(month))
    {
        return Some(Predicate::Date);
    }
    if has("function state")
        || has("hardware revision")
        || (has("fs:") && has("mlfb"))
        || word("fs")
    {
        return Some(Predicate::FunctionState);
    }
    None
}

/// Model or order numbers where a version belongs, when all words are such.
fn models(list: &[Word<'_>]) -> Option<Vec<Box<str>>> {
    let mut found = Vec::new();
    for word in list {
        match word {
            Word::Version(text) | Word::Other(text) if is_code(text) => found.push((*text).into()),
            Word::Separator | Word::Condition => {}
            _ => return None,
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Whether a word looks like an order number rather than a version: 2700988, 1783-SAD4T0SPK9, 750-82xx/xxx-xxx, HEN08104.
pub(crate) fn is_code(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters: String = word.chars().take_while(char::is_ascii_alphabetic).collect();
    let has_capital = word.chars().any(|c| c.is_ascii_uppercase());
    if word.contains('.') || digits == 0 {
        return false;
    }
    let all_digits = digits == word.len();
    let versionish = [
        "V", "VER", "R", "SP", "FW", "SW", "SV", "HF", "UPD", "M", "B", "REV", "UPDATE", "HOTFIX",
        "MP",
    ];
    if all_digits {
        return digits >= 6;
    }
    if versionish.contains(&letters.to_uppercase().as_str()) {
        return false;
    }
    let split_number = word.split_once('-').is_some_and(|(head, tail)| {
        (3..=4).contains(&head.len())
            && head.chars().all(|c| c.is_ascii_digit())
            && tail.chars().any(|c| c.is_alphabetic())
    });
    split_number
        || (letters.len() >= 2 && has_capital && digits >= 2)
        || (word.contains("xx") && word.contains('/'))
}

/// Underscores to spaces, operators and separators set apart, look-alikes made plain.
fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_mul(2));
    let plain = text
        .replace('\u{2264}', "<=")
        .replace('\u{2265}', ">=")
        .replace("=<", "<=")
        .replace("=>", ">=")
        .replace("(including)", "\u{1}")
        .replace("(excluding)", "\u{2}");
    let mut before = ' ';
    for c in plain.chars() {
        match c {
            '_' | '\u{a0}' | '"' | '\u{201c}' | '\u{201d}' => out.push(' '),
            '\u{2013}' | '\u{2014}' => out.push_str(" - "),
            '<' | '>' => {
                out.push(' ');
                out.push(c);
            }
            '=' if matches!(before, '<' | '>') => out.push(c),
            '|' | ',' | ';' | '&' | '\u{1}' | '\u{2}' => {
                out.push(' ');
                out.push(c);
                out.push(' ');
            }
            c if matches!(before, '<' | '>' | '=') && c != ' ' => {
                out.push(' ');
                out.push(c);
            }
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// Ranges from words. `None` when no version was among them.
fn spans(list: &[Word<'_>], scheme: Scheme) -> Option<What> {
    let mut reader = Spans { scheme, spans: Vec::new(), lower: None, trains: false };
    let mut at = 0_usize;
    let peek = |from: usize, step: usize| list.get(from.saturating_add(step)).copied();
    while let Some(word) = list.get(at).copied() {
        let used = match (word, peek(at, 1), peek(at, 2)) {
            // "< CPCI85 V05.11": the component may look like a version itself.
            (Word::Op(op), Some(Word::Version(component)), Some(Word::Version(version)))
                if !reader.version(component).is_plain() && reader.version(version).is_plain() =>
            {
                reader.one(op, version, 3)
            }
            (Word::Op(op), Some(Word::Version(version)), next) => {
                reader.constraint(op, version);
                // Versions behind it without an operator are the ends of further trains.
                let mut used = 2_usize;
                if matches!(op, Op::Below | Op::UpTo) {
                    let mut further = next;
                    while let Some(Word::Version(version)) = further {
                        reader.trains = true;
                        reader.constraint(op, version);
                        used = used.saturating_add(1);
                        further = peek(at, used);
                    }
                }
                used
            }
            // "< WinCC 7.0": a component between operator and version.
            (Word::Op(op), Some(Word::Other(_)), _) => {
                let rest = list.iter().skip(at.saturating_add(1));
                let component = rest.take_while(|word| matches!(word, Word::Other(_))).count();
                let used = component.saturating_add(1);
                let Some(Word::Version(version)) = peek(at, used) else { return None };
                reader.one(op, version, used.saturating_add(1))
            }
            (Word::Version(version), Some(Word::Including), _) => reader.noted(version, true),
            (Word::Version(version), Some(Word::Excluding), _) => reader.noted(version, false),
            // A word like "NMC2" in front of an operator is the component that the version belongs to.
            (Word::Version(component), Some(Word::Op(_)), _)
                if !reader.version(component).is_plain() =>
            {
                1
            }
            (Word::Version(from), Some(Word::To), Some(Word::Version(to))) => {
                reader.interval(from, to)
            }
            (Word::Version(version), Some(Word::Down), _) => reader.one(Op::UpTo, version, 2),
            (Word::Version(version), Some(Word::Up), _) => reader.one(Op::From, version, 2),
            (Word::Version(version), Some(Word::Separator), Some(Word::Down)) => {
                reader.one(Op::UpTo, version, 3)
            }
            (Word::Version(version), Some(Word::Separator), Some(Word::Up)) => {
                reader.one(Op::From, version, 3)
            }
            // "2404267 version 1.x": an article number before the version.
            (Word::Version(number), Some(Word::Version(_)), _) if is_code(number) => 1,
            (Word::Version(version), _, _) => reader.bare(version),
            // What follows a condition belongs to something else.
            (Word::Condition, _, _) => break,
            _ => 1,
        };
        at = at.saturating_add(used);
    }
    reader.finish()
}

struct Spans {
    scheme: Scheme,
    spans: Vec<Range>,
    lower: Option<Bound>,
    trains: bool,
}

impl Spans {
    fn version(&self, text: &str) -> Version {
        Version::new(text.trim_matches(|c: char| matches!(c, '.' | ',' | ';' | ':')), self.scheme)
    }

    fn constraint(&mut self, op: Op, text: &str) {
        let version = self.version(text);
        match op {
            Op::Exactly => self.spans.push(Range::exactly(version)),
            Op::Above | Op::From => {
                let bound = Bound { version, inclusive: op == Op::From };
                if let Some(open) = self.lower.replace(bound) {
                    self.spans.push(Range { from: Some(open), to: None });
                }
            }
            Op::Below | Op::UpTo => {
                let to = Some(Bound { version, inclusive: op == Op::UpTo });
                self.spans.push(Range { from: self.lower.take(), to });
            }
        }
    }

    fn one(&mut self, op: Op, text: &str, used: usize) -> usize {
        self.constraint(op, text);
        used
    }

    fn interval(&mut self, from: &str, to: &str) -> usize {
        self.constraint(Op::From, from);
        self.constraint(Op::UpTo, to);
        3
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
            self.interval(&from, &to);
        } else {
            self.constraint(Op::Exactly, text);
        }
        1
    }

    fn finish(mut self) -> Option<What> {
        if let Some(open) = self.lower.take() {
            self.spans.push(Range { from: Some(open), to: None });
        }
        let readable = |range: &Range| {
            let ends = [&range.from, &range.to];
            ends.into_iter().flatten().all(|bound| bound.version.is_readable())
        };
        (!self.spans.is_empty() && self.spans.iter().all(readable))
            .then_some(What::Spans { spans: self.spans, trains: self.trains })
    }
}

/// "20-33": two versions of the same shape, the first below the second.
fn hyphen(text: &str, scheme: Scheme) -> Option<(String, String)> {
    let (from, to) = text.split_once('-')?;
    let plain = |side: &str| {
        let bare = side.trim_start_matches(['v', 'V', 'R']);
        !bare.is_empty() && bare.chars().all(|c| c.is_ascii_digit() || c == '.')
    };
    if !plain(from) || !plain(to) {
        return None;
    }
    let (low, high) = (Version::new(from, scheme), Version::new(to, scheme));
    let same_shape = low.numbers().len() == high.numbers().len();
    (same_shape && low.numbers() < high.numbers()).then(|| (from.to_owned(), to.to_owned()))
}

#[cfg(test)]
mod tests;
