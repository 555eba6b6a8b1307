//! Basic encoding rules (ITU-T X.690 (02/2021) section 8.1), as far as LDAP, CredSSP, T.125 and security tokens use
//! them. Lengths are definite, in at most four bytes. Nothing here calls itself: how deep a reader goes is written down by
//! whoever calls it.
//!
//! ```text
//!   | tag | length: one byte to 0x7f, or 0x81 to 0x84 and as many bytes | body ... |
//! ```

use crate::wire::{Malformed, Reader};

/// One element.
pub(in crate::protocols) struct Element<'a> {
    /// Its tag: class, form and number in one byte.
    pub(in crate::protocols) tag: u8,
    /// Its contents.
    pub(in crate::protocols) body: Reader<'a>,
}

/// Reads an element with a tag of one byte.
pub(in crate::protocols) fn element<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<Element<'a>, Malformed> {
    let tag = reader.u8(field)?;
    if tag & TAG_NUMBER_FOLLOWS == TAG_NUMBER_FOLLOWS {
        return Err(reader.impossible(field));
    }
    let length = length(reader, field)?;
    Ok(Element { tag, body: reader.sub(field, length)? })
}

/// The contents of an element that must have this tag.
pub(in crate::protocols) fn expect<'a>(
    reader: &mut Reader<'a>,
    tag: u8,
    field: &'static str,
) -> Result<Reader<'a>, Malformed> {
    let element = element(reader, field)?;
    if element.tag == tag { Ok(element.body) } else { Err(element.body.impossible(field)) }
}

/// Reads a length of definite form.
pub(in crate::protocols) fn length(
    reader: &mut Reader<'_>,
    field: &'static str,
) -> Result<usize, Malformed> {
    let first = reader.u8(field)?;
    let bytes: u8 = match first {
        0..=0x7f => return Ok(usize::from(first)),
        0x81..=0x84 => first & 0x7f,
        _ => return Err(reader.impossible(field)),
    };
    let mut length = 0_usize;
    for _ in 0..bytes {
        // Four bytes at most: no bit is shifted out where a `usize` has 32 or more.
        length = length << 8 | usize::from(reader.u8(field)?);
    }
    Ok(length)
}

/// The contents of an INTEGER or ENUMERATED as a number that is not negative and fits 32 bits.
pub(in crate::protocols) fn number(
    mut body: Reader<'_>,
    field: &'static str,
) -> Result<u32, Malformed> {
    let malformed = body.impossible(field);
    let bytes = body.rest();
    let (Some(first), 1..=5) = (bytes.first(), bytes.len()) else { return Err(malformed) };
    if first & 0x80 != 0 || (bytes.len() == 5 && *first != 0) {
        return Err(malformed);
    }
    Ok(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

pub(in crate::protocols) const INTEGER: u8 = 0x02;
pub(in crate::protocols) const OCTET_STRING: u8 = 0x04;
pub(in crate::protocols) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(in crate::protocols) const ENUMERATED: u8 = 0x0a;
pub(in crate::protocols) const GENERAL_STRING: u8 = 0x1b;
pub(in crate::protocols) const SEQUENCE: u8 = 0x30;
pub(in crate::protocols) const SET: u8 = 0x31;

const TAG_NUMBER_FOLLOWS: u8 = 0x1f;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_one_to_five_bytes() {
        for (bytes, length_expected) in [
            (&b"\x7f"[..], 127),
            (b"\x81\x80", 128),
            (b"\x82\x01\x00", 256),
            (b"\x84\x00\x00\x00\x05", 5),
            (b"\x84\xff\xff\xff\xff", 0xffff_ffff),
        ] {
            assert_eq!(length(&mut Reader::new(bytes), "length"), Ok(length_expected));
        }
    }

    #[test]
    fn lengths_without_end_or_beyond_four_bytes_are_refused() {
        for bytes in [&b"\x80"[..], b"\x85\0\0\0\0\x01", b"\xff", b"\x82\x01", b""] {
            assert!(length(&mut Reader::new(bytes), "length").is_err(), "{bytes:x?}");
        }
    }

    #[test]
    fn an_element_longer_than_its_message_is_refused() {
        assert!(element(&mut Reader::new(b"\x04\x03ab"), "value").is_err());
        assert!(expect(&mut Reader::new(b"\x04\x01a"), SEQUENCE, "value").is_err());
    }

    #[test]
    fn numbers_are_positive_and_fit() {
        let number = |bytes| number(Reader::new(bytes), "number").ok();
        assert_eq!(number(b"\x00\xff\xff\xff\xff"), Some(0xffff_ffff));
        assert_eq!(number(b"\x07"), Some(7));
        for bytes in [&b""[..], b"\xff", b"\x01\0\0\0\0", b"\0\0\0\0\0\x01"] {
            assert_eq!(number(bytes), None, "{bytes:x?}");
        }
    }
}
