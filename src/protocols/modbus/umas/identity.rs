//! What answers of UMAS tell of the controller, its project and its memory card.
//!
//! ```text
//! 01 communication: largest frame (2) │ firmware version (2) │ (4) │ internal code (4) │ length (1) │ host name
//! 02 read ID:       range (2) │ hardware ID (4) │ model (2) │ communication version (2) │ patch (2) │
//!                   internal version (2) │ hardware version (2) │ crash code (4) │ (2) │ length (1) │ name
//! 03 project, 00:   (27) │ second │ minute │ hour │ day │ month │ year (2) │ version, last part first (3) │ (2) │ name, 00
//! 04 status:        (3) │ number of words (1) │ words (4 each), the second of them the project's CRC
//! 06 memory card:   (6) │ length (1) │ name
//! 20 memory:        range (1) │ length (2) │ bytes
//! ```
//!
//! 01 and 02 are PLC4X's; 03 (part 0), 06 and the project's file name in memory are `modicon-info`'s; the CRC is what
//! clients in use send back with 22 (read variables). Where the run state stands in 04 is not agreed on: its first bytes
//! are kept raw.

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::modbus::umas::{self, all, name};
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span, text};

/// Catalogue name of the controller: `BMX P34 2020`.
pub(in crate::protocols::modbus) const CPU_NAME: Key = Key::one("modbus.umas_cpu_name");
/// Hardware identifier of the controller.
pub(in crate::protocols::modbus) const HARDWARE_ID: Key = Key::one("modbus.umas_hardware_id");
/// Model number of the controller.
pub(in crate::protocols::modbus) const MODEL: Key = Key::one("modbus.umas_model");
/// Communication version of the controller, as encoded.
pub(in crate::protocols::modbus) const COM_VERSION: Key = Key::one("modbus.umas_com_version");
/// Patch of the communication version.
pub(in crate::protocols::modbus) const COM_PATCH: Key = Key::one("modbus.umas_com_patch");
/// Internal version of the controller, as encoded.
pub(in crate::protocols::modbus) const INTERNAL_VERSION: Key =
    Key::one("modbus.umas_internal_version");
/// Hardware version of the controller, as encoded.
pub(in crate::protocols::modbus) const HARDWARE_VERSION: Key =
    Key::one("modbus.umas_hardware_version");
/// Largest frame of UMAS that the controller takes, in bytes.
pub(in crate::protocols::modbus) const FRAME_BYTES_MAX: Key = Key::one("modbus.umas_max_frame");
/// Firmware version of the controller, as encoded.
pub(in crate::protocols::modbus) const FIRMWARE_VERSION: Key =
    Key::one("modbus.umas_firmware_version");
/// The same as it is printed, 0x0270 as `2.70`; only where all digits are decimal.
pub(in crate::protocols::modbus) const FIRMWARE: Key = Key::one("modbus.umas_firmware");
/// Host name in the answer to initialise communication.
pub(in crate::protocols::modbus) const HOST_NAME: Key = Key::one("modbus.umas_hostname");
/// Name of the project in the controller.
pub(in crate::protocols::modbus) const PROJECT_NAME: Key = Key::one("modbus.umas_project_name");
/// Version of the project: `0.0.9`.
pub(in crate::protocols::modbus) const PROJECT_VERSION: Key =
    Key::one("modbus.umas_project_version");
/// When the project was last changed, by the clock of the engineering station.
pub(in crate::protocols::modbus) const PROJECT_MODIFIED: Key =
    Key::one("modbus.umas_project_modified");
/// Name of the project's file.
pub(in crate::protocols::modbus) const PROJECT_FILE: Key = Key::one("modbus.umas_project_file");
/// CRC of the project, as a number.
pub(in crate::protocols::modbus) const PROJECT_CRC: Key = Key::one("modbus.umas_project_crc");
/// First bytes of the controller's status.
pub(in crate::protocols::modbus) const STATUS: Key = Key::one("modbus.umas_status");
/// Catalogue name of the memory card.
pub(in crate::protocols::modbus) const MEMORY_CARD: Key = Key::one("modbus.umas_memory_card");
/// Data of answers to 01, 02, 03 and 06, behind the status.
pub(in crate::protocols::modbus) const DATA: Key = Key::several("modbus.umas_data");

/// Block and offset of the project's file name, as a request for memory names them.
pub(super) const PROJECT_FILE_AT: [u8; 4] = [0x14, 0x00, 0x5a, 0x01];

/// Reads the data of an answer behind its status. `part` is what the request wanted of the function.
pub(super) fn answer(
    subject: &Subject,
    function: u8,
    part: u8,
    r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    use umas::{INITIALISE_COMMUNICATION, READ_CARD, READ_ID, READ_MEMORY, READ_PROJECT};
    if matches!(function, INITIALISE_COMMUNICATION | READ_ID | READ_PROJECT | READ_CARD) {
        out.bytes(subject, DATA, r.peek(), all(&r));
    }
    match (function, part) {
        (INITIALISE_COMMUNICATION, _) => communication(subject, r, out),
        (READ_ID, _) => controller(subject, r, out),
        (READ_PROJECT, 0) => project(subject, r, out),
        (umas::READ_STATUS, _) => status(subject, r, out),
        (READ_CARD, _) => memory_card(subject, r, out),
        (READ_MEMORY, 1) => project_file(subject, r, out),
        _ => Ok(()),
    }
}

fn communication(
    subject: &Subject,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let most = r.u16_le("largest frame")?;
    out.uint(subject, FRAME_BYTES_MAX, most, r.since(start));
    let start = r.at();
    let version = r.u16_le("firmware version")?;
    let span = r.since(start);
    out.uint(subject, FIRMWARE_VERSION, version, span);
    if let Some(printed) = printed(version) {
        out.text(subject, FIRMWARE, &printed, span);
    }
    r.skip("internal code", 8)?;
    name(subject, HOST_NAME, r, out)
}

/// Major in the high byte, minor in the low one, each in binary-coded decimal.
fn printed(version: u16) -> Option<String> {
    let [major, minor] = version.to_be_bytes();
    let is_decimal = |byte: u8| byte >> 4 <= 9 && byte & 0x0f <= 9;
    (version != 0 && is_decimal(major) && is_decimal(minor))
        .then(|| format!("{major:x}.{minor:02x}"))
}

fn controller(subject: &Subject, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("range", 2)?;
    let start = r.at();
    let hardware = r.u32_le("hardware ID")?;
    out.uint(subject, HARDWARE_ID, hardware, r.since(start));
    for (key, field) in [
        (MODEL, "model"),
        (COM_VERSION, "communication version"),
        (COM_PATCH, "communication patch"),
        (INTERNAL_VERSION, "internal version"),
        (HARDWARE_VERSION, "hardware version"),
    ] {
        let start = r.at();
        let number = r.u16_le(field)?;
        out.uint(subject, key, number, r.since(start));
    }
    r.skip("crash code", 6)?;
    name(subject, CPU_NAME, r, out)
}

/// One source only, and other controllers may lay it out otherwise: said when all of it reads as what it should be.
fn project(subject: &Subject, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("project", PROJECT_TIME_AT)?;
    let start = r.at();
    let [second, minute, hour, day, month] = r.array("time")?;
    let year = r.u16_le("year")?;
    let time_span = r.since(start);
    let start = r.at();
    let [build, minor, major] = r.array("version")?;
    let version_span = r.since(start);
    r.skip("project", 2)?;
    let start = r.at();
    let name = text::until_nul(r.rest());
    let name_span = Span { at: start, len: name.len() };
    let is_time = second < 60
        && minute < 60
        && hour < 24
        && (1..=31).contains(&day)
        && (1..=12).contains(&month)
        && YEARS.contains(&year);
    let Some(name) = readable::readable(name).filter(|_| is_time) else { return Ok(()) };
    out.text(subject, PROJECT_NAME, &name, name_span);
    out.text(subject, PROJECT_VERSION, &format!("{major}.{minor}.{build}"), version_span);
    let time = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
    out.text(subject, PROJECT_MODIFIED, &time, time_span);
    Ok(())
}

fn status(subject: &Subject, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = r.at();
    let head = r.bytes("status", 4)?;
    out.bytes(subject, STATUS, head, r.since(start));
    if head.last().is_some_and(|words| *words >= 2) {
        r.skip("first word", 4)?;
        let start = r.at();
        let crc = r.u32_le("project CRC")?;
        out.uint(subject, PROJECT_CRC, crc, r.since(start));
    }
    Ok(())
}

fn memory_card(subject: &Subject, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("memory card state", 6)?;
    name(subject, MEMORY_CARD, r, out)
}

/// A name of one controller family lies there; what else may lie there on others is not told.
fn project_file(subject: &Subject, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    r.skip("range", 1)?;
    let length = r.u16_le("length")?;
    let start = r.at();
    let file = text::until_nul(r.bytes("memory", usize::from(length))?);
    let span = Span { at: start, len: file.len() };
    let is_file = |name: &str| {
        name.rsplit_once('.').is_some_and(|(_, kind)| {
            FILE_KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known))
        })
    };
    if let Some(name) = readable::readable(file).filter(|name| is_file(name)) {
        out.text(subject, PROJECT_FILE, &name, span);
    }
    Ok(())
}

/// Bytes in front of the time of a project.
const PROJECT_TIME_AT: usize = 27;
/// Years in which a project can have been changed.
const YEARS: std::ops::RangeInclusive<u16> = 1990..=2099;
/// Projects of Unity Pro and Control Expert: as they are worked on, archived, exported.
const FILE_KINDS: [&str; 4] = ["stu", "sta", "zef", "xef"];
