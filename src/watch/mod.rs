//! What is worth telling: from what became different in the picture of the network to notices for people and other systems.
//!
//! ARCHITECTURE INVARIANT: pure. The picture before, the picture now and the time go in; notices come out, in a fixed order. What was told once is not told
//! again: whoever starts anew first shows what is known already ([`Watch::know`]).
//!
//! Without a baseline everything new is for the record. With one, what people have not accepted is a warning.

mod devices;
mod findings;
mod silence;
mod talks;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::limits::{CONVERSATIONS_MAX, NOTICES_PER_LOOK_MAX};
use crate::model::notice::{Notice, NoticeKind, Severity};
use crate::model::{Asset, AssetId, Change, Conversation, Counters, Finding, Sites, Timestamp};

use silence::Silence;

pub use findings::standing;
pub use silence::was_heard;
pub use talks::TalkKey;

/// What people have accepted as the normal state of their network.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Baseline {
    /// What people call it.
    pub name: Box<str>,
    /// Devices.
    pub assets: BTreeSet<AssetId>,
    /// Who talks to whom, in what.
    pub talks: BTreeSet<TalkKey>,
}

/// What the network looks like now.
#[derive(Clone, Copy, Debug)]
pub struct Now<'a> {
    /// What became different since the last look, as the ledger and those who weigh findings tell it.
    pub changes: &'a [Change],
    /// When nodes that are known were heard last, as far as somebody counted since the last look.
    pub conversations: &'a [Conversation],
    /// Names of the sites.
    pub sites: &'a Sites,
    /// The clock on the wall.
    pub told: Timestamp,
}

/// What was told so far, and what there is to compare with.
#[derive(Debug)]
pub struct Watch {
    assets: BTreeMap<AssetId, Arc<Asset>>,
    findings: BTreeMap<uuid::Uuid, Arc<Finding>>,
    talks: BTreeSet<TalkKey>,
    silence: Silence,
    baseline: Option<Baseline>,
    counters: Counters,
}

impl Watch {
    /// Knows nothing. Devices count as silent after this many nanoseconds without a packet, if it is not their habit.
    pub fn new(silent_after: u64, baseline: Option<Baseline>) -> Self {
        Self {
            assets: BTreeMap::new(),
            findings: BTreeMap::new(),
            talks: BTreeSet::new(),
            silence: Silence::new(silent_after),
            baseline,
            counters: Counters::default(),
        }
    }

    /// Takes what is known already; nothing of it is told.
    pub fn know(&mut self, now: &Now<'_>) {
        self.learn(now);
        self.silence.begin(now.told, self.assets.values().map(|asset| &**asset));
    }

    /// Takes over the habits that [`Self::habits`] gave before a restart.
    pub fn remember(&mut self, habits: BTreeMap<AssetId, u64>) {
        self.silence.remember(habits);
    }

    /// For how long devices are quiet by habit, in nanoseconds.
    pub fn habits(&self) -> BTreeMap<AssetId, u64> {
        self.silence.habits()
    }

    /// Another baseline, or none.
    pub fn accept(&mut self, baseline: Option<Baseline>) {
        self.baseline = baseline;
    }

    /// Tells what is new, in order of devices, findings and conversations; what is more than a receiver can take is summed up.
    pub fn look(&mut self, now: &Now<'_>) -> Vec<Notice> {
        let mut notices = devices::notices(self, now);
        notices.extend(findings::notices(self, now));
        notices.extend(talks::notices(self, now));
        self.learn(now);
        let silence = self.silence.look(now.told, self.assets.values().map(|asset| &**asset));
        notices.extend(silence.into_iter().map(|change| change.notice(now)));
        self.limited(notices, now)
    }

    /// Devices that are known.
    pub fn assets(&self) -> impl Iterator<Item = AssetId> + '_ {
        self.assets.keys().copied()
    }

    /// Devices that are silent now.
    pub fn silent(&self) -> usize {
        self.silence.silent()
    }

    /// What was over a limit.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    fn learn(&mut self, now: &Now<'_>) {
        for change in now.changes {
            match change {
                Change::AssetSeen(asset) | Change::AssetChanged(asset) => {
                    self.assets.insert(asset.id, Arc::clone(asset));
                }
                Change::AssetGone(id) => {
                    self.assets.remove(id);
                    self.silence.forget(*id);
                }
                Change::FindingOpened(finding) | Change::FindingChanged(finding) => {
                    self.findings.insert(finding.id, Arc::clone(finding));
                }
                Change::FindingClosed(id) => {
                    self.findings.remove(id);
                }
            }
        }
        for talk in now.conversations {
            let key = TalkKey::of(talk);
            if !self.is_full() {
                self.talks.insert(key);
            } else if !self.talks.contains(&key) {
                self.counters.one("watch.conversations_over_limit");
            }
        }
    }

    /// True when no more conversations can be remembered: which are new is not known then.
    fn is_full(&self) -> bool {
        self.talks.len() >= CONVERSATIONS_MAX
    }

    /// At most so many at once, and one that says how many more there were of each kind.
    fn limited(&mut self, mut notices: Vec<Notice>, now: &Now<'_>) -> Vec<Notice> {
        if notices.len() <= NOTICES_PER_LOOK_MAX {
            return notices;
        }
        // What matters most is told; of equals, what comes first.
        notices.sort_by_key(|notice| notice.severity);
        let left_out = notices.split_off(NOTICES_PER_LOOK_MAX);
        let mut kinds: BTreeMap<NoticeKind, u64> = BTreeMap::new();
        for notice in &left_out {
            let count = kinds.entry(notice.kind).or_default();
            *count = count.saturating_add(1);
        }
        let count = u64::try_from(left_out.len()).unwrap_or(u64::MAX);
        self.counters.add("watch.notices_over_limit", count);
        let kinds =
            kinds.into_iter().map(|(kind, count)| (kind.name().into(), count.to_string().into()));
        notices.push(Notice {
            kind: NoticeKind::SensorState,
            severity: Severity::Warning,
            text: format!(
                "{count} more notices at once than can be told one by one: see the store"
            )
            .into(),
            details: kinds.collect(),
            ..blank(now.told, now.told)
        });
        notices
    }

    /// The baseline, where there is one and something is not in it.
    fn beside(&self, is_in: impl Fn(&Baseline) -> bool) -> Option<&Baseline> {
        self.baseline.as_ref().filter(|baseline| !is_in(baseline))
    }
}

/// How much something new matters, what to say of it more, and the detail that programs find it by: all that is new is for the record, and what stands
/// beside what people accepted is a warning.
fn weighed(beside: Option<&Baseline>) -> (Severity, String, Option<Detail>) {
    match beside {
        None => (Severity::Informational, String::new(), None),
        Some(Baseline { name, .. }) => (
            Severity::Warning,
            format!("; it is not in the baseline {name}"),
            Some(("not_in_baseline".into(), name.clone())),
        ),
    }
}

/// A name and a value.
type Detail = (Box<str>, Box<str>);

/// A notice about nothing yet.
fn blank(at: Timestamp, told: Timestamp) -> Notice {
    Notice {
        number: 0,
        at,
        told,
        kind: NoticeKind::SensorState,
        severity: Severity::Informational,
        site: Box::default(),
        asset: None,
        name: Box::default(),
        addresses: Vec::new(),
        finding: None,
        text: Box::default(),
        details: Vec::new(),
    }
}

/// A notice about a device.
fn about(asset: &Asset, kind: NoticeKind, at: Timestamp, sites: &Sites, told: Timestamp) -> Notice {
    let site = asset.scopes.iter().find_map(|scope| sites.name(scope.site));
    let ips = asset.ips.iter().map(IpAddr::to_string);
    let macs = asset.macs.iter().map(ToString::to_string);
    Notice {
        kind,
        site: site.unwrap_or_default().into(),
        asset: Some(asset.id),
        name: asset.shown_name().into(),
        addresses: ips.chain(macs).take(ADDRESSES_MAX).map(Into::into).collect(),
        ..blank(at, told)
    }
}

/// A notice about the sensor itself: what about, and what is to be said of it.
pub fn sensor(
    kind: NoticeKind,
    severity: Severity,
    about: &str,
    text: &str,
    told: Timestamp,
) -> Notice {
    Notice {
        kind,
        severity,
        text: text.into(),
        details: vec![("about".into(), about.into())],
        ..blank(told, told)
    }
}

/// Addresses of a device that a notice names; a router has hundreds.
const ADDRESSES_MAX: usize = 16;

#[cfg(test)]
mod tests;
