//! Version texts: how each was read, and whether the names of the product say the same.

use std::cmp::Ordering;

use crate::advisory::lint::{Found, Known, scheme};
use crate::advisory::range::{self, Predicate, Reading, What};
use crate::model::advisory::{Advisory, Product, Stated};
use crate::model::lint::VersionCounts;
use crate::model::version::{Bound, Range, Scheme};

/// Reads every version text, and holds it against the names beside it.
pub(super) fn check(document: &Advisory, known: &Known<'_>, found: &mut Found) -> VersionCounts {
    let mut counts = VersionCounts::default();
    for (at, product) in document.products.iter().enumerate() {
        if product.stated == Stated::Nothing {
            continue;
        }
        let scheme = scheme(document, at, known);
        let reading = range::read(&product.version, product.stated, scheme);
        counts.versioned = counts.versioned.saturating_add(1);
        let kind = if reading.is_comparable() {
            &mut counts.comparable
        } else if reading.is_read() {
            &mut counts.conditional
        } else {
            &mut counts.unread
        };
        *kind = kind.saturating_add(1);
        one(product, &reading, scheme, found);
        names(product, &reading, scheme, found);
    }
    counts
}

fn one(product: &Product, reading: &Reading, scheme: Scheme, found: &mut Found) {
    let (text, pointer) = (&*product.version, &*product.pointer);
    let texts = [text];
    let read = shown(reading);
    if let Some((vers, rest)) = text.strip_prefix("vers:").and_then(|text| text.split_once('/')) {
        let star = rest.trim() == "*";
        if vers == "all" && !star {
            let what = "the scheme \"all\" of vers: allows * only";
            found.add(
                "vers-invalid",
                pointer,
                &texts,
                what,
                format!("read as {read}; write vers:generic/{rest}"),
            );
        }
    } else if text.starts_with("vers:") {
        let what = "vers: needs a scheme and a slash: vers:generic/<2.0";
        found.add("vers-invalid", pointer, &texts, what, format!("read as {read}"));
    }
    let ranged =
        text.contains(['<', '>', '*', '|']) || text.to_lowercase().contains("all versions");
    if product.stated == Stated::Version && ranged {
        let what = "product_version is for one version; a range belongs into product_version_range";
        found.add("range-as-version", pointer, &texts, what, format!("read as {read}"));
    }
    match (&reading.what, reading.narrowed) {
        (What::Unread, _) if range::is_inverted(text, scheme) => {
            let what = "the range ends before it begins, so no version would be affected";
            let reading = "not read: verdicts are cannot tell; a trailing zero may have been lost, or two numbers swapped";
            found.add("range-inverted", pointer, &texts, what, reading);
        }
        (What::Unread, _) => {
            let what = "this is no range, list or version that can be read";
            found.add(
                "range-unread",
                pointer,
                &texts,
                what,
                "verdicts are cannot tell; write for example vers:generic/<2.0",
            );
        }
        (What::Models(models), _) => {
            let what = "an order or model number stands where a version belongs";
            let reading = format!(
                "all versions of {}; it belongs into product_identification_helper/model_numbers",
                models.join(", ")
            );
            found.add("model-as-version", pointer, &texts, what, reading);
        }
        (_, Some(predicate)) => {
            let what = format!("whether a device is meant depends on its {}", fact(predicate));
            found.add(
                "condition",
                pointer,
                &texts,
                what,
                format!("versions read as {read}; inside them the verdict is cannot tell"),
            );
        }
        _ => {}
    }
}

fn fact(predicate: Predicate) -> &'static str {
    match predicate {
        Predicate::Serial => "serial number",
        Predicate::Date => "date of production",
        Predicate::FunctionState => "function state or hardware revision",
        Predicate::Configuration => "configuration",
    }
}

/// Holds the range against those that the names repeat.
fn names(product: &Product, reading: &Reading, scheme: Scheme, found: &mut Found) {
    let full = restated(&product.full_name, &product.name);
    // "S7-1200 < V4.x" beside "all versions" limits the product, not the versions.
    let limits = product.name == product.full_name || reading.what == What::All;
    let own = operator_part(&product.name).filter(|_| !limits);
    for text in [full, own].into_iter().flatten() {
        let other = range::read(text, Stated::Range, scheme);
        if other.narrowed.is_some() || reading.narrowed.is_some() || !other.is_comparable() {
            continue;
        }
        if let Some(difference) = difference(reading, &other) {
            let texts = [&*product.version, text];
            let what = format!("the version branch and the name {difference}");
            let reading = format!(
                "{} by the branch, {} by the name; where they differ for a device, the verdict is cannot tell",
                shown(reading),
                shown(&other)
            );
            let rule = if difference == LOST_ZERO { "lost-zero" } else { "range-vs-name" };
            found.add(rule, &product.pointer, &texts, what, reading);
        }
    }
}

const LOST_ZERO: &str = "differ by a trailing zero: one of them may have lost it";

/// What stands behind the product's name in its full name, when it says versions.
fn restated<'a>(full: &'a str, name: &str) -> Option<&'a str> {
    let at = if name.is_empty() { None } else { full.find(name) };
    let rest = match at {
        Some(at) => full.get(at.saturating_add(name.len())..)?,
        None => full.rsplit_once(": ").map(|(_, rest)| rest)?,
    };
    let rest = rest.trim_start_matches([':', ',', ' ', '-']).trim();
    says_versions(rest).then_some(rest)
}

/// "PAC3200 < V2.4.7": the part of a name from its operator on.
fn operator_part(name: &str) -> Option<&str> {
    let at = name.find(['<', '>'])?;
    let rest = name.get(at..)?;
    rest.contains(|c: char| c.is_ascii_digit()).then_some(rest)
}

fn says_versions(text: &str) -> bool {
    let lower = text.to_lowercase();
    let begins = ["<", ">", "version", "all version", "prior", "v", "vers:", "*", "="];
    let first_digit = lower.starts_with(|c: char| c.is_ascii_digit());
    lower.contains(|c: char| c.is_ascii_digit() || c == '*')
        && (first_digit
            || begins.iter().any(|word| {
                lower.strip_prefix(word).is_some_and(|rest| {
                    *word != "v" || rest.trim_start().starts_with(|c: char| c.is_ascii_digit())
                })
            }))
}

/// How two readings differ; `None` when they say the same, or when nothing is known of it.
fn difference(one: &Reading, other: &Reading) -> Option<&'static str> {
    let (one, other) = match (&one.what, &other.what) {
        (What::Spans { spans: one, .. }, What::Spans { spans: other, .. }) => (one, other),
        (What::All, What::Spans { .. }) | (What::Spans { .. }, What::All) => {
            return Some("differ: one says all versions");
        }
        _ => return None,
    };
    if one.len() != other.len() {
        return None;
    }
    let mut lost = None;
    for (one, other) in one.iter().zip(other) {
        if one.is_exact() != other.is_exact() {
            return Some("differ: one names one version, the other a range");
        }
        for ends in [(&one.from, &other.from), (&one.to, &other.to)] {
            match ends {
                (Some(one), Some(other)) => match ends_differ(one, other) {
                    Some(LOST_ZERO) => lost = Some(LOST_ZERO),
                    Some(difference) => return Some(difference),
                    None => {}
                },
                (None, None) => {}
                _ => return Some("differ: one has an end that the other has not"),
            }
        }
    }
    lost
}

fn ends_differ(one: &Bound, other: &Bound) -> Option<&'static str> {
    let short =
        one.version.is_shortened(&other.version) || other.version.is_shortened(&one.version);
    match one.version.compare(&other.version) {
        Some(Ordering::Equal) if one.inclusive == other.inclusive => None,
        Some(Ordering::Equal) => Some("differ in the operator"),
        Some(_) if short => Some(LOST_ZERO),
        Some(_) => Some("differ in the number"),
        None => None,
    }
}

/// A reading as a person writes it.
pub(super) fn shown(reading: &Reading) -> String {
    match &reading.what {
        What::All => "all versions".to_owned(),
        What::Nothing => "no version".to_owned(),
        What::Unread => "text".to_owned(),
        What::Models(models) => format!("all versions of {}", models.join(", ")),
        What::Spans { spans, trains } => {
            let spans: Vec<String> = spans.iter().map(shown_range).collect();
            let trains = if *trains { ", each on its own train" } else { "" };
            format!("{}{trains}", spans.join(" or "))
        }
    }
}

/// A range as a person writes it.
pub(super) fn shown_range(range: &Range) -> String {
    if let (true, Some(bound)) = (range.is_exact(), &range.to) {
        return format!("exactly {}", bound.version.raw());
    }
    let from = range
        .from
        .as_ref()
        .map(|bound| format!(">{}{}", if bound.inclusive { "=" } else { "" }, bound.version.raw()));
    let to = range
        .to
        .as_ref()
        .map(|bound| format!("<{}{}", if bound.inclusive { "=" } else { "" }, bound.version.raw()));
    [from, to].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
