//! Two looks at a network: nothing is said where nothing differs, and all of it where something does.

use std::path::Path;

use serde_json::Value as Json;

use crate::made::{self, Device};
use crate::program::{Ran, capture, run, run_in};

/// The differences between two inputs in a folder, as kind, what, value before, value after.
fn changes(ran: &Ran) -> Vec<[String; 4]> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let lines = ran.lines_of("change").into_iter().map(|line| {
        let line: Json = serde_json::from_str(line).unwrap();
        [&line["change"], &line["what"], &line["before"]["value"], &line["after"]["value"]]
            .map(text)
    });
    lines.collect()
}

fn kinds(ran: &Ran) -> Vec<String> {
    changes(ran).into_iter().map(|[kind, ..]| kind).collect()
}

fn diff(folder: &Path, before: &str, after: &str) -> Ran {
    let ran = run_in(folder, &["diff", before, after, "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}

/// Writes `before.pcap` and `after.pcap`.
fn made(before: &[Device], after: &[Device]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    made::write(&folder.path().join("before.pcap"), before);
    made::write(&folder.path().join("after.pcap"), after);
    folder
}

#[test]
fn a_look_does_not_differ_from_itself_whatever_it_is_read_from() {
    let folder = tempfile::tempdir().unwrap();
    let plant = capture("plant-demo/cell1-filling.pcap");
    let plant = plant.parent().unwrap().to_str().unwrap();
    let outputs = ["-o", "ndjson=r.ndjson", "-o", "json=r.json", "-o", "table=r.txt"];
    let scan = [&["scan", plant, "--store", "store"][..], &outputs].concat();
    assert_eq!(run_in(folder.path(), &scan).code, 0);
    // Elsewhere reports are given a mark in front, and end without a line break.
    let marked = std::fs::read_to_string(folder.path().join("r.ndjson")).unwrap();
    std::fs::write(folder.path().join("marked"), format!("\u{feff}{}", marked.trim_end())).unwrap();
    for (a, b) in [
        ("r.ndjson", "r.ndjson"),
        ("r.ndjson", "r.json"),
        ("r.json", "store"),
        ("store", plant),
        (plant, "marked"),
    ] {
        let ran = run_in(folder.path(), &["diff", a, b, "--exit-code"]);
        assert_eq!(ran.code, 0, "{a} {b}: {ran:?}");
        assert!(ran.out.ends_with("\nNo difference.\n"), "{a} {b}: {}", ran.out);
        assert!(ran.err.is_empty(), "{a} {b}: {}", ran.err);
    }
}

#[test]
fn one_capture_more_shows_its_devices_and_their_verdicts() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| capture(&format!("plant-demo/{name}")).to_str().unwrap().to_owned();
    let two = [path("cell1-filling.pcap"), path("cell2-utilities.pcapng.gz")];
    let all = [two[0].clone(), two[1].clone(), path("cell3-plant-it.pcap.zst")];
    for (name, inputs) in [("two", &two[..]), ("all", &all[..])] {
        let output = format!("ndjson={name}");
        let scan: Vec<&str> =
            ["scan", "-o", &output].into_iter().chain(inputs.iter().map(|i| &**i)).collect();
        assert_eq!(run_in(folder.path(), &scan).code, 0);
    }
    let more = diff(folder.path(), "two", "all");
    let count = |ran: &Ran, kind: &str| kinds(ran).iter().filter(|one| *one == kind).count();
    // Of these, five are ends of support and exposures.
    let expected = (5, 21);
    assert_eq!((count(&more, "device_new"), count(&more, "verdict_new")), expected, "{}", more.out);
    assert_eq!(kinds(&more).len(), 26);
    let less = diff(folder.path(), "all", "two");
    assert_eq!(kinds(&less), ["device_not_seen"; 5], "what is not seen keeps its verdicts");
    assert_eq!(more.out, diff(folder.path(), "two", "all").out, "the same bytes");
    let code = |arguments: &[&str]| run_in(folder.path(), arguments).code;
    assert_eq!(code(&["diff", "two", "all", "--exit-code"]), 3);
    assert_eq!(code(&["diff", "two", "all"]), 0);
}

#[test]
fn an_upgrade_in_place_names_both_frames_and_what_it_fixed() {
    let old = Device::named(1, b"1756-EN2T/D");
    let new = Device { revision: [12, 1], ..Device::named(1, b"1756-EN2T/D") };
    let folder = made(&[old], &[new]);
    let ran = diff(folder.path(), "before.pcap", "after.pcap");
    let versions: Vec<_> =
        changes(&ran).into_iter().filter(|[kind, ..]| kind == "version_changed").collect();
    assert_eq!(versions, [["version_changed", "firmware", "11.002", "12.001"]], "{}", ran.out);
    let line = ran.lines_of("change").into_iter().find(|line| line.contains("version_")).unwrap();
    let line: Json = serde_json::from_str(line).unwrap();
    assert_eq!(line["same_serial"], true);
    for (side, name) in [("before", "before.pcap"), ("after", "after.pcap")] {
        let evidence = &line[side]["evidence"][0];
        assert_eq!((&evidence["capture"], &evidence["frame"]), (&name.into(), &1.into()));
    }
    let shown = run_in(folder.path(), &["diff", "before.pcap", "after.pcap"]).out;
    assert!(shown.contains("in place: same serial number"), "{shown}");
    assert!(shown.contains("before.pcap#1, then after.pcap#1"), "{shown}");
}

#[test]
fn a_replacement_is_told_from_a_device_that_moved() {
    let old = || Device::named(1, b"1756-EN2T/D");
    let spare = Device { serial: 0x7000_0001, ..old() };
    let folder = made(&[old()], &[spare]);
    let ran = diff(folder.path(), "before.pcap", "after.pcap");
    let found = changes(&ran);
    assert_eq!(found[0][0], "device_replaced", "{}", ran.out);
    assert!(found[0][2].contains("60000001") && found[0][3].contains("70000001"), "{found:?}");
    assert!(found.iter().all(|[kind, ..]| kind != "device_new" && kind != "device_not_seen"));

    let elsewhere = Device { ip: [10, 99, 0, 77], ..old() };
    let folder = made(&[old()], &[elsewhere]);
    let ran = diff(folder.path(), "before.pcap", "after.pcap");
    let moved: Vec<_> = changes(&ran).into_iter().filter(|[kind, ..]| kind == "moved").collect();
    assert!(
        moved.contains(&["moved", "ip", "10.99.0.1", "10.99.0.77"].map(str::to_owned)),
        "{moved:?}"
    );
    assert_eq!(kinds(&ran).len(), moved.len(), "and nothing else: {}", ran.out);
}

#[test]
fn a_store_is_compared_with_what_it_knew_before() {
    let folder = made(&[Device::named(1, b"one"), Device::named(2, b"two")], &[]);
    let scan = ["scan", "before.pcap", "--store", "s"];
    assert_eq!(run_in(folder.path(), &scan).code, 0);
    // Devices speak one a second, from 22:13:20 on.
    let at = |from: &str, to: &str| {
        run_in(folder.path(), &["diff", "--store", "s", "--from", from, "--to", to, "-o", "ndjson"])
    };
    let ran = at("2023-11-14T22:13:20Z", "2023-11-14");
    assert_eq!((ran.code, &kinds(&ran)[0][..]), (0, "device_new"), "{ran:?}");
    let named: Json = serde_json::from_str(ran.lines_of("change")[0]).unwrap();
    assert_eq!(named["ips"][0], "10.99.0.2");
    assert_eq!(kinds(&at("2023-11-14", "2023-11-15")), Vec::<String>::new());
    let empty = at("2020-01-01", "2023-11-14");
    assert!(empty.err.contains("holds nothing until 2020-01-01"), "{}", empty.err);
    assert_eq!(kinds(&empty).iter().filter(|kind| *kind == "device_new").count(), 2);
}

#[test]
fn reports_that_cannot_be_compared_are_refused_with_their_line() {
    let folder = made(&[Device::named(1, b"one")], &[]);
    let report = run_in(folder.path(), &["scan", "before.pcap", "-o", "ndjson"]).out;
    let asset = report.lines().nth(1).unwrap();
    for (name, text, hint) in [
        ("newer", report.replace("asset/1", "asset/2"), "newer:2: written as nameplate.asset/2"),
        ("twice", format!("{report}{asset}\n"), "is there twice"),
        ("joined", format!("{report}{report}"), "a second report"),
        ("cut", report[..report.len() - 40].to_owned(), "EOF while parsing"),
        ("headless", format!("{asset}\n"), "no line about the run"),
        ("foreign", "{\"schema\":\"other/1\"}\n".to_owned(), "no line of a nameplate report"),
        ("bare", "{}".to_owned(), "bare:1: missing field"),
        ("deep", format!("{{\"a\":{}", "[".repeat(100_000)), "EOF while parsing"),
        ("lying", report.replace("10.99.0.1", "10.99.0.1000"), "invalid IP address"),
        ("text", "hello".to_owned(), "give pcap or pcapng"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
        let ran = run_in(folder.path(), &["diff", name, "before.pcap"]);
        assert_eq!((ran.code, &*ran.out), (1, ""), "{name}: {ran:?}");
        assert!(ran.err.contains(hint), "{name} without {hint:?}: {}", ran.err);
    }
    let later = report.clone() + "{\"schema\":\"nameplate.conversation/1\",\"from\":\"x\"}\n";
    std::fs::write(folder.path().join("later"), later).unwrap();
    assert_eq!(kinds(&diff(folder.path(), "later", "before.pcap")), Vec::<String>::new());
}

#[test]
fn a_report_of_selected_devices_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let plant = capture("plant-demo/cell1-filling.pcap");
    let plant = plant.to_str().unwrap();
    let scan = ["scan", plant, "--where", "kind = plc", "-o", "ndjson=some.ndjson"];
    assert_eq!(run_in(folder.path(), &scan).code, 0);
    let ran = run_in(folder.path(), &["diff", "some.ndjson", plant]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("some.ndjson") && ran.err.contains("kind = plc"), "{}", ran.err);
}

#[test]
fn a_list_of_assets_is_compared_without_verdicts_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let plant = capture("plant-demo/cell1-filling.pcap");
    let plant = plant.to_str().unwrap();
    assert_eq!(run_in(folder.path(), &["scan", plant, "--store", "s"]).code, 0);
    let list = ["assets", "list", "--store", "s", "-o", "ndjson=list"];
    assert_eq!(run_in(folder.path(), &list).code, 0);
    let ran = run_in(folder.path(), &["diff", "list", plant, "--exit-code"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("Verdicts are not compared"), "{}", ran.out);
}

#[test]
fn names_in_a_report_are_escaped_on_the_way_out() {
    let folder = made(&[], &[]);
    let named = Device::stranger(1, "\u{1b}[2J\u{202e}evil".as_bytes());
    made::write(&folder.path().join("after.pcap"), &[named]);
    let scan = ["scan", "after.pcap", "-o", "ndjson=r"];
    assert_eq!(run_in(folder.path(), &scan).code, 0);
    // A report from somebody else need not have been escaped by us.
    let text = std::fs::read_to_string(folder.path().join("r")).unwrap();
    let text = text.replace("[2J", "\u{9b}2J\u{202e}");
    std::fs::write(folder.path().join("r"), text).unwrap();
    for format in ["table", "ndjson", "json"] {
        let ran = run_in(folder.path(), &["diff", "before.pcap", "r", "-o", format]);
        assert!(ran.code == 0 && ran.out.contains("evil"), "{ran:?}");
        let hostile = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!ran.out.contains(hostile), "{format}: {:?}", ran.out);
    }
}

#[test]
fn wrong_usage_of_diff_is_refused_with_a_hint() {
    let input = capture("enip/discovery.pcap");
    let input = input.to_str().unwrap();
    for (arguments, hint) in [
        (&["diff"][..], "<A>"),
        (&["diff", input], "<B>"),
        (&["diff", "--store", "s"], "--from"),
        (&["diff", input, input, "--from", "2026-01-01"], "--from"),
        (&["diff", "--store", "s", "--from", "yesterday"], "write 2026-03-02"),
        (&["diff", input, input, "-o", "csv"], "table, ndjson or json"),
    ] {
        let ran = run(arguments);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(hint), "{arguments:?} without {hint:?}: {}", ran.err);
    }
    assert_eq!(run(&["diff", "no-such-store", input]).code, 1);
}

#[test]
fn a_device_that_changed_its_zone_has_moved_whatever_the_looks_knew_of_zones() {
    let at = |ip: [u8; 4]| Device { ip, ..Device::named(1, b"1756-EN2T/D") };
    let stays = || Device { ip: [10, 99, 1, 9], ..Device::named(9, b"1756-EN2T/D") };
    let folder = made(&[at([10, 99, 1, 1]), stays()], &[at([10, 99, 2, 1]), stays()]);
    let zones = "[[zone]]\nname = \"Cell 1\"\nsubnets = [\"10.99.1.0/24\"]\n\
        [[zone]]\nname = \"Cell 2\"\nsubnets = [\"10.99.2.0/24\"]\n";
    let (one, _) = zones.split_at(zones.rfind("[[zone]]").unwrap());
    std::fs::write(folder.path().join("both.toml"), zones).unwrap();
    std::fs::write(folder.path().join("one.toml"), one).unwrap();
    let report = ["scan", "before.pcap", "-o", "ndjson=before.ndjson"];
    assert_eq!(run_in(folder.path(), &report).code, 0);
    let moves = |before: &str, zones: &[&str]| -> Vec<[String; 4]> {
        let diff = ["diff", before, "after.pcap", "-o", "ndjson"];
        let ran = run_in(folder.path(), &[&diff, zones].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        changes(&ran).into_iter().filter(|[_, what, ..]| what == "zone").collect()
    };
    let moved = |from: &str, to: &str| [["moved", "zone", from, to].map(str::to_owned)];
    for before in ["before.pcap", "before.ndjson"] {
        assert_eq!(moves(before, &["--zones", "both.toml"]), moved("Cell 1", "Cell 2"), "{before}");
        assert_eq!(moves(before, &["--zones", "one.toml"]), moved("Cell 1", ""), "{before}");
        assert!(moves(before, &[]).is_empty(), "{before}");
    }
    let table = ["diff", "before.pcap", "after.pcap", "--zones", "one.toml"];
    let table = run_in(folder.path(), &table).out;
    assert!(table.contains("zone  Cell 1     in no zone"), "{table}");
    let wrong = ["diff", "before.pcap", "after.pcap", "--zones", "none.toml"];
    assert_eq!(run_in(folder.path(), &wrong).code, 1);
}
