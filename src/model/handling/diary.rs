//! The diary of what people did about findings and patches: what a decision or a state is about, how the finding stood then,
//! and lines that are never taken out and never changed.

use std::collections::BTreeMap;

use crate::model::handling::{Choice, PatchState};
use crate::model::{Anchor, Substance, Timestamp, Unit};

/// What somebody did something about: vulnerabilities of one document in a device or a part of it.
///
/// The device is named by a sighting, an address at a time, so that the line stays with it when more becomes known and its
/// identifier changes. Vulnerabilities are listed one by one: one that the document gains later was looked at by nobody.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Matter {
    /// The device.
    pub anchor: Anchor,
    /// The part of it; `None` for the device itself.
    pub unit: Option<Unit>,
    /// Tracking identifier of the document.
    pub advisory: Box<str>,
    /// CVEs, or other identifiers of the vulnerabilities, in order; never empty.
    pub cves: Vec<Box<str>>,
}

/// How the finding stood when somebody did something about it: what would have to differ for that to be asked again.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Then {
    /// The verdict, as exports spell it.
    pub verdict: Box<str>,
    /// The version shown: firmware, else the build of the operating system.
    pub version: Option<Box<str>>,
    /// The serial number shown.
    pub serial: Option<Box<str>>,
    /// The model shown, else the product.
    pub model: Option<Box<str>>,
    /// What of the document decided.
    pub substance: Substance,
    /// Versions that carried the fix, in order.
    pub fixed_in: Vec<Box<str>>,
    /// The frame behind the version, as `FILE#FRAME`.
    pub evidence: Option<Box<str>>,
    /// When the device was last seen: of the captures, not of the clock on the wall.
    pub seen: Timestamp,
}

/// What was done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Measure {
    /// A decision about findings.
    Decided {
        /// What was decided.
        choice: Choice,
        /// Until when it is to be done.
        due: Option<Timestamp>,
        /// From when on it no longer stands.
        expires: Option<Timestamp>,
    },
    /// A patch went from one state to another.
    Moved {
        /// The state before; `None` for the first that it was given.
        from: Option<PatchState>,
        /// The state from then on.
        to: PatchState,
        /// True when the new state was seen on the wire, and confirmed.
        observed: bool,
    },
    /// From then on, patches that are seen to be installed count as such without a person, or no longer do.
    Automatic(bool),
    /// What was done under that number no longer counts.
    Undid(u64),
}

/// One line of the diary.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    /// Its number in the store, from 1; later ones have higher numbers.
    pub number: u64,
    /// What was done.
    pub measure: Measure,
    /// What it was done about; `None` for what is about no finding.
    pub matter: Option<Matter>,
    /// How that stood then.
    pub then: Then,
    /// Who did it.
    pub by: Box<str>,
    /// Why.
    pub why: Box<str>,
    /// When: the time of the clock on the wall, not of any capture.
    pub at: Timestamp,
}

/// What became of a line, seen from one finding or from all.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It counts.
    Stands,
    /// It was undone under that number.
    Undone(u64),
    /// A later line about the same counts instead.
    Overruled(Box<str>),
    /// It no longer counts, and why.
    Reopened(Box<str>),
    /// Nothing that it is about is found any more.
    Idle,
}

impl Outcome {
    /// The word that exports use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Stands => "stands",
            Self::Undone(_) => "undone",
            Self::Overruled(_) => "overruled",
            Self::Reopened(_) => "reopened",
            Self::Idle => "idle",
        }
    }

    /// The same as a sentence for people.
    pub fn words(&self) -> String {
        match self {
            Self::Stands => "stands".to_owned(),
            Self::Undone(number) => format!("undone by {number}"),
            Self::Overruled(by) => format!("overruled by {by}"),
            Self::Reopened(why) => format!("reopened: {why}"),
            Self::Idle => "about nothing that is found now".to_owned(),
        }
    }
}

/// All lines, in order of number.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Diary(Vec<Record>);

impl Diary {
    /// The diary with these lines.
    pub fn new(mut records: Vec<Record>) -> Self {
        records.sort_by_key(|record| record.number);
        Self(records)
    }

    /// Its lines, in order of number.
    pub fn records(&self) -> &[Record] {
        &self.0
    }

    /// The line of that number.
    pub fn record(&self, number: u64) -> Option<&Record> {
        let at = self.0.binary_search_by_key(&number, |record| record.number).ok()?;
        self.0.get(at)
    }

    /// The lines that were undone, each with the number of the line that did it. An undoing can be undone.
    pub fn undone(&self) -> BTreeMap<u64, u64> {
        let mut undone = BTreeMap::new();
        // From the last line to the first: only what counts can end what was before it.
        for record in self.0.iter().rev() {
            if let Measure::Undid(number) = record.measure
                && !undone.contains_key(&record.number)
            {
                undone.entry(number).or_insert(record.number);
            }
        }
        undone
    }

    /// The last word on whether patches that are seen to be installed count without a person, where anybody said so.
    pub fn automatic(&self) -> Option<&Record> {
        let undone = self.undone();
        let mut said = self.0.iter().rev().filter(|record| !undone.contains_key(&record.number));
        let last = said.find(|record| matches!(record.measure, Measure::Automatic(_)))?;
        (last.measure == Measure::Automatic(true)).then_some(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record((number, measure): (u64, Measure)) -> Record {
        let (by, why) = ("alice".into(), "seen".into());
        Record { number, measure, matter: None, then: Then::default(), by, why, at: Timestamp(0) }
    }

    fn diary(measures: &[Measure]) -> Diary {
        Diary::new((1..).zip(measures.iter().cloned()).map(record).collect())
    }

    #[test]
    fn an_undoing_can_be_undone() {
        use Measure::{Automatic, Undid};
        assert_eq!(diary(&[Automatic(true), Undid(1)]).undone(), [(1, 2)].into());
        assert_eq!(diary(&[Automatic(true), Undid(1), Undid(2)]).undone(), [(2, 3)].into());
    }

    #[test]
    fn the_last_word_on_what_is_automatic_counts() {
        use Measure::{Automatic, Undid};
        let is_on = |measures: &[Measure]| diary(measures).automatic().is_some();
        assert!(!is_on(&[]));
        assert!(is_on(&[Automatic(true)]));
        assert!(!is_on(&[Automatic(true), Automatic(false)]));
        assert!(is_on(&[Automatic(true), Automatic(false), Undid(2)]));
    }
}
