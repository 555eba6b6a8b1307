//! Names of products as advisories write them, taken apart.
//!
//! A name carries more than a name: order numbers with placeholders (`BMXP34*`, `750-82xx/xxx-xxx`, `CPU □ □`), lists
//! (`R04/08/16CPU`), options in brackets (`R120(EN)CPU`), the series letter (`1756-EN2T/D`, "Series A and B"), signed or
//! unsigned firmware, and now and then a release train ("< V4.x").

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::model::advisory::Product;

/// One product name, read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Name {
    /// Words in capitals, without punctuation.
    pub words: Vec<String>,
    /// Order and model numbers, and patterns of such.
    pub codes: Vec<Code>,
    /// Series letters that the name is limited to.
    pub series: BTreeSet<char>,
    /// Signed or unsigned firmware, when the name says which.
    pub signed: Option<bool>,
    /// Release train that the name is limited to, as a version text: "4", "<4", "<=6".
    pub train: Option<String>,
    /// The words that say so.
    pub train_words: Vec<String>,
}

/// An order or model number, or a pattern of such.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Code {
    /// Capitals, digits, `-`, `/`; `*` for one character or more.
    pub pattern: String,
}

impl Code {
    /// Whether it stands for more than one number.
    pub fn is_pattern(&self) -> bool {
        self.pattern.contains('*')
    }

    /// Characters that are not placeholders: the more, the more specific.
    pub fn literals(&self) -> usize {
        self.pattern.chars().filter(char::is_ascii_alphanumeric).count()
    }

    /// Whether a number, spelled with its hyphens, is one of these. Hyphens and slashes may be missing on both sides only.
    pub fn matches(&self, number: &str) -> bool {
        let number = dense(number);
        glob(&self.pattern, &number) || {
            let (pattern, bare) = (without_marks(&self.pattern), without_marks(&number));
            (pattern == self.pattern || bare == number) && glob(&pattern, &bare)
        }
    }
}

/// The texts of a product that name it, most telling first.
pub fn texts(product: &Product) -> impl Iterator<Item = &str> {
    let full = product.full_name.as_ref();
    // "NX7-series Controller: Versions 1.28 and prior": what follows the last colon is the version again.
    let full = full.rsplit_once(": ").map_or(full, |(name, _)| name);
    [Some(product.name.as_ref()), Some(full), Some(product.family.as_ref()), product.on.as_deref()]
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
}

impl Name {
    /// Takes a name apart.
    pub fn read(text: &str) -> Self {
        let text: String = text.nfkc().collect();
        let signed = signedness(&text);
        let (text, series) = take_series(&text);
        let (train, train_words) = find_train(&text);
        let plain = ASIDE.replace_all(&text, " ");
        let codes = codes(&plain);
        let words = words(&SIGNED.replace_all(&plain, " "));
        Self { words, codes, series, signed, train, train_words }
    }

    /// Where a phrase stands in the words, as a range of words. The phrase is compact; words join to meet it, so
    /// "ControlLogix5580" is found in "ControlLogix 5580" and the other way round.
    pub fn find(&self, phrase: &str) -> Option<(usize, usize)> {
        if phrase.is_empty() {
            return None;
        }
        for start in 0..self.words.len() {
            let mut rest = phrase;
            for (at, word) in self.words.iter().enumerate().skip(start) {
                let Some(after) = rest.strip_prefix(word.as_str()) else { break };
                rest = after;
                if rest.is_empty() {
                    return Some((start, at.saturating_add(1)));
                }
            }
        }
        None
    }
}

/// Capitals and digits only.
pub fn compact(text: &str) -> String {
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Capitals, digits, `-` and `/`.
pub fn dense(text: &str) -> String {
    text.nfkc()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '*'))
        .flat_map(char::to_uppercase)
        .collect()
}

fn without_marks(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | '/')).collect()
}

/// Words in capitals.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_uppercase())
        .collect()
}

/// Whether a text meets a pattern, in which `*` stands for any characters, none too. Time is the product of the lengths.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0_usize, 0_usize);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p = p.saturating_add(1);
        } else if pattern.get(p).is_some() && pattern.get(p) == text.get(t) {
            p = p.saturating_add(1);
            t = t.saturating_add(1);
        } else if let Some((at, from)) = star {
            star = Some((at, from.saturating_add(1)));
            p = at.saturating_add(1);
            t = from.saturating_add(1);
        } else {
            return false;
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// Remarks in brackets that name nothing of their own.
static ASIDE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\((?:incl\.?|including|all models?|formerly|discontinued)[^)]*\)|\[[A-Z0-9]\]")
        .ok()
});
static SIGNED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\(?\b(?:un)?signed(?: versions?)?\)?").ok());
static SERIES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b[Ss]eries[: ]+((?-u:\b)[A-Z]\b(?:\s*(?:/|,|,?\s*and|,?\s*or|&)\s*[A-Z]\b)*)")
        .ok()
});
static SLASH_SERIES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(\d{4}[A-Z]*\s?-\s?[A-Z0-9]{3,})/([A-Z])\b").ok());
static LONE_SERIES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\bMicroLogix 1[14]00\s+([A-Z](?:/[A-Z])*)\b").ok());
static TRAIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)([<>]=?)?\s*(?:\bv|\bversion )(\d+(?:\.\d+)*)(\.x)?(?-u:\b)(\s+and (?:below|earlier|prior|older))?",
    )
    .ok()
});

/// Replacement by an expression that may be missing: it is not, since all are literals checked by a test.
trait Replace {
    fn replace_all(&self, text: &str, with: &str) -> String;
}

impl Replace for LazyLock<Option<Regex>> {
    fn replace_all(&self, text: &str, with: &str) -> String {
        self.as_ref()
            .map_or_else(|| text.to_owned(), |regex| regex.replace_all(text, with).into_owned())
    }
}

fn signedness(text: &str) -> Option<bool> {
    let lower = text.to_lowercase();
    match (lower.contains("unsigned"), lower.contains("signed")) {
        (true, _) => Some(false),
        (false, true) => Some(true),
        (false, false) => None,
    }
}

/// Series letters that a text names, and the text without them.
pub fn take_series(text: &str) -> (String, BTreeSet<char>) {
    let mut letters = BTreeSet::new();
    for (expression, group) in [(&SERIES, 1_usize), (&SLASH_SERIES, 2), (&LONE_SERIES, 1)] {
        let Some(regex) = expression.as_ref() else { continue };
        for listed in regex.captures_iter(text).filter_map(|found| found.get(group)) {
            let single = listed.as_str().split(|c: char| !c.is_ascii_uppercase());
            letters.extend(
                single.filter(|word| word.len() == 1).filter_map(|word| word.chars().next()),
            );
        }
    }
    let rest = SLASH_SERIES.replace_all(&SERIES.replace_all(text, " "), "$1");
    (rest, letters)
}

/// "V4.x" and "V7" limit a name to a train, "< V4.x" to those before it, "V6 and below" to it and those before it. An
/// operator before a whole version ("< V2.4.7", "prior to V3", "V2 and later") makes it the end of a range, which is not
/// said by a name's train.
fn find_train(text: &str) -> (Option<String>, Vec<String>) {
    let none = (None, Vec::new());
    let Some(found) = TRAIN.as_ref().and_then(|regex| regex.captures(text)) else { return none };
    let (Some(all), Some(number)) = (found.get(0), found.get(2)) else { return none };
    let number = number.as_str();
    let op = found.get(1).map_or("", |op| op.as_str());
    let whole_train = found.get(3).is_some() || !number.contains('.');
    let ahead = text.get(..all.start()).unwrap_or_default().trim_end().to_lowercase();
    let after = text.get(all.end()..).unwrap_or_default();
    let bound =
        ["than", "to", "before", "below", "until", "from", "since", "up", "through", "till"];
    let is_bound = ahead
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .is_some_and(|word| bound.contains(&word));
    let later = ["and", "or", "to", "through", "-", "\u{2013}"];
    let is_range = after
        .split_whitespace()
        .next()
        .is_some_and(|word| later.contains(&word.to_lowercase().as_str()));
    let longer = after.starts_with(['.', '_', '-', '*', '+']);
    let op = match (op, found.get(4).is_some()) {
        ("", true) => "<=",
        ("" | "<" | "<=", false) => op,
        _ => return none,
    };
    if is_bound || is_range || longer || (!op.is_empty() && !whole_train) {
        return none;
    }
    (Some(format!("{op}{number}")), words(all.as_str()))
}

/// Order numbers, model numbers and patterns in a name.
fn codes(text: &str) -> Vec<Code> {
    let joined = SPACED_MARKS.replace_all(&text.replace("[]", "\u{25a1}"), "$1");
    let mut found = Vec::new();
    let mut before = String::new();
    for word in
        joined.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '"' | '='))
    {
        let word = balanced(word);
        for option in options(word) {
            for number in listed(&option) {
                push_code(&number, &mut found);
            }
        }
        // "BMX P34x": a pattern written with spaces.
        if !before.is_empty() && word.ends_with(['x', '*']) {
            push_code(&format!("{before}{word}"), &mut found);
        }
        let short = (2..=4).contains(&word.len()) && word.chars().all(|c| c.is_ascii_uppercase());
        before = if short { format!("{before}{word}") } else { String::new() };
    }
    found
}

static SPACED_MARKS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\s*([\x{25a1}-])\s*").ok());

/// Without a bracket that opened or closed outside the word.
fn balanced(word: &str) -> &str {
    let word = word.strip_prefix('(').unwrap_or(word);
    if word.contains('(') { word } else { word.trim_end_matches(')') }
}

/// `R120(EN)CPU` is `R120CPU` and `R120ENCPU`.
fn options(word: &str) -> Vec<String> {
    match word.split_once('(').and_then(|(head, rest)| Some((head, rest.split_once(')')?))) {
        Some((head, (option, tail))) if !head.is_empty() => {
            vec![format!("{head}{tail}"), format!("{head}{option}{tail}")]
        }
        _ => vec![word.to_owned()],
    }
}

static NUMBER_LIST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^([A-Z-]+)(\d+(?:/\d+)+)([A-Z][A-Z0-9*-]*)$").ok());
static LETTER_LIST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^([A-Z]+\d+)([A-Z](?:/[A-Z])+)(-.+)$").ok());

/// `R04/08/16CPU` is three numbers; `FX5-ENET/IP` is one, and its parts stay apart only where each looks like a number.
fn listed(word: &str) -> Vec<String> {
    for list in [&NUMBER_LIST, &LETTER_LIST] {
        if let Some(found) = list.as_ref().and_then(|regex| regex.captures(word)) {
            let part = |at| found.get(at).map_or("", |part| part.as_str());
            return part(2)
                .split('/')
                .map(|middle| format!("{}{middle}{}", part(1), part(3)))
                .collect();
        }
    }
    let mut numbers = vec![word.to_owned()];
    if word.contains('/') {
        numbers.extend(word.split('/').filter(|part| part.len() >= 5).map(str::to_owned));
    }
    numbers
}

/// Keeps a word that looks like a number of a catalogue: digits and capitals, or placeholders among them.
fn push_code(word: &str, found: &mut Vec<Code>) {
    let mut pattern = String::new();
    let mut before = ' ';
    for c in word.chars() {
        let capital_x =
            c == 'X' && (before.is_ascii_digit() || (before == '*' && pattern.ends_with('*')));
        match c {
            'x' | 'y' | 'z' | '*' | '?' | '.' | '\u{25a1}' | '\u{2026}' => push_star(&mut pattern),
            'X' if capital_x => push_star(&mut pattern),
            c if c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '/') => {
                pattern.push(c)
            }
            // A word in small letters is a word.
            _ => return,
        }
        before = if pattern.ends_with('*') { '*' } else { c };
    }
    let letters_or_digits = pattern.chars().filter(char::is_ascii_alphanumeric).count();
    let digits = pattern.chars().filter(char::is_ascii_digit).count();
    let enough = letters_or_digits >= 3 && (digits >= 1 || pattern.contains('*'));
    let not_a_word = pattern.contains(['-', '*']) || digits >= 2 || letters_or_digits >= 5;
    // A short number alone is a family or a year, not an order number.
    let number_alone = digits == pattern.len() && digits < 6;
    let code = Code { pattern };
    if enough && not_a_word && !number_alone && !found.contains(&code) {
        found.push(code);
    }
}

fn push_star(pattern: &mut String) {
    if !pattern.ends_with('*') {
        pattern.push('*');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(text: &str) -> Vec<String> {
        Name::read(text).codes.into_iter().map(|code| code.pattern).collect()
    }

    fn series(text: &str) -> String {
        Name::read(text).series.into_iter().collect()
    }

    #[test]
    fn all_expressions_compile() {
        for regex in [
            &ASIDE,
            &SIGNED,
            &SERIES,
            &SLASH_SERIES,
            &LONE_SERIES,
            &TRAIN,
            &SPACED_MARKS,
            &NUMBER_LIST,
            &LETTER_LIST,
        ] {
            assert!(regex.is_some());
        }
    }

    #[test]
    fn lifts_series_letters() {
        assert_eq!(series("1756-EN2T Series B"), "B");
        assert_eq!(series("1766-L32BXB Series A and B"), "AB");
        assert_eq!(series("1756-EN2T Series A, B, and C"), "ABC");
        assert_eq!(series("1756-EN2T, Series A/B/C (signed version)"), "ABC");
        assert_eq!(series("1756-EN2T/D"), "D");
        assert_eq!(series("MicroLogix 1400 B/C"), "BC");
        assert_eq!(series("MELSEC iQ-R Series R04CPU"), "");
        assert_eq!(series("Modicon M340"), "");
    }

    #[test]
    fn lifts_signedness_and_trains() {
        assert_eq!(Name::read("1756-EN2F, Series A/B (unsigned version)").signed, Some(false));
        assert_eq!(
            Name::read("SIMATIC S7-1200 CPU family V4.x (incl. SIPLUS variants)").train.as_deref(),
            Some("4")
        );
        assert_eq!(Name::read("SIMATIC S7-1200 CPU family < V4.x").train.as_deref(), Some("<4"));
        assert_eq!(
            Name::read("SIMATIC S7-400 PN/DP V6 and below CPU family").train.as_deref(),
            Some("<=6")
        );
        assert_eq!(Name::read("Desigo CC V5.0").train.as_deref(), Some("5.0"));
    }

    #[test]
    fn an_end_of_a_range_in_a_name_is_no_train() {
        for text in [
            "Siemens SENTRON PAC3200 <V2.4.7",
            "SENTRON PAC3200 < V2.4",
            "SENTRON PAC3200 <=V2.4.7",
            "SENTRON PAC3200 >= V2",
            "All versions prior to V4",
            "SENTRON PAC3200 versions lower than V2",
            "SENTRON PAC3200 V2 or later",
            "SENTRON PAC3200 V2 to V3",
            "SENTRON PAC3200 V2.4.* ",
            "SENTRON PAC3200 V3.2 and earlier",
            "SENTRON PAC3200 up to V2",
        ] {
            assert_eq!(Name::read(text).train, None, "{text}");
        }
    }

    #[test]
    fn reads_codes_patterns_and_lists() {
        assert_eq!(
            patterns("Modicon M580 CPU Safety (part numbers BMEP58*S and BMEH58*S)"),
            ["M580", "BMEP58*S", "BMEH58*S"]
        );
        assert_eq!(patterns("CJ2M-CPU □ □"), ["CJ2M-CPU*"]);
        assert_eq!(patterns("SYSMAC CJ2H-CPU6[]-EIP"), ["CJ2H-CPU6*-EIP"]);
        assert_eq!(patterns("R04/08/16CPU"), ["R04CPU", "R08CPU", "R16CPU"]);
        assert_eq!(patterns("R120(EN)CPU"), ["R120CPU", "R120ENCPU"]);
        assert_eq!(
            patterns("1734-AENT/1734-AENTR Series C"),
            ["1734-AENT/1734-AENTR", "1734-AENT", "1734-AENTR"]
        );
        assert_eq!(patterns("CompactLogix 5380 (5069 - L3z)"), ["5069-L3*"]);
        assert_eq!(patterns("CS1H/G-CPU**H"), ["CS1H-CPU*H", "CS1G-CPU*H"]);
    }

    #[test]
    fn patterns_meet_numbers() {
        let meets =
            |pattern: &str, number: &str| Code { pattern: pattern.to_owned() }.matches(number);
        assert!(meets("BMXP34*", "BMX P34 2020"));
        assert!(meets("BMEP58*S", "BMEP584040S") && !meets("BMEP58*S", "BMEP584040"));
        assert!(meets("FX5U-*M*/*", "FX5U-32MT/ES") && !meets("FX5U-*M*/*", "FX5UC-32MT/D"));
        assert!(meets("1756-L8*", "1756-L83E"));
    }

    #[test]
    fn finds_phrases_across_word_breaks() {
        assert_eq!(
            Name::read("ControlLogix5580 redundancy").find("CONTROLLOGIX5580"),
            Some((0, 1))
        );
        assert_eq!(Name::read("ControlLogix 5580").find("CONTROLLOGIX5580"), Some((0, 2)));
        assert_eq!(Name::read("MELSEC iQ-R R08 SFCPU firmware").find("R08SFCPU"), Some((3, 5)));
        assert_eq!(Name::read("1756-EN2TR").find("1756EN2T"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_name_is_read_without_panic(text in ".{0,60}", number in "[A-Z0-9*-]{0,12}") {
            let name = Name::read(&text);
            let _ = name.find(&number);
            for code in name.codes { let _ = code.matches(&number); }
        }
    }
}
