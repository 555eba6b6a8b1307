//! The advisories of an appliance: bundles, the documents in them and beside them, and what else a bundle brings.

use crate::model::{Substance, Timestamp};

/// One advisory document as a store holds it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Holding {
    /// Tracking identifier.
    pub id: String,
    /// Tracking version, as written.
    pub revision: String,
    /// Date of this revision, as written.
    pub released: String,
    /// SHA-256 of the bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// What of it decides verdicts.
    pub substance: Substance,
    /// Who published it, or where it was found.
    pub origin: String,
    /// Name of its file.
    pub name: String,
    /// The bundle that it came in; `None` for one that a person added.
    pub bundle: Option<u32>,
    /// The document. Empty when the store cannot unpack it any more, which reads as a document that is none.
    pub bytes: Vec<u8>,
}

/// What else is known of vulnerabilities, addresses and products.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum FeedKind {
    /// Vulnerabilities known to be exploited.
    Kev,
    /// Probabilities that vulnerabilities will be exploited.
    Epss,
    /// Makers by MAC address.
    Oui,
    /// Dates at which support ends.
    Lifecycle,
}

impl FeedKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Kev, Self::Epss, Self::Oui, Self::Lifecycle];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kev => "kev",
            Self::Epss => "epss",
            Self::Oui => "oui",
            Self::Lifecycle => "lifecycle",
        }
    }

    /// The kind that a word means.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A list of such knowledge.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Supplement {
    /// What it is.
    pub kind: FeedKind,
    /// Name of its file.
    pub name: String,
    /// Who published it.
    pub origin: String,
    /// What day it is of, as it says itself; empty where it does not say.
    pub date: String,
    /// SHA-256 of the bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// The list. Empty when the store cannot unpack it any more.
    pub bytes: Vec<u8>,
}

/// A bundle on its way into a store, read and verified.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Parcel {
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: String,
    /// When its knowledge is of, as it says itself.
    pub built: String,
    /// The program that built it.
    pub builder: String,
    /// Identifier of the key that signed it.
    pub signer: Option<String>,
    /// Where it is imported from.
    pub origin: String,
    /// Its documents; `bundle` is not looked at.
    pub documents: Vec<Holding>,
    /// What it holds beside them.
    pub feeds: Vec<Supplement>,
}

/// A bundle that is or was in a store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bundle {
    /// Its number in this store, from 1.
    pub number: u32,
    /// SHA-256 of the file.
    pub sha256: String,
    /// When its knowledge is of, as it says itself.
    pub built: String,
    /// The program that built it.
    pub builder: String,
    /// Identifier of the key that signed it; `None` for one that nobody signed.
    pub signer: Option<String>,
    /// Where it was imported from.
    pub origin: String,
    /// Who imported it.
    pub by: String,
    /// When, by the clock on the wall.
    pub at: Timestamp,
    /// How many documents it held.
    pub documents: u32,
    /// True while its content is here, so that one can go back to it.
    pub is_kept: bool,
    /// True for the one in use.
    pub is_current: bool,
}

/// One time at which another bundle came into use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Turn {
    /// Its number, from 1.
    pub number: u32,
    /// The bundle in use from then on; `None` for none.
    pub bundle: Option<u32>,
    /// Who turned to it.
    pub by: String,
    /// When, by the clock on the wall.
    pub at: Timestamp,
}
