//! Frames field by field: what is believed of whom, and what never is.

use super::*;
use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

const ASKER: [u8; 3] = [0, 99, 0];
const CPU: [u8; 3] = [0, 20, 0];

fn frame(control: u8, to: [u8; 3], from: [u8; 3], code: u16, data: &[u8]) -> Vec<u8> {
    [&[control, 0, 2][..], &to, &from, &[7], &code.to_be_bytes(), data].concat()
}

fn ask(code: u16, data: &[u8]) -> Vec<u8> {
    frame(0x80, CPU, ASKER, code, data)
}

fn answer(from: [u8; 3], code: u16, data: &[u8]) -> Vec<u8> {
    frame(0xc0, ASKER, from, code, data)
}

fn tcp(command: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(8 + body.len()).unwrap();
    [&TCP_MAGIC[..], &length.to_be_bytes(), &command.to_be_bytes(), &[0; 4], body].concat()
}

fn read(whole: bool, messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, whole, messages)
}

fn said(listener: &Listener) -> Vec<String> {
    let short = |line: String| line.split(" @").next().unwrap().to_owned();
    let lines = listener.lines().into_iter().map(short);
    lines.filter(|line| !line.contains("fins.role") && !line.contains("fins.command")).collect()
}

fn twenty(text: &str, fill: u8) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(20, fill);
    bytes
}

fn controller(model: &[u8], version: &[u8]) -> Vec<u8> {
    [&[0, 0][..], model, version, &[0; 52]].concat()
}

#[test]
fn a_controller_says_its_model_and_version() {
    // A model that is filled with zeros first and spaces then.
    let model = b"CP1L-EL20DR-D\0\0\0    ";
    let body = answer(CPU, 0x0501, &controller(model, &twenty("01.00", 0)));
    let lines = [
        "10.0.0.2  fins.controller_model = CP1L-EL20DR-D",
        "10.0.0.2  fins.controller_version = 01.00",
    ];
    assert_eq!(said(&read(true, &[(ToClient, &body)])), lines);
    assert_eq!(said(&read(false, &[(ToClient, &tcp(2, &body))])), lines);
}

#[test]
fn other_units_and_other_networks_are_parts_behind_the_address() {
    for (from, part) in [
        ([0, 20, 0x10], "network 0 address 20.16"),
        ([2, 5, 0], "network 2 address 5"),
        ([2, 5, 0x10], "network 2 address 5.16"),
    ] {
        let body =
            answer(from, 0x0501, &controller(&twenty("CS1G-CPU44H", b' '), &twenty("V3.00", 0)));
        let lines = said(&read(true, &[(ToClient, &body)]));
        assert_eq!(lines[0], format!("10.0.0.2 {part}  fins.controller_model = CS1G-CPU44H"));
    }
}

#[test]
fn the_units_of_a_rack_are_parts_of_it() {
    let data = [
        &[0, 0, 0x82, 0x10][..],
        &twenty("CJ1W-ETN21", b' '),
        &[0x21],
        &twenty("CJ1W-MAD42", b' '),
    ];
    let listener = read(true, &[(ToClient, &answer(CPU, 0x0502, &data.concat()))]);
    assert_eq!(
        said(&listener),
        [
            "10.0.0.2 network 0 address 20.16  fins.unit_model = CJ1W-ETN21",
            "10.0.0.2 network 0 address 20.33  fins.unit_model = CJ1W-MAD42",
        ]
    );
}

#[test]
fn mode_and_errors_are_state() {
    let data =
        [&[0, 0, 1, 4, 0x40, 0, 0, 0x10, 0, 0, 0x80, 0xf1][..], b"HOIST OVERLOAD  "].concat();
    let listener = read(true, &[(ToClient, &answer(CPU, 0x0601, &data))]);
    assert_eq!(
        said(&listener),
        [
            "10.0.0.2  fins.status = run",
            "10.0.0.2  fins.mode = RUN",
            "10.0.0.2  fins.fatal_error = 16384",
            "10.0.0.2  fins.non_fatal_error = 16",
            "10.0.0.2  fins.error_code = 33009",
            "10.0.0.2  fins.error_message = HOIST OVERLOAD",
        ]
    );
}

#[test]
fn a_stop_is_told_when_it_is_asked_for_and_when_it_is_done() {
    let stop = ask(0x0402, &[0xff, 0xff]);
    let listener = read(true, &[(ToServer, &stop), (ToClient, &answer(CPU, 0x0402, &[0, 0x40]))]);
    assert_eq!(
        said(&listener),
        ["10.0.0.2  fins.attempt = stop by 10.0.0.1", "10.0.0.2  fins.stop = 10.0.0.1"]
    );
    assert_eq!(listener.acts(), [0, 0, 0, 1, 0]);
    let listener = read(true, &[(ToServer, &stop), (ToClient, &answer(CPU, 0x0402, &[0x22, 3]))]);
    assert_eq!(said(&listener)[1], "10.0.0.2  fins.refused = stop by 10.0.0.1: 2203");
}

#[test]
fn who_writes_memory_is_told_without_what() {
    let write = ask(0x0102, &[0x82, 0, 100, 0, 0, 1, 0xde, 0xad]);
    let listener = read(true, &[(ToServer, &write), (ToClient, &answer(CPU, 0x0102, &[0, 0]))]);
    assert_eq!(said(&listener), ["10.0.0.2  fins.writer = 10.0.0.1"]);
    for observation in &listener.said {
        assert!(!observation.excerpt.bytes.windows(2).any(|bytes| bytes == [0xde, 0xad]));
    }
}

#[test]
fn the_node_number_comes_from_the_handshake() {
    let hello = tcp(0, &[0; 4]);
    let node = tcp(1, &[0, 0, 0, 0xfb, 0, 0, 0, 0xc8]);
    let listener = read(false, &[(ToServer, &hello), (ToClient, &node)]);
    assert_eq!(said(&listener), ["10.0.0.2  fins.node_number = 200"]);
}

#[test]
fn an_ethernet_unit_says_its_addresses() {
    let data = [
        &[0, 0][..],
        &twenty("CJ1W-ETN21", b' '),
        &twenty("V1.50", b' '),
        &[10, 0, 0, 2, 255, 255, 255, 0, 0x25, 0x80, 0, 0, 2, 0, 0, 0, 0, 9],
    ];
    let listener = read(true, &[(ToClient, &answer([0, 20, 16], 0x0501, &data.concat()))]);
    let lines = said(&listener);
    assert_eq!(lines[1], "10.0.0.2 network 0 address 20.16  fins.controller_version = V1.50");
    assert_eq!(
        lines[4],
        "10.0.0.2 network 0 address 20.16  fins.ethernet_address = 02:00:00:00:00:09"
    );
}

#[test]
fn probes_are_sure_of_the_word_in_front_only() {
    assert_eq!(probe(&tcp(0, &[0; 4])), Probe::Yes);
    assert_eq!(probe(b"FINS\0\0\0"), Probe::More);
    assert_eq!(probe(b"FINS\0\0\0\x01"), Probe::No);
    assert_eq!(probe(&ask(0x0501, &[])), Probe::Maybe);
    for other in [
        &b"\x80\x00\x02\x00\x14\x00\x00\x63\x00\x07\x99\x99"[..],
        b"\x81\x04\x02",
        b"GET / HTTP/1.1",
    ] {
        assert_eq!(probe(other), Probe::No, "{other:02x?}");
    }
}

#[test]
fn commands_are_in_order_and_each_is_found() {
    for code in [0x0101, 0x0402, 0x0501, 0x220c, 0x2603] {
        assert!(command::of(code).is_some(), "{code:04x}");
    }
    assert!(command::of(0x0301).is_none());
}
