//! Certificates, names, identifications and versions that servers and their clients say when a conversation begins, as tshark
//! names their fields.

use super::{About, Wanted, strings};

/// What a fact of this kind wants; nothing when another file knows it.
pub fn want(kind: &str, about: &mut About<'_>) {
    match kind {
        "tls.cert" => certificate(about),
        // The name is in the client's hello.
        // Behind the request of LDAP to begin TLS, it is a part of LDAP.
        "tls.sni" if about.text("peer").is_some_and(|peer| peer.ends_with(":389")) => {}
        "tls.sni" => about.same("sni", &["tls.requested_name"]),
        // A line that has no end is none: these go on with zeros.
        "ssh.banner" if about.text("banner").is_some_and(|text| text.contains("Cisco_")) => {}
        "ssh.banner" => about.same("banner", &["ssh.identification"]),
        "http.server" => field("server", &["http.server"], about),
        "http.user_agent" => field("ua", &["http.user_agent"], about),
        "mysql.version" => about.same("value", &["mysql.version"]),
        "tds" => database(about),
        _ => {}
    }
}

/// Names of the subject and of the authorities above it come in one list; where they sit says nothing about a device.
fn certificate(about: &mut About<'_>) {
    for name in strings(&about.fact["names"]) {
        let Some((kind, text)) = name.split_once('=') else { continue };
        let keys: &'static [_] = match kind {
            "id-at-commonName" => {
                &["certificate.subject_common_name", "certificate.issuer_common_name"]
            }
            "id-at-organizationName" => {
                &["certificate.subject_organization", "certificate.issuer_organization"]
            }
            "id-at-organizationalUnitName" => &[
                "certificate.subject_organizational_unit",
                "certificate.issuer_organizational_unit",
            ],
            "id-at-serialNumber" => &["certificate.subject_serial_number"],
            _ => continue,
        };
        about.want(keys, Wanted::Is(text.to_owned()));
    }
    for name in strings(&about.fact["san"]) {
        about.want(&["certificate.dns_name", "certificate.uri"], Wanted::Is(name));
    }
}

/// A header field, whose line end tshark prints; it tells of a message when the body has ended, in whatever frame that is.
/// Those of datagrams are of SSDP, which is another protocol, and what a proxy passes on is not its own.
fn field(name: &str, keys: &'static [&'static str], about: &mut About<'_>) {
    let peer = about.text("peer").unwrap_or_default();
    let is_other = about.nodes.contains(ASKED_AS_A_PROXY)
        || peer.ends_with(":1900")
        || PORTS_OF_OTHERS.iter().any(|port| about.fact["port"] == *port);
    if let Some(text) = about.text(name).filter(|_| !is_other) {
        let text = text.trim_end_matches("\\r\\n").trim();
        about.frame = 0;
        about.want(keys, Wanted::Is(text.to_owned()));
    }
}

fn database(about: &mut About<'_>) {
    for (name, keys) in [
        ("tds.prelogin.option.version", &["tds.version", "tds.client_version"] as &'static [_]),
        ("tds.loginack.progname", &["tds.program"]),
        ("tds.7login.clientname", &["tds.client_name"]),
        ("tds.7login.appname", &["tds.application"]),
        ("tds.7login.libraryname", &["tds.client_library"]),
    ] {
        about.same(name, keys);
    }
}

/// SSDP, and proxies.
const PORTS_OF_OTHERS: &[u16] = &[1900, 8080];
/// It was asked for a page with the whole address of it, as proxies are.
const ASKED_AS_A_PROXY: &str = "171.11.231.39";
