//! Packets written after \[MS-RDPBCGR\] and \[MS-CSSP\]; `10.0.0.1` is the client, `10.0.0.2` the server.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::*;
use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

fn listen(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, false, messages)
}

fn tpkt(rest: &[u8]) -> Vec<u8> {
    [&[3, 0, 0, (rest.len() + 4) as u8][..], rest].concat()
}

fn connect(code: u8, variable: &[u8]) -> Vec<u8> {
    tpkt(&[&[(variable.len() + 6) as u8, code, 0, 0, 0, 0, 0][..], variable].concat())
}

const REQUEST: &[u8] = b"Cookie: mstshash=s3cret\r\n\x01\x00\x08\x00\x03\x00\x00\x00";
const CHOOSES_CREDSSP: &[u8] = b"\x02\x1f\x08\x00\x02\x00\x00\x00";

#[test]
fn negotiation_tells_what_is_offered_and_what_is_chosen() {
    let heard = listen(&[
        (ToServer, &connect(0xe0, REQUEST)),
        (ToClient, &connect(0xd0, CHOOSES_CREDSSP)),
        (ToServer, b"\x16\x03\x01\x00\xc8"),
    ]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.1  rdp.requested_protocol = TLS @40+4",
            "10.0.0.1  rdp.requested_protocol = CredSSP @40+4",
            "10.0.0.2  rdp.negotiation_flags = 31 @12+1",
            "10.0.0.2  rdp.security = CredSSP @15+4",
        ]
    );
    assert_eq!(heard.counted, ["rdp.encrypted_conversations"]);
}

#[test]
fn the_cookie_is_in_no_value_and_in_no_excerpt() {
    for variable in [REQUEST, &REQUEST[..25], b"Cookie: mstshash=s3cret", b"s3cret\r\n\x01"] {
        let heard = listen(&[(ToServer, &connect(0xe0, variable))]);
        for said in &heard.said {
            let excerpt = String::from_utf8_lossy(&said.excerpt.bytes).into_owned();
            assert!(!excerpt.contains("cret") && !said.value.to_string().contains("cret"));
        }
    }
}

#[test]
fn servers_without_negotiation_use_standard_security() {
    let heard =
        listen(&[(ToServer, &connect(0xe0, &REQUEST[..25])), (ToClient, &connect(0xd0, b""))]);
    assert_eq!(
        heard.lines(),
        ["10.0.0.1  rdp.requested_protocol = RDP @5+1", "10.0.0.2  rdp.security = RDP @5+1"]
    );
}

#[test]
fn a_refusal_tells_what_the_server_demands() {
    let refusal = connect(0xd0, b"\x03\x00\x08\x00\x05\x00\x00\x00");
    assert_eq!(
        listen(&[(ToClient, &refusal)]).lines(),
        ["10.0.0.2  rdp.negotiation_failure = HYBRID_REQUIRED_BY_SERVER @15+4"]
    );
}

fn conference(tag: u8, fields: &[u8], key: &[u8], blocks: &[u8]) -> Vec<u8> {
    let settings = b"\x00\x05\x00\x14\x7c\x00\x01\x80\x00\x00\x08\x00\x10\x00\x01\xc0\x00";
    let user_data = [&settings[..], key, &[0x80, blocks.len() as u8], blocks].concat();
    let body = [fields, &[4, 0x81, user_data.len() as u8], &user_data].concat();
    tpkt(&[&[2, 0xf0, 0x80, 0x7f, tag, 0x81, body.len() as u8][..], &body].concat())
}

#[test]
fn the_conference_names_the_client_and_the_encryption_of_the_server() {
    let mut core = b"\x01\xc0\x38\x00\x04\x00\x08\x00\x00\x04\x00\x03\x01\xca\x03\xaa\x07\x04\x00\x00\x28\x0a\x00\x00".to_vec();
    core.extend("ENG-W10\0leftover".encode_utf16().flat_map(u16::to_le_bytes));
    let initial =
        conference(0x65, b"\x04\x01\x01\x04\x01\x01\x01\x01\xff\x30\0\x30\0\x30\0", b"Duca", &core);
    let blocks =
        b"\x01\x0c\x08\x00\x0a\x00\x08\x00\x02\x0c\x0c\x00\x02\x00\x00\x00\x03\x00\x00\x00";
    let response = conference(0x66, b"\x0a\x01\x00\x02\x01\x00\x30\x00", b"McDn", blocks);
    let heard = listen(&[
        (ToServer, &initial),
        (ToClient, &response),
        (ToServer, b"\x03\0\0\x0c\x02\xf0\x80s3cret"),
    ]);
    let values: Vec<String> =
        heard.lines().iter().map(|line| line.rsplit_once(" @").unwrap().0.to_owned()).collect();
    assert_eq!(
        values,
        [
            "10.0.0.1  rdp.client_version = 8.4",
            "10.0.0.1  rdp.client_build = 2600",
            "10.0.0.1  rdp.client_name = ENG-W10",
            "10.0.0.2  rdp.server_version = 8.10",
            "10.0.0.2  rdp.encryption_method = 128 bit",
            "10.0.0.2  rdp.encryption_level = high",
        ]
    );
    assert_eq!(heard.damage, []);
}

#[test]
fn credssp_in_the_clear_carries_ntlm() {
    let mut challenge =
        b"NTLMSSP\0\x02\0\0\0\0\0\0\0\x38\0\0\0\x05\x02\x08\xa2chalenge\0\0\0\0\0\0\0\0".to_vec();
    challenge.extend_from_slice(b"\0\0\0\0\x38\0\0\0\x0a\x00\x61\x4a\0\0\0\x0f");
    let mut element = challenge;
    for tag in [0x04, 0xa0, 0x30, 0x30, 0xa1] {
        element = [&[tag, element.len() as u8][..], &element].concat();
    }
    let request = [&[0x30, element.len() as u8 + 5, 0xa0, 3, 2, 1, 6][..], &element].concat();
    let heard = listen(&[(ToClient, &request)]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.2  rdp.credssp_version = 6 @6+1",
            "10.0.0.2  ntlmssp.version = 10.0.19041 @65+4",
            "10.0.0.2  ntlmssp.revision = 15 @72+1",
        ]
    );
}

#[test]
fn lengths_that_lie_lose_the_framing_or_cost_their_packet() {
    for bytes in [
        &b"\x03\x00\x00\x07\x0e\xe0\x00"[..],
        b"\x03\x01\x00\x13\x0e\xe0",
        b"\x03\x00\xff\xff\x02\xe0\x00",
        b"\x03\x00\x00\x06\x02\xf0",
        b"\x30\x84\xff\xff\xff\xff\xa0",
        b"\x30\x80\xa0",
        b"\x16\x03\x01",
    ] {
        assert_eq!(listen(&[(ToServer, bytes)]).damage.len(), 1, "{bytes:x?}");
    }
    for variable in
        [&b"\x01\x00\x09\x00\0\0\0\0"[..], b"\x07\0\x08\0\0\0\0\0", b"\x01\0", b"\r\n\x01"]
    {
        assert_eq!(
            listen(&[(ToServer, &connect(0xe0, variable))]).damage.len(),
            1,
            "{variable:x?}"
        );
    }
    let cut = conference(0x65, b"\x04\x7f", b"Duca", b"");
    assert_eq!(listen(&[(ToServer, &cut)]).damage.len(), 1);
    let fields = b"\x0a\x01\x00\x02\x01\x00\x30\x00";
    for blocks in [&b"\x01\x0c\x03\x00"[..], b"\x01\x0c\xff\xff", b"\x02\x0c\x06\x00\0\0", b"\x01"]
    {
        let response = conference(0x66, fields, b"McDn", blocks);
        assert_eq!(listen(&[(ToClient, &response)]).damage.len(), 1, "{blocks:x?}");
    }
}

#[test]
fn the_probe_leaves_other_protocols_over_tpkt_alone() {
    assert_eq!(probe(&connect(0xe0, REQUEST)), Probe::Yes);
    assert_eq!(probe(&connect(0xe0, b"\x01\x00\x08\x00\x00\x00\x00\x00")), Probe::Yes);
    assert_eq!(probe(&connect(0xd0, CHOOSES_CREDSSP)), Probe::Yes);
    assert_eq!(probe(&connect(0xe0, b"")), Probe::Maybe);
    let request = connect(0xe0, REQUEST);
    for end in 1..19 {
        assert_eq!(probe(&request[..end]), Probe::More, "{end}");
    }
    for other in [
        // S7: TSAPs and the size of a packet.
        connect(0xe0, b"\xc0\x01\x0a\xc1\x02\x01\x00\xc2\x02\x01\x02"),
        connect(0xe0, b"\xc1\x02\x01\x00\xc2\x02\x01\x02\xc0\x01\x0a"),
        connect(0xd0, b"\xc0\x01\x0a\xc1\x02\x01\x00\xc2\x02\x01\x02"),
        // S7 and MMS data.
        tpkt(
            b"\x02\xf0\x80\x32\x01\x00\x00\x00\x00\x00\x08\x00\x00\xf0\x00\x00\x01\x00\x01\x01\xe0",
        ),
        tpkt(b"\x02\xf0\x80\x01\x00\x01\x00\x61\x0e\x30\x0c\x02\x01\x03\xa0\x07"),
        // LDAP.
        b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00".to_vec(),
    ] {
        assert_eq!(probe(&other), Probe::No, "{other:x?}");
    }
}
