//! File Transfer Protocol: what serves files here, how people log in, and who leaves files on a device.
//!
//! Reads the replies of RFC 959 section 4.2 (several lines, too) that name software: the greeting, SYST, FEAT (RFC
//! 2389), HELP and STAT; which virtual host a client asks for (RFC 7151) and what it calls itself (CLNT); whether a
//! login was anonymous (RFC 1635), with a password in the clear, or after AUTH (RFC 4217); that files were stored or
//! deleted. Skips the data connections and every other reply. Names of users, their passwords and names of files are
//! never kept, and no line with a user's name in it.
//!
//! ```text
//!   server: 220-Welcome CRLF 220 (vsFTPd 3.0.3) CRLF        client: USER name CRLF
//!           331 Password required CRLF                              PASS secret CRLF
//!           230 Logged in CRLF                                      SYST CRLF
//!           215 UNIX Type: L8 CRLF                                  STOR file CRLF
//!           150 Opening CRLF  226 Done CRLF
//! ```

mod command;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::{
    LOG_IN_NAME_BYTES_MAX, PENDING_REQUESTS_MAX, REPLY_LINE_BYTES_MAX, REPLY_LINES_MAX,
};
use crate::model::{Key, Subject};
use crate::protocols::shared::line::{self, Line, Lines, Next, Replies, Reply};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use command::Command;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ftp",
    spec: "RFC 959 (1985), RFC 2389 (1998), RFC 4217 (2005), RFC 7151 (2014)",
    attach: &[Attach::Tcp(21)],
    keys: &[&[
        ACCEPTED_LOG_IN,
        ATTEMPT,
        AUTHENTICATION,
        CLIENT_NAME,
        FEATURE,
        FILE_DELETED,
        FILE_STORED,
        GREETING,
        HELP,
        HOST,
        SECURITY_MECHANISM,
        STATUS,
        SYSTEM,
    ]],
    probe,
    start: || Box::new(Conversation::default()),
};

/// How a login was made that the server took: `open to all`, or `clear text` with a password.
const ACCEPTED_LOG_IN: Key = Key::several("ftp.accepted_log_in");
/// A change was asked for, whatever the answer: what, and by which address.
const ATTEMPT: Key = Key::event("ftp.attempt");
/// How a client shows who it is: `open to all`, or `clear text` with a password.
const AUTHENTICATION: Key = Key::several("ftp.authentication");
/// What a client calls itself (CLNT).
const CLIENT_NAME: Key = Key::several("ftp.client_name");
/// Extensions that a server has (FEAT).
const FEATURE: Key = Key::several("ftp.feature");
/// A file was deleted: by which address.
const FILE_DELETED: Key = Key::event("ftp.file_deleted");
/// A file came to the device: from which address.
const FILE_STORED: Key = Key::event("ftp.file_stored");
/// Lines of what the server says first. A host may run several, each on its own port.
const GREETING: Key = Key::several("ftp.greeting");
/// First and last line of the answer to HELP.
const HELP: Key = Key::several("ftp.help");
/// Name that a client knows the server by (HOST).
const HOST: Key = Key::several("ftp.host");
/// Mechanism that a server went on with: `TLS`.
const SECURITY_MECHANISM: Key = Key::several("ftp.security_mechanism");
/// Lines of the answer to STAT that name software.
const STATUS: Key = Key::several("ftp.status");
/// Operating system, by the answer to SYST.
const SYSTEM: Key = Key::several("ftp.system");

/// One control connection.
#[derive(Default)]
struct Conversation {
    commands: Lines,
    lines: Lines,
    replies: Replies,
    /// Lines of the reply that is being read.
    reply_lines: usize,
    /// Commands that were not yet answered, the oldest first; at most [`PENDING_REQUESTS_MAX`].
    asked: VecDeque<Command>,
    /// The name that was given last, so that no line with it is told.
    user: Option<Box<[u8]>>,
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        out.prove_with(0);
        let lines = match input.direction {
            Direction::ToServer => &mut self.commands,
            Direction::ToClient => &mut self.lines,
        };
        match lines.next(input.bytes, input.whole, REPLY_LINE_BYTES_MAX) {
            Next::Need(need) => Step::Need(need),
            Next::Rest(rest) => Step::Used(rest),
            Next::Line(line) => match input.direction {
                Direction::ToServer => {
                    self.command(&line, input, out);
                    Step::Used(line.end)
                }
                Direction::ToClient => self.reply(&line, input, out),
            },
        }
    }

    fn gap(&mut self, direction: Direction) {
        match direction {
            Direction::ToServer => self.commands.gap(),
            Direction::ToClient => {
                self.lines.gap();
                self.replies.gap();
            }
        }
        self.asked.clear();
        self.user = None;
        self.reply_lines = 0;
    }
}

/// Where a line stands in its reply.
#[derive(Clone, Copy)]
struct Place {
    is_first: bool,
    /// It begins with a blank, as those between the first and the last do (RFC 2389, 3.2).
    is_listed: bool,
}

impl Conversation {
    fn command(&mut self, line: &Line<'_>, input: &Input<'_>, out: &mut Sink<'_>) {
        let line = without_telnet(&line.text);
        let (word, argument) = line::word(&line);
        let Some(command) = Command::of(word, argument.peek()) else { return };
        let (client, server) = (Subject::node(input.sender()), Subject::node(input.receiver()));
        let span = Span { at: line.at(), len: word.len() };
        out.prove_with(line.at().saturating_add(word.len()));
        if let Some(act) = command.act() {
            out.act(act, span);
        }
        match command {
            Command::User => {
                let name = argument.peek();
                let kept = name.get(..LOG_IN_NAME_BYTES_MAX).unwrap_or(name);
                self.user = Some(kept.into());
            }
            Command::Password => {
                if let Some(how) = self.log_in() {
                    out.text(&client, AUTHENTICATION, how, span);
                }
            }
            Command::Client => say(&client, CLIENT_NAME, argument, out),
            Command::Host if !is_address(argument.peek()) => say(&server, HOST, argument, out),
            Command::Store | Command::Delete => {
                let what = if command == Command::Store { "store" } else { "delete" };
                let told = format!("{what} by {}", client.node.addr);
                out.text(&server, ATTEMPT, &told, span);
            }
            _ => {}
        }
        if self.asked.len() >= PENDING_REQUESTS_MAX {
            self.asked.pop_front();
            out.count("ftp.pending_over_limit");
        }
        self.asked.push_back(command);
    }

    /// How the login is made that is under way; unknown when its name was not seen.
    fn log_in(&self) -> Option<&'static str> {
        let user = self.user.as_deref()?;
        Some(if command::is_anonymous(user) { "open to all" } else { "clear text" })
    }

    fn reply(&mut self, line: &Line<'_>, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let Some(reply) = self.replies.read(&line.text) else {
            out.damaged(line.text.impossible("reply"));
            return Step::Used(line.end);
        };
        // Behind the digits may stand a user's name.
        out.prove_with(CODE_BYTES);
        let is_first = self.reply_lines == 0;
        self.reply_lines = self.reply_lines.saturating_add(1);
        if self.reply_lines <= REPLY_LINES_MAX {
            let is_listed = line.text.peek().first() == Some(&b' ');
            self.tell(&reply, Place { is_first, is_listed }, input, out);
        } else {
            out.count("ftp.reply_lines_over_limit");
        }
        if reply.is_last {
            self.reply_lines = 0;
            // A preliminary reply is followed by another.
            if reply.code >= 200
                && let Some(command) = self.asked.pop_front()
            {
                return self.done(command, &reply, line.end, input, out);
            }
        }
        Step::Used(line.end)
    }

    /// Says what one line of a reply says of the server.
    fn tell(&self, reply: &Reply<'_>, place: Place, input: &Input<'_>, out: &mut Sink<'_>) {
        let server = Subject::node(input.sender());
        let text = reply.text.clone();
        match (reply.code, self.asked.front()) {
            // HOST is answered so, too, with the greeting of the virtual host (RFC 7151, 3.1).
            (READY, _) => {
                out.prove_with(text.at().saturating_add(text.left()));
                say(&server, GREETING, text, out);
            }
            (SYSTEM_TYPE, _) => say(&server, SYSTEM, text, out),
            (SYSTEM_STATUS, Some(Command::Features)) if place.is_listed => {
                say(&server, FEATURE, text, out);
            }
            (SYSTEM_STATUS, Some(Command::Status)) if self.names_software(text.peek()) => {
                say(&server, STATUS, text, out);
            }
            // An address in it may be a person's.
            (HELP_MESSAGE, Some(Command::Help))
                if (place.is_first || reply.is_last) && !text.peek().contains(&b'@') =>
            {
                say(&server, HELP, text, out);
            }
            _ => {}
        }
    }

    /// Whether a line about the state of the server is about its software, and not about who is logged in: that must have
    /// been seen.
    fn names_software(&self, text: &[u8]) -> bool {
        self.user.as_deref().is_some_and(|user| !line::holds_word(text, user))
            && !line::holds(text, b"logged")
            && ["ftp", "version", "server"].iter().any(|word| line::holds(text, word.as_bytes()))
    }

    /// A command was answered for good.
    fn done(
        &mut self,
        command: Command,
        reply: &Reply<'_>,
        end: usize,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Step {
        let server = Subject::node(input.sender());
        let span = Span { at: 0, len: CODE_BYTES };
        let by = || input.receiver().addr.to_string();
        match (command, reply.code) {
            (Command::User | Command::Password, LOGGED_IN) => {
                if let Some(how) = self.log_in() {
                    out.text(&server, ACCEPTED_LOG_IN, how, span);
                }
            }
            (Command::Authenticate(mechanism), 200..=399) => {
                out.text(&server, SECURITY_MECHANISM, mechanism, span);
                out.count("ftp.encrypted_conversations");
                return Step::Done;
            }
            (Command::Store, 200..=299) => out.text(&server, FILE_STORED, &by(), span),
            (Command::Delete, 200..=299) => out.text(&server, FILE_DELETED, &by(), span),
            _ => {}
        }
        Step::Used(end)
    }
}

/// A line that names FTP behind the number of a greeting is one on any port; other replies and commands are where FTP is
/// expected.
fn probe(bytes: &[u8]) -> Probe {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let line = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if let Some((code, _)) = line::code(line) {
        if code == READY && line::holds(line, b"ftp") && !line::holds(line, b"smtp") {
            return Probe::Yes;
        }
        return if end.is_some() { Probe::Maybe } else { Probe::More };
    }
    let line = without_telnet(&Reader::new(line));
    let (word, argument) = line::word(&line);
    match end {
        Some(_) if Command::of(word, argument.peek()).is_some() => Probe::Maybe,
        Some(_) => Probe::No,
        // Part of a number, or of a command.
        None if line.peek().len() <= CODE_BYTES
            && line.peek().iter().all(u8::is_ascii_alphanumeric) =>
        {
            Probe::More
        }
        None if Command::of(word, argument.peek()).is_some() => Probe::More,
        None => Probe::No,
    }
}

/// Says a line. Bytes beyond ASCII are UTF-8, or else ISO 8859-1.
fn say(subject: &Subject, key: Key, mut text: Reader<'_>, out: &mut Sink<'_>) {
    let start = text.at();
    let bytes = text.rest();
    readable::say_lines(out, subject, key, bytes, text.since(start));
}

/// Whether a virtual host is asked for by its address, which is no news.
fn is_address(host: &[u8]) -> bool {
    let text = std::str::from_utf8(host).unwrap_or_default();
    text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
}

/// A line without the commands of Telnet before it: ABOR is sent behind an interrupt (RFC 959, 4.1.3).
fn without_telnet<'a>(line: &Reader<'a>) -> Reader<'a> {
    let skip = line.peek().iter().take_while(|byte| **byte >= TELNET_COMMANDS).count();
    line.ahead("command", skip).unwrap_or_else(|_: Malformed| line.clone())
}

/// Ready for a new user.
const READY: u16 = 220;
const SYSTEM_STATUS: u16 = 211;
const HELP_MESSAGE: u16 = 214;
const SYSTEM_TYPE: u16 = 215;
const LOGGED_IN: u16 = 230;
/// Bytes of a reply's number.
const CODE_BYTES: usize = 3;
/// Bytes from here on are commands of Telnet (RFC 854).
const TELNET_COMMANDS: u8 = 0xf0;
