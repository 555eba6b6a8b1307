//! Caps of a sensor that runs for years.

/// Frames that go from the capture to the engine at once: enough that handing them over costs nothing beside reading them.
pub const BATCH_FRAMES_MAX: usize = 256;

/// Bytes of them, the last frame not counted: large frames come in smaller batches.
pub const BATCH_BYTES_MAX: usize = 256 * 1_024;

/// TCP conversations that `doctor --listen` looks at: enough to tell what is typical, in some 10 MiB.
pub const DOCTOR_TALKS_MAX: usize = 65_536;

/// VLANs that it lists.
pub const DOCTOR_VLANS_MAX: usize = 4_096;
