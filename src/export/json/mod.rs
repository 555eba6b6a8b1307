//! NDJSON and JSON: the contract that everything else is derived from. Same input, same bytes.

mod asset;
mod change;
mod decision;
mod conversation;
mod event;
mod fact;
mod finding;
mod handling;
mod notice;
mod run;
mod set;

use std::io::{self, Write};

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use serde_json::ser::{CompactFormatter, Formatter};

use crate::export::diff::Diff;
use crate::export::patches::PatchRow;
use crate::export::set::SetFile;
use crate::export::talks::Talk;
use crate::export::{Report, escape};
use crate::model::{Asset, Entry, Event, Fate, Finding, Notice, Observation, Outcome, Record, Run};

use asset::AssetLine;
use change::{ChangeLine, DiffLine};
use conversation::ConversationLine;
use decision::DecisionLine;
use event::EventLine;
use fact::FactLine;
use finding::FindingLine;
use handling::{HandlingLine, PatchLine};
use notice::NoticeLine;
use run::RunLine;
use set::SetLine;

/// Prints a report as NDJSON: the run, then assets, then findings, then conversations, then events.
pub fn ndjson(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    line(&RunLine::new(report), out)?;
    for asset in report.assets.iter().filter(|_| report.show.assets()) {
        line(&AssetLine::new(report, asset), out)?;
    }
    let findings = report.findings.iter().filter(|_| report.show.findings());
    findings.into_iter().try_for_each(|finding| line(&FindingLine::new(finding), out))?;
    talks(report).try_for_each(|talk| line(&ConversationLine::new(talk), out))?;
    events(report)
        .try_for_each(|(asset, event)| line(&EventLine::new(report.run, asset, event), out))
}

/// Prints the run of a report as a line of NDJSON.
pub fn run(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    line(&RunLine::new(report), out)
}

/// Prints the manifest of a set of files as a line of JSON.
pub(super) fn set(
    format: &str,
    report: &Report<'_>,
    files: &[SetFile],
    out: &mut impl Write,
) -> io::Result<()> {
    line(&SetLine::new(format, report, files), out)
}

/// Prints one device of a report as a line of NDJSON.
pub fn asset(report: &Report<'_>, asset: &Asset, out: &mut impl Write) -> io::Result<()> {
    line(&AssetLine::new(report, asset), out)
}

/// Prints one verdict as a line of NDJSON.
pub fn finding(finding: &Finding, out: &mut impl Write) -> io::Result<()> {
    line(&FindingLine::new(finding), out)
}

/// Prints one conversation as a line of NDJSON.
pub fn talk(talk: &Talk<'_>, out: &mut impl Write) -> io::Result<()> {
    line(&ConversationLine::new(talk), out)
}

/// Prints a notice as a line of NDJSON; `shortened` says that texts of it were cut to fit where it goes.
pub fn notice(notice: &Notice, shortened: bool, out: &mut impl Write) -> io::Result<()> {
    line(&NoticeLine::new(notice, shortened), out)
}

/// Prints anything else as a line of JSON, escaped like all others.
pub fn value(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    line(value, out)
}

/// Prints a report as one JSON object with the same parts.
pub fn json(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    line(&Whole(report), out)
}

/// Prints what differs as NDJSON: the two looks, then the differences.
pub fn diff_ndjson(diff: &Diff<'_>, out: &mut impl Write) -> io::Result<()> {
    line(&DiffLine::new(diff), out)?;
    diff.differences.iter().try_for_each(|one| line(&ChangeLine::new(one), out))
}

/// Prints what differs as one JSON object with the same parts.
pub fn diff_json(diff: &Diff<'_>, out: &mut impl Write) -> io::Result<()> {
    let changes = diff.differences.iter().map(ChangeLine::new).collect();
    line(&WholeDiff { diff: DiffLine::new(diff), changes }, out)
}

/// Prints decisions as NDJSON.
pub fn decisions_ndjson(lines: &[(&Entry, Fate)], out: &mut impl Write) -> io::Result<()> {
    lines.iter().try_for_each(|(entry, fate)| line(&DecisionLine::new(entry, *fate), out))
}

/// Prints decisions as one JSON object with the same parts.
pub fn decisions_json(lines: &[(&Entry, Fate)], out: &mut impl Write) -> io::Result<()> {
    let decisions = lines.iter().map(|(entry, fate)| DecisionLine::new(entry, *fate)).collect();
    line(&WholeDecisions { decisions }, out)
}

/// Prints what people did about findings as NDJSON.
pub fn history_ndjson(lines: &[(&Record, Outcome)], out: &mut impl Write) -> io::Result<()> {
    lines.iter().try_for_each(|(record, outcome)| line(&HandlingLine::new(record, outcome), out))
}

/// Prints what people did about findings as one JSON object with the same parts.
pub fn history_json(lines: &[(&Record, Outcome)], out: &mut impl Write) -> io::Result<()> {
    let history =
        lines.iter().map(|(record, outcome)| HandlingLine::new(record, outcome)).collect();
    line(&WholeHistory { history }, out)
}

/// Prints patches on their way into devices as NDJSON.
pub fn patches_ndjson(rows: &[PatchRow<'_>], out: &mut impl Write) -> io::Result<()> {
    rows.iter().filter_map(PatchLine::new).try_for_each(|patch| line(&patch, out))
}

/// Prints patches on their way into devices as one JSON object with the same parts.
pub fn patches_json(rows: &[PatchRow<'_>], out: &mut impl Write) -> io::Result<()> {
    line(&WholePatches { patches: rows.iter().filter_map(PatchLine::new).collect() }, out)
}

/// Prints one observation as a line of NDJSON.
pub fn fact(run: &Run, observation: &Observation, out: &mut impl Write) -> io::Result<()> {
    line(&FactLine::new(run, observation), out)
}

/// Who talked to whom; a part of what is told about devices.
fn talks<'a>(report: &Report<'a>) -> impl Iterator<Item = &'a Talk<'a>> + use<'a> {
    let shown = report.show.assets();
    report.talks.iter().filter(move |_| shown)
}

/// What happened, by device and time; a part of what is told about devices.
fn events<'a>(report: &Report<'a>) -> impl Iterator<Item = (&'a Asset, &'a Event)> + use<'a> {
    let shown = report.show.assets();
    let assets = report.assets.iter().filter(move |_| shown);
    assets.flat_map(|asset| asset.events.iter().map(move |event| (&**asset, event)))
}

pub(super) fn line(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Inert);
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// JSON of several lines in which nothing is left that a terminal could obey.
pub(super) fn inert(text: &str) -> String {
    let mut inert = String::with_capacity(text.len());
    for c in text.chars() {
        // What JSON itself escapes is escaped; a line end is one between values.
        if c == '\n' || !escape::is_hostile(c) {
            inert.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                inert.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    inert
}

/// Compact JSON in which characters that a terminal could obey are escaped, not only those JSON asks for.
struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find(escape::is_hostile) {
            let (plain, hostile) = rest.split_at(at);
            CompactFormatter.write_string_fragment(out, plain)?;
            let mut chars = hostile.chars();
            let mut units = [0; 2];
            for unit in chars.next().unwrap_or_default().encode_utf16(&mut units) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = chars.as_str();
        }
        CompactFormatter.write_string_fragment(out, rest)
    }
}

/// A report as one object; each part of it is made when it is written.
struct Whole<'r, 'a>(&'r Report<'a>);

impl Serialize for Whole<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let shown = (report.show.assets(), report.show.findings());
        let mut whole = serializer.serialize_struct("Whole", 5)?;
        whole.serialize_field("run", &RunLine::new(report))?;
        whole.serialize_field(
            "assets",
            &Each(|| {
                let assets = report.assets.iter().filter(|_| shown.0);
                assets.map(|asset| AssetLine::new(report, asset))
            }),
        )?;
        whole.serialize_field(
            "findings",
            &Each(|| {
                let findings = report.findings.iter().filter(|_| shown.1);
                findings.map(|finding| FindingLine::new(finding))
            }),
        )?;
        let conversations = Each(|| talks(report).map(ConversationLine::new));
        whole.serialize_field("conversations", &conversations)?;
        let event = |(asset, event)| EventLine::new(report.run, asset, event);
        whole.serialize_field("events", &Each(|| events(report).map(event)))?;
        whole.end()
    }
}

/// A list of which no more than one item is in memory.
struct Each<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0())
    }
}

#[derive(Serialize)]
struct WholeDecisions<'a> {
    decisions: Vec<DecisionLine<'a>>,
}

#[derive(Serialize)]
struct WholeHistory<'a> {
    history: Vec<HandlingLine<'a>>,
}

#[derive(Serialize)]
struct WholePatches<'a> {
    patches: Vec<PatchLine<'a>>,
}

#[derive(Serialize)]
struct WholeDiff<'a> {
    diff: DiffLine<'a>,
    changes: Vec<ChangeLine<'a>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_escaped_and_reads_back_unchanged() {
        for nasty in escape::NASTY {
            let mut printed = Vec::new();
            line(nasty, &mut printed).unwrap();
            let printed = String::from_utf8(printed).unwrap();
            assert!(!printed.trim_end_matches('\n').contains(escape::is_hostile), "{printed:?}");
            assert_eq!(serde_json::from_str::<String>(&printed).unwrap(), *nasty);
        }
    }
}
