//! What `db` accepts.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::app::cli::args::{KnowledgeArgs, PrintArgs};
use crate::app::cli::db::fetch::FetchArgs;

/// What `db` accepts.
#[derive(Args, Debug)]
pub(in crate::app::cli) struct DbArgs {
    #[command(subcommand)]
    pub(super) action: DbAction,
}

/// What can be done with bundles.
#[derive(Debug, Subcommand)]
pub(super) enum DbAction {
    /// Fetch advisories from their publishers into a directory: on a machine with a network
    Fetch(FetchArgs),
    /// Make a bundle of advisories and lists: on a machine that has them
    Build(BuildArgs),
    /// Check a bundle: its bytes, who signed it, every document in it
    Verify(VerifyArgs),
    /// Take a bundle into a store, in place of the one before
    Import(ImportArgs),
    /// Which advisories verdicts are given against, and how old they are
    Status(StatusArgs),
    /// The bundles that a store has had, or the documents in one
    List(ListArgs),
    /// Go back to the bundle in use before
    Rollback(RollbackArgs),
    /// Keys that sign bundles
    Key(KeyArgs),
}

/// What `db build` accepts.
#[derive(Args, Debug)]
#[command(after_help = BUILD_EXIT_CODES)]
pub(super) struct BuildArgs {
    /// CSAF documents and lists beside them (KEV as JSON, EPSS, OUI and lifecycle tables as CSV): directories, zip archives as
    /// GitHub makes them, files
    #[arg(value_name = "INPUT", required = true)]
    pub(super) inputs: Vec<PathBuf>,
    /// The bundle
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,
    /// Sign it with the secret key in this file; nameplate db key new makes one
    #[arg(long, value_name = "FILE")]
    pub(super) sign: Option<PathBuf>,
    /// Check .asc files with the OpenPGP keys in this file. Can be given several times
    #[arg(long = "pgp-key", value_name = "FILE")]
    pub(super) pgp_keys: Vec<PathBuf>,
    /// When the knowledge is of, 2026-03-02 or 2026-03-02T10:30:00Z; the date of the newest document when not given
    #[arg(long, value_name = "DATE", value_parser = instant)]
    pub(super) built_at: Option<String>,
    /// Exit with 4 when a file was left out: it cannot be read, or what lies beside it says that it is another
    #[arg(long)]
    pub(super) strict: bool,
}

/// Whose bundles are taken.
#[derive(Args, Debug)]
pub(super) struct TrustArgs {
    /// A public key that is trusted, or a file of them, beside those in /etc/nameplate/trusted. Can be given several times
    #[arg(long = "trust", value_name = "KEY")]
    pub(super) keys: Vec<String>,
    /// Take a bundle that nobody signed
    #[arg(long)]
    pub(super) allow_unsigned: bool,
}

/// What `db verify` accepts.
#[derive(Args, Debug)]
#[command(after_help = VERIFY_EXIT_CODES)]
pub(super) struct VerifyArgs {
    /// The bundle
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) trust: TrustArgs,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// What `db import` accepts.
#[derive(Args, Debug)]
#[command(after_help = IMPORT_EXIT_CODES)]
pub(super) struct ImportArgs {
    /// The bundle
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Directory of the store; made when it is not there
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    #[command(flatten)]
    pub(super) trust: TrustArgs,
    /// Take a bundle although it is older than the one in use
    #[arg(long)]
    pub(super) allow_older: bool,
    /// Who imports it; the user of this session when not given
    #[arg(long, value_name = "NAME")]
    pub(super) by: Option<String>,
}

/// What `db status` accepts.
#[derive(Args, Debug)]
pub(super) struct StatusArgs {
    /// Directory of the store; the advisories of the program when not given
    #[arg(long, value_name = "DIR")]
    pub(super) store: Option<PathBuf>,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// What `db list` accepts.
#[derive(Args, Debug)]
pub(super) struct ListArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// Print the documents in the bundle of this number; without a number, those that verdicts are given against
    #[arg(long, value_name = "NUMBER", num_args = 0..=1)]
    pub(super) documents: Option<Option<u32>>,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// What `db rollback` accepts.
#[derive(Args, Debug)]
pub(super) struct RollbackArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// Go to the bundle of this number instead
    #[arg(long, value_name = "NUMBER")]
    pub(super) to: Option<u32>,
    /// Who goes back; the user of this session when not given
    #[arg(long, value_name = "NAME")]
    pub(super) by: Option<String>,
}

/// What `db key` accepts.
#[derive(Args, Debug)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    pub(super) action: KeyAction,
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeyAction {
    /// Make a pair of keys: the secret one in FILE, the public one in FILE.pub
    New(NewArgs),
}

/// What `db key new` accepts.
#[derive(Args, Debug)]
pub(super) struct NewArgs {
    /// Where the secret key goes; a file that is there stays
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
}

pub(super) fn instant(text: &str) -> Result<String, String> {
    let at = crate::advisory::instant(text);
    at.map(|at| at.to_string())
        .ok_or_else(|| format!("{text} is no date: write 2026-03-02 or 2026-03-02T10:30:00Z"))
}

const BUILD_EXIT_CODES: &str = "\
Exit codes:
  0  done; files that were left out are named
  1  failed: the bundle cannot be written
  2  wrong usage
  4  a file was left out, and --strict was given
  5  nothing was built: an input cannot be read, or holds nothing that could be used";

const VERIFY_EXIT_CODES: &str = "\
Exit codes:
  0  the bundle is whole, a key that is trusted signed it, and every part of it can be read
  2  wrong usage
  5  it is not; the reason is named";

const IMPORT_EXIT_CODES: &str = "\
Exit codes:
  0  done; parts that cannot be read are named
  1  failed: the store is damaged, or cannot be written
  2  wrong usage
  5  the bundle is damaged, not trusted, or older than the one in use; nothing was imported";
