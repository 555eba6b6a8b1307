//! `-o FMT[=PATH]`: what results are printed as, and where to.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::app::documents::Document;

/// A format, and where it goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Output {
    pub(super) format: Format,
    /// `None` is standard output.
    pub(super) path: Option<PathBuf>,
}

/// Formats that results are printed in.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Table,
    /// One JSON object a line: the contract with scripts
    Ndjson,
    /// One JSON object
    Json,
    /// Every observation, one JSON object a line
    Facts,
    /// One row for each verdict
    Csv,
    /// For other programs: of what is known, not of other lists
    #[value(skip)]
    Document(Document),
}

/// `xlsx=plant.xlsx`, as `-o` takes it.
pub(super) fn output(text: &str) -> Result<Output, String> {
    let (name, path) = match text.split_once('=') {
        Some((name, path)) => (name, Some(PathBuf::from(path))),
        None => (text, None),
    };
    let known = || Document::named(name).map(Format::Document);
    let format = Format::from_str(name, false).ok().or_else(known).ok_or_else(|| {
        format!(
            "{name} is no format: use table, ndjson, json, facts, csv, html, svg, xlsx, cyclonedx, netbox, graphml, dot, cef or rfc5424"
        )
    })?;
    // One table is a file; a directory, or an archive, takes them all.
    let takes_all = path.as_deref().is_some_and(|path| {
        path.is_dir()
            || path.as_os_str().as_encoded_bytes().ends_with(b"/")
            || path.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip"))
    });
    let format = match format {
        Format::Csv if takes_all => Format::Document(Document::CsvSet),
        format => format,
    };
    Ok(Output { format, path })
}
