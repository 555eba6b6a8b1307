//! All that SNMP can say.

use crate::model::Key;

/// Versions that an agent answered in, or sent notifications in: `1`, `2c`, `3`.
pub(super) const VERSION: Key = Key::several("snmp.version");
/// Which kind of community an agent answered to: `well-known` or `own`. The community itself is a password, and not kept.
pub(super) const COMMUNITY: Key = Key::several("snmp.community");
/// How messages of version 3 with an agent are protected: `noAuthNoPriv`, `authNoPriv`, `authPriv`.
pub(super) const SECURITY_LEVEL: Key = Key::several("snmp.security_level");
/// Names of users of version 3, about the agent that answered them.
pub(super) const USER_NAME: Key = Key::several("snmp.user_name");
/// The identifier that the agent's engine has in the world (RFC 3411, SnmpEngineID).
pub(super) const ENGINE_ID: Key = Key::one("snmp.engine_id");
/// Private enterprise number of the engine's maker.
pub(super) const ENGINE_ENTERPRISE: Key = Key::one("snmp.engine_enterprise");
/// MAC address in the engine's identifier.
pub(super) const ENGINE_MAC_ADDRESS: Key = Key::one("snmp.engine_mac_address");
/// IP address in the engine's identifier: the one it had when it was set up.
pub(super) const ENGINE_ADDRESS: Key = Key::one("snmp.engine_address");
/// Text in the engine's identifier, assigned by whoever runs it.
pub(super) const ENGINE_TEXT: Key = Key::one("snmp.engine_text");
/// How often the engine has started since it was set up.
pub(super) const ENGINE_BOOTS: Key = Key::one("snmp.engine_boots");
/// Days since its last start.
pub(super) const ENGINE_TIME: Key = Key::one("snmp.engine_time");

/// sysDescr: hardware, operating system and software in the maker's words.
pub(super) const SYSTEM_DESCRIPTION: Key = Key::one("snmp.system_description");
/// sysObjectID: the maker's number for what this is.
pub(super) const SYSTEM_OBJECT_ID: Key = Key::one("snmp.system_object_id");
/// Private enterprise number in it.
pub(super) const ENTERPRISE: Key = Key::one("snmp.enterprise");
/// sysUpTime in whole days since the management part started: told once a day.
pub(super) const SYSTEM_UP_TIME: Key = Key::one("snmp.system_up_time");
/// sysContact: who looks after it.
pub(super) const SYSTEM_CONTACT: Key = Key::one("snmp.system_contact");
/// sysName.
pub(super) const SYSTEM_NAME: Key = Key::one("snmp.system_name");
/// sysLocation.
pub(super) const SYSTEM_LOCATION: Key = Key::one("snmp.system_location");
/// sysServices: bit map of the layers that it serves.
pub(super) const SYSTEM_SERVICES: Key = Key::one("snmp.system_services");

/// entPhysicalClass: `chassis`, `module`.
pub(super) const ENTITY_CLASS: Key = Key::one("snmp.entity_class");
/// entPhysicalDescr.
pub(super) const ENTITY_DESCRIPTION: Key = Key::one("snmp.entity_description");
/// entPhysicalName: what the device calls the part.
pub(super) const ENTITY_NAME: Key = Key::one("snmp.entity_name");
/// entPhysicalVendorType: the maker's number for what the part is.
pub(super) const ENTITY_VENDOR_TYPE: Key = Key::one("snmp.entity_vendor_type");
/// entPhysicalHardwareRev.
pub(super) const ENTITY_HARDWARE_REVISION: Key = Key::one("snmp.entity_hardware_revision");
/// entPhysicalFirmwareRev.
pub(super) const ENTITY_FIRMWARE_REVISION: Key = Key::one("snmp.entity_firmware_revision");
/// entPhysicalSoftwareRev.
pub(super) const ENTITY_SOFTWARE_REVISION: Key = Key::one("snmp.entity_software_revision");
/// entPhysicalSerialNum.
pub(super) const ENTITY_SERIAL_NUMBER: Key = Key::one("snmp.entity_serial_number");
/// entPhysicalMfgName.
pub(super) const ENTITY_MANUFACTURER_NAME: Key = Key::one("snmp.entity_manufacturer_name");
/// entPhysicalModelName.
pub(super) const ENTITY_MODEL_NAME: Key = Key::one("snmp.entity_model_name");
/// entPhysicalAssetID, as the owner gave it.
pub(super) const ENTITY_ASSET_ID: Key = Key::one("snmp.entity_asset_id");

/// dot1dBaseBridgeAddress (RFC 4188): the MAC address that a switch calls its own.
pub(super) const BRIDGE_ADDRESS: Key = Key::one("snmp.bridge_address");
/// chassisId of OLD-CISCO-CHASSIS-MIB: the serial number of the chassis.
pub(super) const CISCO_CHASSIS_SERIAL: Key = Key::one("snmp.cisco_chassis_serial");
/// automationOrderNumber of AUTOMATION-SYSTEM-MIB (Siemens).
pub(super) const AUTOMATION_ORDER_NUMBER: Key = Key::one("snmp.automation_order_number");
/// automationSerialNumber of the same.
pub(super) const AUTOMATION_SERIAL_NUMBER: Key = Key::one("snmp.automation_serial_number");
/// automationHwRevision of the same.
pub(super) const AUTOMATION_HARDWARE_REVISION: Key = Key::one("snmp.automation_hardware_revision");
/// automationSwRevision of the same.
pub(super) const AUTOMATION_SOFTWARE_REVISION: Key = Key::one("snmp.automation_software_revision");
/// hmSysVersion of HMPRIV-MGMT-SNMP-MIB (Hirschmann): software, boot software and so on in one text.
pub(super) const HIRSCHMANN_VERSION: Key = Key::one("snmp.hirschmann_version");
/// hmSysGroupSerialNum of the same.
pub(super) const HIRSCHMANN_SERIAL_NUMBER: Key = Key::one("snmp.hirschmann_serial_number");
/// hm2DevMgmtProductDescr of HM2-DEVMGMT-MIB (Hirschmann HiOS).
pub(super) const HIOS_PRODUCT: Key = Key::one("snmp.hios_product");
/// hm2DevMgmtSerialNumber of the same.
pub(super) const HIOS_SERIAL_NUMBER: Key = Key::one("snmp.hios_serial_number");
/// hm2DevMgmtSwVersion of the image that runs.
pub(super) const HIOS_SOFTWARE_VERSION: Key = Key::one("snmp.hios_software_version");
/// switchModel of Moxa's MIBs, one for each product.
pub(super) const MOXA_MODEL: Key = Key::one("snmp.moxa_model");
/// firmwareVersion of the same.
pub(super) const MOXA_FIRMWARE_VERSION: Key = Key::one("snmp.moxa_firmware_version");
/// upsBasicIdentModel of PowerNet-MIB (APC).
pub(super) const APC_MODEL: Key = Key::one("snmp.apc_model");
/// upsAdvIdentFirmwareRevision of the same.
pub(super) const APC_FIRMWARE_REVISION: Key = Key::one("snmp.apc_firmware_revision");
/// upsAdvIdentSerialNumber of the same.
pub(super) const APC_SERIAL_NUMBER: Key = Key::one("snmp.apc_serial_number");
/// upsIdentManufacturer (RFC 1628).
pub(super) const UPS_MANUFACTURER_NAME: Key = Key::one("snmp.ups_manufacturer_name");
/// upsIdentModel.
pub(super) const UPS_MODEL_NAME: Key = Key::one("snmp.ups_model_name");
/// upsIdentUPSSoftwareVersion.
pub(super) const UPS_SOFTWARE_VERSION: Key = Key::one("snmp.ups_software_version");
/// upsIdentAgentSoftwareVersion.
pub(super) const UPS_AGENT_SOFTWARE_VERSION: Key = Key::one("snmp.ups_agent_software_version");
/// hrDeviceDescr of the first device (RFC 2790): of a printer its model.
pub(super) const DEVICE_DESCRIPTION: Key = Key::one("snmp.device_description");
/// prtGeneralSerialNumber (RFC 3805).
pub(super) const PRINTER_SERIAL_NUMBER: Key = Key::one("snmp.printer_serial_number");

/// A notification that the node sent: `linkDown`, or its number.
pub(super) const NOTIFICATION: Key = Key::event("snmp.notification");
/// The address that a notification of version 1 says it comes from, where it is another than the sender's.
pub(super) const AGENT_ADDRESS: Key = Key::several("snmp.agent_address");
/// Somebody set a variable of the node, and it did so. The value is who.
pub(super) const WRITTEN_BY: Key = Key::event("snmp.written_by");
/// Somebody tried to set a variable, and the node refused.
pub(super) const WRITE_REFUSED: Key = Key::event("snmp.write_refused");

/// All of them.
pub(super) const ALL: &[Key] = &[
    VERSION,
    COMMUNITY,
    SECURITY_LEVEL,
    USER_NAME,
    ENGINE_ID,
    ENGINE_ENTERPRISE,
    ENGINE_MAC_ADDRESS,
    ENGINE_ADDRESS,
    ENGINE_TEXT,
    ENGINE_BOOTS,
    ENGINE_TIME,
    SYSTEM_DESCRIPTION,
    SYSTEM_OBJECT_ID,
    ENTERPRISE,
    SYSTEM_UP_TIME,
    SYSTEM_CONTACT,
    SYSTEM_NAME,
    SYSTEM_LOCATION,
    SYSTEM_SERVICES,
    ENTITY_CLASS,
    ENTITY_DESCRIPTION,
    ENTITY_NAME,
    ENTITY_VENDOR_TYPE,
    ENTITY_HARDWARE_REVISION,
    ENTITY_FIRMWARE_REVISION,
    ENTITY_SOFTWARE_REVISION,
    ENTITY_SERIAL_NUMBER,
    ENTITY_MANUFACTURER_NAME,
    ENTITY_MODEL_NAME,
    ENTITY_ASSET_ID,
    BRIDGE_ADDRESS,
    CISCO_CHASSIS_SERIAL,
    AUTOMATION_ORDER_NUMBER,
    AUTOMATION_SERIAL_NUMBER,
    AUTOMATION_HARDWARE_REVISION,
    AUTOMATION_SOFTWARE_REVISION,
    HIRSCHMANN_VERSION,
    HIRSCHMANN_SERIAL_NUMBER,
    HIOS_PRODUCT,
    HIOS_SERIAL_NUMBER,
    HIOS_SOFTWARE_VERSION,
    MOXA_MODEL,
    MOXA_FIRMWARE_VERSION,
    APC_MODEL,
    APC_FIRMWARE_REVISION,
    APC_SERIAL_NUMBER,
    UPS_MANUFACTURER_NAME,
    UPS_MODEL_NAME,
    UPS_SOFTWARE_VERSION,
    UPS_AGENT_SOFTWARE_VERSION,
    DEVICE_DESCRIPTION,
    PRINTER_SERIAL_NUMBER,
    NOTIFICATION,
    AGENT_ADDRESS,
    WRITTEN_BY,
    WRITE_REFUSED,
];
