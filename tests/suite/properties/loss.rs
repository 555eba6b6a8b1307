//! Frames that are lost or cut only make an inventory smaller.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use nameplate::model::{Addr, Observation};
use nameplate::packet::Transport;

use super::inventory::assets;
use super::shown::{Senders, Shown};
use super::{cases, nothing};
use crate::random::Random;
use crate::replayed::Heard;
use crate::traffic::{Shot, heard, is_said_of_less, packet_of};

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
        // What makes a packet an impossible one, or a fragment that waits for the others, may be cut off: such a frame
        // stays whole.
        let cut = |shot: &Shot| {
            let mut shot = shot.clone();
            let packet = packet_of(&shot);
            let is_part = packet.net.is_some_and(|net| net.fragment.is_some());
            if packet.stopped.is_none() && !is_part {
                shot.bytes.truncate(length);
            }
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
        if !is_told_once(&whole) || !is_sent_once(&case.shots) {
            continue;
        }
        let is_shown_once = is_shown_once(&whole);
        let guessed = guessed(&case.shots);
        let facts = facts(&whole, is_shown_once, &guessed);
        let senders = Senders::of(&case.shots);
        let whole = Shown::of(&assets(whole));
        for seed in 1..=seeds {
            let kept = lose(&case.shots, &mut Random::new(seed));
            let heard = heard(&kept);
            let what = format!("{}, seed {seed}", case.name);
            let told = self::facts(&heard, is_shown_once, &guessed);
            let added = told.difference(&facts).filter(|fact| !is_said_of_less(fact, &facts));
            wrong.extend(added.map(|fact| format!("{what}: added fact {fact}")));
            if !all && !(seed as usize + case.number).is_multiple_of(INVENTORY_TURNS) {
                continue;
            }
            let shown = Shown::of(&assets(heard));
            let passed_over = |ip: IpAddr| guessed.contains(&ip) || senders.are_beyond_sense(ip);
            let claims = shown.claims_beyond(&whole, &passed_over);
            let events = shown.events_beyond(&whole, &senders);
            wrong.extend(claims.chain(events).map(|more| format!("{what}: {more}")));
            if is_shown_once {
                let joined = shown.joined_beyond(&whole, &senders);
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

/// The same of bytes that were read before the others came, which nobody keeps to compare: a segment that begins where
/// another one did, and goes on otherwise.
fn is_sent_once(shots: &[Shot]) -> bool {
    let mut sent: BTreeMap<_, Vec<u8>> = BTreeMap::new();
    shots.iter().map(packet_of).all(|packet| {
        let (Some(net), Some(Transport::Tcp(tcp))) = (packet.net, packet.transport) else {
            return true;
        };
        let (from, to) = ((net.source, tcp.source), (net.destination, tcp.destination));
        let known = sent.entry((from, to, tcp.sequence)).or_insert_with(|| packet.payload.to_vec());
        let same = known.iter().zip(packet.payload).all(|(a, b)| a == b);
        if known.len() < packet.payload.len() {
            *known = packet.payload.to_vec();
        }
        same
    })
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
        // Which pair of its sender's MAC addresses a connection tells follows from which of its packets were seen.
        ("ip.serves" | "ip.uses" | "ip.mac_same_as", _) => false,
        ("ip.mac" | "ip.ttl" | "ip.same_as", _) => is_shown_once,
        (_, Addr::Ip(ip)) => !guessed.contains(&ip),
        (_, Addr::Mac(_) | Addr::Listed(_)) => true,
    };
    let read = heard.observations.iter().filter(is_read);
    read.map(|one| format!("{} {} = {}", one.subject, one.key, one.value)).collect()
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

/// Facts are compared each time, inventories, which take longer, one time in so many.
const INVENTORY_TURNS: usize = 5;
/// Ports below are servers'.
const PORT_SERVED_MAX: u16 = 1_024;
/// The start of a request that names another server stands within so many bytes.
const LINE_BYTES_MIN: usize = 16;
