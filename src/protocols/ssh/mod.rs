//! Secure Shell: which software speaks at both ends, what it can, and the key of the host.
//!
//! Read: identification strings (RFC 4253 section 4.2), the algorithms that both ends offer before they encrypt
//! ([`algorithms`]: section 7.1), and the host key in the answer to the key exchange ([`host_key`]: section 8, RFC 4419,
//! RFC 5656). Skipped: all that is encrypted then: users, passwords and commands. A version that an identification tells
//! says nothing about patches: distributions mend faults and leave it.
//!
//! ```text
//!   SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u6 CR LF        protocol version, software version, comments
//!   | length 4 | padding length 1 | message 1 | ... | padding |          20 algorithms, 21 encrypted from here, 31, 33 host key
//! ```

mod algorithms;
mod host_key;
mod md5;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::{SSH_PACKET_BYTES_MAX, SSH_PACKETS_MAX};
use crate::model::{Key, Subject};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ssh",
    spec: "RFC 4253 (2006), RFC 4419, RFC 5656; HASSH of Salesforce",
    attach: &[Attach::Tcp(22), Attach::Tcp(830)],
    keys: &[&[
        COMMENTS,
        ENCRYPTION_ALGORITHMS,
        HASSH,
        HASSH_SERVER,
        HOST_KEY_FINGERPRINT,
        HOST_KEY_TYPE,
        IDENTIFICATION,
        KEX_ALGORITHMS,
        MAC_ALGORITHMS,
        PROTOCOL_VERSION,
        SERVER_HOST_KEY_ALGORITHMS,
        SOFTWARE_VERSION,
    ]],
    probe,
    start: || Box::new(Conversation::default()),
};

/// What stands behind the software version: most distributions name themselves and their package here.
const COMMENTS: Key = Key::several("ssh.comments");
/// Ciphers that a server offers for what it sends, in its order.
const ENCRYPTION_ALGORITHMS: Key = Key::several("ssh.encryption_algorithms");
/// HASSH of a client: MD5 of what it offers. The same library in the same version has the same.
const HASSH: Key = Key::several("ssh.hassh");
/// HASSH of a server.
const HASSH_SERVER: Key = Key::several("ssh.hassh_server");
/// SHA-256 of the host key, as OpenSSH prints it. Devices of a series may share one that came with their firmware.
const HOST_KEY_FINGERPRINT: Key = Key::several("ssh.host_key_fingerprint");
/// Kind of the host key that the server used.
const HOST_KEY_TYPE: Key = Key::several("ssh.host_key_type");
/// The identification string of this node, without its line end.
const IDENTIFICATION: Key = Key::several("ssh.identification");
/// Key exchanges that a server offers.
const KEX_ALGORITHMS: Key = Key::several("ssh.kex_algorithms");
/// Integrity codes that a server offers for what it sends.
const MAC_ALGORITHMS: Key = Key::several("ssh.mac_algorithms");
/// Protocol version that a server speaks: `2.0`; `1.99` is version 2 that also speaks 1.
const PROTOCOL_VERSION: Key = Key::several("ssh.protocol_version");
/// Kinds of host keys that a server has.
const SERVER_HOST_KEY_ALGORITHMS: Key = Key::several("ssh.server_host_key_algorithms");
/// Software and version, in its own words: never a patch level.
const SOFTWARE_VERSION: Key = Key::several("ssh.software_version");

/// One connection.
#[derive(Default)]
struct Conversation {
    to_server: Side,
    to_client: Side,
}

/// What is remembered of one direction.
#[derive(Default)]
struct Side {
    is_identified: bool,
    /// Packets read since.
    packets: u8,
    is_over: bool,
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        // Behind an identification stand random numbers.
        out.prove_with(PREFIX.len());
        let side = self.side(input.direction);
        if side.is_over {
            // Where the other end is not seen, nobody says when it is over.
            side.packets = side.packets.saturating_add(1);
            return match self.is_over() || self.side(input.direction).packets > SSH_PACKETS_MAX {
                true => Step::Done,
                false => Step::Used(input.bytes.len().max(1)),
            };
        }
        if side.is_identified {
            return self.packet(input, out);
        }
        self.line(input, out)
    }

    /// Without knowing where a packet begins, nothing more can be read of this direction.
    fn gap(&mut self, direction: Direction) {
        self.side(direction).is_over = true;
    }
}

impl Conversation {
    fn side(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    /// True when nothing more comes of either: of a client nothing does behind its algorithms.
    fn is_over(&self) -> bool {
        self.to_server.is_over && self.to_client.is_over
    }

    /// A line: the identification, or one of those that a server may send in front of it.
    fn line(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let bytes = input.bytes;
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
            return if bytes.len() > LINE_BYTES_MAX {
                Step::Lost(Reader::new(bytes).impossible("identification string"))
            } else {
                Step::Need(bytes.len().saturating_add(1))
            };
        };
        let line = bytes.get(..end).unwrap_or_default();
        let used = end.saturating_add(1);
        if !line.starts_with(PREFIX) {
            let is_text = line.iter().all(|byte| *byte >= b' ' || matches!(byte, b'\t' | b'\r'));
            return if is_text && input.direction == Direction::ToClient && used <= LINE_BYTES_MAX {
                Step::Used(used)
            } else {
                Step::Lost(Reader::new(bytes).impossible("identification string"))
            };
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(is_old) = identification(line, input, out) else {
            return Step::Lost(Reader::new(bytes).impossible("protoversion"));
        };
        let side = self.side(input.direction);
        side.is_identified = true;
        side.is_over = is_old;
        match self.is_over() {
            true => Step::Done,
            false => Step::Used(used),
        }
    }

    /// RFC 4253 section 6: a packet that is not encrypted yet.
    fn packet(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let mut r = Reader::new(input.bytes);
        let Ok(length) = r.u32_be("packet_length") else { return Step::Need(LENGTH_BYTES) };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let end = length.saturating_add(LENGTH_BYTES);
        if !(PACKET_BYTES_MIN..=SSH_PACKET_BYTES_MAX).contains(&length) {
            return Step::Lost(r.impossible("packet_length"));
        }
        let head = r.u8("padding_length").and_then(|padding| Ok((padding, r.u8("message")?)));
        let Ok((padding, message)) = head else { return Step::Need(HEAD_BYTES) };
        let is_wanted = matches!(message, KEX_INIT | KEX_REPLY | GROUP_REPLY);
        if is_wanted && input.bytes.len() < end {
            return Step::Need(end);
        }
        let direction = input.direction;
        let side = self.side(direction);
        side.packets = side.packets.saturating_add(1);
        side.is_over = message == NEW_KEYS || side.packets > SSH_PACKETS_MAX;
        let payload = end.saturating_sub(HEAD_BYTES).saturating_sub(usize::from(padding));
        let read = match (message, direction) {
            (KEX_INIT, _) => r.sub("SSH_MSG_KEXINIT", payload).and_then(|body| {
                algorithms::read(body, direction, &Subject::node(input.sender()), out)
            }),
            (KEX_REPLY | GROUP_REPLY, Direction::ToClient) => r
                .sub("SSH_MSG_KEX_ECDH_REPLY", payload)
                .and_then(|body| host_key::read(body, &Subject::node(input.sender()), out)),
            _ => Ok(()),
        };
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
        match self.is_over() {
            true => Step::Done,
            false => Step::Used(end),
        }
    }
}

/// Says what an identification tells; true when it is of version 1, whose packets are others.
fn identification(line: &[u8], input: &Input<'_>, out: &mut Sink<'_>) -> Option<bool> {
    let text = std::str::from_utf8(line).ok().filter(|text| !text.contains(char::is_control))?;
    let rest = text.strip_prefix("SSH-")?;
    let (version, software) = rest.split_once('-')?;
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let sender = Subject::node(input.sender());
    let span = |part: &str| {
        let at = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
        Span { at, len: part.len() }
    };
    out.text(&sender, IDENTIFICATION, text, span(text));
    if input.direction == Direction::ToClient {
        out.text(&sender, PROTOCOL_VERSION, version, span(version));
    }
    let (software, comments) = software.split_once(' ').unwrap_or((software, ""));
    out.text(&sender, SOFTWARE_VERSION, software, span(software));
    out.text(&sender, COMMENTS, comments, span(comments));
    Some(version.starts_with("1.") && version != "1.99")
}

/// Sure of the beginning of an identification; a server may send other lines first.
fn probe(bytes: &[u8]) -> Probe {
    let start = match bytes.windows(BEHIND_LINE.len()).position(|word| word == BEHIND_LINE) {
        Some(end) if !bytes.starts_with(PREFIX) => end.saturating_add(1),
        _ => 0,
    };
    match bytes.get(start..).unwrap_or_default() {
        [b'S', b'S', b'H', b'-', b'1' | b'2', b'.', b'0'..=b'9', ..] => Probe::Yes,
        short if PREFIX.starts_with(short) || short.starts_with(PREFIX) && short.len() < 7 => {
            Probe::More
        }
        _ => Probe::No,
    }
}

/// A list of names (RFC 4251 section 5) or any other string: its length takes four bytes.
fn string<'a>(r: &mut Reader<'a>, field: &'static str) -> Result<Reader<'a>, Malformed> {
    let length = usize::try_from(r.u32_be(field)?).unwrap_or(usize::MAX);
    r.sub(field, length)
}

const PREFIX: &[u8] = b"SSH-";
const BEHIND_LINE: &[u8] = b"\nSSH-";
/// RFC 4253 section 4.2 allows 255; lines in front of it may be longer.
const LINE_BYTES_MAX: usize = 1_024;

const LENGTH_BYTES: usize = 4;
/// Length, length of the padding, message.
const HEAD_BYTES: usize = 6;
/// The length of the padding, a message, and four bytes of padding at least (RFC 4253 section 6).
const PACKET_BYTES_MIN: usize = 6;

const KEX_INIT: u8 = 20;
const NEW_KEYS: u8 = 21;
const KEX_REPLY: u8 = 31;
/// Of an exchange whose group the server chose (RFC 4419), where 31 is the group.
const GROUP_REPLY: u8 = 33;
