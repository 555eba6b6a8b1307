//! Baselines: what people accepted, kept in a store, and what stands beside it later.

use std::path::Path;

use serde_json::Value as Json;

use crate::kept;
use crate::made::{self, Device};
use crate::program::{Ran, capture, run, run_in};

fn baseline(folder: &Path, words: &[&str]) -> Ran {
    let (verb, rest) = words.split_first().unwrap();
    run_in(folder, &[&["baseline", verb, "--store", "store"], rest].concat())
}

fn scanned(folder: &Path, input: &Path) {
    let ran = run_in(folder, &["scan", input.to_str().unwrap(), "--store", "store"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

/// Kinds of differences, each once.
fn kinds(ran: &Ran) -> Vec<String> {
    let lines = ran.lines_of("change").into_iter();
    let lines = lines.map(|line| serde_json::from_str::<Json>(line).unwrap());
    let mut kinds: Vec<String> =
        lines.map(|line| line["change"].as_str().unwrap().to_owned()).collect();
    kinds.dedup();
    kinds
}

#[test]
fn nothing_differs_until_something_is_heard_and_all_of_it_does_then() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    scanned(folder, &capture("plant-demo/cell1-filling.pcap"));
    let taken = baseline(folder, &["take", "--name", "Monday", "--by", "eve", "-o", "ndjson"]);
    let row: Json = serde_json::from_str(taken.out.trim()).unwrap();
    assert_eq!((&row["assets"], &row["is_reference"]), (&14.into(), &true.into()), "{row}");
    for format in ["table", "ndjson", "json", "csv"] {
        let same = baseline(folder, &["compare", "--exit-code", "-o", format]);
        assert_eq!(same.code, 0, "{format}: {}{}", same.out, same.err);
    }
    scanned(folder, &capture("plant-demo/cell2-utilities.pcapng.gz"));
    let more = baseline(folder, &["compare", "-o", "ndjson"]);
    assert_eq!(
        (more.code, kinds(&more)),
        (0, vec!["device_new".into(), "conversation_new".into()])
    );
    let talk = more.lines_of("change").pop().unwrap().to_owned();
    let talk: Json = serde_json::from_str(&talk).unwrap();
    for name in ["client", "server", "port", "first_seen", "last_seen"] {
        assert!(talk["conversation"][name].is_string(), "{name}: {talk}");
    }
    for (what, code) in
        [("new", 3), ("conversation", 3), ("any", 3), ("absent", 0), ("version,mode", 0)]
    {
        assert_eq!(baseline(folder, &["compare", "--fail-on", what]).code, code, "{what}");
    }
    let csv = baseline(folder, &["compare", "-o", "csv"]).out;
    assert!(csv.starts_with("change,asset_id,name,ips,"), "{csv}");
    assert_eq!(csv.lines().count(), more.lines_of("change").len() + 1);
    let accepted = baseline(folder, &["accept", "--by", "eve", "--name", "Tuesday"]);
    assert!(accepted.out.contains(" from Monday accepted"), "{}", accepted.out);
    assert_eq!(baseline(folder, &["compare", "--exit-code"]).code, 0);
    assert_eq!(baseline(folder, &["compare", "Monday", "--exit-code"]).code, 3);
    assert_eq!(baseline(folder, &["remove", "Tuesday"]).code, 0);
    assert_eq!(baseline(folder, &["compare", "--exit-code"]).code, 3, "Monday is the reference");
}

/// The same capture, taken that many seconds later.
fn later(file: &Path, seconds: u32) {
    let mut bytes = std::fs::read(file).unwrap();
    let word = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let mut at = 24;
    while at < bytes.len() {
        let (time, length) = (word(&bytes, at), word(&bytes, at + 8));
        bytes[at..at + 4].copy_from_slice(&(time + seconds).to_le_bytes());
        at += 16 + usize::try_from(length).unwrap();
    }
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn what_is_gone_replaced_or_of_another_version_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let file = folder.join("heard.pcap");
    made::write(&file, &[1, 2, 3, 4].map(|last| Device::named(last, b"PLC")));
    scanned(folder, &file);
    assert_eq!(baseline(folder, &["take", "--by", "eve"]).code, 0);
    // An hour and a half later: one is as it was, one has another firmware, one is another device, and one is not heard.
    let newer = Device { revision: [20, 5], ..Device::named(2, b"PLC") };
    let other = Device { serial: 0x7000_0000, ..Device::named(3, b"PLC") };
    made::write(&file, &[Device::named(1, b"PLC"), newer, other]);
    later(&file, 5_400);
    scanned(folder, &file);
    let compared = baseline(folder, &["compare", "-o", "ndjson"]);
    let lines = compared.lines_of("change").into_iter();
    let told: Vec<(String, String)> = lines
        .map(|line| serde_json::from_str::<Json>(line).unwrap())
        .map(|line| (line["change"].to_string(), line["ips"][0].to_string()))
        .filter(|(change, _)| !change.contains("event") && !change.contains("conversation"))
        .collect();
    let expected = [
        ("device_not_seen", "10.99.0.4"),
        ("device_replaced", "10.99.0.3"),
        ("version_changed", "10.99.0.2"),
    ];
    let expected = expected.map(|(change, ip)| (format!("{change:?}"), format!("{ip:?}")));
    assert_eq!(told, expected, "{}", compared.out);
    for (what, code) in [("absent", 3), ("new", 3), ("version", 3), ("mode", 0)] {
        assert_eq!(baseline(folder, &["compare", "--fail-on", what]).code, code, "{what}");
    }
    let patient = baseline(folder, &["compare", "--absent-after", "2h", "-o", "ndjson"]);
    assert!(!kinds(&patient).contains(&"device_not_seen".to_owned()), "{}", patient.out);
}

#[test]
fn what_cannot_be_done_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let file = folder.join("heard.pcap");
    made::write(&file, &[Device::named(1, b"PLC")]);
    scanned(folder, &file);
    let says = |words: &[&str], code: i32, text: &str| {
        let ran = baseline(folder, words);
        assert_eq!(ran.code, code, "{words:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(text), "{words:?}: {}", ran.err);
        assert!(ran.out.is_empty(), "{words:?}: {}", ran.out);
    };
    says(&["compare"], 1, "the store holds no baseline: take one");
    says(&["accept", "--by", "eve"], 1, "the store holds no baseline: take one");
    assert_eq!(baseline(folder, &["take", "--name", "x\u{202e}", "--by", "eve"]).code, 0);
    says(&["take", "--name", "x\u{202e}", "--by", "eve"], 1, "there is a baseline called x");
    says(&["take", "--name", "a\nb", "--by", "eve"], 2, "--name takes 1 to 128 bytes");
    says(&["show", "Monday"], 1, "there is no baseline called Monday; there are x");
    says(&["remove", "Monday"], 1, "there is no baseline called Monday");
    says(&["list", "-o", "facts"], 2, "-o facts is for scan");
    let listed = baseline(folder, &["list"]);
    assert!(!listed.out.contains('\u{202e}'), "{}", listed.out);
}

/// People find these verbs by their help.
#[test]
fn the_help_of_each_verb_is_kept() {
    let mut text = String::new();
    for verb in ["take", "list", "show", "compare", "accept", "remove"] {
        let ran = run(&["baseline", verb, "--help"]);
        assert_eq!(ran.code, 0, "{verb}: {}", ran.err);
        text.push_str(&format!("$ nameplate baseline {verb} --help\n"));
        ran.out.lines().for_each(|line| text.push_str(&format!("{}\n", line.trim_end())));
        text.push('\n');
    }
    let kept = kept::check(Path::new("tests/golden/help-baseline.txt"), &text);
    assert!(kept.is_ok(), "\n{}", kept.unwrap_err());
}
