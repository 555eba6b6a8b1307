//! What a run read, with what, and how much of it: the first line of every report.

use crate::model::{Counters, Sites, Timestamp};

/// One capture that was read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CaptureInfo {
    /// Name as given, or below the directory given; `-` for standard input.
    pub name: String,
    /// SHA-256 of the file as it lies on disk, in lower-case hexadecimal; empty when it could not be read.
    pub sha256: String,
    /// Frames read.
    pub frames: u64,
    /// Size of the file as it lies on disk, in bytes.
    pub bytes: u64,
    /// Time of the earliest frame.
    pub first: Option<Timestamp>,
    /// Time of the latest frame.
    pub last: Option<Timestamp>,
    /// Why the capture does not hold all it should; `None` when it is whole.
    pub incomplete: Option<String>,
}

/// The advisories that verdicts were given against.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BundleInfo {
    /// Where they came from: `built in`, or the path.
    pub origin: String,
    /// How many documents were read.
    pub documents: usize,
    /// How many could not be read.
    pub unread: usize,
    /// Date of the newest revision among them, as the document writes it.
    pub newest: Option<String>,
    /// SHA-256 over the documents in order of their identifiers, in lower-case hexadecimal.
    pub sha256: String,
    /// True when a catalogue of known exploited vulnerabilities was loaded.
    pub kev: bool,
}

/// One run over captures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// Version of the program.
    pub version: String,
    /// Options that decide what is read and how, as given; inputs are in `captures`.
    pub arguments: Vec<String>,
    /// The captures, in order of their names: evidence refers to them by position.
    pub captures: Vec<CaptureInfo>,
    /// The sites that the captures are of; scopes refer to them by number.
    pub sites: Sites,
    /// The advisories.
    pub bundle: BundleInfo,
    /// Inputs that could not be read at all, one line each.
    pub failed: Vec<String>,
    /// True when a person stopped the run before the end of its inputs.
    pub stopped: bool,
    /// Everything seen, skipped, damaged and dropped.
    pub counters: Counters,
}

impl Run {
    /// True when all inputs were read to their end and held all they should.
    pub fn complete(&self) -> bool {
        !self.stopped
            && self.failed.is_empty()
            && self.captures.iter().all(|capture| capture.incomplete.is_none())
    }

    /// Name of a capture by its position; `?` for a position that does not exist.
    pub fn capture_name(&self, capture: u32) -> &str {
        usize::try_from(capture)
            .ok()
            .and_then(|at| self.captures.get(at))
            .map_or("?", |capture| &capture.name)
    }
}
