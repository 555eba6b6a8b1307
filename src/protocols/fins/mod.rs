//! FINS of Omron over UDP and TCP (Omron W342, CS/CJ/CP/NSJ-series Communications Commands Reference Manual, section 5; W421
//! and W465 for the frames of Ethernet).
//!
//! Read: who asks and who answers, model and version of controllers and of units in their racks, mode and errors of CPU
//! units, names, and what is done to them. Values of memory, programs and files are never kept.
//!
//! ```text
//! 0        4        8         12           16
//! ┌────────┬────────┬─────────┬────────────┐
//! │ "FINS" │ length │ command │ error code │  in front of each frame over TCP, big-endian
//! └────────┴────────┴─────────┴────────────┘
//! 0     1     2     3     4     5     6     7     8     9     10        12
//! ┌─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────────┬──────────────────────┐
//! │ ICF │ RSV │ GCT │ DNA │ DA1 │ DA2 │ SNA │ SA1 │ SA2 │ SID │ command │ end code (answers) … │
//! └─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────────┴──────────────────────┘
//! ```
//!
//! Addresses are network, node and unit: unit 0 is the CPU unit. A CPU unit in the network of the asker (0) is the device
//! behind the IP address; other units of its rack, and what it passes on to other networks, are parts of it, told as
//! `network 2 address 5.16`. An answer repeats its command, so that nothing has to be remembered.

mod command;
mod keys;
mod report;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use crate::flow::{Attach, Input};
use crate::model::limits::FINS_FRAME_BYTES_MAX;
use crate::model::{Act, Hop, Node, Subject, Unit};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use command::Command;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "fins",
    spec: "Omron W342-E1 (FINS commands), W421-E1 and W465-E1 (FINS/UDP and FINS/TCP)",
    attach: &[Attach::Tcp(PORT), Attach::Udp(PORT)],
    keys: &[keys::ALL],
    probe,
    start: || Box::new(Fins::default()),
};

#[derive(Default)]
struct Fins {
    /// Whether client and server were told.
    told: [bool; 2],
    /// Who answered last, and its address: a poll hears the same one many times a second.
    answered: Option<(Address, Subject)>,
}

/// Where a command goes to, or an answer comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Address {
    ip: Node,
    network: u8,
    node: u8,
    unit: u8,
}

/// The header of a frame.
struct Head {
    is_answer: bool,
    destination: [u8; 3],
    source: [u8; 3],
    code: u16,
    /// Where the command code stands.
    span: Span,
}

impl Dissector for Fins {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        // Behind the command may stand a password of the program's protection.
        out.prove_with(if input.whole { HEADER_BYTES } else { TCP_PROOF_BYTES });
        if input.whole {
            let frame = match input.bytes.first_chunk() {
                Some(TCP_MAGIC) => self.tcp(input.bytes, input, out),
                _ => self.frame(Reader::new(input.bytes), input, out),
            };
            if let Err(malformed) = frame {
                out.damaged(malformed);
            }
            return Step::Used(input.bytes.len().max(1));
        }
        let length = match length(input.bytes) {
            Ok(length) => length,
            Err(malformed) if malformed.need == malformed.have => return Step::Lost(malformed),
            Err(_) => return Step::Need(LENGTH_END),
        };
        let Some(bytes) = input.bytes.get(..length) else { return Step::Need(length) };
        if let Err(malformed) = self.tcp(bytes, input, out) {
            out.damaged(malformed);
        }
        Step::Used(length)
    }
}

/// Over TCP a word in front makes it sure. A frame alone is believed where it is expected.
fn probe(bytes: &[u8]) -> Probe {
    match length(bytes) {
        Ok(_) => return Probe::Yes,
        Err(malformed) if malformed.need != malformed.have => return Probe::More,
        Err(_) => {}
    }
    match Head::read(&mut Reader::new(bytes)) {
        Ok(head) if command::of(head.code).is_some() => Probe::Maybe,
        Err(malformed) if malformed.need != malformed.have => Probe::More,
        _ => Probe::No,
    }
}

/// Bytes of the first message over TCP.
fn length(bytes: &[u8]) -> Result<usize, Malformed> {
    let mut r = Reader::new(bytes);
    for letter in TCP_MAGIC {
        if r.u8("header")? != *letter {
            return Err(r.impossible("header"));
        }
    }
    let length = usize::try_from(r.u32_be("length")?).unwrap_or(usize::MAX);
    if !(TCP_LENGTH_MIN..=FINS_FRAME_BYTES_MAX).contains(&length) {
        return Err(r.impossible("length"));
    }
    Ok(LENGTH_END.saturating_add(length))
}

impl Fins {
    /// A message of FINS/TCP.
    fn tcp(
        &mut self,
        bytes: &[u8],
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let mut r = Reader::new(bytes);
        r.skip("header, length", LENGTH_END)?;
        let command = r.u32_be("command")?;
        r.skip("error code", 4)?;
        match command {
            SEND_FRAME => self.frame(r, input, out),
            SERVER_NODE => {
                r.skip("client node address", 4)?;
                let start = r.at();
                let node = r.u32_be("server node address")?;
                let server = Subject::node(input.sender());
                out.uint(&server, keys::NODE_NUMBER, node, r.since(start));
                Ok(())
            }
            CLIENT_NODE | ERROR | CONFIRM => Ok(()),
            _ => Err(r.impossible("command")),
        }
    }

    fn frame(
        &mut self,
        mut r: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let head = Head::read(&mut r)?;
        self.tell_role(&head, input, out);
        let Some(command) = command::of(head.code) else {
            out.count("fins.unknown_commands");
            return Ok(());
        };
        if head.is_answer {
            self.answer(&head, command, r, input, out)
        } else {
            request(&head, command, &r, input, out);
            Ok(())
        }
    }

    /// Says who asks and who answers; once for each conversation.
    fn tell_role(&mut self, head: &Head, input: &Input<'_>, out: &mut Sink<'_>) {
        let [client, server] = &mut self.told;
        let (told, role) = if head.is_answer { (server, "server") } else { (client, "client") };
        if !*told {
            *told = true;
            out.text(&Subject::node(input.sender()), keys::ROLE, role, head.span);
        }
    }

    fn answer(
        &mut self,
        head: &Head,
        command: &Command,
        mut r: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let [network, node, unit] = head.source;
        let address = Address { ip: input.sender(), network, node, unit };
        if self.answered.as_ref().is_none_or(|(known, _)| *known != address) {
            self.answered = Some((address, address.subject()));
        }
        let Some((_, subject)) = &self.answered else { return Ok(()) };
        out.text(subject, keys::COMMAND, command.name, head.span);
        let end = r.u16_be("end code")? & END_CODE;
        if let Some((what, done)) = command.deed {
            let who = input.receiver().addr;
            if end == 0 {
                out.text(subject, done, &who.to_string(), head.span);
            } else if done != keys::WRITER {
                let text = format!("{what} by {who}: {end:04x}");
                out.text(subject, keys::REFUSED, &text, head.span);
            }
            return Ok(());
        }
        if end != 0 {
            return Ok(());
        }
        match head.code {
            command::CONTROLLER_DATA_READ => report::controller(subject, r, out),
            command::CONNECTION_DATA_READ => report::units(address, r, out),
            command::CONTROLLER_STATUS_READ => report::status(subject, r, out),
            command::NAME_READ => report::name(subject, r, out),
            _ => Ok(()),
        }
    }
}

/// Tells what a command is for.
fn request(head: &Head, command: &Command, r: &Reader<'_>, input: &Input<'_>, out: &mut Sink<'_>) {
    let client = input.sender();
    out.text(&Subject::node(client), keys::COMMAND, command.name, head.span);
    match command.act {
        Some(Act::Read) => {
            let len = r.left().saturating_add(head.span.len);
            out.reads(head.span, Span { at: head.span.at, len });
        }
        Some(act) => out.act(act, head.span),
        None => {}
    }
    let Some((what, done)) = command.deed else { return };
    if matches!(done, keys::WRITER | keys::PROGRAM_UPLOAD) {
        return;
    }
    let whose = match head.destination {
        [0, _, 0] => String::new(),
        [network, node, unit] => format!(" of {network}.{node}.{unit}"),
    };
    let text = format!("{what}{whose} by {}", client.addr);
    out.text(&Subject::node(input.receiver()), keys::ATTEMPT, &text, head.span);
}

impl Head {
    fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let control = r.u8("ICF")?;
        if control & CONTROL_FIXED != CONTROL_VALUE {
            return Err(r.impossible("ICF"));
        }
        if r.u8("RSV")? != 0 {
            return Err(r.impossible("RSV"));
        }
        if r.u8("GCT")? > GATEWAYS_MAX {
            return Err(r.impossible("GCT"));
        }
        let destination = r.array("DNA, DA1, DA2")?;
        let source: [u8; 3] = r.array("SNA, SA1, SA2")?;
        let networks: [[u8; 3]; 2] = [destination, source];
        if networks.iter().any(|[network, ..]| *network > NETWORK_MAX) {
            return Err(r.impossible("DNA, SNA"));
        }
        r.u8("SID")?;
        let start = r.at();
        let code = r.u16_be("command code")?;
        let span = r.since(start);
        let is_answer = control & ANSWER != 0;
        Ok(Self { is_answer, destination, source, code, span })
    }
}

impl Address {
    /// The device itself for its CPU unit in the network of the asker, else a part of it.
    fn subject(self) -> Subject {
        let Self { ip, network, node, unit } = self;
        let address = match (network, unit) {
            (0, CPU_UNIT) => return Subject::node(ip),
            (_, CPU_UNIT) => node.to_string(),
            (_, unit) => format!("{node}.{unit}"),
        };
        let hop = Hop::Network(network.into(), address.into());
        Subject { node: ip, unit: Some(Unit([hop].into())) }
    }
}

/// Port of FINS over UDP and TCP that units come with.
const PORT: u16 = 9_600;
const TCP_MAGIC: &[u8; 4] = b"FINS";
/// Header and length, in front of what the length counts.
const LENGTH_END: usize = 8;
/// Command and error code.
const TCP_LENGTH_MIN: usize = 8;
const CLIENT_NODE: u32 = 0;
const SERVER_NODE: u32 = 1;
const SEND_FRAME: u32 = 2;
const ERROR: u32 = 3;
const CONFIRM: u32 = 6;
/// Up to the command code.
const HEADER_BYTES: usize = 12;
const TCP_PROOF_BYTES: usize = 16 + HEADER_BYTES;
/// Bits of ICF that are the same in all frames.
const CONTROL_FIXED: u8 = 0xbe;
const CONTROL_VALUE: u8 = 0x80;
/// Bit of ICF in answers.
const ANSWER: u8 = 0x40;
const GATEWAYS_MAX: u8 = 7;
const NETWORK_MAX: u8 = 127;
const CPU_UNIT: u8 = 0;
/// End codes without the flags that say that an error stands in the CPU unit, or that the answer came from a gateway.
const END_CODE: u16 = 0x7f3f;
