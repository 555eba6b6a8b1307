//! Connections, and which reply answers which request.

use super::*;

/// A Forward_Open from vendor 0x004D, serial number 0x12345678, along `path`.
pub(super) fn open(path: &[u8]) -> Vec<u8> {
    let data = [
        &[0x0A, 0x0E][..],         // tick time, ticks
        &[0, 0, 0, 0],             // O→T connection: the target will choose
        &[0xB2, 0xB2, 0, 0],       // T→O connection
        &[0x11, 0x22],             // connection serial number
        &[0x4D, 0x00],             // originator vendor ID
        &[0x78, 0x56, 0x34, 0x12], // originator serial number
        &[1, 0, 0, 0],             // time-out multiplier, reserved
        &[0x80, 0x84, 0x1E, 0],    // O→T RPI: 2,000,000 µs
        &[0xF8, 0x43],             // O→T parameters
        &[0x40, 0x42, 0x0F, 0],    // T→O RPI: 1,000,000 µs
        &[0xF8, 0x43],             // T→O parameters
        &[0xA3],                   // transport: class 3, server
        &[u8::try_from(path.len() / 2).unwrap()],
        path,
    ];
    request(0x54, b"\x20\x06\x24\x01", &data.concat())
}

pub(super) fn opened() -> Vec<u8> {
    let data = [
        &[0xA1, 0xA1, 0, 0][..], // O→T connection
        &[0xB2, 0xB2, 0, 0],     // T→O connection
        &[0x11, 0x22, 0x4D, 0, 0x78, 0x56, 0x34, 0x12],
        &[0x80, 0x84, 0x1E, 0], // O→T API
        &[0x40, 0x42, 0x0F, 0], // T→O API
        &[0, 0],                // application reply size, reserved
    ];
    reply(0x54, 0, &data.concat())
}

#[test]
fn a_message_on_a_connection_takes_its_route() {
    let path = b"\x01\x00\x20\x02\x24\x01";
    let mut talk = asked(&open(path), &opened()).to_vec();
    talk.push((ToServer, connected(0xA1A1, 7, &request(1, IDENTITY, b""))));
    talk.push((ToClient, connected(0xB2B2, 7, &reply(1, 0, &nameplate("1756-L71/B")))));
    let said = facts(&tcp(&talk));
    let opening = [
        "10.0.0.1  enip.originator_vendor_id = 77",
        "10.0.0.1  enip.originator_serial_number = 12345678",
        "10.0.0.1  enip.role = originator",
        "10.0.0.2 slot 0  enip.originator_to_target_rpi = 2000000",
        "10.0.0.2 slot 0  enip.originator_to_target_size = 504",
        "10.0.0.2 slot 0  enip.target_to_originator_rpi = 1000000",
        "10.0.0.2 slot 0  enip.target_to_originator_size = 504",
        "10.0.0.2 slot 0  enip.connection_timeout_multiplier = 8",
        "10.0.0.2 slot 0  enip.role = target",
    ];
    assert_eq!(said[..9], opening);
    assert_eq!(said[9..], said_of("10.0.0.2 slot 0", "1756-L71/B"));
}

#[test]
fn a_closed_connection_is_unknown() {
    let close = b"\x0a\x0e\x11\x22\x4d\x00\x78\x56\x34\x12\x03\x00\x01\x00\x20\x02\x24\x01";
    let closed = b"\x11\x22\x4d\x00\x78\x56\x34\x12\x00\x00";
    let mut talk = asked(&open(b"\x01\x00\x20\x02\x24\x01"), &opened()).to_vec();
    talk.extend(asked(&request(0x4E, b"\x20\x06\x24\x01", close), &reply(0x4E, 0, closed)));
    talk.push((ToServer, connected(0xA1A1, 7, &request(1, IDENTITY, b""))));
    talk.push((ToClient, connected(0xB2B2, 7, &reply(1, 0, &nameplate("X")))));
    let listener = tcp(&talk);
    assert_eq!(facts(&listener).len(), 9);
    assert_eq!(listener.counted, ["enip.connection_unknown"; 2]);
}

#[test]
fn a_connection_opened_before_the_capture_says_nothing() {
    let listener = tcp(&[
        (ToServer, connected(0xA1A1, 7, &request(1, IDENTITY, b""))),
        (ToClient, connected(0xB2B2, 7, &reply(1, 0, &nameplate("X")))),
    ]);
    assert!(listener.said.is_empty());
    assert_eq!(listener.counted, ["enip.connection_unknown"; 2]);
}

#[test]
fn what_an_electronic_key_expects_is_never_what_is_there() {
    // Slot 2: vendor 1, device type 7, any product, revision 3.1 or compatible.
    let path = b"\x01\x02\x34\x04\x01\x00\x07\x00\x00\x00\x83\x01\x20\x04\x24\x65\x2c\x02";
    let listener = tcp(&[(ToServer, unconnected(1, &open(path)))]);
    let lines = listener.lines();
    assert_eq!(
        lines[3..7],
        [
            "10.0.0.2 slot 2  enip.expected_vendor_id = 1 @86+2",
            "10.0.0.2 slot 2  enip.expected_device_type = 7 @88+2",
            "10.0.0.2 slot 2  enip.expected_revision = 3.1 @92+2",
            "10.0.0.2 slot 2  enip.expected_compatible = 1 @92+1",
        ]
    );
    assert!(!lines.iter().any(|line| line.contains(" enip.revision")));
    let about_others: Vec<_> = listener.said.iter().filter(|o| o.subject.unit.is_some()).collect();
    assert!(about_others.iter().all(|fact| fact.mac.is_none()));
}

#[test]
fn connections_to_other_objects_carry_no_services() {
    let mut talk = asked(&open(b"\x01\x00\x20\x67\x24\x01"), &opened()).to_vec();
    talk.push((ToServer, connected(0xA1A1, 7, &request(1, IDENTITY, b""))));
    let listener = tcp(&talk);
    assert_eq!(listener.counted, ["enip.connection_not_explicit"]);
}

#[test]
fn a_reply_without_its_request_says_nothing() {
    let listener = tcp(&[(ToClient, unconnected(1, &reply(1, 0, &nameplate("X"))))]);
    assert!(listener.said.is_empty());
    assert_eq!(listener.counted, ["enip.reply_without_request"]);
}

#[test]
fn replies_with_one_context_answer_in_order() {
    let slot = |slot| unconnected(9, &sent(&request(1, IDENTITY, b""), &[1, slot]));
    let answer = |name| unconnected(9, &reply(1, 0, &nameplate(name)));
    let listener = tcp(&[
        (ToServer, [slot(4), slot(5)].concat()),
        (ToClient, [answer("four"), answer("five")].concat()),
    ]);
    let expected = [said_of("10.0.0.2 slot 4", "four"), said_of("10.0.0.2 slot 5", "five")];
    assert_eq!(facts(&listener), expected.concat());
}

#[test]
fn replies_with_contexts_of_their_own_answer_in_any_order() {
    let ask = |context, slot| unconnected(context, &sent(&request(1, IDENTITY, b""), &[1, slot]));
    let answer = |context, name| unconnected(context, &reply(1, 0, &nameplate(name)));
    let listener = tcp(&[
        (ToServer, ask(1, 4)),
        (ToServer, ask(2, 5)),
        (ToClient, answer(2, "five")),
        (ToClient, answer(1, "four")),
    ]);
    let expected = [said_of("10.0.0.2 slot 5", "five"), said_of("10.0.0.2 slot 4", "four")];
    assert_eq!(facts(&listener), expected.concat());
}

#[test]
fn a_copied_request_does_not_wait_for_the_next_reply() {
    let ask = |slot| unconnected(9, &sent(&request(1, IDENTITY, b""), &[1, slot]));
    let answer = |name| unconnected(9, &reply(1, 0, &nameplate(name)));
    let listener = udp(&[
        (ToServer, ask(4)),
        (ToServer, ask(4)),
        (ToClient, answer("four")),
        (ToServer, ask(5)),
        (ToClient, answer("five")),
    ]);
    let expected = [said_of("10.0.0.2 slot 4", "four"), said_of("10.0.0.2 slot 5", "five")];
    assert_eq!(facts(&listener), expected.concat());
}

#[test]
fn a_refused_service_says_nothing() {
    let listener = tcp(&asked(&request(1, IDENTITY, b""), &reply(1, 8, &nameplate("X"))));
    assert!(listener.said.is_empty());
    assert_eq!(listener.counted, ["enip.service_refused"]);
}
