//! How a message is framed: its start line, and where its body ends (RFC 9112 sections 3, 4, 6 and 7.1).

use crate::flow::Attach;
use crate::model::Act;

/// What must be known of a request to read its response.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Asked {
    /// HEAD: the response has no body, whatever its fields say.
    head: bool,
    /// CONNECT: what follows a success is another protocol.
    connect: bool,
    /// The target names another server: whoever answers is a proxy, and the response is about that server.
    pub(super) proxied: bool,
}

impl Asked {
    /// A request that was not seen. Where a proxy is expected, its answer may be about any server.
    pub(super) fn unseen(attach: Attach) -> Self {
        Self { proxied: attach == PROXY, ..Self::default() }
    }
}

/// The head of a message, as far as it was read.
#[derive(Clone, Copy, Default)]
pub(super) struct Message {
    /// Of a response; `None` of a request.
    pub(super) status: Option<u16>,
    pub(super) asked: Asked,
    content_length: Option<u64>,
    coding: Coding,
    /// Whether the body is a page, as far as Content-Type tells; small servers of devices send none.
    pub(super) html: Option<bool>,
    /// The body is compressed.
    pub(super) compressed: bool,
}

/// How the body is transferred.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
enum Coding {
    #[default]
    Plain,
    /// In chunks, perhaps of something compressed.
    Chunked,
    /// Until the connection closes.
    Other,
}

/// What follows a head.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Body {
    None,
    /// So many bytes; as many as there can be when it ends with the connection.
    Bytes(usize),
    Chunks,
    /// The connection no longer carries this protocol.
    OtherProtocol,
    /// No server would know either.
    Unknown,
}

impl Message {
    pub(super) fn request(asked: Asked) -> Self {
        Self { asked, ..Self::default() }
    }

    pub(super) fn response(status: u16, asked: Asked) -> Self {
        Self { status: Some(status), asked, ..Self::default() }
    }

    pub(super) fn is_response(&self) -> bool {
        self.status.is_some()
    }

    /// A response about the server that sent it, not about one behind a proxy.
    pub(super) fn is_own_response(&self) -> bool {
        self.is_response() && !self.asked.proxied
    }

    /// Takes a Content-Length: a number, or the same number several times. False when it is none.
    pub(super) fn content_length(&mut self, value: &[u8]) -> bool {
        for part in value.split(|c| *c == b',') {
            let Some(length) = decimal(part.trim_ascii()) else { return false };
            if self.content_length.is_some_and(|known| known != length) {
                return false;
            }
            self.content_length = Some(length);
        }
        true
    }

    /// Takes a Transfer-Encoding: only the last coding tells where the body ends.
    pub(super) fn transfer_encoding(&mut self, value: &[u8]) {
        let last = value.rsplit(|c| *c == b',').next().unwrap_or_default().trim_ascii();
        self.coding = match last {
            last if last.eq_ignore_ascii_case(b"chunked") => Coding::Chunked,
            // Some old servers say so, and it means nothing.
            last if last.eq_ignore_ascii_case(b"identity") => Coding::Plain,
            _ => Coding::Other,
        };
        // `gzip, chunked` compresses the body as Content-Encoding does.
        self.compressed |= value.contains(&b',');
    }

    /// RFC 9112 section 6.3, in its order.
    pub(super) fn body(&self) -> Body {
        let length =
            self.content_length.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        let Some(status) = self.status else {
            return match (self.coding, length) {
                (Coding::Chunked, _) => Body::Chunks,
                (Coding::Other, _) => Body::Unknown,
                (Coding::Plain, Some(0) | None) => Body::None,
                (Coding::Plain, Some(length)) => Body::Bytes(length),
            };
        };
        match (status, self.coding, length) {
            (101, ..) => Body::OtherProtocol,
            (200..=299, ..) if self.asked.connect => Body::OtherProtocol,
            (100..=199 | 204 | 304, ..) => Body::None,
            _ if self.asked.head => Body::None,
            (_, Coding::Chunked, _) => Body::Chunks,
            (_, Coding::Other, _) | (_, Coding::Plain, None) => Body::Bytes(usize::MAX),
            (_, Coding::Plain, Some(0)) => Body::None,
            (_, Coding::Plain, Some(length)) => Body::Bytes(length),
        }
    }

    /// A page of this server, which can be read.
    pub(super) fn may_hold_title(&self) -> bool {
        self.status == Some(200)
            && self.html != Some(false)
            && !self.compressed
            && !self.asked.proxied
    }

    /// No further part of this body is looked at.
    pub(super) fn title_passed(&mut self) {
        self.html = Some(false);
    }
}

/// A request line.
pub(super) struct Request {
    pub(super) asked: Asked,
    pub(super) method_bytes: usize,
    /// What it is for; `None` for methods that neither read nor change anything.
    pub(super) act: Option<Act>,
}

impl Request {
    /// Reads `method SP request-target SP HTTP-version`; `None` when it is something else.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let method_bytes = line.iter().position(|c| *c == b' ')?;
        let (method, rest) = line.split_at_checked(method_bytes)?;
        let [b' ', rest @ ..] = rest else { return None };
        let target_bytes = rest.iter().rposition(|c| *c == b' ')?;
        let (target, version) = rest.split_at_checked(target_bytes)?;
        let [b' ', b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'..=b'9'] = version else {
            return None;
        };
        if !(1..=METHOD_BYTES_MAX).contains(&method.len())
            || !method.iter().all(|c| is_token(*c))
            || target.is_empty()
        {
            return None;
        }
        let connect = method == b"CONNECT";
        let proxied = !matches!(target.first(), Some(b'/' | b'*'));
        // RFC 9110 section 9.3; PATCH is RFC 5789's.
        let act = match method {
            b"GET" | b"HEAD" => Some(Act::Read),
            b"POST" | b"PUT" | b"PATCH" | b"DELETE" => Some(Act::Write),
            _ => None,
        };
        Some(Self { asked: Asked { head: method == b"HEAD", connect, proxied }, method_bytes, act })
    }
}

/// The status of a status line: `HTTP/1.1 200 OK`.
pub(super) fn status(line: &[u8]) -> Option<u16> {
    let [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'..=b'9', b' ', status @ ..] = line else {
        return None;
    };
    let (digits, rest) = status.split_at_checked(3)?;
    let status = u16::try_from(decimal(digits)?).ok()?;
    (matches!(rest.first(), None | Some(b' ')) && status >= 100).then_some(status)
}

/// The size of a chunk; one that fits no machine is cut to the largest that does.
pub(super) fn chunk_size(line: &[u8]) -> Option<usize> {
    let digits = line.split(|c| matches!(c, b';' | b' ' | b'\t')).next()?;
    if digits.is_empty() || digits.len() > CHUNK_SIZE_DIGITS_MAX {
        return None;
    }
    let text = std::str::from_utf8(digits).ok()?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(text, 16).ok().map(|size| usize::try_from(size).unwrap_or(usize::MAX))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Characters of methods, field names and schemes (RFC 9110 section 5.6.2).
pub(super) fn is_token(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c)
}

/// The port of squid and its like.
pub(super) const PROXY: Attach = Attach::Tcp(3128);

/// Bytes of a method: the longest registered one is UPDATEREDIRECTREF.
const METHOD_BYTES_MAX: usize = 24;
/// Bytes of a status line up to the status.
pub(super) const STATUS_BYTES: usize = 12;
/// Digits of 64 bits.
const CHUNK_SIZE_DIGITS_MAX: usize = 16;
