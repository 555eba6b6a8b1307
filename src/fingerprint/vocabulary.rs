//! Spellings: how advisories write vendors and products, and what else devices and registries call them.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{Problem, SignatureError};
use super::file::VocabularyFile;

/// Vendors and products, spelled as advisories spell them.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// Every spelling, folded, to the one that is used.
    vendors: BTreeMap<String, Box<str>>,
    products: BTreeSet<Box<str>>,
}

impl Vocabulary {
    /// Adds the spellings of one file.
    pub(super) fn add(
        &mut self,
        file: &str,
        text: &str,
        entries: VocabularyFile,
    ) -> Vec<SignatureError> {
        let mut errors = Vec::new();
        for entry in entries.vendor {
            let name = entry.name.get_ref();
            for spelling in std::iter::once(&entry.name).chain(&entry.aliases) {
                let before = self.vendors.insert(folded(spelling.get_ref()), name.clone());
                if before.is_some_and(|before| before != *name) {
                    let problem = Problem::DuplicateSpelling(spelling.get_ref().clone());
                    errors.push(SignatureError::at(file, text, spelling.span().start, problem));
                }
            }
            self.products.extend(entry.products);
        }
        errors
    }

    /// How a vendor is spelled here, if it is known; upper and lower case do not matter.
    pub fn vendor(&self, spelling: &str) -> Option<&str> {
        self.vendors.get(&folded(spelling)).map(|name| &**name)
    }

    /// True when a product line is known, spelled exactly so.
    pub fn has_product(&self, product: &str) -> bool {
        self.products.contains(product)
    }

    /// All product lines, in alphabetical order.
    pub fn products(&self) -> impl Iterator<Item = &str> {
        self.products.iter().map(|product| &**product)
    }
}

/// A spelling without what does not tell two vendors apart: case, outer and repeated spaces.
fn folded(spelling: &str) -> String {
    let mut folded = String::with_capacity(spelling.len());
    for word in spelling.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vocabulary, Vec<SignatureError>) {
        let mut vocabulary = Vocabulary::default();
        let errors = vocabulary.add("vocabulary.toml", text, toml::from_str(text).unwrap());
        (vocabulary, errors)
    }

    #[test]
    fn folds_other_spellings_into_one() {
        let (vocabulary, errors) = read(
            "[[vendor]]\nname = \"Rockwell Automation\"\naliases = [\"Rockwell Automation/Allen-Bradley\"]\nproducts = [\"ControlLogix 5580\"]\n",
        );
        assert!(errors.is_empty());
        assert_eq!(vocabulary.vendor("ROCKWELL  automation "), Some("Rockwell Automation"));
        assert_eq!(
            vocabulary.vendor("rockwell automation/allen-bradley"),
            Some("Rockwell Automation")
        );
        assert_eq!(vocabulary.vendor("Rockwell"), None);
        assert!(vocabulary.has_product("ControlLogix 5580"));
        assert!(!vocabulary.has_product("controllogix 5580"));
    }

    #[test]
    fn tells_where_one_spelling_means_two_vendors() {
        let (_, errors) = read(
            "[[vendor]]\nname = \"A\"\naliases = [\"x\"]\n[[vendor]]\nname = \"B\"\naliases = [\"X\"]\n",
        );
        assert_eq!(errors.len(), 1);
        assert_eq!(
            errors[0].to_string(),
            "vocabulary.toml:6:12: the vocabulary spells \"X\" twice"
        );
    }
}
