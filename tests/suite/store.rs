//! A store that is written for years: killed at any moment, pruned, backed up, looked after from the command line.

mod killed;

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use crate::kept;
use crate::program::{Ran, program, run};

/// Ten sessions of a sensor that heard everything anew each time, as one that starts each month does: what goes is what says nothing new.
#[test]
fn an_inventory_is_the_same_without_what_was_said_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let dir = store.display().to_string();
    let ran = run(&[
        "scan",
        "captures/plant-demo",
        "captures/scenarios",
        "--store",
        &dir,
        "-o",
        "ndjson",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    say_again(&store, 10);
    let before = inventory(&dir);
    let status = status(&dir);
    let ran = run(&["store", "prune", "--store", &dir, "--keep", "30d"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    println!(
        "{} facts of {} sessions: {}",
        status["observations"],
        status["sessions"],
        ran.out.trim()
    );
    let removed: u64 =
        ran.out.split("frames, ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(removed * 2 > status["observations"].as_u64().unwrap(), "{}", ran.out);
    let after = inventory(&dir);
    for (id, line) in &before {
        assert_eq!(after.get(id), Some(line), "{id}");
    }
    assert_eq!(before.len(), after.len());
    assert_eq!(run(&["store", "check", "--store", &dir]).code, 0);
    // And once more there is nothing to do.
    let ran = run(&["store", "prune", "--store", &dir, "--keep", "30d"]);
    assert!(ran.out.starts_with("removed: 0 frames, 0 facts"), "{}", ran.out);
}

/// The same facts once more, a month later each time, as sessions of a sensor.
fn say_again(store: &Path, times: i64) {
    let connection = Connection::open(store.join("nameplate.db")).unwrap();
    let first: i64 =
        connection.query_row("SELECT max(number) + 1 FROM captures", [], |row| row.get(0)).unwrap();
    connection
        .execute_batch("BEGIN; CREATE TEMP TABLE said AS SELECT * FROM observations")
        .unwrap();
    for time in 0..times {
        let (number, later) = (first + time, (time + 1) * 30 * 86_400 * 1_000_000_000);
        let add = format!(
            "INSERT INTO captures SELECT {number}, NULL, 'eth1@{time}', 1, 1, min(first_ns) + {later}, max(last_ns) + {later}, NULL FROM captures WHERE number < {first};
             INSERT INTO sessions VALUES ({number}, 'eth1', 0, 1, 1, 0, 0, 0, 0);
             INSERT OR IGNORE INTO observations SELECT NULL, subject, key, kind, value, at_ns + {later}, {number}, capture * 1000000 + frame,
                {number}, start_capture * 1000000 + start_frame, offset, length, excerpt, mac FROM said;"
        );
        connection.execute_batch(&add).unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
}

/// Devices and verdicts by identifier, without the frames that prove them and the claims that are not shown.
fn inventory(store: &str) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for (verb, schema, id) in
        [("assets", "asset", "asset_id"), ("findings", "finding", "finding_id")]
    {
        let ran = run(&[verb, "list", "--store", store, "-o", "ndjson"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        for line in ran.lines_of(schema) {
            let mut value: Value = serde_json::from_str(line).unwrap();
            without_frames(&mut value);
            all.insert(value[id].as_str().unwrap().to_owned(), value);
        }
    }
    assert!(all.len() > 100);
    all
}

fn without_frames(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("evidence");
            fields.remove("events");
            // Without repeats the ledger has room for more of what was said; what it shows of it is the same.
            if let Some(Value::Array(claims)) = fields.get_mut("claims") {
                claims.retain(|claim| claim["shown"] == true);
            }
            fields.values_mut().for_each(without_frames);
        }
        Value::Array(items) => items.iter_mut().for_each(without_frames),
        Value::String(text) => {
            if let Some((words, _)) = text.split_once(" (seen in ") {
                *text = words.to_owned();
            }
        }
        _ => {}
    }
}

fn status(store: &str) -> Value {
    let ran = run(&["store", "status", "--store", store, "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn a_store_is_looked_after_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (store, backup, other) = (path("store"), path("a.backup"), path("other"));
    let ran = run(&["scan", "captures/enip", "--store", &store, "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let before = run(&["assets", "list", "--store", &store, "-o", "ndjson"]).out;
    assert_eq!(run(&["store", "backup", &backup, "--store", &store]).code, 0);
    assert_eq!(run(&["store", "restore", &backup, "--store", &other]).code, 0);
    assert_eq!(run(&["assets", "list", "--store", &other, "-o", "ndjson"]).out, before);
    let set_aside = |ran: &Ran| ran.out.contains("what was there is in");
    let again = run(&["store", "restore", &backup, "--store", &other]);
    assert!(set_aside(&again), "{}", again.out);
    assert_eq!(status(&other)["set_aside"].as_array().unwrap().len(), 1);
    assert_eq!(run(&["store", "check", "--store", &other]).code, 0);
    // What is no store, no backup and no size is told, and changes nothing.
    let none = path("none");
    let wrong: [(&[&str], i32, &str); 6] = [
        (&["store", "status", "--store", &none], 1, "there is no store"),
        (&["store", "check", "--store", &none], 1, "there is no store"),
        (&["store", "backup", "Cargo.toml", "--store", &store], 1, "is no backup"),
        (&["store", "restore", "Cargo.toml", "--store", &store], 1, "is no backup"),
        (&["store", "prune", "--store", &store], 2, "--keep"),
        (&["store", "prune", "--store", &store, "--max", "20GB"], 2, "is no size"),
    ];
    for (arguments, code, words) in wrong {
        let ran = run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
        assert!(ran.out.is_empty());
    }
    assert!(!Path::new(&none).exists());
    let damaged = Path::new(&other).join("nameplate.db");
    let length = std::fs::metadata(&damaged).unwrap().len();
    let mut bytes = std::fs::read(&damaged).unwrap();
    bytes[usize::try_from(length / 2).unwrap()..][..4_096].fill(0x5a);
    std::fs::write(&damaged, bytes).unwrap();
    let ran = run(&["store", "check", "--store", &other]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.err.contains("damaged"), "{}", ran.err);
}

/// People find these verbs by their help.
#[test]
fn the_help_of_each_verb_is_kept() {
    let mut text = String::new();
    for verb in ["status", "check", "backup", "restore", "prune", "evidence"] {
        let output =
            program().args(["store", verb, "--help"]).env_remove("COLUMNS").output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{verb}");
        text.push_str(&format!("$ nameplate store {verb} --help\n"));
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().for_each(|line| text.push_str(&format!("{}\n", line.trim_end())));
        text.push('\n');
    }
    let kept = kept::check(Path::new("tests/golden/help-store.txt"), &text);
    assert!(kept.is_ok(), "\n{}", kept.unwrap_err());
}
