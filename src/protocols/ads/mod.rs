//! Automation Device Specification, over the Automation Message Specification (Beckhoff Information System, TwinCAT 3,
//! ADS: AMS/ADS protocol; Beckhoff/ADS, the published library).
//!
//! Read: of answers what device stands behind an AMS port, its version and its state; of requests what they are for, and
//! who starts, stops or reconfigures; over UDP who answers to a search ([`discovery`]) and who adds routes. Skipped: the
//! values that are read, written and notified.
//!
//! ```text
//! 0        2        6                                                    38
//! ┌────────┬────────┬────────┬──────┬────────┬──────┬─────────┬───────┬────────┬───────┬────────┐
//! │ 0      │ length │ target │ port │ source │ port │ command │ flags │ length │ error │ invoke │ data …
//! └────────┴────────┴────────┴──────┴────────┴──────┴─────────┴───────┴────────┴───────┴────────┘
//!   2        4        6        2      6        2      2         2       4        4       4          little-endian
//! ```
//!
//! TwinCAT answers on the connection on which it was asked, and asks on it as well: who answers is told by the flags.

mod ams;
mod discovery;
mod keys;
mod state;
#[cfg(test)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::Reader;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ads",
    spec: "Beckhoff Information System, AMS/ADS (2024)",
    attach: &[Attach::Tcp(48_898), Attach::Udp(48_899)],
    keys: &[keys::ALL],
    probe,
    start: || Box::new(Ads::default()),
};

/// The messages of a connection, or of two who exchange datagrams.
#[derive(Default)]
struct Ads {
    ams: ams::Connection,
    routes: discovery::Routes,
}

impl Dissector for Ads {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if !input.whole {
            return self.ams.read(input, out);
        }
        // Behind the head of a datagram a password may stand.
        out.prove_with(discovery::HEAD_BYTES);
        if discovery::probe(input.bytes) != Probe::Yes {
            return Step::Lost(Reader::new(input.bytes).impossible("magic"));
        }
        if let Err(malformed) = self.routes.read(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }

    fn gap(&mut self, _direction: Direction) {
        self.ams.forget();
        self.routes.forget();
    }
}

fn probe(bytes: &[u8]) -> Probe {
    match discovery::probe(bytes) {
        Probe::No => ams::probe(bytes),
        answer => answer,
    }
}
