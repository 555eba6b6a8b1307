//! BACnet Virtual Link Layer over UDP/IPv4 (ASHRAE 135-2020, annex J.2).
//!
//! ```text
//!   | 81 | function 1 | length 2, of all | ...
//!
//!   04 Forwarded-NPDU: | origin 4, port 2 | NPDU |      03, 07: entries of 10 bytes, each beginning with address and port
//!   05 Register-Foreign-Device: | time to live 2 |      09, 0A, 0B: NPDU
//! ```

use std::net::Ipv4Addr;

use crate::flow::Input;
use crate::model::limits::BACNET_TABLE_ENTRIES_MAX;
use crate::model::{Addr, Node, Subject};
use crate::protocols::Sink;
use crate::protocols::bacnet::keys;
use crate::wire::{Malformed, Reader, Span};

/// Reads the link layer, says what it tells, and gives the node that the message behind it comes from.
pub(super) fn read<'a>(
    input: &Input<'a>,
    out: &mut Sink<'_>,
) -> Result<Option<(Node, Reader<'a>)>, Malformed> {
    let mut r = Reader::new(input.bytes);
    let sender = Subject::node(input.sender());
    if r.u8("BVLC type")? != IPV4 {
        return Err(r.impossible("BVLC type"));
    }
    let span = Span { at: r.at(), len: 1 };
    let function = r.u8("BVLC function")?;
    let length = usize::from(r.u16_be("BVLC length")?);
    // What stands ahead of a cut is as true as ever.
    let length = length.checked_sub(HEAD_BYTES).ok_or_else(|| r.impossible("BVLC length"))?;
    let mut body = r.sub("BVLC", length.min(r.left()))?;
    match function {
        READ_BDT_ACK => {
            out.text(&sender, keys::ROLE, "BBMD", span);
            table(&mut body, &sender, keys::BROADCAST_DISTRIBUTION, true, out)?;
        }
        READ_FDT_ACK => {
            out.text(&sender, keys::ROLE, "BBMD", span);
            table(&mut body, &sender, keys::FOREIGN_DEVICE, false, out)?;
        }
        FORWARDED => {
            out.text(&sender, keys::ROLE, "BBMD", span);
            let address = Ipv4Addr::from(body.array::<4>("originating address")?);
            body.u16_be("originating port")?;
            let is_host =
                !address.is_unspecified() && !address.is_multicast() && !address.is_broadcast();
            let origin = Node::ip(input.sender().scope, address.into());
            return Ok(is_host.then_some((origin, body)));
        }
        REGISTER => {
            out.text(&sender, keys::ROLE, "foreign device", span);
            if let Addr::Ip(bbmd) = input.receiver().addr {
                out.text(&sender, keys::REGISTERED_WITH, &bbmd.to_string(), span);
            }
        }
        DISTRIBUTE | UNICAST | BROADCAST => return Ok(Some((input.sender(), body))),
        _ => {}
    }
    Ok(None)
}

/// Whether some of a message is missing at its end: the capture holds less of it than it says to have.
pub(super) fn is_cut(bytes: &[u8]) -> bool {
    match bytes {
        [_, _, high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])) > bytes.len(),
        _ => true,
    }
}

/// Whether bytes begin with a link layer whose length is theirs.
pub(super) fn begins(bytes: &[u8]) -> bool {
    match bytes {
        [IPV4, 0..=SECURED, high, low, rest @ ..] => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            length == rest.len().saturating_add(HEAD_BYTES)
        }
        _ => false,
    }
}

fn table(
    body: &mut Reader<'_>,
    subject: &Subject,
    key: crate::model::Key,
    has_mask: bool,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    for _ in 0..BACNET_TABLE_ENTRIES_MAX {
        if body.is_empty() {
            return Ok(());
        }
        let start = body.at();
        let address = Ipv4Addr::from(body.array::<4>("address")?);
        let port = body.u16_be("port")?;
        let mask = Ipv4Addr::from(body.array::<4>("mask, or times")?);
        let mut text = format!("{address}:{port}");
        if has_mask {
            text.push_str(&format!(" mask {mask}"));
        }
        out.text(subject, key, &text, body.since(start));
    }
    if !body.is_empty() {
        out.count("bacnet.table_entries_over_limit");
    }
    Ok(())
}

/// First byte of every message of BACnet/IP.
pub(super) const IPV4: u8 = 0x81;
const READ_BDT_ACK: u8 = 0x03;
const FORWARDED: u8 = 0x04;
const REGISTER: u8 = 0x05;
const READ_FDT_ACK: u8 = 0x07;
const DISTRIBUTE: u8 = 0x09;
const UNICAST: u8 = 0x0a;
const BROADCAST: u8 = 0x0b;
const SECURED: u8 = 0x0c;
/// Type, function and length, which the length counts.
const HEAD_BYTES: usize = 4;
