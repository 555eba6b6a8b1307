//! What people do about findings and patches: read from the store and from files, put to the findings of a scan, and
//! written down.

mod choose;
mod deeds;
mod exchange;
mod mapping;
mod patches;
mod rows;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::AppError;
use crate::app::knowledge::Sources;
use crate::app::scan::Scanned;
use crate::assess::families::Families;
use crate::handling::{Context, Standing};
use crate::model::version::Scheme;
use crate::model::{
    Asset, AssetId, Finding, Handbook, Handling, Measure, Outcome, Record, Timestamp,
};
use crate::store::{Store, StoreError};

pub(super) use choose::{Chosen, Wanted, choose};
pub(super) use deeds::{Voice, automatic, decide, enter, undo};
pub(super) use exchange::{Imported, PatchRequest, export, import};
pub(super) use mapping::Mapping;
pub(super) use patches::{confirm, confirm_observed, patches, set};
pub(super) use written::WrittenError;

/// The time of the clock on the wall.
pub(super) fn now() -> Timestamp {
    let now = jiff::Timestamp::now().as_nanosecond();
    Timestamp(i64::try_from(now).unwrap_or(i64::MAX))
}

/// What files say; read before anything else, so that a mistake in them costs no scan.
pub(super) fn handbook(sources: &Sources) -> Result<Handbook, AppError> {
    let written =
        sources.decisions.as_deref().map(|path| written::read(path, now())).transpose()?;
    Ok(Handbook { written: written.unwrap_or_default(), ..Handbook::default() })
}

/// Adds what a store keeps, and tells how much of it this version of the program cannot read.
pub(super) fn restore(store: &mut Store, handbook: &mut Handbook) -> Result<u64, StoreError> {
    let (diary, passed_over) = store.diary()?;
    handbook.diary = diary;
    (handbook.lists, handbook.listed) = store.patch_lists()?;
    Ok(passed_over)
}

/// Puts what is written down to the findings of a scan.
pub(super) fn fill(scanned: &mut Scanned, now: Timestamp) {
    let (handlings, notes) = with(scanned, now, |standing| {
        let handlings: Vec<Handling> =
            each(scanned).map(|(asset, finding)| standing.of(asset, finding)).collect();
        (handlings, standing.notes())
    });
    for (finding, handling) in scanned.findings.iter_mut().zip(handlings) {
        if finding.handling != handling {
            Arc::make_mut(finding).handling = handling;
        }
    }
    scanned.run.handbook.notes = notes;
}

/// Asks the rules about what a scan found.
pub(super) fn with<T>(
    scanned: &Scanned,
    now: Timestamp,
    ask: impl FnOnce(&Standing<'_>) -> T,
) -> T {
    let families = Families::embedded();
    let orders = std::cell::RefCell::new(BTreeMap::<String, (Scheme, String)>::new());
    let known = |name: &str| {
        let find = || match families.vendor(name) {
            Some(vendor) => (vendor.scheme(), vendor.name.clone()),
            None => (Scheme::default(), rows::folded(name)),
        };
        orders.borrow_mut().entry(name.to_owned()).or_insert_with(find).clone()
    };
    let context = Context {
        run: &scanned.run,
        now,
        order: &|name| known(name).0,
        maker: &|name| known(name).1,
    };
    ask(&Standing::new(context))
}

/// Findings with their devices.
pub(super) fn each(scanned: &Scanned) -> impl Iterator<Item = (&Asset, &Finding)> {
    let assets: BTreeMap<AssetId, &Arc<Asset>> =
        scanned.assets.iter().map(|asset| (asset.id, asset)).collect();
    scanned
        .findings
        .iter()
        .filter_map(move |finding| Some((&***assets.get(&finding.asset)?, &**finding)))
}

/// Lines of the diary in order of number, with what became of each: all of them, or those about some findings.
pub(super) fn history<'a>(
    scanned: &'a Scanned,
    some: Option<&[Arc<Finding>]>,
    is_wanted: impl Fn(&Record) -> bool,
) -> Vec<(&'a Record, Outcome)> {
    if let Some(known) = &scanned.history {
        return known.iter().map(|(record, outcome)| (record, outcome.clone())).collect();
    }
    let diary = &scanned.run.handbook.diary;
    let undone = diary.undone();
    let chosen = |finding: &Finding| {
        some.is_none_or(|some| some.iter().any(|chosen| chosen.id == finding.id))
    };
    let mut outcomes: BTreeMap<u64, Outcome> = BTreeMap::new();
    with(scanned, now(), |standing| {
        for (asset, finding) in each(scanned).filter(|(_, finding)| chosen(finding)) {
            for (record, outcome) in standing.lines(asset, finding) {
                // Of several findings that it is about, the one for which it still counts says most.
                let kept = outcomes.entry(record.number).or_insert_with(|| outcome.clone());
                if weight(&outcome) > weight(kept) {
                    *kept = outcome;
                }
            }
        }
    });
    let last_word = diary.automatic().map(|record| record.number);
    let mut lines: Vec<(&Record, Outcome)> = Vec::new();
    for record in diary.records() {
        let undoes = match record.measure {
            Measure::Undid(number) => lines.iter().any(|(line, _)| line.number == number),
            _ => false,
        };
        let is_about = some.is_none() || outcomes.contains_key(&record.number);
        let is_told = undoes || (is_wanted(record) && is_about);
        if !is_told {
            continue;
        }
        let outcome = match (undone.get(&record.number), &record.measure) {
            (Some(by), _) => Outcome::Undone(*by),
            (None, Measure::Undid(_)) => Outcome::Stands,
            (None, Measure::Automatic(_))
                if last_word.is_some_and(|last| last != record.number) =>
            {
                Outcome::Overruled(
                    last_word.map(|last| last.to_string()).unwrap_or_default().into(),
                )
            }
            (None, Measure::Automatic(_)) => Outcome::Stands,
            (None, _) => outcomes.get(&record.number).cloned().unwrap_or(Outcome::Idle),
        };
        lines.push((record, outcome));
    }
    lines
}

fn weight(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Idle => 0,
        Outcome::Undone(_) => 1,
        Outcome::Overruled(_) => 2,
        Outcome::Reopened(_) => 3,
        Outcome::Stands => 4,
    }
}
