//! Transport Layer Security: who is asked for by which name, how well it is protected, and the certificates of both ends.
//!
//! Read: hellos ([`hello`]), certificates of version 1.2 and before, which are in the clear ([`certificate`]), those of SSL 3.0,
//! hellos of SSL 2.0 ([`ssl_2`]) and of DTLS ([`dtls`]). Skipped: keys, tickets, session identifiers, and all that is
//! encrypted: since version 1.3 certificates are, and that is counted. A client's JA4 ([`ja4`]) suggests which software it is.
//!
//! ```text
//!   record     | type 1 | version 2 | length 2 | ... |            type 20 change cipher spec, 21 alert, 22 handshake, 23 data
//!   handshake  | type 1 | length 3 | body |                       over one record or several, several in one record
//!              |    1 client hello, 2 server hello, 11 certificate: list of length 3 and certificate
//! ```
//!
//! The records of each end are read until it encrypts; then nothing more is to be learned.

mod dtls;
mod hello;
mod ja4;
mod probe;
mod ssl_2;
mod suites;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::{TLS_CERTIFICATES_MAX, TLS_MESSAGE_BYTES_MAX, TLS_RECORDS_MAX};
use crate::model::{Key, Subject};
use crate::protocols::shared::certificate::{self, Holder};
use crate::protocols::shared::gathered::Gathered;
use crate::protocols::{Dissector, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "tls",
    spec: "RFC 8446 (2018), RFC 5246 (2008), RFC 6101 (2011), RFC 9147 (2022); JA4 of FoxIO",
    attach: &[
        Attach::Tcp(443),
        Attach::Tcp(465),
        Attach::Tcp(636),
        Attach::Tcp(853),
        Attach::Tcp(989),
        Attach::Tcp(990),
        Attach::Tcp(992),
        Attach::Tcp(993),
        Attach::Tcp(995),
        Attach::Tcp(4843),
        Attach::Tcp(5061),
        Attach::Tcp(5671),
        Attach::Tcp(5986),
        Attach::Tcp(8443),
        Attach::Tcp(8883),
        Attach::Tcp(9443),
        Attach::Tcp(19_998),
        Attach::Udp(443),
        Attach::Udp(5684),
        Attach::Udp(10_161),
    ],
    keys: &[
        &[
            APPLICATION_PROTOCOL,
            CIPHER_SUITE,
            JA4,
            OFFERED_PROTOCOL,
            OFFERED_VERSION,
            REQUESTED_NAME,
            SERVER_NAME,
            VERSION,
        ],
        certificate::KEYS,
    ],
    probe: probe::probe,
    start: || Box::new(Conversation::default()),
};

/// Protocol inside that the server chose (RFC 7301).
const APPLICATION_PROTOCOL: Key = Key::several("tls.application_protocol");
/// Cipher suite that the server chose.
const CIPHER_SUITE: Key = Key::several("tls.cipher_suite");
/// JA4 of a client's hello: programs that use the same library in the same way have the same.
const JA4: Key = Key::several("tls.ja4");
/// Protocols inside that a client offers.
const OFFERED_PROTOCOL: Key = Key::several("tls.offered_protocol");
/// Versions that a client offers; of clients before version 1.3 the highest only, which is all they tell.
const OFFERED_VERSION: Key = Key::several("tls.offered_version");
/// Names of servers that this client asked for.
const REQUESTED_NAME: Key = Key::several("tls.requested_name");
/// Names that clients use for this server (RFC 6066 section 3).
const SERVER_NAME: Key = Key::several("tls.server_name");
/// Version that the server chose.
const VERSION: Key = Key::several("tls.version");

/// One connection.
#[derive(Default)]
struct Conversation {
    to_server: Side,
    to_client: Side,
    /// Which way the client sends, when a hello has told.
    from_client: Option<Direction>,
    client_hello: bool,
    server_hello: bool,
    /// Records since one end began to encrypt.
    records_behind: u8,
}

/// What is remembered of one direction.
#[derive(Default)]
struct Side {
    /// Bytes of the record being read that are still to come; 0 between records.
    record_left: usize,
    /// Bytes of a handshake message of no interest that are still to come, over records.
    skip_left: usize,
    /// The beginning of a handshake message that goes on in the next record.
    held: Gathered,
    /// From here on all is encrypted.
    is_over: bool,
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        // These begin in the clear and go on in TLS. Where the beginning is missing, what follows is still their own.
        if UPGRADED.contains(&input.flow.attach) {
            return Step::Done;
        }
        // Behind the type stand random numbers, session identifiers and tickets.
        out.prove_with(PROOF_BYTES);
        if input.whole {
            return self.datagram(input, out);
        }
        if self.side(input.direction).record_left > 0 {
            return self.handshake(input, out);
        }
        if !self.server_hello && ssl_2::is_hello(input.bytes) {
            return self.ssl_2(input, out);
        }
        self.record(input, out)
    }

    fn gap(&mut self, direction: Direction) {
        *self.side(direction) = Side::default();
    }

    fn kept_bytes(&self) -> usize {
        self.to_server.held.kept_bytes().saturating_add(self.to_client.held.kept_bytes())
    }

    fn forget(&mut self) {
        for side in [&mut self.to_server, &mut self.to_client] {
            if !side.held.is_empty() {
                *side = Side { is_over: true, ..Side::default() };
            }
        }
    }
}

impl Conversation {
    fn side(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    /// The head of a record; what it holds is read when all of it is there.
    fn record(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let mut r = Reader::new(input.bytes);
        let head = r.u8("ContentType").and_then(|kind| {
            let version = r.array::<2>("ProtocolVersion")?;
            Ok((kind, version, usize::from(r.u16_be("length")?)))
        });
        let Ok((kind, [major, _], length)) = head else { return Step::Need(RECORD_HEAD_BYTES) };
        if !probe::is_content(kind) || major != MAJOR || length > RECORD_BYTES_MAX {
            return Step::Lost(r.impossible("ContentType"));
        }
        let end = RECORD_HEAD_BYTES.saturating_add(length);
        let side = self.side(input.direction);
        if side.is_over {
            self.records_behind = self.records_behind.saturating_add(1);
        } else if kind == HANDSHAKE {
            if input.bytes.len() < end {
                return Step::Need(end);
            }
            side.record_left = length;
            return Step::Used(RECORD_HEAD_BYTES);
        } else if kind != ALERT {
            side.is_over = true;
        }
        if self.is_over() || self.records_behind > TLS_RECORDS_MAX {
            return self.done(out);
        }
        Step::Used(end)
    }

    /// What a handshake record holds: a message, the rest of one, or the beginning of one.
    fn handshake(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let side = self.side(input.direction);
        let have = input.bytes.len();
        let here = have.min(side.record_left);
        if side.skip_left > 0 {
            // They are passed over as they come, without being copied.
            let used = side.skip_left.min(side.record_left);
            side.skip_left = side.skip_left.saturating_sub(used);
            return self.used(input.direction, used);
        }
        if !side.held.is_empty() {
            return self.go_on(input, here, out);
        }
        let record = input.bytes.get(..here).unwrap_or_default();
        let Some((kind, end)) = message(record) else {
            if here == side.record_left {
                // Not even the head of the message fits into this record.
                side.held.push(input, 0, here);
                return self.used(input.direction, here);
            }
            return Step::Need(side.record_left.min(MESSAGE_HEAD_BYTES));
        };
        if !is_wanted(kind) || end > TLS_MESSAGE_BYTES_MAX {
            if is_wanted(kind) {
                out.count("tls.messages_over_limit");
            }
            side.skip_left = end;
            return self.handshake(input, out);
        }
        if end > side.record_left {
            side.held.push(input, 0, here);
            return self.used(input.direction, here);
        }
        if end > have {
            return Step::Need(end);
        }
        let bytes = input.bytes.get(..end).unwrap_or_default();
        self.message(kind, bytes, input, out);
        match self.is_over() {
            true => self.done(out),
            false => self.used(input.direction, end),
        }
    }

    /// A message that began in an earlier record.
    fn go_on(&mut self, input: &Input<'_>, here: usize, out: &mut Sink<'_>) -> Step {
        let side = self.side(input.direction);
        let missing = match message(side.held.shown(input).bytes) {
            Some((_, end)) => end.saturating_sub(side.held.len()),
            None => MESSAGE_HEAD_BYTES.saturating_sub(side.held.len()),
        };
        let used = here.min(missing);
        side.held.push(input, 0, used);
        let held = std::mem::take(&mut side.held);
        let shown = held.shown(input);
        match message(shown.bytes) {
            Some((kind, end)) if !is_wanted(kind) || end > TLS_MESSAGE_BYTES_MAX => {
                side.skip_left = end.saturating_sub(held.len());
            }
            Some((kind, end)) if held.len() >= end => {
                self.message(kind, shown.bytes, &shown, &mut out.over(&shown));
                if self.is_over() {
                    return self.done(out);
                }
            }
            _ => side.held = held,
        }
        self.used(input.direction, used)
    }

    /// Bytes of a record that were read.
    fn used(&mut self, direction: Direction, used: usize) -> Step {
        let side = self.side(direction);
        side.record_left = side.record_left.saturating_sub(used);
        Step::Used(used)
    }

    /// A whole handshake message.
    fn message(&mut self, kind: u8, bytes: &[u8], input: &Input<'_>, out: &mut Sink<'_>) {
        let Ok(body) = Reader::new(bytes).ahead("handshake", MESSAGE_HEAD_BYTES) else { return };
        if let Err(malformed) = self.body(kind, body, false, input, out) {
            out.damaged(malformed);
        }
    }

    /// What a handshake message says, of TLS or of DTLS.
    fn body(
        &mut self,
        kind: u8,
        body: Reader<'_>,
        is_datagram: bool,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let sender = Subject::node(input.sender());
        let receiver = Subject::node(input.receiver());
        match kind {
            CLIENT_HELLO => {
                self.from_client = Some(input.direction);
                self.client_hello = true;
                hello::client(body, is_datagram, &sender, &receiver, out)
            }
            SERVER_HELLO => {
                self.from_client.get_or_insert(other(input.direction));
                let chosen = hello::server(body, &sender, out)?;
                if chosen.is_retry {
                    return Ok(());
                }
                self.server_hello = true;
                if chosen.hides_certificates {
                    out.count("tls.certificates_hidden");
                    self.side(input.direction).is_over = true;
                    if self.client_hello {
                        self.side(other(input.direction)).is_over = true;
                    }
                }
                Ok(())
            }
            _ => {
                let from_client = self.from_client.unwrap_or(Direction::ToServer);
                let is_client = input.direction == from_client;
                let holder = Holder { subject: &sender, is_client, at: input.at };
                certificates(body, holder, out)
            }
        }
    }

    /// True when both ends encrypt.
    fn is_over(&self) -> bool {
        self.to_server.is_over && self.to_client.is_over
    }

    fn done(&self, out: &mut Sink<'_>) -> Step {
        if !self.client_hello && !self.server_hello {
            out.count("tls.conversations_without_hello");
        }
        Step::Done
    }
}

/// RFC 5246 section 7.4.2: the certificate of whoever sends it, then those of the authorities above it.
fn certificates(
    mut body: Reader<'_>,
    holder: Holder<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let length = length_24(&mut body, "certificate_list length")?;
    let mut list = body.sub("certificate_list", length)?;
    for number in 0..TLS_CERTIFICATES_MAX {
        if list.is_empty() {
            return Ok(());
        }
        let length = length_24(&mut list, "ASN.1Cert length")?;
        let mut one = list.sub("ASN.1Cert", length)?;
        let told = match number {
            0 => certificate::read(&mut one, holder, out),
            _ => certificate::read_authority(&mut one, holder, out),
        };
        match told {
            Ok(told) => {
                if told.is_of_person {
                    out.count("tls.certificates_of_persons");
                }
                if told.is_cut {
                    out.count("tls.certificate_names_over_limit");
                }
            }
            Err(malformed) => out.damaged(malformed),
        }
    }
    if !list.is_empty() {
        out.count("tls.certificates_over_limit");
    }
    Ok(())
}

/// The type of the message at the front and where it ends, when its head is there.
fn message(bytes: &[u8]) -> Option<(u8, usize)> {
    let mut r = Reader::new(bytes);
    let kind = r.u8("HandshakeType").ok()?;
    let length = length_24(&mut r, "length").ok()?;
    Some((kind, MESSAGE_HEAD_BYTES.saturating_add(length)))
}

fn length_24(r: &mut Reader<'_>, field: &'static str) -> Result<usize, Malformed> {
    let high = usize::from(r.u8(field)?);
    Ok(high << 16 | usize::from(r.u16_be(field)?))
}

fn is_wanted(kind: u8) -> bool {
    matches!(kind, CLIENT_HELLO | SERVER_HELLO | CERTIFICATE)
}

fn other(direction: Direction) -> Direction {
    match direction {
        Direction::ToServer => Direction::ToClient,
        Direction::ToClient => Direction::ToServer,
    }
}

/// The name of a version on the wire (RFC 8446 section 4.1.3 and appendix D, RFC 9147); of one without, its number.
fn version_name(version: u16) -> std::borrow::Cow<'static, str> {
    let name = match version {
        0x0002 => "SSL 2.0",
        0x0300 => "SSL 3.0",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2",
        0x0304 => "TLS 1.3",
        // As OpenSSL wrote version 1.0 of DTLS before there was a standard.
        0xfeff | 0x0100 => "DTLS 1.0",
        0xfefd => "DTLS 1.2",
        0xfefc => "DTLS 1.3",
        draft if draft >> 8 == DRAFT => {
            return format!("TLS 1.3 draft {}", draft & 0xff).into();
        }
        other => return format!("{other:#06x}").into(),
    };
    name.into()
}

/// FTP, SMTP, LDAP, submission of mail, SQL Server, LDAP of a global catalogue, MySQL, remote desktop.
const UPGRADED: &[Attach] = &[
    Attach::Tcp(21),
    Attach::Tcp(25),
    Attach::Tcp(389),
    Attach::Tcp(587),
    Attach::Tcp(1433),
    Attach::Tcp(3268),
    Attach::Tcp(3306),
    Attach::Tcp(3389),
];

const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
/// Of all versions of records since SSL 3.0.
const MAJOR: u8 = 3;
const RECORD_HEAD_BYTES: usize = 5;
/// RFC 5246 section 6.2.3: 2^14 and what compression and encryption add.
const RECORD_BYTES_MAX: usize = 16_384 + 2_048;

const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const MESSAGE_HEAD_BYTES: usize = 4;
/// Record head and type of the message in it.
const PROOF_BYTES: usize = 6;
/// First byte of the versions of drafts of 1.3.
const DRAFT: u16 = 0x7f;
