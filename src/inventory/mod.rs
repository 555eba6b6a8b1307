//! Claims to assets: which sightings are one device, what is shown of it, and what is kept beside that.
//!
//! ARCHITECTURE INVARIANT: [`Inventory::assets`] is a pure function of what was put in; the order in which
//! captures arrive decides nothing.

mod addresses;
mod assembly;
mod bindings;
mod decided;
mod identity;
mod macs;
mod names;
mod settle;
mod tenancy;

pub use tenancy::{Handover, Holders, Place, Stay, Tenancy, Tenant};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::import;
use crate::model::limits::{CLAIMS_PER_FIELD_MAX, EVENTS_PER_PLACE_MAX, SUBJECTS_MAX};
use crate::model::{
    Asset, AssetId, Ceiling, Claim, Counters, Decision, Event, Field, Ground, Happening, Hop, Mac,
    Module, Nameplate, Node, Sighting, SignatureId, Sites, Subject, Timestamp, Unit, Vacancy,
    Value,
};

use bindings::Bindings;

/// Everything known about who is on the network.
#[derive(Debug)]
pub struct Inventory {
    sheets: BTreeMap<Place, Sheet>,
    bindings: Bindings,
    /// Addresses that several devices had.
    tenancies: BTreeMap<Node, Tenancy>,
    /// Addresses at which several serial numbers were given.
    renumbered: BTreeSet<Node>,
    decisions: Vec<Decision>,
    sites: Sites,
    subjects_max: usize,
    counters: Counters,
}

impl Default for Inventory {
    fn default() -> Self {
        Self::new(Ceiling::default())
    }
}

/// What is kept about one device, or a part of it, at one address.
#[derive(Debug)]
struct Sheet {
    /// In the order in which they were first made.
    claims: Vec<Arc<Claim>>,
    protocols: BTreeSet<Box<str>>,
    /// What the wire told to have happened.
    events: Vec<Arc<Ground>>,
    /// What changed in place, or was replaced in its slot.
    changes: Vec<Event>,
    /// Facts about slots without a module.
    slots: Vec<Arc<Ground>>,
    first: Timestamp,
    last: Timestamp,
}

impl Inventory {
    /// Nothing is known; there is memory for so much.
    pub fn new(ceiling: Ceiling) -> Self {
        let subjects_max = ceiling.of(SUBJECTS_MAX);
        Self {
            sheets: BTreeMap::new(),
            bindings: Bindings::new(subjects_max),
            tenancies: BTreeMap::new(),
            renumbered: BTreeSet::new(),
            decisions: Vec::new(),
            sites: Sites::default(),
            subjects_max,
            counters: Counters::default(),
        }
    }

    /// Takes note of a fact: that its subject is there, which protocol it speaks, and which addresses go together.
    pub fn observe(&mut self, subject: &Subject, ground: &Arc<Ground>) {
        self.put(&Place::sole(subject), ground);
        // Lists are old, and typed by hand: what they say of addresses ties none together.
        if ground.key.protocol() == import::PROTOCOL {
            return;
        }
        self.bindings.observe(subject, ground, &mut self.counters);
    }

    /// Takes note that a subject was there at a time, with nothing new said.
    pub fn repeated(&mut self, subject: &Subject, at: Timestamp) {
        self.sheet(&Place::sole(subject), at);
    }

    /// Takes note of when a node sent packets.
    pub fn seen(&mut self, sighting: &Sighting) {
        let place = Place { tenant: Tenant::sole(sighting.node), unit: None };
        if let Some(sheet) = self.sheet(&place, sighting.first) {
            sheet.last = sheet.last.max(sighting.last);
        }
        self.bindings.seen(sighting);
    }

    /// Takes a claim. One that the same rule made before is brought up to date; others are kept beside it.
    pub fn claim(&mut self, place: &Place, claim: Claim) {
        let (at, node) = (claim.last, place.tenant.node);
        let Some(sheet) = self.sheet(place, at) else { return };
        if let Some(known) = sheet.claims.iter_mut().find(|known| same_words(known, &claim)) {
            if claim.first < known.first || claim.last > known.last {
                // Whoever was shown it before keeps what it was then.
                let known = Arc::make_mut(known);
                known.first = known.first.min(claim.first);
                known.last = known.last.max(claim.last);
            }
            return;
        }
        let of_field = sheet.claims.iter().filter(|known| known.field == claim.field).count();
        let is_second_serial = claim.field == Field::Serial && of_field > 0;
        if of_field < CLAIMS_PER_FIELD_MAX {
            // What one frame tells makes a few claims, and then none for long: doubling would leave half of it unused.
            if sheet.claims.len() == sheet.claims.capacity() {
                sheet.claims.reserve_exact(CLAIMS_AT_ONCE);
            }
            sheet.claims.push(Arc::new(claim));
        } else {
            self.counters.one("inventory.claims_over_limit");
        }
        if is_second_serial {
            self.renumbered.insert(node);
        }
    }

    /// Takes back a claim that its rule no longer makes.
    pub fn withdraw(&mut self, place: &Place, field: Field, value: &str, by: &SignatureId) {
        if let Some(sheet) = self.sheets.get_mut(place) {
            sheet
                .claims
                .retain(|claim| claim.field != field || &*claim.value != value || claim.by != *by);
        }
    }

    /// Takes note that something is different from before.
    pub fn changed(&mut self, place: &Place, event: Event) {
        if let Some(sheet) = self.sheets.get_mut(place) {
            if sheet.changes.len() < EVENTS_PER_PLACE_MAX {
                sheet.changes.push(event);
            } else {
                self.counters.one("inventory.changes_over_limit");
            }
        }
    }

    /// Takes back all claims about a subject, because they are to be made again.
    pub fn forget_claims(&mut self, place: &Place) {
        if let Some(sheet) = self.sheets.get_mut(place) {
            sheet.claims.clear();
            sheet.changes.clear();
        }
    }

    /// Takes all that happened to a subject, in place of what was taken before.
    pub fn happened(&mut self, place: &Place, events: Vec<Arc<Ground>>) {
        if let Some(sheet) = self.sheets.get_mut(place) {
            sheet.events = events;
        }
    }

    /// Takes the slots next to a subject in which no module was found, in place of those taken before.
    pub fn without_module(&mut self, place: &Place, slots: Vec<Arc<Ground>>) {
        if let Some(sheet) = self.sheets.get_mut(place) {
            sheet.slots = slots;
        }
    }

    /// Takes what people decided, in order of number, in place of what was taken before.
    pub fn decide(&mut self, decisions: Vec<Decision>) {
        self.decisions = decisions;
    }

    /// Addresses that several devices may have had: whoever knows all facts is to divide them with
    /// [`Inventory::divide`].
    pub fn perhaps_shared(&self) -> BTreeSet<Node> {
        let known = self.tenancies.keys().chain(&self.renumbered).copied();
        known.chain(self.bindings.shared()).collect()
    }

    /// True when what was taken about an address was divided before, or gives several serial numbers: it has to be put in
    /// again even when one device had it all the time.
    pub fn is_divided(&self, node: Node) -> bool {
        self.tenancies.contains_key(&node) || self.renumbered.contains(&node)
    }

    /// The MAC addresses of the devices that had one IP address.
    pub fn holders(&self, node: Node) -> Holders {
        Holders::new(&self.bindings, node)
    }

    /// Divides an address among the devices that had it: all that was taken about it is forgotten, and to be put in again
    /// with their places.
    pub fn divide(&mut self, node: Node, tenancy: Tenancy) {
        let places: Vec<Place> =
            self.sheets_of_node(node).map(|(place, _)| place.clone()).collect();
        places.iter().for_each(|place| drop(self.sheets.remove(place)));
        if tenancy.tenants.len() > 1 {
            self.tenancies.insert(node, tenancy);
        } else {
            self.tenancies.remove(&node);
        }
    }

    /// Puts a fact where it belongs.
    pub fn put(&mut self, place: &Place, ground: &Ground) {
        let Some(sheet) = self.sheet(place, ground.at) else { return };
        match (ground.key.name, &ground.value) {
            ("ip.serves" | "ip.uses", Value::Text(protocol)) => {
                if !sheet.protocols.contains(protocol) {
                    sheet.protocols.insert(protocol.clone());
                }
            }
            _ if matches!(ground.key.protocol(), "ip" | import::PROTOCOL) => {}
            _ if sheet.protocols.contains(ground.key.protocol()) => {}
            _ => drop(sheet.protocols.insert(ground.key.protocol().into())),
        }
    }

    /// Takes note of the time from which to which a device had an address.
    pub fn stayed(&mut self, place: &Place, first: Timestamp, last: Timestamp) {
        if let Some(sheet) = self.sheet(place, first) {
            sheet.last = sheet.last.max(last);
        }
    }

    /// From when to when packets of an address came from a MAC address, or from any.
    pub fn between(&self, node: Node, mac: Option<Mac>) -> Option<(Timestamp, Timestamp)> {
        let links = self.bindings.links(node).iter();
        let chosen = links.filter(|link| mac.is_none_or(|mac| link.mac == mac));
        let spans = chosen.filter_map(|link| link.between);
        spans.reduce(|(first, last), (from, to)| (first.min(from), last.max(to)))
    }

    /// Takes the names of the sites that nodes refer to.
    pub fn name_sites(&mut self, sites: &Sites) {
        self.sites = sites.clone();
    }

    /// Every device, in order of its identity.
    pub fn assets(&self) -> Vec<Arc<Asset>> {
        self.assets_beside(&BTreeMap::new())
    }

    /// The same; devices that are as they were known before are those.
    pub fn assets_beside(&self, known: &BTreeMap<AssetId, Arc<Asset>>) -> Vec<Arc<Asset>> {
        assembly::assets(self, known)
    }

    /// What was over a limit.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    fn sheet(&mut self, place: &Place, at: Timestamp) -> Option<&mut Sheet> {
        if !self.sheets.contains_key(place) {
            if self.sheets.len() >= self.subjects_max {
                self.counters.one("inventory.subjects_over_limit");
                return None;
            }
            self.sheets.insert(place.clone(), Sheet::new(at));
        }
        let sheet = self.sheets.get_mut(place)?;
        sheet.first = sheet.first.min(at);
        sheet.last = sheet.last.max(at);
        Some(sheet)
    }

    /// The device and its parts, as seen at one address.
    fn sheets_of(&self, tenant: Tenant) -> impl Iterator<Item = (&Place, &Sheet)> {
        self.sheets
            .range(Place { tenant, unit: None }..)
            .take_while(move |(place, _)| place.tenant == tenant)
    }

    fn sheets_of_node(&self, node: Node) -> impl Iterator<Item = (&Place, &Sheet)> {
        self.sheets
            .range(Place { tenant: Tenant::sole(node), unit: None }..)
            .take_while(move |(place, _)| place.tenant.node == node)
    }

    /// The device that had an address at a time, seen from a MAC address.
    fn tenant_at(&self, node: Node, at: Timestamp, mac: Option<Mac>) -> Tenant {
        let number = self.tenancies.get(&node).map_or(0, |tenancy| tenancy.at(at, mac));
        Tenant { node, number }
    }
}

impl Place {
    /// Where the facts of a subject belong as long as only one device is known to have had its address.
    pub fn sole(subject: &Subject) -> Self {
        Self { tenant: Tenant::sole(subject.node), unit: subject.unit.clone() }
    }
}

impl Sheet {
    fn new(at: Timestamp) -> Self {
        Self {
            claims: Vec::new(),
            protocols: BTreeSet::new(),
            events: Vec::new(),
            changes: Vec::new(),
            slots: Vec::new(),
            first: at,
            last: at,
        }
    }

    fn events_of(&self, unit: Option<&Unit>) -> impl Iterator<Item = Event> {
        let told = self.events.iter().map(move |ground| Event {
            module: unit.cloned(),
            what: Happening::Told,
            ground: Arc::clone(ground),
            before: None,
        });
        told.chain(self.changes.iter().cloned())
    }

    fn vacancies_beside(&self, unit: Option<&Unit>) -> impl Iterator<Item = Vacancy> {
        self.slots.iter().filter_map(move |ground| {
            let Value::Uint(slot) = ground.value else { return None };
            let hop = Hop::Slot(u32::try_from(slot).ok()?);
            Some(Vacancy {
                path: Unit::beyond(unit, hop),
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

/// Claims that room is made for at a time.
const CLAIMS_AT_ONCE: usize = 4;
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
