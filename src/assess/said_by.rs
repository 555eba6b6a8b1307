//! Whose word a verdict rests on, where it is not the device's own: a person's, or that of a list.

use crate::assess::device::said;
use crate::model::asset::Nameplate;
use crate::model::claim::{Claim, Field};
use crate::model::decision::decided;
use crate::model::import;

/// One sentence for each value that a person decided or a list gives, among those that verdicts follow from.
pub(super) fn sentences(nameplate: &Nameplate) -> Vec<String> {
    JUDGED.iter().filter_map(|field| sentence(said(nameplate, *field)?)).collect()
}

fn sentence(claim: &Claim) -> Option<String> {
    let Claim { field, value, .. } = claim;
    if let Some((number, by, why)) = decided(claim) {
        return Some(format!("{field} {value} was decided by {by}: {why} (decision {number})"));
    }
    let is_listed = claim.from.iter().all(|ground| ground.key.protocol() == import::PROTOCOL);
    is_listed.then(|| format!("{field} {value} stands on a list, and was not seen"))
}

/// The fields that verdicts follow from.
pub(super) const JUDGED: [Field; 8] = [
    Field::Vendor,
    Field::Product,
    Field::Model,
    Field::OrderNumber,
    Field::Series,
    Field::Firmware,
    Field::Os,
    Field::OsBuild,
];
