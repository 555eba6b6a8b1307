//! MySQL and MariaDB: the greeting, with which a server says its version before anybody says who they are.
//!
//! Read: the initial handshake of protocol 10 and 9, and a refusal in its place (MySQL Internals, Connection Phase:
//! `Protocol::HandshakeV10`, `Protocol::HandshakeV9`, `ERR_Packet`). Skipped: the challenge, and all that follows: users,
//! passwords, statements.
//!
//! ```text
//!   | length 3 | sequence 1 | 10 | version, zero | thread 4 | challenge 8 | zero | capabilities 2 | character set 1 | status 2 |
//!     capabilities 2 | length of challenge 1 | reserved 10 | challenge | method, zero |
//!   | length 3 | sequence 1 | 255 | error 2 | text |
//! ```

use crate::flow::{Attach, Direction, Input};
use crate::model::limits::MYSQL_GREETING_BYTES_MAX;
use crate::model::{Key, Subject};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "mysql",
    spec: "MySQL Internals, client/server protocol, connection phase",
    attach: &[Attach::Tcp(3306)],
    keys: &[&[AUTHENTICATION_METHOD, ENCRYPTION, REFUSED, VERSION]],
    probe,
    start: || Box::new(Greeting),
};

/// How the server asks users to prove who they are, unless it is set otherwise for one.
const AUTHENTICATION_METHOD: Key = Key::several("mysql.authentication_method");
/// Whether the server offers TLS: `offered` or `not offered`.
const ENCRYPTION: Key = Key::several("mysql.encryption");
/// Number of the error with which a client was turned away: 1130 is a host that may not connect.
const REFUSED: Key = Key::several("mysql.refused");
/// Version of the server, in its own words. Distributions mend faults and leave the number.
const VERSION: Key = Key::several("mysql.version");

/// Waits for the server's first packet.
struct Greeting;

impl Dissector for Greeting {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        out.prove_with(HEAD_BYTES);
        if input.direction == Direction::ToServer {
            // The server speaks first: its greeting was not captured.
            return Step::Done;
        }
        let Ok((length, body)) = head(input.bytes) else { return Step::Need(HEAD_BYTES) };
        if !(LENGTH_MIN..=MYSQL_GREETING_BYTES_MAX).contains(&length) {
            return Step::Lost(body.impossible("payload_length"));
        }
        if body.left() < length {
            return Step::Need(length.saturating_add(HEAD_BYTES));
        }
        let server = Subject::node(input.sender());
        let mut body = body;
        let read = body.sub("payload", length).and_then(|body| first(body, &server, out));
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
        Step::Done
    }
}

fn head(bytes: &[u8]) -> Result<(usize, Reader<'_>), Malformed> {
    let mut r = Reader::new(bytes);
    let low = usize::from(r.u16_le("payload_length")?);
    let length = usize::from(r.u8("payload_length")?) << 16 | low;
    r.skip("sequence_id", 1)?;
    Ok((length, r))
}

/// The first packet of a server.
fn first(mut body: Reader<'_>, server: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = body.at();
    match body.u8("protocol version")? {
        ERROR => {
            let start = body.at();
            let number = body.u16_le("error_code")?;
            out.uint(server, REFUSED, number, body.since(start));
            Ok(())
        }
        PROTOCOL_9 => version(&mut body, server, out),
        PROTOCOL_10 => {
            version(&mut body, server, out)?;
            body.skip("thread id, auth-plugin-data, filler", 13)?;
            let start = body.at();
            let low = body.u16_le("capability_flags")?;
            let span = body.since(start);
            let encryption = if low & SSL != 0 { "offered" } else { "not offered" };
            out.text(server, ENCRYPTION, encryption, span);
            if body.is_empty() {
                return Ok(());
            }
            body.skip("character_set, status_flags", 3)?;
            let high = body.u16_le("capability_flags")?;
            let length = usize::from(body.u8("auth_plugin_data_len")?);
            body.skip("reserved", 10)?;
            if high & PLUGIN_AUTH == 0 {
                return Ok(());
            }
            body.skip("auth-plugin-data", length.saturating_sub(8).max(13))?;
            let name = text(&mut body);
            say(server, AUTHENTICATION_METHOD, name, out);
            Ok(())
        }
        _ => Err(Malformed { at: start, ..body.impossible("protocol version") }),
    }
}

fn version(body: &mut Reader<'_>, server: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let version = text(body);
    say(server, VERSION, version, out);
    body.skip("zero", 1)
}

/// What stands in front of the next zero.
fn text<'a>(body: &mut Reader<'a>) -> Reader<'a> {
    let length = body.peek().iter().take_while(|byte| **byte != 0).count();
    body.sub("text", length).unwrap_or_else(|_| Reader::new(&[]))
}

fn say(server: &Subject, key: Key, text: Reader<'_>, out: &mut Sink<'_>) {
    let span = Span { at: text.at(), len: text.left() };
    if let Ok(text) = std::str::from_utf8(text.peek())
        && !text.contains(char::is_control)
    {
        out.text(server, key, text, span);
    }
}

/// Sure of a greeting: its version begins with a number, its length agrees with what is there, and zeros stand where they
/// must.
fn probe(bytes: &[u8]) -> Probe {
    let Ok((length, mut body)) = head(bytes) else {
        // A length has at most two bytes, and the first packet the number 0.
        let fits = bytes.get(2).is_none_or(|high| *high == 0);
        return if fits { Probe::More } else { Probe::No };
    };
    let sequence = bytes.get(HEAD_BYTES.saturating_sub(1));
    if sequence != Some(&0) || !(LENGTH_MIN..=MYSQL_GREETING_BYTES_MAX).contains(&length) {
        return Probe::No;
    }
    let left = body.left();
    match body.u8("protocol version") {
        Ok(PROTOCOL_10) if left > length => Probe::No,
        Ok(PROTOCOL_10) => {
            let version = text(&mut body);
            let is_text = version.peek().iter().all(|byte| (b' '..=b'~').contains(byte));
            if !is_text || version.peek().first().is_some_and(|first| !first.is_ascii_digit()) {
                return Probe::No;
            }
            match body.ahead("filler", FILLER_AT).map(|behind| behind.peek().first().copied()) {
                Ok(Some(0)) if !version.is_empty() => Probe::Yes,
                Err(_) | Ok(None) if left < length => Probe::More,
                _ => Probe::No,
            }
        }
        Ok(ERROR | PROTOCOL_9) if left == length => Probe::Maybe,
        Err(_) => Probe::More,
        _ => Probe::No,
    }
}

const HEAD_BYTES: usize = 4;
/// An error without a text.
const LENGTH_MIN: usize = 3;
const PROTOCOL_9: u8 = 9;
const PROTOCOL_10: u8 = 10;
const ERROR: u8 = 255;
/// Zero, thread, and the first part of the challenge.
const FILLER_AT: usize = 13;
/// CLIENT_SSL, of the lower half of the capabilities.
const SSL: u16 = 0x0800;
/// CLIENT_PLUGIN_AUTH, of the upper half.
const PLUGIN_AUTH: u16 = 0x0008;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::harness;

    /// As MariaDB of Debian 12 greets.
    const GREETING: &[u8] =
        b"\x63\x00\x00\x00\x0a5.5.5-10.11.6-MariaDB-0+deb12u1\0\x1f\0\0\0abcdefgh\0\xfe\xf7\
        \x2d\x02\0\xff\x81\x15\0\0\0\0\0\0\x1d\0\0\x00123456789012\0mysql_native_password\0";

    fn values(bytes: &[u8]) -> Vec<String> {
        harness::read(&PROTOCOL, false, &[(Direction::ToClient, bytes)]).lines()
    }

    #[test]
    fn a_greeting_tells_version_encryption_and_method() {
        assert_eq!(
            values(GREETING),
            [
                "10.0.0.2  mysql.version = 5.5.5-10.11.6-MariaDB-0+deb12u1 @5+31",
                "10.0.0.2  mysql.encryption = not offered @50+2",
                "10.0.0.2  mysql.authentication_method = mysql_native_password @81+21",
            ]
        );
    }

    #[test]
    fn a_host_that_may_not_connect_is_told_by_its_number() {
        let error = b"\x09\x00\x00\x00\xff\x6a\x04Host X";
        assert_eq!(values(error), ["10.0.0.2  mysql.refused = 1130 @5+2"]);
    }

    #[test]
    fn the_probe_is_sure_of_greetings_only() {
        assert_eq!(probe(GREETING), Probe::Yes);
        for end in 1..50 {
            assert_eq!(probe(&GREETING[..end]), Probe::More, "{end}");
        }
        for other in [
            &b"\x6c\x00\x01\x00\x0a5.5"[..],
            b"\x6c\x00\x00\x01\x0a5.5",
            b"\x6c\x00\x00\x00\x0aX.5",
            b"HTTP/1.1 200 OK",
            b"\x02\x00\x00\x00\x0a5\0",
        ] {
            assert_eq!(probe(other), Probe::No, "{other:x?}");
        }
    }
}
