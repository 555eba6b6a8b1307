//! The bytes of one input as they lie on disk: read once, counted, and hashed on the way.
//!
//! A regular file may be closed at any moment and goes on where it was when it is next read, so that a thousand
//! captures that overlap in time fit into few descriptors. A stream (standard input, a pipe) is read as it comes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Bytes of one input, undecoded.
pub(super) struct RawBytes {
    door: Door,
    hasher: Option<Sha256>,
    /// Bytes read from the door so far.
    count: u64,
    /// The first bytes, looked at to recognise compression, and then read again.
    magic: Vec<u8>,
    /// How many of `magic` were read again: `<= magic.len()`.
    magic_used: usize,
}

enum Door {
    File { path: PathBuf, file: Option<File> },
    Stream(Box<dyn Read + Send>),
}

impl RawBytes {
    /// Opens a regular file; `hashing` is wasted on a file that is only looked at.
    pub(super) fn open(path: &Path, hashing: bool) -> io::Result<Self> {
        let file = File::open(path)?;
        Self::begin(Door::File { path: path.to_owned(), file: Some(file) }, hashing)
    }

    /// Takes a stream, which can be read only once.
    pub(super) fn stream(stream: Box<dyn Read + Send>) -> io::Result<Self> {
        Self::begin(Door::Stream(stream), true)
    }

    fn begin(door: Door, hashing: bool) -> io::Result<Self> {
        let mut raw = Self {
            door,
            hasher: hashing.then(Sha256::new),
            count: 0,
            magic: Vec::new(),
            magic_used: 0,
        };
        let mut magic = Vec::with_capacity(MAGIC_BYTES);
        (&mut raw).take(MAGIC_TAKEN).read_to_end(&mut magic)?;
        raw.magic = magic;
        Ok(raw)
    }

    /// The first four bytes, fewer when the input is shorter.
    pub(super) fn magic(&self) -> &[u8] {
        &self.magic
    }

    /// Bytes read from disk so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Gives the descriptor back; the next read opens the file again where it was.
    pub(super) fn park(&mut self) {
        if let Door::File { file, .. } = &mut self.door {
            *file = None;
        }
    }

    /// Reads what is left of a regular file, so that the hash is the file's and not that of its sound part.
    ///
    /// A stream is left alone: its end may never come.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        if matches!(self.door, Door::File { .. }) {
            self.magic_used = self.magic.len();
            let mut sink = vec![0; DRAIN_BYTES];
            while self.read(&mut sink)? > 0 {}
        }
        Ok(())
    }

    /// SHA-256 of all bytes read, if they were hashed.
    pub(super) fn sha256(&self) -> Option<[u8; 32]> {
        self.hasher.as_ref().map(|hasher| hasher.clone().finalize().into())
    }

    fn read_door(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.door {
            Door::Stream(stream) => stream.read(into),
            Door::File { file: Some(file), .. } => file.read(into),
            Door::File { path, file } => {
                let mut again = File::open(path)?;
                again.seek(SeekFrom::Start(self.count))?;
                file.insert(again).read(into)
            }
        }
    }
}

impl Read for RawBytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(mut seen) = self.magic.get(self.magic_used..).filter(|seen| !seen.is_empty()) {
            let used = seen.read(into)?;
            self.magic_used = self.magic_used.saturating_add(used);
            return Ok(used);
        }
        let used = self.read_door(into)?;
        if let (Some(hasher), Some(bytes)) = (&mut self.hasher, into.get(..used)) {
            hasher.update(bytes);
        }
        self.count = self.count.saturating_add(u64::try_from(used).unwrap_or(0));
        Ok(used)
    }
}

/// Bytes that tell the compressions apart.
const MAGIC_BYTES: usize = 4;
const MAGIC_TAKEN: u64 = 4;

/// Bytes read at once when only the hash wants them.
const DRAIN_BYTES: usize = 128 * 1_024;
