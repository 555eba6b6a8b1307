//! All inputs as one stream of frames, in packet-time order.
//!
//! The order depends on the inputs alone, never on how they were given: captures are numbered by path, and frames
//! with equal times come by capture and number. Within one capture the order of the file stands: a clock that steps
//! back makes its file run ahead until it has caught up, and is never repaired by sorting.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::path::{Path, PathBuf};

use crate::model::limits::CAPTURE_FILES_OPEN_MAX;
use crate::model::{Frame, LinkType, Timestamp};

use super::error::CaptureError;
use super::filter::Filter;
use super::inputs::{Candidate, Inputs};
use super::reader::Refusal;
use super::source::Source;
use super::{Capture, Completeness, Progress};

/// How to replay.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReplayOptions {
    /// A filter in the syntax of pcap-filter(7); frames that it refuses are counted, not handed on.
    pub filter: Option<String>,
}

/// Captures being replayed.
pub struct Replay {
    /// Parallel to `sources`; the position is the capture's number.
    captures: Vec<Capture>,
    sources: Vec<Source>,
    /// Time of the next frame of every source but the current one.
    queue: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// The source whose frame was handed on last.
    current: Option<usize>,
    filter: Option<Filter>,
    /// Sources that hold, or may hold, a descriptor.
    open: usize,
}

impl Replay {
    /// Looks at every input and puts them in order. What cannot be replayed is told; the rest goes on.
    ///
    /// Inputs are files, directories (searched to any depth for captures) and `-`, standard input.
    pub fn open(inputs: &[PathBuf], options: &ReplayOptions) -> (Self, Vec<CaptureError>) {
        let Inputs { candidates, roots, mut errors } = Inputs::new(inputs);
        let mut replay = Self {
            captures: Vec::new(),
            sources: Vec::new(),
            queue: BinaryHeap::new(),
            current: None,
            filter: None,
            open: 0,
        };
        let mut links = BTreeSet::new();
        let mut barren = roots;
        for error in &errors {
            if let CaptureError::List { path, .. } = error {
                barren.remove(path);
            }
        }
        for candidate in &candidates {
            match Source::look(candidate) {
                Ok((source, first)) => {
                    links.extend(first.map(|record| record.link));
                    let at = first.map_or(Timestamp(i64::MIN), |record| record.at);
                    replay.queue.push(Reverse((at, replay.sources.len())));
                    replay.add(candidate, source, Completeness::Unfinished);
                }
                Err(Refusal::Empty | Refusal::NotACapture) if !candidate.named => continue,
                Err(refusal) => {
                    let error = refused(&candidate.path, refusal);
                    let source = Source::ended(&candidate.path);
                    replay.add(candidate, source, Completeness::Failed(error.to_string()));
                    errors.push(error);
                }
            }
            for root in &candidate.roots {
                barren.remove(root);
            }
        }
        errors.extend(barren.into_iter().map(|path| CaptureError::NoCaptures { path }));
        if let Some(text) = &options.filter {
            errors.extend(replay.set_filter(text, links));
        }
        (replay, errors)
    }

    /// The next frame of all captures. Its bytes are those of the read buffer: it lives until the next call.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend out of itself")]
    pub fn next(&mut self) -> Option<Frame<'_>> {
        let number = self.turn()?;
        let source = self.sources.get(number)?;
        if let Some(capture) = self.captures.get_mut(number) {
            source.count(capture);
        }
        source.frame(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// Every input, by capture number, those that failed included.
    pub fn captures(&self) -> &[Capture] {
        &self.captures
    }

    /// How far the replay is.
    pub fn progress(&self) -> Progress {
        let mut progress = Progress { done: 0, total: Some(0) };
        for (source, capture) in self.sources.iter().zip(&self.captures) {
            let done = source.bytes_read().unwrap_or(capture.bytes);
            progress.done = progress.done.saturating_add(done);
            progress.total = match progress.total {
                Some(total) if source.is_regular() => {
                    Some(total.saturating_add(capture.bytes.max(done)))
                }
                _ => None,
            };
        }
        progress
    }

    /// Ends the replay, wherever it is, and hashes what was not read, so that every hash is that of its file.
    pub fn finish(&mut self) {
        for (source, capture) in self.sources.iter_mut().zip(&mut self.captures) {
            source.finish(capture);
        }
        self.queue.clear();
        self.current = None;
    }

    /// Moves on to the source whose frame is due, with that frame loaded.
    fn turn(&mut self) -> Option<usize> {
        loop {
            let number = match self.current {
                Some(number) => number,
                None => {
                    let Reverse((_, number)) = self.queue.pop()?;
                    self.current = Some(number);
                    if self.sources.get(number).is_some_and(Source::is_loaded) {
                        return Some(number);
                    }
                    number
                }
            };
            let Some(at) = self.load(number) else {
                self.current = None;
                continue;
            };
            if self.queue.peek().is_none_or(|Reverse(due)| (at, number) < *due) {
                return Some(number);
            }
            self.leave(number, at);
        }
    }

    fn load(&mut self, number: usize) -> Option<Timestamp> {
        let source = self.sources.get_mut(number)?;
        let was_open = source.is_open();
        let at = source.load(self.filter.as_mut(), self.captures.get_mut(number)?);
        if source.is_regular() && was_open != source.is_open() {
            self.open =
                if was_open { self.open.saturating_sub(1) } else { self.open.saturating_add(1) };
        }
        at
    }

    /// Lets another source have its turn.
    fn leave(&mut self, number: usize, at: Timestamp) {
        self.current = None;
        self.queue.push(Reverse((at, number)));
        if self.open > CAPTURE_FILES_OPEN_MAX
            && let Some(source) = self.sources.get_mut(number)
        {
            source.park();
        }
    }

    fn add(&mut self, candidate: &Candidate, source: Source, state: Completeness) {
        let size = std::fs::metadata(&candidate.path).map_or(0, |metadata| metadata.len());
        self.captures.push(Capture {
            name: candidate.path.to_string_lossy().into_owned(),
            paths: candidate.paths.clone(),
            sha256: None,
            frames: 0,
            passed: 0,
            bytes: if candidate.regular { size } else { 0 },
            first: None,
            last: None,
            state,
        });
        self.sources.push(source);
    }

    /// Compiles the filter; without it nothing is replayed, because everything would be.
    fn set_filter(&mut self, text: &str, links: BTreeSet<LinkType>) -> Option<CaptureError> {
        match Filter::new(text, links.into_iter()) {
            Ok(filter) => {
                self.filter = Some(filter);
                None
            }
            Err(error) => {
                self.queue.clear();
                for capture in &mut self.captures {
                    if capture.state == Completeness::Unfinished {
                        capture.state = Completeness::Failed(error.to_string());
                    }
                }
                Some(error)
            }
        }
    }
}

fn refused(path: &Path, refusal: Refusal) -> CaptureError {
    let path = path.to_owned();
    match refusal {
        Refusal::Empty => CaptureError::Empty { path },
        Refusal::NotACapture => CaptureError::NotACapture { path },
        Refusal::Header(damage) => CaptureError::Header { path, damage },
        Refusal::Unopened(source) => CaptureError::Open { path, source },
        Refusal::Unreadable(source) => CaptureError::Read { path, source },
    }
}
