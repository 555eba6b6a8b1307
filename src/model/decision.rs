//! What a person decided about devices: which are one, which are two, what one is.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::claim::{Claim, Ground};
use crate::model::{Addr, Asset, Binding, Field, FrameRef, Node, Timestamp, Unit, Value};

/// A device, by an address that it had at a time: what a decision holds on to, whatever becomes known later.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Anchor {
    /// The address, in its scope.
    pub node: Node,
    /// When the device had it.
    pub at: Timestamp,
}

/// What was decided.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ruling {
    /// These two sightings are one device.
    Together(Anchor, Anchor),
    /// These two sightings are two devices.
    Apart(Anchor, Anchor),
    /// A device, or a part of it, is what a person says.
    Set {
        /// The device.
        anchor: Anchor,
        /// The part; `None` for the device itself.
        unit: Option<Unit>,
        /// What is said of it.
        field: Field,
        /// The value; empty where a person takes back what was said of it before.
        value: Box<str>,
    },
}

/// What a ruling is about: of two rulings about the same, the later one stands.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum About {
    /// Two sightings, the lesser first.
    Pair(Anchor, Anchor),
    /// A field of a device, or of a part of it. Another device that has the address at another time is not meant.
    Field(Anchor, Option<Unit>, Field),
}

impl Ruling {
    /// What it is about.
    pub fn about(&self) -> About {
        match self {
            Self::Together(a, b) | Self::Apart(a, b) => About::Pair(*a.min(b), *a.max(b)),
            Self::Set { anchor, unit, field, .. } => About::Field(*anchor, unit.clone(), *field),
        }
    }

    /// The sightings that it names.
    pub fn anchors(&self) -> Vec<Anchor> {
        match self {
            Self::Together(a, b) | Self::Apart(a, b) => vec![*a, *b],
            Self::Set { anchor, .. } => vec![*anchor],
        }
    }
}

/// A ruling with its reasons. A later one of the same two sightings, or of the same field, stands against an earlier one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    /// Its number in the store, from 1; later ones have higher numbers.
    pub number: u64,
    /// What was decided.
    pub ruling: Ruling,
    /// Who decided it.
    pub by: Box<str>,
    /// Why.
    pub why: Box<str>,
    /// When: the time of the clock on the wall, not of any capture.
    pub at: Timestamp,
}

/// What a person did about devices.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Deed {
    /// Decided something.
    Ruled(Ruling),
    /// Took back what was decided or taken back under that number.
    Undid(u64),
}

/// One line of the book that decisions are kept in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Its number, from 1; later ones have higher numbers.
    pub number: u64,
    /// What was done.
    pub deed: Deed,
    /// Who did it.
    pub by: Box<str>,
    /// Why.
    pub why: Box<str>,
    /// When: the time of the clock on the wall, not of any capture.
    pub at: Timestamp,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    /// It stands.
    Stands,
    /// It was undone under that number.
    Undone(u64),
    /// Another one about the same, of that number, stands against it.
    Overruled(u64),
}

/// All that people decided, in order of number. A line is never taken out and never changed: what is undone stays listed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Book(Vec<Entry>);

impl Book {
    /// The book with these lines.
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by_key(|entry| entry.number);
        Self(entries)
    }

    /// Its lines, in order of number.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The line of that number.
    pub fn entry(&self, number: u64) -> Option<&Entry> {
        let at = self.0.binary_search_by_key(&number, |entry| entry.number).ok()?;
        self.0.get(at)
    }

    /// Each line with what became of it, in order of number.
    pub fn lines(&self) -> impl Iterator<Item = (&Entry, Fate)> {
        self.0.iter().zip(self.fates())
    }

    /// The lines that are about a device, with those that undo them.
    pub fn about(&self, asset: &Asset) -> Vec<(&Entry, Fate)> {
        let mut numbers: BTreeSet<u64> = BTreeSet::new();
        for entry in &self.0 {
            let is_own = match &entry.deed {
                Deed::Ruled(ruling) => ruling.anchors().iter().any(|anchor| is_of(anchor, asset)),
                Deed::Undid(number) => numbers.contains(number),
            };
            if is_own {
                numbers.insert(entry.number);
            }
        }
        if numbers.is_empty() {
            return Vec::new();
        }
        self.lines().filter(|(entry, _)| numbers.contains(&entry.number)).collect()
    }

    /// What became of each line, in the order of the lines.
    pub fn fates(&self) -> Vec<Fate> {
        let mut fates = Vec::with_capacity(self.0.len());
        // From the last line to the first: only what stands can end what was before it.
        let mut undone: BTreeMap<u64, u64> = BTreeMap::new();
        let mut standing: BTreeMap<About, u64> = BTreeMap::new();
        for entry in self.0.iter().rev() {
            let fate = match (&entry.deed, undone.get(&entry.number)) {
                (_, Some(by)) => Fate::Undone(*by),
                (Deed::Undid(number), None) => {
                    undone.insert(*number, entry.number);
                    Fate::Stands
                }
                (Deed::Ruled(ruling), None) => match standing.entry(ruling.about()) {
                    Slot::Occupied(later) => Fate::Overruled(*later.get()),
                    Slot::Vacant(slot) => {
                        slot.insert(entry.number);
                        Fate::Stands
                    }
                },
            };
            fates.push(fate);
        }
        fates.reverse();
        fates
    }

    /// The decisions that stand, in order of number.
    pub fn standing(&self) -> Vec<Decision> {
        let lines = self.0.iter().zip(self.fates());
        let standing = lines.filter(|(_, fate)| *fate == Fate::Stands);
        standing
            .filter_map(|(entry, _)| match &entry.deed {
                Deed::Undid(_) => None,
                Deed::Ruled(ruling) => Some(Decision {
                    number: entry.number,
                    ruling: ruling.clone(),
                    by: entry.by.clone(),
                    why: entry.why.clone(),
                    at: entry.at,
                }),
            })
            .collect()
    }
}

/// Number of the capture that evidence of decisions refers to: no capture, but the book of decisions. The number of the
/// frame is that of the decision.
pub const BOOK: u32 = u32::MAX;

/// What the book is called where evidence names its capture.
pub const BOOK_NAME: &str = "decisions";

/// The fact that tells who decided.
pub const BY: &str = "decision.by";

/// The fact that tells why.
pub const WHY: &str = "decision.why";

/// True when a device had an address at a time: the sighting that a decision names is one of it.
pub fn is_of(anchor: &Anchor, asset: &Asset) -> bool {
    let Anchor { node, at } = anchor;
    if !asset.bindings.is_empty() {
        let held = |binding: &Binding| {
            binding.node == *node && (binding.first..=binding.last).contains(at)
        };
        return asset.bindings.iter().any(held);
    }
    let has_address = match node.addr {
        Addr::Ip(ip) => asset.ips.contains(&ip),
        Addr::Mac(mac) => asset.macs.contains(&mac),
        Addr::Listed(_) => {
            let mut claims = asset.nameplate.claims.values().flatten();
            claims.any(|claim| claim.subject.node == *node)
        }
    };
    has_address && asset.scopes.contains(&node.scope)
}

/// True when the one sighting is of the one device, and the other of the other.
pub fn are_of(a: &Anchor, b: &Anchor, one: &Asset, other: &Asset) -> bool {
    (is_of(a, one) && is_of(b, other)) || (is_of(a, other) && is_of(b, one))
}

/// A claim that a person made: the number of the decision, who, and why.
pub fn decided(claim: &Claim) -> Option<(u64, &str, &str)> {
    let said = |key: &str| {
        claim.from.iter().find_map(|ground| match &ground.value {
            Value::Text(text) if ground.key.name == key => Some(&**text),
            _ => None,
        })
    };
    let ground = claim.from.iter().find(|ground| is_decided(ground))?;
    Some((ground.frame.number, said(BY)?, said(WHY)?))
}

/// True for a fact that a person stated.
pub fn is_decided(ground: &Ground) -> bool {
    is_of_the_book(ground.frame)
}

/// True for evidence that is a line of the book.
pub fn is_of_the_book(frame: FrameRef) -> bool {
    frame.capture == BOOK
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;

    fn anchor(last: u8) -> Anchor {
        let node = Node::ip(Scope::default(), [10, 0, 0, last].into());
        Anchor { node, at: Timestamp(i64::from(last)) }
    }

    fn book(deeds: Vec<Deed>) -> Book {
        let entry = |(number, deed)| Entry {
            number,
            deed,
            by: "alice".into(),
            why: "seen".into(),
            at: Timestamp(0),
        };
        Book::new((1..).zip(deeds).map(entry).collect())
    }

    fn set(field: Field, value: &str) -> Deed {
        let (anchor, value) = (anchor(1), value.into());
        Deed::Ruled(Ruling::Set { anchor, unit: None, field, value })
    }

    fn numbers(book: &Book) -> Vec<u64> {
        book.standing().iter().map(|decision| decision.number).collect()
    }

    #[test]
    fn a_later_ruling_of_the_same_pair_stands_against_an_earlier_one() {
        let together = || Deed::Ruled(Ruling::Together(anchor(1), anchor(2)));
        let apart = || Deed::Ruled(Ruling::Apart(anchor(2), anchor(1)));
        let other = || Deed::Ruled(Ruling::Apart(anchor(2), anchor(3)));
        let book = book(vec![together(), other(), apart()]);
        assert_eq!(numbers(&book), [2, 3]);
        assert_eq!(book.fates(), [Fate::Overruled(3), Fate::Stands, Fate::Stands]);
    }

    #[test]
    fn what_is_undone_gives_way_to_what_it_stood_against() {
        let first = || vec![set(Field::Firmware, "1"), set(Field::Firmware, "2")];
        assert_eq!(numbers(&book(first())), [2]);
        let undone = || [first(), vec![Deed::Undid(2)]].concat();
        assert_eq!(numbers(&book(undone())), [1]);
        let redone = [undone(), vec![Deed::Undid(3)]].concat();
        assert_eq!(numbers(&book(redone.clone())), [2]);
        assert_eq!(
            book(redone).fates(),
            [Fate::Overruled(2), Fate::Stands, Fate::Undone(4), Fate::Stands]
        );
    }

    #[test]
    fn fields_are_decided_one_by_one() {
        let deeds = vec![set(Field::Firmware, "1"), set(Field::Model, "2"), set(Field::Model, "")];
        assert_eq!(numbers(&book(deeds)), [1, 3]);
    }
}
