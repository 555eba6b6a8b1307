//! What people said about advisories, runs of matching, and products by what advisories mean for them.

use std::io::{self, Write};

use serde::Serialize;

use crate::export::escape::term;
use crate::export::shelf::{
    Assets, Printed, Remediation, VerdictChange, cut, erased, listed, moment,
};
use crate::export::table::{self, Style, plural};

/// One mark.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MarkRow {
    /// `nameplate.mark/1`.
    pub schema: &'static str,
    /// Its number in the store.
    pub number: u64,
    /// The document.
    pub advisory: String,
    /// Its revision then.
    pub revision: String,
    /// "comment", "read", "unread", "deleted", "restored".
    pub mark: &'static str,
    /// The comment, or the reason.
    pub text: String,
    /// Who.
    pub by: String,
    /// When.
    pub time: String,
}

impl Printed for Vec<MarkRow> {
    fn table(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "MARKS ({})\n", self.len())?;
        let headings = ["No.", "Advisory", "Rev", "Mark", "By", "When", "Text"];
        let mut rows = table::empty(headings, &[0, 1, 2, 3, 4, 5], style);
        for mark in self {
            rows.add_row([
                mark.number.to_string(),
                term(&mark.advisory).into_owned(),
                term(&mark.revision).into_owned(),
                mark.mark.to_owned(),
                term(&mark.by).into_owned(),
                moment(&mark.time),
                term(&mark.text).into_owned(),
            ]);
        }
        if self.is_empty() { Ok(()) } else { writeln!(out, "{}", table::trimmed(&rows)) }
    }

    fn lines(&self, each: &mut dyn FnMut(&dyn erased::Line) -> io::Result<()>) -> io::Result<()> {
        self.iter().try_for_each(|mark| each(mark))
    }

    fn whole(&self) -> io::Result<serde_json::Value> {
        Ok(serde_json::json!({ "marks": self }))
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let headings = ["number", "advisory", "revision", "mark", "text", "by", "time"];
        let headings = headings.map(str::to_owned).to_vec();
        let cells = self.iter().map(|mark| {
            let MarkRow { number, advisory, revision, mark, text, by, time, .. } = mark;
            let texts = [advisory, revision, *mark, text, by, time].map(ToString::to_string);
            std::iter::once(number.to_string()).chain(texts).collect()
        });
        std::iter::once(headings).chain(cells).collect()
    }
}

/// One run of matching.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Matching {
    /// `nameplate.matching/1`.
    pub schema: &'static str,
    /// Its number in the store; `None` for one that is not kept.
    pub number: Option<u64>,
    /// When.
    pub time: String,
    /// "manual" or "automatic".
    pub trigger: &'static str,
    /// Which documents and devices were asked for; empty for all.
    pub scope: String,
    /// Version of the program.
    pub version: String,
    /// SHA-256 of the advisories.
    pub bundle: String,
    /// Where they came from.
    pub origin: String,
    /// How many documents.
    pub documents: u64,
    /// How many devices.
    pub assets: u64,
    /// Verdicts afterwards.
    pub affected: u64,
    /// The same.
    pub cannot_tell: u64,
    /// The same.
    pub fixed: u64,
    /// The same.
    pub not_affected: u64,
    /// Verdicts given for the first time.
    pub opened: u64,
    /// Verdicts that became another.
    pub changed: u64,
    /// Verdicts that are no longer given.
    pub closed: u64,
}

/// A run of matching, and what it changed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Refreshed {
    /// The run; several where earlier ones are listed.
    pub runs: Vec<Matching>,
    /// The verdicts that it changed.
    pub changes: Vec<VerdictChange>,
}

impl Printed for Refreshed {
    fn table(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "MATCHING ({})\n", self.runs.len())?;
        let headings = [
            "No.",
            "When",
            "Why",
            "Documents",
            "Assets",
            "Affected",
            "?",
            "Fixed",
            "Not aff.",
            "Opened",
            "Changed",
            "Closed",
            "Against",
            "Of",
        ];
        let mut rows = table::empty(headings, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], style);
        for run in &self.runs {
            let counts = [
                run.documents,
                run.assets,
                run.affected,
                run.cannot_tell,
                run.fixed,
                run.not_affected,
                run.opened,
                run.changed,
                run.closed,
            ];
            let bundle = run.bundle.get(..12).unwrap_or(&run.bundle);
            let first = [
                run.number.map(|number| number.to_string()).unwrap_or_default(),
                moment(&run.time),
                run.trigger.to_owned(),
            ];
            let against = format!("{} {bundle}", term(&run.origin));
            let of =
                if run.scope.is_empty() { "all".to_owned() } else { term(&run.scope).into_owned() };
            let counts = counts.into_iter().map(|count| count.to_string());
            rows.add_row(first.into_iter().chain(counts).chain([against, of]));
        }
        if !self.runs.is_empty() {
            writeln!(out, "{}", table::trimmed(&rows))?;
        }
        super::difference::verdicts(&self.changes, style, out)
    }

    fn lines(&self, each: &mut dyn FnMut(&dyn erased::Line) -> io::Result<()>) -> io::Result<()> {
        self.runs.iter().try_for_each(|run| each(run))?;
        self.changes.iter().try_for_each(|change| each(change))
    }

    fn whole(&self) -> io::Result<serde_json::Value> {
        Ok(serde_json::to_value(self)?)
    }

    fn rows(&self) -> Vec<Vec<String>> {
        super::difference::verdict_rows(&self.changes)
    }
}

/// A product of the plant, with what advisories mean for it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MatchedProduct {
    /// `nameplate.product/1`.
    pub schema: &'static str,
    /// Maker.
    pub vendor: String,
    /// Product, or operating system.
    pub product: String,
    /// Model or order number.
    pub model: String,
    /// Firmware, or build.
    pub firmware: String,
    /// Devices, and parts of devices, that are this.
    pub count: usize,
    /// Documents that list it, and the worst that each of them means for it.
    pub advisories: Vec<(String, &'static str)>,
    /// How many documents mean what, for the product as a whole.
    pub documents: Assets,
    /// How far pairs of a device and a vulnerability are.
    pub remediation: Remediation,
}

impl Printed for Vec<MatchedProduct> {
    fn table(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "PRODUCTS ({})\n", self.len())?;
        let headings = [
            "Vendor",
            "Product",
            "Model",
            "Firmware",
            "Devices",
            "Affected",
            "?",
            "Fixed",
            "Not aff.",
            "To do",
            "Doing",
            "Done",
            "Affected by",
        ];
        let mut rows = table::empty(headings, &[3, 4, 5, 6, 7, 8, 9, 10, 11], style);
        for one in self {
            let own = one.advisories.iter().filter(|(_, verdict)| *verdict == "affected");
            let affected: Vec<String> = own.map(|(id, _)| id.clone()).collect();
            let shown = |count: usize| if count == 0 { String::new() } else { count.to_string() };
            let Assets { affected: hit, cannot_tell, fixed, not_affected, .. } = one.documents;
            let far = one.remediation;
            let first = [&one.vendor, &one.product, &one.model, &one.firmware];
            let first = first.map(|text| cut(text, NAME_CHARS_MAX, style)).into_iter();
            let counts = [
                one.count,
                hit,
                cannot_tell,
                fixed,
                not_affected,
                far.not_remediated,
                far.in_progress,
                far.done,
            ];
            rows.add_row(first.chain(counts.map(shown)).chain([listed(&affected, style)]));
        }
        if !self.is_empty() {
            writeln!(out, "{}", table::trimmed(&rows))?;
        }
        writeln!(
            out,
            "\nAffected to Not aff. count documents; To do, Doing, Done vulnerabilities of {}",
            plural(2, "device")
        )
    }

    fn lines(&self, each: &mut dyn FnMut(&dyn erased::Line) -> io::Result<()>) -> io::Result<()> {
        self.iter().try_for_each(|product| each(product))
    }

    fn whole(&self) -> io::Result<serde_json::Value> {
        Ok(serde_json::json!({ "products": self }))
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let headings = ["vendor", "product", "model", "firmware", "devices", "advisory", "verdict"];
        let mut rows = vec![headings.map(str::to_owned).to_vec()];
        for one in self {
            let own =
                [&one.vendor, &one.product, &one.model, &one.firmware].map(ToString::to_string);
            let first = || own.iter().cloned().chain([one.count.to_string()]);
            if one.advisories.is_empty() {
                rows.push(first().chain([String::new(), String::new()]).collect());
            }
            for (id, verdict) in &one.advisories {
                rows.push(first().chain([id.clone(), (*verdict).to_owned()]).collect());
            }
        }
        rows
    }
}

const NAME_CHARS_MAX: usize = 40;
