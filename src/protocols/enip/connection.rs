//! CIP connections that a conversation opened, so that messages on them can be told apart.
//!
//! Each end chooses the identifier it wants to receive: requests carry the target's (O→T), replies the
//! originator's (T→O). Serial number, vendor and serial number of the originator name the connection for good.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::flow::Direction;
use crate::model::Hop;
use crate::model::limits::CIP_CONNECTIONS_MAX;
use crate::wire::{Malformed, Reader};

/// One open connection.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    /// Names it: serial number, vendor and serial number of the originator.
    pub(super) triad: Triad,
    /// Identifier that requests carry.
    pub(super) to_target: u32,
    /// Identifier that replies carry.
    pub(super) to_originator: u32,
    /// Which way requests travel.
    pub(super) requests: Direction,
    /// Way behind the answering node.
    pub(super) route: Arc<[Hop]>,
    /// Whether CIP messages travel on it, rather than data whose layout only its ends know.
    pub(super) explicit: bool,
}

/// Connection serial number, originator vendor, originator serial number.
pub(super) type Triad = (u16, u16, u32);

/// Reads a triad.
pub(super) fn triad(data: &mut Reader<'_>) -> Result<Triad, Malformed> {
    let connection = data.u16_le("connection serial number")?;
    let vendor = data.u16_le("originator vendor ID")?;
    let serial = data.u32_le("originator serial number")?;
    Ok((connection, vendor, serial))
}

/// The open connections; the oldest gives way.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: VecDeque<Connection>,
}

impl Connections {
    /// Looks at the oldest; see [`Dissector::glance`](crate::protocols::Dissector::glance).
    pub(super) fn glance(&self) -> usize {
        self.open.front().map_or(0, |open| usize::from(open.explicit))
    }

    /// Adds a connection. True when another had to be forgotten.
    pub(super) fn open(&mut self, connection: Connection) -> bool {
        // An identifier that is given out again belongs to its last owner only. Both ends give them out, so the
        // same number may stand for a connection that the other end opened.
        self.open.retain(|other| {
            other.requests != connection.requests
                || (other.triad != connection.triad && other.to_target != connection.to_target)
        });
        self.open.push_back(connection);
        let full = self.open.len() > CIP_CONNECTIONS_MAX;
        if full {
            self.open.pop_front();
        }
        full
    }

    /// Removes a connection.
    pub(super) fn close(&mut self, triad: Triad) {
        self.open.retain(|connection| connection.triad != triad);
    }

    /// The connection on which a message travels `direction` under `identifier`. Some programs put the target's identifier
    /// into replies, too; whether such a reply answers a request of that connection, its sequence count will tell.
    pub(super) fn carrying(&self, identifier: u32, direction: Direction) -> Option<&Connection> {
        let mut open = self.open.iter().rev();
        open.clone()
            .find(|connection| identifier == connection.identifier(direction))
            .or_else(|| open.find(|connection| connection.echoes(identifier, direction)))
    }
}

impl Connection {
    fn echoes(&self, identifier: u32, direction: Direction) -> bool {
        direction != self.requests && identifier == self.to_target
    }

    fn identifier(&self, direction: Direction) -> u32 {
        if direction == self.requests { self.to_target } else { self.to_originator }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use crate::flow::Direction::{ToClient, ToServer};

    fn connection(number: u16) -> Connection {
        Connection {
            triad: (number, 1, 1),
            to_target: u32::from(number),
            to_originator: 1_000,
            requests: ToServer,
            route: Arc::default(),
            explicit: true,
        }
    }

    #[test]
    fn each_direction_has_its_identifier() {
        let mut connections = Connections::default();
        connections.open(connection(7));
        assert!(connections.carrying(7, ToServer).is_some());
        assert!(
            connections.carrying(7, ToClient).is_some(),
            "a reply under the identifier of its request"
        );
        assert!(connections.carrying(1_000, ToServer).is_none());
        assert!(connections.carrying(1_000, ToClient).is_some());
    }

    #[test]
    fn the_oldest_connection_gives_way() {
        let mut connections = Connections::default();
        let forgotten = (0..100).filter(|number| connections.open(connection(*number))).count();
        assert_eq!(connections.open.len(), CIP_CONNECTIONS_MAX);
        assert_eq!(forgotten, 100 - CIP_CONNECTIONS_MAX);
        assert!(connections.carrying(99, ToServer).is_some());
    }
}
