//! `nameplate assets merge`, `split`, `set`, `undo` and `decisions`: what people decide about devices.

use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::app::cli::args::{Format, Output, PrintArgs};
use crate::app::cli::people::{DecisionsArgs, MergeArgs, SetArgs, SplitArgs, UndoArgs};
use crate::app::cli::treat::Reasons;
use crate::app::cli::{complain, output};
use crate::app::decide::{self, Statement};
use crate::app::knowledge;
use crate::app::scan::{self, Scanned};
use crate::app::{AppError, Exit};
use crate::export::{decisions, json};
use crate::fingerprint::Vocabulary;
use crate::model::limits::DECISION_TEXT_BYTES_MAX;
use crate::model::{Deed, Entry, Fate, Timestamp};
use crate::store::Store;

/// Runs `assets merge`.
pub(super) fn merge(args: &MergeArgs) -> Result<Exit, AppError> {
    carry_out(&args.decide, |known, _| decide::merge(known, &args.whats))
}

/// Runs `assets split`.
pub(super) fn split(args: &SplitArgs) -> Result<Exit, AppError> {
    carry_out(&args.decide, |known, _| decide::split(known, &args.what, &args.addresses))
}

/// Runs `assets set`.
pub(super) fn set(args: &SetArgs) -> Result<Exit, AppError> {
    let SetArgs { what, said, as_is, .. } = args;
    let statement = Statement { what, module: args.module.as_deref(), said, as_is: *as_is };
    carry_out(&args.decide, |known, words| decide::set(known, &statement, words))
}

/// Runs `assets undo`.
pub(super) fn undo(args: &UndoArgs) -> Result<Exit, AppError> {
    carry_out(&args.decide, |known, _| decide::undo(&known.run.decisions, &args.numbers))
}

/// Runs `assets decisions`.
pub(super) fn list(args: &DecisionsArgs) -> Result<Exit, AppError> {
    let outputs = wanted(&args.print)?;
    let (book, passed_over) = Store::open(&args.store)?.decisions()?;
    if passed_over > 0 {
        complain(&format!(
            "nameplate: {passed_over} decisions were made with a later version, and cannot be read by this one"
        ));
    }
    print(&book.lines().collect::<Vec<_>>(), &outputs, &args.print)?;
    Ok(Exit::Done)
}

/// Finds out what is to be kept, keeps it, brings the store up to date, and prints what was kept.
fn carry_out(
    args: &Reasons,
    decide: impl FnOnce(&Scanned, &Vocabulary) -> Result<Vec<Deed>, AppError>,
) -> Result<Exit, AppError> {
    let outputs = wanted(&args.print)?;
    let by = who(args.by.as_deref())?;
    let why = reason(&args.why, "--why")?;
    if why.is_empty() {
        return Err(AppError::Usage("--why is empty: say why, for those who ask later".to_owned()));
    }
    let sources = args.knowledge.sources();
    let known = scan::from_store(&args.store, &sources)?;
    let signatures = knowledge::signatures(&sources)?;
    let deeds = decide(&known, signatures.vocabulary())?;
    if deeds.is_empty() {
        complain("nameplate: that is decided already; nothing changes");
        return Ok(Exit::Done);
    }
    let mut store = Store::open(&args.store)?;
    let numbers: BTreeSet<u64> =
        store.decide(&known.run.sites, &deeds, &by, &why, now())?.into_iter().collect();
    let after = scan::refreshed(&mut store, &sources)?;
    let own = after.run.decisions.lines().filter(|(entry, _)| numbers.contains(&entry.number));
    print(&own.collect::<Vec<_>>(), &outputs, &args.print)?;
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    complain(&format!("to take it back: nameplate assets undo {}", numbers.join(" ")));
    Ok(Exit::Done)
}

/// Who is at the keyboard, unless told.
pub(super) fn who(told: Option<&str>) -> Result<String, AppError> {
    let session =
        || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let who = told.map(str::to_owned).or_else(session).unwrap_or_default();
    let who = reason(&who, "--by")?;
    if who.is_empty() {
        return Err(AppError::Usage(
            "this session does not tell who you are: say it with --by NAME".to_owned(),
        ));
    }
    Ok(who)
}

/// A text that is kept for later, of a length that can be kept.
pub(super) fn reason(text: &str, option: &str) -> Result<String, AppError> {
    let text = text.trim();
    if text.len() > DECISION_TEXT_BYTES_MAX {
        return Err(AppError::Usage(format!(
            "{option} takes at most {DECISION_TEXT_BYTES_MAX} bytes"
        )));
    }
    Ok(text.to_owned())
}

/// The time of the clock on the wall.
pub(super) fn now() -> Timestamp {
    let now = jiff::Timestamp::now().as_nanosecond();
    Timestamp(i64::try_from(now).unwrap_or(i64::MAX))
}

fn wanted(args: &PrintArgs) -> Result<Vec<Output>, AppError> {
    let outputs = output::wanted(args)?;
    if outputs.iter().any(|output| output.format == Format::Facts) {
        let hint = "decisions are printed as table, ndjson, json or csv; -o facts is for scan";
        return Err(AppError::Usage(hint.to_owned()));
    }
    Ok(outputs)
}

fn print(lines: &[(&Entry, Fate)], outputs: &[Output], args: &PrintArgs) -> Result<(), AppError> {
    for output in outputs {
        let mut out = output::open(output)?;
        let printed: io::Result<()> = match output.format {
            Format::Ndjson => json::decisions_ndjson(lines, &mut out),
            Format::Json => json::decisions_json(lines, &mut out),
            Format::Csv => decisions::csv(lines, &mut out),
            Format::Table | Format::Facts | Format::Document(_) => {
                decisions::table(lines, &output::style(args, output), &mut out)
            }
        };
        let written = printed.and_then(|()| out.flush());
        written.map_err(|source| output::cannot_write(output, source))?;
    }
    Ok(())
}
