//! Identification and maintenance records of a device or a module.
//!
//! ```text
//! I&M0   VendorID u16 | OrderID 20 | IM_Serial_Number 16 | IM_Hardware_Revision u16 | IM_Software_Revision: prefix 1, three u8
//!        | IM_Revision_Counter u16 | IM_Profile_ID u16 | IM_Profile_Specific_Type u16 | IM_Version: two u8 | IM_Supported u16
//! I&M1   IM_Tag_Function 32 | IM_Tag_Location 22
//! I&M2   IM_Date 16
//! I&M3   IM_Descriptor 54
//! I&M4   IM_Signature 54
//! ```

use std::ops::RangeInclusive;

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader};

use super::keys;

/// Index of I&M0; the others follow.
pub(super) const FIRST: u16 = 0xaff0;
/// Indices of those that the owner writes.
pub(super) const WRITABLE: RangeInclusive<u16> = 0xaff1..=0xaff4;

/// Reads one record, told by the type of its block. Others say nothing.
pub(super) fn read(
    subject: &Subject,
    kind: u16,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    match kind {
        IM0 => im0(subject, &mut r, out),
        IM1 => {
            text(subject, keys::TAG_FUNCTION, 32, &mut r, out)?;
            text(subject, keys::TAG_LOCATION, 22, &mut r, out)
        }
        IM2 => text(subject, keys::INSTALLATION_DATE, 16, &mut r, out),
        IM3 => text(subject, keys::DESCRIPTOR, 54, &mut r, out),
        IM4 => {
            let start = r.at();
            let signature = r.bytes("IM_Signature", 54)?;
            readable::say(out, subject, keys::SIGNATURE, signature, r.since(start));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn im0(subject: &Subject, r: &mut Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    number(subject, keys::VENDOR_ID, r, out)?;
    text(subject, keys::ORDER_ID, 20, r, out)?;
    text(subject, keys::SERIAL_NUMBER, 16, r, out)?;
    number(subject, keys::HARDWARE_REVISION, r, out)?;
    let start = r.at();
    let [prefix, major, minor, patch] = r.array("IM_Software_Revision")?;
    if prefix.is_ascii_uppercase() {
        let revision = format!("{}{major}.{minor}.{patch}", char::from(prefix));
        out.text(subject, keys::SOFTWARE_REVISION, &revision, r.since(start));
    } else if prefix != 0 || (major, minor, patch) != (0, 0, 0) {
        out.bytes(subject, keys::SOFTWARE_REVISION, &[prefix, major, minor, patch], r.since(start));
    }
    number(subject, keys::REVISION_COUNTER, r, out)?;
    number(subject, keys::PROFILE_ID, r, out)?;
    number(subject, keys::PROFILE_SPECIFIC_TYPE, r, out)?;
    let start = r.at();
    let [major, minor] = r.array("IM_Version")?;
    out.text(subject, keys::IM_VERSION, &format!("{major}.{minor}"), r.since(start));
    Ok(())
}

fn number(
    subject: &Subject,
    key: Key,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let number = r.u16_be(key.name)?;
    out.uint(subject, key, number, r.since(start));
    Ok(())
}

fn text(
    subject: &Subject,
    key: Key,
    length: usize,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let bytes = r.bytes(key.name, length)?;
    let span = r.since(start);
    readable::say(out, subject, key, bytes, span);
    Ok(())
}

const IM0: u16 = 0x0020;
const IM1: u16 = 0x0021;
const IM2: u16 = 0x0022;
const IM3: u16 = 0x0023;
const IM4: u16 = 0x0024;
