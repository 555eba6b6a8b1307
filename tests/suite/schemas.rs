//! Every kind of line that the program prints has a schema, and what is printed fits it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jsonschema::Validator;
use nameplate::export::schemas::SCHEMAS;
use nameplate::export::{json, outputs};
use nameplate::model::{Notice, NoticeKind, OutputHealth, Severity, Timestamp};
use serde_json::Value as Json;

use crate::made::{self, Device};
use crate::program::{run, run_in};
use crate::replayed::root;
use crate::shelf::Paper;

/// Lines of the web's own, which `openapi.json` describes.
const OF_THE_WEB: [&str; 2] = ["health", "page"];

#[test]
fn every_kind_of_line_in_the_source_has_a_schema() {
    let mut kinds = BTreeSet::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                kinds.extend(text.split("\"nameplate.").skip(1).filter_map(|rest| {
                    let (name, _) = rest.split_once("/1\"")?;
                    let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                    is_name.then(|| name.to_owned())
                }));
            }
        }
    }
    OF_THE_WEB.iter().for_each(|name| assert!(kinds.remove(*name), "{name}"));
    let known: BTreeSet<String> = SCHEMAS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(kinds, known);
    assert!(SCHEMAS.is_sorted_by_key(|(name, _)| *name));
    for (name, schema) in SCHEMAS {
        assert_eq!(run(&["schema", name]).out, *schema);
    }
}

/// What was printed, held against the schemas.
struct Reader {
    schemas: BTreeMap<&'static str, (Validator, BTreeSet<String>)>,
    read: BTreeSet<String>,
}

impl Reader {
    fn new() -> Self {
        let schemas = SCHEMAS.iter().map(|(name, text)| {
            let schema: Json = serde_json::from_str(text).unwrap();
            let of = |schema: &Json| schema["properties"].as_object().cloned().unwrap_or_default();
            let forms = schema["oneOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
            let fields = forms.iter().flat_map(|form| of(form).into_iter().map(|(name, _)| name));
            let options = jsonschema::options().should_validate_formats(true);
            (*name, (options.build(&schema).unwrap(), fields.collect()))
        });
        Self { schemas: schemas.collect(), read: BTreeSet::new() }
    }

    fn line(&mut self, line: &str) {
        let value: Json = serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"));
        let kind = value["schema"].as_str().unwrap_or_else(|| panic!("no schema in {line}"));
        let name =
            kind.strip_prefix("nameplate.").and_then(|name| name.strip_suffix("/1")).unwrap();
        let (schema, fields) = &self.schemas[name];
        let wrong: Vec<String> = schema
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{name}: {wrong:#?}\n{line}");
        let unknown: Vec<&String> =
            value.as_object().unwrap().keys().filter(|field| !fields.contains(*field)).collect();
        assert!(unknown.is_empty(), "the schema of {name} does not know {unknown:?}");
        self.read.insert(name.to_owned());
    }

    /// Runs the program and reads its lines.
    fn run(&mut self, folder: &Path, arguments: &[&str]) {
        let ran = run_in(folder, arguments);
        let lines: Vec<&str> = ran.out.lines().filter(|line| line.starts_with('{')).collect();
        assert!(!lines.is_empty(), "{arguments:?}: {} {}", ran.out, ran.err);
        lines.into_iter().for_each(|line| self.line(line));
    }
}

#[test]
fn what_is_printed_fits_its_schema() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut reader = Reader::new();
    let plant = root().join("captures/plant-demo").display().to_string();
    let cell = root().join("captures/plant-demo/cell1-filling.pcap").display().to_string();
    reader.run(folder, &["scan", &plant, "-o", "ndjson", "-o", "facts=facts"]);
    let facts = std::fs::read_to_string(folder.join("facts")).unwrap();
    facts.lines().for_each(|line| reader.line(line));
    reader.run(folder, &["diff", &cell, &plant, "-o", "ndjson"]);
    small(folder);
    let people = ["--store", "s", "--by", "alice", "--why", "test", "-o", "ndjson"];
    let store = ["--store", "s", "-o", "ndjson"];
    let with = |words: &[&'static str], more: &[&'static str]| [words, more].concat();
    for arguments in [
        with(&["assets", "set", "10.99.0.1", "role=press"], &people),
        with(&["findings", "decide", "10.99.0.1", "ICSA-18-310-02", "--as", "accept"], &people),
        with(&["findings", "history"], &store),
        with(&["patches", "list"], &store),
        with(&["baseline", "take", "--name", "a", "--by", "alice"], &store),
        with(&["baseline", "show"], &store),
        with(&["advisories", "list", "--by", "alice"], &store),
        with(&["advisories", "show", "ICSA-18-310-02"], &store),
        with(&["advisories", "comment", "ICSA-18-310-02", "read it", "--by", "alice"], &store),
        with(&["advisories", "marks"], &store),
        with(&["advisories", "show", "ICSA-18-310-02"], &store),
        with(&["advisories", "products"], &store),
        with(&["advisories", "match"], &store),
        with(&["advisories", "diff", "one.json", "two.json"], &store),
        with(&["advisories", "lint", "papers"], &["-o", "ndjson"]),
        with(&["db", "verify", "b.npdb", "--json"], &[]),
        with(&["db", "status", "--json"], &["--store", "s"]),
        with(&["db", "list"], &store),
        with(&["db", "list", "--documents"], &store),
        with(&["store", "status"], &store),
        with(&["interfaces"], &["-o", "ndjson"]),
        with(&["doctor"], &store),
    ] {
        reader.run(folder, &arguments);
    }
    // A device that is new, beside the baseline, and one that got another version.
    let changed = Device { revision: [11, 3], ..Device::named(1, b"1756-EN2T/D") };
    made::write(&folder.join("c.pcap"), &[Device::named(9, b"1756-EN2T/D"), changed]);
    reader.run(folder, &["scan", "c.pcap", "--store", "s", "-o", "ndjson"]);
    reader.run(folder, &["baseline", "compare", "--store", "s", "-o", "ndjson"]);
    for (arguments, archive) in [
        (&["export", "csv", "c.pcap", "-o", "set.zip"][..], "set.zip"),
        (&["report", "c.pcap", "--template", "auditor-pack", "-o", "pack.zip"], "pack.zip"),
    ] {
        assert_eq!(run_in(folder, arguments).code, 0, "{arguments:?}");
        let files = crate::exports::read::unpacked(&std::fs::read(folder.join(archive)).unwrap());
        reader.line(&files["manifest.json"]);
    }
    told(&mut reader);
    let missing: Vec<&str> =
        SCHEMAS.iter().map(|(name, _)| *name).filter(|name| !reader.read.contains(*name)).collect();
    assert!(missing.is_empty(), "nothing was printed of {missing:?}");
}

/// A store of three devices, with a bundle and documents of its own.
fn small(folder: &Path) {
    let old = Device { revision: [10, 10], ..Device::named(1, b"1756-EN2T/D") };
    let other = Device { revision: [11, 1], ..Device::named(2, b"1756-EN2T/D") };
    let adapter =
        Device { ids: [1, 12, 108], revision: [5, 20], ..Device::named(3, b"1734-AENT/B") };
    made::write(&folder.join("a.pcap"), &[old, other, adapter]);
    let done = |arguments: &[&str]| {
        let ran = run_in(folder, arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
    };
    let first = Paper::default();
    let later = Paper { revision: "2", range: "<=5.020", ..Paper::default() };
    std::fs::create_dir(folder.join("papers")).unwrap();
    first.write(folder, "one.json");
    later.write(folder, "two.json");
    // One text about versions that nobody can read, and one file that is no document.
    Paper { id: "ACME-2", range: "some of them", ..Paper::default() }
        .write(&folder.join("papers"), "three.json");
    std::fs::write(folder.join("papers/four.json"), "no JSON").unwrap();
    let embedded = root().join("signatures/advisories").display().to_string();
    done(&["db", "key", "new", "key"]);
    done(&["db", "build", &embedded, "-o", "b.npdb", "--sign", "key"]);
    done(&["scan", "a.pcap", "--store", "s"]);
    done(&["db", "import", "b.npdb", "--store", "s", "--trust", "key.pub", "--by", "alice"]);
}

/// Lines that only a sensor prints.
fn told(reader: &mut Reader) {
    let notice = Notice {
        number: 7,
        at: Timestamp(1_300_000_000_000_000_042),
        told: Timestamp(1_300_000_001_000_000_000),
        kind: NoticeKind::AssetChanged,
        severity: Severity::Warning,
        site: "".into(),
        asset: None,
        name: "PLC".into(),
        addresses: vec!["10.0.0.1".into()],
        finding: None,
        text: "changed".into(),
        details: vec![("from".into(), "1".into())],
    };
    let mut out = Vec::new();
    json::notice(&notice, false, &mut out).unwrap();
    let health = OutputHealth { name: "siem".to_owned(), ..OutputHealth::default() };
    outputs::ndjson(&[health], &mut out).unwrap();
    String::from_utf8(out).unwrap().lines().for_each(|line| reader.line(line));
}
