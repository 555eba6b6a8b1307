//! `nameplate assets` and `nameplate findings`: what a store holds, judged with what is known now.

use crate::app::cli::args::{ListAction, ListArgs};
use crate::app::cli::output;
use crate::app::{AppError, Exit, scan};
use crate::export::Report;

/// Prints the devices.
pub(super) fn assets(args: &ListArgs) -> Result<Exit, AppError> {
    list(args, true)
}

/// Prints the verdicts.
pub(super) fn findings(args: &ListArgs) -> Result<Exit, AppError> {
    list(args, false)
}

fn list(args: &ListArgs, assets: bool) -> Result<Exit, AppError> {
    let ListAction::List = args.action;
    let outputs = output::wanted(&args.print)?;
    let known = scan::from_store(&args.store, &args.knowledge.sources())?;
    let report = Report {
        run: &known.run,
        assets: &known.assets,
        findings: if assets { &[] } else { &known.findings },
    };
    output::print(&report, &outputs, &args.print)?;
    Ok(Exit::Done)
}
