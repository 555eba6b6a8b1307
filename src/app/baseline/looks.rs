//! A baseline and what the store holds now, as two looks that are compared.
//!
//! A store forgets no device: what stands still in it is no proof that it is still there. So a device or a conversation of which nothing was heard for
//! long enough since the baseline was taken counts as not seen. Long enough is counted in the time that the store has heard, not by the clock: while
//! nobody listens nothing goes missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::app::AppError;
use crate::app::baseline::{self, Held};
use crate::app::diff::{self, Looked};
use crate::app::knowledge::Sources;
use crate::app::scan::{self, Scanned};
use crate::compare::{Device, Snapshot, Talk};
use crate::export::diff::{BASELINE, Look};
use crate::export::display_name;
use crate::export::talks::whose;
use crate::model::{Asset, AssetId, Conversation, Sites, Timestamp};
use crate::store::{KeptBaseline, Store};
use crate::watch::was_heard;

/// A baseline, and the store now.
#[derive(Debug)]
pub(in crate::app) struct Compared {
    /// The baseline.
    pub(in crate::app) kept: KeptBaseline,
    /// What it holds.
    pub(in crate::app) before: Looked,
    /// What the store holds.
    pub(in crate::app) after: Looked,
    /// The store, and all that is known of it.
    pub(in crate::app) store: Store,
    /// The same.
    pub(in crate::app) known: Scanned,
}

/// Two looks: a baseline, the reference when none is named, and what the store holds now. What was not heard for longer than `absent_after`
/// nanoseconds, counted from the baseline at the earliest, is not seen.
pub(in crate::app) fn compare(
    dir: &Path,
    name: Option<&str>,
    absent_after: u64,
    (sources, now): (&Sources, Timestamp),
) -> Result<Compared, AppError> {
    let mut store = Store::open(dir)?;
    let Held { kept, devices, talks } = baseline::held(&mut store, name)?;
    let known = scan::held(&mut store, sources)?;
    let sites = &known.run.sites;
    let absence =
        Absence { since: kept.heard, until: baseline::heard(&known.run, now), after: absent_after };
    let mut after = diff::of_scanned(dir, "store", &known);
    let mut before = look(&kept, devices);
    absence.hide(&known, &mut before.snapshot, &mut after.snapshot);
    let (was, is) = absence.talks(&talks, &known.conversations);
    before.snapshot.talks = Some(told(&was, &known, sites));
    after.snapshot.talks = Some(told(&is, &known, sites));
    after.snapshot.verdicts = None;
    after.look.findings = None;
    after.look.assets = after.snapshot.devices.len();
    Ok(Compared { kept, before, after, store, known })
}

fn look(kept: &KeptBaseline, devices: Vec<Device>) -> Looked {
    let look = Look {
        name: kept.name.to_string(),
        kind: BASELINE,
        until: Some(kept.heard.unwrap_or(kept.at).to_string()),
        version: kept.version.to_string(),
        assets: devices.len(),
        ..Look::default()
    };
    let snapshot = Snapshot { devices, has_zones: false, verdicts: None, talks: None };
    Looked { look, snapshot }
}

/// What is not seen any more.
struct Absence {
    /// Time of the last frame that was heard when the baseline was taken.
    since: Option<Timestamp>,
    /// The same of the store now.
    until: Option<Timestamp>,
    after: u64,
}

impl Absence {
    /// Whether nothing was heard for too long of what was heard last then.
    fn is_long(&self, last: Timestamp) -> bool {
        let since = self.since.unwrap_or(last);
        self.until.is_some_and(|until| until.since(last.max(since)) > self.after)
    }

    /// Takes the devices of the baseline out of the second look that are not seen any more. When they were seen last is known better by now.
    fn hide(&self, known: &Scanned, before: &mut Snapshot, after: &mut Snapshot) {
        let accepted: BTreeSet<AssetId> = before.devices.iter().map(|device| device.id).collect();
        let is_gone = |asset: &Asset| was_heard(asset) && self.is_long(asset.last);
        let last: BTreeMap<AssetId, (bool, Box<str>)> = known
            .assets
            .iter()
            .filter(|asset| accepted.contains(&asset.id))
            .map(|asset| (asset.id, (is_gone(asset), asset.last.to_string().into())))
            .collect();
        after.devices.retain(|device| last.get(&device.id).is_none_or(|(is_gone, _)| !is_gone));
        for device in &mut before.devices {
            if let Some((true, last)) = last.get(&device.id) {
                device.seen.1.clone_from(last);
            }
        }
    }

    /// Conversations of the baseline, with the times that are known of them now; and those of now without the ones that are not seen any more.
    fn talks(
        &self,
        accepted: &[Conversation],
        now: &[Conversation],
    ) -> (Vec<Conversation>, Vec<Conversation>) {
        let key = |talk: &Conversation| (talk.client, talk.server, talk.port);
        let mut last: BTreeMap<_, Timestamp> = BTreeMap::new();
        for talk in now {
            let known = last.entry(key(talk)).or_insert(talk.last);
            *known = (*known).max(talk.last);
        }
        let was: Vec<Conversation> = accepted
            .iter()
            .map(|talk| {
                let last = last.get(&key(talk)).map_or(talk.last, |last| talk.last.max(*last));
                Conversation { last, ..talk.clone() }
            })
            .collect();
        let gone: BTreeSet<_> = was
            .iter()
            .filter(|talk| self.is_long(talk.last))
            .map(|talk| (key(talk), talk.protocol))
            .collect();
        // Only what was accepted can go missing: another protocol at the same place is new, however short it was.
        let is_gone = |talk: &Conversation| {
            [talk.protocol, None].iter().any(|protocol| gone.contains(&(key(talk), *protocol)))
        };
        let is = now.iter().filter(|talk| !is_gone(talk)).cloned().collect();
        (was, is)
    }
}

/// Conversations as they are compared, with the names of those who had them.
pub(in crate::app) fn told(talks: &[Conversation], known: &Scanned, sites: &Sites) -> Vec<Talk> {
    let names = whose(talks, &known.assets);
    let named = |asset: Option<&Asset>| asset.map(|asset| display_name(asset).into());
    let talks = talks.iter().zip(&names).map(|(talk, whose)| Talk {
        site: sites.name(talk.client.scope.site).unwrap_or_default().into(),
        client: talk.client.to_string().into(),
        server: talk.server.to_string().into(),
        port: talk.port.to_string().into(),
        protocol: talk.protocol.map(Into::into),
        names: [named(whose.client), named(whose.server)],
        seen: (talk.first.to_string().into(), talk.last.to_string().into()),
    });
    talks.collect()
}
