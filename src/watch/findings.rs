//! Findings: opened, with another verdict, closed.

use std::sync::Arc;

use crate::model::notice::{Notice, NoticeKind, Severity};
use crate::model::{Asset, AssetId, Change, Finding, Priority, Sites, Timestamp, Verdict};
use crate::watch::{Now, Watch, about, blank};

/// Notices about findings that are new, different or gone. A finding that only gives other reasons is not news.
pub(super) fn notices(watch: &Watch, now: &Now<'_>) -> Vec<Notice> {
    let mut notices = Vec::new();
    for change in now.changes {
        match change {
            Change::FindingOpened(finding) | Change::FindingChanged(finding) => {
                match watch.findings.get(&finding.id) {
                    None => {
                        notices.push(notice(watch, NoticeKind::FindingOpened, finding, None, now))
                    }
                    Some(known) if word(known) != word(finding) => {
                        let kind = NoticeKind::FindingChanged;
                        notices.push(notice(watch, kind, finding, Some(known), now));
                    }
                    Some(_) => {}
                }
            }
            Change::FindingClosed(id) => {
                let known = watch.findings.get(id);
                notices.extend(
                    known.map(|known| notice(watch, NoticeKind::FindingClosed, known, None, now)),
                );
            }
            _ => {}
        }
    }
    notices
}

/// A finding as it stands, for those who take a list of all of them like news.
pub fn standing(
    finding: &Finding,
    asset: Option<&Asset>,
    sites: &Sites,
    told: Timestamp,
) -> Notice {
    described((NoticeKind::FindingOpened, finding, None), asset, sites, told)
}

fn notice(
    watch: &Watch,
    kind: NoticeKind,
    finding: &Finding,
    before: Option<&Arc<Finding>>,
    now: &Now<'_>,
) -> Notice {
    let asset = asset(watch, finding.asset, now);
    described((kind, finding, before), asset, now.sites, now.told)
}

fn described(
    (kind, finding, before): (NoticeKind, &Finding, Option<&Arc<Finding>>),
    asset: Option<&Asset>,
    sites: &Sites,
    told: Timestamp,
) -> Notice {
    let judgement = &finding.judgement;
    let mut details: Vec<(Box<str>, Box<str>)> = vec![
        ("advisory".into(), judgement.advisory.clone()),
        ("cve".into(), judgement.cve.clone()),
        ("verdict".into(), word(finding).into()),
        ("title".into(), judgement.title.clone()),
    ];
    let mut add = |name: &str, value: String| details.push((name.into(), value.into()));
    if let Some(before) = before {
        add("from", word(before).to_owned());
    }
    if let Verdict::Unknown(why) = &judgement.verdict {
        add("reason", why.name().to_owned());
    }
    if let Some(priority) = finding.weight.priority {
        add("priority", priority.name().to_owned());
    }
    if let Some(score) = judgement.cvss {
        add("cvss", score.to_string());
    }
    if judgement.kev == Some(true) {
        add("known_exploited", "true".to_owned());
    }
    if let Some(module) = &finding.module {
        add("module", module.to_string());
    }
    let name = asset.map(Asset::shown_name).unwrap_or_default();
    let done = match kind {
        NoticeKind::FindingClosed => "no longer concerned",
        _ => word(finding),
    };
    let text =
        format!("{name}: {} ({}): {}", judgement.cve, judgement.advisory, done.replace('_', " "));
    let blank = match asset {
        Some(asset) => about(asset, kind, told, sites, told),
        None => Notice { kind, asset: Some(finding.asset), ..blank(told, told) },
    };
    let severity = severity(kind, finding);
    Notice { severity, finding: Some(finding.id), text: text.into(), details, ..blank }
}

/// The device as it is now, or as it was.
fn asset<'a>(watch: &'a Watch, id: AssetId, now: &Now<'a>) -> Option<&'a Asset> {
    let new = now.changes.iter().find_map(|change| match change {
        Change::AssetSeen(asset) | Change::AssetChanged(asset) if asset.id == id => Some(&**asset),
        _ => None,
    });
    new.or_else(|| watch.assets.get(&id).map(|asset| &**asset))
}

fn severity(kind: NoticeKind, finding: &Finding) -> Severity {
    if kind == NoticeKind::FindingClosed {
        return Severity::Informational;
    }
    match (&finding.judgement.verdict, finding.weight.priority) {
        (Verdict::Affected, Some(Priority::Now)) => Severity::Critical,
        (Verdict::Affected, Some(Priority::Next)) => Severity::Error,
        (Verdict::Affected, _) => Severity::Warning,
        (Verdict::Unknown(_), _) => Severity::Notice,
        (Verdict::Fixed | Verdict::NotAffected, _) => Severity::Informational,
    }
}

fn word(finding: &Finding) -> &'static str {
    finding.judgement.verdict.name()
}
