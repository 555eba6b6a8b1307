//! Which company names mean one maker, and whose products passed to whom. All of it is data: `signatures/vendors.toml`.
//!
//! A company name is looked up whole, or with words behind it that make no other company ("Mitsubishi Electric India"): by the
//! beginning alone, "Delta Controls" would be Delta Electronics.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::advisory::makers;
use crate::advisory::name::words;
use crate::assess::words::{is_generic, is_other_thing};
use crate::model::version::Scheme;

/// The table, as it is embedded in the program.
const EMBEDDED: &str = include_str!("../../signatures/vendors.toml");

/// Why a table of makers was refused.
#[derive(Debug, thiserror::Error)]
pub enum VendorsError {
    /// Not the TOML that is expected.
    #[error("table of makers: {0}")]
    Toml(#[from] toml::de::Error),
    /// An order that does not exist.
    #[error("table of makers: {vendor:?} has the order {scheme:?}, which is not known")]
    Scheme {
        /// The maker.
        vendor: String,
        /// Its order.
        scheme: String,
    },
    /// A spelling of two makers.
    #[error("table of makers: {spelling:?} is a name of {one:?} and of {other:?}")]
    Spelling {
        /// The spelling.
        spelling: String,
        /// The maker that has it already.
        one: String,
        /// The maker that claims it too.
        other: String,
    },
    /// Products passed from or to a maker that is not listed.
    #[error("table of makers: products passed from or to {vendor:?}, which is no [[vendor]]")]
    Passed {
        /// The name.
        vendor: String,
    },
}

/// A maker.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// Its name, as signatures spell it.
    pub name: String,
    /// Other and former names, parts of the company, and misspellings found in public advisories.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Words that its product names may carry or leave out.
    #[serde(default)]
    pub brands: Vec<String>,
    /// Heads of order numbers behind which two numbers are of twins: the standard device and its hardened variant.
    #[serde(default)]
    pub twins: Vec<(String, String)>,
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

    fn spellings(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.name).chain(&self.aliases)
    }
}

/// Products that passed from one maker to another, so that advisories of both may name them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passed {
    /// Who made them before.
    pub from: String,
    /// Whose advisories name them since.
    pub to: String,
    /// What passed.
    pub what: String,
    /// When: year, year and month, or date.
    pub since: String,
    /// Where this was learned.
    pub source: String,
}

/// The makers.
#[derive(Debug, Default)]
pub struct Vendors {
    vendors: Vec<Vendor>,
    passed: Vec<Passed>,
    company_words: Vec<String>,
    /// Place of the maker, by compact spelling.
    by_spelling: BTreeMap<String, usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    company_words: Vec<String>,
    vendor: Vec<Vendor>,
    #[serde(default)]
    passed: Vec<Passed>,
}

impl Vendors {
    /// The table embedded in the program. A test proves that it can be read; were it not, no maker would be known.
    pub fn embedded() -> Self {
        Self::read(EMBEDDED).unwrap_or_default()
    }

    /// Reads a table.
    ///
    /// # Errors
    ///
    /// When it is not the TOML expected, names an order or a maker that does not exist, or gives one spelling to two makers.
    pub fn read(text: &str) -> Result<Self, VendorsError> {
        let file: File = toml::from_str(text)?;
        let mut by_spelling: BTreeMap<String, usize> = BTreeMap::new();
        for (at, vendor) in file.vendor.iter().enumerate() {
            if let Some(scheme) =
                vendor.scheme.as_deref().filter(|name| Scheme::named(name).is_none())
            {
                return Err(VendorsError::Scheme {
                    vendor: vendor.name.clone(),
                    scheme: scheme.to_owned(),
                });
            }
            for spelling in vendor.spellings() {
                let before = by_spelling.insert(whole(spelling), at).filter(|before| *before != at);
                if let Some(one) = before.and_then(|before| file.vendor.get(before)) {
                    return Err(VendorsError::Spelling {
                        spelling: spelling.clone(),
                        one: one.name.clone(),
                        other: vendor.name.clone(),
                    });
                }
            }
        }
        for vendor in file.passed.iter().flat_map(|passed| [&passed.from, &passed.to]) {
            if !file.vendor.iter().any(|known| known.name == *vendor) {
                return Err(VendorsError::Passed { vendor: vendor.clone() });
            }
        }
        Ok(Self {
            vendors: file.vendor,
            passed: file.passed,
            company_words: file.company_words,
            by_spelling,
        })
    }

    /// All makers.
    pub fn all(&self) -> &[Vendor] {
        &self.vendors
    }

    /// What passed from one maker to another.
    pub fn passed(&self) -> &[Passed] {
        &self.passed
    }

    /// The maker that a company name means: as a whole, or by the first of the companies that it lists.
    pub fn find(&self, name: &str) -> Option<&Vendor> {
        let place = self.place(&whole(name));
        let listed = || makers(name).iter().find_map(|maker| self.place(maker));
        self.vendors.get(place.or_else(listed)?)
    }

    /// The makers in whose advisories a maker's products may be named: itself first, then those to whom or from whom
    /// products passed.
    pub(super) fn reach(&self, vendor: &str) -> Vec<&Vendor> {
        let beside = self.passed.iter().filter_map(|passed| match vendor {
            _ if passed.from == vendor => Some(passed.to.as_str()),
            _ if passed.to == vendor => Some(passed.from.as_str()),
            _ => None,
        });
        std::iter::once(vendor)
            .chain(beside)
            .filter_map(|name| self.vendors.iter().find(|vendor| vendor.name == name))
            .collect()
    }

    /// Whether a maker's name, as [`makers`] gives it, is one of this maker's.
    pub(super) fn is(&self, vendor: &Vendor, maker: &str) -> bool {
        self.place(maker)
            .and_then(|place| self.vendors.get(place))
            .is_some_and(|found| found.name == vendor.name)
    }

    /// Whether two makers' names, as [`makers`] gives them, are of one company.
    pub(super) fn is_one_company(&self, one: &str, other: &str) -> bool {
        self.begins_as(one, other) || self.begins_as(other, one)
    }

    /// Place of the maker of a compact name. The longest spelling that it begins with counts.
    fn place(&self, compact: &str) -> Option<usize> {
        if let Some(place) = self.by_spelling.get(compact) {
            return Some(*place);
        }
        self.by_spelling
            .iter()
            .rev()
            .filter(|(spelling, _)| self.begins_as(spelling, compact))
            .max_by_key(|(spelling, _)| spelling.len())
            .map(|(_, place)| *place)
    }

    /// Whether a name is a shorter one with nothing but words of companies behind it.
    fn begins_as(&self, short: &str, long: &str) -> bool {
        const LENGTH_MIN: usize = 3;
        let Some(mut rest) = long.strip_prefix(short) else { return false };
        if rest.is_empty() {
            return true;
        }
        if short.chars().count() < LENGTH_MIN {
            return false;
        }
        while !rest.is_empty() {
            let word =
                self.company_words.iter().filter_map(|word| rest.strip_prefix(word.as_str()));
            let Some(after) = word.min_by_key(|after| after.len()) else { return false };
            rest = after;
        }
        true
    }
}

/// A company name without its legal form, in capitals and without spaces, not taken for a list of companies.
pub(super) fn whole(name: &str) -> String {
    let single = name.replace([',', ';', '/', '('], " ").replace(" and ", " ");
    makers(&single).concat()
}

/// Words that names of a maker's products may carry or leave out. A word that names programs or says nothing is none of
/// them: else "Schneider Electric Software" would make every program of the maker one of its devices.
pub(super) fn brands(vendor: &Vendor) -> BTreeSet<String> {
    let told = vendor.brands.iter().flat_map(|text| words(text));
    let own = vendor
        .spellings()
        .flat_map(|text| words(text))
        .filter(|word| word.chars().count() >= 3 && !is_other_thing(word) && !is_generic(word));
    told.chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> Option<String> {
        Vendors::embedded().find(name).map(|vendor| vendor.name.clone())
    }

    #[test]
    fn the_table_is_read_and_every_row_has_a_source() {
        let vendors = Vendors::read(EMBEDDED).unwrap();
        assert!(vendors.all().len() >= 60);
        assert!(vendors.all().iter().all(|vendor| !vendor.source.trim().is_empty()));
        for passed in vendors.passed() {
            assert!(!passed.source.trim().is_empty() && !passed.what.trim().is_empty());
            assert!(passed.since.starts_with(['1', '2']), "{passed:?}");
        }
    }

    #[test]
    fn one_spelling_of_two_makers_is_refused() {
        let table = "company_words = []\n\
            [[vendor]]\nname = \"A One\"\nsource = \"x\"\n\
            [[vendor]]\nname = \"B\"\naliases = [\"A-One, Inc.\"]\nsource = \"x\"\n";
        assert!(matches!(Vendors::read(table), Err(VendorsError::Spelling { .. })));
    }

    #[test]
    fn neighbours_are_not_taken_for_a_maker() {
        for (name, expected) in [
            ("Delta Controls", Some("Delta Controls")),
            ("Delta Electronics", Some("Delta Electronics")),
            ("Control By Web", Some("ControlByWeb")),
            ("ProPump and Controls, Inc.", None),
            ("Hitachi", None),
            ("Hitachi Energy ", Some("Hitachi Energy")),
            ("General Motors (GM), Shanghai OnStar (SOS)", None),
            ("GE Healthcare", None),
            ("Contec Health", None),
            ("National Renewable Energy Laboratory (NREL)", None),
        ] {
            assert_eq!(found(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn spellings_of_one_maker_are_found() {
        for (name, expected) in [
            ("Rockwell Automation/Allen-Bradley", "Rockwell Automation"),
            ("Schneider Electric Software, LLC", "Schneider Electric"),
            ("Mitsubishi Electric India", "Mitsubishi Electric"),
            ("General Electric (GE)", "General Electric"),
            ("GE Fanuc Automation", "Emerson"),
            ("Hirschmann Automation and Control GmbH, Belden Inc.", "Hirschmann"),
            ("Bachmann Electronic, GmbH", "Bachmann"),
            (
                "Contolled Electronic Management Systems Ltd, Johnson Contols Inc.",
                "Johnson Controls",
            ),
            ("CKS, a subsidiary of Johnson Controls Inc.", "Johnson Controls"),
            ("LS ELECTRIC, LS Industrial Systems (LSIS) Co. Ltd", "LS Electric"),
            ("Pilz GmbH & Co. KG (Pilz)", "Pilz"),
            ("Dahua Technology Co, Ltd", "Dahua"),
            ("GeutebrÃ¼ck GmbH", "Geutebrück"),
        ] {
            assert_eq!(found(name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn products_that_passed_are_looked_for_under_both_makers() {
        let vendors = Vendors::embedded();
        let reach = |name: &str| -> Vec<String> {
            vendors.reach(name).iter().map(|vendor| vendor.name.clone()).collect()
        };
        assert_eq!(reach("Hitachi Energy"), ["Hitachi Energy", "ABB"]);
        assert!(reach("General Electric").contains(&"Emerson".to_owned()));
        // Not chained: B&R's are ABB's, ABB's were Hitachi's, B&R's never were.
        assert!(!reach("B&R Industrial Automation").contains(&"Hitachi Energy".to_owned()));
    }
}
