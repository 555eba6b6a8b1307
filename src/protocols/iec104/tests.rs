//! Frames written field by field, and what is said about them. `10.0.0.1` is the client, `10.0.0.2` the server.

use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::Probe;
use crate::protocols::harness::{self, Listener};
use crate::protocols::iec104::PROTOCOL;

fn listen(messages: &[(Direction, Vec<u8>)]) -> Listener {
    let messages: Vec<(Direction, &[u8])> =
        messages.iter().map(|(direction, bytes)| (*direction, bytes.as_slice())).collect();
    harness::read(&PROTOCOL, false, &messages)
}

/// The facts, without their places and without who plays which part.
fn facts(listener: &Listener) -> Vec<String> {
    let lines = listener.lines();
    let bare = lines.iter().map(|line| line.rsplit_once(" @").unwrap().0.replace("iec104.", ""));
    bare.filter(|line| !line.contains("  role = ")).collect()
}

fn unnumbered(function: u8) -> Vec<u8> {
    vec![0x68, 4, function, 0, 0, 0]
}

/// A frame with information: one object, of station 258 and originator 5.
fn information(kind: u8, cause: u8, elements: &[u8]) -> Vec<u8> {
    let asdu = [&[kind, 1, cause, 5, 2, 1, 0, 0, 0][..], elements].concat();
    [&[0x68, asdu.len() as u8 + 4, 0, 0, 0, 0][..], &asdu].concat()
}

#[test]
fn who_starts_the_transfer_controls() {
    let listener = listen(&[(ToServer, unnumbered(0x07)), (ToClient, unnumbered(0x0b))]);
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.2  iec104.role = controlled station @2+1",
            "10.0.0.1  iec104.role = controlling station @2+1",
        ]
    );
}

#[test]
fn a_value_tells_its_station_and_its_type_once() {
    let value = information(13, 3, &[0, 0, 0x80, 0x3f, 0]);
    let listener = listen(&[(ToClient, value.clone()), (ToClient, value)]);
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.2  iec104.role = controlled station @6+1",
            "10.0.0.1  iec104.role = controlling station @6+1",
            "10.0.0.2  iec104.type = M_ME_NC_1 @6+1",
            "10.0.0.2  iec104.common_address = 258 @10+2",
        ]
    );
}

#[test]
fn a_command_is_an_attempt_and_counts_when_it_is_confirmed() {
    let listener = listen(&[
        (ToServer, information(45, 6, &[1])),
        (ToClient, information(45, 7, &[1])),
        (ToServer, information(105, 6, &[1])),
        (ToClient, information(105, 0x47, &[1])),
        (ToServer, information(102, 5, &[])),
        (ToClient, information(102, 46, &[])),
    ]);
    assert_eq!(
        facts(&listener),
        [
            "10.0.0.1  type = C_SC_NA_1",
            "10.0.0.1  originator_address = 5",
            "10.0.0.2  attempt = C_SC_NA_1 by 10.0.0.1",
            "10.0.0.2  type = C_SC_NA_1",
            "10.0.0.2  common_address = 258",
            "10.0.0.2  commander = 10.0.0.1",
            "10.0.0.1  type = C_RP_NA_1",
            "10.0.0.2  attempt = C_RP_NA_1 by 10.0.0.1",
            "10.0.0.2  type = C_RP_NA_1",
            "10.0.0.2  refused = C_RP_NA_1: negative confirmation",
            "10.0.0.1  type = C_RD_NA_1",
            "10.0.0.2  type = C_RD_NA_1",
            "10.0.0.2  refused = C_RD_NA_1: unknown common address",
        ]
    );
    assert_eq!(listener.acts(), [0, 1, 1, 1, 0]);
    assert_eq!(listener.questions.len(), 1);
}

#[test]
fn a_station_tells_why_it_started() {
    let listener = listen(&[(ToClient, information(70, 4, &[0x82]))]);
    assert!(facts(&listener).contains(&"10.0.0.2  initialized = remote reset".to_owned()));
}

#[test]
fn a_file_that_ends_tells_who_gave_it_to_whom() {
    let listener = listen(&[(ToClient, information(123, 13, &[1, 0, 1, 1, 0x55]))]);
    assert!(facts(&listener).contains(&"10.0.0.2  file_transfer = 10.0.0.1".to_owned()));
}

#[test]
fn a_frame_that_does_not_hold_what_its_type_needs_is_damaged() {
    let listener = listen(&[
        (ToClient, information(13, 3, &[0, 0, 0x80, 0x3f])),
        (ToClient, information(1, 3, &[1])),
    ]);
    assert_eq!(listener.damage.len(), 1);
    assert!(facts(&listener).contains(&"10.0.0.2  type = M_SP_NA_1".to_owned()));
}

#[test]
fn a_private_type_is_told_by_its_number() {
    let listener = listen(&[(ToClient, information(200, 3, &[1, 2, 3, 4]))]);
    assert_eq!(facts(&listener), ["10.0.0.2  type = 200"]);
}

#[test]
fn text_that_begins_with_the_same_letter_is_something_else() {
    let probe = PROTOCOL.probe;
    assert_eq!(probe(b"hello, world"), Probe::No);
    assert_eq!(probe(b"h"), Probe::More);
    assert_eq!(probe(&unnumbered(0x43)), Probe::Yes);
    assert_eq!(probe(&[0x68, 4, 1, 0, 2, 0]), Probe::Maybe);
    assert_eq!(probe(&information(13, 3, &[0, 0, 0x80, 0x3f, 0])), Probe::Yes);
    assert_eq!(probe(&information(13, 3, &[0, 0, 0x80, 0x3f])), Probe::No);
    assert_eq!(probe(&[0x68, 4, 0x0f, 0, 0, 0]), Probe::No);
}
