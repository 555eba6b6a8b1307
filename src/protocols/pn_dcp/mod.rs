//! PROFINET without IP: everything of Ethernet type 0x8892 (IEC 61158-6-10).
//!
//! Reads the discovery and basic configuration protocol ([`dcp`]): which stations there are, what they are, and who
//! names and addresses them; alarms ([`alarm`]); and of the precision transparent clock protocol who gives the clock
//! ([`clock`]). Data that is exchanged in cycles is told once for each sender and never looked at again: the flow counts it.
//!
//! ```text
//! 0         2
//! ┌─────────┬──────────────────────────────────────────┐
//! │ FrameID │ what the FrameID says                    │  big-endian
//! └─────────┴──────────────────────────────────────────┘
//!   0020-003F, 0080-0081  clock: sync             FC01, FE01  alarm of high, of low priority
//!   0100-7FFF             data, isochronous       FEFC-FEFF   DCP: hello, get and set, identify, its answer
//!   8000-BBFF, C000-F7FF  data to one             FF00-FF43   clock: announce, follow up, delay
//!   BC00-BFFF, F800-FBFF  data to several
//! ```

mod alarm;
mod clock;
mod dcp;
mod keys;
#[cfg(test)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::{Addr, Subject};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "pn_dcp",
    spec: "IEC 61158-6-10",
    attach: &[Attach::Ether(0x8892)],
    keys: &[keys::ALL],
    probe,
    start: || Box::new(PnDcp::default()),
};

#[derive(Default)]
struct PnDcp {
    /// Of which direction it was told that data comes in cycles.
    told: [bool; 2],
}

impl Dissector for PnDcp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let frame_id = input.bytes.first_chunk().map_or(0, |id| u16::from_be_bytes(*id));
        let read = match frame_id {
            CYCLIC_FIRST..=CYCLIC_LAST => {
                self.cyclic(frame_id, input, out);
                Ok(())
            }
            DCP_FIRST..=DCP_LAST => dcp::read(input, out),
            ALARM_HIGH | ALARM_LOW => alarm::read(input, out),
            _ if clock::is_clock(frame_id) => clock::read(frame_id, input, out),
            _ => Ok(()),
        };
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

impl PnDcp {
    /// A thousand times a second and more: nothing is done but once.
    fn cyclic(&mut self, frame_id: u16, input: &Input<'_>, out: &mut Sink<'_>) {
        let [to_server, to_client] = &mut self.told;
        let told = match input.direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        };
        if std::mem::replace(told, true) || !is_station(input) {
            return;
        }
        let what = match frame_id {
            ..=ISOCHRONOUS_LAST => "isochronous",
            0xbc00..=0xbfff | 0xf800.. => "multicast",
            _ => "unicast",
        };
        let sender = Subject::node(input.sender());
        out.text(&sender, keys::CYCLIC_DATA, what, FRAME_ID);
    }
}

/// The Ethernet type alone makes a frame PROFINET; other bytes that look like it prove nothing.
fn probe(bytes: &[u8]) -> Probe {
    match Reader::new(bytes).u16_be("FrameID") {
        Ok(id) => {
            let known = matches!(
                id,
                CYCLIC_FIRST..=CYCLIC_LAST | ALARM_HIGH | ALARM_LOW | DCP_FIRST..=DCP_LAST
            );
            if known || clock::is_clock(id) { Probe::Maybe } else { Probe::No }
        }
        Err(_) => Probe::More,
    }
}

/// False for a sender that nobody can be.
fn is_station(input: &Input<'_>) -> bool {
    matches!(input.sender().addr, Addr::Mac(mac) if !mac.is_group() && !mac.is_zero())
}

/// Place of the FrameID.
const FRAME_ID: Span = Span { at: 0, len: 2 };
const CYCLIC_FIRST: u16 = 0x0100;
const ISOCHRONOUS_LAST: u16 = 0x7fff;
const CYCLIC_LAST: u16 = 0xfbff;
const ALARM_HIGH: u16 = 0xfc01;
const ALARM_LOW: u16 = 0xfe01;
const DCP_FIRST: u16 = 0xfefc;
const DCP_LAST: u16 = 0xfeff;
