//! The session request: the NetBIOS names of both ends, before any SMB. RFC 1002 sections 4.3.2 and 4.1, RFC 1001
//! section 14.1.
//!
//! ```text
//!   | 20 | 32 letters A to P | scope labels ... 00 |   called name, then calling name
//! ```
//!
//! Two letters make one byte; fifteen bytes are the name, padded with spaces, and the last one tells the service.

use crate::flow::Input;
use crate::model::Key;
use crate::protocols::smb::{CALLED_NAME, CALLING_NAME, Ends};
use crate::protocols::{Probe, Sink};
use crate::wire::{Malformed, Reader, text};

/// Two names with the longest scopes that a domain name may have.
pub(super) const BYTES_MAX: usize = 2 * 255;

/// Says the names of both ends.
pub(super) fn read(
    mut names: Reader<'_>,
    input: &Input<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let ends = Ends::of(input, false);
    let both: [(Key, _, _); 2] =
        [(CALLED_NAME, &ends.server, "called name"), (CALLING_NAME, &ends.client, "calling name")];
    for (key, subject, field) in both {
        let start = names.at();
        let name = name(&mut names, field)?;
        let name = text::utf8(text::until_nul(&name));
        out.text(subject, key, name.as_deref().unwrap_or_default(), names.since(start));
    }
    Ok(())
}

/// Whether a called name follows. Thirty-four bytes of this form are no accident.
pub(super) fn probe(mut names: Reader<'_>) -> Probe {
    match name(&mut names, "called name") {
        Ok(_) => Probe::Yes,
        Err(malformed) if malformed.need > malformed.have => Probe::More,
        Err(_) => Probe::No,
    }
}

fn name(names: &mut Reader<'_>, field: &'static str) -> Result<[u8; NAME_BYTES], Malformed> {
    if names.u8(field)? != ENCODED_BYTES {
        return Err(names.impossible(field));
    }
    let mut name = [0; NAME_BYTES];
    for byte in &mut name {
        let [high, low] = names.array(field)?;
        *byte = nibble(high)
            .zip(nibble(low))
            .map(|(high, low)| (high << 4) | low)
            .ok_or(names.impossible(field))?;
    }
    names.skip(field, 2)?; // The service.
    loop {
        match names.u8(field)? {
            0 => return Ok(name),
            label @ 1..=63 => names.skip(field, usize::from(label))?,
            _ => return Err(names.impossible(field)),
        }
    }
}

fn nibble(letter: u8) -> Option<u8> {
    letter.checked_sub(b'A').filter(|nibble| *nibble < 16)
}

const ENCODED_BYTES: u8 = 32;
const NAME_BYTES: usize = 15;
