//! Originals and what stands for them, and the search for originals in texts.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::app::redact::Redaction;
use crate::model::Mac;
use crate::model::limits::REDACTION_WORDS_MAX;

/// Originals by their words in small letters, and what stands for them.
#[derive(Debug, Default)]
pub(super) struct Terms {
    texts: BTreeMap<String, String>,
    /// Words that the longest original has.
    words: usize,
    /// Lengths of originals of one word that are looked for inside of other words, too.
    lengths: BTreeSet<usize>,
    /// Addresses of IPv4 that stand for another: no two originals get the same.
    taken: BTreeMap<Ipv4Addr, IpAddr>,
    ips: BTreeMap<IpAddr, IpAddr>,
}

impl Terms {
    /// Adds an original. One of which texts are full, because it is short, is not looked for in texts.
    pub(super) fn add(&mut self, original: &str, instead: &str) {
        let key = original.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let words = spans(&key).len();
        if key.chars().count() < LOOKED_FOR_MIN || words > REDACTION_WORDS_MAX {
            return;
        }
        self.words = self.words.max(words);
        if words == 1 && key.len() >= INSIDE_MIN && key.is_ascii() {
            self.lengths.insert(key.len());
        }
        self.texts.entry(key).or_insert_with(|| instead.to_owned());
    }

    /// Adds a MAC address in all the ways in which people and devices write it.
    pub(super) fn add_mac(&mut self, mac: Mac, instead: Mac) {
        let (colons, instead) = (mac.to_string(), instead.to_string());
        let digits = colons.replace(':', "");
        let pairs = |between: &str, size: usize| {
            let digits: Vec<char> = digits.chars().collect();
            let parts: Vec<String> =
                digits.chunks(size).map(|part| part.iter().collect()).collect();
            parts.join(between)
        };
        for spelling in
            [colons.clone(), pairs("-", 2), pairs(".", 4), pairs(" ", 2), digits.clone()]
        {
            self.add(&spelling, &instead);
        }
    }

    /// What stands for an IP address; the same for all that is asked.
    pub(super) fn ip(&mut self, redaction: &Redaction, ip: IpAddr) -> IpAddr {
        if let Some(known) = self.ips.get(&ip) {
            return *known;
        }
        let instead = match ip {
            IpAddr::V6(_) => {
                let number = redaction.number("ip", &ip.to_string(), 96);
                IpAddr::V6(Ipv6Addr::from_bits(DOCUMENTATION | number))
            }
            IpAddr::V4(_) => {
                let mut attempt = 0_u32;
                loop {
                    let number = redaction.number("ip", &format!("{ip}\0{attempt}"), 28);
                    let number = RESERVED | u32::try_from(number).unwrap_or_default();
                    let instead = Ipv4Addr::from_bits(number);
                    let holder = *self.taken.entry(instead).or_insert(ip);
                    if holder == ip && !instead.is_broadcast() {
                        break IpAddr::V4(instead);
                    }
                    attempt = attempt.saturating_add(1);
                }
            }
        };
        self.ips.insert(ip, instead);
        self.add(&ip.to_string(), &instead.to_string());
        instead
    }

    /// What stands for an IP address that was asked for before.
    pub(super) fn known_ip(&self, ip: IpAddr) -> Option<IpAddr> {
        self.ips.get(&ip).copied()
    }

    /// A text with what stands for the originals in it: the longest first, wherever words begin and end; originals of one word
    /// that are not too short inside of words, too.
    pub(super) fn replaced(&self, text: &str) -> String {
        let spans = spans(text);
        let mut out = String::with_capacity(text.len());
        let (mut done, mut at) = (0_usize, 0_usize);
        while let Some((start, _)) = spans.get(at).copied() {
            let most = at.saturating_add(self.words).min(spans.len());
            let found = (at..most).rev().find_map(|last| {
                let (_, end) = spans.get(last).copied()?;
                let key = text.get(start..end)?.to_lowercase();
                Some((last, end, self.texts.get(&key)?))
            });
            match found {
                Some((last, end, instead)) => {
                    out.push_str(text.get(done..start).unwrap_or_default());
                    out.push_str(instead);
                    (done, at) = (end, last.saturating_add(1));
                }
                None => {
                    let (_, end) = spans.get(at).copied().unwrap_or_default();
                    out.push_str(text.get(done..start).unwrap_or_default());
                    out.push_str(&self.inside(text.get(start..end).unwrap_or_default()));
                    (done, at) = (end, at.saturating_add(1));
                }
            }
        }
        out.push_str(text.get(done..).unwrap_or_default());
        out
    }

    /// A word with what stands for the originals inside of it.
    fn inside(&self, word: &str) -> String {
        let shortest = self.lengths.first().copied().unwrap_or(usize::MAX);
        if word.len() <= shortest || !word.is_ascii() {
            return word.to_owned();
        }
        let folded = word.to_ascii_lowercase();
        let mut out = String::with_capacity(word.len());
        let mut at = 0_usize;
        while at < word.len() {
            let found = self.lengths.iter().rev().find_map(|length| {
                let end = at.checked_add(*length)?;
                Some((end, self.texts.get(folded.get(at..end)?)?))
            });
            match found {
                Some((end, instead)) => {
                    out.push_str(instead);
                    at = end;
                }
                None => {
                    let end = at.saturating_add(1);
                    out.push_str(word.get(at..end).unwrap_or_default());
                    at = end;
                }
            }
        }
        out
    }
}

/// Where words are in a text: runs of letters and digits.
fn spans(text: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                spans.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    spans.extend(start.map(|from| (from, text.len())));
    spans
}

/// 240.0.0.0/4, reserved (RFC 1112 section 4): no device has such an address, and nobody takes it for one.
const RESERVED: u32 = 0xf000_0000;
/// 2001:db8::/32, for documentation (RFC 3849).
const DOCUMENTATION: u128 = 0x2001_0db8 << 96;
/// Characters of an original that is looked for in texts: `1` and `A` are in every text.
const LOOKED_FOR_MIN: usize = 3;
/// Characters of an original that is looked for inside of words.
const INSIDE_MIN: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn originals_are_found_where_words_begin_and_long_ones_anywhere() {
        let mut terms = Terms::default();
        terms.add("PLC-07", "name-1");
        terms.add("PLC", "name-2");
        terms.add("00524E10", "serial-1");
        terms.add("A", "name-3");
        terms.add_mac(Mac([0, 0x1d, 0x9c, 1, 2, 3]), Mac([2, 0, 0, 0, 0, 9]));
        for (text, replaced) in [
            ("plc-07 and PLC-070, (PLC)", "name-1 and name-2-070, (name-2)"),
            ("A serial 00524e10.", "A serial serial-1."),
            ("x00524E10y PLCs", "xserial-1y PLCs"),
            ("001D9C010203 / 00-1d-9c-01-02-03", "02:00:00:00:00:09 / 02:00:00:00:00:09"),
            ("rnp001d9c010203", "rnp02:00:00:00:00:09"),
            ("001d.9c01.0203", "02:00:00:00:00:09"),
            ("", ""),
            ("日本 PLC", "日本 name-2"),
        ] {
            assert_eq!(terms.replaced(text), replaced);
        }
    }
}
