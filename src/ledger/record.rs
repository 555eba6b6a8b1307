//! All facts about one subject, in order of time, and what follows from them.

use std::sync::Arc;

use crate::fingerprint::{Conclusion, Known, Signatures, Taken};
use crate::inventory::{EMPTY_SLOT, SILENT_SLOT};
use crate::model::limits::VALUES_PER_KEY_MAX;
use crate::model::{
    Claim, Counters, Field, FrameRef, Ground, Key, SignatureId, Subject, Timestamp, Value, Values,
};

/// What is known about one subject.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Every fact, in order of its moment; facts of one frame stand together. A plain list, because there can be very
    /// many subjects with very few facts.
    history: Vec<Arc<Ground>>,
    /// The facts as of `until`.
    known: Known,
    /// What the rules conclude from `known`.
    standing: Vec<Conclusion>,
    /// Up to where `history` has been worked through.
    until: Option<Arrival>,
    /// True when a fact arrived that belongs before `until`.
    late: bool,
    /// True while nothing is known but that packets bear its address.
    pub(super) passer_by: bool,
}

/// When a fact arrived, and in which frame.
type Arrival = (Timestamp, FrameRef);

/// Place of a fact among the others. Two equal ones are one fact told twice.
fn moment(ground: &Ground) -> (Timestamp, FrameRef, &'static str, &Value) {
    (ground.at, ground.frame, ground.key.name, &ground.value)
}

/// What the rules changed their mind about.
pub(super) enum Outcome {
    /// A claim, made or made again.
    Claimed(Draft),
    /// A claim that another fact of the same time speaks against: an exception of its rule.
    Withdrawn { field: Field, value: Box<str>, by: SignatureId },
}

/// A claim without its subject.
pub(super) struct Draft {
    conclusion: Conclusion,
    at: Timestamp,
}

impl Draft {
    /// The claim about a subject.
    pub(super) fn about(self, subject: &Subject) -> Claim {
        let Conclusion { field, value, certainty, by, from } = self.conclusion;
        let first = from.iter().map(|ground| ground.at).max().unwrap_or(self.at);
        let last = self.at.max(first);
        Claim { subject: subject.clone(), field, value, certainty, by, from, first, last }
    }
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
        if self.late || self.until.is_some_and(|until| at <= until) {
            self.late = true;
            return Vec::new();
        }
        self.step(at, fresh, signatures, counters)
    }

    /// True when what is known must be worked out again from the first fact on.
    pub(super) fn is_late(&self) -> bool {
        self.late
    }

    /// What happened to the subject, in order of time.
    pub(super) fn events(&self) -> impl Iterator<Item = &Arc<Ground>> {
        self.history.iter().filter(|ground| ground.key.values == Values::Events)
    }

    /// What was said of slots in which no module was found, in order of time.
    pub(super) fn slots_without_module(&self) -> impl Iterator<Item = &Arc<Ground>> {
        self.history.iter().filter(|ground| matches!(ground.key.name, EMPTY_SLOT | SILENT_SLOT))
    }

    /// Works through all facts in order of time.
    pub(super) fn replay(
        &mut self,
        signatures: &Signatures,
        counters: &mut Counters,
    ) -> Vec<Outcome> {
        let (known, standing) = (Known::new(), Vec::new());
        (self.known, self.standing, self.until, self.late) = (known, standing, None, false);
        let mut frames: Vec<(Arrival, Vec<Arc<Ground>>)> = Vec::new();
        for ground in &self.history {
            let arrival = (ground.at, ground.frame);
            match frames.last_mut() {
                Some((same, together)) if *same == arrival => together.push(Arc::clone(ground)),
                _ => frames.push((arrival, vec![Arc::clone(ground)])),
            }
        }
        let steps = frames.into_iter();
        steps.flat_map(|(at, together)| self.step(at, together, signatures, counters)).collect()
    }

    fn step(
        &mut self,
        at: Arrival,
        grounds: Vec<Arc<Ground>>,
        signatures: &Signatures,
        counters: &mut Counters,
    ) -> Vec<Outcome> {
        self.until = Some(at);
        let mut touched = Vec::new();
        for ground in grounds {
            let key = ground.key;
            match self.known.take(ground) {
                Taken::Changed => touched.push(key),
                Taken::Same => {}
                Taken::Full => counters.one("ledger.values_over_limit"),
            }
        }
        if touched.is_empty() {
            return Vec::new();
        }
        let asked: Vec<&SignatureId> = signatures.asked(&touched).collect();
        let conclusions = signatures.claims(&self.known, &touched);
        let (before, kept) = std::mem::take(&mut self.standing)
            .into_iter()
            .partition::<Vec<_>, _>(|conclusion| asked.contains(&&conclusion.by));
        self.standing = kept;
        let mut outcomes: Vec<Outcome> = before
            .into_iter()
            .filter(|old| !conclusions.iter().any(|new| same_words(new, old)))
            .filter(|old| self.still_said(&old.from))
            .map(|Conclusion { field, value, by, .. }| Outcome::Withdrawn { field, value, by })
            .collect();
        self.standing.extend(conclusions.iter().cloned());
        let claimed = conclusions.into_iter();
        outcomes.extend(claimed.map(|conclusion| Outcome::Claimed(Draft { conclusion, at: at.0 })));
        outcomes
    }

    /// True when none of these facts has been replaced by another value: what was concluded from them is then not
    /// history but mistaken.
    fn still_said(&self, grounds: &[Arc<Ground>]) -> bool {
        grounds.iter().all(|ground| {
            self.known.grounds(ground.key.name).iter().any(|known| known.value == ground.value)
        })
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

fn same_words(a: &Conclusion, b: &Conclusion) -> bool {
    a.field == b.field && a.value == b.value && a.by == b.by
}
