//! Simple Mail Transfer Protocol: which mail server is here, and what calls itself what when it sends mail.
//!
//! Reads the greeting, EHLO and HELO and the answer to them (RFC 5321 sections 4.1.1.1, 4.2 and 4.3.1), and how a client
//! shows who it is (RFC 4954). Skips everything else: senders, recipients and mails are people's, and what follows
//! DATA, AUTH and STARTTLS (RFC 3207) is not read at all.
//!
//! ```text
//!   server: 220 mail.plant.example ESMTP Postfix CRLF         client: EHLO ups-3.plant.example CRLF
//!           250-mail.plant.example CRLF                               MAIL FROM:<...> CRLF
//!           250-SIZE 10240000 CRLF
//!           250 STARTTLS CRLF
//! ```

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::{REPLY_LINE_BYTES_MAX, REPLY_LINES_MAX};
use crate::model::{Addr, Key, Subject};
use crate::protocols::shared::line::{self, Line, Lines, Next, Replies, Reply};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "smtp",
    spec: "RFC 5321 (2008), RFC 4954 (2007), RFC 3207 (2002)",
    attach: &[Attach::Tcp(25), Attach::Tcp(587)],
    keys: &[&[AUTHENTICATION, CLIENT_NAME, GREETING, KEYWORD, SERVER_NAME]],
    probe,
    start: || Box::new(Conversation::default()),
};

/// Mechanism by which a client shows who it is: `PLAIN` and `LOGIN` send its password in the clear.
const AUTHENTICATION: Key = Key::several("smtp.authentication");
/// Name that a client gives itself.
const CLIENT_NAME: Key = Key::several("smtp.client_name");
/// Lines of what the server says first.
const GREETING: Key = Key::several("smtp.greeting");
/// Extensions that the server has.
const KEYWORD: Key = Key::several("smtp.keyword");
/// Name that the server gives itself.
const SERVER_NAME: Key = Key::several("smtp.server_name");

/// One connection.
struct Conversation {
    commands: Lines,
    lines: Lines,
    replies: Replies,
    /// Lines of the reply that is being read.
    reply_lines: usize,
    /// Replies that the server has sent; nothing is known of them once bytes of it are missing.
    replied: Option<u32>,
    /// The client has said EHLO or HELO.
    said_hello: bool,
    /// What the client sends from here on is a mail, a secret or encrypted.
    is_client_over: bool,
}

impl Default for Conversation {
    fn default() -> Self {
        let (commands, lines, replies) = Default::default();
        Self {
            commands,
            lines,
            replies,
            reply_lines: 0,
            replied: Some(0),
            said_hello: false,
            is_client_over: false,
        }
    }
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        out.prove_with(0);
        // Each direction by itself: in some captures all of one comes before the other.
        let is_server_over = self.replied.is_none_or(|replied| replied >= REPLIES_TOLD);
        match input.direction {
            _ if is_server_over && self.is_client_over => return Step::Done,
            Direction::ToServer if self.is_client_over => {
                return Step::Used(input.bytes.len().max(1));
            }
            Direction::ToClient if is_server_over => return Step::Used(input.bytes.len().max(1)),
            _ => {}
        }
        let lines = match input.direction {
            Direction::ToServer => &mut self.commands,
            Direction::ToClient => &mut self.lines,
        };
        match lines.next(input.bytes, input.whole, REPLY_LINE_BYTES_MAX) {
            Next::Need(need) => Step::Need(need),
            Next::Rest(rest) => Step::Used(rest),
            Next::Line(line) => {
                match input.direction {
                    Direction::ToServer => self.command(&line, input, out),
                    Direction::ToClient => self.reply(&line, input, out),
                }
                Step::Used(line.end)
            }
        }
    }

    fn gap(&mut self, direction: Direction) {
        match direction {
            Direction::ToServer => self.commands.gap(),
            Direction::ToClient => {
                self.lines.gap();
                self.replies.gap();
                (self.reply_lines, self.replied) = (0, None);
            }
        }
    }
}

impl Conversation {
    fn command(&mut self, line: &Line<'_>, input: &Input<'_>, out: &mut Sink<'_>) {
        let (word, argument) = line::word(&line.text);
        let client = Subject::node(input.sender());
        let is = |command: &str| word.eq_ignore_ascii_case(command.as_bytes());
        if !COMMANDS.iter().any(|command| is(command)) {
            return;
        }
        out.prove_with(line.text.at().saturating_add(word.len()));
        if is("EHLO") || is("HELO") {
            self.said_hello = true;
            name(&client, CLIENT_NAME, &argument, out);
        } else if is("AUTH") {
            // Credentials may follow in the same line.
            let length = argument.peek().iter().take_while(|byte| is_mechanism(**byte)).count();
            let mechanism = argument.peek().get(..length).unwrap_or_default();
            let known = |name: &&&str| name.as_bytes().eq_ignore_ascii_case(mechanism);
            match MECHANISMS.iter().find(known) {
                Some(told) => {
                    let span = Span { at: argument.at(), len: length };
                    out.text(&client, AUTHENTICATION, told, span);
                }
                // It may be part of a secret.
                None => out.text(&client, AUTHENTICATION, "other", Span { at: 0, len: word.len() }),
            }
            self.is_client_over = true;
        } else if is("STARTTLS") {
            out.count("smtp.encrypted_conversations");
            self.is_client_over = true;
        } else if is("DATA") || is("BDAT") {
            self.is_client_over = true;
        }
    }

    fn reply(&mut self, line: &Line<'_>, input: &Input<'_>, out: &mut Sink<'_>) {
        let Some(reply) = self.replies.read(&line.text) else {
            out.damaged(line.text.impossible("reply"));
            return;
        };
        let is_first = self.reply_lines == 0;
        self.reply_lines = self.reply_lines.saturating_add(1);
        out.prove_with(CODE_BYTES);
        if self.reply_lines <= REPLY_LINES_MAX {
            self.tell(&reply, is_first, &Subject::node(input.sender()), out);
        } else {
            out.count("smtp.reply_lines_over_limit");
        }
        if reply.is_last {
            self.reply_lines = 0;
            // Of a connection that was under way, it is not known which reply is which.
            self.replied = match self.replied {
                Some(0) if reply.code != READY => None,
                replied => replied.map(|replied| replied.saturating_add(1)),
            };
        }
    }

    fn tell(&self, reply: &Reply<'_>, is_first: bool, server: &Subject, out: &mut Sink<'_>) {
        let text = &reply.text;
        match reply.code {
            READY if self.replied == Some(0) && !answers_start_tls(text.peek()) => {
                out.prove_with(text.at().saturating_add(text.left()));
                say(server, GREETING, text.clone(), out);
                if is_first {
                    name(server, SERVER_NAME, text, out);
                }
            }
            // The second reply is that to the first command, whichever packets were seen first.
            OK if self.replied == Some(1) && self.said_hello && is_first => {
                name(server, SERVER_NAME, text, out)
            }
            OK if self.replied == Some(1) && self.said_hello => {
                say(server, KEYWORD, text.clone(), out)
            }
            _ => {}
        }
    }
}

/// A greeting that names SMTP is one on any port.
fn probe(bytes: &[u8]) -> Probe {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let line = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if let Some((code, _)) = line::code(line) {
        return match end {
            Some(_) if code == READY && line::holds(line, b"smtp") => Probe::Yes,
            Some(_) => Probe::Maybe,
            None => Probe::More,
        };
    }
    let (word, _) = line::word(&Reader::new(line));
    let is_command = COMMANDS.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(word));
    let is_begun = line.len() <= COMMAND_BYTES_MAX && line.iter().all(u8::is_ascii_alphanumeric);
    match end {
        Some(_) if is_command => Probe::Maybe,
        None if is_command || is_begun => Probe::More,
        _ => Probe::No,
    }
}

/// Says the name at the front of a text. An address in brackets is none, and neither is a word that cannot be one.
fn name(subject: &Subject, key: Key, text: &Reader<'_>, out: &mut Sink<'_>) {
    let bytes = text.peek();
    let length = bytes.iter().take_while(|byte| is_name(**byte)).count();
    let ends = bytes.get(length).is_none_or(|byte| matches!(byte, b' ' | b','));
    let name = std::str::from_utf8(bytes.get(..length).unwrap_or_default()).unwrap_or_default();
    let is_address = name.parse().is_ok_and(|address| subject.node.addr == Addr::Ip(address));
    if ends && !is_address && name.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        out.text(subject, key, name, Span { at: text.at(), len: length });
    }
}

fn say(subject: &Subject, key: Key, mut text: Reader<'_>, out: &mut Sink<'_>) {
    let start = text.at();
    let bytes = text.rest();
    readable::say_lines(out, subject, key, bytes, text.since(start));
}

/// The answer to STARTTLS has the number of a greeting. Whoever missed the question knows it by its words.
fn answers_start_tls(text: &[u8]) -> bool {
    text.first().is_none_or(u8::is_ascii_digit) || line::holds_word(text, b"TLS")
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

fn is_mechanism(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Ready.
const READY: u16 = 220;
/// Done as asked.
const OK: u16 = 250;
/// Replies that tell something: the greeting, and that to EHLO or HELO.
const REPLIES_TOLD: u32 = 2;
/// Bytes of a reply's number.
const CODE_BYTES: usize = 3;
/// The longest command.
const COMMAND_BYTES_MAX: usize = 8;

const COMMANDS: &[&str] = &[
    "AUTH", "BDAT", "DATA", "EHLO", "EXPN", "HELO", "HELP", "MAIL", "NOOP", "QUIT", "RCPT", "RSET",
    "STARTTLS", "VRFY",
];

/// Of the IANA registry of SASL mechanisms, and those before it: anything else may be part of a secret.
const MECHANISMS: &[&str] = &[
    "ANONYMOUS",
    "CRAM-MD5",
    "DIGEST-MD5",
    "EXTERNAL",
    "GSSAPI",
    "LOGIN",
    "NTLM",
    "OAUTHBEARER",
    "PLAIN",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "XOAUTH2",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Direction::{ToClient, ToServer};
    use crate::protocols::harness;

    fn said(messages: &[(Direction, &str)]) -> Vec<String> {
        let messages: Vec<(Direction, &[u8])> =
            messages.iter().map(|(direction, text)| (*direction, text.as_bytes())).collect();
        harness::read(&PROTOCOL, false, &messages).lines()
    }

    #[test]
    fn both_ends_say_who_they_are() {
        let lines = said(&[
            (ToClient, "220-mail.plant.example ESMTP Exim 4.69\r\n220 and/or bulk e-mail.\r\n"),
            (ToServer, "EHLO ups-3\r\n"),
            (
                ToClient,
                "250-mail.plant.example Hello ups-3 [10.0.0.1]\r\n250-SIZE 52428800\r\n250 STARTTLS\r\n",
            ),
            (ToServer, "MAIL FROM:<anna@plant.example>\r\n"),
            (ToClient, "250 OK\r\n"),
            (ToServer, "DATA\r\n"),
            (ToClient, "354 Go on\r\n"),
        ]);
        assert_eq!(
            lines,
            [
                "10.0.0.2  smtp.greeting = mail.plant.example ESMTP Exim 4.69 @4+34",
                "10.0.0.2  smtp.server_name = mail.plant.example @4+18",
                "10.0.0.2  smtp.greeting = and/or bulk e-mail. @4+19",
                "10.0.0.1  smtp.client_name = ups-3 @5+5",
                "10.0.0.2  smtp.server_name = mail.plant.example @4+18",
                "10.0.0.2  smtp.keyword = SIZE 52428800 @4+13",
                "10.0.0.2  smtp.keyword = STARTTLS @4+8",
            ]
        );
    }

    #[test]
    fn of_credentials_only_the_mechanism_is_told() {
        let lines =
            said(&[(ToServer, "AUTH PLAIN AGFubmEAczNjcmV0\r\n"), (ToServer, "AUTH s3cret\r\n")]);
        assert_eq!(lines, ["10.0.0.1  smtp.authentication = PLAIN @5+5"]);
        assert_eq!(
            said(&[(ToServer, "AUTH s3cret\r\n")]),
            ["10.0.0.1  smtp.authentication = other @0+4"]
        );
    }

    #[test]
    fn an_address_is_no_name() {
        assert!(said(&[(ToServer, "EHLO [10.0.0.1]\r\n")]).is_empty());
        assert!(said(&[(ToServer, "HELO 10.0.0.1\r\n")]).is_empty());
    }

    #[test]
    fn the_answer_to_start_tls_is_no_greeting() {
        assert!(said(&[(ToClient, "220 2.0.0 Ready to start TLS\r\n")]).is_empty());
        let lines = said(&[
            (ToServer, "EHLO x\r\n"),
            (ToClient, "250 OK\r\n"),
            (ToClient, "220 go ahead\r\n"),
        ]);
        assert_eq!(lines, ["10.0.0.1  smtp.client_name = x @5+1"]);
    }

    #[test]
    fn greetings_that_name_smtp_are_recognised_on_any_port() {
        assert_eq!(probe(b"220 mail.plant.example ESMTP Postfix\r\n"), Probe::Yes);
        assert_eq!(probe(b"220 (vsFTPd 3.0.3)\r\n"), Probe::Maybe);
        assert_eq!(probe(b"EHLO x\r\n"), Probe::Maybe);
        assert_eq!(probe(b"STARTTL"), Probe::More);
        assert_eq!(probe(b"GET / HTTP/1.1\r\n"), Probe::No);
    }
}
