//! IEC 60870-5-104: how control centres speak to substations and remote stations over TCP (second edition, 2006, with
//! amendment 1 of 2016; the messages are those of IEC 60870-5-101, 2003).
//!
//! Read: who controls and who is controlled, the common addresses of stations, types of messages, that a station started and
//! why, who commands, resets, sets clocks, loads parameters and moves files, and what was refused. Skipped: all values, quality,
//! time tags, object addresses, and what is in files. With IEC 62351-3 all of it is inside TLS and not seen.
//!
//! ```text
//!   68 | length 1 | control 4 | ASDU, of frames with information only: see asdu.rs
//!                 | I: bit 0 of control 1 is 0     information
//!                 | S: 01 00                       received up to here
//!                 | U: bits 0 and 1 are 1          STARTDT, STOPDT, TESTFR: activate and confirm
//! ```
//!
//! The length counts from the control field on. A frame has 255 bytes at most.

mod asdu;
mod keys;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::IEC104_STATIONS_MAX;
use crate::model::{Act, Key, Subject};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use asdu::Asdu;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "iec104",
    spec: "IEC 60870-5-104 (2006) with Amd 1 (2016), IEC 60870-5-101 (2003)",
    attach: &[Attach::Tcp(2_404)],
    keys: &[keys::ALL],
    probe,
    start: || Box::new(Iec104::default()),
};

/// One connection.
#[derive(Default)]
struct Iec104 {
    roles_told: bool,
    /// Of what is sent to the server of the connection, and to its client.
    ways: [Way; 2],
}

/// What was told of who sends one way. A station tells the same things many times a second: nothing is made for them.
#[derive(Default)]
struct Way {
    /// A bit for each type.
    types: [u128; 2],
    stations: Vec<u16>,
    originator: u8,
}

/// A frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Frame {
    Information,
    Supervisory,
    /// With its function: the first byte of the control field.
    Unnumbered(u8),
}

impl Dissector for Iec104 {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let (frame, length) = match frame(input.bytes) {
            Ok(found) => found,
            Err(malformed) if malformed.need == malformed.have => return Step::Lost(malformed),
            Err(_) => return Step::Need(HEAD_BYTES),
        };
        let Some(bytes) = input.bytes.get(..length) else { return Step::Need(length) };
        match frame {
            Frame::Supervisory => {}
            Frame::Unnumbered(function) => self.unnumbered(function, input, out),
            Frame::Information => {
                if let Err(malformed) = self.information(bytes, input, out) {
                    out.damaged(malformed);
                }
            }
        }
        Step::Used(length)
    }
}

/// Only a whole frame in which everything fits is sure: the start byte is a letter of text.
fn probe(bytes: &[u8]) -> Probe {
    let (frame, length) = match frame(bytes) {
        Ok(found) => found,
        Err(malformed) if malformed.need == malformed.have => return Probe::No,
        Err(_) => return Probe::More,
    };
    match frame {
        Frame::Unnumbered(_) => Probe::Yes,
        Frame::Supervisory => Probe::Maybe,
        Frame::Information => {
            let mut r = Reader::new(bytes);
            let front = r.skip("APCI", HEAD_BYTES).and_then(|()| Asdu::read(&mut r));
            match front {
                Err(_) => Probe::More,
                Ok(asdu) if asdu.is_sound(length.saturating_sub(r.at())) => Probe::Yes,
                // A type of one maker, or of a later edition.
                Ok(asdu) if asdu.kind >= PRIVATE => Probe::Maybe,
                Ok(_) => Probe::No,
            }
        }
    }
}

/// The sort of a frame and its length. Fails as too short while there are too few bytes, and as impossible when more cannot help.
fn frame(bytes: &[u8]) -> Result<(Frame, usize), Malformed> {
    let mut r = Reader::new(bytes);
    if r.u8("start")? != START {
        return Err(r.impossible("start"));
    }
    let length = usize::from(r.u8("length of APDU")?);
    if !(CONTROL_BYTES..=LENGTH_MAX).contains(&length) {
        return Err(r.impossible("length of APDU"));
    }
    let control = r.array::<4>("control field")?;
    let is_bare = length == CONTROL_BYTES;
    let frame = match control {
        [first, _, third, _] if first & 1 == 0 && third & 1 == 0 && length >= ASDU_BYTES_MIN => {
            Frame::Information
        }
        [1, 0, third, _] if third & 1 == 0 && is_bare => Frame::Supervisory,
        [function, 0, 0, 0] if FUNCTIONS.contains(&function) && is_bare => {
            Frame::Unnumbered(function)
        }
        _ => return Err(r.impossible("control field")),
    };
    Ok((frame, length.saturating_add(2)))
}

impl Iec104 {
    fn tell_roles(&mut self, controls: bool, span: Span, input: &Input<'_>, out: &mut Sink<'_>) {
        if !std::mem::replace(&mut self.roles_told, true) {
            let (sender, receiver) = (input.sender(), input.receiver());
            let (controlling, controlled) =
                if controls { (sender, receiver) } else { (receiver, sender) };
            out.text(&Subject::node(controlled), keys::ROLE, "controlled station", span);
            out.text(&Subject::node(controlling), keys::ROLE, "controlling station", span);
        }
    }

    /// STARTDT and STOPDT are asked for by the controlling station only; both test.
    fn unnumbered(&mut self, function: u8, input: &Input<'_>, out: &mut Sink<'_>) {
        let span = Span { at: CONTROL_AT, len: 1 };
        match function {
            STARTDT_ACTIVATE | STOPDT_ACTIVATE => self.tell_roles(true, span, input, out),
            STARTDT_CONFIRM | STOPDT_CONFIRM => self.tell_roles(false, span, input, out),
            _ => {}
        }
    }

    fn information(
        &mut self,
        bytes: &[u8],
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let mut r = Reader::new(bytes);
        r.skip("APCI", HEAD_BYTES)?;
        let asdu = Asdu::read(&mut r)?;
        if asdu.kind < PRIVATE && !asdu.is_sound(r.left()) {
            return Err(r.impossible("ASDU"));
        }
        let is_of_controlled = asdu::is_monitored(asdu.kind)
            || (asdu.kind < PRIVATE && !is_file(asdu.kind) && !is_asked(asdu.cause));
        let is_of_controlling =
            is_asked(asdu.cause) && !asdu::is_monitored(asdu.kind) && asdu.kind < PRIVATE;
        if is_of_controlled || is_of_controlling {
            self.tell_roles(is_of_controlling, asdu.kind_span, input, out);
        }
        self.sent(&asdu, is_of_controlled, is_of_controlling, input, out);
        if is_of_controlling {
            asked(&asdu, Span { at: r.at(), len: r.left() }, input, out);
        } else if is_of_controlled {
            answered(&asdu, &mut r, input, out)?;
        }
        if asdu.kind == asdu::FILE_LAST && asdu.cause == asdu::FILE {
            by(keys::FILE_TRANSFER, &asdu, input, out);
        }
        Ok(())
    }

    /// Says of the sender what it sends, and for whom; each thing once for each connection.
    fn sent(
        &mut self,
        asdu: &Asdu,
        is_of_controlled: bool,
        is_of_controlling: bool,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) {
        let [to_server, to_client] = &mut self.ways;
        let way = match input.direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        };
        let sender = Subject::node(input.sender());
        let [low, high] = &mut way.types;
        let told = if asdu.kind < 128 { low } else { high };
        let bit = 1_u128.checked_shl(u32::from(asdu.kind & 0x7f)).unwrap_or_default();
        if *told & bit == 0 {
            *told |= bit;
            out.text(&sender, keys::TYPE, &asdu.name(), asdu.kind_span);
        }
        let station = asdu.common_address;
        // All ones is every station; and what is refused may be because the station is not there.
        let is_there =
            station != u16::MAX && !asdu.is_negative && asdu::unknown(asdu.cause).is_none();
        if is_of_controlled && is_there && !way.stations.contains(&station) {
            if way.stations.len() < IEC104_STATIONS_MAX {
                way.stations.push(station);
            } else {
                out.count("iec104.stations_over_limit");
            }
            out.uint(&sender, keys::COMMON_ADDRESS, station, asdu.common_address_span);
        }
        if is_of_controlling && asdu.originator != 0 && asdu.originator != way.originator {
            way.originator = asdu.originator;
            out.uint(&sender, keys::ORIGINATOR_ADDRESS, asdu.originator, asdu.originator_span);
        }
    }
}

/// What a controlling station asks for.
fn asked(asdu: &Asdu, objects: Span, input: &Input<'_>, out: &mut Sink<'_>) {
    let span = asdu.kind_span;
    let is_attempt = match asdu.kind {
        asdu::INTERROGATION | asdu::COUNTER_INTERROGATION | asdu::READ => {
            let question = Span {
                at: asdu.common_address_span.at,
                len: objects.len.saturating_add(asdu.common_address_span.len),
            };
            out.reads(span, question);
            false
        }
        asdu::RESET => {
            out.act(Act::Control, span);
            true
        }
        kind if asdu::is_command(kind) || asdu::is_parameter(kind) || kind == asdu::CLOCK => {
            out.act(Act::Write, span);
            true
        }
        _ => false,
    };
    if is_attempt && asdu.cause == asdu::ACTIVATION {
        attempt(asdu, input, out);
    }
}

/// What a controlled station answers, or tells by itself.
fn answered(
    asdu: &Asdu,
    r: &mut Reader<'_>,
    input: &Input<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let sender = Subject::node(input.sender());
    let refused =
        asdu::unknown(asdu.cause).or_else(|| asdu.is_negative.then_some("negative confirmation"));
    if let Some(why) = refused {
        out.text(&sender, keys::REFUSED, &format!("{}: {why}", asdu.name()), asdu.cause_span);
        return Ok(());
    }
    if asdu.kind == asdu::END_OF_INITIALIZATION {
        r.skip("information object address", 3)?;
        let start = r.at();
        let cause = r.u8("cause of initialization")?;
        let why = match cause & INITIALIZATION {
            0 => "local power switch on",
            1 => "local manual reset",
            2 => "remote reset",
            _ => "other cause",
        };
        out.text(&sender, keys::INITIALIZED, why, r.since(start));
    }
    if asdu.cause == asdu::ACTIVATION_CONFIRMED {
        match asdu.kind {
            asdu::RESET => by(keys::PROCESS_RESET, asdu, input, out),
            asdu::CLOCK => by(keys::CLOCK_CHANGE, asdu, input, out),
            kind if asdu::is_parameter(kind) => by(keys::PARAMETER_CHANGE, asdu, input, out),
            kind if asdu::is_command(kind) => by(keys::COMMANDER, asdu, input, out),
            _ => {}
        }
    }
    Ok(())
}

/// Says what somebody tries to change, of the address that it was sent to.
fn attempt(asdu: &Asdu, input: &Input<'_>, out: &mut Sink<'_>) {
    let target = Subject::node(input.receiver());
    let what = format!("{} by {}", asdu.name(), input.sender().addr);
    out.text(&target, keys::ATTEMPT, &what, asdu.kind_span);
}

/// Says who had something done, of the station that tells it.
fn by(key: Key, asdu: &Asdu, input: &Input<'_>, out: &mut Sink<'_>) {
    let station = Subject::node(input.sender());
    out.text(&station, key, &input.receiver().addr.to_string(), asdu.kind_span);
}

/// Causes of what a controlling station sends: a request, an activation, a deactivation.
fn is_asked(cause: u8) -> bool {
    matches!(cause, asdu::REQUEST | asdu::ACTIVATION | 8)
}

/// Files go both ways under one cause.
fn is_file(kind: u8) -> bool {
    matches!(kind, 120..=127)
}

const START: u8 = 0x68;
const HEAD_BYTES: usize = 6;
const CONTROL_AT: usize = 2;
const CONTROL_BYTES: usize = 4;
/// Control field, and an ASDU with one object address.
const ASDU_BYTES_MIN: usize = 13;
const LENGTH_MAX: usize = 253;
/// The first type that makers may give a meaning of their own.
const PRIVATE: u8 = 128;
const INITIALIZATION: u8 = 0x7f;

const STARTDT_ACTIVATE: u8 = 0x07;
const STARTDT_CONFIRM: u8 = 0x0b;
const STOPDT_ACTIVATE: u8 = 0x13;
const STOPDT_CONFIRM: u8 = 0x23;
/// Those, and TESTFR.
const FUNCTIONS: &[u8] =
    &[STARTDT_ACTIVATE, STARTDT_CONFIRM, STOPDT_ACTIVATE, STOPDT_CONFIRM, 0x43, 0x83];
