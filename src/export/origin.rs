//! What every file says of itself: which program made it, of what, judged with what, and whether that is all of it.
//!
//! Formats differ in where they have room for it, and not in what they say: all of them take it from here.

use crate::export::{Report, escape};
use crate::model::{CaptureInfo, Run};

/// A name and what is to be said under it, in a fixed order; inputs and failures as often as there are any.
pub fn origin(report: &Report<'_>) -> Vec<(&'static str, String)> {
    let run = report.run;
    let mut said =
        vec![("tool", format!("nameplate {}", run.version)), ("complete", complete(run))];
    if !run.arguments.is_empty() {
        said.push(("arguments", run.arguments.join(" ")));
    }
    if let Some(selected) = report.selected {
        let (by, all) = (&selected.by, selected.of_assets);
        said.push(("selection", format!("{by}: {} of {all} devices", report.assets.len())));
    }
    said.push(("advisories", advisories(run)));
    said.extend(run.as_of.iter().map(|day| ("support judged on", day.clone())));
    let counts = report.counts();
    said.push((
        "verdicts",
        format!(
            "{} affected, {} cannot tell, {} fixed, {} not affected",
            counts.affected, counts.cannot_tell, counts.fixed, counts.not_affected
        ),
    ));
    said.extend(report.beside().words().map(|words| ("beside advisories", words)));
    let inputs = run.captures.iter().filter(|capture| !capture.is_shed());
    said.extend(inputs.map(|capture| ("input", input(capture))));
    said.extend(run.failed.iter().map(|failure| ("not read", failure.clone())));
    said
}

/// The same as lines of text, for people and for comments.
pub fn lines(report: &Report<'_>) -> Vec<String> {
    let line = |(name, text): (&str, String)| format!("{name}: {}", escape::term(&text));
    origin(report).into_iter().map(line).collect()
}

fn complete(run: &Run) -> String {
    if run.complete() {
        return "yes: all inputs were read to a sound end".to_owned();
    }
    let mut why = Vec::new();
    if run.stopped {
        why.push("a person stopped the run".to_owned());
    }
    let cut = run.captures.iter().filter(|capture| capture.incomplete.is_some()).count();
    if cut > 0 {
        why.push(format!("inputs that do not hold all they should: {cut}"));
    }
    if !run.failed.is_empty() {
        why.push(format!("inputs that could not be read: {}", run.failed.len()));
    }
    format!("no: {}", why.join("; "))
}

fn advisories(run: &Run) -> String {
    let bundle = &run.bundle;
    let mut said = vec![bundle.origin.clone(), format!("{} documents", bundle.documents)];
    if bundle.unread > 0 {
        said.push(format!("{} unread", bundle.unread));
    }
    said.extend(bundle.built.iter().map(|day| format!("as of {day}")));
    said.extend(bundle.newest.iter().map(|day| format!("the newest of {day}")));
    said.push(format!("sha256 {}", bundle.sha256));
    said.join(", ")
}

fn input(capture: &CaptureInfo) -> String {
    let mut said = vec![capture.name.clone()];
    if capture.sha256.is_empty() {
        said.push("no hash".to_owned());
    } else {
        said.push(format!("sha256 {}", capture.sha256));
    }
    said.push(format!("{} frames", capture.frames));
    if let (Some(first), Some(last)) = (capture.first, capture.last) {
        said.push(format!("{first} to {last}"));
    }
    said.extend(capture.incomplete.iter().map(|why| format!("incomplete: {why}")));
    said.join(", ")
}
