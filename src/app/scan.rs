//! A scan: captures through the engine and the ledger, into a store where one is named.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::app::evidence::Evidence;
use crate::app::knowledge::{self, Sources};
use crate::app::{AppError, import, knowledge::hex};
use crate::capture::{Capture, CaptureError, Completeness, Replay, ReplayOptions};
use crate::engine::{self, Engine};
use crate::export::json;
use crate::ledger::Ledger;
use crate::model::{Asset, CaptureInfo, Finding, FrameRef, Key, Node, Observation, Run, Timestamp};
use crate::store::{Restored, Store};

/// What to scan, and how.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    /// Files, directories, `-`.
    pub(super) inputs: Vec<PathBuf>,
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
    /// Where to write the frames behind what is news; `-` is standard output.
    pub(super) evidence: Option<PathBuf>,
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
    /// Facts in order of time: all that a store holds, or those of the frame asked for.
    pub(super) observations: Vec<Observation>,
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
    let (knowledge, bundle) = knowledge::load(&request.sources)?;
    let options = ReplayOptions { filter: request.filter.clone() };
    let (mut replay, errors) = Replay::open(&request.inputs, &options);
    if let Some(error) = errors.iter().find(|error| matches!(error, CaptureError::Filter { .. })) {
        return Err(AppError::Usage(error.to_string()));
    }
    let mut run = Run { bundle, arguments: arguments(request), ..new_run() };
    run.failed = errors.iter().map(ToString::to_string).collect();
    run.failed.sort();
    run.captures = replay.captures().iter().map(capture_info).collect();
    let create = |path| Evidence::create(path, &run);
    let mut evidence = request.evidence.as_deref().map(create).transpose()?;
    let repeats = facts.is_some() || request.frame.is_some();
    let mut engine = Engine::new(engine::Options { repeats, ..engine::Options::default() });
    let mut ledger = Ledger::new(knowledge);
    let mut learned = Vec::new();
    let mut onward = Onward { request, facts, kept: Vec::new() };
    let mut frames = 0_u64;
    while !stop.load(Ordering::Relaxed) && request.frames_max.is_none_or(|most| frames < most) {
        let Some(frame) = replay.next() else { break };
        if let Some(evidence) = &mut evidence {
            evidence.hold(&run, &frame)?;
        }
        engine.frame(&frame);
        if evidence.is_some() {
            learn(&mut engine, evidence.as_mut(), &mut learned, &run);
        }
        frames = frames.saturating_add(1);
        if frames.is_multiple_of(FRAMES_PER_BATCH) {
            learn(&mut engine, evidence.as_mut(), &mut learned, &run);
            onward.pass(&mut learned, &mut ledger, &run)?;
            let progress = replay.progress();
            watch.progress(progress.done, progress.total, frames);
        }
    }
    run.stopped = stop.load(Ordering::Relaxed);
    engine.finish();
    learn(&mut engine, evidence.as_mut(), &mut learned, &run);
    onward.pass(&mut learned, &mut ledger, &run)?;
    replay.finish();
    run.captures = replay.captures().iter().map(capture_info).collect();
    let sightings: Vec<(Node, Timestamp, Timestamp)> = engine.sightings();
    run.counters = engine.counters();
    if let Some(evidence) = evidence {
        run.counters.merge(&evidence.finish(&run)?);
    }
    let mut kept = onward.kept;
    if let Some(dir) = &request.store {
        let mut store = Store::create(dir)?;
        kept = into_store(&mut store, &mut ledger, &mut run, &kept, &sightings)?;
    } else {
        sightings.iter().for_each(|(node, first, last)| ledger.seen(*node, *first, *last));
        ledger.settle();
    }
    run.counters.merge(&ledger.counters());
    let (assets, findings) = (ledger.assets(), ledger.findings());
    Ok(Scanned { run, assets, findings, observations: kept })
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
        }
        ledger.take(observations);
        Ok(())
    }
}

/// Takes over what the engine learned, with its evidence if that is asked for: then after each frame, while it waits.
fn learn(
    engine: &mut Engine,
    evidence: Option<&mut Evidence>,
    learned: &mut Vec<Observation>,
    run: &Run,
) {
    let known = learned.len();
    learned.extend(engine.drain());
    if let Some(evidence) = evidence {
        learned.iter().skip(known).for_each(|fact| evidence.cite(run, fact));
    }
}

/// What a store holds, judged with what is known now.
pub(super) fn from_store(dir: &std::path::Path, sources: &Sources) -> Result<Scanned, AppError> {
    let (knowledge, bundle) = knowledge::load(sources)?;
    let mut store = Store::open(dir)?;
    let mut ledger = Ledger::new(knowledge);
    let mut run = Run { bundle, ..new_run() };
    let observations = restore(&mut store, &mut ledger, &mut run)?;
    ledger.settle();
    run.counters.merge(&ledger.counters());
    Ok(Scanned { run, assets: ledger.assets(), findings: ledger.findings(), observations })
}

/// The same, and brings the tables that the store keeps for people and tools up to date: after a decision, an import.
pub(super) fn refreshed(store: &mut Store, sources: &Sources) -> Result<Scanned, AppError> {
    let (knowledge, bundle) = knowledge::load(sources)?;
    let mut ledger = Ledger::new(knowledge);
    let mut run = Run { bundle, ..new_run() };
    let observations = brought_up_to_date(store, &mut ledger, &mut run)?;
    run.counters.merge(&ledger.counters());
    Ok(Scanned { run, assets: ledger.assets(), findings: ledger.findings(), observations })
}

/// Adds what was observed to a store, and judges all that the store then holds: the same, whether captures were
/// scanned together or one after the other. The evidence of `run` then refers to all captures of the store.
fn into_store(
    store: &mut Store,
    ledger: &mut Ledger,
    run: &mut Run,
    kept: &[Observation],
    sightings: &[(Node, Timestamp, Timestamp)],
) -> Result<Vec<Observation>, AppError> {
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
    store.add_observations(&renumbered, sightings)?;
    store.add_run(run)?;
    brought_up_to_date(store, ledger, run)
}

fn brought_up_to_date(
    store: &mut Store,
    ledger: &mut Ledger,
    run: &mut Run,
) -> Result<Vec<Observation>, AppError> {
    let observations = restore(store, ledger, run)?;
    let changes = ledger.settle();
    store.apply(&changes)?;
    store.forget_others(&ledger.assets(), &ledger.findings())?;
    Ok(observations)
}

fn restore(
    store: &mut Store,
    ledger: &mut Ledger,
    run: &mut Run,
) -> Result<Vec<Observation>, AppError> {
    let restored = restored(store, run)?;
    ledger.take(restored.observations.iter().cloned());
    restored.sightings.iter().for_each(|(node, first, last)| ledger.seen(*node, *first, *last));
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
    import::put_where_seen(&mut restored.observations);
    Ok(restored)
}

fn new_run() -> Run {
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
    }
}

fn is_wanted(observation: &Observation, (name, number): &(String, u64), run: &Run) -> bool {
    let frame = observation.frame;
    frame.number == *number && names_capture(run.capture_name(frame.capture), name)
}

/// True when a person who writes `wanted` can mean the capture called `name`: the whole of it, or its last parts.
pub(super) fn names_capture(name: &str, wanted: &str) -> bool {
    name.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

const FRAMES_PER_BATCH: u64 = 256;
