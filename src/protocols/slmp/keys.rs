//! All that SLMP and MELSOFT can say.

use crate::model::Key;

/// What a node does: `client`, `server`.
pub(super) const ROLE: Key = Key::several("slmp.role");
/// How messages are coded: `binary`, `ASCII`, `MELSOFT`. About the server.
pub(super) const CODE: Key = Key::several("slmp.code");
/// Commands that a client sends.
pub(super) const COMMAND: Key = Key::several("slmp.command");
/// Model name of the CPU module (Read Type Name).
pub(super) const MODEL_NAME: Key = Key::one("slmp.model_name");
/// Model code of the CPU module.
pub(super) const MODEL_CODE: Key = Key::one("slmp.model_code");

/// A change was asked for, whatever the answer: what, and by which address.
pub(super) const ATTEMPT: Key = Key::event("slmp.attempt");
/// A module would not: what, by which address, and the end code.
pub(super) const REFUSED: Key = Key::event("slmp.refused");
/// Addresses that wrote devices, labels or memory.
pub(super) const WRITER: Key = Key::several("slmp.writer");
/// The CPU module was set to RUN: by which address.
pub(super) const RUN: Key = Key::event("slmp.remote_run");
/// The CPU module was set to STOP or PAUSE: by which address.
pub(super) const STOP: Key = Key::event("slmp.remote_stop");
/// The CPU module was reset, or its latched devices were cleared: by which address.
pub(super) const RESET: Key = Key::event("slmp.remote_reset");
/// A remote password was given, or the module locked again: by which address. The password is not kept.
pub(super) const PASSWORD: Key = Key::event("slmp.remote_password");
/// Files of the module were made, written, or deleted: by which address.
pub(super) const FILE_CHANGE: Key = Key::event("slmp.file_change");
/// The address of a node was set: by which address.
pub(super) const ADDRESS_CHANGE: Key = Key::event("slmp.address_change");

/// All of the above.
pub(super) const ALL: &[Key] = &[
    ROLE,
    CODE,
    COMMAND,
    MODEL_NAME,
    MODEL_CODE,
    ATTEMPT,
    REFUSED,
    WRITER,
    RUN,
    STOP,
    RESET,
    PASSWORD,
    FILE_CHANGE,
    ADDRESS_CHANGE,
];
