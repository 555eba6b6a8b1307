//! The first page: what was seen, the four counts, what to do first and why, what could not be seen.

use crate::export::brief::{Gap, Job, Seen, day, minute};
use crate::export::html::markup::Markup;
use crate::export::table::plural;
use crate::export::{Counts, Report};
use crate::model::limits::{REPORT_JOBS_FIRST_MAX, REPORT_NAMES_MAX};
use crate::model::{Priority, Verdict, Why};

/// What the report is called.
pub(super) fn title(report: &Report<'_>) -> String {
    let names: Vec<&str> = report.run.sites.iter().map(|(_, name)| name).collect();
    if names.is_empty() {
        "Assets and patch status".to_owned()
    } else {
        format!("{}: assets and patch status", names.join(", "))
    }
}

pub(super) fn first(
    report: &Report<'_>,
    title: &str,
    (seen, jobs, gaps): (&Seen, &[Job<'_>], &[Gap]),
    page: &mut Markup,
) {
    let run = report.run;
    page.raw("<header>\n").within("<h1>", title, "</h1>\n").raw("<p class=\"sub\">");
    if let Some((first, last)) = seen.time {
        page.text(&format!("Traffic of {} to {} UTC · ", minute(first), minute(last)));
    }
    if let Some(as_of) = &run.as_of {
        page.text(&format!("judged as of {as_of} · "));
    }
    page.raw("nameplate ").text(&run.version).raw("</p>\n");
    if !run.complete() {
        page.raw("<p class=\"banner\"><b>Not complete.</b> Some inputs could not be read to their end, or do not hold all that they should: what is missing there is missing here.</p>\n");
    }
    if let Some(selected) = report.selected {
        page.raw("<p class=\"banner\"><b>A selection.</b> Only what meets <code>")
            .text(&selected.by)
            .raw("</code> is here: ")
            .show(report.assets.len())
            .raw(" of ")
            .text(&plural(selected.of_assets, "device"))
            .raw(".</p>\n");
    }
    page.raw("</header>\n<main>\n<section class=\"first\">\n");
    what_was_seen(report, seen, page);
    four_counts(report, page);
    to_do(report, jobs, page);
    not_seen(gaps, page);
    page.raw("</section>\n<nav aria-label=\"Parts of the report\"><a href=\"#places\">Map and devices</a><a href=\"#jobs\">All jobs</a><a href=\"#findings\">Findings</a><a href=\"#questions\">Questions</a><a href=\"#support\">End of support</a><a href=\"#changes\">Changes and decisions</a><a href=\"#evidence\">Evidence</a><a href=\"#inputs\">Inputs</a></nav>\n");
}

fn what_was_seen(report: &Report<'_>, seen: &Seen, page: &mut Markup) {
    let run = report.run;
    page.raw("<h2 id=\"seen\">What was seen</h2>\n<dl class=\"seen\">\n");
    let mut row = |name: &'static str, value: &str, is_wide: bool| {
        page.raw(if is_wide { "<div class=\"wide\"><dt>" } else { "<div><dt>" })
            .raw(name)
            .raw("</dt><dd>");
        // A line ends between parts, and in none of them: a date stays whole.
        for part in value.split_inclusive(", ") {
            page.raw("<span>").text(part.trim_end()).raw("</span> ");
        }
        page.raw("</dd></div>\n");
    };
    let modules = match seen.modules {
        0 => String::new(),
        some => format!(
            ", {} in them",
            plural(some, "module or unit").replace("module or units", "modules or units")
        ),
    };
    row("Devices", &format!("{}{modules}", plural(report.assets.len(), "device")), false);
    let lists = match seen.lists {
        0 => String::new(),
        some => format!(", {}", plural(some, "list")),
    };
    let frames = plural(usize::try_from(seen.frames).unwrap_or(usize::MAX), "packet");
    row("Read", &format!("{}{lists}, {frames}", plural(seen.captures, "capture")), false);
    let time = match seen.time {
        None => "no packet".to_owned(),
        Some((first, last)) if day(first) == day(last) => {
            format!("{} on {}", seen.covered, day(first))
        }
        Some((first, last)) => format!("{}, {} to {}", seen.covered, day(first), day(last)),
    };
    row("Time", &time, false);
    let newest = run.bundle.newest.as_deref().and_then(|newest| newest.get(..10));
    let newest = newest.map(|newest| format!(", newest {newest}")).unwrap_or_default();
    let bundle = plural(run.bundle.documents, "advisory");
    row("Held against", &format!("{bundle}{newest}"), false);
    let mut kinds: Vec<String> = Vec::new();
    for (kind, count) in seen.kinds.iter().take(KINDS_SHOWN_MAX) {
        kinds.push(format!("{} {count}", kind.as_deref().unwrap_or("kind not known")));
    }
    let more =
        seen.kinds.iter().skip(KINDS_SHOWN_MAX).fold(0_usize, |sum, one| sum.saturating_add(one.1));
    if more > 0 {
        kinds.push(format!("other kinds {more}"));
    }
    if !kinds.is_empty() {
        row("By kind", &kinds.join(" · "), true);
    }
    page.raw("</dl>\n");
}

fn four_counts(report: &Report<'_>, page: &mut Markup) {
    let (counts, aside) = (report.counts(), report.aside());
    let Counts { affected, cannot_tell, fixed, not_affected } = counts;
    let all = [affected, cannot_tell, fixed, not_affected];
    let all = all.iter().fold(0_usize, |sum, count| sum.saturating_add(*count));
    page.raw("<h2 id=\"counts\">Verdicts on advisories</h2>\n<ul class=\"counts\">\n");
    let reasons = report.reasons();
    let foremost =
        reasons.first().map(|(why, count)| format!("mostly for want of: {why} ({count})"));
    let rows: [(&'static str, &'static str, usize, Verdict, String); 4] = [
        (
            "affected",
            "▲ affected",
            affected,
            Verdict::Affected,
            "the version seen has the flaw".to_owned(),
        ),
        (
            "unknown",
            "? cannot tell",
            cannot_tell,
            Verdict::Unknown(Why::Candidate),
            foremost.unwrap_or_else(|| "one fact is missing".to_owned()),
        ),
        ("fixed", "✓ fixed", fixed, Verdict::Fixed, "the version seen has the fix".to_owned()),
        (
            "clear",
            "– not affected",
            not_affected,
            Verdict::NotAffected,
            "named, and outside of the flaw".to_owned(),
        ),
    ];
    for (class, words, count, verdict, note) in rows {
        page.raw("<li class=\"").raw(class).raw("\"><b>").show(count).raw("</b><span>").raw(words);
        page.raw("</span><small>").text(&note);
        let put_aside = aside.of(&verdict);
        if put_aside > 0 {
            page.raw("; ").show(put_aside).raw(" put aside by decisions");
        }
        page.raw("</small></li>\n");
    }
    page.raw("</ul>\n");
    bar([affected, cannot_tell, fixed, not_affected], all, page);
    page.raw("<p class=\"left\">");
    if all == 0 {
        page.raw("No advisory here names a product that was seen: that clears no device. ");
    }
    page.raw("One verdict is one vulnerability of one advisory for one device or part of it.");
    if let Some(words) = report.beside().words() {
        page.raw(" Beside advisories: ").text(&words).raw(".");
    }
    if aside.reopened > 0 {
        page.raw(" Reopened: ").show(aside.reopened).raw(".");
    }
    page.raw("</p>\n");
}

/// The four counts as shares of one bar.
fn bar(counts: [usize; 4], all: usize, page: &mut Markup) {
    if all == 0 {
        return;
    }
    page.raw("<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    let mut x = 0_usize;
    let classes = ["affected", "unknown", "fixed", "clear"];
    for (count, class) in counts.iter().zip(classes) {
        let width = count.saturating_mul(1_000).checked_div(all).unwrap_or_default();
        page.raw("<rect class=\"").raw(class).raw("\" x=\"").show(x).raw("\" width=\"").show(width);
        page.raw("\" height=\"10\"/>");
        x = x.saturating_add(width);
    }
    page.raw("</svg>\n");
}

fn to_do(report: &Report<'_>, jobs: &[Job<'_>], page: &mut Markup) {
    page.raw("<h2 id=\"first\">What to do first</h2>\n");
    if jobs.is_empty() {
        page.raw("<p>Nothing that was seen is known to be affected and still to be done. ");
        let counts = report.counts();
        if counts.cannot_tell > 0 {
            page.raw("Of ")
                .text(&plural(counts.cannot_tell, "verdict"))
                .raw(" it cannot be told: the <a href=\"#questions\">questions</a> come first.");
        }
        page.raw("</p>\n");
        return;
    }
    page.raw("<ol class=\"jobs\">\n");
    for job in jobs.iter().take(REPORT_JOBS_FIRST_MAX) {
        page.raw("<li><b>").text(&job.order()).raw("</b> ");
        tag(job.priority, page);
        page.raw("<p>").text(&names(job));
        if let Some(versions) = job.fixed_in(FIXES_FIRST_MAX) {
            page.raw(" · fixed in ").text(&versions);
        }
        page.raw("</p><p class=\"why\">").text(&why(job)).raw("</p></li>\n");
    }
    page.raw("</ol>\n");
    let more = jobs.len().saturating_sub(REPORT_JOBS_FIRST_MAX);
    if more > 0 {
        page.raw("<p class=\"left\">and ")
            .show(more)
            .raw(" more in <a href=\"#jobs\">all jobs</a>. One row is one job, however many flaws it mends.</p>\n");
    }
}

/// The devices of a job.
pub(super) fn names(job: &Job<'_>) -> String {
    let names: Vec<String> =
        job.things.iter().take(REPORT_NAMES_MAX).map(|thing| thing.name()).collect();
    let more = job.things.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    // A name with its part has a comma of its own.
    format!("{}{more}", names.join("; "))
}

/// Why a job is where it is: how bad, and the reasons of its foremost finding.
pub(super) fn why(job: &Job<'_>) -> String {
    let mut parts = Vec::new();
    if job.is_exploited {
        parts.push("known to be exploited".to_owned());
    }
    let is_of_advisories = !job.fixes.is_empty() || job.cvss.is_some();
    if is_of_advisories {
        parts.push(format!(
            "{} in {}",
            plural(job.cves.len(), "vulnerability"),
            plural(job.advisories.len(), "advisory")
        ));
    }
    if let Some(score) = job.cvss {
        parts.push(format!("CVSS up to {score:.1}"));
    }
    let foremost = job.foremost;
    if !is_of_advisories {
        parts.extend(foremost.judgement.because.last().cloned());
    }
    parts.extend(foremost.weight.because.iter().cloned());
    if !job.unmended.is_empty() {
        parts.push(format!("{} of them without a fix", job.unmended.len()));
    }
    if job.decided > 0 {
        parts.push(format!("{} decided", plural(job.decided, "finding")));
    }
    parts.join(" · ")
}

/// How urgent, as a word.
pub(super) fn tag(priority: Option<Priority>, page: &mut Markup) {
    page.raw(match priority {
        Some(Priority::Now) => "<span class=\"tag now\">now</span>",
        Some(Priority::Next) => "<span class=\"tag next\">next</span>",
        Some(Priority::Watch) => "<span class=\"tag watch\">watch</span>",
        None => "",
    });
}

fn not_seen(gaps: &[Gap], page: &mut Markup) {
    page.raw("<h2 id=\"unseen\">What could not be seen</h2>\n<ul class=\"gaps\">\n");
    for gap in gaps.iter().take(GAPS_FIRST_MAX) {
        page.raw(if gap.is_loss { "<li class=\"loss\"><b>" } else { "<li><b>" })
            .raw(gap.about)
            .raw(":</b> ")
            .text(&gap.what)
            .raw("</li>\n");
    }
    page.raw("</ul>\n");
    let more = gaps.len().saturating_sub(GAPS_FIRST_MAX);
    if more > 0 {
        page.raw("<p class=\"left\">and ")
            .show(more)
            .raw(" more in the <a href=\"#inputs\">appendix</a>.</p>\n");
    }
}

/// Groups of fixed versions named on the first page.
const FIXES_FIRST_MAX: usize = 2;
/// Kinds of devices named on the first page.
const KINDS_SHOWN_MAX: usize = 12;
/// Gaps named on the first page; all stand in the appendix.
const GAPS_FIRST_MAX: usize = 9;
