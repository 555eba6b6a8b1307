//! All jobs, all findings, and the question behind each that cannot be told.

use std::collections::{BTreeMap, BTreeSet};

use crate::export::brief::{Job, Question, Thing};
use crate::export::html::first::{names, tag, why};
use crate::export::html::markup::{Markup, NUMBER};
use crate::export::table::plural;
use crate::export::{Counts, Report, aside};
use crate::model::limits::{REPORT_NAMES_MAX, REPORT_ROWS_MAX};
use crate::model::{Finding, Priority, Verdict};

pub(super) fn jobs(jobs: &[Job<'_>], page: &mut Markup) {
    page.raw("<section class=\"part\" id=\"jobs\">\n<h2>All jobs</h2>\n");
    if jobs.is_empty() {
        page.raw("<p>Nothing that was seen is known to be affected and still to be done.</p>\n</section>\n");
        return;
    }
    let columns = [
        (NUMBER, "No."),
        ("", "Priority"),
        ("", "Job"),
        ("", "Devices"),
        ("", "Fixed in"),
        ("", "Why"),
    ];
    page.table("jobs", "One row is one piece of work on devices that are alike. Priorities are buckets: now, next, watch.", &columns);
    for (number, job) in (1_usize..).zip(jobs).take(REPORT_ROWS_MAX) {
        page.raw("<tr>").number(number).raw("<td class=\"k\">");
        tag(job.priority, page);
        page.raw("</td>").cell(&job.order()).cell(&names(job));
        page.cell(&job.fixed_in(REPORT_NAMES_MAX).unwrap_or_default())
            .cell(&why(job))
            .raw("</tr>\n");
    }
    page.end_table(jobs.len().saturating_sub(REPORT_ROWS_MAX)).raw("</section>\n");
}

/// Findings that say the same of devices that are alike.
struct Row<'a> {
    finding: &'a Finding,
    cves: BTreeSet<&'a str>,
    cvss: Option<f64>,
    things: BTreeMap<(String, String), Thing<'a>>,
    findings: usize,
}

pub(super) fn findings(report: &Report<'_>, page: &mut Markup) {
    page.raw("<section class=\"part\" id=\"findings\">\n<h2>Findings</h2>\n");
    let Counts { affected, cannot_tell, fixed, not_affected } = report.counts();
    page.raw("<p>")
        .show(affected)
        .raw(" affected, ")
        .show(cannot_tell)
        .raw(" cannot tell, ")
        .show(fixed)
        .raw(" fixed, ")
        .show(not_affected)
        .raw(" not affected. Findings of one advisory that say the same of devices alike are one row.</p>\n");
    let rows = grouped(report);
    if rows.is_empty() {
        page.raw("<p>No advisory here names a product that was seen. That clears no device.</p>\n</section>\n");
        return;
    }
    let columns = [
        ("", "Verdict"),
        ("", "Advisory"),
        ("", "Devices"),
        ("", "Vulnerabilities"),
        ("", "Fixed in"),
        ("", "Why"),
    ];
    page.table("findings", "", &columns);
    for row in rows.iter().take(REPORT_ROWS_MAX) {
        finding_row(row, page);
    }
    page.end_table(rows.len().saturating_sub(REPORT_ROWS_MAX)).raw("</section>\n");
}

fn finding_row(row: &Row<'_>, page: &mut Markup) {
    let Row { finding, cves, cvss, things, findings } = row;
    let judgement = &finding.judgement;
    page.raw("<tr><td>");
    verdict(&judgement.verdict, page);
    page.raw("<br>");
    tag(finding.weight.priority, page);
    if let Some(mark) = aside::mark(finding) {
        page.raw("<br><small>").text(&mark).raw("</small>");
    }
    page.raw("</td><td><b>")
        .text(&judgement.advisory)
        .raw("</b><br><small>")
        .text(&judgement.title);
    page.raw("</small></td><td>").text(&listed(things.values().copied(), things.len()));
    page.raw("</td><td>").text(&some(cves)).raw("<br><small>").show(*findings);
    page.raw(if *findings == 1 { " finding" } else { " findings" });
    if let Some(score) = cvss {
        page.raw(", CVSS up to ").text(&format!("{score:.1}"));
    }
    if judgement.kev == Some(true) {
        page.raw(", <b>known to be exploited</b>");
    }
    page.raw("</small></td>").cell(&judgement.fixed_in.join(", ")).raw("<td>");
    if let Verdict::Unknown(missing) = judgement.verdict {
        page.raw("missing: <b>").raw(missing.name()).raw("</b>. ");
    }
    if let Some(reason) = aside::reason(finding) {
        page.text(&reason).raw(". ");
    }
    page.text(judgement.because.last().map(String::as_str).unwrap_or_default());
    page.raw("<br><small>").raw(grade(finding)).raw("</small></td></tr>\n");
}

/// How firmly the device is tied to the product.
fn grade(finding: &Finding) -> &'static str {
    use crate::model::Grade;
    match finding.judgement.grade {
        Grade::E1 => "E1: exact model number",
        Grade::E2 => "E2: exact family",
        Grade::E3 => "E3: family by pattern",
        Grade::E4 => "E4: words of the name only",
    }
}

/// A verdict with its shape.
pub(super) fn verdict(verdict: &Verdict, page: &mut Markup) {
    page.raw(match verdict {
        Verdict::Affected => "<span class=\"v affected\">▲ affected</span>",
        Verdict::Unknown(_) => "<span class=\"v unknown\">? cannot tell</span>",
        Verdict::Fixed => "<span class=\"v fixed\">✓ fixed</span>",
        Verdict::NotAffected => "<span class=\"v clear\">– not affected</span>",
    });
}

fn grouped<'a>(report: &Report<'a>) -> Vec<Row<'a>> {
    type Alike<'a> = (&'a str, u8, u8, &'a str, &'a [String], Option<String>, Option<String>);
    let mut rows: BTreeMap<Alike<'a>, Row<'a>> = BTreeMap::new();
    for finding in report.of_advisories() {
        let finding: &'a Finding = finding;
        let Ok(at) = report.assets.binary_search_by_key(&finding.asset, |asset| asset.id) else {
            continue;
        };
        let Some(asset) = report.assets.get(at) else { continue };
        let judgement = &finding.judgement;
        let key = (
            &*judgement.advisory,
            rank(&judgement.verdict),
            urgency(finding),
            judgement.because.last().map(String::as_str).unwrap_or_default(),
            &*judgement.fixed_in,
            aside::reason(finding),
            aside::mark(finding),
        );
        let row = rows.entry(key).or_insert_with(|| Row {
            finding,
            cves: BTreeSet::new(),
            cvss: None,
            things: BTreeMap::new(),
            findings: 0,
        });
        row.findings = row.findings.saturating_add(1);
        row.cves.insert(&judgement.cve);
        row.cvss = row.cvss.into_iter().chain(judgement.cvss).reduce(f64::max);
        let thing = Thing { asset, module: finding.module.as_ref() };
        row.things.insert((thing.name(), asset.id.to_string()), thing);
    }
    let mut rows: Vec<Row<'a>> = rows.into_values().collect();
    rows.sort_by(|a, b| {
        let by = |row: &Row<'_>| {
            let finding = row.finding;
            (aside::class(finding), rank(&finding.judgement.verdict), urgency(finding))
        };
        let score = |row: &Row<'_>| row.cvss.unwrap_or_default();
        by(a).cmp(&by(b)).then_with(|| score(b).total_cmp(&score(a)))
    });
    rows
}

fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Affected => 0,
        Verdict::Unknown(_) => 1,
        Verdict::Fixed => 2,
        Verdict::NotAffected => 3,
    }
}

fn urgency(finding: &Finding) -> u8 {
    match finding.weight.priority {
        Some(Priority::Now) => 0,
        Some(Priority::Next) => 1,
        Some(Priority::Watch) => 2,
        None => 3,
    }
}

/// Some names, and how many others there are.
fn listed<'a>(things: impl Iterator<Item = Thing<'a>>, all: usize) -> String {
    let names: Vec<String> = things.take(REPORT_NAMES_MAX).map(|thing| thing.name()).collect();
    let more = all.saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

fn some(names: &BTreeSet<&str>) -> String {
    let shown: Vec<&str> = names.iter().copied().take(REPORT_NAMES_MAX).collect();
    let more = names.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

pub(super) fn ask(report: &Report<'_>, questions: &[Question<'_>], page: &mut Markup) {
    page.raw("<section class=\"part\" id=\"questions\">\n<h2>Questions to ask</h2>\n");
    let cannot_tell = report.counts().cannot_tell;
    if questions.is_empty() {
        page.raw("<p>Every verdict could be given: 0 cannot tell.</p>\n</section>\n");
        return;
    }
    page.raw("<p>Of ")
        .text(&plural(cannot_tell, "verdict"))
        .raw(" it cannot be told, each for want of one fact. An answer is stated with <code>nameplate assets set</code> or with a list that is imported, and every verdict is given anew.</p>\n");
    for question in questions.iter().take(REPORT_ROWS_MAX) {
        let Question { why, product, ask, place, things, verdicts, aside, advisories, example } =
            question;
        page.raw("<div class=\"question\"><h3>").text(product).raw(": ").raw(ask);
        page.raw("</h3><p><b>Settles ").text(&plural(*verdicts, "verdict")).raw("</b> on ");
        page.text(&plural(advisories.len(), "advisory"));
        if *aside > 0 {
            page.raw(" (").show(*aside).raw(" put aside by decisions)");
        }
        page.raw(" · missing: ").raw(why.name()).raw("</p>");
        if !place.is_empty() {
            page.raw("<p><b>Where:</b> ").raw(place).raw(".</p>");
        }
        page.raw("<p><b>Devices:</b> ").text(&listed(things.iter().copied(), things.len()));
        page.raw("</p><p><small>For example: ").text(example).raw("</small></p></div>\n");
    }
    let left = questions.len().saturating_sub(REPORT_ROWS_MAX);
    if left > 0 {
        page.raw("<p class=\"left\">and ").show(left).raw(" more questions.</p>\n");
    }
    page.raw("</section>\n");
}
