//! Frames as they come back from a line. `02:00:00:00:00:01` is the source that the first slave makes of `00:…:01`.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use crate::flow::Direction::ToServer;
use crate::protocols::Probe;
use crate::protocols::ethercat::PROTOCOL;
use crate::protocols::harness::{self, Listener};

/// Command, ADP, ADO, data and working counter.
type Part<'a> = (u8, u16, u16, &'a [u8], u16);

fn frame(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (number, (command, adp, ado, data, counter)) in parts.iter().enumerate() {
        let more = if number + 1 < parts.len() { 0x8000 } else { 0 };
        body.extend([*command, 0]);
        for word in [*adp, *ado, data.len() as u16 | more, 0] {
            body.extend(word.to_le_bytes());
        }
        body.extend(*data);
        body.extend(counter.to_le_bytes());
    }
    [&(body.len() as u16 | 0x1000).to_le_bytes()[..], &body].concat()
}

fn listen(frames: &[Vec<u8>]) -> Listener {
    let frames: Vec<_> = frames.iter().map(|bytes| (ToServer, bytes.as_slice())).collect();
    harness::read(&PROTOCOL, true, &frames)
}

fn bare(listener: &Listener) -> Vec<String> {
    let lines = listener.lines();
    lines
        .iter()
        .map(|line| line.rsplit_once(" @").unwrap().0.replace("ethercat.", ""))
        .map(|line| line.replace("00:00:00:00:00:01", "master"))
        .collect()
}

/// Five slaves are counted, and the second is given station 1002.
fn begun() -> Vec<Vec<u8>> {
    vec![frame(&[(7, 5, 0x0130, &[1, 0], 5)]), frame(&[(2, 4, 0x0010, &1002_u16.to_le_bytes(), 1)])]
}

#[test]
fn slaves_are_parts_of_the_master_by_their_station() {
    let mut frames = begun();
    frames.push(frame(&[
        (4, 1002, 0x0000, &[0x11, 2, 3, 0], 1),
        (1, 4, 0x0130, &[2, 0], 1),
        (1, 3, 0x0130, &[8, 0], 1),
    ]));
    assert_eq!(
        listen(&frames).lines(),
        [
            "00:00:00:00:00:01  ethercat.slaves = 5 @4+2",
            "00:00:00:00:00:01 slave 1002  ethercat.position = 1 @4+10",
            "00:00:00:00:00:01 slave 1002  ethercat.esc_type = 17 @12+1",
            "00:00:00:00:00:01 slave 1002  ethercat.esc_version = 2.3 @13+3",
            "00:00:00:00:00:01 slave 1002  ethercat.al_state = PreOp @28+2",
        ]
    );
}

#[test]
fn the_eeprom_is_read_word_by_word() {
    let ask = |word: u32| frame(&[(5, 7, 0x0502, &[&[0, 1][..], &word.to_le_bytes()].concat(), 1)]);
    let give = |status: u16, word: u32, value: u32| {
        let data = [&status.to_le_bytes()[..], &word.to_le_bytes(), &value.to_le_bytes()].concat();
        frame(&[(4, 7, 0x0502, &data, 1)])
    };
    let bare_value = |value: u32| frame(&[(4, 7, 0x0508, &value.to_le_bytes(), 1)]);
    let heard = listen(&[
        ask(8),
        give(0x8000, 8, 9),
        give(0, 8, 2),
        give(0, 10, 0x044c_2c52),
        ask(12),
        bare_value(3),
        frame(&[(4, 7, 0x0502, &[0, 0], 1)]),
        bare_value(0x0011_0000),
        give(0x0800, 14, 77),
        give(0, 14, 0),
    ]);
    assert_eq!(
        bare(&heard),
        [
            "master slave 7  vendor_id = 2",
            "master slave 7  product_code = 72100946",
            "master slave 7  product = 0x00000002:0x044c2c52",
            "master slave 7  revision_number = 1114112",
        ]
    );
}

fn mailbox(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = [&(body.len() as u16).to_le_bytes()[..], &[0, 0, 0, kind], body].concat();
    bytes.resize(64, 0);
    bytes
}

fn uploaded(command: u8, index: u16, subindex: u8, data: &[u8]) -> Vec<u8> {
    let head = [&0x3000_u16.to_le_bytes()[..], &[command], &index.to_le_bytes(), &[subindex]];
    frame(&[(4, 7, 0x1080, &mailbox(0x13, &[&head.concat(), data].concat()), 1)])
}

#[test]
fn objects_of_the_dictionary_are_read_from_mailboxes() {
    let name = [&6_u32.to_le_bytes()[..], b"EL3102"].concat();
    let identity = [2_u32, 0x0c1e_3052, 0x10, 5].map(u32::to_le_bytes).concat();
    let complete = [&18_u32.to_le_bytes()[..], &[4, 0], &identity].concat();
    let heard = listen(&[
        uploaded(0x43, 0x1000, 0, &0x1389_u32.to_le_bytes()),
        uploaded(0x41, 0x1008, 0, &name),
        uploaded(0x4b, 0x1009, 0, b"09\0\0"),
        uploaded(0x43, 0x1018, 3, &0x10_u32.to_le_bytes()),
        uploaded(0x51, 0x1018, 0, &complete),
        uploaded(0x43, 0x6000, 1, b"data"),
        uploaded(0x41, 0x100a, 0, &[&999_u32.to_le_bytes()[..], b"cut"].concat()),
    ]);
    assert_eq!(
        bare(&heard),
        [
            "master slave 7  device_type = 5001",
            "master slave 7  manufacturer_device_name = EL3102",
            "master slave 7  manufacturer_hardware_version = 09",
            "master slave 7  revision_number = 16",
            "master slave 7  vendor_id = 2",
            "master slave 7  product_code = 203305042",
            "master slave 7  product = 0x00000002:0x0c1e3052",
            "master slave 7  revision_number = 16",
            "master slave 7  serial_number = 5",
        ]
    );
}

#[test]
fn what_changes_a_slave_is_told_as_an_attempt() {
    let file = mailbox(0x24, b"\x02\0secretFirmware.efw");
    let parameter = mailbox(0x33, b"\0\x20\x23\x00\x20\x01abcd");
    let heard = listen(&[
        frame(&[(5, 7, 0x0120, &[3, 0], 1)]),
        frame(&[(5, 7, 0x1000, &file, 1)]),
        frame(&[(5, 7, 0x1000, &parameter, 1)]),
        frame(&[(5, 7, 0x0502, &[1, 2, 8, 0, 0, 0], 1)]),
    ]);
    assert_eq!(
        bare(&heard),
        [
            "master slave 7  attempt = bootstrap by master",
            "master slave 7  attempt = file download by master",
            "master slave 7  attempt = EEPROM write by master",
        ]
    );
    assert_eq!(heard.acts(), [0, 0, 2, 0, 2]);
}

#[test]
fn frames_that_nobody_has_touched_and_two_of_one_address_say_nothing() {
    let heard = listen(&[
        frame(&[(7, 0, 0x0130, &[0, 0], 0), (4, 7, 0x0000, &[0x11, 2, 3, 0], 0)]),
        frame(&[(4, 7, 0x0000, &[0x11, 2, 3, 0], 2)]),
        frame(&[(12, 0, 1, &[0; 8], 0)]),
    ]);
    assert_eq!(heard.lines(), [""; 0]);
    let heard = listen(&[frame(&[(12, 0, 1, &[0; 8], 3)]), frame(&[(12, 0, 1, &[1; 8], 3)])]);
    assert_eq!(bare(&heard), ["master  cyclic_data = LRW"]);
}

#[test]
fn a_state_is_told_when_it_is_another() {
    let status = |status: u8, code: u8| frame(&[(4, 7, 0x0130, &[status, 0, 0, 0, code, 0], 1)]);
    let heard = listen(&[status(8, 0), status(8, 0), status(0x14, 0x1b), status(0x14, 0x1b)]);
    assert_eq!(
        bare(&heard),
        [
            "master slave 7  al_state = Op",
            "master slave 7  al_state = SafeOp, error",
            "master slave 7  al_status_code = 27",
        ]
    );
}

#[test]
fn lengths_that_lie_cost_the_rest_of_the_frame() {
    let mut broken = frame(&[(7, 5, 0x0130, &[1, 0], 5), (4, 7, 0, &[0x11, 2, 3, 0], 1)]);
    broken[2 + 14 + 6] = 200;
    let heard = listen(&[broken]);
    assert_eq!(bare(&heard), ["master  slaves = 5"]);
    assert_eq!(heard.damage.len(), 1);
    let probe = PROTOCOL.probe;
    assert_eq!(probe(&frame(&[(7, 5, 0x0130, &[1, 0], 5)])), Probe::Maybe);
    assert_eq!(probe(b"\x0e\x10"), Probe::More);
    assert_eq!(probe(b"GET / HTTP/1.1"), Probe::No);
}
