//! The name service: a search for nodes, and what a node says of itself.
//!
//! ```text
//! 0       2         4         8          10     11      12       14        16        18        20
//! ┌───────┬─────────┬─────────┬──────────┬──────┬───────┬────────┬─────────┬─────────┬─────────┬──────
//! │ C280  │ version │ request │ channels │ byte │ diff. │ parent │ node    │ device  │ vendor  │ target type, id,
//! │       │         │         │          │ order│       │ bytes  │ letters │ letters │ letters │ version, flags (4 each)
//! └───────┴─────────┴─────────┴──────────┴──────┴───────┴────────┴─────────┴─────────┴─────────┴──────
//!   lengths of serial number and of what the maker adds, block driver, 9 reserved; then all of it, each with a zero behind
//! ```

use crate::model::{Act, Key, Subject};
use crate::protocols::Sink;
use crate::protocols::codesys::keys;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span, text};

/// Whether what is behind the header is a package of the name service.
pub(super) fn begins(r: &Reader<'_>) -> bool {
    r.clone().u16_le("package").is_ok_and(|kind| {
        matches!(kind, RESOLVE_NAME | RESOLVE_ADDRESS | RESOLVE_GATEWAY | IDENTIFICATION)
    })
}

/// Somebody looks for nodes.
pub(super) fn asked(mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let at = r.at();
    r.u16_le("package")?;
    out.act(Act::Identify, r.since(at));
    Ok(())
}

/// A node says what it is.
pub(super) fn answered(
    mut r: Reader<'_>,
    node: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if r.u16_le("package")? != IDENTIFICATION {
        return Ok(());
    }
    if r.u16_le("version")? != VERSION {
        out.count("codesys.other_identifications");
        return Ok(());
    }
    r.skip("request and channels", 6)?;
    if r.u8("byte order")? != LITTLE_ENDIAN {
        // No node of the other order was seen by whoever described this.
        out.count("codesys.big_endian_nodes");
        return Ok(());
    }
    r.skip("address difference", 1)?;
    let parent_bytes = r.u16_le("parent address")?;
    let letters = [r.u16_le("node name")?, r.u16_le("device name")?, r.u16_le("vendor name")?];
    for key in [keys::TARGET_TYPE, keys::TARGET_ID] {
        let at = r.at();
        let number = r.u32_le("target")?;
        out.uint(node, key, number, r.since(at));
    }
    let at = r.at();
    let [d, c, b, a] = r.array("target version")?;
    out.text(node, keys::TARGET_VERSION, &format!("{a}.{b}.{c}.{d}"), r.since(at));
    r.skip("flags", 4)?;
    let serial_bytes = r.u8("serial number")?;
    r.skip("lengths and reserved", 11)?;
    r.skip("parent address", parent_bytes.into())?;
    let names = [keys::NODE_NAME, keys::DEVICE_NAME, keys::VENDOR_NAME];
    for (key, letters) in names.into_iter().zip(letters) {
        wide(&mut r, letters, node, key, out)?;
    }
    let at = r.at();
    let serial = r.bytes("serial number", serial_bytes.into())?;
    readable::say(out, node, keys::SERIAL_NUMBER, serial, Span { at, len: serial.len() });
    Ok(())
}

fn wide(
    r: &mut Reader<'_>,
    letters: u16,
    node: &Subject,
    key: Key,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let at = r.at();
    let bytes = r.bytes("name", usize::from(letters).saturating_mul(2))?;
    if let Some(name) = text::utf16_le(bytes) {
        out.text(node, key, &name, Span { at, len: bytes.len() });
    }
    r.skip("zero", 2)
}

const RESOLVE_NAME: u16 = 0xc201;
const RESOLVE_ADDRESS: u16 = 0xc202;
const RESOLVE_GATEWAY: u16 = 0xc203;
const IDENTIFICATION: u16 = 0xc280;
const VERSION: u16 = 0x0400;
const LITTLE_ENDIAN: u8 = 1;
