//! What a sensor is set to: built in, then `/etc/nameplate/nameplate.toml` or the file of `--config`, then `NAMEPLATE_*` in the environment, then
//! options. Never from the current folder: whoever may write there would decide what the sensor sees.
//!
//! All mistakes are told at once, each with its place and what to write instead. Secrets are read from files, so that none stands in a file that is
//! printed, copied and shown to others.

mod environment;
mod file;
mod inspect;
mod keys;
mod schema;
mod show;
mod units;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use jiff::SignedDuration;

use crate::model::Zones;
use crate::model::limits::CONFIG_MISTAKES_MAX;

use keys::{Kind, SECTIONS};
use value::Value;

pub use inspect::inspect;
pub use schema::schema;
pub use show::{Shown, default_file, shown};
pub use units::{duration, show_duration, show_size, size};

/// All that can be set, as it is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What the site is called.
    pub site: Option<String>,
    /// The zones of the plant.
    pub zones: Zones,
    /// What is listened on.
    pub capture: CaptureSettings,
    /// What is kept of the packets behind facts.
    pub evidence: Keep,
    /// Where everything is kept.
    pub store: StoreSettings,
    /// Where pages are offered.
    pub web: SocketAddr,
    /// Advisories: a bundle or a directory; those of the store, else those built in, without.
    pub advisories: Option<PathBuf>,
    /// Say so when the newest advisory is older than this.
    pub warn_after: SignedDuration,
    /// Signature files of one's own.
    pub signatures: Option<PathBuf>,
    /// What the program says of its own work.
    pub log: LogSettings,
    /// Where notices go: the tables as they stand in the file, their keys checked.
    pub outputs: Vec<toml::Table>,
}

/// What is listened on, and how.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CaptureSettings {
    /// Network interfaces by name.
    pub interfaces: Vec<String>,
    /// Filter in the syntax of pcap-filter(7); empty for none.
    pub filter: String,
    /// Bytes of the kernel's ring for each interface.
    pub ring_bytes: u64,
    /// Bytes of a packet that are read.
    pub snap_bytes: u32,
    /// Take packets for others too.
    pub promiscuous: bool,
    /// Ceiling for what is remembered of the network.
    pub memory_bytes: u64,
}

/// What is kept of the packets behind facts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Keep {
    /// All of them.
    #[default]
    Frames,
    /// As far as the fact reaches.
    Headers,
    /// Nothing but the excerpt that every fact has.
    None,
}

/// Where everything is kept, and for how long.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StoreSettings {
    /// Its directory.
    pub path: PathBuf,
    /// Most that it may take.
    pub max_bytes: u64,
    /// How long evidence and history are kept.
    pub keep: SignedDuration,
    /// Where copies of it go; none are made without.
    pub backup: Option<PathBuf>,
    /// How often one is made.
    pub backup_every: SignedDuration,
    /// How many of them stay.
    pub backup_keep: usize,
}

/// How the program tells of its own work.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LogSettings {
    /// In which form.
    pub format: LogFormat,
    /// How much: a level of `tracing`.
    pub level: String,
}

/// In which form the program tells of its own work.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
    /// For journald: each line begins with its severity, as sd-daemon(3) has it.
    Journal,
}

/// Where settings are taken from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file of `--config`; [`DEFAULT_FILE`], where it is there, without one.
    pub file: Option<PathBuf>,
    /// The environment of the process; only what begins with `NAMEPLATE_` counts.
    pub environment: Vec<(String, String)>,
    /// Options of the command line that stand for a key.
    pub options: Vec<OptionGiven>,
}

/// An option of the command line that stands for a key.
#[derive(Clone, Debug)]
pub struct OptionGiven {
    /// The key, as `store.path`.
    pub key: &'static str,
    /// The option, as `--store`.
    pub option: &'static str,
    /// What was given, as it would be written in the environment.
    pub text: String,
}

/// Settings, and where each comes from.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// What holds.
    pub settings: Settings,
    /// Where each key comes from, by its name as `store.path`; `zone` and `output` are one key each.
    pub origins: BTreeMap<String, Origin>,
    /// Zones and outputs as they stand in the file.
    pub tables: toml::Table,
    /// What is likely not meant as it is written, one sentence each.
    pub cautions: Vec<String>,
}

/// Where a value comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    /// Nobody said anything.
    BuiltIn,
    /// A line of a file.
    File(PathBuf, usize),
    /// A variable of the environment.
    Environment(String),
    /// An option.
    Option(&'static str),
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {source}; nameplate config init writes a new one", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It says what no configuration may say: all mistakes, in their order.
    #[error("{}", lines(.0))]
    Wrong(Vec<Mistake>),
}

/// One mistake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mistake {
    /// Where it stands, as `/etc/nameplate/nameplate.toml:12:3`.
    pub place: String,
    /// What is wrong, and what to write instead.
    pub what: String,
}

/// Reads the configuration from all places, the later ones above the earlier.
///
/// # Errors
///
/// When a file cannot be read, or anything in any of the places is wrong.
pub fn read(sources: &Sources) -> Result<Configuration, ConfigError> {
    let mut gathered = Gathered::default();
    gathered.built_in();
    match &sources.file {
        Some(path) => file::read(path, &mut gathered)?,
        None => {
            let path = Path::new(DEFAULT_FILE);
            match file::read(path, &mut gathered) {
                Err(ConfigError::Read { source, .. })
                    if source.kind() == std::io::ErrorKind::NotFound => {}
                read => read?,
            }
        }
    }
    environment::read(&sources.environment, &mut gathered);
    for given in &sources.options {
        let taken = gathered.take_text(given.key, &given.text, Origin::Option(given.option));
        gathered.note(given.option, taken);
    }
    gathered.done()
}

/// What was read so far.
#[derive(Debug)]
struct Gathered {
    configuration: Configuration,
    mistakes: Vec<Mistake>,
}

impl Default for Gathered {
    fn default() -> Self {
        let settings = Settings::default();
        let (origins, cautions) = (BTreeMap::new(), Vec::new());
        let tables = toml::Table::new();
        let configuration = Configuration { settings, origins, tables, cautions };
        Self { configuration, mistakes: Vec::new() }
    }
}

impl Gathered {
    fn built_in(&mut self) {
        for section in SECTIONS {
            for key in section.keys {
                let name = format!("{}.{}", section.name, key.name);
                let Some(default) = key.default else { continue };
                let taken = self.take_text(&name, default, Origin::BuiltIn);
                self.note("built in", taken);
            }
        }
    }

    /// Sets a key to what an environment or an option says.
    fn take_text(&mut self, name: &str, text: &str, origin: Origin) -> Result<(), String> {
        let kind = kind_of(name).ok_or_else(|| format!("there is no key {name}"))?;
        let value = value::from_text(kind, text).map_err(|what| format!("{name}: {what}"))?;
        self.set(name, value, origin);
        Ok(())
    }

    fn set(&mut self, name: &str, value: Value, origin: Origin) {
        self.configuration.settings.set(name, value);
        self.configuration.origins.insert(name.to_owned(), origin);
    }

    fn note(&mut self, place: &str, taken: Result<(), String>) {
        if let Err(what) = taken {
            self.mistake(place.to_owned(), what);
        }
    }

    fn mistake(&mut self, place: String, what: String) {
        if self.mistakes.len() < CONFIG_MISTAKES_MAX {
            self.mistakes.push(Mistake { place, what });
        }
    }

    fn done(self) -> Result<Configuration, ConfigError> {
        match self.mistakes.is_empty() {
            true => Ok(self.configuration),
            false => Err(ConfigError::Wrong(self.mistakes)),
        }
    }
}

impl Settings {
    /// Sets the key of that name. What its kind makes impossible is left alone; a test sets every key.
    fn set(&mut self, name: &str, value: Value) {
        match (name, value) {
            ("site.name", Value::Text(name)) => self.site = Some(name),
            ("capture.interfaces", Value::Names(names)) => self.capture.interfaces = names,
            ("capture.filter", Value::Text(filter)) => self.capture.filter = filter,
            ("capture.ring", Value::Size(bytes)) => self.capture.ring_bytes = bytes,
            ("capture.snap", Value::Number(bytes)) => {
                self.capture.snap_bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            }
            ("capture.promiscuous", Value::Switch(on)) => self.capture.promiscuous = on,
            ("capture.memory", Value::Size(bytes)) => self.capture.memory_bytes = bytes,
            ("evidence.keep", Value::Text(word)) => {
                self.evidence = match &*word {
                    "headers" => Keep::Headers,
                    "none" => Keep::None,
                    _ => Keep::Frames,
                }
            }
            ("store.path", Value::Path(path)) => self.store.path = path,
            ("store.max", Value::Size(bytes)) => self.store.max_bytes = bytes,
            ("store.keep", Value::Duration(keep)) => self.store.keep = keep,
            ("store.backup", Value::Path(path)) => self.store.backup = Some(path),
            ("store.backup_every", Value::Duration(every)) => self.store.backup_every = every,
            ("store.backup_keep", Value::Number(count)) => {
                self.store.backup_keep = usize::try_from(count).unwrap_or(usize::MAX);
            }
            ("web.listen", Value::Listen(address)) => self.web = address,
            ("db.path", Value::Path(path)) => self.advisories = Some(path),
            ("db.warn_after", Value::Duration(after)) => self.warn_after = after,
            ("signatures.path", Value::Path(path)) => self.signatures = Some(path),
            ("log.format", Value::Text(word)) => {
                self.log.format = match &*word {
                    "json" => LogFormat::Json,
                    "journal" => LogFormat::Journal,
                    _ => LogFormat::Text,
                }
            }
            ("log.level", Value::Text(level)) => self.log.level = level,
            _ => {}
        }
    }
}

impl Default for Settings {
    /// Nothing is set: not even what is built in.
    fn default() -> Self {
        Self {
            site: None,
            zones: Zones::default(),
            capture: CaptureSettings::default(),
            evidence: Keep::default(),
            store: StoreSettings::default(),
            web: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            advisories: None,
            warn_after: SignedDuration::ZERO,
            signatures: None,
            log: LogSettings::default(),
            outputs: Vec::new(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Option(option) => f.write_str(option),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

fn kind_of(name: &str) -> Option<Kind> {
    let (section, key) = name.split_once('.')?;
    let section = SECTIONS.iter().find(|one| one.name == section)?;
    section.keys.iter().find(|one| one.name == key).map(|key| key.kind)
}

fn lines(mistakes: &[Mistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Where the configuration lies on an appliance.
pub const DEFAULT_FILE: &str = "/etc/nameplate/nameplate.toml";

#[cfg(test)]
mod tests;
