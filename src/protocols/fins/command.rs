//! Commands by their codes (Omron W342, section 5; W227): their names, what they are for, and what is told of them.

use crate::model::{Act, Key};
use crate::protocols::fins::keys;

/// A command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Command {
    code: u16,
    /// As the manual writes it.
    pub(super) name: &'static str,
    /// What it is for.
    pub(super) act: Option<Act>,
    /// What it does, and the key for that.
    pub(super) deed: Option<(&'static str, Key)>,
}

/// The command of this code.
pub(super) fn of(code: u16) -> Option<&'static Command> {
    let at = COMMANDS.binary_search_by_key(&code, |command| command.code).ok()?;
    COMMANDS.get(at)
}

const fn read(code: u16, name: &'static str) -> Command {
    Command { code, name, act: Some(Act::Read), deed: None }
}

const fn identify(code: u16, name: &'static str) -> Command {
    Command { code, name, act: Some(Act::Identify), deed: None }
}

const fn plain(code: u16, name: &'static str) -> Command {
    Command { code, name, act: None, deed: None }
}

const fn does(code: u16, name: &'static str, act: Act, what: &'static str, done: Key) -> Command {
    Command { code, name, act: Some(act), deed: Some((what, done)) }
}

pub(super) const CONTROLLER_DATA_READ: u16 = 0x0501;
pub(super) const CONNECTION_DATA_READ: u16 = 0x0502;
pub(super) const CONTROLLER_STATUS_READ: u16 = 0x0601;
pub(super) const NAME_READ: u16 = 0x2603;

const COMMANDS: &[Command] = &[
    read(0x0101, "MEMORY AREA READ"),
    does(0x0102, "MEMORY AREA WRITE", Act::Write, "write", keys::WRITER),
    does(0x0103, "MEMORY AREA FILL", Act::Write, "fill", keys::WRITER),
    read(0x0104, "MULTIPLE MEMORY AREA READ"),
    does(0x0105, "MEMORY AREA TRANSFER", Act::Write, "transfer", keys::WRITER),
    read(0x0201, "PARAMETER AREA READ"),
    does(0x0202, "PARAMETER AREA WRITE", Act::Program, "parameter write", keys::PARAMETER_CHANGE),
    does(0x0203, "PARAMETER AREA CLEAR", Act::Program, "parameter clear", keys::PARAMETER_CHANGE),
    read(0x0220, "DATA LINK TABLE READ"),
    does(
        0x0221,
        "DATA LINK TABLE WRITE",
        Act::Program,
        "data link table write",
        keys::PARAMETER_CHANGE,
    ),
    does(0x0304, "PROGRAM AREA PROTECT", Act::Program, "program protect", keys::PROTECTION_CHANGE),
    does(
        0x0305,
        "PROGRAM AREA PROTECT CLEAR",
        Act::Program,
        "program protect clear",
        keys::PROTECTION_CHANGE,
    ),
    does(0x0306, "PROGRAM AREA READ", Act::Program, "program read", keys::PROGRAM_UPLOAD),
    does(0x0307, "PROGRAM AREA WRITE", Act::Program, "program write", keys::PROGRAM_DOWNLOAD),
    does(0x0308, "PROGRAM AREA CLEAR", Act::Program, "program clear", keys::PROGRAM_DOWNLOAD),
    does(0x0401, "RUN", Act::Control, "run", keys::START),
    does(0x0402, "STOP", Act::Control, "stop", keys::STOP),
    does(0x0403, "RESET", Act::Control, "reset", keys::RESET),
    identify(CONTROLLER_DATA_READ, "CONTROLLER DATA READ"),
    identify(CONNECTION_DATA_READ, "CONNECTION DATA READ"),
    read(CONTROLLER_STATUS_READ, "CONTROLLER STATUS READ"),
    read(0x0602, "NETWORK STATUS READ"),
    read(0x0603, "DATA LINK STATUS READ"),
    read(0x0620, "CYCLE TIME READ"),
    read(0x0701, "CLOCK READ"),
    does(0x0702, "CLOCK WRITE", Act::Write, "clock write", keys::CLOCK_CHANGE),
    plain(0x0801, "LOOP-BACK TEST"),
    read(0x0802, "BROADCAST TEST RESULTS READ"),
    plain(0x0803, "BROADCAST TEST DATA SEND"),
    read(0x0920, "MESSAGE READ/CLEAR"),
    does(
        0x0c01,
        "ACCESS RIGHT ACQUIRE",
        Act::Control,
        "access right acquire",
        keys::ACCESS_RIGHT_CHANGE,
    ),
    does(
        0x0c02,
        "ACCESS RIGHT FORCED ACQUIRE",
        Act::Control,
        "access right forced acquire",
        keys::ACCESS_RIGHT_CHANGE,
    ),
    does(
        0x0c03,
        "ACCESS RIGHT RELEASE",
        Act::Control,
        "access right release",
        keys::ACCESS_RIGHT_CHANGE,
    ),
    plain(0x2101, "ERROR CLEAR"),
    read(0x2102, "ERROR LOG READ"),
    plain(0x2103, "ERROR LOG CLEAR"),
    read(0x2140, "FINS WRITE ACCESS LOG READ"),
    plain(0x2141, "FINS WRITE ACCESS LOG CLEAR"),
    read(0x2201, "FILE NAME READ"),
    read(0x2202, "SINGLE FILE READ"),
    does(0x2203, "SINGLE FILE WRITE", Act::Program, "file write", keys::FILE_CHANGE),
    does(0x2204, "FILE MEMORY FORMAT", Act::Program, "file memory format", keys::FILE_CHANGE),
    does(0x2205, "FILE DELETE", Act::Program, "file delete", keys::FILE_CHANGE),
    does(
        0x2206,
        "VOLUME LABEL CREATE/DELETE",
        Act::Program,
        "volume label change",
        keys::FILE_CHANGE,
    ),
    does(0x2207, "FILE COPY", Act::Program, "file copy", keys::FILE_CHANGE),
    does(0x2208, "FILE NAME CHANGE", Act::Program, "file name change", keys::FILE_CHANGE),
    read(0x2209, "FILE DATA CHECK"),
    does(
        0x220a,
        "MEMORY AREA FILE TRANSFER",
        Act::Program,
        "memory file transfer",
        keys::FILE_CHANGE,
    ),
    does(
        0x220b,
        "PARAMETER AREA FILE TRANSFER",
        Act::Program,
        "parameter file transfer",
        keys::FILE_CHANGE,
    ),
    does(
        0x220c,
        "PROGRAM AREA FILE TRANSFER",
        Act::Program,
        "program file transfer",
        keys::FILE_CHANGE,
    ),
    read(0x220f, "FILE MEMORY INDEX READ"),
    read(0x2210, "FILE MEMORY READ"),
    does(0x2211, "FILE MEMORY WRITE", Act::Program, "file memory write", keys::FILE_CHANGE),
    does(0x2215, "CREATE/DELETE DIRECTORY", Act::Program, "directory change", keys::FILE_CHANGE),
    does(0x2301, "FORCED SET/RESET", Act::Write, "forced set or reset", keys::FORCES_CHANGE),
    does(
        0x2302,
        "FORCED SET/RESET CANCEL",
        Act::Write,
        "forced set or reset cancel",
        keys::FORCES_CHANGE,
    ),
    read(0x230a, "MULTIPLE FORCED STATUS READ"),
    does(0x2601, "NAME SET", Act::Write, "name set", keys::NAME_CHANGE),
    does(0x2602, "NAME DELETE", Act::Write, "name delete", keys::NAME_CHANGE),
    identify(NAME_READ, "NAME READ"),
];
