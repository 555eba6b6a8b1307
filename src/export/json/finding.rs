//! `nameplate.finding/1`: one verdict.

use serde::Serialize;

use crate::export::json::handling::TreatmentPart;
use crate::model::{Finding, Verdict};

#[derive(Serialize)]
pub(super) struct FindingLine<'a> {
    schema: &'static str,
    finding_id: String,
    asset_id: String,
    module: Option<String>,
    kind: &'static str,
    advisory: &'a str,
    title: &'a str,
    cve: &'a str,
    verdict: &'static str,
    reason: Option<&'static str>,
    because: &'a [String],
    clause: &'a str,
    grade: String,
    certainty: &'static str,
    fixed_in: &'a [String],
    remediation: Option<&'a str>,
    cvss: Option<f64>,
    vector: Option<&'a str>,
    kev: Option<bool>,
    epss: Option<f64>,
    exposure: Option<&'a str>,
    priority: Option<&'static str>,
    priority_because: &'a [String],
    patch_state: Option<&'static str>,
    patch_state_by: Option<&'a str>,
    proposed_state: Option<&'static str>,
    decision: Option<TreatmentPart<'a>>,
    reopened: Option<&'a str>,
}

impl<'a> FindingLine<'a> {
    pub(super) fn new(finding: &'a Finding) -> Self {
        let (judgement, handling) = (&finding.judgement, &finding.handling);
        let patch = handling.patch.as_ref();
        let reason = match &judgement.verdict {
            Verdict::Unknown(why) => Some(why.name()),
            Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => None,
        };
        Self {
            schema: "nameplate.finding/1",
            finding_id: finding.id.to_string(),
            asset_id: finding.asset.to_string(),
            module: finding.module.as_ref().map(ToString::to_string),
            kind: judgement.kind.name(),
            advisory: &judgement.advisory,
            title: &judgement.title,
            cve: &judgement.cve,
            verdict: judgement.verdict.name(),
            reason,
            because: &judgement.because,
            clause: &judgement.clause,
            grade: judgement.grade.to_string(),
            certainty: judgement.certainty.name(),
            fixed_in: &judgement.fixed_in,
            remediation: judgement.remediation.as_deref(),
            cvss: judgement.cvss,
            vector: judgement.vector.as_deref(),
            kev: judgement.kev,
            epss: judgement.epss,
            exposure: finding.weight.exposure.map(|exposure| exposure.name()),
            priority: finding.weight.priority.map(|priority| priority.name()),
            priority_because: &finding.weight.because,
            patch_state: patch.map(|patch| patch.state.name()),
            patch_state_by: patch.and_then(|patch| patch.by.as_deref()),
            proposed_state: handling.proposed.as_ref().map(|proposed| proposed.state.name()),
            decision: TreatmentPart::of(handling),
            reopened: handling.reopened.as_deref(),
        }
    }
}
