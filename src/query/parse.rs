//! Words and signs into an expression, by recursive descent.
//!
//! ```text
//! any   = all { "or" all }
//! all   = one { "and" one }
//! one   = "not" one | "(" any ")" | "has" field | field op value | word { word }
//! value = word | "(" word { "," word } ")"          the second with `in` only
//! ```

use crate::model::limits::QUERY_DEPTH_MAX;
use crate::query::error::QueryError;
use crate::query::field::{Name, nearest};
use crate::query::token::{Op, Placed, Token, tokens};
use crate::query::value::{self, Operand};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// All of them hold.
    All(Vec<Node>),
    /// One of them holds.
    Any(Vec<Node>),
    /// The expression with this position among those negated holds for nothing about the device.
    Not(usize),
    /// A field compares so with a value.
    Test(Name, Op, Operand),
    /// A value of the field is known.
    Stated(Name),
    /// A word is found in one of the texts that are searched; in lower case.
    Search(Box<str>),
}

/// What an expression was read to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parsed {
    pub(super) root: Node,
    /// Negated expressions. One that is inside another comes before it.
    pub(super) negated: Vec<Node>,
}

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Parsed, QueryError> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        let what = "the expression is empty: write what to look for, as vendor=Siemens";
        return Err(QueryError::new(text, (0, 0), what));
    }
    let mut parser = Parser { text, tokens: &tokens, negated: Vec::new() };
    let root = parser.any(0)?;
    match parser.tokens.first() {
        None => Ok(Parsed { root, negated: parser.negated }),
        Some((Token::Close, place)) => Err(parser.wrong(*place, "no parenthesis is open here")),
        Some((Token::Word(..), place)) => {
            let what = "write and or or before this; a value of several words needs quotes";
            Err(parser.wrong(*place, what))
        }
        Some((_, place)) => Err(parser.wrong(*place, "write and or or before this")),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Placed],
    negated: Vec<Node>,
}

impl<'a> Parser<'a> {
    fn any(&mut self, depth: usize) -> Result<Node, QueryError> {
        let mut parts = vec![self.all(depth)?];
        while self.take(&Token::Or) {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() > 1 { Node::Any(parts) } else { parts.remove(0) })
    }

    fn all(&mut self, depth: usize) -> Result<Node, QueryError> {
        let mut parts = vec![self.one(depth)?];
        while self.take(&Token::And) {
            parts.push(self.one(depth)?);
        }
        Ok(if parts.len() > 1 { Node::All(parts) } else { parts.remove(0) })
    }

    fn one(&mut self, depth: usize) -> Result<Node, QueryError> {
        let (token, place) = self.next("a field or a word is missing here")?;
        if depth >= QUERY_DEPTH_MAX {
            let what =
                format!("more than {QUERY_DEPTH_MAX} negations and parentheses inside each other");
            return Err(self.wrong(place, &what));
        }
        let deeper = depth.saturating_add(1);
        match token {
            Token::Not => {
                let inner = self.one(deeper)?;
                self.negated.push(inner);
                Ok(Node::Not(self.negated.len().saturating_sub(1)))
            }
            Token::Open => {
                let inner = self.any(deeper)?;
                match self.take(&Token::Close) {
                    true => Ok(inner),
                    false => Err(self.wrong(place, "this parenthesis is not closed")),
                }
            }
            Token::Op(Op::Has) => {
                let (token, place) = self.next("the name of a field is missing here")?;
                let Token::Word(word, false) = token else {
                    return Err(self.wrong(place, "the name of a field is missing here"));
                };
                Ok(Node::Stated(self.name(word, place)?))
            }
            Token::Word(word, is_quoted) => match self.tokens.first() {
                Some((Token::Op(op), sign)) if !is_quoted => {
                    self.tokens = self.tokens.get(1..).unwrap_or_default();
                    let name = self.name(word, place)?;
                    self.test(name, (word, place), *op, *sign)
                }
                _ => self.search(word, *is_quoted, place),
            },
            Token::And | Token::Or | Token::Close | Token::Comma | Token::Op(_) => {
                Err(self.wrong(place, "a field or a word is missing before this"))
            }
        }
    }

    /// What stands behind a field and an operator.
    fn test(
        &mut self,
        name: Name,
        (word, place): (&str, (usize, usize)),
        op: Op,
        sign: (usize, usize),
    ) -> Result<Node, QueryError> {
        if !value::is_ordered(name.kind()) && value::is_order(op) {
            let what = format!("{word} has no order: use =, !=, ~, has or in");
            return Err(self.wrong((place.0, sign.1), &what));
        }
        if op == Op::In && self.take(&Token::Open) {
            let open = (sign.1, sign.1.saturating_add(1));
            let mut list = vec![self.value(name, op)?];
            while self.take(&Token::Comma) {
                list.push(self.value(name, op)?);
            }
            return match self.take(&Token::Close) {
                true => Ok(Node::Test(name, op, Operand::OneOf(list))),
                false => {
                    Err(self.wrong(open, "this list is not closed: values, commas between, )"))
                }
            };
        }
        Ok(Node::Test(name, op, self.value(name, op)?))
    }

    fn value(&mut self, name: Name, op: Op) -> Result<Operand, QueryError> {
        let (token, place) = self.next("a value is missing here")?;
        let Token::Word(word, _) = token else {
            let what = "a value is missing here; words of the language, and signs, need quotes";
            return Err(self.wrong(place, what));
        };
        value::read(name, op, word).map_err(|what| self.wrong(place, &what))
    }

    /// Words one after the other that are no comparison: all of them are looked for.
    fn search(
        &mut self,
        word: &str,
        is_quoted: bool,
        place: (usize, usize),
    ) -> Result<Node, QueryError> {
        let mut words = vec![self.searched(word, is_quoted, place)?];
        while let [(Token::Word(word, is_quoted), place), rest @ ..] = self.tokens {
            if matches!(rest.first(), Some((Token::Op(_), _))) && !is_quoted {
                break;
            }
            self.tokens = rest;
            words.push(self.searched(word, *is_quoted, *place)?);
        }
        Ok(if words.len() > 1 { Node::All(words) } else { words.remove(0) })
    }

    fn searched(
        &self,
        word: &str,
        is_quoted: bool,
        place: (usize, usize),
    ) -> Result<Node, QueryError> {
        if !is_quoted && Name::named(word).is_some() {
            let what = format!(
                "{word} is a field: compare it with a value, write has {word}, or quote it to search for the word"
            );
            return Err(self.wrong(place, &what));
        }
        Ok(Node::Search(word.to_lowercase().into()))
    }

    fn name(&self, word: &str, place: (usize, usize)) -> Result<Name, QueryError> {
        Name::named(word).ok_or_else(|| {
            let hint = match nearest(word, Name::all().map(|(name, _)| name)) {
                Some(name) => format!("; do you mean {name}?"),
                None => format!("; there are {}", names()),
            };
            self.wrong(place, &format!("there is no field {}{hint}", shortened(word)))
        })
    }

    /// Takes the next token if it is this one.
    fn take(&mut self, wanted: &Token) -> bool {
        let [(token, _), rest @ ..] = self.tokens else { return false };
        let is_it = token == wanted;
        if is_it {
            self.tokens = rest;
        }
        is_it
    }

    fn next(&mut self, missing: &str) -> Result<(&'a Token, (usize, usize)), QueryError> {
        let [(token, place), rest @ ..] = self.tokens else {
            let end = self.text.len();
            return Err(self.wrong((end, end), missing));
        };
        self.tokens = rest;
        Ok((token, *place))
    }

    fn wrong(&self, place: (usize, usize), what: &str) -> QueryError {
        QueryError::new(self.text, place, what)
    }
}

/// The names of all fields, each with one spelling.
fn names() -> String {
    let mut seen: Vec<Name> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for (word, name) in Name::all() {
        if !seen.contains(&name) {
            seen.push(name);
            names.push(word);
        }
    }
    names.join(", ")
}

/// A word that a message can hold: the expression is shown below it in full.
pub(super) fn shortened(word: &str) -> String {
    const CHARS_MAX: usize = 40;
    let mut short: String =
        word.chars().take(CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if word.chars().count() > CHARS_MAX {
        short.push('…');
    }
    short
}
