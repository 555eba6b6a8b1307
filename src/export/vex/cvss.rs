//! CVSS vectors, read and computed again: a score goes into a document only where it is the score of its vector.
//!
//! Advisories are written by people: vectors with a metric missing, scores of another vector, scores of a whole chain. A
//! document with such a pair is refused by those who check it (CSAF 2.0, tests 6.1.8 to 6.1.10). Base scores are
//! computed as FIRST specifies: CVSS v2.0 section 3.2.1, v3.0 section 8.1, v3.1 section 7.1. Of 4.0, which has no place in CSAF 2.0 and
//! whose scores are looked up in tables, only the form is checked.

use std::collections::BTreeMap;

/// Which CVSS.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Version {
    V2,
    V30,
    V31,
    V4,
}

/// A score that is that of its vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cvss<'a> {
    pub(super) version: Version,
    pub(super) vector: &'a str,
    pub(super) base: f64,
}

impl<'a> Cvss<'a> {
    /// Reads a vector, and holds the score that is given with it against it. `None` when the vector is none, or when the two
    /// do not belong together.
    pub(super) fn read(vector: &'a str, stated: f64) -> Option<Self> {
        let (version, rest) = [("CVSS:3.0/", Version::V30), ("CVSS:3.1/", Version::V31)]
            .into_iter()
            .chain([("CVSS:4.0/", Version::V4)])
            .find_map(|(prefix, version)| Some((version, vector.strip_prefix(prefix)?)))
            .unwrap_or((Version::V2, vector));
        let metrics = metrics(rest, grammar(version))?;
        let base = match version {
            Version::V2 => base_v2(&metrics)?,
            Version::V30 | Version::V31 => base_v3(&metrics)?,
            Version::V4 => stated,
        };
        let is_score = (0.0..=10.0).contains(&stated) && (base - stated).abs() < SAME;
        is_score.then_some(Self { version, vector, base })
    }

    /// The word for the score, as CVSS v3.0 section 5 and v4.0 section 6 have it; those of v2.0 are the words of the NVD.
    pub(super) fn severity(&self) -> &'static str {
        match self.base {
            base if base >= 9.0 && self.version != Version::V2 => "critical",
            base if base >= 7.0 => "high",
            base if base >= 4.0 => "medium",
            base if base > 0.0 || self.version == Version::V2 => "low",
            _ => "none",
        }
    }
}

/// A metric: its name, its values, and whether a vector must have it.
type Metric = (&'static str, &'static [&'static str], bool);

/// The metrics of a vector, each once, each with one of its values, all that are required.
fn metrics<'a>(text: &'a str, grammar: &[Metric]) -> Option<BTreeMap<&'a str, &'a str>> {
    let mut found = BTreeMap::new();
    for part in text.split('/') {
        let (name, value) = part.split_once(':')?;
        let (_, values, _) = grammar.iter().find(|(known, ..)| *known == name)?;
        if !values.contains(&value) || found.insert(name, value).is_some() {
            return None;
        }
    }
    let complete = grammar.iter().all(|(name, _, required)| !required || found.contains_key(name));
    complete.then_some(found)
}

fn grammar(version: Version) -> &'static [Metric] {
    match version {
        Version::V2 => V2,
        Version::V30 | Version::V31 => V3,
        Version::V4 => V4,
    }
}

fn base_v2(metrics: &BTreeMap<&str, &str>) -> Option<f64> {
    let of = |name: &str, weights: &[(&str, f64)]| weight(metrics, name, weights);
    let loss = |name| of(name, &[("N", 0.0), ("P", 0.275), ("C", 0.66)]);
    let impact = 10.41 * (1.0 - (1.0 - loss("C")?) * (1.0 - loss("I")?) * (1.0 - loss("A")?));
    let vector = of("AV", &[("L", 0.395), ("A", 0.646), ("N", 1.0)])?;
    let complexity = of("AC", &[("H", 0.35), ("M", 0.61), ("L", 0.71)])?;
    let authentication = of("Au", &[("M", 0.45), ("S", 0.56), ("N", 0.704)])?;
    let exploitability = 20.0 * vector * complexity * authentication;
    let factor = if impact == 0.0 { 0.0 } else { 1.176 };
    let score = (0.6 * impact + 0.4 * exploitability - 1.5) * factor;
    Some((score * 10.0).round() / 10.0)
}

fn base_v3(metrics: &BTreeMap<&str, &str>) -> Option<f64> {
    let of = |name: &str, weights: &[(&str, f64)]| weight(metrics, name, weights);
    let changed = metrics.get("S").is_some_and(|scope| *scope == "C");
    let loss = |name| of(name, &[("N", 0.0), ("L", 0.22), ("H", 0.56)]);
    let iss = 1.0 - (1.0 - loss("C")?) * (1.0 - loss("I")?) * (1.0 - loss("A")?);
    let impact =
        if changed { 7.52 * (iss - 0.029) - 3.25 * (iss - 0.02).powi(15) } else { 6.42 * iss };
    let vector = of("AV", &[("N", 0.85), ("A", 0.62), ("L", 0.55), ("P", 0.2)])?;
    let complexity = of("AC", &[("L", 0.77), ("H", 0.44)])?;
    let (low, high) = if changed { (0.68, 0.5) } else { (0.62, 0.27) };
    let privileges = of("PR", &[("N", 0.85), ("L", low), ("H", high)])?;
    let interaction = of("UI", &[("N", 0.85), ("R", 0.62)])?;
    let exploitability = 8.22 * vector * complexity * privileges * interaction;
    if impact <= 0.0 {
        return Some(0.0);
    }
    let sum = impact + exploitability;
    Some(rounded_up(if changed { (1.08 * sum).min(10.0) } else { sum.min(10.0) }))
}

/// Up to one decimal, as the appendix A of CVSS v3.1 does it: the arithmetic of floating point may not add a tenth.
fn rounded_up(score: f64) -> f64 {
    let hundred_thousandths = (score * 100_000.0).round();
    if hundred_thousandths % 10_000.0 == 0.0 {
        hundred_thousandths / 100_000.0
    } else {
        ((hundred_thousandths / 10_000.0).floor() + 1.0) / 10.0
    }
}

fn weight(metrics: &BTreeMap<&str, &str>, name: &str, weights: &[(&str, f64)]) -> Option<f64> {
    let value = metrics.get(name)?;
    weights.iter().find(|(known, _)| known == value).map(|(_, weight)| *weight)
}

/// Half of the smallest difference of two scores.
const SAME: f64 = 0.05;

const LOSS: &[&str] = &["N", "L", "H"];
const MODIFIED_LOSS: &[&str] = &["X", "N", "L", "H"];
const REQUIREMENT: &[&str] = &["X", "L", "M", "H"];

const V2: &[Metric] = &[
    ("AV", &["L", "A", "N"], true),
    ("AC", &["H", "M", "L"], true),
    ("Au", &["M", "S", "N"], true),
    ("C", &["N", "P", "C"], true),
    ("I", &["N", "P", "C"], true),
    ("A", &["N", "P", "C"], true),
    ("E", &["U", "POC", "F", "H", "ND"], false),
    ("RL", &["OF", "TF", "W", "U", "ND"], false),
    ("RC", &["UC", "UR", "C", "ND"], false),
    ("CDP", &["N", "L", "LM", "MH", "H", "ND"], false),
    ("TD", &["N", "L", "M", "H", "ND"], false),
    ("CR", &["L", "M", "H", "ND"], false),
    ("IR", &["L", "M", "H", "ND"], false),
    ("AR", &["L", "M", "H", "ND"], false),
];

const V3: &[Metric] = &[
    ("AV", &["N", "A", "L", "P"], true),
    ("AC", &["L", "H"], true),
    ("PR", &["N", "L", "H"], true),
    ("UI", &["N", "R"], true),
    ("S", &["U", "C"], true),
    ("C", LOSS, true),
    ("I", LOSS, true),
    ("A", LOSS, true),
    ("E", &["X", "U", "P", "F", "H"], false),
    ("RL", &["X", "O", "T", "W", "U"], false),
    ("RC", &["X", "U", "R", "C"], false),
    ("CR", REQUIREMENT, false),
    ("IR", REQUIREMENT, false),
    ("AR", REQUIREMENT, false),
    ("MAV", &["X", "N", "A", "L", "P"], false),
    ("MAC", &["X", "L", "H"], false),
    ("MPR", &["X", "N", "L", "H"], false),
    ("MUI", &["X", "N", "R"], false),
    ("MS", &["X", "U", "C"], false),
    ("MC", MODIFIED_LOSS, false),
    ("MI", MODIFIED_LOSS, false),
    ("MA", MODIFIED_LOSS, false),
];

const V4: &[Metric] = &[
    ("AV", &["N", "A", "L", "P"], true),
    ("AC", &["L", "H"], true),
    ("AT", &["N", "P"], true),
    ("PR", &["N", "L", "H"], true),
    ("UI", &["N", "P", "A"], true),
    ("VC", LOSS, true),
    ("VI", LOSS, true),
    ("VA", LOSS, true),
    ("SC", LOSS, true),
    ("SI", LOSS, true),
    ("SA", LOSS, true),
    ("E", &["X", "A", "P", "U"], false),
    ("CR", REQUIREMENT, false),
    ("IR", REQUIREMENT, false),
    ("AR", REQUIREMENT, false),
    ("MAV", &["X", "N", "A", "L", "P"], false),
    ("MAC", &["X", "L", "H"], false),
    ("MAT", &["X", "N", "P"], false),
    ("MPR", &["X", "N", "L", "H"], false),
    ("MUI", &["X", "N", "P", "A"], false),
    ("MVC", MODIFIED_LOSS, false),
    ("MVI", MODIFIED_LOSS, false),
    ("MVA", MODIFIED_LOSS, false),
    ("MSC", MODIFIED_LOSS, false),
    ("MSI", &["X", "N", "L", "H", "S"], false),
    ("MSA", &["X", "N", "L", "H", "S"], false),
    ("S", &["X", "N", "P"], false),
    ("AU", &["X", "N", "Y"], false),
    ("R", &["X", "A", "U", "I"], false),
    ("V", &["X", "D", "C"], false),
    ("RE", &["X", "L", "M", "H"], false),
    ("U", &["X", "Clear", "Green", "Amber", "Red"], false),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_that_first_gives_with_its_examples() {
        for (vector, base, severity) in [
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:H", 8.6, "high"),
            ("CVSS:3.0/AV:A/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N", 3.1, "low"),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, "critical"),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0, "critical"),
            ("CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:N/I:N/A:N", 0.0, "none"),
            ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H/E:P/RL:O/RC:C", 5.9, "medium"),
            ("AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8, "high"),
            ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0, "high"),
            ("AV:L/AC:H/Au:N/C:C/I:C/A:C", 6.2, "medium"),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3, "critical"),
        ] {
            let read = Cvss::read(vector, base).unwrap_or_else(|| panic!("{vector}"));
            assert!((read.base - base).abs() < f64::EPSILON * 16.0, "{vector}: {}", read.base);
            assert_eq!(read.severity(), severity, "{vector}");
        }
    }

    #[test]
    fn what_does_not_belong_together_is_left_out() {
        for (vector, stated) in [
            ("", 7.5),
            ("CVSS:3.1/AV:N", 7.5),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 7.5),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/AV:N", 9.8),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/", 9.8),
            ("CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
            ("CVSS:9.9/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
            ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 93.0),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", f64::NAN),
        ] {
            assert_eq!(Cvss::read(vector, stated), None, "{vector}");
        }
    }
}
