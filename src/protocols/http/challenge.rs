//! Challenges and credentials (RFC 9110 section 11): schemes, realms, and the NTLM messages that travel in them.
//!
//! ```text
//!   WWW-Authenticate: Digest realm="S7-1200 station", nonce="...", Basic realm="..."
//!   WWW-Authenticate: NTLM TlRMTVNTUAAC...      Authorization: Negotiate YIIBhgYGKwYBBQUC...
//! ```
//!
//! Of credentials only the scheme is kept, and what an NTLM message tells: never a user name, a response, a ticket, or
//! anything that was sent in place of a scheme.

use crate::model::Subject;
use crate::model::limits::HTTP_CHALLENGE_PARTS_MAX;
use crate::protocols::Sink;
use crate::protocols::http::message::is_token;
use crate::protocols::http::{AUTHENTICATION_SCHEME, MECHANISM, REALM, field};
use crate::protocols::shared::{base64, spnego};
use crate::wire::Reader;

/// Reads the challenges of a server, several in one field where it offers several schemes.
pub(super) fn offered(
    mut value: Reader<'_>,
    client: &Subject,
    server: &Subject,
    out: &mut Sink<'_>,
) {
    for _ in 0..HTTP_CHALLENGE_PARTS_MAX {
        skip(&mut value, |c| matches!(c, b' ' | b'\t' | b','));
        let Some(word) = take(&mut value, is_token) else { return };
        let mut behind = value.clone();
        skip(&mut behind, is_blank);
        if behind.peek().first() == Some(&b'=') {
            value = behind;
            parameter(word, &mut value, server, out);
            continue;
        }
        let tokens = carries_tokens(word.peek());
        field::say(server, AUTHENTICATION_SCHEME, word, out);
        skip(&mut value, is_blank);
        if tokens && let Some(token) = take(&mut value, is_token_68) {
            security_token(token, client, server, server, out);
        }
    }
}

/// Reads the credentials of a client.
pub(super) fn used(mut value: Reader<'_>, client: &Subject, server: &Subject, out: &mut Sink<'_>) {
    let Some(scheme) = take(&mut value, is_token) else { return };
    let known = SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme.peek()));
    // Credentials without a scheme are a secret from their first letter on.
    if !known || !value.peek().first().is_none_or(|c| is_blank(*c)) {
        return;
    }
    let tokens = carries_tokens(scheme.peek());
    field::say(client, AUTHENTICATION_SCHEME, scheme, out);
    skip(&mut value, is_blank);
    if tokens && let Some(token) = take(&mut value, is_token_68) {
        security_token(token, client, server, client, out);
    }
}

/// A name was read, and `=` is next: the value is a token or a quoted string.
fn parameter(name: Reader<'_>, value: &mut Reader<'_>, server: &Subject, out: &mut Sink<'_>) {
    skip(value, |c| c == b'=');
    skip(value, is_blank);
    let Some(text) = (match value.peek() {
        [b'"', ..] => quoted(value),
        _ => take(value, |c| !matches!(c, b',' | b' ' | b'\t')),
    }) else {
        return;
    };
    if !name.peek().eq_ignore_ascii_case(b"realm") {
        return;
    }
    if text.peek().contains(&b'\\') {
        let plain = unescaped(text.peek());
        let mut whole = text;
        let start = whole.at();
        whole.rest();
        out.text(server, REALM, &String::from_utf8_lossy(&plain), whole.since(start));
    } else {
        field::say(server, REALM, text, out);
    }
}

/// What stands between quotation marks; to the end when the second is missing.
fn quoted<'a>(value: &mut Reader<'a>) -> Option<Reader<'a>> {
    value.skip("quotation mark", 1).ok()?;
    let mut escaped = false;
    let end = value.peek().iter().position(|c| {
        let ends = *c == b'"' && !escaped;
        escaped = *c == b'\\' && !escaped;
        ends
    });
    let text = value.sub("quoted-string", end.unwrap_or(value.left())).ok();
    skip_one(value);
    text
}

/// A quoted string without the backslashes that protect characters in it.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut escaped = false;
    for c in text {
        escaped = *c == b'\\' && !escaped;
        if !escaped {
            plain.push(*c);
        }
    }
    plain
}

/// Reads an SPNEGO or NTLM token in Base64.
fn security_token(
    token: Reader<'_>,
    client: &Subject,
    server: &Subject,
    sender: &Subject,
    out: &mut Sink<'_>,
) {
    let Some(bytes) = base64::decode(token.peek()) else {
        out.damaged(token.impossible("token68"));
        return;
    };
    let mut out = out.base64(token.at());
    spnego::read(&mut Reader::new(&bytes), &mut out, client, server, sender, MECHANISM);
}

fn take<'a>(value: &mut Reader<'a>, wanted: impl Fn(u8) -> bool) -> Option<Reader<'a>> {
    let length = value.peek().iter().take_while(|c| wanted(**c)).count();
    if length == 0 {
        return None;
    }
    value.sub("token", length).ok()
}

fn skip(value: &mut Reader<'_>, unwanted: impl Fn(u8) -> bool) {
    let _ = take(value, unwanted);
}

fn skip_one(value: &mut Reader<'_>) {
    let _ = value.skip("quotation mark", 1);
}

fn is_blank(c: u8) -> bool {
    matches!(c, b' ' | b'\t')
}

fn is_token_68(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"-._~+/=".contains(&c)
}

/// Schemes whose credentials are SPNEGO or NTLM tokens.
fn carries_tokens(scheme: &[u8]) -> bool {
    [&b"Negotiate"[..], b"NTLM"].iter().any(|known| known.eq_ignore_ascii_case(scheme))
}

/// The registry of authentication schemes of RFC 9110 section 16.4.1 (2024), and those of Microsoft.
const SCHEMES: &[&[u8]] = &[
    b"Basic",
    b"Bearer",
    b"Concealed",
    b"CredSSP",
    b"Digest",
    b"DPoP",
    b"GNAP",
    b"HOBA",
    b"Kerberos",
    b"Mutual",
    b"Negotiate",
    b"NTLM",
    b"OAuth",
    b"PrivateToken",
    b"SCRAM-SHA-1",
    b"SCRAM-SHA-256",
    b"vapid",
];
