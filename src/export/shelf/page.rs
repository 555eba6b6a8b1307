//! One advisory, all of it.

use std::io::{self, Write};

use serde::Serialize;

use crate::export::escape::term;
use crate::export::shelf::{MarkRow, Printed, Row, cut, day, erased, moment, paragraph, score};
use crate::export::table::{self, Style, plural};

/// One document with all that is known of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Page {
    /// `nameplate.advisory_page/1`.
    pub schema: &'static str,
    /// What a list has of it.
    pub head: Row,
    /// True when this is a revision that no longer counts, or a document that was deleted.
    pub is_past: bool,
    /// Number, date and summary of each revision, as the document has them.
    pub history: Vec<(String, String, String)>,
    /// Category, title and text of each note on the whole.
    pub notes: Vec<(String, String, String)>,
    /// What each reference leads to, and its address.
    pub references: Vec<(String, String)>,
    /// Its products.
    pub products: Vec<Product>,
    /// Its vulnerabilities.
    pub vulnerabilities: Vec<Flaw>,
    /// Verdicts about assets, and parts of them.
    pub matches: Vec<Match>,
    /// What people said about it.
    pub marks: Vec<MarkRow>,
}

/// A product of a document.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Product {
    /// The document's identifier of it.
    pub id: String,
    /// Its vendor.
    pub vendor: String,
    /// Its name.
    pub name: String,
    /// Its versions, as the document has them.
    pub versions: String,
    /// What was read from that.
    pub read_as: String,
    /// Whether anything was.
    pub is_read: bool,
    /// Its model numbers.
    pub models: Vec<String>,
    /// The hardware it is on.
    pub on: Option<String>,
    /// Place in the document, as a JSON pointer.
    pub pointer: String,
    /// Assets that are this product, or may be.
    pub assets: Vec<String>,
}

/// A vulnerability of a document.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Flaw {
    /// CVE.
    pub cve: String,
    /// Title.
    pub title: String,
    /// Kind of weakness.
    pub weakness: String,
    /// Known to be exploited.
    pub kev: Option<bool>,
    /// Base score, vector, number of products.
    pub scores: Vec<(f64, String, usize)>,
    /// State, and the products that are in it.
    pub states: Vec<(&'static str, Vec<String>)>,
    /// What helps.
    pub remediations: Vec<Fix>,
    /// Category, title and text of each note.
    pub notes: Vec<(String, String, String)>,
    /// What each reference leads to, and its address.
    pub references: Vec<(String, String)>,
}

/// A remediation.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Fix {
    /// "vendor_fix", "mitigation" …
    pub category: String,
    /// Its text.
    pub details: String,
    /// Where it is found.
    pub url: String,
    /// From when on.
    pub date: String,
    /// What must be started anew.
    pub restart: String,
    /// Products that it is for; empty for all.
    pub products: Vec<String>,
}

/// A verdict about an asset, or a part of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Match {
    /// The asset.
    pub asset_id: String,
    /// What it is called.
    pub name: String,
    /// Its first address.
    pub address: String,
    /// The part of it.
    pub module: Option<String>,
    /// What it is: vendor, product or model.
    pub product: String,
    /// Its version.
    pub firmware: String,
    /// The vulnerability.
    pub cve: String,
    /// The word for the verdict.
    pub verdict: &'static str,
    /// The missing fact.
    pub reason: Option<&'static str>,
    /// Versions that carry the fix.
    pub fixed_in: Vec<String>,
    /// "not_remediated", "in_progress", "done"; `None` for what is not affected and what cannot be told.
    pub remediation: Option<&'static str>,
    /// How firmly the asset is tied to the product.
    pub grade: String,
}

impl Printed for Page {
    fn table(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        self.top(out)?;
        self.people(out)?;
        self.here(style, out)?;
        self.product_table(style, out)?;
        self.flaw_parts(style, out)?;
        self.words(style, out)
    }

    fn lines(&self, each: &mut dyn FnMut(&dyn erased::Line) -> io::Result<()>) -> io::Result<()> {
        each(self)
    }

    fn whole(&self) -> io::Result<serde_json::Value> {
        Ok(serde_json::to_value(self)?)
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let headings = [
            "advisory",
            "revision",
            "cve",
            "asset_id",
            "name",
            "address",
            "module",
            "product",
            "firmware",
            "verdict",
            "reason",
            "fixed_in",
            "remediation",
            "grade",
        ];
        let mut rows = vec![headings.map(str::to_owned).to_vec()];
        for one in &self.matches {
            rows.push(vec![
                self.head.advisory.clone(),
                self.head.revision.clone(),
                one.cve.clone(),
                one.asset_id.clone(),
                one.name.clone(),
                one.address.clone(),
                one.module.clone().unwrap_or_default(),
                one.product.clone(),
                one.firmware.clone(),
                one.verdict.to_owned(),
                one.reason.unwrap_or_default().to_owned(),
                one.fixed_in.join(" "),
                one.remediation.unwrap_or_default().to_owned(),
                one.grade.clone(),
            ]);
        }
        rows
    }
}

impl Page {
    fn top(&self, out: &mut dyn Write) -> io::Result<()> {
        let head = &self.head;
        writeln!(out, "{}  {}", term(&head.advisory), term(&head.title))?;
        let mut line = |name: &str, value: String| {
            if value.trim().is_empty() {
                Ok(())
            } else {
                writeln!(out, "  {name:<12}{}", term(value.trim()))
            }
        };
        let numbered = match head.versioning {
            "other" => String::new(),
            way => format!(" ({way} numbers)"),
        };
        line(
            "revision",
            format!("{}{numbered}, {}, of {}", head.revision, head.status, day(&head.released)),
        )?;
        line("stands", head.standing.clone().unwrap_or_default())?;
        let others: Vec<&str> =
            head.revisions.iter().map(|one| &**one).filter(|one| *one != head.revision).collect();
        line("also held", others.join(", "))?;
        line("publisher", head.publisher.clone())?;
        line("category", head.category.clone())?;
        line("TLP", head.tlp.clone())?;
        line("severity", head.severity.clone())?;
        line("vendors", head.vendors.join(", "))?;
        line("CVSS", score(head.cvss))?;
        line(
            "exploited",
            if head.kev == Some(true) {
                "known to be exploited (KEV)".to_owned()
            } else {
                String::new()
            },
        )?;
        let added = head.added_by.as_ref().map(|by| {
            format!(", added by {by} on {}", moment(head.added.as_deref().unwrap_or_default()))
        });
        line("from", format!("{}{}", head.origin, added.unwrap_or_default()))?;
        line("SHA-256", head.sha256.clone())?;
        let past = "no longer counts: a newer one does, or it was deleted; verdicts below are what it would mean";
        line("this", if self.is_past { past.to_owned() } else { String::new() })
    }

    fn people(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.marks.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nWHAT PEOPLE SAID ({})\n", self.marks.len())?;
        for mark in &self.marks {
            let (by, at, revision) = (term(&mark.by), moment(&mark.time), term(&mark.revision));
            let text = if mark.text.is_empty() {
                String::new()
            } else {
                format!(": {}", term(&mark.text))
            };
            writeln!(out, "  {at}  {by}  {} (revision {revision}){text}", mark.mark)?;
        }
        Ok(())
    }

    fn here(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let Some(assets) = self.head.assets else { return Ok(()) };
        let far = self.head.remediation.unwrap_or_default();
        writeln!(
            out,
            "\nHERE: {} matched: {} affected, {} cannot tell, {} fixed, {} not affected",
            plural(assets.matched, "asset"),
            assets.affected,
            assets.cannot_tell,
            assets.fixed,
            assets.not_affected
        )?;
        for (of, far) in
            [("assets", far.assets), ("vulnerabilities of assets", far.vulnerabilities)]
        {
            let aside = if far.set_aside > 0 {
                format!(" ({} set aside)", far.set_aside)
            } else {
                String::new()
            };
            writeln!(
                out,
                "  {of}: {} not remediated{aside}, {} in progress, {} done",
                far.not_remediated, far.in_progress, far.done
            )?;
        }
        if self.matches.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        let headings = [
            "Device",
            "Address",
            "Part",
            "Product",
            "Version",
            "CVE",
            "Verdict",
            "Missing or fixed in",
            "State",
        ];
        let mut rows = table::empty(headings, &[1, 5, 6], style);
        for one in self.together() {
            let settled = match one.first.reason {
                Some(reason) => format!("needs {reason}"),
                None => one.first.fixed_in.join(", "),
            };
            rows.add_row([
                term(&one.first.name).into_owned(),
                term(&one.first.address).into_owned(),
                term(one.first.module.as_deref().unwrap_or_default()).into_owned(),
                cut(&one.first.product, NAME_CHARS_MAX, style),
                term(&one.first.firmware).into_owned(),
                super::listed(&one.cves, style),
                one.first.verdict.replace('_', " "),
                term(&settled).into_owned(),
                one.first.remediation.unwrap_or_default().replace('_', " "),
            ]);
        }
        writeln!(out, "{}", table::trimmed(&rows))
    }

    /// Vulnerabilities that mean the same for one device are one line.
    fn together(&self) -> Vec<Together<'_>> {
        let mut lines: Vec<Together<'_>> = Vec::new();
        for one in &self.matches {
            let alike = lines.last_mut().filter(|line| {
                let first = line.first;
                (
                    &first.asset_id,
                    &first.module,
                    first.verdict,
                    first.reason,
                    &first.fixed_in,
                    first.remediation,
                ) == (
                    &one.asset_id,
                    &one.module,
                    one.verdict,
                    one.reason,
                    &one.fixed_in,
                    one.remediation,
                )
            });
            match alike {
                Some(line) => line.cves.push(one.cve.clone()),
                None => lines.push(Together { first: one, cves: vec![one.cve.clone()] }),
            }
        }
        lines
    }

    fn product_table(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let unread = self.products.iter().filter(|product| !product.is_read).count();
        let unread = if unread > 0 {
            format!(", {unread} with versions that could not be read")
        } else {
            String::new()
        };
        writeln!(out, "\nPRODUCTS ({}{unread})\n", self.products.len())?;
        let mut shown: Vec<&Product> = self.products.iter().collect();
        // Those that are here come first.
        shown.sort_by_key(|product| product.assets.is_empty());
        let hidden = if style.wide { 0 } else { shown.len().saturating_sub(PRODUCTS_SHOWN_MAX) };
        shown.truncate(shown.len().saturating_sub(hidden));
        let headings = ["Product", "Model numbers", "Versions as written", "Read as", "Here"];
        let mut rows = table::empty(headings, &[], style);
        for product in shown {
            let on = product.on.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
            let name = format!("{} {}{on}", product.vendor, product.name);
            rows.add_row([
                cut(&name, PRODUCT_CHARS_MAX, style),
                super::listed(&product.models, style),
                cut(&product.versions, PRODUCT_CHARS_MAX, style),
                cut(&product.read_as, PRODUCT_CHARS_MAX, style),
                super::listed(&product.assets, style),
            ]);
        }
        if !self.products.is_empty() {
            writeln!(out, "{}", table::trimmed(&rows))?;
        }
        if hidden > 0 {
            writeln!(out, "and {} (--wide)", plural(hidden, "product"))
        } else {
            Ok(())
        }
    }

    fn flaw_parts(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\nVULNERABILITIES ({})", self.vulnerabilities.len())?;
        for flaw in &self.vulnerabilities {
            let exploited = if flaw.kev == Some(true) { "  known to be exploited" } else { "" };
            let title = format!("{}  {}{exploited}", term(&flaw.cve), term(&flaw.title));
            writeln!(out, "\n  {}", title.trim_end())?;
            if !flaw.weakness.is_empty() {
                writeln!(out, "    {}", term(&flaw.weakness))?;
            }
            for (base, vector, products) in &flaw.scores {
                let of = if *products == 0 {
                    String::new()
                } else {
                    format!("  {}", plural(*products, "product"))
                };
                writeln!(out, "    CVSS {base:.1}  {}{of}", term(vector))?;
            }
            for (state, products) in &flaw.states {
                writeln!(
                    out,
                    "    {state}: {}",
                    super::cut(&products.join("; "), LINE_CHARS_MAX, style)
                )?;
            }
            for (_, title, text) in &flaw.notes {
                paragraph(4, title, text, style, out)?;
            }
            for fix in &flaw.remediations {
                fix.print(style, out)?;
            }
            for (summary, url) in &flaw.references {
                writeln!(out, "    see {}  {}", term(url), term(summary))?;
            }
        }
        Ok(())
    }

    fn words(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        if !self.notes.is_empty() {
            writeln!(out, "\nNOTES ({})\n", self.notes.len())?;
        }
        for (category, title, text) in &self.notes {
            // Terms of use are the same in every document of a publisher.
            if style.wide || category != "legal_disclaimer" {
                paragraph(2, if title.is_empty() { category } else { title }, text, style, out)?;
            }
        }
        if !self.references.is_empty() {
            writeln!(out, "\nREFERENCES ({})\n", self.references.len())?;
        }
        for (summary, url) in &self.references {
            writeln!(out, "  {}  {}", term(url), term(summary))?;
        }
        if !self.history.is_empty() {
            writeln!(out, "\nHISTORY ({})\n", self.history.len())?;
        }
        for (number, date, summary) in &self.history {
            writeln!(out, "  {}  {}  {}", term(number), term(day(date)), term(summary))?;
        }
        Ok(())
    }
}

struct Together<'a> {
    first: &'a Match,
    cves: Vec<String>,
}

impl Fix {
    fn print(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let of = match &*self.products {
            [] => String::new(),
            [only] => format!(" for {}", term(only)),
            several => format!(" for {}", plural(several.len(), "product")),
        };
        paragraph(4, &format!("{}{of}", self.category), &self.details, style, out)?;
        let more = [("from", day(&self.date)), ("restart", &self.restart), ("at", &self.url)];
        let more: Vec<String> = more
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name} {}", term(value)))
            .collect();
        if more.is_empty() { Ok(()) } else { writeln!(out, "      {}", more.join("; ")) }
    }
}

const NAME_CHARS_MAX: usize = 40;
const PRODUCT_CHARS_MAX: usize = 60;
const PRODUCTS_SHOWN_MAX: usize = 40;
const LINE_CHARS_MAX: usize = 160;
