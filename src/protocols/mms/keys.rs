//! Everything that MMS can say.

use crate::model::Key;

/// What a node does: `client`, `server`.
pub(super) const ROLE: Key = Key::several("mms.role");
/// Maker of the device, in its own words (Identify).
pub(super) const VENDOR_NAME: Key = Key::one("mms.vendor_name");
/// Model of the device (Identify).
pub(super) const MODEL_NAME: Key = Key::one("mms.model_name");
/// Revision of the device (Identify): which of its versions that is, its maker decides.
pub(super) const REVISION: Key = Key::one("mms.revision");
/// Domains of the device: its logical devices, as IEC 61850 calls them, whose names begin with the name of the device.
pub(super) const DOMAIN: Key = Key::several("mms.domain");

/// Name plate of the device, read attribute by attribute (PhyNam of LPHD): its maker. A gateway has one for each device
/// behind it.
pub(super) const DEVICE_VENDOR: Key = Key::several("mms.device_vendor");
/// PhyNam: revision of the hardware.
pub(super) const HARDWARE_REVISION: Key = Key::several("mms.hardware_revision");
/// PhyNam: revision of the software.
pub(super) const SOFTWARE_REVISION: Key = Key::several("mms.software_revision");
/// PhyNam: serial number.
pub(super) const SERIAL_NUMBER: Key = Key::several("mms.serial_number");
/// PhyNam: model.
pub(super) const MODEL: Key = Key::several("mms.model");
/// PhyNam: where it stands.
pub(super) const LOCATION: Key = Key::several("mms.location");
/// Name plate of a logical node (NamPlt): who made it.
pub(super) const NODE_VENDOR: Key = Key::several("mms.node_vendor");
/// NamPlt: revision of its software.
pub(super) const NODE_SOFTWARE_REVISION: Key = Key::several("mms.node_software_revision");
/// NamPlt: what it is for.
pub(super) const NODE_DESCRIPTION: Key = Key::several("mms.node_description");
/// NamPlt of LLN0: revision of the configuration of the logical device.
pub(super) const CONFIGURATION_REVISION: Key = Key::several("mms.configuration_revision");

/// Addresses that wrote variables.
pub(super) const WRITER: Key = Key::several("mms.writer");
/// A change was asked for, whatever the answer: what, and by which address. Values that are set are not told.
pub(super) const ATTEMPT: Key = Key::event("mms.attempt");
/// A control object was operated: by which address.
pub(super) const OPERATION: Key = Key::event("mms.operation");
/// A domain was loaded or deleted, a program started or stopped, a file brought, renamed or deleted: by which address.
pub(super) const CHANGE: Key = Key::event("mms.change");

/// All of the above.
pub(super) const ALL: &[Key] = &[
    ROLE,
    VENDOR_NAME,
    MODEL_NAME,
    REVISION,
    DOMAIN,
    DEVICE_VENDOR,
    HARDWARE_REVISION,
    SOFTWARE_REVISION,
    SERIAL_NUMBER,
    MODEL,
    LOCATION,
    NODE_VENDOR,
    NODE_SOFTWARE_REVISION,
    NODE_DESCRIPTION,
    CONFIGURATION_REVISION,
    WRITER,
    ATTEMPT,
    OPERATION,
    CHANGE,
];
