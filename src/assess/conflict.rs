//! Several firmware versions said of one device, and nothing that tells which is right.

use crate::assess::device::firmwares;
use crate::assess::reading::spoken;
use crate::model::asset::Nameplate;
use crate::model::claim::Claim;
use crate::model::finding::{Judgement, Verdict, Why};

/// Judges with each version that the device may have. Where the verdicts differ, the answer is unknown: a version that anybody
/// can send must not clear a finding.
pub(super) fn settle(
    nameplate: &Nameplate,
    mut judge: impl FnMut(Option<&str>) -> Vec<Judgement>,
) -> Vec<Judgement> {
    let versions = firmwares(nameplate);
    let Some((first, rivals)) = versions.split_first() else { return judge(None) };
    let mut judgements = judge(Some(first.value.trim()));
    for rival in rivals {
        for other in judge(Some(rival.value.trim())) {
            let same =
                |own: &&mut Judgement| own.advisory == other.advisory && own.cve == other.cve;
            match judgements.iter_mut().find(same) {
                Some(own) => contradict(own, &other, first, rival),
                None => judgements.push(other),
            }
        }
    }
    judgements
}

fn contradict(own: &mut Judgement, other: &Judgement, first: &Claim, rival: &Claim) {
    if own.verdict == other.verdict {
        return;
    }
    own.because.push(format!(
        "firmware {} gives {}, firmware {} gives {}; both were said, and neither replaced the other",
        first.value,
        spoken(&own.verdict),
        rival.value,
        spoken(&other.verdict)
    ));
    own.verdict = Verdict::Unknown(Why::Contradiction);
    own.priority = None;
}
