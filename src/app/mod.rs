//! Wiring: command line, threads, and what is read from where.

mod baseline;
mod cli;
pub mod config;
mod db;
mod evidence;
mod decide;
mod diff;
mod documents;
mod doctor;
mod explain;
mod import;
mod intake;
mod keep;
mod knowledge;
mod line;
mod lint;
mod monitor;
mod notices;
mod logging;
mod recheck;
mod redact;
mod report;
mod reports;
pub mod rights;
mod scan;
mod scores;
mod select;
pub mod service;
mod serve;
mod shelf;
mod sites;
mod treat;
mod vex;
mod weigh;
mod zones;

use std::process::ExitCode;

use crate::app::reports::ReportError;
use crate::bundle::fetch::FetchError;
use crate::capture::CaptureError;
use crate::store::StoreError;

use config::ConfigError;
use redact::RedactError;
use serve::ServeError;
use treat::WrittenError;
use vex::VexError;
use zones::ZonesError;

/// Runs the program on the arguments of the process.
pub fn main() -> ExitCode {
    cli::main()
}

/// How the program ends. The numbers are a contract with scripts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Exit {
    /// Done, findings or not.
    Done = 0,
    /// Failed: something could not be read or written.
    Failed = 1,
    /// Wrong usage.
    Usage = 2,
    /// A threshold of `--fail-on` was met, or `--exit-code` found differences; the result was printed in full.
    Threshold = 3,
    /// An input was incomplete, and `--strict` was given.
    Incomplete = 4,
    /// The advisories are missing, unreadable or too old.
    Bundle = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0_u8,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Threshold => 3,
            Exit::Incomplete => 4,
            Exit::Bundle => 5,
        })
    }
}

/// Why the program could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
enum AppError {
    /// A capture, or all of them.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A report that was printed before.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Captures of which only some could be read: what is missing would look as if it were gone.
    #[error("cannot compare {what}, because not all of it could be read:\n{}", .failed.join("\n"))]
    Unread {
        /// The input.
        what: String,
        /// Why, one line each.
        failed: Vec<String>,
    },
    /// The signatures that a user brought, one line for each mistake.
    #[error("{}", .0.join("\n"))]
    Signatures(Vec<String>),
    /// The advisories.
    #[error("{0}")]
    Bundle(String),
    /// The zones that a user brought.
    #[error(transparent)]
    Zones(#[from] ZonesError),
    /// Pseudonyms that cannot be made.
    #[error(transparent)]
    Redact(#[from] RedactError),
    /// A VEX document that cannot be made, or replaced.
    #[error(transparent)]
    Vex(#[from] VexError),
    /// The decisions, or the mapping of a patch list, that a user brought.
    #[error(transparent)]
    Written(#[from] WrittenError),
    /// The directory that is fetched into.
    #[error(transparent)]
    Fetch(FetchError),
    /// The configuration: the file, the environment, or options that stand for its keys.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Writing a result.
    #[error("cannot write {what}: {source}; name a place that you may write to")]
    Write {
        /// Where to.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something asked about that nothing is known of.
    #[error("{0}")]
    NotFound(String),
    /// What cannot be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Arguments that do not go together.
    #[error("{0}")]
    Usage(String),
    /// A thread of the program died.
    #[error("the scan stopped on an error of its own: {0}; please report it")]
    Internal(String),
}

impl AppError {
    fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Zones(ZonesError::Wrong { .. }) => Exit::Usage,
            Self::Config(ConfigError::Wrong(_)) => Exit::Usage,
            Self::Vex(error) if error.is_usage() => Exit::Usage,
            Self::Written(WrittenError::Wrong { .. }) => Exit::Usage,
            Self::Serve(error) if error.is_usage() => Exit::Usage,
            Self::Bundle(_) => Exit::Bundle,
            _ => Exit::Failed,
        }
    }
}
