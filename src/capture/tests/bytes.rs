//! Captures written by hand, in either byte order.

use std::io::Write;

/// A writer of captures in one byte order.
#[derive(Clone, Copy)]
pub(super) struct Writer {
    pub(super) big: bool,
}

pub(super) const LITTLE: Writer = Writer { big: false };
pub(super) const BIG: Writer = Writer { big: true };

pub(super) const MICROSECONDS: u32 = 0xa1b2_c3d4;
pub(super) const NANOSECONDS: u32 = 0xa1b2_3c4d;
pub(super) const MODIFIED: u32 = 0xa1b2_cd34;

impl Writer {
    pub(super) fn u16(self, value: u16) -> [u8; 2] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    pub(super) fn u32(self, value: u32) -> [u8; 4] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    /// A pcap file header.
    pub(super) fn header(self, magic: u32, minor: u16, link: u32) -> Vec<u8> {
        let mut out = self.u32(magic).to_vec();
        out.extend(self.u16(2));
        out.extend(self.u16(minor));
        out.extend([0; 8]);
        out.extend(self.u32(65_535));
        out.extend(self.u32(link));
        out
    }

    /// A pcap record; `extra` bytes follow its header in the modified format.
    pub(super) fn record(self, seconds: u32, fraction: u32, bytes: &[u8], extra: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for word in [seconds, fraction, bytes.len() as u32, bytes.len() as u32 + 10] {
            out.extend(self.u32(word));
        }
        out.extend(vec![0xee; extra]);
        out.extend(bytes);
        out
    }

    /// A pcapng block around a body.
    pub(super) fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let mut padded = body.to_vec();
        padded.resize(body.len().next_multiple_of(4), 0);
        let length = self.u32(padded.len() as u32 + 12);
        [&self.u32(kind), &length, padded.as_slice(), &length].concat()
    }

    pub(super) fn section(self) -> Vec<u8> {
        let mut body = self.u32(0x1a2b_3c4d).to_vec();
        body.extend(self.u16(1));
        body.extend(self.u16(0));
        body.extend([0xff; 8]);
        self.block(0x0a0d_0d0a, &body)
    }

    /// An interface with its time resolution.
    pub(super) fn interface(self, link: u16, snap_length: u32, if_tsresol: u8) -> Vec<u8> {
        let mut body = self.u16(link).to_vec();
        body.extend([0, 0]);
        body.extend(self.u32(snap_length));
        body.extend(self.u16(9));
        body.extend(self.u16(1));
        body.extend([if_tsresol, 0, 0, 0]);
        body.extend([0; 4]);
        self.block(1, &body)
    }

    /// An Enhanced Packet with a comment.
    pub(super) fn enhanced(self, interface: u32, ticks: u64, bytes: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        let captured = bytes.len() as u32;
        for word in [interface, (ticks >> 32) as u32, ticks as u32, captured, captured + 10] {
            body.extend(self.u32(word));
        }
        body.extend(bytes);
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend(self.u16(1));
        body.extend(self.u16(3));
        body.extend(b"why\0");
        body.extend([0; 4]);
        self.block(6, &body)
    }

    pub(super) fn simple(self, original: u32, bytes: &[u8]) -> Vec<u8> {
        self.block(3, &[&self.u32(original), bytes].concat())
    }

    /// The obsolete Packet Block.
    pub(super) fn packet(self, interface: u16, ticks: u64, bytes: &[u8]) -> Vec<u8> {
        let mut body = self.u16(interface).to_vec();
        body.extend(self.u16(7));
        for word in [(ticks >> 32) as u32, ticks as u32, bytes.len() as u32, 99] {
            body.extend(self.u32(word));
        }
        body.extend(bytes);
        self.block(2, &body)
    }
}

/// A microsecond pcap file of Ethernet with a frame per time, in seconds.
pub(super) fn pcap(seconds: &[u32]) -> Vec<u8> {
    let mut out = LITTLE.header(MICROSECONDS, 4, 1);
    for (number, &at) in seconds.iter().enumerate() {
        out.extend(LITTLE.record(at, 0, &[number as u8; 5], 0));
    }
    out
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}
