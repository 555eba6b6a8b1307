//! The form of each function's PDU: how long it must be, and which quantities it may name (application
//! protocol specification, 6.1 to 6.21 and 7). Read with `modbus-core` where it knows the function.

use modbus_core::{Exception, Request, Response};

use crate::protocols::modbus::{EXCEPTION_BIT, identification, umas};

/// Whether data have the form that the specification gives a function.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// To the last byte.
    Exact,
    /// The form is known, and this field does not agree with it.
    Wrong(&'static str),
    /// The specification leaves the form open, or does not know the function.
    Unknown,
}

/// The form of a PDU read as a request.
pub(super) fn request_form(pdu: &[u8]) -> Form {
    let exact = match Request::try_from(pdu) {
        Ok(Request::ReadCoils(at, quantity) | Request::ReadDiscreteInputs(at, quantity)) => {
            pdu.len() == 5 && spans(at, quantity.into(), COILS_READ_MAX)
        }
        Ok(
            Request::ReadHoldingRegisters(at, quantity) | Request::ReadInputRegisters(at, quantity),
        ) => pdu.len() == 5 && spans(at, quantity.into(), REGISTERS_READ_MAX),
        Ok(Request::WriteSingleCoil(..) | Request::WriteSingleRegister(..)) => pdu.len() == 5,
        Ok(Request::WriteMultipleCoils(at, coils)) => {
            spans(at, coils.len(), COILS_WRITTEN_MAX) && counted(pdu, 5, coils.packed_len())
        }
        Ok(Request::WriteMultipleRegisters(at, words)) => {
            spans(at, words.len(), REGISTERS_WRITTEN_MAX)
                && counted(pdu, 5, words.len().saturating_mul(2))
        }
        Ok(Request::ReadWriteMultipleRegisters(read_at, quantity, write_at, words)) => {
            spans(read_at, quantity.into(), REGISTERS_READ_MAX)
                && spans(write_at, words.len(), REGISTERS_READ_WRITTEN_MAX)
                && counted(pdu, 9, words.len().saturating_mul(2))
        }
        Ok(Request::Custom(function, data)) => return other_request(function.value(), data),
        Err(_) => return Form::Wrong("request PDU"),
    };
    exact_or(exact, "address, quantity or byte count")
}

/// The form of a PDU read as an answer.
pub(super) fn response_form(pdu: &[u8]) -> Form {
    if let [function, code @ ..] = pdu
        && function & EXCEPTION_BIT != 0
    {
        let known = matches!(code, [code] if Exception::try_from(*code).is_ok());
        return exact_or(known, "exception code");
    }
    let exact = match Response::try_from(pdu) {
        Ok(Response::ReadCoils(_) | Response::ReadDiscreteInputs(_)) => {
            counts_rest(pdu, 1..=COILS_READ_MAX.div_ceil(8))
        }
        Ok(
            Response::ReadHoldingRegisters(words)
            | Response::ReadInputRegisters(words)
            | Response::ReadWriteMultipleRegisters(words),
        ) => counted(pdu, 1, words.len().saturating_mul(2)) && !words.is_empty(),
        // An answer to the writing of one value repeats the request.
        Ok(Response::WriteSingleCoil(_) | Response::WriteSingleRegister(..)) => {
            request_form(pdu) == Form::Exact
        }
        Ok(Response::WriteMultipleCoils(at, quantity)) => {
            pdu.len() == 5 && spans(at, quantity.into(), COILS_WRITTEN_MAX)
        }
        Ok(Response::WriteMultipleRegisters(at, quantity)) => {
            pdu.len() == 5 && spans(at, quantity.into(), REGISTERS_WRITTEN_MAX)
        }
        Ok(Response::Custom(function, data)) => return other_response(function.value(), data),
        Err(_) => return Form::Wrong("response PDU"),
    };
    exact_or(exact, "address, quantity or byte count")
}

/// What an answer does not repeat of a request: see [`fits`].
pub(super) fn request_detail(pdu: &[u8]) -> u16 {
    match Request::try_from(pdu) {
        Ok(
            Request::ReadCoils(_, quantity)
            | Request::ReadDiscreteInputs(_, quantity)
            | Request::ReadHoldingRegisters(_, quantity)
            | Request::ReadInputRegisters(_, quantity)
            | Request::ReadWriteMultipleRegisters(_, quantity, ..),
        ) => quantity,
        Ok(Request::Custom(function, data)) => match (function.value(), data) {
            (umas::FUNCTION_CODE, data) => umas::detail(data),
            (identification::ENCAPSULATED_INTERFACE, [_, code, object]) => {
                u16::from_be_bytes([*code, *object])
            }
            _ => 0,
        },
        _ => 0,
    }
}

/// Whether an answer of exact form brings as many values as were asked for. `detail` is the quantity.
pub(super) fn fits(pdu: &[u8], detail: u16) -> bool {
    match Response::try_from(pdu) {
        Ok(Response::ReadCoils(coils) | Response::ReadDiscreteInputs(coils)) => {
            coils.packed_len() == usize::from(detail).div_ceil(8)
        }
        Ok(
            Response::ReadHoldingRegisters(words)
            | Response::ReadInputRegisters(words)
            | Response::ReadWriteMultipleRegisters(words),
        ) => words.len() == usize::from(detail),
        _ => true,
    }
}

/// Requests that `modbus-core` leaves as bytes: `data` follow the function code.
fn other_request(function: u8, data: &[u8]) -> Form {
    let exact = match (function, data) {
        (0, _) => return Form::Wrong("function code"),
        (
            READ_EXCEPTION_STATUS
            | GET_COMM_EVENT_COUNTER
            | GET_COMM_EVENT_LOG
            | identification::REPORT_SERVER_ID,
            data,
        ) => data.is_empty(),
        (DIAGNOSTICS, data) => diagnostics(data),
        (READ_FILE_RECORD, [count, groups @ ..]) => {
            usize::from(*count) == groups.len() && file_groups(groups)
        }
        (WRITE_FILE_RECORD, data) => write_file_record(data),
        (MASK_WRITE_REGISTER, data) => data.len() == 6,
        (READ_FIFO_QUEUE, data) => data.len() == 2,
        (identification::ENCAPSULATED_INTERFACE, [identification::READ_DEVICE_ID, rest @ ..]) => {
            matches!(rest, [1..=4, _])
        }
        (identification::ENCAPSULATED_INTERFACE, [identification::CANOPEN, ..]) => {
            return Form::Unknown;
        }
        // UMAS has no public specification: no form is exact, but a function it does not have is wrong.
        (umas::FUNCTION_CODE, data) if umas::FUNCTIONS.contains(&umas::function(data)) => {
            return Form::Unknown;
        }
        (READ_FILE_RECORD | identification::ENCAPSULATED_INTERFACE | umas::FUNCTION_CODE, _) => {
            false
        }
        _ => return Form::Unknown,
    };
    exact_or(exact, "data")
}

/// Answers that `modbus-core` leaves as bytes: `data` follow the function code.
fn other_response(function: u8, data: &[u8]) -> Form {
    let exact = match (function, data) {
        (0, _) => return Form::Wrong("function code"),
        (READ_EXCEPTION_STATUS, data) => data.len() == 1,
        (DIAGNOSTICS, data) => diagnostics(data),
        (GET_COMM_EVENT_COUNTER, data) => data.len() == 4,
        (identification::REPORT_SERVER_ID, [count, rest @ ..]) => {
            usize::from(*count) == rest.len() && !rest.is_empty()
        }
        (GET_COMM_EVENT_LOG, [count, rest @ ..]) => {
            usize::from(*count) == rest.len() && EVENT_LOG_BYTES.contains(&rest.len())
        }
        (READ_FILE_RECORD, [count, groups @ ..]) => {
            usize::from(*count) == groups.len() && file_answers(groups)
        }
        (WRITE_FILE_RECORD, data) => write_file_record(data),
        (MASK_WRITE_REGISTER, data) => data.len() == 6,
        (READ_FIFO_QUEUE, [0, bytes, 0, count, words @ ..]) => {
            let announced = usize::from(*count).saturating_mul(2);
            *count <= FIFO_WORDS_MAX
                && announced == words.len()
                && usize::from(*bytes) == announced.saturating_add(2)
        }
        (identification::ENCAPSULATED_INTERFACE, [identification::READ_DEVICE_ID, ..]) => {
            identification::well_formed(data)
        }
        (
            GET_COMM_EVENT_LOG
            | READ_FILE_RECORD
            | READ_FIFO_QUEUE
            | identification::REPORT_SERVER_ID,
            _,
        ) => false,
        _ => return Form::Unknown,
    };
    exact_or(exact, "data")
}

/// 6.8: a sub-function and one word; only the echo of query data (0) may hold any number of words.
fn diagnostics(data: &[u8]) -> bool {
    match data {
        [0, 0, words @ ..] => !words.is_empty() && words.len().is_multiple_of(2),
        [_, _, _, _] => true,
        _ => false,
    }
}

/// 6.14: groups of reference type, file, record and number of registers.
fn file_groups(groups: &[u8]) -> bool {
    let (whole, rest) = groups.as_chunks::<FILE_GROUP_BYTES>();
    let sound = |group: &[u8; FILE_GROUP_BYTES]| file_group(group).is_some_and(|words| words > 0);
    !whole.is_empty() && rest.is_empty() && whole.iter().all(sound)
}

/// The number of registers that a group announces; `None` when there is no such group.
fn file_group(group: &[u8; FILE_GROUP_BYTES]) -> Option<u16> {
    let [kind, file_high, file_low, record_high, record_low, words_high, words_low] = *group;
    let exists = kind == FILE_REFERENCE_TYPE
        && (file_high, file_low) != (0, 0)
        && u16::from_be_bytes([record_high, record_low]) <= FILE_RECORD_MAX;
    exists.then_some(u16::from_be_bytes([words_high, words_low]))
}

/// 6.14: each answer counts its reference type and its registers.
fn file_answers(mut groups: &[u8]) -> bool {
    if groups.is_empty() {
        return false;
    }
    while let [count, kind, rest @ ..] = groups {
        let registers = usize::from(count.saturating_sub(1));
        let Some(behind) = rest.get(registers..) else { return false };
        if *kind != FILE_REFERENCE_TYPE || *count == 0 || !registers.is_multiple_of(2) {
            return false;
        }
        groups = behind;
    }
    groups.is_empty()
}

/// 6.15: the answer repeats the request; groups have a header and at least one register.
fn write_file_record(data: &[u8]) -> bool {
    let Some((count, mut groups)) = data.split_first() else { return false };
    if usize::from(*count) != groups.len() || groups.is_empty() {
        return false;
    }
    while let Some((group, rest)) = groups.split_first_chunk::<FILE_GROUP_BYTES>() {
        let Some(words) = file_group(group).filter(|words| *words > 0) else { return false };
        let Some(behind) = rest.get(usize::from(words).saturating_mul(2)..) else { return false };
        groups = behind;
    }
    groups.is_empty()
}

/// True when `quantity` values from address `at` on exist and may be named in one request.
fn spans(at: u16, quantity: usize, most: usize) -> bool {
    let end = usize::from(at).saturating_add(quantity);
    (1..=most).contains(&quantity) && end <= ADDRESSES
}

/// True when the byte at `at` counts `bytes`, and exactly so many follow it.
fn counted(pdu: &[u8], at: usize, bytes: usize) -> bool {
    let follows = pdu.len().checked_sub(at.saturating_add(1));
    pdu.get(at).map(|count| usize::from(*count)) == Some(bytes) && follows == Some(bytes)
}

/// True when the first byte of the data counts the others, and their number is in `range`.
fn counts_rest(pdu: &[u8], range: std::ops::RangeInclusive<usize>) -> bool {
    matches!(pdu, [_, count, rest @ ..] if usize::from(*count) == rest.len() && range.contains(&rest.len()))
}

fn exact_or(exact: bool, field: &'static str) -> Form {
    if exact { Form::Exact } else { Form::Wrong(field) }
}

/// Function code of Write Single Coil.
pub(super) const WRITE_SINGLE_COIL: u8 = 0x05;
/// Function code of Write Single Register.
pub(super) const WRITE_SINGLE_REGISTER: u8 = 0x06;
/// Function code of Read Exception Status.
pub(super) const READ_EXCEPTION_STATUS: u8 = 0x07;
/// Function code of Diagnostics.
pub(super) const DIAGNOSTICS: u8 = 0x08;
/// Function code of Get Comm Event Counter.
pub(super) const GET_COMM_EVENT_COUNTER: u8 = 0x0b;
/// Function code of Get Comm Event Log.
pub(super) const GET_COMM_EVENT_LOG: u8 = 0x0c;
/// Function code of Write Multiple Coils.
pub(super) const WRITE_MULTIPLE_COILS: u8 = 0x0f;
/// Function code of Write Multiple Registers.
pub(super) const WRITE_MULTIPLE_REGISTERS: u8 = 0x10;
/// Function code of Read File Record.
pub(super) const READ_FILE_RECORD: u8 = 0x14;
/// Function code of Write File Record.
pub(super) const WRITE_FILE_RECORD: u8 = 0x15;
/// Function code of Mask Write Register.
pub(super) const MASK_WRITE_REGISTER: u8 = 0x16;
/// Function code of Read/Write Multiple Registers.
pub(super) const READ_WRITE_MULTIPLE_REGISTERS: u8 = 0x17;
/// Function code of Read FIFO Queue.
pub(super) const READ_FIFO_QUEUE: u8 = 0x18;

/// Coils, inputs or registers that can be addressed.
const ADDRESSES: usize = 65_536;
const COILS_READ_MAX: usize = 2_000;
const COILS_WRITTEN_MAX: usize = 1_968;
const REGISTERS_READ_MAX: usize = 125;
const REGISTERS_WRITTEN_MAX: usize = 123;
const REGISTERS_READ_WRITTEN_MAX: usize = 121;
/// Reference type, file, record and length in file record requests.
const FILE_GROUP_BYTES: usize = 7;
/// The only reference type there is.
const FILE_REFERENCE_TYPE: u8 = 6;
/// Records of a file are numbered up to here.
const FILE_RECORD_MAX: u16 = 9_999;
/// Registers that one answer of a FIFO queue brings.
const FIFO_WORDS_MAX: u8 = 31;
/// Status, two counters and up to 64 events (6.10).
const EVENT_LOG_BYTES: std::ops::RangeInclusive<usize> = 6..=70;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    /// Requests and the answers to them, each exact.
    const PAIRS: &[(&[u8], &[u8])] = &[
        (b"\x01\x00\x13\x00\x13", b"\x01\x03\xcd\x6b\x05"),
        (b"\x02\x00\xc4\x00\x16", b"\x02\x03\xac\xdb\x35"),
        (b"\x03\x00\x6b\x00\x03", b"\x03\x06\x02\x2b\x00\x00\x00\x64"),
        (b"\x04\x00\x08\x00\x01", b"\x04\x02\x00\x0a"),
        (b"\x05\x00\xac\xff\x00", b"\x05\x00\xac\xff\x00"),
        (b"\x06\x00\x01\x00\x03", b"\x06\x00\x01\x00\x03"),
        (b"\x07", b"\x07\x6d"),
        (b"\x08\x00\x00\xa5\x37", b"\x08\x00\x00\xa5\x37"),
        (b"\x0b", b"\x0b\xff\xff\x01\x08"),
        (b"\x0c", b"\x0c\x08\x00\x00\x01\x08\x01\x21\x20\x00"),
        (b"\x0f\x00\x13\x00\x0a\x02\xcd\x01", b"\x0f\x00\x13\x00\x0a"),
        (b"\x10\x00\x01\x00\x02\x04\x00\x0a\x01\x02", b"\x10\x00\x01\x00\x02"),
        (b"\x11", b"\x11\x03\x01\xff\x02"),
        (b"\x14\x07\x06\x00\x04\x00\x01\x00\x02", b"\x14\x06\x05\x06\x0d\xfe\x00\x20"),
        (
            b"\x15\x09\x06\x00\x04\x00\x07\x00\x01\x06\xaf",
            b"\x15\x09\x06\x00\x04\x00\x07\x00\x01\x06\xaf",
        ),
        (b"\x16\x00\x04\x00\xf2\x00\x25", b"\x16\x00\x04\x00\xf2\x00\x25"),
        (b"\x17\x00\x03\x00\x02\x00\x0e\x00\x01\x02\x00\xff", b"\x17\x04\x00\xfe\x0a\xcd"),
        (b"\x18\x04\xde", b"\x18\x00\x06\x00\x02\x01\xb8\x12\x84"),
        (b"\x2b\x0e\x01\x00", b"\x2b\x0e\x01\x01\x00\x00\x01\x00\x01A"),
    ];

    #[test]
    fn the_forms_of_all_public_functions() {
        for (request, answer) in PAIRS {
            assert_eq!(request_form(request), Form::Exact, "{request:02x?}");
            assert_eq!(response_form(answer), Form::Exact, "{answer:02x?}");
            assert!(fits(answer, request_detail(request)), "{answer:02x?}");
        }
    }

    #[test]
    fn a_byte_more_or_less_is_not_the_form() {
        for (request, answer) in PAIRS {
            let longer = [request, &b"\0"[..]].concat();
            assert_ne!(request_form(&longer), Form::Exact, "{longer:02x?}");
            let shorter = &request[..request.len() - 1];
            assert_ne!(request_form(shorter), Form::Exact, "{shorter:02x?}");
            let longer = [answer, &b"\0"[..]].concat();
            assert_ne!(response_form(&longer), Form::Exact, "{longer:02x?}");
            let shorter = &answer[..answer.len() - 1];
            assert_ne!(response_form(shorter), Form::Exact, "{shorter:02x?}");
        }
    }

    #[test]
    fn quantities_end_with_the_specification_and_with_the_addresses() {
        for (pdu, form) in [
            (b"\x03\x00\x00\x00\x7d", Form::Exact),
            (b"\x03\xff\xff\x00\x01", Form::Exact),
            (b"\x01\x00\x00\x07\xd0", Form::Exact),
        ] {
            assert_eq!(request_form(pdu), form);
        }
        for pdu in [
            b"\x03\x00\x00\x00\x7e",
            b"\x03\x00\x00\x00\x00",
            b"\x03\xff\xff\x00\x02",
            b"\x01\x00\x00\x07\xd1",
        ] {
            assert_ne!(request_form(pdu), Form::Exact);
        }
    }

    #[test]
    fn exceptions_have_one_code_that_is_known() {
        assert_eq!(response_form(b"\x83\x02"), Form::Exact);
        for pdu in [&b"\x83"[..], b"\x83\x0c", b"\x83\x02\x00"] {
            assert_eq!(response_form(pdu), Form::Wrong("exception code"));
            assert_eq!(request_form(pdu), Form::Wrong("request PDU"));
        }
    }

    #[test]
    fn nothing_at_all_is_wrong() {
        assert_eq!(request_form(b""), Form::Wrong("request PDU"));
        assert_eq!(response_form(b""), Form::Wrong("response PDU"));
    }

    #[test]
    fn no_bytes_make_the_forms_panic() {
        let mut seed = 0x2545_f491_u32;
        for _ in 0..20_000 {
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            let [function, length, a, b] = seed.to_be_bytes();
            let pdu: Vec<u8> =
                [function, a, b].into_iter().cycle().take(usize::from(length % 16)).collect();
            request_form(&pdu);
            response_form(&pdu);
            fits(&pdu, request_detail(&pdu));
        }
    }
}
