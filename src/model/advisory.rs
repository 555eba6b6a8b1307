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
    /// The first thing that is wrong with it.
    pub fault: Option<Fault>,
    /// Who published it.
    pub publisher: Box<str>,
    /// Leaves of the product tree, and products made by relationships.
    pub products: Vec<Product>,
    /// Vulnerabilities.
    pub flaws: Vec<Flaw>,
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
    /// Scores.
    pub scores: Vec<Score>,
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
