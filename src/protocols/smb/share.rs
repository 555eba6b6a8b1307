//! The paths of shares, of which the first part is the name that a client knows the server by.
//!
//! Reads \[MS-SMB2\] section 2.2.9 (TREE_CONNECT request), \[MS-CIFS\] section 2.2.4.55.1 (TREE_CONNECT_ANDX request) and
//! 2.2.4.50.1 (TREE_CONNECT request, before LAN Manager). The share's name is left out, and so is its password.
//!
//! ```text
//!   \ \ SERVER \ share        UTF-16 in SMB 2; in SMB1 as its header says
//! ```

use crate::protocols::Sink;
use crate::protocols::smb::{Ends, NETNAME};
use crate::wire::{Malformed, Reader, Span, text};

/// Reads a TREE_CONNECT request of SMB 2, whose fixed part begins in `body`.
pub(super) fn request(
    message: &Reader<'_>,
    mut body: Reader<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if body.u16_le("StructureSize")? != REQUEST_BYTES {
        return Err(body.impossible("StructureSize"));
    }
    body.skip("Flags", 2)?;
    let offset = usize::from(body.u16_le("PathOffset")?);
    let length = usize::from(body.u16_le("PathLength")?);
    let mut path = message.ahead("PathOffset", offset)?.sub("PathLength", length)?;
    let start = path.at();
    server(path.rest(), true, start, ends, out);
    Ok(())
}

/// Says the server of a path that begins at `start`. A path of another form names none.
pub(super) fn server(path: &[u8], unicode: bool, start: usize, ends: &Ends, out: &mut Sink<'_>) {
    let unit = if unicode { 2 } else { 1 };
    let mut letters = path.chunks_exact(unit).map(is_stroke);
    if letters.next() != Some(true) || letters.next() != Some(true) {
        return;
    }
    let Some(letters) = letters.position(|stroke| stroke) else { return };
    let (from, bytes) = (unit.saturating_mul(2), letters.saturating_mul(unit));
    let Some(name) = path.get(from..from.saturating_add(bytes)) else { return };
    let name = if unicode { text::utf16_le(name) } else { text::utf8(name) };
    let span = Span { at: start.saturating_add(from), len: bytes };
    out.text(&ends.server, NETNAME, name.as_deref().unwrap_or_default(), span);
}

fn is_stroke(letter: &[u8]) -> bool {
    matches!(letter, [b'\\'] | [b'\\', 0])
}

const REQUEST_BYTES: u16 = 9;
