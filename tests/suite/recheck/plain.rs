//! A second way from bytes to values, for all that is written on the wire as it is printed: text in its encodings,
//! numbers in their orders, addresses, identifiers.

use nameplate::model::{Excerpt, Value};

/// True when the bytes, read by themselves, are the value.
pub(super) fn is_plain(value: &Value, excerpt: &Excerpt) -> bool {
    let bytes = &*excerpt.bytes;
    let whole = bytes.len() == excerpt.length as usize;
    match value {
        Value::Uint(number) => {
            let words = [bytes.to_vec(), bytes.iter().rev().copied().collect()];
            whole
                && (1..=8).contains(&bytes.len())
                && words.iter().any(|word| {
                    word.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)) == *number
                })
        }
        Value::Bytes(value) => value.starts_with(bytes) && (!whole || value.len() == bytes.len()),
        Value::Text(text) => {
            texts(bytes).iter().any(|read| {
                let (read, text) = (read.trim_matches(PADDING), text.trim_matches(PADDING));
                !read.is_empty()
                    && if whole { read == text } else { text.starts_with(read) && text.is_ascii() }
            }) || (whole && printed(bytes).iter().any(|read| read.eq_ignore_ascii_case(text)))
        }
    }
}

/// The bytes as text, by each encoding.
fn texts(bytes: &[u8]) -> Vec<String> {
    let wide: Vec<u16> =
        bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let mut texts = vec![bytes.iter().map(|byte| char::from(*byte)).collect()];
    texts.extend(String::from_utf8(bytes.to_vec()).ok());
    texts.extend(String::from_utf16(&wide).ok());
    texts.extend(unescaped(bytes));
    texts
}

/// Text of a URI, in which `%` and two digits stand for a byte.
fn unescaped(bytes: &[u8]) -> Option<String> {
    let mut parts = std::str::from_utf8(bytes).ok()?.split('%');
    let mut plain = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        plain.push(u8::from_str_radix(digits, 16).ok()?);
        plain.extend(rest.as_bytes());
    }
    String::from_utf8(plain).ok()
}

/// The bytes in the forms that specifications print numbers in.
fn printed(bytes: &[u8]) -> Vec<String> {
    let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let dotted = |bytes: &[u8]| {
        let numbers: Vec<String> = bytes.iter().map(ToString::to_string).collect();
        numbers.join(".")
    };
    // Identities of clocks are printed with dashes between their bytes.
    let dashed = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join("-");
    let mut forms = vec![hex(bytes), hex(&reversed), dashed];
    match bytes.len() {
        2..=4 => forms.extend([dotted(bytes), dotted(&reversed)]),
        6 => {
            forms.push(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":"))
        }
        16 => {
            let wide: [u8; 16] = bytes.try_into().unwrap();
            forms.push(std::net::Ipv6Addr::from(wide).to_string());
            forms.push(uuid::Uuid::from_bytes(wide).to_string());
            forms.push(uuid::Uuid::from_bytes_le(wide).to_string());
        }
        _ => {}
    }
    forms
}

const PADDING: [char; 5] = ['\0', ' ', '\t', '\r', '\n'];
