//! What controllers of Omron say of themselves, as tshark names it, or as a person read it.

use super::{About, Wanted, strings};

/// One field, of which an answer may have several; or model and version at once.
pub fn said(about: &mut About<'_>) {
    about.same("product", &["fins.controller_model"]);
    about.same("version", &["fins.controller_version"]);
    let keys: &'static [&'static str] = match about.fact["kind"].as_str() {
        Some("omron.controller.model") => &["fins.controller_model"],
        Some("omron.controller.version") => &["fins.controller_version"],
        _ => &["fins.unit_model", "fins.controller_model"],
    };
    about.same("value", keys);
    for value in strings(&about.fact["value"]) {
        about.want(keys, Wanted::Is(value));
    }
}

/// Kinds of facts that are of FINS.
pub const KINDS: &[&str] = &[
    "omron.controller.model",
    "omron.controller.version",
    "omron.model_number",
    "fins.controller_data_read",
];
