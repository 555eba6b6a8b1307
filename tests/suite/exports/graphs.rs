//! GraphML and DOT, read by a parser of each that is not the program's; and the bundle for NetBox, against the columns that it takes.

use std::collections::{BTreeMap, BTreeSet};

use super::{done, lines, plant, read, scanned};

const ZONES: &str = "[[zone]]\nname = \"Cell \\\"1\\\"\"\npurdue = 1\nsubnets = [\"10.10.1.0/24\"]\n\n\
    [[zone]]\nname = \"Cell 2\"\npurdue = 1\nsubnets = [\"10.10.2.0/24\"]\n";

#[test]
fn a_reader_of_graphml_finds_every_device_and_every_conversation() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("zones.toml"), ZONES).unwrap();
    scanned(folder.path(), &plant(), &["--zones", "zones.toml"]);
    let text = std::fs::read_to_string(folder.path().join("p.graphml")).unwrap();
    let all = read::elements(&text);
    let keys: BTreeMap<&str, (&str, &str)> = all
        .iter()
        .filter(|one| one.name == "key")
        .map(|one| {
            let of = |name: &str| one.attributes[name].as_str();
            (of("id"), (of("attr.name"), of("attr.type")))
        })
        .collect();
    let (mut nodes, mut edges, mut zones) = (BTreeSet::new(), 0, BTreeSet::new());
    for one in &all {
        match one.name.as_str() {
            "node" => assert!(nodes.insert(one.attributes["id"].clone()), "{one:?}"),
            "edge" => edges += 1,
            "data" => {
                let (name, kind) = keys[one.attributes["key"].as_str()];
                assert!(kind != "long" || one.text.parse::<i64>().is_ok(), "{one:?}");
                if name == "zone" {
                    zones.insert(one.text.clone());
                }
            }
            _ => {}
        }
    }
    for edge in all.iter().filter(|one| one.name == "edge") {
        assert!(
            nodes.contains(&edge.attributes["source"])
                && nodes.contains(&edge.attributes["target"])
        );
    }
    let devices = lines(folder.path(), "asset");
    assert!(devices.iter().all(|one| nodes.contains(one["asset_id"].as_str().unwrap())));
    assert_eq!(edges, lines(folder.path(), "conversation").len());
    assert_eq!(zones, ["Cell \"1\"".to_owned(), "Cell 2".to_owned()].into());
}

#[test]
fn a_reader_of_dot_finds_the_same_with_zones_as_clusters() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("zones.toml"), ZONES).unwrap();
    scanned(folder.path(), &plant(), &["--zones", "zones.toml"]);
    let text = std::fs::read_to_string(folder.path().join("p.dot")).unwrap();
    let statements = statements(&text);
    let edges = statements.iter().filter(|words| words.get(1).map(String::as_str) == Some("->"));
    assert_eq!(edges.count(), lines(folder.path(), "conversation").len());
    let begins = |word: &str| statements.iter().filter(|words| words[0] == word).count();
    assert_eq!(begins("subgraph"), 2);
    let labels: Vec<&str> = statements
        .iter()
        .filter(|words| words[0] == "label")
        .map(|words| words[2].as_str())
        .collect();
    assert_eq!(labels, ["Cell \"1\"", "Cell 2"]);
}

/// Statements as words; braces, brackets and what stands in quotation marks are one each.
pub(super) fn statements(text: &str) -> Vec<Vec<String>> {
    let (mut all, mut words) = (Vec::new(), Vec::new());
    let (mut depth, mut chars) = (
        0_i32,
        text.lines()
            .filter(|line| !line.starts_with("//"))
            .flat_map(|line| line.chars().chain(['\n']))
            .peekable(),
    );
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                let mut word = String::new();
                loop {
                    match chars.next().expect("a string ends") {
                        '\\' => word.push(chars.next().unwrap()),
                        '"' => break,
                        c => word.push(c),
                    }
                }
                words.push(word);
            }
            '{' | '}' | ';' => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                assert!(depth >= 0);
                if !words.is_empty() {
                    all.push(std::mem::take(&mut words));
                }
            }
            c if c.is_whitespace() => {}
            '[' | ']' | ',' | '=' => words.push(c.to_string()),
            c => {
                let mut word = c.to_string();
                while let Some(next) =
                    chars.peek().filter(|c| c.is_ascii_alphanumeric() || "_->.#".contains(**c))
                {
                    word.push(*next);
                    chars.next();
                }
                words.push(word);
            }
        }
    }
    assert_eq!(depth, 0, "all braces are closed");
    all
}

/// Columns that the import forms of NetBox take (github.com/netbox-community/netbox, `netbox/dcim/forms/bulk_import.py` and
/// `netbox/ipam/forms/bulk_import.py`), and which of them it must have.
const NETBOX: &[(&str, &[&str], &[&str])] = &[
    (
        "01-sites",
        &[
            "name",
            "slug",
            "status",
            "region",
            "group",
            "tenant",
            "facility",
            "time_zone",
            "description",
            "physical_address",
            "shipping_address",
            "latitude",
            "longitude",
            "comments",
            "tags",
        ],
        &["name", "slug", "status"],
    ),
    ("02-manufacturers", &["name", "slug", "description", "tags"], &["name", "slug"]),
    (
        "03-device-roles",
        &["name", "slug", "color", "vm_role", "config_template", "description", "tags"],
        &["name", "slug", "color"],
    ),
    (
        "04-device-types",
        &[
            "manufacturer",
            "default_platform",
            "model",
            "slug",
            "part_number",
            "u_height",
            "exclude_from_utilization",
            "is_full_depth",
            "subdevice_role",
            "airflow",
            "description",
            "weight",
            "weight_unit",
            "comments",
            "tags",
        ],
        &["manufacturer", "model", "slug"],
    ),
    (
        "05-module-types",
        &[
            "manufacturer",
            "model",
            "part_number",
            "description",
            "airflow",
            "weight",
            "weight_unit",
            "comments",
            "tags",
        ],
        &["manufacturer", "model"],
    ),
    (
        "06-devices",
        &[
            "name",
            "role",
            "tenant",
            "manufacturer",
            "device_type",
            "platform",
            "serial",
            "asset_tag",
            "status",
            "site",
            "location",
            "rack",
            "position",
            "face",
            "latitude",
            "longitude",
            "parent",
            "device_bay",
            "airflow",
            "virtual_chassis",
            "vc_position",
            "vc_priority",
            "cluster",
            "description",
            "config_template",
            "comments",
            "tags",
        ],
        &["role", "manufacturer", "device_type", "status", "site"],
    ),
    (
        "07-module-bays",
        &["device", "name", "label", "position", "description", "tags"],
        &["device", "name"],
    ),
    (
        "08-modules",
        &[
            "device",
            "module_bay",
            "module_type",
            "serial",
            "asset_tag",
            "status",
            "description",
            "comments",
            "replicate_components",
            "adopt_components",
            "tags",
        ],
        &["device", "module_bay", "module_type", "status"],
    ),
    (
        "09-interfaces",
        &[
            "device",
            "name",
            "label",
            "parent",
            "bridge",
            "lag",
            "type",
            "speed",
            "duplex",
            "enabled",
            "mark_connected",
            "wwn",
            "vdcs",
            "mtu",
            "mgmt_only",
            "description",
            "poe_mode",
            "poe_type",
            "mode",
            "vrf",
            "rf_role",
            "rf_channel",
            "rf_channel_frequency",
            "rf_channel_width",
            "tx_power",
            "tags",
        ],
        &["device", "name", "type"],
    ),
    (
        "10-mac-addresses",
        &[
            "mac_address",
            "device",
            "virtual_machine",
            "interface",
            "is_primary",
            "description",
            "comments",
            "tags",
        ],
        &["mac_address"],
    ),
    (
        "11-vrfs",
        &[
            "name",
            "rd",
            "tenant",
            "enforce_unique",
            "description",
            "import_targets",
            "export_targets",
            "comments",
            "tags",
        ],
        &["name"],
    ),
    (
        "12-ip-addresses",
        &[
            "address",
            "vrf",
            "tenant",
            "status",
            "role",
            "device",
            "virtual_machine",
            "interface",
            "is_primary",
            "is_oob",
            "dns_name",
            "description",
            "comments",
            "tags",
        ],
        &["address", "status"],
    ),
];

#[test]
fn netbox_takes_every_column_and_every_row_refers_to_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let captures = crate::replayed::root().join("captures").display().to_string();
    done(folder.path(), &["export", "netbox", &captures, "-o", "n.zip"]);
    let files = read::unpacked(&std::fs::read(folder.path().join("n.zip")).unwrap());
    let mut tables: BTreeMap<&str, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for (name, taken, needed) in NETBOX {
        let text = &files[&format!("{name}.csv")];
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        assert!(heads.iter().all(|head| taken.contains(&head.as_str())), "{name}: {heads:?}");
        let rows: Vec<BTreeMap<String, String>> = reader
            .records()
            .map(|row| heads.iter().cloned().zip(row.unwrap().iter().map(str::to_owned)).collect())
            .collect();
        for row in &rows {
            assert!(needed.iter().all(|column| !row[*column].is_empty()), "{name}: {row:?}");
        }
        tables.insert(name, rows);
    }
    let column = |table: &str, column: &str| -> Vec<String> {
        tables[table].iter().map(|row| row[column].clone()).collect()
    };
    for (from, field, to, key) in [
        ("04-device-types", "manufacturer", "02-manufacturers", "name"),
        ("05-module-types", "manufacturer", "02-manufacturers", "name"),
        ("06-devices", "role", "03-device-roles", "name"),
        ("06-devices", "device_type", "04-device-types", "model"),
        ("06-devices", "site", "01-sites", "name"),
        ("07-module-bays", "device", "06-devices", "name"),
        ("08-modules", "device", "06-devices", "name"),
        ("08-modules", "module_bay", "07-module-bays", "name"),
        ("08-modules", "module_type", "05-module-types", "model"),
        ("09-interfaces", "device", "06-devices", "name"),
        ("10-mac-addresses", "device", "06-devices", "name"),
        ("12-ip-addresses", "device", "06-devices", "name"),
        ("12-ip-addresses", "interface", "09-interfaces", "name"),
    ] {
        let known: BTreeSet<String> = column(to, key).into_iter().collect();
        let missing: Vec<String> =
            column(from, field).into_iter().filter(|one| !known.contains(one)).collect();
        assert!(missing.is_empty(), "{from}.{field}: {missing:?}");
    }
    for (table, key) in [
        ("01-sites", "slug"),
        ("02-manufacturers", "slug"),
        ("03-device-roles", "slug"),
        ("06-devices", "name"),
    ] {
        let all = column(table, key);
        let folded: BTreeSet<String> = all.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(folded.len(), all.len(), "{table}");
    }
    // Two devices never have one address in one place.
    let addresses = &tables["12-ip-addresses"];
    let places: BTreeSet<(&str, &str)> =
        addresses.iter().map(|row| (row["vrf"].as_str(), row["address"].as_str())).collect();
    assert_eq!(places.len(), addresses.len());
    assert!(addresses.len() > 30 && tables["08-modules"].len() > 5);
}
