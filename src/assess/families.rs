//! Which catalogue numbers belong to which product family. All of it is data: `signatures/families.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::advisory::name::{compact, dense, glob, words};
use crate::assess::vendors::{Vendor, Vendors};
use crate::assess::words::is_generic;
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
    #[error("table of families: family {family:?} has the order {scheme:?}, which is not known")]
    Scheme {
        /// First name of the family.
        family: String,
        /// Its order.
        scheme: String,
    },
}

/// Product families, and their makers.
#[derive(Debug, Default)]
pub struct Families {
    vendors: Vendors,
    families: Vec<Family>,
    /// Compact names of the families that a maker's advisories may name, by maker.
    vocabulary: BTreeMap<String, BTreeSet<String>>,
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
    /// Order of its versions, where it is not its maker's.
    #[serde(default)]
    scheme: Option<String>,
    /// How many numbers its firmware has, where something says fewer of them: these are the beginning of a version.
    #[serde(default)]
    pub firmware_numbers: Option<usize>,
    /// Where this was learned.
    pub source: String,
}

impl Family {
    /// Order of its versions, where it is not its maker's.
    pub fn scheme(&self) -> Option<Scheme> {
        self.scheme.as_deref().and_then(Scheme::named)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    family: Vec<Family>,
}

impl Families {
    /// The tables embedded in the program. A test proves that they can be read; were they not, no family would be known.
    pub fn embedded() -> Self {
        Self::read(EMBEDDED, Vendors::embedded()).unwrap_or_default()
    }

    /// Reads a table of families of these makers.
    ///
    /// # Errors
    ///
    /// When it is not the TOML expected, or names a maker or an order that does not exist.
    pub fn read(text: &str, vendors: Vendors) -> Result<Self, FamiliesError> {
        let file: File = toml::from_str(text)?;
        let mut own: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for family in &file.family {
            let name = || family.names.first().cloned().unwrap_or_default();
            if !vendors.all().iter().any(|vendor| vendor.name == family.vendor) {
                return Err(FamiliesError::Vendor {
                    family: name(),
                    vendor: family.vendor.clone(),
                });
            }
            if let Some(scheme) = &family.scheme
                && family.scheme().is_none()
            {
                return Err(FamiliesError::Scheme { family: name(), scheme: scheme.clone() });
            }
            let words = own.entry(&family.vendor).or_default();
            words.extend(family.names.iter().map(|name| compact(name)));
        }
        let reached = |vendor: &Vendor| {
            let reach = vendors.reach(&vendor.name);
            let names = reach.iter().filter_map(|vendor| own.get(vendor.name.as_str())).flatten();
            (vendor.name.clone(), names.cloned().collect())
        };
        let vocabulary = vendors.all().iter().map(reached).collect();
        Ok(Self { vendors, families: file.family, vocabulary })
    }

    /// The makers.
    pub fn vendors(&self) -> &Vendors {
        &self.vendors
    }

    /// All families.
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// The maker that a company name means.
    pub fn vendor(&self, name: &str) -> Option<&Vendor> {
        self.vendors.find(name)
    }

    /// Names of the families that a maker's advisories may name, compact.
    pub(super) fn vocabulary(&self, vendor: &str) -> Option<&BTreeSet<String>> {
        self.vocabulary.get(vendor)
    }

    /// The family that a catalogue number belongs to. Of several rows that fit, the one with the most characters that are no
    /// placeholders wins; a row of the maker wins over one of a maker whose products passed to or from it.
    pub fn of_number(&self, vendor: &str, number: &str) -> Option<&Family> {
        let (with_marks, bare) = (dense(number), compact(number));
        let fits = |family: &&Family| {
            family
                .catalogue
                .iter()
                .filter(|pattern| {
                    glob(pattern, &with_marks) || glob(&pattern.replace(['-', '/'], ""), &bare)
                })
                .map(|pattern| pattern.chars().filter(char::is_ascii_alphanumeric).count())
                .max()
        };
        self.vendors.reach(vendor).into_iter().find_map(|vendor| {
            let mut best: Option<(usize, &Family)> = None;
            for family in self.families.iter().filter(|family| family.vendor == vendor.name) {
                if let Some(literals) = fits(&family)
                    && best.is_none_or(|(most, _)| literals > most)
                {
                    best = Some((literals, family));
                }
            }
            best.map(|(_, family)| family)
        })
    }

    /// The family that goes by a name, if need be without the words that say nothing: "SIMATIC S7-1200 CPU family".
    pub(super) fn of_name(&self, vendor: &str, name: &str) -> Option<&Family> {
        // By the first name, or by another that no second family shares.
        let find = |wanted: &str| {
            let is = |name: &String| compact(name) == wanted;
            self.vendors.reach(vendor).into_iter().find_map(|vendor| {
                let own = || self.families.iter().filter(|family| family.vendor == vendor.name);
                let mut sharing = own().filter(|family| family.names.iter().any(is));
                let only = sharing.next().filter(|_| sharing.next().is_none());
                own().find(|family| family.names.first().is_some_and(is)).or(only)
            })
        };
        let telling: String = words(name).into_iter().filter(|word| !is_generic(word)).collect();
        find(&compact(name)).or_else(|| find(&telling))
    }
}
