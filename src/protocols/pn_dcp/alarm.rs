//! Alarms: something in a device is wrong, was pulled or plugged; or a connection is given up.
//!
//! ```text
//! FrameID u16 | AlarmDstEndpoint u16 | AlarmSrcEndpoint u16 | PDUType u8 | AddFlags u8 | SendSeqNum u16 | AckSeqNum u16
//! | VarPartLen u16 | data: AlarmNotification block, or error: PNIOStatus u32
//! AlarmNotification   BlockType u16 | BlockLength u16 | BlockVersion u16 | AlarmType u16 | API u32 | SlotNumber u16
//!                     | SubslotNumber u16 | ModuleIdentNumber u32 | SubmoduleIdentNumber u32 | AlarmSpecifier u16 ...
//! ```

use crate::flow::Input;
use crate::model::Subject;
use crate::protocols::Sink;
use crate::wire::{Malformed, Reader};

use super::{is_station, keys};

/// Reads one alarm. Acknowledgements say nothing.
pub(super) fn read(input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = Reader::new(input.bytes);
    r.skip("FrameID, AlarmDstEndpoint, AlarmSrcEndpoint", 6)?;
    let kind = r.u8("PDUType")? & TYPE_MASK;
    r.skip("AddFlags, SendSeqNum, AckSeqNum", 5)?;
    let length = usize::from(r.u16_be("VarPartLen")?);
    let mut part = r.sub("VarPartLen", length)?;
    if !is_station(input) {
        return Ok(());
    }
    let sender = Subject::node(input.sender());
    match kind {
        DATA => notification(&sender, part, out),
        ERROR => {
            let start = part.at();
            let status = part.u32_be("PNIOStatus")?;
            let text = format!("{status:08x}");
            out.text(&sender, keys::CONNECTION_ABORTED, &text, part.since(start));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn notification(sender: &Subject, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let block = r.u16_be("BlockType")?;
    if !matches!(block, NOTIFICATION_HIGH | NOTIFICATION_LOW) {
        return Ok(());
    }
    r.skip("BlockLength, BlockVersion", 4)?;
    let start = r.at();
    let kind = r.u16_be("AlarmType")?;
    r.skip("API", 4)?;
    let slot = r.u16_be("SlotNumber")?;
    let subslot = r.u16_be("SubslotNumber")?;
    let name = TYPES.iter().find(|(known, _)| *known == kind).map(|(_, name)| *name);
    let name = name.map_or_else(|| format!("type {kind}"), str::to_owned);
    let text = format!("{name}: slot {slot} subslot {subslot}");
    out.text(sender, keys::ALARM, &text, r.since(start));
    Ok(())
}

const TYPE_MASK: u8 = 0x0f;
const DATA: u8 = 1;
const ERROR: u8 = 4;
const NOTIFICATION_HIGH: u16 = 0x0001;
const NOTIFICATION_LOW: u16 = 0x0002;
/// AlarmType, by the words of the specification.
const TYPES: &[(u16, &str)] = &[
    (0x01, "diagnosis appears"),
    (0x02, "process"),
    (0x03, "pull"),
    (0x04, "plug"),
    (0x05, "status"),
    (0x06, "update"),
    (0x07, "redundancy"),
    (0x08, "controlled by supervisor"),
    (0x09, "released"),
    (0x0a, "plug wrong submodule"),
    (0x0b, "return of submodule"),
    (0x0c, "diagnosis disappears"),
    (0x0d, "multicast communication mismatch"),
    (0x0e, "port data change"),
    (0x0f, "sync data changed"),
    (0x10, "isochronous mode problem"),
    (0x11, "network component problem"),
    (0x12, "time data changed"),
    (0x1e, "upload and retrieval"),
    (0x1f, "pull module"),
];
