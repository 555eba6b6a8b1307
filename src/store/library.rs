//! The advisories of an appliance: bundles put in whole or not at all, documents that people added, and which of them count.
//!
//! What two bundles share is kept once, by its hash. A bundle in use is never changed: another takes its place, and a row says
//! since when. So going back is a row too, and what was in use at any time can be told.

mod rows;

use rusqlite::OptionalExtension;

use crate::model::{Bundle, Holding, Parcel, Supplement, Timestamp, Turn};
use crate::store::{Store, StoreError};

/// What became of a bundle that was put into a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Put {
    /// It is in use now, and was not known before.
    New(u32),
    /// It is in use again.
    Again(u32),
    /// It was in use already: nothing changed.
    InUse(u32),
}

/// Where a rollback leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rollback {
    /// This bundle is in use now; `None`: none is, as before the first one was imported.
    To(Option<u32>),
    /// Nothing was in use before.
    Nowhere,
    /// The content of that bundle is no longer here.
    Dropped(u32),
    /// There is no bundle of that number.
    Unknown(u32),
}

impl Store {
    /// Takes a bundle over and into use: all of it, or nothing when anything fails. The one before stays, to go back to.
    pub fn put_bundle(
        &mut self,
        parcel: &Parcel,
        by: &str,
        at: Timestamp,
    ) -> Result<Put, StoreError> {
        let put = self.try_for_good(|connection| {
            let transaction = connection.transaction()?;
            let now = rows::turn(&transaction)?;
            let known: Option<(u32, bool)> = transaction
                .prepare_cached("SELECT number, is_kept FROM bundles WHERE sha256 = ?1")?
                .query_row([&parcel.sha256], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let (number, put) = match known {
                Some((number, _)) if now.bundle == Some(number) => return Ok(Put::InUse(number)),
                Some((number, is_kept)) => {
                    if !is_kept {
                        rows::fill(&transaction, number, parcel)?;
                    }
                    (number, Put::Again(number))
                }
                None => {
                    let number = rows::add_bundle(&transaction, parcel, by, at)?;
                    rows::fill(&transaction, number, parcel)?;
                    (number, Put::New(number))
                }
            };
            rows::add_turn(&transaction, Some(number), now.number, by, at)?;
            rows::drop_oldest(&transaction)?;
            transaction.commit()?;
            Ok(put)
        })?;
        // An appliance may lose its power as soon as the import says that it is done.
        self.try_to(|connection| {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })?;
        Ok(put)
    }

    /// The bundle in use.
    pub fn current_bundle(&mut self) -> Result<Option<Bundle>, StoreError> {
        Ok(self.bundles()?.into_iter().find(|bundle| bundle.is_current))
    }

    /// All bundles that were ever imported, in order of number.
    pub fn bundles(&mut self) -> Result<Vec<Bundle>, StoreError> {
        self.try_to(|connection| {
            let current = rows::turn(connection)?.bundle;
            let mut statement = connection.prepare("SELECT * FROM bundles ORDER BY number")?;
            let found = statement.query_map([], |row| rows::bundle(row, current))?;
            found.collect()
        })
    }

    /// When which bundle came into use, oldest first.
    pub fn bundle_turns(&mut self) -> Result<Vec<Turn>, StoreError> {
        self.try_to(|connection| {
            let mut statement = connection
                .prepare("SELECT number, bundle, by, at_ns FROM bundle_turns ORDER BY 1")?;
            let found = statement.query_map([], |row| {
                let at = Timestamp(row.get(3)?);
                Ok(Turn { number: row.get(0)?, bundle: row.get(1)?, by: row.get(2)?, at })
            })?;
            found.collect()
        })
    }

    /// Goes back to what was in use before, or to the bundle of a number. Doing it again goes back further.
    pub fn rollback(
        &mut self,
        to: Option<u32>,
        by: &str,
        at: Timestamp,
    ) -> Result<Rollback, StoreError> {
        self.try_for_good(|connection| {
            let transaction = connection.transaction()?;
            let now = rows::turn(&transaction)?;
            let (bundle, back) = match to {
                Some(number) => (Some(number), now.number),
                // Before the first turn there was no bundle; before that, nothing.
                None if now.bundle.is_none() && now.back == 0 => return Ok(Rollback::Nowhere),
                None => {
                    let before = rows::turn_numbered(&transaction, now.back)?;
                    (before.bundle, before.back)
                }
            };
            if let Some(number) = bundle {
                match rows::is_kept(&transaction, number)? {
                    None => return Ok(Rollback::Unknown(number)),
                    Some(false) => return Ok(Rollback::Dropped(number)),
                    Some(true) => {}
                }
            }
            rows::add_turn(&transaction, bundle, back, by, at)?;
            transaction.commit()?;
            Ok(Rollback::To(bundle))
        })
    }

    /// Keeps documents that a person brings, all of them or none, and tells how many of them are news. A document that was
    /// added before is left alone.
    pub fn add_documents(
        &mut self,
        documents: &[Holding],
        by: &str,
        at: Timestamp,
    ) -> Result<usize, StoreError> {
        self.try_for_good(|connection| {
            let transaction = connection.transaction()?;
            let mut added = 0_usize;
            for document in documents {
                if rows::add_own(&transaction, document, by, at)? {
                    added = added.saturating_add(1);
                }
            }
            transaction.commit()?;
            Ok(added)
        })
    }

    /// The documents that count: those of the bundle in use, and those that people added. One document may be among them in
    /// several revisions.
    pub fn documents(&mut self) -> Result<Vec<Holding>, StoreError> {
        self.try_to(|connection| {
            let current = rows::turn(connection)?.bundle;
            let mut statement = connection.prepare(rows::DOCUMENTS)?;
            let found = statement.query_map([current], rows::holding)?;
            found.collect()
        })
    }

    /// The documents of one bundle whose content is here.
    pub fn documents_of(&mut self, bundle: u32) -> Result<Vec<Holding>, StoreError> {
        self.try_to(|connection| {
            let mut statement = connection.prepare(rows::DOCUMENTS_OF)?;
            let found = statement.query_map([bundle], rows::holding)?;
            found.collect()
        })
    }

    /// What the bundle in use holds beside documents.
    pub fn feeds(&mut self) -> Result<Vec<Supplement>, StoreError> {
        self.try_to(|connection| {
            let current = rows::turn(connection)?.bundle;
            let mut statement = connection.prepare(rows::FEEDS)?;
            let found = statement.query_map([current], rows::feed)?;
            let found: Vec<Option<Supplement>> = found.collect::<rusqlite::Result<_>>()?;
            Ok(found.into_iter().flatten().collect())
        })
    }

    /// True when a store holds advisories of its own, so that those of the program do not count.
    pub fn has_advisories(&mut self) -> Result<bool, StoreError> {
        self.try_to(|connection| {
            let current = rows::turn(connection)?.bundle;
            connection
                .prepare("SELECT 1 FROM holdings WHERE kind = 'csaf' AND (bundle = ?1 OR bundle IS NULL) LIMIT 1")?
                .exists([current])
        })
    }
}

#[cfg(test)]
mod tests;
