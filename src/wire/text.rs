//! Bytes to text. Padding goes, what cannot be decoded is marked U+FFFD, control characters stay: every
//! sink escapes them, and a name with an escape sequence in it is itself a fact.

/// ASCII or UTF-8. `None` when nothing is left without padding.
pub fn utf8(bytes: &[u8]) -> Option<Box<str>> {
    unpadded(&String::from_utf8_lossy(bytes))
}

/// ISO 8859-1: every byte is a character.
pub fn latin1(bytes: &[u8]) -> Option<Box<str>> {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    unpadded(&text)
}

/// UTF-16, little-endian, as Windows sends names. An odd last byte is ignored.
pub fn utf16_le(bytes: &[u8]) -> Option<Box<str>> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
    let text: String =
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    unpadded(&text)
}

/// Up to the first NUL, as C programs fill fixed fields.
pub fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn unpadded(text: &str) -> Option<Box<str>> {
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    (!text.is_empty()).then(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_padding_only() {
        assert_eq!(utf8(b"1756-ENBT/A \0\0").as_deref(), Some("1756-ENBT/A"));
        assert_eq!(utf8(b" \0"), None);
        assert_eq!(utf8(b"a\x1b[31mb").as_deref(), Some("a\u{1b}[31mb"));
    }

    #[test]
    fn marks_what_cannot_be_decoded() {
        assert_eq!(utf16_le(b"A\x00\x00\xd8B\x00!").as_deref(), Some("A\u{fffd}B"));
        assert_eq!(latin1(b"M\xfcller").as_deref(), Some("M\u{fc}ller"));
    }
}
