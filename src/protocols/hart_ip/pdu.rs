//! Token-passing PDUs (HCF_SPEC-081): the frames of the line, which HART-IP carries.
//!
//! ```text
//! 0           1                      2 or 6    3 or 7        4 or 8
//! ┌───────────┬──────────────────────┬─────────┬────────────┬───────────────┬───────────────┬──────┬──────────┐
//! │ delimiter │ address, 1 or 5 bytes│ command │ byte count │ response code │ device status │ data │ checksum │
//! └───────────┴──────────────────────┴─────────┴────────────┴─── in answers only ───────────┴──────┴──────────┘
//! ```

use crate::wire::{Malformed, Reader, Span};

/// One frame with a right checksum.
#[derive(Clone, Debug)]
pub(super) struct Pdu<'a> {
    pub(super) is_answer: bool,
    /// Expanded device type and device ID, of a long frame.
    pub(super) unique: Option<Unique>,
    pub(super) command: u16,
    /// Where the command stands.
    pub(super) span: Span,
    pub(super) response_code: u8,
    pub(super) device_status: u8,
    pub(super) data: Reader<'a>,
}

/// The unique address of a device: 14 bits of its expanded device type, and its device ID.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Unique(pub(super) [u8; 5]);

impl Unique {
    /// From the full device type and the device ID.
    pub(super) fn of(device_type: [u8; 2], id: [u8; 3]) -> Self {
        let ([high, low], [a, b, c]) = (device_type, id);
        Self([high & TYPE_BITS, low, a, b, c])
    }
}

impl<'a> Pdu<'a> {
    pub(super) fn read(mut r: Reader<'a>) -> Result<Self, Malformed> {
        let whole = r.peek();
        let delimiter = r.u8("delimiter")?;
        let unique = if delimiter & LONG != 0 {
            let [first, rest @ ..]: [u8; 5] = r.array("address")?;
            let [low, a, b, c] = rest;
            Some(Unique([first & TYPE_BITS, low, a, b, c]))
        } else {
            r.skip("address", 1)?;
            None
        };
        r.skip("expansion bytes", usize::from((delimiter & EXPANSION) >> 5))?;
        let start = r.at();
        let command = r.u8("command")?;
        let mut span = r.since(start);
        let count = r.u8("byte count")?;
        let mut data = r.sub("data", count.into())?;
        let summed = whole.len().saturating_sub(r.left());
        let sum = whole.iter().take(summed).fold(0, |sum, byte| sum ^ byte);
        if r.u8("checksum")? != sum {
            return Err(r.impossible("checksum"));
        }
        let is_answer = match delimiter & FRAME_TYPE {
            FROM_MASTER => false,
            FROM_DEVICE | BURST => true,
            _ => return Err(r.impossible("delimiter")),
        };
        let (response_code, device_status) =
            if is_answer { (data.u8("response code")?, data.u8("device status")?) } else { (0, 0) };
        let command = if command == EXTENDED && data.left() >= 2 {
            let start = data.at();
            let command = data.u16_be("extended command number")?;
            span = data.since(start);
            command
        } else {
            command.into()
        };
        Ok(Self { is_answer, unique, command, span, response_code, device_status, data })
    }
}

/// Text of six bits a character (HCF_SPEC-099): four in three bytes.
pub(super) fn packed_ascii(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks_exact(3) {
        let word = group.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        for shift in [18_u32, 12, 6, 0] {
            let six = u8::try_from(word >> shift & 0x3f).unwrap_or_default();
            // The sixth bit of the letter is the complement of the fifth.
            let letter = if six & 0x20 == 0 { six | 0x40 } else { six };
            text.push(char::from(letter));
        }
    }
    text.trim_end().to_owned()
}

const LONG: u8 = 0x80;
const EXPANSION: u8 = 0x60;
const FRAME_TYPE: u8 = 0x07;
const BURST: u8 = 1;
const FROM_MASTER: u8 = 2;
const FROM_DEVICE: u8 = 6;
/// Primary master and burst mode stand in the first bits of a long address.
const TYPE_BITS: u8 = 0x3f;
/// The command whose number stands in its data.
const EXTENDED: u8 = 31;
