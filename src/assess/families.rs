//! Which catalogue numbers belong to which product family, and which company names mean one maker. All of it is data.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::advisory::makers;
use crate::advisory::name::{compact, dense, glob};
use crate::model::version::Scheme;

/// The table, as it is embedded in the program.
const EMBEDDED: &str = include_str!("../../signatures/families.toml");

/// Why a table of families was refused.
#[derive(Debug, thiserror::Error)]
pub enum FamiliesError {
    /// Not the TOML that is expected.
    #[error("table of families: {0}")]
    Toml(#[from] toml::de::Error),
    /// A family of a maker that is not listed.
    #[error("table of families: family {family:?} is of {vendor:?}, which is no [[vendor]]")]
    Vendor {
        /// First name of the family.
        family: String,
        /// Its vendor.
        vendor: String,
    },
    /// An order that does not exist.
    #[error("table of families: vendor {vendor:?} has the order {scheme:?}, which is not known")]
    Scheme {
        /// The vendor.
        vendor: String,
        /// Its order.
        scheme: String,
    },
}

/// Makers and product families.
#[derive(Debug, Default)]
pub struct Families {
    vendors: Vec<Vendor>,
    families: Vec<Family>,
    vocabulary: BTreeMap<String, BTreeSet<String>>,
}

/// A maker.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// Its name, as signatures spell it.
    pub name: String,
    /// Other names, brands of whole companies, and companies whose products it now makes.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Words that its product names may carry or leave out.
    #[serde(default)]
    pub brands: Vec<String>,
    /// Order of its versions.
    #[serde(default)]
    scheme: Option<String>,
    /// Where this was learned.
    pub source: String,
}

impl Vendor {
    /// Order of its versions.
    pub fn scheme(&self) -> Scheme {
        self.scheme.as_deref().and_then(Scheme::named).unwrap_or_default()
    }

    /// Whether a name, as [`makers`] gives it, is one of this maker's.
    pub fn is(&self, maker: &str) -> bool {
        std::iter::once(&self.name)
            .chain(&self.aliases)
            .flat_map(|name| makers(name))
            .any(|name| is_same_maker(&name, maker))
    }
}

/// Equal, or one begins with the other: "SCHNEIDERELECTRICSOFTWARE". Short names must be equal.
pub(super) fn is_same_maker(one: &str, other: &str) -> bool {
    const LONG_ENOUGH: usize = 5;
    one == other
        || (one.len() >= LONG_ENOUGH && other.starts_with(one))
        || (other.len() >= LONG_ENOUGH && one.starts_with(other))
}

/// Catalogue numbers of one family.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// Its maker.
    pub vendor: String,
    /// Patterns of its catalogue numbers; none when the family is only named, so that its siblings are not taken for it.
    #[serde(default)]
    pub catalogue: Vec<String>,
    /// Names that advisories give it, the most specific first.
    pub names: Vec<String>,
    /// Where this was learned.
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vendor: Vec<Vendor>,
    family: Vec<Family>,
}

impl Families {
    /// The table embedded in the program. A test proves that it can be read; were it not, no family would be known.
    pub fn embedded() -> Self {
        Self::read(EMBEDDED).unwrap_or_default()
    }

    /// Reads a table.
    ///
    /// # Errors
    ///
    /// When it is not the TOML expected, or names a maker or an order that does not exist.
    pub fn read(text: &str) -> Result<Self, FamiliesError> {
        let file: File = toml::from_str(text)?;
        for vendor in &file.vendor {
            if let Some(scheme) =
                vendor.scheme.as_deref().filter(|name| Scheme::named(name).is_none())
            {
                return Err(FamiliesError::Scheme {
                    vendor: vendor.name.clone(),
                    scheme: scheme.to_owned(),
                });
            }
        }
        let mut vocabulary: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for family in &file.family {
            if !file.vendor.iter().any(|vendor| vendor.name == family.vendor) {
                let name = family.names.first().cloned().unwrap_or_default();
                return Err(FamiliesError::Vendor { family: name, vendor: family.vendor.clone() });
            }
            let words = vocabulary.entry(family.vendor.clone()).or_default();
            words.extend(family.names.iter().map(|name| compact(name)));
        }
        Ok(Self { vendors: file.vendor, families: file.family, vocabulary })
    }

    /// All makers.
    pub fn vendors(&self) -> &[Vendor] {
        &self.vendors
    }

    /// All families.
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// The maker that a company name means.
    pub fn vendor(&self, name: &str) -> Option<&Vendor> {
        makers(name).iter().find_map(|maker| self.vendors.iter().find(|vendor| vendor.is(maker)))
    }

    /// Names of a maker's families, compact.
    pub(super) fn vocabulary(&self, vendor: &str) -> Option<&BTreeSet<String>> {
        self.vocabulary.get(vendor)
    }

    /// Names of the family that a catalogue number belongs to, most specific first. Of several rows that fit, the one with
    /// the most characters that are no placeholders wins.
    pub fn names_of(&self, vendor: &str, number: &str) -> Vec<&str> {
        let (with_marks, bare) = (dense(number), compact(number));
        let mut best: Option<(usize, &Family)> = None;
        for family in self.families.iter().filter(|family| family.vendor == vendor) {
            for pattern in &family.catalogue {
                let fits =
                    glob(pattern, &with_marks) || glob(&pattern.replace(['-', '/'], ""), &bare);
                let literals = pattern.chars().filter(char::is_ascii_alphanumeric).count();
                if fits && best.is_none_or(|(most, _)| literals > most) {
                    best = Some((literals, family));
                }
            }
        }
        best.map(|(_, family)| family.names.iter().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// Names of the family that a name belongs to.
    pub(super) fn names_beside(&self, vendor: &str, name: &str) -> Vec<&str> {
        let wanted = compact(name);
        self.families
            .iter()
            .filter(|family| family.vendor == vendor)
            .find(|family| family.names.first().is_some_and(|first| compact(first) == wanted))
            .map(|family| family.names.iter().map(String::as_str).collect())
            .unwrap_or_default()
    }
}
