//! Spellings: how advisories write vendors and products, and what else devices and registries call them.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::error::{Problem, SignatureError};
use super::file::{KindEntry, RoleEntry, VocabularyFile};
use crate::model::{Certainty, Levels};

/// Vendors and products, spelled as advisories spell them.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// Every spelling, folded, to the one that is used.
    vendors: BTreeMap<String, Box<str>>,
    products: BTreeSet<Box<str>>,
    /// Roles, and what a device does that has one.
    roles: BTreeMap<Box<str>, Box<str>>,
    /// Kinds, and the role that follows from one, with its highest certainty.
    kinds: BTreeMap<Box<str>, Option<(Box<str>, Certainty)>>,
    levels: Levels,
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
        let mut problems = Vec::new();
        entries.role.into_iter().for_each(|entry| self.add_role(entry, &mut problems));
        entries.kind.into_iter().for_each(|entry| self.add_kind(entry, &mut problems));
        let located = problems.into_iter();
        errors.extend(located.map(|(at, problem)| SignatureError::at(file, text, at, problem)));
        errors
    }

    /// A role of the same name is replaced: a plant may see its own differently.
    fn add_role(&mut self, entry: RoleEntry, problems: &mut Vec<(usize, Problem)>) {
        if entry.meaning.get_ref().trim().is_empty() {
            problems.push((entry.meaning.span().start, Problem::NoMeaning));
        }
        let name = entry.name.into_inner();
        self.levels.role(&name, level(entry.purdue, problems));
        self.roles.insert(name, entry.meaning.into_inner());
    }

    fn add_kind(&mut self, entry: KindEntry, problems: &mut Vec<(usize, Problem)>) {
        let name = entry.name.into_inner();
        self.levels.kind(&name, level(entry.purdue, problems));
        if let Some(role) = entry.role.as_ref().filter(|role| !self.has_role(role.get_ref())) {
            problems.push((role.span().start, Problem::UnknownRole(role.get_ref().clone())));
        }
        let most = entry.certainty.map_or(Certainty::Certain, Certainty::from);
        self.kinds.insert(name, entry.role.map(|role| (role.into_inner(), most)));
    }

    /// True when a role is known, spelled exactly so.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.contains_key(role)
    }

    /// True when a kind is known, spelled exactly so.
    pub fn has_kind(&self, kind: &str) -> bool {
        self.kinds.contains_key(kind)
    }

    /// All roles with what they mean, in alphabetical order.
    pub fn roles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.roles.iter().map(|(role, meaning)| (&**role, &**meaning))
    }

    /// The role that a device of a kind has, and how certain that is at most.
    pub fn role_of(&self, kind: &str) -> Option<(&str, Certainty)> {
        let (role, most) = self.kinds.get(kind)?.as_ref()?;
        Some((role, *most))
    }

    /// Where devices stand in the Purdue model.
    pub fn levels(&self) -> &Levels {
        &self.levels
    }

    /// How a vendor is spelled here, if it is known; upper and lower case do not matter.
    pub fn vendor(&self, spelling: &str) -> Option<&str> {
        self.vendors.get(&folded(spelling)).map(|name| &**name)
    }

    /// The vendor whose spelling is nearest to this one, if any is near enough to be meant.
    pub fn nearest_vendor(&self, spelling: &str) -> Option<&str> {
        let wanted = folded(spelling);
        // "Siemens" for "Siemens AG", "Rockwel" for "Rockwell Automation": people write more words, or fewer.
        let near = |known: &str| {
            let cut = |text: &str, as_many: &str| -> String {
                let words = as_many.split(' ').count();
                text.split(' ').take(words).collect::<Vec<_>>().join(" ")
            };
            let (short, other) = (cut(known, &wanted), cut(&wanted, known));
            let whole = distance(known, &wanted);
            let apart = distance(&short, &other).saturating_add(1).min(whole);
            (apart <= short.chars().count().min(other.chars().count()) / 3).then_some(apart)
        };
        let found = self.vendors.iter().filter_map(|(known, name)| Some((near(known)?, name)));
        found.min_by(|(a, one), (b, other)| a.cmp(b).then(one.cmp(other))).map(|(_, name)| &**name)
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

/// How many characters must be put in, left out, replaced, or swapped with their neighbour, to make one text the other.
/// Texts longer than a name are as far apart as can be.
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().max(b.len()) > NAME_CHARS_MAX {
        return usize::MAX;
    }
    // Rows of the table of distances between all beginnings: two before, one before, this one.
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut next = vec![i.saturating_add(1)];
        for (j, right) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX);
            let replaced = at(&row, j).saturating_add(usize::from(left != right));
            let left_out = at(&row, j.saturating_add(1)).saturating_add(1);
            let put_in = at(&next, j).saturating_add(1);
            let mut least = replaced.min(left_out).min(put_in);
            let one_before =
                |text: &[char], at: usize| at.checked_sub(1).and_then(|at| text.get(at).copied());
            if one_before(&a, i) == Some(*right) && one_before(&b, j) == Some(*left) {
                let swapped = j.checked_sub(1).map_or(usize::MAX, |j| at(&before, j));
                least = least.min(swapped.saturating_add(1));
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

const NAME_CHARS_MAX: usize = 128;

/// A level, if it is one.
fn level(written: Option<Spanned<u8>>, problems: &mut Vec<(usize, Problem)>) -> Option<u8> {
    let written = written?;
    let level = *written.get_ref();
    if level > LEVEL_MAX {
        problems.push((written.span().start, Problem::NoLevel(level)));
        return None;
    }
    Some(level)
}

/// The highest level of the Purdue model: the enterprise's network.
const LEVEL_MAX: u8 = 5;

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
    fn the_nearest_spelling_is_found_and_a_far_one_is_not() {
        let (vocabulary, _) = read(
            "[[vendor]]\nname = \"Siemens\"\n[[vendor]]\nname = \"Rockwell Automation\"\naliases = [\"Allen-Bradley\"]\n",
        );
        for (spelling, nearest) in [
            ("Simens", Some("Siemens")),
            ("Seimens", Some("Siemens")),
            ("Siemens AG", Some("Siemens")),
            ("rockwell", Some("Rockwell Automation")),
            ("Rockwel", Some("Rockwell Automation")),
            ("Alan-Bradley", Some("Rockwell Automation")),
            ("Omron", None),
            ("", None),
        ] {
            assert_eq!(vocabulary.nearest_vendor(spelling), nearest, "{spelling}");
        }
        assert_eq!(distance("abcd", "acbd"), 1);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn kinds_have_roles_and_both_have_levels() {
        let (vocabulary, errors) = read(
            "[[role]]\nname = \"controller\"\nmeaning = \"Runs the program.\"\npurdue = 1\n\
             [[role]]\nname = \"server\"\nmeaning = \"Serves others.\"\n\
             [[kind]]\nname = \"plc\"\nrole = \"controller\"\n\
             [[kind]]\nname = \"server\"\nrole = \"server\"\ncertainty = \"hint\"\npurdue = 3\n",
        );
        assert!(errors.is_empty());
        assert_eq!(vocabulary.role_of("plc"), Some(("controller", Certainty::Certain)));
        assert_eq!(vocabulary.role_of("server"), Some(("server", Certainty::Hint)));
        assert_eq!(vocabulary.role_of("gardener"), None);
        let mut levels = Levels::default();
        levels.role("controller", Some(1));
        levels.kind("server", Some(3));
        assert_eq!(*vocabulary.levels(), levels);
    }

    #[test]
    fn tells_roles_without_meaning_unknown_roles_and_levels_that_are_none() {
        let (_, errors) = read(
            "[[role]]\nname = \"controller\"\nmeaning = \" \"\npurdue = 6\n\
             [[kind]]\nname = \"plc\"\nrole = \"controler\"\n",
        );
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "vocabulary.toml:3:11: no meaning: say in a sentence what such a device does",
                "vocabulary.toml:4:10: the Purdue model has no level 6: 0 to 5",
                "vocabulary.toml:7:8: the vocabulary has no role \"controler\"",
            ]
        );
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
