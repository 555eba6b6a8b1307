//! How the sensor is, put together from what its threads tell; and what of it is worth a complaint.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::app::monitor::now;
use crate::app::monitor::status::Status;
use crate::model::health::{
    BackupHealth, Complaint, Fill, Gravity, Health, InterfaceHealth, LinkState, StoreState,
};
use crate::model::notice::{Notice, NoticeKind, Severity};
use crate::watch;

/// Looks at the threads, again and again.
#[derive(Debug)]
pub(super) struct Doctor {
    started_ns: i64,
    /// From which age on advisories are told to be old.
    warn_after_days: u64,
    /// Frames that each interface had lost at the last look, and when it last lost any.
    lost: Vec<(u64, Option<Instant>)>,
    /// When each interface last gave a frame, by a clock that nobody sets.
    heard: Vec<(u64, Instant)>,
    /// Rounds of the threads, and when they last moved.
    beats: Vec<(u64, Instant)>,
    /// Hosts that had been given up at the last look, and when it last were more.
    given_up: (u64, Option<Instant>),
    /// What is told to be wrong.
    told: BTreeMap<(Gravity, String), String>,
}

impl Doctor {
    pub(super) fn new(warn_after_days: u64) -> Self {
        Self {
            started_ns: now().0,
            warn_after_days,
            lost: Vec::new(),
            heard: Vec::new(),
            beats: Vec::new(),
            given_up: (0, None),
            told: BTreeMap::new(),
        }
    }

    /// How the sensor is.
    pub(super) fn look(&mut self, status: &Status) -> Health {
        let (engine, keeper) = (status.engine().clone(), status.keeper().clone());
        let mut counters = engine.counters;
        counters.merge(&keeper.counters);
        let mut health = Health {
            version: env!("NAMEPLATE_VERSION").to_owned(),
            process: std::process::id(),
            started_ns: self.started_ns,
            written_ns: now().0,
            phase: keeper.phase,
            interfaces: status.interfaces(),
            fills: engine.fills.into_iter().chain(keeper.fills).collect(),
            counters: counters.iter().map(|(name, count)| (name.to_owned(), count)).collect(),
            store: keeper.store,
            backup: keeper.backup,
            knowledge: keeper.knowledge,
            assets: keeper.assets,
            verdicts: keeper.verdicts,
            resident_bytes: resident_bytes().unwrap_or(0),
            observations: keeper.observations,
            stored_ns: keeper.stored.map_or(0, |at| at.0),
            settle_ms: keeper.settle_ms,
            ..Health::default()
        };
        let mut complaints = self.interfaces(&health.interfaces);
        complaints.extend(self.threads(&status.beats()));
        complaints.extend(incidents(&keeper.incidents));
        complaints.extend(store(&health));
        complaints.extend(backup(&health));
        complaints.extend(self.knowledge(&health));
        complaints.extend(limits(&health));
        complaints.extend(self.flood(&health));
        complaints.sort();
        health.complaints = complaints;
        health
    }

    /// More hosts than can be told of are heard, and answer nobody. It is told until a while after the last one.
    fn flood(&mut self, health: &Health) -> Option<Complaint> {
        let (known, since) = &mut self.given_up;
        let now = Instant::now();
        let given_up = health.counters.get(GIVEN_UP).copied().unwrap_or(0);
        if given_up > *known {
            (*known, *since) = (given_up, Some(now));
        }
        let is_on = since.is_some_and(|at| now.saturating_duration_since(at) < FLOOD_FOR);
        let text = "a flood of new addresses, or a scan: hosts that were heard once or twice and answered nobody are left out; see how many at engine.strangers_given_up";
        is_on.then(|| complaint(Gravity::Warning, "flood", text.to_owned()))
    }

    /// True while facts progress as far as the wire gives any: what the watchdog of the system is fed with.
    pub(super) fn is_alive(&self) -> bool {
        self.beats.iter().all(|(_, moved)| moved.elapsed() < STALLED_AFTER)
    }

    /// What became wrong and what became right since the last time.
    pub(super) fn news(&mut self, health: &Health) -> Vec<Notice> {
        let is: BTreeMap<(Gravity, String), String> = health
            .complaints
            .iter()
            .map(|complaint| {
                ((complaint.severity, complaint.about.clone()), complaint.text.clone())
            })
            .collect();
        let told = now();
        let mut notices = Vec::new();
        for ((gravity, about), text) in &is {
            if self.told.contains_key(&(*gravity, about.clone())) {
                continue;
            }
            let severity = match gravity {
                Gravity::Blind => Severity::Critical,
                Gravity::Degraded => Severity::Error,
                Gravity::Warning => Severity::Warning,
            };
            tracing::warn!("{about}: {text}");
            notices.push(watch::sensor(NoticeKind::SensorDegraded, severity, about, text, told));
        }
        let before: BTreeSet<&String> = self.told.keys().map(|(_, about)| about).collect();
        let after: BTreeSet<&String> = is.keys().map(|(_, about)| about).collect();
        for about in before.difference(&after) {
            let text = format!("{about}: it is well again");
            tracing::info!("{text}");
            let (kind, severity) = (NoticeKind::SensorRecovered, Severity::Notice);
            notices.push(watch::sensor(kind, severity, about, &text, told));
        }
        self.told = is;
        notices
    }

    fn interfaces(&mut self, interfaces: &[InterfaceHealth]) -> Vec<Complaint> {
        let now = Instant::now();
        self.lost.resize(interfaces.len(), (0, None));
        self.heard.resize(interfaces.len(), (0, now));
        let mut complaints = Vec::new();
        let known = self.lost.iter_mut().zip(&mut self.heard);
        for (interface, ((lost, lost_at), (frames, heard_at))) in interfaces.iter().zip(known) {
            if interface.frames != *frames {
                (*frames, *heard_at) = (interface.frames, now);
            }
            let dropped =
                interface.dropped_by_kernel.saturating_add(interface.dropped_by_interface);
            if dropped > *lost {
                (*lost, *lost_at) = (dropped, Some(now));
            }
            let is_losing = lost_at.is_some_and(|at| at.elapsed() < LOSING_FOR);
            let quiet = heard_at.elapsed();
            let said = interface_complaints(interface, is_losing, quiet);
            complaints.extend(said.into_iter().map(|(severity, text)| {
                let about = format!("interface {}", interface.name);
                Complaint { severity, about, text }
            }));
        }
        complaints
    }

    fn threads(&mut self, beats: &[u64]) -> Vec<Complaint> {
        let now = Instant::now();
        self.beats.resize(beats.len(), (0, now));
        for ((known, moved), beats) in self.beats.iter_mut().zip(beats) {
            if beats != known {
                (*known, *moved) = (*beats, now);
            }
        }
        if self.is_alive() {
            return Vec::new();
        }
        let text = "a thread of the sensor stands still: restart it, and report it";
        vec![complaint(Gravity::Blind, "sensor", text.to_owned())]
    }

    fn knowledge(&self, health: &Health) -> Vec<Complaint> {
        let knowledge = &health.knowledge;
        let mut complaints = Vec::new();
        if !knowledge.refused.is_empty() {
            let text = format!(
                "reading it again was refused, the set before is in use: {}",
                knowledge.refused
            );
            complaints.push(complaint(Gravity::Degraded, "knowledge", text));
        }
        let is_old = knowledge.age_days > self.warn_after_days && knowledge.documents > 0;
        if is_old && !knowledge.origin.starts_with("built in") {
            let days = knowledge.age_days;
            let text = format!("the advisories are {days} days old: import a newer bundle");
            complaints.push(complaint(Gravity::Warning, "advisories", text));
        }
        complaints
    }
}

/// What is wrong with one interface: the worst only, because the rest follows from it.
fn interface_complaints(
    interface: &InterfaceHealth,
    is_losing: bool,
    quiet: Duration,
) -> Option<(Gravity, String)> {
    let trouble = &interface.trouble;
    match interface.state {
        LinkState::Gone => {
            let hint = "it is not there or cannot be opened";
            let text = if trouble.is_empty() { hint.to_owned() } else { trouble.clone() };
            return Some((Gravity::Blind, text));
        }
        LinkState::Down => {
            return Some((
                Gravity::Blind,
                "it is down: check the cable and the mirror port".to_owned(),
            ));
        }
        LinkState::Up => {}
    }
    if quiet >= BLIND_AFTER {
        let minutes = quiet.as_secs() / 60;
        let text = format!("no frame for {minutes} minutes: is the mirror session still set up?");
        return Some((Gravity::Blind, text));
    }
    if is_losing {
        let (kernel, card) = (interface.dropped_by_kernel, interface.dropped_by_interface);
        let text = format!(
            "it loses frames: the kernel dropped {kernel} so far, the network card {card}, of {} received",
            interface.received
        );
        return Some((Gravity::Degraded, text));
    }
    if !trouble.is_empty() {
        return Some((Gravity::Degraded, trouble.clone()));
    }
    if interface.transmitted > 0 {
        let text = format!(
            "it sent {} packets since the sensor started, which did not send them: take its addresses away, see nameplate doctor -i {}",
            interface.transmitted, interface.name
        );
        return Some((Gravity::Warning, text));
    }
    (quiet >= QUIET_AFTER).then(|| {
        let text = format!("no frame for {} seconds", quiet.as_secs());
        (Gravity::Warning, text)
    })
}

fn store(health: &Health) -> Option<Complaint> {
    let trouble = &health.store.trouble;
    match health.store.state {
        StoreState::Refusing => {
            let text = format!("it takes no rows, what is new waits in memory: {trouble}");
            Some(complaint(Gravity::Blind, "store", text))
        }
        StoreState::Tight => {
            let text = format!("there is little room: no frames are kept as evidence: {trouble}");
            Some(complaint(Gravity::Degraded, "store", text))
        }
        StoreState::Writable => None,
    }
}

/// A copy that could not be made.
fn backup(health: &Health) -> Option<Complaint> {
    let BackupHealth { dir, trouble, .. } = &health.backup;
    (!trouble.is_empty()).then(|| {
        let text = format!("the store could not be copied into {dir}: {trouble}");
        complaint(Gravity::Warning, "backup", text)
    })
}

/// What was found when the store was opened stays told until the next start.
fn incidents(incidents: &[String]) -> impl Iterator<Item = Complaint> {
    incidents.iter().map(|text| complaint(Gravity::Warning, "start", text.clone()))
}

/// Tables that are full, and losses of our own.
fn limits(health: &Health) -> Vec<Complaint> {
    let full = |fill: &&Fill| {
        fill.most > 0 && fill.holds >= fill.most && MUST_HAVE_ROOM.contains(&&*fill.name)
    };
    let mut complaints: Vec<Complaint> = Vec::new();
    for fill in health.fills.iter().filter(full) {
        let text = format!("{} of {} are in use: what is new has no room", fill.holds, fill.most);
        complaints.push(complaint(Gravity::Degraded, &fill.name, text));
    }
    for name in OWN_LOSSES {
        if let Some(count) = health.counters.get(*name).filter(|count| **count > 0) {
            complaints.push(complaint(Gravity::Degraded, name, format!("{count} since the start")));
        }
    }
    complaints
}

fn complaint(severity: Gravity, about: &str, text: String) -> Complaint {
    Complaint { severity, about: about.to_owned(), text }
}

/// Writes what others read of the sensor, beside the store: whole or not at all, on a full disk too. There are two files of the same length, that of now and
/// that before it: the older is written over, which takes no room, and then the two change places.
pub(super) fn write(health: &Health, dir: &Path) -> std::io::Result<()> {
    let (part, file) = (dir.join(PART), path(dir));
    let mut text = serde_json::to_vec(health).map_err(std::io::Error::other)?;
    let length = text.len().saturating_add(1).next_multiple_of(LENGTH_STEP);
    text.resize(length.saturating_sub(1), b' ');
    text.push(b'\n');
    let mut out = OpenOptions::new().write(true).create(true).truncate(false).open(&part)?;
    out.write_all(&text)?;
    out.set_len(u64::try_from(text.len()).unwrap_or(u64::MAX))?;
    drop(out);
    let exchange = rustix::fs::RenameFlags::EXCHANGE;
    let here = rustix::fs::CWD;
    match rustix::fs::renameat_with(here, &part, here, &file, exchange) {
        Ok(()) => Ok(()),
        // There is none yet, or this file system cannot exchange two.
        Err(_) => std::fs::rename(&part, &file),
    }
}

/// Where the state of a sensor stands, beside its store.
pub(in crate::app) fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Memory of this process that is in use, as Linux tells it.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1_024)
}

/// The file has a length that is a multiple of this.
const LENGTH_STEP: usize = 16 * 1_024;
const FILE: &str = "health.json";
const PART: &str = "health.json.part";
/// Counts hosts of which nothing was told.
const GIVEN_UP: &str = "engine.strangers_given_up";
/// How long a flood is told after it ended.
const FLOOD_FOR: Duration = Duration::from_secs(300);
/// After this long without a frame an interface is quiet.
const QUIET_AFTER: Duration = Duration::from_secs(60);
/// And after this long nobody may rely on it: no plant is silent for minutes.
const BLIND_AFTER: Duration = Duration::from_secs(300);
/// How long a loss is told after it ended.
const LOSING_FOR: Duration = Duration::from_secs(60);
/// Threads make many rounds a second; settling very many devices takes some seconds.
const STALLED_AFTER: Duration = Duration::from_secs(60);
/// Tables in which what is new must find room; the others push out the oldest, as they should.
const MUST_HAVE_ROOM: &[&str] = &["monitor.held_back"];
/// What this program lost itself.
const OWN_LOSSES: &[&str] = &[
    "engine.observations_dropped",
    "ledger.passers_by_over_limit",
    "ledger.subjects_over_limit",
    "monitor.observations_lost",
];

#[cfg(test)]
mod tests;
