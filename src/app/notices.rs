//! Notices of a store, for those who send them on and those who read them.

use std::path::Path;
use std::sync::Arc;

use crate::alert::{Backlog, BacklogError, Open};
use crate::model::Notice;
use crate::store::{Store, StoreError};

/// A store that is read while another process may write it.
#[derive(Debug)]
pub(super) struct StoreNotices {
    store: Store,
}

impl StoreNotices {
    /// Opens the store in a directory for reading.
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        Ok(Self { store: Store::read(dir)? })
    }

    fn failed(&self, error: &StoreError) -> BacklogError {
        BacklogError { what: self.store.dir().display().to_string(), cause: error.to_string() }
    }
}

impl Backlog for StoreNotices {
    fn after(&mut self, number: u64, most: usize) -> Result<Vec<Notice>, BacklogError> {
        self.store.notices(number, most).map_err(|error| self.failed(&error))
    }

    fn range(&mut self) -> Result<Option<(u64, u64)>, BacklogError> {
        let oldest = self.store.notices(0, 1).map_err(|error| self.failed(&error))?;
        let newest = self.store.last_notice().map_err(|error| self.failed(&error))?;
        Ok(oldest.first().map(|oldest| (oldest.number, newest)))
    }
}

/// What opens the notices of a store, again and again: it may have been put in the place of another.
pub(super) fn opener(dir: &Path) -> Open {
    let dir = dir.to_owned();
    Arc::new(move || {
        let opened = StoreNotices::open(&dir);
        let failed = |error: StoreError| BacklogError {
            what: dir.display().to_string(),
            cause: error.to_string(),
        };
        Ok(Box::new(opened.map_err(failed)?))
    })
}
