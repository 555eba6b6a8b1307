//! Who talks to whom as a graph, for programs that draw and count: GraphML and DOT.
//!
//! Nodes are devices, and addresses that are no device's: those of groups, and those of which only a packet to them was seen. Edges are
//! conversations, from who asks to who answers. What the two formats say is the same; zones are clusters in DOT and a property in
//! GraphML, where few programs read graphs inside of nodes.

mod dot;
mod graphml;

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::export::talks::Talk;
use crate::export::{Report, display_name, shown_version};
use crate::model::{Act, Addr, Asset, AssetId, Field, Kind, Node, Verdict};

pub use dot::dot;
pub use graphml::graphml;

/// Something that talks.
#[derive(Clone, Debug, Default)]
struct Dot {
    id: String,
    /// `device`, `address` or `group`.
    kind: &'static str,
    label: String,
    /// Values of [`NODE_KEYS`], in that order; empty for what is not known.
    values: Vec<String>,
    /// Site and zone.
    cluster: Option<String>,
    affected: u64,
    cannot_tell: u64,
}

/// A conversation.
#[derive(Clone, Debug)]
struct Line {
    from: String,
    to: String,
    /// Values of [`EDGE_KEYS`], in that order.
    values: Vec<String>,
}

/// All of them, in order.
#[derive(Debug)]
struct Graph {
    dots: Vec<Dot>,
    lines: Vec<Line>,
}

impl Graph {
    fn new(report: &Report<'_>) -> Self {
        let counts = counts(report);
        let mut dots: Vec<Dot> =
            report.assets.iter().map(|asset| of_device(report, asset, &counts)).collect();
        let devices: BTreeMap<AssetId, ()> =
            report.assets.iter().map(|asset| (asset.id, ())).collect();
        let mut strangers: BTreeMap<String, Dot> = BTreeMap::new();
        let mut end = |asset: Option<&Asset>, node: Node| {
            // A selection leaves devices out whose conversations with the selected ones stay.
            if let Some(asset) = asset.filter(|asset| devices.contains_key(&asset.id)) {
                return asset.id.to_string();
            }
            let dot = of_address(report, asset, node);
            let id = dot.id.clone();
            strangers.entry(id.clone()).or_insert(dot);
            id
        };
        let mut lines = Vec::with_capacity(report.talks.len());
        for talk in report.talks {
            let (client, server) = (talk.conversation.client, talk.conversation.server);
            let (from, to) = (end(talk.client, client), end(talk.server, server));
            lines.push(Line { from, to, values: of_talk(talk) });
        }
        dots.extend(strangers.into_values());
        Self { dots, lines }
    }
}

/// Verdicts on advisories of each device: affected, cannot tell.
fn counts(report: &Report<'_>) -> BTreeMap<AssetId, [u64; 2]> {
    let mut counts: BTreeMap<AssetId, [u64; 2]> = BTreeMap::new();
    for finding in report.findings.iter().filter(|one| one.judgement.kind == Kind::Advisory) {
        let [affected, cannot_tell] = counts.entry(finding.asset).or_default();
        let count = match finding.judgement.verdict {
            Verdict::Affected => affected,
            Verdict::Unknown(_) => cannot_tell,
            Verdict::Fixed | Verdict::NotAffected => continue,
        };
        *count = count.saturating_add(1);
    }
    counts
}

fn of_device(report: &Report<'_>, asset: &Asset, counts: &BTreeMap<AssetId, [u64; 2]>) -> Dot {
    let plate = &asset.nameplate;
    let value = |field: Field| plate.value(field).unwrap_or_default().to_owned();
    let joined = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(" ");
    let sites = report.run.sites.of(asset).join(", ");
    let zone = report.zones.of(asset).map(|zone| zone.name.to_string()).unwrap_or_default();
    let purdue = report.level(asset).map(|level| level.level.to_string()).unwrap_or_default();
    let [affected, cannot_tell] = counts.get(&asset.id).copied().unwrap_or_default();
    let values = vec![
        joined(&mut asset.ips.iter().map(ToString::to_string)),
        joined(&mut asset.macs.iter().map(ToString::to_string)),
        value(Field::Kind),
        value(Field::Role),
        value(Field::Vendor),
        value(Field::Product),
        value(Field::Model),
        shown_version(plate).unwrap_or_default().to_owned(),
        value(Field::Serial),
        sites.clone(),
        zone.clone(),
        purdue,
        asset.modules.len().to_string(),
        asset.first.to_string(),
        asset.last.to_string(),
    ];
    let places: Vec<String> = [sites, zone].into_iter().filter(|name| !name.is_empty()).collect();
    Dot {
        id: asset.id.to_string(),
        kind: "device",
        label: display_name(asset),
        values,
        cluster: (!places.is_empty()).then(|| places.join(" / ")),
        affected,
        cannot_tell,
    }
}

/// An address that is no device's here. Its identifier is the address, with its site and VLAN.
fn of_address(report: &Report<'_>, asset: Option<&Asset>, node: Node) -> Dot {
    let site = report.run.sites.name(node.scope.site).unwrap_or_default();
    let address = node.to_string();
    let (ip, mac) = match node.addr {
        Addr::Ip(ip) => (ip.to_string(), String::new()),
        Addr::Mac(mac) => (String::new(), mac.to_string()),
        Addr::Listed(_) => (String::new(), String::new()),
    };
    let mut values = vec![String::new(); NODE_KEYS.len()];
    for (place, key) in values.iter_mut().zip(NODE_KEYS) {
        match key.name {
            "ips" => place.clone_from(&ip),
            "macs" => place.clone_from(&mac),
            "site" => place.push_str(site),
            _ => {}
        }
    }
    let id = if site.is_empty() { address.clone() } else { format!("{site}: {address}") };
    Dot {
        id,
        kind: if is_group(node.addr) { "group" } else { "address" },
        label: asset.map_or(address, display_name),
        values,
        cluster: (!site.is_empty()).then(|| site.to_owned()),
        ..Dot::default()
    }
}

fn is_group(addr: Addr) -> bool {
    match addr {
        Addr::Ip(IpAddr::V4(ip)) => ip.is_multicast() || ip.is_broadcast(),
        Addr::Ip(IpAddr::V6(ip)) => ip.is_multicast(),
        Addr::Mac(mac) => mac.is_group(),
        Addr::Listed(_) => false,
    }
}

fn of_talk(talk: &Talk<'_>) -> Vec<String> {
    let said = talk.conversation;
    let [packets_there, packets_back] = said.packets;
    let [bytes_there, bytes_back] = said.bytes;
    let acts = Act::ALL.map(|act| said.acts.of(act).to_string());
    let mut values = vec![
        said.protocol.unwrap_or_default().to_owned(),
        said.port.to_string(),
        packets_there.to_string(),
        packets_back.to_string(),
        bytes_there.to_string(),
        bytes_back.to_string(),
        said.first.to_string(),
        said.last.to_string(),
    ];
    values.extend(acts);
    values
}

/// A property of nodes or edges.
#[derive(Clone, Copy, Debug)]
struct PropertyKey {
    name: &'static str,
    is_number: bool,
}

const fn text(name: &'static str) -> PropertyKey {
    PropertyKey { name, is_number: false }
}

const fn number(name: &'static str) -> PropertyKey {
    PropertyKey { name, is_number: true }
}

const NODE_KEYS: &[PropertyKey] = &[
    text("ips"),
    text("macs"),
    text("device_kind"),
    text("role"),
    text("vendor"),
    text("product"),
    text("model"),
    text("version"),
    text("serial"),
    text("site"),
    text("zone"),
    number("purdue"),
    number("modules"),
    text("first_seen"),
    text("last_seen"),
];

const EDGE_KEYS: &[PropertyKey] = &[
    text("protocol"),
    text("port"),
    number("packets_to_server"),
    number("packets_to_client"),
    number("bytes_to_server"),
    number("bytes_to_client"),
    text("first"),
    text("last"),
    number("identify"),
    number("read"),
    number("write"),
    number("control"),
    number("program"),
];

#[cfg(test)]
mod tests;
