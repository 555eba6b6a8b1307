//! `nameplate outputs`: whether receivers get what is sent to them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::alert::{Cursor, OutputSettings, Plan, SettingsError, Trial, attempt, read};
use crate::app::cli::args::{Format, PrintArgs};
use crate::app::cli::output;
use crate::app::{AppError, Exit};
use crate::export::escape::term;
use crate::export::outputs;
use crate::model::OutputHealth;
use crate::model::limits::OUTPUT_CONFIG_BYTES_MAX;

/// What `outputs` accepts.
#[derive(Args, Debug)]
pub(super) struct OutputsArgs {
    #[command(subcommand)]
    pub(super) action: OutputsAction,
}

/// What to do with them.
#[derive(Debug, Subcommand)]
pub(super) enum OutputsAction {
    /// Send one test notice to each, and say what became of it
    #[command(after_help = TEST_EXIT_CODES)]
    Test(TestArgs),
    /// How far each is, and what is wrong with it
    Status(StatusArgs),
}

/// What `outputs test` accepts.
#[derive(Args, Debug)]
pub(super) struct TestArgs {
    #[command(flatten)]
    pub(super) which: WhichArgs,
}

/// What `outputs status` accepts.
#[derive(Args, Debug)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    pub(super) which: WhichArgs,
    /// Directory in which the process that sends keeps how far each output is
    #[arg(long, value_name = "DIR")]
    pub(super) state: PathBuf,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// Which outputs.
#[derive(Args, Debug)]
pub(super) struct WhichArgs {
    /// The configuration with the [[output]] tables; nothing else in it is looked at
    #[arg(long, value_name = "FILE", default_value = CONFIGURATION)]
    pub(super) config: PathBuf,
    /// Only the output of this name
    #[arg(long, value_name = "NAME")]
    pub(super) only: Option<String>,
}

/// Runs the verb.
pub(super) fn run(args: &OutputsArgs) -> Result<Exit, AppError> {
    match &args.action {
        OutputsAction::Test(args) => test(args),
        OutputsAction::Status(args) => status(args),
    }
}

/// Sends to all of them, one after the other; one that fails does not keep the others from being tried.
fn test(args: &TestArgs) -> Result<Exit, AppError> {
    let mut exit = Exit::Done;
    let mut out = io::stdout();
    for (settings, plan) in chosen(&args.which)? {
        for word in settings.check().map_err(wrong)? {
            let _ = writeln!(io::stderr(), "nameplate: {}", term(&word));
        }
        let became = match attempt(&plan) {
            Trial::Delivered => "delivered".to_owned(),
            Trial::Sent => "sent: it arrived as far as this protocol lets a sender know".to_owned(),
            Trial::Failed(cause) => {
                exit = Exit::Failed;
                format!("failed: {cause}")
            }
        };
        let to = plan.target.to_string();
        writeln!(out, "{}  {}  {}", term(&plan.name), term(&to), term(&became))
            .map_err(|source| AppError::Write { what: "standard output".to_owned(), source })?;
    }
    Ok(exit)
}

fn status(args: &StatusArgs) -> Result<Exit, AppError> {
    let wanted = output::wanted(&args.print)?;
    if wanted.iter().any(|output| !matches!(output.format, Format::Table | Format::Ndjson)) {
        return Err(AppError::Usage("outputs status prints table or ndjson".to_owned()));
    }
    let mut all = Vec::new();
    for (_, plan) in chosen(&args.which)? {
        let known = Cursor::load(&args.state, &plan.name)
            .map_err(|error| AppError::NotFound(error.to_string()))?;
        let health = known.map(|cursor| cursor.health).unwrap_or_default();
        all.push(OutputHealth { name: plan.name, to: plan.target.to_string(), ..health });
    }
    for output in &wanted {
        let mut out = output::open(output)?;
        let printed = match output.format {
            Format::Ndjson => outputs::ndjson(&all, &mut out),
            _ => outputs::table(&all, &mut out),
        };
        printed
            .and_then(|()| out.flush())
            .map_err(|source| output::cannot_write(output, source))?;
    }
    Ok(Exit::Done)
}

/// The outputs asked for, all of them sound.
fn chosen(which: &WhichArgs) -> Result<Vec<(OutputSettings, Plan)>, AppError> {
    let origin = which.config.display().to_string();
    let text = text(&which.config)?;
    let mut found = Vec::new();
    for settings in read(&text, &origin).map_err(wrong)? {
        let plan = settings.plan().map_err(wrong)?;
        if which.only.as_ref().is_none_or(|only| *only == plan.name) {
            found.push((settings, plan));
        }
    }
    match (found.is_empty(), &which.only) {
        (false, _) => Ok(found),
        (true, None) => Err(AppError::Usage(format!("{origin} has no [[output]]"))),
        (true, Some(only)) => Err(AppError::Usage(format!("{origin} has no output called {only}"))),
    }
}

fn text(path: &Path) -> Result<String, AppError> {
    let failed = |cause: String| {
        AppError::NotFound(format!("cannot read the configuration {}: {cause}", path.display()))
    };
    let length = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if length > OUTPUT_CONFIG_BYTES_MAX {
        return Err(failed(format!("it has more than {OUTPUT_CONFIG_BYTES_MAX} bytes")));
    }
    std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))
}

fn wrong(error: SettingsError) -> AppError {
    AppError::Usage(error.to_string())
}

/// Where the packages put it.
const CONFIGURATION: &str = "/etc/nameplate/nameplate.toml";

const TEST_EXIT_CODES: &str = "\
Exit codes:
  0  each output took the notice, as far as its protocol tells
  1  an output failed; the others were tried too
  2  wrong usage, or an output is configured wrongly";
