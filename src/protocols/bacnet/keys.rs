//! All that BACnet can say.

use crate::model::Key;

/// Instance number of the device object: the device's number on the whole internetwork.
pub(super) const DEVICE_INSTANCE: Key = Key::one("bacnet.device_instance");
/// Number of the vendor, as ASHRAE gives them out.
pub(super) const VENDOR_IDENTIFIER: Key = Key::one("bacnet.vendor_identifier");
/// Longest APDU that it takes, in bytes.
pub(super) const MAX_APDU_LENGTH: Key = Key::one("bacnet.max_apdu_length");
/// Whether it sends and takes messages in segments: `both`, `transmit`, `receive`, `none`.
pub(super) const SEGMENTATION: Key = Key::one("bacnet.segmentation");
/// Object_Name of the device object.
pub(super) const OBJECT_NAME: Key = Key::one("bacnet.object_name");
/// Vendor_Name.
pub(super) const VENDOR_NAME: Key = Key::one("bacnet.vendor_name");
/// Model_Name.
pub(super) const MODEL_NAME: Key = Key::one("bacnet.model_name");
/// Firmware_Revision.
pub(super) const FIRMWARE_REVISION: Key = Key::one("bacnet.firmware_revision");
/// Application_Software_Version.
pub(super) const APPLICATION_SOFTWARE_VERSION: Key =
    Key::one("bacnet.application_software_version");
/// Description of the device object, as its owner wrote it.
pub(super) const DEVICE_DESCRIPTION: Key = Key::one("bacnet.device_description");
/// Location of the device object.
pub(super) const LOCATION: Key = Key::one("bacnet.location");
/// Protocol_Version.
pub(super) const PROTOCOL_VERSION: Key = Key::one("bacnet.protocol_version");
/// Protocol_Revision.
pub(super) const PROTOCOL_REVISION: Key = Key::one("bacnet.protocol_revision");
/// Serial_Number.
pub(super) const SERIAL_NUMBER: Key = Key::one("bacnet.serial_number");
/// Device_UUID.
pub(super) const DEVICE_UUID: Key = Key::one("bacnet.device_uuid");
/// System_Status: `operational`, `non-operational` …
pub(super) const SYSTEM_STATUS: Key = Key::one("bacnet.system_status");
/// Profile_Name.
pub(super) const PROFILE_NAME: Key = Key::one("bacnet.profile_name");
/// Names of objects that it said to have, when somebody looked for them.
pub(super) const OBJECT: Key = Key::several("bacnet.object");

/// What a node is between networks: `router`, `BBMD`, `foreign device`.
pub(super) const ROLE: Key = Key::several("bacnet.role");
/// Numbers of networks behind a router.
pub(super) const ROUTER_TO_NETWORK: Key = Key::several("bacnet.router_to_network");
/// Number of the network that it is on.
pub(super) const NETWORK_NUMBER: Key = Key::one("bacnet.network_number");
/// Entries of a BBMD's table: other BBMDs to which it sends broadcasts.
pub(super) const BROADCAST_DISTRIBUTION: Key = Key::several("bacnet.broadcast_distribution");
/// Foreign devices that a BBMD serves.
pub(super) const FOREIGN_DEVICE: Key = Key::several("bacnet.foreign_device");
/// BBMD that a foreign device registers with.
pub(super) const REGISTERED_WITH: Key = Key::several("bacnet.registered_with");

/// Addresses that wrote properties, objects or files of the device, and it said yes.
pub(super) const WRITTEN_BY: Key = Key::several("bacnet.written_by");
/// Somebody restarted the device, and it said yes. The value is how, and who.
pub(super) const REINITIALIZED: Key = Key::event("bacnet.reinitialized");
/// Somebody forbade the device to communicate, or allowed it again, and it said yes.
pub(super) const COMMUNICATION_CONTROL: Key = Key::event("bacnet.communication_control");
/// Something of that kind was asked for, and the device refused.
pub(super) const REFUSED: Key = Key::event("bacnet.refused");

/// All of them.
pub(super) const ALL: &[Key] = &[
    DEVICE_INSTANCE,
    VENDOR_IDENTIFIER,
    MAX_APDU_LENGTH,
    SEGMENTATION,
    OBJECT_NAME,
    VENDOR_NAME,
    MODEL_NAME,
    FIRMWARE_REVISION,
    APPLICATION_SOFTWARE_VERSION,
    DEVICE_DESCRIPTION,
    LOCATION,
    PROTOCOL_VERSION,
    PROTOCOL_REVISION,
    SERIAL_NUMBER,
    DEVICE_UUID,
    SYSTEM_STATUS,
    PROFILE_NAME,
    OBJECT,
    ROLE,
    ROUTER_TO_NETWORK,
    NETWORK_NUMBER,
    BROADCAST_DISTRIBUTION,
    FOREIGN_DEVICE,
    REGISTERED_WITH,
    WRITTEN_BY,
    REINITIALIZED,
    COMMUNICATION_CONTROL,
    REFUSED,
];
