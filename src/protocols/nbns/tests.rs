//! Who claims a name, who grants it, and whose names are nobody's business.

use crate::flow::Direction::{self, ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

const QUERY: u16 = 0;
const REGISTRATION: u16 = 5;
const REFRESH: u16 = 8;
const RESPONSE: u16 = 0x8000;
const RECURSION_DESIRED: u16 = 0x0100;
const RECURSION_AVAILABLE: u16 = 0x0080;

fn netbios(name: &str, suffix: u8) -> Vec<u8> {
    let mut plain = name.as_bytes().to_vec();
    plain.resize(15, b' ');
    plain.push(suffix);
    let mut encoded = vec![32];
    encoded.extend(plain.iter().flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 15)]));
    encoded.push(0);
    encoded
}

/// A message with one record; a request repeats the name as its question.
fn message(flags: u16, name: &str, suffix: u8, kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x80, 1];
    bytes.extend(flags.to_be_bytes());
    let owner = netbios(name, suffix);
    if flags & RESPONSE == 0 {
        bytes.extend([0, 1, 0, 0, 0, 0, 0, 1]);
        bytes.extend(&owner);
        bytes.extend([0, 0x20, 0, 1, 0xc0, 12]);
    } else {
        bytes.extend([0, 0, 0, 1, 0, 0, 0, 0]);
        bytes.extend(&owner);
    }
    bytes.extend(kind.to_be_bytes());
    bytes.extend([0, 1, 0, 4, 0x93, 0xe0]);
    bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    bytes.extend(data);
    bytes
}

fn listen(direction: Direction, bytes: &[u8]) -> Listener {
    harness::read(&super::PROTOCOL, true, &[(direction, bytes)])
}

const OWN: &[u8] = &[0x60, 0, 10, 0, 0, 1];

#[test]
fn a_registration_is_a_wish_until_nobody_refused_it() {
    let wish = message(REGISTRATION << 11 | RECURSION_DESIRED | 0x10, "HMI", 0x20, 0x20, OWN);
    assert_eq!(
        listen(ToServer, &wish).lines(),
        [
            "10.0.0.1  nbns.requested_name = HMI <20> @50+2",
            "10.0.0.1  nbns.owner_node_type = H node @62+2",
        ]
    );
    let demand = message(REGISTRATION << 11 | 0x10, "HMI", 0x20, 0x20, OWN);
    assert_eq!(listen(ToServer, &demand).lines()[0], "10.0.0.1  nbns.name = HMI <20> @50+2");
    let refresh = message(REFRESH << 11, "HMI", 0x20, 0x20, OWN);
    assert_eq!(listen(ToServer, &refresh).lines()[0], "10.0.0.1  nbns.name = HMI <20> @50+2");
}

#[test]
fn a_group_is_told_and_another_address_too() {
    let group = message(REFRESH << 11, "PLANT", 0x1e, 0x20, &[0x80, 0, 192, 168, 1, 9]);
    assert_eq!(
        listen(ToServer, &group).lines(),
        [
            "10.0.0.1  nbns.name = PLANT <1e> group @50+2",
            "10.0.0.1  nbns.owner_node_type = B node @62+2",
            "10.0.0.1  nbns.address = 192.168.1.9 @64+4",
        ]
    );
}

#[test]
fn a_registration_of_a_persons_name_is_counted_and_not_said() {
    let person = message(REGISTRATION << 11 | RECURSION_DESIRED, "MUELLER", 3, 0x20, OWN);
    let listener = listen(ToServer, &person);
    assert!(listener.lines().iter().all(|line| !line.contains("MUELLER")));
    assert_eq!(listener.counted, ["nbns.messenger_names_left_out"]);
}

#[test]
fn an_owner_answers_for_itself() {
    let own = message(RESPONSE | 0x0500, "PLC", 0x20, 0x20, &[0, 0, 10, 0, 0, 2]);
    assert_eq!(listen(ToClient, &own).lines()[0], "10.0.0.2  nbns.name = PLC <20> @12+34");
}

#[test]
fn an_owner_that_offers_recursion_is_no_name_server() {
    let flags = RESPONSE | 0x0500 | RECURSION_AVAILABLE;
    let samba = message(flags, "PLC", 0x20, 0x20, &[0, 0, 10, 0, 0, 2]);
    assert_eq!(listen(ToClient, &samba).lines()[0], "10.0.0.2  nbns.name = PLC <20> @12+34");
}

#[test]
fn a_name_server_answers_for_others() {
    let flags = RESPONSE | 0x0500 | RECURSION_AVAILABLE;
    let data = [0xe0, 0, 10, 0, 0, 7, 0xe0, 0, 10, 0, 0, 8, 0xe0, 0, 255, 255, 255, 255];
    let other = message(flags, "PLANT", 0x1c, 0x20, &data);
    assert_eq!(
        listen(ToClient, &other).lines(),
        [
            "10.0.0.2  nbns.name_server = answers for others @2+2",
            "10.0.0.7  nbns.resolved_name = PLANT <1c> group @12+34",
            "10.0.0.8  nbns.resolved_name = PLANT <1c> group @12+34",
        ]
    );
}

#[test]
fn a_name_that_is_granted_is_the_askers() {
    let flags = RESPONSE | REGISTRATION << 11 | 0x0500 | RECURSION_AVAILABLE;
    let granted = message(flags, "HMI", 0, 0x20, OWN);
    assert_eq!(
        listen(ToClient, &granted).lines(),
        ["10.0.0.2  nbns.name_server = grants names @2+2", "10.0.0.1  nbns.name = HMI <00> @12+34",]
    );
}

#[test]
fn refusals_and_conflicts_are_events_of_the_asker() {
    let refused = message(RESPONSE | REGISTRATION << 11 | 6, "HMI", 0, 0x20, OWN);
    assert_eq!(
        listen(ToClient, &refused).lines(),
        ["10.0.0.1  nbns.refused_name = HMI <00> @12+34"]
    );
    let conflict = message(RESPONSE | REGISTRATION << 11 | 7, "HMI", 0, 0x20, OWN);
    assert_eq!(listen(ToClient, &conflict).lines(), ["10.0.0.1  nbns.conflict = HMI <00> @12+34"]);
}

#[test]
fn a_query_and_a_negative_answer_say_nothing() {
    let query = message(QUERY, "HMI", 0, 0x20, &[]);
    assert!(listen(ToServer, &query).said.is_empty());
    let negative = message(RESPONSE | 3, "HMI", 0, 0x0a, &[]);
    assert!(listen(ToClient, &negative).said.is_empty());
}

fn node_status(names: &[(&str, u8, u16)], count: u8, unit: [u8; 6]) -> Vec<u8> {
    let mut data = vec![count];
    for (name, suffix, flags) in names {
        let mut padded = name.as_bytes().to_vec();
        padded.resize(15, b' ');
        data.extend(padded);
        data.push(*suffix);
        data.extend(flags.to_be_bytes());
    }
    data.extend(unit);
    data.extend([0; 40]);
    message(RESPONSE | 0x0400, "*", 0, 0x21, &data)
}

#[test]
fn a_node_status_tells_names_and_adapter_but_nobody_who_is_logged_on() {
    let names = [
        ("HMI", 0, 0x0400),
        ("PLANT", 0, 0x8400),
        ("HMI", 3, 0x0400),
        ("MUELLER", 3, 0x0400),
        ("OLD", 0x20, 0x0c00),
    ];
    let listener = listen(ToClient, &node_status(&names, 5, [0, 0x0e, 0x8c, 1, 2, 3]));
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.2  nbns.name = HMI <00> @57+18",
            "10.0.0.2  nbns.name = PLANT <00> group @75+18",
            "10.0.0.2  nbns.name = HMI <03> @93+18",
            "10.0.0.2  nbns.mac_address = 00:0e:8c:01:02:03 @147+6",
        ]
    );
    assert_eq!(listener.counted, ["nbns.messenger_names_left_out", "nbns.names_given_up"]);
}

#[test]
fn samba_has_no_adapter_to_tell() {
    let listener = listen(ToClient, &node_status(&[("NAS", 0, 0x0400)], 1, [0; 6]));
    assert_eq!(listener.lines(), ["10.0.0.2  nbns.name = NAS <00> @57+18"]);
}

#[test]
fn a_table_that_is_shorter_than_it_says_keeps_its_names() {
    let listener = listen(ToClient, &node_status(&[("NAS", 0, 0x0400)], 255, [0; 6]));
    assert_eq!(listener.lines()[0], "10.0.0.2  nbns.name = NAS <00> @57+18");
    assert_eq!(listener.damage.len(), 1);
}

#[test]
fn more_addresses_than_a_server_gives_are_counted() {
    let data: Vec<u8> = (0..200).flat_map(|last| [0xe0, 0, 10, 0, 1, last]).collect();
    let flags = RESPONSE | 0x0500 | RECURSION_AVAILABLE;
    let listener = listen(ToClient, &message(flags, "PLANT", 0x1c, 0x20, &data));
    assert_eq!(listener.said.len(), 1 + crate::model::limits::NBNS_ADDRESSES_PER_RECORD_MAX);
    assert_eq!(listener.counted, ["nbns.addresses_beyond_cap"]);
}
