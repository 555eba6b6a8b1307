//! Cisco Discovery Protocol, versions 1 and 2, as Cisco switches, routers, access points and telephones announce themselves.
//!
//! Read: device identifier, platform, software version, addresses, port, capabilities, VTP domain, native VLAN, system name
//! and object identifier, management addresses and location. Skipped: power, duplex, voice VLAN and routing TLVs.
//!
//! Cisco, "Understanding the CDP Packet Format" (Cisco IOS Configuration Fundamentals, 2002); later TLVs as lldpd and
//! Wireshark name them. The frame is IEEE 802.2 with SNAP, organization 00-00-0C, protocol 0x2000.
//!
//! ```text
//! 0         1              2          4
//! ┌─────────┬──────────────┬──────────┬───────────────────────────────────────────────┐
//! │ version │ time to live │ checksum │ TLVs: type 2, length 2 (its own 4 too), value │  big-endian
//! └─────────┴──────────────┴──────────┴───────────────────────────────────────────────┘
//! ```

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::flow::{Attach, Input};
use crate::model::limits::CDP_ADDRESSES_MAX;
use crate::model::{Key, Subject};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "cdp",
    spec: "Cisco, CDP Packet Format (2002)",
    attach: &[Attach::Ether(0x2000)],
    keys: &[&[
        VERSION,
        DEVICE_ID,
        ADDRESS,
        PORT_ID,
        CAPABILITIES,
        SOFTWARE_VERSION,
        PLATFORM,
        VTP_DOMAIN,
        NATIVE_VLAN,
        SYSTEM_NAME,
        SYSTEM_OBJECT_ID,
        MANAGEMENT_ADDRESS,
        LOCATION,
    ]],
    probe,
    start: || Box::new(Cdp),
};

/// Version of the protocol.
const VERSION: Key = Key::one("cdp.version");
/// What the device calls itself: a host name, sometimes a serial number or a MAC address.
const DEVICE_ID: Key = Key::one("cdp.device_id");
/// Addresses of the sending port, or of the device where the port has none.
const ADDRESS: Key = Key::several("cdp.address");
/// The sending port. A device with several ports sends several.
const PORT_ID: Key = Key::several("cdp.port_id");
/// What the device is, by the names of its capability bits: `router, switch`.
const CAPABILITIES: Key = Key::one("cdp.capabilities");
/// Operating system and version in the maker's words; several lines.
const SOFTWARE_VERSION: Key = Key::one("cdp.software_version");
/// Model, with the maker's name in front or not.
const PLATFORM: Key = Key::one("cdp.platform");
/// VLAN Trunking Protocol domain.
const VTP_DOMAIN: Key = Key::one("cdp.vtp_domain");
/// VLAN of untagged frames on a sending port.
const NATIVE_VLAN: Key = Key::several("cdp.native_vlan");
/// sysName.
const SYSTEM_NAME: Key = Key::one("cdp.system_name");
/// sysObjectID.
const SYSTEM_OBJECT_ID: Key = Key::one("cdp.system_object_id");
/// Addresses to manage the device at.
const MANAGEMENT_ADDRESS: Key = Key::several("cdp.management_address");
/// Where the device stands, as its owner wrote it down.
const LOCATION: Key = Key::one("cdp.location");

struct Cdp;

impl Dissector for Cdp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let subject = Subject::node(input.sender());
        if let Err(malformed) = packet(&subject, input.bytes, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

/// Organization and protocol number of the frame make it CDP; other bytes that look like it prove nothing.
fn probe(bytes: &[u8]) -> Probe {
    match bytes {
        [1 | 2, _, _, _, 0, ..] => Probe::Maybe,
        [1 | 2, ..] if bytes.len() < 5 => Probe::More,
        [] => Probe::More,
        _ => Probe::No,
    }
}

/// Reads one packet. What stands before a damaged TLV has been said when it fails.
fn packet(subject: &Subject, bytes: &[u8], out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = Reader::new(bytes);
    let start = r.at();
    let version = r.u8("version")?;
    let span = r.since(start);
    if !matches!(version, 1 | 2) {
        return Err(r.impossible("version"));
    }
    r.u8("time to live")?;
    r.u16_be("checksum")?;
    let mut is_first = true;
    while !r.is_empty() {
        let kind = r.u16_be("TLV type")?;
        let length = usize::from(r.u16_be("TLV length")?);
        let Some(length) = length.checked_sub(TLV_HEAD_BYTES) else {
            return Err(r.impossible("TLV length"));
        };
        let value = r.sub("TLV value", length)?;
        if std::mem::take(&mut is_first) {
            out.uint(subject, VERSION, version, span);
        }
        // A TLV that is wrong inside costs only itself: its length was sound.
        if let Err(malformed) = tlv(subject, kind, value, out) {
            out.damaged(malformed);
        }
    }
    Ok(())
}

fn tlv(
    subject: &Subject,
    kind: u16,
    mut value: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = value.at();
    let key = match kind {
        0x0001 => DEVICE_ID,
        0x0002 => return addresses(subject, ADDRESS, value, out),
        0x0003 => PORT_ID,
        0x0004 => {
            let bits = value.u32_be("capabilities")?;
            let names: Vec<&str> = CAPABILITY_BITS
                .iter()
                .filter(|(bit, _)| bits & bit != 0)
                .map(|(_, name)| *name)
                .collect();
            out.text(subject, CAPABILITIES, &names.join(", "), value.since(start));
            return Ok(());
        }
        0x0005 => SOFTWARE_VERSION,
        0x0006 => PLATFORM,
        0x0009 => VTP_DOMAIN,
        0x000a => {
            let vlan = value.u16_be("native VLAN")?;
            out.uint(subject, NATIVE_VLAN, vlan, value.since(start));
            return Ok(());
        }
        0x0014 => SYSTEM_NAME,
        0x0015 => {
            let bytes = value.rest();
            let span = value.since(start);
            if let Some(text) = dotted(bytes) {
                out.text(subject, SYSTEM_OBJECT_ID, &text, span);
            }
            return Ok(());
        }
        0x0016 => return addresses(subject, MANAGEMENT_ADDRESS, value, out),
        0x0017 => {
            // A number whose meaning nobody has told stands in front of the text.
            value.u8("location type")?;
            LOCATION
        }
        _ => return Ok(()),
    };
    let start = value.at();
    let bytes = value.rest();
    readable::say_lines(out, subject, key, bytes, value.since(start));
    Ok(())
}

/// A number of addresses: protocol type, length of the protocol, protocol, length of the address, address.
fn addresses(
    subject: &Subject,
    key: Key,
    mut value: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let count = usize::try_from(value.u32_be("number of addresses")?).unwrap_or(usize::MAX);
    if count > CDP_ADDRESSES_MAX {
        out.count("cdp.addresses_over_limit");
    }
    for _ in 0..count.min(CDP_ADDRESSES_MAX) {
        value.u8("protocol type")?;
        let length = usize::from(value.u8("protocol length")?);
        let protocol = value.bytes("protocol", length)?;
        let length = usize::from(value.u16_be("address length")?);
        let start = value.at();
        let address = value.bytes("address", length)?;
        let span: Span = value.since(start);
        let text = match (protocol, address.len()) {
            (IPV4, 4) => <[u8; 4]>::try_from(address).ok().map(|a| Ipv4Addr::from(a).to_string()),
            (IPV6, 16) => <[u8; 16]>::try_from(address).ok().map(|a| Ipv6Addr::from(a).to_string()),
            _ => None,
        };
        match text {
            Some(text) => out.text(subject, key, &text, span),
            None => out.bytes(subject, key, address, span),
        }
    }
    Ok(())
}

/// An object identifier in the basic encoding rules: tag 6, a length, then seven bits of a number to a byte. `None` for what
/// is none: some devices leave the tag away.
fn dotted(bytes: &[u8]) -> Option<String> {
    let mut r = Reader::new(bytes);
    if r.u8("tag").ok()? != OBJECT_IDENTIFIER {
        return None;
    }
    let length = usize::from(r.u8("length").ok()?);
    let mut body = r.sub("system object identifier", length).ok()?;
    let first = body.u8("system object identifier").ok()?;
    let mut text = format!("{}.{}", first.checked_div(40)?, first.checked_rem(40)?);
    let mut number = 0_u32;
    while !body.is_empty() {
        let byte = body.u8("system object identifier").ok()?;
        number = number.checked_mul(128)?.checked_add(u32::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            text.push_str(&format!(".{number}"));
            number = 0;
        }
    }
    Some(text)
}

const TLV_HEAD_BYTES: usize = 4;
const OBJECT_IDENTIFIER: u8 = 0x06;
/// Protocols of addresses: a network layer identifier (ISO 9577), and LLC with SNAP and the Ethernet type of IPv6.
const IPV4: &[u8] = &[0xcc];
const IPV6: &[u8] = &[0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00, 0x86, 0xdd];

/// Capability bits and what they are called.
const CAPABILITY_BITS: &[(u32, &str)] = &[
    (0x0001, "router"),
    (0x0002, "transparent bridge"),
    (0x0004, "source route bridge"),
    (0x0008, "switch"),
    (0x0010, "host"),
    (0x0020, "IGMP capable"),
    (0x0040, "repeater"),
    (0x0080, "telephone"),
    (0x0100, "remotely managed"),
];
