//! What this process counts of itself: requests by route and status, how long they took, what was refused.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Counts since the start. Routes are those of the table, so there are never more than that times the statuses in use.
#[derive(Debug, Default)]
pub(super) struct Tally {
    requests: Mutex<BTreeMap<(&'static str, u16), u64>>,
    durations: Mutex<BTreeMap<&'static str, Durations>>,
    /// Requests that broke on an error of the program.
    pub(super) panics: AtomicU64,
    /// Connections now.
    pub(super) connections: AtomicU64,
    /// Connections that found no room.
    pub(super) turned_away: AtomicU64,
    /// Connections cut because they were too slow.
    pub(super) stalled: AtomicU64,
}

/// How long answers took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Durations {
    /// How many took at most so long as the bound at the same place of [`BOUNDS_MS`]; the last for all others.
    pub(super) counts: [u64; BOUNDS_MS.len() + 1],
    /// All together, in microseconds.
    pub(super) sum_us: u64,
}

impl Tally {
    /// Counts an answer.
    pub(super) fn answered(&self, route: &'static str, status: u16, took: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let count = requests.entry((route, status)).or_default();
        *count = count.saturating_add(1);
        drop(requests);
        let mut durations = self.durations.lock().unwrap_or_else(PoisonError::into_inner);
        let durations = durations.entry(route).or_default();
        let millis = took.as_micros().div_ceil(1_000);
        let place = BOUNDS_MS.iter().position(|bound| millis <= u128::from(*bound));
        if let Some(count) = durations.counts.get_mut(place.unwrap_or(BOUNDS_MS.len())) {
            *count = count.saturating_add(1);
        }
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        durations.sum_us = durations.sum_us.saturating_add(us);
    }

    /// Answers by route and status.
    pub(super) fn requests(&self) -> Vec<((&'static str, u16), u64)> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().map(|(key, count)| (*key, *count)).collect()
    }

    /// How long answers took, by route.
    pub(super) fn durations(&self) -> Vec<(&'static str, Durations)> {
        let durations = self.durations.lock().unwrap_or_else(PoisonError::into_inner);
        durations.iter().map(|(route, durations)| (*route, *durations)).collect()
    }
}

/// Adds one to a counter.
pub(super) fn one(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Milliseconds: a page is to be there within 150.
pub(super) const BOUNDS_MS: [u64; 9] = [5, 10, 25, 50, 150, 500, 1_000, 2_500, 10_000];
