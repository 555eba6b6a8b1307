//! SMB 2 and 3: dialect, identifiers and security of NEGOTIATE, and the authentication in SESSION_SETUP.
//!
//! Reads \[MS-SMB2\] sections 2.2.1 (header, synchronous and asynchronous), 2.2.3 and 2.2.4 (NEGOTIATE), 2.2.5 and
//! 2.2.6 (SESSION_SETUP); the way to 2.2.9 (TREE_CONNECT, [`share`]) and 2.2.31 (IOCTL, [`control`]). Skips the
//! server's present time, which would be news with every message and is nobody's identity.
//!
//! ```text
//!   0          4     6         8       12        14        16     20             24 message, 40 session,
//!   | FE 'SMB' | 64  | credit  | status | command | credits | flags | NextCommand | 48 signature        | 64 body
//! ```
//!
//! Offsets in a body count from `FE 'SMB'`.

use crate::model::limits::SMB_CONTROL_BYTES_MAX;
use crate::model::{Act, Key, Subject, Timestamp};
use crate::protocols::Sink;
use crate::protocols::shared::spnego;
use crate::protocols::smb::{
    BOOT_TIME, CAPABILITIES, CLIENT_GUID, DIALECT, DIALECTS, ENCRYPTED, Ends, MECHANISM,
    MULTI_CHANNEL, SERVER_GUID, SERVER_GUID_TEXT, SESSION, SIGNING, VERSION, control, flags,
    negotiate_context, share,
};
use crate::wire::{Malformed, Reader, Span, open_enum, text};

/// Bytes of the header.
pub(super) const HEADER_BYTES: usize = 64;

/// What matters of a header.
pub(super) struct Header {
    command: u16,
    /// False for a response that reports a failure, whose body is an error.
    succeeded: bool,
    /// True when a server sent it.
    pub(super) response: bool,
    /// Where the next message of a compound begins; 0 in the last one.
    pub(super) next_command: usize,
}

impl Header {
    /// Reads the header, protocol identifier included.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.skip("ProtocolId", 4)?;
        if reader.u16_le("StructureSize")? != 64 {
            return Err(reader.impossible("StructureSize"));
        }
        reader.skip("CreditCharge", 2)?;
        let status = reader.u32_le("Status")?;
        let command = reader.u16_le("Command")?;
        reader.skip("CreditResponse", 2)?;
        let response = reader.u32_le("Flags")? & FLAGS_SERVER_TO_REDIRECTOR != 0;
        let next = reader.u32_le("NextCommand")?;
        let next_command = usize::try_from(next).unwrap_or(usize::MAX);
        // In a request these bytes are the channel sequence.
        let succeeded = !response || matches!(status, 0 | STATUS_MORE_PROCESSING_REQUIRED);
        Ok(Self { command, succeeded, response, next_command })
    }

    /// Tells what a request for files is for, whose header begins at `start`. Only of a tree that is known to be of a
    /// disk: pipes are read and written with the same commands, and carry calls.
    pub(super) fn tell(&self, start: usize, of_disk: bool, out: &mut Sink<'_>) {
        let act = match self.command {
            READ | QUERY_DIRECTORY | QUERY_INFO => Act::Read,
            WRITE | SET_INFO => Act::Write,
            _ => return,
        };
        if !self.response && of_disk {
            out.act(act, Span { at: start.saturating_add(COMMAND_AT), len: 2 });
        }
    }

    /// True for commands that are read to their end. Controls also carry bulk data: such is not waited for.
    pub(super) fn tells_identity(&self, message_bytes: usize) -> bool {
        let small = message_bytes <= SMB_CONTROL_BYTES_MAX;
        let read = match self.command {
            NEGOTIATE | SESSION_SETUP => true,
            TREE_CONNECT => !self.response && small,
            IOCTL => small,
            _ => false,
        };
        read && self.succeeded
    }
}

/// Reads one whole message.
pub(super) fn read(
    message: &Reader<'_>,
    header: &Header,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let body = message.ahead("body", HEADER_BYTES)?;
    match (header.command, ends.response) {
        (NEGOTIATE, false) => negotiate_request(message, body, ends, out),
        (NEGOTIATE, true) => negotiate_response(message, body, ends, out),
        (TREE_CONNECT, _) => share::request(message, body, ends, out),
        (IOCTL, _) => control::read(message, body, ends, out),
        (_, false) => session_setup_request(message, body, ends, out),
        (_, true) => session_setup_response(message, body, ends, out),
    }
}

/// Says the identifier of a server, in SMB1 as in SMB 2; and what it reads as, where a program put letters in it: sixteen
/// random bytes are text once in a billion times. All zero would make one machine of many.
pub(super) fn server_guid(
    reader: &mut Reader<'_>,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = reader.at();
    let bytes = reader.peek().get(..GUID_BYTES).unwrap_or_default();
    guid(reader, "ServerGuid", server, SERVER_GUID, out)?;
    let text = text::until_nul(bytes);
    let (_, padding) = bytes.split_at_checked(text.len()).unwrap_or_default();
    let is_text = text.len() >= GUID_LETTERS_MIN && text.iter().all(u8::is_ascii_graphic);
    if is_text && padding.iter().all(|byte| *byte == 0) {
        let text = text::utf8(text).unwrap_or_default();
        out.text(server, SERVER_GUID_TEXT, &text, reader.since(start));
    }
    Ok(())
}

/// Says an identifier that is not all zero.
pub(super) fn guid(
    reader: &mut Reader<'_>,
    field: &'static str,
    subject: &Subject,
    key: Key,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = reader.at();
    let guid = uuid::Uuid::from_bytes_le(reader.array(field)?);
    if !guid.is_nil() {
        out.text(subject, key, &guid.to_string(), reader.since(start));
    }
    Ok(())
}

fn negotiate_request(
    message: &Reader<'_>,
    mut body: Reader<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    structure_size(&mut body, 36)?;
    let count = usize::from(body.u16_le("DialectCount")?);
    security_mode(&mut body, &ends.client, out)?;
    body.skip("Reserved", 2)?;
    capabilities(&mut body, &ends.client, out)?;
    guid(&mut body, "ClientGuid", &ends.client, CLIENT_GUID, out)?;
    let contexts_at = body.u32_le("NegotiateContextOffset")?;
    let contexts = body.u16_le("NegotiateContextCount")?;
    body.skip("Reserved2", 2)?;
    let mut has_contexts = false;
    // Checked before the loop: a count beyond the message's end says nothing at all of its own.
    let mut dialects = body.sub("Dialects", count.saturating_mul(2))?;
    while !dialects.is_empty() {
        let (dialect, _) = dialect(&mut dialects, &ends.client, DIALECTS, out)?;
        has_contexts |= dialect == Dialect::Smb311;
    }
    if has_contexts {
        // Before SMB 3.1.1 the same bytes were a time.
        negotiate_context::read(message, contexts_at, contexts, ends, out)?;
    }
    Ok(())
}

fn negotiate_response(
    message: &Reader<'_>,
    mut body: Reader<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let server = &ends.server;
    structure_size(&mut body, 65)?;
    security_mode(&mut body, server, out)?;
    let (dialect, span) = dialect(&mut body, server, DIALECT, out)?;
    version(dialect, ends, span, out);
    let contexts = body.u16_le("NegotiateContextCount")?;
    server_guid(&mut body, server, out)?;
    capabilities(&mut body, server, out)?;
    body.skip("MaxTransactSize, MaxReadSize, MaxWriteSize, SystemTime", 20)?;
    let start = body.at();
    if let Some(time) = time(body.u64_le("ServerStartTime")?) {
        out.text(server, BOOT_TIME, &time.to_string(), body.since(start));
    }
    let buffer = (body.u16_le("SecurityBufferOffset")?, body.u16_le("SecurityBufferLength")?);
    let contexts_at = body.u32_le("NegotiateContextOffset")?;
    security(message, buffer, ends, out);
    if dialect == Dialect::Smb311 {
        negotiate_context::read(message, contexts_at, contexts, ends, out)?;
    }
    Ok(())
}

fn session_setup_request(
    message: &Reader<'_>,
    mut body: Reader<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    structure_size(&mut body, 25)?;
    let start = body.at();
    if body.u8("Flags")? & SESSION_FLAG_BINDING != 0 {
        out.uint(&ends.client, MULTI_CHANNEL, 1_u8, body.since(start));
    }
    body.skip("SecurityMode, Capabilities, Channel", 9)?;
    let buffer = (body.u16_le("SecurityBufferOffset")?, body.u16_le("SecurityBufferLength")?);
    security(message, buffer, ends, out);
    Ok(())
}

fn session_setup_response(
    message: &Reader<'_>,
    mut body: Reader<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    structure_size(&mut body, 9)?;
    let start = body.at();
    let session = body.u16_le("SessionFlags")?;
    let span = body.since(start);
    if session & SESSION_FLAG_ENCRYPT_DATA != 0 {
        out.uint(&ends.server, ENCRYPTED, 1_u8, span);
    }
    for (flag, kind) in [(SESSION_FLAG_IS_GUEST, "guest"), (SESSION_FLAG_IS_NULL, "anonymous")] {
        if session & flag != 0 {
            out.text(&ends.server, SESSION, kind, span);
        }
    }
    let buffer = (body.u16_le("SecurityBufferOffset")?, body.u16_le("SecurityBufferLength")?);
    security(message, buffer, ends, out);
    Ok(())
}

/// Reads a security buffer given as offset and length. Damage in it costs only itself.
fn security(message: &Reader<'_>, (offset, length): (u16, u16), ends: &Ends, out: &mut Sink<'_>) {
    if length == 0 {
        return;
    }
    let buffer = message.ahead("SecurityBufferOffset", usize::from(offset));
    match buffer.and_then(|mut from| from.sub("SecurityBufferLength", usize::from(length))) {
        Ok(mut token) => {
            let Ends { client, server, .. } = ends;
            spnego::read(&mut token, out, client, server, ends.sender(), MECHANISM);
        }
        Err(malformed) => out.damaged(malformed),
    }
}

fn structure_size(body: &mut Reader<'_>, size: u16) -> Result<(), Malformed> {
    if body.u16_le("StructureSize")? == size {
        Ok(())
    } else {
        Err(body.impossible("StructureSize"))
    }
}

/// Says whether a node signs.
pub(super) fn security_mode(
    reader: &mut Reader<'_>,
    subject: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = reader.at();
    let mode = reader.u16_le("SecurityMode")?;
    out.text(subject, SIGNING, signing(mode), reader.since(start));
    Ok(())
}

/// Says what a node can do.
pub(super) fn capabilities(
    reader: &mut Reader<'_>,
    subject: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = reader.at();
    let raw = reader.u32_le("Capabilities")?;
    let words = flags::words(raw, flags::CAPABILITIES);
    out.text(subject, CAPABILITIES, &words, reader.since(start));
    Ok(())
}

/// Says a dialect offered or chosen.
pub(super) fn dialect(
    reader: &mut Reader<'_>,
    subject: &Subject,
    key: Key,
    out: &mut Sink<'_>,
) -> Result<(Dialect, Span), Malformed> {
    let start = reader.at();
    let raw = reader.u16_le("Dialect")?;
    let (dialect, span) = (Dialect::from(raw), reader.since(start));
    named(subject, key, dialect.name(), raw, span, out);
    Ok((dialect, span))
}

/// The dialect chosen is what both ends speak from here on.
pub(super) fn version(dialect: Dialect, ends: &Ends, span: Span, out: &mut Sink<'_>) {
    if let Some(version) = dialect.version() {
        for end in [&ends.server, &ends.client] {
            out.text(end, VERSION, version, span);
        }
    }
}

/// Says a value by its name, or as a hexadecimal number when it has none.
pub(super) fn named(
    subject: &Subject,
    key: Key,
    name: Option<&str>,
    raw: u16,
    span: Span,
    out: &mut Sink<'_>,
) {
    match name {
        Some(name) => out.text(subject, key, name, span),
        None => out.text(subject, key, &format!("{raw:#06x}"), span),
    }
}

fn signing(security_mode: u16) -> &'static str {
    match security_mode {
        mode if mode & SIGNING_REQUIRED != 0 => "required",
        mode if mode & SIGNING_ENABLED != 0 => "enabled",
        _ => "disabled",
    }
}

/// A FILETIME, counted in 100 nanoseconds since 1601. Zero means not said; so do times that do not fit.
fn time(file_time: u64) -> Option<Timestamp> {
    let since_1970 = file_time.checked_sub(FILE_TIME_OF_1970)?;
    i64::try_from(since_1970).ok()?.checked_mul(100).map(Timestamp)
}

open_enum! {
    /// Revision of the protocol.
    pub(super) enum Dialect: u16 {
        /// Windows Vista, Windows Server 2008.
        Smb202 = 0x0202, "SMB 2.0.2",
        /// Windows 7, Windows Server 2008 R2.
        Smb21 = 0x0210, "SMB 2.1",
        /// A draft of SMB 3.0, still offered by some clients.
        Draft222 = 0x0222, "SMB 2.2.2",
        /// A later draft of SMB 3.0.
        Draft224 = 0x0224, "SMB 2.2.4",
        /// A promise of SMB 2, given to a client that asked in SMB1; the true choice follows.
        Wildcard = 0x02ff, "SMB 2.???",
        /// Windows 8, Windows Server 2012.
        Smb30 = 0x0300, "SMB 3.0",
        /// Windows 8.1, Windows Server 2012 R2.
        Smb302 = 0x0302, "SMB 3.0.2",
        /// A draft of SMB 3.1.1, still offered by some clients.
        Draft310 = 0x0310, "SMB 3.1.0",
        /// Windows 10, Windows Server 2016 and later.
        Smb311 = 0x0311, "SMB 3.1.1",
    }
}

impl Dialect {
    /// The version of the protocol; `None` while it is not chosen, and for drafts.
    fn version(self) -> Option<&'static str> {
        match self {
            Self::Smb202 | Self::Smb21 => Some("2"),
            Self::Smb30 | Self::Smb302 | Self::Smb311 => Some("3"),
            _ => None,
        }
    }
}

const NEGOTIATE: u16 = 0x0000;
const SESSION_SETUP: u16 = 0x0001;
const TREE_CONNECT: u16 = 0x0003;
const READ: u16 = 0x0008;
const WRITE: u16 = 0x0009;
const IOCTL: u16 = 0x000b;
const QUERY_DIRECTORY: u16 = 0x000e;
const QUERY_INFO: u16 = 0x0010;
const SET_INFO: u16 = 0x0011;
/// Place of the command in the header.
const COMMAND_AT: usize = 12;
const FLAGS_SERVER_TO_REDIRECTOR: u32 = 0x0000_0001;
const STATUS_MORE_PROCESSING_REQUIRED: u32 = 0xc000_0016;
const GUID_BYTES: usize = 16;
const GUID_LETTERS_MIN: usize = 2;
const SIGNING_ENABLED: u16 = 0x0001;
const SIGNING_REQUIRED: u16 = 0x0002;
/// In a request.
const SESSION_FLAG_BINDING: u8 = 0x01;
/// In a response, like the two below.
const SESSION_FLAG_IS_GUEST: u16 = 0x0001;
const SESSION_FLAG_IS_NULL: u16 = 0x0002;
const SESSION_FLAG_ENCRYPT_DATA: u16 = 0x0004;
/// 1 January 1970 as a FILETIME.
const FILE_TIME_OF_1970: u64 = 116_444_736_000_000_000;

#[cfg(test)]
mod tests;
