//! Object identifiers: rows of numbers, seven bits to a byte (ITU-T X.690, 8.19).

use std::fmt;

use crate::model::limits::SNMP_OID_ARCS_MAX;
use crate::wire::{Malformed, Reader};

/// The numbers of an object identifier.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Oid(Vec<u32>);

impl Oid {
    /// Reads the contents of an OBJECT IDENTIFIER.
    pub(super) fn read(mut body: Reader<'_>, field: &'static str) -> Result<Self, Malformed> {
        let mut arcs = Vec::new();
        while !body.is_empty() {
            let arc = number(&mut body, field)?;
            if arcs.is_empty() {
                // The first two stand in one number: 40 times the first, and the second.
                let first = arc.checked_div(ARCS_OF_FIRST).unwrap_or_default().min(2);
                arcs.push(first);
                arcs.push(arc.saturating_sub(first.saturating_mul(ARCS_OF_FIRST)));
            } else {
                arcs.push(arc);
            }
            if arcs.len() > SNMP_OID_ARCS_MAX {
                return Err(body.impossible(field));
            }
        }
        Ok(Self(arcs))
    }

    /// What stands behind the numbers of `start`; `None` when it begins otherwise.
    pub(super) fn behind(&self, start: &[u32]) -> Option<&[u32]> {
        self.0.strip_prefix(start)
    }

    /// Whether it is what a pattern says, in which [`ANY`] is any number.
    pub(super) fn is(&self, pattern: &[u32]) -> bool {
        let fits = |(arc, wanted): (&u32, &u32)| *wanted == ANY || arc == wanted;
        self.0.len() == pattern.len() && self.0.iter().zip(pattern).all(fits)
    }

    /// Whether it names nothing: 0.0, or nothing at all.
    pub(super) fn is_null(&self) -> bool {
        self.0.iter().all(|arc| *arc == 0)
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, arc) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            write!(f, "{arc}")?;
        }
        Ok(())
    }
}

/// A number of at most 32 bits.
fn number(body: &mut Reader<'_>, field: &'static str) -> Result<u32, Malformed> {
    let mut number = 0_u32;
    loop {
        let byte = body.u8(field)?;
        if number >> BITS_BEFORE_LAST != 0 {
            return Err(body.impossible(field));
        }
        number = number << 7 | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
}

/// In a pattern: any number. No object of a published table has it.
pub(super) const ANY: u32 = u32::MAX;
const ARCS_OF_FIRST: u32 = 40;
/// A number that has a bit above these cannot take seven more.
const BITS_BEFORE_LAST: u32 = 25;

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(bytes: &[u8]) -> Result<String, Malformed> {
        Oid::read(Reader::new(bytes), "name").map(|oid| oid.to_string())
    }

    #[test]
    fn numbers_have_seven_bits_to_a_byte() {
        assert_eq!(oid(b"\x2b\x06\x01\x02\x01\x01\x01\x00").unwrap(), "1.3.6.1.2.1.1.1.0");
        assert_eq!(oid(b"\x2b\x06\x01\x04\x01\xa1\x69").unwrap(), "1.3.6.1.4.1.4329");
        assert_eq!(oid(b"\x88\x37").unwrap(), "2.999");
        assert_eq!(oid(b"").unwrap(), "");
    }

    #[test]
    fn numbers_beyond_32_bits_and_numbers_cut_short_are_refused() {
        assert!(oid(b"\x2b\x8f\xff\xff\xff\x7f").is_ok());
        assert!(oid(b"\x2b\x90\x80\x80\x80\x00").is_err());
        assert!(oid(b"\x2b\x81").is_err());
        assert!(oid(&[1; SNMP_OID_ARCS_MAX + 1]).is_err());
    }

    #[test]
    fn patterns_have_places_for_any_number() {
        let oid = Oid(vec![1, 3, 7]);
        assert!(oid.is(&[1, ANY, 7]) && !oid.is(&[1, ANY]) && !oid.is(&[1, ANY, 8]));
        assert_eq!(oid.behind(&[1, 3]), Some(&[7][..]));
    }
}
