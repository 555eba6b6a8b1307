//! Remote Desktop Protocol: who can be worked on from afar, from where, and how well that is protected.
//!
//! Reads the connection sequence of \[MS-RDPBCGR\] section 1.3.1.1 as far as it is in the clear: connection request and
//! confirm with their negotiation (sections 2.2.1.1 and 2.2.1.2), the conference settings that follow where standard
//! RDP security was chosen ([`conference`]), and the tokens of CredSSP (\[MS-CSSP\] section 2.2.1) where TLS was taken
//! off. Skips cookies, which hold user names, keys and certificates. What follows is encrypted, or nobody's business.
//!
//! ```text
//!   0    1   2        4                    TPKT, RFC 1006
//!   | 03 | 0 | length | LI | E0 connection request: references, class | Cookie: ... CR LF | 01 flags 0008 protocols |
//!                     | LI | D0 connection confirm: references, class | 02 flags 0008 protocol  or  03 0 0008 code |
//!                     | 02 | F0 80 data: 7F65 Connect-Initial, 7F66 Connect-Response
//! ```

mod conference;

use crate::flow::{Attach, Input};
use crate::model::limits::LIST_ITEMS_MAX;
use crate::model::{Key, Subject};
use crate::protocols::shared::{ber, kerberos, ntlmssp, spnego};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span, open_enum};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "rdp",
    spec: "[MS-RDPBCGR] and [MS-CSSP]; RFC 1006, ITU-T X.224, T.125 and T.124",
    attach: &[Attach::Tcp(3389)],
    keys: &[
        &[
            CLIENT_BUILD,
            CLIENT_NAME,
            CLIENT_VERSION,
            CREDSSP_VERSION,
            ENCRYPTION_LEVEL,
            ENCRYPTION_METHOD,
            MECHANISM,
            NEGOTIATION_FAILURE,
            NEGOTIATION_FLAGS,
            REQUESTED_PROTOCOL,
            SECURITY,
            SERVER_VERSION,
        ],
        ntlmssp::KEYS,
        kerberos::KEYS,
    ],
    probe,
    start: || Box::new(Conversation::default()),
};

/// Build of the client program. Of Microsoft's clients it is that of Windows, others invent one.
const CLIENT_BUILD: Key = Key::several("rdp.client_build");
/// Name of the client machine.
const CLIENT_NAME: Key = Key::one("rdp.client_name");
/// Version of the protocol that the client speaks: `8.4` is RDP 5.0 to 8.1.
const CLIENT_VERSION: Key = Key::several("rdp.client_version");
/// Version of CredSSP that this node speaks.
const CREDSSP_VERSION: Key = Key::one("rdp.credssp_version");
/// How much of the session standard RDP security encrypts.
const ENCRYPTION_LEVEL: Key = Key::several("rdp.encryption_level");
/// What standard RDP security encrypts with.
const ENCRYPTION_METHOD: Key = Key::several("rdp.encryption_method");
/// Authentication mechanisms that a CredSSP token of this node named.
const MECHANISM: Key = Key::several("rdp.mechanism");
/// Why the server refused a client: what it demands.
const NEGOTIATION_FAILURE: Key = Key::several("rdp.negotiation_failure");
/// What the server can do, as bits of the negotiation response.
const NEGOTIATION_FLAGS: Key = Key::one("rdp.negotiation_flags");
/// Security protocols that a client offers.
const REQUESTED_PROTOCOL: Key = Key::several("rdp.requested_protocol");
/// Security protocol that the server chose: one for each client that asks, hence several.
const SECURITY: Key = Key::several("rdp.security");
/// Version of the protocol that the server speaks.
const SERVER_VERSION: Key = Key::several("rdp.server_version");

/// One connection.
#[derive(Default)]
struct Conversation {
    /// A security protocol was chosen that wraps all that follows.
    wrapped: bool,
}

/// The nodes at both ends. The message tells which is which.
struct Ends {
    client: Subject,
    server: Subject,
}

impl Ends {
    fn of(input: &Input<'_>, response: bool) -> Self {
        let (sender, receiver) = (Subject::node(input.sender()), Subject::node(input.receiver()));
        if response {
            Self { client: receiver, server: sender }
        } else {
            Self { client: sender, server: receiver }
        }
    }
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        // A cookie holds a user's name: nothing behind the head may be kept.
        out.prove_with(HEAD_BYTES);
        match input.bytes.first() {
            Some(&TPKT_VERSION) => self.packet(input, out),
            Some(&ber::SEQUENCE) => credssp(input, out),
            _ if self.wrapped => {
                out.count("rdp.encrypted_conversations");
                Step::Done
            }
            _ => Step::Lost(Reader::new(input.bytes).impossible("TPKT version")),
        }
    }
}

impl Conversation {
    fn packet(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let head = match Head::read(input.bytes) {
            Ok(head) => head,
            Err(malformed) if malformed.need == malformed.have => return Step::Lost(malformed),
            Err(_) => return Step::Need(HEAD_BYTES),
        };
        if input.bytes.len() < head.end {
            return Step::Need(head.end);
        }
        let whole = Reader::new(input.bytes).sub("TPKT", head.end);
        let packet = whole.and_then(|whole| whole.ahead("X.224 header", HEAD_BYTES));
        let read = packet.and_then(|packet| match head.code {
            CONNECTION_REQUEST => {
                request(packet, &Ends::of(input, false), out)?;
                Ok(Step::Used(head.end))
            }
            CONNECTION_CONFIRM => {
                self.wrapped |= confirm(packet, &Ends::of(input, true), out)?;
                Ok(Step::Used(head.end))
            }
            _ => {
                let response = conference::read(packet, input, out)?;
                // What comes next is channels, then secrets.
                Ok(if response { Step::Done } else { Step::Used(head.end) })
            }
        });
        read.unwrap_or_else(|malformed| {
            out.damaged(malformed);
            Step::Used(head.end)
        })
    }
}

/// The first bytes of every packet.
struct Head {
    /// Offset of the byte behind the packet.
    end: usize,
    /// Kind of X.224 message, without its credit.
    code: u8,
}

impl Head {
    /// Fails as too short while there are too few bytes, and as impossible when no more bytes can help.
    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.u8("TPKT version")? != TPKT_VERSION || reader.u8("TPKT reserved")? != 0 {
            return Err(reader.impossible("TPKT version"));
        }
        let end = usize::from(reader.u16_be("TPKT length")?);
        let length = usize::from(reader.u8("X.224 length indicator")?);
        let code = reader.u8("X.224 code")? & X224_CODE;
        // The length indicator counts from behind itself.
        let fits = match code {
            CONNECTION_REQUEST | CONNECTION_CONFIRM => {
                length >= CONNECT_LENGTH_MIN && length.saturating_add(CODE_AT) == end
            }
            DATA => length == DATA_LENGTH && end > HEAD_BYTES,
            _ => false,
        };
        if fits { Ok(Self { end, code }) } else { Err(reader.impossible("X.224 code")) }
    }
}

/// Section 2.2.1.1: a routing token or cookie up to a line end, then the negotiation request; both may be missing.
fn request(mut packet: Reader<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    packet.skip("references and class", CONNECT_FIXED_BYTES)?;
    let line_end = packet.peek().windows(2).position(|pair| pair == b"\r\n");
    if let Some(end) = line_end
        && packet.peek().first() != Some(&NEGOTIATION_REQUEST)
    {
        packet.skip("cookie", end.saturating_add(2))?;
    }
    if packet.is_empty() {
        out.text(&ends.client, REQUESTED_PROTOCOL, STANDARD, Span { at: CODE_AT, len: 1 });
        return Ok(());
    }
    let (_, _, protocols, span) = negotiation(&mut packet, &[NEGOTIATION_REQUEST])?;
    if protocols == 0 {
        out.text(&ends.client, REQUESTED_PROTOCOL, STANDARD, span);
    }
    for (bit, name) in PROTOCOLS {
        if protocols & bit != 0 {
            out.text(&ends.client, REQUESTED_PROTOCOL, name, span);
        }
    }
    Ok(())
}

/// Section 2.2.1.2. True when what follows is wrapped.
fn confirm(mut packet: Reader<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<bool, Malformed> {
    packet.skip("references and class", CONNECT_FIXED_BYTES)?;
    let server = &ends.server;
    if packet.is_empty() {
        // Servers before Windows XP SP2 know no negotiation.
        out.text(server, SECURITY, STANDARD, Span { at: CODE_AT, len: 1 });
        return Ok(false);
    }
    let kinds = [NEGOTIATION_RESPONSE, NEGOTIATION_FAILURE_KIND];
    let (kind, flags, value, span) = negotiation(&mut packet, &kinds)?;
    if kind == NEGOTIATION_FAILURE_KIND {
        match Failure::from(value).name() {
            Some(name) => out.text(server, NEGOTIATION_FAILURE, name, span),
            None => out.text(server, NEGOTIATION_FAILURE, &format!("{value:#010x}"), span),
        }
        return Ok(false);
    }
    let flags_at = span.at.saturating_sub(3);
    out.uint(server, NEGOTIATION_FLAGS, flags, Span { at: flags_at, len: 1 });
    match PROTOCOLS.iter().find(|(bit, _)| *bit == value) {
        Some((_, name)) => out.text(server, SECURITY, name, span),
        None if value == 0 => out.text(server, SECURITY, STANDARD, span),
        None => out.text(server, SECURITY, &format!("{value:#010x}"), span),
    }
    Ok(value != 0)
}

/// Kind, flags and value of a negotiation structure, and where the value stands.
fn negotiation(packet: &mut Reader<'_>, kinds: &[u8]) -> Result<(u8, u8, u32, Span), Malformed> {
    let kind = packet.u8("negotiation type")?;
    if !kinds.contains(&kind) {
        return Err(packet.impossible("negotiation type"));
    }
    let flags = packet.u8("negotiation flags")?;
    if packet.u16_le("negotiation length")? != NEGOTIATION_BYTES {
        return Err(packet.impossible("negotiation length"));
    }
    let start = packet.at();
    let value = packet.u32_le("negotiated protocol")?;
    Ok((kind, flags, value, packet.since(start)))
}

/// \[MS-CSSP\] section 2.2.1: a version and tokens. Credentials and keys, the other fields, are encrypted.
fn credssp(input: &Input<'_>, out: &mut Sink<'_>) -> Step {
    let mut reader = Reader::new(input.bytes);
    if reader.skip("TSRequest", 1).is_err() {
        return Step::Need(1);
    }
    let end = match ber::length(&mut reader, "TSRequest") {
        Ok(length) => reader.at().saturating_add(length),
        Err(malformed) if malformed.need == malformed.have => return Step::Lost(malformed),
        Err(_) => return Step::Need(input.bytes.len().saturating_add(1)),
    };
    if end > TS_REQUEST_BYTES_MAX {
        return Step::Lost(reader.impossible("TSRequest"));
    }
    if input.bytes.len() < end {
        return Step::Need(end);
    }
    out.prove_with(reader.at());
    let body = reader.sub("TSRequest", end.saturating_sub(reader.at()));
    if let Err(malformed) = body.and_then(|body| ts_request(body, input, out)) {
        out.damaged(malformed);
    }
    Step::Used(end)
}

fn ts_request(
    mut body: Reader<'_>,
    input: &Input<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let sender = Subject::node(input.sender());
    let Ends { client, server } =
        Ends::of(input, input.direction == crate::flow::Direction::ToClient);
    let mut field = ber::expect(&mut body, TS_VERSION, "version")?;
    let number = ber::expect(&mut field, ber::INTEGER, "version")?;
    let span = Span { at: number.at(), len: number.left() };
    out.uint(&sender, CREDSSP_VERSION, ber::number(number, "version")?, span);
    if body.peek().first() != Some(&TS_NEGO_TOKENS) {
        return Ok(());
    }
    let mut field = ber::expect(&mut body, TS_NEGO_TOKENS, "negoTokens")?;
    let mut tokens = ber::expect(&mut field, ber::SEQUENCE, "NegoData")?;
    for _ in 0..LIST_ITEMS_MAX {
        if tokens.is_empty() {
            break;
        }
        let mut item = ber::expect(&mut tokens, ber::SEQUENCE, "NegoData item")?;
        let mut token = ber::expect(&mut item, TS_TOKEN, "negoToken")?;
        let mut token = ber::expect(&mut token, ber::OCTET_STRING, "negoToken")?;
        spnego::read(&mut token, out, &client, &server, &sender, MECHANISM);
    }
    Ok(())
}

/// Sure of a request with a cookie or a negotiation, and of an answer with one: other protocols over TPKT have
/// their own parameters there.
fn probe(bytes: &[u8]) -> Probe {
    if let [ber::SEQUENCE, ..] = bytes {
        return probe_credssp(bytes);
    }
    let head = match Head::read(bytes) {
        Ok(head) => head,
        Err(malformed) if malformed.need == malformed.have => return Probe::No,
        Err(_) => return Probe::More,
    };
    let variable = bytes.get(HEAD_BYTES..head.end).unwrap_or_default();
    if bytes.len() < head.end.min(PROBED_BYTES) {
        return Probe::More;
    }
    let variable = match head.code {
        DATA => return conference::probe(bytes.get(HEAD_BYTES..).unwrap_or_default()),
        _ if bytes.len() < head.end => bytes.get(HEAD_BYTES..).unwrap_or_default(),
        _ => variable,
    };
    match (head.code, variable.get(CONNECT_FIXED_BYTES..).unwrap_or_default()) {
        (_, []) => Probe::Maybe,
        (CONNECTION_REQUEST, [b'C', b'o', b'o', b'k', b'i', b'e', b':', ..])
        | (CONNECTION_REQUEST, [NEGOTIATION_REQUEST, _, 8, 0, ..])
        | (
            CONNECTION_CONFIRM,
            [NEGOTIATION_RESPONSE | NEGOTIATION_FAILURE_KIND, _, 8, 0, _, _, _, _],
        ) => Probe::Yes,
        _ => Probe::No,
    }
}

/// Likely where it begins with a version; nothing else on this port does.
fn probe_credssp(bytes: &[u8]) -> Probe {
    let mut reader = Reader::new(bytes);
    let version = reader.skip("TSRequest", 1).and_then(|()| {
        ber::length(&mut reader, "TSRequest")?;
        reader.array::<4>("version")
    });
    match version {
        Ok([TS_VERSION, 3, ber::INTEGER, 1]) => Probe::Maybe,
        Err(malformed) if malformed.need != malformed.have => Probe::More,
        _ => Probe::No,
    }
}

open_enum! {
    /// Why a server refused, section 2.2.1.2.2.
    enum Failure: u32 {
        /// It demands TLS.
        SslRequired = 1, "SSL_REQUIRED_BY_SERVER",
        /// It speaks standard RDP security only.
        SslNotAllowed = 2, "SSL_NOT_ALLOWED_BY_SERVER",
        /// It has no certificate.
        NoCertificate = 3, "SSL_CERT_NOT_ON_SERVER",
        /// The flags contradict each other.
        InconsistentFlags = 4, "INCONSISTENT_FLAGS",
        /// It demands CredSSP: network level authentication.
        HybridRequired = 5, "HYBRID_REQUIRED_BY_SERVER",
        /// It demands TLS with a client's certificate.
        UserAuthenticationRequired = 6, "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
    }
}

/// Security protocols, sections 2.2.1.1.1 and 2.2.1.2.1; none of them is [`STANDARD`].
const PROTOCOLS: &[(u32, &str)] = &[
    (0x01, "TLS"),
    (0x02, "CredSSP"),
    (0x04, "RDSTLS"),
    (0x08, "CredSSP with early user authorization"),
    (0x10, "RDS-AAD-Auth"),
];
const STANDARD: &str = "RDP";

const TPKT_VERSION: u8 = 3;
const X224_CODE: u8 = 0xf0;
const CONNECTION_REQUEST: u8 = 0xe0;
const CONNECTION_CONFIRM: u8 = 0xd0;
const DATA: u8 = 0xf0;

/// TPKT header, X.224 length indicator and code.
const HEAD_BYTES: usize = 6;
/// Offset of the X.224 code.
const CODE_AT: usize = 5;
/// References and class of a connection request or confirm, behind the code.
const CONNECT_FIXED_BYTES: usize = 5;
const CONNECT_LENGTH_MIN: usize = 6;
const DATA_LENGTH: usize = 2;
/// Bytes that the probe waits for, when the packet has them.
const PROBED_BYTES: usize = 19;

const NEGOTIATION_REQUEST: u8 = 0x01;
const NEGOTIATION_RESPONSE: u8 = 0x02;
const NEGOTIATION_FAILURE_KIND: u8 = 0x03;
const NEGOTIATION_BYTES: u16 = 8;

const TS_VERSION: u8 = 0xa0;
const TS_NEGO_TOKENS: u8 = 0xa1;
const TS_TOKEN: u8 = 0xa0;
/// Bytes of a TSRequest that are waited for: tokens of Windows take up to 48,000.
const TS_REQUEST_BYTES_MAX: usize = 56 * 1_024;

#[cfg(test)]
mod tests;
