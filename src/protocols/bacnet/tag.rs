//! Tags: what stands in front of each value (ASHRAE 135-2020, 20.2.1).
//!
//! ```text
//!   | number 4 bits | class 1 | length, value or type 3 | [number 1] | [length 1, 3 or 5] | contents |
//!     15: number follows   1: context      5: length follows; 6: opening, 7: closing
//! ```

use std::borrow::Cow;

use crate::wire::{Malformed, Reader, Span};

/// A tag, and what it says about what follows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Contents of so many bytes. Of an application boolean, which has none, the value.
    Value(usize),
    /// What follows, up to the closing tag of this number, belongs together.
    Opening,
    /// It ends here.
    Closing,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Tag {
    pub(super) number: u8,
    pub(super) is_context: bool,
    pub(super) kind: Kind,
}

impl Tag {
    /// Reads a tag.
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let first = r.u8("tag")?;
        let is_context = first & CONTEXT != 0;
        let number = match first >> 4 {
            NUMBER_FOLLOWS => r.u8("tag number")?,
            number => number,
        };
        let kind = match first & 0x07 {
            6 if is_context => Kind::Opening,
            7 if is_context => Kind::Closing,
            5 => Kind::Value(match r.u8("length")? {
                254 => usize::from(r.u16_be("length")?),
                255 => usize::try_from(r.u32_be("length")?).unwrap_or(usize::MAX),
                short => usize::from(short),
            }),
            length @ 0..=4 => Kind::Value(usize::from(length)),
            _ => return Err(r.impossible("tag")),
        };
        Ok(Self { number, is_context, kind })
    }

    /// Bytes of its contents.
    fn contents(self) -> usize {
        match self.kind {
            Kind::Value(_) if !self.is_context && self.number == BOOLEAN => 0,
            Kind::Value(length) => length,
            Kind::Opening | Kind::Closing => 0,
        }
    }
}

/// A value: its tag, its bytes and where they stand.
pub(super) struct Element<'a> {
    pub(super) tag: Tag,
    pub(super) bytes: &'a [u8],
    pub(super) span: Span,
}

impl<'a> Element<'a> {
    /// Reads the next tag and its contents.
    pub(super) fn read(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        let tag = Tag::read(r)?;
        let start = r.at();
        let bytes = r.bytes("contents", tag.contents())?;
        Ok(Self { tag, bytes, span: r.since(start) })
    }

    /// Reads a value that must have this context tag.
    pub(super) fn context(
        r: &mut Reader<'a>,
        number: u8,
        field: &'static str,
    ) -> Result<Self, Malformed> {
        let element = Self::read(r)?;
        match element.tag {
            Tag { number: n, is_context: true, kind: Kind::Value(_) } if n == number => Ok(element),
            _ => Err(r.impossible(field)),
        }
    }

    /// Reads a value with this context tag, where it is there.
    pub(super) fn optional(r: &mut Reader<'a>, number: u8) -> Result<Option<Self>, Malformed> {
        let mut ahead = r.clone();
        let is_there = !r.is_empty()
            && matches!(Tag::read(&mut ahead)?, Tag { number: n, is_context: true, kind: Kind::Value(_) } if n == number);
        if is_there { Self::read(r).map(Some) } else { Ok(None) }
    }

    /// Reads a value that must have this application tag.
    pub(super) fn application(
        r: &mut Reader<'a>,
        number: u8,
        field: &'static str,
    ) -> Result<Self, Malformed> {
        let element = Self::read(r)?;
        let fits = !element.tag.is_context && element.tag.number == number;
        if fits { Ok(element) } else { Err(r.impossible(field)) }
    }

    /// The contents as a number without sign, of at most 64 bits.
    pub(super) fn number(&self) -> Option<u64> {
        let fits = (1..=8).contains(&self.bytes.len());
        fits.then(|| self.bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// The contents as an object identifier.
    pub(super) fn object(&self) -> Option<Object> {
        let word = u32::from_be_bytes(self.bytes.try_into().ok()?);
        Some(Object { kind: word >> 22, instance: word & INSTANCE_MASK })
    }

    /// The contents as text. In a set of characters that is not read here, `None`.
    pub(super) fn text(&self) -> Option<(Cow<'a, [u8]>, Span)> {
        let (set, text) = self.bytes.split_first()?;
        let at = self.span.at.saturating_add(1);
        let span = Span { at, len: text.len() };
        let text = match *set {
            UTF_8 | LATIN_1 => Cow::Borrowed(text),
            UCS_2 => {
                let (pairs, _) = text.as_chunks::<2>();
                let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
                let characters = char::decode_utf16(units);
                let text: String =
                    characters.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
                Cow::Owned(text.into_bytes())
            }
            _ => return None,
        };
        Some((text, span))
    }
}

/// Which object of a device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Object {
    pub(super) kind: u32,
    pub(super) instance: u32,
}

impl Object {
    /// Whether it is the object that stands for the device itself.
    pub(super) fn is_device(self) -> bool {
        self.kind == DEVICE
    }
}

/// Reads up to the closing tag that belongs to an opening one just read, and gives what stands between.
pub(super) fn enclosed<'a>(r: &mut Reader<'a>, number: u8) -> Result<Reader<'a>, Malformed> {
    let inside = r.clone();
    let start = r.at();
    let mut depth = 0_usize;
    loop {
        let end = r.at();
        let element = Element::read(r)?;
        match element.tag.kind {
            Kind::Opening => depth = depth.saturating_add(1),
            Kind::Closing if depth == 0 => {
                if element.tag.number != number {
                    return Err(r.impossible("closing tag"));
                }
                let length = end.saturating_sub(start);
                return inside.clone().sub("constructed value", length);
            }
            Kind::Closing => depth = depth.saturating_sub(1),
            Kind::Value(_) => {}
        }
    }
}

/// Whether the next tag opens or closes what has this number.
pub(super) fn is_next(r: &Reader<'_>, number: u8, kind: Kind) -> bool {
    let mut ahead = r.clone();
    Tag::read(&mut ahead)
        .is_ok_and(|tag| tag.is_context && tag.number == number && tag.kind == kind)
}

/// Application tags (20.2.1.4).
const BOOLEAN: u8 = 1;
pub(super) const UNSIGNED: u8 = 2;
pub(super) const OCTETS: u8 = 6;
pub(super) const CHARACTERS: u8 = 7;
pub(super) const ENUMERATED: u8 = 9;
pub(super) const OBJECT_IDENTIFIER: u8 = 12;

const CONTEXT: u8 = 0x08;
const NUMBER_FOLLOWS: u8 = 15;
const INSTANCE_MASK: u32 = 0x003f_ffff;
/// Object type of the device object.
const DEVICE: u32 = 8;
/// Character sets (20.2.9).
const UTF_8: u8 = 0;
const UCS_2: u8 = 4;
const LATIN_1: u8 = 5;
