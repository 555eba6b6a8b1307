//! What a person decided about devices: which are one, which are two, what one is.

use crate::model::{Field, Node, Timestamp, Unit};

/// A device, by an address that it had at a time: what a decision holds on to, whatever becomes known later.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Anchor {
    /// The address, in its scope.
    pub node: Node,
    /// When the device had it.
    pub at: Timestamp,
}

/// What was decided.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ruling {
    /// These two sightings are one device.
    Together(Anchor, Anchor),
    /// These two sightings are two devices.
    Apart(Anchor, Anchor),
    /// A device, or a part of it, is what a person says.
    Set {
        /// The device.
        anchor: Anchor,
        /// The part; `None` for the device itself.
        unit: Option<Unit>,
        /// What is said of it.
        field: Field,
        /// The value.
        value: Box<str>,
    },
}

/// A ruling with its reasons. A later one of the same two sightings, or of the same field, stands against an earlier one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    /// Its number in the store, from 1; later ones have higher numbers.
    pub number: u64,
    /// What was decided.
    pub ruling: Ruling,
    /// Who decided it.
    pub by: Box<str>,
    /// Why.
    pub why: Box<str>,
    /// When: the time of the clock on the wall, not of any capture.
    pub at: Timestamp,
}
