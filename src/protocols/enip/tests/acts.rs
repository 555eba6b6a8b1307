//! What requests are for, whatever carries them.

use super::connected::{open, opened};
use super::*;

const READ_TAG: u8 = 0x4C;
const WRITE_TAG: u8 = 0x4D;
const TAG: &[u8] = b"\x91\x03Run\x00";

fn acts(requests: &[Vec<u8>]) -> [u32; 5] {
    let talk: Vec<_> = requests.iter().map(|request| (ToServer, unconnected(1, request))).collect();
    tcp(&talk).acts()
}

#[test]
fn each_service_is_for_something_and_what_carries_it_for_nothing() {
    let read = request(READ_TAG, TAG, b"\x01\x00");
    let write = request(WRITE_TAG, TAG, b"\xC1\x00\x01\x00\x01");
    let identify = request(0x01, IDENTITY, b"");
    let stop = request(0x07, b"\x20\x8e\x24\x01", b"");
    let firmware = request(0x4D, b"\x20\xA1\x24\x01", b"");
    assert_eq!(acts(&[identify.clone(), read.clone(), write.clone(), stop, firmware]), [1; 5]);
    let several = request(0x0A, ROUTER, &packet(&[read.clone(), read, write]));
    assert_eq!(acts(std::slice::from_ref(&several)), [0, 2, 1, 0, 0]);
    assert_eq!(acts(&[sent(&several, b"\x01\x00")]), [0, 2, 1, 0, 0]);
    assert_eq!(
        acts(&[sent(&identify, b"\x01\x02"), sent(&identify, b"\x01\x03")]),
        [2, 0, 0, 0, 0]
    );
}

#[test]
fn replies_are_for_nothing() {
    let talk = asked(&request(READ_TAG, TAG, b"\x01\x00"), &reply(READ_TAG, 0, b"\xC1\x00\x01"));
    assert_eq!(tcp(&talk).acts(), [0, 1, 0, 0, 0]);
}

#[test]
fn lists_of_identities_and_services_are_asked_for_to_identify() {
    for command in [0x0004, 0x0063, 0x0064] {
        assert_eq!(udp(&[(ToServer, message(command, 0, b""))]).acts(), [1, 0, 0, 0, 0]);
    }
}

#[test]
fn what_is_asked_names_the_way_to_it() {
    let read = request(READ_TAG, TAG, b"\x01\x00");
    let routed = [sent(&read, b"\x01\x00"), sent(&read, b"\x01\x04")];
    let talk = [
        (ToServer, unconnected(1, &read)),
        (ToServer, unconnected(2, &routed[0])),
        (ToServer, unconnected(3, &routed[1])),
    ];
    let heard = tcp(&talk);
    let questions: Vec<&[u8]> = heard.questions.iter().map(|question| &**question).collect();
    assert_eq!(questions, [&read[..], &routed[0], &routed[1]]);
}

#[test]
fn a_connection_whose_opening_was_not_seen_is_read_and_written_too() {
    let read = request(READ_TAG, TAG, b"\x01\x00");
    let several = request(0x0A, ROUTER, &packet(&[read.clone(), read.clone()]));
    let talk = [
        (ToServer, connected(0xFF95_4022, 1, &read)),
        (ToServer, connected(0xFF95_4022, 2, &several)),
        (ToServer, connected(0xFF95_4022, 3, &request(0x0E, b"\x20\x04\x24\x65\x30\x03", b""))),
        (ToServer, connected(0xFF95_4022, 4, b"\x4C\x00\x01\x02")),
        (ToServer, connected(0xFF95_4022, 5, b"\x06\xff\x01")),
        (ToClient, connected(0x0045_0001, 1, &reply(READ_TAG, 0, b"\xC1\x00\x01"))),
    ];
    let heard = tcp(&talk);
    assert_eq!(heard.acts(), [0, 4, 0, 0, 0]);
    assert!(heard.damage.is_empty());
}

#[test]
fn a_connection_for_io_reads_and_where_it_carries_outputs_writes() {
    // Behind the fixed part: two bytes of O→T parameters, T→O RPI, two bytes of T→O parameters, transport.
    let with = |to_target: [u8; 2], transport: u8| {
        let mut opening = open(b"\x20\x04\x24\x65\x2C\x66");
        let at = opening.iter().position(|byte| *byte == 0xA3).unwrap();
        opening[at] = transport;
        opening[at - 8..at - 6].copy_from_slice(&to_target);
        tcp(&asked(&opening, &opened()))
    };
    let scanner = |heard: &harness::Listener| {
        heard.lines().iter().filter(|line| line.contains("10.0.0.1  enip.role = scanner")).count()
    };
    let owner = with([0x20, 0x48], 0x01);
    assert_eq!((owner.acts(), scanner(&owner)), ([0, 1, 1, 0, 0], 1));
    let listener = with([0x02, 0x48], 0x01);
    assert_eq!((listener.acts(), scanner(&listener)), ([0, 1, 0, 0, 0], 1));
    let explicit = with([0xF8, 0x43], 0xA3);
    assert_eq!((explicit.acts(), scanner(&explicit)), ([0; 5], 0));
}

#[test]
fn pccc_in_cip_is_for_what_its_command_is() {
    let execute = |pccc: &[u8]| {
        let requestor = b"\x07\x4D\x00\x78\x56\x34\x12";
        request(0x4B, b"\x20\x67\x24\x01", &[requestor, pccc].concat())
    };
    let heard = [
        execute(b"\x06\x00\x01\x00\x03"),
        execute(b"\x0F\x00\x02\x00\xA2\x02\x07\x89\x00\x00"),
        execute(b"\x0F\x00\x03\x00\xAA\x02\x07\x89\x00\x00\x01\x00"),
        execute(b"\x0F\x00\x04\x00\x80\x06"),
        execute(b"\x0F\x00\x05\x00\x50"),
    ];
    assert_eq!(acts(&heard), [1; 5]);
}
