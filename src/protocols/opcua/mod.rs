//! OPC UA, binary over TCP (OPC 10000-6 for the bytes, OPC 10000-4 for the services).
//!
//! Read: which URL a client asks a server by; by which policy and in which mode they secure their channel; who both
//! applications say they are, and the endpoints that the server offers; the session's name and the kind of token that its
//! user shows; of what is read, the build and the state of the server, its namespaces, and the nameplates of devices
//! (OPC 10000-100) whose properties were found by their names; who writes, calls, adds and deletes. Skipped: all other
//! values, subscriptions, history, alarms. Names and passwords of users, nonces and authentication tokens are never kept.
//! Behind encryption nothing is read: that the channel is encrypted is told, and the conversation left alone.
//!
//! The frame is drawn in [`chunk`]. A message may come in several chunks, which are put together when it tells something.
//! A server may open the connection itself, to a client that waits for it; so who serves is told by what is said, never by
//! the port.

mod chunk;
mod codec;
mod describe;
mod keys;
mod nodes;
mod probe;
mod service;
mod talk;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::Subject;
use crate::model::limits::{OPCUA_MESSAGE_BYTES_MAX, UNREAD_BYTES_MAX};
use crate::protocols::shared::gathered::Gathered;
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use chunk::{BODY_AT, HEAD_BYTES, Head, Kind, Last};
use describe::{POLICIES, Told};
use service::Front;
use talk::Talk;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "opcua",
    spec: "OPC 10000-4, OPC 10000-5 and OPC 10000-6 (1.05, 2022); OPC 10000-100 (1.04, 2022)",
    attach: &[Attach::Tcp(4_840)],
    keys: &[keys::ALL],
    probe: probe::probe,
    start: || Box::new(OpcUa::default()),
};

/// One connection.
#[derive(Default)]
struct OpcUa {
    /// To the server of the connection, and to its client.
    ways: [Way; 2],
    policy: Policy,
    talk: Talk,
}

/// What is sent one way.
#[derive(Default)]
struct Way {
    state: State,
    gathered: Gathered,
    /// True when the mode of the channel was told of who sends this way.
    mode_told: bool,
    /// True when a message was encrypted.
    encrypted: bool,
}

/// What the next chunk is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    /// Perhaps the beginning of a message, perhaps the rest of one: bytes are missing, or were before the capture.
    #[default]
    Unknown,
    /// The beginning of a message.
    Start,
    /// The rest of the message with this request number, which is put together.
    Gathering(u32, Front),
    /// The rest of a message that is passed over.
    Passing,
}

/// The policy of the channel.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Policy {
    #[default]
    Unknown,
    None,
    /// With this many bytes of signature behind each chunk, where that is known.
    Secure(Option<usize>),
}

impl Dissector for OpcUa {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        // Behind the heads may stand tokens and passwords.
        out.prove_with(BODY_AT);
        let head = match Head::read(input.bytes) {
            Ok(head) => head,
            Err(malformed) if malformed.need == malformed.have => return Step::Lost(malformed),
            Err(_) => return Step::Need(HEAD_BYTES),
        };
        if head.kind == Kind::Message {
            return self.chunk(head, input, out);
        }
        let Some(bytes) = input.bytes.get(..head.size) else { return Step::Need(head.size) };
        let read = match head.kind {
            Kind::Hello => self.hello(bytes, input, out),
            Kind::ReverseHello => self.reverse_hello(bytes, input, out),
            Kind::Error => error(bytes, input, out),
            Kind::Open => self.open(bytes, input, out),
            Kind::Acknowledge | Kind::Message => {
                self.talk.tell_roles(false, Span { at: 0, len: WORD_BYTES }, input, out);
                Ok(())
            }
        };
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
        let way = self.way(input.direction);
        way.gathered.clear();
        way.state = State::Start;
        Step::Used(head.size)
    }

    fn gap(&mut self, direction: Direction) {
        let way = self.way(direction);
        way.gathered.clear();
        way.state = State::Unknown;
    }

    fn kept_bytes(&self) -> usize {
        let gathered = self.ways.iter().map(|way| way.gathered.kept_bytes()).sum::<usize>();
        gathered.saturating_add(self.talk.nodes.kept_bytes())
    }

    fn forget(&mut self) {
        for way in &mut self.ways {
            if let State::Gathering(..) = way.state {
                way.state = State::Passing;
            }
            way.gathered.clear();
        }
        self.talk.nodes.forget();
    }
}

impl OpcUa {
    fn way(&mut self, direction: Direction) -> &mut Way {
        let [to_server, to_client] = &mut self.ways;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    /// A client greets.
    fn hello(
        &mut self,
        bytes: &[u8],
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        self.talk.tell_roles(true, Span { at: 0, len: WORD_BYTES }, input, out);
        let mut r = Reader::new(bytes);
        r.skip("head, version and sizes", HELLO_URL_AT)?;
        let url = codec::text(&mut r, "EndpointUrl")?;
        let server = Subject::node(input.receiver());
        readable::say(out, &server, keys::REQUESTED_URL, url.bytes, url.span);
        Ok(())
    }

    /// A server greets a client that waits for it.
    fn reverse_hello(
        &mut self,
        bytes: &[u8],
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        self.talk.tell_roles(false, Span { at: 0, len: WORD_BYTES }, input, out);
        let mut r = Reader::new(bytes);
        r.skip("head", HEAD_BYTES)?;
        let server = Subject::node(input.sender());
        for (key, field) in
            [(keys::APPLICATION_URI, "ServerUri"), (keys::ENDPOINT_URL, "EndpointUrl")]
        {
            let text = codec::text(&mut r, field)?;
            readable::say(out, &server, key, text.bytes, text.span);
        }
        Ok(())
    }

    /// A channel is opened or renewed. The heads are in the clear; the rest is encrypted unless the policy is None, and tells
    /// nothing more.
    fn open(
        &mut self,
        bytes: &[u8],
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let mut r = Reader::new(bytes);
        r.skip("head and SecureChannelId", OPEN_POLICY_AT)?;
        let policy = codec::text(&mut r, "SecurityPolicyUri")?;
        let certificate = codec::text(&mut r, "SenderCertificate")?;
        let thumbprint = codec::text(&mut r, "ReceiverCertificateThumbprint")?;
        let (sender, receiver) = (Subject::node(input.sender()), Subject::node(input.receiver()));
        let name = policy.bytes.strip_prefix(POLICIES.as_bytes());
        self.policy = match name {
            Some(b"None") => Policy::None,
            Some(name) => Policy::Secure(signature_bytes(name)),
            None => Policy::Secure(None),
        };
        readable::say(out, &sender, keys::CHANNEL_POLICY, policy.bytes, policy.span);
        if self.policy == Policy::None {
            out.text(&sender, keys::CHANNEL_MODE, "None", policy.span);
        }
        Told { subject: &sender, out }.certificate(certificate);
        if thumbprint.bytes.len() == SHA1_BYTES {
            out.bytes(&receiver, keys::CERTIFICATE_THUMBPRINT, thumbprint.bytes, thumbprint.span);
        }
        Ok(())
    }

    /// A chunk of a message.
    fn chunk(&mut self, head: Head, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let needed = head.size.min(FRONT_BYTES);
        if input.bytes.len() < needed {
            return Step::Need(needed);
        }
        let (used, policy) = (Step::Used(head.size), self.policy);
        let way = self.way(input.direction);
        if head.last == Last::Abort {
            way.gathered.clear();
            way.state = State::Start;
            return used;
        }
        let is_last = head.last == Last::Final;
        let Ok((request, front)) = front(input.bytes) else { return used };
        match way.state {
            State::Gathering(number, front) if number == request => {
                return self.gather(head, request, front, input, out);
            }
            State::Passing => {
                way.state = if is_last { State::Start } else { State::Passing };
                return used;
            }
            State::Unknown | State::Gathering(..) if front.is_none() => {
                // Another message's chunk, or the rest of one whose beginning is missing.
                way.gathered.clear();
                way.state = if is_last { State::Start } else { State::Unknown };
                return used;
            }
            State::Unknown | State::Start | State::Gathering(..) => way.gathered.clear(),
        }
        let Some(front) = front else {
            way.state = if is_last { State::Start } else { State::Passing };
            return self.unreadable(head, input, out);
        };
        if let Policy::Secure(_) = policy
            && !std::mem::replace(&mut way.mode_told, true)
        {
            out.text(&Subject::node(input.sender()), keys::CHANNEL_MODE, "Sign", front.span);
        }
        let needs_all = self.talk.needs_all(&front, request);
        if needs_all && (head.size <= UNREAD_BYTES_MAX || !is_last) {
            return self.gather(head, request, front, input, out);
        }
        if needs_all {
            out.count("opcua.messages_too_long");
        }
        let mut r = Reader::starting_at(input.bytes.get(BODY_AT..).unwrap_or_default(), BODY_AT);
        let read = self.talk.front(&front, &mut r, input, out);
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
        self.way(input.direction).state = if is_last { State::Start } else { State::Passing };
        used
    }

    /// A chunk of a message that is read whole.
    fn gather(
        &mut self,
        head: Head,
        request: u32,
        front: Front,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Step {
        let is_last = head.last == Last::Final;
        let footer = match self.policy {
            Policy::Secure(footer) => footer,
            Policy::Unknown | Policy::None => Some(0),
        };
        let way = self.way(input.direction);
        let body = head.size.saturating_sub(BODY_AT).saturating_sub(footer.unwrap_or_default());
        let is_alone = is_last && way.gathered.is_empty();
        let sum = way.gathered.len().saturating_add(body);
        let fits = head.size <= UNREAD_BYTES_MAX
            && sum <= OPCUA_MESSAGE_BYTES_MAX
            && (is_alone || footer.is_some());
        if !fits {
            way.gathered.clear();
            way.state = if is_last { State::Start } else { State::Passing };
            out.count("opcua.messages_too_long");
            return Step::Used(head.size);
        }
        if input.bytes.len() < head.size {
            return Step::Need(head.size);
        }
        let read = if is_alone {
            way.state = State::Start;
            let end = BODY_AT.saturating_add(body);
            let bytes = input.bytes.get(BODY_AT..end).unwrap_or_default();
            self.talk.message(&front, request, Reader::starting_at(bytes, BODY_AT), input, out)
        } else {
            way.gathered.push(input, BODY_AT, body);
            if !is_last {
                way.state = State::Gathering(request, front);
                return Step::Used(head.size);
            }
            way.state = State::Start;
            let gathered = std::mem::take(&mut way.gathered);
            let shown = gathered.shown(input);
            let r = Reader::new(shown.bytes);
            self.talk.message(&front, request, r, &shown, &mut out.over(&shown))
        };
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
        Step::Used(head.size)
    }

    /// A message that is no service. Where a channel is not known to be in the clear, it is encrypted.
    fn unreadable(&mut self, head: Head, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if self.policy == Policy::None {
            out.count("opcua.unknown_services");
            return Step::Used(head.size);
        }
        let way = self.way(input.direction);
        way.encrypted = true;
        if !std::mem::replace(&mut way.mode_told, true) {
            let sequence = Span { at: SEQUENCE_AT, len: SEQUENCE_BYTES };
            let sender = Subject::node(input.sender());
            out.text(&sender, keys::CHANNEL_MODE, "SignAndEncrypt", sequence);
            out.count("opcua.encrypted_directions");
        }
        let [to_server, to_client] = &self.ways;
        if to_server.encrypted && to_client.encrypted { Step::Done } else { Step::Used(head.size) }
    }
}

/// The number of the request that a chunk belongs to, and the service when the chunk begins a message and can be read.
fn front(bytes: &[u8]) -> Result<(u32, Option<Front>), Malformed> {
    let mut r = Reader::new(bytes);
    r.skip("head, SecureChannelId, TokenId, SequenceNumber", REQUEST_AT)?;
    let request = r.u32_le("RequestId")?;
    Ok((request, Front::read(&mut r).unwrap_or_default()))
}

/// The server, or the client, refuses to go on. The reason behind the code is for people, in any language.
fn error(bytes: &[u8], input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = Reader::new(bytes);
    r.skip("head", HEAD_BYTES)?;
    let start = r.at();
    let code = r.u32_le("Error")?;
    let sender = Subject::node(input.sender());
    out.text(&sender, keys::ERROR, &service::status(code), r.since(start));
    Ok(())
}

/// Bytes of the signature behind each chunk of a channel that is signed only (OPC 10000-7, security policies).
fn signature_bytes(policy: &[u8]) -> Option<usize> {
    match policy {
        b"Basic128Rsa15" | b"Basic256" => Some(20),
        b"Basic256Sha256" | b"Aes128_Sha256_RsaOaep" | b"Aes256_Sha256_RsaPss" => Some(32),
        _ => None,
    }
}

const WORD_BYTES: usize = 3;
const HELLO_URL_AT: usize = 28;
const OPEN_POLICY_AT: usize = 12;
const SEQUENCE_AT: usize = 16;
const SEQUENCE_BYTES: usize = 8;
const REQUEST_AT: usize = 20;
/// Heads, type, and the result of a response.
const FRONT_BYTES: usize = BODY_AT + service::TYPE_BYTES + service::RESULT_END;
const SHA1_BYTES: usize = 20;
