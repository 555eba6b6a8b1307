//! Fields that a device may fill with a name or with anything else: text when it reads as text, bytes when not.

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::wire::{Span, text};

/// Says `bytes` as text when they are UTF-8 (ASCII among it) without control characters, else as they are.
/// Padding around a text is no part of it; padding alone says nothing.
pub(in crate::protocols) fn say(
    out: &mut Sink<'_>,
    subject: &Subject,
    key: Key,
    bytes: &[u8],
    span: Span,
) {
    match readable(bytes) {
        Some(text) => out.text(subject, key, &text, span),
        None if bytes.iter().all(|byte| *byte == 0) => {}
        None => out.bytes(subject, key, bytes, span),
    }
}

/// The bytes as text, when they read as text.
pub(in crate::protocols) fn readable(bytes: &[u8]) -> Option<Box<str>> {
    std::str::from_utf8(bytes).ok()?;
    text::utf8(bytes).filter(|text| !text.contains(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_no_part_of_a_text() {
        assert_eq!(readable(b"Port 1\0").as_deref(), Some("Port 1"));
        assert_eq!(readable(b"\0\0"), None);
    }

    #[test]
    fn control_characters_and_broken_utf_8_are_not_text() {
        assert_eq!(readable(b"\x00\x0b\x82\x01\xfc\x42"), None);
        assert_eq!(readable(b"a\x01b"), None);
    }
}
