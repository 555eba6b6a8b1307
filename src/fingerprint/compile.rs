//! From files as they are written to rules that can be asked.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::Source;
use super::error::{Problem, SignatureError};
use super::file::{File, Signature, Test, Value, VocabularyFile};
use super::pattern::Pattern;
use super::rule::{Claimed, Condition, Rule};
use super::template::Template;
use super::vocabulary::Vocabulary;
use crate::model::Field;

/// Reads all files. The rules come in the order of the files and, within one, as written.
pub(super) fn compile(
    files: &[(&str, &str)],
    vocabularies: &[(&str, &str)],
) -> Result<(Vec<Rule>, Vocabulary), Vec<SignatureError>> {
    let mut errors = Vec::new();
    let mut vocabulary = Vocabulary::default();
    for &(name, text) in vocabularies {
        match parse::<VocabularyFile>(name, text) {
            Ok(entries) => errors.extend(vocabulary.add(name, text, entries)),
            Err(error) => errors.push(error),
        }
    }
    let mut ids = BTreeSet::new();
    let mut rules = Vec::new();
    for &(name, text) in files {
        let file = match parse::<File>(name, text) {
            Ok(file) => file,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        for signature in file.signature {
            let signature = signature.into_inner();
            let mut problems = Vec::new();
            if !ids.insert(signature.id.get_ref().clone()) {
                problems.push((
                    signature.id.span().start,
                    Problem::DuplicateId(signature.id.get_ref().clone()),
                ));
            }
            rules.push(rule(name, signature, &mut problems));
            errors.extend(
                problems
                    .into_iter()
                    .map(|(offset, problem)| SignatureError::at(name, text, offset, problem)),
            );
        }
    }
    if errors.is_empty() { Ok((rules, vocabulary)) } else { Err(errors) }
}

/// Parses a file of signatures or of spellings.
pub(super) fn parse<T: serde::de::DeserializeOwned>(
    name: &str,
    text: &str,
) -> Result<T, SignatureError> {
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        SignatureError::at(name, text, offset, Problem::Syntax(error.message().into()))
    })
}

fn rule(file: &str, signature: Signature, problems: &mut Vec<(usize, Problem)>) -> Rule {
    let mut claims = Vec::new();
    for (field, value) in signature.claim {
        let offset = value.span().start;
        let claimed = match value.into_inner() {
            Value::Lookup(lookup) => Claimed::Lookup(lookup),
            Value::Template(text) => match Template::parse(&text) {
                Ok(template) => Claimed::Template(template),
                Err(problem) => {
                    problems.push((offset, problem));
                    continue;
                }
            },
        };
        match Field::named(field.get_ref()) {
            Some(named) => claims.push((named, claimed)),
            None => problems.push((field.span().start, Problem::UnknownField(field.into_inner()))),
        }
    }
    claims.sort_by_key(|(field, _)| *field);
    let mut when = conditions(signature.when);
    when.sort_by_key(|condition| condition.matches.is_some());
    Rule {
        id: (&**signature.id.get_ref()).into(),
        source: Source { file: file.into(), words: signature.source.into_inner() },
        certainty: signature.certainty.into(),
        when,
        except: conditions(signature.except),
        claims,
    }
}

fn conditions(tests: BTreeMap<Spanned<Box<str>>, Test>) -> Vec<Condition> {
    tests.into_iter().map(|(key, test)| condition(key.into_inner(), test)).collect()
}

fn condition(key: Box<str>, test: Test) -> Condition {
    let mut one_of = test.one_of.unwrap_or_default();
    one_of.extend(test.is);
    Condition {
        key,
        matches: test.matches.map(|pattern| Pattern::new(pattern.get_ref())),
        one_of,
        min: test.min,
        max: test.max,
    }
}
