//! Organizationally specific TLVs (IEEE 802.1AB-2016, 8.6): those that name a device, its VLANs, its ring and its clock.

use crate::model::{Key, Mac, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader};

/// VLAN of untagged frames on a sending port (IEEE 802.1 TLV 1).
pub(super) const PORT_VLAN_ID: Key = Key::several("lldp.port_vlan_id");
/// VLANs of the sending port by number and name (IEEE 802.1 TLV 3): `31: control`.
pub(super) const VLAN_NAME: Key = Key::several("lldp.vlan_name");
/// What the sending port's transceiver is: dot3MauType of RFC 4836 (IEEE 802.3 TLV 1).
pub(super) const MAU_TYPE: Key = Key::several("lldp.mau_type");
/// Largest frame the port takes, in bytes (IEEE 802.3 TLV 4).
pub(super) const MAXIMUM_FRAME_SIZE: Key = Key::one("lldp.maximum_frame_size");
/// MAC address of the PROFINET device itself, where its ports have their own.
pub(super) const PROFINET_CHASSIS_MAC: Key = Key::one("lldp.profinet_chassis_mac");
/// Delay of the cable at a port, in nanoseconds as the device measured it, in whole hundreds: some twenty metres each.
pub(super) const PROFINET_CABLE_DELAY: Key = Key::several("lldp.profinet_cable_delay");
/// Name of a PROFINET port as its neighbour knows it: `port-001.plc-7`.
pub(super) const PROFINET_ALIAS: Key = Key::several("lldp.profinet_alias");
/// Media redundancy domain (ring) that a port belongs to.
pub(super) const PROFINET_MRP_DOMAIN: Key = Key::several("lldp.profinet_mrp_domain");
/// MAC address of the clock that a port follows (PTCP).
pub(super) const PROFINET_PTCP_MASTER: Key = Key::one("lldp.profinet_ptcp_master");
/// State of the port for real-time class 2.
pub(super) const PROFINET_RT_CLASS_2_PORT_STATUS: Key =
    Key::one("lldp.profinet_rt_class_2_port_status");
/// State of the port for real-time class 3 (isochronous).
pub(super) const PROFINET_RT_CLASS_3_PORT_STATUS: Key =
    Key::one("lldp.profinet_rt_class_3_port_status");
/// LLDP-MED: what sort of endpoint it is.
pub(super) const MED_DEVICE_TYPE: Key = Key::one("lldp.med_device_type");
/// LLDP-MED inventory: hardware revision.
pub(super) const MED_HARDWARE_REVISION: Key = Key::one("lldp.med_hardware_revision");
/// LLDP-MED inventory: firmware revision.
pub(super) const MED_FIRMWARE_REVISION: Key = Key::one("lldp.med_firmware_revision");
/// LLDP-MED inventory: software revision.
pub(super) const MED_SOFTWARE_REVISION: Key = Key::one("lldp.med_software_revision");
/// LLDP-MED inventory: serial number.
pub(super) const MED_SERIAL_NUMBER: Key = Key::one("lldp.med_serial_number");
/// LLDP-MED inventory: manufacturer.
pub(super) const MED_MANUFACTURER_NAME: Key = Key::one("lldp.med_manufacturer_name");
/// LLDP-MED inventory: model.
pub(super) const MED_MODEL_NAME: Key = Key::one("lldp.med_model_name");
/// LLDP-MED inventory: asset identifier, as the owner gave it.
pub(super) const MED_ASSET_ID: Key = Key::one("lldp.med_asset_id");

/// Reads the information string of a TLV of type 127.
pub(super) fn read(
    subject: &Subject,
    mut value: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let organization = value.array("organizationally unique identifier")?;
    let subtype = value.u8("organizationally defined subtype")?;
    match organization {
        IEEE_802_1 => ieee_802_1(subject, subtype, value, out),
        IEEE_802_3 => ieee_802_3(subject, subtype, value, out),
        PROFINET => profinet(subject, subtype, value, out),
        TIA => med(subject, subtype, value, out),
        _ => Ok(()),
    }
}

fn ieee_802_1(
    subject: &Subject,
    subtype: u8,
    mut value: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let start = value.at();
    match subtype {
        1 => {
            let vlan = value.u16_be("port VLAN identifier")?;
            // Zero says that the port has none.
            if vlan != 0 {
                out.uint(subject, PORT_VLAN_ID, vlan, value.since(start));
            }
        }
        3 => {
            let vlan = value.u16_be("VLAN identifier")?;
            let length = usize::from(value.u8("VLAN name length")?);
            let name = value.bytes("VLAN name", length)?;
            if let Some(name) = readable::readable(name) {
                out.text(subject, VLAN_NAME, &format!("{vlan}: {name}"), value.since(start));
            }
        }
        _ => {}
    }
    Ok(())
}

fn ieee_802_3(
    subject: &Subject,
    subtype: u8,
    mut value: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    match subtype {
        1 => {
            value.skip("auto-negotiation support", 3)?;
            let start = value.at();
            let kind = value.u16_be("operational MAU type")?;
            out.uint(subject, MAU_TYPE, kind, value.since(start));
        }
        4 => {
            let start = value.at();
            let size = value.u16_be("maximum 802.3 frame size")?;
            out.uint(subject, MAXIMUM_FRAME_SIZE, size, value.since(start));
        }
        _ => {}
    }
    Ok(())
}

/// IEC 61158-6-10, 4.3.1.4.
fn profinet(
    subject: &Subject,
    subtype: u8,
    mut value: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    match subtype {
        1 => {
            value.skip("port delays", 16)?;
            let start = value.at();
            let delay = value.u32_be("CableDelayLocal")?;
            // The last digits differ with every measurement, and nobody needs them.
            let hundreds = delay.checked_div(100).unwrap_or_default().saturating_mul(100);
            if delay != 0 {
                out.uint(subject, PROFINET_CABLE_DELAY, hundreds, value.since(start));
            }
        }
        2 => {
            for (key, field) in [
                (PROFINET_RT_CLASS_2_PORT_STATUS, "RTClass2_PortStatus"),
                (PROFINET_RT_CLASS_3_PORT_STATUS, "RTClass3_PortStatus"),
            ] {
                let start = value.at();
                let status = value.u16_be(field)?;
                out.uint(subject, key, status, value.since(start));
            }
        }
        3 => {
            let start = value.at();
            let name = value.rest();
            readable::say(out, subject, PROFINET_ALIAS, name, value.since(start));
        }
        4 => {
            let start = value.at();
            let domain = uuid(value.array("MRP_DomainUUID")?);
            out.text(subject, PROFINET_MRP_DOMAIN, &domain, value.since(start));
        }
        5 => {
            let start = value.at();
            let mac = Mac(value.array("CMMACAdd")?);
            out.text(subject, PROFINET_CHASSIS_MAC, &mac.to_string(), value.since(start));
        }
        6 => {
            let start = value.at();
            let mac = Mac(value.array("PTCP_MasterSourceAddress")?);
            if !mac.is_zero() && !mac.is_group() {
                out.text(subject, PROFINET_PTCP_MASTER, &mac.to_string(), value.since(start));
            }
        }
        _ => {}
    }
    Ok(())
}

/// ANSI/TIA-1057, 10.2.
fn med(
    subject: &Subject,
    subtype: u8,
    mut value: Reader<'_>,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    if subtype == 1 {
        value.skip("LLDP-MED capabilities", 2)?;
        let start = value.at();
        let kind = match value.u8("LLDP-MED device type")? {
            1 => "endpoint class I",
            2 => "endpoint class II",
            3 => "endpoint class III",
            4 => "network connectivity",
            _ => return Ok(()),
        };
        out.text(subject, MED_DEVICE_TYPE, kind, value.since(start));
        return Ok(());
    }
    if let Some((_, key)) = MED_INVENTORY.iter().find(|(known, _)| *known == subtype) {
        let start = value.at();
        let text = value.rest();
        readable::say(out, subject, *key, text, value.since(start));
    }
    Ok(())
}

/// A UUID as it is printed: bytes in their order, in groups.
fn uuid(bytes: [u8; 16]) -> String {
    let mut text = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

const IEEE_802_1: [u8; 3] = [0x00, 0x80, 0xc2];
const IEEE_802_3: [u8; 3] = [0x00, 0x12, 0x0f];
const PROFINET: [u8; 3] = [0x00, 0x0e, 0xcf];
/// Telecommunications Industry Association, whose TLVs are LLDP-MED.
const TIA: [u8; 3] = [0x00, 0x12, 0xbb];

const MED_INVENTORY: &[(u8, Key)] = &[
    (5, MED_HARDWARE_REVISION),
    (6, MED_FIRMWARE_REVISION),
    (7, MED_SOFTWARE_REVISION),
    (8, MED_SERIAL_NUMBER),
    (9, MED_MANUFACTURER_NAME),
    (10, MED_MODEL_NAME),
    (11, MED_ASSET_ID),
];
