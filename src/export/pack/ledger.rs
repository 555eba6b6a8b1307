//! The ledger of patches: for each advisory and each device or part, when it was published, when it was evaluated, what was decided, and
//! whether each was in time.
//!
//! The clock is that of NERC CIP-007-6 R2: patches are evaluated at least once every 35 calendar days (R2.2), and within 35 calendar days
//! of an evaluation a patch is installed, or a dated mitigation plan made or revised (R2.3).

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::export::brief::version;
use crate::export::handling::date;
use crate::export::pack::tables::Table;
use crate::export::pack::{Evaluation, Pack};
use crate::model::{
    Asset, AssetId, Finding, Kind, Nameplate, PatchState, Priority, Timestamp, Unit, Verdict,
};

/// Prints the ledger.
pub(super) fn ledger(pack: &Pack<'_>, out: impl Write) -> io::Result<()> {
    let mut table = Table::new(out, LEDGER)?;
    let mut rows: BTreeMap<(&str, AssetId, Option<&Unit>), Vec<&Finding>> = BTreeMap::new();
    for finding in pack.report.findings {
        if finding.judgement.kind == Kind::Advisory {
            let key = (&*finding.judgement.advisory, finding.asset, finding.module.as_ref());
            rows.entry(key).or_default().push(finding);
        }
    }
    for ((advisory, id, module), findings) in rows {
        let Some(asset) = pack.report.asset(id) else { continue };
        table.row(row(pack, advisory, asset, module, &findings))?;
    }
    table.end()
}

fn row(
    pack: &Pack<'_>,
    advisory: &str,
    asset: &Asset,
    module: Option<&Unit>,
    findings: &[&Finding],
) -> Vec<String> {
    let part = asset.modules.iter().find(|part| Some(&part.path) == module);
    let plate = part.map_or(&asset.nameplate, |part| &part.nameplate);
    let clock = Clock::new(pack, advisory, asset, findings);
    let title = findings.first().map(|finding| finding.judgement.title.to_string());
    let mut row = vec![
        advisory.to_owned(),
        pack.cited.revision(advisory).unwrap_or_default().to_owned(),
        title.unwrap_or_default(),
        asset.id.to_string(),
        asset.shown_name(),
        module.map(ToString::to_string).unwrap_or_default(),
        what(plate),
        version(plate).unwrap_or_default().to_owned(),
    ];
    row.extend(verdicts(findings));
    row.extend(clock.cells(pack.report.run.as_of.as_deref()));
    let deciding = findings.iter().find_map(|finding| finding.handling.decision.as_ref());
    let patch = findings.iter().find_map(|finding| finding.handling.patch.as_ref());
    let proposed = findings.iter().find_map(|finding| finding.handling.proposed.as_ref());
    let day = |at: Option<Timestamp>| at.map(date).unwrap_or_default();
    row.extend([
        deciding.map(|decision| decision.choice.name().to_owned()).unwrap_or_default(),
        deciding.map(|decision| decision.by.to_string()).unwrap_or_default(),
        deciding.map(|decision| decision.why.to_string()).unwrap_or_default(),
        day(deciding.and_then(|decision| decision.due)),
        day(deciding.and_then(|decision| decision.expires)),
        patch.map(|patch| patch.state.name().to_owned()).unwrap_or_default(),
        patch
            .map(|patch| patch.by.as_deref().unwrap_or("nameplate").to_owned())
            .unwrap_or_default(),
        proposed.map(|proposed| proposed.state.name().to_owned()).unwrap_or_default(),
        findings
            .iter()
            .find_map(|finding| finding.handling.reopened.as_deref())
            .unwrap_or_default()
            .to_owned(),
    ]);
    row
}

fn what(plate: &Nameplate) -> String {
    use crate::model::Field;
    let what = plate.value(Field::Model).or(plate.value(Field::Os)).or(plate.value(Field::Product));
    let words = [plate.value(Field::Vendor), what];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The cells about verdicts: the worst, the four counts, the vulnerabilities, what is missing, the fixes, the priority.
fn verdicts(findings: &[&Finding]) -> Vec<String> {
    let count = |verdict: &str| {
        findings.iter().filter(|finding| finding.judgement.verdict.name() == verdict).count()
    };
    let counts =
        ["affected", "cannot_tell", "fixed", "not_affected"].map(|name| (name, count(name)));
    let worst = counts.iter().find(|(_, count)| *count > 0).map(|(name, _)| (*name).to_owned());
    let joined = |items: BTreeSet<&str>| items.into_iter().collect::<Vec<_>>().join(" ");
    let missing = findings.iter().filter_map(|finding| match finding.judgement.verdict {
        Verdict::Unknown(why) => Some(why.name()),
        Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => None,
    });
    let missing: BTreeSet<&str> = missing.collect();
    let fixes = findings.iter().flat_map(|finding| &finding.judgement.fixed_in).map(String::as_str);
    let priority = findings.iter().filter_map(|finding| finding.weight.priority).min();
    let mut cells = vec![worst.unwrap_or_default()];
    cells.extend(counts.map(|(_, count)| count.to_string()));
    cells.extend([
        joined(findings.iter().map(|finding| &*finding.judgement.cve).collect()),
        missing.into_iter().collect::<Vec<_>>().join(", "),
        joined(fixes.collect()),
        priority.map(Priority::name).unwrap_or_default().to_owned(),
    ]);
    cells
}

/// The days that count for one advisory and one device.
struct Clock {
    published: Option<jiff::civil::Date>,
    start: Option<jiff::civil::Date>,
    evaluated: Option<jiff::civil::Date>,
    decided: Option<jiff::civil::Date>,
    is_affected: bool,
    is_installed: bool,
}

impl Clock {
    fn new(pack: &Pack<'_>, advisory: &str, asset: &Asset, findings: &[&Finding]) -> Self {
        let day = |at: Timestamp| date(at).parse().ok();
        let published = pack.cited.released(advisory).and_then(|text| text.get(..10)?.parse().ok());
        let start = published.into_iter().chain(day(asset.first)).max();
        let decided = findings.iter().flat_map(|finding| {
            let handling = &finding.handling;
            let patch = handling.patch.as_ref().filter(|patch| patch.by.is_some());
            [handling.decision.as_ref().map(|one| one.at), patch.and_then(|patch| patch.at)]
        });
        let is = |state: PatchState| {
            findings.iter().any(|finding| {
                finding.handling.patch.as_ref().is_some_and(|patch| patch.state == state)
            })
        };
        Self {
            published,
            start,
            evaluated: evaluated(pack, advisory, asset)
                .and_then(day)
                .or_else(|| pack.report.run.as_of.as_deref()?.parse().ok()),
            decided: decided.flatten().min().and_then(day),
            is_affected: findings
                .iter()
                .any(|finding| finding.judgement.verdict == Verdict::Affected),
            is_installed: is(PatchState::Installed),
        }
    }

    /// The cells: dates, days between, and whether each was in time. An empty cell says that there is nothing to say.
    fn cells(&self, as_of: Option<&str>) -> Vec<String> {
        let today: Option<jiff::civil::Date> = as_of.and_then(|day| day.parse().ok());
        let text =
            |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let evaluating = days(self.start, self.evaluated);
        let due = self
            .evaluated
            .filter(|_| self.is_affected)
            .and_then(|day| day.checked_add(jiff::Span::new().try_days(DAYS_MAX).ok()?).ok());
        let deciding = days(self.evaluated, self.decided);
        let is_open = self.is_affected && self.decided.is_none() && !self.is_installed;
        let open = if is_open { days(self.evaluated, today) } else { None };
        let number = |days: Option<i64>| days.map(|days| days.to_string()).unwrap_or_default();
        let in_time = |days: Option<i64>| match days {
            Some(days) if days <= DAYS_MAX => "yes".to_owned(),
            Some(_) => "no".to_owned(),
            None => String::new(),
        };
        // What nobody has acted on is late only once its time is over.
        let acted = match (deciding, open) {
            (Some(days), _) => in_time(Some(days)),
            (None, Some(open)) if open > DAYS_MAX => "no".to_owned(),
            (None, Some(_)) => "open".to_owned(),
            (None, None) => String::new(),
        };
        vec![
            text(self.published),
            text(self.start),
            text(self.evaluated),
            number(evaluating),
            in_time(evaluating),
            text(due),
            text(self.decided),
            number(deciding),
            acted,
            number(open),
        ]
    }
}

/// When the advisory was first held against the device: the first run of matching since both were there.
fn evaluated(pack: &Pack<'_>, advisory: &str, asset: &Asset) -> Option<Timestamp> {
    let since = pack.available.get(advisory).copied().unwrap_or_default().max(asset.first);
    let is_of_all = |evaluation: &&Evaluation| evaluation.scope.is_empty();
    let mut runs = pack.evaluations.iter().filter(is_of_all).filter(|run| run.at >= since);
    runs.next().map(|run| run.at)
}

/// Days from one day to another; none before it.
fn days(from: Option<jiff::civil::Date>, to: Option<jiff::civil::Date>) -> Option<i64> {
    let days = from?.until(to?).ok()?.get_days();
    Some(i64::from(days).max(0))
}

/// Prints when devices were held against advisories, with the days since the time before.
pub(super) fn evaluations(evaluations: &[Evaluation], out: impl Write) -> io::Result<()> {
    let mut table = Table::new(out, EVALUATIONS)?;
    let mut before: Option<jiff::civil::Date> = None;
    for one in evaluations {
        let day: Option<jiff::civil::Date> = date(one.at).parse().ok();
        let since = days(before, day);
        let in_time = match since {
            Some(days) if days <= DAYS_MAX => "yes",
            Some(_) => "no",
            None => "",
        };
        let mut row = vec![
            one.number.to_string(),
            one.at.to_string(),
            since.map(|days| days.to_string()).unwrap_or_default(),
            in_time.to_owned(),
            one.trigger.to_owned(),
            one.scope.clone(),
            one.version.clone(),
            one.origin.clone(),
            one.bundle.clone(),
        ];
        let counts = one.of.iter().chain(&one.verdicts).chain(&one.changes);
        row.extend(counts.map(u64::to_string));
        table.row(row)?;
        // A run over some documents evaluates these only.
        if one.scope.is_empty() {
            before = day;
        }
    }
    table.end()
}

/// Calendar days of NERC CIP-007-6 R2.2 and R2.3.
const DAYS_MAX: i64 = 35;
const LEDGER: &[&str] = &[
    "advisory",
    "revision",
    "title",
    "asset_id",
    "name",
    "module",
    "product",
    "version",
    "verdict",
    "affected",
    "cannot_tell",
    "fixed",
    "not_affected",
    "cves",
    "missing",
    "fixed_in",
    "priority",
    "published",
    "clock_start",
    "evaluated",
    "days_to_evaluation",
    "evaluated_in_35_days",
    "action_due",
    "decided",
    "days_to_decision",
    "acted_in_35_days",
    "days_open",
    "decision",
    "decided_by",
    "decided_why",
    "remediate_by",
    "decision_expires",
    "patch_state",
    "patch_state_by",
    "proposed_state",
    "reopened",
];
const EVALUATIONS: &[&str] = &[
    "number",
    "time",
    "days_since_last",
    "in_35_days",
    "trigger",
    "scope",
    "program",
    "origin",
    "bundle_sha256",
    "documents",
    "assets",
    "affected",
    "cannot_tell",
    "fixed",
    "not_affected",
    "opened",
    "changed",
    "closed",
];
