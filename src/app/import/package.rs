//! The package that a workbook is: a ZIP archive (APPNOTE.TXT 6.3.10, sections 4.3 to 4.5) of which the few files are read
//! that a list needs. Nothing in it is believed: what a file unpacks to is counted while it is unpacked.

use std::collections::BTreeMap;
use std::io::Read as _;

use crate::model::limits::LIST_UNPACKED_BYTES_MAX;
use crate::wire::{Malformed, Reader};

/// A package, held whole.
#[derive(Debug)]
pub(super) struct Package<'a> {
    bytes: &'a [u8],
    entries: BTreeMap<String, Entry>,
    /// Bytes that may still be unpacked.
    left: u64,
}

/// Where a file lies in the package, and how it is packed.
#[derive(Clone, Copy, Debug)]
struct Entry {
    method: u16,
    is_encrypted: bool,
    crc32: u32,
    packed: usize,
    header: usize,
}

impl<'a> Package<'a> {
    /// Reads the central directory.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let damaged = |error: Malformed| format!("is a damaged workbook: {error}");
        let end = end_of_directory(bytes).ok_or("is a damaged workbook: its end is missing")?;
        let (count, start) = directory(end).map_err(damaged)?;
        if count > ENTRIES_MAX || start == ZIP64 {
            return Err("is a workbook in more parts than any list has".to_owned());
        }
        let start = usize::try_from(start).map_err(|_| "is a damaged workbook".to_owned())?;
        let mut reader = Reader::new(bytes.get(start..).unwrap_or_default());
        let mut entries = BTreeMap::new();
        for _ in 0..count {
            let (name, entry) = entry(&mut reader).map_err(damaged)?;
            entries.entry(name).or_insert(entry);
        }
        Ok(Self { bytes, entries, left: LIST_UNPACKED_BYTES_MAX })
    }

    /// Unpacks a file as text; `None` when there is none of that name.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, String> {
        let Some(entry) = self.entries.get(name).copied() else { return Ok(None) };
        let failed = |why: &str| format!("is a damaged workbook: {name} {why}");
        if entry.is_encrypted {
            return Err("has a password: save it without one".to_owned());
        }
        let packed = content(self.bytes, entry).map_err(|error| failed(&error.to_string()))?;
        let mut unpacked = Vec::new();
        let room = self.left.saturating_add(1);
        let read = match entry.method {
            STORED => packed.take(room).read_to_end(&mut unpacked),
            DEFLATED => {
                flate2::read::DeflateDecoder::new(packed).take(room).read_to_end(&mut unpacked)
            }
            _ => return Err(failed("is packed in a way that no spreadsheet uses")),
        };
        read.map_err(|error| failed(&error.to_string()))?;
        let length = u64::try_from(unpacked.len()).unwrap_or(u64::MAX);
        self.left = self
            .left
            .checked_sub(length)
            .ok_or_else(|| format!("unpacks to more than {LIST_UNPACKED_BYTES_MAX} bytes"))?;
        let mut crc = flate2::Crc::new();
        crc.update(&unpacked);
        if crc.sum() != entry.crc32 {
            return Err(failed("does not have the checksum it should have"));
        }
        let text = String::from_utf8(unpacked).map_err(|_| failed("is not UTF-8"))?;
        Ok(Some(text))
    }
}

/// The end of central directory record: the last one whose comment reaches to the end of the file.
fn end_of_directory(bytes: &[u8]) -> Option<&[u8]> {
    let from = bytes.len().saturating_sub(END_BYTES.saturating_add(usize::from(u16::MAX)));
    let tail = bytes.get(from..)?;
    let starts = tail.windows(END_SIGNATURE.len()).enumerate().rev();
    let mut starts = starts.filter(|(_, window)| *window == END_SIGNATURE).map(|(at, _)| at);
    starts.find_map(|at| tail.get(at..))
}

/// How many entries the central directory has, and where it starts.
fn directory(end: &[u8]) -> Result<(u16, u32), Malformed> {
    let mut reader = Reader::new(end);
    reader.skip("end of central directory signature", 4)?;
    reader.skip("number of this disk, of the disk with the directory, entries on this disk", 6)?;
    let count = reader.u16_le("total number of entries")?;
    reader.skip("size of the central directory", 4)?;
    let start = reader.u32_le("offset of the start of central directory")?;
    Ok((count, start))
}

/// A file header of the central directory.
fn entry(reader: &mut Reader<'_>) -> Result<(String, Entry), Malformed> {
    let signature = reader.array::<4>("central file header signature")?;
    if signature != FILE_SIGNATURE {
        return Err(reader.impossible("central file header signature"));
    }
    reader.skip("version made by, version needed to extract", 4)?;
    let flags = reader.u16_le("general purpose bit flag")?;
    let method = reader.u16_le("compression method")?;
    reader.skip("last mod file time and date", 4)?;
    let crc32 = reader.u32_le("crc-32")?;
    let packed = reader.u32_le("compressed size")?;
    reader.skip("uncompressed size", 4)?;
    let name = reader.u16_le("file name length")?;
    let extra = reader.u16_le("extra field length")?;
    let comment = reader.u16_le("file comment length")?;
    reader.skip("disk number start, file attributes", 8)?;
    let header = reader.u32_le("relative offset of local header")?;
    let name = reader.bytes("file name", usize::from(name))?;
    let name = String::from_utf8_lossy(name).into_owned();
    reader.skip("extra field", usize::from(extra))?;
    reader.skip("file comment", usize::from(comment))?;
    let is_encrypted = flags & ENCRYPTED != 0;
    let (packed, header) = match (usize::try_from(packed), usize::try_from(header)) {
        (Ok(packed), Ok(header)) => (packed, header),
        _ => return Err(reader.impossible("compressed size")),
    };
    Ok((name, Entry { method, is_encrypted, crc32, packed, header }))
}

/// The packed bytes behind a local file header.
fn content(bytes: &[u8], entry: Entry) -> Result<&[u8], Malformed> {
    let mut reader = Reader::new(bytes);
    reader.skip("relative offset of local header", entry.header)?;
    reader.skip("local file header up to the lengths", 26)?;
    let name = reader.u16_le("file name length")?;
    let extra = reader.u16_le("extra field length")?;
    reader.skip("file name", usize::from(name))?;
    reader.skip("extra field", usize::from(extra))?;
    reader.bytes("file data", entry.packed)
}

const END_SIGNATURE: &[u8] = b"PK\x05\x06";
const FILE_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
const END_BYTES: usize = 22;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const ENCRYPTED: u16 = 1;
/// What stands for an offset that only ZIP64 can tell: archives of more than 4 GiB.
const ZIP64: u32 = u32::MAX;
/// A workbook has a file for each sheet, and a dozen more.
const ENTRIES_MAX: u16 = 4_096;
