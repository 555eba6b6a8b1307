//! `scan -w`: the frames behind what is news, as a capture with comments.
//!
//! A fact may rest on a frame before the one that completes it, and is told after both. So each frame waits for a
//! while: when it is let go, in the order in which it came, it is written if a fact named it, and forgotten if none did.

mod events;

pub(super) use events::tell_events;

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::app::AppError;
use crate::export::pcapng::{Comment, Pcapng};
use crate::model::limits::{
    EVIDENCE_BYTES_WAITING_MAX, EVIDENCE_COMMENTS_PER_FRAME_BYTES_MAX, EVIDENCE_FRAMES_WAITING_MAX,
};
use crate::model::{Counters, Frame, FrameRef, LinkType, Observation, Run, Timestamp};

/// The file, and the frames that may still get into it.
pub(super) struct Evidence {
    /// What to call it in errors.
    name: String,
    file: Pcapng<Box<dyn Write + Send>>,
    waiting: VecDeque<Waiting>,
    /// Which frame of the run each waiting one is, counted from 0.
    places: BTreeMap<FrameRef, u64>,
    /// The place of the first that waits.
    first: u64,
    /// What waits, in bytes: frames and comments.
    bytes: usize,
    counters: Counters,
}

/// What is said of a fact beside its frames.
struct Words {
    said: String,
    bytes: String,
    /// Where its bytes begin, and the frame that completes it.
    places: [String; 2],
}

impl Words {
    fn of(run: &Run, fact: &Observation) -> Self {
        let place = |frame: FrameRef| {
            let name = run.capture_name(frame.capture);
            format!("{name}#{}", frame.number)
        };
        let excerpt = &fact.excerpt;
        Self {
            said: format!("{}  {} = {}", fact.subject, fact.key, fact.value),
            bytes: format!("bytes {}+{}", excerpt.offset, excerpt.length),
            places: [excerpt.frame, fact.frame].map(place),
        }
    }

    /// On the only frame.
    fn whole(&self) -> String {
        format!("{}  ({})", self.said, self.bytes)
    }

    /// On the frame where its bytes begin.
    fn start(&self) -> String {
        let [_, end] = &self.places;
        format!("{}  ({}, up to the end in {end})", self.said, self.bytes)
    }

    /// On the frame that completes it.
    fn end(&self, gone: &str) -> String {
        let [start, _] = &self.places;
        format!("{}  ({}, counted in {start}{gone})", self.said, self.bytes)
    }
}

struct Waiting {
    at: Timestamp,
    frame: FrameRef,
    link: LinkType,
    wire_len: u32,
    bytes: Box<[u8]>,
    comments: Vec<Comment>,
    comment_bytes: usize,
    /// Facts that found no room.
    left_out: u64,
}

impl Evidence {
    /// Opens the file, `-` for standard output. Fails when it is one of the captures that are to be read.
    pub(super) fn create(path: &Path, run: &Run) -> Result<Self, AppError> {
        let is_standard_output = path.as_os_str() == STANDARD_OUTPUT;
        let name = if is_standard_output {
            "standard output".to_owned()
        } else {
            path.display().to_string()
        };
        if run.captures.iter().any(|capture| is_same_file(path, &capture.name)) {
            let hint = "is one of the captures to read; write the evidence to another file";
            return Err(AppError::Usage(format!("{name} {hint}")));
        }
        let open = || -> io::Result<_> {
            let out: Box<dyn Write + Send> = if is_standard_output {
                Box::new(BufWriter::new(io::stdout()))
            } else {
                Box::new(BufWriter::new(File::create(path)?))
            };
            Pcapng::new(out, run)
        };
        let file = open().map_err(|source| AppError::Write { what: name.clone(), source })?;
        Ok(Self {
            name,
            file,
            waiting: VecDeque::new(),
            places: BTreeMap::new(),
            first: 0,
            bytes: 0,
            counters: Counters::default(),
        })
    }

    /// Takes a frame before it is read.
    pub(super) fn hold(&mut self, run: &Run, frame: &Frame<'_>) -> Result<(), AppError> {
        let place = self.first.saturating_add(self.waiting.len().try_into().unwrap_or(u64::MAX));
        self.places.insert(frame.frame, place);
        self.bytes = self.bytes.saturating_add(frame.bytes.len());
        self.waiting.push_back(Waiting {
            at: frame.at,
            frame: frame.frame,
            link: frame.link,
            wire_len: frame.wire_len,
            bytes: frame.bytes.into(),
            comments: Vec::new(),
            comment_bytes: 0,
            left_out: 0,
        });
        while self.waiting.len() > EVIDENCE_FRAMES_WAITING_MAX
            || (self.bytes > EVIDENCE_BYTES_WAITING_MAX && self.waiting.len() > 1)
        {
            self.let_go(run)?;
        }
        Ok(())
    }

    /// Takes note of what was learned: if it is news, its frames are kept.
    pub(super) fn cite(&mut self, run: &Run, fact: &Observation) {
        if fact.repeat {
            return;
        }
        let Observation { frame, excerpt, .. } = fact;
        let words = Words::of(run, fact);
        if excerpt.frame == *frame {
            self.comment(*frame, &words.whole());
            return;
        }
        let begun = self.comment(excerpt.frame, &words.start());
        let gone = if begun { "" } else { ", which had gone by when this was understood" };
        self.comment(*frame, &words.end(gone));
    }

    /// Writes a frame at once, with what the facts say that it proves; one that proves none, too.
    pub(super) fn put(
        &mut self,
        run: &Run,
        frame: &Frame<'_>,
        facts: &[&Observation],
    ) -> Result<(), AppError> {
        self.hold(run, frame)?;
        for fact in facts {
            let words = Words::of(run, fact);
            match (fact.excerpt.frame == frame.frame, fact.frame == frame.frame) {
                (true, true) => self.comment(frame.frame, &words.whole()),
                (true, false) => self.comment(frame.frame, &words.start()),
                (false, _) => self.comment(frame.frame, &words.end("")),
            };
        }
        if facts.is_empty() {
            self.comment(frame.frame, "proves nothing that is still kept");
        }
        self.let_go(run)
    }

    /// Writes what still waits, and the end.
    pub(super) fn finish(mut self, run: &Run) -> Result<Counters, AppError> {
        while !self.waiting.is_empty() {
            self.let_go(run)?;
        }
        match self.file.finish(run) {
            Ok(()) => Ok(self.counters),
            Err(source) => Err(AppError::Write { what: self.name, source }),
        }
    }

    /// Adds a comment to a frame, if it is still there.
    fn comment(&mut self, frame: FrameRef, text: &str) -> bool {
        let at = self.places.get(&frame).and_then(|place| place.checked_sub(self.first));
        let at = at.and_then(|at| usize::try_from(at).ok());
        let Some(waiting) = at.and_then(|at| self.waiting.get_mut(at)) else {
            self.counters.one("evidence.frames_gone");
            return false;
        };
        let comment = Comment::new(text);
        let room = EVIDENCE_COMMENTS_PER_FRAME_BYTES_MAX.saturating_sub(waiting.comment_bytes);
        if comment.bytes() > room {
            waiting.left_out = waiting.left_out.saturating_add(1);
            self.counters.one("evidence.comments_left_out");
            return true;
        }
        waiting.comment_bytes = waiting.comment_bytes.saturating_add(comment.bytes());
        self.bytes = self.bytes.saturating_add(comment.bytes());
        waiting.comments.push(comment);
        true
    }

    /// Lets the first waiting frame go: into the file if something was said about it.
    fn let_go(&mut self, run: &Run) -> Result<(), AppError> {
        let Some(waiting) = self.waiting.pop_front() else { return Ok(()) };
        self.first = self.first.saturating_add(1);
        self.places.remove(&waiting.frame);
        let taken = waiting.bytes.len().saturating_add(waiting.comment_bytes);
        self.bytes = self.bytes.saturating_sub(taken);
        if waiting.comments.is_empty() {
            return Ok(());
        }
        let Waiting { at, frame, link, wire_len, .. } = waiting;
        let origin = format!("{}#{}", run.capture_name(frame.capture), frame.number);
        let origin = Comment::new(&origin);
        let more = (waiting.left_out > 0)
            .then(|| Comment::new(&format!("and {} facts more", waiting.left_out)));
        let comments = std::iter::once(&origin).chain(&waiting.comments).chain(&more);
        let frame = Frame { at, frame, link, wire_len, bytes: &waiting.bytes };
        self.file
            .frame(run, &frame, comments)
            .map_err(|source| AppError::Write { what: self.name.clone(), source })
    }
}

/// True when writing to `path` would write over the capture called `name`, by whatever way the two lead there.
fn is_same_file(path: &Path, name: &str) -> bool {
    if path.to_string_lossy() == name {
        return path.as_os_str() != STANDARD_OUTPUT;
    }
    let (Ok(path), Ok(capture)) = (fs::metadata(path), fs::metadata(name)) else { return false };
    path.is_file() && capture.is_file() && identity(&path) == identity(&capture)
}

#[cfg(unix)]
fn identity(file: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (file.dev(), file.ino())
}

/// Good enough to refuse: a file of the same length and age as a capture.
#[cfg(not(unix))]
fn identity(file: &fs::Metadata) -> (u64, Option<std::time::SystemTime>) {
    (file.len(), file.modified().ok())
}

const STANDARD_OUTPUT: &str = "-";

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::model::{CaptureInfo, Excerpt, Key, Node, Scope, Subject, Value};

    fn run() -> Run {
        let capture = CaptureInfo {
            name: "a.pcap".to_owned(),
            sha256: String::new(),
            frames: 0,
            bytes: 0,
            first: None,
            last: None,
            incomplete: None,
            session: None,
        };
        Run { captures: vec![capture], ..Run::default() }
    }

    fn number(number: u64) -> FrameRef {
        FrameRef { capture: 0, number }
    }

    fn fact(frame: u64, start: u64, value: &str) -> Observation {
        Observation {
            at: Timestamp(0),
            frame: number(frame),
            subject: Subject::node(Node::ip(Scope::default(), "10.0.0.1".parse().unwrap())),
            mac: None,
            key: Key::one("test.word"),
            value: Value::Text(value.into()),
            excerpt: Excerpt { frame: number(start), offset: 7, length: 3, bytes: Box::default() },
            repeat: false,
        }
    }

    /// Frames of that many bytes, numbered from 1, are held; then the facts come.
    fn written(frames: u64, bytes: usize, facts: &[Observation]) -> (String, Counters) {
        let (run, file) = (run(), tempfile::NamedTempFile::new().unwrap());
        let mut evidence = Evidence::create(file.path(), &run).unwrap();
        let bytes = vec![b'x'; bytes];
        for frame in 1..=frames {
            let wire_len = bytes.len() as u32;
            let (at, frame, link) = (Timestamp(0), number(frame), LinkType::ETHERNET);
            let frame = Frame { at, frame, link, wire_len, bytes: &bytes };
            evidence.hold(&run, &frame).unwrap();
            assert!(evidence.bytes <= EVIDENCE_BYTES_WAITING_MAX);
            assert!(evidence.places.len() == evidence.waiting.len());
        }
        facts.iter().for_each(|fact| evidence.cite(&run, fact));
        let counters = evidence.finish(&run).unwrap();
        let text = std::fs::read(file.path()).unwrap();
        (String::from_utf8_lossy(&text).into_owned(), counters)
    }

    #[test]
    fn a_message_in_two_frames_keeps_both() {
        let (text, counters) = written(9, 1, &[fact(8, 3, "hello"), fact(8, 8, "bye")]);
        assert!(
            text.contains("10.0.0.1  test.word = hello  (bytes 7+3, up to the end in a.pcap#8)")
        );
        assert!(text.contains("10.0.0.1  test.word = hello  (bytes 7+3, counted in a.pcap#3)"));
        assert!(text.contains("10.0.0.1  test.word = bye  (bytes 7+3)"));
        assert!(text.find("a.pcap#3\0") < text.find("10.0.0.1  test.word = bye"));
        assert!(text.contains("2 of 0 frames of a.pcap"));
        assert_eq!(counters, Counters::default());
    }

    #[test]
    fn a_frame_that_waited_too_long_is_counted_and_told() {
        let last = EVIDENCE_FRAMES_WAITING_MAX as u64 + 1;
        let (text, counters) = written(last, 1, &[fact(last, 1, "late")]);
        assert!(text.contains("counted in a.pcap#1, which had gone by"));
        assert_eq!(counters.count("evidence.frames_gone"), 1);
        let (text, counters) = written(200, 262_144, &[fact(200, 1, "late")]);
        assert!(text.contains("counted in a.pcap#1, which had gone by"));
        assert_eq!(counters.count("evidence.frames_gone"), 1);
    }

    #[test]
    fn a_frame_about_which_too_much_is_said_tells_how_much_more() {
        let facts: Vec<_> = (0..100).map(|_| fact(1, 1, &"y".repeat(1_024))).collect();
        let (text, counters) = written(1, 262_144, &facts);
        let left_out = counters.count("evidence.comments_left_out");
        assert_eq!(left_out, 100 - 64);
        assert!(text.contains(&format!("and {left_out} facts more")));
    }

    #[test]
    fn what_was_said_before_is_no_news() {
        let (text, _) = written(1, 1, &[Observation { repeat: true, ..fact(1, 1, "again") }]);
        assert!(!text.contains("again"));
    }
}
