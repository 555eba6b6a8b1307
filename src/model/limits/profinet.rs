//! Caps of the readers of PROFINET.

/// Calls of one conversation whose parts are put together at once: a controller sets one device up after the other.
pub const PN_IO_CALLS_MAX: usize = 4;

/// Bytes of one call that came in parts: a device with hundreds of modules is set up with some 20,000.
pub const PN_IO_CALL_BYTES_MAX: usize = 64 * 1_024;

/// Parts of one call: with a few bytes each it would never be long, and cost all the same.
pub const PN_IO_CALL_PARTS_MAX: usize = 256;

/// Blocks of one call or record that are looked at; a connection has some tens, parameters of modules a few hundred.
pub const PN_IO_BLOCKS_MAX: usize = 2_048;

/// Slots and subslots of one list that are looked at, those of all application processes together.
pub const PN_IO_SLOTS_MAX: usize = 4_096;

/// Blocks of one DCP message that are looked at: a frame has room for 370 empty ones, a device says ten.
pub const PN_DCP_BLOCKS_MAX: usize = 256;
