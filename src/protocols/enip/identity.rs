//! Objects that tell what a device is, attribute by attribute.
//!
//! Identity (CIP Networks Library volume 1, edition 3.x, section 5A-2), TCP/IP Interface and Ethernet Link
//! (volume 2, edition 1.x, sections 5-4 and 5-5), and Program Name of Logix controllers (class 0x64).
//! Numbers are little-endian, strings ISO 8859-1 after their length. Attributes that are not listed here are
//! passed over where their size is known, and end the reading of a list where it is not.

use std::fmt;
use std::net::Ipv4Addr;

use crate::model::{Key, Mac, Subject};
use crate::protocols::Sink;
use crate::protocols::enip::cip::Object;
use crate::protocols::enip::keys;
use crate::wire::{Malformed, Reader, text};

/// Major and minor revision; prints as `4.3`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Revision {
    /// Says what interface the device has.
    pub(super) major: u8,
    /// Counts changes that do not touch the interface.
    pub(super) minor: u8,
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A serial number as tools and labels print it.
pub(super) fn serial_number(serial: u32) -> String {
    format!("{serial:08X}")
}

/// Says what one subject tells about itself.
pub(super) struct Facts<'s, 'i> {
    /// The device.
    pub(super) subject: Subject,
    /// Where to say it.
    pub(super) out: &'s mut Sink<'i>,
}

impl Facts<'_, '_> {
    /// Reads the attributes of one object in their order, as Get_Attributes_All brings them.
    pub(super) fn all(&mut self, object: Object, data: &mut Reader<'_>) -> Result<(), Malformed> {
        match object {
            Object::Identity => {
                self.identity(data)?;
                // Beyond the name attributes are optional. A single zero is the padding of a service in a
                // packet: state 0 would mean that the device does not exist.
                if !matches!(data.peek(), [] | [0]) {
                    self.attribute(object, 8, data)?;
                }
                if data.left() >= 2 {
                    self.attribute(object, 9, data)?;
                }
                Ok(())
            }
            Object::TcpIpInterface => self.attributes(object, 1..=6, data),
            Object::EthernetLink => self.attributes(object, 1..=3, data),
            Object::ProgramName => self.attributes(object, 1..=1, data),
        }
    }

    /// Reads attributes 1 to 7 of the Identity object, which also stand in the answer to ListIdentity.
    pub(super) fn identity(&mut self, data: &mut Reader<'_>) -> Result<(), Malformed> {
        self.attributes(Object::Identity, 1..=7, data)
    }

    fn attributes(
        &mut self,
        object: Object,
        mut numbers: impl Iterator<Item = u16>,
        data: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        numbers.try_for_each(|number| self.attribute(object, number, data).map(|_| ()))
    }

    /// Reads the attributes of a Get_Attribute_List reply: number, state, and the value if the state is 0.
    pub(super) fn list(&mut self, object: Object, data: &mut Reader<'_>) -> Result<(), Malformed> {
        let count = data.u16_le("attribute count")?;
        for _ in 0..count {
            let number = data.u16_le("attribute ID")?;
            let status = data.u16_le("attribute status")?;
            if status == 0 && !self.attribute(object, number, data)? {
                self.out.count("enip.unknown_attribute");
                break;
            }
        }
        Ok(())
    }

    /// Reads one attribute. False when its size is not known: then nothing was read.
    pub(super) fn attribute(
        &mut self,
        object: Object,
        number: u16,
        data: &mut Reader<'_>,
    ) -> Result<bool, Malformed> {
        match object {
            Object::Identity => self.identity_attribute(number, data),
            Object::TcpIpInterface => self.interface_attribute(number, data),
            Object::EthernetLink => self.link_attribute(number, data),
            Object::ProgramName => {
                if number == 1 {
                    self.string(keys::PROGRAM_NAME, "program name", data)?;
                }
                Ok(number == 1)
            }
        }
    }

    fn identity_attribute(
        &mut self,
        number: u16,
        data: &mut Reader<'_>,
    ) -> Result<bool, Malformed> {
        match number {
            1 => self.u16(keys::VENDOR_ID, "vendor ID", data)?,
            2 => self.u16(keys::DEVICE_TYPE, "device type", data)?,
            3 => self.u16(keys::PRODUCT_CODE, "product code", data)?,
            4 => {
                let at = data.at();
                let [major, minor] = data.array("revision")?;
                let revision = Revision { major, minor }.to_string();
                self.out.text(&self.subject, keys::REVISION, &revision, data.since(at));
            }
            5 => self.u16(keys::STATUS, "status", data)?,
            6 => {
                let at = data.at();
                let serial = serial_number(data.u32_le("serial number")?);
                self.out.text(&self.subject, keys::SERIAL_NUMBER, &serial, data.since(at));
            }
            7 => {
                let size = data.u8("product name length")?;
                self.characters(keys::PRODUCT_NAME, "product name", usize::from(size), data)?;
            }
            8 => {
                let at = data.at();
                let state = data.u8("state")?;
                self.out.uint(&self.subject, keys::STATE, state, data.since(at));
            }
            9 => self.u16(keys::CONFIGURATION_CONSISTENCY, "configuration consistency", data)?,
            10 => data.skip("heartbeat interval", 1)?,
            11 => data.skip("active language", 3)?,
            15 => self.international(keys::ASSIGNED_NAME, "assigned name", data)?,
            16 => self.international(keys::ASSIGNED_DESCRIPTION, "assigned description", data)?,
            17 => self.international(keys::GEOGRAPHIC_LOCATION, "geographic location", data)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn interface_attribute(
        &mut self,
        number: u16,
        data: &mut Reader<'_>,
    ) -> Result<bool, Malformed> {
        match number {
            1 => data.skip("status", 4)?,
            2 => data.skip("configuration capability", 4)?,
            3 => data.skip("configuration control", 4)?,
            4 => {
                let words = data.u16_le("physical link path size")?;
                data.skip("physical link path", usize::from(words).saturating_mul(2))?;
            }
            5 => {
                let at = data.at();
                let address = Ipv4Addr::from_bits(data.u32_le("IP address")?);
                if !address.is_unspecified() {
                    let address = address.to_string();
                    self.out.text(&self.subject, keys::IP_ADDRESS, &address, data.since(at));
                }
                data.skip("network mask, gateway and name servers", 16)?;
                self.string(keys::DOMAIN_NAME, "domain name", data)?;
            }
            6 => self.string(keys::HOST_NAME, "host name", data)?,
            7 => data.skip("safety network number", 6)?,
            8 => data.skip("TTL value", 1)?,
            9 => data.skip("multicast configuration", 8)?,
            10 => data.skip("select address conflict detection", 1)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn link_attribute(&mut self, number: u16, data: &mut Reader<'_>) -> Result<bool, Malformed> {
        match number {
            1 => data.skip("interface speed", 4)?,
            2 => data.skip("interface flags", 4)?,
            3 => {
                let at = data.at();
                let mac = Mac(data.array("physical address")?);
                if !mac.is_zero() && !mac.is_group() {
                    let mac = mac.to_string();
                    self.out.text(&self.subject, keys::MAC_ADDRESS, &mac, data.since(at));
                }
            }
            4 => data.skip("interface counters", 44)?,
            5 => data.skip("media counters", 48)?,
            6 => data.skip("interface control", 4)?,
            7 => data.skip("interface type", 1)?,
            8 => data.skip("interface state", 1)?,
            9 => data.skip("administrative state", 1)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Says a number.
    pub(super) fn u16(
        &mut self,
        key: Key,
        field: &'static str,
        data: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        let at = data.at();
        let number = data.u16_le(field)?;
        self.out.uint(&self.subject, key, number, data.since(at));
        Ok(())
    }

    fn characters(
        &mut self,
        key: Key,
        field: &'static str,
        size: usize,
        data: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        let at = data.at();
        let characters = data.bytes(field, size)?;
        if let Some(characters) = text::latin1(characters) {
            self.out.text(&self.subject, key, &characters, data.since(at));
        }
        Ok(())
    }

    /// A STRING, padded to an even size where something follows.
    fn string(
        &mut self,
        key: Key,
        field: &'static str,
        data: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        let size = usize::from(data.u16_le(field)?);
        self.characters(key, field, size, data)?;
        if size & 1 == 1 && !data.is_empty() {
            data.skip("pad", 1)?;
        }
        Ok(())
    }

    /// A STRINGI: the same text in several languages. The first is said, the others are passed over.
    ///
    /// ```text
    ///   number of strings 1   { language 3   type 1   character set 2   [size of a character 2]   length   text }
    /// ```
    fn international(
        &mut self,
        key: Key,
        field: &'static str,
        data: &mut Reader<'_>,
    ) -> Result<(), Malformed> {
        for number in 0..data.u8("number of strings")? {
            data.skip("language", 3)?;
            let kind = data.u8("string type")?;
            let set = data.u16_le("character set")?;
            let width = match kind {
                STRING | SHORT_STRING => 1,
                STRING_2 => 2,
                STRING_N => usize::from(data.u16_le("character size")?),
                _ => return Err(data.impossible("string type")),
            };
            let count = match kind {
                SHORT_STRING => usize::from(data.u8("string length")?),
                _ => usize::from(data.u16_le("string length")?),
            };
            let at = data.at();
            let bytes = data.bytes(field, count.saturating_mul(width))?;
            let decoded = match (width, set) {
                (1, UTF_8) => text::utf8(bytes),
                (1, _) => text::latin1(bytes),
                (2, _) => text::utf16_le(bytes),
                _ => None,
            };
            if let (0, Some(decoded)) = (number, decoded) {
                self.out.text(&self.subject, key, &decoded, data.since(at));
            }
        }
        Ok(())
    }
}

const STRING: u8 = 0xD0;
const STRING_2: u8 = 0xD5;
const STRING_N: u8 = 0xD9;
const SHORT_STRING: u8 = 0xDA;
/// Number of UTF-8 in the register of character sets (RFC 1759).
const UTF_8: u16 = 106;
