//! PROFINET IO: what devices, controllers and engineering tools say while connections are set up and records are read.
//!
//! Reads the acyclic services of IEC 61158-6-10 (application layer protocol, type 10), which are remote procedure calls
//! without a connection ([`shared::dcerpc`](crate::protocols::shared::dcerpc)): Connect with name and object of the
//! controller, the modules that it expects and those that differ ([`connect`]); Read with identification and maintenance
//! records (PROFIBUS & PROFINET International, Identification & Maintenance Functions 1.3) ([`identification`]), the list of
//! modules ([`slots`]) and the addresses and neighbours of the interface ([`ports`]); Write of identification records.
//! Devices answer at a port of their own choice: a conversation is known by the interface that its messages name. The
//! endpoint mapper at port 34964 is read, too.
//!
//! Calls that come in several parts are put together ([`calls`]). Skips parameters of modules, diagnosis, and
//! data that is exchanged in cycles.
//!
//! ```text
//! request     ArgsMaximum u32 | ArgsLength u32 | MaximumCount u32 | Offset u32 | ActualCount u32 | blocks
//! response    PNIOStatus u32  | ArgsLength u32 | MaximumCount u32 | Offset u32 | ActualCount u32 | blocks
//!             in the order of bytes that the datagram's header tells
//! block       BlockType u16 | BlockLength u16 | BlockVersionHigh u8 | BlockVersionLow u8 | body of BlockLength - 2
//!             big-endian, always
//! ```

mod block;
mod calls;
mod connect;
mod identification;
mod keys;
mod ports;
mod records;
mod slots;
#[cfg(test)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::{Hop, Key, Node, Subject, Unit};
use crate::protocols::shared::dcerpc::{self, Datagram, connectionless};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader};

use calls::Calls;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "pn_io",
    spec: "IEC 61158-6-10; PROFIBUS & PROFINET International, Identification & Maintenance Functions 1.3; The Open Group C706 (1997)",
    attach: &[Attach::Udp(34_964)],
    keys: &[keys::ALL, ENDPOINT_MAPPER_KEYS],
    probe,
    start: || Box::new(Conversation::default()),
};

/// What an endpoint mapper says.
const ENDPOINT_MAPPER_KEYS: &[Key] =
    &[dcerpc::ANNOTATION, dcerpc::COMPUTER_NAME, dcerpc::ENDPOINT, dcerpc::INTERFACE];

/// Datagrams between two ports.
#[derive(Default)]
struct Conversation {
    calls: Calls,
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = self.datagram(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }

    fn gap(&mut self, _direction: Direction) {
        self.calls.forget();
    }

    fn kept_bytes(&self) -> usize {
        self.calls.kept_bytes()
    }

    fn forget(&mut self) {
        self.calls.forget();
    }
}

impl Conversation {
    fn datagram(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        let datagram = Datagram::read(input.bytes)?;
        let Some(ends) = Ends::of(&datagram, input) else {
            if datagram.kind == connectionless::RESPONSE && datagram.fragment.is_none() {
                dcerpc::lookup_connectionless(&datagram, &Subject::node(input.sender()), out)?;
            }
            return Ok(());
        };
        if datagram.kind == connectionless::REQUEST && datagram.fragment.is_none_or(|n| n == 0) {
            records::tell_act(&datagram, out);
        }
        self::object(&datagram, &ends, out);
        let call = Call {
            is_request: datagram.kind == connectionless::REQUEST,
            operation: datagram.operation,
            little_endian: datagram.little_endian,
            ends,
        };
        if datagram.fragment.is_none() {
            return call.read(datagram.body, out);
        }
        let Some(whole) = self.calls.take(&datagram, input, out) else { return Ok(()) };
        let shown = whole.shown(input);
        call.read(Reader::new(shown.bytes), &mut out.over(&shown))
    }
}

/// Sure of an interface of PROFINET; an endpoint mapper may be anybody's.
fn probe(bytes: &[u8]) -> Probe {
    match connectionless::interface(bytes) {
        Some(interface) if INTERFACES.contains(&interface.as_u128()) => Probe::Yes,
        Some(_) => Probe::Maybe,
        None => Probe::No,
    }
}

/// Which object answers tells maker and device, unless it refuses.
fn object(datagram: &Datagram<'_>, ends: &Ends, out: &mut Sink<'_>) {
    let is_done = datagram.body.peek().first_chunk() == Some(&[0; 4]);
    let answers = datagram.kind == connectionless::RESPONSE;
    if answers && is_done && datagram.fragment.is_none_or(|number| number == 0) {
        let answering = match datagram.interface.as_u128() {
            DEVICE => ends.device,
            _ => ends.controller,
        };
        connect::object(&Subject::node(answering), datagram.object, connectionless::OBJECT, out);
    }
}

/// Who calls whom. The message tells: devices call controllers back, from any port to any port.
#[derive(Clone, Copy, Debug)]
struct Ends {
    device: Node,
    /// An IO controller, or a tool.
    controller: Node,
}

impl Ends {
    /// `None` for what is no call to a device or a controller, and no answer.
    fn of(datagram: &Datagram<'_>, input: &Input<'_>) -> Option<Self> {
        let (sender, receiver) = (input.sender(), input.receiver());
        let (client, server) = match datagram.kind {
            connectionless::REQUEST => (sender, receiver),
            connectionless::RESPONSE => (receiver, sender),
            _ => return None,
        };
        let (controller, device) = match datagram.interface.as_u128() {
            DEVICE => (client, server),
            CONTROLLER => (server, client),
            _ => return None,
        };
        Some(Self { device, controller })
    }
}

/// One call or answer, put together.
#[derive(Debug)]
struct Call {
    is_request: bool,
    operation: u16,
    little_endian: bool,
    ends: Ends,
}

impl Call {
    /// Reads the stub: the frame of NDR around blocks.
    fn read(&self, mut stub: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        let mut number = |field| {
            if self.little_endian { stub.u32_le(field) } else { stub.u32_be(field) }
        };
        let first = number("ArgsMaximum, PNIOStatus")?;
        let length = number("ArgsLength")?;
        for field in ["MaximumCount", "Offset", "ActualCount"] {
            number(field)?;
        }
        let start = stub.at().saturating_sub(FRAME_BYTES);
        if !self.is_request && first != 0 {
            let operation = OPERATIONS.get(usize::from(self.operation)).unwrap_or(&"call");
            let device = Subject::node(self.ends.device);
            let what = format!("{operation}: {first:08x}");
            let span = crate::wire::Span { at: start, len: 4 };
            out.text(&device, keys::CALL_REFUSED, &what, span);
            return Ok(());
        }
        let blocks = stub.sub("ArgsLength", usize::try_from(length).unwrap_or(usize::MAX))?;
        match (self.operation, self.is_request) {
            (CONNECT, true) => connect::request(self, blocks, out),
            (CONNECT, false) => connect::response(self, blocks, out),
            (READ | READ_IMPLICIT, false) => records::read(self, blocks, out),
            (WRITE, _) => records::write(self, blocks, out),
            _ => Ok(()),
        }
    }

    /// The device that is asked, or that answers.
    fn device(&self) -> Subject {
        Subject::node(self.ends.device)
    }

    /// The slot of the device. Slot 0, subslot 1 is the device itself, and subslot 1 of another slot the module there.
    fn place(&self, slot: u16, subslot: u16) -> Subject {
        if (slot, subslot) == DEVICE_ITSELF {
            return self.device();
        }
        let unit = Unit::beyond(None, Hop::Slot(slot.into()));
        let unit = match subslot {
            MODULE_ITSELF => unit,
            subslot => Unit::beyond(Some(&unit), Hop::Subslot(subslot)),
        };
        Subject { node: self.ends.device, unit: Some(unit) }
    }
}

/// Interface of devices.
const DEVICE: u128 = 0xdea00001_6c97_11d1_8271_00a02442df7d;
/// Interface of controllers.
const CONTROLLER: u128 = 0xdea00002_6c97_11d1_8271_00a02442df7d;
/// Of devices, controllers, supervisors and parameter servers.
const INTERFACES: [u128; 4] = [
    DEVICE,
    CONTROLLER,
    0xdea00003_6c97_11d1_8271_00a02442df7d,
    0xdea00004_6c97_11d1_8271_00a02442df7d,
];
const CONNECT: u16 = 0;
const READ: u16 = 2;
const WRITE: u16 = 3;
const READ_IMPLICIT: u16 = 5;
/// Names of the operations, by number.
const OPERATIONS: [&str; 6] = ["connect", "release", "read", "write", "control", "read implicit"];
/// Bytes of NDR in front of the blocks.
const FRAME_BYTES: usize = 20;
const DEVICE_ITSELF: (u16, u16) = (0, MODULE_ITSELF);
const MODULE_ITSELF: u16 = 1;
