//! The same language asked of documents, which have properties of their own: `vendor=Siemens and cvss>=9`.
//!
//! Which properties there are, and what they are of, is told by whoever asks. A property with several values, as the CVEs of a
//! document, is so when one of them is; `!=` when none of them is equal.

use crate::model::limits::QUERY_DEPTH_MAX;
use crate::query::error::QueryError;
use crate::query::field::nearest;
use crate::query::parse::shortened;
use crate::query::token::{Op, Placed, Token, tokens};

/// How values of a property are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sort {
    /// As words, capitals or not; they have no order.
    Text,
    /// As numbers.
    Number,
    /// As dates, as far as a date is given: 2024, 2024-05, 2024-05-17.
    Date,
}

/// An expression, ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    root: Node,
}

/// What is asked about.
pub trait Document {
    /// The values of a property; none where the document says nothing.
    fn values(&self, property: &str) -> Vec<String>;
    /// Whether a word, in lower case, is somewhere in it.
    fn mentions(&self, word: &str) -> bool;
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test { property: &'static str, sort: Sort, op: Op, values: Vec<Box<str>> },
    Stated(&'static str),
    Mentions(Box<str>),
}

impl Search {
    /// Reads an expression about documents with these properties.
    ///
    /// # Errors
    ///
    /// When it is none, with the place.
    pub fn parse(text: &str, properties: &[(&'static str, Sort)]) -> Result<Self, QueryError> {
        let tokens = tokens(text)?;
        if tokens.is_empty() {
            let what = "the expression is empty: write what to look for, as vendor=Siemens";
            return Err(QueryError::new(text, (0, 0), what));
        }
        let mut parser = Parser { text, tokens: &tokens, properties };
        let root = parser.any(0)?;
        match parser.tokens.first() {
            None => Ok(Self { root }),
            Some((Token::Close, place)) => Err(parser.wrong(*place, "no parenthesis is open here")),
            Some((_, place)) => {
                let what = "write and or or before this; a value of several words needs quotes";
                Err(parser.wrong(*place, what))
            }
        }
    }

    /// Whether it holds for a document.
    pub fn holds(&self, document: &dyn Document) -> bool {
        self.root.holds(document)
    }
}

impl Node {
    fn holds(&self, document: &dyn Document) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(document)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(document)),
            Self::Not(part) => !part.holds(document),
            Self::Stated(property) => !document.values(property).is_empty(),
            Self::Mentions(word) => document.mentions(word),
            Self::Test { property, sort, op, values } => {
                let own = document.values(property);
                let one = |op: Op| {
                    own.iter().any(|own| values.iter().any(|value| meets(*sort, op, own, value)))
                };
                match op {
                    // Nothing said is not equal to anything, and nothing is said of it: it is left out, as with devices.
                    Op::Unequal => !own.is_empty() && !one(Op::Equal),
                    op => one(*op),
                }
            }
        }
    }
}

fn meets(sort: Sort, op: Op, own: &str, value: &str) -> bool {
    if op == Op::Contains {
        return own.to_lowercase().contains(&value.to_lowercase());
    }
    let order = match sort {
        Sort::Text => {
            return own.eq_ignore_ascii_case(value) || own.to_lowercase() == value.to_lowercase();
        }
        Sort::Number => {
            let number = |text: &str| text.trim().parse::<f64>().ok();
            number(own).zip(number(value)).and_then(|(own, value)| own.partial_cmp(&value))
        }
        // As much of the date as was asked for.
        Sort::Date => Some(own.get(..value.len()).unwrap_or(own).cmp(value)),
    };
    order.is_some_and(|order| match op {
        Op::Less => order.is_lt(),
        Op::AtMost => order.is_le(),
        Op::Greater => order.is_gt(),
        Op::AtLeast => order.is_ge(),
        Op::Equal | Op::Unequal | Op::Contains | Op::Has | Op::In => order.is_eq(),
    })
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Placed],
    properties: &'a [(&'static str, Sort)],
}

type Place = (usize, usize);

impl<'a> Parser<'a> {
    fn any(&mut self, depth: usize) -> Result<Node, QueryError> {
        let mut parts = vec![self.all(depth)?];
        while self.take(&Token::Or) {
            parts.push(self.all(depth)?);
        }
        Ok(Node::Any(parts))
    }

    fn all(&mut self, depth: usize) -> Result<Node, QueryError> {
        let mut parts = vec![self.one(depth)?];
        loop {
            // Words one after the other are all looked for.
            let is_word = matches!(
                (parts.last(), self.tokens),
                (Some(Node::Mentions(_)), [(Token::Word(..), _), rest @ ..])
                    if !matches!(rest.first(), Some((Token::Op(_), _)))
            );
            if !self.take(&Token::And) && !is_word {
                return Ok(Node::All(parts));
            }
            parts.push(self.one(depth)?);
        }
    }

    fn one(&mut self, depth: usize) -> Result<Node, QueryError> {
        let (token, place) = self.next("a property or a word is missing here")?;
        if depth >= QUERY_DEPTH_MAX {
            let what =
                format!("more than {QUERY_DEPTH_MAX} negations and parentheses inside each other");
            return Err(self.wrong(place, &what));
        }
        let deeper = depth.saturating_add(1);
        match token {
            Token::Not => Ok(Node::Not(Box::new(self.one(deeper)?))),
            Token::Open => {
                let inner = self.any(deeper)?;
                match self.take(&Token::Close) {
                    true => Ok(inner),
                    false => Err(self.wrong(place, "this parenthesis is not closed")),
                }
            }
            Token::Op(Op::Has) => {
                let (token, place) = self.next("the name of a property is missing here")?;
                let Token::Word(word, false) = token else {
                    return Err(self.wrong(place, "the name of a property is missing here"));
                };
                Ok(Node::Stated(self.property(word, place)?.0))
            }
            Token::Word(word, is_quoted) => match self.tokens.first() {
                Some((Token::Op(op), sign)) if !is_quoted => {
                    self.tokens = self.tokens.get(1..).unwrap_or_default();
                    let (property, sort) = self.property(word, place)?;
                    self.test(property, sort, *op, (place.0, sign.1))
                }
                _ => Ok(Node::Mentions(word.to_lowercase().into())),
            },
            Token::And | Token::Or | Token::Close | Token::Comma | Token::Op(_) => {
                Err(self.wrong(place, "a property or a word is missing before this"))
            }
        }
    }

    fn test(
        &mut self,
        property: &'static str,
        sort: Sort,
        op: Op,
        place: Place,
    ) -> Result<Node, QueryError> {
        let is_order = matches!(op, Op::Less | Op::AtMost | Op::Greater | Op::AtLeast);
        if sort == Sort::Text && is_order {
            let what = format!("{property} has no order: use =, !=, ~, has or in");
            return Err(self.wrong(place, &what));
        }
        let mut values = Vec::new();
        if op == Op::In && self.take(&Token::Open) {
            values.push(self.value(sort, op)?);
            while self.take(&Token::Comma) {
                values.push(self.value(sort, op)?);
            }
            if !self.take(&Token::Close) {
                return Err(self.wrong(place, "this list is not closed: values, commas between, )"));
            }
        } else {
            values.push(self.value(sort, op)?);
        }
        Ok(Node::Test { property, sort, op, values })
    }

    fn value(&mut self, sort: Sort, op: Op) -> Result<Box<str>, QueryError> {
        let (token, place) = self.next("a value is missing here")?;
        let Token::Word(word, _) = token else {
            let what = "a value is missing here; words of the language, and signs, need quotes";
            return Err(self.wrong(place, what));
        };
        if sort == Sort::Number && op != Op::Contains && word.trim().parse::<f64>().is_err() {
            return Err(self.wrong(place, &format!("{} is no number", shortened(word))));
        }
        Ok(word.clone())
    }

    fn property(&self, word: &str, place: Place) -> Result<(&'static str, Sort), QueryError> {
        let folded = word.to_ascii_lowercase().replace('-', "_");
        let found = self.properties.iter().find(|(name, _)| **name == *folded);
        found.copied().ok_or_else(|| {
            let names = || self.properties.iter().map(|(name, _)| *name);
            let hint = match nearest(word, names()) {
                Some(name) => format!("; do you mean {name}?"),
                None => format!("; there are {}", names().collect::<Vec<_>>().join(", ")),
            };
            self.wrong(place, &format!("there is no property {}{hint}", shortened(word)))
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

    fn next(&mut self, missing: &str) -> Result<(&'a Token, Place), QueryError> {
        let [(token, place), rest @ ..] = self.tokens else {
            let end = self.text.len();
            return Err(self.wrong((end, end), missing));
        };
        self.tokens = rest;
        Ok((token, *place))
    }

    fn wrong(&self, place: Place, what: &str) -> QueryError {
        QueryError::new(self.text, place, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sheet;

    impl Document for Sheet {
        fn values(&self, property: &str) -> Vec<String> {
            let values: &[&str] = match property {
                "vendor" => &["Siemens", "Rockwell Automation"],
                "cvss" => &["9.8"],
                "released" => &["2024-05-17T06:00:00Z"],
                _ => &[],
            };
            values.iter().map(|value| (*value).to_owned()).collect()
        }

        fn mentions(&self, word: &str) -> bool {
            "web server of a pump".contains(word)
        }
    }

    const PROPERTIES: &[(&str, Sort)] = &[
        ("vendor", Sort::Text),
        ("cvss", Sort::Number),
        ("released", Sort::Date),
        ("comment", Sort::Text),
    ];

    #[test]
    fn holds_for_what_one_of_the_values_says() {
        for (text, expected) in [
            ("vendor=siemens", true),
            ("vendor='rockwell automation' and cvss>=9", true),
            ("vendor~rock", true),
            ("vendor!=Siemens", false),
            ("vendor!=ABB", true),
            ("comment!=x", false),
            ("vendor in (ABB, Siemens)", true),
            ("cvss>9.8 or cvss<9", false),
            ("not cvss>9.8", true),
            ("released=2024-05", true),
            ("released>2024-05", false),
            ("released>=2024", true),
            ("released<2024-05-18", true),
            ("has comment", false),
            ("not (has comment or vendor=ABB)", true),
            ("web PUMP", true),
            ("pump and cvss=9.8", true),
            ("pump valve", false),
        ] {
            let search = Search::parse(text, PROPERTIES).unwrap();
            assert_eq!(search.holds(&Sheet), expected, "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let deep = "(".repeat(100);
        for (text, what) in [
            ("", "the expression is empty"),
            ("vender=ABB", "do you mean vendor?"),
            ("vendor>ABB", "has no order"),
            ("cvss=high", "is no number"),
            ("(vendor=ABB", "not closed"),
            ("vendor=ABB)", "no parenthesis is open"),
            ("vendor=ABB cvss=9", "write and or or"),
            (&deep, "inside each other"),
        ] {
            let error = Search::parse(text, PROPERTIES).unwrap_err();
            assert!(error.what().contains(what), "{text}: {}", error.what());
        }
    }
}
