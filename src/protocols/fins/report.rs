//! What units say of themselves.

use crate::model::{Key, Mac, Subject};
use crate::protocols::Sink;
use crate::protocols::fins::{Address, keys};
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader};

/// CONTROLLER DATA READ (05 01) of a CPU unit (W342, 5-3-15), or of an Ethernet unit (W343, 11-3-2).
pub(super) fn controller(
    subject: &Subject,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if r.left() == CONFIGURATION_BYTES {
        // Only the second half was asked for: which units there are, by numbers.
        return Ok(());
    }
    let is_of_ethernet = r.left() == ETHERNET_BYTES;
    text(subject, keys::CONTROLLER_MODEL, &mut r, "controller model", out)?;
    text(subject, keys::CONTROLLER_VERSION, &mut r, "controller version", out)?;
    if is_of_ethernet {
        for key in [keys::IP_ADDRESS, keys::SUBNET_MASK] {
            let start = r.at();
            let [a, b, c, d] = r.array("IP address, subnet mask")?;
            out.text(subject, key, &format!("{a}.{b}.{c}.{d}"), r.since(start));
        }
        r.skip("FINS UDP port number, mode setting", 4)?;
        let start = r.at();
        let mac = Mac(r.array("Ethernet address")?);
        out.text(subject, keys::ETHERNET_ADDRESS, &mac.to_string(), r.since(start));
    }
    Ok(())
}

/// CONNECTION DATA READ (05 02): the units of the rack, each by its unit address (W342, 5-3-16).
pub(super) fn units(
    answered: Address,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let count = r.u8("number of units")? & COUNT;
    for _ in 0..count {
        let unit = r.u8("unit address")?;
        let subject = Address { unit, ..answered }.subject();
        let key = if unit == 0 { keys::CONTROLLER_MODEL } else { keys::UNIT_MODEL };
        text(&subject, key, &mut r, "model number", out)?;
    }
    Ok(())
}

/// CONTROLLER STATUS READ (06 01; W342, 5-3-17).
pub(super) fn status(
    subject: &Subject,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let status = match r.u8("status")? & STATUS {
        0x00 => Some("stop"),
        0x01 => Some("run"),
        0x80 => Some("standby"),
        _ => None,
    };
    if let Some(status) = status {
        out.text(subject, keys::STATUS, status, r.since(start));
    }
    let start = r.at();
    let mode = match r.u8("mode")? {
        0 => Some("PROGRAM"),
        1 => Some("DEBUG"),
        2 => Some("MONITOR"),
        4 => Some("RUN"),
        _ => None,
    };
    if let Some(mode) = mode {
        out.text(subject, keys::MODE, mode, r.since(start));
    }
    number(subject, keys::FATAL_ERROR, &mut r, "fatal error data", out)?;
    number(subject, keys::NON_FATAL_ERROR, &mut r, "non-fatal error data", out)?;
    r.skip("messages", 2)?;
    number(subject, keys::ERROR_CODE, &mut r, "error code", out)?;
    if r.left() >= MESSAGE_BYTES {
        let start = r.at();
        let message = r.bytes("error message", MESSAGE_BYTES)?;
        if let Some(text) = readable::readable(message) {
            out.text(subject, keys::ERROR_MESSAGE, text.trim(), r.since(start));
        }
    }
    Ok(())
}

/// NAME READ (26 03): a name of eight letters.
pub(super) fn name(
    subject: &Subject,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let name = r.bytes("name", NAME_BYTES)?;
    if let Some(text) = readable::readable(name) {
        out.text(subject, keys::NAME, text.trim(), r.since(start));
    }
    Ok(())
}

fn number(
    subject: &Subject,
    key: Key,
    r: &mut Reader<'_>,
    field: &'static str,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let number = r.u16_be(field)?;
    out.uint(subject, key, number, r.since(start));
    Ok(())
}

/// A text of twenty bytes. Units fill what they do not need with spaces, with zeros, or with first the one and then the
/// other.
fn text(
    subject: &Subject,
    key: Key,
    r: &mut Reader<'_>,
    field: &'static str,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let bytes = r.bytes(field, TEXT_BYTES)?;
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let text = bytes.get(..end).unwrap_or(bytes);
    if let Some(text) = readable::readable(text) {
        out.text(subject, key, text.trim(), r.since(start));
    }
    Ok(())
}

const TEXT_BYTES: usize = 20;
const MESSAGE_BYTES: usize = 16;
const NAME_BYTES: usize = 8;
/// CPU bus unit configuration, remote I/O data and CPU unit information alone.
const CONFIGURATION_BYTES: usize = 67;
const ETHERNET_BYTES: usize = 58;
/// The highest bit tells that no more units follow.
const COUNT: u8 = 0x7f;
/// Bits of the status that tell whether the program is executed.
const STATUS: u8 = 0x81;
