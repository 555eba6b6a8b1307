//! Why some bytes could not be read.

use std::fmt;

/// Bytes that do not hold what they should. Small, `Copy`, no allocation: it is counted, not thrown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Malformed {
    /// The field being read, as the specification calls it.
    pub field: &'static str,
    /// Offset in bytes from the start of the message.
    pub at: usize,
    /// Bytes the field needs; equal to `have` when the bytes are there but their value is impossible.
    pub need: usize,
    /// Bytes that were left.
    pub have: usize,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, at, need, have } = self;
        if need == have {
            write!(f, "{field} at byte {at}: impossible value")
        } else {
            write!(f, "{field} at byte {at}: needs {need} bytes, has {have}")
        }
    }
}
