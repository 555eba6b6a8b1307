//! Devices of which nothing is heard any more, and those that come back.
//!
//! A device that is polled each second is missed after minutes; an engineering station is there on some days only. So each device has a habit: the longest
//! time that it was quiet and came back, as long as the sensor has been running.

use std::collections::BTreeMap;

use crate::model::notice::{Notice, NoticeKind, Severity};
use crate::model::{Asset, AssetId, Timestamp};
use crate::watch::{Now, about};

/// When devices were heard, and what is normal for them.
#[derive(Debug)]
pub(super) struct Silence {
    silent_after: u64,
    habits: BTreeMap<AssetId, Habit>,
    /// Longest times that were learned before this run, of devices that were not looked at yet.
    learned: BTreeMap<AssetId, u64>,
}

#[derive(Clone, Copy, Debug)]
struct Habit {
    /// The last packet from it.
    last: Timestamp,
    /// When the sensor first listened for it.
    since: Timestamp,
    /// The longest time between two signs of it, in nanoseconds.
    longest: u64,
    is_silent: bool,
}

/// A device that fell silent, or came back.
#[derive(Debug)]
pub(super) struct Turned<'a> {
    asset: &'a Asset,
    is_silent: bool,
    /// For how long, in nanoseconds.
    quiet: u64,
}

impl Silence {
    pub(super) fn new(silent_after: u64) -> Self {
        Self { silent_after, habits: BTreeMap::new(), learned: BTreeMap::new() }
    }

    /// Takes over what was learned before.
    pub(super) fn remember(&mut self, learned: BTreeMap<AssetId, u64>) {
        self.learned = learned;
    }

    /// The longest time, in nanoseconds, that each device was quiet and came back; without those that never were.
    pub(super) fn habits(&self) -> BTreeMap<AssetId, u64> {
        let known = self.habits.iter().map(|(id, habit)| (*id, habit.longest));
        known.filter(|(_, longest)| *longest > 0).collect()
    }

    /// Starts to listen: the time before counts for nothing, because nobody listened.
    pub(super) fn begin<'a>(&mut self, now: Timestamp, assets: impl Iterator<Item = &'a Asset>) {
        for asset in assets {
            let longest = self.learned.get(&asset.id).copied().unwrap_or(0);
            let habit = Habit { last: asset.last, since: now, longest, is_silent: false };
            self.habits.insert(asset.id, habit);
        }
    }

    pub(super) fn forget(&mut self, id: AssetId) {
        self.habits.remove(&id);
    }

    pub(super) fn silent(&self) -> usize {
        self.habits.values().filter(|habit| habit.is_silent).count()
    }

    /// Who fell silent and who came back since the last look. Clocks that step back make nobody silent.
    pub(super) fn look<'a>(
        &mut self,
        now: Timestamp,
        assets: impl Iterator<Item = &'a Asset>,
    ) -> Vec<Turned<'a>> {
        let mut turned = Vec::new();
        for asset in assets.filter(|asset| was_heard(asset)) {
            let fresh = Habit { last: asset.last, since: asset.last, longest: 0, is_silent: false };
            let habit = self.habits.entry(asset.id).or_insert(fresh);
            if asset.last > habit.last {
                let quiet = asset.last.since(habit.last.max(habit.since));
                habit.longest = habit.longest.max(quiet);
                habit.last = asset.last;
                if std::mem::take(&mut habit.is_silent) {
                    turned.push(Turned { asset, is_silent: false, quiet });
                }
                continue;
            }
            let quiet = now.since(habit.last.max(habit.since));
            let allowed = self.silent_after.max(habit.longest.saturating_mul(PATIENCE));
            if quiet > allowed && !habit.is_silent {
                habit.is_silent = true;
                turned.push(Turned { asset, is_silent: true, quiet });
            }
        }
        turned
    }
}

impl Turned<'_> {
    pub(super) fn notice(self, now: &Now<'_>) -> Notice {
        let Self { asset, is_silent, quiet } = self;
        let kind = if is_silent { NoticeKind::AssetSilent } else { NoticeKind::AssetBack };
        let severity = if is_silent { Severity::Warning } else { Severity::Notice };
        let (name, seconds) = (asset.shown_name(), quiet / NANOS);
        let text = if is_silent {
            format!("{name}: nothing heard for {seconds} s, which is not its habit")
        } else {
            format!("{name}: heard again after {seconds} s")
        };
        let at = if is_silent { now.told } else { asset.last };
        let details = vec![
            ("last_seen".into(), asset.last.to_string().into()),
            ("quiet_seconds".into(), seconds.to_string().into()),
        ];
        Notice {
            severity,
            text: text.into(),
            details,
            ..about(asset, kind, at, now.sites, now.told)
        }
    }
}

/// False for a device that is known from a list only: nobody can miss its packets.
pub fn was_heard(asset: &Asset) -> bool {
    !asset.protocols.is_empty() || !asset.macs.is_empty() || !asset.reached_through.is_empty()
}

/// How many times longer than ever before a device may be quiet.
const PATIENCE: u64 = 3;
const NANOS: u64 = 1_000_000_000;
