//! Telegrams field by field: what is believed of whom, and what never is.

use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

fn telegram(attribute: u8, sequence: u16, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(11 + body.len()).unwrap().to_be_bytes();
    let mut bytes = [&length[..], &[1, 0], &sequence.to_be_bytes(), &[attribute], body].concat();
    bytes.extend(crc(&bytes).to_be_bytes());
    bytes
}

fn read(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, true, messages)
}

fn said(listener: &Listener) -> Vec<String> {
    let short = |line: String| line.split(" @").next().unwrap().to_owned();
    let lines = listener.lines().into_iter().map(short);
    lines.filter(|line| !line.contains("sbus.role") && !line.contains("sbus.command")).collect()
}

#[test]
fn a_station_says_its_type_firmware_and_modules() {
    let module = b"\x1c\0\0\0\0PCD7F650D\0P\x03$13\0\0\x02\0\0\0\0\x07\x12\x88";
    let listener = read(&[
        (ToServer, &telegram(0, 1, &[10, 32])),
        (ToClient, &telegram(1, 1, b"D2M48020\0")),
        (ToServer, &telegram(0, 2, &[10, 0xab, 0, 4])),
        (ToClient, &telegram(1, 2, module)),
        (ToServer, &telegram(0, 3, &[10, 27])),
        (ToClient, &telegram(1, 3, b"R")),
    ]);
    assert_eq!(
        said(&listener),
        [
            "10.0.0.2 station 10  sbus.cpu_type = D2M48",
            "10.0.0.2 station 10  sbus.firmware_version = 020",
            "10.0.0.2 station 10  sbus.module = PCD7F650D",
            "10.0.0.2 station 10  sbus.status = run",
        ]
    );
    assert_eq!(listener.acts(), [2, 1, 0, 0, 0]);
}

#[test]
fn a_stop_is_told_when_it_is_asked_for_and_when_it_is_done() {
    let stop = telegram(0, 7, &[10, 67]);
    let attempt = "10.0.0.2  sbus.attempt = Stop procedure of station 10 by 10.0.0.1";
    let listener = read(&[(ToServer, &stop), (ToClient, &telegram(2, 7, &[0, 0]))]);
    assert_eq!(said(&listener), [attempt, "10.0.0.2 station 10  sbus.stop = 10.0.0.1"]);
    let listener = read(&[(ToServer, &stop), (ToClient, &telegram(2, 7, &[0, 1]))]);
    let refused = "10.0.0.2 station 10  sbus.refused = Stop procedure by 10.0.0.1";
    assert_eq!(said(&listener), [attempt, refused]);
}

#[test]
fn an_answer_that_nobody_asked_for_and_a_wrong_checksum_say_nothing() {
    let mut broken = telegram(1, 1, b"D2M48020\0");
    let listener = read(&[(ToClient, &broken)]);
    assert!(said(&listener).is_empty());
    broken[9] ^= 1;
    let asked = telegram(0, 1, &[10, 32]);
    let listener = read(&[(ToServer, &asked), (ToClient, &broken)]);
    assert!(said(&listener).is_empty());
    assert_eq!(listener.damage.len(), 1);
    assert_eq!((probe(&broken), probe(&asked)), (Probe::No, Probe::Yes));
}
