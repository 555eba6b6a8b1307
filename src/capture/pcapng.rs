//! pcapng files: draft-ietf-opsawg-pcapng-03, sections 3 and 4, appendix A.
//!
//! Read: Section Header, Interface Description (`if_tsresol`, `if_tsoffset`), Enhanced Packet, Simple Packet and the
//! obsolete Packet Block. Skipped: every other block, by its length and without holding it, and the options of
//! packets. A length that is no multiple of four is rounded up, as Wireshark does for writers that forgot to pad.
//!
//! ```text
//!  0           4           8                        length-4      length
//! +-----------+-----------+------------------------+-------------+
//! | type      | length    | body, padded to 4      | length      |  every block; a section header's body starts
//! +-----------+-----------+------------------------+-------------+  with the byte-order magic 0x1a2b3c4d
//! ```

use crate::model::limits::{CAPTURE_BLOCK_BYTES_MAX, CAPTURE_INTERFACES_MAX, FRAME_BYTES_MAX};
use crate::model::{LinkType, Timestamp};

use super::error::Damage;
use super::record::{ByteOrder, Record, Stop, index};
use super::resolution::Resolution;
use super::window::Window;

/// How to read the blocks of one file, up to the section reached.
pub(super) struct PcapngFile {
    order: ByteOrder,
    /// Interfaces of this section, in the order in which they were described.
    interfaces: Vec<Interface>,
    /// Time of the last packet that had one; a Simple Packet has none and borrows it.
    last: Timestamp,
}

struct Interface {
    link: LinkType,
    /// Zero: not limited.
    snap_length: u32,
    resolution: Resolution,
}

impl PcapngFile {
    /// Whether a file that starts so is a pcapng file.
    pub(super) fn recognises(magic: [u8; 4]) -> bool {
        magic == SECTION_HEADER
    }

    /// Reads the first section header.
    pub(super) fn start(window: &mut Window) -> Result<Self, Stop> {
        let mut file =
            Self { order: ByteOrder::Little, interfaces: Vec::new(), last: Timestamp(0) };
        file.section(window)?;
        Ok(file)
    }

    /// Finds the next packet.
    pub(super) fn next(&mut self, window: &mut Window) -> Result<Record, Stop> {
        loop {
            if !window.have(BLOCK_HEADER_BYTES) {
                return Err(Stop::between(window, false));
            }
            let Some(&[t0, t1, t2, t3, l0, l1, l2, l3]) = window.unread().first_chunk() else {
                return Err(Stop::Cut { in_packet: false });
            };
            let kind = [t0, t1, t2, t3];
            if kind == SECTION_HEADER {
                self.section(window)?;
                continue;
            }
            let kind = self.order.u32(kind);
            let length = self.order.u32([l0, l1, l2, l3]);
            if length < BLOCK_BYTES_MIN {
                return Err(Stop::Damaged(Damage::BlockLength(length)));
            }
            match kind {
                ENHANCED_PACKET | SIMPLE_PACKET | PACKET => {
                    return self.packet(window, kind, length);
                }
                INTERFACE_DESCRIPTION => self.interface(window, length)?,
                JOURNAL | CUSTOM | CUSTOM_NOT_COPIED => {
                    self.pass_over(window, length)?;
                    return Err(Stop::Numbered);
                }
                _ => self.pass_over(window, length)?,
            }
        }
    }

    /// Takes the byte order of a section, and forgets the interfaces of the one before.
    fn section(&mut self, window: &mut Window) -> Result<(), Stop> {
        if !window.have(SECTION_HEADER_BYTES_MIN) {
            return Err(Stop::inside(window, false));
        }
        let header = window.unread();
        let magic =
            header.get(8..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        self.order = match (u32::from_le_bytes(magic), u32::from_be_bytes(magic)) {
            (BYTE_ORDER_MAGIC, _) => ByteOrder::Little,
            (_, BYTE_ORDER_MAGIC) => ByteOrder::Big,
            (_, other) => return Err(Stop::Damaged(Damage::ByteOrder(other))),
        };
        let major = self.order.u16_at(header, 12);
        if major != VERSION_MAJOR {
            return Err(Stop::Damaged(Damage::Version(major)));
        }
        let length = self.order.u32_at(header, 4);
        if index(length) < SECTION_HEADER_BYTES_MIN {
            return Err(Stop::Damaged(Damage::BlockLength(length)));
        }
        self.interfaces.clear();
        self.pass_over(window, length)
    }

    /// Skips a block that may be longer than what is held in memory.
    fn pass_over(&self, window: &mut Window, length: u32) -> Result<(), Stop> {
        let body = u64::from(length).next_multiple_of(4).saturating_sub(TRAILER_BYTES);
        if !window.skip(body) || !window.have(index(TRAILER)) {
            return Err(Stop::inside(window, false));
        }
        let second = self.order.u32_at(window.unread(), 0);
        if second != length {
            return Err(Stop::Damaged(Damage::LengthsDiffer(length, second)));
        }
        window.advance(index(TRAILER));
        Ok(())
    }

    /// Brings a whole block into memory and compares its two lengths; gives the length with its padding.
    fn hold(&self, window: &mut Window, length: u32, in_packet: bool) -> Result<usize, Stop> {
        if length > CAPTURE_BLOCK_BYTES_MAX {
            return Err(Stop::Damaged(Damage::BlockLength(length)));
        }
        let padded = index(length).next_multiple_of(4);
        if !window.have(padded) {
            return Err(Stop::inside(window, in_packet));
        }
        let second = self.order.u32_at(window.unread(), padded.saturating_sub(index(TRAILER)));
        if second != length {
            return Err(Stop::Damaged(Damage::LengthsDiffer(length, second)));
        }
        Ok(padded)
    }

    fn interface(&mut self, window: &mut Window, length: u32) -> Result<(), Stop> {
        let padded = self.hold(window, length, false)?;
        let body_end = padded.saturating_sub(index(TRAILER));
        let Some(body) =
            window.unread().get(BLOCK_HEADER_BYTES..body_end).filter(|body| body.len() >= 8)
        else {
            return Err(Stop::Damaged(Damage::BlockLength(length)));
        };
        // An interface beyond the cap is forgotten; its packets are then lost one by one, and counted.
        if self.interfaces.len() < CAPTURE_INTERFACES_MAX {
            self.interfaces.push(Interface {
                link: LinkType(self.order.u16_at(body, 0)),
                snap_length: self.order.u32_at(body, 4),
                resolution: Resolution::from_options(self.order, body.get(8..).unwrap_or_default()),
            });
        }
        window.advance(padded);
        Ok(())
    }

    fn packet(&mut self, window: &mut Window, kind: u32, length: u32) -> Result<Record, Stop> {
        let padded = self.hold(window, length, true)?;
        let position = window.position();
        let body_end = padded.saturating_sub(index(TRAILER));
        let body = window.unread().get(BLOCK_HEADER_BYTES..body_end).unwrap_or_default();
        let found = match kind {
            SIMPLE_PACKET => self.simple(body),
            _ => self.stamped(body, kind),
        };
        window.advance(padded);
        let mut record = found.map_err(Stop::Lost)?;
        record.position =
            position.saturating_add(BLOCK_HEADER_BYTES).saturating_add(record.position);
        Ok(record)
    }

    /// Enhanced Packet and obsolete Packet Block; the position is that in the body.
    fn stamped(&mut self, body: &[u8], kind: u32) -> Result<Record, Damage> {
        let Some(&[i0, i1, i2, i3, h0, h1, h2, h3, l0, l1, l2, l3, c0, c1, c2, c3, o0, o1, o2, o3]) =
            body.first_chunk()
        else {
            return Err(Damage::Cut);
        };
        let order = self.order;
        let number = match kind {
            // The other half of the word counts drops.
            PACKET => u32::from(order.u16([i0, i1])),
            _ => order.u32([i0, i1, i2, i3]),
        };
        let captured = order.u32([c0, c1, c2, c3]);
        let len = index(captured);
        if captured > FRAME_BYTES_MAX {
            return Err(Damage::FrameLength(captured));
        }
        if len > body.len().saturating_sub(PACKET_HEADER_BYTES) {
            return Err(Damage::FrameBeyondBlock(captured));
        }
        let interface = self.interfaces.get(index(number)).ok_or(Damage::Interface(number))?;
        let high = u64::from(order.u32([h0, h1, h2, h3]));
        let low = u64::from(order.u32([l0, l1, l2, l3]));
        let at = interface.resolution.timestamp(high.wrapping_shl(32) | low);
        self.last = at;
        // Some writers leave the original length zero.
        let wire_len = order.u32([o0, o1, o2, o3]).max(captured);
        Ok(Record { at, link: interface.link, wire_len, position: PACKET_HEADER_BYTES, len })
    }

    /// A Simple Packet says neither time nor captured length: the length is what the snap length of the first
    /// interface leaves of the original, the time that of the packet before.
    fn simple(&self, body: &[u8]) -> Result<Record, Damage> {
        let Some((_, data)) = body.split_at_checked(SIMPLE_HEADER_BYTES) else {
            return Err(Damage::Cut);
        };
        let interface = self.interfaces.first().ok_or(Damage::Interface(0))?;
        let wire_len = self.order.u32_at(body, 0);
        let mut len = index(wire_len).min(data.len());
        if interface.snap_length > 0 {
            len = len.min(index(interface.snap_length));
        }
        if len > index(FRAME_BYTES_MAX) {
            return Err(Damage::FrameLength(wire_len));
        }
        Ok(Record {
            at: self.last,
            link: interface.link,
            wire_len,
            position: SIMPLE_HEADER_BYTES,
            len,
        })
    }
}

/// Reads the same in both byte orders, on purpose.
const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const INTERFACE_DESCRIPTION: u32 = 0x0000_0001;
const PACKET: u32 = 0x0000_0002;
const SIMPLE_PACKET: u32 = 0x0000_0003;
const ENHANCED_PACKET: u32 = 0x0000_0006;
/// systemd journal entries and custom blocks stand in Wireshark's list of packets, and take a number there.
const JOURNAL: u32 = 0x0000_0009;
const CUSTOM: u32 = 0x0000_0bad;
const CUSTOM_NOT_COPIED: u32 = 0x4000_0bad;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
const VERSION_MAJOR: u16 = 1;
/// Type and length.
const BLOCK_HEADER_BYTES: usize = 8;
/// Type and both lengths.
const BLOCK_BYTES_MIN: u32 = 12;
/// With the byte-order magic, the version and the section length.
const SECTION_HEADER_BYTES_MIN: usize = 28;
/// Interface, time, captured and original length.
const PACKET_HEADER_BYTES: usize = 20;
/// Original length.
const SIMPLE_HEADER_BYTES: usize = 4;
/// The length at the end of a block.
const TRAILER: u32 = 4;
const TRAILER_BYTES: u64 = 4;
