//! Replays of hand-made captures in a directory of their own.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

mod bytes;
mod damage;
mod formats;
mod inputs;
mod order;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Capture, CaptureError, Completeness, Replay, ReplayOptions};
use crate::model::Frame;

/// What a test compares of a frame.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Seen {
    capture: u32,
    number: u64,
    at: i64,
    link: u16,
    wire_len: u32,
    bytes: Vec<u8>,
}

impl From<Frame<'_>> for Seen {
    fn from(frame: Frame<'_>) -> Self {
        Self {
            capture: frame.frame.capture,
            number: frame.frame.number,
            at: frame.at.0,
            link: frame.link.0,
            wire_len: frame.wire_len,
            bytes: frame.bytes.to_vec(),
        }
    }
}

/// A directory with captures in it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn with(self, name: &str, bytes: &[u8]) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }
}

/// Everything that a replay gives.
struct Outcome {
    frames: Vec<Seen>,
    captures: Vec<Capture>,
    errors: Vec<CaptureError>,
}

impl Outcome {
    fn states(&self) -> Vec<&Completeness> {
        self.captures.iter().map(|capture| &capture.state).collect()
    }
}

fn replay(inputs: &[PathBuf]) -> Outcome {
    replay_filtered(inputs, None)
}

fn replay_filtered(inputs: &[PathBuf], filter: Option<&str>) -> Outcome {
    let options = ReplayOptions { filter: filter.map(str::to_owned) };
    let (mut replay, errors) = Replay::open(inputs, &options);
    let mut frames = Vec::new();
    while let Some(frame) = replay.next() {
        frames.push(Seen::from(frame));
    }
    replay.finish();
    let progress = replay.progress();
    assert_eq!(Some(progress.done), progress.total, "all bytes are accounted for");
    Outcome { frames, captures: replay.captures().to_vec(), errors }
}

/// Replays one capture, given by its bytes.
fn replay_bytes(bytes: &[u8]) -> Outcome {
    let folder = Folder::new().with("one", bytes);
    replay(&[folder.path("one")])
}

fn incomplete(why: &str) -> Completeness {
    Completeness::Incomplete(why.to_owned())
}

fn name_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
