//! Who talks to whom, in which protocol, and what for.

use crate::model::{Key, Node, Timestamp};

/// What a request is for. Closed: roles, screens and exports match on it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Act {
    /// Asks what the device is.
    Identify,
    /// Reads process data, files or configuration.
    Read,
    /// Changes process data, files or configuration.
    Write,
    /// Starts, stops, resets, changes the mode.
    Control,
    /// Loads or fetches a program or firmware.
    Program,
}

impl Act {
    /// All of them, in order.
    pub const ALL: [Self; 5] =
        [Self::Identify, Self::Read, Self::Write, Self::Control, Self::Program];

    /// The name that exports and the query language use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Read => "read",
            Self::Write => "write",
            Self::Control => "control",
            Self::Program => "program",
        }
    }

    /// The fact that a node did it. The values are the protocols it did it with.
    pub const fn key(self) -> Key {
        Key::several(match self {
            Self::Identify => "ip.identifies",
            Self::Read => "ip.reads",
            Self::Write => "ip.writes",
            Self::Control => "ip.controls",
            Self::Program => "ip.programs",
        })
    }
}

/// How often each act was done.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Acts([u32; Act::ALL.len()]);

impl Acts {
    /// Counts one; true when it is the first of its kind.
    pub fn count(&mut self, act: Act) -> bool {
        let counts = self.0.iter_mut().zip(Act::ALL);
        let own = counts.filter(|(_, kind)| *kind == act).map(|(count, _)| count).next();
        own.is_some_and(|count| std::mem::replace(count, count.saturating_add(1)) == 0)
    }

    /// How often one was done.
    pub fn of(&self, act: Act) -> u32 {
        self.0.iter().zip(Act::ALL).find(|(_, kind)| *kind == act).map_or(0, |(count, _)| *count)
    }

    /// Adds those of another list.
    pub fn add(&mut self, others: &Self) {
        for (own, other) in self.0.iter_mut().zip(others.0) {
            *own = own.saturating_add(other);
        }
    }
}

/// All that two nodes said to each other in one protocol, whatever the client's ports were.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conversation {
    /// Who asks.
    pub client: Node,
    /// Who answers.
    pub server: Node,
    /// Where: `tcp/502`, `udp/2222`, `ether/88cc`.
    pub port: Box<str>,
    /// The protocol that was recognised, by registry name.
    pub protocol: Option<&'static str>,
    /// Its first packet.
    pub first: Timestamp,
    /// Its last packet.
    pub last: Timestamp,
    /// Packets to the server and to the client.
    pub packets: [u64; 2],
    /// Bytes of those packets on the wire, to the server and to the client.
    pub bytes: [u64; 2],
    /// What the requests were for.
    pub acts: Acts,
}
