//! Classic pcap files: draft-ietf-opsawg-pcap-05, sections 4 and 5.
//!
//! Read: both byte orders, microseconds and nanoseconds, the "modified" format of A. Kuznetzov, and the swapped
//! lengths of versions before 2.4. Skipped: the time zone and accuracy fields, which every writer leaves zero.
//!
//! ```text
//!  0       4       6       8         12        16        20        24
//! +-------+-------+-------+---------+---------+---------+---------+
//! | magic | major | minor | zone    | sigfigs | snaplen | link    |  file header; link: low 16 bits, FCS above
//! +-------+-------+-------+---------+---------+---------+---------+
//! | seconds       | fraction        | captured          | original|  per frame, then `captured` bytes;
//! +---------------+-----------------+-------------------+---------+  the modified format has 8 bytes more here
//! ```

use crate::model::limits::FRAME_BYTES_MAX;
use crate::model::time::NANOS_PER_SECOND;
use crate::model::{LinkType, Timestamp};

use super::error::Damage;
use super::record::{ByteOrder, Record, Stop, index};
use super::window::Window;

/// How to read the frames of one file.
pub(super) struct PcapFile {
    order: ByteOrder,
    /// Nanoseconds per unit of the fraction field.
    fraction_nanos: i64,
    record_header_bytes: usize,
    lengths: Lengths,
    link: LinkType,
}

/// The order of the two length fields.
#[derive(Clone, Copy)]
enum Lengths {
    CapturedFirst,
    /// Version 2.3 was written both ways: the captured length is never the longer one.
    ShorterIsCaptured,
    OriginalFirst,
}

impl PcapFile {
    /// Whether a file that starts so is a pcap file.
    pub(super) fn recognises(magic: [u8; 4]) -> bool {
        dialect(magic).is_some()
    }

    /// Reads the file header.
    pub(super) fn start(window: &mut Window) -> Result<Self, Stop> {
        if !window.have(FILE_HEADER_BYTES) {
            return Err(Stop::inside(window, false));
        }
        let header = window.unread();
        let magic = header.first_chunk().copied().unwrap_or_default();
        let Some((order, fraction_nanos, record_header_bytes)) = dialect(magic) else {
            return Err(Stop::Damaged(Damage::ByteOrder(u32::from_be_bytes(magic))));
        };
        let major = order.u16_at(header, 4);
        if major != VERSION_MAJOR {
            return Err(Stop::Damaged(Damage::Version(major)));
        }
        let lengths = match order.u16_at(header, 6) {
            0..=2 => Lengths::OriginalFirst,
            3 => Lengths::ShorterIsCaptured,
            _ => Lengths::CapturedFirst,
        };
        let link =
            LinkType(u16::try_from(order.u32_at(header, 20) & LINK_TYPE_MASK).unwrap_or(u16::MAX));
        window.advance(FILE_HEADER_BYTES);
        Ok(Self { order, fraction_nanos, record_header_bytes, lengths, link })
    }

    /// Finds the next frame.
    pub(super) fn next(&self, window: &mut Window) -> Result<Record, Stop> {
        if !window.have(self.record_header_bytes) {
            return Err(Stop::between(window, true));
        }
        let Some(&[s0, s1, s2, s3, f0, f1, f2, f3, a0, a1, a2, a3, b0, b1, b2, b3]) =
            window.unread().first_chunk()
        else {
            return Err(Stop::Cut { in_packet: true });
        };
        let seconds = self.order.u32([s0, s1, s2, s3]);
        let fraction = self.order.u32([f0, f1, f2, f3]);
        let first = self.order.u32([a0, a1, a2, a3]);
        let second = self.order.u32([b0, b1, b2, b3]);
        let (captured, wire_len) = match self.lengths {
            Lengths::CapturedFirst => (first, second),
            Lengths::ShorterIsCaptured => (first.min(second), first.max(second)),
            Lengths::OriginalFirst => (second, first),
        };
        if captured > FRAME_BYTES_MAX {
            return Err(Stop::Damaged(Damage::FrameLength(captured)));
        }
        let len = index(captured);
        let whole = self.record_header_bytes.saturating_add(len);
        if !window.have(whole) {
            return Err(Stop::inside(window, true));
        }
        let position = window.position().saturating_add(self.record_header_bytes);
        window.advance(whole);
        let nanoseconds = i64::from(seconds)
            .saturating_mul(NANOS_PER_SECOND)
            .saturating_add(i64::from(fraction).saturating_mul(self.fraction_nanos));
        // Some writers leave the original length zero.
        let wire_len = wire_len.max(captured);
        Ok(Record { at: Timestamp(nanoseconds), link: self.link, wire_len, position, len })
    }
}

/// Byte order, nanoseconds per unit of the fraction, and length of the header before each frame.
fn dialect(magic: [u8; 4]) -> Option<(ByteOrder, i64, usize)> {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        match order.u32(magic) {
            MAGIC_MICROSECONDS => return Some((order, 1_000, RECORD_HEADER_BYTES)),
            MAGIC_NANOSECONDS => return Some((order, 1, RECORD_HEADER_BYTES)),
            MAGIC_MODIFIED => return Some((order, 1_000, RECORD_HEADER_BYTES_MODIFIED)),
            _ => {}
        }
    }
    None
}

const MAGIC_MICROSECONDS: u32 = 0xa1b2_c3d4;
const MAGIC_NANOSECONDS: u32 = 0xa1b2_3c4d;
const MAGIC_MODIFIED: u32 = 0xa1b2_cd34;
const VERSION_MAJOR: u16 = 2;
const FILE_HEADER_BYTES: usize = 24;
const RECORD_HEADER_BYTES: usize = 16;
const RECORD_HEADER_BYTES_MODIFIED: usize = 24;
/// The bits above tell how long the frame check sequence is; decoders find that out by length.
const LINK_TYPE_MASK: u32 = 0xffff;
