//! The main thread of a sensor: signals, its state for others to read, and the watchdog of the system.

use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::AppError;
use crate::app::monitor::health::{self, Doctor};
use crate::app::monitor::read::Parcel;
use crate::app::monitor::status::Status;
use crate::capture::Breaker;
use crate::model::health::{Health, Phase};

/// What it looks after.
pub(super) struct Supervision<'a> {
    pub(super) status: &'a Status,
    /// What stops the waiting for frames.
    pub(super) breakers: Vec<Breaker>,
    pub(super) parcels: SyncSender<Parcel>,
    /// Beside this store the state is written.
    pub(super) store: PathBuf,
    pub(super) warn_after_days: u64,
    pub(super) stop_after: Option<Duration>,
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
    pub(super) fn run(self) -> Result<Health, AppError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let ended = runtime.map_err(no_signals).and_then(|runtime| runtime.block_on(self.watch()));
        // Whatever failed here, the threads must end.
        self.stop();
        ended
    }

    async fn watch(&self) -> Result<Health, AppError> {
        let mut signals = Signals::new().map_err(no_signals)?;
        let mut doctor = Doctor::new(self.warn_after_days);
        let began = Instant::now();
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            match signals.next(&mut look).await {
                Turn::Stop => self.stop(),
                Turn::Reload => self.reload(),
                Turn::Look => {}
            }
            if self.stop_after.is_some_and(|after| began.elapsed() >= after) {
                self.stop();
            }
            let health = self.look(&mut doctor);
            if health.phase == Phase::Stopped {
                return Ok(health);
            }
        }
    }

    fn look(&self, doctor: &mut Doctor) -> Health {
        let health = doctor.look(self.status);
        let news = doctor.news(&health);
        if !news.is_empty() {
            self.send(Parcel::Notices(news));
        }
        if let Err(error) = health::write(&health, &self.store) {
            tracing::warn!(%error, "the state of the sensor could not be written beside its store");
        }
        health
    }

    fn reload(&self) {
        tracing::info!("asked to read signatures and advisories again");
        self.send(Parcel::Reload);
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

fn no_signals(source: std::io::Error) -> AppError {
    AppError::Internal(format!("signals cannot be received: {source}"))
}

/// How often the state is looked at and written.
const LOOK_EVERY: Duration = Duration::from_secs(1);
