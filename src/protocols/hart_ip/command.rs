//! Commands by their numbers (HCF_SPEC-127 universal, HCF_SPEC-151 common practice): what they are for, and what they do.

use crate::model::{Act, Key};
use crate::protocols::hart_ip::keys;

/// What a command is for.
pub(super) fn act(command: u16) -> Option<Act> {
    Some(match command {
        READ_IDENTIFIER
        | IDENTIFIER_BY_TAG
        | READ_MESSAGE
        | READ_TAG
        | READ_ASSEMBLY
        | READ_LONG_TAG
        | IDENTIFIER_BY_LONG_TAG
        | READ_IO_CAPABILITIES
        | READ_SUB_DEVICE => Act::Identify,
        1..=3 | 7..=9 | 14 | 15 | 33 | 48 | 50 | 54 | 63 => Act::Read,
        42 | 71 => Act::Control,
        _ => return deed(command).map(|_| Act::Write),
    })
}

/// What a command does, and the key for that.
pub(super) fn deed(command: u16) -> Option<(&'static str, Key)> {
    Some(match command {
        6 => ("write polling address", keys::IDENTIFICATION_CHANGE),
        17 => ("write message", keys::IDENTIFICATION_CHANGE),
        18 => ("write tag", keys::IDENTIFICATION_CHANGE),
        19 => ("write final assembly number", keys::IDENTIFICATION_CHANGE),
        22 => ("write long tag", keys::IDENTIFICATION_CHANGE),
        34 => ("write damping", keys::CALIBRATION),
        35 => ("write range", keys::CALIBRATION),
        36 => ("set upper range", keys::CALIBRATION),
        37 => ("set lower range", keys::CALIBRATION),
        40 => ("fix loop current", keys::SIMULATION),
        42 => ("reset", keys::RESET),
        43 => ("set zero", keys::CALIBRATION),
        44 => ("write units", keys::CALIBRATION),
        45 => ("trim zero of loop current", keys::CALIBRATION),
        46 => ("trim gain of loop current", keys::CALIBRATION),
        47 => ("write transfer function", keys::CALIBRATION),
        52 => ("set zero of variable", keys::CALIBRATION),
        71 => ("lock", keys::LOCK_CHANGE),
        79 => ("write variable", keys::SIMULATION),
        82 => ("write trim point", keys::CALIBRATION),
        83 => ("reset trim", keys::CALIBRATION),
        _ => return None,
    })
}

pub(super) const READ_IDENTIFIER: u16 = 0;
pub(super) const IDENTIFIER_BY_TAG: u16 = 11;
pub(super) const READ_MESSAGE: u16 = 12;
pub(super) const READ_TAG: u16 = 13;
pub(super) const READ_ASSEMBLY: u16 = 16;
pub(super) const READ_LONG_TAG: u16 = 20;
pub(super) const IDENTIFIER_BY_LONG_TAG: u16 = 21;
const READ_IO_CAPABILITIES: u16 = 74;
pub(super) const READ_SUB_DEVICE: u16 = 84;
