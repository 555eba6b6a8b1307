//! Frames that are lost or cut only make an inventory smaller.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use nameplate::model::{
    Addr, Asset, Certainty, Claim, Field, Node, Observation, Scope, SignatureId, Unit, Value,
};
use nameplate::packet::Transport;

use super::inventory::assets;
use super::{cases, nothing};
use crate::random::Random;
use crate::replayed::Heard;
use crate::traffic::{Shot, heard, packet_of};

#[test]
fn a_third_of_the_frames_lost_only_removes() {
    only_removes(7, 20, |shots, random| {
        shots.iter().filter(|_| random.below(10) > 2).cloned().collect()
    });
}

#[test]
fn frames_lost_in_bursts_only_remove() {
    only_removes(0, 8, |shots, random| {
        let mut kept = Vec::new();
        let (mut at, mut lost) = (0, false);
        while at < shots.len() {
            let length = 1 + random.below(if lost { 8 } else { 16 });
            let end = shots.len().min(at + length);
            if !lost {
                kept.extend(shots[at..end].iter().cloned());
            }
            (at, lost) = (end, !lost);
        }
        kept
    });
}

#[test]
fn one_direction_alone_says_no_more_than_both() {
    let mut ways = [true, false].into_iter().cycle();
    only_removes(1, 2, move |shots, _| {
        let up = ways.next().unwrap();
        shots
            .iter()
            .filter(|shot| goes_up(shot).is_none_or(|goes_up| goes_up == up))
            .cloned()
            .collect()
    });
}

#[test]
fn frames_that_are_cut_say_no_more_than_whole_ones() {
    let mut lengths = [60, 96, 128, 200].into_iter().cycle();
    only_removes(2, 4, move |shots, _| {
        let length = lengths.next().unwrap();
        let cut = |shot: &Shot| {
            let mut shot = shot.clone();
            shot.bytes.truncate(length);
            shot
        };
        shots.iter().map(cut).collect()
    });
}

/// Loses something so many times, by seed, and compares with the whole.
fn only_removes(turn: usize, seeds: u64, mut lose: impl FnMut(&[Shot], &mut Random) -> Vec<Shot>) {
    let mut wrong = Vec::new();
    let all = std::env::var_os("NAMEPLATE_PROPERTIES").is_some_and(|which| which == "all");
    for case in cases(turn) {
        let whole = heard(&case.shots);
        if !is_told_once(&whole) {
            continue;
        }
        let is_shown_once = is_shown_once(&whole);
        let guessed = guessed(&case.shots);
        let facts = facts(&whole, is_shown_once, &guessed);
        let several = several(&whole);
        let whole = Shown::of(&assets(whole));
        for seed in 1..=seeds {
            let kept = lose(&case.shots, &mut Random::new(seed));
            let heard = heard(&kept);
            let what = format!("{}, seed {seed}", case.name);
            let told = self::facts(&heard, is_shown_once, &guessed);
            let added = told.difference(&facts);
            wrong.extend(added.map(|fact| format!("{what}: added fact {fact}")));
            if !all && !(seed as usize + case.number).is_multiple_of(INVENTORY_TURNS) {
                continue;
            }
            let shown = Shown::of(&assets(heard));
            let more = shown.claims_beyond(&whole, &guessed);
            wrong.extend(more.map(|more| format!("{what}: {more}")));
            let events = shown.events.iter().filter(|event| {
                let of_address = ["replaced", "address_contested"].contains(&&*event.name);
                !(whole.knows(event) || of_address && several.contains(&event.place))
            });
            wrong.extend(events.map(|event| format!("{what}: added event {event:?}")));
            if is_shown_once {
                let joined = shown.joined_beyond(&whole);
                wrong.extend(joined.map(|more| format!("{what}: {more}")));
            }
        }
    }
    nothing(&wrong);
}

/// False for mirrors that show packets more than once, before and behind a router or in several VLANs: when the first is
/// lost, its copy looks like it, and tells the router's address and hop limit.
fn is_shown_once(heard: &Heard) -> bool {
    let copies = ["packet.copies", "packet.copies_other_vlan"];
    copies.iter().all(|name| heard.counters.count(name) == 0)
}

/// False for connections in which other bytes were sent for the same place, or sequence numbers that lead nowhere: which of
/// them came first decides what is read, and the first may be lost.
fn is_told_once(heard: &Heard) -> bool {
    let lies = ["stream.conflicts", "stream.out_of_window"];
    lies.iter().all(|name| heard.counters.count(name) == 0)
}

/// The addresses whose packets came from several MAC addresses: that these are one device's, a switch with ports of its
/// own, may have been told by what was lost.
fn several(heard: &Heard) -> BTreeSet<String> {
    let mut senders: BTreeMap<Node, BTreeSet<&Value>> = BTreeMap::new();
    for one in heard.observations.iter().filter(|one| one.key.name == "ip.mac") {
        senders.entry(one.subject.node).or_default().insert(&one.value);
    }
    let several = senders.into_iter().filter(|(_, macs)| macs.len() > 1);
    several
        .filter_map(|(node, _)| match node.addr {
            Addr::Ip(ip) => Some(place(Some(ip), None)),
            Addr::Mac(_) => None,
        })
        .collect()
}

/// Where something happened: the first address of a device, and the part of it.
fn place(address: Option<IpAddr>, part: Option<&Unit>) -> String {
    format!("{address:?} {part:?}")
}

/// The hosts of which less is known than it seems once the first packets of their conversations are lost.
fn guessed(shots: &[Shot]) -> BTreeSet<IpAddr> {
    let mut guessed = BTreeSet::new();
    for shot in shots {
        let packet = packet_of(shot);
        let (Some(net), Some(Transport::Tcp(tcp))) = (packet.net, packet.transport) else {
            continue;
        };
        // Only its SYN tells a client that speaks from the port of a server.
        let opens_from_low = tcp.syn && tcp.acknowledged.is_none() && tcp.source < PORT_SERVED_MAX;
        // What a relay (SOCKS, RFC 1928) passes on is that of others; its first message only says so.
        let relays = match packet.payload {
            [5, methods, rest @ ..] => rest.len() == usize::from(*methods),
            [4, 1 | 2, _, _, _, _, _, _, .., 0] => true,
            _ => false,
        };
        let line = packet.payload.get(..LINE_BYTES_MIN).unwrap_or(packet.payload);
        let proxied = line.windows(8).any(|part| part == b" http://");
        if opens_from_low || relays || proxied {
            guessed.extend([net.source, net.destination]);
        }
    }
    guessed
}

/// Subject, key, value: what was read. Which side serves is a guess where no SYN tells it.
fn facts(heard: &Heard, is_shown_once: bool, guessed: &BTreeSet<IpAddr>) -> BTreeSet<String> {
    let is_read = |one: &&Observation| match (one.key.name, one.subject.node.addr) {
        ("ip.serves" | "ip.uses", _) => false,
        ("ip.mac" | "ip.ttl" | "ip.same_as", _) => is_shown_once,
        (_, Addr::Ip(ip)) => !guessed.contains(&ip),
        (_, Addr::Mac(_)) => true,
    };
    let read = heard.observations.iter().filter(is_read);
    read.map(|one| format!("{} {} = {}", one.subject, one.key, one.value)).collect()
}

/// What an inventory shows of devices, in a form in which less is a part of more.
struct Shown {
    claims: BTreeSet<Said>,
    /// The addresses of each device.
    addresses: Vec<BTreeSet<String>>,
    events: BTreeSet<Happened>,
}

/// An event.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Happened {
    place: String,
    name: String,
    /// What was before and what is now, or who did it.
    ends: Vec<String>,
}

/// A claim.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Said {
    subject: String,
    field: Field,
    value: String,
    certainty: Certainty,
    by: SignatureId,
}

impl Shown {
    fn of(assets: &[Arc<Asset>]) -> Self {
        let mut claims = BTreeSet::new();
        let mut events = BTreeSet::new();
        for asset in assets {
            let parts = asset.modules.iter().map(|module| &module.nameplate);
            let plates = parts.chain([&asset.nameplate]);
            claims.extend(plates.flat_map(|plate| plate.claims.values().flatten()).map(said));
            for event in &asset.events {
                let place = place(asset.ips.first().copied(), event.module.as_ref());
                let ends = event.words().split(" -> ").map(str::to_owned).collect();
                events.insert(Happened { place, name: event.name().into(), ends });
            }
        }
        let addresses = assets.iter().map(|asset| addresses(asset)).collect();
        Self { claims, addresses, events }
    }

    /// True when this happened, or when it skips what was between: from the first mode to the third. Of devices that took
    /// an address over from each other, some may not have been seen, and those that were are numbered otherwise.
    fn knows(&self, event: &Happened) -> bool {
        let mut same =
            self.events.iter().filter(|all| all.place == event.place && all.name == event.name);
        if event.name == "replaced" {
            return same.next().is_some();
        }
        let known: BTreeSet<&String> = same.flat_map(|all| &all.ends).collect();
        event.ends.iter().all(|end| known.contains(end))
    }

    /// Claims that are here and not in the whole.
    fn claims_beyond<'a>(
        &'a self,
        whole: &'a Self,
        guessed: &'a BTreeSet<IpAddr>,
    ) -> impl Iterator<Item = String> + 'a {
        let more = self.claims.difference(&whole.claims);
        let more = more.filter(|claim| !guessed.iter().any(|ip| is_about(&claim.subject, *ip)));
        let strange = more.filter(|claim| !whole.claims.iter().any(|all| covers(all, claim)));
        strange.filter(|claim| !MAY_SPEAK.contains(&&*claim.by)).map(|claim| {
            let Said { subject, field, value, certainty, by } = claim;
            let same = |all: &&Said| all.subject == *subject && all.field == *field;
            let known: Vec<String> = whole
                .claims
                .iter()
                .filter(same)
                .map(|all| format!("{} ({:?} {})", all.value, all.certainty, all.by))
                .collect();
            format!("added claim {subject} {field} = {value} ({certainty:?} {by}), was {known:?}")
        })
    }

    /// Devices here that have the addresses of several in the whole.
    fn joined_beyond<'a>(&'a self, whole: &'a Self) -> impl Iterator<Item = String> + 'a {
        self.addresses.iter().filter_map(|here| {
            let touched: Vec<_> =
                whole.addresses.iter().filter(|all| !here.is_disjoint(all)).collect();
            let known: BTreeSet<String> = here
                .iter()
                .filter(|one| touched.iter().any(|all| all.contains(*one)))
                .cloned()
                .collect();
            let one = touched.iter().any(|all| known.is_subset(all));
            (!one).then(|| format!("a device at {here:?}, which was {touched:?}"))
        })
    }
}

fn said(claim: &Claim) -> Said {
    Said {
        subject: claim.subject.to_string(),
        field: claim.field,
        value: claim.value.to_string(),
        certainty: claim.certainty,
        by: Arc::clone(&claim.by),
    }
}

/// True when a claim may stand where the whole makes another: it is a part of it, or, said with less certainty, the same
/// and more words.
fn covers(whole: &Said, part: &Said) -> bool {
    let letters = |text: &str| -> String {
        let kept = text.chars().filter(char::is_ascii_alphanumeric);
        kept.map(|letter| letter.to_ascii_lowercase()).collect()
    };
    let (a, b) = (letters(&whole.value), letters(&part.value));
    whole.subject == part.subject
        && whole.field == part.field
        && (whole.certainty >= part.certainty && a.contains(&b)
            || whole.certainty > part.certainty && b.contains(&a))
}

fn addresses(asset: &Asset) -> BTreeSet<String> {
    let in_scope = |scope: &Scope| {
        let scope = *scope;
        let ips = asset.ips.iter().map(move |ip| Node::ip(scope, *ip).to_string());
        ips.chain(asset.macs.iter().map(move |mac| Node::mac(scope, *mac).to_string()))
    };
    asset.scopes.iter().flat_map(in_scope).collect()
}

/// Whether a packet goes from the lower address and port to the higher; `None` without any.
fn goes_up(shot: &Shot) -> Option<bool> {
    let packet = packet_of(shot);
    let net = packet.net?;
    let (from, to) = match packet.transport? {
        Transport::Tcp(tcp) => (tcp.source, tcp.destination),
        Transport::Udp { source, destination } => (source, destination),
    };
    Some((net.source, from) <= (net.destination, to))
}

/// True when a subject is this host or a part of it.
fn is_about(subject: &str, ip: IpAddr) -> bool {
    subject.split(' ').next() == Some(&ip.to_string())
}

/// Facts are compared each time, inventories, which take longer, one time in so many.
const INVENTORY_TURNS: usize = 5;
/// Ports below are servers'.
const PORT_SERVED_MAX: u16 = 1_024;
/// The start of a request that names another server stands within so many bytes.
const LINE_BYTES_MIN: usize = 16;
/// Rules that may say something else when less was seen.
const MAY_SPEAK: &[&str] = &[
    // The maker of a network card is a hint for each address that was seen; which of several was first may be lost.
    "mac-organisation",
    "arp-organisation",
    // A name that was asked for and refused: the refusal may be lost. It never passes a name that was granted.
    "nbns-requested-name",
    // Who both asks and answers is shown as what answers.
    "modbus-client",
];
