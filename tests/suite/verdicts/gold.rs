//! Hand-checked verdicts that were handed to us: an identity as observed, a document, and what may and must not be said.

use serde_json::Value;

use super::{Heard, Row, check};
use crate::advisories::shared;

/// The facts that the source of a row would have given. What has no dissector of ours comes in as a list does.
fn heard(observed: &Value) -> Heard {
    let source = observed["source"].as_str().unwrap();
    let names: &[(&str, &str)] = match source.split('.').next() {
        Some("enip") => &[
            ("vendor_id", "enip.vendor_id"),
            ("device_type", "enip.device_type"),
            ("product_code", "enip.product_code"),
            ("product_name", "enip.product_name"),
            ("revision", "enip.revision"),
            ("serial", "enip.serial"),
        ],
        Some("modbus") => &[
            ("vendor_name", "modbus.vendor_name"),
            ("product_code", "modbus.product_code"),
            ("major_minor_revision", "modbus.major_minor_revision"),
            ("product_name", "modbus.product_name"),
            ("model_name", "modbus.model_name"),
        ],
        _ => &[
            ("vendor_name", "import.vendor"),
            ("product_name", "import.product"),
            ("model", "import.model"),
            ("product_code", "import.model"),
            ("firmware", "import.firmware"),
            ("revision", "import.firmware"),
            ("serial", "import.serial"),
        ],
    };
    let said = |field: &str| match &observed[field] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let facts = names.iter();
    facts.filter_map(|(field, key)| Some(((*key).to_owned(), said(field)?))).collect()
}

/// All rows; `None` where the shared material is not here.
pub(super) fn rows() -> Option<Vec<Row>> {
    let shared = shared()?;
    let gold = std::fs::read_to_string(shared.join("gold/gold_shared.jsonl")).unwrap();
    let row = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let list = |key: &str| -> Vec<String> {
            let words = row[key].as_array().unwrap().iter().filter_map(Value::as_str);
            words.map(spelled).collect()
        };
        let cves = row["cves"].as_array().unwrap().iter().filter_map(Value::as_str);
        Row {
            name: row["id"].as_str().unwrap().to_owned(),
            heard: heard(&row["observed"]),
            document: row["advisory"].as_str().unwrap().to_owned(),
            cves: cves.map(str::to_owned).collect(),
            expected: spelled(row["expected"].as_str().unwrap()),
            acceptable: list("acceptable"),
            must_not: list("must_not"),
            why: row["why"].as_str().unwrap_or_default().to_owned(),
        }
    };
    Some(gold.lines().map(row).collect())
}

#[test]
fn hand_checked_verdicts_hold() {
    let Some(rows) = rows() else {
        println!("skipped: ../shared is not here");
        return;
    };
    assert!(rows.len() >= 30, "{} rows", rows.len());
    check("gold", &rows);
}

/// The four words, as exports spell them.
fn spelled(word: &str) -> String {
    if word == "UNKNOWN" { "cannot_tell".to_owned() } else { word.to_lowercase() }
}
