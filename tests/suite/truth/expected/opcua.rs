//! Applications and endpoints of OPC UA, as tshark names their fields: of each as many values as there are in the message.

use super::{About, Wanted, strings};

pub fn applications(about: &mut About<'_>) {
    for (field, keys) in FIELDS {
        for text in strings(&about.fact[*field]) {
            // A number stands behind the name of a type.
            let text = text.split(" (0x").next().unwrap();
            if !text.starts_with("[OpcUa ") {
                about.want(keys, Wanted::Is(text.to_owned()));
            }
        }
    }
}

const FIELDS: &[(&str, &[&str])] = &[
    ("ApplicationUri", &["opcua.application_uri", "opcua.listed_application_uri"]),
    ("ProductUri", &["opcua.product_uri", "opcua.listed_product_uri"]),
    ("loctext.Text", &["opcua.application_name", "opcua.listed_application_name"]),
    ("ApplicationType", &["opcua.application_type", "opcua.listed_application_type"]),
    ("ServerUri", &["opcua.application_uri"]),
    ("EndpointUrl", &["opcua.endpoint_url", "opcua.requested_url"]),
    ("SessionName", &["opcua.session_name"]),
    ("SecurityPolicyUri", &["opcua.security_policy"]),
];
