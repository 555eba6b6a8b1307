//! SMB1, also called CIFS: dialects, security mode and names of NEGOTIATE, and the operating systems that both
//! ends tell in SESSION_SETUP_ANDX.
//!
//! Reads \[MS-CIFS\] sections 2.2.3.1 (header), 2.2.4.52 (NEGOTIATE) and 2.2.4.53 (SESSION_SETUP_ANDX), with
//! \[MS-SMB\] sections 2.2.4.5 and 2.2.4.6 for extended security; the response of LAN Manager dialects from
//! \[MS-CIFS\] section 2.2.4.52.2; and of 2.2.4.55.1 (TREE_CONNECT_ANDX) and 2.2.4.50.1 (TREE_CONNECT) the name that
//! the client knows the server by. Skips accounts and passwords, the server's present time, and all other commands.
//!
//! ```text
//!   0           4         5        9       10       12                              32
//!   | FF 'SMB'  | command | status | flags | flags2 | process, signature, tree ...  |
//!   32          33                        33 + 2 n
//!   | n words   | words: AndXCommand 00 AndXOffset ... | ByteCount u16 | bytes ...
//! ```
//!
//! AndXOffset counts from `FF 'SMB'` and leads to the next command's word count. UTF-16 strings lie on even
//! offsets from there. What form a message has is told by its number of words, so that answers that ask for
//! more processing are read like those that finish.

mod block;

use crate::model::Act;
use crate::model::limits::{NESTED_MESSAGES_MAX, SMB_DIALECTS_MAX};
use crate::protocols::Sink;
use crate::protocols::shared::spnego;
use crate::protocols::smb::{
    CAPABILITIES_SMB1, DIALECT, DIALECTS, Ends, MECHANISM, NATIVE_LAN_MANAGER, NATIVE_OS,
    PRIMARY_DOMAIN, SECURITY_MODE, SERVER_NAME, SESSION, SIGNING, TIME_ZONE, flags, share, smb2,
};
use crate::wire::{Malformed, Reader, Span};
use block::Block;

/// Bytes of the header.
pub(super) const HEADER_BYTES: usize = 32;

/// What matters of a header.
pub(super) struct Header {
    command: u8,
    unicode: bool,
    /// True when a server sent it.
    pub(super) response: bool,
}

impl Header {
    /// Reads the header, protocol identifier included.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.skip("Protocol", 4)?;
        let command = reader.u8("Command")?;
        reader.skip("Status", 4)?;
        let flags = reader.u8("Flags")?;
        let flags2 = reader.u16_le("Flags2")?;
        Ok(Self {
            command,
            unicode: flags2 & FLAGS2_UNICODE != 0,
            response: flags & FLAGS_REPLY != 0,
        })
    }

    /// Tells what a request for files is for, whose header begins at `start`: of those that name a file by its path.
    /// What is read and written by number may be a pipe, and what a TRANSACTION2 is for stands far behind the header.
    pub(super) fn tell(&self, start: usize, out: &mut Sink<'_>) {
        let act = match self.command {
            QUERY_INFORMATION | SEARCH => Act::Read,
            CREATE_DIRECTORY | DELETE_DIRECTORY | CREATE | DELETE | RENAME | SET_INFORMATION
            | COPY | MOVE => Act::Write,
            _ => return,
        };
        if !self.response {
            out.act(act, Span { at: start.saturating_add(COMMAND_AT), len: 1 });
        }
    }

    /// True for commands that are read to their end.
    pub(super) fn tells_identity(&self) -> bool {
        match self.command {
            NEGOTIATE | SESSION_SETUP_ANDX | LOGOFF_ANDX => true,
            TREE_CONNECT_ANDX | TREE_CONNECT => !self.response,
            _ => false,
        }
    }
}

/// Reads one whole message. Tells whether its sender speaks SMB1: a client that offers SMB 2 only, in the
/// clothes of SMB1, does not, nor does a server that accepts no dialect.
pub(super) fn read(
    message: &Reader<'_>,
    header: &Header,
    ends: &Ends,
    offered: &mut Vec<Box<str>>,
    out: &mut Sink<'_>,
) -> Result<bool, Malformed> {
    if !matches!(header.command, NEGOTIATE | TREE_CONNECT) {
        return chain(message, header, ends, out).map(|()| true);
    }
    let mut block = Block::read(message, HEADER_BYTES, out)?;
    if header.command == TREE_CONNECT {
        block.unicode = header.unicode;
        block.bytes.skip("BufferFormat", 1)?;
        return tree_connect(&mut block, ends, out).map(|()| true);
    }
    if header.response {
        negotiate_response(&mut block, ends, offered, out)
    } else {
        negotiate_request(&mut block, ends, offered, out)
    }
}

/// Dialect strings, each behind a byte 0x02. The server answers with the number of one.
fn negotiate_request(
    block: &mut Block<'_>,
    ends: &Ends,
    offered: &mut Vec<Box<str>>,
    out: &mut Sink<'_>,
) -> Result<bool, Malformed> {
    offered.clear();
    while !block.bytes.is_empty() && offered.len() < SMB_DIALECTS_MAX {
        if block.bytes.u8("BufferFormat")? != BUFFER_FORMAT_DIALECT {
            return Err(block.bytes.impossible("BufferFormat"));
        }
        let (name, span) = block.string("DialectName", false)?;
        let name = name.unwrap_or_default();
        out.text(&ends.client, DIALECTS, &name, span);
        offered.push(name);
    }
    Ok(offered.iter().any(|dialect| !dialect.starts_with("SMB 2")))
}

fn negotiate_response(
    block: &mut Block<'_>,
    ends: &Ends,
    offered: &[Box<str>],
    out: &mut Sink<'_>,
) -> Result<bool, Malformed> {
    let server = &ends.server;
    let words = &mut block.words;
    let word_bytes = words.left();
    if word_bytes == 0 {
        return Ok(false); // An error instead of an answer.
    }
    let index_at = words.at();
    let index = words.u16_le("DialectIndex")?;
    if index == NO_DIALECT {
        return Ok(false);
    }
    // Without the request it is not known: NT LANMAN 1.0 answers with seventeen words as NT LM 0.12 does.
    let dialect = offered.get(usize::from(index)).map(AsRef::as_ref);
    out.text(server, DIALECT, dialect.unwrap_or_default(), words.since(index_at));
    match word_bytes {
        NT_WORD_BYTES => negotiate_nt(block, ends, out)?,
        LAN_MANAGER_WORD_BYTES => negotiate_lan_manager(block, ends, out)?,
        _ => {}
    }
    Ok(true)
}

fn negotiate_nt(block: &mut Block<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let server = &ends.server;
    let words = &mut block.words;
    let start = words.at();
    let security_mode = words.u8("SecurityMode")?;
    lets_in(security_mode, words.since(start), ends, out);
    let signing = match security_mode {
        mode if mode & SIGNING_REQUIRED != 0 => "required",
        mode if mode & SIGNING_ENABLED != 0 => "enabled",
        _ => "disabled",
    };
    out.text(server, SIGNING, signing, words.since(start));
    words.skip("MaxMpxCount, MaxNumberVcs, MaxBufferSize, MaxRawSize, SessionKey", 16)?;
    let start = words.at();
    let capabilities = words.u32_le("Capabilities")?;
    let able = flags::words(capabilities, flags::CAPABILITIES_SMB1);
    out.text(server, CAPABILITIES_SMB1, &able, words.since(start));
    words.skip("SystemTime", 8)?;
    time_zone(words, ends, out)?;
    let challenge_bytes = usize::from(words.u8("ChallengeLength")?);
    if capabilities & EXTENDED_SECURITY != 0 {
        smb2::server_guid(&mut block.bytes, server, out)?;
        security(&mut block.bytes, ends, out);
        return Ok(());
    }
    block.bytes.skip("Challenge", challenge_bytes)?;
    // Alone among all strings of SMB1 these are not aligned, and the capabilities tell their alphabet.
    block.unicode = capabilities & UNICODE != 0;
    for key in [PRIMARY_DOMAIN, SERVER_NAME] {
        block.say(key, "DomainName, ServerName", false, ends, out)?;
    }
    Ok(())
}

fn negotiate_lan_manager(
    block: &mut Block<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let words = &mut block.words;
    let start = words.at();
    let security_mode = words.u8("SecurityMode")?;
    lets_in(security_mode, words.since(start), ends, out);
    words.skip("SecurityMode, MaxBufferSize, MaxMpxCount, MaxNumberVcs, RawMode", 9)?;
    words.skip("SessionKey, ServerTime, ServerDate", 8)?;
    time_zone(words, ends, out)?;
    let challenge_bytes = usize::from(words.u16_le("ChallengeLength")?);
    block.bytes.skip("Challenge", challenge_bytes)?;
    block.unicode = false;
    block.say(PRIMARY_DOMAIN, "PrimaryDomain", false, ends, out)
}

fn lets_in(security_mode: u8, span: Span, ends: &Ends, out: &mut Sink<'_>) {
    let level = if security_mode & USER_SECURITY != 0 { "user level" } else { "share level" };
    let encrypted = security_mode & ENCRYPT_PASSWORDS != 0;
    let passwords = if encrypted { "encrypted passwords" } else { "plain-text passwords" };
    for word in [level, passwords] {
        out.text(&ends.server, SECURITY_MODE, word, span);
    }
}

/// Minutes from local time to UTC: negative east of Greenwich, against the habit of writing zones.
fn time_zone(words: &mut Reader<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = words.at();
    let behind = i16::from_le_bytes(words.array("ServerTimeZone")?);
    let minutes = behind.unsigned_abs();
    if minutes > 24 * 60 {
        out.damaged(words.impossible("ServerTimeZone"));
        return Ok(());
    }
    let sign = if behind > 0 { '-' } else { '+' };
    let zone = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    out.text(&ends.server, TIME_ZONE, &zone, words.since(start));
    Ok(())
}

/// Walks the commands of one message. Each must begin behind the one before.
fn chain(
    message: &Reader<'_>,
    header: &Header,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut command = header.command;
    let mut at = HEADER_BYTES;
    for _ in 0..NESTED_MESSAGES_MAX {
        let mut block = Block::read(message, at, out)?;
        if block.words.is_empty() {
            return Ok(()); // An error, which ends the chain.
        }
        let next_command = block.words.u8("AndXCommand")?;
        block.words.skip("AndXReserved", 1)?;
        let next_at = usize::from(block.words.u16_le("AndXOffset")?);
        block.unicode = header.unicode;
        match command {
            SESSION_SETUP_ANDX => session_setup(&mut block, ends, out)?,
            TREE_CONNECT_ANDX if !ends.response => {
                block.words.skip("Flags", 2)?;
                let password = usize::from(block.words.u16_le("PasswordLength")?);
                block.bytes.skip("Password", password)?;
                tree_connect(&mut block, ends, out)?;
            }
            _ => {}
        }
        if !matches!(next_command, SESSION_SETUP_ANDX | LOGOFF_ANDX | TREE_CONNECT_ANDX) {
            return Ok(());
        }
        if next_at <= at {
            return Err(block.words.impossible("AndXOffset"));
        }
        (command, at) = (next_command, next_at);
    }
    out.count("smb.chains_too_long");
    Ok(())
}

/// The path is the string that comes next.
fn tree_connect(block: &mut Block<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let path = block.raw("Path", true)?;
    share::server(path.bytes, path.unicode, path.span.at, ends, out);
    Ok(())
}

fn session_setup(block: &mut Block<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let words = &mut block.words;
    let form = words.left().saturating_add(ANDX_WORD_BYTES) / 2;
    match (ends.response, form) {
        (false, 10 | 13) => {
            words.skip("MaxBufferSize, MaxMpxCount, VcNumber, SessionKey", 10)?;
            let oem = usize::from(words.u16_le("OEMPasswordLen")?);
            let unicode = if form == 13 { words.u16_le("UnicodePasswordLen")? } else { 0 };
            words.skip("Reserved", 4)?;
            client_capabilities(words, ends, out)?;
            block.bytes.skip("OEMPassword", oem)?;
            block.bytes.skip("UnicodePassword", usize::from(unicode))?;
            block.string("AccountName", true)?;
            for key in [PRIMARY_DOMAIN, NATIVE_OS, NATIVE_LAN_MANAGER] {
                block.say(key, "PrimaryDomain, NativeOS, NativeLanMan", true, ends, out)?;
            }
            return Ok(());
        }
        (false, 12) => {
            words.skip("MaxBufferSize, MaxMpxCount, VcNumber, SessionKey", 10)?;
            let blob = usize::from(words.u16_le("SecurityBlobLength")?);
            words.skip("Reserved", 4)?;
            client_capabilities(words, ends, out)?;
            security(&mut block.bytes.sub("SecurityBlob", blob)?, ends, out);
        }
        (true, 3) => action(words, ends, out)?,
        (true, 4) => {
            action(words, ends, out)?;
            let blob = usize::from(words.u16_le("SecurityBlobLength")?);
            security(&mut block.bytes.sub("SecurityBlob", blob)?, ends, out);
        }
        _ => return Err(words.impossible("WordCount")),
    }
    for key in [NATIVE_OS, NATIVE_LAN_MANAGER, PRIMARY_DOMAIN] {
        block.say(key, "NativeOS, NativeLanMan, PrimaryDomain", true, ends, out)?;
    }
    Ok(())
}

fn action(words: &mut Reader<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = words.at();
    if words.u16_le("Action")? & SETUP_GUEST != 0 {
        out.text(&ends.server, SESSION, "guest", words.since(start));
    }
    Ok(())
}

/// The last two words of the forms that have them.
fn client_capabilities(
    words: &mut Reader<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if !words.is_empty() {
        let start = words.at();
        let capabilities = words.u32_le("Capabilities")?;
        let able = flags::words(capabilities, flags::CAPABILITIES_SMB1);
        out.text(&ends.client, CAPABILITIES_SMB1, &able, words.since(start));
    }
    Ok(())
}

fn security(blob: &mut Reader<'_>, ends: &Ends, out: &mut Sink<'_>) {
    spnego::read(blob, out, &ends.client, &ends.server, ends.sender(), MECHANISM);
}

const CREATE_DIRECTORY: u8 = 0x00;
const DELETE_DIRECTORY: u8 = 0x01;
const CREATE: u8 = 0x03;
const DELETE: u8 = 0x06;
const RENAME: u8 = 0x07;
const QUERY_INFORMATION: u8 = 0x08;
const SET_INFORMATION: u8 = 0x09;
const COPY: u8 = 0x29;
const MOVE: u8 = 0x2a;
const TREE_CONNECT: u8 = 0x70;
const NEGOTIATE: u8 = 0x72;
const SESSION_SETUP_ANDX: u8 = 0x73;
const LOGOFF_ANDX: u8 = 0x74;
const TREE_CONNECT_ANDX: u8 = 0x75;
const SEARCH: u8 = 0x81;
/// Place of the command in the header.
const COMMAND_AT: usize = 4;

const FLAGS_REPLY: u8 = 0x80;
const FLAGS2_UNICODE: u16 = 0x8000;
const USER_SECURITY: u8 = 0x01;
const ENCRYPT_PASSWORDS: u8 = 0x02;
const SIGNING_ENABLED: u8 = 0x04;
const SIGNING_REQUIRED: u8 = 0x08;
const UNICODE: u32 = 0x0000_0004;
const EXTENDED_SECURITY: u32 = 0x8000_0000;
const SETUP_GUEST: u16 = 0x0001;

const BUFFER_FORMAT_DIALECT: u8 = 0x02;
const NO_DIALECT: u16 = 0xffff;
const NT_WORD_BYTES: usize = 34;
const LAN_MANAGER_WORD_BYTES: usize = 26;
/// AndXCommand, AndXReserved and AndXOffset.
const ANDX_WORD_BYTES: usize = 4;

#[cfg(test)]
mod tests;
