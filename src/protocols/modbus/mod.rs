//! Modbus over TCP and UDP (MODBUS Application Protocol Specification V1.1b3; MODBUS Messaging on TCP/IP
//! Implementation Guide V1.0b), and the frames of serial lines inside both (MODBUS over Serial Line V1.02).
//!
//! Read: who asks and who answers, which functions and exceptions each unit shows, who writes to whom, the objects of
//! Read Device Identification (43/14), the answer of Report Server ID (17), the sub-functions of Diagnostics (8), and
//! from UMAS (90, Schneider Electric) what names the controller and what is done to it. Every other function is checked
//! against its form and otherwise passed over: register and coil values, file records and programs are never kept.
//! Of Modbus security (TLS on port 802) only that it runs there. Skipped: the ASCII mode of serial lines.
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
//! of them, to tell whether an answer fits. Facts need no request, an answer says of itself what it is; what was done
//! to a unit does: it is told when both the request and its answer were seen.

mod acts;
mod adu;
mod continuation;
mod diagnostics;
mod identification;
mod length;
mod pdu;
mod phrase;
mod requests;
mod rtu;
mod secured;
mod umas;
mod units;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

use crate::flow::{Attach, Direction, Input};
use crate::model::{Key, Node, Subject};
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

use adu::{Adu, Framed};
use continuation::Continuations;
use pdu::Form;
use phrase::Phrase;
use requests::{Request, Requests};
use umas::Umas;
use units::Units;

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "modbus",
    spec: "MODBUS Application Protocol V1.1b3 (2012), MODBUS Messaging on TCP/IP V1.0b (2006), MODBUS over Serial \
           Line V1.02 (2006)",
    attach: &[Attach::Tcp(PORT), Attach::Tcp(SECURED_PORT), Attach::Udp(PORT)],
    keys: &[&[
        ROLE,
        FRAMING,
        FUNCTION,
        WRITTEN_BY,
        EXCEPTION,
        GATEWAY_EXCEPTION,
        REQUEST_DATA,
        secured::SECURED,
        diagnostics::DIAGNOSTIC,
        diagnostics::COMMUNICATION_RESTARTED,
        diagnostics::LISTEN_ONLY_FORCED,
        continuation::IDENTIFICATION,
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
        umas::FUNCTION,
        umas::CLIENT_NAME,
        umas::RESERVATION_OWNER,
        umas::RESERVED,
        umas::RELEASED,
        umas::PROGRAM_DOWNLOAD,
        umas::PROGRAM_UPLOAD,
        umas::STARTED,
        umas::STOPPED,
        umas::MODE,
        umas::identity::CPU_NAME,
        umas::identity::HARDWARE_ID,
        umas::identity::MODEL,
        umas::identity::COM_VERSION,
        umas::identity::COM_PATCH,
        umas::identity::INTERNAL_VERSION,
        umas::identity::HARDWARE_VERSION,
        umas::identity::FRAME_BYTES_MAX,
        umas::identity::FIRMWARE_VERSION,
        umas::identity::FIRMWARE,
        umas::identity::HOST_NAME,
        umas::identity::PROJECT_NAME,
        umas::identity::PROJECT_VERSION,
        umas::identity::PROJECT_MODIFIED,
        umas::identity::PROJECT_FILE,
        umas::identity::PROJECT_CRC,
        umas::identity::STATUS,
        umas::identity::MEMORY_CARD,
        umas::identity::DATA,
    ]],
    probe,
    start: || Box::new(Modbus::default()),
};

/// What a node does: `client`, `server`.
const ROLE: Key = Key::several("modbus.role");
/// How ADUs are framed where it is not by an MBAP header: `RTU`. About the server: behind it are serial lines.
const FRAMING: Key = Key::several("modbus.framing");
/// Function codes that a client asks for, and that a unit answers.
const FUNCTION: Key = Key::several("modbus.function");
/// Addresses that wrote coils, registers or file records of the unit: a write that it answered without an exception.
const WRITTEN_BY: Key = Key::several("modbus.written_by");
/// Function and exception code that a unit answered with: `43: 1`.
const EXCEPTION: Key = Key::several("modbus.exception");
/// The same from a gateway about a unit it did not reach: `unit 7: 3: 11`. Said about the gateway, as no unit was there.
const GATEWAY_EXCEPTION: Key = Key::several("modbus.gateway_exception");
/// Data of a request for identification (17, 43, 90) that has not the form such a request has. Said about
/// the client: scanners and fuzzers can be told by it.
const REQUEST_DATA: Key = Key::several("modbus.request_data");

/// Looks at the first bytes of a conversation, sent either way, in each of the framings.
fn probe(bytes: &[u8]) -> Probe {
    let framings = [adu::probe, rtu::probe, secured::probe];
    let mut answer = Probe::No;
    for framing in framings {
        match (framing(bytes), answer) {
            (Probe::Yes, _) => return Probe::Yes,
            (Probe::Maybe, _) => answer = Probe::Maybe,
            (Probe::More, Probe::No) => answer = Probe::More,
            (Probe::More | Probe::No, _) => {}
        }
    }
    answer
}

/// How a conversation's ADUs are framed; one does not change it.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Framing {
    /// An MBAP header in front of each.
    Mbap,
    /// The frames of serial lines.
    Rtu,
    /// TLS around all of them.
    Tls,
}

impl Framing {
    /// The framing of a conversation that starts with these bytes; `None` when it takes more of them to tell.
    /// What is no framing at all is left to the MBAP reader, which says what is wrong.
    fn of(bytes: &[u8], whole: bool) -> Option<Self> {
        let (mbap, rtu) = (adu::probe(bytes), rtu::probe(bytes));
        match (mbap, rtu, secured::probe(bytes)) {
            // A CRC in front of all: a poll of two registers from address 0 on may read as an ADU by its bytes.
            (_, Probe::Yes, _) => Some(Self::Rtu),
            (Probe::Yes, ..) => Some(Self::Mbap),
            (Probe::Maybe, ..) => Some(Self::Mbap),
            (_, Probe::Maybe, _) => Some(Self::Rtu),
            (_, _, Probe::Maybe) => Some(Self::Tls),
            (_, Probe::More, _) | (_, _, Probe::More) if !whole => None,
            _ => Some(Self::Mbap),
        }
    }
}

#[derive(Default)]
struct Modbus {
    framing: Option<Framing>,
    requests: Requests,
    units: Units,
    continuations: Continuations,
    umas: Umas,
    /// The client's address as text, once something was done for it. Kept, because who writes, writes often.
    client: Option<Box<str>>,
    /// Which way answers travel; `None` until something tells.
    answers: Option<Direction>,
    client_told: bool,
    server_told: bool,
}

impl Dissector for Modbus {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        if self.framing.is_none() {
            self.framing = Framing::of(input.bytes, input.whole);
        }
        let Some(framing) = self.framing else {
            return Step::Need(input.bytes.len().saturating_add(1));
        };
        let framed = match framing {
            Framing::Mbap => adu::frame(input),
            Framing::Rtu => rtu::frame(input),
            Framing::Tls => {
                let is_from_server = input.direction == Direction::ToClient;
                return secured::read(input, &mut self.client_told, is_from_server, out);
            }
        };
        match framed {
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

    fn glance(&self) -> usize {
        self.requests.glance() ^ usize::from(self.client_told) ^ self.units.glance()
    }

    fn gap(&mut self, _direction: Direction) {
        self.requests.clear();
        self.continuations.clear();
        self.umas.gap();
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
        if !matches!(form, Form::Wrong(_)) {
            acts::tell(adu, out);
        }
        match adu.function {
            identification::REPORT_SERVER_ID
            | identification::ENCAPSULATED_INTERFACE
            | umas::FUNCTION_CODE => {
                let (data, span) = adu.data();
                if matches!(form, Form::Wrong(_)) {
                    let kept = match adu.function {
                        umas::FUNCTION_CODE => umas::front(data),
                        _ => data,
                    };
                    out.bytes(&client, REQUEST_DATA, kept, Span { len: kept.len(), ..span });
                } else if adu.function == umas::FUNCTION_CODE {
                    let reader = Reader::starting_at(data, span.at);
                    return self.umas.request(&client, reader, out);
                }
            }
            pdu::DIAGNOSTICS if diagnostics::forces_listen_only(adu) => {
                // No answer will prove the unit; it is told about the server, which is there.
                let server = Subject::node(input.receiver());
                let client = named(&mut self.client, input.sender());
                let text = format!("unit {}: {client}", adu.unit);
                out.text(&server, diagnostics::LISTEN_ONLY_FORCED, &text, adu.function_span());
            }
            _ => {}
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
            if self.framing == Some(Framing::Rtu) {
                out.text(&server, FRAMING, "RTU", adu.function_span());
            }
        }
        let function = adu.function & !EXCEPTION_BIT;
        let is_exception = adu.function != function;
        let request = self.requests.answered(adu.transaction, adu.unit, function, |detail| {
            is_exception || pdu::fits(adu.pdu, detail)
        });
        if is_exception {
            return self.exception(adu, input, out);
        }
        let subject = self.units.subject(input.sender(), adu.unit);
        out.uint(subject, FUNCTION, function, adu.function_span());
        let (data, span) = adu.data();
        let reader = Reader::starting_at(data, span.at);
        match function {
            identification::ENCAPSULATED_INTERFACE => match data.first() {
                Some(&identification::CANOPEN) => {
                    out.count("modbus.canopen_answer");
                    return Ok(());
                }
                _ => {
                    let asked = request.map(|(request, _)| request.detail);
                    return self.identification(adu, asked, input, out);
                }
            },
            identification::REPORT_SERVER_ID => {
                return identification::server_id(subject, reader, out);
            }
            umas::FUNCTION_CODE => {
                let Some((request, _)) = request else { return Ok(()) };
                let client = named(&mut self.client, input.receiver());
                return self.umas.answer(subject, request.detail, client, reader, out);
            }
            _ => {}
        }
        adu.check(pdu::response_form(adu.pdu))?;
        let Some((_, fits)) = request else { return Ok(()) };
        if !fits {
            return Err(adu.wrong("byte count"));
        }
        if WRITES.contains(&function) {
            let client = named(&mut self.client, input.receiver());
            out.text(subject, WRITTEN_BY, client, adu.function_span());
        } else if function == pdu::DIAGNOSTICS {
            let client = named(&mut self.client, input.receiver());
            diagnostics::answer(subject, adu, client, out);
        }
        Ok(())
    }

    /// An answer to Read Device Identification; `asked` are the read code and the object of the request.
    fn identification(
        &mut self,
        adu: &Adu<'_>,
        asked: Option<u16>,
        input: &Input<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let subject = self.units.subject(input.sender(), adu.unit);
        let (data, span) = adu.data();
        let reader = Reader::starting_at(data, span.at);
        let Some(part) = identification::device_identification(subject, reader, out)? else {
            return Ok(());
        };
        let [_, object] = asked.unwrap_or_default().to_be_bytes();
        let from = asked.map(|_| object);
        if let Some(told) = self.continuations.took(adu.unit, from, part) {
            out.text(subject, continuation::IDENTIFICATION, told, part.span);
        }
        Ok(())
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
        let (unit, function) = (adu.unit, adu.function & !EXCEPTION_BIT);
        if matches!(code, GATEWAY_PATH_UNAVAILABLE | GATEWAY_TARGET_FAILED) {
            let gateway = Subject::node(input.sender());
            let text = Phrase::new(format_args!("unit {unit}: {function}: {code}"));
            out.text(&gateway, GATEWAY_EXCEPTION, text.as_str(), span);
        } else {
            let subject = self.units.subject(input.sender(), unit);
            let text = Phrase::new(format_args!("{function}: {code}"));
            out.text(subject, EXCEPTION, text.as_str(), span);
        }
        adu.check(pdu::response_form(adu.pdu))
    }
}

/// The client's address as text, made once.
fn named(client: &mut Option<Box<str>>, node: Node) -> &str {
    client.get_or_insert_with(|| node.addr.to_string().into())
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

/// Registered server port for TCP and UDP.
const PORT: u16 = 502;
/// Registered server port of Modbus security.
const SECURED_PORT: u16 = 802;
/// Functions that change what a unit holds.
const WRITES: &[u8] = &[
    pdu::WRITE_SINGLE_COIL,
    pdu::WRITE_SINGLE_REGISTER,
    pdu::WRITE_MULTIPLE_COILS,
    pdu::WRITE_MULTIPLE_REGISTERS,
    pdu::WRITE_FILE_RECORD,
    pdu::MASK_WRITE_REGISTER,
    pdu::READ_WRITE_MULTIPLE_REGISTERS,
];
/// Set in the function code of an exception response.
const EXCEPTION_BIT: u8 = 0x80;
/// Exception of a gateway that has no way to the unit.
const GATEWAY_PATH_UNAVAILABLE: u8 = 0x0a;
/// Exception of a gateway whose unit did not answer: usually it is not there.
const GATEWAY_TARGET_FAILED: u8 = 0x0b;
