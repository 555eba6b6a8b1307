//! Messages field by field: about whom they are, and what is believed.

use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

/// A message of BACnet/IP.
fn bvlc(function: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 4).unwrap();
    [&[0x81, function][..], &length.to_be_bytes(), body].concat()
}

/// A unicast or broadcast of an APDU that stays on its network.
fn plain(function: u8, apdu: &[u8]) -> Vec<u8> {
    bvlc(function, &[&[1, 0][..], apdu].concat())
}

const UNICAST: u8 = 0x0a;
const BROADCAST: u8 = 0x0b;

const I_AM_111: &[u8] = &[
    0x10, 0x00, // unconfirmed request, I-Am
    0xc4, 0x02, 0x00, 0x00, 0x6f, // device 111
    0x22, 0x05, 0xc4, // longest APDU: 1476
    0x91, 0x03, // segmentation: none
    0x21, 0x2a, // vendor 42
];

/// A character string with its application tag.
fn text(value: &str) -> Vec<u8> {
    let length = u8::try_from(value.len() + 1).unwrap();
    let head = if length < 5 { vec![0x70 | length] } else { vec![0x75, length] };
    [&head[..], &[0], value.as_bytes()].concat()
}

/// Results of one object for ReadPropertyMultiple.
fn results(kind: u32, instance: u32, properties: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let object = (kind << 22 | instance).to_be_bytes();
    let mut bytes = [&[0x0c][..], &object, &[0x1e]].concat();
    for (property, value) in properties {
        match u8::try_from(*property) {
            Ok(short) => bytes.extend([0x29, short]),
            Err(_) => bytes.extend([&[0x2a][..], &property.to_be_bytes()].concat()),
        }
        bytes.push(0x4e);
        bytes.extend(value);
        bytes.push(0x4f);
    }
    bytes.push(0x1f);
    bytes
}

fn read(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, true, messages)
}

fn said(listener: &Listener) -> Vec<String> {
    let short = |line: String| line.split(" @").next().unwrap().replacen("10.0.0.2", "", 1);
    listener.lines().into_iter().map(|line| short(line).trim().to_owned()).collect()
}

#[test]
fn a_device_says_that_it_is_there() {
    let listener = read(&[(ToClient, &plain(BROADCAST, I_AM_111))]);
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.2  bacnet.device_instance = 111 @9+4",
            "10.0.0.2  bacnet.max_apdu_length = 1476 @14+2",
            "10.0.0.2  bacnet.segmentation = none @17+1",
            "10.0.0.2  bacnet.vendor_identifier = 42 @19+1",
        ]
    );
}

#[test]
fn devices_behind_a_router_are_units_of_their_own() {
    for (address, name) in [
        (&[29][..], "29"),
        (&[192, 168, 0, 13, 0xba, 0xc0], "192.168.0.13:47808"),
        (&[0, 0x0c, 0x6e, 0xb0, 0x3c, 0x15], "00:0c:6e:b0:3c:15"),
    ] {
        let length = u8::try_from(address.len()).unwrap();
        let npdu = [&[1, 0x08, 0, 3, length][..], address, I_AM_111].concat();
        let said = said(&read(&[(ToClient, &bvlc(BROADCAST, &npdu))]));
        assert_eq!(said[0], "bacnet.role = router");
        assert_eq!(said[1], format!("network 3 address {name}  bacnet.device_instance = 111"));
    }
}

#[test]
fn what_a_bbmd_passes_on_is_about_whoever_sent_it_first() {
    let forwarded = [&[192, 168, 7, 20, 0xba, 0xc0, 1, 0][..], I_AM_111].concat();
    let lines = read(&[(ToClient, &bvlc(4, &forwarded))]).lines();
    assert!(lines[0].starts_with("10.0.0.2  bacnet.role = BBMD"), "{lines:?}");
    assert!(lines[1].starts_with("192.168.7.20  bacnet.device_instance = 111"), "{lines:?}");
}

#[test]
fn properties_of_the_device_object_are_read_and_those_of_others_are_not() {
    let answer = [
        vec![0x30, 7, 14],
        results(8, 111, &[(121, text("Lithonia")), (70, text("SBS")), (372, text("A-17"))]),
        results(0, 1, &[(28, text("zone temperature")), (85, vec![0x44, 0, 0, 0, 0])]),
        results(8, 111, &[(112, vec![0x91, 4]), (120, vec![0x21, 42])]),
    ]
    .concat();
    assert_eq!(
        said(&read(&[(ToClient, &plain(UNICAST, &answer))])),
        [
            "bacnet.device_instance = 111",
            "bacnet.vendor_name = Lithonia",
            "bacnet.model_name = SBS",
            "bacnet.serial_number = A-17",
            "bacnet.device_instance = 111",
            "bacnet.system_status = non-operational",
            "bacnet.vendor_identifier = 42",
        ]
    );
}

#[test]
fn one_property_and_one_that_is_an_error() {
    let object = [0x0c, 0x02, 0, 0, 0x6f];
    let one = [&[0x30, 7, 12][..], &object, &[0x19, 44, 0x3e], &text("1.2.3"), &[0x3f]].concat();
    let lines = read(&[(ToClient, &plain(UNICAST, &one))]).lines();
    assert_eq!(lines[1], "10.0.0.2  bacnet.firmware_revision = 1.2.3 @20+5");
    let error =
        [&[0x30, 7, 14][..], &object, &[0x1e, 0x29, 58, 0x5e, 0x91, 2, 0x91, 32, 0x5f, 0x1f]];
    let listener = read(&[(ToClient, &plain(UNICAST, &error.concat()))]);
    assert_eq!(said(&listener), ["bacnet.device_instance = 111"]);
    assert!(listener.damage.is_empty());
}

#[test]
fn texts_come_in_several_sets_of_characters() {
    for (value, expected) in [
        (&[0x75, 6, 5, b'M', 0xfc, b'l', b'l', b'e'][..], "Mülle"),
        (&[0x75, 5, 4, 0, b'A', 0x04, 0x10], "A\u{410}"),
    ] {
        let answer = [vec![0x30, 7, 14], results(8, 1, &[(58, value.to_vec())])].concat();
        let said = said(&read(&[(ToClient, &plain(UNICAST, &answer))]));
        assert_eq!(said[1], format!("bacnet.location = {expected}"));
    }
}

#[test]
fn segments_are_put_together_in_whatever_order_they_come() {
    let whole = results(8, 111, &[(121, text("Lithonia")), (70, text("SBS"))]);
    let (first, second) = whole.split_at(20);
    let part = |flags: u8, sequence: u8, data: &[u8]| {
        plain(UNICAST, &[&[0x30 | flags, 9, sequence, 1, 14][..], data].concat())
    };
    let (one, two) = (part(0x0c, 0, first), part(0x08, 1, second));
    for order in [[&one, &two], [&two, &one]] {
        let listener = read(&[(ToClient, order[0]), (ToClient, order[0]), (ToClient, order[1])]);
        let said = said(&listener);
        assert_eq!(said.len(), 3, "{said:?}");
        assert_eq!(said[2], "bacnet.model_name = SBS");
        let model = listener.said.last().unwrap();
        let at = if order[0] == &one { 3 } else { 1 };
        assert_eq!((model.excerpt.frame.number, &*model.excerpt.bytes), (at, &b"SBS"[..]));
    }
    assert!(read(&[(ToClient, &two)]).said.is_empty());
}

#[test]
fn restarts_are_told_when_the_device_said_yes_and_no_password_is_kept() {
    let ask =
        |service: u8, data: &[u8]| plain(UNICAST, &[&[0x00, 5, 7, service][..], data].concat());
    let restart = ask(20, &[&[0x09, 0][..], &[0x1d, 7, 0], b"filter"].concat());
    let yes = |service: u8| plain(UNICAST, &[0x20, 7, service]);
    let listener = read(&[(ToServer, &restart), (ToClient, &yes(20)), (ToClient, &yes(20))]);
    assert_eq!(said(&listener), ["bacnet.reinitialized = cold start by 10.0.0.1"]);
    assert_eq!(listener.acts(), [0, 0, 0, 1, 0]);
    let silence = ask(17, &[0x09, 60, 0x19, 1]);
    let listener = read(&[(ToServer, &silence), (ToClient, &yes(17))]);
    assert_eq!(said(&listener), ["bacnet.communication_control = disabled by 10.0.0.1"]);
    let no = plain(UNICAST, &[0x50, 7, 20, 0x91, 4, 0x91, 26]);
    let listener = read(&[(ToServer, &restart), (ToClient, &no)]);
    assert_eq!(said(&listener), ["bacnet.refused = cold start by 10.0.0.1"]);
}

#[test]
fn writes_name_their_client_and_its_target() {
    let npdu = [1, 0x24, 0, 3, 1, 29, 255];
    let write = [&npdu[..], &[0x00, 5, 7, 15, 0x0c, 0, 0x40, 0, 1, 0x19, 85, 0x3e, 0x21, 1, 0x3f]];
    let done = [&[1, 0x08, 0, 3, 1, 29][..], &[0x20, 7, 15]].concat();
    let listener =
        read(&[(ToServer, &bvlc(UNICAST, &write.concat())), (ToClient, &bvlc(UNICAST, &done))]);
    assert_eq!(
        said(&listener),
        ["bacnet.role = router", "network 3 address 29  bacnet.written_by = 10.0.0.1"]
    );
    assert_eq!(listener.acts(), [0, 0, 1, 0, 0]);
}

#[test]
fn requests_identify_or_read() {
    let who_is = plain(BROADCAST, &[0x10, 8]);
    let device = plain(UNICAST, &[0x00, 5, 1, 12, 0x0c, 2, 0, 0, 0x6f, 0x19, 70]);
    let value = plain(UNICAST, &[0x00, 5, 2, 12, 0x0c, 0, 0, 0, 1, 0x19, 85]);
    let listener = read(&[(ToServer, &who_is), (ToServer, &device), (ToServer, &value)]);
    assert_eq!(listener.acts(), [2, 1, 0, 0, 0]);
    assert_eq!(listener.questions[0], [0x0c, 0, 0, 0, 1, 0x19, 85].into());
}

#[test]
fn routers_and_bbmds_tell_what_is_behind_them() {
    let router = bvlc(BROADCAST, &[1, 0x80, 1, 0, 3, 0, 13]);
    assert_eq!(
        said(&read(&[(ToClient, &router)])),
        ["bacnet.role = router", "bacnet.router_to_network = 3", "bacnet.router_to_network = 13",]
    );
    let table = bvlc(3, &[10, 20, 20, 1, 0xba, 0xc0, 255, 255, 255, 255]);
    assert_eq!(
        said(&read(&[(ToClient, &table)])),
        [
            "bacnet.role = BBMD",
            "bacnet.broadcast_distribution = 10.20.20.1:47808 mask 255.255.255.255",
        ]
    );
    let foreign = bvlc(7, &[10, 20, 20, 9, 0xba, 0xc0, 0, 60, 0, 42]);
    assert!(
        said(&read(&[(ToClient, &foreign)]))
            .contains(&"bacnet.foreign_device = 10.20.20.9:47808".to_owned())
    );
    let register = read(&[(ToServer, &bvlc(5, &[0, 60]))]).lines();
    assert!(register[1].starts_with("10.0.0.1  bacnet.registered_with = 10.0.0.2"), "{register:?}");
    assert_eq!(
        said(&read(&[(ToClient, &bvlc(BROADCAST, &[1, 0x80, 0x13, 0, 7, 1]))])),
        ["bacnet.network_number = 7"]
    );
}

#[test]
fn names_of_objects_that_somebody_looked_for() {
    let have = [&[0x10, 1, 0xc4, 2, 0, 0, 0x6f, 0xc4, 0, 0, 0, 1][..], &text("AHU-7.SAT")].concat();
    let said = said(&read(&[(ToClient, &plain(BROADCAST, &have))]));
    assert_eq!(said, ["bacnet.device_instance = 111", "bacnet.object = AHU-7.SAT"]);
}

#[test]
fn what_cannot_be_is_counted_and_says_nothing() {
    for message in [
        plain(UNICAST, &[0x30, 7, 12, 0x0c, 2, 0]),
        bvlc(UNICAST, &[2, 0, 0x10, 0]),
        bvlc(UNICAST, &[1, 0x08, 0, 3, 0, 0x10, 0]),
        plain(UNICAST, &[0x30, 7, 14, 0x0c, 2, 0, 0, 1, 0x1e, 0x29, 70, 0x4e, 0x6e]),
        vec![0x81, 0x0a, 0, 3],
    ] {
        let listener = read(&[(ToClient, &message)]);
        assert!(listener.said.iter().all(|fact| fact.key == keys::DEVICE_INSTANCE), "{message:?}");
        assert_eq!(listener.damage.len(), 1, "{message:?}");
    }
}

#[test]
fn probes_by_the_length_of_the_link_layer() {
    let sound = plain(BROADCAST, I_AM_111);
    assert_eq!(probe(&sound), Probe::Yes);
    assert_eq!(probe(&sound[..9]), Probe::Maybe);
    assert_eq!(probe(&[1, 0, 0x10, 8]), Probe::Maybe);
    assert_eq!(probe(&[0x82, 0, 0, 4]), Probe::No);
}
