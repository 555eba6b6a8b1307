//! Placeholder until its reader lands.

use crate::flow::{Attach, Input};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "smb",
    spec: "",
    attach: &[Attach::Tcp(445)],
    keys: &[],
    probe: |_| Probe::No,
    start: || Box::new(Nothing),
};

struct Nothing;

impl Dissector for Nothing {
    fn read(&mut self, _input: &Input<'_>, _out: &mut Sink<'_>) -> Step {
        Step::Done
    }
}
