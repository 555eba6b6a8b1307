//! How long to leave a receiver alone that does not answer: longer each time, up to a cap, and not in step with other senders.

use std::time::Duration;

/// The waits after failures in a row.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    shortest: Duration,
    longest: Duration,
    failures: u32,
    seed: u64,
}

impl Backoff {
    pub(super) fn new(shortest: Duration, longest: Duration, seed: u64) -> Self {
        Self { shortest, longest, failures: 0, seed }
    }

    /// How long to wait after one more failure: from a half of the doubled wait to all of it.
    pub(super) fn failed(&mut self) -> Duration {
        let doubled = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.failures = self.failures.saturating_add(1);
        let full = self.shortest.saturating_mul(doubled).min(self.longest);
        // A linear congruential step (Knuth, MMIX); its upper bits are what varies.
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let half = full.checked_div(2).unwrap_or(full);
        let share = u32::try_from(self.seed >> 48).unwrap_or(0);
        let varied = half.saturating_mul(share).checked_div(SHARES).unwrap_or_default();
        half.saturating_add(varied)
    }

    pub(super) fn worked(&mut self) {
        self.failures = 0;
    }
}

/// Values that the upper 16 bits of a step have.
const SHARES: u32 = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_cap_and_begin_anew_after_success() {
        let (shortest, longest) = (Duration::from_millis(100), Duration::from_secs(5));
        let mut backoff = Backoff::new(shortest, longest, 7);
        let waits: Vec<Duration> = (0..60).map(|_| backoff.failed()).collect();
        assert!(waits[0] >= shortest / 2 && waits[0] <= shortest);
        assert!(waits[3] >= shortest * 4 && waits[3] <= shortest * 8);
        assert!(waits[10..].iter().all(|wait| (longest / 2..=longest).contains(wait)));
        assert!(waits[10..].windows(2).any(|pair| pair[0] != pair[1]), "no jitter");
        backoff.worked();
        assert!(backoff.failed() <= shortest);
        let mut same = Backoff::new(shortest, longest, 7);
        assert_eq!(waits, (0..60).map(|_| same.failed()).collect::<Vec<_>>());
    }
}
