//! Hellos (RFC 8446 section 4.1, RFC 5246 section 7.4.1): what a client offers and what the server chose.
//!
//! ```text
//!   client  | version 2 | random 32 | session identifier 1+n | cookie 1+n of DTLS | cipher suites 2+n | compression 1+n |
//!   server  | version 2 | random 32 | session identifier 1+n | cipher suite 2 | compression 1 |
//!   both    | extensions 2+n: type 2, length 2, ... |                                              missing in old ones
//! ```

use crate::model::limits::LIST_ITEMS_MAX;
use crate::model::{Addr, Subject};
use crate::protocols::Sink;
use crate::protocols::tls::ja4::{Transport, is_grease};
use crate::protocols::tls::{
    APPLICATION_PROTOCOL, CIPHER_SUITE, DRAFT, JA4, OFFERED_PROTOCOL, OFFERED_VERSION,
    REQUESTED_NAME, SERVER_NAME, VERSION, ja4, suites, version_name,
};
use crate::wire::{Malformed, Reader, Span};

/// What a server chose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Chosen {
    /// It asks for another hello (RFC 8446 section 4.1.4).
    pub(super) is_retry: bool,
    /// All that follows is encrypted, certificates included.
    pub(super) hides_certificates: bool,
}

/// Reads a client's hello.
pub(super) fn client(
    mut body: Reader<'_>,
    is_datagram: bool,
    client: &Subject,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = body.at();
    let version = body.u16_be("client_version")?;
    let version_span = body.since(start);
    body.skip("random", RANDOM_BYTES)?;
    short(&mut body, "session_id")?;
    if is_datagram {
        short(&mut body, "cookie")?;
    }
    let length = usize::from(body.u16_be("cipher_suites length")?);
    let suites = body.sub("cipher_suites", length)?;
    let suites_span = Span { at: suites.at(), len: suites.left() };
    short(&mut body, "compression_methods")?;
    let transport = if is_datagram { Transport::Datagrams } else { Transport::Stream };
    let mut hello =
        ja4::Hello { transport, version, suites: numbers(suites), ..Default::default() };
    let mut versions = None;
    let read = extensions(body, |kind, extension| {
        hello.extensions.push(kind);
        match kind {
            SERVER_NAME_EXTENSION => server_name(extension, client, server, out),
            APPLICATION_PROTOCOLS => {
                hello.protocol = protocols(extension, client, out)?;
                Ok(())
            }
            SIGNATURE_ALGORITHMS => {
                hello.signature_algorithms = numbers(list(extension, "signature_algorithms")?);
                Ok(())
            }
            SUPPORTED_VERSIONS => {
                versions = Some(short_list(extension, "supported_versions")?);
                Ok(())
            }
            _ => Ok(()),
        }
    });
    match versions {
        Some(mut versions) => {
            while let Some(version) = next(&mut versions, &mut hello.offered) {
                let span = Span { at: versions.at().saturating_sub(2), len: 2 };
                out.text(client, OFFERED_VERSION, &version_name(version), span);
            }
        }
        None => out.text(client, OFFERED_VERSION, &version_name(version), version_span),
    }
    // A hello that is damaged would give a fingerprint of nobody.
    read?;
    out.text(client, JA4, &hello.fingerprint(), suites_span);
    Ok(())
}

/// Reads a server's hello.
pub(super) fn server(
    mut body: Reader<'_>,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<Chosen, Malformed> {
    let start = body.at();
    let mut version = body.u16_be("server_version")?;
    let mut version_span = body.since(start);
    let is_retry = body.bytes("random", RANDOM_BYTES)? == RETRY;
    // Drafts of version 1.3 had neither a session nor a compression in it.
    let is_draft = version >> 8 == DRAFT;
    if !is_draft {
        short(&mut body, "session_id")?;
    }
    let start = body.at();
    let suite = body.u16_be("cipher_suite")?;
    let suite_span = body.since(start);
    if !is_draft {
        body.skip("compression_method", 1)?;
    }
    let mut protocol = None;
    let read = extensions(body, |kind, mut extension| {
        match kind {
            SUPPORTED_VERSIONS => {
                let start = extension.at();
                version = extension.u16_be("selected_version")?;
                version_span = extension.since(start);
            }
            APPLICATION_PROTOCOLS => {
                let mut names = list(extension, "ProtocolNameList")?;
                protocol = Some(short(&mut names, "ProtocolName")?);
            }
            _ => {}
        }
        Ok(())
    });
    out.text(server, VERSION, &version_name(version), version_span);
    match suites::name(suite) {
        Some(name) => out.text(server, CIPHER_SUITE, name, suite_span),
        None => out.text(server, CIPHER_SUITE, &format!("{suite:#06x}"), suite_span),
    }
    if let Some(protocol) = protocol {
        text(protocol, |text, span| out.text(server, APPLICATION_PROTOCOL, text, span));
    }
    read?;
    let hides_certificates = version == TLS_1_3 || version == DTLS_1_3 || version >> 8 == DRAFT;
    Ok(Chosen { is_retry, hides_certificates })
}

/// Shows each extension to `each`. What is wrong in one costs only itself; the first thing wrong is told.
fn extensions<'a>(
    mut body: Reader<'a>,
    mut each: impl FnMut(u16, Reader<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    if body.is_empty() {
        return Ok(());
    }
    let length = usize::from(body.u16_be("extensions length")?);
    let mut list = body.sub("extensions", length)?;
    let mut wrong = Ok(());
    for _ in 0..LIST_ITEMS_MAX {
        if list.is_empty() {
            break;
        }
        let kind = list.u16_be("extension_type")?;
        let length = usize::from(list.u16_be("extension length")?);
        let result = each(kind, list.sub("extension_data", length)?);
        wrong = wrong.and(result);
    }
    wrong
}

/// RFC 6066 section 3: a list of names, in practice one, of type 0.
fn server_name(
    extension: Reader<'_>,
    client: &Subject,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut names = list(extension, "ServerNameList")?;
    if names.u8("NameType")? != HOST_NAME {
        return Ok(());
    }
    let length = usize::from(names.u16_be("HostName length")?);
    let name = names.sub("HostName", length)?;
    text(name, |text, span| {
        out.text(client, REQUESTED_NAME, text, span);
        // Its own address is no name of a server, though some clients send it.
        let own = text.parse().is_ok_and(|address| server.node.addr == Addr::Ip(address));
        if !own {
            out.text(server, SERVER_NAME, text, span);
        }
    });
    Ok(())
}

/// RFC 7301 section 3.1: says all, and answers the first.
fn protocols<'a>(
    extension: Reader<'a>,
    client: &Subject,
    out: &mut Sink<'_>,
) -> Result<&'a [u8], Malformed> {
    let mut names = list(extension, "ProtocolNameList")?;
    let mut first = None;
    for _ in 0..LIST_ITEMS_MAX {
        if names.is_empty() {
            break;
        }
        let name = short(&mut names, "ProtocolName")?;
        first.get_or_insert(name.peek());
        // Values that are sent for nobody to know them (RFC 8701) are two equal bytes that are no text.
        text(name, |text, span| out.text(client, OFFERED_PROTOCOL, text, span));
    }
    Ok(first.unwrap_or_default())
}

/// Hands over what is printable ASCII: names of hosts and of protocols are.
fn text(name: Reader<'_>, say: impl FnOnce(&str, Span)) {
    let span = Span { at: name.at(), len: name.left() };
    let bytes = name.peek();
    if bytes.iter().all(u8::is_ascii_graphic)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        say(text, span);
    }
}

/// A list with a length of two bytes in front.
fn list<'a>(mut r: Reader<'a>, field: &'static str) -> Result<Reader<'a>, Malformed> {
    let length = usize::from(r.u16_be(field)?);
    r.sub(field, length)
}

/// A list with a length of one byte in front.
fn short_list<'a>(mut r: Reader<'a>, field: &'static str) -> Result<Reader<'a>, Malformed> {
    short(&mut r, field)
}

/// Bytes with a length of one byte in front.
fn short<'a>(r: &mut Reader<'a>, field: &'static str) -> Result<Reader<'a>, Malformed> {
    let length = usize::from(r.u8(field)?);
    r.sub(field, length)
}

/// Numbers of two bytes each, without those that are sent for nobody to know them.
fn numbers(mut list: Reader<'_>) -> Vec<u16> {
    let mut numbers = Vec::new();
    while next(&mut list, &mut numbers).is_some() {}
    numbers
}

/// The next number that means something; `all` takes it.
fn next(list: &mut Reader<'_>, all: &mut Vec<u16>) -> Option<u16> {
    loop {
        let number = list.u16_be("number").ok()?;
        if !is_grease(number) && all.len() < LIST_ITEMS_MAX {
            all.push(number);
            return Some(number);
        }
    }
}

const RANDOM_BYTES: usize = 32;
/// What stands in place of a random number when the server asks for another hello: SHA-256 of `HelloRetryRequest`.
const RETRY: [u8; RANDOM_BYTES] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];
const TLS_1_3: u16 = 0x0304;
const DTLS_1_3: u16 = 0xfefc;

/// Types of extensions (IANA, TLS ExtensionType Values).
pub(super) const SERVER_NAME_EXTENSION: u16 = 0;
const SIGNATURE_ALGORITHMS: u16 = 13;
pub(super) const APPLICATION_PROTOCOLS: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;
const HOST_NAME: u8 = 0;
