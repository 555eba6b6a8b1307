//! Negotiation of an authentication mechanism, and the way to the NTLM message inside.
//!
//! Reads the InitialContextToken of RFC 2743 section 3.1, NegTokenInit and NegTokenResp of RFC 4178 section
//! 4.2, and NegTokenInit2 of \[MS-SPNG\] section 2.2.1 (whose hints say nothing and are skipped); also tokens
//! that come without any of these. Skips Kerberos tickets.
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
use crate::protocols::shared::ntlmssp;
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
        if token.peek().starts_with(ntlmssp::SIGNATURE) {
            self.ntlm(token, out);
            return Ok(());
        }
        match token.peek().first() {
            Some(&INITIAL_CONTEXT_TOKEN) => {
                let mut body = element(&mut token, "InitialContextToken")?.body;
                let mechanism = expect(&mut body, OBJECT_IDENTIFIER, "thisMech")?;
                if mechanism.peek() != SPNEGO {
                    self.name(mechanism, out);
                    self.inner(body, out);
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
                _ => {}
            }
        }
        Ok(())
    }

    /// A token of the mechanism agreed on. Only NTLM speaks in the clear.
    fn inner(&self, token: Reader<'_>, out: &mut Sink<'_>) {
        if token.peek().starts_with(ntlmssp::SIGNATURE) {
            self.ntlm(token, out);
        }
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

/// One element of the distinguished encoding rules (ITU-T X.690 section 8.1): tag, length, body.
struct Element<'a> {
    tag: u8,
    body: Reader<'a>,
}

/// Reads an element. Tags of several bytes and lengths without an end do not occur in these tokens.
fn element<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<Element<'a>, Malformed> {
    let tag = reader.u8(field)?;
    if tag & TAG_NUMBER_FOLLOWS == TAG_NUMBER_FOLLOWS {
        return Err(reader.impossible(field));
    }
    let first = reader.u8(field)?;
    let length = match first {
        0..=0x7f => usize::from(first),
        0x81 => usize::from(reader.u8(field)?),
        0x82 => usize::from(reader.u16_be(field)?),
        0x83 => {
            let [a, b, c] = reader.array(field)?;
            usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX)
        }
        0x84 => usize::try_from(reader.u32_be(field)?).unwrap_or(usize::MAX),
        _ => return Err(reader.impossible(field)),
    };
    Ok(Element { tag, body: reader.sub(field, length)? })
}

fn expect<'a>(
    reader: &mut Reader<'a>,
    tag: u8,
    field: &'static str,
) -> Result<Reader<'a>, Malformed> {
    let element = element(reader, field)?;
    if element.tag == tag { Ok(element.body) } else { Err(element.body.impossible(field)) }
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
const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
const TAG_NUMBER_FOLLOWS: u8 = 0x1f;

/// 1.3.6.1.5.5.2, the negotiation itself.
const SPNEGO: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x02];

/// Object identifiers of mechanisms, without tag and length, and their names in \[MS-SPNG\] section 1.9.
const MECHANISMS: &[(&[u8], &str)] = &[
    (&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a], "NTLMSSP"),
    (&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x1e], "NEGOEX"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02], "Kerberos"),
    (&[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02], "MS Kerberos"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03], "Kerberos user to user"),
    (SPNEGO, "SPNEGO"),
];

#[cfg(test)]
mod tests;
