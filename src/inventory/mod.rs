//! Claims to assets.
