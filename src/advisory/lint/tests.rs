//! Documents that contradict themselves, made up for each rule.

use super::*;
use crate::model::lint::Severity;

/// A document about one product with one range, and one fix text.
fn document(version: &str, full_name: &str, fix: &str) -> String {
    let full_name = if full_name.is_empty() { "Acme Pump" } else { full_name };
    serde_json::json!({
        "document": {
            "title": "T", "category": "csaf_security_advisory", "csaf_version": "2.0",
            "publisher": { "name": "P", "category": "vendor", "namespace": "https://example.com" },
            "tracking": {
                "id": "T-1", "version": "1", "status": "final",
                "initial_release_date": "2024-01-01T00:00:00Z",
                "current_release_date": "2024-01-02T00:00:00Z",
                "revision_history": [{ "date": "2024-01-01T00:00:00Z", "number": "1", "summary": "s" }]
            }
        },
        "product_tree": { "branches": [{ "category": "vendor", "name": "Acme", "branches": [
            { "category": "product_name", "name": "Pump", "branches": [
                { "category": "product_version_range", "name": version,
                  "product": { "name": full_name, "product_id": "A" } }
            ] }
        ] }] },
        "vulnerabilities": [{
            "cve": "CVE-2024-1", "product_status": { "known_affected": ["A"] },
            "remediations": [{ "category": "vendor_fix", "details": fix, "product_ids": ["A"] }]
        }]
    })
    .to_string()
}

fn complaints(text: &str) -> Vec<Complaint> {
    let names = Names::default();
    let known = Known { scheme: &|_| Scheme::Dotted, names: &names };
    lint(text.as_bytes(), "made up", &known).unwrap().complaints
}

fn rules(text: &str) -> Vec<&'static str> {
    complaints(text).iter().map(|complaint| complaint.rule.id).collect()
}

#[test]
fn a_document_that_agrees_with_itself_has_no_complaints() {
    let fine = document("vers:generic/<2.4", "Acme Pump <2.4", "Update to 2.4 or later version");
    assert_eq!(complaints(&fine), Vec::new());
}

#[test]
fn ranges_are_held_against_names_and_fixes() {
    for (version, name, fix, expected) in [
        ("<2.4", "Acme Pump: Versions 2.4 and prior", "Update to 2.4", &["range-vs-name"][..]),
        ("<2.4", "Acme Pump <2.5", "Update to 2.4", &["range-vs-name"]),
        ("<2.1", "Acme Pump <2.10", "", &["lost-zero"]),
        ("<2.4", "", "Update to 2.3", &["fix-inside-range"]),
        ("<2.4", "", "Update to 2.6", &["fix-gap"]),
        (">=2.0|<2.4", "", "Update to 1.9", &["fix-below-range"]),
        ("2.3", "", "Update to 2.4", &["exact-with-fix"]),
        ("vers:all/*", "", "Update to 2.4", &["all-with-fix"]),
        ("vers:all/<2.4", "", "Update to 2.4", &["vers-invalid"]),
        ("vers:<2.4", "", "Update to 2.4", &["vers-invalid"]),
        (">=4.5|<=3.5", "", "", &["range-inverted"]),
        ("gravel and sand", "", "", &["range-unread"]),
        ("2700988", "", "", &["model-as-version"]),
        ("<2.4 only with option Y", "", "", &["condition"]),
        // Nothing is wrong with these.
        ("<=2.3", "Acme Pump: Versions 2.3 and prior", "Update to 2.4", &[]),
        ("<2.4", "Acme Pump (all models)", "Update to 2.4", &[]),
        ("vers:all/*", "", "Currently no fix is planned", &[]),
    ] {
        assert_eq!(rules(&document(version, name, fix)), expected, "{version} {name} {fix}");
    }
}

#[test]
fn parts_and_identifiers_are_checked() {
    let fine = document("<2.4", "", "Update to 2.4");
    for (from, to, expected) in [
        (r#""known_affected":["A"]"#, r#""known_affected":["A","B"]"#, "dangling-product-id"),
        (r#""product_ids":["A"]"#, r#""group_ids":["G"]"#, "dangling-group-id"),
        (r#""product_id":"A""#, r#""product_id":"""#, "product-without-id"),
        (r#""known_affected":["A"]"#, r#""known_affected":["A"],"fixed":["A"]"#, "status-conflict"),
        (r#""known_affected":["A"]"#, r#""known_affected":[]"#, "no-status"),
        (r#""title":"T","#, "", "missing-part"),
        ("2024-01-02T00", "2023-01-02T00", "date-order"),
        ("2024-01-02T00:00:00Z", "yesterday", "date-order"),
        (r#""name":"Acme""#, r#""name":"Acme, Bolt and Nut""#, "vendor-list"),
        ("product_version_range", "product_version", "range-as-version"),
    ] {
        let broken = compacted(&fine).replace(from, to);
        assert_ne!(broken, compacted(&fine), "{from}");
        assert!(rules(&broken).contains(&expected), "{expected}: {:?}", rules(&broken));
    }
}

/// JSON without spaces, so that tests can replace parts of it.
fn compacted(text: &str) -> String {
    serde_json::from_str::<Value>(text).unwrap().to_string()
}

#[test]
fn two_products_are_held_against_each_other() {
    let two = |one: &str, other: &str, ids: [&str; 2], remedy: &str| {
        serde_json::json!({
            "document": { "tracking": { "id": "T" } },
            "product_tree": { "branches": [{ "category": "product_name", "name": "Pump", "branches": [
                { "category": "product_version_range", "name": one, "product": { "name": "x", "product_id": ids[0] } },
                { "category": "product_version_range", "name": other, "product": { "name": "y", "product_id": ids[1] } }
            ] }] },
            "vulnerabilities": [{ "product_status": { "known_affected": ids },
                "remediations": [{ "category": "mitigation", "details": remedy }] }]
        })
        .to_string()
    };
    let has = |text: &str, rule: &str| rules(text).contains(&rule);
    assert!(has(&two("<2.4", ">=2.0|<3.0", ["A", "B"], ""), "sibling-overlap"));
    assert!(has(&two("<2.4", ">=2.6|<3.0", ["A", "B"], ""), "sibling-gap"));
    assert!(!has(&two("<2.4", ">=2.4|<3.0", ["A", "B"], ""), "sibling-gap"));
    assert!(!has(&two("<2.4", ">=3.0|<3.4", ["A", "B"], ""), "sibling-gap"), "trains");
    assert!(has(&two("<2.4", "<3.0", ["A", "A"], ""), "duplicate-product-id"));
    assert!(has(&two("<2.4", "<3.0", ["A", "B"], "Filter"), "fix-without-products"));
}

#[test]
fn the_same_complaint_about_many_places_is_one() {
    let leaves: Vec<Value> = (0..50)
        .map(|at| {
            serde_json::json!({ "category": "product_version_range", "name": "vers:all/<2",
                "product": { "name": "x", "product_id": format!("P{at}") } })
        })
        .collect();
    let text = serde_json::json!({ "document": { "tracking": { "id": "T" } },
        "product_tree": { "branches": [{ "category": "product_name", "name": "N", "branches": leaves }] } });
    let all = complaints(&text.to_string());
    let vers = all.iter().find(|complaint| complaint.rule.id == "vers-invalid").unwrap();
    assert_eq!(vers.places, 50);
    assert!(vers.pointer.ends_with("/branches/0/product"));
}

#[test]
fn rules_have_names_of_their_own_and_graver_ones_come_first() {
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
    let all = complaints(&document("vers:all/<2.4", "Acme Pump <2.5", "Update to 2.3"));
    let severities: Vec<Severity> = all.iter().map(|complaint| complaint.rule.severity).collect();
    assert!(severities.is_sorted(), "{severities:?}");
}

#[test]
fn damaged_documents_never_panic() {
    let names = Names::default();
    let known = Known { scheme: &|_| Scheme::Unknown, names: &names };
    let fine = document("vers:all/<2.4", "Acme Pump <2.5", "Update to 2.3").into_bytes();
    for at in 0..fine.len() {
        for byte in [0x00, b'"', b'{', b'['] {
            let mut damaged = fine.clone();
            damaged[at] = byte;
            let _ = lint(&damaged, "damaged", &known);
        }
        let _ = lint(&fine[..at], "cut", &known);
    }
    let deep =
        [br#"{"document":{"tracking":{"id":"T"}},"x":"#.to_vec(), b"[".repeat(100_000)].concat();
    assert!(lint(&deep, "deep", &known).is_err());
}
