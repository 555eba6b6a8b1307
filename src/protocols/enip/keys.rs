//! Everything that is said, by the nouns of the CIP and EtherNet/IP specifications.

use crate::model::Key;
use crate::protocols::shared::pccc;

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
/// Identity object, attribute 6: eight upper-case hexadecimal digits; unique for a vendor only.
pub(super) const SERIAL_NUMBER: Key = Key::one("enip.serial_number");
/// Identity object, attribute 7.
pub(super) const PRODUCT_NAME: Key = Key::one("enip.product_name");
/// Identity object, attribute 8.
pub(super) const STATE: Key = Key::one("enip.state");
/// Identity object, attribute 9: changes when the configuration does.
pub(super) const CONFIGURATION_CONSISTENCY: Key = Key::one("enip.configuration_consistency_value");
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
/// Ethernet Link object, attribute 3, one for each port: six pairs of lower-case digits with colons.
pub(super) const MAC_ADDRESS: Key = Key::several("enip.mac_address");
/// Program Name object (class 0x64 of Logix controllers).
pub(super) const PROGRAM_NAME: Key = Key::one("enip.program_name");

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
/// What a node is in connections: `originator`, `target`, `producer`, `consumer`.
pub(super) const ROLE: Key = Key::several("enip.role");

/// All of the above.
pub(super) const ALL: &[Key] = &[
    VENDOR_ID,
    DEVICE_TYPE,
    PRODUCT_CODE,
    REVISION,
    STATUS,
    SERIAL_NUMBER,
    PRODUCT_NAME,
    STATE,
    CONFIGURATION_CONSISTENCY,
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
    MAC_ADDRESS,
    PROGRAM_NAME,
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
    pccc::BULLETIN_NAME,
    pccc::PROCESSOR_TYPE,
    pccc::PROCESSOR_EXPANSION,
    pccc::SERIES,
    pccc::REVISION,
    pccc::PROCESSOR_MODE,
    pccc::MAJOR_FAULT,
    pccc::FORCES_INSTALLED,
    pccc::PROGRAM_ID,
    pccc::WRITER,
    pccc::ATTEMPT,
    pccc::MODE_CHANGE,
    pccc::PROGRAM_DOWNLOAD,
    pccc::PROGRAM_UPLOAD,
    pccc::EDIT_RESOURCE,
    pccc::MEMORY_INITIALIZED,
    pccc::CONFIGURATION_CHANGE,
    pccc::FORCES_DISABLED,
];
