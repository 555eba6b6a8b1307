//! What authors write where a version range belongs.
//!
//! ```text
//! expr      = all | pred | trains | constraint *( sep constraint ) | list | hyphen
//! all       = "*" | "vers:all/*" | "all" [what] "versions"
//! constraint= [ "vers:" scheme "/" ] op version     ; "prior to", "before", "up to"; postfix "and prior", "and later"
//!           | "!=" version                          ; left out of what the others say
//! trains    = op version 2*( ("_" | " ") version )  ; the same op, each on its own train
//! hyphen    = version ("-" | "through" | "to") version
//! version   = [prefix] core *tail
//! pred      = serial | date | function state | option | model
//! ```
//!
//! What cannot be read stays text, is counted, and never clears a device. A predicate (serial number, production date,
//! option) is kept beside the range it narrows.

use crate::advisory::range_exclusions;
use crate::advisory::range_spans::spans;
use crate::advisory::range_text::{has_date, has_decimal_comma, plain, spaced, without_vers};
use crate::advisory::range_words::{Word, words};
use crate::model::advisory::Stated;
use crate::model::version::{Range, Scheme};

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
    if stated == Stated::Nothing {
        return Reading::plain(What::All);
    }
    // The scheme for a range without any version.
    if text.trim().starts_with("vers:none/") {
        return Reading::plain(What::Nothing);
    }
    let text = without_vers(text.trim());
    if !text.contains("!=") {
        return read_constraints(&text, scheme);
    }
    match range_exclusions::split(&text) {
        Some((rest, versions)) => {
            range_exclusions::without(read_constraints(&rest, scheme), &versions, scheme)
        }
        None => Reading::plain(What::Unread),
    }
}

fn read_constraints(text: &str, scheme: Scheme) -> Reading {
    if is_all(text) {
        return Reading::plain(What::All);
    }
    let text = plain(text);
    let lower = text.to_lowercase();
    if lower.starts_with("no version") || lower.trim() == "none" {
        return Reading::plain(What::Nothing);
    }
    let narrowed = predicate(&lower);
    if matches!(narrowed, Some(Predicate::Serial | Predicate::Date)) {
        return Reading { what: What::All, narrowed };
    }
    if has_decimal_comma(&text) {
        return Reading::plain(What::Unread);
    }
    // "MLFB 6SR32..-….": a pattern of order numbers.
    if lower.contains("mlfb") && !lower.contains(['<', '>']) {
        return Reading { what: What::All, narrowed: Some(Predicate::Configuration) };
    }
    // What follows "Function State" counts states, not versions.
    let cut = lower.find("function state").or_else(|| lower.find("(fs)"));
    let spaced = spaced(cut.and_then(|at| text.get(..at)).unwrap_or(&text));
    let list: Vec<Word<'_>> = words(&spaced);
    let models = models(&list);
    if let (Some(models), false) = (&models, list.iter().any(is_other)) {
        return Reading { what: What::Models(models.clone()), narrowed };
    }
    let leftover = list.iter().any(|word| matches!(word, Word::Condition));
    let narrowed_to =
        |more: bool| narrowed.or((leftover || more).then_some(Predicate::Configuration));
    match (spans(&list, scheme), models) {
        (Some(read), _) if read.inverted => Reading::plain(What::Unread),
        (Some(read), _) => Reading { what: read.what, narrowed: narrowed_to(read.narrowed) },
        (None, Some(models)) => {
            Reading { what: What::Models(models), narrowed: narrowed_to(false) }
        }
        (None, None) if narrowed_to(false).is_some() && !list.contains(&Word::Doubt) => {
            Reading { what: What::All, narrowed: narrowed_to(false) }
        }
        (None, None) if is_all_words(&list) => Reading::plain(What::All),
        (None, None) => Reading::plain(What::Unread),
    }
}

/// Whether a text says a range that ends before it begins. It is read as text: nothing would be affected by it.
pub fn is_inverted(text: &str, scheme: Scheme) -> bool {
    let spaced = spaced(&plain(&without_vers(text.trim())));
    spans(&words(&spaced), scheme).is_some_and(|read| read.inverted)
}

fn is_other(word: &Word<'_>) -> bool {
    matches!(word, Word::Other(text) if !is_code(text))
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
    let has = |word: &str| lower.contains(word);
    let word =
        |wanted: &str| lower.split(|c: char| !c.is_alphanumeric()).any(|word| word == wanted);
    if has("serial") || has("lqn") || has("numbers ending") {
        return Some(Predicate::Serial);
    }
    if has("production") || has("manufactured") || has("shipped between") || has_date(lower) {
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

/// Model or order numbers where a version belongs, when all numbers among the words are such.
fn models(list: &[Word<'_>]) -> Option<Vec<Box<str>>> {
    let mut found = Vec::new();
    for (at, word) in list.iter().enumerate() {
        let behind_words = || at.checked_sub(1).and_then(|at| list.get(at)).is_some_and(is_other);
        match word {
            Word::Version(text) | Word::Other(text) if is_code(text) => found.push((*text).into()),
            // "882400 Gemini GXL 10 Slice".
            Word::Version(text)
                if text.bytes().all(|byte| byte.is_ascii_digit()) && behind_words() => {}
            Word::Separator | Word::Condition | Word::Other(_) => {}
            _ => return None,
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Identifiers of vulnerabilities and advisories have digits and are no versions.
pub(crate) fn is_document(lower: &str) -> bool {
    const SERIES: [&str; 10] =
        ["cve-", "cwe-", "icsa-", "icsma-", "ssa-", "ssb-", "sevd-", "vde-", "kb-", "ghsa-"];
    let bare = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    SERIES.iter().any(|series| bare.starts_with(series))
}

/// Whether a word looks like an order number rather than a version: 2700988, 1783-SAD4T0SPK9, 750-82xx/xxx-xxx, HEN08104.
pub(crate) fn is_code(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters: String = word.chars().take_while(char::is_ascii_alphabetic).collect();
    let has_capital = word.chars().any(|c| c.is_ascii_uppercase());
    if word.contains('.') || digits == 0 || is_document(&word.to_lowercase()) {
        return false;
    }
    let all_digits = digits == word.len();
    let versionish = [
        "V", "VER", "R", "SP", "FW", "SW", "SV", "HF", "UPD", "M", "B", "FP", "QU", "UC", "SR",
        "PR", "TC", "IP", "REV", "UPDATE", "HOTFIX", "MP",
    ];
    if all_digits {
        return digits >= 6;
    }
    if versionish.contains(&letters.to_uppercase().as_str()) {
        return false;
    }
    // 04088-9000-0001, 750-831, 1SAP500900R0101, 6ED1052-xyy08-0BA0.
    let number_alone = word.chars().all(|c| c.is_ascii_digit() || c == '-');
    if number_alone {
        let short = word.split_once('-').is_some_and(|(head, tail)| {
            head.len() == 3 && tail.len() >= 3 && tail.chars().all(|c| c.is_ascii_digit())
        });
        return short || digits >= 9;
    }
    let leading = word.chars().take_while(char::is_ascii_digit).count();
    let inner: String = word.chars().skip(leading).take_while(char::is_ascii_uppercase).collect();
    if leading == 1 && inner.len() >= 2 && digits >= 5 {
        return true;
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

#[cfg(test)]
mod tests;
