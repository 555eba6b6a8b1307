//! A mirror that lets frames overtake each other changes no fact and no device.

use std::collections::BTreeMap;
use std::net::IpAddr;

use nameplate::model::limits::GAP_WAIT_SECONDS_MAX;
use nameplate::packet::Transport;

use super::inventory::{With, assets, differences, lines};
use super::{Case, cases, nothing};
use crate::random::Random;
use crate::traffic::{Shot, hear, heard, packet_of};

#[test]
fn neighbours_of_different_conversations_may_change_places() {
    let mut wrong = Vec::new();
    for case in cases(5).filter(is_shown_once) {
        let talks: Vec<Option<Talk>> = case.shots.iter().map(talk).collect();
        let base = lines(&assets(heard(&case.shots)), With::NoTimes);
        let seed = case.seed();
        let mut random = Random::new(seed);
        let mut order: Vec<usize> = (0..case.shots.len()).collect();
        for at in 1..order.len() {
            let (a, b) = (&talks[order[at - 1]], &talks[order[at]]);
            let differ = a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| a.hosts() != b.hosts());
            if differ && random.below(2) == 0 {
                order.swap(at - 1, at);
            }
        }
        let told = lines(&assets(heard(&in_this(&case.shots, &order))), With::NoTimes);
        let what = format!("{} with neighbours swapped, seed {seed}", case.name);
        wrong.extend(differences(&what, &base, &told));
    }
    nothing(&wrong);
}

#[test]
fn segments_of_a_connection_may_overtake_each_other() {
    let mut wrong = Vec::new();
    for case in cases(6).filter(is_shown_once) {
        let talks: Vec<Option<Talk>> = case.shots.iter().map(talk).collect();
        let base = lines(&assets(heard(&case.shots)), With::NoTimes);
        let seed = case.seed();
        let mut random = Random::new(seed);
        let mut order: Vec<usize> = (0..case.shots.len()).collect();
        let mut moved = vec![false; order.len()];
        for at in 0..order.len() {
            // Where a connection begins that was open before the capture, only its first packet tells.
            let begins =
                |talk: &&Talk| talks[..=at].iter().flatten().any(|one| one.opens && one == *talk);
            let Some(talk) = talks[at].as_ref().filter(begins) else { continue };
            let behind = (at + 1..order.len())
                .filter(|other| talks[*other].as_ref() == Some(talk))
                .nth(random.below(2));
            // What comes seconds late is given up, as a segment that was lost: no mirror keeps one that long.
            let is_soon = |other: &usize| {
                let apart = case.shots[*other].at.0 - case.shots[at].at.0;
                apart < (GAP_WAIT_SECONDS_MAX as i64) * 1_000_000_000
            };
            if let Some(other) = behind.filter(|other| !moved[at] && !moved[*other])
                && is_soon(&other)
                && random.below(5) == 0
                && !hides_the_beginning(&talks[at..=other], talk)
            {
                order.swap(at, other);
                (moved[at], moved[other]) = (true, true);
            }
        }
        let told = lines(&assets(heard(&in_this(&case.shots, &order))), With::NoTimes);
        let what = format!("{} with segments swapped, seed {seed}", case.name);
        let differ = differences(&what, &base, &told).into_iter();
        wrong.extend(differ.filter(|line| !is_told_by_times(line)));
    }
    nothing(&wrong);
}

/// True when the first of these packets opens one direction of a conversation, and its next two are of that direction as
/// well, as in a mirror that shows answers alone. Were the first and the last to change places, the direction would begin
/// with its second segment, go on with its first, and tell last where it began. Nothing tells that from the middle of a
/// connection that was under way, in which the earlier segment is sent again: what was read of it before the capture is not
/// read twice.
fn hides_the_beginning(between: &[Option<Talk>], talk: &Talk) -> bool {
    let same: Vec<&Talk> = between.iter().flatten().filter(|one| *one == talk).collect();
    talk.opens && same.len() > 2 && same.iter().all(|one| one.is_from_lower == talk.is_from_lower)
}

/// Whether somebody polls is told by the times between its requests, and from which mode to which a controller went by the times of
/// the answers that tell them. Those of a segment and of one that overtook it have changed places.
fn is_told_by_times(line: &str) -> bool {
    let told = ["(Hint role-poller of ", "(Hint modbus-client of ", " mode_changed "];
    told.iter().any(|what| line.contains(what))
}

/// False for mirrors that show packets more than once, before and behind a router or in several VLANs, and for addresses
/// that several devices had: which frame came first decides what they tell of their sender.
fn is_shown_once(case: &Case) -> bool {
    let (observations, counters) = hear(&case.shots);
    let copies = ["packet.copies", "packet.copies_other_vlan"];
    let mut senders = BTreeMap::new();
    let one_each = observations.iter().filter(|one| one.key.name == "ip.mac").all(|one| {
        let known = senders.insert(one.subject.clone(), one.value.clone());
        known.is_none_or(|known| known == one.value)
    });
    one_each && copies.iter().all(|name| counters.count(name) == 0)
}

/// The frames in another order, at the times at which frames came.
fn in_this(shots: &[Shot], order: &[usize]) -> Vec<Shot> {
    let places = order.iter().zip(shots);
    places.map(|(from, place)| Shot { at: place.at, ..shots[*from].clone() }).collect()
}

/// Who talks to whom.
#[derive(Debug)]
struct Talk {
    /// Addresses and ports, the lower first.
    ends: [(IpAddr, u16); 2],
    is_tcp: bool,
    /// With this packet.
    opens: bool,
    /// Which way it goes.
    is_from_lower: bool,
}

impl PartialEq for Talk {
    fn eq(&self, other: &Self) -> bool {
        (&self.ends, self.is_tcp) == (&other.ends, other.is_tcp)
    }
}

impl Talk {
    fn hosts(&self) -> [IpAddr; 2] {
        [self.ends[0].0, self.ends[1].0]
    }
}

fn talk(shot: &Shot) -> Option<Talk> {
    let packet = packet_of(shot);
    let net = packet.net.filter(|net| net.fragment.is_none())?;
    let (is_tcp, opens, from, to) = match packet.transport? {
        Transport::Tcp(tcp) => (true, tcp.syn, tcp.source, tcp.destination),
        Transport::Udp { source, destination } => (false, false, source, destination),
    };
    // Whatever the VLAN: where each direction has its own, both are one conversation.
    let mut ends = [(net.source, from), (net.destination, to)];
    let is_from_lower = ends.is_sorted();
    ends.sort();
    Some(Talk { ends, is_tcp, opens, is_from_lower })
}
