//! What requests are for: who reads, who writes, who starts and stops, who brings programs.
//!
//! Functions by the application protocol specification, 5.1 and 6; of Diagnostics (8) by their sub-functions (6.8), of
//! UMAS (90) by the names that its describers give them. A function that nobody has described is for nothing that is
//! known.

use crate::model::Act;
use crate::protocols::Sink;
use crate::protocols::modbus::adu::Adu;
use crate::protocols::modbus::{identification, pdu, umas};
use crate::wire::Span;

/// Tells what a request is for. What a read asks for is its unit, which stands in front of the PDU in every framing, and
/// the PDU; of function 23 the part that reads, because behind it are the values to write.
pub(super) fn tell(adu: &Adu<'_>, out: &mut Sink<'_>) {
    let span = adu.function_span();
    let asked = match adu.pdu {
        [READ_AND_WRITE, ..] => READ_PART_BYTES.min(adu.pdu.len()),
        pdu => pdu.len(),
    };
    let question = Span { at: span.at.saturating_sub(1), len: asked.saturating_add(1) };
    for act in of(adu.pdu) {
        match act {
            Act::Read => out.reads(span, question),
            act => out.act(act, span),
        }
    }
}

/// What a request of this PDU is for: reading and writing at once for function 23, at most one thing for all others.
fn of(pdu: &[u8]) -> impl Iterator<Item = Act> {
    let (first, second) = match pdu {
        [READ_AND_WRITE, ..] => (Some(Act::Read), Some(Act::Write)),
        [function, data @ ..] => (one(*function, data), None),
        [] => (None, None),
    };
    first.into_iter().chain(second)
}

fn one(function: u8, data: &[u8]) -> Option<Act> {
    match function {
        READ_COILS..=READ_INPUT_REGISTERS
        | pdu::READ_EXCEPTION_STATUS
        | pdu::GET_COMM_EVENT_COUNTER
        | pdu::GET_COMM_EVENT_LOG
        | pdu::READ_FILE_RECORD
        | pdu::READ_FIFO_QUEUE => Some(Act::Read),
        pdu::WRITE_SINGLE_COIL
        | pdu::WRITE_SINGLE_REGISTER
        | pdu::WRITE_MULTIPLE_COILS
        | pdu::WRITE_MULTIPLE_REGISTERS
        | pdu::WRITE_FILE_RECORD
        | pdu::MASK_WRITE_REGISTER => Some(Act::Write),
        pdu::DIAGNOSTICS => {
            data.first_chunk().map(|number| diagnostics(u16::from_be_bytes(*number)))
        }
        identification::REPORT_SERVER_ID => Some(Act::Identify),
        identification::ENCAPSULATED_INTERFACE => {
            (data.first() == Some(&identification::READ_DEVICE_ID)).then_some(Act::Identify)
        }
        umas::FUNCTION_CODE => umas(umas::function(data)),
        _ => None,
    }
}

/// Sub-functions that restart the unit or keep it from answering change what it does; those that clear counters or set
/// the end of messages change what it holds.
fn diagnostics(sub_function: u16) -> Act {
    match sub_function {
        RESTART_COMMUNICATIONS | FORCE_LISTEN_ONLY => Act::Control,
        CHANGE_DELIMITER | CLEAR_COUNTERS | CLEAR_OVERRUN => Act::Write,
        _ => Act::Read,
    }
}

/// Reservations and keep-alives are for nothing themselves: what they are taken for follows.
fn umas(function: u8) -> Option<Act> {
    Some(match function {
        INITIALISE_COMMUNICATION | READ_ID | READ_CARD => Act::Identify,
        READ_PROJECT | READ_STATUS | READ_MEMORY | READ_VARIABLES | READ_COILS_REGISTERS
        | READ_DICTIONARY | READ_ETHERNET_MASTER | MONITOR | CHECK | READ_IO_OBJECT
        | MODULE_STATUS => Act::Read,
        WRITE_VARIABLES | WRITE_COILS_REGISTERS | WRITE_IO_OBJECT => Act::Write,
        START | STOP => Act::Control,
        // Blocks of memory hold the program; variables have functions of their own.
        WRITE_MEMORY | INITIALISE_UPLOAD..=END_DOWNLOAD => Act::Program,
        _ => return None,
    })
}

const READ_COILS: u8 = 0x01;
const READ_INPUT_REGISTERS: u8 = 0x04;
const READ_AND_WRITE: u8 = pdu::READ_WRITE_MULTIPLE_REGISTERS;
/// Function, address and quantity to read.
const READ_PART_BYTES: usize = 5;

const RESTART_COMMUNICATIONS: u16 = 0x0001;
const CHANGE_DELIMITER: u16 = 0x0003;
const FORCE_LISTEN_ONLY: u16 = 0x0004;
const CLEAR_COUNTERS: u16 = 0x000a;
const CLEAR_OVERRUN: u16 = 0x0014;

const INITIALISE_COMMUNICATION: u8 = 0x01;
const READ_ID: u8 = 0x02;
const READ_PROJECT: u8 = 0x03;
const READ_STATUS: u8 = 0x04;
const READ_CARD: u8 = 0x06;
const READ_MEMORY: u8 = 0x20;
const WRITE_MEMORY: u8 = 0x21;
const READ_VARIABLES: u8 = 0x22;
const WRITE_VARIABLES: u8 = 0x23;
const READ_COILS_REGISTERS: u8 = 0x24;
const WRITE_COILS_REGISTERS: u8 = 0x25;
const READ_DICTIONARY: u8 = 0x26;
const INITIALISE_UPLOAD: u8 = 0x30;
const END_DOWNLOAD: u8 = 0x35;
const READ_ETHERNET_MASTER: u8 = 0x39;
const START: u8 = 0x40;
const STOP: u8 = 0x41;
const MONITOR: u8 = 0x50;
const CHECK: u8 = 0x58;
const READ_IO_OBJECT: u8 = 0x70;
const WRITE_IO_OBJECT: u8 = 0x71;
const MODULE_STATUS: u8 = 0x73;

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pdu: &[u8]) -> Vec<Act> {
        of(pdu).collect()
    }

    #[test]
    fn functions_are_for_reading_writing_or_identifying() {
        for function in [1, 2, 3, 4, 7, 11, 12, 20, 24] {
            assert_eq!(all(&[function]), [Act::Read], "{function}");
        }
        for function in [5, 6, 15, 16, 21, 22] {
            assert_eq!(all(&[function]), [Act::Write], "{function}");
        }
        assert_eq!(all(&[23]), [Act::Read, Act::Write]);
        assert_eq!(all(&[17]), [Act::Identify]);
        assert_eq!(all(&[43, 14, 1, 0]), [Act::Identify]);
        for other in [&[][..], &[0], &[43], &[43, 13, 0], &[100], &[8], &[90]] {
            assert_eq!(all(other), [], "{other:?}");
        }
    }

    #[test]
    fn diagnostics_differ_by_their_sub_function() {
        for (sub_function, act) in [
            (0, Act::Read),
            (1, Act::Control),
            (3, Act::Write),
            (4, Act::Control),
            (10, Act::Write),
            (11, Act::Read),
            (20, Act::Write),
        ] {
            assert_eq!(all(&[8, 0, sub_function, 0, 0]), [act], "{sub_function}");
        }
    }

    #[test]
    fn umas_reads_writes_controls_and_programs() {
        for (functions, act) in [
            (&[0x01, 0x02, 0x06][..], Some(Act::Identify)),
            (&[0x03, 0x04, 0x20, 0x22, 0x24, 0x26, 0x39, 0x50, 0x58, 0x70, 0x73], Some(Act::Read)),
            (&[0x23, 0x25, 0x71], Some(Act::Write)),
            (&[0x40, 0x41], Some(Act::Control)),
            (&[0x21, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35], Some(Act::Program)),
            (&[0x0a, 0x10, 0x11, 0x12, 0x36, 0x42, 0xff], None),
        ] {
            for function in functions {
                assert_eq!(all(&[90, 0, *function]), Vec::from_iter(act), "{function:#x}");
            }
        }
    }
}
