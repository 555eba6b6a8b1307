//! Complaints about documents of CSAF 2.1: none where there is nothing wrong.

use std::path::Path;

use super::converted::converted;
use super::*;
use crate::program::run_in;

/// The rules that complain about a document.
fn rules(document: &Value) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("one.json"), document.to_string()).unwrap();
    complaints(folder.path())
}

fn complaints(folder: &Path) -> Vec<String> {
    let ran = run_in(folder, &["advisories", "lint", ".", "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines = ran.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found = lines.filter(|line| line["schema"] == "nameplate.complaint/1");
    found
        .map(|line| {
            format!("{} {}", line["rule"].as_str().unwrap(), line["pointer"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn a_whole_document_has_no_complaints() {
    assert_eq!(rules(&whole()), Vec::<String>::new());
}

#[test]
fn what_2_1_requires_is_missed_there_and_not_in_2_0() {
    for (pointer, place) in
        [("/$schema", ""), ("/document/distribution/tlp/label", "/document/distribution/tlp")]
    {
        let mut document = whole();
        let name = pointer.rsplit('/').next().unwrap();
        document.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(name);
        assert_eq!(rules(&document), [format!("missing-part {pointer}")]);
        document["document"]["csaf_version"] = json!("2.0");
        assert_eq!(rules(&document), Vec::<String>::new());
    }
}

#[test]
fn documents_that_were_taken_back_need_no_products() {
    let mut document = whole();
    let members = document.as_object_mut().unwrap();
    members.remove("product_tree");
    let flaws = members.remove("vulnerabilities").unwrap();
    document["document"]["category"] = json!("csaf_withdrawn");
    assert_eq!(rules(&document), ["not-final /document/category"]);
    document["document"]["category"] = json!("csaf_superseded");
    assert_eq!(rules(&document), ["profile /document/references", "not-final /document/category"]);
    document["document"]["references"] = json!([{ "category": "external", "summary": "Superseding Document", "url": "https://example.com/acme-2.json" }]);
    assert_eq!(rules(&document), ["not-final /document/category"]);
    document["vulnerabilities"] = flaws;
    assert!(rules(&document).contains(&"profile /vulnerabilities".to_owned()));
}

#[test]
fn what_is_not_understood_is_named() {
    for (pointer, value, expected) in [
        ("/document/csaf_version", json!("3.0"), "csaf-version /document/csaf_version"),
        ("/document/tracking/status", json!("published"), "damaged /document/tracking/status"),
        ("/document/tracking/status", json!("draft"), "not-final /document/tracking/status"),
        (
            "/vulnerabilities/0/product_status",
            json!({ "partly_affected": ["A"] }),
            "damaged /vulnerabilities/0/product_status",
        ),
        (
            "/vulnerabilities/0/remediations/0/category",
            json!("prayer"),
            "damaged /vulnerabilities/0/remediations/0/category",
        ),
        (
            "/vulnerabilities/0/first_known_exploitation_dates",
            json!([{ "date": "2025-01-01T00:00:00Z", "exploitation_date": "2025-01-01T00:00:00Z", "product_ids": ["X"] }]),
            "dangling-product-id /vulnerabilities/0/first_known_exploitation_dates/0/product_ids/0",
        ),
        (
            "/product_tree/product_paths",
            json!([{ "beginning_product_reference": "P", "subpaths": [{ "category": "installed_on", "next_product_reference": "A" }],
                "full_product_name": { "name": "P", "product_id": "P" } }]),
            "dangling-product-id /product_tree/product_paths/0/full_product_name",
        ),
    ] {
        let mut document = whole();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[name] = value;
        let found = rules(&document);
        assert!(found.iter().any(|one| one == expected), "{expected}: {found:?}");
    }
}

/// Converting a document adds no complaint to those that it had.
#[test]
fn documents_built_in_have_the_same_complaints_in_both_forms() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (name, text) in nameplate::advisory::EMBEDDED {
        std::fs::write(old.path().join(name), text).unwrap();
        let whole = converted(serde_json::from_str(text).unwrap());
        std::fs::write(new.path().join(name), whole.to_string()).unwrap();
    }
    let by_rule = |folder: &Path| -> Vec<String> {
        let mut rules: Vec<String> = complaints(folder)
            .iter()
            .map(|one| one.split(' ').next().unwrap().to_owned())
            .collect();
        rules.sort();
        rules
    };
    assert_eq!(by_rule(old.path()), by_rule(new.path()));
}
