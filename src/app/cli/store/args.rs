//! What `store` accepts.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::app::cli::args::{KnowledgeArgs, PrintArgs};
use crate::app::cli::dates::{age, date, day};
use crate::model::Timestamp;

/// What `store` accepts.
#[derive(Args, Debug)]
pub(in crate::app::cli) struct StoreArgs {
    #[command(subcommand)]
    pub(super) action: StoreAction,
}

/// What can be done with a store as a whole.
#[derive(Debug, Subcommand)]
pub(super) enum StoreAction {
    /// How large it is, what it holds, whether a sensor is at work in it
    Status(StatusArgs),
    /// Check every page and every reference of it, however long that takes
    Check(CheckArgs),
    /// Copy it into one file, while a sensor writes to it or not
    Backup(BackupArgs),
    /// Put a backup in its place; what was there is kept beside it
    Restore(RestoreArgs),
    /// Remove what is too old or too much, as a sensor does by itself; never the inventory, decisions, lists or bundles
    Prune(PruneArgs),
    /// Write the packets that a sensor kept as evidence, with what they prove, as pcapng
    Evidence(EvidenceArgs),
}

/// What `store status` accepts.
#[derive(Args, Debug)]
pub(super) struct StatusArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// What `store check` accepts.
#[derive(Args, Debug)]
#[command(after_help = CHECK_EXIT_CODES)]
pub(super) struct CheckArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
}

/// What `store backup` accepts.
#[derive(Args, Debug)]
pub(super) struct BackupArgs {
    /// The backup; a backup that is there already is replaced
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
}

/// What `store restore` accepts.
#[derive(Args, Debug)]
pub(super) struct RestoreArgs {
    /// The backup
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
}

/// What `store prune` accepts.
#[derive(Args, Debug)]
pub(super) struct PruneArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// Remove evidence and notices older than this, for example 365d, and what was said again before that
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub(super) keep: Option<jiff::SignedDuration>,
    /// Remove, the oldest first, until the store is no larger than this, for example 20GiB or 500MiB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(super) max: Option<u64>,
}

/// What `store evidence` accepts.
#[derive(Args, Debug)]
pub(super) struct EvidenceArgs {
    /// A device, by the start of its identifier, an address, a name; or one frame as SESSION#FRAME; all frames when not given
    #[arg(value_name = "WHAT")]
    pub(super) what: Option<String>,
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// The capture to write, as pcapng; - for standard output
    #[arg(short = 'w', value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Only frames heard since then, for example 2026-03-02 or 2026-03-02T06:00:00Z
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(super) since: Option<Timestamp>,
    /// Only frames heard until then, that day included
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) until: Option<Timestamp>,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
}

/// A size as people write it: whole bytes, or KiB, MiB, GiB, TiB.
pub(in crate::app) fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text} is no size: write 500MiB or 20GiB");
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
    let unit = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()));
    let (_, bytes) = unit.ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(*bytes).filter(|bytes| *bytes > 0).ok_or_else(wrong)
}

const UNITS: &[(&str, u64)] =
    &[("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];

const CHECK_EXIT_CODES: &str = "\
Exit codes:
  0  everything is in order
  1  something is damaged, or the store cannot be read
  2  wrong usage";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(size("500MiB"), Ok(500 << 20));
        assert_eq!(size("20 gib"), Ok(20 << 30));
        assert_eq!(size("4096"), Ok(4_096));
        for wrong in ["", "0", "GiB", "-1", "1.5GiB", "20GB", "99999999999999TiB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
