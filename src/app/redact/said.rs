//! What the value of a fact is, by the key that it stands under: an address, a name, a serial number, or none of them.

use crate::model::Key;

/// What a value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Said {
    /// A name of a device, a person, a domain, a site.
    Name,
    /// A serial number.
    Serial,
    /// Anything else, in which addresses and names may occur.
    Other,
}

/// By the words of the key: protocols are open, and a new one brings keys of the same nouns.
pub(super) fn of(key: Key) -> Said {
    let noun = key.name.split_once('.').map_or(key.name, |(_, noun)| noun);
    let has = |words: &[&str]| words.iter().any(|word| noun.contains(word));
    if has(SERIAL) {
        Said::Serial
    } else if has(NAMES) && !has(PUBLISHED) {
        Said::Name
    } else {
        Said::Other
    }
}

/// And digests that are as good as one.
const SERIAL: &[&str] = &["fingerprint", "self_issued", "serial"];

/// Nouns of what people and domains are called, and of what a GUID stands for: Samba makes one of its host name.
const NAMES: &[&str] = &[
    "account",
    "application_uri",
    "asset_id",
    "chassis_id",
    "device_id",
    "device_description",
    "device_uuid",
    "client_identifier",
    "comment",
    "computer",
    "contact",
    "control_block",
    "data_set",
    "descriptor",
    "designation",
    "discovery_url",
    "domain",
    "endpoint_url",
    "engine_id",
    "engine_text",
    "forest",
    "fqdn",
    "guid",
    "host",
    "id_code",
    "instance",
    "label",
    "long_tag",
    "location",
    "master_of",
    "name",
    "net_id",
    "organization",
    "owner",
    "principal",
    "private_attribute",
    "project",
    "realm",
    "requested_url",
    "root_domain",
    "server_id_text",
    "session",
    "site",
    "title",
    "tree",
    "txt",
    "user_description",
    "assigned_description",
    "port_description",
    "workgroup",
    "workstation",
    "zone",
];

/// Nouns of what a maker calls its products: the same in every plant.
const PUBLISHED: &[&str] = &[
    "product_name",
    "vendor_name",
    "model_name",
    "module_type_name",
    "manufacturer_name",
    "bulletin_name",
    "functionality",
    "project_crc",
    "product_uri",
    "project_version",
    "port_name",
    "session_application",
    "session_firmware",
    "session_version",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_their_nouns() {
        for (key, said) in [
            ("dhcp.host_name", Said::Name),
            ("smb.server_guid", Said::Name),
            ("enip.product_name", Said::Other),
            ("lldp.med_serial_number", Said::Serial),
            ("modbus.vendor_name", Said::Other),
            ("s7.plant_designation", Said::Name),
            ("s7.module_type_name", Said::Other),
            ("s7.session_version", Said::Other),
            ("opcua.application_uri", Said::Name),
            ("opcua.endpoint_url", Said::Name),
            ("opcua.manufacturer_name", Said::Other),
            ("certificate.subject_organization", Said::Name),
            ("certificate.fingerprint", Said::Serial),
            ("import.zone", Said::Name),
            ("import.name", Said::Name),
        ] {
            let said_of = of(Key::one(key));
            assert_eq!(said_of, said, "{key}");
        }
    }
}
