//! Runs of matching: devices against documents.
//!
//! Every command over a store judges anew with what is known then, so what it prints is never stale. What the store keeps of verdicts,
//! for people and tools that read the file, is brought up to date by an *automatic* run, whenever something new comes in: a capture, a
//! list, a decision, advisories. A *manual* run does so when a person asks, for all or for some documents and devices. Each run is kept:
//! when it was, against which advisories, and what it changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use crate::app::AppError;
use crate::app::scan::{self, Scanned};
use crate::app::shelf::diff::spoken;
use crate::app::shelf::show::called;
use crate::app::shelf::{Place, Shelf, named_assets};
use crate::export::shelf::{Matching as Row, Refreshed, VerdictChange};
use crate::model::limits::MATCHINGS_SHOWN_MAX;
use crate::model::{Asset, BundleInfo, Change, Finding, Timestamp, Verdict};
use crate::store::{KeptVerdict, Matching, Store, Trigger};

/// Which documents and devices a person asks for; all where none is named.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct Scope<'a> {
    /// Documents.
    pub(in crate::app) documents: &'a [String],
    /// Devices.
    pub(in crate::app) assets: &'a [String],
}

/// Matches, keeps what changed, and tells it.
pub(in crate::app) fn run(
    place: &Place<'_>,
    dir: &Path,
    scope: &Scope<'_>,
    at: Timestamp,
) -> Result<Refreshed, AppError> {
    let shelf = Shelf::open(place)?;
    let known = match &shelf.known {
        Some(known) => known,
        None => return Err(AppError::Usage("name the store: --store DIR".to_owned())),
    };
    let documents = scope.documents.iter().map(|what| shelf.named(what));
    let documents: BTreeSet<&str> = documents.collect::<Result<_, _>>()?;
    let mut assets = BTreeSet::new();
    for what in scope.assets {
        assets.extend(named_assets(known, what)?.iter().map(ToString::to_string));
    }
    let is_meant = |advisory: &str, asset: &str| {
        (documents.is_empty() || documents.contains(advisory))
            && (assets.is_empty() || assets.contains(asset))
    };
    let mut store = Store::open(dir)?;
    let mut before = store.kept_verdicts()?;
    before.retain(|one| is_meant(&one.advisory, &one.asset));
    let own = known
        .findings
        .iter()
        .filter(|one| is_meant(&one.judgement.advisory, &one.asset.to_string()));
    let findings: Vec<Arc<Finding>> = own.cloned().collect();
    let told = changes(&before, &findings, &known.assets);
    store.apply(&known.run.sites, &to_apply(&before, &findings))?;
    let said: Vec<&str> =
        documents.iter().copied().chain(scope.assets.iter().map(|what| &**what)).collect();
    let matching = Matching {
        scope: said.join(" ").into(),
        trigger: Trigger::Manual,
        at,
        ..counted(&known.run.bundle, known.assets.len(), &findings, by_kind(&told))
    };
    let number = store.add_matching(&matching)?;
    Ok(Refreshed { runs: vec![row(&Matching { number, ..matching })], changes: told })
}

/// Notes an automatic run: what the store held before, and what it holds now.
pub(in crate::app) fn note(
    store: &mut Store,
    before: &BTreeMap<Uuid, Option<Verdict>>,
    bundle: &BundleInfo,
    assets: usize,
    findings: &[Arc<Finding>],
) -> Result<(), AppError> {
    let (mut same, mut changed, mut opened) = (0_usize, 0_usize, 0_usize);
    for finding in findings {
        let count = match before.get(&finding.id) {
            None => &mut opened,
            Some(was) if was.as_ref() == Some(&finding.judgement.verdict) => &mut same,
            Some(_) => &mut changed,
        };
        *count = count.saturating_add(1);
    }
    let closed = before.len().saturating_sub(same.saturating_add(changed));
    let last = store.matchings(1)?.pop();
    let is_news = last.is_none_or(|last| {
        *last.bundle != *bundle.sha256 || &*last.version != env!("CARGO_PKG_VERSION")
    });
    // The same again is no run that anybody asks about, and scanning twice leaves a store as it is.
    if !is_news && [opened, changed, closed] == [0, 0, 0] {
        return Ok(());
    }
    let matching =
        Matching { at: now(), ..counted(bundle, assets, findings, [opened, changed, closed]) };
    store.add_matching(&matching)?;
    Ok(())
}

/// What the last run changed, told.
pub(in crate::app) fn told(
    store: &mut Store,
    before: &[KeptVerdict],
    known: &Scanned,
) -> Result<Refreshed, AppError> {
    let runs = store.matchings(1)?.iter().map(row).collect();
    Ok(Refreshed { runs, changes: changes(before, &known.findings, &known.assets) })
}

/// The runs that a store knows of, the newest first.
pub(in crate::app) fn runs(dir: &Path) -> Result<Refreshed, AppError> {
    let runs = Store::open(dir)?.matchings(MATCHINGS_SHOWN_MAX)?;
    Ok(Refreshed { runs: runs.iter().map(row).collect(), changes: Vec::new() })
}

/// The same, for a store that is not open.
pub(in crate::app) fn after(
    dir: &Path,
    sources: &crate::app::knowledge::Sources,
) -> Result<Refreshed, AppError> {
    refreshed(&mut Store::open(dir)?, sources)
}

/// Judges what is in a store, brings it up to date, and tells what that changed.
pub(super) fn refreshed(
    store: &mut Store,
    sources: &crate::app::knowledge::Sources,
) -> Result<Refreshed, AppError> {
    let before = store.kept_verdicts()?;
    let known = scan::refreshed(store, sources)?;
    told(store, &before, &known)
}

fn counted(
    bundle: &BundleInfo,
    assets: usize,
    findings: &[Arc<Finding>],
    [opened, changed, closed]: [usize; 3],
) -> Matching {
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let of = |is: fn(&Verdict) -> bool| {
        count(findings.iter().filter(|one| is(&one.judgement.verdict)).count())
    };
    Matching {
        number: 0,
        at: Timestamp(0),
        trigger: Trigger::Automatic,
        scope: "".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        bundle: bundle.sha256.as_str().into(),
        origin: bundle.origin.as_str().into(),
        documents: count(bundle.documents),
        assets: count(assets),
        verdicts: [
            of(|verdict| *verdict == Verdict::Affected),
            of(|verdict| matches!(verdict, Verdict::Unknown(_))),
            of(|verdict| *verdict == Verdict::Fixed),
            of(|verdict| *verdict == Verdict::NotAffected),
        ],
        opened: count(opened),
        changed: count(changed),
        closed: count(closed),
    }
}

/// How many were opened, changed, closed.
fn by_kind(told: &[VerdictChange]) -> [usize; 3] {
    [(false, true), (true, true), (true, false)]
        .map(|kind| told.iter().filter(|one| (one.was.is_some(), one.is.is_some()) == kind).count())
}

/// Verdicts that are other ones than those kept.
fn changes(
    before: &[KeptVerdict],
    findings: &[Arc<Finding>],
    assets: &[Arc<Asset>],
) -> Vec<VerdictChange> {
    let kept: BTreeMap<&str, &KeptVerdict> = before.iter().map(|one| (&*one.id, one)).collect();
    let names: BTreeMap<String, String> =
        assets.iter().map(|asset| (asset.id.to_string(), called(asset, None))).collect();
    let name = |asset: &str| names.get(asset).cloned().unwrap_or_default();
    let mut given = BTreeSet::new();
    let mut told = Vec::new();
    for finding in findings {
        let id = finding.id.to_string();
        let was = kept.get(&*id).map(|kept| kept_words(kept));
        let is = spoken(&finding.judgement);
        given.insert(id);
        if was.as_deref() == Some(&*is) {
            continue;
        }
        let asset_id = finding.asset.to_string();
        told.push(VerdictChange {
            schema: SCHEMA,
            name: name(&asset_id),
            asset_id,
            module: finding.module.as_ref().map(ToString::to_string),
            advisory: finding.judgement.advisory.to_string(),
            cve: finding.judgement.cve.to_string(),
            was,
            is: Some(is),
        });
    }
    for gone in before.iter().filter(|kept| !given.contains(&*kept.id)) {
        told.push(VerdictChange {
            schema: SCHEMA,
            asset_id: gone.asset.to_string(),
            name: name(&gone.asset),
            module: Some(gone.module.to_string()).filter(|module| !module.is_empty()),
            advisory: gone.advisory.to_string(),
            cve: gone.cve.to_string(),
            was: Some(kept_words(gone)),
            is: None,
        });
    }
    told
}

fn kept_words(kept: &KeptVerdict) -> String {
    let name = kept.verdict.replace('_', " ");
    match &kept.reason {
        Some(reason) => format!("{name}: {reason}"),
        None => name,
    }
}

/// The same as what a store can apply. Rows that say the same are left alone there.
fn to_apply(before: &[KeptVerdict], findings: &[Arc<Finding>]) -> Vec<Change> {
    let given: BTreeSet<String> = findings.iter().map(|one| one.id.to_string()).collect();
    let gone = before.iter().filter(|kept| !given.contains(&*kept.id));
    let gone = gone.filter_map(|kept| kept.id.parse().ok()).map(Change::FindingClosed);
    findings.iter().map(|one| Change::FindingChanged(Arc::clone(one))).chain(gone).collect()
}

fn row(run: &Matching) -> Row {
    let [affected, cannot_tell, fixed, not_affected] = run.verdicts;
    Row {
        schema: "nameplate.matching/1",
        number: Some(run.number).filter(|number| *number > 0),
        time: run.at.to_string(),
        trigger: run.trigger.name(),
        scope: run.scope.to_string(),
        version: run.version.to_string(),
        bundle: run.bundle.to_string(),
        origin: run.origin.to_string(),
        documents: run.documents,
        assets: run.assets,
        affected,
        cannot_tell,
        fixed,
        not_affected,
        opened: run.opened,
        changed: run.changed,
        closed: run.closed,
    }
}

/// The time of the clock on the wall.
fn now() -> Timestamp {
    let now = jiff::Timestamp::now().as_nanosecond();
    Timestamp(i64::try_from(now).unwrap_or(i64::MAX))
}

const SCHEMA: &str = "nameplate.verdict_change/1";
