//! Connections: who opens them, which modules it expects, and which differ.
//!
//! ```text
//! ARBlockReq   ARType u16 | ARUUID 16 | SessionKey u16 | CMInitiatorMacAdd 6 | CMInitiatorObjectUUID 16 | ARProperties u32
//!              | CMInitiatorActivityTimeoutFactor u16 | CMInitiatorUDPRTPort u16 | StationNameLength u16 | CMInitiatorStationName
//! ARBlockRes   ARType u16 | ARUUID 16 | SessionKey u16 | CMResponderMacAdd 6 | CMResponderUDPRTPort u16
//! ARServerBlock            StationNameLength u16 | CMResponderStationName
//! ```

use uuid::Uuid;

use crate::model::{Mac, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span};

use super::{Call, block, keys, slots};

/// Reads what a controller or tool asks for.
pub(super) fn request(
    call: &Call,
    blocks: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    block::each(blocks, out, |block, out| match block.kind {
        AR_BLOCK_REQUEST => initiator(call, block.body, out),
        EXPECTED_SUBMODULES => slots::expected(call, block.body, out),
        _ => Ok(()),
    })
}

/// Reads what a device answers.
pub(super) fn response(
    call: &Call,
    blocks: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    block::each(blocks, out, |block, out| match block.kind {
        AR_BLOCK_RESPONSE => responder(call, block.body, out),
        MODULE_DIFF => slots::differing(call, block.body, out),
        AR_SERVER => station_name(&call.device(), block.body, out),
        _ => Ok(()),
    })
}

fn initiator(call: &Call, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let controller = Subject::node(call.ends.controller);
    let start = r.at();
    let kind = r.u16_be("ARType")?;
    let role = if kind == AR_TYPE_SUPERVISOR { "IO supervisor" } else { "IO controller" };
    out.text(&controller, keys::ROLE, role, r.since(start));
    r.skip("ARUUID, SessionKey", 18)?;
    mac(&controller, &mut r, out)?;
    let start = r.at();
    let object = Uuid::from_bytes(r.array("CMInitiatorObjectUUID")?);
    self::object(&controller, object, r.since(start), out);
    r.skip("ARProperties, CMInitiatorActivityTimeoutFactor, CMInitiatorUDPRTPort", 8)?;
    station_name(&controller, r, out)
}

fn responder(call: &Call, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let device = call.device();
    let start = r.at();
    r.skip("ARType", 2)?;
    out.text(&device, keys::ROLE, "IO device", r.since(start));
    r.skip("ARUUID, SessionKey", 18)?;
    mac(&device, &mut r, out)
}

/// Says the numbers of maker and device in an object identifier, `DEA00000-6C97-11D1-8271-` in front of instance, device
/// and maker. Identifiers of others say nothing.
pub(super) fn object(subject: &Subject, object: Uuid, span: Span, out: &mut Sink<'_>) {
    let [fixed @ .., i, j, d, e, v, w] = object.into_bytes();
    if fixed != OBJECT || span.len != 16 {
        return;
    }
    for (key, offset, value) in [
        (keys::DEVICE_INSTANCE, 10, [i, j]),
        (keys::DEVICE_ID, 12, [d, e]),
        (keys::VENDOR_ID, 14, [v, w]),
    ] {
        let span = Span { at: span.at.saturating_add(offset), len: 2 };
        out.uint(subject, key, u16::from_be_bytes(value), span);
    }
}

fn mac(subject: &Subject, r: &mut Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = r.at();
    let mac = Mac(r.array("CMInitiatorMacAdd, CMResponderMacAdd")?);
    if !mac.is_group() && !mac.is_zero() {
        out.text(subject, keys::MAC_ADDRESS, &mac.to_string(), r.since(start));
    }
    Ok(())
}

fn station_name(subject: &Subject, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let length = usize::from(r.u16_be("StationNameLength")?);
    let start = r.at();
    let name = r.bytes("StationName", length)?;
    readable::say(out, subject, keys::STATION_NAME, name, r.since(start));
    Ok(())
}

const AR_BLOCK_REQUEST: u16 = 0x0101;
const EXPECTED_SUBMODULES: u16 = 0x0104;
const AR_BLOCK_RESPONSE: u16 = 0x8101;
/// Modules that are not the ones expected.
pub(super) const MODULE_DIFF: u16 = 0x8104;
const AR_SERVER: u16 = 0x8106;
/// IOSAR: a supervisor takes over, or only reads.
const AR_TYPE_SUPERVISOR: u16 = 6;
/// What object identifiers begin with.
const OBJECT: [u8; 10] = [0xde, 0xa0, 0x00, 0x00, 0x6c, 0x97, 0x11, 0xd1, 0x82, 0x71];
