//! `nameplate db`: bundles of advisories, for plants without a network.

mod args;
mod fetch;
mod list;
mod show;

use std::io::{self, Write};

use crate::app::cli::complain;
use crate::app::cli::decide::{now, who};
use crate::app::db::build::{self, Built, Request};
use crate::app::db::import::{self, Difference, Hand};
use crate::app::db::trust::{self, Trust};
use crate::app::db::{self, Opened};
use crate::app::{AppError, Exit};
use crate::bundle::LeftOut;
use crate::export::escape::term;
use crate::export::table::plural;
use crate::store::Put;

pub(super) use args::DbArgs;
use args::{BuildArgs, DbAction, ImportArgs, KeyAction, KeyArgs, RollbackArgs, VerifyArgs};

/// Runs the verb.
pub(super) fn run(args: &DbArgs) -> Result<Exit, AppError> {
    match &args.action {
        DbAction::Fetch(args) => fetch::run(args),
        DbAction::Build(args) => build(args),
        DbAction::Verify(args) => verify(args),
        DbAction::Import(args) => import(args),
        DbAction::Status(args) => show::status(args),
        DbAction::List(args) => list::run(args),
        DbAction::Rollback(args) => rollback(args),
        DbAction::Key(KeyArgs { action: KeyAction::New(args) }) => {
            let (public, key) = trust::new_pair(&args.file)?;
            let (secret, public) = (args.file.display(), public.display());
            print(&[
                format!("key {}", key.id()),
                format!("secret key in {secret}: keep it on the machine that builds bundles"),
                format!(
                    "public key in {public}: put it into {} where they are imported",
                    trust::TRUSTED
                ),
            ])
        }
    }
}

fn build(args: &BuildArgs) -> Result<Exit, AppError> {
    let request = Request {
        inputs: args.inputs.clone(),
        output: args.output.clone(),
        key: args.sign.as_deref().map(trust::secret).transpose()?,
        openpgp: args.pgp_keys.clone(),
        built_at: args.built_at.clone(),
    };
    let Built { left_out, checked, unchecked, counts: (documents, lists), built, bytes } =
        build::build(&request)?;
    tell(&left_out, "was left out");
    for (why, count) in &unchecked {
        complain(&format!("nameplate: {} not checked: {why}", plural(*count, "OpenPGP signature")));
    }
    let signed = match &request.key {
        Some(key) => format!("signed by key {}", key.public().id()),
        None => "not signed".to_owned(),
    };
    let mut lines = vec![
        format!(
            "{}: {} and {}, of {}, {bytes} bytes, {signed}",
            args.output.display(),
            plural(documents, "document"),
            plural(lists, "list"),
            day(&built)
        ),
        format!(
            "checked: {} agreed with a checksum, {} had none; {} had an OpenPGP signature that is right, {} one that was not checked",
            plural(checked.checksums, "file"),
            checked.without_checksum,
            checked.signatures,
            checked.unchecked
        ),
    ];
    if !left_out.is_empty() {
        lines.push(format!("{} left out", plural(left_out.len(), "file")));
    }
    print(&lines)?;
    Ok(if args.strict && !left_out.is_empty() { Exit::Incomplete } else { Exit::Done })
}

fn verify(args: &VerifyArgs) -> Result<Exit, AppError> {
    let opened = db::open(&args.file, &Trust::new(&args.trust.keys)?)?;
    show::bundle(&args.file, &opened, args.json)?;
    tell(&opened.broken, "cannot be read");
    if let Some(why) = db::distrust(&opened, &args.file, args.trust.allow_unsigned) {
        return Err(AppError::Bundle(why));
    }
    if opened.parcel.documents.is_empty() || !opened.broken.is_empty() {
        let (broken, name) = (plural(opened.broken.len(), "part"), args.file.display());
        return Err(AppError::Bundle(format!("{name}: {broken} cannot be read; build it again")));
    }
    Ok(Exit::Done)
}

fn import(args: &ImportArgs) -> Result<Exit, AppError> {
    let by = who(args.by.as_deref())?;
    let opened = db::open(&args.file, &Trust::new(&args.trust.keys)?)?;
    if let Some(why) = db::distrust(&opened, &args.file, args.trust.allow_unsigned) {
        return Err(AppError::Bundle(why));
    }
    let Opened { parcel, broken, .. } = &opened;
    tell(broken, "cannot be read");
    if parcel.documents.is_empty() {
        let name = args.file.display();
        return Err(AppError::Bundle(format!(
            "{name}: no document in it can be read; nothing was imported"
        )));
    }
    let hand = Hand { by: &by, at: now() };
    let (put, difference) = import::import(&args.store, parcel, hand, args.allow_older)?;
    let about = format!("{} of {}", plural(parcel.documents.len(), "document"), day(&parcel.built));
    let head = match put {
        Put::New(number) => format!("bundle {number} is in use: {about}"),
        Put::Again(number) => format!("bundle {number} is in use again: {about}"),
        Put::InUse(number) => {
            return print(&[format!("bundle {number} is in use already; nothing changes")]);
        }
    };
    print(&lines(head, &difference))
}

fn rollback(args: &RollbackArgs) -> Result<Exit, AppError> {
    let by = who(args.by.as_deref())?;
    let hand = Hand { by: &by, at: now() };
    let (number, difference) = import::rollback(&args.store, args.to, hand)?;
    let head = match number {
        Some(number) => format!("bundle {number} is in use again"),
        None => "no bundle is in use any more: the advisories of the program itself are".to_owned(),
    };
    print(&lines(head, &difference))
}

fn lines(head: String, difference: &Difference) -> Vec<String> {
    let Difference { new, changed, in_substance, removed, opened, turned, closed } = *difference;
    vec![
        head,
        format!(
            "documents: {new} new, {changed} changed ({in_substance} in what decides verdicts), {removed} removed"
        ),
        format!("findings: {opened} opened, {turned} with another verdict, {closed} closed"),
    ]
}

/// Names files on standard error, and counts those there is no room for.
fn tell(all: &[LeftOut], what: &str) {
    tell_some(all, what, "nameplate db verify --json names them all");
}

fn tell_some(all: &[LeftOut], what: &str, rest: &str) {
    for LeftOut { name, why } in all.iter().take(TOLD_MAX) {
        complain(&format!("nameplate: {name} {what}: {}", one_line(why)));
    }
    if let Some(more) = all.len().checked_sub(TOLD_MAX).filter(|more| *more > 0) {
        complain(&format!("nameplate: {more} more: {rest}"));
    }
}

fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// The day of a date.
fn day(date: &str) -> &str {
    match date.get(..DAY_BYTES) {
        Some(day) => day,
        None if date.is_empty() => "an unknown day",
        None => date,
    }
}

fn print(lines: &[String]) -> Result<Exit, AppError> {
    let mut out = io::stdout();
    let text: String = lines.iter().map(|line| format!("{}\n", term(line))).collect();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|source| AppError::Write { what: "standard output".to_owned(), source })?;
    Ok(Exit::Done)
}

/// Files named on standard error.
const TOLD_MAX: usize = 50;
const DAY_BYTES: usize = 10;
