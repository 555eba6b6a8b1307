//! Frames of the link layer (IEEE 1815-2012, clause 9): a header with a CRC, then the data in blocks of 16 bytes, each
//! with a CRC of its own.

use crate::flow::Input;
use crate::protocols::Probe;
use crate::protocols::shared::gathered::Gathered;
use crate::wire::{Malformed, Reader, Span};

/// A frame whose header is sound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// True when the master sent it (DIR).
    pub(super) is_from_master: bool,
    /// It carries user data: the first message of a transaction with function 3 or 4.
    pub(super) has_data: bool,
    pub(super) destination: u16,
    pub(super) source: u16,
    /// Bytes of user data, without CRCs.
    data_bytes: usize,
    /// Bytes of the frame.
    pub(super) length: usize,
}

/// What stands at the front.
#[derive(Debug)]
pub(super) enum Framed {
    /// A frame whose header is sound.
    Link(Link),
    /// No frame; the next may begin behind so many bytes.
    Damaged(Malformed, usize),
    /// More bytes are needed.
    Need(usize),
    /// No frame, and none to be seen.
    Lost(Malformed),
}

/// Finds the first frame.
pub(super) fn frame(input: &Input<'_>) -> Framed {
    let bytes = input.bytes;
    match Link::read(bytes) {
        Ok(link) if bytes.len() >= link.length => Framed::Link(link),
        Ok(link) if input.whole => {
            let damage = Malformed {
                field: "user data",
                at: HEADER_BYTES,
                need: link.length,
                have: bytes.len(),
            };
            Framed::Damaged(damage, bytes.len())
        }
        Ok(link) => Framed::Need(link.length),
        Err(damage) if damage.need != damage.have && !input.whole => Framed::Need(HEADER_BYTES),
        Err(damage) => match next_start(bytes) {
            Some(next) => Framed::Damaged(damage, next),
            None if input.whole => Framed::Damaged(damage, bytes.len().max(1)),
            None => Framed::Lost(damage),
        },
    }
}

/// Looks at the first bytes of a conversation, sent either way. The CRC makes it sure.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    match Link::read(bytes) {
        Ok(_) => Probe::Yes,
        Err(damage) if damage.need != damage.have => Probe::More,
        // The header was damaged on its way, and what follows may be sound.
        Err(damage) if damage.field == HEADER_CRC => Probe::Maybe,
        Err(_) => Probe::No,
    }
}

/// Where the link layer's function code stands in a frame.
pub(super) const CONTROL_SPAN: Span = Span { at: 3, len: 1 };

impl Link {
    /// Reads a header.
    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        for start in START {
            if r.u8("start")? != start {
                return Err(r.impossible("start"));
            }
        }
        let length = usize::from(r.u8("length")?);
        let Some(data_bytes) = length.checked_sub(LENGTH_MIN) else {
            return Err(r.impossible("length"));
        };
        let control = r.u8("control")?;
        let destination = r.u16_le("destination")?;
        let source = r.u16_le("source")?;
        let sum = r.u16_le("header CRC")?;
        if bytes.get(..SUMMED_BYTES).map(crc) != Some(sum) {
            return Err(r.impossible(HEADER_CRC));
        }
        let is_primary = control & PRIMARY != 0;
        Ok(Self {
            is_from_master: control & FROM_MASTER != 0,
            has_data: is_primary && matches!(control & FUNCTION, CONFIRMED_DATA | UNCONFIRMED_DATA),
            destination,
            source,
            data_bytes,
            length: length_of(data_bytes),
        })
    }

    /// The data of each block, as offset and number of bytes.
    fn blocks(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let all = self.data_bytes;
        (0..all.div_ceil(BLOCK_BYTES)).map(move |number| {
            let before = number.saturating_mul(BLOCK_BYTES);
            let at = HEADER_BYTES.saturating_add(number.saturating_mul(BLOCK_AND_CRC_BYTES));
            (at, all.saturating_sub(before).min(BLOCK_BYTES))
        })
    }

    /// Checks the CRCs of all blocks.
    pub(super) fn check(&self, bytes: &[u8]) -> Result<(), Malformed> {
        for (at, len) in self.blocks() {
            let end = at.saturating_add(len);
            let sum = bytes.get(end..end.saturating_add(CRC_BYTES));
            let is_right = bytes
                .get(at..end)
                .zip(sum)
                .is_some_and(|(block, sum)| crc(block).to_le_bytes().as_slice() == sum);
            if !is_right {
                return Err(Malformed { field: "data CRC", at, need: len, have: len });
            }
        }
        Ok(())
    }

    /// The data of the first block: transport header, application header, the first object header.
    pub(super) fn first_block<'a>(&self, bytes: &'a [u8]) -> Reader<'a> {
        let (at, len) = self.blocks().next().unwrap_or((HEADER_BYTES, 0));
        let block = bytes.get(at..at.saturating_add(len)).unwrap_or_default();
        Reader::starting_at(block, at)
    }

    /// Appends the data behind the transport header to what came before.
    pub(super) fn gather(&self, input: &Input<'_>, into: &mut Gathered) {
        let mut skip = TRANSPORT_BYTES;
        for (at, len) in self.blocks() {
            into.push(input, at.saturating_add(skip), len.saturating_sub(skip));
            skip = 0;
        }
    }

    /// Bytes of data behind the transport header.
    pub(super) fn segment_bytes(&self) -> usize {
        self.data_bytes.saturating_sub(TRANSPORT_BYTES)
    }
}

/// Bytes of a frame with so many bytes of data.
fn length_of(data_bytes: usize) -> usize {
    let sums = data_bytes.div_ceil(BLOCK_BYTES).saturating_mul(CRC_BYTES);
    HEADER_BYTES.saturating_add(data_bytes).saturating_add(sums)
}

/// The offset of the next sound header, or of what may become one.
fn next_start(bytes: &[u8]) -> Option<usize> {
    (1..bytes.len()).find(|at| {
        let rest = bytes.get(*at..).unwrap_or_default();
        match Link::read(rest) {
            Ok(_) => true,
            // Cut off by the end of what is there.
            Err(damage) => damage.need != damage.have,
        }
    })
}

/// The checksum of the link layer (9.2.5.3): polynomial 0x3d65, reflected, complemented at the end.
pub(super) fn crc(bytes: &[u8]) -> u16 {
    let sum = bytes.iter().fold(0, |sum: u16, byte| {
        let [_, low] = sum.to_be_bytes();
        let step = CRC_STEPS.get(usize::from(low ^ byte)).copied().unwrap_or_default();
        (sum >> 8) ^ step
    });
    !sum
}

/// What each byte does to the checksum.
const CRC_STEPS: [u16; 256] = crc_steps();

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // evaluated by the compiler only
const fn crc_steps() -> [u16; 256] {
    let mut steps = [0; 256];
    let mut byte = 0_u16;
    let mut at = 0;
    while at < steps.len() {
        let mut step = byte;
        let mut bit = 0;
        while bit < 8 {
            step = if step & 1 == 1 { (step >> 1) ^ 0xa6bc } else { step >> 1 };
            bit += 1;
        }
        steps[at] = step;
        byte += 1;
        at += 1;
    }
    steps
}

const START: [u8; 2] = [0x05, 0x64];
/// The name of the check that a header with the right form may fail.
const HEADER_CRC: &str = "header CRC";
/// Control and both addresses are counted by the length.
const LENGTH_MIN: usize = 5;
const SUMMED_BYTES: usize = 8;
const HEADER_BYTES: usize = 10;
const BLOCK_BYTES: usize = 16;
const CRC_BYTES: usize = 2;
const BLOCK_AND_CRC_BYTES: usize = BLOCK_BYTES + CRC_BYTES;
const TRANSPORT_BYTES: usize = 1;
const FROM_MASTER: u8 = 0x80;
const PRIMARY: u8 = 0x40;
const FUNCTION: u8 = 0x0f;
const CONFIRMED_DATA: u8 = 3;
const UNCONFIRMED_DATA: u8 = 4;
