//! What a field is compared with, and how.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;

use crate::model::version::{Scheme, Version};
use crate::model::zone::NotASubnet;
use crate::model::{Subnet, Timestamp};
use crate::query::field::{Kind, Name, nearest};
use crate::query::parse::shortened;
use crate::query::period;
use crate::query::token::Op;

/// The value in an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    /// In lower case; with `*` and `?` where the operator is "contains".
    Text(Box<str>),
    Version(Box<str>),
    Ip(IpAddr),
    Subnet(Subnet),
    Number(f64),
    /// Both ends belong to it.
    Span(f64, f64),
    /// The first moment, and the first behind it.
    Period(Timestamp, Timestamp),
    Flag(bool),
    OneOf(Vec<Operand>),
}

/// A value of a device, a part or a verdict.
#[derive(Clone, Debug)]
pub(super) enum Known<'a> {
    Text(Cow<'a, str>),
    Version(&'a str, Scheme),
    Ip(IpAddr),
    Number(f64),
    Time(Timestamp),
    Flag(bool),
}

/// Whether "less" and "more" mean something.
pub(super) fn is_ordered(kind: Kind) -> bool {
    !matches!(kind, Kind::Text | Kind::Flag | Kind::Word(_))
}

/// Whether an operator asks for an order.
pub(super) fn is_order(op: Op) -> bool {
    matches!(op, Op::Less | Op::AtMost | Op::Greater | Op::AtLeast)
}

/// Reads what stands behind an operator.
///
/// # Errors
///
/// What is wrong, as a sentence.
pub(super) fn read(name: Name, op: Op, word: &str) -> Result<Operand, String> {
    let quoted = shortened(word);
    let text = || Operand::Text(word.to_lowercase().into());
    if op == Op::Contains {
        return Ok(text());
    }
    match name.kind() {
        Kind::Version if op != Op::Has => {
            if is_order(op) && !Version::new(word, Scheme::Unknown).is_readable() {
                return Err(format!("{quoted} is no version that has an order"));
            }
            Ok(Operand::Version(word.into()))
        }
        Kind::Text if name == Name::Mac => {
            Ok(Operand::Text(word.to_lowercase().replace('-', ":").into()))
        }
        Kind::Text | Kind::Letters | Kind::Version => Ok(text()),
        Kind::Ip if op == Op::In => match word.parse() {
            Ok(subnet) => Ok(Operand::Subnet(subnet)),
            Err(NotASubnet::Perhaps(meant)) => Err(format!(
                "{quoted} is no subnet: bits are set behind its prefix; do you mean {meant}?"
            )),
            Err(NotASubnet::Unreadable) => {
                Err(format!("{quoted} is no subnet: write one as 10.1.0.0/16"))
            }
        },
        Kind::Ip => word.parse().map(Operand::Ip).map_err(|_| match word.parse::<Subnet>() {
            Err(NotASubnet::Unreadable) => {
                format!("{quoted} is no IP address; ~ finds a part of one")
            }
            _ => format!("{quoted} is a subnet: write ip in {quoted}"),
        }),
        Kind::Number => number(word, op).ok_or_else(|| format!("{quoted} is no number")),
        Kind::Time => match period::read(word) {
            Some((start, end)) => Ok(Operand::Period(start, end)),
            None => Err(format!(
                "{quoted} is no time: write one as 2026-03-02 or 2026-03-02T09:00 (UTC)"
            )),
        },
        Kind::Flag => match word.to_ascii_lowercase().as_str() {
            "true" | "yes" => Ok(Operand::Flag(true)),
            "false" | "no" => Ok(Operand::Flag(false)),
            _ => Err(format!("{quoted} is neither true nor false")),
        },
        Kind::Word(words) => {
            let wanted = word.to_lowercase().replace(['-', ' '], "_");
            if words.contains(&&*wanted) {
                return Ok(Operand::Text(wanted.into()));
            }
            let hint = match nearest(&wanted, words.iter().copied()) {
                Some(near) => format!("do you mean {near}?"),
                None => format!("there are {}", words.join(", ")),
            };
            Err(format!("{quoted} is not one of its values; {hint}"))
        }
    }
}

fn number(word: &str, op: Op) -> Option<Operand> {
    let one = |text: &str| {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        text.parse::<f64>().ok().filter(|number| is_plain && number.is_finite())
    };
    match word.split_once('-').filter(|_| op == Op::In) {
        Some((low, high)) => Some(Operand::Span(one(low)?, one(high)?)),
        None => one(word).map(Operand::Number),
    }
}

/// Whether one known value stands to the operand as the operator says; `None` when that cannot be told.
pub(super) fn holds(known: &Known<'_>, op: Op, operand: &Operand) -> Option<bool> {
    match op {
        Op::Equal | Op::Unequal | Op::In => equal(known, operand),
        Op::Has => match (known.text(), operand) {
            (Some(text), Operand::Text(wanted)) => {
                let text = text.to_lowercase();
                let mut words = text.split(|c: char| c.is_whitespace() || ",;()".contains(c));
                Some(*text == **wanted || words.any(|word| word == &**wanted))
            }
            _ => equal(known, operand),
        },
        Op::Contains => {
            let Operand::Text(pattern) = operand else { return Some(false) };
            Some(contains(&known.to_text().to_lowercase(), pattern))
        }
        Op::Less => order(known, operand).map(Ordering::is_lt),
        Op::AtMost => order(known, operand).map(Ordering::is_le),
        Op::Greater => order(known, operand).map(Ordering::is_gt),
        Op::AtLeast => order(known, operand).map(Ordering::is_ge),
    }
}

fn equal(known: &Known<'_>, operand: &Operand) -> Option<bool> {
    match (known, operand) {
        (_, Operand::OneOf(list)) => {
            let answers = list.iter().map(|operand| equal(known, operand));
            answers.fold(Some(false), super::or)
        }
        (Known::Text(text), Operand::Text(wanted)) => Some(text.to_lowercase() == **wanted),
        (Known::Ip(ip), Operand::Subnet(subnet)) => Some(subnet.contains(*ip)),
        (Known::Number(number), Operand::Span(low, high)) => Some((*low..=*high).contains(number)),
        (Known::Flag(flag), Operand::Flag(wanted)) => Some(flag == wanted),
        _ => order(known, operand).map(Ordering::is_eq),
    }
}

fn order(known: &Known<'_>, operand: &Operand) -> Option<Ordering> {
    match (known, operand) {
        (Known::Text(text), Operand::Text(wanted)) => {
            Some(text.to_lowercase().as_str().cmp(wanted))
        }
        (Known::Version(text, scheme), Operand::Version(wanted)) => {
            Version::new(text, *scheme).compare(&Version::new(wanted, *scheme))
        }
        (Known::Ip(ip), Operand::Ip(wanted)) if ip.is_ipv4() == wanted.is_ipv4() => {
            Some(ip.cmp(wanted))
        }
        (Known::Number(number), Operand::Number(wanted)) => Some(number.total_cmp(wanted)),
        (Known::Time(at), Operand::Period(start, end)) => Some(match at {
            at if at < start => Ordering::Less,
            at if at >= end => Ordering::Greater,
            _ => Ordering::Equal,
        }),
        _ => None,
    }
}

impl Known<'_> {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Version(text, _) => Some(text),
            Self::Ip(_) | Self::Number(_) | Self::Time(_) | Self::Flag(_) => None,
        }
    }

    fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Version(text, _) => Cow::Borrowed(text),
            Self::Ip(ip) => Cow::Owned(ip.to_string()),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Time(at) => Cow::Owned(at.to_string()),
            Self::Flag(flag) => Cow::Owned(flag.to_string()),
        }
    }
}

/// Whether a pattern fits somewhere in a text: `*` stands for any characters, `?` for one. Both in the same case.
///
/// The time is that of text times pattern at most: only the last `*` is ever tried again.
pub(super) fn contains(text: &str, pattern: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return text.contains(pattern);
    }
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = std::iter::once('*').chain(pattern.chars()).chain(['*']).collect();
    let (mut at, mut wanted) = (0_usize, 0_usize);
    let mut again: Option<(usize, usize)> = None;
    while let Some(c) = text.get(at) {
        match pattern.get(wanted) {
            Some('*') => {
                wanted = wanted.saturating_add(1);
                again = Some((at, wanted));
            }
            Some(p) if *p == '?' || p == c => {
                at = at.saturating_add(1);
                wanted = wanted.saturating_add(1);
            }
            _ => {
                let Some((start, behind)) = again else { return false };
                let start = start.saturating_add(1);
                again = Some((start, behind));
                (at, wanted) = (start, behind);
            }
        }
    }
    pattern.iter().skip(wanted).all(|rest| *rest == '*')
}
