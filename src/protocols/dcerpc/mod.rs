//! Remote procedure calls over TCP, and the endpoint mapper over UDP.
//!
//! What is read, and how the messages look, is told at [`shared::dcerpc`](crate::protocols::shared::dcerpc), which named
//! pipes share. Here are the ports: 135, where the endpoint mapper and the object exporter answer, and any other port by
//! its first bytes; and the connectionless form ([`connectionless`]).

mod connectionless;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::DCERPC_ANSWER_BYTES_MAX;
use crate::protocols::shared::dcerpc::{self, Association, Carrier};
use crate::protocols::shared::{kerberos, ntlmssp};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "dcerpc",
    spec: "The Open Group C706 (1997), [MS-RPCE]; [MS-DCOM], [MS-LSAD], [MS-NRPC], [MS-RPRN], [MS-RRP], [MS-SRVS], [MS-WKST]",
    attach: &[Attach::Tcp(135), Attach::Udp(135)],
    keys: &[ntlmssp::KEYS, kerberos::KEYS, dcerpc::KEYS],
    probe,
    start: || Box::new(Conversation::default()),
};

/// One connection, or the datagrams between two ports.
#[derive(Default)]
struct Conversation {
    association: Association,
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if matches!(input.flow.attach, Attach::Udp(_)) {
            return connectionless::read(input, out);
        }
        self.association.read(input, &CARRIER, out)
    }

    fn gap(&mut self, _direction: Direction) {
        self.association.gap();
    }

    fn kept_bytes(&self) -> usize {
        self.association.kept_bytes()
    }

    fn forget(&mut self) {
        self.association = Association::default();
    }
}

fn probe(bytes: &[u8]) -> Probe {
    match bytes.first() {
        Some(&connectionless::VERSION) => connectionless::probe(bytes),
        _ => dcerpc::probe(bytes),
    }
}

const CARRIER: Carrier = Carrier {
    bytes_max: DCERPC_ANSWER_BYTES_MAX,
    sealed: "dcerpc.encrypted_calls",
    too_long: "dcerpc.answers_too_long",
    forgotten: "dcerpc.calls_forgotten",
};

#[cfg(test)]
mod tests;
