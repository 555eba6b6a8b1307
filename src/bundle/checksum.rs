//! Checksums beside documents, as `sha512sum` and others write them: the digits alone, digits and name with a star or without, digits of
//! either case, or `SHA512 (name) = digits`.

use sha2::{Digest, Sha256, Sha512};

use crate::bundle::{file_name, hex};

/// What a file of checksums says about a document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sum {
    /// The document is the one.
    Right,
    /// It is another.
    Wrong,
    /// There is no checksum of that kind in it.
    Missing,
}

/// Compares a document with the SHA-512 that a file beside it gives.
pub fn sha512(document: &[u8], name: &str, beside: &[u8]) -> Sum {
    compare(&hex(&Sha512::digest(document)), name, beside)
}

/// The same for SHA-256.
pub fn sha256(document: &[u8], name: &str, beside: &[u8]) -> Sum {
    compare(&hex(&Sha256::digest(document)), name, beside)
}

/// Of several lines, those that name the document count; lines without a name count for all.
fn compare(digest: &str, name: &str, beside: &[u8]) -> Sum {
    let text = String::from_utf8_lossy(beside);
    let lines =
        text.trim_start_matches('\u{feff}').lines().filter_map(|line| sum(line, digest.len()));
    let all: Vec<(&str, &str)> = lines.take(LINES_MAX).collect();
    let own = |named: &&(&str, &str)| named.1.is_empty() || file_name(named.1) == file_name(name);
    let mut named = all.iter().filter(own).peekable();
    let mut rest = all.iter().take(1);
    // A document that was renamed on its way still has the checksum beside it.
    let told: &mut dyn Iterator<Item = &(&str, &str)> =
        if named.peek().is_some() { &mut named } else { &mut rest };
    let mut found = Sum::Missing;
    for (digits, _) in told {
        if digits.eq_ignore_ascii_case(digest) {
            return Sum::Right;
        }
        found = Sum::Wrong;
    }
    found
}

/// The digits of a line, and the name that they are of.
fn sum(line: &str, digits: usize) -> Option<(&str, &str)> {
    let is_sum =
        |word: &str| word.len() == digits && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let line = line.trim();
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if is_sum(first) {
        return Some((first, rest.trim_start().trim_start_matches('*')));
    }
    let (before, last) = line.rsplit_once('=')?;
    let name = before.trim().split_once('(')?.1.strip_suffix(')')?;
    Some((last.trim(), name)).filter(|(digits, _)| is_sum(digits))
}

/// Lines of one file of checksums that are looked at: one document has one, a directory has some thousand.
const LINES_MAX: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_read_in_all_their_spellings() {
        let digits = hex(&Sha512::digest(b"x"));
        let other = hex(&Sha512::digest(b"y"));
        for right in [
            format!("{digits}  a.json\n"),
            format!("{digits} *a.json\r\n"),
            format!("{digits}\t./2024/a.json"),
            digits.to_uppercase(),
            format!("\u{feff}{digits}"),
            format!("SHA512 (a.json) = {digits}\n"),
            format!("{other}  b.json\n{digits}  a.json\n"),
            format!("{digits}  renamed.json\n"),
        ] {
            assert_eq!(sha512(b"x", "csaf/2024/a.json", right.as_bytes()), Sum::Right, "{right}");
        }
        for wrong in [format!("{other}  a.json"), format!("{digits}  b.json\n{other}  a.json\n")] {
            assert_eq!(sha512(b"x", "a.json", wrong.as_bytes()), Sum::Wrong, "{wrong}");
        }
        let short = digits.get(1..).unwrap();
        for none in ["", "not found", short, &format!("{short}g"), "SHA512 (a.json = x"] {
            assert_eq!(sha512(b"x", "a.json", none.as_bytes()), Sum::Missing, "{none}");
        }
        assert_eq!(sha512(b"x", "a.json", &[0xff; 300]), Sum::Missing);
        let digits = hex(&Sha256::digest(b"x"));
        assert_eq!(sha256(b"x", "a.json", digits.as_bytes()), Sum::Right);
    }
}
