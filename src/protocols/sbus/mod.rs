//! S-Bus over UDP, Ether-S-Bus (Saia-Burgess 26/739, S-Bus manual, and 26/776, Ethernet TCP/IP; codes as Wireshark describes
//! them): PCD controllers.
//!
//! Read: who asks which station, CPU type and firmware version, modules, status of CPUs, and what is done to stations. Values
//! and programs are never kept.
//!
//! ```text
//! 0        4         5      6          8           9         10        11
//! ┌────────┬─────────┬──────┬──────────┬───────────┬─────────┬─────────┬────────┬─────┐
//! │ length │ version │ type │ sequence │ attribute │ station │ command │ data   │ CRC │  big-endian; all is counted
//! └────────┴─────────┴──────┴──────────┴───────────┴─ in requests only ┴────────┴─────┘
//! ```
//!
//! Answers repeat neither station nor command: requests are remembered by their sequence number, a bounded number of them. A
//! telegram with a wrong CRC costs itself.

mod command;
mod keys;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use std::collections::VecDeque;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::SBUS_PENDING_MAX;
use crate::model::{Act, Hop, Subject, Unit};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use command::Command;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "sbus",
    spec: "Saia-Burgess 26/739 (S-Bus), 26/776 (Ethernet TCP/IP); telegram codes as Wireshark describes them",
    attach: &[Attach::Udp(PORT)],
    keys: &[keys::ALL],
    probe,
    start: || Box::new(Sbus::default()),
};

#[derive(Default)]
struct Sbus {
    /// Whether client and server were told.
    told: [bool; 2],
    /// Requests that wait for their answers, the oldest first.
    pending: VecDeque<Request>,
}

struct Request {
    sequence: u16,
    station: u8,
    code: u8,
    /// First bytes of the data: which system information was asked for.
    about: Option<[u8; 2]>,
    command: Command,
}

/// A telegram with a right CRC.
struct Telegram<'a> {
    sequence: u16,
    attribute: u8,
    data: Reader<'a>,
}

impl Dissector for Sbus {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = self.telegram(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }

    fn gap(&mut self, _direction: Direction) {
        self.pending.clear();
    }
}

/// The CRC makes it sure.
fn probe(bytes: &[u8]) -> Probe {
    match Telegram::read(bytes) {
        Ok(_) => Probe::Yes,
        Err(_) => Probe::No,
    }
}

impl<'a> Telegram<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        let length = usize::try_from(r.u32_be("length")?).unwrap_or(usize::MAX);
        if length < LENGTH_MIN {
            return Err(r.impossible("length"));
        }
        let body = length.saturating_sub(LENGTH_BYTES).saturating_sub(CRC_BYTES);
        let mut data = r.sub("telegram", body)?;
        let sum = r.u16_be("CRC")?;
        let end = length.saturating_sub(CRC_BYTES);
        if bytes.get(..end).map(crc) != Some(sum) {
            return Err(r.impossible("CRC"));
        }
        if data.u8("version")? > 1 || data.u8("protocol type")? != 0 {
            return Err(data.impossible("version, protocol type"));
        }
        let sequence = data.u16_be("sequence number")?;
        let attribute = data.u8("attribute")?;
        if attribute > ACKNOWLEDGE {
            return Err(data.impossible("attribute"));
        }
        Ok(Self { sequence, attribute, data })
    }
}

impl Sbus {
    fn telegram(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        let telegram = Telegram::read(input.bytes)?;
        let is_answer = telegram.attribute != REQUEST;
        let [client, server] = &mut self.told;
        let (told, role) = if is_answer { (server, "server") } else { (client, "client") };
        if !*told {
            *told = true;
            let span = Span { at: ATTRIBUTE_AT, len: 1 };
            out.text(&Subject::node(input.sender()), keys::ROLE, role, span);
        }
        if is_answer {
            self.answer(telegram, input, out)
        } else {
            self.request(telegram, input, out)
        }
    }

    fn request(
        &mut self,
        telegram: Telegram<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let mut r = telegram.data;
        let question = r.at();
        let station = r.u8("station")?;
        let start = r.at();
        let code = r.u8("command")?;
        let span = r.since(start);
        let Some(command) = command::of(code) else {
            out.count("sbus.unknown_commands");
            return Ok(());
        };
        let client = input.sender();
        out.text(&Subject::node(client), keys::COMMAND, command.name, span);
        match command.act {
            Some(Act::Read) => {
                let len = r.left().saturating_add(2);
                out.reads(span, Span { at: question, len });
            }
            Some(act) => out.act(act, span),
            None => {}
        }
        if command.done.is_some_and(|done| done != keys::WRITER) {
            let text = format!("{} of station {station} by {}", command.name, client.addr);
            out.text(&Subject::node(input.receiver()), keys::ATTEMPT, &text, span);
        }
        if self.pending.len() >= SBUS_PENDING_MAX {
            self.pending.pop_front();
        }
        let about = r.peek().first_chunk().copied();
        let sequence = telegram.sequence;
        self.pending.push_back(Request { sequence, station, code, about, command });
        Ok(())
    }

    fn answer(
        &mut self,
        telegram: Telegram<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let is_its = |request: &Request| request.sequence == telegram.sequence;
        let Some(at) = self.pending.iter().position(is_its) else { return Ok(()) };
        let Some(request) = self.pending.remove(at) else { return Ok(()) };
        let unit = Some(Unit([Hop::Station(request.station.into())].into()));
        let subject = Subject { node: input.sender(), unit };
        let mut r = telegram.data;
        if telegram.attribute == ACKNOWLEDGE {
            let start = r.at();
            let code = r.u16_be("acknowledge code")?;
            let Some(done) = request.command.done else { return Ok(()) };
            let who = input.receiver().addr;
            if code == 0 {
                out.text(&subject, done, &who.to_string(), r.since(start));
            } else if done != keys::WRITER {
                let text = format!("{} by {who}", request.command.name);
                out.text(&subject, keys::REFUSED, &text, r.since(start));
            }
            return Ok(());
        }
        report(&request, &subject, &mut r, out)
    }
}

/// What a station says of itself.
fn report(
    request: &Request,
    subject: &Subject,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    match (request.code, request.about) {
        (command::FIRMWARE, _) => {
            for (key, len) in [(keys::CPU_TYPE, 5), (keys::FIRMWARE_VERSION, 3)] {
                let start = r.at();
                let bytes = r.bytes("CPU type, firmware version", len)?;
                readable::say(out, subject, key, bytes, r.since(start));
            }
        }
        (command::OWN_STATUS, _) => {
            let start = r.at();
            let status = match r.u8("status")? {
                b'C' => "conditional run",
                b'D' => "disconnected",
                b'H' => "halt",
                b'R' => "run",
                b'S' => "stop",
                _ => return Ok(()),
            };
            out.text(subject, keys::STATUS, status, r.since(start));
        }
        (command::SYSTEM_INFORMATION, Some(MODULE_INFORMATION)) => {
            r.skip("length, place", 5)?;
            let start = r.at();
            let rest = r.peek();
            let Some(end) = rest.iter().position(|byte| *byte == 0) else { return Ok(()) };
            let name = r.bytes("module", end)?;
            if name.starts_with(b"PCD") {
                readable::say(out, subject, keys::MODULE, name, r.since(start));
            }
        }
        _ => {}
    }
    Ok(())
}

/// The checksum of a telegram: polynomial 0x1021, from 0 on.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum: u16, byte| {
        let [high, _] = sum.to_be_bytes();
        let step = CRC_STEPS.get(usize::from(high ^ byte)).copied().unwrap_or_default();
        (sum << 8) ^ step
    })
}

/// What each byte does to the checksum.
const CRC_STEPS: [u16; 256] = crc_steps();

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // evaluated by the compiler only
const fn crc_steps() -> [u16; 256] {
    let mut steps = [0; 256];
    let mut byte = 0_u16;
    let mut at = 0;
    while at < steps.len() {
        let mut step = byte << 8;
        let mut bit = 0;
        while bit < 8 {
            step = if step & 0x8000 != 0 { (step << 1) ^ 0x1021 } else { step << 1 };
            bit += 1;
        }
        steps[at] = step;
        byte += 1;
        at += 1;
    }
    steps
}

/// Registered port of Ether-S-Bus.
const PORT: u16 = 5_050;
const LENGTH_BYTES: usize = 4;
const CRC_BYTES: usize = 2;
/// Header and CRC.
const LENGTH_MIN: usize = 11;
const ATTRIBUTE_AT: usize = 8;
const REQUEST: u8 = 0;
const ACKNOWLEDGE: u8 = 2;
/// The system information that names modules.
const MODULE_INFORMATION: [u8; 2] = [0, 4];
