//! Messages written field by field, and what is said about them. `10.0.0.1` is the client, `10.0.0.2` the server.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::Probe;
use crate::protocols::codesys::PROTOCOL;
use crate::protocols::harness::{self, Listener};

fn listen(whole: bool, messages: &[(Direction, Vec<u8>)]) -> Listener {
    let messages: Vec<(Direction, &[u8])> =
        messages.iter().map(|(direction, bytes)| (*direction, bytes.as_slice())).collect();
    harness::read(&PROTOCOL, whole, &messages)
}

fn bare(listener: &Listener) -> Vec<String> {
    let lines = listener.lines();
    lines.iter().map(|line| line.rsplit_once(" @").unwrap().0.replace("codesys.", "")).collect()
}

/// The header of the router: a sender of one word, a receiver of two.
fn routed(service: u8, data: &[u8]) -> Vec<u8> {
    [&[0xc5, 0x6c, 0x40, service, 0, 0x12, 0, 1, 0, 2, 0, 3, 0, 4, 0, 0][..], data].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

fn identification(node: &str, device: &str, vendor: &str, serial: &str) -> Vec<u8> {
    let mut data = [0x80, 0xc2, 0, 4, 1, 2, 3, 4, 8, 0, 1, 0, 2, 0].to_vec();
    for text in [node, device, vendor] {
        data.extend((text.len() as u16).to_le_bytes());
    }
    for number in [4096_u32, 0x1006_120d, 0x0305_0f28, 0x0000_0040] {
        data.extend(number.to_le_bytes());
    }
    data.extend([serial.len() as u8, 0, 6]);
    data.extend([0; 9]);
    data.extend([0xaa, 0xbb]);
    for text in [node, device, vendor] {
        data.extend(wide(text));
    }
    data.extend(serial.as_bytes());
    data.push(0);
    data
}

#[test]
fn a_node_says_what_it_is() {
    let answer = identification("PFC200-1", "WAGO 750-8212", "WAGO", "SN-1");
    let question = routed(3, &[0x02, 0xc2, 0, 4, 1, 2, 3, 4]);
    let heard = listen(true, &[(ToServer, question), (ToClient, routed(4, &answer))]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.2  codesys.version = 3 @0+1",
            "10.0.0.2  codesys.target_type = 4096 @36+4",
            "10.0.0.2  codesys.target_id = 268833293 @40+4",
            "10.0.0.2  codesys.target_version = 3.5.15.40 @44+4",
            "10.0.0.2  codesys.node_name = PFC200-1 @66+16",
            "10.0.0.2  codesys.device_product_name = WAGO 750-8212 @84+26",
            "10.0.0.2  codesys.vendor_name = WAGO @112+8",
            "10.0.0.2  codesys.serial_number = SN-1 @122+4",
        ]
    );
    assert_eq!(heard.acts(), [1, 0, 0, 0, 0]);
}

#[test]
fn a_length_beyond_the_message_costs_what_is_behind_it() {
    let mut answer = identification("PFC200-1", "WAGO 750-8212", "WAGO", "");
    answer.truncate(60);
    let heard = listen(true, &[(ToClient, routed(4, &answer))]);
    assert_eq!(bare(&heard).len(), 4);
    assert_eq!(heard.damage.len(), 1);
}

/// A service in the first block of a channel, in the block driver of TCP.
fn service(tag: u16, group: u16, service: u16, data: &[u8]) -> Vec<u8> {
    let mut block = [1, 0x81, 1, 0].to_vec();
    block.extend([0; 16]);
    for word in [tag, 16, group, service] {
        block.extend(word.to_le_bytes());
    }
    block.extend([0; 12]);
    block.extend(data);
    let routed = routed(0x40, &block);
    [&[0, 1, 0x17, 0xe8][..], &(routed.len() as u32 + 8).to_le_bytes(), &routed].concat()
}

#[test]
fn who_starts_stops_and_loads_is_told() {
    let heard = listen(
        false,
        &[
            (ToServer, service(0xcd55, 1, 2, b"operator secret")),
            (ToServer, service(0xcd55, 2, 0x11, b"")),
            (ToClient, service(0xcd55, 0x82, 0x11, b"")),
            (ToServer, service(0xcd55, 2, 5, &[7; 400])),
            (ToServer, service(0xcd55, 0x1b, 1, b"")),
            (ToServer, service(0x5775, 0, 0, b"unreadable")),
        ],
    );
    let lines = bare(&heard);
    let told: Vec<&String> = lines.iter().filter(|line| !line.contains(" version ")).collect();
    assert_eq!(
        told,
        [
            "10.0.0.2  attempt = login by 10.0.0.1",
            "10.0.0.2  attempt = stop by 10.0.0.1",
            "10.0.0.2  attempt = program download by 10.0.0.1",
            "10.0.0.1  protection = secured",
        ]
    );
    assert_eq!(heard.acts(), [0, 2, 0, 1, 1]);
    let holds = |bytes: &[u8]| bytes.windows(6).any(|six| six == b"secret");
    assert!(!heard.said.iter().any(|fact| holds(&fact.excerpt.bytes)));
}

#[test]
fn version_2_answers_the_first_question() {
    let mut answer = vec![0xbb, 0xbb];
    answer.resize(200, 0);
    for (at, text) in [(64, "VxWorks"), (96, "5.5"), (128, "WAGO 758-870")] {
        answer[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    let question = b"\xbb\xbb\x01\x00\x00\x00\x01".to_vec();
    let heard = listen(false, &[(ToServer, question), (ToClient, answer.clone())]);
    assert_eq!(
        bare(&heard),
        [
            "10.0.0.2  version = 2",
            "10.0.0.2  os_name = VxWorks",
            "10.0.0.2  os_type = 5.5",
            "10.0.0.2  product_type = WAGO 758-870",
        ]
    );
    assert!(listen(false, &[(ToClient, answer)]).said.is_empty());
}

#[test]
fn magic_numbers_and_lengths_tell_codesys() {
    let probe = PROTOCOL.probe;
    assert_eq!(probe(&service(0xcd55, 2, 5, b"")), Probe::Yes);
    assert_eq!(probe(b"\x00\x01\x17"), Probe::More);
    assert_eq!(probe(b"\x00\x01\x17\xe8\x00\x00\x00\x00\xc5"), Probe::No);
    assert_eq!(probe(&routed(3, &[0x02, 0xc2, 0, 4])), Probe::Yes);
    assert_eq!(probe(&routed(3, &[0x02, 0xc1, 0, 4])), Probe::No);
    assert_eq!(probe(&routed(0x40, &[1])), Probe::Maybe);
    assert_eq!(probe(b"\xbb\xbb\x01\x00\x00\x01\x01"), Probe::Yes);
    assert_eq!(probe(b"\xbb\xbb\x02\x00\x00\x00\x05\x00"), Probe::Maybe);
    assert_eq!(probe(b"GET / HTTP/1.1"), Probe::No);
    assert_eq!(listen(true, &[(ToServer, b"GET /".to_vec())]).damage.len(), 1);
}
