//! UMAS, Schneider Electric's own function 90: what names the controller and its memory card.
//!
//! There is no public specification. The layout follows Apache PLC4X's description of UMAS and Digital Bond's
//! `modicon-info`, which agree where both look; what only one of them knows is kept as raw bytes.
//!
//! ```text
//! request:   pairing key (1 byte) │ function │ data
//! answer:    pairing key (1 byte) │ FE done, FD refused │ data, little-endian
//!   02 read ID:      range (2) │ hardware ID (4) │ model (2) │ communication version (2) │ patch (2) │
//!                    internal version (2) │ hardware version (2) │ crash code (4) │ (2) │ length (1) │ name
//!   06 memory card:  (6) │ length (1) │ name
//! ```

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader};

/// Catalogue name of the controller: `BMX P34 2020`.
pub(super) const CPU_NAME: Key = Key::one("modbus.umas_cpu_name");
/// Hardware identifier of the controller.
pub(super) const HARDWARE_ID: Key = Key::one("modbus.umas_hardware_id");
/// Communication version of the controller, as encoded.
pub(super) const COM_VERSION: Key = Key::one("modbus.umas_com_version");
/// Catalogue name of the memory card.
pub(super) const MEMORY_CARD: Key = Key::one("modbus.umas_memory_card");
/// Data of answers to read ID, project information and memory card, behind the status.
pub(super) const DATA: Key = Key::several("modbus.umas_data");

/// Function code of Modbus that carries UMAS.
pub(super) const FUNCTION_CODE: u8 = 0x5a;

/// Functions of UMAS that are known to be asked for.
pub(super) const FUNCTIONS: &[u8] = &[
    0x01, 0x02, 0x03, 0x04, 0x06, 0x0a, 0x10, 0x11, 0x12, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26,
    0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x39, 0x40, 0x41, 0x50, 0x58, 0x70, 0x71, 0x73,
];

/// The UMAS function that the data of a request ask for; 0, which is none, when they are too short.
pub(super) fn function(data: &[u8]) -> u8 {
    data.get(1).copied().unwrap_or_default()
}

/// Reads the data of an answer to `asked`.
pub(super) fn answer(
    subject: &Subject,
    asked: u16,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if !matches!(asked, READ_ID | READ_PROJECT | READ_CARD) {
        return Ok(());
    }
    r.skip("pairing key", 1)?;
    if r.u8("status")? != DONE {
        return Ok(());
    }
    let (start, data) = (r.at(), r.peek());
    out.bytes(subject, DATA, data, crate::wire::Span { at: start, len: data.len() });
    match asked {
        READ_ID => controller(subject, r, out),
        READ_CARD => {
            r.skip("memory card state", 6)?;
            name(subject, MEMORY_CARD, r, out)
        }
        _ => Ok(()),
    }
}

fn controller(subject: &Subject, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("range", 2)?;
    let start = r.at();
    let hardware = r.u32_le("hardware ID")?;
    out.uint(subject, HARDWARE_ID, hardware, r.since(start));
    r.skip("model", 2)?;
    let start = r.at();
    let version = r.u16_le("communication version")?;
    out.uint(subject, COM_VERSION, version, r.since(start));
    r.skip("versions and crash code", 12)?;
    name(subject, CPU_NAME, r, out)
}

fn name(
    subject: &Subject,
    key: Key,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let length = r.u8("name length")?;
    let start = r.at();
    let name = r.bytes("name", usize::from(length))?;
    readable::say(out, subject, key, name, r.since(start));
    Ok(())
}

const READ_ID: u16 = 0x02;
const READ_PROJECT: u16 = 0x03;
const READ_CARD: u16 = 0x06;
/// Status of an answer that does what was asked.
const DONE: u8 = 0xfe;
