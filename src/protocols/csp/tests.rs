//! Messages written field by field, and what is said about them.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::PROTOCOL;
use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::Probe;
use crate::protocols::harness::{self, Listener};

fn tcp(messages: &[(Direction, Vec<u8>)]) -> Listener {
    let messages: Vec<(Direction, &[u8])> =
        messages.iter().map(|(direction, bytes)| (*direction, bytes.as_slice())).collect();
    harness::read(&PROTOCOL, false, &messages)
}

fn connect(mode: u8, connection: u8) -> Vec<u8> {
    [
        &[mode, 1, 0, 0][..],      // mode, command: connect, length
        &[0, 0, 0x12, connection], // connection
        &[0; 4],                   // status
        &[0, 4, 0, 5],             // version, backlog
        &[0; 12],
    ]
    .concat()
    .into_iter()
    .enumerate()
    .map(|(at, byte)| if at == 6 && connection == 0 { 0 } else { byte })
    .collect()
}

fn pccc(mode: u8, lsap: u8, message: &[u8]) -> Vec<u8> {
    [
        &[mode, 7, 0, u8::try_from(message.len() + 4).unwrap()][..],
        &[0, 0, 0x12, 0x34], // connection
        &[0; 4],             // status
        &[0; 16],            // request and name
        &[0, 5, 0, lsap],    // destination, control, source, LSAP
        message,
    ]
    .concat()
}

/// Diagnostic status of an SLC 5/05: command 0x06, transaction 0x0001, function 0x03, and its reply.
fn diagnostic_status() -> [(Direction, Vec<u8>); 2] {
    let status = [
        &[0x46, 0, 1, 0][..],                     // command, status, transaction
        &[0, 0xEE, 0x34, 0x5B, 0x4A], // mode, extender, interface, processor, series C release 11
        b"5/05       ",               // bulletin name
        &[0, 0, 0x1E, 0, 0x34, 0x12, 0x40, 0xFC], // no error, run, program, memory, owner
    ];
    [(ToServer, pccc(1, 0, b"\x06\0\x01\0\x03")), (ToClient, pccc(2, 0, &status.concat()))]
}

#[test]
fn a_connection_tells_both_ends_and_the_version() {
    let talk = [(ToServer, connect(1, 0)), (ToClient, connect(2, 0x34))];
    assert_eq!(
        tcp(&talk).lines(),
        [
            "10.0.0.1  csp.role = client @0+2",
            "10.0.0.2  csp.version = 4 @12+2",
            "10.0.0.2  csp.role = server @0+2",
        ]
    );
}

#[test]
fn a_processor_says_who_it_is() {
    let lines = tcp(&diagnostic_status()).lines();
    assert!(lines.contains(&"10.0.0.2  pccc.bulletin_name = 5/05 @41+11".to_owned()), "{lines:?}");
    assert!(lines.contains(&"10.0.0.2  pccc.series = C @40+1".to_owned()), "{lines:?}");
    assert!(lines.contains(&"10.0.0.2  pccc.processor_mode = run @54+1".to_owned()), "{lines:?}");
}

#[test]
fn a_change_of_mode_is_told_with_who_did_it() {
    let talk =
        [(ToServer, pccc(1, 0, b"\x0f\0\x02\0\x80\x01")), (ToClient, pccc(2, 0, b"\x4f\0\x02\0"))];
    let lines = tcp(&talk).lines();
    let change = lines.iter().any(|line| line.contains("pccc.mode_change = 10.0.0.1"));
    assert!(change, "{lines:?}");
}

#[test]
fn a_node_of_another_link_is_not_the_processor_in_front_of_it() {
    let status = [&[0; 11][..], &diagnostic_status()[1].1[32..]].concat();
    let listener = tcp(&[(ToServer, pccc(1, 1, &[0; 16])), (ToClient, pccc(2, 1, &status))]);
    let lines = listener.lines();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[2], "10.0.0.2  csp.role = bridge @31+1");
    assert_eq!(listener.counted, ["csp.routed"; 2]);
}

#[test]
fn a_reply_without_its_command_says_nothing_of_the_processor() {
    let [_, reply] = diagnostic_status();
    let listener = tcp(&[reply]);
    assert_eq!(listener.lines(), ["10.0.0.2  csp.role = server @0+2"]);
    assert_eq!(listener.counted, ["csp.reply_without_command"]);
}

#[test]
fn commands_under_way_together_are_told_apart_by_their_transactions() {
    let [(_, ask), (_, answer)] = diagnostic_status();
    let read = |transaction| pccc(1, 0, &[0x0F, 0, transaction, 0, 0xA2, 2, 7, 0x89, 0, 0]);
    let value = |transaction| pccc(2, 0, &[0x4F, 0, transaction, 0, 0x2A, 0]);
    let listener = tcp(&[
        (ToServer, [read(8), ask, read(9)].concat()),
        (ToClient, [value(9), answer, value(8)].concat()),
    ]);
    assert!(listener.lines().iter().any(|line| line.contains("pccc.bulletin_name = 5/05")));
    assert!(listener.counted.is_empty() && listener.damage.is_empty());
}

#[test]
fn messages_may_come_byte_by_byte() {
    let whole = diagnostic_status();
    let bytes = whole.iter().flat_map(|(direction, bytes)| {
        bytes.iter().map(|byte| (*direction, vec![*byte])).collect::<Vec<_>>()
    });
    assert_eq!(tcp(&bytes.collect::<Vec<_>>()).said.len(), tcp(&whole).said.len());
}

#[test]
fn is_sure_of_a_connect_and_of_nothing_else() {
    let probe = PROTOCOL.probe;
    assert_eq!(probe(&connect(1, 0)), Probe::Yes);
    assert_eq!(probe(&connect(2, 0x34)), Probe::Yes);
    assert_eq!(probe(&diagnostic_status()[0].1), Probe::Maybe);
    assert_eq!(probe(&connect(1, 0)[..20]), Probe::More);
    assert_eq!(probe(b"\x01"), Probe::More);
    assert_eq!(probe(b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n"), Probe::No);
    assert_eq!(probe(b"\x01\x02\0\0"), Probe::No);
    assert_eq!(probe(&connect(1, 7)), Probe::No);
}

#[test]
fn more_commands_than_any_client_sends_are_forgotten() {
    let ask = |number: u8| (ToServer, pccc(1, 0, &[0x06, 0, number, 0, 0x03]));
    let listener = tcp(&(0..40).map(ask).collect::<Vec<_>>());
    assert_eq!(listener.counted, ["csp.commands_forgotten"; 8]);
}

#[test]
fn any_byte_may_be_anything_and_a_cut_message_invents_nothing() {
    let whole = diagnostic_status();
    let all = tcp(&whole).lines();
    for (number, (_, bytes)) in whole.iter().enumerate() {
        for at in 0..bytes.len() {
            for value in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
                let mut talk = whole.clone();
                talk[number].1[at] = value;
                let _ = tcp(&talk);
            }
            let mut talk = whole.clone();
            talk[number].1.truncate(at);
            let messages: Vec<(Direction, &[u8])> =
                talk.iter().map(|(direction, bytes)| (*direction, bytes.as_slice())).collect();
            let listener = harness::read(&PROTOCOL, true, &messages);
            assert!(listener.lines().iter().all(|line| all.contains(line)), "cut at {at}");
        }
    }
}

#[test]
fn commands_are_for_something_and_replies_for_nothing() {
    assert_eq!(tcp(&diagnostic_status()).acts(), [1, 0, 0, 0, 0]);
    let read = b"\x0f\0\x02\0\xa2\x02\x07\x89\0\0";
    let heard = tcp(&[
        (ToServer, pccc(1, 0, read)),
        (ToServer, pccc(1, 0, b"\x08\0\x03\0\0\0\x01\x00")),
        (ToServer, pccc(1, 0, b"\x07\0\x04\0\x01")),
        (ToServer, pccc(1, 0, b"\x0f\0\x05\0\x53")),
    ]);
    assert_eq!(heard.acts(), [0, 1, 1, 1, 1]);
    // The number of the transaction is another each time; what is asked stays the same.
    assert_eq!(*heard.questions[0], read[4..]);
}
