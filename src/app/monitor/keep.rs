//! The thread of the store: facts into the file and the ledger, verdicts out of it, notices to whom it concerns.
//!
//! First into the file, then into the ledger: what is shown is kept. While the file refuses them facts wait in memory, up to a cap, and the ledger goes on.

mod reference;
mod rounds;
mod sessions;
mod settle;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::app::knowledge::{self, Sources};
use crate::app::monitor::Room;
use crate::app::monitor::now;
use crate::app::monitor::read::Parcel;
use crate::app::monitor::status::Status;
use crate::app::{AppError, scan, treat};
use crate::export::json;
use crate::ledger::{Knowledge, Ledger};
use crate::model::health::{Phase, StoreState};
use crate::model::limits::{FRAMES_HELD_BACK_BYTES_MAX, OBSERVATIONS_HELD_BACK_MAX};
use crate::model::notice::{NoticeKind, Severity};
use crate::model::{
    BundleInfo, Ceiling, Conversation, Counters, Finding, FrameRef, Key, Notice, Observation, Run,
    Sighting,
};
use crate::store::{Heard, KeptFrame, Retention, Shed, Store, StoreError};
use crate::watch::{self, Watch};

use reference::Reference;
use rounds::Rounds;
pub(super) use sessions::Sessions;

/// What decides how things are kept.
pub(super) struct Order {
    /// Where knowledge comes from.
    pub(super) sources: Sources,
    /// What is kept how long.
    pub(super) room: Room,
    /// How much memory there is for what is known.
    pub(super) ceiling: Ceiling,
    /// Nanoseconds after which a device that is not heard is silent.
    pub(super) silent_after: u64,
    /// Where notices are written as they are made.
    pub(super) events: Option<Box<dyn Write + Send>>,
}

/// The store, the ledger, and what is to be told.
pub(super) struct Keeper<'a> {
    store: Store,
    order: Order,
    ledger: Ledger,
    run: Run,
    watch: Watch,
    reference: Reference,
    sessions: Sessions,
    /// Conversations of sessions before this one, then those of this one.
    before: Vec<Conversation>,
    current: Vec<Conversation>,
    /// Verdicts with their weight, as the store has them.
    findings: BTreeMap<uuid::Uuid, Arc<Finding>>,
    /// What the store has not taken yet.
    held_back: Held,
    /// The ledger is another one than at the last settling.
    is_anew: bool,
    /// Something was known before anything was told.
    is_known: bool,
    /// The tables for people lag behind what is known.
    is_behind: bool,
    /// Something was learned since the last settling.
    is_news: bool,
    settled: Instant,
    settling: Duration,
    /// The version of the file as this process left it.
    data_version: i64,
    counters: Counters,
    observations: u64,
    /// What can be observed, by name.
    keys: BTreeMap<&'static str, Key>,
    status: &'a Status,
}

#[derive(Default)]
struct Held {
    facts: Vec<Observation>,
    frames: Vec<KeptFrame>,
    sightings: Vec<Sighting>,
    frame_bytes: usize,
    tried: Option<Instant>,
}

impl<'a> Keeper<'a> {
    /// Reads what the store holds. Frames are received meanwhile, and facts wait.
    pub(super) fn begin(
        mut store: Store,
        order: Order,
        (run, sessions): (Run, Sessions),
        status: &'a Status,
    ) -> Result<Self, AppError> {
        let (knowledge, bundle) = knowledge::load(&order.sources, Some(&mut store))?;
        let watch = Watch::new(order.silent_after, None);
        let mut keeper = Self {
            ledger: Ledger::with_ceiling(knowledge, order.ceiling),
            store,
            order,
            run,
            watch,
            reference: None,
            sessions,
            before: Vec::new(),
            current: Vec::new(),
            findings: BTreeMap::new(),
            held_back: Held::default(),
            is_anew: true,
            is_known: false,
            is_behind: true,
            is_news: false,
            settled: Instant::now(),
            settling: Duration::ZERO,
            data_version: 0,
            counters: Counters::default(),
            observations: 0,
            keys: knowledge::keys().into_iter().map(|key| (key.name, key)).collect(),
            status,
        };
        keeper.watch.remember(keeper.store.habits()?);
        keeper.restore(bundle)?;
        keeper.data_version = keeper.store.data_version()?;
        keeper.status.keeper().phase = Phase::Running;
        Ok(keeper)
    }

    /// Keeps what comes, until nothing more does.
    pub(super) fn run(mut self, parcels: &Receiver<Parcel>) {
        let mut rounds = Rounds::new();
        let mut goes_on = true;
        while goes_on {
            self.status.beat(self.status.keeper_thread());
            let mut facts = (Vec::new(), Vec::new());
            let began = Instant::now();
            let mut wait = WAIT;
            loop {
                match parcels.recv_timeout(wait) {
                    Ok(Parcel::Facts(more, frames)) => {
                        facts.0.extend(more);
                        facts.1.extend(frames);
                    }
                    Ok(other) => {
                        self.take(std::mem::take(&mut facts));
                        goes_on = self.other(other);
                    }
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => goes_on = false,
                }
                wait = GATHER_FOR.saturating_sub(began.elapsed());
                if !goes_on || wait.is_zero() || facts.0.len() >= FACTS_PER_BATCH {
                    break;
                }
            }
            self.take(facts);
            self.retry();
            if self.is_due() {
                self.settle();
            }
            self.look_around(&mut rounds);
        }
        self.end();
    }

    /// Everything but facts. False for the end.
    fn other(&mut self, parcel: Parcel) -> bool {
        match parcel {
            Parcel::Facts(facts, frames) => self.take((facts, frames)),
            Parcel::Standing(sightings, parts) => self.stand(sightings, parts),
            Parcel::Notices(notices) => self.tell(notices),
            Parcel::Reload => self.reload(),
            Parcel::End => return false,
        }
        true
    }

    /// Facts: what is news goes into the file with its frames, all of it into the ledger.
    fn take(&mut self, (mut facts, mut frames): (Vec<Observation>, Vec<KeptFrame>)) {
        facts.retain(|fact| self.ledger.admits(fact));
        if facts.is_empty() {
            return;
        }
        // A sensor that starts again is told everything again: what the store holds last of it is no news.
        for fact in facts.iter_mut().filter(|fact| !fact.repeat) {
            fact.repeat = self.ledger.stands(fact);
        }
        let fresh: Vec<Observation> = facts.iter().filter(|fact| !fact.repeat).cloned().collect();
        self.is_news |= !facts.is_empty();
        if !fresh.is_empty() {
            let wanted: BTreeSet<FrameRef> =
                fresh.iter().flat_map(|fact| [fact.frame, fact.excerpt.frame]).collect();
            frames.retain(|frame| wanted.contains(&frame.frame));
            self.observations =
                self.observations.saturating_add(u64::try_from(fresh.len()).unwrap_or(u64::MAX));
            self.keep(fresh, frames, Vec::new());
        }
        self.ledger.take(facts);
    }

    /// Puts rows into the file, or holds them back.
    fn keep(&mut self, facts: Vec<Observation>, frames: Vec<KeptFrame>, sightings: Vec<Sighting>) {
        if self.held_back.tried.is_none() {
            match self.store.take(&self.run.sites, &facts, &sightings, &frames) {
                Ok(taken) => {
                    self.stored(taken.frames_refused);
                    return;
                }
                Err(error) => self.refused(&error),
            }
        }
        let Held { facts: held, frames: held_frames, sightings: seen, frame_bytes, .. } =
            &mut self.held_back;
        let room = OBSERVATIONS_HELD_BACK_MAX.saturating_sub(held.len());
        let lost = facts.len().saturating_sub(room);
        if lost > 0 {
            let lost = u64::try_from(lost).unwrap_or(u64::MAX);
            self.counters.add("monitor.observations_lost", lost);
        }
        held.extend(facts.into_iter().take(room));
        if !sightings.is_empty() {
            *seen = sightings;
        }
        for frame in frames {
            if frame_bytes.saturating_add(frame.bytes.len()) > FRAMES_HELD_BACK_BYTES_MAX {
                self.counters.one("monitor.frames_lost");
                continue;
            }
            *frame_bytes = frame_bytes.saturating_add(frame.bytes.len());
            held_frames.push(frame);
        }
    }

    /// Tries again to store what was held back.
    fn retry(&mut self) {
        let Some(tried) = self.held_back.tried else { return };
        if tried.elapsed() < RETRY_EVERY {
            return;
        }
        let Held { facts, frames, sightings, .. } = &self.held_back;
        match self.store.take(&self.run.sites, facts, sightings, frames) {
            Ok(taken) => {
                self.held_back = Held::default();
                self.stored(taken.frames_refused);
                self.is_behind = true;
                self.is_news = true;
                tracing::warn!("the store takes rows again");
            }
            Err(error) => self.refused(&error),
        }
    }

    fn stored(&mut self, frames_refused: u64) {
        if frames_refused > 0 {
            self.counters.add("monitor.frames_shed", frames_refused);
        }
        self.status.keeper().stored = Some(now());
    }

    fn refused(&mut self, error: &StoreError) {
        if self.held_back.tried.is_none() {
            tracing::error!(%error, "the store refuses rows: they wait in memory");
        }
        self.held_back.tried = Some(Instant::now());
        let mut status = self.status.keeper();
        status.store.state = StoreState::Refusing;
        status.store.trouble = error.to_string();
    }

    /// Who was there when, and who talked to whom.
    fn stand(&mut self, sightings: Vec<Sighting>, parts: Vec<(u32, Conversation)>) {
        sightings.iter().for_each(|sighting| self.ledger.seen(sighting));
        self.is_news = true;
        self.keep(Vec::new(), Vec::new(), sightings);
        let mut heard: BTreeMap<u32, Heard> = BTreeMap::new();
        for (capture, frames) in self.sessions.frames(self.status) {
            heard.insert(capture, Heard { frames, conversations: Vec::new() });
        }
        for (capture, part) in parts {
            if let Some(heard) = heard.get_mut(&capture) {
                heard.conversations.push(part);
            }
        }
        if let Err(error) = self.store.add_conversations(&self.run.sites, &heard) {
            self.refused_for_now("conversations", &error);
        }
        let parts = heard.into_values().flat_map(|heard| heard.conversations);
        self.current = Conversation::gather(parts.collect());
    }

    /// What could not be written now is written the next time: nothing of it is lost.
    fn refused_for_now(&mut self, what: &str, error: &StoreError) {
        self.counters.one("monitor.writes_put_off");
        tracing::warn!(what, %error, "could not be written now");
    }

    /// Reads signatures, zones and advisories again. On any error those in use stay.
    fn reload(&mut self) {
        let loaded = knowledge::load(&self.order.sources, Some(&mut self.store));
        let taken = loaded.and_then(|(knowledge, bundle)| self.rebuild(knowledge, bundle));
        let at = now();
        let notice = match taken {
            Ok(()) => {
                self.status.keeper().knowledge.refused.clear();
                let text = format!(
                    "signatures and advisories were read again: {} documents",
                    self.run.bundle.documents
                );
                watch::sensor(
                    NoticeKind::SensorState,
                    Severity::Informational,
                    "knowledge",
                    &text,
                    at,
                )
            }
            Err(error) => {
                let text = format!("reading again failed, those before stay in use: {error}");
                tracing::error!("{text}");
                self.status.keeper().knowledge.refused = error.to_string();
                watch::sensor(NoticeKind::SensorDegraded, Severity::Error, "knowledge", &text, at)
            }
        };
        self.tell(vec![notice]);
    }

    /// A ledger that knows what the store knows, with other knowledge.
    fn rebuild(&mut self, knowledge: Knowledge, bundle: BundleInfo) -> Result<(), AppError> {
        let known = self.store.sites()?;
        if known != self.run.sites {
            let hint = "another site was added to this store: restart the sensor to take it over";
            return Err(AppError::Usage(hint.to_owned()));
        }
        let empty = Ledger::with_ceiling(knowledge, self.order.ceiling);
        let before = std::mem::replace(&mut self.ledger, empty);
        if let Err(error) = self.restore(bundle) {
            self.ledger = before;
            return Err(error);
        }
        let held: Vec<Observation> = self.held_back.facts.clone();
        self.ledger.take(held);
        Ok(())
    }

    /// Takes all that the store holds, and settles.
    fn restore(&mut self, bundle: BundleInfo) -> Result<(), AppError> {
        let restored = scan::restored(&mut self.store, &mut self.run)?;
        self.run.bundle = bundle;
        self.run.handbook = treat::handbook(&self.order.sources)?;
        let passed_over = treat::restore(&mut self.store, &mut self.run.handbook)?;
        self.counters.add("store.handlings_passed_over", passed_over);
        self.ledger.name_sites(&self.run.sites);
        self.ledger.take(restored.observations);
        restored.sightings.iter().for_each(|sighting| self.ledger.seen(sighting));
        self.ledger.decide(self.run.decisions.standing());
        self.before = self.sessions.others(&mut self.store)?;
        self.is_behind = true;
        self.is_anew = true;
        self.take_reference();
        self.settle();
        Ok(())
    }

    /// Others write to the store, too: decisions, imports, another bundle.
    fn look_for_others(&mut self) {
        let Ok(version) = self.store.data_version() else { return };
        if std::mem::replace(&mut self.data_version, version) != version {
            tracing::info!("others changed the store: reading it again");
            self.reload();
        }
    }

    /// What is done now and then.
    fn look_around(&mut self, rounds: &mut Rounds) {
        if rounds.sessions.is_due() {
            self.update_sessions(None);
        }
        if rounds.others.is_due() {
            self.look_for_others();
        }
        if rounds.retention.is_due() {
            self.keep_habits();
            self.retain();
        }
        if rounds.health.is_due() {
            self.tell_status();
        }
    }

    fn retain(&mut self) {
        let Room { bytes_max, keep_ns, reserve_bytes } = self.order.room;
        let keys = &self.keys;
        let key_named = |name: &str| keys.get(name).copied();
        let (now, is_sure_of_now) = (now(), false);
        let retention = Retention {
            bytes_max,
            keep_ns,
            now,
            is_sure_of_now,
            reserve_bytes,
            key_named: &key_named,
        };
        let began = Instant::now();
        let mut sum = Shed::default();
        // Batches of the wire wait meanwhile: what is not done now is done the next time.
        while began.elapsed() < SHED_FOR {
            match self.store.retain(&retention) {
                Ok(shed) => sum.add(&shed),
                Err(error) => return self.refused_for_now("retention", &error),
            }
            if !sum.more {
                break;
            }
        }
        for (name, count) in [
            ("store.frames_shed", sum.frames),
            ("store.notices_shed", sum.notices),
            ("store.observations_shed", sum.observations),
        ] {
            if count > 0 {
                self.counters.add(name, count);
            }
        }
    }

    /// Notices into the file, and to who reads along.
    fn tell(&mut self, mut notices: Vec<Notice>) {
        if notices.is_empty() {
            return;
        }
        if let Err(error) = self.store.add_notices(&mut notices) {
            self.refused_for_now("notices", &error);
        }
        for notice in &notices {
            self.counters.one(sessions::counted(notice.kind));
        }
        let Some(out) = &mut self.order.events else { return };
        let mut lines = notices.iter().map(|notice| json::notice(notice, false, out));
        if lines.try_for_each(|line| line).and_then(|()| out.flush()).is_err() {
            // Nobody reads along any more; the store has them.
            self.order.events = None;
        }
    }

    fn end(mut self) {
        self.status.keeper().phase = Phase::Stopping;
        self.held_back.tried = self.held_back.tried.and_then(|at| at.checked_sub(RETRY_EVERY));
        self.retry();
        self.settle();
        self.update_sessions(Some(now()));
        self.keep_habits();
        let text = "the sensor stopped in order";
        let (kind, severity) = (NoticeKind::SensorState, Severity::Informational);
        self.tell(vec![watch::sensor(kind, severity, "sensor", text, now())]);
        self.tell_status();
        self.status.keeper().phase = Phase::Stopped;
    }
}

/// How long it waits for facts before it looks after other things.
const WAIT: Duration = Duration::from_millis(200);
/// Facts of this long go into one transaction.
const GATHER_FOR: Duration = Duration::from_millis(200);
/// Or so many.
const FACTS_PER_BATCH: usize = 1_000;
/// How long rows are shed at once.
const SHED_FOR: Duration = Duration::from_millis(200);
/// How often a store that refuses rows is asked again.
const RETRY_EVERY: Duration = Duration::from_secs(2);
