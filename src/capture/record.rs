//! What both capture formats yield: where a frame lies, and why there is none.

use std::io;

use crate::model::{LinkType, Timestamp};

use super::error::Damage;
use super::window::{Shortage, Window};

/// A frame found in the window.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub(super) at: Timestamp,
    pub(super) link: LinkType,
    /// At least `len`.
    pub(super) wire_len: u32,
    /// Where it lies in the window.
    pub(super) position: usize,
    /// Bytes captured.
    pub(super) len: usize,
}

/// Why there is no next frame.
pub(super) enum Stop {
    /// The capture ends as it should.
    End,
    /// It ends inside a packet, or inside something between packets.
    Cut {
        in_packet: bool,
    },
    /// What follows cannot be found any more.
    Damaged(Damage),
    /// This packet is lost; the next one can be found.
    Lost(Damage),
    /// Something that is no packet, but that Wireshark shows and numbers as one.
    Numbered,
    Unreadable(io::Error),
}

impl Stop {
    /// The window came back short at a boundary, where the end is a sound one.
    pub(super) fn between(window: &mut Window, in_packet: bool) -> Self {
        match window.shortage() {
            Shortage::End => Self::End,
            Shortage::Cut => Self::Cut { in_packet },
            Shortage::Failed(failure) => Self::Unreadable(failure),
        }
    }

    /// The window came back short inside a record.
    pub(super) fn inside(window: &mut Window, in_packet: bool) -> Self {
        match window.shortage() {
            Shortage::End | Shortage::Cut => Self::Cut { in_packet },
            Shortage::Failed(failure) => Self::Unreadable(failure),
        }
    }
}

/// The byte order of the machine that wrote a capture.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    #[inline]
    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    #[inline]
    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    /// The 32-bit word at `at`; zero beyond the end, which callers have ruled out by then.
    #[inline]
    pub(super) fn u32_at(self, bytes: &[u8], at: usize) -> u32 {
        let word = bytes.get(at..).and_then(|rest| rest.first_chunk());
        self.u32(word.copied().unwrap_or_default())
    }

    /// The 16-bit word at `at`; zero beyond the end.
    #[inline]
    pub(super) fn u16_at(self, bytes: &[u8], at: usize) -> u16 {
        let word = bytes.get(at..).and_then(|rest| rest.first_chunk());
        self.u16(word.copied().unwrap_or_default())
    }
}

/// A length from a file as an index; on machines too small for it, no file is that long.
#[inline]
pub(super) fn index(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}
