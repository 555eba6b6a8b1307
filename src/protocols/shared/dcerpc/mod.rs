//! Remote procedure calls of DCE, as Windows and Samba use them: what a host says of itself when it is asked.
//!
//! Reads the connection-oriented protocol of \[C706\] chapter 12 and \[MS-RPCE\]: [`pdu`]. The presentation contexts of
//! an association tell the interface that each call goes to; a request tells the operation, and its answer is found
//! by the call's number. Of the services in [`service`] some operations are read, in NDR and NDR64 ([`ndr`]), of all
//! others only the interface's name is kept and calls are passed over by their length. Tokens of authentication are read
//! where they are NTLM, SPNEGO or Schannel. Encrypted stubs are counted and passed over.
//!
//! A request is read as far as its first fragment goes: what it names stands there. Fragments of an answer are put
//! together up to a cap, because the endpoint mapper's and the registry's answers are longer than one; an answer beyond
//! it is read as far as the cap.
//!
//! What carries it (TCP, a named pipe) shows it the bytes of each direction as a stream, and keeps an [`Association`].

pub(in crate::protocols) mod connectionless;
mod endpoint_mapper;
mod keys;
mod management;
mod ndr;
mod object_exporter;
mod pdu;
mod printing;
mod registry;
mod security_authority;
mod service;

pub(in crate::protocols) use crate::protocols::shared::gathered::Gathered;
pub(in crate::protocols) use connectionless::Datagram;
pub(in crate::protocols) use endpoint_mapper::lookup_connectionless;
pub(in crate::protocols) use keys::*;

use crate::flow::Input;
use crate::model::Subject;
use crate::model::limits::{DCERPC_CONTEXTS_MAX, DCERPC_FRAGMENTS_MAX, PENDING_REQUESTS_MAX};
use crate::protocols::shared::{ntlmssp, spnego};
use crate::protocols::{Probe, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use ndr::{Ndr, Syntax};
use pdu::{CALL_BYTES, HEADER_BYTES, Header, Kind, SyntaxId};
use service::{Asked, Operation};

/// What an association is carried by.
#[derive(Debug)]
pub(in crate::protocols) struct Carrier {
    /// Bytes of one direction that it can hold back until an answer is complete.
    pub(in crate::protocols) bytes_max: usize,
    /// Counter of encrypted calls and answers.
    pub(in crate::protocols) sealed: &'static str,
    /// Counter of answers that were read only in part.
    pub(in crate::protocols) too_long: &'static str,
    /// Counter of calls and open keys that gave way to others.
    pub(in crate::protocols) forgotten: &'static str,
}

/// One association: both directions of one connection or open pipe.
#[derive(Debug, Default)]
pub(in crate::protocols) struct Association {
    contexts: Vec<Context>,
    /// The contexts of the last proposal, in its order: the answer names none.
    proposed: Vec<u16>,
    calls: Vec<Call>,
    registry: registry::Keys,
    /// Senders that were said to encrypt: the client, the server.
    sealed_said: [bool; 2],
}

/// A presentation context: an interface, and how its stubs are written.
#[derive(Debug)]
struct Context {
    id: u16,
    interface: SyntaxId,
    wide: bool,
}

/// A request whose answer is awaited.
#[derive(Debug)]
struct Call {
    id: u32,
    operation: Operation,
    wide: bool,
    asked: Asked,
}

/// The nodes at both ends. The message tells which is which: a conversation that was picked up in the middle may
/// have its ends the wrong way round.
struct Ends {
    client: Subject,
    server: Subject,
}

impl Ends {
    fn of(input: &Input<'_>, from_server: bool) -> Self {
        let (sender, receiver) = (Subject::node(input.sender()), Subject::node(input.receiver()));
        if from_server {
            Self { client: receiver, server: sender }
        } else {
            Self { client: sender, server: receiver }
        }
    }
}

/// Whether these bytes begin a fragment.
pub(in crate::protocols) fn probe(bytes: &[u8]) -> Probe {
    pdu::probe(bytes)
}

/// True when these bytes begin a bind: enough to take a stream of bytes for an association.
pub(in crate::protocols) fn opens(bytes: &[u8]) -> bool {
    let header = Header::read(&mut Reader::new(bytes));
    header.is_ok_and(|header| header.kind == Kind::Bind && header.length >= CALL_BYTES)
}

impl Association {
    /// Reads at most one fragment, or one answer of several, from the front of `input.bytes`.
    pub(in crate::protocols) fn read(
        &mut self,
        input: &Input<'_>,
        carrier: &Carrier,
        out: &mut Sink<'_>,
    ) -> Step {
        if input.bytes.len() < HEADER_BYTES {
            return Step::Need(HEADER_BYTES);
        }
        let header = match Header::read(&mut Reader::new(input.bytes)) {
            Ok(header) => header,
            Err(malformed) => return Step::Lost(malformed),
        };
        match header.kind {
            Kind::Bind
            | Kind::BindAck
            | Kind::AlterContext
            | Kind::AlterContextResp
            | Kind::Auth3 => {
                let Some(fragment) = whole(input, 0, &header) else {
                    return Step::Need(header.length);
                };
                kept(self.negotiation(&header, &fragment, input, out), out);
                Step::Used(header.length)
            }
            Kind::Request => self.request(&header, input, carrier, out),
            Kind::Response => self.response(&header, input, carrier, out),
            Kind::Fault => {
                self.calls.retain(|call| call.id != header.call_id);
                Step::Used(header.length)
            }
            _ => Step::Used(header.length),
        }
    }

    /// Forgets what was awaited: bytes are missing.
    pub(in crate::protocols) fn gap(&mut self) {
        self.calls.clear();
    }

    /// Bytes of memory that it takes beside itself, names of open keys as their longest.
    pub(in crate::protocols) fn kept_bytes(&self) -> usize {
        let contexts = self.contexts.capacity().saturating_mul(size_of::<Context>());
        let calls = self.calls.capacity().saturating_mul(size_of::<Call>());
        contexts.saturating_add(calls).saturating_add(self.registry.kept_bytes())
    }

    /// Contexts and awaited answers held.
    #[cfg(test)]
    pub(in crate::protocols) fn held(&self) -> (usize, usize) {
        (self.contexts.len(), self.calls.len())
    }

    fn negotiation(
        &mut self,
        header: &Header,
        fragment: &Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let ends = Ends::of(input, header.kind.is_from_server());
        if let Some(verifier) = header.verifier(fragment)? {
            authentication(verifier, &ends, header.kind.is_from_server(), out);
        }
        let mut body = fragment.ahead("body", HEADER_BYTES)?;
        match header.kind {
            Kind::Bind | Kind::AlterContext => {
                if header.kind == Kind::Bind {
                    self.contexts.clear();
                }
                self.proposal(header, &mut body, out)
            }
            Kind::BindAck | Kind::AlterContextResp => self.results(header, &mut body, &ends, out),
            _ => Ok(()),
        }
    }

    fn proposal(
        &mut self,
        header: &Header,
        body: &mut Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        self.proposed.clear();
        body.skip("max_xmit_frag, max_recv_frag, assoc_group_id", 8)?;
        let count = body.u8("n_context_elem")?;
        body.skip("reserved", 3)?;
        for _ in 0..count {
            let id = pdu::u16_of(body, "p_cont_id", header.little_endian)?;
            let syntaxes = body.u8("n_transfer_syn")?;
            body.skip("reserved", 1)?;
            let interface = SyntaxId::read(body, header.little_endian)?;
            let mut wide = false;
            for _ in 0..syntaxes {
                // Microsoft proposes each way of writing in a context of its own, so that its number tells the way.
                wide = SyntaxId::read(body, header.little_endian)?.uuid == NDR64;
            }
            self.proposed.push(id);
            self.contexts.retain(|context| context.id != id);
            if self.contexts.len() >= DCERPC_CONTEXTS_MAX {
                out.damaged(body.impossible("n_context_elem"));
                return Ok(());
            }
            self.contexts.push(Context { id, interface, wide });
        }
        Ok(())
    }

    /// What the server accepts it serves. What it refuses is forgotten.
    fn results(
        &mut self,
        header: &Header,
        body: &mut Reader<'_>,
        ends: &Ends,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        body.skip("max_xmit_frag, max_recv_frag, assoc_group_id", 8)?;
        let start = body.at();
        let length = usize::from(pdu::u16_of(body, "sec_addr length", header.little_endian)?);
        body.skip("sec_addr", length)?;
        // The header takes a multiple of four bytes, so its alignment is that of the fields behind it.
        let past = body.at().saturating_sub(start) & 3;
        body.skip("pad2", 4_usize.saturating_sub(past) & 3)?;
        let count = body.u8("n_results")?;
        body.skip("reserved", 3)?;
        let proposed = std::mem::take(&mut self.proposed);
        for id in proposed.iter().take(usize::from(count)) {
            let start = body.at();
            let result = pdu::u16_of(body, "result", header.little_endian)?;
            body.skip("reason", 2)?;
            let syntax = SyntaxId::read(body, header.little_endian)?;
            if result != ACCEPTANCE {
                self.contexts.retain(|context| context.id != *id);
                continue;
            }
            let context = self.contexts.iter_mut().find(|context| context.id == *id);
            if let Some(context) = context {
                context.wide = syntax.uuid == NDR64;
                let interface = context.interface.to_string();
                out.text(&ends.server, INTERFACE, &interface, body.since(start));
            }
        }
        Ok(())
    }

    fn request(
        &mut self,
        header: &Header,
        input: &Input<'_>,
        carrier: &Carrier,
        out: &mut Sink<'_>,
    ) -> Step {
        if input.bytes.len() < CALL_BYTES.min(header.length) {
            return Step::Need(CALL_BYTES.min(header.length));
        }
        let fixed = Reader::new(input.bytes)
            .sub("frag_length", CALL_BYTES.min(header.length))
            .and_then(|fragment| fragment.ahead("request", HEADER_BYTES))
            .and_then(|mut body| header.request(&mut body));
        let Some((context, number)) = kept(fixed, out) else { return Step::Used(header.length) };
        let context = self.contexts.iter().find(|known| known.id == context);
        let Some((operation, wide)) = context
            .filter(|_| header.is_first())
            .and_then(|known| Some((Operation::of(&known.interface, number)?, known.wide)))
        else {
            return Step::Used(header.length);
        };
        let mut asked = Asked::default();
        if operation.has_request() {
            let Some(fragment) = whole(input, 0, header) else {
                return Step::Need(header.length);
            };
            let Some((stub, verifier)) = kept(header.stub(&fragment), out) else {
                return Step::Used(header.length);
            };
            if verifier.is_some_and(|verifier| verifier.is_sealed()) {
                self.sealed(false, input, carrier, out);
                return Step::Used(header.length);
            }
            let ends = Ends::of(input, false);
            let stub = Ndr::new(stub, Syntax { little_endian: header.little_endian, wide });
            let read = operation.request(stub, &ends, &mut self.registry, out);
            asked = kept(read, out).unwrap_or_default();
        }
        operation.tell(out);
        self.calls.retain(|call| call.id != header.call_id);
        if self.calls.len() >= PENDING_REQUESTS_MAX {
            self.calls.remove(0); // The oldest: its answer is the least likely to come.
            out.count(carrier.forgotten);
        }
        self.calls.push(Call { id: header.call_id, operation, wide, asked });
        Step::Used(header.length)
    }

    fn response(
        &mut self,
        header: &Header,
        input: &Input<'_>,
        carrier: &Carrier,
        out: &mut Sink<'_>,
    ) -> Step {
        let found = self.calls.iter().position(|call| call.id == header.call_id);
        let Some(at) = found.filter(|_| header.is_first()) else {
            return Step::Used(header.length);
        };
        let parts = match Parts::find(header, input, carrier) {
            Ok(parts) => parts,
            Err(step) => return step,
        };
        let call = self.calls.swap_remove(at);
        if parts.sealed {
            self.sealed(true, input, carrier, out);
        }
        if parts.cut {
            out.count(carrier.too_long);
        }
        if let Some(malformed) = parts.malformed {
            out.damaged(malformed);
        }
        let syntax = Syntax { little_endian: header.little_endian, wide: call.wide };
        let (ends, forgotten) = (Ends::of(input, true), self.registry.forgotten);
        let read = match parts.stubs.as_slice() {
            [] => Ok(()),
            [one] => {
                let stub = Reader::new(input.bytes).ahead("stub", one.at);
                let stub = stub.and_then(|mut stub| stub.sub("stub", one.len));
                stub.and_then(|stub| {
                    let stub = Ndr::new(stub, syntax);
                    call.operation.response(stub, &call.asked, &ends, &mut self.registry, out)
                })
            }
            several => {
                let mut gathered = Gathered::default();
                for part in several {
                    gathered.push(input, part.at, part.len);
                }
                let shown = gathered.shown(input);
                let stub = Ndr::new(Reader::new(shown.bytes), syntax);
                let out = &mut out.over(&shown);
                call.operation.response(stub, &call.asked, &ends, &mut self.registry, out)
            }
        };
        if self.registry.forgotten != forgotten {
            out.count(carrier.forgotten);
        }
        // A part that is missing shows as damage at its edge; it was counted already.
        if !parts.cut {
            kept(read, out);
        }
        Step::Used(parts.used)
    }

    fn sealed(
        &mut self,
        from_server: bool,
        input: &Input<'_>,
        carrier: &Carrier,
        out: &mut Sink<'_>,
    ) {
        out.count(carrier.sealed);
        let [client_said, server_said] = &mut self.sealed_said;
        let said = if from_server { server_said } else { client_said };
        if !std::mem::replace(said, true) {
            let sender = Subject::node(input.sender());
            out.uint(&sender, SEALED, 1_u8, Span { at: 0, len: HEADER_BYTES });
        }
    }
}

/// The stubs of one answer, in one or several fragments.
#[derive(Default)]
struct Parts {
    stubs: Vec<Span>,
    /// Bytes of all fragments found.
    used: usize,
    /// Fragments were left out.
    cut: bool,
    sealed: bool,
    malformed: Option<Malformed>,
}

impl Parts {
    fn find(first: &Header, input: &Input<'_>, carrier: &Carrier) -> Result<Self, Step> {
        let mut parts = Self::default();
        let mut header = *first;
        loop {
            let end = parts.used.saturating_add(header.length);
            if end > carrier.bytes_max || parts.stubs.len() >= DCERPC_FRAGMENTS_MAX {
                parts.cut = true;
                parts.used = parts.used.max(first.length);
                return Ok(parts);
            }
            let Some(fragment) = whole(input, parts.used, &header) else {
                return Err(Step::Need(end));
            };
            parts.used = end;
            match header.stub(&fragment) {
                Ok((_, Some(verifier))) if verifier.is_sealed() => {
                    parts.sealed = true;
                    return Ok(parts);
                }
                Ok((stub, _)) => parts.stubs.push(Span { at: stub.at(), len: stub.left() }),
                Err(malformed) => {
                    parts.malformed = Some(malformed);
                    return Ok(parts);
                }
            }
            if header.is_last() {
                return Ok(parts);
            }
            let next = end.saturating_add(HEADER_BYTES);
            if input.bytes.len() < next && next <= carrier.bytes_max {
                return Err(Step::Need(next));
            }
            let ahead = Reader::new(input.bytes).ahead("fragment", end);
            match ahead.and_then(|mut ahead| Header::read(&mut ahead)) {
                Ok(next)
                    if next.kind == Kind::Response
                        && next.call_id == first.call_id
                        && !next.is_first() =>
                {
                    header = next;
                }
                _ => {
                    parts.cut = true;
                    return Ok(parts);
                }
            }
        }
    }
}

/// Reads the token of a verifier: what both ends tell of themselves before any secret.
fn authentication(verifier: pdu::Verifier<'_>, ends: &Ends, from_server: bool, out: &mut Sink<'_>) {
    let sender = if from_server { &ends.server } else { &ends.client };
    let mut token = verifier.token;
    let name = match verifier.kind {
        AUTH_SPNEGO => "SPNEGO",
        AUTH_NTLM => "NTLMSSP",
        AUTH_KERBEROS => "Kerberos",
        AUTH_SCHANNEL => "Schannel",
        _ => "",
    };
    out.text(sender, MECHANISM, name, verifier.kind_span);
    match verifier.kind {
        AUTH_NTLM if token.peek().starts_with(ntlmssp::SIGNATURE) => {
            ntlmssp::read(&mut token, out, &ends.client, &ends.server);
        }
        AUTH_SPNEGO => {
            spnego::read(&mut token, out, &ends.client, &ends.server, sender, MECHANISM);
        }
        AUTH_SCHANNEL if !from_server => {
            kept(security_authority::secure_channel(token, ends, out), out);
        }
        _ => {}
    }
}

/// Says the name of a host, without the backslashes in front. Some hosts answer with the address that they were asked by.
fn computer_name(subject: &Subject, name: &str, span: Span, out: &mut Sink<'_>) {
    let name = name.trim_start_matches('\\');
    if name.parse::<std::net::IpAddr>().is_err() {
        out.text(subject, COMPUTER_NAME, name, span);
    }
}

/// The whole fragment at `at`; `None` while bytes of it are missing.
fn whole<'a>(input: &Input<'a>, at: usize, header: &Header) -> Option<Reader<'a>> {
    let mut ahead = Reader::new(input.bytes).ahead("fragment", at).ok()?;
    ahead.sub("frag_length", header.length).ok()
}

/// What was read, after counting what could not be.
fn kept<T>(read: Result<T, Malformed>, out: &mut Sink<'_>) -> Option<T> {
    read.inspect_err(|malformed| out.damaged(*malformed)).ok()
}

/// `71710533-beba-4937-8319-b5dbef9ccc36`, \[MS-RPCE\] section 2.2.4.12.
const NDR64: uuid::Uuid = uuid::Uuid::from_u128(0x71710533_beba_4937_8319_b5dbef9ccc36);
const ACCEPTANCE: u16 = 0;
const AUTH_SPNEGO: u8 = 9;
const AUTH_NTLM: u8 = 10;
const AUTH_KERBEROS: u8 = 16;
const AUTH_SCHANNEL: u8 = 68;
