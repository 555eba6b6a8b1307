//! What is known about one subject: the facts that rules are asked about.

use std::sync::Arc;

use crate::model::Ground;
use crate::model::limits::VALUES_PER_KEY_MAX;

/// The current facts of one subject. A plain list, because there can be very many subjects with very few facts.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// In order of the names of their keys; facts of one key in the order in which they were first said: one for
    /// keys with one value at a time, at most `VALUES_PER_KEY_MAX` for the others.
    grounds: Vec<Arc<Ground>>,
}

/// What became of a fact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// It is new, or replaced another value: ask the rules again.
    Changed,
    /// The value was known already; the first proof of it is kept.
    Same,
    /// The key has as many values as are kept; this one is left out and wants counting.
    Full,
}

impl Known {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fact. For a key with one value at a time it replaces the value before it.
    pub fn take(&mut self, ground: Arc<Ground>) -> Taken {
        let known = self.grounds(ground.key.name);
        if known.iter().any(|known| known.value == ground.value) {
            return Taken::Same;
        }
        if ground.key.gathers() && known.len() >= VALUES_PER_KEY_MAX {
            return Taken::Full;
        }
        let (name, gathers) = (ground.key.name, ground.key.gathers());
        if !gathers {
            self.grounds.retain(|known| known.key.name != name);
        }
        let behind = self.grounds.partition_point(|known| known.key.name <= name);
        self.grounds.insert(behind, ground);
        Taken::Changed
    }

    /// The facts of one key; empty when it was not said.
    pub fn grounds(&self, key: &str) -> &[Arc<Ground>] {
        let start = self.grounds.partition_point(|known| known.key.name < key);
        let end = self.grounds.partition_point(|known| known.key.name <= key);
        self.grounds.get(start..end).unwrap_or_default()
    }
}
