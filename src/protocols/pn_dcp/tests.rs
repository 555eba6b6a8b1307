//! Frames field by field, and frames cut short.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::*;
use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::harness;

const CLIENT: &str = "02:00:00:00:00:01";
const SERVER: &str = "02:00:00:00:00:02";

fn read(frames: &[(Direction, &[u8])]) -> harness::Listener {
    harness::read(&PROTOCOL, true, frames)
}

/// A block with its padding.
fn block(option: u8, suboption: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().to_be_bytes();
    let padding = &[0][..value.len() & 1];
    [&[option, suboption][..], &length, value, padding].concat()
}

/// A block that begins with BlockInfo or BlockQualifier.
fn qualified(option: u8, suboption: u8, qualifier: u16, value: &[u8]) -> Vec<u8> {
    block(option, suboption, &[&qualifier.to_be_bytes()[..], value].concat())
}

fn message(frame_id: u16, service: u8, kind: u8, blocks: &[Vec<u8>]) -> Vec<u8> {
    let blocks = blocks.concat();
    let mut frame = frame_id.to_be_bytes().to_vec();
    frame.extend_from_slice(&[service, kind]); // ServiceID, ServiceType
    frame.extend_from_slice(&[0, 0, 1, 1]); // Xid
    frame.extend_from_slice(&[0, 0]); // ResponseDelay
    frame.extend_from_slice(&u16::try_from(blocks.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(&blocks);
    frame
}

const ADDRESSES: &[u8] = &[10, 0, 0, 7, 255, 255, 255, 0, 10, 0, 0, 1];

/// What a frame of the server to the client says beyond whom it is about.
fn told(blocks: &[Vec<u8>]) -> Vec<String> {
    let frame = message(0xfeff, 5, 1, blocks);
    let lines = read(&[(ToClient, &frame)]).lines();
    lines.iter().map(|line| line.replacen(SERVER, "", 1).trim().to_owned()).collect()
}

#[test]
fn an_answer_tells_name_type_numbers_roles_and_addresses() {
    let lines = told(&[
        qualified(2, 1, 0, b"ET200SP"),
        qualified(2, 2, 0, b"io-1"),
        qualified(2, 3, 0, &[0x00, 0x2a, 0x03, 0x13]),
        qualified(2, 4, 0, &[0x03, 0x00]),
        qualified(1, 2, 1, ADDRESSES),
    ]);
    assert_eq!(
        lines,
        [
            "pn_dcp.type_of_station = ET200SP @18+7",
            "pn_dcp.name_of_station = io-1 @32+4",
            "pn_dcp.vendor_id = 42 @42+2",
            "pn_dcp.device_id = 787 @44+2",
            "pn_dcp.device_role = IO device, IO controller @52+1",
            "pn_dcp.ip_state = set @58+2",
            "pn_dcp.ip_address = 10.0.0.7 @60+4",
            "pn_dcp.subnet_mask = 255.255.255.0 @64+4",
            "pn_dcp.gateway = 10.0.0.1 @68+4",
        ]
    );
}

#[test]
fn rarer_options_are_told_too() {
    let suite = [ADDRESSES, &[10, 0, 0, 2, 0, 0, 0, 0]].concat();
    let lines = told(&[
        qualified(1, 1, 0, &[2, 0, 0, 0, 0, 2]),
        qualified(1, 3, 2, &suite),
        qualified(2, 5, 0, &[1, 2, 2, 2]),
        qualified(2, 6, 0, b"port-001.sw"),
        qualified(2, 7, 0, &[0, 100]),
        qualified(2, 8, 0, &[1, 0x1d, 0, 9]),
        qualified(3, 12, 0, b"host"),
    ]);
    let said: Vec<&str> = lines.iter().map(|line| line.split(" @").next().unwrap()).collect();
    assert_eq!(
        said,
        [
            "pn_dcp.mac_address = 02:00:00:00:00:02",
            "pn_dcp.ip_state = set by DHCP",
            "pn_dcp.ip_address = 10.0.0.7",
            "pn_dcp.subnet_mask = 255.255.255.0",
            "pn_dcp.gateway = 10.0.0.1",
            "pn_dcp.dns_server = 10.0.0.2",
            "pn_dcp.device_options = 1.2, 2.2",
            "pn_dcp.alias_name = port-001.sw",
            "pn_dcp.device_instance = 100",
            "pn_dcp.oem_vendor_id = 285",
            "pn_dcp.oem_device_id = 9",
            "pn_dcp.dhcp_host_name = host",
        ]
    );
}

#[test]
fn an_address_that_another_has_too_is_an_event_and_none_at_all_says_nothing() {
    let lines = told(&[qualified(1, 2, 0x81, ADDRESSES)]);
    assert_eq!(lines[1..], ["pn_dcp.address_conflict = 10.0.0.7 @18+4"]);
    assert_eq!(told(&[qualified(1, 2, 0, &[0; 12])]), ["pn_dcp.ip_state = not set @16+2"]);
}

#[test]
fn what_is_looked_for_is_said_of_who_looks() {
    let frame = message(0xfefe, 5, 0, &[block(2, 2, b"drive-1"), block(2, 6, b"port-001.sw")]);
    let listener = read(&[(ToServer, &frame)]);
    assert_eq!(
        listener.lines(),
        [
            format!("{CLIENT}  pn_dcp.sought_name_of_station = drive-1 @16+7"),
            format!("{CLIENT}  pn_dcp.sought_alias_name = port-001.sw @28+11"),
        ]
    );
    assert_eq!(listener.acts(), [1, 0, 0, 0, 0]);
}

#[test]
fn an_order_is_an_attempt_and_its_answer_tells_what_came_of_it() {
    let order = message(0xfefd, 4, 0, &[qualified(2, 2, 1, b"new"), qualified(1, 2, 0, ADDRESSES)]);
    let answer = message(0xfefd, 4, 1, &[block(5, 4, &[2, 2, 0]), block(5, 4, &[1, 2, 5])]);
    let listener = read(&[(ToServer, &order), (ToClient, &answer)]);
    assert_eq!(
        listener.lines(),
        [
            format!("{SERVER}  pn_dcp.assigned_name_of_station = new @18+3"),
            format!("{SERVER}  pn_dcp.attempt = name of station for good by {CLIENT} @12+2"),
            format!("{SERVER}  pn_dcp.assigned_ip_address = 10.0.0.7 @28+4"),
            format!("{SERVER}  pn_dcp.attempt = IP parameter by {CLIENT} @22+2"),
            format!("{SERVER}  pn_dcp.name_change = {CLIENT} @16+3"),
            format!(
                "{SERVER}  pn_dcp.refused = IP parameter: set not possible for local reasons, by {CLIENT} @24+3"
            ),
        ]
    );
    assert_eq!(listener.acts(), [0, 0, 1, 0, 0]);
}

#[test]
fn blinking_and_resetting_is_control() {
    for (suboption, qualifier, said, key) in [
        (3, 0, "signal", "signal"),
        (5, 0, "factory reset", "factory_reset"),
        (6, 8, "reset to factory (all data)", "factory_reset"),
    ] {
        let order = message(0xfefd, 4, 0, &[qualified(5, suboption, qualifier, &[1, 0])]);
        let answer = message(0xfefd, 4, 1, &[block(5, 4, &[5, suboption, 0])]);
        let listener = read(&[(ToServer, &order), (ToClient, &answer)]);
        let lines = listener.lines();
        assert!(lines[0].contains(&format!("pn_dcp.attempt = {said} by {CLIENT}")), "{lines:?}");
        assert!(lines[1].contains(&format!("pn_dcp.{key} = {CLIENT}")), "{lines:?}");
        assert_eq!(listener.acts(), [0, 0, 0, 1, 0]);
    }
}

#[test]
fn a_block_that_is_wrong_inside_costs_only_itself() {
    let frame = message(
        0xfeff,
        5,
        1,
        &[qualified(2, 3, 0, &[0]), block(2, 2, &[0]), qualified(2, 2, 0, b"io")],
    );
    let listener = read(&[(ToClient, &frame)]);
    assert_eq!(listener.damage.len(), 2);
    assert!(listener.lines()[0].contains("pn_dcp.name_of_station = io"));
}

#[test]
fn a_cut_message_says_nothing() {
    let frame = message(0xfeff, 5, 1, &[qualified(2, 2, 0, b"io-1")]);
    for length in 1..frame.len() {
        let listener = read(&[(ToClient, &frame[..length])]);
        assert!(listener.said.is_empty(), "{length}");
    }
}

#[test]
fn data_in_cycles_is_told_once_for_each_sender() {
    let frame = |id: u16| [&id.to_be_bytes()[..], &[0x80; 44]].concat();
    let (ours, theirs) = (frame(0x8001), frame(0x0100));
    let frames = [(ToServer, &ours[..]), (ToServer, &ours), (ToClient, &theirs), (ToServer, &ours)];
    assert_eq!(
        read(&frames).lines(),
        [
            format!("{CLIENT}  pn_dcp.cyclic_data = unicast @0+2"),
            format!("{SERVER}  pn_dcp.cyclic_data = isochronous @0+2"),
        ]
    );
    let several = read(&[(ToServer, &frame(0xf800))]).lines();
    assert!(several[0].contains("multicast"), "{several:?}");
}

#[test]
fn alarms_tell_their_kind_and_place_and_the_end_of_a_connection_its_reason() {
    let alarm: &[u8] = &[
        0xfc, 0x01, // FrameID: high priority
        0, 1, 0, 2, // AlarmDstEndpoint, AlarmSrcEndpoint
        0x11, 0x11, // PDUType: data, AddFlags
        0, 0, 0xff, 0xff, // SendSeqNum, AckSeqNum
        0, 16, // VarPartLen
        0, 1, 0, 12, 1, 0, // BlockType, BlockLength, BlockVersion
        0, 3, // AlarmType: pull
        0, 0, 0, 0, // API
        0, 4, 0, 1, // SlotNumber, SubslotNumber
    ];
    assert_eq!(
        read(&[(ToClient, alarm)]).lines(),
        [format!("{SERVER}  pn_dcp.alarm = pull: slot 4 subslot 1 @20+10")]
    );
    let error = &[0xfe, 1, 0, 1, 0, 2, 0x14, 1, 0, 0, 0, 0, 0, 4, 0xcf, 0x81, 0xfd, 0x0f];
    assert_eq!(
        read(&[(ToClient, error)]).lines(),
        [format!("{SERVER}  pn_dcp.connection_aborted = cf81fd0f @14+4")]
    );
    for length in 1..alarm.len() {
        assert!(read(&[(ToClient, &alarm[..length])]).said.is_empty(), "{length}");
    }
}

#[test]
fn the_master_of_the_clock_and_who_measures_lines() {
    let mut sync = vec![0x00, 0x80];
    sync.extend_from_slice(&[0; 20]); // PTCP_Header
    sync.extend_from_slice(&[0x02, 22]); // Subdomain, 22 bytes
    sync.extend_from_slice(&[2, 0, 0, 0, 0, 9]); // MasterSourceAddress
    sync.extend_from_slice(&[0xab; 16]); // SubdomainUUID
    sync.extend_from_slice(&[0, 0]); // end
    assert_eq!(
        read(&[(ToServer, &sync)]).lines(),
        [
            format!("{CLIENT}  pn_dcp.sync_master = 02:00:00:00:00:09 @24+6"),
            format!(
                "{CLIENT}  pn_dcp.sync_subdomain = abababab-abab-abab-abab-abababababab @30+16"
            ),
            format!("{CLIENT}  pn_dcp.ptcp_role = sync master @0+2"),
        ]
    );
    let lines = read(&[(ToServer, &[0xff, 0x40, 0, 0])]).lines();
    assert!(lines[0].contains("pn_dcp.ptcp_role = measures line delays"), "{lines:?}");
}

#[test]
fn probes_by_the_frame_id() {
    for known in [0x0020_u16, 0x0100, 0x8000, 0xfbff, 0xfc01, 0xfe01, 0xfefc, 0xfeff, 0xff43] {
        assert_eq!(probe(&known.to_be_bytes()), Probe::Maybe, "{known:#x}");
    }
    for unknown in [0x0000_u16, 0xfc00, 0xfeff + 5, 0xffff] {
        assert_eq!(probe(&unknown.to_be_bytes()), Probe::No, "{unknown:#x}");
    }
    assert_eq!(probe(&[0xfe]), Probe::More);
}
