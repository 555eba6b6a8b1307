//! `nameplate store`: look after a store.

mod args;

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::app::cli::args::{Format, Output};
use crate::app::cli::decide::now;
use crate::app::cli::{complain, output};
use crate::app::keep::{self, Status, Wanted};
use crate::app::{AppError, Exit};
use crate::export::escape::term;
use crate::export::rows::Rows;
use crate::export::table::plural;
use crate::store::Rows as Held;

pub(super) use args::StoreArgs;
use args::{BackupArgs, CheckArgs, EvidenceArgs, PruneArgs, RestoreArgs, StatusArgs, StoreAction};

/// Runs the verb.
pub(super) fn run(args: &StoreArgs) -> Result<Exit, AppError> {
    match &args.action {
        StoreAction::Status(args) => status(args),
        StoreAction::Check(args) => check(args),
        StoreAction::Backup(args) => backup(args),
        StoreAction::Restore(args) => restore(args),
        StoreAction::Prune(args) => prune(args),
        StoreAction::Evidence(args) => evidence(args),
    }
}

fn status(args: &StatusArgs) -> Result<Exit, AppError> {
    let outputs = output::wanted(&args.print)?;
    if outputs.iter().any(|output| output.format == Format::Facts) {
        let hint =
            "the state of a store is printed as table, ndjson, json or csv; -o facts is for scan";
        return Err(AppError::Usage(hint.to_owned()));
    }
    let status = keep::status(&args.store)?;
    let rows = Rows { names: COLUMNS, schema: "nameplate.store/1", rows: vec![row(&status)] };
    for output in &outputs {
        let mut out = output::open(output)?;
        let printed: io::Result<()> = match output.format {
            Format::Ndjson => rows.ndjson(&mut out),
            Format::Json => rows.json(&mut out),
            Format::Csv => rows.csv(&mut out),
            Format::Table | Format::Facts | Format::Document(_) => page(&status, &mut out),
        };
        printed
            .and_then(|()| out.flush())
            .map_err(|source| output::cannot_write(output, source))?;
    }
    Ok(Exit::Done)
}

fn row(status: &Status) -> Vec<Value> {
    let Status { dir, in_use, space, rows, last_notice, heard, aside } = status;
    let at = |of: fn(&(crate::model::Timestamp, crate::model::Timestamp)) -> String| {
        json!(heard.as_ref().map(of))
    };
    vec![
        json!(dir.display().to_string()),
        json!(in_use),
        json!(space.file.saturating_add(space.log)),
        json!(space.file),
        json!(space.log),
        json!(space.unused),
        json!(space.reserve),
        json!(space.free),
        json!(rows.assets),
        json!(rows.observations),
        json!(rows.frames),
        json!(rows.notices),
        json!(rows.conversations),
        json!(rows.files),
        json!(rows.sessions),
        json!(last_notice),
        at(|(first, _)| first.to_string()),
        at(|(_, last)| last.to_string()),
        json!(aside),
    ]
}

fn page(status: &Status, out: &mut impl Write) -> io::Result<()> {
    let Status { dir, in_use, space, rows, heard, aside, .. } = status;
    let at_work = if *in_use { "a sensor is at work in it" } else { "no sensor is at work in it" };
    writeln!(out, "store          {}: {at_work}", term(&dir.display().to_string()))?;
    writeln!(
        out,
        "on disk        {}, of them {} unused and {} of changes beside the file; {} free",
        size(space.file.saturating_add(space.log)),
        size(space.unused),
        size(space.log),
        size(space.free)
    )?;
    match space.reserve {
        0 => writeln!(out, "reserve        none")?,
        bytes => {
            writeln!(out, "reserve        {} for the day on which the disk is full", size(bytes))?
        }
    }
    if let Some((first, last)) = heard {
        writeln!(out, "heard          {} to {}", first.to_the_second(), last.to_the_second())?;
    }
    writeln!(
        out,
        "inventory      {}, {}",
        of(rows.assets, "device"),
        of(rows.observations, "fact")
    )?;
    writeln!(
        out,
        "read from      {}, {} of a sensor",
        of(rows.files, "file"),
        of(rows.sessions, "session")
    )?;
    writeln!(
        out,
        "kept beside    {} as evidence, {}, {} of conversations",
        of(rows.frames, "frame"),
        of(rows.notices, "notice"),
        of(rows.conversations, "row")
    )?;
    for name in aside {
        writeln!(out, "set aside      {}", term(name))?;
    }
    Ok(())
}

fn check(args: &CheckArgs) -> Result<Exit, AppError> {
    let (wrong, rows) = keep::check(&args.store)?;
    let dir = args.store.display();
    if wrong.is_empty() {
        let Held { assets, observations, .. } = rows;
        return print(&[format!(
            "{dir}: every page and every reference is in order: {}, {}",
            of(assets, "device"),
            of(observations, "fact")
        )]);
    }
    wrong.iter().for_each(|line| complain(&format!("nameplate: {dir}: {line}")));
    complain(&format!(
        "nameplate: {dir} is damaged: a sensor that starts salvages what can be read; or put a backup back with `nameplate store restore`"
    ));
    Ok(Exit::Failed)
}

fn backup(args: &BackupArgs) -> Result<Exit, AppError> {
    let made = keep::backup(&args.store, &args.file)?;
    print(&[format!("{}: {}, checked", args.file.display(), size(made.bytes))])
}

fn restore(args: &RestoreArgs) -> Result<Exit, AppError> {
    let done = keep::restore(&args.file, &args.store, now())?;
    let mut lines = vec![format!(
        "{} is the store in {}: {}, checked",
        args.file.display(),
        args.store.display(),
        size(done.bytes)
    )];
    lines.extend(done.before.map(|before| format!("what was there is in {}", before.display())));
    print(&lines)
}

fn prune(args: &PruneArgs) -> Result<Exit, AppError> {
    let keep_ns = args.keep.map_or(0, |keep| i64::try_from(keep.as_nanos()).unwrap_or(i64::MAX));
    if args.max.is_none() && keep_ns == 0 {
        let hint = "say what may stay: --keep 365d, --max 20GiB, or both";
        return Err(AppError::Usage(hint.to_owned()));
    }
    let shed = keep::prune(&args.store, args.max.unwrap_or(0), keep_ns, now())?;
    let mut lines = vec![format!(
        "removed: {}, {} said again, {}, {} without anything left; {} of conversations put together",
        of(shed.frames, "frame"),
        of(shed.observations, "fact"),
        of(shed.notices, "notice"),
        of(shed.sessions, "session"),
        of(shed.conversations, "row")
    )];
    if shed.is_over {
        lines.push("what is left is more than --max: the inventory and what people decided are never removed".to_owned());
    }
    print(&lines)
}

/// The frames that a sensor kept, as pcapng.
fn evidence(args: &EvidenceArgs) -> Result<Exit, AppError> {
    let wanted = Wanted { what: args.what.clone(), since: args.since, until: args.until };
    let sources = args.knowledge.sources();
    let written = keep::write_evidence(&args.store, &wanted, &args.file, &sources)?;
    let of = |count: usize, noun| plural(count, noun);
    let missing = match written.missing {
        0 => String::new(),
        missing => format!("; {} of it not kept, or let go", of(missing, "frame")),
    };
    let said = format!(
        "{}: {}, proof of {}{missing}",
        args.file.display(),
        of(written.frames, "frame"),
        of(written.facts, "fact")
    );
    // Standard output may be the capture.
    complain(&format!("nameplate: {said}"));
    Ok(Exit::Done)
}

fn print(lines: &[String]) -> Result<Exit, AppError> {
    let mut out = io::stdout().lock();
    let printed = lines.iter().try_for_each(|line| writeln!(out, "{}", term(line)));
    let stdout = Output { format: Format::Table, path: None };
    printed.and_then(|()| out.flush()).map_err(|source| output::cannot_write(&stdout, source))?;
    Ok(Exit::Done)
}

fn of(count: u64, noun: &str) -> String {
    plural(usize::try_from(count).unwrap_or(usize::MAX), noun)
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    let mut unit = 1_u64;
    for name in ["B", "KiB", "MiB", "GiB"] {
        let next = unit.saturating_mul(1_024);
        if bytes < next || name == "GiB" {
            let tenths = bytes.saturating_mul(10).checked_div(unit).unwrap_or(0);
            let (whole, tenth) = (tenths / 10, tenths % 10);
            return match unit {
                1 => format!("{bytes} B"),
                _ => format!("{whole}.{tenth} {name}"),
            };
        }
        unit = next;
    }
    bytes.to_string()
}

const COLUMNS: &[&str] = &[
    "store",
    "in_use",
    "bytes",
    "file_bytes",
    "log_bytes",
    "unused_bytes",
    "reserve_bytes",
    "free_bytes",
    "assets",
    "observations",
    "frames",
    "notices",
    "conversations",
    "files",
    "sessions",
    "last_notice",
    "first",
    "last",
    "set_aside",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        let told = [0, 1_023, 1_024, 1_536, 20 * 1_024 * 1_024, 3 << 40].map(size);
        assert_eq!(told, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "20.0 MiB", "3072.0 GiB"]);
    }
}
