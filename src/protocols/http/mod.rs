//! Hypertext Transfer Protocol, version 1: what serves, what asks, and the names that authentication tells.
//!
//! Reads the start lines and header fields of RFC 9112, the fields of RFC 9110 that name software and places ([`field`]),
//! challenges and NTLM tokens in them ([`challenge`]: RFC 9110 section 11, RFC 4559, \[MS-NTHT\]), and the title of a
//! page ([`title`]). Skips bodies by their length or chunks without waiting for them, and what follows an upgrade or a
//! CONNECT. Never keeps targets, queries, values of cookies, or credentials other than an NTLM message's names.
//!
//! ```text
//!   GET /index.html HTTP/1.1 CRLF          HTTP/1.1 200 OK CRLF
//!   Host: plc4.plant.example CRLF          Server: ... CRLF
//!   ... CRLF                               Content-Length: 1234 CRLF
//!   CRLF                                   CRLF
//!   body                                   body: so many bytes, or chunks:  4d2 CRLF ... CRLF 0 CRLF CRLF
//! ```
//!
//! It is read line by line, so that a head that is cut has told what stands before the cut.

mod challenge;
mod field;
mod message;
mod probe;
mod title;

use std::collections::VecDeque;

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::{
    HTTP_HEAD_BYTES_MAX, HTTP_LINE_BYTES_MAX, HTTP_TITLE_BYTES_MAX, PENDING_REQUESTS_MAX,
};
use crate::model::{Key, Subject};
use crate::protocols::http::message::{Asked, Body, Message};
use crate::protocols::shared::{kerberos, ntlmssp};
use crate::protocols::{Dissector, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "http",
    spec: "RFC 9110 and RFC 9112 (2022); RFC 4559, [MS-NTHT] and [MS-NLMP]",
    attach: &[
        Attach::Tcp(80),
        message::PROXY,
        Attach::Tcp(5985),
        Attach::Tcp(8000),
        Attach::Tcp(8080),
    ],
    keys: &[
        &[
            ASP_NET_VERSION,
            AUTHENTICATION_SCHEME,
            COOKIE_NAME,
            HOST,
            LOCATION,
            MECHANISM,
            POWERED_BY,
            REALM,
            SERVER,
            TITLE,
            USER_AGENT,
            VIA,
        ],
        ntlmssp::KEYS,
        kerberos::KEYS,
    ],
    probe: probe::probe,
    start: || Box::new(Conversation::default()),
};

/// Version of ASP.NET that made a page.
const ASP_NET_VERSION: Key = Key::several("http.asp_net_version");
/// Authentication schemes that a server asks for, or a client used.
const AUTHENTICATION_SCHEME: Key = Key::several("http.authentication_scheme");
/// Names of cookies that the server sets: pages of one maker have the same. Their values are secrets.
const COOKIE_NAME: Key = Key::several("http.cookie_name");
/// Name, and port, that clients use for this server.
const HOST: Key = Key::several("http.host");
/// Where the server sends clients on to, without what stands behind the path.
const LOCATION: Key = Key::several("http.location");
/// Mechanisms that a Negotiate token of this node named.
const MECHANISM: Key = Key::several("http.mechanism");
/// Software behind the server, in its own words.
const POWERED_BY: Key = Key::several("http.powered_by");
/// Realms that the server protects. Many devices name their model here.
const REALM: Key = Key::several("http.realm");
/// Software of the server, in its own words. A host may run several, each on its own port.
const SERVER: Key = Key::several("http.server");
/// Titles of pages that the server answered with.
const TITLE: Key = Key::several("http.title");
/// Software of the client, in its own words.
const USER_AGENT: Key = Key::several("http.user_agent");
/// Proxies that a message of this node has passed, itself among them when it is one.
const VIA: Key = Key::several("http.via");

/// One connection.
#[derive(Default)]
struct Conversation {
    to_server: Side,
    to_client: Side,
    /// Requests that were not yet answered, oldest first; at most [`PENDING_REQUESTS_MAX`].
    asked: VecDeque<Asked>,
}

/// What is remembered of one direction.
#[derive(Default)]
struct Side {
    at: At,
    /// The message whose head was begun last.
    message: Message,
    /// Bytes of that head that were read.
    head_bytes: usize,
    /// Bytes at the front of the unread ones that hold no end of a line.
    scanned: usize,
}

/// What comes next in one direction.
#[derive(Clone, Copy, Default)]
enum At {
    #[default]
    StartLine,
    Field,
    /// The rest of a field line that is not wanted.
    FieldRest,
    /// The start of a body in which a title may stand; the body takes so many bytes.
    Title(usize),
    ChunkSize,
    Trailer,
    TrailerRest,
}

impl Dissector for Conversation {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let direction = input.direction;
        let at = self.side(direction).at;
        if let At::StartLine = at {
            return self.start_line(input, out);
        }
        out.prove_with(0);
        if let At::Title(body_bytes) = at {
            return self.title(input, body_bytes, out);
        }
        let Some(line) = self.side(direction).line(input.bytes, 0) else {
            return self.without_line_end(input, at, out);
        };
        let step = match at {
            At::Field if line.is_empty() => self.body(input, line.end, out),
            At::Field => self.field(input, &line, out),
            At::FieldRest => self.go_on(direction, At::Field, line.end),
            At::Trailer if line.is_empty() => self.go_on(direction, At::StartLine, line.end),
            At::TrailerRest => self.go_on(direction, At::Trailer, line.end),
            At::StartLine | At::Title(_) | At::Trailer => Step::Used(line.end),
            At::ChunkSize => self.chunk_size(input, &line),
        };
        match (self.head_too_long(direction, line.end, out), step) {
            (Some(lost), Step::Used(_)) => lost,
            (_, step) => step,
        }
    }

    fn gap(&mut self, direction: Direction) {
        *self.side(direction) = Side::default();
        self.asked.clear();
    }
}

impl Conversation {
    fn side(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    fn go_on(&mut self, direction: Direction, at: At, used: usize) -> Step {
        self.side(direction).at = at;
        Step::Used(used)
    }

    fn start_line(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let direction = input.direction;
        // Blank lines before a message are allowed (RFC 9112 section 2.2).
        let blank = input.bytes.iter().take_while(|c| matches!(c, b'\r' | b'\n')).count();
        let none = Reader::new(input.bytes).impossible("start-line");
        let Some(line) = self.side(direction).line(input.bytes, blank) else {
            let bytes = input.bytes.len();
            return if blank > BLANK_BYTES_MAX || bytes > HTTP_LINE_BYTES_MAX {
                Step::Lost(none)
            } else {
                self.side(direction).scanned = bytes;
                Step::Need(bytes.saturating_add(1))
            };
        };
        let text = line.text.peek();
        if text == HTTP_2_PREFACE {
            out.count("http.version_2_conversations");
            out.prove_with(text.len());
            return Step::Done;
        }
        let message = if text.starts_with(b"HTTP/") {
            let Some(status) = message::status(text) else { return Step::Lost(none) };
            out.prove_with(blank.saturating_add(message::STATUS_BYTES));
            let asked = match status {
                // An interim response; the one that answers the request is still to come.
                100 | 102..=199 => self.asked.front().copied(),
                _ => self.asked.pop_front(),
            };
            let asked = asked.unwrap_or_else(|| Asked::unseen(input.flow.attach));
            Message::response(status, asked)
        } else {
            let Some(request) = message::Request::read(text) else { return Step::Lost(none) };
            out.prove_with(blank.saturating_add(request.method_bytes));
            if let Some(act) = request.act {
                out.act(act, Span { at: blank, len: request.method_bytes });
            }
            if self.asked.len() < PENDING_REQUESTS_MAX {
                self.asked.push_back(request.asked);
            } else {
                // Which response answers what is no longer known.
                out.count("http.requests_forgotten");
                self.asked.clear();
            }
            Message::request(request.asked)
        };
        *self.side(direction) = Side { at: At::Field, message, head_bytes: line.end, scanned: 0 };
        Step::Used(line.end)
    }

    fn field(&mut self, input: &Input<'_>, line: &Line<'_>, out: &mut Sink<'_>) -> Step {
        let side = self.side(input.direction);
        match field::read(line.text.clone(), &mut side.message, input, out) {
            Ok(()) => Step::Used(line.end),
            Err(malformed) => Step::Lost(malformed),
        }
    }

    /// The head is read: what its body is, and how to get past it.
    fn body(&mut self, input: &Input<'_>, used: usize, out: &mut Sink<'_>) -> Step {
        let direction = input.direction;
        let message = self.side(direction).message;
        match message.body() {
            Body::None => self.go_on(direction, At::StartLine, used),
            Body::Chunks => self.go_on(direction, At::ChunkSize, used),
            Body::Bytes(bytes) if message.may_hold_title() => {
                self.go_on(direction, At::Title(bytes), used)
            }
            Body::Bytes(bytes) => self.go_on(direction, At::StartLine, used.saturating_add(bytes)),
            Body::OtherProtocol => {
                out.count("http.upgraded_conversations");
                Step::Done
            }
            Body::Unknown => Step::Lost(Reader::new(input.bytes).impossible("Transfer-Encoding")),
        }
    }

    /// RFC 9112 section 7.1: the size in hexadecimal digits, perhaps extensions; a size of zero ends the body.
    fn chunk_size(&mut self, input: &Input<'_>, line: &Line<'_>) -> Step {
        let Some(size) = message::chunk_size(line.text.peek()) else {
            return Step::Lost(line.text.impossible("chunk-size"));
        };
        let direction = input.direction;
        let side = self.side(direction);
        side.head_bytes = 0;
        if size == 0 {
            return self.go_on(direction, At::Trailer, line.end);
        }
        let chunk = size.saturating_add(CHUNK_END_BYTES);
        // A title is looked for in the first chunk only.
        if side.message.may_hold_title() {
            self.go_on(direction, At::Title(chunk), line.end)
        } else {
            Step::Used(line.end.saturating_add(chunk))
        }
    }

    fn title(&mut self, input: &Input<'_>, body_bytes: usize, out: &mut Sink<'_>) -> Step {
        let shown = input.bytes.len();
        let window = body_bytes.min(HTTP_TITLE_BYTES_MAX);
        let part = input.bytes.get(..window).unwrap_or(input.bytes);
        // Where nothing tells what a body is, its first letter does.
        let is_page = self.side(input.direction).message.html == Some(true)
            || part.trim_ascii_start().first().is_none_or(|first| *first == b'<');
        let found = if is_page { title::find(part) } else { title::Found::Nothing };
        match found {
            title::Found::Title(span) => {
                let text = part.get(span.at..span.at.saturating_add(span.len));
                let title = title::text(text.unwrap_or_default());
                out.text(&Subject::node(input.sender()), TITLE, &title, span);
            }
            title::Found::Nothing => {}
            title::Found::More if shown >= window => {}
            title::Found::More => return Step::Need(shown.saturating_add(1)),
        }
        let side = self.side(input.direction);
        side.message.title_passed();
        let chunked = matches!(side.message.body(), Body::Chunks);
        let at = if chunked { At::ChunkSize } else { At::StartLine };
        self.go_on(input.direction, at, body_bytes)
    }

    /// What to do while a line has no end yet: lines that nobody wants are not waited for.
    fn without_line_end(&mut self, input: &Input<'_>, at: At, out: &mut Sink<'_>) -> Step {
        let bytes = input.bytes.len();
        let rest = match at {
            At::FieldRest | At::TrailerRest => Some(at),
            // One byte may be the first of the line end that ends all trailers.
            At::Trailer if bytes > 1 => Some(At::TrailerRest),
            At::Field if bytes > HTTP_LINE_BYTES_MAX => {
                out.count("http.lines_too_long");
                Some(At::FieldRest)
            }
            At::Field if field::is_unwanted(input.bytes) => Some(At::FieldRest),
            At::ChunkSize if bytes > HTTP_LINE_BYTES_MAX => {
                return Step::Lost(Reader::new(input.bytes).impossible("chunk-size"));
            }
            _ => None,
        };
        let Some(rest) = rest else {
            self.side(input.direction).scanned = bytes;
            return Step::Need(bytes.saturating_add(1));
        };
        let lost = self.head_too_long(input.direction, bytes, out);
        lost.unwrap_or_else(|| self.go_on(input.direction, rest, bytes))
    }

    /// Counts the bytes of a head; `Some` when nobody would read on.
    fn head_too_long(
        &mut self,
        direction: Direction,
        bytes: usize,
        out: &mut Sink<'_>,
    ) -> Option<Step> {
        let side = self.side(direction);
        side.head_bytes = side.head_bytes.saturating_add(bytes);
        if side.head_bytes <= HTTP_HEAD_BYTES_MAX {
            return None;
        }
        out.count("http.heads_too_long");
        Some(Step::Lost(Malformed {
            field: "header section",
            at: 0,
            need: side.head_bytes,
            have: HTTP_HEAD_BYTES_MAX,
        }))
    }
}

impl Side {
    /// The first line behind `blank` bytes; `None` while it has no end.
    fn line<'a>(&mut self, bytes: &'a [u8], blank: usize) -> Option<Line<'a>> {
        let from = std::mem::take(&mut self.scanned).max(blank);
        let end = bytes.get(from..)?.iter().position(|c| *c == b'\n')?.saturating_add(from);
        let text = bytes.get(blank..end)?;
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        Some(Line { text: Reader::starting_at(text, blank), end: end.saturating_add(1) })
    }
}

/// One line.
struct Line<'a> {
    /// Without its end.
    text: Reader<'a>,
    /// Bytes up to and with its end.
    end: usize,
}

impl Line<'_> {
    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// What a client that speaks version 2 without asking begins with (RFC 9113 section 3.4).
const HTTP_2_PREFACE: &[u8] = b"PRI * HTTP/2.0";
/// Bytes of blank lines before a message; one line is usual where there is any.
const BLANK_BYTES_MAX: usize = 64;
/// The line end behind the data of a chunk.
const CHUNK_END_BYTES: usize = 2;

#[cfg(test)]
mod tests;
