//! `nameplate advisories lint`, as people and scripts see it.

use std::path::Path;

use nameplate::advisory::lint::RULES;
use serde_json::Value as Json;

use crate::advisories::shared;
use crate::program::{run, run_in};
use crate::replayed::root;

/// A document that contradicts itself, in a folder of its own.
fn contradictory(folder: &Path) {
    let text = serde_json::json!({
        "document": { "title": "Pump \u{1b}[31mred", "tracking": { "id": "T-1" } },
        "product_tree": { "branches": [{ "category": "vendor", "name": "Acme", "branches": [
            { "category": "product_name", "name": "Pump", "branches": [
                { "category": "product_version_range", "name": "<2.4",
                  "product": { "name": "Acme Pump: Versions 2.6 and prior", "product_id": "A" } },
                { "category": "product_version_range", "name": "gravel \u{1b}[31m",
                  "product": { "name": "x", "product_id": "B" } } ] } ] }] },
        "vulnerabilities": [{ "cve": "CVE-2024-1", "product_status": { "known_affected": ["A", "B"] } }]
    });
    std::fs::write(folder.join("t-1.json"), text.to_string()).unwrap();
    std::fs::write(folder.join("index.json"), "{\"feed\": []}").unwrap();
    std::fs::write(folder.join("torn.json"), "{\"document\": {").unwrap();
}

#[test]
fn complaints_have_place_texts_and_reading() {
    let folder = tempfile::tempdir().unwrap();
    contradictory(folder.path());
    let ran = run_in(folder.path(), &["advisories", "lint", ".", "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines: Vec<Json> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let complaint = lines.iter().find(|line| line["rule"] == "range-vs-name").unwrap();
    assert_eq!(complaint["document"], "T-1");
    assert_eq!(complaint["severity"], "error");
    assert_eq!(complaint["pointer"], "/product_tree/branches/0/branches/0/branches/0/product");
    assert_eq!(complaint["texts"], serde_json::json!(["<2.4", "Versions 2.6 and prior"]));
    assert!(complaint["reading"].as_str().unwrap().contains("<=2.6 by the name"));
    let unread = lines.iter().find(|line| line["schema"] == "nameplate.unread/1").unwrap();
    assert_eq!(unread["products"], 1);
    let last = lines.last().unwrap();
    assert_eq!(last["schema"], "nameplate.lint/1");
    let counts = ["documents", "refused", "versioned", "comparable", "unread"];
    assert_eq!(counts.map(|field| last[field].as_u64().unwrap()), [1, 1, 2, 1, 1]);
}

#[test]
fn thresholds_are_exit_codes_and_tables_are_safe_to_print() {
    let folder = tempfile::tempdir().unwrap();
    contradictory(folder.path());
    let lint = |arguments: &[&str]| {
        let all = [&["advisories", "lint"], arguments].concat();
        run_in(folder.path(), &all)
    };
    let table = lint(&["."]);
    assert_eq!(table.code, 0);
    assert!(table.out.contains("range-vs-name") && table.out.contains("torn.json"));
    assert!(!table.out.contains('\u{1b}'), "{}", table.out);
    assert_eq!(lint(&[".", "--fail-on", "error"]).code, 3);
    assert_eq!(lint(&[".", "--fail-on", "warning"]).code, 3);
    assert_eq!(lint(&["--db", "t-1.json", "--fail-on", "error"]).code, 3);
    assert_eq!(lint(&["torn.json"]).code, 5);
    assert_eq!(lint(&["nowhere"]).code, 5);
    assert_eq!(lint(&[".", "-o", "csv"]).code, 2);
}

#[test]
fn documents_built_in_are_looked_through_and_the_same_each_time() {
    let first = run(&["advisories", "lint"]);
    assert_eq!(first.code, 0, "{first:?}");
    assert_eq!(first.out, run(&["advisories", "lint"]).out);
    assert!(first.out.contains("version texts:"));
}

#[test]
fn every_rule_is_described_with_an_example() {
    let page = std::fs::read_to_string(root().join("docs/linting.md")).unwrap();
    for rule in RULES {
        let heading = format!("### {}\n", rule.id);
        assert!(page.contains(&heading), "docs/linting.md: no heading {}", rule.id);
        let severity = format!("`{}`", rule.severity.name());
        let section = page.split(&heading).nth(1).unwrap().split("\n### ").next().unwrap();
        assert!(section.contains(&severity), "docs/linting.md: {} is {severity}", rule.id);
    }
}

/// Every document of the public corpus is looked through; none stops it.
#[test]
fn corpus_is_looked_through() {
    let Some(shared) = shared() else {
        println!("skipped: ../shared is not here");
        return;
    };
    let corpus = shared.join("advisories/csaf/csaf_files/OT/white/2024");
    let started = std::time::Instant::now();
    let ran = run(&["advisories", "lint", &corpus.display().to_string(), "-o", "ndjson"]);
    println!("looked through in {:?}", started.elapsed());
    assert_eq!(ran.code, 0);
    let last: Json = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    assert_eq!(last["refused"], 0);
    assert!(last["documents"].as_u64().unwrap() > 300, "{last}");
}
