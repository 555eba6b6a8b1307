//! Caps of the reader of S7.

/// Bytes of one TPDU, or of one message that came in several, that are waited for: S7 agrees on 960 at most, S7-plus on
/// 8,192; what brings more is no identity.
pub const S7_MESSAGE_BYTES_MAX: usize = 16 * 1_024;

/// Bytes of one system status list that is put together: the longest that is read describes the 32 modules of a rack four
/// times over.
pub const S7_LIST_BYTES_MAX: usize = 8 * 1_024;

/// System status lists of one connection that are put together at once: programming software reads one after the other.
pub const S7_LISTS_MAX: usize = 8;

/// Jobs of one connection whose answer is awaited: both ends agree on 1 to 16 at once.
pub const S7_JOBS_MAX: usize = 32;

/// Elements of one S7-plus object that are looked at; a session has some twenty.
pub const S7_PLUS_ELEMENTS_MAX: usize = 512;

/// How deep values of S7-plus may lie in each other; those of a session lie one deep.
pub const S7_PLUS_DEPTH_MAX: usize = 4;
