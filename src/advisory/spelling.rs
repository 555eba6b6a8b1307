//! A product's name as people write it, made ready to be read: lists and options spelled out, remarks taken apart.
//!
//! "R04/08/16/32/120(EN)CPU" is ten models in one word, "Micro850/870" two; "(incl. X408)" names a product, "except IM155-6
//! PN ST" takes one away, and "running Cisco IOS XE Software" says what runs on the device and makes it no program.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::advisory::name::Name;

/// A name taken apart.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Spelled {
    /// The name itself, in each way in which its options can be read; the first is without them.
    pub main: Vec<Part>,
    /// What it says that it includes.
    pub included: Vec<Part>,
    /// What it says that it leaves out.
    pub excluded: Vec<Part>,
    /// What it says that it uses: "UPS using NMC2".
    pub used: Vec<Part>,
}

/// A part of a name, with what it reads as.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    /// Its text, with lists spelled out.
    pub text: String,
    /// The text, read.
    pub name: Name,
}

impl Part {
    fn of(text: String) -> Self {
        Self { name: Name::read(&text), text }
    }
}

/// Takes a name apart.
pub fn spell(text: &str) -> Spelled {
    let (mut included, mut excluded, mut used) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = take(&EXCEPT, text, &mut excluded);
    if rest.matches('(').count() > rest.matches(')').count() {
        rest.push(')');
    }
    rest = take(&INCLUDING, &rest, &mut included);
    rest = take(&RUNNING, &rest, &mut Vec::new());
    rest = take(&USING, &rest, &mut used);
    rest = replace(&RUNS_ON_DEVICE, &rest, |_| " ".to_owned());
    let without = spelled_out(&replace(&OPTION, &rest, |found| group(found, 1).to_owned()));
    let with = spelled_out(&replace(&OPTION, &rest, |found| {
        format!("{}{}", group(found, 1), group(found, 2))
    }));
    let mut main = vec![without];
    if !main.contains(&with) {
        main.push(with);
    }
    let parts = |texts: Vec<String>| texts.iter().map(|text| Part::of(spelled_out(text))).collect();
    Spelled {
        main: main.into_iter().map(Part::of).collect(),
        included: parts(included),
        excluded: parts(excluded),
        used: parts(used),
    }
}

/// Lists of models, each model written out.
fn spelled_out(text: &str) -> String {
    let text =
        replace(&STRAY_SLASH, text, |found| format!("{}{}", group(found, 1), group(found, 2)));
    let text =
        replace(&SPACED_LIST, &text, |found| format!("{}{}", group(found, 1), group(found, 2)));
    let text = replace(&ENDINGS, &text, |found| {
        let stem = group(found, 1);
        let mut models = vec![stem.to_owned()];
        for ending in group(found, 3).split('/') {
            models.push(format!("{stem}{}{ending}", group(found, 2)));
            models.push(format!("{stem}{ending}"));
        }
        models.join(" ")
    });
    // Without its first letter a list is a pattern: "series 04/08/16CPU".
    let text = replace(&HEADLESS_LIST, &text, |found| {
        let models: Vec<String> = group(found, 2)
            .split('/')
            .map(|number| format!("*{number}{}", group(found, 3)))
            .collect();
        format!("{}{}", group(found, 1), models.join(" "))
    });
    let text = replace(&TWO_NUMBERS, &text, |found| {
        let (stem, one, other, tail) =
            (group(found, 1), group(found, 2), group(found, 3), group(found, 4));
        let mut models = vec![format!("{stem}{one}"), format!("{stem}{other}{tail}")];
        if !tail.is_empty() {
            models.extend([format!("{stem}{one}{tail}"), format!("{stem}{other}")]);
        }
        models.join(" ")
    });
    replace(&NUMBERS_OF_A_SERIES, &text, |found| {
        let series = group(found, 1);
        let numbers = group(found, 2)
            .split(|c: char| !c.is_ascii_digit())
            .filter(|number| !number.is_empty());
        numbers.map(|number| format!("{series} {number}")).collect::<Vec<_>>().join(", ")
    })
}

type Expression = LazyLock<Option<Regex>>;

static EXCEPT: Expression = LazyLock::new(|| {
    Regex::new(r"(?i)[,(]?\s*\b(?:except(?:ing)?(?: for)?|excluding|excl\.|other than|not including)\s+([^)]*)\)?").ok()
});
static INCLUDING: Expression =
    LazyLock::new(|| Regex::new(r"(?i)\(\s*(?:incl\.?|including|includes)\s+([^)]*)\)").ok());
static RUNNING: Expression =
    LazyLock::new(|| Regex::new(r"(?i)[\s(]+(?:running|that runs?)\s+(.*)$").ok());
static USING: Expression =
    LazyLock::new(|| Regex::new(r"(?i)\s+(?:using|with embedded|equipped with)\s+(.*)$").ok());
static RUNS_ON_DEVICE: Expression = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:operating system(?: software)?|system image?|system software|firmware)\b")
        .ok()
});
static OPTION: Expression =
    LazyLock::new(|| Regex::new(r"\b([A-Z0-9/-]*[0-9][A-Z0-9-]*)\s?\(([A-Z]{1,3})\)").ok());
static STRAY_SLASH: Expression = LazyLock::new(|| Regex::new(r"(/\d+)/([A-Z]+CPU)\b").ok());
static SPACED_LIST: Expression =
    LazyLock::new(|| Regex::new(r"\b([A-Z]*\d+(?:/\d+)+(?:EN)?)\s+([A-Z]*CPU)\b").ok());
static ENDINGS: Expression = LazyLock::new(|| {
    Regex::new(r"\b([A-Z0-9-]*[0-9][A-Z0-9-]*)\((-?)([A-Z0-9]+(?:/[A-Z0-9]+)+)\)").ok()
});
static HEADLESS_LIST: Expression =
    LazyLock::new(|| Regex::new(r"(^|\s)(\d+(?:/\d+)+)([A-Z]{2,}[A-Z0-9]*)\b").ok());
static TWO_NUMBERS: Expression =
    LazyLock::new(|| Regex::new(r"\b([A-Z][A-Za-z]+-?)(\d{3,4})/(\d{3,4})([A-Z]?)\b").ok());
static NUMBERS_OF_A_SERIES: Expression = LazyLock::new(|| {
    Regex::new(r"\b([A-Z][A-Za-z]+) (\d{3,5}(?:(?:,| and|, and)? \d{3,5})+)\b").ok()
});

fn group<'t>(found: &Captures<'t>, at: usize) -> &'t str {
    found.get(at).map_or("", |part| part.as_str())
}

/// The text with each match replaced. An expression that may be missing is not: all are literals, checked by a test.
fn replace(expression: &Expression, text: &str, with: impl Fn(&Captures<'_>) -> String) -> String {
    let Some(regex) = expression.as_ref() else { return text.to_owned() };
    regex.replace_all(text, |found: &Captures<'_>| with(found)).into_owned()
}

/// The text without the matches, whose first groups are kept.
fn take(expression: &Expression, text: &str, kept: &mut Vec<String>) -> String {
    let Some(regex) = expression.as_ref() else { return text.to_owned() };
    kept.extend(regex.captures_iter(text).map(|found| group(&found, 1).trim().to_owned()));
    regex.replace_all(text, " ").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_expressions_compile() {
        for expression in [
            &EXCEPT,
            &INCLUDING,
            &RUNNING,
            &USING,
            &RUNS_ON_DEVICE,
            &OPTION,
            &STRAY_SLASH,
            &SPACED_LIST,
            &ENDINGS,
            &HEADLESS_LIST,
            &TWO_NUMBERS,
            &NUMBERS_OF_A_SERIES,
        ] {
            assert!(expression.is_some());
        }
    }

    fn texts(parts: &[Part]) -> Vec<&str> {
        parts.iter().map(|part| part.text.trim()).collect()
    }

    #[test]
    fn remarks_are_taken_apart() {
        let spelled = spell(
            "SIMATIC ET200SP (incl. SIPLUS variants, except IM155-6 PN ST and IM155-6 PN HF)",
        );
        assert_eq!(texts(&spelled.excluded), ["IM155-6 PN ST and IM155-6 PN HF"]);
        assert_eq!(texts(&spelled.included), ["SIPLUS variants"]);
        assert_eq!(texts(&spelled.main), ["SIMATIC ET200SP"]);
        let spelled = spell("SCALANCE X-300 switch family (incl. X408 and SIPLUS NET variants)");
        assert_eq!(texts(&spelled.included), ["X408 and SIPLUS NET variants"]);
        let spelled =
            spell("Stratix 5800 (running Cisco IOS XE Software with the Web UI feature enabled)");
        assert_eq!(texts(&spelled.main), ["Stratix 5800"]);
        assert_eq!(texts(&spell("UPS using NMC3").used), ["NMC3"]);
    }

    #[test]
    fn lists_and_options_are_spelled_out() {
        for (text, expected) in [
            ("Micro850/870", vec!["Micro850 Micro870"]),
            ("AFS660/665C", vec!["AFS660 AFS665C AFS660C AFS665"]),
            ("NPort 5210 5230 and 5232", vec!["NPort 5210, NPort 5230, NPort 5232"]),
            ("R04 (EN) CPU", vec!["R04 CPU", "R04EN CPU"]),
            ("FX5U(C) CPU modules", vec!["FX5U CPU modules", "FX5UC CPU modules"]),
            ("R08/16/32/120/PCPU", vec!["R08/16/32/120PCPU"]),
            ("R00/01/02 CPU", vec!["R00/01/02CPU"]),
            ("series 04/08(EN)CPU", vec!["series *04CPU *08CPU", "series *04ENCPU *08ENCPU"]),
            ("QJ72LP25(-25/G)", vec!["QJ72LP25 QJ72LP25-25 QJ72LP2525 QJ72LP25-G QJ72LP25G"]),
            ("ControlLogix 5580", vec!["ControlLogix 5580"]),
            ("Relion 670/650", vec!["Relion 670/650"]),
        ] {
            assert_eq!(texts(&spell(text).main), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_is_spelled_without_panic(text in ".{0,80}") {
            proptest::prop_assert!(!spell(&text).main.is_empty());
        }
    }
}
