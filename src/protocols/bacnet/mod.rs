//! BACnet over UDP (BACnet/IP) and over Ethernet (ANSI/ASHRAE 135-2020, clauses 5, 6, 7, 20, 21 and annex J).
//!
//! Read: who is there (I-Am, I-Have), what the device object says of the device (ReadProperty, ReadPropertyMultiple, in
//! segments, too), across routers and BBMDs; which networks are behind routers, tables of BBMDs, foreign devices; who writes,
//! restarts and silences devices. Skipped: values of all other objects, alarms, trends, files, MS/TP and BACnet/SC, and
//! passwords.
//!
//! ```text
//!   UDP:       | link layer: see link.rs | network layer: see network.rs | APDU |
//!   Ethernet:  | LLC 82 82 03            | network layer                 | APDU |
//!
//!   APDU:  | type 4 bits, flags | [limits] | invoke ID | [sequence, window] | service | parameters in tags: see tag.rs |
//! ```
//!
//! A device behind a router is a unit of its own: the router's address, then network and address there. What a BBMD passes on
//! is about whoever sent it first.

mod deeds;
mod device;
mod keys;
mod link;
mod network;
mod segments;
mod tag;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::{Act, Subject};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use deeds::{Asked, Deeds};
use network::Message;
use segments::{Segment, Segments};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "bacnet",
    spec: "ANSI/ASHRAE 135-2020",
    attach: &[Attach::Udp(47_808), Attach::Ether(0x0082)],
    keys: &[keys::ALL],
    probe,
    start: || Box::new(Bacnet::default()),
};

/// Messages between two nodes.
#[derive(Default)]
struct Bacnet {
    deeds: Deeds,
    segments: Segments,
}

impl Dissector for Bacnet {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        // Behind the link layer there may be a password.
        out.prove_with(PROOF_BYTES);
        if let Err(malformed) = self.frame(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }

    fn gap(&mut self, _direction: Direction) {
        self.deeds.forget();
        self.segments.forget();
    }

    fn kept_bytes(&self) -> usize {
        self.segments.kept_bytes()
    }

    fn forget(&mut self) {
        self.segments.forget();
    }
}

/// A link layer whose length is that of the datagram is BACnet/IP on any port. Over Ethernet the access point tells it.
fn probe(bytes: &[u8]) -> Probe {
    match bytes {
        _ if link::begins(bytes) => Probe::Yes,
        [link::IPV4 | NETWORK_VERSION, ..] => Probe::Maybe,
        [] => Probe::More,
        _ => Probe::No,
    }
}

impl Bacnet {
    fn frame(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        let behind = match input.flow.attach {
            Attach::Ether(_) => Some((input.sender(), Reader::new(input.bytes))),
            Attach::Udp(_) | Attach::Tcp(_) => link::read(input, out)?,
        };
        let Some((from, npdu)) = behind else { return Ok(()) };
        let Some(mut message) = network::read(npdu, (from, input.receiver()), out)? else {
            return Ok(());
        };
        // Over Ethernet nothing tells it.
        message.is_cut =
            !matches!(input.flow.attach, Attach::Ether(_)) && link::is_cut(input.bytes);
        self.apdu(message, input, out)
    }

    fn apdu(
        &mut self,
        message: Message<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let Message { source, target, apdu: mut r, is_cut } = message;
        let start = r.at();
        let first = r.u8("PDU type")?;
        let flags = first & 0x0f;
        match first >> 4 {
            // Of a request of which something is missing nobody knows what it asks for.
            CONFIRMED_REQUEST if is_cut => Ok(()),
            CONFIRMED_REQUEST => {
                r.u8("max segments and APDU length")?;
                let invoke = r.u8("invoke ID")?;
                if flags & SEGMENTED != 0 && numbers(&mut r)? != 0 {
                    return Ok(());
                }
                let (service, span) = service(&mut r)?;
                let target = target.as_ref();
                let asked = Asked { client: &source, target, invoke, service, span, data: r };
                self.deeds.asked(&asked, out);
                Ok(())
            }
            UNCONFIRMED_REQUEST => unconfirmed(&source, &mut r, out),
            SIMPLE_ACK => {
                let invoke = r.u8("invoke ID")?;
                let (service, span) = service(&mut r)?;
                self.deeds.done(&source, (invoke, service), span, out);
                Ok(())
            }
            // A part of which something is missing would make nonsense of the whole.
            COMPLEX_ACK if is_cut && flags & SEGMENTED != 0 => {
                out.count("bacnet.parts_cut");
                Ok(())
            }
            COMPLEX_ACK => self.complex(&source, flags, r, input, out),
            ERROR | REJECT | ABORT => {
                let span = r.since(start);
                let invoke = r.u8("invoke ID")?;
                self.deeds.refused(&source, invoke, span, out);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn complex(
        &mut self,
        source: &Subject,
        flags: u8,
        mut r: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let invoke = r.u8("invoke ID")?;
        if flags & SEGMENTED == 0 {
            let (service, span) = service(&mut r)?;
            self.deeds.done(source, (invoke, service), span, out);
            return answer(source, service, r, out);
        }
        let sequence = numbers(&mut r)?;
        let (service, _) = service(&mut r)?;
        let is_last = flags & MORE_FOLLOWS == 0;
        let segment = Segment { source, invoke, service, sequence, is_last };
        let Some(whole) = self.segments.take(&segment, &r, input, out) else { return Ok(()) };
        let joined = Input { bytes: &whole.bytes, whole: true, places: &whole.places, ..*input };
        answer(source, whole.service, Reader::new(&whole.bytes), &mut out.over(&joined))
    }
}

/// The service of a message, and where it stands.
fn service(r: &mut Reader<'_>) -> Result<(u8, Span), Malformed> {
    let start = r.at();
    let service = r.u8("service choice")?;
    Ok((service, r.since(start)))
}

/// The number of a segment; the size of the window follows.
fn numbers(r: &mut Reader<'_>) -> Result<u8, Malformed> {
    let sequence = r.u8("sequence number")?;
    r.u8("window size")?;
    Ok(sequence)
}

fn unconfirmed(source: &Subject, r: &mut Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let (service, span) = service(r)?;
    match service {
        I_AM => device::i_am(source, r, out),
        I_HAVE => device::i_have(source, r, out),
        WHO_HAS | WHO_IS => {
            out.act(Act::Identify, span);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn answer(
    source: &Subject,
    service: u8,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    match service {
        READ_PROPERTY => device::read_property(source, &mut r, out),
        READ_PROPERTY_MULTIPLE => device::read_property_multiple(source, &mut r, out),
        _ => Ok(()),
    }
}

/// Type, function and length of the link layer.
const PROOF_BYTES: usize = 4;
const NETWORK_VERSION: u8 = 0x01;

/// Types of APDUs (20.1).
const CONFIRMED_REQUEST: u8 = 0;
const UNCONFIRMED_REQUEST: u8 = 1;
const SIMPLE_ACK: u8 = 2;
const COMPLEX_ACK: u8 = 3;
const ERROR: u8 = 5;
const REJECT: u8 = 6;
const ABORT: u8 = 7;
/// Flags beside the type of requests and complex acknowledgements.
const SEGMENTED: u8 = 0x08;
const MORE_FOLLOWS: u8 = 0x04;

/// Unconfirmed services (clause 21).
const I_AM: u8 = 0;
const I_HAVE: u8 = 1;
const WHO_HAS: u8 = 7;
const WHO_IS: u8 = 8;
/// Confirmed services whose answers are read.
const READ_PROPERTY: u8 = 12;
const READ_PROPERTY_MULTIPLE: u8 = 14;
