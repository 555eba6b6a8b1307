//! Telegrams by their codes: their names, what they are for, and what they do. Names are Wireshark's.

use crate::model::{Act, Key};
use crate::protocols::sbus::keys;

/// A telegram.
#[derive(Clone, Copy, Debug)]
pub(super) struct Command {
    pub(super) name: &'static str,
    /// What it is for.
    pub(super) act: Option<Act>,
    /// What it does.
    pub(super) done: Option<Key>,
}

/// The telegram of this code.
pub(super) fn of(code: u8) -> Option<Command> {
    let (name, act, done) = match code {
        0 => ("Read counter(s)", Some(Act::Read), None),
        1 => ("Read display register", Some(Act::Read), None),
        2 => ("Read flag(s)", Some(Act::Read), None),
        3 => ("Read input(s)", Some(Act::Read), None),
        4 => ("Read real time clock", Some(Act::Read), None),
        5 => ("Read output(s)", Some(Act::Read), None),
        6 => ("Read register(s)", Some(Act::Read), None),
        7 => ("Read timer(s)", Some(Act::Read), None),
        10 => ("Write counter(s)", Some(Act::Write), Some(keys::WRITER)),
        11 => ("Write flag(s)", Some(Act::Write), Some(keys::WRITER)),
        12 => ("Write real time clock", Some(Act::Write), Some(keys::CLOCK_CHANGE)),
        13 => ("Write output(s)", Some(Act::Write), Some(keys::WRITER)),
        14 => ("Write register(s)", Some(Act::Write), Some(keys::WRITER)),
        15 => ("Write timer(s)", Some(Act::Write), Some(keys::WRITER)),
        20..=OWN_STATUS => ("Read PCD status", Some(Act::Read), None),
        29 => ("Read S-Bus station number", Some(Act::Identify), None),
        30 => ("Read user memory", Some(Act::Read), None),
        31 => ("Read program line", Some(Act::Program), None),
        FIRMWARE => ("Read firmware version", Some(Act::Identify), None),
        33 => ("Read text", Some(Act::Read), None),
        35 => ("Write user memory", Some(Act::Program), Some(keys::PROGRAM_CHANGE)),
        36 => ("Write program line", Some(Act::Program), Some(keys::PROGRAM_CHANGE)),
        37 => ("Write text", Some(Act::Program), Some(keys::PROGRAM_CHANGE)),
        40..=48 => ("Run procedure", Some(Act::Control), Some(keys::RUN)),
        50..=57 => ("Restart cold", Some(Act::Control), Some(keys::RESTART)),
        60..=68 => ("Stop procedure", Some(Act::Control), Some(keys::STOP)),
        70..=75 => ("Read state", Some(Act::Read), None),
        90..=94 => ("Clear", Some(Act::Write), Some(keys::CLEARED)),
        100..=107 => ("Restart warm", Some(Act::Control), Some(keys::RESTART)),
        110 => ("Change block", Some(Act::Program), Some(keys::PROGRAM_CHANGE)),
        112 => ("Delete program line", Some(Act::Program), Some(keys::PROGRAM_CHANGE)),
        114 => ("Insert program line", Some(Act::Program), Some(keys::PROGRAM_CHANGE)),
        117 => ("Make text", Some(Act::Program), Some(keys::PROGRAM_CHANGE)),
        SYSTEM_INFORMATION => ("Read system information", Some(Act::Identify), None),
        _ => return None,
    };
    Some(Command { name, act, done })
}

/// Status of the CPU that answers.
pub(super) const OWN_STATUS: u8 = 27;
pub(super) const FIRMWARE: u8 = 32;
pub(super) const SYSTEM_INFORMATION: u8 = 0xab;
