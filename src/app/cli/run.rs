//! `nameplate run`: the sensor.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::app::cli::complain;
use crate::app::cli::config::ConfigFile;
use crate::app::config::{self, OptionGiven, Settings};
use crate::app::knowledge::Sources;
use crate::app::{AppError, Exit, monitor, zones};
use crate::capture::LiveOptions;
use crate::export::table::plural;
use crate::model::Ceiling;
use crate::model::health::Health;
use crate::model::site::site_name;

/// What `run` accepts.
#[derive(Args, Debug)]
#[command(after_help = SIGNALS)]
pub(super) struct RunArgs {
    /// Listen on this interface; can be given several times, for the two directions of a tap
    #[arg(short, long = "interface", value_name = "IFACE")]
    interfaces: Vec<String>,
    #[command(flatten)]
    file: ConfigFile,
    /// Keep everything in the store in this directory
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Only frames that this filter accepts, as tcpdump writes filters
    #[arg(short, long, value_name = "FILTER")]
    filter: Option<String>,
    /// What the site is called
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Zones of the plant: a TOML file
    #[arg(long, value_name = "FILE")]
    zones: Option<PathBuf>,
    /// Judge with these advisories: a bundle, a directory of CSAF documents, or one document
    #[arg(long, value_name = "PATH")]
    db: Option<PathBuf>,
    /// Use the signature files in this directory instead of those built in
    #[arg(long, value_name = "DIR")]
    signatures: Option<PathBuf>,
    /// Decisions under version control: a TOML file
    #[arg(long, value_name = "FILE")]
    decisions: Option<PathBuf>,
    /// What is kept of the packets behind facts: frames, headers or none
    #[arg(long, value_name = "WHAT")]
    evidence: Option<String>,
    /// The store may take so much, for example 20GiB
    #[arg(long, value_name = "SIZE")]
    max: Option<String>,
    /// Evidence and history are kept so long, for example 365d
    #[arg(long, value_name = "AGE")]
    keep: Option<String>,
    /// The kernel's ring for each interface, for example 64MiB
    #[arg(long, value_name = "SIZE")]
    ring: Option<String>,
    /// Ceiling for the memory of what is remembered, for example 2GiB; what does not fit is shed and counted
    #[arg(long, value_name = "SIZE")]
    memory: Option<String>,
    /// Bytes of a packet that are read
    #[arg(long, value_name = "BYTES")]
    snap: Option<String>,
    /// A device of which nothing is heard for so long is silent, unless it often is
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = time)]
    silent_after: Duration,
    /// End after this time, for example 10m
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    stop_after: Option<Duration>,
    /// Write events as NDJSON to the end of this file, as they happen; - for standard output
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
}

/// Runs the verb.
pub(super) fn run(args: &RunArgs) -> Result<Exit, AppError> {
    let sources = config::Sources {
        file: args.file.config.clone(),
        environment: std::env::vars().collect(),
        options: options(args),
    };
    let configuration = config::read(&sources)?;
    for caution in &configuration.cautions {
        complain(&format!("nameplate: {caution}"));
    }
    let settings = settings(args, configuration.settings)?;
    let (names, store) = (settings.interfaces.join(", "), settings.store.display().to_string());
    complain(&format!("nameplate: listening on {names}, keeping what is found in {store}"));
    let health = monitor::run(settings)?;
    complain(&closing(&health));
    Ok(Exit::Done)
}

/// Options that stand for keys of the configuration.
fn options(args: &RunArgs) -> Vec<OptionGiven> {
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let interfaces = (!args.interfaces.is_empty()).then(|| args.interfaces.join(","));
    let given = [
        ("capture.interfaces", "--interface", interfaces),
        ("capture.filter", "--filter", args.filter.clone()),
        ("capture.ring", "--ring", args.ring.clone()),
        ("capture.memory", "--memory", args.memory.clone()),
        ("capture.snap", "--snap", args.snap.clone()),
        ("site.name", "--site", args.site.clone()),
        ("evidence.keep", "--evidence", args.evidence.clone()),
        ("store.path", "--store", path(&args.store)),
        ("store.max", "--max", args.max.clone()),
        ("store.keep", "--keep", args.keep.clone()),
        ("db.path", "--db", path(&args.db)),
        ("signatures.path", "--signatures", path(&args.signatures)),
    ];
    let given = given.into_iter().filter_map(|(key, option, text)| Some((key, option, text?)));
    given.map(|(key, option, text)| OptionGiven { key, option, text }).collect()
}

fn settings(args: &RunArgs, settings: Settings) -> Result<monitor::Settings, AppError> {
    let Settings { site, zones: configured, capture, evidence, store, .. } = settings;
    if capture.interfaces.is_empty() {
        let hint = "name the interface to listen on: -i IFACE, or [capture] interfaces in the configuration; nameplate interfaces lists them";
        return Err(AppError::Usage(hint.to_owned()));
    }
    let site = site.as_deref().map(site_name).transpose();
    let zones = match &args.zones {
        Some(path) => zones::read(path)?,
        None => configured,
    };
    let sources = Sources {
        advisories: settings.advisories,
        signatures: settings.signatures,
        zones,
        decisions: args.decisions.clone(),
        warn_after: Some(settings.warn_after),
        ..Sources::default()
    };
    let ceiling = Ceiling::new(capture.memory_bytes);
    let backups = store.backup.map(|dir| monitor::Backups {
        dir,
        every: Duration::try_from(store.backup_every).unwrap_or(Duration::MAX),
        keep: store.backup_keep,
    });
    let live = LiveOptions {
        filter: (!capture.filter.is_empty()).then_some(capture.filter),
        snap_bytes: capture.snap_bytes,
        ring_bytes: usize::try_from(capture.ring_bytes).unwrap_or(usize::MAX),
        promiscuous: capture.promiscuous,
        ..LiveOptions::default()
    };
    let warn_after_days = settings.warn_after.as_hours().checked_div(HOURS_PER_DAY).unwrap_or(0);
    Ok(monitor::Settings {
        interfaces: capture.interfaces,
        live,
        ceiling,
        site: site.map_err(|error| AppError::Usage(error.to_string()))?,
        sources,
        store: store.path,
        evidence,
        room: monitor::Room {
            bytes_max: store.max_bytes,
            keep_ns: i64::try_from(store.keep.as_nanos()).unwrap_or(i64::MAX),
            reserve_bytes: RESERVE_BYTES,
        },
        backups,
        silent_after: args.silent_after,
        standing_every: STANDING_EVERY,
        warn_after_days: u64::try_from(warn_after_days).unwrap_or(0),
        stop_after: args.stop_after,
        events: args.events.as_ref().map(events).transpose()?,
    })
}

fn events(path: &PathBuf) -> Result<Box<dyn Write + Send>, AppError> {
    if path.as_os_str() == STANDARD_OUTPUT {
        return Ok(Box::new(BufWriter::new(io::stdout())));
    }
    let opened = OpenOptions::new().create(true).append(true).open(path);
    let failed = |source| AppError::Write { what: path.display().to_string(), source };
    Ok(Box::new(BufWriter::new(opened.map_err(failed)?)))
}

/// What a person wants to know of a run that ended.
fn closing(health: &Health) -> String {
    let sum = |of: fn(&crate::model::health::InterfaceHealth) -> u64| -> u64 {
        health.interfaces.iter().map(of).fold(0, u64::saturating_add)
    };
    let (frames, received) = (sum(|one| one.frames), sum(|one| one.received));
    let lost = sum(|one| one.dropped_by_kernel.saturating_add(one.dropped_by_interface));
    let assets = usize::try_from(health.assets).unwrap_or(usize::MAX);
    let [affected, fixed, not_affected, cannot_tell] = health.verdicts;
    format!(
        "nameplate: {frames} of {received} frames read, {lost} lost; {}; {affected} affected, {fixed} fixed, {not_affected} not affected, {cannot_tell} cannot tell",
        plural(assets, "device")
    )
}

fn time(text: &str) -> Result<Duration, String> {
    let duration = config::duration(text)?;
    Duration::try_from(duration).map_err(|_| format!("{text} is not a time that can go by"))
}

const SIGNALS: &str = "\
Signals:
  SIGTERM, SIGINT  write what is known, and end
  SIGHUP           read signatures, zones and advisories again; on an error those in use stay

It sends nothing, and needs CAP_NET_RAW: see nameplate doctor.";
/// Kept free for the day on which the disk is full: what the inventory of a plant grows by in weeks.
const RESERVE_BYTES: u64 = 16 * 1_024 * 1_024;
const STANDARD_OUTPUT: &str = "-";
const HOURS_PER_DAY: i64 = 24;
/// How often it is written who was there and who talked to whom: what a crash may cost of that.
const STANDING_EVERY: Duration = Duration::from_secs(60);
