//! Decisions, in the words in which the store keeps them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::AppError;
use crate::app::decide::first;
use crate::app::scan::Scanned;
use crate::handling::then;
use crate::model::limits::HANDLINGS_PER_COMMAND_MAX;
use crate::model::{
    Addr, Anchor, Asset, Choice, Diary, Finding, Matter, Measure, Substance, Then, Timestamp, Unit,
};
use crate::store::{Entered, Store};

/// Whose word it is, and when: the time of the clock on the wall.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) struct Voice<'a> {
    pub(in crate::app) by: &'a str,
    pub(in crate::app) why: &'a str,
    pub(in crate::app) at: Timestamp,
}

/// Decides about findings: one line for all vulnerabilities of one document in one part of a device that stand alike.
pub(in crate::app) fn decide(
    known: &Scanned,
    findings: &[Arc<Finding>],
    choice: Choice,
    due: Option<Timestamp>,
    expires: Option<Timestamp>,
) -> Result<Vec<Entered>, AppError> {
    let measure = || Measure::Decided { choice, due, expires };
    let groups = groups(known, findings)?;
    checked(groups.into_iter().map(|group| group.entered(measure())).collect())
}

/// From now on, patches that are seen to be installed count without a person, or no longer do.
pub(in crate::app) fn automatic(diary: &Diary, is_on: bool) -> Vec<Entered> {
    if diary.automatic().is_some() == is_on {
        return Vec::new();
    }
    vec![Entered { measure: Measure::Automatic(is_on), matter: None, then: Then::default() }]
}

/// What was done under these numbers no longer counts.
pub(in crate::app) fn undo(diary: &Diary, numbers: &[u64]) -> Result<Vec<Entered>, AppError> {
    let undone = diary.undone();
    let mut taken_back: Vec<u64> = Vec::new();
    for number in numbers {
        if diary.record(*number).is_none() {
            return Err(AppError::NotFound(format!(
                "there is no entry {number}: nameplate findings history lists them"
            )));
        }
        if let Some(by) = undone.get(number) {
            return Err(AppError::NotFound(format!(
                "entry {number} is undone already, by entry {by}: undo that to bring it back"
            )));
        }
        if !taken_back.contains(number) {
            taken_back.push(*number);
        }
    }
    let entered =
        |number| Entered { measure: Measure::Undid(number), matter: None, then: Then::default() };
    checked(taken_back.into_iter().map(entered).collect())
}

/// Writes it down, and tells the numbers that it got.
pub(in crate::app) fn enter(
    store: &mut Store,
    known: &Scanned,
    entered: &[Entered],
    voice: Voice<'_>,
) -> Result<Vec<u64>, AppError> {
    Ok(store.handle(&known.run.sites, entered, voice.by, voice.why, voice.at)?)
}

/// Findings of one document in one part of a device that stand alike.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) asset: &'a Asset,
    pub(super) findings: Vec<Arc<Finding>>,
    pub(super) then: Then,
    matter: Matter,
}

impl Group<'_> {
    /// What is written down of it.
    pub(super) fn entered(&self, measure: Measure) -> Entered {
        Entered { measure, matter: Some(self.matter.clone()), then: self.then.clone() }
    }
}

/// Groups findings, in order.
pub(super) fn groups<'a>(
    known: &'a Scanned,
    findings: &[Arc<Finding>],
) -> Result<Vec<Group<'a>>, AppError> {
    type Alike = (usize, Option<Unit>, Box<str>, Substance, Box<str>, Vec<Box<str>>);
    let mut groups: BTreeMap<Alike, Group<'a>> = BTreeMap::new();
    for finding in findings {
        let Ok(at) = known.assets.binary_search_by_key(&finding.asset, |asset| asset.id) else {
            continue;
        };
        let Some(asset) = known.assets.get(at) else { continue };
        let then = then(asset, finding, &known.run);
        let (unit, advisory) = (finding.module.clone(), finding.judgement.advisory.clone());
        let alike = (
            at,
            unit.clone(),
            advisory.clone(),
            then.substance,
            then.verdict.clone(),
            then.fixed_in.clone(),
        );
        if let Some(group) = groups.get_mut(&alike) {
            group.findings.push(Arc::clone(finding));
            group.matter.cves.push(finding.judgement.cve.clone());
            continue;
        }
        let Some(anchor) = sighting(known, asset) else {
            return Err(AppError::NotFound(format!(
                "{} has no address that a decision could hold on to",
                crate::export::display_name(asset)
            )));
        };
        let cves = vec![finding.judgement.cve.clone()];
        let matter = Matter { anchor, unit, advisory, cves };
        groups.insert(alike, Group { asset, findings: vec![Arc::clone(finding)], then, matter });
    }
    Ok(groups.into_values().collect())
}

/// A sighting to hold on to: at an IP address, where there is one, because people know devices by theirs.
fn sighting(known: &Scanned, asset: &Asset) -> Option<Anchor> {
    let bindings = asset.bindings.iter();
    let at_ip = bindings.filter(|binding| matches!(binding.node.addr, Addr::Ip(_)));
    let earliest = at_ip.min_by_key(|binding| (binding.first, binding.node));
    let anchor = earliest.map(|binding| Anchor { node: binding.node, at: binding.first });
    anchor.or_else(|| first(known, asset))
}

/// Refuses more than a command may write at once.
pub(super) fn checked(entered: Vec<Entered>) -> Result<Vec<Entered>, AppError> {
    if entered.len() > HANDLINGS_PER_COMMAND_MAX {
        return Err(AppError::NotFound(format!(
            "this takes {} entries, more than {HANDLINGS_PER_COMMAND_MAX}: do it in steps",
            entered.len()
        )));
    }
    Ok(entered)
}
