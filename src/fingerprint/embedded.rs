//! The files that come with the program. `tests/suite/signatures.rs` checks that none of `signatures/` is missing.

/// Files of rules, in the order of their names.
pub const FILES: &[(&str, &str)] = &[
    ("ads.toml", include_str!("../../signatures/ads.toml")),
    ("bacnet.toml", include_str!("../../signatures/bacnet.toml")),
    ("cip.toml", include_str!("../../signatures/cip.toml")),
    ("codesys.toml", include_str!("../../signatures/codesys.toml")),
    ("dcerpc.toml", include_str!("../../signatures/dcerpc.toml")),
    ("discovery.toml", include_str!("../../signatures/discovery.toml")),
    ("ethercat.toml", include_str!("../../signatures/ethercat.toml")),
    ("fox.toml", include_str!("../../signatures/fox.toml")),
    ("http-servers.toml", include_str!("../../signatures/http-servers.toml")),
    ("import.toml", include_str!("../../signatures/import.toml")),
    ("ldap.toml", include_str!("../../signatures/ldap.toml")),
    ("microsoft.toml", include_str!("../../signatures/microsoft.toml")),
    ("modbus.toml", include_str!("../../signatures/modbus.toml")),
    ("name-services.toml", include_str!("../../signatures/name-services.toml")),
    ("network.toml", include_str!("../../signatures/network.toml")),
    ("omron.toml", include_str!("../../signatures/omron.toml")),
    ("other-vendors.toml", include_str!("../../signatures/other-vendors.toml")),
    ("phoenix-contact.toml", include_str!("../../signatures/phoenix-contact.toml")),
    ("profinet.toml", include_str!("../../signatures/profinet.toml")),
    ("rdp.toml", include_str!("../../signatures/rdp.toml")),
    ("rockwell.toml", include_str!("../../signatures/rockwell.toml")),
    ("roles.toml", include_str!("../../signatures/roles.toml")),
    ("schneider.toml", include_str!("../../signatures/schneider.toml")),
    ("siemens-s7-compatible.toml", include_str!("../../signatures/siemens-s7-compatible.toml")),
    ("siemens-s7.toml", include_str!("../../signatures/siemens-s7.toml")),
    ("siemens.toml", include_str!("../../signatures/siemens.toml")),
    ("snmp.toml", include_str!("../../signatures/snmp.toml")),
    ("wago.toml", include_str!("../../signatures/wago.toml")),
];

/// Spellings of vendors and products.
pub const VOCABULARY: &[(&str, &str)] =
    &[("vocabulary.toml", include_str!("../../signatures/vocabulary.toml"))];

/// Tables, in the order of their names.
pub const TABLES: &[(&str, &str)] = &[
    ("bacnet-vendors.csv", include_str!("../../signatures/tables/bacnet-vendors.csv")),
    ("cip-device-types.csv", include_str!("../../signatures/tables/cip-device-types.csv")),
    ("cip-kinds.csv", include_str!("../../signatures/tables/cip-kinds.csv")),
    ("cip-vendors.csv", include_str!("../../signatures/tables/cip-vendors.csv")),
    ("dc-functionality.csv", include_str!("../../signatures/tables/dc-functionality.csv")),
    ("ethercat-products.csv", include_str!("../../signatures/tables/ethercat-products.csv")),
    ("ethercat-vendors.csv", include_str!("../../signatures/tables/ethercat-vendors.csv")),
    ("exposures.csv", include_str!("../../signatures/tables/exposures.csv")),
    ("iis-releases.csv", include_str!("../../signatures/tables/iis-releases.csv")),
    ("import-blanks.csv", include_str!("../../signatures/tables/import-blanks.csv")),
    ("import-columns.csv", include_str!("../../signatures/tables/import-columns.csv")),
    ("lifecycle.csv", include_str!("../../signatures/tables/lifecycle.csv")),
    ("logix-modes.csv", include_str!("../../signatures/tables/logix-modes.csv")),
    ("oui.csv", include_str!("../../signatures/tables/oui.csv")),
    ("patch-columns.csv", include_str!("../../signatures/tables/patch-columns.csv")),
    ("patch-states.csv", include_str!("../../signatures/tables/patch-states.csv")),
    ("pccc-plc-5.csv", include_str!("../../signatures/tables/pccc-plc-5.csv")),
    ("profinet-vendors.csv", include_str!("../../signatures/tables/profinet-vendors.csv")),
    ("questions.csv", include_str!("../../signatures/tables/questions.csv")),
    ("services.csv", include_str!("../../signatures/tables/services.csv")),
    ("snmp-enterprises.csv", include_str!("../../signatures/tables/snmp-enterprises.csv")),
    ("windows-builds.csv", include_str!("../../signatures/tables/windows-builds.csv")),
    ("windows-kernels.csv", include_str!("../../signatures/tables/windows-kernels.csv")),
];
