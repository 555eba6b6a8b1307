//! JA4: a client's hello in 36 letters, the same for the same library used in the same way.
//!
//! As FoxIO specifies it (`technical_details/JA4.md` of github.com/FoxIO-LLC/ja4, BSD 3-Clause). The fingerprints of servers
//! and of other protocols, JA4S among them, are under a licence that forbids selling them, and are not computed.
//!
//! ```text
//!   t13d1516h2_8daaf6152771_e5627efa2ab1
//!   transport, version, name or none, number of suites, of extensions, protocol inside _ suites _ extensions and signatures
//! ```

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::protocols::tls::hello::{APPLICATION_PROTOCOLS, SERVER_NAME_EXTENSION};

/// What carries the hello.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Transport {
    #[default]
    Stream,
    Datagrams,
}

/// What counts of a hello.
#[derive(Clone, Debug, Default)]
pub(super) struct Hello<'a> {
    pub(super) transport: Transport,
    /// The version in front.
    pub(super) version: u16,
    /// Versions that the extension offers.
    pub(super) offered: Vec<u16>,
    pub(super) suites: Vec<u16>,
    /// Types of all extensions.
    pub(super) extensions: Vec<u16>,
    /// In the client's order.
    pub(super) signature_algorithms: Vec<u16>,
    /// The first protocol that is offered.
    pub(super) protocol: &'a [u8],
}

impl Hello<'_> {
    /// The fingerprint.
    pub(super) fn fingerprint(mut self) -> String {
        self.extensions.retain(|kind| !is_grease(*kind));
        let transport = match self.transport {
            Transport::Stream => 't',
            Transport::Datagrams => 'd',
        };
        let version = version(self.newest());
        let name = if self.extensions.contains(&SERVER_NAME_EXTENSION) { 'd' } else { 'i' };
        let suites = self.suites.len().min(COUNT_MAX);
        let extensions = self.extensions.len().min(COUNT_MAX);
        let [first, last] = ends(self.protocol);
        self.suites.sort_unstable();
        self.extensions
            .retain(|kind| ![SERVER_NAME_EXTENSION, APPLICATION_PROTOCOLS].contains(kind));
        self.extensions.sort_unstable();
        let mut second = hexadecimal(&self.extensions);
        if !self.signature_algorithms.is_empty() {
            second = format!("{second}_{}", hexadecimal(&self.signature_algorithms));
        }
        let behind = if self.extensions.is_empty() { NOTHING.to_owned() } else { hash(&second) };
        let before = if self.suites.is_empty() {
            NOTHING.to_owned()
        } else {
            hash(&hexadecimal(&self.suites))
        };
        format!(
            "{transport}{version}{name}{suites:02}{extensions:02}{first}{last}_{before}_{behind}"
        )
    }

    /// Numbers of DTLS count downwards.
    fn newest(&self) -> u16 {
        let newest = match self.transport {
            Transport::Stream => self.offered.iter().max(),
            Transport::Datagrams => self.offered.iter().min(),
        };
        newest.copied().unwrap_or(self.version)
    }
}

/// Values that clients send so that servers get used to not knowing some (RFC 8701): `0a0a`, `1a1a`, … `fafa`.
pub(super) fn is_grease(number: u16) -> bool {
    let [high, low] = number.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

fn version(number: u16) -> &'static str {
    match number {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        0xfeff => "d1",
        0xfefd => "d2",
        0xfefc => "d3",
        _ => "00",
    }
}

/// First and last letter of a protocol's name; of bytes that are none, first and last digit of them in hexadecimal.
fn ends(protocol: &[u8]) -> [char; 2] {
    let (Some(first), Some(last)) = (protocol.first(), protocol.last()) else { return ['0', '0'] };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [char::from(*first), char::from(*last)];
    }
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    [digit(first >> 4), digit(last & 0x0f)]
}

fn hexadecimal(numbers: &[u16]) -> String {
    let mut text = String::with_capacity(numbers.len().saturating_mul(5));
    for (at, number) in numbers.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}{number:04x}");
    }
    text
}

/// The first twelve digits of SHA-256.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// Of suites and extensions; more are not told apart.
const COUNT_MAX: usize = 99;
const HASH_BYTES: usize = 6;
const NOTHING: &str = "000000000000";

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn the_example_of_the_specification_has_its_fingerprint() {
        let hello = Hello {
            transport: Transport::Stream,
            version: 0x0303,
            offered: vec![0x0304, 0x0303],
            suites: vec![
                0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
                0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
            ],
            extensions: vec![
                0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023,
                0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0x7a7a,
            ],
            signature_algorithms: vec![
                0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601,
            ],
            protocol: b"h2",
        };
        assert_eq!(hello.fingerprint(), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }

    #[test]
    fn what_is_not_there_is_zeros() {
        assert_eq!(Hello::default().fingerprint(), "t00i000000_000000000000_000000000000");
        let old = Hello { version: 0x0300, suites: vec![4], ..Hello::default() };
        assert!(old.fingerprint().starts_with("ts3i010000_"));
        let datagrams = Transport::Datagrams;
        let hello = Hello { transport: datagrams, version: 0xfefd, ..Hello::default() };
        assert!(hello.fingerprint().starts_with("dd2i000000_"));
    }

    #[test]
    fn protocols_that_are_no_text_show_their_digits() {
        for (protocol, expected) in [
            (&b"http/1.1"[..], ['h', '1']),
            (b"\xab", ['a', 'b']),
            (b"\xab\xcd", ['a', 'd']),
            (b"\x30\xab", ['3', 'b']),
            (b"\x30\x31\xab\xcd", ['3', 'd']),
            (b"\x30\xab\xcd\x31", ['0', '1']),
            (b"x", ['x', 'x']),
            (b"", ['0', '0']),
        ] {
            assert_eq!(ends(protocol), expected, "{protocol:x?}");
        }
    }
}
