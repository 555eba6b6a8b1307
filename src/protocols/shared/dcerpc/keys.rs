//! What remote procedure calls say, whatever carried them.

use crate::model::Key;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident = $values:ident $text:literal;)+) => {
        $($(#[$doc])* pub(in crate::protocols) const $name: Key = Key::$values($text);)+

        /// All of them: a protocol that carries remote procedure calls lists this among its keys.
        pub(in crate::protocols) const KEYS: &[Key] = &[$($name),+];
    };
}

keys! {
    /// Domain of the accounts on this host: its own name, or on a domain controller the domain's.
    ACCOUNT_DOMAIN_NAME = one "dcerpc.account_domain_name";
    /// Its security identifier: made when the system was set up, and copied with its disk image.
    ACCOUNT_DOMAIN_SID = one "dcerpc.account_domain_sid";
    /// What services say about themselves to the endpoint mapper; a PROFINET device says order number and versions.
    ANNOTATION = several "dcerpc.annotation";
    /// Version of the firmware that started the computer.
    BIOS_VERSION = one "dcerpc.bios_version";
    /// Full name of the build of Windows: `14393.4169.amd64fre.rs1_release.210107-1130`.
    BUILD_LAB_EX = one "dcerpc.build_lab_ex";
    /// Version of DCOM.
    COM_VERSION = one "dcerpc.com_version";
    /// Description of the server, free text.
    COMMENT = one "dcerpc.comment";
    /// NetBIOS name of the host.
    COMPUTER_NAME = one "dcerpc.computer_name";
    /// Service pack: `Service Pack 1`.
    CSD_VERSION = one "dcerpc.csd_version";
    /// Build number of Windows.
    CURRENT_BUILD = one "dcerpc.current_build";
    /// Version of Windows as the registry says it; 6.3 since Windows 8.1.
    CURRENT_VERSION = one "dcerpc.current_version";
    /// Release of Windows: `22H2`.
    DISPLAY_VERSION = one "dcerpc.display_version";
    /// Fully qualified name of the domain that the host is a member of.
    DNS_DOMAIN_NAME = one "dcerpc.dns_domain_name";
    /// Fully qualified name of the forest.
    DNS_FOREST_NAME = one "dcerpc.dns_forest_name";
    /// Name of the host in DNS, without domain.
    DNS_HOST_NAME = one "dcerpc.dns_host_name";
    /// Domain controllers that this host names.
    DOMAIN_CONTROLLER = several "dcerpc.domain_controller";
    /// NetBIOS name of the domain or work group that the host is a member of.
    DOMAIN_NAME = one "dcerpc.domain_name";
    /// Security identifier of the domain that the host is a member of.
    DOMAIN_SID = one "dcerpc.domain_sid";
    /// Edition of Windows: `Professional`, `ServerStandard`.
    EDITION_ID = one "dcerpc.edition_id";
    /// Ports and pipes at which services of this host are reached, as the endpoint mapper says.
    ENDPOINT = several "dcerpc.endpoint";
    /// Names in the string bindings of DCOM.
    HOST_NAME = several "dcerpc.host_name";
    /// `Client`, `Server`, `Server Core`.
    INSTALLATION_TYPE = one "dcerpc.installation_type";
    /// Interfaces that this host serves, by identifier and version: accepted by it, or listed by its endpoint mapper.
    INTERFACE = several "dcerpc.interface";
    /// Authentication mechanisms that this node used.
    MECHANISM = several "dcerpc.mechanism";
    /// Addresses in the string bindings of DCOM: all networks that the host is in.
    NETWORK_ADDRESS = several "dcerpc.network_address";
    /// Version of the operating system, major and minor: `10.0`.
    OS_VERSION = one "dcerpc.os_version";
    /// Version of the operating system with build, as the print system tells: `10.0.17763`.
    OS_VERSION_INFO = one "dcerpc.os_version_info";
    /// Number of the platform: 500 is Windows NT, which Samba says, too.
    PLATFORM_ID = one "dcerpc.platform_id";
    /// Name of the edition of Windows: `Windows 10 Pro`. Windows 11 says 10 here.
    PRODUCT_NAME = one "dcerpc.product_name";
    /// `WinNT` on a workstation, `ServerNT` on a server, `LanmanNT` on a domain controller.
    PRODUCT_TYPE = one "dcerpc.product_type";
    /// Release of Windows before it was called display version: `1809`.
    RELEASE_ID = one "dcerpc.release_id";
    /// 1 when this node's calls or answers are encrypted: what they hold is hidden from us.
    SEALED = one "dcerpc.sealed";
    /// Bits for the roles of a server, \[MS-SRVS\] section 2.2.2.7.
    SERVER_TYPE = one "dcerpc.server_type";
    /// Maker of the computer.
    SYSTEM_MANUFACTURER = one "dcerpc.system_manufacturer";
    /// Model of the computer.
    SYSTEM_PRODUCT_NAME = one "dcerpc.system_product_name";
    /// Update build revision: the update level of Windows, which raises with every cumulative update.
    UBR = one "dcerpc.ubr";
}
