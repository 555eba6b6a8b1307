//! RFC 4180 CSV for machines: one row for each verdict, and one for each device or part without any.

use std::io::{self, Write};

use crate::export::columns::{self, Column, Told};
use crate::export::{Report, escape};

/// Prints a report.
pub fn csv(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut rows = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    let chosen = report.layout.columns.as_ref();
    let columns = chosen.cloned().unwrap_or_else(|| columns::usual(report));
    record(&mut rows, columns.iter().map(|column| column.name))?;
    let mut told = Told::default();
    for line in columns::lines(report) {
        let text = |column: &Column| escape::csv(&column.text(report, &line)).into_owned();
        let cells: Vec<String> = columns.iter().map(text).collect();
        if chosen.is_none() || told.is_new(&line, &cells) {
            record(&mut rows, cells)?;
        }
    }
    rows.flush()
}

/// Writes one row. The kind of an error is kept: a reader that left a pipe is no failure.
pub(super) fn record(
    rows: &mut ::csv::Writer<impl Write>,
    cells: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> io::Result<()> {
    rows.write_record(cells).map_err(|error| match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    })
}
