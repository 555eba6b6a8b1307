//! PCCC: the command set of the processors that were there before Logix (PLC-5, SLC 500, MicroLogix), whatever
//! carries it: Execute PCCC of CIP, DF1, or the client server protocol of older Ethernet processors.
//!
//! Reads diagnostic status, which is often all that such a processor ever says of itself, and tells who writes, who
//! changes the mode and who downloads. Skips all values of the process, read and written. Rockwell publication
//! 1770-6.5.16 (October 1996): commands in chapter 7, diagnostic status in chapter 10; the file types below 0x80,
//! which it does not list, as Wireshark's CIP dissector names them. Little-endian.
//!
//! ```text
//!   command   CMD 1           STS 1   TNS 2   [FNC 1]   data
//!   reply     CMD | 0x40 1    STS 1   TNS 2   data, or EXT STS 1 when STS is 0xF0
//!
//!   diagnostic status of SLC 500 and MicroLogix, counted from 1 as the publication does
//!     1 mode   2 0xEE   3 interface type   4 processor type   5 series and revision   6-16 bulletin name
//!     17-18 major error   19-20 processor mode and status   21-22 program ID   23 memory   24 owner
//!   diagnostic status of PLC-5
//!     1 mode   2 0xEB   3 processor expansion   4-7 memory   8 series and revision   9 DH+ node   10-15 ...
//!     16 forcing status
//! ```
//!
//! What happened is told when the reply reports success; what was asked for is told before, whether the processor
//! obeyed or not ([`ATTEMPT`]): a refused change of mode is worth knowing, and mirrors may show one way only.

use crate::model::{Act, Addr, Key, Subject};
use crate::protocols::Sink;
use crate::wire::{Malformed, Reader, Span, text};

/// Diagnostic status: catalogue string of MicroLogix and SLC processors.
pub(in crate::protocols) const BULLETIN_NAME: Key = Key::one("pccc.bulletin_name");
/// Diagnostic status of MicroLogix and SLC processors: extended processor type.
pub(in crate::protocols) const PROCESSOR_TYPE: Key = Key::one("pccc.processor_type");
/// Diagnostic status of PLC-5 processors: processor expansion, the number of the catalogue string it lacks.
pub(in crate::protocols) const PROCESSOR_EXPANSION: Key = Key::one("pccc.processor_expansion");
/// Diagnostic status: series, a letter.
pub(in crate::protocols) const SERIES: Key = Key::one("pccc.series");
/// Diagnostic status: the number of the firmware release (MicroLogix, SLC), or the letter of the revision (PLC-5).
pub(in crate::protocols) const REVISION: Key = Key::one("pccc.revision");
/// Diagnostic status: mode of the processor, by the publication's word for it.
pub(in crate::protocols) const PROCESSOR_MODE: Key = Key::one("pccc.processor_mode");
/// Diagnostic status: 1 when a major fault halted the processor.
pub(in crate::protocols) const MAJOR_FAULT: Key = Key::one("pccc.major_fault");
/// Diagnostic status: 1 when inputs or outputs are forced.
pub(in crate::protocols) const FORCES_INSTALLED: Key = Key::one("pccc.forces_installed");
/// Diagnostic status of MicroLogix and SLC processors: changes with the program.
pub(in crate::protocols) const PROGRAM_ID: Key = Key::one("pccc.program_id");
/// Addresses that wrote data.
pub(in crate::protocols) const WRITER: Key = Key::several("pccc.writer");
/// A change was asked for, whatever the answer: what, and by which address.
pub(in crate::protocols) const ATTEMPT: Key = Key::event("pccc.attempt");
/// The mode was changed: by which address.
pub(in crate::protocols) const MODE_CHANGE: Key = Key::event("pccc.mode_change");
/// A program was brought to the processor: by which address.
pub(in crate::protocols) const PROGRAM_DOWNLOAD: Key = Key::event("pccc.program_download");
/// The program was read from the processor: by which address.
pub(in crate::protocols) const PROGRAM_UPLOAD: Key = Key::event("pccc.program_upload");
/// Somebody took the sole right to edit the program: which address.
pub(in crate::protocols) const EDIT_RESOURCE: Key = Key::event("pccc.edit_resource");
/// The memory was initialized, the program in it lost: by which address.
pub(in crate::protocols) const MEMORY_INITIALIZED: Key = Key::event("pccc.memory_initialized");
/// The configuration of ports was written or applied: by which address.
pub(in crate::protocols) const CONFIGURATION_CHANGE: Key = Key::event("pccc.configuration_change");
/// Forcing was switched off: by which address.
pub(in crate::protocols) const FORCES_DISABLED: Key = Key::event("pccc.forces_disabled");

/// Everything that PCCC says: a protocol that carries it lists this among its keys.
pub(in crate::protocols) const KEYS: &[Key] = &[
    BULLETIN_NAME,
    PROCESSOR_TYPE,
    PROCESSOR_EXPANSION,
    SERIES,
    REVISION,
    PROCESSOR_MODE,
    MAJOR_FAULT,
    FORCES_INSTALLED,
    PROGRAM_ID,
    WRITER,
    ATTEMPT,
    MODE_CHANGE,
    PROGRAM_DOWNLOAD,
    PROGRAM_UPLOAD,
    EDIT_RESOURCE,
    MEMORY_INITIALIZED,
    CONFIGURATION_CHANGE,
    FORCES_DISABLED,
];

/// What is remembered of a command until its reply comes, which does not repeat the function.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::protocols) struct Command {
    command: u8,
    transaction: u16,
    purpose: Purpose,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Purpose {
    DiagnosticStatus,
    Mode(&'static str),
    /// Switches outputs or the scanning of the program on or off.
    Control,
    Download,
    Upload,
    Edit,
    InitializeMemory,
    Configure,
    DisableForces,
    Write,
    Read,
    /// Nothing that is told.
    Other,
}

/// Reads a command from its CMD byte on. `asker` is the address it came from, `processor` what it is for.
pub(in crate::protocols) fn command(
    message: &mut Reader<'_>,
    processor: &Subject,
    asker: Addr,
    out: &mut Sink<'_>,
) -> Result<Command, Malformed> {
    let at = message.at();
    let command = message.u8("CMD")?;
    message.skip("STS", 1)?;
    let transaction = message.u16_le("TNS")?;
    let question = Span { at: message.at(), len: message.left() };
    let purpose = Purpose::read(command, message)?;
    match purpose.act() {
        Some(Act::Read) => out.reads(one(at), question),
        Some(act) => out.act(act, one(at)),
        None => {}
    }
    if let Some(what) = purpose.attempt() {
        out.text(processor, ATTEMPT, &format!("{what} by {asker}"), message.since(at));
    }
    Ok(Command { command, transaction, purpose })
}

/// Reads the reply to `asked` from its CMD byte on. False when it is no reply to that command.
pub(in crate::protocols) fn reply(
    message: &mut Reader<'_>,
    asked: Command,
    processor: &Subject,
    asker: Addr,
    out: &mut Sink<'_>,
) -> Result<bool, Malformed> {
    let at = message.at();
    let command = message.u8("CMD")?;
    let status = message.u8("STS")?;
    let transaction = message.u16_le("TNS")?;
    if command != asked.command | REPLY || transaction != asked.transaction {
        return Ok(false);
    }
    if status != SUCCESS {
        return Ok(true);
    }
    let key = match asked.purpose {
        Purpose::DiagnosticStatus => {
            diagnostic_status(message, processor, out)?;
            return Ok(true);
        }
        Purpose::Mode(_) => MODE_CHANGE,
        Purpose::Download => PROGRAM_DOWNLOAD,
        Purpose::Upload => PROGRAM_UPLOAD,
        Purpose::Edit => EDIT_RESOURCE,
        Purpose::InitializeMemory => MEMORY_INITIALIZED,
        Purpose::Configure => CONFIGURATION_CHANGE,
        Purpose::DisableForces => FORCES_DISABLED,
        Purpose::Write => WRITER,
        Purpose::Control | Purpose::Read | Purpose::Other => return Ok(true),
    };
    out.text(processor, key, &asker.to_string(), message.since(at));
    Ok(true)
}

impl Purpose {
    fn read(command: u8, data: &mut Reader<'_>) -> Result<Self, Malformed> {
        match command {
            PROTECTED_WRITE | PROTECTED_BIT_WRITE | UNPROTECTED_BIT_WRITE | UNPROTECTED_WRITE => {
                Ok(Self::Write)
            }
            UNPROTECTED_READ => Ok(Self::Read),
            DIAGNOSTIC => Ok(match data.u8("FNC")? {
                DIAGNOSTIC_STATUS => Self::DiagnosticStatus,
                _ => Self::Other,
            }),
            MODE_OF_OLD => Ok(match data.u8("FNC")? {
                DISABLE_OUTPUTS | ENABLE_OUTPUTS | ENABLE_SCANNING => Self::Control,
                ENTER_DOWNLOAD_MODE => Self::Download,
                ENTER_UPLOAD_MODE => Self::Upload,
                _ => Self::Other,
            }),
            EXTENDED => Self::extended(data),
            _ => Ok(Self::Other),
        }
    }

    fn extended(data: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match data.u8("FNC")? {
            // The publication gives PLC-5 the numbers 0 to 3; MicroLogix use 1 for the program mode.
            SET_CPU_MODE => match data.u8("mode")? & SET_CPU_MODE_BITS {
                0 => Self::Mode("remote program"),
                1 => Self::Mode("remote program or test"),
                2 => Self::Mode("remote run"),
                _ => Self::Other,
            },
            CHANGE_MODE => match data.u8("mode")? {
                1 => Self::Mode("remote program"),
                6 => Self::Mode("remote run"),
                7 => Self::Mode("remote test, continuous scan"),
                8 => Self::Mode("remote test, single scan"),
                9 => Self::Mode("remote test, single step"),
                _ => Self::Mode("another mode"),
            },
            DOWNLOAD_REQUEST | DOWNLOAD_ALL_REQUEST | DOWNLOAD_COMPLETED => Self::Download,
            UPLOAD | UPLOAD_ALL_REQUEST | UPLOAD_COMPLETED => Self::Upload,
            GET_EDIT_RESOURCE => Self::Edit,
            INITIALIZE_MEMORY => Self::InitializeMemory,
            APPLY_PORT_CONFIGURATION => Self::Configure,
            DISABLE_FORCES => Self::DisableForces,
            LOGICAL_READ_2 | LOGICAL_READ_3 => match file_type(data)? {
                LADDER_LOGIC => Self::Upload,
                _ => Self::Read,
            },
            LOGICAL_WRITE_2 | LOGICAL_WRITE_3 | LOGICAL_MASKED_WRITE => match file_type(data)? {
                LADDER_LOGIC | ONLINE_EDIT => Self::Download,
                CHANNEL_CONFIGURATION | ETHERNET_CONFIGURATION => Self::Configure,
                _ => Self::Write,
            },
            WORD_RANGE_WRITE | BIT_WRITE | FILE_WRITE | PHYSICAL_WRITE | WRITE_BYTES_PHYSICAL
            | READ_MODIFY_WRITE | TYPED_WRITE | READ_MODIFY_WRITE_N | TYPED_FILE_WRITE => {
                Self::Write
            }
            WORD_RANGE_READ | FILE_READ | PHYSICAL_READ | READ_BYTES_PHYSICAL
            | READ_SECTION_SIZE | TYPED_READ | TYPED_FILE_READ => Self::Read,
            _ => Self::Other,
        })
    }

    /// What a command is for. Who takes the sole right to edit, or clears the memory, is about to program.
    fn act(self) -> Option<Act> {
        Some(match self {
            Self::DiagnosticStatus => Act::Identify,
            Self::Mode(_) | Self::Control => Act::Control,
            Self::Download | Self::Upload | Self::Edit | Self::InitializeMemory => Act::Program,
            Self::Configure | Self::DisableForces | Self::Write => Act::Write,
            Self::Read => Act::Read,
            Self::Other => return None,
        })
    }

    /// What a command tries to change; writes of data are too many, reading changes nothing.
    fn attempt(self) -> Option<String> {
        let what = match self {
            Self::Mode(mode) => return Some(format!("change of mode to {mode}")),
            Self::Download => "program download",
            Self::Edit => "get edit resource",
            Self::InitializeMemory => "initialize memory",
            Self::Configure => "change of configuration",
            Self::DisableForces => "disable forces",
            Self::DiagnosticStatus
            | Self::Control
            | Self::Upload
            | Self::Write
            | Self::Read
            | Self::Other => return None,
        };
        Some(what.to_owned())
    }
}

/// The file type of a typed logical address: byte size, file number (0xFF and two bytes for the higher), type.
fn file_type(data: &mut Reader<'_>) -> Result<u8, Malformed> {
    data.skip("byte size", 1)?;
    if data.u8("file number")? == EXPANDED {
        data.skip("file number", 2)?;
    }
    data.u8("file type")
}

/// Reads the data of a diagnostic status reply. Interface modules and the processors of PLC-2 and PLC-3 send other
/// layouts, which name nothing.
fn diagnostic_status(
    data: &mut Reader<'_>,
    processor: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let at = data.at();
    let mode = data.u8("mode")?;
    let mode_span = data.since(at);
    match data.u8("type extender")? {
        TYPE_EXTENDED => extended_status(data, processor, out),
        TYPE_PLC_5 => plc_5_status(data, (mode, mode_span), processor, out),
        _ => Ok(()),
    }
}

fn extended_status(
    data: &mut Reader<'_>,
    processor: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    data.skip("extended interface type", 1)?;
    let (type_at, kind) = (data.at(), data.u8("extended processor type")?);
    let (series_at, series) = (data.at(), data.u8("series and revision")?);
    let name_at = data.at();
    let name = data.bytes("bulletin name", 11)?;
    // Only a name makes sure that the layout was this one.
    if !name.iter().all(|byte| matches!(byte, 0 | b' '..=b'~')) {
        return Err(data.impossible("bulletin name"));
    }
    let Some(name) = text::latin1(name) else { return Ok(()) };
    out.text(processor, BULLETIN_NAME, &name, data.since(name_at));
    out.uint(processor, PROCESSOR_TYPE, kind, one(type_at));
    say_series(series, series_at, processor, out);
    let release = (series & REVISION_BITS).saturating_add(1).to_string();
    out.text(processor, REVISION, &release, one(series_at));
    if data.left() < PRODUCT_SPECIFIC_BYTES {
        return Ok(()); // What follows is the product's own; all who follow the publication send it whole.
    }
    data.skip("major error word", 2)?;
    let status_at = data.at();
    let status = data.u16_le("processor mode status")?;
    let status_span = data.since(status_at);
    let mode = match status & STATUS_MODE {
        0 => "download",
        1 => "remote program",
        3 | 27 => "idle due to SUS instruction",
        6 => "remote run",
        7 => "remote test, continuous scan",
        8 => "remote test, single scan",
        9 => "remote test, single step",
        16 => "download",
        17 => "program",
        30 => "run",
        _ => "",
    };
    out.text(processor, PROCESSOR_MODE, mode, one(status_at));
    out.uint(processor, FORCES_INSTALLED, bit(status, STATUS_FORCES_INSTALLED), status_span);
    out.uint(processor, MAJOR_FAULT, bit(status, STATUS_MAJOR_ERROR), status_span);
    let at = data.at();
    let program = data.u16_le("program ID")?;
    out.uint(processor, PROGRAM_ID, program, data.since(at));
    Ok(())
}

fn plc_5_status(
    data: &mut Reader<'_>,
    (mode, mode_span): (u8, Span),
    processor: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let (expansion_at, expansion) = (data.at(), data.u8("processor expansion")?);
    data.skip("size of user memory", 4)?;
    let (series_at, series) = (data.at(), data.u8("series and revision")?);
    out.uint(processor, PROCESSOR_EXPANSION, expansion, one(expansion_at));
    say_series(series, series_at, processor, out);
    if let Some(letter) = letter(series & REVISION_BITS) {
        out.text(processor, REVISION, &letter.to_string(), one(series_at));
    }
    let word = match mode & PLC_5_MODE {
        _ if mode & PLC_5_DOWNLOAD != 0 => "download",
        0 => "program",
        2 => "run",
        4 => "remote program",
        5 => "remote test",
        6 => "remote run",
        _ => "",
    };
    out.text(processor, PROCESSOR_MODE, word, mode_span);
    out.uint(processor, MAJOR_FAULT, mode & PLC_5_FAULT != 0, mode_span);
    data.skip("DH+ node, I/O address, parameters and numbers of files", 7)?;
    let (forcing_at, forcing) = (data.at(), data.u8("forcing status")?);
    out.uint(processor, FORCES_INSTALLED, forcing & PLC_5_FORCES_PRESENT != 0, one(forcing_at));
    Ok(())
}

fn say_series(series_revision: u8, at: usize, processor: &Subject, out: &mut Sink<'_>) {
    if let Some(letter) = letter(series_revision >> SERIES_SHIFT) {
        out.text(processor, SERIES, &letter.to_string(), one(at));
    }
}

/// A for 0, B for 1 and so on.
fn letter(number: u8) -> Option<char> {
    b'A'.checked_add(number).filter(u8::is_ascii_uppercase).map(char::from)
}

fn bit(word: u16, mask: u16) -> bool {
    word & mask != 0
}

fn one(at: usize) -> Span {
    Span { at, len: 1 }
}

const REPLY: u8 = 0x40;
const SUCCESS: u8 = 0x00;

const PROTECTED_WRITE: u8 = 0x00;
const UNPROTECTED_READ: u8 = 0x01;
const PROTECTED_BIT_WRITE: u8 = 0x02;
const UNPROTECTED_BIT_WRITE: u8 = 0x05;
const DIAGNOSTIC: u8 = 0x06;
/// Commands of the 1774-PLC and of PLC-2 that enter and leave modes.
const MODE_OF_OLD: u8 = 0x07;
const UNPROTECTED_WRITE: u8 = 0x08;
const EXTENDED: u8 = 0x0F;

const DIAGNOSTIC_STATUS: u8 = 0x03;
const DISABLE_OUTPUTS: u8 = 0x00;
const ENABLE_OUTPUTS: u8 = 0x01;
const ENABLE_SCANNING: u8 = 0x03;
const ENTER_DOWNLOAD_MODE: u8 = 0x04;
const ENTER_UPLOAD_MODE: u8 = 0x06;

const WORD_RANGE_WRITE: u8 = 0x00;
const WORD_RANGE_READ: u8 = 0x01;
const BIT_WRITE: u8 = 0x02;
const FILE_WRITE: u8 = 0x03;
const FILE_READ: u8 = 0x04;
const DOWNLOAD_REQUEST: u8 = 0x05;
const UPLOAD: u8 = 0x06;
const PHYSICAL_WRITE: u8 = 0x08;
const PHYSICAL_READ: u8 = 0x09;
const GET_EDIT_RESOURCE: u8 = 0x11;
const READ_BYTES_PHYSICAL: u8 = 0x17;
const WRITE_BYTES_PHYSICAL: u8 = 0x18;
const READ_MODIFY_WRITE: u8 = 0x26;
const READ_SECTION_SIZE: u8 = 0x29;
const SET_CPU_MODE: u8 = 0x3A;
const DISABLE_FORCES: u8 = 0x41;
const DOWNLOAD_ALL_REQUEST: u8 = 0x50;
const DOWNLOAD_COMPLETED: u8 = 0x52;
const UPLOAD_ALL_REQUEST: u8 = 0x53;
const UPLOAD_COMPLETED: u8 = 0x55;
const INITIALIZE_MEMORY: u8 = 0x57;
const TYPED_WRITE: u8 = 0x67;
const TYPED_READ: u8 = 0x68;
const READ_MODIFY_WRITE_N: u8 = 0x79;
const CHANGE_MODE: u8 = 0x80;
const APPLY_PORT_CONFIGURATION: u8 = 0x8F;
const LOGICAL_READ_2: u8 = 0xA1;
const LOGICAL_READ_3: u8 = 0xA2;
const LOGICAL_WRITE_2: u8 = 0xA9;
const LOGICAL_WRITE_3: u8 = 0xAA;
const LOGICAL_MASKED_WRITE: u8 = 0xAB;
const TYPED_FILE_READ: u8 = 0xA7;
const TYPED_FILE_WRITE: u8 = 0xAF;

const SET_CPU_MODE_BITS: u8 = 0x03;
/// Stands for a file number of two bytes behind it.
const EXPANDED: u8 = 0xFF;
const LADDER_LOGIC: u8 = 0x22;
const CHANNEL_CONFIGURATION: u8 = 0x49;
const ETHERNET_CONFIGURATION: u8 = 0x4A;
const ONLINE_EDIT: u8 = 0x65;

const TYPE_EXTENDED: u8 = 0xEE;
const TYPE_PLC_5: u8 = 0xEB;
const SERIES_SHIFT: u8 = 5;
const REVISION_BITS: u8 = 0x1F;
/// Bytes 17 to 22.
const PRODUCT_SPECIFIC_BYTES: usize = 6;
const STATUS_MODE: u16 = 0x001F;
const STATUS_FORCES_INSTALLED: u16 = 0x0040;
const STATUS_MAJOR_ERROR: u16 = 0x2000;
const PLC_5_MODE: u8 = 0x07;
const PLC_5_FAULT: u8 = 0x08;
const PLC_5_DOWNLOAD: u8 = 0x10;
const PLC_5_FORCES_PRESENT: u8 = 0x10;

#[cfg(test)]
mod tests;
