//! All that DNP3 can say.

use crate::model::Key;

/// What a node does: `master`, `outstation`.
pub(super) const ROLE: Key = Key::several("dnp3.role");
/// Link addresses that a master sends from.
pub(super) const MASTER_ADDRESS: Key = Key::several("dnp3.master_address");
/// Functions that a master asks for, and kinds of answers that a station gives.
pub(super) const FUNCTION: Key = Key::several("dnp3.function");
/// What a station tells of its state with every answer: `device restart`, `device trouble`, `local control`, `need time`,
/// `event buffer overflow`, `configuration corrupt`, or `none`.
pub(super) const INTERNAL_INDICATIONS: Key = Key::one("dnp3.internal_indications");
/// Messages of secure authentication that a station sends: it asks masters to prove who they are.
pub(super) const SECURE_AUTHENTICATION: Key = Key::several("dnp3.secure_authentication");

/// Configuration ID (group 0, variation 196).
const CONFIGURATION_ID: Key = Key::one("dnp3.configuration_id");
/// Configuration version (197).
const CONFIGURATION_VERSION: Key = Key::one("dnp3.configuration_version");
/// Configuration build date (198).
const CONFIGURATION_BUILD_DATE: Key = Key::one("dnp3.configuration_build_date");
/// Configuration last change date (199).
const CONFIGURATION_LAST_CHANGE: Key = Key::one("dnp3.configuration_last_change");
/// Configuration signature (200).
const CONFIGURATION_SIGNATURE: Key = Key::one("dnp3.configuration_signature");
/// Configuration signature algorithm (201).
const CONFIGURATION_SIGNATURE_ALGORITHM: Key = Key::one("dnp3.configuration_signature_algorithm");
/// Master Resource ID, mRID (202).
const RESOURCE_ID: Key = Key::one("dnp3.resource_id");
/// User-assigned system name (208).
const SYSTEM_NAME: Key = Key::one("dnp3.system_name");
/// Secure authentication version (209).
const AUTHENTICATION_VERSION: Key = Key::one("dnp3.authentication_version");
/// Maximum transmit fragment size (240).
const TRANSMIT_FRAGMENT_SIZE: Key = Key::one("dnp3.transmit_fragment_size");
/// Maximum receive fragment size (241).
const RECEIVE_FRAGMENT_SIZE: Key = Key::one("dnp3.receive_fragment_size");
/// Device manufacturer's software version (242).
const SOFTWARE_VERSION: Key = Key::one("dnp3.software_version");
/// Device manufacturer's hardware version (243).
const HARDWARE_VERSION: Key = Key::one("dnp3.hardware_version");
/// User-assigned owner name (244).
const OWNER_NAME: Key = Key::one("dnp3.owner_name");
/// User-assigned location name (245).
const LOCATION_NAME: Key = Key::one("dnp3.location_name");
/// User-assigned ID code or number (246).
const ID_CODE: Key = Key::one("dnp3.id_code");
/// User-assigned device name (247).
const DEVICE_NAME: Key = Key::one("dnp3.device_name");
/// Device serial number (248).
const SERIAL_NUMBER: Key = Key::one("dnp3.serial_number");
/// DNP3 subset and conformance (249).
const SUBSET: Key = Key::one("dnp3.subset");
/// Device manufacturer's product name and model (250).
const PRODUCT_NAME: Key = Key::one("dnp3.product_name");
/// Device manufacturer's name (252).
const MANUFACTURER_NAME: Key = Key::one("dnp3.manufacturer_name");
/// A text of a set of attributes that the maker or the user defined: set, variation, text.
pub(super) const PRIVATE_ATTRIBUTE: Key = Key::several("dnp3.private_attribute");

/// A change was asked for, whatever the answer: what, of which station, and by which address.
pub(super) const ATTEMPT: Key = Key::event("dnp3.attempt");
/// A station would not: what, by which address, and why.
pub(super) const REFUSED: Key = Key::event("dnp3.refused");
/// Addresses that operated outputs.
pub(super) const OPERATED_BY: Key = Key::several("dnp3.operated_by");
/// Addresses that wrote points, attributes or settings.
pub(super) const WRITTEN_BY: Key = Key::several("dnp3.written_by");
/// The station restarted as if it was switched on: by which address.
pub(super) const COLD_RESTART: Key = Key::event("dnp3.cold_restart");
/// The station's DNP3 restarted: by which address.
pub(super) const WARM_RESTART: Key = Key::event("dnp3.warm_restart");
/// An application on the station was initialized, started or stopped: by which address.
pub(super) const APPLICATION_CHANGE: Key = Key::event("dnp3.application_change");
/// The configuration was saved or activated, or points were given to classes: by which address.
pub(super) const CONFIGURATION_CHANGE: Key = Key::event("dnp3.configuration_change");
/// The station may report by itself from now on: by which address.
pub(super) const UNSOLICITED_ENABLED: Key = Key::event("dnp3.unsolicited_enabled");
/// The station may no longer report by itself: by which address.
pub(super) const UNSOLICITED_DISABLED: Key = Key::event("dnp3.unsolicited_disabled");
/// The clock was set: by which address.
pub(super) const CLOCK_CHANGE: Key = Key::event("dnp3.clock_change");
/// A file of the station was opened to be written: which, and by which address.
pub(super) const FILE_WRITTEN: Key = Key::event("dnp3.file_written");
/// A file of the station was opened to be read: which, and by which address.
pub(super) const FILE_READ: Key = Key::event("dnp3.file_read");
/// A file of the station was deleted: which, and by which address.
pub(super) const FILE_DELETED: Key = Key::event("dnp3.file_deleted");

/// The key of an attribute of the standard's set, by variation (IEEE 1815-2012, A.2). Points that a station has, where it
/// is and who operates it say nothing about what it is.
pub(super) fn attribute(variation: u8) -> Option<Key> {
    let at = ATTRIBUTES.binary_search_by_key(&variation, |(number, _)| *number).ok()?;
    ATTRIBUTES.get(at).map(|(_, key)| *key)
}

const ATTRIBUTES: &[(u8, Key)] = &[
    (196, CONFIGURATION_ID),
    (197, CONFIGURATION_VERSION),
    (198, CONFIGURATION_BUILD_DATE),
    (199, CONFIGURATION_LAST_CHANGE),
    (200, CONFIGURATION_SIGNATURE),
    (201, CONFIGURATION_SIGNATURE_ALGORITHM),
    (202, RESOURCE_ID),
    (208, SYSTEM_NAME),
    (209, AUTHENTICATION_VERSION),
    (240, TRANSMIT_FRAGMENT_SIZE),
    (241, RECEIVE_FRAGMENT_SIZE),
    (242, SOFTWARE_VERSION),
    (243, HARDWARE_VERSION),
    (244, OWNER_NAME),
    (245, LOCATION_NAME),
    (246, ID_CODE),
    (247, DEVICE_NAME),
    (248, SERIAL_NUMBER),
    (249, SUBSET),
    (250, PRODUCT_NAME),
    (252, MANUFACTURER_NAME),
];

/// All of the above.
pub(super) const ALL: &[Key] = &[
    ROLE,
    MASTER_ADDRESS,
    FUNCTION,
    INTERNAL_INDICATIONS,
    SECURE_AUTHENTICATION,
    CONFIGURATION_ID,
    CONFIGURATION_VERSION,
    CONFIGURATION_BUILD_DATE,
    CONFIGURATION_LAST_CHANGE,
    CONFIGURATION_SIGNATURE,
    CONFIGURATION_SIGNATURE_ALGORITHM,
    RESOURCE_ID,
    SYSTEM_NAME,
    AUTHENTICATION_VERSION,
    TRANSMIT_FRAGMENT_SIZE,
    RECEIVE_FRAGMENT_SIZE,
    SOFTWARE_VERSION,
    HARDWARE_VERSION,
    OWNER_NAME,
    LOCATION_NAME,
    ID_CODE,
    DEVICE_NAME,
    SERIAL_NUMBER,
    SUBSET,
    PRODUCT_NAME,
    MANUFACTURER_NAME,
    PRIVATE_ATTRIBUTE,
    ATTEMPT,
    REFUSED,
    OPERATED_BY,
    WRITTEN_BY,
    COLD_RESTART,
    WARM_RESTART,
    APPLICATION_CHANGE,
    CONFIGURATION_CHANGE,
    UNSOLICITED_ENABLED,
    UNSOLICITED_DISABLED,
    CLOCK_CHANGE,
    FILE_WRITTEN,
    FILE_READ,
    FILE_DELETED,
];
