//! Framing of serial lines, carried over TCP or UDP by device servers (MODBUS over Serial Line Specification and
//! Implementation Guide V1.02, 2.5.1 and 6.2.2).
//!
//! ```text
//! 0      1               2
//! ┌──────┬───────────────┬──────────┬───────────┐
//! │ unit │ function code │ data     │ CRC       │  CRC-16 of all before it, low byte first
//! └──────┴───────────────┴──────────┴───────────┘
//! ```
//!
//! No length stands in front, and the silence that ends a frame on the line is lost on its way. Where a frame ends
//! is what its function's request or answer would need, or the end of a segment; the CRC decides between them.

use crate::flow::Input;
use crate::protocols::Probe;
use crate::protocols::modbus::adu::{Adu, Framed};
use crate::protocols::modbus::length::{self, Length};
use crate::protocols::modbus::pdu::{self, Form};
use crate::wire::Malformed;

/// Finds the first frame.
pub(super) fn frame<'a>(input: &Input<'a>) -> Framed<'a> {
    let have = input.bytes.len();
    let ends = input.places.iter().map(|place| place.start).chain([have]);
    match look(input.bytes, ends) {
        Look::Frame(length) => match adu(input.bytes, length) {
            Some(adu) => Framed::Adu(adu, length),
            None => Framed::Damaged(damage("frame", have), have),
        },
        Look::Short(need) if !input.whole => match next_segment(input) {
            Some(next) => Framed::Damaged(damage("frame", have), next),
            None => Framed::Need(need),
        },
        Look::Short(_) => Framed::Damaged(damage("frame", have), have),
        Look::Nothing => match next_start(input.bytes) {
            Some(next) => Framed::Damaged(damage("CRC", have), next),
            None if input.whole => Framed::Damaged(damage("CRC", have), have),
            None => Framed::Lost(damage("CRC", have)),
        },
    }
}

/// Looks at the first bytes of a conversation, sent either way. Sure when all of them are frames with a right CRC
/// and the exact form of their function, or the last one is the start of one.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let mut rest = bytes;
    for seen in 0..PROBED_FRAMES_MAX {
        match look(rest, []) {
            Look::Frame(length) => rest = rest.get(length..).unwrap_or_default(),
            Look::Short(_) if seen == 0 => return Probe::More,
            Look::Short(_) => return Probe::Yes,
            Look::Nothing if seen == 0 => return Probe::No,
            Look::Nothing => return Probe::Maybe,
        }
        if rest.is_empty() {
            break;
        }
    }
    Probe::Yes
}

/// What stands at the front.
enum Look {
    /// A frame of so many bytes.
    Frame(usize),
    /// What may become one; so many bytes are needed to tell.
    Short(usize),
    /// No frame.
    Nothing,
}

/// Looks for a frame at the front. `ends` are offsets where one may end whose function leaves its length open;
/// without them only such frames are found whose form is exact.
fn look(bytes: &[u8], ends: impl IntoIterator<Item = usize>) -> Look {
    let Some((unit, pdu)) = bytes.split_first() else { return Look::Short(FRAME_BYTES_MIN) };
    let Some(function) = pdu.first() else { return Look::Short(FRAME_BYTES_MIN) };
    if *unit > UNIT_MAX {
        return Look::Nothing;
    }
    let mut short: Option<usize> = None;
    let mut is_open = false;
    for length in [length::of_request(pdu), length::of_answer(pdu)] {
        let need = match length {
            Length::Exactly(bytes) => bytes.saturating_add(UNIT_AND_CRC_BYTES),
            Length::AtLeast(bytes) => {
                let need = bytes.saturating_add(UNIT_BYTES);
                short = Some(short.map_or(need, |known| known.min(need)));
                continue;
            }
            Length::Open => {
                is_open = true;
                continue;
            }
            Length::Impossible => continue,
        };
        if need > bytes.len() {
            short = Some(short.map_or(need, |known| known.min(need)));
        } else if is_exact(bytes, need) {
            return Look::Frame(need);
        }
    }
    if is_open {
        let most = length::most(*function).saturating_add(UNIT_AND_CRC_BYTES);
        let mut ends = ends.into_iter().peekable();
        let is_asked = ends.peek().is_some();
        let mut ends = ends.filter(|end| (FRAME_BYTES_MIN..=most).contains(end));
        if let Some(end) = ends.find(|end| bytes.get(..*end).is_some_and(is_checked)) {
            return Look::Frame(end);
        }
        if is_asked && bytes.len() < most {
            short = Some(bytes.len().saturating_add(1));
        }
    }
    short.map_or(Look::Nothing, |need| Look::Short(need.max(bytes.len().saturating_add(1))))
}

/// True when the first `length` bytes are a frame with a right CRC whose PDU has the form of its function.
fn is_exact(bytes: &[u8], length: usize) -> bool {
    let Some(frame) = bytes.get(..length).filter(|frame| is_checked(frame)) else { return false };
    adu(frame, length).is_some_and(|adu| {
        pdu::request_form(adu.pdu) == Form::Exact || pdu::response_form(adu.pdu) == Form::Exact
    })
}

/// True when the last two bytes are the CRC of those before them.
fn is_checked(frame: &[u8]) -> bool {
    frame.split_last_chunk().is_some_and(|(body, sum)| crc(body).to_le_bytes() == *sum)
}

fn adu(bytes: &[u8], length: usize) -> Option<Adu<'_>> {
    let (unit, rest) = bytes.get(..length)?.split_first()?;
    let (pdu, _) = rest.split_last_chunk::<CRC_BYTES>()?;
    let function = *pdu.first()?;
    Some(Adu { transaction: 0, unit: *unit, function, pdu, pdu_at: UNIT_BYTES })
}

/// The offset of the next segment that starts with a frame: senders put each frame in a segment of its own, so what
/// still waits for its end in front of one has none.
fn next_segment(input: &Input<'_>) -> Option<usize> {
    input.places.iter().map(|place| place.start).find(|start| {
        let rest = input.bytes.get(*start..).unwrap_or_default();
        *start > 0 && matches!(look(rest, []), Look::Frame(_))
    })
}

/// The offset of the next frame behind bytes that are none: noise of the line, or the rest of a frame of which
/// a part is missing from the capture. When there is none, of the first bytes that may become one.
fn next_start(bytes: &[u8]) -> Option<usize> {
    let within = bytes.len().min(RESUMED_BYTES_MAX);
    let at = |wanted: fn(&Look) -> bool| {
        (1..within).find(|at| wanted(&look(bytes.get(*at..).unwrap_or_default(), [])))
    };
    let frame = at(|look| matches!(look, Look::Frame(_)));
    let may_come = bytes.len() < RESUMED_BYTES_MAX;
    frame.or_else(|| at(|look| matches!(look, Look::Short(_))).filter(|_| may_come))
}

fn damage(field: &'static str, have: usize) -> Malformed {
    Malformed { field, at: 0, need: have, have }
}

/// The checksum of a frame (6.2.2): polynomial 0xa001, reflected, from 0xffff on.
pub(super) fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |sum, byte| {
        let [_, low] = sum.to_be_bytes();
        let step = CRC_STEPS.get(usize::from(low ^ byte)).copied().unwrap_or_default();
        (sum >> 8) ^ step
    })
}

/// What each byte does to the checksum.
const CRC_STEPS: [u16; 256] = crc_steps();

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // evaluated by the compiler only
const fn crc_steps() -> [u16; 256] {
    let mut steps = [0; 256];
    let mut byte = 0_u16;
    let mut at = 0;
    while at < steps.len() {
        let mut step = byte;
        let mut bit = 0;
        while bit < 8 {
            step = if step & 1 == 1 { (step >> 1) ^ 0xa001 } else { step >> 1 };
            bit += 1;
        }
        steps[at] = step;
        byte += 1;
        at += 1;
    }
    steps
}

const UNIT_BYTES: usize = 1;
const CRC_BYTES: usize = 2;
const UNIT_AND_CRC_BYTES: usize = UNIT_BYTES + CRC_BYTES;
/// Unit, function code and CRC.
const FRAME_BYTES_MIN: usize = UNIT_AND_CRC_BYTES + 1;
/// The addresses above are reserved (2.2).
const UNIT_MAX: u8 = 247;
/// Frames that a probe looks at before it answers: more would not make it surer.
const PROBED_FRAMES_MAX: usize = 4;
/// Bytes in which the next frame is looked for: two frames of the greatest length.
const RESUMED_BYTES_MAX: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(unit: u8, pdu: &[u8]) -> Vec<u8> {
        let body = [&[unit], pdu].concat();
        let sum = crc(&body).to_le_bytes();
        [&body[..], &sum].concat()
    }

    const READ_REGISTERS: &[u8] = b"\x03\x00\x10\x00\x02";
    const REGISTERS: &[u8] = b"\x03\x04\x00\x01\x00\x02";

    #[test]
    fn the_checksum_is_that_of_the_specification() {
        // Appendix B of the serial line guide: unit 2, function 7 have the CRC 0x1241.
        assert_eq!(crc(b"\x02\x07"), 0x1241);
    }

    #[test]
    fn probes_are_sure_of_frames_and_of_nothing_else() {
        for pdu in [READ_REGISTERS, REGISTERS, b"\x2b\x0e\x01\x00", b"\x83\x02", b"\x11"] {
            let frame = framed(1, pdu);
            assert_eq!(probe(&frame), Probe::Yes, "{pdu:02x?}");
            for length in 0..frame.len() {
                assert_eq!(probe(&frame[..length]), Probe::More, "{pdu:02x?} {length}");
            }
            let two = [&frame[..], &framed(2, READ_REGISTERS)].concat();
            assert_eq!(probe(&two), Probe::Yes);
            assert_eq!(probe(&[&frame[..], b"\xff\xff\xff"].concat()), Probe::Maybe);
            for at in 0..frame.len() {
                let mut wrong = frame.clone();
                wrong[at] ^= 0x40;
                assert_ne!(probe(&wrong), Probe::Yes, "{pdu:02x?} {at}");
            }
        }
        // A unit that does not exist, an unknown function, no form: right sums are not enough.
        for frame in [framed(248, READ_REGISTERS), framed(1, b"\x64\x01"), framed(1, b"\x03\x00")] {
            assert_ne!(probe(&frame), Probe::Yes, "{frame:02x?}");
        }
    }

    #[test]
    fn other_protocols_are_not_taken_for_frames() {
        for other in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
            b"\x03\x00\x00\x16\x11\xe0\x00\x00\x00\x01\x00\xc1\x02\x01\x00\xc2\x02\x01\x02\xc0\x01\x0a",
            b"\x65\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
            b"\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x0a",
        ] {
            assert_eq!(probe(other), Probe::No, "{other:02x?}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic_and_every_wait_is_for_more() {
        let mut seed = 0x9e37_79b9_u32;
        for _ in 0..20_000 {
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            let [function, length, a, b] = seed.to_be_bytes();
            let bytes: Vec<u8> =
                [1, function, a, b].into_iter().cycle().take(usize::from(length)).collect();
            if let Look::Short(need) = look(&bytes, [bytes.len()]) {
                assert!(need > bytes.len());
            }
            probe(&bytes);
            next_start(&bytes);
        }
    }
}
