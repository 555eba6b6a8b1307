//! S7comm-plus: the communication of S7-1200 and S7-1500, as far as it is in the clear (numbers and names as the dissector
//! and the driver of T. Wiens give them).
//!
//! ```text
//!   72 | version 1 | length 2 | [20 | digest 32   of version 3] data | 72 | version | 0 0     without the end: more parts
//!
//!   request    31 | 0 0 | function 2 | 0 0 | sequence 2 | session 4 | flags 1 | ...
//!   answer     32 | 0 0 | function 2 | 0 0 | sequence 2 | flags 1 | return value | ...
//!
//!   04CA create object   asks 285, the container of sessions: value, 0 0 0 0, object     answers: identifiers, object
//!   04F2 set variable    object 4 | 1 | address | value        object 52, address 2167: the mode, 1 stop, 3 run
//!   0542 set variables   object 4 | ...                        of the session itself: the rest of the set-up
//! ```
//!
//! A session begins in version 1, whatever version it goes on in. Both ends name themselves in it; the server adds its order
//! number and the first two numbers of its firmware: `1;6ES7 212-1BE31-0XB0 ;V3.0`. Clients send that text back afterwards,
//! hence only the answer that creates the session counts. Names of users are not kept.

mod object;

use std::collections::VecDeque;

use crate::flow::{Direction, Input};
use crate::model::limits::{S7_JOBS_MAX, S7_MESSAGE_BYTES_MAX};
use crate::model::{Act, Node, Subject};
use crate::protocols::s7::ends::Ends;
use crate::protocols::s7::keys;
use crate::protocols::shared::gathered::Gathered;
use crate::protocols::shared::readable;
use crate::protocols::{Probe, Sink};
use crate::wire::{Malformed, Reader, Span};

/// What is known of a session.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// Messages of which parts are missing, to the server and to the client.
    parts: [Gathered; 2],
    waiting: VecDeque<Change>,
}

/// A change that was asked for and not answered.
#[derive(Debug)]
struct Change {
    by: Node,
    sequence: u16,
    what: Deed,
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Start,
    Stop,
    Write,
}

/// The front of a message.
struct Head {
    version: u8,
    operation: u8,
    function: u16,
    /// Where the function stands.
    span: Span,
    sequence: u16,
}

/// Whether user data of COTP, `whole` bytes of which this is the front, is S7comm-plus.
pub(super) fn probe(data: &[u8], whole: usize) -> Probe {
    let [_, version, high, low, ..] = *data else { return Probe::More };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let behind = whole.checked_sub(HEAD_BYTES).and_then(|rest| rest.checked_sub(length));
    match (version, behind) {
        (1..=3, Some(END_BYTES)) => Probe::Yes,
        (1..=3 | SYSTEM.., Some(0 | END_BYTES)) => Probe::Maybe,
        _ => Probe::No,
    }
}

impl Session {
    /// Reads one message, or a part of one.
    pub(super) fn read(
        &mut self,
        mut message: Reader<'_>,
        ends: &mut Ends,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        message.skip("protocol identifier", 1)?;
        let version = message.u8("protocol version")?;
        let length = usize::from(message.u16_be("data length")?);
        let mut data = message.sub("data", length)?;
        let is_last = !message.is_empty();
        if version >= SYSTEM {
            return Ok(());
        }
        if version == WITH_DIGEST && data.peek().first() == Some(&DIGEST) {
            data.skip("digest", usize::from(DIGEST).saturating_add(1))?;
        }
        let [to_server, to_client] = &mut self.parts;
        let part = match input.direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        };
        if is_last && part.is_empty() {
            return self.whole(version, data, ends, input, out);
        }
        if part.len().saturating_add(data.left()) > S7_MESSAGE_BYTES_MAX {
            part.clear();
            out.count("s7.messages_too_long");
            return Ok(());
        }
        part.push(input, data.at(), data.left());
        if !is_last {
            return Ok(());
        }
        let gathered = std::mem::take(part);
        let shown = gathered.shown(input);
        self.whole(version, Reader::new(shown.bytes), ends, &shown, &mut out.over(&shown))
    }

    /// Forgets what it waits for.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    fn whole(
        &mut self,
        version: u8,
        mut r: Reader<'_>,
        ends: &mut Ends,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let operation = r.u8("operation")?;
        if !matches!(operation, REQUEST | ANSWER) {
            return Ok(());
        }
        r.skip("reserved", 2)?;
        let start = r.at();
        let function = r.u16_be("function")?;
        let span = r.since(start);
        r.skip("reserved", 2)?;
        let sequence = r.u16_be("sequence number")?;
        let head = Head { version, operation, function, span, sequence };
        let node = Subject::node(input.sender());
        match function_name(function) {
            Some(name) => out.text(&node, keys::FUNCTION, name, span),
            None => out.text(&node, keys::FUNCTION, &format!("plus: {function:#06x}"), span),
        }
        if head.operation == REQUEST {
            self.request(&head, r, input, out)
        } else {
            self.answer(&head, r, ends, input, out)
        }
    }

    fn request(
        &mut self,
        head: &Head,
        mut r: Reader<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let session = r.u32_be("session identifier")?;
        r.skip("transport flags", 1)?;
        let question = Span { at: head.span.at, len: 2 };
        match head.function {
            CREATE_OBJECT => {
                let object = r.u32_be("object identifier")?;
                if object == SESSIONS {
                    return client(r, &Subject::node(input.sender()), out);
                }
            }
            GET_VARIABLES => {
                let asked = Span { at: r.at(), len: r.left().min(QUESTION_BYTES) };
                out.reads(question, asked);
            }
            EXPLORE | GET_VARIABLE | GET_STREAMED => out.act(Act::Read, head.span),
            SET_VARIABLES | SET_STREAMED => {
                let object = r.u32_be("object identifier")?;
                if object != session {
                    out.act(Act::Write, head.span);
                    self.wait(head, Deed::Write, input);
                }
            }
            SET_VARIABLE => {
                let object = r.u32_be("object identifier")?;
                match mode_wanted(object, r)? {
                    Some(deed) => {
                        out.act(Act::Control, head.span);
                        let what = if matches!(deed, Deed::Start) { "start" } else { "stop" };
                        let text = format!("{what} by {}", input.sender().addr);
                        let target = Subject::node(input.receiver());
                        out.text(&target, keys::ATTEMPT, &text, head.span);
                        self.wait(head, deed, input);
                    }
                    None if object == session => {}
                    None => {
                        out.act(Act::Write, head.span);
                        self.wait(head, Deed::Write, input);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn wait(&mut self, head: &Head, what: Deed, input: &Input<'_>) {
        if self.waiting.len() >= S7_JOBS_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(Change { by: input.sender(), sequence: head.sequence, what });
    }

    fn answer(
        &mut self,
        head: &Head,
        mut r: Reader<'_>,
        ends: &mut Ends,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let (server, asker) = (input.sender(), input.receiver());
        ends.tell_roles(asker, server, head.span, out);
        r.skip("transport flags", 1)?;
        let result = object::number(&mut r, "return value")?;
        if head.function == CREATE_OBJECT {
            let node = Subject::node(server);
            out.text(&node, keys::GENERATION, "S7comm-plus", head.span);
            let (device, _) = ends.known(asker, server);
            return session(r, device, &node, out);
        }
        let generation = match head.version {
            1 => "S7comm-plus V1",
            2 => "S7comm-plus V2",
            _ => "S7comm-plus V3",
        };
        out.text(&Subject::node(server), keys::GENERATION, generation, head.span);
        let waiting = (asker, head.sequence);
        let at = self.waiting.iter().position(|change| (change.by, change.sequence) == waiting);
        let Some(change) = at.and_then(|at| self.waiting.remove(at)) else { return Ok(()) };
        if result == 0 {
            let (device, client) = ends.known(asker, server);
            let key = match change.what {
                Deed::Start => keys::START,
                Deed::Stop => keys::STOP,
                Deed::Write => keys::WRITER,
            };
            out.text(device, key, client, head.span);
        }
        Ok(())
    }
}

/// The mode that the variable of the execution unit is set to.
fn mode_wanted(object: u32, mut r: Reader<'_>) -> Result<Option<Deed>, Malformed> {
    if object != EXECUTION_UNIT {
        return Ok(None);
    }
    r.skip("number of addresses", 1)?;
    if object::number(&mut r, "address")? != OPERATING_STATE {
        return Ok(None);
    }
    Ok(match r.array("value")? {
        [0, object::DINT, 1] => Some(Deed::Stop),
        [0, object::DINT, 3] => Some(Deed::Start),
        _ => None,
    })
}

/// What a client says of itself when it opens a session.
fn client(mut r: Reader<'_>, subject: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    object::skip_value(&mut r)?;
    r.skip("reserved", 4)?;
    object::texts(r, &mut |identifier, text, span| {
        let key = match identifier {
            CLIENT => keys::SESSION_CLIENT,
            APPLICATION => keys::SESSION_APPLICATION,
            HOST => keys::SESSION_HOST,
            COMMENT => keys::SESSION_COMMENT,
            _ => return,
        };
        readable::say(out, subject, key, text, span);
    })
}

/// What the server says of itself when it grants one.
fn session(
    mut r: Reader<'_>,
    device: &Subject,
    node: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    for _ in 0..r.u8("number of identifiers")? {
        object::number(&mut r, "object identifier")?;
    }
    object::texts(r, &mut |identifier, text, span| match identifier {
        COMMENT => readable::say(out, node, keys::SESSION_COMMENT, text, span),
        SYSTEM_VERSION => {
            readable::say(out, device, keys::SESSION_VERSION, text, span);
            let mut at = span.at;
            for (number, part) in text.split(|byte| *byte == b';').enumerate() {
                let span = Span { at, len: part.trim_ascii_end().len() };
                match number {
                    1 => readable::say(out, device, keys::ORDER_NUMBER, part, span),
                    2 => readable::say(out, device, keys::SESSION_FIRMWARE, part, span),
                    _ => {}
                }
                at = at.saturating_add(part.len()).saturating_add(1);
            }
        }
        _ => {}
    })
}

fn function_name(function: u16) -> Option<&'static str> {
    Some(match function {
        EXPLORE => "plus: explore",
        CREATE_OBJECT => "plus: create object",
        0x04d4 => "plus: delete object",
        SET_VARIABLE => "plus: set variable",
        GET_VARIABLE => "plus: get variable",
        0x0524 => "plus: get link",
        SET_VARIABLES => "plus: set variables",
        GET_VARIABLES => "plus: get variables",
        0x0556 => "plus: begin sequence",
        0x0560 => "plus: end sequence",
        0x056b => "plus: invoke",
        SET_STREAMED => "plus: set streamed variable",
        GET_STREAMED => "plus: get streamed variable",
        0x05b3 => "plus: initialise TLS",
        _ => return None,
    })
}

/// First byte of every message.
pub(super) const PROTOCOL_ID: u8 = 0x72;

/// Identifier, version and length.
const HEAD_BYTES: usize = 4;
const END_BYTES: usize = 4;
/// Versions from here on are events of the connection itself.
const SYSTEM: u8 = 0xfe;
const WITH_DIGEST: u8 = 3;
const DIGEST: u8 = 32;
const REQUEST: u8 = 0x31;
const ANSWER: u8 = 0x32;

const EXPLORE: u16 = 0x04bb;
const CREATE_OBJECT: u16 = 0x04ca;
const SET_VARIABLE: u16 = 0x04f2;
const GET_VARIABLE: u16 = 0x04fc;
const SET_VARIABLES: u16 = 0x0542;
const GET_VARIABLES: u16 = 0x054c;
const SET_STREAMED: u16 = 0x057c;
const GET_STREAMED: u16 = 0x0586;

const SESSIONS: u32 = 285;
const CLIENT: u64 = 289;
const APPLICATION: u64 = 297;
const HOST: u64 = 298;
const COMMENT: u64 = 301;
const SYSTEM_VERSION: u64 = 319;
const EXECUTION_UNIT: u32 = 52;
const OPERATING_STATE: u64 = 2_167;
/// Of a question, the part that comes before counters and digests.
const QUESTION_BYTES: usize = 16;
