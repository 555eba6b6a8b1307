//! The stretch of a capture that is in memory: frames are lent out of it, never copied.

use std::io::{self, Read};

use super::decompress::Stream;

/// A buffer that slides over a stream.
pub(super) struct Window {
    stream: Stream,
    /// `start <= end <= buffer.len()`: between them lie the unread bytes.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    failure: Option<io::Error>,
}

/// Why no more bytes come.
pub(super) enum Shortage {
    /// The stream ended where a record may end.
    End,
    /// The stream ended inside something.
    Cut,
    /// The stream cannot be read on.
    Failed(io::Error),
}

impl Window {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            buffer: vec![0; WINDOW_BYTES],
            start: 0,
            end: 0,
            ended: false,
            failure: None,
        }
    }

    /// Makes `need` unread bytes available; false when the stream has fewer left.
    ///
    /// Waits for no more than `need`, so that a capture arriving through a pipe is shown as it comes. The caller
    /// caps `need`. Earlier bytes move: a lent frame is over.
    #[inline]
    pub(super) fn have(&mut self, need: usize) -> bool {
        self.end.saturating_sub(self.start) >= need || self.fill(need)
    }

    /// All unread bytes that are in memory.
    #[inline]
    pub(super) fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Where the first unread byte lies, for [`Self::lend`].
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.start
    }

    /// Marks `count` bytes as read.
    #[inline]
    pub(super) fn advance(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }

    /// Bytes read since the last [`Self::have`].
    #[inline]
    pub(super) fn lend(&self, at: usize, len: usize) -> &[u8] {
        self.buffer.get(at..at.saturating_add(len)).unwrap_or_default()
    }

    /// Passes over bytes that need not be in memory together; false when the stream ends before.
    pub(super) fn skip(&mut self, mut count: u64) -> bool {
        while count > 0 {
            if !self.have(1) {
                return false;
            }
            let here = usize::try_from(count).unwrap_or(usize::MAX).min(self.unread().len());
            self.advance(here);
            count = count.saturating_sub(u64::try_from(here).unwrap_or(count));
        }
        true
    }

    /// Says why [`Self::have`] or [`Self::skip`] came back short.
    pub(super) fn shortage(&mut self) -> Shortage {
        match self.failure.take() {
            Some(failure) => Shortage::Failed(failure),
            None if self.unread().is_empty() => Shortage::End,
            None => Shortage::Cut,
        }
    }

    /// The stream underneath.
    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The stream underneath, to park or drain it.
    pub(super) fn stream_mut(&mut self) -> &mut Stream {
        &mut self.stream
    }

    #[cold]
    fn fill(&mut self, need: usize) -> bool {
        if self.ended {
            return false;
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end = self.end.saturating_sub(self.start);
            self.start = 0;
        }
        if need > self.buffer.len() {
            self.buffer.resize(need, 0);
        }
        while self.end < need {
            let Some(room) = self.buffer.get_mut(self.end..) else { return false };
            match self.stream.read(room) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end = self.end.saturating_add(count).min(self.buffer.len()),
                Err(failure) if failure.kind() == io::ErrorKind::Interrupted => {}
                Err(failure) => {
                    self.failure = Some(failure);
                    self.ended = true;
                }
            }
            if self.ended {
                return false;
            }
        }
        true
    }
}

/// Bytes in memory per open capture: large enough that system calls do not count, small enough for the caches.
const WINDOW_BYTES: usize = 128 * 1_024;
