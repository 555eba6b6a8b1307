//! Caps of a sensor that runs for years.

/// Frames that go from the capture to the engine at once: enough that handing them over costs nothing beside reading them.
pub const BATCH_FRAMES_MAX: usize = 256;

/// Bytes of them, the last frame not counted: large frames come in smaller batches.
pub const BATCH_BYTES_MAX: usize = 256 * 1_024;

/// Notices told one by one at a look: a scan of the network makes a hundred thousand conversations, and no receiver reads as many.
pub const NOTICES_PER_LOOK_MAX: usize = 2_000;

/// TCP conversations that `doctor --listen` looks at: enough to tell what is typical, in some 10 MiB.
pub const DOCTOR_TALKS_MAX: usize = 65_536;

/// VLANs that it lists.
pub const DOCTOR_VLANS_MAX: usize = 4_096;

/// Batches that wait between the capture and the engine; when all are full the ring of the kernel fills, which counts what it drops.
pub const BATCHES_WAITING_MAX: usize = 64;

/// Batches that stay after they were read, for the evidence: a message is complete within this many.
pub const BATCHES_BEHIND_MAX: usize = 128;

/// Bytes of them.
pub const BATCHES_BEHIND_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// Parcels of observations that wait between the engine and the store: it settles for seconds when there are very many devices.
pub const PARCELS_WAITING_MAX: usize = 4_096;

/// Observations that wait in memory while the store refuses them, for want of room; more are lost, and counted.
pub const OBSERVATIONS_HELD_BACK_MAX: usize = 262_144;

/// Bytes of frames that wait with them.
pub const FRAMES_HELD_BACK_BYTES_MAX: usize = 32 * 1_024 * 1_024;
