//! Templates of claims: text with names in braces.
//!
//! `{name}` stands for the text of a group or the printed value of a key, `{name:03}` for the same padded with
//! zeros to three digits when it consists of decimal digits. A name without a dot is a group, one with a dot is
//! a key. A template with a name that has no text gives nothing: half a version is no version.

use super::error::Problem;

/// A parsed template.
#[derive(Debug)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(Box<str>),
    /// A name, and to how many digits its text is padded.
    Name(Box<str>, usize),
}

/// Widest padding: the digits of the widest number.
const PADDING_MAX: usize = 20;

impl Template {
    /// Parses a template.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let bad = || Problem::BadTemplate(text.into());
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, tail) = after.split_once('}').ok_or_else(bad)?;
            let (name, padding) = match inside.split_once(":0") {
                None => (inside, 0),
                Some((name, digits)) => (name, digits.parse().map_err(|_| bad())?),
            };
            if !is_name(name) || padding > PADDING_MAX || before.contains('}') {
                return Err(bad());
            }
            if !before.is_empty() {
                parts.push(Part::Text(before.into()));
            }
            parts.push(Part::Name(name.into(), padding));
            rest = tail;
        }
        if rest.contains('}') || text.is_empty() {
            return Err(bad());
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.into()));
        }
        Ok(Self { parts })
    }

    /// The names in it, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Name(name, _) => Some(&**name),
            Part::Text(_) => None,
        })
    }

    /// The text of a template without names.
    pub(super) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with every name replaced; `None` when `text_of` has no text for one of them.
    pub(super) fn fill(&self, mut text_of: impl FnMut(&str) -> Option<String>) -> Option<String> {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Name(name, padding) => push_padded(&mut filled, &text_of(name)?, *padding),
            }
        }
        Some(filled)
    }
}

/// True for the name of a key: groups cannot have a dot.
pub(super) fn is_key(name: &str) -> bool {
    name.contains('.')
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
}

fn push_padded(filled: &mut String, text: &str, padding: usize) {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let zeros = padding.saturating_sub(text.len());
        filled.extend(std::iter::repeat_n('0', zeros));
    }
    filled.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(template: &str) -> Option<String> {
        Template::parse(template).unwrap().fill(|name| match name {
            "major" => Some("20".into()),
            "minor" => Some("11".into()),
            "letter" => Some("B".into()),
            "enip.product_name" => Some("1756-L61".into()),
            _ => None,
        })
    }

    #[test]
    fn pads_decimal_digits_only() {
        assert_eq!(fill("{major}.{minor:03}").as_deref(), Some("20.011"));
        assert_eq!(fill("{letter:03}").as_deref(), Some("B"));
        assert_eq!(fill("{major:01}").as_deref(), Some("20"));
    }

    #[test]
    fn gives_nothing_when_a_name_has_no_text() {
        assert_eq!(fill("V{major}.{patch}"), None);
        assert_eq!(fill("{enip.product_name}/{letter}").as_deref(), Some("1756-L61/B"));
    }

    #[test]
    fn refuses_what_is_not_well_formed() {
        for bad in ["", "{", "a}", "{}", "{a b}", "{a:03", "{a:0x}", "{a:099}", "a}{b}"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn tells_literal_text_and_names() {
        let literal = Template::parse("Modicon M340").unwrap();
        assert_eq!(literal.literal(), Some("Modicon M340"));
        let named = Template::parse("BMXP34{cpu} {modbus.model_name}").unwrap();
        assert_eq!(named.literal(), None);
        assert_eq!(named.names().collect::<Vec<_>>(), ["cpu", "modbus.model_name"]);
    }
}
