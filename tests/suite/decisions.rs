//! What people decide about devices: it counts, it stays decided, it can be taken back, and it says who and why.

use std::path::Path;

use serde_json::Value as Json;

use crate::kept;
use crate::made::{self, Device};
use crate::program::{Ran, capture, program, run_in};

/// A folder with a store of three devices: 10.99.0.1 to 10.99.0.3.
fn plant() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let devices = [1, 2, 3].map(|last| Device::named(last, b"1756-EN2T/D"));
    made::write(&folder.path().join("a.pcap"), &devices);
    assert_eq!(run_in(folder.path(), &["scan", "a.pcap", "--store", "s"]).code, 0);
    folder
}

/// Runs `assets VERB … --store s --by alice --why because`.
fn decide(folder: &Path, arguments: &[&str]) -> Ran {
    let reasons = ["--store", "s", "--by", "alice", "--why", "read from the label"];
    run_in(folder, &[&["assets"], arguments, &reasons].concat())
}

fn assets(folder: &Path) -> Vec<Json> {
    let ran = run_in(folder, &["assets", "list", "--store", "s", "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.lines_of("asset").into_iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn at(folder: &Path, ip: &str) -> Json {
    let found = assets(folder)
        .into_iter()
        .find(|asset| asset["ips"].as_array().is_some_and(|ips| ips.iter().any(|own| own == ip)));
    found.unwrap_or_else(|| panic!("no asset at {ip}"))
}

fn book(folder: &Path) -> Vec<Json> {
    let ran = run_in(folder, &["assets", "decisions", "--store", "s", "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.lines_of("decision").into_iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Everything printed about devices, without the line about the run.
fn printed(folder: &Path) -> Vec<String> {
    assets(folder).iter().map(Json::to_string).collect()
}

#[test]
fn what_a_person_states_is_shown_and_what_was_seen_stays_listed() {
    let folder = plant();
    let folder = folder.path();
    let ran = decide(folder, &["set", "10.99.0.1", "firmware=11.004", "role=bridge of press 7"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("10.99.0.1: firmware is 11.004"), "{}", ran.out);
    assert!(ran.err.contains("nameplate assets undo 1 2"), "{}", ran.err);
    let asset = at(folder, "10.99.0.1");
    assert_eq!(
        (&asset["firmware"], &asset["role"]),
        (&"11.004".into(), &"bridge of press 7".into())
    );
    let claims = asset["claims"].as_array().unwrap();
    let firmware: Vec<_> = claims
        .iter()
        .filter(|claim| claim["field"] == "firmware")
        .map(|claim| [&claim["value"], &claim["shown"], &claim["certainty"], &claim["signature"]])
        .map(|claim| claim.map(Json::to_string).join(" "))
        .collect();
    assert_eq!(firmware.len(), 2, "{firmware:?}");
    assert_eq!(firmware[0], r#""11.004" true "decided" "decision-1""#);
    assert!(firmware[1].starts_with(r#""11.002" false "certain""#), "{firmware:?}");
    let evidence = &claims.iter().find(|claim| claim["value"] == "11.004").unwrap()["evidence"];
    let said = |key: &str| {
        let of_key = evidence.as_array().unwrap().iter().find(|ground| ground["key"] == key);
        of_key.map(|ground| ground["value"].as_str().unwrap().to_owned())
    };
    assert_eq!(said("decision.by").as_deref(), Some("alice"));
    assert_eq!(said("decision.why").as_deref(), Some("read from the label"));
    assert_eq!((&evidence[0]["capture"], &evidence[0]["frame"]), (&"decisions".into(), &1.into()));
    assert_eq!(asset["decisions"].as_array().unwrap().len(), 2);
    assert_eq!(at(folder, "10.99.0.2")["decisions"], serde_json::json!([]));
}

#[test]
fn explain_and_show_say_who_decided_and_never_point_at_a_packet_for_it() {
    let folder = plant();
    let folder = folder.path();
    decide(folder, &["set", "10.99.0.1", "firmware=11.004"]);
    let ran = run_in(folder, &["explain", "10.99.0.1", "--store", "s"]);
    assert!(ran.out.contains("firmware = 11.004  decided, rule decision-1\n"), "{}", ran.out);
    assert!(ran.out.contains("decided by alice, 20"), "{}", ran.out);
    assert!(ran.out.contains(": read from the label\n"), "{}", ran.out);
    assert!(!ran.out.contains("-r decisions"), "{}", ran.out);
    let ran = run_in(folder, &["explain", "decisions#1", "--store", "s"]);
    assert!(ran.out.contains("decision 1: 10.99.0.1: firmware is 11.004\n"), "{}", ran.out);
    assert!(ran.out.contains("  stands\n"), "{}", ran.out);
    let ran = run_in(folder, &["assets", "show", "10.99.0.1", "--store", "s"]);
    assert!(ran.out.contains("\nDECISIONS (1)\n"), "{}", ran.out);
    assert!(ran.out.contains("not shown: 11.002"), "{}", ran.out);
    let ran = run_in(folder, &["assets", "show", "10.99.0.2", "--store", "s"]);
    assert!(!ran.out.contains("DECISIONS"), "{}", ran.out);
}

#[test]
fn verdicts_follow_what_was_decided_and_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let input = capture("enip/discovery.pcap");
    run_in(folder, &["scan".as_ref(), input.as_os_str(), "--store".as_ref(), "s".as_ref()]);
    let verdict = |cve: &str| -> Json {
        let ran = run_in(folder, &["findings", "list", "--store", "s", "-o", "ndjson"]);
        let lines = ran.lines_of("finding");
        let line = lines.iter().find(|line| line.contains(cve)).unwrap();
        serde_json::from_str(line).unwrap()
    };
    let before = verdict("CVE-2018-17924");
    assert_eq!(before["verdict"], "affected");
    decide(folder, &["set", "10.20.2.21", "firmware=21.008"]);
    let after = verdict("CVE-2018-17924");
    assert_eq!((&after["verdict"], &after["certainty"]), (&"fixed".into(), &before["certainty"]));
    let because = after["because"].to_string();
    let words = "firmware 21.008 was decided by alice: read from the label (decision 1)";
    assert!(because.contains(words), "{because}");
    decide(folder, &["undo", "1"]);
    assert_eq!(verdict("CVE-2018-17924"), before);
}

#[test]
fn every_decision_can_be_taken_back_and_none_is_deleted() {
    let folder = plant();
    let folder = folder.path();
    let seen = printed(folder);
    let steps: &[&[&str]] = &[
        &["set", "10.99.0.1", "firmware=1", "model=X"],
        &["merge", "10.99.0.1", "10.99.0.2"],
        &["set", "10.99.0.1", "firmware="],
    ];
    for step in steps {
        let ran = decide(folder, step);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    assert_eq!(at(folder, "10.99.0.1")["model"], "X");
    assert_eq!(at(folder, "10.99.0.1")["firmware"], "11.002");
    let ran = decide(folder, &["undo", "4", "3", "2", "1"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let mut after = assets(folder);
    after.iter_mut().for_each(|asset| asset["decisions"] = serde_json::json!([]));
    assert_eq!(after.iter().map(Json::to_string).collect::<Vec<_>>(), seen);
    let lines = book(folder);
    assert_eq!(lines.len(), 8);
    let stands: Vec<bool> = lines.iter().map(|line| line["stands"].as_bool().unwrap()).collect();
    assert_eq!(stands, [false, false, false, false, true, true, true, true]);
    let ran = decide(folder, &["undo", "1"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("undone already, by decision 8"), "{}", ran.err);
    assert_eq!(decide(folder, &["undo", "8"]).code, 0);
    assert_eq!(at(folder, "10.99.0.1")["firmware"], "1");
    assert_eq!(decide(folder, &["undo", "99"]).code, 1);
}

#[test]
fn a_later_word_stands_against_an_earlier_one() {
    let folder = plant();
    let folder = folder.path();
    decide(folder, &["set", "10.99.0.1", "firmware=1"]);
    decide(folder, &["set", "10.99.0.1", "firmware=2"]);
    assert_eq!(at(folder, "10.99.0.1")["firmware"], "2");
    assert_eq!(book(folder)[0]["overruled_by"], 2);
    decide(folder, &["undo", "2"]);
    assert_eq!(at(folder, "10.99.0.1")["firmware"], "1");
}

#[test]
fn decisions_hold_after_further_scans_in_whatever_order() {
    let other = |folder: &Path| {
        let mut moved = Device::named(1, b"1756-EN2T/D");
        moved.revision = [12, 3];
        made::write(&folder.join("b.pcap"), &[moved, Device::named(9, b"1756-EN2T/D")]);
    };
    let scan = |folder: &Path, name: &str| {
        assert_eq!(run_in(folder, &["scan", name, "--store", "s"]).code, 0);
    };
    let one = plant();
    decide(one.path(), &["set", "10.99.0.1", "firmware=10.010"]);
    other(one.path());
    scan(one.path(), "b.pcap");
    scan(one.path(), "a.pcap");
    let two = tempfile::tempdir().unwrap();
    std::fs::copy(one.path().join("a.pcap"), two.path().join("a.pcap")).unwrap();
    other(two.path());
    scan(two.path(), "b.pcap");
    scan(two.path(), "a.pcap");
    decide(two.path(), &["set", "10.99.0.1", "firmware=10.010"]);
    for folder in [one.path(), two.path()] {
        let asset = at(folder, "10.99.0.1");
        assert_eq!(asset["firmware"], "10.010");
        let claims = asset["claims"].as_array().unwrap();
        let firmware = claims.iter().filter(|claim| claim["field"] == "firmware");
        let values: Vec<&str> = firmware.map(|claim| claim["value"].as_str().unwrap()).collect();
        assert_eq!(values.len(), 3, "{values:?}");
    }
}

#[test]
fn merging_and_splitting_are_kept_pair_by_pair() {
    let folder = plant();
    let folder = folder.path();
    let ran = decide(folder, &["merge", "10.99.0.1", "10.99.0.2", "10.99.0.3"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let deeds: Vec<String> =
        book(folder).iter().map(|line| line["decision"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        deeds,
        ["10.99.0.1 and 10.99.0.2 are one device", "10.99.0.1 and 10.99.0.3 are one device"]
    );
    assert_eq!(book(folder)[0]["sightings"][0]["time"], "2023-11-14T22:13:20.000000000Z");
    let ran = decide(folder, &["split", "10.99.0.3", "10.99.0.3"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let last = book(folder).pop().unwrap();
    assert_eq!((&last["deed"], &last["stands"]), (&"apart".into(), &true.into()));
}

#[test]
fn names_that_mean_several_devices_or_none_are_answered_with_candidates() {
    let folder = plant();
    let folder = folder.path();
    let ran = decide(folder, &["set", "1756-EN2T", "firmware=1"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    for words in ["can mean 3 devices", "10.99.0.1", "10.99.0.2", "10.99.0.3"] {
        assert!(ran.err.contains(words), "no {words:?} in {}", ran.err);
    }
    let ran = decide(folder, &["set", "1756-EN2", "firmware=1"]);
    assert!(ran.err.contains("no device here is called 1756-EN2"), "{}", ran.err);
    assert!(ran.err.contains("similar are\n") && ran.err.contains("10.99.0.2"), "{}", ran.err);
    let ran = decide(folder, &["merge", "10.99.0.1", "10.99.0.1"]);
    assert!(ran.err.contains("are one device already"), "{}", ran.err);
    let ran = decide(folder, &["split", "10.99.0.1", "10.99.0.7"]);
    assert!(ran.err.contains("10.99.0.7 is no address of"), "{}", ran.err);
    assert!(ran.err.contains("it has 00:1d:9c:99:00:01, 10.99.0.1"), "{}", ran.err);
    let ran = decide(folder, &["split", "10.99.0.1", "10.99.0.1", "00:1d:9c:99:00:01"]);
    assert!(ran.err.contains("nothing would remain"), "{}", ran.err);
    assert!(book(folder).is_empty());
}

#[test]
fn what_cannot_be_right_is_refused_with_what_to_write() {
    let folder = plant();
    let folder = folder.path();
    for (arguments, code, words) in [
        (&["set", "10.99.0.1", "firmware"][..], 2, "write FIELD=VALUE"),
        (&["set", "10.99.0.1", "colour=blue"], 2, "vendor, product, model"),
        (&["set", "10.99.0.1", "mode=run"], 2, "no field that can be stated"),
        (&["set", "10.99.0.1", "name=a\u{1b}[2J"], 2, "one line"),
        (&["set", "10.99.0.1", "vendor=Rockwel"], 1, "the nearest is \"Rockwell Automation\""),
        (&["set", "10.99.0.1", "role="], 1, "nothing to take back"),
        (&["set", "10.99.0.1", "firmware=1", "--module", "slot 3"], 1, "has no part at"),
        (&["undo", "7"], 1, "there is no decision 7"),
    ] {
        let ran = decide(folder, arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(words), "{arguments:?} without {words:?}: {}", ran.err);
        assert!(!ran.err.contains('\u{1b}') && ran.out.is_empty(), "{ran:?}");
    }
    let ran = decide(folder, &["set", "10.99.0.1", "vendor=allen-bradley", "name=x", "--as-is"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(at(folder, "10.99.0.1")["vendor"], "allen-bradley");
    decide(folder, &["set", "10.99.0.1", "vendor=ROCKWELL automation"]);
    assert_eq!(at(folder, "10.99.0.1")["vendor"], "Rockwell Automation");
    let store = ["--store", "s", "--by", "alice"];
    let ran = run_in(folder, &[&["assets", "undo", "1"][..], &store].concat());
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("--why"), "{}", ran.err);
    let ran = run_in(folder, &[&["assets", "undo", "1", "--why", " "][..], &store].concat());
    assert!(ran.code == 2 && ran.err.contains("--why is empty"), "{ran:?}");
}

#[test]
fn who_decides_is_who_is_at_the_keyboard_or_must_be_said() {
    let folder = plant();
    let undo = ["assets", "set", "10.99.0.1", "role=x", "--store", "s", "--why", "y"];
    let mut nobody = program();
    nobody.args(undo).current_dir(folder.path());
    nobody.env_remove("USER").env_remove("LOGNAME").env_remove("USERNAME");
    let output = nobody.output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && err.contains("--by NAME"), "{err}");
    let mut somebody = program();
    somebody.args(undo).current_dir(folder.path()).env("USER", "carol");
    assert!(somebody.output().unwrap().status.success());
    assert_eq!(book(folder.path())[0]["by"], "carol");
}

#[test]
fn a_part_of_a_device_is_stated_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let input = capture("enip/chassis-13-slots.pcap");
    run_in(folder, &["scan".as_ref(), input.as_os_str(), "--store".as_ref(), "s".as_ref()]);
    let ran = decide(folder, &["set", "10.20.2.40", "firmware=34.011", "--module", "Slot 0"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let chassis = at(folder, "10.20.2.40");
    let modules = chassis["modules"].as_array().unwrap();
    let firmware = |path: &str| {
        let module = modules.iter().find(|module| module["path"] == path).unwrap();
        module["firmware"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(firmware("slot 0"), "34.011");
    assert_ne!(firmware("slot 12"), "34.011");
    assert_ne!(chassis["firmware"], "34.011");
}

/// Such a device shows what its unit says; what is stated of it must not hide that.
#[test]
fn a_device_known_by_its_only_unit_is_stated_as_one_thing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let input = capture("modbus/mbpoll.pcap");
    let input = input.parent().unwrap().as_os_str();
    run_in(folder, &["scan".as_ref(), input, "--store".as_ref(), "s".as_ref()]);
    let before = assets(folder);
    let lone = before.iter().find(|asset| {
        let units = asset["modules"].as_array().unwrap();
        units.len() == 1 && units[0]["model"] == asset["model"] && asset["model"].is_string()
    });
    let lone = lone.expect("a device with one unit");
    let ip = lone["ips"][0].as_str().unwrap();
    assert_eq!(decide(folder, &["set", ip, "model=Y"]).code, 0);
    let after = at(folder, ip);
    assert_eq!((&after["model"], &after["vendor"]), (&"Y".into(), &lone["vendor"]));
    assert_eq!(after["modules"][0]["model"], "Y");
}

#[test]
fn decisions_are_printed_in_every_format() {
    let folder = plant();
    let folder = folder.path();
    decide(folder, &["set", "10.99.0.1", "name==1+1"]);
    let print =
        |format: &str| run_in(folder, &["assets", "decisions", "--store", "s", "-o", format]);
    assert!(print("table").out.starts_with("DECISIONS (1)\n"));
    let whole: Json = serde_json::from_str(&print("json").out).unwrap();
    assert_eq!(whole["decisions"][0]["value"], "=1+1");
    let csv = print("csv").out;
    assert!(csv.starts_with("number,decision,by,time,why,state\r\n1,"), "{csv}");
    assert_eq!(print("facts").code, 2);
    let report = run_in(folder, &["assets", "list", "--store", "s", "-o", "ndjson=r.ndjson"]);
    assert_eq!(report.code, 0);
    let ran = run_in(folder, &["diff", "r.ndjson", "s", "--exit-code"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// People find these verbs by their help.
#[test]
fn the_help_of_each_verb_is_kept() {
    let mut text = String::new();
    let assets = ["merge", "split", "set", "undo", "decisions", "import"];
    let findings = ["decide", "undo", "history", "show"];
    let patches = ["list", "set", "confirm", "auto-install", "history", "import", "export"];
    let verbs = assets.map(|verb| ("assets", verb)).into_iter();
    let verbs = verbs.chain(findings.map(|verb| ("findings", verb)));
    for (noun, verb) in verbs.chain(patches.map(|verb| ("patches", verb))) {
        let mut help = program();
        help.args([noun, verb, "--help"]).env_remove("COLUMNS");
        let output = help.output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{noun} {verb}");
        text.push_str(&format!("$ nameplate {noun} {verb} --help\n"));
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().for_each(|line| text.push_str(&format!("{}\n", line.trim_end())));
        text.push('\n');
    }
    let kept = kept::check(Path::new("tests/golden/help.txt"), &text);
    assert!(kept.is_ok(), "\n{}", kept.unwrap_err());
}

#[test]
fn what_is_stated_of_a_device_is_not_said_of_the_one_that_replaced_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let next = Device { serial: 7, ..Device::named(1, b"1756-EN2T/D") };
    made::write(&folder.join("a.pcap"), &[Device::named(1, b"1756-EN2T/D"), next]);
    assert_eq!(run_in(folder, &["scan", "a.pcap", "--store", "s"]).code, 0);
    let of_serial = |serial: &str| {
        let all = assets(folder);
        all.into_iter().find(|asset| asset["serial"] == serial).expect(serial)
    };
    let (before, after) = ("60000001", "00000007");
    for (serial, role) in [(before, "spare"), (after, "bridge")] {
        let id = of_serial(serial)["asset_id"].as_str().unwrap().to_owned();
        let ran = decide(folder, &["set", &id, &format!("role={role}")]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    assert_eq!(of_serial(before)["role"], "spare");
    assert_eq!(of_serial(after)["role"], "bridge");
}
