//! Complaints about suppliers' documents, for a person at a terminal and as one JSON object a line.
//!
//! ```text
//! ICSA-24-001-01  feed/icsa-24-001-01.json
//!   error    range-vs-name  /product_tree/branches/0/branches/0/branches/0/product (and 3 more places)
//!            "<2.0" · "Versions 2.1 and prior"
//!            the version branch and the name differ in the number
//!            read as: <2.0 by the branch, <=2.1 by the name
//! ```

use std::io::{self, Write};

use serde::Serialize;

use crate::export::escape::term;
use crate::export::json;
use crate::model::lint::{Complaint, Linted, Severity, VersionCounts};

/// All that a look through documents found.
#[derive(Clone, Copy, Debug)]
pub struct Lint<'a> {
    /// Documents, in order of their identifiers.
    pub documents: &'a [Linted],
    /// Files that are no CSAF document, with the reason.
    pub refused: &'a [String],
}

impl Lint<'_> {
    /// Complaints of one severity, counted by places.
    pub fn count(&self, severity: Severity) -> usize {
        let complaints = self.documents.iter().flat_map(|document| &document.complaints);
        complaints
            .filter(|complaint| complaint.rule.severity == severity)
            .fold(0, |sum, complaint| sum.saturating_add(complaint.places))
    }

    /// How the version texts of all documents were read.
    pub fn versions(&self) -> VersionCounts {
        let mut all = VersionCounts::default();
        self.documents.iter().for_each(|document| all.add(document.versions));
        all
    }

    fn more(&self) -> usize {
        self.documents.iter().fold(0, |sum, document| sum.saturating_add(document.more))
    }

    /// Texts that could not be read, each with how often it stands, the most frequent first.
    fn residual(&self) -> Vec<(&str, usize)> {
        let mut texts = std::collections::BTreeMap::new();
        for complaint in self.documents.iter().flat_map(|document| &document.complaints) {
            if matches!(complaint.rule.id, "range-unread" | "range-inverted") {
                let text = complaint.texts.first().map_or("", String::as_str);
                let count: &mut usize = texts.entry(text).or_default();
                *count = count.saturating_add(complaint.places);
            }
        }
        let mut listed: Vec<(&str, usize)> = texts.into_iter().collect();
        listed.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        listed
    }
}

/// Prints complaints for people: the documents that have any, then the texts not read, then the sums.
pub fn table(lint: &Lint<'_>, out: &mut impl Write) -> io::Result<()> {
    for document in lint.documents.iter().filter(|document| !document.complaints.is_empty()) {
        writeln!(out, "{}  {}", term(&document.id), term(&document.file))?;
        for complaint in &document.complaints {
            complaint_lines(complaint, out)?;
        }
        if document.more > 0 {
            writeln!(out, "  and {} more in this document", document.more)?;
        }
        writeln!(out)?;
    }
    for refused in lint.refused {
        writeln!(out, "not read: {}", term(refused))?;
    }
    residual(lint, out)?;
    totals(lint, out)
}

fn complaint_lines(complaint: &Complaint, out: &mut impl Write) -> io::Result<()> {
    let places = match complaint.places {
        0 | 1 => String::new(),
        2 => " (and 1 more place)".to_owned(),
        places => format!(" (and {} more places)", places.saturating_sub(1)),
    };
    let rule = complaint.rule;
    let pointer = term(&complaint.pointer);
    writeln!(out, "  {:<7}  {}  {pointer}{places}", rule.severity.name(), rule.id)?;
    if !complaint.texts.is_empty() {
        let texts: Vec<String> =
            complaint.texts.iter().map(|text| format!("\"{}\"", term(text))).collect();
        writeln!(out, "           {}", texts.join(" \u{b7} "))?;
    }
    writeln!(out, "           {}", term(&complaint.what))?;
    writeln!(out, "           {}", term(&complaint.reading))
}

fn residual(lint: &Lint<'_>, out: &mut impl Write) -> io::Result<()> {
    const LISTED_MAX: usize = 40;
    let listed = lint.residual();
    if listed.is_empty() {
        return Ok(());
    }
    writeln!(out, "Version texts that could not be read ({}):", listed.len())?;
    for (text, count) in listed.iter().take(LISTED_MAX) {
        writeln!(out, "  {count:>5}  \"{}\"", term(text))?;
    }
    if let Some(rest) = listed.len().checked_sub(LISTED_MAX).filter(|rest| *rest > 0) {
        writeln!(out, "         and {rest} more; -o ndjson lists all")?;
    }
    writeln!(out)
}

fn totals(lint: &Lint<'_>, out: &mut impl Write) -> io::Result<()> {
    let VersionCounts { versioned, comparable, conditional, unread } = lint.versions();
    let refused = match lint.refused.len() {
        0 => String::new(),
        refused => format!(", {refused} not read"),
    };
    writeln!(
        out,
        "{} documents{refused}: {} errors, {} warnings, {} notes",
        lint.documents.len(),
        lint.count(Severity::Error),
        lint.count(Severity::Warning),
        lint.count(Severity::Note)
    )?;
    let understood = comparable.saturating_add(conditional);
    writeln!(
        out,
        "{versioned} version texts: {comparable} ({}) comparable, {understood} ({}) with conditions, {unread} ({}) not read",
        percent(comparable, versioned),
        percent(understood, versioned),
        percent(unread, versioned)
    )
}

/// A share in tenths of a per cent, without rounding up to a whole that it is not.
fn percent(part: usize, whole: usize) -> String {
    let tenths = part.saturating_mul(1_000).checked_div(whole).unwrap_or(0);
    let (ones, rest) = (tenths.checked_div(10).unwrap_or(0), tenths.checked_rem(10).unwrap_or(0));
    format!("{ones}.{rest} %")
}

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    document: &'a str,
    file: &'a str,
    rule: &'static str,
    severity: &'static str,
    pointer: &'a str,
    places: usize,
    texts: &'a [String],
    what: &'a str,
    reading: &'a str,
}

#[derive(Serialize)]
struct Refused<'a> {
    schema: &'static str,
    why: &'a str,
}

#[derive(Serialize)]
struct Unread<'a> {
    schema: &'static str,
    text: &'a str,
    products: usize,
}

#[derive(Serialize)]
struct Summary {
    schema: &'static str,
    documents: usize,
    refused: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    not_kept: usize,
    versioned: usize,
    comparable: usize,
    conditional: usize,
    unread: usize,
}

/// Prints one JSON object for each complaint, for each text not read, and one with the sums.
pub fn ndjson(lint: &Lint<'_>, out: &mut impl Write) -> io::Result<()> {
    for document in lint.documents {
        for complaint in &document.complaints {
            let line = Line {
                schema: "nameplate.complaint/1",
                document: &document.id,
                file: &document.file,
                rule: complaint.rule.id,
                severity: complaint.rule.severity.name(),
                pointer: &complaint.pointer,
                places: complaint.places,
                texts: &complaint.texts,
                what: &complaint.what,
                reading: &complaint.reading,
            };
            json::value(&line, out)?;
        }
    }
    for why in lint.refused {
        json::value(&Refused { schema: "nameplate.refused/1", why }, out)?;
    }
    for (text, products) in lint.residual() {
        json::value(&Unread { schema: "nameplate.unread/1", text, products }, out)?;
    }
    let VersionCounts { versioned, comparable, conditional, unread } = lint.versions();
    let summary = Summary {
        schema: "nameplate.lint/1",
        documents: lint.documents.len(),
        refused: lint.refused.len(),
        errors: lint.count(Severity::Error),
        warnings: lint.count(Severity::Warning),
        notes: lint.count(Severity::Note),
        not_kept: lint.more(),
        versioned,
        comparable,
        conditional,
        unread,
    };
    json::value(&summary, out)
}
