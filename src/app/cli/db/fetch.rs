//! `nameplate db fetch`: advisories from their publishers into a directory.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::advisory;
use crate::app::cli::complain;
use crate::app::cli::db::args::instant;
use crate::app::cli::db::{print, tell_some};
use crate::app::db::fetch::{self, Way};
use crate::app::{AppError, Exit};
use crate::bundle::fetch::{Address, Label, Order, Report, Source};
use crate::export::table::plural;
use crate::model::FeedKind;

/// What `db fetch` accepts.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(in crate::app::cli) struct FetchArgs {
    /// A domain (example.com), or the https address of an aggregator.json, a provider-metadata.json, a ROLIE feed, a directory
    /// with index.txt and changes.csv, or one document. Can be given several times
    #[arg(value_name = "SOURCE", required_unless_present_any = ["kev", "epss"], value_parser = source)]
    sources: Vec<Source>,
    /// The directory, for nameplate db build; made when it is not there. What is in it already is not fetched again
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Fetch the catalogue of known exploited vulnerabilities, from CISA when no address is given
    #[arg(long, value_name = "URL", num_args = 0..=1, require_equals = true, default_missing_value = KEV, value_parser = address)]
    kev: Option<Address>,
    /// Fetch the EPSS scores, from FIRST when no address is given
    #[arg(long, value_name = "URL", num_args = 0..=1, require_equals = true, default_missing_value = EPSS, value_parser = address)]
    epss: Option<Address>,
    /// Leave documents that were last changed before that day, 2026-03-02 or 2026-03-02T10:30:00Z. Those whose list gives no date are
    /// fetched
    #[arg(long, value_name = "DATE", value_parser = instant)]
    since: Option<String>,
    /// Which documents, by their TLP label. Those without a label of their own, in a directory or a feed that is asked for, are fetched
    #[arg(long, value_name = "LABEL", value_delimiter = ',', default_value = "white")]
    tlp: Vec<TlpLabel>,
    /// Trust the certificates in this PEM file, and not those that the program was built with: for a proxy that signs what passes
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// How long one request may take, to its last byte
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    timeout: u64,
    /// How often a request that fails for the moment is tried again
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=10))]
    retries: u32,
    /// Allow http to this machine itself (127.0.0.1, ::1, localhost), as for a mirror on it
    #[arg(long)]
    allow_http: bool,
    /// Exit with 4 when a document failed or was refused
    #[arg(long)]
    strict: bool,
}

/// A label of the Traffic Light Protocol.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum TlpLabel {
    #[value(alias = "clear")]
    White,
    Green,
    Amber,
    Red,
    Unlabeled,
}

impl From<TlpLabel> for Label {
    fn from(label: TlpLabel) -> Self {
        match label {
            TlpLabel::White => Self::White,
            TlpLabel::Green => Self::Green,
            TlpLabel::Amber => Self::Amber,
            TlpLabel::Red => Self::Red,
            TlpLabel::Unlabeled => Self::Unlabeled,
        }
    }
}

/// Runs the verb.
pub(super) fn run(args: &FetchArgs) -> Result<Exit, AppError> {
    let kev = args.kev.clone().map(|address| (FeedKind::Kev, address));
    let epss = args.epss.clone().map(|address| (FeedKind::Epss, address));
    let order = Order {
        sources: args.sources.clone(),
        lists: kev.into_iter().chain(epss).collect(),
        folder: args.output.clone(),
        labels: args.tlp.iter().map(|label| Label::from(*label)).collect(),
        since: args.since.as_deref().and_then(advisory::instant),
        tries: args.retries,
        allow_plain: args.allow_http,
    };
    let way =
        Way { timeout: Duration::from_secs(args.timeout), certificates: args.ca_file.clone() };
    let bar = bar();
    let progress = |done: usize, all: usize| {
        bar.set_length(u64::try_from(all).unwrap_or(u64::MAX));
        bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
    };
    let fetched = fetch::fetch(&way, &order, &progress);
    bar.finish_and_clear();
    told(args, &fetched?)
}

/// Tells what became of it: what needs a person on standard error, the counts on standard output.
fn told(args: &FetchArgs, report: &Report) -> Result<Exit, AppError> {
    let Report { fetched, unchanged, older, failed, refused, missed, sources, notes, keys, .. } =
        report;
    for note in notes {
        complain(&format!("nameplate: {note}"));
    }
    tell_some(sources, "was not read", "the counts are of all");
    tell_some(missed, "was not fetched", "the counts are of all");
    for key in keys {
        let path = args.output.join(&key.place);
        complain(&format!(
            "nameplate: OpenPGP key {} is in {}: compare it with what its owner says, and name it to db build with --pgp-key",
            key.fingerprint,
            path.display()
        ));
    }
    let older = if *older > 0 { format!(", {older} older") } else { String::new() };
    print(&[format!(
        "{}: {} fetched, {unchanged} unchanged, {failed} failed, {refused} refused{older}; {}, {}, {} bytes",
        args.output.display(),
        plural(*fetched, "document"),
        plural(report.lists, "list"),
        if keys.len() == 1 { "1 key".to_owned() } else { format!("{} keys", keys.len()) },
        report.bytes
    )])?;
    let has_documents = fetched.saturating_add(*unchanged) > 0;
    let missing = failed.saturating_add(*refused);
    if !sources.is_empty() || (missing > 0 && !has_documents) {
        return Ok(Exit::Failed);
    }
    Ok(if args.strict && missing > 0 { Exit::Incomplete } else { Exit::Done })
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if !io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} documents {eta}") {
        bar.set_style(style);
    }
    bar
}

fn source(text: &str) -> Result<Source, String> {
    Source::read(text)
}

fn address(text: &str) -> Result<Address, String> {
    Address::read(text)
}

const KEV: &str =
    "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
const EPSS: &str = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz";

const EXIT_CODES: &str = "\
Exit codes:
  0  done; documents that failed or were refused are named
  1  failed: a source or a list cannot be read, no document of any could be fetched, or the directory cannot be written
  2  wrong usage, or this build cannot fetch
  4  a document failed or was refused, and --strict was given";
