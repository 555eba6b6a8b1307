//! Packets field by field, and packets cut short.

use super::*;
use crate::flow::Direction::ToServer;
use crate::protocols::harness;

const NODE: &str = "02:00:00:00:00:01";

fn tlv_of(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len() + 4).unwrap();
    [&kind.to_be_bytes()[..], &length.to_be_bytes(), value].concat()
}

fn packet_of(tlvs: &[(u16, &[u8])]) -> Vec<u8> {
    let body: Vec<u8> = tlvs.iter().flat_map(|(kind, value)| tlv_of(*kind, value)).collect();
    [&[2, 180, 0x12, 0x34][..], &body].concat()
}

fn read(packet: &[u8]) -> harness::Listener {
    harness::read(&PROTOCOL, true, &[(ToServer, packet)])
}

/// What a packet says beyond its version.
fn beyond(tlvs: &[(u16, &[u8])]) -> Vec<String> {
    let lines = read(&packet_of(tlvs)).lines();
    assert_eq!(lines[0], "02:00:00:00:00:01  cdp.version = 2 @0+1");
    lines[1..].iter().map(|line| line.replacen(NODE, "", 1).trim().to_owned()).collect()
}

#[test]
fn names_platform_and_software_are_text_of_several_lines() {
    assert_eq!(
        beyond(&[
            (1, b"SW-7.plant.example"),
            (3, b"GigabitEthernet1/1"),
            (5, b"Cisco IOS Software, IE4000\nTechnical Support"),
            (6, b"cisco IE-4000-8GT4G-E"),
        ]),
        [
            "cdp.device_id = SW-7.plant.example @8+18",
            "cdp.port_id = GigabitEthernet1/1 @30+18",
            "cdp.software_version = Cisco IOS Software, IE4000\nTechnical Support @52+44",
            "cdp.platform = cisco IE-4000-8GT4G-E @100+21",
        ]
    );
}

#[test]
fn capabilities_and_vlans() {
    assert_eq!(
        beyond(&[(4, &[0, 0, 0, 0x29]), (9, b"PLANT"), (10, &[0, 31])]),
        [
            "cdp.capabilities = router, switch, IGMP capable @8+4",
            "cdp.vtp_domain = PLANT @16+5",
            "cdp.native_vlan = 31 @25+2",
        ]
    );
}

#[test]
fn addresses_of_both_families_and_of_others() {
    let addresses: &[u8] = &[
        0, 0, 0, 3, // number of addresses
        1, 1, 0xcc, 0, 4, 10, 20, 18, 1, // NLPID, IPv4
        2, 8, 0xaa, 0xaa, 3, 0, 0, 0, 0x86, 0xdd, 0, 16, // 802.2, IPv6
        0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, //
        1, 1, 0x81, 0, 2, 0xab, 0xcd, // CLNS
    ];
    assert_eq!(
        beyond(&[(2, addresses), (0x16, &[0, 0, 0, 1, 1, 1, 0xcc, 0, 4, 10, 20, 18, 2])]),
        [
            "cdp.address = 10.20.18.1 @17+4",
            "cdp.address = fe80::1 @33+16",
            "cdp.address = abcd @54+2",
            "cdp.management_address = 10.20.18.2 @69+4",
        ]
    );
}

#[test]
fn object_identifiers_and_locations_have_bytes_in_front() {
    let oid: &[u8] = b"\x06\x09\x2b\x06\x01\x04\x01\x09\x01\x91\x22";
    assert_eq!(
        beyond(&[(0x14, b"SW-7"), (0x15, oid), (0x17, b"\0Hall 7")]),
        [
            "cdp.system_name = SW-7 @8+4",
            "cdp.system_object_id = 1.3.6.1.4.1.9.1.2210 @16+11",
            "cdp.location = Hall 7 @32+6",
        ]
    );
    assert_eq!(beyond(&[(0x15, b"\x2b\x06")]), [""; 0]);
}

#[test]
fn a_tlv_that_is_wrong_inside_costs_only_itself() {
    let listener = read(&packet_of(&[(4, &[0]), (2, &[0, 0, 0, 9]), (1, b"SW-7")]));
    assert_eq!(listener.damage.len(), 2);
    assert!(listener.lines()[1].contains("cdp.device_id = SW-7"));
}

#[test]
fn addresses_beyond_the_cap_are_counted() {
    let listener = read(&packet_of(&[(2, &[0xff, 0xff, 0xff, 0xff])]));
    assert_eq!((listener.counted.len(), listener.damage.len()), (1, 1));
}

#[test]
fn a_cut_packet_keeps_what_came_before_the_cut() {
    let packet = packet_of(&[(1, b"SW-7"), (6, b"cisco 1601")]);
    let whole = read(&packet).lines();
    for length in 1..packet.len() {
        let cut = read(&packet[..length]);
        assert!(whole.starts_with(&cut.lines()), "{length}");
        assert!(cut.damage.len() <= 1, "{length}");
    }
}

#[test]
fn other_versions_and_impossible_lengths_say_nothing() {
    for packet in [&b"\x03\xb4\0\0\0\x01\0\x05x"[..], b"\x02\xb4\0\0\0\x01\0\x03x"] {
        let listener = read(packet);
        assert!(listener.said.is_empty());
        assert_eq!(listener.damage.len(), 1);
    }
}

#[test]
fn probes_by_version_and_first_type() {
    assert_eq!(probe(&packet_of(&[(1, b"x")])), Probe::Maybe);
    assert_eq!(probe(b"\x02\xb4"), Probe::More);
    assert_eq!(probe(b"\x07\xb4\0\0\0"), Probe::No);
}
