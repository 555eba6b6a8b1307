//! `assets import`: a list of devices that a person keeps becomes facts like those from the wire, with the cell as proof.
//!
//! A row is about the node at its IP or MAC address, or about one that its serial number or name stands for. Its cells are
//! observations: the file is their capture, the row their frame, the column their place. So what is concluded from them is
//! data too (`signatures/import.toml`), and can be explained, compared and judged again.

mod complaints;
mod devices;
mod files;
pub(super) mod grid;
pub(super) mod markup;
mod own;
mod package;
mod preview;
mod separated;
mod shown;
mod workbook;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::app::AppError;
use crate::app::diff::{self, Looked};
use crate::app::knowledge::{self, Sources};
use crate::app::scan::{self, Scanned};
use crate::export::display_name;
use crate::model::import::{MAC, PROTOCOL};
use crate::model::limits::{EXCERPT_BYTES_MAX, LIST_BYTES_MAX, LIST_COMPLAINTS_MAX};
use crate::model::{
    Addr, Asset, CaptureInfo, Excerpt, FrameRef, Import, Nameplate, Node, Observation, Scope,
    Subject, Timestamp, Value,
};
use crate::store::Store;

use complaints::Complaints;
pub(super) use devices::folded;
use devices::{Listed, Read, Words};
use files::File;
use own::Homes;
use preview::Imagined;

/// What to import, and whose word it is.
#[derive(Debug)]
pub(super) struct Request {
    /// The list.
    pub(super) list: PathBuf,
    /// Directory of the store.
    pub(super) store: PathBuf,
    /// The sheet of a workbook, by name.
    pub(super) sheet: Option<String>,
    /// Who imports it.
    pub(super) by: String,
    /// Where it comes from.
    pub(super) why: String,
    /// The time of the clock on the wall.
    pub(super) now: Timestamp,
    /// When the list was true.
    pub(super) as_of: Timestamp,
    /// Where knowledge comes from.
    pub(super) sources: Sources,
    /// Change nothing, and show what would change.
    pub(super) dry_run: bool,
}

/// What came of a list.
#[derive(Debug)]
pub(super) enum Imported {
    /// It was imported before: nothing changed.
    Before(Import),
    /// It says nothing new.
    Nothing(Taken),
    /// It is in the store; in a preview, it would be.
    Now(Taken),
}

/// What was taken from a list.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// How many devices, or parts of devices, something is taken about.
    pub(super) devices: usize,
    /// How many rows say nothing new.
    pub(super) unchanged: u64,
    /// How many rows were not taken.
    pub(super) refused: u64,
    /// The sheet that was read, of a workbook.
    pub(super) sheet: Option<String>,
    /// What to look at, one sentence each.
    pub(super) complaints: Vec<String>,
}

/// What came of all lists, by name; and of a preview what they would change.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) lists: Vec<(String, Imported)>,
    pub(super) preview: Option<[Looked; 2]>,
}

/// Imports a list, or shows what that would change.
pub(super) fn import(request: &Request) -> Result<Outcome, AppError> {
    // Advisories that the user names and that cannot be read are told before anything is kept.
    let (knowledge, _) = knowledge::load(&request.sources, None)?;
    let signatures = &knowledge.signatures;
    let mut store = match Store::is_in(&request.store) {
        true => Some(Store::open(&request.store)?),
        false => None,
    };
    let sites = store.as_mut().map(Store::sites).transpose()?.unwrap_or_default();
    let (tables, vocabulary) = (signatures.tables(), signatures.vocabulary());
    let words = Words { tables, vocabulary, sites: &sites };
    let files = files::read(&request.list, request.sheet.as_deref(), words)?;
    let is_own = files.iter().any(File::is_own);
    let before = match is_own || request.dry_run {
        true => Some(preview::imagined(store.as_mut(), &request.sources, &[])?),
        false => None,
    };
    let homes = before.as_ref().map(Homes::new).unwrap_or_default();
    let mut taking = Taking::new(request, store.as_mut())?;
    for file in &files {
        taking.list(file, (words, &homes))?;
    }
    let Taking { mut lists, mut imagined, .. } = taking;
    if request.dry_run {
        let after = preview::imagined(store.as_mut(), &request.sources, &imagined)?;
        tell_contradictions(&mut lists, &imagined, &after);
        let look = |known: &Scanned, path| diff::of_scanned(path, "store", known);
        let with = request.list.display().to_string();
        let looks = before.map(|before| {
            let mut after = look(&after, &request.store);
            after.look.name = format!("{} with {with}", request.store.display());
            [look(&before, &request.store), after]
        });
        return Ok(Outcome { lists, preview: looks });
    }
    if imagined.is_empty() {
        return Ok(Outcome { lists, preview: None });
    }
    let mut store = store.map_or_else(|| Store::create(&request.store), Ok)?;
    for list in &mut imagined {
        let numbers = store.add_captures(std::slice::from_ref(&list.capture))?;
        list.renumber(numbers.first().copied().unwrap_or(list.import.capture));
        store.add_observations(&sites, &list.observations, &[])?;
        store.add_import(&list.import)?;
    }
    let known = scan::refreshed(&mut store, &request.sources)?;
    tell_contradictions(&mut lists, &imagined, &known);
    Ok(Outcome { lists, preview: None })
}

/// Lists on their way into a store.
struct Taking<'r> {
    request: &'r Request,
    /// Lists that are in the store, and the hashes of all that is.
    imports: Vec<Import>,
    captures: Vec<CaptureInfo>,
    lists: Vec<(String, Imported)>,
    imagined: Vec<Imagined>,
}

impl<'r> Taking<'r> {
    fn new(request: &'r Request, store: Option<&mut Store>) -> Result<Self, AppError> {
        let (imports, captures) = match store {
            Some(store) => (store.imports()?, store.captures()?),
            None => (Vec::new(), Vec::new()),
        };
        Ok(Self { request, imports, captures, lists: Vec::new(), imagined: Vec::new() })
    }

    fn list(&mut self, file: &File, around: (Words<'_>, &Homes)) -> Result<(), AppError> {
        let name = &file.name;
        let mut complaints = Complaints::default();
        let read = devices::read(&file.sheet, around, &mut complaints);
        let Read { devices, unchanged } =
            read.map_err(|why| AppError::NotFound(format!("{name}: {why}")))?;
        let refused = complaints.refused();
        let complaints = complaints.sentences();
        if devices.is_empty() && unchanged == 0 && !file.is_own() {
            let all = complaints.join("\n");
            return Err(AppError::NotFound(format!("{name}: no row of it could be taken\n{all}")));
        }
        let sheet = file.sheet.name.clone();
        let taken = Taken { devices: devices.len(), unchanged, refused, sheet, complaints };
        let before = self.imports.iter().find(|import| {
            let place = usize::try_from(import.capture).ok();
            let capture = place.and_then(|at| self.captures.get(at));
            capture.is_some_and(|capture| capture.sha256 == file.sha256)
        });
        if let Some(before) = before {
            self.lists.push((name.clone(), Imported::Before(before.clone())));
            return Ok(());
        }
        if devices.is_empty() {
            self.lists.push((name.clone(), Imported::Nothing(taken)));
            return Ok(());
        }
        self.take(file, &devices);
        self.lists.push((name.clone(), Imported::Now(taken)));
        Ok(())
    }

    /// Makes a list a capture, with the next number that the store will give.
    fn take(&mut self, file: &File, devices: &BTreeMap<Subject, Listed>) {
        let request = self.request;
        let as_of = after_others(request.as_of, &self.imports);
        let info = CaptureInfo {
            name: file.name.clone(),
            sha256: file.sha256.clone(),
            frames: u64::try_from(devices.len()).unwrap_or(u64::MAX),
            bytes: file.bytes,
            first: Some(as_of),
            last: Some(as_of),
            incomplete: None,
            session: None,
        };
        let known = self.captures.iter().position(|capture| capture.sha256 == info.sha256);
        let number = known.unwrap_or(self.captures.len());
        let capture = u32::try_from(number).unwrap_or(u32::MAX);
        if known.is_none() {
            self.captures.push(info.clone());
        }
        let (by, why) = (request.by.as_str().into(), request.why.as_str().into());
        let import = Import { capture, by, why, at: request.now, as_of };
        self.imports.push(import.clone());
        let observations = observations(devices, capture, as_of);
        self.imagined.push(Imagined { capture: info, import, observations });
    }
}

/// Says beside each list what of it is not shown.
fn tell_contradictions(lists: &mut [(String, Imported)], imagined: &[Imagined], known: &Scanned) {
    let taken = lists.iter_mut().filter_map(|(_, imported)| match imported {
        Imported::Now(taken) => Some(taken),
        Imported::Before(_) | Imported::Nothing(_) => None,
    });
    for (taken, list) in taken.zip(imagined) {
        taken.complaints.extend(contradicted(known, list.import.capture));
    }
}

/// Puts what lists say of an address to where the address was seen: people list addresses without their VLANs, and often
/// without their sites. An address seen in several VLANs may be that of several devices; a list says then nothing about any
/// of them.
pub(super) fn put_where_seen(observations: &mut [Observation]) {
    let is_listed = |observation: &Observation| observation.key.protocol() == PROTOCOL;
    let mut listed: BTreeMap<Addr, BTreeSet<Scope>> = BTreeMap::new();
    for one in observations.iter().filter(|one| is_listed(one)) {
        listed.entry(one.subject.node.addr).or_default();
    }
    if listed.is_empty() {
        return;
    }
    for one in observations.iter().filter(|one| !is_listed(one)) {
        let Node { scope, addr } = one.subject.node;
        if let Some(scopes) = listed.get_mut(&addr) {
            scopes.insert(scope);
        }
    }
    for one in observations.iter_mut().filter(|one| is_listed(one)) {
        let Node { scope, addr } = one.subject.node;
        let is_meant = |seen: &&Scope| scope.site == 0 || seen.site == scope.site;
        let mut seen = listed.get(&addr).into_iter().flatten().filter(is_meant);
        if let (Some(only), None) = (seen.next(), seen.next())
            && (scope.outer_vlan, scope.vlan) == (0, 0)
        {
            one.subject.node.scope = *only;
        }
    }
}

/// A file, if it is one that can be read whole.
pub(super) fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("cannot be read: {error}; check the path");
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err("is no file; give a list as CSV or .xlsx".to_owned());
    }
    if metadata.len() > LIST_BYTES_MAX {
        return Err(format!("has {} bytes, more than {LIST_BYTES_MAX}", metadata.len()));
    }
    std::fs::read(path).map_err(failed)
}

/// A time that no other list has: of two lists of one day, the one that was imported later counts.
fn after_others(as_of: Timestamp, imports: &[Import]) -> Timestamp {
    let taken: BTreeSet<Timestamp> = imports.iter().map(|import| import.as_of).collect();
    let mut at = as_of;
    while taken.contains(&at) {
        at = Timestamp(at.0.saturating_add(1));
    }
    at
}

fn observations(
    devices: &BTreeMap<Subject, Listed>,
    capture: u32,
    at: Timestamp,
) -> Vec<Observation> {
    let mut all = Vec::new();
    for (subject, listed) in devices {
        // Of several devices that had the address, the one with the MAC address of the row is meant.
        let mac = listed.said.get(MAC).and_then(|said| said.text.parse().ok());
        for said in listed.said.values() {
            let frame = FrameRef { capture, number: said.row };
            let bytes = said.text.as_bytes();
            let excerpt = Excerpt {
                frame,
                offset: said.place,
                length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                bytes: bytes.get(..EXCERPT_BYTES_MAX).unwrap_or(bytes).into(),
            };
            all.push(Observation {
                at,
                frame,
                subject: subject.clone(),
                mac,
                key: said.column.key,
                value: Value::Text(said.text.as_str().into()),
                excerpt,
                repeat: false,
            });
        }
    }
    all.sort_by(|a, b| (a.frame, a.key.name).cmp(&(b.frame, b.key.name)));
    all
}

/// What the list says of a device and is not shown, because something surer says otherwise.
fn contradicted(known: &Scanned, capture: u32) -> Vec<String> {
    let mut sentences: Vec<(u64, String)> = Vec::new();
    for asset in &known.assets {
        let plates = std::iter::once(&asset.nameplate);
        for plate in plates.chain(asset.modules.iter().map(|module| &module.nameplate)) {
            contradictions(asset, plate, capture, &mut sentences);
        }
    }
    sentences.sort();
    sentences.dedup();
    let more = sentences.len().saturating_sub(LIST_COMPLAINTS_MAX);
    sentences.truncate(LIST_COMPLAINTS_MAX);
    let mut all: Vec<String> =
        sentences.into_iter().map(|(row, what)| format!("row {row} {what}")).collect();
    if more > 0 {
        all.push(format!("and {more} values more that are not shown"));
    }
    all
}

fn contradictions(
    asset: &Asset,
    plate: &Nameplate,
    capture: u32,
    sentences: &mut Vec<(u64, String)>,
) {
    for field in plate.claims.keys() {
        let Some(shown) = plate.claim(*field) else { continue };
        for other in plate.others(*field) {
            let own = other.from.iter().find(|ground| ground.frame.capture == capture);
            if let Some(ground) = own {
                let (certainty, name) = (shown.certainty.name(), display_name(asset));
                sentences.push((
                    ground.frame.number,
                    format!(
                        "says that the {field} of {name} is {:?}; shown is {:?}, which is {certainty}",
                        other.value, shown.value
                    ),
                ));
            }
        }
    }
}
