//! Frames in, observations out. One pass, no clock, no file, no socket: live capture, replay, tests, fuzzing and
//! benches all drive this.
//!
//! The same frames give the same observations in the same order, whatever the seed.

mod acts;
mod conversation;
mod hosts;
mod lately;
mod mark;
mod memo;
mod names;
mod strangers;
mod talks;

pub use conversation::{SERVES, USES};
pub use hosts::{MAC, MAC_SAME_AS, SAME_AS, TTL};

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::engine::conversation::{Conversation, Reader, Tally};
use crate::engine::memo::Memo;
use crate::engine::talks::Talks;
use crate::flow::{Expected, Flows, LOOK_AHEAD_PACKETS};
use crate::model::limits::KEPT_BYTES_TOTAL_MAX;
use crate::model::time::NANOS_PER_SECOND;
use crate::model::{
    Act, Ceiling, Conversation as Talk, Counters, Frame, Key, Observation, Sighting, Timestamp,
};
use crate::packet::{Packet, decode};
use crate::protocols::recognise::Recogniser;
use crate::protocols::{POLLS, Protocol, REGISTRY};

/// What the engine itself can say, beside the keys of the protocols.
pub const KEYS: &[Key] = &[
    Act::Control.key(),
    Act::Identify.key(),
    MAC,
    MAC_SAME_AS,
    POLLS,
    Act::Program.key(),
    Act::Read.key(),
    SAME_AS,
    SERVES,
    TTL,
    USES,
    Act::Write.key(),
];

/// How an engine works.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// Tell values that a subject has already said, too, marked as repeats.
    pub repeats: bool,
    /// Keys the hashes, so that nobody can aim at their collisions. Changes no output.
    pub seed: u64,
    /// The site it listens at. One engine listens at one site, so that nothing of two sites ever meets; whoever listens
    /// at several runs several.
    pub site: u16,
    /// How much memory there is for what it remembers. Changes no output as long as there is room.
    pub ceiling: Ceiling,
}

/// The whole core from bytes to facts.
pub struct Engine {
    flows: Flows<Conversation>,
    recogniser: Recogniser,
    protocols: &'static [&'static Protocol],
    tallies: Vec<Tally>,
    memo: Memo,
    site: u16,
    talks: Talks,
    /// Bytes that the dissectors keep.
    kept: Arc<AtomicUsize>,
    kept_max: usize,
    frames: u64,
    bytes: u64,
    cut: u64,
    swept: Timestamp,
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(options: Options) -> Self {
        Self::with(options, REGISTRY)
    }

    /// True when there are so many conversations that their records do not stay in the caches, so that it pays to hand over
    /// frames many at a time, even if they have to be copied for it.
    pub fn looks_ahead(&self) -> bool {
        self.flows.are_many()
    }

    /// Takes many frames, one after the other, exactly as [`Engine::frame`] does: but knows what comes next, and so waits
    /// for memory once for many of them.
    pub fn frames<'a>(&mut self, mut frames: impl Iterator<Item = Frame<'a>>) {
        if !self.looks_ahead() {
            frames.for_each(|frame| self.frame(&frame));
            return;
        }
        let mut ready = Vec::with_capacity(LOOK_AHEAD_PACKETS);
        let mut expected = [None; LOOK_AHEAD_PACKETS];
        loop {
            ready.clear();
            ready.extend(
                frames.by_ref().take(LOOK_AHEAD_PACKETS).map(|frame| (frame, decode(&frame))),
            );
            if ready.is_empty() {
                return;
            }
            expected.iter_mut().zip(&ready).for_each(|(expected, (_, packet))| {
                *expected = self.flows.expect(packet);
            });
            let known = expected.get(..ready.len()).unwrap_or_default();
            self.flows.look_ahead::<Reader<'_>>(known);
            for ((frame, packet), expected) in ready.iter().zip(expected) {
                self.packet(frame, packet, expected);
            }
        }
    }

    /// Takes one frame.
    pub fn frame(&mut self, frame: &Frame<'_>) {
        self.packet(frame, &decode(frame), None);
    }

    fn packet(&mut self, frame: &Frame<'_>, packet: &Packet<'_>, expected: Option<Expected>) {
        self.frames = self.frames.saturating_add(1);
        self.bytes = self.bytes.saturating_add(frame.wire_len.into());
        if packet.cut {
            self.cut = self.cut.saturating_add(1);
        }
        if let Some(malformed) = &packet.stopped {
            self.memo.counters.one(names::stopped(malformed.field));
        }
        let (flows, mut reader) = self.parts();
        flows.packet(frame, packet, expected, &mut reader);
        if frame.at.0.abs_diff(self.swept.0) >= NANOS_PER_SECOND.unsigned_abs() {
            self.tick(frame.at);
        }
    }

    /// Time goes by: frees what is idle, and gives up what was awaited too long. Call it when the wire is
    /// silent; frames do the same by their own time.
    pub fn tick(&mut self, now: Timestamp) {
        self.swept = now;
        let (flows, mut reader) = self.parts();
        flows.tick(now, &mut reader);
        self.memo.tick();
    }

    /// No more frames will come: reads what was held back in the hope of missing bytes.
    pub fn finish(&mut self) {
        let (flows, mut reader) = self.parts();
        flows.finish(&mut reader);
        self.flows.sightings().for_each(|last| self.memo.parted(last));
        self.memo.finish();
    }

    /// Hands over what was learned since the last call.
    pub fn drain(&mut self) -> impl Iterator<Item = Observation> + '_ {
        self.memo.told.drain()
    }

    /// When each host sent its earliest and its latest packet from each MAC address, in order of their addresses.
    pub fn sightings(&self) -> Vec<Sighting> {
        self.memo.hosts.sightings(self.flows.sightings())
    }

    /// Who talked to whom so far, with the capture that the packets came from. A conversation in several captures, or
    /// divided otherwise, comes in parts: [`Talk::gather`] puts them together. In a flood of invented hosts what those begin
    /// is left out with them.
    pub fn conversations(&mut self) -> Vec<(u32, Talk)> {
        let (flows, mut reader) = self.parts();
        flows.collect(&mut reader);
        // There can be a million of them: no room is taken for more than there are.
        let mut all = Vec::with_capacity(self.talks.fill().0);
        all.extend(self.talks.all(self.protocols, |client| self.memo.hosts.leaves_out(client)));
        all
    }

    /// Everything counted so far.
    pub fn counters(&self) -> Counters {
        let mut counters = self.flows.counters();
        counters.merge(&self.memo.counters);
        for (name, count) in [
            ("engine.bytes", self.bytes),
            ("engine.frames", self.frames),
            ("engine.frames_cut", self.cut),
            ("engine.hosts_pushed_out", self.memo.hosts.fill().2),
            ("engine.observations_dropped", self.memo.told.dropped()),
            ("engine.strangers_given_up", self.memo.hosts.strangers().given_up()),
        ] {
            if count > 0 {
                counters.add(name, count);
            }
        }
        self.talks.tell(&mut counters);
        for (protocol, tally) in self.protocols.iter().zip(&self.tallies) {
            let names = names::of(protocol);
            for (name, count) in [
                (names.recognised, tally.recognised),
                (names.damaged, self.memo.damage(protocol)),
                (names.lost, tally.lost),
                (names.panics, tally.panics.into()),
            ] {
                if count > 0 {
                    counters.add(name, count);
                }
            }
        }
        counters
    }

    /// Fill of each bounded store: its name, what it holds, what it can hold.
    pub fn fill(&self) -> Vec<(&'static str, usize, usize)> {
        let (hosts, hosts_max, _) = self.memo.hosts.fill();
        let (strangers, strangers_max) = self.memo.hosts.strangers().fill();
        let (memo, memo_max) = self.memo.fill();
        let mut fill = self.flows.fill().to_vec();
        let kept = self.kept.load(Ordering::Relaxed);
        fill.push(("engine.kept_bytes", kept, self.kept_max));
        fill.push(("engine.hosts", hosts, hosts_max));
        let (talks, talks_max) = self.talks.fill();
        fill.push(("engine.conversations", talks, talks_max));
        fill.push(("engine.memo", memo, memo_max));
        fill.push(("engine.strangers", strangers, strangers_max));
        fill
    }

    fn with(options: Options, protocols: &'static [&'static Protocol]) -> Self {
        let recogniser = Recogniser::new(protocols);
        let Options { repeats, seed, site, ceiling } = options;
        Self {
            flows: Flows::new(recogniser.claimed(), site, ceiling, seed),
            recogniser,
            protocols,
            tallies: vec![Tally::default(); protocols.len()],
            memo: Memo::new(repeats, ceiling, seed),
            site,
            talks: Talks::new(ceiling, seed, site),
            kept: Arc::default(),
            kept_max: ceiling.of(KEPT_BYTES_TOTAL_MAX),
            frames: 0,
            bytes: 0,
            cut: 0,
            swept: Timestamp::default(),
        }
    }

    fn parts(&mut self) -> (&mut Flows<Conversation>, Reader<'_>) {
        let Self { flows, recogniser, tallies, memo, talks, kept, kept_max, site, .. } = self;
        let kept = (&*kept, *kept_max);
        (flows, Reader { recogniser, tallies, memo, talks, kept, site: *site })
    }
}

#[cfg(test)]
mod tests;
