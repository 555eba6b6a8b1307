//! CODESYS, the runtime of controllers of many makers. Its protocols are not published; they are read as public tools do.
//!
//! Version 3, over UDP and TCP: who a node is, when it answers to a search ([`names`]), and services that start, stop and
//! load ([`services`]). Version 2, over TCP: what answers to the first question ([`old`]). Skipped: values of variables,
//! files, programs; names and proofs of those who log in.
//!
//! ```text
//! over TCP        over TCP and UDP
//! ┌─────────────┬────────┬────┬──────────────┬───────────────────┬─────────┬─────────┬─────────┬───────────┬──────
//! │ 00 01 17 E8 │ length │ C5 │ hops, length │ priority, address │ service │ message │ lengths │ addresses │ data …
//! └─────────────┴────────┴────┴──────────────┴───────────────────┴─────────┴─────────┴─────────┴───────────┴──────
//!   4             4        1    1              1                   1         1         1         words, to 4 bytes
//! ```

mod keys;
mod names;
mod old;
mod services;
#[cfg(test)]
mod tests;

use crate::flow::{Attach, Input};
use crate::model::Subject;
use crate::model::limits::CODESYS_MESSAGE_BYTES_MAX;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "codesys",
    spec: "CODESYS V3 and V2 as public tools read them (ics-forensics-tools, Redpoint)",
    attach: &[
        Attach::Tcp(1_200),
        Attach::Tcp(2_455),
        Attach::Tcp(11_740),
        Attach::Udp(1_740),
        Attach::Udp(1_741),
        Attach::Udp(1_742),
        Attach::Udp(1_743),
    ],
    keys: &[keys::ALL],
    probe,
    start: || Box::new(Codesys::default()),
};

/// Messages of one connection, or of two who exchange datagrams.
#[derive(Default)]
struct Codesys {
    old: old::Connection,
}

impl Dissector for Codesys {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        // Behind the headers the proof of a login may stand.
        out.prove_with(PROOF_BYTES);
        if input.whole {
            return datagram(input, out);
        }
        if old::MAGIC.starts_with(input.bytes.get(..2).unwrap_or(input.bytes)) {
            return self.old.read(input, out);
        }
        let mut r = Reader::new(input.bytes);
        let (Ok(magic), Ok(length)) = (r.array("magic"), r.u32_le("length")) else {
            return Step::Need(BLOCK_BYTES);
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if magic != MAGIC || !(BLOCK_BYTES..=CODESYS_MESSAGE_BYTES_MAX).contains(&length) {
            return Step::Lost(r.impossible("block driver"));
        }
        if input.bytes.len() < length.min(READ_BYTES) {
            return Step::Need(length.min(READ_BYTES));
        }
        let end = length.min(READ_BYTES);
        let bytes = input.bytes.get(BLOCK_BYTES..end).unwrap_or_default();
        if let Err(malformed) = routed(Reader::starting_at(bytes, BLOCK_BYTES), input, out) {
            out.damaged(malformed);
        }
        Step::Used(length)
    }
}

fn datagram(input: &Input<'_>, out: &mut Sink<'_>) -> Step {
    if input.bytes.first() != Some(&ROUTED) {
        return Step::Lost(Reader::new(input.bytes).impossible("magic"));
    }
    if let Err(malformed) = routed(Reader::new(input.bytes), input, out) {
        out.damaged(malformed);
    }
    Step::Used(input.bytes.len().max(1))
}

/// A message of the router.
fn routed(mut r: Reader<'_>, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = r.at();
    let header = Header::read(&mut r)?;
    let sender = Subject::node(input.sender());
    if matches!(header.service, NAME_ANSWER | CHANNEL) {
        out.text(&sender, keys::VERSION, "3", Span { at: start, len: 1 });
    }
    match header.service {
        NAME_QUESTION => names::asked(r, out),
        NAME_ANSWER => names::answered(r, &sender, out),
        CHANNEL => services::read(r, input, out),
        _ => Ok(()),
    }
}

/// The header of the router, with its addresses.
struct Header {
    service: u8,
}

impl Header {
    fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let start = r.at();
        if r.u8("magic")? != ROUTED {
            return Err(r.impossible("magic"));
        }
        let hops = r.u8("hop info")?;
        r.skip("packet info", 1)?;
        let service = r.u8("service id")?;
        r.skip("message id", 1)?;
        let lengths = r.u8("address lengths")?;
        let header_bytes = usize::from(hops & HEADER_WORDS).saturating_mul(2);
        let words = usize::from(lengths >> 4).saturating_add(usize::from(lengths & 0x0f));
        let read = r.at().saturating_sub(start);
        if header_bytes < read {
            return Err(r.impossible("header length"));
        }
        let whole = header_bytes.saturating_add(words.saturating_mul(2)).next_multiple_of(4);
        r.skip("addresses", whole.saturating_sub(read))?;
        Ok(Self { service })
    }
}

/// Over TCP a magic number and a length. Over UDP a byte, and fields that must fit: on its own ports that is enough, and
/// the questions and answers of the name service begin with a number that nothing else has.
fn probe(bytes: &[u8]) -> Probe {
    match bytes.first() {
        None => Probe::More,
        Some(&ROUTED) => routed_probe(bytes),
        Some(&first) if first == MAGIC[0] => block_probe(bytes),
        Some(_) => old::probe(bytes),
    }
}

fn block_probe(bytes: &[u8]) -> Probe {
    let mut r = Reader::new(bytes);
    if !bytes.starts_with(MAGIC.get(..bytes.len().min(4)).unwrap_or_default()) {
        return Probe::No;
    }
    let Ok((length, routed)) = r
        .skip("magic", 4)
        .and_then(|()| r.u32_le("length"))
        .and_then(|length| r.u8("magic").map(|routed| (length, routed)))
    else {
        return Probe::More;
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let fits = (BLOCK_BYTES..=CODESYS_MESSAGE_BYTES_MAX).contains(&length);
    if fits && routed == ROUTED { Probe::Yes } else { Probe::No }
}

fn routed_probe(bytes: &[u8]) -> Probe {
    let mut r = Reader::new(bytes);
    match Header::read(&mut r) {
        Ok(header) if matches!(header.service, NAME_QUESTION | NAME_ANSWER) => {
            if names::begins(&r) { Probe::Yes } else { Probe::No }
        }
        Ok(header) if matches!(header.service, ADDRESS_QUESTION | ADDRESS_ANSWER | CHANNEL) => {
            Probe::Maybe
        }
        Ok(_) => Probe::No,
        Err(malformed) if malformed.need == malformed.have => Probe::No,
        Err(_) => Probe::More,
    }
}

const MAGIC: [u8; 4] = [0x00, 0x01, 0x17, 0xe8];
const BLOCK_BYTES: usize = 8;
const ROUTED: u8 = 0xc5;
/// Length of the header in words.
const HEADER_WORDS: u8 = 0x07;

const ADDRESS_QUESTION: u8 = 1;
const ADDRESS_ANSWER: u8 = 2;
const NAME_QUESTION: u8 = 3;
const NAME_ANSWER: u8 = 4;
const CHANNEL: u8 = 0x40;

/// Bytes of headers that prove the protocol.
const PROOF_BYTES: usize = 8;
/// Bytes of a message that are looked at: all headers, and the longest answer of the name service.
const READ_BYTES: usize = 1_024;
