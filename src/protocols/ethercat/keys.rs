//! What is heard on a line of EtherCAT, by the nouns of ETG.1000.

use crate::model::Key;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident = $values:ident $text:literal;)+) => {
        $($(#[$doc])* pub(super) const $name: Key = Key::$values($text);)+

        /// All of them.
        pub(super) const ALL: &[Key] = &[$($name),+];
    };
}

keys! {
    /// State of the slave: `Init`, `PreOp`, `Boot`, `SafeOp`, `Op`, with `error` behind it when it has one.
    AL_STATE = one "ethercat.al_state";
    /// Why it is in no other state.
    AL_STATUS_CODE = one "ethercat.al_status_code";
    /// A change was asked for, whatever the answer: what, and by which address.
    ATTEMPT = event "ethercat.attempt";
    /// Process data that goes round in cycles: `LRW`, `LRD`, `LWR`.
    CYCLIC_DATA = several "ethercat.cyclic_data";
    /// Object 1000: number of the device profile, and what the profile adds.
    DEVICE_TYPE = one "ethercat.device_type";
    /// The chip by which the slave is on the line: its type.
    ESC_TYPE = one "ethercat.esc_type";
    /// The chip: revision and build.
    ESC_VERSION = one "ethercat.esc_version";
    /// Object 1008: name of the device as its maker gives it.
    DEVICE_NAME = one "ethercat.manufacturer_device_name";
    /// Object 1009: version of the hardware.
    HARDWARE_VERSION = one "ethercat.manufacturer_hardware_version";
    /// Object 100A: version of the software.
    SOFTWARE_VERSION = one "ethercat.manufacturer_software_version";
    /// Position of the slave on the line; the first is 0.
    POSITION = one "ethercat.position";
    /// Vendor and product code as they are written together: `0x00000002:0x044c2c52`.
    PRODUCT = one "ethercat.product";
    /// Product code.
    PRODUCT_CODE = one "ethercat.product_code";
    /// Revision number.
    REVISION_NUMBER = one "ethercat.revision_number";
    /// Serial number.
    SERIAL_NUMBER = one "ethercat.serial_number";
    /// How many slaves there are on the line.
    SLAVES = one "ethercat.slaves";
    /// Vendor identifier, as the EtherCAT Technology Group gives it.
    VENDOR_ID = one "ethercat.vendor_id";
}
