//! Names that devices, files and people on the network choose, on their way to every screen and file.

use std::path::{Path, PathBuf};

use nameplate::export::escape::is_hostile;

use crate::made::{self, Device};
use crate::program::{Ran, run_in};

#[test]
fn no_name_reaches_a_screen_or_a_file_raw() {
    let folder = tempfile::tempdir().unwrap();
    let name = "evil\u{1b}[31m\u{202e}\u{9b}\n=1.pcap";
    let devices: Vec<Device> =
        (1..).zip(NASTY).map(|(last, name)| Device::stranger(last, name)).collect();
    made::write(&folder.path().join(name), &devices);
    let mut printed = 0;
    for format in [
        &["-o", "table"][..],
        &["-o", "table", "--wide"],
        &["-o", "table", "--wide", "--ascii"],
        &["-o", "ndjson"],
        &["-o", "json"],
        &["-o", "facts"],
        &["-o", "csv"],
    ] {
        let ran = run_in(folder.path(), &[&["scan", name][..], format].concat());
        assert_eq!(ran.code, 0, "{format:?}: {}", ran.err);
        is_harmless(&ran, format);
        printed += usize::from(ran.out.contains("owned"));
    }
    assert_eq!(printed, 7, "a format lost the names");
}

#[test]
fn a_store_gives_names_back_as_harmless_as_it_got_them() {
    let folder = tempfile::tempdir().unwrap();
    let name = "evil\u{1b}[31m\u{202e}\u{9b}\n=1.pcap";
    let devices: Vec<Device> =
        (1..).zip(NASTY).map(|(last, name)| Device::stranger(last, name)).collect();
    made::write(&folder.path().join(name), &devices);
    let scanned = run_in(folder.path(), &["scan", name, "--store", "store", "-o", "ndjson"]);
    assert_eq!(scanned.code, 0, "{}", scanned.err);
    is_harmless(&scanned, &["--store"]);
    for verb in ["assets", "findings"] {
        for format in ["table", "ndjson", "json", "csv"] {
            let ran = run_in(folder.path(), &[verb, "list", "--store", "store", "-o", format]);
            assert_eq!(ran.code, 0, "{verb} {format}: {}", ran.err);
            is_harmless(&ran, &[verb, format]);
        }
    }
    for what in ["10.99.0.1", "10.99.0.6"] {
        let ran = run_in(folder.path(), &["explain", what, "--store", "store"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        is_harmless(&ran, &["explain", what]);
    }
    let frame = format!("{name}#1");
    let ran = run_in(folder.path(), &["explain", &frame, name]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    is_harmless(&ran, &["explain", "frame"]);
}

#[test]
fn complaints_about_hostile_arguments_are_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "no\u{1b}[2Jsuch\u{202e}\u{9b}file";
    std::fs::write(folder.path().join(format!("{evil}.pcap")), b"text").unwrap();
    let cut = folder.path().join(format!("cut{evil}.pcap"));
    made::write(&cut, &[Device::named(1, b"1756-EN2T/D")]);
    let bytes = std::fs::read(&cut).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() - 4]).unwrap();
    let bad = format!("{evil}.pcap");
    let json = format!("ndjson={evil}/x");
    for arguments in [
        &["scan", evil][..],
        &["scan", &bad],
        &["scan", cut.to_str().unwrap()],
        &["scan", &bad, "-o", &json],
        &["scan", &bad, "-f", evil],
        &["scan", &bad, "--db", evil],
        &["scan", &bad, "--signatures", evil],
        &["assets", "list", "--store", evil],
        &["explain", evil, &bad],
        &["scan", &bad, "-o", evil],
        &["scan", &bad, "--require-db-age", evil],
        &[evil],
    ] {
        let ran = run_in(folder.path(), arguments);
        is_harmless(&ran, arguments);
        assert!(!ran.err.is_empty(), "{arguments:?}");
    }
}

/// No control character but line ends, no character that turns or hides text, no cell that a spreadsheet computes.
fn is_harmless(ran: &Ran, what: &[&str]) {
    let is_csv = what.contains(&"csv");
    for (text, csv) in [(&ran.out, is_csv), (&ran.err, false)] {
        let lines = if csv { text.replace("\r\n", "\n") } else { text.clone() };
        let found = lines.chars().find(|c| *c != '\n' && is_hostile(*c));
        let line = lines.lines().find(|line| line.contains(is_hostile));
        assert!(found.is_none(), "{what:?}: {found:?} in {line:?}");
    }
    if is_csv {
        let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(ran.out.as_bytes());
        for cell in rows.records().map(Result::unwrap).flat_map(|row| cells(&row)) {
            let first = cell.trim_start().chars().next().unwrap_or('x');
            assert!(!"=+-@\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(first), "{what:?}: {cell:?}");
        }
    }
}

fn cells(row: &csv::StringRecord) -> Vec<String> {
    row.iter().map(str::to_owned).collect()
}

/// Product names as bytes on the wire: ISO 8859-1, as CIP has it, and UTF-8, as some devices have it.
const NASTY: &[&[u8]] = &[
    b"\x1b[2J\x1b[31mowned",
    b"\x9b31mowned",
    b"bell\x07",
    b"two\r\nlines",
    b"tab\there",
    "\u{202e}gpj.exe".as_bytes(),
    "zero\u{200b}width\u{feff}".as_bytes(),
    b"=HYPERLINK(\"http://example.invalid\")",
    b"+1",
    b"-1+cmd|' /C calc'!A0",
    b"@SUM(1)",
    "\u{ff1d}1+1".as_bytes(),
    b"\t=1",
    b"<script>alert(1)</script>",
    b"\"quoted\", with comma",
    b"back\\slash",
    b"nul\0inside",
    "\u{2028}separator".as_bytes(),
    b"1756-EN2T/D\x1b]0;owned\x07",
    b"",
    &[0xff; 255],
];

#[test]
fn the_made_capture_is_read_by_the_program_as_it_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    made::write(&folder.path().join("a.pcap"), &[Device::named(1, b"1756-EN2T/D")]);
    let arguments: [PathBuf; 4] = ["scan", "-o", "ndjson", "a.pcap"].map(PathBuf::from);
    let ran = run_in(Path::new(folder.path()), &arguments);
    let asset: serde_json::Value = serde_json::from_str(ran.lines_of("asset")[0]).unwrap();
    assert_eq!(asset["model"], "1756-EN2T");
    assert_eq!(asset["serial"], "60000001");
    assert_eq!(asset["ips"], serde_json::json!(["10.99.0.1"]));
}
