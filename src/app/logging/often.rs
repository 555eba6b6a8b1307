//! What is said too often: of one kind of event so many lines a minute, and then how many there were.
//!
//! A kind is a place in the program, so that there are never more of them than such places, whatever comes in.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tracing::Metadata;

use crate::model::limits::LOG_LINES_PER_MINUTE_MAX;

/// How often each kind was said within its minute.
#[derive(Debug)]
pub(super) struct Often {
    kinds: BTreeMap<(&'static str, u32), Kind>,
    /// When the first minute that is under way may be over.
    looked: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Kind {
    about: &'static Metadata<'static>,
    begun: Instant,
    said: u32,
    left_out: u64,
}

impl Often {
    pub(super) fn new(now: Instant) -> Self {
        Self { kinds: BTreeMap::new(), looked: now }
    }

    /// Whether one more line of a kind may be written; counts it when not.
    pub(super) fn may(&mut self, about: &'static Metadata<'static>, now: Instant) -> bool {
        let place = (about.file().unwrap_or_default(), about.line().unwrap_or_default());
        let fresh = Kind { about, begun: now, said: 0, left_out: 0 };
        let kind = self.kinds.entry(place).or_insert(fresh);
        if now.saturating_duration_since(kind.begun) >= MINUTE {
            *kind = fresh;
        }
        if kind.said < LOG_LINES_PER_MINUTE_MAX {
            kind.said = kind.said.saturating_add(1);
            return true;
        }
        kind.left_out = kind.left_out.saturating_add(1);
        false
    }

    /// Kinds whose minute is over, and of which lines were left out: how many.
    pub(super) fn over(&mut self, now: Instant) -> Vec<(&'static Metadata<'static>, u64)> {
        if now.saturating_duration_since(self.looked) < LOOK {
            return Vec::new();
        }
        self.looked = now;
        let mut over = Vec::new();
        for kind in self.kinds.values_mut() {
            let is_over = now.saturating_duration_since(kind.begun) >= MINUTE;
            if is_over && kind.left_out > 0 {
                over.push((kind.about, std::mem::take(&mut kind.left_out)));
            }
        }
        over
    }
}

const MINUTE: Duration = Duration::from_secs(60);
/// How often to look for minutes that are over: with each line it would cost more than the line.
const LOOK: Duration = Duration::from_secs(1);
