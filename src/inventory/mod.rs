//! Claims to assets: which sightings are one device, what is shown of it, and what is kept beside that.
//!
//! ARCHITECTURE INVARIANT: [`Inventory::assets`] is a pure function of what was put in; the order in which
//! captures arrive decides nothing.

mod decided;
mod identity;
mod settle;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::import;
use crate::model::limits::{CLAIMS_PER_FIELD_MAX, SUBJECTS_MAX};
use crate::model::{
    Addr, Asset, Certainty, Claim, Counters, Decision, Event, Field, Ground, Happening, Hop, Mac,
    Module, Nameplate, Node, Observation, SignatureId, Subject, Timestamp, Unit, Vacancy, Value,
};

use identity::Bindings;

/// Everything known about who is on the network.
#[derive(Debug, Default)]
pub struct Inventory {
    sheets: BTreeMap<Subject, Sheet>,
    bindings: Bindings,
    decisions: Vec<Decision>,
    /// What people say of devices, worked out from `decisions`.
    decided: BTreeMap<Subject, Vec<Claim>>,
    counters: Counters,
}

/// What is kept about one subject.
#[derive(Debug)]
struct Sheet {
    /// In the order in which they were first made.
    claims: Vec<Claim>,
    protocols: BTreeSet<Box<str>>,
    events: Vec<Arc<Ground>>,
    /// Facts about slots without a module.
    slots: Vec<Arc<Ground>>,
    first: Timestamp,
    last: Timestamp,
}

impl Inventory {
    /// Takes note of a fact: that its subject is there, which protocol it speaks, and which addresses go together.
    pub fn observe(&mut self, observation: &Observation) {
        let Observation { at, subject, key, .. } = observation;
        let Some(sheet) = self.sheet(subject, *at) else { return };
        match (key.name, &observation.value) {
            ("ip.serves" | "ip.uses", Value::Text(protocol)) => {
                sheet.protocols.insert(protocol.clone());
            }
            _ if matches!(key.protocol(), "ip" | import::PROTOCOL) => {}
            _ => {
                sheet.protocols.insert(key.protocol().into());
            }
        }
        self.bindings.observe(observation, &mut self.counters);
    }

    /// Takes note that a node was there at a time, without anything said.
    pub fn seen(&mut self, node: Node, first: Timestamp, last: Timestamp) {
        let subject = Subject::node(node);
        if let Some(sheet) = self.sheet(&subject, first) {
            sheet.last = sheet.last.max(last);
        }
    }

    /// Takes a claim. One that the same rule made before is brought up to date; others are kept beside it.
    pub fn claim(&mut self, claim: Claim) {
        let at = claim.last;
        let Some(sheet) = self.sheet(&claim.subject, at) else { return };
        if let Some(known) = sheet.claims.iter_mut().find(|known| same_words(known, &claim)) {
            known.first = known.first.min(claim.first);
            known.last = known.last.max(claim.last);
            return;
        }
        let of_field = sheet.claims.iter().filter(|known| known.field == claim.field).count();
        if of_field < CLAIMS_PER_FIELD_MAX {
            sheet.claims.push(claim);
        } else {
            self.counters.one("inventory.claims_over_limit");
        }
    }

    /// Takes back a claim that its rule no longer makes.
    pub fn withdraw(&mut self, subject: &Subject, field: Field, value: &str, by: &SignatureId) {
        if let Some(sheet) = self.sheets.get_mut(subject) {
            sheet
                .claims
                .retain(|claim| claim.field != field || &*claim.value != value || claim.by != *by);
        }
    }

    /// Takes back all claims about a subject, because they are to be made again.
    pub fn forget_claims(&mut self, subject: &Subject) {
        if let Some(sheet) = self.sheets.get_mut(subject) {
            sheet.claims.clear();
        }
    }

    /// Takes all that happened to a subject, in place of what was taken before.
    pub fn happened(&mut self, subject: &Subject, events: Vec<Arc<Ground>>) {
        if let Some(sheet) = self.sheets.get_mut(subject) {
            sheet.events = events;
        }
    }

    /// Takes the slots next to a subject in which no module was found, in place of those taken before.
    pub fn without_module(&mut self, subject: &Subject, slots: Vec<Arc<Ground>>) {
        if let Some(sheet) = self.sheets.get_mut(subject) {
            sheet.slots = slots;
        }
    }

    /// Takes what people decided, in order of number, in place of what was taken before.
    pub fn decide(&mut self, decisions: Vec<Decision>) {
        self.decided = decided::claims(&decisions);
        self.decisions = decisions;
    }

    /// Every device, in order of its identity.
    pub fn assets(&self) -> Vec<Asset> {
        let macs = identity::macs_by_node(self);
        let groups = identity::groups(self);
        let mut taken = BTreeSet::new();
        let mut assets: Vec<Asset> =
            groups.iter().map(|nodes| self.asset(nodes, &macs, &mut taken)).collect();
        assets.sort_by_key(|asset| asset.id);
        assets
    }

    /// What was over a limit.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    fn sheet(&mut self, subject: &Subject, at: Timestamp) -> Option<&mut Sheet> {
        if !self.sheets.contains_key(subject) {
            if self.sheets.len() >= SUBJECTS_MAX {
                self.counters.one("inventory.subjects_over_limit");
                return None;
            }
            self.sheets.insert(subject.clone(), Sheet::new(at));
        }
        let sheet = self.sheets.get_mut(subject)?;
        sheet.first = sheet.first.min(at);
        sheet.last = sheet.last.max(at);
        Some(sheet)
    }

    fn asset(
        &self,
        nodes: &[Node],
        macs: &BTreeMap<Node, BTreeSet<Mac>>,
        taken: &mut BTreeSet<String>,
    ) -> Asset {
        let mut own = Nameplate::default();
        let mut parts: BTreeMap<Unit, Module> = BTreeMap::new();
        let mut protocols = BTreeSet::new();
        let (mut events, mut vacancies) = (Vec::new(), Vec::new());
        let (mut first, mut last) = (Timestamp(i64::MAX), Timestamp(i64::MIN));
        for (subject, sheet) in nodes.iter().flat_map(|node| self.sheets_of(node)) {
            first = first.min(sheet.first);
            last = last.max(sheet.last);
            protocols.extend(sheet.protocols.iter().cloned());
            events.extend(sheet.events_of(subject));
            vacancies.extend(sheet.vacancies_beside(subject));
            let claims = sheet.claims.iter().chain(self.decided.get(subject).into_iter().flatten());
            match &subject.unit {
                None => settle::add(&mut own, claims),
                Some(path) => {
                    let module = parts.entry(path.clone()).or_insert_with(|| sheet.module(path));
                    module.first = module.first.min(sheet.first);
                    module.last = module.last.max(sheet.last);
                    settle::add(&mut module.nameplate, claims);
                }
            }
        }
        events.sort_by_key(|event| (event.ground.at, event.ground.frame));
        settle::order(&mut own);
        parts.values_mut().for_each(|module| settle::order(&mut module.nameplate));
        let modules: Vec<Module> = parts.into_values().filter(is_there).collect();
        settle::vacancies(&mut vacancies, &modules);
        let nameplate = settle::of_the_device(own, &modules);
        let mut ips = identity::said_addresses(self, nodes);
        ips.extend(nodes.iter().filter_map(|node| match node.addr {
            Addr::Ip(ip) => Some(ip),
            Addr::Mac(_) | Addr::Listed(_) => None,
        }));
        let mut macs: BTreeSet<Mac> =
            nodes.iter().filter_map(|node| macs.get(node)).flatten().copied().collect();
        macs.extend(nodes.iter().filter_map(|node| match node.addr {
            Addr::Mac(mac) => Some(mac),
            Addr::Ip(_) | Addr::Listed(_) => None,
        }));
        let names = identity::names(&nameplate, &macs, nodes);
        // Two machines can show one serial number or one MAC address; they stay two, the second by its address.
        let free = names.iter().find(|name| !taken.contains(*name)).or(names.last());
        let identity = free.cloned().unwrap_or_default();
        taken.insert(identity.clone());
        let (id, identity) = (identity::id(&identity), identity.into());
        let scopes = nodes.iter().map(|node| node.scope).collect();
        Asset {
            id,
            identity,
            nameplate,
            modules,
            scopes,
            ips,
            macs,
            protocols,
            vacancies,
            events,
            first,
            last,
            ..Asset::default()
        }
    }

    fn sheets_of(&self, node: &Node) -> impl Iterator<Item = (&Subject, &Sheet)> {
        let node = *node;
        self.sheets
            .range(Subject::node(node)..)
            .take_while(move |(subject, _)| subject.node == node)
    }
}

impl Sheet {
    fn new(at: Timestamp) -> Self {
        Self {
            claims: Vec::new(),
            protocols: BTreeSet::new(),
            events: Vec::new(),
            slots: Vec::new(),
            first: at,
            last: at,
        }
    }

    fn events_of(&self, subject: &Subject) -> impl Iterator<Item = Event> {
        self.events.iter().map(|ground| Event {
            module: subject.unit.clone(),
            what: Happening::Told,
            ground: Arc::clone(ground),
            before: None,
        })
    }

    fn vacancies_beside(&self, subject: &Subject) -> impl Iterator<Item = Vacancy> {
        self.slots.iter().filter_map(|ground| {
            let Value::Uint(slot) = ground.value else { return None };
            let hop = Hop::Slot(u32::try_from(slot).ok()?);
            Some(Vacancy {
                path: Unit::beyond(subject.unit.as_ref(), hop),
                silent: ground.key.name == SILENT_SLOT,
                ground: Arc::clone(ground),
            })
        })
    }

    fn module(&self, path: &Unit) -> Module {
        Module {
            path: path.clone(),
            nameplate: Nameplate::default(),
            first: self.first,
            last: self.last,
        }
    }
}

/// False for a part that only a connection request expects (an electronic key, a packet interval): it need not be there.
fn is_there(module: &Module) -> bool {
    let is_polled = matches!(&*module.path.0, [Hop::Unit(_)]);
    let mut claims = module.nameplate.claims.values().flatten();
    is_polled || claims.any(|claim| claim.certainty > Certainty::Hint)
}

/// Key of the facts that a bridge knows a slot to be empty.
pub const EMPTY_SLOT: &str = "enip.empty_slot";
/// Key of the facts that nothing in a slot answered.
pub const SILENT_SLOT: &str = "enip.silent_slot";

/// The same rule, saying the same of the same subject.
fn same_words(a: &Claim, b: &Claim) -> bool {
    a.by == b.by && a.value == b.value && a.field == b.field && a.certainty == b.certainty
}

#[cfg(test)]
mod tests;
