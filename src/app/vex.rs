//! VEX documents: who says it, when, and what it replaces.
//!
//! A document is replaced by the next one of the same plant. What is known of the ones before is in the last of them: there is no other
//! book of what was issued. So the last one is read, its revisions go on in the new one, and where nothing has changed the last one is
//! given out again as it was, byte for byte.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::advisory::Index;
use crate::app::scan::Scanned;
use crate::export::vex::{
    About, Cited, Publisher, Revision, Tlp, Totals, Vex, csaf, cyclonedx, openvex,
};
use crate::export::{Report, Selected};
use crate::model::limits::{VEX_BYTES_MAX, VEX_REVISIONS_MAX};
use crate::model::{Asset, AssetId, Finding, Run, Timestamp};

/// Formats.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    /// CSAF 2.0, profile VEX.
    Csaf,
    /// OpenVEX 0.2.0.
    OpenVex,
    /// CycloneDX 1.6, devices and statements.
    CycloneDx,
    /// CycloneDX 1.6, statements only.
    CycloneDxVexOnly,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) format: Format,
    pub(super) plant: Option<String>,
    pub(super) id: Option<String>,
    pub(super) publisher: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) tlp: Tlp,
    pub(super) issued: Option<Timestamp>,
    pub(super) replaces: Option<PathBuf>,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(super) enum VexError {
    /// The format wants to know who says it.
    #[error("{format} names who publishes it: give {options}")]
    Nameless {
        /// The format.
        format: &'static str,
        /// The options that are missing.
        options: &'static str,
    },
    /// A text that cannot stand where it is to stand.
    #[error("{option} {given:?}: {why}")]
    Unfit {
        /// The option.
        option: &'static str,
        /// What was given.
        given: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The formats take no document that states nothing.
    #[error(
        "no finding here is about a vulnerability with an identifier, and a document of this format states something: add captures or advisories, or export cyclonedx, which lists devices too"
    )]
    NothingToState,
    /// The document to be replaced cannot be read.
    #[error("--replaces {path}: {why}; give the document that was exported last, in the same format", path = .path.display())]
    Replaced {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Time would run backwards.
    #[error("--replaces {path}: it was issued on {last}, after {issued}; give a later date with --issued", path = .path.display())]
    Later {
        /// The file.
        path: PathBuf,
        /// Its date.
        last: String,
        /// The date of the new one.
        issued: Timestamp,
    },
}

impl VexError {
    /// True for what other arguments would mend.
    pub(super) fn is_usage(&self) -> bool {
        matches!(self, Self::Nameless { .. } | Self::Unfit { .. } | Self::Later { .. })
    }
}

/// What of the advisories the findings need that are about vulnerabilities.
pub(super) fn cited(index: &Index, findings: &[Arc<Finding>]) -> Cited {
    // Devices of one kind share their judgements.
    let mut known = HashSet::new();
    let distinct = findings.iter().filter(|finding| known.insert(Arc::as_ptr(&finding.judgement)));
    Cited::new(index.documents(), distinct.map(|finding| &**finding))
}

/// A document that is ready to be written.
#[derive(Debug)]
pub(super) struct Ready {
    format: Format,
    about: About,
    /// The document that it replaces, where nothing has changed since.
    again: Option<Vec<u8>>,
    /// How many statements it makes.
    pub(super) totals: Totals,
    /// Findings that are no statements, by what they are.
    pub(super) left_out: Vec<(&'static str, usize)>,
}

impl Ready {
    /// The number of the revision, and whether there was one like it.
    pub(super) fn revision(&self) -> (u64, bool) {
        (self.about.number(), self.again.is_some())
    }

    /// Writes it.
    pub(super) fn write(
        &self,
        report: &Report<'_>,
        cited: &Cited,
        out: &mut impl Write,
    ) -> io::Result<()> {
        match &self.again {
            Some(bytes) => out.write_all(bytes),
            None => print(&Vex::new(report, &self.about, cited), self.format, out),
        }
    }
}

/// Checks that the document can be made, before a file is opened for it.
pub(super) fn ready(wish: &Wish, known: &Scanned, report: &Report<'_>) -> Result<Ready, VexError> {
    let publisher = publisher(wish)?;
    let plant = match &wish.plant {
        Some(plant) => one_line("--plant", plant)?,
        None => plant(&known.run),
    };
    let id = match &wish.id {
        Some(id) => one_line("--id", id)?,
        None => format!("nameplate-{}-vex", plain(&plant)),
    };
    let issued = wish.issued.unwrap_or_else(|| latest(known));
    let mut about = About {
        plant,
        id,
        publisher,
        tlp: wish.tlp,
        earlier: Vec::new(),
        issued,
        is_unchanged: false,
    };
    let mut again = None;
    if let Some(path) = &wish.replaces {
        let (bytes, earlier) = replaced(path, wish.format, &about)?;
        about = About { earlier, is_unchanged: true, ..about };
        let mut same = Same { rest: &bytes, holds: true };
        let compared = print(&Vex::new(report, &about, &known.cited), wish.format, &mut same);
        if compared.is_ok() && same.holds && same.rest.is_empty() {
            again = Some(bytes);
        } else {
            about.is_unchanged = false;
            not_before(path, &about)?;
        }
    }
    let vex = Vex::new(report, &about, &known.cited);
    let totals = vex.totals();
    if totals.statements() == 0 && wish.format != Format::CycloneDx {
        return Err(VexError::NothingToState);
    }
    let left_out = vex.left_out().iter().map(|(kind, count)| (*kind, *count)).collect();
    Ok(Ready { format: wish.format, again, totals, left_out, about })
}

/// Takes devices into a selection that are left out of it although one of its findings is about them: statements refer to them.
pub(super) fn with_products(
    known: &Scanned,
    assets: &mut Vec<Arc<Asset>>,
    findings: &[Arc<Finding>],
    selected: Option<&Selected>,
) {
    if selected.is_none() {
        return;
    }
    let shown: BTreeSet<AssetId> = assets.iter().map(|asset| asset.id).collect();
    let cited: BTreeSet<AssetId> = findings.iter().map(|finding| finding.asset).collect();
    let missing =
        known.assets.iter().filter(|asset| cited.contains(&asset.id) && !shown.contains(&asset.id));
    assets.extend(missing.cloned());
    assets.sort_by_key(|asset| asset.id);
}

fn print(vex: &Vex<'_>, format: Format, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Csaf => csaf::write(vex, out),
        Format::OpenVex => openvex::write(vex, out),
        Format::CycloneDx => cyclonedx::write(vex, false, out),
        Format::CycloneDxVexOnly => cyclonedx::write(vex, true, out),
    }
}

fn publisher(wish: &Wish) -> Result<Option<Publisher>, VexError> {
    let nameless = |format, options| Err(VexError::Nameless { format, options });
    match (wish.format, &wish.publisher, &wish.namespace) {
        (Format::Csaf, None, _) | (Format::Csaf, _, None) => {
            return nameless("csaf-vex", "--publisher NAME and --namespace URI");
        }
        (Format::OpenVex, None, _) => return nameless("openvex", "--publisher NAME"),
        (_, None, Some(_)) => return nameless("--namespace", "--publisher NAME with it"),
        _ => {}
    }
    let Some(name) = &wish.publisher else { return Ok(None) };
    let name = one_line("--publisher", name)?;
    let namespace = wish.namespace.as_deref().map(address).transpose()?;
    Ok(Some(Publisher { name, namespace }))
}

/// A text with something in it, on one line.
fn one_line(option: &'static str, text: &str) -> Result<String, VexError> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.contains(crate::export::escape::is_hostile) {
        let why = "give a text of one line, without control characters";
        return Err(VexError::Unfit { option, given: text.to_owned(), why });
    }
    Ok(trimmed.to_owned())
}

/// An address with a host, as RFC 3986 writes it.
fn address(text: &str) -> Result<String, VexError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?@!$&'()*+,;=%".contains(c);
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_host = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !rest.is_some_and(is_host) || !text.chars().all(allowed) {
        let why = "give an address of the web that is your own, such as https://plant.example";
        return Err(VexError::Unfit { option: "--namespace", given: text.to_owned(), why });
    }
    Ok(text.to_owned())
}

/// The sites by name; one word where none has a name.
fn plant(run: &Run) -> String {
    let names: Vec<&str> = run.sites.iter().map(|(_, name)| name).collect();
    if names.is_empty() { "plant".to_owned() } else { names.join(", ") }
}

/// Lower-case letters, digits and hyphens.
fn plain(text: &str) -> String {
    let folded: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let words: Vec<&str> = folded.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "plant".to_owned() } else { words.join("-") }
}

/// The time of the last packet, or of the last decision, if that is later: a document is no older than what it states.
pub(super) fn latest(known: &Scanned) -> Timestamp {
    let captures = known.run.captures.iter().filter_map(|capture| capture.last);
    let devices = known.assets.iter().map(|asset| asset.last);
    let decided = known.findings.iter().filter_map(|finding| {
        let handling = &finding.handling;
        let patched = handling.patch.as_ref().and_then(|patch| patch.at);
        handling.decision.as_ref().map(|decision| decision.at).max(patched)
    });
    captures.chain(devices).chain(decided).max().unwrap_or_default()
}

/// The document to be replaced, and its revisions.
fn replaced(
    path: &Path,
    format: Format,
    about: &About,
) -> Result<(Vec<u8>, Vec<Revision>), VexError> {
    let wrong = |why: String| VexError::Replaced { path: path.to_owned(), why };
    let file = std::fs::File::open(path).map_err(|error| wrong(error.to_string()))?;
    let mut bytes = Vec::new();
    let limit = VEX_BYTES_MAX.saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > VEX_BYTES_MAX) {
        return Err(wrong(format!("more than {VEX_BYTES_MAX} bytes")));
    }
    let old: Old = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    let (id, expected, revisions) = match format {
        Format::Csaf => {
            let tracking = old.document.map(|document| document.tracking).unwrap_or_default();
            (tracking.id, about.id.clone(), tracking.revision_history)
        }
        Format::OpenVex => {
            let last = old.last_updated.or_else(|| old.timestamp.clone());
            (old.at_id, openvex::id(about), first_and_last(old.version, old.timestamp, last))
        }
        Format::CycloneDx | Format::CycloneDxVexOnly => {
            let at = old.metadata.and_then(|metadata| metadata.timestamp);
            let is_vex_only = format == Format::CycloneDxVexOnly;
            let expected = cyclonedx::serial_number(about, is_vex_only);
            (old.serial_number, expected, first_and_last(old.version, at.clone(), at))
        }
    };
    if id.as_deref() != Some(&*expected) {
        let found = id.unwrap_or_else(|| "nothing".to_owned());
        return Err(wrong(format!("it is called {found}, and the new one {expected}")));
    }
    let revisions =
        numbered(revisions).ok_or_else(|| wrong("its revisions are none".to_owned()))?;
    Ok((bytes, revisions))
}

/// The revisions of formats that name the first and the last only.
fn first_and_last(
    version: Option<u64>,
    first: Option<String>,
    last: Option<String>,
) -> Vec<OldRevision> {
    let (Some(version), Some(first), Some(last)) = (version, first, last) else {
        return Vec::new();
    };
    let revision = |number: u64, date| OldRevision { number: number.to_string(), date };
    let newest = (version > 1).then(|| revision(version, last));
    std::iter::once(revision(1, first)).chain(newest).collect()
}

/// Revisions as this program writes them: whole numbers from 1 that rise, with dates that do not fall.
fn numbered(revisions: Vec<OldRevision>) -> Option<Vec<Revision>> {
    let mut checked: Vec<(Revision, jiff::Timestamp)> = Vec::new();
    for OldRevision { number, date } in revisions {
        let (number, at) = (number.parse().ok()?, date.parse().ok()?);
        let follows = checked
            .last()
            .is_none_or(|(last, before): &(Revision, _)| last.number < number && *before <= at);
        if !follows || checked.len() >= VEX_REVISIONS_MAX {
            return None;
        }
        checked.push((Revision { number, date }, at));
    }
    let revisions: Vec<Revision> = checked.into_iter().map(|(revision, _)| revision).collect();
    (revisions.first()?.number == 1).then_some(revisions)
}

fn not_before(path: &Path, about: &About) -> Result<(), VexError> {
    let last = about.earlier.last().map(|last| last.date.clone()).unwrap_or_default();
    let issued = i128::from(about.issued.0);
    let is_later = last.parse().is_ok_and(|last: jiff::Timestamp| last.as_nanosecond() > issued);
    if is_later {
        let path = path.to_owned();
        return Err(VexError::Later { path, last, issued: about.issued });
    }
    Ok(())
}

/// What is read of a document of any of the formats.
#[derive(Deserialize)]
struct Old {
    document: Option<OldDocument>,
    #[serde(rename = "@id")]
    at_id: Option<String>,
    timestamp: Option<String>,
    last_updated: Option<String>,
    #[serde(rename = "serialNumber")]
    serial_number: Option<String>,
    version: Option<u64>,
    metadata: Option<OldMetadata>,
}

#[derive(Deserialize)]
struct OldDocument {
    tracking: OldTracking,
}

#[derive(Default, Deserialize)]
struct OldTracking {
    id: Option<String>,
    revision_history: Vec<OldRevision>,
}

#[derive(Deserialize)]
struct OldRevision {
    number: String,
    date: String,
}

#[derive(Deserialize)]
struct OldMetadata {
    timestamp: Option<String>,
}

/// Takes bytes and tells whether they are those expected.
struct Same<'a> {
    rest: &'a [u8],
    holds: bool,
}

impl Write for Same<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.rest.strip_prefix(bytes).filter(|_| self.holds) {
            Some(rest) => self.rest = rest,
            None => self.holds = false,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
