//! What proves it: facts with their frames, the inputs, all that was counted.

use crate::export::Report;
use crate::export::brief::{Gap, minute};
use crate::export::html::markup::{Markup, NUMBER};
use crate::export::map::places;
use crate::model::limits::{REPORT_EVIDENCE_ROWS_MAX, REPORT_ROWS_MAX};
use crate::model::{Asset, Claim, Ground, Nameplate, Run, Unit};

pub(super) fn appendix(report: &Report<'_>, gaps: &[Gap], page: &mut Markup) {
    page.raw("<section class=\"part\" id=\"evidence\">\n<h2>Appendix: evidence</h2>\n<p>Every value shown, with the frame that it was read from. <code>nameplate explain FILE#FRAME</code> shows the bytes.</p>\n");
    evidence(report, page);
    page.raw("</section>\n<section class=\"part flow\" id=\"inputs\">\n<h2>Appendix: inputs, advisories, counters</h2>\n");
    inputs(report.run, page);
    advisories(report.run, page);
    page.raw("<h3>What could not be seen</h3>\n<ul class=\"gaps\">\n");
    for gap in gaps {
        page.raw(if gap.is_loss { "<li class=\"loss\"><b>" } else { "<li><b>" })
            .raw(gap.about)
            .raw(":</b> ")
            .text(&gap.what)
            .raw("</li>\n");
    }
    page.raw("</ul>\n");
    counters(report.run, page);
    page.raw("</section>\n</main>\n<footer>\n<p>Made by nameplate ").text(&report.run.version);
    page.raw(", which listens and never sends. A verdict says what an advisory means for a version that was seen; it is no statement that a device is secure.</p>\n</footer>\n");
}

fn evidence(report: &Report<'_>, page: &mut Markup) {
    let columns = [
        ("", "Device"),
        ("", "Field"),
        ("", "Value"),
        ("", "Certainty"),
        ("", "Rule"),
        ("", "Fact"),
        ("", "Capture, frame, offset"),
    ];
    page.table("evidence", "", &columns);
    let (mut room, mut left) = (REPORT_EVIDENCE_ROWS_MAX, 0_usize);
    for device in places(report).iter().flat_map(|place| &place.devices) {
        let asset = device.asset;
        let own = std::iter::once((None, &asset.nameplate));
        let parts = asset.modules.iter().map(|module| (Some(&module.path), &module.nameplate));
        let parts = parts.filter(|_| !asset.is_its_only_unit());
        for (path, plate) in own.chain(parts) {
            let shown = plate.claims.len().min(room);
            claims(report.run, (asset, path, plate), shown, page);
            left = left.saturating_add(plate.claims.len().saturating_sub(shown));
            room = room.saturating_sub(shown);
        }
    }
    page.end_table(left);
}

/// The first of the fields of one thing.
fn claims(
    run: &Run,
    (asset, path, plate): (&Asset, Option<&Unit>, &Nameplate),
    most: usize,
    page: &mut Markup,
) {
    let shown = plate.claims.iter().filter_map(|(field, claims)| Some((field, claims.first()?)));
    for (at, (field, claim)) in shown.take(most).enumerate() {
        page.raw("<tr><td>");
        // The name once, above what is said of it.
        if at == 0 {
            let part = path.map(|path| format!(", {path}")).unwrap_or_default();
            page.raw("<b>").text(&format!("{}{part}", asset.shown_name())).raw("</b>");
        }
        page.raw("</td>").word(field.name()).cell(&claim.value).word(claim.certainty.name());
        page.raw("<td><code>").text(&claim.by).raw("</code></td>");
        grounds(run, claim, page);
        page.raw("</tr>\n");
    }
}

fn grounds(run: &Run, claim: &Claim, page: &mut Markup) {
    page.raw("<td>");
    for (at, ground) in claim.from.iter().take(GROUNDS_SHOWN_MAX).enumerate() {
        page.raw(if at == 0 { "<code>" } else { "<br><code>" }).raw(ground.key.name).raw("</code>");
    }
    page.raw("</td><td>");
    for (at, ground) in claim.from.iter().take(GROUNDS_SHOWN_MAX).enumerate() {
        page.raw(if at == 0 { "<code>" } else { "<br><code>" })
            .text(&place(run, ground))
            .raw("</code>");
    }
    let more = claim.from.len().saturating_sub(GROUNDS_SHOWN_MAX);
    if more > 0 {
        page.raw("<br><small>and ").show(more).raw(" more</small>");
    }
    page.raw("</td>");
}

/// Where a fact stands: file, frame, offset and length in bytes.
fn place(run: &Run, ground: &Ground) -> String {
    let excerpt = &ground.excerpt;
    let name = run.capture_name(excerpt.frame.capture);
    let name = name.rsplit_once('/').map_or(name, |(_, file)| file);
    format!("{name}#{}@{}+{}", excerpt.frame.number, excerpt.offset, excerpt.length)
}

fn inputs(run: &Run, page: &mut Markup) {
    let columns = [
        ("", "Input"),
        (NUMBER, "Frames"),
        (NUMBER, "Bytes"),
        ("", "First and last (UTC)"),
        ("", "Whole"),
        ("", "SHA-256"),
    ];
    page.raw("<h3>Inputs</h3>\n").table("inputs", "", &columns);
    let captures = run.captures.iter().filter(|capture| !capture.is_shed());
    for capture in captures.clone().take(REPORT_ROWS_MAX) {
        page.raw("<tr>").cell(&capture.name).number(capture.frames).number(capture.bytes);
        page.raw("<td>");
        if let (Some(first), Some(last)) = (capture.first, capture.last) {
            page.text(&minute(first)).raw("<br>").text(&minute(last));
        }
        page.raw("</td>").cell(capture.incomplete.as_deref().unwrap_or("yes"));
        page.raw("<td><code>");
        page.text(if capture.session.is_some() { "heard live" } else { &capture.sha256 });
        page.raw("</code></td></tr>\n");
    }
    page.end_table(captures.count().saturating_sub(REPORT_ROWS_MAX));
    for failed in run.failed.iter().take(REPORT_ROWS_MAX) {
        page.within("<p>Not read: ", failed, "</p>\n");
    }
    if !run.arguments.is_empty() {
        page.raw("<p>Read with: <code>").text(&run.arguments.join(" ")).raw("</code></p>\n");
    }
    page.raw(if run.complete() {
        "<p>Complete: all inputs were read to their end.</p>\n"
    } else {
        "<p><b>Not complete.</b></p>\n"
    });
}

fn advisories(run: &Run, page: &mut Markup) {
    let bundle = &run.bundle;
    let mut rows: Vec<(&'static str, String)> = vec![
        ("Origin", bundle.origin.clone()),
        ("Advisories", bundle.documents.to_string()),
        ("Not readable", bundle.unread.to_string()),
        ("Added by people", bundle.added.to_string()),
        ("Newest", bundle.newest.clone().unwrap_or_default()),
        ("SHA-256", bundle.sha256.clone()),
    ];
    let optional: [(&'static str, Option<String>); 5] = [
        ("Number in the store", bundle.number.map(|number| number.to_string())),
        ("Signed by", bundle.signer.clone()),
        ("Knowledge of", bundle.built.clone()),
        ("Known exploited (KEV)", bundle.exploited.as_ref().and_then(|feed| feed.date.clone())),
        ("Probabilities (EPSS)", bundle.scores.as_ref().and_then(|feed| feed.date.clone())),
    ];
    rows.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
    page.raw("<h3>Advisories</h3>\n").table("advisories", "", &[("", "What"), ("", "Value")]);
    for (name, value) in rows {
        page.raw("<tr><th scope=\"row\">").raw(name).raw("</th><td><code>").text(&value);
        page.raw("</code></td></tr>\n");
    }
    page.end_table(0);
}

fn counters(run: &Run, page: &mut Markup) {
    page.raw("<h3>Counters</h3>\n").table(
        "counters",
        "What is not listed did not happen.",
        &[("", "Counter"), (NUMBER, "Count")],
    );
    for (name, count) in run.counters.iter() {
        page.raw("<tr><td><code>").text(name).raw("</code></td>").number(count).raw("</tr>\n");
    }
    page.end_table(0);
}

/// Facts shown behind one value.
const GROUNDS_SHOWN_MAX: usize = 3;
