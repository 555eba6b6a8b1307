//! S7: the communication of Siemens SIMATIC controllers, in both generations, over ISO transport on TCP.
//!
//! Read: which rack and slot a connection asks for and with which resource, what both ends agree on, which functions are
//! asked for and answered; of S7comm the system status lists that name a module, protect it, tell its mode and the modules
//! beside it ([`szl`]), who writes, starts, stops, loads, fetches and deletes ([`comm`], [`userdata`]); of S7comm-plus the
//! session set-up with the order number and the first two numbers of the firmware, and who starts and stops ([`plus`]).
//! Newer firmware wraps S7comm-plus in TLS: that is told, and what is inside is hidden ([`tls`]). Values, blocks, passwords
//! and alarms are passed over; the functions of programs among themselves (BSEND and the like) likewise.
//!
//! Siemens publishes neither protocol. What the numbers mean is from Siemens, "System Software for S7-300/400: System and
//! Standard Functions" (A5E02789976, chapter "System Status Lists"), from the dissectors of Wireshark (S7comm) and of
//! T. Wiens (S7comm-plus), and from captures.
//!
//! ```text
//!   TPKT 4 | COTP 3 | 32 | kind 1 | 0 0 | reference 2 | parameter length 2 | data length 2 | parameters | data
//!                        | 1 job, 2 acknowledged, 3 answered                 [class 1 | code 1: of 2 and 3 only]
//!                        | 7 user data
//!   TPKT 4 | COTP 3 | 72 | version 1 | length 2 | data | [72 | version | 0 0  behind the last part]
//! ```
//!
//! The answer comes from a module: a CPU with an interface of its own, or one in a rack behind a communication
//! processor that has the address. The connection names rack and slot, and what the module says of itself is said of
//! that slot. Where the opening was not captured it is said of the address.

mod acts;
mod comm;
mod ends;
mod jobs;
mod keys;
mod plus;
mod probe;
mod szl;
#[cfg(test)]
mod tests;
mod tls;
mod tsap;
mod userdata;

use crate::flow::{Attach, Direction, Input};
use crate::model::Subject;
use crate::model::limits::S7_MESSAGE_BYTES_MAX;
use crate::protocols::shared::cotp::{self, Head, Parts, Taken};
use crate::protocols::{Dissector, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader};

use ends::Ends;
use jobs::Jobs;
use szl::Lists;
use tls::Told;
use tsap::Connect;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "s7",
    spec: "Siemens A5E02789976 (system status lists); RFC 1006, ITU-T X.224; S7comm and S7comm-plus as Wireshark describes \
           them",
    attach: &[Attach::Tcp(102)],
    keys: &[keys::ALL],
    probe: probe::probe,
    start: || Box::new(S7::default()),
};

/// One connection.
#[derive(Default)]
struct S7 {
    /// Messages whose end has not come, to the server and to the client.
    parts: [Parts; 2],
    ends: Ends,
    jobs: Jobs,
    lists: Lists,
    plus: plus::Session,
}

impl Dissector for S7 {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        // Behind the head of a message may stand a password.
        out.prove_with(PROOF_BYTES);
        let head = match Head::read(input.bytes) {
            Ok(head) => head,
            Err(malformed) if malformed.need == malformed.have => return Step::Lost(malformed),
            Err(_) => return Step::Need(cotp::HEAD_BYTES),
        };
        if head.length > S7_MESSAGE_BYTES_MAX {
            out.count("s7.messages_too_long");
            self.part(input.direction).pass(head);
            return Step::Used(head.length);
        }
        let Some(tpdu) = input.bytes.get(..head.length) else { return Step::Need(head.length) };
        let step = match head.kind {
            cotp::DATA => self.data(head, tpdu, input, out),
            cotp::REQUEST | cotp::CONFIRM => self.connect(head, tpdu, input, out).map(Some),
            _ => Ok(None),
        };
        match step {
            Ok(Some(step @ (Step::Done | Step::Lost(_)))) => step,
            Ok(_) => Step::Used(head.length),
            Err(malformed) => {
                out.damaged(malformed);
                Step::Used(head.length)
            }
        }
    }

    fn glance(&self) -> usize {
        let [to_server, to_client] = &self.parts;
        to_server.glance() ^ to_client.glance() ^ self.jobs.glance() ^ self.ends.glance()
    }

    fn gap(&mut self, direction: Direction) {
        self.part(direction).clear();
        self.jobs.forget();
        self.lists.forget();
        self.plus.forget();
    }

    fn kept_bytes(&self) -> usize {
        let [to_server, to_client] = &self.parts;
        let parts = to_server.kept_bytes().saturating_add(to_client.kept_bytes());
        parts.saturating_add(self.lists.kept_bytes())
    }

    fn forget(&mut self) {
        self.parts.iter_mut().for_each(Parts::forget);
        self.lists.forget();
    }
}

impl S7 {
    fn part(&mut self, direction: Direction) -> &mut Parts {
        let [to_server, to_client] = &mut self.parts;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    /// A connection request, or the confirm of one. What was asked for counts when it was accepted.
    fn connect(
        &mut self,
        head: Head,
        tpdu: &[u8],
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<Step, Malformed> {
        let connect = Connect::read(tpdu)?;
        if !connect.is_s7() {
            return Ok(Step::Used(head.length));
        }
        let (sender, receiver) = (Subject::node(input.sender()), Subject::node(input.receiver()));
        if head.kind == cotp::REQUEST {
            self.ends.called(connect.called.and_then(|called| called.place()), input.sender());
            if let Some(calling) = connect.calling {
                out.text(&sender, keys::CALLING_TSAP, &calling.shown(), calling.span);
            }
            if let Some((resource, span)) =
                connect.called.and_then(|called| Some((called.resource()?, called.span)))
            {
                out.text(&sender, keys::CONNECTION_TYPE, resource, span);
            }
        } else if let Some(called) = connect.called {
            self.ends.called(called.place(), input.receiver());
            out.text(&sender, keys::TSAP, &called.shown(), called.span);
            if let Some(calling) = connect.calling {
                out.text(&receiver, keys::CALLING_TSAP, &calling.shown(), calling.span);
            }
        }
        Ok(Step::Used(head.length))
    }

    /// User data: a message, or a part of one.
    fn data(
        &mut self,
        head: Head,
        tpdu: &[u8],
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<Option<Step>, Malformed> {
        match self.part(input.direction).take(head, input, S7_MESSAGE_BYTES_MAX) {
            Taken::Waits => Ok(None),
            Taken::TooLong => {
                out.count("s7.messages_too_long");
                Ok(None)
            }
            Taken::Here => {
                let message = Reader::new(tpdu).ahead("COTP header", head.data_at)?;
                self.message(message, input, out)
            }
            Taken::Gathered(gathered) => {
                let shown = gathered.shown(input);
                self.message(Reader::new(shown.bytes), &shown, &mut out.over(&shown))
            }
        }
    }

    fn message(
        &mut self,
        message: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<Option<Step>, Malformed> {
        match message.peek() {
            [] => Ok(None),
            [comm::PROTOCOL_ID, ..] => {
                let Self { ends, jobs, lists, .. } = self;
                comm::Comm { ends, jobs, lists, input }.read(message, out)?;
                Ok(None)
            }
            [plus::PROTOCOL_ID, ..] => {
                self.plus.read(message, &mut self.ends, input, out)?;
                Ok(None)
            }
            [kind, 0x03, ..] if tls::is_content(*kind) => self.encrypted(message, input, out),
            // The selectors of another protocol may look like those of a rack and slot: what follows is looked at again.
            _ => {
                out.count("s7.other_protocols");
                Ok(Some(Step::Lost(message.impossible("protocol identifier"))))
            }
        }
    }

    /// A record of TLS. Nothing more is to be learned once the server chose a version, or where that was before the capture:
    /// then no version is told.
    fn encrypted(
        &mut self,
        message: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<Option<Step>, Malformed> {
        let front = crate::wire::Span { at: message.at(), len: TLS_HEAD_BYTES };
        let (version, span) = match tls::read(message)? {
            Told::Version(version, span) => (Some(version), span),
            // Client and server look alike here; the port tells.
            Told::Encrypted if input.direction == Direction::ToClient => (None, front),
            Told::Encrypted | Told::Nothing => return Ok(None),
        };
        let server = Subject::node(input.sender());
        self.ends.tell_roles(input.receiver(), input.sender(), span, out);
        out.text(&server, keys::GENERATION, "S7comm-plus over TLS", span);
        if let Some(version) = version {
            out.text(&server, keys::SECURITY, version, span);
        }
        out.count("s7.encrypted_conversations");
        Ok(Some(Step::Done))
    }
}

/// Heads of TPKT, COTP, S7comm and of its user data.
const PROOF_BYTES: usize = 25;
const TLS_HEAD_BYTES: usize = 3;
