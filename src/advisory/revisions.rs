//! Which of several revisions of one document counts.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::advisory::instant;
use crate::model::advisory::{Advisory, Standing};
use crate::model::version::{Scheme, Version};

/// Of each identifier the revision that counts, in order of identifiers.
///
/// A document that was superseded has lost its products by the rules of CSAF 2.1. What it said before is open until its successor
/// says something of it: where an older revision is here, its products go with the newer one.
pub(super) fn latest(documents: Vec<Advisory>) -> Vec<Advisory> {
    let mut latest: BTreeMap<Box<str>, (Advisory, Option<Advisory>)> = BTreeMap::new();
    for document in documents {
        let Some((counts, said)) = latest.remove(&document.id) else {
            latest.insert(document.id.clone(), (document, None));
            continue;
        };
        let (newer, older) = match is_newer(&counts, &document) {
            true => (counts, document),
            false => (document, counts),
        };
        let said = [said, Some(older)].into_iter().flatten().filter(|one| !one.flaws.is_empty());
        let said = said.reduce(|one, other| if is_newer(&one, &other) { one } else { other });
        latest.insert(newer.id.clone(), (newer, said));
    }
    latest.into_values().map(|(counts, said)| with_what_was_said(counts, said)).collect()
}

fn with_what_was_said(counts: Advisory, said: Option<Advisory>) -> Advisory {
    match said {
        Some(said)
            if matches!(counts.standing, Standing::Superseded(_)) && counts.products.is_empty() =>
        {
            Advisory { products: said.products, flaws: said.flaws, ..counts }
        }
        _ => counts,
    }
}

/// Whether a document replaces another with the same identifier: released later, or at the same instant with a higher
/// revision. Dates are instants: 09:00+02:00 is before 08:00Z. A date that is none is older than any, and a draft older than
/// what was released.
pub fn is_newer(one: &Advisory, other: &Advisory) -> bool {
    let is_draft = |document: &Advisory| document.standing == Standing::Draft;
    if is_draft(one) != is_draft(other) {
        return is_draft(other);
    }
    let revision = |document: &Advisory| Version::new(&document.revision, Scheme::Dotted);
    match instant(&one.released).cmp(&instant(&other.released)) {
        Ordering::Equal => revision(one).compare(&revision(other)) == Some(Ordering::Greater),
        order => order == Ordering::Greater,
    }
}
