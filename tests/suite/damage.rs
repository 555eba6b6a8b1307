//! Damaged traffic: no panic, no cap exceeded, and loss only ever removes facts.

use std::collections::BTreeSet;

use nameplate::model::Act;
use nameplate::model::limits::GAP_WAIT_SECONDS_MAX;
use nameplate::model::time::NANOS_PER_SECOND;
use nameplate::protocols::POLLS;

use crate::random::Random;
use crate::traffic::{Shot, captures, is_said_of_less, run};

#[test]
fn flipped_cut_lost_reordered_and_doubled_frames_are_survived() {
    for (name, shots) in captures() {
        for seed in 1..=ROUNDS {
            let mut random = Random::new(seed);
            let mut changed: Vec<Shot> = Vec::new();
            for shot in &shots {
                let mut shot = shot.clone();
                match random.below(12) {
                    0..=2 => flip(&mut shot, &mut random),
                    3 => shot.bytes.truncate(random.below(shot.bytes.len() + 1)),
                    4 => {
                        shot.bytes.truncate(random.below(shot.bytes.len() + 1));
                        shot.wire_len = shot.bytes.len() as u32;
                    }
                    5 => continue,
                    6 => changed.push(shot.clone()),
                    7 => shot.at.0 = shot.at.0.wrapping_add(random.next() as i64),
                    8 if !changed.is_empty() => {
                        let at = changed.len() - 1;
                        changed.insert(at, shot);
                        continue;
                    }
                    _ => {}
                }
                changed.push(shot);
            }
            let counters = run(&changed).counters;
            assert_eq!(counters.count("engine.panics"), 0, "{name}, seed {seed}: {counters:?}");
        }
    }
}

#[test]
fn frames_without_sense_are_survived() {
    for seed in 1..=ROUNDS {
        let mut random = Random::new(seed);
        let (_, shots) = captures().swap_remove(0);
        let mut changed = Vec::new();
        for shot in shots.iter().cycle().take(2_000) {
            let mut shot = shot.clone();
            let length = random.below(200);
            shot.bytes.truncate(14 + random.below(40));
            shot.bytes.extend((0..length).map(|_| random.next() as u8));
            shot.wire_len = shot.bytes.len() as u32;
            changed.push(shot);
        }
        let counters = run(&changed).counters;
        assert_eq!(counters.count("engine.panics"), 0, "seed {seed}: {counters:?}");
    }
}

#[test]
fn doubled_frames_change_nothing() {
    for (name, shots) in captures() {
        let doubled: Vec<Shot> = shots.iter().flat_map(|s| [s.clone(), s.clone()]).collect();
        assert_eq!(run(&doubled).facts, run(&shots).facts, "{name}");
    }
}

#[test]
fn neighbours_that_changed_places_change_nothing() {
    let mut wrong = BTreeSet::new();
    for (name, shots) in each_packet_once() {
        let mut whole = run(&shots).facts;
        whole.retain(|fact| is_read(fact) && !is_of_one_request(fact));
        for seed in 1..=ROUNDS {
            let mut random = Random::new(seed);
            let mut changed = shots.clone();
            for at in 1..changed.len() {
                if random.below(10) == 0 && is_soon_after(&changed[at], &changed[at - 1]) {
                    changed.swap(at - 1, at);
                }
            }
            let mut facts = run(&changed).facts;
            facts.retain(|fact| is_read(fact) && !is_of_one_request(fact));
            let missing = whole.iter().filter(|fact| !facts.contains(fact));
            wrong.extend(missing.map(|fact| format!("{name}, seed {seed}: missing {fact}")));
            let added = facts.iter().filter(|fact| !whole.contains(fact));
            wrong.extend(added.map(|fact| format!("{name}, seed {seed}: added {fact}")));
        }
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lost_frames_add_no_facts() {
    let mut wrong = BTreeSet::new();
    for (name, shots) in each_packet_once() {
        let whole: BTreeSet<String> =
            run(&shots).facts.into_iter().filter(|fact| is_read(fact)).collect();
        for seed in 1..=ROUNDS {
            let mut random = Random::new(seed);
            let kept: Vec<Shot> = shots.iter().filter(|_| random.below(10) > 2).cloned().collect();
            let facts = run(&kept).facts.into_iter().filter(|fact| is_read(fact));
            let added =
                facts.filter(|fact| !whole.contains(fact) && !is_said_of_less(fact, &whole));
            wrong.extend(added.map(|fact| format!("{name}, seed {seed}: {fact}")));
        }
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "not in the whole:\n{}", wrong.join("\n"));
}

/// True of frames that a mirror may let overtake each other. A hole in a stream is not left open for longer: what comes ten
/// seconds late, behind a request that was sent then, is lost by rule, as the stop of s7/plus-session would be.
fn is_soon_after(late: &Shot, early: &Shot) -> bool {
    let apart = late.at.0.abs_diff(early.at.0);
    apart < GAP_WAIT_SECONDS_MAX * NANOS_PER_SECOND.unsigned_abs()
}

/// All captures but those of mirrors that show a packet before and behind a router: when the first is lost or late, the
/// other looks like it, and tells the router's address and hop limit.
fn each_packet_once() -> Vec<(String, Vec<Shot>)> {
    let is_mirror = |name: &str| {
        name.starts_with("packet/mirror-") || name.starts_with("scenarios/13-span-copies")
    };
    captures().into_iter().filter(|(name, _)| !is_mirror(name)).collect()
}

/// Which side serves is a guess where no SYN tells it: by ports, and between equal ports by who is heard first. Which MAC
/// address another one is told to be the same host's as follows from which packets were seen next to each other.
/// Everything that was read must stay.
fn is_read(fact: &str) -> bool {
    [" ip.serves ", " ip.uses ", " ip.mac_same_as "].iter().all(|key| !fact.contains(key))
}

/// What requests are for is told by each request alone. Of a conversation that was under way, the first one cannot be read
/// when its end came first: it may be the only one of its sort, or the one that makes a poll of the others. What was done
/// is told when the request was there before its answer, and of two datagrams nothing tells which was sent first.
fn is_of_one_request(fact: &str) -> bool {
    let mut keys = Act::ALL.iter().map(|act| act.key()).chain([POLLS]);
    keys.any(|key| fact.contains(&format!(" {key} = ")))
        || DONE_IN_DATAGRAMS.iter().any(|key| fact.contains(&format!(" {key} = ")))
}

fn flip(shot: &mut Shot, random: &mut Random) {
    for _ in 0..=random.below(3) {
        if !shot.bytes.is_empty() {
            let at = random.below(shot.bytes.len());
            shot.bytes[at] = match random.below(5) {
                0 => 0x00,
                1 => 0x7f,
                2 => 0x80,
                3 => 0xff,
                _ => random.next() as u8,
            };
        }
    }
}

/// Keys of what is done by a datagram, and told when another answers it; and of what an answer of S-Bus tells, which repeats
/// nothing of what was asked.
const DONE_IN_DATAGRAMS: &[&str] = &[
    "ads.refused",
    "ads.route_change",
    "ads.route_net_id",
    "bacnet.communication_control",
    "bacnet.refused",
    "bacnet.reinitialized",
    "bacnet.written_by",
    "sbus.cleared",
    "sbus.clock_change",
    "sbus.cpu_type",
    "sbus.firmware_version",
    "sbus.module",
    "sbus.program_change",
    "sbus.refused",
    "sbus.restart",
    "sbus.run",
    "sbus.status",
    "sbus.stop",
    "sbus.writer",
    "snmp.write_refused",
    "snmp.written_by",
];

const ROUNDS: u64 = 20;
