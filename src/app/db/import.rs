//! Bundles into a store, and out of use again: what became different, in documents and in findings.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::advisory;
use crate::app::AppError;
use crate::app::knowledge::Sources;
use crate::app::scan;
use crate::model::{Bundle, Finding, Holding, Parcel, Timestamp};
use crate::store::{Put, Rollback, Store};

/// What became different.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(in crate::app) struct Difference {
    /// Documents that were not there before.
    pub(in crate::app) new: usize,
    /// Documents that say something else.
    pub(in crate::app) changed: usize,
    /// Of these, those in which what decides verdicts is different.
    pub(in crate::app) in_substance: usize,
    /// Documents that are no longer there.
    pub(in crate::app) removed: usize,
    /// Findings that were not there before.
    pub(in crate::app) opened: usize,
    /// Findings with another verdict.
    pub(in crate::app) turned: usize,
    /// Findings that are no longer there.
    pub(in crate::app) closed: usize,
}

/// Who does it, and when.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) struct Hand<'a> {
    /// Who.
    pub(in crate::app) by: &'a str,
    /// When, by the clock on the wall.
    pub(in crate::app) at: Timestamp,
}

/// Takes a bundle into use.
pub(in crate::app) fn import(
    dir: &Path,
    parcel: &Parcel,
    hand: Hand<'_>,
    allow_older: bool,
) -> Result<(Put, Difference), AppError> {
    let mut store = Store::create(dir)?;
    if let Some(current) = store.current_bundle()?.filter(|_| !allow_older) {
        refuse_older(&current, parcel)?;
    }
    act(&mut store, |store| Ok(store.put_bundle(parcel, hand.by, hand.at)?))
}

/// Goes back to the bundle before, or to one by its number.
pub(in crate::app) fn rollback(
    dir: &Path,
    to: Option<u32>,
    hand: Hand<'_>,
) -> Result<(Option<u32>, Difference), AppError> {
    let mut store = Store::open(dir)?;
    let go = |store: &mut Store| match store.rollback(to, hand.by, hand.at)? {
        Rollback::To(number) => Ok(number),
        Rollback::Nowhere => Err(AppError::NotFound(
            "no bundle was in use before: there is nothing to go back to".to_owned(),
        )),
        Rollback::Dropped(number) => Err(AppError::NotFound(format!(
            "the content of bundle {number} is no longer kept: import its file again"
        ))),
        Rollback::Unknown(number) => Err(AppError::NotFound(format!(
            "there is no bundle {number}: nameplate db list prints those there are"
        ))),
    };
    act(&mut store, go)
}

/// An older bundle knows less: what is taken for safe with it may not be. Who means it says so.
fn refuse_older(current: &Bundle, parcel: &Parcel) -> Result<(), AppError> {
    let instants = (advisory::instant(&parcel.built), advisory::instant(&current.built));
    let is_older = current.sha256 != parcel.sha256
        && matches!(instants, (Some(this), Some(that)) if this < that);
    if is_older {
        return Err(AppError::Bundle(format!(
            "the bundle is of {}, older than bundle {} in use, which is of {}: import it with --allow-older, or go back with \
             nameplate db rollback",
            parcel.built, current.number, current.built
        )));
    }
    Ok(())
}

/// Does something to the store, judges anew what it holds, and compares.
fn act<T>(
    store: &mut Store,
    act: impl FnOnce(&mut Store) -> Result<T, AppError>,
) -> Result<(T, Difference), AppError> {
    let documents = store.documents()?;
    // How old those are that are given up is no matter any more.
    let quiet = Sources { warn_after: Some(jiff::SignedDuration::MAX), ..Sources::default() };
    let findings = scan::held(store, &quiet)?.findings;
    let done = act(store)?;
    let after = scan::refreshed(store, &Sources::default())?.findings;
    let mut difference = Difference::default();
    compare_documents(&documents, &store.documents()?, &mut difference);
    compare_findings(&findings, &after, &mut difference);
    Ok((done, difference))
}

fn compare_documents(before: &[Holding], after: &[Holding], difference: &mut Difference) {
    let by_id = |all: &[Holding]| -> BTreeMap<String, Holding> {
        let light = |one: &Holding| Holding { bytes: Vec::new(), ..one.clone() };
        all.iter().map(|one| (one.id.clone(), light(one))).collect()
    };
    let (before, after) = (by_id(before), by_id(after));
    for (id, document) in &after {
        match before.get(id) {
            None => add(&mut difference.new),
            Some(known) if known.sha256 != document.sha256 => {
                add(&mut difference.changed);
                if known.substance != document.substance {
                    add(&mut difference.in_substance);
                }
            }
            Some(_) => {}
        }
    }
    let gone = before.keys().filter(|id| !after.contains_key(*id)).count();
    difference.removed = gone;
}

fn compare_findings(before: &[Arc<Finding>], after: &[Arc<Finding>], difference: &mut Difference) {
    let by_id = |all: &[Arc<Finding>]| -> BTreeMap<uuid::Uuid, Arc<Finding>> {
        all.iter().map(|one| (one.id, Arc::clone(one))).collect()
    };
    let (before, after) = (by_id(before), by_id(after));
    for (id, finding) in &after {
        match before.get(id) {
            None => add(&mut difference.opened),
            Some(known) if known.judgement.verdict != finding.judgement.verdict => {
                add(&mut difference.turned);
            }
            Some(_) => {}
        }
    }
    difference.closed = before.keys().filter(|id| !after.contains_key(*id)).count();
}

fn add(count: &mut usize) {
    *count = count.saturating_add(1);
}
