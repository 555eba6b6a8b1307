//! The record of one conversation, and when it begins anew.

use crate::flow::Attach;
use crate::flow::Sent;
use crate::flow::key::{Party, Tuple};
use crate::flow::stream::Side;
use crate::flow::talk::PATIENCE_PACKETS;
use crate::model::{Mac, Timestamp};
use crate::packet::{Packet, Tcp};

/// What is kept of one conversation: small, because there are many.
pub(super) struct Flow<S> {
    pub(super) state: S,
    pub(super) server: Party,
    /// Nothing is wanted of it any more.
    pub(super) done: bool,
    /// Closed by FIN of both sides or by RST.
    pub(super) closed: bool,
    /// What was last seen of each party.
    pub(super) seen: [Seen; 2],
    pub(super) sides: [Side; 2],
    /// Packets until what is awaited is given up.
    pub(super) patience: u8,
    pub(super) last: Timestamp,
}

/// The last packet of one party.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    /// Its MAC address and hop limit; 0 before the first packet.
    pub(super) mark: u64,
    /// Its time.
    pub(super) at: Timestamp,
}

impl<S: Default> Flow<S> {
    pub(super) fn new(server: Party, at: Timestamp) -> Self {
        Self {
            state: S::default(),
            server,
            done: false,
            closed: false,
            seen: [Seen::default(); 2],
            sides: [Side::default(), Side::default()],
            patience: PATIENCE_PACKETS,
            last: at,
        }
    }

    /// A SYN says who is the client; when it contradicts what is known, the conversation starts anew.
    pub(super) fn syn(&mut self, sender: Party, tcp: &Tcp) {
        let server = if tcp.acknowledged.is_some() { sender } else { sender.other() };
        let [low, high] = &mut self.sides;
        let side = match sender {
            Party::Low => low,
            Party::High => high,
        };
        let agrees = side.open(tcp.sequence);
        if !agrees || self.closed || self.server != server {
            *self = Self { seen: self.seen, ..Self::new(server, self.last) };
            let [low, high] = &mut self.sides;
            let side = match sender {
                Party::Low => low,
                Party::High => high,
            };
            side.open(tcp.sequence);
        }
    }

    /// Data that goes on exactly where a connection was closed shows that it was not: a forged RST.
    pub(super) fn revives(&mut self, sender: Party, tcp: &Tcp, speaks: bool) -> bool {
        let [low, high] = &self.sides;
        let side = match sender {
            Party::Low => low,
            Party::High => high,
        };
        let revives = speaks && !tcp.syn && side.continues(tcp.sequence);
        if revives {
            self.closed = false;
        }
        revives
    }

    pub(super) fn release(&mut self) {
        self.sides.iter_mut().for_each(Side::forget);
        self.state = S::default();
    }

    pub(super) fn cost(&self) -> usize {
        let [low, high] = &self.sides;
        low.cost().saturating_add(high.cost())
    }

    pub(super) fn seen(&mut self, party: Party) -> &mut Seen {
        let [low, high] = &mut self.seen;
        match party {
            Party::Low => low,
            Party::High => high,
        }
    }

    /// The parties that sent something, and when they last did.
    pub(super) fn sightings(&self, tuple: &Tuple) -> impl Iterator<Item = Sent> {
        let nodes = [tuple.node(Party::Low), tuple.node(Party::High)];
        let seen = nodes.into_iter().zip(self.seen).filter(|(_, seen)| seen.mark != 0);
        seen.map(|(node, seen)| Sent { node, mac: marked(seen.mark), at: seen.at })
    }

    pub(super) fn server_attach(&self, tuple: &Tuple) -> Attach {
        tuple.attach(self.server)
    }
}

/// MAC address and hop limit of a packet's sender in one number, never 0, and whether they are its own.
pub(super) fn mark(packet: &Packet<'_>, is_original: bool) -> u64 {
    let [a, b, c, d, e, f] = packet.source.unwrap_or_default().0;
    let hop_limit = packet.net.map_or(0, |net| net.hop_limit);
    u64::from_be_bytes([1 | u8::from(is_original) << 1, hop_limit, a, b, c, d, e, f])
}

/// The sender's MAC address, when a mark has one that is its own or its router's.
pub(super) fn marked(mark: u64) -> Option<Mac> {
    let [flags, _, a, b, c, d, e, f] = mark.to_be_bytes();
    let mac = Mac([a, b, c, d, e, f]);
    (flags & 2 != 0 && !mac.is_zero() && !mac.is_group()).then_some(mac)
}
