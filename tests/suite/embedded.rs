//! The advisories that come with the program: the list is the folder, and each is a CSAF 2.0 document in shape.

use std::collections::BTreeSet;
use std::path::Path;

use nameplate::advisory::EMBEDDED;
use serde_json::Value;

#[test]
fn every_file_of_the_folder_is_listed_in_order() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures/advisories");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push((
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read_to_string(&path).unwrap(),
            ));
        }
    }
    files.sort();
    let listed: Vec<(String, String)> =
        EMBEDDED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let names =
        |of: &[(String, String)]| of.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&listed), names(&files));
    assert_eq!(listed, files);
}

#[test]
fn every_document_has_what_csaf_demands() {
    for (name, document) in documents() {
        for pointer in MANDATORY {
            assert!(
                document.pointer(pointer).is_some_and(|value| !value.is_null()),
                "{name}: no {pointer}"
            );
        }
        assert_eq!(text(&document, "/document/csaf_version"), "2.0", "{name}");
        let id = text(&document, "/document/tracking/id");
        assert_eq!(name, file_name(id), "{name}");
        // CSAF 2.0, 6.1.14 and 6.1.16: the history is in order, and its last number is the version.
        let history = list(&document, "/document/tracking/revision_history");
        let dates: Vec<&str> = history.iter().map(|revision| text(revision, "/date")).collect();
        assert!(dates.is_sorted(), "{name}");
        assert_eq!(
            dates.first().copied(),
            Some(text(&document, "/document/tracking/initial_release_date")),
            "{name}"
        );
        assert_eq!(
            dates.last().copied(),
            Some(text(&document, "/document/tracking/current_release_date")),
            "{name}"
        );
        // Of the same revision the issuer's own document, which writes "Z", must be the later one.
        assert!(dates.iter().all(|date| date.ends_with("+00:00")), "{name}");
        let last = history.last().map(|revision| text(revision, "/number"));
        assert_eq!(last, Some(text(&document, "/document/tracking/version")), "{name}");
    }
}

#[test]
fn every_document_says_whose_facts_it_restates() {
    for (name, document) in documents() {
        let id = text(&document, "/document/tracking/id");
        assert_eq!(text(&document, "/document/publisher/name"), "nameplate", "{name}");
        let original = list(&document, "/document/references")
            .iter()
            .find(|reference| text(reference, "/summary").starts_with(id));
        let original = original.unwrap_or_else(|| panic!("{name}: no reference to {id}"));
        assert_eq!(text(original, "/category"), "external", "{name}");
        let url = text(original, "/url");
        assert!(
            url.starts_with("https://") && (url.contains("cisa.gov") == id.starts_with("ICS")),
            "{name}: {url}"
        );
        let note = text(&document, "/document/notes/0/text");
        assert!(
            note.starts_with(&format!("Facts restated from {id}; see reference.")),
            "{name}: {note}"
        );
    }
}

#[test]
fn every_product_is_defined_once_and_has_one_status() {
    for (name, document) in documents() {
        let mut defined = Vec::new();
        leaves(&document["product_tree"]["branches"], &name, &mut defined);
        for relationship in list(&document, "/product_tree/relationships") {
            defined.push(text(relationship, "/full_product_name/product_id").to_owned());
        }
        let known: BTreeSet<&str> = defined.iter().map(String::as_str).collect();
        assert_eq!(known.len(), defined.len(), "{name}: a product identifier twice");
        for flaw in list(&document, "/vulnerabilities") {
            let cve = text(flaw, "/cve");
            let affected: BTreeSet<&str> = ids(flaw, "/product_status/known_affected").collect();
            let fixed: BTreeSet<&str> = ids(flaw, "/product_status/fixed").collect();
            assert!(!affected.is_empty() && affected.is_disjoint(&fixed), "{name}: {cve}");
            assert!(affected.union(&fixed).all(|id| known.contains(id)), "{name}: {cve}");
            for remedy in list(flaw, "/remediations") {
                assert!(!text(remedy, "/details").is_empty(), "{name}: {cve}");
                assert!(
                    ids(remedy, "/product_ids").all(|id| affected.contains(id)),
                    "{name}: {cve}"
                );
            }
        }
    }
}

#[test]
fn every_flaw_is_told_and_its_score_fits_its_severity() {
    for (name, document) in documents() {
        let flaws = list(&document, "/vulnerabilities");
        assert!(!flaws.is_empty(), "{name}");
        for flaw in flaws {
            let cve = text(flaw, "/cve");
            assert!(
                cve.starts_with("CVE-") && !text(flaw, "/notes/0/text").is_empty(),
                "{name}: {cve}"
            );
            assert!(
                text(flaw, "/cwe/id").starts_with("CWE-") && !text(flaw, "/cwe/name").is_empty(),
                "{name}: {cve}"
            );
            for score in list(flaw, "/scores") {
                let version = text(score, "/cvss_v3/version");
                let vector = text(score, "/cvss_v3/vectorString");
                assert!(
                    vector.starts_with(&format!("CVSS:{version}/AV:")),
                    "{name}: {cve}: {vector}"
                );
                let base = score["cvss_v3"]["baseScore"].as_f64().unwrap();
                assert_eq!(text(score, "/cvss_v3/baseSeverity"), severity(base), "{name}: {cve}");
            }
        }
    }
}

/// CSAF 2.0, section 3, and the profiles of section 4 for a security advisory.
const MANDATORY: &[&str] = &[
    "/document/category",
    "/document/csaf_version",
    "/document/notes/0/text",
    "/document/publisher/category",
    "/document/publisher/name",
    "/document/publisher/namespace",
    "/document/references/0/url",
    "/document/title",
    "/document/tracking/current_release_date",
    "/document/tracking/id",
    "/document/tracking/initial_release_date",
    "/document/tracking/revision_history/0/summary",
    "/document/tracking/status",
    "/document/tracking/version",
    "/product_tree/branches/0/name",
    "/vulnerabilities/0/notes/0/text",
    "/vulnerabilities/0/product_status/known_affected/0",
];

fn documents() -> Vec<(String, Value)> {
    let read =
        |(name, text): &(&str, &str)| ((*name).to_owned(), serde_json::from_str(text).unwrap());
    EMBEDDED.iter().map(read).collect()
}

/// CSAF 2.0, 5.1: the identifier in small letters, one underscore for what is not a letter, digit, plus or hyphen.
fn file_name(id: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '-';
    let name: String = id.to_lowercase().chars().map(|c| if plain(c) { c } else { '_' }).collect();
    format!("{name}.json")
}

/// Identifiers of the leaves. CSAF 2.0, 6.1.31: a single version has no operator in it.
fn leaves(branches: &Value, name: &str, out: &mut Vec<String>) {
    for branch in branches.as_array().into_iter().flatten() {
        let version = text(branch, "/name");
        assert!(!version.is_empty(), "{name}: a branch without name");
        if text(branch, "/category") == "product_version" {
            assert!(
                !version.contains(['<', '>', '=', '*', '|']) && !version.starts_with("vers:"),
                "{name}: {version}"
            );
        }
        if let Some(id) = branch.pointer("/product/product_id") {
            assert!(branch.get("branches").is_none(), "{name}: {version} is a leaf and a branch");
            out.push(id.as_str().unwrap().to_owned());
        }
        leaves(&branch["branches"], name, out);
    }
}

fn severity(base: f64) -> &'static str {
    match base {
        base if base < 4.0 => "LOW",
        base if base < 7.0 => "MEDIUM",
        base if base < 9.0 => "HIGH",
        _ => "CRITICAL",
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn ids<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a str> {
    list(value, pointer).iter().filter_map(Value::as_str)
}
