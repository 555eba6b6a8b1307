//! Messages field by field: what is believed of whom, and what never is.

use super::*;
use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

const DEVICE: [u8; 5] = [0x91, 0x8a, 0x01, 0x02, 0x03];

fn message(kind: u8, id: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(8 + body.len()).unwrap().to_be_bytes();
    [&[1, kind, id, 0, 0, 7][..], &length, body].concat()
}

fn pdu(delimiter: u8, address: &[u8], command: u8, data: &[u8]) -> Vec<u8> {
    let count = u8::try_from(data.len()).unwrap();
    let mut bytes = [&[delimiter][..], address, &[command, count], data].concat();
    bytes.push(bytes.iter().fold(0, |sum, byte| sum ^ byte));
    bytes
}

fn ask(command: u8, data: &[u8]) -> Vec<u8> {
    message(0, 3, &pdu(0x82, &DEVICE, command, data))
}

fn answer(command: u8, code: u8, data: &[u8]) -> Vec<u8> {
    message(1, 3, &pdu(0x86, &DEVICE, command, &[&[code, 0x40][..], data].concat()))
}

fn read(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, true, messages)
}

/// Lines without where they stand, and without what every answer tells.
fn said(listener: &Listener) -> Vec<String> {
    let short = |line: String| line.split(" @").next().unwrap().to_owned();
    let lines = listener.lines().into_iter().map(short);
    let every = ["hart_ip.role", "hart_ip.command", "hart_ip.device_status"];
    lines.filter(|line| !every.iter().any(|key| line.contains(key))).collect()
}

const IDENTITY: &[u8] =
    &[254, 0x11, 0x8a, 5, 7, 2, 3, 0x09, 1, 1, 2, 3, 5, 4, 0, 17, 0, 0, 0x11, 0, 0x11, 1];

#[test]
fn a_device_is_a_part_of_the_server_by_its_unique_address() {
    let listener = read(&[(ToClient, &answer(0, 0, IDENTITY))]);
    let part = "10.0.0.2 118a010203";
    assert_eq!(
        said(&listener),
        [
            format!("{part}  hart_ip.manufacturer_id = 17"),
            format!("{part}  hart_ip.expanded_device_type = 4490"),
            format!("{part}  hart_ip.universal_revision = 7"),
            format!("{part}  hart_ip.device_revision = 2"),
            format!("{part}  hart_ip.software_revision = 3"),
            format!("{part}  hart_ip.hardware_revision = 1"),
            format!("{part}  hart_ip.device_id = 010203"),
            format!("{part}  hart_ip.configuration_changes = 17"),
            format!("{part}  hart_ip.private_label = 17"),
            format!("{part}  hart_ip.device_profile = 1"),
        ]
    );
}

#[test]
fn a_gateway_says_who_it_is_of_itself_too() {
    let mut identity = IDENTITY.to_vec();
    identity[21] = 132;
    let lines = said(&read(&[(ToClient, &answer(0, 0, &identity))]));
    assert!(lines.contains(&"10.0.0.2  hart_ip.device_profile = 132".to_owned()), "{lines:?}");
    assert!(lines.contains(&"10.0.0.2 118a010203  hart_ip.device_profile = 132".to_owned()));
}

#[test]
fn devices_before_hart_7_say_less() {
    let old = &[254, 0x26, 0x06, 5, 5, 3, 4, 0x10, 0, 0x0a, 0x0b, 0x0c];
    let answer = message(1, 3, &pdu(0x06, &[0x80], 0, &[&[0, 0][..], old].concat()));
    let lines = said(&read(&[(ToClient, &answer)]));
    assert_eq!(lines[0], "10.0.0.2 26060a0b0c  hart_ip.manufacturer_id = 38");
    assert_eq!(lines.last().unwrap(), "10.0.0.2 26060a0b0c  hart_ip.device_id = 0a0b0c");
}

#[test]
fn tags_are_packed_and_long_tags_are_not() {
    // "PT-4711 " and "FEED PRESSURE   " in six bits a character.
    let pack = |text: &str| -> Vec<u8> {
        let sixes: Vec<u32> = text.bytes().map(|byte| u32::from(byte & 0x3f)).collect();
        let word = |four: &[u32]| four.iter().fold(0_u32, |word, six| word << 6 | six);
        sixes.chunks(4).flat_map(|four| word(four).to_be_bytes()[1..].to_vec()).collect()
    };
    let tag = [pack("PT-4711 "), pack("FEED PRESSURE   "), vec![2, 3, 126]].concat();
    let long = [b"PT-4711 feed".to_vec(), vec![0; 20]].concat();
    let (one, two) = (answer(13, 0, &tag), answer(20, 0, &long));
    assert_eq!(
        said(&read(&[(ToClient, &one), (ToClient, &two)])),
        [
            "10.0.0.2 118a010203  hart_ip.tag = PT-4711",
            "10.0.0.2 118a010203  hart_ip.descriptor = FEED PRESSURE",
            "10.0.0.2 118a010203  hart_ip.long_tag = PT-4711 feed",
        ]
    );
}

#[test]
fn a_change_is_told_when_it_is_asked_for_and_when_it_is_done() {
    let reset = ask(42, &[]);
    let attempt = "10.0.0.2  hart_ip.attempt = reset of 118a010203 by 10.0.0.1";
    let listener = read(&[(ToServer, &reset), (ToClient, &answer(42, 0, &[]))]);
    assert_eq!(said(&listener), [attempt, "10.0.0.2 118a010203  hart_ip.reset = 10.0.0.1"]);
    assert_eq!(listener.acts(), [0, 0, 0, 1, 0]);
    let refused = read(&[(ToServer, &reset), (ToClient, &answer(42, 16, &[]))]);
    assert_eq!(
        said(&refused),
        [attempt, "10.0.0.2 118a010203  hart_ip.refused = reset by 10.0.0.1: 16"]
    );
}

#[test]
fn a_gateway_lists_the_devices_behind_it() {
    let mut data = vec![0, 1, 2, 5, 0, 0x37, 0x37, 0x51, 9, 8, 7, 7];
    data.extend([b"LT-203".to_vec(), vec![b' '; 26]].concat());
    assert_eq!(
        said(&read(&[(ToClient, &answer(84, 0, &data))])),
        [
            "10.0.0.2 3751090807  hart_ip.manufacturer_id = 55",
            "10.0.0.2 3751090807  hart_ip.expanded_device_type = 14161",
            "10.0.0.2 3751090807  hart_ip.device_id = 090807",
            "10.0.0.2 3751090807  hart_ip.universal_revision = 7",
            "10.0.0.2 3751090807  hart_ip.place = card 2 channel 5",
            "10.0.0.2 3751090807  hart_ip.long_tag = LT-203",
        ]
    );
}

#[test]
fn a_wrong_checksum_costs_its_frame_only() {
    let mut broken = answer(0, 0, IDENTITY);
    broken[20] ^= 1;
    let listener = read(&[(ToClient, &broken), (ToClient, &answer(0, 0, IDENTITY))]);
    assert_eq!(listener.damage.len(), 1);
    assert_eq!(said(&listener).len(), 10);
}

#[test]
fn probes_are_sure_of_sessions_and_of_frames() {
    assert_eq!(probe(&message(0, 0, &[1, 0, 0, 0x75, 0x30])), Probe::Yes);
    assert_eq!(probe(&ask(0, &[])), Probe::Yes);
    assert_eq!(probe(&message(0, 2, &[])), Probe::Maybe);
    let mut wrong = ask(0, &[]);
    wrong[9] ^= 1;
    assert_eq!(probe(&wrong), Probe::No);
    for length in 0..8 {
        assert_eq!(probe(&ask(0, &[])[..length]), Probe::More, "{length}");
    }
    assert_eq!(probe(b"GET / HTTP/1.1"), Probe::No);
}
