//! All facts about one subject, in order of time.

use std::sync::Arc;

use crate::fingerprint::Signatures;
use crate::inventory::{EMPTY_SLOT, SILENT_SLOT};
use crate::ledger::working::{Outcome, Working};
use crate::model::limits::VALUES_PER_KEY_MAX;
use crate::model::{Counters, FrameRef, Ground, Key, Timestamp, Value, Values};

/// What is known about one subject.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Every fact, in order of its moment; facts of one frame stand together. A plain list, because there can be very
    /// many subjects with very few facts.
    history: Vec<Arc<Ground>>,
    /// How far it has been worked through.
    working: Working,
    /// True when a fact arrived that belongs before that.
    late: bool,
    /// True while nothing is known but that packets bear its address.
    pub(super) passer_by: bool,
}

/// When a fact arrived, and in which frame.
pub(super) type Arrival = (Timestamp, FrameRef);

/// Place of a fact among the others. Two equal ones are one fact told twice.
fn moment(ground: &Ground) -> (Timestamp, FrameRef, &'static str, &Value) {
    (ground.at, ground.frame, ground.key.name, &ground.value)
}

impl Record {
    /// Takes the facts of one frame, and tells what follows from them; nothing yet when they arrived late.
    pub(super) fn take(
        &mut self,
        grounds: Vec<Arc<Ground>>,
        signatures: &Signatures,
        counters: &mut Counters,
    ) -> Vec<Outcome> {
        let mut fresh = Vec::new();
        for ground in grounds {
            if ground.key.values == Values::Events && !self.is_first_of_its_minute(&ground) {
                continue;
            }
            let place = self.history.binary_search_by(|known| moment(known).cmp(&moment(&ground)));
            if let Err(place) = place {
                self.history.insert(place, Arc::clone(&ground));
                self.make_room(ground.key, counters);
                fresh.push(ground);
            }
        }
        let Some(at) = fresh.first().map(|ground| (ground.at, ground.frame)) else {
            return Vec::new();
        };
        if self.late || self.working.is_past(at) {
            self.late = true;
            return Vec::new();
        }
        self.working.step(at, fresh, signatures, counters)
    }

    /// True when what is known must be worked out again from the first fact on.
    pub(super) fn is_late(&self) -> bool {
        self.late
    }

    /// Every fact, in order of time.
    pub(super) fn history(&self) -> &[Arc<Ground>] {
        &self.history
    }

    /// Works through all facts in order of time.
    pub(super) fn replay(
        &mut self,
        signatures: &Signatures,
        counters: &mut Counters,
    ) -> Vec<Outcome> {
        self.late = false;
        let (working, outcomes) = Working::through(&self.history, signatures, counters);
        self.working = working;
        outcomes
    }

    /// An event is told once a minute, however its captures were cut: of those in one minute the first stays.
    fn is_first_of_its_minute(&mut self, event: &Ground) -> bool {
        let same = self.history.iter().position(|known| {
            known.key.name == event.key.name
                && known.value == event.value
                && known.at.minute() == event.at.minute()
        });
        match same {
            Some(at) if self.history.get(at).is_some_and(|known| moment(event) < moment(known)) => {
                self.history.remove(at);
                true
            }
            Some(_) => false,
            None => true,
        }
    }

    /// A name that flaps for years keeps its first value and the newest ones.
    fn make_room(&mut self, key: Key, counters: &mut Counters) {
        let same = |ground: &&Arc<Ground>| ground.key.name == key.name;
        if self.history.iter().filter(same).count() <= VALUES_PER_KEY_MAX {
            return;
        }
        counters.one("ledger.values_over_limit");
        let mut of_key = self.history.iter().enumerate().filter(|(_, ground)| same(ground));
        if let Some((second, _)) = of_key.nth(1) {
            self.history.remove(second);
        }
    }
}

/// What happened to a subject, in order of time.
pub(super) fn events(history: &[Arc<Ground>]) -> Vec<Arc<Ground>> {
    let events = history.iter().filter(|ground| ground.key.values == Values::Events);
    events.cloned().collect()
}

/// What was said of slots in which no module was found, in order of time.
pub(super) fn slots_without_module(history: &[Arc<Ground>]) -> Vec<Arc<Ground>> {
    let slots = history.iter().filter(|ground| matches!(ground.key.name, EMPTY_SLOT | SILENT_SLOT));
    slots.cloned().collect()
}
