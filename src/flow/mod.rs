//! Conversations: who talks to whom, and their bytes in order. Bounded, deterministic, no clock.
//!
//! [`Flows`] knows nothing of protocols. It shows unread bytes to an [`Audience`], which says what it used, and
//! is told by the audience which ports are claimed, so that it can tell the server when no SYN was captured.

pub mod input;

mod arrival;
mod audience;
mod conversation;
mod copies;
mod counts;
mod fragment;
mod held;
mod key;
mod queue;
mod spoken;
mod stream;
pub(crate) mod table;
mod talk;

pub use audience::{Audience, LastPacket, Taken};
pub use input::{Attach, Direction, FlowKey, Input, Place, ShownBy};
pub use spoken::{Account, Sent, Talked};

use crate::flow::arrival::Arrival;
use crate::flow::conversation::{Flow, Seen, mark, moved};
use crate::flow::copies::Copies;
use crate::flow::counts::Counts;
use crate::flow::fragment::Fragments;
use crate::flow::key::{Party, Tuple, direction};
use crate::flow::queue::Queue;
use crate::flow::stream::{Desk, Piece, Side, show};
use crate::flow::table::Table;
use crate::flow::talk::Talk;
use crate::model::limits::{
    FLOW_IDLE_SECONDS_MAX, FLOWS_MAX, FLOWS_NEW_KEPT, FLOWS_NEW_MAX, UNREAD_BYTES_TOTAL_MAX,
};
use crate::model::time::NANOS_PER_SECOND;
use crate::model::{Ceiling, Counters, Timestamp};
use crate::packet::{Packet, Tcp, Transport};

/// To which conversation a packet belongs, as [`Flows::expect`] worked it out.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    tuple: Tuple,
    sender: Party,
    hash: u32,
}

/// Packets that [`Flows::look_ahead`] looks for at once: enough that waiting for memory is shared by many, few enough that
/// what was looked at is still in the nearest cache when its turn comes.
pub const LOOK_AHEAD_PACKETS: usize = 32;

/// All conversations.
pub struct Flows<S> {
    table: Table<Tuple, Flow<S>>,
    fragments: Fragments,
    copies: Copies,
    claimed: Vec<Attach>,
    site: u16,
    /// Conversations that may hold bytes.
    holders: Queue,
    /// Those of them that may wait for bytes that come later.
    waiting: Queue,
    held_bytes: usize,
    held_bytes_max: usize,
    counts: Counts,
}

impl<S: Default> Flows<S> {
    /// No conversations yet. `claimed` must be sorted; `seed` keys the hashes.
    pub fn new(claimed: Vec<Attach>, site: u16, ceiling: Ceiling, seed: u64) -> Self {
        let [most, kept, new] =
            [FLOWS_MAX, FLOWS_NEW_KEPT, FLOWS_NEW_MAX].map(|cap| ceiling.of(cap));
        Self {
            table: Table::with_newcomers(most, kept, new, seed),
            fragments: Fragments::new(ceiling, seed),
            copies: Copies::new(seed),
            claimed,
            site,
            holders: Queue::default(),
            waiting: Queue::default(),
            held_bytes: 0,
            held_bytes_max: ceiling.of(UNREAD_BYTES_TOTAL_MAX),
            counts: Counts::default(),
        }
    }

    /// Bytes that a conversation takes without what it holds.
    #[cfg(test)]
    pub(crate) fn conversation_bytes() -> usize {
        Table::<Tuple, Flow<S>>::entry_bytes()
    }

    /// True when their records do not fit into the caches that are near.
    pub fn are_many(&self) -> bool {
        self.table.len() > FLOWS_NEAR_MAX
    }

    /// Whose conversation a packet belongs to, worked out before its turn comes; `None` for one that has to be made whole
    /// first, or has no conversation.
    pub fn expect(&self, packet: &Packet<'_>) -> Option<Expected> {
        self.expect_of(packet, packet.transport.as_ref()?)
    }

    /// Looks at the records of conversations whose packets are about to come, one step of all of them after the other, so
    /// that memory is waited for once and not once for each.
    pub fn look_ahead<A: Audience<State = S>>(&self, expected: &[Option<Expected>]) {
        let mut slots = [None; LOOK_AHEAD_PACKETS];
        for (slot, expected) in slots.iter_mut().zip(expected) {
            *slot = expected.and_then(|expected| self.table.look_ahead(expected.hash));
        }
        let slots = || slots.iter().flatten();
        std::hint::black_box(slots().fold(0, |sum, slot| sum ^ self.table.glance(*slot)));
        let records = || slots().filter_map(|slot| self.table.entry(*slot));
        let seen = records().fold(0, |sum, (tuple, flow)| sum ^ tuple.glance() ^ flow.glance());
        std::hint::black_box(seen);
        std::hint::black_box(slots().fold(0, |sum, slot| sum ^ self.table.glance_around(*slot)));
        let kept =
            records().fold(0, |sum, (_, flow)| sum ^ flow.glance_held() ^ A::glance(&flow.state));
        std::hint::black_box(kept);
    }

    /// Time goes by: forgets what is idle, gives up holes that stay open. A bounded amount of work.
    pub fn tick<A: Audience<State = S>>(&mut self, now: Timestamp, audience: &mut A) {
        self.fragments.tick(now);
        for _ in 0..self.waiting.len().min(WAITING_PER_TICK) {
            let Some(slot) = self.waiting.pop() else { break };
            self.flush(slot, audience, |side| side.is_overdue(now));
            if self.table.get(slot).is_some_and(Flow::waits) {
                self.waiting.push(slot, self.table.cap());
            }
        }
        for _ in 0..self.holders.len().min(HOLDERS_PER_TICK) {
            let Some(slot) = self.holders.pop() else { break };
            if self.table.get(slot).is_some_and(Flow::holds) {
                self.holders.push(slot, self.table.cap());
            }
        }
        for _ in 0..IDLE_PER_TICK {
            let slots = self.table.oldest();
            if !slots.into_iter().flatten().any(|slot| self.forget_if_idle(slot, now, audience)) {
                break;
            }
        }
    }

    /// No more packets will come: shows what is held behind holes.
    pub fn finish<A: Audience<State = S>>(&mut self, audience: &mut A) {
        for slot in 0..self.table.slots() {
            self.flush(slot, audience, Side::waits);
        }
        self.collect(audience);
    }

    /// Tells what was sent in the conversations that are kept.
    pub fn collect<A: Audience<State = S>>(&mut self, audience: &mut A) {
        for slot in 0..self.table.slots() {
            if let Some((tuple, flow)) = self.table.get_mut(slot) {
                flow.tell(tuple, audience);
            }
        }
    }

    /// What happened so far.
    pub fn counters(&self) -> Counters {
        let mut counters = self.fragments.counters();
        self.counts.tell(&mut counters);
        if self.table.pushed_out() > 0 {
            counters.add("flow.pushed_out", self.table.pushed_out());
        }
        counters
    }

    /// When the parties of the conversations that are kept last sent a packet: each as often as it has some.
    pub fn sightings(&self) -> impl Iterator<Item = LastPacket> {
        self.table.iter().flat_map(|(tuple, flow)| flow.sightings(tuple))
    }

    /// Fill of each bounded store: its name, what it holds, what it can hold.
    pub fn fill(&self) -> [(&'static str, usize, usize); 3] {
        let (datagrams, datagrams_max) = self.fragments.fill();
        [
            ("flow.conversations", self.table.len(), self.table.cap()),
            ("flow.held_bytes", self.held_bytes, self.held_bytes_max),
            ("ip.datagrams", datagrams, datagrams_max),
        ]
    }

    fn expect_of(&self, packet: &Packet<'_>, transport: &Transport) -> Option<Expected> {
        let (tuple, sender) = Tuple::of_transport(packet, transport, self.site)?;
        Some(Expected { hash: self.table.hash(&tuple), tuple, sender })
    }

    fn transport<A: Audience<State = S>>(
        &mut self,
        arrival: &Arrival<'_>,
        transport: &Transport,
        piece: &Piece<'_>,
        audience: &mut A,
    ) {
        let packet = arrival.packet;
        let expected = arrival.expected.or_else(|| self.expect_of(packet, transport));
        let Some(Expected { tuple, sender, hash }) = expected else { return };
        let slot = self.find(tuple, hash, sender, piece.at, audience);
        let Some((tuple, flow)) = self.table.get_mut(slot) else { return };
        let account = Account { capture: piece.frame.capture, name: 0 };
        if flow.spoken.is_of_other(account.capture) {
            flow.tell(tuple, audience);
        }
        let seen = flow.seen(sender);
        let now = Seen { mark: mark(packet, arrival.is_original()), at: piece.at };
        let before = std::mem::replace(seen, now);
        if before.mark != now.mark || audience.doubts(tuple.node(sender)) {
            let begins = matches!(transport, Transport::Tcp(tcp) if tcp.syn);
            let goes_on = matches!(transport, Transport::Tcp(_)) && !begins;
            let answers = !begins && flow.seen(sender.other()).mark != 0;
            let moved = moved(before.mark, now.mark).filter(|_| goes_on);
            arrival.answering(answers).tell(moved, audience);
        }
        match transport {
            Transport::Tcp(tcp) => self.tcp(slot, sender, tcp, packet.missing, piece, audience),
            Transport::Udp { .. } => self.udp(slot, sender, piece, audience),
        }
        self.count(slot, sender, account, arrival.sent, piece, audience);
    }

    fn link<A: Audience<State = S>>(
        &mut self,
        arrival: &Arrival<'_>,
        piece: &Piece<'_>,
        audience: &mut A,
    ) {
        let packet = arrival.packet;
        let attach = Attach::Ether(packet.ether_type);
        if packet.payload.is_empty() || self.claimed.binary_search(&attach).is_err() {
            return;
        }
        self.counts.link = self.counts.link.saturating_add(1);
        let (tuple, sender) = Tuple::of_link(packet, self.site);
        let slot = self.find(tuple, self.table.hash(&tuple), sender, piece.at, audience);
        let account = Account { capture: piece.frame.capture, name: 0 };
        if let Some((tuple, flow)) = self.table.get_mut(slot)
            && flow.spoken.is_of_other(account.capture)
        {
            flow.tell(tuple, audience);
        }
        self.whole(slot, sender, piece, audience);
        self.count(slot, sender, account, arrival.sent, piece, audience);
    }

    /// Counts a packet that was read, as what its conversation is now known to be.
    fn count<A: Audience<State = S>>(
        &mut self,
        slot: u32,
        sender: Party,
        account: Account,
        sent: Sent,
        piece: &Piece<'_>,
        audience: &mut A,
    ) {
        let Some((tuple, flow)) = self.table.get_mut(slot) else { return };
        let account = Account { name: A::name(&flow.state), ..account };
        if !flow.spoken.takes(account, sent) {
            flow.tell(tuple, audience);
        }
        let spoke = !piece.bytes.is_empty();
        flow.spoken.count(account, sender, piece.at, Sent { spoke, ..sent });
    }

    fn udp<A: Audience<State = S>>(
        &mut self,
        slot: u32,
        sender: Party,
        piece: &Piece<'_>,
        audience: &mut A,
    ) {
        self.counts.udp = self.counts.udp.saturating_add(1);
        self.whole(slot, sender, piece, audience);
    }

    /// Shows a datagram or a frame.
    fn whole<A: Audience<State = S>>(
        &mut self,
        slot: u32,
        sender: Party,
        piece: &Piece<'_>,
        audience: &mut A,
    ) {
        let Some((tuple, flow)) = self.table.get_mut(slot) else { return };
        if flow.done || piece.bytes.is_empty() {
            return;
        }
        let key = tuple.key(flow.server);
        let mut desk = Desk {
            audience,
            state: &mut flow.state,
            flow: &key,
            direction: direction(sender, flow.server),
            counts: &mut self.counts,
            done: &mut flow.done,
        };
        let shown = show(piece, true, &mut desk);
        if A::turns(&mut flow.state) {
            flow.server = flow.server.other();
        }
        if shown.is_short() {
            self.counts.short_datagrams = self.counts.short_datagrams.saturating_add(1);
        }
        if flow.done {
            A::release(&mut flow.state);
        }
    }

    fn tcp<A: Audience<State = S>>(
        &mut self,
        slot: u32,
        sender: Party,
        tcp: &Tcp,
        missing: u32,
        piece: &Piece<'_>,
        audience: &mut A,
    ) {
        self.counts.tcp = self.counts.tcp.saturating_add(1);
        let Some((tuple, flow)) = self.table.get_mut(slot) else { return };
        if tcp.syn
            && let Some(mut ended) = flow.syn(sender, tcp)
        {
            ended.tell(tuple, audience);
        }
        let speaks = !piece.bytes.is_empty() || missing > 0;
        if flow.done || (flow.closed && !flow.revives(sender, tcp, speaks)) {
            return;
        }
        let before = flow.cost();
        let key = tuple.key(flow.server);
        let Flow { state, sides: [low, high], done, patience, closed, .. } = flow;
        let (own, other) = match sender {
            Party::Low => (low, high),
            Party::High => (high, low),
        };
        let direction = direction(sender, flow.server);
        let counts = &mut self.counts;
        let desk = Desk { audience, state, flow: &key, direction, counts, done };
        let mut talk = Talk { own, other, desk };
        talk.segment(tcp, piece, missing);
        talk.give_up(patience, piece.at);
        if tcp.fin && talk.own.is_near(tcp.sequence) {
            talk.own.close(tcp.sequence.wrapping_add(captured_bytes(piece)).wrapping_add(missing));
        }
        let reset = tcp.rst && talk.own.is_near(tcp.sequence);
        if reset {
            talk.flush();
        }
        *closed = reset || (talk.own.is_finished() && talk.other.is_finished());
        if flow.done || flow.closed {
            flow.release::<A>();
        }
        let (after, waits) = (flow.cost(), flow.waits());
        if speaks {
            self.table.settle(slot);
        }
        if waits {
            self.waiting.push(slot, self.table.cap());
        }
        self.counts.cut_bytes = self.counts.cut_bytes.saturating_add(missing.into());
        self.account(slot, before, after);
    }

    fn find<A: Audience<State = S>>(
        &mut self,
        tuple: Tuple,
        hash: u32,
        sender: Party,
        at: Timestamp,
        audience: &mut A,
    ) -> u32 {
        let claimed = &self.claimed;
        let make = || Flow::new(tuple.server(sender, claimed), at);
        let found = self.table.find_or_insert_hashed(tuple, hash, make);
        if let Some((tuple, mut flow)) = found.pushed_out {
            self.held_bytes = self.held_bytes.saturating_sub(flow.cost());
            flow.part(&tuple, audience);
        }
        if found.new {
            self.counts.flows = self.counts.flows.saturating_add(1);
        } else if let Some((_, flow)) = self.table.get_mut(found.slot) {
            flow.last = at;
            if !matches!(flow.server_attach(&tuple), Attach::Tcp(_)) {
                self.table.settle(found.slot);
            }
        }
        found.slot
    }

    /// Keeps the total of held bytes, and makes room when it is too much.
    fn account(&mut self, slot: u32, before: usize, after: usize) {
        if before == after {
            return;
        }
        self.held_bytes = self.held_bytes.saturating_sub(before).saturating_add(after);
        if after > 0 {
            self.holders.push(slot, self.table.cap());
        }
        while self.held_bytes > self.held_bytes_max {
            let Some(oldest) = self.holders.pop() else { return };
            let Some((_, flow)) = self.table.get_mut(oldest) else { continue };
            let cost = flow.cost();
            if cost > 0 {
                flow.sides.iter_mut().for_each(Side::forget);
                self.held_bytes = self.held_bytes.saturating_sub(cost);
                self.counts.held_pushed_out = self.counts.held_pushed_out.saturating_add(1);
            }
        }
    }

    /// Gives up all that a conversation waits for, when it does so since too long.
    fn flush<A: Audience<State = S>>(
        &mut self,
        slot: u32,
        audience: &mut A,
        is_due: impl Fn(&Side) -> bool,
    ) {
        let Some((tuple, flow)) = self.table.get_mut(slot) else { return };
        if flow.done || !flow.sides.iter().any(is_due) {
            return;
        }
        let before = flow.cost();
        let key = tuple.key(flow.server);
        let direction = direction(Party::Low, flow.server);
        let Flow { state, sides: [low, high], done, .. } = flow;
        let counts = &mut self.counts;
        let desk = Desk { audience, state, flow: &key, direction, counts, done };
        Talk { own: low, other: high, desk }.flush();
        flow.spoken.rename(A::name(&flow.state));
        if flow.done {
            flow.release::<A>();
        }
        let after = flow.cost();
        self.account(slot, before, after);
    }

    /// True when an entry at the end of the line was dealt with and the next may be looked at.
    fn forget_if_idle<A: Audience<State = S>>(
        &mut self,
        slot: u32,
        now: Timestamp,
        audience: &mut A,
    ) -> bool {
        let Some((_, flow)) = self.table.get_mut(slot) else { return false };
        let idle_max = FLOW_IDLE_SECONDS_MAX.saturating_mul(NANOS_PER_SECOND.unsigned_abs());
        if now.since(flow.last) <= idle_max {
            return false;
        }
        if let Some((tuple, mut flow)) = self.table.remove(slot) {
            self.held_bytes = self.held_bytes.saturating_sub(flow.cost());
            flow.part(&tuple, audience);
            self.counts.idle = self.counts.idle.saturating_add(1);
        }
        true
    }
}

impl Direction {
    /// The other way.
    pub fn reversed(self) -> Self {
        match self {
            Self::ToServer => Self::ToClient,
            Self::ToClient => Self::ToServer,
        }
    }
}

fn captured_bytes(piece: &Piece<'_>) -> u32 {
    u32::try_from(piece.bytes.len()).unwrap_or(u32::MAX)
}

/// Conversations of which records, half a kilobyte each, stay in a second-level cache of two megabytes with all else there.
const FLOWS_NEAR_MAX: usize = 2_048;
const WAITING_PER_TICK: usize = 1_024;
const HOLDERS_PER_TICK: usize = 64;
const IDLE_PER_TICK: usize = 4_096;
