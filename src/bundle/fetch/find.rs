//! From what a user names to the documents that are there: CSAF 2.0, section 7.3. A domain is asked where its metadata is, metadata where
//! feeds and directories are, these which documents there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::advisory;
use crate::bundle::LeftOut;
use crate::bundle::fetch::address::Address;
use crate::bundle::fetch::client::{File, Got, Known, Miss};
use crate::bundle::fetch::document::{Beside, Wanted};
use crate::bundle::fetch::keys;
use crate::bundle::fetch::lists::{self, Entry, Label, Page, Provider};
use crate::bundle::fetch::place::place;
use crate::bundle::fetch::{FetchError, Report, Run, Source};
use crate::bundle::openpgp::Keys;
use crate::model::limits::{FETCH_DOCUMENTS_MAX, FETCH_LIST_BYTES_MAX, FETCH_METADATA_BYTES_MAX};

/// Finds documents.
pub(super) struct Finder<'a> {
    run: &'a Run<'a>,
    report: &'a mut Report,
    /// By their places in lower case: some file systems do not tell letters apart by their case.
    wanted: BTreeMap<String, Wanted>,
    /// Metadata that was read.
    read: BTreeSet<String>,
}

impl<'a> Finder<'a> {
    /// With what is needed to ask, and what is told.
    pub(super) fn new(run: &'a Run<'a>, report: &'a mut Report) -> Self {
        let (wanted, read) = Default::default();
        Self { run, report, wanted, read }
    }

    /// The documents, newest first; of more than a run may fetch, the newest.
    pub(super) fn into_wanted(self) -> Vec<Wanted> {
        let mut wanted: Vec<Wanted> = self.wanted.into_values().collect();
        let date = |one: &Wanted| one.updated.as_deref().and_then(advisory::instant);
        wanted.sort_by_cached_key(|one| (std::cmp::Reverse(date(one)), one.address.clone()));
        let beyond = wanted.len().saturating_sub(FETCH_DOCUMENTS_MAX);
        if beyond > 0 {
            wanted.truncate(FETCH_DOCUMENTS_MAX);
            let why = format!("{beyond} documents are beyond the {FETCH_DOCUMENTS_MAX} of one run");
            self.report.sources.push(LeftOut { name: String::new(), why });
        }
        wanted
    }

    /// Finds the documents of what a user names.
    pub(super) fn source(&mut self, source: &Source) -> Result<(), FetchError> {
        let (name, found) = match source {
            Source::Domain(origin) => (origin.to_string(), self.domain(origin)?),
            Source::Page(address) => (address.to_string(), self.address(address)?),
        };
        if let Err(why) = found {
            self.unread(&name, why);
        }
        Ok(())
    }

    /// A domain: all ways in which it can say where its metadata is. The first two always, because each can name more than the other.
    fn domain(&mut self, origin: &Address) -> Result<Result<(), String>, FetchError> {
        let mut tried = Vec::new();
        let mut found = false;
        let mut places = vec![WELL_KNOWN.to_owned()];
        for path in SECURITY_TXT {
            match self.get(origin, path, FETCH_METADATA_BYTES_MAX) {
                Ok(Some((_, file))) => {
                    places.extend(lists::security_txt(&file.bytes));
                    break;
                }
                Ok(None) => tried.push(format!("{path}: not there")),
                Err(why) => tried.push(format!("{path}: {why}")),
            }
        }
        for place in places {
            found |= self.try_provider(origin, &place, &mut tried)?;
        }
        if !found && !origin.is_number() && origin.is_secure() {
            let host = format!("https://{DNS_PREFIX}{}/", origin.host());
            found = self.try_provider(origin, &host, &mut tried)?;
        }
        if found {
            return Ok(Ok(()));
        }
        // What was named may be a directory at the top of a host.
        match self.directory(origin, "", &Arc::default()) {
            Ok(()) => Ok(Ok(())),
            Err(_) => Ok(Err(format!(
                "no advisories were found: {}; name the address of a provider-metadata.json, a feed or a directory",
                tried.join("; ")
            ))),
        }
    }

    /// Metadata that may be there; true when it is.
    fn try_provider(
        &mut self,
        page: &Address,
        link: &str,
        tried: &mut Vec<String>,
    ) -> Result<bool, FetchError> {
        let why = match self.get(page, link, FETCH_METADATA_BYTES_MAX) {
            Ok(Some((address, file))) => match lists::page(&file.bytes) {
                Some(Page::Provider(provider)) => {
                    self.provider(&address, &file, &provider)?;
                    return Ok(true);
                }
                _ => "it is no metadata of a CSAF provider".to_owned(),
            },
            Ok(None) => "not there".to_owned(),
            Err(why) => why,
        };
        tried.push(format!("{link}: {why}"));
        Ok(false)
    }

    /// An address: what it is, is seen from what is there.
    fn address(&mut self, address: &Address) -> Result<Result<(), String>, FetchError> {
        let name = address.path().rsplit('/').next().unwrap_or_default();
        if matches!(name, "index.txt" | "changes.csv") {
            return Ok(self.directory(address, "", &Arc::default()));
        }
        let mut why = "there is nothing".to_owned();
        if !name.is_empty() {
            match self.get(address, &address.to_string(), FETCH_LIST_BYTES_MAX) {
                Ok(Some((_, file))) => match lists::page(&file.bytes) {
                    Some(page) => return self.page(address, &file, page).map(Ok),
                    None => {
                        why =
                            "it is no aggregator, no provider, no feed and no document".to_owned();
                    }
                },
                Ok(None) => {}
                Err(miss) => why = miss,
            }
        }
        if name.contains('.') {
            return Ok(Err(why));
        }
        let found =
            address.as_folder().and_then(|folder| self.directory(&folder, "", &Arc::default()));
        Ok(found.map_err(|other| if name.is_empty() { other } else { format!("{why}; {other}") }))
    }

    fn page(&mut self, address: &Address, file: &File, page: Page) -> Result<(), FetchError> {
        match page {
            Page::Aggregator(providers) => {
                for places in providers {
                    let mut tried = Vec::new();
                    let mut found = false;
                    for place in &places {
                        found = found || self.try_provider(&file.at, place, &mut tried)?;
                    }
                    if !found {
                        let name = places.first().cloned().unwrap_or_default();
                        self.unread(&name, tried.join("; "));
                    }
                }
            }
            Page::Provider(provider) => self.provider(address, file, &provider)?,
            Page::Feed(entries) => self.entries(&file.at, entries, &Arc::default()),
            Page::Document => {
                let beside = Beside::ByName;
                self.want((address.clone(), true), None, beside, &Arc::default());
            }
        }
        Ok(())
    }

    /// Feeds are preferred to directories, where there are both (section 7.3.2).
    fn provider(
        &mut self,
        address: &Address,
        file: &File,
        provider: &Provider,
    ) -> Result<(), FetchError> {
        // By where it is, not by the address that it gives itself: it could claim that of another, which would then be passed over.
        let names = [address.to_string(), file.at.to_string()];
        let is_known = names.iter().any(|name| self.read.contains(name));
        self.read.extend(names);
        if is_known {
            return Ok(());
        }
        let keys = Arc::new(keys::fetch(self.run, self.report, &file.at, &provider.keys)?);
        let mut is_read = false;
        let mut missed = Vec::new();
        for url in self.asked_for(&provider.feeds) {
            match self.feed(&file.at, &url, &keys) {
                Ok(()) => is_read = true,
                Err(why) => missed.push(LeftOut { name: url, why }),
            }
        }
        if !is_read {
            for url in self.asked_for(&provider.directories) {
                let found = self.run.client.link(&file.at, &url);
                let found = found.and_then(|folder| folder.as_folder());
                match found.and_then(|folder| self.directory(&folder, "", &keys)) {
                    Ok(()) => is_read = true,
                    Err(why) => missed.push(LeftOut { name: url, why }),
                }
            }
        }
        if !is_read && missed.is_empty() {
            let why = "it names no feed and no directory that was asked for".to_owned();
            missed.push(LeftOut { name: address.to_string(), why });
        }
        self.report.sources.extend(missed);
        Ok(())
    }

    /// Of feeds or directories, those whose label was asked for; the rest is told.
    fn asked_for(&mut self, all: &[(String, String)]) -> Vec<String> {
        let mut asked = Vec::new();
        for (text, url) in all {
            let label = Label::read(text);
            if text.is_empty() || label.is_some_and(|label| self.run.order.labels.contains(&label))
            {
                asked.push(url.clone());
            } else {
                let option = label.map(|label| format!("; --tlp {} fetches it", label.name()));
                let option = option.unwrap_or_default();
                self.report.notes.push(format!("{url} is for TLP:{text} and not fetched{option}"));
            }
        }
        asked
    }

    fn feed(&mut self, page: &Address, link: &str, keys: &Arc<Keys>) -> Result<(), String> {
        let Some((_, file)) = self.get(page, link, FETCH_LIST_BYTES_MAX)? else {
            return Err("it is not there".to_owned());
        };
        match lists::page(&file.bytes) {
            Some(Page::Feed(entries)) => {
                self.entries(&file.at, entries, keys);
                Ok(())
            }
            _ => Err("it is no feed".to_owned()),
        }
    }

    fn entries(&mut self, page: &Address, entries: Vec<Entry>, keys: &Arc<Keys>) {
        for entry in entries {
            let client = &self.run.client;
            let address = match client.link(page, &entry.link) {
                Ok(address) => address,
                Err(why) => {
                    self.refuse(&entry.link, why);
                    continue;
                }
            };
            let linked = |link: &String| client.link(page, link);
            let hashes: Result<Vec<Address>, String> = entry.hashes.iter().map(linked).collect();
            let signature = entry.signature.as_ref().map(linked).transpose();
            match (hashes, signature) {
                (Ok(hashes), Ok(signature)) => {
                    let beside = Beside::Listed { hashes, signature };
                    let is_own = address.authority() == page.authority();
                    self.want((address, is_own), entry.updated, beside, keys);
                }
                (Err(why), _) | (_, Err(why)) => {
                    self.refuse(&entry.link, format!("what lies beside it: {why}"));
                }
            }
        }
    }

    /// A directory: `changes.csv` and `index.txt` together, because a document that only one of them names is there too.
    fn directory(&mut self, page: &Address, link: &str, keys: &Arc<Keys>) -> Result<(), String> {
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        let mut missed = Vec::new();
        let lists: [(&str, Reader); 2] =
            [("index.txt", lists::index), ("changes.csv", lists::changes)];
        for (name, read) in lists {
            match self.get(page, &format!("{link}{name}"), FETCH_LIST_BYTES_MAX) {
                Ok(Some((_, file))) => {
                    entries
                        .extend(read(&file.bytes).into_iter().map(|one| (one.link.clone(), one)));
                }
                Ok(None) => missed.push(format!("{name} is not there")),
                Err(why) => missed.push(format!("{name}: {why}")),
            }
        }
        if entries.is_empty() {
            missed.push("no document is listed".to_owned());
            return Err(missed.join("; "));
        }
        for (path, entry) in entries {
            match page.below(&path) {
                Ok(address) => self.want((address, true), entry.updated, Beside::ByName, keys),
                Err(why) => self.refuse(&path, why),
            }
        }
        Ok(())
    }

    /// Of several entries about one document that of its own host counts: a list of somebody else could say that it is old, or another.
    fn want(
        &mut self,
        (address, is_own): (Address, bool),
        updated: Option<String>,
        beside: Beside,
        keys: &Arc<Keys>,
    ) {
        let at = updated.as_deref().and_then(advisory::instant);
        // A document without a date may be new: only what is known to be older is left.
        if matches!((at, self.run.order.since), (Some(at), Some(since)) if at < since) {
            self.report.older = self.report.older.saturating_add(1);
            return;
        }
        let place = match place(&address) {
            Ok(place) => place,
            Err(why) => {
                self.refuse(&address.to_string(), why);
                return;
            }
        };
        let keys = Arc::clone(keys);
        let wanted = Wanted { address, place, updated, beside, is_own, keys };
        let taken = self.wanted.get(&wanted.place.to_lowercase());
        let is_better = taken.is_none_or(|taken| wanted.is_better_than(taken));
        let lost = if is_better {
            self.wanted.insert(wanted.place.to_lowercase(), wanted.clone())
        } else {
            Some(wanted.clone())
        };
        if let Some(lost) = lost.filter(|lost| taken_by_other(lost, &self.wanted)) {
            let why = "it would lie where another document does".to_owned();
            self.refuse(&lost.address.to_string(), why);
        }
    }

    fn get(
        &self,
        page: &Address,
        link: &str,
        bytes_max: usize,
    ) -> Result<Option<(Address, File)>, String> {
        let address = self.run.client.link(page, link)?;
        match self.run.client.get(&address, bytes_max, Known::default()) {
            Ok(Got::File(file)) => Ok(Some((address, file))),
            Ok(Got::Same | Got::Absent) => Ok(None),
            Err(miss) => Err(miss.why()),
        }
    }

    fn refuse(&mut self, name: &str, why: String) {
        self.report.miss(name, Miss::Refused(why));
    }

    fn unread(&mut self, name: &str, why: String) {
        self.report.sources.push(LeftOut { name: name.to_owned(), why });
    }
}

fn taken_by_other(lost: &Wanted, wanted: &BTreeMap<String, Wanted>) -> bool {
    wanted.get(&lost.place.to_lowercase()).is_some_and(|one| one.address != lost.address)
}

type Reader = fn(&[u8]) -> Vec<Entry>;

const WELL_KNOWN: &str = "/.well-known/csaf/provider-metadata.json";
/// Where it is, and where it was before RFC 9116.
const SECURITY_TXT: [&str; 2] = ["/.well-known/security.txt", "/security.txt"];
const DNS_PREFIX: &str = "csaf.data.security.";
