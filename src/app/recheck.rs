//! Evidence is checked: captures are read again, the cited bytes are taken out of their frames and compared with those
//! that were kept, and the values are decoded anew by the same engine that a scan drives.
//!
//! Where a capture is not at hand, or is another one by now, only the bytes that were kept with a fact are left: a value
//! that is a plain reading of them is read from them again, and it is told that no more was done.

mod kept;
mod look;
mod plain;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::app::knowledge::hex;
use crate::app::sites::{Engines, Placed, Placing};
use crate::capture::{Capture, Completeness, Replay, ReplayOptions};
use crate::engine;
use crate::model::{
    Excerpt, Frame, FrameRef, Key, Observation, Run, Scope, Subject, Timestamp, Value,
};
use crate::store::LetGo;

pub(super) use look::{Look, Spot, dump};

/// A fact that is to be checked.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Fact {
    /// The frame that completed it.
    pub(super) frame: FrameRef,
    /// What is said.
    pub(super) key: Key,
    /// The value as said.
    pub(super) value: Value,
    /// The bytes that prove it.
    pub(super) excerpt: Excerpt,
    /// When it was on the wire.
    pub(super) at: Timestamp,
    /// Whom it is about, where that is known beside it.
    pub(super) subject: Option<Subject>,
}

impl Fact {
    /// Where its bytes stand.
    pub(super) fn spot(&self) -> Spot {
        let Excerpt { frame, offset, length, .. } = self.excerpt;
        Spot { frame, offset, length }
    }
}

impl From<&Observation> for Fact {
    fn from(observation: &Observation) -> Self {
        let Observation { at, frame, subject, key, value, excerpt, .. } = observation.clone();
        Self { frame, key, value, excerpt, at, subject: Some(subject) }
    }
}

/// Where the captures are that facts come from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// They were scanned just now: all of them together, in the same way.
    Scan {
        /// Files, directories, `-`.
        inputs: Vec<PathBuf>,
        /// BPF filter.
        filter: Option<String>,
        /// Stop after this many frames.
        frames_max: Option<u64>,
        /// Which site they are of.
        placings: Vec<Placing>,
    },
    /// They were scanned for the store in this directory, perhaps together, perhaps one after the other, and are where they were then; or a sensor heard
    /// them, and what it kept of them is in the store.
    Store(PathBuf),
}

/// What came of checking a fact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// The bytes are as kept, and the value was decoded from the capture again.
    DecodedAgain,
    /// The bytes are as kept. What the engine says of a host once is not said again; the value may read from the bytes.
    SameBytes(Option<&'static str>),
    /// The bytes are as in the frame that a sensor kept. Frames before it, which say what they mean, were not kept; the value may read from the bytes.
    SameFrame(Option<&'static str>),
    /// The capture could not be read; the value may read from the bytes that were kept.
    KeptBytes(Absent, Option<&'static str>),
    /// The capture does not hold what was kept, or does not say it.
    Differs(String),
}

/// Why a capture cannot be read again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Absent {
    /// It came from standard input.
    StandardInput,
    /// There is no such file.
    NotHere,
    /// There is a file of that name, with another hash.
    Changed,
    /// There is something of that name that cannot be read as a capture.
    Unreadable,
    /// It is a list of devices that somebody imported.
    List,
    /// A sensor heard it, and its frame is not in the store; with what became of it, as far as that is known.
    NotKept(Option<LetGo>),
    /// Of its frame only the beginning is.
    Part,
}

impl Absent {
    /// The reason, as the end of a sentence about the capture.
    pub(super) fn words(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::StandardInput => "the capture came from standard input",
            Self::NotHere => "the capture is not here",
            Self::Changed => "the capture has changed since",
            Self::Unreadable => "the capture cannot be read",
            Self::List => "it is a list that was imported, not a capture",
            Self::NotKept(None) => "the store holds no frame of that number",
            Self::NotKept(Some(let_go)) => return Cow::Owned(let_go.to_string()),
            Self::Part => "the store keeps the beginning of the frame only",
        })
    }
}

/// What came of checking facts.
#[derive(Debug, Default)]
pub(super) struct Checks {
    /// For each fact, in the order in which they were given.
    pub(super) outcomes: Vec<Outcome>,
    /// What stands at and around the bytes asked for, of captures that can be read.
    pub(super) looks: BTreeMap<Spot, Look>,
    /// Why captures could not be read, by number.
    pub(super) absent: BTreeMap<u32, Absent>,
    /// Frames that a sensor kept: how many bytes of them, and how many they had.
    pub(super) kept: BTreeMap<FrameRef, (usize, u32)>,
    /// Frames that it did not, or that were let go.
    pub(super) gone: BTreeMap<FrameRef, Absent>,
}

impl Checks {
    /// How many facts are not what their captures say.
    pub(super) fn differing(&self) -> usize {
        let differs = |outcome: &&Outcome| matches!(outcome, Outcome::Differs(_));
        self.outcomes.iter().filter(differs).count()
    }
}

/// Checks facts of a run, and looks at more spots. Each capture is read once where that is enough, and not beyond the
/// frame that settles the last fact.
pub(super) fn recheck(origin: &Origin, run: &Run, facts: &[Fact], spots: &[Spot]) -> Checks {
    let mut pass = Pass::new(run, facts, spots);
    match origin {
        Origin::Scan { inputs, filter, frames_max, placings } => {
            let is_file = |input: &&PathBuf| input.as_os_str() != STANDARD_INPUT;
            let inputs: Vec<PathBuf> = inputs.iter().filter(is_file).cloned().collect();
            pass.read(&inputs, filter.clone(), *frames_max, placings);
        }
        Origin::Store(dir) => {
            pass.read_kept(dir);
            for name in pass.captures_cited() {
                pass.read(&[name], None, None, &[]);
            }
            // A conversation may have begun in an earlier capture of several that were scanned together.
            if pass.is_anything_missing() && run.captures.len() > 1 {
                pass.together().iter().for_each(|names| pass.read(names, None, None, &[]));
            }
        }
    }
    pass.checks()
}

/// What was found of one fact so far.
#[derive(Clone, Debug, Default)]
struct Found {
    /// It was said again, as it is.
    again: bool,
    /// Said was something else, from the same bytes.
    otherwise: Option<Value>,
    /// It was said, but of other bytes.
    elsewhere: Option<Excerpt>,
}

struct Pass<'a> {
    run: &'a Run,
    facts: &'a [Fact],
    found: Vec<Found>,
    /// Facts by the frame that completes them.
    by_frame: BTreeMap<FrameRef, Vec<usize>>,
    /// Facts that were not said again so far.
    open: usize,
    spots: BTreeSet<Spot>,
    looks: BTreeMap<Spot, Look>,
    /// Captures that were read, and whether they are those that the facts come from.
    read: BTreeMap<u32, bool>,
    /// Frames that a sensor kept, and frames that are not there.
    kept: BTreeMap<FrameRef, (usize, u32)>,
    gone: BTreeMap<FrameRef, Absent>,
}

impl<'a> Pass<'a> {
    fn new(run: &'a Run, facts: &'a [Fact], spots: &[Spot]) -> Self {
        let mut by_frame: BTreeMap<FrameRef, Vec<usize>> = BTreeMap::new();
        for (at, fact) in facts.iter().enumerate() {
            by_frame.entry(fact.frame).or_default().push(at);
        }
        let spots = spots.iter().copied().chain(facts.iter().map(Fact::spot)).collect();
        Self {
            run,
            facts,
            found: vec![Found::default(); facts.len()],
            by_frame,
            open: facts.len(),
            spots,
            looks: BTreeMap::new(),
            read: BTreeMap::new(),
            kept: BTreeMap::new(),
            gone: BTreeMap::new(),
        }
    }

    /// The names of captures that something is asked of, in order of their numbers.
    fn captures_cited(&self) -> Vec<PathBuf> {
        let of_facts = self.facts.iter().map(|fact| fact.frame.capture);
        let of_spots = self.spots.iter().map(|spot| spot.frame.capture);
        let numbers: BTreeSet<u32> = of_facts.chain(of_spots).collect();
        let captures = numbers.into_iter().filter(|number| self.is_file(*number));
        let names: BTreeSet<&str> = captures.map(|number| self.run.capture_name(number)).collect();
        names.into_iter().map(PathBuf::from).collect()
    }

    /// True when a fact of a capture that could be read was not said again, although such facts are.
    fn is_anything_missing(&self) -> bool {
        let is_missing = |(fact, found): (&Fact, &Found)| {
            let capture = fact.frame.capture;
            let is_here = self.read.get(&capture) == Some(&true) && self.is_file(capture);
            is_here && !found.again && !is_said_once(fact.key)
        };
        self.facts.iter().zip(&self.found).any(is_missing)
    }

    /// Captures that may have been scanned together: all of them, or of several sites those of each that facts come
    /// from, because nothing of two sites ever meets.
    fn together(&self) -> Vec<Vec<PathBuf>> {
        let mut by_site: BTreeMap<u16, BTreeSet<&str>> = BTreeMap::new();
        for fact in self.facts.iter().filter(|fact| self.is_file(fact.frame.capture)) {
            let site = fact.subject.as_ref().map_or(0, |subject| subject.node.scope.site);
            let name = self.run.capture_name(fact.frame.capture);
            by_site.entry(site).or_default().insert(name);
        }
        let paths = |names: &mut dyn Iterator<Item = &str>| names.map(PathBuf::from).collect();
        if self.run.sites.is_empty() {
            let captures = (0_u32..).zip(&self.run.captures);
            let captures = captures.filter(|(number, _)| self.is_file(*number));
            return vec![paths(&mut captures.map(|(_, capture)| &*capture.name))];
        }
        by_site.values().map(|names| paths(&mut names.iter().copied())).collect()
    }

    fn read(
        &mut self,
        inputs: &[PathBuf],
        filter: Option<String>,
        frames_max: Option<u64>,
        placings: &[Placing],
    ) {
        // What cannot be read is told of each fact that needs it.
        let (mut replay, _) = Replay::open(inputs, &ReplayOptions { filter });
        let numbers: Vec<Vec<u32>> =
            replay.captures().iter().map(|capture| self.numbers_of(&capture.name)).collect();
        // The scan before said what is wrong with the sites, if anything was.
        let placed = Placed::new(placings, replay.captures()).unwrap_or_default();
        let options = engine::Options { repeats: true, ..engine::Options::default() };
        let mut engines = Engines::new(options, &placed);
        let mut frames = 0_u64;
        while self.is_wanting() && frames_max.is_none_or(|most| frames < most) {
            let Some(frame) = replay.next() else { break };
            engines.frame(&frame);
            self.look(&frame, known_as(&numbers, frame.frame.capture));
            engines.drain_last().for_each(|told| self.hear(&told, &numbers));
            frames = frames.saturating_add(1);
        }
        if self.is_wanting() {
            engines.finish();
            engines.drain().for_each(|told| self.hear(&told, &numbers));
        }
        replay.finish();
        for (capture, numbers) in replay.captures().iter().zip(&numbers) {
            if matches!(capture.state, Completeness::Failed(_)) {
                continue;
            }
            for number in numbers {
                let is_same = self.is_same(*number, capture);
                self.read.entry(*number).and_modify(|known| *known |= is_same).or_insert(is_same);
            }
        }
    }

    /// False for lists, and for what a sensor heard: there is no file of those.
    fn is_file(&self, number: u32) -> bool {
        let capture = usize::try_from(number).ok().and_then(|at| self.run.captures.get(at));
        let is_heard = capture.is_some_and(|known| known.session.is_some() || known.is_shed());
        self.run.import(number).is_none() && !is_heard
    }

    fn is_wanting(&self) -> bool {
        self.open > 0 || self.looks.len() < self.spots.len()
    }

    /// The numbers that captures of this name have in the run: a file that was written anew and scanned again has two.
    fn numbers_of(&self, name: &str) -> Vec<u32> {
        let captures = (0_u32..).zip(&self.run.captures);
        captures.filter(|(_, capture)| capture.name == name).map(|(number, _)| number).collect()
    }

    fn is_same(&self, number: u32, read: &Capture) -> bool {
        let known = usize::try_from(number).ok().and_then(|at| self.run.captures.get(at));
        let sha256 = read.sha256.as_ref().map(|digest| hex(digest));
        known.is_some_and(|known| Some(&known.sha256) == sha256.as_ref())
    }

    /// Takes what is asked for out of a frame.
    fn look(&mut self, frame: &Frame<'_>, numbers: &[u32]) {
        for capture in numbers {
            let own = FrameRef { capture: *capture, ..frame.frame };
            for spot in self.spots.range(Spot::first(own)..=Spot::last(own)) {
                self.looks.entry(*spot).or_insert_with(|| Look::new(frame, *spot));
            }
        }
    }

    /// Compares what the engine says with the facts that are looked for.
    fn hear(&mut self, told: &Observation, numbers: &[Vec<u32>]) {
        let of_end = known_as(numbers, told.frame.capture);
        self.hear_as(told, of_end, known_as(numbers, told.excerpt.frame.capture));
    }

    /// The same, with the numbers under which the captures are known where it ends and where its bytes begin.
    fn hear_as(&mut self, told: &Observation, of_end: &[u32], of_start: &[u32]) {
        for capture in of_end {
            let frame = FrameRef { capture: *capture, ..told.frame };
            let Some(facts) = self.by_frame.get(&frame) else { continue };
            for at in facts {
                let (Some(fact), Some(found)) = (self.facts.get(*at), self.found.get_mut(*at))
                else {
                    continue;
                };
                let is_same_subject =
                    fact.subject.as_ref().is_none_or(|one| is_alike(one, &told.subject));
                if found.again || fact.key != told.key || !is_same_subject {
                    continue;
                }
                let start = fact.excerpt.frame;
                let is_same_place = (start.number, fact.excerpt.offset, fact.excerpt.length)
                    == (told.excerpt.frame.number, told.excerpt.offset, told.excerpt.length)
                    && of_start.contains(&start.capture);
                let is_same_bytes = is_same_place && fact.excerpt.bytes == told.excerpt.bytes;
                match fact.value == told.value {
                    true if is_same_bytes => {
                        found.again = true;
                        self.open = self.open.saturating_sub(1);
                    }
                    true => found.elsewhere = Some(told.excerpt.clone()),
                    false if is_same_place => found.otherwise = Some(told.value.clone()),
                    false => {}
                }
            }
        }
    }

    fn checks(self) -> Checks {
        let facts = self.facts.iter().zip(&self.found);
        let outcomes = facts.map(|(fact, found)| self.outcome(fact, found)).collect();
        let of_facts = self.facts.iter().flat_map(|fact| [fact.frame, fact.excerpt.frame]);
        let frames = of_facts.chain(self.spots.iter().map(|spot| spot.frame));
        let absent = frames
            .filter_map(|frame| Some((frame.capture, self.absent(frame.capture)?)))
            .collect::<BTreeMap<_, _>>();
        let mut looks = self.looks;
        looks.retain(|spot, _| !absent.contains_key(&spot.frame.capture));
        Checks { outcomes, looks, absent, kept: self.kept, gone: self.gone }
    }

    fn outcome(&self, fact: &Fact, found: &Found) -> Outcome {
        let Fact { key, value, excerpt, .. } = fact;
        let reads_as = || plain::reads_as(value, excerpt);
        let absent = [fact.frame, excerpt.frame].map(|frame| self.absent(frame.capture));
        if let Some(absent) = absent.into_iter().flatten().next() {
            return Outcome::KeptBytes(absent, reads_as());
        }
        if self.is_heard(fact.frame.capture) {
            return self.outcome_of_kept(fact, found);
        }
        let Some(look) = self.looks.get(&fact.spot()) else {
            let number = excerpt.frame.number;
            return Outcome::Differs(format!("the capture holds no frame {number}"));
        };
        let there = look.cited.get(..excerpt.bytes.len()).unwrap_or(&look.cited);
        let same = there.iter().zip(&excerpt.bytes).take_while(|(a, b)| a == b).count();
        let is_whole = same == excerpt.bytes.len();
        // The rest of a value stands in other frames of its message; the engine that put it together again compares it.
        let is_begun = same > 0 && (found.again || same >= look.payload_ahead);
        if !is_whole && !is_begun {
            let (there, kept) = (hex(there), hex(&excerpt.bytes));
            return Outcome::Differs(format!("the frame holds {there} there, kept were {kept}"));
        }
        match found {
            Found { again: true, .. } => Outcome::DecodedAgain,
            Found { otherwise: Some(other), .. } => {
                Outcome::Differs(format!("the bytes are as kept, and decode to {other} now"))
            }
            Found { elsewhere: Some(Excerpt { frame, offset, length, .. }), .. } => {
                let place = format!("bytes {offset}+{length} of frame {}", frame.number);
                Outcome::Differs(format!(
                    "the bytes are as kept, and the value is read from {place} now"
                ))
            }
            Found { .. } if is_said_once(*key) => Outcome::SameBytes(reads_as()),
            Found { .. } => Outcome::Differs(
                "the bytes are as kept, and nothing says this when the capture is read now; \
                 was it scanned with a filter, or by another version of nameplate?"
                    .to_owned(),
            ),
        }
    }

    fn absent(&self, capture: u32) -> Option<Absent> {
        if self.run.import(capture).is_some() {
            return Some(Absent::List);
        }
        match self.read.get(&capture) {
            Some(true) => None,
            Some(false) => Some(Absent::Changed),
            None if self.is_heard(capture) => Some(Absent::Unreadable),
            None => Some(match self.run.capture_name(capture) {
                STANDARD_INPUT => Absent::StandardInput,
                name if Path::new(name).exists() => Absent::Unreadable,
                _ => Absent::NotHere,
            }),
        }
    }
}

/// The same subject, by whatever number its site goes: that is the capture's, and differs from store to store.
fn is_alike(one: &Subject, other: &Subject) -> bool {
    let site = |subject: &Subject| Scope { site: 0, ..subject.node.scope };
    (site(one), one.node.addr, &one.unit) == (site(other), other.node.addr, &other.unit)
}

fn known_as(numbers: &[Vec<u32>], capture: u32) -> &[u32] {
    let own = usize::try_from(capture).ok().and_then(|at| numbers.get(at));
    own.map(Vec::as_slice).unwrap_or_default()
}

/// True for what the engine itself says of a host, from any packet: once, and not again on request.
fn is_said_once(key: Key) -> bool {
    engine::KEYS.contains(&key)
}

const STANDARD_INPUT: &str = "-";
