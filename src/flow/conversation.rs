//! The record of one conversation, and when it begins anew.

use crate::flow::key::{Party, Tuple};
use crate::flow::spoken::Spoken;
use crate::flow::stream::Side;
use crate::flow::talk::PATIENCE_PACKETS;
use crate::flow::{Attach, Audience, LastPacket};
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
    /// What was sent and not yet told.
    pub(super) spoken: Spoken,
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
            spoken: Spoken::default(),
            patience: PATIENCE_PACKETS,
            last: at,
        }
    }

    /// A SYN says who is the client; when it contradicts what is known, the conversation starts anew. Gives the one that
    /// has then ended.
    pub(super) fn syn(&mut self, sender: Party, tcp: &Tcp) -> Option<Self> {
        let server = if tcp.acknowledged.is_some() { sender } else { sender.other() };
        let [low, high] = &mut self.sides;
        let side = match sender {
            Party::Low => low,
            Party::High => high,
        };
        let agrees = side.open(tcp.sequence);
        let is_new = !agrees || self.closed || self.server != server;
        is_new.then(|| {
            let new = Self { seen: self.seen, ..Self::new(server, self.last) };
            let ended = std::mem::replace(self, new);
            let [low, high] = &mut self.sides;
            let side = match sender {
                Party::Low => low,
                Party::High => high,
            };
            side.open(tcp.sequence);
            ended
        })
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

    pub(super) fn release<A: Audience<State = S>>(&mut self) {
        self.sides.iter_mut().for_each(Side::forget);
        A::release(&mut self.state);
    }

    /// Tells what was sent since this was last told.
    pub(super) fn tell<A: Audience<State = S>>(&mut self, tuple: &Tuple, audience: &mut A) {
        let talked = self.spoken.take(tuple, self.server);
        audience.talked(&mut self.state, &talked);
    }

    /// Tells all that is left to be told of a conversation that is forgotten.
    pub(super) fn part<A: Audience<State = S>>(&mut self, tuple: &Tuple, audience: &mut A) {
        self.sightings(tuple).for_each(|last| audience.parted(last));
        self.tell(tuple, audience);
    }

    /// Looks at all that a packet needs, so that it is near. What it gives means nothing.
    pub(super) fn glance(&self) -> u64 {
        let [low, high] = &self.sides;
        let [one, other] = self.seen;
        let sides = u64::from(low.glance() ^ high.glance());
        sides ^ one.mark ^ other.mark ^ self.last.0.unsigned_abs() ^ self.spoken.glance()
    }

    /// The same for what it holds, which stands elsewhere.
    pub(super) fn glance_held(&self) -> usize {
        let [low, high] = &self.sides;
        low.glance_held() ^ high.glance_held()
    }

    /// True when it holds bytes.
    pub(super) fn holds(&self) -> bool {
        self.sides.iter().any(Side::holds)
    }

    /// True when it waits for bytes that come later.
    pub(super) fn waits(&self) -> bool {
        self.sides.iter().any(Side::waits)
    }

    /// Bytes of memory that it holds.
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
    pub(super) fn sightings(&self, tuple: &Tuple) -> impl Iterator<Item = LastPacket> {
        let nodes = [tuple.node(Party::Low), tuple.node(Party::High)];
        let seen = nodes.into_iter().zip(self.seen).filter(|(_, seen)| seen.mark != 0);
        seen.map(|(node, seen)| LastPacket { node, mac: marked(seen.mark), at: seen.at })
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

/// The MAC address that a sender used before, when it uses another one now, and no router handled the one and not the
/// other.
pub(super) fn moved(before: u64, now: u64) -> Option<Mac> {
    let hop_limit = |mark: u64| mark >> HOP_LIMIT_SHIFT & 0xff;
    let (was, is) = (marked(before)?, marked(now)?);
    (was != is && hop_limit(before) == hop_limit(now)).then_some(was)
}

/// The sender's MAC address, when a mark has one that is its own or its router's.
fn marked(mark: u64) -> Option<Mac> {
    let [flags, _, a, b, c, d, e, f] = mark.to_be_bytes();
    let mac = Mac([a, b, c, d, e, f]);
    (flags & 2 != 0 && !mac.is_zero() && !mac.is_group()).then_some(mac)
}

/// Where the hop limit stands in a mark.
const HOP_LIMIT_SHIFT: u32 = 48;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Net;

    fn marked_with(last: u8, hop_limit: u8, is_original: bool) -> u64 {
        let net = Net {
            source: [10, 0, 0, 1].into(),
            destination: [10, 0, 0, 2].into(),
            protocol: 6,
            hop_limit,
            hop_limit_at: 0,
            fragment: None,
        };
        let source = Some(Mac([2, 0, 0, 0, 0, last]));
        mark(&Packet { source, net: Some(net), ..Packet::default() }, is_original)
    }

    #[test]
    fn a_sender_has_another_adapter_only_where_no_router_counted_the_hop_limit() {
        let before = marked_with(1, 64, true);
        assert_eq!(moved(before, marked_with(2, 64, true)), Some(Mac([2, 0, 0, 0, 0, 1])));
        assert_eq!(moved(before, marked_with(1, 64, true)), None, "the same one");
        assert_eq!(moved(before, marked_with(2, 63, true)), None, "behind a router");
        assert_eq!(moved(before, marked_with(2, 64, false)), None, "a copy");
        assert_eq!(moved(0, before), None, "the first packet");
    }
}
