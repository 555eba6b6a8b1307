//! System status lists and sessions of S7, as tshark names their fields. Of each list there are as many values as records.

use super::{About, Wanted, number, strings};

pub fn lists(about: &mut About<'_>) {
    let field = |name: &str| strings(&about.fact[name]);
    let (orders, kinds) = (field("xy11.0001.anz"), field("xy11.0001.bgtyp"));
    let (major, minor) = (field("xy11.0001.ausbg"), field("xy11.0001.ausbe"));
    let indices = field("xy11.0001.index");
    for (at, index) in indices.iter().enumerate() {
        let version = version(number(&major[at]), number(&minor[at]));
        let order = orders[at].trim().to_owned();
        match number(index) {
            1 => {
                about.want(&["s7.order_number"], Wanted::Is(order));
                about.want(&["s7.module_type"], Wanted::Is(number(&kinds[at]).to_string()));
                about.want(&["s7.module_version"], Wanted::Is(version));
            }
            6 => {
                about.want(&["s7.hardware_order_number"], Wanted::Is(order));
                about.want(&["s7.hardware_version"], Wanted::Is(version));
            }
            7 => about.want(&["s7.firmware"], Wanted::Is(version)),
            _ => about.want(&["s7.firmware_extension"], Wanted::Is(format!("{order} {version}"))),
        }
    }
    for (name, keys) in COMPONENTS {
        for text in strings(&about.fact[*name]).iter().map(|text| text.trim()) {
            if !text.is_empty() {
                about.want(keys, Wanted::Is(text.to_owned()));
            }
        }
    }
    for (name, keys) in NUMBERS {
        for value in strings(&about.fact[*name]).iter().map(|text| number(text)) {
            if value != 0 {
                about.want(keys, Wanted::Is(value.to_string()));
            }
        }
    }
}

/// The session gives the first two numbers of the firmware only.
pub fn session(about: &mut About<'_>) {
    about.same("order_number", &["s7.order_number"]);
    about.same("firmware", &["s7.session_firmware"]);
}

/// A letter in front makes a release of it, else it is an issue: 22019 and 518 are V3.2.6.
fn version(major: u64, minor: u64) -> String {
    let letter = char::from(u8::try_from(major >> 8).unwrap());
    if letter.is_ascii_alphabetic() {
        format!("{letter}{}.{}.{}", major & 0xff, minor >> 8, minor & 0xff)
    } else {
        major.to_string()
    }
}

const COMPONENTS: &[(&str, &[&str])] = &[
    ("001c.0001.name", &["s7.system_name"]),
    ("001c.0002.name", &["s7.module_name"]),
    ("001c.0003.tag", &["s7.plant_designation"]),
    ("001c.0004.copyright", &["s7.copyright"]),
    ("001c.0005.serialn", &["s7.serial_number"]),
    ("001c.0007.cputypname", &["s7.module_type_name"]),
    ("001c.0008.snmcmmc", &["s7.memory_card_serial_number"]),
    ("001c.000a.oem_copyright_string", &["s7.oem_copyright"]),
    ("001c.000b.loc_id", &["s7.location_designation"]),
];

const NUMBERS: &[(&str, &[&str])] = &[
    ("001c.0009.manufacturer_id", &["s7.manufacturer_id"]),
    ("001c.0009.profile_id", &["s7.profile_id"]),
    ("001c.0009.profile_spec_typ", &["s7.profile_type"]),
    ("001c.000a.oem_id", &["s7.oem_id"]),
];
