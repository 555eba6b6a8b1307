//! Caps of the reader of DNP3.

/// Bytes of one application fragment that is put together from transport segments: masters and outstations agree on 2,048 or
/// 4,096; an outstation with long names stays far below.
pub const DNP3_FRAGMENT_BYTES_MAX: usize = 8 * 1_024;

/// Fragments of one conversation that are put together at once: each station sends one after the other, and several
/// stations share a line.
pub const DNP3_FRAGMENTS_MAX: usize = 16;

/// Requests of one conversation whose answer is awaited: a master asks each station one thing at a time.
pub const DNP3_PENDING_MAX: usize = 32;

/// Stations of one conversation that are remembered as subjects: a line has some dozens of them.
pub const DNP3_STATIONS_MAX: usize = 256;

/// Object headers read in one fragment: all attributes that the standard names take sixty.
pub const DNP3_HEADERS_MAX: usize = 256;
