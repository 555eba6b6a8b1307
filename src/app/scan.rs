//! A scan: captures through the engine and the ledger, into a store where one is named.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::app::evidence::{Evidence, tell_events};
use crate::app::knowledge::{self, Sources};
use crate::app::shelf::matching;
use crate::app::sites::{Engines, Placed, Placing};
use crate::app::weigh::{self, Weighed};
use crate::app::{AppError, import, knowledge::hex, treat, vex};
use crate::assess::exposure_rules::Fact;
use crate::capture::{Capture, CaptureError, Completeness, Replay, ReplayOptions};
use crate::engine;
use crate::export::json;
use crate::export::vex::Cited;
use crate::ledger::{Knowledge, Ledger};
use crate::model::{
    Asset, CaptureInfo, Ceiling, Change, Conversation, Counters, Finding, FrameRef, Key, Levels,
    Observation, Outcome, Record, Run, Sighting, Zones,
};
use crate::protocols::REGISTRY;
use crate::store::{Heard, Restored, Store};

/// What to scan, and how.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    /// Files, directories, `-`.
    pub(super) inputs: Vec<PathBuf>,
    /// Which site they are of.
    pub(super) placings: Vec<Placing>,
    /// BPF filter.
    pub(super) filter: Option<String>,
    /// Stop after this many frames.
    pub(super) frames_max: Option<u64>,
    /// Where knowledge comes from.
    pub(super) sources: Sources,
    /// Directory of the store to add to.
    pub(super) store: Option<PathBuf>,
    /// Keep what the frame of this number says, in captures of that name, and repeats too.
    pub(super) frame: Option<(String, u64)>,
    /// Keep all that is news.
    pub(super) all_facts: bool,
    /// Where to write the frames behind what is news; `-` is standard output.
    pub(super) evidence: Option<PathBuf>,
    /// How much memory there is for what is remembered.
    pub(super) ceiling: Ceiling,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// What was read.
    pub(super) run: Run,
    /// Devices, in order of identity.
    pub(super) assets: Vec<Arc<Asset>>,
    /// Verdicts, in order.
    pub(super) findings: Vec<Arc<Finding>>,
    /// Where devices stand that have a role.
    pub(super) levels: Levels,
    /// Facts in order of time: all that a store holds, or those of the frame asked for.
    pub(super) observations: Vec<Observation>,
    /// Who talked to whom, in order of client, server, port and protocol.
    pub(super) conversations: Vec<Conversation>,
    /// What advisories say that no finding holds.
    pub(super) cited: Cited,
    /// The facts behind findings that rest on facts alone.
    pub(super) facts: BTreeMap<uuid::Uuid, Vec<Fact>>,
    /// What people did about findings and what became of it, where that is known already: pseudonyms are compared with nothing.
    pub(super) history: Option<Vec<(Record, Outcome)>>,
}

/// Where a scan tells how far it is.
pub(super) trait Watch {
    /// Told now and then: bytes read, bytes there are if known, frames, devices so far unknown.
    fn progress(&mut self, done: u64, total: Option<u64>, frames: u64);
}

/// Scans. `facts` gets every observation as it is made, repeats included. Ends early, with what it has, once `stop` is
/// set.
pub(super) fn scan(
    request: &Request,
    stop: &AtomicBool,
    watch: &mut dyn Watch,
    facts: Option<&mut dyn Write>,
) -> Result<Scanned, AppError> {
    let here = Here::new(&request.sources)?;
    let mut store = known_store(request)?;
    let (knowledge, bundle) = knowledge::load(&request.sources, store.as_mut())?;
    let options = ReplayOptions { filter: request.filter.clone() };
    let (mut replay, errors) = Replay::open(&request.inputs, &options);
    let (placed, mut run) = begin(request, &replay, &errors)?;
    run.bundle = bundle;
    let create = |path| Evidence::create(path, &run);
    let mut evidence = request.evidence.as_deref().map(create).transpose()?;
    let repeats = facts.is_some() || request.frame.is_some();
    let (mut engines, mut ledger) = machines(repeats, &placed, (knowledge, request.ceiling));
    let mut learned = Vec::new();
    let mut onward = Onward { request, facts, kept: Vec::new() };
    let mut frames = 0_u64;
    while !stop.load(Ordering::Relaxed) && request.frames_max.is_none_or(|most| frames < most) {
        let Some(frame) = replay.next() else { break };
        if let Some(evidence) = &mut evidence {
            evidence.hold(&run, &frame)?;
        }
        engines.frame(&frame);
        if evidence.is_some() || engines.are_several() {
            learn(engines.drain_last(), evidence.as_mut(), &mut learned, &run);
        }
        frames = frames.saturating_add(1);
        if frames.is_multiple_of(FRAMES_PER_BATCH) {
            learn(engines.drain_last(), evidence.as_mut(), &mut learned, &run);
            onward.pass(&mut learned, &mut ledger, &run)?;
            let progress = replay.progress();
            watch.progress(progress.done, progress.total, frames);
        }
    }
    run.stopped = stop.load(Ordering::Relaxed);
    engines.finish();
    learn(engines.drain(), evidence.as_mut(), &mut learned, &run);
    onward.pass(&mut learned, &mut ledger, &run)?;
    replay.finish();
    run.captures = replay.captures().iter().map(capture_info).collect();
    let (sightings, parts, counters) = told_last(engines);
    run.counters = counters;
    if let Some(evidence) = evidence {
        run.counters.merge(&evidence.finish(&run)?);
    }
    let read = run.captures.clone();
    let mut kept = onward.kept;
    let (conversations, weighed) = if let Some(dir) = &request.store {
        let mut store = store.map_or_else(|| Store::create(dir), Ok)?;
        let heard = (kept.as_slice(), sightings.as_slice(), parts);
        into_store(&mut store, &mut ledger, &mut run, (heard, &here))?.into_parts(&mut kept)
    } else {
        let gathered = Conversation::gather(parts.into_iter().map(|(_, part)| part).collect());
        sightings.iter().for_each(|sighting| ledger.seen(sighting));
        ledger.settle();
        let weighed = here.weigh(&ledger, &run, &gathered);
        (gathered, weighed)
    };
    let mut scanned = concluded(&ledger, run, (kept, conversations, weighed), &here);
    treat::confirm_observed(request.store.as_deref(), &mut scanned)?;
    if let Some(path) = &request.evidence {
        let counters = tell_events(path, &read, &scanned.run, &scanned.assets)?;
        scanned.run.counters.merge(&counters);
    }
    Ok(scanned)
}

/// What frames go through: the engines of the sites, and the ledger.
fn machines(
    repeats: bool,
    placed: &Placed,
    (knowledge, ceiling): (Knowledge, Ceiling),
) -> (Engines, Ledger) {
    let options = engine::Options { repeats, ceiling, ..engine::Options::default() };
    let mut ledger = Ledger::with_ceiling(knowledge, ceiling);
    ledger.name_sites(&placed.sites);
    (Engines::new(options, placed), ledger)
}

/// The store to add to, if it is there: it may say what to judge with. Opened before anything is read, so that one that is
/// damaged costs no scan.
fn known_store(request: &Request) -> Result<Option<Store>, AppError> {
    let known = request.store.as_deref().filter(|dir| Store::is_in(dir));
    Ok(known.map(Store::open).transpose()?)
}

/// What is known of a scan before anything is read.
fn begin(
    request: &Request,
    replay: &Replay,
    errors: &[CaptureError],
) -> Result<(Placed, Run), AppError> {
    if let Some(error) = errors.iter().find(|error| matches!(error, CaptureError::Filter { .. })) {
        return Err(AppError::Usage(error.to_string()));
    }
    let placed = Placed::new(&request.placings, replay.captures())?;
    let sites = placed.sites.clone();
    let handbook = treat::handbook(&request.sources)?;
    let mut run = Run { sites, arguments: arguments(request), handbook, ..new_run() };
    run.failed = errors.iter().map(ToString::to_string).collect();
    run.failed.sort();
    run.captures = replay.captures().iter().map(capture_info).collect();
    Ok((placed, run))
}

/// What engines tell of a whole scan: when nodes were there, who talked to whom in which capture, what was counted. What they
/// kept for it is free then, before the inventory takes its largest size.
fn told_last(mut engines: Engines) -> (Vec<Sighting>, Vec<(u32, Conversation)>, Counters) {
    (engines.sightings(), engines.conversations(), engines.counters())
}

/// Where observations go from the engine: to the printed facts, to the ledger or the store, to what is kept.
struct Onward<'r, 'w> {
    request: &'r Request,
    facts: Option<&'w mut dyn Write>,
    kept: Vec<Observation>,
}

impl Onward<'_, '_> {
    fn pass(
        &mut self,
        learned: &mut Vec<Observation>,
        ledger: &mut Ledger,
        run: &Run,
    ) -> Result<(), AppError> {
        let observations = std::mem::take(learned);
        if let Some(out) = self.facts.as_mut() {
            let printed =
                observations.iter().try_for_each(|observation| json::fact(run, observation, out));
            printed.map_err(|source| AppError::Write { what: "facts".to_owned(), source })?;
        }
        if self.request.store.is_some() {
            self.kept.extend(observations.into_iter().filter(|one| !one.repeat));
            return Ok(());
        }
        if let Some(wanted) = &self.request.frame {
            let said = observations.iter().filter(|one| is_wanted(one, wanted, run));
            self.kept.extend(said.cloned());
        } else if self.request.all_facts {
            self.kept.extend(observations.iter().filter(|one| !one.repeat).cloned());
        }
        ledger.take(observations);
        Ok(())
    }
}

/// Takes over what the engine learned, with its evidence if that is asked for: then after each frame, while it waits.
fn learn(
    drained: impl Iterator<Item = Observation>,
    evidence: Option<&mut Evidence>,
    learned: &mut Vec<Observation>,
    run: &Run,
) {
    let known = learned.len();
    learned.extend(drained);
    if let Some(evidence) = evidence {
        learned.iter().skip(known).for_each(|fact| evidence.cite(run, fact));
    }
}

/// What a store holds, judged with what is known now.
pub(super) fn from_store(dir: &std::path::Path, sources: &Sources) -> Result<Scanned, AppError> {
    held(&mut Store::open(dir)?, sources)
}

/// The same of a store that is open.
pub(super) fn held(store: &mut Store, sources: &Sources) -> Result<Scanned, AppError> {
    let here = Here::new(sources)?;
    let (knowledge, bundle) = knowledge::load(sources, Some(store))?;
    let mut ledger = Ledger::new(knowledge);
    let mut run = Run { bundle, handbook: treat::handbook(sources)?, ..new_run() };
    let observations = restore(store, &mut ledger, &mut run)?;
    ledger.settle();
    let conversations = store.conversations(&protocol_named)?;
    let weighed = here.weigh(&ledger, &run, &conversations);
    Ok(concluded(&ledger, run, (observations, conversations, weighed), &here))
}

/// The same, and brings the tables that the store keeps for people and tools up to date: after a decision, an import.
pub(super) fn refreshed(store: &mut Store, sources: &Sources) -> Result<Scanned, AppError> {
    let here = Here::new(sources)?;
    let (knowledge, bundle) = knowledge::load(sources, Some(store))?;
    let mut ledger = Ledger::new(knowledge);
    let mut run = Run { bundle, handbook: treat::handbook(sources)?, ..new_run() };
    let held = brought_up_to_date(store, &mut ledger, &mut run, &here)?;
    let Held { observations, conversations, weighed } = held;
    Ok(concluded(&ledger, run, (observations, conversations, weighed), &here))
}

/// What of a store a report is made from, beside devices.
struct Held {
    observations: Vec<Observation>,
    conversations: Vec<Conversation>,
    weighed: Weighed,
}

impl Held {
    fn into_parts(self, kept: &mut Vec<Observation>) -> (Vec<Conversation>, Weighed) {
        *kept = self.observations;
        (self.conversations, self.weighed)
    }
}

/// The plant that findings are weighed in, and the day.
struct Here {
    zones: Zones,
    day: jiff::civil::Date,
}

impl Here {
    fn new(sources: &Sources) -> Result<Self, AppError> {
        Ok(Self { zones: sources.zones.clone(), day: weigh::day(sources)? })
    }

    fn weigh(&self, ledger: &Ledger, run: &Run, conversations: &[Conversation]) -> Weighed {
        weigh::weigh(ledger, run, conversations, (&self.zones, self.day))
    }
}

/// All that is known in the end, put together.
fn concluded(
    ledger: &Ledger,
    mut run: Run,
    (observations, conversations, weighed): (Vec<Observation>, Vec<Conversation>, Weighed),
    here: &Here,
) -> Scanned {
    run.counters.merge(&ledger.counters());
    run.as_of = Some(here.day.to_string());
    let assets = ledger.assets();
    let Weighed { findings, facts } = weighed;
    let levels = ledger.signatures().vocabulary().levels().clone();
    let cited = vex::cited(ledger.advisories(), &findings);
    let mut scanned =
        Scanned { run, assets, findings, levels, cited, facts, ..Scanned::default() };
    (scanned.observations, scanned.conversations) = (observations, conversations);
    treat::fill(&mut scanned, treat::now());
    scanned
}

/// What captures taught: facts, when nodes were there, and who talked to whom in which capture.
type Learned<'a> = (&'a [Observation], &'a [Sighting], Vec<(u32, Conversation)>);

/// Adds what was observed to a store, and judges all that the store then holds: the same, whether captures were
/// scanned together or one after the other. The evidence of `run` then refers to all captures of the store.
fn into_store(
    store: &mut Store,
    ledger: &mut Ledger,
    run: &mut Run,
    ((kept, sightings, parts), here): (Learned<'_>, &Here),
) -> Result<Held, AppError> {
    let whole: Vec<CaptureInfo> =
        run.captures.iter().filter(|c| !c.sha256.is_empty()).cloned().collect();
    let numbers = store.add_captures(&whole)?;
    let mut number_of = BTreeMap::new();
    for (at, capture) in (0_u32..).zip(&run.captures) {
        let position = whole.iter().position(|known| known.sha256 == capture.sha256);
        if let Some(number) = position.and_then(|position| numbers.get(position)) {
            number_of.insert(at, *number);
        }
    }
    let renumber = |frame: FrameRef| {
        let capture = number_of.get(&frame.capture).copied()?;
        Some(FrameRef { capture, ..frame })
    };
    let renumbered: Vec<Observation> = kept
        .iter()
        .filter_map(|observation| {
            let mut observation = observation.clone();
            observation.frame = renumber(observation.frame)?;
            observation.excerpt.frame = renumber(observation.excerpt.frame)?;
            Some(observation)
        })
        .collect();
    store.add_observations(&run.sites, &renumbered, sightings)?;
    store.add_conversations(&run.sites, &heard(run, &number_of, parts))?;
    store.add_run(run)?;
    brought_up_to_date(store, ledger, run, here)
}

fn brought_up_to_date(
    store: &mut Store,
    ledger: &mut Ledger,
    run: &mut Run,
    here: &Here,
) -> Result<Held, AppError> {
    let observations = restore(store, ledger, run)?;
    let mut changes = ledger.settle();
    let conversations = store.conversations(&protocol_named)?;
    let weighed = here.weigh(ledger, run, &conversations);
    // Findings as they are weighed, and those that no advisory makes, in place of the ledger's.
    changes
        .retain(|change| !matches!(change, Change::FindingOpened(_) | Change::FindingChanged(_)));
    changes.extend(weighed.findings.iter().cloned().map(Change::FindingOpened));
    let (before, assets) = (store.kept_in_brief()?, ledger.assets());
    store.apply(&run.sites, &changes)?;
    store.forget_others(&assets, &weighed.findings)?;
    matching::note(store, &before, &run.bundle, assets.len(), &weighed.findings)?;
    Ok(Held { observations, conversations, weighed })
}

/// What was heard in each capture, by its number in the store.
fn heard(
    run: &Run,
    number_of: &BTreeMap<u32, u32>,
    parts: Vec<(u32, Conversation)>,
) -> BTreeMap<u32, Heard> {
    let mut heard = BTreeMap::new();
    let mut at_of = BTreeMap::new();
    for (at, number) in number_of {
        // Two files of the same bytes are one capture, and count once.
        if heard.contains_key(number) {
            continue;
        }
        let capture = usize::try_from(*at).ok().and_then(|at| run.captures.get(at));
        let frames = capture.map_or(0, |capture| capture.frames);
        heard.insert(*number, Heard { frames, conversations: Vec::new() });
        at_of.insert(*at, *number);
    }
    for (at, part) in parts {
        if let Some(heard) = at_of.get(&at).and_then(|number| heard.get_mut(number)) {
            heard.conversations.push(part);
        }
    }
    heard
}

fn restore(
    store: &mut Store,
    ledger: &mut Ledger,
    run: &mut Run,
) -> Result<Vec<Observation>, AppError> {
    let restored = restored(store, run)?;
    ledger.name_sites(&restored.sites);
    ledger.take(restored.observations.iter().cloned());
    restored.sightings.iter().for_each(|sighting| ledger.seen(sighting));
    ledger.decide(run.decisions.standing());
    Ok(restored.observations)
}

/// All that a store holds: facts and sightings, and in `run` the captures, the lists and the decisions.
pub(super) fn restored(store: &mut Store, run: &mut Run) -> Result<Restored, AppError> {
    let keys: BTreeMap<&str, Key> =
        knowledge::keys().into_iter().map(|key| (key.name, key)).collect();
    let mut restored = store.restore(&|name| keys.get(name).copied())?;
    run.counters.add("store.passed_over", restored.passed_over);
    run.captures = store.captures()?;
    run.imports = store.imports()?;
    let (decisions, passed_over) = store.decisions()?;
    run.counters.add("store.decisions_passed_over", passed_over);
    run.decisions = decisions;
    let passed_over = treat::restore(store, &mut run.handbook)?;
    run.counters.add("store.handlings_passed_over", passed_over);
    run.sites = restored.sites.clone();
    import::put_where_seen(&mut restored.observations);
    Ok(restored)
}

pub(super) fn protocol_named(name: &str) -> Option<&'static str> {
    REGISTRY.iter().map(|protocol| protocol.name).find(|known| *known == name)
}

pub(super) fn new_run() -> Run {
    Run { version: env!("CARGO_PKG_VERSION").to_owned(), ..Run::default() }
}

/// The options that decide the result, in a fixed order.
fn arguments(request: &Request) -> Vec<String> {
    let mut arguments = Vec::new();
    if let Some(filter) = &request.filter {
        arguments.push(format!("-f {filter}"));
    }
    if let Some(most) = request.frames_max {
        arguments.push(format!("-c {most}"));
    }
    let placings: BTreeSet<&Placing> = request.placings.iter().collect();
    arguments.extend(placings.iter().map(ToString::to_string));
    arguments
}

fn capture_info(capture: &Capture) -> CaptureInfo {
    let incomplete = match &capture.state {
        // Not read to its end because of -c or Ctrl-C: that is the run's doing, and said there.
        Completeness::Complete | Completeness::Unfinished => None,
        Completeness::Incomplete(why) | Completeness::Failed(why) => Some(why.clone()),
    };
    CaptureInfo {
        name: capture.name.clone(),
        sha256: capture.sha256.map(|digest| hex(&digest)).unwrap_or_default(),
        frames: capture.passed,
        bytes: capture.bytes,
        first: capture.first,
        last: capture.last,
        incomplete,
        session: None,
    }
}

fn is_wanted(observation: &Observation, (name, number): &(String, u64), run: &Run) -> bool {
    let is_it = |frame: FrameRef| {
        frame.number == *number && names_capture(run.capture_name(frame.capture), name)
    };
    is_it(observation.frame) || is_it(observation.excerpt.frame)
}

/// True when a person who writes `wanted` can mean the capture called `name`: the whole of it, or its last parts.
pub(super) fn names_capture(name: &str, wanted: &str) -> bool {
    name.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

const FRAMES_PER_BATCH: u64 = 256;
