//! `nameplate doctor`: one line for each thing that must be right.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::app::cli::args::{Format, PrintArgs};
use crate::app::cli::output;
use crate::app::doctor::{self, Level, Request};
use crate::app::knowledge::Sources;
use crate::app::{AppError, Exit};

/// What `doctor` accepts.
#[derive(Args, Debug)]
#[command(after_help = DOCTOR_EXIT_CODES)]
pub(super) struct DoctorArgs {
    /// A port that mirrored traffic comes in at. Can be given several times
    #[arg(short, long = "interface", value_name = "IFACE")]
    pub(super) interfaces: Vec<String>,
    /// Listen on the ports for this long, for example 10s or 2m, and tell whether a mirror comes in there
    #[arg(long, value_name = "TIME", value_parser = span, requires = "interfaces")]
    pub(super) listen: Option<Duration>,
    /// The directory of the store that a sensor would use
    #[arg(long, value_name = "DIR")]
    pub(super) store: Option<PathBuf>,
    /// Advisories that a sensor would use, instead of those of the store and those built in
    #[arg(long, value_name = "PATH")]
    pub(super) db: Option<PathBuf>,
    /// Signature files of your own
    #[arg(long, value_name = "DIR")]
    pub(super) signatures: Option<PathBuf>,
    /// Look at nothing: print the commands that make the ports ones that only receive
    #[arg(long, requires = "interfaces", conflicts_with_all = ["listen", "store", "db", "signatures"])]
    pub(super) fix: bool,
    #[command(flatten)]
    pub(super) print: PrintArgs,
}

/// Runs the verb.
pub(super) fn run(args: &DoctorArgs) -> Result<Exit, AppError> {
    if args.fix {
        let script = doctor::script(&args.interfaces);
        return io::stdout()
            .write_all(script.as_bytes())
            .map(|()| Exit::Done)
            .map_err(|source| AppError::Write { what: "standard output".to_owned(), source });
    }
    let outputs = output::wanted(&args.print)?;
    if outputs.iter().any(|output| output.format == Format::Facts) {
        return Err(AppError::Usage("doctor prints table, ndjson, json or csv".to_owned()));
    }
    let (advisories, signatures) = (args.db.clone(), args.signatures.clone());
    let request = Request {
        interfaces: args.interfaces.clone(),
        listen: args.listen,
        store: args.store.clone(),
        sources: Sources { advisories, signatures, ..Sources::default() },
    };
    let checks = doctor::examine(&request, &|time| {
        // For whoever waits; the result does not need it.
        let _ = writeln!(io::stderr(), "listening for {} s", time.as_secs());
    })?;
    for output in &outputs {
        let mut out = output::open(output)?;
        let rows = doctor::rows(&checks);
        let printed = match output.format {
            Format::Ndjson => rows.ndjson(&mut out),
            Format::Json => rows.json(&mut out),
            Format::Csv => rows.csv(&mut out),
            Format::Table | Format::Facts | Format::Html => {
                doctor::table(&checks, args.print.ascii, &mut out)
            }
        };
        printed
            .and_then(|()| out.flush())
            .map_err(|source| output::cannot_write(output, source))?;
    }
    Ok(if doctor::count(&checks, Level::Fail) > 0 { Exit::Failed } else { Exit::Done })
}

/// A time to listen: a number with `s` or `m` behind it.
fn span(text: &str) -> Result<Duration, String> {
    let wrong = || {
        format!("{text} is no time to listen: write seconds as 10s, minutes as 2m, up to an hour")
    };
    let (number, unit) = match (text.strip_suffix('s'), text.strip_suffix('m')) {
        (Some(seconds), _) => (seconds, 1),
        (_, Some(minutes)) => (minutes, 60),
        _ => (text, 1),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds =
        number.checked_mul(unit).filter(|seconds| (1..=LISTEN_SECONDS_MAX).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

/// Longer than that is what a sensor is for.
const LISTEN_SECONDS_MAX: u64 = 3_600;

const DOCTOR_EXIT_CODES: &str = "\
Exit codes:
  0  nothing failed, whatever the warnings
  1  something failed: the sensor would see nothing, keep nothing, or not be passive
  2  wrong usage";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(span("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(span("10"), Ok(Duration::from_secs(10)));
        assert_eq!(span("2m"), Ok(Duration::from_secs(120)));
        for text in ["", "0s", "-1s", "s", "1.5s", "61m", "99999999999999999999m", "10h"] {
            assert!(span(text).is_err(), "{text}");
        }
    }
}
