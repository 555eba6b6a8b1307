//! What the threads of a sensor tell of themselves, for whoever asks how it is.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::health::{
    BackupHealth, Fill, InterfaceHealth, KnowledgeHealth, Phase, StoreHealth,
};
use crate::model::{Counters, Timestamp};

/// One for all threads.
#[derive(Debug)]
pub(super) struct Status {
    /// Set once: the sensor ends.
    stop: AtomicBool,
    /// In the order of the interfaces.
    interfaces: Vec<Mutex<InterfaceHealth>>,
    engine: Mutex<EngineStatus>,
    keeper: Mutex<KeeperStatus>,
    /// One for each thread that must not stand still: it counts its rounds.
    beats: Vec<AtomicU64>,
}

/// How the engine is.
#[derive(Clone, Debug, Default)]
pub(super) struct EngineStatus {
    pub(super) counters: Counters,
    pub(super) fills: Vec<Fill>,
}

/// How what is kept is.
#[derive(Clone, Debug, Default)]
pub(super) struct KeeperStatus {
    pub(super) phase: Phase,
    pub(super) counters: Counters,
    pub(super) fills: Vec<Fill>,
    pub(super) store: StoreHealth,
    pub(super) backup: BackupHealth,
    pub(super) knowledge: KnowledgeHealth,
    pub(super) assets: u64,
    pub(super) verdicts: [u64; 4],
    pub(super) observations: u64,
    pub(super) stored: Option<Timestamp>,
    pub(super) settle_ms: u64,
    /// What was wrong when the store was opened, one line each.
    pub(super) incidents: Vec<String>,
}

impl Status {
    /// For these interfaces.
    pub(super) fn new(interfaces: &[String]) -> Self {
        let named = |name: &String| {
            Mutex::new(InterfaceHealth { name: name.clone(), ..InterfaceHealth::default() })
        };
        let threads = interfaces.len().saturating_add(2);
        Self {
            stop: AtomicBool::new(false),
            interfaces: interfaces.iter().map(named).collect(),
            engine: Mutex::default(),
            keeper: Mutex::default(),
            beats: (0..threads).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Ends the sensor.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether it ends.
    pub(super) fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// A thread is alive. Interfaces come first, then the engine, then the keeper.
    pub(super) fn beat(&self, thread: usize) {
        if let Some(beats) = self.beats.get(thread) {
            beats.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Rounds of all threads so far.
    pub(super) fn beats(&self) -> Vec<u64> {
        self.beats.iter().map(|beats| beats.load(Ordering::Relaxed)).collect()
    }

    /// The thread of the engine.
    pub(super) fn engine_thread(&self) -> usize {
        self.interfaces.len()
    }

    /// The thread of the keeper.
    pub(super) fn keeper_thread(&self) -> usize {
        self.interfaces.len().saturating_add(1)
    }

    /// Changes what is known of an interface.
    pub(super) fn interface(&self, at: usize, change: impl FnOnce(&mut InterfaceHealth)) {
        if let Some(interface) = self.interfaces.get(at) {
            change(&mut lock(interface));
        }
    }

    /// What is known of all interfaces.
    pub(super) fn interfaces(&self) -> Vec<InterfaceHealth> {
        self.interfaces.iter().map(|interface| lock(interface).clone()).collect()
    }

    /// How the engine is.
    pub(super) fn engine(&self) -> MutexGuard<'_, EngineStatus> {
        lock(&self.engine)
    }

    /// How what is kept is.
    pub(super) fn keeper(&self) -> MutexGuard<'_, KeeperStatus> {
        lock(&self.keeper)
    }
}

/// Held by each thread: one that dies ends the sensor, and the system starts it again.
pub(super) struct Guard<'a> {
    pub(super) status: &'a Status,
    /// Without this thread nobody would tell that the sensor has ended.
    pub(super) is_last: bool,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.status.stop();
        }
        if self.is_last {
            self.status.stop();
            self.status.keeper().phase = Phase::Stopped;
        }
    }
}

/// A thread that died left numbers, not half of a change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
