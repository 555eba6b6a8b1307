//! What facts are interpreted with, from the program itself or from what the user names.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use crate::advisory::csaf::{self, CsafError};
use crate::advisory::search::is_deleted;
use crate::advisory::{self, Index};
use crate::app::{AppError, scores};
use crate::assess::families::Families;
use crate::bundle::LeftOut;
use crate::bundle::archive::{Archive, SIDECARS};
use crate::bundle::file::Bundle;
pub(super) use crate::bundle::hex;
use crate::engine;
use crate::fingerprint::Signatures;
use crate::ledger::Knowledge;
use crate::model::advisory::{Advisory, Fault};
use crate::model::import::COLUMNS;
use crate::model::limits::{ADVISORY_BYTES_MAX, BUNDLE_BYTES_MAX, SCORES_BYTES_MAX};
use crate::model::{BundleInfo, Feed, FeedKind, Key, Marks, Supplement, Zones};
use crate::protocols::REGISTRY;
use crate::store::Store;

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
    /// From which age on advisories are told to be old, when not a month.
    pub(super) warn_after: Option<jiff::SignedDuration>,
}

/// Loads everything. Advisories come from the path that the user names, and from nowhere else then; without one from the store,
/// where there is one and it holds any; and last from the program itself.
pub(super) fn load(
    sources: &Sources,
    mut store: Option<&mut Store>,
) -> Result<(Knowledge, BundleInfo), AppError> {
    let marks = match store.as_deref_mut() {
        Some(store) => store.marks()?.0,
        None => Marks::default(),
    };
    load_but(sources, store, &|document| is_deleted(document, &marks))
}

/// The same, without documents that are left out: as if they did not exist.
fn load_but(
    sources: &Sources,
    store: Option<&mut Store>,
    is_left_out: &dyn Fn(&Advisory) -> bool,
) -> Result<(Knowledge, BundleInfo), AppError> {
    let signatures = signatures(sources)?;
    let families = Families::embedded();
    let mut collected = match (&sources.advisories, store) {
        (Some(path), _) => user_advisories(path)?,
        (None, Some(store)) => store_advisories(store)?,
        (None, None) => embedded_advisories(),
    };
    collected.documents.retain(|(advisory, _)| !is_left_out(advisory));
    let (advisories, bundle) = collected.finish();
    warn_when_old(&bundle, sources.warn_after);
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

fn embedded_advisories() -> Collected {
    let documents = advisory::EMBEDDED.iter().map(|(name, text)| (*name, text.as_bytes()));
    let mut collected = Collected::of(BUILT_IN);
    documents.for_each(|(name, bytes)| collected.add(name, bytes));
    collected
}

/// What a store holds: the bundle in use, and what people added. One that holds no document is judged with those of the program.
fn store_advisories(store: &mut Store) -> Result<Collected, AppError> {
    let bundle = store.current_bundle()?;
    let documents = store.documents()?;
    let mut collected = match &bundle {
        _ if documents.is_empty() => embedded_advisories(),
        Some(bundle) => Collected::of(&format!("bundle {}", bundle.number)),
        // What a person adds stands beside the documents of the program: one more document takes no verdict away.
        None => {
            let mut collected = embedded_advisories();
            collected.info.origin = ADDED.to_owned();
            collected
        }
    };
    for document in &documents {
        if document.bundle.is_none() {
            collected.info.added = collected.info.added.saturating_add(1);
        }
        let name = if document.name.is_empty() { &document.id } else { &document.name };
        collected.add(name, &document.bytes);
    }
    for feed in store.feeds()? {
        collected.feed(&feed);
    }
    if let Some(bundle) = bundle {
        collected.info.number = Some(bundle.number);
        collected.info.signer = bundle.signer;
        collected.info.built = Some(bundle.built).filter(|built| !built.is_empty());
    }
    Ok(collected)
}

/// What lies at a path: a directory of documents, an archive of them, one of them, or a bundle.
fn user_advisories(path: &Path) -> Result<Collected, AppError> {
    if let Some(bytes) = bundle_at(path)? {
        return bundled_advisories(path, &bytes);
    }
    let mut archive = Archive::open(path).map_err(|error| {
        AppError::Bundle(format!(
            "{error}; give --db a directory of CSAF JSON files, or one of them"
        ))
    })?;
    let mut collected = Collected::of(&path.display().to_string());
    let is_file = path.is_file() && archive.names().len() <= SIDECARS.len().saturating_add(1);
    let names = archive.names().into_iter();
    for name in names.filter(|name| name.to_ascii_lowercase().ends_with(".json")) {
        let shown = if is_file { path.to_owned() } else { path.join(&name) };
        let shown = shown.display().to_string();
        match archive.bytes(&name, ADVISORY_BYTES_MAX) {
            Ok(bytes) => collected.add(&shown, &bytes),
            Err(why) => collected.refuse(&format!("{shown}: {why}")),
        }
    }
    if collected.documents.is_empty() {
        let why = format!(
            "{}: no CSAF document could be read; give a directory of CSAF JSON files, or one of them",
            path.display()
        );
        return Err(AppError::Bundle(why));
    }
    let most = usize::try_from(SCORES_BYTES_MAX).unwrap_or(usize::MAX);
    for name in archive.names().into_iter().filter(|name| scores::is_named_so(name)) {
        match archive.bytes(&name, most) {
            Ok(bytes) => collected.scores.extend(scores::unpacked(&name, bytes)),
            Err(why) => tracing::warn!("{name}: passed over: {why}"),
        }
    }
    Ok(collected)
}

/// The bytes of a bundle; `None` when something else lies there.
pub(super) fn bundle_at(path: &Path) -> Result<Option<Vec<u8>>, AppError> {
    let failed = |error: &std::io::Error| AppError::Bundle(unreadable(path, error));
    if !path.is_file() {
        return Ok(None);
    }
    let mut file = std::fs::File::open(path).map_err(|error| failed(&error))?;
    let mut bytes = Vec::new();
    file.by_ref().take(BUNDLE_START).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if !Bundle::is_one(&bytes) {
        return Ok(None);
    }
    let room = u64::try_from(BUNDLE_BYTES_MAX).unwrap_or(u64::MAX);
    file.take(room).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    Ok(Some(bytes))
}

/// A bundle that a person names is taken as any file that a person names, whoever signed it: the run line says who did. That it is
/// whole, and that its signature is right, is checked all the same.
fn bundled_advisories(path: &Path, bytes: &[u8]) -> Result<Collected, AppError> {
    let name = path.display().to_string();
    let read = Bundle::read(bytes).map_err(|error| AppError::Bundle(format!("{name}: {error}")))?;
    let (parcel, left_out) = read.parcel(&name);
    let mut collected = Collected::of(&name);
    left_out.iter().for_each(|LeftOut { name, why }| collected.refuse(&format!("{name}: {why}")));
    parcel.documents.iter().for_each(|document| collected.add(&document.name, &document.bytes));
    parcel.feeds.iter().for_each(|feed| collected.feed(feed));
    collected.info.signer = parcel.signer;
    collected.info.built = Some(parcel.built).filter(|built| !built.is_empty());
    if collected.documents.is_empty() {
        return Err(AppError::Bundle(format!(
            "{name}: no document in it could be read; build it again"
        )));
    }
    Ok(collected)
}

/// Documents as they are read. One that cannot be read costs only itself.
#[derive(Default)]
struct Collected {
    /// Each with the hash of its bytes.
    documents: Vec<(Advisory, [u8; 32])>,
    kev: Option<BTreeSet<Box<str>>>,
    scores: Vec<Vec<u8>>,
    info: BundleInfo,
}

impl Collected {
    fn of(origin: &str) -> Self {
        let info = BundleInfo { origin: origin.to_owned(), ..BundleInfo::default() };
        Self { info, ..Self::default() }
    }

    fn add(&mut self, name: &str, bytes: &[u8]) {
        match csaf::parse(bytes, name) {
            Ok(advisory) => {
                if let Some(Fault { what, touches_devices }) = &advisory.fault {
                    let then = if *touches_devices { ", and clears no device" } else { "" };
                    tracing::warn!("an advisory is damaged{then}: {name}: {what}");
                }
                self.documents.push((advisory, Sha256::digest(bytes).into()));
            }
            Err(error) => match advisory::parse_kev(bytes) {
                Ok(kev) if !kev.is_empty() => self.known_exploited(kev, bytes),
                // Feeds and indexes lie beside the documents that they list.
                _ if !csaf::has_document(bytes)
                    && matches!(error, CsafError::NoTrackingId { .. }) =>
                {
                    tracing::info!("{name} is no advisory");
                }
                _ => self.refuse(&error.to_string()),
            },
        }
    }

    /// What a bundle brings beside documents, as far as it is made use of here.
    fn feed(&mut self, feed: &Supplement) {
        match feed.kind {
            FeedKind::Kev => match advisory::parse_kev(&feed.bytes) {
                Ok(kev) => self.known_exploited(kev, &feed.bytes),
                Err(error) => self.refuse(&format!("{}: {error}", feed.name)),
            },
            FeedKind::Epss => {
                self.scores.extend(scores::unpacked(&feed.name, feed.bytes.clone()));
            }
            _ => {}
        }
    }

    fn known_exploited(&mut self, kev: BTreeSet<Box<str>>, bytes: &[u8]) {
        let known = self.kev.get_or_insert_default();
        known.extend(kev);
        self.info.kev = true;
        let before = self.info.exploited.take().and_then(|feed| feed.date);
        let date = advisory::kev_released(bytes).max(before);
        self.info.exploited = Some(Feed { date, count: known.len(), model: None });
    }

    fn refuse(&mut self, why: &str) {
        self.info.unread = self.info.unread.saturating_add(1);
        tracing::warn!("an advisory was passed over: {why}");
    }

    fn finish(mut self) -> (Index, BundleInfo) {
        self.documents.sort_by(|(a, a_hash), (b, b_hash)| (&a.id, a_hash).cmp(&(&b.id, b_hash)));
        let mut all = Sha256::new();
        self.documents.iter().for_each(|(_, digest)| all.update(digest));
        let dates = self.documents.iter().map(|(advisory, _)| &*advisory.released);
        let newest = newest(dates, jiff::Timestamp::now());
        let documents = self.documents.len();
        let mut bundle =
            BundleInfo { documents, newest, sha256: hex(&all.finalize()), ..self.info };
        let index = Index::new(self.documents.into_iter().map(|(advisory, _)| advisory).collect());
        let index = match self.kev {
            Some(kev) => index.with_kev(kev),
            None => index,
        };
        let index = scores::add(&self.scores, index, &mut bundle);
        (index, bundle)
    }
}

/// How old knowledge is: since its bundle was built, or its newest document was released; `None` when it does not tell.
pub(super) fn age(bundle: &BundleInfo) -> Option<jiff::SignedDuration> {
    let since = bundle.built.as_deref().or(bundle.newest.as_deref())?;
    Some(jiff::Timestamp::now().duration_since(advisory::instant(since)?))
}

/// Old advisories stop nothing, and never pass in silence. A verb that loads them several times says it once.
fn warn_when_old(bundle: &BundleInfo, warn_after: Option<jiff::SignedDuration>) {
    static SAID: AtomicBool = AtomicBool::new(false);
    let limit = warn_after.unwrap_or(jiff::SignedDuration::from_hours(WARN_AFTER_HOURS));
    // Those of the program are a sample, as old as the program is: nobody could bring newer ones of them.
    if bundle.origin.starts_with(BUILT_IN) {
        return;
    }
    let Some(age) = age(bundle).filter(|age| *age > limit) else { return };
    if !SAID.swap(true, Ordering::Relaxed) {
        let days = age.as_hours().checked_div(24).unwrap_or_default();
        let origin = &bundle.origin;
        tracing::warn!(
            "the advisories ({origin}) are {days} days old: import a newer bundle with nameplate db import, or name newer ones with --db"
        );
    }
}

/// The latest of dates as documents write them. One that lies in the future is a slip of the pen, and would make old knowledge
/// look fresh for years.
pub(super) fn newest<'a>(
    dates: impl Iterator<Item = &'a str>,
    now: jiff::Timestamp,
) -> Option<String> {
    let latest = now.saturating_add(jiff::SignedDuration::from_hours(24)).unwrap_or(now);
    dates
        .filter_map(|text| Some((advisory::instant(text)?, text)))
        .filter(|(instant, _)| *instant <= latest)
        .max()
        .map(|(_, text)| text.to_owned())
}

/// Where advisories come from that are the program's own, and those that people added to a store.
pub(super) const ADDED: &str = "built in and added";

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

/// Where advisories come from that are the program's own.
pub(super) const BUILT_IN: &str = "built in";
/// How much of a file tells whether it is a bundle.
const BUNDLE_START: u64 = 16;
/// Thirty days.
const WARN_AFTER_HOURS: i64 = 30 * 24;

fn lines<E: ToString>(errors: Vec<E>) -> AppError {
    AppError::Signatures(errors.iter().map(ToString::to_string).collect())
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("cannot read {}: {error}", path.display())
}
