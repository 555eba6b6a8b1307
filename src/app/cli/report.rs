//! `nameplate report`: what was seen and what it means, for managers and for auditors.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use crate::app::cli::args::{Within, ZonesArgs};
use crate::app::cli::complain;
use crate::app::cli::explain::known;
use crate::app::cli::export::{cannot_write, open, tell_of_run};
use crate::app::cli::redact::RedactArgs;
use crate::app::db::trust::secret;
use crate::app::report::{Kept, checked, keys, signed};
use crate::app::select::Lens;
use crate::app::{AppError, Exit, treat};
use crate::bundle::key::PublicKey;
use crate::export::Counts;
use crate::export::escape::term;
use crate::export::html::{self, Beyond};
use crate::export::pack::{self, Pack, Problem, Signed};
use crate::export::table::plural;

/// What `report` accepts; without a word more it makes one.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    action: Option<ReportAction>,
    #[command(flatten)]
    make: MakeArgs,
}

/// What else can be done with reports.
#[derive(Debug, Subcommand)]
enum ReportAction {
    /// Check an auditor pack: every byte of it, which files there are, who signed it
    Verify(VerifyArgs),
}

/// How a report is made.
#[derive(Args, Debug)]
struct MakeArgs {
    #[command(flatten)]
    within: Within,
    /// What to make
    #[arg(long, value_name = "NAME", default_value = "html")]
    template: Template,
    /// Where to write it; - for standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Sign an auditor pack with the secret key in this file; nameplate db key new makes one
    #[arg(long, value_name = "FILE")]
    sign: Option<PathBuf>,
    /// Report only devices and verdicts for which this holds, for example 'zone="Cell 3"'
    #[arg(long = "where", value_name = "EXPR")]
    expression: Option<String>,
    #[command(flatten)]
    zones: ZonesArgs,
    #[command(flatten)]
    redact: RedactArgs,
}

/// What `report verify` accepts.
#[derive(Args, Debug)]
#[command(after_help = VERIFY_EXIT_CODES)]
struct VerifyArgs {
    /// The pack
    #[arg(value_name = "PACK")]
    pack: PathBuf,
    /// A public key, as digits or in a file: the pack must be signed with it
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

/// Reports.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Template {
    /// One page for managers and engineers: no scripts, no links out, prints well
    Html,
    /// A zip archive for auditors: the page, tables, ledger of patches, evidence, with the hash of each file
    AuditorPack,
}

/// Runs the verb.
pub(super) fn run(args: &ReportArgs) -> Result<Exit, AppError> {
    match &args.action {
        Some(ReportAction::Verify(args)) => verify(args),
        None => make(&args.make),
    }
}

fn make(args: &MakeArgs) -> Result<Exit, AppError> {
    if args.sign.is_some() && args.template == Template::Html {
        let hint = "--sign is for --template auditor-pack: a page has no place for a signature";
        return Err(AppError::Usage(hint.to_owned()));
    }
    if args.template == Template::AuditorPack {
        not_onto_a_terminal(&args.output)?;
    }
    let key = args.sign.as_deref().map(secret).transpose()?;
    let redaction = args.redact.redaction()?;
    let lens = Lens::new(args.zones.zones.as_deref(), args.expression.as_deref())?;
    let known = known(&args.within, None, &args.zones)?;
    let kept = lens.kept(&known);
    let is_pack = args.template == Template::AuditorPack;
    let store = Kept::of(args.within.store.as_deref().filter(|_| is_pack))?;
    let (known, zones, kept, store) = match redaction {
        None => (known, lens.zones, kept, store),
        Some(redaction) => redaction.hide_report(&known, &lens.zones, kept, &store),
    };
    let view = kept.view(&known);
    let report = view.report(&known, &zones);
    let history = treat::history(&known, None, |_| true);
    let beyond = Beyond { history: &history };
    let failed = |source| cannot_write(&args.output, source);
    let mut out = open(&args.output).map_err(failed)?;
    match args.template {
        Template::Html => html::html(&report, beyond, &mut out).map_err(failed)?,
        Template::AuditorPack => {
            let pack = Pack {
                report: &report,
                beyond,
                cited: &known.cited,
                bundles: &store.bundles,
                evaluations: &store.evaluations,
                available: &store.available,
                notices: &store.notices,
            };
            let sign = key.as_ref().map(|key| move |message: &[u8]| signed(key, message));
            let sign = sign.as_ref().map(|sign| -> &dyn Fn(&[u8]) -> Signed { sign });
            pack::write(&pack, sign, &mut out).map_err(failed)?;
        }
    }
    out.flush().map_err(failed)?;
    tell_of_run(&known.run);
    let Counts { affected, cannot_tell, fixed, not_affected } = report.counts();
    complain(&format!(
        "{}: {affected} affected, {cannot_tell} cannot tell, {fixed} fixed, {not_affected} not affected",
        plural(report.assets.len(), "asset")
    ));
    Ok(if known.run.failed.is_empty() { Exit::Done } else { Exit::Failed })
}

/// An archive on a screen says nothing, and its bytes may be obeyed.
fn not_onto_a_terminal(output: &Path) -> Result<(), AppError> {
    if output.as_os_str() == "-" && io::stdout().is_terminal() {
        let hint = "a terminal cannot show an archive: name a file with -o, or pipe it on";
        return Err(AppError::Usage(hint.to_owned()));
    }
    Ok(())
}

fn verify(args: &VerifyArgs) -> Result<Exit, AppError> {
    let trusted = args.key.as_deref().map(keys).transpose()?;
    let name = args.pack.display();
    let mut checked = checked(&args.pack)
        .map_err(|error| AppError::NotFound(format!("cannot read {name}: {error}")))?;
    let signer = checked.signer.and_then(|key| PublicKey::new(&key));
    if let Some(trusted) = &trusted {
        let why = match &signer {
            Some(key) if trusted.contains(key) => None,
            Some(key) => Some(format!("it is signed with another key, {}", key.id())),
            None => Some("there is no signature of that key on it".to_owned()),
        };
        checked.problems.extend(why.map(Problem::Manifest));
    }
    let mut lines: Vec<String> = checked.problems.iter().map(ToString::to_string).collect();
    let is_whole = lines.is_empty();
    let files = plural(checked.files, "file");
    let by = match &signer {
        Some(key) if trusted.is_some() => format!("signed with the trusted key {}", key.id()),
        Some(key) => {
            format!("signed with key {}: --key says whether that is the right one", key.id())
        }
        None => "not signed: whole, but anybody could have made it".to_owned(),
    };
    lines.push(if is_whole {
        format!(
            "{name}: {files}, every byte as it was written by nameplate {}; {by}",
            checked.version
        )
    } else {
        format!("{name}: NOT as it was written: {}", plural(lines.len(), "problem"))
    });
    let mut out = io::stdout();
    lines
        .iter()
        .try_for_each(|line| writeln!(out, "{}", term(line)))
        .and_then(|()| out.flush())
        .map_err(|source| AppError::Write { what: "standard output".to_owned(), source })?;
    Ok(if is_whole { Exit::Done } else { Exit::Failed })
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed: an input cannot be read, the store is damaged
  2  wrong usage
  5  advisories missing or unreadable";

const VERIFY_EXIT_CODES: &str = "\
Exit codes:
  0  every byte is as it was written; with --key, signed with that key
  1  something is changed, missing or added; or the key is another
  2  wrong usage";
