//! `--redact`: no original is left in any format, and the same key gives the same pseudonyms.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value as Json;

use super::{FILES, done, lines, plant, read, scanned};

const KEY: &str = "a key that is long enough";

/// What a scan with nothing hidden tells of a plant.
fn originals(folder: &Path) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut add = |value: &Json| all.extend(value.as_str().map(str::to_lowercase));
    for asset in lines(folder, "asset") {
        add(&asset["asset_id"]);
        for list in ["ips", "macs", "reached_through", "inner_ips"] {
            asset[list].as_array().unwrap().iter().for_each(&mut add);
        }
        let modules = asset["modules"].as_array().unwrap().iter();
        for claim in modules.chain([&asset]).flat_map(|one| one["claims"].as_array().unwrap()) {
            if ["name", "domain", "serial"].contains(&claim["field"].as_str().unwrap()) {
                add(&claim["value"]);
            }
        }
    }
    for talk in lines(folder, "conversation") {
        for side in ["client", "server"] {
            if !talk[side]["asset_id"].is_null() {
                ["ip", "mac"].iter().for_each(|of| add(&talk[side][of]));
            }
        }
    }
    lines(folder, "finding").iter().for_each(|one| add(&one["finding_id"]));
    let run = &lines(folder, "run")[0];
    run["inputs"].as_array().unwrap().iter().for_each(|input| add(&input["capture"]));
    // A domain that is called like a word of every text.
    all.retain(|text| text.len() > 3 && text != "plant");
    all
}

fn texts(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (_, file) in FILES {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        match file.rsplit('.').next() {
            Some("xlsx" | "zip") => {
                let parts = read::unpacked(&bytes).into_iter();
                all.extend(parts.map(|(part, text)| (format!("{file}/{part}"), text)));
            }
            _ => drop(all.insert(file.to_owned(), String::from_utf8(bytes).unwrap())),
        }
    }
    all
}

#[test]
fn no_original_is_left_in_any_format() {
    let [open, hidden] = [(), ()].map(|()| tempfile::tempdir().unwrap());
    scanned(open.path(), &plant(), &[]);
    let originals = originals(open.path());
    assert!(originals.len() > 200, "{}", originals.len());
    std::fs::write(hidden.path().join("key"), KEY).unwrap();
    let ran = scanned(
        hidden.path(),
        &plant(),
        &["--redact", "ip,mac,name,serial", "--redact-key", "key"],
    );
    for (file, text) in texts(hidden.path()) {
        let folded = text.to_lowercase();
        let left: Vec<&String> =
            originals.iter().filter(|original| folded.contains(original.as_str())).collect();
        assert!(left.is_empty(), "{file}: {left:?}");
    }
    assert!(!ran.err.contains("plant-demo"), "{}", ran.err);
    // What was published stays, and so do the verdicts.
    let verdicts = |folder: &Path| -> Vec<String> {
        let mut all: Vec<String> = lines(folder, "finding")
            .iter()
            .map(|one| format!("{} {} {}", one["advisory"], one["cve"], one["verdict"]))
            .collect();
        all.sort();
        all
    };
    assert_eq!(verdicts(open.path()), verdicts(hidden.path()));
    let models = |folder: &Path| -> BTreeSet<String> {
        lines(folder, "asset").iter().map(|one| one["model"].to_string()).collect()
    };
    assert_eq!(models(open.path()), models(hidden.path()));
    let devices = lines(hidden.path(), "asset");
    let all: BTreeSet<String> = devices.iter().map(|one| one["ips"].to_string()).collect();
    assert_eq!(devices.len(), lines(open.path(), "asset").len());
    assert!(all.len() > 25, "devices are told apart: {all:?}");
}

#[test]
fn the_same_key_gives_the_same_pseudonyms_and_another_gives_others() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("key"), KEY).unwrap();
    std::fs::write(folder.join("other"), "another key, long enough").unwrap();
    let cell = crate::replayed::root().join("captures/plant-demo/cell1-filling.pcap");
    let cell = cell.display().to_string();
    let ids = |input: &str, key: &[&str]| -> BTreeSet<String> {
        let what = ["scan", input, "-o", "ndjson", "--redact", "ip,mac,name,serial"];
        let ran = done(folder, &[&what[..], key].concat());
        let lines = ran.lines_of("asset").into_iter().map(str::to_owned).collect::<Vec<_>>();
        let of = |line: &String| serde_json::from_str::<Json>(line).unwrap()["ips"].to_string();
        lines.iter().map(of).filter(|ips| ips != "[]").collect()
    };
    let key = &["--redact-key", "key"][..];
    let own = ids(&cell, key);
    assert!(own.len() > 5);
    assert!(own.is_subset(&ids(&plant(), key)), "in another run");
    assert!(own.is_disjoint(&ids(&cell, &["--redact-key", "other"])), "with another key");
    assert!(own.is_disjoint(&ids(&cell, &[])), "with a secret of the run");
}

#[test]
fn one_kind_is_hidden_and_the_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let what = |what: &str| {
        let ran = done(folder, &["scan", &plant(), "-o", "ndjson", "--redact", what]);
        ran.out
    };
    let serial = what("serial");
    assert!(!serial.contains("61101008") && serial.contains("10.10.1.31"));
    let ip = what("ip");
    assert!(
        !ip.contains("10.10.1.31") && ip.contains("61101008") && ip.contains("00:80:f4:10:02:0a")
    );
    let mac = what("mac");
    assert!(!mac.contains("00:80:f4:10:02:0a") && mac.contains("10.10.1.31"));
}

#[test]
fn a_selection_and_zones_hold_for_what_is_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(
        folder.join("zones.toml"),
        "[[zone]]\nname = \"Filling\"\npurdue = 1\nsubnets = [\"10.10.1.0/24\"]\n",
    )
    .unwrap();
    let view = ["--zones", "zones.toml", "--where", "zone=Filling", "-o", "ndjson"];
    let all = |more: &[&str]| -> (usize, usize, usize, String) {
        let ran = done(folder, &[&["scan", &plant()], &view[..], more].concat());
        let counts = |kind| ran.lines_of(kind).len();
        let zones =
            ran.lines_of("asset").iter().filter(|line| line.contains("\"zone\":\"")).count();
        (counts("asset"), counts("finding"), zones, ran.out)
    };
    let (open, hidden) = (all(&[]), all(&["--redact", "ip,name"]));
    assert!(open.0 > 5);
    assert_eq!((open.0, open.1, open.2), (hidden.0, hidden.1, hidden.2));
    assert!(!hidden.3.contains("Filling"), "zones are names");
}

#[test]
fn a_report_and_a_pack_hide_the_same_by_the_same_pseudonyms() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("key"), KEY).unwrap();
    done(
        folder,
        &["scan", &plant(), "--store", "s", "--site", "Werk Nord", "-o", "ndjson=p.ndjson"],
    );
    let mut originals = originals(folder);
    let found = lines(folder, "finding");
    let found = found.iter().find(|one| one["verdict"] == "affected").unwrap();
    let device = lines(folder, "asset");
    let device = device.iter().find(|one| one["asset_id"] == found["asset_id"]).unwrap();
    let (ip, advisory) = (device["ips"][0].as_str().unwrap(), found["advisory"].as_str().unwrap());
    let why = format!("no way to {ip} in Werk Nord");
    let people = ["--store", "s", "--by", "Alice Kowalski", "--why", &why];
    done(folder, &[&["findings", "decide", ip, advisory, "--as", "accept"][..], &people].concat());
    originals.extend(["kowalski", "werk nord", "plant-demo"].map(str::to_owned));
    let hide = ["--store", "s", "--redact", "ip,mac,name,serial", "--redact-key", "key", "-o"];
    done(folder, &[&["export", "ndjson"][..], &hide, &["h.ndjson"]].concat());
    done(folder, &[&["report"][..], &hide, &["r.html"]].concat());
    done(folder, &[&["report", "--template", "auditor-pack"][..], &hide, &["r.zip"]].concat());
    done(folder, &["report", "verify", "r.zip"]);
    let page = std::fs::read_to_string(folder.join("r.html")).unwrap();
    let pack = read::unpacked(&std::fs::read(folder.join("r.zip")).unwrap());
    for (file, text) in pack.iter().chain([(&"r.html".to_owned(), &page)]) {
        let folded = text.to_lowercase();
        let left: Vec<&String> =
            originals.iter().filter(|original| folded.contains(original.as_str())).collect();
        assert!(left.is_empty(), "{file}: {left:?}");
    }
    let hidden = std::fs::read_to_string(folder.join("h.ndjson")).unwrap();
    assert_eq!(pack["report.ndjson"], hidden);
    for line in hidden.lines().filter(|line| line.starts_with("{\"schema\":\"nameplate.asset/")) {
        let device: Json = serde_json::from_str(line).unwrap();
        for ip in device["ips"].as_array().unwrap().iter().filter_map(Json::as_str) {
            assert!(page.contains(ip) && pack["inventory.csv"].contains(ip), "{ip}");
        }
    }
    // A decision is no secret; who made it is.
    for decided in [&page, &pack["decisions-findings.csv"]] {
        assert!(decided.contains("accept") && decided.contains("person-"), "{decided}");
    }
}

#[test]
fn a_key_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("short"), "short\n").unwrap();
    for key in ["none", "short"] {
        let arguments = ["scan", "x.pcap", "--redact", "ip", "--redact-key", key];
        let ran = crate::program::run_in(folder.path(), &arguments);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains("head -c 32 /dev/urandom"), "{}", ran.err);
    }
}
