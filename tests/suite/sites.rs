//! `--site`: what is of two sites never meets, and each device is known by the name of its site, whatever else is scanned,
//! in whatever order, with or without a store.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value as Json;

use crate::made::{self, Device};
use crate::program::{Ran, capture, run_in};

/// Two sites that recorded the same: devices there are known by their addresses alone.
fn twins() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for site in ["n", "s"] {
        std::fs::create_dir(folder.path().join(site)).unwrap();
        let copy = folder.path().join(site).join("a.pcap");
        std::fs::copy(capture("packet/gre.pcap"), copy).unwrap();
    }
    folder
}

const BOTH: [&str; 4] = ["--site", "Nord=n", "--site", "Süd=s"];

fn lines(ran: &Ran, schema: &str) -> Vec<Json> {
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.lines_of(schema).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn scan(folder: &Path, arguments: &[&str]) -> Ran {
    run_in(folder, &[&["scan", "-o", "ndjson"], arguments].concat())
}

/// Identity, identifier and site of every device.
fn known(assets: &[Json]) -> BTreeSet<[String; 3]> {
    let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
    let three = |one: &Json| [&one["identity"], &one["asset_id"], &one["site"]].map(text);
    assets.iter().map(three).collect()
}

#[test]
fn the_same_address_in_two_sites_is_two_devices() {
    let folder = twins();
    let apart = lines(&scan(folder.path(), &[&["n", "s"], &BOTH[..]].concat()), "asset");
    let identities: BTreeSet<String> = known(&apart).into_iter().map(|[what, ..]| what).collect();
    let expected = ["Nord", "Süd"].iter().flat_map(|site| {
        ["10.20.16.10", "10.20.16.20"].map(|address| format!("ip {site}/0/0/{address}"))
    });
    assert_eq!(identities, expected.collect());
    for asset in &apart {
        let site = asset["site"].as_str().unwrap();
        assert!(asset["identity"].as_str().unwrap().contains(site), "{asset}");
        assert_eq!(asset["sites"], serde_json::json!([site]));
    }
    let together = lines(&scan(folder.path(), &["n", "s"]), "asset");
    assert_eq!(together.len() * 2, apart.len());
    assert!(together.iter().all(|asset| asset["site"].is_null()), "{together:?}");
    assert!(together.iter().all(|asset| asset["sites"] == serde_json::json!([])));
}

#[test]
fn a_device_is_known_by_the_name_of_its_site_whatever_else_is_scanned() {
    let folder = twins();
    let both = known(&lines(&scan(folder.path(), &[&["n", "s"], &BOTH[..]].concat()), "asset"));
    let mut alone = known(&lines(&scan(folder.path(), &["n", "--site", "Nord"]), "asset"));
    alone.extend(known(&lines(&scan(folder.path(), &["s", "--site", "Süd"]), "asset")));
    assert_eq!(both, alone);
    let other = [&["s", "-r", "n/a.pcap", "--site", "Süd=./s/a.pcap"][..], &["--site", "Nord"]];
    let other = scan(folder.path(), &other.concat());
    assert_eq!(known(&lines(&other, "asset")), both);
}

#[test]
fn a_store_keeps_sites_apart_in_whatever_order_they_come() {
    let folder = twins();
    let at_once = scan(folder.path(), &[&["n", "s"], &BOTH[..]].concat());
    for (store, order) in
        [("one", [("n", "Nord"), ("s", "Süd")]), ("two", [("s", "Süd"), ("n", "Nord")])]
    {
        for (input, site) in order {
            let ran = scan(folder.path(), &[input, "--site", site, "--store", store]);
            assert_eq!(ran.code, 0, "{ran:?}");
        }
        let list = run_in(folder.path(), &["assets", "list", "--store", store, "-o", "ndjson"]);
        assert_eq!(known(&lines(&list, "asset")), known(&lines(&at_once, "asset")), "{store}");
        let some = ["assets", "list", "--store", store, "-o", "ndjson", "--where", "site = nord"];
        let some = lines(&run_in(folder.path(), &some), "asset");
        assert_eq!(some.len(), 2);
        assert!(some.iter().all(|asset| asset["site"] == "Nord"), "{some:?}");
    }
}

#[test]
fn two_sites_say_together_what_each_says_alone() {
    let folder = tempfile::tempdir().unwrap();
    // Requests of a conversation at one site, answers at the other: whoever put them together would learn more.
    let whole = std::fs::read(capture("enip/chassis-13-slots.pcap")).unwrap();
    let (header, mut rest) = whole.split_at(24);
    let mut halves = [header.to_vec(), header.to_vec()];
    while let Some((head, behind)) = rest.split_at_checked(16) {
        let length = u32::from_le_bytes(head[8..12].try_into().unwrap()) as usize;
        let (frame, behind) = behind.split_at(length);
        let is_upward = frame[26..30] < frame[30..34];
        halves[usize::from(is_upward)].extend([head, frame].concat());
        rest = behind;
    }
    for (name, half) in ["a.pcap", "b.pcap"].iter().zip(halves) {
        std::fs::write(folder.path().join(name), half).unwrap();
    }
    let facts = |arguments: &[&str]| -> Vec<String> {
        let ran = run_in(folder.path(), &[&["scan", "-o", "facts"], arguments].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out.lines().map(str::to_owned).collect()
    };
    let sites = ["--site", "A=a.pcap", "--site", "B=b.pcap"];
    let mut apart = facts(&[&["a.pcap", "b.pcap"], &sites[..]].concat());
    let times: Vec<String> = apart
        .iter()
        .map(|line| {
            serde_json::from_str::<Json>(line).unwrap()["time"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(times.is_sorted(), "facts come in order of time");
    let mut alone = facts(&["a.pcap", "--site", "A"]);
    alone.extend(facts(&["b.pcap", "--site", "B"]));
    apart.sort();
    alone.sort();
    assert_eq!(apart, alone);
    let of_site =
        |site: &str| apart.iter().any(|line| line.contains(&format!("\"site\":\"{site}\"")));
    assert!(of_site("A") && of_site("B"), "{apart:?}");
    assert!(
        facts(&["a.pcap", "b.pcap"]).len() > apart.len(),
        "the conversation is one without sites"
    );
}

#[test]
fn every_screen_tells_sites_apart_when_there_are_several() {
    let folder = twins();
    let ran = run_in(folder.path(), &[&["scan", "n", "s"], &BOTH[..]].concat());
    let heading = ran.out.lines().find(|line| line.contains("Device")).unwrap();
    assert!(heading.contains(" Site "), "{}", ran.out);
    assert!(
        ran.out.contains("10.20.16.20  Nord") && ran.out.contains("10.20.16.20  Süd"),
        "{}",
        ran.out
    );
    let csv = run_in(folder.path(), &[&["scan", "n", "s", "-o", "csv"], &BOTH[..]].concat()).out;
    assert!(csv.lines().next().unwrap().contains(",os_build,sites,zone,"), "{csv}");
    assert!(csv.contains(",Nord,") && csv.contains(",Süd,"), "{csv}");
    let single = run_in(folder.path(), &["scan", "n", "--site", "Nord"]).out;
    assert!(!single.contains("Site") && !single.contains("Nord"), "{single}");
    let show = [&["assets", "show", "10.20.16.20", "n", "s"], &BOTH[..]].concat();
    let shown = run_in(folder.path(), &show).out;
    for words in ["site       Nord", "site       Süd", "identity   ip Nord/0/0/10.20.16.20"] {
        assert!(shown.contains(words), "no {words:?} in\n{shown}");
    }
}

#[test]
fn what_goes_from_site_to_site_is_one_device_by_its_serial_number() {
    let folder = tempfile::tempdir().unwrap();
    for (name, last) in [("a.pcap", 1), ("b.pcap", 7)] {
        let laptop = Device { ip: [10, 99, 0, last], ..Device::named(1, b"1756-EN2T/D") };
        made::write(&folder.path().join(name), &[laptop, Device::named(2, name.as_bytes())]);
    }
    let sites = ["--site", "A=a.pcap", "--site", "B=b.pcap"];
    let assets =
        lines(&scan(folder.path(), &[&["a.pcap", "b.pcap"], &sites[..]].concat()), "asset");
    let moved: Vec<&Json> = assets.iter().filter(|asset| asset["site"].is_null()).collect();
    assert!(!moved.is_empty());
    assert!(moved.iter().all(|asset| asset["sites"] == serde_json::json!(["A", "B"])), "{moved:?}");
    let report = |name: &str, site: &str| {
        let output = format!("ndjson={name}.ndjson");
        let ran = run_in(folder.path(), &["scan", name, "--site", site, "-o", &output]);
        assert_eq!(ran.code, 0, "{ran:?}");
    };
    report("a.pcap", "A");
    report("b.pcap", "B");
    let diff = run_in(folder.path(), &["diff", "a.pcap.ndjson", "b.pcap.ndjson", "-o", "ndjson"]);
    let moves = lines(&diff, "change");
    let is_move = |one: &&Json| one["change"] == "moved" && one["what"] == "site";
    let from_to = |one: &Json| (one["before"]["value"].clone(), one["after"]["value"].clone());
    let moves: Vec<(Json, Json)> = moves.iter().filter(is_move).map(from_to).collect();
    assert!(!moves.is_empty());
    assert!(moves.iter().all(|one| *one == ("A".into(), "B".into())), "{moves:?}");
}

#[test]
fn mistakes_are_told_before_anything_is_read() {
    let folder = twins();
    for (arguments, words) in [
        (&["--site", "A", "--site", "B"][..], "cannot be of A and of B"),
        (&["--site", "A=n", "--site", "B=n/a.pcap", "--site", "C=n/a.pcap"], "two sites"),
        (&["--site", "A=west"], "no input lies there"),
        (&["--site", "0"], "stands for the site without a name"),
        (&["--site", "A\u{1b}[2J"], "no control characters"),
        (&["--site", "A="], "name an input"),
    ] {
        let ran = scan(folder.path(), &[&["n", "s"], arguments].concat());
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
        assert!(ran.out.is_empty() && ran.err.contains(words), "{arguments:?}: {}", ran.err);
        assert!(!ran.err.contains('\u{1b}'), "{:?}", ran.err);
    }
}
