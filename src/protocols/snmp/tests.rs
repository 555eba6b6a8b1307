//! Messages field by field: what is believed of whom, and what never is.

use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

/// An element of BER, with a length of one or three bytes.
fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    let head = match u8::try_from(length) {
        Ok(short) if short < 0x80 => vec![tag, short],
        _ => [&[tag, 0x82][..], &length.to_be_bytes()].concat(),
    };
    [head, body.to_vec()].concat()
}

fn oid(arcs: &[u32]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(arcs[0] * 40 + arcs[1]).unwrap()];
    for arc in &arcs[2..] {
        let mut groups = vec![u8::try_from(arc & 0x7f).unwrap()];
        let mut rest = arc >> 7;
        while rest > 0 {
            groups.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
            rest >>= 7;
        }
        bytes.extend(groups.iter().rev());
    }
    bytes
}

fn variable(arcs: &[u32], tag: u8, value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[tlv(0x06, &oid(arcs)), tlv(tag, value)].concat())
}

fn system(number: u32, text: &[u8]) -> Vec<u8> {
    variable(&[1, 3, 6, 1, 2, 1, 1, number, 0], 0x04, text)
}

fn entity(column: u32, row: u32, tag: u8, value: &[u8]) -> Vec<u8> {
    variable(&[1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, column, row], tag, value)
}

fn pdu(tag: u8, request: u8, error: u8, variables: &[Vec<u8>]) -> Vec<u8> {
    let list = tlv(0x30, &variables.concat());
    tlv(tag, &[&[2, 1, request, 2, 1, error, 2, 1, 0], &list[..]].concat())
}

fn message(version: u8, community: &[u8], pdu: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&[2, 1, version], &tlv(0x04, community)[..], pdu].concat())
}

fn read(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, true, messages)
}

fn answer(variables: &[Vec<u8>]) -> Listener {
    read(&[(ToClient, &message(1, b"plant-r0", &pdu(RESPONSE, 7, 0, variables)))])
}

/// Lines without address, and without where they stand.
fn said(listener: &Listener) -> Vec<String> {
    let short = |line: String| line.split(" @").next().unwrap().replacen("10.0.0.2", "", 1);
    listener.lines().into_iter().map(|line| short(line).trim().to_owned()).collect()
}

/// The same without what every answer tells.
fn beyond(listener: &Listener) -> Vec<String> {
    let all = said(listener);
    assert_eq!(all[..2], ["snmp.version = 2c", "snmp.community = own"]);
    all[2..].to_vec()
}

const GET: u8 = 0xa0;
const RESPONSE: u8 = 0xa2;
const SET: u8 = 0xa3;
const INFORM: u8 = 0xa6;

#[test]
fn the_system_group_says_who_the_agent_is() {
    let listener = answer(&[
        system(1, b"Hirschmann BOBCAT\r\nHiOS-2A-09.0.02"),
        variable(&[1, 3, 6, 1, 2, 1, 1, 2, 0], 0x06, &oid(&[1, 3, 6, 1, 4, 1, 248, 11, 2])),
        variable(&[1, 3, 6, 1, 2, 1, 1, 3, 0], 0x43, &[0x04, 0x92, 0x6f, 0x24]),
        system(5, b"SW-7"),
        variable(&[1, 3, 6, 1, 2, 1, 1, 7, 0], 0x02, &[2]),
    ]);
    assert_eq!(
        beyond(&listener),
        [
            "snmp.system_description = Hirschmann BOBCAT\r\nHiOS-2A-09.0.02",
            "snmp.system_object_id = 1.3.6.1.4.1.248.11.2",
            "snmp.enterprise = 248",
            "snmp.system_up_time = 8",
            "snmp.system_name = SW-7",
            "snmp.system_services = 2",
        ]
    );
    assert!(listener.damage.is_empty());
}

#[test]
fn of_a_community_only_the_kind_is_kept() {
    for (community, kind) in [(&b"public"[..], "well-known"), (b"plant-r0", "own")] {
        let listener = read(&[(ToClient, &message(0, community, &pdu(RESPONSE, 1, 0, &[])))]);
        assert_eq!(said(&listener), ["snmp.version = 1", &format!("snmp.community = {kind}")]);
        for observation in &listener.said {
            assert_eq!(*observation.excerpt.bytes, [0], "the version alone proves it");
        }
    }
}

#[test]
fn what_is_asked_for_or_refused_is_not_true() {
    let asked = message(1, b"plant-r0", &pdu(SET, 7, 0, &[system(5, b"MINE")]));
    let refused = message(1, b"plant-r0", &pdu(RESPONSE, 7, 6, &[system(5, b"MINE")]));
    let listener = read(&[(ToServer, &asked), (ToClient, &refused)]);
    assert_eq!(
        said(&listener),
        ["snmp.write_refused = 10.0.0.1", "snmp.version = 2c", "snmp.community = own"]
    );
    assert_eq!(listener.acts(), [0, 0, 1, 0, 0]);
}

#[test]
fn a_variable_that_was_set_is_told_with_who_set_it() {
    let asked = message(1, b"plant-r0", &pdu(SET, 7, 0, &[system(5, b"MINE")]));
    let done = message(1, b"plant-r0", &pdu(RESPONSE, 7, 0, &[system(5, b"MINE")]));
    let listener = read(&[(ToServer, &asked), (ToClient, &done), (ToClient, &done)]);
    let said = said(&listener);
    assert_eq!(said[0], "snmp.written_by = 10.0.0.1");
    assert_eq!(said.iter().filter(|line| line.contains("written_by")).count(), 1);
    assert!(said.contains(&"snmp.system_name = MINE".to_owned()));
}

#[test]
fn requests_identify_or_read() {
    let get = |variables: &[Vec<u8>]| message(1, b"plant-r0", &pdu(GET, 7, 0, variables));
    let empty = |arcs: &[u32]| variable(arcs, 0x05, &[]);
    let identify = get(&[empty(&[1, 3, 6, 1, 2, 1, 1, 1, 0])]);
    let counter = get(&[empty(&[1, 3, 6, 1, 2, 1, 2, 2, 1, 10, 1])]);
    let listener = read(&[(ToServer, &identify), (ToServer, &counter)]);
    assert_eq!(listener.acts(), [1, 1, 0, 0, 0]);
    assert_eq!(listener.questions.len(), 1);
    assert!(listener.said.is_empty());
}

#[test]
fn the_chassis_is_the_device_and_modules_are_parts_of_it() {
    let listener = answer(&[
        entity(2, 1, 0x04, b"IE 4000 chassis"),
        entity(2, 7, 0x04, b"expansion module"),
        entity(2, 8, 0x04, b"a port"),
        entity(4, 1, 0x02, &[0]),
        entity(4, 7, 0x02, &[1]),
        entity(5, 1, 0x02, &[3]),
        entity(5, 7, 0x02, &[9]),
        entity(5, 8, 0x02, &[10]),
        entity(11, 1, 0x04, b"FDO1"),
        entity(11, 7, 0x04, b"FDO2"),
        entity(11, 8, 0x04, b""),
        entity(13, 7, 0x04, b""),
    ]);
    assert_eq!(
        beyond(&listener),
        [
            "snmp.entity_description = IE 4000 chassis",
            "snmp.entity_class = chassis",
            "entity 7  snmp.entity_description = expansion module",
            "entity 7  snmp.entity_class = module",
            "entity 1  snmp.entity_serial_number = FDO1",
            "snmp.entity_serial_number = FDO1",
            "entity 7  snmp.entity_serial_number = FDO2",
        ]
    );
}

#[test]
fn descriptions_wait_for_the_class_of_their_row_over_several_messages() {
    let description = message(1, b"r", &pdu(RESPONSE, 1, 0, &[entity(2, 7, 0x04, b"CPU")]));
    let class = message(1, b"r", &pdu(RESPONSE, 2, 0, &[entity(5, 7, 0x02, &[9])]));
    let listener = read(&[(ToClient, &description), (ToClient, &class)]);
    let at = description.len() - 3;
    let line = listener.lines().into_iter().find(|line| line.contains("description")).unwrap();
    assert_eq!(line, format!("10.0.0.2 entity 7  snmp.entity_description = CPU @{at}+3"));
    let fact = listener.said.iter().find(|fact| fact.key == keys::ENTITY_DESCRIPTION).unwrap();
    assert_eq!((fact.excerpt.frame.number, &*fact.excerpt.bytes), (1, &b"CPU"[..]));
}

#[test]
fn a_chassis_is_the_device_only_when_it_is_in_nothing_else() {
    let rows = [entity(5, 1, 0x02, &[3]), entity(13, 1, 0x04, b"IE-4000")];
    assert_eq!(beyond(&answer(&rows)), ["entity 1  snmp.entity_model_name = IE-4000"]);
    let known = [&rows[..], &[entity(4, 1, 0x02, &[0])]].concat();
    assert_eq!(
        beyond(&answer(&known)),
        [
            "entity 1  snmp.entity_model_name = IE-4000",
            "snmp.entity_class = chassis",
            "snmp.entity_model_name = IE-4000",
        ]
    );
}

#[test]
fn a_stack_has_several_chassis_and_one_device() {
    let listener = answer(&[
        entity(5, 1, 0x02, &[11]),
        entity(4, 1001, 0x02, &[1]),
        entity(4, 2001, 0x02, &[1]),
        entity(5, 1001, 0x02, &[3]),
        entity(5, 2001, 0x02, &[3]),
    ]);
    assert_eq!(
        beyond(&listener),
        ["entity 1001  snmp.entity_class = chassis", "entity 2001  snmp.entity_class = chassis"]
    );
}

#[test]
fn notifications_are_told_and_their_receiver_says_nothing_of_itself() {
    let trap_oid = [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
    let down = oid(&[1, 3, 6, 1, 6, 3, 1, 1, 5, 3]);
    let variables = [variable(&trap_oid, 0x06, &down), system(5, b"SW-7")];
    let inform = message(1, b"plant-r0", &pdu(INFORM, 9, 0, &variables));
    let heard = message(1, b"plant-r0", &pdu(RESPONSE, 9, 0, &variables));
    let listener = read(&[(ToServer, &inform), (ToClient, &heard)]);
    let lines = listener.lines();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines.iter().all(|line| line.starts_with("10.0.0.1  ")), "{lines:?}");
    assert!(lines[2].contains("snmp.notification = linkDown"), "{lines:?}");
}

#[test]
fn a_trap_of_version_1_has_numbers_and_an_address_of_its_own() {
    let trap = |generic: u8, specific: u8| {
        let body = [
            tlv(0x06, &oid(&[1, 3, 6, 1, 4, 1, 8691, 7, 6])),
            tlv(0x40, &[192, 168, 127, 253]),
            vec![2, 1, generic, 2, 1, specific, 0x43, 1, 9],
            tlv(0x30, &[]),
        ];
        let whole = message(0, b"public", &tlv(0xa4, &body.concat()));
        let lines = read(&[(ToServer, &whole)]).lines();
        lines[2..]
            .iter()
            .map(|line| line.split(" @").next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        trap(0, 0),
        [
            "10.0.0.1  snmp.notification = coldStart",
            "10.0.0.1  snmp.agent_address = 192.168.127.253",
        ]
    );
    assert_eq!(trap(6, 3)[0], "10.0.0.1  snmp.notification = 1.3.6.1.4.1.8691.7.6.0.3");
}

/// A message of version 3 with a plain or an encrypted data unit.
fn version_3(flags: u8, engine: &[u8], user: &[u8], data: &[u8]) -> Vec<u8> {
    let global = tlv(0x30, &[&[2, 1, 1, 2, 2, 5, 0xdc, 4, 1, flags], &[2, 1, 3][..]].concat());
    let parameters = [
        tlv(0x04, engine),
        vec![2, 1, 4],
        vec![2, 3, 0x02, 0xa3, 0x00],
        tlv(0x04, user),
        tlv(0x04, b"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"),
        tlv(0x04, b""),
    ];
    let parameters = tlv(0x04, &tlv(0x30, &parameters.concat()));
    tlv(0x30, &[&[2, 1, 3], &global[..], &parameters, data].concat())
}

#[test]
fn engines_tell_their_maker_and_mac_address() {
    let engine = b"\x80\x00\x10\xe9\x03\x00\x1b\x1b\x20\x01\x08";
    let encrypted = version_3(3, engine, b"nms-ro", &tlv(0x04, &[0x55; 40]));
    let listener = read(&[(ToClient, &encrypted)]);
    assert_eq!(
        said(&listener),
        [
            "snmp.engine_id = 800010e903001b1b200108",
            "snmp.engine_enterprise = 4329",
            "snmp.engine_mac_address = 00:1b:1b:20:01:08",
            "snmp.engine_boots = 4",
            "snmp.engine_time = 2",
            "snmp.version = 3",
            "snmp.security_level = authPriv",
            "snmp.user_name = nms-ro",
        ]
    );
    // What a manager says of the engine is what it was told.
    assert!(read(&[(ToServer, &version_3(7, engine, b"nms-ro", b"\x04\x01x"))]).said.is_empty());
}

#[test]
fn other_forms_of_engine_identifiers() {
    let of = |engine: &[u8]| {
        let report = tlv(0x30, &[tlv(4, b""), tlv(4, b""), pdu(0xa8, 1, 0, &[])].concat());
        said(&read(&[(ToClient, &version_3(0, engine, b"", &report))]))
    };
    for (engine, line) in [
        (&b"\x80\x00\x1f\x88\x01\x0a\x14\x09\x07"[..], "snmp.engine_address = 10.20.9.7"),
        (b"\x80\x00\x1f\x88\x04plant-7", "snmp.engine_text = plant-7"),
        (b"\x00\x00\x00\x09\x01\x02\x03\x04\x05\x06\x07\x08", "snmp.engine_boots = 4"),
    ] {
        assert_eq!(of(engine)[2], line);
    }
    assert_eq!(of(b"\x80\x00\x1f")[0], "snmp.engine_boots = 4", "too short");
    assert_eq!(of(&[0; 12])[0], "snmp.engine_boots = 4", "empty");
}

#[test]
fn a_plain_data_unit_of_version_3_is_read() {
    let unit = pdu(RESPONSE, 1, 0, &[system(5, b"SW-9")]);
    let scoped = tlv(0x30, &[tlv(4, b""), tlv(4, b""), unit].concat());
    let listener = read(&[(ToClient, &version_3(1, b"\x80\x00\x00\x09\x05abc", b"nms", &scoped))]);
    let said = said(&listener);
    assert!(said.contains(&"snmp.security_level = authNoPriv".to_owned()), "{said:?}");
    assert!(said.contains(&"snmp.system_name = SW-9".to_owned()), "{said:?}");
}

#[test]
fn what_stands_ahead_of_a_cut_is_kept() {
    let whole = message(1, b"r", &pdu(RESPONSE, 1, 0, &[system(5, b"SW-7"), system(6, b"Hall 3")]));
    let cut = read(&[(ToClient, &whole[..whole.len() - 3])]);
    assert_eq!(beyond(&cut), ["snmp.system_name = SW-7"]);
    assert_eq!(cut.damage.len(), 1);
}

#[test]
fn messages_over_tcp_follow_each_other() {
    let one = message(1, b"r", &pdu(RESPONSE, 1, 0, &[system(5, b"SW-7")]));
    let two = message(1, b"r", &pdu(RESPONSE, 2, 0, &[system(6, b"Hall 3")]));
    let stream = [one, two].concat();
    let (first, second) = stream.split_at(17);
    let listener = harness::read(&PROTOCOL, false, &[(ToClient, first), (ToClient, second)]);
    let said = said(&listener);
    assert!(said.contains(&"snmp.system_name = SW-7".to_owned()), "{said:?}");
    assert!(said.contains(&"snmp.system_location = Hall 3".to_owned()), "{said:?}");
}

#[test]
fn probes_by_version_community_and_data_unit() {
    let sound = message(1, b"public", &pdu(GET, 1, 0, &[]));
    assert_eq!(probe(&sound), Probe::Yes);
    assert_eq!(probe(&sound[..9]), Probe::More);
    assert_eq!(probe(&version_3(4, b"", b"", b"")), Probe::Yes);
    // LDAP begins alike.
    assert_eq!(probe(b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"), Probe::No);
    assert_eq!(probe(b"\x30\x0c\x02\x01\x02\x04\x00\xa0\x00"), Probe::No);
}
