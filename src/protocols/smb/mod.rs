//! Server Message Block, all versions: which versions and Windows builds still speak here, and under what names.
//!
//! Reads the framing of RFC 1002 section 4.3 (port 139) and of \[MS-SMB2\] section 2.1 (port 445), with the names
//! of a session request; the start of every SMB1 conversation ([`smb1`]) and every SMB 2 and 3 conversation
//! ([`smb2`]); remote procedure calls in named pipes ([`pipes`]). Skips files and printers by their length: such bytes are
//! never waited for. What is encrypted is counted and skipped, and so is what is compressed, but for how. What clients
//! ask for beside files is read where it names hosts: paths of shares ([`share`]) and two controls ([`control`]).
//!
//! ```text
//!   0      1                    4
//!   | type | length (24 bits)   |  FF 'SMB' ... SMB1
//!                                  FE 'SMB' ... SMB 2 and 3, several in a row where NextCommand says so
//!                                  FD 'SMB' ... encrypted
//!                                  FC 'SMB' ... compressed
//! ```
//!
//! The length of RFC 1002 has 17 bits, the 7 above it are zero: one reading serves both ports.

mod control;
mod flags;
mod negotiate_context;
mod pipes;
mod session_request;
mod share;
mod smb1;
mod smb2;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::SMB_MESSAGE_BYTES_MAX;
use crate::model::{Key, Subject};
use crate::protocols::shared::{dcerpc, kerberos, ntlmssp};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span, open_enum};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "smb",
    spec: "RFC 1002 section 4.3; [MS-CIFS], [MS-SMB] and [MS-SMB2]; RFC 4178, [MS-SPNG], [MS-NLMP] and RFC 4121",
    attach: &[Attach::Tcp(139), Attach::Tcp(445)],
    keys: &[
        &[
            BOOT_TIME,
            CALLED_NAME,
            CALLING_NAME,
            CAPABILITIES,
            CAPABILITIES_SMB1,
            CLIENT_GUID,
            COMPRESSION,
            DIALECT,
            DIALECTS,
            ENCRYPTED,
            ENCRYPTION,
            INTEGRITY_HASH,
            INTERFACE,
            INTERFACE_ADDRESS,
            MECHANISM,
            MULTI_CHANNEL,
            NATIVE_LAN_MANAGER,
            NATIVE_OS,
            NETNAME,
            POSIX_EXTENSIONS,
            PRIMARY_DOMAIN,
            RDMA_TRANSFORM,
            SECURITY_MODE,
            SERVER_GUID,
            SERVER_GUID_TEXT,
            SERVER_NAME,
            SESSION,
            SIGNING,
            SIGNING_ALGORITHM,
            TIME_ZONE,
            TRANSPORT_SECURITY,
            VERSION,
        ],
        ntlmssp::KEYS,
        kerberos::KEYS,
        dcerpc::KEYS,
    ],
    probe,
    start: || Box::new(Conversation::default()),
};

/// When the server was started, RFC 3339. Not said by servers that hide it.
const BOOT_TIME: Key = Key::one("smb.boot_time");
/// NetBIOS name that a client asked this server by; `*SMBSERVER` asks for any.
const CALLED_NAME: Key = Key::several("smb.called_name");
/// NetBIOS name that a client gave for itself.
const CALLING_NAME: Key = Key::one("smb.calling_name");
/// What this node can do in SMB 2 and 3. A server tells each client what the dialect chosen allows, hence several.
const CAPABILITIES: Key = Key::several("smb.capabilities");
/// What this node can do in SMB1.
const CAPABILITIES_SMB1: Key = Key::several("smb.capabilities_smb1");
/// Identifier that a client made for itself.
const CLIENT_GUID: Key = Key::one("smb.client_guid");
/// Compression algorithms that a client offers, a server chose or either used; `chained` when they can be combined.
const COMPRESSION: Key = Key::several("smb.compression");
/// Dialect that the server chose: one for each client that asks, hence several.
const DIALECT: Key = Key::several("smb.dialect");
/// Dialects that a client offers.
const DIALECTS: Key = Key::several("smb.dialects");
/// 1 when this node sent encrypted messages or the server demands them: what follows is hidden from us.
const ENCRYPTED: Key = Key::one("smb.encrypted");
/// Ciphers that a client offers or a server chose.
const ENCRYPTION: Key = Key::several("smb.encryption");
/// Hash algorithms that a client offers or a server chose, by which the negotiation itself is protected.
const INTEGRITY_HASH: Key = Key::several("smb.integrity_hash");
/// An interface of this server: address, index, speed and what its hardware can do.
const INTERFACE: Key = Key::several("smb.interface");
/// Address of an interface of this server, by which it can be reached as well.
const INTERFACE_ADDRESS: Key = Key::several("smb.interface_address");
/// Authentication mechanisms that this node named.
const MECHANISM: Key = Key::several("smb.mechanism");
/// 1 when this client used several connections for one session.
const MULTI_CHANNEL: Key = Key::one("smb.multi_channel");
/// File sharing software of this node, in its own words.
const NATIVE_LAN_MANAGER: Key = Key::one("smb.native_lan_manager");
/// Operating system of this node, in its own words.
const NATIVE_OS: Key = Key::one("smb.native_os");
/// Name or address that a client asked this server by. Of a share's path this is the part before the share.
const NETNAME: Key = Key::several("smb.netname");
/// Domain or work group: the server's own; from a client, that of the account used.
const PRIMARY_DOMAIN: Key = Key::one("smb.primary_domain");
/// 1 when this node offers the file semantics of POSIX, as Windows never does.
const POSIX_EXTENSIONS: Key = Key::one("smb.posix_extensions");
/// What a client can do, or a server chose to do, to data that goes by RDMA.
const RDMA_TRANSFORM: Key = Key::several("smb.rdma_transform");
/// How this SMB1 server lets clients in: by user or by share, with passwords encrypted or in plain text.
const SECURITY_MODE: Key = Key::several("smb.security_mode");
/// Identifier of a server, stable over its life.
const SERVER_GUID: Key = Key::one("smb.server_guid");
/// The same where its bytes read as text: Samba puts its name there.
const SERVER_GUID_TEXT: Key = Key::one("smb.server_guid_text");
/// NetBIOS name that the server gives itself.
const SERVER_NAME: Key = Key::one("smb.server_name");
/// Sessions that this server granted without knowing the user: `guest`, `anonymous`.
const SESSION: Key = Key::several("smb.session");
/// Whether this node signs: `required`, `enabled` or `disabled`.
const SIGNING: Key = Key::one("smb.signing");
/// Signing algorithms that a client offers or a server chose.
const SIGNING_ALGORITHM: Key = Key::several("smb.signing_algorithm");
/// Difference of the server's clock to UTC: `+02:00`.
const TIME_ZONE: Key = Key::one("smb.time_zone");
/// 1 when this node relies on the transport, QUIC, for encryption.
const TRANSPORT_SECURITY: Key = Key::one("smb.transport_security");
/// Versions of the protocol spoken: `1`, `2`, `3`.
const VERSION: Key = Key::several("smb.version");

/// One connection.
#[derive(Default)]
struct Conversation {
    /// What the client offered in SMB1, in its order: the server answers with a number.
    offered: Vec<Box<str>>,
    to_server: Side,
    to_client: Side,
    pipes: pipes::Pipes,
}

/// What is remembered of one direction.
#[derive(Default)]
struct Side {
    /// Bytes of the frame begun that hold further SMB 2 messages.
    compound_left: usize,
    /// True once said that this side speaks SMB1.
    smb1_said: bool,
    /// True once said that this side encrypts.
    encrypted_said: bool,
    /// True once said how this side compresses.
    compressed_said: bool,
}

/// The nodes at both ends. The message tells which is which: a conversation that was picked up in the middle may
/// have its ends the wrong way round.
struct Ends {
    client: Subject,
    server: Subject,
    response: bool,
}

impl Ends {
    fn of(input: &Input<'_>, response: bool) -> Self {
        let (sender, receiver) = (Subject::node(input.sender()), Subject::node(input.receiver()));
        if response {
            Self { client: receiver, server: sender, response }
        } else {
            Self { client: sender, server: receiver, response }
        }
    }

    fn sender(&self) -> &Subject {
        if self.response { &self.server } else { &self.client }
    }
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let left = std::mem::take(&mut self.side(input.direction).compound_left);
        if left > 0 {
            let step = self.message(input, &Frame { start: 0, length: left }, out);
            if matches!(step, Step::Need(_)) {
                self.side(input.direction).compound_left = left;
            }
            return step;
        }
        let mut reader = Reader::new(input.bytes);
        let (Ok(kind), Ok([high, middle, low])) =
            (reader.u8("packet type"), reader.array("packet length"))
        else {
            return Step::Need(FRAME_HEADER_BYTES);
        };
        let length = u32::from_be_bytes([0, high, middle, low]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let frame = Frame { start: FRAME_HEADER_BYTES, length };
        match PacketType::from(kind) {
            PacketType::SessionMessage if length == 0 => Step::Used(frame.end()),
            PacketType::SessionMessage => self.message(input, &frame, out),
            PacketType::SessionRequest if length <= session_request::BYTES_MAX => {
                if input.bytes.len() < frame.end() {
                    return Step::Need(frame.end());
                }
                let read = reader
                    .sub("session request", length)
                    .and_then(|names| session_request::read(names, input, out));
                kept(read, out);
                Step::Used(frame.end())
            }
            PacketType::PositiveResponse
            | PacketType::NegativeResponse
            | PacketType::Retarget
            | PacketType::KeepAlive
                if length <= ANSWER_BYTES_MAX =>
            {
                Step::Used(frame.end())
            }
            _ => Step::Lost(Reader::new(input.bytes).impossible("packet type")),
        }
    }

    fn gap(&mut self, direction: Direction) {
        self.side(direction).compound_left = 0;
        self.offered.clear();
        self.pipes.gap();
    }

    fn kept_bytes(&self) -> usize {
        self.pipes.kept_bytes()
    }

    fn forget(&mut self) {
        self.pipes = pipes::Pipes::default();
    }
}

impl Conversation {
    fn side(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    /// Reads one SMB message. An unknown protocol identifier means that the framing is lost.
    fn message(&mut self, input: &Input<'_>, frame: &Frame, out: &mut Sink<'_>) -> Step {
        let mut reader = match frame.wait(input, PROTOCOL_ID_BYTES, out) {
            Ok(reader) => reader,
            Err(step) => return step,
        };
        match reader.array::<PROTOCOL_ID_BYTES>("ProtocolId") {
            Ok(SMB1) => self.smb1(input, frame, out),
            Ok(SMB2) => self.smb2(input, frame, out),
            Ok(TRANSFORM) => {
                out.count("smb.encrypted_messages");
                let side = self.side(input.direction);
                if !side.encrypted_said {
                    side.encrypted_said = true;
                    let span = Span { at: frame.start, len: PROTOCOL_ID_BYTES };
                    let sender = Subject::node(input.sender());
                    out.uint(&sender, ENCRYPTED, 1_u8, span);
                    out.text(&sender, VERSION, "3", span);
                }
                Step::Used(frame.end())
            }
            Ok(COMPRESSED) => self.compressed(input, frame, out),
            _ => Step::Lost(reader.impossible("ProtocolId")),
        }
    }

    /// Says the algorithm once: \[MS-SMB2\] section 2.2.42.
    fn compressed(&mut self, input: &Input<'_>, frame: &Frame, out: &mut Sink<'_>) -> Step {
        let mut reader = match frame.wait(input, COMPRESSION_HEADER_BYTES, out) {
            Ok(reader) => reader,
            Err(step) => return step,
        };
        out.count("smb.compressed_messages");
        if reader.skip("ProtocolId, OriginalCompressedSegmentSize", 8).is_ok() {
            let start = reader.at();
            let algorithm = reader.u16_le("CompressionAlgorithm").unwrap_or_default();
            let span = reader.since(start);
            let side = self.side(input.direction);
            if algorithm != 0 && !std::mem::replace(&mut side.compressed_said, true) {
                let (sender, name) =
                    (Subject::node(input.sender()), negotiate_context::compression(algorithm));
                smb2::named(&sender, COMPRESSION, name, algorithm, span, out);
                out.text(&sender, VERSION, "3", span);
            }
        }
        Step::Used(frame.end())
    }

    fn smb1(&mut self, input: &Input<'_>, frame: &Frame, out: &mut Sink<'_>) -> Step {
        let mut reader = match frame.wait(input, smb1::HEADER_BYTES, out) {
            Ok(reader) => reader,
            Err(step) => return step,
        };
        let header = match smb1::Header::read(&mut reader) {
            Ok(header) => header,
            Err(malformed) => return frame.damaged(malformed, out),
        };
        let ends = Ends::of(input, header.response);
        let mut speaks = true;
        if header.tells_identity() {
            match frame.whole(input, out) {
                Ok(message) => {
                    let read = smb1::read(&message, &header, &ends, &mut self.offered, out);
                    speaks = kept(read, out).unwrap_or(false);
                }
                Err(step) => return step,
            }
        }
        if let Some(step) = self.pipes.smb1(input, frame.start, frame.length, out) {
            return step;
        }
        header.tell(frame.start, out);
        let side = self.side(input.direction);
        if speaks && !side.smb1_said {
            side.smb1_said = true;
            let span = Span { at: frame.start, len: PROTOCOL_ID_BYTES };
            out.text(ends.sender(), VERSION, "1", span);
        }
        Step::Used(frame.end())
    }

    /// Reads one message of a compound and leaves the next for the next step: none is waited for to skip it.
    fn smb2(&mut self, input: &Input<'_>, frame: &Frame, out: &mut Sink<'_>) -> Step {
        let mut reader = match frame.wait(input, smb2::HEADER_BYTES, out) {
            Ok(reader) => reader,
            Err(step) => return step,
        };
        let header = match smb2::Header::read(&mut reader) {
            Ok(header) => header,
            Err(malformed) => return frame.damaged(malformed, out),
        };
        let last = frame.length.saturating_sub(smb2::HEADER_BYTES);
        let (part, left) = match header.next_command {
            0 => (frame.length, 0),
            next if (smb2::HEADER_BYTES..=last).contains(&next) => {
                (next, frame.length.saturating_sub(next))
            }
            _ => {
                out.damaged(reader.impossible("NextCommand"));
                (frame.length, 0)
            }
        };
        let part = Frame { start: frame.start, length: part };
        if header.tells_identity(part.length) {
            match part.whole(input, out) {
                Ok(message) => {
                    let ends = Ends::of(input, header.response);
                    kept(smb2::read(&message, &header, &ends, out), out);
                }
                Err(step) => return step,
            }
        }
        // A tree connect names the server, and whether its files are pipes; a control may be either's.
        if let Some(step) = self.pipes.smb2(input, part.start, part.length, out) {
            return step;
        }
        header.tell(part.start, self.pipes.of_disk(), out);
        self.side(input.direction).compound_left = left;
        Step::Used(part.end())
    }
}

/// Where a message lies in the bytes shown.
struct Frame {
    start: usize,
    length: usize,
}

impl Frame {
    fn end(&self) -> usize {
        self.start.saturating_add(self.length)
    }

    /// A reader at the message's start with at least `header_bytes` of it, or what to do without them.
    fn wait<'a>(
        &self,
        input: &Input<'a>,
        header_bytes: usize,
        out: &mut Sink<'_>,
    ) -> Result<Reader<'a>, Step> {
        let need = self.start.saturating_add(header_bytes);
        let reader = Reader::new(input.bytes).ahead("SMB header", self.start);
        let reader = reader.map_err(|_| Step::Need(need))?;
        if self.length < header_bytes {
            let short = Malformed {
                field: "SMB header",
                at: self.start,
                need: header_bytes,
                have: self.length,
            };
            return Err(self.damaged(short, out));
        }
        if reader.left() < header_bytes { Err(Step::Need(need)) } else { Ok(reader) }
    }

    /// The whole message, or what to do without it.
    fn whole<'a>(&self, input: &Input<'a>, out: &mut Sink<'_>) -> Result<Reader<'a>, Step> {
        if self.length > SMB_MESSAGE_BYTES_MAX {
            out.count("smb.messages_too_long");
            return Err(Step::Used(self.end()));
        }
        let reader = Reader::new(input.bytes).ahead("SMB message", self.start);
        let whole = reader.and_then(|mut reader| reader.sub("SMB message", self.length));
        whole.map_err(|_| Step::Need(self.end()))
    }

    /// Counts the damage and passes over the message: its frame was sound.
    fn damaged(&self, malformed: Malformed, out: &mut Sink<'_>) -> Step {
        out.damaged(malformed);
        Step::Used(self.end())
    }
}

/// What was read, after counting what could not be.
fn kept<T>(read: Result<T, Malformed>, out: &mut Sink<'_>) -> Option<T> {
    read.inspect_err(|malformed| out.damaged(*malformed)).ok()
}

fn probe(bytes: &[u8]) -> Probe {
    let mut reader = Reader::new(bytes);
    let (Ok(kind), Ok([high, middle, low])) =
        (reader.u8("packet type"), reader.array("packet length"))
    else {
        return match bytes.first() {
            None | Some(0x00 | 0x81..=0x85) => Probe::More,
            Some(_) => Probe::No,
        };
    };
    let length = u32::from_be_bytes([0, high, middle, low]);
    match (PacketType::from(kind), length) {
        (PacketType::SessionMessage, _) => match reader.array::<PROTOCOL_ID_BYTES>("ProtocolId") {
            Ok(SMB1 | COMPRESSED) if length >= 32 => Probe::Yes,
            Ok(SMB2 | TRANSFORM) if length >= 52 => Probe::Yes,
            Ok(_) => Probe::No,
            Err(_) if matches!(reader.peek(), [] | [0xfc..=0xff, ..]) => Probe::More,
            Err(_) => Probe::No,
        },
        (PacketType::SessionRequest, 0..0x1_0000) => session_request::probe(reader),
        (PacketType::PositiveResponse | PacketType::KeepAlive, 0)
        | (PacketType::NegativeResponse, 1)
        | (PacketType::Retarget, 6) => Probe::Maybe,
        _ => Probe::No,
    }
}

open_enum! {
    /// Type of a session packet, RFC 1002 section 4.3.1.
    enum PacketType: u8 {
        /// Carries SMB.
        SessionMessage = 0x00, "session message",
        /// Names both ends.
        SessionRequest = 0x81, "session request",
        /// Accepts the session.
        PositiveResponse = 0x82, "positive session response",
        /// Refuses it, with a reason.
        NegativeResponse = 0x83, "negative session response",
        /// Refuses it, with another address.
        Retarget = 0x84, "retarget session response",
        /// Carries nothing.
        KeepAlive = 0x85, "session keep alive",
    }
}

const FRAME_HEADER_BYTES: usize = 4;
/// A retarget response, the longest of the short packets, holds an address and a port.
const ANSWER_BYTES_MAX: usize = 6;

const PROTOCOL_ID_BYTES: usize = 4;
/// Of a message with one payload: size, algorithm, flags and the offset of what is compressed. A chain has 16, too.
const COMPRESSION_HEADER_BYTES: usize = 16;
const SMB1: [u8; PROTOCOL_ID_BYTES] = *b"\xffSMB";
const SMB2: [u8; PROTOCOL_ID_BYTES] = *b"\xfeSMB";
const TRANSFORM: [u8; PROTOCOL_ID_BYTES] = *b"\xfdSMB";
const COMPRESSED: [u8; PROTOCOL_ID_BYTES] = *b"\xfcSMB";

#[cfg(test)]
mod tests;
