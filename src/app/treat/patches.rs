//! Patches on their way into devices: how far each is, and the steps that people take.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::app::AppError;
use crate::app::scan::Scanned;
use crate::app::treat::deeds::{Voice, checked, enter, groups};
use crate::app::treat::{fill, now, restore, with};
use crate::export::display_name;
use crate::export::patches::PatchRow;
use crate::handling::transitions::{legal, way};
use crate::model::{AssetId, Finding, Measure, PatchState, Unit};
use crate::store::{Entered, Store};

/// Patches that findings are about: one row for each fix of a document in a part of a device.
pub(in crate::app) fn patches<'a>(
    known: &'a Scanned,
    findings: &'a [Arc<Finding>],
) -> Vec<PatchRow<'a>> {
    type Fix<'a> = (AssetId, Option<&'a Unit>, &'a str, &'a [String]);
    let mut rows: BTreeMap<Fix<'a>, PatchRow<'a>> = BTreeMap::new();
    let assets: BTreeMap<AssetId, _> =
        known.assets.iter().map(|asset| (asset.id, &**asset)).collect();
    for finding in findings {
        let (judgement, handling) = (&finding.judgement, &finding.handling);
        let (Some(asset), true) =
            (assets.get(&finding.asset), handling.patch.is_some() || handling.proposed.is_some())
        else {
            continue;
        };
        let of = (
            finding.asset,
            finding.module.as_ref(),
            &*judgement.advisory,
            judgement.fixed_in.as_slice(),
        );
        rows.entry(of).or_insert_with(|| PatchRow::new(asset)).add(finding);
    }
    rows.into_values().collect()
}

/// The entries that bring patches to a state, one for each step on the way. Refused when the state may not follow for one of
/// them: then nothing is written.
pub(in crate::app) fn set(
    known: &Scanned,
    findings: &[Arc<Finding>],
    to: PatchState,
) -> Result<Vec<Entered>, AppError> {
    let groups = groups(known, findings)?;
    let (mut entered, mut refused) = (Vec::new(), Vec::new());
    with(known, now(), |standing| {
        for group in &groups {
            let Some(finding) = group.findings.first() else { continue };
            // The supplier's track goes on whatever the owner does.
            let from = if to.is_the_suppliers() {
                standing.suppliers(group.asset, finding).map(|word| word.state)
            } else {
                finding.handling.patch.as_ref().map(|patch| patch.state)
            };
            if from == Some(to) {
                continue;
            }
            match way(from, to) {
                Some(way) => {
                    let mut before = from;
                    for step in way {
                        let measure = Measure::Moved { from: before, to: step, observed: false };
                        entered.push(group.entered(measure));
                        before = Some(step);
                    }
                }
                None => refused.push(refusal(group.asset, finding, from, to)),
            }
        }
    });
    if !refused.is_empty() {
        let more = refused.len().saturating_sub(REFUSALS_SHOWN_MAX);
        refused.truncate(REFUSALS_SHOWN_MAX);
        if more > 0 {
            refused.push(format!("  and {more} more"));
        }
        let hint = if to == PatchState::Installed {
            "; what the wire shows to be installed is confirmed with nameplate patches confirm"
        } else {
            ""
        };
        return Err(AppError::Usage(format!(
            "{to} may not follow here, nothing was written{hint}\n{}",
            refused.join("\n")
        )));
    }
    checked(entered)
}

/// The entries that confirm what the wire shows: the fix is in the device.
pub(in crate::app) fn confirm(
    known: &Scanned,
    findings: &[Arc<Finding>],
) -> Result<Vec<Entered>, AppError> {
    let proposed: Vec<Arc<Finding>> =
        findings.iter().filter(|finding| finding.handling.proposed.is_some()).cloned().collect();
    if proposed.is_empty() {
        return Err(AppError::NotFound(
            "nothing is proposed for these: no device that is meant was seen to have the fix, or it is confirmed already".to_owned(),
        ));
    }
    let entered = groups(known, &proposed)?.into_iter().filter_map(|group| {
        let handling = &group.findings.first()?.handling;
        let to = handling.proposed.as_ref()?.state;
        let from = handling.patch.as_ref().map(|patch| patch.state);
        Some(group.entered(Measure::Moved { from, to, observed: true }))
    });
    checked(entered.collect())
}

/// Confirms what the wire shows where a person said that this is to be done without one, and brings the scan up to date.
pub(in crate::app) fn confirm_observed(
    store: Option<&Path>,
    known: &mut Scanned,
) -> Result<(), AppError> {
    let (Some(dir), Some(order)) = (store, known.run.handbook.diary.automatic()) else {
        return Ok(());
    };
    let proposed: Vec<Arc<Finding>> = known
        .findings
        .iter()
        .filter(|finding| finding.handling.proposed.is_some())
        .cloned()
        .collect();
    if proposed.is_empty() {
        return Ok(());
    }
    let by = format!("nameplate, as {} said in entry {}", order.by, order.number);
    let entered = confirm(known, &proposed)?;
    let why = "seen on the wire";
    let mut store = Store::open(dir)?;
    enter(&mut store, known, &entered, Voice { by: &by, why, at: now() })?;
    restore(&mut store, &mut known.run.handbook)?;
    fill(known, now());
    Ok(())
}

fn refusal(
    asset: &crate::model::Asset,
    finding: &Finding,
    from: Option<PatchState>,
    to: PatchState,
) -> String {
    let part = finding.module.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
    let state = from.map_or("nothing was said of it", PatchState::name);
    format!(
        "  {}{part} {}: {state}; {to} may not follow, but {}",
        display_name(asset),
        finding.judgement.advisory,
        legal(from)
    )
}

const REFUSALS_SHOWN_MAX: usize = 10;
