//! Advisories that are broken in ways that editors, converters, networks and people who mean harm break them. Each costs one line,
//! and nothing of the others; and none of them clears a device.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::program::{Ran, capture, run};
use crate::random::Random;

const WAYS: u64 = 50;

/// The document that is broken: what it says concerns the device of the capture, so that a verdict that it may not give would show.
fn whole(id: &str) -> Json {
    json!({
        "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Adapters stop",
            "publisher": {"category": "vendor", "name": "Rockwell Automation", "namespace": "https://example.org"},
            "tracking": {"id": id, "version": "1", "status": "final", "initial_release_date": "2026-01-01T00:00:00Z",
                "current_release_date": "2026-01-02T00:00:00Z"}},
        "product_tree": {"branches": [{"category": "vendor", "name": "Rockwell Automation", "branches": [
            {"category": "product_name", "name": "1734-AENT", "branches": [
                {"category": "product_version_range", "name": "<=5.010",
                    "product": {"name": "1734-AENT <=5.010", "product_id": "P1",
                        "product_identification_helper": {"model_numbers": ["1734-AENT"]}}}]}]}],
            "product_groups": [{"group_id": "G1", "product_ids": ["P1"]}]},
        "vulnerabilities": [{"cve": "CVE-2026-0001", "title": "Stop", "product_status": {"known_affected": ["P1"]},
            "remediations": [{"category": "vendor_fix", "details": "Update to 5.012 or later", "product_ids": ["P1"]},
                {"category": "mitigation", "details": "Restrict access", "group_ids": ["G1"]}],
            "scores": [{"products": ["P1"], "cvss_v3": {"baseScore": 7.5, "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}}]}]
    })
}

/// Everything that verdicts rest on, and that must be there or be of its kind.
const PLACES: &[&str] = &[
    "/document/title",
    "/document/publisher",
    "/document/publisher/name",
    "/document/tracking/version",
    "/document/tracking/current_release_date",
    "/product_tree",
    "/product_tree/branches/0/category",
    "/product_tree/branches/0/name",
    "/product_tree/branches/0/branches/0/branches/0/name",
    "/product_tree/branches/0/branches/0/branches/0/product/name",
    "/product_tree/branches/0/branches/0/branches/0/product/product_id",
    "/product_tree/product_groups/0/group_id",
    "/product_tree/product_groups/0/product_ids",
    "/vulnerabilities/0/product_status",
    "/vulnerabilities/0/remediations/0/category",
    "/vulnerabilities/0/remediations/0/details",
    "/vulnerabilities/0/scores/0/cvss_v3/baseScore",
];

/// Lists and objects that may be missing, but not be something else.
const KINDS: &[&str] = &[
    "/product_tree/branches",
    "/product_tree/branches/0",
    "/product_tree/branches/0/branches/0/branches",
    "/product_tree/branches/0/branches/0/branches/0/product",
    "/product_tree/branches/0/branches/0/branches/0/product/product_identification_helper",
    "/vulnerabilities",
    "/vulnerabilities/0",
    "/vulnerabilities/0/product_status/known_affected",
    "/vulnerabilities/0/product_status/known_affected/0",
    "/vulnerabilities/0/remediations",
    "/vulnerabilities/0/remediations/0/product_ids",
    "/vulnerabilities/0/scores/0",
];

/// The bytes of a document broken in the way of this number.
fn broken(way: u64) -> Vec<u8> {
    let mut random = Random::new(way.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut document = whole(&format!("BROKEN-{way:02}"));
    match way % 10 {
        0 => wrong_kind(&mut document, KINDS[random.below(KINDS.len())], &mut random),
        1 | 2 => wrong_kind(&mut document, PLACES[random.below(PLACES.len())], &mut random),
        3 | 4 => remove(&mut document, PLACES[random.below(PLACES.len())]),
        5 => point_nowhere(&mut document, &mut random),
        6 => return no_json(&document, &mut random),
        7 => return bomb(&document, &mut random),
        8 => return too_long(&mut document, &mut random),
        _ => return doubled(&document, &mut random),
    }
    document.to_string().into_bytes()
}

fn wrong_kind(document: &mut Json, place: &str, random: &mut Random) {
    let value = document.pointer_mut(place).unwrap();
    let others =
        [json!(true), json!(null), json!({"x": [1]}), json!([[{}]]), json!(-1.5e300), json!("")];
    let fits = |other: &Json| match value {
        Json::String(_) => false,
        Json::Number(_) => other.is_number(),
        Json::Array(_) => other.is_array(),
        _ => other.is_object(),
    };
    let others: Vec<&Json> = others.iter().filter(|other| !fits(other)).collect();
    *value = others[random.below(others.len())].clone();
}

fn remove(document: &mut Json, place: &str) {
    let (above, name) = place.rsplit_once('/').unwrap();
    let removed = document.pointer_mut(above).unwrap().as_object_mut().unwrap().remove(name);
    assert!(removed.is_some(), "{place}");
}

/// References to products and groups that are not there.
fn point_nowhere(document: &mut Json, random: &mut Random) {
    const REFERENCES: &[&str] = &[
        "/vulnerabilities/0/product_status/known_affected/0",
        "/vulnerabilities/0/remediations/0/product_ids/0",
        "/vulnerabilities/0/remediations/1/group_ids/0",
    ];
    *document.pointer_mut(REFERENCES[random.below(REFERENCES.len())]).unwrap() = json!("P9");
}

fn no_json(document: &Json, random: &mut Random) -> Vec<u8> {
    let text = document.to_string();
    match random.below(5) {
        0 => text[..random.below(text.len())].into(),
        1 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        2 => b"<!DOCTYPE html><html><body>503 Service Unavailable</body></html>".to_vec(),
        3 => [text.as_bytes(), b"\n<<<<<<< HEAD\n"].concat(),
        _ => vec![0; 4_096],
    }
}

/// What is small and becomes large, or deep.
fn bomb(document: &Json, random: &mut Random) -> Vec<u8> {
    let text = document.to_string();
    match random.below(3) {
        0 => [text.replace("\"branches\":[", "\"branches\":[[").as_bytes(), &b"[".repeat(200_000)]
            .concat(),
        1 => {
            let branch = r#"{"category":"product_family","name":"F","branches":["#;
            let deep = branch.repeat(60) + &"]}".repeat(60);
            text.replace(
                "\"product_groups\":",
                &format!("\"x\":0,\"branches\":[{deep}],\"product_groups\":"),
            )
            .into()
        }
        _ => {
            let leaf = r#"{"category":"product_name","name":"N","product":{"name":"N","product_id":"N"}},"#;
            text.replacen("\"branches\":[", &format!("\"branches\":[{}", leaf.repeat(300_000)), 1)
                .into()
        }
    }
}

/// 100 MB of one string.
fn too_long(document: &mut Json, random: &mut Random) -> Vec<u8> {
    const PLACES: &[&str] =
        &["/document/title", "/vulnerabilities/0/remediations/0/details", "/vulnerabilities/0/cve"];
    *document.pointer_mut(PLACES[random.below(PLACES.len())]).unwrap() =
        json!("A".repeat(100_000_000));
    document.to_string().into_bytes()
}

/// Names and identifiers that are there twice.
fn doubled(document: &Json, random: &mut Random) -> Vec<u8> {
    let text = document.to_string();
    match random.below(3) {
        0 => text.replacen("\"product_status\":", "\"product_status\":{},\"product_status\":", 1),
        1 => text.replacen("\"product_tree\":{", "\"product_tree\":{},\"product_tree\":{", 1),
        _ => text.replacen(
            "\"product_groups\":",
            r#""full_product_names":[{"name":"Other","product_id":"P1"}],"product_groups":"#,
            1,
        ),
    }
    .into_bytes()
}

#[test]
fn each_of_fifty_broken_advisories_costs_one_line_and_nothing_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("db");
    std::fs::create_dir(&db).unwrap();
    let good = ["GOOD-1", "GOOD-2"];
    for id in good {
        std::fs::write(db.join(format!("{id}.json")), whole(id).to_string()).unwrap();
    }
    let before = scan(&db);
    assert_eq!(before.complaints(), Vec::<&str>::new());
    let own: Vec<&str> = before.lines_of("finding");
    assert!(!own.is_empty());
    let paths: Vec<PathBuf> = (0..WAYS)
        .map(|way| {
            let path = db.join(format!("broken-{way:02}.json"));
            std::fs::write(&path, broken(way)).unwrap();
            path
        })
        .collect();
    let after = scan(&db);
    let complaints = after.complaints();
    for (way, path) in (0_u64..).zip(&paths) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let of_it = complaints.iter().filter(|line| line.contains(name)).count();
        assert_eq!(of_it, 1, "way {way}: {complaints:#?}");
    }
    assert_eq!(complaints.len(), paths.len(), "{complaints:#?}");
    let findings = after.lines_of("finding");
    let of_good: Vec<&str> =
        findings.iter().filter(|line| !line.contains("\"BROKEN-")).copied().collect();
    assert_eq!(of_good, own);
    for line in findings.iter().filter(|line| line.contains("\"BROKEN-")) {
        let finding: Json = serde_json::from_str(line).unwrap();
        let (verdict, id) =
            (finding["verdict"].as_str().unwrap(), finding["advisory"].as_str().unwrap());
        let complaint = complaints.iter().find(|line| line.contains(&id.to_lowercase())).unwrap();
        // Damage in a title or a date touches no verdict.
        let may_clear = complaint.contains(": /document/");
        assert_eq!(complaint.contains("clears no device"), !may_clear, "{complaint}");
        assert!(may_clear || matches!(verdict, "affected" | "cannot_tell"), "{line}");
    }
}

fn scan(db: &Path) -> Ran {
    let capture = capture("scenarios/04-site-a.pcap").display().to_string();
    let arguments = [
        "scan".into(),
        capture,
        "--db".into(),
        db.display().to_string(),
        "--warn-db-age".into(),
        "36500d".into(),
        "-o".into(),
        "ndjson".into(),
    ];
    let ran = run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}
