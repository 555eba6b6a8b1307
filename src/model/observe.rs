//! What the wire said: facts in the protocol's own words, each with the bytes that prove it.

use std::fmt;

use crate::model::{FrameRef, Mac, Node, Timestamp};

/// One step from a node to a unit behind it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Hop {
    /// CIP port segment 1 (the backplane): the slot number in the chassis.
    Slot(u32),
    /// CIP port segment with another port number and a numeric link address.
    Link(u32, u32),
    /// CIP port segment with an extended link address: the text of it, mostly an IP address.
    Address(u32, Box<str>),
    /// Modbus unit identifier.
    Unit(u8),
    /// Rack and slot of an S7 station, as a connection names them.
    Rack(u8, u8),
    /// Subslot of a PROFINET module, behind its slot.
    Subslot(u16),
    /// BACnet network behind a router, and the address of a device there: a number of MS/TP, or bytes in hexadecimal.
    Network(u16, Box<str>),
    /// Station behind an address, by the number it has on its line: a DNP3 link address, an S-Bus station number.
    Station(u16),
    /// Row of entPhysicalTable: a module that an SNMP agent knows in its chassis.
    Entity(u32),
    /// Slave on a line of EtherCAT, by the station address that its master gave it.
    Slave(u16),
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot(slot) => write!(f, "slot {slot}"),
            Self::Link(port, link) => write!(f, "port {port} link {link}"),
            Self::Address(_, address) => f.write_str(address),
            Self::Unit(unit) => write!(f, "unit {unit}"),
            Self::Rack(rack, slot) => write!(f, "rack {rack} slot {slot}"),
            Self::Subslot(subslot) => write!(f, "subslot {subslot}"),
            Self::Network(network, address) => write!(f, "network {network} address {address}"),
            Self::Station(station) => write!(f, "station {station}"),
            Self::Entity(row) => write!(f, "entity {row}"),
            Self::Slave(station) => write!(f, "slave {station}"),
        }
    }
}

/// The way from a node to a unit behind it; never empty. Prints as `slot 2 / 192.168.1.7 / slot 0`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Unit(pub Box<[Hop]>);

impl Unit {
    /// The way one hop further.
    pub fn beyond(way: Option<&Self>, hop: Hop) -> Self {
        let before = way.map(|way| &*way.0).unwrap_or_default();
        Self(before.iter().cloned().chain(std::iter::once(hop)).collect())
    }

    /// A Modbus unit behind its gateway.
    pub fn modbus(unit: u8) -> Self {
        Self(Box::new([Hop::Unit(unit)]))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, hop) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" / ")?;
            }
            hop.fmt(f)?;
        }
        Ok(())
    }
}

/// Whom a fact is about: a node, or one unit behind it (a rack slot, a Modbus unit).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Subject {
    /// The address that answered.
    pub node: Node,
    /// The unit behind that address; `None` for the node itself.
    pub unit: Option<Unit>,
}

impl Subject {
    /// The node itself.
    pub fn node(node: Node) -> Self {
        Self { node, unit: None }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)?;
        self.unit.as_ref().map_or(Ok(()), |unit| write!(f, " {unit}"))
    }
}

/// Name of one thing a protocol can say, for example `enip.product_name`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Key {
    /// Protocol, a dot, and the specification's noun in snake case.
    pub name: &'static str,
    /// How its values stand to each other.
    pub values: Values,
}

/// How the values of one key of one subject stand to each other.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Values {
    /// A new value replaces the one before.
    One,
    /// A subject can have several at once (addresses, functions used): a new value joins the others.
    Several,
    /// Something happened (a program download, a change of mode). The value says who did it, or what exactly was done;
    /// the same is told again when it happens in another minute.
    Events,
}

impl Key {
    /// A key with one value at a time.
    pub const fn one(name: &'static str) -> Self {
        Self { name, values: Values::One }
    }

    /// A key with any number of values at a time.
    pub const fn several(name: &'static str) -> Self {
        Self { name, values: Values::Several }
    }

    /// A key for things that happen.
    pub const fn event(name: &'static str) -> Self {
        Self { name, values: Values::Events }
    }

    /// True when a new value leaves the values before it as they are.
    pub fn gathers(self) -> bool {
        self.values != Values::One
    }

    /// The protocol that says it: the part before the first dot.
    pub fn protocol(self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(protocol, _)| protocol)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What the wire said, unchanged and uninterpreted.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Value {
    /// Text, decoded, without padding. May hold control characters: every sink escapes.
    Text(Box<str>),
    /// A number as the protocol encodes it.
    Uint(u64),
    /// Bytes without an agreed reading. Prints as lower-case hexadecimal.
    Bytes(Box<[u8]>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Uint(number) => write!(f, "{number}"),
            Self::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// The bytes that prove a fact.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Excerpt {
    /// Frame that holds the first of the bytes: the observation's own frame, or an earlier one when a
    /// message came in several.
    pub frame: FrameRef,
    /// Offset in bytes from the start of that frame as captured.
    pub offset: u32,
    /// How many bytes the value takes on the wire.
    pub length: u32,
    /// The bytes, at most `limits::EXCERPT_BYTES_MAX` of them.
    pub bytes: Box<[u8]>,
}

/// One fact read from the wire, with the frame that proves it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Observation {
    /// When it was on the wire.
    pub at: Timestamp,
    /// The frame that completed it.
    pub frame: FrameRef,
    /// Whom it is about.
    pub subject: Subject,
    /// Source MAC address of that frame, when the subject sent it over Ethernet.
    pub mac: Option<Mac>,
    /// What is said.
    pub key: Key,
    /// The value as said.
    pub value: Value,
    /// The bytes that prove it.
    pub excerpt: Excerpt,
    /// True when this subject had already said this value: told on request only, changes nothing.
    pub repeat: bool,
}

/// When a node sent packets.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Sighting {
    /// Who.
    pub node: Node,
    /// From which MAC address: the node's own, or the last router's. `None` where frames have none, and when another
    /// node stood between.
    pub mac: Option<Mac>,
    /// Its earliest packet.
    pub first: Timestamp,
    /// Its latest packet.
    pub last: Timestamp,
}
