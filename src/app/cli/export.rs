//! `nameplate export`: what is known, as a document for other programs.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::app::cli::args::{Within, ZonesArgs};
use crate::app::cli::complain;
use crate::app::cli::day;
use crate::app::cli::explain::{known, known_with_facts};
use crate::app::cli::redact::RedactArgs;
use crate::app::documents::Document;
use crate::app::scan::Scanned;
use crate::app::select::Lens;
use crate::app::vex::{self, Format, Ready, Wish};
use crate::app::{AppError, Exit};
use crate::export::table::plural;
use crate::export::vex::Tlp;
use crate::export::{Report, csv, json};
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
    /// Where to write it; - for standard output. Of csv and netbox the directory, or a file that ends in .zip
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
    #[command(flatten)]
    redact: RedactArgs,
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
    /// CSV, for machines: a file for each of assets, modules, findings, facts, conversations, into the directory or .zip of -o; one
    /// table of verdicts on standard output or into a file that ends in .csv
    Csv,
    /// A workbook of Excel, for people: the same tables as sheets
    Xlsx,
    /// One JSON object a line: the contract with scripts
    Ndjson,
    /// One JSON object
    Json,
    /// Every fact, one JSON object a line
    Facts,
    /// CSV files for the bulk import of NetBox, into the directory or .zip of -o: to be looked through, and imported by hand
    Netbox,
    /// The report for people, one page; nameplate report makes the pack for auditors, too
    Html,
    /// The map as a picture: bands of the Purdue model, zones or subnets, devices, who talks to whom
    Svg,
    /// Who talks to whom as a graph, for programs that count
    Graphml,
    /// The same for Graphviz, with zones as clusters
    Dot,
    /// Findings as events of ArcSight, one a line
    Cef,
    /// Findings as messages of syslog, one a line
    Rfc5424,
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

/// What is to be written.
enum Plan {
    Vex(Wish),
    Document(Document),
    Plain(ExportFormat),
}

/// Runs the verb.
pub(super) fn run(args: &ExportArgs) -> Result<Exit, AppError> {
    let plan = plan(args)?;
    let redaction = args.redact.redaction()?;
    let lens = Lens::new(args.zones.zones.as_deref(), args.expression.as_deref())?;
    let has_facts = match &plan {
        Plan::Vex(_) => false,
        Plan::Document(document) => document.has_facts(),
        Plan::Plain(format) => *format == ExportFormat::Facts,
    };
    let known = match has_facts {
        true => known_with_facts(&args.within, &args.zones)?,
        false => known(&args.within, None, &args.zones)?,
    };
    let kept = lens.kept(&known);
    let (known, zones, kept) = match redaction {
        None => (known, lens.zones, kept),
        Some(redaction) => redaction.hide(&known, &lens.zones, kept),
    };
    let mut view = kept.view(&known);
    if matches!(plan, Plan::Vex(_)) {
        vex::with_products(&known, &mut view.assets, &view.findings, view.selected.as_ref());
    }
    let report = view.report(&known, &zones);
    write(args, &plan, &known, &report)?;
    Ok(if known.run.failed.is_empty() { Exit::Done } else { Exit::Failed })
}

fn write(
    args: &ExportArgs,
    plan: &Plan,
    known: &Scanned,
    report: &Report<'_>,
) -> Result<(), AppError> {
    let failed = |source| cannot_write(&args.output, source);
    match plan {
        Plan::Vex(wish) => {
            let ready = vex::ready(wish, known, report)?;
            let mut out = open(&args.output).map_err(failed)?;
            let written = ready.write(report, &known.cited, &mut out);
            written.and_then(|()| out.flush()).map_err(failed)?;
            tell_of_run(&known.run);
            tell(&ready);
        }
        Plan::Document(document) => {
            document.write(known, report, path(args))?;
            tell_of_run(&known.run);
            tell_of_report(report);
        }
        Plan::Plain(format) => {
            let mut out = open(&args.output).map_err(failed)?;
            let written = match format {
                ExportFormat::Facts => {
                    let mut facts = known.observations.iter();
                    facts.try_for_each(|fact| json::fact(&known.run, fact, &mut out))
                }
                ExportFormat::Json => json::json(report, &mut out),
                ExportFormat::Csv => csv::csv(report, &mut out),
                _ => json::ndjson(report, &mut out),
            };
            written.and_then(|()| out.flush()).map_err(failed)?;
            tell_of_run(&known.run);
            tell_of_report(report);
        }
    }
    Ok(())
}

/// What is to be written, and that it can be written there.
fn plan(args: &ExportArgs) -> Result<Plan, AppError> {
    let is_table = path(args).is_none_or(|path| {
        path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv")) && !path.is_dir()
    });
    let document = match args.format {
        ExportFormat::CsafVex | ExportFormat::Openvex | ExportFormat::Cyclonedx => {
            return Ok(Plan::Vex(wish(args)?));
        }
        ExportFormat::Csv if is_table => None,
        ExportFormat::Ndjson | ExportFormat::Json | ExportFormat::Facts => None,
        ExportFormat::Csv => Some(Document::CsvSet),
        ExportFormat::Xlsx => Some(Document::Xlsx),
        ExportFormat::Netbox => Some(Document::NetBox),
        ExportFormat::Html => Some(Document::Html),
        ExportFormat::Svg => Some(Document::Svg),
        ExportFormat::Graphml => Some(Document::GraphMl),
        ExportFormat::Dot => Some(Document::Dot),
        ExportFormat::Cef => Some(Document::Cef),
        ExportFormat::Rfc5424 => Some(Document::Rfc5424),
    };
    let given = [
        ("--publisher", args.publisher.is_some()),
        ("--namespace", args.namespace.is_some()),
        ("--plant", args.plant.is_some()),
        ("--id", args.id.is_some()),
        ("--issued", args.issued.is_some()),
        ("--replaces", args.replaces.is_some()),
        ("--vex-only", args.vex_only),
    ];
    if let Some((option, _)) = given.iter().find(|(_, is_given)| *is_given) {
        return Err(AppError::Usage(format!(
            "{option} is for csaf-vex, openvex and cyclonedx: leave it out"
        )));
    }
    document.map_or(Ok(()), |document| document.fits(path(args)))?;
    Ok(document.map_or(Plan::Plain(args.format), Plan::Document))
}

/// `None` for standard output.
fn path(args: &ExportArgs) -> Option<&Path> {
    Some(args.output.as_path()).filter(|path| path.as_os_str() != "-")
}

fn wish(args: &ExportArgs) -> Result<Wish, AppError> {
    let format = match (args.format, args.vex_only) {
        (ExportFormat::CsafVex, false) => Format::Csaf,
        (ExportFormat::Openvex, false) => Format::OpenVex,
        (ExportFormat::CsafVex | ExportFormat::Openvex, true) => {
            let hint = "--vex-only is for cyclonedx: the other formats hold nothing but statements";
            return Err(AppError::Usage(hint.to_owned()));
        }
        (_, false) => Format::CycloneDx,
        (_, true) => Format::CycloneDxVexOnly,
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

/// The file, or standard output.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn Write>> {
    Ok(if path.as_os_str() == "-" {
        Box::new(BufWriter::new(io::stdout()))
    } else {
        Box::new(BufWriter::new(File::create(path)?))
    })
}

/// Why the file could not be written.
pub(super) fn cannot_write(path: &Path, source: io::Error) -> AppError {
    let is_standard = path.as_os_str() == "-";
    let what = if is_standard { "standard output".to_owned() } else { path.display().to_string() };
    AppError::Write { what, source }
}

/// What could not be read.
pub(super) fn tell_of_run(run: &Run) {
    run.failed.iter().for_each(|failure| complain(&format!("nameplate: {failure}")));
    for capture in &run.captures {
        if let Some(why) = capture.incomplete.as_ref().filter(|why| !run.failed.contains(why)) {
            complain(&format!("nameplate: {}: incomplete: {why}", capture.name));
        }
    }
}

/// How much was written.
fn tell_of_report(report: &Report<'_>) {
    let of = |(shown, all): (usize, Option<usize>), noun: &str| match all {
        None => plural(shown, noun),
        Some(all) => format!("{shown} of {}", plural(all, noun)),
    };
    complain(&format!(
        "{}, {}",
        of(report.assets_shown(), "asset"),
        of(report.findings_shown(), "finding")
    ));
}

/// What the document states, and what it does not.
fn tell(ready: &Ready) {
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
