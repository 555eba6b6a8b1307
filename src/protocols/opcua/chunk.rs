//! The connection protocol: what a chunk is and how long (OPC 10000-6, 6.7.2 and 7.1.2).
//!
//! ```text
//!   0                3       4       8
//!   | HEL ACK ERR RHE | F     | size 4 | body
//!   | OPN             | F     | size 4 | channel 4 | policy | certificate | thumbprint | sequence 4 | request 4 | body
//!   | MSG CLO         | F C A | size 4 | channel 4 | token 4 | sequence 4 | request 4 | body | padding, signature
//!                       F last, C more follow, A given up       encrypted from sequence on when the mode says so
//! ```
//!
//! Numbers have their low byte first. A text is its length and UTF-8; the length 0xFFFFFFFF is that of none.

use crate::model::limits::{OPCUA_CHUNK_BYTES_MAX, UNREAD_BYTES_MAX};
use crate::wire::{Malformed, Reader};

/// What a chunk is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// A client greets.
    Hello,
    /// The server greets back.
    Acknowledge,
    /// The server refuses.
    Error,
    /// A server that opened the connection itself greets.
    ReverseHello,
    /// A channel is opened or renewed.
    Open,
    /// A service is asked for or answered, or the channel closed: there the closing is a service, too.
    Message,
}

/// Whether a chunk ends its message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Last {
    /// It does.
    Final,
    /// More follow.
    Continued,
    /// It does, and the message is void.
    Abort,
}

/// The head of a chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) kind: Kind,
    pub(super) last: Last,
    /// Bytes of the chunk, this head included.
    pub(super) size: usize,
}

impl Head {
    /// Reads the head. Fails as too short while there are too few bytes, and as impossible when more cannot help.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        // What is there has to be right already: nobody waits for the rest of something else.
        let kind = r.array::<3>("MessageType").map_err(|malformed| {
            let begins = KINDS.iter().any(|(word, ..)| word.starts_with(bytes));
            if begins { malformed } else { r.impossible("MessageType") }
        })?;
        let Some((_, kind, sizes)) = KINDS.iter().find(|(word, ..)| *word == &kind) else {
            return Err(r.impossible("MessageType"));
        };
        let last = match r.u8("IsFinal")? {
            b'F' => Last::Final,
            b'C' if *kind == Kind::Message => Last::Continued,
            b'A' if *kind == Kind::Message => Last::Abort,
            _ => return Err(r.impossible("IsFinal")),
        };
        let size = usize::try_from(r.u32_le("MessageSize")?).unwrap_or(usize::MAX);
        if !sizes.contains(&size) {
            return Err(r.impossible("MessageSize"));
        }
        Ok(Self { kind: *kind, last, size })
    }
}

/// Bytes of the head.
pub(super) const HEAD_BYTES: usize = 8;
/// Bytes in front of the body of a message: the head, and the heads of security and of sequence.
pub(super) const BODY_AT: usize = 24;
/// Longest URL of a greeting, and longest reason of an error (OPC 10000-6, 7.1.2.3 and 7.1.2.5).
const TEXT_BYTES_MAX: usize = 4_096;

type Sizes = std::ops::RangeInclusive<usize>;

const KINDS: &[(&[u8; 3], Kind, Sizes)] = &[
    (b"HEL", Kind::Hello, 32..=32 + TEXT_BYTES_MAX),
    (b"ACK", Kind::Acknowledge, 28..=28),
    (b"ERR", Kind::Error, 16..=16 + TEXT_BYTES_MAX),
    (b"RHE", Kind::ReverseHello, 16..=16 + 2 * TEXT_BYTES_MAX),
    (b"OPN", Kind::Open, 32..=UNREAD_BYTES_MAX),
    (b"MSG", Kind::Message, BODY_AT..=OPCUA_CHUNK_BYTES_MAX),
    (b"CLO", Kind::Message, BODY_AT..=OPCUA_CHUNK_BYTES_MAX),
];
