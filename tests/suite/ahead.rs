//! Frames handed over many at a time say what they say one by one, in the same order, whatever the key of the hashes.

use std::path::PathBuf;

use nameplate::capture::{Batch, Replay, ReplayOptions};
use nameplate::engine::{Engine, Options};
use nameplate::model::{Conversation, Observation, Sighting};

use crate::replayed::{bundled, captures_below, root};

/// All that an engine tells of captures.
#[derive(Debug, PartialEq)]
struct Told {
    observations: Vec<Observation>,
    sightings: Vec<Sighting>,
    conversations: Vec<Conversation>,
    counters: String,
}

#[test]
fn frames_many_at_a_time_say_what_they_say_one_by_one() {
    let captures: Vec<PathBuf> =
        bundled().iter().map(|path| root().join("captures").join(path)).collect();
    for captures in captures.chunks(CAPTURES_TOGETHER) {
        let expected = told(captures, 1, 7);
        for (frames, seed) in [(2, 7), (33, 8), (256, u64::MAX)] {
            assert!(told(captures, frames, seed) == expected, "{frames} at a time: {captures:?}");
        }
    }
}

#[test]
fn frames_of_real_captures_many_at_a_time_say_what_they_say_one_by_one() {
    let shared = std::env::var_os("NAMEPLATE_SHARED").map(PathBuf::from);
    let folder = shared.unwrap_or_else(|| root().join("../shared")).join("captures/pcap");
    let captures = captures_below(&folder);
    if captures.is_empty() {
        println!("skipped: ../shared is not here");
        return;
    }
    let is_small = |path: &&PathBuf| path.metadata().is_ok_and(|data| data.len() < BYTES_MAX);
    for capture in captures.iter().filter(is_small).step_by(SAMPLED) {
        let capture = std::slice::from_ref(capture);
        assert!(told(capture, 64, 9) == told(capture, 1, 7), "{capture:?}");
    }
}

/// Reads captures together, so many frames at a time.
fn told(captures: &[PathBuf], frames: usize, seed: u64) -> Told {
    let (mut replay, _) = Replay::open(captures, &ReplayOptions::default());
    let mut engine = Engine::new(Options { seed, ..Options::default() });
    let mut batch = Batch::default();
    let mut observations = Vec::new();
    loop {
        batch.clear();
        while batch.len() < frames
            && let Some(frame) = replay.next()
        {
            batch.push(&frame);
        }
        if batch.is_empty() {
            break;
        }
        match frames {
            1 => batch.frames().for_each(|frame| engine.frame(&frame)),
            _ => engine.frames(batch.frames()),
        }
        observations.extend(engine.drain());
    }
    engine.finish();
    observations.extend(engine.drain());
    let parts = engine.conversations().into_iter().map(|(_, part)| part).collect();
    Told {
        observations,
        sightings: engine.sightings(),
        conversations: Conversation::gather(parts),
        counters: format!("{:?}", engine.counters()),
    }
}

/// Captures read together, so that conversations of several go through one engine.
const CAPTURES_TOGETHER: usize = 16;
/// One of so many real captures is enough to see a difference that the bundled ones do not show.
const SAMPLED: usize = 24;
const BYTES_MAX: u64 = 2_000_000;
