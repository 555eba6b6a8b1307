//! What facts are interpreted with, from the program itself or from what the user names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::advisory::csaf::{self, CsafError};
use crate::advisory::{self, Index};
use crate::app::{AppError, scores};
use crate::assess::families::Families;
use crate::engine;
use crate::fingerprint::Signatures;
use crate::ledger::Knowledge;
use crate::model::advisory::{Advisory, Fault};
use crate::model::import::COLUMNS;
use crate::model::limits::ADVISORY_BYTES_MAX;
use crate::model::{BundleInfo, Feed, Key, Zones};
use crate::protocols::REGISTRY;

/// Where knowledge comes from, when not from the program.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources {
    /// A directory of CSAF documents, searched to any depth, or one document. A catalogue of known exploited
    /// vulnerabilities, as CISA publishes it, may be among them.
    pub(super) advisories: Option<PathBuf>,
    /// A directory of signature files and tables.
    pub(super) signatures: Option<PathBuf>,
    /// The day on which support is judged, when not today.
    pub(super) as_of: Option<jiff::civil::Date>,
    /// The zones of the plant: how much a finding matters depends on them.
    pub(super) zones: Zones,
    /// A file of decisions that a site keeps under version control.
    pub(super) decisions: Option<PathBuf>,
}

/// Loads everything.
pub(super) fn load(sources: &Sources) -> Result<(Knowledge, BundleInfo), AppError> {
    let signatures = signatures(sources)?;
    let families = Families::embedded();
    let (advisories, bundle) = match &sources.advisories {
        None => embedded_advisories(),
        Some(path) => user_advisories(path)?,
    };
    Ok((Knowledge { signatures, families, advisories }, bundle))
}

/// Loads the signatures only.
pub(super) fn signatures(sources: &Sources) -> Result<Signatures, AppError> {
    match &sources.signatures {
        None => Signatures::embedded().map_err(lines),
        Some(dir) => user_signatures(dir),
    }
}

/// Everything that can be observed.
pub(super) fn keys() -> Vec<Key> {
    let protocols = REGISTRY.iter().flat_map(|protocol| protocol.every_key());
    let lists = COLUMNS.iter().map(|column| column.key);
    let mut keys: Vec<Key> = protocols.chain(engine::KEYS.iter().copied()).chain(lists).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn user_signatures(dir: &Path) -> Result<Signatures, AppError> {
    let mut rules = Vec::new();
    let mut tables = Vec::new();
    for path in files(dir).map_err(|error| AppError::Signatures(vec![unreadable(dir, &error)]))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kind = path.extension().and_then(|extension| extension.to_str());
        let list = match kind {
            Some("toml") if !matches!(name.as_str(), "families.toml" | "vendors.toml") => {
                &mut rules
            }
            Some("csv") => &mut tables,
            _ => continue,
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| AppError::Signatures(vec![unreadable(&path, &error)]))?;
        list.push((name, text));
    }
    if rules.is_empty() {
        let hint = format!("{}: no signature files (*.toml) in this directory", dir.display());
        return Err(AppError::Signatures(vec![hint]));
    }
    let rules: Vec<(&str, &str)> = rules.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let tables: Vec<(&str, &str)> = tables.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    Signatures::load(&rules, &tables, &keys()).map_err(lines)
}

fn embedded_advisories() -> (Index, BundleInfo) {
    let documents = advisory::EMBEDDED.iter().map(|(name, text)| (*name, text.as_bytes()));
    let mut collected = Collected::default();
    documents.for_each(|(name, bytes)| collected.add(name, bytes));
    collected.finish("built in")
}

fn user_advisories(path: &Path) -> Result<(Index, BundleInfo), AppError> {
    let found = files(path).map_err(|error| {
        let why = unreadable(path, &error);
        AppError::Bundle(format!("{why}; give --db a directory of CSAF JSON files, or one of them"))
    })?;
    let mut collected = Collected::default();
    for path in found.iter().filter(|path| path.extension().is_some_and(|kind| kind == "json")) {
        collected.read(path);
    }
    if collected.advisories.is_empty() {
        let why = format!(
            "{}: no CSAF document could be read; give a directory of CSAF JSON files, or one of them",
            path.display()
        );
        return Err(AppError::Bundle(why));
    }
    let (index, mut bundle) = collected.finish(&path.display().to_string());
    let index = scores::beside(&found, index, &mut bundle);
    Ok((index, bundle))
}

/// Documents as they are read. One that cannot be read costs only itself.
#[derive(Default)]
struct Collected {
    advisories: Vec<Advisory>,
    digests: Vec<(String, [u8; 32])>,
    kev: Option<BTreeSet<Box<str>>>,
    kev_released: Option<String>,
    unread: usize,
}

impl Collected {
    fn read(&mut self, path: &Path) {
        let name = path.display().to_string();
        let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        if usize::try_from(size).is_ok_and(|size| size > ADVISORY_BYTES_MAX) {
            return self.refuse(&format!("{name}: {size} bytes are more than any advisory has"));
        }
        match std::fs::read(path) {
            Ok(bytes) => self.add(&name, &bytes),
            Err(error) => self.refuse(&format!("{name}: {error}")),
        }
    }

    fn add(&mut self, name: &str, bytes: &[u8]) {
        match csaf::parse(bytes, name) {
            Ok(advisory) => {
                if let Some(Fault { what, touches_devices }) = &advisory.fault {
                    let then = if *touches_devices { ", and clears no device" } else { "" };
                    tracing::warn!("an advisory is damaged{then}: {name}: {what}");
                }
                self.digests.push((advisory.id.to_string(), Sha256::digest(bytes).into()));
                self.advisories.push(advisory);
            }
            Err(error) => match advisory::parse_kev(bytes) {
                Ok(kev) if !kev.is_empty() => {
                    self.kev.get_or_insert_default().extend(kev);
                    let released = advisory::kev_released(bytes);
                    self.kev_released = self.kev_released.take().max(released);
                }
                // Feeds and indexes lie beside the documents that they list.
                _ if !has_document(bytes) && matches!(error, CsafError::NoTrackingId { .. }) => {
                    tracing::info!("{name} is no advisory");
                }
                _ => self.refuse(&error.to_string()),
            },
        }
    }

    fn refuse(&mut self, why: &str) {
        self.unread = self.unread.saturating_add(1);
        tracing::warn!("an advisory was passed over: {why}");
    }

    fn finish(mut self, origin: &str) -> (Index, BundleInfo) {
        self.digests.sort();
        let mut all = Sha256::new();
        self.digests.iter().for_each(|(_, digest)| all.update(digest));
        let dates = self.advisories.iter().map(|advisory| advisory.released.to_string());
        let bundle = BundleInfo {
            origin: origin.to_owned(),
            documents: self.advisories.len(),
            unread: self.unread,
            newest: dates.max().filter(|date| !date.is_empty()),
            sha256: hex(&all.finalize()),
            kev: self.kev.is_some(),
            exploited: self.kev.as_ref().map(|kev| Feed {
                date: self.kev_released.take(),
                count: kev.len(),
                model: None,
            }),
            scores: None,
        };
        let index = Index::new(self.advisories);
        let index = match self.kev {
            Some(kev) => index.with_kev(kev),
            None => index,
        };
        (index, bundle)
    }
}

/// True for JSON that has what every CSAF document has at its top.
fn has_document(bytes: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Top {
        document: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_slice(bytes).is_ok_and(|top: Top| top.document.is_some())
}

/// All files at or below a path, in order of their names. Links to directories are not followed.
fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut todo = vec![path.to_owned()];
    while let Some(path) = todo.pop() {
        let metadata = if found.is_empty() && todo.is_empty() {
            std::fs::metadata(&path)?
        } else {
            std::fs::symlink_metadata(&path)?
        };
        if metadata.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                todo.push(entry?.path());
            }
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn lines<E: ToString>(errors: Vec<E>) -> AppError {
    AppError::Signatures(errors.iter().map(ToString::to_string).collect())
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("cannot read {}: {error}", path.display())
}
