//! Verdicts of one revision of a document about the devices of a store, whether or not it counts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::advisory::{Index, Names};
use crate::app::scan::Scanned;
use crate::assess::families::Families;
use crate::assess::{judge, listed};
use crate::ledger::is_the_device_itself;
use crate::model::advisory::Advisory;
use crate::model::{Asset, AssetId, Judgement, Nameplate, Unit};

/// What is judged of a device: itself, and the parts that are no second view of it.
pub(super) fn parts(asset: &Asset) -> impl Iterator<Item = (Option<&Unit>, &Nameplate)> {
    let modules =
        asset.modules.iter().filter(|module| !is_the_device_itself(asset, &module.nameplate));
    let modules = modules.map(|module| (Some(&module.path), &module.nameplate));
    std::iter::once((None, &asset.nameplate)).chain(modules)
}

/// Verdicts by device, part and vulnerability.
pub(super) type Verdicts = BTreeMap<(AssetId, Option<Unit>, Box<str>), Arc<Judgement>>;

/// What a document means for all devices.
pub(super) fn of(
    known: &Scanned,
    document: &Advisory,
    kev: Option<&BTreeSet<Box<str>>>,
) -> Verdicts {
    let families = Families::embedded();
    let index = Index::new(vec![document.clone()]);
    let index = match kev {
        Some(kev) => index.with_kev(kev.clone()),
        None => index,
    };
    let mut verdicts = Verdicts::new();
    for asset in &known.assets {
        for (path, plate) in parts(asset) {
            for judgement in judge(plate, &index, &families) {
                let cve = judgement.cve.clone();
                verdicts.insert((asset.id, path.cloned(), cve), judgement);
            }
        }
    }
    verdicts
}

/// Devices, and parts of them, by the place of the product of a document that they are, or may be.
pub(super) fn by_product<'a>(
    known: &'a Scanned,
    document: &Advisory,
) -> BTreeMap<usize, Vec<(&'a Asset, Option<&'a Unit>)>> {
    let families = Families::embedded();
    let names = Names::of(std::slice::from_ref(document));
    let mut found: BTreeMap<usize, Vec<(&Asset, Option<&Unit>)>> = BTreeMap::new();
    for asset in &known.assets {
        for (path, plate) in parts(asset) {
            for place in listed(plate, document, &names, &families) {
                found.entry(place).or_default().push((asset, path));
            }
        }
    }
    found
}
