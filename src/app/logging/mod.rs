//! What the program says about its own work: one line an event, on standard error.
//!
//! Texts in it may come from the wire or from a request. They stand in fields, escaped: no byte of them ends a line, moves a cursor or
//! looks like another event. What is said too often is summed up, so that a flood on the wire is no flood of the disk.

mod line;
mod often;

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry};

use crate::app::AppError;

use line::Line;
use often::Often;

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line, with the time
    Json,
    /// For the journal of systemd: each line begins with how much it matters, as sd-daemon(3) says
    Journal,
}

/// Begins to log. What matters enough is said by `verbose`, or by the environment.
pub(super) fn start(format: Option<LogFormat>, verbose: u8) -> Result<(), AppError> {
    let format = match format {
        Some(format) => format,
        None => of_environment(std::env::var(FORMAT).ok().as_deref())?,
    };
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new(level));
    let is_colored = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = Log::new(format, is_colored, io::stderr());
    // A second call has nothing to begin.
    let _ = Registry::default().with(filter).with(log).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        let what = panic.payload_as_str().unwrap_or("an error without words");
        tracing::error!(at, what, "an error of the program");
    }));
    Ok(())
}

fn of_environment(text: Option<&str>) -> Result<LogFormat, AppError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(LogFormat::Text) };
    clap::ValueEnum::from_str(text, false)
        .map_err(|_| AppError::Usage(format!("{FORMAT}={text}: write text, json or journal")))
}

/// Writes events as lines.
struct Log<W> {
    format: LogFormat,
    is_colored: bool,
    state: Mutex<State<W>>,
}

struct State<W> {
    out: W,
    often: Often,
}

impl<W: Write> Log<W> {
    fn new(format: LogFormat, is_colored: bool, out: W) -> Self {
        let often = Often::new(Instant::now());
        Self { format, is_colored, state: Mutex::new(State { out, often }) }
    }

    fn write(&self, about: &'static Metadata<'static>, line: &Line, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        // What a person asked to see in full is not shortened.
        if *about.level() <= Level::INFO {
            for (kind, more) in state.often.over(now) {
                line::more(kind, more).written(self.format, self.is_colored, &mut text);
            }
            if !state.often.may(about, now) {
                if !text.is_empty() {
                    let _ = state.out.write_all(text.as_bytes());
                }
                return;
            }
        }
        line.written(self.format, self.is_colored, &mut text);
        // Nothing is left to say when standard error is closed. One write a line, so that lines of threads do not mix.
        let _ = state.out.write_all(text.as_bytes());
    }
}

impl<S: Subscriber, W: Write + Send + 'static> Layer<S> for Log<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.write(event.metadata(), &Line::of(event), Instant::now());
    }
}

const FORMAT: &str = "NAMEPLATE_LOG_FORMAT";
const FILTER: &str = "NAMEPLATE_LOG";

#[cfg(test)]
mod tests;
