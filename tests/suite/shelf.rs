//! Advisories as documents: what CSAF 2.0 asks of a "CSAF management system" (section 9.1.12), one test for each of its bullets, named
//! after it. Those of the "CSAF asset matching system" (section 9.1.13) stand in `shelf/matching.rs`.

mod matching;
mod output;

use std::io::Write as _;
use std::path::Path;

use serde_json::Value as Json;

use crate::program::{Ran, run_in};

/// A document about the POINT I/O adapters of the demonstration plant.
pub struct Paper<'a> {
    pub id: &'a str,
    pub revision: &'a str,
    pub released: &'a str,
    pub title: &'a str,
    pub cve: &'a str,
    pub score: &'a str,
    pub severity: &'a str,
    pub range: &'a str,
    pub fix: &'a str,
}

impl Default for Paper<'_> {
    fn default() -> Self {
        Self {
            id: "ACME-2030-1",
            revision: "1",
            released: "2030-01-10T08:00:00Z",
            title: "Adapter stops",
            cve: "CVE-2030-0001",
            score: "7.5",
            severity: "Important",
            range: "<=5.017",
            fix: "Update to 5.021",
        }
    }
}

impl Paper<'_> {
    pub fn text(&self) -> String {
        let Self { id, revision, released, title, cve, score, severity, range, fix } = self;
        format!(
            r#"{{"document":{{"category":"csaf_security_advisory","csaf_version":"2.0","title":"{title}","lang":"en",
              "aggregate_severity":{{"text":"{severity}"}},"distribution":{{"tlp":{{"label":"GREEN"}}}},
              "publisher":{{"category":"coordinator","name":"Acme CERT","namespace":"https://acme.example"}},
              "notes":[{{"category":"summary","title":"Risk","text":"An adapter of the conveyor stops."}}],
              "references":[{{"category":"self","summary":"this","url":"https://acme.example/{id}"}}],
              "tracking":{{"id":"{id}","version":"{revision}","status":"final","current_release_date":"{released}",
                "initial_release_date":"2030-01-10T08:00:00Z",
                "revision_history":[{{"number":"{revision}","date":"{released}","summary":"issued"}}]}}}},
              "product_tree":{{"branches":[{{"category":"vendor","name":"Rockwell Automation","branches":[
                {{"category":"product_name","name":"1734-AENT","branches":[
                  {{"category":"product_version_range","name":"{range}","product":{{"name":"Rockwell Automation 1734-AENT {range}",
                    "product_id":"P1","product_identification_helper":{{"model_numbers":["1734-AENT"],"cpe":"cpe:2.3:h:x:1734-aent"}}}}}}]}}]}}]}},
              "vulnerabilities":[{{"cve":"{cve}","title":"Overrun","cwe":{{"id":"CWE-787","name":"Out-of-bounds Write"}},
                "product_status":{{"known_affected":["P1"]}},
                "remediations":[{{"category":"vendor_fix","details":"{fix}","product_ids":["P1"],"url":"https://acme.example/fw"}}],
                "scores":[{{"products":["P1"],"cvss_v3":{{"baseScore":{score},"vectorString":"CVSS:3.1/AV:N"}}}}]}}]}}"#
        )
    }

    pub fn write(&self, folder: &Path, name: &str) {
        std::fs::write(folder.join(name), self.text()).unwrap();
    }
}

/// A folder with a store of the demonstration plant's first cell: adapters with 5.017 and with 5.020.
pub fn plant() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let capture = crate::program::capture("plant-demo/cell1-filling.pcap");
    let ran = run_in(folder.path(), &["scan", capture.to_str().unwrap(), "--store", "s"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    folder
}

pub fn advisories(folder: &Path, arguments: &[&str]) -> Ran {
    let ran = run_in(folder, &[&["advisories"], arguments].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}

/// The same, by a person, in the store.
pub fn by(folder: &Path, person: &str, arguments: &[&str]) -> Ran {
    advisories(folder, &[arguments, &["--store", "s", "--by", person]].concat())
}

/// Rows of a list in the store.
pub fn rows(folder: &Path, arguments: &[&str]) -> Vec<Json> {
    let ran = by(folder, "ann", &[&["list", "-o", "ndjson"], arguments].concat());
    ran.lines_of("advisory").into_iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub fn ids(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let id = |row: &Json| row["advisory"].as_str().unwrap().to_owned();
    rows(folder, arguments).iter().map(id).collect()
}

/// The row of one document.
pub fn row(folder: &Path, id: &str) -> Json {
    let found = rows(folder, &["--where", &format!("id='{id}'")]);
    found.into_iter().next().unwrap_or(Json::Null)
}

/// A plant, with two documents of its own.
fn managed() -> tempfile::TempDir {
    let folder = plant();
    Paper::default().write(folder.path(), "one.json");
    let other = Paper {
        id: "ACME-2030-2",
        cve: "CVE-2030-0002",
        score: "9.8",
        severity: "Low",
        released: "2030-02-01T08:00:00Z",
        title: "Panel burns",
        ..Paper::default()
    };
    other.write(folder.path(), "two.json");
    by(folder.path(), "alice", &["add", "one.json", "two.json"]);
    folder
}

#[test]
fn adds_documents_from_files_and_directories_and_keeps_who_and_when() {
    let folder = plant();
    let folder = folder.path();
    std::fs::create_dir_all(folder.join("feed/2030")).unwrap();
    Paper::default().write(folder, "feed/2030/one.json");
    Paper { id: "ACME-2030-2", ..Paper::default() }.write(folder, "feed/two.json");
    std::fs::write(folder.join("feed/broken.json"), "{").unwrap();
    let ran = by(folder, "alice", &["add", "feed"]);
    assert!(ran.err.contains("2 documents added"), "{ran:?}");
    assert!(ran.err.contains("passed over: feed/broken.json"), "{ran:?}");
    let one = row(folder, "ACME-2030-1");
    assert_eq!(one["added_by"], "alice");
    assert!(one["added"].as_str().unwrap().starts_with("20"), "{one}");
    let again = by(folder, "bob", &["add", "feed/2030/one.json"]);
    assert!(again.err.contains("0 documents added, 1 were there"), "{again:?}");
    assert_eq!(row(folder, "ACME-2030-1")["added_by"], "alice");
}

#[test]
fn adds_documents_from_an_archive() {
    let folder = plant();
    let folder = folder.path();
    let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.join("feed.zip")).unwrap());
    for (name, id) in [("csaf/one.json", "ACME-2030-1"), ("csaf/2030/two.json", "ACME-2030-2")] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(Paper { id, ..Paper::default() }.text().as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    let ran = by(folder, "alice", &["add", "feed.zip"]);
    assert!(ran.err.contains("2 documents added"), "{ran:?}");
    assert_eq!(row(folder, "ACME-2030-2")["added_by"], "alice");
}

#[test]
fn what_is_added_takes_no_verdict_of_the_documents_built_in_away() {
    let folder = plant();
    let before = row(folder.path(), "ICSA-23-236-06");
    assert_eq!(before["assets"]["affected"], 1, "{before}");
    Paper::default().write(folder.path(), "one.json");
    by(folder.path(), "alice", &["add", "one.json"]);
    assert_eq!(row(folder.path(), "ICSA-23-236-06")["assets"], before["assets"]);
}

#[test]
fn lists_all_documents() {
    let folder = managed();
    let all = ids(folder.path(), &[]);
    assert_eq!(&all[..2], ["ACME-2030-2", "ACME-2030-1"], "the newest first");
    assert!(all.len() > 40);
    let alone = advisories(folder.path(), &["list", "--db", "one.json"]);
    assert!(alone.out.starts_with("ADVISORIES (1, one.json)"), "{}", alone.out);
    assert!(alone.out.contains("ACME-2030-1"), "{}", alone.out);
}

#[test]
fn deletes_documents_with_who_when_and_why_and_brings_them_back() {
    let folder = managed();
    let folder = folder.path();
    let verdicts = || {
        let ran = run_in(folder, &["findings", "list", "--store", "s", "-o", "ndjson"]);
        ran.lines_of("finding").iter().filter(|line| line.contains("ACME-2030-1")).count()
    };
    assert_eq!(verdicts(), 2);
    let ran = by(folder, "bob", &["delete", "acme-2030-1", "--why", "not our site"]);
    assert!(
        ran.err.contains("to take it back: nameplate advisories restore ACME-2030-1"),
        "{ran:?}"
    );
    assert_eq!(verdicts(), 0, "it takes no part in matching");
    assert!(!ids(folder, &[]).contains(&"ACME-2030-1".to_owned()));
    let deleted = rows(folder, &["--deleted"]);
    assert_eq!(deleted.len(), 1);
    let mark = &deleted[0]["deleted"];
    assert_eq!((&mark["by"], &mark["text"]), (&"bob".into(), &"not our site".into()));
    by(folder, "alice", &["restore", "ACME-2030-1", "--why", "it is ours"]);
    assert_eq!(verdicts(), 2);
    let marks = advisories(folder, &["marks", "--store", "s"]).out;
    assert!(marks.contains("not our site") && marks.contains("it is ours"), "{marks}");
}

#[test]
fn a_deleted_document_comes_back_only_with_a_revision_that_says_something_else() {
    let folder = managed();
    let folder = folder.path();
    by(folder, "bob", &["delete", "ACME-2030-1", "--why", "not our site"]);
    let same =
        Paper { revision: "2", released: "2030-03-01T08:00:00Z", score: "8.0", ..Paper::default() };
    same.write(folder, "same.json");
    by(folder, "alice", &["add", "same.json"]);
    assert!(row(folder, "ACME-2030-1").is_null(), "nothing that decides verdicts changed");
    let wider = Paper {
        revision: "3",
        released: "2030-04-01T08:00:00Z",
        range: "<=5.020",
        ..Paper::default()
    };
    wider.write(folder, "wider.json");
    by(folder, "alice", &["add", "wider.json"]);
    let back = row(folder, "ACME-2030-1");
    assert_eq!((&back["revision"], &back["came_back"]), (&"3".into(), &true.into()));
    assert_eq!(back["deleted"]["by"], "bob", "who deleted it stays told");
    let table = by(folder, "ann", &["list", "--search", "ACME-2030-1"]).out;
    assert!(table.contains("came back"), "{table}");
    by(folder, "bob", &["delete", "ACME-2030-1", "--why", "still not our site"]);
    assert!(row(folder, "ACME-2030-1").is_null());
}

#[test]
fn comments_are_kept_with_person_and_time_and_searched() {
    let folder = managed();
    let folder = folder.path();
    by(folder, "alice", &["comment", "ACME-2030-1", "Ask Zoë about the shutdown"]);
    by(folder, "bob", &["comment", "ACME-2030-1", "planned for week 31"]);
    assert_eq!(row(folder, "ACME-2030-1")["comments"], 2);
    let page = by(folder, "ann", &["show", "ACME-2030-1"]).out;
    assert!(page.contains("alice  comment (revision 1): Ask Zoë about the shutdown"), "{page}");
    assert_eq!(ids(folder, &["--search", "zoë"]), ["ACME-2030-1"]);
    assert_eq!(ids(folder, &["--where", "comment~'week 31'"]), ["ACME-2030-1"]);
}

#[test]
fn documents_are_marked_as_read_by_each_person() {
    let folder = managed();
    let folder = folder.path();
    by(folder, "alice", &["read", "ACME-2030-1"]);
    let unread = |who: &str| {
        let ran = by(folder, who, &["list", "--unread", "--where", "id~ACME", "-o", "csv"]);
        ran.out.lines().skip(1).map(|line| line[..11].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(unread("alice"), ["ACME-2030-2"]);
    assert_eq!(unread("bob"), ["ACME-2030-2", "ACME-2030-1"]);
    assert_eq!(row(folder, "ACME-2030-1")["read_by"][0], "alice");
    // A revision that says the same is not unread again; one that says something else is.
    let same =
        Paper { revision: "2", released: "2030-03-01T08:00:00Z", score: "8.0", ..Paper::default() };
    same.write(folder, "same.json");
    by(folder, "bob", &["add", "same.json"]);
    assert_eq!(unread("alice"), ["ACME-2030-2"]);
    let other = Paper {
        revision: "3",
        released: "2030-04-01T08:00:00Z",
        fix: "Update to 5.022",
        ..Paper::default()
    };
    other.write(folder, "other.json");
    by(folder, "bob", &["add", "other.json"]);
    assert_eq!(unread("alice"), ["ACME-2030-1", "ACME-2030-2"]);
    by(folder, "alice", &["read", "ACME-2030-1", "ACME-2030-2"]);
    by(folder, "alice", &["read", "ACME-2030-2", "--not"]);
    assert_eq!(unread("alice"), ["ACME-2030-2"]);
}

#[test]
fn searches_by_required_fields_of_the_document() {
    let folder = managed();
    for expression in [
        "id=acme-2030-1",
        "title='adapter stops'",
        "category=csaf_security_advisory and csaf_version=2.0 and id=ACME-2030-1",
        "publisher='Acme CERT' and publisher_category=coordinator and id=ACME-2030-1",
        "namespace='https://acme.example' and released<2030-02",
        "released=2030-01-10 and first_released=2030-01-10",
        "status=final and revision=1 and id=ACME-2030-1",
        "history~issued and history_number=1 and history_date=2030-01",
        "tlp=GREEN and language=en and severity=Important",
    ] {
        assert_eq!(ids(folder.path(), &["--where", expression]), ["ACME-2030-1"], "{expression}");
    }
}

#[test]
fn searches_by_cve() {
    let folder = managed();
    assert_eq!(ids(folder.path(), &["--cve", "cve-2030-0002"]), ["ACME-2030-2"]);
    assert_eq!(ids(folder.path(), &["--cve", "CVE-2030-0002", "--cve", "CVE-2030-0001"]).len(), 2);
    assert!(ids(folder.path(), &["--cve", "CVE-2030-000"]).is_empty(), "all of it, not a part");
}

#[test]
fn searches_by_properties_of_the_product_tree() {
    let folder = managed();
    for arguments in [
        ["--product", "1734-aent", "--where", "id=ACME-2030-1"],
        ["--vendor", "rockwell", "--where", "id=ACME-2030-1"],
        ["--search", "cpe:2.3:h:x:1734-aent", "--where", "id=ACME-2030-1"],
        ["--where", "identifier~'1734-aent' and id=ACME-2030-1", "--sort", "id"],
        ["--where", "model=1734-AENT and version='<=5.017' and id=ACME-2030-1", "--sort", "id"],
    ] {
        assert_eq!(ids(folder.path(), &arguments), ["ACME-2030-1"], "{arguments:?}");
    }
}

#[test]
fn filters_and_sorts_on_what_can_be_searched() {
    let folder = managed();
    let own = |sort: &str| ids(folder.path(), &["--where", "id~ACME-2030", "--sort", sort]);
    assert_eq!(own("id"), ["ACME-2030-1", "ACME-2030-2"]);
    assert_eq!(own("-title"), ["ACME-2030-2", "ACME-2030-1"]);
    assert_eq!(own("cve"), ["ACME-2030-1", "ACME-2030-2"]);
    assert_eq!(own("-released"), ["ACME-2030-2", "ACME-2030-1"]);
    assert_eq!(own("vendor,-id"), ["ACME-2030-2", "ACME-2030-1"]);
    let ran = run_in(folder.path(), &["advisories", "list", "--store", "s", "--sort", "colour"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--sort: documents have no colour"), "{ran:?}");
    let ran = run_in(folder.path(), &["advisories", "list", "--where", "vender=x"]);
    assert!(ran.code == 2 && ran.err.contains("do you mean vendor?"), "{ran:?}");
}

#[test]
fn sorts_on_cvss_and_on_aggregate_severity() {
    let folder = managed();
    let own = |sort: &str| ids(folder.path(), &["--where", "id~ACME-2030", "--sort", sort]);
    assert_eq!(own("-cvss"), ["ACME-2030-2", "ACME-2030-1"]);
    assert_eq!(own("-severity"), ["ACME-2030-1", "ACME-2030-2"], "Important is worse than Low");
}

#[test]
fn identifies_the_latest_version_and_keeps_the_others() {
    let folder = managed();
    let folder = folder.path();
    // A higher number released earlier is not the later one; nor does the order of adding count.
    let later = Paper {
        revision: "3",
        released: "2030-03-01T10:00:00+02:00",
        title: "Third",
        ..Paper::default()
    };
    let earlier = Paper {
        revision: "2",
        released: "2030-03-01T07:30:00Z",
        title: "Second",
        ..Paper::default()
    };
    later.write(folder, "later.json");
    earlier.write(folder, "earlier.json");
    by(folder, "alice", &["add", "later.json"]);
    by(folder, "alice", &["add", "earlier.json"]);
    let one = row(folder, "ACME-2030-1");
    assert_eq!((&one["revision"], &one["title"]), (&"3".into(), &"Third".into()));
    assert_eq!(one["revisions"], serde_json::json!(["3", "2", "1"]));
    let all = ids(folder, &["--revisions", "--where", "id=ACME-2030-1"]);
    assert_eq!(all.len(), 3);
    let page = by(folder, "ann", &["show", "ACME-2030-1", "--revision", "2"]).out;
    assert!(
        page.starts_with("ACME-2030-1  Second\n") && page.contains("no longer counts"),
        "{page}"
    );
    let ran =
        run_in(folder, &["advisories", "show", "ACME-2030-1", "--revision", "9", "--store", "s"]);
    assert!(ran.code == 1 && ran.err.contains("it is in 3, 2, 1"), "{ran:?}");
}

#[test]
fn shows_the_difference_of_two_versions() {
    let folder = managed();
    let folder = folder.path();
    let newer = Paper {
        revision: "2",
        released: "2030-03-01T08:00:00Z",
        range: "<=5.020",
        fix: "Update to 5.022",
        score: "8.1",
        ..Paper::default()
    };
    newer.write(folder, "newer.json");
    by(folder, "alice", &["add", "newer.json"]);
    let ran = by(folder, "ann", &["diff", "ACME-2030-1"]);
    for line in [
        "before  revision 1  2030-01-10",
        "after   revision 2  2030-03-01",
        "products, states or remediations changed",
        "versions: range <=5.017 → range <=5.020",
        "CVE-2030-0001: vendor_fix: Update to 5.021 → Update to 5.022",
        "CVE-2030-0001: 7.5 CVSS:3.1/AV:N → 8.1 CVSS:3.1/AV:N",
        "revision: 1 → 2",
        "VERDICTS THAT CHANGE (1)",
    ] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
    let files = run_in(folder, &["advisories", "diff", "one.json", "newer.json", "--exit-code"]);
    assert_eq!(files.code, 3, "{files:?}");
    let same = run_in(folder, &["advisories", "diff", "one.json", "one.json", "--exit-code"]);
    assert!(same.code == 0 && same.out.contains("nothing differs"), "{same:?}");
    let other = run_in(folder, &["advisories", "diff", "one.json", "two.json"]);
    assert!(other.code == 1 && other.err.contains("two documents"), "{other:?}");
}
