//! `nameplate diff`: what became different.

use std::io::{self, Write};
use std::path::Path;

use crate::app::cli::args::{DiffArgs, Format};
use crate::app::cli::scan::interruptible;
use crate::app::cli::{complain, output};
use crate::app::diff::{self, Looked, Source};
use crate::app::knowledge::Sources;
use crate::app::scan::{self, Request};
use crate::app::select::Lens;
use crate::app::{AppError, Exit, reports, zones};
use crate::compare;
use crate::export::diff::Diff;
use crate::export::json;

/// Runs the verb.
pub(super) fn run(args: &DiffArgs) -> Result<Exit, AppError> {
    let outputs = output::wanted(&args.print)?;
    if outputs.iter().any(|output| matches!(output.format, Format::Facts | Format::Csv)) {
        let hint = "diff prints table, ndjson or json; -o csv and -o facts are for scan";
        return Err(AppError::Usage(hint.to_owned()));
    }
    let zones = args.zones.zones.as_deref().map(zones::read).transpose()?;
    let mut looks = looks(args)?;
    if let Some(zones) = &zones {
        looks.iter_mut().for_each(|look| look.put_into(zones));
    }
    let [before, after] = looks;
    let differences = compare::compare(&before.snapshot, &after.snapshot);
    let diff = Diff { before: &before.look, after: &after.look, differences: &differences };
    for output in &outputs {
        let mut out = output::open(output)?;
        let printed: io::Result<()> = match output.format {
            Format::Ndjson => json::diff_ndjson(&diff, &mut out),
            Format::Json => json::diff_json(&diff, &mut out),
            Format::Table | Format::Facts | Format::Csv | Format::Html => {
                crate::export::diff::table(&diff, &output::style(&args.print, output), &mut out)
            }
        };
        printed
            .and_then(|()| out.flush())
            .map_err(|source| output::cannot_write(output, source))?;
    }
    Ok(if args.exit_code && !differences.is_empty() { Exit::Threshold } else { Exit::Done })
}

fn looks(args: &DiffArgs) -> Result<[Looked; 2], AppError> {
    let sources = sources(args)?;
    match (&args.store, &args.before, &args.after) {
        (Some(store), ..) => {
            let looks = diff::at_two_dates(store, [args.from, args.to], &sources)?;
            for look in looks.iter().map(|looked| &looked.look).filter(|look| look.assets == 0) {
                let until = look.until.as_deref().unwrap_or("any time");
                complain(&format!("nameplate: the store holds nothing until {until}"));
            }
            Ok(looks)
        }
        (None, Some(before), Some(after)) => Ok([look(before, args)?, look(after, args)?]),
        (None, ..) => {
            let hint = "name what to compare: nameplate diff A B, or --store DIR --from DATE";
            Err(AppError::Usage(hint.to_owned()))
        }
    }
}

/// With the zones of the plant, which priorities depend on.
fn sources(args: &DiffArgs) -> Result<Sources, AppError> {
    let lens = Lens::new(args.zones.zones.as_deref(), None)?;
    Ok(args.zones.around(&lens.zones, &args.knowledge))
}

fn look(path: &Path, args: &DiffArgs) -> Result<Looked, AppError> {
    let sources = sources(args)?;
    match diff::source(path) {
        Source::Report => Ok(reports::read(path)?),
        Source::Store => Ok(diff::of_scanned(path, "store", &scan::from_store(path, &sources)?)),
        Source::Captures => {
            let request = Request { inputs: vec![path.to_owned()], sources, ..Request::default() };
            let scanned = interruptible(request, None)?;
            let run = &scanned.run;
            if !run.failed.is_empty() || run.stopped {
                let failed = run.failed.clone();
                return Err(AppError::Unread { what: path.display().to_string(), failed });
            }
            for capture in &run.captures {
                if let Some(why) = &capture.incomplete {
                    complain(&format!("nameplate: {}: incomplete: {why}", capture.name));
                }
            }
            Ok(diff::of_scanned(path, "captures", &scanned))
        }
    }
}
