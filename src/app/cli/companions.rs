//! What comes with the program: schemas of its output, completions, pages of the manual, licences.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _};

use crate::app::cli::args::Cli;
use crate::app::cli::config::print;
use crate::app::{AppError, Exit};
use crate::export::schemas::{SCHEMAS, schema};

/// What `schema` accepts.
#[derive(Args, Debug)]
pub(super) struct SchemaArgs {
    /// Which line: asset for nameplate.asset/1. All names when none is given
    #[arg(value_name = "KIND")]
    kind: Option<String>,
}

/// What `completions` accepts.
#[derive(Args, Debug)]
pub(super) struct CompletionsArgs {
    /// For which shell
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

/// What `man` accepts.
#[derive(Args, Debug)]
pub(super) struct ManArgs {
    /// Write a page for each verb into this directory
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// What `licences` accepts.
#[derive(Args, Debug)]
pub(super) struct LicencesArgs {
    /// Print the list without the texts
    #[arg(long)]
    list: bool,
}

/// Prints the JSON Schema of a line.
pub(super) fn schemas(args: &SchemaArgs) -> Result<Exit, AppError> {
    let names = SCHEMAS.iter().map(|(name, _)| *name);
    let Some(kind) = &args.kind else {
        let lines: Vec<String> = names.map(|name| format!("{name}\n")).collect();
        return print(&lines.concat());
    };
    match schema(kind) {
        Some(schema) => print(schema),
        None => {
            let names: Vec<&str> = names.collect();
            Err(AppError::Usage(format!(
                "there is no schema {kind:?}; there are {}",
                names.join(", ")
            )))
        }
    }
}

/// Prints the completions for a shell.
pub(super) fn completions(args: &CompletionsArgs) -> Result<Exit, AppError> {
    // Into memory first: a pipe that is closed early is no reason to stop in the middle of a line.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), NAME, &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Prints the page of the manual, or writes those of all verbs.
pub(super) fn manual(args: &ManArgs) -> Result<Exit, AppError> {
    let failed = |what: String| move |source| AppError::Write { what, source };
    match &args.directory {
        Some(directory) => {
            std::fs::create_dir_all(directory)
                .and_then(|()| clap_mangen::generate_to(Cli::command(), directory))
                .map_err(failed(directory.display().to_string()))?;
            Ok(Exit::Done)
        }
        None => {
            let mut page = Vec::new();
            let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
            rendered.map_err(failed("the page".to_owned()))?;
            print(&String::from_utf8_lossy(&page))
        }
    }
}

/// Prints what is in the program, by whom, under which licences.
pub(super) fn licences(args: &LicencesArgs) -> Result<Exit, AppError> {
    let (list, _) = LICENCES.split_once(TEXTS).unwrap_or((LICENCES, ""));
    print(if args.list { list } else { LICENCES })
}

const NAME: &str = "nameplate";

/// Made by `packaging/licences.py`; a test says when it no longer fits `Cargo.lock`.
const LICENCES: &str = include_str!("../../../packaging/licences.txt");

/// Where the list ends and the texts begin.
const TEXTS: &str = "\n====";
