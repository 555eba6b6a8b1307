//! Results to where they were asked for.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};

use crate::app::AppError;
use crate::app::cli::args::{Format, Output, PrintArgs, When};
use crate::export::html::{self, Beyond};
use crate::export::table::Style;
use crate::export::{Report, csv, device, json, table};

/// The outputs asked for, of rows; a table on standard output when none was.
pub(super) fn wanted(print: &PrintArgs) -> Result<Vec<Output>, AppError> {
    let outputs = wanted_of_all(print)?;
    if outputs.iter().any(|output| output.format == Format::Html) {
        let hint = "html is the report of everything: use nameplate scan -o html=FILE, or nameplate report";
        return Err(AppError::Usage(hint.to_owned()));
    }
    Ok(outputs)
}

/// The same where there is all that a report for people needs.
pub(super) fn wanted_of_all(print: &PrintArgs) -> Result<Vec<Output>, AppError> {
    let mut outputs = print.output.clone();
    if print.json {
        outputs.push(Output { format: Format::Json, path: None });
    }
    if outputs.is_empty() {
        outputs.push(Output { format: Format::Table, path: None });
    }
    if outputs.iter().filter(|output| output.path.is_none()).count() > 1 {
        let hint = "two formats cannot share standard output: give one of them a file, -o FMT=PATH";
        return Err(AppError::Usage(hint.to_owned()));
    }
    Ok(outputs)
}

/// Prints a report in every format but facts, which are printed while captures are read.
pub(super) fn print(
    report: &Report<'_>,
    outputs: &[Output],
    args: &PrintArgs,
) -> Result<(), AppError> {
    print_with(report, outputs, args, Beyond::default())
}

/// The same, with what reports for people have beside that.
pub(super) fn print_with(
    report: &Report<'_>,
    outputs: &[Output],
    args: &PrintArgs,
    beyond: Beyond<'_>,
) -> Result<(), AppError> {
    for output in outputs.iter().filter(|output| output.format != Format::Facts) {
        let mut out = open(output)?;
        let printed = match output.format {
            Format::Table => table::table(report, &style(args, output), &mut out),
            Format::Ndjson => json::ndjson(report, &mut out),
            Format::Json => json::json(report, &mut out),
            Format::Csv => csv::csv(report, &mut out),
            Format::Html => html::html(report, beyond, &mut out),
            Format::Facts => Ok(()),
        };
        printed.and_then(|()| out.flush()).map_err(|source| cannot_write(output, source))?;
    }
    Ok(())
}

/// The same, with each device on a page of its own instead of a table of them.
pub(super) fn print_devices(
    report: &Report<'_>,
    outputs: &[Output],
    args: &PrintArgs,
) -> Result<(), AppError> {
    let (pages, rest): (Vec<Output>, Vec<Output>) =
        outputs.iter().cloned().partition(|output| output.format == Format::Table);
    for output in &pages {
        let mut out = open(output)?;
        let style = style(args, output);
        let mut pages =
            report.assets.iter().map(|asset| device::device(report, asset, &style, &mut out));
        let printed = pages.try_for_each(|page| page);
        printed.and_then(|()| out.flush()).map_err(|source| cannot_write(output, source))?;
    }
    print(report, &rest, args)
}

/// Opens one output.
pub(super) fn open(output: &Output) -> Result<Box<dyn Write + Send>, AppError> {
    Ok(match &output.path {
        None => Box::new(BufWriter::new(io::stdout())),
        Some(path) => {
            let file = File::create(path).map_err(|source| cannot_write(output, source))?;
            Box::new(BufWriter::new(file))
        }
    })
}

/// What to say when an output cannot be written.
pub(super) fn cannot_write(output: &Output, source: io::Error) -> AppError {
    let what = output.path.as_ref().map(|path| path.display().to_string());
    AppError::Write { what: what.unwrap_or_else(|| "standard output".to_owned()), source }
}

/// How to print a table there.
pub(super) fn style(args: &PrintArgs, output: &Output) -> Style {
    let terminal = output.path.is_none() && io::stdout().is_terminal();
    let color = match args.color {
        When::Always => true,
        When::Never => false,
        When::Auto => terminal && std::env::var_os("NO_COLOR").is_none(),
    };
    let width = terminal.then(|| comfy_width().unwrap_or(DEFAULT_WIDTH));
    Style { color, ascii: args.ascii, wide: args.wide, width }
}

/// Width of the terminal, as the table library sees it.
fn comfy_width() -> Option<u16> {
    comfy_table::Table::new().width()
}

const DEFAULT_WIDTH: u16 = 120;
