//! What must not change an inventory, tried on every capture of the project, and on real ones where they are there:
//! how captures are cut into files and in which order they come, frames that are shown more than once, what frames
//! travel in, and the order in which a mirror lets them through. And what may only make it smaller: frames that are
//! lost, and frames that are cut.
//!
//! All captures of the project are tried each time. The real ones are many, so each test takes its share of them by
//! turns; with `NAMEPLATE_PROPERTIES=all` in the environment it takes all, up to a larger size.

mod doubling;
mod files;
mod inventory;
mod loss;
mod order;
mod parts;
mod shown;
mod splitting;
mod wrapping;

use std::path::PathBuf;

use crate::replayed::{captures_below, root};
use crate::traffic::{Shot, shots};

/// A capture to try a property on.
struct Case {
    /// Its path below `captures/`, or below the folder of real captures.
    name: String,
    /// Its position among all, which decides whose turn it is.
    number: usize,
    /// True for one of the project's own.
    bundled: bool,
    shots: Vec<Shot>,
}

impl Case {
    /// Of its name, so that a capture that is added changes nothing for the others (FNV-1a, 16 bits of it).
    fn seed(&self) -> u64 {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        self.name.bytes().fold(0xcbf2_9ce4_8422_2325, mix) >> 48
    }
}

/// The captures to try: all of the project, and every so-many-th real one, from `turn` on.
fn cases(turn: usize) -> impl Iterator<Item = Case> {
    let all = std::env::var_os("NAMEPLATE_PROPERTIES").is_some_and(|which| which == "all");
    let folder = root().join("captures");
    let mut files: Vec<(PathBuf, String, bool)> = Vec::new();
    for path in captures_below(&folder) {
        let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        files.push((path, name, true));
    }
    let (every, bytes_max) = if all { (1, ALL_BYTES_MAX) } else { (TURNS, TURN_BYTES_MAX) };
    if let Some(folder) = shared() {
        let real = captures_below(&folder).into_iter().filter(|path| size(path) <= bytes_max);
        for (_, path) in real.enumerate().filter(|(at, _)| at % every == turn % every) {
            let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
            files.push((path, name, false));
        }
    }
    let read = |(number, (path, name, bundled)): (usize, (PathBuf, String, bool))| {
        let shots = in_order(shots(&path));
        Case { name, number, bundled, shots }
    };
    files.into_iter().enumerate().map(read).filter(|case| !case.shots.is_empty())
}

/// Each frame a little later than the one before, so that its time names it wherever it is: a clock that stands still or
/// steps back leaves the order of frames in two files open.
fn in_order(mut shots: Vec<Shot>) -> Vec<Shot> {
    let mut last = i64::MIN;
    for shot in &mut shots {
        shot.at.0 = shot.at.0.max(last.saturating_add(1));
        last = shot.at.0;
    }
    shots
}

/// Where real captures lie, if they do.
fn shared() -> Option<PathBuf> {
    let place = std::env::var_os("NAMEPLATE_SHARED").map(PathBuf::from);
    let folder = place.unwrap_or_else(|| root().join("../shared")).join("captures/pcap");
    folder.is_dir().then_some(folder)
}

fn size(path: &std::path::Path) -> u64 {
    path.metadata().map_or(u64::MAX, |metadata| metadata.len())
}

/// Fails with what was found to be wrong, the first lines of it.
fn nothing(wrong: &[String]) {
    let shown = wrong[..wrong.len().min(LINES_SHOWN)].join("\n");
    assert!(wrong.is_empty(), "{} violations\n{shown}", wrong.len());
}

/// Of so many real captures one is tried.
const TURNS: usize = 3;
const TURN_BYTES_MAX: u64 = 200_000;
const ALL_BYTES_MAX: u64 = 2_000_000;
const LINES_SHOWN: usize = 60;
