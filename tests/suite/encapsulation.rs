//! What carries a packet must not change what it says: every capture inside every tunnel, tag and trailer gives the same
//! facts, each with the same bytes as evidence, further back in the frame by what was put in front. And a mirror that
//! shows packets more than once changes nothing, be it behind a router or in another VLAN.

pub(crate) mod wrap;

use std::collections::BTreeSet;

use nameplate::model::{Node, Observation, Scope};

use crate::traffic::{Shot, captures, hear, run};
use wrap::{WRAPPERS, Wrapped, Wrapper};

#[test]
fn what_carries_frames_does_not_change_what_they_say() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (index, (name, shots)) in plain().into_iter().enumerate() {
        for (number, wrapper) in WRAPPERS.iter().enumerate() {
            // All of them around short captures, some around each of the others.
            if shots.len() > SHORT_FRAMES && (index + number) % ROTATION != 0 {
                continue;
            }
            tried += 1;
            let base: Vec<Shot> = shots.iter().map(|shot| wrapper.base(shot)).collect();
            let wrapped: Vec<Wrapped> = base.iter().map(|shot| wrapper.wrap(shot)).collect();
            let what = format!("{name} in {}", wrapper.name);
            wrong.extend(differences(&what, wrapper, &base, &wrapped));
        }
    }
    assert!(tried > 100, "only {tried} were tried");
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

/// Frames of a tunnel are longer than what the network between carries: each comes in two parts.
#[test]
fn tunnels_in_fragments_say_the_same_and_show_it_in_real_frames() {
    let mut wrong = Vec::new();
    for (index, (name, shots)) in plain().into_iter().enumerate() {
        let wrapper = &[wrap::ERSPAN_II, wrap::VXLAN, wrap::GRE_OVER_IPV6][index % 3];
        let base: Vec<Shot> = shots.iter().map(|shot| wrapper.base(shot)).collect();
        let (mut parts, mut whole) = (Vec::new(), Vec::new());
        for (number, shot) in base.iter().enumerate() {
            let wrapped = wrapper.wrap(shot);
            match wrap::in_two(&wrapped, number as u32) {
                Some(two) => parts.extend(two),
                None => parts.push(wrapped.shot.clone()),
            }
            whole.push(wrapped.shot);
        }
        let (of_parts, counters) = hear(&parts);
        assert!(counters.count("ip.datagrams_reassembled") > 0, "{name}: {counters:?}");
        let told = |observations: &[Observation]| -> Vec<String> {
            let mut told: Vec<String> = observations
                .iter()
                .map(|o| format!("{} {} = {} {:02x?}", o.subject, o.key, o.value, o.excerpt.bytes))
                .collect();
            told.sort();
            told
        };
        compare(&name, told(&hear(&whole).0), told(&of_parts), &mut wrong);
        wrong.extend(of_parts.iter().filter_map(|one| unproven(&name, one, &parts)));
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

#[test]
fn copies_behind_a_router_change_nothing() {
    for (name, shots) in plain() {
        let (mut seen, mut copies) = (Vec::new(), 0);
        for shot in &shots {
            seen.push(shot.clone());
            if let Some(copy) = wrap::routed(shot) {
                seen.push(copy);
                copies += 1;
            }
        }
        let outcome = run(&seen);
        assert_eq!(outcome.facts, run(&shots).facts, "{name}");
        let counted = outcome.counters.count("packet.copies");
        assert!(counted >= copies, "{name}: {counted} of {copies}");
    }
}

/// The copy first: its router's address is told beside the host's own, and nothing else changes.
#[test]
fn a_copy_that_overtakes_its_original_hides_nothing() {
    for (name, shots) in plain() {
        let seen: Vec<Shot> = shots
            .iter()
            .flat_map(|shot| wrap::routed(shot).into_iter().chain([shot.clone()]))
            .collect();
        let facts = run(&seen).facts;
        for fact in run(&shots).facts {
            assert!(facts.contains(&fact), "{name}: {fact}");
        }
    }
}

#[test]
fn copies_in_another_vlan_say_the_same_there_but_not_who_sent_them() {
    for (name, shots) in plain() {
        let (mut seen, mut only_copies) = (Vec::new(), Vec::new());
        for shot in &shots {
            seen.push(shot.clone());
            if let Some(copy) = wrap::routed(shot).filter(|_| !wrap::is_tagged(shot)) {
                let copy = wrap::VLAN.wrap(&copy).shot;
                seen.push(copy.clone());
                only_copies.push(copy);
            }
        }
        let all = hear(&seen).0;
        let is_copy = |o: &&Observation| o.subject.node.scope.vlan == wrap::TAG;
        let facts = |observations: Vec<&Observation>| -> BTreeSet<String> {
            observations.iter().map(|o| format!("{} {} = {}", o.subject, o.key, o.value)).collect()
        };
        let originals = facts(all.iter().filter(|o| !is_copy(o)).collect());
        assert_eq!(originals, run(&shots).facts.into_iter().collect(), "{name}: originals");
        let (same_as, copies): (Vec<_>, Vec<_>) =
            all.iter().filter(is_copy).partition(|o| o.key.name == "ip.same_as");
        for one in &same_as {
            let Node { addr, .. } = one.subject.node;
            let original = Node { addr, scope: Scope::default() };
            assert_eq!(one.value.to_string(), original.to_string(), "{name}");
        }
        let alone = hear(&only_copies).0;
        let expected = alone.iter().filter(|o| !["ip.mac", "ip.ttl"].contains(&o.key.name));
        assert_eq!(facts(copies), facts(expected.collect()), "{name}: copies");
        let hosts: BTreeSet<Node> =
            alone.iter().filter(|o| o.key.name == "ip.ttl").map(|o| o.subject.node).collect();
        let joined: BTreeSet<Node> = same_as.iter().map(|o| o.subject.node).collect();
        assert_eq!(joined, hosts, "{name}: who is the same as whom");
    }
}

/// The captures whose frames are in nothing yet. The scenarios are about MAC addresses and VLANs, which wrappers hide and add.
fn plain() -> Vec<(String, Vec<Shot>)> {
    let is_plain = |name: &str| !["packet/", "scenarios/"].iter().any(|p| name.starts_with(p));
    captures().into_iter().filter(|(name, _)| is_plain(name)).collect()
}

/// A fact as it has to come out: of whom, what, and where it stands.
fn fact(one: &Observation, scope: Scope, offset: u32) -> String {
    let mut subject = one.subject.clone();
    subject.node.scope = scope;
    let (frame, bytes) = (one.excerpt.frame.number, &one.excerpt.bytes);
    let at = format!("#{} in #{frame}+{offset} {bytes:02x?}", one.frame.number);
    format!("{subject} {} = {} {at}", one.key, one.value)
}

fn differences(what: &str, wrapper: &Wrapper, base: &[Shot], wrapped: &[Wrapped]) -> Vec<String> {
    let shots: Vec<Shot> = wrapped.iter().map(|wrapped| wrapped.shot.clone()).collect();
    let is_told = |o: &&Observation| !(wrapper.hides_mac && o.key.name == "ip.mac");
    let mut expected: Vec<String> = hear(base)
        .0
        .iter()
        .filter(is_told)
        .map(|one| {
            let Wrapped { moved_from, by, .. } = wrapped[one.excerpt.frame.number as usize - 1];
            let offset = one.excerpt.offset;
            let by = if offset >= moved_from { by } else { 0 };
            fact(one, (wrapper.scope)(one.subject.node.scope), offset.wrapping_add_signed(by))
        })
        .collect();
    let (told, counters) = hear(&shots);
    let mut told: Vec<String> = told
        .iter()
        .filter(is_told)
        .map(|o| fact(o, o.subject.node.scope, o.excerpt.offset))
        .collect();
    expected.sort();
    told.sort();
    let mut wrong = Vec::new();
    compare(what, expected, told, &mut wrong);
    if !wrong.is_empty() {
        wrong.push(format!("{what}: {counters:?}"));
    }
    wrong
}

fn compare(what: &str, expected: Vec<String>, told: Vec<String>, wrong: &mut Vec<String>) {
    let missing = expected.iter().filter(|fact| !told.contains(fact));
    wrong.extend(missing.map(|fact| format!("{what}: missing {fact}")));
    let added = told.iter().filter(|fact| !expected.contains(fact));
    wrong.extend(added.map(|fact| format!("{what}: added {fact}")));
}

/// Complains when the frame of an excerpt does not hold it: all of it, or what fits of one that goes on elsewhere.
fn unproven(name: &str, one: &Observation, shots: &[Shot]) -> Option<String> {
    let shot = &shots[one.excerpt.frame.number as usize - 1];
    let held = shot.bytes.get(one.excerpt.offset as usize..).unwrap_or_default();
    // Between blocks of DNP3 stands a checksum of two bytes, which is no part of what they say.
    let between = if one.key.protocol() == "dnp3" { 2 } else { 0 };
    (!shows(held, &one.excerpt.bytes, between))
        .then(|| format!("{name}: #{} does not show {}", one.excerpt.frame.number, one.key))
}

/// Whether these bytes begin so, as far as they go; so many others may stand between any two of them.
fn shows(held: &[u8], wanted: &[u8], between: usize) -> bool {
    let alike = held.iter().zip(wanted).take_while(|(a, b)| a == b).count();
    if alike == wanted.len() || (alike > 0 && alike == held.len()) {
        return true;
    }
    let goes_on = |at: usize| {
        let rest = held.get(at + between..).unwrap_or_default();
        rest.is_empty() || shows(rest, &wanted[at..], between)
    };
    between > 0 && (1..=alike).rev().any(goes_on)
}

/// Captures up to this long are wrapped in everything.
const SHORT_FRAMES: usize = 24;
/// Of the others, each is wrapped in every so manieth.
const ROTATION: usize = 3;
