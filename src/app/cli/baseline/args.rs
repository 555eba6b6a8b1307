//! What `baseline` accepts.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use crate::app::cli::args::{KnowledgeArgs, PrintArgs};
use crate::app::config;

/// What `baseline` accepts.
#[derive(Args, Debug)]
pub(in crate::app::cli) struct BaselineArgs {
    #[command(subcommand)]
    pub(super) action: BaselineAction,
}

/// What can be done with baselines.
#[derive(Debug, Subcommand)]
pub(super) enum BaselineAction {
    /// Keep what the store holds now: its devices, their versions, who talks to whom
    Take(TakeArgs),
    /// Print the baselines of a store; the one taken last is the reference
    List(ListArgs),
    /// Print what a baseline holds
    Show(ShowArgs),
    /// Print what became different since a baseline was taken
    Compare(CompareArgs),
    /// Make what is there now the reference, and tell how much of it is accepted
    Accept(AcceptArgs),
    /// Remove a baseline; the one before it is the reference then
    Remove(NamedArgs),
}

/// What is said of a baseline.
#[derive(Args, Debug)]
pub(super) struct SayArgs {
    /// What else there is to say of it
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
    /// Who takes it; the user of this session when not given
    #[arg(long, alias = "who", value_name = "NAME")]
    pub(super) by: Option<String>,
}

/// What `baseline take` accepts.
#[derive(Args, Debug)]
pub(super) struct TakeArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// What to call it; the time when not given
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    #[command(flatten)]
    pub(super) say: SayArgs,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// What `baseline list` accepts.
#[derive(Args, Debug)]
pub(super) struct ListArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// What `baseline show` accepts.
#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// A baseline, by its name; the reference when not given
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// What `baseline compare` accepts.
#[derive(Args, Debug)]
#[command(after_help = COMPARE_EXIT_CODES)]
pub(super) struct CompareArgs {
    /// A baseline, by its name; the reference when not given
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// What was not heard for longer than this since the baseline is not seen, for example 1h or 7d
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = time)]
    pub(super) absent_after: Duration,
    /// Exit with 3 when something differs
    #[arg(long)]
    pub(super) exit_code: bool,
    /// Exit with 3 when one of these differs (comma separated)
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(super) fail_on: Vec<FailOn>,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// What `baseline accept` accepts.
#[derive(Args, Debug)]
pub(super) struct AcceptArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// What to call the new reference; the time when not given
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    #[command(flatten)]
    pub(super) say: SayArgs,
    /// As for compare: what counts as not seen when the differences are counted
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = time)]
    pub(super) absent_after: Duration,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// What `baseline remove` accepts.
#[derive(Args, Debug)]
pub(super) struct NamedArgs {
    /// A baseline, by its name
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
}

/// What `--fail-on` looks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum FailOn {
    /// Whatever differs
    Any,
    /// A device or a module that is new, or took the place of another
    New,
    /// A device or a module that is not seen any more
    Absent,
    /// Another firmware version or operating system build
    Version,
    /// Another mode of a controller
    Mode,
    /// Two that talk and did not before
    Conversation,
}

fn time(text: &str) -> Result<Duration, String> {
    let duration = config::duration(text)?;
    Duration::try_from(duration).map_err(|_| format!("{text} is not a time that can go by"))
}

const COMPARE_EXIT_CODES: &str = "\
Exit codes:
  0  done, whether or not something differs
  1  failed: there is no such baseline, the store is damaged
  2  wrong usage
  3  --exit-code or --fail-on met; the result is printed in full
  5  advisories missing or unreadable";
