//! NetBIOS datagrams with the mailslots of the Windows computer browser and of domain log-on: which release of
//! which system a host runs, what it serves, and which domain it belongs to.
//!
//! Reads the header of the datagram (names, and the address that the sender has for itself), host, local master and
//! domain announcements, election requests, backup lists and LAN Manager announcements (`announcement.rs`), and the
//! log-on mailslot (`netlogon.rs`). Skips requests for announcements and lists, datagrams that came in parts, error
//! and query datagrams, other mailslots, and the names of users that log on.
//!
//! RFC 1002 (1987) section 4.4 (datagrams); \[MS-CIFS\] (2023) section 2.2.4.33.1 (mailslots in SMB); \[MS-BRWS\]
//! (2023) section 2.2; \[MS-ADTS\] (2023) section 6.3.
//!
//! ```text
//!   | MSG_TYPE u8 | FLAGS u8 | DGM_ID u16 | SOURCE_IP | SOURCE_PORT u16 | DGM_LENGTH u16 | PACKET_OFFSET u16 |
//!   | SOURCE_NAME | DESTINATION_NAME | USER_DATA ... |
//!
//!   user data   | ff S M B, command 25, ... 32 bytes | WordCount 17 | words | ByteCount | \MAILSLOT\BROWSE 00 | data |
//!   words       ... DataCount at 22, DataOffset at 24 (from ff S M B), Setup: 1 = write mailslot ...
//! ```

mod announcement;
mod netlogon;
mod server_type;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

use std::net::Ipv4Addr;

use crate::flow::{Attach, Input};
use crate::model::{Addr, Key, Subject};
use crate::protocols::shared::netbios_name::NetbiosName;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span, open_enum, text};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "browser",
    spec: "RFC 1002 (1987), [MS-BRWS] (2023), [MS-ADTS] 6.3 (2023)",
    attach: &[Attach::Udp(138)],
    keys: &[&[
        SOURCE_NAME,
        SOURCE_ADDRESS,
        WORKGROUP,
        SERVER,
        OS_VERSION,
        SERVER_TYPE,
        BROWSER_VERSION,
        COMMENT,
        MASTER_OF,
        ELECTION_CRITERIA,
        BACKUP_SERVER,
        netlogon::COMPUTER_NAME,
        netlogon::DOMAIN,
        netlogon::DNS_HOST_NAME,
        netlogon::DNS_DOMAIN_NAME,
        netlogon::DNS_FOREST_NAME,
        netlogon::SITE_NAME,
        netlogon::DOMAIN_CONTROLLER,
        netlogon::NT_VERSION,
    ]],
    probe,
    start: || Box::new(Datagrams),
};

/// NetBIOS name in the datagram's header, with its suffix.
const SOURCE_NAME: Key = Key::several("browser.source_name");
/// Address that the host has for itself, where another one translates it.
const SOURCE_ADDRESS: Key = Key::several("browser.source_address");
/// Workgroup or domain whose master browser the host announces itself to.
const WORKGROUP: Key = Key::one("browser.workgroup");
/// Name under which the host announces itself.
const SERVER: Key = Key::one("browser.server");
/// Version of the operating system as text: `6.1`. Samba chooses one.
const OS_VERSION: Key = Key::one("browser.os_version");
/// What the host is and serves: `workstation, server, NT workstation`.
const SERVER_TYPE: Key = Key::one("browser.server_type");
/// Version of the browser protocol: `15.1`.
const BROWSER_VERSION: Key = Key::one("browser.browser_version");
/// What its administrator says about the host.
const COMMENT: Key = Key::one("browser.comment");
/// Workgroup or domain that the host says it is the master browser of.
const MASTER_OF: Key = Key::several("browser.master_of");
/// What the host puts forward in an election of the master browser: its system first.
const ELECTION_CRITERIA: Key = Key::one("browser.election_criteria");
/// Browser that a master browser lists.
const BACKUP_SERVER: Key = Key::several("browser.backup_server");

struct Datagrams;

impl Dissector for Datagrams {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = datagram(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

fn datagram(input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = Reader::new(input.bytes);
    let kind = MessageType::from(r.u8("MSG_TYPE")?);
    if !kind.carries_data() {
        return Ok(());
    }
    let flags = r.u8("FLAGS")?;
    r.skip("DGM_ID", 2)?;
    let address_at = r.at();
    let address = Ipv4Addr::from(r.array::<4>("SOURCE_IP")?);
    let address_span = r.since(address_at);
    r.skip("SOURCE_PORT", 2)?;
    let length = usize::from(r.u16_be("DGM_LENGTH")?);
    let offset = r.u16_be("PACKET_OFFSET")?;
    // Padding of short frames is no part of the datagram. Some senders count wrongly: then all there is counts.
    let mut body = r.sub("DGM_LENGTH", length).unwrap_or(r);
    let sender = Subject::node(input.sender());
    let start = body.at();
    let source = NetbiosName::read(&mut body, "SOURCE_NAME")?;
    if source.text().is_some() && source.suffix != SUFFIX_MESSENGER {
        out.text(&sender, SOURCE_NAME, &source.to_string(), body.since(start));
    }
    if !address.is_unspecified() && sender.node.addr != Addr::Ip(address.into()) {
        out.text(&sender, SOURCE_ADDRESS, &address.to_string(), address_span);
    }
    let start = body.at();
    let destination = NetbiosName::read(&mut body, "DESTINATION_NAME")?;
    let destination_span = body.since(start);
    if flags & FLAG_FIRST == 0 || flags & FLAG_MORE != 0 || offset != 0 {
        out.count("browser.datagrams_in_parts");
        return Ok(());
    }
    let Some((mailslot, data)) = mailslot(body)? else { return Ok(()) };
    let letter = Letter { sender, destination, destination_span, data };
    if mailslot.eq_ignore_ascii_case(b"\\MAILSLOT\\BROWSE") {
        announcement::browse(&letter, out)
    } else if mailslot.eq_ignore_ascii_case(b"\\MAILSLOT\\LANMAN") {
        announcement::lan_manager(&letter, out)
    } else if is_netlogon(mailslot) {
        netlogon::read(&letter, out)
    } else {
        Ok(())
    }
}

/// Whom a mailslot message is about, and where it went.
struct Letter<'a> {
    sender: Subject,
    destination: NetbiosName,
    destination_span: Span,
    data: Reader<'a>,
}

/// A datagram's type and flags, and an encoded source name: thirty-four bytes that are no accident.
fn probe(bytes: &[u8]) -> Probe {
    let mut r = Reader::new(bytes);
    match r.u8("MSG_TYPE").map(MessageType::from) {
        Ok(MessageType::Unknown(_)) | Err(_) => Probe::No,
        Ok(kind) if kind.carries_data() => {
            let name = r.skip("datagram header", HEADER_BYTES_AFTER_TYPE);
            match name.and_then(|()| NetbiosName::read(&mut r, "SOURCE_NAME")) {
                Ok(_) => Probe::Yes,
                Err(_) => Probe::No,
            }
        }
        Ok(_) => Probe::Maybe,
    }
}

/// The log-on service, and the mailslots that its clients name for the answer: `\MAILSLOT\NET\GETDC512`.
fn is_netlogon(mailslot: &[u8]) -> bool {
    const NET: &[u8] = b"\\MAILSLOT\\NET\\";
    let Some((net, rest)) = mailslot.split_at_checked(NET.len()) else { return false };
    let starts = |with: &[u8]| rest.get(..with.len()).is_some_and(|r| r.eq_ignore_ascii_case(with));
    net.eq_ignore_ascii_case(NET) && (starts(b"NETLOGON") || starts(b"NTLOGON") || starts(b"GETDC"))
}

/// The name of a mailslot and what is written to it; `None` when the user data is no such thing.
fn mailslot(user_data: Reader<'_>) -> Result<Option<(&[u8], Reader<'_>)>, Malformed> {
    let message = user_data.clone();
    let mut r = user_data;
    if r.bytes("Protocol", 4)? != b"\xffSMB" || r.u8("Command")? != COM_TRANSACTION {
        return Ok(None);
    }
    r.skip("SMB header", SMB_HEADER_BYTES_AFTER_COMMAND)?;
    let words = usize::from(r.u8("WordCount")?);
    let mut words = r.sub("Words", words.saturating_mul(2))?;
    words.skip("SMB_COM_TRANSACTION request", 22)?;
    let count = usize::from(words.u16_le("DataCount")?);
    let offset = usize::from(words.u16_le("DataOffset")?);
    let setup_count = words.u8("SetupCount")?;
    words.skip("Reserved3", 1)?;
    if setup_count == 0 || words.u16_le("Mailslot Opcode")? != WRITE_MAILSLOT {
        return Ok(None);
    }
    r.skip("ByteCount", 2)?;
    let name = text::until_nul(r.peek());
    let data = message.ahead("DataOffset", offset)?.sub("DataCount", count)?;
    Ok(Some((name, data)))
}

/// A name of a fixed length, padded with NUL; the span is that of the field.
fn fixed_name(
    r: &mut Reader<'_>,
    field: &'static str,
) -> Result<(Option<Box<str>>, Span), Malformed> {
    let start = r.at();
    let name = r.bytes(field, NAME_FIELD_BYTES)?;
    Ok((text::utf8(text::until_nul(name)), r.since(start)))
}

/// Text up to its NUL, or up to the end where a sender leaves the NUL out.
fn text_to_nul(r: &mut Reader<'_>) -> (Option<Box<str>>, Span) {
    let start = r.at();
    let bytes = text::until_nul(r.peek());
    // The text and its NUL are there, or the end is.
    let _ = r.skip("text", bytes.len());
    let span = r.since(start);
    let _ = r.skip("text", 1);
    (text::utf8(bytes), span)
}

open_enum! {
    /// MSG_TYPE (RFC 1002, 4.4.1).
    enum MessageType: u8 {
        /// To one name.
        DirectUnique = 0x10, "direct unique",
        /// To a group.
        DirectGroup = 0x11, "direct group",
        /// To all.
        Broadcast = 0x12, "broadcast",
        /// Could not be delivered.
        Error = 0x13, "error",
        /// Asks a distribution server.
        QueryRequest = 0x14, "query request",
        /// It distributes.
        PositiveQueryResponse = 0x15, "positive query response",
        /// It does not.
        NegativeQueryResponse = 0x16, "negative query response",
    }
}

impl MessageType {
    fn carries_data(self) -> bool {
        matches!(self, Self::DirectUnique | Self::DirectGroup | Self::Broadcast)
    }
}

const HEADER_BYTES_AFTER_TYPE: usize = 13;
/// FLAGS: more parts follow.
const FLAG_MORE: u8 = 0x01;
/// FLAGS: this is the first part.
const FLAG_FIRST: u8 = 0x02;
/// The messenger service: the name may be a person's.
const SUFFIX_MESSENGER: u8 = 0x03;
const SUFFIX_MASTER_BROWSER: u8 = 0x1d;
const SUFFIX_BROWSER_ELECTIONS: u8 = 0x1e;
const COM_TRANSACTION: u8 = 0x25;
const SMB_HEADER_BYTES_AFTER_COMMAND: usize = 27;
const WRITE_MAILSLOT: u16 = 1;
/// A NetBIOS name and a NUL.
const NAME_FIELD_BYTES: usize = 16;
