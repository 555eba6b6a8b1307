//! What the command line accepts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::app::AppError;
use crate::app::cli::advisories::AdvisoriesArgs;
use crate::app::cli::baseline::BaselineArgs;
use crate::app::cli::companions::{CompletionsArgs, LicencesArgs, ManArgs, SchemaArgs};
use crate::app::cli::config::ConfigArgs;
use crate::app::cli::dates::{age, date};
use crate::app::cli::db::DbArgs;
use crate::app::cli::doctor::DoctorArgs;
use crate::app::cli::events::EventsArgs;
use crate::app::cli::export::ExportArgs;
use crate::app::cli::format;
pub(super) use crate::app::cli::format::{Format, Output};
use crate::app::cli::interfaces::InterfacesArgs;
use crate::app::cli::memory::MemoryArgs;
use crate::app::cli::outputs::OutputsArgs;
use crate::app::cli::patches::PatchesArgs;
use crate::app::cli::people::{DecisionsArgs, ImportArgs, MergeArgs, SetArgs, SplitArgs, UndoArgs};
use crate::app::cli::redact::RedactArgs;
use crate::app::cli::report::ReportArgs;
use crate::app::cli::run::RunArgs;
use crate::app::cli::serve::ServeArgs;
use crate::app::cli::store::StoreArgs;
use crate::app::cli::treat::{TakeBackArgs, TreatArgs, TreatedArgs};
use crate::app::knowledge::Sources;
use crate::app::logging::LogFormat;
use crate::app::select::Lens;
use crate::app::sites::Placing;
use crate::model::{Timestamp, Zones};

/// Reads the nameplate of every device off the wire, and says which are unpatched. Never sends a packet.
#[derive(Debug, Parser)]
#[command(name = "nameplate", version = env!("NAMEPLATE_VERSION"), propagate_version = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) verb: Verb,
    /// Say more about the work itself; twice for more
    // Its place in the help of every verb would otherwise depend on how many verbs there are.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, display_order = 900)]
    // At the end of every list of options, however many verbs there are.
    #[arg(short, long, global = true, display_order = 900, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// How to write what is said about the work itself: text, json (one object a line), or journal (for systemd); the variable
    /// NAMEPLATE_LOG_FORMAT says the same
    #[arg(long, global = true, value_name = "FORMAT", hide_possible_values = true)]
    pub(super) log: Option<LogFormat>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Read captures, print assets and patch status
    Scan(ScanArgs),
    /// The sensor: listen on a mirror port, keep what is found, for years
    Run(Box<RunArgs>),
    /// Why a fact, an asset or a verdict is so: claims, rules, frames and bytes
    Explain(ExplainArgs),
    /// Devices: those in a store, or one of them
    Assets(AssetsArgs),
    /// The verdicts in a store
    Findings(FindingsArgs),
    /// Patches: how far they are on their way into devices
    Patches(PatchesArgs),
    /// Advisories: which there are, what they say, what they mean for the devices of a store
    Advisories(Box<AdvisoriesArgs>),
    /// Bundles of advisories: build, verify, import, go back
    Db(DbArgs),
    /// What became different between two stores, reports or captures, or in one store between two dates
    Diff(DiffArgs),
    /// What is normal here: take it, compare with it, accept what is new
    Baseline(BaselineArgs),
    /// What is known, as a document for other programs: tables, CSAF VEX, OpenVEX, CycloneDX, graphs, the map
    Export(ExportArgs),
    /// The report for people: one HTML page, or a pack for auditors that can be checked
    Report(Box<ReportArgs>),
    /// Look after a store: how it is, whether it is whole, backups
    Store(StoreArgs),
    /// What a store holds, over HTTP: for programs, monitoring and dashboards
    Serve(Box<ServeArgs>),
    /// The interfaces that could be listened on
    Interfaces(InterfacesArgs),
    /// Can this machine see the plant: rights, port, mirror, store, clock, advisories. Sends nothing
    Doctor(DoctorArgs),
    /// What a sensor is set to: show, check, begin a configuration
    Config(ConfigArgs),
    /// JSON Schemas of what is printed with -o ndjson, json and facts
    Schema(SchemaArgs),
    /// Completions for a shell
    Completions(CompletionsArgs),
    /// The manual: its first page, or all into a directory
    Man(ManArgs),
    /// What is in the program, and under which licences
    Licences(LicencesArgs),
    /// What a sensor told: new devices, acts, findings, its own state
    Events(EventsArgs),
    /// Where notices are sent to: whether that works, how far it is
    Outputs(OutputsArgs),
}

/// What `scan` accepts.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct ScanArgs {
    #[command(flatten)]
    pub(super) inputs: Inputs,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub(super) print: PrintArgs,
    #[command(flatten)]
    pub(super) view: ViewArgs,
    /// Keep everything in the store in this directory, and print what the store then holds
    #[arg(long, value_name = "DIR")]
    pub(super) store: Option<PathBuf>,
    /// Write the packets behind what was found, with comments that Wireshark shows, as pcapng; - for standard output
    #[arg(short = 'w', value_name = "FILE")]
    pub(super) evidence: Option<PathBuf>,
    #[command(flatten)]
    pub(super) memory: MemoryArgs,
    /// Threads that work side by side: with 2 one reads ahead, with 3 one more concludes; as many as there are processors
    /// when not given. What is found is the same with any number
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<std::num::NonZeroUsize>,
    #[command(flatten)]
    pub(super) redact: RedactArgs,
    /// Exit with 3 when one of these was found (comma separated)
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(super) fail_on: Vec<FailOn>,
    /// Exit with 4 when an input is incomplete: truncated, damaged, stopped
    #[arg(long)]
    pub(super) strict: bool,
    /// Exit with 5 when the newest advisory is older than this, for example 30d
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub(super) require_db_age: Option<jiff::SignedDuration>,
}

/// What is read.
#[derive(Args, Clone, Debug)]
pub(super) struct Inputs {
    /// Captures: pcap or pcapng, plain, .gz or .zst; directories; - for standard input
    #[arg(value_name = "INPUT")]
    pub(super) inputs: Vec<PathBuf>,
    /// One more capture, as tcpdump and tshark take it
    #[arg(short = 'r', value_name = "FILE")]
    pub(super) read: Vec<PathBuf>,
    /// The site of all inputs; =INPUT for one of them, or for those in a directory. Can be given several times. The same
    /// address in two sites is two devices
    #[arg(long = "site", value_name = "NAME[=INPUT]", value_parser = Placing::read)]
    pub(super) placings: Vec<Placing>,
    /// Look only at packets that this filter accepts, in the syntax of pcap-filter(7)
    #[arg(short = 'f', value_name = "BPF")]
    pub(super) filter: Option<String>,
    /// Stop after this many packets
    #[arg(short = 'c', value_name = "N")]
    pub(super) count: Option<u64>,
    /// Display filters are Wireshark's; refused with a hint
    #[arg(short = 'Y', value_name = "FILTER", hide = true)]
    pub(super) display_filter: Option<String>,
}

impl Inputs {
    /// Nothing is read.
    pub(super) fn none() -> Self {
        let (inputs, read, placings) = (Vec::new(), Vec::new(), Vec::new());
        Self { inputs, read, placings, filter: None, count: None, display_filter: None }
    }
}

/// What facts are interpreted with.
#[derive(Args, Clone, Debug)]
pub(super) struct KnowledgeArgs {
    /// Advisories: a directory of CSAF documents, a zip archive of them, one of them, or a bundle; instead of those of the store
    /// and those built in
    #[arg(long, value_name = "PATH")]
    pub(super) db: Option<PathBuf>,
    /// Signature files of your own; a file named like one of the program's replaces it
    #[arg(long, value_name = "DIR")]
    pub(super) signatures: Option<PathBuf>,
    /// Decisions about findings that are kept in a file: a TOML file with a table for each
    #[arg(long, value_name = "FILE")]
    pub(super) decisions: Option<PathBuf>,
    /// Say so when advisories are older than this, for example 90d; 30d when not given
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub(super) warn_db_age: Option<jiff::SignedDuration>,
}

impl KnowledgeArgs {
    pub(super) fn sources(&self) -> Sources {
        let Self { db, signatures, decisions, warn_db_age } = self.clone();
        let (advisories, warn_after) = (db, warn_db_age);
        Sources { advisories, signatures, decisions, warn_after, ..Sources::default() }
    }
}

/// How results are printed.
#[derive(Args, Clone, Debug)]
pub(super) struct PrintArgs {
    /// table, ndjson, json, facts or csv; scan and list also html, svg, xlsx, cyclonedx, netbox, graphml, dot, cef, rfc5424; =PATH writes to a
    /// file, of csv and netbox to a directory or .zip. Can be given several times
    #[arg(short, long, value_name = "FMT[=PATH]", value_parser = format::output)]
    pub(super) output: Vec<Output>,
    /// Short for -o json
    #[arg(long)]
    pub(super) json: bool,
    /// Print every device and every verdict, without shortening
    #[arg(long)]
    pub(super) wide: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: When,
    /// Use ASCII only
    #[arg(long)]
    pub(super) ascii: bool,
}

/// What `explain` accepts.
#[derive(Args, Debug)]
#[command(after_help = EXPLAIN_EXIT_CODES)]
pub(super) struct ExplainArgs {
    /// An asset or finding (the start of its identifier), an IP or MAC address, a name, FILE#FRAME, or FILE#FRAME@OFFSET;
    /// with --check one more INPUT
    #[arg(value_name = "WHAT", required_unless_present = "check")]
    pub(super) what: Option<String>,
    /// Tell why the sightings of a device are one, and what looks like it and is not; with a second WHAT, whether the
    /// two are one
    #[arg(long, conflicts_with = "check")]
    pub(super) merge: bool,
    /// Check the evidence of every fact, and print what does not hold
    #[arg(long)]
    pub(super) check: bool,
    #[command(flatten)]
    pub(super) zones: ZonesArgs,
    #[command(flatten)]
    pub(super) within: Within,
}

/// Where something is looked for: in a store, or in captures read for it.
#[derive(Args, Clone, Debug)]
pub(super) struct Within {
    /// Look in the store in this directory
    #[arg(long, value_name = "DIR", conflicts_with_all = ["read", "placings"])]
    pub(super) store: Option<PathBuf>,
    #[command(flatten)]
    pub(super) inputs: Inputs,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
}

/// What `assets` accepts; without a word more it lists.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct AssetsArgs {
    #[command(subcommand)]
    pub(super) action: Option<AssetsAction>,
    #[command(flatten)]
    pub(super) list: Option<ListArgs>,
}

/// What can be done with devices.
#[derive(Debug, Subcommand)]
pub(super) enum AssetsAction {
    /// Print the devices in a store
    List(ListArgs),
    /// Print one device: its nameplate, its chassis or the units behind it, what happened to it
    Show(ShowArgs),
    /// Decide that devices are one
    Merge(MergeArgs),
    /// Decide that some addresses of a device are another device
    Split(SplitArgs),
    /// State what a device is, against what was seen or in addition to it
    Set(SetArgs),
    /// Take back what was decided; it stays listed
    Undo(UndoArgs),
    /// Print what was decided, by whom, when and why
    Decisions(DecisionsArgs),
    /// Take over a list of devices, so that those that never speak are judged too
    Import(ImportArgs),
}

/// What `findings` accepts; without a word more it lists.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct FindingsArgs {
    #[command(subcommand)]
    pub(super) action: Option<FindingsAction>,
    #[command(flatten)]
    pub(super) list: Option<ListArgs>,
}

/// What can be done with verdicts.
#[derive(Debug, Subcommand)]
pub(super) enum FindingsAction {
    /// Print the verdicts in a store
    List(ListArgs),
    /// Print all about one verdict: why it is so, what was decided, how far the patch is
    Show(TreatedArgs),
    /// Decide what to do about verdicts
    Decide(TreatArgs),
    /// Take back what was decided; it stays listed
    Undo(TakeBackArgs),
    /// Print what was decided about verdicts, by whom, when and why, and what became of it
    History(TreatedArgs),
}

/// Which of the results are printed, and in which zones they are.
#[derive(Args, Clone, Debug)]
pub(super) struct ViewArgs {
    /// Print only devices and verdicts for which this holds, for example 'vendor=Siemens and firmware<V3.2.17'
    #[arg(long = "where", value_name = "EXPR")]
    pub(super) expression: Option<String>,
    /// Rows of tables and CSV in the order of these fields, -FIELD for the last first; the order of JSON never changes
    #[arg(long, value_name = "FIELD[,FIELD]", allow_hyphen_values = true)]
    pub(super) sort: Option<String>,
    /// Columns of tables and CSV, in this order, by the names of fields; JSON always has all
    #[arg(long, value_name = "FIELD[,FIELD]")]
    pub(super) columns: Option<String>,
    #[command(flatten)]
    pub(super) zones: ZonesArgs,
}

impl ViewArgs {
    pub(super) fn lens(&self) -> Result<Lens, AppError> {
        let lens = Lens::new(self.zones.zones.as_deref(), self.expression.as_deref())?;
        lens.laid_out(self.sort.as_deref(), self.columns.as_deref())
    }
}

/// What decides how much a finding matters: the zones of the plant, and the day.
#[derive(Args, Clone, Debug)]
pub(super) struct ZonesArgs {
    /// The zones of the plant, by subnet and VLAN: a TOML file with a table for each
    #[arg(long, value_name = "FILE")]
    pub(super) zones: Option<PathBuf>,
    /// The day on which support by the makers is judged, for example 2026-03-02; today when it is not given
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<jiff::civil::Date>,
}

impl ZonesArgs {
    /// Knowledge, with what findings are weighed in.
    pub(super) fn around(&self, zones: &Zones, knowledge: &KnowledgeArgs) -> Sources {
        Sources { zones: zones.clone(), as_of: self.as_of, ..knowledge.sources() }
    }
}

/// What `assets show` accepts.
#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// An asset: the start of its identifier, an IP or MAC address, a name
    #[arg(value_name = "WHAT")]
    pub(super) what: String,
    #[command(flatten)]
    pub(super) within: Within,
    #[command(flatten)]
    pub(super) print: PrintArgs,
    #[command(flatten)]
    pub(super) zones: ZonesArgs,
}

/// What `assets list` and `findings list` accept.
#[derive(Args, Debug)]
pub(super) struct ListArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub(super) print: PrintArgs,
    #[command(flatten)]
    pub(super) view: ViewArgs,
}

/// What `diff` accepts.
#[derive(Args, Debug)]
#[command(after_help = DIFF_EXIT_CODES)]
pub(super) struct DiffArgs {
    /// Before: directory of a store, a report from scan -o ndjson or -o json, a capture or a directory of captures
    #[arg(value_name = "A", required_unless_present = "store")]
    pub(super) before: Option<PathBuf>,
    /// After: the same
    #[arg(value_name = "B", required_unless_present = "store")]
    pub(super) after: Option<PathBuf>,
    /// Compare the store in this directory with itself, at two dates of its packets
    #[arg(long, value_name = "DIR", requires = "from", conflicts_with_all = ["before", "after"])]
    pub(super) store: Option<PathBuf>,
    /// Before: packets up to this time count, 2026-03-02T10:30:00Z; or up to the end of this day in UTC, 2026-03-02
    #[arg(long, value_name = "DATE", conflicts_with_all = ["before", "after"], value_parser = date)]
    pub(super) from: Option<Timestamp>,
    /// After: the same; all packets when it is not given
    #[arg(long, value_name = "DATE", conflicts_with_all = ["before", "after"], value_parser = date)]
    pub(super) to: Option<Timestamp>,
    #[command(flatten)]
    pub(super) zones: ZonesArgs,
    /// Exit with 3 when something differs
    #[arg(long)]
    pub(super) exit_code: bool,
    #[command(flatten)]
    pub(super) knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What `--fail-on` looks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum FailOn {
    /// Affected, with a CVSS base score of 9.0 or more
    Critical,
    /// Affected, with a CVSS base score of 7.0 or more
    High,
    /// Affected
    Affected,
    /// Affected by a flaw known to be exploited
    Kev,
    /// A maker's support that has ended
    Eol,
    /// A verdict that cannot be given
    CannotTell,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done, findings or not
  1  failed: an input cannot be read, the store is damaged
  2  wrong usage
  3  --fail-on met; the result is printed in full
  4  an input is incomplete, and --strict was given
  5  advisories missing, unreadable or older than --require-db-age";

const EXPLAIN_EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed, or a fact is not what its capture says; the page is printed in full
  2  wrong usage
  5  advisories missing or unreadable";

const DIFF_EXIT_CODES: &str = "\
Exit codes:
  0  done, whether or not something differs
  1  failed: an input cannot be read, the store is damaged
  2  wrong usage
  3  --exit-code given, and something differs; the result is printed in full
  5  advisories missing or unreadable";
