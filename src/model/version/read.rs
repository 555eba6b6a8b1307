//! Versions taken apart: prefix, core and tails.

use crate::model::limits::VERSION_PARTS_MAX;
use crate::model::version::{Part, Tail};

/// Words before the first number that mean nothing but "version".
const PREFIXES: &[&str] = &[
    "",
    "V",
    "R",
    "SV",
    "FW",
    "SW",
    "F",
    "VER",
    "VERSION",
    "VERSIONS",
    "REV",
    "REVISION",
    "FIRMWARE",
    "FRN",
    "RELEASE",
    "BIOS",
    "FIRMWAREV",
    "MXV",
    "VX",
    "FIRMWAREVERSION",
];

/// Words behind the core.
const TAILS: &[(&str, Tail)] = &[
    ("SP", Tail::ServicePack),
    ("SERVICEPACK", Tail::ServicePack),
    ("PACK", Tail::ServicePack),
    ("IR", Tail::ServicePack),
    ("MR", Tail::ServicePack),
    ("FP", Tail::ServicePack),
    ("MP", Tail::ServicePack),
    ("UPDATE", Tail::Update),
    ("UPD", Tail::Update),
    ("CU", Tail::Update),
    ("TCU", Tail::Update),
    ("UC", Tail::Update),
    ("UP", Tail::Update),
    ("U", Tail::Update),
    ("UPDATECOLLECTION", Tail::Update),
    ("SR", Tail::ServicePack),
    ("RELEASE", Tail::Release),
    ("ALPHA", Tail::Preview),
    ("BETA", Tail::Preview),
    ("RC", Tail::Preview),
    ("RU", Tail::Update),
    ("QU", Tail::Update),
    ("PATCH", Tail::Patch),
    ("P", Tail::Patch),
    ("HF", Tail::Hotfix),
    ("HOTFIX", Tail::Hotfix),
    ("HOTFIXREV", Tail::Hotfix),
    ("BUILD", Tail::Build),
    ("BLD", Tail::Build),
    ("BN", Tail::Build),
];

/// Words that carry nothing between core and tail.
const FILLERS: &[&str] =
    &["SERVICE", "FEATURE", "SECURITY", "COLLECTION", "NR", "NO", "REV", "VERSION", "LTS"];

pub(super) type Read = (Box<str>, Vec<Part>, Vec<(Tail, Vec<u64>)>);

/// Cuts a version into prefix, core and tails.
pub(super) fn read(raw: &str) -> Read {
    let first = raw.find(|c: char| c.is_ascii_digit()).unwrap_or(raw.len());
    let (prefix, rest) = raw.split_at_checked(first).unwrap_or((raw, ""));
    let prefix: String =
        prefix.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    let prefix = if PREFIXES.contains(&prefix.as_str()) { String::new() } else { prefix };
    // "2.9 17030709": a number as long as a day, set apart, is a build without its word.
    const BUILD_DIGITS: usize = 6;
    let build = rest.trim_end().rsplit_once(' ').filter(|(core, last)| {
        last.len() >= BUILD_DIGITS
            && last.bytes().all(|byte| byte.is_ascii_digit())
            && core.trim_end().ends_with(|c: char| c.is_ascii_digit())
            && core.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b' '))
    });
    let (rest, build) = build.map_or((rest, None), |(core, last)| (core, last.parse::<u64>().ok()));
    let mut parts = Vec::new();
    let mut tails: Vec<(Tail, Vec<u64>)> = Vec::new();
    let mut tokens = tokens(rest).take(VERSION_PARTS_MAX).peekable();
    while let Some(token) = tokens.next() {
        let number = token.parse::<u64>().ok();
        let word = token.to_uppercase();
        // The P of 1.014P is the letter between O and Q; that of 3.14 P021 counts patches.
        let counts = word.len() > 1
            || tokens.peek().is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
        if let (Some(value), Some((_, values))) = (number, tails.last_mut()) {
            values.push(value);
        } else if let Some(value) = number {
            parts.push(Part::Number(value, token.len()));
        } else if let Some((_, tail)) = TAILS.iter().find(|(name, _)| counts && *name == word) {
            // A "P" or "R" inside the core is a separator with a rank of its own only behind it.
            tails.push((*tail, Vec::new()));
        } else if word == "R" && counts && !parts.is_empty() {
            tails.push((Tail::Release, Vec::new()));
        } else if FILLERS.contains(&word.as_str()) {
            continue;
        } else if matches!(word.as_str(), "X" | "XX" | "XXX" | "*") {
            parts.push(Part::Any);
        } else if let Some((_, values)) = tails.last_mut().filter(|_| word.len() == 1) {
            // "Update 3a" follows "Update 3".
            values.extend(word.chars().map(|letter| u64::from(u32::from(letter))));
        } else if tails.is_empty() {
            parts.push(Part::Letters(word.into()));
        } else {
            tails.push((Tail::Other, vec![word_number(&word)]));
        }
    }
    tails.extend(build.map(|number| (Tail::Build, vec![number])));
    (prefix.into(), parts, tails)
}

/// A number that tells words apart, to be compared for being equal only.
fn word_number(word: &str) -> u64 {
    word.bytes().fold(0, |number: u64, byte| number.wrapping_mul(131).wrapping_add(u64::from(byte)))
}

/// WAGO's 02.07.07(10) is firmware index 10, which is what its advisories count by.
pub(super) fn index(raw: &str) -> Option<&str> {
    let (_, rest) = raw.split_once('(')?;
    let inner = rest.strip_suffix(')')?;
    (!inner.is_empty() && inner.chars().all(|c| c.is_ascii_digit())).then_some(inner)
}

/// Runs of digits, runs of letters, and stars.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let class = |c: char| match c {
            '0'..='9' => 1_u8,
            '*' => 2,
            c if c.is_alphabetic() => 3,
            _ => 0,
        };
        rest = rest.trim_start_matches(|c| class(c) == 0);
        let kind = class(rest.chars().next()?);
        let end = rest.find(|c| class(c) != kind).unwrap_or(rest.len());
        let (token, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(token)
    })
}
