//! Caps of the reader of SLMP.

/// Bytes of one SLMP message that are waited for: the longest in ASCII code has some 4,000.
pub const SLMP_MESSAGE_BYTES_MAX: usize = 8 * 1_024;

/// Requests of one connection whose answer is awaited: without serial number there is one at a time.
pub const SLMP_PENDING_MAX: usize = 16;
