//! Header fields: which are wanted, and what each says (RFC 9110; RFC 9112 section 5).

use crate::flow::Input;
use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::http::message::{Message, is_token};
use crate::protocols::http::{
    ASP_NET_VERSION, COOKIE_NAME, HOST, LOCATION, POWERED_BY, SERVER, USER_AGENT, VIA, challenge,
};
use crate::wire::{Malformed, Reader};

/// Reads one field line. Fails only where the framing of the message depends on it.
pub(super) fn read(
    line: Reader<'_>,
    message: &mut Message,
    input: &Input<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let Some((Some(field), value)) = split(line) else { return Ok(()) };
    let sender = Subject::node(input.sender());
    let receiver = Subject::node(input.receiver());
    let text = value.peek();
    match field {
        Field::ContentLength if !message.content_length(text) => {
            return Err(value.impossible("Content-Length"));
        }
        Field::ContentLength => {}
        Field::TransferEncoding => message.transfer_encoding(text),
        Field::ContentType => message.html = Some(is_html(text)),
        Field::ContentEncoding => message.compressed |= !text.eq_ignore_ascii_case(b"identity"),
        Field::Server if message.is_own_response() => say(&sender, SERVER, value, out),
        Field::PoweredBy if message.is_own_response() => say(&sender, POWERED_BY, value, out),
        Field::AspNetVersion if message.is_own_response() => {
            say(&sender, ASP_NET_VERSION, value, out);
        }
        Field::Location if message.is_own_response() => location(&sender, value, out),
        Field::SetCookie if message.is_own_response() => cookie(&sender, &value, out),
        Field::UserAgent if !message.is_response() => say(&sender, USER_AGENT, value, out),
        Field::Via => say(&sender, VIA, value, out),
        Field::Host if !message.is_response() && !message.asked.proxied => {
            host(&receiver, value, out);
        }
        Field::Authenticate if message.is_own_response() => {
            challenge::offered(value, &receiver, &sender, out);
        }
        Field::ProxyAuthenticate if message.is_response() => {
            challenge::offered(value, &receiver, &sender, out);
        }
        Field::Authorization if !message.is_response() => {
            challenge::used(value, &sender, &receiver, out);
        }
        _ => {}
    }
    Ok(())
}

/// True when the line that begins with `bytes` is of no interest, so that its end need not be waited for.
pub(super) fn is_unwanted(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|c| !is_token(*c));
    match end.and_then(|end| bytes.get(end..)) {
        Some([b':', ..]) => !matches!(split(Reader::new(bytes)), Some((Some(_), _))),
        // Perhaps the line end that ends the head.
        Some([b'\r']) => bytes.len() > 1,
        Some(_) => true,
        None => bytes.len() > NAME_BYTES_MAX,
    }
}

/// The field of a line, `None` when it is not wanted, and its value without the white space around it. Nothing
/// when the line has no name: a continued value, which is obsolete.
fn split(mut line: Reader<'_>) -> Option<(Option<Field>, Reader<'_>)> {
    let bytes = line.peek();
    let name = bytes.get(..bytes.iter().position(|c| *c == b':')?)?;
    line.skip("field-name", name.len()).ok()?;
    line.skip("colon", 1).ok()?;
    let blank = line.peek().iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
    line.skip("OWS", blank).ok()?;
    let value = line.sub("field-value", line.peek().trim_ascii_end().len()).ok()?;
    let known = FIELDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    Some((known.map(|(_, field)| *field), value))
}

/// Says a value. Bytes beyond ASCII are UTF-8, or else ISO 8859-1 (RFC 9110 section 5.5).
pub(super) fn say(subject: &Subject, key: Key, mut value: Reader<'_>, out: &mut Sink<'_>) {
    let start = value.at();
    let bytes = value.rest();
    let span = value.since(start);
    match std::str::from_utf8(bytes) {
        Ok(text) => out.text(subject, key, text, span),
        Err(_) => {
            let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            out.text(subject, key, &text, span);
        }
    }
}

/// A name for the server. Its own address is no news, and what may hold a password is no name.
fn host(server: &Subject, value: Reader<'_>, out: &mut Sink<'_>) {
    let Ok(text) = std::str::from_utf8(value.peek()) else { return };
    let name = match text.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|c| c.is_ascii_digit()) => name,
        _ => text,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let own = name.parse().is_ok_and(|address| server.node.addr == crate::model::Addr::Ip(address));
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if !own && text.chars().all(plain) {
        say(server, HOST, value, out);
    }
}

/// Where the server sends clients on to: devices have pages of their own. What stands behind the path may be a secret, and so
/// may be a user in front of the host, and a part of the path that looks like a number made up for one visitor.
fn location(server: &Subject, value: Reader<'_>, out: &mut Sink<'_>) {
    let bytes = value.peek();
    let kept = bytes.iter().take_while(|c| !matches!(c, b'?' | b'#' | b';')).count();
    let is_plain = |part: &[u8]| {
        let digits = part.iter().filter(|c| c.is_ascii_digit()).count();
        let is_name = |c: &u8| c.is_ascii_alphanumeric() || b"-._:".contains(c);
        part.len() <= PLACE_PART_BYTES_MAX && digits <= PLACE_DIGITS_MAX && part.iter().all(is_name)
    };
    let is_kept = |place: &&[u8]| {
        let behind_host = place.splitn(4, |c| *c == b'/').nth(3).unwrap_or_default();
        let path = if place.starts_with(b"/") { *place } else { behind_host };
        !place.contains(&b'@') && path.split(|c| *c == b'/').all(is_plain)
    };
    let Some(place) = bytes.get(..kept).filter(is_kept) else { return };
    if let Ok(place) = value.clone().sub("Location", place.len()) {
        say(server, LOCATION, place, out);
    }
}

/// The name of a cookie, which the maker of the pages chose. Its value is a secret.
fn cookie(server: &Subject, value: &Reader<'_>, out: &mut Sink<'_>) {
    let bytes = value.peek();
    let Some(length) = bytes.iter().position(|c| *c == b'=') else { return };
    let name = bytes.get(..length).unwrap_or_default();
    if !name.is_empty()
        && name.len() <= COOKIE_NAME_BYTES_MAX
        && name.iter().all(|c| is_token(*c))
        && let Ok(name) = value.clone().sub("cookie-name", length)
    {
        say(server, COOKIE_NAME, name, out);
    }
}

fn is_html(content_type: &[u8]) -> bool {
    let kind = content_type.split(|c| *c == b';').next().unwrap_or_default().trim_ascii();
    HTML.iter().any(|html| html.eq_ignore_ascii_case(kind))
}

/// A field that is wanted.
#[derive(Clone, Copy)]
enum Field {
    AspNetVersion,
    Authenticate,
    Authorization,
    ContentEncoding,
    ContentLength,
    ContentType,
    Host,
    Location,
    PoweredBy,
    ProxyAuthenticate,
    Server,
    SetCookie,
    TransferEncoding,
    UserAgent,
    Via,
}

const FIELDS: &[(&[u8], Field)] = &[
    (b"Authorization", Field::Authorization),
    (b"Content-Encoding", Field::ContentEncoding),
    (b"Content-Length", Field::ContentLength),
    (b"Content-Type", Field::ContentType),
    (b"Host", Field::Host),
    (b"Location", Field::Location),
    (b"Proxy-Authenticate", Field::ProxyAuthenticate),
    (b"Proxy-Authorization", Field::Authorization),
    (b"Server", Field::Server),
    (b"Set-Cookie", Field::SetCookie),
    (b"Transfer-Encoding", Field::TransferEncoding),
    (b"User-Agent", Field::UserAgent),
    (b"Via", Field::Via),
    (b"WWW-Authenticate", Field::Authenticate),
    (b"X-AspNet-Version", Field::AspNetVersion),
    (b"X-Powered-By", Field::PoweredBy),
];

/// Media types of pages.
const HTML: &[&[u8]] = &[b"text/html", b"application/xhtml+xml"];

/// Bytes of a field name that are waited for: longer than any name that is wanted.
const NAME_BYTES_MAX: usize = 32;

/// Bytes of a cookie's name: longer ones are made up for each visitor.
const COOKIE_NAME_BYTES_MAX: usize = 40;
/// Bytes of one part of a path, and digits in it: longer ones, and those with more, may be made up for one visitor.
const PLACE_PART_BYTES_MAX: usize = 32;
const PLACE_DIGITS_MAX: usize = 4;
