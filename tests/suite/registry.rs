//! One word for each protocol: its file, its line in the registry, its keys, its captures, its row in the docs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use nameplate::flow::Attach;
use nameplate::model::{Key, Values};
use nameplate::protocols::{Protocol, REGISTRY};

use crate::kept;
use crate::replayed::{captures_below, files_below, root};

#[test]
fn protocols_stand_in_alphabetical_order_once() {
    let names: Vec<&str> = REGISTRY.iter().map(|protocol| protocol.name).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
}

#[test]
fn every_protocol_has_a_file_of_its_name_and_every_file_a_protocol() {
    let mut of_files = stems("src/protocols");
    for other in NO_PROTOCOLS {
        of_files.remove(*other);
    }
    let registered: BTreeSet<String> =
        REGISTRY.iter().map(|protocol| protocol.name.to_owned()).collect();
    assert_eq!(of_files, registered);
}

#[test]
fn every_protocol_names_its_specification_and_where_it_is_expected() {
    for Protocol { name, spec, attach, keys, .. } in REGISTRY {
        assert!(!spec.trim().is_empty(), "{name} has no specification");
        assert!(!attach.is_empty(), "{name} is expected nowhere");
        assert!(!keys.is_empty(), "{name} says nothing");
    }
}

#[test]
fn keys_are_prefixed_with_the_protocol_or_the_shared_part_that_says_them() {
    let shared = stems("src/protocols/shared");
    let mut wrong = Vec::new();
    for protocol in REGISTRY {
        for key in protocol.every_key() {
            let prefix = key.protocol();
            if prefix != protocol.name && !shared.contains(prefix) {
                wrong.push(format!("{}: {key}", protocol.name));
            }
            let word = key.name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
            let plain = |word: &str| {
                word.starts_with(|c: char| c.is_ascii_lowercase())
                    && word
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            };
            if !word.is_some_and(plain) {
                wrong.push(format!("{}: {key} is not in snake case", protocol.name));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Two protocols may carry one shared part; then its keys are the same in both, the number of values included. A part may
/// bear the name of the protocol that is nothing but it: remote procedure calls over TCP, and in the pipes of SMB.
#[test]
fn keys_are_declared_once() {
    let shared = stems("src/protocols/shared");
    let mut values: BTreeMap<&str, Values> = BTreeMap::new();
    for protocol in REGISTRY {
        let names: BTreeSet<&str> = protocol.every_key().map(|key| key.name).collect();
        assert_eq!(
            names.len(),
            protocol.every_key().count(),
            "{} declares a key twice",
            protocol.name
        );
        for key in protocol.every_key() {
            let known = *values.entry(key.name).or_insert(key.values);
            assert_eq!(known, key.values, "{key} has other values here than there");
            if key.protocol() == protocol.name && !shared.contains(protocol.name) {
                let others = REGISTRY.iter().filter(|other| other.name != protocol.name);
                let mut all = others.flat_map(|other| other.every_key());
                assert!(all.all(|other| other != key), "{key} is another protocol's, too");
            }
        }
    }
}

#[test]
fn every_protocol_has_a_capture() {
    for protocol in REGISTRY {
        let captures = captures_of(protocol);
        assert!(!captures.is_empty(), "captures/{} holds no capture", protocol.name);
    }
}

#[test]
fn the_docs_list_every_protocol_with_every_key() {
    let mut text = String::from(
        "# Protocols\n\n\
         What can be read off the wire. Written by `UPDATE_GOLDEN=1 cargo test registry`; edit the protocol instead.\n\n\
         | Protocol | Specification | Expected at | Keys | Captures |\n\
         |---|---|---|---|---|\n",
    );
    for protocol in REGISTRY {
        let Protocol { name, spec, attach, .. } = protocol;
        let places: Vec<String> = attach.iter().map(place).collect();
        let (keys, captures) = (protocol.every_key().count(), captures_of(protocol).len());
        let row =
            format!("[{name}](#{name}) | {spec} | {} | {keys} | {captures}", places.join(", "));
        writeln!(text, "| {row} |").unwrap();
    }
    text.push_str(
        "\nA key with *one* value is what a device says of itself now: a new value replaces the one before. A key with\n\
         *several* values collects them. *Events* are things that happened, each told once a minute.\n",
    );
    for protocol in REGISTRY {
        section(protocol, &mut text);
    }
    kept::check(Path::new("docs/protocols.md"), &text).unwrap_or_else(|why| panic!("{why}"));
}

fn section(protocol: &Protocol, text: &mut String) {
    let name = protocol.name;
    writeln!(text, "\n## {name}\n\n{}.\n", protocol.spec.trim_end_matches('.')).unwrap();
    text.push_str("| Key | Values |\n|---|---|\n");
    for Key { name, values } in protocol.every_key() {
        let values = match values {
            Values::One => "one",
            Values::Several => "several",
            Values::Events => "events",
        };
        writeln!(text, "| `{name}` | {values} |").unwrap();
    }
    writeln!(text, "\nCaptures: `{}`\n", captures_of(protocol).join("`, `")).unwrap();
    text.truncate(text.trim_end().len() + 1);
}

fn place(attach: &Attach) -> String {
    match attach {
        Attach::Ether(sap @ 0..=0xff) => format!("LLC SAP {sap:#04x}"),
        // Numbers below Cisco's organization, which no Ethernet type has.
        Attach::Ether(number @ (0x010b | 0x2000)) => format!("Cisco SNAP {number:#06x}"),
        Attach::Ether(kind) => format!("Ethernet type {kind:#06x}"),
        Attach::Tcp(port) => format!("TCP port {port}"),
        Attach::Udp(port) => format!("UDP port {port}"),
    }
}

/// Captures in the folder of the protocol's name, as paths below `captures/`.
fn captures_of(protocol: &Protocol) -> Vec<String> {
    let folder = root().join("captures");
    let own = captures_below(&folder.join(protocol.name));
    own.iter().map(|path| path.strip_prefix(&folder).unwrap().display().to_string()).collect()
}

/// Names of files and folders directly in a folder, without `.rs`.
fn stems(folder: &str) -> BTreeSet<String> {
    let folder = root().join(folder);
    let first = |path: &Path| {
        let below = path.strip_prefix(&folder).unwrap();
        let name = below.iter().next().unwrap().to_str().unwrap();
        name.trim_end_matches(".rs").to_owned()
    };
    files_below(&folder).iter().map(|path| first(path)).collect()
}

/// What else is in `src/protocols`.
const NO_PROTOCOLS: &[&str] = &["harness", "mod", "recognise", "shared", "sink"];
