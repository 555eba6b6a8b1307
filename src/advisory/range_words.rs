//! The words of a version text: operators, versions with their tails, and what joins them.

use crate::advisory::range::is_document;
use crate::model::limits::RANGE_TOKENS_MAX;

/// A comparison.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Op {
    Below,
    UpTo,
    Above,
    From,
    Exactly,
}

impl Op {
    fn is_upper(self) -> bool {
        matches!(self, Self::Below | Self::UpTo)
    }
}

/// One word of a version text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Word<'a> {
    Op(Op),
    /// With its tail: "V7.4 SP1 Update 3".
    Version(&'a str),
    /// `|`, `,`, "and", "or".
    Separator,
    /// "prior", "earlier", "below", standing behind a version.
    Down,
    /// "later", "newer", "above", standing behind a version.
    Up,
    /// "to", "through", "-".
    To,
    Between,
    /// In brackets behind an end: the same end, counted in another way.
    Also(&'a str),
    /// What is said leaves open which versions are meant.
    Doubt,
    Including,
    Excluding,
    /// "all".
    All,
    /// "if", "with", "only": what follows is no version any more.
    Condition,
    Other(&'a str),
}

const VERSION_NOUNS: &[&str] = &[
    "version",
    "versions",
    "ver",
    "ver.",
    "firmware",
    "software",
    "release",
    "releases",
    "rev",
    "rev.",
    "revision",
    "bios",
    "fw",
    "sw",
    "v",
    "v.",
    "frn",
    "including",
    "inclusive",
    "(inclusive)",
    "vers",
    "versionen",
    "firmwareversion",
    "firmwareversions",
    "of",
    "the",
];
const TAIL_WORDS: &[&str] = &[
    "sp",
    "update",
    "upd",
    "hf",
    "hotfix",
    "patch",
    "build",
    "bld",
    "bn",
    "service",
    "pack",
    "tcu",
    "cu",
    "ir",
    "mr",
    "ru",
    "p",
    "r",
    "fp",
    "mp",
    "qu",
    "nr.",
    "hotfixrev",
    "uc",
    "u",
    "up",
    "sr",
    "release",
    "feature",
    "security",
    "collection",
    "updatecollection",
    "alpha",
    "beta",
    "rc",
    "lts",
];
const CONDITIONS: &[&str] = &[
    "if",
    "with",
    "without",
    "only",
    "when",
    "where",
    "running",
    "installed",
    "using",
    "that",
    "excluding",
    "except",
    "on",
    "integrated",
    "packaged",
    "bundled",
    "utilizes",
    "uses",
    "formerly",
    "part",
    "option",
];

/// Cuts a text, already spaced out, into words.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut out: Vec<Word<'_>> = Vec::new();
    let mut pieces = Pieces { text, at: 0 };
    let mut last_version: Option<(usize, usize)> = None;
    while let Some((start, piece)) = pieces.next_piece() {
        if out.len() >= RANGE_TOKENS_MAX {
            // A list read in part would clear what stands behind the cut: none of it is read, and the text is kept.
            return Vec::new();
        }
        let end = start.saturating_add(piece.len());
        let lower = piece.to_lowercase();
        if let (Some((from, _)), Some(Word::Version(_))) = (last_version, out.last().copied())
            && let Some(longer) = text.get(from..end)
            && let Some(before) = text.get(from..start)
            && continues(before, piece, &lower)
        {
            out.pop();
            out.push(Word::Version(longer));
            last_version = Some((from, end));
            continue;
        }
        if let Some(word) = classify(piece, &lower, &mut out) {
            if let Word::Version(version) = word {
                let shift = piece.find(version).unwrap_or_default();
                last_version = Some((start.saturating_add(shift), end));
            }
            out.push(word);
        }
    }
    out
}

/// Whether a piece behind a version belongs to it: "SP1", "Update", and the number behind that.
fn continues(before: &str, piece: &str, lower: &str) -> bool {
    let name: String = lower.chars().take_while(|c| c.is_alphabetic()).collect();
    let rest_is_number = lower.strip_prefix(name.as_str()).is_some_and(|rest| {
        let rest = rest.strip_suffix(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest);
        rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
    });
    let alone = lower.len() == name.len();
    let tail = TAIL_WORDS.contains(&name.as_str()) && !(alone && matches!(lower, "u" | "up"));
    if tail && rest_is_number {
        return true;
    }
    let before = before.trim_end().to_lowercase();
    let last = before.rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
    let after_tail = TAIL_WORDS.contains(&last) && !matches!(last, "r" | "p" | "u");
    let numeric = lower.starts_with(|c: char| c.is_ascii_digit());
    let bracketed =
        lower.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).is_some_and(is_build);
    // "2.9 17030709": a build number without its word.
    let build = numeric && lower.len() >= 6 && lower.chars().all(|c| c.is_ascii_digit());
    // "2.11 R3 2259": the build behind a release.
    let last_name = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let build = build
        || (numeric
            && lower.len() >= 4
            && lower.chars().all(|c| c.is_ascii_digit())
            && last_name.len() < last.len()
            && TAIL_WORDS.contains(&last_name));
    // "15.3(3) JC1": the letters behind the bracket are the train of an IOS version.
    let ios = before.ends_with(')')
        && lower.len() <= 4
        && lower.ends_with(|c: char| c.is_ascii_digit())
        && lower.starts_with(|c: char| c.is_alphabetic());
    // "1.05 F": the letter that Mitsubishi counts editions with.
    let edition = before.ends_with(|c: char| c.is_ascii_digit())
        && before.contains('.')
        && piece.len() == 1
        && piece.chars().all(|c| c.is_ascii_uppercase() && !matches!(c, 'V' | 'R'));
    (after_tail && numeric) || bracketed || build || ios || edition
}

/// "(96)", "(build 2149)".
fn is_build(inner: &str) -> bool {
    let number =
        ["build", "bld", "bn"].iter().find_map(|word| inner.strip_prefix(word)).unwrap_or(inner);
    let number = number.trim_start();
    !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
}

fn classify<'a>(piece: &'a str, lower: &str, out: &mut Vec<Word<'a>>) -> Option<Word<'a>> {
    let word = match lower {
        "<" => Word::Op(Op::Below),
        "<=" => Word::Op(Op::UpTo),
        ">" => Word::Op(Op::Above),
        ">=" => Word::Op(Op::From),
        "=" | "==" => Word::Op(Op::Exactly),
        "|" | "," | ";" | "&" | "/" | "and" | "or" => Word::Separator,
        "from" => Word::Op(Op::From),
        "between" => Word::Between,
        "-" if out.is_empty() => return None,
        "prior" | "earlier" | "below" | "older" | "lower" | "previous" | "before" | "less" => {
            Word::Down
        }
        "later" | "newer" | "above" | "higher" | "up" | "onward" | "onwards" | "greater"
        | "upwards" => Word::Up,
        "to" | "than" | "through" | "thru" | "until" | "till" | "bis" | "-" => Word::To,
        "\u{1}" => Word::Including,
        "\u{2}" => Word::Excluding,
        // "V12 and all previous versions".
        "all" if matches!(out.last(), Some(Word::Separator)) => return None,
        "all" => Word::All,
        "*" if matches!(out.last(), None | Some(Word::All | Word::Other(_))) => Word::All,
        _ if VERSION_NOUNS.contains(&lower) => return None,
        _ if lower.starts_with('(') => bracket(piece, lower, out.last().copied())?,
        _ if CONDITIONS.contains(&lower.trim_matches(|c: char| !c.is_alphabetic())) => {
            Word::Condition
        }
        _ if is_document(lower) => Word::Other(piece),
        _ if is_version(piece) => Word::Version(piece),
        _ => Word::Other(piece),
    };
    // "prior to V2" and "earlier than V2" are operators; "up to V2" too. A version in front of "before" is not its subject.
    let joined = match (out.last(), word) {
        (Some(Word::Down), Word::To) => Some(Word::Op(Op::Below)),
        (Some(Word::Up), Word::To) => Some(Word::Op(Op::UpTo)),
        (Some(Word::Down), Word::Version(_)) if lower != "and" => {
            out.pop();
            out.push(Word::Op(Op::Below));
            None
        }
        (Some(Word::Op(Op::UpTo)), Word::Separator) if lower == "and" => return None,
        // "< = V2", with a space.
        (Some(Word::Op(Op::Below)), Word::Op(Op::Exactly)) => Some(Word::Op(Op::UpTo)),
        (Some(Word::Op(Op::Above)), Word::Op(Op::Exactly)) => Some(Word::Op(Op::From)),
        // "from 2.0 to 2.4" is an interval by its second word.
        // "prior to and including".
        (Some(Word::Op(Op::Below)), Word::Separator) if lower == "and" => {
            out.pop();
            return Some(Word::Op(Op::UpTo));
        }
        // "All versions from <= V2", "prior to < V2": the sign says it.
        (Some(Word::Op(one)), Word::Op(other)) if one.is_upper() == other.is_upper() => Some(word),
        _ => None,
    };
    if let Some(joined) = joined {
        out.pop();
        return Some(joined);
    }
    Some(word)
}

/// A bracket behind an operator holds a version; elsewhere a remark, which is a condition when it limits something.
fn bracket<'a>(piece: &'a str, lower: &str, before: Option<Word<'a>>) -> Option<Word<'a>> {
    let inner = piece.trim_start_matches('(').trim_end_matches(')');
    if matches!(before, None | Some(Word::Op(_))) && is_version(inner) {
        return Some(Word::Version(inner));
    }
    let has = |words: &[&str]| {
        lower.split(|c: char| !c.is_alphabetic()).any(|word| words.contains(&word))
    };
    let numbered = lower.contains(|c: char| c.is_ascii_digit());
    if numbered && has(&["also"]) && has(&["affected", "vulnerable"]) {
        return Some(Word::Doubt);
    }
    if !numbered && has(&["prior", "earlier", "older", "below", "lower", "previous"]) {
        return Some(Word::Down);
    }
    if !numbered && has(&["later", "newer", "higher", "above"]) {
        return Some(Word::Up);
    }
    if let Some(version) = other_count(inner) {
        return Some(Word::Also(version));
    }
    let limits = lower
        .split(|c: char| !c.is_alphabetic())
        .any(|word| CONDITIONS.contains(&word) && !matches!(word, "formerly" | "part" | "on"));
    limits.then_some(Word::Condition)
}

/// "(aka Version 10.95.208.31)", "(firmware 1.46)", "(Build Nr. 1.2.14002.257)": one version with dots and words for it.
fn other_count(inner: &str) -> Option<&str> {
    const ANNOUNCING: [&str; 9] = ["aka", "or", "build", "nr.", "nr", "no.", ".", "<", "<="];
    let mut found = None;
    for word in inner.split_whitespace() {
        let lower = word.to_lowercase();
        if VERSION_NOUNS.contains(&lower.as_str()) || ANNOUNCING.contains(&lower.as_str()) {
            continue;
        }
        let dots = word.chars().filter(|c| *c == '.').count();
        let enough = dots > 1 || (dots == 1 && !inner.to_lowercase().contains("build"));
        if found.is_some() || !is_version(word) || !enough {
            return None;
        }
        found = Some(word);
    }
    found
}

/// Begins with a digit, or with a few letters and then a digit.
fn is_version(piece: &str) -> bool {
    let bare = piece.trim_matches(|c: char| matches!(c, '.' | ',' | ';' | ':' | '\''));
    let letters =
        bare.chars().take_while(|c| c.is_ascii_alphabetic() || matches!(c, '.' | '-')).count();
    let then = bare.chars().nth(letters);
    let digit = then.is_some_and(|c| c.is_ascii_digit());
    let open = bare.len() > 1 && bare.chars().all(|c| matches!(c, 'x' | 'X' | '*' | '.'));
    (digit && letters <= 9) || open
}

/// Pieces between spaces; a bracket that follows a space is one piece.
struct Pieces<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Pieces<'a> {
    fn next_piece(&mut self) -> Option<(usize, &'a str)> {
        let rest = self.text.get(self.at..)?;
        let start = self.at.checked_add(rest.find(|c: char| !c.is_whitespace())?)?;
        let rest = self.text.get(start..)?;
        let length = if rest.starts_with('(') {
            rest.find(')').map_or(rest.len(), |at| at.saturating_add(1))
        } else {
            rest.find(char::is_whitespace).unwrap_or(rest.len())
        };
        let end = start.checked_add(length)?;
        self.at = end;
        Some((start, self.text.get(start..end)?))
    }
}
