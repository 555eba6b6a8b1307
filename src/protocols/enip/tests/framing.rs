//! Where messages begin and end, and how sure their first bytes make us.

use super::*;
use crate::flow::{Attach, FlowKey, Input};
use crate::model::{FrameRef, Node, Scope, Timestamp};
use crate::protocols::{Probe, Sink, Step};

fn probe(bytes: &[u8]) -> Probe {
    (PROTOCOL.probe)(bytes)
}

#[test]
fn one_segment_may_hold_several_messages_and_one_message_several_segments() {
    let talk = asked(&request(1, IDENTITY, b""), &reply(1, 0, &nameplate("X"))).to_vec();
    let twice = [&talk[1].1[..], &message(0, 0, b"padding"), &talk[1].1].concat();
    let request = [&talk[0].1[..], &talk[0].1].concat();
    let mut bytewise: Vec<_> = request.iter().map(|byte| (ToServer, vec![*byte])).collect();
    bytewise.extend(twice.iter().map(|byte| (ToClient, vec![*byte])));
    let whole = tcp(&[(ToServer, request), (ToClient, twice)]);
    assert_eq!(facts(&whole), said_of("10.0.0.2", "X"));
    assert_eq!(facts(&tcp(&bytewise)), facts(&whole));
    assert_eq!(whole.counted, ["enip.reply_without_request"]);
}

#[test]
fn an_unknown_command_costs_its_message_only() {
    let talk = asked(&request(1, IDENTITY, b""), &reply(1, 0, &nameplate("X")));
    let [(_, request), (_, reply)] = talk;
    let listener =
        tcp(&[(ToServer, [request, message(0x99, 0, b"abc")].concat()), (ToClient, reply)]);
    assert_eq!(listener.counted, ["enip.unknown_command"]);
    assert_eq!(facts(&listener), said_of("10.0.0.2", "X"));
}

#[test]
fn a_stream_that_does_not_begin_with_a_header_is_lost() {
    let listener = tcp(&[(ToServer, b"GET / HTTP/1.1\r\nHost: example\r\n\r\n".to_vec())]);
    assert_eq!(listener.damage.len(), 1);
    assert_eq!(probe(b"GET / HTTP/1.1\r\nHost: example\r\n\r\n"), Probe::No);
}

#[test]
fn waits_for_a_header_before_it_asks_for_more() {
    assert_eq!(probe(b"\x6f"), Probe::More);
    assert_eq!(probe(b"\x6f\x00\x10"), Probe::More);
    assert_eq!(probe(b"\x6f\x01\x10"), Probe::No);
}

#[test]
fn is_sure_of_messages_with_many_fixed_fields() {
    let item = [&[1, 0, 0x0C, 0, 40, 0, 1, 0][..], &[0; 40]].concat();
    for sure in [
        message(0x65, 0, b"\x01\x00\x00\x00"),
        unconnected(1, &request(1, IDENTITY, b"")),
        connected(1, 2, &request(1, IDENTITY, b"")),
        message(0x63, 0, &item),
        b"\x63\x00\x00\x00\0\0\0\0\0\0\0\0abcdefgh\0\0\0\0".to_vec(), // ListIdentity
        b"\x02\x00\x02\x80\x08\x00abcdefgh\xb1\x00\x02\x00ab".to_vec(), // implicit
    ] {
        assert_eq!(probe(&sure), Probe::Yes, "{sure:02x?}");
    }
}

#[test]
fn is_not_sure_of_what_zeros_could_be() {
    assert_eq!(probe(&[0; 24]), Probe::Maybe); // NOP
    assert_eq!(probe(&message(0x04, 0, b"")), Probe::Maybe);
    let mut options = message(0x04, 0, b"");
    options[20] = 1;
    assert_eq!(probe(&options), Probe::No);
    let mut status = message(0x04, 0, b"");
    status[11] = 1;
    assert_eq!(probe(&status), Probe::No);
}

#[test]
fn a_gap_forgets_requests() {
    let node = |last: u8| Node::ip(Scope::default(), [10, 0, 0, last].into());
    let flow = FlowKey {
        client: node(1),
        client_port: 50_000,
        server: node(2),
        attach: Attach::Tcp(44818),
    };
    let mut listener = Listener::default();
    let mut dissector = (PROTOCOL.start)();
    for (direction, bytes) in asked(&request(1, IDENTITY, b""), &reply(1, 0, &nameplate("X"))) {
        let frame = FrameRef::default();
        let (at, mac) = (Timestamp(0), None);
        let input = Input {
            bytes: &bytes,
            whole: false,
            direction,
            flow: &flow,
            at,
            frame,
            mac,
            places: &[],
        };
        let step = dissector.read(&input, &mut Sink::new(&input, &mut listener, &PROTOCOL));
        assert_eq!(step, Step::Used(bytes.len()));
        dissector.gap(ToServer);
    }
    assert!(listener.said.is_empty());
    assert_eq!(listener.counted, ["enip.reply_without_request"]);
}
