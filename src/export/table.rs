//! For a person at a terminal: devices, verdicts, and what could not be told.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;

use comfy_table::{
    Attribute, Cell, Color, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle,
};

use crate::export::{Report, Selected, aside, beside, chosen, display_name, escape::term};
use crate::model::{
    Asset, Event, Field, Finding, FrameRef, Module, Nameplate, Priority, Run, Unit, Verdict,
};

/// How to print.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Use colours beside words and shapes.
    pub color: bool,
    /// Use ASCII only.
    pub ascii: bool,
    /// Print every device and every verdict, without shortening.
    pub wide: bool,
    /// Width of the terminal in characters; `None` when the output goes to a file.
    pub width: Option<u16>,
}

/// Prints a report.
pub fn table<'a>(report: &Report<'a>, style: &Style, out: &mut impl Write) -> io::Result<()> {
    headline(report.run, out)?;
    if report.show.assets() {
        assets(report, style, out)?;
    }
    if report.show.findings() {
        findings(report, style, out)?;
        beside::table(report, style, out)?;
    }
    let happened = |asset: &'a Arc<Asset>| asset.events.iter().map(|event| (&**asset, event));
    let mut happened: Vec<(&Asset, &Event)> = report.assets.iter().flat_map(happened).collect();
    if report.show.assets() && !happened.is_empty() {
        happened.sort_by_key(|(asset, event)| (event.ground.at, event.ground.frame, asset.id));
        events(report, &happened, style, out)?;
    }
    if let Some(selected) = report.selected {
        selection(selected, out)?;
    }
    counts(report, style, out)?;
    beside::count(report, out)
}

fn headline(run: &Run, out: &mut impl Write) -> io::Result<()> {
    let frames: u64 = run.packets_read();
    let first = run.captures.iter().filter_map(|capture| capture.first).min();
    let last = run.captures.iter().filter_map(|capture| capture.last).max();
    let captures = run.captures.iter().filter(|capture| !capture.is_shed()).count();
    let captures = plural(captures.saturating_sub(run.imports.len()), "capture");
    write!(out, "{captures}, {frames} frames")?;
    if !run.imports.is_empty() {
        write!(out, ", {}", plural(run.imports.len(), "list"))?;
    }
    if let (Some(first), Some(last)) = (first, last) {
        let day = |at: String| at.get(..19).unwrap_or(&at).replace('T', " ");
        write!(out, ", {} to {} UTC", day(first.to_string()), day(last.to_string()))?;
    }
    let bundle = &run.bundle;
    let documents = plural(bundle.documents, "advisory");
    write!(out, "\n{documents} ({})", term(&bundle.origin))?;
    if let Some(newest) = &bundle.newest {
        write!(out, ", newest of {}", term(newest.get(..10).unwrap_or(newest)))?;
    }
    writeln!(out, "{}", beside::feeds(run))
}

fn assets(report: &Report<'_>, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\nASSETS ({})\n", shown_of(report.assets_shown()))?;
    let hidden = match chosen::of_devices(report) {
        Some(columns) => chosen::devices(report, &columns, style, out)?,
        None => usual_assets(report, style, out)?,
    };
    if hidden > 0 {
        writeln!(
            out,
            "and {} that said nothing about themselves (--wide)",
            plural(hidden, "address")
        )?;
    }
    Ok(())
}

/// Gives the number of devices that are left out because they say nothing.
fn usual_assets(report: &Report<'_>, style: &Style, out: &mut impl Write) -> io::Result<usize> {
    let known = report.assets.iter().filter(|asset| style.wide || is_known(asset));
    let shown: Vec<&Asset> = known.map(|asset| &**asset).collect();
    let mut sorted = shown.clone();
    sorted.sort_by_key(|asset| (asset.ips.first().copied(), asset.id));
    sorted.sort_by_key(|asset| report.layout.device(asset.id));
    let shows_sites = report.shows_sites();
    let sites = |asset: &Asset| {
        shows_sites.then(|| term(&report.run.sites.of(asset).join(", ")).into_owned())
    };
    let (site, kept_whole) =
        if shows_sites { (Some("Site"), [1, 6, 7, 8]) } else { (None, [1, 5, 6, 7]) };
    let headings = ["Device", "Address"].into_iter().chain(site);
    let headings = headings.chain(["Vendor", "Product", "Model", "Firmware", "Serial", "Seen in"]);
    let headings = headings.chain(WIDE_HEADINGS.into_iter().filter(|_| style.wide));
    let place = |asset: &Asset, plate: &Nameplate, is_whole: bool| {
        let level = report.level(asset).filter(|_| is_whole).map(|level| level.level.to_string());
        let role = term(plate.value(Field::Role).unwrap_or_default()).into_owned();
        [role, level.unwrap_or_default()].into_iter().filter(|_| style.wide)
    };
    let mut rows = empty(headings, &kept_whole, style);
    for asset in sorted {
        let address = asset.ips.first().map(ToString::to_string);
        let address = address.or_else(|| asset.macs.first().map(ToString::to_string));
        let others = asset.ips.len().saturating_sub(1);
        let more = if others > 0 { format!(" +{others}") } else { String::new() };
        let address = format!("{}{more}", address.unwrap_or_default());
        let name = term(&display_name(asset)).into_owned();
        let first = [name, address].into_iter().chain(sites(asset));
        let plate = &asset.nameplate;
        rows.add_row(first.chain(cells(plate, report.run)).chain(place(asset, plate, true)));
        let speaks_for_itself = asset.is_its_only_unit();
        let is_shown = |module: &&Module| report.shows(asset.id, Some(&module.path));
        for module in asset.modules.iter().filter(|_| !speaks_for_itself).filter(is_shown) {
            let first = [format!("  {}", module.path), String::new()].into_iter();
            let first = first.chain(shows_sites.then(String::new));
            let plate = &module.nameplate;
            rows.add_row(first.chain(cells(plate, report.run)).chain(place(asset, plate, false)));
        }
    }
    if !rows.is_empty() {
        writeln!(out, "{}", trimmed(&rows))?;
    }
    Ok(report.assets.len().saturating_sub(shown.len()))
}

fn cells(plate: &Nameplate, run: &Run) -> [String; 6] {
    let value = |field: Field| term(plate.value(field).unwrap_or_default()).into_owned();
    let series = plate.value(Field::Series).map(|series| format!(" series {}", term(series)));
    let model = format!("{}{}", value(Field::Model), series.unwrap_or_default());
    let or = |first: Field, second: Field| {
        Some(value(first)).filter(|v| !v.is_empty()).unwrap_or_else(|| value(second))
    };
    [
        value(Field::Vendor),
        product(plate),
        model,
        or(Field::Firmware, Field::OsBuild),
        value(Field::Serial),
        seen_in(plate, run),
    ]
}

/// Columns that only a wide table has.
const WIDE_HEADINGS: [&str; 2] = ["Role", "Level"];

/// The product; where that is an operating system, its release.
fn product(plate: &Nameplate) -> String {
    let release = plate.value(Field::Os).unwrap_or_default();
    let product = plate.value(Field::Product).unwrap_or(release);
    term(if release.starts_with(product) { release } else { product }).into_owned()
}

/// The frames behind the values shown.
pub(super) fn seen_in(plate: &Nameplate, run: &Run) -> String {
    let shown =
        [Field::Model, Field::Product, Field::Os, Field::Firmware, Field::Serial, Field::Name];
    let claims = shown.iter().filter_map(|field| plate.claim(*field));
    places(claims.flat_map(|claim| &claim.from).map(|ground| ground.frame), run)
}

/// Frames, each once, by capture: `a.pcap#7 #9, b.pcap#3`.
pub(super) fn places(places: impl IntoIterator<Item = FrameRef>, run: &Run) -> String {
    let mut frames: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
    for frame in places {
        frames.entry(frame.capture).or_default().insert(frame.number);
    }
    let list = frames.iter().map(|(capture, numbers)| {
        let name = run.capture_name(*capture);
        let name = name.rsplit_once('/').map_or(name, |(_, file)| file);
        let numbers: Vec<String> = numbers.iter().map(|number| format!("#{number}")).collect();
        format!("{}{}", term(name), numbers.join(" "))
    });
    let mut list: Vec<String> = list.collect();
    let more = list.len().saturating_sub(CAPTURES_SHOWN_MAX);
    list.truncate(CAPTURES_SHOWN_MAX);
    let more = if more > 0 { format!(" +{more}") } else { String::new() };
    format!("{}{more}", list.join(", "))
}

/// What happened, in order of time.
pub(super) fn events(
    report: &Report<'_>,
    happened: &[(&Asset, &Event)],
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "\nEVENTS ({})\n", happened.len())?;
    let shows_sites = report.shows_sites();
    let mut rows = empty(["Time", "Device", "Event", "By or what", "Seen in"], &[0], style);
    for (asset, event) in happened {
        let Event { module, ground, before, .. } = event;
        let part = module.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
        let time = ground.at.to_string();
        let frames = before.iter().chain([ground]).map(|ground| ground.frame);
        rows.add_row([
            time.get(..19).unwrap_or(&time).replace('T', " "),
            format!("{}{part}", called(report, asset, shows_sites)),
            event.name().replace('_', " "),
            term(&event.words()).into_owned(),
            places(frames, report.run),
        ]);
    }
    writeln!(out, "{}", trimmed(&rows))
}

/// Verdicts of one document about one thing that say the same.
struct Row<'a> {
    finding: &'a Finding,
    cves: Vec<&'a str>,
    cvss: Option<f64>,
    priority: Option<Priority>,
    /// Its place, where somebody chose an order.
    place: usize,
}

fn findings(report: &Report<'_>, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\nFINDINGS ({})\n", shown_of(report.findings_shown()))?;
    let some = match chosen::of_findings(report) {
        Some(columns) => chosen::findings(report, &columns, style, out)?,
        None => usual_findings(report, style, out)?,
    };
    if some {
        return Ok(());
    }
    if report.of_advisories().next().is_some() {
        return writeln!(out, "All of them are \"not affected\" (--wide lists them).");
    }
    if report.selected.is_some_and(|selected| selected.of_findings > 0) {
        return writeln!(out, "No finding was selected.");
    }
    let bundle = &report.run.bundle;
    let date = bundle.newest.as_deref().and_then(|newest| newest.get(..10));
    let of = date.map(|date| format!(" of {date}")).unwrap_or_default();
    writeln!(out, "No advisory in the bundle{of} matches the devices seen.")
}

/// True when there was one to print.
fn usual_findings(report: &Report<'_>, style: &Style, out: &mut impl Write) -> io::Result<bool> {
    let shows_sites = report.shows_sites();
    let headings = ["Verdict", "Priority", "Device", "Advisory", "CVE", "CVSS", "Fixed in", "Why"];
    let mut rows = empty(headings, &[0, 1, 3, 4, 5], style);
    for Row { finding, cves, cvss, priority, .. } in grouped(report, style) {
        let judgement = &finding.judgement;
        let name = report.asset(finding.asset).map(|asset| called(report, asset, shows_sites));
        let name = name.unwrap_or_default();
        let part = finding.module.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
        let why = judgement.because.last().map(|step| term(step).into_owned()).unwrap_or_default();
        let why = match judgement.verdict {
            Verdict::Unknown(missing) => format!("missing: {missing}. {why}"),
            Verdict::Affected | Verdict::Fixed | Verdict::NotAffected => why,
        };
        let why = beside::with_weight(why, finding, style);
        let more = cves.len().saturating_sub(1);
        let cve = cves.first().copied().unwrap_or_default();
        let cves = match (style.wide, more) {
            (true, _) => term(&cves.join(" ")).into_owned(),
            (false, 0) => term(cve).into_owned(),
            (false, more) => format!("{} +{more}", term(cve)),
        };
        let why = match aside::reason(finding) {
            Some(reason) => format!("{}. {why}", term(&reason)),
            None => why,
        };
        rows.add_row([
            verdict_cell(&judgement.verdict, aside::mark(finding).as_deref(), style),
            Cell::new(priority.map(Priority::name).unwrap_or_default()),
            Cell::new(format!("{name}{part}")),
            Cell::new(term(&judgement.advisory)),
            Cell::new(cves),
            Cell::new(cvss.map(|score| format!("{score:.1}")).unwrap_or_default()),
            Cell::new(term(&judgement.fixed_in.join(", "))),
            Cell::new(why),
        ]);
    }
    if !rows.is_empty() {
        writeln!(out, "{}", trimmed(&rows))?;
    }
    Ok(!rows.is_empty())
}

fn grouped<'a>(report: &Report<'a>, style: &Style) -> Vec<Row<'a>> {
    let shown =
        |finding: &&Arc<Finding>| style.wide || finding.judgement.verdict != Verdict::NotAffected;
    type Alike<'a> = (String, Option<&'a Unit>, &'a str, u8, String, Option<String>);
    let mut rows: BTreeMap<Alike<'a>, Row<'a>> = BTreeMap::new();
    for finding in report.of_advisories().filter(shown) {
        let judgement = &finding.judgement;
        let (rank, asset) = (rank(&judgement.verdict), finding.asset.to_string());
        let why = judgement.because.last().cloned().unwrap_or_default();
        let handled = aside::reason(finding);
        let key = (asset, finding.module.as_ref(), &*judgement.advisory, rank, why, handled);
        let row = rows.entry(key).or_insert_with(|| Row {
            finding,
            cves: Vec::new(),
            cvss: None,
            priority: finding.weight.priority,
            place: usize::MAX,
        });
        row.cves.push(&judgement.cve);
        row.cvss = row.cvss.into_iter().chain(judgement.cvss).reduce(f64::max);
        row.place = row.place.min(report.layout.finding(finding));
        row.priority = row.priority.into_iter().chain(finding.weight.priority).min();
    }
    let mut rows: Vec<Row<'a>> = rows.into_values().collect();
    rows.sort_by(|a, b| {
        let by = |row: &Row<'_>| {
            let verdict = rank(&row.finding.judgement.verdict);
            (row.place, aside::class(row.finding), verdict, row.priority)
        };
        let score = |row: &Row<'_>| row.cvss.unwrap_or(0.0);
        by(a).cmp(&by(b)).then_with(|| score(b).total_cmp(&score(a)))
    });
    rows
}

/// A count, and that of all where not all are shown.
fn shown_of((shown, all): (usize, Option<usize>)) -> String {
    all.map_or_else(|| shown.to_string(), |all| format!("{shown} of {all}"))
}

fn selection(selected: &Selected, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\nselected by: {}", term(&selected.by))?;
    if selected.undecided > 0 {
        writeln!(
            out,
            "{} left out: the order of versions that the selection asks for is not known",
            plural(selected.undecided, "asset")
        )?;
    }
    Ok(())
}

fn counts(report: &Report<'_>, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let counts = report.counts();
    let parts = [
        (Verdict::Affected, counts.affected),
        (Verdict::Unknown(crate::model::Why::Candidate), counts.cannot_tell),
        (Verdict::Fixed, counts.fixed),
        (Verdict::NotAffected, counts.not_affected),
    ];
    let aside = report.aside();
    let parts = parts.map(|(verdict, count)| {
        let (shape, word) = shape(&verdict, style);
        format!("{shape} {count} {word}{}", aside.words(&verdict))
    });
    writeln!(out, "\n{}", parts.join("   "))?;
    if aside.reopened > 0 {
        writeln!(out, "{} reopened: see why at the top", plural(aside.reopened, "finding"))?;
    }
    let reasons = report.reasons();
    if !reasons.is_empty() {
        let reasons: Vec<String> =
            reasons.iter().map(|(why, count)| format!("{why} ({count})")).collect();
        writeln!(out, "cannot tell for want of: {}", reasons.join(", "))?;
    }
    if report.run.bundle.unread > 0 {
        let unread = report.run.bundle.unread;
        writeln!(out, "{} could not be read", plural(unread, "advisory"))?;
    }
    Ok(())
}

/// A table with these headings. On a terminal, words are wrapped where they must be, but not in the columns named.
pub(super) fn empty(
    headings: impl IntoIterator<Item: ToString>,
    kept_whole: &[usize],
    style: &Style,
) -> Table {
    let mut table = Table::new();
    table.set_header(headings.into_iter().map(|heading| heading.to_string()));
    table.load_style(match (style.width, style.ascii) {
        (Some(_), false) => ruled('─'),
        (Some(_), true) => ruled('-'),
        (None, _) => TableStyle::new(),
    });
    if style.color {
        // Whether colours are wanted was decided by whoever made the style, not by where the table goes.
        table.enforce_styling();
    }
    if let Some(width) = style.width.filter(|_| !style.wide) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        for column in kept_whole {
            if let Some(column) = table.column_mut(*column) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
    }
    table
}

/// A rule below the header and nothing else: rows stay close, and copy well.
fn ruled(rule: char) -> TableStyle {
    TableStyle::new().header_separator(LineStyle::none().fill(rule).junction(rule))
}

/// The table without the blanks that padding leaves at line ends.
pub(super) fn trimmed(table: &Table) -> String {
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// The verdict, and a mark beside it where somebody did something about it.
pub(super) fn verdict_cell(verdict: &Verdict, mark: Option<&str>, style: &Style) -> Cell {
    let (shape, word) = shape(verdict, style);
    let mark = mark.map(|mark| format!(", {mark}")).unwrap_or_default();
    let cell = Cell::new(format!("{shape} {word}{mark}"));
    match verdict {
        _ if !style.color => cell,
        Verdict::Affected => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Verdict::Unknown(_) => cell.fg(Color::Yellow),
        Verdict::Fixed => cell.fg(Color::Green),
        Verdict::NotAffected => cell,
    }
}

/// A verdict is always a word plus a shape, so that neither colour nor font decides whether it is read.
pub(super) fn shape(verdict: &Verdict, style: &Style) -> (&'static str, &'static str) {
    match (verdict, style.ascii) {
        (Verdict::Affected, false) => ("▲", "affected"),
        (Verdict::Affected, true) => ("!", "affected"),
        (Verdict::Unknown(_), _) => ("?", "cannot tell"),
        (Verdict::Fixed, false) => ("✓", "fixed"),
        (Verdict::Fixed, true) => ("+", "fixed"),
        (Verdict::NotAffected, false) => ("–", "not affected"),
        (Verdict::NotAffected, true) => ("-", "not affected"),
    }
}

fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Affected => 0,
        Verdict::Unknown(_) => 1,
        Verdict::Fixed => 2,
        Verdict::NotAffected => 3,
    }
}

/// Several devices of a plant may be called alike, and several plants have the same addresses.
pub(super) fn called(report: &Report<'_>, asset: &Asset, shows_sites: bool) -> String {
    let name = term(&display_name(asset)).into_owned();
    let name = match asset.ips.first().map(ToString::to_string) {
        Some(address) if address != name => format!("{name} {address}"),
        _ => name,
    };
    let sites = report.run.sites.of(asset);
    if sites.is_empty() || !shows_sites {
        return name;
    }
    format!("{name} ({})", term(&sites.join(", ")))
}

/// True when a device said more about itself than that it is there.
pub(super) fn is_known(asset: &Asset) -> bool {
    let telling =
        [Field::Product, Field::Model, Field::Os, Field::Name, Field::Firmware, Field::Serial];
    let says = |plate: &Nameplate| telling.iter().any(|field| plate.claim(*field).is_some());
    says(&asset.nameplate) || asset.modules.iter().any(|module| says(&module.nameplate))
}

/// A count with its noun.
pub fn plural(count: usize, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) if noun.ends_with('s') || noun.ends_with("ch") => format!("{count} {noun}es"),
        (_, None) => format!("{count} {noun}s"),
    }
}

const CAPTURES_SHOWN_MAX: usize = 1;
