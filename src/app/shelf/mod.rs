//! Advisories as documents: which there are, what people said about them, what they mean here.
//!
//! Several revisions of a document are held side by side. The latest counts, unless a person took the document out; the others can be
//! listed, shown and compared. What counts is decided in one place (`advisory::search::is_deleted`, `Shelf::counting`), for matching
//! and for lists.

pub(super) mod add;
pub(super) mod diff;
pub(super) mod list;
mod load;
pub(super) mod marks;
pub(super) mod matching;
pub(super) mod products;
mod ranges;
pub(super) mod show;
mod standing;
mod verdicts;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::advisory::is_newer;
use crate::advisory::prose::Whole;
use crate::advisory::search::is_deleted;
use crate::app::AppError;
use crate::app::knowledge::Sources;
use crate::app::scan::{self, Scanned};
use crate::model::{Marks, Timestamp};
use crate::store::{Matching, Store};

pub(super) use load::from_path;

/// Where to look: in a store, or at documents alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Place<'a> {
    /// Directory of the store.
    pub(super) store: Option<&'a Path>,
    /// Where documents come from, when not from the store or the program.
    pub(super) sources: Sources,
    /// Who is asking, as far as known.
    pub(super) reader: Option<String>,
}

/// All documents, and what is known of them.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// In order of identifier, the newest revision first.
    pub(super) held: Vec<Held>,
    /// What people said.
    pub(super) marks: Marks,
    /// CVEs known to be exploited; `None` without a catalogue.
    pub(super) kev: Option<BTreeSet<Box<str>>>,
    /// Where the documents came from.
    pub(super) origin: String,
    /// How many files could not be read.
    pub(super) unread: usize,
    /// Who is asking.
    pub(super) reader: Option<String>,
    /// The devices of the store, with verdicts; `None` without one.
    pub(super) known: Option<Scanned>,
    /// The last run of matching that the store knows of.
    pub(super) last_matching: Option<Matching>,
}

/// One revision of a document.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// The document.
    pub(super) whole: Whole,
    /// SHA-256 of its bytes, in hexadecimal.
    pub(super) sha256: String,
    /// Where it came from.
    pub(super) origin: String,
    /// Who added it, and when, where a person did.
    pub(super) added: Option<(String, Timestamp)>,
}

impl Held {
    /// Tracking identifier.
    pub(super) fn id(&self) -> &str {
        &self.whole.advisory.id
    }
}

impl Shelf {
    /// Reads all documents, and judges the devices of the store with them.
    pub(super) fn open(place: &Place<'_>) -> Result<Self, AppError> {
        let mut shelf = Self::of_documents(place)?;
        if let Some(dir) = place.store {
            shelf.known = Some(scan::from_store(dir, &place.sources)?);
        }
        Ok(shelf)
    }

    /// Reads all documents only.
    pub(super) fn of_documents(place: &Place<'_>) -> Result<Self, AppError> {
        let mut store = place.store.map(Store::open).transpose()?;
        let loaded = load::load(&place.sources, store.as_mut())?;
        let mut shelf = Self {
            held: loaded.held,
            kev: loaded.kev,
            origin: loaded.origin,
            unread: loaded.unread,
            reader: place.reader.clone(),
            ..Self::default()
        };
        if let Some(store) = &mut store {
            let (marks, passed_over) = store.marks()?;
            if passed_over > 0 {
                tracing::warn!(
                    "{passed_over} marks were made with a later version, and are not shown"
                );
            }
            shelf.marks = marks;
            shelf.last_matching = store.matchings(1)?.into_iter().next();
        }
        shelf.held.sort_by(order);
        shelf.held.dedup_by(|one, other| one.sha256 == other.sha256 && one.id() == other.id());
        Ok(shelf)
    }

    /// The revision of each document that counts: the latest that no person took out.
    pub(super) fn counting(&self) -> BTreeMap<&str, &Held> {
        let mut counting = BTreeMap::new();
        for held in &self.held {
            if !is_deleted(&held.whole.advisory, &self.marks) {
                counting.entry(held.id()).or_insert(held);
            }
        }
        counting
    }

    /// The latest revision of each document, also of those that were taken out.
    pub(super) fn latest(&self) -> BTreeMap<&str, &Held> {
        let mut latest = BTreeMap::new();
        for held in &self.held {
            latest.entry(held.id()).or_insert(held);
        }
        latest
    }

    /// All revisions of a document, the newest first.
    pub(super) fn revisions(&self, id: &str) -> impl Iterator<Item = &Held> {
        let start = self.held.partition_point(|held| held.id() < id);
        let rest = self.held.get(start..).unwrap_or_default();
        rest.iter().take_while(move |held| held.id() == id)
    }

    /// The identifier that a person means: all of it or its beginning, an alias, in capitals or not.
    pub(super) fn named(&self, what: &str) -> Result<&str, AppError> {
        let what = what.trim();
        let ids: Vec<&str> = self.latest().into_keys().collect();
        if let Some(id) = ids.iter().find(|id| id.eq_ignore_ascii_case(what)) {
            return Ok(id);
        }
        let is_alias = |held: &&Held| {
            held.whole.prose.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(what))
        };
        let begins =
            |id: &&&str| id.get(..what.len()).is_some_and(|start| start.eq_ignore_ascii_case(what));
        let aliased: BTreeSet<&str> = self.held.iter().filter(is_alias).map(Held::id).collect();
        let begun: Vec<&str> = ids.iter().filter(begins).copied().collect();
        let found: Vec<&str> =
            if aliased.is_empty() { begun } else { aliased.into_iter().collect() };
        match &*found {
            [only] => Ok(only),
            [] => Err(AppError::NotFound(format!(
                "no advisory here is called {what}: nameplate advisories list shows all, --search TEXT those with a word"
            ))),
            several if what.is_empty() || several.len() > CANDIDATES_MAX => {
                Err(AppError::NotFound(format!(
                    "{what} can mean {} advisories: write more of it",
                    several.len()
                )))
            }
            several => Err(AppError::NotFound(format!("{what} can mean {}", several.join(", ")))),
        }
    }

    /// A revision of a document: the one of that number, else the one that counts, else the latest.
    pub(super) fn revision(&self, id: &str, revision: Option<&str>) -> Result<&Held, AppError> {
        let all: Vec<&Held> = self.revisions(id).collect();
        let found = match revision {
            Some(wanted) => all.iter().find(|held| *held.whole.advisory.revision == *wanted.trim()),
            None => all
                .iter()
                .find(|held| !is_deleted(&held.whole.advisory, &self.marks))
                .or(all.first()),
        };
        found.copied().ok_or_else(|| {
            let held: Vec<&str> = all.iter().map(|held| &*held.whole.advisory.revision).collect();
            let wanted = revision.unwrap_or_default();
            AppError::NotFound(format!(
                "{id} is not here in revision {wanted}; it is in {}",
                held.join(", ")
            ))
        })
    }

    /// True for a revision that verdicts follow from.
    pub(super) fn counts(&self, held: &Held) -> bool {
        self.counting().get(held.id()).is_some_and(|counting| std::ptr::eq(*counting, held))
    }

    /// Whether one of the vulnerabilities of a document is known to be exploited.
    pub(super) fn is_exploited(&self, held: &Held) -> Option<bool> {
        let kev = self.kev.as_ref()?;
        Some(held.whole.advisory.flaws.iter().any(|flaw| kev.contains(&flaw.name)))
    }
}

/// By identifier, the newest revision first.
fn order(one: &Held, other: &Held) -> Ordering {
    let (a, b) = (&one.whole.advisory, &other.whole.advisory);
    let newest_first = || match (is_newer(a, b), is_newer(b, a)) {
        (true, _) => Ordering::Less,
        (_, true) => Ordering::Greater,
        // As where documents are matched: the one that is read last counts, and they are read in order of their hashes.
        _ => other.sha256.cmp(&one.sha256),
    };
    a.id.cmp(&b.id).then_with(newest_first)
}

/// What a set of devices is named by on screens.
fn named_assets(known: &Scanned, what: &str) -> Result<BTreeSet<crate::model::AssetId>, AppError> {
    let found: BTreeSet<_> =
        crate::app::explain::assets(known, what).map(|asset| asset.id).collect();
    if found.is_empty() {
        return Err(AppError::NotFound(format!(
            "no device here is called {what}: give an identifier, an address, a name, a model"
        )));
    }
    Ok(found)
}

const CANDIDATES_MAX: usize = 20;
