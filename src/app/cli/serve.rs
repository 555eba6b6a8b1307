//! `nameplate serve`: what a store holds, over HTTP.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::alert::{self, OutputSettings};
use crate::app::cli::args::{KnowledgeArgs, ZonesArgs};
use crate::app::config::{self, Settings};
use crate::app::serve::{self, Expected, Request, ServeError};
use crate::app::{AppError, Exit};
use crate::model::Zones;

/// What `serve` accepts.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct ServeArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR", required_unless_present = "config")]
    store: Option<PathBuf>,
    /// Read this configuration: the store, where to listen, zones, and the outputs that notices are sent to. Options stand above it; without it
    /// nothing is sent anywhere
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen, 127.0.0.1:8443 if nothing else is said; port 0 takes any that is free, and the first line of standard output says which
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// A name under which this server is asked for, beside localhost; can be given several times. Requests for other names are
    /// refused, so that no page on the internet can read this one through a browser
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Let other machines ask; needs --token-file and --plain-http
    #[arg(long)]
    allow_remote: bool,
    /// Answer only requests that bring the token in this file: Authorization: Bearer TOKEN
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Let other machines ask without encryption: whoever is on the way reads along
    #[arg(long)]
    plain_http: bool,
    /// Whether a sensor fills the store: without it nothing is ready then
    #[arg(long, value_name = "WHETHER", default_value = "auto")]
    sensor: Expected,
    /// How often to look whether the store was changed
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    refresh: u32,
    #[command(flatten)]
    knowledge: KnowledgeArgs,
    #[command(flatten)]
    zones: ZonesArgs,
}

/// Serves until the process is told to stop.
pub(super) fn run(args: &ServeArgs) -> Result<Exit, AppError> {
    let zones = args.zones.zones.clone();
    zones.as_deref().map(crate::app::zones::read).transpose()?;
    let configured = args.config.as_deref().map(configured).transpose()?;
    let (settings, outputs) = configured.unzip();
    let store = args.store.clone().or(settings.as_ref().map(|known| known.store.path.clone()));
    let listen = args.listen.or(settings.as_ref().map(|known| known.web)).unwrap_or(LISTEN);
    let none = Zones::default();
    let known_zones = settings.as_ref().map_or(&none, |known| &known.zones);
    let mut sources = args.zones.around(known_zones, &args.knowledge);
    if let Some(known) = &settings {
        sources.advisories = sources.advisories.or(known.advisories.clone());
        sources.signatures = sources.signatures.or(known.signatures.clone());
        sources.warn_after = sources.warn_after.or(Some(known.warn_after));
    }
    let request = Request {
        store: store.unwrap_or_default(),
        sources,
        zones,
        listen,
        outputs: outputs.unwrap_or_default(),
        hosts: args.hosts.clone(),
        token_file: args.token_file.clone(),
        allow_remote: args.allow_remote,
        plain_http: args.plain_http,
        expected: args.sensor,
        every: Duration::from_secs(u64::from(args.refresh)),
    };
    serve::serve(request, |address| {
        let mut out = io::stdout();
        // Nobody may want to know.
        let _ = writeln!(out, "listening on http://{address}").and_then(|()| out.flush());
    })?;
    Ok(Exit::Done)
}

/// What a configuration says, and the outputs in it.
fn configured(file: &Path) -> Result<(Settings, Vec<OutputSettings>), AppError> {
    let sources = config::Sources {
        file: Some(file.to_owned()),
        environment: std::env::vars().collect(),
        options: Vec::new(),
    };
    let settings = config::read(&sources)?.settings;
    let tables = toml::Table::from_iter([(
        "output".to_owned(),
        toml::Value::from(settings.outputs.clone()),
    )]);
    let outputs = alert::read(&tables.to_string(), &file.display().to_string());
    Ok((settings, outputs.map_err(ServeError::Output)?))
}

const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8_443);

const EXIT_CODES: &str = "\
Exit codes:
  0  told to stop, and stopped
  1  failed: there is no store, the port is taken, a file cannot be read
  2  wrong usage";
