//! Kerberos version 5 between clients and the key distribution centre: realms, machines, and how they encrypt.
//!
//! Reads requests for tickets and the answers to them (RFC 4120 sections 5.4.1 and 5.4.2), and errors (5.9.1), over UDP
//! and over TCP (7.2.2): of a client its realm, the machine's own account, its NetBIOS name, the encryption types that it
//! offers and the services that it wants tickets for; of the centre the realm that it serves and how its own tickets are
//! encrypted. Skips tickets, keys, authenticators, times and pre-authentication. Principals of people are never kept: a
//! name of one part is one unless it ends with `$`.
//!
//! ```text
//!   over TCP  length u32, then as over UDP
//!   request   6A AS, 6C TGS { 30 { A1 5  A2 type  A3 padata  A4 { 30 { A0 options  A1 cname  A2 realm  A3 sname  A4 A5 A6 times
//!                                  A7 nonce  A8 { 30 { 02 etype ... }}  A9 { 30 { 30 { A0 type  A1 address } ... }} ... }}}}
//!   answer    6B AS, 6D TGS { 30 { A0 5  A1 type  A2 padata  A3 crealm  A4 cname  A5 ticket  A6 enc-part }}
//!   error     7E { 30 { ...  A7 crealm  A8 cname  A9 realm  AA sname ... }}
//! ```

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::{KERBEROS_LIST_MAX, KERBEROS_MESSAGE_BYTES_MAX};
use crate::model::{Key, Subject};
use crate::protocols::shared::ber::{self, INTEGER, OCTET_STRING, SEQUENCE, element, expect};
use crate::protocols::shared::kerberos as shared;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span, text};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "kerberos",
    spec: "RFC 4120 (2005)",
    attach: &[Attach::Udp(88), Attach::Tcp(88)],
    keys: &[
        &[CLIENT_REALM, NETBIOS_NAME, OFFERED_ENCRYPTION_TYPE, REQUESTED_SERVICE, ROLE],
        shared::KEYS,
    ],
    probe,
    start: || Box::new(Centre),
};

/// Realm that a client asks in.
const CLIENT_REALM: Key = Key::several("kerberos.client_realm");
/// NetBIOS name that a client gives as its address.
const NETBIOS_NAME: Key = Key::one("kerberos.netbios_name");
/// Encryption types that a client offers.
const OFFERED_ENCRYPTION_TYPE: Key = Key::several("kerberos.offered_encryption_type");
/// Service on a machine that a client wants a ticket for: `cifs/filesrv.plant.example`.
const REQUESTED_SERVICE: Key = Key::several("kerberos.requested_service");
/// `key distribution centre`, of whoever issues tickets.
const ROLE: Key = Key::several("kerberos.role");

struct Centre;

impl Dissector for Centre {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        // Only that it is Kerberos, and what kind of message.
        let head = if input.whole { 0 } else { LENGTH_BYTES };
        out.prove_with(head.saturating_add(1));
        let mut r = Reader::new(input.bytes);
        let length = match length(&mut r, input.whole) {
            Ok(length) => length,
            Err(malformed) if malformed.need == malformed.have => return Step::Lost(malformed),
            Err(_) => return Step::Need(LENGTH_BYTES),
        };
        let end = head.saturating_add(length);
        if length > KERBEROS_MESSAGE_BYTES_MAX {
            out.count("kerberos.messages_too_long");
            return Step::Used(end);
        }
        if end > input.bytes.len() {
            return Step::Need(end);
        }
        let read = r.sub("message", length).and_then(|mut body| message(&mut body, input, out));
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
        Step::Used(end.max(1))
    }
}

/// How long the message is. The first bit of a length over TCP is no part of it.
fn length(r: &mut Reader<'_>, whole: bool) -> Result<usize, Malformed> {
    if whole {
        return Ok(r.left());
    }
    let length = r.u32_be("length")?;
    match usize::try_from(length) {
        Ok(length) if length > 0 && length < LENGTH_BYTES_MAX => Ok(length),
        _ => Err(r.impossible("length")),
    }
}

/// A message and its version number: nothing else begins so.
fn probe(bytes: &[u8]) -> Probe {
    match begins(bytes) {
        Ok(true) => Probe::Yes,
        Ok(false) => Probe::No,
        Err(malformed) if malformed.need == malformed.have => Probe::No,
        Err(_) => Probe::More,
    }
}

fn begins(bytes: &[u8]) -> Result<bool, Malformed> {
    let mut r = Reader::new(bytes);
    if bytes.first() == Some(&0) {
        r.skip("length", LENGTH_BYTES)?;
    }
    let kind = r.u8("message")?;
    if !KINDS.contains(&kind) {
        return Ok(false);
    }
    ber::length(&mut r, "message")?;
    if r.u8("message")? != SEQUENCE {
        return Ok(false);
    }
    ber::length(&mut r, "message")?;
    let tag = if matches!(kind, AS_REQUEST | TGS_REQUEST) { 0xa1 } else { 0xa0 };
    Ok(r.array::<5>("pvno")? == [tag, 3, INTEGER, 1, VERSION])
}

fn message(r: &mut Reader<'_>, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut message = element(r, "message")?;
    let (sender, receiver) = (Subject::node(input.sender()), Subject::node(input.receiver()));
    if !KINDS.contains(&message.tag) {
        return Err(message.body.impossible("message"));
    }
    let mut fields = expect(&mut message.body, SEQUENCE, "message")?;
    match message.tag {
        AS_REQUEST | TGS_REQUEST => request(&mut fields, &sender, out),
        KRB_ERROR if input.direction == Direction::ToServer => Ok(()),
        tag => {
            let place = if input.whole { 0 } else { LENGTH_BYTES };
            out.text(&sender, ROLE, "key distribution centre", Span { at: place, len: 1 });
            answer(tag, &mut fields, &receiver, &sender, out)
        }
    }
}

fn request(fields: &mut Reader<'_>, client: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    while !fields.is_empty() {
        let mut field = element(fields, "KDC-REQ field")?;
        if field.tag == REQUEST_BODY {
            return body(expect(&mut field.body, SEQUENCE, "req-body")?, client, out);
        }
    }
    Err(fields.impossible("req-body"))
}

fn body(mut fields: Reader<'_>, client: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    while !fields.is_empty() {
        let mut field = element(&mut fields, "KDC-REQ-BODY field")?;
        match field.tag {
            CLIENT_NAME => machine(&mut field.body, client, out)?,
            REALM_OF_REQUEST => realm(&mut field.body, client, CLIENT_REALM, out)?,
            SERVER_NAME => {
                let (name, span) = shared::principal(&mut field.body)?;
                if shared::names_a_machine(&name) {
                    out.text(client, REQUESTED_SERVICE, &name, span);
                }
            }
            ENCRYPTION_TYPES => {
                let mut types = expect(&mut field.body, SEQUENCE, "etype")?;
                for _ in 0..KERBEROS_LIST_MAX {
                    if types.is_empty() {
                        break;
                    }
                    let number = expect(&mut types, INTEGER, "etype")?;
                    shared::encryption_type(number, out, client, OFFERED_ENCRYPTION_TYPE)?;
                }
            }
            ADDRESSES => addresses(&mut field.body, client, out)?,
            _ => {}
        }
    }
    Ok(())
}

/// Of the addresses of a client, the one that is a name.
fn addresses(
    field: &mut Reader<'_>,
    client: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut list = expect(field, SEQUENCE, "addresses")?;
    for _ in 0..KERBEROS_LIST_MAX {
        if list.is_empty() {
            break;
        }
        let mut address = expect(&mut list, SEQUENCE, "HostAddress")?;
        let mut kind = expect(&mut address, CONTEXT_0, "addr-type")?;
        let kind = ber::number(expect(&mut kind, INTEGER, "addr-type")?, "addr-type");
        let mut value = expect(&mut address, CONTEXT_1, "address")?;
        let mut name = expect(&mut value, OCTET_STRING, "address")?;
        if kind == Ok(NETBIOS_ADDRESS) {
            let start = name.at();
            let padded = name.rest();
            // The sixteenth byte tells the kind of name.
            let padded = padded.get(..NETBIOS_NAME_BYTES).unwrap_or(padded);
            let told = text::utf8(padded);
            let span = Span { at: start, len: padded.len() };
            out.text(client, NETBIOS_NAME, told.as_deref().unwrap_or_default(), span);
        }
    }
    Ok(())
}

fn answer(
    tag: u8,
    fields: &mut Reader<'_>,
    client: &Subject,
    centre: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    while !fields.is_empty() {
        let mut field = element(fields, "KDC-REP field")?;
        match (tag, field.tag) {
            (KRB_ERROR, REALM_OF_ERROR) => realm(&mut field.body, centre, shared::REALM, out)?,
            (KRB_ERROR, CLIENT_OF_ERROR) => machine(&mut field.body, client, out)?,
            (AS_REPLY | TGS_REPLY, CLIENT_OF_REPLY) => machine(&mut field.body, client, out)?,
            // The ticket is for the centre itself; others are for machines that did not speak.
            (AS_REPLY, TICKET_OF_REPLY) => {
                let mut ticket = expect(&mut field.body, shared::TICKET, "Ticket")?;
                let fields = expect(&mut ticket, SEQUENCE, "Ticket")?;
                return shared::ticket(fields, out, centre);
            }
            (TGS_REPLY, TICKET_OF_REPLY) => return Ok(()),
            _ => {}
        }
    }
    Ok(())
}

/// Says the account of a machine; never that of a person.
fn machine(field: &mut Reader<'_>, client: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let (name, span) = shared::principal(field)?;
    if name.ends_with('$') && !name.contains('/') && name.len() > 1 {
        out.text(client, shared::MACHINE_ACCOUNT, &name, span);
    }
    Ok(())
}

fn realm(
    field: &mut Reader<'_>,
    subject: &Subject,
    key: Key,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut realm = element(field, "realm")?.body;
    let start = realm.at();
    let name = text::utf8(realm.rest());
    out.text(subject, key, name.as_deref().unwrap_or_default(), realm.since(start));
    Ok(())
}

const AS_REQUEST: u8 = 0x6a;
const AS_REPLY: u8 = 0x6b;
const TGS_REQUEST: u8 = 0x6c;
const TGS_REPLY: u8 = 0x6d;
const KRB_ERROR: u8 = 0x7e;
const KINDS: [u8; 5] = [AS_REQUEST, AS_REPLY, TGS_REQUEST, TGS_REPLY, KRB_ERROR];
const VERSION: u8 = 5;

const CONTEXT_0: u8 = 0xa0;
const CONTEXT_1: u8 = 0xa1;
const REQUEST_BODY: u8 = 0xa4;
const CLIENT_NAME: u8 = 0xa1;
const REALM_OF_REQUEST: u8 = 0xa2;
const SERVER_NAME: u8 = 0xa3;
const ENCRYPTION_TYPES: u8 = 0xa8;
const ADDRESSES: u8 = 0xa9;
const CLIENT_OF_REPLY: u8 = 0xa4;
const TICKET_OF_REPLY: u8 = 0xa5;
const CLIENT_OF_ERROR: u8 = 0xa8;
const REALM_OF_ERROR: u8 = 0xa9;
/// NetBIOS among the types of addresses (RFC 4120, 7.5.3).
const NETBIOS_ADDRESS: u32 = 20;
/// Bytes of a NetBIOS name without the one that tells its kind.
const NETBIOS_NAME_BYTES: usize = 15;

/// Bytes of the length over TCP.
const LENGTH_BYTES: usize = 4;
/// Lengths from here on are something else.
const LENGTH_BYTES_MAX: usize = 1 << 24;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use crate::flow::Direction::{ToClient, ToServer};
    use crate::protocols::harness;

    fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
        let length = body.len();
        let mut bytes = vec![tag];
        if length < 0x80 {
            bytes.push(u8::try_from(length).unwrap());
        } else {
            bytes.push(0x82);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        bytes.extend(body);
        bytes
    }

    fn integer(number: u8) -> Vec<u8> {
        tlv(INTEGER, &[number])
    }

    fn name(parts: &[&str]) -> Vec<u8> {
        let strings: Vec<u8> = parts.iter().flat_map(|part| tlv(0x1b, part.as_bytes())).collect();
        let both = [tlv(0xa0, &integer(1)), tlv(0xa1, &tlv(SEQUENCE, &strings))].concat();
        tlv(SEQUENCE, &both)
    }

    fn request(kind: u8, client: &[&str], server: &[&str]) -> Vec<u8> {
        let netbios = [tlv(0xa0, &integer(20)), tlv(0xa1, &tlv(4, b"HMI7            "))].concat();
        let body = [
            tlv(0xa0, &tlv(3, &[0, 0, 0, 0, 0])),
            tlv(0xa1, &name(client)),
            tlv(0xa2, &tlv(0x1b, b"PLANT.EXAMPLE")),
            tlv(0xa3, &name(server)),
            tlv(0xa8, &tlv(SEQUENCE, &[integer(18), integer(23)].concat())),
            tlv(0xa9, &tlv(SEQUENCE, &tlv(SEQUENCE, &netbios))),
        ]
        .concat();
        let fields =
            [tlv(0xa1, &integer(5)), tlv(0xa2, &integer(10)), tlv(0xa4, &tlv(SEQUENCE, &body))]
                .concat();
        tlv(kind, &tlv(SEQUENCE, &fields))
    }

    fn told(direction: Direction, message: &[u8]) -> Vec<String> {
        let lines = harness::read(&PROTOCOL, true, &[(direction, message)]).lines();
        lines.iter().map(|line| line.split(" @").next().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_machine_that_asks_names_itself_and_what_it_wants() {
        let message = request(TGS_REQUEST, &["HMI7$"], &["cifs", "filesrv.plant.example"]);
        assert_eq!(
            told(ToServer, &message),
            [
                "10.0.0.1  kerberos.machine_account = HMI7$",
                "10.0.0.1  kerberos.client_realm = PLANT.EXAMPLE",
                "10.0.0.1  kerberos.requested_service = cifs/filesrv.plant.example",
                "10.0.0.1  kerberos.offered_encryption_type = aes256-cts-hmac-sha1-96",
                "10.0.0.1  kerberos.offered_encryption_type = rc4-hmac",
                "10.0.0.1  kerberos.netbios_name = HMI7",
            ]
        );
    }

    #[test]
    fn people_are_not_named() {
        let message = request(AS_REQUEST, &["anna"], &["krbtgt", "PLANT.EXAMPLE"]);
        assert!(!told(ToServer, &message).iter().any(|line| line.contains("anna")));
    }

    #[test]
    fn whoever_answers_is_the_centre_of_its_realm() {
        let cipher = [tlv(0xa0, &integer(18)), tlv(0xa2, &tlv(4, &[7; 20]))].concat();
        let ticket = [
            tlv(0xa0, &integer(5)),
            tlv(0xa1, &tlv(0x1b, b"PLANT.EXAMPLE")),
            tlv(0xa2, &name(&["krbtgt", "PLANT.EXAMPLE"])),
            tlv(0xa3, &tlv(SEQUENCE, &cipher)),
        ]
        .concat();
        let fields = [
            tlv(0xa0, &integer(5)),
            tlv(0xa1, &integer(11)),
            tlv(0xa3, &tlv(0x1b, b"PLANT.EXAMPLE")),
            tlv(0xa4, &name(&["HMI7$"])),
            tlv(0xa5, &tlv(0x61, &tlv(SEQUENCE, &ticket))),
        ]
        .concat();
        assert_eq!(
            told(ToClient, &tlv(AS_REPLY, &tlv(SEQUENCE, &fields))),
            [
                "10.0.0.2  kerberos.role = key distribution centre",
                "10.0.0.1  kerberos.machine_account = HMI7$",
                "10.0.0.2  kerberos.realm = PLANT.EXAMPLE",
                "10.0.0.2  kerberos.encryption_type = aes256-cts-hmac-sha1-96",
            ]
        );
    }

    #[test]
    fn messages_are_recognised_on_any_port() {
        let message = request(AS_REQUEST, &["HMI7$"], &["krbtgt", "PLANT.EXAMPLE"]);
        assert_eq!(probe(&message), Probe::Yes);
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        assert_eq!(probe(&[&length[..], &message].concat()), Probe::Yes);
        assert_eq!(probe(&message[..6]), Probe::More);
        assert_eq!(probe(b"\x30\x0c\x02\x01\x01"), Probe::No);
    }
}
