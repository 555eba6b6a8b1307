//! What is known about one subject: the facts that rules are asked about.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Ground;
use crate::model::limits::VALUES_PER_KEY_MAX;

/// The current facts of one subject, by the name of their key.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Never an empty list. One ground for keys with one value at a time; for the others at most
    /// `VALUES_PER_KEY_MAX`, in the order in which they were first said.
    grounds: BTreeMap<&'static str, Vec<Arc<Ground>>>,
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
        let key = ground.key;
        let grounds = self.grounds.entry(key.name).or_default();
        if grounds.iter().any(|known| known.value == ground.value) {
            return Taken::Same;
        }
        if !key.several {
            grounds.clear();
        } else if grounds.len() >= VALUES_PER_KEY_MAX {
            return Taken::Full;
        }
        grounds.push(ground);
        Taken::Changed
    }

    /// The facts of one key; empty when it was not said.
    pub fn grounds(&self, key: &str) -> &[Arc<Ground>] {
        self.grounds.get(key).map_or(&[], Vec::as_slice)
    }
}
