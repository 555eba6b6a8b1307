//! Device attributes (IEEE 1815-2012, A.2): group 0, where the variation is the attribute and the index is the set.
//!
//! ```text
//! 0       1           2           3       4      5           6        7
//! ┌───────┬───────────┬───────────┬───────┬──────┬───────────┬────────┬───────┐
//! │ group │ variation │ qualifier │ range        │ data type │ length │ value │
//! └───────┴───────────┴───────────┴──────────────┴───────────┴────────┴───────┘
//! ```

use crate::model::limits::DNP3_HEADERS_MAX;
use crate::model::{Key, Subject, Timestamp};
use crate::protocols::Sink;
use crate::protocols::dnp3::function::ATTRIBUTES;
use crate::protocols::dnp3::{keys, object};
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span};

/// Says the attributes that stand in front of all other objects of an answer: nothing else is asked for together with them.
pub(super) fn say(
    station: &Subject,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    for _ in 0..DNP3_HEADERS_MAX {
        if r.is_empty() {
            return Ok(());
        }
        let header = object::Header::read(&mut r)?;
        if header.group != ATTRIBUTES {
            return Ok(());
        }
        for place in 0..header.count {
            let set = header.index(&mut r, place)?;
            attribute(station, set, header.variation, &mut r, out)?;
        }
    }
    out.count("dnp3.headers_over_limit");
    Ok(())
}

fn attribute(
    station: &Subject,
    set: u16,
    variation: u8,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let kind = r.u8("attribute data type")?;
    let length = usize::from(r.u8("attribute length")?);
    let length = if kind == EXTENDED_LIST { length.saturating_add(EXTENDED_BYTES) } else { length };
    let start = r.at();
    let value = r.bytes("attribute value", length)?;
    let span = r.since(start);
    match keys::attribute(variation) {
        _ if set != STANDARD_SET => {
            if let Some(text) = readable::readable(value).filter(|_| kind == VISIBLE_STRING) {
                let text = format!("set {set}, {variation}: {text}");
                out.text(station, keys::PRIVATE_ATTRIBUTE, &text, span);
            }
        }
        Some(key) => match kind {
            VISIBLE_STRING => readable::say(out, station, key, value, span),
            UNSIGNED | TIME => match number(value) {
                Some(number) if kind == TIME => time(station, key, number, span, out),
                Some(number) => out.uint(station, key, number, span),
                None => return Err(r.impossible("attribute length")),
            },
            _ => out.bytes(station, key, value, span),
        },
        None => {}
    }
    Ok(())
}

/// A time of DNP3: milliseconds since 1970, UTC.
fn time(station: &Subject, key: Key, milliseconds: u64, span: Span, out: &mut Sink<'_>) {
    let nanoseconds = i64::try_from(milliseconds).ok().and_then(|ms| ms.checked_mul(1_000_000));
    if let Some(nanoseconds) = nanoseconds {
        out.text(station, key, &Timestamp(nanoseconds).to_string(), span);
    }
}

/// A little-endian number of up to eight bytes.
fn number(bytes: &[u8]) -> Option<u64> {
    if bytes.is_empty() || bytes.len() > 8 {
        return None;
    }
    bytes.iter().rev().try_fold(0_u64, |sum, byte| Some(sum.checked_mul(256)? | u64::from(*byte)))
}

/// The set that the standard defines.
const STANDARD_SET: u16 = 0;
const VISIBLE_STRING: u8 = 1;
const UNSIGNED: u8 = 2;
const TIME: u8 = 7;
/// A list of attributes whose length counts on from 256.
const EXTENDED_LIST: u8 = 255;
const EXTENDED_BYTES: usize = 256;
