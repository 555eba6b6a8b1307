//! `nameplate config`: what a sensor is set to, where each value comes from, and what is wrong with it.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::app::config::{self, ConfigError, Configuration, Mistake, Sources};
use crate::app::{AppError, Exit};
use crate::export::escape::term;

/// What `config` accepts.
#[derive(Args, Debug)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    action: Action,
}

/// What can be done with a configuration.
#[derive(Debug, Subcommand)]
enum Action {
    /// Print what holds, and where each value comes from
    Show(ShowArgs),
    /// Tell all mistakes, and what does not fit this machine
    #[command(after_help = CHECK_EXIT_CODES)]
    Check(CheckArgs),
    /// Write the default configuration, every key with its meaning
    Init(InitArgs),
    /// Print the JSON Schema of the file, for editors
    Schema,
}

/// The file that is read.
#[derive(Args, Clone, Debug)]
pub(super) struct ConfigFile {
    /// Read this file instead of /etc/nameplate/nameplate.toml
    #[arg(long = "config", value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Args, Debug)]
struct ShowArgs {
    #[command(flatten)]
    file: ConfigFile,
    /// Print it as JSON: a list of keys, each with its value as the file has it, and where it comes from
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
struct CheckArgs {
    /// The file; /etc/nameplate/nameplate.toml when none is given
    #[arg(value_name = "FILE")]
    path: Option<PathBuf>,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Args, Debug)]
struct InitArgs {
    /// Where to; standard output when not given. A file that is there is left alone
    #[arg(value_name = "FILE")]
    path: Option<PathBuf>,
}

/// Runs the verb.
pub(super) fn run(args: &ConfigArgs) -> Result<Exit, AppError> {
    match &args.action {
        Action::Show(args) => show(args),
        Action::Check(args) => check(args),
        Action::Init(args) => init(args),
        Action::Schema => {
            let schema = serde_json::to_string_pretty(&config::schema()).unwrap_or_default();
            print(&format!("{schema}\n"))
        }
    }
}

/// The configuration of a file, or of its usual place, beneath the environment of this process.
pub(super) fn read(file: Option<&Path>) -> Result<Configuration, AppError> {
    let environment = std::env::vars_os().filter_map(|(name, value)| {
        // A name that is no text is none of ours; a value that is none is told as what it looks like.
        Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
    });
    let file = file.map(Path::to_owned);
    let sources = Sources { file, environment: environment.collect(), options: Vec::new() };
    Ok(config::read(&sources)?)
}

fn show(args: &ShowArgs) -> Result<Exit, AppError> {
    let configuration = read(args.file.config.as_deref())?;
    caution(&configuration.cautions);
    let shown = config::shown(&configuration);
    if args.json {
        let keys = shown.iter().map(|one| {
            let value = one.value.as_deref().map(|value| format!("value = {value}"));
            let value = value.and_then(|text| text.parse::<toml::Table>().ok()?.remove("value"));
            json!({ "key": one.key, "value": value, "origin": one.origin.to_string() })
        });
        let tables = configuration.tables.iter().map(|(key, value)| {
            let origin = configuration.origins.get(key).map(ToString::to_string);
            json!({ "key": key, "value": value, "origin": origin })
        });
        let all: Vec<_> = keys.chain(tables).collect();
        let text = serde_json::to_string_pretty(&all).unwrap_or_default();
        return print(&format!("{text}\n"));
    }
    let mut text = String::new();
    let mut section = "";
    for one in &shown {
        let (below, key) = one.key.split_once('.').unwrap_or_default();
        if below != section {
            let gap = if section.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}[{below}]\n"));
            section = below;
        }
        let setting = match &one.value {
            Some(value) => format!("{key} = {}", term(value)),
            None => format!("# {key} is not set"),
        };
        text.push_str(&format!("{setting:<WIDTH$} # {}\n", term(&one.origin.to_string())));
    }
    for (key, value) in &configuration.tables {
        let origin = configuration.origins.get(key).map(ToString::to_string).unwrap_or_default();
        let table = toml::Table::from_iter([(key.clone(), value.clone())]);
        let lines = toml::to_string(&table).unwrap_or_default();
        let lines: Vec<_> = lines.lines().map(term).collect();
        text.push_str(&format!("\n# {}\n{}\n", term(&origin), lines.join("\n")));
    }
    print(&text)
}

fn check(args: &CheckArgs) -> Result<Exit, AppError> {
    if args.path.is_some() && args.file.config.is_some() {
        let twice = "two files are given: name one of them";
        return Err(AppError::Usage(twice.to_owned()));
    }
    let path = args.path.as_deref().or(args.file.config.as_deref());
    let configuration = read(path)?;
    let inspection = config::inspect(&configuration.settings);
    caution(&configuration.cautions);
    caution(&inspection.cautions);
    let name = match path {
        Some(path) => path.display().to_string(),
        None => config::DEFAULT_FILE.to_owned(),
    };
    if !inspection.wrong.is_empty() {
        let wrong = inspection.wrong.into_iter().map(|what| Mistake { place: name.clone(), what });
        return Err(ConfigError::Wrong(wrong.collect()).into());
    }
    let cautions = configuration.cautions.len().saturating_add(inspection.cautions.len());
    let told = match cautions {
        0 => "is sound".to_owned(),
        1 => "is sound, with 1 warning".to_owned(),
        more => format!("is sound, with {more} warnings"),
    };
    match path.is_none() && !Path::new(config::DEFAULT_FILE).exists() {
        true => print(&format!("{name} is not there: what is built in holds, which {told}\n")),
        false => print(&format!("{} {told}\n", term(&name))),
    }
}

fn init(args: &InitArgs) -> Result<Exit, AppError> {
    let text = config::default_file();
    let Some(path) = &args.path else { return print(&text) };
    let unwritten = |source| AppError::Write { what: path.display().to_string(), source };
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(unwritten)?;
    file.write_all(text.as_bytes()).map_err(unwritten)?;
    Ok(Exit::Done)
}

/// What is likely not meant, a line each, for the person at the terminal.
fn caution(cautions: &[String]) {
    for line in cautions {
        // Nothing is left to say when standard error is closed.
        let _ = writeln!(io::stderr(), "nameplate: warning: {}", term(line));
    }
}

pub(super) fn print(text: &str) -> Result<Exit, AppError> {
    let mut out = io::stdout();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|source| AppError::Write { what: "standard output".to_owned(), source })?;
    Ok(Exit::Done)
}

/// Where the place that a value comes from stands.
const WIDTH: usize = 40;

const CHECK_EXIT_CODES: &str = "\
Exit codes:
  0  sound; what does not fit this machine was told
  1  the file cannot be read
  2  mistakes in the file or in the environment: all of them were told";
