//! What PROFINET says without IP, by the nouns of IEC 61158-6-10.

use crate::model::Key;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident = $values:ident $text:literal;)+) => {
        $($(#[$doc])* pub(super) const $name: Key = Key::$values($text);)+

        /// All of them.
        pub(super) const ALL: &[Key] = &[$($name),+];
    };
}

keys! {
    /// The device found its own address in use by another: the address.
    ADDRESS_CONFLICT = event "pn_dcp.address_conflict";
    /// The IP address was set: by which address.
    ADDRESS_CHANGE = event "pn_dcp.address_change";
    /// An alarm: its type, and where in the device it came from.
    ALARM = event "pn_dcp.alarm";
    /// Name of station and port of the device's neighbour, by which it can be found before it has a name.
    ALIAS_NAME = several "pn_dcp.alias_name";
    /// The IP address that somebody told the device to take. Whether it did, it says itself.
    ASSIGNED_IP_ADDRESS = one "pn_dcp.assigned_ip_address";
    /// The name that somebody told the device to take. Whether it did, it says itself.
    ASSIGNED_NAME_OF_STATION = one "pn_dcp.assigned_name_of_station";
    /// A change was asked for, whatever the answer: what, and by which address.
    ATTEMPT = event "pn_dcp.attempt";
    /// A connection was given up: the four bytes of PNIOStatus as hexadecimal digits.
    CONNECTION_ABORTED = event "pn_dcp.connection_aborted";
    /// Data that the node sends in cycles: `isochronous`, `unicast`, `multicast`.
    CYCLIC_DATA = several "pn_dcp.cyclic_data";
    /// Number of the device within the range of its maker.
    DEVICE_ID = one "pn_dcp.device_id";
    /// Number of one of several devices behind one interface.
    DEVICE_INSTANCE = one "pn_dcp.device_instance";
    /// What can be read and set: pairs of option and suboption.
    DEVICE_OPTIONS = one "pn_dcp.device_options";
    /// Roles that the device can take: `IO device, IO controller`.
    DEVICE_ROLE = one "pn_dcp.device_role";
    /// Host name, as the device asks a DHCP server by it.
    DHCP_HOST_NAME = one "pn_dcp.dhcp_host_name";
    /// Servers of the domain name system.
    DNS_SERVER = several "pn_dcp.dns_server";
    /// The device was reset to the state it was sold in: by which address.
    FACTORY_RESET = event "pn_dcp.factory_reset";
    /// Gateway of the device.
    GATEWAY = one "pn_dcp.gateway";
    /// IPv4 address of the device.
    IP_ADDRESS = one "pn_dcp.ip_address";
    /// Whether it has an address: `not set`, `set`, `set by DHCP`.
    IP_STATE = one "pn_dcp.ip_state";
    /// MAC address of the interface.
    MAC_ADDRESS = one "pn_dcp.mac_address";
    /// The name of station was set: by which address.
    NAME_CHANGE = event "pn_dcp.name_change";
    /// Name of station.
    NAME_OF_STATION = one "pn_dcp.name_of_station";
    /// Number of the device in the range of the maker whose device it is built on.
    OEM_DEVICE_ID = one "pn_dcp.oem_device_id";
    /// Number of the maker whose device it is built on.
    OEM_VENDOR_ID = one "pn_dcp.oem_vendor_id";
    /// What the node does in the clock of the network: `sync master`, `measures line delays`.
    PTCP_ROLE = several "pn_dcp.ptcp_role";
    /// Something that was asked for was refused: what, why, and to which address.
    REFUSED = event "pn_dcp.refused";
    /// The device made itself known by blinking: to whom who asked.
    SIGNAL = event "pn_dcp.signal";
    /// Alias names of devices that the node asks for.
    SOUGHT_ALIAS_NAME = several "pn_dcp.sought_alias_name";
    /// Names of stations that the node asks for: a controller its devices, a device whether its own name is free.
    SOUGHT_NAME_OF_STATION = several "pn_dcp.sought_name_of_station";
    /// Mask of the network.
    SUBNET_MASK = one "pn_dcp.subnet_mask";
    /// The clock that the node follows or gives: MAC address of the sync master.
    SYNC_MASTER = one "pn_dcp.sync_master";
    /// Group of nodes with one clock.
    SYNC_SUBDOMAIN = one "pn_dcp.sync_subdomain";
    /// Type of station, in the maker's words.
    TYPE_OF_STATION = one "pn_dcp.type_of_station";
    /// Number of the maker, as PROFIBUS & PROFINET International gives it.
    VENDOR_ID = one "pn_dcp.vendor_id";
}
