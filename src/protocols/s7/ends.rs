//! The two ends of a connection: the client's address, and the module of the server that was asked for.

use crate::model::{Hop, Node, Subject, Unit};
use crate::protocols::Sink;
use crate::protocols::s7::keys;
use crate::wire::Span;

/// Kept, because making a subject or a text allocates, and a poll names the same ones many times a second.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// Rack and slot that were asked for, and by whom.
    called: Option<(u8, u8, Node)>,
    device: Option<Subject>,
    client: Option<(Node, Box<str>)>,
    told: bool,
}

impl Ends {
    /// See [`Dissector::glance`](crate::protocols::Dissector::glance).
    pub(super) fn glance(&self) -> usize {
        self.device
            .as_ref()
            .map_or(usize::from(self.told), |device| usize::from(device.unit.is_some()))
    }

    /// Takes what a connection asks for.
    pub(super) fn called(&mut self, place: Option<(u8, u8)>, by: Node) {
        self.called = place.map(|(rack, slot)| (rack, slot, by));
        self.device = None;
    }

    /// The module that answers `client` at the address `server`, and the client's address.
    pub(super) fn known(&mut self, client: Node, server: Node) -> (&Subject, &str) {
        if self.client.as_ref().is_none_or(|(node, _)| *node != client) {
            self.client = Some((client, client.addr.to_string().into()));
            self.device = None;
        }
        let called = self.called.filter(|(.., by)| *by == client);
        let device = self.device.get_or_insert_with(|| Subject {
            node: server,
            unit: called.map(|(rack, slot, _)| Unit([Hop::Rack(rack, slot)].into())),
        });
        let client = self.client.as_ref().map(|(_, text)| &**text).unwrap_or_default();
        (device, client)
    }

    /// Says who serves and who asks; once for each connection.
    pub(super) fn tell_roles(
        &mut self,
        client: Node,
        server: Node,
        span: Span,
        out: &mut Sink<'_>,
    ) {
        if !self.told {
            self.told = true;
            out.text(&Subject::node(server), keys::ROLE, "server", span);
            out.text(&Subject::node(client), keys::ROLE, "client", span);
        }
    }
}
