//! What of a CSAF document is for people: notes, references, history, who published it, and every word that a document is
//! looked for by. Verdicts follow from none of it.
//!
//! Read as tolerantly as the rest (`csaf`), from the same bytes, and only where a person asks: matching does without.
//!
//! ```text
//! document ── category, csaf_version, lang, distribution, license_expression, aggregate_severity, publisher, notes[], references[]
//!           └ tracking ── status, initial_release_date, aliases[], revision_history[]
//! product_tree ── every name, and every way to identify a product (cpe, purl, model and serial numbers …)
//! vulnerabilities[] ── title, cwe, notes[], references[], remediations[] (url, date, restart_required)
//! ```

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::advisory::csaf::{self, CsafError};
use crate::advisory::lenient::{List, Object, Text};
use crate::advisory::prose_tree::Tree;
use crate::model::advisory::Advisory;

/// A document, with all that is read of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Whole {
    /// What verdicts follow from.
    pub advisory: Advisory,
    /// What is for people.
    pub prose: Prose,
}

impl Whole {
    /// Reads one document.
    ///
    /// # Errors
    ///
    /// As [`csaf::parse`].
    pub fn read(bytes: &[u8], name: &str) -> Result<Self, CsafError> {
        let advisory = csaf::parse(bytes, name)?;
        Ok(Self { advisory, prose: Prose::read(bytes) })
    }
}

/// What of a document is for people.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Prose {
    /// "csaf_security_advisory", "csaf_vex" …
    pub category: Box<str>,
    /// Version of the standard: "2.0".
    pub csaf_version: Box<str>,
    /// Language of the document.
    pub language: Box<str>,
    /// Label of the traffic light protocol: "WHITE", "CLEAR", "AMBER", "AMBER+STRICT".
    pub tlp: Box<str>,
    /// The group that it is shared with, by name, else by identifier (CSAF 2.1).
    pub sharing_group: Box<str>,
    /// Under what it may be used, as SPDX has it (CSAF 2.1).
    pub license: Box<str>,
    /// The publisher's own word for how bad it is.
    pub severity: Box<str>,
    /// "vendor", "coordinator" …
    pub publisher_category: Box<str>,
    /// What tells publishers of one name apart.
    pub publisher_namespace: Box<str>,
    /// "draft", "interim" or "final".
    pub status: Box<str>,
    /// Date of the first revision, as written.
    pub first_released: Box<str>,
    /// Other identifiers of the document.
    pub aliases: Vec<Box<str>>,
    /// Its history, in the order of the document.
    pub history: Vec<Revision>,
    /// Notes on the whole.
    pub notes: Vec<Note>,
    /// References of the whole.
    pub references: Vec<Reference>,
    /// For each vulnerability, in the order of [`Advisory::flaws`].
    pub flaws: Vec<FlawProse>,
    /// Every name and identifier in the product tree, as (kind, value): ("cpe", "cpe:2.3:…"). Kinds are those of CSAF.
    pub products: BTreeSet<(Box<str>, Box<str>)>,
}

/// One entry of the history of a document.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Revision {
    /// Its number.
    pub number: Box<str>,
    /// Its date, as written.
    pub date: Box<str>,
    /// What changed.
    pub summary: Box<str>,
}

/// A note.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Note {
    /// "summary", "description", "legal_disclaimer" …
    pub category: Box<str>,
    /// Its title.
    pub title: Box<str>,
    /// Its text.
    pub text: Box<str>,
}

/// A reference.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reference {
    /// "self" or "external".
    pub category: Box<str>,
    /// What it leads to.
    pub summary: Box<str>,
    /// Where it leads.
    pub url: Box<str>,
}

/// What of a vulnerability is for people.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FlawProse {
    /// Its title.
    pub title: Box<str>,
    /// The kind of weakness: "CWE-787 Out-of-bounds Write".
    pub weakness: Box<str>,
    /// Notes on it.
    pub notes: Vec<Note>,
    /// References on it.
    pub references: Vec<Reference>,
    /// For each remediation, in the order of [`crate::model::advisory::Flaw::remedies`].
    pub remedies: Vec<RemedyProse>,
}

/// What of a remediation is for people.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RemedyProse {
    /// Where it is found.
    pub url: Box<str>,
    /// From when on it is there, as written.
    pub date: Box<str>,
    /// What must be started anew: "system", "machine", "none" …
    pub restart: Box<str>,
}

/// How a publisher numbers revisions (CSAF 2.0, section 3.1.11).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Versioning {
    /// 1, 2, 3: no number says how much changed.
    Integer,
    /// 1.2.0: the first part, which is this number, says that somebody has to look again.
    Semantic(u64),
    /// Neither.
    Other,
}

/// Which of the two ways of numbering a revision is written in.
pub fn versioning(revision: &str) -> Versioning {
    let revision = revision.trim();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let core = revision.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<&str> = core.split('.').collect();
    match &*parts {
        [only] if is_number(only) && core == revision => Versioning::Integer,
        [major, minor, patch] if [major, minor, patch].into_iter().all(|part| is_number(part)) => {
            major.parse().map_or(Versioning::Other, Versioning::Semantic)
        }
        _ => Versioning::Other,
    }
}

impl Prose {
    /// Reads it. What is not JSON has none.
    pub fn read(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = String::from_utf8_lossy(bytes);
        let whole: Object<Document<'_>> = serde_json::from_str(&text).unwrap_or_default();
        let Document { document: Object(head), product_tree, vulnerabilities } = whole.0;
        let (tracking, publisher) = (head.tracking.0, head.publisher.0);
        Self {
            category: owned(&head.category),
            csaf_version: owned(&head.csaf_version),
            language: owned(&head.lang),
            tlp: owned(&head.distribution.0.tlp.0.label),
            sharing_group: head.distribution.0.sharing_group.0.owned(),
            license: owned(&head.license_expression),
            severity: owned(&head.aggregate_severity.0.text),
            publisher_category: owned(&publisher.category),
            publisher_namespace: owned(&publisher.namespace),
            status: owned(&tracking.status),
            first_released: owned(&tracking.initial_release_date),
            aliases: tracking.aliases.0.iter().map(owned).collect(),
            history: tracking.revision_history.0.iter().map(|Object(one)| one.owned()).collect(),
            notes: notes(&head.notes),
            references: references(&head.references),
            flaws: vulnerabilities.0.iter().map(|Object(flaw)| flaw.owned()).collect(),
            products: product_tree.0.words(),
        }
    }
}

/// A text without what surrounds it.
pub(super) fn owned(text: &Text<'_>) -> Box<str> {
    text.0.trim().into()
}

fn notes(list: &List<Object<NotePart<'_>>>) -> Vec<Note> {
    let note = |Object(note): &Object<NotePart<'_>>| Note {
        category: owned(&note.category),
        title: owned(&note.title),
        text: owned(&note.text),
    };
    list.0.iter().map(note).collect()
}

fn references(list: &List<Object<ReferencePart<'_>>>) -> Vec<Reference> {
    let reference = |Object(one): &Object<ReferencePart<'_>>| Reference {
        category: owned(&one.category),
        summary: owned(&one.summary),
        url: owned(&one.url),
    };
    list.0.iter().map(reference).collect()
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
    lang: Text<'a>,
    distribution: Object<Distribution<'a>>,
    license_expression: Text<'a>,
    aggregate_severity: Object<Severity<'a>>,
    publisher: Object<Publisher<'a>>,
    tracking: Object<Tracking<'a>>,
    notes: List<Object<NotePart<'a>>>,
    references: List<Object<ReferencePart<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Distribution<'a> {
    tlp: Object<Tlp<'a>>,
    sharing_group: Object<SharingGroup<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct SharingGroup<'a> {
    id: Text<'a>,
    name: Text<'a>,
}

impl SharingGroup<'_> {
    fn owned(&self) -> Box<str> {
        let name = owned(&self.name);
        if name.is_empty() { owned(&self.id) } else { name }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Tlp<'a> {
    label: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Severity<'a> {
    text: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Publisher<'a> {
    category: Text<'a>,
    namespace: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Tracking<'a> {
    status: Text<'a>,
    initial_release_date: Text<'a>,
    aliases: List<Text<'a>>,
    revision_history: List<Object<RevisionPart<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct RevisionPart<'a> {
    number: Text<'a>,
    date: Text<'a>,
    summary: Text<'a>,
}

impl RevisionPart<'_> {
    fn owned(&self) -> Revision {
        let [number, date, summary] = [&self.number, &self.date, &self.summary].map(owned);
        Revision { number, date, summary }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct NotePart<'a> {
    category: Text<'a>,
    title: Text<'a>,
    text: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ReferencePart<'a> {
    category: Text<'a>,
    summary: Text<'a>,
    url: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Vulnerability<'a> {
    title: Text<'a>,
    /// CSAF 2.0 has one, 2.1 a list.
    cwe: Object<Cwe<'a>>,
    cwes: List<Object<Cwe<'a>>>,
    notes: List<Object<NotePart<'a>>>,
    references: List<Object<ReferencePart<'a>>>,
    remediations: List<Object<Remediation<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Cwe<'a> {
    id: Text<'a>,
    name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Remediation<'a> {
    url: Text<'a>,
    date: Text<'a>,
    restart_required: Object<Restart<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Restart<'a> {
    category: Text<'a>,
}

impl Vulnerability<'_> {
    fn owned(&self) -> FlawProse {
        let cwes = std::iter::once(&self.cwe).chain(&self.cwes.0);
        let cwes = cwes.map(|Object(cwe)| format!("{} {}", cwe.id.0.trim(), cwe.name.0.trim()));
        let cwes: Vec<String> = cwes.filter(|cwe| cwe != " ").collect();
        let remedy = |Object(one): &Object<Remediation<'_>>| RemedyProse {
            url: owned(&one.url),
            date: owned(&one.date),
            restart: owned(&one.restart_required.0.category),
        };
        FlawProse {
            title: owned(&self.title),
            weakness: cwes.join(", ").into(),
            notes: notes(&self.notes),
            references: references(&self.references),
            remedies: self.remediations.0.iter().map(remedy).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
