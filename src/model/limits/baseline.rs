//! Caps of baselines.

/// Baselines that one store keeps: one a month for ten years. Past that a person removes one first; none is removed behind their back.
pub const BASELINES_MAX: usize = 120;

/// Bytes of the name of a baseline: a line of a table.
pub const BASELINE_NAME_BYTES_MAX: usize = 128;

/// Bytes of the devices of one baseline when they are read again: 100,000 devices of 5 KB each.
pub const BASELINE_BYTES_MAX: u64 = 512 * 1_024 * 1_024;

/// Frame numbers before the one that completes a fact whose kept frames are read with it: a message in many segments has fewer, and a session that a
/// later request belongs to mostly began not longer ago.
pub const KEPT_FRAMES_BEHIND: u64 = 4_096;

/// Kept frames that are in memory at once while evidence is read again.
pub const KEPT_FRAMES_AT_ONCE: usize = 64;
