//! A sort order: fields of the query language, the most important first.
//!
//! What has no value for a field comes last, whichever way the field is sorted. Where there are several values, the first
//! of them counts, or the last when the field is sorted downwards. Versions have the order of their maker; versions of two
//! makers have none, and come maker by maker.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::model::limits::{COLUMNS_MAX, VERSIONS_ORDERED_MAX};
use crate::model::version::{Scheme, Version};
use crate::model::{Asset, Field, Finding, Module, Timestamp};
use crate::query::field::{Kind, Name, nearest};
use crate::query::parse::shortened;
use crate::query::value::Known;
use crate::query::{Context, Row};

/// Fields to sort by.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sort {
    by: Vec<By>,
}

/// One field, and which way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct By {
    name: Name,
    is_downwards: bool,
}

/// Something to be sorted: a device or a part of one, with verdicts about it.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// The device.
    pub asset: &'a Asset,
    /// The part of it; `None` for the device itself.
    pub module: Option<&'a Module>,
    /// Verdicts, in any number.
    pub findings: &'a [&'a Finding],
}

impl Sort {
    /// Reads `FIELD[,FIELD…]`, with `-` before a field that is sorted downwards.
    ///
    /// # Errors
    ///
    /// What is wrong, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words = text.split(',').map(|word| {
            let word = word.trim();
            let (name, is_downwards) = match word.strip_prefix('-') {
                Some(name) => (name.trim(), true),
                None => (word, false),
            };
            let name = Name::named(name).ok_or_else(|| unknown(name))?;
            Ok(By { name, is_downwards })
        });
        let by: Vec<By> = words.take(COLUMNS_MAX).collect::<Result<_, String>>()?;
        Ok(Self { by })
    }

    /// True when it asks for what only zones say.
    pub fn asks_for_zones(&self) -> bool {
        self.by.iter().any(|by| by.name.is_of_zone())
    }

    /// For each item how many come before it. Items that are equal in all fields have the same rank. One with several
    /// verdicts stands where the first of them would.
    pub fn ranks(&self, context: &Context<'_>, items: &[Item<'_>]) -> Vec<usize> {
        let of_findings = self.by.iter().any(|by| by.name.is_of_finding());
        let mut rows: Vec<(usize, Row<'_>)> = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let alone = Row {
                asset: item.asset,
                zone: context.zones.of(item.asset),
                module: item.module,
                finding: None,
            };
            let judged = item.findings.iter().filter(|_| of_findings);
            let judged = judged.map(|finding| Row { finding: Some(finding), ..alone });
            let before = rows.len();
            rows.extend(judged.map(|row| (at, row)));
            if rows.len() == before {
                rows.push((at, alone));
            }
        }
        let mut keys: Vec<Vec<Option<Key>>> = vec![Vec::new(); rows.len()];
        for by in &self.by {
            let column = rows.iter().map(|(_, row)| row.keys(by.name, context)).collect();
            for (key, values) in keys.iter_mut().zip(with_order_of_makers(column)) {
                let values = values.into_iter();
                key.push(if by.is_downwards { values.max() } else { values.min() });
            }
        }
        let mut sorted: Vec<(usize, Vec<Option<Key>>)> =
            rows.iter().map(|(at, _)| *at).zip(keys).collect();
        sorted.sort_by(|(_, one), (_, other)| self.compare(one, other));
        let mut ranks: Vec<Option<usize>> = vec![None; items.len()];
        let mut before: Option<(usize, &[Option<Key>])> = None;
        for (place, (at, key)) in sorted.iter().enumerate() {
            let rank = match before {
                Some((rank, last)) if self.compare(last, key).is_eq() => rank,
                _ => place,
            };
            if let Some(own) = ranks.get_mut(*at) {
                own.get_or_insert(rank);
            }
            before = Some((rank, key));
        }
        ranks.into_iter().map(Option::unwrap_or_default).collect()
    }

    fn compare(&self, one: &[Option<Key>], other: &[Option<Key>]) -> Ordering {
        let pairs = self.by.iter().zip(one.iter().zip(other));
        let orders = pairs.map(|(by, pair)| match pair {
            (Some(one), Some(other)) if by.is_downwards => other.cmp(one),
            (Some(one), Some(other)) => one.cmp(other),
            (one, other) => other.is_some().cmp(&one.is_some()),
        });
        orders.fold(Ordering::Equal, Ordering::then)
    }
}

fn unknown(name: &str) -> String {
    let names = || Name::all().map(|(name, _)| name);
    let quoted = shortened(name);
    match nearest(name, names()) {
        Some(near) => format!("there is no field {quoted}; do you mean {near}?"),
        None => {
            let all: Vec<&str> = names().collect();
            format!("there is no field {quoted}; there are {}", all.join(", "))
        }
    }
}

/// A value, as it sorts. All values of one field are of one sort.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Key {
    Text(Vec<Piece>),
    Ip(IpAddr),
    /// The bits of a number that is not negative: they are in its order.
    Number(u64),
    Time(Timestamp),
    /// A flag, or the place of a word among those that there are.
    Place(usize),
    /// A version of a maker.
    Version(Box<str>, Scheme, Box<str>),
    /// A version of a maker, by its place among those that are sorted.
    Ranked(Reverse<bool>, Box<str>, usize),
}

/// A run of digits, or one of other characters: `slot 2` comes before `slot 10`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Piece {
    Number(u128),
    Text(Box<str>),
}

impl Row<'_> {
    fn keys(&self, name: Name, context: &Context<'_>) -> Vec<Key> {
        let maker = match name {
            Name::Plate(Field::Firmware | Field::Hardware) => self.shown(Field::Vendor),
            _ => None,
        };
        self.known(name, context).into_iter().map(|known| key(name, known, maker)).collect()
    }
}

fn key(name: Name, known: Known<'_>, maker: Option<&str>) -> Key {
    match known {
        Known::Text(text) => match name.kind() {
            Kind::Word(words) => {
                Key::Place(words.iter().position(|word| **word == *text).unwrap_or(words.len()))
            }
            _ => Key::Text(pieces(&text)),
        },
        Known::Version(text, scheme) => {
            Key::Version(maker.unwrap_or_default().into(), scheme, text.into())
        }
        Known::Ip(ip) => Key::Ip(ip),
        Known::Number(number) => Key::Number(number.abs().to_bits()),
        Known::Time(at) => Key::Time(at),
        Known::Flag(flag) => Key::Place(usize::from(flag)),
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let text = text.to_lowercase();
    let mut pieces = Vec::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_digit = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(rest.len());
        let (piece, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        // More digits than a number of 128 bits has are nobody's count.
        let number = piece.parse().ok().filter(|_| is_digit).map(Piece::Number);
        pieces.push(number.unwrap_or_else(|| Piece::Text(piece.into())));
        rest = behind;
    }
    pieces
}

/// Puts the versions of each maker in its order.
fn with_order_of_makers(mut column: Vec<Vec<Key>>) -> Vec<Vec<Key>> {
    let mut by_maker: BTreeMap<(Box<str>, Scheme), BTreeSet<Box<str>>> = BTreeMap::new();
    for key in column.iter().flatten() {
        if let Key::Version(maker, scheme, version) = key {
            by_maker.entry((maker.clone(), *scheme)).or_default().insert(version.clone());
        }
    }
    let mut places: BTreeMap<(Box<str>, Box<str>), usize> = BTreeMap::new();
    for ((maker, scheme), versions) in by_maker {
        let ordered = in_order(scheme, versions).into_iter().enumerate();
        places.extend(ordered.map(|(place, version)| ((maker.clone(), version), place)));
    }
    for key in column.iter_mut().flatten() {
        if let Key::Version(maker, _, version) = key {
            let name = (std::mem::take(maker), std::mem::take(version));
            let place = places.get(&name).copied().unwrap_or(usize::MAX);
            // Without a maker behind all makers.
            let lower = name.0.to_lowercase().into();
            *key = Key::Ranked(Reverse(!name.0.is_empty()), lower, place);
        }
    }
    column
}

/// Versions of one maker, each behind all those that are known to be before it. Where the order of two is not known, that
/// of their numbers stands in for it.
fn in_order(scheme: Scheme, versions: BTreeSet<Box<str>>) -> Vec<Box<str>> {
    let mut texts: Vec<Box<str>> = versions.into_iter().collect();
    texts.sort_by_cached_key(|text| pieces(text));
    if texts.len() > VERSIONS_ORDERED_MAX {
        return texts;
    }
    let versions: Vec<Version> = texts.iter().map(|text| Version::new(text, scheme)).collect();
    let is_before = |one: &Version, other: &Version| one.compare(other) == Some(Ordering::Less);
    let mut waits_for: Vec<usize> = versions
        .iter()
        .map(|own| versions.iter().filter(|other| is_before(other, own)).count())
        .collect();
    let mut left: Vec<usize> = (0..texts.len()).collect();
    let mut ordered = Vec::with_capacity(texts.len());
    while !left.is_empty() {
        // An order that contradicts itself leaves nobody without somebody before: then the first goes.
        let waits = |at: &usize| waits_for.get(*at).copied().unwrap_or(0);
        let place = left.iter().position(|at| waits(at) == 0).unwrap_or(0);
        let at = left.remove(place);
        let Some(own) = versions.get(at) else { continue };
        for (waits, other) in waits_for.iter_mut().zip(&versions) {
            *waits = waits.saturating_sub(usize::from(is_before(own, other)));
        }
        ordered.extend(texts.get(at).cloned());
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(scheme: Scheme, versions: &[&str]) -> Vec<Box<str>> {
        in_order(scheme, versions.iter().map(|version| Box::from(*version)).collect())
    }

    #[test]
    fn versions_stand_in_the_order_of_their_maker() {
        let texts = ["2.3", "2.20", "2.9", "2.30"];
        assert_eq!(ordered(Scheme::Dotted, &texts).join(" "), "2.3 2.9 2.20 2.30");
        assert_eq!(ordered(Scheme::Schneider, &texts).join(" "), "2.20 2.3 2.30 2.9");
        assert_eq!(
            ordered(Scheme::Rockwell, &["20.11", "20.009", "9.2"]).join(" "),
            "9.2 20.009 20.11"
        );
        assert_eq!(
            ordered(Scheme::Unknown, &["beta", "2.0", "10.1", ""]).join(" "),
            " 2.0 10.1 beta"
        );
    }

    #[test]
    fn more_versions_than_any_maker_has_are_in_the_order_of_their_numbers() {
        let many: Vec<String> =
            (0..VERSIONS_ORDERED_MAX + 2).rev().map(|n| format!("1.{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let ordered = ordered(Scheme::Schneider, &many);
        assert_eq!((&*ordered[2], &*ordered[10]), ("1.2", "1.10"));
    }

    #[test]
    fn people_count_digits() {
        assert!(pieces("slot 2") < pieces("Slot 10"));
        assert!(pieces("PLC2") < pieces("plc10a"));
        assert!(pieces(&"9".repeat(60)) > pieces("1"));
    }

    #[test]
    fn what_is_no_field_is_told_with_the_nearest() {
        assert_eq!(
            Sort::parse("vendor,-firmwre"),
            Err("there is no field firmwre; do you mean firmware?".to_owned())
        );
        assert!(Sort::parse("").unwrap_err().contains("asset_id"));
        assert!(Sort::parse("-zone").unwrap().asks_for_zones());
        assert!(!Sort::parse("ip, -cvss").unwrap().asks_for_zones());
    }
}
