//! Values that are a plain reading of their bytes, so that they can be checked without the rest of the capture.
//!
//! Only readings that decide are tried: all the bytes mean the value, and nothing else does. A flag among the bits of a
//! byte, a name for a number, a text behind a pointer elsewhere in the message are none.

use crate::model::{Excerpt, Mac, Value};

/// The name of the reading by which the kept bytes give the value; `None` when there is none.
pub(super) fn reads_as(value: &Value, excerpt: &Excerpt) -> Option<&'static str> {
    let bytes = &*excerpt.bytes;
    if bytes.is_empty() {
        return None;
    }
    let is_whole = usize::try_from(excerpt.length).is_ok_and(|length| length == bytes.len());
    match value {
        Value::Text(text) => as_text(text, bytes, is_whole)
            .or_else(|| is_whole.then(|| as_address(text, bytes)).flatten()),
        Value::Uint(number) if is_whole => as_number(*number, bytes),
        Value::Uint(_) => None,
        Value::Bytes(value) if is_whole => (**value == *bytes).then_some("bytes"),
        Value::Bytes(value) => {
            value.starts_with(bytes).then_some("bytes, as far as they were kept")
        }
    }
}

/// Text in a common encoding, without padding around it. Of a text whose bytes were not all kept, the beginning.
fn as_text(text: &str, bytes: &[u8], is_whole: bool) -> Option<&'static str> {
    let wide: Vec<u16> = bytes
        .chunks_exact(2)
        .filter_map(|pair| pair.try_into().ok())
        .map(u16::from_le_bytes)
        .collect();
    let wide = String::from_utf16_lossy(&wide);
    let bare = String::from_utf8_lossy(bytes);
    let latin: String = bytes.iter().copied().map(char::from).collect();
    let name = if bytes.is_ascii() { "ASCII text" } else { "UTF-8 text" };
    let readings = [(&*bare, name), (&wide, "UTF-16LE text"), (&latin, "Latin-1 text")];
    let text = text.trim_matches(PADDING);
    readings.into_iter().find_map(|(read, name)| {
        // A character at the cut may be a part of one.
        let read = read.trim_end_matches(char::REPLACEMENT_CHARACTER).trim_matches(PADDING);
        let same = !text.is_empty() && read == text;
        let begun = !is_whole && !read.is_empty() && text.starts_with(read);
        (same || begun).then_some(name)
    })
}

/// A number in either order of bytes.
fn as_number(number: u64, bytes: &[u8]) -> Option<&'static str> {
    let add = |sum: u64, byte: &u8| Some(sum.checked_mul(256)? | u64::from(*byte));
    let little = bytes.iter().rev().try_fold(0, add) == Some(number);
    let big = bytes.iter().try_fold(0, add) == Some(number);
    match (little, big) {
        (true, true) if bytes.len() == 1 => Some("a byte"),
        (true, _) => Some("a little-endian number"),
        (false, true) => Some("a big-endian number"),
        (false, false) => None,
    }
}

/// What specifications print in a form of their own: addresses, identifiers, numbers in a row.
fn as_address(text: &str, bytes: &[u8]) -> Option<&'static str> {
    let dotted = |bytes: &mut dyn Iterator<Item = &u8>| {
        let numbers: Vec<String> = bytes.map(ToString::to_string).collect();
        numbers.join(".")
    };
    let mac: Option<[u8; 6]> = bytes.try_into().ok();
    if mac.is_some_and(|mac| Mac(mac).to_string() == text) {
        return Some("a MAC address");
    }
    let wide: Option<[u8; 16]> = bytes.try_into().ok();
    if let Some(wide) = wide {
        let swapped = uuid::Uuid::from_bytes_le(wide).hyphenated().to_string();
        let straight = uuid::Uuid::from_bytes(wide).hyphenated().to_string();
        if text.eq_ignore_ascii_case(&swapped) || text.eq_ignore_ascii_case(&straight) {
            return Some("a GUID");
        }
        let ipv6 = std::net::Ipv6Addr::from(wide).to_string();
        return (ipv6 == text).then_some("an IPv6 address");
    }
    if bytes.len() == 4 && text.parse::<std::net::Ipv4Addr>().is_ok() {
        let is_one = dotted(&mut bytes.iter()) == text || dotted(&mut bytes.iter().rev()) == text;
        return is_one.then_some("an IPv4 address");
    }
    if (2..=NUMBERS_IN_A_ROW_MAX).contains(&bytes.len()) && dotted(&mut bytes.iter()) == text {
        return Some("numbers of a byte each");
    }
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let reversed: String = bytes.iter().rev().map(|byte| format!("{byte:02x}")).collect();
    if hex.eq_ignore_ascii_case(text) {
        return Some("hexadecimal digits");
    }
    reversed.eq_ignore_ascii_case(text).then_some("a little-endian number in hexadecimal")
}

/// What fields of a fixed length are filled with.
const PADDING: [char; 5] = ['\0', ' ', '\t', '\r', '\n'];
/// Revisions have two to four parts.
const NUMBERS_IN_A_ROW_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str, bytes: &[u8]) -> Option<&'static str> {
        let length = u32::try_from(bytes.len()).unwrap();
        reads_as(&Value::Text(value.into()), &excerpt(bytes, length))
    }

    fn excerpt(bytes: &[u8], length: u32) -> Excerpt {
        Excerpt { length, bytes: bytes.into(), ..Excerpt::default() }
    }

    #[test]
    fn text_reads_back_from_its_encodings() {
        assert_eq!(text("1756-L61", b"1756-L61\0\0"), Some("ASCII text"));
        assert_eq!(text("Köln", "Köln".as_bytes()), Some("UTF-8 text"));
        assert_eq!(text("Köln", b"K\xf6ln "), Some("Latin-1 text"));
        assert_eq!(text("HMI", b"H\0M\0I\0"), Some("UTF-16LE text"));
        assert_eq!(text("PLC", b"PLD"), None);
        assert_eq!(text("", b"\0"), None);
    }

    #[test]
    fn the_beginning_of_a_long_text_is_enough_only_when_the_rest_was_not_kept() {
        let value = Value::Text("abcdef".into());
        assert_eq!(reads_as(&value, &excerpt(b"abc", 6)), Some("ASCII text"));
        assert_eq!(reads_as(&value, &excerpt(b"abc", 3)), None);
    }

    #[test]
    fn numbers_read_back_in_either_order() {
        let number = |value, bytes| {
            reads_as(&Value::Uint(value), &excerpt(bytes, u32::try_from(bytes.len()).unwrap()))
        };
        assert_eq!(number(0x0102, &[2, 1]), Some("a little-endian number"));
        assert_eq!(number(0x0102, &[1, 2]), Some("a big-endian number"));
        assert_eq!(number(7, &[7]), Some("a byte"));
        assert_eq!(number(1, &[3]), None, "a flag among others decides nothing");
        assert_eq!(number(u64::MAX, &[0xff; 9]), None, "longer than any number");
    }

    #[test]
    fn printed_forms_of_specifications_read_back() {
        assert_eq!(text("32.11", &[32, 11]), Some("numbers of a byte each"));
        assert_eq!(text("10.0.0.7", &[10, 0, 0, 7]), Some("an IPv4 address"));
        assert_eq!(text("10.0.0.7", &[7, 0, 0, 10]), Some("an IPv4 address"));
        assert_eq!(
            text("fe80::1", &[0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            Some("an IPv6 address")
        );
        assert_eq!(text("00:1d:9c:00:00:01", &[0, 0x1d, 0x9c, 0, 0, 1]), Some("a MAC address"));
        assert_eq!(
            text("60202801", &[1, 0x28, 0x20, 0x60]),
            Some("a little-endian number in hexadecimal")
        );
        assert_eq!(text("32.12", &[32, 11]), None);
    }
}
