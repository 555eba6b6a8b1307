//! Tokens written after RFC 4120 and RFC 4121; `10.0.0.1` is the client, `10.0.0.2` the server.

use super::*;
use crate::flow::{Attach, Direction, Input};
use crate::protocols::harness::{self, Listener};
use crate::protocols::{Dissector, Probe, Protocol, Step};

const PROTOCOL: Protocol = Protocol {
    name: "kerberos",
    spec: "",
    attach: &[Attach::Tcp(1)],
    keys: &[KEYS],
    probe: |_| Probe::No,
    start: || Box::new(Bare),
};

/// Tokens with nothing around them.
struct Bare;

impl Dissector for Bare {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let client = Subject::node(input.flow.client);
        let server = Subject::node(input.flow.server);
        super::read(&mut Reader::new(input.bytes), out, &client, &server);
        Step::Used(input.bytes.len())
    }
}

fn listen(token: &[u8]) -> Listener {
    harness::read(&PROTOCOL, true, &[(Direction::ToServer, token)])
}

/// One element.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let [high, low] = u16::try_from(body.len()).unwrap().to_be_bytes();
    let head = if body.len() < 0x80 { vec![tag, low] } else { vec![tag, 0x82, high, low] };
    [head, body].concat()
}

fn name(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let strings: Vec<Vec<u8>> = parts.iter().map(|part| der(GENERAL_STRING, &[part])).collect();
    let kind = der(CONTEXT_0, &[&der(INTEGER, &[&[kind]])]);
    let parts = der(CONTEXT_1, &[&der(SEQUENCE, &[&strings.concat()])]);
    der(SEQUENCE, &[&kind, &parts])
}

fn encrypted(kind: &[u8], cipher: &[u8]) -> Vec<u8> {
    let kind = der(CONTEXT_0, &[&der(INTEGER, &[kind])]);
    der(SEQUENCE, &[&kind, &der(0xa2, &[&der(0x04, &[cipher])])])
}

/// An AP-REQ for a service, its ticket encrypted in one way.
fn request(service: &[&[u8]], kind: &[u8]) -> Vec<u8> {
    let number = |tag, value: u8| der(tag, &[&der(INTEGER, &[&[value]])]);
    let ticket = der(
        TICKET,
        &[&der(
            SEQUENCE,
            &[
                &number(0xa0, 5),
                &der(0xa1, &[&der(GENERAL_STRING, &[b"LAB.EXAMPLE"])]),
                &der(0xa2, &[&name(2, service)]),
                &der(0xa3, &[&encrypted(kind, &[0xaa; 40])]),
            ],
        )],
    );
    let options = der(0xa2, &[&der(0x03, &[&[0, 0, 0, 0, 0]])]);
    let authenticator = der(0xa4, &[&encrypted(&[18], &[0xbb; 40])]);
    let ticket = der(0xa3, &[&ticket]);
    let fields = [number(0xa0, 5), number(0xa1, 14), options, ticket, authenticator].concat();
    [&[0x01, 0x00][..], &der(AP_REQ, &[&der(SEQUENCE, &[&fields])])].concat()
}

fn values(heard: &Listener) -> Vec<String> {
    heard.said.iter().map(|o| format!("{} {} = {}", o.subject, o.key, o.value)).collect()
}

#[test]
fn a_ticket_names_the_server_and_its_realm_and_is_not_kept() {
    let heard = listen(&request(&[b"cifs", b"hist1.lab.example"], &[18]));
    let expected = [
        "10.0.0.2 kerberos.realm = LAB.EXAMPLE",
        "10.0.0.2 kerberos.server_principal = cifs/hist1.lab.example",
        "10.0.0.2 kerberos.encryption_type = aes256-cts-hmac-sha1-96",
    ];
    assert_eq!(values(&heard), expected);
    assert!(heard.damage.is_empty(), "{:?}", heard.damage);
    let kept: Vec<u8> = heard.said.iter().flat_map(|said| said.excerpt.bytes.to_vec()).collect();
    assert!(!kept.iter().any(|byte| matches!(byte, 0xaa | 0xbb)), "{kept:02x?}");
}

#[test]
fn a_message_without_the_two_bytes_of_its_kind_is_read() {
    let token = request(&[b"cifs", b"hist1"], &[23]);
    assert_eq!(values(&listen(&token[2..])), values(&listen(&token)));
    assert!(values(&listen(&token))[2].ends_with("= rc4-hmac"));
}

#[test]
fn persons_and_ticket_granters_are_no_names_of_a_server() {
    for service in [&[&b"operator"[..]][..], &[b"krbtgt", b"LAB.EXAMPLE"], &[b"$"], &[b"", b"x"]] {
        let said = values(&listen(&request(service, &[17])));
        assert!(!said.iter().any(|line| line.contains("principal")), "{said:?}");
    }
    let said = values(&listen(&request(&[b"HIST1$"], &[17])));
    assert!(said.contains(&"10.0.0.2 kerberos.server_principal = HIST1$".to_owned()), "{said:?}");
}

#[test]
fn encryption_without_a_name_is_a_number_and_private_ones_are_left_out() {
    let said = |kind: &[u8]| values(&listen(&request(&[b"cifs", b"h"], kind)));
    assert!(said(&[0x80]).contains(&"10.0.0.2 kerberos.encryption_type = -128".to_owned()));
    assert_eq!(said(&[0xff, 0x7b]).len(), 2);
}

/// A KRB-ERROR whose client has this name.
fn error(client: &[u8]) -> Vec<u8> {
    let fields = [
        der(0xa0, &[&der(INTEGER, &[&[5]])]),
        der(0xa4, &[&der(0x18, &[b"20260302110000Z"])]),
        der(0xa7, &[&der(GENERAL_STRING, &[b"LAB.EXAMPLE"])]),
        der(0xa8, &[&name(1, &[client])]),
        der(0xa9, &[&der(GENERAL_STRING, &[b"LAB.EXAMPLE"])]),
        der(0xaa, &[&name(2, &[b"cifs", b"hist1"])]),
    ];
    [&[0x03, 0x00][..], &der(KRB_ERROR, &[&der(SEQUENCE, &[&fields.concat()])])].concat()
}

#[test]
fn an_error_names_the_server_and_of_clients_only_machines() {
    let person = values(&listen(&error(b"operator")));
    let expected = [
        "10.0.0.2 kerberos.realm = LAB.EXAMPLE",
        "10.0.0.2 kerberos.server_principal = cifs/hist1",
    ];
    assert_eq!(person, expected);
    let machine = values(&listen(&error(b"HMI7$")));
    assert!(machine.contains(&"10.0.0.1 kerberos.machine_account = HMI7$".to_owned()));
}

#[test]
fn requests_of_user_to_user_and_iakerb_name_their_realm() {
    let realm = der(GENERAL_STRING, &[b"LAB.EXAMPLE"]);
    let server = der(0xa2, &[&name(2, &[b"cifs", b"hist1"])]);
    let fields = der(SEQUENCE, &[&server, &der(0xa3, &[&realm])]);
    let asked = listen(&[&[0x04, 0x00][..], &fields].concat());
    let expected = [
        "10.0.0.2 kerberos.server_principal = cifs/hist1",
        "10.0.0.2 kerberos.realm = LAB.EXAMPLE",
    ];
    assert_eq!(values(&asked), expected);
    let header = der(SEQUENCE, &[&der(0xa1, &[&der(0x0c, &[b"LAB.EXAMPLE"])])]);
    let passed_on = listen(&[&[0x05, 0x01][..], &header].concat());
    assert_eq!(values(&passed_on), ["10.0.0.2 kerberos.realm = LAB.EXAMPLE"]);
}

#[test]
fn messages_of_a_standing_context_and_answers_say_nothing() {
    for token in [&b"\x04\x04\x05\xff\0\0\0\0"[..], b"\x02\x00\x6f\x05\x30\x03\x02\x01\x05"] {
        let heard = listen(token);
        assert!(heard.said.is_empty() && heard.damage.is_empty(), "{token:02x?}");
    }
}

#[test]
fn no_cut_and_no_byte_of_any_value_does_harm() {
    for token in [request(&[b"cifs", b"hist1"], &[18]), error(b"HMI7$")] {
        let whole = listen(&token).lines();
        for at in 0..token.len() {
            let cut = listen(&token[..at]);
            assert!(cut.lines().iter().all(|line| whole.contains(line)), "cut at {at}");
            for value in [0x00, 0x1f, 0x7f, 0x80, 0x84, 0xff] {
                let mut changed = token.clone();
                changed[at] = value;
                listen(&changed);
            }
        }
    }
}
