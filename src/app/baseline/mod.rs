//! What people accept as the normal state of their network: taken from a store, kept in it, compared with what it holds later.
//!
//! The one that was taken last is the reference: a sensor tells what stands beside it.

mod document;
mod looks;

use std::collections::BTreeMap;
use std::path::Path;

use crate::app::AppError;
use crate::app::diff;
use crate::app::knowledge::Sources;
use crate::app::scan::{self, Scanned, protocol_named};
use crate::compare::Device;
use crate::model::limits::{BASELINE_NAME_BYTES_MAX, BASELINES_MAX};
use crate::model::{Conversation, Run, Timestamp};
use crate::store::{KeptBaseline, Store};
use crate::watch::{Baseline, TalkKey};

pub(super) use looks::{Compared, compare, told};

/// What people say of a baseline that they take.
#[derive(Clone, Debug)]
pub(super) struct Taking {
    /// What to call it; after the time when nobody says.
    pub(super) name: Option<String>,
    /// What else there is to say of it.
    pub(super) note: String,
    /// Who takes it.
    pub(super) by: String,
    /// The clock on the wall.
    pub(super) now: Timestamp,
}

/// A baseline with what it holds.
#[derive(Debug)]
pub(super) struct Held {
    /// What is known of it.
    pub(super) kept: KeptBaseline,
    /// Its devices.
    pub(super) devices: Vec<Device>,
    /// Who talked to whom, without counts.
    pub(super) talks: Vec<Conversation>,
}

/// Takes what a store holds now as the baseline.
pub(super) fn take(
    dir: &Path,
    taking: &Taking,
    sources: &Sources,
) -> Result<KeptBaseline, AppError> {
    let mut store = Store::open(dir)?;
    let known = scan::held(&mut store, sources)?;
    take_of(&mut store, &known, taking)
}

/// The same of what is known of the store already.
pub(super) fn take_of(
    store: &mut Store,
    known: &Scanned,
    taking: &Taking,
) -> Result<KeptBaseline, AppError> {
    let Taking { name, note, by, now } = taking;
    let before = store.baselines()?;
    if before.len() >= BASELINES_MAX {
        let hint = "remove one that nobody needs with `nameplate baseline remove`";
        return Err(AppError::NotFound(format!(
            "the store holds {} baselines, and no more find room; {hint}",
            before.len()
        )));
    }
    let name = match name {
        Some(name) => named(name)?,
        None => free_name(&before, &now.to_the_second()),
    };
    let devices = diff::of_scanned(store.dir(), "store", known).snapshot.devices;
    let mut kept = KeptBaseline {
        number: 0,
        name: name.into(),
        note: note.as_str().into(),
        by: by.as_str().into(),
        at: *now,
        heard: heard(&known.run, *now),
        version: known.run.version.as_str().into(),
        assets: u64::try_from(devices.len()).unwrap_or(u64::MAX),
        talks: u64::try_from(known.conversations.len()).unwrap_or(u64::MAX),
    };
    let devices = document::packed(&devices);
    let number = store.add_baseline(&known.run.sites, &kept, &devices, &known.conversations)?;
    kept.number = number.ok_or_else(|| {
        AppError::NotFound(format!(
            "there is a baseline called {} already: give another name, or remove it with `nameplate baseline remove`",
            kept.name
        ))
    })?;
    Ok(kept)
}

/// The baselines of a store, in the order in which they were taken: the last one is the reference.
pub(super) fn list(dir: &Path) -> Result<Vec<KeptBaseline>, AppError> {
    Ok(Store::open(dir)?.baselines()?)
}

/// A baseline by its name or its number, with all that it holds; the reference when none is named.
pub(super) fn held(store: &mut Store, name: Option<&str>) -> Result<Held, AppError> {
    let kept = find(&store.baselines()?, name)?;
    read(store, kept)
}

/// Removes a baseline.
pub(super) fn remove(dir: &Path, name: &str) -> Result<KeptBaseline, AppError> {
    let mut store = Store::open(dir)?;
    let kept = find(&store.baselines()?, Some(name))?;
    store.remove_baseline(kept.number)?;
    Ok(kept)
}

/// What a sensor compares with, and what is known of it: that of a number and a time stays what it is.
pub(super) fn reference(store: &mut Store) -> Result<Option<(KeptBaseline, Baseline)>, AppError> {
    let Some(kept) = store.baselines()?.pop() else { return Ok(None) };
    let Held { kept, devices, talks } = read(store, kept)?;
    let baseline = Baseline {
        name: kept.name.clone(),
        assets: devices.iter().map(|device| device.id).collect(),
        talks: talks.iter().map(TalkKey::of).collect(),
    };
    Ok(Some((kept, baseline)))
}

fn read(store: &mut Store, kept: KeptBaseline) -> Result<Held, AppError> {
    let packed = store.baseline_devices(kept.number)?.unwrap_or_default();
    let devices = document::unpacked(&kept.name, &packed)?;
    let talks = store.baseline_talks(kept.number, &protocol_named)?;
    Ok(Held { kept, devices, talks })
}

fn find(all: &[KeptBaseline], name: Option<&str>) -> Result<KeptBaseline, AppError> {
    let found = match name {
        None => all.last(),
        Some(name) => all
            .iter()
            .find(|one| &*one.name == name)
            .or_else(|| all.iter().find(|one| name.parse() == Ok(one.number))),
    };
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|one| &*one.name).collect();
        AppError::NotFound(match (name, names.as_slice()) {
            (_, []) => {
                "the store holds no baseline: take one with `nameplate baseline take`".to_owned()
            }
            (Some(name), names) => {
                format!("there is no baseline called {name}; there are {}", names.join(", "))
            }
            (None, _) => "the store holds no baseline".to_owned(),
        })
    })
}

/// A name that can be kept, and printed in a line.
fn named(name: &str) -> Result<String, AppError> {
    let name = name.trim();
    let is_plain = !name.is_empty() && !name.chars().any(char::is_control);
    if !is_plain || name.len() > BASELINE_NAME_BYTES_MAX {
        return Err(AppError::Usage(format!(
            "--name takes 1 to {BASELINE_NAME_BYTES_MAX} bytes in one line"
        )));
    }
    Ok(name.to_owned())
}

fn free_name(before: &[KeptBaseline], name: &str) -> String {
    let is_free = |name: &String| before.iter().all(|one| *one.name != **name);
    let numbered = (2_u32..).map(|number| format!("{name}.{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(is_free).unwrap_or_else(|| name.to_owned())
}

/// Time of the last frame that a store has heard; a frame from the future does not count as heard then.
fn heard(run: &Run, now: Timestamp) -> Option<Timestamp> {
    let is_list: BTreeMap<u32, ()> = run.imports.iter().map(|list| (list.capture, ())).collect();
    let captures = (0_u32..).zip(&run.captures).filter(|(number, _)| !is_list.contains_key(number));
    captures.filter_map(|(_, capture)| capture.last).map(|last| last.min(now)).max()
}
