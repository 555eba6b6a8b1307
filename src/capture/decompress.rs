//! Compression around a capture, recognised by its first bytes and never by the file's name.
//!
//! gzip: RFC 1952, any number of members. Zstandard: RFC 8878, any number of frames, skippable ones included.
//! There is no cap on the inflated size: it is a stream, and never held.

use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::file::RawBytes;

/// The capture's own bytes.
pub(super) enum Stream {
    Plain(RawBytes),
    Gzip(Box<MultiGzDecoder<BufReader<RawBytes>>>),
    Zstd(zstd::Decoder<'static, BufReader<RawBytes>>),
}

impl Stream {
    /// Chooses the decompressor. Fails only when the decompressor cannot be made.
    pub(super) fn new(raw: RawBytes) -> io::Result<Self> {
        Ok(match raw.magic() {
            [0x1f, 0x8b, ..] => Self::Gzip(Box::new(MultiGzDecoder::new(buffered(raw)))),
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => {
                Self::Zstd(zstd::Decoder::with_buffer(buffered(raw))?)
            }
            _ => Self::Plain(raw),
        })
    }

    /// The bytes underneath.
    pub(super) fn raw(&self) -> &RawBytes {
        match self {
            Self::Plain(raw) => raw,
            Self::Gzip(gzip) => gzip.get_ref().get_ref(),
            Self::Zstd(zstd) => zstd.get_ref().get_ref(),
        }
    }

    /// The bytes underneath, to park or drain them.
    pub(super) fn raw_mut(&mut self) -> &mut RawBytes {
        match self {
            Self::Plain(raw) => raw,
            Self::Gzip(gzip) => gzip.get_mut().get_mut(),
            Self::Zstd(zstd) => zstd.get_mut().get_mut(),
        }
    }

    /// What a message calls the stream.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Plain(_) => "file",
            Self::Gzip(_) => "gzip stream",
            Self::Zstd(_) => "zstd stream",
        }
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(raw) => raw.read(into),
            Self::Gzip(gzip) => gzip.read(into),
            Self::Zstd(zstd) => zstd.read(into),
        }
    }
}

fn buffered(raw: RawBytes) -> BufReader<RawBytes> {
    BufReader::with_capacity(COMPRESSED_BYTES, raw)
}

/// Compressed bytes read at once.
const COMPRESSED_BYTES: usize = 64 * 1_024;
