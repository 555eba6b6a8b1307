//! Forward_Open: what a connection tells about who opens it, what it expects of its target, and how it will run.
//!
//! Reads the request to its end, connection path and electronic keys included (CIP Networks Library volume 1,
//! edition 3.x, section 3-5.4 and appendix C-1). Skips connection points and configuration data: which assembly a
//! controller reads is its program's business.
//!
//! ```text
//!   priority and tick time 1   ticks 1   O→T connection 4   T→O connection 4   serial number 2
//!   originator vendor 2   originator serial 4   time-out multiplier 1   reserved 3
//!   O→T RPI 4   O→T parameters 2 (large: 4)   T→O RPI 4   T→O parameters 2 (large: 4)
//!   transport 1   connection path size in words 1   connection path
//!
//!   parameters         redundant owner 1 bit   type 2   0   priority 2   variable 1   size 9
//!   large parameters   redundant owner 1 bit   type 2   0   priority 2   variable 1   0 9   size 16
//! ```

use crate::model::{Act, Hop, Key, Subject};
use crate::protocols::Sink;
use crate::protocols::enip::cip::{self, Answer};
use crate::protocols::enip::epath::{ElectronicKey, Path};
use crate::protocols::enip::request::{self, Ends};
use crate::protocols::enip::{identity, keys, transport_keys};
use crate::wire::{Malformed, Reader, Span};

/// What the rest of the request's reading needs of it.
pub(super) struct Opening {
    /// Way through bridges to the target.
    pub(super) hops: Vec<Hop>,
    /// What the reply will hold.
    pub(super) answer: Answer,
}

/// Reads the request that `service` is, and says what it tells. `route` leads from the target of `ends` to the
/// connection manager that it is meant for.
pub(super) fn read(
    service: u8,
    mut data: Reader<'_>,
    ends: &Ends,
    route: &[Hop],
    out: &mut Sink<'_>,
) -> Result<Opening, Malformed> {
    data.skip("priority and time-out", 2)?;
    data.skip("connection identifiers", 8)?;
    data.skip("connection serial number", 2)?;
    let originator = data.at();
    let vendor = data.u16_le("originator vendor ID")?;
    let vendor_span = data.since(originator);
    let at = data.at();
    let serial = data.u32_le("originator serial number")?;
    let serial_span = data.since(at);
    let at = data.at();
    let multiplier = data.u8("connection time-out multiplier")?;
    let multiplier_span = data.since(at);
    data.skip("reserved", 3)?;
    let large = service == cip::LARGE_FORWARD_OPEN;
    let to_target = Half::read(&mut data, "O→T RPI", large)?;
    let to_originator = Half::read(&mut data, "T→O RPI", large)?;
    let at = data.at();
    let transport = data.u8("transport type and trigger")?;
    let transport_span = data.since(at);
    let words = data.u8("connection path size")?;
    let path = data.sub("connection path", usize::from(words).saturating_mul(2))?;
    let path = Path::read(path).routed()?;
    if let Some(malformed) = path.stopped {
        out.damaged(malformed);
    }

    let node = Subject::node(ends.originator);
    out.uint(&node, keys::ORIGINATOR_VENDOR_ID, vendor, vendor_span);
    let serial = identity::serial_number(serial);
    out.text(&node, keys::ORIGINATOR_SERIAL_NUMBER, &serial, serial_span);
    out.text(&node, keys::ROLE, "originator", data.since(originator));
    if to_target.redundant_owner {
        out.text(&node, keys::ROLE, "redundant owner", to_target.parameters);
    }
    let unit = |further: &[Hop]| {
        let hops: Box<[Hop]> = route.iter().chain(further).cloned().collect();
        request::subject(ends.target, &hops)
    };
    for key in &path.keys {
        expect(&unit(path.hops.get(..key.hops).unwrap_or_default()), key, out);
    }
    let target = unit(&path.hops);
    let size = transport_keys::ORIGINATOR_TO_TARGET_SIZE;
    to_target.say(&target, keys::ORIGINATOR_TO_TARGET_RPI, size, out);
    let size = transport_keys::TARGET_TO_ORIGINATOR_SIZE;
    to_originator.say(&target, keys::TARGET_TO_ORIGINATOR_RPI, size, out);
    // 4, 8, 16 ... 512; the numbers above are reserved.
    if multiplier <= MULTIPLIER_MAX {
        let times = 4_u32 << multiplier;
        out.uint(&target, transport_keys::TIMEOUT_MULTIPLIER, times, multiplier_span);
    }
    if let Some((microseconds, span)) = path.production_inhibit {
        out.uint(&target, transport_keys::PRODUCTION_INHIBIT_TIME, microseconds, span);
    }
    if matches!(transport & TRANSPORT_CLASS, IMPLICIT | IMPLICIT_COUNTED) {
        exchange(&to_target, &to_originator, transport_span, &node, out);
    }
    let null = to_target.null && to_originator.null;
    let answer = answer(null, transport, path.class, out);
    Ok(Opening { hops: path.hops, answer })
}

/// Tells what a connection for I/O data is for, and that whoever opens it is a scanner: so EtherNet/IP calls what exchanges
/// I/O data with adapters, a controller mostly. What is produced for it is read. What goes to the target writes, unless
/// it only says that the connection lives: then there is nothing behind sequence count and run header.
fn exchange(
    to_target: &Half,
    to_originator: &Half,
    span: Span,
    node: &Subject,
    out: &mut Sink<'_>,
) {
    if !to_originator.null {
        out.act(Act::Read, span);
    }
    if !to_target.null && to_target.size > HEARTBEAT_BYTES_MAX {
        out.act(Act::Write, span);
    }
    if !(to_target.null || to_originator.null) {
        out.text(node, keys::ROLE, "scanner", span);
    }
}

/// What the reply will hold.
fn answer(null: bool, transport: u8, class: Option<u32>, out: &mut Sink<'_>) -> Answer {
    // Two null connections ask or configure, and open nothing: one that is open by the same triad stays so.
    if null {
        out.count("enip.null_forward_open");
        return Answer::Unread;
    }
    // Classes 2 and 3 carry messages; to other objects than the message router these are not CIP services.
    let messages = matches!(transport & TRANSPORT_CLASS, 2 | 3);
    Answer::Opened(messages && class.unwrap_or(cip::MESSAGE_ROUTER) == cip::MESSAGE_ROUTER)
}

/// Says of whoever was to be connected that it refused, and why.
pub(super) fn refused(
    general: u8,
    extended: Option<u16>,
    span: Span,
    target: &Subject,
    out: &mut Sink<'_>,
) {
    // Then nobody was reached who could refuse.
    if matches!(extended, Some(TIMED_OUT | PORT_NOT_AVAILABLE | NO_SUCH_LINK | BAD_SEGMENT)) {
        return;
    }
    let text = match extended {
        Some(extended) => format!("0x{general:02X} 0x{extended:04X}"),
        None => format!("0x{general:02X}"),
    };
    out.text(target, transport_keys::CONNECTION_REFUSED, &text, span);
}

/// One direction of a connection.
struct Half {
    interval: (u32, Span),
    size: u16,
    /// Place of the parameters, the size among them.
    parameters: Span,
    /// Whether nothing travels this way.
    null: bool,
    redundant_owner: bool,
}

impl Half {
    fn read(data: &mut Reader<'_>, field: &'static str, large: bool) -> Result<Self, Malformed> {
        let at = data.at();
        let interval = (data.u32_le(field)?, data.since(at));
        let at = data.at();
        let (size, flags) = if large {
            (data.u16_le("connection size")?, data.u16_le("connection parameters")?)
        } else {
            let parameters = data.u16_le("connection parameters")?;
            (parameters & SIZE, parameters)
        };
        Ok(Self {
            interval,
            size,
            parameters: data.since(at),
            null: flags & CONNECTION_TYPE == 0,
            redundant_owner: flags & REDUNDANT_OWNER != 0,
        })
    }

    fn say(&self, target: &Subject, interval: Key, size: Key, out: &mut Sink<'_>) {
        out.uint(target, interval, self.interval.0, self.interval.1);
        if !self.null {
            out.uint(target, size, self.size, self.parameters);
        }
    }
}

/// Says what a key expects. Zero expects nothing.
fn expect(subject: &Subject, key: &ElectronicKey, out: &mut Sink<'_>) {
    let numbers = [
        (keys::EXPECTED_VENDOR_ID, key.vendor_id),
        (keys::EXPECTED_DEVICE_TYPE, key.device_type),
        (keys::EXPECTED_PRODUCT_CODE, key.product_code),
    ];
    for (name, (number, span)) in numbers {
        if number != 0 {
            out.uint(subject, name, number, span);
        }
    }
    let (revision, span) = key.revision;
    if revision.major != 0 || revision.minor != 0 {
        out.text(subject, keys::EXPECTED_REVISION, &revision.to_string(), span);
        let major = Span { len: 1, ..span };
        out.uint(subject, keys::EXPECTED_COMPATIBLE, key.compatible, major);
    }
    if let Some((serial, span)) = key.serial_number.filter(|(serial, _)| *serial != 0) {
        let serial = identity::serial_number(serial);
        out.text(subject, transport_keys::EXPECTED_SERIAL_NUMBER, &serial, span);
    }
}

/// Extended status of failures on the way.
const TIMED_OUT: u16 = 0x0204;
const PORT_NOT_AVAILABLE: u16 = 0x0311;
const NO_SUCH_LINK: u16 = 0x0312;
const BAD_SEGMENT: u16 = 0x0315;

const TRANSPORT_CLASS: u8 = 0x0F;
/// Class 0, and class 1 with a sequence count.
const IMPLICIT: u8 = 0;
const IMPLICIT_COUNTED: u8 = 1;
/// Sequence count and run header.
const HEARTBEAT_BYTES_MAX: u16 = 6;
const MULTIPLIER_MAX: u8 = 7;
/// Of the parameters: upper half in a Large_Forward_Open, all in a Forward_Open.
const REDUNDANT_OWNER: u16 = 0x8000;
const CONNECTION_TYPE: u16 = 0x6000;
const SIZE: u16 = 0x01FF;
