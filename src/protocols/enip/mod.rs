//! EtherNet/IP: the encapsulation of the Common Industrial Protocol over TCP and UDP.
//!
//! Reads ListIdentity, ListServices, RegisterSession, SendRRData and SendUnitData to the last byte that tells
//! what a device is; NOP, UnRegisterSession, ListInterfaces and commands it does not know by their frame only.
//! Of implicit (I/O) datagrams on UDP 2222 it reads who produces and who consumes. Skips attributes of objects
//! that do not identify anything, and everything behind a connection whose opening was not seen: its route is
//! unknown, and a module's facts must not land on the bridge in front of it.
//!
//! CIP Networks Library volume 1 (Common Industrial Protocol, edition 3.x) and volume 2 (EtherNet/IP, edition
//! 1.x), sections 2-3 to 2-6. Little-endian.
//!
//! ```text
//!    0       2       4               8              12                              20              24
//!   +-------+-------+---------------+---------------+-------------------------------+---------------+------
//!   |command|length |session handle |    status     |        sender context         |    options    | data
//!   +-------+-------+---------------+---------------+-------------------------------+---------------+------
//! ```

mod chassis;
mod cip;
mod connection;
mod cpf;
mod encapsulation;
mod epath;
mod events;
mod identity;
mod keys;
mod list;
mod objects;
mod pending;
mod reply;
mod request;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;

use crate::flow::{Attach, Direction, Input};
use crate::model::{Addr, Hop, Node, Subject};
use crate::protocols::enip::connection::Connections;
use crate::protocols::enip::cpf::Items;
use crate::protocols::enip::encapsulation::{
    CIP_INTERFACE, DATA_BYTES_MAX, HEADER_BYTES, Header, IMPLICIT, LIST_IDENTITY, LIST_SERVICES,
    REGISTER_SESSION, SUCCESS,
};
use crate::protocols::enip::identity::Facts;
use crate::protocols::enip::pending::{Pending, Ticket};
use crate::protocols::enip::request::Ends;
use crate::protocols::{Dissector, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "enip",
    spec: "CIP Networks Library, volume 1 (CIP) edition 3.x and volume 2 (EtherNet/IP) edition 1.x",
    attach: &[Attach::Tcp(44818), Attach::Udp(44818), Attach::Udp(2222)],
    keys: keys::ALL,
    probe: encapsulation::probe,
    start: || Box::new(Enip::default()),
};

/// One conversation.
#[derive(Debug, Default)]
struct Enip {
    pending: Pending,
    connections: Connections,
    /// Whether a message was read since the last gap: to the server, to the client.
    in_step: [bool; 2],
    /// Whether the roles in implicit messages were said: to the server, to the client.
    produced: [bool; 2],
}

impl Dissector for Enip {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let header = match Header::read(&mut Reader::new(input.bytes)) {
            _ if input.whole && input.bytes.starts_with(IMPLICIT) => {
                return self.implicit(input, out);
            }
            Ok(header) => header,
            Err(malformed) if input.whole => return Step::Lost(malformed),
            Err(_) => return Step::Need(HEADER_BYTES),
        };
        let in_step = self.in_step(input.direction);
        // In step, one strange field costs its message; two cost the framing.
        let strange =
            usize::from(!header.is_known()).saturating_add(usize::from(header.options != 0));
        if header.length > DATA_BYTES_MAX || strange > usize::from(*in_step) {
            *in_step = false;
            return Step::Lost(Reader::new(input.bytes).impossible("encapsulation header"));
        }
        let total = header.length.saturating_add(HEADER_BYTES);
        if strange > 0 || !header.is_read() {
            *in_step = true;
            if strange > 0 {
                out.count("enip.unknown_command");
            }
            return Step::Used(total);
        }
        if input.bytes.len() < total && !input.whole {
            return Step::Need(total);
        }
        *in_step = true;
        let bytes = input.bytes.get(..total).unwrap_or(input.bytes);
        let mut message = Reader::new(bytes);
        if let Err(malformed) = message
            .skip("encapsulation header", HEADER_BYTES)
            .and_then(|()| self.message(header, message, input, out))
        {
            out.damaged(malformed);
        }
        Step::Used(total)
    }

    fn gap(&mut self, direction: Direction) {
        *self.in_step(direction) = false;
        self.pending.forget();
    }
}

impl Enip {
    fn in_step(&mut self, direction: Direction) -> &mut bool {
        let [to_server, to_client] = &mut self.in_step;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    fn message(
        &mut self,
        header: Header,
        mut body: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        if header.status != SUCCESS {
            out.count("enip.encapsulation_refused");
            return Ok(());
        }
        let mut facts = Facts { subject: Subject::node(input.sender()), out };
        match header.command {
            // Requests have no data. The direction does not tell: answers to a broadcast open a flow.
            LIST_IDENTITY | LIST_SERVICES if body.is_empty() => Ok(()),
            LIST_IDENTITY | LIST_SERVICES => list::read(body, &mut facts),
            // The client proposes a version with session 0; the answer holds the one that is spoken.
            REGISTER_SESSION if header.session == 0 => body.skip("protocol version", 4),
            REGISTER_SESSION => {
                facts.u16(keys::ENCAPSULATION_VERSION, "protocol version", &mut body)?;
                body.skip("options flags", 2)
            }
            _ => {
                let interface = body.u32_le("interface handle")?;
                body.skip("timeout", 2)?;
                if interface == CIP_INTERFACE {
                    self.items(header, body, input, out)?;
                } else {
                    out.count("enip.unknown_interface");
                }
                Ok(())
            }
        }
    }

    fn items(
        &mut self,
        header: Header,
        body: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let mut address = None;
        for item in Items::read(body)? {
            let mut item = item?;
            match item.kind {
                cpf::CONNECTED_ADDRESS | cpf::SEQUENCED_ADDRESS => {
                    address = Some(item.data.u32_le("connection identifier")?);
                }
                cpf::UNCONNECTED_DATA => {
                    let ticket = Ticket::Unconnected(header.session, header.context);
                    let ends = ends(input, Arc::default());
                    self.service(item.data, ticket, &ends, input, out);
                }
                cpf::CONNECTED_DATA => self.connected(item.data, address, input, out)?,
                // Socket addresses tell where implicit messages will go; nothing of who anybody is.
                cpf::NULL_ADDRESS | cpf::SOCKET_TO_TARGET | cpf::SOCKET_TO_ORIGINATOR => {}
                _ => out.count("enip.unknown_item"),
            }
        }
        Ok(())
    }

    fn connected(
        &mut self,
        mut data: Reader<'_>,
        identifier: Option<u32>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let carrying = identifier.and_then(|id| self.connections.carrying(id, input.direction));
        match carrying {
            Some(connection) if connection.explicit => {
                let ends = ends(input, Arc::clone(&connection.route));
                let ticket =
                    Ticket::Connected(connection.to_target, data.u16_le("sequence count")?);
                self.service(data, ticket, &ends, input, out);
            }
            Some(_) => out.count("enip.connection_not_explicit"),
            None => {
                out.count("enip.connection_unknown");
                request::overheard(data, input, out);
            }
        }
        Ok(())
    }

    /// Reads one CIP service, request or reply.
    fn service(
        &mut self,
        message: Reader<'_>,
        ticket: Ticket,
        ends: &Ends,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) {
        let service = message.peek().first().copied().unwrap_or_default();
        if service & cip::REPLY == 0 {
            let asked = request::read(message, ends, out);
            for _ in 0..self.pending.ask(ticket, input.direction, input.at, asked) {
                out.count("enip.requests_forgotten");
            }
            return;
        }
        match self.pending.answered(ticket, input.direction, input.at, service) {
            Some(asked) => {
                let from = (input.sender(), input.direction);
                reply::read(message, &asked, from, &mut self.connections, out);
            }
            None => out.count("enip.reply_without_request"),
        }
    }

    /// Implicit messages come by the thousand per second: after the first each way nothing is left to say.
    fn implicit(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let [to_server, to_client] = &mut self.produced;
        let (said, other) = match input.direction {
            Direction::ToServer => (to_server, to_client),
            Direction::ToClient => (to_client, to_server),
        };
        if !*said {
            *said = true;
            let span = Span { at: 0, len: IMPLICIT.len() };
            out.text(&Subject::node(input.sender()), keys::ROLE, "producer", span);
            if is_one_device(input.receiver()) {
                out.text(&Subject::node(input.receiver()), keys::ROLE, "consumer", span);
            }
        }
        if *other { Step::Done } else { Step::Used(input.bytes.len()) }
    }
}

fn ends(input: &Input<'_>, route: Arc<[Hop]>) -> Ends {
    Ends { originator: input.sender(), target: input.receiver(), route }
}

/// False for addresses of groups.
fn is_one_device(node: Node) -> bool {
    match node.addr {
        Addr::Ip(IpAddr::V4(ip)) => !ip.is_multicast() && !ip.is_broadcast(),
        Addr::Ip(IpAddr::V6(ip)) => !ip.is_multicast(),
        Addr::Mac(mac) => !mac.is_group(),
    }
}
