//! Base64 (RFC 4648 section 4), as security tokens travel in header fields.

/// The bytes of a text; `None` when it is no Base64. Padding may be missing, nothing may follow it.
pub(in crate::protocols) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().position(|c| *c == PADDING).unwrap_or(text.len());
    let (symbols, padding) = text.split_at_checked(end)?;
    if padding.len() > 2 || padding.iter().any(|c| *c != PADDING) || symbols.len() % 4 == 1 {
        return None;
    }
    let mut decoded = Vec::with_capacity(symbols.len());
    for group in symbols.chunks(4) {
        let mut bits = 0_u32;
        for symbol in group {
            bits = bits << 6 | u32::from(value(*symbol)?);
        }
        // A last group of two or three symbols holds one or two bytes; the bits behind them are zero.
        let missing = 4_usize.saturating_sub(group.len());
        for _ in 0..missing {
            bits <<= 6;
        }
        let [_, bytes @ ..] = bits.to_be_bytes();
        decoded.extend(bytes.iter().take(3_usize.saturating_sub(missing)));
    }
    Some(decoded)
}

/// Bytes as a text without padding, as fingerprints are printed.
pub(in crate::protocols) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(4).div_ceil(3));
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for shift in [18, 12, 6, 0].into_iter().take(group.len().saturating_add(1)) {
            let symbol = usize::try_from(bits.wrapping_shr(shift) & 0x3f)
                .ok()
                .and_then(|at| SYMBOLS.get(at));
            text.extend(symbol.map(|symbol| char::from(*symbol)));
        }
    }
    text
}

fn value(symbol: u8) -> Option<u8> {
    match symbol {
        b'A'..=b'Z' => symbol.checked_sub(b'A'),
        b'a'..=b'z' => symbol.checked_sub(b'a')?.checked_add(26),
        b'0'..=b'9' => symbol.checked_sub(b'0')?.checked_add(52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

const PADDING: u8 = b'=';
const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_the_examples_of_the_standard() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        assert_eq!(decode(b"Zm9vYg").as_deref(), Some(&b"foob"[..]));
        assert_eq!(decode(b"+/+/").as_deref(), Some(&b"\xfb\xff\xbf"[..]));
    }

    #[test]
    fn what_is_encoded_decodes() {
        for bytes in [&b""[..], b"f", b"fo", b"foo", b"foob", b"\xfb\xff\xbf"] {
            assert_eq!(decode(encode(bytes).as_bytes()).as_deref(), Some(bytes));
        }
        assert_eq!(encode(b"fooba"), "Zm9vYmE");
    }

    #[test]
    fn what_is_no_base64_is_nothing() {
        for text in ["Zm9v!", "Z", "Zm9vY", "Zg===", "Zg==Zg==", "=Zg="] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }
}
