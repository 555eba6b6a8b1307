//! EtherNet/IP: the encapsulation of the Common Industrial Protocol over TCP and UDP.
//!
//! Reads ListIdentity, ListServices, ListInterfaces, RegisterSession, SendRRData and SendUnitData to the last byte
//! that tells what a device is; NOP, UnRegisterSession, IndicateStatus, Cancel, StartDTLS and commands it does not
//! know by their frame only. Of implicit (I/O) datagrams on UDP 2222 it reads who produces and who consumes, of
//! CIP Security (port 2221) which TLS protects it. Skips attributes of objects that do not identify anything, and
//! everything behind a connection whose opening was not seen: its route is unknown, and a module's facts must not
//! land on the bridge in front of it.
//!
//! CIP Networks Library volume 1 (Common Industrial Protocol, edition 3.x), volume 2 (EtherNet/IP, edition 1.x),
//! sections 2-3 to 2-6, and volume 8 (CIP Security, edition 1.x). Little-endian.
//!
//! ```text
//!    0       2       4               8              12                              20              24
//!   +-------+-------+---------------+---------------+-------------------------------+---------------+------
//!   |command|length |session handle |    status     |        sender context         |    options    | data
//!   +-------+-------+---------------+---------------+-------------------------------+---------------+------
//! ```

mod acts;
mod chassis;
mod cip;
mod connection;
mod cpf;
mod encapsulation;
mod epath;
mod events;
mod groups;
mod identity;
mod implicit;
mod keys;
mod list;
mod objects;
mod opening;
mod pending;
mod reply;
mod request;
mod security;
#[cfg(test)]
mod tests;
mod transport_keys;

use std::sync::Arc;

use crate::flow::{Attach, Direction, Input};
use crate::model::{Act, Hop, Subject};
use crate::protocols::enip::connection::Connections;
use crate::protocols::enip::cpf::Items;
use crate::protocols::enip::encapsulation::{
    CIP_INTERFACE, DATA_BYTES_MAX, HEADER_BYTES, Header, INVALID_COMMAND, LIST_IDENTITY,
    LIST_INTERFACES, LIST_SERVICES, NO_MEMORY, NOT_ON_THIS_PORT, REGISTER_SESSION, SUCCESS,
    UNSUPPORTED_VERSION,
};
use crate::protocols::enip::groups::Groups;
use crate::protocols::enip::identity::Facts;
use crate::protocols::enip::implicit::Implicit;
use crate::protocols::enip::pending::{Pending, Ticket};
use crate::protocols::enip::request::Ends;
use crate::protocols::shared::pccc;
use crate::protocols::{Dissector, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "enip",
    spec: "CIP Networks Library, volume 1 (CIP) edition 3.x and volume 2 (EtherNet/IP) edition 1.x",
    attach: &[
        Attach::Tcp(44818),
        Attach::Udp(44818),
        Attach::Udp(2222),
        Attach::Tcp(2221),
        Attach::Udp(2221),
    ],
    keys: &[keys::ALL, transport_keys::ALL, pccc::KEYS],
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
    implicit: Implicit,
    /// The way to the node itself, made once: most messages go nowhere else.
    no_hops: Arc<[Hop]>,
}

impl Dissector for Enip {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Some(step) = security::read(input, out) {
            return step;
        }
        let header = match Header::read(&mut Reader::new(input.bytes)) {
            _ if input.whole && implicit::is_implicit(input.bytes) => {
                return self.implicit.read(input, out);
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

    fn glance(&self) -> usize {
        self.pending.glance() ^ self.connections.glance() ^ usize::from(self.implicit.glance())
    }

    fn gap(&mut self, direction: Direction) {
        *self.in_step(direction) = false;
        self.pending.forget();
        // A connection may have been closed in it, and its identifiers given out again for another module.
        self.connections = Connections::default();
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
            return refused(header, body, input, out);
        }
        let mut facts = Facts { subject: Subject::node(input.sender()), out };
        match header.command {
            // Requests have no data. The direction does not tell: answers to a broadcast open a flow.
            LIST_IDENTITY | LIST_SERVICES | LIST_INTERFACES if body.is_empty() => {
                facts.out.act(Act::Identify, COMMAND);
                Ok(())
            }
            LIST_IDENTITY | LIST_SERVICES => list::read(body, &mut facts),
            LIST_INTERFACES => list::interfaces(body, &mut facts),
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
        let mut groups = Groups::default();
        for item in Items::read(body)? {
            let mut item = item?;
            match item.kind {
                cpf::CONNECTED_ADDRESS | cpf::SEQUENCED_ADDRESS => {
                    address = Some(item.data.u32_le("connection identifier")?);
                }
                cpf::UNCONNECTED_DATA => {
                    groups.service(&item.data);
                    let ticket = Ticket::Unconnected(header.session, header.context);
                    let ends = ends(input, Arc::clone(&self.no_hops));
                    self.service(item.data, ticket, &ends, input, out);
                }
                cpf::CONNECTED_DATA => self.connected(item.data, address, input, out)?,
                cpf::SOCKET_TO_TARGET => groups.towards_target(&mut item.data)?,
                cpf::SOCKET_TO_ORIGINATOR => groups.towards_originator(&mut item.data)?,
                cpf::NULL_ADDRESS => {}
                _ => out.count("enip.unknown_item"),
            }
        }
        groups.say(input, out);
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
        let service = service_code(&message);
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
}

fn ends(input: &Input<'_>, route: Arc<[Hop]>) -> Ends {
    Ends { originator: input.sender(), target: input.receiver(), route }
}

/// A refusal. Most say that the client made a mistake; what tells of the device is said.
fn refused(
    header: Header,
    mut body: Reader<'_>,
    input: &Input<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    out.count(encapsulation::refusal_name(header.status).unwrap_or("enip.status_unknown"));
    if input.direction != Direction::ToClient {
        return Ok(());
    }
    let mut facts = Facts { subject: Subject::node(input.sender()), out };
    if matches!(header.status, INVALID_COMMAND | NO_MEMORY | UNSUPPORTED_VERSION | NOT_ON_THIS_PORT)
    {
        let key = transport_keys::ENCAPSULATION_ERROR;
        facts.out.uint(&facts.subject, key, header.status, STATUS);
    }
    // Who refuses a version says which one it speaks.
    if header.status == UNSUPPORTED_VERSION && header.command == REGISTER_SESSION {
        facts.u16(keys::ENCAPSULATION_VERSION, "protocol version", &mut body)?;
    }
    Ok(())
}

/// The service code of a message, its reply bit included; 0 when there is none.
fn service_code(message: &Reader<'_>) -> u8 {
    message.peek().first().copied().unwrap_or_default()
}

/// Place of the command in the header.
const COMMAND: Span = Span { at: 0, len: 2 };
/// Place of the status in the header.
const STATUS: Span = Span { at: 8, len: 4 };
