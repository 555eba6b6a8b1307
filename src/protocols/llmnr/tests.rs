//! Whose name it is, and when nobody's.

use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

const PLC7: &[u8] = b"\x04PLC7\0";

fn message(flags: u16, kind: u16, name: &[u8], answers: &[(u16, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0x12, 0x34];
    bytes.extend(flags.to_be_bytes());
    bytes.extend([0, 1, 0, u8::try_from(answers.len()).unwrap(), 0, 0, 0, 0]);
    bytes.extend(name);
    bytes.extend(kind.to_be_bytes());
    bytes.extend([0, 1]);
    for (kind, data) in answers {
        bytes.extend([0xc0, 12]);
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 1, 0, 0, 0, 30, 0, u8::try_from(data.len()).unwrap()]);
        bytes.extend(*data);
    }
    bytes
}

fn answered(bytes: &[u8]) -> Listener {
    harness::read(&super::PROTOCOL, true, &[(ToClient, bytes)])
}

#[test]
fn an_answer_names_its_sender_and_its_other_addresses() {
    let bytes = message(0x8000, 1, PLC7, &[(1, &[10, 0, 0, 2]), (1, &[192, 168, 5, 2])]);
    assert_eq!(
        answered(&bytes).lines(),
        [
            "10.0.0.2  llmnr.name = PLC7 @22+2",
            "10.0.0.2  llmnr.name = PLC7 @38+2",
            "10.0.0.2  llmnr.address = 192.168.5.2 @50+4",
        ]
    );
}

#[test]
fn a_question_says_nothing_of_the_asker() {
    let bytes = message(0, 1, PLC7, &[]);
    let listener = harness::read(&super::PROTOCOL, true, &[(ToServer, &bytes)]);
    assert!(listener.said.is_empty() && listener.damage.is_empty());
}

#[test]
fn a_question_for_all_records_is_a_host_that_wants_the_name() {
    let bytes = message(0, 255, PLC7, &[]);
    let listener = harness::read(&super::PROTOCOL, true, &[(ToServer, &bytes)]);
    assert_eq!(listener.lines(), ["10.0.0.1  llmnr.requested_name = PLC7 @12+6"]);
}

#[test]
fn a_question_after_several_answers_is_no_wish() {
    let bytes = message(0x0400, 255, PLC7, &[]);
    let listener = harness::read(&super::PROTOCOL, true, &[(ToServer, &bytes)]);
    assert!(listener.said.is_empty());
}

#[test]
fn a_tentative_answer_is_counted_and_not_believed() {
    let listener = answered(&message(0x8100, 1, PLC7, &[(1, &[10, 0, 0, 2])]));
    assert!(listener.said.is_empty());
    assert_eq!(listener.counted, ["llmnr.tentative_answers"]);
}

#[test]
fn a_name_held_twice_is_an_event() {
    let bytes = message(0x8400, 1, PLC7, &[(1, &[10, 0, 0, 2])]);
    let lines = answered(&bytes).lines();
    assert_eq!(lines[1], "10.0.0.2  llmnr.conflict = PLC7 @22+2");
}

#[test]
fn a_pointer_is_believed_for_the_senders_own_address_only() {
    let name = |last: &[u8]| [last, b"\x010\x010\x0210\x07in-addr\x04arpa\0"].concat();
    let own = message(0x8000, 12, &name(b"\x012"), &[(12, PLC7)]);
    assert_eq!(answered(&own).lines(), ["10.0.0.2  llmnr.name = PLC7 @51+6"]);
    let other = message(0x8000, 12, &name(b"\x013"), &[(12, PLC7)]);
    let listener = answered(&other);
    assert!(listener.said.is_empty());
    assert_eq!(listener.counted, ["llmnr.pointers_to_others"]);
}

#[test]
fn an_error_says_nothing() {
    assert!(answered(&message(0x8002, 1, PLC7, &[(1, &[10, 0, 0, 2])])).said.is_empty());
}

#[test]
fn over_tcp_a_length_stands_in_front() {
    let bytes = message(0x8000, 1, PLC7, &[(1, &[10, 0, 0, 2])]);
    let framed = [&[0, u8::try_from(bytes.len()).unwrap()][..], &bytes].concat();
    let (first, rest) = framed.split_at(1);
    let messages = [(ToClient, first), (ToClient, &rest[..9]), (ToClient, &rest[9..])];
    let listener = harness::read(&super::PROTOCOL, false, &messages);
    assert_eq!(listener.lines(), ["10.0.0.2  llmnr.name = PLC7 @24+2"]);
    assert!(listener.damage.is_empty());
}
