//! What a run read, with what, and how much of it: the first line of every report.

use crate::model::decision::{self, Book};
use crate::model::{Counters, Handbook, Import, Sites, Timestamp};

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
    /// What is known of it where it is no file, but what a sensor heard on one interface from start to stop.
    pub session: Option<Session>,
}

/// What a sensor heard on one interface from start to stop: it stands where a file stands for a capture, and has no hash.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Session {
    /// Name of the interface in the system.
    pub interface: Box<str>,
    /// When it began, by the clock on the wall.
    pub started: Timestamp,
    /// When it ended, by the clock on the wall; `None` while it goes on.
    pub ended: Option<Timestamp>,
    /// Frames that the kernel handed to the capture, those that it dropped for want of room included.
    pub received: u64,
    /// Of these, frames that the kernel dropped.
    pub dropped_by_kernel: u64,
    /// Frames that the network card or its driver dropped before that.
    pub dropped_by_interface: u64,
    /// How often the interface went away or down, and came back.
    pub interruptions: u64,
    /// The sensor did not end in order: power, a kill. What it heard last may be missing.
    pub unclean: bool,
}

impl CaptureInfo {
    /// A session that begins, as a capture of nothing yet.
    pub fn live(session: Session) -> Self {
        let name = format!("{}@{}", session.interface, session.started.to_the_second());
        let (sha256, first, last, incomplete) = (String::new(), None, None, None);
        Self { name, sha256, frames: 0, bytes: 0, first, last, incomplete, session: Some(session) }
    }

    /// What stands where a store had a session of which nothing is left: numbers of captures are never given twice.
    pub fn shed() -> Self {
        Self { name: String::new(), session: None, ..Self::live(Session::default()) }
    }

    /// True for what stands in the place of a session of which nothing is left.
    pub fn is_shed(&self) -> bool {
        self.name.is_empty()
    }
}

impl Session {
    /// What it did not hear, in a sentence; `None` when as far as anybody knows it heard everything.
    pub fn incomplete(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.dropped_by_kernel > 0 {
            parts.push(format!("the kernel dropped {} frames", self.dropped_by_kernel));
        }
        if self.dropped_by_interface > 0 {
            parts.push(format!("the interface dropped {} frames", self.dropped_by_interface));
        }
        if self.interruptions > 0 {
            parts.push(format!("the interface was away or down {} times", self.interruptions));
        }
        if self.unclean {
            parts.push("the sensor did not stop in order".to_owned());
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// The advisories that verdicts were given against.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BundleInfo {
    /// Where they came from: `built in`, the path, or the bundle of a store.
    pub origin: String,
    /// Number of the bundle in its store, where they are of one.
    pub number: Option<u32>,
    /// Identifier of the key that signed the bundle; `None` for one that nobody signed, and for what is no bundle.
    pub signer: Option<String>,
    /// When the knowledge of the bundle is of, as it says itself.
    pub built: Option<String>,
    /// How many of the documents a person added to the store.
    pub added: usize,
    /// How many documents were read.
    pub documents: usize,
    /// How many could not be read.
    pub unread: usize,
    /// Date of the newest revision among them, as the document writes it; dates that lie in the future count for nothing.
    pub newest: Option<String>,
    /// SHA-256 over the documents in order of their identifiers, in lower-case hexadecimal.
    pub sha256: String,
    /// True when a catalogue of known exploited vulnerabilities was loaded.
    pub kev: bool,
    /// That catalogue.
    pub exploited: Option<Feed>,
    /// Probabilities of exploitation (EPSS), when they were loaded.
    pub scores: Option<Feed>,
}

/// A list about vulnerabilities that was loaded beside the advisories.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Feed {
    /// Its date, as it writes it.
    pub date: Option<String>,
    /// How many vulnerabilities it lists.
    pub count: usize,
    /// Version of the model that it was made with, for probabilities.
    pub model: Option<String>,
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
    /// The day of the verdicts on support, as `2026-03-02`; `None` where nothing was judged.
    pub as_of: Option<String>,
    /// Inputs that could not be read at all, one line each.
    pub failed: Vec<String>,
    /// True when a person stopped the run before the end of its inputs.
    pub stopped: bool,
    /// Everything seen, skipped, damaged and dropped.
    pub counters: Counters,
    /// What people decided about devices, as the store holds it.
    pub decisions: Book,
    /// What people wrote about findings and patches: in the store, and in a file.
    pub handbook: Handbook,
    /// Which of the captures are no captures but lists of devices that were imported, in order of their numbers.
    pub imports: Vec<Import>,
}

impl Run {
    /// True when all inputs were read to their end and held all they should.
    pub fn complete(&self) -> bool {
        !self.stopped
            && self.failed.is_empty()
            && self.captures.iter().all(|capture| capture.incomplete.is_none())
    }

    /// How many frames of captures were read; rows of lists are none.
    pub fn packets_read(&self) -> u64 {
        let captures = (0_u32..).zip(&self.captures);
        let captures = captures.filter(|(number, _)| self.import(*number).is_none());
        captures.map(|(_, capture)| capture.frames).sum()
    }

    /// The list that stands in the place of a capture; `None` for a capture.
    pub fn import(&self, capture: u32) -> Option<&Import> {
        self.imports.iter().find(|import| import.capture == capture)
    }

    /// Name of a capture by its position, also of the book of decisions; `?` for a position that does not exist.
    pub fn capture_name(&self, capture: u32) -> &str {
        if capture == decision::BOOK {
            return decision::BOOK_NAME;
        }
        usize::try_from(capture)
            .ok()
            .and_then(|at| self.captures.get(at))
            .map_or("?", |capture| &capture.name)
    }
}
