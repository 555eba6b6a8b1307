//! A packet on its way to its conversation: copies are told apart, and what came in parts is made whole, tunnels inside
//! included.

use crate::flow::copies::{Sighting, Twin};
use crate::flow::fragment::Whole;
use crate::flow::held::rebased;
use crate::flow::input::locate;
use crate::flow::stream::Piece;
use crate::flow::{Audience, Expected, Flows, Place, Sent, ShownBy};
use crate::model::limits::DATAGRAMS_NESTED_MAX;
use crate::model::{Frame, Mac};
use crate::packet::{Packet, decode_datagram};

/// A packet, and what else is known of it.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) packet: &'a Packet<'a>,
    /// To which conversation it belongs, if that was worked out before.
    pub(super) expected: Option<Expected>,
    /// What the offsets of `packet` count from the start of.
    bytes: &'a [u8],
    /// Where `bytes` came from, when they are not the frame's own.
    origin: Option<&'a [Place]>,
    /// Where else the packet was seen.
    pub(super) twin: Option<Twin>,
    /// How it counts. One that came in parts counts them all.
    pub(super) sent: Sent,
    /// See [`ShownBy::answers`].
    pub(super) answers: bool,
}

impl<S: Default> Flows<S> {
    /// Takes one packet and shows what has become readable. `expected` is what [`Flows::expect`] said of it, if it was asked.
    pub fn packet<A: Audience<State = S>>(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        expected: Option<Expected>,
        audience: &mut A,
    ) {
        let places = [Place { start: 0, frame: frame.frame, offset: packet.payload_at }];
        let sent = Sent { packets: 1, bytes: frame.wire_len.into(), spoke: false };
        let bytes = frame.bytes;
        let arrival = Arrival {
            frame,
            packet,
            expected,
            bytes,
            origin: None,
            twin: None,
            sent,
            answers: false,
        };
        self.arrive(arrival, &places, 0, audience);
    }

    /// `depth` counts the datagrams around it that came in parts.
    fn arrive<A: Audience<State = S>>(
        &mut self,
        mut arrival: Arrival<'_>,
        places: &[Place],
        depth: u8,
        audience: &mut A,
    ) {
        let Arrival { frame, packet, .. } = arrival;
        let mut piece = piece(frame, packet, places);
        let Some(net) = &packet.net else {
            self.link(&arrival, &piece, audience);
            return;
        };
        match self.copies.see(arrival.bytes, packet, net, frame.at) {
            Sighting::First => {}
            Sighting::Again(hop_limit) => {
                self.counts.copies = self.counts.copies.saturating_add(1);
                // The copy behind the router came first: only this one tells of the sender.
                if net.hop_limit > hop_limit {
                    arrival.tell(None, audience);
                }
                return;
            }
            Sighting::Elsewhere(twin) => {
                self.counts.copies_other_vlan = self.counts.copies_other_vlan.saturating_add(1);
                arrival.twin = Some(twin);
                if !arrival.is_original() {
                    piece.mac = None;
                }
            }
        }
        if let Some(transport) = &packet.transport {
            self.transport(&arrival, transport, &piece, audience);
            return;
        }
        let Some(fragment) = &net.fragment else {
            arrival.tell(None, audience);
            return;
        };
        // The ends of a tunnel are not told of, whole or in parts; the first part shows what it is.
        if fragment.start == 0 && !decode_datagram(packet, net.protocol, packet.payload).tunnelled {
            arrival.tell(None, audience);
        }
        let sent = arrival.sent;
        let whole = self.fragments.take(frame.at, packet, places, net, fragment, sent);
        if let Some(whole) = whole {
            self.datagram(&arrival, &whole, depth, audience);
        }
    }

    /// Takes a datagram that is whole again.
    fn datagram<A: Audience<State = S>>(
        &mut self,
        arrival: &Arrival<'_>,
        whole: &Whole,
        depth: u8,
        audience: &mut A,
    ) {
        let Arrival { frame, packet, twin, .. } = *arrival;
        let inside = decode_datagram(packet, whole.protocol, &whole.bytes);
        let header = usize::try_from(inside.payload_at).unwrap_or(usize::MAX);
        let places = rebased(&whole.places, header);
        if inside.tunnelled {
            if depth >= DATAGRAMS_NESTED_MAX {
                self.counts.nested_too_deep = self.counts.nested_too_deep.saturating_add(1);
                return;
            }
            let (bytes, origin) = (&*whole.bytes, Some(&*whole.places));
            let (sent, answers) = (whole.sent, false);
            let packet = &inside;
            let arrival =
                Arrival { frame, packet, expected: None, bytes, origin, twin: None, sent, answers };
            self.arrive(arrival, &places, depth.saturating_add(1), audience);
        } else if let Some(transport) = &inside.transport {
            let mut piece = piece(frame, &inside, &places);
            if !arrival.is_original() {
                piece.mac = None;
            }
            let packet = Packet { missing: 0, ..*packet };
            let sent = whole.sent;
            let arrival = Arrival { packet: &packet, expected: None, twin, sent, ..*arrival };
            self.transport(&arrival, transport, &piece, audience);
        }
    }
}

impl Arrival<'_> {
    /// The same, known to be an answer or not.
    pub(super) fn answering(self, answers: bool) -> Self {
        Self { answers, ..self }
    }

    /// True unless the packet was seen nearer to its sender, in another VLAN.
    pub(super) fn is_original(&self) -> bool {
        let hop_limit = self.packet.net.map_or(0, |net| net.hop_limit);
        self.twin.is_none_or(|twin| twin.hop_limit < hop_limit)
    }

    /// Tells of the sender: of itself, or of where else it is. `moved` is the MAC address that it used before in the same
    /// connection.
    pub(super) fn tell<A: Audience>(&self, moved: Option<Mac>, audience: &mut A) {
        let mut packet = *self.packet;
        let frame = self.frame.frame;
        let mut shown_by = ShownBy { source: frame, hop_limit: frame, answers: self.answers };
        if let (Some(places), Some(net)) = (self.origin, &mut packet.net) {
            if let Some(place) = locate(places, net.hop_limit_at) {
                (shown_by.hop_limit, net.hop_limit_at) = place;
            }
            if let Some(place) = locate(places, packet.source_at) {
                (shown_by.source, packet.source_at) = place;
            }
        }
        if self.is_original() {
            audience.sender(self.frame, &packet, shown_by);
            if let Some(before) = moved {
                audience.moved(self.frame, &packet, shown_by, before);
            }
        }
        let Some(twin) = self.twin else { return };
        let (copy, original) = if self.is_original() {
            (twin.scope, packet.scope)
        } else {
            (packet.scope, twin.scope)
        };
        audience.copied(self.frame, &packet, shown_by, copy, original);
    }
}

fn piece<'a>(frame: &Frame<'_>, packet: &Packet<'a>, places: &'a [Place]) -> Piece<'a> {
    Piece { bytes: packet.payload, places, at: frame.at, frame: frame.frame, mac: packet.source }
}
