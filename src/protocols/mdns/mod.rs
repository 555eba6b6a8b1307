//! Multicast DNS: the name of a host on its link, what it serves, and what its services say it is.
//!
//! Reads responses: A and AAAA records (host name, addresses), PTR, SRV and TXT records of services (types, the
//! instance names of machines' services, and the TXT pairs that name products), HINFO; and the probes by which a host
//! claims a name. Skips questions, answers that an asker lists as known, records with a time to live of 0 (goodbyes),
//! and negative answers (NSEC).
//!
//! RFC 6762 (2013) sections 5 to 10 and 18, RFC 6763 (2013) sections 4 to 7 and 9.
//!
//! ```text
//!   | ID 0 | QR, OPCODE 0, AA ... | counts | questions | answers | authority: probes | additional |   see shared/dns.rs
//!
//!   CLASS   top bit: flush what is kept of this name and type; the others: 1
//!   SRV     | Priority u16 | Weight u16 | Port u16 | Target: name of the host |
//!   TXT     | length u8, key=value | ... |
//!   HINFO   | length u8, CPU | length u8, OS |
//! ```
//!
//! Not all that a host says is about itself: a sleep proxy answers for hosts that sleep, a reflector repeats a whole
//! other link. What is said of a name is the sender's when an address record names the sender's own address, and what
//! is said of a service when its SRV record leads to such a name. Records that come without either are the sender's
//! when all other names of the conversation were, or when the sender was asked at its own address. All else is
//! counted, and nobody's.
//!
//! Instance names are chosen by people and often are people's ("Anna's iPhone"). They are kept for services of
//! machines only (`service.rs` lists them).

mod service;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::MDNS_NAMES_PER_RESPONDER_MAX;
use crate::model::{Addr, Key, Subject};
use crate::protocols::shared::dns::{
    self, CLASS_INTERNET, Entry, Message, Name, Section, TYPE_HINFO, TYPE_PTR, TYPE_SRV, TYPE_TXT,
};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, text};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "mdns",
    spec: "RFC 6762 (2013), RFC 6763 (2013)",
    attach: &[Attach::Udp(5353)],
    keys: &[&[HOST_NAME, REQUESTED_NAME, ADDRESS, SERVICE, INSTANCE, TXT, MAC_ADDRESS, CPU, OS]],
    probe: |bytes| if dns::plausible(bytes) { Probe::Maybe } else { Probe::No },
    start: || Box::<Responder>::default(),
};

/// Name of the host: `plc7.local`.
const HOST_NAME: Key = Key::several("mdns.host_name");
/// Name that the host is about to claim. Others may hold it.
const REQUESTED_NAME: Key = Key::several("mdns.requested_name");
/// An address that the host says is its own, other than the one it sent from.
const ADDRESS: Key = Key::several("mdns.address");
/// Type of a service that the host offers: `_opcua-tcp._tcp`.
const SERVICE: Key = Key::several("mdns.service");
/// Name of a service of a machine: `_ipp._tcp LaserJet Hall 3`.
const INSTANCE: Key = Key::several("mdns.instance");
/// A pair by which a service names a product: `_ipp._tcp ty=HP LaserJet 400`.
const TXT: Key = Key::several("mdns.txt");
/// MAC address in the instance name of the workstation service.
const MAC_ADDRESS: Key = Key::several("mdns.mac_address");
/// Processor, by HINFO.
const CPU: Key = Key::one("mdns.cpu");
/// Operating system, by HINFO.
const OS: Key = Key::one("mdns.os");

/// What is known of one sender's names.
#[derive(Default)]
struct Responder {
    hosts: Names,
    instances: Names,
    /// True once a name was another's: the sender speaks for others, too.
    relays: bool,
    /// True when the sender was asked at its own address.
    asked: bool,
}

/// Whom a record is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Whose {
    Sender,
    Other,
    Unknown,
}

impl Dissector for Responder {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = self.message(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

impl Responder {
    fn message(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
        let message = Message::read(&Reader::new(input.bytes))?;
        if message.opcode() != 0 || message.response_code() != 0 {
            return Ok(()); // To be ignored, says the RFC (18.3, 18.11).
        }
        let Addr::Ip(address) = input.sender().addr else { return Ok(()) };
        let sender = Subject::node(input.sender());
        if !message.is_response() {
            self.asked |= input.direction == Direction::ToServer
                && matches!(input.flow.server.addr, Addr::Ip(server) if !server.is_multicast());
            return self.probe(&message, &sender, address, out);
        }
        self.learn(&message, address, out);
        let asked = self.asked && input.direction == Direction::ToClient;
        let mut entries = message.entries();
        for entry in entries.by_ref() {
            let entry = entry?;
            if holds(&entry) {
                let told = Told { sender: &sender, address, asked, message: &message };
                // A record with wrong data costs only itself.
                if let Err(malformed) = self.record(&entry, &told, out) {
                    out.damaged(malformed);
                }
            }
        }
        if entries.is_cut() {
            out.count("mdns.records_beyond_cap");
        }
        Ok(())
    }

    /// A host that is about to take a name asks whether anybody has it, and lists the records that it would have. It
    /// may have to take another in the end, but what it says of this one is about itself.
    fn probe(
        &mut self,
        message: &Message<'_>,
        sender: &Subject,
        address: IpAddr,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        for entry in message.entries() {
            let entry = entry?;
            let own = entry.address().is_some_and(|(claimed, _)| claimed == address);
            if entry.section == Section::Authority && own {
                out.text(sender, REQUESTED_NAME, &entry.name.to_string(), entry.name_span);
                self.hosts.learn(entry.name.encoded(), Whose::Sender, out);
            }
        }
        Ok(())
    }

    /// Finds out whose the names of a message are, before anything is said: records stand in any order. What is
    /// damaged is left to the second walk.
    fn learn(&mut self, message: &Message<'_>, sender: IpAddr, out: &mut Sink<'_>) {
        let records = || message.entries().map_while(Result::ok).filter(holds);
        for entry in records() {
            let reverse =
                || (entry.kind == TYPE_PTR).then(|| entry.name.reverse_address()).flatten();
            if entry.address().is_some_and(|(address, _)| address == sender) {
                self.hosts.learn(entry.name.encoded(), Whose::Sender, out);
            } else if reverse() == Some(sender)
                && let Ok(name) = Name::read(&mut entry.data.clone(), message.whole())
            {
                self.hosts.learn(name.encoded(), Whose::Sender, out);
            }
        }
        for entry in records() {
            if entry.address().is_some() && self.hosts.whose(entry.name.encoded()) == Whose::Unknown
            {
                self.hosts.learn(entry.name.encoded(), Whose::Other, out);
                self.relays = true;
            }
        }
        for entry in records() {
            if entry.kind == TYPE_SRV
                && let Ok((_, target)) = service::target(&entry, message)
            {
                let whose = self.hosts.whose(target.encoded());
                if whose != Whose::Unknown {
                    self.instances.learn(entry.name.encoded(), whose, out);
                }
            }
        }
    }

    /// Says what a record says of the sender.
    fn record(
        &self,
        entry: &Entry<'_>,
        told: &Told<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let whose = match entry.kind {
            TYPE_SRV => self.hosts.whose(service::target(entry, told.message)?.1.encoded()),
            TYPE_TXT => self.of_instance(&entry.name),
            TYPE_PTR => self.of_pointer(entry, told)?,
            TYPE_HINFO => self.hosts.whose(entry.name.encoded()),
            _ if entry.address().is_some() => self.hosts.whose(entry.name.encoded()),
            _ => return Ok(()),
        };
        let alone = self.hosts.any(Whose::Sender) && !self.relays;
        match whose {
            Whose::Other => out.count("mdns.records_about_others"),
            Whose::Unknown if !alone && !told.asked => out.count("mdns.records_about_nobody"),
            Whose::Sender | Whose::Unknown => say(entry, told, out)?,
        }
        Ok(())
    }

    /// `_device-info` has no SRV record: it is the host's whose other services have the same instance name.
    fn of_instance(&self, name: &Name) -> Whose {
        if service::is_device_info(name) {
            return self.instances.of_all_below(name.label(0).unwrap_or_default());
        }
        self.instances.whose(name.encoded())
    }

    /// A pointer from a type leads to an instance, from `_services` to a type, from an address to a host.
    fn of_pointer(&self, entry: &Entry<'_>, told: &Told<'_>) -> Result<Whose, Malformed> {
        if let Some(address) = entry.name.reverse_address() {
            return Ok(if address == told.address { Whose::Sender } else { Whose::Other });
        }
        let target = Name::read(&mut entry.data.clone(), told.message.whole())?;
        Ok(if service::lists_types(&entry.name) {
            Whose::Unknown
        } else {
            self.of_instance(&target)
        })
    }
}

/// What a record is read with.
struct Told<'a> {
    sender: &'a Subject,
    address: IpAddr,
    /// The sender was asked at its own address, and this is its answer.
    asked: bool,
    message: &'a Message<'a>,
}

fn say(entry: &Entry<'_>, told: &Told<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let sender = told.sender;
    if let Some((address, span)) = entry.address() {
        out.text(sender, HOST_NAME, &entry.name.to_string(), entry.name_span);
        let usable = !address.is_unspecified() && !address.is_multicast() && !address.is_loopback();
        if address != told.address && usable {
            out.text(sender, ADDRESS, &address.to_string(), span);
        }
        return Ok(());
    }
    match entry.kind {
        TYPE_HINFO => {
            let mut data = entry.data.clone();
            for (key, field) in [(CPU, "HINFO CPU"), (OS, "HINFO OS")] {
                let length = usize::from(data.u8(field)?);
                let start = data.at();
                let value = text::utf8(data.bytes(field, length)?);
                out.text(sender, key, value.as_deref().unwrap_or_default(), data.since(start));
            }
            Ok(())
        }
        TYPE_PTR if entry.name.reverse_address().is_some() => {
            let mut data = entry.data.clone();
            let start = data.at();
            let name = Name::read(&mut data, told.message.whole())?;
            out.text(sender, HOST_NAME, &name.to_string(), data.since(start));
            Ok(())
        }
        _ => service::say(entry, told, out),
    }
}

/// Whether an entry of a response is a record that holds: not a goodbye.
fn holds(entry: &Entry<'_>) -> bool {
    matches!(entry.section, Section::Answer | Section::Additional)
        && entry.class & !CLASS_FLUSH == CLASS_INTERNET
        && entry.ttl > 0
}

/// Names, and whose they are.
#[derive(Default)]
struct Names {
    list: Vec<(Box<[u8]>, Whose)>,
}

impl Names {
    fn whose(&self, name: &[u8]) -> Whose {
        let found = self.list.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or(Whose::Unknown, |(_, whose)| *whose)
    }

    /// Whose the names with this first label are, when they are all the same one's.
    fn of_all_below(&self, label: &[u8]) -> Whose {
        let mut all = self.list.iter().filter(|(name, _)| {
            let first = name.split_first().and_then(|(_, rest)| rest.get(..label.len()));
            first.is_some_and(|first| first.eq_ignore_ascii_case(label))
                && name.first().is_some_and(|length| usize::from(*length) == label.len())
        });
        let first = all.next().map_or(Whose::Unknown, |(_, whose)| *whose);
        if all.all(|(_, whose)| *whose == first) { first } else { Whose::Unknown }
    }

    fn any(&self, whose: Whose) -> bool {
        self.list.iter().any(|(_, known)| *known == whose)
    }

    fn learn(&mut self, name: &[u8], whose: Whose, out: &mut Sink<'_>) {
        if let Some((_, known)) =
            self.list.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name))
        {
            *known = whose;
        } else if self.list.len() < MDNS_NAMES_PER_RESPONDER_MAX {
            self.list.push((name.into(), whose));
        } else {
            out.count("mdns.names_beyond_cap");
        }
    }
}

/// Top bit of the class: the records of this name and type are all there are.
const CLASS_FLUSH: u16 = 0x8000;
