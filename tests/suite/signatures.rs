//! Every signature proves itself: examples hold, keys exist, spellings are known, nothing is left out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use nameplate::fingerprint::{Conclusion, Known, Signatures, Tables, embedded};
use nameplate::model::{Certainty, Excerpt, Field, FrameRef, Ground, Key, Timestamp, Value};
use nameplate::protocols::REGISTRY;

/// Everything that can be observed.
fn keys() -> Vec<Key> {
    let said = REGISTRY.iter().flat_map(|protocol| protocol.every_key());
    let listed = nameplate::model::import::COLUMNS.iter().map(|column| column.key);
    nameplate::engine::KEYS.iter().copied().chain(said).chain(listed).collect()
}

#[test]
fn all_checks_hold_for_every_signature() {
    if let Err(errors) = Signatures::load(&[], &[], &keys()) {
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{} problems:\n{}", told.len(), told.join("\n"));
    }
}

#[test]
fn no_file_of_signatures_is_left_out() {
    // Families of products and whose they are is the advisories' business, not the fingerprints'.
    let others = ["families.toml", "vendors.toml", "vocabulary.toml"];
    let mut listed: Vec<&str> = embedded::FILES.iter().map(|(name, _)| *name).collect();
    assert!(listed.is_sorted(), "keep the list in the order of names: {listed:?}");
    listed.extend(others);
    listed.sort_unstable();
    let mut present = names_in("signatures", ".toml");
    present.extend(
        others
            .map(String::from)
            .into_iter()
            .filter(|name| !present.contains(name))
            .collect::<Vec<_>>(),
    );
    present.sort_unstable();
    assert_eq!(listed, present);

    let tables: Vec<&str> = embedded::TABLES.iter().map(|(name, _)| *name).collect();
    assert_eq!(tables, names_in("signatures/tables", ".csv"));
}

#[test]
fn tables_say_their_source_and_are_sorted() {
    for (name, text) in embedded::TABLES {
        for word in ["Source:", "Licence:", "Date:"] {
            let said = text
                .lines()
                .take_while(|line| line.starts_with('#'))
                .any(|line| line.contains(word));
            assert!(said, "{name} does not say its {word}");
        }
        let rows = text.lines().skip_while(|line| line.starts_with('#')).skip(1);
        let keys: Vec<&str> = rows.map(|row| row.split_once(',').expect(name).0).collect();
        let unsorted = keys.windows(2).find(|pair| pair[0].as_bytes() >= pair[1].as_bytes());
        assert_eq!(unsorted, None, "{name}");
    }
}

#[test]
fn every_row_of_every_table_is_found() {
    let signatures = Signatures::embedded().unwrap();
    let tables: &Tables = signatures.tables();
    for (name, text) in embedded::TABLES {
        let name = name.strip_suffix(".csv").unwrap();
        for row in text.lines().skip_while(|line| line.starts_with('#')).skip(1).step_by(7) {
            let key = row.split_once(',').unwrap().0;
            let value = if name == "oui" { format!("{key:0<12}") } else { key.to_owned() };
            assert!(tables.find(name, &value).is_some(), "{name}: {key}");
        }
    }
}

/// Names of the files of a folder with this ending, in order.
fn names_in(folder: &str, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(ending))
        .collect();
    names.into_iter().collect()
}

/// Everything that an example of a signature gives must agree with what all the other signatures make of the same
/// facts: two certain claims of different values are a mistake in one of them.
#[test]
fn no_two_signatures_contradict_each_other_with_certainty() {
    let signatures = Signatures::embedded().unwrap();
    let keys = keys();
    let mut contradictions: Vec<String> = Vec::new();
    for (file, text) in embedded::FILES {
        let table: toml::Table = text.parse().unwrap();
        for signature in table["signature"].as_array().unwrap() {
            for example in signature["example"].as_array().unwrap() {
                let facts = facts(&example["given"]);
                let mut certain: BTreeMap<Field, BTreeSet<String>> = BTreeMap::new();
                for conclusion in conclusions(&signatures, &keys, &facts) {
                    if conclusion.certainty == Certainty::Certain {
                        certain
                            .entry(conclusion.field)
                            .or_default()
                            .insert(conclusion.value.into());
                    }
                }
                let several = certain.into_iter().filter(|(_, values)| values.len() > 1);
                contradictions.extend(several.map(|(field, values)| {
                    format!("{file}: {}: {field} is {values:?}", signature["id"])
                }));
            }
        }
    }
    assert!(contradictions.is_empty(), "{}", contradictions.join("\n"));
}

/// The facts of an example.
fn facts(given: &toml::Value) -> Vec<(String, Value)> {
    let value = |value: &toml::Value| match value {
        toml::Value::Integer(number) => Value::Uint(u64::try_from(*number).unwrap()),
        other => text(other.as_str().unwrap()),
    };
    let mut facts = Vec::new();
    for (key, given) in given.as_table().unwrap() {
        match given.as_array() {
            Some(several) => facts.extend(several.iter().map(|one| (key.clone(), value(one)))),
            None => facts.push((key.clone(), value(given))),
        }
    }
    facts
}

/// What all signatures conclude from some facts.
fn conclusions(
    signatures: &Signatures,
    keys: &[Key],
    facts: &[(String, Value)],
) -> Vec<Conclusion> {
    let mut known = Known::new();
    let mut touched = Vec::new();
    for (name, value) in facts {
        let key = key(keys, name);
        touched.push(key);
        known.take(Arc::new(Ground {
            key,
            value: value.clone(),
            at: Timestamp::default(),
            frame: FrameRef::default(),
            mac: None,
            excerpt: Excerpt::default(),
        }));
    }
    signatures.claims(&known, &touched)
}

/// The key of that name. A key that no protocol declares is another test's finding: it takes one value here, and
/// its name is leaked, as keys are static in the program.
fn key(keys: &[Key], name: &str) -> Key {
    let declared = keys.iter().copied().find(|key| key.name == name);
    declared.unwrap_or_else(|| Key::one(Box::leak(name.to_owned().into_boxed_str())))
}

/// What the signatures together show: the value of highest certainty for each field, as `field = value`, in the
/// order of the fields.
fn shown(facts: &[(&str, Value)]) -> Vec<String> {
    let signatures = Signatures::embedded().unwrap();
    let facts: Vec<(String, Value)> =
        facts.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    let mut conclusions = conclusions(&signatures, &keys(), &facts);
    conclusions.sort_by_key(|conclusion| (conclusion.field, Reverse(conclusion.certainty)));
    conclusions.dedup_by_key(|conclusion| conclusion.field);
    conclusions
        .iter()
        .map(|conclusion| format!("{} = {}", conclusion.field, conclusion.value))
        .collect()
}

fn text(value: &str) -> Value {
    Value::Text(value.into())
}

fn cip(vendor: u64, device_type: u64, product_name: &str, revision: &str) -> Vec<String> {
    shown(&[
        ("enip.vendor_id", Value::Uint(vendor)),
        ("enip.device_type", Value::Uint(device_type)),
        ("enip.product_name", text(product_name)),
        ("enip.revision", text(revision)),
        ("enip.serial_number", text("00524D8E")),
    ])
}

#[test]
fn rockwell_controllers_and_modules_by_their_catalogue_numbers() {
    assert_eq!(
        cip(1, 14, "1756-L61/B LOGIX5561", "20.11"),
        [
            "vendor = Rockwell Automation",
            "product = ControlLogix 5560",
            "model = 1756-L61",
            "series = B",
            "serial = 00524D8E",
            "firmware = 20.011",
            "kind = plc",
            "role = controller",
        ],
    );
    assert_eq!(
        cip(1, 12, "1756-ENBT/A", "4.3"),
        [
            "vendor = Rockwell Automation",
            "product = 1756 ControlLogix EtherNet/IP Communications Modules",
            "model = 1756-ENBT",
            "series = A",
            "serial = 00524D8E",
            "firmware = 4.003",
            "kind = communication module",
        ],
    );
}

#[test]
fn micrologix_says_its_firmware_in_its_name() {
    let shown = cip(1, 14, "1766-L32BXB C/21.02", "2.21");
    for expected in
        ["product = MicroLogix 1400", "model = 1766-L32BXB", "series = C", "firmware = 21.002"]
    {
        assert!(shown.iter().any(|field| field == expected), "{expected}: {shown:?}");
    }
}

#[test]
fn other_makers_are_named_by_their_odva_number() {
    assert_eq!(
        cip(90, 12, "Anybus-S EtherNet/IP", "1.36"),
        [
            "vendor = HMS Networks",
            "model = Anybus-S EtherNet/IP",
            "serial = 00524D8E",
            "kind = communication module",
        ],
    );
}

#[test]
fn wago_revisions_are_not_its_firmware() {
    let shown = shown(&[
        ("enip.vendor_id", Value::Uint(40)),
        ("enip.product_code", Value::Uint(881)),
        ("enip.revision", text("1.4")),
    ]);
    assert_eq!(
        shown,
        [
            "vendor = WAGO",
            "product = WAGO I/O System 750",
            "model = 750-881",
            "kind = plc",
            "role = controller"
        ]
    );
}

#[test]
fn schneider_references_are_spelled_as_advisories_do() {
    let shown = shown(&[
        ("modbus.vendor_name", text("Schneider Electric  ")),
        ("modbus.product_code", text("BME P58 4040S")),
        ("modbus.major_minor_revision", text("v04.20")),
    ]);
    assert_eq!(
        shown,
        [
            "vendor = Schneider Electric",
            "product = Modicon M580 Safety",
            "model = BMEP584040S",
            "firmware = v04.20",
            "kind = plc",
            "role = controller",
        ],
    );
}

#[test]
fn smb1_says_more_than_ntlm_and_wins() {
    let shown = shown(&[
        ("smb.native_os", text("Windows 10 Pro 19045")),
        ("smb.native_lan_manager", text("Windows 10 Pro 6.3")),
        ("ntlmssp.version", text("10.0.19041")),
        ("ntlmssp.dns_computer_name", text("eng1.plant.example")),
        ("ntlmssp.netbios_computer_name", text("ENG1")),
        ("ntlmssp.dns_domain_name", text("plant.example")),
    ]);
    assert_eq!(
        shown,
        [
            "vendor = Microsoft",
            "product = Windows",
            "os = Windows 10 Pro",
            "os_build = 10.0.19045",
            "name = eng1.plant.example",
            "domain = plant.example",
            "kind = workstation",
            "role = workstation",
        ],
    );
}

#[test]
fn samba_and_macos_are_not_taken_for_windows_7() {
    let samba = shown(&[
        ("smb.native_os", text("Windows 6.1")),
        ("smb.native_lan_manager", text("Samba 4.7.4")),
        ("ntlmssp.version", text("6.1.0")),
    ]);
    assert_eq!(samba, ["vendor = Samba", "product = Samba", "firmware = 4.7.4", "os = Unix"]);
    let macos =
        shown(&[("smb.native_os", text("Mac OS X 10.10")), ("ntlmssp.version", text("6.1.7600"))]);
    assert_eq!(
        macos,
        ["vendor = Apple", "os = Mac OS X 10.10", "kind = workstation", "role = workstation"]
    );
    assert!(shown(&[("ntlmssp.version", text("6.1.7600"))]).is_empty());
}
