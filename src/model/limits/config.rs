//! Caps of what people configure.

/// Bytes of a configuration file: a thousand zones have some 200 KiB.
pub const CONFIG_BYTES_MAX: usize = 1_024 * 1_024;

/// Mistakes of a configuration that are told: whoever has more has given the wrong file.
pub const CONFIG_MISTAKES_MAX: usize = 100;

/// Interfaces that one sensor listens on: each has a thread and a ring of its own.
pub const INTERFACES_MAX: usize = 32;
