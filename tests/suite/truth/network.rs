//! Facts of BACnet and CDP in the words of the truth files.

use super::expected::{About, Wanted};

/// CDP of a switch.
pub(super) fn cdp(about: &mut About<'_>) {
    for (field, keys) in [
        ("device", &["cdp.device_id"] as &'static [_]),
        ("platform", &["cdp.platform"]),
        ("port_id", &["cdp.port_id"]),
    ] {
        about.same(field, keys);
    }
    if let Some(software) = about.text("software") {
        about.want(&["cdp.software_version"], Wanted::Begins(software));
    }
    let addresses = about.fact["addr"].as_array().cloned().unwrap_or_default();
    for address in addresses.iter().filter_map(|address| address.as_str()) {
        about.want(&["cdp.address", "cdp.management_address"], Wanted::Is(address.to_owned()));
    }
}

/// Who is there, and properties of device objects. What a BBMD passes on is said of whoever sent it first, so that only
/// frame and value have to be right.
pub(super) fn bacnet(kind: &str, about: &mut About<'_>) {
    about.nodes.clear();
    let device =
        about.text("object").and_then(|object| object.strip_prefix("device,").map(str::to_owned));
    match (kind, device) {
        ("bacnet.i-am", Some(device)) => {
            if device != ANY_DEVICE {
                about.want(&["bacnet.device_instance"], Wanted::Is(device));
            }
            let vendor = about.text("vendor").unwrap();
            let (_, number) = vendor.rsplit_once('(').unwrap();
            let number = number.trim_end_matches(')').to_owned();
            about.want(&["bacnet.vendor_identifier"], Wanted::Is(number));
        }
        ("bacnet.property", Some(_)) => {
            let property = about.text("prop").unwrap();
            let Some((_, key)) = PROPERTIES.iter().find(|(name, _)| *name == property) else {
                return;
            };
            let Some(value) = about.text("value") else { return };
            let value = value.split_once(' ').map_or(&*value, |(_, value)| value);
            about.want(key, Wanted::Is(value.trim_matches('\'').to_owned()));
        }
        _ => {}
    }
}

/// The system group of answers; what is asked to be set is not true yet.
pub(super) fn snmp(about: &mut About<'_>) {
    let (Some(oid), Some(value)) = (about.text("oid"), about.text("value")) else { return };
    let number = oid.strip_prefix("1.3.6.1.2.1.1.").and_then(|rest| rest.strip_suffix(".0"));
    if about.text("pdu").as_deref() != Some("get-response") || value == "<MISSING>" {
        return;
    }
    let keys: &'static [&'static str] = match number {
        Some("1") => &["snmp.system_description"],
        Some("2") => &["snmp.system_object_id"],
        Some("3") => {
            let days = value.parse::<u64>().unwrap() / 8_640_000;
            return about.want(&["snmp.system_up_time"], Wanted::Is(days.to_string()));
        }
        Some("4") => &["snmp.system_contact"],
        Some("5") => &["snmp.system_name"],
        Some("6") => &["snmp.system_location"],
        Some("7") => &["snmp.system_services"],
        _ => return,
    };
    let value = value.split(" (iso").next().unwrap().trim_matches('"');
    about.want(keys, Wanted::Is(value.to_owned()));
}

const ANY_DEVICE: &str = "4194303";
const PROPERTIES: &[(&str, &[&str])] = &[
    ("application-software-version", &["bacnet.application_software_version"]),
    ("description", &["bacnet.device_description"]),
    ("firmware-revision", &["bacnet.firmware_revision"]),
    ("location", &["bacnet.location"]),
    ("model-name", &["bacnet.model_name"]),
    ("object-name", &["bacnet.object_name"]),
    ("serial-number", &["bacnet.serial_number"]),
    ("vendor-identifier", &["bacnet.vendor_identifier"]),
    ("vendor-name", &["bacnet.vendor_name"]),
];
