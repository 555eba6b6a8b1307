//! Caps of the reader of S-Bus.

/// Requests of one conversation whose answer is awaited: a client asks one thing at a time, a few at most.
pub const SBUS_PENDING_MAX: usize = 16;
