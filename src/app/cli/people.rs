//! What the verbs accept by which people decide about devices, and bring in what they know of them.

use std::path::PathBuf;

use clap::Args;

use crate::app::cli::args::{KnowledgeArgs, PrintArgs};
use crate::app::cli::day;
use crate::app::cli::treat::Reasons;
use crate::model::Timestamp;

/// What `assets merge` accepts.
#[derive(Args, Debug)]
pub(super) struct MergeArgs {
    /// Two devices or more, each by the start of its identifier, an IP or MAC address, a name
    #[arg(value_name = "WHAT", required = true, num_args = 2..)]
    pub(super) whats: Vec<String>,
    #[command(flatten)]
    pub(super) decide: Reasons,
}

/// What `assets split` accepts.
#[derive(Args, Debug)]
pub(super) struct SplitArgs {
    /// A device, by the start of its identifier, an IP or MAC address, a name
    #[arg(value_name = "WHAT")]
    pub(super) what: String,
    /// The addresses that are another device's: 10.0.0.2, or '10.0.0.2 vlan 31' for one VLAN only
    #[arg(value_name = "ADDRESS", required = true)]
    pub(super) addresses: Vec<String>,
    #[command(flatten)]
    pub(super) decide: Reasons,
}

/// What `assets set` accepts.
#[derive(Args, Debug)]
#[command(after_help = STATED_FIELDS)]
pub(super) struct SetArgs {
    /// A device, by the start of its identifier, an IP or MAC address, a name
    #[arg(value_name = "WHAT")]
    pub(super) what: String,
    /// What it is; nothing behind the = takes back what was stated before
    #[arg(value_name = "FIELD=VALUE", required = true)]
    pub(super) said: Vec<String>,
    /// A part of the device, as assets show prints it: 'slot 3', 'unit 7'
    #[arg(long, value_name = "PATH")]
    pub(super) module: Option<String>,
    /// Take a vendor that the vocabulary does not know as it is spelled
    #[arg(long)]
    pub(super) as_is: bool,
    #[command(flatten)]
    pub(super) decide: Reasons,
}

/// What `assets undo` accepts.
#[derive(Args, Debug)]
pub(super) struct UndoArgs {
    /// Numbers of decisions, as assets decisions prints them
    #[arg(value_name = "NUMBER", required = true)]
    pub(super) numbers: Vec<u64>,
    #[command(flatten)]
    pub(super) decide: Reasons,
}

/// What `assets decisions` accepts.
#[derive(Args, Debug)]
pub(super) struct DecisionsArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// What `assets import` accepts.
#[derive(Args, Debug)]
#[command(after_help = IMPORT_EXIT_CODES)]
pub(super) struct ImportArgs {
    /// The list: CSV, or a workbook of Excel (.xlsx); its first row names the columns. What nameplate export xlsx or csv wrote, too,
    /// after somebody edited it: of that only what was changed is taken
    #[arg(value_name = "FILE")]
    pub(super) list: PathBuf,
    /// Directory of the store; made when it is not there
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// Where the list comes from, for those who ask later
    #[arg(long, value_name = "TEXT")]
    pub(super) why: Option<String>,
    /// Who imports it; the user of this session when not given
    #[arg(long, value_name = "NAME")]
    pub(super) by: Option<String>,
    /// When the list was true, 2026-03-02 or 2026-03-02T10:30:00Z; now when not given
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(super) as_of: Option<Timestamp>,
    /// The sheet of a workbook; the first with names of columns when not given
    #[arg(long, value_name = "NAME")]
    pub(super) sheet: Option<String>,
    /// Write nothing, and print what would be different
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
}

const STATED_FIELDS: &str = "\
Fields:
  vendor, product, model, order_number, series, serial, firmware, hardware, os, os_build, name, domain, kind, role";

const IMPORT_EXIT_CODES: &str = "\
Exit codes:
  0  done; rows that could not be taken are named
  1  failed: the file cannot be read, or none of its rows can be taken
  2  wrong usage";
