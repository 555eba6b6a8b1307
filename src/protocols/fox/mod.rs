//! Niagara Fox, by which stations of building automation and the tools for them talk. Its specification is not published;
//! the hello is as the script fox-info of nmap and captures show it.
//!
//! Read: the hello of both sides, which says who they are, and how the server wants to be convinced. Skipped: all after it;
//! names and proofs of those who log in are among that. Fox over TLS (port 4911) shows nothing of this.
//!
//! ```text
//! fox a 0 -1 fox hello ⏎        kind of message, its number, the number that it answers, channel, command
//! { ⏎
//! hostName=s:10.1.2.3 ⏎         name, type (s string, i integer, b bytes, o object), value
//! sysInfo=o:bog 61[ … ] ⏎       bytes and objects are behind their length
//! };; ⏎
//! ```

mod keys;
#[cfg(test)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::{FOX_HELLO_BYTES_MAX, FOX_HELLO_LINES_MAX};
use crate::model::{Act, Key, Subject};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "fox",
    spec: "Tridium Niagara Fox as nmap's fox-info and captures show it",
    attach: &[Attach::Tcp(1_911), Attach::Tcp(4_911)],
    keys: &[keys::ALL],
    probe,
    start: || Box::new(Fox::default()),
};

/// One connection, while it begins.
#[derive(Default)]
struct Fox {
    /// Whether client and server have said hello.
    greeted: [bool; 2],
}

impl Dissector for Fox {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let line = match input.bytes.iter().position(|byte| *byte == b'\n') {
            Some(at) => input.bytes.get(..at).unwrap_or_default(),
            None if !begins(input.bytes) || input.bytes.len() > LINE_BYTES_MAX => {
                return Step::Lost(Reader::new(input.bytes).impossible("header"));
            }
            None => return Step::Need(input.bytes.len().saturating_add(1)),
        };
        // Behind the first line a name or a proof may stand.
        out.prove_with(line.len());
        let Some(command) = command(line) else {
            return Step::Lost(Reader::new(input.bytes).impossible("header"));
        };
        if !matches!(command, HELLO | CHALLENGE) {
            // The session has begun: nobody says who he is any more.
            return Step::Done;
        }
        let Some(end) = end(input.bytes) else {
            return if input.bytes.len() < FOX_HELLO_BYTES_MAX {
                Step::Need(input.bytes.len().saturating_add(1))
            } else {
                out.count("fox.hello_over_limit");
                Step::Done
            };
        };
        let message = input.bytes.get(..end).unwrap_or(input.bytes);
        self.tell(command == HELLO, message, line.len(), input, out);
        Step::Used(end)
    }
}

impl Fox {
    fn tell(
        &mut self,
        is_hello: bool,
        message: &[u8],
        head_bytes: usize,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) {
        if is_hello {
            let [of_client, of_server] = &mut self.greeted;
            let greeted = match input.direction {
                Direction::ToServer => of_client,
                Direction::ToClient => of_server,
            };
            if !std::mem::replace(greeted, true) && input.direction == Direction::ToServer {
                out.act(Act::Identify, Span { at: 0, len: head_bytes });
            }
        }
        let sender = Subject::node(input.sender());
        if let Err(malformed) = values(message, &sender, is_hello, out) {
            out.damaged(malformed);
        }
    }
}

/// Says the values of a message; of one that is no hello only how the server wants to be convinced.
fn values(
    message: &[u8],
    sender: &Subject,
    is_hello: bool,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut r = Reader::new(message);
    line(&mut r, "header")?;
    let mut lines = 0_usize;
    while !r.is_empty() {
        if lines >= FOX_HELLO_LINES_MAX {
            out.count("fox.lines_over_limit");
            return Ok(());
        }
        lines = lines.saturating_add(1);
        let rest = r.peek();
        let name_bytes = rest.iter().position(|byte| matches!(byte, b'=' | b'\n'));
        let Some(name_bytes) = name_bytes.filter(|at| rest.get(*at) == Some(&b'=')) else {
            line(&mut r, "line")?;
            continue;
        };
        let name = r.bytes("name", name_bytes)?;
        r.skip("=", 1)?;
        let [kind, colon] = r.array("type")?;
        if colon != b':' {
            return Err(r.impossible("type"));
        }
        let (value, at) = match kind {
            BYTES | OBJECT => {
                let head = until(&mut r, b'[', "length")?;
                let head = std::str::from_utf8(head).unwrap_or_default();
                let length = head.rsplit(' ').next().and_then(|digits| digits.parse().ok());
                let Some(length) = length else { return Err(r.impossible("length")) };
                let at = r.at();
                let value = r.bytes("value", length)?;
                line(&mut r, "]")?;
                (value, at)
            }
            _ => {
                let at = r.at();
                (line(&mut r, "value")?, at)
            }
        };
        let key = keys::WORDS.iter().find(|(word, _)| word.as_bytes() == name);
        let Some((_, key)) = key.filter(|(_, key)| is_hello != is_of_challenge(*key)) else {
            continue;
        };
        let span = Span { at, len: value.len() };
        readable::say_lines(out, sender, *key, value, span);
    }
    Ok(())
}

fn is_of_challenge(key: Key) -> bool {
    key == keys::AUTHENTICATION_METHOD
}

/// The command of a header line: `fox a 0 -1 fox hello`. A program that says it by hand may put more blanks.
fn command(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.trim_end().split(' ').filter(|word| !word.is_empty());
    let (fox, kind) = (words.next()?, words.next()?);
    let numbers = [words.next()?, words.next()?];
    let (_channel, command) = (words.next()?, words.next()?);
    let is_header = fox == "fox"
        && kind.len() == 1
        && kind.bytes().all(|byte| byte.is_ascii_lowercase())
        && numbers.iter().all(|number| number.parse::<i64>().is_ok());
    is_header.then_some(command)
}

/// Where the first message ends: behind `};;` at the start of a line.
fn end(bytes: &[u8]) -> Option<usize> {
    let at = bytes.windows(END.len()).position(|window| window == END)?;
    let behind = at.saturating_add(END.len());
    let breaks = bytes.get(behind..).unwrap_or_default();
    let breaks = breaks.iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    Some(behind.saturating_add(breaks))
}

/// What stands in front of the mark, which is passed over, too.
fn until<'a>(r: &mut Reader<'a>, mark: u8, field: &'static str) -> Result<&'a [u8], Malformed> {
    let rest = r.peek();
    let length = rest.iter().position(|byte| *byte == mark);
    let Some(length) = length else { return Err(r.impossible(field)) };
    let head = r.bytes(field, length)?;
    r.skip(field, 1)?;
    Ok(head)
}

/// A line without its end.
fn line<'a>(r: &mut Reader<'a>, field: &'static str) -> Result<&'a [u8], Malformed> {
    let line = until(r, b'\n', field)?;
    Ok(line.strip_suffix(b"\r").unwrap_or(line))
}

/// The word, a kind, two numbers and a channel: nothing else begins so.
fn probe(bytes: &[u8]) -> Probe {
    if !begins(bytes) {
        return Probe::No;
    }
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(at) => match bytes.get(..at).and_then(command) {
            Some(_) => Probe::Yes,
            None => Probe::No,
        },
        None if bytes.len() > LINE_BYTES_MAX => Probe::No,
        None => Probe::More,
    }
}

/// Whether the bytes begin as messages do, as far as they are there.
fn begins(bytes: &[u8]) -> bool {
    START.starts_with(bytes.get(..START.len()).unwrap_or(bytes))
}

const START: &[u8] = b"fox ";
const END: &[u8] = b"\n};;";
const HELLO: &str = "hello";
const CHALLENGE: &str = "challenge";
const BYTES: u8 = b'b';
const OBJECT: u8 = b'o';
/// Header lines are some twenty letters long.
const LINE_BYTES_MAX: usize = 128;
