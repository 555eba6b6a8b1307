//! Where a file goes: below the directory, by the host and the path that it came from, and never anywhere else. The names are those of
//! strangers: what a file system could understand as more than a name is refused, on whichever system the directory is read later.

use crate::bundle::fetch::address::Address;
use crate::model::limits::{FETCH_NAME_BYTES_MAX, FETCH_PATH_PARTS_MAX};

/// The place of a document, with `/` between its parts: `host/path/name.json`.
///
/// # Errors
///
/// With the reason when its address makes no such place.
pub(super) fn place(address: &Address) -> Result<String, String> {
    let mut parts = vec![folder_of(address)];
    for part in address.path().split('/').skip(1) {
        parts.push(decoded(part)?);
    }
    if let Some(why) = parts.iter().find_map(|name| wrong_name(name)) {
        return Err(format!("its path is not one of plain names: {why}"));
    }
    if parts.len() > FETCH_PATH_PARTS_MAX {
        return Err(format!("its path has more than {FETCH_PATH_PARTS_MAX} parts"));
    }
    let is_document = parts.len() > 1
        && parts.last().is_some_and(|name| name.to_ascii_lowercase().ends_with(".json"));
    if !is_document {
        return Err("its name does not end in .json".to_owned());
    }
    Ok(parts.join("/"))
}

/// The folder of a host.
pub(super) fn folder_of(address: &Address) -> String {
    let authority = address.authority();
    authority.chars().map(|c| if matches!(c, ':' | '[' | ']') { '_' } else { c }).collect()
}

/// A part of a path with its percent signs resolved, once.
fn decoded(part: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
            return Err("its path has a percent sign that stands for nothing".to_owned());
        };
        let value = high.checked_mul(16).and_then(|high| high.checked_add(low));
        bytes.extend(value.and_then(|value| u8::try_from(value).ok()));
    }
    String::from_utf8(bytes).map_err(|_| "its path is no text".to_owned())
}

/// Why a name is not one that every file system takes for a plain name.
fn wrong_name(name: &str) -> Option<&'static str> {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_numbered = |device: &str| {
        stem.strip_prefix(device).is_some_and(|rest| {
            let mut rest = rest.chars();
            matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
        })
    };
    if name.is_empty() || name == "." || name == ".." {
        Some("a part of it is none")
    } else if name.len() > FETCH_NAME_BYTES_MAX {
        Some("it is too long")
    } else if name.chars().any(char::is_control) {
        Some("it has control characters")
    } else if name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']) {
        Some("it has characters with a meaning")
    } else if name.ends_with(['.', ' ']) || name.starts_with(' ') {
        Some("it begins or ends with what some systems drop")
    } else if DEVICES.contains(&stem.as_str()) || is_numbered("COM") || is_numbered("LPT") {
        Some("some systems have a device of that name")
    } else if name.to_ascii_lowercase().ends_with(PART) {
        Some("files that are being written are called so")
    } else {
        None
    }
}

/// What the name of a file ends with while it is being written.
pub(super) const PART: &str = ".part";

const DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$"];

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Result<String, String> {
        place(&Address::read(text).unwrap())
    }

    #[test]
    fn a_document_lies_by_its_host_and_path() {
        for (text, expected) in [
            ("https://a.b/csaf/2024/x.json", "a.b/csaf/2024/x.json"),
            ("https://a.b:8443/x.JSON?y=z", "a.b_8443/x.JSON"),
            ("https://[::1]:1/.well-known/x.json", "___1__1/.well-known/x.json"),
            ("https://a.b/a%20b/x%2B.json", "a.b/a b/x+.json"),
            ("https://a.b/%C3%A4.json", "a.b/ä.json"),
        ] {
            assert_eq!(at(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn no_name_leaves_the_folder_or_means_more_than_a_name() {
        let long = format!("https://a.b/{}.json", "x".repeat(250));
        let deep = format!("https://a.b/{}x.json", "x/".repeat(20));
        for text in [
            "https://a.b/%2e%2e/x.json",
            "https://a.b/..%2f..%2fetc/x.json",
            "https://a.b/%2fetc%2fx.json",
            "https://a.b/..%5c..%5cx.json",
            "https://a.b/C%3Ax.json",
            "https://a.b/x%00.json",
            "https://a.b/x%0a.json",
            "https://a.b/%1b[31mx.json",
            "https://a.b/nul.json",
            "https://a.b/Com1.x.json",
            "https://a.b/aux/x.json",
            "https://a.b/x%20/y.json",
            "https://a.b/x./y.json",
            "https://a.b/x%zz.json",
            "https://a.b/x%.json",
            "https://a.b/%ff.json",
            "https://a.b/x",
            "https://a.b/",
            "https://a.b/x.json/",
            "https://a.b//x.json",
            "https://con/x.json",
            "https://a.b/x.json.part/y.json",
            &long,
            &deep,
        ] {
            assert!(at(text).is_err(), "{text}: {:?}", at(text));
        }
    }
}
