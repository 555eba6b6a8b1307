//! Refusals, interfaces, CIP Security, implicit messages, and the finer points of connections.

use super::connected::{open, opened};
use super::*;
use crate::flow::{Attach, FlowKey, Input};
use crate::model::{FrameRef, Node, Scope, Timestamp};
use crate::protocols::{Probe, Sink, Step};

fn refusal(command: u16, status: u8, data: &[u8]) -> Vec<u8> {
    let mut message = message(command, 0, data);
    message[8] = status;
    message
}

#[test]
fn a_refusal_tells_of_the_device_or_of_nobody() {
    for (status, told) in
        [(1, true), (2, true), (3, false), (0x64, false), (0x65, false), (0x6A, true)]
    {
        let listener = tcp(&[(ToClient, refusal(0x63, status, b""))]);
        let expected = format!("10.0.0.2  enip.encapsulation_error = {status} @8+4");
        assert_eq!(listener.lines(), if told { vec![expected] } else { vec![] });
        assert!(listener.counted[0].starts_with("enip.status_"), "{:?}", listener.counted);
    }
    let request = refusal(0x63, 1, b"");
    assert!(tcp(&[(ToServer, request)]).said.is_empty());
}

#[test]
fn who_refuses_a_version_says_which_one_it_speaks() {
    let listener = tcp(&[(ToClient, refusal(0x65, 0x69, b"\x01\x00\x00\x00"))]);
    let expected =
        ["10.0.0.2  enip.encapsulation_error = 105", "10.0.0.2  enip.encapsulation_version = 1"];
    assert_eq!(facts(&listener), expected);
}

#[test]
fn interfaces_are_told_by_their_handles() {
    let items = b"\x02\x00\x01\x05\x04\x00\x00\x00\x01\x00\x02\x05\x06\x00\x07\x00\x00\x00\xff\xff";
    let listener = udp(&[(ToClient, message(0x64, 0, items))]);
    let expected = [
        "10.0.0.2  enip.interface_handle = 65536 @30+4",
        "10.0.0.2  enip.interface_handle = 7 @38+4",
    ];
    assert_eq!(listener.lines(), expected);
    assert!(udp(&[(ToClient, message(0x64, 0, b"\x00\x00"))]).said.is_empty());
}

#[test]
fn status_indications_and_cancels_are_passed_over() {
    let [(_, ask), (_, answer)] = asked(&request(1, IDENTITY, b""), &reply(1, 0, &nameplate("X")));
    let others = [0x00, 0x72, 0x73, 0x66, 0xC8].map(|command| message(command, 0, b""));
    let listener = tcp(&[(ToServer, [others.concat(), ask].concat()), (ToClient, answer)]);
    assert_eq!(facts(&listener), said_of("10.0.0.2", "X"));
    assert!(listener.counted.is_empty());
}

/// A TLS record.
fn record(kind: u8, version: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [&[kind][..], &version.to_be_bytes(), &length.to_be_bytes(), body].concat()
}

/// A server hello of TLS, its version chosen in the field or in an extension.
fn server_hello(version: u16, suite: u16, extension: &[u8]) -> Vec<u8> {
    let mut body =
        [&version.to_be_bytes()[..], &[7; 32], &[0], &suite.to_be_bytes(), &[0]].concat();
    if !extension.is_empty() {
        body.extend(u16::try_from(extension.len()).unwrap().to_be_bytes());
        body.extend(extension);
    }
    [&[2, 0, 0, u8::try_from(body.len()).unwrap()], &body[..]].concat()
}

#[test]
fn a_server_hello_tells_version_and_suite() {
    let client = record(22, 0x0301, &[1, 0, 0, 2, 3, 3]);
    let server = record(22, 0x0303, &server_hello(0x0303, 0xC006, b""));
    let listener = tcp(&[(ToServer, client.clone()), (ToClient, server)]);
    let lines = [
        "10.0.0.2  enip.cip_security = TLS 1.2 @9+2",
        "10.0.0.2  enip.cip_security_cipher_suite = 49158 @44+2",
    ];
    assert_eq!(listener.lines(), lines);

    let newer = server_hello(0x0303, 0x1301, b"\x00\x33\x00\x02ab\x00\x2b\x00\x02\x03\x04");
    let listener = tcp(&[(ToServer, client), (ToClient, record(22, 0x0303, &newer))]);
    assert_eq!(listener.lines()[0], "10.0.0.2  enip.cip_security = TLS 1.3 @59+2");
}

#[test]
fn a_server_hello_in_datagrams_tells_dtls() {
    let hello = server_hello(0xFEFD, 0xC023, b"");
    let parts = [&hello[..4], &[0, 1, 0, 0, 0], &hello[1..4], &hello[4..]].concat();
    let mut datagram = record(22, 0xFEFD, &parts);
    datagram.splice(3..3, [0; 8]); // epoch, sequence number
    let listener = udp(&[(ToClient, datagram.clone())]);
    assert_eq!(listener.lines()[0], "10.0.0.2  enip.cip_security = DTLS 1.2 @25+2");
    for cut in 0..datagram.len() {
        assert!(udp(&[(ToClient, datagram[..cut].to_vec())]).said.is_empty(), "cut at {cut}");
    }
    // A fragment, which holds no whole hello.
    datagram[24] -= 1;
    assert!(udp(&[(ToClient, datagram)]).said.is_empty());
}

#[test]
fn what_was_secured_before_the_capture_still_shows() {
    let data = record(23, 0x0303, b"\x00\x01\x02");
    let listener = tcp(&[(ToServer, data.clone()), (ToClient, data)]);
    assert_eq!(listener.lines(), ["10.0.0.2  enip.cip_security = TLS @0+3"]);
}

#[test]
fn tls_is_no_reason_to_look_for_enip_on_other_ports() {
    let probe = PROTOCOL.probe;
    assert_eq!(probe(&record(22, 0x0301, b"\x01\x00\x00\x02\x03\x03")), Probe::Maybe);
    assert_eq!(probe(b"\x16\x03"), Probe::More);
    assert_eq!(probe(b"\x16\x03\x09\x00\x05"), Probe::No);
}

/// An implicit message on connection 0x04030201.
fn implicit(number: u8) -> Vec<u8> {
    let address = [2, 0, 2, 0x80, 8, 0, 1, 2, 3, 4, number, 0, 0, 0];
    [&address[..], &[0xB1, 0, 2, 0, 0xAA, 0xBB]].concat()
}

/// Shows one datagram to `dissector`, from 10.0.0.1 to `last` octets or back.
fn show(
    dissector: &mut dyn crate::protocols::Dissector,
    direction: Direction,
    server: [u8; 4],
    listener: &mut Listener,
) -> Step {
    let node = |address: [u8; 4]| Node::ip(Scope::default(), address.into());
    let flow = FlowKey {
        client: node([10, 0, 0, 1]),
        client_port: 2222,
        server: node(server),
        attach: Attach::Udp(2222),
    };
    let bytes = implicit(0);
    let input = Input {
        bytes: &bytes,
        whole: true,
        direction,
        flow: &flow,
        at: Timestamp(0),
        frame: FrameRef::default(),
        mac: None,
        places: &[],
    };
    dissector.read(&input, &mut Sink::new(&input, listener, &PROTOCOL))
}

#[test]
fn implicit_messages_are_let_go_after_one_each_way() {
    let (mut dissector, mut listener) = ((PROTOCOL.start)(), Listener::default());
    let mut step = |direction| show(&mut *dissector, direction, [10, 0, 0, 2], &mut listener);
    assert_eq!(step(ToServer), Step::Used(20));
    assert_eq!(step(ToServer), Step::Used(20));
    assert_eq!(step(ToClient), Step::Done);
    let roles = ["1  enip.role = producer", "2  enip.role = consumer"];
    let back = ["2  enip.role = producer", "1  enip.role = consumer"];
    let expected: Vec<_> =
        roles.iter().chain(&back).map(|fact| format!("10.0.0.{fact} @0+6")).collect();
    assert_eq!(listener.lines(), expected);
}

#[test]
fn implicit_messages_one_way_say_nothing_after_the_first_and_are_let_go() {
    let (mut dissector, mut listener) = ((PROTOCOL.start)(), Listener::default());
    let mut shown = 0;
    while show(&mut *dissector, ToServer, [10, 0, 0, 2], &mut listener) != Step::Done {
        shown += 1;
    }
    assert_eq!((shown, listener.said.len()), (63, 2));
    assert!(listener.counted.is_empty() && listener.damage.is_empty());
}

#[test]
fn implicit_messages_to_a_group_are_let_go_at_once() {
    let (mut dissector, mut listener) = ((PROTOCOL.start)(), Listener::default());
    let step = show(&mut *dissector, ToServer, [239, 192, 1, 32], &mut listener);
    assert_eq!(step, Step::Done);
    assert_eq!(listener.lines(), ["10.0.0.1  enip.role = producer @0+6"]);
}

#[test]
fn the_older_address_of_implicit_messages_is_one_too() {
    let datagram = b"\x02\x00\xa1\x00\x04\x00abcd\xb1\x00\x02\x00ab".to_vec();
    assert_eq!((PROTOCOL.probe)(&datagram), Probe::Yes);
    assert_eq!(facts(&udp(&[(ToServer, datagram)])).len(), 2);
}

/// SendRRData with a socket address item behind the service.
fn with_address(service: &[u8], kind: u16, address: [u8; 4]) -> Vec<u8> {
    let mut message = unconnected(1, service);
    message[30] = 3; // item count
    message.extend(kind.to_le_bytes());
    message.extend([16, 0, 0, 2, 0x08, 0xAE]); // length, family, port 2222
    message.extend(address);
    message.extend([0; 8]);
    let length = u16::try_from(message.len() - 24).unwrap();
    message[2..4].copy_from_slice(&length.to_le_bytes());
    message
}

#[test]
fn a_group_is_produced_to_by_its_chooser_and_consumed_by_the_other() {
    let ask = unconnected(1, &open(b"\x20\x04\x24\x01"));
    let answer = with_address(&opened(), 0x8001, [239, 192, 1, 32]);
    let listener = tcp(&[(ToServer, ask.clone()), (ToClient, answer)]);
    let said = facts(&listener);
    assert_eq!(
        said[said.len() - 2..],
        [
            "10.0.0.2  enip.produces_to = 239.192.1.32:2222",
            "10.0.0.1  enip.consumes_from = 239.192.1.32:2222",
        ]
    );
    for (kind, address) in [(0x8001, [10, 0, 0, 9]), (0x8000, [239, 192, 1, 32])] {
        let answer = with_address(&opened(), kind, address);
        let said = facts(&tcp(&[(ToServer, ask.clone()), (ToClient, answer)]));
        assert!(!said.iter().any(|fact| fact.contains("produces_to")), "{said:?}");
    }
    let ask = with_address(&open(b"\x20\x04\x24\x01"), 0x8000, [239, 192, 1, 33]);
    let said = facts(&tcp(&[(ToServer, ask)]));
    assert_eq!(said[said.len() - 2], "10.0.0.1  enip.produces_to = 239.192.1.33:2222");
}

#[test]
fn a_key_with_a_serial_number_expects_it() {
    let path = b"\x01\x02\x34\x05\x01\x00\x0e\x00\x37\x00\x14\x05\x8e\x4d\x52\x00\x20\x02\x24\x01";
    let said = facts(&tcp(&[(ToServer, unconnected(1, &open(path)))]));
    let expected = "10.0.0.2 slot 2  enip.expected_serial_number = 00524D8E".to_owned();
    assert!(said.contains(&expected), "{said:?}");
    assert!(!said.iter().any(|fact| fact.contains("enip.serial_number")));
}

#[test]
fn production_inhibit_times_are_told_in_microseconds() {
    for segment in [&b"\x43\x05"[..], b"\x51\x02\x88\x13\x00\x00"] {
        let path = [segment, b"\x20\x02\x24\x01"].concat();
        let said = facts(&tcp(&[(ToServer, unconnected(1, &open(&path)))]));
        let expected = "10.0.0.2  enip.production_inhibit_time = 5000".to_owned();
        assert!(said.contains(&expected), "{said:?}");
    }
}

#[test]
fn a_large_forward_open_has_longer_parameters() {
    let mut large = open(b"\x20\x02\x24\x01");
    large[0] = 0x5B;
    // Parameters: place of those from originator to target, then of the others.
    large.splice(32..34, [0xA0, 0x0F, 0x00, 0x42]);
    large.splice(40..42, [0xA1, 0x0F, 0x00, 0xC2]);
    let said = facts(&tcp(&[(ToServer, unconnected(1, &large))]));
    assert!(said.contains(&"10.0.0.2  enip.originator_to_target_size = 4000".to_owned()));
    assert!(said.contains(&"10.0.0.2  enip.target_to_originator_size = 4001".to_owned()));
    assert!(!said.contains(&"10.0.0.1  enip.role = redundant owner".to_owned()));
    large[35] = 0xC2;
    let said = facts(&tcp(&[(ToServer, unconnected(1, &large))]));
    assert!(said.contains(&"10.0.0.1  enip.role = redundant owner".to_owned()));
}

#[test]
fn a_null_forward_open_opens_nothing_and_closes_nothing() {
    let path = b"\x01\x00\x20\x02\x24\x01";
    let mut null = open(path);
    for at in [33, 39] {
        null[at] &= !0x60;
    }
    let mut other = opened();
    other[4] = 0xC1; // identifiers that nobody uses
    let mut talk = asked(&open(path), &opened()).to_vec();
    talk.extend(asked(&null, &other));
    talk.push((ToServer, connected(0xA1A1, 7, &request(1, IDENTITY, b""))));
    talk.push((ToClient, connected(0xB2B2, 7, &reply(1, 0, &nameplate("1756-L71/B")))));
    let listener = tcp(&talk);
    let said = facts(&listener);
    assert!(said.ends_with(&said_of("10.0.0.2 slot 0", "1756-L71/B")), "{said:?}");
    assert_eq!(listener.counted, ["enip.null_forward_open"]);
}

#[test]
fn a_refused_connection_says_why() {
    let refused = [0xD4, 0, 1, 1, 0x14, 0x01]; // connection failure: vendor or product code mismatch
    let talk = asked(&open(b"\x01\x05\x20\x02\x24\x01"), &refused);
    let lines = tcp(&talk).lines();
    let expected = "10.0.0.2 slot 5  enip.connection_refused = 0x01 0x0114 @40+6";
    assert_eq!(lines.last().map(String::as_str), Some(expected));
    let unreached = [0xD4, 0, 1, 1, 0x12, 0x03]; // link address not valid
    let talk = asked(&open(b"\x01\x05\x20\x02\x24\x01"), &unreached);
    assert!(!facts(&tcp(&talk)).iter().any(|fact| fact.contains("connection_refused")));
}

#[test]
fn a_connection_opened_along_a_route_carries_its_route() {
    let routed = sent(&open(b"\x01\x00\x20\x02\x24\x01"), b"\x12\x0b192.168.1.7\x00");
    let mut talk = asked(&routed, &opened()).to_vec();
    talk.push((ToServer, connected(0xA1A1, 7, &request(1, IDENTITY, b""))));
    talk.push((ToClient, connected(0xB2B2, 7, &reply(1, 0, &nameplate("X")))));
    let said = facts(&tcp(&talk));
    assert!(said.ends_with(&said_of("10.0.0.2 192.168.1.7 / slot 0", "X")), "{said:?}");
}

#[test]
fn an_identifier_that_is_given_out_again_belongs_to_its_new_connection() {
    let mut second = opened();
    second[12] = 0x99; // another connection serial number
    let mut ask = open(b"\x01\x03\x20\x02\x24\x01");
    ask[16] = 0x99;
    let mut talk = asked(&open(b"\x01\x00\x20\x02\x24\x01"), &opened()).to_vec();
    talk.extend(asked(&ask, &second));
    talk.push((ToServer, connected(0xA1A1, 7, &request(1, IDENTITY, b""))));
    talk.push((ToClient, connected(0xB2B2, 7, &reply(1, 0, &nameplate("X")))));
    let said = facts(&tcp(&talk));
    assert!(said.ends_with(&said_of("10.0.0.2 slot 3", "X")), "{said:?}");
}

#[test]
fn conversations_between_the_same_nodes_do_not_share_connections() {
    let open = asked(&open(b"\x01\x00\x20\x02\x24\x01"), &opened()).to_vec();
    assert!(!tcp(&open).said.is_empty());
    // The same two nodes, another TCP connection: what was opened there is not known here.
    let listener = tcp(&[(ToServer, connected(0xA1A1, 7, &request(1, IDENTITY, b"")))]);
    assert!(listener.said.is_empty());
}
