//! Parameters and data of one SMB1 command, and the strings in them: \[MS-CIFS\] sections 2.2.1.1.4 and 2.2.3.2.
//!
//! ```text
//!   | n words | words ... | ByteCount u16 | bytes: strings, each behind a pad byte where UTF-16 needs one |
//! ```
//!
//! Not all programs keep to the rules: some do not align UTF-16, some pad where nothing is to be aligned, and some
//! write ASCII in messages whose header says UTF-16. Where the bytes plainly show it they are read as they are, so
//! that an odd server has a name and not a row of Chinese letters.

use crate::model::Key;
use crate::protocols::Sink;
use crate::protocols::smb::Ends;
use crate::wire::{Malformed, Reader, Span, text};

/// Parameters and data of one command.
pub(super) struct Block<'a> {
    pub(super) words: Reader<'a>,
    pub(super) bytes: Reader<'a>,
    /// True when `bytes` are all that ByteCount promised, so that its end ends a string.
    complete: bool,
    /// Alphabet of the strings: UTF-16 or the sender's OEM code page.
    pub(super) unicode: bool,
    /// Where the header begins: strings are aligned from there.
    message_at: usize,
}

/// A string without its NUL, not yet decoded.
pub(super) struct Raw<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) unicode: bool,
    pub(super) span: Span,
}

impl<'a> Block<'a> {
    pub(super) fn read(
        message: &Reader<'a>,
        at: usize,
        out: &mut Sink<'_>,
    ) -> Result<Self, Malformed> {
        let mut block = message.ahead("WordCount", at)?;
        let word_count = usize::from(block.u8("WordCount")?);
        let words = block.sub("Words", word_count.saturating_mul(2))?;
        let byte_count = usize::from(block.u16_le("ByteCount")?);
        let complete = byte_count <= block.left();
        let whole = block.sub("Bytes", byte_count);
        let bytes = whole.unwrap_or_else(|malformed| {
            out.damaged(malformed);
            block
        });
        Ok(Self { words, bytes, complete, unicode: false, message_at: message.at() })
    }

    /// The next string, up to its NUL. The last one may end with the block instead.
    pub(super) fn raw(&mut self, field: &'static str, aligned: bool) -> Result<Raw<'a>, Malformed> {
        let unicode = self.unicode && !is_ascii(self.bytes.peek());
        if unicode {
            let padding = self.padding(aligned);
            self.bytes.skip("Pad", padding.min(self.bytes.left()))?;
        }
        let bytes = &mut self.bytes;
        let start = bytes.at();
        let unit = if unicode { 2 } else { 1 };
        let end = bytes.peek().chunks_exact(unit).position(|c| c.iter().all(|byte| *byte == 0));
        let raw = match end {
            Some(units) => bytes.bytes(field, units.saturating_mul(unit))?,
            None if self.complete => {
                let units = bytes.peek().chunks_exact(unit).len();
                bytes.bytes(field, units.saturating_mul(unit))?
            }
            None => return Err(bytes.impossible(field)),
        };
        let span = bytes.since(start);
        if end.is_some() {
            bytes.skip(field, unit)?;
        }
        Ok(Raw { bytes: raw, unicode, span })
    }

    /// The next string, decoded.
    pub(super) fn string(
        &mut self,
        field: &'static str,
        aligned: bool,
    ) -> Result<(Option<Box<str>>, Span), Malformed> {
        let Raw { bytes, unicode, span } = self.raw(field, aligned)?;
        let text = if unicode { text::utf16_le(bytes) } else { text::utf8(bytes) };
        Ok((text, span))
    }

    /// Says the next string about the message's sender.
    pub(super) fn say(
        &mut self,
        key: Key,
        field: &'static str,
        aligned: bool,
        ends: &Ends,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let (text, span) = self.string(field, aligned)?;
        out.text(ends.sender(), key, text.as_deref().unwrap_or_default(), span);
        Ok(())
    }

    /// Bytes before the next UTF-16 string: as the rule says, unless two letters stand where it puts none.
    fn padding(&self, aligned: bool) -> usize {
        let odd = self.bytes.at().saturating_sub(self.message_at) % 2 == 1;
        match (self.bytes.peek(), aligned && odd) {
            ([first, 0, second, 0, ..], true) if is_letter(*first) && is_letter(*second) => 0,
            ([_, 0, first, 0, second, ..], true) if is_letter(*first) && is_letter(*second) => 2,
            ([0, first, 0, second, ..], false) if is_letter(*first) && is_letter(*second) => 1,
            (_, rule) => usize::from(rule),
        }
    }
}

/// Whether a string is ASCII for sure: four letters and more up to a NUL that cannot end UTF-16.
fn is_ascii(bytes: &[u8]) -> bool {
    let letters = bytes.iter().take_while(|byte| is_letter(**byte)).count();
    let ends = match bytes.get(letters..) {
        Some([0, 0, ..]) => letters % 2 == 1,
        Some([0, ..]) => true,
        _ => false,
    };
    letters >= ASCII_LETTERS_MIN && ends
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte == b' '
}

const ASCII_LETTERS_MIN: usize = 4;
