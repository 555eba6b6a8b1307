//! `nameplate assets list` and `nameplate findings list`: what a store holds, judged with what is known now.

use crate::app::cli::args::ListArgs;
use crate::app::cli::{complain, output};
use crate::app::scan;
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

/// The verb without the word `list`.
pub(super) fn in_short(
    args: Option<ListArgs>,
    verb: &str,
    run: fn(&ListArgs) -> Result<Exit, AppError>,
) -> Result<Exit, AppError> {
    let usage = || AppError::Usage(format!("name the store: nameplate {verb} list --store DIR"));
    run(&args.ok_or_else(usage)?)
}

fn list(args: &ListArgs, show: Show) -> Result<Exit, AppError> {
    let outputs = output::wanted_of_all(&args.print)?;
    let lens = args.view.lens()?;
    let lens = if show.findings() { lens } else { lens.for_devices_only()? };
    let sources = args.view.zones.around(&lens.zones, &args.knowledge);
    let known = scan::from_store(&args.store, &sources)?;
    let view = lens.view(&known);
    let report = Report { show, ..view.report(&known, &lens.zones) };
    output::print(&report, &outputs, &args.print)?;
    output::documents(&known, &report, &outputs)?;
    known.run.handbook.notes.iter().for_each(|note| complain(&format!("nameplate: {note}")));
    Ok(Exit::Done)
}
