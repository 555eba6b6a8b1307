//! `nameplate findings decide`, `undo`, `history` and `show`: what people do about verdicts.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use crate::app::cli::args::{Format, KnowledgeArgs, Output, PrintArgs, Within, ZonesArgs};
use crate::app::cli::date;
use crate::app::cli::decide::{reason, who};
use crate::app::cli::explain;
use crate::app::cli::{complain, output};
use crate::app::scan::{self, Scanned};
use crate::app::treat::{self, Chosen, Voice, Wanted};
use crate::app::{AppError, Exit};
use crate::export::table::plural;
use crate::export::{Layout, Report, Show, handling, json, table};
use crate::model::limits::FINDINGS_EXPLAINED_MAX;
use crate::model::{Choice, Justification, Measure, Outcome, Record, Timestamp};
use crate::store::{Entered, Store};

/// Which findings are meant.
#[derive(Args, Clone, Debug)]
pub(super) struct Meaning {
    /// Findings by the start of their identifiers; or a device with an advisory, and perhaps a CVE
    #[arg(value_name = "WHAT")]
    pub(super) whats: Vec<String>,
    /// All findings for which this holds, for example 'cve=CVE-2017-7494 and zone="Cell 3"'
    #[arg(long = "where", value_name = "EXPR")]
    pub(super) expression: Option<String>,
    #[command(flatten)]
    pub(super) zones: ZonesArgs,
}

impl Meaning {
    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            words: &self.whats,
            expression: self.expression.as_deref(),
            zones: self.zones.zones.as_deref(),
        }
    }

    /// True when nothing was said of which.
    pub(super) fn is_silent(&self) -> bool {
        self.whats.is_empty() && self.expression.is_none()
    }

    /// The findings that are meant.
    pub(super) fn choose(&self, known: &Scanned) -> Result<Chosen, AppError> {
        treat::choose(known, &self.wanted())
    }
}

/// Where it is written down, and with whose reasons.
#[derive(Args, Clone, Debug)]
pub(super) struct Reasons {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// The reason, for those who ask later
    #[arg(long, value_name = "TEXT")]
    pub(super) why: String,
    /// Who says so; the user of this session when not given
    #[arg(long, value_name = "NAME")]
    pub(super) by: Option<String>,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// What `findings decide` accepts.
#[derive(Args, Debug)]
#[command(after_help = CHOICES)]
pub(super) struct TreatArgs {
    #[command(flatten)]
    pub(super) meaning: Meaning,
    /// What is decided: remediate, mitigate, accept, defer, not-applicable or false-match
    #[arg(long = "as", value_name = "DECISION")]
    pub(super) choice: String,
    /// Until when it is to be done, for remediate and mitigate
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) until: Option<Timestamp>,
    /// Until when it stands; then the finding comes back to the top
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) expires: Option<Timestamp>,
    /// For not-applicable: why the flaw is none in the device
    #[arg(long, value_name = "LABEL")]
    pub(super) justification: Option<String>,
    /// Decide although several devices or documents are meant that were not named one by one
    #[arg(long)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) reasons: Reasons,
}

/// What `findings undo` accepts.
#[derive(Args, Debug)]
pub(super) struct TakeBackArgs {
    /// Numbers of entries, as findings history prints them
    #[arg(value_name = "NUMBER", required = true)]
    pub(super) numbers: Vec<u64>,
    #[command(flatten)]
    pub(super) reasons: Reasons,
}

/// What `findings history` and `findings show` accept.
#[derive(Args, Debug)]
pub(super) struct TreatedArgs {
    #[command(flatten)]
    pub(super) meaning: Meaning,
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// Runs `findings decide`.
pub(super) fn decide(args: &TreatArgs) -> Result<Exit, AppError> {
    let choice = chosen(args)?;
    let now = treat::now();
    if args.expires.is_some_and(|expires| expires <= now) {
        return Err(AppError::Usage("--expires lies in the past: name a later day".to_owned()));
    }
    if args.until.is_some_and(|until| until <= now) {
        return Err(AppError::Usage("--until lies in the past: name a later day".to_owned()));
    }
    carry_out(&args.reasons, |known, _| {
        let chosen = args.meaning.choose(known)?;
        confirmed(known, &chosen, args.yes, &args.reasons.print)?;
        treat::decide(known, &chosen.findings, choice, args.until, args.expires)
    })
}

/// Runs `findings undo`.
pub(super) fn undo(args: &TakeBackArgs) -> Result<Exit, AppError> {
    carry_out(&args.reasons, |known, _| treat::undo(&known.run.handbook.diary, &args.numbers))
}

/// Runs `findings history`.
pub(super) fn history(args: &TreatedArgs) -> Result<Exit, AppError> {
    told(args, |_| true)
}

/// Prints the lines of the diary that are wanted.
pub(super) fn told(
    args: &TreatedArgs,
    is_wanted: impl Fn(&Record) -> bool,
) -> Result<Exit, AppError> {
    let outputs = wanted(&args.print)?;
    let known = scan::from_store(&args.store, &args.knowledge.sources())?;
    let chosen = (!args.meaning.is_silent()).then(|| args.meaning.choose(&known)).transpose()?;
    let some = chosen.as_ref().map(|chosen| &*chosen.findings);
    print(&treat::history(&known, some, is_wanted), &outputs, &args.print)?;
    Ok(Exit::Done)
}

/// Runs `findings show`.
pub(super) fn show(args: &TreatedArgs) -> Result<Exit, AppError> {
    let known = scan::from_store(&args.store, &args.knowledge.sources())?;
    let chosen = args.meaning.choose(&known)?;
    if wanted(&args.print)?.iter().any(|output| output.format != Format::Table) {
        let report = report(&known, &chosen, &Layout::default(), &[], |report| {
            output::print(report, &wanted(&args.print)?, &args.print)
        });
        return report.map(|()| Exit::Done);
    }
    let within = Within {
        store: Some(args.store.clone()),
        inputs: crate::app::cli::args::Inputs::none(),
        knowledge: args.knowledge.clone(),
    };
    let more = chosen.findings.len().saturating_sub(FINDINGS_EXPLAINED_MAX);
    let mut exit = Exit::Done;
    for finding in chosen.findings.iter().take(FINDINGS_EXPLAINED_MAX) {
        if explain::page(&within, &known, &finding.id.to_string())? != Exit::Done {
            exit = Exit::Failed;
        }
    }
    if more > 0 {
        complain(&format!("and {} more: name fewer of them", plural(more, "finding")));
    }
    Ok(exit)
}

/// Finds out what is to be written down, writes it, and prints what was written.
pub(super) fn carry_out(
    args: &Reasons,
    decide: impl FnOnce(&Scanned, Timestamp) -> Result<Vec<Entered>, AppError>,
) -> Result<Exit, AppError> {
    let outputs = wanted(&args.print)?;
    let by = who(args.by.as_deref())?;
    let why = reason(&args.why, "--why")?;
    if why.is_empty() {
        return Err(AppError::Usage("--why is empty: say why, for those who ask later".to_owned()));
    }
    let sources = args.knowledge.sources();
    let known = scan::from_store(&args.store, &sources)?;
    let now = treat::now();
    let entered = decide(&known, now)?;
    if entered.is_empty() {
        complain("nameplate: that is so already; nothing changes");
        return Ok(Exit::Done);
    }
    let mut store = Store::open(&args.store)?;
    let voice = Voice { by: &by, why: &why, at: now };
    let numbers: BTreeSet<u64> =
        treat::enter(&mut store, &known, &entered, voice)?.into_iter().collect();
    drop(store);
    let after = scan::from_store(&args.store, &sources)?;
    let lines = treat::history(&after, None, |record| numbers.contains(&record.number));
    print(&lines, &outputs, &args.print)?;
    let (first, last) = (numbers.first().copied(), numbers.last().copied());
    let list = match (first, last) {
        (Some(first), Some(last)) if numbers.len() > NUMBERS_SHOWN_MAX => {
            format!("{first} … {last}")
        }
        _ => numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
    };
    complain(&format!("to take it back: nameplate findings undo {list}"));
    Ok(Exit::Done)
}

/// Shows what would be touched, and refuses, unless a person was certain what is meant.
pub(super) fn confirmed(
    known: &Scanned,
    chosen: &Chosen,
    yes: bool,
    print: &PrintArgs,
) -> Result<(), AppError> {
    if yes || chosen.is_certain {
        return Ok(());
    }
    report(known, chosen, &Layout::default(), &[], |report| {
        let output = Output { format: Format::Table, path: None };
        let mut out = output::open(&output)?;
        let style = output::style(print, &output);
        let printed = table::table(report, &style, &mut out).and_then(|()| out.flush());
        printed.map_err(|source| output::cannot_write(&output, source))
    })?;
    Err(AppError::Usage(format!(
        "this is about {}, and nothing was written: add --yes if all of them are meant",
        plural(chosen.findings.len(), "finding")
    )))
}

fn report<T>(
    known: &Scanned,
    chosen: &Chosen,
    layout: &Layout,
    talks: &[crate::export::talks::Talk<'_>],
    print: impl FnOnce(&Report<'_>) -> Result<T, AppError>,
) -> Result<T, AppError> {
    print(&Report {
        run: &known.run,
        assets: &known.assets,
        findings: &chosen.findings,
        talks,
        show: Show::Findings,
        zones: &crate::model::Zones::default(),
        levels: &known.levels,
        selected: None,
        layout,
    })
}

fn chosen(args: &TreatArgs) -> Result<Choice, AppError> {
    let labels = || {
        let labels: Vec<&str> = Justification::ALL.iter().map(|one| one.name()).collect();
        labels.join(", ")
    };
    let why = args.justification.as_deref().map(|label| {
        Justification::named(label).ok_or_else(|| {
            AppError::Usage(format!("--justification {label:?} is none: use one of {}", labels()))
        })
    });
    let why = why.transpose()?;
    let some = Some(Justification::ComponentNotPresent);
    match (Choice::named(&args.choice, why), Choice::named(&args.choice, some)) {
        (Some(choice), _) if why.is_some() && choice.justification().is_none() => {
            Err(AppError::Usage("--justification goes with --as not-applicable only".to_owned()))
        }
        (Some(choice), _)
            if args.until.is_some() && !matches!(choice, Choice::Remediate | Choice::Mitigate) =>
        {
            Err(AppError::Usage(
                "--until says when something is done: it goes with remediate and mitigate; --expires ends a decision".to_owned(),
            ))
        }
        (Some(choice), _) => Ok(choice),
        (None, Some(_)) => Err(AppError::Usage(format!(
            "--as not-applicable takes --justification with one of {}",
            labels()
        ))),
        (None, None) => Err(AppError::Usage(format!(
            "--as {:?} is no decision: use remediate, mitigate, accept, defer, not-applicable or false-match",
            args.choice
        ))),
    }
}

pub(super) fn wanted(args: &PrintArgs) -> Result<Vec<Output>, AppError> {
    let outputs = output::wanted(args)?;
    if outputs.iter().any(|output| output.format == Format::Facts) {
        let hint = "this is printed as table, ndjson, json or csv; -o facts is for scan";
        return Err(AppError::Usage(hint.to_owned()));
    }
    Ok(outputs)
}

fn print(
    lines: &[(&Record, Outcome)],
    outputs: &[Output],
    args: &PrintArgs,
) -> Result<(), AppError> {
    for output in outputs {
        let mut out = output::open(output)?;
        let printed: io::Result<()> = match output.format {
            Format::Ndjson => json::history_ndjson(lines, &mut out),
            Format::Json => json::history_json(lines, &mut out),
            Format::Csv => handling::csv(lines, &mut out),
            Format::Table | Format::Facts | Format::Html => {
                handling::table(lines, &output::style(args, output), &mut out)
            }
        };
        let written = printed.and_then(|()| out.flush());
        written.map_err(|source| output::cannot_write(output, source))?;
    }
    Ok(())
}

/// True for what is about patches.
pub(super) fn is_of_patch(record: &Record) -> bool {
    matches!(record.measure, Measure::Moved { .. } | Measure::Automatic(_))
}

const NUMBERS_SHOWN_MAX: usize = 20;

const CHOICES: &str = "\
Decisions:
  remediate       install the fix, by --until
  mitigate        make the flaw harder to use, by --until
  accept          live with it
  defer           decide later
  not-applicable  the flaw is none in this device, with --justification
  false-match     the device is not the product that the advisory means

The last four put a finding aside: it is shown last and marked, and counted in every total.";
