//! Where documents are read from: the same places that matching reads them from, with all of their texts.

use std::collections::BTreeSet;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::advisory::csaf::{CsafError, has_document};
use crate::advisory::prose::Whole;
use crate::advisory::{self, parse_kev};
use crate::app::AppError;
use crate::app::knowledge::{self, Sources, hex};
use crate::app::shelf::Held;
use crate::bundle::archive::Archive;
use crate::bundle::file::Bundle;
use crate::model::limits::ADVISORY_BYTES_MAX;
use crate::model::{FeedKind, Supplement};
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
    /// A document, a directory or an archive of them, or a bundle.
    fn path(&mut self, path: &Path) -> Result<(), AppError> {
        let shown = path.display().to_string();
        let unreadable = |error: &dyn std::fmt::Display| {
            AppError::Bundle(format!(
                "{error}; give a CSAF document, a directory or an archive of them, or a bundle"
            ))
        };
        if let Some(bytes) = knowledge::bundle_at(path)? {
            let bundle =
                Bundle::read(&bytes).map_err(|error| unreadable(&format!("{shown}: {error}")))?;
            let (parcel, left_out) = bundle.parcel(&shown);
            left_out.into_iter().for_each(|one| self.refuse(format!("{}: {}", one.name, one.why)));
            for document in &parcel.documents {
                let held = Held { origin: shown.clone(), ..Held::default() };
                self.add(&document.name, &document.bytes, held);
            }
            parcel.feeds.iter().for_each(|feed| self.feed(feed));
            return Ok(());
        }
        let mut archive = Archive::open(path).map_err(|error| unreadable(&error))?;
        let own = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_document = |name: &String| {
            name.to_ascii_lowercase().ends_with(".json") || (path.is_file() && *name == own)
        };
        for name in archive.names().into_iter().filter(is_document) {
            let place = if name == own { path.to_owned() } else { path.join(&name) };
            let place = place.display().to_string();
            match archive.bytes(&name, ADVISORY_BYTES_MAX) {
                Ok(bytes) => {
                    self.add(&place, &bytes, Held { origin: place.clone(), ..Held::default() })
                }
                Err(why) => self.refuse(format!("{place}: {why}")),
            }
        }
        Ok(())
    }

    fn feed(&mut self, feed: &Supplement) {
        if feed.kind == FeedKind::Kev
            && let Ok(kev) = parse_kev(&feed.bytes)
        {
            self.kev.get_or_insert_default().extend(kev);
        }
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
        store.feeds()?.iter().for_each(|feed| self.feed(feed));
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
