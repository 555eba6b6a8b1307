//! Patches on their way into devices, for a person at a terminal and as CSV; and lists of patches as they are exchanged.

use std::io::{self, Write};

use crate::export::escape::{self, term};
use crate::export::table::{self, Style};
use crate::export::{display_name, shown_version};
use crate::model::handling::PATCH_COLUMNS;
use crate::model::{Asset, Field, Finding, Listed, Module, Nameplate, Verdict};

/// One patch on its way into one part of a device: the fix that a document names.
#[derive(Clone, Debug)]
pub struct PatchRow<'a> {
    /// The device.
    pub asset: &'a Asset,
    /// What it is about, in order; never empty once it is shown. All are handled alike.
    pub findings: Vec<&'a Finding>,
}

impl<'a> PatchRow<'a> {
    /// A row about a device, of which nothing is known yet.
    pub fn new(asset: &'a Asset) -> Self {
        Self { asset, findings: Vec::new() }
    }

    /// Adds a finding that the same patch is for.
    pub fn add(&mut self, finding: &'a Finding) {
        self.findings.push(finding);
    }

    /// The first of the findings.
    pub fn first(&self) -> Option<&'a Finding> {
        self.findings.first().copied()
    }

    /// What is known of the part.
    pub fn plate(&self) -> &'a Nameplate {
        let unit = self.first().and_then(|finding| finding.module.as_ref());
        let is_it = |module: &&Module| Some(&module.path) == unit;
        let module = self.asset.modules.iter().find(is_it);
        module.map_or(&self.asset.nameplate, |module| &module.nameplate)
    }

    /// The vulnerabilities.
    pub fn cves(&self) -> Vec<&'a str> {
        self.findings.iter().map(|finding| &*finding.judgement.cve).collect()
    }

    /// The worst of the verdicts.
    pub fn verdict(&self) -> &'static str {
        let rank = |verdict: &Verdict| match verdict {
            Verdict::Affected => 0,
            Verdict::Unknown(_) => 1,
            Verdict::Fixed => 2,
            Verdict::NotAffected => 3,
        };
        let verdicts = self.findings.iter().map(|finding| &finding.judgement.verdict);
        verdicts.min_by_key(|verdict| rank(verdict)).map_or("", Verdict::name)
    }

    /// Cells of CSV, in the order of [`HEADINGS`].
    fn cells(&self) -> Vec<String> {
        let Some(finding) = self.first() else { return Vec::new() };
        let (plate, judgement, handling) = (self.plate(), &finding.judgement, &finding.handling);
        let value = |field: Field| plate.value(field).unwrap_or_default().to_owned();
        let patch = handling.patch.as_ref();
        let proposed = handling.proposed.as_ref();
        let path = finding.module.as_ref().map(ToString::to_string);
        vec![
            self.asset.id.to_string(),
            path.unwrap_or_default(),
            display_name(self.asset),
            value(Field::Vendor),
            value(Field::Product),
            value(Field::Model),
            shown_version(plate).unwrap_or_default().to_owned(),
            judgement.advisory.to_string(),
            self.cves().join(" "),
            judgement.fixed_in.join(" "),
            self.verdict().to_owned(),
            patch.map(|patch| patch.state.to_string()).unwrap_or_default(),
            patch.and_then(|patch| patch.by.as_deref()).unwrap_or_default().to_owned(),
            patch.map(|patch| patch.why.to_string()).unwrap_or_default(),
            patch.and_then(|patch| patch.at).map(|at| at.to_string()).unwrap_or_default(),
            proposed.map(|proposed| proposed.state.to_string()).unwrap_or_default(),
            proposed.map(|proposed| proposed.why.to_string()).unwrap_or_default(),
            handling.reopened.as_deref().unwrap_or_default().to_owned(),
        ]
    }
}

/// Prints patches as a table.
pub fn table(rows: &[PatchRow<'_>], style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "PATCHES ({})\n", rows.len())?;
    let headings = ["State", "Device", "Version", "Advisory", "CVE", "Fixed in", "By", "Why"];
    let mut table = table::empty(headings, &[0, 2, 3], style);
    for row in rows {
        let Some(finding) = row.first() else { continue };
        let handling = &finding.handling;
        let part = finding.module.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
        let cves = match &*row.cves() {
            [first, rest @ ..] if !rest.is_empty() && !style.wide => {
                format!("{first} +{}", rest.len())
            }
            all => all.join(" "),
        };
        let patch = handling.patch.as_ref();
        let state = patch.map_or("none", |patch| patch.state.name());
        let state = match &handling.proposed {
            Some(proposed) => format!("{state}, {} proposed", proposed.state),
            None => state.to_owned(),
        };
        let said = handling.proposed.as_ref().or(patch);
        let why = handling.reopened.as_deref().or(said.map(|said| &*said.why));
        let by = patch.and_then(|patch| patch.by.as_deref()).unwrap_or_default();
        table.add_row([
            state,
            format!("{}{part}", term(&called(row.asset))),
            term(shown_version(row.plate()).unwrap_or_default()).into_owned(),
            term(&finding.judgement.advisory).into_owned(),
            term(&cves).into_owned(),
            term(&finding.judgement.fixed_in.join(", ")).into_owned(),
            term(by).into_owned(),
            term(why.unwrap_or_default()).into_owned(),
        ]);
    }
    if rows.is_empty() { Ok(()) } else { writeln!(out, "{}", table::trimmed(&table)) }
}

/// Prints patches as RFC 4180 CSV.
pub fn csv(rows: &[PatchRow<'_>], out: &mut impl Write) -> io::Result<()> {
    let mut lines =
        ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    super::csv::record(&mut lines, HEADINGS)?;
    for row in rows {
        let cells = row.cells().into_iter().map(|text| escape::csv(&text).into_owned());
        super::csv::record(&mut lines, cells)?;
    }
    lines.flush()
}

/// Writes a list of patches as RFC 4180 CSV, in the columns that an import reads.
pub fn list_csv(listed: &[Listed], out: &mut impl Write) -> io::Result<()> {
    let mut lines =
        ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    super::csv::record(&mut lines, PATCH_COLUMNS)?;
    for row in listed {
        let cells = PATCH_COLUMNS.iter().map(|column| escape::csv(row.value(column)).into_owned());
        super::csv::record(&mut lines, cells.collect::<Vec<String>>())?;
    }
    lines.flush()
}

/// A device in a sentence: its name, and its first address where that is another.
pub(super) fn called(asset: &Asset) -> String {
    let name = display_name(asset);
    match asset.ips.first().map(ToString::to_string) {
        Some(address) if address != name => format!("{name} {address}"),
        _ => name,
    }
}

const HEADINGS: [&str; 18] = [
    "asset_id",
    "module",
    "name",
    "vendor",
    "product",
    "model",
    "version",
    "advisory",
    "cves",
    "fixed_in",
    "verdict",
    "patch_state",
    "by",
    "why",
    "time",
    "proposed_state",
    "proposed_why",
    "reopened",
];
