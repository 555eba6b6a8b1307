//! Bytes written after RFC 4178 and \[MS-SPNG\]; `10.0.0.1` is the client, `10.0.0.2` the server.

use super::*;
use crate::flow::{Attach, Direction, Input};
use crate::protocols::harness::{self, Listener};
use crate::protocols::{Dissector, Probe, Protocol, Step};

const MECHANISM: Key = Key::several("spnego.mechanism");

const PROTOCOL: Protocol = Protocol {
    name: "spnego",
    spec: "",
    attach: &[Attach::Tcp(1)],
    keys: &[&[
        MECHANISM,
        kerberos::REALM,
        kerberos::SERVER_PRINCIPAL,
        kerberos::ENCRYPTION_TYPE,
        ntlmssp::TARGET_NAME,
    ]],
    probe: |_| Probe::No,
    start: || Box::new(Bare),
};

/// Tokens with nothing around them.
struct Bare;

impl Dissector for Bare {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let client = Subject::node(input.flow.client);
        let server = Subject::node(input.flow.server);
        let sender = Subject::node(input.sender());
        let mut reader = Reader::new(input.bytes);
        super::read(&mut reader, out, &client, &server, &sender, MECHANISM);
        Step::Used(input.bytes.len())
    }
}

fn listen(token: &[u8]) -> Listener {
    harness::read(&PROTOCOL, true, &[(Direction::ToClient, token)])
}

const NTLM: &[u8] = b"NTLMSSP\0\x02\0\0\0\x04\0\x04\0\x20\0\0\0\x02\x02\0\0chalengeNT4S";

const NTLM_IDENTIFIER: &[u8] = b"\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";

/// One element, its length written in three bytes.
fn long(tag: u8, body: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(body.len()).unwrap().to_be_bytes();
    [&[tag, 0x82, high, low], body].concat()
}

#[test]
fn a_server_offers_mechanisms_and_its_hints_are_passed_over() {
    let token = b"\x60\x3f\x06\x06\x2b\x06\x01\x05\x05\x02\
        \xa0\x35\x30\x33\
        \xa0\x17\x30\x15\
        \x06\x09\x2a\x86\x48\x82\xf7\x12\x01\x02\x02\
        \x06\x08\x2a\x86\x48\x86\xf7\x12\x01\x09\
        \xa3\x18\x30\x16\xa0\x14\x1b\x12not_defined_please";
    let heard = listen(token);
    let expected = [
        "10.0.0.2  spnego.mechanism = MS Kerberos @20+9",
        "10.0.0.2  spnego.mechanism = 1.2.840.113554.1.9 @31+8",
    ];
    assert_eq!(heard.lines(), expected);
    assert!(heard.damage.is_empty(), "{:?}", heard.damage);
}

#[test]
fn a_response_names_the_mechanism_and_carries_ntlm() {
    let state = b"\xa0\x03\x0a\x01\x01";
    let mechanism = long(0xa1, NTLM_IDENTIFIER);
    let carried = long(0xa2, &long(0x04, NTLM));
    let fields = long(0x30, &[state, mechanism.as_slice(), carried.as_slice()].concat());
    let heard = listen(&long(0xa1, &fields));
    let expected = [
        "10.0.0.2  spnego.mechanism = NTLMSSP @19+10",
        "10.0.0.2  ntlmssp.target_name = NT4S @69+4",
    ];
    assert_eq!(heard.lines(), expected);
}

#[test]
fn a_first_token_without_the_outer_wrapping_is_read() {
    let mechanisms = long(0xa0, &long(0x30, NTLM_IDENTIFIER));
    let carried = long(0xa2, &long(0x04, NTLM));
    let token = long(0xa0, &long(0x30, &[mechanisms, carried].concat()));
    assert_eq!(listen(&token).said.len(), 2);
}

#[test]
fn ntlm_without_negotiation_is_read() {
    assert_eq!(listen(NTLM).lines(), ["10.0.0.2  ntlmssp.target_name = NT4S @32+4"]);
}

/// An AP-REQ for `cifs/h`, in the wrapping of GSS-API.
const KERBEROS_TOKEN: &[u8] = b"\x60\x31\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00\
    \x6e\x22\x30\x20\xa3\x1e\x61\x1c\x30\x1a\xa1\x03\x1b\x01R\
    \xa2\x13\x30\x11\xa0\x03\x02\x01\x02\xa1\x0a\x30\x08\x1b\x04cifs\x1b\x00";

#[test]
fn a_kerberos_token_names_kerberos_and_the_realm() {
    let expected =
        ["10.0.0.2  spnego.mechanism = Kerberos @4+9", "10.0.0.2  kerberos.realm = R @29+1"];
    assert_eq!(listen(KERBEROS_TOKEN).lines(), expected);
    let mechanisms = long(0xa0, &long(0x30, b"\x06\x09\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"));
    let carried = long(0xa2, &long(0x04, KERBEROS_TOKEN));
    let token = long(0xa0, &long(0x30, &[mechanisms, carried].concat()));
    let lines = listen(&token).lines();
    assert!(lines[0].contains("= MS Kerberos ") && lines[1].contains("kerberos.realm = R "));
    assert_eq!(lines.len(), 2, "the wrapping names the mechanism of the list again: {lines:?}");
}

#[test]
fn the_hint_of_an_old_server_is_its_principal() {
    for (hint, expected) in [
        (&b"hist1$@LAB.EXAMPLE"[..], 2),
        (b"not_defined_in_RFC4178@please_ignore", 0),
        (b"NONE", 0),
        (b"operator@LAB.EXAMPLE", 0),
    ] {
        let hint = long(0xa3, &long(0x30, &long(0xa0, &long(0x1b, hint))));
        let heard = listen(&long(0xa0, &long(0x30, &hint)));
        assert_eq!(heard.said.len(), expected, "{:?}", heard.lines());
        assert!(heard.damage.is_empty(), "{:?}", heard.damage);
    }
}

#[test]
fn lengths_beyond_the_token_and_endless_ones_are_damage() {
    for token in
        [&b"\x60\x84\xff\xff\xff\xff\x06"[..], b"\x60\x80\x06\x00", b"\xa1\x04\x30\x05\xa0\x00"]
    {
        let heard = listen(token);
        assert!(heard.said.is_empty());
        assert_eq!(heard.damage.len(), 1, "{token:02x?}");
    }
    assert_eq!(listen(b"junk").damage.len(), 1);
    assert!(listen(b"").damage.is_empty());
}

#[test]
fn deep_nesting_is_not_followed() {
    let mut token = NTLM.to_vec();
    for _ in 0..600 {
        token = long(0xa1, &long(0x30, &token));
    }
    assert!(listen(&token).said.is_empty());
}

#[test]
fn an_identifier_is_written_with_dots() {
    assert_eq!(dotted(&[0x2b, 0x06, 0x01, 0x05]), "1.3.6.1.5");
    assert_eq!(dotted(&[0x88, 0x37, 0x03]), "2.999.3");
    assert_eq!(dotted(&[0x2a, 0xff]), "1.2");
    dotted(&[0xff; 64]);
}
