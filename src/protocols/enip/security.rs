//! CIP Security: TLS and DTLS in front of EtherNet/IP, on port 2221 or after StartDTLS (CIP Networks Library
//! volume 8, edition 1.x; RFC 5246, RFC 6347, RFC 8446, RFC 9147).
//!
//! Reads which version and cipher suite the server chose. Skips everything else: certificates are for a reader of
//! their own, and what is encrypted is hidden. A conversation that began before the capture still shows that it is
//! secured.
//!
//! ```text
//!   TLS    type 1   version 2                           length 2   handshake
//!   DTLS   type 1   version 2   epoch 2   sequence 6    length 2   handshake
//!
//!   handshake      type 1   length 3   [DTLS: message 2   fragment offset 3   fragment length 3]   body
//!   server hello   version 2   random 32   session 1+n   cipher suite 2   compression 1   [extensions 2+n]
//! ```

use crate::flow::{Direction, Input};
use crate::model::Subject;
use crate::protocols::enip::transport_keys;
use crate::protocols::{Probe, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// A record's head.
#[derive(Clone, Copy, Debug)]
struct Record {
    kind: u8,
    version: u16,
    /// Bytes behind the head.
    length: usize,
}

/// Whether bytes begin with a record of TLS or DTLS. They are enough on ports of EtherNet/IP only: elsewhere TLS
/// protects something else. None when they are no record.
pub(super) fn probe(bytes: &[u8]) -> Option<Probe> {
    let mut reader = Reader::new(bytes);
    match Record::read(&mut reader) {
        Ok(record) => record.is_plausible().then_some(Probe::Maybe),
        Err(_) => match *bytes {
            [kind] => is_content(kind).then_some(Probe::More),
            [kind, 0x03 | 0xFE, ..] => is_content(kind).then_some(Probe::More),
            _ => None,
        },
    }
}

/// Reads the record at the front of `input`. None when there is none.
pub(super) fn read(input: &Input<'_>, out: &mut Sink<'_>) -> Option<Step> {
    probe(input.bytes)?;
    let mut reader = Reader::new(input.bytes);
    let record = match Record::read(&mut reader) {
        Ok(record) => record,
        Err(malformed) if input.whole => return Some(Step::Lost(malformed)),
        Err(_) => return Some(Step::Need(input.bytes.len().saturating_add(1))),
    };
    let total = reader.at().saturating_add(record.length);
    match record.kind {
        HANDSHAKE => {
            if input.bytes.len() < total && !input.whole {
                return Some(Step::Need(total));
            }
            match hello(record, reader, input, out) {
                Ok(true) => return Some(Step::Done),
                Ok(false) => {}
                Err(malformed) => out.damaged(malformed),
            }
        }
        // Both ends exchanged their hellos before the capture. TLS 1.3 calls itself 1.2 here.
        APPLICATION_DATA if input.direction == Direction::ToClient => {
            let name = if record.is_dtls() { "DTLS" } else { "TLS" };
            let subject = Subject::node(input.sender());
            out.text(&subject, transport_keys::CIP_SECURITY, name, Span { at: 0, len: 3 });
            return Some(Step::Done);
        }
        _ => {}
    }
    Some(Step::Used(if input.whole { input.bytes.len() } else { total }))
}

/// Reads the first handshake message of a record. True when it was the server's hello.
fn hello(
    record: Record,
    mut data: Reader<'_>,
    input: &Input<'_>,
    out: &mut Sink<'_>,
) -> Result<bool, Malformed> {
    let mut data = data.sub("handshake record", record.length.min(data.left()))?;
    if data.u8("handshake type")? != SERVER_HELLO {
        return Ok(false);
    }
    let length = u24(&mut data, "handshake length")?;
    if record.is_dtls() {
        data.skip("message sequence", 2)?;
        // Hellos come whole: only certificates are too long for a datagram.
        let offset = u24(&mut data, "fragment offset")?;
        if offset != 0 || u24(&mut data, "fragment length")? != length {
            return Ok(false);
        }
    }
    let mut body = data.sub("server hello", length)?;
    let mut at = body.at();
    let mut version = body.u16_be("server version")?;
    body.skip("random", 32)?;
    let session = body.u8("session identifier length")?;
    body.skip("session identifier", usize::from(session))?;
    let suite_at = body.at();
    let suite = body.u16_be("cipher suite")?;
    let suite_span = body.since(suite_at);
    body.skip("compression method", 1)?;
    if !body.is_empty() {
        let size = usize::from(body.u16_be("extensions length")?);
        let mut extensions = body.sub("extensions", size)?;
        while !extensions.is_empty() {
            let kind = extensions.u16_be("extension type")?;
            let size = usize::from(extensions.u16_be("extension length")?);
            let mut extension = extensions.sub("extension", size)?;
            if kind == SUPPORTED_VERSIONS {
                at = extension.at();
                version = extension.u16_be("selected version")?;
            }
        }
    }
    let Some(name) = version_name(version) else {
        return Err(data.impossible("server version"));
    };
    let subject = Subject::node(input.sender());
    out.text(&subject, transport_keys::CIP_SECURITY, name, Span { at, len: 2 });
    out.uint(&subject, transport_keys::CIPHER_SUITE, suite, suite_span);
    Ok(true)
}

fn u24(data: &mut Reader<'_>, field: &'static str) -> Result<usize, Malformed> {
    let [high, middle, low] = data.array(field)?;
    let number = u32::from_be_bytes([0, high, middle, low]);
    usize::try_from(number).map_err(|_| data.impossible(field))
}

impl Record {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let kind = reader.u8("content type")?;
        let version = reader.u16_be("record version")?;
        let mut record = Self { kind, version, length: 0 };
        if record.is_dtls() {
            reader.skip("epoch and sequence number", 8)?;
        }
        record.length = usize::from(reader.u16_be("record length")?);
        Ok(record)
    }

    fn is_dtls(self) -> bool {
        self.version >= DTLS_LOWEST
    }

    fn is_plausible(self) -> bool {
        is_content(self.kind)
            && matches!(self.version, 0x0301..=0x0304 | DTLS_LOWEST..=0xFEFF)
            && (1..=RECORD_BYTES_MAX).contains(&self.length)
    }
}

fn is_content(kind: u8) -> bool {
    matches!(kind, CHANGE_CIPHER_SPEC..=APPLICATION_DATA)
}

fn version_name(version: u16) -> Option<&'static str> {
    Some(match version {
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2",
        0x0304 => "TLS 1.3",
        0xFEFF => "DTLS 1.0",
        0xFEFD => "DTLS 1.2",
        DTLS_LOWEST => "DTLS 1.3",
        _ => return None,
    })
}

/// DTLS counts down.
const DTLS_LOWEST: u16 = 0xFEFC;
/// 2^14 and what encryption may add (RFC 5246 section 6.2.3).
const RECORD_BYTES_MAX: usize = 18_432;
const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const SERVER_HELLO: u8 = 2;
const SUPPORTED_VERSIONS: u16 = 43;
