//! Bundles as people use them: built, checked, imported, given up; and as somebody would who wants harm.

use std::path::Path;
use std::time::Instant;

use nameplate::bundle::file::{self, Entry, Manifest};
use sha2::{Digest, Sha512};

use crate::advisories::shared;
use crate::program::{Ran, run_in};
use crate::random::Random;
use crate::replayed::root;

/// A document about a product of Rockwell Automation that is in the captures.
fn document(id: &str, released: &str, range: &str) -> String {
    format!(
        r#"{{"document":{{"title":"{id}","publisher":{{"name":"Acme"}},"tracking":{{"id":"{id}","version":"1",
        "current_release_date":"{released}"}}}},"product_tree":{{"branches":[{{"category":"vendor","name":"Rockwell Automation",
        "branches":[{{"category":"product_name","name":"1756-EN2T","branches":[{{"category":"product_version_range","name":"{range}",
        "product":{{"name":"1756-EN2T {range}","product_id":"P"}}}}]}}]}}]}},
        "vulnerabilities":[{{"cve":"CVE-2024-1","product_status":{{"known_affected":["P"]}}}}]}}"#
    )
}

/// Documents, checksums beside them, a catalogue, and a pair of keys.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("in/2024")).unwrap();
    for (name, id, day) in [("a", "ACME-1", "2024-05-06"), ("b", "ACME-2", "2024-06-07")] {
        let text = document(id, &format!("{day}T00:00:00Z"), "<99");
        std::fs::write(at(&format!("in/2024/{name}.json")), &text).unwrap();
        let sum: String = Sha512::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
        std::fs::write(at(&format!("in/2024/{name}.json.sha512")), format!("{sum}  {name}.json\n"))
            .unwrap();
    }
    let kev = r#"{"title":"KEV","dateReleased":"2024-07-01T00:00:00Z","vulnerabilities":[{"cveID":"CVE-2024-1"}]}"#;
    std::fs::write(at("in/kev.json"), kev).unwrap();
    std::fs::write(at("in/README.md"), "read me").unwrap();
    ok(folder.path(), "db key new k");
    folder
}

fn run(folder: &Path, words: &str) -> Ran {
    run_in(folder, &words.split(' ').collect::<Vec<_>>())
}

fn ok(folder: &Path, words: &str) -> Ran {
    let ran = run(folder, words);
    assert_eq!(ran.code, 0, "{words}: {}{}", ran.out, ran.err);
    ran
}

fn zip(folder: &Path, name: &str, files: &[(&str, Vec<u8>)]) {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.join(name)).unwrap());
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in files {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

/// A store with devices of the kind that the documents are about.
fn scanned(folder: &Path) {
    let capture = root().join("captures/plant-demo");
    ok(folder, &format!("scan {} --store s", capture.display()));
}

fn advisories(folder: &Path) -> usize {
    let ran = ok(folder, "findings list --store s -o ndjson");
    ran.lines_of("finding").iter().filter(|line| line.contains("\"advisory\":\"ACME-")).count()
}

#[test]
fn a_bundle_travels_from_documents_to_findings_and_back() {
    let folder = folder();
    let folder = folder.path();
    let built = ok(folder, "db build in -o a.npdb --sign k");
    assert!(built.out.contains("2 documents and 1 list, of 2024-06-07"), "{}", built.out);
    assert!(built.out.contains("2 files agreed with a checksum, 1 had none"), "{}", built.out);
    ok(folder, "db verify a.npdb --trust k.pub");
    scanned(folder);
    assert_eq!(advisories(folder), 0);
    let imported = ok(folder, "db import a.npdb --store s --trust k.pub --by eve");
    assert!(
        imported.out.contains("bundle 1 is in use: 2 documents of 2024-06-07"),
        "{}",
        imported.out
    );
    assert!(imported.out.contains("documents: 2 new, 0 changed"), "{}", imported.out);
    let found = advisories(folder);
    assert!(found > 0);
    // A scan into the store, and what is explained of it, are judged with the bundle too.
    let again = ok(
        folder,
        &format!("scan {} --store s -o ndjson", root().join("captures/plant-demo").display()),
    );
    let lines = again.lines_of("finding");
    let of_advisories = lines.iter().filter(|line| line.contains("\"kind\":\"advisory\""));
    assert_eq!(of_advisories.count(), found);
    let line: serde_json::Value = serde_json::from_str(again.lines_of("run")[0]).unwrap();
    let bundle = &line["bundle"];
    assert_eq!((&bundle["origin"], &bundle["number"]), (&"bundle 1".into(), &1.into()));
    assert_eq!(
        (&bundle["exploited"]["date"], &bundle["documents"]),
        (&"2024-07-01T00:00:00Z".into(), &2.into())
    );
    let again = ok(folder, "db import a.npdb --store s --trust k.pub --by eve");
    assert!(again.out.contains("in use already"), "{}", again.out);
    // The next one drops a document and changes one.
    std::fs::remove_file(folder.join("in/2024/a.json")).unwrap();
    std::fs::remove_file(folder.join("in/2024/b.json.sha512")).unwrap();
    let changed = document("ACME-2", "2024-08-01T00:00:00Z", "<1");
    std::fs::write(folder.join("in/2024/b.json"), changed).unwrap();
    ok(folder, "db build in -o b.npdb --sign k");
    let next = ok(folder, "db import b.npdb --store s --trust k.pub --by eve");
    assert!(
        next.out.contains("documents: 0 new, 1 changed (1 in what decides verdicts), 1 removed"),
        "{}",
        next.out
    );
    let older = run(folder, "db import a.npdb --store s --trust k.pub --by eve");
    assert!(older.code == 5 && older.err.contains("--allow-older"), "{}", older.err);
    ok(folder, "db rollback --store s --by eve");
    assert_eq!(advisories(folder), found);
    ok(folder, "db rollback --store s --by eve");
    assert_eq!(advisories(folder), 0);
    assert_eq!(run(folder, "db rollback --store s --by eve").code, 1);
    let listed = ok(folder, "db list --store s -o ndjson").out;
    assert_eq!(listed.lines().count(), 2);
    let documents = ok(folder, "db list --store s --documents 1 -o csv").out;
    assert_eq!(documents.lines().count(), 3, "{documents}");
}

#[test]
fn the_same_documents_make_the_same_bytes_wherever_they_lie() {
    let folder = folder();
    let folder = folder.path();
    ok(folder, "db build in -o a.npdb --sign k");
    std::fs::create_dir(folder.join("other")).unwrap();
    for name in ["a.json", "a.json.sha512", "b.json", "b.json.sha512"] {
        std::fs::copy(folder.join("in/2024").join(name), folder.join("other").join(name)).unwrap();
    }
    ok(folder, "db build other in/kev.json -o b.npdb --sign k");
    let files: Vec<(String, Vec<u8>)> =
        ["2024/a.json", "2024/a.json.sha512", "2024/b.json", "2024/b.json.sha512", "kev.json"]
            .iter()
            .map(|name| {
                (
                    format!("CSAF-develop/{name}"),
                    std::fs::read(folder.join("in").join(name)).unwrap(),
                )
            })
            .collect();
    let files: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, bytes)| (&**name, bytes.clone())).collect();
    zip(folder, "c.zip", &files);
    ok(folder, "db build c.zip -o c.npdb --sign k");
    ok(folder, "db build in/2024/b.json in/2024/a.json in/kev.json in -o d.npdb --sign k");
    let bytes = |name: &str| std::fs::read(folder.join(name)).unwrap();
    for other in ["b.npdb", "c.npdb", "d.npdb"] {
        assert!(bytes("a.npdb") == bytes(other), "{other}");
    }
    // What verdicts are given against is the same too, whatever it is read from.
    let hashes: Vec<String> = ["in", "c.zip", "a.npdb"]
        .iter()
        .map(|db| {
            let ran = ok(folder, &format!("db status --db {db} --json"));
            let status: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
            status["sha256"].to_string()
        })
        .collect();
    assert!(hashes[0] == hashes[1] && hashes[0] == hashes[2], "{hashes:?}");
}

#[test]
fn a_document_that_is_not_what_lies_beside_it_is_left_out_and_named() {
    let folder = folder();
    let folder = folder.path();
    std::fs::write(folder.join("in/2024/a.json"), document("ACME-1", "2024-05-06", "<1")).unwrap();
    std::fs::write(folder.join("in/2024/broken.json"), "{\"document\":").unwrap();
    std::fs::write(folder.join("in/feed.json"), "{\"feed\":{}}").unwrap();
    let built = run(folder, "db build in -o a.npdb --sign k --strict");
    assert_eq!(built.code, 4);
    assert!(built.out.contains("1 document and 1 list"), "{}", built.out);
    let named = [
        "a.json was left out: its bytes do not agree with its .sha512",
        "broken.json was left out: ",
    ];
    assert!(named.iter().all(|words| built.err.contains(words)), "{}", built.err);
    assert!(!built.err.contains("feed.json"), "{}", built.err);
    let shown = ok(folder, "db verify a.npdb --trust k.pub --json").out;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["left_out"].as_array().unwrap().len(), 2);
}

#[test]
fn signatures_beside_documents_are_checked_with_keys_that_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let from = root().join("tests/openpgp");
    std::fs::create_dir(folder.join("in")).unwrap();
    std::fs::copy(from.join("document.json"), folder.join("in/a.json")).unwrap();
    std::fs::copy(from.join("supplier.asc"), folder.join("in/a.json.asc")).unwrap();
    let without = ok(folder, "db build in -o a.npdb");
    assert!(without.err.contains("1 OpenPGP signature not checked: no key"), "{}", without.err);
    let with = |name: &str| {
        run(folder, &format!("db build in -o a.npdb --pgp-key {}", from.join(name).display()))
    };
    if !cfg!(feature = "openpgp") {
        assert_eq!(with("supplier.pub").code, 2);
        return;
    }
    assert!(with("supplier.pub").out.contains("1 had an OpenPGP signature that is right"));
    assert!(with("modern.pub").err.contains("was not given"));
    std::fs::write(folder.join("in/a.json"), document("ACME-1", "2024-05-06", "<1")).unwrap();
    let wrong = with("supplier.pub");
    assert!(
        wrong.code == 5 && wrong.err.contains("signature beside it is not right"),
        "{}",
        wrong.err
    );
}

#[test]
fn a_bundle_that_nobody_who_is_trusted_signed_is_refused() {
    let folder = folder();
    let folder = folder.path();
    ok(folder, "db key new other");
    ok(folder, "db build in -o signed.npdb --sign k");
    ok(folder, "db build in -o unsigned.npdb");
    for words in [
        "import signed.npdb --store s --by eve",
        "import signed.npdb --store s --by eve --trust other.pub --allow-unsigned",
        "import unsigned.npdb --store s --by eve --trust k.pub",
        "verify signed.npdb",
        "verify unsigned.npdb",
        "verify in/kev.json",
        "verify none.npdb",
    ] {
        let ran = run(folder, &format!("db {words}"));
        assert_eq!((ran.code, ran.err.lines().count()), (5, 1), "{words}: {}", ran.err);
    }
    assert!(!folder.join("s").exists());
    ok(folder, "db import unsigned.npdb --store s --by eve --allow-unsigned");
    // Keys are never written over, nor readable by others.
    assert_eq!(run(folder, "db key new k").code, 1);
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(folder.join("k")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(run(folder, "db build in -o x.npdb --sign k.pub").code, 2);
    assert_eq!(run(folder, "db verify signed.npdb --trust k").code, 2);
}

#[test]
fn a_byte_that_is_changed_anywhere_is_found_out() {
    let folder = folder();
    let folder = folder.path();
    ok(folder, "db build in -o a.npdb --sign k");
    let whole = std::fs::read(folder.join("a.npdb")).unwrap();
    let seed = 0x6e70_6462;
    let mut random = Random::new(seed);
    for _ in 0..60 {
        let mut bytes = whole.clone();
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
        std::fs::write(folder.join("x.npdb"), &bytes).unwrap();
        let ran = run(folder, "db verify x.npdb --trust k.pub");
        assert_eq!(
            (ran.code, ran.err.lines().count()),
            (5, 1),
            "seed {seed}, byte {at}: {}",
            ran.err
        );
        std::fs::write(folder.join("x.npdb"), &whole[..at]).unwrap();
        assert_eq!(
            run(folder, "db verify x.npdb --trust k.pub").code,
            5,
            "seed {seed}, cut at {at}"
        );
    }
}

#[test]
fn broken_documents_in_a_bundle_cost_only_themselves() {
    let folder = folder();
    let folder = folder.path();
    let good = document("ACME-1", "2024-05-06T00:00:00Z", "<99").into_bytes();
    let mut random = Random::new(50);
    let mut contents = vec![good.clone()];
    for kind in 0..50 {
        contents.push(match kind % 5 {
            0 => good[..random.below(good.len() - 1)].to_vec(),
            1 => br#"{"document":{"tracking":{"id":""}}}"#.to_vec(),
            2 => br#"{"document":"#.repeat(50_000),
            3 => (0..random.below(9_999)).map(|at| (at % 251) as u8).collect(),
            _ => b"[]".to_vec(),
        });
    }
    let entry =
        |at: usize| Entry { kind: "csaf".into(), name: format!("{at}.json"), ..Entry::default() };
    let parts = (0..contents.len()).map(entry).collect();
    let manifest = Manifest { built: "2024-05-06".into(), parts, ..Manifest::default() };
    std::fs::write(folder.join("a.npdb"), file::write(manifest, &contents, None).unwrap()).unwrap();
    let imported = ok(folder, "db import a.npdb --store s --by eve --allow-unsigned");
    let named = imported.err.lines().filter(|line| line.contains("cannot be read")).count();
    assert_eq!(named, 50, "{}", imported.err);
    assert!(imported.out.contains("1 document of"), "{}", imported.out);
    assert_eq!(run(folder, "db verify a.npdb --allow-unsigned").code, 5);
    let status = ok(folder, "db status --db a.npdb --json").out;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!((&status["documents"], &status["unread"]), (&1.into(), &50.into()));
}

#[test]
fn an_archive_that_unpacks_to_too_much_costs_one_message() {
    let folder = folder();
    let folder = folder.path();
    let bomb = vec![b' '; 40 << 20];
    let good = document("ACME-1", "2024-05-06", "<99").into_bytes();
    zip(folder, "a.zip", &[("top/bomb.json", bomb), ("../../../a.json", good)]);
    let built = ok(folder, "db build a.zip -o a.npdb");
    assert_eq!(built.err.lines().filter(|line| line.contains("bomb.json was left out")).count(), 1);
    assert!(built.out.contains("1 document"), "{}", built.out);
    let listed = ok(folder, "db import a.npdb --store s --by eve --allow-unsigned");
    assert!(listed.out.contains("bundle 1"));
    assert!(!folder.parent().unwrap().join("a.json").exists());
}

#[test]
fn an_import_that_is_stopped_leaves_the_bundle_before() {
    let folder = folder();
    let folder = folder.path();
    ok(folder, "db build in -o a.npdb --sign k");
    ok(folder, "db import a.npdb --store s --trust k.pub --by eve");
    let mut random = Random::new(9);
    let noise = |random: &mut Random| {
        (0..4_000).map(|_| char::from(b'a' + random.below(26) as u8)).collect::<String>()
    };
    for at in 0..300 {
        let text = document(&format!("MORE-{at}"), "2024-09-01T00:00:00Z", &noise(&mut random));
        std::fs::write(folder.join(format!("in/{at}.json")), text).unwrap();
    }
    ok(folder, "db build in -o b.npdb --sign k");
    let in_use = || {
        let ran = ok(folder, "db status --store s --json");
        let status: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        (status["number"].as_u64().unwrap(), status["documents"].as_u64().unwrap())
    };
    // A disk without room: what a process may write is limited as a full disk limits it.
    let limited = format!(
        "ulimit -f 700; exec {} db import b.npdb --store s --trust k.pub --by eve",
        env!("CARGO_BIN_EXE_nameplate")
    );
    let ran = std::process::Command::new("sh")
        .args(["-c", &limited])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(!ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    assert_eq!(in_use(), (1, 2));
    // Killed at any moment: one bundle or the other, whole.
    for wait in [5, 20, 40, 80, 160, 320, 640] {
        let mut import = crate::program::program();
        let import = import
            .args(["db", "import", "b.npdb", "--store", "s", "--trust", "k.pub", "--by", "eve"]);
        let mut child = import
            .current_dir(folder)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let _ = child.kill();
        let _ = child.wait();
        let now = in_use();
        assert!([(1, 2), (2, 302)].contains(&now), "killed after {wait} ms: {now:?}");
    }
    ok(folder, "db import b.npdb --store s --trust k.pub --by eve");
    assert_eq!(in_use(), (2, 302));
}

#[test]
fn old_advisories_are_told_and_stop_nothing_unless_asked_to() {
    let folder = folder();
    let folder = folder.path();
    let capture = root().join("captures/enip/discovery.pcap");
    let scan = format!("scan {} --db in", capture.display());
    let told = |words: &str| ok(folder, words).err.contains("days old: import a newer bundle");
    assert!(told(&scan));
    assert!(!told(&format!("{scan} --warn-db-age 30000d")));
    assert_eq!(run(folder, &format!("{scan} --require-db-age 30d")).code, 5);
    ok(folder, &format!("{scan} --require-db-age 30000d"));
    // A slip of the pen in one document makes old knowledge no younger.
    std::fs::write(folder.join("in/c.json"), document("ACME-3", "2204-01-01T00:00:00Z", "<9"))
        .unwrap();
    assert!(told(&scan));
    ok(folder, "db build in -o a.npdb --built-at 2025-01-02");
    ok(folder, "db import a.npdb --store s --by eve --allow-unsigned");
    assert!(ok(folder, "db status --store s").out.contains("bundle 1: 2025-01-02, "));
    assert_eq!(
        run(folder, &format!("scan {} --store s --require-db-age 30d", capture.display())).code,
        5
    );
}

#[test]
fn the_whole_corpus_travels() {
    let Some(shared) = shared() else {
        println!("skipped: ../shared is not here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ok(folder, "db key new k");
    let timed = |words: &str| {
        let start = Instant::now();
        let ran = ok(folder, words);
        println!(
            "{:.2} s: nameplate {words}\n{}{}",
            start.elapsed().as_secs_f64(),
            ran.out,
            ran.err
        );
        ran
    };
    let corpus = shared.join("advisories");
    let built = timed(&format!("db build {} -o a.npdb --sign k --strict", corpus.display()));
    assert!(built.out.contains(" documents and 1 list"), "{}", built.out);
    timed("db verify a.npdb --trust k.pub");
    let imported = timed("db import a.npdb --store s --trust k.pub --by eve");
    assert!(imported.out.contains("bundle 1 is in use"), "{}", imported.out);
}
