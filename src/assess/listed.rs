//! Which products of a document a device is, or may be.

use std::collections::BTreeSet;

use crate::advisory::Names;
use crate::assess::device::{self, Device};
use crate::assess::families::Families;
use crate::assess::leaves;
use crate::model::advisory::Advisory;
use crate::model::asset::Nameplate;

/// Places of the products of a document that a device meets most specifically, whatever its version: those that its verdicts
/// follow from.
pub fn listed(
    nameplate: &Nameplate,
    document: &Advisory,
    names: &Names,
    families: &Families,
) -> BTreeSet<usize> {
    let claims = device::firmwares(nameplate);
    let mut firmwares: Vec<Option<&str>> =
        claims.iter().map(|claim| Some(claim.value.trim())).collect();
    if firmwares.is_empty() {
        firmwares.push(None);
    }
    let devices =
        firmwares.into_iter().flat_map(|firmware| Device::all(nameplate, firmware, families));
    let mut places = BTreeSet::new();
    for device in devices {
        places.extend(leaves(&device, document, names).own.iter().map(|leaf| leaf.at));
    }
    places
}
