//! What PROFINET IO says, by the nouns of IEC 61158-6-10.

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
    ATTEMPT = event "pn_io.attempt";
    /// A call was refused: which, and the four bytes of PNIOStatus as hexadecimal digits.
    CALL_REFUSED = event "pn_io.call_refused";
    /// Number of the device within the range of its maker, by the object that answers, or that asks as a controller.
    DEVICE_ID = one "pn_io.device_id";
    /// Number of one of several devices behind one interface.
    DEVICE_INSTANCE = one "pn_io.device_instance";
    /// Module that a controller expects in the slot. Never what is there.
    EXPECTED_MODULE_IDENT_NUMBER = one "pn_io.expected_module_ident_number";
    /// Submodule that a controller expects in the subslot. Never what is there.
    EXPECTED_SUBMODULE_IDENT_NUMBER = one "pn_io.expected_submodule_ident_number";
    /// Gateway of the interface.
    GATEWAY = one "pn_io.gateway";
    /// I&M0: hardware revision.
    HARDWARE_REVISION = one "pn_io.hardware_revision";
    /// I&M1 to I&M4 were written: which, and by which address.
    IDENTIFICATION_CHANGE = event "pn_io.identification_change";
    /// I&M0: version of identification and maintenance itself: `1.1`.
    IM_VERSION = one "pn_io.im_version";
    /// I&M2: date of installation, as the owner wrote it.
    INSTALLATION_DATE = one "pn_io.installation_date";
    /// IPv4 address of the interface, as the device reports it.
    IP_ADDRESS = one "pn_io.ip_address";
    /// I&M3: descriptor, as the owner wrote it.
    DESCRIPTOR = one "pn_io.descriptor";
    /// MAC address of the interface.
    MAC_ADDRESS = several "pn_io.mac_address";
    /// Module in the slot, by the number that its device description names it with.
    MODULE_IDENT_NUMBER = one "pn_io.module_ident_number";
    /// State of a module that is not the one expected: `no module`, `wrong module`, `substitute` …
    MODULE_STATE = one "pn_io.module_state";
    /// Port and station on the other end of a cable: `port-001.switch1`.
    NEIGHBOUR = several "pn_io.neighbour";
    /// I&M0: order number.
    ORDER_ID = one "pn_io.order_id";
    /// I&M0: number of the profile that the device follows; 0 is none.
    PROFILE_ID = one "pn_io.profile_id";
    /// I&M0: type within that profile.
    PROFILE_SPECIFIC_TYPE = one "pn_io.profile_specific_type";
    /// I&M0: how often parameters were changed.
    REVISION_COUNTER = one "pn_io.revision_counter";
    /// What a node is in calls: `IO controller`, `IO supervisor`, `IO device`.
    ROLE = several "pn_io.role";
    /// I&M0: serial number.
    SERIAL_NUMBER = one "pn_io.serial_number";
    /// I&M4: signature for functional safety.
    SIGNATURE = one "pn_io.signature";
    /// I&M0: software revision: `V4.2.0`; `R` revision, `P` prototype, `U` under field test, `T` test device.
    SOFTWARE_REVISION = one "pn_io.software_revision";
    /// Name of station: that of a controller as it connects, that of a device as it answers or reports it.
    STATION_NAME = one "pn_io.station_name";
    /// Submodule in the subslot, likewise.
    SUBMODULE_IDENT_NUMBER = one "pn_io.submodule_ident_number";
    /// Mask of the interface's network.
    SUBNET_MASK = one "pn_io.subnet_mask";
    /// I&M1: function of the device in the plant, as the owner wrote it.
    TAG_FUNCTION = one "pn_io.tag_function";
    /// I&M1: place of the device in the plant, as the owner wrote it.
    TAG_LOCATION = one "pn_io.tag_location";
    /// Number of the maker, as PROFIBUS & PROFINET International gives it.
    VENDOR_ID = one "pn_io.vendor_id";
}
