//! Caps of the reader of HART-IP.

/// Bytes of one HART-IP message over TCP that are waited for: a token-passing PDU has 263 at most, a direct PDU some more.
pub const HART_IP_MESSAGE_BYTES_MAX: usize = 4 * 1_024;
