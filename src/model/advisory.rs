//! Supplier advisories, as far as matching needs them: what is concerned, by which flaws, and what helps.
//!
//! Texts stay as the document spells them. What a version range or a fix text means is read where it is judged, because the
//! order of versions belongs to the maker of the product, not to the document.

use std::collections::BTreeSet;

use crate::model::finding::Substance;

/// One document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advisory {
    /// Tracking identifier: "ICSA-24-284-20".
    pub id: Box<str>,
    /// Title.
    pub title: Box<str>,
    /// Tracking version: "1", "2.0.0".
    pub revision: Box<str>,
    /// Date of this revision, as written.
    pub released: Box<str>,
    /// What of it decides verdicts.
    pub substance: Substance,
    /// How firmly its publisher stands by it.
    pub standing: Standing,
    /// The first thing that is wrong with it.
    pub fault: Option<Fault>,
    /// Who published it.
    pub publisher: Box<str>,
    /// Where people can read it, as the document says: an address of the web in printable ASCII.
    pub url: Option<Box<str>>,
    /// Leaves of the product tree, and products made by relationships.
    pub products: Vec<Product>,
    /// Vulnerabilities.
    pub flaws: Vec<Flaw>,
}

/// How firmly the publisher of a document stands by what it says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Standing {
    /// Released; few changes are expected.
    #[default]
    Final,
    /// Released, and expected to change soon: more may be found to be affected.
    Interim,
    /// Not released: what its author intends to say.
    Draft,
    /// Taken back: it says nothing of any device.
    Withdrawn,
    /// Another document took its place.
    Superseded(Successor),
}

/// The document that took the place of another, as far as that one names it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Successor {
    /// What the reference to it says; empty without one.
    pub summary: Box<str>,
    /// Where it is, as written.
    pub url: Box<str>,
}

/// What is wrong with a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// Where, as a JSON pointer, and what.
    pub what: Box<str>,
    /// It is in what the document says of devices, which then may not be all that it meant to say; not in its title or dates.
    pub touches_devices: bool,
}

/// How the last branch above a product states its version.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Stated {
    /// `product_version`: one version, as far as authors keep to the standard.
    Version,
    /// `product_version_range`.
    Range,
    /// No version branch: the product as a whole.
    #[default]
    Nothing,
}

/// One product of a document: what a product identifier stands for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Product {
    /// The document's own identifier for it.
    pub id: Box<str>,
    /// Name of the vendor branch.
    pub vendor: Box<str>,
    /// Name of the product family branch, empty without one.
    pub family: Box<str>,
    /// Name of the product name branch; the full name where there is none.
    pub name: Box<str>,
    /// Whether a version is stated, and how.
    pub stated: Stated,
    /// Text of the version branch.
    pub version: Box<str>,
    /// Full name of the product.
    pub full_name: Box<str>,
    /// Model numbers of the identification helper.
    pub models: Vec<Box<str>>,
    /// Serial numbers of the identification helper.
    pub serials: Vec<Box<str>>,
    /// Name of the hardware this is installed on, where a relationship says so.
    pub on: Option<Box<str>>,
    /// Model numbers of that hardware.
    pub on_models: Vec<Box<str>>,
    /// More than its version decides whether a device is meant: a version of another product beside it, an optional part,
    /// software of another maker. No version alone can tell.
    pub beside: bool,
    /// Place in the document, as a JSON pointer.
    pub pointer: Box<str>,
}

/// One vulnerability.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flaw {
    /// CVE, or another identifier, or the title.
    pub name: Box<str>,
    /// Products said to be affected.
    pub affected: BTreeSet<usize>,
    /// Products said to carry the fix.
    pub fixed: BTreeSet<usize>,
    /// Products said not to be affected.
    pub not_affected: BTreeSet<usize>,
    /// Products still looked into.
    pub investigated: BTreeSet<usize>,
    /// What helps.
    pub remedies: Vec<Remedy>,
    /// Scores, those of the newest version of CVSS first.
    pub scores: Vec<Score>,
    /// Exploitations that the document dates.
    pub exploitations: Vec<Exploitation>,
    /// How probable it is that it is exploited, as the document says.
    pub likelihood: Option<Likelihood>,
    /// Services that its texts name as what it is used through: names of the table of services, and ports as they print.
    pub services: BTreeSet<Box<str>>,
}

/// What the vendor offers or advises.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remedy {
    /// Category as CSAF names it: "vendor_fix", "mitigation" …
    pub category: Box<str>,
    /// The text.
    pub details: Box<str>,
    /// Products it is for; empty means all.
    pub products: BTreeSet<usize>,
    /// Place in the document, as a JSON pointer.
    pub pointer: Box<str>,
}

/// A CVSS score.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Base score.
    pub base: f64,
    /// Vector.
    pub vector: Box<str>,
    /// Products it is for; empty means all.
    pub products: BTreeSet<usize>,
}

/// A known exploitation of a vulnerability, as a document dates it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Exploitation {
    /// When it happened, as written.
    pub since: Box<str>,
    /// Products it was seen in; empty means all.
    pub products: BTreeSet<usize>,
}

/// A probability that a document repeats from FIRST EPSS.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Likelihood {
    /// From 0 to 1.
    pub probability: f64,
    /// When it was recorded, as written.
    pub recorded: Box<str>,
}
