//! What frames travel in is not part of the inventory, but the VLAN is.

use std::collections::BTreeMap;

use nameplate::model::{LinkType, Node, Scope, Sighting, Value};

use super::inventory::{With, assets, differences, lines};
use super::{Case, cases, nothing};
use crate::encapsulation::wrap::{WRAPPERS, Wrapper};
use crate::replayed::Heard;
use crate::traffic::{Shot, heard, packet_of};

#[test]
fn what_carries_frames_does_not_change_the_inventory() {
    let mut wrong = Vec::new();
    for case in cases(4).filter(is_plain) {
        for (number, wrapper) in WRAPPERS.iter().enumerate() {
            let every = if case.bundled { ROTATION } else { ROTATION_REAL };
            if (case.number + number) % every != 0 {
                continue;
            }
            let base: Vec<Shot> = case.shots.iter().map(|shot| wrapper.base(shot)).collect();
            let wrapped: Vec<Shot> = base.iter().map(|shot| wrapper.wrap(shot).shot).collect();
            let base = lines(&assets(moved(heard(&base), wrapper)), With::Times);
            let told = lines(&assets(without_mac(heard(&wrapped), wrapper)), With::Times);
            let what = format!("{} in {}", case.name, wrapper.name);
            wrong.extend(differences(&what, &base, &told));
        }
    }
    nothing(&wrong);
}

/// Ethernet frames in nothing yet, none of them from a group address, of a type that is none, or damaged: no tunnel is
/// believed to carry one.
fn is_plain(case: &Case) -> bool {
    !case.name.starts_with("packet/")
        && case.shots.iter().all(|shot| {
            let packet = packet_of(shot);
            shot.link == LinkType::ETHERNET
                && packet.source.is_some_and(|mac| !mac.is_group())
                && packet.stopped.is_none()
                && !packet.tunnelled
                && !packet.cut
                && shot.bytes.len() < CARRIED_BYTES_MAX
                && !shot.bytes.get(12..14).is_some_and(|kind| matches!(kind, [0x05, 0xdd..=0xff]))
        })
}

/// What was heard, in the VLANs where it is once it was wrapped.
fn moved(heard: Heard, wrapper: &Wrapper) -> Heard {
    let mut heard = without_mac(heard, wrapper);
    let there = |scope: Scope| (wrapper.scope)(scope);
    for one in &mut heard.observations {
        one.subject.node.scope = there(one.subject.node.scope);
        if let ("ip.same_as", Value::Text(text)) = (one.key.name, &one.value) {
            let node: Node = text.parse().unwrap();
            let moved = Node { scope: there(node.scope), ..node };
            one.value = Value::Text(moved.to_string().into());
        }
    }
    for sighting in &mut heard.sightings {
        sighting.node.scope = there(sighting.node.scope);
    }
    heard.sightings.sort();
    heard
}

/// What was heard, but for the addresses that a tunnel of bare IP hides.
fn without_mac(mut heard: Heard, wrapper: &Wrapper) -> Heard {
    if !wrapper.hides_mac {
        return heard;
    }
    heard.observations.retain(|one| !["ip.mac", "ip.mac_same_as"].contains(&one.key.name));
    heard.observations.iter_mut().for_each(|one| one.mac = None);
    let mut seen: BTreeMap<Node, Sighting> = BTreeMap::new();
    for sighting in heard.sightings {
        let known = seen.entry(sighting.node).or_insert(Sighting { mac: None, ..sighting });
        known.first = known.first.min(sighting.first);
        known.last = known.last.max(sighting.last);
    }
    heard.sightings = seen.into_values().collect();
    heard
}

/// With all headers in front of it, a frame still fits into one packet of the network around it.
const CARRIED_BYTES_MAX: usize = 65_000;
/// Each capture in one of so many wrappers.
const ROTATION: usize = 6;
const ROTATION_REAL: usize = 13;
