//! What functions are called, and what they are for.

use crate::model::Act;

/// A function of a job: code, name, what it is for. Downloads and uploads are work on programs, whichever way they go.
pub(super) fn job(function: u8) -> Option<(&'static str, Option<Act>)> {
    Some(match function {
        CPU_SERVICES => ("CPU services", None),
        READ => ("read variables", Some(Act::Read)),
        WRITE => ("write variables", Some(Act::Write)),
        REQUEST_DOWNLOAD => ("request download", Some(Act::Program)),
        DOWNLOAD_BLOCK => ("download block", None),
        DOWNLOAD_ENDED => ("download ended", None),
        START_UPLOAD => ("start upload", Some(Act::Program)),
        UPLOAD => ("upload", None),
        END_UPLOAD => ("end upload", None),
        PI_SERVICE => ("PI service", None),
        STOP => ("stop", Some(Act::Control)),
        SET_UP => ("set up communication", None),
        _ => return None,
    })
}

/// A function of user data: group and number. Names are Wireshark's.
pub(super) fn user_data(group: u8, function: u8) -> Option<(&'static str, Option<Act>)> {
    Some(match (group, function) {
        (PROGRAMMER, 0x01 | 0x13) => ("programmer: block status", Some(Act::Read)),
        (PROGRAMMER, 0x02) => ("programmer: variable status", Some(Act::Read)),
        (PROGRAMMER, 0x03..=0x05) => ("programmer: read stack", Some(Act::Read)),
        (PROGRAMMER, 0x08) => ("programmer: modify variable", Some(Act::Write)),
        (PROGRAMMER, FORCE) => ("programmer: force", Some(Act::Write)),
        (PROGRAMMER, 0x0a) => ("programmer: breakpoint", Some(Act::Control)),
        (PROGRAMMER, 0x0b) => ("programmer: exit HOLD", Some(Act::Control)),
        (PROGRAMMER, MEMORY_RESET) => ("programmer: memory reset", Some(Act::Control)),
        (PROGRAMMER, 0x0d..=0x0f | 0x12) => ("programmer: change job", None),
        (PROGRAMMER, 0x10 | 0x11) => ("programmer: read job", Some(Act::Read)),
        (PROGRAMMER, 0x16) => ("programmer: flash LED", None),
        (CYCLIC, 0x01 | 0x05) => ("cyclic services: subscribe", Some(Act::Read)),
        (CYCLIC, 0x04) => ("cyclic services: unsubscribe", None),
        (BLOCKS, 0x01) => ("block functions: list blocks", Some(Act::Read)),
        (BLOCKS, 0x02) => ("block functions: list blocks of type", Some(Act::Read)),
        (BLOCKS, 0x03) => ("block functions: get block info", Some(Act::Read)),
        (CPU, READ_SZL) => ("CPU functions: read SZL", None),
        (CPU, 0x02) => ("CPU functions: message service", None),
        (CPU, 0x03) => ("CPU functions: diagnostic message", None),
        (CPU, 0x05..=0x0e | 0x11..=0x13 | 0x16) => ("CPU functions: alarms", None),
        (SECURITY, PASSWORD) => ("security: password", None),
        (TIME, 0x01 | 0x03) => ("time functions: read clock", Some(Act::Read)),
        (TIME, SET_CLOCK | SET_CLOCK_TOO) => ("time functions: set clock", Some(Act::Write)),
        _ => return None,
    })
}

/// What a service of the program invocation is for.
pub(super) fn service(name: &str) -> Act {
    match name {
        PROGRAM => Act::Control,
        _ => Act::Program,
    }
}

/// Lists that say what a module is; the others say how it is.
pub(super) fn list(id: u16) -> Act {
    match id & 0x00ff {
        0x00 | 0x11 | 0x12 | 0x1c => Act::Identify,
        _ => Act::Read,
    }
}

/// The service that starts the program.
pub(super) const PROGRAM: &str = "P_PROGRAM";
/// The service that deletes a block.
pub(super) const DELETE: &str = "_DELE";

const CPU_SERVICES: u8 = 0x00;
pub(super) const READ: u8 = 0x04;
pub(super) const WRITE: u8 = 0x05;
pub(super) const REQUEST_DOWNLOAD: u8 = 0x1a;
pub(super) const DOWNLOAD_BLOCK: u8 = 0x1b;
pub(super) const DOWNLOAD_ENDED: u8 = 0x1c;
pub(super) const START_UPLOAD: u8 = 0x1d;
pub(super) const UPLOAD: u8 = 0x1e;
pub(super) const END_UPLOAD: u8 = 0x1f;
pub(super) const PI_SERVICE: u8 = 0x28;
pub(super) const STOP: u8 = 0x29;
pub(super) const SET_UP: u8 = 0xf0;

pub(super) const MODE_TRANSITION: u8 = 0;
pub(super) const PROGRAMMER: u8 = 1;
const CYCLIC: u8 = 2;
const BLOCKS: u8 = 3;
pub(super) const CPU: u8 = 4;
pub(super) const SECURITY: u8 = 5;
pub(super) const TIME: u8 = 7;

pub(super) const FORCE: u8 = 0x09;
pub(super) const MEMORY_RESET: u8 = 0x0c;
pub(super) const READ_SZL: u8 = 0x01;
pub(super) const PASSWORD: u8 = 0x01;
pub(super) const SET_CLOCK: u8 = 0x02;
pub(super) const SET_CLOCK_TOO: u8 = 0x04;
