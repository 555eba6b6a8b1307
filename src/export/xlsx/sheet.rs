//! One sheet: a heading that stays in sight, a filter on it, and rows of cells.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::export::escape;
use crate::export::tables::{Cell, Head};
use crate::export::xlsx::package::{HEAD, MAIN};
use crate::model::limits::SHEET_CELL_CHARS_MAX;

/// A sheet while it is written.
pub(super) struct Sheet<'o, W: Write> {
    out: &'o mut W,
    columns: usize,
    rows: u64,
    cut: u64,
    is_filtered: bool,
}

impl<'o, W: Write> Sheet<'o, W> {
    /// Begins a sheet with its heading.
    pub(super) fn begin(out: &'o mut W, heads: &[Head], is_filtered: bool) -> io::Result<Self> {
        write!(
            out,
            r#"{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews><cols>"#
        )?;
        for (number, head) in (1_usize..).zip(heads) {
            let width = head.width;
            // What a person types into an empty cell is text, too.
            write!(
                out,
                r#"<col min="{number}" max="{number}" width="{width}" style="1" customWidth="1"/>"#
            )?;
        }
        write!(out, "</cols><sheetData>")?;
        let mut sheet = Self { out, columns: heads.len(), rows: 0, cut: 0, is_filtered };
        let heads: Vec<Cell<'_>> =
            heads.iter().map(|head| Cell::Text(Cow::Borrowed(head.name))).collect();
        sheet.cells(&heads, HEADING)?;
        Ok(sheet)
    }

    /// Rows so far, the heading among them.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Texts that were cut so far.
    pub(super) fn cut(&self) -> u64 {
        self.cut
    }

    /// Writes a row.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        self.cells(cells, TEXT)
    }

    fn cells(&mut self, cells: &[Cell<'_>], style: u8) -> io::Result<()> {
        self.rows = self.rows.saturating_add(1);
        let row = self.rows;
        let mut line = format!(r#"<row r="{row}">"#);
        for (number, cell) in (1_usize..).zip(cells) {
            let place = column(number);
            // Writing to a String cannot fail.
            let _ = match cell {
                Cell::Empty => Ok(()),
                Cell::Count(count) => write!(line, r#"<c r="{place}{row}"><v>{count}</v></c>"#),
                Cell::Score(score) => write!(line, r#"<c r="{place}{row}"><v>{score}</v></c>"#),
                Cell::Text(text) => {
                    let (text, is_cut) = text_of(text);
                    self.cut = self.cut.saturating_add(u64::from(is_cut));
                    write!(
                        line,
                        r#"<c r="{place}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#
                    )
                }
            };
        }
        line.push_str("</row>");
        self.out.write_all(line.as_bytes())
    }

    /// Ends it.
    pub(super) fn end(self) -> io::Result<()> {
        let (last, rows) = (column(self.columns), self.rows);
        let filter = match self.is_filtered {
            true => format!(r#"<autoFilter ref="A1:{last}{rows}"/>"#),
            false => String::new(),
        };
        write!(self.out, "</sheetData>{filter}</worksheet>")
    }
}

/// A text as a cell takes it, and whether it was cut.
fn text_of(text: &str) -> (String, bool) {
    let safe = escape::term(text);
    let mut units = 0_usize;
    let mut fits = |c: &char| {
        units = units.saturating_add(c.len_utf16());
        units <= SHEET_CELL_CHARS_MAX
    };
    let kept: usize = safe.chars().take_while(|c| fits(c)).map(char::len_utf8).sum();
    let is_cut = kept < safe.len();
    (escape::xml(&without_codes(safe.get(..kept).unwrap_or_default())), is_cut)
}

/// Excel reads `_x001B_` as the character of that number (ST_Xstring, ECMA-376 part 1, 22.9.2.19): a text that has such letters in it
/// keeps them, by the code of their first one.
fn without_codes(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default().as_bytes();
        match rest {
            [b'_', b'x', a, b, c, d, b'_', ..]
                if [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit) =>
            {
                plain.push_str("_x005F_");
            }
            _ => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

/// Letters of a column by its number, from 1: AB for 28.
pub(super) fn column(number: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = number;
    while let Some(before) = rest.checked_sub(1) {
        let digit = u8::try_from(before.checked_rem(26).unwrap_or_default()).unwrap_or_default();
        letters.push(char::from(b'A'.saturating_add(digit)));
        rest = before.checked_div(26).unwrap_or_default();
    }
    letters.iter().rev().collect()
}

/// Numbers of cell formats.
const TEXT: u8 = 1;
const HEADING: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        for (number, letters) in [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (703, "AAA")] {
            assert_eq!(column(number), letters);
        }
    }

    #[test]
    fn a_text_is_what_it_says_and_fits() {
        assert_eq!(text_of("=1+1"), ("=1+1".to_owned(), false));
        assert_eq!(text_of("a_x001B_[2J"), ("a_x005F_x001B_[2J".to_owned(), false));
        assert_eq!(text_of("<&>\u{1b}"), ("&lt;&amp;&gt;\\u{1b}".to_owned(), false));
        let (long, is_cut) = text_of(&"\u{1f600}".repeat(SHEET_CELL_CHARS_MAX));
        assert!(is_cut && long.encode_utf16().count() <= SHEET_CELL_CHARS_MAX);
    }
}
