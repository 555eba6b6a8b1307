//! Whether bytes are S7. TCP port 102 belongs to everything that runs over ISO transport: MMS of IEC 61850, ICCP, mail of
//! X.400. A connection request is S7 by whom it asks for; where that tells nothing, by what the client says next.

use crate::protocols::Probe;
use crate::protocols::s7::tsap::Connect;
use crate::protocols::s7::{comm, plus, tls};
use crate::protocols::shared::cotp::{self, Head};

/// See [`crate::protocols::Protocol`].
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let mut rest = bytes;
    for _ in 0..TPDUS_MAX {
        let head = match Head::read(rest) {
            Ok(head) => head,
            Err(malformed) if malformed.need == malformed.have => return Probe::No,
            Err(_) => return Probe::More,
        };
        let tpdu = rest.get(..head.length);
        match head.kind {
            cotp::REQUEST | cotp::CONFIRM => {
                let Some(tpdu) = tpdu else { return Probe::More };
                match Connect::read(tpdu) {
                    Ok(connect) if connect.is_s7() => return Probe::Yes,
                    Ok(_) => {}
                    Err(_) => return Probe::No,
                }
            }
            cotp::DATA => {
                let present = tpdu.unwrap_or(rest);
                let data = present.get(head.data_at..).unwrap_or_default();
                // Programming software sends an empty part in front of each message.
                if head.length > head.data_at || head.is_last {
                    return data_probe(data, head);
                }
            }
            _ => return Probe::No,
        }
        rest = rest.get(head.length..).unwrap_or_default();
    }
    Probe::No
}

/// `data` is what is there of the user data of one TPDU.
fn data_probe(data: &[u8], head: Head) -> Probe {
    let whole = head.length.saturating_sub(head.data_at);
    match *data {
        [] if whole > 0 => Probe::More,
        [comm::PROTOCOL_ID, ..] => comm::probe(data, whole),
        [plus::PROTOCOL_ID, ..] => plus::probe(data, whole),
        [kind, ..] if tls::is_content(kind) => tls::probe(data),
        _ => Probe::No,
    }
}

/// A request, an empty part, and what tells.
const TPDUS_MAX: usize = 4;
