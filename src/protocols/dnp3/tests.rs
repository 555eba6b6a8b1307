//! Frames field by field: what is believed of whom, and what never is.

use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::Probe;
use crate::protocols::harness::{self, Listener};

const FROM_MASTER: u8 = 0xc4;
const FROM_STATION: u8 = 0x44;
const MASTER: u16 = 1;

/// A frame of the link layer with its CRCs.
fn frame(control: u8, to: u16, from: u16, data: &[u8]) -> Vec<u8> {
    let mut header = vec![0x05, 0x64, u8::try_from(5 + data.len()).unwrap(), control];
    header.extend(to.to_le_bytes());
    header.extend(from.to_le_bytes());
    let mut bytes = [&header[..], &link::crc(&header).to_le_bytes()].concat();
    for block in data.chunks(16) {
        bytes.extend([block, &link::crc(block).to_le_bytes()].concat());
    }
    bytes
}

fn ask(station: u16, sequence: u8, function: u8, objects: &[u8]) -> Vec<u8> {
    let data = [&[0xc0, 0xc0 | sequence, function][..], objects].concat();
    frame(FROM_MASTER, station, MASTER, &data)
}

fn answer(station: u16, sequence: u8, indications: [u8; 2], objects: &[u8]) -> Vec<u8> {
    let data = [&[0xc0, 0xc0 | sequence, 0x81][..], &indications, objects].concat();
    frame(FROM_STATION, MASTER, station, &data)
}

fn text(variation: u8, text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    [&[0, variation, 0, 0, 0, 1, length][..], text.as_bytes()].concat()
}

fn read(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, false, messages)
}

/// Lines without where they stand, and without roles.
fn said(listener: &Listener) -> Vec<String> {
    let short = |line: String| line.split(" @").next().unwrap().to_owned();
    let lines = listener.lines().into_iter().map(short);
    lines.filter(|line| !line.contains("dnp3.role") && !line.contains("address")).collect()
}

#[test]
fn attributes_say_what_a_station_is() {
    let objects = [
        text(252, "Schweitzer Engineering Laboratories"),
        text(250, "SEL-351S"),
        text(242, "SEL-351S-6-R516-V0-Z104104-D20200131"),
        text(248, "0000000001234567"),
        [&[0, 240, 0, 0, 0, 2, 2][..], &2048_u16.to_le_bytes()].concat(),
        [&[0, 198, 0, 0, 0, 7, 6][..], &1_580_428_800_000_u64.to_le_bytes()[..6]].concat(),
    ];
    let listener = read(&[(ToClient, &answer(10, 3, [0x90, 0], &objects.concat()))]);
    assert_eq!(
        said(&listener),
        [
            "10.0.0.2 station 10  dnp3.function = RESPONSE",
            "10.0.0.2 station 10  dnp3.internal_indications = device restart, need time",
            "10.0.0.2 station 10  dnp3.manufacturer_name = Schweitzer Engineering Laboratories",
            "10.0.0.2 station 10  dnp3.product_name = SEL-351S",
            "10.0.0.2 station 10  dnp3.software_version = SEL-351S-6-R516-V0-Z104104-D20200131",
            "10.0.0.2 station 10  dnp3.serial_number = 0000000001234567",
            "10.0.0.2 station 10  dnp3.transmit_fragment_size = 2048",
            "10.0.0.2 station 10  dnp3.configuration_build_date = 2020-01-31T00:00:00.000000000Z",
        ]
    );
    assert!(listener.damage.is_empty(), "{:?}", listener.damage);
}

#[test]
fn a_fragment_in_segments_is_put_together_and_one_with_a_hole_is_not() {
    let whole = [&[0xc3, 0x81, 0, 0][..], &text(250, "ERL phase 4"), &text(252, "Eaton")].concat();
    let (first, second) = whole.split_at(17);
    let segment =
        |header: u8, part: &[u8]| frame(FROM_STATION, MASTER, 7, &[&[header], part].concat());
    let (one, two) = (segment(0x45, first), segment(0x86, second));
    let listener = read(&[(ToClient, &one), (ToClient, &two)]);
    let lines = said(&listener);
    assert!(lines.contains(&"10.0.0.2 station 7  dnp3.manufacturer_name = Eaton".to_owned()));
    let lost = segment(0x87, second);
    let listener = read(&[(ToClient, &one), (ToClient, &lost)]);
    assert!(!said(&listener).iter().any(|line| line.contains("Eaton")));
    assert_eq!(listener.counted, ["dnp3.segments_missing"]);
}

#[test]
fn a_wrong_checksum_costs_its_frame_only() {
    let sound = answer(10, 3, [0, 0], &text(250, "SEL-351S"));
    for at in [9, 14, sound.len() - 1] {
        let mut broken = sound.clone();
        broken[at] ^= 0x10;
        let listener = read(&[(ToClient, &[&broken[..], &answer(11, 4, [0, 0], &[])].concat())]);
        let lines = said(&listener);
        assert!(!lines.iter().any(|line| line.contains("SEL-351S")), "{at} {lines:?}");
        assert!(lines.iter().any(|line| line.contains("station 11")), "{at} {lines:?}");
        assert!(!listener.damage.is_empty());
    }
}

#[test]
fn what_is_done_is_told_when_the_station_says_so() {
    let restart = ask(10, 1, 13, &[]);
    let done = answer(10, 1, [0, 0], &[52, 2, 7, 1, 0x88, 0x13]);
    let refused = answer(10, 1, [0, 1], &[]);
    let attempt = "10.0.0.2  dnp3.attempt = cold restart of station 10 by 10.0.0.1";
    let listener = read(&[(ToServer, &restart), (ToClient, &done), (ToClient, &done)]);
    let lines = said(&listener);
    assert!(lines.contains(&attempt.to_owned()), "{lines:?}");
    let told: Vec<_> = lines.iter().filter(|line| line.contains("cold_restart")).collect();
    assert_eq!(told, ["10.0.0.2 station 10  dnp3.cold_restart = 10.0.0.1"]);
    let listener = read(&[(ToServer, &restart), (ToClient, &refused)]);
    let lines = said(&listener);
    assert!(lines.contains(&attempt.to_owned()));
    let refusal =
        "10.0.0.2 station 10  dnp3.refused = cold restart by 10.0.0.1: function code not supported";
    assert!(lines.contains(&refusal.to_owned()), "{lines:?}");
    assert_eq!(listener.acts(), [0, 0, 0, 1, 0]);
}

#[test]
fn an_output_was_operated_when_its_status_is_success() {
    let control = |status: u8| {
        [&[12, 1, 0x28, 1, 0, 5, 0][..], &[3, 1, 100, 0, 0, 0, 100, 0, 0, 0, status]].concat()
    };
    let asked = ask(4, 2, 5, &control(0));
    let operated = "10.0.0.2 station 4  dnp3.operated_by = 10.0.0.1".to_owned();
    let listener = read(&[(ToServer, &asked), (ToClient, &answer(4, 2, [0, 0], &control(0)))]);
    assert!(said(&listener).contains(&operated), "{:?}", said(&listener));
    let listener = read(&[(ToServer, &asked), (ToClient, &answer(4, 2, [0, 0], &control(4)))]);
    let lines = said(&listener);
    assert!(!lines.contains(&operated));
    let refused = "10.0.0.2 station 4  dnp3.refused = direct operate by 10.0.0.1: status 4";
    assert!(lines.contains(&refused.to_owned()), "{lines:?}");
    // Another sequence number answers another request.
    let listener = read(&[(ToServer, &asked), (ToClient, &answer(4, 3, [0, 0], &control(0)))]);
    assert!(!said(&listener).contains(&operated));
}

#[test]
fn files_are_told_by_name_and_never_with_their_key() {
    let name = b"CONFIG.XML";
    let size = u16::try_from(26 + name.len()).unwrap().to_le_bytes();
    let mut object = vec![70, 3, 0x5b, 1, size[0], size[1], 26, 0, 10, 0];
    object.extend([0; 6]);
    object.extend([0xff, 1, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 0, 2, 0, 0, 4, 1, 0]);
    object.extend(name);
    let opened = [70, 4, 0x5b, 1, 13, 0, 9, 9, 9, 9, 0, 0, 0, 0, 0, 4, 1, 0, 0];
    let listener =
        read(&[(ToServer, &ask(4, 2, 25, &object)), (ToClient, &answer(4, 2, [0, 0], &opened))]);
    let lines = said(&listener);
    for line in [
        "10.0.0.2  dnp3.attempt = write file CONFIG.XML of station 4 by 10.0.0.1",
        "10.0.0.2 station 4  dnp3.file_written = CONFIG.XML by 10.0.0.1",
    ] {
        assert!(lines.contains(&line.to_owned()), "{lines:?}");
    }
    for observation in &listener.said {
        let kept = &observation.excerpt.bytes;
        assert!(!kept.windows(4).any(|bytes| bytes == [0xde, 0xad, 0xbe, 0xef]));
    }
    assert_eq!(listener.acts(), [0, 0, 0, 0, 1]);
}

#[test]
fn reading_attributes_is_identifying_and_reading_points_is_polling() {
    let identify = ask(10, 1, 1, &[0, 254, 0, 0, 0]);
    let poll = ask(10, 2, 1, &[60, 2, 6, 60, 3, 6]);
    let listener = read(&[(ToServer, &identify), (ToServer, &poll)]);
    assert_eq!(listener.acts(), [1, 1, 0, 0, 0]);
    assert_eq!(*listener.questions[0], [60, 2, 6, 60, 3, 6]);
}

#[test]
fn answers_of_a_master_and_requests_of_a_station_are_damage() {
    let wrong = frame(FROM_MASTER, 10, MASTER, &[0xc0, 0xc0, 0x81, 0, 0]);
    let also_wrong = frame(FROM_STATION, MASTER, 10, &[0xc0, 0xc0, 13]);
    let listener = read(&[(ToServer, &wrong), (ToClient, &also_wrong)]);
    assert_eq!(listener.damage.len(), 2);
    assert!(said(&listener).is_empty());
}

#[test]
fn a_restart_of_all_stations_is_an_attempt() {
    let listener = read(&[(ToServer, &ask(0xffff, 1, 14, &[]))]);
    let attempt = "10.0.0.2  dnp3.attempt = warm restart of all stations by 10.0.0.1";
    assert!(said(&listener).contains(&attempt.to_owned()));
}

#[test]
fn secure_authentication_is_told_by_what_the_station_sends() {
    let challenge = frame(
        FROM_STATION,
        MASTER,
        10,
        &[&[0xc0, 0xc0, 0x83, 0, 0, 120, 1, 0x5b, 1, 8, 0][..], &[7; 8]].concat(),
    );
    let listener = read(&[(ToClient, &challenge)]);
    let line = "10.0.0.2 station 10  dnp3.secure_authentication = challenge";
    assert!(said(&listener).contains(&line.to_owned()));
}

#[test]
fn sets_of_the_maker_are_kept_apart() {
    let objects = [&[0, 3, 0, 1, 1, 1, 5][..], b"R-117"].concat();
    let listener = read(&[(ToClient, &answer(10, 3, [0, 0], &objects))]);
    let line = "10.0.0.2 station 10  dnp3.private_attribute = set 1, 3: R-117";
    assert!(said(&listener).contains(&line.to_owned()), "{:?}", said(&listener));
}

#[test]
fn only_a_right_header_is_surely_this_protocol() {
    let sound = answer(10, 3, [0, 0], &[]);
    for length in 0..10 {
        assert_eq!((PROTOCOL.probe)(&sound[..length]), Probe::More, "{length}");
    }
    assert_eq!((PROTOCOL.probe)(&sound), Probe::Yes);
    let mut wrong = sound;
    wrong[8] ^= 1;
    assert_eq!((PROTOCOL.probe)(&wrong), Probe::Maybe);
    assert_eq!((PROTOCOL.probe)(b"\x05\x64\x04\xc4\x01\x00\x02\x00\x00\x00"), Probe::No);
    assert_eq!((PROTOCOL.probe)(b"GET / HTTP"), Probe::No);
}

#[test]
fn the_checksum_is_that_of_the_standard() {
    // Reset of the link of station 1 by station 1024, the example of the DNP primer.
    assert_eq!(link::crc(b"\x05\x64\x05\xc0\x01\x00\x00\x04").to_le_bytes(), [0xe9, 0x21]);
}
