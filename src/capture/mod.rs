//! Edge: bytes in.
