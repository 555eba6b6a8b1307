//! `--where` and `--zones`: every format shows the same selection, every mistake costs one message and no scan.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value as Json;

use crate::program::{Ran, capture, run, run_in};

const PLANT: &str = "captures/plant-demo";

/// A file of zones for the plant, in a directory of its own.
fn zones(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zones.toml");
    std::fs::write(&path, text).unwrap();
    let name = path.to_str().unwrap().to_owned();
    (folder, name)
}

const CELLS: &str = "\
[[zone]]
name = \"Plant\"
subnets = [\"10.10.0.0/16\"]

[[zone]]
name = \"Cell 2\"
purdue = 1
subnets = [\"10.10.2.0/24\"]
vlans = [102]
criticality = \"high\"
";

fn lines(ran: &Ran, schema: &str) -> Vec<Json> {
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.lines_of(schema).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn scan(arguments: &[&str]) -> Ran {
    run(&[&["scan", "-o", "ndjson", PLANT], arguments].concat())
}

#[test]
fn devices_and_verdicts_are_those_for_which_it_holds() {
    let all = scan(&[]);
    let some = scan(&["--where", "verdict=affected"]);
    let expected: Vec<Json> =
        lines(&all, "finding").into_iter().filter(|one| one["verdict"] == "affected").collect();
    assert!(!expected.is_empty() && expected.len() < lines(&all, "finding").len());
    assert_eq!(lines(&some, "finding"), expected);
    let of_findings: BTreeSet<&str> =
        expected.iter().map(|one| one["asset_id"].as_str().unwrap()).collect();
    let assets = lines(&some, "asset");
    let shown: BTreeSet<&str> =
        assets.iter().map(|one| one["asset_id"].as_str().unwrap()).collect();
    assert_eq!(shown, of_findings);
    let run = &lines(&some, "run")[0];
    assert_eq!(run["selected"]["by"], "verdict=affected");
    assert_eq!(run["selected"]["assets"], shown.len());
    assert_eq!(run["selected"]["of_assets"], lines(&all, "asset").len());
    assert_eq!(
        run["selected"]["of_findings"],
        lines(&all, "finding").iter().filter(|one| one["kind"] == "advisory").count()
    );
    let of_advisories = expected.iter().filter(|one| one["kind"] == "advisory").count();
    assert_eq!(run["verdicts"]["affected"], of_advisories);
    assert_eq!(run["verdicts"]["fixed"], 0);
    assert!(lines(&all, "run")[0]["selected"].is_null());
    let said = format!("{} of {} assets, ", shown.len(), lines(&all, "asset").len());
    assert!(some.err.contains(&said), "{}", some.err);
}

#[test]
fn every_format_shows_the_same_selection() {
    let expression = "ip in 10.10.2.0/24 and has model";
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (ndjson, json, csv) = (file("n"), file("j"), file("c"));
    let to = |format: &str, path: &str| format!("{format}={path}");
    let (ndjson_to, json_to, csv_to) = (to("ndjson", &ndjson), to("json", &json), to("csv", &csv));
    let ran = run(&[
        "scan", PLANT, "--where", expression, "-o", "table", "-o", &ndjson_to, "-o", &json_to,
        "-o", &csv_to,
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let whole: Json = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    let ids: BTreeSet<String> = whole["assets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["asset_id"].as_str().unwrap().to_owned())
        .collect();
    assert!(!ids.is_empty());
    let text = std::fs::read_to_string(ndjson).unwrap();
    assert_eq!(text.matches("\"schema\":\"nameplate.asset/1\"").count(), ids.len());
    let text = std::fs::read_to_string(csv).unwrap();
    let rows: BTreeSet<String> =
        text.lines().skip(1).filter_map(|row| row.split(',').next()).map(str::to_owned).collect();
    assert_eq!(rows, ids);
    assert!(ran.out.contains(&format!("ASSETS ({} of ", ids.len())), "{}", ran.out);
    assert!(ran.out.contains(&format!("selected by: {expression}")), "{}", ran.out);
}

#[test]
fn a_store_answers_as_the_scan_did() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().to_str().unwrap();
    let (_held, file) = zones(CELLS);
    let selection = ["--where", "zone = 'cell 2' and not verdict = affected", "--zones", &file];
    let scanned = scan(&[&["--store", store][..], &selection].concat());
    for (verb, schema) in [("assets", "asset"), ("findings", "finding")] {
        let ran =
            run(&[&[verb, "list", "--store", store, "-o", "ndjson"][..], &selection].concat());
        assert_eq!(lines(&ran, schema), lines(&scanned, schema), "{verb}");
    }
    assert!(!lines(&scanned, "asset").is_empty());
}

#[test]
fn the_most_specific_subnet_gives_the_zone() {
    let (_held, file) = zones(CELLS);
    let assets = lines(&scan(&["--zones", &file]), "asset");
    let mut seen = BTreeSet::new();
    for asset in &assets {
        let ips: Vec<&str> =
            asset["ips"].as_array().unwrap().iter().map(|ip| ip.as_str().unwrap()).collect();
        let is_in = |start: &str| ips.iter().any(|ip| ip.starts_with(start));
        let expected = match (is_in("10.10.2."), is_in("10.10.")) {
            (true, _) => Some(("Cell 2", Some(1))),
            (false, true) => Some(("Plant", None)),
            (false, false) => None,
        };
        assert_eq!(asset["zone"].as_str(), expected.map(|(zone, _)| zone), "{ips:?}");
        let by_zone = asset["purdue"].as_u64().filter(|_| asset["purdue_from"] == "zone");
        assert_eq!(by_zone, expected.and_then(|(_, level)| level), "{ips:?}");
        seen.extend(asset["zone"].as_str());
    }
    assert_eq!(seen, ["Cell 2", "Plant"].into());
    let shown = run(&["assets", "show", "10.10.2.15", PLANT, "--zones", &file]);
    assert!(shown.out.contains("zone       Cell 2, Purdue level 1"), "{}", shown.out);
    let none = lines(&scan(&[]), "asset");
    assert!(none.iter().all(|asset| asset["zone"].is_null() && asset["purdue_from"] != "zone"));
}

#[test]
fn the_threshold_looks_at_what_is_shown() {
    let at = |expression: &str| scan(&["--fail-on", "affected", "--where", expression]).code;
    assert_eq!((at("verdict=affected"), at("verdict!=affected")), (3, 0));
}

#[test]
fn mistakes_are_told_before_anything_is_read() {
    let (_held, wrong) = zones("[[zone]]\nname = \"Cell 2\"\nsubnet = [\"10.10.2.0/24\"]\n");
    for (arguments, code, words) in [
        (
            &["--where", "vendr=Siemens"][..],
            2,
            &["--where: there is no field vendr", "vendor?", "^^^^^"][..],
        ),
        (&["--where", "\u{1b}[2J("], 2, &["write and or or before this"]),
        (&["--where", "zone='Cell 2'"], 2, &["--zones FILE"]),
        (&["--zones", &wrong], 2, &["zones.toml:3", "subnets?"]),
        (&["--zones", "no-such-file.toml"], 1, &["cannot read no-such-file.toml"]),
        (&["--where", "kind=plc", "-o", "facts=f"], 2, &["facts"]),
    ] {
        let ran = run_in(_held.path(), &[&["scan", "missing.pcap"], arguments].concat());
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.err);
        assert!(ran.out.is_empty() && !ran.err.contains("missing.pcap"), "{}", ran.err);
        assert!(!ran.err.contains('\u{1b}'), "{:?}", ran.err);
        words.iter().for_each(|word| assert!(ran.err.contains(word), "{word}: {}", ran.err));
    }
}

#[test]
fn nothing_selected_is_said_and_no_failure() {
    let input = capture("enip/discovery.pcap");
    let arguments = [Path::new("scan"), "--where".as_ref(), "vendor=Nobody".as_ref(), &input];
    let ran = run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("ASSETS (0 of "), "{}", ran.out);
    assert!(!ran.out.contains("No advisory in the bundle"), "{}", ran.out);
}

#[test]
fn a_table_shows_the_parts_for_which_it_holds() {
    let input = capture("enip/chassis-13-slots.pcap");
    let input = input.to_str().unwrap();
    let all = run(&["scan", input]);
    let some = run(&["scan", input, "--where", "module = 'slot 10'"]);
    let slots = |ran: &Ran| ran.out.lines().filter(|line| line.trim().starts_with("slot ")).count();
    assert!(slots(&all) > 5, "{}", all.out);
    assert_eq!(slots(&some), 1, "{}", some.out);
}
