//! What CSAF 2.0 asks of a "CSAF asset matching system" (section 9.1.13), one test for each of its bullets.

use serde_json::Value as Json;

use super::{Paper, advisories, by, ids, plant, row};
use crate::program::run_in;

/// A plant with a document that affects the adapter with 5.017, and not surely that with 5.020.
fn matched() -> tempfile::TempDir {
    let folder = plant();
    Paper::default().write(folder.path(), "one.json");
    by(folder.path(), "alice", &["add", "one.json"]);
    folder
}

fn json(folder: &std::path::Path, arguments: &[&str]) -> Json {
    let ran = by(folder, "ann", &[arguments, &["-o", "json"]].concat());
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn matches_documents_to_the_assets_of_its_own_database() {
    let folder = matched();
    let one = row(folder.path(), "ACME-2030-1");
    assert_eq!(
        one["assets"],
        serde_json::json!({"matched":2,"affected":1,"cannot_tell":1,"fixed":0,"not_affected":0})
    );
    assert!(ids(folder.path(), &["--affecting"]).contains(&"ACME-2030-1".to_owned()));
}

#[test]
fn provides_for_each_product_of_the_plant_a_list_of_matched_advisories() {
    let folder = matched();
    let all = json(folder.path(), &["products"]);
    let products = all["products"].as_array().unwrap();
    let adapter = products.iter().find(|one| one["firmware"] == "5.017").unwrap();
    assert_eq!(adapter["model"], "1734-AENT");
    let own = adapter["advisories"].as_array().unwrap();
    assert!(own.contains(&serde_json::json!(["ACME-2030-1", "affected"])), "{adapter}");
}

#[test]
fn provides_for_each_asset_a_list_of_matched_advisories() {
    let folder = matched();
    let affected = ids(folder.path(), &["--asset", "10.10.1.20", "--affecting"]);
    assert_eq!(affected, ["ACME-2030-1", "ICSA-23-236-06"]);
    let other = ids(folder.path(), &["--asset", "10.10.1.21"]);
    assert_eq!(other, ["ACME-2030-1", "ICSA-23-236-06"]);
    assert!(ids(folder.path(), &["--asset", "10.10.1.21", "--affecting"]).is_empty());
    let model = ids(folder.path(), &["--asset", "1734-AENT"]);
    assert_eq!(model, ["ACME-2030-1", "ICSA-23-236-06"], "all devices of a model");
    let ran = run_in(folder.path(), &["advisories", "list", "--store", "s", "--asset", "nothing"]);
    assert!(ran.code == 1 && ran.err.contains("no device here is called nothing"), "{ran:?}");
}

#[test]
fn provides_for_each_document_a_list_of_matched_products() {
    let folder = matched();
    let page = json(folder.path(), &["show", "ACME-2030-1"]);
    let product = &page["products"][0];
    assert_eq!((&product["versions"], &product["read_as"]), (&"<=5.017".into(), &"≤ 5.017".into()));
    assert_eq!(product["assets"].as_array().unwrap().len(), 2, "{product}");
}

#[test]
fn provides_for_each_document_a_list_of_matched_assets_with_the_missing_fact() {
    let folder = matched();
    let page = json(folder.path(), &["show", "ACME-2030-1"]);
    let matches = page["matches"].as_array().unwrap();
    assert_eq!(matches.len(), 2);
    assert_eq!(
        (&matches[0]["address"], &matches[0]["verdict"]),
        (&"10.10.1.20".into(), &"affected".into())
    );
    assert_eq!(matches[0]["fixed_in"], serde_json::json!(["5.021"]));
    assert_eq!(matches[1]["verdict"], "cannot_tell");
    assert!(matches[1]["reason"].as_str().unwrap().contains("last affected"), "{}", matches[1]);
    let text = by(folder.path(), "ann", &["show", "ACME-2030-1"]).out;
    assert!(text.contains("HERE: 2 assets matched: 1 affected, 1 cannot tell"), "{text}");
}

#[test]
fn counts_per_document_assets_that_match_and_those_in_each_state() {
    let folder = matched();
    let one = row(folder.path(), "ACME-2030-1");
    let none = serde_json::json!({"not_remediated":1,"set_aside":0,"in_progress":0,"done":0});
    assert_eq!(one["remediation"], serde_json::json!({"assets":none,"vulnerabilities":none}));
    assert!(
        ids(folder.path(), &["--where", "not_remediated>=1"]).contains(&"ACME-2030-1".to_owned())
    );
    // The device says that it is updated: what is fixed is done.
    let set = [
        "assets",
        "set",
        "10.10.1.20",
        "firmware=5.021",
        "--store",
        "s",
        "--by",
        "bob",
        "--why",
        "seen",
    ];
    assert_eq!(run_in(folder.path(), &set).code, 0);
    let one = row(folder.path(), "ACME-2030-1");
    assert_eq!(
        (&one["assets"]["fixed"], &one["remediation"]["assets"]["done"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn a_newer_revision_with_the_same_remediation_is_no_new_match() {
    let folder = matched();
    let folder = folder.path();
    let findings = || {
        let ran = run_in(folder, &["findings", "list", "--store", "s", "-o", "ndjson"]);
        let own = ran.lines_of("finding").into_iter().filter(|line| line.contains("ACME-2030-1"));
        own.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = findings();
    let newer = Paper { revision: "2", released: "2030-05-01T08:00:00Z", ..Paper::default() };
    newer.write(folder, "newer.json");
    let ran = by(folder, "alice", &["add", "newer.json", "-o", "json"]);
    let told: Json = serde_json::from_str(&ran.out).unwrap();
    let run = &told["runs"][0];
    assert_eq!([&run["opened"], &run["changed"], &run["closed"]], [0, 0, 0], "{run}");
    assert_eq!(findings(), before);
    let text = by(folder, "ann", &["diff", "ACME-2030-1"]).out;
    assert!(
        text.contains("no verdict changes, and nothing that was decided is open again"),
        "{text}"
    );
    assert!(text.contains("no verdict about"), "{text}");
}

#[test]
fn detects_semantic_versions_and_a_change_of_the_major_one() {
    let folder = plant();
    let folder = folder.path();
    let first = Paper { revision: "1.4.0", ..Paper::default() };
    first.write(folder, "first.json");
    let second = Paper { revision: "2.0.0", released: "2030-06-01T08:00:00Z", ..Paper::default() };
    second.write(folder, "second.json");
    by(folder, "alice", &["add", "first.json", "second.json"]);
    assert_eq!(row(folder, "ACME-2030-1")["versioning"], "semantic");
    assert_eq!(row(folder, "ICSA-23-236-06")["versioning"], "integer");
    let text = by(folder, "ann", &["diff", "ACME-2030-1"]).out;
    assert!(text.contains("major version 1 became 2"), "{text}");
}

#[test]
fn runs_matching_by_hand_for_documents_and_for_assets() {
    let folder = matched();
    let folder = folder.path();
    // Judged with other documents than those of the store: all verdicts of the plant's own would be gone.
    let changed = Paper { range: "<=5.020", ..Paper::default() };
    changed.write(folder, "changed.json");
    let count = |arguments: &[&str]| {
        let told = json(folder, &[&["match", "--db", "changed.json"], arguments].concat());
        let run = &told["runs"][0];
        assert_eq!(run["trigger"], "manual");
        [&run["opened"], &run["changed"], &run["closed"]].map(|count| count.as_u64().unwrap())
    };
    assert_eq!(count(&["ACME-2030-1", "--asset", "10.10.1.20"]), [0, 0, 0]);
    assert_eq!(
        count(&["ACME-2030-1", "--asset", "10.10.1.21"]),
        [0, 1, 0],
        "it is in the range now"
    );
    assert_eq!(count(&["ACME-2030-1"]), [0, 0, 0], "that was kept");
    assert!(count(&[])[2] > 0, "without the documents built in their verdicts are closed");
    let text = advisories(folder, &["match", "--store", "s"]).out;
    assert!(text.contains("MATCHING (1)") && text.contains("VERDICTS THAT CHANGE"), "{text}");
}

#[test]
fn runs_matching_by_itself_when_documents_or_assets_come_in_and_keeps_each_run() {
    let folder = matched();
    let folder = folder.path();
    let runs = || json(folder, &["match", "--runs"])["runs"].as_array().unwrap().clone();
    let first = runs();
    assert_eq!(first.len(), 2, "the scan, and the document that was added");
    assert!(first.iter().all(|run| run["trigger"] == "automatic"));
    let [added, scanned] = &*first else { panic!() };
    assert!(added["documents"].as_u64() > scanned["documents"].as_u64());
    assert_eq!(added["opened"], 2);
    assert!(added["time"].as_str() > scanned["time"].as_str());
    std::fs::write(
        folder.join("list.csv"),
        "name,vendor,model,firmware\nspare,Rockwell Automation,1734-AENT,5.016\n",
    )
    .unwrap();
    let import = ["assets", "import", "list.csv", "--store", "s", "--by", "carol"];
    assert_eq!(run_in(folder, &import).code, 0);
    let all = runs();
    assert_eq!(
        (all.len(), all[0]["assets"].as_u64()),
        (3, scanned["assets"].as_u64().map(|n| n + 1))
    );
    assert!(all[0]["opened"].as_u64() > Some(0), "{}", all[0]);
}
