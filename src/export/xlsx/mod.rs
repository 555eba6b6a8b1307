//! A workbook of Excel (ECMA-376 part 1, SpreadsheetML) with all tables, for people.
//!
//! Every value that is not a count is text, in a cell formatted as text: serial number `00524E10` and firmware `4.10` stay what they
//! are, also when a person types into the cell, and no value is ever a formula. Rows are written as they are made, straight into the
//! package, so that a workbook of any size takes the memory of one row, and nothing of the plant lies in a file beside it. Nothing in it
//! is of the clock on the wall: the same input gives the same bytes.

mod package;
mod sheet;

use std::io::{self, Write};

use crate::export::tables::{Cell, Head, Holding, Table};
use crate::export::{Report, origin};
use crate::model::Timestamp;
use crate::model::limits::{SHEET_CELL_CHARS_MAX, SHEET_ROWS_MAX};

use package::{Package, Part};
use sheet::Sheet;

/// Prints a workbook.
///
/// # Errors
///
/// What `out` fails with.
pub fn xlsx(holding: &Holding<'_>, out: impl Write) -> io::Result<()> {
    let mut package = Package::new(out);
    package.begin(Table::ALL.len())?;
    let mut written = Vec::new();
    for (number, table) in (FIRST_TABLE..).zip(Table::ALL) {
        let heads = table.heads();
        let mut left_out = 0_u64;
        let mut sheet = Sheet::begin(package.part(Part::Sheet(number))?, &heads, true)?;
        table.rows(holding, &mut |row| {
            if sheet.rows() > SHEET_ROWS_MAX {
                left_out = left_out.saturating_add(1);
                return Ok(());
            }
            sheet.row(row)
        })?;
        let (rows, cut) = (sheet.rows().saturating_sub(1), sheet.cut());
        sheet.end()?;
        written.push(Written { table, columns: heads.len(), rows, left_out, cut });
    }
    read_me(holding.report, &written, &mut package)?;
    package.end(&written, latest(holding.report))
}

/// What became of a table.
#[derive(Clone, Copy, Debug)]
struct Written {
    table: Table,
    columns: usize,
    /// Rows, without the heading.
    rows: u64,
    /// Rows that no sheet has room for.
    left_out: u64,
    /// Cells whose text was cut.
    cut: u64,
}

/// The first sheet: what the workbook is made of, and what it does not hold.
fn read_me(
    report: &Report<'_>,
    written: &[Written],
    package: &mut Package<impl Write>,
) -> io::Result<()> {
    let heads = [Head { name: "About this workbook", width: 26 }, Head { name: "", width: 110 }];
    let mut sheet = Sheet::begin(package.part(Part::Sheet(READ_ME))?, &heads, false)?;
    for (name, text) in origin::origin(report) {
        sheet.row(&[Cell::text(name), Cell::text(text)])?;
    }
    for Written { table, rows, left_out, cut, .. } in written {
        let mut said = format!("{rows} rows: {}", table.about());
        if *left_out > 0 {
            said.push_str(&format!(
                ". {left_out} MORE ROWS ARE NOT HERE: a sheet has room for {SHEET_ROWS_MAX}; export csv holds them all"
            ));
        }
        if *cut > 0 {
            said.push_str(&format!(
                ". {cut} texts are cut at {SHEET_CELL_CHARS_MAX} characters; export csv holds them whole"
            ));
        }
        sheet.row(&[Cell::text(format!("sheet {}", table.title())), Cell::text(said)])?;
    }
    for (name, text) in READING {
        sheet.row(&[Cell::text(*name), Cell::text(*text)])?;
    }
    sheet.end()
}

/// The last packet, or the last sign of a device: a workbook is as old as what it holds.
fn latest(report: &Report<'_>) -> Timestamp {
    let captures = report.run.captures.iter().filter_map(|capture| capture.last);
    let devices = report.assets.iter().map(|asset| asset.last);
    captures.chain(devices).max().unwrap_or_default()
}

/// Numbers of sheets: the one that tells about the others is the first.
const READ_ME: usize = 1;
const FIRST_TABLE: usize = 2;

const READING: &[(&str, &str)] = &[
    (
        "how to read it",
        "Nothing is said of devices that sent no packet past the sensor. Cannot tell is an answer: the sheet of that name holds the question for each.",
    ),
    (
        "how to edit it",
        "Change or add rows of the sheets Assets and Modules and read them back with: nameplate assets import FILE.xlsx --store DIR --dry-run. What a device said itself stays shown; what you add is taken as likely.",
    ),
];

#[cfg(test)]
mod tests;
