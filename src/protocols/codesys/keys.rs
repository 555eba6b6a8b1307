//! What CODESYS says, by the words of its runtime.

use crate::model::Key;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident = $values:ident $text:literal;)+) => {
        $($(#[$doc])* pub(super) const $name: Key = Key::$values($text);)+

        /// All of them.
        pub(super) const ALL: &[Key] = &[$($name),+];
    };
}

keys! {
    /// A change was asked for, whatever the answer: what, and by which address.
    ATTEMPT = event "codesys.attempt";
    /// Name of the device, as its maker gives it.
    DEVICE_NAME = one "codesys.device_product_name";
    /// Name of the node.
    NODE_NAME = one "codesys.node_name";
    /// Version 2: operating system.
    OS_NAME = one "codesys.os_name";
    /// Version 2: which of it.
    OS_TYPE = one "codesys.os_type";
    /// Version 2: what it is.
    PRODUCT_TYPE = one "codesys.product_type";
    /// How messages are protected: `secured` when they can not be read.
    PROTECTION = several "codesys.protection";
    /// Serial number.
    SERIAL_NUMBER = one "codesys.serial_number";
    /// Number of the device within the range of its maker, whose number stands in front.
    TARGET_ID = one "codesys.target_id";
    /// What kind of target it is; 4096 is a programmable controller.
    TARGET_TYPE = one "codesys.target_type";
    /// Version of the target: four numbers.
    TARGET_VERSION = one "codesys.target_version";
    /// Name of the maker.
    VENDOR_NAME = one "codesys.vendor_name";
    /// Which generation is spoken: `2`, `3`.
    VERSION = several "codesys.version";
}
