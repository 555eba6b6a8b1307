//! How many bytes the PDU of a request or an answer has, told by its first bytes: frames of serial lines do not say.

use crate::protocols::modbus::pdu::{
    DIAGNOSTICS, GET_COMM_EVENT_COUNTER, GET_COMM_EVENT_LOG, MASK_WRITE_REGISTER,
    READ_EXCEPTION_STATUS, READ_FIFO_QUEUE, READ_FILE_RECORD, READ_WRITE_MULTIPLE_REGISTERS,
    WRITE_FILE_RECORD, WRITE_MULTIPLE_COILS, WRITE_MULTIPLE_REGISTERS,
};
use crate::protocols::modbus::{EXCEPTION_BIT, identification, umas};

/// What the first bytes of a PDU tell of its length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Length {
    /// So many bytes.
    Exactly(usize),
    /// So many bytes are needed to tell.
    AtLeast(usize),
    /// The function leaves it open.
    Open,
    /// These bytes are not the start of such a PDU.
    Impossible,
}

/// The length of a PDU read as a request.
pub(super) fn of_request(pdu: &[u8]) -> Length {
    let Some(function) = pdu.first() else { return Length::AtLeast(1) };
    match *function {
        0 => Length::Impossible,
        1..=6 => Length::Exactly(5),
        READ_EXCEPTION_STATUS
        | GET_COMM_EVENT_COUNTER
        | GET_COMM_EVENT_LOG
        | identification::REPORT_SERVER_ID => Length::Exactly(1),
        DIAGNOSTICS => Length::Exactly(5),
        WRITE_MULTIPLE_COILS | WRITE_MULTIPLE_REGISTERS => counted(pdu, 5),
        READ_FILE_RECORD | WRITE_FILE_RECORD => counted(pdu, 1),
        MASK_WRITE_REGISTER => Length::Exactly(7),
        READ_WRITE_MULTIPLE_REGISTERS => counted(pdu, 9),
        READ_FIFO_QUEUE => Length::Exactly(3),
        identification::ENCAPSULATED_INTERFACE => match pdu.get(1) {
            Some(&identification::READ_DEVICE_ID) => Length::Exactly(4),
            Some(_) => Length::Open,
            None => Length::AtLeast(2),
        },
        function if function & EXCEPTION_BIT != 0 => Length::Impossible,
        _ => Length::Open,
    }
}

/// The length of a PDU read as an answer.
pub(super) fn of_answer(pdu: &[u8]) -> Length {
    let Some(function) = pdu.first() else { return Length::AtLeast(1) };
    match *function {
        0 => Length::Impossible,
        1..=4
        | GET_COMM_EVENT_LOG
        | identification::REPORT_SERVER_ID
        | READ_FILE_RECORD
        | WRITE_FILE_RECORD
        | READ_WRITE_MULTIPLE_REGISTERS => counted(pdu, 1),
        5 | 6 | WRITE_MULTIPLE_COILS | WRITE_MULTIPLE_REGISTERS | GET_COMM_EVENT_COUNTER => {
            Length::Exactly(5)
        }
        READ_EXCEPTION_STATUS => Length::Exactly(2),
        DIAGNOSTICS => diagnostics(pdu),
        MASK_WRITE_REGISTER => Length::Exactly(7),
        READ_FIFO_QUEUE => match pdu {
            [_, 0, count, ..] => Length::Exactly(usize::from(*count).saturating_add(3)),
            [_, _, _, ..] => Length::Impossible,
            _ => Length::AtLeast(3),
        },
        identification::ENCAPSULATED_INTERFACE => match pdu.get(1) {
            Some(&identification::READ_DEVICE_ID) => objects(pdu),
            Some(_) => Length::Open,
            None => Length::AtLeast(2),
        },
        function if function & EXCEPTION_BIT != 0 => Length::Exactly(2),
        _ => Length::Open,
    }
}

/// The longest PDU of a function whose length is open.
pub(super) fn most(function: u8) -> usize {
    if function == umas::FUNCTION_CODE { umas::PDU_BYTES_MAX } else { PDU_BYTES_MAX }
}

/// The byte at `at` counts those behind it.
fn counted(pdu: &[u8], at: usize) -> Length {
    let front = at.saturating_add(1);
    match pdu.get(at) {
        Some(0) => Length::Impossible,
        Some(count) => match usize::from(*count).saturating_add(front) {
            length if length <= PDU_BYTES_MAX => Length::Exactly(length),
            _ => Length::Impossible,
        },
        None => Length::AtLeast(front),
    }
}

/// One word behind the sub-function, but for the echo of query data, which may hold any number. (Requests are taken
/// to hold one, as nearly all do; of one that holds more, this answer is the same.)
fn diagnostics(pdu: &[u8]) -> Length {
    match pdu {
        [_, 0, 0, ..] => Length::Open,
        [_, _, _, ..] => Length::Exactly(5),
        _ => Length::AtLeast(3),
    }
}

/// An answer to Read Device Identification ends behind its last object.
fn objects(pdu: &[u8]) -> Length {
    let Some(objects) = pdu.get(OBJECT_COUNT_AT) else {
        return Length::AtLeast(OBJECT_COUNT_AT.saturating_add(1));
    };
    let mut at = OBJECT_COUNT_AT.saturating_add(1);
    for _ in 0..*objects {
        let value_at = at.saturating_add(OBJECT_HEADER_BYTES);
        let Some(length) = pdu.get(value_at.saturating_sub(1)) else {
            return if value_at > PDU_BYTES_MAX {
                Length::Impossible
            } else {
                Length::AtLeast(value_at)
            };
        };
        at = value_at.saturating_add(usize::from(*length));
    }
    if at > PDU_BYTES_MAX { Length::Impossible } else { Length::Exactly(at) }
}

/// The longest PDU of the specification (4.1).
const PDU_BYTES_MAX: usize = 253;
/// Behind function code, MEI type, read code, conformity level, more follows and next object.
const OBJECT_COUNT_AT: usize = 6;
/// Identifier and length.
const OBJECT_HEADER_BYTES: usize = 2;
