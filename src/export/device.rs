//! One device for a person at a terminal: what it is, the chassis or the units behind it, what happened to it, whom
//! it talked to, and how many verdicts of each kind.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::export::escape::term;
use crate::export::table::{self, Style};
use crate::export::{Report, beside, decisions, display_name, missing, talks};
use crate::model::{
    Asset, Event, Field, Hop, Level, LevelFrom, Module, Nameplate, Unit, Vacancy, Verdict,
};

/// Prints one device of a report.
pub fn device(
    report: &Report<'_>,
    asset: &Asset,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    head(report, asset, out)?;
    writeln!(out, "\nNAMEPLATE\n\n{}", nameplate(report, &asset.nameplate, style))?;
    let missing = missing(&asset.nameplate);
    if !missing.is_empty() {
        writeln!(out, "never stated: {}", missing.join(", "))?;
    }
    for (bridge, slots) in chassis(asset) {
        let name = bridge.map(|way| format!(" BEHIND {}", way.to_string().to_uppercase()));
        writeln!(out, "\nCHASSIS{}\n\n{}", name.unwrap_or_default(), map(report, &slots, style))?;
    }
    let units: Vec<&Module> = asset.modules.iter().filter(|module| !is_in_slot(module)).collect();
    if !units.is_empty() && !asset.is_its_only_unit() {
        writeln!(out, "\nUNITS\n\n{}", parts(report, &units, style))?;
    }
    if !asset.events.is_empty() {
        let happened: Vec<(&Asset, &Event)> =
            asset.events.iter().map(|event| (asset, event)).collect();
        table::events(report, &happened, style, out)?;
    }
    let decided = report.run.decisions.about(asset);
    if !decided.is_empty() {
        writeln!(out)?;
        decisions::table(&decided, style, out)?;
    }
    talks::conversations(report, asset, style, out)?;
    verdicts(report, asset, out)
}

fn head(report: &Report<'_>, asset: &Asset, out: &mut impl Write) -> io::Result<()> {
    let joined = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(" ");
    let day = |at: String| at.get(..19).unwrap_or(&at).replace('T', " ");
    let ips = joined(&mut asset.ips.iter().map(ToString::to_string));
    let macs = joined(&mut asset.macs.iter().map(ToString::to_string));
    let protocols = joined(&mut asset.protocols.iter().map(ToString::to_string));
    let (first, last) = (day(asset.first.to_string()), day(asset.last.to_string()));
    writeln!(out, "{}", term(&display_name(asset)))?;
    writeln!(out, "  asset      {}", asset.id)?;
    writeln!(out, "  identity   {}", term(&asset.identity))?;
    let addresses = format!("{ips} {macs}");
    let addresses = Some(addresses.trim()).filter(|list| !list.is_empty()).unwrap_or("none");
    writeln!(out, "  addresses  {}", term(addresses))?;
    let sites = report.run.sites.of(asset);
    if !sites.is_empty() {
        writeln!(out, "  site       {}", term(&sites.join(", ")))?;
    }
    if let Some(zone) = report.zones.of(asset) {
        let level = zone.purdue.map(|level| format!(", Purdue level {level}")).unwrap_or_default();
        writeln!(out, "  zone       {}{level}", term(&zone.name))?;
    }
    if let Some(Level { level, from, certainty }) = report.level(asset)
        && from != LevelFrom::Zone
    {
        let (from, certainty) = (from.name(), certainty.name());
        writeln!(out, "  Purdue     level {level}, by its {from}, {certainty}")?;
    }
    let listed = |label: &str, items: String, out: &mut dyn Write| {
        if items.is_empty() { Ok(()) } else { writeln!(out, "  {label:<9}  {items}") }
    };
    let routers = joined(&mut asset.reached_through.iter().map(ToString::to_string));
    listed("through", routers, out)?;
    let inner = joined(&mut asset.inner_ips.iter().map(ToString::to_string));
    listed("inner", inner, out)?;
    writeln!(out, "  protocols  {}", term(&protocols))?;
    writeln!(out, "  seen       {first} to {last} UTC")
}

/// Every field with the value shown, and the values that others claim.
fn nameplate(report: &Report<'_>, plate: &Nameplate, style: &Style) -> String {
    let mut rows = table::empty(["Field", "Value", "Certainty", "Rule", "Seen in"], &[0], style);
    for (field, claims) in &plate.claims {
        let mut said = BTreeSet::new();
        for claim in claims.iter().filter(|claim| said.insert(&*claim.value)) {
            let shown = plate.value(*field) == Some(&*claim.value);
            let value = term(&claim.value);
            let frames = claim.from.iter().map(|ground| ground.frame);
            rows.add_row([
                if shown { field.name() } else { "" }.to_owned(),
                if shown { value.into_owned() } else { format!("not shown: {value}") },
                claim.certainty.name().to_owned(),
                term(&claim.by).into_owned(),
                table::places(frames, report.run),
            ]);
        }
    }
    table::trimmed(&rows)
}

/// What is known of one slot.
enum Slot<'a> {
    Module(&'a Module),
    Vacant(&'a Vacancy),
}

/// Slots by number, for each backplane: that of the device itself, and those behind it.
type Chassis<'a> = BTreeMap<Option<Unit>, BTreeMap<u32, Slot<'a>>>;

fn chassis(asset: &Asset) -> Chassis<'_> {
    let mut chassis = Chassis::new();
    for module in &asset.modules {
        if let Some((bridge, slot)) = in_slot(&module.path) {
            chassis.entry(bridge).or_default().insert(slot, Slot::Module(module));
        }
    }
    for vacancy in &asset.vacancies {
        if let Some((bridge, slot)) = in_slot(&vacancy.path) {
            chassis.entry(bridge).or_default().insert(slot, Slot::Vacant(vacancy));
        }
    }
    chassis
}

/// The way to the bridge, and the number of the slot beside it.
fn in_slot(path: &Unit) -> Option<(Option<Unit>, u32)> {
    let (Hop::Slot(slot), before) = path.0.split_last()? else { return None };
    Some(((!before.is_empty()).then(|| Unit(before.into())), *slot))
}

fn is_in_slot(module: &Module) -> bool {
    in_slot(&module.path).is_some()
}

/// One row a slot, from 0 to the last one known. A slot that nobody asked for is not empty but not seen.
fn map(report: &Report<'_>, slots: &BTreeMap<u32, Slot<'_>>, style: &Style) -> String {
    let headings = ["Slot", "Module", "Series", "Revision", "Serial", "Kind", "Seen in"];
    let mut rows = table::empty(headings, &[0], style);
    let last = slots.last_key_value().map_or(0, |(slot, _)| *slot).min(SLOTS_SHOWN_MAX);
    let beyond = slots.range(SLOTS_SHOWN_MAX.saturating_add(1)..).map(|(slot, _)| *slot);
    for slot in (0..=last).chain(beyond) {
        let mut row = vec![slot.to_string()];
        match slots.get(&slot) {
            Some(Slot::Module(module)) => row.extend(cells(report, module)),
            Some(Slot::Vacant(vacancy)) => {
                let words = if vacancy.silent { "asked, no answer" } else { "empty" };
                let blanks = [""; 4].map(str::to_owned);
                row.push(words.to_owned());
                row.extend(blanks);
                row.push(table::places([vacancy.ground.frame], report.run));
            }
            None => row.push("not seen".to_owned()),
        }
        rows.add_row(row);
    }
    table::trimmed(&rows)
}

fn parts(report: &Report<'_>, modules: &[&Module], style: &Style) -> String {
    let headings = ["Unit", "Model", "Series", "Firmware", "Serial", "Kind", "Seen in"];
    let mut rows = table::empty(headings, &[0], style);
    for module in modules {
        let path = term(&module.path.to_string()).into_owned();
        rows.add_row(std::iter::once(path).chain(cells(report, module)));
    }
    table::trimmed(&rows)
}

fn cells(report: &Report<'_>, module: &Module) -> [String; 6] {
    let plate = &module.nameplate;
    let value = |field: Field| term(plate.value(field).unwrap_or_default()).into_owned();
    let model = [Field::Model, Field::Product].map(value);
    let model = model.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    [
        if model.is_empty() { "does not say".to_owned() } else { model },
        value(Field::Series),
        value(Field::Firmware),
        value(Field::Serial),
        value(Field::Kind),
        table::seen_in(plate, report.run),
    ]
}

fn verdicts(report: &Report<'_>, asset: &Asset, out: &mut impl Write) -> io::Result<()> {
    let (mut affected, mut cannot_tell, mut fixed, mut not_affected) = (0_u64, 0_u64, 0_u64, 0_u64);
    for finding in report.of_advisories().filter(|finding| finding.asset == asset.id) {
        let count = match finding.judgement.verdict {
            Verdict::Affected => &mut affected,
            Verdict::Unknown(_) => &mut cannot_tell,
            Verdict::Fixed => &mut fixed,
            Verdict::NotAffected => &mut not_affected,
        };
        *count = count.saturating_add(1);
    }
    writeln!(
        out,
        "\n{affected} affected, {cannot_tell} cannot tell, {fixed} fixed, {not_affected} not affected"
    )?;
    beside::of_device(report, asset, out)
}

/// Rows of a chassis that are shown without a gap: the largest real ones have 17 slots.
const SLOTS_SHOWN_MAX: u32 = 32;
