//! What became different between two revisions of an advisory, and for which devices that matters.

use std::io::{self, Write};

use serde::Serialize;

use crate::export::escape::term;
use crate::export::shelf::{Printed, day, erased};
use crate::export::table::{self, Style, plural};

/// Two revisions, and what differs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Difference {
    /// `nameplate.advisory_diff/1`.
    pub schema: &'static str,
    /// Tracking identifier.
    pub advisory: String,
    /// Title after.
    pub title: String,
    /// Before and after: revision, date.
    pub before: (String, String),
    /// The same.
    pub after: (String, String),
    /// Whether what decides verdicts changed: products, states, remediations.
    pub substance_changed: bool,
    /// First parts of semantic revision numbers, where they differ.
    pub major: Option<(u64, u64)>,
    /// Assets that were judged with both; `None` without a store.
    pub assets: Option<usize>,
    /// What changed in the document: part, of what, before, after.
    #[serde(skip)]
    pub changes: Vec<(&'static str, String, Option<String>, Option<String>)>,
    /// Verdicts that are another one.
    #[serde(skip)]
    pub verdicts: Vec<VerdictChange>,
}

/// A verdict that became another one.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VerdictChange {
    /// `nameplate.verdict_change/1`.
    pub schema: &'static str,
    /// The device.
    pub asset_id: String,
    /// What it is called.
    pub name: String,
    /// The part of it.
    pub module: Option<String>,
    /// The document.
    pub advisory: String,
    /// The vulnerability.
    pub cve: String,
    /// Before; `None` where none was given.
    pub was: Option<String>,
    /// After; `None` where none is given any more.
    pub is: Option<String>,
}

#[derive(Serialize)]
struct ChangeLine<'a> {
    schema: &'static str,
    part: &'static str,
    about: &'a str,
    was: Option<&'a str>,
    is: Option<&'a str>,
}

impl Difference {
    fn change_lines(&self) -> impl Iterator<Item = ChangeLine<'_>> {
        self.changes.iter().map(|(part, about, was, is)| ChangeLine {
            schema: "nameplate.advisory_change/1",
            part,
            about,
            was: was.as_deref(),
            is: is.as_deref(),
        })
    }
}

impl Printed for Difference {
    fn table(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}  {}", term(&self.advisory), term(&self.title))?;
        for (name, (revision, date)) in [("before", &self.before), ("after ", &self.after)] {
            writeln!(out, "  {name}  revision {}  {}", term(revision), term(day(date)))?;
        }
        let substance = if self.substance_changed {
            "products, states or remediations changed: verdicts may become others"
        } else {
            "products, states and remediations are the same: no verdict changes, and nothing that was decided is open again"
        };
        writeln!(out, "  {substance}")?;
        if let Some((old, new)) = self.major {
            writeln!(out, "  major version {old} became {new}")?;
        }
        if self.changes.is_empty() {
            writeln!(out, "\nnothing differs in what is read of them")?;
        }
        let mut told = None;
        for (part, about, was, is) in &self.changes {
            if told != Some(part) {
                writeln!(out, "\n{}", part.to_uppercase())?;
                told = Some(part);
            }
            change(about, was.as_deref(), is.as_deref(), out)?;
        }
        if let Some(assets) = self.assets {
            verdicts(&self.verdicts, style, out)?;
            if self.verdicts.is_empty() {
                writeln!(out, "\nno verdict about {} changes", plural(assets, "asset"))?;
            }
        }
        Ok(())
    }

    fn lines(&self, each: &mut dyn FnMut(&dyn erased::Line) -> io::Result<()>) -> io::Result<()> {
        each(self)?;
        self.change_lines().try_for_each(|change| each(&change))?;
        self.verdicts.iter().try_for_each(|change| each(change))
    }

    fn whole(&self) -> io::Result<serde_json::Value> {
        let changes: Vec<ChangeLine<'_>> = self.change_lines().collect();
        Ok(serde_json::json!({ "diff": self, "changes": changes, "verdicts": self.verdicts }))
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = vec![["part", "about", "was", "is"].map(str::to_owned).to_vec()];
        for (part, about, was, is) in &self.changes {
            let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
            rows.push(vec![(*part).to_owned(), about.clone(), or_empty(was), or_empty(is)]);
        }
        for change in &self.verdicts {
            let of = [Some(&change.name), change.module.as_ref(), Some(&change.cve)];
            let of: Vec<&str> = of.into_iter().flatten().map(|text| &**text).collect();
            let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
            rows.push(vec![
                "verdict".to_owned(),
                of.join(" "),
                or_empty(&change.was),
                or_empty(&change.is),
            ]);
        }
        rows
    }
}

/// As people know it from `diff`: what went with a minus, what came with a plus; short texts side by side.
fn change(about: &str, was: Option<&str>, is: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let lines = |text: &str| text.lines().map(|line| term(line).into_owned()).collect::<Vec<_>>();
    match (was, is) {
        (Some(was), Some(is)) if was.len().max(is.len()) <= SHORT_BYTES_MAX => {
            let or_none = |text: &str| {
                if text.is_empty() { "none".to_owned() } else { term(text).into_owned() }
            };
            writeln!(out, "  {}: {} → {}", term(about), or_none(was), or_none(is))
        }
        (Some(was), None) if was.len() <= SHORT_BYTES_MAX => {
            writeln!(out, "  - {}{}", term(about), behind(was))
        }
        (None, Some(is)) if is.len() <= SHORT_BYTES_MAX => {
            writeln!(out, "  + {}{}", term(about), behind(is))
        }
        _ => {
            writeln!(out, "  {}", term(about))?;
            for (sign, text) in [("-", was), ("+", is)] {
                for line in text.map(lines).unwrap_or_default() {
                    writeln!(out, "    {sign} {line}")?;
                }
            }
            Ok(())
        }
    }
}

fn behind(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {}", term(text)) }
}

/// Verdicts that became others.
pub(super) fn verdicts(
    changes: &[VerdictChange],
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nVERDICTS THAT CHANGE ({})\n", changes.len())?;
    let headings = ["Device", "Part", "Advisory", "CVE", "Before", "After"];
    let mut rows = table::empty(headings, &[2, 3], style);
    for change in changes {
        let none = || "not given".to_owned();
        rows.add_row([
            term(&change.name).into_owned(),
            term(change.module.as_deref().unwrap_or_default()).into_owned(),
            term(&change.advisory).into_owned(),
            term(&change.cve).into_owned(),
            change.was.clone().unwrap_or_else(none),
            change.is.clone().unwrap_or_else(none),
        ]);
    }
    writeln!(out, "{}", table::trimmed(&rows))
}

pub(super) fn verdict_rows(changes: &[VerdictChange]) -> Vec<Vec<String>> {
    let headings = ["asset_id", "name", "module", "advisory", "cve", "was", "is"];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    for one in changes {
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        rows.push(vec![
            one.asset_id.clone(),
            one.name.clone(),
            or_empty(&one.module),
            one.advisory.clone(),
            one.cve.clone(),
            or_empty(&one.was),
            or_empty(&one.is),
        ]);
    }
    rows
}

const SHORT_BYTES_MAX: usize = 60;
