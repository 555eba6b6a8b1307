//! All that S-Bus can say.

use crate::model::Key;

/// What a node does: `client`, `server`.
pub(super) const ROLE: Key = Key::several("sbus.role");
/// Telegrams that a client sends.
pub(super) const COMMAND: Key = Key::several("sbus.command");
/// CPU type in five letters: `D2M48` is a PCD2.M480.
pub(super) const CPU_TYPE: Key = Key::one("sbus.cpu_type");
/// Firmware version in three letters.
pub(super) const FIRMWARE_VERSION: Key = Key::one("sbus.firmware_version");
/// A module of the controller (system information 4): `PCD7F650D`.
pub(super) const MODULE: Key = Key::several("sbus.module");
/// Status of the CPU: `run`, `stop`, `halt`, `conditional run`, `disconnected`.
pub(super) const STATUS: Key = Key::one("sbus.status");

/// A change was asked for, whatever the answer: what, of which station, and by which address.
pub(super) const ATTEMPT: Key = Key::event("sbus.attempt");
/// A station would not: what, and by which address.
pub(super) const REFUSED: Key = Key::event("sbus.refused");
/// Addresses that wrote registers, flags, outputs, timers or counters.
pub(super) const WRITER: Key = Key::several("sbus.writer");
/// A CPU was started: by which address.
pub(super) const RUN: Key = Key::event("sbus.run");
/// A CPU was stopped: by which address.
pub(super) const STOP: Key = Key::event("sbus.stop");
/// A CPU was restarted: by which address.
pub(super) const RESTART: Key = Key::event("sbus.restart");
/// Program, texts or memory were written: by which address.
pub(super) const PROGRAM_CHANGE: Key = Key::event("sbus.program_change");
/// Flags, outputs, registers or timers were cleared: by which address.
pub(super) const CLEARED: Key = Key::event("sbus.cleared");
/// The clock was set: by which address.
pub(super) const CLOCK_CHANGE: Key = Key::event("sbus.clock_change");

/// All of the above.
pub(super) const ALL: &[Key] = &[
    ROLE,
    COMMAND,
    CPU_TYPE,
    FIRMWARE_VERSION,
    MODULE,
    STATUS,
    ATTEMPT,
    REFUSED,
    WRITER,
    RUN,
    STOP,
    RESTART,
    PROGRAM_CHANGE,
    CLEARED,
    CLOCK_CHANGE,
];
