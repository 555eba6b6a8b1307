//! The hello of SSL 2.0, which clients before Windows Vista begin every conversation with, and the server's answer to it in
//! that version (RFC 5246 appendix E.2; the draft of SSL 2.0 by Hickman, 1995).
//!
//! ```text
//!   0                1          2   3          5             7               9                 11
//!   | 80 | length 15 bits      | 1 | version  | ciphers len | session length | challenge length | ciphers ...
//!   | 80 | length 15 bits      | 4 | hit | certificate type | version | certificate len | ciphers len | id len | certificate
//! ```

use crate::flow::Input;
use crate::model::Subject;
use crate::protocols::shared::certificate::{self, Holder};
use crate::protocols::tls::{Conversation, OFFERED_VERSION, VERSION, version_name};
use crate::protocols::{Probe, Sink, Step};
use crate::wire::{Malformed, Reader};

/// The head of a message.
struct Head<'a> {
    kind: u8,
    /// Behind the type.
    body: Reader<'a>,
    /// Of the whole message.
    end: usize,
}

/// Whether bytes begin a hello of this version. Lengths in it must add up to that of the message, which no other protocol's
/// do by chance.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    match fits(bytes) {
        Ok(true) => Probe::Yes,
        Err(malformed) if malformed.need != malformed.have => Probe::More,
        _ => Probe::No,
    }
}

/// Whether bytes begin a hello of this version, as far as there are any.
pub(super) fn is_hello(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| first & TWO_BYTES != 0) && !matches!(probe(bytes), Probe::No)
}

fn fits(bytes: &[u8]) -> Result<bool, Malformed> {
    let mut r = Reader::new(bytes);
    let [high, low] = r.array("length")?;
    if high & TWO_BYTES == 0 {
        return Ok(false);
    }
    let length = usize::from(u16::from_be_bytes([high & !TWO_BYTES, low]));
    let fixed = match r.u8("type")? {
        CLIENT_HELLO => {
            if !is_version(r.u16_be("version")?) {
                return Ok(false);
            }
            CLIENT_BYTES
        }
        SERVER_HELLO => {
            if r.u8("session_id_hit")? > 1 || r.u8("certificate_type")? > 1 {
                return Ok(false);
            }
            if r.u16_be("version")? != 2 {
                return Ok(false);
            }
            SERVER_BYTES
        }
        _ => return Ok(false),
    };
    let mut sum = fixed;
    for field in ["first length", "second length", "third length"] {
        sum = usize::from(r.u16_be(field)?).saturating_add(sum);
    }
    Ok(sum == length && length > fixed)
}

fn head(bytes: &[u8]) -> Result<Head<'_>, Malformed> {
    let mut r = Reader::new(bytes);
    let [high, low] = r.array("length")?;
    let length = usize::from(u16::from_be_bytes([high & !TWO_BYTES, low]));
    let mut body = r.sub("message", length)?;
    let kind = body.u8("type")?;
    Ok(Head { kind, body, end: r.at() })
}

impl Conversation {
    /// Reads a hello. What an SSL 2.0 server and its client say behind theirs is nothing new; a server of a later version
    /// answers in records.
    pub(super) fn ssl_2(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let Head { kind, body, end } = match head(input.bytes) {
            Ok(head) => head,
            Err(malformed) => return Step::Need(malformed.at.saturating_add(malformed.need)),
        };
        let sender = Subject::node(input.sender());
        if kind == CLIENT_HELLO {
            self.from_client = Some(input.direction);
            self.client_hello = true;
            if let Err(malformed) = client(body, &sender, out) {
                out.damaged(malformed);
            }
            return Step::Used(end);
        }
        self.server_hello = true;
        let holder = Holder { subject: &sender, is_client: false, at: input.at };
        if let Err(malformed) = server(body, holder, out) {
            out.damaged(malformed);
        }
        Step::Done
    }
}

fn client(mut body: Reader<'_>, client: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = body.at();
    let version = body.u16_be("version")?;
    out.text(client, OFFERED_VERSION, &version_name(version), body.since(start));
    Ok(())
}

fn server(mut body: Reader<'_>, holder: Holder<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    body.skip("session_id_hit", 1)?;
    let kind = body.u8("certificate_type")?;
    let start = body.at();
    let version = body.u16_be("version")?;
    out.text(holder.subject, VERSION, &version_name(version), body.since(start));
    let length = usize::from(body.u16_be("certificate length")?);
    body.skip("cipher specs and connection identifier lengths", 4)?;
    if kind == X509 && length > 0 {
        let mut one = body.sub("certificate", length)?;
        certificate::read(&mut one, holder, out)?;
    }
    Ok(())
}

/// Versions that a client may offer in it: 2.0 up to TLS 1.2.
fn is_version(version: u16) -> bool {
    matches!(version, 0x0002 | 0x0300..=0x0303)
}

/// The length takes two bytes, and no padding follows the message.
const TWO_BYTES: u8 = 0x80;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 4;
const X509: u8 = 1;
/// Bytes of a message without its three lists.
const CLIENT_BYTES: usize = 9;
const SERVER_BYTES: usize = 11;
