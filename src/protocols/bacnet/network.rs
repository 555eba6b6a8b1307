//! Network layer: who a message comes from and goes to, across routers, and what routers tell (ASHRAE 135-2020, clause 6).
//!
//! ```text
//!   | version 1 | control | [DNET 2, DLEN 1, DADR] | [SNET 2, SLEN 1, SADR] | [hop count 1] | APDU, or message type |
//! ```

use std::net::Ipv4Addr;

use crate::model::limits::BACNET_NETWORKS_MAX;
use crate::model::{Hop, Mac, Node, Subject, Unit};
use crate::protocols::Sink;
use crate::protocols::bacnet::keys;
use crate::wire::{Malformed, Reader};

/// Both ends of a message, and what they say.
pub(super) struct Message<'a> {
    pub(super) source: Subject,
    /// `None` for a broadcast.
    pub(super) target: Option<Subject>,
    pub(super) apdu: Reader<'a>,
    /// Something is missing at its end.
    pub(super) is_cut: bool,
}

/// Reads the network layer of a message between two nodes. `None` when it is a message of routers among themselves.
pub(super) fn read<'a>(
    mut r: Reader<'a>,
    (from, to): (Node, Node),
    out: &mut Sink<'_>,
) -> Result<Option<Message<'a>>, Malformed> {
    if r.u8("version")? != 1 {
        return Err(r.impossible("version"));
    }
    let control = r.u8("control")?;
    let mut target = Some(Subject::node(to));
    let mut source = Subject::node(from);
    if control & HAS_DESTINATION != 0 {
        let network = r.u16_be("DNET")?;
        let length = usize::from(r.u8("DLEN")?);
        let address = r.bytes("DADR", length)?;
        target =
            (!address.is_empty() && network != EVERYWHERE).then(|| behind(to, network, address));
    }
    if control & HAS_SOURCE != 0 {
        let start = r.at();
        let network = r.u16_be("SNET")?;
        let length = usize::from(r.u8("SLEN")?);
        let address = r.bytes("SADR", length)?;
        if address.is_empty() || network == EVERYWHERE {
            return Err(r.impossible("SADR"));
        }
        out.text(&source, keys::ROLE, "router", r.since(start));
        source = behind(from, network, address);
    }
    if control & HAS_DESTINATION != 0 {
        r.u8("hop count")?;
    }
    if control & OF_ROUTERS == 0 {
        return Ok(Some(Message { source, target, apdu: r, is_cut: false }));
    }
    routers(&source, r, out)?;
    Ok(None)
}

fn routers(source: &Subject, mut r: Reader<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let start = r.at();
    let kind = r.u8("message type")?;
    let span = r.since(start);
    match kind {
        I_AM_ROUTER => {
            out.text(source, keys::ROLE, "router", span);
            for _ in 0..BACNET_NETWORKS_MAX {
                if r.is_empty() {
                    return Ok(());
                }
                let start = r.at();
                let network = r.u16_be("DNET")?;
                out.uint(source, keys::ROUTER_TO_NETWORK, network, r.since(start));
            }
            out.count("bacnet.networks_over_limit");
        }
        ROUTING_TABLE_ACK => {
            out.text(source, keys::ROLE, "router", span);
            for _ in 0..r.u8("number of ports")? {
                let start = r.at();
                let network = r.u16_be("DNET")?;
                out.uint(source, keys::ROUTER_TO_NETWORK, network, r.since(start));
                r.u8("port identifier")?;
                let length = usize::from(r.u8("port information length")?);
                r.skip("port information", length)?;
            }
        }
        NETWORK_NUMBER_IS => {
            let start = r.at();
            let network = r.u16_be("network number")?;
            out.uint(source, keys::NETWORK_NUMBER, network, r.since(start));
        }
        _ => {}
    }
    Ok(())
}

/// A device on a network behind a node.
fn behind(node: Node, network: u16, address: &[u8]) -> Subject {
    let hop = Hop::Network(network, printed(address).into());
    Subject { node, unit: Some(Unit::beyond(None, hop)) }
}

/// An address as its network prints it: the number of an MS/TP station, an address and port of BACnet/IP (whose ports are
/// 47,808 and those behind it), a MAC address, else bytes.
fn printed(address: &[u8]) -> String {
    match *address {
        [station] => station.to_string(),
        [a, b, c, d, port @ 0xba, low @ 0xc0..=0xcf] => {
            format!("{}:{}", Ipv4Addr::new(a, b, c, d), u16::from_be_bytes([port, low]))
        }
        [a, b, c, d, e, f] => Mac([a, b, c, d, e, f]).to_string(),
        _ => address.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

const OF_ROUTERS: u8 = 0x80;
const HAS_DESTINATION: u8 = 0x20;
const HAS_SOURCE: u8 = 0x08;
/// Network number of a broadcast to all networks.
const EVERYWHERE: u16 = 0xffff;
const I_AM_ROUTER: u8 = 0x01;
const ROUTING_TABLE_ACK: u8 = 0x07;
const NETWORK_NUMBER_IS: u8 = 0x13;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_printed_as_their_networks_do() {
        for (address, text) in [
            (&[29][..], "29"),
            (&[192, 168, 0, 13, 0xba, 0xc0], "192.168.0.13:47808"),
            (&[0, 0x0c, 0x6e, 0xb0, 0x3c, 0x15], "00:0c:6e:b0:3c:15"),
            (&[0x01, 0x02, 0xff], "0102ff"),
        ] {
            assert_eq!(printed(address), text);
        }
    }
}
