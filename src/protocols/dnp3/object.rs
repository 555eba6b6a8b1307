//! Object headers (IEEE 1815-2012, 4.2.2.7), and what objects of controls and files say of what came of them.

use crate::protocols::dnp3::function::FILE;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader};

/// An object header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) group: u8,
    pub(super) variation: u8,
    qualifier: u8,
    /// Index of the first object, where they stand in a row.
    first: u16,
    /// Number of objects.
    pub(super) count: u16,
}

impl Header {
    /// Reads a header with its range.
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (group, variation) = (r.u8("object group")?, r.u8("object variation")?);
        let qualifier = r.u8("qualifier")?;
        let (first, count) = match qualifier {
            ONE_BYTE_RANGE => {
                let (first, last) = (u16::from(r.u8("start")?), u16::from(r.u8("stop")?));
                (first, from_to(r, first, last)?)
            }
            TWO_BYTE_RANGE => {
                let (first, last) = (r.u16_le("start")?, r.u16_le("stop")?);
                (first, from_to(r, first, last)?)
            }
            NO_RANGE => (0, 0),
            ONE_BYTE_COUNT | ONE_BYTE_COUNT_AND_INDEX | FREE_FORMAT => {
                (0, u16::from(r.u8("count")?))
            }
            TWO_BYTE_COUNT | TWO_BYTE_COUNT_AND_INDEX => (0, r.u16_le("count")?),
            _ => return Err(r.impossible("qualifier")),
        };
        Ok(Self { group, variation, qualifier, first, count })
    }

    /// The index of the object at this place, which is read where it stands in front of the object.
    pub(super) fn index(&self, r: &mut Reader<'_>, place: u16) -> Result<u16, Malformed> {
        match self.qualifier {
            ONE_BYTE_COUNT_AND_INDEX => r.u8("index").map(u16::from),
            TWO_BYTE_COUNT_AND_INDEX => r.u16_le("index"),
            _ => Ok(self.first.saturating_add(place)),
        }
    }
}

fn from_to(r: &Reader<'_>, first: u16, last: u16) -> Result<u16, Malformed> {
    let more = last.checked_sub(first).ok_or_else(|| r.impossible("stop"))?;
    Ok(more.saturating_add(1))
}

/// What came of a control or of a command about a file: 0 when all went well, else the first status that is not.
pub(super) fn status(mut r: Reader<'_>) -> Result<Option<u8>, Malformed> {
    let mut found = None;
    while !r.is_empty() {
        let header = Header::read(&mut r)?;
        let Some(before) = before_status(header.group, header.variation) else {
            return Ok(found);
        };
        for place in 0..header.count {
            let size = match header.qualifier {
                FREE_FORMAT => Some(usize::from(r.u16_le("object size")?)),
                _ => {
                    header.index(&mut r, place)?;
                    None
                }
            };
            let mut body = match size {
                Some(size) => r.sub("object", size)?,
                None => r.sub("object", before.saturating_add(1))?,
            };
            body.skip("object", before)?;
            let status = body.u8("status code")?;
            if status != 0 {
                return Ok(Some(status));
            }
            found = Some(status);
        }
    }
    Ok(found)
}

/// Bytes in front of the status of an object. In controls it stands at the end.
fn before_status(group: u8, variation: u8) -> Option<usize> {
    Some(match (group, variation) {
        (BINARY_COMMAND, 1 | 2) => 10,
        (ANALOG_COMMAND, 2) => 2,
        (ANALOG_COMMAND, 1 | 3) => 4,
        (ANALOG_COMMAND, 4) => 8,
        (FILE, 4) => 12,
        _ => return None,
    })
}

/// A file that a master asks for, and what for.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: Box<str>,
    /// True when it is opened to be written or to be added to.
    pub(super) is_to_be_written: bool,
}

/// Reads a file command (group 70, variation 3). The key that stands in it is passed over.
pub(super) fn file(mut r: Reader<'_>) -> Result<Option<File>, Malformed> {
    let header = Header::read(&mut r)?;
    if (header.group, header.variation, header.qualifier) != (FILE, 3, FREE_FORMAT) {
        return Ok(None);
    }
    let size = r.u16_le("object size")?;
    let mut body = r.sub("file command", size.into())?;
    body.skip("file name offset", 2)?;
    let name_bytes = body.u16_le("file name size")?;
    body.skip("time, permissions, authentication key, file size", 16)?;
    let mode = body.u16_le("operational mode")?;
    body.skip("maximum block size, request ID", 4)?;
    let name = body.bytes("file name", name_bytes.into())?;
    let is_to_be_written = matches!(mode, WRITE_MODE | APPEND_MODE);
    Ok(readable::readable(name).map(|name| File { name, is_to_be_written }))
}

const ONE_BYTE_RANGE: u8 = 0x00;
const TWO_BYTE_RANGE: u8 = 0x01;
const NO_RANGE: u8 = 0x06;
const ONE_BYTE_COUNT: u8 = 0x07;
const TWO_BYTE_COUNT: u8 = 0x08;
const ONE_BYTE_COUNT_AND_INDEX: u8 = 0x17;
const TWO_BYTE_COUNT_AND_INDEX: u8 = 0x28;
/// One object with its size in front.
const FREE_FORMAT: u8 = 0x5b;
const BINARY_COMMAND: u8 = 12;
const ANALOG_COMMAND: u8 = 41;
const WRITE_MODE: u16 = 2;
const APPEND_MODE: u16 = 3;
