//! What is known of the plant.

use std::collections::BTreeMap;

use crate::export::Report;
use crate::model::{Kind, Timestamp, Verdict};
use crate::web::metrics::text::Exposition;
use crate::web::plant::Look;

/// Tells all families, with samples where there is a picture.
pub(super) fn tell(look: Option<&Look<'_>>, now_ns: i64, out: &mut Exposition) {
    let report = look.map(|look| &look.report);
    let mut assets = out.gauge("nameplate_assets", "Devices.");
    if let Some(report) = report {
        assets.count(&[], number(report.assets.len()));
    }
    let mut facts = out.gauge("nameplate_stored_observations", "Facts that the store holds.");
    if let Some(look) = look {
        facts.count(&[], number(look.observations.len()));
    }
    findings(report, out);
    bundle(report, now_ns, out);
    let mut counters = out.gauge(
        "nameplate_picture_count",
        "What was counted when the store was judged: passed over, conflicts, caps.",
    );
    for (name, value) in report.iter().flat_map(|report| report.run.counters.iter()) {
        counters.count(&[("name", name)], value);
    }
}

fn findings(report: Option<&Report<'_>>, out: &mut Exposition) {
    let all = report.map_or(&[][..], |report| report.findings);
    let mut counts: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
    let (mut exploited, mut aside, mut reopened) = (0_u64, 0_u64, 0_u64);
    for finding in all {
        let judgement = &finding.judgement;
        let priority = finding.weight.priority.map_or("none", |priority| priority.name());
        let key = (judgement.kind.name(), judgement.verdict.name(), priority);
        let count = counts.entry(key).or_default();
        *count = count.saturating_add(1);
        let is_exploited = judgement.kind == Kind::Advisory
            && judgement.verdict == Verdict::Affected
            && judgement.kev == Some(true);
        exploited = exploited.saturating_add(u64::from(is_exploited));
        aside = aside.saturating_add(u64::from(finding.handling.is_suppressed()));
        reopened = reopened.saturating_add(u64::from(finding.handling.reopened.is_some()));
    }
    let mut told =
        out.gauge("nameplate_findings", "Verdicts by kind, verdict and how soon to care.");
    for ((kind, verdict, priority), count) in counts {
        told.count(&[("kind", kind), ("verdict", verdict), ("priority", priority)], count);
    }
    let single = [
        (
            "nameplate_findings_known_exploited",
            "Verdicts affected by a flaw that is known to be exploited.",
            exploited,
        ),
        ("nameplate_findings_put_aside", "Verdicts that people put aside.", aside),
        ("nameplate_findings_reopened", "Verdicts that came back after a decision.", reopened),
    ];
    for (name, help, count) in single {
        let mut samples = out.gauge(name, help);
        if report.is_some() {
            samples.count(&[], count);
        }
    }
    let mut missing = out.gauge(
        "nameplate_findings_cannot_tell",
        "Verdicts that cannot be given, by what is missing.",
    );
    for (why, count) in report.map(Report::reasons).unwrap_or_default() {
        missing.count(&[("missing", why.name())], number(count));
    }
}

fn bundle(report: Option<&Report<'_>>, now_ns: i64, out: &mut Exposition) {
    let bundle = report.map(|report| &report.run.bundle);
    let mut age = out.gauge(
        "nameplate_bundle_age_days",
        "Days since the newest advisory; no sample when none says its date.",
    );
    let newest = bundle.and_then(|bundle| bundle.newest.as_deref());
    if let Some(days) = newest.and_then(|newest| days_since(newest, now_ns)) {
        age.count(&[], days);
    }
    let mut documents = out.gauge("nameplate_bundle_documents", "Advisories, by whether read.");
    if let Some(bundle) = bundle {
        documents.count(&[("state", "read")], number(bundle.documents));
        documents.count(&[("state", "unread")], number(bundle.unread));
    }
    let mut catalogue = out.gauge(
        "nameplate_bundle_has_exploited",
        "1 when a catalogue of known exploited flaws is loaded.",
    );
    if let Some(bundle) = bundle {
        catalogue.flag(&[], bundle.kev);
    }
}

/// Days between a date, or a time that begins with one, and now; none for a date ahead.
fn days_since(date: &str, now_ns: i64) -> Option<u64> {
    let then: jiff::civil::Date = date.get(..DATE_CHARS)?.parse().ok()?;
    let now: jiff::civil::Date = Timestamp(now_ns).to_string().get(..DATE_CHARS)?.parse().ok()?;
    let days = now.since((jiff::Unit::Day, then)).ok()?.get_days();
    Some(u64::try_from(days).unwrap_or_default())
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// As in `2026-03-02`.
const DATE_CHARS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_a_date_or_a_time() {
        let now = 1_772_452_800_000_000_000;
        assert_eq!(Timestamp(now).to_string().get(..10), Some("2026-03-02"));
        assert_eq!(days_since("2026-02-28", now), Some(2));
        assert_eq!(days_since("2025-03-02T10:00:00Z", now), Some(365));
        assert_eq!(days_since("2026-03-09", now), Some(0), "a clock that is behind");
        assert_eq!(days_since("soon", now), None);
    }
}
