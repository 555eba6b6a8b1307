//! SLMP, the MELSEC communication protocol of Mitsubishi Electric (SH-080956ENG; SH-080008), and of MELSOFT connections what
//! tells the model.
//!
//! Read: who asks and who answers, in which code; the model of CPU modules; which commands are sent; what is done to modules.
//! Values of devices and labels, files and passwords are never kept. 1E frames, which have too little form to be known, are
//! passed over.
//!
//! A module in another network or station is a part behind the address, told as `network 2 address 5`. Answers do not repeat
//! their command: requests are remembered, a bounded number of them.

mod command;
mod frame;
mod keys;
mod melsoft;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use std::collections::VecDeque;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::{SLMP_MESSAGE_BYTES_MAX, SLMP_PENDING_MAX};
use crate::model::{Act, Hop, Node, Subject, Unit};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use command::Command;
use frame::{Frame, Place};
use melsoft::Kind;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "slmp",
    spec: "Mitsubishi Electric SH-080956ENG (SLMP Reference Manual), SH-080008 (MELSEC Communication Protocol)",
    attach: &[
        Attach::Tcp(1_280),
        Attach::Tcp(5_006),
        Attach::Tcp(5_007),
        Attach::Tcp(5_562),
        Attach::Udp(1_280),
        Attach::Udp(5_006),
        Attach::Udp(5_008),
        Attach::Udp(5_560),
        Attach::Udp(5_561),
    ],
    keys: &[keys::ALL],
    probe,
    start: || Box::new(Slmp::default()),
};

#[derive(Default)]
struct Slmp {
    /// Whether client and server were told.
    told: [bool; 2],
    /// Requests that wait for their answers, the oldest first.
    pending: VecDeque<Request>,
}

struct Request {
    serial: Option<u16>,
    command: &'static Command,
}

impl Dissector for Slmp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        // Behind the command may stand a password.
        out.prove_with(PROOF_BYTES);
        let have = input.bytes.len();
        if let Some(kind) = melsoft::kind(input.bytes).filter(|_| input.whole) {
            if let Err(malformed) = self.melsoft(kind, input, out) {
                out.damaged(malformed);
            }
            return Step::Used(have);
        }
        match Frame::read(input.bytes) {
            Ok(frame) => {
                let length = frame.length;
                if let Err(malformed) = self.frame(frame, input, out) {
                    out.damaged(malformed);
                }
                Step::Used(length.max(1))
            }
            Err(malformed) if input.whole => {
                out.damaged(malformed);
                Step::Used(have.max(1))
            }
            Err(malformed) if malformed.need == malformed.have => Step::Lost(malformed),
            Err(malformed) => {
                let missing = malformed.need.saturating_sub(malformed.have);
                let need = have.saturating_add(missing.max(1));
                if need > SLMP_MESSAGE_BYTES_MAX {
                    return Step::Lost(malformed);
                }
                Step::Need(need)
            }
        }
    }

    fn gap(&mut self, _direction: Direction) {
        self.pending.clear();
    }
}

/// A frame whose length is that of what is there, and a request with a command that exists, can be nothing else.
fn probe(bytes: &[u8]) -> Probe {
    if melsoft::kind(bytes).is_some() {
        return Probe::Yes;
    }
    match Frame::read(bytes) {
        Ok(mut frame) => {
            let is_alone = frame.length == bytes.len();
            match (frame.is_answer, requested(&mut frame)) {
                (false, Ok(Some(_))) if is_alone => Probe::Yes,
                (false, Ok(Some(_))) => Probe::Maybe,
                (false, _) => Probe::No,
                (true, _) if is_alone && frame.place == OWN => Probe::Yes,
                (true, _) => Probe::Maybe,
            }
        }
        Err(malformed) if malformed.need == malformed.have => Probe::No,
        Err(_) => Probe::More,
    }
}

/// The command of a request, and where it stands; `None` when there is no such command.
fn requested(frame: &mut Frame<'_>) -> Result<Option<(&'static Command, Span)>, Malformed> {
    frame.number(2, "monitoring timer")?;
    let (code, span) = frame.number(2, "command")?;
    frame.number(2, "subcommand")?;
    Ok(command::of(code).map(|command| (command, span)))
}

impl Slmp {
    fn melsoft(
        &mut self,
        kind: Kind,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let node = Subject::node(input.sender());
        let is_answer = matches!(kind, Kind::Found | Kind::Answer);
        self.tell_role(is_answer, "MELSOFT", Span { at: 0, len: 1 }, input, out);
        let r = Reader::new(input.bytes);
        match kind {
            Kind::Search => {
                out.act(Act::Identify, Span { at: 0, len: 1 });
                Ok(())
            }
            Kind::Request => {
                if let Some(span) = melsoft::asks_for_model(input.bytes) {
                    out.act(Act::Identify, span);
                }
                Ok(())
            }
            Kind::Found => melsoft::found(&node, r, out),
            Kind::Answer => melsoft::answer(&node, r, out),
        }
    }

    fn frame(
        &mut self,
        mut frame: Frame<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let code = if frame.is_ascii { "ASCII" } else { "binary" };
        let subheader = Span { at: 0, len: if frame.is_ascii { 4 } else { 2 } };
        self.tell_role(frame.is_answer, code, subheader, input, out);
        if frame.is_answer {
            return self.answer(frame, input, out);
        }
        let Some((command, span)) = requested(&mut frame)? else {
            out.count("slmp.unknown_commands");
            return Ok(());
        };
        let client = input.sender();
        out.text(&Subject::node(client), keys::COMMAND, command.name, span);
        match command.act {
            Some(Act::Read) => {
                let end = frame.body.at().saturating_add(frame.body.left());
                out.reads(span, Span { at: span.at, len: end.saturating_sub(span.at) });
            }
            Some(act) => out.act(act, span),
            None => {}
        }
        if let Some((what, done)) = command.deed
            && done != keys::WRITER
        {
            let whose = match frame.place.address() {
                None => String::new(),
                Some((network, address)) => format!(" of network {network} address {address}"),
            };
            let text = format!("{what}{whose} by {}", client.addr);
            out.text(&Subject::node(input.receiver()), keys::ATTEMPT, &text, span);
        }
        if frame.serial.is_none() {
            self.pending.clear();
        }
        if self.pending.len() >= SLMP_PENDING_MAX {
            self.pending.pop_front();
            out.count("slmp.pending_over_limit");
        }
        self.pending.push_back(Request { serial: frame.serial, command });
        Ok(())
    }

    /// Says who asks and who answers; once for each conversation.
    fn tell_role(
        &mut self,
        is_answer: bool,
        code: &str,
        span: Span,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) {
        let [client, server] = &mut self.told;
        let (told, role) = if is_answer { (server, "server") } else { (client, "client") };
        if !*told {
            *told = true;
            let node = Subject::node(input.sender());
            out.text(&node, keys::ROLE, role, span);
            if is_answer {
                out.text(&node, keys::CODE, code, span);
            }
        }
    }

    fn answer(
        &mut self,
        mut frame: Frame<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let (end, span) = frame.number(2, "end code")?;
        let at = self.pending.iter().position(|request| request.serial == frame.serial);
        let Some(request) = at.and_then(|at| self.pending.remove(at)) else { return Ok(()) };
        let subject = subject(input.sender(), frame.place);
        if let Some((what, done)) = request.command.deed {
            let who = input.receiver().addr;
            if end == 0 {
                out.text(&subject, done, &who.to_string(), span);
            } else if done != keys::WRITER {
                let text = format!("{what} by {who}: {end:04x}");
                out.text(&subject, keys::REFUSED, &text, span);
            }
        } else if request.command.code == command::READ_TYPE_NAME && end == 0 {
            melsoft::model(&subject, &mut frame.body, out)?;
            let (code, span) = frame.number(2, "model code")?;
            out.uint(&subject, keys::MODEL_CODE, code, span);
        }
        Ok(())
    }
}

impl Place {
    /// Network and address behind the one that is spoken to; `None` for the module itself.
    fn address(self) -> Option<(u8, String)> {
        let Self { network, station, multidrop } = self;
        match (network, station, multidrop) {
            (0, OWN_STATION, 0) => None,
            (_, _, 0) => Some((network, station.to_string())),
            _ => Some((network, format!("{station}.{multidrop}"))),
        }
    }
}

fn subject(node: Node, place: Place) -> Subject {
    let unit = place
        .address()
        .map(|(network, address)| Unit([Hop::Network(network.into(), address.into())].into()));
    Subject { node, unit }
}

/// The station that is spoken to.
const OWN_STATION: u8 = 0xff;
const OWN: Place = Place { network: 0, station: OWN_STATION, multidrop: 0 };
/// Up to the command of a 4E frame in ASCII code.
const PROOF_BYTES: usize = 34;
