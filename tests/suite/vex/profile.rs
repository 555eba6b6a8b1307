//! The mandatory tests of CSAF 2.0, section 6.1, that concern what is written here, and the schema cannot say.
//!
//! Not here, because the documents hold nothing of the kind: groups (6.1.4, 6.1.5), weaknesses (6.1.11), package URLs (6.1.13),
//! translations (6.1.15, 6.1.28), involvements (6.1.24), hashes (6.1.25), other profiles (6.1.27.1 to 6.1.27.3, 6.1.27.6). The language
//! (6.1.12) is always `en`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::read::{items, text};

/// Fails when one of the tests does.
pub fn check(document: &Value) {
    let defined = products_are_defined_once(document);
    every_product_that_is_named_is_defined(document, &defined);
    relationships_are_of_others(document);
    versions_are_versions(&document["product_tree"]["branches"]);
    revisions(&document["document"]["tracking"]);
    profile(document);
    for flaw in items(&document["vulnerabilities"]) {
        states_do_not_contradict(flaw);
        scores(flaw);
        statements_are_complete(flaw);
    }
}

/// 6.1.2.
fn products_are_defined_once(document: &Value) -> BTreeSet<String> {
    let tree = &document["product_tree"];
    let mut all = Vec::new();
    let mut todo: Vec<&Value> = items(&tree["branches"]).iter().collect();
    while let Some(branch) = todo.pop() {
        all.push(&branch["product"]);
        todo.extend(items(&branch["branches"]));
    }
    all.extend(items(&tree["full_product_names"]));
    all.extend(items(&tree["relationships"]).iter().map(|one| &one["full_product_name"]));
    let mut defined = BTreeSet::new();
    for product in all.into_iter().filter(|product| product.is_object()) {
        let id = text(&product["product_id"]);
        assert!(defined.insert(id.to_owned()), "6.1.2: {id} is defined twice");
    }
    defined
}

/// 6.1.1.
fn every_product_that_is_named_is_defined(document: &Value, defined: &BTreeSet<String>) {
    let mut named = Vec::new();
    for relationship in items(&document["product_tree"]["relationships"]) {
        named.push(&relationship["product_reference"]);
        named.push(&relationship["relates_to_product_reference"]);
    }
    for flaw in items(&document["vulnerabilities"]) {
        for list in flaw["product_status"].as_object().unwrap().values() {
            named.extend(items(list));
        }
        for part in ["flags", "remediations", "threats"] {
            named.extend(items(&flaw[part]).iter().flat_map(|told| items(&told["product_ids"])));
        }
        named.extend(items(&flaw["scores"]).iter().flat_map(|score| items(&score["products"])));
    }
    assert!(!named.is_empty());
    for id in named {
        assert!(defined.contains(text(id)), "6.1.1: {id} is not defined");
    }
}

/// 6.1.3: what is installed on what is never itself made of a relationship.
fn relationships_are_of_others(document: &Value) {
    let relationships = items(&document["product_tree"]["relationships"]);
    let made: BTreeSet<&str> =
        relationships.iter().map(|one| text(&one["full_product_name"]["product_id"])).collect();
    for one in relationships {
        for field in ["product_reference", "relates_to_product_reference"] {
            assert!(!made.contains(text(&one[field])), "6.1.3: {one}");
        }
    }
}

/// 6.1.31.
fn versions_are_versions(branches: &Value) {
    for branch in items(branches) {
        if branch["category"] == "product_version" {
            let name = text(&branch["name"]).to_lowercase();
            let range =
                ["<", ">", "after", "all", "before", "earlier", "later", "prior", "versions"];
            assert!(!range.iter().any(|word| name.contains(word)), "6.1.31: {name}");
        }
        versions_are_versions(&branch["branches"]);
    }
}

/// 6.1.14, 6.1.16 to 6.1.22, 6.1.30.
fn revisions(tracking: &Value) {
    let history = items(&tracking["revision_history"]);
    let numbers: Vec<u64> =
        history.iter().map(|one| text(&one["number"]).parse().expect("6.1.30")).collect();
    assert_eq!(numbers, (1..=history.len() as u64).collect::<Vec<_>>(), "6.1.14, 6.1.21, 6.1.22");
    let dates: Vec<&str> = history.iter().map(|one| text(&one["date"])).collect();
    assert!(dates.is_sorted(), "6.1.14: {dates:?}");
    assert_eq!(text(&tracking["version"]), numbers.last().unwrap().to_string(), "6.1.16");
    assert_eq!(tracking["status"], "final", "6.1.17, 6.1.18, 6.1.20");
    assert_eq!(tracking["current_release_date"], history.last().unwrap()["date"]);
}

/// 6.1.23, 6.1.26, 6.1.27.4, 6.1.27.5, 6.1.27.7, 6.1.27.8, 6.1.27.11.
fn profile(document: &Value) {
    assert_eq!(document["document"]["category"], "csaf_vex", "6.1.26");
    assert!(document["product_tree"].is_object(), "6.1.27.4");
    let flaws = items(&document["vulnerabilities"]);
    assert!(!flaws.is_empty(), "6.1.27.11");
    let mut cves = BTreeSet::new();
    for flaw in flaws {
        assert!(!items(&flaw["notes"]).is_empty(), "6.1.27.5");
        assert!(!flaw["product_status"].as_object().unwrap().is_empty(), "6.1.27.7");
        match flaw["cve"].as_str() {
            Some(cve) => assert!(cves.insert(cve), "6.1.23: {cve}"),
            None => assert!(!items(&flaw["ids"]).is_empty(), "6.1.27.8"),
        }
    }
}

/// 6.1.6.
fn states_do_not_contradict(flaw: &Value) {
    let mut known = BTreeSet::new();
    for (list, ids) in flaw["product_status"].as_object().unwrap() {
        for id in items(ids) {
            assert!(known.insert(text(id)), "6.1.6: {id} is in {list} and in another state");
        }
    }
}

/// 6.1.7; that vectors and scores are right (6.1.8 to 6.1.10) is tested where they are read.
fn scores(flaw: &Value) {
    let mut known = BTreeSet::new();
    for score in items(&flaw["scores"]) {
        for version in ["cvss_v2", "cvss_v3"] {
            if score.get(version).is_some() {
                for id in items(&score["products"]) {
                    assert!(known.insert((version, text(id))), "6.1.7: {id} has two of {version}");
                }
            }
        }
    }
}

/// 6.1.27.9, 6.1.27.10, 6.1.29, 6.1.32, 6.1.33.
fn statements_are_complete(flaw: &Value) {
    let about = |part: &str| -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for told in items(&flaw[part]) {
            assert!(!items(&told["product_ids"]).is_empty(), "6.1.29, 6.1.32: {told}");
            let is_impact = part != "threats" || told["category"] == "impact";
            for id in items(&told["product_ids"]).iter().filter(|_| is_impact) {
                *counts.entry(text(id)).or_default() += 1;
            }
        }
        counts
    };
    let (flags, impacts, actions) = (about("flags"), about("threats"), about("remediations"));
    for id in items(&flaw["product_status"]["known_not_affected"]) {
        let told = flags.contains_key(text(id)) || impacts.contains_key(text(id));
        assert!(told, "6.1.27.9: nothing says why {id} is not affected");
    }
    for id in items(&flaw["product_status"]["known_affected"]) {
        assert!(actions.contains_key(text(id)), "6.1.27.10: nothing says what to do about {id}");
    }
    assert!(flags.values().all(|count| *count == 1), "6.1.33: {flags:?}");
}
