//! What people say about advisories, as a store keeps it: comments, what they have read, what they took out.
//!
//! Nothing is ever changed or deleted: what is taken back gets a mark that takes it back.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Substance, Timestamp};

/// What a mark says.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Marking {
    /// A free text about the document.
    Comment,
    /// The person has read it.
    Read,
    /// The person wants to read it again.
    Unread,
    /// It takes no part in matching any more.
    Deleted,
    /// It takes part again.
    Restored,
}

impl Marking {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Comment, Self::Read, Self::Unread, Self::Deleted, Self::Restored];

    /// The word that stores and exports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Read => "read",
            Self::Unread => "unread",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
        }
    }

    /// The marking of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|marking| marking.name() == name)
    }
}

/// One thing that a person said about a document, on the revision that counted then.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mark {
    /// Number in the store, from 1; 0 before it is there.
    pub number: u64,
    /// Tracking identifier of the document.
    pub document: Box<str>,
    /// Its revision then.
    pub revision: Box<str>,
    /// Date of that revision, as the document writes it.
    pub released: Box<str>,
    /// What of that revision decides verdicts.
    pub substance: Substance,
    /// What is said.
    pub marking: Marking,
    /// The comment, or the reason; may be empty for [`Marking::Read`] and [`Marking::Unread`].
    pub text: Box<str>,
    /// Who says it.
    pub by: Box<str>,
    /// When.
    pub at: Timestamp,
}

/// All marks of a store, in order of number.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Marks {
    by_document: BTreeMap<Box<str>, Vec<Mark>>,
}

impl Marks {
    /// Puts them in order.
    pub fn new(marks: Vec<Mark>) -> Self {
        let mut by_document: BTreeMap<Box<str>, Vec<Mark>> = BTreeMap::new();
        for mark in marks {
            by_document.entry(mark.document.clone()).or_default().push(mark);
        }
        by_document.values_mut().for_each(|marks| marks.sort_by_key(|mark| mark.number));
        Self { by_document }
    }

    /// Those about a document.
    pub fn of(&self, document: &str) -> &[Mark] {
        self.by_document.get(document).map(Vec::as_slice).unwrap_or_default()
    }

    /// All of them, by document.
    pub fn all(&self) -> impl Iterator<Item = &Mark> {
        self.by_document.values().flatten()
    }

    /// Comments on a document.
    pub fn comments(&self, document: &str) -> impl Iterator<Item = &Mark> {
        self.of(document).iter().filter(|mark| mark.marking == Marking::Comment)
    }

    /// Who has read what now decides verdicts. A later revision that says the same is not unread again.
    pub fn readers(&self, document: &str, substance: Substance) -> BTreeSet<&str> {
        let mut readers = BTreeSet::new();
        for mark in self.of(document) {
            match mark.marking {
                Marking::Read if mark.substance == substance => {
                    readers.insert(&*mark.by);
                }
                Marking::Unread => {
                    readers.remove(&*mark.by);
                }
                _ => {}
            }
        }
        readers
    }

    /// The mark that took a document out, unless it was brought back since.
    pub fn deletion(&self, document: &str) -> Option<&Mark> {
        let last = self
            .of(document)
            .iter()
            .rfind(|mark| matches!(mark.marking, Marking::Deleted | Marking::Restored));
        last.filter(|mark| mark.marking == Marking::Deleted)
    }

    /// Documents that were taken out, and not brought back.
    pub fn deleted(&self) -> impl Iterator<Item = &Mark> {
        self.by_document.keys().filter_map(|document| self.deletion(document))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(number: u64, marking: Marking, by: &str, substance: u8) -> Mark {
        Mark {
            number,
            document: "A".into(),
            revision: "1".into(),
            released: "2024-01-01".into(),
            substance: Substance([substance; 32]),
            marking,
            text: "".into(),
            by: by.into(),
            at: Timestamp(0),
        }
    }

    #[test]
    fn markings_are_found_by_name() {
        for marking in Marking::ALL {
            assert_eq!(Marking::named(marking.name()), Some(*marking));
        }
        assert_eq!(Marking::named("burnt"), None);
    }

    #[test]
    fn reading_is_of_a_person_and_of_what_decides_verdicts() {
        let marks = Marks::new(vec![
            mark(1, Marking::Read, "alice", 1),
            mark(2, Marking::Read, "bob", 1),
            mark(3, Marking::Unread, "alice", 1),
        ]);
        assert_eq!(marks.readers("A", Substance([1; 32])), BTreeSet::from(["bob"]));
        assert!(marks.readers("A", Substance([2; 32])).is_empty());
    }

    #[test]
    fn the_last_word_on_deletion_counts() {
        let deleted = mark(1, Marking::Deleted, "alice", 1);
        let marks = Marks::new(vec![deleted.clone()]);
        assert_eq!(marks.deletion("A"), Some(&deleted));
        let marks = Marks::new(vec![mark(2, Marking::Restored, "bob", 1), deleted]);
        assert_eq!((marks.deletion("A"), marks.deleted().count()), (None, 0));
    }
}
