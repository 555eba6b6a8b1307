//! One conversation on its way through probing and reading.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::engine::hosts::is_host;
use crate::engine::lately::Lately;
use crate::engine::memo::Memo;
use crate::engine::talks::Talks;
use crate::flow::{
    Account, Attach, Audience, Direction, Input, LastPacket, ShownBy, Taken, Talked,
};
use crate::model::limits::{
    LOSSES_PER_FLOW_MAX, PANICS_PER_PROTOCOL_MAX, PROBES_PER_CLAIMED_FLOW_MAX, PROBES_PER_FLOW_MAX,
};
use crate::model::{Acts, Addr, Excerpt, Frame, Key, Mac, Node, Observation, Scope, Subject};
use crate::packet::Packet;
use crate::protocols::recognise::{Recognised, Recogniser};
use crate::protocols::{Dissector, Heard, Record, Said, Sink, Step};

/// A protocol that was recognised in answers of this node.
pub const SERVES: Key = Key::several("ip.serves");
/// A protocol that was recognised in requests of this node.
pub const USES: Key = Key::several("ip.uses");

/// What the engine keeps for one conversation.
#[derive(Default)]
pub(super) struct Conversation {
    reading: Option<Reading>,
    probes: u16,
    losses: u8,
    /// Directions of which bytes wait to be recognised: to the server, to the client.
    waiting: [bool; 2],
    /// Number of the protocol in which a message was understood last, counted from 1; 0 for none.
    name: u8,
    /// What its requests were for, since this was last told.
    acts: Acts,
    /// What was heard in it last.
    lately: Lately,
    /// A message told who is asked; the first one decides.
    is_told: bool,
    /// It was the one taken for the client.
    turned: bool,
}

struct Reading {
    protocol: usize,
    dissector: Box<dyn Dissector>,
    /// Directions that come after a gap: to the server, to the client.
    resuming: [bool; 2],
    /// Directions in which a message was understood.
    understood: [bool; 2],
    kept: Kept,
}

/// Bytes that one dissector keeps, counted among those of all; no longer once it is dropped.
#[derive(Default)]
struct Kept {
    bytes: usize,
    of_all: Arc<AtomicUsize>,
}

impl Kept {
    /// Counts anew; gives the bytes of all.
    fn set(&mut self, bytes: usize) -> usize {
        let before = std::mem::replace(&mut self.bytes, bytes);
        self.of_all.fetch_add(bytes, Ordering::Relaxed);
        self.of_all.fetch_sub(before, Ordering::Relaxed).saturating_sub(before)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.set(0);
    }
}

/// What happened to one protocol's conversations.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) recognised: u64,
    pub(super) lost: u64,
    pub(super) panics: u32,
}

/// The engine, while it is shown bytes.
pub(super) struct Reader<'a> {
    pub(super) recogniser: &'a mut Recogniser,
    pub(super) tallies: &'a mut [Tally],
    pub(super) memo: &'a mut Memo,
    /// Where all of this happens.
    pub(super) site: u16,
    pub(super) talks: &'a mut Talks,
    /// Bytes that all dissectors keep, and how many they may.
    pub(super) kept: (&'a Arc<AtomicUsize>, usize),
}

impl Audience for Reader<'_> {
    type State = Conversation;

    fn show(&mut self, state: &mut Conversation, input: &Input<'_>) -> Taken {
        // Nothing that unwinds here leaves a half-changed state behind that is used again: the conversation's
        // is dropped, the memo's maps and counters are sound between any two of their calls.
        let outcome = catch_unwind(AssertUnwindSafe(|| match state.reading {
            Some(_) => self.read(state, input),
            None => self.probe(state, input),
        }));
        outcome.unwrap_or_else(|_| {
            self.panicked(state.reading.take().map(|reading| reading.protocol));
            Taken::Done
        })
    }

    fn gap(&mut self, state: &mut Conversation, direction: Direction) {
        let Some(reading) = &mut state.reading else { return };
        if let Some(resuming) = reading.resuming.get_mut(side(direction)) {
            *resuming = true;
        }
        let told = catch_unwind(AssertUnwindSafe(|| reading.dissector.gap(direction)));
        if told.is_err() {
            let protocol = reading.protocol;
            state.reading = None;
            self.panicked(Some(protocol));
        }
    }

    fn doubts(&self, sender: Node) -> bool {
        self.memo.hosts.doubts(&sender)
    }

    fn sender(&mut self, frame: &Frame<'_>, packet: &Packet<'_>, shown_by: ShownBy) {
        self.memo.see(frame, packet, shown_by, self.site);
    }

    fn copied(
        &mut self,
        frame: &Frame<'_>,
        packet: &Packet<'_>,
        shown_by: ShownBy,
        copy: Scope,
        original: Scope,
    ) {
        let [copy, original] = [copy, original].map(|scope| Scope { site: self.site, ..scope });
        self.memo.copied(frame, packet, shown_by, copy, original);
    }

    fn moved(&mut self, frame: &Frame<'_>, packet: &Packet<'_>, shown_by: ShownBy, before: Mac) {
        self.memo.moved(frame, packet, shown_by, self.site, before);
    }

    fn parted(&mut self, last: LastPacket) {
        self.memo.parted(last);
    }

    fn talked(&mut self, state: &mut Conversation, talked: &Talked) {
        self.talks.add(talked);
        // The packet that made the conversation known, and brought the first request, is still to be counted.
        let account = Account { name: state.name, ..talked.account };
        self.talks.add_acts(talked, account, std::mem::take(&mut state.acts));
    }

    fn name(state: &Conversation) -> u8 {
        state.name
    }

    fn turns(state: &mut Conversation) -> bool {
        std::mem::take(&mut state.turned)
    }

    fn glance(state: &Conversation) -> usize {
        let reading = state.reading.as_ref().map_or(0, |reading| reading.dissector.glance());
        usize::from(state.name) ^ reading
    }

    fn release(state: &mut Conversation) {
        *state = Conversation { name: state.name, acts: state.acts, ..Conversation::default() };
    }
}

impl Reader<'_> {
    fn probe(&mut self, state: &mut Conversation, input: &Input<'_>) -> Taken {
        let attach = input.flow.attach;
        let widely = state.probes < PROBES_PER_FLOW_MAX;
        match self.recogniser.recognise(attach, input.bytes, input.whole, widely) {
            Recognised::Found(protocol) => {
                let Some(known) = self.recogniser.protocol(protocol) else { return Taken::Done };
                if let Some(tally) = self.tallies.get_mut(protocol)
                    && state.losses == 0
                {
                    tally.recognised = tally.recognised.saturating_add(1);
                }
                // What waits in the other direction was not recognised, and may be the end of a message.
                let mut resuming = std::mem::take(&mut state.waiting);
                if let Some(resuming) = resuming.get_mut(side(input.direction)) {
                    *resuming = false;
                }
                state.reading = Some(Reading {
                    protocol,
                    dissector: (known.start)(),
                    resuming,
                    understood: [false; 2],
                    kept: Kept { bytes: 0, of_all: Arc::clone(self.kept.0) },
                });
                self.read(state, input)
            }
            Recognised::More => {
                if let Some(waiting) = state.waiting.get_mut(side(input.direction)) {
                    *waiting = true;
                }
                Taken::Need(input.bytes.len().saturating_add(1))
            }
            Recognised::Nothing => {
                state.probes = state.probes.saturating_add(1);
                let probes_max = if self.recogniser.is_claimed(attach) {
                    PROBES_PER_CLAIMED_FLOW_MAX
                } else {
                    PROBES_PER_FLOW_MAX
                };
                if state.probes >= probes_max {
                    self.memo.counters.one("engine.conversations_unrecognised");
                    return Taken::Done;
                }
                Taken::Used(input.bytes.len())
            }
        }
    }

    fn read(&mut self, state: &mut Conversation, input: &Input<'_>) -> Taken {
        let Some(reading) = &mut state.reading else { return Taken::Done };
        let own_side = side(input.direction);
        if let Some(resuming) = reading.resuming.get_mut(own_side).filter(|resuming| **resuming) {
            match self.recogniser.resumes(reading.protocol, input.bytes, input.whole) {
                Recognised::Found(_) => *resuming = false,
                Recognised::More => return Taken::Need(input.bytes.len().saturating_add(1)),
                Recognised::Nothing => return Taken::Used(input.segment_bytes()),
            }
        }
        let Some(protocol) = self.recogniser.protocol(reading.protocol) else {
            return Taken::Done;
        };
        let name = number(reading.protocol);
        let goes_on = state.name == name;
        self.memo.acts = if goes_on { state.acts } else { Acts::default() };
        self.memo.turn_to(state.lately);
        let mut sink = Sink::new(input, self.memo, protocol);
        let step = reading.dissector.read(input, &mut sink);
        let proof_bytes = sink.proof_bytes();
        state.lately = self.memo.lately();
        if let Some(is_asked) = self.memo.serves.take()
            && matches!(input.flow.attach, Attach::Ether(_))
            && !std::mem::replace(&mut state.is_told, true)
        {
            state.turned = is_asked == (input.direction == Direction::ToServer);
        }
        if goes_on {
            state.acts = self.memo.acts;
        }
        let kept_bytes = reading.dissector.kept_bytes();
        if kept_bytes != reading.kept.bytes && reading.kept.set(kept_bytes) > self.kept.1 {
            reading.dissector.forget();
            reading.kept.set(reading.dissector.kept_bytes());
            self.memo.counters.one("engine.kept_given_up");
        }
        let understood = reading.understood.get_mut(own_side);
        match step {
            Step::Need(need) => return Taken::Need(need),
            Step::Lost(malformed) => {
                self.memo.damaged(protocol.name, malformed);
                return self.lost(state, input);
            }
            Step::Used(_) => state.losses = 0,
            Step::Done => {}
        }
        if !goes_on {
            let before = std::mem::replace(&mut state.acts, self.memo.acts);
            let account = Account { capture: input.frame.capture, name: state.name };
            self.talks.add_acts(&Talked::nothing(input, account), account, before);
            state.name = name;
        }
        if understood.is_some_and(|understood| !std::mem::replace(understood, true)) {
            self.tell_role(protocol.name, input, proof_bytes);
        }
        match step {
            Step::Used(used) => Taken::Used(used),
            _ => Taken::Done,
        }
    }

    fn lost(&mut self, state: &mut Conversation, input: &Input<'_>) -> Taken {
        if let Some(reading) = state.reading.take()
            && let Some(tally) = self.tallies.get_mut(reading.protocol)
        {
            tally.lost = tally.lost.saturating_add(1);
        }
        state.losses = state.losses.saturating_add(1);
        if state.losses >= LOSSES_PER_FLOW_MAX {
            self.memo.counters.one("engine.conversations_given_up");
            return Taken::Done;
        }
        Taken::Used(input.segment_bytes())
    }

    /// A message was understood: its sender serves or uses the protocol.
    fn tell_role(&mut self, protocol: &'static str, input: &Input<'_>, proof_bytes: usize) {
        let sender = input.sender();
        if matches!(input.flow.attach, Attach::Ether(_))
            || !matches!(sender.addr, Addr::Ip(address) if is_host(address))
        {
            return;
        }
        let key = match input.direction {
            Direction::ToServer => USES,
            Direction::ToClient => SERVES,
        };
        let subject = Subject::node(sender);
        let said = Said::Text(protocol);
        let from = Some(input.mac.unwrap_or_default());
        if self.memo.hear(input.at, from, &subject, key, said) != Heard::New {
            return;
        }
        let (frame, offset) = input.locate(0);
        let bytes = input.bytes.get(..proof_bytes).unwrap_or(input.bytes);
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.memo.take(Observation {
            at: input.at,
            frame: input.frame,
            subject,
            mac: input.mac,
            key,
            value: said.into(),
            excerpt: Excerpt { frame, offset, length, bytes: bytes.into() },
            repeat: false,
        });
    }

    fn panicked(&mut self, protocol: Option<usize>) {
        self.memo.counters.one("engine.panics");
        let Some(protocol) = protocol else { return };
        if let Some(tally) = self.tallies.get_mut(protocol) {
            tally.panics = tally.panics.saturating_add(1);
            if tally.panics >= PANICS_PER_PROTOCOL_MAX && !self.recogniser.is_off(protocol) {
                self.recogniser.switch_off(protocol);
                self.memo.counters.one("engine.protocols_switched_off");
            }
        }
    }
}

/// The number under which packets of a protocol count. Beyond what it can tell they count as nothing known; a test of
/// the registry sees to it that there are none.
pub(super) fn number(protocol: usize) -> u8 {
    u8::try_from(protocol.saturating_add(1)).unwrap_or(0)
}

fn side(direction: Direction) -> usize {
    match direction {
        Direction::ToServer => 0,
        Direction::ToClient => 1,
    }
}
