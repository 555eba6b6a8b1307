//! Link-local multicast name resolution: the name that a host answers to on its link.
//!
//! Reads, over UDP and TCP, responses: the host's own names and addresses from A, AAAA and PTR records; and the queries by which a host
//! verifies that no other has its name. Skips all other queries, which tell nothing of the asker's own name, tentative
//! responses, and responses that report an error. RFC 4795 (2007) sections 2.1.1, 2.4 and 4.
//!
//! ```text
//!   TCP only: | length u16 |
//!   | ID | QR 1, OPCODE 4, C 1, TC 1, T 1, Z 4, RCODE 4 | counts | question | records |      see shared/dns.rs
//! ```
//!
//! A host answers only for names that are its own, so a name is the sender's whatever address stands beside it; but
//! an address in a PTR question that is another's is no matter of the sender. Programs that answer to every name to
//! be asked for passwords do exist: each name that they answered to is told.

use crate::flow::{Attach, Input};
use crate::model::{Addr, Key, Subject};
use crate::protocols::shared::dns::{
    self, CLASS_INTERNET, Entry, Message, Name, Section, TYPE_ANY, TYPE_PTR,
};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader};

#[cfg(test)]
mod tests;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "llmnr",
    spec: "RFC 4795 (2007)",
    attach: &[Attach::Tcp(5355), Attach::Udp(5355)],
    keys: &[&[NAME, ADDRESS, REQUESTED_NAME, CONFLICT]],
    probe,
    start: || Box::new(Resolution),
};

/// A name that the host answered to, as it wrote it.
const NAME: Key = Key::several("llmnr.name");
/// An address that the host says is its own, other than the one it sent from.
const ADDRESS: Key = Key::several("llmnr.address");
/// A name that the host asked whether another holds it, before it took it.
const REQUESTED_NAME: Key = Key::several("llmnr.requested_name");
/// Another host answers to this name, too.
const CONFLICT: Key = Key::event("llmnr.conflict");

struct Resolution;

impl Dissector for Resolution {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let mut r = Reader::new(input.bytes);
        if !input.whole {
            let Ok(length) = r.u16_be("LLMNR length") else { return Step::Need(LENGTH_BYTES) };
            let length = usize::from(length);
            match r.sub("LLMNR message", length) {
                Ok(message) => r = message,
                Err(_) => return Step::Need(LENGTH_BYTES.saturating_add(length)),
            }
        }
        let end = r.at().saturating_add(r.left());
        if let Err(malformed) = message(r, input, out) {
            out.damaged(malformed);
        }
        Step::Used(end.max(1))
    }
}

/// A message, or over TCP its length and a message, which is waited for: a name may come in several segments.
fn probe(bytes: &[u8]) -> Probe {
    let mut r = Reader::new(bytes);
    if dns::plausible(bytes) {
        return Probe::Maybe;
    }
    match r.u16_be("LLMNR length").map(usize::from) {
        Ok(length) if length < SHORTEST_BYTES => Probe::No,
        Ok(_) if dns::plausible(r.peek()) => Probe::Maybe,
        Ok(length) if length <= r.left() => Probe::No,
        _ => Probe::More,
    }
}

/// Reads one message. What stands before damage has been said when it fails.
fn message(r: Reader<'_>, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let message = Message::read(&r)?;
    if message.opcode() != 0 {
        return Ok(()); // To be ignored, says the RFC.
    }
    let sender = Subject::node(input.sender());
    if message.is_response() {
        response(&message, &sender, out)
    } else {
        query(&message, &sender, out)
    }
}

fn response(message: &Message<'_>, sender: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    if message.response_code() != 0 {
        return Ok(());
    }
    let tentative = message.flags & FLAG_TENTATIVE != 0;
    let mut entries = message.entries();
    for entry in entries.by_ref() {
        let entry = entry?;
        if entry.section == Section::Answer && entry.class == CLASS_INTERNET {
            if tentative {
                out.count("llmnr.tentative_answers");
            } else {
                answer(message, &entry, sender, out)?;
            }
        }
    }
    if entries.is_cut() {
        out.count("llmnr.records_beyond_cap");
    }
    Ok(())
}

fn answer(
    message: &Message<'_>,
    entry: &Entry<'_>,
    sender: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if let Some((address, span)) = entry.address() {
        let name = entry.name.to_string();
        out.text(sender, NAME, &name, entry.name_span);
        if message.flags & FLAG_CONFLICT != 0 {
            out.text(sender, CONFLICT, &name, entry.name_span);
        }
        if sender.node.addr != Addr::Ip(address)
            && !address.is_unspecified()
            && !address.is_multicast()
        {
            out.text(sender, ADDRESS, &address.to_string(), span);
        }
    } else if entry.kind == TYPE_PTR {
        let about = entry.name.reverse_address();
        if about.is_none_or(|address| sender.node.addr != Addr::Ip(address)) {
            out.count("llmnr.pointers_to_others");
            return Ok(());
        }
        let mut data = entry.data.clone();
        let start = data.at();
        let name = Name::read(&mut data, message.whole())?;
        out.text(sender, NAME, &name.to_string(), data.since(start));
    }
    Ok(())
}

/// Before it answers to a name, a host asks for all records of that name (RFC 4795, 4); others hardly ever ask for
/// all. Whoever asks with C set has heard several answers: that is about the name, not about the asker.
fn query(message: &Message<'_>, sender: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    if message.flags & FLAG_CONFLICT != 0 || message.questions() != 1 {
        return Ok(());
    }
    if let Some(question) = message.entries().next() {
        let question = question?;
        if question.kind == TYPE_ANY && question.name.reverse_address().is_none() {
            out.text(sender, REQUESTED_NAME, &question.name.to_string(), question.name_span);
        }
    }
    Ok(())
}

const FLAG_CONFLICT: u16 = 0x0400;
const FLAG_TENTATIVE: u16 = 0x0100;
const LENGTH_BYTES: usize = 2;
/// Header, the root as name, type and class.
const SHORTEST_BYTES: usize = 17;
