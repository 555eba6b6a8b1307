//! TPKT and COTP: packets in a stream, and the user data in them (RFC 1006; ITU-T X.224, class 0).
//!
//! ```text
//!   0    1   2        4    5      6
//!   | 03 | 0 | length | LI | kind | ...                                      length counts from the first byte
//!                     |  2 | F0   | 80 last, 00 more follows | user data
//!                     |    | E0 connection request, D0 confirm | destination 2 | source 2 | class | parameters
//! ```

use crate::flow::Input;
use crate::protocols::shared::gathered::Gathered;
use crate::wire::{Malformed, Reader};

/// One TPDU, whole.
#[derive(Clone, Copy, Debug)]
pub(in crate::protocols) struct Head {
    /// Bytes of it, TPKT included.
    pub(in crate::protocols) length: usize,
    /// What it is: the code without its credit.
    pub(in crate::protocols) kind: u8,
    /// Where its user data begins.
    pub(in crate::protocols) data_at: usize,
    /// True when nothing of the message follows. Of data only.
    pub(in crate::protocols) is_last: bool,
}

impl Head {
    /// Reads the head. Fails as too short while there are too few bytes, and as impossible when more cannot help.
    pub(in crate::protocols) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        if r.u8("TPKT version")? != VERSION || r.u8("TPKT reserved")? != 0 {
            return Err(r.impossible("TPKT version"));
        }
        let length = usize::from(r.u16_be("TPKT length")?);
        if length < HEAD_BYTES {
            return Err(r.impossible("TPKT length"));
        }
        let indicator = usize::from(r.u8("COTP length indicator")?);
        let data_at = indicator.saturating_add(INDICATOR_END);
        let kind = r.u8("COTP code")? & KIND;
        let flags = r.u8("COTP number")?;
        let is_sound = match kind {
            DATA => indicator == DATA_INDICATOR,
            REQUEST | CONFIRM => indicator >= CONNECT_INDICATOR_MIN && data_at == length,
            DISCONNECT | DISCONNECTED | ERROR | EXPEDITED | ACKNOWLEDGED => {
                indicator >= DATA_INDICATOR && data_at <= length
            }
            _ => false,
        };
        let is_last = flags & LAST != 0;
        if is_sound {
            Ok(Self { length, kind, data_at, is_last })
        } else {
            Err(r.impossible("COTP code"))
        }
    }
}

/// The parts of one message, of one direction.
#[derive(Default)]
pub(in crate::protocols) struct Parts {
    gathered: Gathered,
    /// True while parts of a message pass that is too long to be kept, or whose beginning is missing.
    passing: bool,
}

/// What became of the user data of one TPDU.
pub(in crate::protocols) enum Taken {
    /// It waits for more, or passes with a message that is not read.
    Waits,
    /// The message is longer than it may be: it passes.
    TooLong,
    /// It is the whole message, where it stands.
    Here,
    /// It was the last part of this one.
    Gathered(Gathered),
}

impl Parts {
    /// See [`Dissector::glance`](crate::protocols::Dissector::glance).
    pub(in crate::protocols) fn glance(&self) -> usize {
        usize::from(self.passing)
    }

    /// Takes the user data of a whole TPDU at the front of `input`.
    pub(in crate::protocols) fn take(
        &mut self,
        head: Head,
        input: &Input<'_>,
        bytes_max: usize,
    ) -> Taken {
        if self.passing {
            self.passing = !head.is_last;
            return Taken::Waits;
        }
        if head.is_last && self.gathered.is_empty() {
            return Taken::Here;
        }
        let length = head.length.saturating_sub(head.data_at);
        if self.gathered.len().saturating_add(length) > bytes_max {
            self.pass(head);
            return Taken::TooLong;
        }
        self.gathered.push(input, head.data_at, length);
        if head.is_last {
            Taken::Gathered(std::mem::take(&mut self.gathered))
        } else {
            Taken::Waits
        }
    }

    /// Lets a message pass, one part of which is not kept.
    pub(in crate::protocols) fn pass(&mut self, head: Head) {
        self.gathered.clear();
        self.passing = !head.is_last;
    }

    /// Forgets what it holds: what comes next begins a message.
    pub(in crate::protocols) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Forgets what it holds, and the rest of that message.
    pub(in crate::protocols) fn forget(&mut self) {
        self.passing |= !self.gathered.is_empty();
        self.gathered.clear();
    }

    /// Bytes of memory that it takes.
    pub(in crate::protocols) fn kept_bytes(&self) -> usize {
        self.gathered.kept_bytes()
    }
}

/// TPKT header and the front of COTP: the smallest of TPDUs.
pub(in crate::protocols) const HEAD_BYTES: usize = 7;

/// Connection request (13.3).
pub(in crate::protocols) const REQUEST: u8 = 0xe0;
/// Connection confirm (13.4).
pub(in crate::protocols) const CONFIRM: u8 = 0xd0;
/// Data (13.7).
pub(in crate::protocols) const DATA: u8 = 0xf0;

const DISCONNECT: u8 = 0x80;
const DISCONNECTED: u8 = 0xc0;
const ERROR: u8 = 0x70;
const EXPEDITED: u8 = 0x10;
const ACKNOWLEDGED: u8 = 0x60;

const VERSION: u8 = 3;
const KIND: u8 = 0xf0;
const LAST: u8 = 0x80;
/// The length indicator counts the bytes behind itself.
const INDICATOR_END: usize = 5;
const DATA_INDICATOR: usize = 2;
const CONNECT_INDICATOR_MIN: usize = 6;
