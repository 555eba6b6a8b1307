//! Verdicts worked out by hand, over all makers, years and ways of writing versions: the rows are beside this file.
//!
//! Each row was decided by reading the document, before looking at what the program says. `enip`, `modbus` and `list` are short
//! for what such a device says: vendor number, product name, revision; vendor name, product code, revision; and vendor, model,
//! firmware of a list. `said` has any further facts.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Heard, Row, check};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    row: Vec<Written>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    enip: Vec<String>,
    #[serde(default)]
    modbus: Vec<String>,
    #[serde(default)]
    list: Vec<String>,
    #[serde(default)]
    said: BTreeMap<String, String>,
    document: String,
    #[serde(default)]
    cves: Vec<String>,
    expected: String,
    #[serde(default)]
    acceptable: Vec<String>,
    must_not: Vec<String>,
    why: String,
}

impl Written {
    fn heard(&self) -> Heard {
        let of = |keys: [&str; 3], values: &[String]| -> Heard {
            let pairs = keys.iter().zip(values).filter(|(_, value)| !value.is_empty());
            pairs.map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
        };
        let enip = of(["enip.vendor_id", "enip.product_name", "enip.revision"], &self.enip);
        let modbus = of(
            ["modbus.vendor_name", "modbus.product_code", "modbus.major_minor_revision"],
            &self.modbus,
        );
        let list = of(["import.vendor", "import.model", "import.firmware"], &self.list);
        let said = self.said.iter().map(|(key, value)| (key.clone(), value.clone()));
        enip.into_iter().chain(modbus).chain(list).chain(said).collect()
    }
}

/// All rows, each with the name of its file and its number there.
pub(super) fn rows() -> Vec<Row> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/verdicts/rows");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut rows = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let file: File =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        for (number, row) in (1..).zip(file.row) {
            rows.push(Row {
                name: format!("{stem} {number}"),
                heard: row.heard(),
                document: row.document,
                cves: row.cves,
                expected: row.expected,
                acceptable: row.acceptable,
                must_not: row.must_not,
                why: row.why,
            });
        }
    }
    rows
}

#[test]
fn verdicts_worked_out_by_hand_hold() {
    let mut rows = rows();
    for row in &rows {
        let words = [&row.acceptable, &row.must_not].into_iter().flatten().chain([&row.expected]);
        for word in words {
            let known = ["affected", "fixed", "not_affected", "cannot_tell"];
            assert!(known.contains(&word.as_str()), "{}: {word}", row.name);
        }
        assert!(!row.why.is_empty(), "{} says no why", row.name);
    }
    if let Some(wanted) = std::env::var_os("NAMEPLATE_ROWS") {
        let wanted = wanted.to_string_lossy().into_owned();
        rows.retain(|row| row.name.starts_with(&wanted));
    }
    check("worked out by hand", &rows);
}
