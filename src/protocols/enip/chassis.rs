//! Slots that were asked in vain. "Not seen" is not "empty": only the bridge's word that its link has no such address
//! makes a slot empty; silence may be a module that is busy, faulted or being updated.
//!
//! Failures of the Connection Manager (CIP Networks Library volume 1, edition 3.x, table 3-5.29), general status 0x01:
//!
//! ```text
//!   0x0204 unconnected request timed out        silent: nothing came back
//!   0x0312 link address not valid               empty: nothing has that address on the link
//!   0x0311 port not available, 0x0315 invalid segment and the others say nothing of a slot
//! ```
//!
//! The data of the failure holds how much of the path was left when it happened, which names the hop.

use crate::model::{Hop, Key, Node, Subject};
use crate::protocols::Sink;
use crate::protocols::enip::{keys, request};
use crate::wire::Span;

/// How a request along a route failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure {
    /// The first word of the additional status.
    pub(super) extended: u16,
    /// Words of the route that were left, when they are known and nothing but the route is counted.
    pub(super) remaining: Option<u8>,
    /// Where both stand.
    pub(super) span: Span,
}

/// Says what a failure on the way along `hops` behind `node` tells about a slot.
pub(super) fn failed(failure: Failure, node: Node, hops: &[Hop], out: &mut Sink<'_>) {
    let Some(key) = told(failure.extended) else { return };
    let place = match failure.remaining {
        Some(remaining) => (0..hops.len())
            .find(|place| words(hops.get(*place..).unwrap_or_default()) == usize::from(remaining)),
        None => None,
    };
    // A route of one hop can fail at that hop only, whatever a device counts.
    let place = place.or((hops.len() == 1).then_some(0));
    if let Some((before, Hop::Slot(slot))) =
        place.and_then(|place| Some((hops.get(..place)?, hops.get(place)?)))
    {
        let bridge: Subject = request::subject(node, before);
        out.uint(&bridge, key, *slot, failure.span);
    }
}

fn told(extended: u16) -> Option<Key> {
    match extended {
        TIMED_OUT => Some(keys::SILENT_SLOT),
        LINK_ADDRESS_NOT_VALID => Some(keys::EMPTY_SLOT),
        _ => None,
    }
}

/// Words that hops take in a path, written as short as can be.
fn words(hops: &[Hop]) -> usize {
    hops.iter().fold(0, |words, hop| words.saturating_add(length(hop)))
}

fn length(hop: &Hop) -> usize {
    let (port, address) = match hop {
        Hop::Slot(slot) => (1, if *slot > u32::from(u8::MAX) { 3 } else { 1 }),
        Hop::Link(port, link) => (*port, if *link > u32::from(u8::MAX) { 3 } else { 1 }),
        Hop::Address(port, address) => (*port, address.len().saturating_add(1)),
        // In no path of CIP.
        Hop::Unit(_)
        | Hop::Rack(..)
        | Hop::Subslot(_)
        | Hop::Network(..)
        | Hop::Station(_)
        | Hop::Slave(_)
        | Hop::Entity(_) => (1, 1),
    };
    let port = if port >= PORTS_IN_SEGMENT { 3_usize } else { 1 };
    port.saturating_add(address).div_ceil(2)
}

const TIMED_OUT: u16 = 0x0204;
const LINK_ADDRESS_NOT_VALID: u16 = 0x0312;
/// From this number on a port needs two bytes of its own.
const PORTS_IN_SEGMENT: u32 = 15;
