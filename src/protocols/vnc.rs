//! Virtual Network Computing (remote framebuffer protocol): a screen that others can look at and work on.
//!
//! Reads the versions of both ends, how a client may and does show who it is (RFC 6143 section 7.1 and the registry of
//! security types), and the name and size of the desktop (7.3.2). Skips challenges and responses, and everything that is
//! drawn, typed and pointed at: reading ends with the desktop's name, or where a security type of its own begins.
//!
//! ```text
//!   both    "RFB 003.008\n"
//!   3.7 on  server: count, types ...       client: type          3.3  server: type u32
//!   type 2  server: challenge 16           client: response 16
//!   3.8 on  server: result u32 (type 1, too)                     before: of type 2 only
//!   client  ClientInit: shared u8
//!   server  ServerInit: width u16 | height u16 | pixel format 16 | length u32 | name
//! ```

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::VNC_NAME_BYTES_MAX;
use crate::model::{Key, Subject};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "vnc",
    spec: "RFC 6143 (2011)",
    attach: &[Attach::Tcp(5900), Attach::Tcp(5901), Attach::Tcp(5902), Attach::Tcp(5903)],
    keys: &[&[DESKTOP_NAME, DESKTOP_SIZE, PROTOCOL_VERSION, SECURITY_TYPE, USED_SECURITY_TYPE]],
    probe,
    start: || Box::new(Conversation::default()),
};

/// Name of the desktop, without the person whom it may belong to.
const DESKTOP_NAME: Key = Key::several("vnc.desktop_name");
/// Its size in pixels: `1024x768`.
const DESKTOP_SIZE: Key = Key::several("vnc.desktop_size");
/// Version of the protocol, of either end: `003.008`.
const PROTOCOL_VERSION: Key = Key::several("vnc.protocol_version");
/// Ways in which clients may show who they are: `None` lets anybody in.
const SECURITY_TYPE: Key = Key::several("vnc.security_type");
/// The way that was used, of the server.
const USED_SECURITY_TYPE: Key = Key::several("vnc.used_security_type");

/// What comes next from the server.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Awaited {
    #[default]
    Version,
    Types,
    /// Sixteen bytes that nothing may be kept of.
    Challenge,
    Result,
    Desktop,
}

/// One connection.
#[derive(Default)]
struct Conversation {
    awaited: Awaited,
    /// Minor number of the version that is spoken: the lower one of both ends'.
    version: Option<u16>,
    /// The client's version was seen.
    is_answered: bool,
    /// The client chose a type.
    is_chosen: bool,
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        out.prove_with(VERSION_BYTES);
        let is_awaited = match input.direction {
            Direction::ToServer => !self.is_answered,
            Direction::ToClient => self.awaited == Awaited::Version,
        };
        if is_awaited && (input.bytes.starts_with(MAGIC) || MAGIC.starts_with(input.bytes)) {
            return self.version(input, out);
        }
        out.prove_with(0);
        let read = match input.direction {
            Direction::ToServer => self.client(input, out),
            Direction::ToClient => self.server(input, out),
        };
        match read {
            Ok(step) => step,
            Err(malformed) if malformed.need == malformed.have => Step::Lost(malformed),
            Err(_) if input.whole => Step::Done,
            Err(_) => Step::Need(input.bytes.len().saturating_add(1)),
        }
    }

    fn gap(&mut self, _direction: Direction) {
        // Where in the exchange what follows stands is not known.
        (self.awaited, self.is_answered) = (Awaited::Version, false);
    }
}

impl Conversation {
    fn version(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let Some(version) = input.bytes.get(..VERSION_BYTES) else {
            return if input.whole { Step::Done } else { Step::Need(VERSION_BYTES) };
        };
        let Some(minor) = minor(version) else {
            return Step::Lost(Reader::new(input.bytes).impossible("ProtocolVersion"));
        };
        let text = std::str::from_utf8(version.get(4..11).unwrap_or_default()).unwrap_or_default();
        let sender = Subject::node(input.sender());
        out.text(&sender, PROTOCOL_VERSION, text, Span { at: 4, len: 7 });
        match input.direction {
            Direction::ToClient => (self.awaited, self.version) = (Awaited::Types, Some(minor)),
            Direction::ToServer => {
                self.is_answered = true;
                self.version = self.version.map(|server| server.min(minor));
            }
        }
        Step::Used(VERSION_BYTES)
    }

    /// Whether the version is 3.3, in which the server decides; others take their minor number for 3.8 or later.
    fn is_old(&self) -> bool {
        self.version.is_none_or(|version| version < TYPES_ARE_OFFERED)
    }

    fn client(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Result<Step, Malformed> {
        let mut r = Reader::new(input.bytes);
        if !self.is_answered || self.version.is_none() {
            return Ok(Step::Done);
        }
        if self.is_old() || self.is_chosen {
            // A response, whether to share, and then what is typed: nothing that tells.
            return Ok(Step::Used(input.bytes.len().max(1)));
        }
        let kind = r.u8("security-type")?;
        let span = Span { at: 0, len: 1 };
        out.text(&Subject::node(input.receiver()), USED_SECURITY_TYPE, &told(kind), span);
        self.is_chosen = true;
        self.goes_on(u32::from(kind));
        Ok(if self.awaited == Awaited::Types { Step::Done } else { Step::Used(1) })
    }

    /// A type was chosen: what follows, if that is known.
    fn goes_on(&mut self, kind: u32) {
        let says_so = self.version.is_some_and(|version| version >= RESULT_ALWAYS);
        self.awaited = match kind {
            NONE if says_so => Awaited::Result,
            NONE => Awaited::Desktop,
            PASSWORD => Awaited::Challenge,
            _ => Awaited::Types,
        };
    }

    fn server(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Result<Step, Malformed> {
        let server = Subject::node(input.sender());
        let mut r = Reader::new(input.bytes);
        match self.awaited {
            Awaited::Version => Ok(Step::Done),
            Awaited::Types if !self.is_answered || self.is_chosen => Ok(Step::Done),
            Awaited::Types if self.is_old() => {
                let kind = r.u32_be("security-type")?;
                if let Ok(kind) = u8::try_from(kind) {
                    let span = Span { at: 0, len: 4 };
                    out.text(&server, SECURITY_TYPE, &told(kind), span);
                    out.text(&server, USED_SECURITY_TYPE, &told(kind), span);
                }
                self.goes_on(kind);
                Ok(if self.awaited == Awaited::Types { Step::Done } else { Step::Used(r.at()) })
            }
            Awaited::Types => {
                let count = r.u8("number-of-security-types")?;
                if count == 0 {
                    return Ok(Step::Done); // A reason why not.
                }
                let mut types = r.sub("security-types", usize::from(count))?;
                while !types.is_empty() {
                    let at = types.at();
                    let kind = types.u8("security-type")?;
                    out.text(&server, SECURITY_TYPE, &told(kind), Span { at, len: 1 });
                }
                Ok(Step::Used(r.at()))
            }
            Awaited::Challenge => {
                self.awaited = Awaited::Result;
                Ok(Step::Used(CHALLENGE_BYTES))
            }
            Awaited::Result => {
                let result = r.u32_be("SecurityResult")?;
                self.awaited = Awaited::Desktop;
                Ok(if result == 0 { Step::Used(r.at()) } else { Step::Done })
            }
            Awaited::Desktop => desktop(&server, r, out),
        }
    }
}

fn desktop(server: &Subject, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<Step, Malformed> {
    let (width, height) = (r.u16_be("framebuffer-width")?, r.u16_be("framebuffer-height")?);
    let size = r.since(0);
    r.skip("server-pixel-format", PIXEL_FORMAT_BYTES)?;
    let length = usize::try_from(r.u32_be("name-length")?).unwrap_or(usize::MAX);
    let mut name = r.sub("name-string", length.min(VNC_NAME_BYTES_MAX))?;
    out.text(server, DESKTOP_SIZE, &format!("{width}x{height}"), size);
    let (start, bytes) = (name.at(), name.rest());
    if let Some((skip, length)) = of_machine(bytes) {
        let kept = bytes.get(skip..skip.saturating_add(length)).unwrap_or_default();
        let span = Span { at: start.saturating_add(skip), len: length };
        readable::say(out, server, DESKTOP_NAME, kept, span);
    }
    Ok(Step::Done)
}

/// Where the name of the machine stands in that of a desktop, which often is a person's: `anna's X desktop (hmi7:1)`,
/// `hmi7:1 (anna)`, `anna@hmi7`. Nothing where it cannot be told.
fn of_machine(name: &[u8]) -> Option<(usize, usize)> {
    let text = std::str::from_utf8(name).ok()?;
    if let Some((_, rest)) = text.split_once("'s ") {
        let (before, _) = rest.rsplit_once(')')?;
        let (_, inner) = before.rsplit_once('(')?;
        return text.find(inner).map(|at| (at, inner.len()));
    }
    if let Some((_, machine)) = text.rsplit_once('@') {
        let length = machine.find(' ').unwrap_or(machine.len());
        return Some((text.len().saturating_sub(machine.len()), length));
    }
    let machine = text.split(" (").next().unwrap_or_default();
    (!machine.is_empty()).then_some((0, machine.len()))
}

/// The first twelve bytes are the same in all versions, and nothing else begins so.
fn probe(bytes: &[u8]) -> Probe {
    match bytes.get(..VERSION_BYTES) {
        Some(version) if minor(version).is_some() => Probe::Yes,
        Some(_) => Probe::No,
        None if MAGIC.starts_with(bytes) || bytes.starts_with(MAGIC) => Probe::More,
        None => Probe::No,
    }
}

/// The minor number of a version.
fn minor(version: &[u8]) -> Option<u16> {
    let [b'R', b'F', b'B', b' ', a, b, c, b'.', d, e, f, b'\n'] = version else { return None };
    let digits = [a, b, c, d, e, f];
    digits.iter().all(|digit| digit.is_ascii_digit()).then(|| {
        [d, e, f].iter().fold(0_u16, |number, digit| {
            number.saturating_mul(10).saturating_add(u16::from(digit.saturating_sub(b'0')))
        })
    })
}

fn told(kind: u8) -> String {
    let known = SECURITY_TYPES.iter().find(|(number, _)| *number == kind);
    known.map_or_else(|| kind.to_string(), |(_, name)| (*name).to_owned())
}

const MAGIC: &[u8] = b"RFB ";
const VERSION_BYTES: usize = 12;
/// From 3.7 on the server offers types and the client chooses.
const TYPES_ARE_OFFERED: u16 = 7;
/// From 3.8 on the result is told of every type.
const RESULT_ALWAYS: u16 = 8;
const NONE: u32 = 1;
const PASSWORD: u32 = 2;
const CHALLENGE_BYTES: usize = 16;
const PIXEL_FORMAT_BYTES: usize = 16;

/// Names of the IANA registry "Remote Framebuffer Security Types".
const SECURITY_TYPES: &[(u8, &str)] = &[
    (0, "Invalid"),
    (1, "None"),
    (2, "VNC Authentication"),
    (5, "RSA-AES"),
    (6, "RSA-AES Unencrypted"),
    (13, "RSA-AES Two-step"),
    (16, "Tight"),
    (17, "Ultra"),
    (18, "TLS"),
    (19, "VeNCrypt"),
    (20, "SASL"),
    (21, "MD5 hash authentication"),
    (22, "xvp"),
    (23, "Secure Tunnel"),
    (24, "Integrated SSH"),
    (30, "Apple Remote Desktop"),
    (129, "RSA-AES-256"),
    (130, "RSA-AES-256 Unencrypted"),
    (133, "RSA-AES-256 Two-step"),
];

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use crate::flow::Direction::{ToClient, ToServer};
    use crate::protocols::harness;

    fn said(messages: &[(Direction, &[u8])]) -> Vec<String> {
        harness::read(&PROTOCOL, false, messages).lines()
    }

    fn server_init(name: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x04, 0, 0x03, 0];
        bytes.extend([0; 16]);
        bytes.extend([0, 0, 0, u8::try_from(name.len()).unwrap()]);
        bytes.extend(name);
        bytes
    }

    #[test]
    fn a_desktop_behind_a_password_is_told_without_the_exchange() {
        let init = server_init(b"hmi7:1 (anna)");
        let lines = said(&[
            (ToClient, b"RFB 003.008\n"),
            (ToServer, b"RFB 003.008\n"),
            (ToClient, &[2, 2, 19]),
            (ToServer, &[2]),
            (ToClient, &[0xaa; 16]),
            (ToServer, &[0xbb; 16]),
            (ToClient, &[0, 0, 0, 0]),
            (ToServer, &[1]),
            (ToClient, &init),
            (ToServer, b"\x04\x01\x00\x00"),
        ]);
        assert_eq!(
            lines,
            [
                "10.0.0.2  vnc.protocol_version = 003.008 @4+7",
                "10.0.0.1  vnc.protocol_version = 003.008 @4+7",
                "10.0.0.2  vnc.security_type = VNC Authentication @1+1",
                "10.0.0.2  vnc.security_type = VeNCrypt @2+1",
                "10.0.0.2  vnc.used_security_type = VNC Authentication @0+1",
                "10.0.0.2  vnc.desktop_size = 1024x768 @0+4",
                "10.0.0.2  vnc.desktop_name = hmi7:1 @24+6",
            ]
        );
    }

    #[test]
    fn the_oldest_version_lets_the_server_decide() {
        let init = server_init(b"WinCC RT");
        let lines = said(&[
            (ToClient, b"RFB 003.003\n"),
            (ToServer, b"RFB 003.003\n"),
            (ToClient, &[0, 0, 0, 1]),
            (ToServer, &[1]),
            (ToClient, &init),
        ]);
        assert_eq!(lines[2], "10.0.0.2  vnc.security_type = None @0+4");
        assert_eq!(lines[5], "10.0.0.2  vnc.desktop_name = WinCC RT @24+8");
    }

    #[test]
    fn a_result_that_comes_byte_by_byte_is_awaited() {
        let init = server_init(b"hmi7");
        let lines = said(&[
            (ToClient, b"RFB 003.008\n"),
            (ToServer, b"RFB 003.008\n"),
            (ToClient, &[1, 1]),
            (ToServer, &[1]),
            (ToClient, &[0, 0]),
            (ToClient, &[0, 0]),
            (ToClient, &init[..7]),
            (ToClient, &init[7..]),
        ]);
        assert_eq!(lines[5], "10.0.0.2  vnc.desktop_name = hmi7 @24+4");
    }

    #[test]
    fn names_of_people_are_no_part_of_a_desktops() {
        let kept = |name: &[u8]| {
            of_machine(name)
                .map(|(at, length)| String::from_utf8_lossy(&name[at..at + length]).into_owned())
        };
        assert_eq!(kept(b"anna's X desktop (hmi7:1)").as_deref(), Some("hmi7:1"));
        assert_eq!(kept(b"anna's Mac"), None);
        assert_eq!(kept(b"hmi7:1 (anna)").as_deref(), Some("hmi7:1"));
        assert_eq!(kept(b"anna@hmi7").as_deref(), Some("hmi7"));
    }

    #[test]
    fn what_a_type_of_its_own_begins_is_not_read() {
        let lines = said(&[
            (ToClient, b"RFB 003.889\n"),
            (ToServer, b"RFB 003.889\n"),
            (ToClient, &[1, 30]),
            (ToServer, &[30]),
            (ToClient, &[0; 64]),
        ]);
        assert_eq!(lines[3], "10.0.0.2  vnc.used_security_type = Apple Remote Desktop @0+1");
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn a_version_is_recognised_on_any_port() {
        assert_eq!(probe(b"RFB 004.001\n"), Probe::Yes);
        assert_eq!(probe(b"RFB 0"), Probe::More);
        assert_eq!(probe(b"RFB x04.001\n"), Probe::No);
        assert_eq!(probe(b"GET / HTTP/1"), Probe::No);
    }
}
