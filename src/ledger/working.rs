//! What follows from facts, worked out frame by frame.

use std::sync::Arc;

use crate::fingerprint::{Conclusion, Known, Signatures, Taken};
use crate::ledger::record::Arrival;
use crate::model::{
    Certainty, Claim, Counters, Event, Field, Ground, Happening, SignatureId, Subject, Timestamp,
    Unit,
};

/// What the rules conclude from the facts taken so far.
#[derive(Debug, Default)]
pub(super) struct Working {
    known: Known,
    standing: Vec<Conclusion>,
    /// The frame worked through last.
    until: Option<Arrival>,
}

/// What the rules changed their mind about.
pub(super) enum Outcome {
    /// A claim, made or made again.
    Claimed(Draft),
    /// A claim that another fact of the same time speaks against: an exception of its rule.
    Withdrawn { field: Field, value: Box<str>, by: SignatureId },
    /// Something is different from before.
    Changed { field: Field, from: Box<str>, to: Box<str>, ground: Arc<Ground>, before: Arc<Ground> },
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

impl Outcome {
    /// The event that a change is.
    pub(super) fn event(self, unit: Option<&Unit>) -> Option<Event> {
        let Self::Changed { field, from, to, ground, before } = self else { return None };
        let what = Happening::Changed { field, from, to };
        Some(Event { module: unit.cloned(), what, ground, before: Some(before) })
    }
}

impl Working {
    /// Works through facts that are in order of time.
    pub(super) fn through(
        history: &[Arc<Ground>],
        signatures: &Signatures,
        counters: &mut Counters,
    ) -> (Self, Vec<Outcome>) {
        let mut working = Self::default();
        let mut outcomes = Vec::new();
        for (at, together) in frames(history) {
            outcomes.extend(working.step(at, together.to_vec(), signatures, counters));
        }
        (working, outcomes)
    }

    /// True when facts of this moment belong before what was worked through.
    pub(super) fn is_past(&self, at: Arrival) -> bool {
        self.until.is_some_and(|until| at <= until)
    }

    /// The serial numbers that rules are certain of, with the facts they rest on.
    pub(super) fn serials(&self) -> impl Iterator<Item = &Conclusion> {
        let serials = self.standing.iter().filter(|conclusion| conclusion.field == Field::Serial);
        serials.filter(|conclusion| conclusion.certainty == Certainty::Certain)
    }

    /// Takes the facts of one frame.
    pub(super) fn step(
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
        let gone: Vec<Conclusion> = before
            .into_iter()
            .filter(|old| !conclusions.iter().any(|new| same_words(new, old)))
            .collect();
        let mut outcomes = Vec::new();
        for old in gone {
            if self.still_said(&old.from) {
                let Conclusion { field, value, by, .. } = old;
                outcomes.push(Outcome::Withdrawn { field, value, by });
            } else {
                outcomes.extend(changed(&old, &conclusions));
            }
        }
        // There are very many of these lists, and nearly all have come to their last length: room to grow would be most of them.
        self.standing.reserve_exact(conclusions.len());
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
}

/// The facts of each frame, in order of time.
pub(super) fn frames(history: &[Arc<Ground>]) -> impl Iterator<Item = (Arrival, &[Arc<Ground>])> {
    let together = history.chunk_by(|a, b| (a.at, a.frame) == (b.at, b.frame));
    together.filter_map(|frame| frame.first().map(|first| ((first.at, first.frame), frame)))
}

/// What is different now that a rule concludes something else from another value of the same fact.
fn changed(old: &Conclusion, conclusions: &[Conclusion]) -> Option<Outcome> {
    if !TOLD_FIELDS.contains(&old.field) || old.certainty < Certainty::Likely {
        return None;
    }
    let new = conclusions.iter().find(|new| new.by == old.by && new.field == old.field)?;
    let (before, ground) = old.from.iter().find_map(|before| {
        let same_key = |ground: &&Arc<Ground>| ground.key.name == before.key.name;
        let ground = new.from.iter().find(same_key)?;
        (ground.value != before.value).then(|| (Arc::clone(before), Arc::clone(ground)))
    })?;
    let (from, to) = (old.value.clone(), new.value.clone());
    Some(Outcome::Changed { field: old.field, from, to, ground, before })
}

fn same_words(a: &Conclusion, b: &Conclusion) -> bool {
    a.field == b.field && a.value == b.value && a.by == b.by
}

/// What is worth telling when it changes. Names flap on healthy networks.
const TOLD_FIELDS: &[Field] = &[
    Field::Model,
    Field::OrderNumber,
    Field::Series,
    Field::Firmware,
    Field::Hardware,
    Field::Os,
    Field::OsBuild,
    Field::Mode,
];
