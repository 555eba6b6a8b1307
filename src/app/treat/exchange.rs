//! Lists of patches in and out: CSV and workbooks with named columns, XML by a mapping that the site wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::app::AppError;
use crate::app::import::{bytes_of, grid};
use crate::app::knowledge::{self, Sources, hex};
use crate::app::scan::{self, Scanned};
use crate::app::treat::mapping::Mapping;
use crate::app::treat::rows::{Complaints, Words, patches, records};
use crate::app::treat::{each, with};
use crate::handling::transitions::{legal, way};
use crate::handling::{newest, plate};
use crate::model::{Field, Listed, PatchList, PatchState, Timestamp};
use crate::store::Store;

/// What to import, and whose word it is.
#[derive(Debug)]
pub(in crate::app) struct PatchRequest<'a> {
    /// The list.
    pub(in crate::app) list: PathBuf,
    /// Directory of the store.
    pub(in crate::app) store: PathBuf,
    /// How it is written as XML.
    pub(in crate::app) mapping: Option<&'a Mapping>,
    /// The sheet of a workbook, by name.
    pub(in crate::app) sheet: Option<String>,
    /// Who imports it.
    pub(in crate::app) by: String,
    /// Where it comes from.
    pub(in crate::app) why: String,
    /// The time of the clock on the wall.
    pub(in crate::app) now: Timestamp,
    /// Where knowledge comes from.
    pub(in crate::app) sources: Sources,
}

/// What came of it.
#[derive(Debug, Default)]
pub(in crate::app) struct Imported {
    /// The file was imported before, then: nothing changed.
    pub(in crate::app) before: Option<PatchList>,
    /// How many patches are new, or are told otherwise than before.
    pub(in crate::app) news: usize,
    /// How many are told as before.
    pub(in crate::app) unchanged: usize,
    /// How many rows were not taken.
    pub(in crate::app) refused: u64,
    /// How many devices the list says something about.
    pub(in crate::app) devices: usize,
    /// What to look at, one sentence each.
    pub(in crate::app) complaints: Vec<String>,
}

/// Imports a list.
pub(in crate::app) fn import(request: &PatchRequest<'_>) -> Result<Imported, AppError> {
    let name = request.list.display().to_string();
    let failed = |why: String| AppError::NotFound(format!("{name}: {why}"));
    let bytes = bytes_of(&request.list).map_err(failed)?;
    let sha256 = hex(&Sha256::digest(&bytes));
    let mut store = Store::open(&request.store)?;
    let (lists, known) = store.patch_lists()?;
    if let Some(before) = lists.into_iter().find(|list| *list.sha256 == *sha256) {
        return Ok(Imported { before: Some(before), ..Imported::default() });
    }
    let mut complaints = Complaints::default();
    let rows = read(request, &bytes, &mut complaints).map_err(failed)?;
    let taken = rows.len();
    let rows = news(rows, &known, &mut complaints);
    let refused = complaints.refused;
    let complaints = complaints.sentences();
    if taken == 0 {
        let all = complaints.join("\n");
        return Err(AppError::NotFound(format!("{name}: no row of it could be taken\n{all}")));
    }
    let (news, unchanged) = (rows.taken.len(), rows.unchanged);
    let mut number = None;
    if news > 0 {
        let (by, why) = (request.by.as_str().into(), request.why.as_str().into());
        let list = PatchList {
            number: 0,
            name: name.into(),
            sha256: sha256.into(),
            by,
            why,
            at: request.now,
        };
        number = store.add_patch_list(&list, &rows.taken)?;
    }
    drop(store);
    let after = scan::from_store(&request.store, &request.sources)?;
    let devices = number.map_or(0, |number| concerned(&after, number));
    Ok(Imported { before: None, news, unchanged, refused, devices, complaints })
}

fn read(
    request: &PatchRequest<'_>,
    bytes: &[u8],
    complaints: &mut Complaints,
) -> Result<Vec<Listed>, String> {
    let signatures = knowledge::signatures(&request.sources).map_err(|error| error.to_string())?;
    let none = BTreeMap::new();
    let states = request.mapping.map_or(&none, |mapping| &mapping.states);
    let words = Words { tables: signatures.tables(), states };
    let is_xml = is_xml(bytes);
    let records = match request.mapping {
        Some(mapping) if is_xml => mapping.records(bytes, complaints)?,
        Some(_) => return Err("is no XML, and --map tells how XML is read".to_owned()),
        None if is_xml => {
            return Err("is XML: say with --map FILE how its elements are to be read".to_owned());
        }
        None => {
            let known = |row: &grid::Row| words.names_in(row);
            let sheet = grid::read(bytes, request.sheet.as_deref(), &known)?;
            records(&sheet, words, complaints)?
        }
    };
    Ok(patches(records, words, complaints))
}

fn is_xml(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let wide = [&[0xff, 0xfe, b'<', 0], &[0xfe, 0xff, 0, b'<']];
    text.starts_with(b"<") || wide.iter().any(|start| bytes.starts_with(*start))
}

/// Rows that say something else than what is known.
struct News {
    taken: Vec<Listed>,
    unchanged: usize,
}

/// What is new in a list. A supplier may not take a patch from a state to one that does not follow.
fn news(rows: Vec<Listed>, known: &[Listed], complaints: &mut Complaints) -> News {
    let before: BTreeMap<[String; 5], &Listed> =
        newest(known).into_iter().map(|row| (row.key(), row)).collect();
    let mut news = News { taken: Vec::new(), unchanged: 0 };
    for row in rows {
        let Some(old) = before.get(&row.key()) else {
            news.taken.push(row);
            continue;
        };
        if old.says_as(&row) {
            news.unchanged = news.unchanged.saturating_add(1);
            continue;
        }
        match (old.state, row.state) {
            (from, Some(to)) if from != Some(to) && way(from, to).is_none() => {
                let from_name = from.map_or("", PatchState::name);
                complaints.refuse(
                    row.row,
                    &format!("the patch is {from_name}; {to} may not follow, but {}", legal(from)),
                );
            }
            _ => news.taken.push(row),
        }
    }
    news
}

/// Devices about whose patches a list has the supplier's last word.
fn concerned(known: &Scanned, number: u64) -> usize {
    let Some(list) = known.run.handbook.lists.iter().find(|list| list.number == number) else {
        return 0;
    };
    let mut devices = BTreeSet::new();
    with(known, list.at, |standing| {
        for (asset, finding) in each(known) {
            let word = standing.suppliers(asset, finding);
            if word.is_some_and(|word| word.at == Some(list.at)) {
                devices.insert(asset.id);
            }
        }
    });
    devices.len()
}

/// The list of patches that this plant knows of, for others: what suppliers said last, and fixes that documents name for
/// devices here and no list tells of.
pub(in crate::app) fn export(known: &Scanned) -> Vec<Listed> {
    let mut listed: Vec<Listed> = newest(&known.run.handbook.listed).into_iter().cloned().collect();
    let mut told: BTreeMap<[String; 5], Listed> = BTreeMap::new();
    for (asset, finding) in each(known) {
        let Some(patch) = &finding.handling.patch else { continue };
        // Nobody but the document has said anything of this one.
        if patch.by.is_some() || patch.state != PatchState::Available {
            continue;
        }
        let plate = plate(asset, finding.module.as_ref());
        let judgement = &finding.judgement;
        let value = |field: Field| plate.value(field).unwrap_or_default();
        let mut row = Listed { state: Some(patch.state), ..Listed::default() };
        let product = [Field::Model, Field::Product, Field::Os].map(value);
        let product = product.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        row.put("vendor", value(Field::Vendor));
        row.put("product", product);
        row.put("fixed_in", &judgement.fixed_in.join(", "));
        row.put("title", &judgement.title);
        row.put("advisories", &judgement.advisory);
        row.put("cves", &judgement.cve);
        let kept = told.entry(row.key()).or_insert(row);
        if !kept.cves.split(' ').any(|cve| *cve == *judgement.cve) {
            let cves = format!("{} {}", kept.cves, judgement.cve);
            kept.put("cves", &cves);
        }
    }
    listed.extend(told.into_values());
    listed.sort_by_key(Listed::key);
    listed
}
