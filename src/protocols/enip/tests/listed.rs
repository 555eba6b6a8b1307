//! ListIdentity, ListServices, RegisterSession.

use super::*;

/// An answer to ListIdentity whose device believes to be 192.168.1.7.
fn identity_item() -> Vec<u8> {
    [
        &[1, 0][..],         // item count
        &[0x0C, 0, 44, 0],   // identity item, length
        &[1, 0],             // encapsulation version
        &[0, 2, 0xAF, 0x12], // family, port 44818
        &[192, 168, 1, 7],   // address
        &[0; 8],             // zeros
        &nameplate("1756-L71/B"),
        &[3], // state: operational
    ]
    .concat()
}

#[test]
fn says_each_field_of_list_identity_with_its_bytes() {
    let listener = udp(&[(ToClient, message(0x63, 0, &identity_item()))]);
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.2  enip.encapsulation_version = 1 @30+2",
            "10.0.0.2  enip.socket_address = 192.168.1.7:44818 @34+6",
            "10.0.0.2  enip.vendor_id = 1 @48+2",
            "10.0.0.2  enip.device_type = 14 @50+2",
            "10.0.0.2  enip.product_code = 54 @52+2",
            "10.0.0.2  enip.revision = 20.11 @54+2",
            "10.0.0.2  enip.status = 12384 @56+2",
            "10.0.0.2  enip.owned = 0 @56+2",
            "10.0.0.2  enip.configured = 0 @56+2",
            "10.0.0.2  enip.extended_device_status = at least one I/O connection in run mode @56+2",
            "10.0.0.2  enip.faults = none @56+2",
            "10.0.0.2  enip.mode_status = 12384 @56+2",
            "10.0.0.2  enip.serial_number = 00524D8E @58+4",
            "10.0.0.2  enip.product_name = 1756-L71/B @63+10",
            "10.0.0.2  enip.state = 3 @73+1",
        ]
    );
    assert!(listener.damage.is_empty());
}

#[test]
fn an_answer_to_a_broadcast_belongs_to_its_sender_whichever_side_that_is() {
    let listener = udp(&[(ToServer, message(0x63, 0, &identity_item()))]);
    assert!(listener.said.iter().all(|fact| fact.subject.to_string() == "10.0.0.1"));
    assert_eq!(listener.said.len(), 15);
}

#[test]
fn reads_every_item_of_an_answer() {
    let mut items = identity_item();
    items[0] = 3;
    items.extend(b"\x86\x00\x05\x00\x0e\x00\x01\x02\x09"); // CIP Security: profiles, states, ports
    items.extend(b"\x99\x09\x02\x00\xff\xff"); // an item nobody knows
    let listener = udp(&[(ToClient, message(0x63, 0, &items))]);
    assert_eq!(
        facts(&listener)[15..],
        [
            "10.0.0.2  enip.security_profiles = 14",
            "10.0.0.2  enip.security_profile_names = EtherNet/IP Confidentiality, CIP Authorization, \
             CIP User Authentication",
            "10.0.0.2  enip.cip_security_object_state = configuration in progress",
            "10.0.0.2  enip.ethernet_ip_security_object_state = configured",
            "10.0.0.2  enip.open_ports = 44818/tcp, 2221/tcp",
        ]
    );
    assert_eq!(listener.counted, ["enip.unknown_item"]);
}

#[test]
fn requests_say_nothing() {
    let listener = udp(&[(ToServer, message(0x63, 0, b"")), (ToServer, message(0x04, 0, b""))]);
    assert!(listener.said.is_empty() && listener.damage.is_empty());
}

#[test]
fn says_services_and_what_they_can() {
    let service = [
        &[1, 0][..],           // item count
        &[0, 1, 20, 0],        // service item, length
        &[1, 0],               // encapsulation version
        &[0x20, 0x01],         // capability flags
        b"Communications\0\0", // name of service
    ];
    let listener = udp(&[(ToClient, message(0x04, 0, &service.concat()))]);
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.2  enip.encapsulation_version = 1 @30+2",
            "10.0.0.2  enip.capability_flags = 288 @32+2",
            "10.0.0.2  enip.capabilities = CIP over TCP, CIP class 0 and 1 over UDP @32+2",
            "10.0.0.2  enip.service = Communications @34+16",
        ]
    );
}

#[test]
fn the_answer_to_register_session_tells_the_version() {
    let listener = tcp(&[(ToClient, message(0x65, 0, b"\x01\x00\x00\x00"))]);
    assert_eq!(facts(&listener), ["10.0.0.2  enip.encapsulation_version = 1"]);
}
