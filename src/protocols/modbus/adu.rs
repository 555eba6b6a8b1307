//! Application data units, and the MBAP header in front of those of Modbus/TCP (implementation guide, 3.1.3).

use crate::flow::Input;
use crate::protocols::Probe;
use crate::protocols::modbus::pdu::{self, Form};
use crate::protocols::modbus::umas;
use crate::wire::{Malformed, Reader, Span};

/// One application data unit, whole.
pub(super) struct Adu<'a> {
    /// Transaction identifier; 0 in frames of serial lines, which have none.
    pub(super) transaction: u16,
    /// Unit identifier.
    pub(super) unit: u8,
    /// Function code: first byte of `pdu`.
    pub(super) function: u8,
    /// Function code and data; never empty.
    pub(super) pdu: &'a [u8],
    /// Bytes in front of the PDU.
    pub(super) pdu_at: usize,
}

impl<'a> Adu<'a> {
    /// Where the function code lies.
    pub(super) fn function_span(&self) -> Span {
        Span { at: self.pdu_at, len: 1 }
    }

    /// What follows the function code, and where it lies.
    pub(super) fn data(&self) -> (&'a [u8], Span) {
        let data = self.pdu.get(1..).unwrap_or_default();
        (data, Span { at: self.pdu_at.saturating_add(1), len: data.len() })
    }

    /// What to report when `field` of the PDU cannot be true.
    pub(super) fn wrong(&self, field: &'static str) -> Malformed {
        Malformed { field, at: self.pdu_at, need: self.pdu.len(), have: self.pdu.len() }
    }

    /// Fails when the form is known and another one was found.
    pub(super) fn check(&self, form: Form) -> Result<(), Malformed> {
        match form {
            Form::Exact | Form::Unknown => Ok(()),
            Form::Wrong(field) => Err(self.wrong(field)),
        }
    }
}

/// What stands at the front of the unread bytes.
pub(super) enum Framed<'a> {
    /// An ADU of this many bytes.
    Adu(Adu<'a>, usize),
    /// So many bytes that are not a whole ADU, behind which it goes on.
    Damaged(Malformed, usize),
    /// The start of an ADU; so many bytes are needed.
    Need(usize),
    /// No Modbus.
    Lost(Malformed),
}

/// Finds the first ADU with an MBAP header.
pub(super) fn frame<'a>(input: &Input<'a>) -> Framed<'a> {
    let have = input.bytes.len();
    if have < HEADER_AND_FUNCTION_BYTES && !input.whole {
        return Framed::Need(HEADER_AND_FUNCTION_BYTES);
    }
    let mut r = Reader::new(input.bytes);
    let header = match Header::read(&mut r) {
        Ok(header) if header.plausible() => header,
        Ok(_) => {
            let malformed = r.impossible("MBAP header");
            return match next_start(input, have) {
                Some(next) => Framed::Damaged(malformed, next),
                None => Framed::Lost(malformed),
            };
        }
        Err(malformed) => return Framed::Damaged(malformed, have.max(1)),
    };
    let length = header.adu_bytes();
    if !ends_a_segment(input, length)
        && let Some(next) = next_start(input, length)
    {
        let malformed = Malformed { field: "length", at: 4, need: length, have: next };
        return Framed::Damaged(malformed, next);
    }
    if have < length && !input.whole {
        // Not the whole length: what comes next may show that this ADU ends sooner than it says.
        return Framed::Need(length.min(have.saturating_add(HEADER_AND_FUNCTION_BYTES)));
    }
    let Header { transaction, unit, function, .. } = header;
    match pdu_of(input.bytes, length) {
        Ok(pdu) => {
            Framed::Adu(Adu { transaction, unit, function, pdu, pdu_at: HEADER_BYTES }, length)
        }
        Err(malformed) => Framed::Damaged(malformed, have),
    }
}

/// Looks at the first bytes of a conversation, sent either way. Sure when all of them are ADUs whose data
/// have exactly the form of their function, or the last one is the start of one.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let mut rest = bytes;
    let mut sure = true;
    for seen in 0..PROBED_ADUS_MAX {
        if rest.is_empty() {
            break;
        }
        let Ok(header) = Header::read(&mut Reader::new(rest)) else {
            return match seen {
                0 if starts_like_a_header(rest) => Probe::More,
                0 => Probe::No,
                _ => Probe::Maybe,
            };
        };
        if !header.plausible() {
            return if seen == 0 { Probe::No } else { Probe::Maybe };
        }
        let Ok(pdu) = pdu_of(rest, header.adu_bytes()) else {
            return if seen == 0 { Probe::More } else { sure_or_maybe(sure) };
        };
        sure &= pdu::request_form(pdu) == Form::Exact || pdu::response_form(pdu) == Form::Exact;
        rest = rest.get(header.adu_bytes()..).unwrap_or_default();
    }
    sure_or_maybe(sure && !bytes.is_empty())
}

fn sure_or_maybe(sure: bool) -> Probe {
    if sure { Probe::Yes } else { Probe::Maybe }
}

/// True when too few bytes for a header have nothing against being one.
fn starts_like_a_header(bytes: &[u8]) -> bool {
    let protocol = bytes.get(2..).unwrap_or_default();
    protocol.iter().take(2).all(|byte| *byte == 0)
}

/// The offset below `limit` at which the next ADU starts, when this one is not what its header says: one segment
/// holds a whole ADU, from its first byte to its last. Senders put each ADU in a segment of its own, so a length
/// that lies, or a segment missing from the capture, costs one ADU and not the conversation.
fn next_start(input: &Input<'_>, limit: usize) -> Option<usize> {
    let starts = input.places.iter().map(|place| place.start);
    let ends = starts.clone().skip(1).chain([input.bytes.len()]);
    let mut segments = starts.zip(ends).filter(|(start, _)| (1..limit).contains(start));
    segments.find_map(|(start, end)| {
        let header = Header::read(&mut Reader::new(input.bytes.get(start..end)?)).ok()?;
        let is_whole = header.plausible() && start.saturating_add(header.adu_bytes()) == end;
        is_whole.then_some(start)
    })
}

/// True when the byte before `at` is the last of its segment.
fn ends_a_segment(input: &Input<'_>, at: usize) -> bool {
    at == input.bytes.len() || input.places.iter().any(|place| place.start == at)
}

fn pdu_of(bytes: &[u8], length: usize) -> Result<&[u8], Malformed> {
    let mut r = Reader::new(bytes);
    r.skip("MBAP header", HEADER_BYTES)?;
    r.bytes("PDU", length.saturating_sub(HEADER_BYTES))
}

/// The MBAP header, and the function code behind it.
struct Header {
    transaction: u16,
    protocol: u16,
    length: u16,
    unit: u8,
    function: u8,
}

impl Header {
    fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            transaction: r.u16_be("transaction identifier")?,
            protocol: r.u16_be("protocol identifier")?,
            length: r.u16_be("length")?,
            unit: r.u8("unit identifier")?,
            function: r.u8("function code")?,
        })
    }

    fn plausible(&self) -> bool {
        let most = if self.function == umas::FUNCTION_CODE { UMAS_LENGTH_MAX } else { LENGTH_MAX };
        self.protocol == 0 && (LENGTH_MIN..=most).contains(&self.length)
    }

    /// Bytes of the whole ADU: the length does not count itself and what stands before it.
    fn adu_bytes(&self) -> usize {
        usize::from(self.length).saturating_add(HEADER_BYTES - 1)
    }
}

/// Transaction, protocol, length and unit identifiers.
const HEADER_BYTES: usize = 7;
const HEADER_AND_FUNCTION_BYTES: usize = HEADER_BYTES + 1;
/// Unit identifier and function code.
const LENGTH_MIN: u16 = 2;
/// Unit identifier and a PDU of 253 bytes.
const LENGTH_MAX: u16 = 254;
/// UMAS agrees on its own, larger PDUs; controllers offer up to 1,021 bytes.
const UMAS_LENGTH_MAX: u16 = 1_024;
/// ADUs that a probe looks at before it answers: more would not make it surer.
const PROBED_ADUS_MAX: usize = 4;
