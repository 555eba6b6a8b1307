//! Frames of MELSOFT connections over UDP, by which GX Works finds CPU modules and asks what they are. Not published; read
//! from what GX Works 3 and an FX5U say to each other.
//!
//! ```text
//! search   0: 5A 00 00 FF                      answer  0: DA 00 00 FF   4: model code, little-endian …
//! request  0: 57 … 19: length, little-endian   45: 01 21 (model)
//! answer   0: D7 … 19: length, little-endian   47: 01 21   49: number   51: end code   53: model name, 16 bytes   69: model code
//! ```

use crate::model::Subject;
use crate::protocols::Sink;
use crate::protocols::shared::readable;
use crate::protocols::slmp::keys;
use crate::wire::{Malformed, Reader, Span};

/// What a datagram is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Search,
    Found,
    Request,
    Answer,
}

/// What this datagram is, when it is one of them.
pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [0x5a, 0, 0, 0xff] => Some(Kind::Search),
        [0xda, 0, 0, 0xff, rest @ ..] if rest.len() == FOUND_BYTES => Some(Kind::Found),
        [first @ (0x57 | 0xd7), 1, 0, 0, 0, 0x11, 0x11, ..] => {
            let length =
                bytes.get(LENGTH_AT..HEADER_BYTES)?.try_into().ok().map(u16::from_le_bytes)?;
            let is_whole = bytes.len().checked_sub(HEADER_BYTES) == Some(length.into());
            let kind = if *first == 0x57 { Kind::Request } else { Kind::Answer };
            is_whole.then_some(kind)
        }
        _ => None,
    }
}

/// True when the request asks for the model.
pub(super) fn asks_for_model(bytes: &[u8]) -> Option<Span> {
    let end = REQUESTED_AT.saturating_add(MODEL.len());
    let is_model = bytes.get(REQUESTED_AT..end) == Some(MODEL);
    is_model.then_some(Span { at: REQUESTED_AT, len: MODEL.len() })
}

/// The answer to a search: which model it is, by its code.
pub(super) fn found(
    server: &Subject,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    r.skip("header", 4)?;
    let start = r.at();
    let code = r.u16_le("model code")?;
    out.uint(server, keys::MODEL_CODE, code, r.since(start));
    Ok(())
}

/// An answer: of those to the question for the model, its name and code.
pub(super) fn answer(
    server: &Subject,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    r.skip("header", ANSWERED_AT)?;
    if r.left() < MODEL_ANSWER_BYTES || r.bytes("command", MODEL.len())? != MODEL {
        return Ok(());
    }
    r.skip("number", 2)?;
    if r.u16_le("end code")? != 0 {
        return Ok(());
    }
    model(server, &mut r, out)?;
    let start = r.at();
    let code = r.u16_le("model code")?;
    out.uint(server, keys::MODEL_CODE, code, r.since(start));
    Ok(())
}

/// A model name of 16 bytes.
pub(super) fn model(
    server: &Subject,
    r: &mut Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = r.at();
    let name = r.bytes("model name", MODEL_NAME_BYTES)?;
    if let Some(name) = readable::readable(name) {
        out.text(server, keys::MODEL_NAME, name.trim(), r.since(start));
    }
    Ok(())
}

const MODEL: &[u8] = &[0x01, 0x21];
const FOUND_BYTES: usize = 24;
const LENGTH_AT: usize = 19;
const HEADER_BYTES: usize = 21;
const REQUESTED_AT: usize = 45;
const ANSWERED_AT: usize = 47;
const MODEL_ANSWER_BYTES: usize = 24;
const MODEL_NAME_BYTES: usize = 16;
