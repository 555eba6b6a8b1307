//! Why sightings are one device, and why others that look like it are not.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::explain::assets;
use crate::app::explain::page::{Page, Rules};
use crate::app::scan::Scanned;
use crate::export::display_name;
use crate::model::decision::are_of;
use crate::model::limits::{EXPLAINED_ASSETS_MAX, EXPLAINED_LIKENESSES_MAX};
use crate::model::{
    Addr, Asset, Binding, Book, Deed, Entry, Fate, Field, Join, JoinedBy, Node, Ruling,
};

/// What came of asking.
#[derive(Debug)]
pub(in crate::app) enum Merge<'a> {
    /// The answer.
    Page(Page<'a>),
    /// Nothing is called so.
    Unknown(String),
}

/// Explains why the sightings of a device are one; with `other`, whether that is the same one, and why or why not.
pub(in crate::app) fn merge<'a>(
    known: &'a Scanned,
    rules: &'a Rules,
    what: &str,
    other: Option<&str>,
) -> Merge<'a> {
    let mut page = Page::new(&known.run, rules);
    let of_what: Vec<&Arc<Asset>> = assets(known, what).collect();
    if of_what.is_empty() {
        return Merge::Unknown(what.to_owned());
    }
    let Some(other) = other else {
        for asset in of_what.iter().take(EXPLAINED_ASSETS_MAX) {
            explain_joins(asset, &mut page);
            explain_likenesses(asset, &known.assets, &mut page);
        }
        left_out(of_what.len().saturating_sub(EXPLAINED_ASSETS_MAX), "devices", 0, &mut page);
        return Merge::Page(page);
    };
    let of_other: Vec<&Arc<Asset>> = assets(known, other).collect();
    if of_other.is_empty() {
        return Merge::Unknown(other.to_owned());
    }
    let pairs = of_what.iter().flat_map(|a| of_other.iter().map(move |b| (a, b)));
    let mut told = BTreeSet::new();
    let pairs: Vec<_> =
        pairs.filter(|(a, b)| told.insert((a.id.min(b.id), a.id.max(b.id)))).collect();
    for (a, b) in pairs.iter().take(EXPLAINED_ASSETS_MAX) {
        if a.id == b.id {
            page.line(0, &format!("{what} and {other} are one device"));
            explain_joins(a, &mut page);
        } else {
            explain_two(a, b, &mut page);
        }
    }
    left_out(pairs.len().saturating_sub(EXPLAINED_ASSETS_MAX), "pairs of devices", 0, &mut page);
    Merge::Page(page)
}

fn left_out(count: usize, what: &str, depth: usize, page: &mut Page<'_>) {
    if count > 0 {
        page.line(depth, &format!("{count} more {what} are left out"));
    }
}

fn explain_joins(asset: &Asset, page: &mut Page<'_>) {
    page.line(0, &format!("asset {}  {}", asset.id, display_name(asset)));
    page.line(1, &format!("identity: {}", asset.identity));
    for Binding { node, mac, first, last } in &asset.bindings {
        let from = mac.map(|mac| format!(", from its MAC address {mac}")).unwrap_or_default();
        page.line(1, &format!("had {node}: {first} to {last}{from}"));
    }
    if asset.bindings.is_empty() {
        let nodes: Vec<String> = nodes(asset).iter().map(ToString::to_string).collect();
        page.line(1, &format!("addresses: {}", nodes.join(", ")));
    }
    for mac in &asset.reached_through {
        let why = "a router's address, which is no key to what lies behind it";
        page.line(1, &format!("reached through {mac}: {why}"));
    }
    if asset.joins.is_empty() {
        page.line(1, "no two sightings had to be joined");
    }
    for join in &asset.joins {
        let Join { a, b, by, grounds } = join;
        page.line(1, &format!("{a} and {b} are one, because {}", reason(by)));
        grounds.iter().for_each(|ground| page.ground(2, ground, None));
        if let JoinedBy::Decision(number) = by
            && let Some(Entry { by, why, at, .. }) = page.run().decisions.entry(*number)
        {
            page.line(2, &format!("decided by {by}, {at}: {why}"));
        }
    }
}

/// Why two sightings were joined, in words.
fn reason(by: &JoinedBy) -> String {
    match by {
        JoinedBy::Serial(serial) => {
            format!("both gave the serial number {serial}, which no two devices of a maker share")
        }
        JoinedBy::ServerGuid(guid) => format!("both gave the server GUID {guid}"),
        JoinedBy::Mac(mac) => {
            format!("packets from there came from the MAC address {mac}, and from no other one")
        }
        JoinedBy::SamePacket => "one packet was seen as both".to_owned(),
        JoinedBy::Decision(number) => format!("decision {number} says so"),
    }
}

/// The decisions by which two devices are two.
fn decided_apart(book: &Book, a: &Asset, b: &Asset) -> Vec<String> {
    let standing = book.lines().filter(|(_, fate)| *fate == Fate::Stands);
    let words = standing.filter_map(|(entry, _)| match &entry.deed {
        Deed::Ruled(Ruling::Apart(one, other)) if are_of(one, other, a, b) => {
            let Entry { number, by, why, at, .. } = entry;
            Some(format!("decision {number} says so, by {by}, {at}: {why}"))
        }
        _ => None,
    });
    words.collect()
}

fn explain_likenesses(asset: &Asset, all: &[Arc<Asset>], page: &mut Page<'_>) {
    let (likenesses, beyond) = likenesses(asset, all);
    for Likeness { other, alike, mut because } in likenesses {
        because.splice(0..0, decided_apart(&page.run().decisions, asset, other));
        let (id, name) = (other.id, display_name(other));
        page.line(1, &format!("not joined with asset {id}  {name}"));
        alike.iter().for_each(|words| page.line(2, &format!("although {words}")));
        because.iter().for_each(|words| page.line(2, &format!("because {words}")));
    }
    left_out(beyond, "devices that look like it", 1, page);
}

fn explain_two(a: &Asset, b: &Asset, page: &mut Page<'_>) {
    page.line(0, "two devices");
    for asset in [a, b] {
        page.line(1, &format!("asset {}  {}", asset.id, display_name(asset)));
        page.line(2, &format!("identity: {}", asset.identity));
    }
    alike(a, b).iter().for_each(|words| page.line(1, &format!("although {words}")));
    let mut because = because(a, b);
    because.splice(0..0, decided_apart(&page.run().decisions, a, b));
    because.iter().for_each(|words| page.line(1, &format!("because {words}")));
}

/// A device that looks like another and is not joined with it.
#[derive(Debug)]
struct Likeness<'a> {
    other: &'a Asset,
    /// What is alike; never empty.
    alike: Vec<String>,
    /// What speaks against it, or why that is not enough; never empty.
    because: Vec<String>,
}

/// The devices that look like this one, in order of their identity, and how many more there are.
fn likenesses<'a>(asset: &Asset, all: &'a [Arc<Asset>]) -> (Vec<Likeness<'a>>, usize) {
    let (mut likenesses, mut beyond) = (Vec::new(), 0_usize);
    for other in all.iter().filter(|other| other.id != asset.id) {
        let alike = alike(asset, other);
        if alike.is_empty() {
            continue;
        }
        if likenesses.len() < EXPLAINED_LIKENESSES_MAX {
            let because = because(asset, other);
            likenesses.push(Likeness { other, alike, because });
        } else {
            beyond = beyond.saturating_add(1);
        }
    }
    (likenesses, beyond)
}

/// What two devices have in common that could make one think they are one.
fn alike(a: &Asset, b: &Asset) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(ip) = a.ips.intersection(&b.ips).next() {
        let (of_a, of_b) = (nodes_with(a, Addr::Ip(*ip)), nodes_with(b, Addr::Ip(*ip)));
        words.push(match of_a.iter().find(|node| of_b.contains(node)) {
            Some(node) => format!("both had the address {node}"),
            None => {
                format!("both had the IP address {ip}: {} and {}", listed(&of_a), listed(&of_b))
            }
        });
    }
    if let Some(mac) = a.macs.intersection(&b.macs).next() {
        words.push(format!("both show the MAC address {mac}"));
    }
    let names = |asset: &Asset| said(asset, Field::Name, |name| name.to_ascii_lowercase());
    if let Some(name) = names(a).intersection(&names(b)).next() {
        words.push(format!("both are called {name}"));
    }
    if let Some(serial) = serials(a).intersection(&serials(b)).next() {
        words.push(format!("both give the serial number {serial}"));
    }
    words
}

/// What speaks against two devices being one, the strongest first; where nothing does, why nothing speaks for it.
fn because(a: &Asset, b: &Asset) -> Vec<String> {
    let mut words = Vec::new();
    let (of_a, of_b) = (serials(a), serials(b));
    let vendor =
        |asset: &Asset| asset.nameplate.value(Field::Vendor).unwrap_or("unknown").to_owned();
    let (maker_a, maker_b) = (vendor(a), vendor(b));
    if !of_a.is_empty() && !of_b.is_empty() {
        if of_a.is_disjoint(&of_b) {
            let [a, b] =
                [&of_a, &of_b].map(|all| all.iter().cloned().collect::<Vec<_>>().join(", "));
            words.push(format!("they give different serial numbers: {a} and {b}"));
        } else if maker_a != maker_b {
            words.push(format!(
                "every maker numbers for himself: these are {maker_a} and {maker_b}"
            ));
        } else {
            let model =
                |asset: &Asset| asset.nameplate.value(Field::Model).unwrap_or("unknown").to_owned();
            let (a, b) = (model(a), model(b));
            words.push(format!(
                "programs that play a device, and some makers, give a number more than once: models {a} and {b}"
            ));
        }
    }
    let (own_a, own_b) = (burned_in(a), burned_in(b));
    if let (Some(mac_a), Some(mac_b), true) =
        (own_a.first(), own_b.first(), own_a.is_disjoint(&own_b))
    {
        words.push(format!("their own MAC addresses differ: {mac_a} and {mac_b}"));
    }
    words.extend(at_one_address(a, b));
    if a.scopes.is_disjoint(&b.scopes) {
        words.push(
            "they were seen in different VLANs, where the same addresses and names are often used again, \
             and no packet was seen in both"
                .to_owned(),
        );
    }
    if words.is_empty() {
        words.push(
            "addresses and names alone join nothing: that takes a serial number, a server GUID, a MAC address of \
             its own, or a packet that was seen as both"
                .to_owned(),
        );
    }
    words
}

/// How two devices shared an address: one after the other, or both at the same time.
fn at_one_address(a: &Asset, b: &Asset) -> Option<String> {
    let pairs = a.bindings.iter().flat_map(|one| b.bindings.iter().map(move |other| (one, other)));
    let mut shared = pairs.filter(|(one, other)| one.node == other.node).peekable();
    let (one, other) = shared.peek().copied()?;
    let node = one.node;
    let overlapping = shared.any(|(one, other)| one.first <= other.last && other.first <= one.last);
    Some(if overlapping {
        format!("both used {node} at the same time")
    } else {
        let (before, after) = if one.last < other.first { (one, other) } else { (other, one) };
        format!("one had {node} until {}, the other from {}", before.last, after.first)
    })
}

/// Addresses that makers gave, not programs.
fn burned_in(asset: &Asset) -> BTreeSet<crate::model::Mac> {
    asset.macs.iter().copied().filter(|mac| !mac.is_local()).collect()
}

fn serials(asset: &Asset) -> BTreeSet<String> {
    said(asset, Field::Serial, |serial| {
        serial.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
    })
}

fn said(asset: &Asset, field: Field, form: impl Fn(&str) -> String) -> BTreeSet<String> {
    let claims = asset.nameplate.claims.get(&field).into_iter().flatten();
    claims.map(|claim| form(&claim.value)).filter(|value| !value.is_empty()).collect()
}

/// Where a device was seen: what it had when, or its addresses where that is not known.
fn nodes(asset: &Asset) -> BTreeSet<Node> {
    if !asset.bindings.is_empty() {
        return asset.bindings.iter().map(|binding| binding.node).collect();
    }
    let ips = asset.ips.iter().map(|ip| Addr::Ip(*ip));
    let addresses: Vec<Addr> = ips.chain(asset.macs.iter().map(|mac| Addr::Mac(*mac))).collect();
    let scopes = asset.scopes.iter();
    scopes
        .flat_map(|scope| addresses.iter().map(|addr| Node { scope: *scope, addr: *addr }))
        .collect()
}

fn nodes_with(asset: &Asset, addr: Addr) -> BTreeSet<Node> {
    nodes(asset).into_iter().filter(|node| node.addr == addr).collect()
}

fn listed(nodes: &BTreeSet<Node>) -> String {
    let words: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests;
