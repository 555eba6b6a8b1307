//! All that FINS can say.

use crate::model::Key;

/// What a node does: `client`, `server`.
pub(super) const ROLE: Key = Key::several("fins.role");
/// Commands that a client sends, and that a unit answers.
pub(super) const COMMAND: Key = Key::several("fins.command");
/// Node number that a FINS/TCP server gave itself.
pub(super) const NODE_NUMBER: Key = Key::one("fins.node_number");

/// Controller model (CONTROLLER DATA READ).
pub(super) const CONTROLLER_MODEL: Key = Key::one("fins.controller_model");
/// Controller version: of a CPU unit the version of its internal system, of a communications unit its own.
pub(super) const CONTROLLER_VERSION: Key = Key::one("fins.controller_version");
/// IP address of an Ethernet unit.
pub(super) const IP_ADDRESS: Key = Key::one("fins.ip_address");
/// Subnet mask of an Ethernet unit.
pub(super) const SUBNET_MASK: Key = Key::one("fins.subnet_mask");
/// Ethernet address of an Ethernet unit.
pub(super) const ETHERNET_ADDRESS: Key = Key::one("fins.ethernet_address");
/// Model of a unit of the rack (CONNECTION DATA READ).
pub(super) const UNIT_MODEL: Key = Key::one("fins.unit_model");
/// Name that was given to a unit (NAME READ).
pub(super) const NAME: Key = Key::one("fins.name");

/// Whether the CPU unit executes its program: `stop`, `run`, `standby`.
pub(super) const STATUS: Key = Key::one("fins.status");
/// Operating mode: `PROGRAM`, `DEBUG`, `MONITOR`, `RUN`.
pub(super) const MODE: Key = Key::one("fins.mode");
/// Fatal error data: bits of what stopped the CPU unit.
pub(super) const FATAL_ERROR: Key = Key::one("fins.fatal_error");
/// Non-fatal error data.
pub(super) const NON_FATAL_ERROR: Key = Key::one("fins.non_fatal_error");
/// Error code of the most serious error.
pub(super) const ERROR_CODE: Key = Key::one("fins.error_code");
/// Message of an error that the program reports itself.
pub(super) const ERROR_MESSAGE: Key = Key::one("fins.error_message");

/// A change was asked for, whatever the answer: what, and by which address.
pub(super) const ATTEMPT: Key = Key::event("fins.attempt");
/// A unit would not: what, by which address, and the end code.
pub(super) const REFUSED: Key = Key::event("fins.refused");
/// Addresses that wrote memory of the unit.
pub(super) const WRITER: Key = Key::several("fins.writer");
/// The CPU unit was switched to RUN, MONITOR or DEBUG mode: by which address.
pub(super) const START: Key = Key::event("fins.start");
/// The CPU unit was switched to PROGRAM mode: by which address.
pub(super) const STOP: Key = Key::event("fins.stop");
/// The unit was restarted: by which address.
pub(super) const RESET: Key = Key::event("fins.reset");
/// The program was written or cleared: by which address.
pub(super) const PROGRAM_DOWNLOAD: Key = Key::event("fins.program_download");
/// The program was read: by which address.
pub(super) const PROGRAM_UPLOAD: Key = Key::event("fins.program_upload");
/// Protection of the program was set or taken away: by which address.
pub(super) const PROTECTION_CHANGE: Key = Key::event("fins.protection_change");
/// Parameters (the set-up, I/O tables, routing tables) were written or cleared: by which address.
pub(super) const PARAMETER_CHANGE: Key = Key::event("fins.parameter_change");
/// The right to write was taken or given back: by which address.
pub(super) const ACCESS_RIGHT_CHANGE: Key = Key::event("fins.access_right_change");
/// The clock was set: by which address.
pub(super) const CLOCK_CHANGE: Key = Key::event("fins.clock_change");
/// Files of the memory card were written, moved or deleted: by which address.
pub(super) const FILE_CHANGE: Key = Key::event("fins.file_change");
/// Bits were forced, or no longer are: by which address.
pub(super) const FORCES_CHANGE: Key = Key::event("fins.forces_change");
/// The unit was given a name, or lost it: by which address.
pub(super) const NAME_CHANGE: Key = Key::event("fins.name_change");

/// All of the above.
pub(super) const ALL: &[Key] = &[
    ROLE,
    COMMAND,
    NODE_NUMBER,
    CONTROLLER_MODEL,
    CONTROLLER_VERSION,
    IP_ADDRESS,
    SUBNET_MASK,
    ETHERNET_ADDRESS,
    UNIT_MODEL,
    NAME,
    STATUS,
    MODE,
    FATAL_ERROR,
    NON_FATAL_ERROR,
    ERROR_CODE,
    ERROR_MESSAGE,
    ATTEMPT,
    REFUSED,
    WRITER,
    START,
    STOP,
    RESET,
    PROGRAM_DOWNLOAD,
    PROGRAM_UPLOAD,
    PROTECTION_CHANGE,
    PARAMETER_CHANGE,
    ACCESS_RIGHT_CHANGE,
    CLOCK_CHANGE,
    FILE_CHANGE,
    FORCES_CHANGE,
    NAME_CHANGE,
];
