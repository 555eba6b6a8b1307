//! Slots that were asked in vain.

use super::*;

/// The failure of an Unconnected Send: extended status, words of the route that were left.
fn failure(extended: u16, remaining: u8) -> Vec<u8> {
    [&[0xD2, 0, 0x01, 1][..], &extended.to_le_bytes(), &[remaining, 0]].concat()
}

fn told(route: &[u8], failure: &[u8]) -> Vec<String> {
    facts(&tcp(&asked(&sent(&request(1, IDENTITY, b""), route), failure)))
}

#[test]
fn a_slot_is_empty_when_the_bridge_says_that_its_link_has_no_such_address() {
    let listener = tcp(&asked(&sent(&request(1, IDENTITY, b""), b"\x01\x06"), &failure(0x0312, 1)));
    assert_eq!(listener.lines(), ["10.0.0.2  enip.empty_slot = 6 @44+3"]);
    assert_eq!(listener.counted, ["enip.route_failed"]);
}

#[test]
fn a_slot_that_does_not_answer_is_silent_not_empty() {
    assert_eq!(told(b"\x01\x06", &failure(0x0204, 1)), ["10.0.0.2  enip.silent_slot = 6"]);
}

#[test]
fn other_failures_tell_nothing_of_a_slot() {
    for extended in [0x0311, 0x0315, 0x0318, 0x0203] {
        assert!(told(b"\x01\x06", &failure(extended, 1)).is_empty());
    }
    let refused = [0xD2, 0, 0x08, 0]; // service not supported
    assert!(told(b"\x01\x06", &refused).is_empty());
}

#[test]
fn the_words_left_of_the_route_name_the_hop_that_failed() {
    // Slot 2, an address behind it, slot 9 there: 1, 7 and 1 words.
    let route = b"\x01\x02\x12\x0b192.168.1.7\x00\x01\x09";
    let far = ["10.0.0.2 slot 2 / 192.168.1.7  enip.empty_slot = 9"];
    assert_eq!(told(route, &failure(0x0312, 1)), far);
    assert_eq!(told(route, &failure(0x0312, 9)), ["10.0.0.2  enip.empty_slot = 2"]);
    // An address of an IP network is no slot; a number of words that no hop begins at tells nothing.
    assert!(told(route, &failure(0x0312, 8)).is_empty());
    assert!(told(route, &failure(0x0312, 5)).is_empty());
}

#[test]
fn a_connection_to_an_empty_slot_tells_the_same() {
    // Nothing but zeros to the parameters from originator to target: point-to-point, 504 bytes.
    let open =
        [&[0; 26][..], &[0xF8, 0x43], &[0; 6], &[0xA3, 3, 0x01, 0x05, 0x20, 0x02, 0x24, 0x01]]
            .concat();
    // Status, its word; connection serial number, originator vendor and serial number, words left, reserved.
    let failed = [&[0xD4, 0, 0x01, 1, 0x12, 0x03][..], &[0; 8], &[3, 0]].concat();
    let listener = tcp(&asked(&request(0x54, b"\x20\x06\x24\x01", &open), &failed));
    assert_eq!(facts(&listener).last().unwrap(), "10.0.0.2  enip.empty_slot = 5");
}
