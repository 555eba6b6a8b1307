//! Findings that no advisory makes, and how much findings matter: what tables say of both.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use comfy_table::Cell;
use serde::Serialize;

use crate::export::escape::term;
use crate::export::table::{self, Style, plural};
use crate::export::{Report, aside, chosen};
use crate::model::{Asset, Feed, Finding, Kind, Priority, Run, Verdict};

/// How many findings there are that no advisory makes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Beside {
    /// What its maker no longer supports.
    pub end_of_support: Count,
    /// What was seen to be done and should not be.
    pub exposure: Count,
}

/// How many of them there are, and of how many it cannot be told.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Count {
    /// Verdicts "affected".
    pub affected: usize,
    /// Verdicts "cannot tell".
    pub cannot_tell: usize,
}

impl Beside {
    /// "2 ends of support (1 cannot tell), 3 exposures"; `None` when there are none.
    pub fn words(&self) -> Option<String> {
        let words = |count: Count, noun: &str| {
            let all = count.affected.saturating_add(count.cannot_tell);
            let doubt = match count.cannot_tell {
                0 => String::new(),
                some => format!(" ({some} cannot tell)"),
            };
            (all > 0).then(|| format!("{}{doubt}", plural(all, noun)))
        };
        let support = words(self.end_of_support, "end of support").map(|text| {
            // The plural of the noun is in its first word.
            text.replace("end of supports", "ends of support")
        });
        let both: Vec<String> =
            support.into_iter().chain(words(self.exposure, "exposure")).collect();
        (!both.is_empty()).then(|| both.join(", "))
    }
}

impl<'a> Report<'a> {
    /// Verdicts on advisories.
    pub(super) fn of_advisories(&self) -> impl Iterator<Item = &'a Arc<Finding>> + use<'a> {
        self.findings.iter().filter(|finding| finding.judgement.kind == Kind::Advisory)
    }

    /// How many findings there are that no advisory makes.
    pub fn beside(&self) -> Beside {
        let mut beside = Beside::default();
        for finding in self.findings {
            let count = match finding.judgement.kind {
                Kind::Advisory => continue,
                Kind::EndOfSupport => &mut beside.end_of_support,
                Kind::Exposure => &mut beside.exposure,
            };
            let count = match finding.judgement.verdict {
                Verdict::Unknown(_) => &mut count.cannot_tell,
                _ => &mut count.affected,
            };
            *count = count.saturating_add(1);
        }
        beside
    }
}

/// Prints them below the verdicts on advisories, unless somebody chose the columns: then they are among the others.
pub(super) fn table(report: &Report<'_>, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let Some(words) = report.beside().words() else { return Ok(()) };
    if chosen::of_findings(report).is_some() {
        return Ok(());
    }
    writeln!(out, "\nBESIDE ADVISORIES ({words})\n")?;
    let shows_sites = report.shows_sites();
    let mut rows: BTreeMap<_, &Finding> = BTreeMap::new();
    for finding in report.findings.iter().filter(|one| one.judgement.kind != Kind::Advisory) {
        let judgement = &finding.judgement;
        let rank = matches!(judgement.verdict, Verdict::Unknown(_));
        let priority = finding.weight.priority.map_or(u8::MAX, |one| match one {
            Priority::Now => 0,
            Priority::Next => 1,
            Priority::Watch => 2,
        });
        let place = report.layout.finding(finding);
        rows.insert(
            (place, rank, priority, &judgement.advisory, finding.asset, finding.id),
            finding,
        );
    }
    let headings = ["Verdict", "Priority", "Device", "Finding", "Why"];
    let mut printed = table::empty(headings, &[0, 1, 3], style);
    for finding in rows.into_values() {
        let judgement = &finding.judgement;
        let name =
            report.asset(finding.asset).map(|asset| table::called(report, asset, shows_sites));
        let part = finding.module.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
        let why = judgement.because.last().map(|step| term(step).into_owned()).unwrap_or_default();
        let why = match judgement.verdict {
            Verdict::Unknown(missing) => format!("missing: {missing}. {why}"),
            Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => why,
        };
        printed.add_row([
            table::verdict_cell(&judgement.verdict, aside::mark(finding).as_deref(), style),
            Cell::new(finding.weight.priority.map(Priority::name).unwrap_or_default()),
            Cell::new(format!("{}{part}", name.unwrap_or_default())),
            Cell::new(term(&judgement.advisory)),
            Cell::new(with_weight(why, finding, style)),
        ]);
    }
    writeln!(out, "{}", table::trimmed(&printed))
}

/// Prints those of one device, a line each.
pub(super) fn of_device(
    report: &Report<'_>,
    asset: &Asset,
    out: &mut impl Write,
) -> io::Result<()> {
    let own = report.findings.iter().filter(|finding| finding.asset == asset.id);
    for finding in own.filter(|finding| finding.judgement.kind != Kind::Advisory) {
        let judgement = &finding.judgement;
        let part = finding.module.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
        let verdict = judgement.verdict.name().replace('_', " ");
        let why = judgement.because.last().map(|step| term(step).into_owned()).unwrap_or_default();
        writeln!(out, "{part}{} {verdict}: {why}", term(&judgement.advisory))?;
    }
    Ok(())
}

/// Prints how many there are, below the four counts.
pub(super) fn count(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    match report.beside().words() {
        Some(words) => writeln!(out, "beside advisories: {words}"),
        None => Ok(()),
    }
}

/// A reason; in a wide table with why the finding has its priority.
pub(super) fn with_weight(why: String, finding: &Finding, style: &Style) -> String {
    if !style.wide || finding.weight.because.is_empty() {
        return why;
    }
    format!("{why}. {}", term(&finding.weight.because.join(". ")))
}

/// What is known of exploitation, with its date and age; nothing when nothing was loaded.
pub(super) fn feeds(run: &Run) -> String {
    let feed = |name: &str, feed: &Option<Feed>| {
        let date = feed.as_ref()?.date.as_deref().and_then(|date| date.get(..DAY_CHARACTERS));
        let Some(date) = date else { return Some(format!("\n{name} without a date")) };
        let age = age(date, run.as_of.as_deref()).map(|age| format!(" ({age} old)"));
        Some(format!("\n{name} of {}{}", term(date), age.unwrap_or_default()))
    };
    let both = [
        feed("known exploited vulnerabilities (KEV)", &run.bundle.exploited),
        feed("probabilities of exploitation (EPSS)", &run.bundle.scores),
    ];
    both.into_iter().flatten().collect()
}

fn age(date: &str, day: Option<&str>) -> Option<String> {
    let (date, day): (jiff::civil::Date, jiff::civil::Date) =
        (date.parse().ok()?, day?.parse().ok()?);
    let days = usize::try_from(date.until(day).ok()?.get_days()).ok()?;
    Some(if days == 1 { "1 day".to_owned() } else { format!("{days} days") })
}

/// `2026-03-02`.
const DAY_CHARACTERS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_none_of_is_not_told() {
        let count = |affected, cannot_tell| Count { affected, cannot_tell };
        let beside = |end_of_support, exposure| Beside { end_of_support, exposure }.words();
        assert_eq!(beside(count(0, 0), count(0, 0)), None);
        assert_eq!(beside(count(1, 0), count(0, 0)).as_deref(), Some("1 end of support"));
        assert_eq!(
            beside(count(1, 1), count(2, 0)).as_deref(),
            Some("2 ends of support (1 cannot tell), 2 exposures")
        );
    }

    #[test]
    fn lists_are_told_with_their_age() {
        let exploited =
            Some(Feed { date: Some("2025-08-12T01:02:03Z".to_owned()), ..Feed::default() });
        let mut run = Run { as_of: Some("2025-08-13".to_owned()), ..Run::default() };
        assert_eq!(feeds(&run), "");
        run.bundle.exploited = exploited;
        assert_eq!(
            feeds(&run),
            "\nknown exploited vulnerabilities (KEV) of 2025-08-12 (1 day old)"
        );
    }
}
