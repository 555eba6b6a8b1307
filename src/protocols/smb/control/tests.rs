//! Bytes written after \[MS-SMB2\] sections 2.2.31 and 2.2.32.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::*;
use crate::flow::Direction;
use crate::protocols::smb::tests::{TO_CLIENT, TO_SERVER, framed, listen, sweep};

const IOCTL: u8 = 0x0b;
const GUID: [u8; 16] =
    [0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 8, 9, 10, 11, 12, 13, 14, 15];

/// A control of this code; `buffer` is its input in a request and its output in a response.
fn control(direction: Direction, code: u32, buffer: &[u8]) -> Vec<u8> {
    let response = direction == TO_CLIENT;
    let mut message = b"\xfeSMB\x40\0\0\0\0\0\0\0".to_vec();
    message.extend_from_slice(&[IOCTL, 0, 1, 0, u8::from(response), 0, 0, 0]);
    message.extend_from_slice(&[0; 44]);
    message.extend_from_slice(&[if response { 49 } else { 57 }, 0, 0, 0]);
    message.extend_from_slice(&code.to_le_bytes());
    message.extend_from_slice(&[0xff; 16]); // FileId
    let (offset, count) = (if response { 112_u32 } else { 120 }, buffer.len() as u32);
    let place = [offset.to_le_bytes(), count.to_le_bytes()].concat();
    if response {
        message.extend_from_slice(&[0; 8]); // InputOffset, InputCount
        message.extend_from_slice(&place);
        message.extend_from_slice(&[0; 8]); // Flags, Reserved2
    } else {
        message.extend_from_slice(&place);
        message.extend_from_slice(&[0; 24]); // MaxInputResponse to Reserved2
    }
    message.extend_from_slice(buffer);
    framed(&message)
}

/// One interface of 152 bytes.
fn interface(next: u32, index: u8, capability: u8, address: &[u8]) -> Vec<u8> {
    let mut entry = next.to_le_bytes().to_vec();
    entry.extend_from_slice(&[index, 0, 0, 0, capability, 0, 0, 0, 0, 0, 0, 0]);
    entry.extend_from_slice(&1_000_000_000_u64.to_le_bytes());
    entry.extend_from_slice(address);
    entry.resize(152, 0);
    entry
}

fn two_interfaces() -> Vec<u8> {
    let mut v6 = b"\x17\0\0\0\0\0\0\0\xfe\x80".to_vec();
    v6.extend_from_slice(&[0; 13]);
    v6.push(7);
    let list = [interface(152, 2, 1, b"\x02\0\0\0\x0a\x01\x02\x03"), interface(0, 3, 0, &v6)];
    control(TO_CLIENT, QUERY_NETWORK_INTERFACE_INFO, &list.concat())
}

#[test]
fn a_server_tells_all_addresses_that_it_has() {
    let answer = two_interfaces();
    let heard = listen(&[(TO_CLIENT, &answer)]);
    let expected = [
        "10.0.0.2  smb.interface_address = 10.1.2.3 @144+4",
        "10.0.0.2  smb.interface = 10.1.2.3, index 2, 1000000000 bit/s, RSS @116+32",
        "10.0.0.2  smb.interface_address = fe80::7 @300+16",
        "10.0.0.2  smb.interface = fe80::7, index 3, 1000000000 bit/s, none @268+48",
    ];
    assert_eq!(heard.lines(), expected);
    assert!(heard.damage.is_empty(), "{:?}", heard.damage);
    sweep(&[(TO_CLIENT, &answer)]);
}

#[test]
fn a_list_that_does_not_move_on_and_one_without_end_stop() {
    let still = interface(8, 1, 0, b"\x02\0\0\0\x0a\x01\x02\x03");
    let answer = control(TO_CLIENT, QUERY_NETWORK_INTERFACE_INFO, &still);
    assert_eq!(listen(&[(TO_CLIENT, &answer)]).damage.len(), 1);
    let entry = interface(152, 1, 0, b"\x02\0\0\0\x0a\x01\x02\x03");
    for count in [3, 100] {
        let answer = control(TO_CLIENT, QUERY_NETWORK_INTERFACE_INFO, &entry.repeat(count));
        assert_eq!(listen(&[(TO_CLIENT, &answer)]).damage.len(), 1, "the next one is not there");
    }
}

#[test]
fn a_validation_repeats_what_was_negotiated() {
    let offer = [&[0x7f, 0, 0, 0][..], &GUID, &[2, 0, 2, 0, 0x10, 2, 0x02, 3]].concat();
    let choice = [&[0x07, 0, 0, 0][..], &GUID, &[1, 0, 0x02, 3]].concat();
    let (offer, choice) = (
        control(TO_SERVER, VALIDATE_NEGOTIATE_INFO, &offer),
        control(TO_CLIENT, VALIDATE_NEGOTIATE_INFO, &choice),
    );
    let heard = listen(&[(TO_SERVER, &offer), (TO_CLIENT, &choice)]);
    let said: Vec<String> = heard
        .said
        .iter()
        .map(|one| format!("{} {} = {}", one.subject, one.key, one.value))
        .collect();
    let expected = [
        "10.0.0.1 smb.capabilities = DFS, leasing, large MTU, multi-channel, persistent handles, \
         directory leasing, encryption",
        "10.0.0.1 smb.client_guid = 00112233-4455-6677-0809-0a0b0c0d0e0f",
        "10.0.0.1 smb.signing = required",
        "10.0.0.1 smb.dialects = SMB 2.1",
        "10.0.0.1 smb.dialects = SMB 3.0.2",
        "10.0.0.2 smb.capabilities = DFS, leasing, large MTU",
        "10.0.0.2 smb.server_guid = 00112233-4455-6677-0809-0a0b0c0d0e0f",
        "10.0.0.2 smb.signing = enabled",
        "10.0.0.2 smb.dialect = SMB 3.0.2",
        "10.0.0.2 smb.version = 3",
        "10.0.0.1 smb.version = 3",
    ];
    assert_eq!(said, expected);
    sweep(&[(TO_SERVER, &offer)]);
    sweep(&[(TO_SERVER, &offer), (TO_CLIENT, &choice)]);
}

#[test]
fn other_controls_and_empty_buffers_say_nothing() {
    let pipe = control(TO_SERVER, 0x0011_c017, &[5; 40]);
    let bare = control(TO_SERVER, QUERY_NETWORK_INTERFACE_INFO, &[]);
    let heard = listen(&[(TO_SERVER, &pipe), (TO_SERVER, &bare)]);
    assert!(heard.said.is_empty() && heard.damage.is_empty(), "{:?}", heard.lines());
}
