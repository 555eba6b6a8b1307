//! The auditor pack: a zip archive of the report, tables and ledgers, with a list of all files and their hashes, and perhaps a
//! signature. The same input gives the same bytes, and one bit that differs is found, offline, by `nameplate report verify`.

mod archive;
mod attributes;
mod check;
mod ledger;
mod manifest;
mod tables;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::export::html::{self, Beyond};
use crate::export::vex::Cited;
use crate::export::{Report, csv, decisions, handling, json, map};
use crate::model::{Bundle, Notice, Timestamp};

use archive::Archive;
pub use check::{Checked, Problem, check};
pub use manifest::Signed;
use manifest::{MANIFEST, Manifest, SEAL, SIGNED, message, seal};

/// What a pack holds.
#[derive(Clone, Copy, Debug)]
pub struct Pack<'a> {
    /// The report.
    pub report: &'a Report<'a>,
    /// What is beside it.
    pub beyond: Beyond<'a>,
    /// What advisories say that no finding holds.
    pub cited: &'a Cited,
    /// The bundles that the store has had.
    pub bundles: &'a [Bundle],
    /// When devices were held against advisories, the earliest first.
    pub evaluations: &'a [Evaluation],
    /// When each advisory came into the store, by the clock on the wall, as far as that is known.
    pub available: &'a BTreeMap<String, Timestamp>,
    /// What the sensor told.
    pub notices: &'a [Notice],
}

/// One time at which devices were held against advisories.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Evaluation {
    /// Its number in the store.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What made it happen.
    pub trigger: &'static str,
    /// Which documents and devices were asked for; empty for all.
    pub scope: String,
    /// Version of the program.
    pub version: String,
    /// SHA-256 of the advisories.
    pub bundle: String,
    /// Where they came from.
    pub origin: String,
    /// How many documents and devices.
    pub of: [u64; 2],
    /// Verdicts afterwards: affected, cannot tell, fixed, not affected.
    pub verdicts: [u64; 4],
    /// Verdicts that were given for the first time, became another, are no longer given.
    pub changes: [u64; 3],
}

/// What signs a message.
pub type Sign<'a> = &'a dyn Fn(&[u8]) -> Signed;

/// Writes a pack. `sign` signs a message, where somebody has a key.
///
/// # Errors
///
/// When it cannot be written, or would be larger than an archive can be.
pub fn write(pack: &Pack<'_>, sign: Option<Sign<'_>>, out: &mut impl Write) -> io::Result<()> {
    let Pack { report, beyond, .. } = *pack;
    let run = report.run;
    let mut archive = Archive::new(out);
    let about_devices: Vec<_> = run.decisions.lines().collect();
    type Content<'c> = &'c dyn Fn(&mut dyn Write) -> io::Result<()>;
    let files: [(&str, Content<'_>); 18] = [
        ("README.txt", &|out| out.write_all(README.as_bytes())),
        ("report.html", &|mut out| html::html(report, beyond, &mut out)),
        ("map.svg", &|mut out| map::svg(report, &mut out)),
        ("report.ndjson", &|mut out| json::ndjson(report, &mut out)),
        ("inventory.csv", &|out| tables::inventory(report, out)),
        ("evidence.csv", &|out| tables::evidence(report, out)),
        ("inventory-fields.csv", &|out| attributes::fields(report, out)),
        ("inventory-values.csv", &|out| attributes::values(report, out)),
        ("findings.csv", &|mut out| csv::csv(report, &mut out)),
        ("patch-ledger.csv", &|out| ledger::ledger(pack, out)),
        ("evaluations.csv", &|out| ledger::evaluations(pack.evaluations, out)),
        ("decisions-findings.csv", &|mut out| handling::csv(beyond.history, &mut out)),
        ("decisions-devices.csv", &|mut out| decisions::csv(&about_devices, &mut out)),
        ("changes.csv", &|out| tables::changes(report, out)),
        ("notices.ndjson", &|mut out| {
            pack.notices.iter().try_for_each(|notice| json::notice(notice, false, &mut out))
        }),
        ("coverage.csv", &|out| tables::coverage(report, out)),
        ("inputs.csv", &|out| tables::inputs(run, out)),
        ("bundles.csv", &|out| tables::bundles(run, pack.bundles, out)),
    ];
    let mut entries = Vec::new();
    for (name, content) in files {
        entries.push(archive.add(name, content)?);
    }
    let manifest = Manifest::new(report, entries).text()?;
    archive.store(MANIFEST, &manifest)?;
    archive.store(SEAL, seal(&manifest).as_bytes())?;
    if let Some(sign) = sign {
        archive.store(SIGNED, sign(&message(&manifest)).text().as_bytes())?;
    }
    archive.finish()?.flush()
}

/// Bytes in lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes that such a text stands for.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect::<Option<Vec<u8>>>()
        .filter(|bytes| hex(bytes) == text)
}

const README: &str = include_str!("README.txt");

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;
