//! Organizationally specific TLVs (IEEE 802.1AB-2016, 8.6): those that name a device.

use crate::model::{Key, Mac, Subject};
use crate::protocols::Sink;
use crate::protocols::shared::readable;
use crate::wire::{Malformed, Reader};

/// Largest frame the port takes, in bytes (IEEE 802.3 TLV 4).
pub(super) const MAXIMUM_FRAME_SIZE: Key = Key::one("lldp.maximum_frame_size");
/// MAC address of the PROFINET device itself, where its ports have their own.
pub(super) const PROFINET_CHASSIS_MAC: Key = Key::one("lldp.profinet_chassis_mac");
/// State of the port for real-time class 2.
pub(super) const PROFINET_RT_CLASS_2_PORT_STATUS: Key =
    Key::one("lldp.profinet_rt_class_2_port_status");
/// State of the port for real-time class 3 (isochronous).
pub(super) const PROFINET_RT_CLASS_3_PORT_STATUS: Key =
    Key::one("lldp.profinet_rt_class_3_port_status");
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
    match (organization, subtype) {
        (IEEE_802_3, 4) => {
            let start = value.at();
            let size = value.u16_be("maximum 802.3 frame size")?;
            out.uint(subject, MAXIMUM_FRAME_SIZE, size, value.since(start));
        }
        (PROFINET, 2) => {
            for (key, field) in [
                (PROFINET_RT_CLASS_2_PORT_STATUS, "RTClass2_PortStatus"),
                (PROFINET_RT_CLASS_3_PORT_STATUS, "RTClass3_PortStatus"),
            ] {
                let start = value.at();
                let status = value.u16_be(field)?;
                out.uint(subject, key, status, value.since(start));
            }
        }
        (PROFINET, 5) => {
            let start = value.at();
            let mac = Mac(value.array("CMMACAdd")?);
            out.text(subject, PROFINET_CHASSIS_MAC, &mac.to_string(), value.since(start));
        }
        (TIA, subtype) => {
            let inventory = MED_INVENTORY.iter().find(|(known, _)| *known == subtype);
            if let Some((_, key)) = inventory {
                let start = value.at();
                let text = value.rest();
                readable::say(out, subject, *key, text, value.since(start));
            }
        }
        _ => {}
    }
    Ok(())
}

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
