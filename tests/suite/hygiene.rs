//! What makes two sightings one device must be a device's own: not what disk images copy, not what others say about it.

use std::collections::BTreeSet;

use nameplate::fingerprint::Signatures;
use nameplate::model::{Addr, Frame, FrameRef, Mac};
use nameplate::packet::decode;
use nameplate::protocols::REGISTRY;

use crate::traffic::{self, Shot};

/// Keys that are said about a node by others, in captures in which it sends nothing. What they say is no identity: which
/// connection somebody wants to it (`enip`), which name somebody calls it by (`smb.netname`, `kerberos`), which name it was
/// given or refused (`nbns`, `ldap`), which version is spoken to it. A key more here is a decision: whatever it says, the
/// device did not say it.
const SAID_BY_OTHERS: &[&str] = &[
    "bacnet.device_instance",
    "bacnet.max_apdu_length",
    "bacnet.segmentation",
    "bacnet.vendor_identifier",
    "dhcp.address",
    "dhcp.client_identifier",
    "dhcp.host_name",
    "dhcp.message_type",
    "dhcp.offered_address",
    "dhcp.parameter_request_list",
    "dhcp.requested_address",
    "dhcp.vendor_class_identifier",
    "enip.connection_timeout_multiplier",
    "enip.consumes_from",
    "enip.originator_to_target_rpi",
    "enip.originator_to_target_size",
    "enip.role",
    "enip.target_to_originator_rpi",
    "enip.target_to_originator_size",
    "iec104.attempt",
    "iec104.role",
    "kerberos.machine_account",
    "ldap.client_site_name",
    "mms.role",
    "nbns.name",
    "nbns.refused_name",
    "nbns.resolved_name",
    "opcua.certificate_thumbprint",
    "opcua.identity_token",
    "opcua.requested_url",
    "opcua.role",
    "ntp.time_source",
    "s7.calling_tsap",
    "s7.role",
    "smb.netname",
    "smb.version",
];

/// Disk images copy the identifier of a computer, and all machines of a domain share that of the domain.
#[test]
fn no_rule_takes_an_identifier_that_images_copy_for_a_serial_number() {
    let is_copied = |key: &str| {
        let noun = key.rsplit(['.', '_']).next().unwrap_or_default();
        ["sid", "guid", "uuid"].contains(&noun)
    };
    let keys = REGISTRY.iter().flat_map(|protocol| protocol.every_key());
    assert!(keys.filter(|key| is_copied(key.name)).count() > 3, "the keys are named otherwise now");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures");
    let mut serials = 0;
    for (name, text) in nameplate::fingerprint::embedded::FILES {
        let table: toml::Table = text.parse().unwrap();
        for signature in table["signature"].as_array().unwrap() {
            let Some(serial) = signature["claim"].get("serial") else { continue };
            let text = serial.to_string();
            let from = text.split(['{', '}', '"', ' ']).filter(|word| word.contains('.'));
            let copied: Vec<&str> = from.filter(|key| is_copied(key)).collect();
            assert!(copied.is_empty(), "{}/{name}: {text}", folder.display());
            serials += 1;
        }
    }
    assert!(serials > 0);
    assert!(Signatures::embedded().is_ok());
}

#[test]
fn what_others_say_about_a_silent_node_is_known() {
    let mut found: BTreeSet<String> = BTreeSet::new();
    for (_, shots) in traffic::captures() {
        // A mirror of one direction only shows what is said to those who are not heard.
        let (up, down) = shots.iter().cloned().partition(is_upward);
        for shots in [shots, up, down] {
            let senders = senders(&shots);
            for fact in traffic::hear(&shots).0 {
                if !senders.contains(&fact.subject.node.addr) {
                    found.insert(fact.key.name.to_owned());
                }
            }
        }
    }
    let expected: BTreeSet<String> = SAID_BY_OTHERS.iter().map(|key| (*key).to_owned()).collect();
    assert_eq!(found, expected);
}

fn is_upward(shot: &Shot) -> bool {
    let Shot { at, link, wire_len, .. } = *shot;
    let frame = FrameRef::default();
    let packet = decode(&Frame { at, frame, link, wire_len, bytes: &shot.bytes });
    packet.net.is_none_or(|net| net.source < net.destination)
}

/// Every address that a packet came from: of IP, of Ethernet, of ARP and DHCP.
fn senders(shots: &[Shot]) -> BTreeSet<Addr> {
    let mut senders = BTreeSet::new();
    for shot in shots {
        let Shot { at, link, wire_len, .. } = *shot;
        let frame = FrameRef::default();
        let packet = decode(&Frame { at, frame, link, wire_len, bytes: &shot.bytes });
        senders.extend(packet.source.map(Addr::Mac));
        senders.extend(packet.net.map(|net| Addr::Ip(net.source)));
        if packet.ether_type == 0x0806 && packet.payload.len() >= 18 {
            let address = &packet.payload[8..18];
            senders.insert(Addr::Mac(Mac(address[..6].try_into().unwrap())));
            let ip: [u8; 4] = address[6..10].try_into().unwrap();
            senders.insert(Addr::Ip(ip.into()));
        }
    }
    senders
}
