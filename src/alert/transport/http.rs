//! As much of HTTP/1.1 (RFC 9112) as a webhook needs: one request over one connection, and of the answer its status and head.

use std::time::{Duration, Instant};

use crate::alert::transport::TransportError;
use crate::alert::transport::connect::Connection;
use crate::model::limits::ANSWER_HEAD_BYTES_MAX;

/// The head of an answer.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Answer {
    /// The status.
    pub(super) status: u16,
    /// Names, in lower case, and values.
    pub(super) fields: Vec<(String, String)>,
}

impl Answer {
    /// The value of a field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| &**value)
    }
}

/// Waits for the answer on a connection on which a request was sent; its body is left unread.
pub(super) fn answer(
    connection: &mut Connection,
    to: &str,
    most: Duration,
) -> Result<Answer, TransportError> {
    let wrong = |cause| TransportError::NotHttp { to: to.to_owned(), cause };
    let deadline = Instant::now().checked_add(most);
    let mut read = Vec::new();
    let mut block = [0_u8; 4_096];
    loop {
        while let Some((head, rest)) = split(&read) {
            let answer = parse(head).ok_or_else(|| wrong("its first line is no status"))?;
            // What comes before the answer proper (RFC 9110, section 15.2).
            if !(100..200).contains(&answer.status) || answer.status == SWITCHING_PROTOCOLS {
                return Ok(answer);
            }
            read = rest.to_vec();
        }
        if read.len() > ANSWER_HEAD_BYTES_MAX {
            return Err(wrong("its head has no end"));
        }
        if deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return Err(TransportError::Io {
                doing: "read the answer of",
                to: to.to_owned(),
                source: std::io::Error::new(std::io::ErrorKind::TimedOut, "it took too long"),
            });
        }
        let count = connection.read(&mut block)?;
        if count == 0 {
            return Err(match read.is_empty() {
                true => TransportError::Closed { to: to.to_owned() },
                false => wrong("it ends within its head"),
            });
        }
        read.extend_from_slice(block.get(..count).unwrap_or_default());
    }
}

/// A head, and what follows its empty line.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.windows(END.len()).position(|window| window == END)?;
    Some((bytes.get(..at)?, bytes.get(at.checked_add(END.len())?..)?))
}

fn parse(head: &[u8]) -> Option<Answer> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.splitn(3, ' ');
    first.next()?.strip_prefix("HTTP/1.").filter(|minor| ["0", "1"].contains(minor))?;
    let status = first.next().filter(|status| status.len() == 3)?.parse().ok()?;
    let fields = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    Some(Answer { status, fields: fields.collect() })
}

const END: &[u8] = b"\r\n\r\n";

const SWITCHING_PROTOCOLS: u16 = 101;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_and_what_is_none_is_not() {
        let answer = parse(b"HTTP/1.1 429 Too Many\r\nRetry-After:  7 \r\nx").unwrap();
        assert_eq!((answer.status, answer.field("retry-after")), (429, Some("7")));
        for head in
            ["", "HTTP/2 200 OK", "HTTP/1.1", "HTTP/1.1 2000 OK", "HTTP/1.1 OK", "SSH-2.0-x"]
        {
            assert_eq!(parse(head.as_bytes()), None, "{head}");
        }
    }
}
