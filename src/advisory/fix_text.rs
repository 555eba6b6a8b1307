//! Versions that carry a fix, read from the texts of vendor fixes and mitigations.
//!
//! Two kinds of sentence name one: a verb before the version ("Update to V4.5 or later", "fixed in 2.0"), or a version that
//! stands alone behind the products it is for ("1756-EN4: v6.001 and later"). Everything else that looks like a version
//! (affected ones, manuals, protocols, other software) must not become a fix: a wrong one would clear a device. What
//! stands between verb and version, and before both, is handed on, so that the judge can see whom the sentence is for.

use std::sync::LazyLock;

use regex::Regex;

/// A version that a text names as fixed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fix {
    /// The version, as written.
    pub version: String,
    /// What stands before it in its own sentence: whom it is for.
    pub sentence: String,
    /// What stands in the sentences before.
    pub earlier: String,
    /// Words between the verb and the version: the thing to update, when it is named.
    pub component: String,
    /// Whether the version alone is not enough: "and Function State (FS) >= 11".
    pub conditional: bool,
    /// Whether the text has nothing but this version and whom it is for.
    pub alone: bool,
}

/// The fixed versions that a text names, in order.
pub fn read(details: &str) -> Vec<Fix> {
    let mut fixes = Vec::new();
    let mut scope_start = 0_usize;
    for (start, line) in lines(details) {
        if start != 0 && line.trim_start().starts_with(['-', '*', '\u{2022}']) {
            scope_start = start;
        }
        for (at, sentence) in sentences(line, start) {
            let before = details.get(scope_start..at).unwrap_or_default();
            read_sentence(sentence, before, &mut fixes);
        }
    }
    fixes
}

/// Lines with their places.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0_usize;
    text.split('\n').map(move |line| {
        let start = at;
        at = at.saturating_add(line.len()).saturating_add(1);
        (start, line)
    })
}

/// Sentences with their places. A dot ends one only before a space and a capital.
fn sentences(line: &str, start: usize) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let mut from = 0_usize;
    for found in SENTENCE_END.iter().flat_map(|regex| regex.find_iter(line)) {
        let end = found.start().saturating_add(1);
        out.extend(line.get(from..end).map(|text| (start.saturating_add(from), text)));
        from = end;
    }
    out.extend(line.get(from..).map(|text| (start.saturating_add(from), text)));
    out
}

fn read_sentence(sentence: &str, before: &str, out: &mut Vec<Fix>) {
    let lower = sentence.to_lowercase();
    if NEVER.iter().any(|words| lower.contains(words)) {
        return;
    }
    let conditional = CONDITIONS.iter().any(|words| lower.contains(words));
    let versions: Vec<_> = VERSION.iter().flat_map(|regex| regex.captures_iter(sentence)).collect();
    let dotted = versions.iter().filter(|found| found.name("whole").is_none()).count();
    let several =
        dotted > 1 && !["later", "higher", "newer"].iter().any(|word| lower.contains(word));
    let verb = VERB.iter().flat_map(|regex| regex.find_iter(sentence)).next();
    // The last verb that a version follows; "users of 2.0 should update to 2.1" has its fix behind the verb.
    let mut last_end = verb.map_or(0, |verb| verb.end());
    for found in versions {
        let (Some(all), Some(number)) = (found.get(0), found.name("number")) else { continue };
        let after = sentence.get(all.end()..).unwrap_or_default();
        let ahead = sentence.get(..all.start()).unwrap_or_default();
        let announced = sentence.get(..number.start()).unwrap_or_default();
        // Inside a longer word it is a part of something else; "revision 670 2.2.0.13" is one version behind a name.
        let mut rest = after.chars();
        let cut = matches!(rest.next(), Some('-' | '.' | '_' | '('))
            && rest.next().is_some_and(char::is_alphanumeric);
        let year_before = number.as_str().starts_with('R')
            && announced.trim_end().ends_with(|c: char| c.is_ascii_digit());
        let inside = announced.ends_with(['.', '-', '_']) || cut || year_before;
        let names_next = found.name("whole").is_some()
            && NEXT_VERSION.as_ref().is_some_and(|regex| regex.is_match(after));
        if inside
            || names_next
            || is_bound(announced, after)
            || (found.name("whole").is_some() && !ends_in_noun(announced))
        {
            continue;
        }
        match verb {
            Some(verb) if all.start() >= verb.end() => {
                let component = sentence.get(last_end..all.start()).unwrap_or_default();
                if starts_version_of_scope(sentence, all.start(), all.end()) {
                    continue;
                }
                out.push(Fix {
                    version: number.as_str().trim().to_owned(),
                    sentence: announced.to_owned(),
                    earlier: before.to_owned(),
                    component: clean(component),
                    conditional,
                    alone: false,
                });
                last_end = all.end();
            }
            None if !several && stands_alone(ahead, after) => out.push(Fix {
                version: number.as_str().trim().to_owned(),
                sentence: announced.to_owned(),
                earlier: before.to_owned(),
                component: String::new(),
                conditional,
                alone: true,
            }),
            _ => {}
        }
    }
}

/// Sentences that are about something else than the version to install.
const NEVER: &[&str] = &[
    "serial n",
    "production date",
    "cvss",
    "not available",
    "no fix",
    "will be available",
    "planned",
    "is being developed",
    "will not be",
    "no longer",
    "end of life",
    "end-of-life",
    "unsupported",
    "does not affect",
    "not affected",
    "cannot be updated",
    "not updatable",
];

/// Words that make the version one of two things to have.
const CONDITIONS: &[&str] = &[
    "function state",
    "boot loader",
    "bootloader",
    "hardware version",
    "hardware revision",
    "in combination with",
    "and activate",
    "and enable",
    "and migrate",
];

static NEXT_VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\s+\d+\.\d").ok());

static SENTENCE_END: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[.!?;]\s+[A-Z(]").ok());

static VERB: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:updat(?:e|es|ed|ing)|upgrad(?:e|es|ed|ing)|install(?:ing)?|appl(?:y|ying)|migrat(?:e|ing)|mov(?:e|ing) to|fix(?:ed|es)?|resolv(?:es|ed)|patched|patch|corrected|remediated|addressed|mitigated|released?|releasing|produced|developed|download|available|provided|use)\b",
    )
    .ok()
});

/// A version with what announces it. Whole numbers count only behind such a word.
static VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?:
          (?P<word>(?i:\b(?:versions?|ver\.?|firmware|release|revision|rev\.?|frn|bios|fw|is|to|or|and|in|at\ least)\b[\s:]*)+)?
        )
        (?P<number>
          \b20\d\d(?:\s?(?:R|SP|P|Update|Patch|CU)\s?\d+)+\b
        |          \b(?:[vV]|SV|R|FW|Ver\.|VER\.)\.?\s?\d+(?:[.\-_]\d+)*(?:\([0-9a-z]+\))?(?:[A-Za-z]{1,2}\d{0,3}[a-z]?)?\b
            (?:[\s\-_]?\b(?:SP|Update|Upd|UPD|HF|Hotfix|HotfixRev|Patch|P|Build|build|BN|TCU|CU|IR|MR)\s?\d+(?:\.\d+)*)*
        | \b\d+(?:\.\d+[A-Za-z]?)+(?:[\-_]\d+)?(?:\([0-9a-z]+\))?(?:[A-Za-z]{1,2}\d{0,3}[a-z]?)?\b
            (?:[\s\-_]?\b(?:SP|Update|Upd|UPD|HF|Hotfix|HotfixRev|Patch|P|Build|build|BN|TCU|CU|IR|MR)\s?\d+(?:\.\d+)*)*
        | (?-u:\b)(?P<whole>\d{1,4}[A-Z]?)\b
            (?:\s?\b(?:SP|Update|Upd|HF)\s?\d+)*
        )",
    )
    .ok()
});

/// Words behind a version that make it the end of what is affected.
const BOUND_AFTER: &[&str] = &[
    "and prior",
    "and earlier",
    "and below",
    "and older",
    "and lower",
    "or prior",
    "or earlier",
    "or below",
    "or older",
    "or lower",
    "prior",
    "earlier",
    "to version",
    "to v",
    "through",
    "- v",
    "– v",
    "are affected",
    "is affected",
    "should",
    "and previous",
];

/// Words before a version that make it that, or no version to install at all.
const BOUND_AHEAD: &[&str] = &[
    "prior to",
    "before",
    "earlier than",
    "lower than",
    "older than",
    "below",
    "up to",
    "less than",
    "<",
    "from",
    "through",
    "between",
    "than",
    "tls",
    "windows",
    "server",
    "page",
    "port",
    "section",
    "chapter",
    "step",
    "table",
    "no",
    "series",
    "part number",
    "article number",
    "of",
    "for",
    "affected",
    "using",
    "running",
    "id",
    "kb",
    "article",
    "document",
    "notification",
    "advisory",
];

/// Whether the words around a version make it the end of what is affected.
fn is_bound(ahead: &str, after: &str) -> bool {
    let (ahead, after) = (ahead.to_lowercase(), after.to_lowercase());
    let after =
        after.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ')' | '('));
    let ahead = ahead.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '<');
    let ahead = ["versions", "version", "firmware"]
        .into_iter()
        .find_map(|noun| ahead.strip_suffix(noun))
        .map_or(ahead, |rest| rest.trim_end());
    // "a new version of firmware (V3.03)".
    if ["version of", "release of", "revision of"].iter().any(|words| ahead.ends_with(words)) {
        return BOUND_AFTER.iter().any(|words| after.starts_with(words));
    }
    BOUND_AFTER.iter().any(|words| after.starts_with(words))
        || BOUND_AHEAD.iter().any(|words| {
            ahead
                .strip_suffix(words)
                .is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric()))
        })
}

/// A whole number is a version only when a word for "version" stands right before it.
fn ends_in_noun(ahead: &str) -> bool {
    let lower = ahead.trim_end().to_lowercase();
    let word = lower.rsplit(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty());
    matches!(
        word,
        Some("version" | "versions" | "ver" | "firmware" | "release" | "revision" | "rev" | "fw")
    )
}

/// "RTU500 firmware 13.2.1 - 13.2.5: update to …" is caught by the verb; a version before a colon with a verb behind is scope.
fn starts_version_of_scope(sentence: &str, start: usize, end: usize) -> bool {
    let after = sentence.get(end..).unwrap_or_default();
    let colon_then_verb = after
        .split_once(':')
        .is_some_and(|(gap, rest)| gap.len() < 24 && VERB.iter().any(|regex| regex.is_match(rest)));
    // In a word with letters or slashes around it (a file name, an address) it is no version to install.
    let glued = |c: Option<char>| c.is_some_and(|c| matches!(c, '/' | '@' | '\\' | '%' | '='));
    let before = sentence.get(..start).and_then(|text| text.chars().last());
    colon_then_verb || glued(before) || glued(after.chars().next())
}

/// Behind whom it is for, and with nothing after it but "or later".
fn stands_alone(ahead: &str, after: &str) -> bool {
    let after = after.to_lowercase();
    let rest = after.trim_matches(|c: char| !c.is_alphanumeric());
    let later = [
        "",
        "or later",
        "and later",
        "or higher",
        "and higher",
        "or newer",
        "and newer",
        "and above",
        "or above",
        "or greater",
        "or later version",
        "or later versions",
        "and later versions",
        "or later releases",
        "and onwards",
        "onwards",
        "or a later version",
        "version or later",
        "or newer versions",
        "or any later version",
    ];
    if !later.contains(&rest) && !rest.starts_with("or later") && !rest.starts_with("and later") {
        return false;
    }
    // "… Version 2.64", ": v6.001", or nothing at all before it.
    let ahead = ahead.trim_end().to_lowercase();
    let word = ahead.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    ahead.is_empty()
        || ahead.ends_with([':', ','])
        || matches!(
            word,
            "version" | "versions" | "firmware" | "ver" | "v" | "release" | "revision" | "software"
        )
        || !rest.is_empty()
}

/// Words only.
fn clean(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '(' | ')' | '"' | '*'))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(text: &str) -> Vec<String> {
        read(text).into_iter().map(|fix| fix.version).collect()
    }

    #[test]
    fn all_expressions_compile() {
        assert!(
            [&SENTENCE_END, &VERB, &VERSION, &NEXT_VERSION]
                .into_iter()
                .all(|regex| regex.is_some())
        );
    }

    #[test]
    fn reads_the_sentences_of_the_corpus() {
        for (text, expected) in [
            ("Update to V4.5.0 or later version", &["V4.5.0"][..]),
            ("Update to V4.0 SP1 or later version", &["V4.0 SP1"]),
            ("Update to V16 Update 5 or later version", &["V16 Update 5"]),
            ("1756-EN4: v6.001 and later", &["v6.001"]),
            ("R12CCPU-V: Version 14 or later", &["14"]),
            ("Version 34.016", &["34.016"]),
            ("Users should upgrade to versions 33.013, 34.011, or later.", &["33.013", "34.011"]),
            (
                "1756-EN2T Series B: Update to 5.029 or later signed versions (**recommended). Update to 5.009 for unsigned versions",
                &["5.029", "5.009"],
            ),
            (
                "1734-AENT/1734-AENTR Series C: Versions 7.011 and prior. Upgrade to 7.013",
                &["7.013"],
            ),
            (
                "RTU500 series CMU Firmware version 13.2.1 - 13.2.5: Update to CMU Firmware version 13.2.6",
                &["13.2.6"],
            ),
            (
                "has released a new firmware version for the MicroLogix 1400 Series B controllers, FRN 21.00, to address",
                &["21.00"],
            ),
            ("RFC 470S PN 3TX: Article number 2916794, firmware 4.20", &["4.20"]),
            (
                "NX7-series Machine Automation Controller (All Models): Versions 1.29 or higher",
                &["1.29"],
            ),
        ] {
            assert_eq!(versions(text), expected, "{text}");
        }
    }

    #[test]
    fn does_not_take_other_numbers_for_fixes() {
        for text in [
            "IE-SW-VL05M-5TX firmware v3.6.24 Build 19062809 and prior",
            "Q03UDECPU: the first 5 digits of serial number 22082 or later",
            "Set up a firewall blocking all remote/external access to Port 502",
            "For SIMATIC: currently no fix is planned",
            "MELSEC iQ-R R120 PSFCPU firmware: Refer to \"Appendix 2 Firmware Update Function\" in the manual",
            "https://www.schneider-electric.fr/fr/search/V2.9?filters=CAT_PRD_DOC_FIRMUPD",
            "There is no fix available for versions prior to v2.0.",
        ] {
            assert_eq!(versions(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn tells_what_to_update() {
        let fixes = read("Update your entire solution to TIA Portal V17 and use TLS communication");
        assert_eq!(fixes[0].component, "your entire solution to TIA Portal");
        let fixes = read(
            "For ControlLogix 5570 redundancy: Users should upgrade to versions 33.052, 34.051, or later.",
        );
        assert!(fixes[1].sentence.contains("ControlLogix 5570 redundancy"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in ".{0,120}") {
            let _ = read(&text);
        }
    }
}
