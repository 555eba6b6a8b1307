//! The steps to a verdict, as sentences.

use std::cmp::Ordering;

use crate::assess::fixes::{Fixed, Side};
use crate::model::finding::Verdict;
use crate::model::version::{Range, Version};

/// "V3.2.6 < V3.2.17 (siemens order)", for each end of a range.
pub(super) fn comparison(version: &Version, range: &Range) -> Vec<String> {
    if range.is_exact() {
        return range.to.iter().map(|bound| sentence(version, &bound.version, "")).collect();
    }
    let from = range.from.iter().map(|bound| sentence(version, &bound.version, "first affected "));
    let to = range.to.iter().map(|bound| {
        let end = if bound.inclusive { "last affected " } else { "" };
        sentence(version, &bound.version, end)
    });
    from.chain(to).collect()
}

fn sentence(version: &Version, other: &Version, what: &str) -> String {
    let order = match version.compare(other) {
        Some(Ordering::Less) => "<",
        Some(Ordering::Equal) => "=",
        Some(Ordering::Greater) => ">",
        None => "cannot be compared with",
    };
    format!("{} {order} {what}{} ({} order)", version.raw(), other.raw(), version.scheme().name())
}

/// Where the version stands to the fix that counts.
pub(super) fn side(version: &Version, fixes: &[Fixed], side: &Side) -> Option<String> {
    let fix = |at: usize| fixes.get(at).map(|fix| fix.version.raw());
    match side {
        Side::Fixed(at) => {
            fix(*at).map(|fix| format!("{} has reached the fixed {fix}", version.raw()))
        }
        Side::Older(at) => {
            fix(*at).map(|fix| format!("{} has not reached the fixed {fix}", version.raw()))
        }
        Side::Unclear => {
            Some(format!("no fix is named for the release train of {}", version.raw()))
        }
        Side::NoneNamed => None,
    }
}

/// What is missing, when something is.
pub(super) fn unknown(verdict: &Verdict, version: &Version) -> Option<String> {
    match verdict {
        Verdict::Unknown(why) => {
            Some(format!("for {} it cannot be told: missing is the {}", version.raw(), why.name()))
        }
        _ => None,
    }
}
