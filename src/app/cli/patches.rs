//! `nameplate patches`: how far patches are on their way into devices, and the lists that suppliers and owners exchange.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::app::cli::args::{Format, KnowledgeArgs, Output};
use crate::app::cli::decide::{reason, who};
use crate::app::cli::treat::{
    Meaning, Reasons, TreatedArgs, carry_out, confirmed, is_of_patch, told, wanted,
};
use crate::app::cli::{complain, output};
use crate::app::scan;
use crate::app::treat::{self, Chosen, Imported, Mapping, PatchRequest};
use crate::app::{AppError, Exit};
use crate::export::escape::term;
use crate::export::table::plural;
use crate::export::{json, patches};
use crate::model::PatchState;

/// What `patches` accepts.
#[derive(Args, Debug)]
pub(super) struct PatchesArgs {
    #[command(subcommand)]
    pub(super) action: PatchesAction,
}

/// What can be done with patches.
#[derive(Debug, Subcommand)]
pub(super) enum PatchesAction {
    /// Print the patches that findings are about, and how far each is
    List(TreatedArgs),
    /// Bring patches to a state
    Set(SetArgs),
    /// Take over what was seen on the wire: that the fix is in the device
    Confirm(ConfirmArgs),
    /// Say whether patches that are seen to be installed count without a person
    AutoInstall(AutoInstallArgs),
    /// Print the steps that were taken, by whom, when and why
    History(TreatedArgs),
    /// Take over a supplier's list of patches
    Import(ImportArgs),
    /// Write the list of patches that this plant knows of
    Export(ExportArgs),
}

/// What `patches set` accepts.
#[derive(Args, Debug)]
#[command(after_help = STATES)]
pub(super) struct SetArgs {
    #[command(flatten)]
    pub(super) meaning: Meaning,
    /// Bring patches of several devices or documents to the state that were not named one by one
    #[arg(long)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) reasons: Reasons,
}

/// What `patches confirm` accepts.
#[derive(Args, Debug)]
pub(super) struct ConfirmArgs {
    #[command(flatten)]
    pub(super) meaning: Meaning,
    /// Confirm for several devices or documents that were not named one by one
    #[arg(long)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) reasons: Reasons,
}

/// What `patches auto-install` accepts.
#[derive(Args, Debug)]
pub(super) struct AutoInstallArgs {
    /// From the next scan on: confirm what is seen, or leave it to a person
    #[arg(value_name = "ON|OFF")]
    pub(super) switch: Switch,
    #[command(flatten)]
    pub(super) reasons: Reasons,
}

/// On or off.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Switch {
    /// Without a person
    On,
    /// By a person
    Off,
}

/// What `patches import` accepts.
#[derive(Args, Debug)]
pub(super) struct ImportArgs {
    /// The list: CSV, a workbook of Excel (.xlsx), or XML with --map
    #[arg(value_name = "FILE")]
    pub(super) list: PathBuf,
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// How the list is written as XML: a TOML file
    #[arg(long, value_name = "FILE")]
    pub(super) map: Option<PathBuf>,
    /// The sheet of a workbook; the first with names of columns when not given
    #[arg(long, value_name = "NAME")]
    pub(super) sheet: Option<String>,
    /// Where the list comes from, for those who ask later
    #[arg(long, value_name = "TEXT")]
    pub(super) why: Option<String>,
    /// Who imports it; the user of this session when not given
    #[arg(long, value_name = "NAME")]
    pub(super) by: Option<String>,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
}

/// What `patches export` accepts.
#[derive(Args, Debug)]
pub(super) struct ExportArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// csv, or xml with --map. =PATH writes to a file
    #[arg(short, long, value_name = "FMT[=PATH]", default_value = "csv")]
    pub(super) output: String,
    /// How the list is written as XML: a TOML file
    #[arg(long, value_name = "FILE")]
    pub(super) map: Option<PathBuf>,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
}

/// Runs the verb.
pub(super) fn run(args: &PatchesArgs) -> Result<Exit, AppError> {
    match &args.action {
        PatchesAction::List(args) => list(args),
        PatchesAction::Set(args) => set(args),
        PatchesAction::Confirm(args) => confirm(args),
        PatchesAction::AutoInstall(args) => carry_out(&args.reasons, |known, _| {
            Ok(treat::automatic(&known.run.handbook.diary, args.switch == Switch::On))
        }),
        PatchesAction::History(args) => told(args, is_of_patch),
        PatchesAction::Import(args) => import(args),
        PatchesAction::Export(args) => export(args),
    }
}

fn list(args: &TreatedArgs) -> Result<Exit, AppError> {
    let outputs = wanted(&args.print)?;
    let known = scan::from_store(&args.store, &args.knowledge.sources())?;
    let chosen = match args.meaning.is_silent() {
        true => Chosen { findings: known.findings.clone(), is_certain: true },
        false => args.meaning.choose(&known)?,
    };
    let rows = treat::patches(&known, &chosen.findings);
    for output in &outputs {
        let mut out = output::open(output)?;
        let printed: io::Result<()> = match output.format {
            Format::Ndjson => json::patches_ndjson(&rows, &mut out),
            Format::Json => json::patches_json(&rows, &mut out),
            Format::Csv => patches::csv(&rows, &mut out),
            Format::Table | Format::Facts | Format::Html => {
                patches::table(&rows, &output::style(&args.print, output), &mut out)
            }
        };
        let written = printed.and_then(|()| out.flush());
        written.map_err(|source| output::cannot_write(output, source))?;
    }
    let waiting = rows.iter().filter_map(patches::PatchRow::first);
    let waiting = waiting.filter(|finding| finding.handling.proposed.is_some()).count();
    if waiting > 0 {
        complain(&format!(
            "{} seen to be installed: nameplate patches confirm takes that over",
            plural(waiting, "patch")
        ));
    }
    Ok(Exit::Done)
}

fn set(args: &SetArgs) -> Result<Exit, AppError> {
    let mut meaning = args.meaning.clone();
    let all = || PatchState::ALL.iter().map(|state| state.name()).collect::<Vec<_>>().join(", ");
    let name = meaning.whats.pop().unwrap_or_default();
    let to = PatchState::named(&name).ok_or_else(|| {
        AppError::Usage(format!("{name:?} is no state: the last word is one of {}", all()))
    })?;
    carry_out(&args.reasons, |known, _| {
        let chosen = meaning.choose(known)?;
        confirmed(known, &chosen, args.yes, &args.reasons.print)?;
        treat::set(known, &chosen.findings, to)
    })
}

fn confirm(args: &ConfirmArgs) -> Result<Exit, AppError> {
    carry_out(&args.reasons, |known, _| {
        let chosen = args.meaning.choose(known)?;
        confirmed(known, &chosen, args.yes, &args.reasons.print)?;
        treat::confirm(known, &chosen.findings)
    })
}

fn import(args: &ImportArgs) -> Result<Exit, AppError> {
    let mapping = args.map.as_deref().map(Mapping::read).transpose()?;
    let request = PatchRequest {
        list: args.list.clone(),
        store: args.store.clone(),
        mapping: mapping.as_ref(),
        sheet: args.sheet.clone(),
        by: who(args.by.as_deref())?,
        why: reason(args.why.as_deref().unwrap_or_default(), "--why")?,
        now: treat::now(),
        sources: args.knowledge.sources(),
    };
    let name = args.list.display().to_string();
    let Imported { before, news, unchanged, refused, devices, complaints } =
        treat::import(&request)?;
    complaints.iter().for_each(|line| complain(&format!("nameplate: {name}: {line}")));
    let result = match before {
        Some(before) => {
            let day = before.at.to_string();
            let day = day.get(..10).unwrap_or_default();
            format!("{name} was imported on {day} by {}; nothing changes", before.by)
        }
        None => {
            let parts = [
                (unchanged, "as known before"),
                (usize::try_from(refused).unwrap_or(usize::MAX), "not taken"),
            ];
            let parts = parts.iter().filter(|(count, _)| *count > 0);
            let rest: String = parts.map(|(count, what)| format!(", {count} {what}")).collect();
            format!(
                "{} from {name}{rest}; about {}",
                plural(news, "patch"),
                plural(devices, "device")
            )
        }
    };
    say(&result)?;
    Ok(Exit::Done)
}

fn export(args: &ExportArgs) -> Result<Exit, AppError> {
    let (format, path) = match args.output.split_once('=') {
        Some((format, path)) => (format, Some(PathBuf::from(path))),
        None => (&*args.output, None),
    };
    let mapping = args.map.as_deref().map(Mapping::read).transpose()?;
    let output = Output { format: Format::Csv, path };
    let known = || -> Result<Vec<_>, AppError> {
        Ok(treat::export(&scan::from_store(&args.store, &args.knowledge.sources())?))
    };
    let failed = |source| output::cannot_write(&output, source);
    match (format, mapping) {
        ("csv", None) => {
            let listed = known()?;
            let mut out = output::open(&output)?;
            patches::list_csv(&listed, &mut out).and_then(|()| out.flush()).map_err(failed)?;
        }
        ("xml", Some(mapping)) => {
            let listed = known()?;
            let mut text = Vec::new();
            mapping.write(&listed, &mut text)?.map_err(failed)?;
            let mut out = output::open(&output)?;
            out.write_all(&text).and_then(|()| out.flush()).map_err(failed)?;
        }
        ("xml", None) => {
            let hint = "-o xml takes --map FILE, which says how the list is written: this program knows no element by itself";
            return Err(AppError::Usage(hint.to_owned()));
        }
        ("csv", Some(_)) => {
            return Err(AppError::Usage("--map goes with -o xml".to_owned()));
        }
        (other, _) => {
            return Err(AppError::Usage(format!("{other} is no format here: use csv or xml")));
        }
    }
    Ok(Exit::Done)
}

fn say(result: &str) -> Result<(), AppError> {
    let mut out = io::stdout();
    writeln!(out, "{}", term(result))
        .and_then(|()| out.flush())
        .map_err(|source| AppError::Write { what: "standard output".to_owned(), source })
}

const STATES: &str = "\
The last word is the new state; what stands before it says which patches are meant.

States of the supplier: available, in-test, not-approved, not-applicable, approved, released
States of the owner:    in-internal-test, not-authorized, authorized, effective, installed";
