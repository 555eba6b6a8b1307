//! Everything that IEC 60870-5-104 can say.

use crate::model::Key;

/// What a node does: `controlling station`, `controlled station`.
pub(super) const ROLE: Key = Key::several("iec104.role");
/// Common addresses of the stations that a node speaks for: its own, and those of stations behind it.
pub(super) const COMMON_ADDRESS: Key = Key::several("iec104.common_address");
/// Originator addresses that a controlling station gives itself; 0, which stands for none, is not told.
pub(super) const ORIGINATOR_ADDRESS: Key = Key::several("iec104.originator_address");
/// Types of what a node sends: `M_ME_NC_1`; the number of those that have no name.
pub(super) const TYPE: Key = Key::several("iec104.type");
/// What a station refused, and why: `C_SC_NA_1: negative confirmation`, `C_RD_NA_1: unknown common address`.
pub(super) const REFUSED: Key = Key::several("iec104.refused");

/// Addresses whose commands a station confirmed.
pub(super) const COMMANDER: Key = Key::several("iec104.commander");
/// A change was asked for, whatever the answer: what, and by which address.
pub(super) const ATTEMPT: Key = Key::event("iec104.attempt");
/// A station told that it has started: `local power switch on`, `local manual reset`, `remote reset`.
pub(super) const INITIALIZED: Key = Key::event("iec104.initialized");
/// The process of the station was reset: by which address.
pub(super) const PROCESS_RESET: Key = Key::event("iec104.process_reset");
/// The clock of the station was set: by which address.
pub(super) const CLOCK_CHANGE: Key = Key::event("iec104.clock_change");
/// A parameter of the station was loaded or activated: by which address.
pub(super) const PARAMETER_CHANGE: Key = Key::event("iec104.parameter_change");
/// A file, or a section of one, was given to another node to its end: the address that took it.
pub(super) const FILE_TRANSFER: Key = Key::event("iec104.file_transfer");

/// All of the above.
pub(super) const ALL: &[Key] = &[
    ROLE,
    COMMON_ADDRESS,
    ORIGINATOR_ADDRESS,
    TYPE,
    REFUSED,
    COMMANDER,
    ATTEMPT,
    INITIALIZED,
    PROCESS_RESET,
    CLOCK_CHANGE,
    PARAMETER_CHANGE,
    FILE_TRANSFER,
];
