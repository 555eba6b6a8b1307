//! Modbus over TCP and UDP (MODBUS Application Protocol Specification V1.1b3; MODBUS Messaging on TCP/IP
//! Implementation Guide V1.0b).
//!
//! Read: who asks and who answers, which functions and exceptions each unit shows, the objects of Read Device
//! Identification (43/14), the answer of Report Server ID (17), and from UMAS (90, Schneider Electric) what
//! names the controller. Every other function is checked against its form and otherwise passed over: register
//! and coil values, file records and programs are never kept.
//! Skipped: Modbus over serial lines inside TCP (RTU framing), Modbus security (TLS on port 802).
//!
//! ```text
//! 0              2             4        6      7               8
//! ┌──────────────┬─────────────┬────────┬──────┬───────────────┬──────────┐
//! │ transaction  │ protocol 0  │ length │ unit │ function code │ data     │  big-endian
//! └──────────────┴─────────────┴────────┴──────┴───────────────┴──────────┘
//!                                       ╰──── length counts these ────────╯
//! ```
//!
//! An answer does not repeat what was asked; requests are remembered by transaction and unit, a bounded number
//! of them, to tell whether an answer fits. Facts need no request: an answer says of itself what it is.

mod adu;
mod identification;
mod pdu;
mod requests;
mod umas;
mod units;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

use std::fmt::{self, Write as _};

use crate::flow::{Attach, Direction, Input};
use crate::model::{Key, Subject};
use crate::protocols::{Dissector, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use adu::{Adu, Framed};
use pdu::Form;
use requests::{Request, Requests};
use units::Units;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "modbus",
    spec: "MODBUS Application Protocol V1.1b3 (2012), MODBUS Messaging on TCP/IP V1.0b (2006)",
    attach: &[Attach::Tcp(PORT), Attach::Udp(PORT)],
    keys: &[
        ROLE,
        FUNCTION,
        EXCEPTION,
        GATEWAY_EXCEPTION,
        REQUEST_DATA,
        identification::VENDOR_NAME,
        identification::PRODUCT_CODE,
        identification::MAJOR_MINOR_REVISION,
        identification::VENDOR_URL,
        identification::PRODUCT_NAME,
        identification::MODEL_NAME,
        identification::USER_APPLICATION_NAME,
        identification::PRIVATE_OBJECT,
        identification::CONFORMITY_LEVEL,
        identification::ENCAPSULATED_DATA,
        identification::SERVER_ID,
        identification::SERVER_ID_TEXT,
        identification::RUN_INDICATOR,
        umas::CPU_NAME,
        umas::HARDWARE_ID,
        umas::COM_VERSION,
        umas::MEMORY_CARD,
        umas::DATA,
    ],
    probe: adu::probe,
    start: || Box::new(Modbus::default()),
};

/// What a node does: `client`, `server`.
const ROLE: Key = Key::several("modbus.role");
/// Function codes that a client asks for, and that a unit answers.
const FUNCTION: Key = Key::several("modbus.function");
/// Function and exception code that a unit answered with: `43: 1`.
const EXCEPTION: Key = Key::several("modbus.exception");
/// The same from a gateway about units it did not reach; said about the gateway, as no unit was there.
const GATEWAY_EXCEPTION: Key = Key::several("modbus.gateway_exception");
/// Data of a request for identification (17, 43, 90) that has not the form such a request has. Said about
/// the client: scanners and fuzzers can be told by it.
const REQUEST_DATA: Key = Key::several("modbus.request_data");

#[derive(Default)]
struct Modbus {
    requests: Requests,
    units: Units,
    /// Which way answers travel; `None` until something tells.
    answers: Option<Direction>,
    client_told: bool,
    server_told: bool,
}

impl Dissector for Modbus {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        match adu::frame(input) {
            Framed::Adu(adu, length) => {
                self.adu(&adu, input, out);
                Step::Used(length)
            }
            Framed::Damaged(malformed, length) => {
                out.damaged(malformed);
                Step::Used(length)
            }
            Framed::Need(bytes) => Step::Need(bytes),
            Framed::Lost(malformed) => Step::Lost(malformed),
        }
    }

    fn gap(&mut self, _direction: Direction) {
        self.requests.clear();
    }
}

impl Modbus {
    fn adu(&mut self, adu: &Adu<'_>, input: &Input<'_>, out: &mut Sink<'_>) {
        let answers = match self.answers {
            Some(known) => known,
            None => match direction_of_answers(adu.pdu, input) {
                Some(told) => *self.answers.insert(told),
                // Not sure yet who serves: better no facts than facts about the wrong party.
                None => return,
            },
        };
        let result = if input.direction == answers {
            self.answer(adu, input, out)
        } else {
            self.request(adu, input, out)
        };
        if let Err(malformed) = result {
            out.damaged(malformed);
        }
    }

    fn request(
        &mut self,
        adu: &Adu<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        if adu.function & EXCEPTION_BIT != 0 {
            return Err(adu.wrong("function code"));
        }
        let client = Subject::node(input.sender());
        if !self.client_told {
            self.client_told = true;
            out.text(&client, ROLE, "client", adu.function_span());
        }
        out.uint(&client, FUNCTION, adu.function, adu.function_span());
        self.requests.asked(Request {
            transaction: adu.transaction,
            unit: adu.unit,
            function: adu.function,
            detail: pdu::request_detail(adu.pdu),
        });
        let form = pdu::request_form(adu.pdu);
        let identifies = matches!(
            adu.function,
            identification::REPORT_SERVER_ID
                | identification::ENCAPSULATED_INTERFACE
                | umas::FUNCTION_CODE
        );
        if identifies && matches!(form, Form::Wrong(_)) {
            let (data, span) = adu.data();
            out.bytes(&client, REQUEST_DATA, data, span);
        }
        adu.check(form)
    }

    fn answer(
        &mut self,
        adu: &Adu<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        if !self.server_told {
            self.server_told = true;
            let server = Subject::node(input.sender());
            out.text(&server, ROLE, "server", adu.function_span());
        }
        let request =
            self.requests.answered(adu.transaction, adu.unit, adu.function & !EXCEPTION_BIT);
        if adu.function & EXCEPTION_BIT != 0 {
            return self.exception(adu, input, out);
        }
        let subject = self.units.subject(input.sender(), adu.unit);
        out.uint(subject, FUNCTION, adu.function, adu.function_span());
        let (data, span) = adu.data();
        let reader = Reader::starting_at(data, span.at);
        match adu.function {
            identification::ENCAPSULATED_INTERFACE => {
                return identification::encapsulated(subject, reader, out);
            }
            identification::REPORT_SERVER_ID => {
                return identification::server_id(subject, reader, out);
            }
            umas::FUNCTION_CODE => {
                return request
                    .map_or(Ok(()), |request| umas::answer(subject, request.detail, reader, out));
            }
            _ => {}
        }
        adu.check(pdu::response_form(adu.pdu))?;
        match request {
            Some(request) if !pdu::fits(adu.pdu, request.detail) => Err(adu.wrong("byte count")),
            _ => Ok(()),
        }
    }

    fn exception(
        &mut self,
        adu: &Adu<'_>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let (data, span) = adu.data();
        let mut r = Reader::starting_at(data, span.at);
        let code = r.u8("exception code")?;
        let span = Span { at: adu.function_span().at, len: 2 };
        let text = ExceptionText::new(adu.function & !EXCEPTION_BIT, code);
        if matches!(code, GATEWAY_PATH_UNAVAILABLE | GATEWAY_TARGET_FAILED) {
            let gateway = Subject::node(input.sender());
            out.text(&gateway, GATEWAY_EXCEPTION, text.as_str(), span);
        } else {
            let subject = self.units.subject(input.sender(), adu.unit);
            out.text(subject, EXCEPTION, text.as_str(), span);
        }
        adu.check(pdu::response_form(adu.pdu))
    }
}

/// Which way answers travel. On the registered port the port tells; elsewhere the flow may have guessed wrong
/// who opened the conversation, and only a PDU that is a request and no answer, or the other way round, tells.
fn direction_of_answers(pdu: &[u8], input: &Input<'_>) -> Option<Direction> {
    if matches!(input.flow.attach, Attach::Tcp(PORT) | Attach::Udp(PORT)) {
        return Some(Direction::ToClient);
    }
    let request = pdu::request_form(pdu) == Form::Exact;
    let answer = pdu::response_form(pdu) == Form::Exact;
    match (request, answer, input.direction) {
        (false, true, direction) => Some(direction),
        (true, false, Direction::ToServer) => Some(Direction::ToClient),
        (true, false, Direction::ToClient) => Some(Direction::ToServer),
        _ => None,
    }
}

/// `function: exception`, made without allocation: a poll that fails, fails many times a second.
struct ExceptionText {
    bytes: [u8; 8],
    used: usize,
}

impl ExceptionText {
    fn new(function: u8, code: u8) -> Self {
        let mut text = Self { bytes: [0; 8], used: 0 };
        // Two numbers of three digits and two characters between them: it fits.
        let _ = write!(text, "{function}: {code}");
        text
    }

    fn as_str(&self) -> &str {
        let used = self.bytes.get(..self.used).unwrap_or_default();
        std::str::from_utf8(used).unwrap_or_default()
    }
}

impl fmt::Write for ExceptionText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let free = self.bytes.get_mut(self.used..).unwrap_or_default();
        let place = free.get_mut(..text.len()).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.used = self.used.saturating_add(text.len());
        Ok(())
    }
}

/// Registered server port for TCP and UDP.
const PORT: u16 = 502;
/// Set in the function code of an exception response.
const EXCEPTION_BIT: u8 = 0x80;
/// Exception of a gateway that has no way to the unit.
const GATEWAY_PATH_UNAVAILABLE: u8 = 0x0a;
/// Exception of a gateway whose unit did not answer: usually it is not there.
const GATEWAY_TARGET_FAILED: u8 = 0x0b;
