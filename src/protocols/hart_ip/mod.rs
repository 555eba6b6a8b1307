//! HART-IP (HCF_SPEC-085): transmitters and positioners behind gateways and multiplexers, and those that are on the network
//! themselves.
//!
//! Read: sessions, the commands of token-passing PDUs, identity of devices (commands 0, 11, 21 and, of those behind a gateway,
//! 84), tags, messages and long tags (12, 13, 16, 20), their status, and what is done to them. Measured values are never
//! kept. Direct PDUs, discovery and TLS are passed over.
//!
//! ```text
//! 0         1              2            3        4          6            8
//! ┌─────────┬──────────────┬────────────┬────────┬──────────┬────────────┬──────┐
//! │ version │ message type │ message ID │ status │ sequence │ byte count │ body │  big-endian; all is counted
//! └─────────┴──────────────┴────────────┴────────┴──────────┴────────────┴──────┘
//! ```
//!
//! Every device is a part of the server, by its unique address; a server that is a gateway says who it is of itself, too. An
//! answer repeats its command, so that nothing has to be remembered.

mod command;
mod keys;
mod pdu;
mod report;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use crate::flow::{Attach, Input};
use crate::model::limits::HART_IP_MESSAGE_BYTES_MAX;
use crate::model::{Act, Subject};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use pdu::{Pdu, Unique};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "hart_ip",
    spec: "HCF_SPEC-085 (HART-IP), HCF_SPEC-081 (token-passing data link), HCF_SPEC-127 (universal commands), HCF_SPEC-151",
    attach: &[Attach::Tcp(PORT), Attach::Udp(PORT)],
    keys: &[keys::ALL],
    probe,
    start: || Box::new(HartIp::default()),
};

#[derive(Default)]
struct HartIp {
    /// Whether client and server were told.
    told: [bool; 2],
    /// Who answered last: a poll hears the same one many times a second.
    answered: Option<(Unique, Subject)>,
}

/// The header of a message.
#[derive(Clone, Copy)]
struct Head {
    is_answer: bool,
    id: u8,
    length: usize,
}

impl Dissector for HartIp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let have = input.bytes.len();
        let head = match Head::read(&mut Reader::new(input.bytes)) {
            Ok(head) => head,
            Err(malformed) if input.whole => {
                out.damaged(malformed);
                return Step::Used(have.max(1));
            }
            Err(malformed) if malformed.need == malformed.have => return Step::Lost(malformed),
            Err(_) => return Step::Need(HEADER_BYTES),
        };
        let Some(bytes) = input.bytes.get(..head.length) else {
            if input.whole {
                let (need, at) = (head.length, HEADER_BYTES);
                out.damaged(Malformed { field: "byte count", at, need, have });
                return Step::Used(have.max(1));
            }
            return Step::Need(head.length);
        };
        if let Err(malformed) = self.message(head, bytes, input, out) {
            out.damaged(malformed);
        }
        Step::Used(head.length)
    }
}

/// The opening of a session, or a frame of the line with a right checksum, can be nothing else.
fn probe(bytes: &[u8]) -> Probe {
    let mut r = Reader::new(bytes);
    let head = match Head::read(&mut r) {
        Ok(head) => head,
        Err(malformed) if malformed.need == malformed.have => return Probe::No,
        Err(_) => return Probe::More,
    };
    let Some(body) = bytes.get(HEADER_BYTES..head.length) else { return Probe::More };
    match (head.id, body) {
        (INITIATE, [SECONDARY..=PRIMARY, _, _, _, _]) if bytes.get(STATUS_AT) == Some(&0) => {
            Probe::Yes
        }
        (TOKEN_PASSING, body) if Pdu::read(Reader::new(body)).is_ok() => Probe::Yes,
        (TOKEN_PASSING, _) => Probe::No,
        _ => Probe::Maybe,
    }
}

impl HartIp {
    fn message(
        &mut self,
        head: Head,
        bytes: &[u8],
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        self.tell_role(head, input, out);
        let mut r = Reader::new(bytes);
        r.skip("header", HEADER_BYTES)?;
        match head.id {
            INITIATE if !head.is_answer => {
                let start = r.at();
                let kind = match r.u8("master type")? {
                    SECONDARY => "secondary",
                    PRIMARY => "primary",
                    _ => return Err(r.impossible("master type")),
                };
                let client = Subject::node(input.sender());
                out.text(&client, keys::MASTER_TYPE, kind, r.since(start));
                Ok(())
            }
            TOKEN_PASSING => {
                let pdu = Pdu::read(r)?;
                if pdu.is_answer {
                    self.answer(pdu, input, out)
                } else {
                    request(&pdu, input, out);
                    Ok(())
                }
            }
            _ => Ok(()),
        }
    }

    /// Says who asks and who answers; once for each conversation.
    fn tell_role(&mut self, head: Head, input: &Input<'_>, out: &mut Sink<'_>) {
        let [client, server] = &mut self.told;
        let (told, role) = if head.is_answer { (server, "server") } else { (client, "client") };
        if !*told {
            *told = true;
            let span = Span { at: TYPE_AT, len: 1 };
            out.text(&Subject::node(input.sender()), keys::ROLE, role, span);
        }
    }

    fn answer(
        &mut self,
        pdu: Pdu<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let server = input.sender();
        let is_sound = pdu.response_code & COMMUNICATION_ERROR == 0;
        let identifies = matches!(
            pdu.command,
            command::READ_IDENTIFIER | command::IDENTIFIER_BY_TAG | command::IDENTIFIER_BY_LONG_TAG
        );
        if identifies && is_sound && pdu.response_code == 0 {
            report::identity(server, pdu.data.clone(), out)?;
        }
        // Of a short frame nothing but the command itself tells whose answer it is.
        let Some(unique) = pdu.unique else { return Ok(()) };
        if self
            .answered
            .as_ref()
            .is_none_or(|(known, subject)| *known != unique || subject.node != server)
        {
            self.answered = Some((unique, report::device(server, unique)));
        }
        let Some((_, subject)) = &self.answered else { return Ok(()) };
        out.uint(subject, keys::COMMAND, pdu.command, pdu.span);
        if !is_sound {
            return Ok(());
        }
        let status_at = pdu.data.at().saturating_sub(if pdu.command > 0xff { 3 } else { 1 });
        tell_status(subject, pdu.device_status, Span { at: status_at, len: 1 }, out);
        if let Some((what, done)) = command::deed(pdu.command) {
            let who = input.receiver().addr;
            if pdu.response_code == 0 {
                out.text(subject, done, &who.to_string(), pdu.span);
            } else {
                let text = format!("{what} by {who}: {}", pdu.response_code);
                out.text(subject, keys::REFUSED, &text, pdu.span);
            }
            return Ok(());
        }
        if pdu.response_code != 0 {
            return Ok(());
        }
        let mut r = pdu.data;
        match pdu.command {
            command::READ_MESSAGE => report::packed(subject, keys::MESSAGE, &mut r, 24, out),
            command::READ_TAG => {
                report::packed(subject, keys::TAG, &mut r, 6, out)?;
                report::packed(subject, keys::DESCRIPTOR, &mut r, 12, out)
            }
            command::READ_ASSEMBLY => {
                let start = r.at();
                let [a, b, c] = r.array("final assembly number")?;
                let number = u32::from_be_bytes([0, a, b, c]);
                out.uint(subject, keys::FINAL_ASSEMBLY_NUMBER, number, r.since(start));
                Ok(())
            }
            command::READ_LONG_TAG => report::latin(subject, keys::LONG_TAG, &mut r, out),
            command::READ_SUB_DEVICE => report::sub_device(server, r, out),
            _ => Ok(()),
        }
    }
}

/// Says the bits of the device status that tell how the device is, and not what it measures.
fn tell_status(subject: &Subject, status: u8, span: Span, out: &mut Sink<'_>) {
    let text = match status & STATUS_BITS {
        0x00 => "none",
        0x20 => "cold start",
        0x40 => "configuration changed",
        0x60 => "configuration changed, cold start",
        0x80 => "device malfunction",
        0xa0 => "device malfunction, cold start",
        0xc0 => "device malfunction, configuration changed",
        _ => "device malfunction, configuration changed, cold start",
    };
    out.text(subject, keys::DEVICE_STATUS, text, span);
}

/// Tells what a command is for.
fn request(pdu: &Pdu<'_>, input: &Input<'_>, out: &mut Sink<'_>) {
    let client = input.sender();
    out.uint(&Subject::node(client), keys::COMMAND, pdu.command, pdu.span);
    match command::act(pdu.command) {
        Some(Act::Read) => {
            let end = pdu.data.at().saturating_add(pdu.data.left());
            let len = end.saturating_sub(PDU_AT);
            out.reads(pdu.span, Span { at: PDU_AT, len });
        }
        Some(act) => out.act(act, pdu.span),
        None => {}
    }
    if let Some((what, _)) = command::deed(pdu.command) {
        let whose = pdu.unique.map_or_else(
            || "a device".to_owned(),
            |unique| unique.0.iter().map(|byte| format!("{byte:02x}")).collect(),
        );
        let text = format!("{what} of {whose} by {}", client.addr);
        out.text(&Subject::node(input.receiver()), keys::ATTEMPT, &text, pdu.span);
    }
}

impl Head {
    fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        if !matches!(r.u8("version")?, 1 | 2) {
            return Err(r.impossible("version"));
        }
        let is_answer = match r.u8("message type")? {
            REQUEST => false,
            RESPONSE | PUBLISH | NAK => true,
            _ => return Err(r.impossible("message type")),
        };
        let id = r.u8("message ID")?;
        if !matches!(id, INITIATE..=AUDIT_LOG | DISCOVERY) {
            return Err(r.impossible("message ID"));
        }
        r.skip("status, sequence number", 3)?;
        let length = usize::from(r.u16_be("byte count")?);
        if !(HEADER_BYTES..=HART_IP_MESSAGE_BYTES_MAX).contains(&length) {
            return Err(r.impossible("byte count"));
        }
        Ok(Self { is_answer, id, length })
    }
}

/// Registered port, hart-ip.
const PORT: u16 = 5_094;
const HEADER_BYTES: usize = 8;
const TYPE_AT: usize = 1;
const STATUS_AT: usize = 3;
const PDU_AT: usize = HEADER_BYTES;
const REQUEST: u8 = 0;
const RESPONSE: u8 = 1;
const PUBLISH: u8 = 2;
const NAK: u8 = 15;
const INITIATE: u8 = 0;
const TOKEN_PASSING: u8 = 3;
const AUDIT_LOG: u8 = 5;
const DISCOVERY: u8 = 128;
const SECONDARY: u8 = 0;
const PRIMARY: u8 = 1;
/// Set in the response code when the frame came damaged to the device.
const COMMUNICATION_ERROR: u8 = 0x80;
/// Device malfunction, configuration changed, cold start.
const STATUS_BITS: u8 = 0xe0;
