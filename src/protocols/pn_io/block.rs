//! Blocks, which everything of PROFINET is written in.

use crate::model::limits::PN_IO_BLOCKS_MAX;
use crate::protocols::Sink;
use crate::wire::{Malformed, Reader};

/// One block.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// What it is.
    pub(super) kind: u16,
    /// Second number of its version.
    pub(super) version_low: u8,
    /// What it holds.
    pub(super) body: Reader<'a>,
}

impl<'a> Block<'a> {
    /// Takes the next block.
    pub(super) fn take(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        let kind = r.u16_be("BlockType")?;
        let length = usize::from(r.u16_be("BlockLength")?);
        let mut body = r.sub("BlockLength", length)?;
        body.u8("BlockVersionHigh")?;
        let version_low = body.u8("BlockVersionLow")?;
        Ok(Self { kind, version_low, body })
    }
}

/// Shows each block to `read`. One that is wrong inside costs only itself: its length was sound.
pub(super) fn each<'a>(
    mut r: Reader<'a>,
    out: &mut Sink<'_>,
    mut read: impl FnMut(Block<'a>, &mut Sink<'_>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    for _ in 0..PN_IO_BLOCKS_MAX {
        if r.is_empty() {
            return Ok(());
        }
        let block = Block::take(&mut r)?;
        if let Err(malformed) = read(block, out) {
            out.damaged(malformed);
        }
    }
    out.count("pn_io.blocks_over_limit");
    Ok(())
}

/// Passes over the bytes up to the next multiple of four, counted from `start`.
pub(super) fn align(r: &mut Reader<'_>, start: usize) -> Result<(), Malformed> {
    let padding = r.at().saturating_sub(start).wrapping_neg() & 3;
    r.skip("Padding", padding)
}
