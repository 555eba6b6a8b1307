//! Network Data Representation: how the parameters of a call lie in its stub.
//!
//! Reads \[C706\] chapter 14 (NDR) and \[MS-RPCE\] section 2.2.5 (NDR64): numbers in the sender's byte order, on
//! their natural alignment counted from the start of the stub; pointers as referent identifiers, 0 for none, whose
//! referents follow behind the structure that holds them; strings and arrays with their counts in front.
//!
//! ```text
//!   NDR    conformant varying string   maximum u32 | offset u32 | actual u32 | characters
//!   NDR64                              maximum u64 | offset u64 | actual u64 | characters
//! ```
//!
//! A count is believed only as far as bytes are there.

use crate::wire::{Malformed, Reader, Span, text};

/// How numbers and counts of one stub are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Syntax {
    /// Numbers begin with their least significant byte.
    pub(super) little_endian: bool,
    /// NDR64: pointers and counts take eight bytes.
    pub(super) wide: bool,
}

/// A cursor over one stub.
#[derive(Clone, Debug)]
pub(super) struct Ndr<'a> {
    reader: Reader<'a>,
    /// Where the stub begins: alignment counts from here.
    start: usize,
    syntax: Syntax,
}

/// A text and where it lies.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) text: Box<str>,
    pub(super) span: Span,
}

impl<'a> Ndr<'a> {
    /// Starts at the first byte of a stub.
    pub(super) fn new(stub: Reader<'a>, syntax: Syntax) -> Self {
        Self { start: stub.at(), reader: stub, syntax }
    }

    /// The order of bytes in numbers and characters.
    pub(super) fn is_little_endian(&self) -> bool {
        self.syntax.little_endian
    }

    /// Where the next byte lies.
    pub(super) fn at(&self) -> usize {
        self.reader.at()
    }

    /// The bytes read since this cursor was at `start`.
    pub(super) fn since(&self, start: usize) -> Span {
        self.reader.since(start)
    }

    /// What to report about a value that cannot be true.
    pub(super) fn impossible(&self, field: &'static str) -> Malformed {
        self.reader.impossible(field)
    }

    /// Bytes not yet read.
    pub(super) fn left(&self) -> usize {
        self.reader.left()
    }

    /// Passes over padding up to a multiple of `bytes`.
    pub(super) fn align(&mut self, bytes: usize) -> Result<(), Malformed> {
        let past = self.reader.at().saturating_sub(self.start).checked_rem(bytes).unwrap_or(0);
        let padding = if past == 0 { 0 } else { bytes.saturating_sub(past) };
        self.reader.skip("alignment", padding)
    }

    /// Aligns as a structure that holds pointers is.
    pub(super) fn align_pointers(&mut self) -> Result<(), Malformed> {
        self.align(if self.syntax.wide { 8 } else { 4 })
    }

    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, Malformed> {
        self.reader.u8(field)
    }

    pub(super) fn u16(&mut self, field: &'static str) -> Result<u16, Malformed> {
        self.align(2)?;
        let bytes = self.reader.array(field)?;
        Ok(if self.syntax.little_endian {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    pub(super) fn u32(&mut self, field: &'static str) -> Result<u32, Malformed> {
        self.align(4)?;
        let bytes = self.reader.array(field)?;
        Ok(if self.syntax.little_endian {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    /// An enumeration: 16 bits in NDR, 32 in NDR64.
    pub(super) fn enumeration(&mut self, field: &'static str) -> Result<u32, Malformed> {
        if self.syntax.wide { self.u32(field) } else { self.u16(field).map(u32::from) }
    }

    /// A count, or an offset in an array.
    pub(super) fn size(&mut self, field: &'static str) -> Result<usize, Malformed> {
        if !self.syntax.wide {
            return Ok(usize::try_from(self.u32(field)?).unwrap_or(usize::MAX));
        }
        self.align(8)?;
        let bytes = self.reader.array(field)?;
        let size = if self.syntax.little_endian {
            u64::from_le_bytes(bytes)
        } else {
            u64::from_be_bytes(bytes)
        };
        Ok(usize::try_from(size).unwrap_or(usize::MAX))
    }

    /// A pointer: true when it points at something, which then follows at its place.
    pub(super) fn pointer(&mut self, field: &'static str) -> Result<bool, Malformed> {
        self.size(field).map(|referent| referent != 0)
    }

    /// Bytes without alignment.
    pub(super) fn bytes(&mut self, field: &'static str, len: usize) -> Result<&'a [u8], Malformed> {
        self.reader.bytes(field, len)
    }

    /// A fixed number of bytes without alignment.
    pub(super) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], Malformed> {
        self.reader.array(field)
    }

    /// Bytes as a message of their own.
    pub(super) fn sub(&mut self, field: &'static str, len: usize) -> Result<Reader<'a>, Malformed> {
        self.reader.sub(field, len)
    }

    /// An identifier.
    pub(super) fn uuid(&mut self, field: &'static str) -> Result<uuid::Uuid, Malformed> {
        self.align(4)?;
        let bytes = self.reader.array(field)?;
        Ok(if self.syntax.little_endian {
            uuid::Uuid::from_bytes_le(bytes)
        } else {
            uuid::Uuid::from_bytes(bytes)
        })
    }

    /// A context handle: what the server calls an open object.
    pub(super) fn handle(&mut self, field: &'static str) -> Result<[u8; HANDLE_BYTES], Malformed> {
        self.align(4)?;
        self.reader.array(field)
    }

    /// The actual count of a varying array, after its offset.
    pub(super) fn varying(&mut self, field: &'static str) -> Result<usize, Malformed> {
        if self.size(field)? != 0 {
            return Err(self.impossible(field)); // No service that is read sends a part of an array.
        }
        self.size(field)
    }

    /// A conformant varying array of bytes.
    pub(super) fn byte_array(&mut self, field: &'static str) -> Result<Reader<'a>, Malformed> {
        self.size(field)?;
        let length = self.varying(field)?;
        self.sub(field, length)
    }

    /// A conformant varying string of 16-bit characters.
    pub(super) fn string(&mut self, field: &'static str) -> Result<Text, Malformed> {
        let most = self.size(field)?;
        let characters = self.varying(field)?;
        if characters > most {
            return Err(self.impossible(field));
        }
        let bytes = self.sub(field, characters.saturating_mul(2))?;
        Ok(wide_text(bytes, self.syntax.little_endian))
    }

    /// The referent of a pointer to a string; empty when it points nowhere.
    pub(super) fn string_at(
        &mut self,
        there: bool,
        field: &'static str,
    ) -> Result<Text, Malformed> {
        if there { self.string(field) } else { Ok(Text::default()) }
    }

    /// The fixed part of an RPC_UNICODE_STRING: true when its characters follow behind the structure.
    pub(super) fn counted_string(&mut self, field: &'static str) -> Result<bool, Malformed> {
        self.align_pointers()?;
        self.u16(field)?;
        self.u16(field)?;
        self.pointer(field)
    }

    /// A security identifier as people write it: `S-1-5-21-…`; with the span of it.
    pub(super) fn sid(&mut self, field: &'static str) -> Result<Text, Malformed> {
        self.size(field)?;
        self.align(4)?;
        let start = self.at();
        let revision = self.u8(field)?;
        let count = self.u8(field)?;
        if revision != 1 || count > SUB_AUTHORITIES_MAX {
            return Err(self.impossible(field));
        }
        let [a, b, c, d, e, f] = self.array(field)?;
        let authority = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        let mut sid = format!("S-1-{authority}");
        for _ in 0..count {
            sid.push_str(&format!("-{}", self.u32(field)?));
        }
        Ok(Text { text: sid.into(), span: self.since(start) })
    }
}

/// UTF-16 up to its NUL.
pub(super) fn wide_text(mut characters: Reader<'_>, little_endian: bool) -> Text {
    let start = characters.at();
    let bytes = characters.rest();
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs.iter().position(|pair| *pair == [0, 0]).unwrap_or(pairs.len());
    let len = units.saturating_mul(2);
    let bytes = bytes.get(..len).unwrap_or_default();
    let text = if little_endian {
        text::utf16_le(bytes)
    } else {
        let swapped: Vec<u8> =
            bytes.as_chunks::<2>().0.iter().flat_map(|[a, b]| [*b, *a]).collect();
        text::utf16_le(&swapped)
    };
    Text { text: text.unwrap_or_default(), span: Span { at: start, len } }
}

/// Bytes of a context handle.
pub(super) const HANDLE_BYTES: usize = 20;

/// \[MS-DTYP\] section 2.4.2: SID_MAX_SUB_AUTHORITIES.
const SUB_AUTHORITIES_MAX: u8 = 15;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;

    const LITTLE: Syntax = Syntax { little_endian: true, wide: false };

    fn ndr(bytes: &[u8], syntax: Syntax) -> Ndr<'_> {
        Ndr::new(Reader::new(bytes), syntax)
    }

    #[test]
    fn numbers_lie_on_their_alignment_from_the_start_of_the_stub() {
        let bytes = [0xee, 1, 0xee, 0xee, 0xee, 2, 0, 0, 0, 3, 0, 0, 0];
        let mut reader = Reader::new(&bytes);
        reader.skip("before", 1).unwrap();
        let mut stub = Ndr::new(reader, LITTLE);
        assert_eq!(stub.u8("a"), Ok(1));
        assert_eq!(stub.u32("b"), Ok(2));
        assert_eq!(stub.u32("c"), Ok(3));
    }

    #[test]
    fn strings_have_their_counts_in_the_syntax_of_the_stub() {
        let narrow = b"\x03\0\0\0\0\0\0\0\x03\0\0\0P\0C\0\0\0";
        let read = ndr(narrow, LITTLE).string("name").unwrap();
        assert_eq!((&*read.text, read.span), ("PC", Span { at: 12, len: 4 }));
        let big = b"\0\0\0\x03\0\0\0\0\0\0\0\x03\0P\0C\0\0";
        let read = ndr(big, Syntax { little_endian: false, wide: false }).string("name").unwrap();
        assert_eq!(&*read.text, "PC");
        let wide = b"\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0P\0C\0\0\0";
        let read = ndr(wide, Syntax { little_endian: true, wide: true }).string("name").unwrap();
        assert_eq!(&*read.text, "PC");
    }

    #[test]
    fn counts_of_thousands_of_millions_fail_before_any_work() {
        let endless = b"\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xffP\0C\0\0\0";
        assert!(ndr(endless, LITTLE).string("name").is_err());
        assert!(ndr(endless, LITTLE).byte_array("data").is_err());
        let wide = [0xff; 24];
        assert!(ndr(&wide, Syntax { little_endian: true, wide: true }).string("name").is_err());
        let longer_than_its_maximum = b"\x01\0\0\0\0\0\0\0\x02\0\0\0P\0C\0";
        assert!(ndr(longer_than_its_maximum, LITTLE).string("name").is_err());
    }

    #[test]
    fn security_identifiers_print_as_people_write_them() {
        let sid = b"\x04\0\0\0\x01\x04\0\0\0\0\0\x05\x15\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0";
        assert_eq!(&*ndr(sid, LITTLE).sid("sid").unwrap().text, "S-1-5-21-1-2-3");
        assert!(ndr(b"\xff\0\0\0\x01\xff\0\0\0\0\0\x05", LITTLE).sid("sid").is_err());
    }
}
