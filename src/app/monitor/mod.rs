//! The sensor: frames of live interfaces through the engine and the ledger into a store, for years.
//!
//! ```text
//!  interface ─▶ receive ─┐ batches                facts, frames
//!  interface ─▶ receive ─┴────────▶ read (engine) ─────────────▶ keep (ledger, store) ─▶ notices
//!                  ◀── empty batches ──┘                              │
//!  main thread: signals, health, watchdog ◀──────── status ───────────┘
//! ```
//!
//! Queues are bounded, and a full one stops those before it: in the end the ring of the kernel, which drops and counts. Nothing here sends.

mod backups;
mod behind;
mod health;
mod keep;
mod merge;
mod read;
mod receive;
mod status;
mod supervise;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};
use std::time::Duration;

use crate::app::config::Keep;
use crate::app::knowledge::Sources;
use crate::app::rights::{self, Confinement, Network, Work};
use crate::app::service::Service;
use crate::app::{AppError, scan};
use crate::capture::{Live, LiveOptions};
use crate::engine;
use crate::model::health::{Fill, Health};
use crate::model::limits::{BATCHES_WAITING_MAX, PARCELS_WAITING_MAX};
use crate::model::{Ceiling, Run, Sites, Timestamp};
use crate::store::{Opened, Store};

pub(in crate::app) use backups::Backups;
use keep::{Keeper, Order, Sessions};
use read::Reading;
use receive::Reception;
use status::{Guard, Status};
use supervise::Supervision;

/// What a sensor is set to.
pub(in crate::app) struct Settings {
    /// Interfaces, by name.
    pub(in crate::app) interfaces: Vec<String>,
    /// How to listen.
    pub(in crate::app) live: LiveOptions,
    /// How much memory there is for what is remembered.
    pub(in crate::app) ceiling: Ceiling,
    /// Name of the site.
    pub(in crate::app) site: Option<Box<str>>,
    /// Where knowledge comes from.
    pub(in crate::app) sources: Sources,
    /// Directory of the store.
    pub(in crate::app) store: PathBuf,
    /// What of the frames behind facts is kept.
    pub(in crate::app) evidence: Keep,
    /// How much may be kept, and how long.
    pub(in crate::app) room: Room,
    /// The copies that are made of it.
    pub(in crate::app) backups: Option<Backups>,
    /// After which time a device that is not heard is silent.
    pub(in crate::app) silent_after: Duration,
    /// How often it is written who was there and who talked to whom.
    pub(in crate::app) standing_every: Duration,
    /// From which age on advisories are told to be old, in days.
    pub(in crate::app) warn_after_days: u64,
    /// End after this long.
    pub(in crate::app) stop_after: Option<Duration>,
    /// Where notices are written as they are made.
    pub(in crate::app) events: Option<Box<dyn Write + Send>>,
}

/// How much may be kept, and how long.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(in crate::app) struct Room {
    /// Bytes that the store may have; zero for any number.
    pub(in crate::app) bytes_max: u64,
    /// Age past which evidence and events go, in nanoseconds; zero for any age.
    pub(in crate::app) keep_ns: i64,
    /// Bytes kept free for the day on which the disk is full.
    pub(in crate::app) reserve_bytes: u64,
}

/// Runs until a person or the system ends it. Gives how it was in the end.
pub(in crate::app) fn run(settings: Settings) -> Result<Health, AppError> {
    let started = now();
    let Opened { mut store, incidents, unclean, .. } =
        Store::open_for_sensor(&settings.store, started)?;
    let unclean = unclean.iter().map(|stop| {
        format!("{} did not end in order: what it heard last may be missing", stop.name)
    });
    let incidents: Vec<String> = incidents.iter().map(ToString::to_string).chain(unclean).collect();
    let (sites, site) = sites(&mut store, settings.site.as_deref())?;
    let sessions = Sessions::begin(&mut store, &settings.interfaces, started)?;
    let lives = open(&settings, &sessions)?;
    let status = Status::new(&settings.interfaces);
    status.keeper().incidents = incidents;
    let breakers = lives.iter().map(Live::breaker).collect();
    let descriptors: Vec<i32> = lives.iter().filter_map(Live::descriptor).collect();
    let ceiling = settings.ceiling;
    let options = engine::Options { site, seed: seed(), ceiling, ..engine::Options::default() };
    let (parcels, kept) = mpsc::sync_channel(PARCELS_WAITING_MAX);
    let supervision = Supervision {
        status: &status,
        service: Service::from_environment(),
        listening: format!("listening on {}", settings.interfaces.join(", ")),
        breakers,
        parcels: parcels.clone(),
        store: settings.store.clone(),
        warn_after_days: settings.warn_after_days,
        stop_after: settings.stop_after,
        is_unwritten: false,
    };
    // The signals need a socket pair, and the process can make none after this.
    let runtime = supervise::runtime()?;
    note(&rights::confine(&confinement(&settings)));
    let run = Run { sites, ..scan::new_run() };
    let Settings { store: dir, backups, sources, room, silent_after, events, .. } = settings;
    let silent_after = u64::try_from(silent_after.as_nanos()).unwrap_or(u64::MAX);
    let order = Order { sources, room, ceiling, silent_after, events };
    let (keep, every) = (settings.evidence, settings.standing_every);
    std::thread::scope(|scope| -> Result<Health, AppError> {
        let status = &status;
        copy(scope, (backups.as_ref(), &dir), &descriptors, status)?;
        let keeping = thread("keep").spawn_scoped(scope, move || -> Result<(), AppError> {
            let _guard = Guard { status, is_last: true };
            note(&rights::enter(&Work::Storing(descriptors)));
            let keeper = Keeper::begin(store, order, (run, sessions), status)?;
            keeper.run(&kept);
            Ok(())
        });
        let block_wait = settings.live.block_wait;
        receive_and_read(scope, lives, (options, keep, every), (parcels, status), block_wait)?;
        let ended = supervision.run(&runtime);
        match keeping.map_err(thread_failed)?.join() {
            Ok(kept) => kept?,
            Err(_) => return Err(AppError::Internal("the thread of the store died".to_owned())),
        }
        ended
    })
}

/// Starts the thread that copies the store, where one is to be.
fn copy<'scope, 'env: 'scope>(
    scope: &'scope std::thread::Scope<'scope, 'env>,
    (backups, store): (Option<&'scope Backups>, &'scope Path),
    descriptors: &[i32],
    status: &'scope Status,
) -> Result<(), AppError> {
    let Some(backups) = backups else { return Ok(()) };
    let descriptors = descriptors.to_vec();
    let spawned = thread("backup").spawn_scoped(scope, move || {
        let _guard = Guard { status, is_last: false };
        note(&rights::enter(&Work::Storing(descriptors)));
        backups.run(store, status);
    });
    spawned.map(drop).map_err(thread_failed)
}

/// Starts the threads of the interfaces and of the engine.
fn receive_and_read<'scope, 'env: 'scope>(
    scope: &'scope std::thread::Scope<'scope, 'env>,
    lives: Vec<Live>,
    reading: (engine::Options, Keep, Duration),
    (parcels, status): (SyncSender<read::Parcel>, &'scope Status),
    block_wait: Duration,
) -> Result<(), AppError> {
    let (out, heard) = mpsc::sync_channel(BATCHES_WAITING_MAX);
    let mut ways_back = Vec::with_capacity(lives.len());
    for (interface, live) in lives.into_iter().enumerate() {
        let (way_back, back) = mpsc::channel();
        ways_back.push(way_back);
        let out = out.clone();
        let reception = Reception { interface, live, block_wait, out, back, status };
        let spawned = thread("receive").spawn_scoped(scope, move || {
            let _guard = Guard { status, is_last: false };
            note(&rights::enter(&Work::Capture));
            reception.run();
        });
        spawned.map_err(thread_failed)?;
    }
    let reading = Reading::new(reading, ways_back, parcels, status);
    let spawned = thread("read").spawn_scoped(scope, move || {
        let _guard = Guard { status, is_last: false };
        note(&rights::enter(&Work::Reading));
        reading.run(&heard);
    });
    spawned.map_err(thread_failed)?;
    Ok(())
}

fn open(settings: &Settings, sessions: &Sessions) -> Result<Vec<Live>, AppError> {
    let named = settings.interfaces.iter().zip(sessions.numbers());
    let opened = named.map(|(interface, number)| Live::open(interface, number, &settings.live));
    Ok(opened.collect::<Result<Vec<Live>, _>>()?)
}

/// What the process keeps of its rights.
fn confinement(settings: &Settings) -> Confinement {
    let Sources { advisories, signatures, decisions, .. } = &settings.sources;
    let reads = [advisories, signatures, decisions].into_iter().flatten();
    let backups = settings.backups.as_ref().map(|backups| backups.dir.clone());
    // One that cannot be made is told when it is needed; all other rights are given away nevertheless.
    let backups = backups.filter(|dir| std::fs::create_dir_all(dir).is_ok());
    Confinement {
        writes: std::iter::once(settings.store.clone()).chain(backups).collect(),
        reads: reads.cloned().collect(),
        network: Network::Nobody,
        reopens: true,
    }
}

/// What was given away, and what could not be.
fn note(steps: &[rights::Step]) {
    for step in steps {
        match step.outcome {
            rights::Outcome::Done => tracing::debug!("{step}"),
            rights::Outcome::Partly | rights::Outcome::Not => tracing::info!("{step}"),
        }
    }
}

/// The sites that the store knows, that of the sensor among them, and its number.
fn sites(store: &mut Store, name: Option<&str>) -> Result<(Sites, u16), AppError> {
    let own = Sites::new(name.map(Into::into));
    store.take(&own, &[], &[], &[])?;
    let sites = store.sites()?;
    let number = match name {
        None => 0,
        Some(name) => sites.number(name).ok_or_else(|| {
            AppError::Usage(format!("the store has no room for another site: {name}"))
        })?,
    };
    Ok((sites, number))
}

/// The clock on the wall: this is an edge.
fn now() -> Timestamp {
    let nanos = jiff::Timestamp::now().as_nanosecond();
    Timestamp(i64::try_from(nanos).unwrap_or(i64::MAX))
}

/// Nobody can aim at the collisions of hashes that nobody knows.
fn seed() -> u64 {
    getrandom::u64().unwrap_or_default()
}

fn thread(name: &str) -> std::thread::Builder {
    std::thread::Builder::new().name(format!("nameplate-{name}"))
}

fn thread_failed(source: std::io::Error) -> AppError {
    AppError::Internal(format!("a thread could not be started: {source}"))
}

fn fills(fills: &[(&'static str, usize, usize)]) -> Vec<Fill> {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let fill = |(name, holds, most): &(&str, usize, usize)| Fill {
        name: (*name).to_owned(),
        holds: number(*holds),
        most: number(*most),
    };
    fills.iter().map(fill).collect()
}
