//! One value: out of a file, the environment or an option, to what its key takes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use toml::Spanned;
use toml::de::DeValue;

use super::keys::Kind;
use super::units;
use crate::query::nearest;

/// What a key is set to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Value {
    Text(String),
    Path(PathBuf),
    Size(u64),
    Duration(SignedDuration),
    Number(u64),
    Switch(bool),
    Names(Vec<String>),
    Listen(SocketAddr),
}

/// What the environment or an option says: lists are separated by commas.
pub(super) fn from_text(kind: Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Switch => match text {
            "true" | "1" | "yes" | "on" => Ok(Value::Switch(true)),
            "false" | "0" | "no" | "off" => Ok(Value::Switch(false)),
            _ => Err(format!("{text:?} is neither true nor false")),
        },
        Kind::Number(least, most) => {
            let number = text.trim().parse().map_err(|_| format!("{text:?} is no whole number"))?;
            within(number, least, most)
        }
        Kind::Names => {
            let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
            Ok(Value::Names(names.map(str::to_owned).collect()))
        }
        _ => from_string(kind, text),
    }
}

/// What stands in a file.
pub(super) fn from_file(kind: Kind, value: &Spanned<DeValue<'_>>) -> Result<Value, String> {
    let value = value.get_ref();
    match (kind, value) {
        (Kind::Switch, DeValue::Boolean(on)) => Ok(Value::Switch(*on)),
        (Kind::Switch, _) => Err("write true or false, without quotes".to_owned()),
        (Kind::Number(least, most), DeValue::Integer(number)) => {
            let number = u64::from_str_radix(number.as_str(), number.radix());
            within(number.map_err(|_| range(least, most))?, least, most)
        }
        (Kind::Number(least, most), _) => Err(range(least, most)),
        (Kind::Names, DeValue::Array(list)) => {
            let names = list.iter().map(|one| one.get_ref().as_str().map(str::to_owned));
            let names: Option<Vec<String>> = names.collect();
            names.map(Value::Names).ok_or_else(|| LIST.to_owned())
        }
        (Kind::Names, _) => Err(LIST.to_owned()),
        (_, DeValue::String(text)) => from_string(kind, text),
        (Kind::Size(..), _) => Err("write a size in quotes, as \"20GiB\"".to_owned()),
        (Kind::Duration(_), _) => Err("write a length of time in quotes, as \"30d\"".to_owned()),
        _ => Err("write it in quotes".to_owned()),
    }
}

fn from_string(kind: Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Word(words) => match words.contains(&text) {
            true => Ok(Value::Text(text.to_owned())),
            false => Err(no_word(text, words)),
        },
        Kind::Path => match Path::new(text).is_absolute() {
            true => Ok(Value::Path(PathBuf::from(text))),
            false => Err(format!("{text:?} depends on the current folder; write the whole path, from /")),
        },
        Kind::Size(least, most) => {
            let bytes = units::size(text)?;
            let (low, high) = (units::show_size(least), units::show_size(most));
            (least..=most)
                .contains(&bytes)
                .then_some(Value::Size(bytes))
                .ok_or_else(|| format!("{text:?} is not within {low} and {high}"))
        }
        Kind::Duration(least) => {
            let duration = units::duration(text)?;
            let least = SignedDuration::from_secs(least);
            let low = units::show_duration(least);
            (duration >= least)
                .then_some(Value::Duration(duration))
                .ok_or_else(|| format!("{text:?} is less than {low}"))
        }
        Kind::Listen => text.parse().map(Value::Listen).map_err(|_| {
            format!("{text:?} is no address with a port: write it as \"127.0.0.1:8443\" or \"[::1]:8443\"")
        }),
        Kind::Text | Kind::Number(..) | Kind::Switch | Kind::Names => {
            Ok(Value::Text(text.to_owned()))
        }
    }
}

/// What a word should have been.
pub(super) fn no_word(text: &str, words: &[&str]) -> String {
    match near(text, words.iter().copied()) {
        Some(near) => format!("{text:?} is not known; do you mean {near:?}?"),
        None => format!("{text:?} is not known; write one of {}", words.join(", ")),
    }
}

/// The word of the list that is likely meant: one with few slips, or with two letters exchanged, which is the commonest slip of all.
pub(super) fn near<'a>(word: &str, list: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let letters: Vec<char> = word.to_lowercase().chars().take(WORD_CHARS_MAX).collect();
    let pairs = 1..letters.len().max(1);
    let mut exchanged = pairs.map(|at| {
        let mut letters = letters.clone();
        letters.swap(at.saturating_sub(1), at);
        letters.into_iter().collect::<String>()
    });
    let swapped = exchanged.find_map(|other| list.clone().find(|known| *known == other));
    swapped.or_else(|| nearest(word, list))
}

fn within(number: u64, least: u64, most: u64) -> Result<Value, String> {
    match (least..=most).contains(&number) {
        true => Ok(Value::Number(number)),
        false => Err(range(least, most)),
    }
}

fn range(least: u64, most: u64) -> String {
    format!("write a whole number from {least} to {most}, without quotes")
}

const LIST: &str = "write a list of texts, as [\"one\", \"two\"]";

/// Longer words are no slip of any key.
const WORD_CHARS_MAX: usize = 64;
