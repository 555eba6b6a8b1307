//! Where documents are read from: the same places that matching reads them from, with all of their texts.

use std::collections::BTreeSet;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::advisory::csaf::CsafError;
use crate::advisory::prose::Whole;
use crate::advisory::{self, parse_kev};
use crate::app::AppError;
use crate::app::knowledge::{self, Sources, has_document, hex};
use crate::app::shelf::Held;
use crate::model::FeedKind;
use crate::model::limits::ADVISORY_BYTES_MAX;
use crate::store::Store;

/// What was read.
#[derive(Debug, Default)]
pub(in crate::app) struct Loaded {
    /// The documents.
    pub(in crate::app) held: Vec<Held>,
    /// The bytes of each, where they are asked for.
    pub(in crate::app) bytes: Vec<Vec<u8>>,
    /// CVEs known to be exploited.
    pub(super) kev: Option<BTreeSet<Box<str>>>,
    /// Where they came from.
    pub(super) origin: String,
    /// Files that could not be read, with the reason.
    pub(in crate::app) complaints: Vec<String>,
    /// How many.
    pub(super) unread: usize,
    keeps_bytes: bool,
}

/// Reads the documents that matching uses.
pub(super) fn load(sources: &Sources, store: Option<&mut Store>) -> Result<Loaded, AppError> {
    let mut loaded = Loaded::default();
    match (&sources.advisories, store) {
        (Some(path), _) => {
            loaded.path(path)?;
            loaded.origin = path.display().to_string();
        }
        (None, Some(store)) => loaded.store(store)?,
        (None, None) => {
            loaded.embedded();
            loaded.origin = BUILT_IN.to_owned();
        }
    }
    for complaint in &loaded.complaints {
        tracing::warn!("a document was passed over: {complaint}");
    }
    Ok(loaded)
}

/// Reads documents from a file or a directory, with their bytes.
pub(in crate::app) fn from_path(path: &Path) -> Result<Loaded, AppError> {
    let mut loaded = Loaded { keeps_bytes: true, ..Loaded::default() };
    loaded.path(path)?;
    Ok(loaded)
}

impl Loaded {
    fn path(&mut self, path: &Path) -> Result<(), AppError> {
        let files = knowledge::files(path).map_err(|error| {
            AppError::Bundle(format!(
                "cannot read {}: {error}; give a CSAF document or a directory of them",
                path.display()
            ))
        })?;
        let is_json =
            |file: &&std::path::PathBuf| file.extension().is_some_and(|kind| kind == "json");
        let named = |file: &&std::path::PathBuf| file.as_path() == path;
        for file in files.iter().filter(|file| is_json(file) || named(file)) {
            let name = file.display().to_string();
            let size = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
            if usize::try_from(size).is_ok_and(|size| size > ADVISORY_BYTES_MAX) {
                self.refuse(format!("{name}: {size} bytes are more than any advisory has"));
                continue;
            }
            match std::fs::read(file) {
                Ok(bytes) => {
                    self.add(&name, &bytes, Held { origin: name.clone(), ..Held::default() })
                }
                Err(error) => self.refuse(format!("{name}: {error}")),
            }
        }
        Ok(())
    }

    fn store(&mut self, store: &mut Store) -> Result<(), AppError> {
        let bundle = store.current_bundle()?;
        let documents = store.documents()?;
        let added = store.who_added()?;
        if bundle.is_none() {
            self.embedded();
        }
        self.origin = match &bundle {
            Some(bundle) => format!("bundle {}", bundle.number),
            None if documents.is_empty() => BUILT_IN.to_owned(),
            None => knowledge::ADDED.to_owned(),
        };
        for document in &documents {
            let origin = match document.bundle {
                Some(number) => format!("bundle {number}"),
                None => document.origin.clone(),
            };
            let added = match document.bundle {
                Some(_) => None,
                None => added.get(&*document.sha256).cloned(),
            };
            let name = if document.name.is_empty() { &document.id } else { &document.name };
            self.add(name, &document.bytes, Held { origin, added, ..Held::default() });
        }
        for feed in store.feeds()?.iter().filter(|feed| feed.kind == FeedKind::Kev) {
            if let Ok(kev) = parse_kev(&feed.bytes) {
                self.kev.get_or_insert_default().extend(kev);
            }
        }
        Ok(())
    }

    fn embedded(&mut self) {
        for (name, text) in advisory::EMBEDDED {
            let held = Held { origin: BUILT_IN.to_owned(), ..Held::default() };
            self.add(name, text.as_bytes(), held);
        }
    }

    /// One that cannot be read costs only itself.
    fn add(&mut self, name: &str, bytes: &[u8], held: Held) {
        match Whole::read(bytes, name) {
            Ok(whole) => {
                let sha256 = hex(&Sha256::digest(bytes));
                self.held.push(Held { whole, sha256, ..held });
                if self.keeps_bytes {
                    self.bytes.push(bytes.to_vec());
                }
            }
            Err(error) => match parse_kev(bytes) {
                Ok(kev) if !kev.is_empty() => self.kev.get_or_insert_default().extend(kev),
                // Feeds and indexes lie beside the documents that they list.
                _ if !has_document(bytes) && matches!(error, CsafError::NoTrackingId { .. }) => {
                    tracing::info!("{name} is no advisory");
                }
                _ => self.refuse(error.to_string()),
            },
        }
    }

    fn refuse(&mut self, why: String) {
        self.unread = self.unread.saturating_add(1);
        if self.complaints.len() < COMPLAINTS_MAX {
            self.complaints.push(why);
        }
    }
}

const BUILT_IN: &str = "built in";
/// More complaints than anybody reads are counted only.
const COMPLAINTS_MAX: usize = 100;
