//! Tables of the columns that a person chose.

use std::io::{self, Write};

use comfy_table::Cell;

use crate::export::columns::{self, Column, Line, Told};
use crate::export::escape::term;
use crate::export::table::{Style, empty, is_known, trimmed, verdict_cell};
use crate::export::{Report, Show, aside};
use crate::model::Verdict;

/// The columns chosen for the table of devices; `None` when it keeps its usual ones.
pub(super) fn of_devices(report: &Report<'_>) -> Option<Vec<Column>> {
    let chosen = report.layout.columns.as_ref()?;
    let own: Vec<Column> = chosen.iter().copied().filter(|one| !one.is_of_finding()).collect();
    (!own.is_empty()).then_some(own)
}

/// The columns chosen for the table of verdicts; `None` when it keeps its usual ones. Beside a table of devices it does,
/// unless something of verdicts was chosen.
pub(super) fn of_findings(report: &Report<'_>) -> Option<Vec<Column>> {
    let chosen = report.layout.columns.as_ref()?;
    let is_meant = report.show == Show::Findings || chosen.iter().any(Column::is_of_finding);
    is_meant.then(|| chosen.clone())
}

/// Prints devices, each followed by its parts. Gives the number of devices that are left out because they say nothing.
pub(super) fn devices(
    report: &Report<'_>,
    columns: &[Column],
    style: &Style,
    out: &mut impl Write,
) -> io::Result<usize> {
    let mut assets: Vec<_> =
        report.assets.iter().filter(|asset| style.wide || is_known(asset)).collect();
    assets.sort_by_key(|asset| (asset.ips.first().copied(), asset.id));
    assets.sort_by_key(|asset| report.layout.device(asset.id));
    let lines = assets.iter().flat_map(|asset| {
        let parts = asset.modules.iter().filter(|_| !asset.is_its_only_unit());
        let parts = parts.filter(|part| report.shows(asset.id, Some(&part.path)));
        std::iter::once(None).chain(parts.map(Some)).map(|part| Line { asset, part, finding: None })
    });
    print(report, columns, lines, style, out)?;
    Ok(report.assets.len().saturating_sub(assets.len()))
}

/// Prints verdicts; true when there was one to print.
pub(super) fn findings(
    report: &Report<'_>,
    columns: &[Column],
    style: &Style,
    out: &mut impl Write,
) -> io::Result<bool> {
    let verdicts = Report { show: Show::Findings, ..*report };
    let lines = columns::lines(&verdicts).into_iter().filter(|line| {
        let verdict = line.finding.map(|finding| &finding.judgement.verdict);
        style.wide || verdict != Some(&Verdict::NotAffected)
    });
    print(report, columns, lines, style, out)
}

fn print<'a>(
    report: &Report<'a>,
    columns: &[Column],
    lines: impl Iterator<Item = Line<'a>>,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<bool> {
    let whole: Vec<usize> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.is_kept_whole())
        .map(|(at, _)| at)
        .collect();
    let mut rows = empty(columns.iter().map(heading), &whole, style);
    let mut told = Told::default();
    for line in lines {
        let text = |column: &Column| term(&text(report, column, &line)).into_owned();
        let texts: Vec<String> = columns.iter().map(text).collect();
        if told.is_new(&line, &texts) {
            let cells = columns.iter().zip(&texts).map(|(column, text)| match line.finding {
                Some(finding) if column.is_verdict() => {
                    let mark = aside::mark(finding);
                    verdict_cell(&finding.judgement.verdict, mark.as_deref(), style)
                }
                _ => Cell::new(text),
            });
            rows.add_row(cells.collect::<Vec<Cell>>());
        }
    }
    if !rows.is_empty() {
        writeln!(out, "{}", trimmed(&rows))?;
    }
    Ok(!rows.is_empty())
}

/// As in a file, but for people: a part is called by its path, below its device, and times end with the second.
fn text(report: &Report<'_>, column: &Column, line: &Line<'_>) -> String {
    let text = column.text(report, line);
    match line.part.filter(|_| column.is_name()) {
        Some(part) if line.finding.is_none() => format!("  {}", part.path),
        Some(part) => format!("{text} {}", part.path),
        None if column.is_time() => text.get(..19).unwrap_or(&text).replace('T', " "),
        None => text,
    }
}

/// `first_seen` stands over a table as `First seen`.
fn heading(column: &Column) -> String {
    let words = column.name.replace('_', " ");
    match words.split_at_checked(1) {
        _ if ABBREVIATIONS.contains(&column.name) => words.to_uppercase(),
        Some((first, rest)) => format!("{}{rest}", first.to_uppercase()),
        None => words,
    }
}

const ABBREVIATIONS: &[&str] = &["ip", "mac", "vlan", "os", "cve", "cvss", "kev"];
