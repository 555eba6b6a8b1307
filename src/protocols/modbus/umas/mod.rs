//! UMAS, Schneider Electric's own function 90: what names controller, project and memory card, who reserved the
//! controller, and what was done to it.
//!
//! There is no public specification. Layouts follow Apache PLC4X's description of UMAS, Digital Bond's `modicon-info`,
//! Sandia's PEAT and the articles "The Unity (UMAS) protocol" of the University of León; names of functions are theirs.
//! What only one of them knows is marked, and kept as raw bytes beside what is read.
//!
//! ```text
//! request:   pairing key (1 byte) │ function │ data, little-endian
//! answer:    pairing key (1 byte) │ FE done, FD refused │ data, little-endian
//! ```
//!
//! Read: 01 initialise communication, 02 read ID, 03 project information, 04 status, 06 memory card, 10 and 11
//! reservation, 20 the one memory block that holds the project's file name. Programs travel with 30 to 32 into the
//! controller (UMAS says upload) and with 33 to 35 out of it; they, variables and memory are never kept.

pub(super) mod identity;

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span};

/// Functions of UMAS that the unit did.
pub(super) const FUNCTION: Key = Key::several("modbus.umas_function");
/// Name under which a client asks for the reservation: an engineering station's host name. About the client.
pub(super) const CLIENT_NAME: Key = Key::several("modbus.umas_client_name");
/// Name of the client that last reserved the controller.
pub(super) const RESERVATION_OWNER: Key = Key::one("modbus.umas_reservation_owner");
/// The controller was reserved for changes by this address.
pub(super) const RESERVED: Key = Key::event("modbus.umas_reserved");
/// The reservation was given back by this address.
pub(super) const RELEASED: Key = Key::event("modbus.umas_released");
/// A program was written into the controller by this address.
pub(super) const PROGRAM_DOWNLOAD: Key = Key::event("modbus.umas_program_download");
/// The program was read out of the controller by this address.
pub(super) const PROGRAM_UPLOAD: Key = Key::event("modbus.umas_program_upload");
/// The controller was started by this address.
pub(super) const STARTED: Key = Key::event("modbus.umas_started");
/// The controller was stopped by this address.
pub(super) const STOPPED: Key = Key::event("modbus.umas_stopped");
/// `run` or `stop`: what the controller was last told to do, and did.
pub(super) const MODE: Key = Key::one("modbus.umas_mode");

/// Function code of Modbus that carries UMAS.
pub(super) const FUNCTION_CODE: u8 = 0x5a;
/// UMAS agrees on its own, larger PDUs; controllers offer up to 1,021 bytes.
pub(super) const PDU_BYTES_MAX: usize = 1_023;

/// Functions of UMAS that are known to be asked for.
pub(super) const FUNCTIONS: &[u8] = &[
    0x01, 0x02, 0x03, 0x04, 0x06, 0x07, 0x0a, 0x10, 0x11, 0x12, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25,
    0x26, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x38, 0x39, 0x40, 0x41, 0x42, 0x50, 0x51, 0x53,
    0x58, 0x70, 0x71, 0x73,
];

/// The UMAS function that the data of a request ask for; 0, which is none, when they are too short.
pub(super) fn function(data: &[u8]) -> u8 {
    data.get(1).copied().unwrap_or_default()
}

/// What may be kept of a request for a function that is not known: pairing key, function and the first two bytes of
/// its data. Behind them may lie what proves a password.
pub(super) fn front(data: &[u8]) -> &[u8] {
    data.get(..4).unwrap_or(data)
}

/// What an answer does not repeat of a request: the function and, above it, which part of the project is asked for.
pub(super) fn detail(data: &[u8]) -> u16 {
    let part = match data {
        [_, READ_PROJECT, part, ..] => *part,
        [_, READ_MEMORY, _range, block @ .., _, _, _, _] => {
            u8::from(block == identity::PROJECT_FILE_AT)
        }
        _ => 0,
    };
    u16::from_be_bytes([part, function(data)])
}

/// What one conversation remembers of UMAS.
#[derive(Default)]
pub(super) struct Umas {
    /// The name under which the client asked for the reservation that is not yet answered.
    asking: Option<Box<str>>,
}

impl Umas {
    /// Reads the data of a request.
    pub(super) fn request(
        &mut self,
        client: &Subject,
        mut r: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        r.skip("pairing key", 1)?;
        if r.u8("UMAS function")? != TAKE_RESERVATION {
            return Ok(());
        }
        r.skip("reservation", 4)?;
        let length = r.u8("name length")?;
        let start = r.at();
        let name = r.bytes("name", usize::from(length))?;
        // With an application password the name may be followed by what proves it; none of that is kept.
        self.asking = readable::readable(name).filter(|name| name.len() <= HOST_NAME_BYTES_MAX);
        if let Some(name) = &self.asking {
            out.text(client, CLIENT_NAME, name, r.since(start));
        }
        Ok(())
    }

    /// Reads the data of an answer to `asked`, a [`detail`]; `client` is the address that asked.
    pub(super) fn answer(
        &mut self,
        subject: &Subject,
        asked: u16,
        client: &str,
        mut r: Reader<'_>,
        out: &mut Sink<'_>,
    ) -> Result<(), Malformed> {
        let start = r.at();
        r.skip("pairing key", 1)?;
        let is_done = r.u8("status")? == DONE;
        let span = r.since(start);
        let [part, function] = asked.to_be_bytes();
        let reserved = if function == TAKE_RESERVATION { self.asking.take() } else { None };
        if !is_done {
            return Ok(());
        }
        out.uint(subject, FUNCTION, function, span);
        if let Some(name) = reserved {
            out.text(subject, RESERVATION_OWNER, &name, span);
        }
        if let Some(event) = event(function) {
            out.text(subject, event, client, span);
        }
        match function {
            START => out.text(subject, MODE, "run", span),
            STOP => out.text(subject, MODE, "stop", span),
            _ => {}
        }
        identity::answer(subject, function, part, r, out)
    }

    /// Bytes are missing from the capture.
    pub(super) fn gap(&mut self) {
        self.asking = None;
    }
}

/// What happened to the controller when a function is done.
fn event(function: u8) -> Option<Key> {
    Some(match function {
        TAKE_RESERVATION => RESERVED,
        RELEASE_RESERVATION => RELEASED,
        INITIALISE_UPLOAD | UPLOAD_BLOCK | END_UPLOAD => PROGRAM_DOWNLOAD,
        INITIALISE_DOWNLOAD | DOWNLOAD_BLOCK | END_DOWNLOAD => PROGRAM_UPLOAD,
        START => STARTED,
        STOP => STOPPED,
        _ => return None,
    })
}

/// Says a name that its length byte announces.
fn name(
    subject: &Subject,
    key: Key,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let length = r.u8("name length")?;
    let start = r.at();
    let name = r.bytes("name", usize::from(length))?;
    readable::say(out, subject, key, name, r.since(start));
    Ok(())
}

/// All of a reader's bytes, as a span.
fn all(r: &Reader<'_>) -> Span {
    Span { at: r.at(), len: r.left() }
}

const INITIALISE_COMMUNICATION: u8 = 0x01;
const READ_ID: u8 = 0x02;
const READ_PROJECT: u8 = 0x03;
const READ_STATUS: u8 = 0x04;
const READ_CARD: u8 = 0x06;
const TAKE_RESERVATION: u8 = 0x10;
const RELEASE_RESERVATION: u8 = 0x11;
const READ_MEMORY: u8 = 0x20;
/// Of the controller, from the engineering station: a download for everyone else.
const INITIALISE_UPLOAD: u8 = 0x30;
const UPLOAD_BLOCK: u8 = 0x31;
const END_UPLOAD: u8 = 0x32;
const INITIALISE_DOWNLOAD: u8 = 0x33;
const DOWNLOAD_BLOCK: u8 = 0x34;
const END_DOWNLOAD: u8 = 0x35;
const START: u8 = 0x40;
const STOP: u8 = 0x41;
/// Status of an answer that does what was asked.
const DONE: u8 = 0xfe;
/// Host names end here (RFC 1123, 2.1, for one label); what is longer is something else.
const HOST_NAME_BYTES_MAX: usize = 63;
