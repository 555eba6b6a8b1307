//! Whether bytes begin a conversation in TLS.

use crate::protocols::Probe;
use crate::protocols::tls::{
    CLIENT_HELLO, HANDSHAKE, MAJOR, RECORD_BYTES_MAX, SERVER_HELLO, dtls, length_24, ssl_2,
};
use crate::wire::{Malformed, Reader};

/// Sure of hellos, whose lengths and versions must agree; likely of any record, where TLS is expected.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    match bytes {
        [] => Probe::More,
        [kind, 0xfe, 0xfd | 0xff, ..] if is_content(*kind) => dtls::probe(bytes),
        [kind, ..] if is_content(*kind) => match record(bytes) {
            Ok(probe) => probe,
            Err(malformed) if malformed.need != malformed.have => Probe::More,
            Err(_) => Probe::No,
        },
        _ => ssl_2::probe(bytes),
    }
}

fn record(bytes: &[u8]) -> Result<Probe, Malformed> {
    let mut r = Reader::new(bytes);
    let kind = r.u8("ContentType")?;
    let [major, minor] = r.array("ProtocolVersion")?;
    if major != MAJOR || minor > MINOR_MAX {
        return Ok(Probe::No);
    }
    let length = usize::from(r.u16_be("length")?);
    if length == 0 || length > RECORD_BYTES_MAX {
        return Ok(Probe::No);
    }
    if kind != HANDSHAKE {
        let fits = match kind {
            CHANGE_CIPHER_SPEC => length == 1,
            // In the clear an alert has two bytes, encrypted some more.
            ALERT => length <= ALERT_BYTES_MAX,
            _ => true,
        };
        return Ok(if fits { Probe::Maybe } else { Probe::No });
    }
    let message = r.u8("HandshakeType")?;
    if ![CLIENT_HELLO, SERVER_HELLO].contains(&message) {
        return Ok(Probe::Maybe);
    }
    let body = length_24(&mut r, "length")?;
    let [major, _] = r.array("version")?;
    let is_version = major == MAJOR || (message == SERVER_HELLO && major == DRAFT);
    // The shortest hello of a server has nothing but its fixed fields; a client's may be as long as many key shares.
    let fits = (HELLO_BYTES_MIN..=HELLO_BYTES_MAX).contains(&body);
    Ok(if is_version && fits { Probe::Yes } else { Probe::No })
}

/// Whether a byte is the type of a record.
pub(super) fn is_content(kind: u8) -> bool {
    (CHANGE_CIPHER_SPEC..=APPLICATION_DATA).contains(&kind)
}

/// Whether a datagram begins with an encrypted record of DTLS 1.3 (RFC 9147 section 4).
pub(super) fn is_ciphertext(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| first >> 5 == 1)
}

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const APPLICATION_DATA: u8 = 23;
const MINOR_MAX: u8 = 4;
const ALERT_BYTES_MAX: usize = 256;
const HELLO_BYTES_MIN: usize = 36;
const HELLO_BYTES_MAX: usize = 0xffff;
/// First byte of the versions of drafts of 1.3.
const DRAFT: u8 = 0x7f;
