//! One number bounds what the wire fills: what is real stays, whatever flood comes, and what is said of a capture that has room does not depend
//! on the number.

use std::collections::BTreeSet;
use std::path::PathBuf;

use nameplate::engine::{Engine, Options};
use nameplate::ledger::Ledger;
use nameplate::model::{
    Asset, Ceiling, Counters, Frame, FrameRef, LinkType, Observation, Timestamp,
};

use crate::program::{capture, run};
use crate::random::Random;
use crate::replayed::{captures_below, embedded, root};
use crate::traffic::{Shot, shots};

/// What came out of frames.
struct Seen {
    assets: Vec<Asset>,
    counters: Counters,
}

/// Shows frames, in the order given and 30 microseconds after each other, to an engine and a ledger with so much memory.
fn seen(frames: &[Shot], ceiling: Ceiling) -> Seen {
    let mut engine = Engine::new(Options { ceiling, seed: SEED, ..Options::default() });
    let mut ledger = Ledger::with_ceiling(embedded(), ceiling);
    for (number, shot) in (1_u64..).zip(frames) {
        let (at, frame) = (Timestamp(number as i64 * 30_000), FrameRef { capture: 0, number });
        let Shot { link, wire_len, .. } = *shot;
        engine.frame(&Frame { at, frame, link, wire_len, bytes: &shot.bytes });
        ledger.take(engine.drain());
        if number % 1_000 == 0 {
            for (name, held, cap) in engine.fill() {
                assert!(held <= cap, "{name} holds {held} of {cap}");
            }
        }
    }
    engine.finish();
    ledger.take(engine.drain());
    engine.sightings().iter().for_each(|sighting| ledger.seen(sighting));
    ledger.settle();
    let mut counters = engine.counters();
    counters.merge(&ledger.counters());
    Seen { assets: ledger.assets().iter().map(|asset| Asset::clone(asset)).collect(), counters }
}

/// What a person sees of a device, without times and frames.
fn shown(asset: &Asset) -> String {
    let plate = |plate: &nameplate::model::Nameplate| -> Vec<String> {
        plate.claims.values().flatten().map(|one| format!("{} {}", one.field, one.value)).collect()
    };
    let modules: Vec<_> =
        asset.modules.iter().map(|one| (one.path.to_string(), plate(&one.nameplate))).collect();
    let Asset { identity, nameplate, ips, macs, protocols, .. } = asset;
    format!("{identity} {ips:?} {macs:?} {protocols:?} {:?} {modules:?}", plate(nameplate))
}

/// The devices of which something is known but their addresses.
fn named(seen: &Seen) -> BTreeSet<String> {
    let says = |asset: &&Asset| !asset.nameplate.claims.is_empty();
    seen.assets.iter().filter(says).map(shown).collect()
}

/// Frames of captures with devices that talk to each other.
fn canaries(names: &[&str]) -> Vec<Shot> {
    let files = names.iter().flat_map(|name| shots(&capture(name)));
    files.filter(|shot| shot.link == LinkType::ETHERNET).collect()
}

/// A frame of somebody who was never there. Small numbers come again.
fn invented(number: u64, kind: usize) -> Shot {
    let mut random = Random::new(number + 1);
    let mac = random.next().to_be_bytes();
    let [_, _, _, _, _, a, b, c] = random.next().to_be_bytes();
    let (mac, ip) = ([2, mac[3], mac[4], mac[5], mac[6], mac[7]], [10, a, b, c]);
    let bytes = match kind {
        0 => [&[0xff; 6][..], &mac, &[8, 6, 0, 1, 8, 0, 6, 4, 0, 1], &mac, &ip, &[0; 6], &ip]
            .concat(),
        1 => packet(
            &mac,
            &ip,
            17,
            &[0x23, 0x28, 0x23, 0x29, 0, 13, 0, 0, b'h', b'e', b'l', b'l', b'o'],
        ),
        // All through one router: only the addresses of IP are many.
        _ => packet(
            &[2, 9, 9, 9, 9, 9],
            &ip,
            6,
            &[a | 0x40, b, 1, 246, c, b, a, 1, 0, 0, 0, 0, 0x50, 2, 4, 0, 0, 0, 0, 0],
        ),
    };
    let wire_len = bytes.len() as u32;
    Shot { at: Timestamp(0), link: LinkType::ETHERNET, bytes, wire_len }
}

/// An IPv4 packet to 10.0.0.2.
fn packet(mac: &[u8; 6], ip: &[u8; 4], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len()) as u16;
    let [high, low] = length.to_be_bytes();
    let head = [0x45, 0, high, low, 0, 0, 0x40, 0, 64, protocol, 0, 0];
    [&[2, 0, 0, 0, 0, 2][..], mac, &[8, 0], &head, ip, &[10, 0, 0, 2], payload].concat()
}

/// Canaries before a flood, all the way through it, and after it.
fn flooded(flood: impl Iterator<Item = Shot>) -> (Vec<Shot>, Vec<Shot>) {
    let [before, during, after] = [BEFORE, DURING, AFTER].map(|names| canaries(&[names]));
    let calm = [&before[..], &during, &after].concat();
    let mut frames = before;
    let mut during = during.into_iter();
    for (number, shot) in flood.enumerate() {
        frames.push(shot);
        if number % 50 == 0 {
            frames.extend(during.next());
        }
    }
    frames.extend(during);
    frames.extend(after);
    (calm, frames)
}

#[test]
fn a_flood_of_random_addresses_that_comes_twice_hides_no_device() {
    // Each of them comes twice, at other times.
    let flood = (0..2 * FLOOD).map(|number| invented(number % FLOOD, number as usize % 2));
    let (calm, frames) = flooded(flood);
    let (calm, loud) = (seen(&calm, small()), seen(&frames, small()));
    let (wanted, found) = (named(&calm), named(&loud));
    assert!(wanted.len() >= 3, "{wanted:#?}");
    let lost: Vec<_> = wanted.difference(&found).collect();
    assert!(lost.is_empty(), "lost in the flood: {lost:#?}");
    assert!(loud.counters.count("engine.strangers_given_up") > FLOOD / 4, "{:?}", loud.counters);
    assert!(loud.assets.len() < calm.assets.len() + FLOOD as usize / 4, "{}", loud.assets.len());
    // With all the room that there is by default nobody need go.
    assert_eq!(calm.counters.count("engine.strangers_given_up"), 0);
}

#[test]
fn a_flood_of_half_open_connections_hides_no_device() {
    let (calm, frames) = flooded((0..FLOOD).map(|number| invented(number, 2)));
    let (calm, loud) = (seen(&calm, small()), seen(&frames, small()));
    let (wanted, found) = (named(&calm), named(&loud));
    let lost: Vec<_> = wanted.difference(&found).collect();
    assert!(lost.is_empty(), "lost in the flood: {lost:#?}");
    let counters = &loud.counters;
    assert!(counters.count("engine.strangers_given_up") > FLOOD / 4, "{counters:?}");
    assert!(counters.count("flow.pushed_out") > FLOOD / 4, "{counters:?}");
    assert!(loud.assets.len() < calm.assets.len() + FLOOD as usize / 4, "{}", loud.assets.len());
}

#[test]
fn what_is_said_of_a_capture_does_not_depend_on_the_ceiling() {
    let mut tried = 0;
    for folder in ["scenarios", "enip", "modbus", "dhcp"] {
        let files: Vec<PathBuf> = captures_below(&root().join("captures").join(folder));
        for file in files {
            let frames = shots(&file);
            let said = |ceiling| -> (Vec<Observation>, Counters) {
                let mut engine = Engine::new(Options { ceiling, seed: SEED, ..Options::default() });
                let mut said = Vec::new();
                for (number, shot) in (1..).zip(&frames) {
                    let Shot { at, link, wire_len, .. } = *shot;
                    let frame = FrameRef { capture: 0, number };
                    engine.frame(&Frame { at, frame, link, wire_len, bytes: &shot.bytes });
                    said.extend(engine.drain());
                }
                engine.finish();
                said.extend(engine.drain());
                (said, engine.counters())
            };
            assert!(said(Ceiling::default()) == said(small()), "{}", file.display());
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried}");
}

#[test]
fn a_scan_takes_a_ceiling_and_refuses_one_that_is_too_low() {
    let file = capture(BEFORE);
    let file = file.to_str().unwrap();
    let plain = run(&["scan", "-o", "ndjson", file]);
    let small = run(&["scan", "--memory", "256MiB", "-o", "ndjson", file]);
    assert!(plain.code == 0 && small.code == 0, "{}", small.err);
    let results = |out: &str| out.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(results(&plain.out), results(&small.out));
    let refused = run(&["scan", "--memory", "10MiB", file]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(refused.err.contains("256MiB is the least"), "{}", refused.err);
}

fn small() -> Ceiling {
    Ceiling::new(Ceiling::BYTES_MIN)
}

const SEED: u64 = 0x5eed_f100d;
/// Hosts invented: more than may wait at the least ceiling, and be told of.
const FLOOD: u64 = 12_000;
/// A controller and who asks it, each before, during and after a flood.
const BEFORE: &str = "enip/pycomm3-session.pcap";
const DURING: &str = "modbus/pymodbus-device-identification.pcap";
const AFTER: &str = "modbus/modbus-tk.pcap";
