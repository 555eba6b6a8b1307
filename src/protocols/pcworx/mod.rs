//! PCWorx, by which the programming software of Phoenix Contact talks to controllers ILC, AXC and RFC. Its protocol is not
//! published; it is read as nmap's pcworx-info does.
//!
//! Read: what a controller says of itself when it is asked. Skipped: everything else.
//!
//! ```text
//! 0      1         2        4          6        8
//! ┌──────┬─────────┬────────┬──────────┬────────┬──────     big-endian; the length counts from the first byte on
//! │ 01   │ command │ length │ sequence │ status │ data …    answers have 81 in front
//! └──────┴─────────┴────────┴──────────┴────────┴──────
//! answer to command 6: texts at 30 (type), 66 (firmware), 79 (its date), 91 (its time), 152 (order number), each up to a zero
//! ```

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::{Act, Key, Subject};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Reader, Span, text};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "pcworx",
    spec: "Phoenix Contact PC Worx as nmap's pcworx-info reads it",
    attach: &[Attach::Tcp(1_962)],
    keys: &[&[FIRMWARE_DATE, FIRMWARE_TIME, FIRMWARE_VERSION, MODEL_NUMBER, PLC_TYPE]],
    probe,
    start: || Box::new(PcWorx),
};

/// Day on which the firmware was made.
const FIRMWARE_DATE: Key = Key::one("pcworx.firmware_date");
/// Time at which it was made.
const FIRMWARE_TIME: Key = Key::one("pcworx.firmware_time");
/// Version of the firmware.
const FIRMWARE_VERSION: Key = Key::one("pcworx.firmware_version");
/// Order number.
const MODEL_NUMBER: Key = Key::one("pcworx.model_number");
/// Type of the controller: `ILC 330 ETH`.
const PLC_TYPE: Key = Key::one("pcworx.plc_type");

#[derive(Default)]
struct PcWorx;

impl Dissector for PcWorx {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let mut r = Reader::new(input.bytes);
        let Ok(kind) = r.u8("kind") else { return Step::Need(1) };
        if !matches!(kind, QUESTION | ANSWER) {
            return Step::Lost(r.impossible("kind"));
        }
        let (Ok(command), Ok(length)) = (r.u8("command"), r.u16_be("length")) else {
            return Step::Need(HEAD_BYTES);
        };
        let length = usize::from(length);
        if length < HEAD_BYTES {
            return Step::Lost(r.impossible("length"));
        }
        if command != INFORMATION {
            return Step::Used(length);
        }
        if kind == QUESTION {
            out.act(Act::Identify, Span { at: 1, len: 1 });
            return Step::Used(length);
        }
        // Nothing but the answer's own length tells how much of it there is.
        if input.bytes.len() < length {
            return Step::Need(length);
        }
        if input.direction == Direction::ToClient && length >= ANSWER_BYTES_MIN {
            let message = input.bytes.get(..length).unwrap_or_default();
            tell(message, &Subject::node(input.sender()), out);
        }
        Step::Used(length)
    }
}

fn tell(message: &[u8], device: &Subject, out: &mut Sink<'_>) {
    for (key, at, most) in FIELDS {
        let field = message.get(*at..).unwrap_or_default();
        let field = text::until_nul(field.get(..*most).unwrap_or(field));
        readable::say(out, device, *key, field, Span { at: *at, len: field.len() });
    }
}

/// The first message names the service that is wanted; on its port a header that fits is enough.
fn probe(bytes: &[u8]) -> Probe {
    let mut r = Reader::new(bytes);
    let (Ok(kind), Ok(command)) = (r.u8("kind"), r.u8("command")) else { return Probe::More };
    if !matches!(kind, QUESTION | ANSWER) || !(1..=COMMAND_LAST).contains(&command) {
        return Probe::No;
    }
    let Ok(length) = r.u16_be("length") else { return Probe::More };
    let length = usize::from(length);
    if length < HEAD_BYTES || bytes.len() > length {
        return Probe::No;
    }
    if bytes.len() < length && length <= SERVICE_BYTES {
        return Probe::More;
    }
    let names = bytes.get(SERVICE_AT..).is_some_and(|rest| rest.starts_with(SERVICE));
    if kind == QUESTION && names { Probe::Yes } else { Probe::Maybe }
}

/// What is told, where it stands, and how long it can be.
const FIELDS: &[(Key, usize, usize)] = &[
    (PLC_TYPE, 30, 36),
    (FIRMWARE_VERSION, 66, 13),
    (FIRMWARE_DATE, 79, 12),
    (FIRMWARE_TIME, 91, 20),
    (MODEL_NUMBER, 152, 20),
];

const QUESTION: u8 = 0x01;
const ANSWER: u8 = 0x81;
const INFORMATION: u8 = 0x06;
const COMMAND_LAST: u8 = 0x20;
const HEAD_BYTES: usize = 4;
const ANSWER_BYTES_MIN: usize = 153;
/// The service that the first message asks for.
const SERVICE: &[u8] = b"IBETH01N0_M\0";
const SERVICE_AT: usize = 14;
const SERVICE_BYTES: usize = 26;
