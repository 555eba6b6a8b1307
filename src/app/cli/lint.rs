//! `nameplate advisories lint`: contradictions inside suppliers' documents.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::app::cli::args::{Format, PrintArgs};
use crate::app::cli::output;
use crate::app::{AppError, Exit, lint};
use crate::export::lint::{Lint, ndjson, table};
use crate::model::lint::Severity;

/// What `advisories lint` accepts.
#[derive(Args, Debug)]
#[command(after_help = LINT_EXIT_CODES)]
pub(super) struct LintArgs {
    /// A CSAF document, or a directory of them; those built in when none is named
    #[arg(value_name = "PATH")]
    pub(super) path: Option<PathBuf>,
    /// The same, as the other verbs take it
    #[arg(long, value_name = "PATH", conflicts_with = "path")]
    pub(super) db: Option<PathBuf>,
    /// Exit with 3 when there are complaints of this severity, or graver ones
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<LintFailOn>,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// From which severity on complaints make the exit code 3.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum LintFailOn {
    /// Verdicts cannot be told because of it
    Error,
    /// Read with a doubt
    Warning,
}

/// Runs the verb.
pub(super) fn run(args: &LintArgs) -> Result<Exit, AppError> {
    let outputs = output::wanted(&args.print)?;
    if outputs.iter().any(|output| !matches!(output.format, Format::Table | Format::Ndjson)) {
        let hint = "advisories lint prints table or ndjson";
        return Err(AppError::Usage(hint.to_owned()));
    }
    let looked = lint::look(args.path.as_deref().or(args.db.as_deref()))?;
    let lint = Lint { documents: &looked.documents, refused: &looked.refused };
    for output in &outputs {
        let mut out = output::open(output)?;
        let printed: io::Result<()> = match output.format {
            Format::Ndjson => ndjson(&lint, &mut out),
            _ => table(&lint, &mut out),
        };
        printed
            .and_then(|()| out.flush())
            .map_err(|source| output::cannot_write(output, source))?;
    }
    let (errors, warnings) = (lint.count(Severity::Error), lint.count(Severity::Warning));
    let met = match args.fail_on {
        Some(LintFailOn::Error) => errors > 0,
        Some(LintFailOn::Warning) => errors > 0 || warnings > 0,
        None => false,
    };
    if looked.documents.is_empty() {
        return Ok(Exit::Bundle);
    }
    Ok(if met { Exit::Threshold } else { Exit::Done })
}

const LINT_EXIT_CODES: &str = "\
Exit codes:
  0  done, complaints or not
  1  failed: a result cannot be written
  2  wrong usage
  3  --fail-on met; the result is printed in full
  5  no document could be read";
