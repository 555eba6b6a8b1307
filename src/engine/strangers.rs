//! Hosts that were heard at one time only, and what they have to wait for.
//!
//! A packet with an invented sender costs whoever sends it nothing, and whoever keeps an inventory a record. So when many
//! hosts are strangers, what a further one says waits: until it is heard at another time, as nearly all that is real will
//! be, until there is room, or until the end. As long as few are, nothing waits; and some are told of every second, so
//! that a flood in the morning hides no quiet device in the afternoon. A flood that leaves no room in the waiting line
//! shows by that what it is: those at its front are given up, and at the end those of the others that said nothing but
//! addresses; both are counted.
//!
//! Who invents senders can use them twice. So being heard at another time is enough for a certain number of hosts only;
//! whoever also answers somebody, in a conversation of which both sides are heard, is there and takes nobody's place. What
//! comes again and again and is never answered waits behind that number, however often it comes.

use crate::engine::conversation::SERVES;
use crate::engine::memo::Marks;
use crate::model::limits::{
    PASSERS_BY_MAX, PASSERS_BY_TOLD_MAX, SPEAKERS_TOLD_MAX, STRANGERS_FACTS_WAITING_MAX,
};
use crate::model::{Ceiling, FrameRef, Key, Observation, Timestamp};

/// Whether a host is there.
#[derive(Debug, Default)]
pub(super) enum Standing {
    /// It was heard at two times, and answered somebody.
    #[default]
    Known,
    /// It was heard at two times; at the expense of those who speak, if it did.
    Returned(bool),
    /// It was heard at this time only, and all it said was told; at the expense of those who speak, if it did.
    Told(Timestamp, bool),
    /// What it said waits.
    Waits(Box<Waiting>),
}

/// What a stranger said.
#[derive(Debug)]
pub(super) struct Waiting {
    /// When it was heard.
    pub(super) since: Timestamp,
    /// The frame in which it was heard first.
    pub(super) frame: FrameRef,
    /// Where its MAC address stands, if that was not told yet: a frame, and an offset in it.
    pub(super) mac_at: Option<(FrameRef, u32)>,
    /// Where its hop limit stands, if that was not told yet.
    pub(super) hop_limit_at: Option<(FrameRef, u32)>,
    /// What else was said about it.
    pub(super) said: Vec<Held>,
    /// Whether any of that is more than addresses.
    pub(super) speaks: bool,
}

/// A fact that waits.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) fact: Observation,
    /// Under what it is remembered.
    pub(super) marks: Marks,
}

/// How many strangers of one sort may be told of.
#[derive(Debug)]
struct Allowance {
    /// How many may be now.
    room: usize,
    /// How many may be at once, when none was for long.
    room_max: usize,
    /// How many were, and have not been heard again.
    told: usize,
    /// How many were heard again, and never answered anybody.
    returned: usize,
}

impl Allowance {
    fn new(room_max: usize) -> Self {
        Self { room: room_max, room_max, told: 0, returned: 0 }
    }

    /// Takes a place, if there is one.
    fn take(&mut self) -> bool {
        let free = self.room > 0 && self.told < self.room_max.saturating_mul(TOLD_IN_ALL);
        if free {
            self.room = self.room.saturating_sub(1);
            self.told = self.told.saturating_add(1);
        }
        free
    }

    /// Takes a place that was kept free until the end.
    fn take_last(&mut self) -> bool {
        self.room = self.room.max(1);
        self.take()
    }

    /// Takes a place of those that were heard again, if there is one.
    fn take_returned(&mut self) -> bool {
        let free = self.returned < self.room_max;
        self.returned = self.returned.saturating_add(usize::from(free));
        free
    }

    fn give_back(&mut self) {
        self.told = self.told.saturating_sub(1);
        self.grow(1);
    }

    fn grow(&mut self, by: usize) {
        self.room = self.room.saturating_add(by).min(self.room_max);
    }
}

/// How many strangers there are.
#[derive(Debug)]
pub(super) struct Strangers {
    /// Those of which only addresses are known.
    passers_by: Allowance,
    /// Those that said more.
    speakers: Allowance,
    /// Whose facts wait.
    waiting: usize,
    /// Facts that wait, beside MAC addresses and hop limits.
    facts: usize,
    waiting_max: usize,
    facts_max: usize,
    /// Of whom nothing was told, nor will be.
    given_up: u64,
}

impl Strangers {
    pub(super) fn new(ceiling: Ceiling) -> Self {
        Self {
            passers_by: Allowance::new(ceiling.of(PASSERS_BY_TOLD_MAX)),
            speakers: Allowance::new(ceiling.of(SPEAKERS_TOLD_MAX)),
            waiting: 0,
            facts: 0,
            waiting_max: ceiling.of(PASSERS_BY_MAX),
            facts_max: ceiling.of(STRANGERS_FACTS_WAITING_MAX),
            given_up: 0,
        }
    }

    /// How one begins that was never heard before.
    pub(super) fn begin(&mut self, at: Timestamp, frame: FrameRef) -> Standing {
        if self.passers_by.take() {
            return Standing::Told(at, false);
        }
        self.waiting = self.waiting.saturating_add(1);
        Standing::Waits(Box::new(Waiting {
            since: at,
            frame,
            mac_at: None,
            hop_limit_at: None,
            said: Vec::new(),
            speaks: false,
        }))
    }

    /// Takes a fact about one that waits.
    pub(super) fn hold(&mut self, waiting: &mut Waiting, held: Held) {
        waiting.speaks |= speaks(held.fact.key);
        self.facts = self.facts.saturating_add(1);
        waiting.said.push(held);
    }

    /// One was heard at another time, and nothing is known of an answer: whether it may be believed for that. What to do
    /// with its standing then is [`Strangers::is_known`]'s.
    pub(super) fn may_return(&mut self, standing: &Standing) -> Option<Standing> {
        let speaks = match standing {
            Standing::Known | Standing::Returned(_) => return None,
            Standing::Told(_, speaks) => *speaks,
            Standing::Waits(waiting) => waiting.speaks,
        };
        self.allowance(speaks).take_returned().then_some(Standing::Returned(speaks))
    }

    /// One is believed; gives what waited.
    pub(super) fn is_known(&mut self, standing: Standing) -> Option<Box<Waiting>> {
        match standing {
            Standing::Known => None,
            Standing::Returned(speaks) => {
                let allowance = self.allowance(speaks);
                allowance.returned = allowance.returned.saturating_sub(1);
                None
            }
            Standing::Told(_, speaks) => {
                self.allowance(speaks).give_back();
                None
            }
            Standing::Waits(waiting) => {
                self.leave(&waiting);
                Some(waiting)
            }
        }
    }

    /// Takes one that waits out of the line to be told of, if there is room.
    pub(super) fn may_tell(&mut self, waiting: &Waiting) -> bool {
        let free = self.allowance(waiting.speaks).take();
        if free {
            self.leave(waiting);
        }
        free
    }

    /// The same at the end: when nobody had to go, of all; otherwise of those that speak, as long as there is room.
    pub(super) fn may_tell_last(&mut self, waiting: &Waiting) -> bool {
        let free = self.given_up == 0 || (waiting.speaks && self.speakers.take_last());
        if free {
            self.leave(waiting);
        }
        free
    }

    /// A second has passed; true when some of those that wait may be told of, and room remains for others.
    pub(super) fn second(&mut self) -> bool {
        self.passers_by.grow(STRANGERS_PER_SECOND);
        self.speakers.grow(STRANGERS_PER_SECOND);
        self.have_room()
    }

    /// True when some of those that wait may be told of, and room remains for others.
    pub(super) fn have_room(&self) -> bool {
        self.waiting > 0 && self.passers_by.room > self.passers_by.room_max / 2
    }

    /// One is forgotten. If it was told of, its place stays taken: whoever was told still knows it.
    pub(super) fn is_forgotten(&mut self, standing: Standing) -> Vec<Held> {
        let Standing::Waits(waiting) = standing else { return Vec::new() };
        self.leave(&waiting);
        self.given_up = self.given_up.saturating_add(1);
        waiting.said
    }

    /// True when somebody waits.
    pub(super) fn wait(&self) -> bool {
        self.waiting > 0
    }

    /// True when more wait than can.
    pub(super) fn are_too_many(&self) -> bool {
        self.waiting > self.waiting_max || self.facts > self.facts_max
    }

    /// How many were given up.
    pub(super) fn given_up(&self) -> u64 {
        self.given_up
    }

    /// How many wait, and how many can.
    pub(super) fn fill(&self) -> (usize, usize) {
        (self.waiting, self.waiting_max)
    }

    fn allowance(&mut self, speaks: bool) -> &mut Allowance {
        if speaks { &mut self.speakers } else { &mut self.passers_by }
    }

    fn leave(&mut self, waiting: &Waiting) {
        self.waiting = self.waiting.saturating_sub(1);
        self.facts = self.facts.saturating_sub(waiting.said.len());
    }
}

/// False for facts that name nothing but addresses and what was asked for: a machine that invents senders has no need of
/// more.
fn speaks(key: Key) -> bool {
    key == SERVES || !matches!(key.protocol(), "arp" | "ip")
}

/// Strangers of each sort told of every second however many there were: a plant has fewer that are heard but once.
const STRANGERS_PER_SECOND: usize = 16;
/// Strangers told of in all, in times those that are at once.
const TOLD_IN_ALL: usize = 2;

#[cfg(test)]
mod tests;
