//! VEX (Vulnerability Exploitability eXchange): verdicts and decisions as statements that other programs read, in three formats.
//!
//! A statement is about one product, a device or a part of one, and one vulnerability, and has one of four states. What the states
//! may rest on is decided in `statement`, once for all formats; the formats only put it into their words:
//!
//! | here | CSAF 2.0 `product_status` | OpenVEX 0.2.0 `status` | CycloneDX 1.6 `analysis.state` |
//! |---|---|---|---|
//! | affected | `known_affected` | `affected` | `exploitable` |
//! | under investigation | `under_investigation` | `under_investigation` | `in_triage` |
//! | fixed | `fixed` | `fixed` | `resolved` |
//! | not affected | `known_not_affected` | `not_affected` | `not_affected`, `false_positive` |

pub mod csaf;
mod csaf_tree;
mod cvss;
pub mod cyclonedx;
mod cyclonedx_parts;
pub mod openvex;
mod product;
mod sink;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use crate::export::Report;
use crate::model::advisory::{Advisory, Remedy};
use crate::model::limits::VEX_REMEDIES_MAX;
use crate::model::{AssetId, Finding, Kind, Timestamp, Unit};

use product::Product;
use statement::{Flaw, Statement, Status};

/// Who says it, of which plant, and when: what no capture tells.
#[derive(Clone, Debug)]
pub struct About {
    /// What the plant is called.
    pub plant: String,
    /// What the document is called, by which later ones replace it.
    pub id: String,
    /// Who publishes it: a company, a department.
    pub publisher: Option<Publisher>,
    /// To whom it may be passed on.
    pub tlp: Tlp,
    /// The revisions before this one.
    pub earlier: Vec<Revision>,
    /// When this one is issued; not before the last of the earlier ones.
    pub issued: Timestamp,
    /// True when the document is the last of the earlier ones once more, and no revision of its own.
    pub is_unchanged: bool,
}

/// A publisher.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Publisher {
    /// Its name.
    pub name: String,
    /// An address of the web that is its own.
    pub namespace: Option<String>,
}

/// A revision of a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Revision {
    /// Its number, from 1.
    pub number: u64,
    /// When it was issued, as RFC 3339 writes it.
    pub date: String,
}

/// Labels of the Traffic Light Protocol 1.0, which CSAF 2.0 refers to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Tlp {
    /// Nobody but those who were given it.
    Red,
    /// One's own company, and clients who need to know.
    #[default]
    Amber,
    /// One's own community.
    Green,
    /// Everybody.
    White,
}

impl Tlp {
    /// The label.
    pub fn name(self) -> &'static str {
        match self {
            Self::Red => "RED",
            Self::Amber => "AMBER",
            Self::Green => "GREEN",
            Self::White => "WHITE",
        }
    }
}

impl About {
    /// All revisions, this one last.
    fn revisions(&self) -> Vec<Revision> {
        let mut revisions = self.earlier.clone();
        if !self.is_unchanged || revisions.is_empty() {
            let number = revisions.last().map_or(0, |last| last.number).saturating_add(1);
            revisions.push(Revision { number, date: self.issued.to_string() });
        }
        revisions
    }

    /// Number of this one.
    pub fn number(&self) -> u64 {
        self.revisions().last().map_or(1, |last| last.number)
    }

    /// Dates of the first and of this one.
    fn dates(&self) -> (String, String) {
        let revisions = self.revisions();
        let date = |revision: Option<&Revision>| {
            revision.map_or_else(|| self.issued.to_string(), |revision| revision.date.clone())
        };
        (date(revisions.first()), date(revisions.last()))
    }

    /// An identifier that is the document's own: a version 5 UUID.
    fn uuid(&self, what: &str) -> uuid::Uuid {
        let namespace =
            self.publisher.as_ref().and_then(|publisher| publisher.namespace.as_deref());
        named(&[what, namespace.unwrap_or_default(), &self.id])
    }
}

/// What advisories say that no finding holds: where they are, and what helps.
#[derive(Clone, Debug, Default)]
pub struct Cited {
    documents: BTreeMap<Box<str>, Document>,
    remedies: BTreeMap<Clause, Vec<Remedy>>,
}

/// A document, a vulnerability, and the place in the document that settled the verdict.
type Clause = (Box<str>, Box<str>, Box<str>);

/// An advisory that statements rest on.
#[derive(Clone, Debug, Default)]
struct Document {
    url: Option<Box<str>>,
    publisher: Box<str>,
    revision: Box<str>,
    released: Box<str>,
}

impl Cited {
    /// What of these documents is needed for these findings. The documents are in order of their identifiers.
    pub fn new<'a>(
        documents: &[Advisory],
        findings: impl IntoIterator<Item = &'a Finding>,
    ) -> Self {
        let mut cited = Self::default();
        for finding in findings {
            let judgement = &finding.judgement;
            let (id, cve) = (&judgement.advisory, &judgement.cve);
            let place = documents.binary_search_by(|document| document.id.cmp(id));
            let Some(document) = place.ok().and_then(|at| documents.get(at)) else { continue };
            cited.documents.entry(id.clone()).or_insert_with(|| Document {
                url: document.url.clone(),
                publisher: document.publisher.clone(),
                revision: document.revision.clone(),
                released: document.released.clone(),
            });
            let key = (id.clone(), cve.clone(), judgement.clause.as_str().into());
            cited.remedies.entry(key).or_insert_with(|| remedies(document, cve, &judgement.clause));
        }
        cited
    }

    /// Tracking version of an advisory.
    pub fn revision(&self, advisory: &str) -> Option<&str> {
        Some(&*self.documents.get(advisory)?.revision)
    }

    /// Date of that revision, as written.
    pub fn released(&self, advisory: &str) -> Option<&str> {
        Some(&*self.documents.get(advisory)?.released)
    }

    fn url(&self, advisory: &str) -> Option<&str> {
        self.documents.get(advisory)?.url.as_deref()
    }

    fn publisher(&self, advisory: &str) -> Option<&str> {
        let publisher = self.documents.get(advisory).map(|document| &*document.publisher);
        publisher.filter(|publisher| !publisher.is_empty())
    }

    fn remedies(&self, finding: &Finding) -> &[Remedy] {
        let judgement = &finding.judgement;
        let (advisory, cve) = (judgement.advisory.clone(), judgement.cve.clone());
        let key = (advisory, cve, judgement.clause.as_str().into());
        self.remedies.get(&key).map(Vec::as_slice).unwrap_or_default()
    }
}

/// What a document advises for the product at a place in it. A place that is a remediation means that one.
fn remedies(document: &Advisory, cve: &str, clause: &str) -> Vec<Remedy> {
    let product = document.products.iter().position(|product| &*product.pointer == clause);
    let flaws = document.flaws.iter().filter(|flaw| &*flaw.name == cve);
    let concerns = |remedy: &&Remedy| {
        let is_for = product.is_some_and(|at| remedy.products.contains(&at));
        &*remedy.pointer == clause || is_for || (remedy.products.is_empty() && product.is_some())
    };
    let found = flaws.flat_map(|flaw| &flaw.remedies).filter(concerns);
    found.take(VEX_REMEDIES_MAX).cloned().collect()
}

/// What is to be stated: all that the formats print, and nothing but that.
#[derive(Debug)]
pub struct Vex<'a> {
    report: &'a Report<'a>,
    about: &'a About,
    cited: &'a Cited,
    flaws: BTreeMap<Flaw<'a>, BTreeMap<ProductKey<'a>, Vec<&'a Finding>>>,
    products: BTreeSet<ProductKey<'a>>,
    left_out: BTreeMap<&'static str, usize>,
}

/// A device, or a part of one.
type ProductKey<'a> = (AssetId, Option<&'a Unit>);

impl<'a> Vex<'a> {
    /// Gathers findings to statements.
    pub fn new(report: &'a Report<'a>, about: &'a About, cited: &'a Cited) -> Self {
        let mut flaws: BTreeMap<Flaw<'a>, BTreeMap<ProductKey<'a>, Vec<&'a Finding>>> =
            BTreeMap::new();
        let mut all_products = BTreeSet::new();
        let mut left_out: BTreeMap<&'static str, usize> = BTreeMap::new();
        for finding in report.findings {
            let judgement = &finding.judgement;
            let flaw = match judgement.kind {
                Kind::Advisory => Flaw::new(judgement).ok_or(NO_IDENTIFIER),
                Kind::EndOfSupport | Kind::Exposure => Err(judgement.kind.name()),
            };
            match flaw {
                Ok(flaw) => {
                    let products = flaws.entry(flaw).or_default();
                    let product = (finding.asset, finding.module.as_ref());
                    all_products.insert(product);
                    products.entry(product).or_default().push(finding);
                }
                Err(kind) => {
                    let count = left_out.entry(kind).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        let flaws_of = flaws.values_mut().flat_map(BTreeMap::values_mut);
        // The order of findings is that of the report; documents decide the order of texts.
        flaws_of.for_each(|findings| {
            findings.sort_by(|a, b| a.judgement.advisory.cmp(&b.judgement.advisory));
        });
        Self { report, about, cited, flaws, products: all_products, left_out }
    }

    /// Findings that are no statements, by what they are.
    pub fn left_out(&self) -> &BTreeMap<&'static str, usize> {
        &self.left_out
    }

    /// How many statements there are of each state, and about how many products.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals { products: self.products.len(), ..Totals::default() };
        for statement in self.statements() {
            let count = match statement.status {
                Status::Affected => &mut totals.affected,
                Status::UnderInvestigation => &mut totals.under_investigation,
                Status::Fixed => &mut totals.fixed,
                Status::NotAffected => &mut totals.not_affected,
            };
            *count = count.saturating_add(1);
        }
        totals
    }

    /// All statements, by vulnerability and product.
    fn statements<'v>(&'v self) -> impl Iterator<Item = Statement<'v>> {
        self.flaws.keys().flat_map(move |flaw| self.about_flaw(flaw))
    }

    /// The statements about one vulnerability, by product.
    fn about_flaw<'v>(&'v self, flaw: &'v Flaw<'a>) -> impl Iterator<Item = Statement<'v>> {
        let products = self.flaws.get(flaw).into_iter().flatten();
        products.map(move |(product, findings)| {
            let product = self.product(product);
            Statement::new(*flaw, product, findings, self.about.issued)
        })
    }

    fn product<'v>(&'v self, (asset, path): &ProductKey<'a>) -> Product<'v> {
        Product::new(*asset, self.report.asset(*asset), *path)
    }

    /// The products that statements are about, in order.
    fn products<'v>(&'v self) -> impl Iterator<Item = Product<'v>> {
        self.products.iter().map(|key| self.product(key))
    }
}

/// How many statements there are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Totals {
    /// Of products that are affected.
    pub affected: usize,
    /// Of products of which it cannot be told.
    pub under_investigation: usize,
    /// Of products that have the fix.
    pub fixed: usize,
    /// Of products that are not affected.
    pub not_affected: usize,
    /// Products that they are about.
    pub products: usize,
}

impl Totals {
    /// All of them.
    pub fn statements(&self) -> usize {
        [self.affected, self.under_investigation, self.fixed, self.not_affected]
            .iter()
            .fold(0_usize, |sum, count| sum.saturating_add(*count))
    }
}

/// A version 5 UUID of names: none of them can be taken for a part of another.
fn named(names: &[&str]) -> uuid::Uuid {
    let whole: Vec<String> = names.iter().map(|name| format!("{}:{name}", name.len())).collect();
    uuid::Uuid::new_v5(&NAMESPACE, whole.concat().as_bytes())
}

/// Why a finding is left out that is of an advisory: neither the CVE list nor its maker has given it a name.
const NO_IDENTIFIER: &str = "no identifier";

/// Name space of identifiers in VEX documents: the version 5 UUID of `vex.nameplate` in the DNS name space.
const NAMESPACE: uuid::Uuid = uuid::Uuid::from_u128(0xca3c_26d7_12e4_5a89_a324_8bc2_fa0e_2876);
