//! Patterns of signatures: anchored regular expressions in linear time, compiled when first asked.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use super::error::Problem;

/// One pattern. Compiling all of them would be most of the start-up, and most are never asked.
#[derive(Debug)]
pub(super) struct Pattern {
    text: Box<str>,
    /// `None` inside when it does not compile; [`Pattern::check`] says why.
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.into(), compiled: OnceLock::new() }
    }

    /// The compiled pattern, if it does compile.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| compile(&self.text).ok()).as_ref()
    }

    /// Names of its groups.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        self.regex().into_iter().flat_map(|regex| regex.capture_names().flatten())
    }

    /// Why it may not be used, if so.
    pub(super) fn check(&self) -> Result<(), Problem> {
        compile(&self.text).map_err(|error| Problem::BadPattern(error.to_string().into()))?;
        if is_anchored(&self.text) { Ok(()) } else { Err(Problem::Unanchored(self.text.clone())) }
    }
}

/// Bytes that one compiled pattern may take: far above any honest one, far below what hurts.
const PATTERN_BYTES_MAX: usize = 1_024 * 1_024;

fn compile(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).size_limit(PATTERN_BYTES_MAX).build()
}

/// True when a match can only start at the start of the text or of a word. An unanchored pattern finds its
/// word inside other words, and a device with a long description then has every product.
fn is_anchored(pattern: &str) -> bool {
    let body = pattern.strip_prefix("(?i)").unwrap_or(pattern);
    (body.starts_with('^') || body.starts_with(r"\b")) && !has_outer_alternative(body)
}

/// True when the pattern has a `|` outside of all groups: the anchor then binds its first alternative only.
fn has_outer_alternative(pattern: &str) -> bool {
    let mut depth = 0_usize;
    let mut in_class = false;
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth = depth.saturating_add(1),
            ')' if !in_class => depth = depth.saturating_sub(1),
            '|' if !in_class && depth == 0 => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_patterns_that_start_somewhere() {
        for good in [
            "^1756-",
            r"\bSamba\b",
            "(?i)^cisco ios",
            "^(?:a|b)",
            "^[|]x",
            r"^a\|b",
            "^BMX P34 (?<cpu>\\d{4})",
        ] {
            assert_eq!(Pattern::new(good).check(), Ok(()), "{good}");
        }
    }

    #[test]
    fn refuses_patterns_that_start_anywhere() {
        for bad in ["1756-", "^a|b", "(^a)", ".*^a"] {
            assert!(matches!(Pattern::new(bad).check(), Err(Problem::Unanchored(_))), "{bad}");
        }
    }

    #[test]
    fn refuses_patterns_that_do_not_compile_or_grow_without_bound() {
        for bad in ["^(", r"^(a)\1", r"^(?:\w{500}){500}"] {
            assert!(matches!(Pattern::new(bad).check(), Err(Problem::BadPattern(_))), "{bad}");
        }
    }

    #[test]
    fn names_its_groups() {
        let pattern = Pattern::new("^(?<major>[0-9]+)[.](?<minor>[0-9]+)");
        assert_eq!(pattern.groups().collect::<Vec<_>>(), ["major", "minor"]);
    }
}
