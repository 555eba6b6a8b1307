//! All that HART-IP can say.

use crate::model::Key;

/// What a node does: `client`, `server`.
pub(super) const ROLE: Key = Key::several("hart_ip.role");
/// Kind of master that a client opens a session as: `primary`, `secondary`.
pub(super) const MASTER_TYPE: Key = Key::several("hart_ip.master_type");
/// Commands that a client sends, and that a device answers.
pub(super) const COMMAND: Key = Key::several("hart_ip.command");

/// Manufacturer identification code.
pub(super) const MANUFACTURER_ID: Key = Key::one("hart_ip.manufacturer_id");
/// Expanded device type code; of devices before HART 7 manufacturer and device type in two bytes.
pub(super) const EXPANDED_DEVICE_TYPE: Key = Key::one("hart_ip.expanded_device_type");
/// HART protocol major revision: 5, 6, 7.
pub(super) const UNIVERSAL_REVISION: Key = Key::one("hart_ip.universal_revision");
/// Device revision level: of the device's commands and data.
pub(super) const DEVICE_REVISION: Key = Key::one("hart_ip.device_revision");
/// Software revision level.
pub(super) const SOFTWARE_REVISION: Key = Key::one("hart_ip.software_revision");
/// Hardware revision level.
pub(super) const HARDWARE_REVISION: Key = Key::one("hart_ip.hardware_revision");
/// Device ID: unique among the devices of its expanded type.
pub(super) const DEVICE_ID: Key = Key::one("hart_ip.device_id");
/// Configuration change counter: another one means that the configuration was changed.
pub(super) const CONFIGURATION_CHANGES: Key = Key::one("hart_ip.configuration_changes");
/// Private label distributor code.
pub(super) const PRIVATE_LABEL: Key = Key::one("hart_ip.private_label");
/// Device profile: 1 a process automation device, 132 a gateway.
pub(super) const DEVICE_PROFILE: Key = Key::one("hart_ip.device_profile");
/// Message (command 12).
pub(super) const MESSAGE: Key = Key::one("hart_ip.message");
/// Tag (command 13).
pub(super) const TAG: Key = Key::one("hart_ip.tag");
/// Descriptor (command 13).
pub(super) const DESCRIPTOR: Key = Key::one("hart_ip.descriptor");
/// Final assembly number (command 16).
pub(super) const FINAL_ASSEMBLY_NUMBER: Key = Key::one("hart_ip.final_assembly_number");
/// Long tag (command 20).
pub(super) const LONG_TAG: Key = Key::one("hart_ip.long_tag");
/// Where a gateway has a device: I/O card and channel (command 84).
pub(super) const PLACE: Key = Key::one("hart_ip.place");
/// Field device status with each answer: `device malfunction`, `configuration changed`, `cold start`, or `none`.
pub(super) const DEVICE_STATUS: Key = Key::one("hart_ip.device_status");

/// A change was asked for, whatever the answer: what, of which device, and by which address.
pub(super) const ATTEMPT: Key = Key::event("hart_ip.attempt");
/// A device would not: what, by which address, and the response code.
pub(super) const REFUSED: Key = Key::event("hart_ip.refused");
/// Tag, message, address or numbers of the device were written: by which address.
pub(super) const IDENTIFICATION_CHANGE: Key = Key::event("hart_ip.identification_change");
/// Range, zero or trim were changed: by which address.
pub(super) const CALIBRATION: Key = Key::event("hart_ip.calibration");
/// Current or variables were fixed or simulated: by which address.
pub(super) const SIMULATION: Key = Key::event("hart_ip.simulation");
/// The device was restarted: by which address.
pub(super) const RESET: Key = Key::event("hart_ip.reset");
/// The device was locked, or is no longer: by which address.
pub(super) const LOCK_CHANGE: Key = Key::event("hart_ip.lock_change");

/// All of the above.
pub(super) const ALL: &[Key] = &[
    ROLE,
    MASTER_TYPE,
    COMMAND,
    MANUFACTURER_ID,
    EXPANDED_DEVICE_TYPE,
    UNIVERSAL_REVISION,
    DEVICE_REVISION,
    SOFTWARE_REVISION,
    HARDWARE_REVISION,
    DEVICE_ID,
    CONFIGURATION_CHANGES,
    PRIVATE_LABEL,
    DEVICE_PROFILE,
    MESSAGE,
    TAG,
    DESCRIPTOR,
    FINAL_ASSEMBLY_NUMBER,
    LONG_TAG,
    PLACE,
    DEVICE_STATUS,
    ATTEMPT,
    REFUSED,
    IDENTIFICATION_CHANGE,
    CALIBRATION,
    SIMULATION,
    RESET,
    LOCK_CHANGE,
];
