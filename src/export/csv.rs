//! RFC 4180 CSV for machines: one row for each verdict, and one for each device or part without any.

use std::io::{self, Write};
use std::sync::Arc;

use crate::export::{Report, display_name, escape};
use crate::model::{Asset, Field, Finding, Module, Nameplate, Unit, Verdict};

/// Prints a report.
pub fn csv(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut rows = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    record(&mut rows, ASSET_COLUMNS.iter().chain(FINDING_COLUMNS))?;
    for asset in report.assets {
        part(report, asset, None, &asset.nameplate, &mut rows)?;
        for Module { path, nameplate, .. } in &asset.modules {
            part(report, asset, Some(path), nameplate, &mut rows)?;
        }
    }
    rows.flush()
}

fn part(
    report: &Report<'_>,
    asset: &Asset,
    path: Option<&Unit>,
    plate: &Nameplate,
    rows: &mut ::csv::Writer<impl Write>,
) -> io::Result<()> {
    let about = asset_cells(report, asset, path, plate);
    let same =
        |finding: &&Arc<Finding>| finding.asset == asset.id && finding.module.as_ref() == path;
    let start = report.findings.partition_point(|finding| finding.asset < asset.id);
    let own = report.findings.get(start..).unwrap_or_default();
    let own = own.iter().take_while(|finding| finding.asset == asset.id);
    let mut judged = own.filter(same).filter(|_| report.show.findings()).peekable();
    let is_shown = report.show.assets() && report.shows(asset.id, path);
    if judged.peek().is_none() && is_shown {
        let blank = FINDING_COLUMNS.iter().map(|_| String::new());
        record(rows, about.iter().cloned().chain(blank).map(cell))?;
    }
    for finding in judged {
        record(rows, about.iter().cloned().chain(finding_cells(finding)).map(cell))?;
    }
    Ok(())
}

/// Writes one row. The kind of an error is kept: a reader that left a pipe is no failure.
pub(super) fn record(
    rows: &mut ::csv::Writer<impl Write>,
    cells: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> io::Result<()> {
    rows.write_record(cells).map_err(|error| match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    })
}

fn cell(text: String) -> String {
    escape::csv(&text).into_owned()
}

fn asset_cells(
    report: &Report<'_>,
    asset: &Asset,
    path: Option<&Unit>,
    plate: &Nameplate,
) -> Vec<String> {
    let list = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(" ");
    let value = |field: Field| plate.value(field).unwrap_or_default().to_owned();
    let evidence = plate.claim(Field::Firmware).or_else(|| plate.claim(Field::Model));
    let ground = evidence.and_then(|claim| claim.from.last());
    let frame = ground.map(|ground| {
        format!("{}#{}", report.run.capture_name(ground.frame.capture), ground.frame.number)
    });
    let mut cells = vec![
        asset.id.to_string(),
        path.map(ToString::to_string).unwrap_or_default(),
        display_name(asset),
        list(&mut asset.ips.iter().map(ToString::to_string)),
        list(&mut asset.macs.iter().map(ToString::to_string)),
    ];
    cells.extend(PLATE_FIELDS.iter().map(|field| value(*field)));
    let zone = report.zones.of(asset);
    cells.push(zone.map(|zone| zone.name.to_string()).unwrap_or_default());
    cells
        .push(zone.and_then(|zone| zone.purdue).map(|level| level.to_string()).unwrap_or_default());
    cells.push(list(&mut asset.protocols.iter().map(ToString::to_string)));
    cells.push(asset.first.to_string());
    cells.push(asset.last.to_string());
    cells.push(frame.unwrap_or_default());
    cells
}

fn finding_cells(finding: &Finding) -> Vec<String> {
    let judgement = &finding.judgement;
    let reason = match &judgement.verdict {
        Verdict::Unknown(why) => why.name(),
        Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => "",
    };
    vec![
        finding.id.to_string(),
        judgement.advisory.to_string(),
        judgement.cve.to_string(),
        judgement.verdict.name().to_owned(),
        reason.to_owned(),
        judgement.because.join("; "),
        judgement.grade.to_string(),
        judgement.fixed_in.join(" "),
        judgement.cvss.map(|score| format!("{score:.1}")).unwrap_or_default(),
        judgement.kev.map(|kev| kev.to_string()).unwrap_or_default(),
        judgement.priority.map(|priority| priority.name().to_owned()).unwrap_or_default(),
    ]
}

const PLATE_FIELDS: &[Field] = &[
    Field::Kind,
    Field::Role,
    Field::Vendor,
    Field::Product,
    Field::Model,
    Field::OrderNumber,
    Field::Series,
    Field::Firmware,
    Field::Hardware,
    Field::Serial,
    Field::Os,
    Field::OsBuild,
];

const ASSET_COLUMNS: &[&str] = &[
    "asset_id",
    "module",
    "name",
    "ips",
    "macs",
    "kind",
    "role",
    "vendor",
    "product",
    "model",
    "order_number",
    "series",
    "firmware",
    "hardware",
    "serial",
    "os",
    "os_build",
    "zone",
    "purdue",
    "protocols",
    "first_seen",
    "last_seen",
    "evidence",
];

const FINDING_COLUMNS: &[&str] = &[
    "finding_id",
    "advisory",
    "cve",
    "verdict",
    "reason",
    "because",
    "grade",
    "fixed_in",
    "cvss",
    "kev",
    "priority",
];
