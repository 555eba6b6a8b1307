//! Short texts made without allocation: a poll that fails, fails many times a second.

use std::fmt::{self, Write as _};

/// A text of a few numbers.
pub(super) struct Phrase {
    bytes: [u8; PHRASE_BYTES_MAX],
    used: usize,
}

impl Phrase {
    /// Writes what is given; what does not fit is left out.
    pub(super) fn new(what: fmt::Arguments<'_>) -> Self {
        let mut text = Self { bytes: [0; PHRASE_BYTES_MAX], used: 0 };
        // Longest is `unit 255: 127: 255`: it fits.
        let _ = text.write_fmt(what);
        text
    }

    /// The text.
    pub(super) fn as_str(&self) -> &str {
        let used = self.bytes.get(..self.used).unwrap_or_default();
        std::str::from_utf8(used).unwrap_or_default()
    }
}

impl fmt::Write for Phrase {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let free = self.bytes.get_mut(self.used..).unwrap_or_default();
        let place = free.get_mut(..text.len()).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.used = self.used.saturating_add(text.len());
        Ok(())
    }
}

const PHRASE_BYTES_MAX: usize = 24;
