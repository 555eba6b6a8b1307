//! `assets import`: a list of devices that a person keeps becomes facts like those from the wire, with the cell as proof.
//!
//! A row is about the node at its IP or MAC address, or about one that its serial number or name stands for. Its cells are
//! observations: the file is their capture, the row their frame, the column their place. So what is concluded from them is
//! data too (`signatures/import.toml`), and can be explained, compared and judged again.

mod complaints;
mod devices;
pub(super) mod grid;
pub(super) mod markup;
mod package;
mod separated;
mod shown;
mod workbook;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::app::AppError;
use crate::app::knowledge::{self, Sources, hex};
use crate::app::scan::{self, Scanned};
use crate::export::display_name;
use crate::model::import::{MAC, PROTOCOL};
use crate::model::limits::{EXCERPT_BYTES_MAX, LIST_BYTES_MAX, LIST_COMPLAINTS_MAX};
use crate::model::{
    Addr, Asset, CaptureInfo, Excerpt, FrameRef, Import, Nameplate, Node, Observation, Scope,
    Sites, Subject, Timestamp, Value,
};
use crate::store::Store;

use complaints::Complaints;
pub(super) use devices::folded;
use devices::{Listed, Words};

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
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Imported {
    /// The file was imported before: nothing changed.
    Before(Import),
    /// It is in the store.
    Now(Taken),
}

/// What was taken from a list.
#[derive(Debug)]
pub(super) struct Taken {
    /// How many devices are on the list.
    pub(super) devices: usize,
    /// How many rows were not taken.
    pub(super) refused: u64,
    /// The sheet that was read, of a workbook.
    pub(super) sheet: Option<String>,
    /// What to look at, one sentence each.
    pub(super) complaints: Vec<String>,
}

/// Imports a list.
pub(super) fn import(request: &Request) -> Result<Imported, AppError> {
    let name = request.list.display().to_string();
    let failed = |why: String| AppError::NotFound(format!("{name}: {why}"));
    let bytes = bytes_of(&request.list).map_err(failed)?;
    // Advisories that the user names and that cannot be read are told before anything is kept.
    let (knowledge, _) = knowledge::load(&request.sources, None)?;
    let signatures = &knowledge.signatures;
    let is_new = !Store::is_in(&request.store);
    let sites = if is_new { Sites::default() } else { Store::open(&request.store)?.sites()? };
    let (tables, vocabulary) = (signatures.tables(), signatures.vocabulary());
    let words = Words { tables, vocabulary, sites: &sites };
    let known = |row: &grid::Row| words.names_in(row);
    let failed = |why: String| AppError::NotFound(format!("{name}: {why}"));
    let sheet = grid::read(&bytes, request.sheet.as_deref(), &known).map_err(failed)?;
    let mut complaints = Complaints::default();
    let devices = devices::read(&sheet, words, &mut complaints);
    let devices = devices.map_err(|why| AppError::NotFound(format!("{name}: {why}")))?;
    let refused = complaints.refused();
    let mut complaints = complaints.sentences();
    if devices.is_empty() {
        let all = complaints.join("\n");
        return Err(AppError::NotFound(format!("{name}: no row of it could be taken\n{all}")));
    }
    let mut store = Store::create(&request.store)?;
    let sha256 = hex(&Sha256::digest(&bytes));
    let imports = store.imports()?;
    let captures = store.captures()?;
    let before = imports.iter().find(|import| {
        let place = usize::try_from(import.capture).ok();
        place.and_then(|at| captures.get(at)).is_some_and(|capture| capture.sha256 == sha256)
    });
    if let Some(before) = before {
        return Ok(Imported::Before(before.clone()));
    }
    let as_of = after_others(request.as_of, &imports);
    let info = CaptureInfo {
        name,
        sha256,
        frames: u64::try_from(devices.len()).unwrap_or(u64::MAX),
        bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        first: Some(as_of),
        last: Some(as_of),
        incomplete: None,
        session: None,
    };
    let capture = store.add_captures(&[info])?.first().copied().unwrap_or_default();
    store.add_observations(&sites, &observations(&devices, capture, as_of), &[])?;
    let (by, why) = (request.by.as_str().into(), request.why.as_str().into());
    store.add_import(&Import { capture, by, why, at: request.now, as_of })?;
    let known = scan::refreshed(&mut store, &request.sources)?;
    complaints.extend(contradicted(&known, capture));
    let sheet = sheet.name;
    Ok(Imported::Now(Taken { devices: devices.len(), refused, sheet, complaints }))
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

fn observations(devices: &BTreeMap<Node, Listed>, capture: u32, at: Timestamp) -> Vec<Observation> {
    let mut all = Vec::new();
    for (node, listed) in devices {
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
                subject: Subject::node(*node),
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
