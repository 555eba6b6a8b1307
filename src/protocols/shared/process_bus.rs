//! What GOOSE and sampled values have in common: their frame, and that they say the same again and again
//! (IEC 61850-8-1 and IEC 61850-9-2, annex C of each).
//!
//! ```text
//!   0         2        4                 6            8
//!   | APPID 2 | length | S 1 bit, ... 15 | reserved 2 | tag, length, elements                   length counts from APPID on
//!                        simulated
//! ```

use crate::model::limits::{PROCESS_BUS_STREAM_BYTES_MAX, PROCESS_BUS_STREAMS_MAX};
use crate::protocols::shared::ber;
use crate::wire::{Malformed, Reader, Span};

/// One message.
#[derive(Debug)]
pub(in crate::protocols) struct Pdu<'a> {
    /// Number of the application.
    pub(in crate::protocols) application: u16,
    /// That number and the flag of simulation, as they stand there.
    pub(in crate::protocols) front: [&'a [u8]; 2],
    /// True for what a test set sends in the place of a device.
    pub(in crate::protocols) is_simulated: bool,
    /// The elements.
    pub(in crate::protocols) body: Reader<'a>,
}

impl<'a> Pdu<'a> {
    /// Reads the frame of a message whose elements stand behind `tag`; what pads the Ethernet frame is left.
    pub(in crate::protocols) fn read(bytes: &'a [u8], tag: u8) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        let application_bytes = r.peek().get(..2).unwrap_or_default();
        let application = r.u16_be("APPID")?;
        let length = usize::from(r.u16_be("Length")?);
        let Some(left) = length.checked_sub(LENGTH_END) else {
            return Err(r.impossible("Length"));
        };
        let mut r = r.sub("APDU", left)?;
        let flags = r.peek().get(..1).unwrap_or_default();
        let is_simulated = r.u16_be("Reserved 1")? & SIMULATED != 0;
        r.skip("Reserved 2", 2)?;
        let body = ber::expect(&mut r, tag, "APDU")?;
        Ok(Self { application, front: [application_bytes, flags], is_simulated, body })
    }
}

/// One element, as it stands there: tag and length included.
#[derive(Clone, Debug)]
pub(in crate::protocols) struct Element<'a> {
    pub(in crate::protocols) tag: u8,
    /// Its contents.
    pub(in crate::protocols) body: Reader<'a>,
    /// All of it.
    pub(in crate::protocols) whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// Reads the next one.
    pub(in crate::protocols) fn read(
        r: &mut Reader<'a>,
        field: &'static str,
    ) -> Result<Self, Malformed> {
        let (start, rest) = (r.at(), r.peek());
        let ber::Element { tag, body } = ber::element(r, field)?;
        let whole = rest.get(..r.at().saturating_sub(start)).unwrap_or_default();
        Ok(Self { tag, body, whole })
    }

    /// Its contents, and where they stand.
    pub(in crate::protocols) fn contents(&self) -> (&'a [u8], Span) {
        let span = Span { at: self.body.at(), len: self.body.left() };
        (self.body.peek(), span)
    }
}

/// An element as it stands there; nothing where there is none.
pub(in crate::protocols) fn whole<'a>(element: Option<&Element<'a>>) -> &'a [u8] {
    element.map(|element| element.whole).unwrap_or_default()
}

/// What was said already. A device says the same up to some thousand times a second: to know it again, nothing is made.
#[derive(Debug, Default)]
pub(in crate::protocols) struct Streams(Vec<Box<[u8]>>);

/// How a message stands to those before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::protocols) enum Stream {
    Known,
    New,
    /// New, and too much to be kept.
    OverLimit,
}

impl Streams {
    /// Takes what a message says of itself: these bytes, one behind the other.
    pub(in crate::protocols) fn take(&mut self, parts: &[&[u8]]) -> Stream {
        if self.0.iter().any(|known| is(known, parts)) {
            return Stream::Known;
        }
        let bytes = parts.iter().map(|part| part.len()).sum::<usize>();
        if self.0.len() >= PROCESS_BUS_STREAMS_MAX || bytes > PROCESS_BUS_STREAM_BYTES_MAX {
            return Stream::OverLimit;
        }
        self.0.push(parts.concat().into());
        Stream::New
    }
}

fn is(known: &[u8], parts: &[&[u8]]) -> bool {
    let mut rest = known;
    for part in parts {
        match rest.strip_prefix(*part) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    rest.is_empty()
}

/// Reserved fields that are part of the length, and the fields in front of them.
const LENGTH_END: usize = 4;
const SIMULATED: u16 = 0x8000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_known_again_and_nothing_else() {
        let mut streams = Streams::default();
        assert_eq!(streams.take(&[b"ab", b"c"]), Stream::New);
        assert_eq!(streams.take(&[b"ab", b"c"]), Stream::Known);
        assert_eq!(streams.take(&[b"ab", b"d"]), Stream::New);
        assert_eq!(streams.take(&[b"ab"]), Stream::New);
        assert_eq!(streams.take(&[&[0; PROCESS_BUS_STREAM_BYTES_MAX], b"a"]), Stream::OverLimit);
    }

    #[test]
    fn a_length_that_lies_is_refused() {
        assert!(Pdu::read(b"\x00\x01\x00\x03\0\0\0\0\x61\0", 0x61).is_err());
        assert!(Pdu::read(b"\x00\x01\x00\x30\0\0\0\0\x61\0", 0x61).is_err());
        let pdu = Pdu::read(b"\x00\x01\x00\x0a\x80\0\0\0\x61\0padding", 0x61).unwrap();
        assert!(pdu.is_simulated && pdu.body.is_empty());
    }
}
