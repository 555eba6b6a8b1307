//! Requests: what is asked of whom, and what a Forward_Open tells about its originator and its expectations.

use std::sync::Arc;

use crate::flow::Input;
use crate::model::limits::{CIP_SERVICES_PER_MESSAGE_MAX, NESTED_MESSAGES_MAX};
use crate::model::{Hop, Node as Address, Subject, Unit};
use crate::protocols::Sink;
use crate::protocols::enip::cip::{self, Answer, Asked, Node, Parts};
use crate::protocols::enip::epath::{ElectronicKey, Path};
use crate::protocols::enip::events::Deed;
use crate::protocols::enip::objects::readable;
use crate::protocols::enip::{identity, keys};
use crate::protocols::shared::pccc;
use crate::wire::{Malformed, Reader, Span};

/// Between whom a request travels.
#[derive(Clone, Debug)]
pub(super) struct Ends {
    /// The node that sent it.
    pub(super) originator: Address,
    /// The node that it was sent to.
    pub(super) target: Address,
    /// The way behind `target`, known from the connection it travels on.
    pub(super) route: Arc<[Hop]>,
}

/// Reads one request. Never fails: what cannot be read will not be understood in the reply either.
pub(super) fn read(message: Reader<'_>, ends: &Ends, out: &mut Sink<'_>) -> Asked {
    let asked = Asked {
        nodes: Vec::new(),
        routes: vec![Arc::clone(&ends.route)],
        asker: Some(ends.originator.addr),
    };
    let mut asking = Asking { asked, ends, out };
    asking.service(message, Way { route: 0, routed: false, depth: 0 });
    asking.asked
}

/// Tells what a request on a connection whose opening was not seen tries to change. Where it leads behind the address
/// is unknown, and nothing pairs its reply with it, so that whether it was done cannot be told.
pub(super) fn overheard(mut data: Reader<'_>, input: &Input<'_>, out: &mut Sink<'_>) {
    let read = data.skip("sequence count", 2).and_then(|()| {
        let whole = Span { at: data.at(), len: data.left() };
        let service = data.u8("service")?;
        let size = data.u8("request path size")?;
        let path = data.sub("request path", usize::from(size).saturating_mul(2))?;
        Ok((whole, service, Path::read(path).whole()?))
    });
    // Not every connection carries CIP services; what does not read as one is no damage.
    let Ok((whole, service, path)) = read else { return };
    let object = (path.class, path.instance.unwrap_or(0));
    if service & cip::REPLY == 0
        && path.class.is_some()
        && path.hops.is_empty()
        && let Some(what) =
            Deed::read(service, object, data.peek().first().copied()).and_then(Deed::attempt)
    {
        attempt(what, input.sender(), input.receiver(), whole, out);
    }
}

struct Asking<'s, 'i> {
    asked: Asked,
    ends: &'s Ends,
    out: &'s mut Sink<'i>,
}

/// How a service is reached.
#[derive(Clone, Copy)]
struct Way {
    /// Number of the route in `Asked::routes`.
    route: u16,
    /// Whether an Unconnected Send brought it.
    routed: bool,
    /// Messages around it.
    depth: usize,
}

impl Asking<'_, '_> {
    /// Takes one service, and those in it, into account: adds exactly one tree of nodes while there is room.
    fn service(&mut self, message: Reader<'_>, way: Way) {
        let first = self.asked.nodes.len();
        let code = message.peek().first().copied().unwrap_or_default();
        if self.asked.weight() >= CIP_SERVICES_PER_MESSAGE_MAX {
            self.out.count("enip.services_over_limit");
            return;
        }
        let unread =
            Node { service: code, route: way.route, routed: way.routed, answer: Answer::Unread };
        if way.depth >= NESTED_MESSAGES_MAX {
            self.out.count("enip.nesting_over_limit");
            self.asked.nodes.push(unread);
        } else if let Err(malformed) = self.parse(message, way) {
            self.out.damaged(malformed);
            self.asked.nodes.truncate(first);
            self.asked.nodes.push(unread);
        }
    }

    fn parse(&mut self, mut message: Reader<'_>, way: Way) -> Result<(), Malformed> {
        let whole = Span { at: message.at(), len: message.left() };
        let service = message.u8("service")?;
        let size = message.u8("request path size")?;
        let path = message.sub("request path", usize::from(size).saturating_mul(2))?;
        let path = Path::read(path).whole()?;
        let way = Way { route: self.route(way.route, &path.hops)?, ..way };
        let object = (path.class.unwrap_or(NO_CLASS), path.instance.unwrap_or(0));
        let answer = match (service, object) {
            (cip::UNCONNECTED_SEND, (cip::CONNECTION_MANAGER, 1)) => {
                return self.unconnected_send(message, way);
            }
            (cip::MULTIPLE_SERVICE_PACKET, (cip::MESSAGE_ROUTER, _)) => {
                return self.multiple_service_packet(message, way);
            }
            (cip::FORWARD_OPEN | cip::LARGE_FORWARD_OPEN, (cip::CONNECTION_MANAGER, 1)) => {
                return self.forward_open(service, message, way);
            }
            (cip::FORWARD_CLOSE, (cip::CONNECTION_MANAGER, 1)) => Answer::Closed,
            (cip::EXECUTE_PCCC | cip::EXECUTE_LOCAL_PCCC, (cip::PCCC, 1)) => {
                if service == cip::EXECUTE_PCCC {
                    cip::requestor(&mut message)?;
                }
                let processor = self.subject(way.route, &[]);
                let asker = self.ends.originator.addr;
                Answer::Pccc(pccc::command(&mut message, &processor, asker, self.out)?)
            }
            (cip::GET_ATTRIBUTES_ALL, _) => readable(object).map_or(Answer::Unread, Answer::All),
            (cip::GET_ATTRIBUTE_LIST, _) => readable(object).map_or(Answer::Unread, Answer::List),
            (cip::GET_ATTRIBUTE_SINGLE, _) => {
                let attribute = path.attribute.and_then(|number| u16::try_from(number).ok());
                readable(object)
                    .zip(attribute)
                    .map_or(Answer::Unread, |(object, number)| Answer::Single(object, number))
            }
            _ => self.deed(service, (path.class, object.1), message.peek(), whole),
        };
        self.push(service, way, answer);
        Ok(())
    }

    /// A service that changes something, or nothing that is read.
    fn deed(
        &mut self,
        service: u8,
        object: (Option<u32>, u32),
        data: &[u8],
        whole: Span,
    ) -> Answer {
        let Some(deed) = Deed::read(service, object, data.first().copied()) else {
            return Answer::Unread;
        };
        if let Some(what) = deed.attempt() {
            attempt(what, self.ends.originator, self.ends.target, whole, self.out);
        }
        Answer::Done(deed)
    }

    fn push(&mut self, service: u8, way: Way, answer: Answer) {
        let Way { route, routed, .. } = way;
        self.asked.nodes.push(Node { service, route, routed, answer });
    }

    /// The route that leads `hops` further than the one numbered `from`.
    fn route(&mut self, from: u16, hops: &[Hop]) -> Result<u16, Malformed> {
        if hops.is_empty() {
            return Ok(from);
        }
        let number = self.asked.routes.len();
        let longer = self.hops(from).iter().chain(hops).cloned().collect();
        self.asked.routes.push(longer);
        // Every route counts at least one hop, so there are never more than the cap of services.
        u16::try_from(number).map_err(|_| Reader::new(&[]).impossible("route path"))
    }

    fn hops(&self, route: u16) -> &[Hop] {
        self.asked.routes.get(usize::from(route)).map_or(&[], |route| route)
    }

    /// ```text
    ///   priority and tick time 1   ticks 1   message size 2   message   [pad to even]
    ///   route path size in words 1   0   route path
    /// ```
    fn unconnected_send(&mut self, mut data: Reader<'_>, way: Way) -> Result<(), Malformed> {
        data.skip("priority and time-out", 2)?;
        let size = usize::from(data.u16_le("embedded message size")?);
        let message = data.sub("embedded message", size)?;
        data.skip("pad", size & 1)?;
        let words = data.u8("route path size")?;
        data.skip("reserved", 1)?;
        let path = data.sub("route path", usize::from(words).saturating_mul(2))?;
        let path = Path::read(path).whole()?;
        let route = self.route(way.route, &path.hops)?;
        let depth = way.depth.saturating_add(1);
        self.service(message, Way { route, routed: true, depth });
        Ok(())
    }

    fn multiple_service_packet(&mut self, data: Reader<'_>, way: Way) -> Result<(), Malformed> {
        let parts = Parts::read(data)?;
        self.push(cip::MULTIPLE_SERVICE_PACKET, way, Answer::Multiple(parts.count));
        let inner = Way { routed: false, depth: way.depth.saturating_add(1), ..way };
        for part in parts {
            if self.asked.weight() >= CIP_SERVICES_PER_MESSAGE_MAX {
                self.out.count("enip.services_over_limit");
                break;
            }
            match part {
                Ok(part) => self.service(part, inner),
                Err(malformed) => {
                    self.out.damaged(malformed);
                    self.push(0, inner, Answer::Unread);
                }
            }
        }
        Ok(())
    }

    /// ```text
    ///   priority and tick time 1   ticks 1   O→T connection 4   T→O connection 4   serial number 2
    ///   originator vendor 2   originator serial 4   time-out multiplier 1   reserved 3
    ///   O→T RPI 4   O→T parameters 2 (large: 4)   T→O RPI 4   T→O parameters 2 (large: 4)
    ///   transport 1   connection path size in words 1   connection path
    /// ```
    fn forward_open(
        &mut self,
        service: u8,
        mut data: Reader<'_>,
        way: Way,
    ) -> Result<(), Malformed> {
        let parameters = if service == cip::LARGE_FORWARD_OPEN { 4 } else { 2 };
        data.skip("priority and time-out", 2)?;
        data.skip("connection identifiers", 8)?;
        data.skip("connection serial number", 2)?;
        let originator = data.at();
        let vendor = data.u16_le("originator vendor ID")?;
        let vendor_span = data.since(originator);
        let at = data.at();
        let serial = data.u32_le("originator serial number")?;
        let serial_span = data.since(at);
        data.skip("connection time-out multiplier", 4)?;
        let to_target = interval(&mut data, "O→T RPI", parameters)?;
        let to_originator = interval(&mut data, "T→O RPI", parameters)?;
        let transport = data.u8("transport type and trigger")?;
        let words = data.u8("connection path size")?;
        let path = data.sub("connection path", usize::from(words).saturating_mul(2))?;
        let path = Path::read(path).routed()?;
        if let Some(malformed) = path.stopped {
            self.out.damaged(malformed);
        }

        let node = Subject::node(self.ends.originator);
        self.out.uint(&node, keys::ORIGINATOR_VENDOR_ID, vendor, vendor_span);
        let serial = identity::serial_number(serial);
        self.out.text(&node, keys::ORIGINATOR_SERIAL_NUMBER, &serial, serial_span);
        self.out.text(&node, keys::ROLE, "originator", data.since(originator));
        for key in &path.keys {
            let reached = path.hops.get(..key.hops).unwrap_or_default();
            let subject = self.subject(way.route, reached);
            self.expect(&subject, key);
        }
        let target = self.subject(way.route, &path.hops);
        self.out.uint(&target, keys::ORIGINATOR_TO_TARGET_RPI, to_target.0, to_target.1);
        self.out.uint(&target, keys::TARGET_TO_ORIGINATOR_RPI, to_originator.0, to_originator.1);

        // Classes 2 and 3 carry messages; to other objects than the message router these are not CIP services.
        let class = path.class.unwrap_or(cip::MESSAGE_ROUTER);
        let explicit = matches!(transport & TRANSPORT_CLASS, 2 | 3) && class == cip::MESSAGE_ROUTER;
        let route = self.route(way.route, &path.hops)?;
        self.push(service, Way { route, ..way }, Answer::Opened(explicit));
        Ok(())
    }

    /// Says what a key expects. Zero expects nothing.
    fn expect(&mut self, subject: &Subject, key: &ElectronicKey) {
        let numbers = [
            (keys::EXPECTED_VENDOR_ID, key.vendor_id),
            (keys::EXPECTED_DEVICE_TYPE, key.device_type),
            (keys::EXPECTED_PRODUCT_CODE, key.product_code),
        ];
        for (name, (number, span)) in numbers {
            if number != 0 {
                self.out.uint(subject, name, number, span);
            }
        }
        let (revision, span) = key.revision;
        if revision.major != 0 || revision.minor != 0 {
            self.out.text(subject, keys::EXPECTED_REVISION, &revision.to_string(), span);
            let major = Span { len: 1, ..span };
            self.out.uint(subject, keys::EXPECTED_COMPATIBLE, key.compatible, major);
        }
    }

    fn subject(&self, route: u16, further: &[Hop]) -> Subject {
        let hops: Box<[Hop]> = self.hops(route).iter().chain(further).cloned().collect();
        subject(self.ends.target, &hops)
    }
}

/// Says that somebody asked for a change. An attempt is told of the address that it was sent to, whatever unit behind it
/// was meant: so a connection whose opening was not seen tells the same.
fn attempt(what: &str, by: Address, to: Address, span: Span, out: &mut Sink<'_>) {
    out.text(&Subject::node(to), keys::ATTEMPT, &format!("{what} by {}", by.addr), span);
}

/// The unit that hops lead to.
pub(super) fn subject(node: Address, hops: &[Hop]) -> Subject {
    Subject { node, unit: (!hops.is_empty()).then(|| Unit(hops.into())) }
}

fn interval(
    data: &mut Reader<'_>,
    field: &'static str,
    parameters: usize,
) -> Result<(u32, Span), Malformed> {
    let at = data.at();
    let interval = data.u32_le(field)?;
    let span = data.since(at);
    data.skip("connection parameters", parameters)?;
    Ok((interval, span))
}

/// Stands for a path by symbol; the highest class number that an EPATH can hold is reserved.
const NO_CLASS: u32 = u32::MAX;
const TRANSPORT_CLASS: u8 = 0x0F;
