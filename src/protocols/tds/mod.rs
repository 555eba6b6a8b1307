//! Tabular Data Stream of Microsoft SQL Server, and the browser that tells where its instances are.
//!
//! Read: pre-login of both ends (\[MS-TDS\] sections 2.2.6.5 and 2.2.6.6), of a login that is not encrypted the names of the
//! client machine and its programs ([`login`]: section 2.2.6.4), of the answer the name and the version of the server
//! ([`answer`]: section 2.2.7); answers of SQL Server Browser ([`browser`]: \[MC-SQLR\]). Skipped: users, passwords, databases,
//! queries and results. The build of a server is its patch level; which update that is, a table of Microsoft's tells.
//!
//! ```text
//!   | type 1 | status 1 | length 2 | process 2 | packet 1 | window 1 | ...          18 pre-login, 16 login, 4 answer
//!   pre-login  | option 1, offset 2, length 2 | ... | 255 | data          0 version, 1 encryption, 2 instance
//! ```

mod answer;
mod browser;
mod login;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests;

use crate::flow::{Attach, Input};
use crate::model::limits::{LIST_ITEMS_MAX, TDS_MESSAGE_BYTES_MAX};
use crate::model::{Key, Subject};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "tds",
    spec: "[MS-TDS] and [MC-SQLR]",
    attach: &[Attach::Tcp(1433), Attach::Udp(1434)],
    keys: &[&[
        APPLICATION,
        CLIENT_LIBRARY,
        CLIENT_NAME,
        CLIENT_VERSION,
        ENCRYPTION,
        INSTANCE,
        INSTANCE_PORT,
        INSTANCE_VERSION,
        PROGRAM,
        SERVER_NAME,
        VERSION,
    ]],
    probe,
    start: || Box::new(Conversation::default()),
};

/// Programs that log in, in their own words.
const APPLICATION: Key = Key::several("tds.application");
/// Libraries that they speak through.
const CLIENT_LIBRARY: Key = Key::several("tds.client_library");
/// Name of the client machine.
const CLIENT_NAME: Key = Key::one("tds.client_name");
/// Version of the client's library.
const CLIENT_VERSION: Key = Key::several("tds.client_version");
/// What the server wants encrypted: `off` is the login only, `not supported` nothing, `required` all.
const ENCRYPTION: Key = Key::several("tds.encryption");
/// Instances that the browser of this host knows.
const INSTANCE: Key = Key::several("tds.instance");
/// Instance and TCP port that it listens at.
const INSTANCE_PORT: Key = Key::several("tds.instance_port");
/// Instance and version that the browser tells: often that of its first installation.
const INSTANCE_VERSION: Key = Key::several("tds.instance_version");
/// Name and version that the server gives itself once somebody logged in.
const PROGRAM: Key = Key::several("tds.program");
/// Name of the server, with its instance where it has several.
const SERVER_NAME: Key = Key::several("tds.server_name");
/// Version and build of the server: one for each instance that is spoken to.
const VERSION: Key = Key::several("tds.version");

/// One connection.
#[derive(Default)]
struct Conversation {
    /// Somebody logged in, in the clear: the next answer tells how that went.
    has_login: bool,
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if input.whole {
            out.prove_with(1);
            if let Err(malformed) = browser::read(input, out) {
                out.damaged(malformed);
            }
            return Step::Used(input.bytes.len().max(1));
        }
        out.prove_with(HEAD_BYTES);
        let head = match Head::read(input.bytes) {
            Ok(head) => head,
            Err(malformed) if malformed.need == malformed.have => return Step::Lost(malformed),
            Err(_) => return Step::Need(HEAD_BYTES),
        };
        let Some(message) = input.bytes.get(HEAD_BYTES..head.end) else {
            return Step::Need(head.end);
        };
        let body = Reader::starting_at(message, HEAD_BYTES);
        let sender = Subject::node(input.sender());
        // The type tells who sent it, also where the capture does not tell who began.
        let read = match head.kind {
            // TLS runs inside: nothing more is in the clear.
            PRE_LOGIN if is_tls(message) => return Step::Done,
            PRE_LOGIN if is_pre_login(message) => pre_login(body, &sender, false, out),
            ANSWER if is_pre_login(message) => pre_login(body, &sender, true, out),
            LOGIN => {
                self.has_login = true;
                login::read(body, &sender, out)
            }
            ANSWER if self.has_login => {
                if let Err(malformed) = answer::read(body, &sender, out) {
                    out.damaged(malformed);
                }
                return Step::Done;
            }
            _ => return Step::Done,
        };
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
        Step::Used(head.end)
    }
}

/// The head of a packet.
struct Head {
    kind: u8,
    end: usize,
}

impl Head {
    /// Fails as too short while there are too few bytes, and as impossible when no more bytes can help.
    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        let kind = r.u8("Type")?;
        let status = r.u8("Status")?;
        let end = usize::from(r.u16_be("Length")?);
        r.skip("SPID", 2)?;
        r.skip("PacketID", 1)?;
        let window = r.u8("Window")?;
        let is_kind = matches!(kind, 1..=3 | ANSWER | 6..=8 | 14..=18);
        if !is_kind
            || status > STATUS_MAX
            || window != 0
            || !(HEAD_BYTES..=TDS_MESSAGE_BYTES_MAX).contains(&end)
        {
            return Err(r.impossible("Type"));
        }
        Ok(Self { kind, end })
    }
}

/// Sections 2.2.6.5 and 2.2.6.6: a list of options, then what they hold.
fn pre_login(
    body: Reader<'_>,
    sender: &Subject,
    is_server: bool,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut list = body.clone();
    for _ in 0..LIST_ITEMS_MAX {
        let option = list.u8("PL_OPTION_TOKEN")?;
        if option == TERMINATOR {
            break;
        }
        let offset = usize::from(list.u16_be("PL_OFFSET")?);
        let length = usize::from(list.u16_be("PL_OPTION_LENGTH")?);
        let mut data = body.ahead("PL_OFFSET", offset)?.sub("PL_OPTION_DATA", length)?;
        match option {
            OPTION_VERSION => {
                let start = data.at();
                let [major, minor, high, low] = data.array("UL_VERSION")?;
                let build = u16::from_be_bytes([high, low]);
                let key = if is_server { VERSION } else { CLIENT_VERSION };
                // Libraries that leave it out send zeros.
                if (major, minor, build) != (0, 0, 0) {
                    let text = format!("{major}.{minor}.{build}");
                    out.text(sender, key, &text, data.since(start));
                }
            }
            OPTION_ENCRYPTION if is_server => {
                let start = data.at();
                let value = data.u8("B_FENCRYPTION")?;
                let span = data.since(start);
                let name = match value & !CLIENT_CERTIFICATE {
                    0 => "off",
                    1 => "on",
                    2 => "not supported",
                    3 => "required",
                    _ => {
                        out.text(sender, ENCRYPTION, &format!("{value:#04x}"), span);
                        continue;
                    }
                };
                out.text(sender, ENCRYPTION, name, span);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Text of two bytes a letter. What is no text is nothing.
fn say(subject: &Subject, key: Key, text: Reader<'_>, out: &mut Sink<'_>) {
    let span = Span { at: text.at(), len: text.left() };
    let units = text.peek().chunks_exact(2).filter_map(|pair| pair.try_into().ok());
    let text = char::decode_utf16(units.map(u16::from_le_bytes)).collect::<Result<String, _>>();
    if let Ok(text) = text
        && !text.contains(char::is_control)
    {
        out.text(subject, key, &text, span);
    }
}

/// Sure of a pre-login, whose list begins with the version, and of an answer to one.
fn probe(bytes: &[u8]) -> Probe {
    if browser::is_answer(bytes) {
        return Probe::Yes;
    }
    match Head::read(bytes) {
        Ok(head) => match bytes.get(HEAD_BYTES..) {
            Some([0, high, low, 0, 6, ..]) if matches!(head.kind, PRE_LOGIN | ANSWER) => {
                let offset = usize::from(u16::from_be_bytes([*high, *low]));
                let fits =
                    offset.saturating_add(HEAD_BYTES).saturating_add(6) <= head.end && offset >= 6;
                if fits { Probe::Yes } else { Probe::No }
            }
            Some(short) if short.len() < 5 && head.kind == PRE_LOGIN => Probe::More,
            _ if head.kind == LOGIN => Probe::Maybe,
            _ => Probe::No,
        },
        Err(malformed) if malformed.need == malformed.have => Probe::No,
        Err(_) => Probe::More,
    }
}

fn is_pre_login(message: &[u8]) -> bool {
    matches!(message, [0, _, _, 0, 6, ..])
}

fn is_tls(message: &[u8]) -> bool {
    matches!(message, [20..=23, 3, 0..=4, ..])
}

const HEAD_BYTES: usize = 8;
const PRE_LOGIN: u8 = 18;
const LOGIN: u8 = 16;
const ANSWER: u8 = 4;
/// All bits that are defined.
const STATUS_MAX: u8 = 0x1f;

const OPTION_VERSION: u8 = 0;
const OPTION_ENCRYPTION: u8 = 1;
const TERMINATOR: u8 = 0xff;
/// With the others: a certificate of the client is asked for.
const CLIENT_CERTIFICATE: u8 = 0x80;
