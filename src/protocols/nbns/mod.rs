//! NetBIOS name service: which host goes by which names, and what for.
//!
//! Reads registrations and refreshes (who wants or holds which name at which address), positive and negative answers
//! to them, name conflicts, positive name query responses of owners and of name servers, WACK, and node status
//! responses with their name table and unit ID. Skips queries and releases, which tell nothing of a host's own
//! names, redirections, the statistics after the unit ID, and names of logged-on people.
//!
//! RFC 1001 (1987) section 15, RFC 1002 section 4.2; suffixes as in \[MS-NBTE\] (2023) section 2.2.
//!
//! ```text
//!   | DNS header: R, OPCODE, NM_FLAGS, RCODE | questions | records |       see shared/dns.rs
//!
//!   data of an NB record      | NB_FLAGS u16: G, ONT | NB_ADDRESS | ... repeated
//!   data of a NBSTAT record   | NUM_NAMES u8 | name 15, suffix u8, NAME_FLAGS u16 | ... | UNIT_ID 6 | ...
//! ```
//!
//! A suffix tells what a name is for. Workstation (00), file server (20), domain master browser (1b), domain
//! controllers (1c, a group), master browser (1d) and browser elections (1e, a group) are names of machines and
//! domains. The messenger service (03) registers the names of users besides the machine's; such a name is said only
//! when it stands beside the same name of the machine itself.

use std::net::Ipv4Addr;

use crate::flow::{Attach, Input};
use crate::model::limits::{NBNS_ADDRESSES_PER_RECORD_MAX, NETBIOS_NAMES_PER_NODE_MAX};
use crate::model::{Addr, Key, Mac, Node, Subject};
use crate::protocols::shared::dns::{self, Entry, Message, Section};
use crate::protocols::shared::netbios_name::NetbiosName;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span, open_enum};

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "nbns",
    spec: "RFC 1001 and RFC 1002 (1987), [MS-NBTE] (2023)",
    attach: &[Attach::Udp(137)],
    keys: &[&[
        NAME,
        REQUESTED_NAME,
        RESOLVED_NAME,
        ADDRESS,
        MAC_ADDRESS,
        OWNER_NODE_TYPE,
        NAME_SERVER,
        REFUSED_NAME,
        CONFLICT,
    ]],
    probe: |bytes| if dns::plausible(bytes) { Probe::Maybe } else { Probe::No },
    start: || Box::new(NameService),
};

/// A name that the host holds, with its suffix: `PLANT-HMI <20>`, `PLANT <1e> group`.
const NAME: Key = Key::several("nbns.name");
/// A name that the host asked to register. Others may refuse it.
const REQUESTED_NAME: Key = Key::several("nbns.requested_name");
/// A name that a name server says stands for the host's address. It may be out of date.
const RESOLVED_NAME: Key = Key::several("nbns.resolved_name");
/// An address that the host says is its own, other than the one it sent from.
const ADDRESS: Key = Key::several("nbns.address");
/// Unit ID of a node status: the MAC address of the host's adapter, across routers.
const MAC_ADDRESS: Key = Key::one("nbns.mac_address");
/// How the host registers and finds names: by broadcast, by asking a name server, or both.
const OWNER_NODE_TYPE: Key = Key::one("nbns.owner_node_type");
/// The host answers for others' names; the value tells in which way.
const NAME_SERVER: Key = Key::several("nbns.name_server");
/// The host was refused a name that it asked to register.
const REFUSED_NAME: Key = Key::event("nbns.refused_name");
/// The host was told to give up a name that another holds, too.
const CONFLICT: Key = Key::event("nbns.conflict");

struct NameService;

impl Dissector for NameService {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = message(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

/// Reads one message. What stands before damage has been said when it fails.
fn message(input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let message = Message::read(&Reader::new(input.bytes))?;
    let ends =
        Ends { sender: Subject::node(input.sender()), receiver: Subject::node(input.receiver()) };
    let operation = Operation::from(message.opcode());
    if message.is_response() && operation == Operation::WaitForAcknowledgement {
        out.text(&ends.sender, NAME_SERVER, "asks to wait", FLAGS);
    }
    if !message.is_response() && !operation.claims() {
        return Ok(());
    }
    let mut entries = message.entries();
    for entry in entries.by_ref() {
        let entry = entry?;
        let wanted = if message.is_response() { Section::Answer } else { Section::Additional };
        if entry.section == wanted {
            record(&message, operation, &entry, &ends, out)?;
        }
    }
    if entries.is_cut() {
        out.count("nbns.records_beyond_cap");
    }
    Ok(())
}

struct Ends {
    sender: Subject,
    receiver: Subject,
}

fn record(
    message: &Message<'_>,
    operation: Operation,
    entry: &Entry<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if entry.kind == TYPE_NBSTAT && operation == Operation::Query {
        return node_status(&ends.sender, entry.data.clone(), out);
    }
    let name = entry.name.label(0).and_then(NetbiosName::of_label);
    let Some(name) = name.filter(|_| entry.kind == TYPE_NB) else { return Ok(()) };
    let claim = Claim { name, span: entry.name_span };
    if !message.is_response() {
        return claim.of_sender(message, operation, entry.data.clone(), ends, out);
    }
    let positive = message.response_code() == 0;
    match operation {
        Operation::Query if positive => claim.of_query_response(message, entry, ends, out),
        // A name server grants the name; nobody answers well to a broadcast registration.
        _ if operation.claims() && positive => {
            out.text(&ends.sender, NAME_SERVER, "grants names", FLAGS);
            claim.say(&ends.receiver, NAME, is_group(entry), out);
            Ok(())
        }
        _ if operation.claims() => {
            let conflict = message.response_code() == RCODE_CONFLICT;
            claim.say(&ends.receiver, if conflict { CONFLICT } else { REFUSED_NAME }, None, out);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A name in a record, and where it stands.
struct Claim {
    name: NetbiosName,
    span: Span,
}

impl Claim {
    /// A registration is a wish; a refresh, and the demand at the end of a registration by broadcast that nobody
    /// refused (no recursion desired), is a statement.
    fn of_sender(
        &self,
        message: &Message<'_>,
        operation: Operation,
        data: Reader<'_>,
        ends: &Ends,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let asks = matches!(operation, Operation::Registration | Operation::MultiHomed);
        let wish = asks && message.flags & FLAG_RECURSION_DESIRED != 0;
        let key = if wish { REQUESTED_NAME } else { NAME };
        let addresses = Addresses::read(data)?;
        self.say(&ends.sender, key, Some(addresses.group), out);
        addresses.say(&ends.sender, out);
        Ok(())
    }

    /// An owner answers with its own addresses, a name server with those of whoever it is. The flag that recursion
    /// is available does not tell them apart: Samba sets it when it answers for itself, too.
    fn of_query_response(
        &self,
        message: &Message<'_>,
        entry: &Entry<'_>,
        ends: &Ends,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let addresses = Addresses::read(entry.data.clone())?;
        if addresses.cut {
            out.count("nbns.addresses_beyond_cap");
        }
        let sender = ends.sender.node;
        let own =
            addresses.list.iter().any(|(address, _)| sender.addr == Addr::Ip((*address).into()));
        if own || message.flags & FLAG_RECURSION_AVAILABLE == 0 {
            self.say(&ends.sender, NAME, Some(addresses.group), out);
            addresses.say(&ends.sender, out);
            return Ok(());
        }
        out.text(&ends.sender, NAME_SERVER, "answers for others", FLAGS);
        for (address, _) in &addresses.list {
            if is_host(*address) {
                let host = Subject::node(Node::ip(sender.scope, (*address).into()));
                self.say(&host, RESOLVED_NAME, Some(addresses.group), out);
            }
        }
        Ok(())
    }

    /// Says the name, unless it may be a person's.
    fn say(&self, subject: &Subject, key: Key, group: Option<bool>, out: &mut Sink<'_>) {
        if self.name.suffix == SUFFIX_MESSENGER {
            out.count("nbns.messenger_names_left_out");
            return;
        }
        say_name(subject, key, &self.name, group == Some(true), self.span, out);
    }
}

/// The table of a node's names, and the address of its adapter.
fn node_status(
    sender: &Subject,
    mut data: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let count = usize::from(data.u8("NUM_NAMES")?);
    let mut names = data.clone();
    let table = data.sub("NODE_NAME ARRAY", count.saturating_mul(NODE_NAME_BYTES));
    let machine = machine_names(names.clone(), count);
    for _ in 0..count {
        let start = names.at();
        let (name, flags) = node_name(&mut names)?;
        if flags & (NAME_CONFLICT | NAME_BEING_DELETED) != 0 {
            out.count("nbns.names_given_up");
        } else if name.suffix == SUFFIX_MESSENGER && !machine.contains(&name.name) {
            out.count("nbns.messenger_names_left_out");
        } else {
            say_name(sender, NAME, &name, flags & FLAG_GROUP != 0, names.since(start), out);
        }
    }
    table?;
    let start = data.at();
    let unit = Mac(data.array("UNIT_ID")?);
    if !unit.is_zero() && !unit.is_group() {
        out.text(sender, MAC_ADDRESS, &unit.to_string(), data.since(start));
    }
    Ok(())
}

/// The names by which the machine itself goes, in a table of names.
fn machine_names(mut names: Reader<'_>, count: usize) -> Vec<[u8; 15]> {
    let mut machine = Vec::new();
    for _ in 0..count {
        let Ok((name, flags)) = node_name(&mut names) else { break };
        let own = matches!(name.suffix, SUFFIX_WORKSTATION | SUFFIX_SERVER);
        if own && flags & FLAG_GROUP == 0 && machine.len() < NETBIOS_NAMES_PER_NODE_MAX {
            machine.push(name.name);
        }
    }
    machine
}

fn node_name(names: &mut Reader<'_>) -> Result<(NetbiosName, u16), Malformed> {
    let name = names.array("NETBIOS FORMAT NAME")?;
    let suffix = names.u8("NETBIOS FORMAT NAME")?;
    Ok((NetbiosName { name, suffix }, names.u16_be("NAME_FLAGS")?))
}

fn say_name(
    subject: &Subject,
    key: Key,
    name: &NetbiosName,
    group: bool,
    span: Span,
    out: &mut Sink<'_>,
) {
    if name.text().is_some() {
        let group = if group { " group" } else { "" };
        out.text(subject, key, &format!("{name}{group}"), span);
    }
}

/// Whether the data of an NB record is about a group; `None` when it is empty.
fn is_group(entry: &Entry<'_>) -> Option<bool> {
    entry.data.clone().u16_be("NB_FLAGS").ok().map(|flags| flags & FLAG_GROUP != 0)
}

/// Data of an NB record.
struct Addresses {
    group: bool,
    node_type: Option<(OwnerNodeType, Span)>,
    list: Vec<(Ipv4Addr, Span)>,
    cut: bool,
}

impl Addresses {
    fn read(mut data: Reader<'_>) -> Result<Self, Malformed> {
        let mut addresses = Self { group: false, node_type: None, list: Vec::new(), cut: false };
        while !data.is_empty() {
            if addresses.list.len() >= NBNS_ADDRESSES_PER_RECORD_MAX {
                addresses.cut = true;
                break;
            }
            let start = data.at();
            let flags = data.u16_be("NB_FLAGS")?;
            let kind = OwnerNodeType::from((flags & OWNER_NODE_TYPE_BITS) >> 13);
            addresses.group |= flags & FLAG_GROUP != 0;
            addresses.node_type = Some((kind, data.since(start)));
            let start = data.at();
            let address = data.array::<4>("NB_ADDRESS")?;
            addresses.list.push((address.into(), data.since(start)));
        }
        Ok(addresses)
    }

    fn say(&self, sender: &Subject, out: &mut Sink<'_>) {
        if let Some((kind, span)) = self.node_type
            && let Some(name) = kind.name()
        {
            out.text(sender, OWNER_NODE_TYPE, name, span);
        }
        for (address, span) in &self.list {
            // A group is answered for with the address that all hosts have.
            if is_host(*address) && sender.node.addr != Addr::Ip((*address).into()) {
                out.text(sender, ADDRESS, &address.to_string(), *span);
            }
        }
    }
}

fn is_host(address: Ipv4Addr) -> bool {
    !address.is_unspecified() && !address.is_broadcast() && !address.is_multicast()
}

open_enum! {
    /// OPCODE (RFC 1002, 4.2.1.1; 15 is Microsoft's).
    enum Operation: u16 {
        /// Asks for a name, or for a node's names.
        Query = 0, "query",
        /// Asks for the right to a name.
        Registration = 5, "registration",
        /// Gives a name up.
        Release = 6, "release",
        /// Asks for patience.
        WaitForAcknowledgement = 7, "WACK",
        /// Says that a name is still held.
        Refresh = 8, "refresh",
        /// The same, by the number that an error in the RFC gave it.
        RefreshOther = 9, "refresh",
        /// Asks for the right to a name that the host has at several addresses.
        MultiHomed = 15, "multi-homed registration",
    }
}

impl Operation {
    /// True for those by which a host claims a name.
    fn claims(self) -> bool {
        use Operation::{MultiHomed, Refresh, RefreshOther, Registration};
        matches!(self, Registration | Refresh | RefreshOther | MultiHomed)
    }
}

open_enum! {
    /// ONT (RFC 1002, 4.2.1.3; the last one is \[MS-NBTE\]'s).
    enum OwnerNodeType: u16 {
        /// Broadcasts.
        Broadcast = 0, "B node",
        /// Asks a name server.
        PointToPoint = 1, "P node",
        /// Broadcasts, then asks.
        Mixed = 2, "M node",
        /// Asks, then broadcasts.
        Hybrid = 3, "H node",
    }
}

/// Where a message says which operation it is, and that it answers.
const FLAGS: Span = Span { at: 2, len: 2 };
const TYPE_NB: u16 = 0x0020;
const TYPE_NBSTAT: u16 = 0x0021;
/// NM_FLAGS, RD: in a registration, that the sender waits for an answer.
const FLAG_RECURSION_DESIRED: u16 = 0x0100;
/// NM_FLAGS, RA: the sender is a name server.
const FLAG_RECURSION_AVAILABLE: u16 = 0x0080;
/// RCODE CFT_ERR: the name is held by more than one node.
const RCODE_CONFLICT: u16 = 7;
const FLAG_GROUP: u16 = 0x8000;
const OWNER_NODE_TYPE_BITS: u16 = 0x6000;
/// NAME_FLAGS, DRG: the name is being deleted.
const NAME_BEING_DELETED: u16 = 0x1000;
/// NAME_FLAGS, CNF: another holds the name, too.
const NAME_CONFLICT: u16 = 0x0800;
/// Name, suffix and flags.
const NODE_NAME_BYTES: usize = 18;
const SUFFIX_WORKSTATION: u8 = 0x00;
const SUFFIX_MESSENGER: u8 = 0x03;
const SUFFIX_SERVER: u8 = 0x20;
