//! What stands beside a verdict on screens: that somebody put it aside, or that it came back. Nothing of it hides a finding,
//! and every count says how many of it were put aside.

use std::collections::BTreeMap;

use crate::export::Report;
use crate::export::handling::date;
use crate::model::{Choice, Finding, Verdict};

/// The place of a finding among the others: what came back first, what was put aside last.
pub(super) fn class(finding: &Finding) -> u8 {
    let handling = &finding.handling;
    match (&handling.reopened, handling.is_suppressed()) {
        (Some(_), false) => 0,
        (_, true) => 2,
        (None, false) => 1,
    }
}

/// A word beside the verdict; nothing for a finding about which nobody did anything.
pub(super) fn mark(finding: &Finding) -> Option<String> {
    let handling = &finding.handling;
    match (&handling.decision, &handling.reopened) {
        (Some(decision), _) if decision.choice.suppresses() => {
            Some(done(decision.choice).to_owned())
        }
        (_, Some(_)) => Some("reopened".to_owned()),
        (Some(decision), None) => {
            let due = decision.due.map(|due| format!(" by {}", date(due)));
            Some(format!("{}{}", done(decision.choice), due.unwrap_or_default()))
        }
        (None, None) => None,
    }
}

/// Why a finding came back, or who decided what; to be told before the reasons of the verdict.
pub(super) fn reason(finding: &Finding) -> Option<String> {
    let handling = &finding.handling;
    let decided = handling.decision.as_ref().map(|decision| {
        let until = decision.expires.map(|expires| format!(" until {}", date(expires)));
        let (by, why) = (&decision.by, &decision.why);
        format!("{} by {by}{}: {why}", done(decision.choice), until.unwrap_or_default())
    });
    handling.reopened.as_ref().map(|why| format!("reopened: {why}")).or(decided)
}

/// What was done, as a word of the past.
fn done(choice: Choice) -> &'static str {
    match choice {
        Choice::Remediate => "to be remediated",
        Choice::Mitigate => "to be mitigated",
        Choice::Accept => "accepted",
        Choice::Defer => "deferred",
        Choice::NotApplicable(_) => "not applicable",
        Choice::FalseMatch => "false match",
    }
}

impl Report<'_> {
    /// How many verdicts of each kind were put aside, by what was decided; and how many came back.
    pub fn aside(&self) -> Aside {
        let mut aside = Aside::default();
        for finding in self.of_advisories() {
            let handling = &finding.handling;
            if handling.reopened.is_some() && !handling.is_suppressed() {
                aside.reopened = aside.reopened.saturating_add(1);
            }
            if let Some(decision) = handling.decision.as_ref().filter(|d| d.choice.suppresses()) {
                let of = (finding.judgement.verdict.name(), done(decision.choice));
                let count = aside.counts.entry(of).or_default();
                *count = count.saturating_add(1);
            }
        }
        aside
    }
}

/// Findings that were put aside. They are among the four counts, too.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Aside {
    counts: BTreeMap<(&'static str, &'static str), usize>,
    /// How many came back, or are overdue.
    pub reopened: usize,
}

impl Aside {
    /// How many of a verdict were put aside.
    pub fn of(&self, verdict: &Verdict) -> usize {
        let own = self.counts.iter().filter(|((name, _), _)| *name == verdict.name());
        own.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// The same behind a count: " (3 accepted, 1 deferred)".
    pub(super) fn words(&self, verdict: &Verdict) -> String {
        let own = self.counts.iter().filter(|((name, _), _)| *name == verdict.name());
        let words: Vec<String> = own.map(|((_, done), count)| format!("{count} {done}")).collect();
        if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
    }
}
