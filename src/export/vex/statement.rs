//! What may be stated of a product and a vulnerability, and in which words.
//!
//! Several documents may speak of one vulnerability, and a VEX document says one thing about a product and a vulnerability. So what the
//! findings say is put together here, and the one that asks most of people wins: affected, then under investigation, then fixed, then not
//! affected. A product is not affected when every document says so, or a person whose name is known.
//!
//! - A verdict that cannot be given is *under investigation*, with the missing fact. Nothing makes it *not affected* but a person.
//! - *Not affected* by machine has one reason: the product and its version lie outside of what the document says is affected. That is
//!   told in words. None of the five labels that VEX has for reasons says it, and no program sees that code is not there: the labels are
//!   for people, and stand beside a name.
//! - *Fixed* is a fact about a version, and a person's label does not replace it.
//! - Who accepts, defers, mitigates or plans to remediate says that the product is affected, and what is done about it.

use std::collections::BTreeSet;

use crate::export::vex::product::Product;
use crate::export::vex::{Cited, cvss};
use crate::model::limits::VEX_TEXT_BYTES_MAX;
use crate::model::{
    Choice, Finding, Judgement, Justification, Patching, Timestamp, Treatment, Verdict,
};

/// A vulnerability.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Flaw<'a> {
    /// By its CVE: the same in all documents.
    Cve(&'a str),
    /// By another name that means something in one document only.
    Other {
        /// The document.
        advisory: &'a str,
        /// The name.
        name: &'a str,
    },
}

impl<'a> Flaw<'a> {
    /// `None` where the document gives it no name: its place in a document may be another's tomorrow.
    pub(super) fn new(judgement: &'a Judgement) -> Option<Self> {
        let name = judgement.cve.trim();
        let place = name.strip_prefix("vulnerability ");
        let is_place = place.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        if name.is_empty() || is_place {
            return None;
        }
        let advisory = &*judgement.advisory;
        Some(if is_cve(name) { Self::Cve(name) } else { Self::Other { advisory, name } })
    }

    /// The name that the formats print.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Cve(cve) => (*cve).to_owned(),
            Self::Other { advisory, name } if name.contains(advisory) => (*name).to_owned(),
            Self::Other { advisory, name } => format!("{advisory}: {name}"),
        }
    }
}

/// CVE, four digits, four or more digits, as CSAF 2.0 (section 3.2.3.2) wants it.
fn is_cve(name: &str) -> bool {
    let number = name.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    number.is_some_and(|(year, number)| {
        year.len() == 4 && number.len() >= 4 && digits(year) && digits(number)
    })
}

/// The four states, the one that wins over the others first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Status {
    Affected,
    UnderInvestigation,
    Fixed,
    NotAffected,
}

/// What one finding says, and the person whose word that is.
#[derive(Clone, Copy, Debug)]
struct Opinion<'a> {
    finding: &'a Finding,
    status: Status,
    person: Option<&'a Treatment>,
}

impl<'a> Opinion<'a> {
    fn new(finding: &'a Finding, issued: Timestamp) -> Self {
        let person = standing(finding, issued).filter(|decision| {
            matches!(decision.choice, Choice::NotApplicable(_) | Choice::FalseMatch)
        });
        let (status, person) = match (&finding.judgement.verdict, person) {
            (Verdict::Fixed, _) => (Status::Fixed, None),
            (_, Some(person)) => (Status::NotAffected, Some(person)),
            (Verdict::Affected, None) => (Status::Affected, None),
            (Verdict::Unknown(_), None) => (Status::UnderInvestigation, None),
            (Verdict::NotAffected, None) => (Status::NotAffected, None),
        };
        Self { finding, status, person }
    }
}

/// The decision about a finding, if it stands when the document is issued, and somebody's name stands under it.
fn standing(finding: &Finding, issued: Timestamp) -> Option<&Treatment> {
    let decision = finding.handling.decision.as_ref()?;
    let is_over = decision.expires.is_some_and(|expires| expires <= issued);
    (!is_over && !decision.by.trim().is_empty()).then_some(decision)
}

/// What is stated of a product and a vulnerability.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub(super) flaw: Flaw<'a>,
    pub(super) product: Product<'a>,
    pub(super) status: Status,
    opinions: Vec<Opinion<'a>>,
    issued: Timestamp,
}

/// Something that helps, or is to be done.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Action {
    /// Category as CSAF 2.0 names it.
    pub(super) category: &'static str,
    /// The text.
    pub(super) details: String,
}

impl<'a> Statement<'a> {
    /// Puts together what findings say of one product and one vulnerability; there is at least one.
    pub(super) fn new(
        flaw: Flaw<'a>,
        product: Product<'a>,
        findings: &[&'a Finding],
        issued: Timestamp,
    ) -> Self {
        let opinions: Vec<Opinion<'a>> =
            findings.iter().map(|finding| Opinion::new(finding, issued)).collect();
        let winning = opinions.iter().map(|opinion| opinion.status).min();
        let status = winning.unwrap_or(Status::UnderInvestigation);
        Self { flaw, product, status, opinions, issued }
    }

    /// The findings, in order of their documents.
    pub(super) fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        self.opinions.iter().map(|opinion| opinion.finding)
    }

    /// What decided the state.
    fn winning(&self) -> impl Iterator<Item = &Opinion<'a>> {
        self.opinions.iter().filter(|opinion| opinion.status == self.status)
    }

    /// The label that a person gave as the reason why the product is not affected.
    pub(super) fn label(&self) -> Option<(Justification, &'a Treatment)> {
        let is_not_affected = self.status == Status::NotAffected;
        let mut people = self.opinions.iter().filter_map(|opinion| opinion.person);
        let person = people.find(|_| is_not_affected)?;
        Some(match person.choice {
            Choice::NotApplicable(justification) => (justification, person),
            // The product with the flaw is another one: as a part of this device it is not there.
            _ => (Justification::ComponentNotPresent, person),
        })
    }

    /// True when people say that every document means another product.
    pub(super) fn is_false_match(&self) -> bool {
        let is_false = |opinion: &Opinion<'_>| {
            opinion.person.is_some_and(|person| person.choice == Choice::FalseMatch)
        };
        self.status == Status::NotAffected && self.opinions.iter().all(is_false)
    }

    /// Why the product is not affected: the comparison, or a person's words. Empty for any other state.
    pub(super) fn impact(&self) -> String {
        if self.status != Status::NotAffected {
            return String::new();
        }
        let told = self.opinions.iter().map(|opinion| match opinion.person {
            Some(person) => format!("{}: {}", advisory(opinion.finding), decided(person)),
            None => format!(
                "Outside of what {} says is affected: {}.",
                advisory(opinion.finding),
                because(opinion.finding)
            ),
        });
        lines(told)
    }

    /// The facts that are missing, for a product under investigation.
    pub(super) fn missing(&self) -> BTreeSet<&'static str> {
        let missing =
            self.winning().filter_map(|opinion| match opinion.finding.judgement.verdict {
                Verdict::Unknown(why) if opinion.status == Status::UnderInvestigation => {
                    Some(why.name())
                }
                _ => None,
            });
        missing.collect()
    }

    /// The same as a sentence; empty for any other state.
    pub(super) fn investigation(&self) -> String {
        let missing: Vec<&str> = self.missing().into_iter().collect();
        if missing.is_empty() {
            return String::new();
        }
        format!("Cannot be told yet. Missing: {}.", missing.join(", "))
    }

    /// How each document was judged, one line each.
    pub(super) fn reasons(&self) -> String {
        lines(self.findings().map(|finding| {
            let verdict = finding.judgement.verdict.name().replace('_', " ");
            format!("{}: {verdict}: {}.", advisory(finding), because(finding))
        }))
    }

    /// What is to be done about an affected product: what the makers offer, and what was decided. Never empty for one.
    pub(super) fn actions(&self, cited: &Cited) -> Vec<Action> {
        if self.status != Status::Affected {
            return Vec::new();
        }
        let mut actions = BTreeSet::new();
        for opinion in self.winning() {
            actions.extend(offered(opinion.finding, cited));
            if let Some(decision) = standing(opinion.finding, self.issued) {
                let category = match decision.choice {
                    Choice::Remediate => Some("vendor_fix"),
                    Choice::Mitigate => Some("mitigation"),
                    _ => None,
                };
                let details = decided(decision);
                actions.extend(category.map(|category| Action { category, details }));
            }
        }
        // Of several documents the one that has a fix is right about there being one.
        if actions.iter().any(|action| action.category == "vendor_fix") {
            actions.retain(|action| !NO_FIX.contains(&action.category));
        }
        if actions.is_empty() {
            actions.insert(self.nothing_offered());
        }
        actions.into_iter().collect()
    }

    fn nothing_offered(&self) -> Action {
        let documents: Vec<&str> =
            self.winning().map(|opinion| advisory(opinion.finding)).collect();
        let none = format!("No remediation for this product is named in {}.", documents.join(", "));
        let decisions = self.decisions();
        let accepted = self.winning().any(|opinion| {
            standing(opinion.finding, self.issued)
                .is_some_and(|decision| decision.choice == Choice::Accept)
        });
        let category = if accepted { "no_fix_planned" } else { "none_available" };
        Action { category, details: lines([none, decisions]) }
    }

    /// What people decided, one line each, where the state is not already their word.
    pub(super) fn decisions(&self) -> String {
        let decided = self.opinions.iter().filter_map(|opinion| {
            let decision = standing(opinion.finding, self.issued)?;
            let is_told = self.status == Status::NotAffected && opinion.person.is_some();
            (!is_told).then(|| format!("{}: {}", advisory(opinion.finding), decided(decision)))
        });
        lines(decided)
    }

    /// When the last of the decisions was made that stand.
    pub(super) fn decided_at(&self) -> Option<Timestamp> {
        let standing = self.findings().filter_map(|finding| standing(finding, self.issued));
        standing.map(|decision| decision.at).max()
    }

    /// What was decided about what is to be done, each once.
    pub(super) fn choices(&self) -> impl Iterator<Item = Choice> {
        self.winning()
            .filter_map(|opinion| standing(opinion.finding, self.issued))
            .map(|decision| decision.choice)
    }

    /// How far the patch is, and what no longer stands, one line each.
    pub(super) fn progress(&self) -> String {
        let told = self.findings().flat_map(|finding| {
            let handling = &finding.handling;
            let patch = handling.patch.as_ref().map(|patch| patching("Patch state", patch));
            let proposed =
                handling.proposed.as_ref().map(|patch| patching("Proposed patch state", patch));
            let reopened = handling.reopened.as_ref().map(|why| format!("Open again: {why}."));
            let told = [patch, proposed, reopened].into_iter().flatten();
            told.map(|line| format!("{}: {line}", advisory(finding)))
        });
        lines(told)
    }

    /// The highest score of each version of CVSS, of those that are the scores of their vectors.
    pub(super) fn scores(&self) -> Vec<(cvss::Cvss<'a>, &'a str)> {
        let mut scores: Vec<(cvss::Cvss<'a>, &'a str)> = self
            .findings()
            .filter_map(|finding| {
                let Judgement { vector, cvss: stated, .. } = &*finding.judgement;
                Some((cvss::Cvss::read(vector.as_deref()?, (*stated)?)?, advisory(finding)))
            })
            .collect();
        scores.sort_by(|(a, from_a), (b, from_b)| {
            let highest_first = b.base.total_cmp(&a.base);
            let newest_first = b.version.cmp(&a.version);
            highest_first
                .then(newest_first)
                .then_with(|| (a.vector, from_a).cmp(&(b.vector, from_b)))
        });
        let mut kinds = BTreeSet::new();
        // 3.0 and 3.1 have one place.
        scores.retain(|(score, _)| {
            kinds.insert(match score.version {
                cvss::Version::V30 => cvss::Version::V31,
                other => other,
            })
        });
        scores
    }

    /// True when a document's flaw is known to be exploited.
    pub(super) fn is_exploited(&self) -> bool {
        self.findings().any(|finding| finding.judgement.kev == Some(true))
    }

    /// The titles of the documents, each once.
    pub(super) fn titles(&self) -> BTreeSet<(&'a str, &'a str)> {
        self.findings().map(|finding| (advisory(finding), &*finding.judgement.title)).collect()
    }
}

/// What the maker offers for the product of a finding.
fn offered(finding: &Finding, cited: &Cited) -> Vec<Action> {
    let judgement = &finding.judgement;
    let from = advisory(finding);
    let mut actions = Vec::new();
    if !judgement.fixed_in.is_empty() {
        let versions = judgement.fixed_in.join(", ");
        let details = format!("Fixed in {versions}, as {from} says.");
        actions.push(Action { category: "vendor_fix", details });
    }
    for remedy in cited.remedies(finding) {
        let text = remedy.details.trim();
        let category = CATEGORIES.iter().find(|known| **known == &*remedy.category);
        if let Some(category) = category.filter(|_| !text.is_empty()) {
            actions.push(Action { category, details: format!("{from}: {}", shortened(text)) });
        }
    }
    actions
}

/// A decision in words, with the name under it.
fn decided(decision: &Treatment) -> String {
    let Treatment { choice, by, why, at, due, expires, .. } = decision;
    let what = match choice {
        Choice::Remediate => "to install the fix".to_owned(),
        Choice::Mitigate => "to mitigate".to_owned(),
        Choice::Accept => "to accept the risk".to_owned(),
        Choice::Defer => "to decide later".to_owned(),
        Choice::NotApplicable(justification) => {
            format!("that the flaw is none in this device ({})", justification.name())
        }
        Choice::FalseMatch => "that the device is not the product that is meant".to_owned(),
    };
    let due = due.map(|due| format!(", by {due}")).unwrap_or_default();
    let until = expires.map(|until| format!(", until {until}")).unwrap_or_default();
    format!("{by} decided on {at} {what}{due}{until}: {}", shortened(why))
}

fn patching(what: &str, patching: &Patching) -> String {
    let Patching { state, by, why, at } = patching;
    let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    let at = at.map(|at| format!(" on {at}")).unwrap_or_default();
    let why = if why.trim().is_empty() { String::new() } else { format!(": {}", shortened(why)) };
    format!("{what}: {state}{by}{at}{why}")
}

fn advisory(finding: &Finding) -> &str {
    &finding.judgement.advisory
}

fn because(finding: &Finding) -> String {
    let steps = &finding.judgement.because;
    shortened(&if steps.is_empty() { "no step was kept".to_owned() } else { steps.join("; ") })
}

/// Texts with something in them, one a line, each once, in order.
fn lines(texts: impl IntoIterator<Item = String>) -> String {
    let mut known = BTreeSet::new();
    let mut kept: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    kept.retain(|text| known.insert(text.clone()));
    kept.join("\n")
}

/// A text of others, cut where it is longer than any that people read.
pub(super) fn shortened(text: &str) -> String {
    let text = text.trim();
    if text.len() <= VEX_TEXT_BYTES_MAX {
        return text.to_owned();
    }
    let cut = text.floor_char_boundary(VEX_TEXT_BYTES_MAX);
    format!("{} … (cut; the rest is in the document)", text.get(..cut).unwrap_or_default())
}

/// Categories of remediations in CSAF 2.0, section 3.2.3.12.1. Others, of later versions, are left out.
const CATEGORIES: &[&str] =
    &["mitigation", "no_fix_planned", "none_available", "vendor_fix", "workaround"];

/// Those that say that there is none.
const NO_FIX: &[&str] = &["no_fix_planned", "none_available"];
