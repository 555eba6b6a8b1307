//! S7comm-plus of today's firmware runs inside TLS, whose records are the user data of COTP (RFC 5246, RFC 8446). Which
//! version the server chose is read; what is encrypted is hidden, and that is told.
//!
//! ```text
//!   record        type 1   version 2   length 2   handshake
//!   handshake     type 1   length 3   version 2   random 32   session 1+n   cipher suite 2   compression 1   [extensions 2+n]
//! ```

use crate::protocols::Probe;
use crate::wire::{Malformed, Reader, Span};

/// What a record of TLS tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Told {
    /// The version that the server chose, and where it stands.
    Version(&'static str, Span),
    /// Encrypted already: both ends agreed before the capture.
    Encrypted,
    /// Nothing yet.
    Nothing,
}

/// Whether a byte is the type of a record.
pub(super) fn is_content(kind: u8) -> bool {
    matches!(kind, CHANGE_CIPHER_SPEC..=APPLICATION_DATA)
}

/// Whether user data of COTP begins with a record. On the port of S7 nothing else does.
pub(super) fn probe(data: &[u8]) -> Probe {
    match *data {
        [kind, 0x03, 0x01..=0x04, ..] if is_content(kind) => Probe::Maybe,
        [kind, 0x03] | [kind] if is_content(kind) => Probe::More,
        _ => Probe::No,
    }
}

/// Reads the record at the front.
pub(super) fn read(mut r: Reader<'_>) -> Result<Told, Malformed> {
    let kind = r.u8("content type")?;
    r.skip("record version", 2)?;
    let length = usize::from(r.u16_be("record length")?);
    match kind {
        APPLICATION_DATA => return Ok(Told::Encrypted),
        HANDSHAKE => {}
        _ => return Ok(Told::Nothing),
    }
    // A long list of certificates may follow in further parts; the hello stands in front of it.
    let mut body = r.sub("handshake record", length.min(r.left()))?;
    if body.u8("handshake type")? != SERVER_HELLO {
        return Ok(Told::Nothing);
    }
    let [high, middle, low] = body.array("handshake length")?;
    let length = usize::from(u16::from_be_bytes([middle, low]));
    if high != 0 {
        return Err(body.impossible("handshake length"));
    }
    let mut body = body.sub("server hello", length)?;
    let mut at = body.at();
    let mut version = body.u16_be("server version")?;
    body.skip("random", 32)?;
    let session = usize::from(body.u8("session identifier length")?);
    body.skip("session identifier, cipher suite, compression", session.saturating_add(3))?;
    if !body.is_empty() {
        let size = usize::from(body.u16_be("extensions length")?);
        let mut extensions = body.sub("extensions", size)?;
        while !extensions.is_empty() {
            let kind = extensions.u16_be("extension type")?;
            let size = usize::from(extensions.u16_be("extension length")?);
            let mut extension = extensions.sub("extension", size)?;
            if kind == SUPPORTED_VERSIONS {
                at = extension.at();
                version = extension.u16_be("selected version")?;
            }
        }
    }
    let name = match version {
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2",
        0x0304 => "TLS 1.3",
        _ => return Err(body.impossible("server version")),
    };
    Ok(Told::Version(name, Span { at, len: 2 }))
}

const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const SERVER_HELLO: u8 = 2;
const SUPPORTED_VERSIONS: u16 = 43;
