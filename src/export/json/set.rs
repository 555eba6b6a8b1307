//! `nameplate.set/1`: the files of a format that is several files, and what they are made of.

use serde::Serialize;

use crate::export::Report;
use crate::export::json::run::RunLine;
use crate::export::set::SetFile;

#[derive(Serialize)]
pub(super) struct SetLine<'a> {
    schema: &'static str,
    format: &'a str,
    run: RunLine<'a>,
    files: Vec<FilePart<'a>>,
}

#[derive(Serialize)]
struct FilePart<'a> {
    file: &'a str,
    about: &'a str,
    rows: u64,
    bytes: u64,
    sha256: &'a str,
}

impl<'a> SetLine<'a> {
    pub(super) fn new(format: &'a str, report: &Report<'a>, files: &'a [SetFile]) -> Self {
        let part = |file: &'a SetFile| FilePart {
            file: &file.name,
            about: file.about,
            rows: file.rows,
            bytes: file.bytes,
            sha256: &file.sha256,
        };
        let run = RunLine::new(report);
        Self { schema: "nameplate.set/1", format, run, files: files.iter().map(part).collect() }
    }
}
