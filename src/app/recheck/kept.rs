//! What a sensor heard stands in no file: of it the store keeps the frames that prove facts, and these are read again.
//!
//! They are not all that was on the wire. So the engine goes over those that are there, first all together, as they came, then for what is still open the
//! frames of each message alone. What nothing says again after that is no contradiction: its bytes are compared, and it is told that no more was done.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use super::{Absent, Fact, Found, Outcome, Pass, is_said_once, plain};
use crate::app::knowledge::hex;
use crate::engine::{Engine, Options};
use crate::model::limits::{KEPT_FRAMES_AT_ONCE, KEPT_FRAMES_BEHIND};
use crate::model::{Frame, FrameRef};
use crate::store::{KeptFrame, Store, StoreError};

impl Pass<'_> {
    /// True for what a sensor heard.
    pub(super) fn is_heard(&self, number: u32) -> bool {
        let capture = usize::try_from(number).ok().and_then(|at| self.run.captures.get(at));
        capture.is_some_and(|known| known.session.is_some())
    }

    /// Reads the frames again that are kept in the store of that directory.
    pub(super) fn read_kept(&mut self, dir: &Path) {
        let cited: BTreeSet<FrameRef> = self.cited();
        if cited.is_empty() {
            return;
        }
        let Ok(mut store) = Store::read(dir) else { return };
        let done = self
            .read_together(&mut store, &cited)
            .and_then(|()| self.read_alone(&mut store))
            .and_then(|()| self.miss(&mut store, &cited));
        // What could not be read is told of each fact that needs it.
        if done.is_ok() {
            let captures: BTreeSet<u32> = cited.iter().map(|frame| frame.capture).collect();
            self.read.extend(captures.into_iter().map(|capture| (capture, true)));
        }
    }

    /// What came of a fact that a sensor heard.
    pub(super) fn outcome_of_kept(&self, fact: &Fact, found: &Found) -> Outcome {
        let Fact { key, value, excerpt, .. } = fact;
        let reads_as = || plain::reads_as(value, excerpt);
        let Some(look) = self.looks.get(&fact.spot()) else {
            let gone = self.gone.get(&excerpt.frame).cloned();
            return Outcome::KeptBytes(gone.unwrap_or(Absent::NotKept(None)), reads_as());
        };
        let there = look.cited.get(..excerpt.bytes.len()).unwrap_or(&look.cited);
        let same = there.iter().zip(&excerpt.bytes).take_while(|(a, b)| a == b).count();
        let is_cut = self
            .kept
            .get(&excerpt.frame)
            .is_some_and(|(kept, whole)| usize::try_from(*whole).is_ok_and(|whole| *kept < whole));
        if there.is_empty() && is_cut && !excerpt.bytes.is_empty() {
            return Outcome::KeptBytes(Absent::Part, reads_as());
        }
        let is_whole = same == excerpt.bytes.len();
        // The rest of a value stands in later frames of its message, or in what was not kept of this one.
        let ends_here = same == there.len() && (is_cut || same >= look.payload_ahead);
        let is_as_kept = is_whole || (same > 0 && (found.again || ends_here));
        if !is_as_kept {
            let (there, kept) = (hex(there), hex(&excerpt.bytes));
            return Outcome::Differs(format!("the frame holds {there} there, kept were {kept}"));
        }
        match found {
            Found { again: true, .. } => Outcome::DecodedAgain,
            Found { otherwise: Some(other), .. } => {
                Outcome::Differs(format!("the bytes are as kept, and decode to {other} now"))
            }
            Found { .. } if is_said_once(*key) => Outcome::SameBytes(reads_as()),
            Found { .. } => Outcome::SameFrame(reads_as()),
        }
    }

    /// Frames of sensors that something is asked of.
    fn cited(&self) -> BTreeSet<FrameRef> {
        let of_facts = self.facts.iter().flat_map(|fact| [fact.frame, fact.excerpt.frame]);
        let frames = of_facts.chain(self.spots.iter().map(|spot| spot.frame));
        frames.filter(|frame| self.is_heard(frame.capture)).collect()
    }

    /// All frames at and before those that are cited, of interfaces that were listened on at the same time in order of time.
    fn read_together(
        &mut self,
        store: &mut Store,
        cited: &BTreeSet<FrameRef>,
    ) -> Result<(), StoreError> {
        let mut sensors: BTreeMap<i64, Vec<Cursor>> = BTreeMap::new();
        for (capture, ranges) in ranges(cited) {
            let known = usize::try_from(capture).ok().and_then(|at| self.run.captures.get(at));
            let session = known.and_then(|known| known.session.as_ref());
            let started = session.map_or(0, |session| session.started.0);
            let cursor = Cursor { capture, ranges, page: VecDeque::new() };
            sensors.entry(started).or_default().push(cursor);
        }
        for mut cursors in sensors.into_values() {
            let mut engine = engine();
            loop {
                for cursor in &mut cursors {
                    cursor.fill(store)?;
                }
                let next = cursors.iter_mut().filter(|cursor| !cursor.page.is_empty());
                let next = next.min_by_key(|cursor| cursor.page.front().map(|kept| kept.at));
                let Some(kept) = next.and_then(|cursor| cursor.page.pop_front()) else { break };
                self.take(&mut engine, &kept);
            }
            self.hear_last(&mut engine);
        }
        Ok(())
    }

    /// The frames of each message that was not said again, without those before them.
    fn read_alone(&mut self, store: &mut Store) -> Result<(), StoreError> {
        let open = self.facts.iter().zip(&self.found).filter(|(fact, found)| {
            let is_message = fact.excerpt.frame.capture == fact.frame.capture;
            !found.again && is_message && !is_said_once(fact.key)
        });
        let open = open.filter(|(fact, _)| self.is_heard(fact.frame.capture));
        let messages: BTreeSet<(u32, u64, u64)> = open
            .map(|(fact, _)| (fact.frame.capture, fact.excerpt.frame.number, fact.frame.number))
            .collect();
        for (capture, first, last) in messages {
            let mut engine = engine();
            for kept in store.frames_of(capture, (first, last), KEPT_FRAMES_AT_ONCE)? {
                self.take(&mut engine, &kept);
            }
            self.hear_last(&mut engine);
        }
        Ok(())
    }

    /// Finds out what became of the frames that are not there.
    fn miss(&mut self, store: &mut Store, cited: &BTreeSet<FrameRef>) -> Result<(), StoreError> {
        for frame in cited.iter().filter(|frame| !self.kept.contains_key(frame)) {
            let gone = Absent::NotKept(store.let_go(*frame)?);
            self.gone.insert(*frame, gone);
        }
        Ok(())
    }

    fn take(&mut self, engine: &mut Engine, kept: &KeptFrame) {
        let KeptFrame { frame, at, link, wire_len, bytes } = kept;
        // Of a frame of which nothing was to be kept there is nothing to read.
        if bytes.is_empty() {
            return;
        }
        self.kept.insert(*frame, (bytes.len(), *wire_len));
        let read = Frame { at: *at, frame: *frame, link: *link, wire_len: *wire_len, bytes };
        engine.frame(&read);
        self.look(&read, &[frame.capture]);
        self.hear_all(engine);
    }

    fn hear_last(&mut self, engine: &mut Engine) {
        engine.finish();
        self.hear_all(engine);
    }

    fn hear_all(&mut self, engine: &mut Engine) {
        let told: Vec<_> = engine.drain().collect();
        for observation in told {
            let (end, start) = (observation.frame.capture, observation.excerpt.frame.capture);
            self.hear_as(&observation, &[end], &[start]);
        }
    }
}

/// Frames of one interface, as they are read out of the store.
struct Cursor {
    capture: u32,
    /// Numbers from one to another that are still to be read.
    ranges: VecDeque<(u64, u64)>,
    page: VecDeque<KeptFrame>,
}

impl Cursor {
    /// Reads on, unless something read still waits.
    fn fill(&mut self, store: &mut Store) -> Result<(), StoreError> {
        while self.page.is_empty() {
            let Some((from, to)) = self.ranges.pop_front() else { return Ok(()) };
            self.page = store.frames_of(self.capture, (from, to), KEPT_FRAMES_AT_ONCE)?.into();
            if let Some(last) = self.page.back().filter(|last| last.frame.number < to) {
                self.ranges.push_front((last.frame.number.saturating_add(1), to));
            }
        }
        Ok(())
    }
}

/// Numbers of frames to be read of each capture: those cited, and some before each, because conversations begin before what is cited of them.
fn ranges(cited: &BTreeSet<FrameRef>) -> BTreeMap<u32, VecDeque<(u64, u64)>> {
    let mut ranges: BTreeMap<u32, VecDeque<(u64, u64)>> = BTreeMap::new();
    for frame in cited {
        let (from, to) = (frame.number.saturating_sub(KEPT_FRAMES_BEHIND), frame.number);
        let own = ranges.entry(frame.capture).or_default();
        match own.back_mut() {
            Some((_, end)) if from <= end.saturating_add(1) => *end = to,
            _ => own.push_back((from, to)),
        }
    }
    ranges
}

fn engine() -> Engine {
    Engine::new(Options { repeats: true, ..Options::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_close_together_is_read_in_one_go() {
        let frame = |capture, number| FrameRef { capture, number };
        let far = KEPT_FRAMES_BEHIND.saturating_mul(3);
        let cited = [frame(1, 5), frame(1, 9), frame(1, far), frame(2, 3)].into();
        let found = ranges(&cited);
        let first = (0, 9);
        assert_eq!(found[&1], [first, (far.saturating_sub(KEPT_FRAMES_BEHIND), far)]);
        assert_eq!(found[&2], [(0, 3)]);
    }
}
