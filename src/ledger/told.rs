//! Facts as they were said, for findings that rest on one fact alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ledger::Ledger;
use crate::model::{Asset, Ground, Observation, Subject, Values};

impl Ledger {
    /// True when a fact says again what its subject said last, from the same MAC address: nothing is learned from it but that this still holds. So a
    /// sensor that starts again, and is told everything again, keeps nothing twice.
    pub fn stands(&self, fact: &Observation) -> bool {
        let Some(record) = self.records.get(&fact.subject) else { return false };
        let mut said = record.history().iter().rev().filter(|ground| {
            ground.key.name == fact.key.name && ground.mac == fact.mac && ground.at <= fact.at
        });
        match fact.key.values {
            Values::One => said.next().is_some_and(|last| last.value == fact.value),
            Values::Several => said.any(|known| known.value == fact.value),
            Values::Events => false,
        }
    }

    /// The facts with these keys that were said of a device itself, at its addresses while it had them, in order of time.
    pub fn told(&self, asset: &Asset, keys: &BTreeSet<&str>) -> Vec<(Subject, Arc<Ground>)> {
        let mut told = Vec::new();
        for binding in &asset.bindings {
            let subject = Subject::node(binding.node);
            let Some(record) = self.records.get(&subject) else { continue };
            for ground in record.history().iter().filter(|ground| keys.contains(ground.key.name)) {
                if (binding.first..=binding.last).contains(&ground.at) {
                    told.push((subject.clone(), Arc::clone(ground)));
                }
            }
        }
        told.sort_by(|(one, a), (other, b)| {
            (a.at, a.frame, a.key, &a.value, one).cmp(&(b.at, b.frame, b.key, &b.value, other))
        });
        // Two bindings of one node may both hold the time of a fact.
        told.dedup();
        told
    }
}
