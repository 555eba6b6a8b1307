//! Documents for other programs: each read by a reader that is not the program's own, and all of them saying what NDJSON says.

mod graphs;
mod hidden;
mod hostile;
pub mod read;
mod sheets;
mod tools;

use std::path::Path;

use serde_json::Value as Json;

use crate::alert::parse;
use crate::program::{Ran, run_in};
use crate::replayed::root;

/// What the program must be able to write to a file, with the name of it.
const FILES: [(&str, &str); 10] = [
    ("xlsx", "p.xlsx"),
    ("csv", "set.zip"),
    ("netbox", "netbox.zip"),
    ("graphml", "p.graphml"),
    ("dot", "p.dot"),
    ("cef", "p.cef"),
    ("rfc5424", "p.log"),
    ("cyclonedx", "p.cdx.json"),
    ("ndjson", "p.ndjson"),
    ("facts", "p.facts"),
];

/// Captures of a plant.
fn plant() -> String {
    root().join("captures/plant-demo").display().to_string()
}

/// Formats, as the help of the program names them: one that is new is in every test that asks here.
fn formats() -> Vec<String> {
    let help = run_in(root(), &["export", "--help"]).out;
    let (_, rest) = help.split_once("Possible values:").unwrap();
    let (values, _) = rest.split_once("[INPUT]").unwrap();
    let lines = values.lines().filter_map(|line| line.trim_start().strip_prefix("- "));
    let names = lines.map(|line| line.split_once(':').unwrap().0.to_owned()).collect::<Vec<_>>();
    assert!(names.len() >= 15, "{names:?}");
    names
}

/// What a format is written with, and the end of the name of its file.
fn export(format: &str) -> (Vec<&str>, &str) {
    let publisher = vec!["--publisher", "Works", "--namespace", "https://works.example/"];
    match format {
        "csaf-vex" => (publisher, "csaf.json"),
        "openvex" => (publisher[..2].to_vec(), "vex.json"),
        "cyclonedx" => (Vec::new(), "cdx.json"),
        "csv" | "netbox" => (Vec::new(), "zip"),
        other => (Vec::new(), other),
    }
}

fn done(folder: &Path, arguments: &[&str]) -> Ran {
    let ran = run_in(folder, arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
    ran
}

/// Scans once and writes every format.
fn scanned(folder: &Path, input: &str, more: &[&str]) -> Ran {
    let outputs: Vec<String> =
        FILES.iter().map(|(format, file)| format!("{format}={file}")).collect();
    let outputs = outputs.iter().flat_map(|output| ["-o", output.as_str()]);
    let arguments: Vec<&str> =
        ["scan", input].into_iter().chain(outputs).chain(more.iter().copied()).collect();
    done(folder, &arguments)
}

fn lines(folder: &Path, schema: &str) -> Vec<Json> {
    let text = std::fs::read_to_string(folder.join("p.ndjson")).unwrap();
    let all = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    all.filter(|line| line["schema"] == format!("nameplate.{schema}/1")).collect()
}

#[test]
fn every_format_says_what_it_is_made_of_and_the_same_input_gives_the_same_bytes() {
    let [one, other] = [(), ()].map(|()| tempfile::tempdir().unwrap());
    scanned(one.path(), &plant(), &[]);
    scanned(other.path(), &plant(), &[]);
    let run = &lines(one.path(), "run")[0];
    let hash = run["inputs"][0]["sha256"].as_str().unwrap();
    for (format, file) in FILES {
        let bytes = std::fs::read(one.path().join(file)).unwrap();
        assert!(bytes == std::fs::read(other.path().join(file)).unwrap(), "{format} differs");
        let text = match file.rsplit('.').next() {
            Some("xlsx" | "zip") => read::unpacked(&bytes).into_values().collect(),
            _ => String::from_utf8(bytes).unwrap(),
        };
        if format != "facts" {
            for word in [hash, env!("CARGO_PKG_VERSION"), "complete"] {
                assert!(text.contains(word), "{format} does not say {word}");
            }
        }
    }
}

#[test]
fn a_set_is_what_its_manifest_says() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    done(folder, &["export", "csv", &plant(), "-o", "set"]);
    done(folder, &["export", "csv", &plant(), "-o", "set.zip"]);
    done(folder, &["scan", &plant(), "-o", "csv=other/", "-o", "ndjson=p.ndjson"]);
    let archive = read::unpacked(&std::fs::read(folder.join("set.zip")).unwrap());
    let manifest: Json = serde_json::from_str(&archive["manifest.json"]).unwrap();
    let schema: Json = serde_json::from_str(&done(folder, &["schema", "set"]).out).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&manifest)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    for file in manifest["files"].as_array().unwrap() {
        let name = file["file"].as_str().unwrap();
        let text = std::fs::read(folder.join("set").join(name)).unwrap();
        assert_eq!(text, archive[name].as_bytes(), "{name}");
        assert_eq!(text, std::fs::read(folder.join("other").join(name)).unwrap(), "{name}");
        assert_eq!(file["sha256"], read::sha256(&text), "{name}");
        let rows = csv::Reader::from_reader(&*text).into_records().map(Result::unwrap).count();
        assert_eq!(file["rows"], rows, "{name}");
    }
    let rows =
        |name: &str| csv::Reader::from_reader(archive[name].as_bytes()).into_records().count();
    assert_eq!(rows("assets.csv"), lines(folder, "asset").len());
    assert_eq!(rows("findings.csv"), lines(folder, "finding").len());
    assert_eq!(rows("conversations.csv"), lines(folder, "conversation").len());
    // One table, as ever, where one file is asked for.
    done(folder, &["export", "csv", &plant(), "-o", "one.csv"]);
    let one = std::fs::read_to_string(folder.join("one.csv")).unwrap();
    assert_eq!(one, done(folder, &["scan", &plant(), "-o", "csv"]).out);
    assert_eq!(one, done(folder, &["export", "csv", &plant()]).out);
}

#[test]
fn receivers_of_cef_and_syslog_read_every_finding() {
    let folder = tempfile::tempdir().unwrap();
    scanned(folder.path(), &plant(), &[]);
    let findings = lines(folder.path(), "finding");
    let text = |file: &str| std::fs::read_to_string(folder.path().join(file)).unwrap();
    let (cef, syslog) = (text("p.cef"), text("p.log"));
    let ids = |all: Vec<String>| all.into_iter().collect::<std::collections::BTreeSet<_>>();
    let wanted: Vec<String> =
        findings.iter().map(|one| one["finding_id"].as_str().unwrap().to_owned()).collect();
    let wanted = ids(wanted);
    let read = cef.lines().skip(1).map(|line| {
        let (head, keys) = parse::cef(line);
        assert_eq!(head[4], "finding_opened");
        keys["cs3"].clone()
    });
    assert_eq!(ids(read.collect()), wanted);
    let read = syslog.lines().skip(1).map(|line| {
        let message = parse::rfc5424(line);
        let mut data = message.data.values().flatten();
        let id = data.find(|(name, _)| name == "finding");
        id.map(|(_, id)| id.clone()).unwrap()
    });
    assert_eq!(ids(read.collect()), wanted);
}

#[test]
fn devices_and_statements_fit_the_schema_of_cyclonedx_and_name_the_frames() {
    let folder = tempfile::tempdir().unwrap();
    scanned(folder.path(), &plant(), &[]);
    let text = std::fs::read(folder.path().join("p.cdx.json")).unwrap();
    let document: Json = serde_json::from_slice(&text).unwrap();
    crate::vex::schemas::check(crate::vex::schemas::Format::CycloneDx, &document);
    let devices = document["components"].as_array().unwrap();
    assert_eq!(devices.len(), lines(folder.path(), "asset").len());
    let parts =
        devices.iter().flat_map(|device| device["components"].as_array().into_iter().flatten());
    let firmware = parts.filter(|part| part["type"] == "firmware");
    let lines: Vec<u64> =
        firmware.map(|part| part["evidence"]["occurrences"][0]["line"].as_u64().unwrap()).collect();
    assert!(lines.len() > 10 && lines.iter().all(|line| *line > 0), "{lines:?}");
}

#[test]
fn what_does_not_fit_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, hint) in [
        (&["export", "netbox", "x.pcap"][..], "name a directory"),
        (&["scan", "x.pcap", "-o", "netbox"], "name a directory"),
        (&["export", "dot", "x.pcap", "--publisher", "A"], "--publisher is for csaf-vex"),
        (&["scan", "x.pcap", "-o", "word=a"], "word is no format"),
        (&["diff", "a", "b", "-o", "xlsx=a"], "xlsx is for what scan"),
        (&["scan", "x.pcap", "--redact", "ip", "-w", "e.pcapng"], "leave -w or --redact out"),
    ] {
        let ran = run_in(folder.path(), arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(hint), "{arguments:?}: {}", ran.err);
    }
}
