//! What is done to units: writes, diagnostics, and what files and queues must look like.

use super::{adu, asked, read};
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::modbus::{Form, PROTOCOL, pdu};
use crate::protocols::{Probe, harness};

/// Writes and the answers to them.
const WRITES: &[(&[u8], &[u8])] = &[
    (b"\x05\x00\xac\xff\x00", b"\x05\x00\xac\xff\x00"),
    (b"\x06\x00\x01\x00\x03", b"\x06\x00\x01\x00\x03"),
    (b"\x0f\x00\x13\x00\x0a\x02\xcd\x01", b"\x0f\x00\x13\x00\x0a"),
    (b"\x10\x00\x01\x00\x01\x02\x00\x0a", b"\x10\x00\x01\x00\x01"),
    (
        b"\x15\x09\x06\x00\x04\x00\x07\x00\x01\x06\xaf",
        b"\x15\x09\x06\x00\x04\x00\x07\x00\x01\x06\xaf",
    ),
    (b"\x16\x00\x04\x00\xf2\x00\x25", b"\x16\x00\x04\x00\xf2\x00\x25"),
    (b"\x17\x00\x03\x00\x01\x00\x0e\x00\x01\x02\x00\xff", b"\x17\x02\x00\xfe"),
];

#[test]
fn who_writes_is_told_about_the_unit_that_was_written() {
    for (question, answer) in WRITES {
        let lines = asked(7, question, answer);
        let expected = "10.0.0.2 unit 7  modbus.written_by = 10.0.0.1 @7+1";
        assert_eq!(lines.last().unwrap(), expected, "{question:02x?}");
    }
}

#[test]
fn writes_refused_damaged_or_seen_by_half_are_not_told() {
    for (question, answer) in WRITES {
        let refused = asked(7, question, &[question[0] | 0x80, 2]);
        let damaged = asked(7, question, &answer[..answer.len() - 1]);
        let alone = read(&[(ToClient, adu(7, answer))]).lines();
        for lines in [refused, damaged, alone] {
            assert!(!lines.iter().any(|line| line.contains("written_by")), "{lines:?}");
        }
    }
    let polled = asked(7, b"\x03\x00\x10\x00\x01", b"\x03\x02\x00\x01");
    assert!(!polled.iter().any(|line| line.contains("written_by")));
}

#[test]
fn sub_functions_of_diagnostics_are_told_and_a_restart_happens() {
    let counted = asked(7, b"\x08\x00\x0b\x00\x00", b"\x08\x00\x0b\x12\x34");
    assert_eq!(counted[4], "10.0.0.2 unit 7  modbus.diagnostic = 11 @8+2");
    assert_eq!(counted.len(), 5);
    let restarted = asked(7, b"\x08\x00\x01\x00\x00", b"\x08\x00\x01\x00\x00");
    assert_eq!(restarted[5], "10.0.0.2 unit 7  modbus.communication_restarted = 10.0.0.1 @8+2");
}

#[test]
fn forcing_to_listen_only_is_told_although_nothing_answers() {
    let force = b"\x08\x00\x04\x00\x00";
    let lines = read(&[(ToServer, adu(7, force))]).lines();
    assert_eq!(lines[2], "10.0.0.2  modbus.listen_only_forced = unit 7: 10.0.0.1 @7+1");
}

#[test]
fn files_and_queues_have_one_form() {
    let wrong_requests: &[&[u8]] = &[
        b"\x14\x07\x05\x00\x04\x00\x01\x00\x02", // reference type
        b"\x14\x07\x06\x00\x00\x00\x01\x00\x02", // no file 0
        b"\x14\x07\x06\x00\x04\x27\x10\x00\x02", // record 10,000
        b"\x14\x07\x06\x00\x04\x00\x01\x00\x00", // no registers
        b"\x14\x06\x06\x00\x04\x00\x01\x00",
        b"\x15\x09\x06\x00\x04\x00\x07\x00\x02\x06\xaf", // two registers announced, one there
        b"\x15\x0a\x06\x00\x04\x00\x07\x00\x01\x06\xaf\x00",
    ];
    for pdu in wrong_requests {
        assert_eq!(pdu::request_form(pdu), Form::Wrong("data"), "{pdu:02x?}");
    }
    let wrong_answers: &[&[u8]] = &[
        b"\x14\x06\x04\x06\x0d\xfe\x00\x20", // half a register
        b"\x14\x06\x05\x05\x0d\xfe\x00\x20", // reference type
        b"\x14\x06\x07\x06\x0d\xfe\x00\x20", // beyond the end
        b"\x14\x02\x00\x06",
        b"\x18\x00\x06\x00\x01\x01\xb8\x12\x84", // one word announced, two there
        b"\x0c\x05\x00\x00\x01\x08\x01",         // shorter than status and counters
    ];
    for pdu in wrong_answers {
        assert_eq!(pdu::response_form(pdu), Form::Wrong("data"), "{pdu:02x?}");
    }
    let two = b"\x14\x0c\x05\x06\x0d\xfe\x00\x20\x05\x06\x33\xcd\x00\x40";
    assert_eq!(pdu::response_form(two), Form::Exact);
}

#[test]
fn canopen_is_counted_and_not_read() {
    let listener =
        read(&[(ToServer, adu(1, b"\x2b\x0d\x00\x01")), (ToClient, adu(1, b"\x2b\x0d\x00\x02"))]);
    assert_eq!(listener.counted, ["modbus.canopen_answer"]);
    assert!(listener.damage.is_empty());
}

#[test]
fn tls_is_told_and_not_read() {
    let hello = |kind| vec![0x16, 0x03, 0x01, 0x00, 0x05, kind, 0x00, 0x00, 0x01, 0x00];
    let listener = read(&[(ToServer, hello(1)), (ToClient, hello(2)), (ToServer, hello(1))]);
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.1  modbus.secured = client hello @0+6",
            "10.0.0.2  modbus.secured = server hello @0+6",
        ]
    );
    let late = read(&[(ToClient, vec![0x17, 0x03, 0x03, 0x00, 0x02, 0x00, 0x00])]);
    assert_eq!(late.lines(), ["10.0.0.2  modbus.secured = record @0+6"]);
    let bytewise: Vec<_> = hello(1).into_iter().map(|byte| (ToServer, vec![byte])).collect();
    assert_eq!(read(&bytewise).lines()[0], "10.0.0.1  modbus.secured = client hello @0+6");
    for length in 1..4 {
        assert_eq!((PROTOCOL.probe)(&hello(1)[..length]), Probe::More, "{length}");
    }
    assert_eq!((PROTOCOL.probe)(&hello(1)), Probe::Maybe, "only the port tells that it is Modbus");
    let datagram = harness::read(&PROTOCOL, true, &[(ToServer, &[0x16, 0x03, 0x01, 0x00])]);
    assert_eq!(datagram.lines(), ["10.0.0.1  modbus.secured = record @0+4"]);
}

#[test]
fn requests_are_for_something_in_every_framing_and_answers_for_nothing() {
    let both: &[u8] = b"\x17\x00\x03\x00\x01\x00\x0e\x00\x01\x02\x00\xff";
    let start: &[u8] = b"\x5a\x00\x40\xff\x00";
    let questions = [b"\x2b\x0e\x01\x00", READ_COIL, WRITES[1].0, both, start];
    let talk: Vec<_> = questions.into_iter().map(|pdu| (ToServer, adu(7, pdu))).collect();
    let heard = read(&talk);
    assert_eq!(heard.acts(), [1, 2, 2, 1, 0]);
    // What is read names the unit, and never what is written.
    assert_eq!(*heard.questions[0], [&[7], READ_COIL].concat());
    assert_eq!(*heard.questions[1], [&[7], &both[..5]].concat());
    let framed: Vec<_> = questions.into_iter().map(|pdu| (ToServer, rtu(7, pdu))).collect();
    assert_eq!(read(&framed).acts(), [1, 2, 2, 1, 0]);

    let answers: Vec<_> = WRITES.iter().map(|(_, answer)| (ToClient, adu(7, answer))).collect();
    assert_eq!(read(&answers).acts(), [0; 5]);
    let damaged = [&b"\x01\x00\x00\x07\xd1"[..], b"\x06\x00", b"\x2b\x0e\x09\x00", b"\x64\x01"];
    let damaged: Vec<_> = damaged.into_iter().map(|pdu| (ToServer, adu(7, pdu))).collect();
    assert_eq!(read(&damaged).acts(), [0; 5]);
}

const READ_COIL: &[u8] = b"\x01\x00\x13\x00\x01";

/// A frame of a serial line.
fn rtu(unit: u8, pdu: &[u8]) -> Vec<u8> {
    let body = [&[unit], pdu].concat();
    let sum = crate::protocols::modbus::rtu::crc(&body).to_le_bytes();
    [&body[..], &sum].concat()
}
