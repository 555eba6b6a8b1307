//! The units behind a server, as subjects.

use std::collections::BTreeMap;

use crate::model::{Hop, Node, Subject, Unit};

/// One subject for each unit identifier seen in a conversation; at most 256. Kept, because making one
/// allocates, and a poll names the same unit many times a second.
#[derive(Default)]
pub(super) struct Units {
    subjects: BTreeMap<u8, Subject>,
}

impl Units {
    /// Looks at the first; see [`Dissector::glance`](crate::protocols::Dissector::glance).
    pub(super) fn glance(&self) -> usize {
        let way = self.subjects.values().next().and_then(|subject| subject.unit.as_ref());
        usize::from(way.is_some_and(|way| matches!(way.0.first(), Some(Hop::Unit(_)))))
    }

    /// Whom an answer of `unit` at `server` is about. Identifiers 0 and 255 mean the server itself.
    pub(super) fn subject(&mut self, server: Node, unit: u8) -> &Subject {
        self.subjects.entry(unit).or_insert_with(|| {
            let behind = !matches!(unit, BROADCAST | NOT_SIGNIFICANT);
            Subject { node: server, unit: behind.then(|| Unit::modbus(unit)) }
        })
    }
}

/// On serial lines the broadcast address; over TCP accepted for the server itself.
const BROADCAST: u8 = 0;
/// The server itself (implementation guide, 3.1.3).
const NOT_SIGNIFICANT: u8 = 255;
