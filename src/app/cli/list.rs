//! `nameplate assets` and `nameplate findings`: what a store holds, judged with what is known now.

use crate::app::cli::args::{ListAction, ListArgs};
use crate::app::cli::output;
use crate::app::scan::{self, Scanned};
use crate::app::{AppError, Exit};
use crate::export::{Report, Show};

/// Prints the devices.
pub(super) fn assets(args: &ListArgs) -> Result<Exit, AppError> {
    list(args, Show::Assets)
}

/// Prints the verdicts.
pub(super) fn findings(args: &ListArgs) -> Result<Exit, AppError> {
    list(args, Show::Findings)
}

fn list(args: &ListArgs, show: Show) -> Result<Exit, AppError> {
    let ListAction::List = args.action;
    let outputs = output::wanted(&args.print)?;
    let Scanned { run, assets, findings, .. } =
        &scan::from_store(&args.store, &args.knowledge.sources())?;
    output::print(&Report { run, assets, findings, show }, &outputs, &args.print)?;
    Ok(Exit::Done)
}
