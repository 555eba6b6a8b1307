//! Messages written field by field, and what is said about them. `10.0.0.1` is the client, `10.0.0.2` the server.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::Probe;
use crate::protocols::ads::PROTOCOL;
use crate::protocols::harness::{self, Listener};

const CLIENT: [u8; 8] = [192, 168, 1, 9, 1, 1, 0x2f, 0x80];
/// Port 10000, the system service, and port 800, a runtime.
const SYSTEM: [u8; 8] = [5, 13, 117, 96, 1, 1, 0x10, 0x27];
const RUNTIME: [u8; 8] = [5, 13, 117, 96, 1, 1, 0x20, 0x03];

fn message(target: [u8; 8], source: [u8; 8], command: u16, flags: u16, data: &[u8]) -> Vec<u8> {
    with_error(target, source, command, flags, 0, data)
}

fn with_error(
    target: [u8; 8],
    source: [u8; 8],
    command: u16,
    flags: u16,
    error: u32,
    data: &[u8],
) -> Vec<u8> {
    let length = data.len() as u32;
    let numbers = [length.to_le_bytes(), error.to_le_bytes(), 7_u32.to_le_bytes()].concat();
    let command = [command.to_le_bytes(), flags.to_le_bytes()].concat();
    let head = [&[0, 0][..], &(length + 32).to_le_bytes()].concat();
    [&head[..], &target, &source, &command, &numbers, data].concat()
}

fn asked(target: [u8; 8], command: u16, data: &[u8]) -> (Direction, Vec<u8>) {
    (ToServer, message(target, CLIENT, command, 4, data))
}

fn answered(source: [u8; 8], command: u16, data: &[u8]) -> (Direction, Vec<u8>) {
    (ToClient, message(CLIENT, source, command, 5, data))
}

fn info(version: [u8; 4], name: &[u8]) -> Vec<u8> {
    let mut data = [&[0; 4][..], &version, name].concat();
    data.resize(24, 0);
    data
}

fn listen(whole: bool, messages: &[(Direction, Vec<u8>)]) -> Listener {
    let messages: Vec<(Direction, &[u8])> =
        messages.iter().map(|(direction, bytes)| (*direction, bytes.as_slice())).collect();
    harness::read(&PROTOCOL, whole, &messages)
}

fn bare(listener: &Listener) -> Vec<String> {
    let lines = listener.lines();
    lines.iter().map(|line| line.rsplit_once(" @").unwrap().0.replace("ads.", "")).collect()
}

#[test]
fn each_port_speaks_for_itself() {
    let heard = listen(
        false,
        &[
            asked(SYSTEM, 1, &[]),
            answered(SYSTEM, 1, &info([2, 11, 0xb4, 0x08], b"TwinCAT CE")),
            answered(RUNTIME, 1, &info([2, 11, 0x37, 0x08], b"PLC Server")),
            answered(RUNTIME, 4, &[0, 0, 0, 0, 6, 0, 0, 0]),
        ],
    );
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.1  ads.net_id = 192.168.1.9.1.1 @14+6",
            "10.0.0.2  ads.net_id = 5.13.117.96.1.1 @14+6",
            "10.0.0.2  ads.ams_port = 10000 @20+2",
            "10.0.0.2 5.13.117.96.1.1:10000  ads.version = 2.11.2228 @42+4",
            "10.0.0.2 5.13.117.96.1.1:10000  ads.device = TwinCAT CE @46+10",
            "10.0.0.2  ads.ams_port = 800 @20+2",
            "10.0.0.2 5.13.117.96.1.1:800  ads.version = 2.11.2103 @42+4",
            "10.0.0.2 5.13.117.96.1.1:800  ads.device = PLC Server @46+10",
            "10.0.0.2 5.13.117.96.1.1:800  ads.state = Stop @42+2",
        ]
    );
    assert_eq!(heard.acts(), [1, 0, 0, 0, 0]);
}

#[test]
fn a_net_id_that_is_passed_on_for_is_a_part_of_its_own() {
    let other = [5, 13, 117, 96, 4, 1, 0x10, 0x27];
    let heard = listen(
        false,
        &[
            answered(SYSTEM, 1, &info([3, 1, 0xb8, 0x0f], b"TwinCAT System")),
            answered(other, 1, &info([2, 11, 0xb4, 0x08], b"TwinCAT CE")),
        ],
    );
    let lines = bare(&heard);
    assert!(
        lines.contains(&"10.0.0.2 5.13.117.96.1.1:10000  version = 3.1.4024".to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"10.0.0.2 5.13.117.96.4.1:10000  version = 2.11.2228".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn an_error_of_the_router_says_nothing_about_the_device() {
    let gone = with_error(CLIENT, RUNTIME, 1, 5, 6, &info([1, 2, 3, 4], b"nobody"));
    let refused = answered(RUNTIME, 1, &[1, 7, 0, 0]);
    let heard = listen(false, &[(ToClient, gone), refused]);
    assert_eq!(bare(&heard), ["10.0.0.2  net_id = 5.13.117.96.1.1"]);
    assert_eq!(heard.damage, []);
}

#[test]
fn what_was_done_is_told_when_the_device_says_so() {
    let stop = [6, 0, 0, 0, 0, 0, 0, 0];
    let config = [16, 0, 0, 0, 0, 0, 0, 0];
    let heard = listen(
        false,
        &[
            asked(RUNTIME, 5, &stop),
            answered(RUNTIME, 5, &[0; 4]),
            asked(SYSTEM, 5, &config),
            answered(SYSTEM, 5, &[0; 4]),
            asked(SYSTEM, 5, &config),
            answered(SYSTEM, 5, &[4, 7, 0, 0]),
        ],
    );
    let lines = bare(&heard);
    let told: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .filter(|line| line.ends_with("10.0.0.1") || line.contains(": "))
        .collect();
    assert_eq!(
        told,
        [
            "10.0.0.2  attempt = stop by 10.0.0.1",
            "10.0.0.2 5.13.117.96.1.1:800  stop = 10.0.0.1",
            "10.0.0.2  attempt = config by 10.0.0.1",
            "10.0.0.2 5.13.117.96.1.1:10000  mode_change = config by 10.0.0.1",
            "10.0.0.2  attempt = config by 10.0.0.1",
            "10.0.0.2  refused = config by 10.0.0.1: 0x704",
        ]
    );
    assert_eq!(heard.acts(), [0, 0, 0, 3, 0]);
}

#[test]
fn the_values_of_reads_and_writes_are_passed_over() {
    let group = |number: u32| [&number.to_le_bytes()[..], &[0; 8], b"value"].concat();
    let heard = listen(
        false,
        &[
            asked(RUNTIME, 2, &group(0x4020)),
            asked(RUNTIME, 3, &group(0x4020)),
            answered(RUNTIME, 3, &[0; 4]),
            asked(RUNTIME, 9, &group(0xf003)),
            asked(RUNTIME, 9, &group(0xf081)),
            asked(SYSTEM, 3, &group(123)),
        ],
    );
    assert_eq!(heard.acts(), [0, 2, 2, 0, 1]);
    assert!(bare(&heard).contains(&"10.0.0.2  writer = 10.0.0.1".to_owned()));
    assert!(bare(&heard).contains(&"10.0.0.2  attempt = file write by 10.0.0.1".to_owned()));
    assert!(
        !heard.said.iter().any(|fact| fact.excerpt.bytes.windows(5).any(|five| five == b"value"))
    );
}

fn datagram(service: u32, net_id: [u8; 8], blocks: &[(u16, &[u8])]) -> Vec<u8> {
    let mut bytes = [0x03, 0x66, 0x14, 0x71, 0, 0, 0, 0].to_vec();
    bytes.extend(service.to_le_bytes());
    bytes.extend(net_id);
    bytes.extend((blocks.len() as u32).to_le_bytes());
    for (tag, value) in blocks {
        bytes.extend(tag.to_le_bytes());
        bytes.extend((value.len() as u16).to_le_bytes());
        bytes.extend(*value);
    }
    bytes
}

#[test]
fn a_device_says_what_it_is_when_it_is_searched_for() {
    let mut system = [276_u32, 10, 0, 18_363, 2].map(u32::to_le_bytes).concat();
    system.extend(b"S\0P\x001\0");
    system.resize(276, 0);
    let answer = datagram(
        0x8000_0001,
        SYSTEM,
        &[(5, b"CX-0D7560\0"), (4, &system), (3, &[3, 1, 0xb8, 0x0f]), (18, b"3c0972\0")],
    );
    let heard = listen(true, &[(ToServer, datagram(1, CLIENT, &[])), (ToClient, answer)]);
    assert_eq!(
        heard.lines(),
        [
            "10.0.0.2  ads.net_id = 5.13.117.96.1.1 @12+6",
            "10.0.0.2  ads.host_name = CX-0D7560 @28+9",
            "10.0.0.2  ads.os_version = 10.0.18363 @46+12",
            "10.0.0.2  ads.os_platform = Windows NT @58+4",
            "10.0.0.2  ads.os_service_pack = SP1 @62+6",
            "10.0.0.2  ads.twincat_version = 3.1.4024 @322+4",
            "10.0.0.2  ads.host_fingerprint = 3c0972 @330+6",
        ]
    );
    assert_eq!(heard.acts(), [1, 0, 0, 0, 0]);
}

#[test]
fn who_adds_a_route_is_told_and_the_password_is_not() {
    let blocks: &[(u16, &[u8])] = &[
        (12, b"ENG\0"),
        (7, &CLIENT[..6]),
        (13, b"Administrator\0"),
        (2, b"secret\0"),
        (5, b"10.0.0.1\0"),
    ];
    let ask = || (ToServer, datagram(6, CLIENT, blocks));
    let answer =
        |status: u32| (ToClient, datagram(0x8000_0006, SYSTEM, &[(1, &status.to_le_bytes())]));
    let heard = listen(true, &[ask(), answer(0x704), ask(), answer(0)]);
    assert_eq!(
        bare(&heard),
        [
            "10.0.0.2  attempt = route by 10.0.0.1",
            "10.0.0.2  refused = route by 10.0.0.1: 0x704",
            "10.0.0.2  attempt = route by 10.0.0.1",
            "10.0.0.2  route_change = 10.0.0.1",
            "10.0.0.2  route_net_id = 192.168.1.9.1.1",
        ]
    );
    let holds = |bytes: &[u8]| bytes.windows(5).any(|five| five == b"Admin" || five == b"secre");
    assert!(!heard.said.iter().any(|fact| holds(&fact.excerpt.bytes)));
}

#[test]
fn only_lengths_that_agree_make_a_message() {
    let sound = message(SYSTEM, CLIENT, 4, 4, &[]);
    let probe = PROTOCOL.probe;
    assert_eq!(probe(&sound), Probe::Yes);
    assert_eq!(probe(&sound[..20]), Probe::More);
    let mut longer = sound.clone();
    longer[26] += 1;
    assert_eq!(probe(&longer), Probe::No);
    assert_eq!(probe(&[0; 64]), Probe::No);
    assert_eq!(probe(&datagram(1, CLIENT, &[])), Probe::Yes);
    assert_eq!(probe(b"GET / HTTP/1.1\r\n"), Probe::No);
    let heard = listen(false, &[(ToServer, longer)]);
    assert_eq!((heard.said.len(), heard.damage.len()), (0, 1));
}
