//! `nameplate assets import`: a list of devices into a store.

use std::io::{self, Write};

use crate::app::cli::complain;
use crate::app::cli::decide::{now, reason, who};
use crate::app::cli::people::ImportArgs;
use crate::app::import::{self, Imported, Request, Taken};
use crate::app::{AppError, Exit};
use crate::compare;
use crate::export::diff::{self, Diff};
use crate::export::escape::term;
use crate::export::table::{Style, plural};

/// Runs the verb.
pub(super) fn run(args: &ImportArgs) -> Result<Exit, AppError> {
    let now = now();
    let as_of = args.as_of.unwrap_or(now);
    if as_of > now {
        let hint = "--as-of lies in the future: what a list says then would stand against all that is seen until then";
        return Err(AppError::Usage(hint.to_owned()));
    }
    let request = Request {
        list: args.list.clone(),
        store: args.store.clone(),
        sheet: args.sheet.clone(),
        by: who(args.by.as_deref())?,
        why: reason(args.why.as_deref().unwrap_or_default(), "--why")?,
        now,
        as_of,
        sources: args.knowledge.sources(),
        dry_run: args.dry_run,
    };
    let outcome = import::import(&request)?;
    let failed = |source| AppError::Write { what: "standard output".to_owned(), source };
    let mut out = io::stdout();
    if let Some([before, after]) = &outcome.preview {
        let differences = compare::compare(&before.snapshot, &after.snapshot);
        let diff = Diff { before: &before.look, after: &after.look, differences: &differences };
        diff::table(&diff, &Style::default(), &mut out).map_err(failed)?;
        writeln!(out).map_err(failed)?;
    }
    for (name, imported) in &outcome.lists {
        let line = match imported {
            Imported::Before(before) => {
                let day = before.at.to_string();
                let day = day.get(..10).unwrap_or_default();
                format!("{name} was imported on {day} by {}; nothing changes", before.by)
            }
            Imported::Nothing(taken) => {
                complain_about(name, taken);
                format!("nothing new in {name}{}", rest(taken))
            }
            Imported::Now(taken) => {
                complain_about(name, taken);
                let sheet = taken.sheet.as_ref().map(|sheet| format!(", sheet {sheet}"));
                let sheet = sheet.unwrap_or_default();
                format!("{} from {name}{sheet}{}", plural(taken.devices, "device"), rest(taken))
            }
        };
        writeln!(out, "{}", term(&line)).map_err(failed)?;
    }
    if args.dry_run {
        writeln!(out, "nothing was written: leave --dry-run out to import").map_err(failed)?;
    }
    out.flush().map_err(failed)?;
    Ok(Exit::Done)
}

fn complain_about(name: &str, taken: &Taken) {
    taken.complaints.iter().for_each(|line| complain(&format!("nameplate: {name}: {line}")));
}

/// Rows of which nothing was taken.
fn rest(taken: &Taken) -> String {
    let rows = |count: u64, what: &str| match count {
        0 => String::new(),
        1 => format!("; 1 row {what}"),
        several => format!("; {several} rows {what}"),
    };
    format!("{}{}", rows(taken.unchanged, "without news"), rows(taken.refused, "not taken"))
}
