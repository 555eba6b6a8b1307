//! What no advisory says, what changed, and what people decided.

use crate::export::brief::{minute, version};
use crate::export::html::Beyond;
use crate::export::html::findings::verdict;
use crate::export::html::first::tag;
use crate::export::html::markup::{Markup, NUMBER};
use crate::export::{Report, decisions, handling, table};
use crate::model::limits::REPORT_ROWS_MAX;
use crate::model::{Asset, Event, Finding, Kind};

pub(super) fn ends(report: &Report<'_>, page: &mut Markup) {
    page.raw("<section class=\"part flow\" id=\"support\">\n<h2>End of support</h2>\n");
    let of = |kind: Kind| -> Vec<&Finding> {
        let findings = report.findings.iter().map(|finding| &**finding);
        findings.filter(|finding| finding.judgement.kind == kind).collect()
    };
    let (ended, exposed) = (of(Kind::EndOfSupport), of(Kind::Exposure));
    if ended.is_empty() {
        page.raw("<p>Of no device here the table of support dates knows that its support has ended. What is not in the table is not judged.</p>\n");
    } else {
        page.raw(
            "<p>What its maker no longer supports gets no fix for what is found tomorrow.</p>\n",
        );
        beside(report, &ended, page);
    }
    page.raw("<h3 id=\"exposures\">Seen, and should not be</h3>\n");
    if exposed.is_empty() {
        page.raw("<p>None of the practices that are looked for was seen.</p>\n");
    } else {
        beside(report, &exposed, page);
    }
    page.raw("</section>\n");
}

/// Findings that no advisory makes.
fn beside(report: &Report<'_>, findings: &[&Finding], page: &mut Markup) {
    let columns = [("", "Verdict"), ("", "Device"), ("", "Version"), ("", "What"), ("", "Why")];
    page.table("beside", "", &columns);
    for finding in findings.iter().take(REPORT_ROWS_MAX) {
        let judgement = &finding.judgement;
        let asset = report.asset(finding.asset);
        let part = finding.module.as_ref().map(|path| format!(", {path}")).unwrap_or_default();
        page.raw("<tr><td>");
        verdict(&judgement.verdict, page);
        page.raw("<br>");
        tag(finding.weight.priority, page);
        page.raw("</td><td>").text(&format!("{}{part}", asset.map(called).unwrap_or_default()));
        page.raw("</td>")
            .cell(asset.and_then(|asset| version(&asset.nameplate)).unwrap_or_default());
        page.cell(&judgement.title).raw("<td>");
        let start = judgement.because.len().saturating_sub(BECAUSE_MAX);
        for (at, because) in judgement.because.iter().skip(start).enumerate() {
            page.raw(if at == 0 { "" } else { "<br>" }).text(because);
        }
        for line in handling::sentences(&finding.handling) {
            page.raw("<br><small>").text(&line).raw("</small>");
        }
        page.raw("</td></tr>\n");
    }
    page.end_table(findings.len().saturating_sub(REPORT_ROWS_MAX));
}

/// The name of a device, with an address.
fn called(asset: &Asset) -> String {
    let name = asset.shown_name();
    match asset.ips.first() {
        Some(ip) if ip.to_string() != name => format!("{name} ({ip})"),
        _ => name,
    }
}

pub(super) fn changes(report: &Report<'_>, beyond: Beyond<'_>, page: &mut Markup) {
    page.raw("<section class=\"part flow\" id=\"changes\">\n<h2>Changes and decisions</h2>\n<h3>What happened</h3>\n");
    let mut happened: Vec<(&Asset, &Event)> = report
        .assets
        .iter()
        .flat_map(|asset| asset.events.iter().map(|event| (&**asset, event)))
        .collect();
    happened.sort_by_key(|(asset, event)| (event.ground.at, event.ground.frame, asset.id));
    if happened.is_empty() {
        page.raw("<p>No program download, change of mode, change of version or replaced device was seen.</p>\n");
    } else {
        let columns =
            [("", "Time (UTC)"), ("", "Device"), ("", "What"), ("", "By or what"), ("", "Seen in")];
        page.table("changes", "In order of time.", &columns);
        for (asset, event) in happened.iter().take(REPORT_ROWS_MAX) {
            let part = event.module.as_ref().map(|path| format!(", {path}")).unwrap_or_default();
            let frames = event.before.iter().chain([&event.ground]).map(|ground| ground.frame);
            page.raw("<tr>").word(&minute(event.ground.at));
            page.cell(&format!("{}{part}", called(asset)));
            page.cell(&event.name().replace('_', " ")).cell(&event.words());
            page.raw("<td><code>")
                .text(&table::places(frames, report.run))
                .raw("</code></td></tr>\n");
        }
        page.end_table(happened.len().saturating_sub(REPORT_ROWS_MAX));
    }
    decided(report, beyond, page);
    page.raw("</section>\n");
}

fn decided(report: &Report<'_>, beyond: Beyond<'_>, page: &mut Markup) {
    page.raw("<h3 id=\"decisions\">Decisions and patches</h3>\n");
    let written = &report.run.handbook.written;
    let about_devices: Vec<_> = report.run.decisions.lines().collect();
    if beyond.history.is_empty() && about_devices.is_empty() && written.is_empty() {
        page.raw("<p>No decision is on record, and no patch state. Verdict, patch state and decision are three things: none changes another.</p>\n");
        return;
    }
    let columns = [
        (NUMBER, "No."),
        ("", "What"),
        ("", "By"),
        ("", "When"),
        ("", "Why"),
        ("", "Then"),
        ("", "Now"),
    ];
    if !beyond.history.is_empty() {
        page.table(
            "diary",
            "About findings and patches, as they were entered; nothing is ever taken out.",
            &columns,
        );
        for (record, outcome) in beyond.history.iter().take(REPORT_ROWS_MAX) {
            page.raw("<tr>").number(record.number).cell(&handling::words(record));
            page.cell(&record.by).word(&minute(record.at)).cell(&record.why);
            page.cell(&handling::evidence(record)).cell(&outcome.words()).raw("</tr>\n");
        }
        page.end_table(beyond.history.len().saturating_sub(REPORT_ROWS_MAX));
    }
    if !written.is_empty() {
        let columns = [("", "Where"), ("", "What"), ("", "By"), ("", "When"), ("", "Why")];
        page.table("written", "From a file of decisions.", &columns);
        for one in written.iter().take(REPORT_ROWS_MAX) {
            let about = [one.advisory.as_deref(), one.cve.as_deref()];
            let about: Vec<&str> = about.into_iter().flatten().collect();
            page.raw("<tr>").cell(&one.source);
            page.cell(&format!("{} {}", one.choice.name().replace('_', " "), about.join(" ")));
            page.cell(&one.by).word(&minute(one.at)).cell(&one.why).raw("</tr>\n");
        }
        page.end_table(written.len().saturating_sub(REPORT_ROWS_MAX));
    }
    if !about_devices.is_empty() {
        let columns =
            [(NUMBER, "No."), ("", "What"), ("", "By"), ("", "When"), ("", "Why"), ("", "Now")];
        page.table("book", "About devices: which are one, what they are.", &columns);
        for (entry, fate) in about_devices.iter().take(REPORT_ROWS_MAX) {
            page.raw("<tr>").number(entry.number).cell(&decisions::words(entry));
            page.cell(&entry.by).word(&minute(entry.at)).cell(&entry.why);
            page.cell(&decisions::fate_words(*fate)).raw("</tr>\n");
        }
        page.end_table(about_devices.len().saturating_sub(REPORT_ROWS_MAX));
    }
}

/// Sentences shown of why support has ended: the last ones say it.
const BECAUSE_MAX: usize = 3;
