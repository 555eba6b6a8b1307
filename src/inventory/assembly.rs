//! Devices as they are shown: the sightings of each put together, with what happened to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::limits::EVENTS_PER_ASSET_MAX;
use crate::model::{
    Addr, Asset, AssetId, Binding, Certainty, Claim, Event, Field, Happening, Hop, Module,
    Nameplate, Node, Timestamp, Unit,
};

use super::identity::{self, Group, Owners};
use super::tenancy::Handover;
use super::{Inventory, Place, Tenant, decided, macs, names, settle};

/// Every device, in order of its identity. One that is as it was known is that one: nothing is kept twice, not even while
/// all are worked out.
pub(super) fn assets(
    inventory: &Inventory,
    known: &BTreeMap<AssetId, Arc<Asset>>,
) -> Vec<Arc<Asset>> {
    let owners = Owners::new(inventory);
    let groups = identity::groups(inventory, &owners);
    // Only now is known which device had the address that a decision names when it names it.
    let decided = decided::claims(&inventory.decisions, |anchor| {
        inventory.tenant_at(anchor.node, anchor.at, None)
    });
    let mut taken = BTreeSet::new();
    let mut number_of: BTreeMap<Tenant, usize> = BTreeMap::new();
    let mut assets: Vec<Arc<Asset>> = Vec::with_capacity(groups.len());
    for (number, group) in groups.into_iter().enumerate() {
        let shared = group.tenants.iter().filter(|one| inventory.tenancies.contains_key(&one.node));
        let before = number_of.len();
        number_of.extend(shared.map(|tenant| (*tenant, number)));
        let mut asset = asset(inventory, &owners, &decided, group, &mut taken);
        // Of the others more is to be told.
        let is_complete = number_of.len() == before;
        assets.push(if is_complete {
            order(&mut asset);
            shared_with(asset, known)
        } else {
            Arc::new(asset)
        });
    }
    tell_of_neighbours(inventory, &number_of, &mut assets);
    let incomplete: BTreeSet<usize> = number_of.into_values().collect();
    for number in incomplete {
        let Some(place) = assets.get_mut(number) else { continue };
        order(Arc::make_mut(place));
        let asset = std::mem::take(place);
        *place = shared_with(Arc::unwrap_or_clone(asset), known);
    }
    assets.sort_by_key(|asset| asset.id);
    assets
}

/// A device as it was known, where it is the same.
fn shared_with(asset: Asset, known: &BTreeMap<AssetId, Arc<Asset>>) -> Arc<Asset> {
    let same = known.get(&asset.id).filter(|known| ***known == asset);
    same.map_or_else(|| Arc::new(asset), Arc::clone)
}

/// What happened to a device, in order of time.
fn order(asset: &mut Asset) {
    asset.events.sort_by(|a, b| {
        let by = |event: &Event| (event.ground.at, event.ground.frame, event.module.clone());
        by(a)
            .cmp(&by(b))
            .then_with(|| a.name().cmp(&b.name()))
            .then_with(|| a.words().cmp(&b.words()))
    });
    asset.events.truncate(EVENTS_PER_ASSET_MAX);
    asset.events.shrink_to_fit();
}

fn asset(
    inventory: &Inventory,
    owners: &Owners,
    decided: &BTreeMap<Place, Vec<Arc<Claim>>>,
    group: Group,
    taken: &mut BTreeSet<String>,
) -> Asset {
    let Group { tenants, joins } = group;
    let mut own = Nameplate::default();
    let mut parts: BTreeMap<Unit, Module> = BTreeMap::new();
    let mut asset =
        Asset { joins, first: Timestamp(i64::MAX), last: Timestamp(i64::MIN), ..Asset::default() };
    asset.macs = macs::own(inventory, owners, &tenants);
    for tenant in &tenants {
        let mut binding: Option<(Timestamp, Timestamp)> = None;
        for (place, sheet) in inventory.sheets_of(*tenant) {
            asset.first = asset.first.min(sheet.first);
            asset.last = asset.last.max(sheet.last);
            let (first, last) = binding.unwrap_or((sheet.first, sheet.last));
            binding = Some((first.min(sheet.first), last.max(sheet.last)));
            asset.protocols.extend(sheet.protocols.iter().cloned());
            asset.events.extend(sheet.events_of(place.unit.as_ref()));
            asset.vacancies.extend(sheet.vacancies_beside(place.unit.as_ref()));
            let claims = sheet.claims.iter().chain(decided.get(place).into_iter().flatten());
            match &place.unit {
                None => {
                    let about_it =
                        |claim: &&Arc<Claim>| !macs::rests_on_another(claim, &asset.macs);
                    settle::add(&mut own, claims.filter(about_it));
                }
                Some(path) => {
                    let module = parts.entry(path.clone()).or_insert_with(|| sheet.module(path));
                    module.first = module.first.min(sheet.first);
                    module.last = module.last.max(sheet.last);
                    settle::add(&mut module.nameplate, claims);
                }
            }
        }
        bind(inventory, owners, *tenant, binding, &mut asset);
    }
    settle::order(&mut own);
    parts.values_mut().for_each(|module| settle::order(&mut module.nameplate));
    asset.modules = parts.into_values().filter(is_there).collect();
    settle::vacancies(&mut asset.vacancies, &asset.modules);
    asset.nameplate = settle::of_the_device(own, &asset.modules);
    asset.bindings.sort_unstable();
    let Asset { inner_ips, ips, .. } = &mut asset;
    inner_ips.retain(|ip| !ips.contains(ip));
    let names = names::names(&asset.nameplate, &asset.macs, &tenants, &inventory.sites);
    // Two machines can show one serial number or one MAC address; they stay two, the second by its address.
    let free = names.iter().find(|name| !taken.contains(*name)).or(names.last());
    let identity = free.cloned().unwrap_or_default();
    taken.insert(identity.clone());
    asset.id = names::id(&identity);
    asset.identity = identity.into();
    asset
}

/// The addresses of one sighting.
fn bind(
    inventory: &Inventory,
    owners: &Owners,
    tenant: Tenant,
    between: Option<(Timestamp, Timestamp)>,
    asset: &mut Asset,
) {
    let Tenant { node, .. } = tenant;
    asset.scopes.insert(node.scope);
    let mac = match node.addr {
        Addr::Mac(mac) => {
            let said = inventory.bindings.said(node.scope, mac);
            asset.ips.extend(said.filter(|ip| {
                let other = Node::ip(node.scope, *ip);
                let numbers = inventory.tenancies.get(&other).map_or(1, |one| one.tenants.len());
                let mut others =
                    (0_u32..).take(numbers).map(|number| Tenant { node: other, number });
                !others.any(|other| owners.are_apart(tenant, other))
            }));
            Some(mac)
        }
        Addr::Ip(ip) => {
            asset.ips.insert(ip);
            asset.reached_through.extend(macs::routers(inventory, &tenant, &asset.macs));
            owners.macs(&tenant).next()
        }
        Addr::Listed(_) => None,
    };
    let inner = inventory.bindings.inner(node).iter();
    let own =
        inner.filter(|(_, ground)| inventory.tenant_at(node, ground.at, ground.mac) == tenant);
    asset.inner_ips.extend(own.map(|(ip, _)| *ip));
    if let Some((first, last)) = between {
        asset.bindings.push(Binding { node, mac, first, last });
    }
}

/// Tells of devices that had one address after one another or at once, to both of them.
fn tell_of_neighbours(
    inventory: &Inventory,
    number_of: &BTreeMap<Tenant, usize>,
    assets: &mut [Arc<Asset>],
) {
    for (node, tenancy) in &inventory.tenancies {
        let handovers = tenancy.handovers.iter().map(|handover| (handover.clone(), false));
        for (handover, at_once) in handovers.chain(tenancy.neighbours()) {
            let Handover { from, to, before, ground } = handover;
            let number = |number: u32| number_of.get(&Tenant { node: *node, number });
            let (leased, stay) = (tenancy.is_leased(to), tenancy.stay(from));
            let (Some(&from), Some(&to)) = (number(from), number(to)) else { continue };
            let until = stay.map_or(ground.at, |stay| stay.last.min(ground.at));
            let later = stay.and_then(|stay| inventory.bindings.last_from(node.scope, stay.mac?));
            let is_elsewhere = later.is_some_and(|later| later > until);
            let is_gone = !is_elsewhere && is_replaced(assets, (from, to), until, leased);
            if from == to || (!at_once && !is_gone) {
                continue;
            }
            let identity = |at: usize| assets.get(at).map(|asset| asset.identity.clone());
            let (Some(was), Some(is)) = (identity(from), identity(to)) else { continue };
            for (at, other) in [(from, &is), (to, &was)] {
                let what = if at_once {
                    Happening::Contested { address: node.to_string().into(), with: other.clone() }
                } else {
                    Happening::Replaced { from: was.clone(), to: is.clone() }
                };
                let (ground, before) = (ground.clone(), Some(before.clone()));
                if let Some(asset) = assets.get_mut(at) {
                    Arc::make_mut(asset).events.push(Event { module: None, what, ground, before });
                }
            }
        }
    }
}

/// False when one device only got the address of another: the one before, which had it `until` then, was still seen after
/// that, or leases go round.
fn is_replaced(
    assets: &[Arc<Asset>],
    (from, to): (usize, usize),
    until: Timestamp,
    leased: bool,
) -> bool {
    let is_gone = assets.get(from).is_some_and(|asset| asset.last <= until);
    let has_serial = |at: usize| {
        let asset: Option<&Arc<Asset>> = assets.get(at);
        asset.is_some_and(|asset| asset.nameplate.claim(Field::Serial).is_some())
    };
    is_gone && (!leased || (has_serial(from) && has_serial(to)))
}

/// False for a part that only a connection request expects (an electronic key, a packet interval): it need not be there.
fn is_there(module: &Module) -> bool {
    let is_polled = matches!(&*module.path.0, [Hop::Unit(_) | Hop::Station(_)]);
    let mut claims = module.nameplate.claims.values().flatten();
    is_polled || claims.any(|claim| claim.certainty > Certainty::Hint)
}
