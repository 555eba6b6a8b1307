//! One input of a replay: looked at, closed, opened again when its first frame is due, closed when it ends.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Frame, FrameRef, Timestamp};

use super::file::RawBytes;
use super::filter::{Filter, Passage};
use super::inputs::{Candidate, STANDARD_INPUT};
use super::reader::{Ending, Reader, Refusal};
use super::record::Record;
use super::{Capture, Completeness};

/// An input and how far it is read.
pub(super) struct Source {
    path: PathBuf,
    regular: bool,
    state: State,
    /// The first packet of a stream, which cannot be closed and read again.
    peeked: Option<Result<Record, Ending>>,
    /// The frame that is due next from this source.
    head: Option<Record>,
    /// What the filter could not judge.
    note: Option<String>,
}

enum State {
    /// Not open yet.
    Waiting,
    Open(Box<Reader>),
    Ended,
}

impl Source {
    /// Looks at the first packet; gives none for a capture that has none.
    pub(super) fn look(candidate: &Candidate) -> Result<(Self, Option<Record>), Refusal> {
        let mut source = Self::ended(&candidate.path);
        source.regular = candidate.regular;
        let mut reader = Reader::start(source.open(false).map_err(Refusal::Unopened)?)?;
        let first = reader.next();
        let record = first.as_ref().ok().copied();
        if source.regular {
            source.state = State::Waiting;
        } else {
            source.peeked = Some(first);
            source.state = State::Open(Box::new(reader));
        }
        Ok((source, record))
    }

    /// An input that gives nothing.
    pub(super) fn ended(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            regular: true,
            state: State::Ended,
            peeked: None,
            head: None,
            note: None,
        }
    }

    /// Reads up to the next frame that the filter lets pass, and gives its time; none at the end.
    pub(super) fn load(
        &mut self,
        filter: Option<&mut Filter>,
        capture: &mut Capture,
    ) -> Option<Timestamp> {
        self.head = None;
        if matches!(self.state, State::Waiting) {
            self.start(capture);
        }
        let State::Open(reader) = &mut self.state else { return None };
        let first = match self.peeked.take() {
            Some(peeked) => peeked,
            None => reader.next(),
        };
        let found = match filter {
            None => first,
            Some(filter) => next_passing(reader, first, filter, &mut self.note),
        };
        match found {
            Ok(record) => {
                self.head = Some(record);
                Some(record.at)
            }
            Err(ending) => {
                self.end(ending, capture);
                None
            }
        }
    }

    /// Whether a frame is loaded.
    #[inline]
    pub(super) fn is_loaded(&self) -> bool {
        self.head.is_some()
    }

    /// Counts the loaded frame as handed on.
    #[inline]
    pub(super) fn count(&self, capture: &mut Capture) {
        if let (State::Open(reader), Some(record)) = (&self.state, &self.head) {
            capture.frames = reader.packets();
            capture.passed = capture.passed.saturating_add(1);
            capture.first = Some(capture.first.map_or(record.at, |first| first.min(record.at)));
            capture.last = capture.last.max(Some(record.at));
        }
    }

    /// The loaded frame.
    #[inline]
    pub(super) fn frame(&self, capture: u32) -> Option<Frame<'_>> {
        let (State::Open(reader), Some(record)) = (&self.state, &self.head) else { return None };
        Some(Frame {
            at: record.at,
            frame: FrameRef { capture, number: reader.number() },
            link: record.link,
            wire_len: record.wire_len,
            bytes: reader.bytes(record),
        })
    }

    /// Bytes read from disk so far; none when it has ended, and the capture says how many it had.
    pub(super) fn bytes_read(&self) -> Option<u64> {
        match &self.state {
            State::Waiting => Some(0),
            State::Open(reader) => Some(reader.raw().count()),
            State::Ended => None,
        }
    }

    /// Can be closed and opened again.
    pub(super) fn is_regular(&self) -> bool {
        self.regular
    }

    /// Being read.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// Gives the descriptor back until more bytes are needed.
    pub(super) fn park(&mut self) {
        if let State::Open(reader) = &mut self.state {
            reader.raw_mut().park();
        }
    }

    /// Hashes what nobody will read.
    pub(super) fn finish(&mut self, capture: &mut Capture) {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Ended => {}
            State::Waiting => {
                if let Ok(mut raw) = self.open(true) {
                    close(&mut raw, capture);
                }
            }
            State::Open(mut reader) => close(reader.raw_mut(), capture),
        }
        self.head = None;
    }

    fn open(&self, hashing: bool) -> io::Result<RawBytes> {
        match (self.regular, self.path.to_str()) {
            (true, _) => RawBytes::open(&self.path, hashing),
            (false, Some(STANDARD_INPUT)) => RawBytes::stream(Box::new(io::stdin())),
            (false, _) => RawBytes::stream(Box::new(std::fs::File::open(&self.path)?)),
        }
    }

    /// Opens what was looked at before; it may have changed since.
    #[cold]
    fn start(&mut self, capture: &mut Capture) {
        let reader = self.open(true).map_err(Refusal::Unopened).and_then(Reader::start);
        self.state = match reader {
            Ok(reader) => State::Open(Box::new(reader)),
            Err(refusal) => {
                let why = match refusal {
                    Refusal::Unopened(failure) | Refusal::Unreadable(failure) => {
                        failure.to_string()
                    }
                    Refusal::Empty | Refusal::NotACapture | Refusal::Header(_) => {
                        "its header is gone".to_owned()
                    }
                };
                capture.state = Completeness::Failed(format!(
                    "it changed while it was waiting its turn: {why}"
                ));
                State::Ended
            }
        };
    }

    #[cold]
    fn end(&mut self, ending: Ending, capture: &mut Capture) {
        if let State::Open(mut reader) = std::mem::replace(&mut self.state, State::Ended) {
            capture.frames = reader.packets();
            close(reader.raw_mut(), capture);
        }
        capture.state = match (self.note.take(), ending) {
            (None, Ending::Complete) => Completeness::Complete,
            (Some(why), Ending::Complete) | (None, Ending::Incomplete(why)) => {
                Completeness::Incomplete(why)
            }
            (Some(note), Ending::Incomplete(why)) => {
                Completeness::Incomplete(format!("{why}; {note}"))
            }
        };
    }
}

fn next_passing(
    reader: &mut Reader,
    first: Result<Record, Ending>,
    filter: &mut Filter,
    note: &mut Option<String>,
) -> Result<Record, Ending> {
    let mut found = first;
    loop {
        let record = found?;
        match filter.judge(record.link, reader.bytes(&record)) {
            Passage::Passes => return Ok(record),
            Passage::Refused => {}
            Passage::NoProgram(why) => {
                note.get_or_insert_with(|| {
                    format!(
                        "the filter does not compile for frames of link type {}: {why}",
                        record.link.0
                    )
                });
            }
        }
        found = reader.next();
    }
}

fn close(raw: &mut RawBytes, capture: &mut Capture) {
    let drained = raw.drain();
    capture.bytes = raw.count();
    // The hash of a part would pass for that of the file.
    capture.sha256 = drained.ok().and_then(|()| raw.sha256());
}
