//! The map of a plant: bands of the Purdue model, in them boxes of zones or subnets, in these the devices, and lines for who talks to
//! whom. The same devices give the same picture, to the byte.

mod layout;
mod route;
pub(super) mod svg;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::export::brief::{Tally, tallies};
use crate::export::{Counts, Report};
use crate::model::limits::{MAP_BOXES_PER_BAND_MAX, MAP_LINES_MAX};
use crate::model::{Asset, AssetId, Port, Subnet};

/// Writes the map as a file of its own.
pub fn svg(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    out.write_all(svg::document(&Map::new(report)).as_bytes())
}

/// Devices by place, and what passes between places.
#[derive(Debug)]
pub(super) struct Map<'a> {
    /// Places by band from the top: the highest level first, those without a level last; in a band by name.
    pub(super) places: Vec<Place<'a>>,
    /// What passes between and within places, the busiest first.
    pub(super) lines: Vec<Line>,
    /// Conversations with addresses that are no device here: nobody answered, or a group was spoken to.
    pub(super) elsewhere: usize,
}

/// A box of the map: devices of one level in one zone or subnet.
#[derive(Debug)]
pub(super) struct Place<'a> {
    /// The level; `None` where none is known.
    pub(super) level: Option<u8>,
    /// The zone, else the subnet.
    pub(super) name: String,
    /// The devices, in order of address and name.
    pub(super) devices: Vec<Device<'a>>,
}

/// A device on the map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Device<'a> {
    pub(super) asset: &'a Asset,
    pub(super) tally: Tally,
}

/// What passes between two places, or within one.
#[derive(Debug)]
pub(super) struct Line {
    /// Place of the clients.
    pub(super) from: usize,
    /// Place of the servers.
    pub(super) to: usize,
    /// Conversations.
    pub(super) conversations: usize,
    /// Bytes on the wire.
    pub(super) bytes: u64,
    /// Protocols, by registry name; ports where none was recognised.
    pub(super) protocols: BTreeSet<String>,
    /// True where a level between the two is skipped.
    pub(super) skips: bool,
}

/// Where a device stands on the map.
type Spot = (std::cmp::Reverse<Option<u8>>, String);

impl<'a> Map<'a> {
    /// Puts devices and conversations in their places.
    pub(super) fn new(report: &Report<'a>) -> Self {
        let (places, place_of) = gathered(places(report));
        let (lines, elsewhere) = lines(report, &places, &place_of);
        Self { places, lines, elsewhere }
    }

    /// The lines that are drawn: between places, those that skip a level first, then the busiest.
    pub(super) fn drawn(&self) -> Vec<&Line> {
        let mut drawn: Vec<&Line> = self.lines.iter().filter(|line| line.from != line.to).collect();
        drawn.sort_by_key(|line| (!line.skips, std::cmp::Reverse(line.bytes), line.from, line.to));
        drawn.truncate(MAP_LINES_MAX);
        drawn
    }
}

/// All places, in order: however many a band has.
pub(super) fn places<'a>(report: &Report<'a>) -> Vec<Place<'a>> {
    let tallies = tallies(report);
    let shows_sites = report.shows_sites();
    let mut spots: BTreeMap<Spot, Vec<Device<'a>>> = BTreeMap::new();
    for asset in report.assets {
        let asset: &'a Asset = asset;
        let tally = tallies.get(&asset.id).copied().unwrap_or_default();
        let spot = spot(report, asset, shows_sites);
        spots.entry(spot).or_default().push(Device { asset, tally });
    }
    let mut places: Vec<Place<'a>> = spots
        .into_iter()
        .map(|((level, name), devices)| Place { level: level.0, name, devices })
        .collect();
    places.iter_mut().for_each(|place| in_order(&mut place.devices));
    places
}

fn in_order(devices: &mut [Device<'_>]) {
    devices.sort_by_key(|device| {
        (device.asset.ips.first().copied(), device.asset.shown_name(), device.asset.id)
    });
}

/// Where a device stands: its level, and its zone or the subnet of its first address.
fn spot(report: &Report<'_>, asset: &Asset, shows_sites: bool) -> Spot {
    let level = report.level(asset).map(|level| level.level);
    let subnet = || {
        let address = asset.ips.first()?;
        let prefix = if address.is_ipv4() { SUBNET_BITS } else { SUBNET_BITS_V6 };
        Subnet::around(*address, prefix).map(|subnet| subnet.to_string())
    };
    let zone = report.zones.of(asset).map(|zone| zone.name.to_string());
    let name = zone.or_else(subnet).unwrap_or_else(|| NO_ADDRESS.to_owned());
    let sites = report.run.sites.of(asset);
    let site = sites.first().filter(|_| shows_sites).map(|site| format!("{site}: "));
    // The highest level first, none last: reversed, `None` comes last.
    (std::cmp::Reverse(level), format!("{}{name}", site.unwrap_or_default()))
}

/// Places in order; in a band that has too many of them, the smallest are one.
fn gathered(all: Vec<Place<'_>>) -> (Vec<Place<'_>>, BTreeMap<AssetId, usize>) {
    let mut bands: BTreeMap<std::cmp::Reverse<Option<u8>>, Vec<Place<'_>>> = BTreeMap::new();
    for place in all {
        bands.entry(std::cmp::Reverse(place.level)).or_default().push(place);
    }
    let mut places = Vec::new();
    for (_, mut band) in bands {
        if band.len() > MAP_BOXES_PER_BAND_MAX {
            band.sort_by_key(|place| std::cmp::Reverse(place.devices.len()));
            let small = band.split_off(MAP_BOXES_PER_BAND_MAX.saturating_sub(1));
            band.sort_by(|a, b| a.name.cmp(&b.name));
            let (level, of) = (small.first().and_then(|place| place.level), small.len());
            let mut devices: Vec<Device<'_>> =
                small.into_iter().flat_map(|place| place.devices).collect();
            in_order(&mut devices);
            band.push(Place { level, name: format!("{of} smaller ones"), devices });
        }
        places.extend(band);
    }
    let mut place_of = BTreeMap::new();
    for (at, place) in places.iter().enumerate() {
        place_of.extend(place.devices.iter().map(|device| (device.asset.id, at)));
    }
    (places, place_of)
}

/// What passes between places, and how many conversations are with nobody here.
fn lines(
    report: &Report<'_>,
    places: &[Place<'_>],
    place_of: &BTreeMap<AssetId, usize>,
) -> (Vec<Line>, usize) {
    let mut lines: BTreeMap<(usize, usize), Line> = BTreeMap::new();
    let mut elsewhere = 0_usize;
    for talk in report.talks {
        let conversation = talk.conversation;
        // Asking for addresses is no business between zones.
        if conversation.port == Port::Ether(ARP) {
            continue;
        }
        let place = |asset: Option<&Asset>| asset.and_then(|asset| place_of.get(&asset.id));
        let (Some(from), Some(to)) = (place(talk.client), place(talk.server)) else {
            elsewhere = elsewhere.saturating_add(1);
            continue;
        };
        let line = lines.entry((*from, *to)).or_insert_with(|| Line {
            from: *from,
            to: *to,
            conversations: 0,
            bytes: 0,
            protocols: BTreeSet::new(),
            skips: skips(places, *from, *to),
        });
        line.conversations = line.conversations.saturating_add(1);
        let bytes = conversation.bytes.iter();
        line.bytes = bytes.fold(line.bytes, |sum, one| sum.saturating_add(*one));
        let port = || conversation.port.to_string();
        line.protocols.insert(conversation.protocol.map_or_else(port, str::to_owned));
    }
    let mut lines: Vec<Line> = lines.into_values().collect();
    lines.sort_by_key(|line| (std::cmp::Reverse(line.bytes), line.from, line.to));
    (lines, elsewhere)
}

fn skips(places: &[Place<'_>], from: usize, to: usize) -> bool {
    let level = |at: usize| places.get(at).and_then(|place| place.level);
    level(from).zip(level(to)).is_some_and(|(a, b)| a.abs_diff(b) > 1)
}

/// The words for a level.
pub(super) fn level_name(level: Option<u8>) -> &'static str {
    match level {
        Some(0) => "process",
        Some(1) => "basic control",
        Some(2) => "supervision",
        Some(3) => "operations",
        Some(4) => "business logistics",
        Some(5) => "enterprise",
        Some(_) | None => "not known",
    }
}

/// The shape and the words of the worst that is known of a device; nothing where no advisory is about it.
pub(super) fn worst(tally: &Counts) -> Option<(&'static str, &'static str)> {
    match tally {
        Counts { affected: 1.., .. } => Some(("▲", "affected")),
        Counts { cannot_tell: 1.., .. } => Some(("?", "cannot tell")),
        Counts { fixed: 1.., .. } => Some(("✓", "fixed")),
        Counts { not_affected: 1.., .. } => Some(("–", "not affected")),
        Counts { .. } => None,
    }
}

/// The EtherType of the Address Resolution Protocol.
const ARP: u16 = 0x0806;
/// What is taken for a subnet where nobody has said what the zones are.
const SUBNET_BITS: u8 = 24;
const SUBNET_BITS_V6: u8 = 64;
const NO_ADDRESS: &str = "no IP address";
