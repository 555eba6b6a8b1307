//! Simple Network Management Protocol, versions 1, 2c and 3 (RFC 1157, RFC 3416, RFC 3412, RFC 3414).
//!
//! Read: of answers and notifications what identifies the agent: the system group, the parts of ENTITY-MIB, and the
//! makers' own objects in `objects`; of version 3 the engine, its user names and how messages are protected; which
//! versions are spoken; who sets variables. Skipped: all other variables, contexts, digests, and what is encrypted.
//! Communities are passwords: of them only the kind is told, and no byte is kept.
//!
//! ```text
//!   SEQUENCE | version: INTEGER 0, 1, 3 | community: OCTET STRING | PDU: see pdu.rs |
//!                                       | header and data of version 3: see engine.rs |
//! ```
//!
//! Over UDP a message is a datagram; over TCP messages follow each other, their lengths divide them (RFC 3430, 2.1).

mod engine;
mod entity;
mod keys;
mod notification;
mod objects;
mod oid;
mod pdu;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

use std::collections::VecDeque;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::{SNMP_MESSAGE_BYTES_MAX, SNMP_PENDING_MAX};
use crate::model::{Act, Subject};
use crate::protocols::shared::ber;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use engine::Header;
use entity::Entities;
use pdu::{Kind, Pdu, Variables};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "snmp",
    spec: "RFC 1157 (1990), RFC 3411 to RFC 3418 (2002), RFC 6933 (2013)",
    attach: &[Attach::Udp(161), Attach::Udp(NOTIFICATIONS), Attach::Tcp(161)],
    keys: &[keys::ALL],
    probe,
    start: || Box::new(Snmp::default()),
};

/// The messages between a manager and an agent.
#[derive(Default)]
struct Snmp {
    /// Requests whose answers mean something else than that their variables are true, the oldest first.
    pending: VecDeque<(i64, Kind)>,
    entities: Entities,
}

impl Dissector for Snmp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        out.prove_with(0);
        let end = match end(input.bytes) {
            Ok(end) => end,
            Err(malformed) if input.whole => {
                out.damaged(malformed);
                return Step::Used(input.bytes.len().max(1));
            }
            Err(malformed) if malformed.need == malformed.have => return Step::Lost(malformed),
            Err(_) => return Step::Need(input.bytes.len().saturating_add(1)),
        };
        if !input.whole {
            if end > SNMP_MESSAGE_BYTES_MAX {
                return Step::Lost(Reader::new(input.bytes).impossible("message"));
            }
            if end > input.bytes.len() {
                return Step::Need(end);
            }
        }
        let bytes = input.bytes.get(..end).unwrap_or(input.bytes);
        if let Err(malformed) = self.message(bytes, input, out) {
            out.damaged(malformed);
        }
        Step::Used(if input.whole { input.bytes.len().max(1) } else { end.max(1) })
    }

    fn gap(&mut self, _direction: Direction) {
        self.pending.clear();
    }

    fn kept_bytes(&self) -> usize {
        self.entities.held_bytes()
    }

    fn forget(&mut self) {
        self.entities.forget();
    }
}

/// A version, a community or a header of version 3, and a data unit: nothing else begins so.
fn probe(bytes: &[u8]) -> Probe {
    match begins(bytes) {
        Ok(true) => Probe::Yes,
        Ok(false) => Probe::No,
        Err(malformed) if malformed.need == malformed.have => Probe::No,
        Err(_) => Probe::More,
    }
}

fn begins(bytes: &[u8]) -> Result<bool, Malformed> {
    let mut r = Reader::new(bytes);
    if r.u8("message")? != ber::SEQUENCE {
        return Ok(false);
    }
    ber::length(&mut r, "message")?;
    if r.u8("version")? != ber::INTEGER || r.u8("version")? != 1 {
        return Ok(false);
    }
    match r.u8("version")? {
        0 | 1 => {
            if r.u8("community")? != ber::OCTET_STRING {
                return Ok(false);
            }
            let length = ber::length(&mut r, "community")?;
            if length > COMMUNITY_BYTES_MAX {
                return Ok(false);
            }
            r.skip("community", length)?;
            Ok(Kind::of(r.u8("PDU")?).is_some())
        }
        3 => {
            if r.u8("msgGlobalData")? != ber::SEQUENCE {
                return Ok(false);
            }
            ber::length(&mut r, "msgGlobalData")?;
            Ok(r.u8("msgID")? == ber::INTEGER)
        }
        _ => Ok(false),
    }
}

/// Where the message ends.
fn end(bytes: &[u8]) -> Result<usize, Malformed> {
    let mut r = Reader::new(bytes);
    if r.u8("message")? != ber::SEQUENCE {
        return Err(r.impossible("message"));
    }
    let length = ber::length(&mut r, "message")?;
    Ok(r.at().saturating_add(length))
}

/// What is told of an agent by the way it is spoken to.
struct Way<'a> {
    version: &'static str,
    /// Where the version stands.
    span: Span,
    /// Of versions 1 and 2c.
    community: Option<&'static str>,
    /// Of version 3.
    header: Option<Header<'a>>,
}

impl Way<'_> {
    /// Says of an agent that it speaks so.
    fn tell(&self, agent: &Subject, out: &mut Sink<'_>) {
        out.text(agent, keys::VERSION, self.version, self.span);
        if let Some(community) = self.community {
            // The bytes of the community prove nothing that may be kept.
            out.text(agent, keys::COMMUNITY, community, self.span);
        }
        if let Some(header) = &self.header {
            header.tell_protection(agent, out);
        }
    }
}

impl Snmp {
    fn message(
        &mut self,
        bytes: &[u8],
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let mut r = Reader::new(bytes);
        let mut message = pdu::sequence(&mut r, "message")?;
        let version = pdu::integer(&mut message, "version")?;
        let span = Span { at: message.at().saturating_sub(1), len: 1 };
        out.prove_with(message.at());
        let version = match version {
            0 => "1",
            1 => "2c",
            3 => return self.version_3(message, span, input, out),
            _ => return Err(message.impossible("version")),
        };
        let community = ber::expect(&mut message, ber::OCTET_STRING, "community")?;
        let community = Some(kind_of(community.peek()));
        let way = Way { version, span, community, header: None };
        let pdu = Pdu::read(&mut message)?;
        self.data_unit(&pdu, &way, input, out)
    }

    fn version_3(
        &mut self,
        mut message: Reader<'_>,
        span: Span,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let Some(header) = Header::read(&mut message)? else {
            out.count("snmp.other_security_models");
            return Ok(());
        };
        let sender = Subject::node(input.sender());
        // An agent's engine is the authoritative one in what it answers and in its traps, the receiver's in informs and
        // in requests (RFC 3414, 1.5.1).
        let is_of_sender = input.direction == Direction::ToClient || !header.wants_answer();
        if is_of_sender {
            header.tell_engine(&sender, out);
        }
        if header.is_encrypted() {
            out.count("snmp.encrypted_messages");
            if is_of_sender {
                Way { version: "3", span, community: None, header: Some(header) }
                    .tell(&sender, out);
            }
            return Ok(());
        }
        let mut scoped = pdu::sequence(&mut message, "ScopedPDU")?;
        ber::element(&mut scoped, "contextEngineID")?;
        ber::element(&mut scoped, "contextName")?;
        let pdu = Pdu::read(&mut scoped)?;
        let way = Way { version: "3", span, community: None, header: Some(header) };
        self.data_unit(&pdu, &way, input, out)
    }

    fn data_unit(
        &mut self,
        pdu: &Pdu<'_>,
        way: &Way<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let sender = Subject::node(input.sender());
        match pdu.kind {
            Kind::Get => return asked(pdu, out),
            Kind::Set => {
                self.remember(pdu, out);
                out.act(Act::Write, pdu.span);
                return Ok(());
            }
            Kind::Report => return Ok(()),
            Kind::Inform => self.remember(pdu, out),
            Kind::Trap => {}
            Kind::Response => {
                let asked = self.answered(pdu.request);
                // Whoever takes informs repeats their variables, which are not its own.
                if asked == Some(Kind::Inform) || input.flow.attach == Attach::Udp(NOTIFICATIONS) {
                    return Ok(());
                }
                if asked == Some(Kind::Set) {
                    let key = if pdu.failed { keys::WRITE_REFUSED } else { keys::WRITTEN_BY };
                    out.text(&sender, key, &input.receiver().addr.to_string(), pdu.span);
                }
            }
        }
        way.tell(&sender, out);
        if let Some(trap) = &pdu.trap {
            notification::tell_old(trap, &sender, out);
        }
        if pdu.failed { Ok(()) } else { self.variables(pdu, &sender, input, out) }
    }

    /// Says the variables of a data unit whose values are true of its sender.
    fn variables(
        &mut self,
        pdu: &Pdu<'_>,
        agent: &Subject,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let mut all = Variables::of(pdu);
        for variable in all.by_ref() {
            let variable = variable?;
            if matches!(pdu.kind, Kind::Trap | Kind::Inform) {
                notification::tell(&variable, agent, out);
            }
            match variable.name.behind(entity::TABLE) {
                Some([column, row]) if variable.has_value() => {
                    self.entities.say((*column, *row), &variable, agent, input, out);
                }
                _ => objects::say(&variable, agent, out),
            }
        }
        if all.is_cut() {
            out.count("snmp.variables_over_limit");
        }
        Ok(())
    }

    fn remember(&mut self, pdu: &Pdu<'_>, out: &mut Sink<'_>) {
        if self.pending.len() >= SNMP_PENDING_MAX {
            self.pending.pop_front();
            out.count("snmp.pending_over_limit");
        }
        self.pending.push_back((pdu.request, pdu.kind));
    }

    fn answered(&mut self, request: i64) -> Option<Kind> {
        let at = self.pending.iter().position(|(number, _)| *number == request)?;
        self.pending.remove(at).map(|(_, kind)| kind)
    }
}

/// Tells what somebody asks for: who the agent is, or how it does.
fn asked(pdu: &Pdu<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut identifies = true;
    for variable in Variables::of(pdu) {
        identifies &= objects::identifies(&variable?.name);
    }
    if identifies {
        out.act(Act::Identify, pdu.span);
    } else {
        let (at, len) = (pdu.variables.at(), pdu.variables.left());
        out.reads(pdu.span, Span { at, len });
    }
    Ok(())
}

/// Which kind of community it is. Those that agents come with are known to everybody.
fn kind_of(community: &[u8]) -> &'static str {
    if WELL_KNOWN.contains(&community) { "well-known" } else { "own" }
}

/// Communities that agents of many makers come with, and that every scanner tries first.
const WELL_KNOWN: &[&[u8]] =
    &[b"public", b"private", b"PUBLIC", b"PRIVATE", b"Public", b"Private", b""];
/// Port of traps and informs.
const NOTIFICATIONS: u16 = 162;
/// Longer communities are in no standard, and no probe waits for them.
const COMMUNITY_BYTES_MAX: usize = 255;
