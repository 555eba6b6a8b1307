//! Messages field by field, and messages cut short.

use super::*;
use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::harness;

const CLIENT: Mac = Mac([0x00, 0x0e, 0x8c, 0xef, 0x75, 0xc5]);

/// A message of 236 bytes: `op`, own and assigned address.
fn fixed(op: u8, ciaddr: [u8; 4], yiaddr: [u8; 4]) -> Vec<u8> {
    let mut message = vec![
        op, 1, 6, 0, // op, htype: Ethernet, hlen, hops
        0x12, 0x34, 0x56, 0x78, // xid
        0, 0, 0, 0, // secs, flags
    ];
    message.extend(ciaddr);
    message.extend(yiaddr);
    message.extend([0; 8]); // siaddr, giaddr
    message.extend(CLIENT.0); // chaddr, then its padding
    message.resize(236, 0); // sname, file
    message
}

fn with_options(mut message: Vec<u8>, options: &[u8]) -> Vec<u8> {
    message.extend([0x63, 0x82, 0x53, 0x63]); // magic cookie
    message.extend(options);
    message
}

fn request(options: &[u8]) -> Vec<u8> {
    with_options(fixed(1, [0; 4], [0; 4]), options)
}

fn read(direction: Direction, message: &[u8]) -> harness::Listener {
    harness::read(&PROTOCOL, true, &[(direction, message)])
}

fn lines(message: &[u8]) -> Vec<String> {
    read(ToServer, message).lines()
}

#[test]
fn a_client_says_who_it_is() {
    let options: &[u8] = &[
        53, 1, 3, // DHCP message type: request
        61, 7, 1, 0x00, 0x0e, 0x8c, 0xef, 0x75, 0xc5, // client identifier: Ethernet
        50, 4, 192, 168, 0, 10, // requested IP address
        12, 4, b'x', b'2', b'0', b'8', // host name
        60, 8, b'M', b'S', b'F', b'T', b' ', b'5', b'.', b'0', // vendor class identifier
        55, 3, 1, 28, 3, // parameter request list
        161, 4, b'h', b't', b't', b'p', // MUD URL
        255,  // end
    ];
    let listener = read(ToServer, &request(options));
    assert_eq!(
        listener.lines(),
        [
            "00:0e:8c:ef:75:c5  dhcp.message_type = DHCPREQUEST @242+1",
            "00:0e:8c:ef:75:c5  dhcp.host_name = x208 @260+4",
            "00:0e:8c:ef:75:c5  dhcp.vendor_class_identifier = MSFT 5.0 @266+8",
            "00:0e:8c:ef:75:c5  dhcp.mud_url = http @281+4",
            "00:0e:8c:ef:75:c5  dhcp.client_identifier = 00:0e:8c:ef:75:c5 @245+7",
            "00:0e:8c:ef:75:c5  dhcp.parameter_request_list = 1,28,3 @276+3",
            "00:0e:8c:ef:75:c5  dhcp.requested_address = 192.168.0.10 @254+4",
        ]
    );
    assert!(listener.damage.is_empty());
}

#[test]
fn an_acknowledgement_binds_the_address_and_names_the_server() {
    let options: &[u8] = &[
        53, 1, 5, // DHCP message type: ack
        54, 4, 192, 168, 0, 1, // server identifier
        12, 3, b'p', b'l', b'c', // host name
        60, 2, b'A', b'P', // vendor class identifier
        255,
    ];
    let message = with_options(fixed(2, [0; 4], [192, 168, 0, 10]), options);
    assert_eq!(
        read(ToClient, &message).lines(),
        [
            "00:0e:8c:ef:75:c5  dhcp.message_type = DHCPACK @242+1",
            "00:0e:8c:ef:75:c5  dhcp.address = 192.168.0.10 @16+4",
            "00:0e:8c:ef:75:c5  dhcp.assigned_host_name = plc @251+3",
            "00:0e:8c:ef:75:c5  dhcp.answered_vendor_class = AP @256+2",
            "192.168.0.1  dhcp.server_identifier = 192.168.0.1 @245+4",
        ]
    );
}

#[test]
fn only_an_address_in_use_is_the_clients() {
    let said = |op, kind, ciaddr, yiaddr| {
        let message = with_options(fixed(op, ciaddr, yiaddr), &[53, 1, kind, 255]);
        let lines = lines(&message);
        lines.get(1).map(|line| line.split("  ").nth(1).unwrap().to_owned())
    };
    let (a, b, none) = ([10, 0, 0, 5], [10, 0, 0, 6], [0; 4]);
    assert_eq!(said(2, 2, none, a).as_deref(), Some("dhcp.offered_address = 10.0.0.5 @16+4"));
    assert_eq!(said(2, 5, a, none).as_deref(), Some("dhcp.address = 10.0.0.5 @12+4"));
    assert_eq!(said(2, 5, a, b).as_deref(), Some("dhcp.address = 10.0.0.6 @16+4"));
    assert_eq!(said(1, 3, a, none).as_deref(), Some("dhcp.address = 10.0.0.5 @12+4"));
    assert_eq!(said(1, 8, a, none).as_deref(), Some("dhcp.address = 10.0.0.5 @12+4"));
    assert_eq!(said(1, 7, a, none), None, "released");
    assert_eq!(said(2, 6, none, a), None, "refused");
    assert_eq!(said(1, 3, [255; 4], none), None, "broadcast");
}

#[test]
fn bootp_without_options_binds_its_address() {
    let message = fixed(2, [0; 4], [10, 1, 1, 7]);
    let listener = read(ToClient, &message);
    assert_eq!(listener.lines(), ["00:0e:8c:ef:75:c5  dhcp.address = 10.1.1.7 @16+4"]);
    assert!(listener.damage.is_empty());
}

#[test]
fn domain_names_in_both_encodings() {
    let ascii: &[u8] = b"\x51\x0b\x00\x00\x00d002465.\xff";
    let labels: &[u8] = b"\x51\x0c\x04\x00\x00\x03plc\x03lan\x00\xff";
    let pointer: &[u8] = b"\x51\x05\x04\x00\x00\xc0\x0c\xff";
    assert_eq!(lines(&request(ascii)), ["00:0e:8c:ef:75:c5  dhcp.client_fqdn = d002465. @245+8"]);
    assert_eq!(lines(&request(labels)), ["00:0e:8c:ef:75:c5  dhcp.client_fqdn = plc.lan @245+9"]);
    assert!(lines(&request(pointer)).is_empty());
}

#[test]
fn client_identifiers_of_every_kind() {
    let value = |identifier: &[u8]| {
        let option = [&[61, u8::try_from(identifier.len()).unwrap()], identifier].concat();
        let lines = lines(&request(&option));
        lines[0].split_once(" = ").unwrap().1.to_owned()
    };
    assert_eq!(value(b"\x00plc-1"), "plc-1 @242+6");
    assert_eq!(value(b"\x01\x00\x0e\x8c\xef\x75\xc5"), "00:0e:8c:ef:75:c5 @242+7");
    assert_eq!(value(b"\xff\x00\x01"), "ff0001 @242+3");
}

#[test]
fn an_option_in_pieces_is_one_option() {
    let options = b"\x0c\x03plc\x35\x01\x01\x0c\x02-1\xff";
    let lines = lines(&request(options));
    assert!(lines[1].ends_with("dhcp.host_name = plc-1 @242+3"), "{lines:?}");
}

#[test]
fn options_overflow_into_file_and_sname() {
    let mut message = request(&[52, 1, 3, 255]); // option overload: both
    message[44..50].copy_from_slice(b"\x0c\x02-2\xff\x00"); // sname: host name, second piece
    message[108..115].copy_from_slice(b"\x0c\x04plc1\xff"); // file: host name, first piece
    assert_eq!(lines(&message), ["00:0e:8c:ef:75:c5  dhcp.host_name = plc1-2 @110+4"]);
    message[242] = 1; // option overload: file only
    assert_eq!(lines(&message), ["00:0e:8c:ef:75:c5  dhcp.host_name = plc1 @110+4"]);
    message[242] = 2; // option overload: sname only
    assert_eq!(lines(&message), ["00:0e:8c:ef:75:c5  dhcp.host_name = -2 @46+2"]);
}

#[test]
fn unknown_message_types_keep_their_number() {
    let lines = lines(&request(&[53, 1, 99, 255]));
    assert_eq!(lines, ["00:0e:8c:ef:75:c5  dhcp.message_type = 99 @242+1"]);
}

#[test]
fn a_client_without_ethernet_address_is_known_by_where_it_sends_from() {
    for (at, value) in [(1, 32), (2, 0), (28, 1)] {
        let mut message = request(&[12, 1, b'x', 255]);
        message[at] = value;
        assert_eq!(lines(&message), ["10.0.0.1  dhcp.host_name = x @242+1"], "byte {at}");
        message[24] = 10; // giaddr: the sender is a relay
        assert!(lines(&message).is_empty(), "byte {at}");
        message[24] = 0;
        message[0] = 2; // op: the sender is a server
        assert!(lines(&message).is_empty(), "byte {at}");
    }
}

#[test]
fn impossible_headers_are_damage() {
    for (at, value) in [(0, 0), (0, 3), (2, 17), (3, 17)] {
        let mut message = request(&[53, 1, 1, 255]);
        message[at] = value;
        let listener = read(ToServer, &message);
        assert!(listener.said.is_empty(), "byte {at}");
        assert_eq!(listener.damage.len(), 1, "byte {at}");
        assert_eq!(probe(&message), Probe::No, "byte {at}");
    }
}

#[test]
fn a_cut_message_keeps_what_came_before_the_cut() {
    let message = request(b"\x35\x01\x01\x0c\x04x208\x3c\x08MSFT 5.0\xff");
    let whole = lines(&message);
    for length in 1..message.len() {
        let cut = read(ToServer, &message[..length]);
        assert!(whole.starts_with(&cut.lines()), "{length}");
        assert!(cut.damage.len() <= 1, "{length}");
    }
}

#[test]
fn probes_by_the_magic_cookie() {
    assert_eq!(probe(&request(&[255])), Probe::Yes);
    assert_eq!(probe(&fixed(1, [0; 4], [0; 4])), Probe::Maybe);
    assert_eq!(probe(&[1, 1, 6, 0]), Probe::No);
}
