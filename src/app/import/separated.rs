//! Lists as text with separators: RFC 4180 CSV, and what spreadsheets write under that name in other countries.
//!
//! The separator is the one that gives the most known names of columns. A quotation mark that is never closed would
//! swallow all that follows: the row it stands in is refused, and reading goes on with the next line.

use std::borrow::Cow;

use crate::app::import::grid::{self, Known, Line, Note, Row, Sheet};
use crate::model::limits::{LIST_CELL_BYTES_MAX, LIST_COLUMNS_MAX, LIST_ROWS_MAX};

/// Reads a text.
pub(super) fn read(bytes: &[u8], known: Known<'_>) -> Result<Sheet, String> {
    let text = decoded(bytes)?;
    let (separator, body, number) = match declared(&text) {
        Some((separator, body)) => (Some(separator), body, 2),
        None => (None, &*text, 1),
    };
    let first = |separator: u8| -> usize {
        let rows = Rows { rest: body, number, separator };
        let rows = rows.take(grid::HEADING_ROWS_MAX);
        let counts = rows.map(|line| match line {
            Line::Read(row) => known(&row),
            Line::Refused(..) => 0,
        });
        counts.max().unwrap_or(0)
    };
    let tried = SEPARATORS.iter().rev().copied();
    let separator = separator.or_else(|| tried.max_by_key(|separator| first(*separator)));
    let rows = Rows { rest: body, number, separator: separator.unwrap_or(b',') };
    let mut lines: Vec<Line> = rows.take(LIST_ROWS_MAX.saturating_add(1)).collect();
    if lines.len() > LIST_ROWS_MAX {
        lines.truncate(LIST_ROWS_MAX);
        let next = match lines.last() {
            Some(Line::Read(Row { number, .. }) | Line::Refused(number, _)) => *number,
            None => 0,
        };
        let why = format!("a list of more than {LIST_ROWS_MAX} rows ends here");
        lines.push(Line::Refused(next.saturating_add(1), why));
    }
    Ok(Sheet { name: None, lines })
}

/// UTF-8, or UTF-16 with a byte order mark. Bytes that are no UTF-8 stay recognisable, and cost their rows.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    let units = |of: fn([u8; 2]) -> u16| -> Vec<u8> {
        let pairs = bytes.get(2..).unwrap_or_default().chunks_exact(2);
        let units = pairs.filter_map(|pair| pair.try_into().ok().map(of));
        let text: String =
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        text.into_bytes()
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Ok(Cow::Borrowed(rest)),
        [0xff, 0xfe, ..] => Ok(Cow::Owned(units(u16::from_le_bytes))),
        [0xfe, 0xff, ..] => Ok(Cow::Owned(units(u16::from_be_bytes))),
        _ if bytes.iter().take(SAMPLE_BYTES).filter(|byte| **byte == 0).count() > NULS_MAX => {
            Err("is no text: give CSV, or a workbook of Excel (.xlsx)".to_owned())
        }
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

/// The separator that the first line declares, as Excel understands it: `sep=;`.
fn declared(text: &[u8]) -> Option<(u8, &[u8])> {
    let (line, rest) = split_line(text);
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator]
        | [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator, b'\r'] => {
            Some((*separator, rest))
        }
        _ => None,
    }
}

/// Rows of a text, one after the other.
struct Rows<'a> {
    rest: &'a [u8],
    /// Number of the next row.
    number: u64,
    separator: u8,
}

impl Iterator for Rows<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let number = self.number;
            self.number = number.saturating_add(1);
            let Some((record, rest)) = split_record(self.rest, self.separator) else {
                self.rest = split_line(self.rest).1;
                let why = "a quotation mark is not closed, or the row is too long";
                return Some(Line::Refused(number, why.to_owned()));
            };
            self.rest = rest;
            match self.row(number, record) {
                Ok(row) if row.cells.is_empty() => {}
                Ok(row) => return Some(Line::Read(row)),
                Err(why) => return Some(Line::Refused(number, why)),
            }
        }
    }
}

impl Rows<'_> {
    fn row(&self, number: u64, record: &[u8]) -> Result<Row, String> {
        let mut reader = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.separator)
            .buffer_capacity(record.len().max(1))
            .from_reader(record);
        let mut fields = ::csv::ByteRecord::new();
        reader.read_byte_record(&mut fields).map_err(|error| error.to_string())?;
        if fields.len() > LIST_COLUMNS_MAX {
            return Err(format!("more than {LIST_COLUMNS_MAX} columns"));
        }
        let mut cells = Vec::new();
        for (column, field) in (1_u32..).zip(&fields) {
            let text = std::str::from_utf8(field).map_err(|_| {
                format!("the text in column {column} is not UTF-8: save the list as CSV UTF-8")
            })?;
            cells.extend(grid::cell(column, plain(text), Note::Text, LIST_CELL_BYTES_MAX));
        }
        Ok(Row { number, cells })
    }
}

/// A cell without what people put around digits so that a spreadsheet leaves them alone: `="00524"`, `'=x`.
fn plain(text: &str) -> &str {
    let trimmed = text.trim();
    let quoted = trimmed.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    if let Some(inside) = quoted.filter(|inside| !inside.contains('"')) {
        return inside;
    }
    match trimmed.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => text,
    }
}

/// The first row of a text, without the end of its line, and what follows; `None` when it does not end within what a row
/// can take. A quotation mark opens only at the start of a cell.
fn split_record(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let (mut quoted, mut starts, mut ended) = (false, true, None);
    for (at, byte) in text.iter().enumerate().take(ROW_BYTES_MAX) {
        match *byte {
            b'"' if quoted => (quoted, ended) = (false, at.checked_add(1)),
            // A doubled mark inside of quotation marks ends them and opens them again.
            b'"' if starts || ended == Some(at) => quoted = true,
            b'\n' if !quoted => {
                let (record, rest) = text.split_at_checked(at)?;
                let rest = rest.get(1..).unwrap_or_default();
                return Some((record.strip_suffix(b"\r").unwrap_or(record), rest));
            }
            _ => {}
        }
        starts = *byte == separator && !quoted;
    }
    (!quoted && text.len() <= ROW_BYTES_MAX).then_some((text, &[]))
}

fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    let (line, rest) = text.split_at_checked(end).unwrap_or((text, &[]));
    (line, rest.get(1..).unwrap_or_default())
}

/// What stands between cells: the comma of RFC 4180, the semicolon of countries with decimal commas, the tabulator.
const SEPARATORS: [u8; 4] = *b",;\t|";
/// Bytes of one row: as many columns as are read, each as long as is read.
const ROW_BYTES_MAX: usize = LIST_COLUMNS_MAX * LIST_CELL_BYTES_MAX;
const SAMPLE_BYTES: usize = 4_096;
const NULS_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Vec<String> {
        let known = |row: &Row| {
            row.cells
                .iter()
                .filter(|cell| ["name", "ip", "firmware"].contains(&&*cell.text))
                .count()
        };
        let lines = read(text, &known).unwrap().lines;
        let print = |line: Line| match line {
            Line::Read(row) => {
                let cells = row.cells.iter().map(|c| format!("{}={}", c.column, c.text));
                format!("{}: {}", row.number, cells.collect::<Vec<_>>().join(" "))
            }
            Line::Refused(number, why) => format!("{number}! {why}"),
        };
        lines.into_iter().map(print).collect()
    }

    #[test]
    fn the_separator_is_the_one_that_gives_names() {
        for text in [
            "name,firmware\nA,4.10\n",
            "name;firmware\r\nA;4.10\r\n",
            "sep=|\nname|firmware\nA|4.10",
        ] {
            let rows = rows(text.as_bytes());
            assert!(rows.iter().any(|row| row.ends_with("1=A 2=4.10")), "{text:?}: {rows:?}");
        }
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("name\tip\nÄ\t1\n".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(rows(&utf16), ["1: 1=name 2=ip", "2: 1=Ä 2=1"]);
    }

    #[test]
    fn rows_are_counted_as_spreadsheets_do() {
        let text = b"name,ip\n\n\"two\nlines\",1\n,,\nlast,\"a \"\"b\"\"\"";
        assert_eq!(rows(text), ["1: 1=name 2=ip", "3: 1=two\nlines 2=1", "5: 1=last 2=a \"b\""]);
    }

    #[test]
    fn a_mark_that_is_never_closed_costs_its_row() {
        let mut text = b"name,ip\n\"open,1\n".to_vec();
        for _ in 0..20_000 {
            text.extend(b"device,10.0.0.1\n");
        }
        let rows = rows(&text);
        assert!(rows[1].starts_with("2! a quotation mark"), "{}", rows[1]);
        assert_eq!(rows.len(), 20_002);
        assert_eq!(rows[20_001], "20002: 1=device 2=10.0.0.1");
    }

    #[test]
    fn what_guards_digits_is_taken_off() {
        let text = b"name,firmware\n\"=\"\"00524E10\"\"\",'=1+1\n-,'tis\n=1+1,\"5\"\"\"\n";
        assert_eq!(
            rows(text),
            ["1: 1=name 2=firmware", "2: 1=00524E10 2==1+1", "3: 1=- 2='tis", "4: 1==1+1 2=5\""]
        );
    }

    #[test]
    fn bytes_that_are_no_text_cost_their_row_or_the_file() {
        let rows = rows(b"name,ip\nM\xfcller,1\nB,2\n");
        assert!(rows[1].starts_with("2! the text in column 1 is not UTF-8"), "{}", rows[1]);
        assert_eq!(rows[2], "3: 1=B 2=2");
        assert!(read(&[0; 100], &|_| 0).is_err());
    }
}
