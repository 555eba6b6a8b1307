//! Facts to claims, by data.
