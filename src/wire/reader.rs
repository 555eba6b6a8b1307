//! Bounds-checked reading: the only place that moves through bytes.

use crate::wire::Malformed;

/// Where a field lies in its message: `at` counts from the first byte of the outermost reader.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Span {
    /// Offset of the first byte.
    pub at: usize,
    /// Number of bytes.
    pub len: usize,
}

/// A cursor over one message. Reading past the end is an error, never a panic.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// Starts at the first byte of `bytes`, which stand `at` bytes behind the start of their message.
    pub fn starting_at(bytes: &'a [u8], at: usize) -> Self {
        Self { rest: bytes, at }
    }

    /// Offset of the next byte from the start of the outermost reader.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Bytes not yet read.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// True when nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes read since this reader was at `start`, as a span.
    pub fn since(&self, start: usize) -> Span {
        Span { at: start, len: self.at.saturating_sub(start) }
    }

    /// All unread bytes, without reading them.
    pub fn peek(&self) -> &'a [u8] {
        self.rest
    }

    /// Takes the next `len` bytes.
    pub fn bytes(&mut self, field: &'static str, len: usize) -> Result<&'a [u8], Malformed> {
        let short = self.short(field, len);
        let (head, rest) = self.rest.split_at_checked(len).ok_or(short)?;
        self.rest = rest;
        self.at = self.at.saturating_add(len);
        Ok(head)
    }

    /// Takes all unread bytes.
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = std::mem::take(&mut self.rest);
        self.at = self.at.saturating_add(rest.len());
        rest
    }

    /// Passes over `len` bytes.
    pub fn skip(&mut self, field: &'static str, len: usize) -> Result<(), Malformed> {
        self.bytes(field, len).map(|_| ())
    }

    /// Takes a fixed number of bytes as an array.
    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Malformed> {
        let short = self.short(field, N);
        let (head, rest) = self.rest.split_first_chunk().ok_or(short)?;
        self.rest = rest;
        self.at = self.at.saturating_add(N);
        Ok(*head)
    }

    /// Takes one byte.
    pub fn u8(&mut self, field: &'static str) -> Result<u8, Malformed> {
        self.array::<1>(field).map(u8::from_be_bytes)
    }

    /// Takes a big-endian 16-bit number.
    pub fn u16_be(&mut self, field: &'static str) -> Result<u16, Malformed> {
        self.array(field).map(u16::from_be_bytes)
    }

    /// Takes a little-endian 16-bit number.
    pub fn u16_le(&mut self, field: &'static str) -> Result<u16, Malformed> {
        self.array(field).map(u16::from_le_bytes)
    }

    /// Takes a big-endian 32-bit number.
    pub fn u32_be(&mut self, field: &'static str) -> Result<u32, Malformed> {
        self.array(field).map(u32::from_be_bytes)
    }

    /// Takes a little-endian 32-bit number.
    pub fn u32_le(&mut self, field: &'static str) -> Result<u32, Malformed> {
        self.array(field).map(u32::from_le_bytes)
    }

    /// Takes a little-endian 64-bit number.
    pub fn u64_le(&mut self, field: &'static str) -> Result<u64, Malformed> {
        self.array(field).map(u64::from_le_bytes)
    }

    /// Takes a big-endian 64-bit number.
    pub fn u64_be(&mut self, field: &'static str) -> Result<u64, Malformed> {
        self.array(field).map(u64::from_be_bytes)
    }

    /// Takes `len` bytes as a message of their own, whose offsets go on counting from this one's start.
    pub fn sub(&mut self, field: &'static str, len: usize) -> Result<Self, Malformed> {
        let at = self.at;
        self.bytes(field, len).map(|rest| Self { rest, at })
    }

    /// The part of the unread bytes that starts `offset` bytes ahead, without reading anything.
    pub fn ahead(&self, field: &'static str, offset: usize) -> Result<Self, Malformed> {
        let mut ahead = self.clone();
        ahead.skip(field, offset)?;
        Ok(ahead)
    }

    /// What to report when the bytes of `field`, just read, cannot be true.
    pub fn impossible(&self, field: &'static str) -> Malformed {
        Malformed { field, at: self.at, need: self.rest.len(), have: self.rest.len() }
    }

    fn short(&self, field: &'static str, need: usize) -> Malformed {
        Malformed { field, at: self.at, need, have: self.rest.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_read_takes_nothing_and_names_the_field() {
        let mut r = Reader::new(b"\x01\x02");
        let malformed = r.u32_be("serial number").unwrap_err();
        assert_eq!(malformed, Malformed { field: "serial number", at: 0, need: 4, have: 2 });
        assert_eq!(r.u16_le("length"), Ok(0x0201));
    }

    #[test]
    fn offsets_inside_a_sub_reader_count_from_the_outer_start() {
        let mut r = Reader::new(b"\x00\x01abcd");
        r.u16_be("length").unwrap();
        let mut body = r.sub("body", 3).unwrap();
        body.u8("first").unwrap();
        let start = body.at();
        body.bytes("name", 2).unwrap();
        assert_eq!(body.since(start), Span { at: 3, len: 2 });
        assert!(body.u8("past the body").is_err());
        assert_eq!(r.peek(), b"d");
    }
}
