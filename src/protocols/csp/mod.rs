//! CSP, the client server protocol of Allen-Bradley processors with an Ethernet port from before EtherNet/IP:
//! PLC-5E, SLC 5/05, MicroLogix behind a 1761-NET-ENI. Also called AB/Ethernet and CSPv4.
//!
//! Reads who connects to whom, the version that both speak, and the PCCC commands and replies inside for what they
//! tell of the processor and of those who change it. Skips all values of the process. Of messages that go on to a
//! node of another link (DH+) behind the processor, only the frame: how such a node is addressed is not public, and
//! its facts must not land on the processor in front of it.
//!
//! The vendor never published the protocol. Read as free software has spoken it with such processors since 1999
//! (R. Gage, `abel`), and as implementers described it (L. Linse, "CSPv4"); PCCC by Rockwell publication 1770-6.5.16
//! (October 1996). Header big-endian, PCCC little-endian.
//!
//! ```text
//!    0      1         2        4            8        12                             28
//!   +------+---------+--------+------------+--------+------------------------------+----------------
//!   | mode | command | length | connection | status | of the command               | data
//!   +------+---------+--------+------------+--------+------------------------------+----------------
//!     1 request        of data  0 until the           connect: version 2  backlog 2
//!     2 reply                   reply to connect      PCCC: request 4  name 4
//!
//!   data      destination 1   control 1   source 1   LSAP 1   [route, when LSAP is 1]   PCCC command or reply
//! ```

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::{CSP_PENDING_MAX, PENDING_REQUEST_SECONDS_MAX};
use crate::model::time::NANOS_PER_SECOND;
use crate::model::{Key, Subject, Timestamp};
use crate::protocols::shared::pccc;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// Version of the protocol that the processor answered a connection with; 4 in all that are known.
const VERSION: Key = Key::one("csp.version");
/// What a node is: `client` asks, `server` is the processor that answers, `bridge` answers for another link.
const ROLE: Key = Key::several("csp.role");

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "csp",
    spec: "unpublished by its vendor, read as R. Gage's abel (1999) speaks it; PCCC by Rockwell publication \
           1770-6.5.16 (October 1996)",
    attach: &[Attach::Tcp(2222)],
    keys: &[&[VERSION, ROLE], pccc::KEYS],
    probe,
    start: || Box::new(Csp::default()),
};

/// One conversation.
#[derive(Debug, Default)]
struct Csp {
    /// Commands that wait for their replies, oldest first.
    pending: VecDeque<Asked>,
    /// Whether the roles were said: of who asks, of who answers.
    introduced: [bool; 2],
}

#[derive(Debug)]
struct Asked {
    at: Timestamp,
    direction: Direction,
    command: pccc::Command,
}

/// The header of every message.
#[derive(Clone, Copy, Debug)]
struct Header {
    reply: bool,
    command: u8,
    /// Bytes behind the header.
    length: usize,
    connection: u32,
    status: u32,
}

impl Dissector for Csp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let mut message = Reader::new(input.bytes);
        let header = match Header::read(&mut message) {
            Ok(Some(header)) if header.is_plausible() => header,
            Ok(_) => {
                return Step::Lost(Reader::new(input.bytes).impossible("mode and command"));
            }
            Err(malformed) if input.whole => return Step::Lost(malformed),
            Err(_) => return Step::Need(HEADER_BYTES),
        };
        let total = HEADER_BYTES.saturating_add(header.length);
        if input.bytes.len() < total && !input.whole {
            return Step::Need(total);
        }
        if header.status != 0 {
            out.count("csp.refused");
        } else if let Err(malformed) = self.message(header, input, out) {
            out.damaged(malformed);
        }
        Step::Used(total)
    }

    fn gap(&mut self, _direction: Direction) {
        self.pending.clear();
    }
}

impl Csp {
    fn message(
        &mut self,
        header: Header,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let mut message = Reader::new(input.bytes);
        message.skip("connection header", HEADER_BYTES_OF_ALL)?;
        if header.command == CONNECT {
            let at = message.at();
            let version = message.u16_be("version")?;
            // The client proposes one; the reply holds the one that is spoken.
            if header.reply && version != 0 {
                let span = message.since(at);
                out.uint(&Subject::node(input.sender()), VERSION, version, span);
            }
            self.introduce(header, input, out);
            return Ok(());
        }
        message.skip("request and name", HEADER_BYTES.saturating_sub(HEADER_BYTES_OF_ALL))?;
        let mut data = message.sub("data", header.length.min(message.left()))?;
        if header.command != PCCC || data.is_empty() {
            out.count("csp.unknown_command");
            return Ok(());
        }
        data.skip("destination, control and source", 3)?;
        let at = data.at();
        let lsap = data.u8("LSAP")?;
        self.introduce(header, input, out);
        match lsap {
            LOCAL => return self.local(header, &mut data, input, out),
            REMOTE if header.reply => {
                out.text(&Subject::node(input.sender()), ROLE, "bridge", data.since(at));
                out.count("csp.routed");
            }
            REMOTE => out.count("csp.routed"),
            _ => out.count("csp.unknown_lsap"),
        }
        Ok(())
    }

    /// Reads PCCC that is meant for the processor itself.
    fn local(
        &mut self,
        header: Header,
        data: &mut Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let direction = input.direction;
        if !header.reply {
            let processor = Subject::node(input.receiver());
            let command = pccc::command(data, &processor, input.sender().addr, out)?;
            if self.pending.len() >= CSP_PENDING_MAX {
                self.pending.pop_front();
                out.count("csp.commands_forgotten");
            }
            self.pending.push_back(Asked { at: input.at, direction, command });
            return Ok(());
        }
        let processor = Subject::node(input.sender());
        let asker = input.receiver().addr;
        self.pending.retain(|asked| input.at.since(asked.at) <= LIFETIME_NANOSECONDS);
        // A reply that is not damaged has the transaction number of its command.
        let mut place = None;
        for (number, asked) in self.pending.iter().enumerate() {
            if asked.direction != direction
                && pccc::reply(&mut data.clone(), asked.command, &processor, asker, out)?
            {
                place = Some(number);
                break;
            }
        }
        match place.and_then(|place| self.pending.remove(place)) {
            Some(_) => {}
            None => out.count("csp.reply_without_command"),
        }
        Ok(())
    }

    /// Says once who asks and who answers.
    fn introduce(&mut self, header: Header, input: &Input<'_>, out: &mut Sink<'_>) {
        let [asks, answers] = &mut self.introduced;
        let (said, role) = if header.reply { (answers, "server") } else { (asks, "client") };
        if !std::mem::replace(said, true) {
            out.text(&Subject::node(input.sender()), ROLE, role, Span { at: 0, len: 2 });
        }
    }
}

impl Header {
    /// Reads the header. None when mode or command are none.
    fn read(message: &mut Reader<'_>) -> Result<Option<Self>, Malformed> {
        let mode = message.u8("mode")?;
        let command = message.u8("command")?;
        let header = Self {
            reply: mode == REPLY,
            command,
            length: usize::from(message.u16_be("length")?),
            connection: message.u32_be("connection")?,
            status: message.u32_be("status")?,
        };
        message.skip("fields of the command", HEADER_BYTES.saturating_sub(HEADER_BYTES_OF_ALL))?;
        let known = matches!(mode, REQUEST | REPLY) && matches!(command, CONNECT | DH_PLUS | PCCC);
        Ok(known.then_some(header))
    }

    fn is_plausible(self) -> bool {
        if self.command == CONNECT {
            return self.length == 0 && (self.reply || self.connection == 0);
        }
        // Nothing but connecting works without a connection.
        self.length <= DATA_BYTES_MAX && (self.connection != 0 || self.status != 0)
    }
}

/// See [`crate::protocols::Protocol::probe`]. Only a connect with its version is unmistakable; a PCCC message is when
/// the place where its LSAP stands, and the lengths, agree.
fn probe(bytes: &[u8]) -> Probe {
    let mut message = Reader::new(bytes);
    let Ok(header) = Header::read(&mut message) else {
        let possible = match *bytes {
            [] => true,
            [mode] => matches!(mode, REQUEST | REPLY),
            [mode, command, ..] => {
                matches!(mode, REQUEST | REPLY) && matches!(command, CONNECT | DH_PLUS | PCCC)
            }
        };
        return if possible { Probe::More } else { Probe::No };
    };
    let Some(header) = header.filter(|header| header.is_plausible()) else { return Probe::No };
    if header.command != CONNECT {
        return Probe::Maybe;
    }
    let version = Reader::new(bytes).ahead("version", HEADER_BYTES_OF_ALL);
    let version = version.and_then(|mut version| version.u16_be("version"));
    match version {
        Ok(SPOKEN) if header.status == 0 => Probe::Yes,
        _ => Probe::Maybe,
    }
}

const HEADER_BYTES: usize = 28;
/// Bytes of the header that all commands share.
const HEADER_BYTES_OF_ALL: usize = 12;
/// PCCC packets have at most 244 bytes; routes and newer processors may add to that, but not much.
const DATA_BYTES_MAX: usize = 4_096;
const REQUEST: u8 = 1;
const REPLY: u8 = 2;
const CONNECT: u8 = 1;
const DH_PLUS: u8 = 6;
const PCCC: u8 = 7;
const SPOKEN: u16 = 4;
/// LSAP of the processor itself.
const LOCAL: u8 = 0;
/// LSAP of a node of another link, whose address follows.
const REMOTE: u8 = 1;

const LIFETIME_NANOSECONDS: u64 =
    PENDING_REQUEST_SECONDS_MAX.saturating_mul(NANOS_PER_SECOND.unsigned_abs());
