//! Advisories that come again: reworded, narrowed, or with nothing in them but a fix. The devices are the adapters of site
//! A, a 1734-AENT of series B with 5.017, and of site B, one with 5.020.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::program::{Ran, capture, run};

/// New words, another date, products in another order under other identifiers: the verdict is what it was.
#[test]
fn an_advisory_reworded_leaves_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let first = write(
        folder.path(),
        "first",
        &affected_below("1", "Adapters stop", "5.019", Some("5.021")),
    );
    let mut reworded = affected_below(
        "2",
        "Adapters may stop: spelling of the title corrected",
        "5.019",
        Some("5.021"),
    );
    let text = reworded
        .to_string()
        .replace("\"P1\"", "\"CSAFPID-0009\"")
        .replace("\"P2\"", "\"CSAFPID-0001\"");
    reworded = serde_json::from_str(&text).unwrap();
    let versions =
        reworded["product_tree"]["branches"][0]["branches"][0]["branches"].as_array_mut().unwrap();
    versions.reverse();
    let second = write(folder.path(), "second", &reworded);
    let (before, after) = (judge("04-site-a", &first), judge("04-site-a", &second));
    assert_eq!(before.verdict, "affected");
    assert_eq!(
        (before.id, before.verdict, before.fixed_in),
        (after.id, after.verdict, after.fixed_in)
    );
}

/// The first issue said that everything up to 5.019 is affected; the second found that 5.011 was the last.
#[test]
fn an_advisory_narrowed_changes_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let wide =
        write(folder.path(), "wide", &affected_below("1", "Adapters stop", "5.019", Some("5.021")));
    for (fix, verdict) in [(Some("5.012"), "fixed"), (None, "not_affected")] {
        let narrow =
            write(folder.path(), "narrow", &affected_below("2", "Adapters stop", "5.011", fix));
        let (before, after) = (judge("04-site-a", &wide), judge("04-site-a", &narrow));
        assert_eq!((&*before.verdict, &*after.verdict), ("affected", verdict));
        assert_eq!(before.id, after.id, "it is the same finding with another verdict");
    }
}

/// A store judges with the advisories of now: nothing has to be captured again when a document is revised.
#[test]
fn a_store_is_judged_again_when_an_advisory_is_narrowed() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let wide =
        write(folder.path(), "wide", &affected_below("1", "Adapters stop", "5.019", Some("5.021")));
    let narrow = write(
        folder.path(),
        "narrow",
        &affected_below("2", "Adapters stop", "5.011", Some("5.012")),
    );
    let [input, store] =
        [capture("scenarios/04-site-a.pcap"), store].map(|path| path.display().to_string());
    let scanned = one(&run(&["scan", "-o", "ndjson", "--db", &wide, "--store", &store, &input]));
    assert_eq!(scanned.verdict, "affected");
    for (db, verdict) in [(&narrow, "fixed"), (&wide, "affected")] {
        let again = one(&run(&["findings", "list", "-o", "ndjson", "--db", db, "--store", &store]));
        assert_eq!((&*again.id, &*again.verdict), (&*scanned.id, verdict));
    }
}

/// Of both revisions together, in one folder, the later one counts, whatever the order of their names.
#[test]
fn of_two_revisions_the_later_one_counts() {
    for names in [["a", "b"], ["b", "a"]] {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("db");
        std::fs::create_dir(&db).unwrap();
        let documents = [("1", "5.019", "5.021"), ("2", "5.011", "5.012")];
        for (name, (revision, last, fix)) in names.into_iter().zip(documents) {
            let document = affected_below(revision, "Adapters stop", last, Some(fix));
            std::fs::write(db.join(format!("{name}.json")), document.to_string()).unwrap();
        }
        assert_eq!(judge("04-site-a", &db.display().to_string()).verdict, "fixed", "{names:?}");
    }
}

/// A document that names nothing but the fixed version says nothing about older ones: neither "affected" nor "not
/// affected" follows from its silence. What has reached the fix is fixed.
#[test]
fn an_older_version_than_the_only_fix_named_cannot_be_told() {
    let folder = tempfile::tempdir().unwrap();
    let versions = json!([version("product_version", "5.020", "P1")]);
    let document = document("1", "Adapters stop", &versions, &json!({"fixed": ["P1"]}), &json!([]));
    let db = write(folder.path(), "fixed-only", &document);
    let older = judge("04-site-a", &db);
    assert_eq!(older.verdict, "cannot_tell");
    assert_eq!(judge("04-site-b", &db).verdict, "fixed");
}

/// What is told of one finding.
struct Told {
    id: String,
    verdict: String,
    fixed_in: Json,
}

/// The verdict on the only adapter of a scenario.
fn judge(case: &str, db: &str) -> Told {
    let input = capture(&format!("scenarios/{case}.pcap")).display().to_string();
    one(&run(&["scan", "-o", "ndjson", "--db", db, &input]))
}

fn one(ran: &Ran) -> Told {
    assert_eq!(ran.code, 0, "{}", ran.err);
    let [line] = *ran.lines_of("finding") else { panic!("not one finding: {}", ran.out) };
    let finding: Json = serde_json::from_str(line).unwrap();
    let text =
        |name: &str| finding[name].as_str().unwrap_or_else(|| panic!("{finding:#}")).to_owned();
    Told { id: text("finding_id"), verdict: text("verdict"), fixed_in: finding["fixed_in"].clone() }
}

/// Everything up to a version is affected; the fix, where one is named, is in another.
fn affected_below(revision: &str, title: &str, last: &str, fix: Option<&str>) -> Json {
    let mut versions =
        vec![version("product_version_range", &format!("vers:intdot/<={last}"), "P1")];
    let mut status = json!({"known_affected": ["P1"]});
    let mut remediations = Vec::new();
    if let Some(fix) = fix {
        versions.push(version("product_version", fix, "P2"));
        status["fixed"] = json!(["P2"]);
        let details = format!("Update to {fix} or later.");
        remediations
            .push(json!({"category": "vendor_fix", "details": details, "product_ids": ["P1"]}));
    }
    document(revision, title, &json!(versions), &status, &json!(remediations))
}

fn version(category: &str, name: &str, id: &str) -> Json {
    json!({"category": category, "name": name, "product": {"name": format!("Rockwell Automation 1734-AENT Series B: {name}"), "product_id": id}})
}

/// A CSAF 2.0 document about the 1734-AENT of series B.
fn document(
    revision: &str,
    title: &str,
    versions: &Json,
    status: &Json,
    remediations: &Json,
) -> Json {
    let date = format!("2026-0{revision}-01T00:00:00.000Z");
    json!({
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "publisher": {"category": "vendor", "name": "Scenario", "namespace": "https://scenario.example"},
            "title": title,
            "tracking": {
                "current_release_date": date,
                "id": "SCENARIO-2026-01",
                "initial_release_date": "2026-01-01T00:00:00.000Z",
                "revision_history": [{"date": date, "number": revision, "summary": title}],
                "status": "final",
                "version": revision,
            },
        },
        "product_tree": {"branches": [{
            "category": "vendor",
            "name": "Rockwell Automation",
            "branches": [{"category": "product_name", "name": "1734-AENT Series B", "branches": versions}],
        }]},
        "vulnerabilities": [{
            "cve": "CVE-2026-0001",
            "product_status": status,
            "remediations": remediations,
        }],
    })
}

/// A document in a file of its own; its path.
fn write(folder: &Path, name: &str, document: &Json) -> String {
    let path = folder.join(format!("{name}.json"));
    std::fs::write(&path, document.to_string()).unwrap();
    path.display().to_string()
}
