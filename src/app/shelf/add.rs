//! `advisories add`: documents that a person brings into a store.

use std::path::{Path, PathBuf};

use crate::app::AppError;
use crate::app::knowledge::Sources;
use crate::app::shelf::{from_path, matching};
use crate::export::shelf::Refreshed;
use crate::model::{Holding, Timestamp};
use crate::store::Store;

/// What came of it.
#[derive(Debug, Default)]
pub(in crate::app) struct Added {
    /// Documents that were read.
    pub(in crate::app) read: usize,
    /// Of these, those that were not there.
    pub(in crate::app) new: usize,
    /// What could not be read.
    pub(in crate::app) complaints: Vec<String>,
    /// What it changed.
    pub(in crate::app) refreshed: Refreshed,
}

/// Reads the documents, keeps them, and matches the devices with them.
pub(in crate::app) fn add(
    paths: &[PathBuf],
    dir: &Path,
    sources: &Sources,
    (by, at): (&str, Timestamp),
) -> Result<Added, AppError> {
    let mut holdings = Vec::new();
    let mut added = Added::default();
    for path in paths {
        let loaded = from_path(path)?;
        added.complaints.extend(loaded.complaints);
        for (held, bytes) in loaded.held.into_iter().zip(loaded.bytes) {
            let advisory = held.whole.advisory;
            let name = held.origin.rsplit('/').next().unwrap_or_default().to_owned();
            holdings.push(Holding {
                id: advisory.id.to_string(),
                revision: advisory.revision.to_string(),
                released: advisory.released.to_string(),
                sha256: held.sha256,
                substance: advisory.substance,
                origin: held.origin,
                name,
                bundle: None,
                bytes,
            });
        }
    }
    if holdings.is_empty() {
        let why = added.complaints.first().map(|why| format!(": {why}")).unwrap_or_default();
        return Err(AppError::Bundle(format!(
            "no CSAF document could be read{why}; give CSAF JSON files, directories or zip archives of them"
        )));
    }
    added.read = holdings.len();
    let mut store = Store::create(dir)?;
    added.new = store.add_documents(&holdings, by, at)?;
    added.refreshed = matching::refreshed(&mut store, sources)?;
    Ok(added)
}
