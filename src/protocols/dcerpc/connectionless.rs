//! The connectionless protocol data units: an endpoint mapper that answers in one datagram.
//!
//! Reads \[C706\] section 12.5: responses of the endpoint mapper, and which requests read and write records of PROFINET. PROFINET devices have one at UDP port 34964 (IEC
//! 61158-6-10), whose annotation holds order number, hardware and software revision. Skips fragments behind the first.
//!
//! ```text
//!   0   1       2        3        4 drep  7           8        24          40         56            60           64
//!   | 4 | PTYPE | flags1 | flags2 | 0 0 0 | serial_hi | object | interface | activity | server_boot | if_version | seqnum
//!   68      70      72      74     76         78           79
//!   | opnum | ihint | ahint | len  | fragnum  | auth_proto | serial_lo | body ...
//! ```

use crate::flow::Input;
use crate::model::{Act, Subject};
use crate::protocols::shared::dcerpc;
use crate::protocols::{Probe, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// `rpc_vers` of the connectionless protocol.
pub(super) const VERSION: u8 = 4;

/// Reads one datagram.
pub(super) fn read(input: &Input<'_>, out: &mut Sink<'_>) -> Step {
    if let Err(malformed) = datagram(input, out) {
        out.damaged(malformed);
    }
    Step::Used(input.bytes.len().max(1))
}

fn datagram(input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut reader = Reader::new(input.bytes);
    if reader.u8("rpc_vers")? != VERSION {
        return Err(reader.impossible("rpc_vers"));
    }
    let kind = reader.u8("ptype")?;
    reader.skip("flags1, flags2", 2)?;
    let little_endian = reader.u8("drep")? & LITTLE_ENDIAN != 0;
    reader.skip("drep, serial_hi", 3)?;
    reader.skip("object", 16)?;
    let interface = reader.array("if_id")?;
    let interface = if little_endian {
        uuid::Uuid::from_bytes_le(interface)
    } else {
        uuid::Uuid::from_bytes(interface)
    };
    reader.skip("act_id, server_boot, if_vers, seqnum", 28)?;
    let mut short = |field| {
        if little_endian { reader.u16_le(field) } else { reader.u16_be(field) }
    };
    let operation = short("opnum")?;
    short("ihint")?;
    short("ahint")?;
    let length = usize::from(short("len")?);
    let fragment = short("fragnum")?;
    reader.skip("auth_proto, serial_lo", 2)?;
    if kind == REQUEST && fragment == 0 && interface == PROFINET_DEVICE {
        match operation {
            READ | READ_IMPLICIT => out.act(Act::Read, OPERATION_NUMBER),
            WRITE => out.act(Act::Write, OPERATION_NUMBER),
            _ => {}
        }
    }
    if kind != RESPONSE || fragment != 0 {
        return Ok(());
    }
    let stub = reader.sub("body", length)?;
    let server = Subject::node(input.sender());
    dcerpc::lookup_connectionless(stub, little_endian, interface, operation, &server, out)
}

/// Never sure: too few of its bits are fixed, and PROFINET has other services in the same clothes.
pub(super) fn probe(bytes: &[u8]) -> Probe {
    let sound = bytes.get(1).is_some_and(|kind| *kind <= TYPE_MAX)
        && bytes.get(4).is_some_and(|integers| integers & 0xee == 0)
        && bytes.get(5).is_some_and(|floats| *floats <= 3)
        && bytes.len() >= HEADER_BYTES;
    if sound { Probe::Maybe } else { Probe::No }
}

const HEADER_BYTES: usize = 80;
const REQUEST: u8 = 0;
const RESPONSE: u8 = 2;
/// Place of the operation's number.
const OPERATION_NUMBER: Span = Span { at: 68, len: 2 };
/// Interface of PROFINET devices (IEC 61158-6-10): its operations read and write records.
const PROFINET_DEVICE: uuid::Uuid = uuid::Uuid::from_u128(0xdea00001_6c97_11d1_8271_00a02442df7d);
const READ: u16 = 2;
const WRITE: u16 = 3;
const READ_IMPLICIT: u16 = 5;
/// `cancel_ack`, the highest type.
const TYPE_MAX: u8 = 10;
const LITTLE_ENDIAN: u8 = 0x10;
