//! Requests: what is asked of whom, and what a Forward_Open tells about its originator and its expectations.

use std::sync::Arc;

use crate::flow::Input;
use crate::model::limits::{CIP_SERVICES_PER_MESSAGE_MAX, NESTED_MESSAGES_MAX};
use crate::model::{Act, Hop, Node as Address, Subject, Unit};
use crate::protocols::Sink;
use crate::protocols::enip::acts;
use crate::protocols::enip::cip::{self, Answer, Asked, Node, Parts};
use crate::protocols::enip::epath::Path;
use crate::protocols::enip::events::Deed;
use crate::protocols::enip::objects::readable;
use crate::protocols::enip::{keys, opening};
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
    asking.service(message, Way { route: 0, routed: false, depth: 0, envelope: None });
    asking.asked
}

/// Tells what a request on a connection whose opening was not seen is for, and what it tries to change. Where it leads
/// behind the address is unknown, and nothing pairs its reply with it, so that whether it was done cannot be told.
pub(super) fn overheard(mut data: Reader<'_>, input: &Input<'_>, out: &mut Sink<'_>) {
    // Not every connection carries CIP services; what does not read as one is no damage.
    let Ok(()) = data.skip("sequence count", 2) else { return };
    let Ok(Heard { whole, service, path, rest }) = Heard::read(data) else { return };
    if (service, path.class) != (cip::MULTIPLE_SERVICE_PACKET, Some(cip::MESSAGE_ROUTER)) {
        return overheard_service(&Heard { whole, service, path, rest }, input, out);
    }
    let Ok(parts) = Parts::read(rest) else { return };
    let heard = parts.map_while(|part| Heard::read(part.ok()?).ok());
    heard.take(CIP_SERVICES_PER_MESSAGE_MAX).for_each(|one| overheard_service(&one, input, out));
}

fn overheard_service(heard: &Heard<'_>, input: &Input<'_>, out: &mut Sink<'_>) {
    let Heard { whole, service, path, rest } = heard;
    if service & cip::REPLY != 0 || !path.hops.is_empty() {
        return;
    }
    let object = (path.class, path.instance.unwrap_or(0));
    let deed = Deed::read(*service, object, rest.peek().first().copied());
    if let Some(act) = acts::of(*service, path.class, deed) {
        tell(act, *whole, *whole, out);
    }
    if path.class.is_some()
        && let Some(what) = deed.and_then(Deed::attempt)
    {
        attempt(what, input.sender(), input.receiver(), *whole, out);
    }
}

/// A request of a connection whose opening was not seen.
struct Heard<'a> {
    whole: Span,
    service: u8,
    path: Path,
    rest: Reader<'a>,
}

impl<'a> Heard<'a> {
    fn read(mut data: Reader<'a>) -> Result<Self, Malformed> {
        let whole = Span { at: data.at(), len: data.left() };
        let service = data.u8("service")?;
        let size = data.u8("request path size")?;
        let path = data.sub("request path", usize::from(size).saturating_mul(2))?;
        let by_symbol = path.peek().first() == Some(&SYMBOLIC);
        let path = Path::read(path).whole()?;
        // A path to no object at all is none.
        if path.class.is_none() && !by_symbol {
            return Err(data.impossible("request path"));
        }
        Ok(Self { whole, service, path, rest: data })
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
    /// The Unconnected Send that brought it, with the way that it takes.
    envelope: Option<Span>,
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
        let deed = Deed::read(service, (path.class, object.1), message.peek().first().copied());
        if let Some(act) = acts::of(service, path.class, deed) {
            tell(act, whole, way.envelope.unwrap_or(whole), self.out);
        }
        let answer = match (service, object) {
            (cip::UNCONNECTED_SEND, (cip::CONNECTION_MANAGER, 1)) => {
                return self.unconnected_send(message, whole, way);
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
            _ => self.deed(deed, whole),
        };
        self.push(service, way, answer);
        Ok(())
    }

    /// A service that changes something, or nothing that is read.
    fn deed(&mut self, deed: Option<Deed>, whole: Span) -> Answer {
        let Some(deed) = deed else { return Answer::Unread };
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
    fn unconnected_send(
        &mut self,
        mut data: Reader<'_>,
        whole: Span,
        way: Way,
    ) -> Result<(), Malformed> {
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
        let envelope = way.envelope.or(Some(whole));
        self.service(message, Way { route, routed: true, depth, envelope });
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

    fn forward_open(&mut self, service: u8, data: Reader<'_>, way: Way) -> Result<(), Malformed> {
        let to = self.asked.routes.get(usize::from(way.route)).map(Arc::clone).unwrap_or_default();
        let opening = opening::read(service, data, self.ends, &to, self.out)?;
        let route = self.route(way.route, &opening.hops)?;
        self.push(service, Way { route, ..way }, opening.answer);
        Ok(())
    }

    fn subject(&self, route: u16, further: &[Hop]) -> Subject {
        let hops: Box<[Hop]> = self.hops(route).iter().chain(further).cloned().collect();
        subject(self.ends.target, &hops)
    }
}

/// Tells what a service is for. What a read asks for is all of it, with the way that it takes.
fn tell(act: Act, whole: Span, question: Span, out: &mut Sink<'_>) {
    let code = Span { len: SERVICE_BYTES, ..whole };
    match act {
        Act::Read => out.reads(code, question),
        act => out.act(act, code),
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

const SERVICE_BYTES: usize = 1;
/// ANSI extended symbol segment: the name of a tag.
const SYMBOLIC: u8 = 0x91;
/// Stands for a path by symbol; the highest class number that an EPATH can hold is reserved.
const NO_CLASS: u32 = u32::MAX;
