//! For unit tests: makes frames, and shows them.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use crate::model::{Frame, FrameRef, LinkType, Timestamp};

/// A TCP segment; payload begins at offset 54 of its frame.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) from: u8,
    pub(crate) to: u8,
    pub(crate) ports: (u16, u16),
    pub(crate) sequence: u32,
    pub(crate) acknowledged: Option<u32>,
    pub(crate) flags: u8,
    pub(crate) payload: Vec<u8>,
}

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;

/// The frame from host `from` to host `to` of 10.0.0.0/24, IP protocol 6 or 17.
pub(crate) fn ip(from: u8, to: u8, protocol: u8, body: &[u8]) -> Vec<u8> {
    let total = (body.len() + 20) as u16;
    let mut bytes = vec![2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 0x08, 0x00, 0x45, 0];
    bytes.extend(total.to_be_bytes());
    bytes.extend([0, 1, 0, 0, 64, protocol, 0, 0, 10, 0, 0, from, 10, 0, 0, to]);
    bytes.extend(body);
    bytes
}

/// A UDP datagram; payload begins at offset 42 of its frame.
pub(crate) fn udp(from: (u8, u16), to: (u8, u16), payload: &[u8]) -> Vec<u8> {
    let mut body = [from.1.to_be_bytes(), to.1.to_be_bytes()].concat();
    body.extend(((payload.len() + 8) as u16).to_be_bytes());
    body.extend([0, 0]);
    body.extend(payload);
    ip(from.0, to.0, 17, &body)
}

impl Segment {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut body = [self.ports.0.to_be_bytes(), self.ports.1.to_be_bytes()].concat();
        body.extend(self.sequence.to_be_bytes());
        body.extend(self.acknowledged.unwrap_or(0).to_be_bytes());
        let ack = if self.acknowledged.is_some() { 0x10 } else { 0 };
        body.extend([0x50, self.flags | ack, 0x20, 0, 0, 0, 0, 0]);
        body.extend(&self.payload);
        ip(self.from, self.to, 6, &body)
    }
}

/// The frame with this number, a millisecond after the one before.
pub(crate) fn frame(number: u64, bytes: &[u8]) -> Frame<'_> {
    Frame {
        at: Timestamp(number as i64 * 1_000_000),
        frame: FrameRef { capture: 0, number },
        link: LinkType::ETHERNET,
        wire_len: bytes.len() as u32,
        bytes,
    }
}
