//! Caps of the reader of FINS.

/// Bytes behind the length of one FINS/TCP message: the command with its longest data has 2,002, the headers have 22.
pub const FINS_FRAME_BYTES_MAX: usize = 4 * 1_024;
