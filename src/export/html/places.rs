//! Where devices stand: the map, the same as a table, and the devices by level and zone.

use crate::export::brief::{day, product, version};
use crate::export::html::markup::{Markup, NUMBER};
use crate::export::map::{Device, Line, Map, Place, level_name, places as all_places};
use crate::export::table::plural;
use crate::export::{Counts, Report};
use crate::model::limits::{MAP_DEVICES_PER_BOX_MAX, MAP_ROWS_MAX, REPORT_ROWS_MAX};
use crate::model::{Asset, Field, Module, Nameplate};

pub(super) fn places(report: &Report<'_>, page: &mut Markup) {
    page.raw("<section class=\"part\" id=\"places\">\n<h2>Map and devices</h2>\n");
    let map = Map::new(report);
    if map.places.is_empty() {
        page.raw("<p>No device was seen.</p>\n</section>\n");
        return;
    }
    page.raw("<p>Each band is a level of the Purdue model, each box a zone, or a subnet where no zones were given. A device stands where its zone puts it, else where its role or kind does.</p>\n<figure>\n")
        .map(&map)
        .raw("</figure>\n");
    let drawn = map.drawn().len();
    let between = map.lines.iter().filter(|line| line.from != line.to).count();
    let left = between.saturating_sub(drawn);
    let crowded = map.places.iter().any(|place| place.devices.len() > MAP_DEVICES_PER_BOX_MAX);
    if left > 0 || crowded {
        page.raw("<p class=\"left\">The map shows the first devices of a box");
        if left > 0 {
            page.raw(" and the busiest lines; of the others ").show(left).raw(" are not drawn");
        }
        page.raw(". The tables below go on.</p>\n");
    }
    lines_table(&map, page);
    devices(report, page);
    page.raw("</section>\n");
}

fn lines_table(map: &Map<'_>, page: &mut Markup) {
    if map.lines.is_empty() {
        return;
    }
    page.raw("<h3>Who talks to whom</h3>\n");
    let elsewhere = match map.elsewhere {
        0 => String::new(),
        some => format!(
            " {} with addresses that are no device here are left out: groups, and who never answered.",
            plural(some, "conversation")
        ),
    };
    let caption = format!("The lines of the map, the busiest first. ARP is left out.{elsewhere}");
    let columns = [
        ("", "From"),
        ("", "To"),
        (NUMBER, "Conversations"),
        (NUMBER, "Bytes"),
        ("", "Protocols"),
        ("", "Levels"),
    ];
    page.table("talks", &caption, &columns);
    for line in map.lines.iter().take(MAP_ROWS_MAX) {
        let Line { from, to, conversations, bytes, protocols, skips } = line;
        page.raw("<tr>").cell(&place_name(map, *from));
        if from == to {
            page.raw("<td>within</td>");
        } else {
            page.cell(&place_name(map, *to));
        }
        page.number(conversations).number(bytes);
        let protocols: Vec<&str> = protocols.iter().map(String::as_str).collect();
        page.cell(&protocols.join(", "));
        page.raw(if *skips { "<td><b>skips a level</b></td></tr>\n" } else { "<td></td></tr>\n" });
    }
    page.end_table(map.lines.len().saturating_sub(MAP_ROWS_MAX));
}

fn place_name(map: &Map<'_>, at: usize) -> String {
    let Some(place) = map.places.get(at) else { return String::new() };
    match place.level {
        Some(level) => format!("{}, level {level}", place.name),
        None => format!("{}, level not known", place.name),
    }
}

fn devices(report: &Report<'_>, page: &mut Markup) {
    let mut room = REPORT_ROWS_MAX;
    let places = all_places(report);
    let all = places.iter().map(|place| place.devices.len()).fold(0_usize, usize::saturating_add);
    let mut shown = 0_usize;
    for place in &places {
        if room == 0 {
            break;
        }
        let Place { level, name, devices, .. } = place;
        page.raw("<h3>").text(name);
        if let Some(level) = level {
            page.raw(" · level ").show(level).raw(", ").raw(level_name(Some(*level)));
        } else {
            page.raw(" · level not known");
        }
        page.raw(" <small>(").show(devices.len()).raw(")</small></h3>\n");
        let columns = [
            ("", "Device"),
            ("", "Address"),
            ("", "Maker and model"),
            ("", "Version"),
            ("", "Serial"),
            ("", "Verdicts"),
            ("", "Seen"),
        ];
        page.table("devices", "", &columns);
        for device in devices.iter().take(room) {
            row(report, device, page);
            shown = shown.saturating_add(1);
        }
        room = room.saturating_sub(devices.len());
        page.end_table(0);
    }
    let left = all.saturating_sub(shown);
    if left > 0 {
        page.raw("<p class=\"left\">and ")
            .text(&plural(left, "device"))
            .raw(" more, not shown here: the workbook and CSV (<code>nameplate export xlsx</code>, <code>nameplate scan -o csv</code>) have all of them.</p>\n");
    }
}

fn row(report: &Report<'_>, device: &Device<'_>, page: &mut Markup) {
    let Device { asset, tally } = device;
    let plate = &asset.nameplate;
    let ips: Vec<String> = asset.ips.iter().map(ToString::to_string).collect();
    let macs: Vec<String> = asset.macs.iter().map(ToString::to_string).collect();
    let vlans: Vec<String> = asset
        .scopes
        .iter()
        .filter(|scope| scope.vlan != 0)
        .map(|scope| format!("VLAN {}", scope.vlan))
        .collect();
    let below = [macs.join(", "), vlans.join(", ")];
    let below: Vec<&str> =
        below.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    page.raw("<tr><th scope=\"row\">")
        .text(&asset.shown_name())
        .raw("<br><small>")
        .text(&sort(plate));
    page.raw("</small></th><td>").text(&ips.join(", ")).raw("<br><small>").text(&below.join(", "));
    page.raw("</small></td>");
    what(report, asset, plate, page);
    verdicts(tally, page);
    page.raw("<td class=\"k\"><small>").text(&day(asset.first));
    if day(asset.first) != day(asset.last) {
        page.raw("<br>to ").text(&day(asset.last));
    }
    page.raw("</small></td></tr>\n");
    if asset.is_its_only_unit() {
        return;
    }
    for Module { path, nameplate, .. } in &asset.modules {
        if !report.shows(asset.id, Some(path)) {
            continue;
        }
        page.raw("<tr><td><small>").text(&path.to_string()).raw("</small></td><td></td>");
        what(report, asset, nameplate, page);
        page.raw("<td></td><td></td></tr>\n");
    }
}

/// The cells that say what a thing is.
fn what(report: &Report<'_>, asset: &Asset, plate: &Nameplate, page: &mut Markup) {
    let has_model = [Field::Vendor, Field::Model, Field::Product, Field::Os]
        .iter()
        .any(|field| plate.claim(*field).is_some());
    let model = if has_model { product(asset, plate) } else { "does not say".to_owned() };
    let series = plate.value(Field::Series).map(|series| format!(" series {series}"));
    page.raw("<td>").text(&format!("{model}{}", series.unwrap_or_default()));
    if let Some(line) = plate.value(Field::Product).filter(|line| !model.contains(*line)) {
        page.raw("<br><small>").text(line).raw("</small>");
    }
    page.raw("</td>");
    page.cell(version(plate).unwrap_or_default());
    page.raw("<td><code>").text(plate.value(Field::Serial).unwrap_or_default()).raw("</code>");
    let level = report.level(asset).filter(|_| std::ptr::eq(plate, &asset.nameplate));
    if let Some(level) = level.filter(|level| level.certainty < crate::model::Certainty::Likely) {
        page.raw("<br><small>level by its ").raw(level.from.name()).raw(", a hint</small>");
    }
    page.raw("</td>");
}

/// Kind and role.
fn sort(plate: &Nameplate) -> String {
    let words = [Field::Kind, Field::Role].iter().filter_map(|field| plate.value(*field));
    let mut words: Vec<&str> = words.collect();
    words.dedup();
    words.join(", ")
}

/// The four counts of one device; a count that is zero is left out.
fn verdicts(tally: &Counts, page: &mut Markup) {
    let Counts { affected, cannot_tell, fixed, not_affected } = *tally;
    page.raw("<td>");
    let rows: [(&'static str, &'static str, usize); 4] = [
        ("<span class=\"v affected\">▲ ", " affected</span>", affected),
        ("<span class=\"v unknown\">? ", " cannot tell</span>", cannot_tell),
        ("<span class=\"v fixed\">✓ ", " fixed</span>", fixed),
        ("<span class=\"v clear\">– ", " not affected</span>", not_affected),
    ];
    let mut is_first = true;
    for (open, close, count) in rows {
        if count > 0 {
            page.raw(if is_first { "" } else { "<br>" }).raw(open).show(count).raw(close);
            is_first = false;
        }
    }
    if is_first {
        page.raw("<small>no advisory names it</small>");
    }
    page.raw("</td>");
}
