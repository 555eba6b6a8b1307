//! What each part of the way of a packet costs, beside two floors, on captures given.
//!
//!     cargo bench --bench paths -- [--runs N] PATH[,PATH...] CAPTURE...
//!
//! A path goes as far as its name says, all before it included:
//!
//! | path | what is done |
//! |---|---|
//! | `libpcap` | floor: libpcap's own loop, nothing done with the packets |
//! | `etherparse` | floor: a bare etherparse loop over memory, nothing done with the result |
//! | `capture` | the file is read and hashed, frames are found |
//! | `packet` | each frame is decoded |
//! | `flow` | each packet comes to its conversation, streams are put in order, nobody reads them |
//! | `dissect` | protocols are recognised and read; all that they say is known already |
//! | `memo` | the whole engine: what is news is made into an observation, and dropped |
//! | `steady` | the last fifth of the capture, by an engine that has taken what comes before: polling goes on |
//! | `ledger` | observations become devices and verdicts |
//! | `store` | observations and devices are written to a store |
//!
//! Printed for each are the CPU time of this thread per packet, the least of all runs. Instructions are counted by
//! `paths.py`, which runs this program in callgrind and counts what happens inside of [`measured`].

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use nameplate::advisory::Index;
use nameplate::assess::families::Families;
use nameplate::capture::{Batch, Replay, ReplayOptions};
use nameplate::engine::{Engine, Options};
use nameplate::fingerprint::Signatures;
use nameplate::flow::Flows;
use nameplate::ledger::{Knowledge, Ledger};
use nameplate::model::{CaptureInfo, Ceiling, Frame, Observation, Run, Sites};
use nameplate::packet::decode;
use nameplate::protocols::REGISTRY;
use nameplate::protocols::recognise::Recogniser;
use nameplate::store::Store;

#[path = "paths/audience.rs"]
mod audience;

use audience::{Deaf, Knowing};

fn main() {
    let mut arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let mut runs = 5;
    if arguments.first().is_some_and(|first| first == "--runs") {
        runs = arguments[1].parse().expect("a number of runs");
        arguments.drain(..2);
    }
    let Some((paths, captures)) = arguments.split_first().filter(|(_, rest)| !rest.is_empty())
    else {
        println!("paths: give paths, with commas between, and captures");
        return;
    };
    for capture in captures {
        for path in paths.split(',') {
            let capture = Path::new(capture);
            let mut least = f64::MAX;
            let mut frames = 0;
            for _ in 0..runs {
                let mut way = Way::new(path, capture);
                let before = cpu_seconds();
                frames = measured(&mut way, capture);
                least = least.min(cpu_seconds() - before);
                // What is freed in the end is no part of the way.
                std::mem::forget(way);
            }
            let name = capture.file_stem().unwrap_or_default().to_string_lossy();
            let nanoseconds = least * 1e9 / frames as f64;
            println!("{name} {path} frames={frames} ns/packet={nanoseconds:.1}");
        }
    }
}

/// How far packets go, and all that has to be there before.
enum Way {
    Libpcap,
    Etherparse(Vec<u8>),
    Capture,
    Packet,
    Flow(Box<Flows<()>>),
    Dissect(Box<(Flows<audience::Reading>, Knowing)>),
    Engine(Box<(Engine, Replay)>),
    Ledger(Box<(Engine, Ledger, Option<Shelf>)>),
}

/// A store in a folder of its own.
struct Shelf {
    store: Store,
    _folder: tempfile::TempDir,
}

impl Way {
    fn new(path: &str, capture: &Path) -> Self {
        let recogniser = Recogniser::new(REGISTRY);
        let claimed = recogniser.claimed();
        let engine = || Engine::new(Options::default());
        match path {
            "libpcap" => Self::Libpcap,
            "etherparse" => Self::Etherparse(std::fs::read(capture).expect("a capture")),
            "capture" => Self::Capture,
            "packet" => Self::Packet,
            "flow" => Self::Flow(Box::new(Flows::new(claimed, 0, Ceiling::default(), 0))),
            "dissect" => Self::Dissect(Box::new((
                Flows::new(claimed, 0, Ceiling::default(), 0),
                Knowing::new(recogniser),
            ))),
            "memo" => Self::Engine(Box::new((engine(), replay(capture)))),
            "steady" => {
                let before = replayed(capture, |_| ()) / 5 * 4;
                let (mut engine, mut replay) = (engine(), replay(capture));
                through(&mut engine, &mut replay, before, drop);
                Self::Engine(Box::new((engine, replay)))
            }
            "ledger" => Self::Ledger(Box::new((engine(), ledger(), None))),
            "store" => {
                let folder = tempfile::tempdir().expect("a folder");
                let store = Store::create(&folder.path().join("store")).expect("a store");
                Self::Ledger(Box::new((engine(), ledger(), Some(Shelf { store, _folder: folder }))))
            }
            other => panic!("{other} is no path"),
        }
    }
}

/// All that counts. Gives the number of frames.
#[inline(never)]
fn measured(way: &mut Way, capture: &Path) -> u64 {
    match way {
        Way::Libpcap => libpcap(capture),
        Way::Etherparse(bytes) => etherparse(bytes),
        Way::Capture => replayed(capture, |frame| {
            black_box(frame);
        }),
        Way::Packet => replayed(capture, |frame| {
            black_box(decode(frame));
        }),
        Way::Flow(flows) => replayed(capture, |frame| {
            flows.packet(frame, &decode(frame), None, &mut Deaf);
        }),
        Way::Dissect(parts) => {
            let (flows, knowing) = &mut **parts;
            replayed(capture, |frame| flows.packet(frame, &decode(frame), None, knowing))
        }
        Way::Engine(parts) => {
            let (engine, replay) = &mut **parts;
            let frames = through(engine, replay, u64::MAX, drop);
            engine.finish();
            engine.drain().for_each(drop);
            frames
        }
        Way::Ledger(parts) => {
            let (engine, ledger, shelf) = &mut **parts;
            kept(engine, ledger, shelf.as_mut(), capture)
        }
    }
}

/// The engine, and all behind it.
fn kept(
    engine: &mut Engine,
    ledger: &mut Ledger,
    mut shelf: Option<&mut Shelf>,
    capture: &Path,
) -> u64 {
    let mut observations = Vec::new();
    let frames = through(engine, &mut replay(capture), u64::MAX, |observation| {
        observations.push(observation)
    });
    engine.finish();
    observations.extend(engine.drain());
    let sightings = engine.sightings();
    if let Some(Shelf { store, .. }) = shelf.as_deref_mut() {
        let info = CaptureInfo {
            name: capture.display().to_string(),
            sha256: "0".repeat(64),
            frames,
            bytes: 0,
            first: None,
            last: None,
            incomplete: None,
            session: None,
        };
        let numbers = store.add_captures(&[info]).expect("a capture in the store");
        for observation in &mut observations {
            observation.frame.capture = numbers[0];
            observation.excerpt.frame.capture = numbers[0];
        }
        store.add_observations(&Sites::default(), &observations, &sightings).expect("facts kept");
        store.add_run(&Run::default()).expect("a run kept");
    }
    ledger.take(observations);
    sightings.iter().for_each(|sighting| ledger.seen(sighting));
    let changes = ledger.settle();
    if let Some(Shelf { store, .. }) = shelf {
        store.apply(&Sites::default(), &changes).expect("devices kept");
    }
    black_box(ledger.assets().len());
    frames
}

/// Takes so many frames as a scan does: one at a time, or many where that pays.
fn through(
    engine: &mut Engine,
    replay: &mut Replay,
    frames_max: u64,
    mut take: impl FnMut(Observation),
) -> u64 {
    let mut ahead = Batch::default();
    let mut frames = 0_u64;
    while frames < frames_max {
        let before = frames;
        if engine.looks_ahead() {
            ahead.clear();
            while ahead.len() < FRAMES_AHEAD
                && let Some(frame) = replay.next()
            {
                ahead.push(&frame);
            }
            engine.frames(ahead.frames());
            frames += ahead.len() as u64;
        } else if let Some(frame) = replay.next() {
            engine.frame(&frame);
            frames += 1;
        }
        if frames == before {
            break;
        }
        if frames / FRAMES_PER_BATCH != before / FRAMES_PER_BATCH {
            engine.drain().for_each(&mut take);
        }
    }
    engine.drain().for_each(take);
    frames
}

fn replayed(capture: &Path, mut take: impl FnMut(&Frame<'_>)) -> u64 {
    let mut replay = replay(capture);
    let mut frames = 0;
    while let Some(frame) = replay.next() {
        take(&frame);
        frames += 1;
    }
    frames
}

fn replay(capture: &Path) -> Replay {
    let (replay, errors) = Replay::open(&[PathBuf::from(capture)], &ReplayOptions::default());
    assert!(errors.is_empty(), "{errors:?}");
    replay
}

fn libpcap(capture: &Path) -> u64 {
    let mut file = pcap::Capture::from_file(capture).expect("a capture");
    let mut frames = 0;
    while let Ok(packet) = file.next_packet() {
        black_box(packet.data);
        frames += 1;
    }
    frames
}

/// Classic pcap files of this machine's byte order only.
fn etherparse(bytes: &[u8]) -> u64 {
    let mut rest = &bytes[24..];
    let mut frames = 0;
    while let Some((header, behind)) = rest.split_first_chunk::<16>() {
        let length = u32::from_le_bytes([header[8], header[9], header[10], header[11]]) as usize;
        let Some((packet, behind)) = behind.split_at_checked(length) else { break };
        let _ = black_box(etherparse::LaxSlicedPacket::from_ethernet(packet));
        rest = behind;
        frames += 1;
    }
    frames
}

fn ledger() -> Ledger {
    Ledger::new(Knowledge {
        signatures: Signatures::embedded().expect("signatures"),
        families: Families::embedded(),
        advisories: Index::new(Vec::new()),
    })
}

fn cpu_seconds() -> f64 {
    // Valgrind cannot run the clock of the vDSO; the kernel's own count of this thread can be read anywhere (proc(5)).
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanoseconds: f64 = told.split(' ').next().expect("a number").parse().expect("a number");
    nanoseconds / 1e9
}

const FRAMES_AHEAD: usize = 32;
const FRAMES_PER_BATCH: u64 = 256;
