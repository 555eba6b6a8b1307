//! Objects and values of S7comm-plus, as far as it takes to find the texts in them.
//!
//! ```text
//!   object     A1 | 4 | class | flags | attribute ... A2          attribute   A3 | identifier | value
//!                                                                relation    A4 | identifier | 4
//!   value      flags 1 | type 1 | ...       flags: 10 array, 20 array of addresses, 40 sparse array
//!   numbers without a size have seven bits in each byte, the highest first; 80 marks all but the last
//! ```

use crate::model::limits::{S7_PLUS_DEPTH_MAX, S7_PLUS_ELEMENTS_MAX};
use crate::wire::{Malformed, Reader, Span};

/// Takes identifier, bytes and place of a text.
pub(super) type Found<'f> = dyn FnMut(u64, &[u8], Span) + 'f;

/// Reads the object at the front, and shows the texts that are values of its attributes or in structures of them.
pub(super) fn texts(mut r: Reader<'_>, found: &mut Found<'_>) -> Result<(), Malformed> {
    let mut depth = 0_usize;
    let mut walk = Walk { elements: 0, found };
    loop {
        walk.count(&r)?;
        match r.u8("element")? {
            OBJECT => {
                depth = depth.saturating_add(1);
                r.skip("relation identifier", 4)?;
                for field in ["class identifier", "class flags", "attribute identifier"] {
                    number(&mut r, field)?;
                }
            }
            OBJECT_END => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Ok(());
                }
            }
            ATTRIBUTE => {
                let identifier = number(&mut r, "attribute identifier")?;
                walk.value(&mut r, identifier, 0)?;
            }
            RELATION => {
                number(&mut r, "relation identifier")?;
                r.skip("relation", 4)?;
            }
            _ => return Err(r.impossible("element")),
        }
    }
}

/// Passes over one value.
pub(super) fn skip_value(r: &mut Reader<'_>) -> Result<(), Malformed> {
    Walk { elements: 0, found: &mut |_, _, _| {} }.value(r, 0, 0)
}

/// A number of seven bits in each byte; the ninth byte, the last that can be, has eight.
pub(super) fn number(r: &mut Reader<'_>, field: &'static str) -> Result<u64, Malformed> {
    let mut number = 0_u64;
    for _ in 0..8 {
        let byte = r.u8(field)?;
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Ok(number << 8 | u64::from(r.u8(field)?))
}

struct Walk<'a, 'f> {
    elements: usize,
    found: &'a mut Found<'f>,
}

impl Walk<'_, '_> {
    fn count(&mut self, r: &Reader<'_>) -> Result<(), Malformed> {
        self.elements = self.elements.saturating_add(1);
        if self.elements > S7_PLUS_ELEMENTS_MAX {
            return Err(r.impossible("element"));
        }
        Ok(())
    }

    fn value(
        &mut self,
        r: &mut Reader<'_>,
        identifier: u64,
        depth: usize,
    ) -> Result<(), Malformed> {
        let flags = r.u8("data type flags")?;
        let kind = r.u8("data type")?;
        if flags & SPARSE != 0 {
            while number(r, "key")? != 0 {
                self.one(r, kind, identifier, depth)?;
            }
            return Ok(());
        }
        if flags & ARRAY == 0 {
            return self.one(r, kind, identifier, depth);
        }
        let count = number(r, "array size")?;
        let count = usize::try_from(count).map_err(|_| r.impossible("array size"))?;
        if let Some(size) = fixed(kind) {
            return r.skip("array", count.saturating_mul(size));
        }
        for _ in 0..count {
            self.one(r, kind, identifier, depth)?;
        }
        Ok(())
    }

    fn one(
        &mut self,
        r: &mut Reader<'_>,
        kind: u8,
        identifier: u64,
        depth: usize,
    ) -> Result<(), Malformed> {
        self.count(r)?;
        if let Some(size) = fixed(kind) {
            return r.skip("value", size);
        }
        match kind {
            UDINT | ULINT | DINT | LINT | TIME_SPAN | ATTRIBUTE_IDENTIFIER => {
                number(r, "value").map(|_| ())
            }
            BLOB => {
                number(r, "blob identifier")?;
                let length = length(r)?;
                r.skip("blob", length)
            }
            TEXT => {
                let length = length(r)?;
                let at = r.at();
                let text = r.bytes("text", length)?;
                (self.found)(identifier, text, Span { at, len: length });
                Ok(())
            }
            STRUCTURE if depth < S7_PLUS_DEPTH_MAX => {
                r.skip("structure identifier", 4)?;
                loop {
                    match number(r, "element identifier")? {
                        0 => return Ok(()),
                        element => self.value(r, element, depth.saturating_add(1))?,
                    }
                }
            }
            _ => Err(r.impossible("data type")),
        }
    }
}

fn length(r: &mut Reader<'_>) -> Result<usize, Malformed> {
    let length = number(r, "length")?;
    usize::try_from(length).map_err(|_| r.impossible("length"))
}

/// Bytes of a value of this type, where they are always as many.
fn fixed(kind: u8) -> Option<usize> {
    match kind {
        0x00 => Some(0),
        0x01 | 0x02 | 0x06 | 0x0a => Some(1),
        0x03 | 0x07 | 0x0b => Some(2),
        0x0c | 0x0e | 0x12 => Some(4),
        0x0d | 0x0f | 0x10 => Some(8),
        _ => None,
    }
}

const OBJECT: u8 = 0xa1;
const OBJECT_END: u8 = 0xa2;
const ATTRIBUTE: u8 = 0xa3;
const RELATION: u8 = 0xa4;

const ARRAY: u8 = 0x30;
const SPARSE: u8 = 0x40;

const UDINT: u8 = 0x04;
const ULINT: u8 = 0x05;
/// A signed number, as modes are.
pub(super) const DINT: u8 = 0x08;
const LINT: u8 = 0x09;
const TIME_SPAN: u8 = 0x11;
const ATTRIBUTE_IDENTIFIER: u8 = 0x13;
const BLOB: u8 = 0x14;
const TEXT: u8 = 0x15;
const STRUCTURE: u8 = 0x17;
