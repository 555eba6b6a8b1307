//! Frames of serial lines inside TCP and UDP.

use super::{READ_DEVICE_ID, READ_REGISTERS, REGISTERS, asked, read, read_runs};
use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::harness;
use crate::protocols::modbus::{PROTOCOL, rtu};

fn frame(unit: u8, pdu: &[u8]) -> Vec<u8> {
    let body = [&[unit], pdu].concat();
    let sum = rtu::crc(&body).to_le_bytes();
    [&body[..], &sum].concat()
}

const IDENTITY: &[u8] = b"\x2b\x0e\x01\x01\x00\x00\x02\x00\x04Moxa\x01\x05E1212";

fn session() -> Vec<(Direction, Vec<u8>)> {
    vec![
        (ToServer, frame(1, READ_REGISTERS)),
        (ToClient, frame(1, REGISTERS)),
        (ToServer, frame(1, READ_DEVICE_ID)),
        (ToClient, frame(1, IDENTITY)),
        (ToServer, frame(1, b"\x06\x00\x01\x00\x03")),
        (ToClient, frame(1, b"\x06\x00\x01\x00\x03")),
        (ToServer, frame(9, READ_REGISTERS)),
        (ToClient, frame(9, b"\x83\x0b")),
    ]
}

#[test]
fn the_same_is_read_as_behind_an_mbap_header() {
    let listener = read(&session());
    assert!(listener.damage.is_empty(), "{:?}", listener.damage);
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.1  modbus.role = client @1+1",
            "10.0.0.1  modbus.function = 3 @1+1",
            "10.0.0.2  modbus.role = server @1+1",
            "10.0.0.2  modbus.framing = RTU @1+1",
            "10.0.0.2 unit 1  modbus.function = 3 @1+1",
            "10.0.0.1  modbus.function = 43 @1+1",
            "10.0.0.2 unit 1  modbus.function = 43 @1+1",
            "10.0.0.2 unit 1  modbus.conformity_level = 1 @4+1",
            "10.0.0.2 unit 1  modbus.vendor_name = Moxa @10+4",
            "10.0.0.2 unit 1  modbus.product_code = E1212 @16+5",
            "10.0.0.2 unit 1  modbus.identification = basic: complete @5+2",
            "10.0.0.1  modbus.function = 6 @1+1",
            "10.0.0.2 unit 1  modbus.function = 6 @1+1",
            "10.0.0.2 unit 1  modbus.written_by = 10.0.0.1 @1+1",
            "10.0.0.1  modbus.function = 3 @1+1",
            "10.0.0.2  modbus.gateway_exception = unit 9: 3: 11 @1+2",
        ]
    );
}

#[test]
fn bytes_one_by_one_and_frames_in_one_segment_read_the_same() {
    let whole = read(&session()).lines();
    let bytes: Vec<_> = session()
        .into_iter()
        .flat_map(|(direction, frame)| frame.into_iter().map(move |byte| (direction, vec![byte])))
        .collect();
    assert_eq!(read(&bytes).lines(), whole);
    let questions = [frame(1, READ_REGISTERS), frame(2, READ_REGISTERS)].concat();
    let answers = [frame(1, REGISTERS), frame(2, REGISTERS)].concat();
    let listener = read(&[(ToServer, questions), (ToClient, answers)]);
    assert!(listener.damage.is_empty());
    assert!(listener.lines().last().unwrap().starts_with("10.0.0.2 unit 2  modbus.function = 3"));
}

#[test]
fn datagrams_read_the_same_and_a_cut_one_is_damage() {
    let messages = session();
    let messages: Vec<(Direction, &[u8])> = messages.iter().map(|(d, b)| (*d, &b[..])).collect();
    assert_eq!(harness::read(&PROTOCOL, true, &messages).lines(), read(&session()).lines());
    let whole = frame(1, IDENTITY);
    let cut = &whole[..whole.len() - 1];
    let listener =
        harness::read(&PROTOCOL, true, &[(ToServer, &frame(1, READ_DEVICE_ID)), (ToClient, cut)]);
    assert_eq!(listener.said.len(), 2);
    assert_eq!(listener.damage.len(), 1);
}

#[test]
fn a_poll_that_reads_as_an_adu_too_is_told_by_its_crc() {
    let poll = frame(1, b"\x03\x00\x00\x00\x02");
    assert_eq!(poll, b"\x01\x03\x00\x00\x00\x02\xc4\x0b"); // transaction 0x0103, length 2, unit 196, function 11
    let listener = read(&[(ToServer, poll), (ToClient, frame(1, REGISTERS))]);
    assert_eq!(listener.lines()[1], "10.0.0.1  modbus.function = 3 @1+1");
    assert!(listener.damage.is_empty());
}

#[test]
fn noise_in_front_of_a_frame_costs_only_itself() {
    let noisy = [&[0x00, 0xff][..], &frame(1, REGISTERS)].concat();
    let listener = read(&[(ToServer, frame(1, READ_REGISTERS)), (ToClient, noisy)]);
    assert_eq!(listener.damage.len(), 1);
    assert!(listener.lines().last().unwrap().contains("unit 1  modbus.function = 3"));
}

#[test]
fn a_frame_whose_end_is_missing_does_not_take_the_next_with_it() {
    let cut = &frame(1, IDENTITY)[..9];
    let listener = read(&[
        (ToServer, frame(1, READ_REGISTERS)),
        (ToClient, cut.to_vec()),
        (ToClient, frame(1, REGISTERS)),
        (ToClient, frame(1, REGISTERS)),
        (ToClient, frame(1, REGISTERS)),
    ]);
    assert_eq!(listener.damage.len(), 1);
    assert!(listener.lines().last().unwrap().contains("unit 1  modbus.function = 3"));
}

#[test]
fn a_poll_that_was_never_answered_does_not_spoil_the_next() {
    let other = b"\x03\x00\x10\x00\x01";
    let listener = read(&[
        (ToServer, frame(1, other)),
        (ToServer, frame(1, READ_REGISTERS)),
        (ToClient, frame(1, REGISTERS)),
    ]);
    assert!(listener.damage.is_empty());
}

#[test]
fn functions_of_open_length_end_with_their_segment() {
    let question = frame(1, b"\x64\x01\x02\x03\x04\x05\x06");
    let listener = read(&[
        (ToServer, frame(1, READ_REGISTERS)),
        (ToServer, question.clone()),
        (ToServer, frame(1, READ_REGISTERS)),
    ]);
    assert!(listener.damage.is_empty());
    assert_eq!(listener.lines()[2], "10.0.0.1  modbus.function = 100 @1+1");
    let echo = frame(1, b"\x08\x00\x00\xa5\x37\x01\x02");
    let listener =
        read(&[(ToServer, frame(1, READ_REGISTERS)), (ToServer, echo.clone()), (ToClient, echo)]);
    assert!(listener.damage.is_empty(), "{:?}", listener.damage);
    assert!(listener.lines().last().unwrap().contains("unit 1  modbus.diagnostic = 0"));
}

#[test]
fn away_from_the_port_the_form_tells_who_serves() {
    let reversed = read_runs(26, ToServer, &[&frame(1, REGISTERS)]);
    assert_eq!(reversed.lines()[0], "10.0.0.1  modbus.role = server @55+1");
    let straight = read_runs(10_001, ToServer, &[&frame(1, READ_REGISTERS)]);
    assert_eq!(straight.lines()[0], "10.0.0.1  modbus.role = client @55+1");
}

#[test]
fn what_has_no_end_costs_only_itself() {
    let poll = frame(1, READ_REGISTERS);
    for broken in [&frame(1, &[0x64; 9])[..7], &frame(1, WRITE)[..9]] {
        let listener = read_runs(4_001, ToServer, &[&poll, broken, &poll]);
        assert_eq!(listener.damage.len(), 1);
        assert_eq!(listener.said.last().unwrap().excerpt.frame.number, 3);
    }
}

/// Write Multiple Registers: four of them.
const WRITE: &[u8] = b"\x10\x00\x00\x00\x04\x08\0\0\0\0\0\0\0\0";

#[test]
fn other_bytes_lose_the_framing() {
    let other = b"\xff\xfb\x01\xff\xfb\x03".to_vec(); // Telnet
    let listener = read(&[(ToServer, frame(1, READ_REGISTERS)), (ToServer, other)]);
    assert_eq!(listener.damage[0].field, "CRC");
    assert_eq!(asked(1, READ_REGISTERS, REGISTERS).len(), 4, "MBAP is not taken for RTU");
}
