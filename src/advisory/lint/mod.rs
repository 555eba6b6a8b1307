//! Contradictions inside one document: what its parts say of the same thing, held against each other.
//!
//! The checks of the standard ask whether a document is well formed. These ask whether a machine that believes it would
//! tell the truth: whether range, names and fix text say the same, whether every identifier leads somewhere, and whether a
//! version text was read at all. Each complaint names the place, the texts, and the reading that verdicts are given by.

mod fixes;
mod ranges;
mod rules;
mod shape;
mod siblings;
mod standing;
mod status;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::advisory::Names;
use crate::advisory::csaf::{self, CsafError};
use crate::model::advisory::Advisory;
use crate::model::limits::{LINT_COMPLAINTS_MAX, LINT_TEXT_CHARACTERS_MAX};
use crate::model::lint::{Complaint, Linted, Rule};
use crate::model::version::Scheme;

pub use rules::RULES;

/// What checks need to know beside the document.
pub struct Known<'a> {
    /// The order of a vendor's versions, by the name of the vendor branch.
    pub scheme: &'a dyn Fn(&str) -> Scheme,
    /// Fix texts, each read once.
    pub names: &'a Names,
}

/// Looks through one document.
///
/// # Errors
///
/// As [`csaf::parse`] does: when it is no CSAF document at all.
pub fn lint(bytes: &[u8], file: &str, known: &Known<'_>) -> Result<Linted, CsafError> {
    let document = csaf::parse(bytes, file)?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Too deep for a tree of values, it still was read: then only what was read is held against itself.
    let text = String::from_utf8_lossy(text);
    let whole: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    let mut found = Found::default();
    if whole.is_object() {
        shape::check(&whole, &document, &mut found);
        standing::check(&text, &whole, &document, &mut found);
    }
    let versions = ranges::check(&document, known, &mut found);
    siblings::check(&document, known, &mut found);
    fixes::check(&document, known, &mut found);
    status::check(&document, &mut found);
    let (complaints, more) = found.finish();
    Ok(Linted { id: document.id.to_string(), file: file.to_owned(), complaints, more, versions })
}

/// Complaints as they are found. The same one about many places is one.
#[derive(Default)]
struct Found {
    complaints: BTreeMap<(usize, Vec<String>, String), Complaint>,
    more: usize,
}

impl Found {
    fn add(
        &mut self,
        id: &str,
        pointer: &str,
        texts: &[&str],
        what: impl Into<String>,
        reading: impl Into<String>,
    ) {
        let Some((rank, rule)) = rule(id) else { return };
        let (what, reading) = (what.into(), reading.into());
        let texts: Vec<String> = texts.iter().map(|text| shortened(text)).collect();
        let key = (rank, texts.clone(), what.clone());
        if let Some(same) = self.complaints.get_mut(&key) {
            same.places = same.places.saturating_add(1);
        } else if self.complaints.len() < LINT_COMPLAINTS_MAX {
            let pointer = pointer.to_owned();
            let complaint = Complaint { rule, pointer, places: 1, texts, what, reading };
            self.complaints.insert(key, complaint);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    fn finish(self) -> (Vec<Complaint>, usize) {
        let mut complaints: Vec<Complaint> = self.complaints.into_values().collect();
        // By severity, then by rule as they are listed: the order of the keys.
        complaints.sort_by_key(|complaint| complaint.rule.severity);
        (complaints, self.more)
    }
}

fn rule(id: &str) -> Option<(usize, &'static Rule)> {
    RULES.iter().enumerate().find(|(_, rule)| rule.id == id)
}

/// A text as long as a person reads.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LINT_TEXT_CHARACTERS_MAX) {
        Some((at, _)) => format!("{}\u{2026}", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The order of a product's versions.
fn scheme(document: &Advisory, at: usize, known: &Known<'_>) -> Scheme {
    let vendor = document.products.get(at).map_or("", |product| &*product.vendor);
    (known.scheme)(vendor)
}

#[cfg(test)]
mod tests;
