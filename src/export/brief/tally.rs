//! The four counts of each device.

use std::collections::BTreeMap;

use crate::export::{Counts, Report};
use crate::model::{AssetId, Verdict};

/// The four counts of one device and its parts, as the report counts them.
pub(in crate::export) type Tally = Counts;

/// The counts of all devices that have a verdict on an advisory.
pub(in crate::export) fn tallies(report: &Report<'_>) -> BTreeMap<AssetId, Tally> {
    let mut tallies: BTreeMap<AssetId, Tally> = BTreeMap::new();
    for finding in report.of_advisories() {
        let tally = tallies.entry(finding.asset).or_default();
        let count = match finding.judgement.verdict {
            Verdict::Affected => &mut tally.affected,
            Verdict::Unknown(_) => &mut tally.cannot_tell,
            Verdict::Fixed => &mut tally.fixed,
            Verdict::NotAffected => &mut tally.not_affected,
        };
        *count = count.saturating_add(1);
    }
    tallies
}
