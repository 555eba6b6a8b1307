//! Advisories as people manage them: lists, pages, differences, marks, runs of matching. Plain rows, each printed as a table, as
//! JSON, as NDJSON or as CSV.
//!
//! The texts of documents are as hostile as those of the wire: whoever publishes one decides what stands on the screen of everybody
//! who reads it. Every sink here takes them through `export::escape`.

mod list;
mod page;
mod difference;
mod rest;

use std::io::{self, Write};

use serde::Serialize;

pub use difference::{Difference, VerdictChange};
pub use list::{Listing, Row};
pub use page::{Fix, Flaw, Match, Page, Product};
pub use rest::{MarkRow, MatchedProduct, Matching, Refreshed};

use crate::export::csv::record;
use crate::export::escape;
use crate::export::json::line;
use crate::export::table::Style;

/// A format of results.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// For people.
    Table,
    /// One JSON object a line.
    Ndjson,
    /// One JSON object.
    Json,
    /// Rows for spreadsheets.
    Csv,
}

/// Something that is printed in every format.
pub trait Printed {
    /// For a person at a terminal.
    fn table(&self, style: &Style, out: &mut dyn Write) -> io::Result<()>;
    /// The parts, each as one line of JSON.
    fn lines(&self, each: &mut dyn FnMut(&dyn erased::Line) -> io::Result<()>) -> io::Result<()>;
    /// All of it as one object.
    fn whole(&self) -> io::Result<serde_json::Value>;
    /// A row of headings, and the rows.
    fn rows(&self) -> Vec<Vec<String>>;
}

/// Prints something in a format.
pub fn print(
    what: &dyn Printed,
    form: Form,
    style: &Style,
    mut out: &mut dyn Write,
) -> io::Result<()> {
    match form {
        Form::Table => what.table(style, out),
        Form::Ndjson => what.lines(&mut |part| part.write(out)),
        Form::Json => line(&what.whole()?, &mut out),
        Form::Csv => {
            let mut rows =
                ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
            for row in what.rows() {
                record(&mut rows, row.iter().map(|cell| escape::csv(cell).into_owned()))?;
            }
            rows.flush()
        }
    }
}

/// Lines of JSON of different kinds.
pub mod erased {
    use super::{Serialize, Write, io, line};

    /// One line.
    pub trait Line {
        /// Writes it.
        fn write(&self, out: &mut dyn Write) -> io::Result<()>;
    }

    impl<T: Serialize> Line for T {
        fn write(&self, mut out: &mut dyn Write) -> io::Result<()> {
            line(self, &mut out)
        }
    }
}

/// Assets by what a document means for them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Assets {
    /// That have a product of the document, or may have one.
    pub matched: usize,
    /// With one vulnerability at least that they are affected by.
    pub affected: usize,
    /// With none that they are affected by, and one at least that nobody can tell.
    pub cannot_tell: usize,
    /// With a fix, and nothing else open.
    pub fixed: usize,
    /// Not affected by anything in it.
    pub not_affected: usize,
}

/// How far affected assets are, as CSAF 2.0 asks of a matching system (section 9.1.13).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Remediation {
    /// Affected, and nothing was done yet.
    pub not_remediated: usize,
    /// Of these, those that a person decided to accept, to defer, or to be no case.
    pub set_aside: usize,
    /// Decided to be remediated or mitigated, or with a patch on its way.
    pub in_progress: usize,
    /// With the fix: seen, or said to be installed.
    pub done: usize,
}

/// Both counts of how far a document is done.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Remediations {
    /// Of assets, each by the least advanced of its vulnerabilities.
    pub assets: Remediation,
    /// Of pairs of an asset, or a part of one, and a vulnerability.
    pub vulnerabilities: Remediation,
}

/// The first of them, and how many more; all where the table is wide.
fn listed(items: &[String], style: &Style) -> String {
    let shown = |text: &str| escape::term(text).into_owned();
    match items {
        [] => String::new(),
        [only] => shown(only),
        _ if style.wide => items.iter().map(|item| shown(item)).collect::<Vec<_>>().join(", "),
        [first, more @ ..] => format!("{} +{}", shown(first), more.len()),
    }
}

/// A text of a document in a cell: cut where it would fill the screen.
fn cut(text: &str, chars_max: usize, style: &Style) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if style.wide || text.chars().count() <= chars_max {
        return escape::term(&text).into_owned();
    }
    let kept: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    let more = if style.ascii { "..." } else { "…" };
    format!("{}{more}", escape::term(kept.trim_end()))
}

/// The day of a date; the text where it is none.
fn day(date: &str) -> &str {
    date.get(..10).unwrap_or(date)
}

/// A time without its fractions.
fn moment(at: &str) -> String {
    at.get(..19).unwrap_or(at).replace('T', " ")
}

fn score(cvss: Option<f64>) -> String {
    cvss.map(|score| format!("{score:.1}")).unwrap_or_default()
}

/// A cell for yes, no and not known.
fn yes(known: Option<bool>, yes: &str) -> String {
    if known == Some(true) { yes.to_owned() } else { String::new() }
}

/// A text below its title, wrapped where a terminal ends.
fn paragraph(
    indent: usize,
    title: &str,
    text: &str,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = usize::from(style.width.unwrap_or(WIDTH_OF_FILES));
    let room = width.saturating_sub(indent).saturating_sub(2).max(20);
    let pad = " ".repeat(indent);
    if !title.is_empty() {
        writeln!(out, "{pad}{}", escape::term(title))?;
    }
    for line in text.lines() {
        let mut row = String::new();
        for word in escape::term(line).split_whitespace() {
            let length = row.chars().count().saturating_add(word.chars().count());
            if !row.is_empty() && length >= room {
                writeln!(out, "{pad}  {row}")?;
                row.clear();
            }
            if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(word);
        }
        if !row.is_empty() {
            writeln!(out, "{pad}  {row}")?;
        }
    }
    Ok(())
}

const WIDTH_OF_FILES: u16 = 120;
