//! What people did about findings and patches, for a person at a terminal and as CSV.

use std::io::{self, Write};

use crate::export::escape::{self, term};
use crate::export::table::{self, Style};
use crate::model::{Handling, Matter, Measure, Outcome, Record, Timestamp};

/// What was done, as a sentence.
pub fn words(record: &Record) -> String {
    let about = record.matter.as_ref().map(matter).unwrap_or_default();
    let day = |what: &str, at: Option<Timestamp>| {
        at.map(|at| format!(", {what} {}", date(at))).unwrap_or_default()
    };
    match &record.measure {
        Measure::Decided { choice, due, expires } => {
            let why = choice.justification().map(|why| format!(" ({})", why.name()));
            format!(
                "{}{}: {about}{}{}",
                choice.name().replace('_', " "),
                why.unwrap_or_default(),
                day("by", *due),
                day("until", *expires)
            )
        }
        Measure::Moved { from, to, observed } => {
            let from = from.map(|from| format!("{from} to ")).unwrap_or_default();
            let seen = if *observed { ", seen on the wire" } else { "" };
            let version = match &*record.then.fixed_in {
                [] => String::new(),
                some => format!(", fix {}", some.join(", ")),
            };
            format!("patch {from}{to}: {about}{version}{seen}")
        }
        Measure::Automatic(true) => {
            "patches that are seen to be installed count without a person".to_owned()
        }
        Measure::Automatic(false) => {
            "patches that are seen to be installed wait for a person".to_owned()
        }
        Measure::Undid(number) => format!("entry {number} no longer counts"),
    }
}

/// How the finding stood then, as a sentence; nothing for what is about no finding.
pub fn evidence(record: &Record) -> String {
    if record.matter.is_none() {
        return String::new();
    }
    let then = &record.then;
    let mut parts = vec![then.verdict.replace('_', " ")];
    parts.extend(then.version.as_ref().map(|version| format!("version {version}")));
    parts.extend(then.serial.as_ref().map(|serial| format!("serial {serial}")));
    parts.extend(then.evidence.as_ref().map(|place| format!("in {place}")));
    parts.join(", ")
}

/// What people do about a finding, one sentence each, for pages about it.
pub fn sentences(handling: &Handling) -> Vec<String> {
    let mut lines = Vec::new();
    let by =
        |by: &Option<Box<str>>| by.as_ref().map(|by| format!(", said {by}")).unwrap_or_default();
    if let Some(why) = &handling.reopened {
        lines.push(format!("reopened: {why}"));
    }
    if let Some(decision) = &handling.decision {
        let why = decision.choice.justification().map(|why| format!(" ({})", why.name()));
        let day = |what: &str, at: Option<Timestamp>| {
            at.map(|at| format!(", {what} {}", date(at))).unwrap_or_default()
        };
        lines.push(format!(
            "decided: {}{}{}{}, by {} on {}: {} [{}]",
            decision.choice.name().replace('_', " "),
            why.unwrap_or_default(),
            day("by", decision.due),
            day("until", decision.expires),
            decision.by,
            date(decision.at),
            decision.why,
            decision.source,
        ));
    }
    if let Some(patch) = &handling.patch {
        lines.push(format!("patch: {}{}: {}", patch.state, by(&patch.by), patch.why));
    }
    if let Some(proposed) = &handling.proposed {
        lines.push(format!(
            "proposed: {}: {}; nameplate patches confirm takes it over",
            proposed.state, proposed.why
        ));
    }
    lines
}

/// Prints the diary as a table.
pub fn table(lines: &[(&Record, Outcome)], style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "HISTORY ({})\n", lines.len())?;
    let headings = ["No.", "What", "By", "When", "Why", "Then", "Now"];
    let mut rows = table::empty(headings, &[], style);
    for (record, outcome) in lines {
        let at = record.at.to_string();
        rows.add_row([
            record.number.to_string(),
            term(&words(record)).into_owned(),
            term(&record.by).into_owned(),
            at.get(..19).unwrap_or(&at).replace('T', " "),
            term(&record.why).into_owned(),
            term(&evidence(record)).into_owned(),
            term(&outcome.words()).into_owned(),
        ]);
    }
    if lines.is_empty() { Ok(()) } else { writeln!(out, "{}", table::trimmed(&rows)) }
}

/// Prints the diary as RFC 4180 CSV.
pub fn csv(lines: &[(&Record, Outcome)], out: &mut impl Write) -> io::Result<()> {
    let mut rows = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    super::csv::record(&mut rows, ["number", "what", "by", "time", "why", "then", "now"])?;
    for (record, outcome) in lines {
        let cells = [
            record.number.to_string(),
            words(record),
            record.by.to_string(),
            record.at.to_string(),
            record.why.to_string(),
            evidence(record),
            outcome.words(),
        ];
        super::csv::record(&mut rows, cells.map(|text| escape::csv(&text).into_owned()))?;
    }
    rows.flush()
}

/// The day of a time.
pub(super) fn date(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..10).unwrap_or(&text).to_owned()
}

fn matter(matter: &Matter) -> String {
    let part = matter.unit.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
    let cves = match &*matter.cves {
        [] => String::new(),
        [one] => one.to_string(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    };
    format!("{}{part}, {} {cves}", matter.anchor.node, matter.advisory)
}
