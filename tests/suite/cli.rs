//! The command line: what it reads, what it refuses, how it ends. Scripts rely on the exit codes and on standard output
//! holding the result and nothing else; people rely on one line that says what to do.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value as Json;

use crate::made::{self, Device};
use crate::program::{Ran, capture, program, run, run_in, run_with_input};

#[test]
fn inputs_that_are_no_captures_are_named_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.pcap"), b"").unwrap();
    std::fs::write(folder.path().join("text.pcap"), b"This is no capture.\n").unwrap();
    std::fs::create_dir(folder.path().join("bare")).unwrap();
    std::fs::write(folder.path().join("bare/notes.txt"), b"nothing here").unwrap();
    for (input, hint) in [
        ("empty.pcap", "is empty"),
        ("text.pcap", "give pcap or pcapng"),
        ("bare", "give a directory that holds"),
        ("missing.pcap", "check the path"),
    ] {
        let ran = run_in(folder.path(), &["scan", "-o", "ndjson", input]);
        fails(&ran, 1, &[input, hint]);
        assert_eq!(ran.lines_of("run").len(), 1, "the result says what failed: {}", ran.out);
        let run: Json = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(run["complete"], false);
        assert!(run["failed"][0].as_str().unwrap().contains(input), "{run}");
    }
}

#[test]
fn wrong_usage_is_refused_before_anything_is_read() {
    let input = capture("enip/discovery.pcap");
    let input = input.to_str().unwrap();
    for (arguments, hint) in [
        (&["scan"][..], "name captures"),
        (&["scan", "-Y", "enip", input], "-f BPF"),
        (&["scan", "-o", "xml", input], "use table, ndjson, json, facts, csv, html, svg, xlsx"),
        (&["scan", "-o", "csv", "-o", "ndjson", input], "-o FMT=PATH"),
        (&["scan", "--json", "-o", "facts", input], "-o FMT=PATH"),
        (&["scan", "--require-db-age", "soon", input], "write days as 30d"),
        (&["scan", "-c", "many", input], "-c <N>"),
        (&["scan", "--fail-on", "everything", input], "cannot-tell"),
        (&["scan", "--no-such-option", input], "--help"),
        (&["findings", "list"], "--store"),
        (&["frobnicate"], "--help"),
        (&[], "scan"),
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
        assert!(ran.out.is_empty(), "{arguments:?}: {}", ran.out);
        assert!(ran.err.contains(hint), "{arguments:?} without {hint:?}: {}", ran.err);
        is_plain(&ran.err);
    }
}

/// One line, not one for the filter and one for each capture that could not be filtered.
#[test]
fn a_filter_that_is_none_is_said_once() {
    let input = capture("enip/discovery.pcap");
    let ran = run(&["scan", "-o", "ndjson", "-f", "tcp port ((", input.to_str().unwrap()]);
    assert!([1, 2].contains(&ran.code), "{ran:?}");
    assert!(ran.lines_of("asset").is_empty(), "without its filter nothing may be read");
    fails(&ran, ran.code, &["tcp port ((", "pcap-filter(7)"]);
}

#[test]
fn one_bad_input_among_good_ones_costs_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.pcap"), b"This is no capture.\n").unwrap();
    let good = capture("enip/discovery.pcap");
    let alone = run(&[Path::new("scan"), "-o".as_ref(), "ndjson".as_ref(), &good]);
    assert_eq!((alone.code, alone.complaints().len()), (0, 0), "{}", alone.err);
    let bad = folder.path().join("bad.pcap");
    let both = run(&[Path::new("scan"), "-o".as_ref(), "ndjson".as_ref(), &bad, &good]);
    fails(&both, 1, &["bad.pcap", "give pcap or pcapng"]);
    assert_eq!(alone.lines_of("asset"), both.lines_of("asset"));
}

#[test]
fn a_truncated_capture_gives_what_it_holds_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(capture("enip/discovery.pcap")).unwrap();
    std::fs::write(folder.path().join("cut.pcap"), &whole[..whole.len() - 10]).unwrap();
    let lenient = run_in(folder.path(), &["scan", "-o", "ndjson", "cut.pcap"]);
    fails(&lenient, 0, &["cut.pcap", "incomplete"]);
    assert!(!lenient.lines_of("asset").is_empty());
    let line: Json = serde_json::from_str(lenient.lines_of("run")[0]).unwrap();
    assert_eq!(line["complete"], false);
    assert!(line["inputs"][0]["incomplete"].is_string(), "{line}");
    let strict = run_in(folder.path(), &["scan", "-o", "ndjson", "--strict", "cut.pcap"]);
    fails(&strict, 4, &["cut.pcap", "incomplete"]);
    assert_eq!(strict.out, lenient.out, "the result is printed in full");
    let sound = run(&[Path::new("scan"), "--strict".as_ref(), &capture("enip/discovery.pcap")]);
    assert_eq!(sound.code, 0, "{}", sound.err);
}

#[test]
fn compressed_captures_and_standard_input_read_like_files() {
    let folder = tempfile::tempdir().unwrap();
    let plain = capture("enip/discovery.pcap");
    let bytes = std::fs::read(&plain).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&bytes).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(&*bytes, 3).unwrap();
    std::fs::write(folder.path().join("a.pcap.gz"), &gzip).unwrap();
    std::fs::write(folder.path().join("a.pcap.zst"), &zstd).unwrap();
    let wanted = devices(&run(&[Path::new("scan"), "--json".as_ref(), &plain]));
    assert!(wanted.len() > 5, "{wanted:?}");
    for name in ["a.pcap.gz", "a.pcap.zst"] {
        assert_eq!(devices(&run_in(folder.path(), &["scan", "--json", name])), wanted, "{name}");
    }
    for fed in [&bytes, &gzip, &zstd] {
        assert_eq!(devices(&run_with_input(&["scan", "--json", "-"], fed)), wanted);
    }
    assert_eq!(
        devices(&run(&[Path::new("scan"), "--json".as_ref(), "-r".as_ref(), &plain])),
        wanted
    );
}

#[test]
fn a_count_stops_the_scan_and_a_filter_chooses_packets() {
    let input = capture("enip/discovery.pcap");
    let input = input.to_str().unwrap();
    let counted: Json =
        serde_json::from_str(&run(&["scan", "--json", "-c", "10", input]).out).unwrap();
    assert_eq!(counted["run"]["inputs"][0]["frames"], 10);
    let filtered: Json =
        serde_json::from_str(&run(&["scan", "--json", "-f", "arp", input]).out).unwrap();
    let assets = filtered["assets"].as_array().unwrap();
    assert!(!assets.is_empty());
    assert!(
        assets.iter().all(|asset| asset["protocols"] == serde_json::json!(["arp"])),
        "{assets:?}"
    );
}

#[test]
fn every_format_goes_to_its_file_in_one_pass() {
    let folder = tempfile::tempdir().unwrap();
    let input = capture("smb/windows-10.pcap");
    let formats = ["table", "ndjson", "json", "facts", "csv"];
    let mut arguments = vec![PathBuf::from("scan"), input];
    for format in formats {
        arguments.extend(["-o".into(), format!("{format}={format}.out").into()]);
    }
    let ran = run_in(folder.path(), &arguments);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    for format in formats {
        let text = std::fs::read_to_string(folder.path().join(format!("{format}.out"))).unwrap();
        let input = arguments[1].to_str().unwrap();
        let alone = run(&["scan", "-o", format, input]);
        assert_eq!(text, alone.out, "{format}");
        assert!(!text.is_empty(), "{format}");
    }
    let nowhere = folder.path().join("no/such/folder.csv");
    let output = format!("csv={}", nowhere.display());
    let ran = run(&["scan", "-o", &output, arguments[1].to_str().unwrap()]);
    fails(&ran, 1, &["folder.csv", "cannot write"]);
}

#[test]
fn the_reader_of_a_pipe_may_leave() {
    let input = capture("plant-demo/cell1-filling.pcap");
    for format in ["ndjson", "facts", "table", "csv"] {
        let mut command = program();
        command.args(["scan", "-o", format]).arg(&input);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), err.as_str()), (Some(0), ""), "{format}");
    }
}

#[test]
fn thresholds_and_ages_decide_the_exit_code_after_the_result() {
    let folder = tempfile::tempdir().unwrap();
    advisory(&folder.path().join("db/test-26-001.json"));
    made::write(&folder.path().join("a.pcap"), &[Device::named(1, b"1756-EN2T/D")]);
    let scan = |more: &[&str]| {
        let arguments = ["scan", "-o", "ndjson", "--db", "db", "a.pcap"];
        run_in(folder.path(), &[&arguments, more].concat())
    };
    let plain = scan(&[]);
    assert_eq!(plain.code, 0, "{}", plain.err);
    let finding: Json = serde_json::from_str(plain.lines_of("finding")[0]).unwrap();
    assert_eq!(
        (&finding["verdict"], &finding["cve"]),
        (&"affected".into(), &"CVE-2026-99999".into())
    );
    for (more, code) in [
        (&["--fail-on", "affected"][..], 3),
        (&["--fail-on", "critical"], 3),
        (&["--fail-on", "kev,high"], 3),
        (&["--fail-on", "kev"], 0),
        (&["--fail-on", "cannot-tell"], 0),
        (&["--require-db-age", "36500d"], 0),
        (&["--require-db-age", "0d"], 5),
    ] {
        let ran = scan(more);
        assert_eq!(ran.code, code, "{more:?}: {}", ran.err);
        assert_eq!(ran.out, plain.out, "{more:?}: the result is printed in full");
    }
    let old = scan(&["--require-db-age", "0d", "--warn-db-age", "36500d"]);
    fails(&old, 5, &["--require-db-age", "--db"]);
}

#[test]
fn advisories_that_cannot_be_read_are_no_advisories() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("bare")).unwrap();
    std::fs::write(folder.path().join("broken.json"), b"{ \"document\": ").unwrap();
    let input = capture("enip/discovery.pcap");
    for db in ["missing", "bare", "broken.json"] {
        let arguments = [Path::new("scan"), "--db".as_ref(), db.as_ref(), &input];
        let ran = run_in(folder.path(), &arguments);
        assert_eq!((ran.code, ran.out.as_str()), (5, ""), "{db}: {ran:?}");
        let last = *ran.complaints().last().unwrap();
        assert!(last.starts_with("nameplate: ") && last.contains(db), "{last}");
        assert!(last.contains("; "), "what to do next is not said: {last}");
    }
}

#[test]
fn a_store_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run_in(folder.path(), &["findings", "list", "--store", "nowhere"]);
    fails(&ran, 1, &["nowhere", "nameplate scan CAPTURE --store"]);
    assert!(ran.out.is_empty());
    let input = capture("enip/discovery.pcap");
    std::fs::write(folder.path().join("file"), b"x").unwrap();
    let arguments = [Path::new("scan"), "--store".as_ref(), "file".as_ref(), &input];
    let ran = run_in(folder.path(), &arguments);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.is_empty() && ran.err.contains("file"), "{ran:?}");
}

#[test]
fn colours_stay_away_from_pipes_and_from_those_who_do_not_want_them() {
    let folder = tempfile::tempdir().unwrap();
    advisory(&folder.path().join("db/test-26-001.json"));
    made::write(&folder.path().join("a.pcap"), &[Device::named(1, b"1756-EN2T/D")]);
    let scan = ["scan", "--db", "db", "a.pcap"];
    let run = |more: &[&str]| run_in(folder.path(), &[&scan, more].concat());
    assert!(!run(&[]).out.contains('\u{1b}'), "to a pipe");
    assert!(run(&["--color", "always"]).out.contains('\u{1b}'));
    assert!(!run(&["--color", "never"]).out.contains('\u{1b}'));
    assert!(run(&["--ascii"]).out.is_ascii());
    let mut command = program();
    command.args(scan).current_dir(folder.path()).env("NO_COLOR", "1");
    let output = command.output().unwrap();
    assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b));
}

#[test]
fn explain_leads_from_a_device_to_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    made::write(&folder.path().join("a.pcap"), &[Device::named(1, b"1756-EN2T/D")]);
    let explain = |what: &str| run_in(folder.path(), &["explain", what, "a.pcap"]);
    let bytes = "313735362d454e32542f44"; // 1756-EN2T/D
    let device = explain("10.99.0.1");
    assert_eq!(device.code, 0, "{}", device.err);
    for words in ["model = 1756-EN2T ", "enip.product_name = 1756-EN2T/D", "a.pcap#1 ", bytes] {
        assert!(device.out.contains(words), "no {words:?} in\n{}", device.out);
    }
    let frame = explain("a.pcap#1");
    assert_eq!(frame.code, 0, "{}", frame.err);
    for words in ["enip.serial_number = 60000001", bytes] {
        assert!(frame.out.contains(words), "no {words:?} in\n{}", frame.out);
    }
    for unknown in ["10.99.99.99", "nobody.pcap#1", "no-such-name"] {
        let ran = explain(unknown);
        assert!(ran.out.is_empty(), "{}", ran.out);
        fails(&ran, 1, &[unknown]);
    }
}

#[test]
fn a_device_is_shown_with_its_chassis_slot_by_slot() {
    let input = capture("enip/chassis-13-slots.pcap");
    let input = input.to_str().unwrap();
    let ran = run(&["assets", "show", "10.20.2.40", input]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let chassis = ran.out.split("CHASSIS\n").nth(1).unwrap();
    let slot = |number: &str| {
        let mut lines = chassis.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        lines.find(|words| words.first() == Some(&number)).unwrap_or_default().join(" ")
    };
    assert!(slot("0").starts_with("0 1756-L83E B 33.011"), "{chassis}");
    assert!(slot("12").starts_with("12 1756-EN2TR C 10.007"), "{chassis}");
    assert!(slot("6").starts_with("6 asked, no answer"), "{chassis}");
    assert!(slot("11").starts_with("11 empty"), "{chassis}");
    assert!(chassis.contains("BEHIND SLOT 12 / 192.168.7.20"), "{chassis}");
    let other = run(&["assets", "show", "nobody", input]);
    fails(&other, 1, &["nobody", "an address or a name"]);
}

#[test]
fn what_happened_is_told_once_however_often_it_is_scanned() {
    let folder = tempfile::tempdir().unwrap();
    let input = capture("enip/events-controller.pcap");
    let input = input.to_str().unwrap();
    let plain = run(&["scan", input, "-o", "ndjson"]);
    let events = |ran: &Ran| -> Vec<String> {
        let lines = ran.lines_of("event").into_iter().map(|line| {
            let line: Json = serde_json::from_str(line).unwrap();
            format!("{} {} {}", line["event"], line["value"], line["frame"])
        });
        lines.collect()
    };
    let told = events(&plain);
    assert!(told.contains(&r#""enip.firmware_update" "10.20.2.10" 41"#.to_owned()), "{told:?}");
    for _ in 0..2 {
        let stored = run_in(folder.path(), &["scan", input, "--store", "store", "-o", "ndjson"]);
        assert_eq!(events(&stored), told);
    }
    let table = run(&["scan", input]);
    assert!(table.out.contains("\nEVENTS (") && table.out.contains("firmware update"));
}

#[test]
fn help_and_version_are_results() {
    for (arguments, word) in [
        (&["--version"][..], "nameplate "),
        (&["--help"], "scan"),
        (&["scan", "--help"], "--strict"),
    ] {
        let ran = run(arguments);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
        assert!(ran.out.contains(word), "{arguments:?}: {}", ran.out);
    }
}

/// Exactly one complaint, with all of these words.
fn fails(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, code, "{ran:?}");
    let complaints = ran.complaints();
    assert_eq!(complaints.len(), 1, "one line: {complaints:#?}");
    let line = complaints[0];
    assert!(line.starts_with("nameplate: "), "{line}");
    words.iter().for_each(|word| assert!(line.contains(word), "no {word:?} in {line}"));
    is_plain(&ran.err);
}

fn is_plain(text: &str) {
    assert!(!text.contains("panicked") && !text.contains("RUST_BACKTRACE"), "{text}");
}

/// What was found, without where it was found.
fn devices(ran: &Ran) -> Vec<String> {
    assert_eq!(ran.code, 0, "{}", ran.err);
    let whole: Json = serde_json::from_str(&ran.out).unwrap();
    let fields = ["asset_id", "name", "model", "firmware", "serial", "ips"];
    let line = |asset: &Json| fields.map(|field| asset[field].to_string()).join(" ");
    whole["assets"].as_array().unwrap().iter().map(line).collect()
}

/// A document by which 1756-EN2T modules before 12.001 are affected.
fn advisory(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let document = serde_json::json!({
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "publisher": { "category": "vendor", "name": "Test", "namespace": "https://example.invalid" },
            "title": "A document of the tests",
            "tracking": {
                "id": "TEST-26-001",
                "status": "final",
                "version": "1",
                "initial_release_date": "2026-01-15T00:00:00Z",
                "current_release_date": "2026-01-15T00:00:00Z",
                "revision_history": [{ "number": "1", "date": "2026-01-15T00:00:00Z", "summary": "First" }]
            }
        },
        "product_tree": { "branches": [{
            "category": "vendor",
            "name": "Rockwell Automation",
            "branches": [{
                "category": "product_name",
                "name": "1756-EN2T",
                "branches": [{
                    "category": "product_version_range",
                    "name": "<12.001",
                    "product": { "name": "Rockwell Automation 1756-EN2T <12.001", "product_id": "P1" }
                }]
            }]
        }]},
        "vulnerabilities": [{
            "cve": "CVE-2026-99999",
            "product_status": { "known_affected": ["P1"] },
            "scores": [{
                "products": ["P1"],
                "cvss_v3": {
                    "version": "3.1",
                    "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                    "baseScore": 9.8,
                    "baseSeverity": "CRITICAL"
                }
            }],
            "remediations": [{ "category": "vendor_fix", "details": "Update to 12.001", "product_ids": ["P1"] }]
        }]
    });
    std::fs::write(path, document.to_string()).unwrap();
}
