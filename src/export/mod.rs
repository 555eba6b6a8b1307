//! Edge: files out.
