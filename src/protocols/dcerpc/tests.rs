//! What hosts say, and what hostile ones try. `10.0.0.1` is the client, `10.0.0.2` the server.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

mod hostile;
mod services;

use super::*;
use crate::protocols::harness::{self, Listener};

const TO_SERVER: Direction = Direction::ToServer;
const TO_CLIENT: Direction = Direction::ToClient;

const REQUEST: u8 = 0;
const RESPONSE: u8 = 2;
const BIND: u8 = 11;
const BIND_ACK: u8 = 12;
const WHOLE: u8 = 0x03;

const NDR: u128 = 0x8a885d04_1ceb_11c9_9fe8_08002b104860;
const NDR64: u128 = 0x71710533_beba_4937_8319_b5dbef9ccc36;
const EPM: (u128, u32) = (0xe1af8308_5d1f_11c9_91a4_08002b14a0fa, 3);
const WKSSVC: (u128, u32) = (0x6bffd098_a112_3610_9833_46c3f87e345a, 1);
const WINREG: (u128, u32) = (0x338cd001_2244_31f1_aaaa_900038001003, 1);

fn listen(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, false, messages)
}

/// What is said, without places.
fn said(listener: &Listener) -> Vec<String> {
    let lines = listener.lines().into_iter();
    lines.map(|line| line.split(" @").next().unwrap_or_default().to_owned()).collect()
}

/// A fragment in little-endian.
fn fragment(kind: u8, flags: u8, call: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![5, 0, kind, flags, 0x10, 0, 0, 0];
    bytes.extend_from_slice(&(16 + body.len() as u16).to_le_bytes());
    bytes.extend_from_slice(&[0, 0]); // auth_length
    bytes.extend_from_slice(&call.to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn syntax(uuid: u128, version: u32) -> Vec<u8> {
    let mut bytes = uuid::Uuid::from_u128(uuid).to_bytes_le().to_vec();
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes
}

/// A bind that proposes each way of writing in a context of its own.
fn bind((interface, version): (u128, u32), ways: &[u128]) -> Vec<u8> {
    let mut body = vec![0xd0, 0x16, 0xd0, 0x16, 0, 0, 0, 0, ways.len() as u8, 0, 0, 0];
    for (id, way) in ways.iter().enumerate() {
        body.extend_from_slice(&[id as u8, 0, 1, 0]);
        body.extend_from_slice(&syntax(interface, version));
        body.extend_from_slice(&syntax(*way, 2));
    }
    fragment(BIND, WHOLE, 1, &body)
}

/// Its answer, with the way of writing of each context that is accepted.
fn bind_ack(ways: &[Option<u128>]) -> Vec<u8> {
    let mut body = vec![0xd0, 0x16, 0xd0, 0x16, 1, 0, 0, 0, 4, 0];
    body.extend_from_slice(b"135\0\0\0"); // The secondary address, and what aligns it.
    body.extend_from_slice(&[ways.len() as u8, 0, 0, 0]);
    for way in ways {
        match way {
            Some(way) => body.extend_from_slice(&[&[0; 4][..], &syntax(*way, 2)].concat()),
            None => body.extend_from_slice(&[&[2, 0, 2, 0][..], &[0; 20]].concat()),
        }
    }
    fragment(BIND_ACK, WHOLE, 1, &body)
}

fn request(operation: u16, call: u32, stub: &[u8]) -> Vec<u8> {
    let [low, high] = operation.to_le_bytes();
    let head = [0, 0, 0, 0, 0, 0, low, high];
    fragment(REQUEST, WHOLE, call, &[&head[..], stub].concat())
}

fn response(flags: u8, call: u32, stub: &[u8]) -> Vec<u8> {
    fragment(RESPONSE, flags, call, &[&[0; 8][..], stub].concat())
}

/// A bind, its acceptance, one request with an answer.
fn call(interface: (u128, u32), operation: u16, ask: &[u8], answer: &[u8]) -> Listener {
    listen(&[
        (TO_SERVER, &bind(interface, &[NDR])),
        (TO_CLIENT, &bind_ack(&[Some(NDR)])),
        (TO_SERVER, &request(operation, 7, ask)),
        (TO_CLIENT, &response(WHOLE, 7, answer)),
    ])
}

/// Numbers, text and bytes of a stub.
#[derive(Default)]
struct Stub(Vec<u8>);

impl Stub {
    fn u32(mut self, numbers: &[u32]) -> Self {
        while !self.0.len().is_multiple_of(4) {
            self.0.push(0);
        }
        numbers.iter().for_each(|number| self.0.extend_from_slice(&number.to_le_bytes()));
        self
    }

    fn u64(mut self, numbers: &[u64]) -> Self {
        while !self.0.len().is_multiple_of(8) {
            self.0.push(0);
        }
        numbers.iter().for_each(|number| self.0.extend_from_slice(&number.to_le_bytes()));
        self
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn string(self, text: &str) -> Self {
        let units = text.encode_utf16().count() as u32 + 1;
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.u32(&[units, 0, units]).raw(&bytes).raw(&[0, 0])
    }

    fn wide_string(self, text: &str) -> Self {
        let units = text.encode_utf16().count() as u64 + 1;
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.u64(&[units, 0, units]).raw(&bytes).raw(&[0, 0])
    }

    /// An RPC_UNICODE_STRING with its characters behind it.
    fn counted(self, text: &str) -> Self {
        let bytes = (text.len() as u32 + 1) * 2;
        self.u32(&[bytes << 16 | bytes, 0x2000]).string(text)
    }
}
