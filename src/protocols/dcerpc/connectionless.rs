//! The connectionless protocol data units: an endpoint mapper that answers in one datagram.
//!
//! Reads \[C706\] section 12.5: responses of the endpoint mapper. PROFINET devices have one at UDP port 34964, too, which
//! `pn_io` reads. Skips fragments behind the first.

use crate::flow::Input;
use crate::model::Subject;
use crate::protocols::shared::dcerpc::{self, Datagram};
use crate::protocols::{Probe, Sink, Step};
use crate::wire::Malformed;

pub(super) use dcerpc::connectionless::VERSION;

/// Reads one datagram.
pub(super) fn read(input: &Input<'_>, out: &mut Sink<'_>) -> Step {
    if let Err(malformed) = datagram(input, out) {
        out.damaged(malformed);
    }
    Step::Used(input.bytes.len().max(1))
}

fn datagram(input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let datagram = Datagram::read(input.bytes)?;
    if datagram.kind != dcerpc::connectionless::RESPONSE
        || datagram.fragment.is_some_and(|number| number != 0)
    {
        return Ok(());
    }
    let server = Subject::node(input.sender());
    dcerpc::lookup_connectionless(&datagram, &server, out)
}

/// Never sure: too few of its bits are fixed.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    if dcerpc::connectionless::interface(bytes).is_some() { Probe::Maybe } else { Probe::No }
}
