//! Messages built after RFC 4511 and \[MS-ADTS\]; `10.0.0.1` is the client, `10.0.0.2` the server.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::protocols::harness::{self, Listener};

/// An element; long lengths take two bytes, as most servers write them.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut element = vec![tag];
    match body.len() {
        length @ 0..=127 => element.push(length as u8),
        length => element.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    element.extend(body);
    element
}

fn text(text: &str) -> Vec<u8> {
    tlv(ber::OCTET_STRING, &[text.as_bytes()])
}

fn message(operation: u8, parts: &[&[u8]]) -> Vec<u8> {
    tlv(ber::SEQUENCE, &[b"\x02\x01\x01", &tlv(operation, parts)])
}

fn result(code: u8, matched: &[u8], diagnostic: &str) -> Vec<u8> {
    [&[ber::ENUMERATED, 1, code][..], &tlv(4, &[matched]), &text(diagnostic)].concat()
}

fn entry(name: &str, attributes: &[(&str, &[&[u8]])]) -> Vec<u8> {
    let list: Vec<u8> = attributes
        .iter()
        .flat_map(|(name, values)| {
            let values: Vec<u8> = values.iter().flat_map(|value| tlv(4, &[value])).collect();
            tlv(ber::SEQUENCE, &[&text(name), &tlv(ber::SET, &[&values])])
        })
        .collect();
    message(SEARCH_RESULT_ENTRY, &[&text(name), &tlv(ber::SEQUENCE, &[&list])])
}

fn listen(messages: &[(Direction, &[u8])]) -> Listener {
    harness::read(&PROTOCOL, false, messages)
}

fn values(heard: &Listener) -> Vec<String> {
    heard.lines().iter().map(|line| line.rsplit_once(" @").unwrap().0.to_owned()).collect()
}

const NTLM_VERSION: &[u8] = b"NTLMSSP\0\x02\0\0\0\0\0\0\0\x38\0\0\0\x05\x02\x08\xa2chalenge\
    \0\0\0\0\0\0\0\0\0\0\0\0\x38\0\0\0\x0a\x00\x39\x38\0\0\0\x0f";

#[test]
fn the_root_entry_tells_about_the_server() {
    let root = entry(
        "",
        &[
            ("dnsHostName", &[b"dc01.plant.example"]),
            ("domainControllerFunctionality", &[b"7"]),
            ("supportedSASLMechanisms", &[b"GSSAPI", b"GSS-SPNEGO"]),
            ("currentTime", &[b"20260302110000.0Z"]),
            ("forestFunctionality", &[b"seven"]),
            ("vendorName", &[b"Samba Team"]),
        ],
    );
    let person = entry("CN=s3cret,DC=plant", &[("dnsHostName", &[b"s3cret"])]);
    let heard = listen(&[(ToClient, &person), (ToClient, &root)]);
    assert_eq!(
        values(&heard),
        [
            "10.0.0.2  ldap.dns_host_name = dc01.plant.example",
            "10.0.0.2  ldap.domain_controller_functionality = 7",
            "10.0.0.2  ldap.sasl_mechanism = GSSAPI",
            "10.0.0.2  ldap.sasl_mechanism = GSS-SPNEGO",
            "10.0.0.2  ldap.vendor_name = Samba Team",
        ]
    );
    assert_eq!(heard.damage.len(), 1, "the level that is no number");
}

#[test]
fn names_and_passwords_of_binds_are_in_no_value_and_in_no_excerpt() {
    let bind =
        |choice: &[u8]| message(BIND_REQUEST, &[b"\x02\x01\x03", &text("cn=s3cret"), choice]);
    let sasl = |mechanism: &str, credentials: &[u8]| {
        bind(&tlv(0xa3, &[&text(mechanism), &tlv(4, &[credentials])]))
    };
    let simple = bind(&tlv(0x80, &[b"s3cret"]));
    let unauthenticated = bind(&tlv(0x80, &[]));
    let anonymous = message(BIND_REQUEST, &[b"\x02\x01\x03\x04\0\x80\0"]);
    let plain = sasl("PLAIN", b"\0s3cret\0s3cret");
    let digest = sasl("DIGEST-MD5", b"username=\"s3cret\",response=s3cret");
    let odd = sasl("s3 cret", b"`s3cret");
    let heard = listen(&[
        (ToServer, &simple),
        (ToClient, &message(BIND_RESPONSE, &[&result(49, b"cn=s3cret", "s3cret, v4563")])),
        (ToServer, &unauthenticated),
        (ToServer, &anonymous),
        (ToServer, &plain),
        (ToServer, &digest),
        (ToServer, &odd),
    ]);
    assert_eq!(
        values(&heard),
        [
            "10.0.0.1  ldap.authentication = simple",
            "10.0.0.1  ldap.authentication = unauthenticated",
            "10.0.0.1  ldap.authentication = anonymous",
            "10.0.0.1  ldap.sasl_mechanism = PLAIN",
            "10.0.0.1  ldap.authentication = SASL",
            "10.0.0.1  ldap.sasl_mechanism = DIGEST-MD5",
            "10.0.0.1  ldap.authentication = SASL",
            "10.0.0.1  ldap.authentication = SASL",
        ]
    );
    for said in &heard.said {
        let excerpt = String::from_utf8_lossy(&said.excerpt.bytes).into_owned();
        assert!(!excerpt.contains("cret"), "{said:?}");
        assert!(!said.value.to_string().contains("cret"), "{said:?}");
    }
}

#[test]
fn ntlm_is_read_from_spnego_and_from_sicily() {
    let negotiate = message(
        BIND_REQUEST,
        &[
            b"\x02\x01\x03\x04\0",
            &tlv(0xa3, &[&text("GSS-SPNEGO"), &tlv(4, &[b"NTLMSSP\0\x01\0\0\0\0\0\0\0"])]),
        ],
    );
    let challenge = message(BIND_RESPONSE, &[&result(14, b"", ""), &tlv(0x87, &[NTLM_VERSION])]);
    let heard = listen(&[(ToServer, &negotiate), (ToClient, &challenge)]);
    assert!(values(&heard).contains(&"10.0.0.2  ntlmssp.version = 10.0.14393".to_owned()));

    let discovery = message(BIND_REQUEST, &[b"\x02\x01\x03\x04\0\x89\0"]);
    let sicily = message(BIND_RESPONSE, &[&result(0, NTLM_VERSION, "")]);
    let heard = listen(&[(ToServer, &discovery), (ToClient, &sicily)]);
    assert_eq!(
        values(&heard)[..2],
        ["10.0.0.1  ldap.authentication = Sicily", "10.0.0.2  ntlmssp.version = 10.0.14393"]
    );
}

#[test]
fn active_directory_tells_its_build_in_errors() {
    let error =
        "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 52e, v4563\0";
    let refused = message(BIND_RESPONSE, &[&result(49, b"", error)]);
    assert_eq!(
        values(&listen(&[(ToClient, &refused)])),
        ["10.0.0.2  ldap.diagnostic_build = 17763"]
    );
    let done = message(
        0x65,
        &[&result(1, b"", "000004DC: LdapErr: DSID-0C090CF4, comment: x, data 0, v3839")],
    );
    assert_eq!(values(&listen(&[(ToClient, &done)])), ["10.0.0.2  ldap.diagnostic_build = 14393"]);
    for other in [
        "no such user v4563",
        "LdapErr: DSID-1, v4563 and more",
        "LdapErr: DSID-1, v",
        "LdapErr: DSID-1",
    ] {
        let refused = message(BIND_RESPONSE, &[&result(49, b"", other)]);
        assert_eq!(listen(&[(ToClient, &refused)]).lines(), [""; 0]);
    }
}

fn netlogon(names: &[u8]) -> Vec<u8> {
    let guid = b"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10";
    [b"\x17\0\0\0\xfd\xf3\x01\0", &guid[..], names].concat()
}

/// Forest at 24; domain and host point to it; NetBIOS names; user; sites.
const NAMES: &[u8] =
    b"\x05plant\x07example\0\xc0\x18\x04dc01\xc0\x18\x05PLANT\0\x04DC01\0\x06s3cret\0\
    \x04Site\0\xc0\x45\x05\0\0\0\xff\xff\xff\xff";

#[test]
fn a_ping_is_answered_by_a_domain_controller() {
    let heard = listen(&[(ToClient, &entry("", &[("Netlogon", &[&netlogon(NAMES)])]))]);
    assert_eq!(
        values(&heard),
        [
            "10.0.0.2  ldap.netlogon_flags = 127997",
            "10.0.0.2  ldap.domain_guid = 04030201-0605-0807-090a-0b0c0d0e0f10",
            "10.0.0.2  ldap.dns_forest_name = plant.example",
            "10.0.0.2  ldap.dns_domain_name = plant.example",
            "10.0.0.2  ldap.dns_host_name = dc01.plant.example",
            "10.0.0.2  ldap.netbios_domain_name = PLANT",
            "10.0.0.2  ldap.netbios_computer_name = DC01",
            "10.0.0.2  ldap.dc_site_name = Site",
            "10.0.0.1  ldap.client_site_name = Site",
        ]
    );
    assert_eq!(heard.damage, []);
}

#[test]
fn a_ping_of_windows_nt_is_answered_likewise() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let names = [wide("\\\\DC01\0"), wide("s3cret\0"), wide("PLANT\0")].concat();
    let short = [&b"\x13\0"[..], &names, b"\x01\0\0\0\xff\xff\xff\xff"].concat();
    let long = [
        &b"\x13\0"[..],
        &names,
        &[7; 16],
        &[0; 16],
        b"\x05plant\0\xc0\x4a\x02dc\xc0\x4a\x0a\0\0\x02\xfd\0\0\0\x05\0\0\0\xff\xff\xff\xff",
    ]
    .concat();
    let heard = listen(&[(ToClient, &entry("", &[("netlogon", &[&short, &long])]))]);
    let names = [
        "10.0.0.2  ldap.netbios_computer_name = DC01",
        "10.0.0.2  ldap.netbios_domain_name = PLANT",
    ];
    assert_eq!(values(&heard)[..2], names);
    assert_eq!(values(&heard)[2..4], names);
    assert_eq!(
        values(&heard)[5..],
        [
            "10.0.0.2  ldap.dns_forest_name = plant",
            "10.0.0.2  ldap.dns_domain_name = plant",
            "10.0.0.2  ldap.dns_host_name = dc.plant",
            "10.0.0.2  ldap.netlogon_flags = 253",
        ]
    );
}

#[test]
fn compressed_names_end() {
    for names in [
        &b"\xc0\x18"[..],
        b"\xc0\x19\0",
        b"\x01a\xc0\x18",
        b"\x41abc",
        b"\x05ab",
        b"\xc3\xff",
        b"\xc0",
    ] {
        let heard = listen(&[(ToClient, &entry("", &[("Netlogon", &[&netlogon(names)])]))]);
        assert_eq!(heard.damage.len(), 1, "{names:x?}");
    }
    let endless = [&[1, b'a'].repeat(LDAP_MESSAGE_BYTES_MAX / 4)[..], b"\0"].concat();
    let heard = listen(&[(ToClient, &entry("", &[("Netlogon", &[&netlogon(&endless)])]))]);
    assert_eq!(heard.damage.len(), 1);
}

#[test]
fn a_client_that_looks_for_its_domain_names_itself() {
    let term = |name: &str, value: &str| tlv(0xa3, &[&text(name), &text(value)]);
    let filter = |version: &str| {
        tlv(
            0xa0,
            &[
                &term("DnsDomain", "plant.example."),
                &term("Host", "ENG-W10"),
                &term("User", "s3cret"),
                &term(version, "\x06\0\0\0"),
            ],
        )
    };
    let fixed = b"\x04\0\x0a\x01\0\x0a\x01\0\x02\x01\0\x02\x01\0\x01\x01\0";
    let ping =
        message(SEARCH_REQUEST, &[fixed, &filter("NtVer"), &tlv(0x30, &[&text("Netlogon")])]);
    let heard = harness::read(&PROTOCOL, true, &[(ToServer, &ping)]);
    assert_eq!(
        values(&heard),
        ["10.0.0.1  ldap.requested_domain = plant.example", "10.0.0.1  ldap.host = ENG-W10"]
    );
    let search = message(SEARCH_REQUEST, &[fixed, &filter("cn"), &tlv(0x30, &[])]);
    assert_eq!(listen(&[(ToServer, &search)]).lines(), [""; 0]);
}

#[test]
fn what_is_sealed_or_encrypted_is_left_alone() {
    let bind = message(BIND_REQUEST, &[b"\x02\x01\x03\x04\0", &tlv(0xa3, &[&text("GSSAPI")])]);
    let heard = listen(&[(ToServer, &bind), (ToClient, b"\0\0\x10\0sealed")]);
    assert_eq!(heard.counted, ["ldap.sealed_conversations"]);
    let start = message(EXTENDED_REQUEST, &[&tlv(0x80, &[START_TLS])]);
    let heard = listen(&[(ToServer, &start), (ToServer, b"\x16\x03\x01")]);
    assert_eq!(heard.counted, ["ldap.encrypted_conversations"]);
    assert_eq!(listen(&[(ToServer, b"\0\0\x10\0")]).damage.len(), 1);
}

#[test]
fn long_entries_are_passed_over_without_being_waited_for() {
    let head = b"\x30\x84\x00\x10\x00\x00\x02\x01\x02\x64\x84\x00\x0f\xff\xf0\x04\x05CN=ab";
    let heard = listen(&[(ToClient, head)]);
    assert_eq!((heard.said.len(), heard.damage.len()), (0, 0));
    let root = b"\x30\x84\x00\x10\x00\x00\x02\x01\x02\x64\x84\x00\x0f\xff\xf0\x04\x00";
    assert_eq!(listen(&[(ToClient, root)]).counted, ["ldap.messages_too_long"]);
}

#[test]
fn lengths_that_lie_lose_the_framing_or_cost_their_message() {
    for bytes in [
        &b"\x30\x80\x02\x01\x01"[..],
        b"\x30\x85\0\0\0\0\x0c\x02\x01\x01",
        b"\x30\x0c\x02\x09\x01",
        b"\x30\x05\x02\x01\x01\x60\x7f\x02\x01",
        b"\x30\x05\x02\x01\x01\x30\0",
        b"\x31\x05",
    ] {
        assert_eq!(listen(&[(ToServer, bytes)]).damage.len(), 1, "{bytes:x?}");
    }
    let cut = message(BIND_REQUEST, &[b"\x02\x01\x03\x04\x7f"]);
    assert_eq!(listen(&[(ToServer, &cut)]).damage.len(), 1);
    let datagram = harness::read(&PROTOCOL, true, &[(ToServer, &cut[..6])]);
    assert_eq!(datagram.damage.len(), 1);
}

#[test]
fn the_probe_is_sure_of_binds_and_results_only() {
    let bind = message(BIND_REQUEST, &[b"\x02\x01\x03\x04\0\x80\0"]);
    assert_eq!(probe(&bind), Probe::Yes);
    assert_eq!(probe(&message(BIND_RESPONSE, &[&result(0, b"", "")])), Probe::Yes);
    assert_eq!(probe(&entry("", &[])), Probe::Maybe);
    for end in 1..9 {
        assert_eq!(probe(&bind[..end]), Probe::More, "{end}");
    }
    // SNMP version 1, version 3, and a TSRequest of CredSSP.
    for other in [
        &b"\x30\x26\x02\x01\x00\x04\x06public\xa0\x19"[..],
        b"\x30\x3e\x02\x01\x03\x30\x11\x02\x04",
        b"\x30\x37\xa0\x03\x02\x01\x06\xa1\x30",
        b"\x03\x00\x00\x16\x11\xe0",
    ] {
        assert_eq!(probe(other), Probe::No, "{other:x?}");
    }
}

#[test]
fn searches_read_and_changes_write() {
    let search = |base: &str| message(SEARCH_REQUEST, &[&text(base), b"\x0a\x01\x00"]);
    for (request, acts) in [
        (search(""), [1, 0, 0, 0, 0]),
        (search("dc=plant,dc=example"), [0, 1, 0, 0, 0]),
        (message(COMPARE_REQUEST, &[&text("cn=a")]), [0, 1, 0, 0, 0]),
        (message(MODIFY_REQUEST, &[&text("cn=a")]), [0, 0, 1, 0, 0]),
        (message(ADD_REQUEST, &[&text("cn=a")]), [0, 0, 1, 0, 0]),
        (message(DELETE_REQUEST, &[b"cn=a"]), [0, 0, 1, 0, 0]),
        (message(MODIFY_NAME_REQUEST, &[&text("cn=a")]), [0, 0, 1, 0, 0]),
        (message(SEARCH_RESULT_ENTRY, &[&text("cn=a")]), [0; 5]),
    ] {
        assert_eq!(listen(&[(ToServer, &request)]).acts(), acts, "{request:02x?}");
    }
}
