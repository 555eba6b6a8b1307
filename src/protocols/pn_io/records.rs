//! Records: what is read from a device, and what is written to it.
//!
//! ```text
//! IODReadReqHeader, IODReadResHeader, IODWriteReqHeader, IODWriteResHeader
//!   SeqNumber u16 | ARUUID 16 | API u32 | SlotNumber u16 | SubslotNumber u16 | Padding 2 | Index u16 | RecordDataLength u32
//!   | 24 bytes, which in the answer to Write begin: AdditionalValue1 u16 | AdditionalValue2 u16 | PNIOStatus u32
//! ```
//!
//! Several records are written at once under the index 0xE040: headers and records, each at a multiple of four bytes.

use crate::model::limits::PN_IO_BLOCKS_MAX;
use crate::model::{Act, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::dcerpc::{Datagram, connectionless};
use crate::wire::{Malformed, Reader, Span};

use super::block::{self, Block};
use super::{Call, connect, identification, keys, ports, slots};

/// Tells what a call is for. Connections are for nothing themselves.
pub(super) fn tell_act(datagram: &Datagram<'_>, out: &mut Sink<'_>) {
    let act = match datagram.operation {
        super::READ | super::READ_IMPLICIT if datagram.interface.as_u128() == super::DEVICE => {
            let mut blocks = datagram.body.clone();
            let head = blocks.skip("ArgsLength", super::FRAME_BYTES).ok();
            let head = head.and_then(|()| Header::take(&mut blocks).ok());
            match head.map(|head| head.index) {
                Some(index) if IDENTIFYING.iter().any(|range| range.contains(&index)) => {
                    Act::Identify
                }
                _ => Act::Read,
            }
        }
        super::WRITE if datagram.interface.as_u128() == super::DEVICE => Act::Write,
        _ => return,
    };
    out.act(act, connectionless::OPERATION_NUMBER);
}

/// Reads the answer to Read.
pub(super) fn read(call: &Call, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let header = Header::take(&mut r)?;
    let record = r.sub("RecordDataLength", header.length)?;
    if record.left() < BLOCK_HEADER_BYTES {
        return Ok(());
    }
    if !header.holds_blocks() {
        return Ok(());
    }
    block::each(record, out, |block, out| blocks(call, &header, block, out))
}

fn blocks(
    call: &Call,
    header: &Header,
    block: Block<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    match block.kind {
        MULTIPLE_BLOCK => {
            let mut body = block.body;
            body.skip("Padding, API, SlotNumber, SubslotNumber", 10)?;
            block::each(body, out, |block, out| one(call, header, block, out))
        }
        _ => one(call, header, block, out),
    }
}

fn one(
    call: &Call,
    header: &Header,
    block: Block<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let Block { kind, version_low, body } = block;
    match kind {
        REAL_IDENTIFICATION_DATA => slots::real(call, version_low, body, out),
        connect::MODULE_DIFF => slots::differing(call, body, out),
        PD_INTERFACE_DATA_REAL => ports::interface(&call.device(), body, out),
        PD_PORT_DATA_REAL => ports::port(&call.device(), body, out),
        _ => identification::read(&call.place(header.slot, header.subslot), kind, body, out),
    }
}

/// Reads Write and its answer: which identification records are changed, and whether they were.
pub(super) fn write(call: &Call, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = r.at();
    let header = Header::take(&mut r)?;
    written(call, &header, out);
    if header.index != WRITE_MULTIPLE {
        return Ok(());
    }
    for _ in 0..PN_IO_BLOCKS_MAX {
        if r.left() < BLOCK_HEADER_BYTES {
            return Ok(());
        }
        let header = Header::take(&mut r)?;
        written(call, &header, out);
        if call.is_request {
            r.skip("RecordData", header.length.min(r.left()))?;
        }
        if r.is_empty() {
            return Ok(());
        }
        block::align(&mut r, start)?;
    }
    out.count("pn_io.blocks_over_limit");
    Ok(())
}

fn written(call: &Call, header: &Header, out: &mut Sink<'_>) {
    if !identification::WRITABLE.contains(&header.index) {
        return;
    }
    let number = header.index.wrapping_sub(identification::FIRST);
    let place = call.place(header.slot, header.subslot);
    let what = format!("I&M{number} by {}", call.ends.controller.addr);
    let device = Subject::node(place.node);
    let what = match &place.unit {
        Some(unit) => format!("{unit}: {what}"),
        None => what,
    };
    if call.is_request {
        out.text(&device, keys::ATTEMPT, &what, header.index_span);
    } else if header.status == 0 {
        out.text(&device, keys::IDENTIFICATION_CHANGE, &what, header.index_span);
    }
}

/// What stands in front of a record.
#[derive(Debug)]
struct Header {
    slot: u16,
    subslot: u16,
    index: u16,
    index_span: Span,
    length: usize,
    /// In the answer to Write: what came of it.
    status: u32,
}

impl Header {
    fn take(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let Block { kind, mut body, .. } = Block::take(r)?;
        if !HEADERS.contains(&(kind & !ANSWER)) {
            return Err(body.impossible("BlockType"));
        }
        body.skip("SeqNumber, ARUUID, API", 22)?;
        let slot = body.u16_be("SlotNumber")?;
        let subslot = body.u16_be("SubslotNumber")?;
        body.skip("Padding", 2)?;
        let start = body.at();
        let index = body.u16_be("Index")?;
        let index_span = body.since(start);
        let length = usize::try_from(body.u32_be("RecordDataLength")?).unwrap_or(usize::MAX);
        body.skip("AdditionalValue1, AdditionalValue2", 4)?;
        let status = body.u32_be("PNIOStatus")?;
        Ok(Self { slot, subslot, index, index_span, length, status })
    }

    /// Records that modules define themselves have no common form.
    fn holds_blocks(&self) -> bool {
        self.index >= FIRST_COMMON
    }
}

/// Types of the headers to read and to write.
const HEADERS: [u16; 2] = [0x0008, 0x0009];
/// What the types of answers have more than those of requests.
const ANSWER: u16 = 0x8000;
const BLOCK_HEADER_BYTES: usize = 6;
/// Below it are the records that modules define themselves.
const FIRST_COMMON: u16 = 0x8000;
const WRITE_MULTIPLE: u16 = 0xe040;
/// Indices of records that tell what a device is: real identification data of a subslot, a slot, an AR, an API; I&M0 to I&M5;
/// which submodules have I&M; interface and ports.
const IDENTIFYING: &[std::ops::RangeInclusive<u16>] = &[
    0x8001..=0x8001,
    0xaff0..=0xaff5,
    0xc001..=0xc001,
    0xe001..=0xe001,
    0xf000..=0xf000,
    0xf840..=0xf841,
];
const REAL_IDENTIFICATION_DATA: u16 = 0x0013;
const MULTIPLE_BLOCK: u16 = 0x0400;
const PD_PORT_DATA_REAL: u16 = 0x020f;
const PD_INTERFACE_DATA_REAL: u16 = 0x0240;
