//! Advisories fetched from their publishers, on a connected machine, into a directory that a bundle is built from.
//!
//! ```text
//! Source ── find ──▶ documents that are listed ── document ──▶ files in the folder ── `db build` ──▶ bundle
//!             └── keys ──▶ OpenPGP keys               └── checksums, signatures
//! ```
//!
//! All of it is plain code behind the trait [`Web`]; the one file that opens connections, `http`, is compiled only with the feature
//! `fetch`. Everything that comes in is a stranger's: lists, names, redirects, documents. What is wrong with one document costs only it.

mod address;
mod client;
mod document;
mod find;
mod folder;
#[cfg(feature = "fetch")]
mod http;
mod keys;
mod lists;
mod place;
mod supplements;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::bundle::LeftOut;
use crate::model::FeedKind;
use crate::model::limits::{FETCH_REQUESTS_AT_ONCE_MAX, FETCH_TOLD_MAX};

pub use address::Address;
pub use client::{Answer, Known, Question, Trouble, Web, retry_after};
#[cfg(feature = "fetch")]
pub use http::Http;
pub use keys::FetchedKey;
pub use lists::Label;

use client::{Client, Miss};
use document::{Outcome, Wanted};
use find::Finder;
use folder::Folder;

/// What to fetch.
#[derive(Debug)]
pub struct Order {
    /// From where.
    pub sources: Vec<Source>,
    /// Lists beside the documents, and their addresses.
    pub lists: Vec<(FeedKind, Address)>,
    /// Into which directory.
    pub folder: PathBuf,
    /// Documents with these labels, and those without one.
    pub labels: BTreeSet<Label>,
    /// Documents that were changed then or later.
    pub since: Option<jiff::Timestamp>,
    /// How often a request is tried again.
    pub tries: u32,
    /// Whether this machine may be asked without encryption.
    pub allow_plain: bool,
}

/// What a user names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// A domain, by the address of its top.
    Domain(Address),
    /// An aggregator, a provider's metadata, a feed, a directory, or one document.
    Page(Address),
}

impl Source {
    /// Reads what a user names: a domain, or an address.
    ///
    /// # Errors
    ///
    /// With the reason when it is neither.
    pub fn read(text: &str) -> Result<Self, String> {
        if !text.contains("://") {
            let address = Address::read(&format!("https://{text}/"))?;
            let is_domain = address.path() == "/" && !text.contains(['/', '?', '#']);
            return if is_domain {
                Ok(Self::Domain(address))
            } else {
                Err("it is no domain, and does not begin with https://".to_owned())
            };
        }
        let address = Address::read(text)?;
        let is_top = address.path() == "/" && !text.contains('?');
        Ok(if is_top { Self::Domain(address) } else { Self::Page(address) })
    }
}

/// What became of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Documents that are here now, and were not, or were others.
    pub fetched: usize,
    /// Documents that were here already.
    pub unchanged: usize,
    /// Documents that are older than what was asked for.
    pub older: usize,
    /// Documents that could not be fetched.
    pub failed: usize,
    /// Documents that must not be used.
    pub refused: usize,
    /// Which failed or were refused, and why: the first of them.
    pub missed: Vec<LeftOut>,
    /// Sources, feeds, directories and lists that could not be read.
    pub sources: Vec<LeftOut>,
    /// What else a person should know.
    pub notes: Vec<String>,
    /// Keys of providers.
    pub keys: Vec<FetchedKey>,
    /// Lists that are here now, and how many of their kind were here already.
    pub lists: usize,
    /// Bytes that were fetched.
    pub bytes: u64,
}

impl Report {
    fn miss(&mut self, name: &str, miss: Miss) {
        let count = match miss {
            Miss::Failed(_) => &mut self.failed,
            Miss::Refused(_) => &mut self.refused,
        };
        *count = count.saturating_add(1);
        if *count <= FETCH_TOLD_MAX {
            self.missed.push(LeftOut { name: name.to_owned(), why: miss.why() });
        }
    }
}

/// Why nothing more could be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The directory.
    #[error("cannot keep what is fetched in {path}: {source}")]
    Directory {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The directory is in use.
    #[error("another nameplate fetches into {path} just now: wait until it is done")]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// A file of certificates.
    #[error(
        "cannot read {path} as a file of certificates: {cause}; name a file with certificates in PEM"
    )]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// A thread of the program died.
    #[error("a thread of the program died while it fetched; please report it")]
    Died,
}

/// What all parts of a run need.
struct Run<'a> {
    client: Client<'a>,
    folder: Folder,
    order: &'a Order,
}

/// Fetches what is ordered, and tells how many of how many documents are done as it goes on.
///
/// # Errors
///
/// When the directory cannot be written. What cannot be fetched is in the report.
pub fn fetch(
    web: &dyn Web,
    order: &Order,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Report, FetchError> {
    let folder = Folder::open(&order.folder)?;
    let client = Client::new(web, order.tries, order.allow_plain);
    let run = Run { client, folder, order };
    let mut report = Report::default();
    for (kind, address) in &order.lists {
        supplements::fetch(&run, &mut report, *kind, address)?;
    }
    let mut finder = Finder::new(&run, &mut report);
    for source in &order.sources {
        finder.source(source)?;
    }
    let wanted = finder.into_wanted();
    for (wanted, outcome) in wanted.iter().zip(documents(&run, &wanted, progress)?) {
        match outcome {
            Outcome::Fetched => report.fetched = report.fetched.saturating_add(1),
            Outcome::Unchanged => report.unchanged = report.unchanged.saturating_add(1),
            Outcome::Missed(miss) => report.miss(&wanted.address.to_string(), miss),
        }
    }
    report.bytes = run.client.bytes();
    Ok(report)
}

/// Fetches documents, a few at once, and gives what became of them in their order.
fn documents(
    run: &Run<'_>,
    wanted: &[Wanted],
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<Outcome>, FetchError> {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    let work = || -> Result<(), FetchError> {
        while let Some((at, one)) = take(&next, wanted) {
            // When the directory cannot be written, the others come to their end too.
            let outcome = document::fetch(run, one).inspect_err(|_| {
                next.store(wanted.len(), Ordering::Relaxed);
            })?;
            outcomes.lock().unwrap_or_else(PoisonError::into_inner).push((at, outcome));
            progress(done.fetch_add(1, Ordering::Relaxed).saturating_add(1), wanted.len());
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..FETCH_REQUESTS_AT_ONCE_MAX).map(|_| scope.spawn(work)).collect();
        let ended = workers.into_iter().map(|worker| worker.join().map_err(|_| FetchError::Died));
        ended.collect::<Vec<_>>().into_iter().try_for_each(|ended| ended?)
    })?;
    let mut outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcomes.sort_by_key(|(at, _)| *at);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn take<'a>(next: &AtomicUsize, wanted: &'a [Wanted]) -> Option<(usize, &'a Wanted)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    wanted.get(at).map(|one| (at, one))
}

#[cfg(test)]
mod tests;
