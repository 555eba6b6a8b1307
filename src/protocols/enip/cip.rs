//! What requests and replies of the Common Industrial Protocol share: services, the tree of what was asked, and
//! the split of a Multiple Service Packet (CIP Networks Library volume 1, edition 3.x, chapters 2, 3 and 5).
//!
//! ```text
//!   request    service 1   path size in words 1   padded EPATH   data
//!   reply      service | 0x80  1   0   general status 1   additional status size in words 1   [...]   data
//!   packet     number of services 2   offsets 2 each, from the start of the number   services, in order
//! ```

use std::sync::Arc;

use crate::model::{Addr, Hop};
use crate::protocols::enip::events::Deed;
use crate::protocols::shared::pccc;
use crate::wire::{Malformed, Reader};

/// What one request asked for, as far as its reply needs it: services in the order in which they stand, a
/// Multiple Service Packet before the services in it.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Asked {
    /// At most `CIP_SERVICES_PER_MESSAGE_MAX` together with the hops of `routes`.
    pub(super) nodes: Vec<Node>,
    /// Ways to the services; the first is the way of the connection, or empty.
    pub(super) routes: Vec<Arc<[Hop]>>,
    /// Who asked; `None` only in an empty default.
    pub(super) asker: Option<Addr>,
}

/// One service that was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Node {
    /// The service code, without the reply bit.
    pub(super) service: u8,
    /// Number of its way in `Asked::routes`.
    pub(super) route: u16,
    /// True when an Unconnected Send brought it, whose own failure may come instead of the reply.
    pub(super) routed: bool,
    /// What the reply to it will hold.
    pub(super) answer: Answer,
}

/// What a reply holds, known from its request only.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answer {
    /// All attributes of an object, in the object's order.
    All(Object),
    /// Attributes with their numbers and states.
    List(Object),
    /// One attribute.
    Single(Object, u16),
    /// This many replies.
    Multiple(u16),
    /// Connection identifiers. Whether explicit messages will travel on the connection.
    Opened(bool),
    /// The triad of a connection that is no more.
    Closed,
    /// Nothing but that something was done.
    Done(Deed),
    /// The reply to a PCCC command.
    Pccc(pccc::Command),
    /// Nothing that is read.
    Unread,
}

/// Objects whose attributes are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Object {
    /// Class 0x01, instance 1: the device as a whole.
    Identity,
    /// Class 0x01, other instances: a part of it.
    Component(u32),
    /// Class 0x37: one for each file.
    File,
    /// Class 0x43.
    TimeSync,
    /// Class 0x47.
    DeviceLevelRing,
    /// Class 0x51.
    BaseSwitch,
    /// Class 0x5D.
    CipSecurity,
    /// Class 0x5E.
    EthernetIpSecurity,
    /// Class 0x5F: one for each certificate.
    CertificateManagement,
    /// Class 0x64 of Logix controllers.
    ProgramName,
    /// Class 0xAC of Logix controllers.
    Project,
    /// Class 0xF4: one for each port that routes.
    Port,
    /// Class 0xF5: one for each IP interface.
    TcpIpInterface,
    /// Class 0xF6: one for each Ethernet port.
    EthernetLink,
}

impl Asked {
    /// Whether a reply of this service (reply bit set) can answer the request.
    pub(super) fn answered_by(&self, reply: u8) -> bool {
        self.nodes.first().is_some_and(|node| {
            reply == node.service | REPLY || (node.routed && reply == UNCONNECTED_SEND | REPLY)
        })
    }

    /// What remembering it costs, in services and hops.
    pub(super) fn weight(&self) -> usize {
        let hops = self.routes.iter().map(|route| route.len());
        hops.fold(self.nodes.len(), usize::saturating_add)
    }

    /// Number of the first node behind the one at `at` and all that are in it.
    pub(super) fn behind(&self, at: usize) -> usize {
        let mut at = at;
        let mut left = 1_usize;
        while let (Some(node), Some(fewer)) = (self.nodes.get(at), left.checked_sub(1)) {
            let inner = if let Answer::Multiple(count) = node.answer { count } else { 0 };
            left = fewer.saturating_add(usize::from(inner));
            at = at.saturating_add(1);
        }
        at
    }
}

/// The services of a Multiple Service Packet, requests or replies.
pub(super) struct Parts<'a> {
    body: Reader<'a>,
    offsets: Reader<'a>,
    /// As the packet says; so many offsets are present.
    pub(super) count: u16,
}

impl<'a> Parts<'a> {
    /// Splits `body`, which starts at the number of services.
    pub(super) fn read(body: Reader<'a>) -> Result<Self, Malformed> {
        let mut head = body.clone();
        let count = head.u16_le("number of services")?;
        let offsets = head.sub("service offsets", usize::from(count).saturating_mul(2))?;
        Ok(Self { body, offsets, count })
    }

    /// Each service ends where the next begins. The specification has them in order; offsets that go back, or
    /// name one place twice, would make a small packet hold any number of services.
    fn part(&self, start: u16, end: Option<u16>) -> Result<Reader<'a>, Malformed> {
        let header = usize::from(self.count).saturating_mul(2).saturating_add(2);
        let start = usize::from(start);
        let end = end.map_or(self.body.left(), usize::from);
        match end.checked_sub(start) {
            Some(len) if len > 0 && start >= header => {
                self.body.ahead("service offset", start)?.sub("service", len)
            }
            _ => Err(self.offsets.impossible("service offset")),
        }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Result<Reader<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.offsets.u16_le("service offset").ok()?;
        let end = self.offsets.clone().u16_le("service offset").ok();
        Some(self.part(start, end))
    }
}

/// Passes over the requestor in front of a PCCC command, and of the reply to it.
///
/// ```text
///   size 1, itself included   vendor ID 2   serial number 4   ...
/// ```
pub(super) fn requestor(data: &mut Reader<'_>) -> Result<(), Malformed> {
    let size = data.u8("requestor size")?;
    data.skip("requestor", usize::from(size.saturating_sub(1)))
}

/// Set in the service code of replies.
pub(super) const REPLY: u8 = 0x80;

pub(super) const GET_ATTRIBUTES_ALL: u8 = 0x01;
pub(super) const GET_ATTRIBUTE_LIST: u8 = 0x03;
pub(super) const MULTIPLE_SERVICE_PACKET: u8 = 0x0A;
pub(super) const GET_ATTRIBUTE_SINGLE: u8 = 0x0E;
pub(super) const EXECUTE_PCCC: u8 = 0x4B;
/// Execute PCCC without the requestor in front.
pub(super) const EXECUTE_LOCAL_PCCC: u8 = 0x4D;
pub(super) const FORWARD_CLOSE: u8 = 0x4E;
pub(super) const UNCONNECTED_SEND: u8 = 0x52;
pub(super) const FORWARD_OPEN: u8 = 0x54;
pub(super) const LARGE_FORWARD_OPEN: u8 = 0x5B;

pub(super) const MESSAGE_ROUTER: u32 = 0x02;
pub(super) const CONNECTION_MANAGER: u32 = 0x06;
pub(super) const PCCC: u32 = 0x67;
