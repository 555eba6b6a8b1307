//! Lines of text that end in LF, as the protocols of RFC 854's network virtual terminal send them, and the replies of
//! FTP and SMTP that are made of them.
//!
//! ```text
//!   220-first line CRLF            three digits, a hyphen while further lines follow
//!    anything CRLF                 FTP only: lines between need no number
//!   220 last line CRLF             the same digits and a space
//! ```
//!
//! A line is waited for up to a cap; of a longer one the beginning is read, and the rest passed over.

use crate::wire::Reader;

/// Divides the bytes of one direction into lines.
#[derive(Default)]
pub(in crate::protocols) struct Lines {
    /// Bytes at the front of the unread ones that hold no end of a line.
    scanned: usize,
    /// The rest of a line that was too long is passed over.
    skipping: bool,
}

/// What stands at the front of the unread bytes.
pub(in crate::protocols) enum Next<'a> {
    /// A line, or the beginning of one that is too long.
    Line(Line<'a>),
    /// So many bytes of a line whose beginning was read.
    Rest(usize),
    /// A line is not complete before there are so many bytes.
    Need(usize),
}

/// One line.
pub(in crate::protocols) struct Line<'a> {
    /// Without its end.
    pub(in crate::protocols) text: Reader<'a>,
    /// Bytes up to and with its end.
    pub(in crate::protocols) end: usize,
}

impl Lines {
    /// Looks for the next line. `whole` when no further bytes will come.
    pub(in crate::protocols) fn next<'a>(
        &mut self,
        bytes: &'a [u8],
        whole: bool,
        line_bytes_max: usize,
    ) -> Next<'a> {
        let from = std::mem::take(&mut self.scanned);
        let behind = bytes.get(from..).unwrap_or_default();
        let end = behind.iter().position(|byte| *byte == b'\n').map(|at| from.saturating_add(at));
        if self.skipping {
            self.skipping = end.is_none();
            return Next::Rest(end.map_or(bytes.len(), |end| end.saturating_add(1)).max(1));
        }
        match end {
            Some(end) if end <= line_bytes_max => {
                let text = bytes.get(..end).unwrap_or_default();
                let text = text.strip_suffix(b"\r").unwrap_or(text);
                Next::Line(Line { text: Reader::new(text), end: end.saturating_add(1) })
            }
            None if bytes.len() <= line_bytes_max && !whole => {
                self.scanned = bytes.len();
                Next::Need(bytes.len().saturating_add(1))
            }
            _ => {
                self.skipping = !whole;
                let text = bytes.get(..line_bytes_max).unwrap_or(bytes);
                Next::Line(Line { text: Reader::new(text), end: text.len().max(1) })
            }
        }
    }

    /// Bytes are missing: what comes next may be the middle of a line.
    pub(in crate::protocols) fn gap(&mut self) {
        *self = Self::default();
    }
}

/// One line of a reply.
pub(in crate::protocols) struct Reply<'a> {
    /// The three digits; those of the first line where this one has none.
    pub(in crate::protocols) code: u16,
    /// No further line of the same reply follows.
    pub(in crate::protocols) is_last: bool,
    /// What stands behind the digits, without blanks around it.
    pub(in crate::protocols) text: Reader<'a>,
}

/// Joins lines into replies.
#[derive(Default)]
pub(in crate::protocols) struct Replies {
    /// The digits of the reply whose last line has not come.
    open: Option<u16>,
}

impl Replies {
    /// Reads a line as part of a reply. `None` when it is none.
    pub(in crate::protocols) fn read<'a>(&mut self, line: &Reader<'a>) -> Option<Reply<'a>> {
        let numbered = code(line.peek());
        let (code, is_last, skip) = match (self.open, numbered) {
            (Some(open), Some((code, is_last))) if open == code => (code, is_last, NUMBER_BYTES),
            // Between the first and the last line anything may stand (RFC 959, 4.2).
            (Some(open), _) => (open, false, 0),
            (None, Some((code, is_last))) => (code, is_last, NUMBER_BYTES),
            (None, None) => return None,
        };
        self.open = (!is_last).then_some(code);
        Some(Reply { code, is_last, text: trimmed(line, skip) })
    }

    /// Bytes are missing.
    pub(in crate::protocols) fn gap(&mut self) {
        self.open = None;
    }
}

/// The number of a reply's line, and whether it is the last one. A line may end behind the digits.
pub(in crate::protocols) fn code(line: &[u8]) -> Option<(u16, bool)> {
    let (digits, rest) = line.split_first_chunk::<3>()?;
    let [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] = digits else { return None };
    let code = digits.iter().fold(0_u16, |code, digit| {
        code.saturating_mul(10).saturating_add(u16::from(digit.saturating_sub(b'0')))
    });
    match rest.first() {
        Some(b'-') => Some((code, false)),
        Some(b' ') | None => Some((code, true)),
        Some(_) => None,
    }
}

/// The rest of a line behind `skip` bytes, without blanks around it.
pub(in crate::protocols) fn trimmed<'a>(line: &Reader<'a>, skip: usize) -> Reader<'a> {
    let bytes = line.peek();
    let behind = bytes.get(skip..).unwrap_or_default();
    let skip = bytes.len().saturating_sub(behind.trim_ascii_start().len());
    let length = behind.trim_ascii().len();
    let mut rest = line.clone();
    // Both are counted from the bytes of the line, so that neither fails.
    let _ = rest.skip("line", skip.min(bytes.len()));
    rest.sub("line", length).unwrap_or(rest)
}

/// The word at the front of a line, and what stands behind it without blanks around it.
pub(in crate::protocols) fn word<'a>(line: &Reader<'a>) -> (&'a [u8], Reader<'a>) {
    let bytes = line.peek();
    let length = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    (bytes.get(..length).unwrap_or_default(), trimmed(line, length))
}

/// Whether `text` holds `word` between characters that are no letters or digits; capitals do not matter.
pub(in crate::protocols) fn holds_word(text: &[u8], word: &[u8]) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    !word.is_empty()
        && text.windows(word.len()).enumerate().any(|(at, window)| {
            let before = at.checked_sub(1).and_then(|at| text.get(at));
            let behind = text.get(at.saturating_add(word.len()));
            window.eq_ignore_ascii_case(word) && !is_part(before) && !is_part(behind)
        })
}

/// Whether `text` holds `part`; capitals do not matter.
pub(in crate::protocols) fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len().max(1)).any(|window| window.eq_ignore_ascii_case(part))
}

/// Three digits and what divides them from the text.
const NUMBER_BYTES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn line(bytes: &[u8]) -> (Vec<u8>, usize) {
        match Lines::default().next(bytes, false, 8) {
            Next::Line(line) => (line.text.peek().to_vec(), line.end),
            Next::Rest(_) | Next::Need(_) => panic!("no line"),
        }
    }

    #[test]
    fn lines_end_in_lf_with_or_without_cr() {
        assert_eq!(line(b"ab\r\ncd"), (b"ab".to_vec(), 4));
        assert_eq!(line(b"ab\n"), (b"ab".to_vec(), 3));
    }

    #[test]
    fn a_line_that_is_too_long_is_read_in_part_and_passed_over() {
        let mut lines = Lines::default();
        let Next::Line(long) = lines.next(b"0123456789", false, 8) else { panic!() };
        assert_eq!((long.text.peek(), long.end), (&b"01234567"[..], 8));
        assert!(matches!(lines.next(b"89", false, 8), Next::Rest(2)));
        assert!(matches!(lines.next(b"ab\r\nnext\r\n", false, 8), Next::Rest(4)));
        assert!(matches!(lines.next(b"next\r\n", false, 8), Next::Line(line) if line.end == 6));
    }

    #[test]
    fn a_reply_of_several_lines_ends_with_its_number_and_a_blank() {
        let mut replies = Replies::default();
        let mut read = |text: &[u8]| {
            let reply = replies.read(&Reader::new(text)).unwrap();
            (reply.code, reply.is_last, reply.text.peek().to_vec())
        };
        assert_eq!(read(b"220-Welcome "), (220, false, b"Welcome".to_vec()));
        assert_eq!(read(b"  230 users"), (220, false, b"230 users".to_vec()));
        assert_eq!(read(b"220 ready"), (220, true, b"ready".to_vec()));
        assert_eq!(read(b"215"), (215, true, Vec::new()));
        assert!(replies.read(&Reader::new(b"ready")).is_none());
        assert!(replies.read(&Reader::new(b"2200")).is_none());
    }

    #[test]
    fn words_are_found_between_other_signs() {
        assert!(holds_word(b"Logged in as ftp.", b"FTP"));
        assert!(!holds_word(b"vsFTPd 3.0.3", b"ftp"));
        assert!(holds(b"vsFTPd 3.0.3", b"ftp"));
        assert!(!holds_word(b"ftp", b""));
    }
}
