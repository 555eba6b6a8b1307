//! Rows about devices, parts and verdicts.

use std::collections::BTreeMap;
use std::io;

use crate::export::Report;
use crate::export::columns::{Column, Line};
use crate::export::tables::columns::{self, Place};
use crate::export::tables::words::question;
use crate::export::tables::{Cell, Each, Table};
use crate::model::{Asset, AssetId, Finding, Kind, Unit, Verdict};

/// Makes the rows of one of those tables, in the order that a person chose.
pub(super) fn rows(table: Table, report: &Report<'_>, each: Each<'_>) -> io::Result<()> {
    let is_shown = match table {
        Table::Assets | Table::Modules => report.show.assets(),
        _ => report.show.findings(),
    };
    if !is_shown {
        return Ok(());
    }
    let columns = columns::of(table);
    let judged = match table {
        Table::Assets | Table::Modules => judged(report),
        _ => BTreeMap::new(),
    };
    for line in lines(table, report) {
        let row: Vec<Cell<'_>> =
            columns.iter().map(|place| cell(report, place, &line, &judged)).collect();
        each(&row)?;
    }
    Ok(())
}

fn lines<'a>(table: Table, report: &Report<'a>) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = match table {
        Table::Assets => {
            let assets = report.assets.iter().filter(|asset| report.shows(asset.id, None));
            assets.map(|asset| Line { asset, part: None, finding: None }).collect()
        }
        Table::Modules => {
            let parts = |asset: &'a Asset| {
                let part = move |part| Line { asset, part: Some(part), finding: None };
                let shown = asset.modules.iter();
                shown.filter(|part| report.shows(asset.id, Some(&part.path))).map(part)
            };
            report.assets.iter().flat_map(|asset| parts(asset)).collect()
        }
        _ => {
            let is_meant = |finding: &Finding| {
                table == Table::Findings || matches!(finding.judgement.verdict, Verdict::Unknown(_))
            };
            let findings = report.findings.iter().filter(|finding| is_meant(finding));
            findings.filter_map(|finding| of_finding(report, finding)).collect()
        }
    };
    lines.sort_by_cached_key(|line| report.layout.line(line));
    lines
}

fn of_finding<'a>(report: &Report<'a>, finding: &'a Finding) -> Option<Line<'a>> {
    let asset = report.asset(finding.asset)?;
    let path = finding.module.as_ref();
    let part = asset.modules.iter().find(|part| Some(&part.path) == path);
    Some(Line { asset, part, finding: Some(finding) })
}

/// How many verdicts on advisories of a device or part are "affected" and "cannot tell".
type Judged<'a> = BTreeMap<(AssetId, Option<&'a Unit>), [u64; 2]>;

fn judged<'a>(report: &Report<'a>) -> Judged<'a> {
    let mut judged = Judged::new();
    for finding in report.findings.iter().filter(|one| one.judgement.kind == Kind::Advisory) {
        let [affected, cannot_tell] =
            judged.entry((finding.asset, finding.module.as_ref())).or_default();
        let count = match finding.judgement.verdict {
            Verdict::Affected => affected,
            Verdict::Unknown(_) => cannot_tell,
            Verdict::Fixed | Verdict::NotAffected => continue,
        };
        *count = count.saturating_add(1);
    }
    judged
}

fn cell<'a>(report: &Report<'_>, place: &Place, line: &Line<'a>, judged: &Judged<'_>) -> Cell<'a> {
    let counts = || {
        let thing = (line.asset.id, line.part.map(|part| &part.path));
        judged.get(&thing).copied().unwrap_or_default()
    };
    match place {
        Place::Affected => Cell::Count(counts()[0]),
        Place::CannotTell => Cell::Count(counts()[1]),
        Place::Question => Cell::stated(line.finding.and_then(asked)),
        Place::Known(column) => known(report, column, line),
    }
}

/// Numbers are numbers where people sort and add them up.
fn known<'a>(report: &Report<'_>, column: &Column, line: &Line<'a>) -> Cell<'a> {
    let judgement = line.finding.map(|finding| &finding.judgement);
    match column.name {
        "cvss" => judgement.and_then(|one| one.cvss).map_or(Cell::Empty, Cell::Score),
        "epss" => judgement.and_then(|one| one.epss).map_or(Cell::Empty, Cell::Score),
        "purdue" => Cell::count(report.level(line.asset).map(|level| level.level)),
        _ => Cell::text(column.text(report, line)),
    }
}

fn asked(finding: &Finding) -> Option<&'static str> {
    match finding.judgement.verdict {
        Verdict::Unknown(why) => Some(question(why)),
        Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => None,
    }
}
