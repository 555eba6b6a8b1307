//! `nameplate.run/1`: what was read, with what, and the four counts.

use serde::Serialize;

use crate::export::{Beside, Report};
use crate::model::{Feed, Session, Verdict, Why};

#[derive(Serialize)]
pub(super) struct RunLine<'a> {
    schema: &'static str,
    tool: &'static str,
    version: &'a str,
    arguments: &'a [String],
    inputs: Vec<InputPart<'a>>,
    failed: &'a [String],
    bundle: BundlePart<'a>,
    complete: bool,
    stopped: bool,
    selected: Option<SelectedPart<'a>>,
    verdicts: CountsPart,
    put_aside: CountsPart,
    reopened: usize,
    cannot_tell: Vec<ReasonPart>,
    beside: Beside,
    as_of: Option<&'a str>,
    counters: std::collections::BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct InputPart<'a> {
    capture: &'a str,
    sha256: &'a str,
    frames: u64,
    bytes: u64,
    first: Option<String>,
    last: Option<String>,
    incomplete: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SessionPart<'a>>,
}

/// What was heard on an interface, in place of a file: it has no hash.
#[derive(Serialize)]
struct SessionPart<'a> {
    interface: &'a str,
    started: String,
    ended: Option<String>,
    received: u64,
    dropped_by_kernel: u64,
    dropped_by_interface: u64,
    interruptions: u64,
    unclean: bool,
}

impl<'a> From<&'a Session> for SessionPart<'a> {
    fn from(session: &'a Session) -> Self {
        Self {
            interface: &session.interface,
            started: session.started.to_string(),
            ended: session.ended.map(|at| at.to_string()),
            received: session.received,
            dropped_by_kernel: session.dropped_by_kernel,
            dropped_by_interface: session.dropped_by_interface,
            interruptions: session.interruptions,
            unclean: session.unclean,
        }
    }
}

#[derive(Serialize)]
struct BundlePart<'a> {
    origin: &'a str,
    number: Option<u32>,
    signer: Option<&'a str>,
    built: Option<&'a str>,
    documents: usize,
    added: usize,
    unread: usize,
    newest: Option<&'a str>,
    sha256: &'a str,
    kev: bool,
    exploited: Option<FeedPart<'a>>,
    scores: Option<FeedPart<'a>>,
}

#[derive(Serialize)]
struct FeedPart<'a> {
    date: Option<&'a str>,
    count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
}

impl<'a> From<&'a Feed> for FeedPart<'a> {
    fn from(feed: &'a Feed) -> Self {
        let (date, model) = (feed.date.as_deref(), feed.model.as_deref());
        Self { date, count: feed.count, model }
    }
}

#[derive(Serialize)]
struct SelectedPart<'a> {
    by: &'a str,
    assets: usize,
    of_assets: usize,
    findings: usize,
    of_findings: usize,
    undecided: usize,
}

#[derive(Serialize)]
struct CountsPart {
    affected: usize,
    cannot_tell: usize,
    fixed: usize,
    not_affected: usize,
}

#[derive(Serialize)]
struct ReasonPart {
    missing: &'static str,
    count: usize,
}

impl<'a> RunLine<'a> {
    pub(super) fn new(report: &Report<'a>) -> Self {
        let run = report.run;
        let (counts, aside) = (report.counts(), report.aside());
        let captures = run.captures.iter().filter(|capture| !capture.is_shed());
        let inputs = captures.map(|capture| InputPart {
            capture: &capture.name,
            sha256: &capture.sha256,
            frames: capture.frames,
            bytes: capture.bytes,
            first: capture.first.map(|at| at.to_string()),
            last: capture.last.map(|at| at.to_string()),
            incomplete: capture.incomplete.as_deref(),
            session: capture.session.as_ref().map(SessionPart::from),
        });
        let reasons = report.reasons().into_iter();
        Self {
            schema: "nameplate.run/1",
            tool: "nameplate",
            version: &run.version,
            arguments: &run.arguments,
            inputs: inputs.collect(),
            failed: &run.failed,
            bundle: BundlePart {
                origin: &run.bundle.origin,
                number: run.bundle.number,
                signer: run.bundle.signer.as_deref(),
                built: run.bundle.built.as_deref(),
                documents: run.bundle.documents,
                added: run.bundle.added,
                unread: run.bundle.unread,
                newest: run.bundle.newest.as_deref(),
                sha256: &run.bundle.sha256,
                kev: run.bundle.kev,
                exploited: run.bundle.exploited.as_ref().map(FeedPart::from),
                scores: run.bundle.scores.as_ref().map(FeedPart::from),
            },
            complete: run.complete(),
            stopped: run.stopped,
            selected: report.selected.map(|selected| SelectedPart {
                by: &selected.by,
                assets: report.assets.len(),
                of_assets: selected.of_assets,
                findings: report.findings_shown().0,
                of_findings: selected.of_findings,
                undecided: selected.undecided,
            }),
            verdicts: CountsPart {
                affected: counts.affected,
                cannot_tell: counts.cannot_tell,
                fixed: counts.fixed,
                not_affected: counts.not_affected,
            },
            put_aside: CountsPart {
                affected: aside.of(&Verdict::Affected),
                cannot_tell: aside.of(&Verdict::Unknown(Why::Candidate)),
                fixed: aside.of(&Verdict::Fixed),
                not_affected: aside.of(&Verdict::NotAffected),
            },
            reopened: aside.reopened,
            cannot_tell: reasons
                .map(|(why, count)| ReasonPart { missing: why.name(), count })
                .collect(),
            beside: report.beside(),
            as_of: run.as_of.as_deref(),
            counters: run.counters.iter().collect(),
        }
    }
}
