//! Mailboxes: objects of the dictionary of a slave over CoE, and files over FoE (ETG.1000.5 and ETG.1000.6).
//!
//! ```text
//! ┌────────┬─────────┬──────────┬──────┬─────────────────┬─────────┬───────┬──────────┬──────
//! │ length │ address │ priority │ type │ number, service │ command │ index │ subindex │ data …     little-endian
//! └────────┴─────────┴──────────┴──────┴─────────────────┴─────────┴───────┴──────────┴──────
//!   2        2         1          1      2                 1         2       1
//! ```

use crate::model::{Act, Key, Subject};
use crate::protocols::Sink;
use crate::protocols::ethercat::slave::Field;
use crate::protocols::ethercat::{Datagram, keys};
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, Span};

/// An object that a slave gave.
pub(super) struct Object<'a> {
    index: u16,
    subindex: u8,
    /// All subindices at once.
    is_complete: bool,
    value: &'a [u8],
    at: usize,
}

/// The object in the answer of a slave; `None` when the memory holds something else.
pub(super) fn object<'a>(datagram: &Datagram<'a>) -> Option<Object<'a>> {
    answer(datagram).ok().flatten()
}

fn answer<'a>(datagram: &Datagram<'a>) -> Result<Option<Object<'a>>, Malformed> {
    let Some((kind, mut r)) = head(datagram)? else { return Ok(None) };
    if kind != COE || r.u16_le("service")? >> SERVICE_SHIFT != SDO_ANSWER {
        return Ok(None);
    }
    let command = r.u8("command")?;
    if command >> COMMAND_SHIFT != UPLOAD_ANSWER {
        return Ok(None);
    }
    let (index, subindex) = (r.u16_le("index")?, r.u8("subindex")?);
    let length = if command & EXPEDITED != 0 {
        let unused = if command & HAS_SIZE != 0 { usize::from(command >> 2 & 3) } else { 0 };
        4_usize.saturating_sub(unused)
    } else {
        usize::try_from(r.u32_le("complete size")?).unwrap_or(usize::MAX)
    };
    // What does not fit goes on in segments; names do fit.
    let at = r.at();
    let value = r.bytes("value", length)?;
    Ok(Some(Object { index, subindex, is_complete: command & COMPLETE != 0, value, at }))
}

/// The kind of a mailbox and its body; `None` when the bytes are none.
fn head<'a>(datagram: &Datagram<'a>) -> Result<Option<(u8, Reader<'a>)>, Malformed> {
    let mut r = datagram.reader();
    let length = r.u16_le("length")?;
    r.skip("address and priority", 3)?;
    let kind = r.u8("type")?;
    let body = r.sub("mailbox", length.into())?;
    Ok((kind & COUNTER_AND_REST == 0).then_some((kind & KIND, body)))
}

/// What the master asks for by a mailbox that changes something: what is told of it, what it is for, and where it stands.
pub(super) fn written(datagram: &Datagram<'_>) -> Option<(Option<&'static str>, Act, Span)> {
    let (kind, mut r) = head(datagram).ok()??;
    match kind {
        COE => {
            if r.u16_le("service").ok()? >> SERVICE_SHIFT != SDO_REQUEST {
                return None;
            }
            let at = r.at();
            let command = r.u8("command").ok()?;
            let is_write = command >> COMMAND_SHIFT == DOWNLOAD;
            is_write.then_some((None, Act::Write, Span { at, len: 1 }))
        }
        FOE => {
            let at = r.at();
            let what = match r.u8("OpCode").ok()? {
                READ_REQUEST => "file upload",
                WRITE_REQUEST => "file download",
                _ => return None,
            };
            Some((Some(what), Act::Program, Span { at, len: 1 }))
        }
        _ => None,
    }
}

impl Object<'_> {
    /// The vendor, when the object says it.
    pub(super) fn vendor_id(&self) -> Option<u32> {
        let mut vendor_id = None;
        self.fields(|field, value, _| {
            if field == Field::Vendor {
                vendor_id = Some(value);
            }
        });
        vendor_id
    }

    pub(super) fn tell(&self, slave: &Subject, vendor_id: Option<u32>, out: &mut Sink<'_>) {
        let whole = Span { at: self.at, len: self.value.len() };
        if self.index == DEVICE_TYPE && self.subindex == 0 {
            if let Some(value) = self.value.first_chunk::<4>() {
                let span = Span { len: 4, ..whole };
                out.uint(slave, keys::DEVICE_TYPE, u32::from_le_bytes(*value), span);
            }
        } else if let Some((_, key)) = TEXTS.iter().find(|(index, _)| *index == self.index) {
            if self.subindex == 0 {
                readable::say(out, slave, *key, self.value, whole);
            }
        } else {
            self.fields(|field, value, span| field.tell(value, span, slave, vendor_id, out));
        }
    }

    /// The fields of the identity object.
    fn fields(&self, mut take: impl FnMut(Field, u32, Span)) {
        if self.index != IDENTITY {
            return;
        }
        // All of it: the number of subindices in front, and a byte that fills up.
        let (first, ahead) = if self.is_complete { (1, 2) } else { (self.subindex, 0) };
        let values = self.value.get(ahead..).unwrap_or_default();
        let (values, _) = values.as_chunks::<4>();
        let most = if self.is_complete { 4 } else { 1 };
        let mut at = self.at.saturating_add(ahead);
        for (value, subindex) in values.iter().zip(first..).take(most) {
            let value = u32::from_le_bytes(*value);
            if let Some(field) = Field::of_subindex(subindex).filter(|_| value != 0) {
                take(field, value, Span { at, len: 4 });
            }
            at = at.saturating_add(4);
        }
    }
}

const TEXTS: &[(u16, Key)] = &[
    (0x1008, keys::DEVICE_NAME),
    (0x1009, keys::HARDWARE_VERSION),
    (0x100a, keys::SOFTWARE_VERSION),
];
const DEVICE_TYPE: u16 = 0x1000;
const IDENTITY: u16 = 0x1018;

const KIND: u8 = 0x0f;
/// The counter has three bits; the highest is always 0.
const COUNTER_AND_REST: u8 = 0x80;
const COE: u8 = 3;
const FOE: u8 = 4;

const SERVICE_SHIFT: u32 = 12;
const SDO_REQUEST: u16 = 2;
const SDO_ANSWER: u16 = 3;
const COMMAND_SHIFT: u32 = 5;
const DOWNLOAD: u8 = 1;
const UPLOAD_ANSWER: u8 = 2;
const COMPLETE: u8 = 0x10;
const EXPEDITED: u8 = 0x02;
const HAS_SIZE: u8 = 0x01;

const READ_REQUEST: u8 = 1;
const WRITE_REQUEST: u8 = 2;
