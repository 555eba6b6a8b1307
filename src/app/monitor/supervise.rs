//! The main thread of a sensor: signals, its state for others to read, and the watchdog of the system.

use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::AppError;
use crate::app::monitor::health::{self, Doctor};
use crate::app::monitor::read::Parcel;
use crate::app::monitor::status::Status;
use crate::app::service::Service;
use crate::capture::Breaker;
use crate::model::health::{Health, Phase};

/// What it looks after.
pub(super) struct Supervision<'a> {
    pub(super) status: &'a Status,
    /// The service manager, where one started the sensor.
    pub(super) service: Service,
    /// What it is told that the sensor does.
    pub(super) listening: String,
    /// What stops the waiting for frames.
    pub(super) breakers: Vec<Breaker>,
    pub(super) parcels: SyncSender<Parcel>,
    /// Beside this store the state is written.
    pub(super) store: PathBuf,
    pub(super) warn_after_days: u64,
    pub(super) stop_after: Option<Duration>,
    /// The state could not be written the last time.
    pub(super) is_unwritten: bool,
}

/// Signals that mean something to a sensor.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

/// What happened in the meantime.
enum Turn {
    Stop,
    Reload,
    Look,
}

impl Supervision<'_> {
    /// Looks after the sensor until it ends.
    pub(super) fn run(mut self, runtime: &Runtime) -> Result<Health, AppError> {
        let ended = runtime.block_on(self.watch());
        // Whatever failed here, the threads must end.
        self.stop();
        ended
    }

    async fn watch(&mut self) -> Result<Health, AppError> {
        let mut signals = Signals::new().map_err(no_signals)?;
        let mut doctor = Doctor::new(self.warn_after_days);
        let began = Instant::now();
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        self.service.ready(&self.listening);
        loop {
            match signals.next(&mut look).await {
                Turn::Stop => {
                    self.service.stopping("writing what is known");
                    self.stop();
                }
                Turn::Reload => self.reload(),
                Turn::Look => {}
            }
            if self.stop_after.is_some_and(|after| began.elapsed() >= after) {
                self.stop();
            }
            let health = self.look(&mut doctor);
            if doctor.is_alive() && self.service.alive(Instant::now()) {
                self.service.status(&said(&self.listening, &health));
            }
            if health.phase == Phase::Stopped {
                return Ok(health);
            }
        }
    }

    fn look(&mut self, doctor: &mut Doctor) -> Health {
        let health = doctor.look(self.status);
        let news = doctor.news(&health);
        if !news.is_empty() {
            self.send(Parcel::Notices(news));
        }
        let written = health::write(&health, &self.store);
        if let Err(error) = &written
            && !self.is_unwritten
        {
            tracing::warn!(%error, "the state of the sensor could not be written beside its store");
        }
        self.is_unwritten = written.is_err();
        health
    }

    fn reload(&mut self) {
        self.service.reloading();
        tracing::info!("asked to read signatures and advisories again");
        self.send(Parcel::Reload);
        self.service.ready(&self.listening);
    }

    /// Never waits: the main thread must see the next signal.
    fn send(&self, parcel: Parcel) {
        if let Err(TrySendError::Full(_)) = self.parcels.try_send(parcel) {
            tracing::warn!("the store is too busy to be told this now");
        }
    }

    fn stop(&self) {
        self.status.stop();
        self.breakers.iter().for_each(Breaker::stop);
    }
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self, look: &mut tokio::time::Interval) -> Turn {
        tokio::select! {
            _ = self.terminate.recv() => Turn::Stop,
            _ = self.interrupt.recv() => Turn::Stop,
            _ = self.hang_up.recv() => Turn::Reload,
            _ = look.tick() => Turn::Look,
        }
    }
}

/// What a person reads who asks the service manager.
fn said(listening: &str, health: &Health) -> String {
    let frames = health.interfaces.iter().map(|one| one.frames).fold(0, u64::saturating_add);
    let worst = health.complaints.first();
    let worst = worst.map(|one| format!("; {}: {}", one.about, one.text)).unwrap_or_default();
    format!("{listening}: {frames} frames, {} devices{worst}", health.assets)
}

/// What signals are waited for in. Made before the process gives its rights away.
pub(super) fn runtime() -> Result<Runtime, AppError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(no_signals)?;
    // The first signal that is asked for makes what all of them come through.
    runtime.block_on(async { Signals::new().map(drop) }).map_err(no_signals)?;
    Ok(runtime)
}

fn no_signals(source: std::io::Error) -> AppError {
    AppError::Internal(format!("signals cannot be received: {source}"))
}

/// How often the state is looked at and written.
const LOOK_EVERY: Duration = Duration::from_secs(1);
