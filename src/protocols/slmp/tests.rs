//! Frames field by field: what is believed of whom, and what never is.

use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

const NAME: &[u8] = b"R04CPU          ";

fn ask(command: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(6 + data.len()).unwrap().to_le_bytes();
    let command = command.to_le_bytes();
    [b"\x50\0\0\xff\xff\x03\0", &length[..], &[16, 0], &command, &[0, 0], data].concat()
}

fn answer(end: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(2 + data.len()).unwrap().to_le_bytes();
    [b"\xd0\0\0\xff\xff\x03\0", &length[..], &end.to_le_bytes(), data].concat()
}

fn read(whole: bool, messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, whole, messages)
}

/// Lines without where they stand, and without what every conversation tells.
fn said(listener: &Listener) -> Vec<String> {
    let short = |line: String| line.split(" @").next().unwrap().to_owned();
    let lines = listener.lines().into_iter().map(short);
    let every = ["slmp.role", "slmp.code", "slmp.command"];
    lines.filter(|line| !every.iter().any(|key| line.contains(key))).collect()
}

const MODEL: [&str; 2] =
    ["10.0.0.2  slmp.model_name = R04CPU", "10.0.0.2  slmp.model_code = 18432"];

#[test]
fn a_module_says_its_model_in_binary_code() {
    let data = [NAME, &[0, 0x48]].concat();
    let (asked, answered) = (ask(0x0101, &[]), answer(0, &data));
    assert_eq!(said(&read(false, &[(ToServer, &asked), (ToClient, &answered)])), MODEL);
    // Sixteen bytes that nobody asked the name for may be anything.
    assert!(said(&read(false, &[(ToClient, &answered)])).is_empty());
}

#[test]
fn a_module_says_its_model_in_ascii_code_with_a_serial_number() {
    let asked = b"54001234000000FF03FF00000C001001010000";
    let answered = b"D4001234000000FF03FF0000180000R04CPU          4800";
    let listener = read(false, &[(ToServer, asked), (ToClient, answered)]);
    assert_eq!(said(&listener), MODEL, "{:?}", listener.damage);
    let other = b"D4001235000000FF03FF0000180000R04CPU          4800";
    assert!(said(&read(false, &[(ToServer, asked), (ToClient, other)])).is_empty());
}

#[test]
fn a_stop_is_told_when_it_is_asked_for_and_when_it_is_done() {
    let stop = ask(0x1002, &[1, 0]);
    let attempt = "10.0.0.2  slmp.attempt = remote stop by 10.0.0.1";
    let listener = read(false, &[(ToServer, &stop), (ToClient, &answer(0, &[]))]);
    assert_eq!(said(&listener), [attempt, "10.0.0.2  slmp.remote_stop = 10.0.0.1"]);
    assert_eq!(listener.acts(), [0, 0, 0, 1, 0]);
    let listener = read(false, &[(ToServer, &stop), (ToClient, &answer(0x4010, &[]))]);
    let refused = "10.0.0.2  slmp.refused = remote stop by 10.0.0.1: 4010";
    assert_eq!(said(&listener), [attempt, refused]);
}

#[test]
fn passwords_and_values_are_not_kept() {
    let unlock = ask(0x1630, b"\x06\0s3cret");
    let write = ask(0x1401, b"\x64\0\0\xa8\x01\0\xde\xad");
    let done = answer(0, &[]);
    let listener = read(
        false,
        &[(ToServer, &unlock), (ToClient, &done), (ToServer, &write), (ToClient, &done)],
    );
    let lines = said(&listener);
    assert!(lines.contains(&"10.0.0.2  slmp.remote_password = 10.0.0.1".to_owned()));
    assert!(lines.contains(&"10.0.0.2  slmp.writer = 10.0.0.1".to_owned()));
    for observation in &listener.said {
        let kept = &observation.excerpt.bytes;
        assert!(!kept.windows(6).any(|bytes| bytes == b"s3cret"));
        assert!(!kept.windows(2).any(|bytes| bytes == [0xde, 0xad]));
    }
}

#[test]
fn a_module_of_another_network_is_a_part_behind_the_address() {
    let mut asked = ask(0x0101, &[]);
    let mut answered = answer(0, &[NAME, &[0, 0x48]].concat());
    for frame in [&mut asked, &mut answered] {
        frame[2] = 2;
        frame[3] = 5;
    }
    let lines = said(&read(false, &[(ToServer, &asked), (ToClient, &answered)]));
    assert_eq!(lines[0], "10.0.0.2 network 2 address 5  slmp.model_name = R04CPU");
}

#[test]
fn melsoft_tells_the_model_by_name_and_by_code() {
    let mut answer = vec![0xd7, 1, 0, 0, 0, 0x11, 0x11, 0x7f];
    answer.resize(19, 0);
    answer.extend([56, 0]);
    answer.resize(47, 0);
    answer.extend([1, 0x21, 1, 0, 0, 0]);
    answer.extend(b"FX5U-32MT/ES\0\0\0\0");
    answer.extend([0x29, 0x4a, 0, 8, 0, 0, 0, 0]);
    let mut found = vec![0xda, 0, 0, 0xff, 0x29, 0x4a];
    found.resize(28, 0);
    let listener = read(true, &[(ToClient, &found), (ToClient, &answer)]);
    assert_eq!(
        said(&listener),
        [
            "10.0.0.2  slmp.model_code = 18985",
            "10.0.0.2  slmp.model_name = FX5U-32MT/ES",
            "10.0.0.2  slmp.model_code = 18985",
        ]
    );
}

#[test]
fn probes_are_sure_of_whole_requests_only() {
    let request = ask(0x0401, &[0; 6]);
    assert_eq!(probe(&request), Probe::Yes);
    for length in 1..request.len() {
        assert_eq!(probe(&request[..length]), Probe::More, "{length}");
    }
    assert_eq!(probe(&ask(0x9999, &[])), Probe::No);
    assert_eq!(probe(b"GET / HTTP/1.1\r\n"), Probe::No);
    assert_eq!(probe(b"Digest username"), Probe::No);
    assert_eq!(probe(b"\x5a\0\0\xff"), Probe::Yes);
}
