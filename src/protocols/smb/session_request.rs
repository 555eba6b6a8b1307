//! The session request: the NetBIOS names of both ends, before any SMB. RFC 1002 sections 4.3.2 and 4.1, RFC 1001
//! section 14.1.
//!
//! ```text
//!   | called name | calling name |   each encoded as `shared/netbios_name.rs` draws it
//! ```

use crate::flow::Input;
use crate::model::Key;
use crate::protocols::shared::netbios_name::NetbiosName;
use crate::protocols::smb::{CALLED_NAME, CALLING_NAME, Ends};
use crate::protocols::{Probe, Sink};
use crate::wire::{Malformed, Reader};

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
        let name = NetbiosName::read(&mut names, field)?.text();
        out.text(subject, key, name.as_deref().unwrap_or_default(), names.since(start));
    }
    Ok(())
}

/// Whether a called name follows. Thirty-four bytes of this form are no accident.
pub(super) fn probe(mut names: Reader<'_>) -> Probe {
    match NetbiosName::read(&mut names, "called name") {
        Ok(_) => Probe::Yes,
        Err(malformed) if malformed.need > malformed.have => Probe::More,
        Err(_) => Probe::No,
    }
}
