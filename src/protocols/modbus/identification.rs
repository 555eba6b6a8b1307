//! What units say about themselves: Read Device Identification (function 43, MEI type 14; application protocol
//! specification, 6.21) and Report Server ID (function 17; 6.13).
//!
//! ```text
//! 43/14:  MEI type 14 │ read code │ conformity level │ more follows │ next object │ number of objects │ objects
//!         object:  identifier │ length │ value
//! 17:     byte count │ server ID (its length is the device's secret) │ run indicator 00 or FF │ additional data
//! ```
//!
//! Objects that do not fit into one answer come in the next; none is ever divided, so each is read by itself.

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::modbus::continuation::Part;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span, text};

/// Object 0.
pub(super) const VENDOR_NAME: Key = Key::one("modbus.vendor_name");
/// Object 1.
pub(super) const PRODUCT_CODE: Key = Key::one("modbus.product_code");
/// Object 2.
pub(super) const MAJOR_MINOR_REVISION: Key = Key::one("modbus.major_minor_revision");
/// Object 3.
pub(super) const VENDOR_URL: Key = Key::one("modbus.vendor_url");
/// Object 4.
pub(super) const PRODUCT_NAME: Key = Key::one("modbus.product_name");
/// Object 5.
pub(super) const MODEL_NAME: Key = Key::one("modbus.model_name");
/// Object 6.
pub(super) const USER_APPLICATION_NAME: Key = Key::one("modbus.user_application_name");
/// Reserved objects (0x07 to 0x7f) and the vendor's own (0x80 to 0xff): `0x80: text`, or hexadecimal.
pub(super) const PRIVATE_OBJECT: Key = Key::several("modbus.private_object");
/// Which objects the unit has, and whether it gives them one by one (6.21, table "conformity level").
pub(super) const CONFORMITY_LEVEL: Key = Key::one("modbus.conformity_level");
/// Data of an answer to function 43 that hold no readable objects.
pub(super) const ENCAPSULATED_DATA: Key = Key::several("modbus.encapsulated_data");
/// Everything behind the byte count of Report Server ID.
pub(super) const SERVER_ID: Key = Key::one("modbus.server_id");
/// The longest text in it.
pub(super) const SERVER_ID_TEXT: Key = Key::one("modbus.server_id_text");
/// 255 for on, 0 for off; only where it is plain which byte it is.
pub(super) const RUN_INDICATOR: Key = Key::one("modbus.run_indicator");

/// Function code of Report Server ID.
pub(super) const REPORT_SERVER_ID: u8 = 0x11;
/// Function code of the Encapsulated Interface Transport.
pub(super) const ENCAPSULATED_INTERFACE: u8 = 0x2b;
/// MEI type of Read Device Identification.
pub(super) const READ_DEVICE_ID: u8 = 0x0e;
/// MEI type of the CANopen General Reference.
pub(super) const CANOPEN: u8 = 0x0d;

/// Reads the data of an answer to Read Device Identification. Objects in front of damage have been said when it fails.
/// Gives what the answer was a part of; objects that were asked for one by one are part of nothing.
pub(super) fn device_identification(
    subject: &Subject,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<Option<Part>, Malformed> {
    let span = Span { at: r.at(), len: r.left() };
    let data = r.peek();
    let mut first = None;
    let result = objects(subject, &mut r, &mut first, out);
    if first.is_none() {
        out.bytes(subject, ENCAPSULATED_DATA, data, span);
    }
    result.map(|head| head.part(first))
}

fn objects(
    subject: &Subject,
    r: &mut Reader<'_>,
    first: &mut Option<u8>,
    out: &mut Sink<'_>,
) -> Result<Head, Malformed> {
    let head = Head::read(r)?;
    let mut left = head.objects;
    // The count may be wrong either way: it is believed only as far as there are objects.
    while left > 0 && !r.is_empty() {
        let object = Object::read(r)?;
        if first.is_none() {
            let (level, span) = head.conformity;
            out.uint(subject, CONFORMITY_LEVEL, level, span);
            *first = Some(object.id);
        }
        object.say(subject, out);
        left = left.saturating_sub(1);
    }
    if left > 0 || !r.is_empty() {
        return Err(r.impossible("number of objects"));
    }
    Ok(head)
}

/// Whether the data of function 43 are an answer to Read Device Identification to the last byte.
pub(super) fn well_formed(data: &[u8]) -> bool {
    let mut r = Reader::new(data);
    let Ok(head) = Head::read(&mut r) else { return false };
    let known_level = matches!(head.conformity.0 & !INDIVIDUAL_ACCESS, 1..=3);
    let whole = (0..head.objects).all(|_| Object::read(&mut r).is_ok());
    known_level && matches!(head.more_follows, 0 | MORE_FOLLOWS) && whole && r.is_empty()
}

/// What stands before the objects.
struct Head {
    code: u8,
    conformity: (u8, Span),
    more_follows: u8,
    next: u8,
    /// Where more follows and next object stand.
    span: Span,
    objects: u8,
}

impl Head {
    fn read(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        if r.u8("MEI type")? != READ_DEVICE_ID {
            return Err(r.impossible("MEI type"));
        }
        let code = r.u8("read device ID code")?;
        if !matches!(code, 1..=INDIVIDUAL) {
            return Err(r.impossible("read device ID code"));
        }
        let start = r.at();
        let conformity = (r.u8("conformity level")?, r.since(start));
        let start = r.at();
        let more_follows = r.u8("more follows")?;
        let next = r.u8("next object ID")?;
        let span = r.since(start);
        let objects = r.u8("number of objects")?;
        Ok(Self { code, conformity, more_follows, next, span, objects })
    }

    fn part(&self, first: Option<u8>) -> Option<Part> {
        let next = (self.more_follows == MORE_FOLLOWS).then_some(self.next);
        let part = Part { code: self.code, first, next, span: self.span };
        (self.code != INDIVIDUAL).then_some(part)
    }
}

struct Object<'a> {
    id: u8,
    value: &'a [u8],
    span: Span,
}

impl<'a> Object<'a> {
    fn read(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        let id = r.u8("object ID")?;
        let length = r.u8("object length")?;
        let start = r.at();
        let value = r.bytes("object value", usize::from(length))?;
        Ok(Self { id, value, span: r.since(start) })
    }

    fn say(&self, subject: &Subject, out: &mut Sink<'_>) {
        let Self { id, value, span } = *self;
        if let Some(key) = OBJECTS.get(usize::from(id)) {
            if let Some(text) = characters(text::until_nul(value)) {
                out.text(subject, *key, &text, span);
            }
        } else if !value.is_empty() {
            let value = readable::readable(value).map_or_else(|| hexadecimal(value), String::from);
            out.text(subject, PRIVATE_OBJECT, &format!("{id:#04x}: {value}"), span);
        }
    }
}

/// The basic objects are ASCII; what is not is read as Latin-1, where no byte is lost.
fn characters(value: &[u8]) -> Option<Box<str>> {
    match std::str::from_utf8(value) {
        Ok(_) => text::utf8(value),
        Err(_) => text::latin1(value),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the data of an answer to Report Server ID.
pub(super) fn server_id(
    subject: &Subject,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let count = r.u8("byte count")?;
    let fits = usize::from(count) == r.left();
    let start = r.at();
    let id = r.rest();
    out.bytes(subject, SERVER_ID, id, r.since(start));
    if let Some((at, indicator)) = run_indicator(id) {
        let span = Span { at: start.saturating_add(at), len: 1 };
        out.uint(subject, RUN_INDICATOR, indicator, span);
    }
    if let Some((at, text)) = longest_text(id) {
        let span = Span { at: start.saturating_add(at), len: text.len() };
        out.text(subject, SERVER_ID_TEXT, text.trim(), span);
    }
    if fits { Ok(()) } else { Err(r.impossible("byte count")) }
}

/// The run indicator and where it is, in the two layouts that leave no doubt: behind a server ID of one byte,
/// and last, "on", behind a server ID that is text.
fn run_indicator(id: &[u8]) -> Option<(usize, u8)> {
    match id {
        [_, indicator @ (0x00 | 0xff), ..] => Some((1, *indicator)),
        [name @ .., 0xff] if name.len() > 1 && name.iter().all(printable) => {
            Some((name.len(), 0xff))
        }
        _ => None,
    }
}

/// The longest run of printable ASCII, and where it starts; the first of equal ones.
fn longest_text(bytes: &[u8]) -> Option<(usize, &str)> {
    let mut at = 0_usize;
    let mut longest: Option<(usize, &[u8])> = None;
    for run in bytes.chunk_by(|a, b| printable(a) == printable(b)) {
        let longer = longest.is_none_or(|(_, known)| run.len() > known.len());
        if longer && run.len() >= TEXT_BYTES_MIN && run.iter().all(printable) {
            longest = Some((at, run));
        }
        at = at.saturating_add(run.len());
    }
    longest.and_then(|(at, run)| Some((at, std::str::from_utf8(run).ok()?)))
}

fn printable(byte: &u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Keys of the basic and regular objects, in the order of their identifiers.
const OBJECTS: &[Key] = &[
    VENDOR_NAME,
    PRODUCT_CODE,
    MAJOR_MINOR_REVISION,
    VENDOR_URL,
    PRODUCT_NAME,
    MODEL_NAME,
    USER_APPLICATION_NAME,
];
/// Read device ID code of a request for one object.
const INDIVIDUAL: u8 = 4;
/// Further objects come in further answers.
const MORE_FOLLOWS: u8 = 0xff;
/// Bit of the conformity level: objects can be asked for one by one.
const INDIVIDUAL_ACCESS: u8 = 0x80;
/// Shortest run of printable bytes that is taken for a text.
const TEXT_BYTES_MIN: usize = 4;
