//! Protocols of automation, in the words of the truth files.

use super::{About, Wanted};

/// Facts of kinds that no other reader knows.
pub fn facts(kind: &str, about: &mut About<'_>) {
    match kind {
        "ams" => ams(about),
        "ads.udp_discovery" => about.same("hostname", &["ads.host_name"]),
        "niagara.fox_hello" | "niagara.fox_hello(client)" => fox(about),
        _ => {}
    }
}

/// The versions of the two programs stand at each other's in the file, and are left out: frame 6 says 3.5.41.1.
fn fox(about: &mut About<'_>) {
    about.same("app", &["fox.app_name"]);
    about.same("host", &["fox.host_name"]);
    about.same("station", &["fox.station_name"]);
    about.same("brand", &["fox.brand_id"]);
    for (field, keys) in [
        ("os", [&["fox.os_name"] as &'static [_], &["fox.os_version"]]),
        ("vm", [&["fox.vm_name"], &["fox.vm_version"]]),
    ] {
        let text = about.text(field).unwrap();
        let (name, version) = text.rsplit_once(' ').unwrap();
        let [name_keys, version_keys] = keys;
        about.want(name_keys, Wanted::Is(name.to_owned()));
        about.want(version_keys, Wanted::Is(version.to_owned()));
    }
}

fn ams(about: &mut About<'_>) {
    about.same("device", &["ads.device"]);
    let number = |name: &str| about.text(name);
    if let (Some(major), Some(minor), Some(build)) =
        (number("major"), number("minor"), number("build"))
    {
        about.want(&["ads.version"], Wanted::Is(format!("{major}.{minor}.{build}")));
    }
    // By which NetId a node speaks is told once of each conversation.
    about.frame = 0;
    about.same("netid", &["ads.net_id"]);
}
