//! The root entry of a directory, in which a server tells about itself (RFC 4512 section 5.1, RFC 3045; \[MS-ADTS\]
//! section 3.1.1.3.2), and the answer to a ping, which comes as an attribute of it.

use crate::model::limits::LIST_ITEMS_MAX;
use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::protocols::ldap::{
    DEFAULT_NAMING_CONTEXT, DNS_HOST_NAME, DOMAIN_CONTROLLER_FUNCTIONALITY, DOMAIN_FUNCTIONALITY,
    Ends, FOREST_FUNCTIONALITY, LDAP_SERVICE_NAME, NAMING_CONTEXT, OBJECT_CLASS,
    ROOT_DOMAIN_NAMING_CONTEXT, SASL_MECHANISM, SERVER_NAME, SUPPORTED_CAPABILITY, VENDOR_NAME,
    VENDOR_VERSION, netlogon,
};
use crate::protocols::shared::{ber, readable};
use crate::wire::{Malformed, Reader};

/// Reads the attributes of the root entry. One that is damaged inside costs only itself.
pub(super) fn read(
    mut entry: Reader<'_>,
    ends: &Ends,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut attributes = ber::expect(&mut entry, ber::SEQUENCE, "attributes")?;
    for _ in 0..LIST_ITEMS_MAX {
        if attributes.is_empty() {
            break;
        }
        let attribute = ber::expect(&mut attributes, ber::SEQUENCE, "PartialAttribute")?;
        if let Err(malformed) = one(attribute, ends, out) {
            out.damaged(malformed);
        }
    }
    Ok(())
}

fn one(mut attribute: Reader<'_>, ends: &Ends, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut name = ber::expect(&mut attribute, ber::OCTET_STRING, "type")?;
    let name = name.rest();
    let Some((_, reading)) = ATTRIBUTES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
    else {
        return Ok(());
    };
    let mut values = ber::expect(&mut attribute, ber::SET, "vals")?;
    for _ in 0..LIST_ITEMS_MAX {
        if values.is_empty() {
            break;
        }
        let value = ber::expect(&mut values, ber::OCTET_STRING, "AttributeValue")?;
        match reading {
            Reading::Text(key) => text(value, &ends.server, *key, out),
            Reading::Number(key) => number(value, &ends.server, *key, out),
            Reading::Netlogon => {
                if let Err(malformed) = netlogon::read(value, &ends.client, &ends.server, out) {
                    out.damaged(malformed);
                }
            }
        }
    }
    Ok(())
}

fn text(mut value: Reader<'_>, server: &Subject, key: Key, out: &mut Sink<'_>) {
    let start = value.at();
    let bytes = value.rest();
    readable::say(out, server, key, bytes, value.since(start));
}

/// A number in decimal digits, as all values of a directory.
fn number(mut value: Reader<'_>, server: &Subject, key: Key, out: &mut Sink<'_>) {
    let start = value.at();
    let digits = std::str::from_utf8(value.rest()).unwrap_or_default();
    match digits.parse::<u32>() {
        Ok(number) => out.uint(server, key, number, value.since(start)),
        Err(_) => out.damaged(value.impossible("functional level")),
    }
}

enum Reading {
    Text(Key),
    Number(Key),
    Netlogon,
}

const ATTRIBUTES: &[(&[u8], Reading)] = &[
    (b"defaultNamingContext", Reading::Text(DEFAULT_NAMING_CONTEXT)),
    (b"dnsHostName", Reading::Text(DNS_HOST_NAME)),
    (b"domainControllerFunctionality", Reading::Number(DOMAIN_CONTROLLER_FUNCTIONALITY)),
    (b"domainFunctionality", Reading::Number(DOMAIN_FUNCTIONALITY)),
    (b"forestFunctionality", Reading::Number(FOREST_FUNCTIONALITY)),
    (b"ldapServiceName", Reading::Text(LDAP_SERVICE_NAME)),
    (b"namingContexts", Reading::Text(NAMING_CONTEXT)),
    (b"Netlogon", Reading::Netlogon),
    (b"objectClass", Reading::Text(OBJECT_CLASS)),
    (b"rootDomainNamingContext", Reading::Text(ROOT_DOMAIN_NAMING_CONTEXT)),
    (b"serverName", Reading::Text(SERVER_NAME)),
    (b"supportedCapabilities", Reading::Text(SUPPORTED_CAPABILITY)),
    (b"supportedSASLMechanisms", Reading::Text(SASL_MECHANISM)),
    (b"vendorName", Reading::Text(VENDOR_NAME)),
    (b"vendorVersion", Reading::Text(VENDOR_VERSION)),
];
