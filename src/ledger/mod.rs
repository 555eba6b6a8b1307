//! Observations in, changes out: facts to claims, claims to assets, assets to verdicts.
//!
//! ARCHITECTURE INVARIANT: no clock, file, socket or thread. What is known is a pure function of the set of
//! observations taken: a fact that arrives late is put where its time says, and what follows from it is worked
//! out again. So a capture can be scanned twice, in parts, or into a store that knows it already.

mod divide;
mod record;
mod runs;
mod told;
mod working;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::advisory::Index;
use crate::assess::Assessor;
use crate::assess::families::Families;
use crate::fingerprint::Signatures;
use crate::inventory::{Inventory, Place};
use crate::model::limits::{PASSERS_BY_MAX, SUBJECTS_MAX};
use crate::model::placeholder::is_unset_serial;
use crate::model::{
    Asset, AssetId, Ceiling, Change, Counters, Decision, Field, Finding, Ground, Handling,
    Judgement, Key, Module, Nameplate, Observation, Sighting, Sites, Subject, Unit, Weight,
};

use divide::divide;
use record::{Record, events, slots_without_module};
use working::Outcome;

/// What facts are interpreted with.
#[derive(Debug)]
pub struct Knowledge {
    /// Facts to claims.
    pub signatures: Signatures,
    /// Product families.
    pub families: Families,
    /// Advisories.
    pub advisories: Index,
}

/// Everything known about the network.
#[derive(Debug)]
pub struct Ledger {
    signatures: Signatures,
    assessor: Assessor,
    records: BTreeMap<Subject, Record>,
    /// How many of them are passers-by.
    passers_by: usize,
    passers_by_max: usize,
    subjects_max: usize,
    inventory: Inventory,
    assets: BTreeMap<AssetId, Arc<Asset>>,
    /// In order of part, document and CVE.
    findings: BTreeMap<AssetId, Vec<Arc<Finding>>>,
    /// The advisories are others than those that the findings are of.
    advised: bool,
    counters: Counters,
}

impl Ledger {
    /// Knows nothing about any network yet.
    pub fn new(knowledge: Knowledge) -> Self {
        Self::with_ceiling(knowledge, Ceiling::default())
    }

    /// The same, with so much memory for what it will know.
    pub fn with_ceiling(knowledge: Knowledge, ceiling: Ceiling) -> Self {
        let Knowledge { signatures, families, advisories } = knowledge;
        Self {
            signatures,
            assessor: Assessor::new(advisories, families),
            records: BTreeMap::new(),
            passers_by: 0,
            passers_by_max: ceiling.of(PASSERS_BY_MAX),
            subjects_max: ceiling.of(SUBJECTS_MAX),
            inventory: Inventory::new(ceiling),
            assets: BTreeMap::new(),
            findings: BTreeMap::new(),
            advised: false,
            counters: Counters::default(),
        }
    }

    /// Takes observations. Those of one frame belong together and must come in one call.
    pub fn take(&mut self, observations: impl IntoIterator<Item = Observation>) {
        let mut together: BTreeMap<Subject, Vec<Arc<Ground>>> = BTreeMap::new();
        let mut frame = None;
        for observation in observations {
            if frame != Some(observation.frame) {
                self.conclude(std::mem::take(&mut together));
                frame = Some(observation.frame);
            }
            if !self.admits(&observation) {
                continue;
            }
            let Observation { at, frame, subject, mac, key, value, excerpt, repeat } = observation;
            if repeat {
                self.inventory.repeated(&subject, at);
                continue;
            }
            let ground = Arc::new(Ground { key, value, at, frame, mac, excerpt });
            self.inventory.observe(&subject, &ground);
            together.entry(subject).or_default().push(ground);
        }
        self.conclude(together);
    }

    /// Takes note of when a node of which something is known sent packets.
    pub fn seen(&mut self, sighting: &Sighting) {
        if self.records.contains_key(&Subject::node(sighting.node)) {
            self.inventory.seen(sighting);
        }
    }

    /// Takes what people decided, in order of number, in place of what was taken before.
    pub fn decide(&mut self, decisions: Vec<Decision>) {
        self.inventory.decide(decisions);
    }

    /// Takes the names of the sites that nodes refer to: identities are made of them.
    pub fn name_sites(&mut self, sites: &Sites) {
        self.inventory.name_sites(sites);
    }

    /// Brings devices and verdicts up to date, and tells what changed since the last time.
    pub fn settle(&mut self) -> Vec<Change> {
        self.work_out_again();
        for (subject, record) in &self.records {
            let events = events(record.history());
            if !events.is_empty() {
                self.inventory.happened(&Place::sole(subject), events);
            }
            let slots = slots_without_module(record.history());
            if !slots.is_empty() {
                self.inventory.without_module(&Place::sole(subject), slots);
            }
        }
        for node in self.inventory.perhaps_shared() {
            let (records, signatures) = (&self.records, &self.signatures);
            divide(node, records, &mut self.inventory, signatures, &mut self.counters);
        }
        let assets = self.inventory.assets_beside(&self.assets);
        let assets: BTreeMap<AssetId, Arc<Asset>> =
            assets.into_iter().map(|asset| (asset.id, asset)).collect();
        let findings: BTreeMap<AssetId, Vec<Arc<Finding>>> =
            assets.values().map(|asset| (asset.id, self.findings_of(asset))).collect();
        let mut changes = Vec::new();
        for (id, asset) in &assets {
            match self.assets.get(id) {
                None => changes.push(Change::AssetSeen(Arc::clone(asset))),
                Some(known) if known != asset => {
                    changes.push(Change::AssetChanged(Arc::clone(asset)));
                }
                Some(_) => {}
            }
        }
        changes.extend(differences(&self.findings, &findings));
        let gone = self.assets.keys().filter(|id| !assets.contains_key(id));
        changes.extend(gone.map(|id| Change::AssetGone(*id)));
        self.assets = assets;
        self.findings = findings;
        self.advised = false;
        changes
    }

    /// The verdicts on a device: those given before, where neither it nor the advisories are others.
    fn findings_of(&mut self, asset: &Arc<Asset>) -> Vec<Arc<Finding>> {
        if !self.advised && self.assets.get(&asset.id) == Some(asset) {
            return self.findings.get(&asset.id).cloned().unwrap_or_default();
        }
        let mut findings: Vec<Arc<Finding>> =
            judge(asset, &mut self.assessor).into_iter().map(Arc::new).collect();
        findings.sort_by(|one, other| {
            let (mine, theirs) = (&one.judgement, &other.judgement);
            let by_document = mine.advisory.cmp(&theirs.advisory).then(mine.cve.cmp(&theirs.cve));
            one.module.cmp(&other.module).then(by_document)
        });
        findings
    }

    /// Devices as of the last [`Ledger::settle`], in order of their identity.
    pub fn assets(&self) -> Vec<Arc<Asset>> {
        self.assets.values().cloned().collect()
    }

    /// Verdicts as of the last [`Ledger::settle`], in order of device, part, document and CVE.
    pub fn findings(&self) -> Vec<Arc<Finding>> {
        self.findings.values().flatten().cloned().collect()
    }

    /// Takes other advisories in place of those so far; [`Ledger::settle`] tells what that changes.
    pub fn advise(&mut self, advisories: Index) {
        self.assessor.advise(advisories);
        self.advised = true;
    }

    /// What facts are interpreted with.
    pub fn signatures(&self) -> &Signatures {
        &self.signatures
    }

    /// What is judged against.
    pub fn advisories(&self) -> &Index {
        self.assessor.index()
    }

    /// What was over a limit.
    pub fn counters(&self) -> Counters {
        let mut counters = self.counters.clone();
        counters.merge(self.inventory.counters());
        counters
    }

    /// Makes room for what an observation is about; false when there is none. Whoever keeps observations asks this first:
    /// what has no room here would have none either when it is read again.
    pub fn admits(&mut self, observation: &Observation) -> bool {
        let says_nothing = says_nothing(observation.key);
        if let Some(record) = self.records.get_mut(&observation.subject) {
            if record.passer_by && !says_nothing {
                record.passer_by = false;
                self.passers_by = self.passers_by.saturating_sub(1);
            }
            return true;
        }
        if self.records.len() >= self.subjects_max {
            self.counters.one("ledger.subjects_over_limit");
            return false;
        }
        if says_nothing && self.passers_by >= self.passers_by_max {
            self.counters.one("ledger.passers_by_over_limit");
            return false;
        }
        self.passers_by = self.passers_by.saturating_add(usize::from(says_nothing));
        let record = self.records.entry(observation.subject.clone()).or_default();
        record.passer_by = says_nothing;
        true
    }

    /// Facts of one frame, by subject: the rules see all of them or none.
    fn conclude(&mut self, together: BTreeMap<Subject, Vec<Arc<Ground>>>) {
        for (subject, grounds) in together {
            let Some(record) = self.records.get_mut(&subject) else { continue };
            for outcome in record.take(grounds, &self.signatures, &mut self.counters) {
                tell(&mut self.inventory, &Place::sole(&subject), &subject, outcome);
            }
        }
    }

    /// Subjects about which a fact arrived late: what follows from their facts, from the first one on.
    fn work_out_again(&mut self) {
        for (subject, record) in &mut self.records {
            if record.is_late() {
                let place = Place::sole(subject);
                self.inventory.forget_claims(&place);
                let signatures = &self.signatures;
                for outcome in record.replay(signatures, &mut self.counters) {
                    tell(&mut self.inventory, &place, subject, outcome);
                }
            }
        }
    }
}

/// True for what a machine that invents senders can say of each with one packet: addresses, and what is asked for.
fn says_nothing(key: Key) -> bool {
    matches!(key.protocol(), "arp" | "ip") && !matches!(key.name, "ip.serves" | "ip.polls")
}

/// What opened, changed and closed, in order of identifiers.
fn differences(
    before: &BTreeMap<AssetId, Vec<Arc<Finding>>>,
    after: &BTreeMap<AssetId, Vec<Arc<Finding>>>,
) -> Vec<Change> {
    let by_id =
        |findings: &BTreeMap<AssetId, Vec<Arc<Finding>>>| -> BTreeMap<uuid::Uuid, Arc<Finding>> {
            findings.values().flatten().map(|finding| (finding.id, Arc::clone(finding))).collect()
        };
    let (before, after) = (by_id(before), by_id(after));
    let mut changes = Vec::new();
    for (id, finding) in &after {
        match before.get(id) {
            None => changes.push(Change::FindingOpened(Arc::clone(finding))),
            Some(known) if known != finding => {
                changes.push(Change::FindingChanged(Arc::clone(finding)));
            }
            Some(_) => {}
        }
    }
    let closed = before.keys().filter(|id| !after.contains_key(id));
    changes.extend(closed.map(|id| Change::FindingClosed(*id)));
    changes
}

fn judge(asset: &Asset, assessor: &mut Assessor) -> Vec<Finding> {
    parts(asset).flat_map(|(path, plate)| judge_part(asset, path, plate, assessor)).collect()
}

fn judge_part(
    asset: &Asset,
    path: Option<&Unit>,
    plate: &Nameplate,
    assessor: &mut Assessor,
) -> Vec<Finding> {
    let judgements = assessor.judge(plate);
    judgements.into_iter().map(|judgement| finding(asset.id, path, judgement)).collect()
}

/// What of a device is judged for itself: the device (`None`), and its parts that are not the device seen from another side.
pub fn parts(asset: &Asset) -> impl Iterator<Item = (Option<&Unit>, &Nameplate)> {
    let parts = asset.modules.iter().filter(|part| !is_the_device_itself(asset, &part.nameplate));
    let parts = parts.map(|Module { path, nameplate, .. }| (Some(path), nameplate));
    std::iter::once((None, &asset.nameplate)).chain(parts)
}

/// Hands on what follows from the facts of a subject.
fn tell(inventory: &mut Inventory, place: &Place, subject: &Subject, outcome: Outcome) {
    match outcome {
        Outcome::Claimed(draft) => inventory.claim(place, draft.about(subject)),
        Outcome::Withdrawn { field, value, by } => inventory.withdraw(place, field, &value, &by),
        Outcome::Changed { .. } => {
            if let Some(event) = outcome.event(subject.unit.as_ref()) {
                inventory.changed(place, event);
            }
        }
    }
}

/// A judgement about a device or a part of it, as a finding with the identifier that it always has.
pub fn finding(asset: AssetId, module: Option<&Unit>, judgement: Arc<Judgement>) -> Finding {
    let part = module.map(ToString::to_string).unwrap_or_default();
    let name = format!("{asset}/{part}/{}/{}", judgement.advisory, judgement.cve);
    let id = uuid::Uuid::new_v5(&FINDING_NAMESPACE, name.as_bytes());
    let (weight, handling) = (Weight::default(), Handling::default());
    Finding { id, asset, module: module.cloned(), judgement, weight, handling }
}

/// True for a part that is the device seen from another side: the bridge in its own slot, which gives the same
/// serial number, and the only unit of a Modbus device. Numbers that were never given are those of many, and some makers
/// number each model from 1.
fn is_the_device_itself(asset: &Asset, part: &Nameplate) -> bool {
    let serial = part.value(Field::Serial).filter(|serial| !is_unset_serial(serial));
    let same = |field: &Field| part.value(*field) == asset.nameplate.value(*field);
    let same_device =
        serial.is_some() && [Field::Serial, Field::Vendor, Field::Model].iter().all(same);
    same_device || asset.is_its_only_unit()
}

/// Name space of finding identifiers: the version 5 UUID of `finding.nameplate` in the DNS name space.
const FINDING_NAMESPACE: uuid::Uuid =
    uuid::Uuid::from_u128(0xe1f8_6c07_2f0c_5b99_b441_4481_9fd7_ac38);

#[cfg(test)]
mod tests;
