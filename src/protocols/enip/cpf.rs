//! Common Packet Format: the list of items that carries everything but session set-up (CIP Networks Library
//! volume 2, edition 1.x, section 2-6).
//!
//! ```text
//!   item count 2   { type 2   length 2   data }
//!
//!   socket address           family 2   port 2   address 4   zeros 8, as in `sockaddr_in`, big-endian
//! ```
//!
//! The item of unconnected messages over UDP (0x8003) travels in DTLS only, where nobody else reads it.

use std::net::{Ipv4Addr, SocketAddrV4};

use crate::model::limits::LIST_ITEMS_MAX;
use crate::wire::{Malformed, Reader, Span};

/// One item.
#[derive(Clone, Debug)]
pub(super) struct Item<'a> {
    /// What it is.
    pub(super) kind: u16,
    /// Its data; shorter than it should be when the message was cut.
    pub(super) data: Reader<'a>,
}

/// The items of a list, in order. Damage is told once and ends the list.
#[derive(Debug)]
pub(super) struct Items<'a> {
    rest: Reader<'a>,
    left: usize,
    damage: Option<Malformed>,
}

impl<'a> Items<'a> {
    /// Starts at the item count.
    pub(super) fn read(mut rest: Reader<'a>) -> Result<Self, Malformed> {
        let count = usize::from(rest.u16_le("item count")?);
        Ok(Self { rest, left: count.min(LIST_ITEMS_MAX), damage: None })
    }

    fn item(&mut self) -> Result<Item<'a>, Malformed> {
        let kind = self.rest.u16_le("item type")?;
        let length = usize::from(self.rest.u16_le("item length")?);
        // A cut datagram keeps its first fields; each field checks its own bytes.
        let data = match self.rest.sub("item data", length) {
            Ok(data) => data,
            Err(malformed) => {
                self.damage = Some(malformed);
                self.rest.clone()
            }
        };
        Ok(Item { kind, data })
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<Item<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(malformed) = self.damage.take() {
            self.left = 0;
            return Some(Err(malformed));
        }
        self.left = self.left.checked_sub(1)?;
        let item = self.item();
        if item.is_err() {
            self.left = 0;
        }
        Some(item)
    }
}

/// Reads a socket address. None when it is not of the Internet family.
pub(super) fn socket_address(
    data: &mut Reader<'_>,
) -> Result<Option<(SocketAddrV4, Span)>, Malformed> {
    let family = data.u16_be("address family")?;
    let at = data.at();
    let port = data.u16_be("port")?;
    let address = Ipv4Addr::from_bits(data.u32_be("IP address")?);
    let span = data.since(at);
    data.skip("zeros", 8)?;
    Ok((family == INTERNET).then(|| (SocketAddrV4::new(address, port), span)))
}

const INTERNET: u16 = 2;

pub(super) const NULL_ADDRESS: u16 = 0x0000;
pub(super) const IDENTITY: u16 = 0x000C;
pub(super) const SECURITY: u16 = 0x0086;
/// EtherNet/IP capability and usage, of devices on single-pair Ethernet.
pub(super) const CAPABILITY: u16 = 0x0087;
pub(super) const USAGE: u16 = 0x0088;
pub(super) const CONNECTED_ADDRESS: u16 = 0x00A1;
pub(super) const CONNECTED_DATA: u16 = 0x00B1;
pub(super) const UNCONNECTED_DATA: u16 = 0x00B2;
pub(super) const SERVICE: u16 = 0x0100;
pub(super) const SOCKET_TO_TARGET: u16 = 0x8000;
pub(super) const SOCKET_TO_ORIGINATOR: u16 = 0x8001;
pub(super) const SEQUENCED_ADDRESS: u16 = 0x8002;
