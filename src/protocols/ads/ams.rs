//! Messages over TCP: the AMS header, and the ADS commands behind it.

use std::collections::VecDeque;
use std::fmt;

use crate::flow::{Direction, Input};
use crate::model::limits::{ADS_ADDRESSES_MAX, ADS_MESSAGE_BYTES_MAX, ADS_PENDING_MAX};
use crate::model::{Act, Hop, Node, Subject, Unit};
use crate::protocols::ads::keys;
use crate::protocols::ads::state::{Deed, State};
use crate::protocols::shared::readable;
use crate::protocols::{Probe, Sink, Step};
use crate::wire::{Malformed, Reader, Span, text};

/// Six numbers by which a node of AMS is called. It need not have to do with the IP address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NetId(pub(super) [u8; 6]);

impl fmt::Display for NetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a}.{b}.{c}.{d}.{e}.{g}")
    }
}

/// One connection.
#[derive(Default)]
pub(super) struct Connection {
    /// Who answered so far: AMS address, and whom its facts are about.
    known: Vec<(Address, Subject)>,
    /// NetIds that were told: of client and server the last.
    told: [Option<NetId>; 2],
    /// Requests that change something and wait for their answers, the oldest first.
    pending: VecDeque<Request>,
    /// Who was told last to write.
    writer: Option<Node>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Address {
    node: Node,
    net_id: NetId,
    port: u16,
}

struct Request {
    by: Node,
    invoke: u32,
    target: (NetId, u16),
    deed: Deed,
}

/// The AMS header.
struct Header {
    target: (NetId, u16),
    source: (NetId, u16),
    /// Where the NetId of the source stands, and its port.
    source_span: Span,
    command: u16,
    command_span: Span,
    flags: u16,
    data_bytes: u32,
    error: u32,
    error_span: Span,
    invoke: u32,
}

impl Header {
    fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let target = (NetId(r.array("target NetId")?), r.u16_le("target port")?);
        let source_at = r.at();
        let source = (NetId(r.array("source NetId")?), r.u16_le("source port")?);
        let source_span = r.since(source_at);
        let command_at = r.at();
        let command = r.u16_le("command id")?;
        let command_span = r.since(command_at);
        let flags = r.u16_le("state flags")?;
        let data_bytes = r.u32_le("data length")?;
        let error_at = r.at();
        let error = r.u32_le("error code")?;
        let error_span = r.since(error_at);
        let invoke = r.u32_le("invoke id")?;
        Ok(Self {
            target,
            source,
            source_span,
            command,
            command_span,
            flags,
            data_bytes,
            error,
            error_span,
            invoke,
        })
    }

    fn is_answer(&self) -> bool {
        self.flags & ANSWER != 0
    }

    /// True for a command of ADS whose lengths agree: nothing else looks so.
    fn is_sound(&self, length: u32) -> bool {
        self.flags & ADS_COMMAND != 0
            && self.command <= READ_WRITE
            && self.data_bytes.checked_add(HEADER_BYTES) == Some(length)
    }
}

impl Connection {
    pub(super) fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let mut r = Reader::new(input.bytes);
        let (Ok(kind), Ok(length)) = (r.u16_le("AMS/TCP command"), r.u32_le("length")) else {
            return Step::Need(TCP_BYTES);
        };
        // Other numbers than 0 are messages between a router and programs of its own computer.
        if length > ADS_MESSAGE_BYTES_MAX || (kind == AMS && length < HEADER_BYTES) {
            return Step::Lost(r.impossible("length"));
        }
        let length_bytes = usize::try_from(length).unwrap_or(usize::MAX);
        let end = length_bytes.saturating_add(TCP_BYTES);
        if kind != AMS {
            return if kind <= ROUTER_LAST {
                Step::Used(end)
            } else {
                Step::Lost(r.impossible("AMS/TCP command"))
            };
        }
        let wanted = end.min(READ_BYTES);
        if input.bytes.len() < wanted {
            return Step::Need(wanted);
        }
        let message = r.peek().get(..length_bytes.min(r.left())).unwrap_or_default();
        let mut message = Reader::starting_at(message, TCP_BYTES);
        match Header::read(&mut message) {
            Ok(header) if header.is_sound(length) => {
                if let Err(malformed) = self.message(&header, message, input, out) {
                    out.damaged(malformed);
                }
                Step::Used(end)
            }
            Ok(_) => Step::Lost(message.impossible("AMS header")),
            Err(malformed) => Step::Lost(malformed),
        }
    }

    pub(super) fn forget(&mut self) {
        self.pending.clear();
    }

    fn message(
        &mut self,
        header: &Header,
        data: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        if header.command == NOTIFICATION {
            return Ok(());
        }
        if header.is_answer() {
            self.answer(header, data, input, out)
        } else {
            self.tell_net_id(header, input, out);
            self.request(header, data, input, out)
        }
    }

    fn request(
        &mut self,
        header: &Header,
        mut data: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let span = header.command_span;
        let deed = match header.command {
            READ_DEVICE_INFO => {
                out.act(Act::Identify, span);
                return Ok(());
            }
            READ => {
                let question = Span { at: data.at(), len: READ_REQUEST_BYTES.min(data.left()) };
                out.reads(span, question);
                return Ok(());
            }
            ADD_NOTIFICATION | READ_STATE => {
                out.act(Act::Read, span);
                return Ok(());
            }
            WRITE => Self::written(header.target.1, data.u32_le("index group")?),
            READ_WRITE => {
                let group = data.u32_le("index group")?;
                match Self::written(header.target.1, group) {
                    // Names are turned into numbers, and many values read at once, by writing what is asked for.
                    Deed::Write if group != SUM_WRITE => {
                        out.act(Act::Read, span);
                        return Ok(());
                    }
                    deed => deed,
                }
            }
            WRITE_CONTROL => Deed::Control(State::from(data.u16_le("ADS state")?)),
            _ => return Ok(()),
        };
        out.act(deed.act(), span);
        if let Some(name) = deed.name() {
            let by = input.sender().addr;
            let target = Subject::node(input.receiver());
            out.text(&target, keys::ATTEMPT, &format!("{name} by {by}"), span);
        }
        if self.pending.len() >= ADS_PENDING_MAX {
            self.pending.pop_front();
            out.count("ads.pending_over_limit");
        }
        let (target, invoke, by) = (header.target, header.invoke, input.sender());
        self.pending.push_back(Request { by, invoke, target, deed });
        Ok(())
    }

    /// What it is to write to an index group of a port: the system service takes files and starts programs.
    fn written(port: u16, group: u32) -> Deed {
        match (port, group) {
            (SYSTEM_SERVICE, FILE_OPEN) => Deed::Service("file open"),
            (SYSTEM_SERVICE, FILE_WRITE) => Deed::Service("file write"),
            (SYSTEM_SERVICE, FILE_DELETE) => Deed::Service("file deletion"),
            (SYSTEM_SERVICE, START_PROCESS) => Deed::Service("program start"),
            _ => Deed::Write,
        }
    }

    fn answer(
        &mut self,
        header: &Header,
        mut data: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let asked = self.answered(header, input.receiver());
        // A router answers for those that are not there: of them only the error is true.
        if header.error != 0 {
            refused(asked, header.error, header.error_span, input, out);
            return Ok(());
        }
        let result_at = data.at();
        let result = data.u32_le("result")?;
        let result_span = data.since(result_at);
        self.tell_net_id(header, input, out);
        if result != 0 {
            refused(asked, result, result_span, input, out);
            return Ok(());
        }
        let about = self.subject(header, input.sender(), out);
        match (header.command, about) {
            (_, None) => Ok(()),
            (READ_DEVICE_INFO, Some(device)) => device_info(&mut data, device, out),
            (READ_STATE, Some(device)) => state(&mut data, device, out),
            (_, Some(device)) => {
                let Some(Request { by, deed, .. }) = asked else { return Ok(()) };
                if let Some((key, is_named)) = deed.event() {
                    let (name, by) = (deed.name().unwrap_or_default(), by.addr);
                    let value = if is_named { format!("{name} by {by}") } else { by.to_string() };
                    out.text(device, key, &value, result_span);
                }
                if deed == Deed::Write {
                    self.tell_writer(by, result_span, input, out);
                }
                Ok(())
            }
        }
    }

    fn tell_writer(&mut self, by: Node, span: Span, input: &Input<'_>, out: &mut Sink<'_>) {
        if self.writer.replace(by) != Some(by) {
            let server = Subject::node(input.sender());
            out.text(&server, keys::WRITER, &by.addr.to_string(), span);
        }
    }

    /// The request that this is the answer to.
    fn answered(&mut self, header: &Header, by: Node) -> Option<Request> {
        let is_it = |request: &Request| {
            (request.by, request.invoke, request.target) == (by, header.invoke, header.source)
        };
        let at = self.pending.iter().position(is_it)?;
        self.pending.remove(at)
    }

    /// Whom an answer is about: what stands behind a port of a NetId is a part of the node. A router passes on for other
    /// nodes, too, and nothing in a message tells which NetId is its own.
    fn subject(&mut self, header: &Header, node: Node, out: &mut Sink<'_>) -> Option<&Subject> {
        let (net_id, port) = header.source;
        let address = Address { node, net_id, port };
        if let Some(at) = self.known.iter().position(|(known, _)| *known == address) {
            return self.known.get(at).map(|(_, subject)| subject);
        }
        if self.known.len() >= ADS_ADDRESSES_MAX {
            out.count("ads.addresses_over_limit");
            return None;
        }
        let at = header.source_span.at.saturating_add(NET_ID_BYTES);
        out.uint(&Subject::node(node), keys::AMS_PORT, port, Span { at, len: 2 });
        let address_text = format!("{net_id}:{port}");
        let unit = Some(Unit::beyond(None, Hop::Address(0, address_text.into())));
        self.known.push((address, Subject { node, unit }));
        self.known.last().map(|(_, subject)| subject)
    }

    /// Tells by which NetId the sender speaks.
    fn tell_net_id(&mut self, header: &Header, input: &Input<'_>, out: &mut Sink<'_>) {
        let [of_client, of_server] = &mut self.told;
        let told = match input.direction {
            Direction::ToServer => of_client,
            Direction::ToClient => of_server,
        };
        let net_id = header.source.0;
        if told.replace(net_id) == Some(net_id) {
            return;
        }
        let span = Span { at: header.source_span.at, len: NET_ID_BYTES };
        out.text(&Subject::node(input.sender()), keys::NET_ID, &net_id.to_string(), span);
    }
}

/// The answer to ReadDeviceInfo.
fn device_info(
    data: &mut Reader<'_>,
    device: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let at = data.at();
    let [major, minor] = data.array("version")?;
    let build = data.u16_le("build")?;
    let span = data.since(at);
    out.text(device, keys::VERSION, &format!("{major}.{minor}.{build}"), span);
    let at = data.at();
    let name = text::until_nul(data.bytes("device name", NAME_BYTES.min(data.left()))?);
    readable::say(out, device, keys::DEVICE, name, Span { at, len: name.len() });
    Ok(())
}

/// The answer to ReadState.
fn state(data: &mut Reader<'_>, device: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let at = data.at();
    let state = State::from(data.u16_le("ADS state")?);
    match state.name() {
        Some(name) => out.text(device, keys::STATE, name, data.since(at)),
        None => out.uint(device, keys::STATE, u16::from(state), data.since(at)),
    }
    Ok(())
}

/// Tells that something was refused.
fn refused(asked: Option<Request>, error: u32, span: Span, input: &Input<'_>, out: &mut Sink<'_>) {
    let Some(Request { by, deed, .. }) = asked else { return };
    let Some(name) = deed.name() else { return };
    let server = Subject::node(input.sender());
    out.text(&server, keys::REFUSED, &format!("{name} by {}: {error:#x}", by.addr), span);
}

/// Two lengths that agree, a command and flags: nothing else begins so.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let mut r = Reader::new(bytes);
    match begins(&mut r) {
        Ok(true) => Probe::Yes,
        Ok(false) => Probe::No,
        Err(_) => Probe::More,
    }
}

fn begins(r: &mut Reader<'_>) -> Result<bool, Malformed> {
    if r.u16_le("AMS/TCP command")? != AMS {
        return Ok(false);
    }
    let length = r.u32_le("length")?;
    if !(HEADER_BYTES..=ADS_MESSAGE_BYTES_MAX).contains(&length) {
        return Ok(false);
    }
    Ok(Header::read(r)?.is_sound(length))
}

/// Bytes of the AMS/TCP header and of the AMS header.
const TCP_BYTES: usize = 6;
const HEADER_BYTES: u32 = 32;
/// Headers, and as many bytes of data as are looked at: the answer to ReadDeviceInfo is the longest.
const READ_BYTES: usize = 62;
/// Index group, index offset and length.
const READ_REQUEST_BYTES: usize = 12;
const NAME_BYTES: usize = 16;
const NET_ID_BYTES: usize = 6;

/// An AMS message; 1 to 4098 are messages of a router to programs beside it.
const AMS: u16 = 0;
const ROUTER_LAST: u16 = 4_098;

const ANSWER: u16 = 0x0001;
const ADS_COMMAND: u16 = 0x0004;

const READ_DEVICE_INFO: u16 = 1;
const READ: u16 = 2;
const WRITE: u16 = 3;
const READ_STATE: u16 = 4;
const WRITE_CONTROL: u16 = 5;
const ADD_NOTIFICATION: u16 = 6;
const NOTIFICATION: u16 = 8;
const READ_WRITE: u16 = 9;

/// AMS port of the system service.
const SYSTEM_SERVICE: u16 = 10_000;
/// Index groups of the system service, of the published library.
const FILE_OPEN: u32 = 120;
const FILE_WRITE: u32 = 123;
const FILE_DELETE: u32 = 131;
const START_PROCESS: u32 = 500;
/// Index group by which many values are written at once.
const SUM_WRITE: u32 = 0xf081;
