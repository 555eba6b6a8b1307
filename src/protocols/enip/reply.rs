//! Replies: read by what was asked, because they do not say it again.

use std::sync::Arc;

use crate::flow::Direction;
use crate::model::{Node as Address, Subject};
use crate::protocols::Sink;
use crate::protocols::enip::chassis::Failure;
use crate::protocols::enip::cip::{self, Answer, Asked, Node, Parts};
use crate::protocols::enip::connection::{Connection, Connections, triad};
use crate::protocols::enip::events::Deed;
use crate::protocols::enip::identity::Facts;
use crate::protocols::enip::{chassis, keys, opening, request};
use crate::protocols::shared::pccc;
use crate::wire::{Malformed, Reader, Span};

/// Reads the reply to `asked` that `node` sent; `direction` is the way it travelled.
pub(super) fn read(
    message: Reader<'_>,
    asked: &Asked,
    (node, direction): (Address, Direction),
    connections: &mut Connections,
    out: &mut Sink<'_>,
) {
    let mut answering = Answering { asked, at: 0, node, direction, connections, out };
    answering.service(message);
}

struct Answering<'s, 'i> {
    asked: &'s Asked,
    /// Number of the service in `asked` whose reply comes next.
    at: usize,
    node: Address,
    direction: Direction,
    connections: &'s mut Connections,
    out: &'s mut Sink<'i>,
}

impl<'i> Answering<'_, 'i> {
    /// Reads the reply to the next service asked for, whose depth the request had bounded.
    fn service(&mut self, message: Reader<'_>) {
        let behind = self.asked.behind(self.at);
        if let Some(node) = self.asked.nodes.get(self.at).copied() {
            self.at = self.at.saturating_add(1);
            if let Err(malformed) = self.parse(message, node) {
                self.out.damaged(malformed);
            }
        }
        self.at = behind;
    }

    fn parse(&mut self, mut message: Reader<'_>, node: Node) -> Result<(), Malformed> {
        let start = message.at();
        let service = message.u8("reply service")?;
        message.skip("reserved", 1)?;
        let status = message.u8("general status")?;
        let words = message.u8("additional status size")?;
        let at = message.at();
        let mut additional =
            message.sub("additional status", usize::from(words).saturating_mul(2))?;
        let extended = additional.u16_le("extended status").ok();
        let whole = message.since(start);
        if service != node.service | cip::REPLY {
            // The failure of an Unconnected Send on its way holds nothing of the service in it.
            let known = node.routed && service == cip::UNCONNECTED_SEND | cip::REPLY;
            if known && status == CONNECTION_FAILURE {
                let remaining = message.u8("remaining path size").ok();
                self.route_failed(extended, remaining, message.since(at), node);
            }
            self.out.count(if known { "enip.route_failed" } else { "enip.reply_unmatched" });
            return Ok(());
        }
        match (node.answer, status) {
            (Answer::Unread, _) => Ok(()),
            (Answer::All(object), SUCCESS | PARTIAL_TRANSFER) => {
                self.facts(node).all(object, &mut message)
            }
            (Answer::List(object), SUCCESS | PARTIAL_TRANSFER | ATTRIBUTE_LIST_ERROR) => {
                self.facts(node).list(object, &mut message)
            }
            (Answer::Single(object, number), SUCCESS) => {
                self.facts(node).attribute(object, number, &mut message).map(|_| ())
            }
            (Answer::Multiple(count), SUCCESS | EMBEDDED_SERVICE_ERROR) => {
                self.multiple_service_packet(message, count)
            }
            (Answer::Opened(explicit), SUCCESS) => self.opened(message, node, explicit),
            (Answer::Closed, SUCCESS) => {
                self.connections.close(triad(&mut message)?);
                Ok(())
            }
            (Answer::Done(deed), SUCCESS) => {
                self.done(deed, whole, node);
                Ok(())
            }
            (Answer::Opened(_), _) => {
                opening::refused(status, extended, whole, &self.subject(node), self.out);
                if status == CONNECTION_FAILURE {
                    self.route_failed(extended, None, message.since(at), node);
                }
                self.out.count("enip.service_refused");
                Ok(())
            }
            (Answer::Pccc(command), SUCCESS) => self.pccc(&mut message, node, command),
            _ => {
                self.out.count("enip.service_refused");
                Ok(())
            }
        }
    }

    fn route_failed(
        &mut self,
        extended: Option<u16>,
        remaining: Option<u8>,
        span: Span,
        node: Node,
    ) {
        let (Some(extended), Some(route)) =
            (extended, self.asked.routes.get(usize::from(node.route)))
        else {
            return;
        };
        let failure = Failure { extended, remaining, span };
        chassis::failed(failure, self.node, route, self.out);
    }

    /// Says that something was done, and by whom.
    fn done(&mut self, deed: Deed, span: Span, node: Node) {
        if let Some(asker) = self.asked.asker {
            let subject = self.subject(node);
            self.out.text(&subject, deed.key(), &asker.to_string(), span);
        }
    }

    fn pccc(
        &mut self,
        message: &mut Reader<'_>,
        node: Node,
        command: pccc::Command,
    ) -> Result<(), Malformed> {
        if node.service == cip::EXECUTE_PCCC {
            cip::requestor(message)?;
        }
        let Some(asker) = self.asked.asker else { return Ok(()) };
        if !pccc::reply(message, command, &self.subject(node), asker, self.out)? {
            self.out.count("enip.reply_unmatched");
        }
        Ok(())
    }

    fn multiple_service_packet(&mut self, data: Reader<'_>, asked: u16) -> Result<(), Malformed> {
        let impossible = data.impossible("number of service replies");
        let parts = Parts::read(data)?;
        // Replies stand in the order of the requests; which of them is missing cannot be known.
        if parts.count != asked {
            return Err(impossible);
        }
        for part in parts {
            match part {
                Ok(part) => self.service(part),
                Err(malformed) => {
                    self.out.damaged(malformed);
                    self.at = self.asked.behind(self.at);
                }
            }
        }
        Ok(())
    }

    /// ```text
    ///   O→T connection 4   T→O connection 4   serial number 2   originator vendor 2   originator serial 4
    ///   O→T API 4   T→O API 4   application reply size in words 1   0   application reply
    /// ```
    fn opened(
        &mut self,
        mut data: Reader<'_>,
        node: Node,
        explicit: bool,
    ) -> Result<(), Malformed> {
        let at = data.at();
        let to_target = data.u32_le("O→T connection ID")?;
        let to_originator = data.u32_le("T→O connection ID")?;
        let triad = triad(&mut data)?;
        let subject = self.subject(node);
        self.out.text(&subject, keys::ROLE, "target", data.since(at));
        let requests = match self.direction {
            Direction::ToServer => Direction::ToClient,
            Direction::ToClient => Direction::ToServer,
        };
        let route = self.asked.routes.get(usize::from(node.route)).map(Arc::clone);
        let connection = Connection {
            triad,
            to_target,
            to_originator,
            requests,
            route: route.unwrap_or_default(),
            explicit,
        };
        if self.connections.open(connection) {
            self.out.count("enip.connections_forgotten");
        }
        Ok(())
    }

    fn facts(&mut self, node: Node) -> Facts<'_, 'i> {
        Facts { subject: self.subject(node), out: self.out }
    }

    fn subject(&self, node: Node) -> Subject {
        let route = self.asked.routes.get(usize::from(node.route));
        request::subject(self.node, route.map_or(&[], |route| route))
    }
}

const SUCCESS: u8 = 0x00;
const CONNECTION_FAILURE: u8 = 0x01;
const PARTIAL_TRANSFER: u8 = 0x06;
const ATTRIBUTE_LIST_ERROR: u8 = 0x0A;
const EMBEDDED_SERVICE_ERROR: u8 = 0x1E;
