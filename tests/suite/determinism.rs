//! Same captures in, same bytes out: whatever the order of the inputs, however often, together or in parts.

use std::path::{Path, PathBuf};

use crate::program::{Ran, capture, run};

#[test]
fn the_order_of_inputs_changes_nothing() {
    let [a, b, c] = inputs();
    let first = scan(&[&a, &b, &c], &[]);
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(!first.lines_of("asset").is_empty());
    for inputs in [[&a, &b, &c], [&c, &b, &a]] {
        same(&first, &scan(&inputs, &[]));
    }
    same(&first, &scan(&[&a, &b, &c, &a, &b], &[]));
}

#[test]
fn facts_come_in_the_same_order_each_time() {
    let [a, b, _] = inputs();
    let facts = |inputs: &[&PathBuf]| {
        let mut arguments = vec![PathBuf::from("scan"), "-o".into(), "facts".into()];
        arguments.extend(inputs.iter().map(|input| input.to_path_buf()));
        run(&arguments).out
    };
    let first = facts(&[&a, &b]);
    assert!(first.lines().count() > 100);
    assert_eq!(first, facts(&[&a, &b]));
    assert_eq!(first, facts(&[&b, &a]));
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let everything = crate::replayed::root().join("captures");
    let scanned = |threads: &str| -> (Ran, Vec<u8>, Ran, Vec<String>) {
        let store = folder.path().join(threads);
        let facts = folder.path().join(format!("{threads}.ndjson"));
        let printed = format!("facts={}", facts.display());
        let plain = scan(
            &[&everything],
            &["--threads".into(), threads.into(), "-o".into(), printed.into()],
        );
        let mut kept = store_arguments(&store);
        kept.extend(["--threads".into(), threads.into()]);
        let stored = scan(&inputs().each_ref(), &kept);
        assert_eq!((plain.code, stored.code), (0, 0), "{}{}", plain.err, stored.err);
        // When advisories were last matched is the time of the clock on the wall.
        let rows = dump(&store).into_iter().filter(|row| !row.starts_with("matchings ")).collect();
        (plain, std::fs::read(facts).unwrap(), stored, rows)
    };
    let one = scanned("1");
    assert!(one.1.len() > 1_000_000, "{} bytes of facts", one.1.len());
    for threads in ["2", "4"] {
        let several = scanned(threads);
        same(&one.0, &several.0);
        assert!(one.1 == several.1, "facts differ with {threads} threads");
        same(&one.2, &several.2);
        assert_same_rows(&one.3, &several.3);
    }
}

#[test]
fn scanning_twice_into_a_store_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let [a, b, _] = inputs();
    let first = scan(&[&a, &b], &store_arguments(&store));
    assert_eq!(first.code, 0, "{}", first.err);
    let rows = dump(&store);
    assert!(rows.iter().any(|row| row.starts_with("observations ")), "{rows:?}");
    same(&first, &scan(&[&a, &b], &store_arguments(&store)));
    assert_same_rows(&rows, &dump(&store));
    same(&first, &scan(&[&b, &a], &store_arguments(&store)));
    assert_same_rows(&rows, &dump(&store));
}

#[test]
fn a_store_says_what_the_scan_said() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let [a, b, c] = inputs();
    let plain = scan(&[&a, &b, &c], &[]);
    let stored = scan(&[&a, &b, &c], &store_arguments(&store));
    assert_eq!(plain.lines_of("asset"), stored.lines_of("asset"));
    assert_eq!(plain.lines_of("finding"), stored.lines_of("finding"));
    assert_eq!(plain.lines_of("finding"), list("findings", &store).lines_of("finding"));
    assert_eq!(plain.lines_of("asset"), list("assets", &store).lines_of("asset"));
}

/// Only the line about the run may differ: it counts what this run read.
#[test]
fn captures_scanned_one_after_the_other_give_what_they_give_together() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b, c] = inputs();
    let together = folder.path().join("together");
    scan(&[&a, &b, &c], &store_arguments(&together));
    let orders: [[&PathBuf; 3]; 2] = [[&a, &b, &c], [&c, &a, &b]];
    for (number, order) in orders.into_iter().enumerate() {
        let parts = folder.path().join(format!("parts{number}"));
        for input in order {
            let part = scan(&[input], &store_arguments(&parts));
            assert_eq!(part.code, 0, "{}", part.err);
        }
        for (verb, schema) in [("findings", "finding"), ("assets", "asset")] {
            let (whole, parts) = (list(verb, &together), list(verb, &parts));
            assert_eq!(whole.lines_of(schema), parts.lines_of(schema), "{verb}, order {number}");
        }
    }
}

/// A chassis and a device behind a NAT, both asked by one engineering station, and a Windows server.
fn inputs() -> [PathBuf; 3] {
    ["enip/chassis-13-slots.pcap", "enip/list-identity-nat.pcap", "smb/windows-server-2016.pcap"]
        .map(capture)
}

fn scan(inputs: &[&PathBuf], more: &[PathBuf]) -> Ran {
    let mut arguments = vec![PathBuf::from("scan"), "-o".into(), "ndjson".into()];
    arguments.extend(inputs.iter().map(|input| input.to_path_buf()));
    arguments.extend(more.iter().cloned());
    run(&arguments)
}

fn list(verb: &str, store: &Path) -> Ran {
    let mut arguments = vec![PathBuf::from(verb), "list".into(), "-o".into(), "ndjson".into()];
    arguments.extend(store_arguments(store));
    let ran = run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

fn store_arguments(store: &Path) -> Vec<PathBuf> {
    vec!["--store".into(), store.to_owned()]
}

fn same(one: &Ran, other: &Ran) {
    assert_eq!(one.code, other.code, "{}", other.err);
    let differ = one.out.lines().zip(other.out.lines()).find(|(a, b)| a != b);
    assert!(one.out == other.out, "first line that differs: {differ:#?}");
}

/// Every row of every table of a store, as text, in the order of rows.
fn dump(store: &Path) -> Vec<String> {
    let files: Vec<PathBuf> = crate::replayed::files_below(store);
    let database = files.iter().find(|path| is_database(path)).expect("a database in the store");
    let connection = rusqlite::Connection::open(database).unwrap();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut statement = connection.prepare(tables).unwrap();
    let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut rows = Vec::new();
    for name in names.map(Result::unwrap) {
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{name}\"")).unwrap();
        let columns = statement.column_count();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let values = (0..columns).map(|at| format!("{:?}", row.get_ref(at).unwrap()));
            rows.push(format!("{name} {}", values.collect::<Vec<_>>().join(", ")));
        }
    }
    rows
}

fn is_database(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0"))
}

fn assert_same_rows(before: &[String], after: &[String]) {
    let differ = before.iter().zip(after).find(|(a, b)| a != b);
    assert!(before == after, "{} rows, then {}; {differ:#?}", before.len(), after.len());
}
