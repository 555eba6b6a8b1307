//! Commands by their codes (SLMP Reference Manual, SH-080956ENG, 5): their names, what they are for, and what they do.

use crate::model::{Act, Key};
use crate::protocols::slmp::keys;

/// A command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Command {
    pub(super) code: u16,
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

const fn does(code: u16, name: &'static str, act: Act, what: &'static str, done: Key) -> Command {
    Command { code, name, act: Some(act), deed: Some((what, done)) }
}

pub(super) const READ_TYPE_NAME: u16 = 0x0101;

const COMMANDS: &[Command] = &[
    Command { code: READ_TYPE_NAME, name: "Read Type Name", act: Some(Act::Identify), deed: None },
    read(0x0401, "Read"),
    read(0x0403, "Read Random"),
    read(0x0406, "Read Block"),
    read(0x041a, "Array Label Read"),
    read(0x041c, "Label Read Random"),
    read(0x0601, "Extend Unit Read"),
    read(0x0613, "Memory Read"),
    Command { code: 0x0619, name: "Self Test", act: None, deed: None },
    read(0x0801, "Entry Monitor Device"),
    read(0x0802, "Execute Monitor"),
    Command { code: 0x0e30, name: "Node Search", act: Some(Act::Identify), deed: None },
    does(0x0e31, "IP Address Set", Act::Control, "IP address set", keys::ADDRESS_CHANGE),
    does(0x1001, "Remote Run", Act::Control, "remote run", keys::RUN),
    does(0x1002, "Remote Stop", Act::Control, "remote stop", keys::STOP),
    does(0x1003, "Remote Pause", Act::Control, "remote pause", keys::STOP),
    does(0x1005, "Remote Latch Clear", Act::Control, "remote latch clear", keys::RESET),
    does(0x1006, "Remote Reset", Act::Control, "remote reset", keys::RESET),
    does(0x1401, "Write", Act::Write, "write", keys::WRITER),
    does(0x1402, "Write Random", Act::Write, "write", keys::WRITER),
    does(0x1406, "Write Block", Act::Write, "write", keys::WRITER),
    does(0x141a, "Array Label Write", Act::Write, "write", keys::WRITER),
    does(0x141b, "Label Write Random", Act::Write, "write", keys::WRITER),
    does(0x1601, "Extend Unit Write", Act::Write, "write", keys::WRITER),
    does(0x1613, "Memory Write", Act::Write, "write", keys::WRITER),
    Command { code: 0x1617, name: "Clear Error", act: None, deed: None },
    does(0x1630, "Password Unlock", Act::Control, "password unlock", keys::PASSWORD),
    does(0x1631, "Password Lock", Act::Control, "password lock", keys::PASSWORD),
    read(0x1810, "Read Directory/File"),
    read(0x1811, "Search Directory/File"),
    does(0x1820, "New File", Act::Program, "new file", keys::FILE_CHANGE),
    does(0x1822, "Delete File", Act::Program, "delete file", keys::FILE_CHANGE),
    does(0x1824, "Copy File", Act::Program, "copy file", keys::FILE_CHANGE),
    does(0x1825, "Change File State", Act::Program, "change file state", keys::FILE_CHANGE),
    does(0x1826, "Change File Date", Act::Program, "change file date", keys::FILE_CHANGE),
    Command { code: 0x1827, name: "Open File", act: None, deed: None },
    read(0x1828, "Read File"),
    does(0x1829, "Write File", Act::Program, "write file", keys::FILE_CHANGE),
    Command { code: 0x182a, name: "Close File", act: None, deed: None },
];
