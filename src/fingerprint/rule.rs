//! One rule, ready to be asked: conditions on the facts of a subject, and what follows from them.

use std::borrow::Cow;
use std::sync::Arc;

use super::file::{Literal, Lookup};
use super::pattern::Pattern;
use super::template::{Template, is_key};
use super::{Conclusion, Known, Source, Tables, Vocabulary};
use crate::model::{Certainty, Field, Ground, SignatureId, Value};

/// One rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: SignatureId,
    pub(super) source: Source,
    pub(super) certainty: Certainty,
    /// All must hold; those without a pattern come first, as they are cheap and mostly decide.
    pub(super) when: Vec<Condition>,
    /// None may hold.
    pub(super) except: Vec<Condition>,
    /// In the order of the fields, each field once.
    pub(super) claims: Vec<(Field, Claimed)>,
}

/// What some value of a key must be.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) key: Box<str>,
    pub(super) matches: Option<Pattern>,
    /// Empty when any value will do.
    pub(super) one_of: Vec<Literal>,
    pub(super) min: Option<u64>,
    pub(super) max: Option<u64>,
}

/// What is claimed for a field.
#[derive(Debug)]
pub(super) enum Claimed {
    Template(Template),
    Lookup(Lookup),
}

/// What the conditions of a rule held of.
#[derive(Default)]
struct Held<'a> {
    /// The fact that satisfied each condition; never empty once the rule holds.
    grounds: Vec<&'a Arc<Ground>>,
    /// Names and texts of the groups that took part in a match.
    groups: Vec<(&'a str, String)>,
}

impl Rule {
    /// Every key that the rule looks at, each once, in alphabetical order.
    pub(super) fn keys(&self) -> Vec<&str> {
        let conditions = self.when.iter().chain(&self.except).map(|condition| &*condition.key);
        let claims =
            self.claims.iter().flat_map(|(_, claimed)| claimed.names()).filter(|name| is_key(name));
        let mut keys: Vec<&str> = conditions.chain(claims).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Adds what follows from these facts, in the order of the fields.
    pub(super) fn conclude(
        &self,
        known: &Known,
        tables: &Tables,
        vocabulary: &Vocabulary,
        conclusions: &mut Vec<Conclusion>,
    ) {
        let Some(held) = self.held(known) else { return };
        for (field, claimed) in &self.claims {
            let mut from = held.grounds.clone();
            let value = match claimed {
                Claimed::Template(template) => {
                    template.fill(|name| held.text(name, known, &mut from))
                }
                Claimed::Lookup(lookup) => held.look_up(lookup, known, tables, &mut from),
            };
            let value = value.as_deref().map(str::trim).filter(|value| !value.is_empty());
            let Some(value) = value else { continue };
            let value = match field {
                Field::Vendor => vocabulary.vendor(value).unwrap_or(value),
                _ => value,
            };
            conclusions.push(Conclusion {
                field: *field,
                value: value.into(),
                certainty: self.certainty,
                by: self.id.clone(),
                from: from.into_iter().cloned().collect(),
            });
        }
    }

    /// What the conditions hold of; `None` when the rule does not hold.
    fn held<'a>(&'a self, known: &'a Known) -> Option<Held<'a>> {
        let mut held = Held::default();
        for condition in &self.when {
            let ground = known
                .grounds(&condition.key)
                .iter()
                .find(|ground| condition.holds(&ground.value))?;
            add(&mut held.grounds, ground);
            condition.add_groups(&ground.value, &mut held.groups);
        }
        let mut excepted = self.except.iter();
        let is_excepted = excepted.any(|condition| {
            known.grounds(&condition.key).iter().any(|ground| condition.holds(&ground.value))
        });
        (!is_excepted && !held.grounds.is_empty()).then_some(held)
    }
}

impl<'a> Held<'a> {
    /// The text that a name stands for; the fact behind it joins `from`.
    fn text(
        &self,
        name: &str,
        known: &'a Known,
        from: &mut Vec<&'a Arc<Ground>>,
    ) -> Option<String> {
        if !is_key(name) {
            return self
                .groups
                .iter()
                .find(|(group, _)| *group == name)
                .map(|(_, text)| text.clone());
        }
        // A condition on the key has chosen one of its values already.
        let chosen = self.grounds.iter().copied().find(|ground| ground.key.name == name);
        let ground = chosen.or_else(|| known.grounds(name).first())?;
        add(from, ground);
        Some(ground.value.to_string())
    }

    /// The first entry that a table has for one of the values that a name stands for.
    fn look_up(
        &self,
        lookup: &Lookup,
        known: &'a Known,
        tables: &Tables,
        from: &mut Vec<&'a Arc<Ground>>,
    ) -> Option<String> {
        if !is_key(&lookup.key) {
            let (_, text) = self.groups.iter().find(|(group, _)| *group == &*lookup.key)?;
            return tables.find(&lookup.table, text).map(Cow::into_owned);
        }
        known.grounds(&lookup.key).iter().find_map(|ground| {
            let entry = tables.find(&lookup.table, &ground.value.to_string())?;
            // Another value of the key may have satisfied the condition; the one with an entry is the proof.
            from.retain(|other| other.key != ground.key);
            from.push(ground);
            Some(entry.into_owned())
        })
    }
}

impl Condition {
    /// True when a value is as it must be.
    fn holds(&self, value: &Value) -> bool {
        let number = match value {
            Value::Uint(number) => Some(*number),
            Value::Text(_) | Value::Bytes(_) => None,
        };
        let in_range = self.min.is_none_or(|min| number.is_some_and(|number| number >= min))
            && self.max.is_none_or(|max| number.is_some_and(|number| number <= max));
        in_range
            && (self.one_of.is_empty() || self.one_of.iter().any(|literal| literal.equals(value)))
            && self.matches.as_ref().is_none_or(|pattern| {
                pattern.regex().is_some_and(|regex| regex.is_match(&printed(value)))
            })
    }

    /// Adds the groups that its pattern finds in a value that satisfies it.
    fn add_groups<'a>(&'a self, value: &Value, groups: &mut Vec<(&'a str, String)>) {
        let Some(regex) = self.matches.as_ref().and_then(Pattern::regex) else { return };
        let text = printed(value);
        let Some(captures) = regex.captures(&text) else { return };
        for name in regex.capture_names().flatten() {
            if let Some(found) = captures.name(name) {
                groups.push((name, found.as_str().into()));
            }
        }
    }
}

impl Claimed {
    /// The names of groups and keys in it.
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::Template(template) => template.names().collect(),
            Self::Lookup(lookup) => vec![&lookup.key],
        }
    }
}

impl Literal {
    fn equals(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Number(number), Value::Uint(said)) => number == said,
            (Self::Text(text), Value::Text(_) | Value::Bytes(_)) => **text == *printed(value),
            (Self::Number(_), _) | (Self::Text(_), Value::Uint(_)) => false,
        }
    }
}

fn printed(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) => Cow::Borrowed(text),
        Value::Uint(_) | Value::Bytes(_) => Cow::Owned(value.to_string()),
    }
}

/// Adds a fact once.
fn add<'a>(grounds: &mut Vec<&'a Arc<Ground>>, ground: &'a Arc<Ground>) {
    if !grounds.iter().any(|known| Arc::ptr_eq(known, ground)) {
        grounds.push(ground);
    }
}
