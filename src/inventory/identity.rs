//! What joins two sightings, and what never does.
//!
//! Joined are sightings that gave the same vendor and serial number, or the same server GUID; whose packets come from
//! one MAC address that is the device's own; and of which one packet was seen as both. An IP address alone joins
//! nothing, nor does a name. Two serial numbers are two devices, whatever their addresses say. A person's decision stands
//! above all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::placeholder::is_unset_serial;
use crate::model::{
    Addr, Anchor, Claim, Field, Ground, Join, JoinedBy, Mac, Node, Ruling, Scope, Value,
};

use super::{Inventory, Place, Tenant};

/// The sightings of one device.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// In order.
    pub(super) tenants: Vec<Tenant>,
    /// Why they are one.
    pub(super) joins: Vec<Join>,
}

/// All sightings, put together by device, in order of their first.
pub(super) fn groups(inventory: &Inventory, owners: &Owners) -> Vec<Group> {
    let mut joined = Joined::new(inventory);
    joined.decisions(&owners.rulings);
    joined.own_macs(inventory, owners);
    for ((node, twin), ground) in inventory.bindings.twins() {
        let (a, b) = (inventory.at(*node, ground), inventory.at(*twin, ground));
        joined.join(a, b, JoinedBy::SamePacket, || vec![Arc::clone(ground)]);
    }
    joined.serials(inventory);
    joined.server_guids(inventory, owners);
    joined.groups()
}

/// For each MAC address the sightings that are certainly its owner's.
#[derive(Debug, Default)]
pub(super) struct Owners {
    by_mac: BTreeMap<(Scope, Mac), Vec<Tenant>>,
    by_tenant: BTreeMap<Tenant, BTreeSet<Mac>>,
    /// What people said of two sightings.
    rulings: Rulings,
}

impl Owners {
    /// An address that two MAC addresses own, because a lease went to another machine or somebody lies, says nothing
    /// about either, unless its facts could be divided.
    pub(super) fn new(inventory: &Inventory) -> Self {
        let mut owned_by: BTreeMap<Node, BTreeSet<Mac>> = BTreeMap::new();
        let owned: Vec<((Scope, Mac), BTreeSet<IpAddr>)> = inventory.bindings.owned().collect();
        for ((scope, mac), ips) in &owned {
            for node in ips.iter().map(|ip| Node::ip(*scope, *ip)) {
                let called = inventory.bindings.representative(node, *mac);
                owned_by.entry(node).or_default().insert(called);
            }
        }
        let mut owners = Self { rulings: Rulings::new(inventory), ..Self::default() };
        for ((scope, mac), ips) in owned {
            let itself = Tenant::sole(Node::mac(scope, mac));
            let nodes = ips.into_iter().map(|ip| Node::ip(scope, ip));
            for tenant in nodes.filter_map(|node| {
                let is_sole = owned_by.get(&node).is_some_and(|owners| owners.len() == 1);
                owner_at(inventory, node, mac, is_sole)
            }) {
                if owners.are_apart(itself, tenant) {
                    continue;
                }
                owners.by_mac.entry((scope, mac)).or_default().push(tenant);
                owners.by_tenant.entry(tenant).or_default().insert(mac);
            }
        }
        owners
    }

    /// The MAC addresses that are certainly those of a sighting.
    pub(super) fn macs(&self, tenant: &Tenant) -> impl Iterator<Item = Mac> {
        self.by_tenant.get(tenant).into_iter().flatten().copied()
    }

    /// True for two sightings that a person said are two devices.
    pub(super) fn are_apart(&self, a: Tenant, b: Tenant) -> bool {
        matches!(self.rulings.0.get(&(a.min(b), a.max(b))), Some((_, false)))
    }
}

/// For two sightings, the lesser first, the number of the decision that stands and whether they are one device: of several
/// about the same two, the last.
#[derive(Debug, Default)]
struct Rulings(BTreeMap<(Tenant, Tenant), (u64, bool)>);

impl Rulings {
    fn new(inventory: &Inventory) -> Self {
        let mut standing: BTreeMap<(Tenant, Tenant), (u64, bool)> = BTreeMap::new();
        for decision in &inventory.decisions {
            let (a, b, together) = match &decision.ruling {
                Ruling::Together(a, b) => (a, b, true),
                Ruling::Apart(a, b) => (a, b, false),
                Ruling::Set { .. } => continue,
            };
            let anchored = |anchor: &Anchor| inventory.tenant_at(anchor.node, anchor.at, None);
            let (a, b) = (anchored(a), anchored(b));
            standing.insert((a.min(b), a.max(b)), (decision.number, together));
        }
        Self(standing)
    }
}

/// Which of the devices that had an address is the owner of a MAC address.
fn owner_at(inventory: &Inventory, node: Node, mac: Mac, is_sole: bool) -> Option<Tenant> {
    let Some(tenancy) = inventory.tenancies.get(&node) else {
        return is_sole.then_some(Tenant::sole(node));
    };
    let numbered = (0_u32..).zip(&tenancy.tenants);
    let of_mac =
        numbered.filter(|(_, stay)| stay.mac.map_or(is_sole, |own| own == tenancy.called(mac)));
    let latest = of_mac.max_by_key(|(number, stay)| (stay.last, *number));
    latest.map(|(number, _)| Tenant { node, number })
}

/// Union-find over sightings: small, and independent of the order in which facts came.
struct Joined {
    tenants: Vec<Tenant>,
    number: BTreeMap<Tenant, usize>,
    parent: Vec<usize>,
    serials: Vec<BTreeSet<Serial>>,
    /// Sightings that a person said are two devices.
    apart: Vec<(usize, usize)>,
    joins: Vec<(usize, Join)>,
}

/// Vendor and serial number: what no two devices share.
type Serial = (Box<str>, Box<str>);

impl Joined {
    fn new(inventory: &Inventory) -> Self {
        let mut tenants: Vec<Tenant> = inventory.sheets.keys().map(|place| place.tenant).collect();
        tenants.dedup();
        let number = tenants.iter().enumerate().map(|(at, tenant)| (*tenant, at)).collect();
        let parent = (0..tenants.len()).collect();
        let of = |tenant| serials(inventory, tenant).map(|(serial, _)| serial).collect();
        let serials = tenants.iter().map(of).collect();
        Self { tenants, number, parent, serials, apart: Vec::new(), joins: Vec::new() }
    }

    fn decisions(&mut self, Rulings(standing): &Rulings) {
        for ((a, b), _) in standing.iter().filter(|(_, (_, together))| !together) {
            if let (Some(a), Some(b)) = (self.number.get(a), self.number.get(b)) {
                self.apart.push((*a, *b));
            }
        }
        for ((a, b), (number, _)) in standing.iter().filter(|(_, (_, together))| *together) {
            let (Some(low), Some(high)) = (self.root_of(a), self.root_of(b)) else { continue };
            if low != high && !self.are_apart(low, high) {
                self.unite(low, high, (*a, *b), JoinedBy::Decision(*number), Vec::new());
            }
        }
    }

    fn own_macs(&mut self, inventory: &Inventory, owners: &Owners) {
        let mut by_mac: BTreeMap<(u16, Mac), Vec<Tenant>> = BTreeMap::new();
        for ((scope, mac), tenants) in &owners.by_mac {
            let itself = Tenant::sole(Node::mac(*scope, *mac));
            let mut all: Vec<Tenant> = tenants.clone();
            all.extend(self.number.contains_key(&itself).then_some(itself));
            self.chain(inventory, *mac, &all);
            // A program can choose the same address in two networks, a maker does not.
            if !mac.is_local() {
                let elsewhere = by_mac.entry((scope.site, *mac)).or_default();
                elsewhere.extend(all.into_iter().find(|one| self.number.contains_key(one)));
            }
        }
        for ((_, mac), tenants) in by_mac.iter().filter(|(_, tenants)| tenants.len() > 1) {
            self.chain(inventory, *mac, tenants);
        }
    }

    fn chain(&mut self, inventory: &Inventory, mac: Mac, tenants: &[Tenant]) {
        let shows = |tenant: &Tenant| {
            let links = inventory.bindings.links(tenant.node).iter();
            let of_mac = links.filter(|link| link.mac == mac);
            of_mac.filter_map(|link| link.said.clone().or_else(|| link.carried.clone())).next()
        };
        let known: Vec<&Tenant> =
            tenants.iter().filter(|tenant| self.number.contains_key(tenant)).collect();
        for (a, b) in known.iter().zip(known.iter().skip(1)) {
            let grounds = || [*a, *b].into_iter().filter_map(shows).collect();
            self.join(**a, **b, JoinedBy::Mac(mac), grounds);
        }
    }

    /// Programs that play a device, and makers who number each model from 1, give a serial number more than once: the
    /// model must be the same.
    fn serials(&mut self, inventory: &Inventory) {
        let mut by_serial: BTreeMap<(Serial, Option<&str>), (Tenant, &Claim)> = BTreeMap::new();
        for tenant in self.tenants.clone() {
            let model = shown(inventory, tenant, Field::Model).map(|claim| &*claim.value);
            for (serial, claim) in serials(inventory, &tenant) {
                let words = format!("{} {}", serial.0, serial.1).into();
                let Some((other, known)) = by_serial.get(&(serial.clone(), model)) else {
                    by_serial.insert((serial, model), (tenant, claim));
                    continue;
                };
                let grounds = || known.from.iter().chain(&claim.from).cloned().collect();
                self.join(*other, tenant, JoinedBy::Serial(words), grounds);
            }
        }
    }

    /// A disk image copies the GUID of its computer to others. They are told apart by their names, and by standing at the
    /// same address in two networks; where many have it, it says nothing.
    fn server_guids(&mut self, inventory: &Inventory, owners: &Owners) {
        for (guid, nodes) in inventory.bindings.guids() {
            let Value::Text(guid) = guid else { continue };
            let holders: Vec<(Tenant, &Arc<Ground>)> = nodes
                .iter()
                .flat_map(|(node, grounds)| {
                    grounds.iter().map(|ground| (inventory.at(*node, ground), ground))
                })
                .collect();
            let macs: BTreeSet<Mac> =
                holders.iter().flat_map(|(tenant, _)| owners.macs(tenant)).collect();
            if macs.len() > ADAPTERS_MAX {
                continue;
            }
            for (at, (a, before)) in holders.iter().enumerate() {
                let later = holders.iter().skip(at.saturating_add(1));
                for (b, ground) in later.filter(|(b, _)| is_no_copy(inventory, owners, a, b)) {
                    let grounds = || vec![Arc::clone(before), Arc::clone(ground)];
                    self.join(*a, *b, JoinedBy::ServerGuid(guid.clone()), grounds);
                }
            }
        }
    }

    fn join(
        &mut self,
        a: Tenant,
        b: Tenant,
        by: JoinedBy,
        grounds: impl FnOnce() -> Vec<Arc<Ground>>,
    ) {
        let (Some(low), Some(high)) = (self.root_of(&a), self.root_of(&b)) else { return };
        if low != high && !self.contradict(low, high) && !self.are_apart(low, high) {
            self.unite(low, high, (a, b), by, grounds());
        }
    }

    fn unite(
        &mut self,
        one: usize,
        other: usize,
        (a, b): (Tenant, Tenant),
        by: JoinedBy,
        grounds: Vec<Arc<Ground>>,
    ) {
        let (low, high) = (one.min(other), one.max(other));
        let theirs = self.serials.get_mut(high).map(std::mem::take).unwrap_or_default();
        if let Some(serials) = self.serials.get_mut(low) {
            serials.extend(theirs);
        }
        if let Some(parent) = self.parent.get_mut(high) {
            *parent = low;
        }
        self.joins.push((low, Join { a: a.node, b: b.node, by, grounds }));
    }

    /// Two devices that name different serial numbers are two devices, whatever their addresses say.
    fn contradict(&self, a: usize, b: usize) -> bool {
        match (self.serials.get(a), self.serials.get(b)) {
            (Some(a), Some(b)) => !a.is_empty() && !b.is_empty() && a.is_disjoint(b),
            _ => false,
        }
    }

    fn are_apart(&self, a: usize, b: usize) -> bool {
        self.apart.iter().any(|(one, other)| {
            let roots = (self.root(*one), self.root(*other));
            roots == (a, b) || roots == (b, a)
        })
    }

    fn root_of(&self, tenant: &Tenant) -> Option<usize> {
        self.number.get(tenant).map(|at| self.root(*at))
    }

    fn root(&self, mut at: usize) -> usize {
        while let Some(parent) = self.parent.get(at).filter(|parent| **parent != at) {
            at = *parent;
        }
        at
    }

    fn groups(mut self) -> Vec<Group> {
        let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
        for (at, tenant) in self.tenants.iter().enumerate() {
            groups.entry(self.root(at)).or_default().tenants.push(*tenant);
        }
        for (at, join) in std::mem::take(&mut self.joins) {
            if let Some(group) = groups.get_mut(&self.root(at)) {
                group.joins.push(join);
            }
        }
        groups.into_values().collect()
    }
}

impl Inventory {
    /// The device at an address that a fact is about.
    fn at(&self, node: Node, ground: &Ground) -> Tenant {
        self.tenant_at(node, ground.at, ground.mac)
    }
}

/// False for two sightings that give one GUID and are yet two computers.
fn is_no_copy(inventory: &Inventory, owners: &Owners, a: &Tenant, b: &Tenant) -> bool {
    let name = |tenant: &Tenant| shown(inventory, *tenant, Field::Name).map(|claim| &claim.value);
    let other_name = name(a).zip(name(b)).is_some_and(|(a, b)| !a.eq_ignore_ascii_case(b));
    let [mine, theirs] = [a, b].map(|tenant| owners.macs(tenant).collect::<BTreeSet<Mac>>());
    let cloned = a.node.addr == b.node.addr
        && a.node.scope != b.node.scope
        && matches!(a.node.addr, Addr::Ip(_))
        && !mine.is_empty()
        && !theirs.is_empty()
        && mine.is_disjoint(&theirs);
    !other_name && !cloned
}

/// The claim that would be shown of a sighting alone.
fn shown(inventory: &Inventory, tenant: Tenant, field: Field) -> Option<&Claim> {
    let sheet = inventory.sheets.get(&Place { tenant, unit: None })?;
    let claims = sheet.claims.iter().filter(|claim| claim.field == field);
    claims.max_by_key(|claim| (claim.certainty, claim.last, &claim.value)).map(|claim| &**claim)
}

/// Vendor and serial number pairs that a sighting itself states.
fn serials<'a>(
    inventory: &'a Inventory,
    tenant: &Tenant,
) -> impl Iterator<Item = (Serial, &'a Claim)> {
    let vendor = shown(inventory, *tenant, Field::Vendor);
    let sheet = inventory.sheets.get(&Place { tenant: *tenant, unit: None });
    let claims = sheet.into_iter().flat_map(|sheet| &sheet.claims).map(|claim| &**claim);
    let claims = claims.filter(|claim| claim.field == Field::Serial);
    // Where the device says its number itself, an old list that names another one joins it to nobody.
    let surest = claims.clone().map(|claim| claim.certainty).max();
    claims
        .filter(move |claim| Some(claim.certainty) == surest && !is_unset_serial(&claim.value))
        .filter_map(move |claim| Some(((vendor?.value.clone(), claim.value.clone()), claim)))
}

/// Adapters of one computer; a GUID seen behind more of them was copied.
const ADAPTERS_MAX: usize = 4;
