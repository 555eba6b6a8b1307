//! What publishers say about where their documents lie: CSAF 2.0 (OASIS, 18 November 2022), section 7.1, and what is different in 2.1.
//! Read tolerantly: a value of an unexpected kind costs only itself.
//!
//! ```text
//! aggregator.json         (req. 21) ── csaf_providers[], csaf_publishers[] ── mirrors[], metadata.url
//! provider-metadata.json  (req. 7)  ── distributions[] ── rolie.feeds[] ── url, tlp_label
//!                                                     └── directory_url (2.0), directory.url and tlp_label (2.1)
//!                                   ── public_openpgp_keys[] ── url, fingerprint
//! security.txt            (req. 8)  ── CSAF: address of a provider-metadata.json
//! ROLIE feed              (req. 15) ── feed.entry[] ── content.src, updated, link[] self, hash, signature
//! changes.csv             (req. 13) ── path, date of the current release
//! index.txt               (req. 12) ── path
//! ```

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::advisory::lenient::{List, Object, Text};
use crate::model::limits::{
    ADVISORY_URL_BYTES_MAX, FETCH_DISTRIBUTIONS_MAX, FETCH_PROVIDERS_MAX, FETCH_REMEMBERED_MAX,
};

/// Who may see a document (Traffic Light Protocol).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Label {
    /// Everybody: WHITE, in newer documents CLEAR.
    White,
    /// A community.
    Green,
    /// An organisation, and those it works for.
    Amber,
    /// Those it was given to.
    Red,
    /// No label.
    Unlabeled,
}

impl Label {
    /// Reads a label; `None` for an unknown one.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        Some(match text.strip_prefix("TLP:").unwrap_or(&text) {
            "WHITE" | "CLEAR" => Self::White,
            "GREEN" => Self::Green,
            "AMBER" | "AMBER+STRICT" => Self::Amber,
            "RED" => Self::Red,
            "UNLABELED" => Self::Unlabeled,
            _ => return None,
        })
    }

    /// Its name, as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::White => "white",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
            Self::Unlabeled => "unlabeled",
        }
    }
}

/// What a JSON file is.
#[derive(Debug)]
pub(super) enum Page {
    /// A list of providers: the places of the metadata of each, best first.
    Aggregator(Vec<Vec<String>>),
    /// The metadata of one provider.
    Provider(Provider),
    /// A feed.
    Feed(Vec<Entry>),
    /// A CSAF document.
    Document,
}

/// Where a provider has its documents.
#[derive(Debug, Default)]
pub(super) struct Provider {
    /// Feeds: label as it stands there, address.
    pub feeds: Vec<(String, String)>,
    /// Directories: label as it stands there, empty where there is none; address.
    pub directories: Vec<(String, String)>,
    /// OpenPGP keys.
    pub keys: Vec<KeyLink>,
}

/// Where a key is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct KeyLink {
    /// Its fingerprint, as it stands there.
    pub fingerprint: String,
    /// Its address.
    pub url: String,
}

/// A document in a list.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Entry {
    /// Its address, or its path.
    pub link: String,
    /// When it was last changed.
    pub updated: Option<String>,
    /// Addresses of its checksums.
    pub hashes: Vec<String>,
    /// Address of its signature.
    pub signature: Option<String>,
}

/// Finds out what a JSON file is; `None` when none of these.
pub(super) fn page(bytes: &[u8]) -> Option<Page> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let top: Top<'_> = serde_json::from_slice(bytes).ok()?;
    if top.document.is_some() {
        return Some(Page::Document);
    }
    if let Some(Object(feed)) = top.feed {
        let entries = feed.entry.0.into_iter().take(FETCH_REMEMBERED_MAX).map(entry);
        return Some(Page::Feed(entries.collect()));
    }
    if !top.csaf_providers.0.is_empty() || !top.csaf_publishers.0.is_empty() {
        let listed = top.csaf_providers.0.into_iter().chain(top.csaf_publishers.0);
        let places = listed.take(FETCH_PROVIDERS_MAX).map(|Object(one)| {
            let Object(metadata) = one.metadata;
            let all = one.mirrors.0.into_iter().take(MIRRORS_MAX).chain([metadata.url]);
            all.map(|place| place.0.into_owned()).filter(|place| !place.is_empty()).collect()
        });
        return Some(Page::Aggregator(places.collect()));
    }
    let is_provider = !top.distributions.0.is_empty() || !top.canonical_url.0.is_empty();
    is_provider.then(|| Page::Provider(provider(top)))
}

/// The label of a document; `None` when it has none.
pub(super) fn label(document: &[u8]) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Document<'a> {
        #[serde(borrow)]
        document: Object<Head<'a>>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Head<'a> {
        #[serde(borrow)]
        distribution: Object<Distribution<'a>>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Distribution<'a> {
        #[serde(borrow)]
        tlp: Object<Tlp<'a>>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Tlp<'a> {
        #[serde(borrow)]
        label: Text<'a>,
    }
    let bytes = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
    let read: Document<'_> = serde_json::from_slice(bytes).ok()?;
    let text = read.document.0.distribution.0.tlp.0.label.0;
    (!text.is_empty()).then(|| text.into_owned())
}

/// Addresses of metadata in a `security.txt` (RFC 9116, with the field that CSAF adds).
pub(super) fn security_txt(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    let named = fields.filter(|(name, _)| name.trim().eq_ignore_ascii_case("csaf"));
    named.map(|(_, value)| value.trim().to_owned()).take(FETCH_DISTRIBUTIONS_MAX).collect()
}

/// Documents in a `changes.csv`.
pub(super) fn changes(bytes: &[u8]) -> Vec<Entry> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let rows = reader.byte_records().take(FETCH_REMEMBERED_MAX).filter_map(Result::ok);
    let entries = rows.map(|row| {
        let field =
            |at: usize| String::from_utf8_lossy(row.get(at).unwrap_or_default()).trim().to_owned();
        let updated = Some(field(1)).filter(|date| !date.is_empty());
        Entry { link: field(0), updated, ..Entry::default() }
    });
    entries.filter(|entry| is_document(&entry.link)).collect()
}

/// Documents in an `index.txt`.
pub(super) fn index(bytes: &[u8]) -> Vec<Entry> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let links = lines.filter(|line| is_document(line)).take(FETCH_REMEMBERED_MAX);
    links.map(|link| Entry { link: link.to_owned(), ..Entry::default() }).collect()
}

fn is_document(path: &str) -> bool {
    path.len() <= ADVISORY_URL_BYTES_MAX && path.to_ascii_lowercase().ends_with(".json")
}

fn entry(Object(entry): Object<FeedEntry<'_>>) -> Entry {
    let links = |rel: &'static str| {
        let all = entry.link.0.iter().map(|Object(link)| link);
        all.filter(move |link| link.rel.0.eq_ignore_ascii_case(rel))
            .map(|link| link.href.0.as_ref())
    };
    let source = [entry.content.0.src.0.as_ref()].into_iter().chain(links("self"));
    let updated = [&entry.updated.0, &entry.published.0].into_iter().find(|date| !date.is_empty());
    Entry {
        link: source.into_iter().find(|link| !link.is_empty()).unwrap_or_default().to_owned(),
        updated: updated.map(|date| date.to_string()),
        hashes: links("hash").take(HASHES_MAX).map(str::to_owned).collect(),
        signature: links("signature").next().map(str::to_owned),
    }
}

fn provider(top: Top<'_>) -> Provider {
    let mut provider = Provider::default();
    for Object(distribution) in top.distributions.0 {
        let Object(Rolie { feeds }) = distribution.rolie;
        let owned = |one: Labelled<'_>| (one.tlp_label.0.into_owned(), one.url.0.into_owned());
        provider.feeds.extend(feeds.0.into_iter().map(|Object(feed)| owned(feed)));
        provider.directories.push((String::new(), distribution.directory_url.0.into_owned()));
        provider.directories.push(owned(distribution.directory.0));
    }
    provider.feeds.retain(|(_, url)| !url.is_empty());
    provider.directories.retain(|(_, url)| !url.is_empty());
    provider.feeds.truncate(FETCH_DISTRIBUTIONS_MAX);
    provider.directories.truncate(FETCH_DISTRIBUTIONS_MAX);
    let keys = top.public_openpgp_keys.0.into_iter().take(FETCH_DISTRIBUTIONS_MAX);
    let link = |Object(key): Object<Key<'_>>| KeyLink {
        fingerprint: key.fingerprint.0.into_owned(),
        url: key.url.0.into_owned(),
    };
    provider.keys = keys.map(link).filter(|key| !key.url.is_empty()).collect();
    provider
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Top<'a> {
    document: Option<IgnoredAny>,
    #[serde(borrow)]
    feed: Option<Object<Feed<'a>>>,
    #[serde(borrow)]
    csaf_providers: List<Object<Listed<'a>>>,
    #[serde(borrow)]
    csaf_publishers: List<Object<Listed<'a>>>,
    #[serde(borrow)]
    canonical_url: Text<'a>,
    #[serde(borrow)]
    distributions: List<Object<Distribution<'a>>>,
    #[serde(borrow)]
    public_openpgp_keys: List<Object<Key<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Listed<'a> {
    #[serde(borrow)]
    metadata: Object<Metadata<'a>>,
    #[serde(borrow)]
    mirrors: List<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata<'a> {
    #[serde(borrow)]
    url: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Distribution<'a> {
    #[serde(borrow)]
    directory_url: Text<'a>,
    #[serde(borrow)]
    directory: Object<Labelled<'a>>,
    #[serde(borrow)]
    rolie: Object<Rolie<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Rolie<'a> {
    #[serde(borrow)]
    feeds: List<Object<Labelled<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Labelled<'a> {
    #[serde(borrow)]
    tlp_label: Text<'a>,
    #[serde(borrow)]
    url: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Key<'a> {
    #[serde(borrow)]
    fingerprint: Text<'a>,
    #[serde(borrow)]
    url: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Feed<'a> {
    #[serde(borrow)]
    entry: List<Object<FeedEntry<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FeedEntry<'a> {
    #[serde(borrow)]
    content: Object<Content<'a>>,
    #[serde(borrow)]
    link: List<Object<Link<'a>>>,
    #[serde(borrow)]
    updated: Text<'a>,
    #[serde(borrow)]
    published: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Content<'a> {
    #[serde(borrow)]
    src: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Link<'a> {
    #[serde(borrow)]
    rel: Text<'a>,
    #[serde(borrow)]
    href: Text<'a>,
}

/// Mirrors of one provider that are tried.
const MIRRORS_MAX: usize = 8;
/// Checksums of one document that are looked at.
const HASHES_MAX: usize = 8;
