//! Modbus security: the same ADUs inside TLS (MODBUS/TCP Security Protocol Specification V2.1, 4), registered for TCP
//! port 802. Told is that TLS runs there and who says hello; nothing in it is read.
//!
//! ```text
//! 0              1         3        5           6
//! ┌──────────────┬─────────┬────────┬───────────┬──────────┐
//! │ content type │ version │ length │ handshake │ …        │  content type 22: handshake type 1 or 2
//! └──────────────┴─────────┴────────┴───────────┴──────────┘
//! ```

use crate::flow::Input;
use crate::model::{Key, Subject};
use crate::protocols::{Probe, Sink, Step};
use crate::wire::Span;

/// TLS runs where Modbus is expected: what the node sent, `client hello`, `server hello` or `record`.
pub(super) const SECURED: Key = Key::several("modbus.secured");

/// Looks for a TLS record at the front. Never sure: TLS carries much else, and only the port tells that it is Modbus.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    match bytes {
        [CHANGE_CIPHER_SPEC..=APPLICATION_DATA, 3, minor, high, ..]
            if *minor <= MINOR_MAX && *high <= LENGTH_HIGH_MAX =>
        {
            Probe::Maybe
        }
        [CHANGE_CIPHER_SPEC..=APPLICATION_DATA] | [CHANGE_CIPHER_SPEC..=APPLICATION_DATA, 3] => {
            Probe::More
        }
        [CHANGE_CIPHER_SPEC..=APPLICATION_DATA, 3, minor] if *minor <= MINOR_MAX => Probe::More,
        _ => Probe::No,
    }
}

/// Says what the sender's first record is; `told` when it was said. The server's is enough: nothing more is to be
/// learned behind it.
pub(super) fn read(
    input: &Input<'_>,
    told: &mut bool,
    is_from_server: bool,
    out: &mut Sink<'_>,
) -> Step {
    let have = input.bytes.len();
    if have < HELLO_BYTES && !input.whole {
        return Step::Need(HELLO_BYTES);
    }
    if !std::mem::replace(told, true) || is_from_server {
        let what = match input.bytes {
            [HANDSHAKE, _, _, _, _, CLIENT_HELLO, ..] => "client hello",
            [HANDSHAKE, _, _, _, _, SERVER_HELLO, ..] => "server hello",
            _ => "record",
        };
        let span = Span { at: 0, len: have.min(HELLO_BYTES) };
        out.text(&Subject::node(input.sender()), SECURED, what, span);
    }
    if is_from_server { Step::Done } else { Step::Used(have.max(1)) }
}

/// Content types of TLS: the first and the last, and the handshake between them.
const CHANGE_CIPHER_SPEC: u8 = 0x14;
const HANDSHAKE: u8 = 0x16;
const APPLICATION_DATA: u8 = 0x17;
/// Handshake types.
const CLIENT_HELLO: u8 = 0x01;
const SERVER_HELLO: u8 = 0x02;
/// TLS 1.3; records say 1.2 at most, hellos of old clients less.
const MINOR_MAX: u8 = 4;
/// Records hold at most 16 KiB and what encryption adds.
const LENGTH_HIGH_MAX: u8 = 0x48;
/// Record header and handshake type.
const HELLO_BYTES: usize = 6;
