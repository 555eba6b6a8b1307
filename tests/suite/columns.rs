//! `--sort` and `--columns`: tables and CSV as a person wants them, JSON as it always is.

use crate::made::{self, Device};
use crate::program::{Ran, run, run_in};

const PLANT: &str = "captures/plant-demo";

/// Devices of two makers whose versions and addresses have another order than their letters.
fn made() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let devices = [
        Device { revision: [20, 11], ..Device::named(10, b"1756-EN2T/D") },
        Device { revision: [20, 9], ..Device::named(9, b"1756-EN2T/D") },
        Device { revision: [5, 28], ..Device::named(100, b"1756-EN2T/D") },
        Device { revision: [3, 3], ..Device::stranger(2, b"Stranger 2") },
    ];
    made::write(&folder.path().join("a.pcap"), &devices);
    folder
}

/// Rows of CSV without its header.
fn rows(ran: &Ran) -> Vec<Vec<String>> {
    assert_eq!(ran.code, 0, "{}", ran.err);
    let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(ran.out.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn column(folder: &tempfile::TempDir, sort: &str, name: &str) -> Vec<String> {
    let arguments = ["scan", "a.pcap", "-o", "csv", "--columns", name, "--sort", sort];
    rows(&run_in(folder.path(), &arguments)).concat()
}

#[test]
fn versions_have_the_order_of_their_maker_and_addresses_that_of_numbers() {
    let folder = made();
    let firmware = |sort: &str| column(&folder, sort, "firmware").join(" ");
    assert_eq!(firmware("firmware"), "5.028 20.009 20.011 ");
    assert_eq!(
        firmware("-firmware"),
        "20.011 20.009 5.028 ",
        "nothing stated comes last all the same"
    );
    let addresses = "10.99.0.2 10.99.0.9 10.99.0.10 10.99.0.100";
    assert_eq!(column(&folder, "ip", "ip").join(" "), addresses);
    let downwards = "10.99.0.2 10.99.0.100 10.99.0.10 10.99.0.9";
    assert_eq!(column(&folder, "-vendor,-ip", "ips").join(" "), downwards);
    let table = run_in(folder.path(), &["scan", "a.pcap", "--sort", "-firmware"]).out;
    let place = |text: &str| table.find(text).unwrap_or_else(|| panic!("no {text} in\n{table}"));
    assert!(place("20.011") < place("20.009") && place("20.009") < place("5.028"), "{table}");
}

#[test]
fn the_worst_verdict_comes_first_where_it_is_asked_for() {
    let arguments = ["scan", PLANT, "-o", "csv", "--columns", "cvss,verdict", "--sort", "-cvss"];
    let scores: Vec<Option<f64>> =
        rows(&run(&arguments)).iter().map(|row| row[0].parse().ok()).collect();
    assert!(scores.iter().any(Option::is_none) && scores.iter().flatten().count() > 5);
    assert!(
        scores.is_sorted_by(|one, other| one.unwrap_or(-1.0) >= other.unwrap_or(-1.0)),
        "{scores:?}"
    );
    let devices = ["scan", PLANT, "--columns", "ip", "--sort", "verdict,-cvss,ip"];
    let table = run(&devices).out;
    let assets = table.split("FINDINGS").next().unwrap();
    let affected = ["scan", PLANT, "--columns", "ip", "--where", "verdict=affected and cvss>=9"];
    let affected = run(&affected).out;
    let listed = |text: &str| -> Vec<String> {
        let lines = text.split("FINDINGS").next().unwrap().lines();
        let first = lines.filter_map(|line| line.split_whitespace().next());
        first.filter(|word| word.starts_with("10.")).map(str::to_owned).collect()
    };
    let worst = listed(assets)[0].clone();
    assert!(listed(&affected).contains(&worst), "{worst} is first in\n{assets}");
}

#[test]
fn columns_are_those_asked_for_in_that_order() {
    let folder = made();
    let ran =
        run_in(folder.path(), &["scan", "a.pcap", "-o", "csv", "--columns", "Serial,ip , name"]);
    assert_eq!(ran.out.lines().next(), Some("serial,ip,name"));
    assert_eq!(rows(&ran).len(), 4, "one row for each device, however many verdicts");
    let ran = run_in(folder.path(), &["scan", "a.pcap", "--columns", "first_seen,ip,cve,verdict"]);
    let headings: Vec<Vec<&str>> = ran
        .out
        .lines()
        .filter(|line| line.starts_with(" First seen"))
        .map(|line| line.split("  ").map(str::trim).filter(|word| !word.is_empty()).collect())
        .collect();
    // Without an advisory about them, there is no table of verdicts.
    assert_eq!(headings[0], ["First seen", "IP"], "{}", ran.out);
    assert!(ran.out.contains("2023-11-14 22:13:20  10.99.0.10"), "{}", ran.out);
    let ran = run(&["scan", PLANT, "--columns", "ip,cve,verdict"]);
    let heading = ran.out.split("FINDINGS").nth(1).unwrap().lines().nth(2).unwrap();
    assert_eq!(heading.split_whitespace().collect::<Vec<_>>(), ["IP", "CVE", "Verdict"]);
    assert!(ran.out.contains(" ▲ affected"), "{}", ran.out);
    let ran = run(&["scan", PLANT, "--columns", "ip,model"]);
    assert!(ran.out.contains(" Verdict "), "the other table keeps its usual columns: {}", ran.out);
}

#[test]
fn what_a_program_reads_is_never_changed() {
    for format in ["ndjson", "json", "facts"] {
        let plain = run(&["scan", PLANT, "-o", format]);
        let laid_out = ["scan", PLANT, "-o", format, "--sort", "-ip", "--columns", "ip"];
        assert_eq!(run(&laid_out).out, plain.out, "{format}");
    }
}

#[test]
fn a_store_prints_its_devices_and_verdicts_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().to_str().unwrap();
    let options = ["--sort", "vendor,-firmware,ip", "--columns", "vendor,firmware,ip,advisory"];
    let scanned = run(&[&["scan", PLANT, "--store", store, "-o", "csv"][..], &options].concat());
    let findings = ["findings", "list", "--store", store, "-o", "csv"];
    let listed = rows(&run(&[&findings[..], &options].concat()));
    let expected: Vec<Vec<String>> =
        rows(&scanned).into_iter().filter(|row| !row[3].is_empty()).collect();
    assert_eq!(listed, expected);
    let assets = ["assets", "list", "--store", store];
    let refused = run(&[&assets[..], &options].concat());
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("findings list") && refused.out.is_empty(), "{refused:?}");
    let listed =
        run(&[&assets[..], &["--columns", "vendor,ip", "--wide", "--sort", "ip"]].concat());
    assert!(listed.out.lines().any(|line| line.trim().starts_with("Vendor")), "{}", listed.out);
}

#[test]
fn mistakes_are_told_with_the_nearest_name_before_anything_is_read() {
    for (arguments, words) in [
        (&["--sort", "firmwre"][..], "--sort: there is no field firmwre; do you mean firmware?"),
        (&["--sort", "-"], "--sort: there is no field ; there are vendor"),
        (&["--columns", "ip,vendr"], "--columns: there is no column vendr; do you mean vendor?"),
        (&["--columns", ""], "--columns: there is no column ; there are asset_id"),
        (&["--columns", "\u{1b}[2J"], "there is no column"),
        (&["--sort", "zone"], "--zones FILE"),
    ] {
        let ran = run(&[&["scan", "missing.pcap"], arguments].concat());
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
        assert!(ran.out.is_empty() && ran.err.contains(words), "{arguments:?}: {}", ran.err);
        assert!(!ran.err.contains("missing.pcap") && !ran.err.contains('\u{1b}'), "{}", ran.err);
    }
}

#[test]
fn names_made_to_break_a_screen_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let nasty = [&b"\x1b[2J\x1b]0;x\x07"[..], b"=cmd|' /C calc'!A0", "\u{202e}gnp".as_bytes()];
    let devices: Vec<Device> =
        (1..).zip(nasty).map(|(last, name)| Device::stranger(last, name)).collect();
    made::write(&folder.path().join("a.pcap"), &devices);
    for format in ["table", "csv"] {
        let arguments = ["scan", "a.pcap", "-o", format, "--columns", "name,model,identity,ip"];
        let ran = run_in(folder.path(), &arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
        let hostile = |c: char| c.is_control() && !matches!(c, '\n' | '\r') || c == '\u{202e}';
        assert!(format == "csv" || !ran.out.contains(hostile), "{format}: {:?}", ran.out);
        assert!(!ran.out.lines().any(|line| line.starts_with('=')), "{format}: {}", ran.out);
    }
}
