//! Every protocol we can read. Adding one: add its file, then its line in [`REGISTRY`].
//!
//! ARCHITECTURE INVARIANT: a protocol reads `model`, `wire` and `flow::input` only; none imports another.

mod ads;
mod arp;
mod bacnet;
mod browser;
mod cdp;
mod codesys;
mod csp;
mod dcerpc;
mod dhcp;
mod dnp3;
mod enip;
mod ethercat;
mod fins;
mod fox;
mod ftp;
mod goose;
#[cfg(test)]
#[allow(dead_code)]
mod harness;
mod hart_ip;
mod http;
mod iec104;
mod kerberos;
mod ldap;
mod lldp;
mod llmnr;
mod mdns;
mod mms;
mod modbus;
mod mrp;
mod mysql;
mod nbns;
mod ntp;
mod opcua;
mod pcworx;
mod pn_dcp;
mod pn_io;
mod proconos;
mod ptp;
mod rdp;
pub mod recognise;
mod s7;
mod sbus;
mod shared;
mod sink;
mod slmp;
mod smb;
mod smtp;
mod snmp;
mod ssdp;
mod ssh;
mod stp;
mod sv;
mod tds;
mod telnet;
mod tls;
mod vnc;
mod ws_discovery;

pub use sink::{Heard, POLLS, Record, Said, Sink};

use crate::flow::{Attach, Direction, Input};
use crate::model::Key;
use crate::wire::Malformed;

/// All protocols, in alphabetical order. Docs, fuzzing and the golden tests walk this list.
pub const REGISTRY: &[&Protocol] = &[
    &ads::PROTOCOL,
    &arp::PROTOCOL,
    &bacnet::PROTOCOL,
    &browser::PROTOCOL,
    &cdp::PROTOCOL,
    &codesys::PROTOCOL,
    &csp::PROTOCOL,
    &dcerpc::PROTOCOL,
    &dhcp::PROTOCOL,
    &dnp3::PROTOCOL,
    &enip::PROTOCOL,
    &ethercat::PROTOCOL,
    &fins::PROTOCOL,
    &fox::PROTOCOL,
    &ftp::PROTOCOL,
    &goose::PROTOCOL,
    &hart_ip::PROTOCOL,
    &http::PROTOCOL,
    &iec104::PROTOCOL,
    &kerberos::PROTOCOL,
    &ldap::PROTOCOL,
    &lldp::PROTOCOL,
    &llmnr::PROTOCOL,
    &mdns::PROTOCOL,
    &mms::PROTOCOL,
    &modbus::PROTOCOL,
    &mrp::PROTOCOL,
    &mysql::PROTOCOL,
    &nbns::PROTOCOL,
    &ntp::PROTOCOL,
    &opcua::PROTOCOL,
    &pcworx::PROTOCOL,
    &pn_dcp::PROTOCOL,
    &pn_io::PROTOCOL,
    &proconos::PROTOCOL,
    &ptp::PROTOCOL,
    &rdp::PROTOCOL,
    &s7::PROTOCOL,
    &sbus::PROTOCOL,
    &slmp::PROTOCOL,
    &smb::PROTOCOL,
    &smtp::PROTOCOL,
    &snmp::PROTOCOL,
    &ssdp::PROTOCOL,
    &ssh::PROTOCOL,
    &stp::PROTOCOL,
    &sv::PROTOCOL,
    &tds::PROTOCOL,
    &telnet::PROTOCOL,
    &tls::PROTOCOL,
    &vnc::PROTOCOL,
    &ws_discovery::PROTOCOL,
];

/// What one protocol is. Everything else about it is found through this.
#[derive(Debug)]
pub struct Protocol {
    /// Short name: file name, first part of every key, folder under `captures/`.
    pub name: &'static str,
    /// The specification we read it from, with edition.
    pub spec: &'static str,
    /// Where it is expected.
    pub attach: &'static [Attach],
    /// Everything it can say: its own keys, and those of the shared parts that it carries.
    pub keys: &'static [&'static [Key]],
    /// Looks at the first bytes of a conversation, sent either way.
    pub probe: fn(&[u8]) -> Probe,
    /// Makes the reader for one conversation.
    pub start: fn() -> Box<dyn Dissector>,
}

impl Protocol {
    /// Everything it can say, in one row.
    pub fn every_key(&self) -> impl Iterator<Item = Key> + use<> {
        self.keys.iter().copied().flatten().copied()
    }
}

/// Whether a conversation's first bytes look like a protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Probe {
    /// They can be nothing else: enough on any port.
    Yes,
    /// They can be this protocol: enough where it is expected.
    Maybe,
    /// They cannot be this protocol.
    No,
    /// Too few bytes to tell.
    More,
}

/// Reads one conversation. Holds no buffers: unread bytes are shown again, longer, next time. What has to be put together
/// from several messages is the exception; it is counted by `kept_bytes`.
pub trait Dissector: Send {
    /// Reads at most one message from the front of `input.bytes` and says how far it got.
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step;

    /// Told when bytes of one direction are missing from the capture. Answers that were awaited from that
    /// side, and requests that it may have sent, are no longer known.
    fn gap(&mut self, _direction: Direction) {}

    /// Bytes of messages that it keeps, and of what it remembers of them where that can be much. When those of all
    /// conversations are too many, it is told to forget them.
    fn kept_bytes(&self) -> usize {
        0
    }

    /// Looks at what the next message of a conversation that goes on will need, so that it is near then. What it gives means
    /// nothing. Worth the while for protocols that poll.
    fn glance(&self) -> usize {
        0
    }

    /// Forgets what it counts as kept.
    fn forget(&mut self) {}
}

/// How far a dissector got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// Read one message of this many bytes, at least 1. More than `input.bytes` holds when the rest of the
    /// message is of no interest: those bytes are then passed over as they arrive, without copying.
    Used(usize),
    /// Needs at least this many bytes, counted from the front, before it can read on.
    Need(usize),
    /// Lost the framing; look for the protocol's start again.
    Lost(Malformed),
    /// Nothing more to learn here; stop copying this conversation's bytes.
    Done,
}
