//! The connection-oriented protocol data units: common header, presentation contexts, authentication verifier.
//!
//! Reads \[C706\] section 12.6 and \[MS-RPCE\] sections 2.2.2.3 (header) and 2.2.2.11 (`sec_trailer`).
//!
//! ```text
//!   0   1       2       3       4 drep                   8             10            12        16
//!   | 5 | 0, 1  | PTYPE | flags | integers, floats, 0 0  | frag_length | auth_length | call_id | body ...
//!
//!   body of bind, alter_context                 u16 max_xmit, u16 max_recv, u32 group, u8 n, 3 bytes,
//!                                               n * { u16 id, u8 m, 1 byte, syntax, m * syntax }
//!   body of bind_ack, alter_context_resp        u16, u16, u32, u16 length, secondary address, alignment to 4,
//!                                               u8 n, 3 bytes, n * { u16 result, u16 reason, syntax }
//!   body of request                             u32 alloc_hint, u16 context, u16 opnum, [object], stub
//!   body of response                            u32 alloc_hint, u16 context, u8 cancels, 1 byte, stub
//!   behind any of them, with auth_length        alignment, u8 type, u8 level, u8 padding, 1 byte, u32, auth_length bytes
//! ```

use crate::protocols::Probe;
use crate::wire::{Malformed, Reader, open_enum};

/// Bytes of the common header.
pub(super) const HEADER_BYTES: usize = 16;
/// Bytes up to the stub of a request or response without an object.
pub(super) const CALL_BYTES: usize = 24;

/// The common header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) kind: Kind,
    flags: u8,
    /// Numbers begin with their least significant byte.
    pub(super) little_endian: bool,
    /// Of the whole fragment: `HEADER_BYTES <= length`.
    pub(super) length: usize,
    auth_length: usize,
    pub(super) call_id: u32,
}

open_enum! {
    /// PTYPE.
    pub(super) enum Kind: u8 {
        /// A call.
        Request = 0, "request",
        /// Its answer.
        Response = 2, "response",
        /// Its failure.
        Fault = 3, "fault",
        /// Opens an association.
        Bind = 11, "bind",
        /// Accepts it.
        BindAck = 12, "bind_ack",
        /// Refuses it.
        BindNak = 13, "bind_nak",
        /// Adds presentation contexts.
        AlterContext = 14, "alter_context",
        /// Accepts them.
        AlterContextResp = 15, "alter_context_resp",
        /// Ends the authentication.
        Auth3 = 16, "rpc_auth_3",
        /// Ends the association.
        Shutdown = 17, "shutdown",
        /// Cancels a call.
        Cancel = 18, "co_cancel",
        /// Orphans a call.
        Orphaned = 19, "orphaned",
    }
}

impl Kind {
    /// True for what only servers send.
    pub(super) fn is_from_server(self) -> bool {
        matches!(
            self,
            Self::Response
                | Self::Fault
                | Self::BindAck
                | Self::BindNak
                | Self::AlterContextResp
                | Self::Shutdown
        )
    }
}

impl Header {
    /// Reads the header. Fails when these bytes are no header at all.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let start = reader.clone();
        let [version, minor, kind, flags] = reader.array("rpc_vers, PTYPE, pfc_flags")?;
        let [integers, floats, reserved, also_reserved] = reader.array("packed_drep")?;
        let kind = Kind::from(kind);
        if version != 5 || minor > 1 || matches!(kind, Kind::Unknown(_)) {
            return Err(start.impossible("rpc_vers, PTYPE"));
        }
        // Characters are ASCII or EBCDIC, floating-point numbers of one of four makes.
        if integers & 0xee != 0 || floats > 3 || reserved != 0 || also_reserved != 0 {
            return Err(start.impossible("packed_drep"));
        }
        let little_endian = integers & LITTLE_ENDIAN != 0;
        let length = usize::from(u16_of(reader, "frag_length", little_endian)?);
        let auth_length = usize::from(u16_of(reader, "auth_length", little_endian)?);
        let call_id = u32_of(reader, "call_id", little_endian)?;
        let trailer = if auth_length == 0 { 0 } else { auth_length.saturating_add(TRAILER_BYTES) };
        if length < HEADER_BYTES.saturating_add(trailer) {
            return Err(start.impossible("frag_length"));
        }
        Ok(Self { kind, flags, little_endian, length, auth_length, call_id })
    }

    /// True for the first fragment of a call.
    pub(super) fn is_first(&self) -> bool {
        self.flags & FIRST_FRAGMENT != 0
    }

    /// True for the last one.
    pub(super) fn is_last(&self) -> bool {
        self.flags & LAST_FRAGMENT != 0
    }

    /// Reads the fixed part of a request: presentation context and operation number.
    pub(super) fn request(&self, body: &mut Reader<'_>) -> Result<(u16, u16), Malformed> {
        body.skip("alloc_hint", 4)?;
        let context = u16_of(body, "p_cont_id", self.little_endian)?;
        let operation = u16_of(body, "opnum", self.little_endian)?;
        Ok((context, operation))
    }

    /// The stub of a whole request or response, and its verifier. `fragment` begins at the header.
    pub(super) fn stub<'a>(
        &self,
        fragment: &Reader<'a>,
    ) -> Result<(Reader<'a>, Option<Verifier<'a>>), Malformed> {
        let verifier = self.verifier(fragment)?;
        let mut end = self.length;
        if let Some(verifier) = &verifier {
            end = self
                .length
                .saturating_sub(self.auth_length)
                .saturating_sub(TRAILER_BYTES)
                .saturating_sub(verifier.padding);
        }
        let object = self.kind == Kind::Request && self.flags & OBJECT_UUID != 0;
        let start = if object { CALL_BYTES.saturating_add(16) } else { CALL_BYTES };
        let mut stub = fragment.ahead("stub", start)?;
        let stub = stub.sub("stub", end.saturating_sub(start))?;
        Ok((stub, verifier))
    }

    /// The authentication verifier of a whole fragment, when it has one.
    pub(super) fn verifier<'a>(
        &self,
        fragment: &Reader<'a>,
    ) -> Result<Option<Verifier<'a>>, Malformed> {
        if self.auth_length == 0 {
            return Ok(None);
        }
        let at = self.length.saturating_sub(self.auth_length).saturating_sub(TRAILER_BYTES);
        let mut trailer = fragment.ahead("sec_trailer", at)?;
        let start = trailer.at();
        let kind = trailer.u8("auth_type")?;
        let kind_span = trailer.since(start);
        let level = trailer.u8("auth_level")?;
        let padding = usize::from(trailer.u8("auth_pad_length")?);
        trailer.skip("auth_reserved, auth_context_id", 5)?;
        let token = trailer.sub("auth_value", self.auth_length)?;
        Ok(Some(Verifier { kind, kind_span, level, padding, token }))
    }
}

/// An authentication verifier.
#[derive(Debug)]
pub(super) struct Verifier<'a> {
    /// `auth_type`.
    pub(super) kind: u8,
    pub(super) kind_span: crate::wire::Span,
    level: u8,
    padding: usize,
    pub(super) token: Reader<'a>,
}

impl Verifier<'_> {
    /// True when the stub is encrypted.
    pub(super) fn is_sealed(&self) -> bool {
        self.level == PACKET_PRIVACY
    }
}

/// A syntax identifier: an interface, or a way to write stubs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct SyntaxId {
    pub(super) uuid: uuid::Uuid,
    pub(super) major: u16,
    pub(super) minor: u16,
}

impl std::fmt::Display for SyntaxId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} v{}.{}", self.uuid, self.major, self.minor)
    }
}

impl SyntaxId {
    /// Reads it as it stands in presentation contexts.
    pub(super) fn read(reader: &mut Reader<'_>, little_endian: bool) -> Result<Self, Malformed> {
        let bytes = reader.array("p_syntax_id if_uuid")?;
        let uuid = if little_endian {
            uuid::Uuid::from_bytes_le(bytes)
        } else {
            uuid::Uuid::from_bytes(bytes)
        };
        let [a, b, c, d] = u32_of(reader, "p_syntax_id if_version", little_endian)?.to_le_bytes();
        Ok(Self { uuid, major: u16::from_le_bytes([a, b]), minor: u16::from_le_bytes([c, d]) })
    }
}

/// Whether these bytes begin a fragment. Eight fixed bytes and two lengths that agree are nothing else, when the
/// numbers are little-endian; big-endian ones have fewer fixed bits, and only a bind is sure.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let mut reader = Reader::new(bytes);
    match Header::read(&mut reader) {
        Ok(header) if header.length < CALL_BYTES && needs_body(header.kind) => Probe::No,
        Ok(header) if header.little_endian => Probe::Yes,
        Ok(header) if matches!(header.kind, Kind::Bind | Kind::BindAck) => Probe::Yes,
        Ok(_) => Probe::Maybe,
        Err(_) if bytes.len() >= HEADER_BYTES => Probe::No,
        Err(_) if begins(bytes) => Probe::More,
        Err(_) => Probe::No,
    }
}

fn needs_body(kind: Kind) -> bool {
    use Kind::{AlterContext, AlterContextResp, Bind, BindAck, Request, Response};
    matches!(kind, Request | Response | Bind | BindAck | AlterContext | AlterContextResp)
}

fn begins(bytes: &[u8]) -> bool {
    let may_be = |at: usize, fits: fn(u8) -> bool| bytes.get(at).is_none_or(|byte| fits(*byte));
    may_be(0, |version| version == 5)
        && may_be(1, |minor| minor <= 1)
        && may_be(2, |kind| !matches!(Kind::from(kind), Kind::Unknown(_)))
        && may_be(4, |integers| integers & 0xee == 0)
        && may_be(5, |floats| floats <= 3)
        && may_be(6, |reserved| reserved == 0)
        && may_be(7, |reserved| reserved == 0)
}

pub(super) fn u16_of(
    reader: &mut Reader<'_>,
    field: &'static str,
    little_endian: bool,
) -> Result<u16, Malformed> {
    if little_endian { reader.u16_le(field) } else { reader.u16_be(field) }
}

pub(super) fn u32_of(
    reader: &mut Reader<'_>,
    field: &'static str,
    little_endian: bool,
) -> Result<u32, Malformed> {
    if little_endian { reader.u32_le(field) } else { reader.u32_be(field) }
}

const LITTLE_ENDIAN: u8 = 0x10;
const FIRST_FRAGMENT: u8 = 0x01;
const LAST_FRAGMENT: u8 = 0x02;
const OBJECT_UUID: u8 = 0x80;
const TRAILER_BYTES: usize = 8;
const PACKET_PRIVACY: u8 = 6;
