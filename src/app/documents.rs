//! Documents for other programs: what is known in their formats, into a file, a directory, an archive, or standard output.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use crate::alert::format::Form;
use crate::alert::{FormatName, Header};
use crate::app::scan::Scanned;
use crate::app::vex::{self, Wish};
use crate::app::{AppError, treat};
use crate::export::html::{self, Beyond};
use crate::export::set::{Archive, Folder, Place, csv_set};
use crate::export::tables::Holding;
use crate::export::vex::Tlp;
use crate::export::{Report, graph, map, netbox, origin, xlsx};
use crate::model::notice::{Notice, NoticeKind, Severity};
use crate::watch;

/// A format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Document {
    /// The report for people, one page.
    Html,
    /// The map, drawn.
    Svg,
    /// A CSV file for each table.
    CsvSet,
    /// A workbook.
    Xlsx,
    /// Devices and statements.
    CycloneDx,
    /// Files for the bulk import of NetBox.
    NetBox,
    /// A graph.
    GraphMl,
    /// A graph to be drawn.
    Dot,
    /// Findings as events of ArcSight.
    Cef,
    /// Findings as messages of syslog.
    Rfc5424,
}

impl Document {
    /// Those that are printed with `-o` by their own name.
    pub(super) const NAMED: [Self; 9] = [
        Self::Html,
        Self::Svg,
        Self::Xlsx,
        Self::CycloneDx,
        Self::NetBox,
        Self::GraphMl,
        Self::Dot,
        Self::Cef,
        Self::Rfc5424,
    ];

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Svg => "svg",
            Self::CsvSet => "csv",
            Self::Xlsx => "xlsx",
            Self::CycloneDx => "cyclonedx",
            Self::NetBox => "netbox",
            Self::GraphMl => "graphml",
            Self::Dot => "dot",
            Self::Cef => "cef",
            Self::Rfc5424 => "rfc5424",
        }
    }

    /// The one of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|one| one.name().eq_ignore_ascii_case(name))
    }

    /// True for several files.
    pub(super) fn is_set(self) -> bool {
        matches!(self, Self::CsvSet | Self::NetBox)
    }

    /// True when it holds facts, which are kept only for it.
    pub(super) fn has_facts(self) -> bool {
        matches!(self, Self::CsvSet | Self::Xlsx)
    }

    /// Refuses a place that it cannot be written to. `None` is standard output.
    pub(super) fn fits(self, path: Option<&Path>) -> Result<(), AppError> {
        let name = self.name();
        if path.is_none() && self.is_set() {
            return Err(AppError::Usage(format!(
                "{name} is several files: name a directory for them, or a file that ends in .zip"
            )));
        }
        if path.is_none() && self == Self::Xlsx && io::stdout().is_terminal() {
            return Err(AppError::Usage(
                "a terminal cannot show a workbook: name a file for it".to_owned(),
            ));
        }
        Ok(())
    }

    /// Writes it.
    pub(super) fn write(
        self,
        known: &Scanned,
        report: &Report<'_>,
        path: Option<&Path>,
    ) -> Result<(), AppError> {
        self.fits(path)?;
        let failed = |source| {
            let what = path.map(|path| path.display().to_string());
            AppError::Write { what: what.unwrap_or_else(|| "standard output".to_owned()), source }
        };
        match path {
            Some(path) if self.is_set() => self.write_set(known, report, path).map_err(failed),
            Some(path) => {
                let mut out = BufWriter::new(File::create(path).map_err(failed)?);
                self.write_one(known, report, &mut out, &failed)
            }
            None => {
                let mut out = BufWriter::new(io::stdout());
                self.write_one(known, report, &mut out, &failed)
            }
        }
    }

    fn write_set(self, known: &Scanned, report: &Report<'_>, path: &Path) -> io::Result<()> {
        let into = |place: &mut dyn Place| match self {
            Self::NetBox => netbox::netbox(report, place),
            _ => csv_set(&Holding { report, facts: &known.observations }, place),
        };
        let is_archive = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip"));
        if is_archive {
            let mut archive = Archive::new(BufWriter::new(File::create(path)?));
            into(&mut archive)?;
            return archive.finish();
        }
        into(&mut Folder::create(path)?)
    }

    fn write_one(
        self,
        known: &Scanned,
        report: &Report<'_>,
        out: &mut impl Write,
        failed: &impl Fn(io::Error) -> AppError,
    ) -> Result<(), AppError> {
        let written = match self {
            Self::Xlsx => xlsx::xlsx(&Holding { report, facts: &known.observations }, &mut *out),
            Self::Html => {
                let history = treat::history(known, None, |_| true);
                html::html(report, Beyond { history: &history }, out)
            }
            Self::Svg => map::svg(report, out),
            Self::GraphMl => graph::graphml(report, out),
            Self::Dot => graph::dot(report, out),
            Self::Cef => messages(FormatName::Cef, known, report, out),
            Self::Rfc5424 => messages(FormatName::Rfc5424, known, report, out),
            Self::CycloneDx | Self::CsvSet | Self::NetBox => {
                let mut assets = report.assets.to_vec();
                vex::with_products(known, &mut assets, report.findings, report.selected);
                let report = Report { assets: &assets, ..*report };
                vex::ready(&devices(), known, &report)?.write(&report, &known.cited, out)
            }
        };
        written.and_then(|()| out.flush()).map_err(failed)
    }
}

/// CycloneDX without a name under it.
fn devices() -> Wish {
    Wish {
        format: vex::Format::CycloneDx,
        plant: None,
        id: None,
        publisher: None,
        namespace: None,
        tlp: Tlp::Amber,
        issued: None,
        replaces: None,
    }
}

/// A message for each finding, as the outputs of a sensor write them; the first one tells what they rest on. None of it is of the clock or
/// of this machine: the same input gives the same bytes.
fn messages(
    format: FormatName,
    known: &Scanned,
    report: &Report<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let told = vex::latest(known);
    let form = Form {
        format,
        facility: LOCAL_0,
        enterprise: DOCUMENTATION_ENTERPRISE,
        hostname: "-".to_owned(),
        header: Header::None,
        process: 0,
        bytes_max: usize::MAX,
    };
    let said = origin::origin(report);
    let is_complete = known.run.complete();
    let severity = if is_complete { Severity::Informational } else { Severity::Warning };
    let details = said.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
    let text = format!("nameplate {}: findings follow", report.run.version);
    let sensor = watch::sensor(NoticeKind::SensorState, severity, "export", &text, told);
    let first = Notice { details, ..sensor };
    let notices = report.findings.iter().map(|finding| {
        watch::standing(finding, report.asset(finding.asset), &report.run.sites, told)
    });
    for (number, notice) in (1_u64..).zip(std::iter::once(first).chain(notices)) {
        writeln!(out, "{}", form.write(&Notice { number, ..notice }).text)?;
    }
    Ok(())
}

/// Facility local0 (RFC 5424 section 6.2.1), as outputs have it when nothing else is configured.
const LOCAL_0: u8 = 16;
/// The number for documentation (RFC 5612), as outputs have it when nothing else is configured.
const DOCUMENTATION_ENTERPRISE: u32 = 32_473;
