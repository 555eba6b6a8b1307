//! CSAF 2.1 beside 2.0: what both can say gives one verdict, and what only 2.1 can say clears nothing that it does not mean to.
//!
//! All documents here are our own: those in the program, turned into 2.1, and small ones made up for each new construct.

mod constructs;
mod converted;
mod linted;
mod standing;

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use nameplate::advisory::csaf;
use nameplate::assess::families::Families;
use nameplate::assess::judge_document;
use nameplate::model::Judgement;
use nameplate::model::advisory::Advisory;
use nameplate::model::asset::Nameplate;
use nameplate::model::finding::{Verdict, Why};
use serde_json::{Value, json};

use crate::verdicts::nameplates;

/// A whole document of CSAF 2.1 about two versions of a pump, and one flaw.
fn whole() -> Value {
    let leaf = |category: &str, name: &str, id: &str| {
        json!({ "category": category, "name": name, "product": {
            "name": format!("Acme Pump {name}"), "product_id": id,
            "product_identification_helper": { "model_numbers": ["PU-1*"] } } })
    };
    json!({
        "$schema": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.1", "title": "Flaw in Pump",
            "distribution": { "tlp": { "label": "AMBER+STRICT" },
                "sharing_group": { "id": "5868d6e1-5a2c-4d5a-9f5b-0d4f5bde3a5d", "name": "Water works" } },
            "license_expression": "CC-BY-4.0",
            "publisher": { "category": "vendor", "name": "Acme", "namespace": "https://example.com" },
            "tracking": { "id": "ACME-1", "version": "2", "status": "final",
                "initial_release_date": "2025-01-01T00:00:00Z", "current_release_date": "2025-02-01T00:00:00Z",
                "revision_history": [
                    { "date": "2025-01-01T00:00:00Z", "number": "1", "summary": "First." },
                    { "date": "2025-02-01T00:00:00Z", "number": "2", "summary": "Second." }] }
        },
        "product_tree": { "branches": [{ "category": "vendor", "name": "Acme", "branches": [
            { "category": "product_name", "name": "Pump", "branches": [
                leaf("product_version_range", "vers:intdot/<2.4.0", "A"),
                leaf("product_version", "2.4.0", "F") ] } ] }] },
        "vulnerabilities": [{
            "cve": "CVE-2025-1", "cwes": [{ "id": "CWE-20", "name": "Improper Input Validation", "version": "4.16" }],
            "disclosure_date": "2025-01-01T00:00:00Z",
            "product_status": { "known_affected": ["A"], "fixed": ["F"] },
            "remediations": [{ "category": "vendor_fix", "details": "Update to 2.4.0 or later", "product_ids": ["A"] }],
            "metrics": [{ "products": ["A"], "source": "https://example.com", "content": { "cvss_v3": {
                "version": "3.1", "baseScore": 7.5, "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" } } }]
        }]
    })
}

fn read(document: &Value) -> Advisory {
    csaf::parse(document.to_string().as_bytes(), "made up").unwrap()
}

/// A pump, as a list has it.
fn pump(model: &str, firmware: &str) -> Nameplate {
    static KNOWN: LazyLock<Mutex<BTreeMap<[String; 2], Nameplate>>> = LazyLock::new(Mutex::default);
    let make = || {
        let said =
            [("import.vendor", "Acme"), ("import.model", model), ("import.firmware", firmware)];
        let heard = said.map(|(key, value)| (key.to_owned(), value.to_owned()));
        nameplates(&[heard.to_vec()]).remove(0)
    };
    let key = [model, firmware].map(str::to_owned);
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert_with(make).clone()
}

fn judge(document: &Value, plate: &Nameplate) -> Judgement {
    static FAMILIES: LazyLock<Families> = LazyLock::new(Families::embedded);
    judge_document(plate, &read(document), &FAMILIES).remove(0)
}

fn verdict(document: &Value, firmware: &str) -> Verdict {
    judge(document, &pump("PU-1", firmware)).verdict
}

fn clears(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Fixed | Verdict::NotAffected)
}

fn is_unknown(verdict: &Verdict, why: Why) -> bool {
    *verdict == Verdict::Unknown(why)
}
