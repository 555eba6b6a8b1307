//! Diagnostics (function 8; application protocol specification, 6.8): sub-functions used, and the two that change what
//! the unit does. Counters and echoed data are not kept.
//!
//! ```text
//! sub-function (2 bytes) │ data: one word, for the echo (0) any number of them
//! ```

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::modbus::adu::Adu;
use crate::wire::Span;

/// Sub-functions of Diagnostics that the unit answered.
pub(super) const DIAGNOSTIC: Key = Key::several("modbus.diagnostic");
/// The unit restarted its communication on request of this address.
pub(super) const COMMUNICATION_RESTARTED: Key = Key::event("modbus.communication_restarted");
/// A unit was asked to listen only and to answer no more until it is restarted, and by which address:
/// `unit 7: 10.0.0.1`. About the server: a unit that obeys does not answer this either.
pub(super) const LISTEN_ONLY_FORCED: Key = Key::event("modbus.listen_only_forced");

/// Says what an answer tells; `client` is who asked.
pub(super) fn answer(subject: &Subject, adu: &Adu<'_>, client: &str, out: &mut Sink<'_>) {
    let Some((sub_function, span)) = sub_function(adu) else { return };
    out.uint(subject, DIAGNOSTIC, sub_function, span);
    if sub_function == RESTART_COMMUNICATIONS {
        out.text(subject, COMMUNICATION_RESTARTED, client, span);
    }
}

/// True for the request that gets no answer.
pub(super) fn forces_listen_only(adu: &Adu<'_>) -> bool {
    sub_function(adu).is_some_and(|(sub_function, _)| sub_function == FORCE_LISTEN_ONLY)
}

fn sub_function(adu: &Adu<'_>) -> Option<(u16, Span)> {
    let (data, span) = adu.data();
    let number = data.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))?;
    Some((number, Span { at: span.at, len: 2 }))
}

/// Restart Communications Option.
const RESTART_COMMUNICATIONS: u16 = 0x0001;
/// Force Listen Only Mode.
const FORCE_LISTEN_ONLY: u16 = 0x0004;
