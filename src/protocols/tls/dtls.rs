//! TLS over datagrams (RFC 6347, RFC 9147 section 5): the same handshake in records that are numbered.
//!
//! ```text
//!   0        1           3         5                     11         13
//!   | type   | version   | epoch   | sequence number 6   | length 2 | type 1 | length 3 | number 2 | offset 3 | length 3 | body
//! ```
//!
//! Messages that came in several parts are not put together: hellos fit a datagram, and long certificates are given up.

use crate::flow::Input;
use crate::model::limits::TLS_RECORDS_MAX;
use crate::protocols::tls::{
    ALERT, Conversation, HANDSHAKE, RECORD_BYTES_MAX, is_wanted, length_24, probe,
};
use crate::protocols::{Probe, Sink, Step};
use crate::wire::{Malformed, Reader};

/// One record.
struct Record<'a> {
    kind: u8,
    epoch: u16,
    body: Reader<'a>,
}

impl<'a> Record<'a> {
    fn read(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        let kind = r.u8("ContentType")?;
        let version = r.u16_be("ProtocolVersion")?;
        let epoch = r.u16_be("epoch")?;
        r.skip("sequence_number", 6)?;
        let length = usize::from(r.u16_be("length")?);
        if !probe::is_content(kind) || !is_version(version) || length > RECORD_BYTES_MAX {
            return Err(r.impossible("ContentType"));
        }
        Ok(Self { kind, epoch, body: r.sub("fragment", length)? })
    }
}

/// Sure of a hello whose lengths agree; likely of any record.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let mut r = Reader::new(bytes);
    let Ok(mut record) = Record::read(&mut r) else { return Probe::No };
    if record.kind != HANDSHAKE || record.epoch != 0 {
        return Probe::Maybe;
    }
    match Message::read(&mut record.body) {
        Ok(message) if message.is_hello() => Probe::Yes,
        Ok(_) => Probe::Maybe,
        Err(_) => Probe::No,
    }
}

/// One handshake message, or a part of one.
struct Message<'a> {
    kind: u8,
    is_whole: bool,
    body: Reader<'a>,
}

impl<'a> Message<'a> {
    fn read(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        let kind = r.u8("HandshakeType")?;
        let length = length_24(r, "length")?;
        r.skip("message_seq", 2)?;
        let offset = length_24(r, "fragment_offset")?;
        let part = length_24(r, "fragment_length")?;
        let is_whole = offset == 0 && part == length;
        Ok(Self { kind, is_whole, body: r.sub("fragment", part)? })
    }

    /// A whole hello, or the server's request to prove one's address.
    fn is_hello(&self) -> bool {
        self.is_whole && (1..=3).contains(&self.kind)
    }
}

impl Conversation {
    /// Reads the records of one datagram.
    pub(super) fn datagram(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let mut r = Reader::new(input.bytes);
        while !r.is_empty() {
            // Encrypted records of version 1.3 have a head of their own.
            if probe::is_ciphertext(r.peek()) {
                self.side(input.direction).is_over = true;
                break;
            }
            let record = match Record::read(&mut r) {
                Ok(record) => record,
                Err(malformed) => {
                    out.damaged(malformed);
                    break;
                }
            };
            if record.kind == HANDSHAKE && record.epoch == 0 {
                self.messages(record.body, input, out);
            } else if record.kind != ALERT {
                self.side(input.direction).is_over = true;
            }
            self.records_behind = self.records_behind.saturating_add(1);
        }
        if self.is_over() || self.records_behind > TLS_RECORDS_MAX {
            return self.done(out);
        }
        Step::Used(input.bytes.len().max(1))
    }

    fn messages(&mut self, mut body: Reader<'_>, input: &Input<'_>, out: &mut Sink<'_>) {
        while !body.is_empty() {
            let read = Message::read(&mut body).and_then(|message| {
                if !is_wanted(message.kind) {
                    return Ok(());
                }
                if !message.is_whole {
                    out.count("tls.datagram_messages_in_parts");
                    return Ok(());
                }
                self.body(message.kind, message.body, true, input, out)
            });
            if let Err(malformed) = read {
                out.damaged(malformed);
                return;
            }
        }
    }
}

/// DTLS 1.0 and 1.2, which records of 1.3 say, too.
fn is_version(version: u16) -> bool {
    matches!(version, 0xfeff | 0xfefd)
}
