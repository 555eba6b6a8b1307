//! NetBIOS names, as datagrams, sessions and the name service carry them: RFC 1001 (1987) section 14.1, RFC 1002
//! section 4.1.
//!
//! ```text
//!   | 20 | 32 letters A to P | scope labels ... 00 |
//! ```
//!
//! Two letters make one byte; fifteen bytes are the name, padded with spaces, and the last one, the suffix, tells
//! what the name is for.

use std::fmt;

use crate::wire::{Malformed, Reader, text};

/// A name and its suffix.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::protocols) struct NetbiosName {
    /// The name with its padding, in the sender's own alphabet.
    pub(in crate::protocols) name: [u8; NAME_BYTES],
    /// What the name is for: `0x20` is a file server's.
    pub(in crate::protocols) suffix: u8,
}

impl NetbiosName {
    /// Reads an encoded name and passes over its scope.
    pub(in crate::protocols) fn read(
        r: &mut Reader<'_>,
        field: &'static str,
    ) -> Result<Self, Malformed> {
        if r.u8(field)? != ENCODED_BYTES {
            return Err(r.impossible(field));
        }
        let mut name = [0; NAME_BYTES];
        for byte in &mut name {
            *byte = decoded(r, field)?;
        }
        let suffix = decoded(r, field)?;
        loop {
            match r.u8(field)? {
                0 => return Ok(Self { name, suffix }),
                label @ 1..=63 => r.skip(field, usize::from(label))?,
                _ => return Err(r.impossible(field)),
            }
        }
    }

    /// The name in a label of a domain name; `None` when it holds none.
    pub(in crate::protocols) fn of_label(label: &[u8]) -> Option<Self> {
        let mut r = Reader::new(label);
        let mut name = [0; NAME_BYTES];
        for byte in &mut name {
            *byte = decoded(&mut r, "NetBIOS name").ok()?;
        }
        let suffix = decoded(&mut r, "NetBIOS name").ok()?;
        r.is_empty().then_some(Self { name, suffix })
    }

    /// The name without padding; `None` when nothing is left.
    pub(in crate::protocols) fn text(&self) -> Option<Box<str>> {
        text::utf8(text::until_nul(&self.name))
    }
}

impl fmt::Display for NetbiosName {
    /// The name and its suffix: `PLANT-HMI <20>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{:02x}>", self.text().as_deref().unwrap_or_default(), self.suffix)
    }
}

fn decoded(r: &mut Reader<'_>, field: &'static str) -> Result<u8, Malformed> {
    let [high, low] = r.array(field)?;
    nibble(high).zip(nibble(low)).map(|(high, low)| (high << 4) | low).ok_or(r.impossible(field))
}

fn nibble(letter: u8) -> Option<u8> {
    letter.checked_sub(b'A').filter(|nibble| *nibble < 16)
}

const ENCODED_BYTES: u8 = 32;
/// Bytes of a name without its suffix.
pub(in crate::protocols) const NAME_BYTES: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_pairs_make_a_name_and_its_suffix() {
        let mut r = Reader::new(b"\x20EGFCEFEECACACACACACACACACACACACA\x03abc\0!");
        let name = NetbiosName::read(&mut r, "name").unwrap();
        assert_eq!(name.to_string(), "FRED <20>");
        assert_eq!(r.peek(), b"!");
    }

    #[test]
    fn other_letters_and_other_lengths_are_no_name() {
        assert_eq!(NetbiosName::of_label(b"EGFCEFEECACACACACACACACACACACAC"), None);
        assert_eq!(NetbiosName::of_label(b"EGFCEFEECACACACACACACACACACACACACA"), None);
        assert_eq!(NetbiosName::of_label(b"EGFCEFEECACACACACACACACACACACACQ"), None);
        assert!(NetbiosName::read(&mut Reader::new(b"\x1fEGFC"), "name").is_err());
    }
}
