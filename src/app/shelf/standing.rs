//! What a document means for the devices of a store, counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::export::shelf::{Assets, Remediation, Remediations};
use crate::model::{AssetId, Choice, Finding, Kind, PatchState, Verdict};

/// How far a vulnerability of an asset is. The least advanced first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Far {
    /// Affected, and nothing was done.
    NotRemediated,
    /// Affected, and a person decided that nothing is to be done.
    SetAside,
    /// On its way.
    InProgress,
    /// Fixed, or said to be.
    Done,
}

impl Far {
    /// The words of CSAF 2.0, section 9.1.13.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NotRemediated | Self::SetAside => "not_remediated",
            Self::InProgress => "in_progress",
            Self::Done => "done",
        }
    }
}

/// How far a finding is; `None` for what is not affected, and for what cannot be told.
///
/// What a supplier says of a patch is no progress in the plant: only the owner's states are. A patch that was refused is none
/// either.
pub(super) fn far(finding: &Finding) -> Option<Far> {
    let handling = &finding.handling;
    let state = handling.patch.as_ref().map(|patch| patch.state);
    if state == Some(PatchState::Installed) && finding.judgement.verdict != Verdict::NotAffected {
        return Some(Far::Done);
    }
    match finding.judgement.verdict {
        Verdict::Fixed => Some(Far::Done),
        Verdict::NotAffected | Verdict::Unknown(_) => None,
        Verdict::Affected => {
            let choice = handling.decision.as_ref().map(|decision| decision.choice);
            let is_on_its_way = matches!(
                state,
                Some(PatchState::InInternalTest | PatchState::Authorized | PatchState::Effective)
            );
            Some(match choice {
                Some(Choice::Remediate | Choice::Mitigate) => Far::InProgress,
                _ if is_on_its_way => Far::InProgress,
                Some(choice) if choice.suppresses() => Far::SetAside,
                _ => Far::NotRemediated,
            })
        }
    }
}

/// The worst first.
pub(super) fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Affected => 0,
        Verdict::Unknown(_) => 1,
        Verdict::Fixed => 2,
        Verdict::NotAffected => 3,
    }
}

/// What a document means here.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// The worst verdict of each asset.
    worst: BTreeMap<AssetId, u8>,
    /// How far each asset is, by the least advanced of its vulnerabilities.
    least: BTreeMap<AssetId, Far>,
    vulnerabilities: Remediation,
}

impl Standing {
    fn add(&mut self, finding: &Finding) {
        let rank = rank(&finding.judgement.verdict);
        let worst = self.worst.entry(finding.asset).or_insert(rank);
        *worst = rank.min(*worst);
        if let Some(far) = far(finding) {
            let least = self.least.entry(finding.asset).or_insert(far);
            *least = far.min(*least);
            count(&mut self.vulnerabilities, far);
        }
    }

    /// Assets by the worst that it means for them.
    pub(super) fn assets(&self) -> Assets {
        let of = |rank: u8| self.worst.values().filter(|worst| **worst == rank).count();
        Assets {
            matched: self.worst.len(),
            affected: of(0),
            cannot_tell: of(1),
            fixed: of(2),
            not_affected: of(3),
        }
    }

    /// How far they are.
    pub(super) fn remediations(&self) -> Remediations {
        let mut assets = Remediation::default();
        self.least.values().for_each(|far| count(&mut assets, *far));
        Remediations { assets, vulnerabilities: self.vulnerabilities }
    }

    /// The assets that it is about.
    pub(super) fn asset_ids(&self) -> impl Iterator<Item = &AssetId> {
        self.worst.keys()
    }
}

/// Adds one to what it counts as.
pub(super) fn count(into: &mut Remediation, far: Far) {
    let one = |count: &mut usize| *count = count.saturating_add(1);
    match far {
        Far::NotRemediated => one(&mut into.not_remediated),
        Far::SetAside => {
            one(&mut into.not_remediated);
            one(&mut into.set_aside);
        }
        Far::InProgress => one(&mut into.in_progress),
        Far::Done => one(&mut into.done),
    }
}

/// What each document means.
pub(super) fn standings<'a>(
    findings: impl IntoIterator<Item = &'a Arc<Finding>>,
) -> BTreeMap<Box<str>, Standing> {
    let mut standings: BTreeMap<Box<str>, Standing> = BTreeMap::new();
    for finding in findings {
        if finding.judgement.kind == Kind::Advisory {
            standings.entry(finding.judgement.advisory.clone()).or_default().add(finding);
        }
    }
    standings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Certainty, Grade, Handling, Judgement, Justification, Patching, Substance, Timestamp,
        Treatment, Weight, Why,
    };

    fn finding(verdict: Verdict, choice: Option<Choice>, state: Option<PatchState>) -> Finding {
        let judgement = Judgement {
            kind: Kind::Advisory,
            advisory: "A".into(),
            substance: Substance::default(),
            title: "".into(),
            cve: "CVE-2030-1".into(),
            verdict,
            grade: Grade::E1,
            certainty: Certainty::Certain,
            because: Vec::new(),
            clause: String::new(),
            fixed_in: Vec::new(),
            remediation: None,
            cvss: None,
            vector: None,
            kev: None,
            epss: None,
        };
        let at = Timestamp(0);
        let decision = choice.map(|choice| Treatment {
            source: "1".into(),
            choice,
            by: "alice".into(),
            why: "so".into(),
            at,
            due: None,
            expires: None,
        });
        let patch = state.map(|state| Patching { state, by: None, why: "".into(), at: None });
        Finding {
            id: uuid::Uuid::nil(),
            asset: AssetId(uuid::Uuid::nil()),
            module: None,
            judgement: Arc::new(judgement),
            weight: Weight::default(),
            handling: Handling { patch, decision, ..Handling::default() },
        }
    }

    #[test]
    fn how_far_a_vulnerability_is_follows_from_verdict_decision_and_patch() {
        use Choice::{Accept, Defer, FalseMatch, Mitigate, NotApplicable, Remediate};
        use PatchState::{Approved, Authorized, Effective, Installed, NotAuthorized, Released};
        let absent = NotApplicable(Justification::ComponentNotPresent);
        let unknown = Verdict::Unknown(Why::FirmwareVersion);
        for (verdict, choice, state, expected) in [
            (Verdict::Affected, None, None, Some(Far::NotRemediated)),
            (Verdict::Affected, Some(Remediate), None, Some(Far::InProgress)),
            (Verdict::Affected, Some(Mitigate), None, Some(Far::InProgress)),
            (Verdict::Affected, Some(Accept), None, Some(Far::SetAside)),
            (Verdict::Affected, Some(Defer), None, Some(Far::SetAside)),
            (Verdict::Affected, Some(FalseMatch), None, Some(Far::SetAside)),
            (Verdict::Affected, Some(absent), None, Some(Far::SetAside)),
            (Verdict::Affected, None, Some(Authorized), Some(Far::InProgress)),
            (Verdict::Affected, None, Some(Effective), Some(Far::InProgress)),
            // What the supplier says is nothing done here, nor is a refusal.
            (Verdict::Affected, None, Some(Released), Some(Far::NotRemediated)),
            (Verdict::Affected, None, Some(Approved), Some(Far::NotRemediated)),
            (Verdict::Affected, None, Some(NotAuthorized), Some(Far::NotRemediated)),
            (Verdict::Affected, Some(Accept), Some(Installed), Some(Far::Done)),
            (Verdict::Fixed, None, None, Some(Far::Done)),
            (Verdict::NotAffected, None, Some(Installed), None),
            (unknown.clone(), Some(Remediate), None, None),
            (unknown, None, Some(Installed), Some(Far::Done)),
        ] {
            let one = finding(verdict, choice, state);
            assert_eq!(far(&one), expected, "{one:?}");
        }
    }

    #[test]
    fn an_asset_is_as_far_as_the_least_advanced_of_its_vulnerabilities() {
        let findings = [
            finding(Verdict::Fixed, None, None),
            finding(Verdict::Affected, Some(Choice::Remediate), None),
            finding(Verdict::Affected, None, None),
        ];
        let of = |count: usize| {
            let own = findings.iter().take(count).cloned().map(Arc::new);
            let own: Vec<Arc<Finding>> = own.collect();
            standings(&own).remove("A").unwrap()
        };
        let (assets, far) = (of(2).assets(), of(2).remediations());
        assert_eq!((assets.matched, assets.affected, assets.fixed), (1, 1, 0));
        assert_eq!((far.assets.in_progress, far.assets.done), (1, 0));
        assert_eq!((far.vulnerabilities.in_progress, far.vulnerabilities.done), (1, 1));
        assert_eq!(of(3).remediations().assets.not_remediated, 1);
    }
}
