//! A store whose disk is full, and one whose writer is killed: it opens, and has lost nothing that it knew.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::program::{Ran, capture, program, run};
use crate::replayed::{files_below, root};

/// The limit on the size of files stands for the disk: it needs no rights. It leaves room for next to nothing, for what is
/// there, and for some of what is to come.
#[test]
fn a_full_disk_is_told_and_costs_nothing_that_was_known() {
    let folder = tempfile::tempdir().unwrap();
    let [known, undisturbed] = ["known", "undisturbed"].map(|name| folder.path().join(name));
    scan(&known, FIRST);
    let before = lists(&known);
    copy(&known, &undisturbed);
    scan(&undisturbed, THEN);
    let expected = lists(&undisturbed);
    let length = std::fs::metadata(database(&known)).unwrap().len();
    // The last one leaves room for two pages more, and what is to come is written in four and more.
    for limit in [512, length, length + 8 * 1_024] {
        let store = folder.path().join(format!("limited-{limit}"));
        copy(&known, &store);
        let ran = scan_with_files_up_to(limit, &store, THEN);
        assert_eq!(ran.code, 1, "{limit}: {}", ran.err);
        told_that_there_is_no_room(&ran, &store);
        nothing_lost(&before, &lists(&store));
        scan(&store, THEN);
        assert_eq!(lists(&store), expected, "{limit}");
    }
}

/// The same on a disk that is really full, where the kernel lets us make one: it needs a name space of our own.
#[test]
fn a_disk_that_is_really_full_is_told_and_costs_nothing_that_was_known() {
    let folder = tempfile::tempdir().unwrap();
    let [known, disk, copy] = ["known", "disk", "copy"].map(|name| folder.path().join(name));
    std::fs::create_dir(&disk).unwrap();
    scan(&known, FIRST);
    let before = lists(&known);
    let store = disk.join("known");
    let script = format!(
        "mount -t tmpfs -o size=8m none {disk} && cp -r {known} {disk} || exit 77
         head -c 16m /dev/zero >{disk}/filler 2>/dev/null
         {program} scan {input} --store {store} -o ndjson
         code=$?
         {program} assets list --store {store} >/dev/null || true
         rm {disk}/filler; cp -r {store} {copy}; exit $code",
        program = env!("CARGO_BIN_EXE_nameplate"),
        input = root().join("captures").join(THEN).display(),
        disk = disk.display(),
        known = known.display(),
        store = store.display(),
        copy = copy.display(),
    );
    let mut command = Command::new("unshare");
    let output =
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).output();
    let Some(ran) = output.ok().map(|output| ended(&output)) else {
        println!("skipped: there is no unshare here");
        return;
    };
    if ran.code != 1 && !copy.exists() {
        println!("skipped: no name space to be had here: {}", ran.err);
        return;
    }
    assert_eq!(ran.code, 1, "{}", ran.err);
    told_that_there_is_no_room(&ran, &store);
    nothing_lost(&before, &lists(&copy));
    scan(&copy, THEN);
    scan(&known, THEN);
    assert_eq!(lists(&copy), lists(&known));
}

/// Killed at moments all over the run, at once and again in what the one before left behind.
#[test]
fn a_scan_that_is_killed_leaves_a_store_that_opens_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let [known, undisturbed, store] =
        ["known", "undisturbed", "store"].map(|name| folder.path().join(name));
    scan(&known, FIRST);
    let before = lists(&known);
    copy(&known, &undisturbed);
    let clock = std::time::Instant::now();
    scan(&undisturbed, THEN);
    let whole = u64::try_from(clock.elapsed().as_millis()).unwrap();
    copy(&known, &store);
    let mut state: u64 = SEED;
    for round in 0..KILLS {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Half of the moments lie in the last third, where the store is written.
        let part = state >> 33;
        let after =
            if round % 2 == 0 { part % whole } else { whole * 2 / 3 + part % (whole / 3 + 1) };
        let mut child = program();
        child.args(arguments(&store, THEN)).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = child.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(after));
        let _ = child.kill();
        child.wait().unwrap();
        let what = format!("seed {SEED:#x}, round {round}, after {after} of {whole} ms");
        assert_eq!(integrity(&store), "ok", "{what}");
        nothing_lost(&before, &lists(&store));
    }
    scan(&store, THEN);
    assert_eq!(integrity(&store), "ok");
    assert_eq!(lists(&store), lists(&undisturbed), "seed {SEED:#x}");
}

/// A new store, too: killed before anything was in it, or in the middle of its making.
#[test]
fn a_store_whose_making_was_killed_is_made_by_the_next_scan() {
    let folder = tempfile::tempdir().unwrap();
    let [undisturbed, store] = ["undisturbed", "store"].map(|name| folder.path().join(name));
    let clock = std::time::Instant::now();
    scan(&undisturbed, FIRST);
    let whole = u64::try_from(clock.elapsed().as_millis()).unwrap();
    for round in 1..=KILLS {
        let mut child = program();
        child.args(arguments(&store, FIRST)).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = child.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(whole * round / KILLS));
        let _ = child.kill();
        child.wait().unwrap();
    }
    scan(&store, FIRST);
    assert_eq!(integrity(&store), "ok");
    assert_eq!(lists(&store), lists(&undisturbed));
}

/// What a store knows, and what is scanned into it then.
const FIRST: &str = "scenarios/04-site-a.pcap";
const THEN: &str = "plant-demo/cell1-filling.pcap";
const KILLS: u64 = 6;
const SEED: u64 = 0x28_09;

fn scan(store: &Path, input: &str) {
    let ran = run(&arguments(store, input));
    assert_eq!(ran.code, 0, "{}", ran.err);
}

fn arguments(store: &Path, input: &str) -> Vec<PathBuf> {
    let options = ["scan", "-o", "ndjson", "--store"].map(PathBuf::from);
    options.into_iter().chain([store.to_owned(), capture(input)]).collect()
}

/// Scans while no file may grow beyond that many bytes; one that would is refused by the system.
fn scan_with_files_up_to(limit: u64, store: &Path, input: &str) -> Ran {
    let script = "trap '' XFSZ; ulimit -f \"$1\" || exit 99; shift; exec \"$@\"";
    let blocks = (limit / 512).to_string();
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", &blocks, env!("CARGO_BIN_EXE_nameplate")]);
    ended(&command.args(arguments(store, input)).current_dir(root()).output().unwrap())
}

fn ended(output: &std::process::Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The message names the file and says what to do; nothing is called damaged.
fn told_that_there_is_no_room(ran: &Ran, store: &Path) {
    let file = store.join("nameplate.db").display().to_string();
    for words in [&*file, "make room"] {
        assert!(ran.err.contains(words), "without {words:?}: {}", ran.err);
    }
    assert!(!ran.err.contains("damaged"), "{}", ran.err);
}

/// All that a store says of devices and verdicts.
fn lists(store: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for verb in ["assets", "findings"] {
        let arguments = [verb, "list", "-o", "ndjson", "--store"].map(PathBuf::from);
        let arguments: Vec<PathBuf> = arguments.into_iter().chain([store.to_owned()]).collect();
        let ran = run(&arguments);
        assert_eq!(ran.code, 0, "{}", ran.err);
        lines.extend(ran.lines_of(verb.trim_end_matches('s')).into_iter().map(str::to_owned));
    }
    lines
}

fn nothing_lost(before: &[String], now: &[String]) {
    let lost: Vec<&String> = before.iter().filter(|line| !now.contains(line)).collect();
    assert!(lost.is_empty(), "{lost:#?}");
}

fn integrity(store: &Path) -> String {
    let connection = rusqlite::Connection::open(database(store)).unwrap();
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}

fn database(store: &Path) -> PathBuf {
    store.join("nameplate.db")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for file in files_below(from) {
        std::fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}
