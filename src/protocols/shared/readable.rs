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

/// Says a text that may have several lines, as descriptions of switches have. What is no UTF-8 is read as ISO 8859-1 when
/// that gives no control characters: many a plant has umlauts in its names.
pub(in crate::protocols) fn say_lines(
    out: &mut Sink<'_>,
    subject: &Subject,
    key: Key,
    bytes: &[u8],
    span: Span,
) {
    match lines(bytes) {
        Some(text) => out.text(subject, key, &text, span),
        None => say(out, subject, key, bytes, span),
    }
}

fn lines(bytes: &[u8]) -> Option<Box<str>> {
    let is_utf_8 = std::str::from_utf8(bytes).is_ok();
    let text = if is_utf_8 { text::utf8(bytes) } else { text::latin1(bytes) };
    let breaks = ['\r', '\n', '\t'];
    text.filter(|text| !text.contains(|c: char| c.is_control() && !breaks.contains(&c)))
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
    fn descriptions_have_lines_and_umlauts() {
        assert_eq!(lines(b"Cisco IOS\r\nCopyright\0").as_deref(), Some("Cisco IOS\r\nCopyright"));
        assert_eq!(lines(b"Halle M\xfcller").as_deref(), Some("Halle M\u{fc}ller"));
        assert_eq!(lines(b"\x00\x0b\x82\x01\xfc\x42"), None);
    }

    #[test]
    fn control_characters_and_broken_utf_8_are_not_text() {
        assert_eq!(readable(b"\x00\x0b\x82\x01\xfc\x42"), None);
        assert_eq!(readable(b"a\x01b"), None);
    }
}
