//! The evidence as a capture: frames with what they say written beside them, for Wireshark.
//!
//! Written is pcapng, draft-ietf-opsawg-pcapng-03: one section in little-endian order, an interface for every capture
//! and link type before the first of its frames, an Enhanced Packet for every frame with one comment for each fact,
//! and at the end Interface Statistics whose comments name the captures with their SHA-256, which is not known sooner.
//!
//! ```text
//!  0           4           8                        length-4      length
//! +-----------+-----------+------------------------+-------------+
//! | type      | length    | body, padded to 4      | length      |  every block
//! +-----------+-----------+------------------------+-------------+
//!
//!  0       2        4                4+length
//! +-------+--------+----------------+
//! | code  | length | value, padded  |  every option, at the end of a body; the list ends with code 0, length 0
//! +-------+--------+----------------+
//! ```
//!
//! The same frames and facts give the same bytes: nothing of the machine and no time of day is written.

mod annotate;

use std::collections::BTreeMap;
use std::io::{self, Write};

pub use annotate::annotate;

use crate::export::escape::term;
use crate::model::limits::{EVIDENCE_COMMENT_BYTES_MAX, FRAME_BYTES_MAX};
use crate::model::{CaptureInfo, Frame, LinkType, Run, Timestamp};

/// Text for an option of a block: nothing in it moves a cursor, and it is never long.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Comment(String);

impl Comment {
    /// Escapes `text`, and shortens it to [`EVIDENCE_COMMENT_BYTES_MAX`].
    pub fn new(text: &str) -> Self {
        let safe = term(text);
        if safe.len() <= EVIDENCE_COMMENT_BYTES_MAX {
            return Self(safe.into_owned());
        }
        let room = EVIDENCE_COMMENT_BYTES_MAX.saturating_sub(CUT.len());
        let mut short = String::with_capacity(EVIDENCE_COMMENT_BYTES_MAX);
        for c in safe.chars() {
            if short.len().saturating_add(c.len_utf8()) > room {
                break;
            }
            short.push(c);
        }
        short.push_str(CUT);
        Self(short)
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }

    /// What it says.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// A pcapng file being written.
pub struct Pcapng<W> {
    out: W,
    /// Interfaces described so far, each with its number in the file and the frames written for it.
    interfaces: BTreeMap<(u32, LinkType), Interface>,
    /// The body of the block at hand.
    body: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Interface {
    number: u32,
    frames: u64,
}

impl<W: Write> Pcapng<W> {
    /// Starts the file.
    pub fn new(out: W, run: &Run) -> io::Result<Self> {
        let mut file = Self { out, interfaces: BTreeMap::new(), body: Vec::new() };
        file.body.extend(BYTE_ORDER_MAGIC.to_le_bytes());
        file.body.extend(VERSION_MAJOR.to_le_bytes());
        file.body.extend(VERSION_MINOR.to_le_bytes());
        file.body.extend(SECTION_LENGTH_UNKNOWN.to_le_bytes());
        file.text(OPTION_COMMENT, &Comment::new(ABOUT));
        file.text(OPTION_USER_APPLICATION, &Comment::new(&format!("nameplate {}", run.version)));
        file.block(SECTION_HEADER)?;
        Ok(file)
    }

    /// Writes a frame of a capture of the run, with comments.
    pub fn frame<'a>(
        &mut self,
        run: &Run,
        frame: &Frame<'_>,
        comments: impl Iterator<Item = &'a Comment>,
    ) -> io::Result<()> {
        let interface = self.interface(run, frame)?;
        // The link layer has no longer ones; readers would not take them.
        let captured = frame.bytes.get(..index(FRAME_BYTES_MAX)).unwrap_or(frame.bytes);
        let length = u32::try_from(captured.len()).unwrap_or(u32::MAX);
        self.body.extend(interface.to_le_bytes());
        self.time(frame.at);
        self.body.extend(length.to_le_bytes());
        self.body.extend(frame.wire_len.max(length).to_le_bytes());
        self.body.extend(captured);
        pad(&mut self.body);
        comments.for_each(|comment| self.text(OPTION_COMMENT, comment));
        self.block(ENHANCED_PACKET)
    }

    /// Ends the file: says of every capture that gave frames how many those are, and which file it was.
    pub fn finish(&mut self, run: &Run) -> io::Result<()> {
        let interfaces = std::mem::take(&mut self.interfaces);
        let mut interfaces: Vec<_> = interfaces.into_iter().collect();
        interfaces.sort_by_key(|(_, interface)| interface.number);
        for ((capture, _), Interface { number, frames }) in interfaces {
            let known = run.captures.get(index(capture));
            self.body.extend(number.to_le_bytes());
            self.time(known.and_then(|capture| capture.last).unwrap_or_default());
            let about = known.map(|capture| about_capture(capture, frames));
            self.text(OPTION_COMMENT, &Comment::new(&about.unwrap_or_default()));
            self.block(INTERFACE_STATISTICS)?;
        }
        self.out.flush()
    }

    /// The number of the interface that stands for the capture and link type of this frame, described if it is new.
    fn interface(&mut self, run: &Run, frame: &Frame<'_>) -> io::Result<u32> {
        let next = u32::try_from(self.interfaces.len()).unwrap_or(u32::MAX);
        let is_new = Interface { number: next, frames: 0 };
        let entry = self.interfaces.entry((frame.frame.capture, frame.link)).or_insert(is_new);
        entry.frames = entry.frames.saturating_add(1);
        let Interface { number, frames } = *entry;
        if frames > 1 {
            return Ok(number);
        }
        let path = run.capture_name(frame.frame.capture);
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        self.body.extend(frame.link.0.to_le_bytes());
        self.body.extend([0; 2]);
        self.body.extend(FRAME_BYTES_MAX.to_le_bytes());
        self.text(OPTION_INTERFACE_NAME, &Comment::new(name));
        self.text(OPTION_INTERFACE_DESCRIPTION, &Comment::new(path));
        self.option(OPTION_TIME_RESOLUTION, &[NANOSECONDS]);
        self.block(INTERFACE_DESCRIPTION)?;
        Ok(number)
    }

    /// A time as two words; the format knows none before 1970.
    fn time(&mut self, at: Timestamp) {
        let ticks = u64::try_from(at.0).unwrap_or(0).to_le_bytes();
        let (low, high) = ticks.split_at(4);
        self.body.extend(high);
        self.body.extend(low);
    }

    fn text(&mut self, code: u16, text: &Comment) {
        self.option(code, text.0.as_bytes());
    }

    fn option(&mut self, code: u16, value: &[u8]) {
        // Comments are far shorter than what the length can say.
        let Ok(length) = u16::try_from(value.len()) else { return };
        self.body.extend(code.to_le_bytes());
        self.body.extend(length.to_le_bytes());
        self.body.extend(value);
        pad(&mut self.body);
    }

    /// Ends the options, and writes the body as a block of that type.
    fn block(&mut self, kind: u32) -> io::Result<()> {
        self.option(OPTION_END, &[]);
        let length = self.body.len().saturating_add(AROUND_BODY_BYTES);
        let length = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        self.out.write_all(&kind.to_le_bytes())?;
        self.out.write_all(&length)?;
        self.out.write_all(&self.body)?;
        self.out.write_all(&length)?;
        self.body.clear();
        Ok(())
    }
}

fn about_capture(capture: &CaptureInfo, frames: u64) -> String {
    let CaptureInfo { name, sha256, frames: all, session, .. } = capture;
    if let Some(session) = session {
        let interface = &session.interface;
        return format!("{frames} of {all} frames heard on {interface}, as {name}");
    }
    let hash = if sha256.is_empty() { "unknown" } else { sha256 };
    format!("SHA-256 {hash}, {frames} of {all} frames of {name}")
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

const ABOUT: &str = "Frames that prove what nameplate found. The comments of a frame name the capture and the frame \
                     it is in there, and each fact that it proves.";
/// What stands for the rest of a comment.
const CUT: &str = "…";
const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 0x0000_0001;
const INTERFACE_STATISTICS: u32 = 0x0000_0005;
const ENHANCED_PACKET: u32 = 0x0000_0006;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
const VERSION_MAJOR: u16 = 1;
const VERSION_MINOR: u16 = 0;
const SECTION_LENGTH_UNKNOWN: i64 = -1;
const OPTION_END: u16 = 0;
const OPTION_COMMENT: u16 = 1;
/// Of a section header.
const OPTION_USER_APPLICATION: u16 = 4;
/// Of an interface description, as the next two.
const OPTION_INTERFACE_NAME: u16 = 2;
const OPTION_INTERFACE_DESCRIPTION: u16 = 3;
const OPTION_TIME_RESOLUTION: u16 = 9;
/// Ten to the power of minus this, in seconds.
const NANOSECONDS: u8 = 9;
/// Type and both lengths.
const AROUND_BODY_BYTES: usize = 12;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::export::escape::{NASTY, is_hostile};
    use crate::model::FrameRef;

    fn written(frames: &[(u32, u16)]) -> Vec<u8> {
        let capture = |name: &str| CaptureInfo {
            name: name.to_owned(),
            sha256: "ab".repeat(32),
            frames: 7,
            bytes: 0,
            first: None,
            last: Some(Timestamp(1)),
            incomplete: None,
            session: None,
        };
        let captures = vec![capture("a/one.pcap"), capture("b/two.pcap")];
        let run = Run { version: "1.2.3".to_owned(), captures, ..Run::default() };
        let mut file = Pcapng::new(Vec::new(), &run).unwrap();
        for &(capture, link) in frames {
            let frame = Frame {
                at: Timestamp(0x0102_0304_0506_0708),
                frame: FrameRef { capture, number: 1 },
                link: LinkType(link),
                wire_len: 9,
                bytes: &[1, 2, 3, 4, 5],
            };
            file.frame(&run, &frame, [Comment::new("tab\there")].iter()).unwrap();
        }
        file.finish(&run).unwrap();
        file.out
    }

    /// Type and body of each block, with both lengths compared.
    fn blocks(mut bytes: &[u8]) -> Vec<(u32, &[u8])> {
        let word =
            |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let mut blocks = Vec::new();
        while !bytes.is_empty() {
            let length = word(bytes, 4) as usize;
            assert_eq!((length % 4, word(bytes, length - 4) as usize), (0, length));
            blocks.push((word(bytes, 0), &bytes[8..length - 4]));
            bytes = &bytes[length..];
        }
        blocks
    }

    #[test]
    fn describes_an_interface_once_and_before_its_first_frame() {
        let file = written(&[(0, 1), (1, 1), (0, 1), (0, 101)]);
        let kinds: Vec<u32> = blocks(&file).iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [SECTION_HEADER, 1, 6, 1, 6, 6, 1, 6, 5, 5, 5]);
        let numbers = blocks(&file).into_iter().filter(|(kind, _)| *kind == ENHANCED_PACKET);
        let numbers: Vec<u8> = numbers.map(|(_, body)| body[0]).collect();
        assert_eq!(numbers, [0, 1, 0, 2]);
    }

    #[test]
    fn keeps_time_lengths_and_bytes_of_a_frame() {
        let file = written(&[(0, 1)]);
        let blocks = blocks(&file);
        let body = blocks[2].1;
        assert_eq!(body[4..12], [4, 3, 2, 1, 8, 7, 6, 5]);
        assert_eq!(body[12..28], [5, 0, 0, 0, 9, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0]);
        assert_eq!(&body[28..], b"\x01\0\x09\0tab\\there\0\0\0\0\0\0\0");
    }

    #[test]
    fn the_end_names_each_capture_with_its_hash() {
        let file = written(&[(1, 1)]);
        let blocks = blocks(&file);
        let about = String::from_utf8_lossy(blocks.last().unwrap().1);
        assert!(about.contains(&"ab".repeat(32)) && about.contains("1 of 7 frames of b/two.pcap"));
    }

    #[test]
    fn comments_are_harmless_and_short() {
        for nasty in NASTY {
            assert!(!Comment::new(nasty).0.contains(is_hostile), "{nasty:?}");
        }
        let long = Comment::new(&"ü".repeat(4_096));
        assert!(long.0.ends_with('…') && long.bytes() <= EVIDENCE_COMMENT_BYTES_MAX);
        assert!(long.bytes() + 2 > EVIDENCE_COMMENT_BYTES_MAX);
    }
}
