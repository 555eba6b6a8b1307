//! `advisories products`: the other way round. The products of the plant, with the documents that list each.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::AppError;
use crate::app::scan::Scanned;
use crate::app::shelf::Shelf;
use crate::app::shelf::show::{firmware_of, product_of};
use crate::app::shelf::standing::{count, far, rank};
use crate::export::shelf::{Assets, MatchedProduct};
use crate::ledger::parts;
use crate::model::{AssetId, Field, Finding, Kind, Unit};

/// Vendor, product, model, firmware.
type Name = (String, String, String, String);

/// Products by name, those with the most open vulnerabilities first.
pub(in crate::app) fn products(shelf: &Shelf) -> Result<Vec<MatchedProduct>, AppError> {
    let Some(known) = &shelf.known else {
        return Err(AppError::Usage(
            "products are those of a store: name it with --store DIR".to_owned(),
        ));
    };
    let mut of: BTreeMap<(AssetId, Option<Unit>), Name> = BTreeMap::new();
    let mut products: BTreeMap<Name, MatchedProduct> = BTreeMap::new();
    for asset in &known.assets {
        for (path, plate) in parts(asset) {
            let value = |field: Field| plate.value(field).unwrap_or_default().to_owned();
            let name = (
                value(Field::Vendor),
                product_of(plate).0,
                value(Field::Model),
                firmware_of(plate),
            );
            // What says nothing about itself is no product.
            if name.1.is_empty() && name.2.is_empty() {
                continue;
            }
            of.insert((asset.id, path.cloned()), name.clone());
            let product = products.entry(name).or_default();
            product.count = product.count.saturating_add(1);
        }
    }
    for (name, worst, own) in by_product(known, &of) {
        let Some(product) = products.get_mut(&name) else { continue };
        for (id, rank) in worst {
            add(&mut product.documents, rank);
            product
                .advisories
                .push((id.into(), WORDS.get(usize::from(rank)).copied().unwrap_or_default()));
        }
        for finding in own {
            if let Some(far) = far(finding) {
                count(&mut product.remediation, far);
            }
        }
    }
    let mut list: Vec<MatchedProduct> = products
        .into_iter()
        .map(|((vendor, product, model, firmware), counted)| MatchedProduct {
            schema: "nameplate.product/1",
            vendor,
            product,
            model,
            firmware,
            ..counted
        })
        .collect();
    list.sort_by_key(|one| {
        std::cmp::Reverse((
            one.documents.affected,
            one.documents.cannot_tell,
            one.documents.matched,
        ))
    });
    Ok(list)
}

type Documents = BTreeMap<Box<str>, u8>;

/// For each product the worst that each document means for one of its devices, and the verdicts.
fn by_product<'a>(
    known: &'a Scanned,
    of: &BTreeMap<(AssetId, Option<Unit>), Name>,
) -> Vec<(Name, Documents, Vec<&'a Finding>)> {
    let mut found: BTreeMap<&Name, (Documents, Vec<&Finding>)> = BTreeMap::new();
    let own = known
        .findings
        .iter()
        .map(Arc::as_ref)
        .filter(|one: &&Finding| one.judgement.kind == Kind::Advisory);
    for finding in own {
        let Some(name) = of.get(&(finding.asset, finding.module.clone())) else { continue };
        let (documents, findings) = found.entry(name).or_default();
        let rank = rank(&finding.judgement.verdict);
        let worst = documents.entry(finding.judgement.advisory.clone()).or_insert(rank);
        *worst = rank.min(*worst);
        findings.push(finding);
    }
    found.into_iter().map(|(name, (documents, own))| (name.clone(), documents, own)).collect()
}

fn add(into: &mut Assets, rank: u8) {
    let one = |count: &mut usize| *count = count.saturating_add(1);
    one(&mut into.matched);
    match rank {
        0 => one(&mut into.affected),
        1 => one(&mut into.cannot_tell),
        2 => one(&mut into.fixed),
        _ => one(&mut into.not_affected),
    }
}

/// Verdicts by their rank.
const WORDS: [&str; 4] = ["affected", "cannot_tell", "fixed", "not_affected"];
