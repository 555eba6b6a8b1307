//! Messages in the format of the domain name system: names, questions and resource records. RFC 1035 (1987) sections
//! 4.1 and 3.1, and the protocols that took the format over: NetBIOS name service, LLMNR, multicast DNS.
//!
//! Reads the header, names with compression pointers, questions and resource records; what a record's data means is
//! the business of the protocol. Skips nothing.
//!
//! ```text
//!   0      2       4         6         8         10        12
//!   | ID   | flags | QDCOUNT | ANCOUNT | NSCOUNT | ARCOUNT | questions | answers | authority | additional |
//!
//!   question  | NAME | TYPE u16 | CLASS u16 |
//!   record    | NAME | TYPE u16 | CLASS u16 | TTL u32 | RDLENGTH u16 | RDATA ... |
//!   name      | length 1 to 63, label | ... | 00, or 11 and 14 bits: where the rest of the name stands |
//! ```
//!
//! A pointer may only lead to bytes before the part of the name that it ends, so that every name ends; how often one
//! may lead on, and how long a name gets, is bounded besides.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::limits::{DNS_POINTERS_PER_NAME_MAX, DNS_RECORDS_PER_MESSAGE_MAX};
use crate::wire::{Malformed, Reader, Span};

/// A message whose header has been read.
#[derive(Clone)]
pub(in crate::protocols) struct Message<'a> {
    /// The flags: response, operation, and what else the protocol puts there.
    pub(in crate::protocols) flags: u16,
    whole: Reader<'a>,
    body: Reader<'a>,
    counts: [u16; 4],
}

impl<'a> Message<'a> {
    /// Reads the header of a message that takes all bytes left in `whole`.
    pub(in crate::protocols) fn read(whole: &Reader<'a>) -> Result<Self, Malformed> {
        let mut body = whole.clone();
        body.skip("DNS ID", 2)?;
        let flags = body.u16_be("DNS flags")?;
        let counts = [
            body.u16_be("QDCOUNT")?,
            body.u16_be("ANCOUNT")?,
            body.u16_be("NSCOUNT")?,
            body.u16_be("ARCOUNT")?,
        ];
        Ok(Self { flags, whole: whole.clone(), body, counts })
    }

    /// True for an answer.
    pub(in crate::protocols) fn is_response(&self) -> bool {
        self.flags & FLAG_RESPONSE != 0
    }

    /// The operation: 0 is a query.
    pub(in crate::protocols) fn opcode(&self) -> u16 {
        (self.flags >> 11) & 0x0f
    }

    /// How an answer ended: 0 is well.
    pub(in crate::protocols) fn response_code(&self) -> u16 {
        self.flags & 0x0f
    }

    /// Questions that the header promises.
    pub(in crate::protocols) fn questions(&self) -> u16 {
        let [questions, ..] = self.counts;
        questions
    }

    /// Walks over the questions and the records, in their order.
    pub(in crate::protocols) fn entries(&self) -> Entries<'a> {
        Entries {
            whole: self.whole.clone(),
            rest: self.body.clone(),
            counts: self.counts,
            left: DNS_RECORDS_PER_MESSAGE_MAX,
        }
    }

    /// The message from its first byte on, for names inside of record data.
    pub(in crate::protocols) fn whole(&self) -> &Reader<'a> {
        &self.whole
    }
}

/// Whether bytes can be a message: its header is whole, the counts are such that the bytes can hold them, and the
/// first name is sound.
pub(in crate::protocols) fn plausible(bytes: &[u8]) -> bool {
    let whole = Reader::new(bytes);
    let Ok(message) = Message::read(&whole) else { return false };
    let entries: usize = message.counts.iter().map(|count| usize::from(*count)).sum();
    entries > 0
        && entries.saturating_mul(ENTRY_BYTES_MIN) <= bytes.len()
        && matches!(message.entries().next(), Some(Ok(_)))
}

/// Where in a message an entry stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::protocols) enum Section {
    /// What is asked.
    Question,
    /// What is answered.
    Answer,
    /// In multicast DNS, what an asker is about to claim.
    Authority,
    /// What else may help.
    Additional,
}

/// A question, or a resource record.
#[derive(Clone)]
pub(in crate::protocols) struct Entry<'a> {
    /// Where it stands.
    pub(in crate::protocols) section: Section,
    /// Whom it is about.
    pub(in crate::protocols) name: Name,
    /// Where the name stands; for a compressed one, its own bytes only.
    pub(in crate::protocols) name_span: Span,
    /// What it says.
    pub(in crate::protocols) kind: u16,
    /// Class, with the flag that multicast DNS puts on top.
    pub(in crate::protocols) class: u16,
    /// Seconds that it may be kept; 0 in questions.
    pub(in crate::protocols) ttl: u32,
    /// Its data; empty in questions.
    pub(in crate::protocols) data: Reader<'a>,
}

impl Entry<'_> {
    /// The address that an A or AAAA record holds.
    pub(in crate::protocols) fn address(&self) -> Option<(IpAddr, Span)> {
        let mut data = self.data.clone();
        let start = data.at();
        let address = match (self.kind, data.left()) {
            (TYPE_A, 4) => IpAddr::V4(Ipv4Addr::from(data.array::<4>("A ADDRESS").ok()?)),
            (TYPE_AAAA, 16) => IpAddr::V6(Ipv6Addr::from(data.array::<16>("AAAA ADDRESS").ok()?)),
            _ => return None,
        };
        Some((address, data.since(start)))
    }
}

/// The entries of a message. Ends after the first that is damaged: what follows it cannot be found.
pub(in crate::protocols) struct Entries<'a> {
    whole: Reader<'a>,
    rest: Reader<'a>,
    counts: [u16; 4],
    left: usize,
}

impl<'a> Entries<'a> {
    /// True when the message promises more entries than are read.
    pub(in crate::protocols) fn is_cut(&self) -> bool {
        self.left == 0 && self.counts.iter().any(|count| *count > 0)
    }

    fn entry(&mut self, section: Section) -> Result<Entry<'a>, Malformed> {
        let start = self.rest.at();
        let name = Name::read(&mut self.rest, &self.whole)?;
        let name_span = self.rest.since(start);
        let kind = self.rest.u16_be("DNS TYPE")?;
        let class = self.rest.u16_be("DNS CLASS")?;
        let (ttl, data) = if section == Section::Question {
            (0, self.rest.sub("DNS RDATA", 0)?)
        } else {
            let ttl = self.rest.u32_be("DNS TTL")?;
            let length = self.rest.u16_be("DNS RDLENGTH")?;
            (ttl, self.rest.sub("DNS RDATA", usize::from(length))?)
        };
        Ok(Entry { section, name, name_span, kind, class, ttl, data })
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let (count, section) =
            self.counts.iter_mut().zip(SECTIONS).find(|(count, _)| **count > 0)?;
        self.left = self.left.checked_sub(1)?;
        *count = count.saturating_sub(1);
        let entry = self.entry(section);
        if entry.is_err() {
            self.counts = [0; 4];
        }
        Some(entry)
    }
}

/// A name without compression: each label with its length before it. Two names are equal when they differ in upper
/// and lower case only.
#[derive(Clone, Copy)]
pub(in crate::protocols) struct Name {
    /// Labels with their lengths, without the empty one at the end.
    bytes: [u8; NAME_BYTES_MAX],
    used: usize,
}

impl Name {
    /// Reads a name at the front of `r`. `whole` is the message that pointers count from.
    pub(in crate::protocols) fn read(
        r: &mut Reader<'_>,
        whole: &Reader<'_>,
    ) -> Result<Self, Malformed> {
        let mut name = Self { bytes: [0; NAME_BYTES_MAX], used: 0 };
        let mut start = r.at();
        let Some(mut target) = name.part(r, start, whole)? else { return Ok(name) };
        for _ in 0..DNS_POINTERS_PER_NAME_MAX {
            start = target.at();
            match name.part(&mut target, start, whole)? {
                Some(next) => target = next,
                None => return Ok(name),
            }
        }
        Err(r.impossible("DNS NAME"))
    }

    /// Takes labels up to the end of the name, or up to a pointer: then gives the place that it leads to.
    fn part<'a>(
        &mut self,
        r: &mut Reader<'_>,
        start: usize,
        whole: &Reader<'a>,
    ) -> Result<Option<Reader<'a>>, Malformed> {
        loop {
            let length = r.u8("DNS label length")?;
            match length {
                0 => return Ok(None),
                1..=LABEL_BYTES_MAX => {
                    let label = r.bytes("DNS label", usize::from(length))?;
                    self.push(length, label).ok_or(r.impossible("DNS NAME"))?;
                }
                POINTER.. => {
                    let offset = u16::from_be_bytes([length & !POINTER, r.u8("DNS pointer")?]);
                    let target = whole.ahead("DNS pointer", usize::from(offset))?;
                    let back = target.at() < start;
                    return if back { Ok(Some(target)) } else { Err(r.impossible("DNS pointer")) };
                }
                _ => return Err(r.impossible("DNS label length")),
            }
        }
    }

    /// `None` when the name would be longer than a name may be.
    fn push(&mut self, length: u8, label: &[u8]) -> Option<()> {
        let end = self.used.checked_add(1)?.checked_add(label.len())?;
        let (first, rest) = self.bytes.get_mut(self.used..end)?.split_first_mut()?;
        *first = length;
        rest.copy_from_slice(label);
        self.used = end;
        Some(())
    }

    /// Labels with their lengths: what two equal names share but for the case of letters.
    pub(in crate::protocols) fn encoded(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }

    /// The labels, from the host's to the top-level one.
    pub(in crate::protocols) fn labels(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.encoded();
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first()?;
            let (label, after) = after.split_at_checked(usize::from(*length))?;
            rest = after;
            Some(label)
        })
    }

    /// The label at a place, the host's being 0.
    pub(in crate::protocols) fn label(&self, at: usize) -> Option<&[u8]> {
        self.labels().nth(at)
    }

    /// The end of the name that begins with the label at a place.
    pub(in crate::protocols) fn suffix_at(&self, at: usize) -> Self {
        let mut name = Self { bytes: [0; NAME_BYTES_MAX], used: 0 };
        for label in self.labels().skip(at) {
            // It is shorter than the name that it is the end of.
            let _ = name.push(u8::try_from(label.len()).unwrap_or(0), label);
        }
        name
    }

    /// True when the name is these labels, in upper or lower case.
    pub(in crate::protocols) fn is(&self, labels: &[&str]) -> bool {
        let mut own = self.labels();
        let all = labels
            .iter()
            .all(|label| own.next().is_some_and(|own| own.eq_ignore_ascii_case(label.as_bytes())));
        all && own.next().is_none()
    }

    /// True when the name ends with these labels and has one before them, at least.
    pub(in crate::protocols) fn is_below(&self, labels: &[&str]) -> bool {
        let more = self.labels().count().saturating_sub(labels.len());
        more > 0 && self.suffix_at(more).is(labels)
    }

    /// The address that a name for looking up addresses is about: `2.0.20.10.in-addr.arpa`, or 32 nibbles before
    /// `ip6.arpa` (RFC 1035, 3.5; RFC 3596, 2.5).
    pub(in crate::protocols) fn reverse_address(&self) -> Option<IpAddr> {
        if self.is_below(&["in-addr", "arpa"]) && self.labels().count() == 6 {
            let mut octets = [0; 4];
            for (octet, label) in octets.iter_mut().rev().zip(self.labels()) {
                *octet = std::str::from_utf8(label).ok()?.parse().ok()?;
            }
            return Some(Ipv4Addr::from(octets).into());
        }
        if self.is_below(&["ip6", "arpa"]) && self.labels().count() == 34 {
            let mut bits = 0_u128;
            let labels: Vec<&[u8]> = self.labels().take(32).collect();
            for label in labels.iter().rev() {
                let nibble = char::from(*label.first()?).to_digit(16)?;
                bits = (bits << 4) | u128::from(nibble);
            }
            return Some(Ipv6Addr::from(bits).into());
        }
        None
    }
}

impl PartialEq for Name {
    /// Lengths are at most 63 and no letters, so that folding the case changes labels only.
    fn eq(&self, other: &Self) -> bool {
        self.encoded().eq_ignore_ascii_case(other.encoded())
    }
}

impl fmt::Display for Name {
    /// Labels with dots between them, without the dot at the end. What is no UTF-8 is marked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, label) in self.labels().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            f.write_str(&String::from_utf8_lossy(label))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Host address (RFC 1035, 3.4.1).
pub(in crate::protocols) const TYPE_A: u16 = 1;
/// A name for another name (RFC 1035, 3.3.12).
pub(in crate::protocols) const TYPE_PTR: u16 = 12;
/// Processor and operating system of a host (RFC 1035, 3.3.2).
pub(in crate::protocols) const TYPE_HINFO: u16 = 13;
/// Text strings (RFC 1035, 3.3.14).
pub(in crate::protocols) const TYPE_TXT: u16 = 16;
/// IPv6 host address (RFC 3596, 2.1).
pub(in crate::protocols) const TYPE_AAAA: u16 = 28;
/// Where a service is (RFC 2782).
pub(in crate::protocols) const TYPE_SRV: u16 = 33;
/// All types: in questions only.
pub(in crate::protocols) const TYPE_ANY: u16 = 255;
/// The Internet (RFC 1035, 3.2.4).
pub(in crate::protocols) const CLASS_INTERNET: u16 = 1;

const FLAG_RESPONSE: u16 = 0x8000;
const SECTIONS: [Section; 4] =
    [Section::Question, Section::Answer, Section::Authority, Section::Additional];
/// The root as name, a type and a class.
const ENTRY_BYTES_MIN: usize = 5;
const LABEL_BYTES_MAX: u8 = 63;
/// The two bits that make a length a pointer.
const POINTER: u8 = 0xc0;
/// Bytes of a name with all lengths, but for the empty label at its end (RFC 1035, 2.3.4: 255 with it).
const NAME_BYTES_MAX: usize = 254;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;
