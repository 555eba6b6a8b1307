//! The precision transparent clock protocol: who gives the clock to whom, and who measures its lines.
//!
//! ```text
//! FrameID u16 | padding 12 | SequenceID u16 | padding 2 | Delay1ns u32 | { type 7 bit, length 9 bit | value } ...
//! Subdomain   MasterSourceAddress 6 | SubdomainUUID 16
//! ```

use uuid::Uuid;

use crate::flow::Input;
use crate::model::{Mac, Subject};
use crate::protocols::Sink;
use crate::wire::{Malformed, Reader};

use super::{FRAME_ID, is_station, keys};

/// True for a frame of the clock.
pub(super) fn is_clock(frame_id: u16) -> bool {
    is_of_master(frame_id) || matches!(frame_id, DELAY_FIRST..=DELAY_LAST)
}

fn is_of_master(frame_id: u16) -> bool {
    matches!(frame_id, 0x0020..=0x003f | 0x0080..=0x0081 | 0xff00..=0xff01 | 0xff20..=0xff21)
}

/// Reads one frame. Sync frames come through switches, which keep their source.
pub(super) fn read(frame_id: u16, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    if !is_station(input) {
        return Ok(());
    }
    let sender = Subject::node(input.sender());
    if !is_of_master(frame_id) {
        // From each port of each device, five times a second.
        out.text(&sender, keys::PTCP_ROLE, "measures line delays", FRAME_ID);
        return Ok(());
    }
    let mut r = Reader::new(input.bytes);
    r.skip("FrameID, PTCP_Header", 22)?;
    while r.left() >= 2 {
        let head = r.u16_be("TLVHeader")?;
        let mut value = r.sub("TLVHeader", usize::from(head & 0x01ff))?;
        match head >> 9 {
            END => break,
            SUBDOMAIN => {
                let start = value.at();
                let master = Mac(value.array("MasterSourceAddress")?);
                if master.is_group() || master.is_zero() {
                    return Err(value.impossible("MasterSourceAddress"));
                }
                let span = value.since(start);
                out.text(&sender, keys::SYNC_MASTER, &master.to_string(), span);
                let start = value.at();
                let subdomain = Uuid::from_bytes(value.array("SubdomainUUID")?);
                let span = value.since(start);
                out.text(&sender, keys::SYNC_SUBDOMAIN, &subdomain.to_string(), span);
            }
            _ => {}
        }
    }
    out.text(&sender, keys::PTCP_ROLE, "sync master", FRAME_ID);
    Ok(())
}

const DELAY_FIRST: u16 = 0xff40;
const DELAY_LAST: u16 = 0xff43;
const END: u16 = 0;
const SUBDOMAIN: u16 = 1;
