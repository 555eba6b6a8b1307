//! Everything that is said, by the nouns of the CIP and EtherNet/IP specifications.

use crate::model::Key;

/// Identity object, attribute 1.
pub(super) const VENDOR_ID: Key = Key::one("enip.vendor_id");
/// Identity object, attribute 2.
pub(super) const DEVICE_TYPE: Key = Key::one("enip.device_type");
/// Identity object, attribute 3; unique for a vendor only.
pub(super) const PRODUCT_CODE: Key = Key::one("enip.product_code");
/// Identity object, attribute 4: major, a dot, minor; decimal, without padding.
pub(super) const REVISION: Key = Key::one("enip.revision");
/// Identity object, attribute 5: the status word, whose upper half is the vendor's.
pub(super) const STATUS: Key = Key::one("enip.status");
/// Identity object, attribute 5, bit 0: 1 when a master owns the device.
pub(super) const OWNED: Key = Key::one("enip.owned");
/// Identity object, attribute 5, bit 2: 1 when the device was configured to do something else than out of the box.
pub(super) const CONFIGURED: Key = Key::one("enip.configured");
/// Identity object, attribute 5, bits 4 to 7, by the words of the specification.
pub(super) const EXTENDED_DEVICE_STATUS: Key = Key::one("enip.extended_device_status");
/// Identity object, attribute 5, bits 8 to 11, by the words of the specification; `none` when none is set.
pub(super) const FAULTS: Key = Key::one("enip.faults");
/// Identity object, attribute 5, bits 4 to 7 and 12 to 15 alone: neither faults nor owners change them, and vendors,
/// who own the upper ones, tell the mode of a controller there.
pub(super) const MODE_STATUS: Key = Key::one("enip.mode_status");
/// Identity object, attribute 6: eight upper-case hexadecimal digits; unique for a vendor only.
pub(super) const SERIAL_NUMBER: Key = Key::one("enip.serial_number");
/// Identity object, attribute 7.
pub(super) const PRODUCT_NAME: Key = Key::one("enip.product_name");
/// Identity object, attribute 8.
pub(super) const STATE: Key = Key::one("enip.state");
/// Identity object, attribute 9: changes when the configuration does.
pub(super) const CONFIGURATION_CONSISTENCY: Key = Key::one("enip.configuration_consistency_value");
/// Identity object, attribute 13, in the first language it is given in.
pub(super) const INTERNATIONAL_PRODUCT_NAME: Key = Key::one("enip.international_product_name");
/// Identity object, attribute 19: bit 0 implicit, bit 3 explicit protection is active.
pub(super) const PROTECTION_MODE: Key = Key::one("enip.protection_mode");
/// Other instances of the Identity object: parts of the device, each with its number and what was read of it.
pub(super) const COMPONENT: Key = Key::several("enip.component");
/// Identity object, attribute 15: the name its owner gave the device.
pub(super) const ASSIGNED_NAME: Key = Key::one("enip.assigned_name");
/// Identity object, attribute 16.
pub(super) const ASSIGNED_DESCRIPTION: Key = Key::one("enip.assigned_description");
/// Identity object, attribute 17.
pub(super) const GEOGRAPHIC_LOCATION: Key = Key::one("enip.geographic_location");

/// ListIdentity: the address the device believes it has, `ip:port`. Differs from the node behind a NAT.
pub(super) const SOCKET_ADDRESS: Key = Key::several("enip.socket_address");
/// ListIdentity, ListServices, RegisterSession: version of the encapsulation.
pub(super) const ENCAPSULATION_VERSION: Key = Key::one("enip.encapsulation_version");
/// ListIdentity: CIP Security profiles supported.
pub(super) const SECURITY_PROFILES: Key = Key::one("enip.security_profiles");
/// ListServices: name of a service.
pub(super) const SERVICE: Key = Key::several("enip.service");
/// ListServices: bit 5 CIP over TCP, bit 8 CIP class 0 or 1 over UDP.
pub(super) const CAPABILITY_FLAGS: Key = Key::one("enip.capability_flags");

/// TCP/IP Interface object, attribute 6.
pub(super) const HOST_NAME: Key = Key::one("enip.host_name");
/// TCP/IP Interface object, attribute 5.
pub(super) const DOMAIN_NAME: Key = Key::one("enip.domain_name");
/// TCP/IP Interface object, attribute 5: an address of the device itself.
pub(super) const IP_ADDRESS: Key = Key::several("enip.ip_address");
/// TCP/IP Interface object, attribute 5: the default gateway.
pub(super) const GATEWAY_ADDRESS: Key = Key::several("enip.gateway_address");
/// TCP/IP Interface object, attribute 5: name servers.
pub(super) const NAME_SERVER: Key = Key::several("enip.name_server");
/// TCP/IP Interface object, attribute 11: MAC address of another host that used the device's IP address.
pub(super) const CONFLICTING_MAC_ADDRESS: Key = Key::several("enip.conflicting_mac_address");
/// Ethernet Link object, attribute 10: how the port is labelled.
pub(super) const INTERFACE_LABEL: Key = Key::several("enip.interface_label");
/// Port object, attribute 4: names of the ports that messages can be routed through.
pub(super) const PORT_NAME: Key = Key::several("enip.port_name");
/// Port object, attribute 8: lowest and highest address behind a port, the slots of a backplane.
pub(super) const PORT_NODE_RANGE: Key = Key::several("enip.port_node_range");
/// Device Level Ring object, attribute 2, by the words of the specification.
pub(super) const RING_STATUS: Key = Key::one("enip.ring_status");
/// Device Level Ring object, attribute 10: IP and MAC address of the active supervisor.
pub(super) const RING_SUPERVISOR: Key = Key::one("enip.ring_supervisor");
/// Device Level Ring object, attribute 9: IP and MAC address of everyone in the ring.
pub(super) const RING_PARTICIPANT: Key = Key::several("enip.ring_participant");
/// Base Switch object, attribute 3.
pub(super) const SYSTEM_FIRMWARE_VERSION: Key = Key::one("enip.system_firmware_version");
/// Time Sync object, attribute 8: identity of the grandmaster clock, made from a MAC address of it.
pub(super) const GRANDMASTER_IDENTITY: Key = Key::one("enip.grandmaster_identity");
/// Time Sync object, attribute 21: maker, model and serial number.
pub(super) const CLOCK_PRODUCT_DESCRIPTION: Key = Key::one("enip.clock_product_description");
/// Time Sync object, attribute 22: hardware, firmware and software revision.
pub(super) const CLOCK_REVISION_DATA: Key = Key::one("enip.clock_revision_data");
/// Time Sync object, attribute 23: name and place given by the owner.
pub(super) const CLOCK_USER_DESCRIPTION: Key = Key::one("enip.clock_user_description");
/// File object, attribute 4: files that the device keeps, its electronic data sheet among them.
pub(super) const FILE_NAME: Key = Key::several("enip.file_name");
/// CIP Security object, attribute 1, by the words of the specification.
pub(super) const CIP_SECURITY_OBJECT_STATE: Key = Key::one("enip.cip_security_object_state");
/// EtherNet/IP Security object, attribute 1, by the words of the specification.
pub(super) const ETHERNET_IP_SECURITY_OBJECT_STATE: Key =
    Key::one("enip.ethernet_ip_security_object_state");
/// Certificate Management object, attribute 1.
pub(super) const CERTIFICATE_NAME: Key = Key::several("enip.certificate_name");

/// Ethernet Link object, attribute 3, one for each port: six pairs of lower-case digits with colons.
pub(super) const MAC_ADDRESS: Key = Key::several("enip.mac_address");
/// Program Name object (class 0x64 of Logix controllers).
pub(super) const PROGRAM_NAME: Key = Key::one("enip.program_name");
/// Class 0xAC of Logix controllers, attribute 3: one of those that change with the project.
pub(super) const PROJECT_ATTRIBUTE_3: Key = Key::one("enip.project_attribute_3");
/// Class 0xAC of Logix controllers, attribute 10: one of those that change with the project.
pub(super) const PROJECT_ATTRIBUTE_10: Key = Key::one("enip.project_attribute_10");

/// A slot of the backplane for which the bridge answers that the link has no such address: no module is there.
pub(super) const EMPTY_SLOT: Key = Key::several("enip.empty_slot");
/// A slot from which nothing came back in time: no module is there, or one that did not answer.
pub(super) const SILENT_SLOT: Key = Key::several("enip.silent_slot");

/// Addresses that wrote tags, or attributes of objects of the process.
pub(super) const WRITER: Key = Key::several("enip.writer");
/// A change was asked for, whatever the answer: what, and by which address.
pub(super) const ATTEMPT: Key = Key::event("enip.attempt");
/// The device was started: by which address.
pub(super) const START: Key = Key::event("enip.start");
/// The device was stopped: by which address.
pub(super) const STOP: Key = Key::event("enip.stop");
/// The device was reset: by which address.
pub(super) const RESET: Key = Key::event("enip.reset");
/// New firmware came to the device: from which address.
pub(super) const FIRMWARE_UPDATE: Key = Key::event("enip.firmware_update");
/// A file came to the device: from which address.
pub(super) const FILE_DOWNLOAD: Key = Key::event("enip.file_download");
/// The configuration of the device or its network interfaces was written: by which address.
pub(super) const CONFIGURATION_CHANGE: Key = Key::event("enip.configuration_change");
/// Objects of CIP Security were changed: by which address.
pub(super) const SECURITY_CHANGE: Key = Key::event("enip.security_change");
/// The clock was set: by which address.
pub(super) const CLOCK_CHANGE: Key = Key::event("enip.clock_change");
/// Forcing was switched on or off: by which address.
pub(super) const FORCES_CHANGE: Key = Key::event("enip.forces_change");

/// Electronic key of a Forward_Open: the vendor that somebody expects there. Never what is there.
pub(super) const EXPECTED_VENDOR_ID: Key = Key::one("enip.expected_vendor_id");
/// Electronic key of a Forward_Open: the device type expected.
pub(super) const EXPECTED_DEVICE_TYPE: Key = Key::one("enip.expected_device_type");
/// Electronic key of a Forward_Open: the product code expected.
pub(super) const EXPECTED_PRODUCT_CODE: Key = Key::one("enip.expected_product_code");
/// Electronic key of a Forward_Open: the revision expected, written as [`REVISION`].
pub(super) const EXPECTED_REVISION: Key = Key::one("enip.expected_revision");
/// Electronic key of a Forward_Open: 1 when a compatible device will do, 0 when it must be this very one.
pub(super) const EXPECTED_COMPATIBLE: Key = Key::one("enip.expected_compatible");

/// Forward_Open: vendor of whoever opens connections from, or through, this node.
pub(super) const ORIGINATOR_VENDOR_ID: Key = Key::one("enip.originator_vendor_id");
/// Forward_Open: serial number of the originator, written as [`SERIAL_NUMBER`].
pub(super) const ORIGINATOR_SERIAL_NUMBER: Key = Key::one("enip.originator_serial_number");
/// Forward_Open: requested packet intervals from originator to target, in microseconds.
pub(super) const ORIGINATOR_TO_TARGET_RPI: Key = Key::several("enip.originator_to_target_rpi");
/// Forward_Open: requested packet intervals from target to originator, in microseconds.
pub(super) const TARGET_TO_ORIGINATOR_RPI: Key = Key::several("enip.target_to_originator_rpi");
/// What a node is in connections: `originator`, `target`, `producer`, `consumer`; `scanner` when it opens such for I/O.
pub(super) const ROLE: Key = Key::several("enip.role");

/// All of the above.
pub(super) const ALL: &[Key] = &[
    VENDOR_ID,
    DEVICE_TYPE,
    PRODUCT_CODE,
    REVISION,
    STATUS,
    OWNED,
    CONFIGURED,
    EXTENDED_DEVICE_STATUS,
    FAULTS,
    MODE_STATUS,
    SERIAL_NUMBER,
    PRODUCT_NAME,
    STATE,
    CONFIGURATION_CONSISTENCY,
    INTERNATIONAL_PRODUCT_NAME,
    PROTECTION_MODE,
    COMPONENT,
    ASSIGNED_NAME,
    ASSIGNED_DESCRIPTION,
    GEOGRAPHIC_LOCATION,
    SOCKET_ADDRESS,
    ENCAPSULATION_VERSION,
    SECURITY_PROFILES,
    SERVICE,
    CAPABILITY_FLAGS,
    HOST_NAME,
    DOMAIN_NAME,
    IP_ADDRESS,
    GATEWAY_ADDRESS,
    NAME_SERVER,
    CONFLICTING_MAC_ADDRESS,
    INTERFACE_LABEL,
    PORT_NAME,
    PORT_NODE_RANGE,
    RING_STATUS,
    RING_SUPERVISOR,
    RING_PARTICIPANT,
    SYSTEM_FIRMWARE_VERSION,
    GRANDMASTER_IDENTITY,
    CLOCK_PRODUCT_DESCRIPTION,
    CLOCK_REVISION_DATA,
    CLOCK_USER_DESCRIPTION,
    FILE_NAME,
    CIP_SECURITY_OBJECT_STATE,
    ETHERNET_IP_SECURITY_OBJECT_STATE,
    CERTIFICATE_NAME,
    MAC_ADDRESS,
    PROGRAM_NAME,
    PROJECT_ATTRIBUTE_3,
    PROJECT_ATTRIBUTE_10,
    EMPTY_SLOT,
    SILENT_SLOT,
    WRITER,
    ATTEMPT,
    START,
    STOP,
    RESET,
    FIRMWARE_UPDATE,
    FILE_DOWNLOAD,
    CONFIGURATION_CHANGE,
    SECURITY_CHANGE,
    CLOCK_CHANGE,
    FORCES_CHANGE,
    EXPECTED_VENDOR_ID,
    EXPECTED_DEVICE_TYPE,
    EXPECTED_PRODUCT_CODE,
    EXPECTED_REVISION,
    EXPECTED_COMPATIBLE,
    ORIGINATOR_VENDOR_ID,
    ORIGINATOR_SERIAL_NUMBER,
    ORIGINATOR_TO_TARGET_RPI,
    TARGET_TO_ORIGINATOR_RPI,
    ROLE,
];
