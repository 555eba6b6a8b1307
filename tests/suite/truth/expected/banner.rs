//! What servers say first, as tshark names its fields: FTP, SMTP and VNC.

use super::{About, Wanted, strings};

pub fn said(kind: &str, about: &mut About<'_>) {
    if kind == "vnc" {
        for field in ["vnc.server_proto_ver", "vnc.client_proto_ver"] {
            about.same(field, &["vnc.protocol_version"]);
        }
        return;
    }
    let Some((_, keys)) = KEYS.iter().find(|(known, _)| *known == kind) else { return };
    let value = &about.fact["value"];
    let lines = value.as_str().map_or_else(|| strings(value), |line| vec![line.to_owned()]);
    for line in lines {
        about.want(keys, Wanted::Is(line));
    }
}

const KEYS: &[(&str, &[&str])] = &[
    ("ftp.response.arg", &["ftp.greeting", "ftp.system"]),
    ("smtp.rsp.parameter", &["smtp.greeting"]),
];
