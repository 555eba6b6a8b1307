//! Kerberos version 5 inside other protocols: the names of services and realms, which travel in the clear.
//!
//! Reads the tokens of RFC 4121 section 4.1 behind their mechanism: of an AP-REQ the realm and the server's name in
//! the ticket and how it is encrypted (RFC 4120 sections 5.3, 5.5.1), of a KRB-ERROR the server and its realm
//! (5.9.1), of user-to-user requests (draft-ietf-cat-user2user-02) the server asked for, of IAKERB
//! (draft-ietf-kitten-iakerb-03) the realm. Skips tickets' insides, authenticators, check sums and times: none of
//! these bytes may reach a disk. A principal of one part is a person unless it ends with `$`, so it is not kept.
//!
//! ```text
//!   token      | TOK_ID u16 | message |     01 00 AP-REQ, 02 00 AP-REP, 03 00 KRB-ERROR, 04 00 TGT-REQ, 04 01 TGT-REP
//!   AP-REQ     6E { 30 { A0 5  A1 14  A2 options  A3 ticket  A4 authenticator }}
//!   ticket     61 { 30 { A0 5  A1 realm  A2 sname  A3 { 30 { A0 etype  A1 version  A2 cipher }}}}
//!   KRB-ERROR  7E { 30 { ...  A7 crealm  A8 cname  A9 realm  AA sname ... }}
//!   name       30 { A0 type  A1 { 30 { 1B "cifs"  1B "filesrv.plant.example" }}}
//! ```

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::ber::{GENERAL_STRING, INTEGER, SEQUENCE, element, expect};
use crate::wire::{Malformed, Reader, Span, text};

/// Realm that a server belongs to, or is asked for in.
pub(in crate::protocols) const REALM: Key = Key::several("kerberos.realm");
/// Name of a service on a server, as its tickets bear it: `cifs/filesrv.plant.example`.
pub(in crate::protocols) const SERVER_PRINCIPAL: Key = Key::several("kerberos.server_principal");
/// How tickets for a server are encrypted, that is: what kind of key its account has.
pub(in crate::protocols) const ENCRYPTION_TYPE: Key = Key::several("kerberos.encryption_type");
/// Account of the client machine itself, with its `$`.
pub(in crate::protocols) const MACHINE_ACCOUNT: Key = Key::one("kerberos.machine_account");

/// Everything that Kerberos says: a protocol that carries it lists this among its keys.
pub(in crate::protocols) const KEYS: &[Key] =
    &[REALM, SERVER_PRINCIPAL, ENCRYPTION_TYPE, MACHINE_ACCOUNT];

/// Reads one token that takes all bytes left in `reader`, with or without the two bytes that tell its kind. Damage
/// is counted.
pub(in crate::protocols) fn read(
    reader: &mut Reader<'_>,
    out: &mut Sink<'_>,
    client: &Subject,
    server: &Subject,
) {
    let token = reader.clone();
    reader.rest();
    if let Err(malformed) = token_of(token, out, client, server) {
        out.damaged(malformed);
    }
}

/// Whether a token is a Kerberos message that came without the wrapping of GSS-API.
pub(in crate::protocols) fn is_message(token: &[u8]) -> bool {
    matches!(token.first(), Some(&(AP_REQ | AP_REP | KRB_ERROR)))
}

/// Says a principal written as text, `filesrv$@PLANT.EXAMPLE`, and its realm.
pub(in crate::protocols) fn principal_text(
    mut principal: Reader<'_>,
    out: &mut Sink<'_>,
    server: &Subject,
) {
    let start = principal.at();
    let bytes = principal.rest();
    let span = principal.since(start);
    let Some(whole) = text::utf8(bytes) else { return };
    let (name, realm) = whole.split_once('@').unwrap_or((&whole, ""));
    if names_a_machine(name) {
        out.text(server, SERVER_PRINCIPAL, name, span);
        out.text(server, REALM, realm, span);
    }
}

fn token_of(
    mut token: Reader<'_>,
    out: &mut Sink<'_>,
    client: &Subject,
    server: &Subject,
) -> Result<(), Malformed> {
    if is_message(token.peek()) {
        return message(token, out, client, server);
    }
    match token.u16_be("TOK_ID")? {
        TOKEN_AP_REQ | TOKEN_AP_REP | TOKEN_KRB_ERROR => message(token, out, client, server),
        TOKEN_TGT_REQ => tgt_request(token, out, server),
        TOKEN_IAKERB => iakerb(token, out, server),
        _ => Ok(()), // Messages of a context that stands: signed or sealed.
    }
}

fn message(
    mut token: Reader<'_>,
    out: &mut Sink<'_>,
    client: &Subject,
    server: &Subject,
) -> Result<(), Malformed> {
    let mut message = element(&mut token, "Kerberos message")?;
    match message.tag {
        AP_REQ => ap_request(expect(&mut message.body, SEQUENCE, "AP-REQ")?, out, server),
        KRB_ERROR => error(expect(&mut message.body, SEQUENCE, "KRB-ERROR")?, out, client, server),
        AP_REP => Ok(()), // All of it is encrypted.
        _ => Err(message.body.impossible("Kerberos message")),
    }
}

fn ap_request(
    mut fields: Reader<'_>,
    out: &mut Sink<'_>,
    server: &Subject,
) -> Result<(), Malformed> {
    while !fields.is_empty() {
        let mut field = element(&mut fields, "AP-REQ field")?;
        if field.tag == TICKET_OF_AP_REQ {
            let mut ticket = expect(&mut field.body, TICKET, "Ticket")?;
            return self::ticket(expect(&mut ticket, SEQUENCE, "Ticket")?, out, server);
        }
    }
    Err(fields.impossible("Ticket"))
}

/// Says what stands in a ticket in the clear.
pub(in crate::protocols) fn ticket(
    mut fields: Reader<'_>,
    out: &mut Sink<'_>,
    server: &Subject,
) -> Result<(), Malformed> {
    while !fields.is_empty() {
        let mut field = element(&mut fields, "Ticket field")?;
        match field.tag {
            REALM_OF_TICKET => say_realm(&mut field.body, out, server)?,
            SNAME_OF_TICKET => say_server(&mut field.body, out, server)?,
            CIPHER_OF_TICKET => {
                let mut parts = expect(&mut field.body, SEQUENCE, "EncryptedData")?;
                let mut kind = expect(&mut parts, CONTEXT_0, "etype")?;
                let number = expect(&mut kind, INTEGER, "etype")?;
                return encryption_type(number, out, server, ENCRYPTION_TYPE);
            }
            _ => {}
        }
    }
    Ok(())
}

fn error(
    mut fields: Reader<'_>,
    out: &mut Sink<'_>,
    client: &Subject,
    server: &Subject,
) -> Result<(), Malformed> {
    while !fields.is_empty() {
        let mut field = element(&mut fields, "KRB-ERROR field")?;
        match field.tag {
            CNAME_OF_ERROR => {
                let (name, span) = principal(&mut field.body)?;
                if name.ends_with('$') && !name.contains('/') {
                    out.text(client, MACHINE_ACCOUNT, &name, span);
                }
            }
            REALM_OF_ERROR => say_realm(&mut field.body, out, server)?,
            SNAME_OF_ERROR => say_server(&mut field.body, out, server)?,
            _ => {}
        }
    }
    Ok(())
}

/// A client that wants to authenticate to a server's ticket instead of a key: it may say to which server.
fn tgt_request(
    mut token: Reader<'_>,
    out: &mut Sink<'_>,
    server: &Subject,
) -> Result<(), Malformed> {
    let mut fields = expect(&mut token, SEQUENCE, "TGT-REQ")?;
    while !fields.is_empty() {
        let mut field = element(&mut fields, "TGT-REQ field")?;
        match field.tag {
            SNAME_OF_TGT_REQ => say_server(&mut field.body, out, server)?,
            REALM_OF_TGT_REQ => say_realm(&mut field.body, out, server)?,
            _ => {}
        }
    }
    Ok(())
}

/// The server passes messages on to a domain controller of this realm.
fn iakerb(mut token: Reader<'_>, out: &mut Sink<'_>, server: &Subject) -> Result<(), Malformed> {
    let mut header = expect(&mut token, SEQUENCE, "IAKERB-HEADER")?;
    let mut field = element(&mut header, "target-realm")?;
    if field.tag == REALM_OF_IAKERB { say_realm(&mut field.body, out, server) } else { Ok(()) }
}

fn say_realm(
    field: &mut Reader<'_>,
    out: &mut Sink<'_>,
    server: &Subject,
) -> Result<(), Malformed> {
    let mut realm = element(field, "realm")?.body;
    let start = realm.at();
    let name = text::utf8(realm.rest());
    out.text(server, REALM, name.as_deref().unwrap_or_default(), realm.since(start));
    Ok(())
}

fn say_server(
    field: &mut Reader<'_>,
    out: &mut Sink<'_>,
    server: &Subject,
) -> Result<(), Malformed> {
    let (name, span) = principal(field)?;
    if names_a_machine(&name) {
        out.text(server, SERVER_PRINCIPAL, &name, span);
    }
    Ok(())
}

/// A service on a host, or the account of a machine. The ticket granting service is no name of the server.
pub(in crate::protocols) fn names_a_machine(principal: &str) -> bool {
    match principal.split_once('/') {
        Some((service, host)) => !service.is_empty() && !host.is_empty() && service != "krbtgt",
        None => principal.ends_with('$') && principal.len() > 1,
    }
}

/// The parts of a name with strokes between them, as people write it.
pub(in crate::protocols) fn principal(field: &mut Reader<'_>) -> Result<(String, Span), Malformed> {
    let mut name = expect(field, SEQUENCE, "PrincipalName")?;
    expect(&mut name, CONTEXT_0, "name-type")?;
    let mut strings = expect(&mut name, CONTEXT_1, "name-string")?;
    let mut parts = expect(&mut strings, SEQUENCE, "name-string")?;
    let span = Span { at: parts.at(), len: parts.left() };
    let mut principal = String::new();
    for _ in 0..NAME_PARTS_MAX {
        if parts.is_empty() {
            break;
        }
        let part = expect(&mut parts, GENERAL_STRING, "KerberosString")?;
        if !principal.is_empty() {
            principal.push('/');
        }
        principal.push_str(text::utf8(part.peek()).as_deref().unwrap_or_default());
    }
    Ok((principal, span))
}

/// Says an encryption type by its name.
pub(in crate::protocols) fn encryption_type(
    mut number: Reader<'_>,
    out: &mut Sink<'_>,
    subject: &Subject,
    key: Key,
) -> Result<(), Malformed> {
    let start = number.at();
    let bytes = number.rest();
    let span = number.since(start);
    // Numbers of more than one byte, and negative ones, are private to an implementation.
    let known = ENCRYPTION_TYPES.iter().find(|(known, _)| bytes == [*known]);
    match (known, bytes) {
        (Some((_, name)), _) => out.text(subject, key, name, span),
        (None, [number]) => {
            out.text(subject, key, &number.cast_signed().to_string(), span);
        }
        _ => {}
    }
    Ok(())
}

const AP_REQ: u8 = 0x6e;
const AP_REP: u8 = 0x6f;
const KRB_ERROR: u8 = 0x7e;
/// Tag of a ticket.
pub(in crate::protocols) const TICKET: u8 = 0x61;

const TOKEN_AP_REQ: u16 = 0x0100;
const TOKEN_AP_REP: u16 = 0x0200;
const TOKEN_KRB_ERROR: u16 = 0x0300;
const TOKEN_TGT_REQ: u16 = 0x0400;
const TOKEN_IAKERB: u16 = 0x0501;

const CONTEXT_0: u8 = 0xa0;
const CONTEXT_1: u8 = 0xa1;
const TICKET_OF_AP_REQ: u8 = 0xa3;
const REALM_OF_TICKET: u8 = 0xa1;
const SNAME_OF_TICKET: u8 = 0xa2;
const CIPHER_OF_TICKET: u8 = 0xa3;
const CNAME_OF_ERROR: u8 = 0xa8;
const REALM_OF_ERROR: u8 = 0xa9;
const SNAME_OF_ERROR: u8 = 0xaa;
const SNAME_OF_TGT_REQ: u8 = 0xa2;
const REALM_OF_TGT_REQ: u8 = 0xa3;
const REALM_OF_IAKERB: u8 = 0xa1;

/// Parts of one name that are read; real ones have at most three.
const NAME_PARTS_MAX: usize = 8;

/// Numbers of the IANA registry "Kerberos Encryption Type Numbers" that Windows, MIT and Heimdal use.
const ENCRYPTION_TYPES: &[(u8, &str)] = &[
    (1, "des-cbc-crc"),
    (3, "des-cbc-md5"),
    (16, "des3-cbc-sha1-kd"),
    (17, "aes128-cts-hmac-sha1-96"),
    (18, "aes256-cts-hmac-sha1-96"),
    (19, "aes128-cts-hmac-sha256-128"),
    (20, "aes256-cts-hmac-sha384-192"),
    (23, "rc4-hmac"),
    (24, "rc4-hmac-exp"),
];

#[cfg(test)]
mod tests;
