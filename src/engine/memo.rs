//! What was already said: a repeat costs a hash, not an allocation.
//!
//! Kept are keyed hashes, never values. Two generations bound the memory: when the young one is full the old one
//! is forgotten, and what is heard again from it is young again. What was forgotten is told once more, as new.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use crate::engine::acts::Questions;
use crate::engine::hosts::Hosts;
use crate::engine::lately::Lately;
use crate::engine::mark::{Mark, Marked, Marker};
use crate::flow::LastPacket;
use crate::model::limits::{
    MEMO_ENTRIES_MAX, OBSERVATIONS_WAITING_MAX, QUESTIONS_MAX, SUCCESSORS_MAX,
};
use crate::model::{
    Act, Acts, Ceiling, Counters, Key, Mac, Node, Observation, Subject, Timestamp, Values,
};
use crate::protocols::{Heard, Protocol, Record, Said};
use crate::wire::Malformed;

/// The engine's memory, and what it has to tell.
pub(super) struct Memo {
    young: Generation,
    old: Generation,
    entries_max: usize,
    marker: Marker,
    repeats: bool,
    damage: HashMap<&'static str, u64>,
    pub(super) counters: Counters,
    /// Under what the last news is remembered, until it is taken.
    heard: Marks,
    pub(super) told: Told,
    /// Who was heard.
    pub(super) hosts: Hosts,
    /// How often something was forgotten.
    age: u32,
    /// What was heard last in the conversation that is being read.
    lately: Lately,
    /// What the requests of the conversation that is being read were for.
    pub(super) acts: Acts,
    /// Whether the sender of the message that is being read is the one who is asked, where the message tells.
    pub(super) serves: Option<bool>,
    /// Hashes of the serial numbers of devices that took the place of others, by the hash of whose.
    successors: Generation,
    successors_max: usize,
    questions: Questions,
}

/// What waits to be drained.
#[derive(Default)]
pub(super) struct Told {
    observations: VecDeque<Observation>,
    dropped: u64,
}

impl Told {
    pub(super) fn push(&mut self, observation: Observation) {
        if self.observations.len() < OBSERVATIONS_WAITING_MAX {
            self.observations.push_back(observation);
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    pub(super) fn drain(&mut self) -> impl Iterator<Item = Observation> + '_ {
        self.observations.drain(..)
    }

    /// How many found no room.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// From the hash of what is remembered to the hash of its value; 0 where the value is part of the former.
type Generation = HashMap<Mark, u64, Marked>;

/// Under what one fact is remembered: as said by whoever said it, and as said of its subject; zero where it is not.
pub(super) type Marks = [Mark; 2];

impl Memo {
    pub(super) fn new(repeats: bool, ceiling: Ceiling, seed: u64) -> Self {
        Self {
            young: Generation::default(),
            old: Generation::default(),
            entries_max: ceiling.of_hashed(MEMO_ENTRIES_MAX / 2).saturating_mul(2),
            marker: Marker::new(seed),
            repeats,
            damage: HashMap::new(),
            counters: Counters::default(),
            heard: Marks::default(),
            told: Told::default(),
            hosts: Hosts::new(ceiling, seed),
            age: 0,
            lately: Lately::default(),
            acts: Acts::default(),
            serves: None,
            successors: Generation::default(),
            successors_max: ceiling.of(SUCCESSORS_MAX),
            questions: Questions::of(ceiling.of_hashed(QUESTIONS_MAX / 2).saturating_mul(2)),
        }
    }

    /// Entries held, and how many can be.
    pub(super) fn fill(&self) -> (usize, usize) {
        (self.young.len().saturating_add(self.old.len()), self.entries_max)
    }

    /// Damage in messages, by protocol.
    pub(super) fn damage(&self, protocol: &Protocol) -> u64 {
        self.damage.get(protocol.name).copied().unwrap_or(0)
    }

    /// A conversation is over in which a host sent this last packet.
    pub(super) fn parted(&mut self, last: LastPacket) {
        self.hosts.parted(last, &mut self.told);
    }

    /// Time goes by.
    pub(super) fn tick(&mut self) {
        self.hosts.tick(&mut self.told);
    }

    /// Nothing more will be heard.
    pub(super) fn finish(&mut self) {
        self.hosts.finish(&mut self.told);
        self.forget_unsaid();
    }

    /// What was not told after all is news when it is heard again.
    pub(super) fn forget_unsaid(&mut self) {
        for mark in self.hosts.unsaid().into_iter().flatten() {
            self.age = self.age.wrapping_add(1);
            if self.young.remove(&mark).is_none() {
                self.old.remove(&mark);
            }
        }
    }

    /// Another conversation is read, in which this was heard last.
    pub(super) fn turn_to(&mut self, lately: Lately) {
        self.lately = lately.of(self.age);
    }

    /// What was heard last in the conversation that was read.
    pub(super) fn lately(&self) -> Lately {
        self.lately
    }

    fn hash(&self, what: impl Hash) -> Mark {
        self.marker.mark(what)
    }

    /// Which of the devices at one address it is that speaks: 0 for the first.
    fn successor(&self, from: Option<Mac>, subject: &Subject) -> u64 {
        if self.successors.is_empty() {
            return 0;
        }
        let known = |from: Option<Mac>| {
            self.successors.get(&self.hash((from, subject))).copied().unwrap_or(0)
        };
        if from.is_none() { known(None) } else { known(from) ^ known(None).rotate_left(1) }
    }

    /// Under what to remember a value of a subject, and as what.
    fn hashes(
        &self,
        at: Timestamp,
        who: (Option<Mac>, u64),
        subject: &Subject,
        key: Key,
        said: Said<'_>,
    ) -> (Mark, u64) {
        match key.values {
            Values::One => (self.hash((who, subject, key.name)), self.hash(said).0),
            Values::Several => (self.hash((who, subject, key.name, said)), 0),
            Values::Events => (self.hash((subject, key.name, said, at.minute())), 0),
        }
    }

    /// Remembers a value under a hash; gives what was remembered there.
    fn remember(&mut self, hash: Mark, value: u64) -> Option<u64> {
        if let Some(known) = self.young.get_mut(&hash) {
            return Some(std::mem::replace(known, value));
        }
        let before = self.old.remove(&hash);
        if self.young.len() >= self.entries_max / 2 {
            self.counters.add("engine.memo_forgotten", u64::try_from(self.old.len()).unwrap_or(0));
            std::mem::swap(&mut self.old, &mut self.young);
            self.young.clear();
            self.age = self.age.wrapping_add(1);
        }
        self.young.insert(hash, value);
        before
    }
}

impl Record for Memo {
    fn hear(
        &mut self,
        at: Timestamp,
        from: Option<Mac>,
        subject: &Subject,
        key: Key,
        said: Said<'_>,
    ) -> Heard {
        self.hosts.again(subject.node, at, &mut self.told);
        let who = self.successor(from, subject);
        let (hash, value) = self.hashes(at, (from, who), subject, key, said);
        self.heard = Marks::default();
        let is_known = match key.values {
            Values::One => self.remember(hash, value) == Some(value),
            // News once and never again.
            Values::Several | Values::Events => {
                self.lately.knows(hash) || {
                    self.lately.note(hash);
                    self.remember(hash, value).is_some()
                }
            }
        };
        match is_known {
            true if self.repeats => Heard::Repeat,
            true => Heard::Known,
            false => {
                self.heard = [hash, Mark::default()];
                // What a node said itself is no news when another says it of the node.
                if from.is_some() && key.values != Values::Events {
                    let who = (None, self.successor(None, subject));
                    let (of_it, value) = self.hashes(at, who, subject, key, said);
                    self.remember(of_it, value);
                    self.heard = [hash, of_it];
                }
                Heard::New
            }
        }
    }

    fn take(&mut self, observation: Observation) {
        let marks = std::mem::take(&mut self.heard);
        if let Some(observation) = self.hosts.receive(observation, marks, &mut self.told) {
            self.told.push(observation);
        }
        self.forget_unsaid();
    }

    fn damaged(&mut self, protocol: &'static str, _malformed: Malformed) {
        let count = self.damage.entry(protocol).or_default();
        *count = count.saturating_add(1);
    }

    fn count(&mut self, name: &'static str) {
        self.counters.one(name);
    }

    fn act(&mut self, act: Act) -> bool {
        self.acts.count(act)
    }

    fn serves(&mut self, is_asked: bool) {
        self.serves = Some(is_asked);
    }

    fn speaks_as(&mut self, from: Option<Mac>, subject: &Subject, serial: Said<'_>) -> bool {
        let hash = self.hash((from, subject, "serial number"));
        let serial = self.hash(serial).0;
        let is_another = self.remember(hash, serial).is_some_and(|before| before != serial);
        if is_another {
            let who = self.hash((from, subject));
            if self.successors.len() < self.successors_max || self.successors.contains_key(&who) {
                self.successors.insert(who, serial);
            } else {
                self.counters.one("engine.successors_over_limit");
            }
        }
        is_another
    }

    fn asked(&mut self, at: Timestamp, client: Node, server: Node, question: &[u8]) -> bool {
        // Who polls is told once.
        if self.lately.polls {
            return false;
        }
        let hash = self.hash((client, server, question));
        let before = self.questions.forgotten;
        let polls = self.questions.take(hash, at);
        let forgotten = self.questions.forgotten.saturating_sub(before);
        if forgotten > 0 {
            self.counters.add("engine.questions_forgotten", forgotten);
        }
        self.lately.polls = polls;
        polls
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Node, Scope};

    const NAME: Key = Key::one("toy.name");
    const ROLES: Key = Key::several("toy.roles");

    const NOW: Timestamp = Timestamp(0);

    fn subject(last: u8) -> Subject {
        Subject::node(Node::ip(Scope::default(), [10, 0, 0, last].into()))
    }

    #[test]
    fn a_value_is_news_once_and_again_when_it_changes() {
        let mut memo = Memo::new(false, Ceiling::default(), 1);
        let mut hear =
            |last, key, text| memo.hear(NOW, None, &subject(last), key, Said::Text(text));
        assert_eq!(hear(1, NAME, "a"), Heard::New);
        assert_eq!(hear(1, NAME, "a"), Heard::Known);
        assert_eq!(hear(2, NAME, "a"), Heard::New);
        assert_eq!(hear(1, NAME, "b"), Heard::New);
        assert_eq!(hear(1, NAME, "a"), Heard::New, "back to the value before the last");
    }

    #[test]
    fn what_another_device_says_at_the_same_address_is_news() {
        let mut memo = Memo::new(false, Ceiling::default(), 1);
        let (mac, other) = (Some(Mac([2, 0, 0, 0, 0, 1])), Some(Mac([2, 0, 0, 0, 0, 2])));
        let hear = |memo: &mut Memo, from| memo.hear(NOW, from, &subject(1), NAME, Said::Text("a"));
        assert_eq!([hear(&mut memo, mac), hear(&mut memo, other)], [Heard::New, Heard::New]);
        let numbers = [7, 7, 8, 7, 7];
        let heard = numbers.map(|number| {
            memo.speaks_as(mac, &subject(1), Said::Uint(number));
            hear(&mut memo, mac)
        });
        let expected = [Heard::Known, Heard::Known, Heard::New, Heard::New, Heard::Known];
        assert_eq!(heard, expected);
        assert_eq!(hear(&mut memo, other), Heard::Known);
        assert_eq!(hear(&mut memo, None), Heard::Known, "said by another, of it");
    }

    #[test]
    fn one_of_several_values_is_news_once() {
        let mut memo = Memo::new(false, Ceiling::default(), 1);
        let mut hear = |text| memo.hear(NOW, None, &subject(1), ROLES, Said::Text(text));
        assert_eq!([hear("a"), hear("b"), hear("a")], [Heard::New, Heard::New, Heard::Known]);
    }

    #[test]
    fn an_event_is_news_once_a_minute() {
        const DOWNLOAD: Key = Key::event("toy.download");
        let mut memo = Memo::new(false, Ceiling::default(), 1);
        let mut hear = |seconds, who| {
            memo.hear(
                Timestamp::from_parts(seconds, 0),
                None,
                &subject(1),
                DOWNLOAD,
                Said::Text(who),
            )
        };
        assert_eq!([hear(0, "a"), hear(59, "a")], [Heard::New, Heard::Known]);
        assert_eq!([hear(59, "b"), hear(60, "a")], [Heard::New, Heard::New]);
    }

    #[test]
    fn repeats_are_told_on_request() {
        let mut memo = Memo::new(true, Ceiling::default(), 1);
        for key in [NAME, ROLES] {
            let mut hear = || memo.hear(NOW, None, &subject(1), key, Said::Uint(1));
            assert_eq!([hear(), hear()], [Heard::New, Heard::Repeat]);
        }
    }

    #[test]
    fn memory_is_bounded_and_what_is_heard_often_stays() {
        let mut memo = Memo { entries_max: 64, ..Memo::new(false, Ceiling::default(), 1) };
        memo.hear(NOW, None, &subject(1), NAME, Said::Uint(1));
        for number in 0..10_000 {
            memo.hear(NOW, None, &subject(2), ROLES, Said::Uint(number));
            assert_eq!(memo.hear(NOW, None, &subject(1), NAME, Said::Uint(1)), Heard::Known);
            assert!(memo.fill().0 <= 64);
        }
        assert!(memo.counters.count("engine.memo_forgotten") > 9_000);
    }
}
