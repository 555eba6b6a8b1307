//! Rulings on which sightings are one device, as the identity graph applies them: what is merged is one, what is split is
//! two, whatever is scanned later, and until somebody takes it back.

use std::path::Path;

use serde_json::Value as Json;

use crate::made::{self, Device};
use crate::program::{Ran, run_in};

/// A folder with a store of three devices: 10.99.0.1 to 10.99.0.3.
fn plant() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    // Strangers without serial numbers: nothing but a ruling tells which are one.
    let device = |last| Device { serial: 0, ..Device::stranger(last, b"Panel") };
    made::write(&folder.path().join("a.pcap"), &[1, 2, 3].map(device));
    scan(folder.path(), "a.pcap");
    folder
}

fn scan(folder: &Path, name: &str) {
    assert_eq!(run_in(folder, &["scan", name, "--store", "s"]).code, 0);
}

fn decide(folder: &Path, arguments: &[&str]) -> Ran {
    let reasons = ["--store", "s", "--by", "alice", "--why", "seen on site"];
    let ran = run_in(folder, &[&["assets"], arguments, &reasons].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}

/// The IP addresses of each device.
fn devices(folder: &Path) -> Vec<String> {
    let ran = run_in(folder, &["assets", "list", "--store", "s", "-o", "ndjson"]);
    let lines = ran.lines_of("asset").into_iter().map(|line| {
        let asset: Json = serde_json::from_str(line).unwrap();
        let ips = asset["ips"].as_array().unwrap().iter();
        ips.map(|ip| ip.as_str().unwrap().trim_start_matches("10.99.0.").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    });
    let mut all: Vec<String> = lines.filter(|ips| !ips.is_empty()).collect();
    all.sort();
    all
}

#[test]
fn what_is_merged_is_one_device_until_it_is_undone() {
    let folder = plant();
    let folder = folder.path();
    assert_eq!(devices(folder), ["1", "2", "3"]);
    decide(folder, &["merge", "10.99.0.1", "10.99.0.2"]);
    assert_eq!(devices(folder), ["1 2", "3"]);
    decide(folder, &["undo", "1"]);
    assert_eq!(devices(folder), ["1", "2", "3"]);
    decide(folder, &["undo", "2"]);
    assert_eq!(devices(folder), ["1 2", "3"]);
}

#[test]
fn a_split_stands_against_a_merge_and_a_merge_against_a_split() {
    let folder = plant();
    let folder = folder.path();
    decide(folder, &["merge", "10.99.0.1", "10.99.0.2", "10.99.0.3"]);
    assert_eq!(devices(folder), ["1 2 3"]);
    decide(folder, &["split", "10.99.0.1", "10.99.0.3", "00:1d:9c:99:00:03"]);
    assert_eq!(devices(folder), ["1 2", "3"]);
    decide(folder, &["merge", "10.99.0.2", "10.99.0.3"]);
    assert_eq!(devices(folder), ["1 2 3"]);
}

#[test]
fn the_addresses_that_are_split_off_are_one_device_of_their_own() {
    let folder = plant();
    let folder = folder.path();
    decide(folder, &["merge", "10.99.0.1", "10.99.0.2", "10.99.0.3"]);
    let moved = ["10.99.0.2", "00:1d:9c:99:00:02", "10.99.0.3", "00:1d:9c:99:00:03"];
    decide(folder, &[&["split", "10.99.0.1"][..], &moved].concat());
    assert_eq!(devices(folder), ["1", "2 3"]);
}

#[test]
fn an_address_is_split_from_what_the_wire_joins_it_with() {
    let folder = plant();
    let folder = folder.path();
    decide(folder, &["split", "10.99.0.1", "00:1d:9c:99:00:01"]);
    let ran = run_in(folder, &["assets", "show", "10.99.0.1", "--store", "s"]);
    assert!(ran.out.contains("addresses  10.99.0.1\n"), "{}", ran.out);
    let two = ["explain", "10.99.0.1", "00:1d:9c:99:00:01", "--merge", "--store", "s"];
    let ran = run_in(folder, &two);
    assert!(ran.out.contains("because decision 1 says so, by alice, "), "{}", ran.out);
}

#[test]
fn rulings_hold_whatever_is_scanned_later() {
    let folder = plant();
    let folder = folder.path();
    decide(folder, &["merge", "10.99.0.1", "10.99.0.2"]);
    made::write(&folder.join("b.pcap"), &[Device::stranger(9, b"Other")]);
    scan(folder, "b.pcap");
    scan(folder, "a.pcap");
    assert_eq!(devices(folder), ["1 2", "3", "9"]);
}

#[test]
fn explain_tells_that_a_person_joined_them() {
    let folder = plant();
    let folder = folder.path();
    decide(folder, &["merge", "10.99.0.1", "10.99.0.2"]);
    let ran = run_in(folder, &["explain", "10.99.0.1", "--merge", "--store", "s"]);
    assert!(ran.out.contains("because decision 1 says so\n    decided by alice, "), "{}", ran.out);
    let ran = run_in(folder, &["assets", "show", "10.99.0.2", "--store", "s", "-o", "ndjson"]);
    let asset: Json = serde_json::from_str(ran.lines_of("asset")[0]).unwrap();
    assert_eq!(asset["decisions"][0]["deed"], "together");
    assert_eq!(asset["ips"].as_array().unwrap().len(), 2);
}
