//! Names that devices, files and people choose, on their way into every document: nothing runs, breaks a row or a tag, or is obeyed
//! by a terminal. Formats are those of the program's own help, so that none is forgotten.

use std::path::Path;

use nameplate::export::escape::is_hostile;
use serde_json::Value as Json;

use super::graphs::statements;
use super::{done, export, formats, read};
use crate::alert::parse;
use crate::made::{self, Device};
use crate::reporting::markup;

/// A store in which every text that somebody else can choose is hostile.
pub(super) fn store(folder: &Path) {
    let capture = "evil\u{1b}[31m\u{202e}=1.pcap";
    let devices: Vec<Device> =
        (1..).zip(NASTY).map(|(last, name)| Device::stranger(last, name)).collect();
    made::write(&folder.join(capture), &devices);
    // Devices about which there are verdicts, with names that a list gives them.
    let mut list = csv::Writer::from_path(folder.join("list.csv")).unwrap();
    list.write_record(["name", "ip", "vendor", "model", "firmware", "serial", "hardware"]).unwrap();
    for (last, name) in (1_u8..).zip(NASTY) {
        let name = String::from_utf8_lossy(name).into_owned();
        let ip = format!("10.98.0.{last}");
        let row = [&name, &ip, "Rockwell Automation", "1756-EN2T", "5.008", &name, &name];
        list.write_record(row).unwrap();
    }
    list.flush().unwrap();
    let site = "@S\u{202e}\"'<i>&";
    done(folder, &["scan", capture, "--site", site, "--store", "s", "-o", "ndjson=x"]);
    let people = ["--by", "=eve<b>\"", "--why=-1+1|\\\"'<script>x</script>;}"];
    done(folder, &[&["assets", "import", "list.csv", "--store", "s"][..], &people].concat());
    let decide = ["findings", "decide", "--where", "ip=10.98.0.1", "--as", "accept", "--yes"];
    let until = ["--expires", "2099-06-30", "--store", "s"];
    done(folder, &[&decide[..], &until, &people].concat());
    std::fs::write(
        folder.join("zones.toml"),
        "[[zone]]\nname = '=Z\"]--><h1>&{};'\npurdue = 1\nsubnets = [\"10.98.0.0/24\"]\n",
    )
    .unwrap();
}

#[test]
fn no_name_does_harm_in_any_document() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    store(folder);
    let from = ["--store", "s", "--zones", "zones.toml", "-o"];
    for format in formats() {
        let (more, end) = export(&format);
        let file = format!("{format}.{end}");
        done(folder, &[&["export", &format][..], &more, &from, &[&file]].concat());
        is_harmless(&file, &std::fs::read(folder.join(&file)).unwrap());
    }
    for (template, file) in [("html", "report.html"), ("auditor-pack", "pack.zip")] {
        done(folder, &[&["report", "--template", template][..], &from, &[file]].concat());
        is_harmless(file, &std::fs::read(folder.join(file)).unwrap());
    }
}

/// Reads a document strictly, by what its name says it is. Archives are unpacked.
fn is_harmless(file: &str, bytes: &[u8]) {
    let end = file.rsplit('.').next().unwrap();
    if ["xlsx", "zip"].contains(&end) {
        let parts = read::unpacked(bytes);
        parts.iter().for_each(|(name, text)| is_harmless(name, text.as_bytes()));
        return;
    }
    let text = std::str::from_utf8(bytes).unwrap();
    // The mark of UTF-8 before a text of syslog is one of its standard.
    let is_mark = |c: char| c == '\u{feff}' && end == "rfc5424";
    let found = text.find(|c| is_hostile(c) && !matches!(c, '\n' | '\r') && !is_mark(c));
    assert_eq!(found, None, "{file}: {:?}", found.map(|at| &text[at..]));
    match end {
        "html" | "svg" => {
            let page =
                markup::read(text, markup::HTML).unwrap_or_else(|why| panic!("{file}: {why}"));
            assert!(end == "svg" || page.text.contains("owned"), "{file} lost the names");
        }
        "xml" | "graphml" | "rels" => drop(read::elements(text)),
        "json" => drop(serde_json::from_str::<Json>(text).unwrap()),
        "ndjson" | "facts" => {
            text.lines().for_each(|line| drop(serde_json::from_str::<Json>(line).unwrap()));
        }
        "csv" => is_calm(file, text),
        "cef" => text.lines().for_each(|line| drop(parse::cef(line))),
        "rfc5424" => text.lines().for_each(|line| drop(parse::rfc5424(line))),
        "dot" => drop(statements(text)),
        "txt" | "sha256" => {}
        other => panic!("{file}: nobody reads {other}: say here how it is read"),
    }
}

/// No cell is a formula, and every row has the columns of the heading.
fn is_calm(file: &str, text: &str) {
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    for row in rows.records().map(|row| row.unwrap_or_else(|why| panic!("{file}: {why}"))) {
        for cell in &row {
            let first = cell.trim_start().chars().next().unwrap_or('x');
            assert!(!"=+-@\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(first), "{file}: {cell:?}");
        }
    }
}

/// Names as bytes on the wire.
const NASTY: &[&[u8]] = &[
    b"\x1b[2J\x1b[31mowned",
    b"two\r\nlines",
    b"\xe2\x80\xaegpj.exe",
    b"\x9b31mowned",
    b"=HYPERLINK(\"http://example.invalid\")",
    b"-1+cmd|' /C calc'!A0",
    b"@SUM(1)",
    b"\t=1",
    b"\xef\xbc\x9d1+1",
    b"<script>alert(1)</script>",
    b"\"><img src=x onerror=alert(1)>",
    b"' onmouseover='alert(1)",
    b"]]>&amp;<![CDATA[",
    b"--><!--",
    b"\"quoted\", with; comma",
    b"back\\slash\\\" -> b; }",
    b"<b>html</b> label",
    b"\\N\\G\\L",
    b"a_x001B_[2J",
    b"pipe|eq=\\]",
    b"${jndi:ldap://x}",
    b"nul\0inside",
    "\u{2028}separator\u{200b}".as_bytes(),
    &[0xff; 200],
];
