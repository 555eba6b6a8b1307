//! A list of advisories.

use std::io::{self, Write};

use serde::Serialize;

use crate::export::escape::term;
use crate::export::shelf::{
    Assets, MarkRow, Printed, Remediations, cut, day, erased, listed, score, yes,
};
use crate::export::table::{self, Style, plural};

/// A list, and how it was made.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Listing {
    /// Where the documents came from.
    pub origin: String,
    /// Documents that were looked through.
    pub of: usize,
    /// Documents that could not be read.
    pub unread: usize,
    /// Whose reading counts; `None` when nobody said who is asking.
    pub reader: Option<String>,
    /// When devices and documents were last matched and kept, and with what; `None` without a store, or before.
    pub matched: Option<String>,
    /// The documents.
    pub advisories: Vec<Row>,
}

/// One document in a list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// `nameplate.advisory/1`.
    pub schema: &'static str,
    /// Tracking identifier.
    pub advisory: String,
    /// Title.
    pub title: String,
    /// The revision that counts.
    pub revision: String,
    /// "integer", "semantic" or "other".
    pub versioning: &'static str,
    /// All revisions that are held, the newest first.
    pub revisions: Vec<String>,
    /// Date of this revision, as written.
    pub released: String,
    /// Date of the first revision, as written.
    pub first_released: String,
    /// "final", "interim", "draft".
    pub status: String,
    /// What it means for verdicts that the publisher does not stand by it as final; `None` for a final document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<String>,
    /// "csaf_security_advisory" …
    pub category: String,
    /// Who published it.
    pub publisher: String,
    /// Label of the traffic light protocol.
    pub tlp: String,
    /// The publisher's word for how bad it is.
    pub severity: String,
    /// Vendors of its products.
    pub vendors: Vec<String>,
    /// Its vulnerabilities.
    pub cves: Vec<String>,
    /// Highest base score.
    pub cvss: Option<f64>,
    /// Whether one of its vulnerabilities is known to be exploited; `None` without a catalogue.
    pub kev: Option<bool>,
    /// Hash of what of it decides verdicts.
    pub substance: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Where it came from.
    pub origin: String,
    /// Who added it, where a person did.
    pub added_by: Option<String>,
    /// When.
    pub added: Option<String>,
    /// Whether the person who asks has read it; `None` when nobody said who is asking.
    pub read: Option<bool>,
    /// Who has read it.
    pub read_by: Vec<String>,
    /// How many comments there are.
    pub comments: usize,
    /// The mark that took it out.
    pub deleted: Option<MarkRow>,
    /// True when a deleted document is here again, because a later revision says something else.
    pub came_back: bool,
    /// What it means for the assets of the store.
    pub assets: Option<Assets>,
    /// How far those are.
    pub remediation: Option<Remediations>,
}

impl Printed for Listing {
    fn table(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let shown = self.advisories.len();
        let count =
            if shown == self.of { shown.to_string() } else { format!("{shown} of {}", self.of) };
        writeln!(out, "ADVISORIES ({count}, {})\n", term(&self.origin))?;
        if !self.advisories.is_empty() {
            let has_assets = self.advisories.iter().any(|row| row.assets.is_some());
            let rows = if has_assets { self.with_assets(style) } else { self.alone(style) };
            writeln!(out, "{}", table::trimmed(&rows))?;
        }
        self.closing(style, out)
    }

    fn lines(&self, each: &mut dyn FnMut(&dyn erased::Line) -> io::Result<()>) -> io::Result<()> {
        self.advisories.iter().try_for_each(|row| each(row))
    }

    fn whole(&self) -> io::Result<serde_json::Value> {
        Ok(serde_json::to_value(self)?)
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let headings = HEADINGS.iter().map(|name| (*name).to_owned()).collect();
        std::iter::once(headings).chain(self.advisories.iter().map(Row::cells)).collect()
    }
}

impl Listing {
    fn alone(&self, style: &Style) -> comfy_table::Table {
        let headings = ["Advisory", "Rev", "Released", "CVSS", "KEV", "CVE", "Vendor", "Title"];
        let mut rows = table::empty(headings, &[0, 1, 2, 3, 4, 5], style);
        for row in &self.advisories {
            rows.add_row([
                self.name(row, style),
                term(&row.revision).into_owned(),
                term(day(&row.released)).into_owned(),
                score(row.cvss),
                yes(row.kev, "KEV"),
                listed(&row.cves, style),
                listed(&row.vendors, style),
                cut(&row.title, TITLE_CHARS_MAX, style),
            ]);
        }
        rows
    }

    /// What a document means here comes before what it says.
    fn with_assets(&self, style: &Style) -> comfy_table::Table {
        let headings = [
            "Advisory", "Released", "CVSS", "KEV", "Affected", "?", "Fixed", "Not aff.", "To do",
            "Doing", "Done", "CVE", "Vendor", "Title",
        ];
        let mut rows = table::empty(headings, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], style);
        for row in &self.advisories {
            let assets = row.assets.unwrap_or_default();
            let far = row.remediation.unwrap_or_default().vulnerabilities;
            let shown = |count: usize| if count == 0 { String::new() } else { count.to_string() };
            rows.add_row([
                self.name(row, style),
                term(day(&row.released)).into_owned(),
                score(row.cvss),
                yes(row.kev, "KEV"),
                shown(assets.affected),
                shown(assets.cannot_tell),
                shown(assets.fixed),
                shown(assets.not_affected),
                shown(far.not_remediated),
                shown(far.in_progress),
                shown(far.done),
                listed(&row.cves, style),
                listed(&row.vendors, style),
                cut(&row.title, TITLE_CHARS_MAX, style),
            ]);
        }
        rows
    }

    /// The identifier, with what people said about the document: `*` not read yet, comments, taken out.
    fn name(&self, row: &Row, style: &Style) -> String {
        let mut name = term(&row.advisory).into_owned();
        if row.read == Some(false) {
            name.push_str(" *");
        }
        if row.comments > 0 {
            let sign = if style.ascii { "c" } else { "✎" };
            name.push_str(&format!(" {sign}{}", row.comments));
        }
        if row.deleted.is_some() {
            name.push_str(if row.came_back { " came back" } else { " deleted" });
        }
        name
    }

    fn closing(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut legend = Vec::new();
        if let Some(reader) = &self.reader
            && self.advisories.iter().any(|row| row.read == Some(false))
        {
            legend.push(format!("* not read by {}", term(reader)));
        }
        if self.advisories.iter().any(|row| row.comments > 0) {
            let sign = if style.ascii { "c" } else { "✎" };
            legend.push(format!("{sign} comments"));
        }
        if self.advisories.iter().any(|row| row.assets.is_some()) {
            legend.push(
                "Affected to Not aff. count assets; To do, Doing, Done vulnerabilities of assets"
                    .to_owned(),
            );
        }
        if !legend.is_empty() {
            writeln!(out, "\n{}", legend.join("; "))?;
        }
        if let Some(matched) = &self.matched {
            writeln!(out, "last matched {}", term(matched))?;
        }
        if self.unread > 0 {
            writeln!(out, "{} could not be read", plural(self.unread, "document"))?;
        }
        Ok(())
    }
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let count = |pick: fn(&Assets) -> usize| {
            self.assets.as_ref().map(|assets| pick(assets).to_string()).unwrap_or_default()
        };
        let far = |pick: fn(&Remediations) -> usize| {
            self.remediation.as_ref().map(|far| pick(far).to_string()).unwrap_or_default()
        };
        let flag = |known: Option<bool>| known.map(|yes| yes.to_string()).unwrap_or_default();
        vec![
            self.advisory.clone(),
            self.title.clone(),
            self.revision.clone(),
            self.revisions.join(" "),
            self.released.clone(),
            self.first_released.clone(),
            self.status.clone(),
            self.publisher.clone(),
            self.tlp.clone(),
            self.severity.clone(),
            self.vendors.join("; "),
            self.cves.join(" "),
            score(self.cvss),
            flag(self.kev),
            flag(self.read),
            self.read_by.join("; "),
            self.comments.to_string(),
            self.deleted.as_ref().map(|mark| mark.time.clone()).unwrap_or_default(),
            count(|assets| assets.matched),
            count(|assets| assets.affected),
            count(|assets| assets.cannot_tell),
            count(|assets| assets.fixed),
            count(|assets| assets.not_affected),
            far(|far| far.assets.not_remediated),
            far(|far| far.assets.in_progress),
            far(|far| far.assets.done),
            far(|far| far.vulnerabilities.not_remediated),
            far(|far| far.vulnerabilities.in_progress),
            far(|far| far.vulnerabilities.done),
            self.origin.clone(),
            self.sha256.clone(),
        ]
    }
}

const HEADINGS: &[&str] = &[
    "advisory",
    "title",
    "revision",
    "revisions",
    "released",
    "first_released",
    "status",
    "publisher",
    "tlp",
    "severity",
    "vendors",
    "cves",
    "cvss",
    "kev",
    "read",
    "read_by",
    "comments",
    "deleted",
    "assets_matched",
    "assets_affected",
    "assets_cannot_tell",
    "assets_fixed",
    "assets_not_affected",
    "assets_not_remediated",
    "assets_in_progress",
    "assets_done",
    "vulnerabilities_not_remediated",
    "vulnerabilities_in_progress",
    "vulnerabilities_done",
    "origin",
    "sha256",
];

const TITLE_CHARS_MAX: usize = 60;
