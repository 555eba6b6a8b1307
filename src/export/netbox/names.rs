//! Names as NetBox takes them: short enough, and each meaning one thing.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::limits::NETBOX_TYPE_CHARS_MAX;

/// Names, and a slug for each: lower-case letters, digits and hyphens, no two alike.
#[derive(Debug, Default)]
pub(super) struct Slugs {
    slugs: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

impl Slugs {
    /// Adds a name; true when it is new.
    pub(super) fn add(&mut self, name: &str) -> bool {
        if self.slugs.contains_key(name) {
            return false;
        }
        let plain = plain(name);
        let mut slug = plain.clone();
        let mut number = 1_u32;
        while !self.taken.insert(slug.clone()) {
            number = number.saturating_add(1);
            let room = NETBOX_TYPE_CHARS_MAX.saturating_sub(SUFFIX_CHARS);
            slug = format!("{}-{number}", cut(&plain, room));
        }
        self.slugs.insert(name.to_owned(), slug);
        true
    }

    /// The names with their slugs, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.slugs.iter().map(|(name, slug)| (&**name, &**slug))
    }

    /// The slug of a name that was added.
    pub(super) fn slug(&self, name: &str) -> &str {
        self.slugs.get(name).map_or("", |slug| slug)
    }
}

fn plain(name: &str) -> String {
    let folded: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let words: Vec<&str> = folded.split('-').filter(|word| !word.is_empty()).collect();
    let joined = words.join("-");
    if joined.is_empty() { "unnamed".to_owned() } else { cut(&joined, NETBOX_TYPE_CHARS_MAX) }
}

/// The beginning of a text.
pub(super) fn cut(text: &str, chars: usize) -> String {
    text.trim().chars().take(chars).collect()
}

/// A hyphen, and more digits than there are things.
const SUFFIX_CHARS: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_alike_have_slugs_of_their_own() {
        let mut slugs = Slugs::default();
        for name in ["Siemens AG", "SIEMENS-AG", "日本", "  ", &"x".repeat(200), &"x".repeat(201)]
        {
            assert!(slugs.add(name));
            assert!(!slugs.add(name));
        }
        let all: BTreeSet<&str> = slugs.iter().map(|(_, slug)| slug).collect();
        assert_eq!(all.len(), 6);
        assert!(all.iter().all(|slug| {
            slug.len() <= NETBOX_TYPE_CHARS_MAX
                && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        }));
        assert_eq!(slugs.slug("Siemens AG"), "siemens-ag");
    }
}
