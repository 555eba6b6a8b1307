//! What people decide about findings: it stands beside the verdict, is counted, expires, is reopened, and stays with its device.

use std::path::Path;

use serde_json::Value as Json;

use crate::made::{self, Device};
use crate::program::{Ran, run_in};

/// A communication module that is affected, or that has the fix; its place in the file says when it speaks.
fn module(revision: [u8; 2], serial: u32) -> Device {
    Device { revision, serial, ..Device::named(1, b"1756-EN2T/D") }
}

/// Somebody else who speaks, so that time goes on.
fn others(count: u8) -> Vec<Device> {
    (10..10 + count).map(|last| Device::stranger(last, b"other")).collect()
}

fn write(folder: &Path, name: &str, after: u8, devices: Vec<Device>) {
    let mut all = others(after);
    all.extend(devices);
    made::write(&folder.join(name), &all);
}

const OLD: [u8; 2] = [10, 10];
const NEW: [u8; 2] = [11, 2];

/// A folder with a store in which the module at 10.99.0.1 is affected.
fn plant() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.pcap", 0, vec![module(OLD, 7)]);
    scan(folder.path(), "a.pcap");
    folder
}

fn scan(folder: &Path, name: &str) {
    let ran = run_in(folder, &["scan", name, "--store", "s"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

fn decide(folder: &Path, arguments: &[&str]) -> Ran {
    let reasons = ["--store", "s", "--by", "alice", "--why", "no way in"];
    run_in(folder, &[&["findings", "decide"], arguments, &reasons].concat())
}

fn findings(folder: &Path) -> Vec<Json> {
    let ran = run_in(folder, &["findings", "list", "--store", "s", "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.lines_of("finding").into_iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn the_one(folder: &Path) -> Json {
    let all = findings(folder);
    let own = all.into_iter().find(|finding| finding["advisory"] == ADVISORY);
    own.expect("the finding about the module")
}

fn history(folder: &Path) -> Vec<Json> {
    let ran = run_in(folder, &["findings", "history", "--store", "s", "-o", "ndjson"]);
    ran.lines_of("handling").into_iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const ADVISORY: &str = "ICSA-18-310-02";
const BY_ADVISORY: &str = "advisory=ICSA-18-310-02";

#[test]
fn an_accepted_finding_is_marked_last_and_counted() {
    let folder = plant();
    let folder = folder.path();
    assert_eq!(the_one(folder)["decision"], Json::Null);
    let ran = decide(folder, &["10.99.0.1", ADVISORY, "--as", "accept", "--expires", "2099-12-31"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("nameplate findings undo 1"), "{}", ran.err);
    let finding = the_one(folder);
    assert_eq!(finding["verdict"], "affected", "a verdict is not changed by a decision");
    let decision = &finding["decision"];
    assert_eq!((&decision["choice"], &decision["by"]), (&"accept".into(), &"alice".into()));
    assert!(decision["expires"].as_str().unwrap().starts_with("2099-12-31T23:59:59"));
    let ran = run_in(folder, &["findings", "list", "--store", "s"]);
    assert!(ran.out.contains("▲ affected, accepted"), "{}", ran.out);
    assert!(ran.out.contains("4 affected (1 accepted)"), "{}", ran.out);
    let others = ran.out.rfind("▲ affected  ").unwrap();
    assert!(ran.out.find("▲ affected, accepted").unwrap() > others, "{}", ran.out);
    let run = run_in(folder, &["findings", "list", "--store", "s", "-o", "ndjson"]);
    let run: Json = serde_json::from_str(run.lines_of("run")[0]).unwrap();
    assert_eq!(
        (&run["verdicts"]["affected"], &run["put_aside"]["affected"]),
        (&4.into(), &1.into())
    );
    let ran = run_in(folder, &["findings", "list", "--store", "s", "--where", "decision=accept"]);
    assert!(ran.out.contains("FINDINGS (1 of 4)"), "{}", ran.out);
    let ran = run_in(
        folder,
        &["scan", "a.pcap", "--store", "s", "--fail-on", "affected", "--where", BY_ADVISORY],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("passed over 1 finding"), "{}", ran.err);
    let ran = run_in(folder, &["scan", "a.pcap", "--fail-on", "affected"]);
    assert_eq!(ran.code, 3, "without the store nobody has decided anything: {ran:?}");
}

#[test]
fn a_decision_is_undone_by_an_entry_and_every_entry_stays() {
    let folder = plant();
    let folder = folder.path();
    decide(folder, &["10.99.0.1", ADVISORY, "--as", "accept"]);
    decide(folder, &["10.99.0.1", ADVISORY, "--as", "defer"]);
    assert_eq!(the_one(folder)["decision"]["choice"], "defer");
    let undo = ["findings", "undo", "2", "--store", "s", "--by", "bob", "--why", "mistaken"];
    assert_eq!(run_in(folder, &undo).code, 0);
    assert_eq!(the_one(folder)["decision"]["choice"], "accept");
    assert_eq!(run_in(folder, &undo).code, 1, "undone already");
    let outcomes: Vec<(Json, Json)> = history(folder)
        .iter()
        .map(|entry| (entry["number"].clone(), entry["outcome"].clone()))
        .collect();
    let expected = [(1, "stands"), (2, "undone"), (3, "stands")];
    assert_eq!(outcomes, expected.map(|(number, word)| (number.into(), word.into())));
    let store = rusqlite::Connection::open(folder.join("s/nameplate.db")).unwrap();
    assert!(store.execute("DELETE FROM handlings", []).is_err());
    assert!(store.execute("UPDATE handlings SET why = ''", []).is_err());
}

#[test]
fn a_downgrade_and_another_device_reopen_and_say_why() {
    let folder = plant();
    let folder = folder.path();
    decide(folder, &["10.99.0.1", ADVISORY, "--as", "accept"]);
    write(folder, "b.pcap", 2, vec![module(NEW, 7)]);
    scan(folder, "b.pcap");
    assert_eq!(the_one(folder)["verdict"], "fixed");
    assert_eq!(the_one(folder)["reopened"], Json::Null);
    write(folder, "c.pcap", 4, vec![module(OLD, 7)]);
    scan(folder, "c.pcap");
    let finding = the_one(folder);
    // Two versions were said by turns: which of them runs is another question than what was decided.
    assert_ne!(finding["verdict"], "fixed");
    assert_eq!(finding["decision"], Json::Null);
    let why = finding["reopened"].as_str().unwrap();
    assert!(why.contains("went back from 11.002 to 10.010"), "{why}");
    let ran = run_in(folder, &["findings", "list", "--store", "s"]);
    assert!(ran.out.contains(", reopened") && ran.out.contains("finding reopened"), "{}", ran.out);
    decide(folder, &["10.99.0.1", ADVISORY, "--as", "accept"]);
    assert_eq!(the_one(folder)["reopened"], Json::Null);
    write(folder, "d.pcap", 6, vec![module(OLD, 8)]);
    scan(folder, "d.pcap");
    let reopened: Vec<String> = findings(folder)
        .iter()
        .filter_map(|finding| finding["reopened"].as_str().map(str::to_owned))
        .collect();
    assert!(reopened.iter().any(|why| why.contains("replaced")), "{reopened:?}");
}

#[test]
fn decisions_stay_with_their_device_when_devices_are_merged_and_split() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let second = Device { revision: OLD, ..Device::named(2, b"1756-EN2T/D") };
    write(folder, "a.pcap", 0, vec![module(OLD, 7), second]);
    scan(folder, "a.pcap");
    assert_eq!(decide(folder, &["10.99.0.2", ADVISORY, "--as", "accept"]).code, 0);
    let decided = |ip: &str| -> Vec<Json> {
        let expression = format!("ip={ip} and {BY_ADVISORY}");
        let ran = run_in(
            folder,
            &["findings", "list", "--store", "s", "-o", "ndjson", "--where", &expression],
        );
        let lines = ran.lines_of("finding");
        let lines = lines.iter().map(|line| serde_json::from_str::<Json>(line).unwrap());
        lines.map(|finding| finding["decision"]["choice"].clone()).collect()
    };
    assert_eq!(decided("10.99.0.1"), [Json::Null]);
    let reasons = ["--store", "s", "--by", "bob", "--why", "one machine"];
    let ran =
        run_in(folder, &[&["assets", "merge", "10.99.0.1", "10.99.0.2"][..], &reasons].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(decided("10.99.0.1"), ["accept"], "they are one, and it was decided about");
    let ran = run_in(folder, &[&["assets", "undo", "1"][..], &reasons].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(
        (decided("10.99.0.1"), decided("10.99.0.2")),
        (vec![Json::Null], vec!["accept".into()])
    );
}

#[test]
fn it_does_not_matter_whether_captures_come_together_or_apart() {
    let folder = plant();
    let folder = folder.path();
    write(folder, "b.pcap", 2, vec![module(OLD, 7)]);
    decide(folder, &["10.99.0.1", ADVISORY, "--as", "accept"]);
    scan(folder, "b.pcap");
    let ran = run_in(folder, &["scan", "b.pcap", "a.pcap", "--store", "t"]);
    assert_eq!(ran.code, 0);
    let number = |store: &str| {
        let arguments = [
            "findings",
            "decide",
            "10.99.0.1",
            ADVISORY,
            "--as",
            "accept",
            "--by",
            "alice",
            "--why",
            "no way in",
            "--store",
            store,
        ];
        run_in(folder, &arguments)
    };
    number("t");
    let print = |store: &str| {
        let ran = run_in(
            folder,
            &[
                "findings",
                "list",
                "--store",
                store,
                "-o",
                "csv",
                "--columns",
                "finding_id,verdict,patch_state,decision,decision_by,reopened",
            ],
        );
        ran.out
    };
    assert_eq!(print("s"), print("t"));
}

#[test]
fn many_findings_are_shown_before_they_are_decided() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let second = Device { revision: OLD, ..Device::named(2, b"1756-EN2T/D") };
    write(folder, "a.pcap", 0, vec![module(OLD, 7), second]);
    scan(folder, "a.pcap");
    let ran = decide(folder, &["--where", "advisory=ICSA-18-310-02", "--as", "accept"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.out.contains("FINDINGS (2)") && ran.err.contains("add --yes"), "{ran:?}");
    assert!(history(folder).is_empty());
    let ran = decide(folder, &["--where", "advisory=ICSA-18-310-02", "--as", "accept", "--yes"]);
    assert_eq!((ran.code, history(folder).len()), (0, 2), "{ran:?}");
    let ran = decide(folder, &["10.99.0.77", ADVISORY, "--as", "accept"]);
    assert!(ran.code == 1 && ran.err.contains("nothing here is called 10.99.0.77"), "{ran:?}");
}

#[test]
fn wrong_usage_is_told_with_what_would_be_right() {
    let folder = plant();
    let folder = folder.path();
    for (arguments, words) in [
        (&["--as", "ignore"][..], "remediate, mitigate"),
        (&["--as", "not-applicable"], "component_not_present"),
        (&["--as", "not-applicable", "--justification", "luck"], "component_not_present"),
        (&["--as", "accept", "--justification", "component_not_present"], "not-applicable only"),
        (&["--as", "accept", "--until", "2099-01-01"], "goes with remediate"),
        (&["--as", "accept", "--expires", "2001-01-01"], "in the past"),
        (&["--as", "remediate", "--until", "2001-01-01"], "in the past"),
        (&["--as", "accept", "--expires", "soon"], "is no date"),
    ] {
        let ran = decide(folder, &[&["10.99.0.1", ADVISORY], arguments].concat());
        assert!(ran.code == 2 && ran.err.contains(words), "{arguments:?}: {ran:?}");
    }
    let ran = decide(folder, &["--as", "accept"]);
    assert!(ran.code == 2 && ran.err.contains("say which"), "{ran:?}");
    assert!(history(folder).is_empty());
}

#[test]
fn a_file_of_decisions_counts_without_any_store() {
    let folder = plant();
    let folder = folder.path();
    let entry = |date: &str, rest: &str| {
        format!(
            "[[decision]]\nvendor = \"Rockwell\"\nmodel = \"1756-EN2T*\"\nadvisory = \"{ADVISORY}\"\nwhy = \"segmented\"\nby = \"bob\"\ndate = {date}\n{rest}\n"
        )
    };
    let file = entry("2026-01-02", "decision = \"mitigate\"")
        + &entry("2026-02-02", "decision = \"accept\"")
        + "[[decision]]\nserial = \"nobody\"\ncve = \"CVE-2018-17924\"\ndecision = \"defer\"\nwhy = \"w\"\nby = \"b\"\ndate = 2026-01-01\n";
    std::fs::write(folder.join("decisions.toml"), file).unwrap();
    let ran = run_in(
        folder,
        &[
            "scan",
            "a.pcap",
            "--decisions",
            "decisions.toml",
            "--where",
            BY_ADVISORY,
            "--fail-on",
            "affected",
            "-o",
            "ndjson",
        ],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    let finding: Json = serde_json::from_str(ran.lines_of("finding")[0]).unwrap();
    assert_eq!(finding["decision"]["choice"], "accept");
    assert_eq!(finding["decision"]["source"], "decisions.toml:9");
    assert!(ran.err.contains("decisions.toml:17: is about no finding"), "{}", ran.err);
    let lapsed = entry("2026-01-02", "decision = \"accept\"\nexpires = 2026-01-31");
    std::fs::write(folder.join("decisions.toml"), lapsed).unwrap();
    let ran =
        run_in(folder, &["findings", "list", "--store", "s", "--decisions", "decisions.toml"]);
    assert!(ran.out.contains("▲ affected, reopened"), "{}", ran.out);
    assert!(ran.out.contains("the decision of bob to accept expired on 2026-01-31"), "{}", ran.out);
    let ahead = entry("2099-01-02", "decision = \"accept\"");
    std::fs::write(folder.join("decisions.toml"), ahead).unwrap();
    let ran =
        run_in(folder, &["findings", "list", "--store", "s", "--decisions", "decisions.toml"]);
    assert!(
        ran.code == 2 && ran.err.contains("decisions.toml:1: date lies in the future"),
        "{ran:?}"
    );
    decide(folder, &["10.99.0.1", ADVISORY, "--as", "defer"]);
    std::fs::write(folder.join("decisions.toml"), entry("2026-02-02", "decision = \"accept\""))
        .unwrap();
    let ran =
        run_in(folder, &["findings", "list", "--store", "s", "--decisions", "decisions.toml"]);
    assert!(ran.out.contains("deferred by alice"), "{}", ran.out);
    assert!(ran.err.contains("the later one counts, which is that of the store"), "{}", ran.err);
}

#[test]
fn hostile_reasons_reach_no_terminal() {
    let folder = plant();
    let folder = folder.path();
    let evil = "\u{1b}[2Jowned\n=cmd|' /C calc'!A0";
    let arguments = [
        "findings",
        "decide",
        "10.99.0.1",
        ADVISORY,
        "--as",
        "accept",
        "--by",
        evil,
        "--why",
        evil,
        "--store",
        "s",
    ];
    assert_eq!(run_in(folder, &arguments).code, 0);
    for format in ["table", "csv", "ndjson", "json"] {
        for verb in [&["findings", "history"][..], &["findings", "list"], &["patches", "list"]] {
            let ran = run_in(folder, &[verb, &["--store", "s", "-o", format]].concat());
            assert!(!ran.out.contains('\u{1b}'), "{verb:?} {format}: {}", ran.out);
        }
    }
    let ran = run_in(folder, &["findings", "show", "10.99.0.1", ADVISORY, "--store", "s"]);
    assert!(ran.out.contains("decided: accept") && !ran.out.contains('\u{1b}'), "{}", ran.out);
    assert!(ran.out.contains("entry 1 of 20"), "{}", ran.out);
}
