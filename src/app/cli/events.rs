//! `nameplate events`: what a sensor told, and what it tells now.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use crate::alert::{Browse, Choice};
use crate::app::notices::StoreNotices;
use crate::app::{AppError, Exit};
use crate::export::{json, notices};
use crate::model::{Notice, Timestamp};

/// What `events` accepts.
#[derive(Args, Debug)]
pub(super) struct EventsArgs {
    #[command(subcommand)]
    action: EventsAction,
}

/// What to do with them.
#[derive(Debug, Subcommand)]
enum EventsAction {
    /// Those that the store keeps, the oldest first
    List(WhichArgs),
    /// The same, and then those that come, until it is stopped
    Follow(WhichArgs),
}

/// Which of them, and how to print them.
#[derive(Args, Debug)]
struct WhichArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// Only these topics: change, finding, sensor (comma separated)
    #[arg(long, value_name = "TOPIC", value_delimiter = ',')]
    what: Option<Vec<String>>,
    /// Only these kinds, for example program_download (comma separated)
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    kinds: Option<Vec<String>>,
    /// Only what matters so much or more: critical, error, warning, notice, informational
    #[arg(long, value_name = "SEVERITY")]
    min_severity: Option<String>,
    /// Only what happened since then, for example 2026-03-02 or 2026-03-02T06:00:00Z
    #[arg(long, value_name = "DATE", value_parser = crate::app::cli::date)]
    since: Option<Timestamp>,
    /// How to print them
    #[arg(short, long = "output", value_name = "FMT", default_value = "table")]
    output: Form,
}

/// How to print them.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Form {
    /// A line each, for people
    Table,
    /// nameplate.notice/1
    Ndjson,
}

/// Runs the verb.
pub(super) fn run(args: &EventsArgs) -> Result<Exit, AppError> {
    let (which, follows) = match &args.action {
        EventsAction::List(which) => (which, false),
        EventsAction::Follow(which) => (which, true),
    };
    let wrong = |(name, why): (&str, String)| {
        AppError::Usage(format!("--{}: {why}", name.replace('_', "-")))
    };
    let (what, kinds) = (which.what.as_deref(), which.kinds.as_deref());
    let choice = Choice::read(what, which.min_severity.as_deref(), kinds).map_err(wrong)?;
    let mut browse = Browse::new(choice, which.since);
    let mut store = StoreNotices::open(&which.store)?;
    loop {
        let more =
            browse.more(&mut store).map_err(|error| AppError::NotFound(error.to_string()))?;
        match more {
            Some(notices) => print(&notices, which.output)?,
            None if follows => std::thread::sleep(LOOK_AGAIN),
            None => return Ok(Exit::Done),
        }
    }
}

fn print(notices: &[Notice], form: Form) -> Result<(), AppError> {
    let mut out = io::stdout().lock();
    let mut lines = notices.iter().map(|notice| match form {
        Form::Table => notices::line(notice, &mut out),
        Form::Ndjson => json::notice(notice, false, &mut out),
    });
    let printed = lines.try_for_each(|line| line);
    printed
        .and_then(|()| out.flush())
        .map_err(|source| AppError::Write { what: "standard output".to_owned(), source })
}

/// How often it looks for more.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
