//! Simple Service Discovery Protocol of UPnP: what devices announce and answer, and who looks for them.
//!
//! Reads NOTIFY, the answers to M-SEARCH, and M-SEARCH itself (UPnP Device Architecture 2.0, clause 1): the software
//! behind SERVER, where the description lies, which device and service types there are, and the device's identifier.
//! Skips goodbyes, boot counters and cache times. The description itself is a page, fetched by HTTP.
//!
//! ```text
//!   NOTIFY * HTTP/1.1 CRLF                           M-SEARCH * HTTP/1.1 CRLF          HTTP/1.1 200 OK CRLF
//!   NTS: ssdp:alive CRLF                             MAN: "ssdp:discover" CRLF         ST: upnp:rootdevice CRLF
//!   NT: urn:schemas-upnp-org:device:Basic:1 CRLF     ST: ssdp:all CRLF                 USN: uuid:... CRLF
//!   USN: uuid:...::urn:... CRLF                      USER-AGENT: ... CRLF              SERVER: ... CRLF
//!   LOCATION: http://10.0.0.2:49152/desc.xml CRLF    CRLF                              LOCATION: ... CRLF
//!   SERVER: Linux/5.10 UPnP/1.0 Product/1.2 CRLF                                       CRLF
//! ```
//!
//! Who announces for others, as gateways of other networks do, names their address as the location: that is counted, and
//! nobody's.

use std::net::IpAddr;

use crate::flow::{Attach, Input};
use crate::model::limits::SSDP_FIELDS_MAX;
use crate::model::{Act, Addr, Key, Subject};
use crate::protocols::shared::line::{self, Lines, Next};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ssdp",
    spec: "UPnP Device Architecture 2.0 (2020)",
    attach: &[Attach::Udp(1900)],
    keys: &[&[LOCATION, SEARCH_TARGET, SERVER, TYPE, UNIQUE_IDENTIFIER, USER_AGENT]],
    probe,
    start: || Box::new(Ssdp),
};

/// Where the description of the device lies.
const LOCATION: Key = Key::several("ssdp.location");
/// What a client looks for.
const SEARCH_TARGET: Key = Key::several("ssdp.search_target");
/// Operating system, UPnP version and product, in the device's words.
const SERVER: Key = Key::several("ssdp.server");
/// Device and service types of the device: `urn:schemas-upnp-org:device:InternetGatewayDevice:1`.
const TYPE: Key = Key::several("ssdp.type");
/// Identifier of the device, which stays the same when it starts anew.
const UNIQUE_IDENTIFIER: Key = Key::several("ssdp.unique_identifier");
/// Software of a client that looks for devices.
const USER_AGENT: Key = Key::several("ssdp.user_agent");

struct Ssdp;

impl Dissector for Ssdp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if let Err(malformed) = message(input, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

/// The two requests have a target that nothing else has; an answer is one where it is expected.
fn probe(bytes: &[u8]) -> Probe {
    match Kind::of(bytes) {
        Some(Kind::Answer) => Probe::Maybe,
        Some(_) => Probe::Yes,
        None => Probe::No,
    }
}

/// What a message is.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Announcement,
    Search,
    Answer,
}

impl Kind {
    fn of(bytes: &[u8]) -> Option<Self> {
        let (_, kind) = STARTS.iter().find(|(start, _)| bytes.starts_with(start))?;
        Some(*kind)
    }
}

/// Fields of a message, as far as they are wanted.
#[derive(Default)]
struct Fields<'a> {
    agent: Option<Reader<'a>>,
    location: Option<Reader<'a>>,
    name: Option<Reader<'a>>,
    says_goodbye: bool,
    server: Option<Reader<'a>>,
    target: Option<Reader<'a>>,
}

fn message(input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let none = Reader::new(input.bytes).impossible("start-line");
    let kind = Kind::of(input.bytes).ok_or(none)?;
    let fields = fields(input.bytes, out);
    let sender = Subject::node(input.sender());
    if kind == Kind::Search {
        out.act(Act::Identify, Span { at: 0, len: SEARCH.len() });
        say(&sender, SEARCH_TARGET, fields.target, out);
        say(&sender, USER_AGENT, fields.agent, out);
        return Ok(());
    }
    if fields.says_goodbye {
        return Ok(());
    }
    if fields.location.as_ref().is_some_and(|location| leads_elsewhere(location, sender.node.addr))
    {
        out.count("ssdp.messages_about_others");
        return Ok(());
    }
    if let Some(name) = &fields.name {
        identifier(name, &sender, out);
    }
    // What is an identifier again, or means any root device, is no type.
    let target = fields.target.filter(|target| target.peek().starts_with(b"urn:"));
    say(&sender, TYPE, target, out);
    say(&sender, SERVER, fields.server, out);
    say(&sender, LOCATION, fields.location, out);
    Ok(())
}

fn fields<'a>(bytes: &'a [u8], out: &mut Sink<'_>) -> Fields<'a> {
    let mut fields = Fields::default();
    let mut lines = Lines::default();
    let mut at = 0_usize;
    for count in 0..=SSDP_FIELDS_MAX {
        let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else { break };
        if count == SSDP_FIELDS_MAX {
            out.count("ssdp.fields_over_limit");
            break;
        }
        // A line without an end may have been cut.
        let Next::Line(line) = lines.next(rest, false, bytes.len()) else { break };
        let text = Reader::starting_at(line.text.peek(), at);
        at = at.saturating_add(line.end);
        let Some(colon) = text.peek().iter().position(|byte| *byte == b':') else { continue };
        let name = text.peek().get(..colon).unwrap_or_default().trim_ascii();
        let value = line::trimmed(&text, colon.saturating_add(1));
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        match () {
            () if is("SERVER") => fields.server = Some(value),
            () if is("LOCATION") => fields.location = Some(value),
            () if is("USN") => fields.name = Some(value),
            () if is("NT") || is("ST") => fields.target = Some(value),
            () if is("USER-AGENT") => fields.agent = Some(value),
            () if is("NTS") => fields.says_goodbye = value.peek() == GOODBYE,
            () => {}
        }
    }
    fields
}

/// Says the identifier at the front of a unique service name.
fn identifier(name: &Reader<'_>, sender: &Subject, out: &mut Sink<'_>) {
    let Some(rest) = name.peek().strip_prefix(b"uuid:") else { return };
    let length = rest.windows(2).position(|pair| pair == b"::").unwrap_or(rest.len());
    let text = std::str::from_utf8(rest.get(..length).unwrap_or_default()).unwrap_or_default();
    let span = Span { at: name.at().saturating_add(UUID_BYTES), len: length };
    out.text(sender, UNIQUE_IDENTIFIER, text.trim(), span);
}

/// Whether a location is at another address than the sender's. One with a name may be anywhere.
fn leads_elsewhere(location: &Reader<'_>, sender: Addr) -> bool {
    let text = std::str::from_utf8(location.peek()).unwrap_or_default();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(inner) => inner.split([']', '%']).next().unwrap_or_default(),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    let (Ok(host), Addr::Ip(sender)) = (host.parse::<IpAddr>(), sender) else { return false };
    // A device with both kinds of address announces each.
    host != sender && host.is_ipv4() == sender.is_ipv4()
}

fn say(subject: &Subject, key: Key, text: Option<Reader<'_>>, out: &mut Sink<'_>) {
    let Some(mut text) = text else { return };
    let start = text.at();
    let bytes = text.rest();
    readable::say(out, subject, key, bytes, text.since(start));
}

const SEARCH: &[u8] = b"M-SEARCH * HTTP/1.";
const STARTS: &[(&[u8], Kind)] = &[
    (b"NOTIFY * HTTP/1.", Kind::Announcement),
    (SEARCH, Kind::Search),
    (b"HTTP/1.1 200", Kind::Answer),
    (b"HTTP/1.0 200", Kind::Answer),
];
const GOODBYE: &[u8] = b"ssdp:byebye";
/// Of `uuid:`.
const UUID_BYTES: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Direction::{ToClient, ToServer};
    use crate::protocols::harness;

    const NOTIFY: &str = "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: ssdp:alive\r\n\
        NT: urn:schemas-upnp-org:device:Basic:1\r\nUSN: uuid:4d696e69::urn:schemas-upnp-org:device:Basic:1\r\n\
        LOCATION: http://10.0.0.1:8200/desc.xml\r\nServer: Linux/5.10 UPnP/1.0 Camera/1.2\r\n\r\n";

    fn said(text: &str) -> Vec<String> {
        harness::read(&PROTOCOL, true, &[(ToServer, text.as_bytes())]).lines()
    }

    #[test]
    fn an_announcement_says_what_the_device_is() {
        assert_eq!(
            said(NOTIFY),
            [
                "10.0.0.1  ssdp.unique_identifier = 4d696e69 @115+8",
                "10.0.0.1  ssdp.type = urn:schemas-upnp-org:device:Basic:1 @68+35",
                "10.0.0.1  ssdp.server = Linux/5.10 UPnP/1.0 Camera/1.2 @211+30",
                "10.0.0.1  ssdp.location = http://10.0.0.1:8200/desc.xml @172+29",
            ]
        );
    }

    #[test]
    fn goodbyes_and_other_devices_say_nothing() {
        assert!(said(&NOTIFY.replace("ssdp:alive", "ssdp:byebye")).is_empty());
        let other = NOTIFY.replace("10.0.0.1:8200", "10.0.0.9:8200");
        let listener = harness::read(&PROTOCOL, true, &[(ToServer, other.as_bytes())]);
        assert!(listener.said.is_empty());
        assert_eq!(listener.counted, ["ssdp.messages_about_others"]);
    }

    #[test]
    fn who_searches_is_told_with_what_for() {
        let text = "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nST: upnp:rootdevice\r\nUSER-AGENT: Windows/10.0 UPnP/1.0\r\n\r\n";
        let listener = harness::read(&PROTOCOL, true, &[(ToServer, text.as_bytes())]);
        assert_eq!(
            listener.lines(),
            [
                "10.0.0.1  ssdp.search_target = upnp:rootdevice @47+15",
                "10.0.0.1  ssdp.user_agent = Windows/10.0 UPnP/1.0 @76+21",
            ]
        );
        assert_eq!(listener.acts()[0], 1);
    }

    #[test]
    fn an_answer_is_the_servers() {
        let text = "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: uuid:1::upnp:rootdevice\r\nSERVER: x/1\r\n\r\n";
        let lines = harness::read(&PROTOCOL, true, &[(ToClient, text.as_bytes())]).lines();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.starts_with("10.0.0.2  ")), "{lines:?}");
    }

    #[test]
    fn requests_are_recognised_on_any_port() {
        assert_eq!(probe(NOTIFY.as_bytes()), Probe::Yes);
        assert_eq!(probe(b"HTTP/1.1 200 OK\r\n"), Probe::Maybe);
        assert_eq!(probe(b"GET / HTTP/1.1\r\n"), Probe::No);
    }
}
