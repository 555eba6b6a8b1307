//! The interface of a device and its ports, as it reports them itself: names, addresses, neighbours.
//!
//! ```text
//! PDInterfaceDataReal   LengthOwnChassisID u8 | OwnChassisID | Padding | MACAddressValue 6 | Padding | IPAddress 4 | Subnetmask 4
//!                       | StandardGateway 4
//! PDPortDataReal        Padding 2 | SlotNumber u16 | SubslotNumber u16 | LengthOwnPortID u8 | OwnPortID | NumberOfPeers u8
//!                       | Padding | { LengthPeerPortID u8 | PeerPortID | LengthPeerChassisID u8 | PeerChassisID | Padding
//!                       | LineDelay u32 | PeerMACAddress 6 | Padding } ...
//! ```
//!
//! Padding fills up to the next multiple of four, counted from the start of the block.

use std::net::Ipv4Addr;

use crate::model::{Mac, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader, text};

use super::block::align;
use super::keys;

/// Reads PDInterfaceDataReal.
pub(super) fn interface(
    device: &Subject,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let block = r.at().saturating_sub(BLOCK_HEADER_BYTES);
    let (start, name) = name("OwnChassisID", &mut r)?;
    readable::say(out, device, keys::STATION_NAME, name, r.since(start));
    align(&mut r, block)?;
    let start = r.at();
    let mac = Mac(r.array("MACAddressValue")?);
    if !mac.is_group() && !mac.is_zero() {
        out.text(device, keys::MAC_ADDRESS, &mac.to_string(), r.since(start));
    }
    align(&mut r, block)?;
    for key in [keys::IP_ADDRESS, keys::SUBNET_MASK, keys::GATEWAY] {
        let start = r.at();
        let address = Ipv4Addr::from(r.array::<4>(key.name)?);
        if !address.is_unspecified() {
            out.text(device, key, &address.to_string(), r.since(start));
        }
    }
    Ok(())
}

/// Reads PDPortDataReal as far as the neighbours: port and station together, where the older form has both in one name.
pub(super) fn port(
    device: &Subject,
    mut r: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let block = r.at().saturating_sub(BLOCK_HEADER_BYTES);
    r.skip("Padding, SlotNumber, SubslotNumber", 6)?;
    name("OwnPortID", &mut r)?;
    let peers = r.u8("NumberOfPeers")?;
    align(&mut r, block)?;
    for _ in 0..peers {
        let (start, port) = name("PeerPortID", &mut r)?;
        let (_, chassis) = name("PeerChassisID", &mut r)?;
        let (port, chassis) = (text::utf8(port), text::utf8(chassis));
        let names: Vec<&str> =
            [port.as_deref(), chassis.as_deref()].into_iter().flatten().collect();
        out.text(device, keys::NEIGHBOUR, &names.join("."), r.since(start));
        align(&mut r, block)?;
        r.skip("LineDelay, PeerMACAddress", 10)?;
        align(&mut r, block)?;
    }
    Ok(())
}

/// A name behind its length, and where it begins.
fn name<'a>(field: &'static str, r: &mut Reader<'a>) -> Result<(usize, &'a [u8]), Malformed> {
    let length = usize::from(r.u8(field)?);
    Ok((r.at(), r.bytes(field, length)?))
}

/// Type, length and version in front of what a block holds.
const BLOCK_HEADER_BYTES: usize = 6;
