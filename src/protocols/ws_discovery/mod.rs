//! Web Services Dynamic Discovery: cameras, printers and computers that say what they are, and where.
//!
//! Reads Hello, ProbeMatches and ResolveMatches: endpoint reference, types, scopes and transport addresses, and of the
//! scopes of ONVIF the name, hardware and place; of Probe what is looked for (WS-Discovery 1.1, clauses 4 to 6; the draft
//! of April 2005, which most devices speak; ONVIF Core Specification, 7.3.2.2). Skips Bye, metadata versions, and
//! everything of SOAP around it. What else a device says of itself it says by HTTP.
//!
//! ```text
//!   Envelope  Header  Action          .../discovery/ProbeMatches
//!             Body    ProbeMatches  ProbeMatch  EndpointReference  Address   urn:uuid:...
//!                                               Types     dn:NetworkVideoTransmitter
//!                                               Scopes    onvif://www.onvif.org/hardware/Q1615 ...
//!                                               XAddrs    http://10.0.0.2/onvif/device_service ...
//! ```
//!
//! A discovery proxy answers for others: then none of the addresses is its own, and nothing is told.

mod markup;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use crate::flow::{Attach, Input};
use crate::model::limits::WS_DISCOVERY_WORDS_MAX;
use crate::model::{Act, Addr, Key, Subject};
use crate::protocols::shared::line;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Reader, Span};

use markup::Text;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ws_discovery",
    spec: "WS-Discovery 1.1 (OASIS 2009), ONVIF Core Specification 21.12",
    attach: &[Attach::Udp(3702)],
    keys: &[&[
        ENDPOINT_REFERENCE,
        ONVIF_HARDWARE,
        ONVIF_LOCATION,
        ONVIF_NAME,
        SCOPE,
        SEARCHED_TYPE,
        TRANSPORT_ADDRESS,
        TYPE,
    ]],
    probe,
    start: || Box::new(Discovery),
};

/// Identifier of the device, which stays the same when it starts anew.
const ENDPOINT_REFERENCE: Key = Key::several("ws_discovery.endpoint_reference");
/// Model of an ONVIF device, by its scopes.
const ONVIF_HARDWARE: Key = Key::several("ws_discovery.onvif_hardware");
/// Where an ONVIF device is, by its scopes.
const ONVIF_LOCATION: Key = Key::several("ws_discovery.onvif_location");
/// Name of an ONVIF device, by its scopes.
const ONVIF_NAME: Key = Key::several("ws_discovery.onvif_name");
/// Scopes of the device: whatever its maker or owner puts it into.
const SCOPE: Key = Key::several("ws_discovery.scope");
/// Types that a client looks for, without their prefixes.
const SEARCHED_TYPE: Key = Key::several("ws_discovery.searched_type");
/// Where the device answers.
const TRANSPORT_ADDRESS: Key = Key::several("ws_discovery.transport_address");
/// Types of the device, without their prefixes: `NetworkVideoTransmitter`, `Computer`.
const TYPE: Key = Key::several("ws_discovery.type");

struct Discovery;

impl Dissector for Discovery {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        message(input, out);
        Step::Used(input.bytes.len().max(1))
    }
}

/// Markup that names the namespace of the protocol.
fn probe(bytes: &[u8]) -> Probe {
    let is_markup = bytes.trim_ascii_start().starts_with(b"<")
        || bytes.strip_prefix(BYTE_ORDER_MARK).is_some_and(|rest| rest.starts_with(b"<"));
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    if is_markup && NAMESPACES.iter().any(|namespace| line::holds(head, namespace)) {
        Probe::Yes
    } else {
        Probe::No
    }
}

/// What a message holds, as far as it is wanted.
#[derive(Default)]
struct Found<'a> {
    action: &'a [u8],
    endpoint: Option<(&'a [u8], Span)>,
    types: Option<(&'a [u8], Span)>,
    scopes: Option<(&'a [u8], Span)>,
    addresses: Option<(&'a [u8], Span)>,
    /// How many devices the message is about.
    devices: usize,
}

fn message(input: &Input<'_>, out: &mut Sink<'_>) {
    let mut found = Found::default();
    let all_seen = markup::texts(input.bytes, |Text { within, text, span }| match within {
        [b"Action", _] => found.action = text,
        [b"Address", b"EndpointReference"] => {
            found.endpoint = Some((text, span));
            found.devices = found.devices.saturating_add(1);
        }
        [b"Types", _] => found.types = Some((text, span)),
        [b"Scopes", _] => found.scopes = Some((text, span)),
        [b"XAddrs", _] => found.addresses = Some((text, span)),
        _ => {}
    });
    if !all_seen {
        out.count("ws_discovery.elements_over_limit");
    }
    let sender = Subject::node(input.sender());
    let action = found.action.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    match action {
        b"Probe" | b"Resolve" => {
            out.act(Act::Identify, Span { at: 0, len: 1 });
            each(found.types, |word, span| {
                out.text(&sender, SEARCHED_TYPE, word, span);
            });
        }
        b"Hello" | b"ProbeMatches" | b"ResolveMatches" => {
            if found.devices > 1 || is_elsewhere(&found, sender.node.addr) {
                out.count("ws_discovery.messages_about_others");
            } else {
                device(&found, &sender, out);
            }
        }
        _ => {}
    }
}

fn device(found: &Found<'_>, sender: &Subject, out: &mut Sink<'_>) {
    each(found.endpoint, |word, span| out.text(sender, ENDPOINT_REFERENCE, word, span));
    each(found.types, |word, span| out.text(sender, TYPE, word, span));
    each(found.addresses, |word, span| out.text(sender, TRANSPORT_ADDRESS, word, span));
    each(found.scopes, |word, span| {
        out.text(sender, SCOPE, &markup::plain(word), span);
        for (category, key) in
            [("name/", ONVIF_NAME), ("hardware/", ONVIF_HARDWARE), ("location/", ONVIF_LOCATION)]
        {
            let value = word.strip_prefix(ONVIF).and_then(|path| path.strip_prefix(category));
            if let Some(value) = value {
                let at = span.at.saturating_add(span.len.saturating_sub(value.len()));
                let span = Span { at, len: value.len() };
                out.text(sender, key, &decoded(value), span);
            }
        }
    });
}

/// Shows each word of a list; of a qualified name the part behind the prefix.
fn each(list: Option<(&[u8], Span)>, mut show: impl FnMut(&str, Span)) {
    let Some((text, span)) = list else { return };
    let mut r = Reader::starting_at(text, span.at);
    for _ in 0..WS_DISCOVERY_WORDS_MAX {
        let blank = r.peek().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let _ = r.skip("blank", blank);
        let length = r.peek().iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
        let mut at = r.at();
        let Ok(word) = r.bytes("word", length) else { return };
        let Ok(mut word) = std::str::from_utf8(word) else { continue };
        if word.is_empty() {
            return;
        }
        // Identifiers and addresses have colons, too, with more behind them.
        if let Some((prefix, name)) = word.split_once(':')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
            && prefix.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        {
            at = at.saturating_add(word.len().saturating_sub(name.len()));
            word = name;
        }
        show(word, Span { at, len: word.len() });
    }
}

/// Whether a message names addresses, and none of them is the sender's. A name may be anywhere.
fn is_elsewhere(found: &Found<'_>, sender: Addr) -> bool {
    let Addr::Ip(sender) = sender else { return false };
    let (mut others, mut own) = (false, false);
    each(found.addresses, |word, _| {
        let rest = word.split_once("://").map_or(word, |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        let host = match authority.strip_prefix('[') {
            Some(inner) => inner.split([']', '%']).next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        match host.parse::<IpAddr>() {
            Ok(address) if address == sender => own = true,
            Ok(address) if address.is_ipv4() == sender.is_ipv4() => others = true,
            // A device with both kinds of address names each.
            _ => {}
        }
    });
    others && !own
}

/// A part of a URI whose unusual signs are written as `%` and two hexadecimal digits.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.first_chunk::<2>().and_then(|pair| std::str::from_utf8(pair).ok());
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Bytes at the front in which the namespaces stand.
const HEAD_BYTES: usize = 2_048;
/// Of version 1.1, and of the draft that came before it.
const NAMESPACES: &[&[u8]] = &[
    b"http://schemas.xmlsoap.org/ws/2005/04/discovery",
    b"http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01",
];
const ONVIF: &str = "onvif://www.onvif.org/";
