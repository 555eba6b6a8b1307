//! `nameplate export`: what is known, as a document for other programs.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::app::cli::args::{Within, ZonesArgs};
use crate::app::cli::complain;
use crate::app::cli::day;
use crate::app::cli::explain::known;
use crate::app::select::Lens;
use crate::app::vex::{self, Format, Ready, Wish};
use crate::app::{AppError, Exit};
use crate::export::table::plural;
use crate::export::vex::Tlp;
use crate::export::{Report, Show, map};
use crate::model::{Run, Timestamp};

/// What `export` accepts.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct ExportArgs {
    /// The format
    #[arg(value_name = "FORMAT")]
    format: ExportFormat,
    #[command(flatten)]
    within: Within,
    /// Where to write it; - for standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Who publishes the document: a company, a department. csaf-vex and openvex must have it
    #[arg(long, value_name = "NAME")]
    publisher: Option<String>,
    /// An address of the web that is the publisher's own. csaf-vex must have it
    #[arg(long, value_name = "URI")]
    namespace: Option<String>,
    /// What the plant is called; the names of the sites when it is not given
    #[arg(long, value_name = "NAME")]
    plant: Option<String>,
    /// What the document is called, for as long as it is issued; made of the name of the plant when it is not given
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// When the document is issued; the time of the last packet or decision when it is not given, so that the same input
    /// gives the same document
    #[arg(long, value_name = "DATE", value_parser = day)]
    issued: Option<Timestamp>,
    /// The document that was issued before: the new one goes on from its revision, or is the same where nothing has changed
    #[arg(long, value_name = "FILE")]
    replaces: Option<PathBuf>,
    /// To whom the document may be passed on, by the Traffic Light Protocol
    #[arg(long, value_name = "LABEL", default_value = "amber")]
    tlp: TlpLabel,
    /// Of cyclonedx the statements without the devices; they refer to the document with the devices
    #[arg(long)]
    vex_only: bool,
    /// Export only devices and verdicts for which this holds, for example 'vendor=Siemens'
    #[arg(long = "where", value_name = "EXPR")]
    expression: Option<String>,
    #[command(flatten)]
    zones: ZonesArgs,
}

/// Formats of `export`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum ExportFormat {
    /// CSAF 2.0, profile VEX: statements about vulnerabilities, for PSIRTs and asset management
    CsafVex,
    /// OpenVEX 0.2.0: the same statements, in the least words
    Openvex,
    /// CycloneDX 1.6: devices, their firmware and the frames that prove them, with the same statements
    Cyclonedx,
    /// The map as a picture: bands of the Purdue model, zones or subnets, devices, who talks to whom
    Svg,
}

/// Labels of the Traffic Light Protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum TlpLabel {
    /// Nobody but those who are given it
    Red,
    /// The own company, and clients who need to know
    Amber,
    /// The own community
    Green,
    /// Everybody
    White,
}

/// Runs the verb.
pub(super) fn run(args: &ExportArgs) -> Result<Exit, AppError> {
    if args.format == ExportFormat::Svg {
        return map(args);
    }
    let wish = wish(args)?;
    let lens = Lens::new(args.zones.zones.as_deref(), args.expression.as_deref())?;
    let known = known(&args.within, None, &args.zones)?;
    let mut view = lens.view(&known);
    vex::with_products(&known, &mut view.assets, &view.findings, view.selected.as_ref());
    let report = Report {
        run: &known.run,
        assets: &view.assets,
        findings: &view.findings,
        talks: &[],
        show: Show::All,
        zones: &lens.zones,
        levels: &known.levels,
        selected: view.selected.as_ref(),
        layout: &view.layout,
    };
    let ready = vex::ready(&wish, &known, &report)?;
    let failed = |source| cannot_write(&args.output, source);
    let mut out = open(&args.output).map_err(failed)?;
    ready.write(&report, &known.cited, &mut out).and_then(|()| out.flush()).map_err(failed)?;
    tell(&ready, &known.run);
    Ok(if known.run.failed.is_empty() { Exit::Done } else { Exit::Failed })
}

/// Writes the map.
fn map(args: &ExportArgs) -> Result<Exit, AppError> {
    let ExportArgs { publisher, namespace, id, issued, replaces, vex_only, .. } = args;
    let texts = [publisher, namespace, id].iter().any(|text| text.is_some());
    if texts || issued.is_some() || replaces.is_some() || *vex_only {
        let hint = "--publisher, --namespace, --id, --issued, --replaces and --vex-only are for statements: svg has none";
        return Err(AppError::Usage(hint.to_owned()));
    }
    let lens = Lens::new(args.zones.zones.as_deref(), args.expression.as_deref())?;
    let known = known(&args.within, None, &args.zones)?;
    let view = lens.view(&known);
    let report = Report {
        run: &known.run,
        assets: &view.assets,
        findings: &view.findings,
        talks: &view.talks,
        show: Show::All,
        zones: &lens.zones,
        levels: &known.levels,
        selected: view.selected.as_ref(),
        layout: &view.layout,
    };
    let failed = |source| cannot_write(&args.output, source);
    let mut out = open(&args.output).map_err(failed)?;
    map::svg(&report, &mut out).and_then(|()| out.flush()).map_err(failed)?;
    unread(&known.run);
    Ok(if known.run.failed.is_empty() { Exit::Done } else { Exit::Failed })
}

fn wish(args: &ExportArgs) -> Result<Wish, AppError> {
    let format = match (args.format, args.vex_only) {
        (ExportFormat::CsafVex, false) => Format::Csaf,
        (ExportFormat::Openvex, false) => Format::OpenVex,
        (ExportFormat::Cyclonedx, false) => Format::CycloneDx,
        (ExportFormat::Cyclonedx, true) => Format::CycloneDxVexOnly,
        (ExportFormat::CsafVex | ExportFormat::Openvex | ExportFormat::Svg, _) => {
            let hint = "--vex-only is for cyclonedx: the other formats hold nothing but statements";
            return Err(AppError::Usage(hint.to_owned()));
        }
    };
    Ok(Wish {
        format,
        plant: args.plant.clone(),
        id: args.id.clone(),
        publisher: args.publisher.clone(),
        namespace: args.namespace.clone(),
        tlp: match args.tlp {
            TlpLabel::Red => Tlp::Red,
            TlpLabel::Amber => Tlp::Amber,
            TlpLabel::Green => Tlp::Green,
            TlpLabel::White => Tlp::White,
        },
        issued: args.issued,
        replaces: args.replaces.clone(),
    })
}

/// Opens a place to write to; - is standard output.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn Write>> {
    Ok(if path.as_os_str() == "-" {
        Box::new(BufWriter::new(io::stdout()))
    } else {
        Box::new(BufWriter::new(File::create(path)?))
    })
}

/// What to say when it cannot be written.
pub(super) fn cannot_write(path: &Path, source: io::Error) -> AppError {
    let is_standard = path.as_os_str() == "-";
    let what = if is_standard { "standard output".to_owned() } else { path.display().to_string() };
    AppError::Write { what, source }
}

/// What could not be read.
pub(super) fn unread(run: &Run) {
    run.failed.iter().for_each(|failure| complain(&format!("nameplate: {failure}")));
    for capture in &run.captures {
        if let Some(why) = capture.incomplete.as_ref().filter(|why| !run.failed.contains(why)) {
            complain(&format!("nameplate: {}: incomplete: {why}", capture.name));
        }
    }
}

/// What the document states, what it does not, and what could not be read.
fn tell(ready: &Ready, run: &Run) {
    unread(run);
    for (kind, count) in &ready.left_out {
        let kind = kind.replace('_', " ");
        let findings = plural(*count, "finding");
        complain(&format!("nameplate: {findings} left out, about no vulnerability: {kind}"));
    }
    let totals = ready.totals;
    let (revision, is_unchanged) = ready.revision();
    let unchanged = if is_unchanged { ", unchanged" } else { "" };
    complain(&format!(
        "{} about {}: {} affected, {} under investigation, {} fixed, {} not affected; revision {revision}{unchanged}",
        plural(totals.statements(), "statement"),
        plural(totals.products, "product"),
        totals.affected,
        totals.under_investigation,
        totals.fixed,
        totals.not_affected,
    ));
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed: an input cannot be read, there is nothing to state
  2  wrong usage
  5  advisories missing or unreadable";
