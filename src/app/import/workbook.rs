//! Lists as workbooks of Excel (ECMA-376 part 1, SpreadsheetML): the cells of one sheet, as a person sees them there.
//!
//! Read are the values of cells, as they were last computed; nothing is computed here, and no link is followed. A sheet is
//! read cell by cell, so that one cell at its far end costs no room for all those before it.

use std::collections::BTreeMap;

use crate::app::import::grid::{self, Cell, Known, Line, Note, Row, Sheet};
use crate::app::import::markup::{Piece, Pieces, attribute};
use crate::app::import::package::Package;
use crate::app::import::shown::Format;
use crate::model::limits::{
    LIST_CELL_BYTES_MAX, LIST_COLUMNS_MAX, LIST_ROWS_MAX, LIST_TEXTS_MAX, LIST_UNPACKED_BYTES_MAX,
};

/// Reads the sheet of that name, or the first that names its columns.
pub(super) fn read(bytes: &[u8], wanted: Option<&str>, known: Known<'_>) -> Result<Sheet, String> {
    let mut book = Book::open(bytes)?;
    let sheets = std::mem::take(&mut book.sheets);
    let names = || sheets.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let mut first = None;
    for (name, part) in &sheets {
        if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(name)) {
            continue;
        }
        let lines = book.lines(part)?;
        let sheet = Sheet { name: Some(name.clone()), lines };
        let is_list = grid::heading(&sheet.lines, known).is_some();
        if is_list || wanted.is_some() {
            return Ok(sheet);
        }
        first = first.or(Some(sheet));
    }
    match (first, wanted) {
        (Some(sheet), _) => Ok(sheet),
        (None, Some(wanted)) => Err(format!("has no sheet {wanted:?}; it has {}", names())),
        (None, None) => Err("is a workbook without sheets".to_owned()),
    }
}

/// A workbook, and what its sheets share.
struct Book<'a> {
    package: Package<'a>,
    /// Name and part of each sheet that is not hidden, in order; then the hidden ones.
    sheets: Vec<(String, String)>,
    texts: Texts,
    /// How cells of each style are shown.
    styles: Vec<Format>,
}

impl<'a> Book<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let mut package = Package::open(bytes)?;
        let root = relations(&mut package, "_rels/.rels", "")?;
        let main = root.values().find(|(kind, _)| kind.ends_with("/officeDocument"));
        let main = main.map_or("xl/workbook.xml", |(_, part)| part).to_owned();
        let (folder, file) = main.rsplit_once('/').unwrap_or(("", &main));
        let own = relations(&mut package, &format!("{folder}/_rels/{file}.rels"), folder)?;
        let workbook = package.text(&main)?.ok_or("is no workbook of Excel")?;
        let sheets = sheets(&workbook, &own).map_err(|why| damaged(&main, why))?;
        let of_kind = |ending: &str| own.values().find(|(kind, _)| kind.ends_with(ending));
        let mut shared = |ending: &str| match of_kind(ending) {
            Some((_, part)) => package.text(part).map(Option::unwrap_or_default),
            None => Ok(String::new()),
        };
        let (texts, styles) = (shared("/sharedStrings")?, shared("/styles")?);
        let texts = Texts::read(&texts).map_err(|why| damaged("the table of texts", why))?;
        let styles = formats(&styles).map_err(|why| damaged("the table of styles", why))?;
        Ok(Self { package, sheets, texts, styles })
    }

    fn lines(&mut self, part: &str) -> Result<Vec<Line>, String> {
        let text = self.package.text(part)?.ok_or("is a damaged workbook: a sheet is missing")?;
        let mut reading =
            Reading { book: self, lines: Vec::new(), row: None, previous: 0, held: 0 };
        reading.sheet(&text).map_err(|why| damaged(part, why))?;
        Ok(reading.lines)
    }
}

/// Names, kinds and parts that a part of the package refers to, by their identifiers.
type Relations = BTreeMap<String, (String, String)>;

fn relations(package: &mut Package<'_>, part: &str, folder: &str) -> Result<Relations, String> {
    let Some(text) = package.text(part.trim_start_matches('/'))? else {
        return Ok(Relations::new());
    };
    let mut relations = Relations::new();
    let mut pieces = Pieces::new(&text);
    while let Some(piece) = pieces.next().map_err(|why| damaged(part, why))? {
        let Piece::Start { name: "Relationship", attributes, .. } = piece else { continue };
        let value = |name: &str| attribute(attributes, name).map(String::from);
        if let (Some(id), Some(kind), Some(target)) = (value("Id"), value("Type"), value("Target"))
        {
            let part = match target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None if folder.is_empty() => target,
                None => format!("{folder}/{target}"),
            };
            relations.insert(id, (kind, part));
        }
    }
    Ok(relations)
}

fn sheets(workbook: &str, relations: &Relations) -> Result<Vec<(String, String)>, &'static str> {
    let (mut shown, mut hidden) = (Vec::new(), Vec::new());
    let mut pieces = Pieces::new(workbook);
    while let Some(piece) = pieces.next()? {
        let Piece::Start { name: "sheet", attributes, .. } = piece else { continue };
        let name = attribute(attributes, "name").unwrap_or_default().into_owned();
        let part = attribute(attributes, "id").and_then(|id| relations.get(&*id));
        let Some((kind, part)) = part else { continue };
        if !kind.ends_with("/worksheet") {
            continue;
        }
        let is_hidden = attribute(attributes, "state").is_some_and(|state| state != "visible");
        let list = if is_hidden { &mut hidden } else { &mut shown };
        list.push((name, part.clone()));
    }
    shown.append(&mut hidden);
    Ok(shown)
}

/// The texts that cells refer to by number, one behind the other.
#[derive(Debug, Default)]
struct Texts {
    all: String,
    /// Where each ends; it starts where the one before ends.
    ends: Vec<usize>,
}

impl Texts {
    fn read(text: &str) -> Result<Self, &'static str> {
        let mut texts = Self::default();
        let mut pieces = Pieces::new(text);
        let (mut is_text, mut is_sound, mut start) = (false, false, 0_usize);
        while let Some(piece) = pieces.next()? {
            match piece {
                Piece::Start { name: "t", is_empty, .. } => is_text = !is_empty,
                // How a text is to be spoken, in languages whose writing does not tell.
                Piece::Start { name: "rPh", is_empty, .. } => is_sound = !is_empty,
                Piece::Start { name: "si", is_empty: true, .. } => texts.ends.push(texts.all.len()),
                Piece::End("t") => is_text = false,
                Piece::End("rPh") => is_sound = false,
                Piece::End("si") => {
                    texts.ends.push(texts.all.len());
                    start = texts.all.len();
                }
                // Enough is kept of each to know that it is too long.
                Piece::Text(text)
                    if is_text
                        && !is_sound
                        && texts.all.len().saturating_sub(start) <= LIST_CELL_BYTES_MAX =>
                {
                    texts.all.push_str(&text);
                }
                _ => {}
            }
            if texts.ends.len() > LIST_TEXTS_MAX {
                return Err("it has more texts than a list");
            }
        }
        Ok(texts)
    }

    fn text(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)?;
        let start =
            number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.all.get(start..end)
    }
}

/// How cells are shown, by the number of their style.
fn formats(text: &str) -> Result<Vec<Format>, &'static str> {
    let mut codes: BTreeMap<u32, String> = BTreeMap::new();
    let mut formats = Vec::new();
    let mut is_of_cells = false;
    let mut pieces = Pieces::new(text);
    while let Some(piece) = pieces.next()? {
        match piece {
            Piece::Start { name: "numFmt", attributes, .. } => {
                let id = attribute(attributes, "numFmtId").and_then(|id| id.parse().ok());
                let code = attribute(attributes, "formatCode").map(String::from);
                codes.extend(id.zip(code));
            }
            Piece::Start { name: "cellXfs", is_empty, .. } => is_of_cells = !is_empty,
            Piece::End("cellXfs") => is_of_cells = false,
            Piece::Start { name: "xf", attributes, .. } if is_of_cells => {
                let id = attribute(attributes, "numFmtId").and_then(|id| id.parse().ok());
                let id = id.unwrap_or(0);
                formats.push(Format::new(id, codes.get(&id).map(|code| &**code)));
            }
            _ => {}
        }
        if formats.len().max(codes.len()) > LIST_TEXTS_MAX {
            return Err("it has more styles than a list");
        }
    }
    Ok(formats)
}

/// A sheet while it is read.
struct Reading<'b, 'a> {
    book: &'b Book<'a>,
    lines: Vec<Line>,
    row: Option<Row>,
    /// Number of the row before.
    previous: u64,
    /// Bytes that its cells take: one text that a million cells refer to takes as much as a million texts.
    held: u64,
}

/// A cell while it is read.
#[derive(Default)]
struct Open {
    column: u32,
    kind: String,
    style: usize,
    value: String,
    is_formula: bool,
}

impl Reading<'_, '_> {
    fn sheet(&mut self, text: &str) -> Result<(), &'static str> {
        let mut pieces = Pieces::new(text);
        let mut open: Option<Open> = None;
        let (mut is_value, mut is_sound) = (false, false);
        while let Some(piece) = pieces.next()? {
            match piece {
                Piece::Start { name: "row", attributes, is_empty } => {
                    self.start_row(attributes);
                    if is_empty {
                        self.end_row();
                    }
                }
                Piece::End("row") => self.end_row(),
                Piece::Start { name: "c", attributes, is_empty: false } => {
                    open = Some(self.start_cell(attributes));
                }
                Piece::End("c") => {
                    if let Some(cell) = open.take() {
                        self.end_cell(&cell);
                    }
                }
                Piece::Start { name: "f", .. } => {
                    open.iter_mut().for_each(|open| open.is_formula = true);
                }
                Piece::Start { name: "v" | "t", is_empty, .. } => is_value = !is_empty,
                Piece::End("v" | "t") => is_value = false,
                Piece::Start { name: "rPh", is_empty, .. } => is_sound = !is_empty,
                Piece::End("rPh") => is_sound = false,
                Piece::Text(text) if is_value && !is_sound => {
                    let open = open.iter_mut().filter(|c| c.value.len() <= LIST_CELL_BYTES_MAX);
                    open.for_each(|open| open.value.push_str(&text));
                }
                Piece::End("sheetData") => return Ok(()),
                _ => {}
            }
            if self.lines.len() >= LIST_ROWS_MAX || self.held > LIST_UNPACKED_BYTES_MAX {
                let why = format!(
                    "a list of more than {LIST_ROWS_MAX} rows or {LIST_UNPACKED_BYTES_MAX} bytes ends here"
                );
                self.lines.push(Line::Refused(self.previous.saturating_add(1), why));
                return Ok(());
            }
        }
        Ok(())
    }

    fn start_row(&mut self, attributes: &str) {
        let next = self.previous.saturating_add(1);
        let number = attribute(attributes, "r").and_then(|number| number.parse().ok());
        let number = number.filter(|number| *number >= next).unwrap_or(next);
        self.previous = number;
        self.row = Some(Row { number, cells: Vec::new() });
    }

    fn end_row(&mut self) {
        let Some(row) = self.row.take().filter(|row| !row.cells.is_empty()) else { return };
        let most = u32::try_from(LIST_COLUMNS_MAX).unwrap_or(u32::MAX);
        self.lines.push(if row.cells.last().is_some_and(|cell| cell.column > most) {
            Line::Refused(row.number, format!("more than {LIST_COLUMNS_MAX} columns"))
        } else {
            Line::Read(row)
        });
    }

    fn start_cell(&self, attributes: &str) -> Open {
        let last = self.row.as_ref().and_then(|row| row.cells.last());
        let next = last.map_or(1, |cell| cell.column.saturating_add(1));
        let place = attribute(attributes, "r").and_then(|place| column(&place));
        Open {
            column: place.filter(|column| *column >= next).unwrap_or(next),
            kind: attribute(attributes, "t").unwrap_or_default().into_owned(),
            style: attribute(attributes, "s").and_then(|style| style.parse().ok()).unwrap_or(0),
            ..Open::default()
        }
    }

    fn end_cell(&mut self, open: &Open) {
        let cell = self.cell(open);
        let bytes =
            cell.as_ref().map_or(0, |cell| size_of::<Cell>().saturating_add(cell.text.len()));
        self.held = self.held.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        // Cells far out cost their row, not more room than one takes.
        if let Some(row) = self.row.as_mut().filter(|row| row.cells.len() <= LIST_COLUMNS_MAX) {
            row.cells.extend(cell);
        }
    }

    fn cell(&self, open: &Open) -> Option<Cell> {
        let of_text = if open.is_formula { Note::Computed } else { Note::Text };
        let number = || {
            let format = self.book.styles.get(open.style).copied().unwrap_or_default();
            let shown = format.show(&open.value)?;
            // A format can add zeros that somebody wanted to see, and hide digits.
            let kept = Format::General.show(&open.value)?;
            let is_whole = shown.parse::<f64>().ok() == kept.parse::<f64>().ok();
            let note = match format {
                Format::Date => Note::Date,
                Format::Fixed { .. } if is_whole => of_text,
                Format::General | Format::Fixed { .. } => Note::Number,
            };
            Some((shown, note))
        };
        let (text, note) = match &*open.kind {
            "s" => {
                let text = open.value.trim().parse().ok().and_then(|at| self.book.texts.text(at));
                (text?.to_owned(), of_text)
            }
            "str" | "inlineStr" => (open.value.clone(), of_text),
            "e" => (open.value.clone(), Note::Error),
            "d" => (open.value.clone(), Note::Date),
            "b" => (if open.value.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned(), of_text),
            _ => number().unwrap_or_else(|| (open.value.clone(), of_text)),
        };
        grid::cell(open.column, &text, note, LIST_CELL_BYTES_MAX)
    }
}

/// The number of a column, counted from 1, from the place of a cell: 28 for AB7.
fn column(place: &str) -> Option<u32> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters.take(LETTERS_MAX).fold(0_u32, |number, letter| {
        let digit = letter.to_ascii_uppercase().saturating_sub(b'A').saturating_add(1);
        number.saturating_mul(26).saturating_add(u32::from(digit))
    });
    Some(number).filter(|number| *number > 0)
}

fn damaged(part: &str, why: &str) -> String {
    format!("is a damaged workbook: {part}: {why}")
}

/// The last column of a sheet is XFD.
const LETTERS_MAX: usize = 3;
