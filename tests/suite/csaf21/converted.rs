//! Documents of CSAF 2.0 in the form that 2.1 gives them, by the rules of its clause on converters.

use std::collections::{BTreeMap, BTreeSet};

use nameplate::advisory::{EMBEDDED, csaf};
use nameplate::assess::families::Families;
use nameplate::assess::judge_document;
use nameplate::model::Judgement;
use nameplate::model::advisory::Advisory;
use serde_json::{Value, json};

use crate::advisories::{json_files, shared};
use crate::verdicts::{Heard, nameplates};

/// The same document as 2.1 has it. A remediation for what needs none becomes an optional patch.
pub(super) fn converted(mut whole: Value) -> Value {
    whole["$schema"] = json!("https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json");
    let head = &mut whole["document"];
    head["csaf_version"] = json!("2.1");
    if head["category"] == "csaf_security_advisory" {
        head["category"] = json!("csaf_deprecated_security_advisory");
    }
    head["distribution"]["tlp"] = json!({ "label": "CLEAR" });
    helpers(&mut whole["product_tree"]);
    if let Some(relationships) = whole["product_tree"]["relationships"].as_array().cloned() {
        let path = |one: Value| {
            json!({ "beginning_product_reference": one["product_reference"], "full_product_name": one["full_product_name"],
                "subpaths": [{ "category": one["category"], "next_product_reference": one["relates_to_product_reference"] }] })
        };
        let tree = whole["product_tree"].as_object_mut().unwrap();
        tree.remove("relationships");
        tree.insert("product_paths".to_owned(), relationships.into_iter().map(path).collect());
    }
    let groups = groups(&whole);
    for flaw in whole["vulnerabilities"].as_array_mut().into_iter().flatten() {
        flaw_of(flaw, &groups);
    }
    whole
}

fn flaw_of(flaw: &mut Value, groups: &BTreeMap<String, Vec<Value>>) {
    let needs_none: BTreeSet<String> =
        ["fixed", "first_fixed", "recommended", "known_not_affected"]
            .iter()
            .flat_map(|list| flaw["product_status"][list].as_array().cloned().unwrap_or_default())
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect();
    let flaw = flaw.as_object_mut().unwrap();
    if let Some(cwe) = flaw.remove("cwe") {
        let mut cwe = cwe;
        cwe["version"] = json!("4.16");
        flaw.insert("cwes".to_owned(), json!([cwe]));
    }
    if let Some(date) = flaw.remove("release_date") {
        flaw.insert("disclosure_date".to_owned(), date);
    }
    if let Some(scores) = flaw.remove("scores") {
        let metric = |mut score: Value| {
            let products = score.as_object_mut().unwrap().remove("products");
            json!({ "content": score, "products": products })
        };
        let metrics = scores.as_array().unwrap().iter().cloned().map(metric).collect();
        flaw.insert("metrics".to_owned(), metrics);
    }
    let mut remediations = Vec::new();
    for remedy in flaw.remove("remediations").iter().flat_map(|all| all.as_array().unwrap()) {
        let mut ids: Vec<Value> = remedy["product_ids"].as_array().cloned().unwrap_or_default();
        for group in remedy["group_ids"].as_array().into_iter().flatten() {
            ids.extend(groups[group.as_str().unwrap()].iter().cloned());
        }
        if remedy["category"] != "vendor_fix" || ids.is_empty() {
            remediations.push(remedy.clone());
            continue;
        }
        let (optional, needed): (Vec<Value>, Vec<Value>) =
            ids.into_iter().partition(|id| needs_none.contains(id.as_str().unwrap()));
        for (category, ids) in [("vendor_fix", needed), ("optional_patch", optional)] {
            if !ids.is_empty() {
                let mut one = remedy.clone();
                one.as_object_mut().unwrap().remove("group_ids");
                one["category"] = json!(category);
                one["product_ids"] = ids.into();
                remediations.push(one);
            }
        }
    }
    if !remediations.is_empty() {
        flaw.insert("remediations".to_owned(), remediations.into());
    }
}

fn groups(whole: &Value) -> BTreeMap<String, Vec<Value>> {
    let groups = whole["product_tree"]["product_groups"].as_array().into_iter().flatten();
    groups
        .map(|group| {
            let ids = group["product_ids"].as_array().unwrap().clone();
            (group["group_id"].as_str().unwrap().to_owned(), ids)
        })
        .collect()
}

/// Numbers that may go on get their star, an identifier of a package becomes a list of them.
fn helpers(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(purl) = members.remove("purl") {
                members.insert("purls".to_owned(), json!([purl]));
            }
            for list in ["model_numbers", "serial_numbers", "skus"] {
                for number in
                    members.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten()
                {
                    let text = number.as_str().unwrap();
                    if !text.ends_with('*') {
                        *number = json!(format!("{text}*"));
                    }
                }
            }
            members.values_mut().for_each(helpers);
        }
        Value::Array(list) => list.iter_mut().for_each(helpers),
        _ => {}
    }
}

/// Devices that a document may be about: its models and names, with the versions that its texts name and some beside them.
fn devices(document: &Advisory) -> Vec<Heard> {
    const PRODUCTS: usize = 3;
    const VERSIONS: usize = 3;
    let step = document.products.len().div_ceil(PRODUCTS).max(1);
    let fixes =
        document.flaws.iter().flat_map(|flaw| &flaw.remedies).map(|remedy| &*remedy.details);
    let fixes: Vec<String> = fixes.flat_map(numbers).collect();
    let mut found = BTreeSet::new();
    for product in document.products.iter().step_by(step) {
        let model =
            product.models.iter().chain(&product.on_models).find(|model| !model.contains('*'));
        let model = model.or(product.on.as_ref()).unwrap_or(&product.name);
        let versions =
            numbers(&product.version).into_iter().chain(fixes.iter().cloned()).take(VERSIONS);
        for version in versions.chain(["0.1".to_owned(), "99.9".to_owned(), String::new()]) {
            let said = [
                ("import.vendor", &*product.vendor),
                ("import.model", &**model),
                ("import.firmware", &*version),
            ];
            let said = said.iter().filter(|(_, value)| !value.is_empty());
            found.insert(
                said.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            );
        }
    }
    found.into_iter().collect()
}

fn numbers(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
    let numbers = words.map(|word| word.trim_matches(|c: char| !c.is_ascii_digit()));
    numbers.filter(|word| word.contains('.')).map(str::to_owned).collect()
}

/// What has to be the same. Places in the document are others.
fn told(one: &Judgement) -> impl PartialEq + std::fmt::Debug {
    let cvss = one.cvss.map(|score| score.to_string());
    (one.cve.clone(), one.verdict.clone(), one.grade, one.fixed_in.clone(), cvss)
}

/// Verdicts given, by their words.
fn compare(documents: Vec<(Advisory, Advisory)>) -> BTreeMap<&'static str, usize> {
    let families = Families::embedded();
    let mut counted = BTreeMap::new();
    let heard: Vec<Vec<Heard>> = documents.iter().map(|(old, _)| devices(old)).collect();
    let mut plates = nameplates(&heard.concat()).into_iter();
    for ((old, new), heard) in documents.into_iter().zip(&heard) {
        assert_eq!(old.fault, new.fault, "{}", old.id);
        assert_eq!(old.products.len(), new.products.len(), "{}", old.id);
        for (heard, plate) in heard.iter().zip(plates.by_ref()) {
            let one = judge_document(&plate, &old, &families);
            let other = judge_document(&plate, &new, &families);
            let (said, says): (Vec<_>, Vec<_>) =
                (one.iter().map(told).collect(), other.iter().map(told).collect());
            assert!(said == says, "{} {heard:?}\n{said:?}\n{says:?}", old.id);
            for judgement in &one {
                *counted.entry(judgement.verdict.name()).or_default() += 1;
            }
        }
    }
    println!("the same verdicts: {counted:?}");
    counted
}

fn both(bytes: &[u8], name: &str) -> (Advisory, Advisory) {
    let old = csaf::parse(bytes, name).unwrap();
    let whole = converted(serde_json::from_slice(bytes).unwrap());
    (old, csaf::parse(whole.to_string().as_bytes(), name).unwrap())
}

#[test]
fn a_document_gives_the_verdicts_of_its_older_form() {
    let documents = EMBEDDED.iter().map(|(name, text)| both(text.as_bytes(), name)).collect();
    let counted = compare(documents);
    for word in ["affected", "fixed", "not_affected", "cannot_tell"] {
        assert!(counted.get(word).is_some_and(|count| *count >= 10), "few {word}: {counted:?}");
    }
}

/// The same over a part of the public corpus, where it is.
#[test]
fn the_corpus_gives_the_verdicts_of_its_older_form() {
    let Some(shared) = shared() else {
        println!("skipped: ../shared is not here");
        return;
    };
    const EACH: usize = 47;
    let files = json_files(&shared.join("advisories/csaf/csaf_files/OT"));
    let documents = files
        .iter()
        .step_by(EACH)
        .map(|path| both(&std::fs::read(path).unwrap(), &path.display().to_string()));
    compare(documents.collect());
}
