//! Distinguished encoding rules: ITU-T X.690 (02/2021) section 8.1, as far as security tokens use them.
//!
//! ```text
//!   | tag | length: one byte to 0x7f, or 0x81 to 0x84 and as many bytes | body ... |
//! ```
//!
//! Tags of several bytes and lengths without an end do not occur in these tokens. Nothing here calls itself: how deep
//! a reader goes is written down by whoever calls it.

use crate::wire::{Malformed, Reader};

/// One element: its tag, class and form included, and what it holds.
pub(in crate::protocols) struct Element<'a> {
    pub(in crate::protocols) tag: u8,
    pub(in crate::protocols) body: Reader<'a>,
}

/// Reads the next element.
pub(in crate::protocols) fn element<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<Element<'a>, Malformed> {
    let tag = reader.u8(field)?;
    if tag & TAG_NUMBER_FOLLOWS == TAG_NUMBER_FOLLOWS {
        return Err(reader.impossible(field));
    }
    let first = reader.u8(field)?;
    let length = match first {
        0..=0x7f => usize::from(first),
        0x81 => usize::from(reader.u8(field)?),
        0x82 => usize::from(reader.u16_be(field)?),
        0x83 => {
            let [a, b, c] = reader.array(field)?;
            usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX)
        }
        0x84 => usize::try_from(reader.u32_be(field)?).unwrap_or(usize::MAX),
        _ => return Err(reader.impossible(field)),
    };
    Ok(Element { tag, body: reader.sub(field, length)? })
}

/// Reads the next element, which must have this tag.
pub(in crate::protocols) fn expect<'a>(
    reader: &mut Reader<'a>,
    tag: u8,
    field: &'static str,
) -> Result<Reader<'a>, Malformed> {
    let element = element(reader, field)?;
    if element.tag == tag { Ok(element.body) } else { Err(element.body.impossible(field)) }
}

pub(in crate::protocols) const INTEGER: u8 = 0x02;
pub(in crate::protocols) const OCTET_STRING: u8 = 0x04;
pub(in crate::protocols) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(in crate::protocols) const GENERAL_STRING: u8 = 0x1b;
pub(in crate::protocols) const SEQUENCE: u8 = 0x30;

const TAG_NUMBER_FOLLOWS: u8 = 0x1f;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_one_to_four_bytes_are_read() {
        for head in [&b"\x04\x01"[..], b"\x04\x81\x01", b"\x04\x82\0\x01", b"\x04\x84\0\0\0\x01"] {
            let bytes = [head, b"ab"].concat();
            let mut reader = Reader::new(&bytes);
            let element = element(&mut reader, "test").unwrap();
            assert_eq!(
                (element.tag, element.body.peek(), reader.peek()),
                (4, &b"a"[..], &b"b"[..])
            );
        }
    }

    #[test]
    fn endless_lengths_long_tags_and_other_tags_are_refused() {
        for bytes in
            [&b"\x04\x80a\0\0"[..], b"\x1f\x01\x01a", b"\x04\x85\0\0\0\0\x01a", b"\x04\x02a"]
        {
            assert!(element(&mut Reader::new(bytes), "test").is_err(), "{bytes:02x?}");
        }
        assert!(expect(&mut Reader::new(b"\x30\x00"), OCTET_STRING, "test").is_err());
    }
}
