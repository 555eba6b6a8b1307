//! Frames in, observations out.
