//! Whether bytes are MMS. TCP port 102 belongs to everything that runs over ISO transport, S7 among it: what is MMS is told by
//! the first message behind the connection of COTP, which names it, or by the shape of its requests and answers.

use crate::protocols::Probe;
use crate::protocols::mms::{service, session};
use crate::protocols::shared::cotp::{self, Head};
use crate::wire::Reader;

/// See [`crate::protocols::Protocol`].
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let mut rest = bytes;
    for _ in 0..TPDUS_MAX {
        let head = match Head::read(rest) {
            Ok(head) => head,
            Err(malformed) if malformed.need == malformed.have => return Probe::No,
            Err(_) => return Probe::More,
        };
        match head.kind {
            cotp::REQUEST | cotp::CONFIRM => {}
            cotp::DATA => return data(rest.get(..head.length).unwrap_or(rest), head),
            _ => return Probe::No,
        }
        let Some(next) = rest.get(head.length..) else { return Probe::More };
        rest = next;
    }
    Probe::No
}

/// `tpdu` is what is there of it.
fn data(tpdu: &[u8], head: Head) -> Probe {
    let data = tpdu.get(head.data_at..).unwrap_or_default();
    let is_whole = tpdu.len() >= head.length;
    match *data {
        [session::CONNECT | session::ACCEPT, ..] if service::speaks_mms(data) => Probe::Yes,
        [session::CONNECT | session::ACCEPT, ..] if !is_whole => Probe::More,
        [session::GIVE_TOKENS, 0, session::DATA, 0, session::FULLY_ENCODED, ..] if is_whole => {
            match session::user_data(Reader::new(data))
                .and_then(|inside| inside.map(service::message).transpose())
            {
                Ok(Some(Some(_))) => Probe::Maybe,
                _ => Probe::No,
            }
        }
        [session::GIVE_TOKENS, 0, session::DATA, 0, session::FULLY_ENCODED, ..] => Probe::More,
        ref short if START.starts_with(short) && !is_whole => Probe::More,
        _ => Probe::No,
    }
}

/// A request, a confirm, and what tells.
const TPDUS_MAX: usize = 3;
/// What data begins with.
const START: &[u8] = &[session::GIVE_TOKENS, 0, session::DATA, 0, session::FULLY_ENCODED];
