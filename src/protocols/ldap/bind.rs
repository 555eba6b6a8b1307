//! Binds: how the client shows who it is, and the tokens of both ends (RFC 4511 section 4.2; \[MS-ADTS\] section
//! 5.1.1.1 for Sicily, which carries NTLM without SASL).

use crate::model::Subject;
use crate::protocols::Sink;
use crate::protocols::ldap::{AUTHENTICATION, DIAGNOSTIC_BUILD, Ends, MECHANISM, SASL_MECHANISM};
use crate::protocols::shared::{ber, ntlmssp, spnego};
use crate::wire::{Malformed, Reader, Span};

/// What a bind request leads to.
#[derive(Default)]
pub(super) struct Bind {
    /// Its tokens are those of SPNEGO, Kerberos or NTLM.
    pub(super) tokens: bool,
    /// It may agree on sealing all that follows.
    pub(super) may_seal: bool,
}

/// Reads a bind request. Of the name only whether there is one is looked at, of a password likewise.
pub(super) fn request(
    mut body: Reader<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<Bind, Malformed> {
    ber::expect(&mut body, ber::INTEGER, "version")?;
    let name = ber::expect(&mut body, ber::OCTET_STRING, "name")?;
    // The evidence is the tag alone: a password stands behind it.
    let tag = Span { at: body.at(), len: 1 };
    let mut choice = ber::element(&mut body, "authentication")?;
    let (client, server) = (&ends.client, &ends.server);
    let mut bind = Bind::default();
    let how = match choice.tag {
        SIMPLE if !choice.body.is_empty() => "simple",
        SIMPLE if name.is_empty() => "anonymous",
        SIMPLE => "unauthenticated",
        SASL => {
            let mut mechanism = ber::expect(&mut choice.body, ber::OCTET_STRING, "mechanism")?;
            let start = mechanism.at();
            let text = mechanism.rest();
            bind.tokens = NEGOTIATED.iter().any(|known| known.eq_ignore_ascii_case(text));
            bind.may_seal = true;
            if text.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_')) {
                let text = String::from_utf8_lossy(text);
                out.text(client, SASL_MECHANISM, &text, mechanism.since(start));
            }
            if bind.tokens && !choice.body.is_empty() {
                let token = ber::expect(&mut choice.body, ber::OCTET_STRING, "credentials")?;
                security_token(token, client, server, client, out);
            }
            "SASL"
        }
        SICILY_DISCOVERY | SICILY_NEGOTIATE | SICILY_RESPONSE => {
            bind.tokens = true;
            bind.may_seal = true;
            security_token(choice.body, client, server, client, out);
            "Sicily"
        }
        _ => return Err(choice.body.impossible("authentication")),
    };
    out.text(client, AUTHENTICATION, how, tag);
    Ok(bind)
}

/// Reads a bind response. Sicily's challenge stands where the name does.
pub(super) fn response(
    mut body: Reader<'_>,
    tokens: bool,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let (client, server) = (&ends.client, &ends.server);
    let matched = result(&mut body, server, out)?;
    if matched.peek().starts_with(ntlmssp::SIGNATURE) {
        security_token(matched, client, server, server, out);
    }
    while !body.is_empty() {
        let field = ber::element(&mut body, "bindResponse field")?;
        if field.tag == SERVER_SASL_CREDENTIALS && tokens {
            security_token(field.body, client, server, server, out);
        }
    }
    Ok(())
}

/// Reads the LDAPResult that responses begin with, and returns its name.
pub(super) fn result<'a>(
    body: &mut Reader<'a>,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<Reader<'a>, Malformed> {
    ber::expect(body, ber::ENUMERATED, "resultCode")?;
    let matched = ber::expect(body, ber::OCTET_STRING, "matchedDN")?;
    let text = ber::expect(body, ber::OCTET_STRING, "diagnosticMessage")?;
    diagnostic(text, server, out);
    Ok(matched)
}

/// Active Directory ends its error texts with its build number: `80090308: LdapErr: DSID-0C09044E, comment:
/// AcceptSecurityContext error, data 52e, v4563`. Nothing else of the text is kept.
fn diagnostic(mut text: Reader<'_>, server: &Subject, out: &mut Sink<'_>) {
    let bytes = text.peek();
    if !bytes.windows(DIRECTORY_ERROR.len()).any(|window| window == DIRECTORY_ERROR) {
        return;
    }
    let ended = bytes.trim_ascii_end();
    let ended = ended.strip_suffix(b"\0").unwrap_or(ended);
    let Some(at) = ended.iter().rposition(|c| *c == b'v') else { return };
    let digits = ended.get(at.saturating_add(1)..).unwrap_or_default();
    if !(3..=5).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return;
    }
    let build = std::str::from_utf8(digits).ok().and_then(|hex| u32::from_str_radix(hex, 16).ok());
    if let Some(build) = build
        && text.skip("diagnosticMessage", at).is_ok()
    {
        let span = Span { at: text.at(), len: digits.len().saturating_add(1) };
        out.uint(server, DIAGNOSTIC_BUILD, build, span);
    }
}

/// Reads a token. Those that wrap agreed-on sealing have another shape, and nothing to say.
fn security_token(
    mut token: Reader<'_>,
    client: &Subject,
    server: &Subject,
    sender: &Subject,
    out: &mut Sink<'_>,
) {
    let bytes = token.peek();
    if bytes.starts_with(ntlmssp::SIGNATURE)
        || matches!(bytes.first(), Some(&INITIAL_CONTEXT_TOKEN | &NEG_TOKEN_RESP))
    {
        spnego::read(&mut token, out, client, server, sender, MECHANISM);
    }
}

const SIMPLE: u8 = 0x80;
const SASL: u8 = 0xa3;
const SICILY_DISCOVERY: u8 = 0x89;
const SICILY_NEGOTIATE: u8 = 0x8a;
const SICILY_RESPONSE: u8 = 0x8b;
const SERVER_SASL_CREDENTIALS: u8 = 0x87;

const INITIAL_CONTEXT_TOKEN: u8 = 0x60;
const NEG_TOKEN_RESP: u8 = 0xa1;

/// SASL mechanisms whose credentials are tokens that tell names.
const NEGOTIATED: &[&[u8]] = &[b"GSS-SPNEGO", b"GSSAPI", b"NTLM"];

/// What an error text of Active Directory holds.
const DIRECTORY_ERROR: &[u8] = b"LdapErr: DSID-";
