//! A list as rows of cells, whatever kind of file it came in.

use crate::app::import::{separated, workbook};

/// One cell that is not empty.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::app) struct Cell {
    /// Number of its column, from 1.
    pub(in crate::app) column: u32,
    /// Its text as a person sees it, without blanks around it.
    pub(in crate::app) text: String,
    /// What is to be known about it beside its text.
    pub(in crate::app) note: Note,
}

/// What is to be known about a cell beside its text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::app) enum Note {
    /// Text: it stands there as somebody wrote it.
    Text,
    /// A number: what somebody wrote may have been 4.10 or 007.
    Number,
    /// A date: what somebody wrote may have been 4.10.
    Date,
    /// The outcome of a formula, as it was last computed.
    Computed,
    /// An error: #N/A.
    Error,
    /// Longer than a cell that is read; the text is cut.
    TooLong,
}

/// One row with at least one cell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::app) struct Row {
    /// Its number, from 1, as spreadsheets count.
    pub(in crate::app) number: u64,
    /// Its cells, in order of their columns.
    pub(in crate::app) cells: Vec<Cell>,
}

/// A row, or why one cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::app) enum Line {
    /// A row.
    Read(Row),
    /// A row that cannot be read: its number, and why.
    Refused(u64, String),
}

/// Rows of one sheet.
#[derive(Debug)]
pub(in crate::app) struct Sheet {
    /// Its name; `None` for a file that has but one.
    pub(in crate::app) name: Option<String>,
    /// Its rows, in order.
    pub(in crate::app) lines: Vec<Line>,
}

/// How many of the cells of a row name a column that is known.
pub(in crate::app) type Known<'a> = &'a dyn Fn(&Row) -> usize;

/// Reads a list. Of a workbook the sheet of that name, or the first with names of columns.
pub(in crate::app) fn read(
    bytes: &[u8],
    sheet: Option<&str>,
    known: Known<'_>,
) -> Result<Sheet, String> {
    match bytes {
        [] => Err("is empty".to_owned()),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => workbook::read(bytes, sheet, known),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(
            "is an old workbook (.xls), or one with a password: save it as .xlsx without a password"
                .to_owned(),
        ),
        [b'%', b'P', b'D', b'F', ..] => Err("is a PDF document: export the list as CSV or .xlsx".to_owned()),
        _ if sheet.is_some() => Err("has no sheets: --sheet is for workbooks".to_owned()),
        _ => separated::read(bytes, known),
    }
}

/// A cell from its text; `None` when nothing is in it.
pub(in crate::app) fn cell(column: u32, text: &str, note: Note, bytes_max: usize) -> Option<Cell> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    if text.is_empty() {
        return None;
    }
    if text.len() <= bytes_max {
        return Some(Cell { column, text: text.to_owned(), note });
    }
    let cut: String = text.chars().take(CUT_CHARS).collect();
    Some(Cell { column, text: format!("{cut}…"), note: Note::TooLong })
}

/// The row in which the columns are named: the first among the first ones with the most known names.
pub(in crate::app) fn heading(lines: &[Line], known: Known<'_>) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (at, line) in lines.iter().enumerate().take(HEADING_ROWS_MAX) {
        let Line::Read(row) = line else { continue };
        let count = known(row);
        if count > best.map_or(0, |(_, most)| most) {
            best = Some((at, count));
        }
    }
    best.map(|(at, _)| at)
}

/// Rows among which the names of columns are looked for: titles and logos stand above them.
pub(in crate::app) const HEADING_ROWS_MAX: usize = 20;
/// Characters that are shown of a text that is too long.
const CUT_CHARS: usize = 40;
