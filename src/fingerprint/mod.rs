//! Facts to claims, by data: what the wire said becomes vendor, product, model, version.
//!
//! All knowledge of products is in `signatures/`: one TOML file per vendor, whose rules are read by `file`,
//! checked and turned into `rule`s by `compile`, and asked here. A rule sees the facts of one subject
//! ([`Known`]), never bytes; it holds when all its conditions do, whatever protocol said the facts and in
//! whatever order. Numbers become names through [`Tables`]; vendors are spelled as the [`Vocabulary`] says.
//!
//! The rules that come with the program are proven by `tests/suite/signatures.rs` and are only read at start;
//! rules that a user brings are checked in full before any of them is used.
//!
//! ARCHITECTURE INVARIANT: imports `model` only; names no protocol. Patterns take linear time in the text.

mod check;
mod compile;
pub mod embedded;
mod error;
mod file;
mod known;
mod pattern;
mod rule;
mod tables;
mod template;
mod vocabulary;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use error::{Problem, SignatureError};
pub use known::{Known, Taken};
pub use tables::Tables;
pub use vocabulary::{Vocabulary, distance};

use crate::model::{Certainty, Field, Ground, Key, SignatureId};
use rule::Rule;

/// What a signature concludes from the facts of one subject.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conclusion {
    /// What is claimed.
    pub field: Field,
    /// The value claimed; never empty.
    pub value: Box<str>,
    /// How far to trust it.
    pub certainty: Certainty,
    /// The rule that concludes it.
    pub by: SignatureId,
    /// The facts it rests on; never empty.
    pub from: Vec<Arc<Ground>>,
}

/// Where a rule was learned.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Source {
    /// The signature file that it stands in.
    pub file: Box<str>,
    /// The document that a reviewer can open, as the file names it.
    pub words: Box<str>,
}

/// All rules, with the tables and the spellings that they use. A copy is the same rules again: several ledgers share
/// them, and the patterns that were compiled so far.
#[derive(Clone, Debug)]
pub struct Signatures {
    /// In the order of their files' names, then as written.
    rules: Arc<[Rule]>,
    /// For each key, the rules that mention it: positions in `rules`, ascending.
    by_key: Arc<BTreeMap<Box<str>, Vec<usize>>>,
    tables: Arc<Tables>,
    vocabulary: Arc<Vocabulary>,
}

impl Signatures {
    /// The rules that come with the program. They are proven by the tests, so nothing but their syntax is
    /// looked at here: start-up stays quick, and patterns are compiled when first asked.
    ///
    /// # Errors
    ///
    /// When a file does not parse, which the tests rule out for a released program.
    pub fn embedded() -> Result<Self, Vec<SignatureError>> {
        let (rules, vocabulary) = compile::compile(embedded::FILES, embedded::VOCABULARY)?;
        Ok(Self::assemble(rules, Tables::new(embedded::TABLES, &[]), vocabulary))
    }

    /// The rules that come with the program and those of a user: `files` are names and texts of TOML files,
    /// `tables` of CSV files, `keys` everything that can be observed. A file or table named like one of the
    /// program's replaces it; `vocabulary.toml` adds its spellings to the program's.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, each with file, line and column; no rule is taken then.
    pub fn load(
        files: &[(&str, &str)],
        tables: &[(&str, &str)],
        keys: &[Key],
    ) -> Result<Self, Vec<SignatureError>> {
        let is_vocabulary = |name: &str| name == VOCABULARY_FILE;
        let mut rule_files: BTreeMap<&str, &str> = embedded::FILES.iter().copied().collect();
        rule_files.extend(files.iter().copied().filter(|(name, _)| !is_vocabulary(name)));
        let rule_files: Vec<(&str, &str)> = rule_files.into_iter().collect();
        let mut vocabularies = embedded::VOCABULARY.to_vec();
        vocabularies.extend(files.iter().copied().filter(|(name, _)| is_vocabulary(name)));

        let tables = Tables::new(embedded::TABLES, tables);
        let (rules, vocabulary) = compile::compile(&rule_files, &vocabularies)?;
        check::check(&rule_files, &rules, &tables, &vocabulary, keys)?;
        Ok(Self::assemble(rules, tables, vocabulary))
    }

    /// What is to be concluded about a subject when the values of `touched` keys have changed: the conclusions
    /// of every rule that mentions one of them, in the order of the rules, then of the fields. They replace
    /// what the rules that [`Signatures::asked`] names concluded before.
    pub fn claims(&self, known: &Known, touched: &[Key]) -> Vec<Conclusion> {
        let mut conclusions = Vec::new();
        for rule in self.mentioning(touched) {
            let first = conclusions.len();
            rule.conclude(known, &self.tables, &self.vocabulary, &mut conclusions);
            conclusions.extend(self.role(conclusions.get(first..).unwrap_or_default()));
        }
        conclusions
    }

    /// The role that follows from the kind that a rule concludes, when it does not conclude a role itself.
    fn role(&self, of_rule: &[Conclusion]) -> Option<Conclusion> {
        let of = |field: Field| of_rule.iter().find(|conclusion| conclusion.field == field);
        let kind = of(Field::Kind).filter(|_| of(Field::Role).is_none())?;
        let (role, most) = self.vocabulary.role_of(&kind.value)?;
        let certainty = kind.certainty.min(most);
        Some(Conclusion { field: Field::Role, value: role.into(), certainty, ..kind.clone() })
    }

    /// The rules that mention one of these keys: those that [`Signatures::claims`] asks again. A rule may
    /// conclude less than before, because a value was replaced or an exception now holds.
    pub fn asked(&self, touched: &[Key]) -> impl Iterator<Item = &SignatureId> {
        self.mentioning(touched).map(|rule| &rule.id)
    }

    /// Ids of all rules, in their order.
    pub fn ids(&self) -> impl Iterator<Item = &SignatureId> {
        self.rules.iter().map(|rule| &rule.id)
    }

    /// Where each rule was learned, in their order.
    pub fn sources(&self) -> impl Iterator<Item = (&SignatureId, &Source)> {
        self.rules.iter().map(|rule| (&rule.id, &rule.source))
    }

    /// Every key that some rule mentions, in alphabetical order: what is worth keeping about a subject.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.by_key.keys().map(|key| &**key)
    }

    /// Spellings of vendors and products.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Numbers to names.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    fn assemble(rules: Vec<Rule>, tables: Tables, vocabulary: Vocabulary) -> Self {
        let mut by_key: BTreeMap<Box<str>, Vec<usize>> = BTreeMap::new();
        for (at, rule) in rules.iter().enumerate() {
            for key in rule.keys() {
                by_key.entry(key.into()).or_default().push(at);
            }
        }
        Self {
            rules: rules.into(),
            by_key: Arc::new(by_key),
            tables: Arc::new(tables),
            vocabulary: Arc::new(vocabulary),
        }
    }

    fn mentioning(&self, touched: &[Key]) -> impl Iterator<Item = &Rule> {
        let positions: BTreeSet<usize> =
            touched.iter().filter_map(|key| self.by_key.get(key.name)).flatten().copied().collect();
        positions.into_iter().filter_map(|at| self.rules.get(at))
    }
}

/// The file of spellings, beside the files of rules.
const VOCABULARY_FILE: &str = "vocabulary.toml";

#[cfg(test)]
mod tests;
