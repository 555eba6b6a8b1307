//! `nameplate assets import`: a list of devices into a store.

use std::io::{self, Write};

use crate::app::cli::complain;
use crate::app::cli::decide::{now, reason, who};
use crate::app::cli::people::ImportArgs;
use crate::app::import::{self, Imported, Request};
use crate::app::{AppError, Exit};
use crate::export::escape::term;
use crate::export::table::plural;

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
    };
    let name = args.list.display().to_string();
    let result = match import::import(&request)? {
        Imported::Before(before) => {
            let day = before.at.to_string();
            let day = day.get(..10).unwrap_or_default();
            format!("{name} was imported on {day} by {}; nothing changes", before.by)
        }
        Imported::Now(taken) => {
            taken
                .complaints
                .iter()
                .for_each(|line| complain(&format!("nameplate: {name}: {line}")));
            let sheet = taken.sheet.map(|sheet| format!(", sheet {sheet}")).unwrap_or_default();
            let devices = plural(taken.devices, "device");
            let refused = match taken.refused {
                0 => String::new(),
                one @ 1 => format!("; {one} row not taken"),
                several => format!("; {several} rows not taken"),
            };
            format!("{devices} from {name}{sheet}{refused}")
        }
    };
    let mut out = io::stdout();
    writeln!(out, "{}", term(&result))
        .and_then(|()| out.flush())
        .map_err(|source| AppError::Write { what: "standard output".to_owned(), source })?;
    Ok(Exit::Done)
}
