//! What controllers and instruments say of themselves: FINS, HART-IP, MELSOFT, S-Bus. Read by tshark, or by a person.

use super::{About, Wanted, number, strings};

pub fn said(kind: &str, about: &mut About<'_>) {
    match kind {
        "hart_ip" => {
            for (field, keys) in HART {
                about.number(field, keys);
            }
            about.same("rsp.device_id", &["hart_ip.device_id"]);
            if let Some(text) = about.text("rsp.hardrev_and_physical_signal") {
                // The revision stands in the upper five bits.
                let revision = number(&text) >> 3;
                about.want(&["hart_ip.hardware_revision"], Wanted::Is(revision.to_string()));
            }
        }
        "melsec.node_search_reply" => about.same("product", &["slmp.model_name"]),
        "sbus.module" => about.same("product", &["sbus.module"]),
        "fins.controller_data_read"
        | "omron.controller.model"
        | "omron.controller.version"
        | "omron.model_number" => fins(kind, about),
        _ => {}
    }
}

/// One field, of which an answer may have several; or model and version at once.
fn fins(kind: &str, about: &mut About<'_>) {
    about.same("product", &["fins.controller_model"]);
    about.same("version", &["fins.controller_version"]);
    let keys: &'static [&'static str] = match kind {
        "omron.controller.model" => &["fins.controller_model"],
        "omron.controller.version" => &["fins.controller_version"],
        _ => &["fins.unit_model", "fins.controller_model"],
    };
    about.same("value", keys);
    for value in strings(&about.fact["value"]) {
        about.want(keys, Wanted::Is(value));
    }
}

const HART: &[(&str, &[&str])] = &[
    ("rsp.expanded_device_type", &["hart_ip.expanded_device_type"]),
    ("rsp.hart_univ_rev", &["hart_ip.universal_revision"]),
    ("rsp.device_rev", &["hart_ip.device_revision"]),
    ("rsp.software_rev", &["hart_ip.software_revision"]),
    ("rsp.manufacturer_Id", &["hart_ip.manufacturer_id"]),
    ("rsp.private_label", &["hart_ip.private_label"]),
    ("rsp.device_profile", &["hart_ip.device_profile"]),
];
