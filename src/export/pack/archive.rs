//! A zip archive of which every bit is determined by the files in it.
//!
//! Written is what APPNOTE 6.3 calls a local file header, the data, and at the end the central directory: no extra fields, no comments, no
//! data descriptors, one time for all files. So whoever has the names, sizes and data of the files knows every other byte, and a
//! reader can hold the archive against that.
//!
//! ```text
//!  local header: 50 4b 03 04 | 20 | 0 | method | time | date | crc | packed | size | name length | 0 | name
//!  directory:    50 4b 01 02 | made by | 20 | 0 | method | time | date | crc | packed | size | name length | 0 | 0 | 0 | 0
//!                | attributes | offset | name                                       numbers are little-endian
//!  end:          50 4b 05 06 | 0 | 0 | files | files | directory bytes | directory offset | 0
//! ```

use std::io::{self, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use sha2::{Digest, Sha256};

use crate::export::pack::hex;
use crate::export::pack::manifest::Entry;
use crate::model::limits::{PACK_BYTES_MAX, PACK_FILE_BYTES_MAX, PACK_UNPACKED_BYTES_MAX};

/// An archive that is being written.
#[derive(Debug)]
pub(super) struct Archive<W> {
    out: W,
    offset: u64,
    unpacked: u64,
    members: Vec<Member>,
}

/// What the headers say of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u32,
    pub(super) size: u32,
    pub(super) offset: u32,
}

impl<W: Write> Archive<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, offset: 0, unpacked: 0, members: Vec::new() }
    }

    /// Adds a file, packed; what it holds is written by `content`, and is never in memory as a whole but packed.
    pub(super) fn add(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Entry> {
        let mut packing = Packing {
            packed: DeflateEncoder::new(Vec::new(), Compression::new(LEVEL)),
            hash: Sha256::new(),
            crc: Crc::new(),
            bytes: 0,
        };
        content(&mut packing)?;
        let Packing { packed, hash, crc, bytes } = packing;
        // What could not be checked again is not written.
        self.unpacked = self.unpacked.saturating_add(bytes);
        if bytes > PACK_FILE_BYTES_MAX || self.unpacked > PACK_UNPACKED_BYTES_MAX {
            return Err(too_large());
        }
        let packed = packed.finish()?;
        let entry = Entry {
            name: name.to_owned(),
            bytes,
            sha256: hex(&hash.finalize()),
            packed: u64::try_from(packed.len()).unwrap_or(u64::MAX),
            packed_sha256: hex(&Sha256::digest(&packed)),
        };
        self.member(name, DEFLATED, crc.sum(), bytes, &packed)?;
        Ok(entry)
    }

    /// Adds a small file as it is.
    pub(super) fn store(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut crc = Crc::new();
        crc.update(content);
        let bytes = u64::try_from(content.len()).unwrap_or(u64::MAX);
        self.member(name, STORED, crc.sum(), bytes, content)
    }

    fn member(
        &mut self,
        name: &str,
        method: u16,
        crc: u32,
        bytes: u64,
        data: &[u8],
    ) -> io::Result<()> {
        let packed = u64::try_from(data.len()).unwrap_or(u64::MAX);
        let fits = |count: u64| u32::try_from(count).map_err(|_| too_large());
        let member = Member {
            name: name.to_owned(),
            method,
            crc,
            packed: fits(packed)?,
            size: fits(bytes)?,
            offset: fits(self.offset)?,
        };
        let header = member.header();
        self.out.write_all(&header)?;
        self.out.write_all(data)?;
        let header = u64::try_from(header.len()).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(header).saturating_add(packed);
        if self.offset > PACK_BYTES_MAX {
            return Err(too_large());
        }
        self.members.push(member);
        Ok(())
    }

    /// Writes the directory.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let end = ending(&self.members, self.offset).ok_or_else(too_large)?;
        self.out.write_all(&end)?;
        Ok(self.out)
    }
}

fn too_large() -> io::Error {
    io::Error::other(format!(
        "an auditor pack has at most {PACK_BYTES_MAX} bytes, and a file in it {PACK_FILE_BYTES_MAX}: select devices with --where and make several"
    ))
}

impl Member {
    /// The header in front of its data.
    pub(super) fn header(&self) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04".to_vec();
        self.common(&mut bytes);
        bytes.extend(self.name.as_bytes());
        bytes
    }

    /// What the header and the directory both say.
    fn common(&self, bytes: &mut Vec<u8>) {
        let name = u16::try_from(self.name.len()).unwrap_or(u16::MAX);
        for short in [VERSION, 0, self.method, TIME, DATE] {
            bytes.extend(short.to_le_bytes());
        }
        for long in [self.crc, self.packed, self.size] {
            bytes.extend(long.to_le_bytes());
        }
        bytes.extend(name.to_le_bytes());
        bytes.extend(0_u16.to_le_bytes());
    }

    fn directory(&self) -> Vec<u8> {
        let mut bytes = b"PK\x01\x02".to_vec();
        bytes.extend(MADE_BY.to_le_bytes());
        self.common(&mut bytes);
        // Comment, disk, internal attributes.
        bytes.extend([0; 6]);
        bytes.extend(ATTRIBUTES.to_le_bytes());
        bytes.extend(self.offset.to_le_bytes());
        bytes.extend(self.name.as_bytes());
        bytes
    }
}

/// Everything behind the data of the last file, which ends at `offset`; `None` when there is more than an archive can hold.
pub(super) fn ending(members: &[Member], offset: u64) -> Option<Vec<u8>> {
    let mut bytes: Vec<u8> = members.iter().flat_map(Member::directory).collect();
    let directory = u32::try_from(bytes.len()).ok()?;
    let files = u16::try_from(members.len()).ok()?;
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 4]);
    bytes.extend(files.to_le_bytes());
    bytes.extend(files.to_le_bytes());
    bytes.extend(directory.to_le_bytes());
    bytes.extend(u32::try_from(offset).ok()?.to_le_bytes());
    bytes.extend([0; 2]);
    Some(bytes)
}

/// Packs what is written, and counts and hashes it on the way.
struct Packing {
    packed: DeflateEncoder<Vec<u8>>,
    hash: Sha256,
    crc: Crc,
    bytes: u64,
}

impl Write for Packing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.packed.write_all(bytes)?;
        self.hash.update(bytes);
        self.crc.update(bytes);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Compression methods of APPNOTE 4.4.5.
pub(super) const STORED: u16 = 0;
pub(super) const DEFLATED: u16 = 8;
/// Version 2.0 of the format is needed to read it.
const VERSION: u16 = 20;
/// Version 3.0, Unix: attributes are those of a Unix file.
const MADE_BY: u16 = 0x031e;
/// A plain file that all may read: 0100644 in the upper half.
const ATTRIBUTES: u32 = 0o100_644 << 16;
/// 1980-01-01 00:00:00, the first time that the format can say: the time of day is in no file.
const TIME: u16 = 0;
const DATE: u16 = 0x0021;
/// The level that zlib takes for a good compromise.
const LEVEL: u32 = 6;
