//! Paths: where in a device, and behind which bridges, a service is to be done.
//!
//! Reads padded EPATHs (CIP Networks Library volume 1, edition 3.x, appendix C-1): port, logical, network,
//! symbolic and data segments. Keeps hops, class, instance, attribute and electronic keys; passes over symbols,
//! members, connection points and data.
//!
//! ```text
//!   port       000 e pppp  [link size if e] [port, 2 bytes, if pppp = 15]  link address  [pad to even]
//!   logical    001 ttt ff  ff 0: value 1 byte   1: pad, value 2 bytes   2: pad, value 4 bytes
//!              ttt 0 class  1 instance  2 member  3 connection point  4 attribute  5 special  6 service
//!   key        0x34  format 4 or 5  vendor 2  device type 2  product code 2  major 1  minor 1  [serial 4]
//!   network    010 l tttt  l 0: value 1 byte   1: size in words, data
//!   symbolic   011 nnnnn   n characters; n = 0: format byte, then what it says  [pad to even]
//!   data       0x80 size in words, data      0x91 size in bytes, symbol  [pad to even]
//! ```

use crate::model::Hop;
use crate::model::limits::CIP_ROUTE_HOPS_MAX;
use crate::protocols::enip::identity::Revision;
use crate::wire::{Malformed, Reader, Span, text};

/// What a path says.
#[derive(Debug, Default)]
pub(super) struct Path {
    /// Way through bridges, before the object.
    pub(super) hops: Vec<Hop>,
    /// Class of the object.
    pub(super) class: Option<u32>,
    /// Instance of the class; 0 is the class itself.
    pub(super) instance: Option<u32>,
    /// Attribute of the instance.
    pub(super) attribute: Option<u32>,
    /// Electronic keys, in order; at most one for each 10 bytes of the path.
    pub(super) keys: Vec<ElectronicKey>,
    /// Microseconds between two messages of the target at least.
    pub(super) production_inhibit: Option<(u32, Span)>,
    /// Where reading stopped, if before the end. What stands above was before it.
    pub(super) stopped: Option<Malformed>,
}

/// What a device must be for a connection to be accepted.
#[derive(Clone, Copy, Debug)]
pub(super) struct ElectronicKey {
    /// How many hops of the path lead to the device that is to compare it.
    pub(super) hops: usize,
    /// 0 for any.
    pub(super) vendor_id: (u16, Span),
    /// 0 for any.
    pub(super) device_type: (u16, Span),
    /// 0 for any.
    pub(super) product_code: (u16, Span),
    /// Without the compatibility bit; 0.0 for any.
    pub(super) revision: (Revision, Span),
    /// True when a compatible device will do.
    pub(super) compatible: bool,
    /// In format 5.
    pub(super) serial_number: Option<(u32, Span)>,
}

impl Path {
    /// Reads a path that fills `path`.
    pub(super) fn read(mut path: Reader<'_>) -> Self {
        let mut read = Self::default();
        while !path.is_empty() {
            if let Err(malformed) = read.segment(&mut path) {
                read.stopped = Some(malformed);
                break;
            }
        }
        read
    }

    /// The path, if it was sound to its end.
    pub(super) fn whole(self) -> Result<Self, Malformed> {
        self.stopped.map_or(Ok(self), Err)
    }

    /// The path, if it was sound as far as its route goes: damage behind the object's class costs nothing.
    pub(super) fn routed(self) -> Result<Self, Malformed> {
        match self.stopped {
            Some(malformed) if self.class.is_none() => Err(malformed),
            _ => Ok(self),
        }
    }

    fn segment(&mut self, path: &mut Reader<'_>) -> Result<(), Malformed> {
        let start = path.at();
        let kind = path.u8("segment type")?;
        match kind & SEGMENT_TYPE {
            PORT_SEGMENT => {
                let hop = port(kind, path)?;
                pad(path, start)?;
                // A port behind the object would lead somewhere else than its start says.
                if self.class.is_some() || self.hops.len() >= CIP_ROUTE_HOPS_MAX {
                    return Err(path.impossible("port segment"));
                }
                self.hops.push(hop);
                Ok(())
            }
            LOGICAL_SEGMENT => self.logical(kind, path),
            _ if matches!(kind, INHIBIT_MILLISECONDS | INHIBIT_MICROSECONDS) => {
                self.production_inhibit = Some(production_inhibit(kind, path)?);
                Ok(())
            }
            NETWORK_SEGMENT if kind & NETWORK_HAS_SIZE != 0 => words(path),
            NETWORK_SEGMENT => path.skip("network segment value", 1),
            SYMBOLIC_SEGMENT => {
                symbol(kind, path)?;
                pad(path, start)
            }
            _ if kind == SIMPLE_DATA => words(path),
            _ if kind == EXTENDED_SYMBOL => {
                let size = path.u8("symbol size")?;
                path.skip("symbol", usize::from(size))?;
                pad(path, start)
            }
            _ => Err(path.impossible("segment type")),
        }
    }

    fn logical(&mut self, kind: u8, path: &mut Reader<'_>) -> Result<(), Malformed> {
        if kind == KEY_SEGMENT {
            let key = electronic_key(self.hops.len(), path)?;
            self.keys.push(key);
            return Ok(());
        }
        let value = match kind & LOGICAL_FORMAT {
            0 => u32::from(path.u8("logical value")?),
            1 => {
                path.skip("pad", 1)?;
                u32::from(path.u16_le("logical value")?)
            }
            2 => {
                path.skip("pad", 1)?;
                path.u32_le("logical value")?
            }
            _ => return Err(path.impossible("logical format")),
        };
        match kind & LOGICAL_TYPE {
            CLASS_ID => set(&mut self.class, value, path, "class ID"),
            INSTANCE_ID => set(&mut self.instance, value, path, "instance ID"),
            ATTRIBUTE_ID => set(&mut self.attribute, value, path, "attribute ID"),
            MEMBER_ID | CONNECTION_POINT | SERVICE_ID => Ok(()),
            _ => Err(path.impossible("logical type")),
        }
    }
}

/// A second object in one path has no agreed meaning in a request, so the first must not get its facts.
fn set(
    place: &mut Option<u32>,
    value: u32,
    path: &Reader<'_>,
    field: &'static str,
) -> Result<(), Malformed> {
    if place.is_some() {
        return Err(path.impossible(field));
    }
    *place = Some(value);
    Ok(())
}

fn port(kind: u8, path: &mut Reader<'_>) -> Result<Hop, Malformed> {
    let size = if kind & PORT_HAS_SIZE == 0 { 1 } else { path.u8("link address size")? };
    let port = match kind & PORT_IDENTIFIER {
        PORT_IS_EXTENDED => u32::from(path.u16_le("extended port identifier")?),
        port => u32::from(port),
    };
    let address = path.bytes("link address", usize::from(size))?;
    // Numeric addresses fill at most 4 bytes; a text address (of an IP network) is longer: "1.2.3.4".
    let number = match *address {
        [a] => u32::from(a),
        [a, b] => u32::from(u16::from_le_bytes([a, b])),
        [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
        _ => {
            return match text::latin1(address) {
                Some(address) => Ok(Hop::Address(port, address)),
                None => Err(path.impossible("link address")),
            };
        }
    };
    Ok(if port == BACKPLANE { Hop::Slot(number) } else { Hop::Link(port, number) })
}

fn electronic_key(hops: usize, path: &mut Reader<'_>) -> Result<ElectronicKey, Malformed> {
    let with_serial = match path.u8("key format")? {
        KEY_TABLE => false,
        KEY_TABLE_WITH_SERIAL => true,
        _ => return Err(path.impossible("key format")),
    };
    let vendor_id = number(path, "key vendor ID")?;
    let device_type = number(path, "key device type")?;
    let product_code = number(path, "key product code")?;
    let at = path.at();
    let [major, minor] = path.array("key revision")?;
    let revision = (Revision { major: major & !KEY_COMPATIBLE, minor }, path.since(at));
    let at = path.at();
    let serial = if with_serial { Some(path.u32_le("key serial number")?) } else { None };
    let serial_number = serial.map(|serial| (serial, path.since(at)));
    let compatible = major & KEY_COMPATIBLE != 0;
    Ok(ElectronicKey {
        hops,
        vendor_id,
        device_type,
        product_code,
        revision,
        compatible,
        serial_number,
    })
}

fn number(path: &mut Reader<'_>, field: &'static str) -> Result<(u16, Span), Malformed> {
    let at = path.at();
    Ok((path.u16_le(field)?, path.since(at)))
}

/// In milliseconds, one byte; or in microseconds, four bytes behind their size in words.
fn production_inhibit(kind: u8, path: &mut Reader<'_>) -> Result<(u32, Span), Malformed> {
    if kind == INHIBIT_MILLISECONDS {
        let at = path.at();
        let milliseconds = path.u8("production inhibit time")?;
        return Ok((u32::from(milliseconds).saturating_mul(1_000), path.since(at)));
    }
    let size = path.u8("production inhibit time size")?;
    let mut data = path.sub("production inhibit time", usize::from(size).saturating_mul(2))?;
    let at = data.at();
    Ok((data.u32_le("production inhibit time")?, data.since(at)))
}

fn symbol(kind: u8, path: &mut Reader<'_>) -> Result<(), Malformed> {
    let size = kind & SYMBOL_SIZE;
    if size != 0 {
        return path.skip("symbol", usize::from(size));
    }
    let format = path.u8("extended symbol format")?;
    let count = usize::from(format & SYMBOL_SIZE);
    let bytes = match (format & SEGMENT_TYPE, count) {
        (0x20, _) => count.saturating_mul(2),
        (0x40, _) => count.saturating_mul(3),
        (0xC0, 6) => 1,
        (0xC0, 7) => 2,
        (0xC0, 8) => 4,
        _ => return Err(path.impossible("extended symbol format")),
    };
    path.skip("extended symbol", bytes)
}

fn words(path: &mut Reader<'_>) -> Result<(), Malformed> {
    let words = path.u8("segment size")?;
    path.skip("segment data", usize::from(words).saturating_mul(2))
}

fn pad(path: &mut Reader<'_>, start: usize) -> Result<(), Malformed> {
    if path.since(start).len.is_multiple_of(2) { Ok(()) } else { path.skip("pad", 1) }
}

const SEGMENT_TYPE: u8 = 0xE0;
const PORT_SEGMENT: u8 = 0x00;
const LOGICAL_SEGMENT: u8 = 0x20;
const NETWORK_SEGMENT: u8 = 0x40;
const SYMBOLIC_SEGMENT: u8 = 0x60;
const SIMPLE_DATA: u8 = 0x80;
const EXTENDED_SYMBOL: u8 = 0x91;

const PORT_IDENTIFIER: u8 = 0x0F;
const PORT_IS_EXTENDED: u8 = 0x0F;
const PORT_HAS_SIZE: u8 = 0x10;
/// By convention of all chassis makers, port 1 of a module is the backplane.
const BACKPLANE: u32 = 1;

const LOGICAL_TYPE: u8 = 0x1C;
const LOGICAL_FORMAT: u8 = 0x03;
const CLASS_ID: u8 = 0x00;
const INSTANCE_ID: u8 = 0x04;
const MEMBER_ID: u8 = 0x08;
const CONNECTION_POINT: u8 = 0x0C;
const ATTRIBUTE_ID: u8 = 0x10;
const SERVICE_ID: u8 = 0x18;

const KEY_SEGMENT: u8 = 0x34;
const KEY_TABLE: u8 = 0x04;
const KEY_TABLE_WITH_SERIAL: u8 = 0x05;
const KEY_COMPATIBLE: u8 = 0x80;

const NETWORK_HAS_SIZE: u8 = 0x10;
const INHIBIT_MILLISECONDS: u8 = 0x43;
const INHIBIT_MICROSECONDS: u8 = 0x51;
const SYMBOL_SIZE: u8 = 0x1F;

#[cfg(test)]
mod tests {
    use super::*;

    fn path(bytes: &[u8]) -> Path {
        Path::read(Reader::new(bytes))
    }

    #[test]
    fn reads_logical_segments_of_all_widths() {
        let read = path(b"\x21\x00\xf5\x00\x26\x00\x01\x00\x00\x00\x30\x06");
        assert_eq!((read.class, read.instance, read.attribute), (Some(0xF5), Some(1), Some(6)));
        assert_eq!(read.stopped, None);
    }

    #[test]
    fn reads_ports_with_numeric_and_text_addresses() {
        let read = path(b"\x01\x03\x02\x07\x12\x0b192.168.1.7\x00\x1f\x02\x20\x00\x05\x01\x01\x00");
        let last = [Hop::Address(2, "192.168.1.7".into()), Hop::Link(0x20, 0x0105), Hop::Slot(0)];
        assert_eq!(read.hops, [[Hop::Slot(3), Hop::Link(2, 7)].as_slice(), &last].concat());
        assert_eq!(read.stopped, None);
    }

    #[test]
    fn passes_over_symbols_network_and_data_segments() {
        let read = path(
            b"\x43\x05\x51\x02abcd\x63abc\x60\xc7\x01\x02\x91\x03tag\x00\x80\x01xx\x20\x01\x24\x01",
        );
        assert_eq!(read.stopped, None);
        assert_eq!((read.class, read.instance), (Some(1), Some(1)));
    }

    #[test]
    fn an_electronic_key_belongs_to_the_hops_before_it() {
        let read = path(b"\x01\x02\x34\x04\x01\x00\x0e\x00\x37\x00\x94\x05\x01\x00\x20\x04");
        let key = read.keys[0];
        assert_eq!(key.hops, 1);
        assert_eq!(key.product_code, (0x37, Span { at: 8, len: 2 }));
        assert_eq!(key.revision.0.to_string(), "20.5");
        assert!(key.compatible);
        assert_eq!(read.hops.len(), 2);
    }

    #[test]
    fn a_path_of_two_objects_is_not_the_first_ones() {
        assert!(path(b"\x20\x01\x24\x01\x20\xf5\x24\x01").whole().is_err());
    }

    #[test]
    fn a_cut_path_keeps_nothing_it_did_not_read() {
        let bytes =
            b"\x12\x0b192.168.1.7\x00\x34\x04\x01\x00\x0e\x00\x37\x00\x14\x05\x20\x02\x24\x01";
        for cut in 0..bytes.len() {
            let read = path(&bytes[..cut]);
            assert_eq!(read.hops.len(), usize::from(cut >= 14));
            assert_eq!(read.keys.len(), usize::from(cut >= 24));
            assert_eq!(read.class.is_some(), cut >= 26);
        }
    }

    #[test]
    fn more_hops_than_any_real_route_are_refused() {
        assert!(path(&[1; 2 * CIP_ROUTE_HOPS_MAX]).whole().is_ok());
        assert!(path(&[1; 2 * CIP_ROUTE_HOPS_MAX + 2]).routed().is_err());
    }
}
