//! How much findings matter in a network, and the findings that no advisory makes: from captures to what is printed.

use std::path::Path;

use nameplate::advisory::csaf;
use serde_json::Value;

use crate::advisories::shared;
use crate::program::{self, Ran, capture, program, run, run_in};
use crate::replayed::root;

fn findings(ran: &Ran) -> Vec<Value> {
    ran.lines_of("finding").iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn scan(arguments: &[&str]) -> Ran {
    let ran = run(&[&["scan", "-o", "ndjson"], arguments].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

fn text<'a>(finding: &'a Value, field: &str) -> &'a str {
    finding[field].as_str().unwrap_or_default()
}

/// The findings of one kind, each with its document and verdict.
fn told(found: &[Value], kind: &str) -> Vec<(String, String)> {
    let mut told: Vec<(String, String)> = found
        .iter()
        .filter(|finding| text(finding, "kind") == kind)
        .map(|finding| (text(finding, "advisory").to_owned(), text(finding, "verdict").to_owned()))
        .collect();
    told.sort();
    told
}

#[test]
fn windows_7_is_unsupported_and_its_smb1_is_told_with_the_frame() {
    let ran = scan(&["captures/smb/windows-7.pcap"]);
    let found = findings(&ran);
    let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    assert_eq!(told(&found, "end_of_support"), [pair("lifecycle:windows-7", "affected")]);
    assert_eq!(told(&found, "exposure"), [pair("exposure:smb1", "affected")]);
    let smb1 = found.iter().find(|one| text(one, "advisory") == "exposure:smb1").unwrap();
    let because = smb1["because"][0].as_str().unwrap();
    assert!(because.ends_with("(seen in captures/smb/windows-7.pcap#8)"), "{because}");

    let id = text(smb1, "finding_id");
    let page = run(&["explain", &id[..8], "captures/smb/windows-7.pcap"]);
    for words in
        ["smb.dialect = NT LM 0.12", "windows-7.pcap#8", "checked: bytes as kept", "priority: next"]
    {
        assert!(page.out.contains(words), "{words} is not in\n{}", page.out);
    }
    let first: Value = serde_json::from_str(ran.lines_of("run")[0]).unwrap();
    assert_eq!(first["beside"]["end_of_support"]["affected"], 1);
    assert_eq!(first["beside"]["exposure"]["affected"], 1);
    assert_eq!(first["as_of"], program::AS_OF);
    let counts = first["verdicts"].as_object().unwrap();
    let given: u64 = counts.values().map(|count| count.as_u64().unwrap()).sum();
    let advisories = found.iter().filter(|one| text(one, "kind") == "advisory").count();
    assert_eq!(usize::try_from(given), Ok(advisories), "the four counts are of advisories");
}

#[test]
fn the_day_decides_about_support_and_nothing_else() {
    let on = |day: &str| {
        let ran = scan(&["captures/smb/windows-server-2016.pcap", "--as-of", day]);
        told(&findings(&ran), "end_of_support")
    };
    assert_eq!(on("2027-01-12"), []);
    assert_eq!(on("2027-01-13").len(), 1);
    let seven = |day: &str| {
        let mut lines = findings(&scan(&["captures/smb/windows-7.pcap", "--as-of", day]));
        lines.retain(|finding| text(finding, "kind") != "end_of_support");
        lines
    };
    assert_eq!(seven("2019-01-01"), seven("2026-01-01"));

    let wrong = program()
        .env("NAMEPLATE_AS_OF", "tomorrow")
        .args(["scan", "captures/smb/windows-7.pcap"])
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&wrong.stderr).contains("NAMEPLATE_AS_OF=tomorrow: write a day")
    );
}

#[test]
fn a_threshold_asks_for_ends_of_support() {
    let fail_on =
        |capture: &str, what: &str| run(&["scan", capture, "--fail-on", what, "-o", "ndjson"]).code;
    assert_eq!(fail_on("captures/smb/windows-7.pcap", "eol"), 3);
    assert_eq!(fail_on("captures/smb/windows-11.pcap", "eol"), 0);
    assert_eq!(fail_on("captures/smb/windows-7.pcap", "affected"), 0, "that is of advisories");
}

/// The engineering station of the first cell, put into a zone of its own, is another part of the plant.
const ZONES: &str = "\
[[zone]]
name = \"Filling\"
purdue = 1
criticality = \"high\"
subnets = [\"10.10.1.0/24\"]

[[zone]]
name = \"Engineering\"
purdue = 3
subnets = [\"10.10.1.200\"]
";

#[test]
fn zones_decide_who_reaches_across() {
    let folder = tempfile::tempdir().unwrap();
    let zones = folder.path().join("zones.toml");
    std::fs::write(&zones, ZONES).unwrap();
    let cell = capture("plant-demo/cell1-filling.pcap");
    let cell = cell.to_str().unwrap();
    let plain = findings(&scan(&[cell]));
    let zoned = findings(&scan(&[cell, "--zones", zones.to_str().unwrap()]));
    let now = |found: &[Value]| found.iter().filter(|one| text(one, "priority") == "now").count();
    assert_eq!(now(&plain), 0, "within a cell nobody comes from elsewhere");
    assert!(now(&zoned) > 0);
    let across: Vec<&Value> = zoned
        .iter()
        .filter(|one| {
            text(one, "exposure") == "seen_across_zones" && text(one, "kind") == "advisory"
        })
        .collect();
    assert!(!across.is_empty());
    for finding in across {
        let because = finding["priority_because"].to_string();
        assert!(because.contains("zone Engineering (level 3)"), "{because}");
    }
    // Verdicts are the same, whatever the zones are.
    let verdicts = |found: &[Value]| {
        let of = found.iter().filter(|one| text(one, "kind") == "advisory");
        of.map(|one| (one["finding_id"].clone(), one["verdict"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&plain), verdicts(&zoned));

    let asked = run(&[
        "scan",
        cell,
        "--zones",
        zones.to_str().unwrap(),
        "--where",
        "priority=now and exposure=seen_across_zones and finding_kind=advisory",
        "-o",
        "ndjson",
    ]);
    assert!(!findings(&asked).is_empty());
    assert!(findings(&asked).iter().all(|one| text(one, "priority") == "now"));
}

#[test]
fn a_store_tells_the_same_as_the_scan_and_keeps_priorities() {
    let folder = tempfile::tempdir().unwrap();
    let here = |arguments: &[&str]| {
        let ran = run_in(folder.path(), arguments);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran
    };
    let cell = capture("plant-demo/cell1-filling.pcap");
    let scanned = here(&["scan", cell.to_str().unwrap(), "--store", "plant", "-o", "ndjson"]);
    let listed = here(&["findings", "list", "--store", "plant", "-o", "ndjson"]);
    assert_eq!(scanned.lines_of("finding"), listed.lines_of("finding"));
    let store = rusqlite::Connection::open(folder.path().join("plant/nameplate.db")).unwrap();
    let count = |query: &str| -> usize {
        let count: i64 = store.query_row(query, [], |row| row.get(0)).unwrap();
        usize::try_from(count).unwrap()
    };
    let with = findings(&listed).iter().filter(|one| !one["priority"].is_null()).count();
    assert_eq!(count("SELECT count(*) FROM findings WHERE priority IS NOT NULL"), with);
    assert_eq!(count("SELECT count(*) FROM findings"), findings(&listed).len());
    assert!(count("SELECT count(*) FROM findings WHERE advisory LIKE 'exposure:%'") > 0);
}

/// A device of the demonstration plant is affected by this one, and nothing else is in the directory.
fn advisories_beside(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(root().join("signatures/advisories")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn packed(text: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

#[test]
fn lists_beside_the_advisories_say_what_is_exploited_and_what_is_likely() {
    let kev = br#"{"catalogVersion":"2025.08.12","dateReleased":"2025-08-12T10:00:00Z",
        "vulnerabilities":[{"cveID":"CVE-2022-1737"},{"cveID":"CVE-1999-1"}]}"#;
    let older = "#model_version:v1,score_date:2025-08-10T00:00:00Z\ncve,epss,percentile\nCVE-2023-3595,0.01,0.5\n";
    let newer = "#model_version:v2,score_date:2025-08-12T00:00:00Z\ncve,epss,percentile\nCVE-2023-3595,0.75,0.99\nCVE-1999-1,0.5,0.9\n";
    let folder = advisories_beside(&[
        ("kev.json", kev),
        ("epss_scores-2025-08-10.csv", older.as_bytes()),
        ("epss_scores-2025-08-12.csv.gz", &packed(newer)),
        ("prices.csv", b"part,price\n1756-EN2T,7\n"),
        ("bomb.csv.gz", &packed("not scores")[..12]),
    ]);
    let db = folder.path().to_str().unwrap();
    let ran = scan(&["captures/plant-demo/cell1-filling.pcap", "--db", db]);
    let found = findings(&ran);
    let of = |cve: &str| {
        found.iter().find(|one| text(one, "cve") == cve && text(one, "verdict") == "affected")
    };
    let (exploited, likely) = (of("CVE-2022-1737").unwrap(), of("CVE-2023-3595").unwrap());
    assert_eq!((text(exploited, "priority"), &exploited["kev"]), ("now", &Value::Bool(true)));
    assert_eq!((text(likely, "priority"), likely["epss"].as_f64()), ("now", Some(0.75)));
    let first: Value = serde_json::from_str(ran.lines_of("run")[0]).unwrap();
    assert_eq!(first["bundle"]["exploited"]["count"], 2);
    assert_eq!(first["bundle"]["scores"]["date"], "2025-08-12T00:00:00Z");
    assert_eq!(first["bundle"]["scores"]["model"], "v2");

    let table = run(&["scan", "captures/plant-demo/cell1-filling.pcap", "--db", db]);
    assert!(table.out.contains("(KEV) of 2025-08-12 (202 days old)"), "{}", table.out);
    let asked = run(&[
        "scan",
        "captures/plant-demo/cell1-filling.pcap",
        "--db",
        db,
        "--where",
        "epss>=0.5",
        "--sort",
        "-epss",
        "--columns",
        "cve,epss,priority",
        "-o",
        "csv",
    ]);
    assert!(
        asked.out.starts_with("cve,epss,priority\r\n")
            && asked.out.contains("CVE-2023-3595,0.75,now")
    );
}

#[test]
fn printed_reports_with_all_kinds_compare() {
    let folder = tempfile::tempdir().unwrap();
    for (name, day) in [("a.ndjson", "2020-01-14"), ("b.ndjson", "2020-01-15")] {
        let path = folder.path().join(name);
        let ran = scan(&["captures/smb/windows-7.pcap", "--as-of", day]);
        std::fs::write(&path, &ran.out).unwrap();
    }
    let ran = run_in(folder.path(), &["diff", "a.ndjson", "b.ndjson", "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let changes: Vec<Value> =
        ran.lines_of("change").iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(changes.len(), 1, "{}", ran.out);
    assert_eq!(changes[0]["change"], "verdict_new");
    assert_eq!(changes[0]["what"], "lifecycle:windows-7");
}

#[test]
fn many_documents_of_the_corpus_name_a_service() {
    let Some(shared) = shared() else {
        println!("skipped: ../shared is not here");
        return;
    };
    let (mut documents, mut naming) = (0_usize, 0_usize);
    let mut services = std::collections::BTreeMap::<String, usize>::new();
    let mut todo = vec![shared.join("advisories/csaf/csaf_files/OT")];
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if is_json(&path)
            && let Ok(document) = csaf::parse(&std::fs::read(&path).unwrap(), "x")
        {
            documents += 1;
            let named: std::collections::BTreeSet<&str> =
                document.flaws.iter().flat_map(|flaw| &flaw.services).map(|name| &**name).collect();
            naming += usize::from(!named.is_empty());
            for name in named {
                *services.entry(name.to_owned()).or_default() += 1;
            }
        }
    }
    let share = naming as f64 * 100.0 / documents as f64;
    println!("{naming} of {documents} documents name a service: {share:.1} %");
    println!("{services:?}");
    assert!(share >= 36.0, "{share:.1} %");
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}
