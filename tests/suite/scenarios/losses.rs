//! A capture that has lost three packets in ten: fewer facts, never other devices, and never two in one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use nameplate::capture::{Replay, ReplayOptions};
use nameplate::engine::{Engine, Options};
use nameplate::model::{Asset, Field, Frame};

use super::captures;
use crate::replayed::{Heard, Known, captures_below, know, root};

#[test]
fn a_plant_with_packets_lost_has_the_same_devices_or_fewer() {
    let folder = root().join("captures/plant-demo");
    for capture in captures_below(&folder) {
        lose(&capture);
    }
}

/// That a packet is a copy is told by the one before it, which may be lost: the mirror that shows packets twice is left out.
#[test]
fn scenarios_with_packets_lost_have_the_same_devices_or_fewer() {
    for capture in captures_below(&captures()) {
        let name = capture.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.starts_with("13-span-copies") {
            lose(&capture);
        }
    }
}

/// With how many seeds each capture is thinned.
const SEEDS: u64 = 2;
const LOST_IN_TEN: u64 = 3;

fn lose(capture: &Path) {
    let whole = replay(capture, None);
    for seed in 1..=SEEDS {
        let thinned = replay(capture, Some(seed));
        let wrong = strangers(&whole, &thinned);
        assert!(wrong.is_empty(), "{} with seed {seed}: {wrong:#?}", capture.display());
    }
}

/// Devices of the thinned capture that are nobody in the whole one, or several: each must fit into one device there.
fn strangers(whole: &Known, thinned: &Known) -> Vec<String> {
    let mut wrong = Vec::new();
    for asset in &thinned.assets {
        if !whole.assets.iter().any(|known| fits(asset, known)) {
            let serial = asset.nameplate.value(Field::Serial);
            wrong.push(format!("{} {:?} {:?} {serial:?}", asset.identity, asset.ips, asset.macs));
        }
    }
    wrong
}

/// True when all that is known of one may be said of the other, and nothing contradicts. That a MAC address is nobody's,
/// because several hosts send from it, is told by packets that may be lost.
fn fits(part: &Asset, whole: &Asset) -> bool {
    let serials = |asset: &Asset| -> BTreeMap<String, BTreeSet<String>> {
        let modules =
            asset.modules.iter().map(|module| (module.path.to_string(), &module.nameplate));
        let plates = modules.chain([(String::new(), &asset.nameplate)]);
        let values = plates.map(|(path, plate)| {
            let claims = plate.claims.get(&Field::Serial).into_iter().flatten();
            (path, claims.map(|claim| claim.value.to_string()).collect())
        });
        values.collect()
    };
    let known = serials(whole);
    let none = BTreeSet::new();
    part.ips.is_subset(&whole.ips)
        && (whole.macs.is_empty() || part.macs.is_subset(&whole.macs))
        && part.scopes.is_subset(&whole.scopes)
        && serials(part).iter().all(|(path, of)| of.is_subset(known.get(path).unwrap_or(&none)))
}

/// What a capture gives of which each packet is lost with the same chance; of the whole one without a seed.
fn replay(capture: &Path, seed: Option<u64>) -> Known {
    let (mut replay, errors) = Replay::open(&[capture.to_owned()], &ReplayOptions::default());
    assert!(errors.is_empty(), "{errors:?}");
    let mut engine = Engine::new(Options { seed: 0x10_55, ..Options::default() });
    let mut observations = Vec::new();
    let mut state = seed.unwrap_or_default().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    while let Some(Frame { at, frame, link, wire_len, bytes }) = replay.next() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if seed.is_some() && (state >> 33) % 10 < LOST_IN_TEN {
            continue;
        }
        engine.frame(&Frame { at, frame, link, wire_len, bytes });
        observations.extend(engine.drain());
    }
    engine.finish();
    observations.extend(engine.drain());
    let counters = engine.counters();
    know(Heard { observations, sightings: engine.sightings(), counters })
}
