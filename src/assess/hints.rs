//! What a document says of a vulnerability beside what it means for products: that it was exploited, and how probable that is.

use crate::model::advisory::Flaw;

/// The sentence that says when the vulnerability was first exploited in one of these products, the earliest first. Dates are
/// compared as they are written, which is by time in all but their zones.
pub(super) fn exploited(flaw: &Flaw, mut places: impl Iterator<Item = usize>) -> Option<String> {
    let places: Vec<usize> = places.by_ref().collect();
    let concerned = flaw
        .exploitations
        .iter()
        .filter(|one| one.products.is_empty() || places.iter().any(|at| one.products.contains(at)));
    let first = concerned.map(|one| &*one.since).min()?;
    Some(format!("{EXPLOITED}{first}, as the advisory says"))
}

/// The sentence that says how probable an exploitation is.
pub(super) fn likelihood(flaw: &Flaw) -> Option<String> {
    let likelihood = flaw.likelihood.as_ref()?;
    let recorded = match &*likelihood.recorded {
        "" => String::new(),
        at => format!(" of {at}"),
    };
    Some(format!("the advisory repeats an EPSS{recorded}: {:.2}", likelihood.probability))
}

/// Whether a sentence is the one that says that the vulnerability was exploited.
pub(super) fn is_exploited(sentence: &str) -> bool {
    sentence.starts_with(EXPLOITED)
}

const EXPLOITED: &str = "first known to be exploited at ";
