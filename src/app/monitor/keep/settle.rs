//! From what is known to devices, verdicts and notices; and what the keeper tells of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::app::monitor::keep::Keeper;
use crate::app::monitor::{fills, now};
use crate::app::{knowledge, weigh};
use crate::model::health::{Fill, KnowledgeHealth, StoreState};
use crate::model::limits::OBSERVATIONS_HELD_BACK_MAX;
use crate::model::{AssetId, Change, Conversation, Finding, Verdict};
use crate::store::StoreError;
use crate::watch::Now;

impl Keeper<'_> {
    /// Whether what was learned is worth the work already: the longer settling takes, the less often it is done.
    pub(super) fn is_due(&self) -> bool {
        let pause = self.settling.saturating_mul(SETTLE_SHARE).clamp(SETTLE_EVERY, SETTLE_AT_LEAST);
        let is_new_day = self.run.as_of.as_deref() != self.today().as_deref();
        (self.is_news && self.settled.elapsed() >= pause)
            || (self.settled.elapsed() >= LOOK_EVERY)
            || is_new_day
    }

    /// Works out devices and verdicts, keeps what is different, tells what is worth it.
    pub(super) fn settle(&mut self) {
        let began = Instant::now();
        self.is_news = false;
        let mut changes = self.ledger.settle();
        changes.retain(|change| {
            matches!(change, Change::AssetSeen(_) | Change::AssetChanged(_) | Change::AssetGone(_))
        });
        if std::mem::take(&mut self.is_anew) {
            let known: BTreeSet<AssetId> =
                self.ledger.assets().iter().map(|asset| asset.id).collect();
            let gone = self.watch.assets().filter(|id| !known.contains(id));
            changes.extend(gone.map(Change::AssetGone));
        }
        let conversations = self.conversations();
        self.weigh(&mut changes, &conversations);
        self.put(&changes);
        let told = now();
        let look =
            Now { changes: &changes, conversations: &self.current, sites: &self.run.sites, told };
        if !std::mem::replace(&mut self.is_known, true) {
            let known = Now { conversations: &conversations, ..look };
            self.watch.know(&known);
        } else {
            let notices = self.watch.look(&look);
            self.tell(notices);
        }
        self.settled = Instant::now();
        self.settling = began.elapsed();
    }

    /// Those of all sessions, put together. Only while they are looked at: nothing is kept twice.
    fn conversations(&self) -> Vec<Conversation> {
        let all = self.before.iter().chain(&self.current).cloned();
        Conversation::gather(all.collect())
    }

    /// Verdicts with what they weigh today, and what of them is different from before.
    fn weigh(&mut self, changes: &mut Vec<Change>, conversations: &[Conversation]) {
        let Ok(day) = weigh::day(&self.order.sources) else { return };
        self.run.as_of = Some(day.to_string());
        let zones = &self.order.sources.zones;
        let weighed = weigh::weigh(&self.ledger, &self.run, conversations, (zones, day));
        let after: BTreeMap<uuid::Uuid, Arc<Finding>> =
            weighed.findings.into_iter().map(|finding| (finding.id, finding)).collect();
        for (id, finding) in &after {
            match self.findings.get(id) {
                None => changes.push(Change::FindingOpened(Arc::clone(finding))),
                Some(known) if known != finding => {
                    changes.push(Change::FindingChanged(Arc::clone(finding)));
                }
                Some(_) => {}
            }
        }
        let closed = self.findings.keys().filter(|id| !after.contains_key(id));
        changes.extend(closed.map(|id| Change::FindingClosed(*id)));
        self.findings = after;
    }

    /// Brings the tables for people up to date.
    fn put(&mut self, changes: &[Change]) {
        let done = if self.is_behind { self.put_all() } else { self.put_some(changes) };
        self.is_behind = match done {
            Ok(()) => false,
            Err(error) => {
                self.refused_for_now("devices and findings", &error);
                true
            }
        };
    }

    fn put_some(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.store.apply(&self.run.sites, changes)
    }

    /// Everything: after a start, and when a change could not be written.
    fn put_all(&mut self) -> Result<(), StoreError> {
        let assets = self.ledger.assets();
        let findings: Vec<Arc<Finding>> = self.findings.values().cloned().collect();
        let seen = assets.iter().cloned().map(Change::AssetSeen);
        let opened = findings.iter().cloned().map(Change::FindingOpened);
        self.store.apply(&self.run.sites, &seen.chain(opened).collect::<Vec<_>>())?;
        self.store.forget_others(&assets, &findings)
    }

    fn today(&self) -> Option<String> {
        weigh::day(&self.order.sources).ok().map(|day| day.to_string())
    }

    /// What the keeper tells of itself.
    pub(super) fn tell_status(&mut self) {
        let mut store = self.store.health();
        let mut counters = self.ledger.counters();
        counters.merge(&self.counters);
        counters.merge(self.watch.counters());
        let mut verdicts = [0_u64; 4];
        for finding in self.findings.values() {
            let at = match finding.judgement.verdict {
                Verdict::Affected => 0,
                Verdict::Fixed => 1,
                Verdict::NotAffected => 2,
                Verdict::Unknown(_) => 3,
            };
            if let Some(count) = verdicts.get_mut(at) {
                *count = count.saturating_add(1);
            }
        }
        let held = self.held_back.facts.len();
        let assets = u64::try_from(self.ledger.assets().len()).unwrap_or(u64::MAX);
        let mut status = self.status.keeper();
        if self.held_back.tried.is_some() {
            store.state = StoreState::Refusing;
            store.trouble.clone_from(&status.store.trouble);
        }
        status.store = store;
        status.counters = counters;
        status.verdicts = verdicts;
        status.assets = assets;
        status.observations = self.observations;
        status.settle_ms = u64::try_from(self.settling.as_millis()).unwrap_or(u64::MAX);
        status.fills = fills(&[("monitor.held_back", held, OBSERVATIONS_HELD_BACK_MAX)]);
        status.fills.push(Fill {
            name: "watch.silent".to_owned(),
            holds: u64::try_from(self.watch.silent()).unwrap_or(u64::MAX),
            most: assets,
        });
        let refused = std::mem::take(&mut status.knowledge.refused);
        status.knowledge = KnowledgeHealth { refused, ..self.knowledge() };
    }

    fn knowledge(&self) -> KnowledgeHealth {
        let bundle = &self.run.bundle;
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let newest = bundle.newest.clone().unwrap_or_default();
        KnowledgeHealth {
            origin: bundle.origin.clone(),
            documents: count(bundle.documents),
            unread: count(bundle.unread),
            age_days: knowledge::age(bundle)
                .map_or(0, |age| u64::try_from(age.as_hours() / HOURS_PER_DAY).unwrap_or(0)),
            newest,
            signatures: count(self.ledger.signatures().ids().count()),
            refused: String::new(),
        }
    }
}

const HOURS_PER_DAY: i64 = 24;
/// Settling may take one part in this many of the time.
const SETTLE_SHARE: u32 = 10;
/// The shortest pause between two settlings: what is seen on a screen.
const SETTLE_EVERY: Duration = Duration::from_secs(1);
/// The longest, however many devices there are.
const SETTLE_AT_LEAST: Duration = Duration::from_secs(120);
/// Without news it looks this often: devices fall silent, and days go by.
const LOOK_EVERY: Duration = Duration::from_secs(60);
