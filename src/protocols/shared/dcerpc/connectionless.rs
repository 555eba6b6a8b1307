//! The header of connectionless protocol data units (\[C706\] section 12.5).
//!
//! ```text
//!   0   1       2        3        4 drep  7           8        24          40         56            60           64
//!   | 4 | PTYPE | flags1 | flags2 | 0 0 0 | serial_hi | object | interface | activity | server_boot | if_version | seqnum
//!   68      70      72      74     76         78           79
//!   | opnum | ihint | ahint | len  | fragnum  | auth_proto | serial_lo | body ...
//! ```

use uuid::Uuid;

use crate::protocols::shared::dcerpc::service;
use crate::wire::{Malformed, Reader, Span};

/// One datagram.
#[derive(Debug)]
pub(in crate::protocols) struct Datagram<'a> {
    /// Its type: [`REQUEST`], [`RESPONSE`] or another.
    pub(in crate::protocols) kind: u8,
    /// Order of the bytes of numbers, in the header and in the body as far as it is NDR.
    pub(in crate::protocols) little_endian: bool,
    /// The object that is asked, or that answers.
    pub(in crate::protocols) object: Uuid,
    /// The interface that the operation belongs to.
    pub(in crate::protocols) interface: Uuid,
    /// What the caller calls the series of its calls by, and the number of this one in it.
    pub(in crate::protocols) call: ([u8; 16], u32),
    /// Number of the operation.
    pub(in crate::protocols) operation: u16,
    /// Number of this part of a call that came in several, from 0 on; `None` when it came in one.
    pub(in crate::protocols) fragment: Option<u16>,
    /// No part follows.
    pub(in crate::protocols) is_last: bool,
    /// What it brings.
    pub(in crate::protocols) body: Reader<'a>,
}

impl<'a> Datagram<'a> {
    /// Reads the header; fails when the body is not all there.
    pub(in crate::protocols) fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        if r.u8("rpc_vers")? != VERSION {
            return Err(r.impossible("rpc_vers"));
        }
        let kind = r.u8("ptype")?;
        let flags = r.u8("flags1")?;
        r.skip("flags2", 1)?;
        let little_endian = r.u8("drep")? & LITTLE_ENDIAN != 0;
        r.skip("drep, serial_hi", 3)?;
        let object = identifier(r.array("object")?, little_endian);
        let interface = identifier(r.array("if_id")?, little_endian);
        let activity = r.array("act_id")?;
        r.skip("server_boot, if_vers", 8)?;
        let sequence = if little_endian { r.u32_le("seqnum")? } else { r.u32_be("seqnum")? };
        let mut short = |field| {
            if little_endian { r.u16_le(field) } else { r.u16_be(field) }
        };
        let operation = short("opnum")?;
        short("ihint")?;
        short("ahint")?;
        let length = usize::from(short("len")?);
        let number = short("fragnum")?;
        r.skip("auth_proto, serial_lo", 2)?;
        let body = r.sub("body", length)?;
        Ok(Self {
            kind,
            little_endian,
            object,
            interface,
            call: (activity, sequence),
            operation,
            fragment: (flags & FRAGMENT != 0 || number != 0).then_some(number),
            is_last: flags & (FRAGMENT | LAST_FRAGMENT) != FRAGMENT,
            body,
        })
    }

    /// True for a call of the endpoint mapper.
    pub(in crate::protocols) fn is_endpoint_mapper(&self) -> bool {
        self.interface.as_u128() == service::EPM
    }
}

/// The interface that these bytes call or answer for, when they can be a datagram at all. Too few of its bits are fixed
/// to be sure by them.
pub(in crate::protocols) fn interface(bytes: &[u8]) -> Option<Uuid> {
    let mut r = Reader::new(bytes);
    let version = r.u8("rpc_vers").ok()?;
    let kind = r.u8("ptype").ok()?;
    r.skip("flags1, flags2", 2).ok()?;
    let integers = r.u8("drep").ok()?;
    let floats = r.u8("drep").ok()?;
    r.skip("drep, serial_hi, object", 18).ok()?;
    let interface = r.array("if_id").ok()?;
    let sound = version == VERSION
        && kind <= TYPE_MAX
        && integers & !(LITTLE_ENDIAN | EBCDIC) == 0
        && floats <= FLOATS_MAX
        && bytes.len() >= HEADER_BYTES;
    sound.then(|| identifier(interface, integers & LITTLE_ENDIAN != 0))
}

fn identifier(bytes: [u8; 16], little_endian: bool) -> Uuid {
    if little_endian { Uuid::from_bytes_le(bytes) } else { Uuid::from_bytes(bytes) }
}

/// Type of a call.
pub(in crate::protocols) const REQUEST: u8 = 0;
/// Type of an answer.
pub(in crate::protocols) const RESPONSE: u8 = 2;
/// `rpc_vers` of the connectionless protocol.
pub(in crate::protocols) const VERSION: u8 = 4;
/// Place of the object.
pub(in crate::protocols) const OBJECT: Span = Span { at: 8, len: 16 };
/// Place of the operation's number.
pub(in crate::protocols) const OPERATION_NUMBER: Span = Span { at: 68, len: 2 };
const HEADER_BYTES: usize = 80;
/// `cancel_ack`, the highest type.
const TYPE_MAX: u8 = 10;
const LITTLE_ENDIAN: u8 = 0x10;
const EBCDIC: u8 = 0x01;
/// IBM's, the highest representation of numbers with a point.
const FLOATS_MAX: u8 = 3;
const LAST_FRAGMENT: u8 = 0x02;
const FRAGMENT: u8 = 0x04;
