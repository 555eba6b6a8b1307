//! Dynamic Host Configuration Protocol (RFC 2131, RFC 2132), and BOOTP underneath (RFC 951).
//!
//! Read: what a client says about itself and which address it gets, keyed by its hardware address; options
//! 12, 50, 53, 54, 55, 60, 61, 81 (RFC 4702) and 161 (RFC 8520); options that overflow into `file` and `sname`
//! (52); options in several pieces (RFC 3396). A message without options is read as BOOTP.
//! Skipped: everything the server configures beyond the address, relay agent information, lease times.
//!
//! ```text
//! 0    1     2    3    4     8     10     12      16      20      24      28       44     108   236     240
//! ┌────┬─────┬────┬────┬─────┬─────┬──────┬───────┬───────┬───────┬───────┬────────┬──────┬─────┬───────┬─────────┐
//! │ op │htype│hlen│hops│ xid │secs │flags │ciaddr │yiaddr │siaddr │giaddr │ chaddr │sname │file │ magic │ options │
//! └────┴─────┴────┴────┴─────┴─────┴──────┴───────┴───────┴───────┴───────┴────────┴──────┴─────┴───────┴─────────┘
//!   option: code (1 byte), length (1 byte), value; 0 is padding and 255 the end, each without length
//! ```
//!
//! One conversation holds many clients (all of them send from 0.0.0.0 to everybody), so nothing is
//! remembered between messages.

mod options;
#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;

use crate::flow::{Attach, Input};
use crate::model::{Addr, Key, Mac, Node, Subject};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span, open_enum};

use options::{Code, Options};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "dhcp",
    spec: "RFC 2131, RFC 2132 (1997); RFC 3396, RFC 4702, RFC 8520",
    attach: &[Attach::Udp(67), Attach::Udp(68)],
    keys: &[&[
        MESSAGE_TYPE,
        HOST_NAME,
        ASSIGNED_HOST_NAME,
        CLIENT_FQDN,
        ASSIGNED_FQDN,
        VENDOR_CLASS_IDENTIFIER,
        ANSWERED_VENDOR_CLASS,
        CLIENT_IDENTIFIER,
        PARAMETER_REQUEST_LIST,
        MUD_URL,
        ADDRESS,
        OFFERED_ADDRESS,
        REQUESTED_ADDRESS,
        SERVER_IDENTIFIER,
    ]],
    probe,
    start: || Box::new(Dhcp),
};

/// Kinds of message that the client sent or was sent.
const MESSAGE_TYPE: Key = Key::several("dhcp.message_type");
/// Name the client gives itself (option 12).
const HOST_NAME: Key = Key::one("dhcp.host_name");
/// Name the server gives the client (option 12 in an answer).
const ASSIGNED_HOST_NAME: Key = Key::one("dhcp.assigned_host_name");
/// Domain name the client gives itself (option 81).
const CLIENT_FQDN: Key = Key::one("dhcp.client_fqdn");
/// Domain name the server registers for the client (option 81 in an answer).
const ASSIGNED_FQDN: Key = Key::one("dhcp.assigned_fqdn");
/// Type and configuration of the client in its vendor's words (option 60).
const VENDOR_CLASS_IDENTIFIER: Key = Key::one("dhcp.vendor_class_identifier");
/// The vendor class that a server answers for, with that vendor's settings (option 60 in an answer).
const ANSWERED_VENDOR_CLASS: Key = Key::one("dhcp.answered_vendor_class");
/// Identifier of the client where it sends one: a MAC address, a text, or bytes with their type (option 61).
const CLIENT_IDENTIFIER: Key = Key::one("dhcp.client_identifier");
/// Codes of the options asked for, in the client's order, which differs between implementations: `1,3,6`.
const PARAMETER_REQUEST_LIST: Key = Key::one("dhcp.parameter_request_list");
/// Where the manufacturer describes what the device may do (option 161).
const MUD_URL: Key = Key::one("dhcp.mud_url");
/// An IPv4 address the client has: acknowledged by the server, or named by the client as its own.
const ADDRESS: Key = Key::several("dhcp.address");
/// An IPv4 address the client was offered.
const OFFERED_ADDRESS: Key = Key::several("dhcp.offered_address");
/// An IPv4 address the client asked for (option 50).
const REQUESTED_ADDRESS: Key = Key::several("dhcp.requested_address");
/// Said about a server: the address by which it names itself (option 54).
const SERVER_IDENTIFIER: Key = Key::one("dhcp.server_identifier");

struct Dhcp;

impl Dissector for Dhcp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = message(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

/// Sure only with the magic cookie in its place; BOOTP has none.
fn probe(bytes: &[u8]) -> Probe {
    let mut r = Reader::new(bytes);
    match Fixed::read(&mut r) {
        Ok(fixed) if !fixed.plausible() => Probe::No,
        Ok(_) if r.u32_be("magic cookie") == Ok(MAGIC_COOKIE) => Probe::Yes,
        Ok(_) => Probe::Maybe,
        Err(_) => Probe::No,
    }
}

/// The fields in front of the options that are used.
struct Fixed<'a> {
    op: u8,
    hardware: (u8, u8),
    hops: u8,
    client: (Ipv4Addr, Span),
    yours: (Ipv4Addr, Span),
    relay: Ipv4Addr,
    chaddr: Mac,
    sname: Reader<'a>,
    file: Reader<'a>,
}

impl<'a> Fixed<'a> {
    fn read(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        let op = r.u8("op")?;
        let hardware = (r.u8("htype")?, r.u8("hlen")?);
        let hops = r.u8("hops")?;
        r.skip("xid, secs and flags", 8)?;
        let client = ipv4(r, "ciaddr")?;
        let yours = ipv4(r, "yiaddr")?;
        r.skip("siaddr", 4)?;
        let (relay, _) = ipv4(r, "giaddr")?;
        let chaddr = Mac(r.array("chaddr")?);
        r.skip("chaddr", CHADDR_BYTES - MAC_BYTES)?;
        let sname = r.sub("sname", SNAME_BYTES)?;
        let file = r.sub("file", FILE_BYTES)?;
        Ok(Self { op, hardware, hops, client, yours, relay, chaddr, sname, file })
    }

    fn plausible(&self) -> bool {
        matches!(self.op, BOOTREQUEST | BOOTREPLY)
            && usize::from(self.hardware.1) <= CHADDR_BYTES
            && self.hops <= HOPS_MAX
    }

    /// Whom the message is about: the client's MAC address, where the hardware is Ethernet and the address can
    /// be one; else the address that a client sent from without a relay.
    fn subject(&self, sender: Node) -> Option<Subject> {
        let ethernet = self.hardware == (ETHERNET, 6);
        if ethernet && !self.chaddr.is_zero() && !self.chaddr.is_group() {
            return Some(Subject::node(Node::mac(sender.scope, self.chaddr)));
        }
        let itself = self.op == BOOTREQUEST && self.relay.is_unspecified();
        let addressed = matches!(sender.addr, Addr::Ip(ip) if !ip.is_unspecified());
        (itself && addressed).then(|| Subject::node(sender))
    }
}

/// Reads one message. What stands before damage in the options has been said when it fails.
fn message(input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = Reader::new(input.bytes);
    let fixed = Fixed::read(&mut r)?;
    if !fixed.plausible() {
        return Err(r.impossible("op, hlen or hops"));
    }
    let mut options = Options::default();
    let damage = if r.u32_be("magic cookie") == Ok(MAGIC_COOKIE) {
        options.collect(r, &fixed.file, &fixed.sname).err()
    } else {
        None
    };
    if let Some(client) = fixed.subject(input.sender()) {
        let kind = options.message_type();
        if let Some((kind, span)) = kind {
            say_message_type(&client, kind, span, out);
        }
        say_addresses(&client, &fixed, kind.map(|(kind, _)| kind), out);
        if fixed.op == BOOTREQUEST {
            say_request(&client, &options, out);
        } else {
            say_reply(&client, &options, out);
        }
    }
    if fixed.op == BOOTREPLY
        && let Some((address, span)) = options.address(Code::ServerIdentifier)
    {
        let server = Subject::node(Node::ip(input.sender().scope, address.into()));
        out.text(&server, SERVER_IDENTIFIER, &address.to_string(), span);
    }
    damage.map_or(Ok(()), Err)
}

fn say_message_type(client: &Subject, kind: MessageType, span: Span, out: &mut Sink<'_>) {
    match kind.name() {
        Some(name) => out.text(client, MESSAGE_TYPE, name, span),
        None => out.text(client, MESSAGE_TYPE, &u8::from(kind).to_string(), span),
    }
}

/// Which addresses are the client's own: what a server acknowledges, and what a client states. An offer may
/// be one of several and declined; a released or declined address is no longer or never was the client's.
fn say_addresses(
    client: &Subject,
    fixed: &Fixed<'_>,
    kind: Option<MessageType>,
    out: &mut Sink<'_>,
) {
    let (key, (address, span)) = match (fixed.op, kind) {
        (BOOTREPLY, Some(MessageType::Offer)) => (OFFERED_ADDRESS, fixed.yours),
        // An acknowledgement of DHCPINFORM assigns nothing and repeats the client's address (RFC 2131, 4.3.5).
        (BOOTREPLY, Some(MessageType::Acknowledge)) if fixed.yours.0.is_unspecified() => {
            (ADDRESS, fixed.client)
        }
        (BOOTREPLY, None | Some(MessageType::Acknowledge)) => (ADDRESS, fixed.yours),
        (BOOTREQUEST, None | Some(MessageType::Request | MessageType::Inform)) => {
            (ADDRESS, fixed.client)
        }
        _ => return,
    };
    say_address(client, key, address, span, out);
}

fn say_address(client: &Subject, key: Key, address: Ipv4Addr, span: Span, out: &mut Sink<'_>) {
    if !address.is_unspecified() && !address.is_broadcast() && !address.is_multicast() {
        if let (ADDRESS, Addr::Mac(mac)) = (key, client.node.addr) {
            let [a, b, c, d, e, f] = mac.0;
            let whose = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
            let address_itself = Subject::node(Node::ip(client.node.scope, address.into()));
            if out.speaks_as(&address_itself, whose) {
                // Also when the lease only came back to who had it before.
                out.text_again(client, key, &address.to_string(), span);
                return;
            }
        }
        out.text(client, key, &address.to_string(), span);
    }
}

/// What a client says about itself.
fn say_request(client: &Subject, options: &Options<'_>, out: &mut Sink<'_>) {
    for (code, key) in [
        (Code::HostName, HOST_NAME),
        (Code::VendorClassIdentifier, VENDOR_CLASS_IDENTIFIER),
        (Code::MudUrl, MUD_URL),
    ] {
        if let Some((value, span)) = options.value(code) {
            readable::say(out, client, key, value, span);
        }
    }
    if let Some((name, span)) = options.fqdn() {
        out.text(client, CLIENT_FQDN, &name, span);
    }
    if let Some((value, span)) = options.value(Code::ClientIdentifier) {
        say_client_identifier(client, value, span, out);
    }
    if let Some((codes, span)) = options.value(Code::ParameterRequestList) {
        let list: Vec<String> = codes.iter().map(u8::to_string).collect();
        out.text(client, PARAMETER_REQUEST_LIST, &list.join(","), span);
    }
    if let Some((address, span)) = options.address(Code::RequestedAddress) {
        say_address(client, REQUESTED_ADDRESS, address, span, out);
    }
}

/// What a server says about a client.
fn say_reply(client: &Subject, options: &Options<'_>, out: &mut Sink<'_>) {
    for (code, key) in
        [(Code::HostName, ASSIGNED_HOST_NAME), (Code::VendorClassIdentifier, ANSWERED_VENDOR_CLASS)]
    {
        if let Some((value, span)) = options.value(code) {
            readable::say(out, client, key, value, span);
        }
    }
    if let Some((name, span)) = options.fqdn() {
        out.text(client, ASSIGNED_FQDN, &name, span);
    }
}

/// RFC 2132, 9.14: a hardware type with an address of that type, or 0 with anything else.
fn say_client_identifier(client: &Subject, value: &[u8], span: Span, out: &mut Sink<'_>) {
    match value.split_first() {
        Some((&ETHERNET, address)) if address.len() == MAC_BYTES => {
            let mac = Reader::new(address).array("client identifier").map(Mac).unwrap_or_default();
            out.text(client, CLIENT_IDENTIFIER, &mac.to_string(), span);
        }
        Some((0, name)) if readable::readable(name).is_some() => {
            readable::say(out, client, CLIENT_IDENTIFIER, name, span);
        }
        _ => out.bytes(client, CLIENT_IDENTIFIER, value, span),
    }
}

fn ipv4(r: &mut Reader<'_>, field: &'static str) -> Result<(Ipv4Addr, Span), Malformed> {
    let start = r.at();
    let octets: [u8; 4] = r.array(field)?;
    Ok((octets.into(), r.since(start)))
}

open_enum! {
    /// Option 53 (RFC 2132, 9.6; RFC 3203; RFC 4388).
    enum MessageType: u8 {
        /// A client looks for servers.
        Discover = 1, "DHCPDISCOVER",
        /// A server offers an address.
        Offer = 2, "DHCPOFFER",
        /// A client asks for an address or to keep it.
        Request = 3, "DHCPREQUEST",
        /// A client found the address in use.
        Decline = 4, "DHCPDECLINE",
        /// A server grants the address.
        Acknowledge = 5, "DHCPACK",
        /// A server refuses.
        Refuse = 6, "DHCPNAK",
        /// A client gives its address back.
        Release = 7, "DHCPRELEASE",
        /// A client that has an address asks for the rest.
        Inform = 8, "DHCPINFORM",
        /// A server makes a client renew.
        ForceRenew = 9, "DHCPFORCERENEW",
        /// A relay asks who has an address.
        LeaseQuery = 10, "DHCPLEASEQUERY",
        /// Nobody has it.
        LeaseUnassigned = 11, "DHCPLEASEUNASSIGNED",
        /// The server knows nothing about it.
        LeaseUnknown = 12, "DHCPLEASEUNKNOWN",
        /// A client has it.
        LeaseActive = 13, "DHCPLEASEACTIVE",
    }
}

const BOOTREQUEST: u8 = 1;
const BOOTREPLY: u8 = 2;
/// Hardware type of Ethernet (RFC 1700).
const ETHERNET: u8 = 1;
const MAC_BYTES: usize = 6;
const CHADDR_BYTES: usize = 16;
const SNAME_BYTES: usize = 64;
const FILE_BYTES: usize = 128;
/// Relays that a message may pass (RFC 1542, 4.1.1).
const HOPS_MAX: u8 = 16;
/// What tells options from the vendor area of BOOTP (RFC 2131, 3).
const MAGIC_COOKIE: u32 = 0x6382_5363;
