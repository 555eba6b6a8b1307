//! Verdicts of one revision of a document about the devices of a store, whether or not it counts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::advisory::{Index, Names};
use crate::app::scan::Scanned;
use crate::assess::families::Families;
use crate::assess::{Assessor, listed};
use crate::ledger::parts;
use crate::model::advisory::Advisory;
use crate::model::{Asset, AssetId, Judgement, Unit};

/// Verdicts by device, part and vulnerability.
pub(super) type Verdicts = BTreeMap<(AssetId, Option<Unit>, Box<str>), Arc<Judgement>>;

/// What a document means for all devices.
pub(super) fn of(
    known: &Scanned,
    document: &Advisory,
    kev: Option<&BTreeSet<Box<str>>>,
) -> Verdicts {
    let index = Index::new(vec![document.clone()]);
    let index = match kev {
        Some(kev) => index.with_kev(kev.clone()),
        None => index,
    };
    let mut assessor = Assessor::new(index, Families::embedded());
    let mut verdicts = Verdicts::new();
    for asset in &known.assets {
        for (path, plate) in parts(asset) {
            for judgement in assessor.judge(plate) {
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
