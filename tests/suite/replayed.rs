//! For the tests that only look at captures: one capture through the engine and the ledger, and what came out.

use std::path::{Path, PathBuf};

use nameplate::advisory::{self, Index, csaf};
use nameplate::assess::families::Families;
use nameplate::capture::{Replay, ReplayOptions};
use nameplate::engine::{self, Engine};
use nameplate::fingerprint::Signatures;
use nameplate::ledger::{Knowledge, Ledger};
use nameplate::model::{Asset, Counters, Finding, Observation, Sighting};

/// What the engine made of captures.
pub struct Heard {
    /// In the order in which they were told.
    pub observations: Vec<Observation>,
    /// When each host was there.
    pub sightings: Vec<Sighting>,
    pub counters: Counters,
}

/// What the ledger made of that.
pub struct Known {
    pub assets: Vec<std::sync::Arc<Asset>>,
    pub findings: Vec<std::sync::Arc<Finding>>,
}

/// The top of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All captures of the project, sorted: their paths below `captures/`.
pub fn bundled() -> Vec<PathBuf> {
    let folder = root().join("captures");
    captures_below(&folder).iter().map(|path| path.strip_prefix(&folder).unwrap().into()).collect()
}

/// All files below a folder that are captures by their names, sorted.
pub fn captures_below(folder: &Path) -> Vec<PathBuf> {
    let is_capture = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let packed = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
        [".pcap", ".pcapng", ".cap"].iter().any(|end| packed.ends_with(end))
    };
    files_below(folder).into_iter().filter(is_capture).collect()
}

/// All files below a folder, sorted. A folder that does not exist has none.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { todo.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// Reads captures together, as a scan does.
pub fn hear(captures: &[PathBuf], repeats: bool) -> Heard {
    let (mut replay, errors) = Replay::open(captures, &ReplayOptions::default());
    assert!(errors.is_empty(), "{errors:?}");
    let mut engine =
        Engine::new(engine::Options { repeats, seed: 0x6b8b_4567, ..engine::Options::default() });
    let mut observations = Vec::new();
    while let Some(frame) = replay.next() {
        engine.frame(&frame);
        observations.extend(engine.drain());
    }
    engine.finish();
    observations.extend(engine.drain());
    Heard { observations, sightings: engine.sightings(), counters: engine.counters() }
}

/// What a ledger with the knowledge of the program says about it.
pub fn know(heard: Heard) -> Known {
    let mut ledger = Ledger::new(embedded());
    tell(&mut ledger, heard);
    ledger.settle();
    Known { assets: ledger.assets(), findings: ledger.findings() }
}

/// Tells a ledger what was heard; it has to be settled afterwards.
pub fn tell(ledger: &mut Ledger, heard: Heard) {
    ledger.take(heard.observations);
    heard.sightings.iter().for_each(|sighting| ledger.seen(sighting));
}

/// Everything that the program knows by itself.
pub fn embedded() -> Knowledge {
    let documents = advisory::EMBEDDED.iter();
    let advisories = documents.map(|(name, text)| csaf::parse(text.as_bytes(), name).unwrap());
    Knowledge {
        signatures: Signatures::embedded().unwrap(),
        families: Families::embedded(),
        advisories: Index::new(advisories.collect()),
    }
}
