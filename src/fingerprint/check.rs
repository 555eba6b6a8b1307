//! Everything that can be wrong with a signature beyond its syntax: what CI asks of the program's own, and what
//! is asked of a user's before any of them is used.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use toml::Spanned;

use super::compile::parse;
use super::error::{Problem, SignatureError};
use super::file::{Example, File, Given, Literal, Signature, Test, Value};
use super::pattern::Pattern;
use super::rule::{Claimed, Rule};
use super::template::{Template, is_key};
use super::{Conclusion, Known, Tables, Vocabulary};
use crate::model::{Excerpt, Field, FrameRef, Ground, Key, Timestamp};

/// Checks all signatures of all files. `rules` are what `compile` made of the same files.
pub(super) fn check(
    files: &[(&str, &str)],
    rules: &[Rule],
    tables: &Tables,
    vocabulary: &Vocabulary,
    keys: &[Key],
) -> Result<(), Vec<SignatureError>> {
    let keys: BTreeMap<&str, Key> = keys.iter().map(|key| (key.name, *key)).collect();
    let mut errors = Vec::new();
    let mut rules = rules.iter();
    for &(name, text) in files {
        let file: File = parse(name, text).map_err(|error| vec![error])?;
        for (signature, rule) in file.signature.iter().zip(&mut rules) {
            let mut checked = Checked { tables, vocabulary, keys: &keys, problems: Vec::new() };
            checked.signature(signature, rule);
            let located = checked.problems.into_iter();
            errors.extend(
                located.map(|(offset, problem)| SignatureError::at(name, text, offset, problem)),
            );
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// One signature under examination.
struct Checked<'a> {
    tables: &'a Tables,
    vocabulary: &'a Vocabulary,
    keys: &'a BTreeMap<&'a str, Key>,
    /// Byte offset and problem.
    problems: Vec<(usize, Problem)>,
}

impl Checked<'_> {
    fn signature(&mut self, signature: &Spanned<Signature>, rule: &Rule) {
        let start = signature.span().start;
        let signature = signature.get_ref();
        if signature.source.get_ref().trim().is_empty() {
            self.problem(signature.source.span().start, Problem::NoSource);
        }
        if signature.when.is_empty() {
            self.problem(start, Problem::NoCondition);
        }
        if signature.claim.is_empty() {
            self.problem(start, Problem::NoClaim);
        }
        if signature.example.is_empty() {
            self.problem(start, Problem::NoExample);
        }
        let mut groups = BTreeMap::new();
        for (key, test) in &signature.when {
            self.condition(key, test);
            self.groups(test, &mut groups);
        }
        for (key, test) in &signature.except {
            self.condition(key, test);
        }
        for (field, value) in &signature.claim {
            self.claim(field.get_ref(), value, &groups);
        }
        let used: BTreeSet<&str> =
            rule.claims.iter().flat_map(|(_, claimed)| claimed.names()).collect();
        for (group, offset) in groups {
            if !used.contains(&*group) {
                self.problem(offset, Problem::UnusedGroup(group));
            }
        }
        for example in &signature.example {
            self.example(example, rule);
        }
    }

    fn condition(&mut self, key: &Spanned<Box<str>>, test: &Test) {
        self.key(key.get_ref(), key.span().start);
        if let Some(pattern) = &test.matches
            && let Err(problem) = Pattern::new(pattern.get_ref()).check()
        {
            self.problem(pattern.span().start, problem);
        }
        let tests_value =
            test.matches.is_some() || test.is.is_some() || test.min.is_some() || test.max.is_some();
        let tests_list = test.one_of.as_ref().is_some_and(|literals| !literals.is_empty());
        if !tests_value && !tests_list && test.exists.is_none() {
            self.problem(key.span().start, Problem::EmptyCondition);
        }
    }

    /// Collects the groups of a condition's pattern, each with the place of the pattern.
    fn groups(&mut self, test: &Test, groups: &mut BTreeMap<Box<str>, usize>) {
        let Some(pattern) = &test.matches else { return };
        let offset = pattern.span().start;
        for group in Pattern::new(pattern.get_ref()).groups() {
            if groups.insert(group.into(), offset).is_some() {
                self.problem(offset, Problem::DuplicateGroup(group.into()));
            }
        }
    }

    fn claim(&mut self, field: &str, value: &Spanned<Value>, groups: &BTreeMap<Box<str>, usize>) {
        let offset = value.span().start;
        let claimed = match value.get_ref() {
            Value::Lookup(lookup) => {
                if !self.tables.has(&lookup.table) {
                    self.problem(offset, Problem::UnknownTable(lookup.table.clone()));
                }
                vec![&*lookup.key]
            }
            Value::Template(text) => {
                self.spelling(field, text, offset);
                return self.template(text, offset, groups);
            }
        };
        self.names(claimed.into_iter(), offset, groups);
    }

    fn template(&mut self, text: &str, offset: usize, groups: &BTreeMap<Box<str>, usize>) {
        // A template that does not parse was reported by `compile`.
        if let Ok(template) = Template::parse(text) {
            self.names(template.names(), offset, groups);
        }
    }

    fn names<'n>(
        &mut self,
        names: impl Iterator<Item = &'n str>,
        offset: usize,
        groups: &BTreeMap<Box<str>, usize>,
    ) {
        for name in names {
            if is_key(name) {
                self.key(name, offset);
            } else if !groups.contains_key(name) {
                self.problem(offset, Problem::UnknownName(name.into()));
            }
        }
    }

    /// Vendors and products that are written out must be spelled as in the vocabulary.
    fn spelling(&mut self, field: &str, text: &str, offset: usize) {
        let Some(literal) = Template::parse(text)
            .ok()
            .and_then(|template| template.literal().map(Box::<str>::from))
        else {
            return;
        };
        match Field::named(field) {
            Some(Field::Vendor) if self.vocabulary.vendor(&literal) != Some(&*literal) => {
                self.problem(offset, Problem::UnknownVendor(literal));
            }
            Some(Field::Product) if !self.vocabulary.has_product(&literal) => {
                self.problem(offset, Problem::UnknownProduct(literal));
            }
            _ => {}
        }
    }

    fn example(&mut self, example: &Spanned<Example>, rule: &Rule) {
        let offset = example.span().start;
        let example = example.get_ref();
        let mut known = Known::new();
        for (name, given) in &example.given {
            let Some(key) = self.keys.get(&**name).copied() else {
                self.problem(offset, Problem::UnknownKey(name.clone()));
                return;
            };
            for literal in given.values() {
                known.take(Arc::new(ground(key, literal)));
            }
        }
        let mut conclusions = Vec::new();
        rule.conclude(&known, self.tables, self.vocabulary, &mut conclusions);
        let given: BTreeMap<&str, &str> =
            example.gives.iter().map(|(field, value)| (&**field, &**value)).collect();
        let gives: BTreeMap<&str, &str> = conclusions
            .iter()
            .map(|Conclusion { field, value, .. }| (field.name(), &**value))
            .collect();
        if given != gives {
            let problem =
                Problem::ExampleFails(format!("{given:?}").into(), format!("{gives:?}").into());
            self.problem(offset, problem);
        }
        // Products that a template composes are proven by its examples.
        let composed = rule.claims.iter().any(|(field, claimed)| {
            *field == Field::Product
                && matches!(claimed, Claimed::Template(template) if template.literal().is_none())
        });
        if let Some(product) = gives.get(Field::Product.name())
            && composed
            && !self.vocabulary.has_product(product)
        {
            self.problem(offset, Problem::UnknownProduct((*product).into()));
        }
    }

    fn key(&mut self, name: &str, offset: usize) {
        if !self.keys.contains_key(name) {
            self.problem(offset, Problem::UnknownKey(name.into()));
        }
    }

    fn problem(&mut self, offset: usize, problem: Problem) {
        self.problems.push((offset, problem));
    }
}

impl Given {
    fn values(&self) -> &[Literal] {
        match self {
            Self::One(literal) => std::slice::from_ref(literal),
            Self::Several(literals) => literals,
        }
    }
}

/// A fact of an example: it has a value and no proof.
fn ground(key: Key, literal: &Literal) -> Ground {
    let value = match literal {
        Literal::Number(number) => crate::model::Value::Uint(*number),
        Literal::Text(text) => crate::model::Value::Text(text.clone()),
    };
    Ground {
        key,
        value,
        at: Timestamp::default(),
        frame: FrameRef::default(),
        mac: None,
        excerpt: Excerpt::default(),
    }
}
