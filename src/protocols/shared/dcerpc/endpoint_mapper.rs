//! The endpoint mapper: which services a host offers, at which ports and pipes, and what they say about themselves.
//!
//! Reads `ept_lookup` and `ept_map` of \[C706\] appendix O with the protocol towers of appendix L. Skips local
//! endpoints, which nobody else can reach, and the address in a tower, which is the one that was asked.
//!
//! ```text
//!   ept_lookup answer   handle 20 | n u32 | max u32, offset u32, n u32 | n * { object 16, tower u32, annotation: offset u32,
//!                       length u32, characters } | a tower for each | status u32
//!   ept_map answer      handle 20 | n u32 | max u32, offset u32, n u32 | n * tower u32 | a tower for each | status u32
//!   tower               length u32, length u32 | floors u16 | floors * { length u16, protocol u8 ..., length u16, data }
//!   floors              interface 0D, syntax 0D, 0B calls over connections, 07 TCP port or 0F pipe ..., 09 IP or 11 NetBIOS
//! ```
//!
//! Numbers in a tower are little-endian whatever the stub is, but ports and addresses.

use crate::model::Subject;
use crate::model::limits::LIST_ITEMS_MAX;
use crate::protocols::Sink;
use crate::protocols::shared::dcerpc::ndr::{HANDLE_BYTES, Ndr, Syntax};
use crate::protocols::shared::dcerpc::{ANNOTATION, Datagram, ENDPOINT, INTERFACE, computer_name};
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, text};

/// Number of the operation that lists services.
const EPT_LOOKUP: u16 = 2;
/// Number of the operation that finds one.
const EPT_MAP: u16 = 3;

/// Reads the answer of an endpoint mapper that was asked without a connection: such an answer names its interface and
/// operation itself.
pub(in crate::protocols) fn lookup_connectionless(
    datagram: &Datagram<'_>,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if !datagram.is_endpoint_mapper() {
        return Ok(());
    }
    let syntax = Syntax { little_endian: datagram.little_endian, wide: false };
    let stub = Ndr::new(datagram.body.clone(), syntax);
    match datagram.operation {
        EPT_LOOKUP => lookup(stub, server, out),
        EPT_MAP => map(stub, server, out),
        _ => Ok(()),
    }
}

/// Reads the answer of `ept_lookup`.
pub(super) fn lookup(
    mut stub: Ndr<'_>,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let count = array(&mut stub)?;
    let mut towers = 0_usize;
    for _ in 0..count {
        stub.align_pointers()?;
        stub.uuid("object")?;
        towers = towers.saturating_add(usize::from(stub.pointer("tower")?));
        stub.u32("annotation offset")?;
        let length = stub.u32("annotation length")?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let mut annotation = stub.sub("annotation", length)?;
        let (start, bytes) = (annotation.at(), annotation.rest());
        let bytes = text::until_nul(bytes);
        let text = readable::readable(bytes).unwrap_or_default();
        out.text(server, ANNOTATION, &text, crate::wire::Span { at: start, len: bytes.len() });
    }
    towers_of(stub, towers, server, out)
}

/// Reads the answer of `ept_map`.
pub(super) fn map(
    mut stub: Ndr<'_>,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let count = array(&mut stub)?;
    let mut towers = 0_usize;
    for _ in 0..count {
        towers = towers.saturating_add(usize::from(stub.pointer("tower")?));
    }
    towers_of(stub, towers, server, out)
}

/// The number of entries, clamped: each takes at least four bytes.
fn array(stub: &mut Ndr<'_>) -> Result<usize, Malformed> {
    stub.bytes("entry_handle", HANDLE_BYTES)?;
    stub.u32("num_ents")?;
    stub.size("entries")?;
    let count = stub.varying("entries")?;
    Ok(count.min(stub.left()).min(LIST_ITEMS_MAX))
}

fn towers_of(
    mut stub: Ndr<'_>,
    towers: usize,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    for _ in 0..towers {
        stub.size("tower_octet_string")?;
        let length = usize::try_from(stub.u32("tower_length")?).unwrap_or(usize::MAX);
        let octets = stub.sub("tower_octet_string", length)?;
        if let Err(malformed) = tower(octets, server, out) {
            out.damaged(malformed);
        }
    }
    Ok(())
}

fn tower(mut octets: Reader<'_>, server: &Subject, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let floors = octets.u16_le("floor count")?;
    for number in 0..floors {
        let start = octets.at();
        let left = usize::from(octets.u16_le("LHS byte count")?);
        let mut left = octets.sub("LHS", left)?;
        let right = usize::from(octets.u16_le("RHS byte count")?);
        let mut right = octets.sub("RHS", right)?;
        let span = octets.since(start);
        let protocol = left.u8("protocol identifier")?;
        match (number, protocol) {
            (0, FLOOR_UUID) => {
                let uuid = uuid::Uuid::from_bytes_le(left.array("interface")?);
                let major = left.u16_le("interface version")?;
                let minor = right.u16_le("interface minor version")?;
                out.text(server, INTERFACE, &format!("{uuid} v{major}.{minor}"), span);
            }
            (_, FLOOR_TCP | FLOOR_UDP | FLOOR_HTTP) => {
                let port = right.u16_be("port")?;
                let transport = match protocol {
                    FLOOR_TCP => "tcp",
                    FLOOR_UDP => "udp",
                    _ => "http",
                };
                if port != 0 {
                    out.text(server, ENDPOINT, &format!("{transport} {port}"), span);
                }
            }
            (_, FLOOR_PIPE) => {
                let pipe = text::utf8(text::until_nul(right.peek())).unwrap_or_default();
                out.text(server, ENDPOINT, &pipe, span);
            }
            (_, FLOOR_NETBIOS) => {
                let name = text::utf8(text::until_nul(right.peek())).unwrap_or_default();
                computer_name(server, &name, span, out);
            }
            _ => {}
        }
    }
    Ok(())
}

const FLOOR_TCP: u8 = 0x07;
const FLOOR_UDP: u8 = 0x08;
const FLOOR_UUID: u8 = 0x0d;
const FLOOR_PIPE: u8 = 0x0f;
const FLOOR_NETBIOS: u8 = 0x11;
const FLOOR_HTTP: u8 = 0x1f;
