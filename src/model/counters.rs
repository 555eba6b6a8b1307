//! Honest counting: everything seen, skipped, damaged and dropped.

use std::collections::BTreeMap;

/// Named counts. Names are `place.what`, for example `stream.gaps`; a name is listed from its first use on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Counters {
    counts: BTreeMap<&'static str, u64>,
}

impl Counters {
    /// Adds one.
    pub fn one(&mut self, name: &'static str) {
        self.add(name, 1);
    }

    /// Adds `count`; stays at the highest number instead of wrapping.
    pub fn add(&mut self, name: &'static str, count: u64) {
        let total = self.counts.entry(name).or_default();
        *total = total.saturating_add(count);
    }

    /// The count so far; zero for a name never used.
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (name, count) in &other.counts {
            self.add(name, *count);
        }
    }

    /// All counts in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.counts.iter().map(|(name, count)| (*name, *count))
    }
}
