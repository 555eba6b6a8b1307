//! Reports that `scan -o ndjson` or `-o json` printed, read again.
//!
//! A report may come from anybody: its size is capped, every value is checked where it means something (identifiers,
//! addresses, fields), and all other text stays text until a sink escapes it. Lines of kinds that this version does not
//! know are passed over; lines of a kind that it knows in another version are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::app::diff::Looked;
use crate::compare::{Device, Happened, Judged, Place, Plate, Said, Snapshot};
use crate::export::diff::Look;
use crate::model::limits::{EVIDENCE_PLACES_MAX, REPORT_BYTES_MAX};
use crate::model::{AssetId, Field, Kind, Mac};

/// Why a report cannot be compared.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReportError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is too large.
    #[error("{path}: more than {REPORT_BYTES_MAX} bytes; compare stores instead")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A line is of another version.
    #[error(
        "{path}:{line}: written as {found}, this program reads {known}; use the version of nameplate that wrote it, or scan again"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// Schema in the file.
        found: String,
        /// Schema known.
        known: &'static str,
    },
    /// Something else is wrong with a line.
    #[error("{path}:{line}: {why}; give a report from nameplate scan -o ndjson or -o json")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong.
        why: String,
    },
}

/// True when a file begins as JSON does.
pub(super) fn is_report(path: &Path) -> bool {
    let mut start = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(START_BYTES).read_to_end(&mut start));
    read.is_ok() && without_mark(&start).trim_ascii_start().starts_with(b"{")
}

/// Reads a report.
pub(super) fn read(path: &Path) -> Result<Looked, ReportError> {
    let failed = |source| ReportError::Read { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let limit = REPORT_BYTES_MAX.saturating_add(1);
    let read = file.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(read).is_ok_and(|read| read > REPORT_BYTES_MAX) {
        return Err(ReportError::TooLarge { path: path.to_owned() });
    }
    parse(path, without_mark(&bytes))
}

/// Reads devices alone, as lines of assets and of events; `name` says where they come from.
pub(super) fn devices(name: &str, text: &[u8]) -> Result<Vec<Device>, ReportError> {
    let (path, mut report) = (Path::new(name), Report::default());
    for (line, text) in (1_usize..).zip(text.split(|byte| *byte == b'\n')) {
        if !text.is_empty() {
            report.line(text).map_err(|wrong| wrong.at(path, line))?;
        }
    }
    report.put_events().map_err(|wrong| wrong.at(path, 1))?;
    Ok(report.devices.into_values().collect())
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Looked, ReportError> {
    let mut report = Report::default();
    let first = bytes.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_lines = serde_json::from_slice::<Head>(first).is_ok_and(|head| head.schema.is_some());
    if is_lines {
        for (line, text) in (1_usize..).zip(bytes.split(|byte| *byte == b'\n')) {
            if !text.trim_ascii().is_empty() {
                report.line(text).map_err(|wrong| wrong.at(path, line))?;
            }
        }
    } else {
        let whole: Whole = serde_json::from_slice(bytes)
            .map_err(|error| Wrong::Why(error.to_string()).at(path, error.line()))?;
        report.whole(whole).map_err(|wrong| wrong.at(path, 1))?;
    }
    report.finish(path).map_err(|wrong| wrong.at(path, 1))
}

/// What is wrong, before it is known where.
#[derive(Debug)]
enum Wrong {
    Why(String),
    Version { found: String, known: &'static str },
}

impl Wrong {
    fn at(self, path: &Path, line: usize) -> ReportError {
        let path = path.to_owned();
        match self {
            Self::Why(why) => ReportError::Line { path, line, why },
            Self::Version { found, known } => ReportError::Version { path, line, found, known },
        }
    }
}

impl From<serde_json::Error> for Wrong {
    fn from(error: serde_json::Error) -> Self {
        Self::Why(error.to_string())
    }
}

/// A report as it is read.
#[derive(Default)]
struct Report {
    run: Option<RunPart>,
    devices: BTreeMap<AssetId, Device>,
    verdicts: Vec<Judged>,
    /// How many of them are on advisories: the counts are of these.
    of_advisories: usize,
    events: Vec<EventPart>,
}

impl Report {
    fn line(&mut self, text: &[u8]) -> Result<(), Wrong> {
        let schema = serde_json::from_slice::<Head>(text)?.schema.unwrap_or_default();
        match kind(&schema)? {
            Some(RUN) => self.run(serde_json::from_slice(text)?),
            Some(ASSET) => self.asset(serde_json::from_slice(text)?),
            Some(FINDING) => self.finding(serde_json::from_slice(text)?),
            Some(EVENT) => self.event(serde_json::from_slice(text)?),
            _ => Ok(()),
        }
    }

    fn whole(&mut self, whole: Whole) -> Result<(), Wrong> {
        let Whole { run, assets, findings, events } = whole;
        self.run(run)?;
        assets.into_iter().try_for_each(|part| self.asset(part))?;
        findings.into_iter().try_for_each(|part| self.finding(part))?;
        events.into_iter().try_for_each(|part| self.event(part))
    }

    fn run(&mut self, part: RunPart) -> Result<(), Wrong> {
        kind(&part.schema)?;
        match self.run.replace(part) {
            None => Ok(()),
            Some(_) => Err(Wrong::Why("a second report begins here".to_owned())),
        }
    }

    fn asset(&mut self, part: AssetPart) -> Result<(), Wrong> {
        kind(&part.schema)?;
        let device = part.device()?;
        match self.devices.insert(device.id, device) {
            None => Ok(()),
            Some(twice) => Err(Wrong::Why(format!("asset {} is there twice", twice.id))),
        }
    }

    fn finding(&mut self, part: FindingPart) -> Result<(), Wrong> {
        kind(&part.schema)?;
        self.of_advisories =
            self.of_advisories.saturating_add(usize::from(&*part.kind == Kind::Advisory.name()));
        self.verdicts.push(Judged {
            asset: id(&part.asset_id)?,
            module: part.module,
            advisory: part.advisory,
            cve: part.cve,
            verdict: part.verdict,
            reason: part.reason,
            priority: part.priority,
        });
        Ok(())
    }

    fn event(&mut self, part: EventPart) -> Result<(), Wrong> {
        kind(&part.schema)?;
        self.events.push(part);
        Ok(())
    }

    /// Events to the devices that they happened to.
    fn put_events(&mut self) -> Result<(), Wrong> {
        for part in std::mem::take(&mut self.events) {
            let happened = part.happened();
            if let Some(device) = self.devices.get_mut(&id(&part.asset_id)?) {
                device.events.push(happened);
            }
        }
        Ok(())
    }

    fn finish(mut self, path: &Path) -> Result<Looked, Wrong> {
        let run = self
            .run
            .take()
            .ok_or_else(|| Wrong::Why("there is no line about the run".to_owned()))?;
        // What was left out by choice would look like what was not seen.
        if let Some(selected) = run.selected {
            return Err(Wrong::Why(format!(
                "it holds only what --where {:?} selected; write it again without",
                selected.by
            )));
        }
        self.put_events()?;
        let CountsPart { affected, cannot_tell, fixed, not_affected } = run.verdicts;
        let counts = [affected, cannot_tell, fixed, not_affected];
        let given = counts.iter().fold(0_usize, |sum, count| sum.saturating_add(*count));
        // A list of assets, or of some of the findings, says less than the whole report it is of.
        let is_whole = given == self.of_advisories;
        if self.devices.is_empty() && !self.verdicts.is_empty() {
            return Err(Wrong::Why("there are findings and no assets".to_owned()));
        }
        let look = Look {
            name: path.display().to_string(),
            kind: "report",
            until: None,
            version: run.version,
            bundle_newest: run.bundle.newest,
            bundle_sha256: run.bundle.sha256,
            assets: self.devices.len(),
            findings: is_whole.then_some(self.verdicts.len()),
        };
        let devices: Vec<Device> = self.devices.into_values().collect();
        // Whether zones were given, and no device is in any, a report does not say.
        let has_zones = devices.iter().any(|device| device.zone.is_some());
        let verdicts = is_whole.then_some(self.verdicts);
        Ok(Looked { look, snapshot: Snapshot { devices, has_zones, verdicts, talks: None } })
    }
}

/// The kind of line that a schema names, if this version reads it; `None` for one to be passed over.
fn kind(schema: &str) -> Result<Option<&'static str>, Wrong> {
    if let Some(known) = KNOWN.iter().find(|known| **known == schema) {
        return Ok(Some(known));
    }
    let Some((name, _)) = schema.rsplit_once('/').filter(|_| schema.starts_with("nameplate."))
    else {
        return Err(Wrong::Why("this is no line of a nameplate report".to_owned()));
    };
    let same = |known: &&&str| known.rsplit_once('/').is_some_and(|(known, _)| known == name);
    match KNOWN.iter().find(same) {
        Some(known) => Err(Wrong::Version { found: schema.to_owned(), known }),
        None => Ok(None),
    }
}

fn id(text: &str) -> Result<AssetId, Wrong> {
    let wrong = |_| Wrong::Why(format!("{text} is no identifier of an asset"));
    uuid::Uuid::parse_str(text).map(AssetId).map_err(wrong)
}

/// Programs of other makers put a mark of three bytes before UTF-8 text.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Any line, or the start of a whole report.
#[derive(Deserialize)]
struct Head {
    schema: Option<String>,
}

#[derive(Deserialize)]
struct Whole {
    run: RunPart,
    assets: Vec<AssetPart>,
    findings: Vec<FindingPart>,
    #[serde(default)]
    events: Vec<EventPart>,
}

#[derive(Deserialize)]
struct RunPart {
    schema: String,
    version: String,
    bundle: BundlePart,
    verdicts: CountsPart,
    selected: Option<SelectedPart>,
}

#[derive(Deserialize)]
struct SelectedPart {
    by: String,
}

#[derive(Deserialize)]
struct BundlePart {
    newest: Option<String>,
    sha256: String,
}

#[derive(Deserialize)]
struct CountsPart {
    affected: usize,
    cannot_tell: usize,
    fixed: usize,
    not_affected: usize,
}

#[derive(Deserialize)]
struct AssetPart {
    schema: String,
    asset_id: String,
    identity: Box<str>,
    name: Box<str>,
    claims: Vec<ClaimPart>,
    ips: Vec<IpAddr>,
    macs: Vec<String>,
    vlans: BTreeSet<u16>,
    /// Reports of earlier versions have none.
    #[serde(default)]
    sites: BTreeSet<Box<str>>,
    zone: Option<Box<str>>,
    protocols: BTreeSet<Box<str>>,
    modules: Vec<ModulePart>,
    first_seen: Box<str>,
    last_seen: Box<str>,
}

#[derive(Deserialize)]
struct ModulePart {
    path: Box<str>,
    claims: Vec<ClaimPart>,
}

#[derive(Deserialize)]
struct ClaimPart {
    field: String,
    value: Box<str>,
    shown: bool,
    evidence: Vec<PlacePart>,
}

#[derive(Deserialize)]
struct PlacePart {
    capture: Box<str>,
    frame: u64,
    time: Box<str>,
}

#[derive(Deserialize)]
struct FindingPart {
    schema: String,
    kind: Box<str>,
    asset_id: String,
    module: Option<Box<str>>,
    advisory: Box<str>,
    cve: Box<str>,
    verdict: Box<str>,
    reason: Option<Box<str>>,
    priority: Option<Box<str>>,
}

#[derive(Deserialize)]
struct EventPart {
    schema: String,
    asset_id: String,
    module: Option<Box<str>>,
    event: Box<str>,
    value: ValuePart,
    #[serde(flatten)]
    place: PlacePart,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ValuePart {
    Text(Box<str>),
    Uint(u64),
}

impl AssetPart {
    fn device(self) -> Result<Device, Wrong> {
        let macs = self.macs.iter().map(|text| {
            text.parse::<Mac>().map_err(|_| Wrong::Why(format!("{text} is no MAC address")))
        });
        Ok(Device {
            id: id(&self.asset_id)?,
            identity: self.identity,
            name: self.name,
            plate: plate(self.claims),
            modules: self.modules.into_iter().map(|part| (part.path, plate(part.claims))).collect(),
            ips: self.ips.into_iter().collect(),
            macs: macs.collect::<Result<_, _>>()?,
            vlans: self.vlans,
            sites: self.sites,
            zone: self.zone,
            protocols: self.protocols,
            events: Vec::new(),
            seen: (self.first_seen, self.last_seen),
        })
    }
}

/// Of several claims with the value shown the first counts. Fields that a later version added are passed over.
fn plate(claims: Vec<ClaimPart>) -> Plate {
    let mut plate = Plate::default();
    for claim in claims {
        let Some(field) = Field::named(&claim.field) else { continue };
        if field == Field::Serial {
            plate.serials.insert(claim.value.clone());
        }
        if claim.shown {
            let seen_in = claim.evidence.into_iter().take(EVIDENCE_PLACES_MAX).map(Place::from);
            let said = || Said { value: claim.value, seen_in: seen_in.collect() };
            plate.shown.entry(field).or_insert_with(said);
        }
    }
    plate
}

impl EventPart {
    fn happened(&self) -> Happened {
        let value = match &self.value {
            ValuePart::Text(text) => text.clone(),
            ValuePart::Uint(number) => number.to_string().into(),
        };
        let PlacePart { capture, frame, time } = &self.place;
        let place = Place { capture: capture.clone(), frame: *frame, time: time.clone() };
        let said = Said { value, seen_in: vec![place] };
        Happened { module: self.module.clone(), event: self.event.clone(), said }
    }
}

impl From<PlacePart> for Place {
    fn from(part: PlacePart) -> Self {
        Self { capture: part.capture, frame: part.frame, time: part.time }
    }
}

const RUN: &str = "nameplate.run/1";
const ASSET: &str = "nameplate.asset/1";
const FINDING: &str = "nameplate.finding/1";
const EVENT: &str = "nameplate.event/1";
const KNOWN: &[&str] = &[RUN, ASSET, FINDING, EVENT];
/// Blanks and a mark before the first brace.
const START_BYTES: u64 = 64;
