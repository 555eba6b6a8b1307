//! CSAF documents, read tolerantly: 2.0 (OASIS, 18 November 2022) and 2.1, as far as its drafts are settled. Of a version that is
//! not known what is like these is read, and it clears nothing.
//!
//! Only what matching needs is read; everything unknown is skipped, everything missing is empty, and a value of an
//! unexpected kind costs only itself. A document fails only when it is not JSON or has no tracking identifier.
//!
//! ```text
//! document ── tracking.id, title, category, tracking.status (see standing)
//! product_tree ── branches (see csaf_tree), full_product_names, product_groups, relationships (2.0) or product_paths (2.1)
//! vulnerabilities[] ── cve, product_status, remediations[], scores[] (2.0) or metrics[] (2.1, see csaf_metrics)
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::advisory::csaf_metrics::{Content, Exploited, Measured, Metric};
use crate::advisory::csaf_tree::{self, Groups, Tree};
use crate::advisory::lenient::{List, Object, Text};
use crate::advisory::standing::{self, Said};
use crate::advisory::{services, shape, substance};
use crate::model::Substance;
use crate::model::advisory::{Advisory, Fault, Flaw, Product, Remedy, Standing};
use crate::model::limits::{
    ADVISORY_BRANCH_DEPTH_MAX, ADVISORY_BYTES_MAX, ADVISORY_NAME_CHARS_MAX, ADVISORY_PRODUCTS_MAX,
    ADVISORY_URL_BYTES_MAX, SERVICES_PER_FLAW_MAX,
};

/// Why a document could not be read. One line, with its name.
#[derive(Debug, thiserror::Error)]
pub enum CsafError {
    /// Larger than any document we read.
    #[error("{name}: larger than {ADVISORY_BYTES_MAX} bytes")]
    TooLarge {
        /// Name of the document, usually its path.
        name: String,
    },
    /// A product tree beyond any real one.
    #[error(
        "{name}: a product tree deeper than {ADVISORY_BRANCH_DEPTH_MAX} or of more than {ADVISORY_PRODUCTS_MAX} products"
    )]
    TooManyProducts {
        /// Name of the document, usually its path.
        name: String,
    },
    /// Not JSON.
    #[error("{name}: not a JSON document: {cause}")]
    NotJson {
        /// Name of the document, usually its path.
        name: String,
        /// What the JSON reader said.
        cause: serde_json::Error,
    },
    /// No `document.tracking.id`: nothing to call it by.
    #[error("{name}: no document.tracking.id, so this is not a CSAF document")]
    NoTrackingId {
        /// Name of the document, usually its path.
        name: String,
    },
}

/// Reads one document.
///
/// # Errors
///
/// When it is too large, is not JSON, or has no tracking identifier. Everything else is read as far as it can be.
pub fn parse(bytes: &[u8], name: &str) -> Result<Advisory, CsafError> {
    if bytes.len() > ADVISORY_BYTES_MAX {
        return Err(CsafError::TooLarge { name: name.to_owned() });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // A byte outside UTF-8 spoils one word of one name; the rest of the document is worth having.
    let text = String::from_utf8_lossy(bytes);
    let whole: Object<Document<'_>> = serde_json::from_str(&text)
        .map_err(|cause| CsafError::NotJson { name: name.to_owned(), cause })?;
    let whole = whole.0;
    let head = &whole.document.0;
    let tracking = &head.tracking.0;
    if tracking.id.0.trim().is_empty() {
        return Err(CsafError::NoTrackingId { name: name.to_owned() });
    }
    let (products, groups) = csaf_tree::flatten(&whole.product_tree.0)
        .ok_or_else(|| CsafError::TooManyProducts { name: name.to_owned() })?;
    let places: BTreeMap<&str, usize> =
        products.iter().enumerate().map(|(at, product)| (&*product.id, at)).collect();
    let find = Find { places: &places, groups: &groups };
    let mut flaws: Vec<Flaw> = (0_usize..)
        .zip(&whole.vulnerabilities.0)
        .map(|(at, flaw)| read_flaw(&flaw.0, at, &find))
        .collect();
    name_services(&mut flaws, &whole);
    let read = Advisory {
        id: tracking.id.0.trim().into(),
        title: head.title.0.trim().into(),
        revision: (&*tracking.version.0).into(),
        released: (&*tracking.current_release_date.0).into(),
        url: read_url(&head.references, tracking.id.0.trim()),
        publisher: (&*head.publisher.0.name.0).into(),
        substance: Substance::default(),
        standing: standing_of(head),
        fault: fault(&text, &whole, &products, &find),
        flaws,
        products,
    };
    Ok(Advisory { substance: substance::of(&read), ..read })
}

/// What is wrong with a document. What touches devices comes before what does not.
fn fault(text: &str, whole: &Document<'_>, products: &[Product], find: &Find<'_>) -> Option<Fault> {
    let head = &whole.document.0;
    let of_shape = shape::fault(text, judges(&head.category.0, &standing_of(head)));
    if of_shape.as_ref().is_some_and(|fault| fault.touches_devices) {
        return of_shape;
    }
    let reference = not_understood(head)
        .or_else(|| twice(products))
        .or_else(|| dangling(&whole.vulnerabilities, find));
    reference.map(|what| Fault { what: what.into(), touches_devices: true }).or(of_shape)
}

/// How firmly its publisher stands by it.
fn standing_of(head: &Head<'_>) -> Standing {
    let reference = |Object(one): &'_ Object<Reference<'_>>| -> [String; 3] {
        [&one.category, &one.summary, &one.url].map(|text| text.0.to_string())
    };
    let references: Vec<[String; 3]> = head.references.0.iter().map(reference).collect();
    standing::of(&Said {
        category: &head.category.0,
        title: &head.title.0,
        status: &head.tracking.0.status.0,
        references: references.iter().map(|one| one.each_ref().map(String::as_str)).collect(),
    })
}

/// Whether a document of this category says anything of products: what was taken back, and what only informs, has no list of them.
pub(super) fn judges(category: &str, standing: &Standing) -> bool {
    const OTHERS: [&str; 3] =
        ["csaf_base", "csaf_informational_advisory", "csaf_security_incident_response"];
    !matches!(standing, Standing::Withdrawn | Standing::Superseded(_))
        && !OTHERS.contains(&category.trim())
}

/// Versions of the standard that are known here. Documents without a word of it are read as 2.0.
pub(super) const VERSIONS: [&str; 2] = ["2.0", "2.1"];

/// What the document says of itself that nobody here knows: it may give the rest another meaning.
fn not_understood(head: &Head<'_>) -> Option<String> {
    let (version, status) = (head.csaf_version.0.trim(), head.tracking.0.status.0.trim());
    if !version.is_empty() && !VERSIONS.contains(&version) {
        let version: String = version.chars().take(ADVISORY_NAME_CHARS_MAX).collect();
        let known = VERSIONS.join(" and ");
        return Some(format!("/document/csaf_version is {version:?}, of which {known} are known"));
    }
    (!standing::is_known(status)).then(|| unknown_status(status))
}

/// What is wrong with a status that is none of the standard's.
pub(super) fn unknown_status(status: &str) -> String {
    let status: String = status.trim().chars().take(ADVISORY_NAME_CHARS_MAX).collect();
    format!("/document/tracking/status is {status:?}, not draft, interim or final")
}

/// Two products with one identifier: which of them is meant, nothing says.
fn twice(products: &[Product]) -> Option<String> {
    let mut seen = BTreeSet::new();
    let twice = products.iter().find(|product| !seen.insert(&product.id))?;
    Some(format!("{} has the identifier of another product", twice.pointer))
}

/// The first reference to a product or a group that the document does not have: what was meant for it is lost.
fn dangling(flaws: &List<Object<Vulnerability<'_>>>, find: &Find<'_>) -> Option<String> {
    let product = |id: &Text<'_>| find.places.contains_key(&*id.0);
    let lost = |place: String, what: &str, id: &Text<'_>| {
        let id: String = id.0.chars().take(ADVISORY_NAME_CHARS_MAX).collect();
        format!("{place} names a {what} that the product tree does not have: {id:?}")
    };
    (0_usize..).zip(&flaws.0).find_map(|(at, Object(flaw))| {
        let place = |of: &str| format!("/vulnerabilities/{at}/{of}");
        let states = flaw.product_status.0.lists().into_iter().flat_map(|list| &list.0);
        let state = states.into_iter().find(|id| !product(id));
        let state = state.map(|id| lost(place("product_status"), "product", id));
        state.or_else(|| {
            (0_usize..).zip(&flaw.remediations.0).find_map(|(remedy, Object(remediation))| {
                let place = || place(&format!("remediations/{remedy}"));
                let id = remediation.product_ids.0.iter().find(|id| !product(id));
                let group = |id: &&Text<'_>| !find.groups.contains_key(&*id.0);
                let group = remediation.group_ids.0.iter().find(group);
                id.map(|id| lost(place(), "product", id))
                    .or_else(|| group.map(|id| lost(place(), "group", id)))
            })
        })
    })
}

/// True for JSON that has what every CSAF document has at its top: what then cannot be read is an advisory that is missing.
pub fn has_document(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Top {
        document: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_slice(bytes).is_ok_and(|top: Top| top.document.is_some())
}

/// Product identifiers and group identifiers to places in the list of products.
pub(super) struct Find<'a> {
    places: &'a BTreeMap<&'a str, usize>,
    groups: &'a Groups,
}

impl Find<'_> {
    /// Places of products.
    pub(super) fn products(&self, ids: &List<Text<'_>>) -> BTreeSet<usize> {
        ids.0.iter().filter_map(|id| self.places.get(&*id.0).copied()).collect()
    }

    /// Places of the members of groups.
    pub(super) fn members(&self, ids: &List<Text<'_>>) -> BTreeSet<usize> {
        ids.0
            .iter()
            .filter_map(|id| self.groups.get(&*id.0))
            .flatten()
            .filter_map(|id| self.places.get(id.as_str()).copied())
            .collect()
    }
}

/// Where the document says that it is: the page for people before the file for programs; else an address that names it.
fn read_url(references: &List<Object<Reference<'_>>>, id: &str) -> Option<Box<str>> {
    let id = id.to_ascii_lowercase();
    let rank = |reference: &Reference<'_>| {
        let url = reference.url.0.to_ascii_lowercase();
        match &*reference.category.0 {
            "self" if !url.ends_with(".json") => Some(0),
            "self" => Some(1),
            _ if url.contains(&id) => Some(2),
            _ if reference.summary.0.to_ascii_lowercase().contains(&id) => Some(3),
            _ => None,
        }
    };
    let given = references.0.iter().map(|Object(reference)| reference);
    let usable = given.filter(|reference| is_web_address(&reference.url.0));
    let ranked = usable.filter_map(|reference| Some((rank(reference)?, reference)));
    let (_, best) = ranked.min_by_key(|(rank, _)| *rank)?;
    Some((&*best.url.0).into())
}

/// True for an address that can be put into another document as it is. What RFC 3986 does not allow is left out.
fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c);
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(allowed))
        && text.len() <= ADVISORY_URL_BYTES_MAX
}

fn read_flaw(flaw: &Vulnerability<'_>, at: usize, find: &Find<'_>) -> Flaw {
    let named = [Some(&flaw.cve.0), flaw.ids.0.first().map(|id| &id.0.text.0), Some(&flaw.title.0)];
    let name = named
        .into_iter()
        .flatten()
        .map(|name| name.trim())
        .find(|name| !name.is_empty())
        .map_or_else(|| format!("vulnerability {at}").into(), Into::into);
    let status = &flaw.product_status.0;
    let either = |a, b| &find.products(a) | &find.products(b);
    let remedies = (0_usize..)
        .zip(&flaw.remediations.0)
        .map(|(place, Object(remedy))| Remedy {
            category: (&*remedy.category.0).into(),
            details: (&*remedy.details.0).into(),
            products: &find.products(&remedy.product_ids) | &find.members(&remedy.group_ids),
            pointer: format!("/vulnerabilities/{at}/remediations/{place}").into(),
        })
        .collect();
    let measured = Measured {
        scores: &flaw.scores.0,
        metrics: &flaw.metrics.0,
        exploited: &flaw.first_known_exploitation_dates.0,
    };
    Flaw {
        name,
        affected: &either(&status.known_affected, &status.first_affected)
            | &find.products(&status.last_affected),
        fixed: &either(&status.fixed, &status.first_fixed) | &find.products(&status.recommended),
        not_affected: find.products(&status.known_not_affected),
        investigated: either(&status.under_investigation, &status.unknown),
        remedies,
        scores: measured.scores(find),
        exploitations: measured.exploitations(find),
        likelihood: measured.likelihood(),
        services: BTreeSet::new(),
    }
}

/// What each flaw is used through: as its own texts say; else as its remedies do; else as the summary of the document does.
fn name_services(flaws: &mut [Flaw], whole: &Document<'_>) {
    // Documents repeat a remedy for each of their flaws.
    let mut read: BTreeMap<&str, BTreeSet<Box<str>>> = BTreeMap::new();
    let mut of_document: Option<BTreeSet<Box<str>>> = None;
    for (own, Object(flaw)) in flaws.iter_mut().zip(&whole.vulnerabilities.0) {
        let notes = flaw.notes.0.iter().map(|Object(note)| note);
        let notes = notes.filter(|note| note.category.0 != "legal_disclaimer");
        let texts = std::iter::once(&*flaw.title.0).chain(notes.map(|note| &*note.text.0));
        let mut named: BTreeSet<Box<str>> = texts.flat_map(services::in_description).collect();
        if named.is_empty() {
            for Object(remedy) in &flaw.remediations.0 {
                let text = &*remedy.details.0;
                // What begins with vulnerabilities is not for all of them, and is read for each.
                if text.trim_start().starts_with("CVE-") {
                    named.extend(services::in_remedy(text, &own.name));
                } else {
                    let known = read.entry(text).or_insert_with(|| services::in_remedy(text, ""));
                    named.extend(known.iter().cloned());
                }
            }
        }
        if named.is_empty() {
            let summary = || {
                let notes = whole.document.0.notes.0.iter().map(|Object(note)| note);
                let notes = notes.filter(|note| note.category.0 == "summary");
                notes.flat_map(|note| services::in_description(&note.text.0)).collect()
            };
            named.clone_from(of_document.get_or_insert_with(summary));
        }
        own.services = named.into_iter().take(SERVICES_PER_FLAW_MAX).collect();
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Document<'a> {
    document: Object<Head<'a>>,
    product_tree: Object<Tree<'a>>,
    vulnerabilities: List<Object<Vulnerability<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Head<'a> {
    category: Text<'a>,
    csaf_version: Text<'a>,
    title: Text<'a>,
    tracking: Object<Tracking<'a>>,
    publisher: Object<Publisher<'a>>,
    references: List<Object<Reference<'a>>>,
    notes: List<Object<Note<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Reference<'a> {
    category: Text<'a>,
    summary: Text<'a>,
    url: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Note<'a> {
    category: Text<'a>,
    text: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Tracking<'a> {
    id: Text<'a>,
    version: Text<'a>,
    current_release_date: Text<'a>,
    status: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Publisher<'a> {
    name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Vulnerability<'a> {
    cve: Text<'a>,
    title: Text<'a>,
    ids: List<Object<OtherId<'a>>>,
    notes: List<Object<Note<'a>>>,
    product_status: Object<ProductStatus<'a>>,
    remediations: List<Object<Remediation<'a>>>,
    scores: List<Object<Content<'a>>>,
    metrics: List<Object<Metric<'a>>>,
    first_known_exploitation_dates: List<Object<Exploited<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct OtherId<'a> {
    text: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ProductStatus<'a> {
    first_affected: List<Text<'a>>,
    first_fixed: List<Text<'a>>,
    fixed: List<Text<'a>>,
    known_affected: List<Text<'a>>,
    known_not_affected: List<Text<'a>>,
    last_affected: List<Text<'a>>,
    recommended: List<Text<'a>>,
    under_investigation: List<Text<'a>>,
    unknown: List<Text<'a>>,
}

impl<'a> ProductStatus<'a> {
    fn lists(&self) -> [&List<Text<'a>>; 9] {
        let Self {
            first_affected,
            first_fixed,
            fixed,
            known_affected,
            known_not_affected,
            last_affected,
            recommended,
            under_investigation,
            unknown,
        } = self;
        [
            first_affected,
            first_fixed,
            fixed,
            known_affected,
            known_not_affected,
            last_affected,
            recommended,
            under_investigation,
            unknown,
        ]
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Remediation<'a> {
    category: Text<'a>,
    details: Text<'a>,
    product_ids: List<Text<'a>>,
    group_ids: List<Text<'a>>,
}

#[cfg(test)]
mod tests;
