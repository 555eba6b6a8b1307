//! Link Layer Discovery Protocol (IEEE 802.1AB-2016, clauses 8 and 9).
//!
//! Read: chassis and port identifiers, descriptions, system name, capabilities and management addresses; of
//! the organizationally specific TLVs, what names a device and its ports: PROFINET (IEC 61158-6-10, 4.3.1.4: chassis MAC,
//! port states, cable delay, alias, ring and clock), LLDP-MED (ANSI/TIA-1057, 10.2: sort of device, inventory), VLANs of
//! IEEE 802.1 (IEEE 802.1Q, annex D), transceiver and frame size of IEEE 802.3 (clause 79).
//! Skipped: time to live, power, policy and location TLVs, interface numbers and object identifiers.
//!
//! ```text
//! 0 ───── 7 ──────── 16
//! ┌───────┬─────────┬───────────────────────────────┐
//! │ type  │ length  │ information string            │  repeated: chassis ID, port ID, time to live, others, end
//! │ 7 bit │ 9 bit   │ of `length` bytes             │
//! └───────┴─────────┴───────────────────────────────┘
//!   type 127:  OUI (3 bytes), subtype (1 byte), organizationally defined string
//! ```

mod organization;
#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::flow::{Attach, Input};
use crate::model::{Key, Mac, Subject};
use crate::protocols::shared::readable;
use crate::protocols::{Dissector, Probe, Protocol, Sink, Step};
use crate::wire::{Malformed, Reader, Span};

/// See [`crate::protocols`].
pub(super) const PROTOCOL: Protocol = Protocol {
    name: "lldp",
    spec: "IEEE 802.1AB-2016; ANSI/TIA-1057; IEC 61158-6-10",
    attach: &[Attach::Ether(0x88cc)],
    keys: &[&[
        CHASSIS_ID,
        PORT_ID,
        PORT_DESCRIPTION,
        SYSTEM_NAME,
        SYSTEM_DESCRIPTION,
        SYSTEM_CAPABILITIES,
        ENABLED_CAPABILITIES,
        MANAGEMENT_ADDRESS,
        organization::PORT_VLAN_ID,
        organization::VLAN_NAME,
        organization::MAU_TYPE,
        organization::MAXIMUM_FRAME_SIZE,
        organization::PROFINET_CHASSIS_MAC,
        organization::PROFINET_CABLE_DELAY,
        organization::PROFINET_ALIAS,
        organization::PROFINET_MRP_DOMAIN,
        organization::PROFINET_PTCP_MASTER,
        organization::PROFINET_RT_CLASS_2_PORT_STATUS,
        organization::PROFINET_RT_CLASS_3_PORT_STATUS,
        organization::MED_DEVICE_TYPE,
        organization::MED_HARDWARE_REVISION,
        organization::MED_FIRMWARE_REVISION,
        organization::MED_SOFTWARE_REVISION,
        organization::MED_SERIAL_NUMBER,
        organization::MED_MANUFACTURER_NAME,
        organization::MED_MODEL_NAME,
        organization::MED_ASSET_ID,
    ]],
    probe,
    start: || Box::new(Lldp),
};

/// Identifier of the chassis: a MAC or network address in its usual spelling, else a name, else raw bytes.
const CHASSIS_ID: Key = Key::one("lldp.chassis_id");
/// Identifier of the sending port, spelled likewise. A device with several ports sends several.
const PORT_ID: Key = Key::several("lldp.port_id");
/// What the sender calls that port.
const PORT_DESCRIPTION: Key = Key::several("lldp.port_description");
/// Administratively assigned name (sysName).
const SYSTEM_NAME: Key = Key::one("lldp.system_name");
/// Hardware, operating system and software in the vendor's words (sysDescr).
const SYSTEM_DESCRIPTION: Key = Key::one("lldp.system_description");
/// Bit map of what the device can be (8.5.8.1).
const SYSTEM_CAPABILITIES: Key = Key::one("lldp.system_capabilities");
/// Names of the capabilities that are switched on, in the order of their bits: `bridge, router`.
const ENABLED_CAPABILITIES: Key = Key::one("lldp.enabled_capabilities");
/// An address to manage the device at.
const MANAGEMENT_ADDRESS: Key = Key::several("lldp.management_address");

struct Lldp;

impl Dissector for Lldp {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let subject = Subject::node(input.sender());
        if let Err(malformed) = data_unit(&subject, input.bytes, out) {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len().max(1))
    }
}

/// The Ethernet type alone makes a frame LLDP; other bytes that look like it prove nothing.
fn probe(bytes: &[u8]) -> Probe {
    match tlv(&mut Reader::new(bytes)) {
        Ok((CHASSIS_ID_TLV, value)) if (2..=256).contains(&value.left()) => Probe::Maybe,
        Ok(_) => Probe::No,
        Err(_) => Probe::More,
    }
}

/// Reads one LLDPDU. What stands before a damaged TLV has been said when it fails.
fn data_unit(subject: &Subject, bytes: &[u8], out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = Reader::new(bytes);
    // The first two TLVs are not optional (8.2), and without them the rest is not worth believing.
    for (expected, key, field) in
        [(CHASSIS_ID_TLV, CHASSIS_ID, "chassis ID"), (PORT_ID_TLV, PORT_ID, "port ID")]
    {
        let (kind, value) = tlv(&mut r)?;
        if kind != expected || value.left() < 2 {
            return Err(value.impossible(field));
        }
        identifier(subject, key, expected, value, out)?;
    }
    while !r.is_empty() {
        let (kind, value) = tlv(&mut r)?;
        if kind == END_TLV {
            break;
        }
        // A TLV that is wrong inside costs only itself: its length was sound.
        if let Err(malformed) = optional(subject, kind, value, out) {
            out.damaged(malformed);
        }
    }
    Ok(())
}

fn tlv<'a>(r: &mut Reader<'a>) -> Result<(u8, Reader<'a>), Malformed> {
    let head = r.u16_be("TLV type and length")?;
    let kind = u8::try_from(head >> 9).unwrap_or(u8::MAX);
    Ok((kind, r.sub("TLV information string", usize::from(head & 0x01ff))?))
}

fn optional(
    subject: &Subject,
    kind: u8,
    mut value: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let key = match kind {
        PORT_DESCRIPTION_TLV => PORT_DESCRIPTION,
        SYSTEM_NAME_TLV => SYSTEM_NAME,
        SYSTEM_DESCRIPTION_TLV => SYSTEM_DESCRIPTION,
        SYSTEM_CAPABILITIES_TLV => return capabilities(subject, value, out),
        MANAGEMENT_ADDRESS_TLV => return management_address(subject, value, out),
        ORGANIZATION_TLV => return organization::read(subject, value, out),
        _ => return Ok(()),
    };
    let (text, span) = all(&mut value);
    readable::say_lines(out, subject, key, text, span);
    Ok(())
}

/// A chassis or port identifier: subtype, then 1 to 255 bytes whose reading the subtype tells (8.5.2, 8.5.3).
fn identifier(
    subject: &Subject,
    key: Key,
    kind: u8,
    mut value: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let subtype = value.u8("ID subtype")?;
    let (mac, network) =
        if kind == CHASSIS_ID_TLV { CHASSIS_ADDRESS_SUBTYPES } else { PORT_ADDRESS_SUBTYPES };
    if subtype == network {
        let family = value.u8("network address family")?;
        address(subject, key, family, value, out);
    } else if subtype == mac {
        address(subject, key, FAMILY_IEEE_802, value, out);
    } else {
        let (id, span) = all(&mut value);
        readable::say(out, subject, key, id, span);
    }
    Ok(())
}

/// An address in its usual spelling where family and length fit together, else its bytes.
fn address(subject: &Subject, key: Key, family: u8, mut value: Reader<'_>, out: &mut Sink<'_>) {
    let (bytes, span) = all(&mut value);
    let text = match (family, bytes.len()) {
        (FAMILY_IPV4, 4) => array(bytes).map(|octets: [u8; 4]| Ipv4Addr::from(octets).to_string()),
        (FAMILY_IPV6, 16) => {
            array(bytes).map(|octets: [u8; 16]| Ipv6Addr::from(octets).to_string())
        }
        (FAMILY_IEEE_802, 6) => array(bytes).map(|octets| Mac(octets).to_string()),
        _ => None,
    };
    match text {
        Some(text) => out.text(subject, key, &text, span),
        None => out.bytes(subject, key, bytes, span),
    }
}

/// 8.5.8: what the device can be, and which of it is switched on.
fn capabilities(
    subject: &Subject,
    mut value: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = value.at();
    let able = value.u16_be("system capabilities")?;
    out.uint(subject, SYSTEM_CAPABILITIES, able, value.since(start));
    let start = value.at();
    let enabled = value.u16_be("enabled capabilities")?;
    let names: Vec<&str> =
        CAPABILITIES.iter().filter(|(bit, _)| enabled & bit != 0).map(|(_, name)| *name).collect();
    out.text(subject, ENABLED_CAPABILITIES, &names.join(", "), value.since(start));
    Ok(())
}

/// 8.5.9: length of subtype and address, subtype, address; interface and object identifier follow.
fn management_address(
    subject: &Subject,
    mut value: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let length = value.u8("management address string length")?;
    let mut string = value.sub("management address", usize::from(length))?;
    let family = string.u8("management address subtype")?;
    address(subject, MANAGEMENT_ADDRESS, family, string, out);
    Ok(())
}

/// All that is left of a value, and where it lies.
fn all<'a>(value: &mut Reader<'a>) -> (&'a [u8], Span) {
    let start = value.at();
    (value.rest(), value.since(start))
}

fn array<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

const END_TLV: u8 = 0;
const CHASSIS_ID_TLV: u8 = 1;
const PORT_ID_TLV: u8 = 2;
const PORT_DESCRIPTION_TLV: u8 = 4;
const SYSTEM_NAME_TLV: u8 = 5;
const SYSTEM_DESCRIPTION_TLV: u8 = 6;
const SYSTEM_CAPABILITIES_TLV: u8 = 7;
const MANAGEMENT_ADDRESS_TLV: u8 = 8;
const ORGANIZATION_TLV: u8 = 127;

/// Chassis ID subtypes that hold a MAC address and a network address (table 8-2); the others are names.
const CHASSIS_ADDRESS_SUBTYPES: (u8, u8) = (4, 5);
/// Port ID subtypes that hold a MAC address and a network address (table 8-3); the others are names.
const PORT_ADDRESS_SUBTYPES: (u8, u8) = (3, 4);

/// Address family numbers of IANA.
const FAMILY_IPV4: u8 = 1;
const FAMILY_IPV6: u8 = 2;
const FAMILY_IEEE_802: u8 = 6;

/// Capability bits and what they are called (table 8-4).
const CAPABILITIES: &[(u16, &str)] = &[
    (0x0001, "other"),
    (0x0002, "repeater"),
    (0x0004, "bridge"),
    (0x0008, "WLAN access point"),
    (0x0010, "router"),
    (0x0020, "telephone"),
    (0x0040, "DOCSIS cable device"),
    (0x0080, "station only"),
    (0x0100, "C-VLAN component"),
    (0x0200, "S-VLAN component"),
    (0x0400, "two-port MAC relay"),
];
