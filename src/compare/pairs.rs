//! Which device of the one look is which of the other.
//!
//! The identifier decides first. A device that shows a stronger identity later has another identifier then, and is still
//! the same device: those left over are paired by a serial number, then by a MAC address, then by an IP address in its
//! VLAN and site, where exactly one device on each side has it. Two that give different serial numbers are never one device,
//! whatever their addresses say: the one took the other's place.

use std::collections::BTreeMap;

use crate::compare::Device;
use crate::model::{AssetId, Field, Mac};

/// Two sightings of one device, or of one place; or a sighting without its counterpart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub(super) before: Option<&'a Device>,
    pub(super) after: Option<&'a Device>,
    /// What they are to each other.
    pub(super) tie: Tie,
}

/// What two sightings are to each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tie {
    /// One device; also when one of the sightings is missing.
    Same,
    /// Two devices, one after the other at the same address. With the evidence that they are two: serial numbers
    /// (`Some(false)`), or MAC addresses only (`None`).
    Replaced(Option<bool>),
}

/// Every device of both looks, once each.
pub(super) fn pairs<'a>(before: &'a [Device], after: &'a [Device]) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    let mut theirs: BTreeMap<AssetId, &Device> = after.iter().map(|one| (one.id, one)).collect();
    let mut ours: BTreeMap<AssetId, &Device> = BTreeMap::new();
    for device in before {
        match theirs.remove(&device.id) {
            // The same address is the same identifier, also for another device there that says no more of itself than
            // its serial number without its maker.
            Some(other) => pairs.push(pair(device, other, tie_by_name(device, other))),
            None => drop(ours.insert(device.id, device)),
        }
    }
    // A look that names no sites does not say that its devices are of other ones than those of the other look.
    let named = |look: &[Device]| look.iter().any(|device| !device.sites.is_empty());
    let by_site = named(before) && named(after);
    for name in [by_serial, by_mac, by_address] {
        for (one, other) in shared(&ours, &theirs, |device| name(device, by_site)) {
            // Each may have been paired by another of its names.
            let (Some(device), Some(match_of_it)) = (ours.get(&one), theirs.get(&other)) else {
                continue;
            };
            pairs.push(pair(device, match_of_it, tie_by_address(device, match_of_it)));
            ours.remove(&one);
            theirs.remove(&other);
        }
    }
    let alone = |before, after| Pair { before, after, tie: Tie::Same };
    pairs.extend(ours.into_values().map(|device| alone(Some(device), None)));
    pairs.extend(theirs.into_values().map(|device| alone(None, Some(device))));
    pairs
}

fn pair<'a>(before: &'a Device, after: &'a Device, tie: Tie) -> Pair<'a> {
    Pair { before: Some(before), after: Some(after), tie }
}

fn tie_by_name(before: &Device, after: &Device) -> Tie {
    match before.plate.same_serial(&after.plate) {
        Some(false) => Tie::Replaced(Some(false)),
        Some(true) | None => Tie::Same,
    }
}

/// Addresses prove less: without serial numbers, two different burned-in MAC addresses make two devices.
fn tie_by_address(before: &Device, after: &Device) -> Tie {
    let burned_in = |device: &Device| device.macs.iter().any(|mac| !mac.is_local());
    match before.plate.same_serial(&after.plate) {
        Some(false) => Tie::Replaced(Some(false)),
        None if burned_in(before) && burned_in(after) && before.macs.is_disjoint(&after.macs) => {
            Tie::Replaced(None)
        }
        Some(true) | None => Tie::Same,
    }
}

/// Names that exactly one device on each side has, as pairs of identifiers in order of the names.
fn shared(
    ours: &BTreeMap<AssetId, &Device>,
    theirs: &BTreeMap<AssetId, &Device>,
    name: impl Fn(&Device) -> Vec<String>,
) -> Vec<(AssetId, AssetId)> {
    let (ours, theirs) = (owners(ours, &name), owners(theirs, &name));
    let both = ours.iter().filter_map(|(name, one)| Some(((*one)?, (*theirs.get(name)?)?)));
    both.collect()
}

/// The device that has a name; `None` when several have.
fn owners(
    devices: &BTreeMap<AssetId, &Device>,
    names: impl Fn(&Device) -> Vec<String>,
) -> BTreeMap<String, Option<AssetId>> {
    let mut owners = BTreeMap::new();
    for (id, device) in devices {
        for name in names(device) {
            owners
                .entry(name)
                .and_modify(|owner| {
                    if *owner != Some(*id) {
                        *owner = None;
                    }
                })
                .or_insert(Some(*id));
        }
    }
    owners
}

/// A serial number means something together with who counts so: the maker, or at least the model.
fn by_serial(device: &Device, _: bool) -> Vec<String> {
    let plate = &device.plate;
    let makers = [Field::Vendor, Field::Model]
        .into_iter()
        .filter_map(|field| plate.value(field).map(|value| (field, value)));
    let serial = plate.serial();
    let names = makers.filter_map(|(field, value)| Some(format!("{field} {value}/{}", serial?)));
    names.collect()
}

/// A burned-in address means the same everywhere; one that a program chose, in its VLAN.
fn by_mac(device: &Device, by_site: bool) -> Vec<String> {
    let own = |mac: &&Mac| !mac.is_group() && !mac.is_zero();
    let names = device.macs.iter().filter(own).flat_map(|mac| {
        if mac.is_local() {
            places(device, by_site).iter().map(|place| format!("{place}/{mac}")).collect()
        } else {
            vec![mac.to_string()]
        }
    });
    names.collect()
}

fn by_address(device: &Device, by_site: bool) -> Vec<String> {
    let places = places(device, by_site);
    let names =
        device.ips.iter().flat_map(|ip| places.iter().map(move |place| format!("{place}/{ip}")));
    names.collect()
}

/// VLANs of a device, 0 for none; each in each of its sites where these count.
fn places(device: &Device, by_site: bool) -> Vec<String> {
    let vlans: Vec<u16> = match device.vlans.is_empty() {
        true => vec![0],
        false => device.vlans.iter().copied().collect(),
    };
    let sites: Vec<&str> = match device.sites.is_empty() || !by_site {
        true => vec![""],
        false => device.sites.iter().map(|site| &**site).collect(),
    };
    let pairs =
        sites.iter().flat_map(|site| vlans.iter().map(move |vlan| format!("{site}/{vlan}")));
    pairs.collect()
}
