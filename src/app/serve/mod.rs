//! `serve`: a store, judged in the background, for whoever asks over HTTP.
//!
//! One thread judges: when the store was changed, when the day is another, and after an hour in any case, because decisions expire.
//! It never does so twice at once, and rests four times as long as it worked. What is asked meanwhile is answered from the picture
//! before; at most two pictures are in memory.

mod keep;
mod sensor;

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::alert::{News, OutputSettings, Outputs, OutputsError, Pace, SettingsError};
use crate::app::knowledge::Sources;
use crate::app::{AppError, notices};
use crate::model::limits::{TOKEN_FILE_BYTES_MAX, WEB_ANSWERS_AT_ONCE_MAX, WEB_HOSTS_MAX};
use crate::store::{Store, StoreError};
use crate::web::{self, Hosts, Rules, Token, TokenError};

use keep::Keeper;

/// What to serve, and to whom.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// Directory of the store.
    pub(super) store: PathBuf,
    /// What it is judged with; zones are read again from their file each time.
    pub(super) sources: Sources,
    /// The file of zones.
    pub(super) zones: Option<PathBuf>,
    /// Where to listen.
    pub(super) listen: SocketAddr,
    /// Names under which the server is asked for.
    pub(super) hosts: Vec<String>,
    /// A file with the token that requests must bring along.
    pub(super) token_file: Option<PathBuf>,
    /// Whether other machines may ask.
    pub(super) allow_remote: bool,
    /// Whether they may do so without encryption.
    pub(super) plain_http: bool,
    /// Whether a sensor fills the store.
    pub(super) expected: Expected,
    /// How often to look whether the store was changed.
    pub(super) every: Duration,
    /// Where notices are sent to.
    pub(super) outputs: Vec<OutputSettings>,
}

/// Whether a sensor fills the store.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(super) enum Expected {
    /// If one has ever written its health beside the store
    #[default]
    Auto,
    /// Yes: without it nothing here is ready
    Required,
    /// No: what one may have written is not looked at
    None,
}

/// Why nothing can be served.
#[derive(Debug, thiserror::Error)]
pub(super) enum ServeError {
    /// Others would read what is known of the plant.
    #[error(
        "{0} can be reached by other machines: use 127.0.0.1, or add --allow-remote, --token-file FILE and --plain-http, because this version does not encrypt"
    )]
    Remote(SocketAddr),
    /// A port that cannot be had.
    #[error("cannot listen on {address}: {source}; choose another with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file of the token.
    #[error("cannot read the token file {path}: {source}")]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Everybody on this machine can read the token.
    #[error("everybody can read the token file {path}: chmod 600 {path}")]
    TokenOpen {
        /// The file.
        path: PathBuf,
    },
    /// What is in it.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// An output as it is configured.
    #[error(transparent)]
    Output(#[from] SettingsError),
    /// What sends notices on.
    #[error(transparent)]
    Outputs(#[from] OutputsError),
    /// The runtime.
    #[error("cannot start what answers requests: {0}")]
    Runtime(std::io::Error),
}

impl ServeError {
    /// True for options that do not go together.
    pub(super) fn is_usage(&self) -> bool {
        matches!(self, Self::Remote(_) | Self::Output(_))
    }
}

/// Serves until the process is told to stop. `told` gets the address once requests are taken.
pub(super) fn serve(request: Request, told: impl FnOnce(SocketAddr)) -> Result<(), AppError> {
    let rules = rules(&request)?;
    if !Store::is_in(&request.store) {
        return Err(StoreError::Missing { path: request.store }.into());
    }
    // A mistake in what the user brought is told now, and not by a page that stays empty.
    crate::app::knowledge::signatures(&request.sources)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(WEB_ANSWERS_AT_ONCE_MAX.saturating_add(SPARE_THREADS))
        .build()
        .map_err(ServeError::Runtime)?;
    let address = request.listen;
    let listening = runtime.block_on(async { tokio::net::TcpListener::bind(address).await });
    let listener = listening.map_err(|source| ServeError::Listen { address, source })?;
    let bound = listener.local_addr().map_err(ServeError::Runtime)?;
    let outputs = send(&request)?;
    let keeper = Arc::new(Keeper::new(request));
    let judging = Arc::clone(&keeper);
    let named = std::thread::Builder::new().name("judge".to_owned());
    // Never waited for: at the end of the process it may be in the middle of a picture that nobody will look at.
    named.spawn(move || judging.keep()).map_err(ServeError::Runtime)?;
    runtime.block_on(async {
        let stop = stopped().map_err(ServeError::Runtime)?;
        told(bound);
        web::serve(listener, keeper, rules, stop).await;
        Ok::<(), AppError>(())
    })?;
    runtime.shutdown_background();
    if let Some(outputs) = outputs {
        outputs.stop(SEND_FOR);
    }
    Ok(())
}

/// Starts to send notices, where somebody wants them. How far each output is stands beside the store.
fn send(request: &Request) -> Result<Option<Outputs>, ServeError> {
    if request.outputs.is_empty() {
        return Ok(None);
    }
    let (open, folder) = (notices::opener(&request.store), request.store.join(OUTPUTS));
    let news = News::new();
    Ok(Some(Outputs::start(&request.outputs, &open, &folder, &news, Pace::default())?))
}

/// Until the process is told to stop, by a terminal or by who supervises it.
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    })
}

/// Who is let in. Whoever else could reach the port must be meant, in so many words.
fn rules(request: &Request) -> Result<Rules, AppError> {
    let is_local = request.listen.ip().is_loopback();
    let is_meant = request.allow_remote && request.token_file.is_some() && request.plain_http;
    if !is_local && !is_meant {
        return Err(ServeError::Remote(request.listen).into());
    }
    let token = request.token_file.as_deref().map(token).transpose()?;
    let names = request.hosts.iter().map(|name| name.trim_end_matches('.').to_ascii_lowercase());
    let mut names: BTreeSet<String> = names.collect();
    if names.len() > WEB_HOSTS_MAX {
        return Err(AppError::Usage(format!("--host: name at most {WEB_HOSTS_MAX}")));
    }
    names.retain(|name| name.parse::<IpAddr>().is_err());
    let hosts = Hosts { names, any_address: !is_local };
    Ok(Rules { version: env!("NAMEPLATE_VERSION").to_owned(), hosts, token })
}

/// The token in a file that nobody else may read.
fn token(path: &Path) -> Result<Token, ServeError> {
    use std::io::Read;
    let failed = |source| ServeError::TokenFile { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if about.is_file() && about.permissions().mode() & READ_BY_OTHERS != 0 {
        return Err(ServeError::TokenOpen { path: path.to_owned() });
    }
    let mut text = String::new();
    file.take(TOKEN_FILE_BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
    Ok(Token::new(&text, path)?)
}

/// Directory beside the store in which outputs keep how far they are.
const OUTPUTS: &str = "outputs";
/// How long a process that stops goes on sending what waits.
const SEND_FOR: Duration = Duration::from_secs(5);
const READ_BY_OTHERS: u32 = 0o007;
/// Threads for what must be answered also when all others work: health, metrics.
const SPARE_THREADS: usize = 2;
