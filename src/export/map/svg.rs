//! The map as SVG 1.1: shapes and text with classes, no scripts, nothing from elsewhere.

use std::fmt::Write as _;

use crate::export::Counts;
use crate::export::escape::xml;
use crate::export::html::{MAP_STYLE, TOKENS};
use crate::export::map::layout::{
    CHIP_GAP, CHIP_H, CHIP_W, HEAD_H, LEFT, Layout, RIGHT, Rect, number,
};
use crate::export::map::route::{Routes, routes};
use crate::export::map::{Device, Line, Map, Place, level_name, worst};
use crate::export::table::plural;
use crate::model::limits::MAP_DEVICES_PER_BOX_MAX;

/// The map as a file of its own.
pub(super) fn document(map: &Map<'_>) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let style = format!(
        "<style>{TOKENS}{MAP_STYLE}</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n"
    );
    draw(map, " xmlns=\"http://www.w3.org/2000/svg\"", &style, &mut out);
    out
}

/// The map as a part of a page that has the style.
pub(in crate::export) fn inline(map: &Map<'_>) -> String {
    let mut out = String::new();
    draw(map, "", "", &mut out);
    out
}

fn draw(map: &Map<'_>, namespace: &str, style: &str, out: &mut String) {
    let mut layout = Layout::new(map);
    let drawn = map.drawn();
    let Routes { ways, width, height } = routes(&mut layout, &drawn);
    let whole = height + LEGEND_H;
    let words = format!(
        "Map: {} in {}",
        plural(
            map.places.iter().map(|place| place.devices.len()).fold(0, usize::saturating_add),
            "device"
        ),
        plural(map.places.len(), "place")
    );
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<svg{namespace} class=\"map\" viewBox=\"0 0 {width:.0} {whole:.0}\" role=\"img\" aria-label=\"{}\">\n{style}",
        xml(&words)
    );
    bands(&layout, width, height, out);
    for (at, way) in &ways {
        if let Some(line) = drawn.get(*at) {
            connection(map, line, way, out);
        }
    }
    for (at, place) in map.places.iter().enumerate() {
        let (Some(rect), Some(columns)) = (layout.boxes.get(at), layout.columns.get(at)) else {
            continue;
        };
        place_box(place, *rect, *columns, out);
    }
    legend(height, out);
    out.push_str("</svg>\n");
}

fn bands(layout: &Layout, width: f64, height: f64, out: &mut String) {
    for (number, level) in layout.bands.iter().enumerate() {
        let mut own = layout.shelves.iter().filter(|shelf| shelf.band == number);
        let Some(first) = own.next() else { continue };
        let last = own.next_back().unwrap_or(first);
        // A band reaches from the middle of the gutter above it to its last box, with some room.
        let above = layout.shelves.iter().rev().find(|shelf| shelf.band < number);
        let y = above.map_or(0.0, |shelf| shelf.y + shelf.h + BAND_EDGE);
        let end = (last.y + last.h + BAND_EDGE).min(height);
        let class = if number.is_multiple_of(2) { "band" } else { "band odd" };
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"0\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\"/>",
            end - y
        );
        let label = level.map_or_else(|| "Level".to_owned(), |level| format!("Level {level}"));
        let middle = first.y + TEXT_DOWN;
        let _ = writeln!(out, "<text class=\"level\" x=\"12\" y=\"{middle:.1}\">{label}</text>");
        let below = middle + LINE_H;
        let words = level_name(*level);
        let _ = writeln!(out, "<text class=\"words\" x=\"12\" y=\"{below:.1}\">{words}</text>");
    }
}

fn connection(map: &Map<'_>, line: &Line, way: &str, out: &mut String) {
    let name = |at: usize| map.places.get(at).map_or("", |place| &*place.name);
    let class = if line.skips { "talk skips" } else { "talk" };
    // As many digits as the bytes have: a line ten times as busy is a little thicker.
    let digits = number(line.bytes.to_string().len());
    let w = (0.6 + digits * 0.22).min(WIDEST_LINE);
    let protocols: Vec<&str> = line.protocols.iter().map(String::as_str).collect();
    let title = format!(
        "{} to {}: {}, {} bytes, {}{}",
        name(line.from),
        name(line.to),
        plural(line.conversations, "conversation"),
        line.bytes,
        protocols.join(" "),
        if line.skips { ", skips a level" } else { "" }
    );
    let _ = writeln!(
        out,
        "<path class=\"{class}\" stroke-width=\"{w:.2}\" d=\"{way}\"><title>{}</title></path>",
        xml(&title)
    );
}

fn place_box(place: &Place<'_>, rect: Rect, columns: usize, out: &mut String) {
    let Rect { x, y, w, h } = rect;
    let _ = writeln!(
        out,
        "<g><rect class=\"place\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"6\"/>"
    );
    // A box of one column has room for fewer characters.
    let room = if columns > 1 { NAME_CHARS_WIDE } else { NAME_CHARS };
    let _ = writeln!(
        out,
        "<text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        x + 8.0,
        y + TEXT_DOWN,
        xml(&cut(&place.name, room))
    );
    let shown = place.devices.iter().take(MAP_DEVICES_PER_BOX_MAX);
    for (at, device) in shown.enumerate() {
        let column = at.checked_rem(columns).unwrap_or_default();
        let row = at.checked_div(columns).unwrap_or_default();
        let left = x + CHIP_GAP + number(column) * (CHIP_W + CHIP_GAP);
        let top = y + HEAD_H + number(row) * (CHIP_H + CHIP_GAP);
        chip(device, left, top, out);
    }
    let more = place.devices.len().saturating_sub(MAP_DEVICES_PER_BOX_MAX);
    if more > 0 {
        let _ = writeln!(
            out,
            "<text class=\"words\" x=\"{:.1}\" y=\"{:.1}\">and {more} more</text>",
            x + 8.0,
            rect.bottom() - 7.0
        );
    }
    out.push_str("</g>\n");
}

fn chip(device: &Device<'_>, x: f64, y: f64, out: &mut String) {
    let name = device.asset.shown_name();
    let address = device.asset.ips.first().map(ToString::to_string);
    let address = address.or_else(|| device.asset.macs.first().map(ToString::to_string));
    let address = address.filter(|address| *address != name).unwrap_or_default();
    let mark = worst(&device.tally);
    let class = mark.map_or("chip none", |(_, words)| class(words));
    let Counts { affected, cannot_tell, fixed, not_affected } = device.tally;
    let title = format!(
        "{name} {address}: {affected} affected, {cannot_tell} cannot tell, {fixed} fixed, {not_affected} not affected"
    );
    let _ = write!(
        out,
        "<g class=\"{class}\"><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{CHIP_W:.1}\" height=\"{CHIP_H:.1}\" rx=\"4\"/>",
        xml(&title)
    );
    let (shape, _) = mark.unwrap_or(("·", ""));
    let middle = y + CHIP_H / 2.0 + 4.5;
    let _ =
        write!(out, "<text class=\"mark\" x=\"{:.1}\" y=\"{middle:.1}\">{shape}</text>", x + 11.0);
    let first = if address.is_empty() { y + 20.0 } else { y + 14.0 };
    let _ = write!(
        out,
        "<text class=\"name\" x=\"{:.1}\" y=\"{first:.1}\">{}</text>",
        x + 22.0,
        xml(&cut(&name, CHIP_CHARS))
    );
    if !address.is_empty() {
        let _ = write!(
            out,
            "<text class=\"words\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x + 22.0,
            y + 26.0,
            xml(&cut(&address, CHIP_CHARS))
        );
    }
    out.push_str("</g>\n");
}

fn class(words: &str) -> &'static str {
    match words {
        "affected" => "chip affected",
        "cannot tell" => "chip unknown",
        "fixed" => "chip fixed",
        _ => "chip clear",
    }
}

fn legend(y: f64, out: &mut String) {
    let base = y + 18.0;
    let mut x = LEFT;
    for (shape, words) in [
        ("▲", "affected"),
        ("?", "cannot tell"),
        ("✓", "fixed"),
        ("–", "not affected"),
        ("·", "no advisory about it"),
    ] {
        let class = if words.starts_with("no ") { "chip none" } else { class(words) };
        let _ = write!(
            out,
            "<g class=\"{class}\"><text class=\"mark\" x=\"{x:.1}\" y=\"{base:.1}\">{shape}</text></g><text class=\"words\" x=\"{:.1}\" y=\"{base:.1}\">{words}</text>",
            x + 10.0
        );
        x += 28.0 + number(words.len()) * 5.6;
    }
    x = x.min(RIGHT - 330.0);
    let line_y = base - 4.0;
    for (class, words) in [("talk", "talks between places"), ("talk skips", "skips a level")] {
        let _ = write!(
            out,
            "<path class=\"{class}\" stroke-width=\"1.6\" d=\"M{:.1} {line_y:.1}h30\"/><text class=\"words\" x=\"{:.1}\" y=\"{base:.1}\">{words}</text>",
            x,
            x + 36.0
        );
        x += 60.0 + number(words.len()) * 5.6;
    }
    out.push('\n');
}

/// A text that fits, cut where it does not. Capital letters are wider than others.
fn cut(text: &str, room: usize) -> String {
    let width =
        |c: char| if c.is_ascii_lowercase() || c.is_ascii_punctuation() { 8_usize } else { 9 };
    let room = room.saturating_mul(8);
    let mut taken = 0_usize;
    for (at, c) in text.char_indices() {
        taken = taken.saturating_add(width(c));
        if taken > room && at > 0 {
            let kept: String = text.get(..at).unwrap_or_default().to_owned();
            let shorter = kept.char_indices().next_back().map_or(0, |(last, _)| last);
            return format!("{}…", kept.get(..shorter).unwrap_or_default());
        }
    }
    text.to_owned()
}

const LEGEND_H: f64 = 34.0;
/// From the upper edge of a box to the line that its name stands on.
const TEXT_DOWN: f64 = 16.0;
const LINE_H: f64 = 14.0;
/// Between the last box of a band and its edge.
const BAND_EDGE: f64 = 5.0;
const WIDEST_LINE: f64 = 3.2;
/// Characters of a name in a box of one column, in a wider one, and in a device.
const NAME_CHARS: usize = 19;
const NAME_CHARS_WIDE: usize = 40;
const CHIP_CHARS: usize = 15;
