#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use std::collections::BTreeSet;

use super::*;
use crate::engine::{Engine, Options};
use crate::model::{Ceiling, Node, Value};
use crate::packet::build::{frame, udp};

/// Invented hosts of which some must go: more than are told of, and wait.
const MANY: u32 = (2 * PASSERS_BY_TOLD_MAX + PASSERS_BY_MAX) as u32;

/// A datagram that says nothing, of a host with this number in its addresses.
fn datagram(host: u32) -> Vec<u8> {
    let mut bytes = udp((1, 9_000), (2, 9_000), b"hello");
    let [a, b, c, d] = host.to_be_bytes();
    bytes[6..12].copy_from_slice(&[2, 0, a, b, c, d]);
    bytes[26..30].copy_from_slice(&[20 + a, b, c, d]);
    bytes
}

/// A host says by ARP which address is its own.
fn announcement(host: u32) -> Vec<u8> {
    let [a, b, c, d] = host.to_be_bytes();
    let (mac, ip) = ([2, 0, a, b, c, d], [20 + a, b, c, d]);
    let head = [&[0xff; 6][..], &mac, &[8, 6, 0, 1, 8, 0, 6, 4, 0, 1]].concat();
    [&head[..], &mac, &ip, &[0; 6], &ip].concat()
}

struct Ear {
    engine: Engine,
    frames: u64,
    told: Vec<Observation>,
}

impl Ear {
    fn new(seed: u64) -> Self {
        let engine = Engine::new(Options { seed, ..Options::default() });
        Self { engine, frames: 0, told: Vec::new() }
    }

    fn hear(&mut self, bytes: &[u8]) {
        self.frames += 1;
        self.engine.frame(&frame(self.frames, bytes));
        self.told.extend(self.engine.drain());
    }

    /// Hears of new hosts, numbered from 0, until one waits; gives its number.
    fn fill(&mut self) -> u32 {
        let waits = |ear: &mut Self, host: &u32| {
            ear.hear(&datagram(*host));
            ear.engine.memo.hosts.strangers().wait()
        };
        (0..MANY).find(|host| waits(self, host)).unwrap()
    }

    fn hosts(&self) -> BTreeSet<Node> {
        self.told.iter().map(|fact| fact.subject.node).collect()
    }

    fn has(&self, host: u32) -> bool {
        let [a, b, c, d] = host.to_be_bytes();
        self.hosts().iter().any(|node| node.to_string() == format!("{}.{b}.{c}.{d}", 20 + a))
    }

    fn finish(&mut self) {
        self.engine.finish();
        self.told.extend(self.engine.drain());
    }

    fn given_up(&self) -> u64 {
        self.engine.counters().count("engine.strangers_given_up")
    }
}

#[test]
fn few_strangers_are_told_of_at_once() {
    let mut ear = Ear::new(1);
    (0..1_000).for_each(|host| ear.hear(&datagram(host)));
    assert_eq!(ear.told.len(), 2_000);
    ear.finish();
    assert_eq!(ear.told.len(), 2_000);
}

#[test]
fn hosts_of_one_packet_are_told_of_at_the_end_with_the_same_evidence() {
    let mut ear = Ear::new(1);
    let hosts = ear.fill() + 2_000;
    (hosts - 1_999..hosts).for_each(|host| ear.hear(&datagram(host)));
    assert!(ear.told.len() < 2 * hosts as usize);
    ear.finish();
    assert_eq!((ear.told.len(), ear.given_up()), (2 * hosts as usize, 0));
    ear.told.sort_by_key(|fact| (fact.frame, fact.key));
    for (number, facts) in (1..).zip(ear.told.chunks(2)) {
        let [mac, hop_limit] = facts else { panic!("two facts of each") };
        let place = FrameRef { capture: 0, number };
        for fact in facts {
            assert_eq!((fact.frame, fact.excerpt.frame, fact.repeat), (place, place, false));
            assert_eq!(fact.at, Timestamp(number as i64 * 1_000_000));
            assert_eq!(fact.subject, mac.subject);
            assert_eq!(fact.mac.map(|mac| mac.to_string()), Some(mac.value.to_string()));
        }
        assert_eq!((mac.key.name, mac.excerpt.offset, mac.excerpt.length), ("ip.mac", 6, 6));
        assert_eq!(&*mac.excerpt.bytes, &datagram(number as u32 - 1)[6..12]);
        assert_eq!((hop_limit.key.name, hop_limit.excerpt.offset), ("ip.ttl", 22));
        assert_eq!((&hop_limit.value, &*hop_limit.excerpt.bytes), (&Value::Uint(64), &[64][..]));
    }
}

#[test]
fn a_stranger_that_is_heard_again_waits_no_longer() {
    let number = Ear::new(1).fill();
    let mut another = datagram(number);
    another[19] = 2;
    for again in [another, announcement(number)] {
        let mut ear = Ear::new(1);
        ear.fill();
        assert!(!ear.has(number));
        ear.hear(&again);
        assert!(ear.has(number));
        assert_eq!(ear.told.iter().filter(|fact| fact.frame.number == ear.frames - 1).count(), 2);
    }
}

#[test]
fn a_stranger_that_says_who_it_is_need_not_wait() {
    let mut ear = Ear::new(1);
    ear.fill();
    let mut name = vec![0; 240];
    (name[0], name[1], name[2]) = (1, 1, 6);
    name[28..34].copy_from_slice(&[2, 0, 0, 0, 0, 9]);
    name[236..].copy_from_slice(&[0x63, 0x82, 0x53, 0x63]);
    name.extend([53, 1, 1, 12, 4, b'h', b'm', b'i', b'1', 255]);
    let before = ear.told.len();
    ear.hear(&udp((9, 68), (255, 67), &name));
    assert!(ear.told[before..].iter().any(|fact| fact.value.to_string() == "hmi1"));
}

#[test]
fn a_flood_of_invented_hosts_hides_nobody_who_comes_again() {
    let mut ear = Ear::new(1);
    let (real, flood) = (MANY + 1_000_000, MANY + 10_000);
    for host in 0..flood {
        ear.hear(&if host % 2 == 0 { datagram(host) } else { announcement(host) });
        if host % 1_000 == 0 {
            ear.hear(&announcement(real + host / 1_000 % 20));
        }
        let (waiting, room) = ear.engine.memo.hosts.strangers().fill();
        assert!(waiting <= room);
    }
    ear.finish();
    assert!((0..20).all(|number| ear.has(real + number)));
    let invented = ear.hosts().len() - 20;
    assert!(invented <= TOLD_IN_ALL * PASSERS_BY_TOLD_MAX);
    assert_eq!(ear.given_up(), u64::from(flood) - invented as u64);
}

/// A datagram from one of these hosts to the other, with a number of its own: another with the same is a copy by the mirror.
fn between(from: u32, to: u32, number: u8) -> Vec<u8> {
    let mut bytes = datagram(from);
    bytes[19] = number;
    let [a, b, c, d] = to.to_be_bytes();
    bytes[..6].copy_from_slice(&[2, 0, a, b, c, d]);
    bytes[30..34].copy_from_slice(&[20 + a, b, c, d]);
    bytes
}

#[test]
fn a_flood_that_comes_again_and_again_hides_nobody_who_answers() {
    let options = Options { ceiling: Ceiling::new(0), ..Options::default() };
    let mut ear = Ear { engine: Engine::new(options), frames: 0, told: Vec::new() };
    let at_once = Ceiling::new(0).of(PASSERS_BY_TOLD_MAX);
    // More than can wait.
    let flood = 2 * Ceiling::new(0).of(PASSERS_BY_MAX) as u32;
    let real = 1_000_000;
    for round in 0..3 {
        for host in 0..flood {
            ear.hear(&if host % 2 == 0 { datagram(host) } else { announcement(host) });
            // Pairs that talk to each other before the flood, in the first of its rounds, and in the last.
            let pair = real + 2 * (host / 100);
            if host % 100 == 0 && round != 1 {
                let pair = pair + 100_000 * round;
                for number in [1, 2] {
                    ear.hear(&between(pair, pair + 1, number));
                    ear.hear(&between(pair + 1, pair, number));
                }
            }
        }
    }
    ear.finish();
    let pairs = flood.div_ceil(100);
    for first in [real, real + 200_000] {
        assert!((0..2 * pairs).all(|host| ear.has(first + host)), "all who answer are there");
    }
    let invented = ear.hosts().len() - 4 * pairs as usize;
    assert!(invented <= (TOLD_IN_ALL + 1) * at_once, "{invented} of {flood}");
    assert!(ear.given_up() > 0);
}

#[test]
fn who_had_to_go_is_news_when_it_is_heard_again() {
    let mut ear = Ear::new(1);
    let first = ear.fill();
    (first + 1..first + MANY).for_each(|host| ear.hear(&announcement(host)));
    assert!(ear.given_up() > 0 && !ear.has(first));
    ear.hear(&announcement(first));
    ear.hear(&announcement(first));
    assert!(ear.has(first));
}

#[test]
fn when_the_flood_is_over_who_waits_is_told_of() {
    let mut ear = Ear::new(1);
    let hosts = ear.fill() + 1;
    (0..1_500).for_each(|host| ear.hear(&announcement(host)));
    (0..20_000).for_each(|_| ear.hear(&announcement(1)));
    assert_eq!(ear.hosts().len(), hosts as usize);
}

#[test]
fn a_quiet_host_is_told_of_soon_after_a_flood() {
    let mut ear = Ear::new(1);
    let next = ear.fill() + 500;
    (next - 499..next).for_each(|host| ear.hear(&datagram(host)));
    assert!(!ear.has(next - 1));
    (0..2_000).for_each(|_| ear.hear(&announcement(1)));
    ear.hear(&announcement(next));
    assert!(ear.has(next));
}

#[test]
fn the_seed_decides_nothing() {
    let told = |seed| {
        let mut ear = Ear::new(seed);
        for host in 0..PASSERS_BY_TOLD_MAX as u32 + 3_000 {
            ear.hear(&if host % 3 == 0 { announcement(host) } else { datagram(host) });
            if host % 7 == 0 {
                ear.hear(&datagram(host / 2));
            }
        }
        ear.finish();
        ear.told
    };
    assert!(told(1) == told(2));
}
