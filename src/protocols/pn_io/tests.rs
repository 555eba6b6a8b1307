//! Calls field by field, in parts, and damaged.
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use uuid::Uuid;

use super::*;
use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::harness;

const REQUEST: u8 = 0;
const RESPONSE: u8 = 2;

fn listen(datagrams: &[(Direction, Vec<u8>)]) -> harness::Listener {
    let shown: Vec<(Direction, &[u8])> =
        datagrams.iter().map(|(direction, bytes)| (*direction, &bytes[..])).collect();
    harness::read(&PROTOCOL, true, &shown)
}

/// One datagram in little-endian order; `part` is its number, and whether it is the last one.
fn datagram(kind: u8, operation: u16, part: Option<(u16, bool)>, body: &[u8]) -> Vec<u8> {
    let flags = match part {
        None => 0x20,
        Some((_, false)) => 0x04,
        Some((_, true)) => 0x06,
    };
    let mut bytes = vec![4, kind, flags, 0, 0x10, 0, 0, 0];
    let object = Uuid::from_u128(0xdea00000_6c97_11d1_8271_00010313002a);
    bytes.extend_from_slice(&object.to_bytes_le());
    bytes.extend_from_slice(&Uuid::from_u128(DEVICE).to_bytes_le());
    bytes.extend_from_slice(&[7; 16]); // activity
    bytes.extend_from_slice(&[0; 12]); // server_boot, if_vers, seqnum
    bytes.extend_from_slice(&operation.to_le_bytes());
    bytes.extend_from_slice(&[0xff; 4]); // ihint, ahint
    bytes.extend_from_slice(&u16::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(&part.map_or(0, |(number, _)| number).to_le_bytes());
    bytes.extend_from_slice(&[0, 0]); // auth_proto, serial_lo
    bytes.extend_from_slice(body);
    bytes
}

/// NDR around blocks: ArgsMaximum or PNIOStatus, ArgsLength, MaximumCount, Offset, ActualCount.
fn stub(first: u32, blocks: &[u8]) -> Vec<u8> {
    let length = u32::try_from(blocks.len()).unwrap();
    let head = [first, length, 4_000, 0, length].map(u32::to_le_bytes).concat();
    [&head[..], blocks].concat()
}

fn block(kind: u16, low: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap();
    [&kind.to_be_bytes()[..], &length.to_be_bytes(), &[1, low], body].concat()
}

/// The header of a record, with the status that the answer to Write ends with.
fn header(
    kind: u16,
    (slot, subslot): (u16, u16),
    index: u16,
    length: usize,
    status: u32,
) -> Vec<u8> {
    let mut body = vec![0; 22]; // SeqNumber, ARUUID, API
    body.extend_from_slice(&slot.to_be_bytes());
    body.extend_from_slice(&subslot.to_be_bytes());
    body.extend_from_slice(&[0, 0]); // Padding
    body.extend_from_slice(&index.to_be_bytes());
    body.extend_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
    body.extend_from_slice(&[0; 4]); // AdditionalValue1, AdditionalValue2
    body.extend_from_slice(&status.to_be_bytes());
    body.extend_from_slice(&[0; 16]);
    block(kind, 0, &body)
}

/// The answer to Read that brings a record of a slot.
fn record(place: (u16, u16), index: u16, record: &[u8]) -> Vec<u8> {
    let blocks = [&header(0x8009, place, index, record.len(), 0)[..], record].concat();
    datagram(RESPONSE, READ_IMPLICIT, None, &stub(0, &blocks))
}

/// What answers say, without the numbers of the object that answers.
fn said(answers: &[Vec<u8>]) -> Vec<String> {
    let answers: Vec<_> = answers.iter().map(|answer| (ToClient, answer.clone())).collect();
    let lines = listen(&answers).lines();
    let is_of_object =
        |line: &String| [" @18+2", " @20+2", " @22+2"].iter().any(|place| line.ends_with(place));
    let lines = lines.into_iter().filter(|line| !is_of_object(line));
    lines.map(|line| line.split(" @").next().unwrap().to_owned()).collect()
}

fn im0() -> Vec<u8> {
    let mut body = vec![0x00, 0x2a]; // VendorID
    body.extend_from_slice(b"6ES7 155-6AU01-0BN0 "); // OrderID
    body.extend_from_slice(b"S C-J5UN01234   "); // IM_Serial_Number
    body.extend_from_slice(&[0, 3]); // IM_Hardware_Revision
    body.extend_from_slice(b"V\x04\x02\x00"); // IM_Software_Revision
    body.extend_from_slice(&[0, 7]); // IM_Revision_Counter
    body.extend_from_slice(&[0xf6, 0, 0, 3]); // IM_Profile_ID, IM_Profile_Specific_Type
    body.extend_from_slice(&[1, 1, 0, 0x1e]); // IM_Version, IM_Supported
    block(0x0020, 0, &body)
}

#[test]
fn identification_of_the_device_is_said_of_it() {
    let listener = listen(&[(ToClient, record((0, 1), 0xaff0, &im0()))]);
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.2  pn_io.device_instance = 1 @18+2",
            "10.0.0.2  pn_io.device_id = 787 @20+2",
            "10.0.0.2  pn_io.vendor_id = 42 @22+2",
            "10.0.0.2  pn_io.vendor_id = 42 @170+2",
            "10.0.0.2  pn_io.order_id = 6ES7 155-6AU01-0BN0 @172+20",
            "10.0.0.2  pn_io.serial_number = S C-J5UN01234 @192+16",
            "10.0.0.2  pn_io.hardware_revision = 3 @208+2",
            "10.0.0.2  pn_io.software_revision = V4.2.0 @210+4",
            "10.0.0.2  pn_io.revision_counter = 7 @214+2",
            "10.0.0.2  pn_io.profile_id = 62976 @216+2",
            "10.0.0.2  pn_io.profile_specific_type = 3 @218+2",
            "10.0.0.2  pn_io.im_version = 1.1 @220+2",
        ]
    );
    assert!(listener.damage.is_empty());
}

#[test]
fn identification_of_a_module_is_said_of_its_place() {
    for (place, subject) in [
        ((3, 1), "10.0.0.2 slot 3"),
        ((3, 2), "10.0.0.2 slot 3 / subslot 2"),
        ((0, 0x8000), "10.0.0.2 slot 0 / subslot 32768"),
    ] {
        let lines = said(&[record(place, 0xaff0, &im0())]);
        assert!(
            lines.contains(&format!("{subject}  pn_io.order_id = 6ES7 155-6AU01-0BN0")),
            "{lines:?}"
        );
    }
}

#[test]
fn what_the_owner_wrote_is_said_without_padding() {
    let field = |text: &str, length: usize| format!("{text:length$}").into_bytes();
    let lines = said(&[
        record((0, 1), 0xaff1, &block(0x21, 0, &[field("Pump", 32), field("Hall 3", 22)].concat())),
        record((0, 1), 0xaff2, &block(0x22, 0, &field("2024-05-17 08:30", 16))),
        record((0, 1), 0xaff3, &block(0x23, 0, &field("Remote I/O", 54))),
        record((0, 1), 0xaff4, &block(0x24, 0, &[0xfe; 54])),
    ]);
    let texts: Vec<&str> = lines.iter().map(|line| &line[10..]).collect();
    assert_eq!(
        texts,
        [
            "pn_io.tag_function = Pump".to_owned(),
            "pn_io.tag_location = Hall 3".to_owned(),
            "pn_io.installation_date = 2024-05-17 08:30".to_owned(),
            "pn_io.descriptor = Remote I/O".to_owned(),
            format!("pn_io.signature = {}", "fe".repeat(54)),
        ]
    );
}

/// Slot, module, and one subslot with its submodule.
fn real(slots: &[(u16, u32)], low: u8) -> Vec<u8> {
    let mut body = if low == 0 { Vec::new() } else { vec![0, 1, 0, 0, 0, 0] };
    body.extend_from_slice(&u16::try_from(slots.len()).unwrap().to_be_bytes());
    for (slot, module) in slots {
        body.extend_from_slice(&slot.to_be_bytes());
        body.extend_from_slice(&module.to_be_bytes());
        body.extend_from_slice(&[0, 1, 0, 1, 0, 0, 0, 9]);
    }
    block(0x0013, low, &body)
}

#[test]
fn the_list_of_modules_in_both_versions() {
    for low in [0, 1] {
        let lines = said(&[record((0, 0), 0xf000, &real(&[(0, 65), (2, 66)], low))]);
        for expected in [
            "10.0.0.2 slot 0  pn_io.module_ident_number = 65",
            "10.0.0.2 slot 0 / subslot 1  pn_io.submodule_ident_number = 9",
            "10.0.0.2 slot 2  pn_io.module_ident_number = 66",
        ] {
            assert!(lines.contains(&expected.to_owned()), "{low}: {lines:?}");
        }
    }
}

#[test]
fn a_list_that_never_ends_is_read_as_far_as_the_cap() {
    let mut body = vec![0xff, 0xff]; // NumberOfAPIs
    for _ in 0..5_000 {
        body.extend_from_slice(&[0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 9, 0, 0]);
    }
    body.truncate(65_000);
    let listener = listen(&[(ToClient, record((0, 0), 0xf000, &block(0x0013, 1, &body)))]);
    assert!(listener.said.len() < 5_000);
    assert_eq!(listener.damage.len(), 1);
}

fn connect() -> Vec<u8> {
    let mut body = vec![0, 1]; // ARType: IO controller
    body.extend_from_slice(&[5; 18]); // ARUUID, SessionKey
    body.extend_from_slice(&[2, 0, 0, 0, 0, 1]); // CMInitiatorMacAdd
    body.extend_from_slice(Uuid::from_u128(0xdea00000_6c97_11d1_8271_0001010e002a).as_bytes());
    body.extend_from_slice(&[0; 8]); // ARProperties, timeout, UDP port
    body.extend_from_slice(b"\x00\x05plc-1"); // StationNameLength, CMInitiatorStationName
    let mut expected = vec![0, 1, 0, 0, 0, 0, 0, 4]; // NumberOfAPIs, API, SlotNumber
    expected.extend_from_slice(&[0, 0, 0, 65, 0, 0, 0, 2]); // module, properties, NumberOfSubmodules
    expected.extend_from_slice(&[0, 1, 0, 0, 0, 7, 0, 3]); // both inputs and outputs
    expected.extend_from_slice(&[0, 1, 0, 1, 1, 1, 0, 2, 0, 1, 1, 1]); // DataDescription, twice
    expected.extend_from_slice(&[0, 2, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 1, 1]);
    [block(0x0101, 0, &body), block(0x0104, 0, &expected)].concat()
}

#[test]
fn a_controller_says_its_name_and_what_it_expects() {
    let request = datagram(REQUEST, CONNECT, None, &stub(4_000, &connect()));
    let listener = listen(&[(ToServer, request)]);
    let lines: Vec<String> =
        listener.lines().iter().map(|line| line.split(" @").next().unwrap().to_owned()).collect();
    assert_eq!(
        lines,
        [
            "10.0.0.1  pn_io.role = IO controller",
            "10.0.0.1  pn_io.mac_address = 02:00:00:00:00:01",
            "10.0.0.1  pn_io.device_instance = 1",
            "10.0.0.1  pn_io.device_id = 270",
            "10.0.0.1  pn_io.vendor_id = 42",
            "10.0.0.1  pn_io.station_name = plc-1",
            "10.0.0.2 slot 4  pn_io.expected_module_ident_number = 65",
            "10.0.0.2 slot 4 / subslot 1  pn_io.expected_submodule_ident_number = 7",
            "10.0.0.2 slot 4 / subslot 2  pn_io.expected_submodule_ident_number = 8",
        ]
    );
    assert_eq!(listener.acts(), [0; 5]);
}

#[test]
fn a_device_answers_with_its_name_and_the_modules_that_differ() {
    let mut body = vec![0, 1];
    body.extend_from_slice(&[5; 18]); // ARUUID, SessionKey
    body.extend_from_slice(&[2, 0, 0, 0, 0, 2, 0x88, 0x92]); // CMResponderMacAdd, port
    let mut differing = vec![0, 1, 0, 0, 0, 0, 0, 2]; // NumberOfAPIs, API, NumberOfModules
    differing.extend_from_slice(&[0, 5, 0, 0, 0, 0, 0, 0, 0, 0]); // slot 5: no module
    differing.extend_from_slice(&[0, 6, 0, 0, 0, 66, 0, 1, 0, 1]); // slot 6: wrong, one submodule
    differing.extend_from_slice(&[0, 1, 0, 0, 0, 9, 0, 0]);
    let blocks = [
        block(0x8101, 0, &body),
        block(0x8104, 0, &differing),
        block(0x8106, 0, b"\x00\x04io-1\0\0"),
    ];
    let answer = datagram(RESPONSE, CONNECT, None, &stub(0, &blocks.concat()));
    let lines = said(&[answer]);
    for expected in [
        "10.0.0.2  pn_io.role = IO device",
        "10.0.0.2  pn_io.mac_address = 02:00:00:00:00:02",
        "10.0.0.2 slot 5  pn_io.module_state = no module",
        "10.0.0.2 slot 6  pn_io.module_state = wrong module",
        "10.0.0.2 slot 6  pn_io.module_ident_number = 66",
        "10.0.0.2  pn_io.station_name = io-1",
    ] {
        assert!(lines.contains(&expected.to_owned()), "{lines:?}");
    }
    assert!(!lines.iter().any(|line| line.contains("slot 5  pn_io.module_ident")), "{lines:?}");
}

#[test]
fn a_call_in_parts_is_read_when_all_are_there() {
    let whole = stub(4_000, &connect());
    let (first, second) = whole.split_at(60);
    let parts = [
        (ToServer, datagram(REQUEST, CONNECT, Some((0, false)), first)),
        (ToServer, datagram(REQUEST, CONNECT, Some((1, true)), second)),
    ];
    let listener = listen(&parts);
    assert_eq!(listener.said.len(), 9);
    let role = &listener.said[0].excerpt;
    assert_eq!((role.frame.number, role.offset), (1, 106), "in the first part");
    let name = &listener.said[5].excerpt;
    assert_eq!((name.frame.number, name.offset), (2, 98), "in the second");
    let again = [parts[0].clone(), parts[0].clone(), parts[1].clone()];
    assert_eq!(listen(&again).said.len(), 9, "a part that came twice is nothing new");
    let swapped = listen(&[parts[1].clone(), parts[0].clone()]);
    assert_eq!(swapped.said.len(), 9, "in whatever order they came");
    assert!(listen(&parts[1..]).said.is_empty());
}

#[test]
fn calls_that_are_never_whole_are_given_up_and_counted() {
    let part = |sequence: u8, number: u16| {
        let mut bytes = datagram(REQUEST, CONNECT, Some((number, false)), &[0; 1_000]);
        bytes[64] = sequence;
        (ToServer, bytes)
    };
    let many: Vec<_> = (0..10).map(|sequence| part(sequence, 0)).collect();
    assert_eq!(listen(&many).counted.len(), 6, "four wait");
    let long: Vec<_> = (0..80).map(|number| part(1, number)).collect();
    assert_eq!(listen(&long).counted, ["pn_io.calls_incomplete"]);
}

#[test]
fn a_call_that_is_refused_says_so_and_no_more() {
    let answer = datagram(RESPONSE, CONNECT, None, &stub(0xdb81_0103, &[]));
    let expected = ["10.0.0.2  pn_io.call_refused = connect: db810103 @80+4"];
    assert_eq!(listen(&[(ToClient, answer)]).lines(), expected);
}

#[test]
fn writing_identification_is_an_attempt_and_then_a_change() {
    let tag = block(0x21, 0, &[b' '; 54]);
    let several = [
        header(0x0008, (0, 0), 0xe040, 0, 0),
        header(0x0008, (2, 1), 0xaff1, tag.len(), 0),
        tag,
        header(0x0008, (2, 1), 0x0080, 3, 0),
        vec![1, 2, 3],
    ]
    .concat();
    let ask = datagram(REQUEST, WRITE, None, &stub(4_000, &several));
    let done = [
        header(0x8008, (0, 0), 0xe040, 0, 0),
        header(0x8008, (2, 1), 0xaff1, 0, 0),
        header(0x8008, (0, 1), 0xaff3, 0, 0xdf80_b600),
        header(0x8008, (0, 1), 0xaff2, 0, 0),
    ]
    .concat();
    let answer = datagram(RESPONSE, WRITE, None, &stub(0, &done));
    let listener = listen(&[(ToServer, ask), (ToClient, answer)]);
    let lines: Vec<String> = listener
        .lines()
        .iter()
        .filter(|line| line.contains("attempt") || line.contains("change"))
        .map(|line| line.split(" @").next().unwrap().to_owned())
        .collect();
    assert_eq!(
        lines,
        [
            "10.0.0.2  pn_io.attempt = slot 2: I&M1 by 10.0.0.1",
            "10.0.0.2  pn_io.identification_change = slot 2: I&M1 by 10.0.0.1",
            "10.0.0.2  pn_io.identification_change = I&M2 by 10.0.0.1",
        ]
    );
    assert_eq!(listener.acts(), [0, 0, 1, 0, 0]);
}

#[test]
fn records_that_tell_what_a_device_is_are_asked_for_to_identify() {
    for (operation, index, acts) in [
        (READ, 0xaff0, [1, 0, 0, 0, 0]),
        (READ_IMPLICIT, 0xf000, [1, 0, 0, 0, 0]),
        (READ, 0x0080, [0, 1, 0, 0, 0]),
    ] {
        let ask = stub(4_000, &header(0x0009, (0, 1), index, 4_000, 0));
        let listener = listen(&[(ToServer, datagram(REQUEST, operation, None, &ask))]);
        assert_eq!(listener.acts(), acts, "{index:#x}");
    }
}

#[test]
fn interface_and_neighbours() {
    let mut interface = b"\x04io-1\0".to_vec(); // LengthOwnChassisID, OwnChassisID, Padding
    interface.extend_from_slice(&[2, 0, 0, 0, 0, 2, 0, 0]); // MACAddressValue, Padding
    interface.extend_from_slice(&[10, 0, 0, 2, 255, 255, 255, 0, 0, 0, 0, 0]);
    let mut port = vec![0, 0, 0, 0, 0x80, 1]; // Padding, SlotNumber, SubslotNumber
    port.extend_from_slice(b"\x08port-001\x01"); // OwnPortID, NumberOfPeers
    port.extend_from_slice(&[0; 2]); // Padding
    port.extend_from_slice(b"\x08port-003\x02sw"); // PeerPortID, PeerChassisID
    port.extend_from_slice(&[0; 12]); // LineDelay, PeerMACAddress, Padding
    let several = [block(0x0240, 0, &interface), block(0x020f, 0, &port)].concat();
    let several = block(0x0400, 0, &[&[0; 10][..], &several].concat());
    let lines = said(&[record((0, 0), 0xf841, &several)]);
    for expected in [
        "10.0.0.2  pn_io.station_name = io-1",
        "10.0.0.2  pn_io.mac_address = 02:00:00:00:00:02",
        "10.0.0.2  pn_io.ip_address = 10.0.0.2",
        "10.0.0.2  pn_io.subnet_mask = 255.255.255.0",
        "10.0.0.2  pn_io.neighbour = port-003.sw",
    ] {
        assert!(lines.contains(&expected.to_owned()), "{lines:?}");
    }
}

#[test]
fn a_cut_answer_says_nothing() {
    let answer = record((0, 1), 0xaff0, &im0());
    for length in 1..answer.len() {
        assert!(listen(&[(ToClient, answer[..length].to_vec())]).said.is_empty(), "{length}");
    }
}

#[test]
fn probes_by_the_interface() {
    let ours = datagram(REQUEST, READ, None, &[]);
    assert_eq!(probe(&ours), Probe::Yes);
    let mut other = ours.clone();
    other[24] ^= 1;
    assert_eq!(probe(&other), Probe::Maybe);
    assert_eq!(probe(&ours[..79]), Probe::No);
    assert_eq!(probe(&[5; 80]), Probe::No);
}
