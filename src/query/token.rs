//! An expression in words and signs.

use crate::model::limits::QUERY_BYTES_MAX;
use crate::query::error::QueryError;

/// How a field and a value are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Op {
    Equal,
    Unequal,
    Contains,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Has,
    In,
}

/// One word or sign.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    Comma,
    Op(Op),
    And,
    Or,
    Not,
    /// A word; true when it stood in quotes.
    Word(Box<str>, bool),
}

/// A token, and the bytes it takes.
pub(super) type Placed = (Token, (usize, usize));

/// Reads all of an expression.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, QueryError> {
    if text.len() > QUERY_BYTES_MAX {
        let what = format!("an expression has at most {QUERY_BYTES_MAX} bytes, not {}", text.len());
        return Err(QueryError::new(text, (0, 0), &what));
    }
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let start = text.len().saturating_sub(rest.len());
        let (token, length) = match first {
            '"' | '\'' => quoted(text, start, rest, first)?,
            _ => match sign(rest) {
                Some((token, sign)) => {
                    if let Some((_, ours)) =
                        FOREIGN.iter().find(|(wrong, _)| rest.starts_with(wrong))
                    {
                        let end = start.saturating_add(2);
                        return Err(QueryError::new(
                            text,
                            (start, end),
                            &format!("write {ours} here"),
                        ));
                    }
                    (token, sign.len())
                }
                None => word(text, start, rest)?,
            },
        };
        let end = start.saturating_add(length);
        tokens.push((token, (start, end)));
        rest = text.get(end..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

fn sign(rest: &str) -> Option<(Token, &'static str)> {
    const SIGNS: &[(&str, Token)] = &[
        ("(", Token::Open),
        (")", Token::Close),
        (",", Token::Comma),
        ("!=", Token::Op(Op::Unequal)),
        ("<=", Token::Op(Op::AtMost)),
        (">=", Token::Op(Op::AtLeast)),
        ("<", Token::Op(Op::Less)),
        (">", Token::Op(Op::Greater)),
        ("=", Token::Op(Op::Equal)),
        ("~", Token::Op(Op::Contains)),
    ];
    let found = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
    found.map(|(sign, token)| (token.clone(), *sign))
}

/// Signs of other languages that begin like one of ours.
const FOREIGN: &[(&str, &str)] = &[("==", "="), ("=~", "~"), ("<>", "!="), ("~=", "~")];

fn word(text: &str, start: usize, rest: &str) -> Result<(Token, usize), QueryError> {
    let ends = |(at, c): &(usize, char)| {
        c.is_whitespace()
            || "()=~<>,".contains(*c)
            || rest.get(*at..).is_some_and(|here| here.starts_with("!="))
    };
    let length = rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at);
    let word = rest.get(..length).unwrap_or_default();
    let foreign = [("&&", "and"), ("||", "or"), ("!", "not")];
    if let Some((wrong, ours)) = foreign.iter().find(|(wrong, _)| word.starts_with(wrong)) {
        let end = start.saturating_add(wrong.len());
        return Err(QueryError::new(text, (start, end), &format!("write {ours} here")));
    }
    let token = match word.to_ascii_lowercase().as_str() {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        "has" => Token::Op(Op::Has),
        "in" => Token::Op(Op::In),
        _ => Token::Word(word.into(), false),
    };
    Ok((token, length))
}

/// Within either kind of quotes, the other kind stands for itself; a backslash makes the next character stand for itself.
fn quoted(text: &str, start: usize, rest: &str, quote: char) -> Result<(Token, usize), QueryError> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            _ if c == quote => {
                return Ok((Token::Word(value.into(), true), at.saturating_add(c.len_utf8())));
            }
            '\\' => value.extend(chars.next().map(|(_, literal)| literal)),
            _ => value.push(c),
        }
    }
    let end = start.saturating_add(quote.len_utf8());
    Err(QueryError::new(text, (start, end), &format!("no {quote} ends the text that begins here")))
}
