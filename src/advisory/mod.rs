//! Vendor documents to advisories, and an index to find those about a maker.

pub mod csaf;
mod csaf_metrics;
mod csaf_paths;
mod csaf_tree;
mod embedded;
pub mod epss;
pub mod fix_text;
mod fix_text_words;
pub(crate) mod lenient;
pub mod lint;
pub mod name;
pub mod prose;
mod prose_tree;
pub mod range;
mod range_exclusions;
mod range_spans;
mod range_text;
mod range_words;
pub mod search;
pub mod services;
mod shape;
pub mod spelling;
mod revisions;
pub mod standing;
mod substance;
pub mod changes;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

pub use embedded::EMBEDDED;
pub use revisions::is_newer;

use crate::advisory::csaf::CsafError;
use crate::advisory::fix_text::Fix;
use crate::advisory::lenient::{List, Object, Text};
use crate::advisory::name::{Name, compact};
use crate::advisory::spelling::Spelled;
use crate::model::advisory::{Advisory, Flaw, Product, Standing, Stated};
use crate::model::limits::ADVISORY_TEXTS_MAX;
use crate::model::version::Scheme;

/// How many version texts were read, and how far. Products without a version branch are not counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Products with a version text.
    pub versioned: usize,
    /// Read to a range that versions can be compared with.
    pub comparable: usize,
    /// Read to a range with a condition beside it, or to model numbers.
    pub conditional: usize,
    /// Kept as text.
    pub unread: usize,
}

/// All documents, with what is needed to find the few that concern a device.
#[derive(Debug, Default)]
pub struct Index {
    documents: Vec<Advisory>,
    by_vendor: BTreeMap<String, Vec<usize>>,
    names: Names,
    kev: Option<BTreeSet<Box<str>>>,
    likelihoods: BTreeMap<Box<str>, f64>,
}

impl Index {
    /// Indexes documents. Of several with one tracking identifier, the one released last counts.
    pub fn new(documents: Vec<Advisory>) -> Self {
        let documents = revisions::latest(documents);
        let mut by_vendor: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, document) in documents.iter().enumerate() {
            let vendors: BTreeSet<&str> =
                document.products.iter().map(|product| &*product.vendor).collect();
            let makers: BTreeSet<String> = vendors.into_iter().flat_map(makers).collect();
            for maker in makers {
                by_vendor.entry(maker).or_default().push(at);
            }
        }
        let names = Names::of(&documents);
        let likelihoods = BTreeMap::new();
        Self { documents, by_vendor, names, kev: None, likelihoods }
    }

    /// Adds the catalogue of known exploited vulnerabilities.
    #[must_use]
    pub fn with_kev(mut self, kev: BTreeSet<Box<str>>) -> Self {
        self.kev = Some(kev);
        self
    }

    /// Adds probabilities of exploitation, by CVE.
    #[must_use]
    pub fn with_likelihoods(mut self, likelihoods: BTreeMap<Box<str>, f64>) -> Self {
        self.likelihoods = likelihoods;
        self
    }

    /// Identifiers of the documents that are in one of the two only, or say something else, or of whose vulnerabilities something
    /// else is known: what has to be judged anew.
    pub fn changes(&self, other: &Self) -> BTreeSet<Box<str>> {
        let by_id = |index: &Self| -> BTreeMap<Box<str>, usize> {
            (0_usize..).zip(&index.documents).map(|(at, one)| (one.id.clone(), at)).collect()
        };
        let (own, others) = (by_id(self), by_id(other));
        let same = |id: &str| {
            let one = own.get(id).and_then(|at| self.documents.get(*at))?;
            let two = others.get(id).and_then(|at| other.documents.get(*at))?;
            let known = |flaw: &Flaw| {
                self.is_exploited(&flaw.name) == other.is_exploited(&flaw.name)
                    && self.likelihood(&flaw.name) == other.likelihood(&flaw.name)
            };
            Some(one == two && one.flaws.iter().all(known))
        };
        let ids = own.keys().chain(others.keys());
        let mut changed: BTreeSet<Box<str>> =
            ids.filter(|id| same(id) != Some(true)).cloned().collect();
        // What a document still says hangs on the one that took its place.
        let hanging = |index: &Self, changed: &BTreeSet<Box<str>>| -> Vec<Box<str>> {
            let with = |document: &&Advisory| {
                index.successor_of(document).is_some_and(|one| changed.contains(&one.id))
            };
            index.documents.iter().filter(with).map(|document| document.id.clone()).collect()
        };
        for index in [self, other] {
            changed.extend(hanging(index, &changed));
        }
        changed
    }

    /// The document that took the place of another, where it is here.
    pub fn successor_of(&self, document: &Advisory) -> Option<&Advisory> {
        let Standing::Superseded(successor) = &document.standing else { return None };
        let others = self.documents.iter().filter(|one| one.id != document.id);
        others.into_iter().find(|one| standing::succeeds(successor, one))
    }

    /// All documents, in order of their identifiers.
    pub fn documents(&self) -> &[Advisory] {
        &self.documents
    }

    /// The document of that identifier.
    pub fn document(&self, id: &str) -> Option<&Advisory> {
        let at = self.documents.binary_search_by(|document| (*document.id).cmp(id)).ok()?;
        self.documents.get(at)
    }

    /// Whether a vulnerability is known to be exploited; `None` without a catalogue.
    pub fn is_exploited(&self, cve: &str) -> Option<bool> {
        self.kev.as_ref().map(|kev| kev.contains(cve))
    }

    /// How probable it is that a vulnerability is exploited within 30 days (EPSS); `None` when that is not known.
    pub fn likelihood(&self, cve: &str) -> Option<f64> {
        self.likelihoods.get(cve).copied()
    }

    /// Names of the documents' products, read.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Documents with a maker that the test accepts, in order of their identifiers, without those that were withdrawn. The test is
    /// given names as [`makers`] gives them.
    pub fn about(&self, accept: impl Fn(&str) -> bool) -> Vec<&Advisory> {
        let judges = |document: &&Advisory| document.standing != Standing::Withdrawn;
        let places: BTreeSet<usize> = self
            .by_vendor
            .iter()
            .filter(|(maker, _)| accept(maker))
            .flat_map(|(_, places)| places.iter().copied())
            .collect();
        places.into_iter().filter_map(|at| self.documents.get(at)).filter(judges).collect()
    }

    /// How many version texts were read, and how far.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for product in self.documents.iter().flat_map(|document| &document.products) {
            if product.stated == Stated::Nothing {
                continue;
            }
            let reading = range::read(&product.version, product.stated, Scheme::Unknown);
            let kind = if reading.is_comparable() {
                &mut counts.comparable
            } else if reading.is_read() {
                &mut counts.conditional
            } else {
                &mut counts.unread
            };
            *kind = kind.saturating_add(1);
            counts.versioned = counts.versioned.saturating_add(1);
        }
        counts
    }

    /// Version texts that could not be read, with document and product, for `advisories lint`.
    pub fn unread(&self) -> Vec<(&Advisory, &Product)> {
        let mut unread = Vec::new();
        for document in &self.documents {
            for product in &document.products {
                if !range::read(&product.version, product.stated, Scheme::Unknown).is_read() {
                    unread.push((document, product));
                }
            }
        }
        unread
    }
}

/// The instant that a date in a document means; `None` for a text that is none.
pub fn instant(text: &str) -> Option<jiff::Timestamp> {
    let text = text.trim();
    let date = || text.get(..10)?.parse::<jiff::civil::Date>().ok();
    text.parse()
        .ok()
        .or_else(|| date()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp()))
}

/// Product names, each read once: large documents repeat them by the hundred.
#[derive(Debug, Default)]
pub struct Names {
    read: HashMap<Box<str>, Name>,
    texts: Memory<Name>,
    spelled: Memory<Spelled>,
    fixes: Memory<Vec<Fix>>,
}

impl Names {
    /// Reads the names in documents.
    pub fn of(documents: &[Advisory]) -> Self {
        let mut read = HashMap::new();
        for product in documents.iter().flat_map(|document| &document.products) {
            for text in name::texts(product) {
                if !read.contains_key(text) {
                    read.insert(text.into(), Name::read(text));
                }
            }
        }
        Self { read, ..Self::default() }
    }

    /// A text read as a name.
    pub fn name(&self, text: &str) -> Arc<Name> {
        self.texts.recall(text, ADVISORY_TEXTS_MAX, || Name::read(text))
    }

    /// A name with its lists spelled out and its remarks taken apart.
    pub fn spelled(&self, text: &str) -> Arc<Spelled> {
        self.spelled.recall(text, ADVISORY_TEXTS_MAX, || spelling::spell(text))
    }

    /// The fixes that the text of a remediation names.
    pub fn fixes(&self, details: &str) -> Arc<Vec<Fix>> {
        self.fixes.recall(details, ADVISORY_TEXTS_MAX, || fix_text::read(details))
    }

    /// A name that was read.
    pub fn get(&self, text: &str) -> Option<&Name> {
        self.read.get(text)
    }
}

/// What was worked out from a text, kept for the next time that it is asked for.
#[derive(Debug)]
struct Memory<T> {
    kept: Mutex<HashMap<Box<str>, Arc<T>>>,
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self { kept: Mutex::default() }
    }
}

impl<T> Memory<T> {
    /// The value for a text; `make` runs outside the lock, so that two callers may both work it out and agree.
    fn recall(&self, text: &str, texts_max: usize, make: impl FnOnce() -> T) -> Arc<T> {
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(text) {
            return Arc::clone(known);
        }
        let made = Arc::new(make());
        let mut kept = lock();
        if kept.len() < texts_max {
            kept.insert(text.into(), Arc::clone(&made));
        }
        made
    }
}

/// Words of a company name that do not tell companies apart.
const LEGAL_FORMS: &[&str] = &[
    "INC",
    "LLC",
    "LTD",
    "CORPORATION",
    "CORP",
    "GMBH",
    "AG",
    "CO",
    "COMPANY",
    "LIMITED",
    "KG",
    "SA",
    "SE",
    "SPA",
    "BV",
    "PLC",
    "AB",
    "OY",
];

/// The makers that a vendor branch names, each without its legal form, in capitals and without spaces:
/// "ICONICS, Mitsubishi Electric" is `ICONICS` and `MITSUBISHIELECTRIC`.
pub fn makers(vendor: &str) -> Vec<String> {
    vendor
        .split([',', ';', '/', '('])
        .flat_map(|part| part.split(" and "))
        .map(|part| {
            let words = part.split(|c: char| c.is_whitespace() || matches!(c, '.' | ')'));
            let kept: String =
                words.map(compact).filter(|word| !LEGAL_FORMS.contains(&word.as_str())).collect();
            kept
        })
        .filter(|maker| !maker.is_empty())
        .collect()
}

/// When the catalogue of known exploited vulnerabilities was released, as it writes the date.
pub fn kev_released(bytes: &[u8]) -> Option<String> {
    #[derive(Debug, Default, Deserialize)]
    #[serde(default, bound(deserialize = "'de: 'a"))]
    struct Catalogue<'a> {
        #[serde(rename = "dateReleased")]
        released: Text<'a>,
    }
    let text = String::from_utf8_lossy(bytes);
    let catalogue: Object<Catalogue<'_>> = serde_json::from_str(&text).ok()?;
    let released = catalogue.0.released.0.trim();
    (!released.is_empty() && released.len() <= DATE_BYTES_MAX).then(|| released.to_owned())
}

/// Bytes of a date with time and zone, as documents write it.
const DATE_BYTES_MAX: usize = 40;

/// Reads CISA's catalogue of known exploited vulnerabilities to the CVEs in it.
///
/// # Errors
///
/// When it is not JSON.
pub fn parse_kev(bytes: &[u8]) -> Result<BTreeSet<Box<str>>, CsafError> {
    #[derive(Debug, Default, Deserialize)]
    #[serde(default, bound(deserialize = "'de: 'a"))]
    struct Catalogue<'a> {
        vulnerabilities: List<Object<Entry<'a>>>,
    }
    #[derive(Debug, Default, Deserialize)]
    #[serde(default, bound(deserialize = "'de: 'a"))]
    struct Entry<'a> {
        #[serde(rename = "cveID")]
        cve: Text<'a>,
    }
    let text = String::from_utf8_lossy(bytes);
    let catalogue: Object<Catalogue<'_>> =
        serde_json::from_str(&text).map_err(|cause| CsafError::NotJson {
            name: "catalogue of known exploited vulnerabilities".to_owned(),
            cause,
        })?;
    let cves = catalogue.0.vulnerabilities.0.iter().map(|Object(entry)| entry.cve.0.trim());
    Ok(cves.filter(|cve| !cve.is_empty()).map(Into::into).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_lose_their_legal_form_and_lists_come_apart() {
        assert_eq!(makers("Rockwell Automation "), ["ROCKWELLAUTOMATION"]);
        assert_eq!(makers("Schneider Electric Software, LLC"), ["SCHNEIDERELECTRICSOFTWARE"]);
        assert_eq!(makers("ABB, Phoenix Contact, and WAGO"), ["ABB", "PHOENIXCONTACT", "WAGO"]);
        assert_eq!(makers("Johnson Controls Inc."), ["JOHNSONCONTROLS"]);
    }

    #[test]
    fn newest_release_of_a_document_counts() {
        let document = |released: &str, revision: &str| Advisory {
            id: "A".into(),
            released: released.into(),
            revision: revision.into(),
            ..Advisory::default()
        };
        for (older, newer) in [
            (("2021-01-01T00:00:00Z", "1"), ("2021-01-02T00:00:00Z", "1")),
            // Instants, not texts.
            (("2021-01-01T09:00:00+02:00", "1"), ("2021-01-01T08:00:00Z", "1")),
            (("2021-01-01T06:00:00.000000Z", "2"), ("2021-01-01T06:00:00.5Z", "1")),
            (("2021-01-01T06:00:00.000Z", "9"), ("2021-01-01T06:00:00Z", "10")),
            (("2021-01-01", "1"), ("2021-01-01T06:00:00Z", "1")),
            (("unknown", "1"), ("2021-01-01", "1")),
        ] {
            let (older, newer) = (document(older.0, older.1), document(newer.0, newer.1));
            for both in [[older.clone(), newer.clone()], [newer.clone(), older]] {
                assert_eq!(Index::new(both.to_vec()).documents(), std::slice::from_ref(&newer));
            }
        }
    }

    #[test]
    fn reads_the_catalogue_of_exploited_vulnerabilities() {
        let kev =
            parse_kev(br#"{"title":"x","vulnerabilities":[{"cveID":"CVE-2020-1"},{"cveID":7},3]}"#)
                .unwrap();
        let index = Index::new(Vec::new());
        assert_eq!(index.is_exploited("CVE-2020-1"), None);
        let index = index.with_kev(kev);
        assert_eq!(
            (index.is_exploited("CVE-2020-1"), index.is_exploited("CVE-2020-2")),
            (Some(true), Some(false))
        );
    }
}
