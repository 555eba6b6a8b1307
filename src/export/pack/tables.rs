//! Tables of a pack: RFC 4180, every cell escaped against spreadsheets that compute.

use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::export::brief::{gaps, seen};
use crate::export::csv::record;
use crate::export::escape;
use crate::export::pack::hex;
use crate::export::{Report, map};
use crate::model::{Asset, Bundle, Event, Field, Nameplate, Run, Unit};

/// A table that is being written.
pub(super) struct Table<W: Write>(::csv::Writer<W>);

impl<W: Write> Table<W> {
    pub(super) fn new(out: W, columns: &[&str]) -> io::Result<Self> {
        let mut rows =
            ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
        record(&mut rows, columns)?;
        Ok(Self(rows))
    }

    pub(super) fn row<T: AsRef<str>>(
        &mut self,
        cells: impl IntoIterator<Item = T>,
    ) -> io::Result<()> {
        let cells = cells.into_iter().map(|cell| escape::csv(cell.as_ref()).into_owned());
        record(&mut self.0, cells)
    }

    pub(super) fn end(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Devices and their parts.
pub(super) fn inventory(report: &Report<'_>, out: impl Write) -> io::Result<()> {
    let fields = Field::ALL.iter().map(|field| field.name());
    let columns: Vec<&str> =
        PLACES.iter().copied().chain(fields).chain(SEEN.iter().copied()).collect();
    let mut table = Table::new(out, &columns)?;
    for asset in report.assets {
        let parts = asset.modules.iter().filter(|_| !asset.is_its_only_unit());
        let parts = parts.map(|part| (Some(&part.path), &part.nameplate));
        for (path, plate) in std::iter::once((None, &asset.nameplate)).chain(parts) {
            table.row(inventory_row(report, asset, path, plate))?;
        }
    }
    table.end()
}

fn inventory_row(
    report: &Report<'_>,
    asset: &Asset,
    path: Option<&Unit>,
    plate: &Nameplate,
) -> Vec<String> {
    let list = |items: Vec<String>| items.join(" ");
    let vlans: BTreeSet<u16> =
        asset.scopes.iter().map(|scope| scope.vlan).filter(|vlan| *vlan != 0).collect();
    let zone = report.zones.of(asset);
    let level = report.level(asset);
    let mut row = vec![
        asset.id.to_string(),
        asset.identity.to_string(),
        asset.shown_name(),
        path.map(ToString::to_string).unwrap_or_default(),
        list(asset.ips.iter().map(ToString::to_string).collect()),
        list(asset.macs.iter().map(ToString::to_string).collect()),
        list(vlans.iter().map(ToString::to_string).collect()),
        report.run.sites.of(asset).join(", "),
        zone.map(|zone| zone.name.to_string()).unwrap_or_default(),
        level.map(|level| level.level.to_string()).unwrap_or_default(),
        level.map(|level| level.from.name().to_owned()).unwrap_or_default(),
        zone.and_then(|zone| zone.criticality.as_deref()).unwrap_or_default().to_owned(),
    ];
    row.extend(Field::ALL.iter().map(|field| plate.value(*field).unwrap_or_default().to_owned()));
    row.extend([
        list(asset.protocols.iter().map(ToString::to_string).collect()),
        asset.first.to_string(),
        asset.last.to_string(),
        crate::export::missing(plate).join(" "),
    ]);
    row
}

/// Every claim with the facts that it rests on, a row for each.
pub(super) fn evidence(report: &Report<'_>, out: impl Write) -> io::Result<()> {
    let run = report.run;
    let mut table = Table::new(out, EVIDENCE)?;
    for asset in report.assets {
        let parts = asset.modules.iter().map(|part| (Some(&part.path), &part.nameplate));
        for (path, plate) in std::iter::once((None, &asset.nameplate)).chain(parts) {
            let part = path.map(ToString::to_string).unwrap_or_default();
            for (field, claims) in &plate.claims {
                for claim in claims {
                    let is_shown = plate.value(*field) == Some(&*claim.value);
                    for ground in &claim.from {
                        let excerpt = &ground.excerpt;
                        table.row([
                            asset.id.to_string(),
                            asset.shown_name(),
                            part.clone(),
                            field.name().to_owned(),
                            claim.value.to_string(),
                            if is_shown { "yes" } else { "no" }.to_owned(),
                            claim.certainty.name().to_owned(),
                            claim.by.to_string(),
                            ground.key.name.to_owned(),
                            ground.value.to_string(),
                            ground.at.to_string(),
                            run.capture_name(excerpt.frame.capture).to_owned(),
                            excerpt.frame.number.to_string(),
                            excerpt.offset.to_string(),
                            excerpt.length.to_string(),
                            hex(&excerpt.bytes),
                        ])?;
                    }
                }
            }
        }
    }
    table.end()
}

/// What happened, in order of time.
pub(super) fn changes(report: &Report<'_>, out: impl Write) -> io::Result<()> {
    let mut table = Table::new(out, CHANGES)?;
    let mut happened: Vec<(&Asset, &Event)> = report
        .assets
        .iter()
        .flat_map(|asset| asset.events.iter().map(|event| (&**asset, event)))
        .collect();
    happened.sort_by_key(|(asset, event)| (event.ground.at, event.ground.frame, asset.id));
    for (asset, event) in happened {
        let ground = &event.ground;
        table.row([
            ground.at.to_string(),
            asset.id.to_string(),
            asset.shown_name(),
            event.module.as_ref().map(ToString::to_string).unwrap_or_default(),
            event.name().into_owned(),
            event.words(),
            report.run.capture_name(ground.frame.capture).to_owned(),
            ground.frame.number.to_string(),
        ])?;
    }
    table.end()
}

/// What could not be seen, how much of each place was seen, and all counters.
pub(super) fn coverage(report: &Report<'_>, out: impl Write) -> io::Result<()> {
    let mut table = Table::new(out, &["kind", "about", "what"])?;
    let seen = seen(report);
    for gap in gaps(report, &seen) {
        let kind = if gap.is_loss { "loss" } else { "limit" };
        table.row([kind, gap.about, &gap.what])?;
    }
    for place in map::places(report) {
        let level = place.level.map_or_else(|| "not known".to_owned(), |level| level.to_string());
        let devices = place.devices.len();
        table.row(["seen", &place.name, &format!("level {level}, {devices} devices")])?;
    }
    for (name, count) in report.run.counters.iter() {
        table.row(["counter", name, &count.to_string()])?;
    }
    table.end()
}

/// The captures and lists.
pub(super) fn inputs(run: &Run, out: impl Write) -> io::Result<()> {
    let mut table = Table::new(out, INPUTS)?;
    for (number, capture) in (0_u32..).zip(&run.captures) {
        if capture.is_shed() {
            continue;
        }
        let kind = match (&capture.session, run.import(number)) {
            (Some(_), _) => "sensor",
            (None, Some(_)) => "list",
            (None, None) => "capture",
        };
        let session = capture.session.as_ref();
        let count = |of: fn(&crate::model::Session) -> u64| {
            session.map(|session| of(session).to_string()).unwrap_or_default()
        };
        table.row([
            kind.to_owned(),
            capture.name.clone(),
            capture.sha256.clone(),
            capture.frames.to_string(),
            capture.bytes.to_string(),
            capture.first.map(|at| at.to_string()).unwrap_or_default(),
            capture.last.map(|at| at.to_string()).unwrap_or_default(),
            capture.incomplete.clone().unwrap_or_default(),
            count(|session| session.received),
            count(|session| session.dropped_by_kernel),
            count(|session| session.dropped_by_interface),
            count(|session| session.interruptions),
        ])?;
    }
    for failed in &run.failed {
        let mut row = vec!["not read", failed];
        row.resize(INPUTS.len(), "");
        table.row(row)?;
    }
    table.end()
}

/// The advisories in use, and the bundles that were.
pub(super) fn bundles(run: &Run, bundles: &[Bundle], out: impl Write) -> io::Result<()> {
    let mut table = Table::new(out, BUNDLES)?;
    let bundle = &run.bundle;
    table.row([
        "of this report".to_owned(),
        bundle.number.map(|number| number.to_string()).unwrap_or_default(),
        bundle.origin.clone(),
        bundle.sha256.clone(),
        bundle.built.clone().or_else(|| bundle.newest.clone()).unwrap_or_default(),
        bundle.signer.clone().unwrap_or_default(),
        bundle.documents.to_string(),
        bundle.unread.to_string(),
        String::new(),
        String::new(),
    ])?;
    for bundle in bundles {
        table.row([
            if bundle.is_current { "in use" } else { "before" }.to_owned(),
            bundle.number.to_string(),
            bundle.origin.clone(),
            bundle.sha256.clone(),
            bundle.built.clone(),
            bundle.signer.clone().unwrap_or_default(),
            bundle.documents.to_string(),
            String::new(),
            bundle.by.clone(),
            bundle.at.to_string(),
        ])?;
    }
    table.end()
}

const PLACES: &[&str] = &[
    "asset_id",
    "identity",
    "shown_name",
    "module",
    "ips",
    "macs",
    "vlans",
    "sites",
    "zone",
    "purdue",
    "purdue_from",
    "criticality",
];
const SEEN: &[&str] = &["protocols", "first_seen", "last_seen", "never_stated"];
const EVIDENCE: &[&str] = &[
    "asset_id",
    "name",
    "module",
    "field",
    "value",
    "shown",
    "certainty",
    "rule",
    "fact",
    "fact_value",
    "time",
    "capture",
    "frame",
    "offset",
    "length",
    "bytes",
];
const CHANGES: &[&str] =
    &["time", "asset_id", "name", "module", "event", "by_or_what", "capture", "frame"];
const INPUTS: &[&str] = &[
    "kind",
    "name",
    "sha256",
    "frames",
    "bytes",
    "first",
    "last",
    "incomplete",
    "received",
    "dropped_by_kernel",
    "dropped_by_interface",
    "interruptions",
];
const BUNDLES: &[&str] = &[
    "which",
    "number",
    "origin",
    "sha256",
    "knowledge_of",
    "signer",
    "documents",
    "unread",
    "imported_by",
    "imported",
];
