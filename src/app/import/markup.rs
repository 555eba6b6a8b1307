//! The markup of workbooks: XML without what lists never need. A document type, which could define names that stand for
//! themselves many times over, is refused.

use std::borrow::Cow;

/// A piece of a document, in its order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::app) enum Piece<'a> {
    /// `<name …>` or, when empty, `<name …/>`. The prefix of a name is left off.
    Start {
        /// The name.
        name: &'a str,
        /// What stands between the name and the end of the tag.
        attributes: &'a str,
        /// True when nothing is inside of it, and no end follows.
        is_empty: bool,
    },
    /// `</name>`.
    End(&'a str),
    /// Text between tags, with its references resolved.
    Text(Cow<'a, str>),
}

/// Reads a document piece by piece.
#[derive(Debug)]
pub(in crate::app) struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Pieces<'a> {
    /// Starts at the beginning.
    pub(in crate::app) fn new(text: &'a str) -> Self {
        Self { rest: text.strip_prefix('\u{feff}').unwrap_or(text) }
    }

    /// The next piece; `None` at the end.
    pub(in crate::app) fn next(&mut self) -> Result<Option<Piece<'a>>, &'static str> {
        loop {
            let Some(tag) = self.rest.strip_prefix('<') else {
                if self.rest.is_empty() {
                    return Ok(None);
                }
                let end = self.rest.find('<').unwrap_or(self.rest.len());
                let (text, rest) = self.rest.split_at(end);
                self.rest = rest;
                return Ok(Some(Piece::Text(resolved(text))));
            };
            if let Some(inside) = tag.strip_prefix("![CDATA[") {
                let (text, rest) = inside.split_once("]]>").ok_or("a section is not closed")?;
                self.rest = rest;
                return Ok(Some(Piece::Text(Cow::Borrowed(text))));
            }
            let passed_over = match tag {
                _ if tag.starts_with("!--") => Some("-->"),
                _ if tag.starts_with('?') => Some("?>"),
                _ if tag.starts_with('!') => return Err("it defines a document type"),
                _ => None,
            };
            if let Some(end) = passed_over {
                self.rest = tag.split_once(end).ok_or("a comment is not closed")?.1;
                continue;
            }
            let (tag, rest) = split_tag(tag).ok_or("a tag is not closed")?;
            self.rest = rest;
            if let Some(name) = tag.strip_prefix('/') {
                return Ok(Some(Piece::End(local(name.trim_end()))));
            }
            let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let end = tag.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tag.len());
            let (name, attributes) = tag.split_at(end);
            return Ok(Some(Piece::Start { name: local(name), attributes, is_empty }));
        }
    }
}

/// The value of an attribute, by its name with any prefix.
pub(in crate::app) fn attribute<'a>(attributes: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let mut rest = attributes;
    loop {
        let (key, behind) = rest.split_once('=')?;
        let behind = behind.trim_start();
        let mark = behind.chars().next().filter(|mark| matches!(mark, '"' | '\''))?;
        let (value, after) = behind.strip_prefix(mark)?.split_once(mark)?;
        if local(key.trim()) == name {
            return Some(resolved(value));
        }
        rest = after;
    }
}

/// A name without the prefix of its namespace.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// A tag and what follows; a `>` inside of quotation marks does not end it.
fn split_tag(text: &str) -> Option<(&str, &str)> {
    let mut quoted = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quoted, byte) {
            (None, b'"' | b'\'') => quoted = Some(byte),
            (Some(mark), _) if mark == byte => quoted = None,
            (None, b'>') => return Some((text.get(..at)?, text.get(at.checked_add(1)?..)?)),
            _ => {}
        }
    }
    None
}

/// Text with references to characters resolved. One that is none stays as it is written.
fn resolved(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        out.push_str(before);
        let found = reference.split_once(';').and_then(|(name, after)| Some((named(name)?, after)));
        rest = match found {
            Some((character, after)) => {
                out.push(character);
                after
            }
            None => {
                out.push('&');
                reference
            }
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn named(name: &str) -> Option<char> {
    let number = |digits: &str, radix: u32| u32::from_str_radix(digits, radix).ok();
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => number(digits, 16),
                None => number(digits, 10),
            };
            number.and_then(char::from_u32)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Result<Vec<String>, &'static str> {
        let mut pieces = Pieces::new(text);
        let mut all = Vec::new();
        while let Some(piece) = pieces.next()? {
            all.push(match piece {
                Piece::Start { name, attributes, is_empty } => {
                    format!("<{name}{attributes}{}", if is_empty { "/" } else { "" })
                }
                Piece::End(name) => format!("/{name}"),
                Piece::Text(text) => text.into_owned(),
            });
        }
        Ok(all)
    }

    #[test]
    fn a_document_is_read_piece_by_piece() {
        let text = "<?xml version='1.0'?><!-- a > b --><x:a b='1>2'>A&amp;&#66;&#x43;&no;<![CDATA[<&>]]><c/></x:a>";
        let read = pieces(text).unwrap();
        assert_eq!(read, ["<a b='1>2'", "A&BC&no;", "<&>", "<c/", "/a"]);
        assert_eq!(attribute(" r:id=\"rId1\" name = 'a&lt;b'", "name").as_deref(), Some("a<b"));
        assert_eq!(attribute(" r:id=\"rId1\"", "id").as_deref(), Some("rId1"));
        assert_eq!(attribute(" a", "a"), None);
    }

    #[test]
    fn what_could_grow_or_is_cut_is_refused() {
        for text in
            ["<!DOCTYPE a [<!ENTITY b 'bbbb'>]><a/>", "<a", "<a b='>", "<!-- ", "<![CDATA[ "]
        {
            assert!(pieces(text).is_err(), "{text}");
        }
    }
}
