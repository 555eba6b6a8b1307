//! Negotiation of an authentication mechanism, and the way to the NTLM or Kerberos message inside.
//!
//! Reads the InitialContextToken of RFC 2743 section 3.1, NegTokenInit and NegTokenResp of RFC 4178 section
//! 4.2, and NegTokenInit2 of \[MS-SPNG\] section 2.2.1, whose hint was the server's principal before Windows Vista;
//! also tokens that come without any of these. Skips NEGOEX, which names nobody, and check sums.
//!
//! ```text
//!   60 InitialContextToken              server: mechTypes; client: mechTypes and a first token
//!      06 SPNEGO
//!      A0 NegTokenInit
//!         30 { A0 mechTypes  A1 reqFlags  A2 mechToken  A3 mechListMIC or negHints  A4 mechListMIC }
//!   A1 NegTokenResp                     all later messages
//!      30 { A0 negState  A1 supportedMech  A2 responseToken  A3 mechListMIC }
//! ```
//!
//! The depth is that of the drawing: nothing here calls itself.

use crate::model::limits::LIST_ITEMS_MAX;
use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::ber::{
    Element, GENERAL_STRING, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, element, expect,
};
use crate::protocols::shared::{kerberos, ntlmssp};
use crate::wire::{Malformed, Reader};

/// Reads one security token that takes all bytes left in `reader`. Says the mechanisms it names about `sender`
/// under the key `mechanism` of the calling protocol, and what an NTLM message in it says. Damage is counted.
pub(in crate::protocols) fn read(
    reader: &mut Reader<'_>,
    out: &mut Sink<'_>,
    client: &Subject,
    server: &Subject,
    sender: &Subject,
    mechanism: Key,
) {
    let token = reader.clone();
    reader.rest();
    let exchange = Exchange { client, server, sender, mechanism };
    if let Err(malformed) = exchange.token(token, out) {
        out.damaged(malformed);
    }
}

struct Exchange<'s> {
    client: &'s Subject,
    server: &'s Subject,
    sender: &'s Subject,
    mechanism: Key,
}

impl Exchange<'_> {
    fn token(&self, mut token: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        if token.is_empty() {
            return Ok(());
        }
        if token.peek().starts_with(ntlmssp::SIGNATURE) || kerberos::is_message(token.peek()) {
            self.inner(token, out);
            return Ok(());
        }
        match token.peek().first() {
            Some(&INITIAL_CONTEXT_TOKEN) => {
                let mut body = element(&mut token, "InitialContextToken")?.body;
                let mechanism = expect(&mut body, OBJECT_IDENTIFIER, "thisMech")?;
                if mechanism.peek() != SPNEGO {
                    let is_kerberos = KERBEROS.contains(&mechanism.peek());
                    self.name(mechanism, out);
                    if is_kerberos {
                        self.kerberos(body, out)
                    } else {
                        self.inner(body, out)
                    }
                    return Ok(());
                }
                self.negotiation(element(&mut body, "NegotiationToken")?, out)
            }
            Some(&NEG_TOKEN_INIT | &NEG_TOKEN_RESP) => {
                self.negotiation(element(&mut token, "NegotiationToken")?, out)
            }
            _ => Err(token.impossible("security token")),
        }
    }

    fn negotiation(&self, mut choice: Element<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        let initial = choice.tag == NEG_TOKEN_INIT;
        let mut fields = expect(&mut choice.body, SEQUENCE, "NegotiationToken")?;
        while !fields.is_empty() {
            let mut field = element(&mut fields, "NegotiationToken field")?;
            match field.tag {
                MECH_TYPES if initial => {
                    let mut list = expect(&mut field.body, SEQUENCE, "mechTypes")?;
                    for _ in 0..LIST_ITEMS_MAX {
                        if list.is_empty() {
                            break;
                        }
                        self.name(expect(&mut list, OBJECT_IDENTIFIER, "mechType")?, out);
                    }
                }
                SUPPORTED_MECH if !initial => {
                    self.name(expect(&mut field.body, OBJECT_IDENTIFIER, "supportedMech")?, out);
                }
                TOKEN => self.inner(expect(&mut field.body, OCTET_STRING, "mechToken")?, out),
                HINTS if initial && field.body.peek().first() == Some(&SEQUENCE) => {
                    let mut hints = expect(&mut field.body, SEQUENCE, "negHints")?;
                    let mut hint = element(&mut hints, "hintName")?;
                    if hint.tag == HINT_NAME {
                        let name = expect(&mut hint.body, GENERAL_STRING, "hintName")?;
                        kerberos::principal_text(name, out, self.server);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A token of the mechanism agreed on, which may come in a wrapping that names it once more.
    fn inner(&self, mut token: Reader<'_>, out: &mut Sink<'_>) {
        if token.peek().starts_with(ntlmssp::SIGNATURE) {
            self.ntlm(token, out);
        } else if kerberos::is_message(token.peek()) {
            self.kerberos(token, out);
        } else if token.peek().first() == Some(&INITIAL_CONTEXT_TOKEN) {
            let wrapped = element(&mut token, "InitialContextToken").and_then(|mut wrapping| {
                let mechanism = expect(&mut wrapping.body, OBJECT_IDENTIFIER, "thisMech")?;
                Ok((mechanism, wrapping.body))
            });
            match wrapped {
                Ok((mechanism, body)) if KERBEROS.contains(&mechanism.peek()) => {
                    self.kerberos(body, out);
                }
                Ok(_) => {}
                Err(malformed) => out.damaged(malformed),
            }
        }
    }

    fn kerberos(&self, mut token: Reader<'_>, out: &mut Sink<'_>) {
        kerberos::read(&mut token, out, self.client, self.server);
    }

    fn ntlm(&self, mut token: Reader<'_>, out: &mut Sink<'_>) {
        ntlmssp::read(&mut token, out, self.client, self.server);
    }

    fn name(&self, mut identifier: Reader<'_>, out: &mut Sink<'_>) {
        let start = identifier.at();
        let bytes = identifier.rest();
        let span = identifier.since(start);
        match MECHANISMS.iter().find(|(known, _)| *known == bytes) {
            Some((_, name)) => out.text(self.sender, self.mechanism, name, span),
            None => out.text(self.sender, self.mechanism, &dotted(bytes), span),
        }
    }
}

/// An object identifier as people write it; cut where a number has no end.
fn dotted(identifier: &[u8]) -> String {
    let mut text = String::new();
    let mut number = 0_u64;
    for byte in identifier {
        number = number.saturating_mul(0x80).saturating_add(u64::from(byte & 0x7f));
        if byte & 0x80 != 0 {
            continue;
        }
        if text.is_empty() {
            let root = (number / 40).min(2); // The first two numbers share one: 40 x root + second.
            text = format!("{root}.{}", number.saturating_sub(root.saturating_mul(40)));
        } else {
            text.push_str(&format!(".{number}"));
        }
        number = 0;
    }
    text
}

const INITIAL_CONTEXT_TOKEN: u8 = 0x60;
const NEG_TOKEN_INIT: u8 = 0xa0;
const NEG_TOKEN_RESP: u8 = 0xa1;
const MECH_TYPES: u8 = 0xa0;
const SUPPORTED_MECH: u8 = 0xa1;
const TOKEN: u8 = 0xa2;
const HINTS: u8 = 0xa3;
const HINT_NAME: u8 = 0xa0;

/// 1.3.6.1.5.5.2, the negotiation itself.
const SPNEGO: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x02];

/// 1.2.840.113554.1.2.2
const KERBEROS_5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
/// 1.2.840.48018.1.2.2, the same with one bit lost on its way into Windows 2000.
const MS_KERBEROS: &[u8] = &[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02];
/// 1.2.840.113554.1.2.2.3
const USER_TO_USER: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03];
/// 1.3.6.1.5.2.5
const IAKERB: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x02, 0x05];

/// Mechanisms whose tokens have the form of Kerberos.
const KERBEROS: &[&[u8]] = &[KERBEROS_5, MS_KERBEROS, USER_TO_USER, IAKERB];

/// Object identifiers of mechanisms, without tag and length, and their names in \[MS-SPNG\] section 1.9.
const MECHANISMS: &[(&[u8], &str)] = &[
    (&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a], "NTLMSSP"),
    (&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x1e], "NEGOEX"),
    (KERBEROS_5, "Kerberos"),
    (MS_KERBEROS, "MS Kerberos"),
    (USER_TO_USER, "Kerberos user to user"),
    (IAKERB, "IAKERB"),
    (SPNEGO, "SPNEGO"),
];

#[cfg(test)]
mod tests;
