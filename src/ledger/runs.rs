//! Which serial number a subject gave when: where it changes, another device answers.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::fingerprint::{Conclusion, Signatures};
use crate::ledger::record::Arrival;
use crate::ledger::working::{Working, frames};
use crate::model::limits::TENANTS_MAX;
use crate::model::placeholder::is_unset_serial;
use crate::model::time::NANOS_PER_SECOND;
use crate::model::{Counters, Ground, SignatureId};

/// Runs of facts between which the serial number changed.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// In order of time: the first frame of each run, the device, and the fact that gave its serial number.
    runs: Vec<Run>,
    /// Each with all serial numbers that it gave, by rule.
    devices: Vec<BTreeSet<Said>>,
    /// There were more devices than are told apart.
    over_limit: bool,
}

/// A serial number, and the rule that is certain of it: a device can have numbers of several kinds.
type Said = (SignatureId, Box<str>);

#[derive(Debug)]
struct Run {
    /// `None` for the first.
    since: Option<Arrival>,
    device: usize,
    proof: Option<Arc<Ground>>,
}

impl Runs {
    /// Finds them in facts that are in order of time.
    pub(super) fn find(history: &[Arc<Ground>], signatures: &Signatures) -> Self {
        let frames: Vec<(Arrival, &[Arc<Ground>])> = frames(history).collect();
        let mut runs = Self::default();
        let (mut start, mut since) = (0, None);
        loop {
            let rest = frames.get(start..).unwrap_or_default();
            let found = Found::first_run(rest, signatures);
            let device = runs.device(found.said);
            runs.runs.push(Run { since, device, proof: found.proof });
            let Some(length) = found.length else { return runs };
            start = start.saturating_add(length);
            since = frames.get(start).map(|(at, _)| *at);
        }
    }

    /// True when there were more devices than are told apart: what those beyond said stands with the last.
    pub(super) fn is_over_limit(&self) -> bool {
        self.over_limit
    }

    /// Which device it was at a moment.
    pub(super) fn device_at(&self, at: Arrival) -> usize {
        let began = self.runs.iter().rev().find(|run| run.since.is_none_or(|since| since <= at));
        began.map_or(0, |run| run.device)
    }

    /// The device of the last run.
    pub(super) fn last_device(&self) -> usize {
        self.runs.last().map_or(0, |run| run.device)
    }

    /// Where one device followed another: both, and the facts that gave their serial numbers.
    pub(super) fn handovers(
        &self,
    ) -> impl Iterator<Item = (usize, usize, &Arc<Ground>, &Arc<Ground>)> {
        let pairs = self.runs.iter().zip(self.runs.iter().skip(1));
        pairs.filter_map(|(from, to)| {
            let (before, ground) = from.proof.as_ref().zip(to.proof.as_ref())?;
            (from.device != to.device).then_some((from.device, to.device, before, ground))
        })
    }

    /// The number of the device that gave one of these serial numbers before, or of a new one.
    fn device(&mut self, said: BTreeSet<Said>) -> usize {
        let known = self.devices.iter().position(|device| !device.is_disjoint(&said));
        // More devices than any place sees in its life are a flood of lies: the last takes them all.
        let is_full = self.devices.len() >= TENANTS_MAX;
        self.over_limit |= known.is_none() && is_full;
        match known.or(is_full.then(|| self.devices.len().saturating_sub(1))) {
            Some(at) => {
                if let Some(device) = self.devices.get_mut(at).filter(|_| known.is_some()) {
                    device.extend(said);
                }
                at
            }
            None => {
                self.devices.push(said);
                self.devices.len().saturating_sub(1)
            }
        }
    }
}

/// The first run of some frames.
struct Found {
    /// How many frames it has, when another follows.
    length: Option<usize>,
    said: BTreeSet<Said>,
    proof: Option<Arc<Ground>>,
}

impl Found {
    fn first_run(frames: &[(Arrival, &[Arc<Ground>])], signatures: &Signatures) -> Self {
        let mut working = Working::default();
        let mut found = Self { length: None, said: BTreeSet::new(), proof: None };
        // What is over a limit is counted where the claims are made.
        let mut uncounted = Counters::default();
        let mut settled = 0;
        for (place, (at, together)) in frames.iter().enumerate() {
            working.step(*at, together.to_vec(), signatures, &mut uncounted);
            let telling = working.serials().filter(|serial| !is_unset_serial(&serial.value));
            for Conclusion { value, by, from, .. } in telling {
                let said = (Arc::clone(by), value.clone());
                if found.said.contains(&said) {
                    continue;
                }
                if found.said.iter().any(|(rule, _)| rule == by) {
                    found.length = Some(burst_start(frames, settled, place));
                    return found;
                }
                settled = place;
                let latest = from.iter().max_by_key(|ground| (ground.at, ground.frame));
                found.proof = found.proof.or_else(|| latest.cloned());
                found.said.insert(said);
            }
        }
        found
    }
}

/// Where the facts begin that belong to the serial number in `frames[place]`: a device is read in one go, often in
/// several frames, of which the one with the number need not be the first. Frames up to `settled` belong to the device before.
fn burst_start(frames: &[(Arrival, &[Arc<Ground>])], settled: usize, place: usize) -> usize {
    let at = |place: usize| frames.get(place).map(|((at, _), _)| *at).unwrap_or_default();
    let mut start = place;
    while let Some(before) = start.checked_sub(1).filter(|before| *before > settled) {
        if at(start).0.abs_diff(at(before).0) > BURST_NANOS {
            break;
        }
        start = before;
    }
    start
}

/// Nobody changes a device in the field in less than a minute.
const BURST_NANOS: u64 = 60 * NANOS_PER_SECOND.unsigned_abs();
