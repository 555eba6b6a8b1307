//! What a dissector is shown.

use crate::model::{FrameRef, Mac, Node, Timestamp};

/// Which way bytes travelled, seen from the party that opened the conversation.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

/// Where on the stack a protocol sits. The same enum names a conversation's server port and a protocol's home.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Attach {
    /// An Ethernet type, for protocols without IP.
    Ether(u16),
    /// A TCP server port.
    Tcp(u16),
    /// A UDP server port.
    Udp(u16),
}

/// Names one conversation at any layer.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FlowKey {
    /// The party that opened it.
    pub client: Node,
    /// The port it opened it from; 0 where there are no ports.
    pub client_port: u16,
    /// The party it was opened to.
    pub server: Node,
    /// Where the protocol attaches: for TCP and UDP, the server's port.
    pub attach: Attach,
}

/// Where a run of bytes came from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place {
    /// Offset of the run's first byte in `Input::bytes`.
    pub start: usize,
    /// The frame that brought the run.
    pub frame: FrameRef,
    /// Offset of the run's first byte in that frame as captured.
    pub offset: u32,
}

/// The frames in which the offsets of a packet's source address and hop limit count: not always the frame that made
/// it whole, when a tunnel carried it in parts. And whether somebody was heard to whom it is an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ShownBy {
    /// The frame that holds the source MAC address.
    pub source: FrameRef,
    /// The frame that holds the hop limit.
    pub hop_limit: FrameRef,
    /// The packet goes on with a conversation in which the other party was heard, too. One that only begins a connection does not, whoever answered before.
    pub answers: bool,
}

/// What a dissector is shown: the unread bytes of one direction.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Unread bytes, oldest first.
    pub bytes: &'a [u8],
    /// True for a datagram or frame: nothing will follow these bytes.
    pub whole: bool,
    /// Which way they travelled.
    pub direction: Direction,
    /// The conversation they belong to.
    pub flow: &'a FlowKey,
    /// When the frame that completed them was captured.
    pub at: Timestamp,
    /// The frame that completed them.
    pub frame: FrameRef,
    /// Source MAC address of that frame.
    pub mac: Option<Mac>,
    /// Where the bytes came from: ascending by `start`, the first at 0, never empty when `bytes` is not.
    pub places: &'a [Place],
}

impl Input<'_> {
    /// The node that sent these bytes.
    pub fn sender(&self) -> Node {
        match self.direction {
            Direction::ToServer => self.flow.client,
            Direction::ToClient => self.flow.server,
        }
    }

    /// The node that these bytes were sent to.
    pub fn receiver(&self) -> Node {
        match self.direction {
            Direction::ToServer => self.flow.server,
            Direction::ToClient => self.flow.client,
        }
    }

    /// Bytes up to where the next segment begins, or all of them. Where a message may begin, when these hold none.
    pub fn segment_bytes(&self) -> usize {
        let next = self.places.get(1).filter(|_| !self.whole).map(|place| place.start);
        next.filter(|start| (1..self.bytes.len()).contains(start)).unwrap_or(self.bytes.len())
    }

    /// The frame and the offset in it of the byte `at` of `bytes`.
    pub fn locate(&self, at: usize) -> (FrameRef, u32) {
        let offset = u32::try_from(at).unwrap_or(u32::MAX);
        locate(self.places, offset).unwrap_or((self.frame, 0))
    }
}

/// The frame and the offset in it of the byte `at` of bytes that came from `places`.
pub(super) fn locate(places: &[Place], at: u32) -> Option<(FrameRef, u32)> {
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    let behind = places.partition_point(|place| place.start <= at);
    let place = places.get(behind.checked_sub(1)?)?;
    let ahead = u32::try_from(at.saturating_sub(place.start)).unwrap_or(u32::MAX);
    Some((place.frame, place.offset.saturating_add(ahead)))
}
