//! Version texts made plain before they are cut into words.
//!
//! Look-alikes of operators, full-width characters, entities of HTML, underscores for spaces, and phrases that are an
//! operator ("less than or equal to") become one spelling. What a text says is not changed here.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use unicode_normalization::UnicodeNormalization;

/// Stands for "(including)" behind a version.
pub(super) const INCLUDING: char = '\u{1}';
/// Stands for "(excluding)" behind a version.
pub(super) const EXCLUDING: char = '\u{2}';

/// Drops `vers:<scheme>/` and its escapes. "vers:all/<V4" is invalid and common: the operator is what its author meant.
pub(super) fn without_vers(text: &str) -> Cow<'_, str> {
    let Some(rest) = text.strip_prefix("vers:") else { return Cow::Borrowed(text) };
    let rest = rest.split_once('/').map_or(rest, |(_, after)| after).trim();
    if !rest.contains('%') {
        return Cow::Borrowed(rest);
    }
    Cow::Owned(ESCAPE.as_ref().map_or_else(
        || rest.to_owned(),
        |regex| regex.replace_all(rest, |found: &Captures<'_>| escaped(found)).into_owned(),
    ))
}

static ESCAPE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("%([2-7][0-9A-Fa-f])").ok());

fn escaped(found: &Captures<'_>) -> String {
    let whole = found.get(0).map_or("", |all| all.as_str());
    let code = found.get(1).and_then(|code| u8::from_str_radix(code.as_str(), 16).ok());
    code.map_or_else(|| whole.to_owned(), |code| char::from(code).to_string())
}

/// One spelling of characters and of phrases that are operators.
pub(super) fn plain(text: &str) -> String {
    let text: String = if text.is_ascii() { text.to_owned() } else { text.nfkc().collect() };
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .replace(['\u{2264}', '\u{2266}', '\u{2a7d}'], "<=")
        .replace(['\u{2265}', '\u{2267}', '\u{2a7e}'], ">=")
        .replace("=<", "<=")
        .replace("=>", ">=");
    let text = REMARK.as_ref().map_or_else(
        || text.clone(),
        |regex| {
            if text.contains('(') {
                regex.replace_all(&text, " ").into_owned()
            } else {
                text.clone()
            }
        },
    );
    let Some(regex) = PHRASES.as_ref() else { return text };
    let operator = |found: &Captures<'_>| {
        let named = [("le", "<="), ("ge", ">="), ("gt", ">"), ("lt", "<"), ("all", "all versions")];
        let spelled = named.iter().find(|(name, _)| found.name(name).is_some());
        let before = found.name("before").map_or("", |before| before.as_str());
        spelled.map_or_else(String::new, |(_, spelled)| format!("{before} {spelled} "))
    };
    let text = if text.contains(' ') || text.contains('_') {
        regex.replace_all(&text, operator).into_owned()
    } else {
        text
    };
    DOTS.as_ref().map_or_else(
        || text.clone(),
        |regex| {
            if text.contains("..") {
                regex.replace_all(&text, "$1 - $2").into_owned()
            } else {
                text.clone()
            }
        },
    )
}

/// Remarks with dates that are none of the product's making.
static REMARK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\((?:eol|end[\s_-]of[\s_-]life|released|available|discontinued)[^)]*\)").ok()
});

/// "1.0..2.3" is an interval.
static DOTS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(\d)\s*\.{2,3}\s*([vV]?\d)").ok());

/// Phrases that are an operator, in English and in the German of makers there. `_` stands for a space in them.
static PHRASES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)(?P<before>^|[\s_(,;|])(?:
        (?P<le> (?:less|lower|older|earlier|smaller)[\s_]than[\s_]or[\s_]equal(?:[\s_]to)?
            | equal[\s_]to[\s_]or[\s_](?:less|lower|older|earlier)[\s_]than
            | (?:up|prior)[\s_]to[\s_,]+and[\s_]including | up[\s_]to[\s_]\(including\) | up[\s_]to[\s_]including
            | (?:no|not)[\s_](?:later|newer|higher)[\s_]than | at[\s_]most | bis[\s_]einschlie(?:ss|\x{df})lich )
        | (?P<ge> (?:greater|higher|newer|later|more)[\s_]than[\s_]or[\s_]equal(?:[\s_]to)?
            | equal[\s_]to[\s_]or[\s_](?:greater|higher|newer|later)[\s_]than
            | (?:starting|beginning)[\s_](?:with|from|at|in) | as[\s_]of | since | at[\s_]least
            | (?:no|not)[\s_](?:earlier|older|lower)[\s_]than )
        | (?P<lt> up[\s_]to[\s_,]+but[\s_](?:not[\s_]including|excluding),? | up[\s_]to[\s_]\(excluding\)
            | but[\s_]not[\s_]including,? | but[\s_]excluding | kleiner[\s_]als )
        | (?P<gt> (?:greater|higher|newer|later)[\s_]than )
        | (?P<all> alle[\s_]versionen | toutes[\s_]les[\s_]versions | todas[\s_]las[\s_]versiones )
        )(?:$|[\s_,;|)]|(?-u:\b))",
    )
    .ok()
});

/// Operators and separators set apart, underscores to spaces where they stand for such.
pub(super) fn spaced(text: &str) -> String {
    let text = text.replace("(including)", "\u{1}").replace("(excluding)", "\u{2}");
    let mut out = String::with_capacity(text.len().saturating_mul(2));
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let after = || text.get(at.saturating_add(c.len_utf8())..).unwrap_or_default();
        match c {
            '_' if joins_numbers(&out, after()) => out.push('_'),
            '_' | '\u{a0}' | '"' | '\u{201c}' | '\u{201d}' => out.push(' '),
            '\u{2013}' | '\u{2014}' | '~' => out.push_str(" - "),
            // "1.14.000 -1.47.000": the space stands on one side only.
            '-' if before.is_whitespace()
                && is_version_ahead(after())
                && !out.trim().is_empty() =>
            {
                out.push_str("- ");
            }
            // "2.0+" is 2.0 and later.
            '+' if before.is_ascii_digit() && !after().starts_with(char::is_alphanumeric) => {
                out.push_str(" later ");
            }
            '<' | '>' => {
                out.push(' ');
                out.push(c);
            }
            '=' if matches!(before, '<' | '>') => out.push(c),
            '|' | ',' | ';' | '&' | INCLUDING | EXCLUDING => {
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

fn is_version_ahead(after: &str) -> bool {
    after.trim_start_matches(['v', 'V']).starts_with(|c: char| c.is_ascii_digit())
        && after.contains('.')
}

/// Whether an underscore stands inside one version, as in `5_7_04_6469`, `V0209_0105` and `3.30_24518`: digits alone
/// follow it. Numbers of one length without leading noughts (`33_34_35`) are trains.
fn joins_numbers(before: &str, after: &str) -> bool {
    let next: &str = after.split(['_', ' ', '|', ',']).next().unwrap_or_default();
    let last: &str = before.rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let bare = last.trim_start_matches(['v', 'V', '<', '>', '=']);
    let token: &str = after.split([' ', '|', ',']).next().unwrap_or_default();
    let trains = digits(bare)
        && !bare.starts_with('0')
        && token.split('_').all(|part| part.len() == bare.len() && !part.starts_with('0'));
    digits(next)
        && bare.starts_with(|c: char| c.is_ascii_digit())
        && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_'))
        && !trains
}

/// Whether a comma may be that of a decimal number: "< V2,10" is V2.10 or V2 and 10.
pub(super) fn has_decimal_comma(text: &str) -> bool {
    DECIMAL.as_ref().is_some_and(|regex| regex.is_match(text))
}

static DECIMAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:[<>]=?)\s*[vV]?\d+,\d+\s*$").ok());

/// Months and days where a version belongs: then it tells when a device was made.
pub(super) fn has_date(lower: &str) -> bool {
    [&MONTH, &SHORT_MONTH, &DAY]
        .into_iter()
        .flat_map(|regex| regex.as_ref())
        .any(|regex| regex.is_match(lower))
}

static MONTH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^a-z])(?:january|february|march|april|june|july|august|september|october|november|december)(?:$|[^a-z])").ok()
});
/// "May" is a verb more often than a month, and "dec" may be anything: a number must follow.
static SHORT_MONTH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^a-z])(?:may|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?[\s_/,-]{1,2}\d{1,4}(?:$|[^\d.])").ok()
});
static DAY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[^\d.])\d{1,2}/\d{1,2}/(?:19|20)\d\d(?:$|[^\d.])").ok());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_expressions_compile() {
        for regex in [&ESCAPE, &REMARK, &DOTS, &PHRASES, &DECIMAL, &MONTH, &SHORT_MONTH, &DAY] {
            assert!(regex.is_some());
        }
    }

    #[test]
    fn months_are_told_from_verbs() {
        for date in [
            "< may 2018",
            "<may_1_2024",
            "< feb 10 2021",
            "<8/30/2024",
            "before june",
            "12-may-2017",
        ] {
            assert!(has_date(date), "{date}");
        }
        for text in
            ["7.50 and 7.60 may also be affected", "v2.0/3.0", "marching 2", "<2.1/3.2/2017.5"]
        {
            assert!(!has_date(text), "{text}");
        }
    }

    #[test]
    fn escapes_of_vers_are_taken_back() {
        assert_eq!(without_vers("vers:generic/%3E%3D1.0%20SP1|<2.0"), ">=1.0 SP1|<2.0");
        assert_eq!(without_vers("vers:generic/<100%"), "<100%");
        assert_eq!(without_vers("<1%20"), "<1%20");
    }
}
