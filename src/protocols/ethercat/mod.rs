//! EtherCAT (ETG.1000, IEC 61158 type 12), on Ethernet and in UDP.
//!
//! A frame of the master passes all slaves, which read from it and write to it as it goes by, and comes back. So what
//! slaves say is in the frames that come back, where the working counter tells that somebody did what was asked for.
//! Slaves have no address of their own: they are parts of the master, by the station address that it gave them.
//!
//! Read: identity from the registers and the EEPROM of slaves ([`slave`]), state, objects of their dictionary and what is
//! written to them by mailbox ([`mailbox`]). Data that goes round in cycles is told once, and passed over.
//!
//! ```text
//! 0                2
//! ┌────────────────┬───────────────────────────────────────────────────────────────┬──
//! │ length, type 1 │ cmd │ index │ ADP │ ADO │ length, more │ IRQ │ data … │ counter │ …     little-endian
//! └────────────────┴───────────────────────────────────────────────────────────────┴──
//!   11 bit   4 bit   1     1       2     2     2              2              2
//! ```
//!
//! The first slave sets the bit of local addresses in the source address. It is taken away again: the frame is the master's.

mod keys;
mod mailbox;
mod slave;
#[cfg(test)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::ETHERCAT_DATAGRAMS_MAX;
use crate::model::{Addr, Mac, Node, Subject};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use slave::Slaves;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ethercat",
    spec: "ETG.1000 (2013), IEC 61158 type 12",
    attach: &[Attach::Ether(0x88a4), Attach::Udp(34_980)],
    keys: &[keys::ALL],
    probe,
    start: || Box::new(EtherCat::default()),
};

/// One line, as its frames come back.
#[derive(Default)]
struct EtherCat {
    slaves: Slaves,
    /// Commands for process data that were told: one bit each.
    told: u8,
}

/// One datagram that slaves have done something with.
pub(super) struct Datagram<'a> {
    pub(super) command: u8,
    /// Position or station.
    pub(super) adp: u16,
    /// The register, or the place in the memory of the slave, that the data begins at.
    pub(super) ado: u16,
    pub(super) data: &'a [u8],
    /// Where the data begins.
    pub(super) at: usize,
    /// How many did what was asked for.
    pub(super) counter: u16,
}

impl<'a> Datagram<'a> {
    /// The bytes of a register, when the datagram has all of them.
    pub(super) fn register<const N: usize>(&self, register: u16) -> Option<([u8; N], Span)> {
        let ahead = usize::from(register.checked_sub(self.ado)?);
        let bytes = self.data.get(ahead..)?.first_chunk::<N>()?;
        Some((*bytes, Span { at: self.at.saturating_add(ahead), len: N }))
    }

    /// Reads the data from its first byte on.
    pub(super) fn reader(&self) -> Reader<'a> {
        Reader::starting_at(self.data, self.at)
    }
}

impl Dissector for EtherCat {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = self.frame(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }

    fn gap(&mut self, _direction: Direction) {
        self.slaves.forget();
    }
}

impl EtherCat {
    fn frame(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        let mut r = Reader::new(input.bytes);
        let head = r.u16_le("EtherCAT header")?;
        if head >> TYPE_SHIFT != COMMANDS {
            // Variables of a network of masters, and mailboxes of gateways.
            return Ok(());
        }
        let mut frame = r.sub("datagrams", usize::from(head & LENGTH))?;
        for _ in 0..ETHERCAT_DATAGRAMS_MAX {
            let command = frame.u8("Cmd")?;
            frame.skip("Idx", 1)?;
            let (adp, ado) = (frame.u16_le("ADP")?, frame.u16_le("ADO")?);
            let length = frame.u16_le("Len")?;
            frame.skip("IRQ", 2)?;
            let at = frame.at();
            let data = frame.bytes("Data", usize::from(length & LENGTH))?;
            let counter = frame.u16_le("WKC")?;
            if counter > 0 {
                self.datagram(&Datagram { command, adp, ado, data, at, counter }, input, out);
            }
            if length & MORE == 0 {
                return Ok(());
            }
        }
        out.count("ethercat.datagrams_over_limit");
        Ok(())
    }

    fn datagram(&mut self, datagram: &Datagram<'_>, input: &Input<'_>, out: &mut Sink<'_>) {
        match datagram.command {
            LOGICAL_READ..=LOGICAL_READ_WRITE => self.cyclic(datagram, input, out),
            _ => self.slaves.hear(datagram, master(input), out),
        }
    }

    /// Thousands of times a second: nothing is done but once.
    fn cyclic(&mut self, datagram: &Datagram<'_>, input: &Input<'_>, out: &mut Sink<'_>) {
        let (name, bit) = match datagram.command {
            LOGICAL_READ => ("LRD", 1),
            LOGICAL_WRITE => ("LWR", 2),
            _ => ("LRW", 4),
        };
        if self.told & bit == 0 {
            self.told |= bit;
            let span = Span { at: datagram.at.saturating_sub(HEAD_BYTES), len: 1 };
            out.text(&Subject::node(master(input)), keys::CYCLIC_DATA, name, span);
        }
    }
}

/// The node whose frame it is.
fn master(input: &Input<'_>) -> Node {
    let sender = input.sender();
    match sender.addr {
        Addr::Mac(Mac([first, rest @ ..])) => {
            let [b, c, d, e, f] = rest;
            Node::mac(sender.scope, Mac([first & !LOCAL, b, c, d, e, f]))
        }
        _ => sender,
    }
}

/// The Ethernet type makes a frame EtherCAT. In UDP the lengths of the first datagram must fit, and nothing more is known:
/// other bytes that look like it prove nothing.
fn probe(bytes: &[u8]) -> Probe {
    match begins(bytes) {
        Ok(true) => Probe::Maybe,
        Ok(false) => Probe::No,
        Err(_) => Probe::More,
    }
}

fn begins(bytes: &[u8]) -> Result<bool, Malformed> {
    let mut r = Reader::new(bytes);
    let head = r.u16_le("EtherCAT header")?;
    if head & RESERVED != 0 || head >> TYPE_SHIFT != COMMANDS {
        return Ok(false);
    }
    let command = r.u8("Cmd")?;
    r.skip("Idx, ADP and ADO", 5)?;
    let length = r.u16_le("Len")?;
    let fits = usize::from(length & LENGTH) <= usize::from(head & LENGTH).saturating_sub(12);
    Ok(command <= COMMAND_LAST && fits)
}

const TYPE_SHIFT: u32 = 12;
const COMMANDS: u16 = 1;
/// Lengths have eleven bits.
const LENGTH: u16 = 0x07ff;
const RESERVED: u16 = 0x0800;
const MORE: u16 = 0x8000;
/// Bytes of a datagram in front of its data.
const HEAD_BYTES: usize = 10;
/// Bit of a MAC address that says that nobody gave it out.
const LOCAL: u8 = 0x02;

pub(super) const POSITION_READ: u8 = 1;
pub(super) const POSITION_WRITE: u8 = 2;
pub(super) const STATION_READ: u8 = 4;
pub(super) const STATION_WRITE: u8 = 5;
pub(super) const BROADCAST_READ: u8 = 7;
const LOGICAL_READ: u8 = 10;
const LOGICAL_WRITE: u8 = 11;
const LOGICAL_READ_WRITE: u8 = 12;
const COMMAND_LAST: u8 = 14;
