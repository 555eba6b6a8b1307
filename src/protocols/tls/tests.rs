//! Hellos after the drawings of the standards; `10.0.0.1` is the client, `10.0.0.2` the server. Whole handshakes, with
//! certificates, are in the captures.

use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::Probe;
use crate::protocols::harness::{self, Listener};

fn listen(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, false, messages)
}

fn sized<const N: usize>(body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32).to_be_bytes();
    [&length[4 - N..], body].concat()
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 1][..], &sized::<2>(body)].concat()
}

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &sized::<3>(body)].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &sized::<2>(body)].concat()
}

fn client_body(extensions: &[u8]) -> Vec<u8> {
    let head = [&[3, 3][..], &[7; 32], &[0], b"\x00\x04\x0a\x0a\x13\x01", &[1, 0]].concat();
    if extensions.is_empty() { head } else { [head, sized::<2>(extensions)].concat() }
}

fn server_body(version: &[u8], extensions: &[u8]) -> Vec<u8> {
    [version, &[7; 32], &[0], b"\xc0\x2f", &[0], &sized::<2>(extensions)].concat()
}

fn name(host: &[u8]) -> Vec<u8> {
    extension(0, &sized::<2>(&[&[0][..], &sized::<2>(host)].concat()))
}

fn client_hello() -> Vec<u8> {
    let protocols =
        extension(16, &sized::<2>(&[sized::<1>(b"h2"), sized::<1>(b"\x0a\x0a")].concat()));
    let versions = extension(43, b"\x06\x7a\x7a\x03\x04\x03\x03");
    let all = [name(b"plc7.example"), protocols, versions].concat();
    record(22, &handshake(1, &client_body(&all)))
}

/// As OpenSSL answers in version 1.2.
fn server_hello() -> Vec<u8> {
    let protocol = extension(16, &sized::<2>(&sized::<1>(b"h2")));
    record(22, &handshake(2, &server_body(&[3, 3], &protocol)))
}

#[test]
fn a_client_tells_whom_it_asks_for_and_what_it_offers() {
    let heard = listen(&[(ToServer, &client_hello())]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.1  tls.requested_name = plc7.example @58+12",
            "10.0.0.2  tls.server_name = plc7.example @58+12",
            "10.0.0.1  tls.offered_protocol = h2 @77+2",
            "10.0.0.1  tls.offered_version = TLS 1.3 @89+2",
            "10.0.0.1  tls.offered_version = TLS 1.2 @91+2",
            "10.0.0.1  tls.ja4 = t13d0103h2_0f2cb44170f4_b9a491fefe05 @41+4",
        ]
    );
    assert_eq!(heard.damage, []);
}

#[test]
fn a_server_tells_what_it_chose() {
    let heard = listen(&[(ToClient, &server_hello())]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.2  tls.version = TLS 1.2 @4+2",
            "10.0.0.2  tls.cipher_suite = TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 @39+2",
            "10.0.0.2  tls.application_protocol = h2 @51+2",
        ]
    );
}

#[test]
fn since_version_1_3_certificates_are_hidden_and_that_is_counted() {
    let chosen = record(22, &handshake(2, &server_body(&[3, 3], &extension(43, &[3, 4]))));
    let heard = listen(&[(ToServer, &client_hello()), (ToClient, &chosen)]);
    assert!(heard.lines().contains(&"10.0.0.2  tls.version = TLS 1.3 @48+2".to_owned()));
    assert_eq!(heard.counted, ["tls.certificates_hidden"]);
    let draft = [&[0x7f, 0x17][..], &[7; 32], b"\x13\x01", &sized::<2>(&[])].concat();
    let heard = listen(&[(ToClient, &record(22, &handshake(2, &draft)))]);
    assert_eq!(heard.lines()[0], "10.0.0.2  tls.version = TLS 1.3 draft 23 @4+2");
}

#[test]
fn a_message_over_several_records_is_put_together() {
    let whole = client_hello();
    let message = &whole[5..];
    for cut in [1, 3, 40, 70, message.len() - 1] {
        let parts = [record(22, &message[..cut]), record(22, &message[cut..])].concat();
        let heard = listen(&[(ToServer, &parts)]);
        assert_eq!(heard.said.len(), 6, "{cut}: {:#?}", heard.lines());
    }
}

#[test]
fn messages_of_no_interest_are_passed_over_wherever_they_end() {
    let long = handshake(12, &[9; 300]);
    let bytes = [
        record(22, &[&handshake(2, &server_body(&[3, 1], &[])), &long[..100]].concat()),
        record(22, &long[100..250]),
        record(22, &[&long[250..], &handshake(14, &[])].concat()),
        record(20, &[1]),
    ]
    .concat();
    let heard = listen(&[(ToClient, &bytes)]);
    assert_eq!(heard.said.len(), 2, "{:#?}", heard.lines());
    assert_eq!(heard.damage, []);
}

#[test]
fn clients_of_long_ago_say_hello_in_another_version() {
    let hello = b"\x80\x2b\x01\x03\x00\x00\x12\x00\x00\x00\x10";
    let bytes = [&hello[..], &[1; 34]].concat();
    let answer = record(22, &handshake(2, &server_body(&[3, 0], &[])[..38]));
    let heard = listen(&[(ToServer, &bytes), (ToClient, &answer)]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.1  tls.offered_version = SSL 3.0 @3+2",
            "10.0.0.2  tls.version = SSL 3.0 @4+2",
            "10.0.0.2  tls.cipher_suite = TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 @39+2",
        ]
    );
}

#[test]
fn lengths_that_lie_cost_their_message_or_the_framing() {
    assert_eq!(listen(&[(ToServer, b"\x16\x03\x01\xff\xff\x01")]).damage.len(), 1);
    assert_eq!(listen(&[(ToServer, b"\x19\x03\x01\x00\x01\x01")]).damage.len(), 1);
    let long = extension(16, &sized::<2>(b"\xffh2"));
    let heard = listen(&[(ToServer, &record(22, &handshake(1, &client_body(&long))))]);
    assert_eq!(heard.damage.len(), 1);
    assert!(heard.lines().iter().all(|line| !line.contains("ja4")), "{:#?}", heard.lines());
    let chain = sized::<3>(&sized::<3>(b"\x30\x05\x01"));
    let heard = listen(&[(ToClient, &record(22, &handshake(11, &chain)))]);
    assert_eq!(heard.damage.len(), 1);
}

#[test]
fn the_probe_is_sure_of_hellos_only() {
    let probe = probe::probe;
    let hello = client_hello();
    assert_eq!(probe(&hello), Probe::Yes);
    assert_eq!(probe(&server_hello()), Probe::Yes);
    assert_eq!(probe(&hello[..3]), Probe::More);
    assert_eq!(probe(&hello[..10]), Probe::More);
    assert_eq!(probe(&record(23, &[1; 40])), Probe::Maybe);
    assert_eq!(probe(&record(20, &[1])), Probe::Maybe);
    assert_eq!(probe(b"\x80\x2b\x01\x03\x00\x00\x12\x00\x00\x00\x10"), Probe::Yes);
    for other in [
        &b"\x16\x03\x01\x00\x30\x01\x00\x00\x2c\x05\x03"[..],
        b"\x80\x2b\x01\x03\x00\x00\x12\x00\x00\x00\x11",
        b"\x17\x03\x09\x00\x10",
        b"\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x07",
        b"GET / HTTP/1.1",
        b"\x03\x00\x00\x13\x0e\xe0",
    ] {
        assert_eq!(probe(other), Probe::No, "{other:x?}");
    }
}
