//! Frames of SLMP (SH-080956ENG, 4): 3E and, with a serial number, 4E; in binary or in ASCII code.
//!
//! ```text
//! 3E, binary
//! 0            2         3         4            6           7        9
//! ┌────────────┬─────────┬─────────┬────────────┬───────────┬────────┬────────────────────────────────┐
//! │ 5000, D000 │ network │ station │ module I/O │ multidrop │ length │ timer, command, subcommand …   │  little-endian,
//! │ subheader  │         │         │            │           │        │ or end code …                  │  but the subheader
//! └────────────┴─────────┴─────────┴────────────┴───────────┴────────┴────────────────────────────────┘
//! ```

use crate::wire::{Malformed, Reader, Span};

/// One frame.
#[derive(Clone, Debug)]
pub(super) struct Frame<'a> {
    pub(super) is_answer: bool,
    pub(super) is_ascii: bool,
    /// Of a 4E frame.
    pub(super) serial: Option<u16>,
    pub(super) place: Place,
    /// Behind the length.
    pub(super) body: Reader<'a>,
    /// Bytes of the whole.
    pub(super) length: usize,
}

/// Which module a request is for, or an answer from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) network: u8,
    pub(super) station: u8,
    pub(super) multidrop: u8,
}

/// A number and where it stands.
pub(super) type Said = (u16, Span);

impl<'a> Frame<'a> {
    /// Reads the frame at the front. What is missing is told by how many bytes the whole needs.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        let is_ascii = r.peek().first().is_some_and(|byte| matches!(byte, b'5' | b'D'));
        let subheader = match is_ascii {
            true => number(&mut r, true, 2, "subheader")?.0,
            false => r.u16_be("subheader")?,
        };
        let (is_answer, has_serial) = match subheader {
            0x5000 => (false, false),
            0x5400 => (false, true),
            0xd000 => (true, false),
            0xd400 => (true, true),
            _ => return Err(r.impossible("subheader")),
        };
        let mut serial = None;
        if has_serial {
            serial = Some(number(&mut r, is_ascii, 2, "serial No.")?.0);
            if number(&mut r, is_ascii, 2, "fixed value")?.0 != 0 {
                return Err(r.impossible("fixed value"));
            }
        }
        let network = small(&mut r, is_ascii, "network No.")?;
        let station = small(&mut r, is_ascii, "station No.")?;
        let (module, _) = number(&mut r, is_ascii, 2, "module I/O No.")?;
        if !matches!(module, 0x03d0..=0x03e3 | OWN_STATION | 0..=0x01ff) {
            return Err(r.impossible("module I/O No."));
        }
        let multidrop = small(&mut r, is_ascii, "multidrop station No.")?;
        let (count, _) = number(&mut r, is_ascii, 2, "data length")?;
        let least: u16 = if is_answer { 2 } else { 6 };
        let least = if is_ascii { least.saturating_mul(2) } else { least };
        if count < least {
            return Err(r.impossible("data length"));
        }
        let body = r.sub("data", count.into())?;
        let place = Place { network, station, multidrop };
        Ok(Self { is_answer, is_ascii, serial, place, body, length: r.at() })
    }

    /// The next number of the body, of one or two bytes.
    pub(super) fn number(&mut self, bytes: usize, field: &'static str) -> Result<Said, Malformed> {
        number(&mut self.body, self.is_ascii, bytes, field)
    }
}

fn small(r: &mut Reader<'_>, is_ascii: bool, field: &'static str) -> Result<u8, Malformed> {
    let (number, _) = number(r, is_ascii, 1, field)?;
    u8::try_from(number).map_err(|_| r.impossible(field))
}

/// A number: little-endian, or in hexadecimal digits.
fn number(
    r: &mut Reader<'_>,
    is_ascii: bool,
    bytes: usize,
    field: &'static str,
) -> Result<Said, Malformed> {
    let start = r.at();
    let number = match (is_ascii, bytes) {
        (false, 1) => r.u8(field)?.into(),
        (false, _) => r.u16_le(field)?,
        (true, _) => {
            let digits = r.bytes(field, bytes.saturating_mul(2))?;
            let text = std::str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'));
            let number = text.and_then(|text| u16::from_str_radix(text, 16).ok());
            number.ok_or_else(|| r.impossible(field))?
        }
    };
    Ok((number, r.since(start)))
}

/// The CPU module of the station that is asked.
const OWN_STATION: u16 = 0x03ff;
