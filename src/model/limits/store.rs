//! Caps of a store that is written for years.

use std::time::Duration;

/// How long the check of a store may take when it is opened: a sensor that starts must listen, and a store of 10,000 devices is read through in that
/// time. What was not reached is checked by `nameplate store check`.
pub const STORE_CHECK_TIME_MAX: Duration = Duration::from_millis(200);

/// Rows that one step of shedding looks at or deletes: some ten milliseconds, so that batches of the wire do not wait.
pub const SHED_ROWS_PER_STEP: usize = 2_000;

/// Observations of one subject that are looked at together: a name that flaps for years has more, and loses them step by step.
pub const SHED_ROWS_PER_SUBJECT_MAX: usize = 20_000;

/// Pages of 4 KiB that are given back to the disk in one slice.
pub const VACUUM_PAGES_PER_STEP: u32 = 512;

/// Notices that stay whatever room is needed: what happened last is what a person asks for first.
pub const NOTICES_KEPT_MIN: u64 = 1_000;

/// Bytes of the log of changes past which it is written into the file and cut; a store with little room has less.
pub const STORE_LOG_BYTES_MAX: u64 = 16 * 1_024 * 1_024;

/// How far the time that ages are measured against may follow the clock at once, in nanoseconds: an hour. A clock that jumps ahead by years for
/// a minute makes the store an hour older, not empty.
pub const AGE_STEP_NS_MAX: i64 = 3_600 * 1_000_000_000;

/// Pages of 4 KiB that a backup copies before it looks up.
pub const BACKUP_PAGES_PER_STEP: i32 = 1_024;

/// Attempts to get past a damaged place of a table when it is salvaged.
pub const SALVAGE_JUMPS_MAX: usize = 4_096;

/// Bytes of one frame kept as evidence: more than any frame of a network, jumbo frames and reassembled segments of a card included.
pub const KEPT_FRAME_BYTES_MAX: usize = 256 * 1_024;
