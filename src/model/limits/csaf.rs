//! Caps on what newer versions of CSAF add to documents.

/// Times that the paths of a product tree are gone through until all are made: one path is built on another, and real trees are
/// two or three deep. What is left then leads to nothing.
pub const ADVISORY_PATH_PASSES_MAX: usize = 32;

/// Versions that one range leaves out (`!=`): real ones name one or two.
pub const RANGE_EXCLUSIONS_MAX: usize = 64;
