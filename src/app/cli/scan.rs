//! `nameplate scan`: captures in, assets and patch findings out.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::app::cli::args::{FailOn, Format, Inputs, Output, ScanArgs};
use crate::app::cli::{complain, memory, output};
use crate::app::documents::Document;
use crate::app::knowledge;
use crate::app::redact::Redaction;
use crate::app::scan::{self, Request, Scanned, Watch};
use crate::app::select::{Kept, Lens};
use crate::app::{AppError, Exit};
use crate::export::{json, table::plural};
use crate::model::{Finding, Kind, Run, Verdict, Zones};

/// Runs the verb.
pub(super) fn run(args: &ScanArgs) -> Result<Exit, AppError> {
    let started = Instant::now();
    let outputs = output::wanted_of_all(&args.print)?;
    let redaction = args.redact.redaction()?;
    if let Some(evidence) = &args.evidence {
        has_a_place_of_its_own(evidence, &outputs)?;
        if redaction.is_some() {
            let hint = "-w writes packets as they were, with every address and name in them: leave -w or --redact out";
            return Err(AppError::Usage(hint.to_owned()));
        }
    }
    let lens = args.view.lens()?;
    let has_facts = outputs.iter().filter_map(Output::document).any(Document::has_facts);
    let facts = outputs.iter().find(|output| output.format == Format::Facts).cloned();
    let request = Request {
        sources: args.view.zones.around(&lens.zones, &args.knowledge),
        store: args.store.clone(),
        evidence: args.evidence.clone(),
        ceiling: args.memory.ceiling(),
        all_facts: has_facts || (redaction.is_some() && facts.is_some()),
        ..request(&args.inputs)?
    };
    if facts.is_some() && args.view.expression.is_some() {
        let hint = "--where selects devices, and facts are printed before devices are known: leave one of them out";
        return Err(AppError::Usage(hint.to_owned()));
    }
    let Found { known: scanned, zones, kept } = found(request, lens, redaction, facts)?;
    let (run, view) = (&scanned.run, kept.view(&scanned));
    let report = view.report(&scanned, &zones);
    output::print(&report, &outputs, &args.print)?;
    output::documents(&scanned, &report, &outputs)?;
    run.failed.iter().for_each(|failure| complain(&format!("nameplate: {failure}")));
    for capture in &run.captures {
        let is_known = !capture.sha256.is_empty() || capture.session.is_some();
        let incomplete = capture.incomplete.as_ref().filter(|_| is_known);
        // A filter that is none fails every capture, and was said already.
        if let Some(why) = incomplete.filter(|why| !run.failed.contains(why)) {
            complain(&format!("nameplate: {}: incomplete: {why}", capture.name));
        }
    }
    run.handbook.notes.iter().for_each(|note| complain(&format!("nameplate: {note}")));
    memory::shed(&run.counters).iter().for_each(|what| complain(&format!("nameplate: {what}")));
    let frames = run.packets_read();
    let (devices, verdicts) =
        (of(report.assets_shown(), "asset"), of(report.findings_shown(), "finding"));
    let verdicts = match report.beside().words() {
        Some(beside) => format!("{verdicts}, {beside}"),
        None => verdicts,
    };
    let seconds = started.elapsed().as_secs_f64();
    complain(&format!("{devices}, {verdicts} from {frames} frames in {seconds:.2} s"));
    exit(args, run, &view.findings)
}

/// What is printed: all of it, or with pseudonyms.
struct Found {
    known: Scanned,
    zones: Zones,
    kept: Kept,
}

fn found(
    request: Request,
    lens: Lens,
    redaction: Option<Redaction>,
    facts: Option<Output>,
) -> Result<Found, AppError> {
    let Some(redaction) = redaction else {
        let known = interruptible(request, facts)?;
        let kept = lens.kept(&known);
        return Ok(Found { known, zones: lens.zones, kept });
    };
    let known = interruptible(request, None)?;
    let (known, zones, kept) = redaction.hide(&known, &lens.zones, lens.kept(&known));
    facts.map_or(Ok(()), |facts| print_facts(&known, &facts))?;
    Ok(Found { known, zones, kept })
}

/// Facts with pseudonyms: after the scan, when all that is to be replaced is known, and each once.
fn print_facts(known: &Scanned, output: &Output) -> Result<(), AppError> {
    let mut out = output::open(output)?;
    let mut facts = known.observations.iter();
    let printed = facts.try_for_each(|fact| json::fact(&known.run, fact, &mut out));
    printed.and_then(|()| out.flush()).map_err(|source| output::cannot_write(output, source))
}

/// How many are shown, of how many.
fn of((shown, all): (usize, Option<usize>), noun: &str) -> String {
    match all {
        None => plural(shown, noun),
        Some(all) => format!("{shown} of {}", plural(all, noun)),
    }
}

/// Refuses evidence that would be written into something else, or onto a screen, which obeys what hostile bytes say.
fn has_a_place_of_its_own(evidence: &Path, outputs: &[Output]) -> Result<(), AppError> {
    let wrong = |what: String| Err(AppError::Usage(what));
    if evidence.as_os_str() != "-" {
        let doubled = outputs.iter().any(|output| output.path.as_deref() == Some(evidence));
        let name = evidence.display();
        return if doubled {
            wrong(format!("{name} is asked for twice, by -o and -w"))
        } else {
            Ok(())
        };
    }
    if outputs.iter().any(|output| output.path.is_none()) {
        return wrong(
            "evidence and results cannot share standard output: give the results a file, -o FMT=PATH".to_owned(),
        );
    }
    if io::stdout().is_terminal() {
        return wrong("a terminal cannot show a capture: give -w a file, or pipe it on".to_owned());
    }
    Ok(())
}

/// The part of a request that says what is read.
pub(super) fn request(inputs: &Inputs) -> Result<Request, AppError> {
    if inputs.display_filter.is_some() {
        let hint = "-Y is Wireshark's: select packets with -f BPF";
        return Err(AppError::Usage(hint.to_owned()));
    }
    let all: Vec<_> = inputs.inputs.iter().chain(&inputs.read).cloned().collect();
    if all.is_empty() {
        let hint = "nothing to read: name captures, directories, or - for standard input";
        return Err(AppError::Usage(hint.to_owned()));
    }
    let (filter, frames_max) = (inputs.filter.clone(), inputs.count);
    let placings = inputs.placings.clone();
    Ok(Request { inputs: all, placings, filter, frames_max, ..Request::default() })
}

/// Scans, until it is done or a person presses Ctrl-C: then the scan ends with what it has.
pub(super) fn interruptible(request: Request, facts: Option<Output>) -> Result<Scanned, AppError> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let scan = move || {
        let mut watch = Bar::new();
        let mut out = facts.as_ref().map(output::open).transpose()?;
        let sink = out.as_mut().map(|out| -> &mut dyn Write { out });
        let scanned = scan::scan(&request, &told, &mut watch, sink);
        watch.0.finish_and_clear();
        if let (Some(mut out), Some(facts)) = (out, facts) {
            out.flush().map_err(|source| output::cannot_write(&facts, source))?;
        }
        scanned
    };
    attended(scan, || {
        let is_first = !stop.swap(true, Ordering::Relaxed);
        if is_first {
            complain("nameplate: stopping; what was read so far follows");
        }
        is_first
    })?
}

/// Works on a thread of its own, while this one waits for the work or for Ctrl-C: then the program ends, unless `stop`
/// knows how to make the work end by itself.
pub(super) fn attended<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    mut stop: impl FnMut() -> bool,
) -> Result<T, AppError> {
    let internal = |error: &dyn std::fmt::Display| AppError::Internal(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| internal(&error))?;
    runtime.block_on(async {
        let mut work = tokio::task::spawn_blocking(work);
        loop {
            tokio::select! {
                done = &mut work => return done.map_err(|error| internal(&error)),
                pressed = tokio::signal::ctrl_c() => {
                    if pressed.is_err() || !stop() {
                        std::process::exit(INTERRUPTED);
                    }
                }
            }
        }
    })
}

/// A progress bar on a terminal, nothing elsewhere.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        if !io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Watch for Bar {
    fn progress(&mut self, done: u64, total: Option<u64>, frames: u64) {
        match total {
            Some(total) => self.0.set_length(total),
            None => self.0.unset_length(),
        }
        self.0.set_position(done);
        self.0.set_message(format!("{frames} packets"));
    }
}

fn exit(args: &ScanArgs, run: &Run, findings: &[Arc<Finding>]) -> Result<Exit, AppError> {
    if !run.failed.is_empty() {
        return Ok(Exit::Failed);
    }
    if let Some(age) = args.require_db_age {
        let known = knowledge::age(&run.bundle);
        if known.is_none_or(|known| known > age) {
            let date = run.bundle.built.as_deref().or(run.bundle.newest.as_deref());
            let date = date.unwrap_or("unknown date");
            return Err(AppError::Bundle(format!(
                "the newest advisory is of {date}, older than --require-db-age allows; import newer ones with nameplate db import, or name them with --db"
            )));
        }
    }
    if args.strict && !run.complete() {
        return Ok(Exit::Incomplete);
    }
    let meets = |one: &Finding| args.fail_on.iter().any(|what| is_met(*what, one));
    let (aside, left): (Vec<&Arc<Finding>>, Vec<&Arc<Finding>>) =
        findings.iter().partition(|finding| finding.handling.is_suppressed());
    // What was put aside is passed over, but never in silence.
    let passed_over = aside.iter().filter(|finding| meets(finding)).count();
    if passed_over > 0 {
        let findings = plural(passed_over, "finding");
        complain(&format!("--fail-on passed over {findings} that were put aside by decisions"));
    }
    let met = left.iter().any(|finding| meets(finding));
    Ok(if met { Exit::Threshold } else { Exit::Done })
}

fn is_met(what: FailOn, finding: &Finding) -> bool {
    let judgement = &finding.judgement;
    let advisory = judgement.kind == Kind::Advisory;
    let ended = judgement.verdict == Verdict::Affected;
    let affected = advisory && ended;
    let scored = |least: f64| judgement.cvss.is_some_and(|score| score >= least);
    match what {
        FailOn::Critical => affected && scored(9.0),
        FailOn::High => affected && scored(7.0),
        FailOn::Affected => affected,
        FailOn::Kev => affected && judgement.kev == Some(true),
        FailOn::CannotTell => advisory && matches!(judgement.verdict, Verdict::Unknown(_)),
        FailOn::Eol => judgement.kind == Kind::EndOfSupport && ended,
    }
}

/// What shells report for a program ended by Ctrl-C.
const INTERRUPTED: i32 = 130;
const TEMPLATE: &str = "{bytes}/{total_bytes} [{bar:30}] {binary_bytes_per_sec} {msg} {eta}";
