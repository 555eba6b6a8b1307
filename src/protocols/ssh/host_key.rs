//! The host key (RFC 4253 section 8): what stays of a host when its address and name change.
//!
//! ```text
//!   | K_S: length 4 | type: length 4, name | parts of the key ... | the server's half of the exchange | signature |
//! ```

use sha2::{Digest, Sha256};

use crate::model::Subject;
use crate::protocols::Sink;
use crate::protocols::shared::base64;
use crate::protocols::ssh::{HOST_KEY_FINGERPRINT, HOST_KEY_TYPE, string};
use crate::wire::{Malformed, Reader, Span};

/// Reads the server's answer to a key exchange. A group for one, which comes under the same number, begins with no key.
pub(super) fn read(
    mut body: Reader<'_>,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let key = string(&mut body, "K_S")?;
    let mut parts = key.clone();
    let Ok(kind) = string(&mut parts, "public key algorithm") else { return Ok(()) };
    let is_kind = |kind: &[u8]| KINDS.iter().any(|start| kind.starts_with(start));
    let Some(name) = std::str::from_utf8(kind.peek())
        .ok()
        .filter(|name| is_kind(name.as_bytes()) && name.bytes().all(|c| c.is_ascii_graphic()))
    else {
        return Ok(());
    };
    out.text(server, HOST_KEY_TYPE, name, Span { at: kind.at(), len: kind.left() });
    let digest = Sha256::digest(key.peek());
    let text = format!("SHA256:{}", base64::encode(&digest));
    out.text(server, HOST_KEY_FINGERPRINT, &text, Span { at: key.at(), len: key.left() });
    Ok(())
}

/// How names of kinds begin (IANA, Public Key Algorithm Names).
const KINDS: &[&[u8]] = &[b"ssh-", b"ecdsa-", b"rsa-", b"x509v3-", b"sk-", b"pgp-", b"spki-"];
