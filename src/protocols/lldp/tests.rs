//! Frames field by field, and frames cut short.

use super::*;
use crate::flow::Direction::ToServer;
use crate::protocols::harness;

const NODE: &str = "02:00:00:00:00:01";

/// A TLV from its type and value.
fn tlv_of(kind: u8, value: &[u8]) -> Vec<u8> {
    let head = (u16::from(kind) << 9) | u16::try_from(value.len()).unwrap();
    [&head.to_be_bytes()[..], value].concat()
}

fn read(tlvs: &[(u8, &[u8])]) -> harness::Listener {
    let frame: Vec<u8> = tlvs.iter().flat_map(|(kind, value)| tlv_of(*kind, value)).collect();
    harness::read(&PROTOCOL, true, &[(ToServer, &frame)])
}

const CHASSIS: (u8, &[u8]) = (1, b"\x07plc-1");
const PORT: (u8, &[u8]) = (2, b"\x07port-001");
const TIME_TO_LIVE: (u8, &[u8]) = (3, b"\x00\x14");
const END: (u8, &[u8]) = (0, b"");

/// What a frame with these TLVs behind the mandatory ones says beyond them.
fn beyond(tlvs: &[(u8, &[u8])]) -> Vec<String> {
    let all = [&[CHASSIS, PORT, TIME_TO_LIVE], tlvs, &[END]].concat();
    let lines = read(&all).lines();
    lines[2..].iter().map(|line| line.replacen(NODE, "", 1).trim().to_owned()).collect()
}

#[test]
fn mandatory_identifiers_are_names_where_the_subtype_says_so() {
    let listener = read(&[CHASSIS, PORT, TIME_TO_LIVE, END]);
    assert_eq!(
        listener.lines(),
        [
            "02:00:00:00:00:01  lldp.chassis_id = plc-1 @3+5",
            "02:00:00:00:00:01  lldp.port_id = port-001 @11+8",
        ]
    );
    assert!(listener.damage.is_empty());
}

#[test]
fn identifiers_are_addresses_where_the_subtype_says_so() {
    let chassis: &[u8] = &[
        4, // chassis ID subtype: MAC address
        0x00, 0x04, 0x96, 0x1f, 0xa7, 0x26,
    ];
    let port: &[u8] = &[
        4, // port ID subtype: network address
        1, // address family: IPv4
        192, 0, 2, 7,
    ];
    let lines = read(&[(1, chassis), (2, port)]).lines();
    assert!(lines[0].ends_with("lldp.chassis_id = 00:04:96:1f:a7:26 @3+6"), "{lines:?}");
    assert!(lines[1].ends_with("lldp.port_id = 192.0.2.7 @13+4"), "{lines:?}");
}

#[test]
fn identifiers_that_are_neither_stay_bytes() {
    let lines = read(&[(1, b"\x07\x00\x01\xff"), (2, b"\x03\x00\x04")]).lines();
    assert!(lines[0].ends_with("lldp.chassis_id = 0001ff @3+3"), "{lines:?}");
    assert!(lines[1].ends_with("lldp.port_id = 0004 @9+2"), "{lines:?}");
}

#[test]
fn names_and_descriptions_lose_their_padding() {
    assert_eq!(
        beyond(&[(4, b"Port 1001\0"), (5, b"Summit300-48"), (6, b"Version 7.4e.1 (Build 5)")]),
        [
            "lldp.port_description = Port 1001 @25+10",
            "lldp.system_name = Summit300-48 @37+12",
            "lldp.system_description = Version 7.4e.1 (Build 5) @51+24",
        ]
    );
}

#[test]
fn capabilities_are_a_bit_map_and_the_names_of_those_enabled() {
    assert_eq!(
        beyond(&[(7, &[0x00, 0x94, 0x00, 0x14])]),
        [
            "lldp.system_capabilities = 148 @25+2",
            "lldp.enabled_capabilities = bridge, router @27+2",
        ]
    );
}

#[test]
fn management_addresses_of_every_family() {
    let ipv4: &[u8] = &[
        5, 1, // length, family
        192, 168, 3, 8, // address
        2, 0, 0, 0, 1, // interface numbering subtype, interface number
        2, 0x2b, 0x06, // object identifier: length, value
    ];
    let ipv6: &[u8] = b"\x11\x02\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01";
    let mac: &[u8] = b"\x07\x06\x00\x01\x30\xf9\xad\xa0";
    let other: &[u8] = b"\x03\x0f\xab\xcd";
    assert_eq!(
        beyond(&[(8, ipv4), (8, ipv6), (8, mac), (8, other)]),
        [
            "lldp.management_address = 192.168.3.8 @27+4",
            "lldp.management_address = fe80::1 @43+16",
            "lldp.management_address = 00:01:30:f9:ad:a0 @63+6",
            "lldp.management_address = abcd @73+2",
        ]
    );
}

#[test]
fn profinet_ports_and_chassis() {
    assert_eq!(
        beyond(&[
            (127, b"\x00\x0e\xcf\x02\x00\x00\x00\x01"),
            (127, b"\x00\x0e\xcf\x05\x00\x1c\x06\x13\x26\xe6"),
        ]),
        [
            "lldp.profinet_rt_class_2_port_status = 0 @29+2",
            "lldp.profinet_rt_class_3_port_status = 1 @31+2",
            "lldp.profinet_chassis_mac = 00:1c:06:13:26:e6 @39+6",
        ]
    );
}

#[test]
fn the_inventory_of_lldp_med() {
    let texts: Vec<Vec<u8>> = (5..=11)
        .map(|subtype| [&[0x00, 0x12, 0xbb, subtype][..], b"value ", &[b'0' + subtype]].concat())
        .collect();
    let tlvs: Vec<(u8, &[u8])> = texts.iter().map(|text| (127, &text[..])).collect();
    let keys: Vec<String> =
        beyond(&tlvs).iter().map(|line| line.split(" @").next().unwrap().to_owned()).collect();
    assert_eq!(
        keys,
        [
            "lldp.med_hardware_revision = value 5",
            "lldp.med_firmware_revision = value 6",
            "lldp.med_software_revision = value 7",
            "lldp.med_serial_number = value 8",
            "lldp.med_manufacturer_name = value 9",
            "lldp.med_model_name = value :",
            "lldp.med_asset_id = value ;",
        ]
    );
}

#[test]
fn maximum_frame_size_and_unknown_organizations() {
    assert_eq!(
        beyond(&[(127, b"\x00\x80\xc3\x01\x01\xe8"), (127, b"\x00\x12\x0f\x04\x05\xf2")]),
        ["lldp.maximum_frame_size = 1522 @37+2"]
    );
}

#[test]
fn vlans_and_transceivers_of_the_port() {
    assert_eq!(
        beyond(&[
            (127, b"\x00\x80\xc2\x01\x00\x1f"),
            (127, b"\x00\x80\xc2\x01\x00\x00"),
            (127, b"\x00\x80\xc2\x03\x00\x1f\x07control"),
            (127, b"\x00\x12\x0f\x01\x03\x6c\x03\x00\x10"),
        ]),
        [
            "lldp.port_vlan_id = 31 @29+2",
            "lldp.vlan_name = 31: control @45+10",
            "lldp.mau_type = 16 @64+2",
        ]
    );
}

#[test]
fn profinet_rings_clocks_cables_and_aliases() {
    let delay = [&b"\x00\x0e\xcf\x01"[..], &[0; 16], &[0, 0, 0x01, 0x7b]].concat();
    let ring = [&b"\x00\x0e\xcf\x04"[..], &[0xff; 16], &[0, 1]].concat();
    assert_eq!(
        beyond(&[
            (127, &delay),
            (127, b"\x00\x0e\xcf\x03port-001.plc-7"),
            (127, &ring),
            (127, b"\x00\x0e\xcf\x06\x00\x1b\x1b\x20\x05\x01"),
        ]),
        [
            "lldp.profinet_cable_delay = 300 @45+4",
            "lldp.profinet_alias = port-001.plc-7 @55+14",
            "lldp.profinet_mrp_domain = ffffffff-ffff-ffff-ffff-ffffffffffff @75+16",
            "lldp.profinet_ptcp_master = 00:1b:1b:20:05:01 @99+6",
        ]
    );
}

#[test]
fn sorts_of_lldp_med_devices() {
    assert_eq!(
        beyond(&[(127, b"\x00\x12\xbb\x01\x00\x33\x04"), (127, b"\x00\x12\xbb\x01\x00\x33\x09")]),
        ["lldp.med_device_type = network connectivity @31+1"]
    );
}

#[test]
fn descriptions_of_several_lines_are_text() {
    assert_eq!(
        beyond(&[(6, b"Cisco IOS Software\nTechnical Support")]),
        ["lldp.system_description = Cisco IOS Software\nTechnical Support @25+36"]
    );
}

#[test]
fn a_tlv_that_is_wrong_inside_costs_only_itself() {
    let listener =
        read(&[CHASSIS, PORT, TIME_TO_LIVE, (7, b"\x00"), (8, b"\xff\x01"), (5, b"name"), END]);
    assert_eq!(listener.damage.len(), 2);
    assert!(listener.lines()[2].contains("lldp.system_name = name"));
}

#[test]
fn nothing_behind_the_end_is_read() {
    let listener = read(&[CHASSIS, PORT, TIME_TO_LIVE, END, (5, b"trailer")]);
    assert_eq!(listener.said.len(), 2);
}

#[test]
fn a_frame_that_does_not_start_with_its_chassis_says_nothing() {
    for frame in [&[PORT, CHASSIS][..], &[(1, b"\x07"), PORT], &[END]] {
        let listener = read(frame);
        assert!(listener.said.is_empty());
        assert_eq!(listener.damage.len(), 1);
    }
}

#[test]
fn a_cut_frame_keeps_what_came_before_the_cut() {
    let frame: Vec<u8> =
        [CHASSIS, PORT, TIME_TO_LIVE, (5, b"name"), (8, b"\x05\x01\xc0\xa8\x03\x08"), END]
            .iter()
            .flat_map(|(kind, value)| tlv_of(*kind, value))
            .collect();
    let whole = harness::read(&PROTOCOL, true, &[(ToServer, &frame)]).lines();
    for length in 1..frame.len() {
        let cut = harness::read(&PROTOCOL, true, &[(ToServer, &frame[..length])]);
        assert!(whole.starts_with(&cut.lines()), "{length}");
        assert!(cut.damage.len() <= 1, "{length}");
    }
}

#[test]
fn probes_by_the_first_tlv() {
    let frame = tlv_of(CHASSIS.0, CHASSIS.1);
    assert_eq!(probe(&frame), Probe::Maybe);
    assert_eq!(probe(&frame[..4]), Probe::More);
    assert_eq!(probe(&tlv_of(2, b"\x07x")), Probe::No);
}
