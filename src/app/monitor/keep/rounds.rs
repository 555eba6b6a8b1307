//! What a keeper does now and then.

use std::time::{Duration, Instant};

/// Each of them, and when it was done last.
pub(super) struct Rounds {
    pub(super) sessions: Round,
    pub(super) others: Round,
    pub(super) retention: Round,
    pub(super) health: Round,
}

/// Something that is done every so often.
pub(super) struct Round {
    every: Duration,
    last: Instant,
}

impl Rounds {
    pub(super) fn new() -> Self {
        let round = |seconds| Round { every: Duration::from_secs(seconds), last: Instant::now() };
        Self { sessions: round(10), others: round(5), retention: round(60), health: round(1) }
    }
}

impl Round {
    /// Whether it is time again; then the next time counts from now.
    pub(super) fn is_due(&mut self) -> bool {
        let is_due = self.last.elapsed() >= self.every;
        if is_due {
            self.last = Instant::now();
        }
        is_due
    }
}
